package interest

import (
	"context"
	"net/http"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// view is what the pages of one application show.
type view struct {
	m              matter
	now            time.Time
	findings       []Finding
	open           *Completion
	completions    []Completion
	events         []Event
	names          map[who.PersonID]string
	decisions      []Decision
	participations []Participation
	eligibility    *Eligibility
	signatories    []Person

	mayEdit, maySign, mayWithdraw, mayJudge, mayOwn, mayConfirm bool
}

func (v view) href(page string) string { return "/intresse/" + id.String(v.m.ID) + page }

// closed says why the call takes no answers; "" where it does.
func (v view) closed() string {
	if v.m.State != Draft {
		return ""
	}
	if err := v.m.of.Accepts(v.now); err != nil {
		return err.Error()
	}
	return ""
}

// answering lists the member organisations that wait for the actor's answer.
func (v view) answering(actor who.Actor) []Applicant {
	var out []Applicant
	for _, a := range v.m.having(Invited) {
		if v.m.State == Draft && can(actor, "application.sign", v.m.only(a)) {
			out = append(out, a)
		}
	}
	return out
}

// view reads everything that belongs to an application.
func (n *Room) view(ctx context.Context, q db.Q, m matter) (v view, err error) {
	actor := who.From(ctx)
	v = view{m: m, now: q.Now(), findings: m.findings(), names: map[who.PersonID]string{}}
	v.mayEdit, v.maySign = can(actor, "application.edit", m.editable()), can(actor, "application.sign", m.led())
	v.mayWithdraw = can(actor, "application.withdraw", m.led())
	v.mayJudge, v.mayOwn = can(actor, "application.assess_eligibility", m.resource()), can(actor, "application.list", m.of.resource())
	v.mayConfirm = can(actor, "decision.confirm", m.editable()) || can(actor, "participation.edit", m.resource())
	if v.completions, err = completions(ctx, q, m.ID); err != nil {
		return v, err
	}
	for i, c := range v.completions {
		if c.State == completionOpen {
			v.open = &v.completions[i]
		}
	}
	if v.events, err = events(ctx, q, m.ID); err != nil {
		return v, err
	}
	if v.decisions, err = n.Decisions(ctx, q, m.ID); err != nil {
		return v, err
	}
	if v.participations, err = participationsOf(ctx, q, m.ID); err != nil {
		return v, err
	}
	if v.eligibility, err = eligibilityOf(ctx, q, m.ID); err != nil {
		return v, err
	}
	if v.signatories, err = n.signatories(ctx, q, m); err != nil {
		return v, err
	}
	return v, n.nameAll(ctx, q, v)
}

// nameAll finds the names of those who are in the history.
func (n *Room) nameAll(ctx context.Context, q db.Q, v view) error {
	if n.deps.PersonName == nil {
		return nil
	}
	for _, e := range v.events {
		if e.Person == 0 || v.names[e.Person] != "" {
			continue
		}
		name, err := n.deps.PersonName(ctx, q, e.Person)
		if err != nil {
			return err
		}
		v.names[e.Person] = name
	}
	return nil
}

// by is who made a change: a name where the room is told names, or the
// platform itself.
func (v view) by(ctx context.Context, p who.PersonID) string {
	if p == 0 {
		return web.T(ctx, "Kommunpilot")
	}
	return v.names[p]
}

// load reads the application in the request's path, for those who may read it,
// with everything that its pages show.
func (n *Room) load(r *http.Request) (v view, err error) {
	a, err := id.Path[ApplicationID](r, "id")
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		m, err := n.read(ctx, q, a)
		if err != nil {
			return err
		}
		v, err = n.view(ctx, q, m)
		return err
	})
	return v, err
}

// page is what stands around a page of an application.
func (v view) page(ctx context.Context, title string) web.Page {
	p := web.Page{Title: title, NoIndex: true, Responsible: v.m.of.Responsible, Contact: v.m.of.Contact,
		Crumbs: []web.Crumb{{Text: v.m.of.Title, Href: "/utlysningar/" + id.String(v.m.Call)}}}
	if title != v.title(ctx) {
		p.Crumbs = append(p.Crumbs, web.Crumb{Text: v.title(ctx), Href: v.href("")})
	}
	return p
}

// title names the application.
func (v view) title(ctx context.Context) string {
	return web.T(ctx, "Intresseanmälan från %s", v.m.Name())
}

// steps is the task list: each page with its state.
func (v view) steps(ctx context.Context) []web.Step {
	var out []web.Step
	add := func(path, title string, begun bool) {
		s := web.Step{Text: web.T(ctx, title), Href: v.href("/" + path), State: "todo"}
		switch wrong := len(stops(in(v.findings, path))) > 0; {
		case begun && wrong:
			s.State = "error"
		case begun:
			s.State = "done"
		}
		out = append(out, s)
	}
	for i, s := range sections {
		if i == 1 && v.m.of.Joint {
			add("medsokande", "Kommuner som deltar", len(v.m.Applicants) > 1 || !v.m.Joint)
		}
		if s.there(v.m) {
			add(s.path, s.title, v.m.Versions[s.path] > 1)
		}
	}
	add("bilagor", "Bilagor", len(v.m.Attachments) > 0)
	return out
}

// follows is the page that comes after a section.
func (v view) follows(path string) string {
	order := []string{"kontakt"}
	if v.m.of.Joint {
		order = append(order, "medsokande")
	}
	for _, s := range sections[1:] {
		if s.there(v.m) {
			order = append(order, s.path)
		}
	}
	order = append(order, "bilagor", "granska")
	for i, p := range order[:len(order)-1] {
		if p == path {
			return v.href("/" + order[i+1])
		}
	}
	return v.href("")
}

// stateColor is the tag of a state.
func stateColor(s State) string {
	switch s {
	case Submitted, Completing:
		return "info"
	case Eligible, Selected, Confirmed:
		return "success"
	case Ineligible, NotSelected:
		return "danger"
	case Assessed, Reserve:
		return "warning"
	}
	return "neutral"
}

func decisionColor(s DecisionState) string {
	switch s {
	case InForce:
		return "success"
	case Appealed:
		return "danger"
	case Requested:
		return "neutral"
	}
	return "info"
}
