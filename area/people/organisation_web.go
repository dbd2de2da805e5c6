package people

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

type organisationRow struct {
	Organisation
	State string
}

type organisationsView struct {
	Query, Kind, Previous, Next string
	Count                       int
	Rows                        []organisationRow
	Kinds                       []web.Option
	MayEdit                     bool
}

var organisationCrumbs = []web.Crumb{{Text: "Organisationer", Href: "/organisationer"}}

func kindOptions(ctx context.Context, first string) []web.Option {
	out := []web.Option{{Value: "", Label: web.T(ctx, first)}}
	for _, k := range organisationKinds {
		out = append(out, web.Option{Value: string(k.Kind), Label: web.T(ctx, k.Name)})
	}
	return out
}

func (p *Room) organisations(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	query := r.URL.Query()
	v := organisationsView{Query: strings.TrimSpace(query.Get("q")), Kind: query.Get("kind"),
		Kinds: kindOptions(ctx, "Alla sorter"), MayEdit: policy.Allowed(who.From(ctx), "organisation.edit", policy.Resource{})}
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		all, err := p.Organisations(ctx, q)
		if err != nil {
			return err
		}
		words := strings.Fields(strings.ToLower(v.Query))
		all = slices.DeleteFunc(all, func(o Organisation) bool {
			text := strings.ToLower(o.Name) + " " + o.Code + " " + o.Number
			return v.Kind != "" && string(o.Kind) != v.Kind || slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
		})
		v.Count = len(all)
		var some []Organisation
		some, v.Previous, v.Next = paged(r, all)
		for _, o := range some {
			v.Rows = append(v.Rows, organisationRow{o, o.State(calendar.Of(q.Now()))})
		}
		return nil
	}); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Organisationer"), Wide: true}, organisationsPage(v))
}

type organisationView struct {
	Organisation
	State                            string
	ParentName                       string
	Children                         []Organisation
	PredecessorNames, SuccessorNames []link
	Members                          []memberRow
	SeesMembers, MayInvite, MayEdit  bool
	Municipality                     bool
}

type link struct{ Text, Href string }

type memberRow struct {
	roleView
	PersonName string
}

func (p *Room) organisation(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	org, err := id.Path[who.OrgID](r, "id")
	if err != nil {
		return err
	}
	var v organisationView
	if err := p.deps.DB.Read(ctx, func(q db.Q) error { v, err = p.organisationView(ctx, q, org); return err }); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: v.Name, Crumbs: crumbs(ctx, organisationCrumbs)}, organisationPage(v))
}

func (p *Room) organisationView(ctx context.Context, q db.Q, org who.OrgID) (v organisationView, err error) {
	actor := who.From(ctx)
	if v.Organisation, err = p.Org(ctx, q, org); err != nil {
		return v, err
	}
	v.State = v.Organisation.State(calendar.Of(q.Now()))
	v.MayEdit = policy.Allowed(actor, "organisation.edit", policy.Resource{})
	_, known := p.deps.Register.ByCode(v.Code)
	v.Municipality = v.Kind == Kommun && known
	if v.Parent != 0 {
		if v.ParentName, err = p.OrgName(ctx, q, v.Parent); err != nil {
			return v, err
		}
	}
	if v.Children, err = p.Children(ctx, q, org); err != nil {
		return v, err
	}
	names, err := p.OrgNames(ctx, q, slices.Concat(v.Predecessors, v.Successors))
	if err != nil {
		return v, err
	}
	links := func(orgs []who.OrgID) (out []link) {
		for _, o := range orgs {
			out = append(out, link{names[o], "/organisationer/" + id.String(o)})
		}
		return out
	}
	v.PredecessorNames, v.SuccessorNames = links(v.Predecessors), links(v.Successors)
	own := policy.Resource{Members: []who.OrgID{org}}
	v.SeesMembers = policy.Allowed(actor, "people.read", own)
	v.MayInvite = policy.Allowed(actor, "people.edit", own)
	if v.SeesMembers {
		v.Members, err = p.members(ctx, q, org)
	}
	return v, err
}

