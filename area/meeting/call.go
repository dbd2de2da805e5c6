package meeting

import (
	"context"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
)

// What a calendar file asks of the one who gets it (RFC 5546).
const (
	request = ics.MethodRequest
	cancel  = ics.MethodCancel
)

// calendarOf is the meeting as an iCalendar file. The UID stays through every
// change and SEQUENCE grows, so that a calendar moves the entry it has.
func (o *Room) calendarOf(m journal.Item[Meeting], p journal.Project, method ics.Method, stamp time.Time, to string) []byte {
	cal := ics.NewCalendarFor("Kommunpilot")
	cal.SetMethod(method)
	e := cal.AddEvent("mote-" + id.String(m.ID) + "@" + o.host())
	e.SetDtStampTime(stamp)
	e.SetStartAt(m.Is.begins())
	e.SetEndAt(m.Is.ends())
	e.SetSummary(m.Is.Title)
	e.SetDescription(strings.TrimSpace(m.Is.Purpose + "\n\n" + o.deps.PublicURL + o.meetings.Href(p.ID, m.ID)))
	if where := strings.TrimSpace(m.Is.Place + " " + m.Is.Link); where != "" {
		e.SetLocation(where)
	}
	e.SetSequence(int(m.Is.Sequence))
	status := ics.ObjectStatusConfirmed
	if method == cancel {
		status = ics.ObjectStatusCancelled
	}
	e.SetStatus(status)
	if o.deps.From != "" {
		e.SetOrganizer("mailto:" + o.deps.From)
	}
	if to != "" {
		e.AddAttendee("mailto:"+to, ics.ParticipationStatusNeedsAction, ics.WithRSVP(true))
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows))
}

func (o *Room) host() string {
	h := o.deps.PublicURL
	if _, after, ok := strings.Cut(h, "://"); ok {
		h = after
	}
	h, _, _ = strings.Cut(h, "/")
	h, _, _ = strings.Cut(h, ":")
	if h == "" {
		return "kommunpilot"
	}
	return h
}

// Call sends the call to everybody in the group, and gives each a place to answer.
func (o *Room) Call(ctx context.Context, meeting journal.ID, version int64, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := o.meetings.Noun.Get(ctx, tx, meeting)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, m.Project)
		if err != nil {
			return err
		}
		r := p.Resource
		r.Creator = m.By
		if err := may(ctx, "meeting.edit", r); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if m.State != Planned && m.State != Moved {
			return fail.Newf(fail.Conflict, "Mötet är %s och kan inte kallas till.", m.State)
		}
		if m.Is.Group == 0 {
			return fail.Fields(fail.Field{Name: "group", Message: "Välj vilken grupp som kallas: redigera mötet."})
		}
		members, err := o.deps.Members(ctx, tx, p.ID, m.Is.Group, m.Is.Day)
		if err != nil {
			return err
		}
		if len(members) == 0 {
			return fail.New(fail.Conflict, "Ingen sitter i gruppen den dagen. Utse ledamöter först.")
		}
		have, err := o.invited(ctx, tx, meeting, time.Time{})
		if err != nil {
			return err
		}
		for _, s := range members {
			known := false
			for _, a := range have {
				known = known || a.Is.Person == s.Person
			}
			if known {
				continue
			}
			if _, err := o.attendance.Noun.Add(ctx, tx, p, meeting, Invited, Attendance{Meeting: meeting, Person: s.Person, Name: s.Name, Email: s.Email, Body: s.Body, Politic: s.Politic, Entered: tx.Now(), Day: m.Is.Day}, journal.Act{Name: "meeting.call"}); err != nil {
				return err
			}
		}
		from := m.State
		m.State, m.Version = Called, version
		if err := o.meetings.SaveIn(ctx, tx, p, m, from, journal.Act{Name: "meeting.edit", Reason: "Kallelse"}); err != nil {
			return err
		}
		return o.send(ctx, tx, p, m, "Kallelse: ", request)
	})
}

// send writes to everybody who is called and has not declined.
func (o *Room) send(ctx context.Context, tx *db.Tx, p journal.Project, m journal.Item[Meeting], prefix string, method ics.Method) error {
	list, err := o.invited(ctx, tx, m.ID, time.Time{})
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.State == Declines || a.Is.Email == "" {
			continue
		}
		if err := o.mailTo(ctx, tx, p, m, a, prefix, method); err != nil {
			return err
		}
	}
	return nil
}

func (o *Room) mailTo(ctx context.Context, tx *db.Tx, p journal.Project, m journal.Item[Meeting], a journal.Item[Attendance], prefix string, method ics.Method) error {
	items, err := o.itemsOf(ctx, tx, m.ID, time.Time{})
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(m.Is.Title + "\n" + string(m.Is.Day) + " klockan " + strings.ReplaceAll(m.Is.Start, ":", ".") + ", " + id.String(journal.ID(m.Is.Minutes)) + " minuter\n")
	for _, where := range []string{m.Is.Place, m.Is.Link} {
		if where != "" {
			b.WriteString(where + "\n")
		}
	}
	if len(items) > 0 {
		b.WriteString("\nDagordning\n")
		for i, x := range items {
			b.WriteString(id.String(journal.ID(i+1)) + ". " + x.Is.Title + "\n")
		}
	}
	if len(m.Is.Material) > 0 {
		b.WriteString("\nUnderlag\n" + strings.Join(m.Is.Material, "\n") + "\n")
	}
	b.WriteString("\nSvara här: " + o.deps.PublicURL + o.meetings.Href(p.ID, m.ID) + "\n")
	return o.deps.Mail(ctx, tx, mail.Message{To: []string{a.Is.Email}, Subject: prefix + m.Is.Title, Text: b.String(), Attachments: []mail.Attachment{
		{Name: "mote.ics", Type: "text/calendar; charset=utf-8; method=" + string(method), Data: o.calendarOf(m, p, method, tx.Now(), a.Is.Email)},
	}})
}
