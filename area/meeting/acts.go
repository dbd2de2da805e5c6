package meeting

import (
	"context"

	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/who"
)

// The acts below are those of the pages, for programs that carry them out for
// somebody: the examples and integrations.

// Ask makes a date poll and opens it.
func (o *Room) Ask(ctx context.Context, p who.ProjectID, poll Poll, times string) (journal.ID, error) {
	poll.times = times
	it, err := o.polls.Add(ctx, p, 0, poll, "")
	if err != nil {
		return 0, err
	}
	return it.ID, o.polls.Move(ctx, it.ID, it.Version, PollOpen, "", "")
}

// Plan makes a meeting.
func (o *Room) Plan(ctx context.Context, p who.ProjectID, m Meeting) (journal.ID, error) {
	it, err := o.meetings.Add(ctx, p, 0, m, "")
	return it.ID, err
}

// MoveMeeting opens, ends or cancels a meeting.
func (o *Room) MoveMeeting(ctx context.Context, meeting journal.ID, to, reason string) error {
	it, err := o.meeting(ctx, meeting)
	if err != nil {
		return err
	}
	return o.meetings.Move(ctx, meeting, it.Version, to, reason, "")
}

// CallTo sends the call as the meeting now stands.
func (o *Room) CallTo(ctx context.Context, meeting journal.ID) error {
	it, err := o.meeting(ctx, meeting)
	if err != nil {
		return err
	}
	return o.Call(ctx, meeting, it.Version, "")
}

func (o *Room) meeting(ctx context.Context, meeting journal.ID) (it journal.Item[Meeting], err error) {
	err = o.deps.DB.Read(ctx, func(q db.Q) error { it, err = o.meetings.Noun.Get(ctx, q, meeting); return err })
	return it, err
}

// ApproveNow is the actor's approval of the minutes as they now stand.
func (o *Room) ApproveNow(ctx context.Context, minutes journal.ID) error {
	var it journal.Item[Minutes]
	err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { it, err = o.minutes.Noun.Get(ctx, q, minutes); return err })
	if err != nil {
		return err
	}
	_, err = o.Approve(ctx, minutes, it.Version, "")
	return err
}

// DealWith writes at every item of a meeting, by its key or its title.
func (o *Room) DealWith(ctx context.Context, meeting journal.ID, notes map[string]Note) error {
	var items []journal.Item[Item]
	err := o.deps.DB.Read(ctx, func(q db.Q) (err error) {
		items, err = o.items.Noun.List(ctx, q, journal.Query{Parent: meeting})
		return err
	})
	if err != nil {
		return err
	}
	for _, x := range items {
		n, ok := notes[x.Is.Key]
		if !ok {
			n, ok = notes[x.Is.Title]
		}
		if !ok {
			n = Note{State: ItemDealt, Notes: "Punkten gicks igenom."}
		}
		if err := o.WriteItem(ctx, x.ID, x.Version, n, ""); err != nil {
			return err
		}
	}
	return nil
}

// WriteMinutes writes minutes and sends them to their adjusters, or shares
// notes.
func (o *Room) WriteMinutes(ctx context.Context, p who.ProjectID, m Minutes) (journal.ID, error) {
	it, err := o.minutes.Add(ctx, p, 0, m, "")
	if err != nil {
		return 0, err
	}
	to := MinutesSent
	if m.Kind != "protokoll" {
		to = NotesShared
	}
	return it.ID, o.minutes.Move(ctx, it.ID, it.Version, to, "", "")
}

// PlanInterview makes an interview.
func (o *Room) PlanInterview(ctx context.Context, p who.ProjectID, x Interview) (journal.ID, error) {
	it, err := o.interviews.Add(ctx, p, 0, x, "")
	return it.ID, err
}

// TakeUpNew puts a new item about a matter on a meeting's agenda.
func (o *Room) TakeUpNew(ctx context.Context, meeting journal.ID, title, key string) error {
	m, err := o.meeting(ctx, meeting)
	if err != nil {
		return err
	}
	_, err = o.items.Add(ctx, m.Project, meeting, Item{Meeting: meeting, Order: 99, Title: title, Key: key}, "")
	return err
}

// Clerks carry out the acts of the room's pages for a program.
func (o *Room) Clerks() []sheet.Clerk {
	return []sheet.Clerk{o.polls.Clerk(), o.meetings.Clerk(), o.items.Clerk(), o.minutes.Clerk(), o.interviews.Clerk()}
}