// members lists the roles in the organisation that are in force or to come.
func (p *Room) members(ctx context.Context, q db.Q, org who.OrgID) ([]memberRow, error) {
	all, err := membersOf(ctx, q, org)
	if err != nil {
		return nil, err
	}
	today := calendar.Of(q.Now())
	all = slices.DeleteFunc(all, func(m Membership) bool { return m.State(today) == avslutad })
	views, err := p.roleViews(ctx, q, all)
	if err != nil {
		return nil, err
	}
	var persons []who.PersonID
	for _, m := range all {
		persons = append(persons, m.Person)
	}
	names, err := p.PersonNames(ctx, q, persons)
	if err != nil {
		return nil, err
	}
	var out []memberRow
	for _, v := range views {
		out = append(out, memberRow{v, names[v.Person]})
	}
	bySwedish(out, func(m memberRow) string { return m.PersonName })
	return out, nil
}

func (p *Room) newOrganisationForm(w http.ResponseWriter, r *http.Request) error {
	return p.showOrganisationForm(w, r, http.StatusOK, web.NewForm(nil), 0, nil)
}

// showOrganisationForm shows the form of a new (0) or stored organisation;
// theirs is what somebody else stored meanwhile.
func (p *Room) showOrganisationForm(w http.ResponseWriter, r *http.Request, status int, f web.Form, org who.OrgID, theirs *Organisation) error {
	ctx := r.Context()
	if err := may(ctx, "organisation.edit", policy.Resource{}); err != nil {
		return err
	}
	var parents []web.Option
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { parents, err = p.organisationOptions(ctx, q, "Ingen", org); return err }); err != nil {
		return err
	}
	title := web.T(ctx, "Lägg till en organisation")
	if org != 0 {
		title = web.T(ctx, "Ändra organisationen")
	}
	var mine, other []web.Fact
	if theirs != nil {
		mine, other = conflictFacts(ctx, f, *theirs)
	}
	return web.Render(w, r, status, web.Page{Title: title, NoIndex: true, Crumbs: crumbs(ctx, organisationCrumbs)},
		organisationFormPage(f, kindOptions(ctx, "Välj sort"), parents, mine, other))
}

func conflictFacts(ctx context.Context, f web.Form, o Organisation) (mine, theirs []web.Fact) {
	for _, x := range []struct{ label, field, value string }{
		{"Namn", "name", o.Name}, {"Organisationsnummer", "number", o.Number}, {"Officiell kod", "code", o.Code}, {"Finns från och med", "valid_from", string(o.ValidFrom)},
	} {
		mine = append(mine, web.Fact{Term: web.T(ctx, x.label), Value: f.Get(x.field)})
		theirs = append(theirs, web.Fact{Term: web.T(ctx, x.label), Value: x.value})
	}
	return mine, theirs
}

func (p *Room) organisationOptions(ctx context.Context, q db.Q, none string, but who.OrgID) ([]web.Option, error) {
	all, err := p.Organisations(ctx, q)
	out := []web.Option{{Value: "", Label: web.T(ctx, none)}}
	for _, o := range all {
		if o.ID != but && o.State(calendar.Of(q.Now())) == aktiv {
			out = append(out, web.Option{Value: id.String(o.ID), Label: o.Name})
		}
	}
	return out, err
}

// organisationFrom reads an organisation from a form.
func organisationFrom(f web.Form) (Organisation, error) {
	o := Organisation{Kind: OrganisationKind(f.Get("kind")), Name: f.Get("name"), Number: f.Get("number"), Code: f.Get("code"), Version: f.Version}
	parent, ok := f.Int("parent")
	if f.Get("parent") != "" && (!ok || parent <= 0) {
		return o, fail.Fields(fail.Field{Name: "parent", Message: "Välj i listan."})
	}
	o.Parent = who.OrgID(parent)
	if o.ValidFrom, ok = f.Day("valid_from"); !ok {
		return o, fail.Fields(fail.Field{Name: "valid_from", Message: "Skriv datumet som år-månad-dag, till exempel 2026-03-31."})
	}
	return o, nil
}

