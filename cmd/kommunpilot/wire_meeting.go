package main

import (
	"context"

	"kommunpilot/area/meeting"
	"kommunpilot/area/room"
	"kommunpilot/area/structure"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// What the meetings ask of the project room and the goals, in their own words.

func (r *rooms) meetingGroups(ctx context.Context, q db.Q, p who.ProjectID) ([]meeting.Group, error) {
	list, err := r.room.Groups(ctx, q, p)
	var out []meeting.Group
	for _, g := range list {
		out = append(out, meeting.Group(g))
	}
	return out, err
}

func (r *rooms) meetingMembers(ctx context.Context, q db.Q, p who.ProjectID, group journal.ID, day calendar.Date) ([]meeting.Sitting, error) {
	list, err := r.room.Members(ctx, q, p, group, day, room.Moment{})
	var out []meeting.Sitting
	for _, s := range list {
		out = append(out, meeting.Sitting{Person: s.Person, Name: s.Name, Email: s.Email, Role: s.Role, Body: s.Body, Politic: s.Politic})
	}
	return out, err
}

// meetingMatters lists what waits for the steering group in every room.
func (r *rooms) meetingMatters(ctx context.Context, q db.Q, p journal.Project) ([]meeting.Matter, error) {
	own, err := r.room.Matters(ctx, q, p)
	if err != nil {
		return nil, err
	}
	var out []meeting.Matter
	for _, m := range own {
		out = append(out, meeting.Matter{Key: m.Key, Title: m.Title, Href: m.Href, Outcomes: m.Outcomes})
	}
	goals, err := r.goal.Matters(ctx, q, p)
	for _, m := range goals {
		out = append(out, meeting.Matter{Key: m.Key, Title: m.Title, Href: m.Href, Outcomes: m.Outcomes})
	}
	return out, err
}

// meetingPreparing are the changes that groups take up before the steering group decides.
func (r *rooms) meetingPreparing(ctx context.Context, q db.Q, p journal.Project) ([]meeting.Matter, error) {
	list, err := r.room.Preparing(ctx, q, p)
	var out []meeting.Matter
	for _, m := range list {
		out = append(out, meeting.Matter{Key: m.Key, Title: m.Title, Href: m.Href})
	}
	return out, err
}

// takeRuling keeps a decision of approved minutes and carries it out.
func (r *rooms) takeRuling(ctx context.Context, tx *db.Tx, p journal.Project, x meeting.Ruling) (journal.ID, error) {
	return r.room.Take(ctx, tx, p, room.Decision{Matter: x.Matter, Organ: x.Organ, Group: x.Group, Kind: x.Kind, Meeting: x.Meeting, Paragraph: x.Paragraph, Day: x.Day,
		Basis: x.Basis, Text: x.Text, Effect: x.Outcome, Key: x.Key, Outcome: x.Outcome})
}

func (r *rooms) noteMatter(ctx context.Context, tx *db.Tx, p journal.Project, key string, m journal.ID, kind string, day calendar.Date) error {
	return r.room.Note(ctx, tx, p, key, room.Noted{Meeting: m, Kind: kind, Day: day})
}

func (r *rooms) roomMeetings(ctx context.Context, q db.Q, p who.ProjectID) ([]room.Meeting, error) {
	list, err := r.meeting.Meetings(ctx, q, p)
	var out []room.Meeting
	for _, m := range list {
		out = append(out, room.Meeting{ID: m.ID, Title: m.Title, Group: m.Group, Day: m.Day, State: m.State})
	}
	return out, err
}

// municipalities are those that take part in a project, to choose from.
func (r *rooms) municipalities(ctx context.Context, q db.Q, p journal.Project) ([]web.Option, error) {
	var out []web.Option
	for _, org := range p.Resource.Members {
		name, err := r.people.OrgName(ctx, q, org)
		if err != nil {
			return nil, err
		}
		out = append(out, web.Option{Value: id.String(org), Label: name})
	}
	return out, nil
}

// meetingMaterial are the model runs that are ordered for a meeting, delivered or not.
func (r *rooms) meetingMaterial(ctx context.Context, q db.Q, p who.ProjectID, m journal.ID) ([]meeting.Material, error) {
	list, err := r.structure.ForMeeting(ctx, q, p, m)
	var out []meeting.Material
	for _, x := range list {
		out = append(out, meeting.Material{Title: x.Title, Href: x.Href, State: x.State, Day: x.Delivered})
	}
	return out, err
}

// structureMeetings are the meetings that a model run can be delivered to.
func (r *rooms) structureMeetings(ctx context.Context, q db.Q, p who.ProjectID) ([]structure.Meeting, error) {
	list, err := r.meeting.Meetings(ctx, q, p)
	var out []structure.Meeting
	for _, m := range list {
		out = append(out, structure.Meeting{ID: m.ID, Title: m.Title + ", " + web.Day(ctx, m.Day)})
	}
	return out, err
}

// structureFrame is what a project knows for a memo: what its first workshop
// came to, and its published interviews.
func (r *rooms) structureFrame(ctx context.Context, q db.Q, p journal.Project) (f structure.Frame, err error) {
	if f.Workshop, err = r.meeting.WorkshopNotes(ctx, q, p.ID); err != nil {
		return f, err
	}
	f.Interviews, err = r.meeting.PublishedInterviews(ctx, q, p.ID)
	return f, err
}

// undocumented are the meetings that have neither minutes nor notes.
func (r *rooms) undocumented(ctx context.Context, q db.Q, p who.ProjectID) ([]string, error) {
	return r.meeting.Undocumented(ctx, q, p)
}
