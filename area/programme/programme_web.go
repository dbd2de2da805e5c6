package programme

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// formLimit is the size of a form without files, bytes.
const formLimit = 1 << 20

func (o *Room) programmeList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var list []Programme
	err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { list, err = o.Programmes(ctx, q); return err })
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Program"), Lead: web.T(ctx, "Utvecklingsprogram som pågår, planeras eller har avslutats.")},
		programmeListBody(list, who.From(ctx).Has(who.Programagare)))
}

// programmePage is what a programme's page shows.
type programmePage struct {
	Programme
	Calls        []Call
	Participants []Participant
	Map          web.MapView
	Rows         []participantRow
	Projects     []Project
	MayProject   bool
	MayRules     bool
	MayEdit      bool
	MayCall      bool
}

func (o *Room) programmeShow(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	pid, err := id.Path[who.ProgrammeID](r, "id")
	if err != nil {
		return err
	}
	var p programmePage
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) {
		if p.Programme, err = o.Programme(ctx, q, pid); err != nil {
			return err
		}
		if p.Calls, err = o.CallsOf(ctx, q, pid); err != nil {
			return err
		}
		for _, c := range p.Calls {
			some, err := o.deps.Participants(ctx, q, c.ID)
			if err != nil {
				return err
			}
			p.Participants = append(p.Participants, some...)
		}
		if o.deps.Projects != nil {
			p.Projects, err = o.deps.Projects(ctx, q, pid)
		}
		return err
	})
	if err != nil {
		return err
	}
	actor := who.From(ctx)
	p.MayEdit, p.MayCall = policy.Allowed(actor, "programme.edit", p.resource()), policy.Allowed(actor, "call.edit", p.resource())
	p.MayRules = policy.Allowed(actor, "ruleset.edit", p.resource())
	p.MayProject = policy.Allowed(actor, "project.create", p.resource())
	p.Map, p.Rows = o.drawParticipants(ctx, web.T(ctx, "Här pågår arbetet"), p.Participants)
	return web.Render(w, r, http.StatusOK, web.Page{Title: p.Name, Lead: p.Purpose, Responsible: p.Responsible, Contact: p.Contact,
		Crumbs: []web.Crumb{{Text: web.T(ctx, "Program"), Href: "/program"}}}, programmeBody(p))
}

func (o *Room) programmeNew(w http.ResponseWriter, r *http.Request) error {
	return o.programmeForm(w, r, http.StatusOK, web.NewForm(nil), Programme{})
}

