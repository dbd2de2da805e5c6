package interest

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// decidingView is the page of one municipality's decision.
type decidingView struct {
	view
	member       Applicant
	decision     Decision
	history      []Event
	form         web.Form
	mayRegister  bool
	mine, theirs []web.Fact
}

func decisionPath(r *http.Request) (ApplicationID, who.OrgID, error) {
	a, err := id.Path[ApplicationID](r, "id")
	if err != nil {
		return 0, 0, err
	}
	org, err := id.Path[who.OrgID](r, "org")
	return a, org, err
}

// decisions shows every member's decision: to the parties, and to everybody
// once the participation is confirmed.
func (n *Room) decisions(w http.ResponseWriter, r *http.Request) error {
	a, err := id.Path[ApplicationID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var v view
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		m, err := n.matter(ctx, q, a)
		if err != nil {
			return err
		}
		if m.Submitted.IsZero() {
			return fail.New(fail.NotFound, "Det du söker finns inte.")
		}
		if err := may(ctx, "decision.read", m.editable()); err != nil {
			return err
		}
		v, err = n.view(ctx, q, m)
		return err
	})
	if err != nil {
		return err
	}
	p := v.page(ctx, web.T(ctx, "Kommunernas beslut"))
	if !can(who.From(ctx), "application.read", v.m.resource()) {
		p.Crumbs = p.Crumbs[:1] // the application itself is not for this reader
	}
	return web.Render(w, r, http.StatusOK, p, decisionsPage(v, web.NewForm(nil), who.From(ctx)))
}

func (n *Room) decidingOf(r *http.Request) (v decidingView, err error) {
	a, org, err := decisionPath(r)
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		m, err := n.matter(ctx, q, a)
		if err != nil {
			return err
		}
		var ok bool
		if v.member, ok = m.member(org); !ok || m.Submitted.IsZero() {
			return fail.New(fail.NotFound, "Kommunen är inte med i intresseanmälan.")
		}
		if err := may(ctx, "decision.edit", m.only(v.member)); err != nil {
			return err
		}
		v.mayRegister = can(who.From(ctx), "decision.confirm", m.only(v.member))
		if v.view, err = n.view(ctx, q, m); err != nil {
			return err
		}
		v.decision = decisionOf(v.decisions, org)
		v.history, err = db.All(ctx, q, scanEvent, `SELECT at, person_id, from_state, to_state, reason FROM municipal_decision_event WHERE municipal_decision_id = ? ORDER BY id`, int64(v.decision.ID))
		return err
	})
	return v, err
}

func (n *Room) decisionForm(w http.ResponseWriter, r *http.Request) error {
	v, err := n.decidingOf(r)
	if err != nil {
		return err
	}
	v.form = web.NewForm(decisionValues(v.decision.DecisionContent))
	v.form.Version = max(v.decision.Version, 1)
	return n.renderDecision(w, r, http.StatusOK, v)
}

func (n *Room) renderDecision(w http.ResponseWriter, r *http.Request, status int, v decidingView) error {
	ctx := r.Context()
	p := v.page(ctx, web.T(ctx, "Beslut i %s", v.member.Name))
	if !can(who.From(ctx), "application.read", v.m.resource()) {
		p.Crumbs = p.Crumbs[:1]
	}
	p.Crumbs = append(p.Crumbs, web.Crumb{Text: web.T(ctx, "Kommunernas beslut"), Href: v.href("/beslut")})
	return web.Render(w, r, status, p, decisionPage(v))
}

// otherMembers is how many further members of a joint board the form takes.
const otherMembers = 12

func decisionValues(d DecisionContent) url.Values {
	v := url.Values{
		"organ": {d.Organ}, "day": {string(d.Day)}, "paragraph": {d.Paragraph}, "own": {d.Own}, "their": {d.Their}, "text": {d.Text}, "joins": {d.Joins},
		"approved": {string(d.Approved)}, "announced": {string(d.Announced)},
		"appealed": {string(d.Appealed)}, "appeal_ended": {string(d.AppealEnded)}, "appeal_says": {d.AppealSays}, "covers": d.Covers, "proposers": {strings.Join(d.Proposers, "\n")},
	}
	if d.Delegated {
		v.Set("delegated", "ja")
	}
	for i, o := range d.Others {
		v.Set(at("other", i), o.Kommun)
		v.Set(at("other-day", i), string(o.Day))
	}
	return v
}

func readDecision(f web.Form) (DecisionContent, error) {
	d := DecisionContent{Organ: f.Get("organ"), Paragraph: f.Get("paragraph"), Own: f.Get("own"), Their: f.Get("their"), Text: f.Get("text"),
		Joins: f.Get("joins"), Delegated: f.Has("delegated", "ja"), Covers: f.All("covers"), AppealSays: f.Get("appeal_says"), Proposers: web.SplitLines(f.Get("proposers"))}
	var p problems
	date := func(name string) calendar.Date {
		day, ok := f.Day(name)
		if !ok {
			p.add(name, "Skriv datumet som år-månad-dag, till exempel 2026-03-31.")
		}
		return day
	}
	d.Day, d.Approved, d.Announced = date("day"), date("approved"), date("announced")
	d.Appealed, d.AppealEnded = date("appealed"), date("appeal_ended")
	for i := range otherMembers {
		o := Announcement{f.Get(at("other", i)), date(at("other-day", i))}
		if o != (Announcement{}) {
			d.Others = append(d.Others, o)
		}
	}
	return d, fail.Fields(p...)
}

