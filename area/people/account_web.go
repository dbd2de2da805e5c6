package people

import (
	"net/http"
	"net/url"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// me gives the signed-in person; an integration has no account.
func me(r *http.Request) (who.PersonID, error) {
	actor := who.From(r.Context())
	if err := policy.Check(actor, "account.own", policy.Resource{}); err != nil {
		return 0, err
	}
	if actor.Kind != who.Person {
		return 0, fail.New(fail.Forbidden, "En integration har inget eget konto.")
	}
	return actor.Person, nil
}

// accountView is what the account's page shows.
type accountView struct {
	Person      Person
	HasPassword bool
	Roles       []roleView
	Sessions    []Session
	Current     SessionID
}

func (p *Room) account(w http.ResponseWriter, r *http.Request) error {
	return p.showAccount(w, r, http.StatusOK, nil)
}

func (p *Room) showAccount(w http.ResponseWriter, r *http.Request, status int, sent *web.Form) error {
	ctx := r.Context()
	person, err := me(r)
	if err != nil {
		return err
	}
	var v accountView
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		if v.Person, err = p.Person(ctx, q, person); err != nil {
			return err
		}
		if v.HasPassword, err = hasPassword(ctx, q, person); err != nil {
			return err
		}
		all, err := memberships(ctx, q, person)
		if err != nil {
			return err
		}
		if v.Roles, err = p.roleViews(ctx, q, all); err != nil {
			return err
		}
		v.Sessions, err = sessionsOf(ctx, q, person)
		return err
	}); err != nil {
		return err
	}
	if x := visitOf(ctx); x != nil {
		v.Current = x.session
	}
	f := web.NewForm(url.Values{"name": {v.Person.Name}, "lang": {v.Person.Lang}})
	f.Version = v.Person.Version
	if sent != nil {
		f = *sent
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Mitt konto"), NoIndex: true}, accountPage(f, v))
}

func (p *Room) saveAccount(w http.ResponseWriter, r *http.Request) error {
	person, err := me(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var x Person
	var stored url.Values
	var version int64
	err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		if x, err = p.Person(ctx, tx, person); err != nil {
			return err
		}
		stored = url.Values{"name": {x.Name}, "lang": {x.Lang}}
		version = x.Version
		x.Name, x.Lang, x.Version = f.Get("name"), f.Get("lang"), f.Version
		return p.changeOwn(ctx, tx, x)
	})
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) {
		f = f.WithError(err)
		if fail.Is(err, fail.Conflict) {
			f.Stored, f.Version = stored, version
		}
		return p.showAccount(w, r, fail.Status(err), &f)
	}
	if err != nil {
		return err
	}
	rememberLang(w, p.secure(), x.Lang)
	web.Flash(ctx, web.T(web.WithLang(ctx, x.Lang), "Dina uppgifter är sparade."))
	return web.Redirect(w, r, "/konto")
}

var accountCrumbs = []web.Crumb{{Text: "Mitt konto", Href: "/konto"}}

func (p *Room) passwordForm(w http.ResponseWriter, r *http.Request) error {
	return p.showPassword(w, r, http.StatusOK, web.NewForm(nil))
}

func (p *Room) showPassword(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	person, err := me(r)
	if err != nil {
		return err
	}
	var has bool
	if err := p.deps.DB.Read(ctx, func(q db.Q) error { has, err = hasPassword(ctx, q, person); return err }); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Byt lösenord"), NoIndex: true, Crumbs: crumbs(ctx, accountCrumbs)}, passwordPage(f, has))
}

func (p *Room) changePassword(w http.ResponseWriter, r *http.Request) error {
	person, err := me(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var spare SessionID
	if v := visitOf(ctx); v != nil {
		spare = v.session
	}
	err = p.changeOwnPassword(ctx, person, r.PostForm.Get("present"), r.PostForm.Get("password"), spare)
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.RateLimited) {
		return p.showPassword(w, r, fail.Status(err), f.WithError(err))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Lösenordet är ändrat. Andra inloggningar är avslutade."))
	return web.Redirect(w, r, "/konto")
}

func (p *Room) emailForm(w http.ResponseWriter, r *http.Request) error {
	return p.showEmail(w, r, http.StatusOK, web.NewForm(nil))
}

func (p *Room) showEmail(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	if _, err := me(r); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Byt e-postadress"), NoIndex: true, Crumbs: crumbs(ctx, accountCrumbs)}, emailPage(f))
}

func (p *Room) askNewEmail(w http.ResponseWriter, r *http.Request) error {
	person, err := me(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = p.askEmail(ctx, person, f.Get("email"))
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.RateLimited) {
		return p.showEmail(w, r, fail.Status(err), f.WithError(err))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Vi har skickat en länk till den nya adressen. Öppna den inom två timmar."))
	return web.Redirect(w, r, "/konto")
}

func (p *Room) confirmEmailForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var t ticket
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { t, err = peek(ctx, q, emailTicket, r.PathValue("token")); return err }); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Bekräfta din nya e-postadress"), NoIndex: true}, confirmEmailPage(web.NewForm(nil), t.email))
}

func (p *Room) confirmEmail(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.takeEmail(ctx, r.PathValue("token")); err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Din nya e-postadress gäller nu."))
	return web.Redirect(w, r, "/konto")
}

func (p *Room) endSession(w http.ResponseWriter, r *http.Request) error {
	person, err := me(r)
	if err != nil {
		return err
	}
	s, err := id.Path[SessionID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error { return endOne(ctx, tx, person, s) }); err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Inloggningen är avslutad."))
	return web.Redirect(w, r, "/konto")
}

func (p *Room) signOutEverywhere(w http.ResponseWriter, r *http.Request) error {
	person, err := me(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error { return endSessions(ctx, tx, person, 0) }); err != nil {
		return err
	}
	p.dropCookie(w, "session")
	web.Flash(ctx, web.T(ctx, "Du är utloggad överallt."))
	return web.Redirect(w, r, "/logga-in")
}