// programmeForm shows the form of the stored programme, or of a new one.
func (o *Room) programmeForm(w http.ResponseWriter, r *http.Request, status int, f web.Form, stored Programme) error {
	ctx := r.Context()
	actor := who.From(ctx)
	var orgs []web.Option
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		for _, org := range actor.Orgs(who.Programagare) {
			x, err := o.deps.Org(ctx, q, org)
			if err != nil {
				return err
			}
			orgs = append(orgs, web.Option{Value: id.String(org), Label: x.Name})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if stored.ID == 0 {
		if err := policy.Check(actor, "programme.create", policy.Resource{}); err != nil {
			return err
		}
	}
	p := web.Page{Title: web.T(ctx, "Nytt program"), NoIndex: true, Crumbs: []web.Crumb{{Text: web.T(ctx, "Program"), Href: "/program"}}}
	if stored.ID != 0 {
		p.Title = web.T(ctx, "Ändra programmet")
		p.Crumbs = append(p.Crumbs, web.Crumb{Text: stored.Name, Href: "/program/" + id.String(stored.ID)})
	}
	return web.Render(w, r, status, p, programmeFormBody(f, orgs, stored.ID != 0))
}

// values is the programme as its form shows it.
func (p Programme) values() url.Values {
	return url.Values{"name": {p.Name}, "purpose": {p.Purpose}, "mandate": {p.Mandate}, "fund": {p.Fund}, "responsible": {p.Responsible}, "contact": {p.Contact}, "state": {string(p.State)}}
}

func about(f web.Form) About {
	return About{Name: f.Get("name"), Purpose: f.Get("purpose"), Mandate: f.Get("mandate"), Fund: f.Get("fund"), Responsible: f.Get("responsible"), Contact: f.Get("contact")}
}

func (o *Room) programmeCreate(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	var owners []who.OrgID
	for _, v := range f.All("owner") {
		if n, err := id.Parse[who.OrgID](v); err == nil {
			owners = append(owners, n)
		}
	}
	made, err := o.CreateProgramme(r.Context(), about(f), owners, f.Once)
	if fail.Is(err, fail.Invalid) {
		return o.programmeForm(w, r, http.StatusUnprocessableEntity, f.WithError(err), Programme{})
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/program/"+id.String(made))
}

func (o *Room) programmeEdit(w http.ResponseWriter, r *http.Request) error {
	p, err := o.programmeToEdit(r)
	if err != nil {
		return err
	}
	f := web.NewForm(p.values())
	f.Version = p.Version
	return o.programmeForm(w, r, http.StatusOK, f, p)
}

func (o *Room) programmeToEdit(r *http.Request) (p Programme, err error) {
	ctx := r.Context()
	pid, err := id.Path[who.ProgrammeID](r, "id")
	if err != nil {
		return p, err
	}
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) { p, err = o.programme(ctx, q, pid); return err })
	if err != nil {
		return p, err
	}
	return p, policy.Check(who.From(ctx), "programme.edit", p.resource())
}

func (o *Room) programmeSave(w http.ResponseWriter, r *http.Request) error {
	p, err := o.programmeToEdit(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	err = o.SaveProgramme(r.Context(), p.ID, about(f), ProgrammeState(f.Get("state")), f.Version, f.Once)
	switch {
	case fail.Is(err, fail.Invalid):
		return o.programmeForm(w, r, http.StatusUnprocessableEntity, f.WithError(err), p)
	case errors.Is(err, db.ErrTwice):
	case fail.Is(err, fail.Conflict):
		f = f.WithError(err)
		f.Version, f.Stored = p.Version, p.values()
		return o.programmeForm(w, r, http.StatusConflict, f, p)
	case err != nil:
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), "Programmet är sparat."))
	return web.Redirect(w, r, "/program/"+id.String(p.ID))
}

// participantRow is one line of the table beside the map.
type participantRow struct{ Title, Kind, Counties, State string }

// drawParticipants puts each atom on the map at its municipalities' main
// localities, and says the same in rows.
func (o *Room) drawParticipants(ctx context.Context, title string, list []Participant) (web.MapView, []participantRow) {
	register := o.deps.Register()
	m := web.MapView{Title: title, TableHref: "#deltagare", ViewBox: mapBox}
	m.Desc = web.T(ctx, "%d deltaganden. Tabellen på sidan säger samma sak.", len(list))
	for _, s := range countyShapes() {
		m.Shapes = append(m.Shapes, web.MapShape{D: s.D, Class: "map-land"})
	}
	legend := map[string]bool{}
	var rows []participantRow
	for _, p := range list {
		counties := map[string]bool{}
		row := participantRow{Title: p.Title, Kind: p.Detail, State: p.State}
		for _, code := range p.Codes {
			k, ok := register.ByCode(code)
			if !ok {
				continue
			}
			x, y := project(k.Lat, k.Lon)
			m.Points = append(m.Points, web.MapPoint{X: x, Y: y, Kind: p.Kind, Title: p.Title})
			if !counties[k.CountyName] {
				counties[k.CountyName] = true
				if row.Counties != "" {
					row.Counties += ", "
				}
				row.Counties += k.CountyName
			}
		}
		if !legend[p.Kind] {
			legend[p.Kind] = true
			m.Legend = append(m.Legend, web.MapLegend{Kind: p.Kind, Text: p.Detail})
		}
		rows = append(rows, row)
	}
	return m, rows
}
