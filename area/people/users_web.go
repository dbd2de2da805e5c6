package people

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// pageSize is how many rows a page of a list has.
const pageSize = 50

// paged cuts out the page that the request asks for, with links to its
// neighbours.
func paged[T any](r *http.Request, all []T) (some []T, previous, next string) {
	n, _ := strconv.Atoi(r.URL.Query().Get("sida"))
	n = max(1, min(n, (len(all)+pageSize-1)/pageSize))
	link := func(n int) string {
		v := r.URL.Query()
		v.Set("sida", strconv.Itoa(n))
		return r.URL.Path + "?" + v.Encode()
	}
	if n > 1 {
		previous = link(n - 1)
	}
	if n*pageSize < len(all) {
		next = link(n + 1)
	}
	return all[min((n-1)*pageSize, len(all)):min(n*pageSize, len(all))], previous, next
}

// crumbs gives the path with its texts in the reader's language.
func crumbs(ctx context.Context, list []web.Crumb) []web.Crumb {
	out := slices.Clone(list)
	for i := range out {
		out[i].Text = web.T(ctx, out[i].Text)
	}
	return out
}

// roleView is a role as a page shows it.
type roleView struct {
	Membership
	RoleName, OrgName, ProgrammeName, GivenBy, State string
	MayEnd                                           bool
}

