package interest

import (
	"net/http"
	"net/url"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// maxForm is the largest form without files.
const maxForm = 1 << 20

// sectionView is one page to write on.
type sectionView struct {
	view
	s            section
	form         web.Form
	locked       string // why it cannot be changed
	mine, theirs []web.Fact
}

func (n *Room) sectionForm(s section) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := n.load(r)
		if err != nil {
			return err
		}
		f := web.NewForm(s.values(v.m))
		f.Version = v.m.Versions[s.path]
		return n.renderSection(w, r, http.StatusOK, sectionView{view: v, s: s, form: f})
	}
}

func (n *Room) renderSection(w http.ResponseWriter, r *http.Request, status int, v sectionView) error {
	ctx := r.Context()
	if !v.mayEdit {
		v.locked = web.T(ctx, "Du kan läsa men inte ändra.")
	} else if err := v.m.mayChange(v.s.path, v.open); err != nil {
		v.locked = web.T(ctx, err.Error())
	}
	return web.Render(w, r, status, v.page(ctx, web.T(ctx, v.s.title)), sectionPage(v))
}

func (n *Room) sectionSave(s section) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		v, err := n.load(r)
		if err != nil {
			return err
		}
		f, err := web.Bind(r, maxForm)
		if err != nil {
			return err
		}
		content, err := s.read(v.m, f)
		if err != nil {
			return n.renderSection(w, r, fail.Status(err), sectionView{view: v, s: s, form: f.WithError(err)})
		}
		_, err = s.save(ctx, n, v.m.ID, f.Version, content)
		switch {
		case err == nil:
			return n.afterSave(w, r, v, s, f.Get("go"))
		case fail.Is(err, fail.Conflict) && v.m.mayChange(s.path, v.open) == nil:
			return n.sectionConflict(w, r, s, f, content)
		case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
			again := web.Form{Values: s.values(s.with(v.m, content)), Version: f.Version}
			return n.renderSection(w, r, fail.Status(err), sectionView{view: v, s: s, form: again.WithError(err)})
		}
		return err
	}
}

// afterSave goes on: to the same page for more rows, to the overview, or to
// the next page.
func (n *Room) afterSave(w http.ResponseWriter, r *http.Request, v view, s section, to string) error {
	ctx := r.Context()
	if why := v.closed(); why != "" {
		web.Flash(ctx, web.T(ctx, "Sparat som utkast.")+" "+web.T(ctx, why))
	} else {
		web.Flash(ctx, web.T(ctx, "Sparat."))
	}
	switch {
	case to == "mer":
		return web.Redirect(w, r, v.href("/"+s.path))
	case to == "oversikt":
		return web.Redirect(w, r, v.href(""))
	case v.m.State == Completing:
		return web.Redirect(w, r, v.href("/komplettering"))
	}
	return web.Redirect(w, r, v.follows(s.path))
}

// sectionConflict shows both texts where somebody else saved meanwhile. The
// form keeps the person's own words and the new version, so that saving again
// is a choice.
func (n *Room) sectionConflict(w http.ResponseWriter, r *http.Request, s section, f web.Form, content any) error {
	ctx := r.Context()
	v, err := n.load(r)
	if err != nil {
		return err
	}
	again := web.NewForm(s.values(s.with(v.m, content)))
	again.Version = v.m.Versions[s.path]
	again.Message = "Någon annan har sparat den här delen sedan du öppnade den. Inget av det du skrev är borta: jämför, rätta och spara igen."
	return n.renderSection(w, r, http.StatusConflict, sectionView{view: v, s: s, form: again, mine: s.facts(ctx, s.with(v.m, content)), theirs: s.facts(ctx, v.m)})
}

func (n *Room) overview(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	return web.Render(w, r, http.StatusOK, v.page(ctx, v.title(ctx)), overviewPage(v, v.answering(who.From(ctx))))
}

func (n *Room) print(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	return web.Render(w, r, http.StatusOK, v.page(ctx, web.T(ctx, "Utskrift")), printPage(v))
}

func (n *Room) review(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	return n.renderReview(w, r, http.StatusOK, v, web.NewForm(url.Values{"override": {v.m.Override}}))
}

func (n *Room) renderReview(w http.ResponseWriter, r *http.Request, status int, v view, f web.Form) error {
	ctx := r.Context()
	return web.Render(w, r, status, v.page(ctx, web.T(ctx, "Granska och lämna in")), reviewPage(v, f))
}

func (n *Room) submit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := n.load(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	err = n.Submit(ctx, v.m.ID, Sending{Override: f.Get("override"), Once: f.Once})
	switch {
	case err == nil, twice(err):
		return web.Redirect(w, r, v.href("/kvitto"))
	case fail.Is(err, fail.Conflict) && v.m.State == Submitted: // sent from another window
		return web.Redirect(w, r, v.href("/kvitto"))
	case fail.Is(err, fail.Conflict), fail.Is(err, fail.Invalid):
		if v, err2 := n.load(r); err2 == nil {
			return n.renderReview(w, r, fail.Status(err), v, f.WithError(err))
		}
	}
	return err
}

func (n *Room) receipt(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	if v.m.Submitted.IsZero() {
		return web.Redirect(w, r, v.href("/granska"))
	}
	ctx := r.Context()
	var sent []Sent
	if err := n.deps.DB.Read(ctx, func(q db.Q) (err error) { sent, err = sentOf(ctx, q, v.m.ID); return err }); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, v.page(ctx, web.T(ctx, "Kvitto")), receiptPage(v, sent))
}

func (n *Room) askToSign(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := n.load(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	told, err := n.AskToSign(ctx, v.m.ID, f.Once)
	if err != nil && !twice(err) {
		return err
	}
	web.Flash(ctx, web.N(ctx, told, "En företrädare har fått besked.", "%d företrädare har fått besked."))
	return web.Redirect(w, r, v.href("/granska"))
}

func (n *Room) withdrawForm(w http.ResponseWriter, r *http.Request) error {
	v, err := n.loadFor(r, "application.withdraw")
	if err != nil {
		return err
	}
	return n.renderWithdraw(w, r, http.StatusOK, v, web.NewForm(nil))
}

func (n *Room) renderWithdraw(w http.ResponseWriter, r *http.Request, status int, v view, f web.Form) error {
	ctx := r.Context()
	return web.Render(w, r, status, v.page(ctx, web.T(ctx, "Återta intresseanmälan")), withdrawPage(v, f))
}

func (n *Room) withdraw(w http.ResponseWriter, r *http.Request) error {
	v, err := n.loadFor(r, "application.withdraw")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = n.Withdraw(ctx, v.m.ID, f.Get("motive"), f.Once)
	if fail.Is(err, fail.Invalid) {
		return n.renderWithdraw(w, r, fail.Status(err), v, f.WithError(err))
	}
	if err != nil && !twice(err) {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Intresseanmälan är återtagen."))
	return web.Redirect(w, r, v.href(""))
}

// loadFor is load for those who may do something that the lead decides on.
func (n *Room) loadFor(r *http.Request, action string) (view, error) {
	v, err := n.load(r)
	if err != nil {
		return v, err
	}
	return v, may(r.Context(), action, v.m.led())
}