func (p *Room) newOrganisation(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var org who.OrgID
	o, err := organisationFrom(f)
	if err == nil {
		err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
			if err := db.Once(ctx, tx, f.Once); err != nil {
				return err
			}
			org, err = p.CreateOrganisation(ctx, tx, o)
			return err
		})
	}
	if fail.Is(err, fail.Invalid) {
		return p.showOrganisationForm(w, r, http.StatusUnprocessableEntity, f.WithError(err), 0, nil)
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Organisationen är tillagd."))
	return web.Redirect(w, r, "/organisationer/"+id.String(org))
}

func (p *Room) organisationForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	org, err := id.Path[who.OrgID](r, "id")
	if err != nil {
		return err
	}
	if err := may(ctx, "organisation.edit", policy.Resource{}); err != nil {
		return err
	}
	var o Organisation
	if err := p.deps.DB.Read(ctx, func(q db.Q) error { o, err = p.Org(ctx, q, org); return err }); err != nil {
		return err
	}
	parent := ""
	if o.Parent != 0 {
		parent = id.String(o.Parent)
	}
	f := web.NewForm(url.Values{"kind": {string(o.Kind)}, "name": {o.Name}, "number": {o.Number}, "code": {o.Code}, "parent": {parent}, "valid_from": {string(o.ValidFrom)}})
	f.Version = o.Version
	return p.showOrganisationForm(w, r, http.StatusOK, f, org, nil)
}

func (p *Room) saveOrganisation(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	org, err := id.Path[who.OrgID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	o, err := organisationFrom(f)
	o.ID = org
	if err == nil {
		err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
			if err := db.Once(ctx, tx, f.Once); err != nil {
				return err
			}
			return p.changeOrganisation(ctx, tx, o)
		})
	}
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) {
		return p.organisationAgain(w, r, f.WithError(err), org, fail.Is(err, fail.Conflict))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Organisationen är ändrad."))
	return web.Redirect(w, r, "/organisationer/"+id.String(org))
}

// organisationAgain shows the form with what was typed; in a conflict beside
// what is now stored, and with its version.
func (p *Room) organisationAgain(w http.ResponseWriter, r *http.Request, f web.Form, org who.OrgID, conflict bool) error {
	if !conflict {
		return p.showOrganisationForm(w, r, http.StatusUnprocessableEntity, f, org, nil)
	}
	ctx := r.Context()
	var o Organisation
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { o, err = p.Org(ctx, q, org); return err }); err != nil {
		return err
	}
	f.Version = o.Version
	return p.showOrganisationForm(w, r, http.StatusConflict, f, org, &o)
}

func (p *Room) endOrganisationForm(w http.ResponseWriter, r *http.Request) error {
	return p.showEndOrganisation(w, r, http.StatusOK, web.NewForm(nil))
}

func (p *Room) showEndOrganisation(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	org, err := id.Path[who.OrgID](r, "id")
	if err != nil {
		return err
	}
	if err := may(ctx, "organisation.edit", policy.Resource{}); err != nil {
		return err
	}
	var o Organisation
	var options []web.Option
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		if o, err = p.Org(ctx, q, org); err != nil {
			return err
		}
		options, err = p.organisationOptions(ctx, q, "Välj organisation", org)
		return err
	}); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Avsluta organisationen"), NoIndex: true,
		Crumbs: append(crumbs(ctx, organisationCrumbs), web.Crumb{Text: o.Name, Href: "/organisationer/" + id.String(org)})}, endOrganisationPage(f, o, options))
}

func (p *Room) endOrganisation(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	org, err := id.Path[who.OrgID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	last, _ := f.Day("valid_to")
	var successors []who.OrgID
	for _, s := range []string{f.Get("successor"), f.Get("successor-2")} {
		if n, err := id.Parse[who.OrgID](s); err == nil && !slices.Contains(successors, n) {
			successors = append(successors, n)
		}
	}
	err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		return p.EndOrganisation(ctx, tx, org, last, successors, f.Get("reason"))
	})
	if fail.Is(err, fail.Invalid) {
		return p.showEndOrganisation(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Organisationen har fått en sista dag."))
	return web.Redirect(w, r, "/organisationer/"+id.String(org))
}