// roleViews finds the names that go with the roles.
func (p *Room) roleViews(ctx context.Context, q db.Q, all []Membership) ([]roleView, error) {
	actor, today := who.From(ctx), calendar.Of(q.Now())
	var orgs []who.OrgID
	var givers []who.PersonID
	for _, m := range all {
		orgs, givers = append(orgs, m.Org), append(givers, m.GrantedBy)
	}
	names, err := p.OrgNames(ctx, q, orgs)
	if err != nil {
		return nil, err
	}
	persons, err := p.PersonNames(ctx, q, givers)
	if err != nil {
		return nil, err
	}
	programmes, err := p.programmes(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []roleView
	for _, m := range all {
		v := roleView{Membership: m, RoleName: m.Role.Name(), OrgName: names[m.Org], GivenBy: persons[m.GrantedBy], State: m.State(today),
			MayEnd: m.State(today) != avslutad && m.Person != actor.Person && mayGrant(actor, m.Role, m.Org) && policy.Allowed(actor, "people.edit", grantResource(m))}
		for _, g := range programmes {
			if g.ID == m.Programme {
				v.ProgrammeName = g.Name
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// userRow is a person in the list.
type userRow struct {
	Person
	Roles []roleView
}

type usersView struct {
	Query, Previous, Next string
	Count                 int
	Rows                  []userRow
	MayInvite             bool
}

func (p *Room) people(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	within, err := checkReach(who.From(ctx), "people.read")
	if err != nil {
		return err
	}
	v := usersView{Query: strings.TrimSpace(r.URL.Query().Get("q")), MayInvite: !reachOf(who.From(ctx), "people.edit").none()}
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		all, err := p.users(ctx, q, within, v.Query)
		if err != nil {
			return err
		}
		v.Count = len(all)
		var some []Person
		some, v.Previous, v.Next = paged(r, all)
		v.Rows, err = p.userRows(ctx, q, within, some)
		return err
	}); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Användare"), Wide: true, NoIndex: true}, usersPage(v))
}

// userRows adds the roles that are in force or to come, within reach.
func (p *Room) userRows(ctx context.Context, q db.Q, within reach, persons []Person) ([]userRow, error) {
	roles, err := rolesOf(ctx, q, persons)
	if err != nil {
		return nil, err
	}
	today := calendar.Of(q.Now())
	var rows []userRow
	for _, x := range persons {
		now := slices.DeleteFunc(roles[x.ID], func(m Membership) bool { return m.State(today) == avslutad || !within.has(m.Org) })
		views, err := p.roleViews(ctx, q, now)
		if err != nil {
			return nil, err
		}
		rows = append(rows, userRow{x, views})
	}
	return rows, nil
}

// grantOptions are the choices of a form that gives a role.
type grantOptions struct {
	Orgs, Roles, Programmes []web.Option
}

func (p *Room) grantOptions(ctx context.Context, q db.Q) (o grantOptions, err error) {
	actor := who.From(ctx)
	within := reachOf(actor, "people.edit")
	orgs, err := p.Organisations(ctx, q)
	if err != nil {
		return o, err
	}
	o.Orgs = []web.Option{{Value: "", Label: web.T(ctx, "Välj organisation")}}
	roles := map[who.Role]bool{}
	if within.all {
		o.Orgs[0].Label = web.T(ctx, "Hela plattformen (bara administratör)")
		roles[who.Administrator] = true
	}
	for _, org := range orgs {
		if within.has(org.ID) && org.State(calendar.Of(q.Now())) == aktiv {
			o.Orgs = append(o.Orgs, web.Option{Value: id.String(org.ID), Label: org.Name})
			for _, role := range rolesToGrant(actor, org.ID) {
				roles[role] = true
			}
		}
	}
	o.Roles = []web.Option{{Value: "", Label: web.T(ctx, "Välj roll")}}
	for _, x := range who.Roles {
		if roles[x.Role] {
			o.Roles = append(o.Roles, web.Option{Value: string(x.Role), Label: web.T(ctx, x.Name)})
		}
	}
	o.Programmes, err = p.programmeOptions(ctx, q)
	return o, err
}

func (p *Room) programmeOptions(ctx context.Context, q db.Q) ([]web.Option, error) {
	programmes, err := p.programmes(ctx, q)
	out := []web.Option{{Value: "", Label: web.T(ctx, "Alla program som organisationen deltar i")}}
	for _, g := range programmes {
		out = append(out, web.Option{Value: id.String(g.ID), Label: g.Name})
	}
	return out, err
}

// grantFrom reads a role from a form.
func grantFrom(f web.Form) (Membership, error) {
	var wrong []fail.Field
	m := Membership{Role: who.Role(f.Get("role"))}
	number := func(name string) int64 {
		n, ok := f.Int(name)
		if f.Get(name) != "" && (!ok || n <= 0) {
			wrong = append(wrong, fail.Field{Name: name, Message: "Välj i listan."})
		}
		return n
	}
	day := func(name string) calendar.Date {
		d, ok := f.Day(name)
		if !ok {
			wrong = append(wrong, fail.Field{Name: name, Message: "Skriv datumet som år-månad-dag, till exempel 2026-03-31."})
		}
		return d
	}
	m.Org, m.Programme = who.OrgID(number("org")), who.ProgrammeID(number("programme"))
	m.From = day("from")
	m.To = tomorrowOf(day("to"))
	return m, fail.Fields(wrong...)
}

func (p *Room) newPersonForm(w http.ResponseWriter, r *http.Request) error {
	return p.showNewPerson(w, r, http.StatusOK, web.NewForm(url.Values{"from": {string(p.today())}, "org": {r.URL.Query().Get("org")}}))
}

func (p *Room) showNewPerson(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	if _, err := checkReach(who.From(ctx), "people.edit"); err != nil {
		return err
	}
	var o grantOptions
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { o, err = p.grantOptions(ctx, q); return err }); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Bjud in en person"), NoIndex: true,
		Crumbs: crumbs(ctx, []web.Crumb{{Text: "Användare", Href: "/anvandare"}})}, newPersonPage(f, o))
}

