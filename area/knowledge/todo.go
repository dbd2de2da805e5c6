package knowledge

import (
	"context"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Todo is something that waits for a person.
type Todo struct {
	Text, Project, Href string
	Due                 calendar.Date
}

// soon is how many days ahead an entry that is to be reviewed again is told of.
const soon = 30

// Todos lists what waits for the actor: entries to publish, entries to look at
// again, questions to answer and sources whose link is dead.
func (o *Room) Todos(ctx context.Context, q db.Q, a who.Actor) (out []Todo, err error) {
	projects, err := db.Values[who.ProjectID](ctx, q, `SELECT DISTINCT project_id FROM item WHERE noun = ? ORDER BY project_id`, o.entries.Noun.Name)
	if err != nil {
		return nil, err
	}
	for _, pid := range projects {
		p, err := o.deps.Project(ctx, q, pid)
		if err != nil {
			return nil, err
		}
		if p.Closed {
			continue
		}
		if policy.Allowed(a, "knowledge.publish", p.Resource) {
			if out, err = o.toPublish(ctx, q, p, out); err != nil {
				return nil, err
			}
		}
		if policy.Allowed(a, "knowledge.edit", p.Resource) {
			if out, err = o.toMend(ctx, q, p, out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (o *Room) toPublish(ctx context.Context, q db.Q, p journal.Project, out []Todo) ([]Todo, error) {
	list, err := o.entries.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Review})
	for _, it := range list {
		out = append(out, Todo{Text: web.T(ctx, "Granska kunskapsposten: %s", it.Is.Title), Project: p.Name, Href: o.entries.Href(p.ID, it.ID)})
	}
	return out, err
}

func (o *Room) toMend(ctx context.Context, q db.Q, p journal.Project, out []Todo) ([]Todo, error) {
	list, err := o.entries.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Published})
	if err != nil {
		return nil, err
	}
	today := calendar.Of(q.Now())
	for _, it := range list {
		if it.Is.Again <= today.AddDays(soon) {
			out = append(out, Todo{Text: web.T(ctx, "Ompröva kunskapsposten: %s", it.Is.Title), Project: p.Name, Href: o.entries.Href(p.ID, it.ID), Due: it.Is.Again})
		}
	}
	asked, err := o.questions.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Asked})
	if err != nil {
		return nil, err
	}
	for _, it := range asked {
		out = append(out, Todo{Text: web.T(ctx, "Svara en läsare: %s", cut(it.Is.Text, 80)), Project: p.Name, Href: o.questions.Href(p.ID, it.ID)})
	}
	gone, err := deadLinks(ctx, q)
	if err != nil || len(gone) == 0 {
		return out, err
	}
	sources, err := o.sources.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Valid})
	for _, s := range sources {
		if gone[s.ID] {
			out = append(out, Todo{Text: web.T(ctx, "Länken svarar inte: %s", s.Is.Title), Project: p.Name, Href: o.sources.Href(p.ID, s.ID)})
		}
	}
	return out, err
}
