package people

import (
	"context"
	"net/http"
	"net/url"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

type integrationView struct {
	Integration
	State, OrgName, RoleName, ReceiverName string
	MayFetch                               bool
	Key                                    string // shown once
}

func (p *Room) integrationViews(ctx context.Context, q db.Q, all []Integration) ([]integrationView, error) {
	var orgs []who.OrgID
	var persons []who.PersonID
	for _, i := range all {
		orgs, persons = append(orgs, i.Org), append(persons, i.Receiver)
	}
	names, err := p.OrgNames(ctx, q, orgs)
	if err != nil {
		return nil, err
	}
	receivers, err := p.PersonNames(ctx, q, persons)
	var out []integrationView
	for _, i := range all {
		state := i.State(calendar.Of(q.Now()))
		out = append(out, integrationView{Integration: i, State: state, OrgName: names[i.Org], RoleName: i.Role.Name(),
			ReceiverName: receivers[i.Receiver], MayFetch: state == vantar && i.Receiver == who.From(ctx).Person})
	}
	return out, err
}

var integrationCrumbs = []web.Crumb{{Text: "Integrationer", Href: "/integrationer"}}

func (p *Room) integrations(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := me(r); err != nil {
		return err
	}
	var rows []integrationView
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		all, err := visibleIntegrations(ctx, q)
		if err != nil {
			return err
		}
		rows, err = p.integrationViews(ctx, q, all)
		return err
	}); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Integrationer"), Wide: true, NoIndex: true},
		integrationsPage(rows, policy.Allowed(who.From(ctx), "token.edit", policy.Resource{})))
}

func (p *Room) newIntegrationForm(w http.ResponseWriter, r *http.Request) error {
	return p.showNewIntegration(w, r, http.StatusOK, web.NewForm(url.Values{"last": {string(p.today().AddDays(365))}}))
}

func (p *Room) showNewIntegration(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	if err := may(ctx, "token.edit", policy.Resource{}); err != nil {
		return err
	}
	var o grantOptions
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) {
		if o.Orgs, err = p.organisationOptions(ctx, q, "Välj organisation", 0); err != nil {
			return err
		}
		o.Programmes, err = p.programmeOptions(ctx, q)
		return err
	}); err != nil {
		return err
	}
	o.Roles = []web.Option{{Value: "", Label: web.T(ctx, "Välj roll")}}
	for _, x := range who.Roles {
		if x.Role != who.Administrator && x.Role != who.Allmanhet {
			o.Roles = append(o.Roles, web.Option{Value: string(x.Role), Label: web.T(ctx, x.Name)})
		}
	}
	var scopes []web.Option
	for _, s := range integrationScopes() {
		scopes = append(scopes, web.Option{Value: s, Label: actText(ctx, s), Hint: s})
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Lägg till en integration"), NoIndex: true, Crumbs: crumbs(ctx, integrationCrumbs)},
		newIntegrationPage(f, o, scopes))
}

func (p *Room) newIntegration(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := may(ctx, "token.edit", policy.Resource{}); err != nil {
		return err
	}
	org, _ := f.Int("org")
	programme, _ := f.Int("programme")
	last, _ := f.Day("last")
	i := Integration{Name: f.Get("name"), Org: who.OrgID(org), Programme: who.ProgrammeID(programme), Role: who.Role(f.Get("role")),
		Scopes: f.All("scopes"), Expires: tomorrowOf(last)}
	err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		x, err := p.PersonByEmail(ctx, tx, f.Get("receiver"))
		if err != nil && !fail.Is(err, fail.NotFound) {
			return err
		}
		i.Receiver = x.ID
		i.ID, err = p.CreateIntegration(ctx, tx, i)
		return err
	})
	if fail.Is(err, fail.Invalid) {
		return p.showNewIntegration(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Integrationen är upplagd. Mottagaren har fått ett brev om att hämta nyckeln."))
	return web.Redirect(w, r, "/integrationer/"+id.String(i.ID))
}

func (p *Room) integration(w http.ResponseWriter, r *http.Request) error {
	return p.showIntegration(w, r, http.StatusOK, web.NewForm(nil), "")
}

func (p *Room) showIntegration(w http.ResponseWriter, r *http.Request, status int, f web.Form, key string) error {
	ctx := r.Context()
	if _, err := me(r); err != nil {
		return err
	}
	i, err := id.Path[IntegrationID](r, "id")
	if err != nil {
		return err
	}
	var v integrationView
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		x, err := p.integrationByID(ctx, q, i)
		if err != nil {
			return err
		}
		views, err := p.integrationViews(ctx, q, []Integration{x})
		if err != nil {
			return err
		}
		v = views[0]
		return nil
	}); err != nil {
		return err
	}
	v.Key = key
	return web.Render(w, r, status, web.Page{Title: v.Name, NoIndex: true, Crumbs: crumbs(ctx, integrationCrumbs)}, integrationPage(f, v))
}

// fetchKey shows the key on this one page, which is not stored by browsers.
func (p *Room) fetchKey(w http.ResponseWriter, r *http.Request) error {
	if _, err := me(r); err != nil {
		return err
	}
	i, err := id.Path[IntegrationID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var key string
	if err := p.deps.DB.Write(ctx, func(tx *db.Tx) error { key, err = p.FetchKey(ctx, tx, i); return err }); err != nil {
		return err
	}
	return p.showIntegration(w, r, http.StatusOK, web.NewForm(nil), key)
}

func (p *Room) endIntegration(w http.ResponseWriter, r *http.Request) error {
	if _, err := me(r); err != nil {
		return err
	}
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	i, err := id.Path[IntegrationID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		return p.EndIntegration(ctx, tx, i, f.Get("reason"))
	})
	if fail.Is(err, fail.Invalid) {
		return p.showIntegration(w, r, http.StatusUnprocessableEntity, f.WithError(err), "")
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Nyckeln är avslutad och fungerar inte längre."))
	return web.Redirect(w, r, "/integrationer/"+id.String(i))
}