func (p *Room) newPerson(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if _, err := checkReach(who.From(ctx), "people.edit"); err != nil {
		return err
	}
	var person who.PersonID
	m, err := grantFrom(f)
	if err == nil {
		err = p.deps.DB.Write(ctx, func(tx *db.Tx) (err error) {
			if err := db.Once(ctx, tx, f.Once); err != nil {
				return err
			}
			person, err = p.invite(ctx, tx, Person{Name: f.Get("name"), Email: f.Get("email"), Lang: "sv"}, m)
			return err
		})
	}
	if fail.Is(err, fail.Invalid) {
		return p.showNewPerson(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Rollen är given och ett brev är på väg till %s.", f.Get("email")))
	return web.Redirect(w, r, "/anvandare/"+id.String(person))
}

type personView struct {
	Person
	Roles       []roleView
	HasPassword bool
	MayGrant    bool
	Options     grantOptions
}

func (p *Room) person(w http.ResponseWriter, r *http.Request) error {
	return p.showPerson(w, r, http.StatusOK, web.NewForm(url.Values{"from": {string(p.today())}}))
}

func (p *Room) showPerson(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	actor := who.From(ctx)
	within, err := checkReach(actor, "people.read")
	if err != nil {
		return err
	}
	person, err := id.Path[who.PersonID](r, "id")
	if err != nil {
		return err
	}
	var v personView
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		if v.Person, err = p.Person(ctx, q, person); err != nil {
			return err
		}
		all, err := memberships(ctx, q, person)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(m Membership) bool { return !within.has(m.Org) })
		if !within.all && len(all) == 0 {
			return policy.Check(actor, "people.read", policy.Resource{})
		}
		if v.Roles, err = p.roleViews(ctx, q, all); err != nil {
			return err
		}
		if v.HasPassword, err = hasPassword(ctx, q, person); err != nil {
			return err
		}
		v.MayGrant = !reachOf(actor, "people.edit").none() && actor.Person != person
		v.Options, err = p.grantOptions(ctx, q)
		return err
	}); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: v.Name, NoIndex: true,
		Crumbs: crumbs(ctx, []web.Crumb{{Text: "Användare", Href: "/anvandare"}})}, personPage(f, v))
}

func (p *Room) grantRole(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	person, err := id.Path[who.PersonID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	if _, err := checkReach(who.From(ctx), "people.edit"); err != nil {
		return err
	}
	m, err := grantFrom(f)
	m.Person = person
	if err == nil {
		err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
			if err := db.Once(ctx, tx, f.Once); err != nil {
				return err
			}
			x, err := p.Person(ctx, tx, person)
			if err != nil {
				return err
			}
			if _, err := p.Grant(ctx, tx, m); err != nil {
				return err
			}
			return p.tellGranted(ctx, tx, x, m)
		})
	}
	if fail.Is(err, fail.Invalid) {
		return p.showPerson(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Rollen är given."))
	return web.Redirect(w, r, "/anvandare/"+id.String(person))
}

// inviteAgain sends a new link to one who has not chosen a password.
func (p *Room) inviteAgain(w http.ResponseWriter, r *http.Request) error {
	person, err := id.Path[who.PersonID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	within, err := checkReach(who.From(ctx), "people.edit")
	if err != nil {
		return err
	}
	err = p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		x, err := p.Person(ctx, tx, person)
		if err != nil {
			return err
		}
		all, err := memberships(ctx, tx, person)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(m Membership) bool { return !within.has(m.Org) || m.State(calendar.Of(tx.Now())) == avslutad })
		if len(all) == 0 {
			return policy.Check(who.From(ctx), "people.edit", policy.Resource{Creator: who.From(ctx).Person})
		}
		if has, err := hasPassword(ctx, tx, person); err != nil || has {
			if err == nil {
				err = fail.New(fail.Conflict, "Personen har redan valt ett lösenord och kan logga in.")
			}
			return err
		}
		if err := recoverLimit.take(ctx, tx, object("invite", person)); err != nil {
			return err
		}
		return p.tellGranted(ctx, tx, x, all[0])
	})
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "En ny inbjudan är på väg."))
	return web.Redirect(w, r, "/anvandare/"+id.String(person))
}
