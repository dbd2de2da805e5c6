package assessment

import (
	"net/http"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// replacePage shows who steps in.
type replacePage struct {
	Run       Run
	Of        Call
	R         Replacement
	Titles    map[string]string
	MayDecide bool
	Form      web.Form
}

func (o *Room) replacement(w http.ResponseWriter, r *http.Request) error {
	return o.renderReplacement(w, r, http.StatusOK, web.NewForm(nil))
}

func (o *Room) renderReplacement(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	rid, err := id.Path[RunID](r, "id")
	if err != nil {
		return err
	}
	p := replacePage{Form: f, Titles: map[string]string{}}
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p.Run, p.Of, err = o.runAt(ctx, q, rid, "selection.read"); err != nil {
			return err
		}
		if p.R, err = o.ReplacementOf(ctx, q, p.Run, p.Of); err != nil {
			return err
		}
		apps, err := o.deps.Applications(ctx, q, p.Of.ID)
		if err != nil {
			return err
		}
		for _, a := range apps {
			p.Titles[id.String(a.ID)] = a.Title
		}
		res, err := deciding(ctx, q, p.Of)
		p.MayDecide = policy.Allowed(who.From(ctx), "selection.decide", res)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Reserver och ersättare"), Lead: p.Of.Title, NoIndex: true,
		Crumbs: p.Of.crumbs(ctx, web.Crumb{Text: web.T(ctx, "Urvalskörning %d", p.Run.ID), Href: "/urval/" + id.String(p.Run.ID)})}, replacementBody(p))
}

func (o *Room) postReplacement(w http.ResponseWriter, r *http.Request) error {
	rid, f, err := postedRun(r)
	if err != nil {
		return err
	}
	err = o.Replace(r.Context(), rid, f.Get("reason"), f.Once)
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) {
		return o.renderReplacement(w, r, fail.Status(err), f.WithError(err))
	}
	if err != nil {
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), "Platsen är fylld och brevet är skickat."))
	return web.Redirect(w, r, "/urval/"+id.String(rid)+"/ersattning")
}
