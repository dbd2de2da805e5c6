package people

import (
	"net/http"
	"net/url"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// smallForm bounds the body of a form of a few short fields.
const smallForm = 64 << 10

// targetOf is where a person goes after signing in; a page of ours.
func targetOf(to string) string {
	if !web.Local(to) || to == "/" || to == "/logga-in" {
		return "/att-gora"
	}
	return to
}

func (p *Room) signInForm(w http.ResponseWriter, r *http.Request) error {
	to := r.URL.Query().Get("till")
	if who.From(r.Context()).Kind == who.Person {
		return web.Redirect(w, r, targetOf(to))
	}
	return p.showSignIn(w, r, http.StatusOK, web.NewForm(url.Values{"till": {to}}))
}

func (p *Room) showSignIn(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Logga in"), NoIndex: true},
		signInPage(f, signInOptions{Provider: p.deps.OIDC.name(), Example: p.deps.Example, Kept: f.Get("till") == "/dina-uppgifter"}))
}

func (p *Room) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	if err := needed(f, "email", "Skriv din e-postadress.", "password", "Skriv ditt lösenord."); err != nil {
		return p.showSignIn(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	// The password as it was typed: spaces at its ends belong to it.
	x, err := p.authenticate(r.Context(), f.Get("email"), r.PostForm.Get("password"), addressOf(r))
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.RateLimited) {
		return p.showSignIn(w, r, fail.Status(err), f.WithError(err))
	}
	if err != nil {
		return err
	}
	if err := p.enterAs(w, r, x); err != nil {
		return err
	}
	return web.Redirect(w, r, targetOf(f.Get("till")))
}

// needed gives an error for each named field that is empty; pairs of a field's
// name and what to say.
func needed(f web.Form, pairs ...string) error {
	var wrong []fail.Field
	for i := 0; i+1 < len(pairs); i += 2 {
		if f.Get(pairs[i]) == "" {
			wrong = append(wrong, fail.Field{Name: pairs[i], Message: pairs[i+1]})
		}
	}
	return fail.Fields(wrong...)
}

func (p *Room) signOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := visitOf(ctx)
	if v != nil && v.session != 0 {
		if err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error { return endOne(ctx, tx, who.From(ctx).Person, v.session) }); err != nil {
			return err
		}
	}
	p.dropCookie(w, "session")
	p.dropCookie(w, "kvar")
	web.Flash(ctx, web.T(ctx, "Du är utloggad."))
	return web.Redirect(w, r, "/")
}

func (p *Room) forgotForm(w http.ResponseWriter, r *http.Request) error {
	return p.showForgot(w, r, http.StatusOK, web.NewForm(nil))
}

func (p *Room) showForgot(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Glömt lösenordet?"), NoIndex: true,
		Crumbs: []web.Crumb{{Text: web.T(ctx, "Logga in"), Href: "/logga-in"}}}, forgotPage(f))
}

func (p *Room) forgot(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	err = p.askRecovery(r.Context(), f.Get("email"), addressOf(r))
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.RateLimited) {
		return p.showForgot(w, r, fail.Status(err), f.WithError(err))
	}
	if err != nil {
		return err
	}
	ctx := r.Context()
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Titta i din e-post"), NoIndex: true}, forgotSentPage())
}

func (p *Room) resetForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.deps.DB.Read(ctx, func(q db.Q) error { _, err := peek(ctx, q, recoverTicket, r.PathValue("token")); return err }); err != nil {
		return err
	}
	return p.showReset(w, r, http.StatusOK, web.NewForm(nil))
}

func (p *Room) showReset(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	return web.Render(w, r, status, web.Page{Title: web.T(r.Context(), "Välj ett nytt lösenord"), NoIndex: true}, resetPage(f))
}

func (p *Room) reset(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	err = p.recoverAccount(r.Context(), r.PathValue("token"), r.PostForm.Get("password"))
	if fail.Is(err, fail.Invalid) {
		return p.showReset(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	ctx := r.Context()
	p.dropCookie(w, "session")
	web.Flash(ctx, web.T(ctx, "Lösenordet är ändrat. Logga in med det nya."))
	return web.Redirect(w, r, "/logga-in")
}

func (p *Room) firstAdminForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.deps.DB.Read(ctx, func(q db.Q) error { _, err := peek(ctx, q, adminTicket, r.PathValue("token")); return err }); err != nil {
		return err
	}
	return p.showFirstAdmin(w, r, http.StatusOK, web.NewForm(nil))
}

func (p *Room) showFirstAdmin(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Bli den första administratören"), NoIndex: true,
		Lead: web.T(ctx, "Administratören lägger upp organisationer och användare, men ser inte innehållet i ärenden.")}, firstAdminPage(f))
}

func (p *Room) firstAdmin(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	x, err := p.makeFirstAdmin(ctx, r.PathValue("token"), Person{Name: f.Get("name"), Email: f.Get("email"), Lang: web.Lang(ctx)}, r.PostForm.Get("password"))
	if fail.Is(err, fail.Invalid) {
		return p.showFirstAdmin(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	if err := p.enterAs(w, r, x); err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Välkommen! Börja med att lägga upp organisationen som äger programmet och dess användare."))
	return web.Redirect(w, r, "/anvandare")
}
