package main

import (
	"context"

	"kommunpilot/area/goal"
	"kommunpilot/area/outreach"
	"kommunpilot/area/overview"
	"kommunpilot/area/programme"
	"kommunpilot/area/room"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// What the project room asks of the others, in its own words.

// roomProgramme is a programme with the municipalities that take part in it.
// Every page and act of a project room asks for it, so it reads no more than
// that. It is read as the system: the project's own rights decide who sees it.
func (r *rooms) roomProgramme(ctx context.Context, q db.Q, pid who.ProgrammeID) (out room.Programme, err error) {
	out.ID = pid
	if out.Name, out.Owners, err = r.programme.Roof(ctx, q, pid); err != nil {
		return out, err
	}
	codes, err := r.interest.Municipalities(ctx, q, pid)
	if err != nil {
		return out, err
	}
	for _, code := range codes {
		org, err := r.people.OrgByCode(ctx, q, code)
		if err != nil {
			return out, err
		}
		out.Members = append(out.Members, org)
	}
	return out, nil
}

func (r *rooms) roomPerson(ctx context.Context, q db.Q, id who.PersonID) (room.Person, error) {
	x, err := r.people.Person(ctx, q, id)
	return room.Person{ID: x.ID, Name: x.Name, Email: x.Email}, err
}

func (r *rooms) roomPersonByEmail(ctx context.Context, q db.Q, email string) (room.Person, error) {
	x, err := r.people.PersonByEmail(ctx, q, email)
	return room.Person{ID: x.ID, Name: x.Name, Email: x.Email}, err
}

// roomTodos lists what waits for the person in the project rooms.
func (r *rooms) roomTodos(ctx context.Context, q db.Q, a who.Actor) ([]overview.Todo, error) {
	list, err := r.room.Todos(ctx, q, a)
	var out []overview.Todo
	for _, t := range list {
		out = append(out, overview.Todo{Text: t.Text, Context: t.Project, Href: t.Href, Due: t.Due})
	}
	return out, err
}

// programmeProjects lists the rooms of a programme for its page.
func (r *rooms) programmeProjects(ctx context.Context, q db.Q, pid who.ProgrammeID) ([]programme.Project, error) {
	list, err := r.room.Projects(ctx, q, pid)
	var out []programme.Project
	for _, p := range list {
		out = append(out, programme.Project{ID: p.ID, Name: p.Name, Phase: p.Phase, State: p.State})
	}
	return out, err
}

// roomFigures gives the goals' indicators for the room's pages and reports.
func (r *rooms) roomFigures(ctx context.Context, q db.Q, p journal.Project, at room.Moment) ([]room.Figure, error) {
	list, err := r.goal.Figures(ctx, q, p, at)
	var out []room.Figure
	for _, f := range list {
		out = append(out, room.Figure{Goal: f.Goal, Indicator: f.Indicator, Unit: f.Unit, Value: f.Value, Target: f.Target, Period: f.Period, Light: f.Light})
	}
	return out, err
}

// newsletterNews is what the rooms have to tell in a newsletter: decisions,
// what has been done, the goals that are met, and published interviews.
func (r *rooms) newsletterNews(ctx context.Context, q db.Q, p journal.Project, from, to calendar.Date) ([]outreach.News, error) {
	heads := map[string]string{"beslut": web.T(ctx, "Det har beslutats"), "aktivitet": web.T(ctx, "Det här har vi gjort"), "händelse": web.T(ctx, "Det här har hänt")}
	list, err := r.room.Happened(ctx, q, p.ID, from, to)
	if err != nil {
		return nil, err
	}
	var out []outreach.News
	for _, x := range list {
		out = append(out, outreach.News{Head: heads[x.Kind], Text: web.Day(ctx, x.Day) + ": " + x.Text})
	}
	figures, err := r.goal.Figures(ctx, q, p, room.Moment{})
	if err != nil {
		return nil, err
	}
	for _, f := range figures {
		if f.Light == goal.Green {
			out = append(out, outreach.News{Head: web.T(ctx, "Så går det med målen"), Text: f.Indicator + ": " + f.Value + " " + f.Unit})
		}
	}
	titles, err := r.meeting.PublishedInterviews(ctx, q, p.ID)
	for _, t := range titles {
		out = append(out, outreach.News{Head: web.T(ctx, "Intervjuer att se"), Text: t})
	}
	return out, err
}

func (r *rooms) personEmail(ctx context.Context, q db.Q, id who.PersonID) (string, error) {
	x, err := r.people.Person(ctx, q, id)
	return x.Email, err
}

func (r *rooms) goalOptions(ctx context.Context, q db.Q, p who.ProjectID) ([]web.Option, error) {
	return r.goal.Options(ctx, q, p)
}

func (r *rooms) goalText(ctx context.Context, q db.Q, goal journal.ID) (string, error) {
	return r.goal.Text(ctx, q, goal)
}

func (r *rooms) changeGoal(ctx context.Context, tx *db.Tx, p journal.Project, c room.GoalChange, by journal.ID) error {
	return r.goal.ChangeText(ctx, tx, p, c.Goal, c.Text, by)
}

// archiveCreator names the project's first owner: its archive keeps the matters.
func (r *rooms) archiveCreator(ctx context.Context, q db.Q, p journal.Project) (string, error) {
	if len(p.Resource.Owners) == 0 {
		return "", nil
	}
	return r.people.OrgName(ctx, q, p.Resource.Owners[0])
}