func (n *Room) saveDecision(w http.ResponseWriter, r *http.Request) error {
	v, err := n.decidingOf(r)
	if err != nil {
		return err
	}
	s, err := n.receive(r)
	defer s.close()
	var content DecisionContent
	if err == nil {
		content, err = readDecision(s.form)
	}
	ctx := r.Context()
	if err == nil {
		err = n.SaveDecision(ctx, v.m.ID, v.member.Org, s.form.Version, content, s.file, s.form.Once)
	}
	switch {
	case err == nil, twice(err):
		web.Flash(ctx, web.T(ctx, "Sparat."))
		return web.Redirect(w, r, v.href("/beslut/"+id.String(v.member.Org)))
	case fail.Is(err, fail.Conflict):
		if v, err2 := n.decidingOf(r); err2 == nil && v.decision.Version > s.form.Version {
			v.form = s.form.WithError(err)
			v.form.Version = v.decision.Version
			v.mine, v.theirs = decisionFacts(ctx, content), decisionFacts(ctx, v.decision.DecisionContent)
			return n.renderDecision(w, r, http.StatusConflict, v)
		}
		fallthrough
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.TooLarge):
		v.form = s.form.WithError(err)
		return n.renderDecision(w, r, fail.Status(err), v)
	}
	return err
}

func (n *Room) registerDecision(w http.ResponseWriter, r *http.Request) error {
	v, err := n.decidingOf(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	confirmed, err := n.RegisterDecision(ctx, v.m.ID, v.member.Org, f.Once)
	switch {
	case err == nil, twice(err):
		if confirmed {
			web.Flash(ctx, web.T(ctx, "Beslutet är registrerat. Alla kommuner har nu beslutat, och deltagandet är bekräftat."))
		} else {
			web.Flash(ctx, web.T(ctx, "Beslutet är registrerat."))
		}
		return web.Redirect(w, r, v.href("/beslut"))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		v.form = web.NewForm(decisionValues(v.decision.DecisionContent)).WithError(err)
		v.form.Version = max(v.decision.Version, 1)
		return n.renderDecision(w, r, fail.Status(err), v)
	}
	return err
}

func (n *Room) confirm(w http.ResponseWriter, r *http.Request) error {
	a, err := id.Path[ApplicationID](r, "id")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := n.Confirm(ctx, a, f.Once); err != nil && !twice(err) {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Deltagandet är bekräftat."))
	return web.Redirect(w, r, "/intresse/"+id.String(a)+"/beslut")
}

// decisionFacts is a decision as terms and values, for reading and comparing.
func decisionFacts(ctx context.Context, d DecisionContent) []web.Fact {
	says := ""
	switch d.Joins {
	case "ja":
		says = web.T(ctx, "Kommunen deltar")
	case "nej":
		says = web.T(ctx, "Kommunen deltar inte")
	}
	organ := d.Organ
	if d.Delegated {
		organ += " (" + web.T(ctx, "på delegation") + ")"
	}
	out := []web.Fact{
		{Term: web.T(ctx, "Beslut"), Value: says},
		{Term: web.T(ctx, "Förslaget undertecknat av"), Value: strings.Join(d.Proposers, ", ")},
		{Term: web.T(ctx, "Organ"), Value: organ},
		{Term: web.T(ctx, "Dag för beslutet"), Value: web.Day(ctx, d.Day)},
		{Term: web.T(ctx, "Paragraf"), Value: d.Paragraph},
		{Term: web.T(ctx, "Kommunens diarienummer"), Value: d.Own},
		{Term: web.T(ctx, "Motpartens diarienummer"), Value: d.Their},
		{Term: web.T(ctx, "Protokollet justerat"), Value: web.Day(ctx, d.Approved)},
		{Term: web.T(ctx, "Anslaget"), Value: web.Day(ctx, d.Announced)},
	}
	var others []string
	for _, o := range d.Others {
		others = append(others, o.Kommun+" "+web.Day(ctx, o.Day))
	}
	if len(others) > 0 {
		out = append(out, web.Fact{Term: web.T(ctx, "Anslaget också i"), Value: strings.Join(others, "; ")})
	}
	if d.Appealed != "" {
		out = append(out, web.Fact{Term: web.T(ctx, "Överklagat"), Value: web.Day(ctx, d.Appealed)})
	}
	if d.AppealSays != "" {
		out = append(out, web.Fact{Term: web.T(ctx, "Efter överklagandet"), Value: d.AppealSays + " " + web.Day(ctx, d.AppealEnded)})
	}
	if d.Text != "" {
		out = append(out, web.Fact{Term: web.T(ctx, "Beslutets text"), Value: d.Text})
	}
	return filled(ctx, out)
}
