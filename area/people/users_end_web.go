package people

import (
	"net/http"
	"net/url"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
)

func (p *Room) endRoleForm(w http.ResponseWriter, r *http.Request) error {
	return p.showEndRole(w, r, http.StatusOK, web.NewForm(url.Values{"last": {string(p.today())}}))
}

func (p *Room) showEndRole(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	role, err := id.Path[MembershipID](r, "roll")
	if err != nil {
		return err
	}
	var v roleView
	var x Person
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		m, err := membership(ctx, q, role)
		if err != nil {
			return err
		}
		if err := may(ctx, "people.edit", grantResource(m)); err != nil {
			return err
		}
		if id.String(m.Person) != r.PathValue("id") {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		if x, err = p.Person(ctx, q, m.Person); err != nil {
			return err
		}
		views, err := p.roleViews(ctx, q, []Membership{m})
		if err != nil {
			return err
		}
		v = views[0]
		return nil
	}); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Avsluta en roll"), NoIndex: true,
		Crumbs: append(crumbs(ctx, []web.Crumb{{Text: "Användare", Href: "/anvandare"}}), web.Crumb{Text: x.Name, Href: "/anvandare/" + id.String(x.ID)})},
		endRolePage(f, x, v))
}

func (p *Room) endRole(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	role, err := id.Path[MembershipID](r, "roll")
	if err != nil {
		return err
	}
	ctx := r.Context()
	last, ok := f.Day("last")
	if !ok {
		last = ""
	}
	err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		return p.EndGrant(ctx, tx, role, last, f.Get("reason"))
	})
	if fail.Is(err, fail.Invalid) {
		return p.showEndRole(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Rollen får en sista dag. Rätten upphör av sig själv."))
	return web.Redirect(w, r, "/anvandare/"+r.PathValue("id"))
}

// inviteForm lets the invited choose a password.
func (p *Room) inviteForm(w http.ResponseWriter, r *http.Request) error {
	x, err := p.invited(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return p.showInvite(w, r, http.StatusOK, web.NewForm(url.Values{"name": {x.Name}}), x)
}

func (p *Room) showInvite(w http.ResponseWriter, r *http.Request, status int, f web.Form, x Person) error {
	ctx := r.Context()
	var roles []roleView
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		all, err := memberships(ctx, q, x.ID)
		if err != nil {
			return err
		}
		roles, err = p.roleViews(ctx, q, all)
		return err
	}); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Välkommen till Kommunpilot"), NoIndex: true}, invitePage(f, x, roles))
}

func (p *Room) acceptInvite(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	x, err := p.accept(ctx, r.PathValue("token"), f.Get("name"), r.PostForm.Get("password"))
	if fail.Is(err, fail.Invalid) {
		return p.showInvite(w, r, http.StatusUnprocessableEntity, f.WithError(err), x)
	}
	if err != nil {
		return err
	}
	if err := p.enterAs(w, r, x); err != nil {
		return err
	}
	return web.Redirect(w, r, "/att-gora")
}
