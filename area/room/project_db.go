package room

import (
	"context"
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// Create opens a project room in a programme: the project, its five phases
// with the first running, its five gates, and the group that leads it.
func (o *Room) Create(ctx context.Context, is Project, once string) (made who.ProjectID, err error) {
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		x, err := o.deps.Programme(ctx, tx, is.Programme)
		if err != nil {
			return err
		}
		frame := journal.Project{Name: is.Name, Resource: policy.Resource{Programme: x.ID, Owners: x.Owners, Members: x.Members}}
		if err := may(ctx, "project.create", frame.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if err := fail.Fields(is.check()...); err != nil {
			return err
		}
		made, err = db.Insert[who.ProjectID](ctx, tx, `INSERT INTO project (programme_id, item_id) VALUES (?, 0) RETURNING id`, int64(x.ID))
		if err != nil {
			return err
		}
		frame.ID = made
		it, err := o.projects.Add(ctx, tx, frame, 0, Open, is, journal.Act{Name: "project.create"})
		if err != nil {
			return err
		}
		if err := db.Changed(tx.Exec(ctx, `UPDATE project SET item_id = ? WHERE id = ?`, int64(it.ID), int64(made))); err != nil {
			return err
		}
		return o.furnish(ctx, tx, frame)
	})
	return made, err
}

// furnish puts the phases, the gates and the leading group in a new room.
func (o *Room) furnish(ctx context.Context, tx *db.Tx, p journal.Project) error {
	for _, f := range FivePhases {
		state := NotStarted
		if f.Order == 1 {
			state = Ongoing
		}
		if _, err := o.phases.Noun.Add(ctx, tx, p, 0, state, f, journal.Act{Name: "project.create"}); err != nil {
			return err
		}
		g := Gate{Order: f.Order, Name: "BP" + id.String(journal.ID(f.Order)) + " " + f.Name, Criteria: []string{"Fasen " + f.Name + " är genomförd och redovisad"}}
		if _, err := o.gates.Noun.Add(ctx, tx, p, 0, Waiting, g, journal.Act{Name: "project.create"}); err != nil {
			return err
		}
	}
	for _, g := range []Group{{Name: "Projektledning", Kind: Leading}, {Name: "Styrgrupp", Kind: Steering, Mandate: SteeringMandate}} {
		if _, err := o.groups.Noun.Add(ctx, tx, p, 0, Active, g, journal.Act{Name: "project.create"}); err != nil {
			return err
		}
	}
	return nil
}

// project reads a project's content as of a moment.
func (o *Room) project(ctx context.Context, q db.Q, pid who.ProjectID, at Moment) (journal.Item[Project], error) {
	item, err := db.Value[int64](ctx, q, `SELECT item_id FROM project WHERE id = ?`, int64(pid))
	if err != nil {
		return journal.Item[Project]{}, err
	}
	return o.projects.At(ctx, q, journal.ID(item), at)
}

// Frame is the project with the actor's roles in its groups, for every room
// that has things in it.
func (o *Room) Frame(ctx context.Context, q db.Q, pid who.ProjectID) (journal.Project, error) {
	it, err := o.project(ctx, q, pid, Moment{})
	if err != nil {
		return journal.Project{}, err
	}
	x, err := o.deps.Programme(ctx, q, it.Is.Programme)
	if err != nil {
		return journal.Project{}, err
	}
	p := framed(it, x)
	if me := who.From(ctx).Person; me != 0 {
		all, err := o.held(ctx, q, pid, me)
		p.Resource.Held = all[pid]
		return p, err
	}
	return p, nil
}

// framed is the project without the roles that the actor holds in it.
func framed(it journal.Item[Project], x Programme) journal.Project {
	return journal.Project{ID: it.Project, Name: it.Is.Name, Closed: it.State != Open, Resource: policy.Resource{
		Programme: x.ID, Owners: x.Owners, Members: slices.Concat(x.Members, it.Is.Members), Published: it.Is.Public,
	}}
}

// held lists the roles that a person has today in the groups of a project, or
// (0) of each: a right ends with the assignment's end date (rule 12).
func (o *Room) held(ctx context.Context, q db.Q, pid who.ProjectID, person who.PersonID) (map[who.ProjectID][]who.Role, error) {
	today := string(calendar.Of(q.Now()))
	type seat struct {
		p          who.ProjectID
		kind, role string
	}
	seats, err := db.All(ctx, q, func(r db.Row) (s seat, err error) { return s, r.Scan(&s.p, &s.kind, &s.role) },
		`SELECT project_id, kind, role FROM seat WHERE person_id = ? AND (? = 0 OR project_id = ?) AND from_day <= ? AND (to_day = '' OR to_day > ?) ORDER BY item_id`, int64(person), int64(pid), int64(pid), today, today)
	out := map[who.ProjectID][]who.Role{}
	for _, s := range seats {
		if role, ok := RoleOf(s.kind, s.role); ok && !slices.Contains(out[s.p], role) {
			out[s.p] = append(out[s.p], role)
		}
	}
	return out, err
}

// changeFrame stores another frame inside another act.
func (o *Room) changeFrame(ctx context.Context, tx *db.Tx, p journal.Project, change func(*Project) error) error {
	it, err := o.project(ctx, tx, p.ID, Moment{})
	if err != nil {
		return err
	}
	if err := change(&it.Is); err != nil {
		return err
	}
	if err := fail.Fields(it.Is.check()...); err != nil {
		return err
	}
	return o.projects.Save(ctx, tx, p, it, journal.Act{Name: "project.edit"})
}

// Edit stores the frame over the version that was read.
func (o *Room) Edit(ctx context.Context, pid who.ProjectID, version int64, once string, change func(*Project) error) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := o.Frame(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := may(ctx, "project.edit", p.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		it, err := o.project(ctx, tx, pid, Moment{})
		if err != nil {
			return err
		}
		before := it.Is
		if err := change(&it.Is); err != nil {
			return err
		}
		if before.Started && !before.sameBounds(it.Is) {
			return errBound
		}
		if err := fail.Fields(it.Is.check()...); err != nil {
			return err
		}
		it.Version = version
		return o.projects.Save(ctx, tx, p, it, journal.Act{Name: "project.edit"})
	})
}

// endProject closes or stops the project; nothing more is written in it.
func (o *Room) endProject(ctx context.Context, tx *db.Tx, p journal.Project, state, why string) error {
	it, err := o.project(ctx, tx, p.ID, Moment{})
	if err != nil {
		return err
	}
	return o.projects.Move(ctx, tx, p, it, state, journal.Act{Name: "gate.decide", Reason: why})
}

// Listed is a project in a list.
type Listed struct {
	ID        who.ProjectID
	Programme who.ProgrammeID
	Name      string
	State     string
	Phase     string
	From, To  calendar.Date
}

// Projects lists those that the actor may see, newest first.
func (o *Room) Projects(ctx context.Context, q db.Q, programme who.ProgrammeID) ([]Listed, error) {
	// Everything is read once for all: there may be many projects.
	all, err := o.projects.List(ctx, q, journal.Query{Newest: true})
	if err != nil {
		return nil, err
	}
	running, err := o.phases.Noun.List(ctx, q, journal.Query{State: Ongoing})
	if err != nil {
		return nil, err
	}
	phases := map[who.ProjectID]string{}
	for _, f := range running {
		phases[f.Project] = f.Is.Name
	}
	held := map[who.ProjectID][]who.Role{}
	if me := who.From(ctx).Person; me != 0 {
		if held, err = o.held(ctx, q, 0, me); err != nil {
			return nil, err
		}
	}
	roofs := map[who.ProgrammeID]Programme{}
	var out []Listed
	for _, it := range all {
		if programme != 0 && it.Is.Programme != programme {
			continue
		}
		x, known := roofs[it.Is.Programme]
		if !known {
			if x, err = o.deps.Programme(ctx, q, it.Is.Programme); err != nil {
				return nil, err
			}
			roofs[it.Is.Programme] = x
		}
		p := framed(it, x)
		p.Resource.Held = held[it.Project]
		if may(ctx, "project.public", p.Resource) != nil {
			continue
		}
		out = append(out, Listed{ID: it.Project, Programme: it.Is.Programme, Name: it.Is.Name, State: it.State, Phase: phases[it.Project], From: it.Is.From, To: it.Is.To})
	}
	return out, nil
}

// Period is the project's first and last day.
func (o *Room) Period(ctx context.Context, q db.Q, pid who.ProjectID) (from, to calendar.Date, err error) {
	it, err := o.project(ctx, q, pid, Moment{})
	return it.Is.From, it.Is.To, err
}
