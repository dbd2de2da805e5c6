package programme

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// SaveRules stores the programme's rules, its calendar and its partners over
// the version that was read.
func (o *Room) SaveRules(ctx context.Context, pid who.ProgrammeID, rules []Rule, calendar, partners []string, version int64, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := o.programme(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := policy.Check(who.From(ctx), "ruleset.edit", p.resource()); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		p.Rules, p.Calendar, p.Partners = rules, calendar, partners
		content, err := json.Marshal(p.About)
		if err != nil {
			return err
		}
		if err := db.Changed(tx.Exec(ctx, `UPDATE programme SET content = ?, version = version + 1 WHERE id = ? AND version = ?`, string(content), pid, version)); err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "ruleset.edit", Object: "programme:" + id.String(pid), Programme: pid, Data: map[string]any{"rules": rules, "calendar": calendar, "partners": partners}})
		return nil
	})
}

func (o *Room) rulesForm(w http.ResponseWriter, r *http.Request) error {
	return o.renderRules(w, r, http.StatusOK, nil)
}

// renderRules shows the form; f nil is what is stored.
func (o *Room) renderRules(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	pid, err := id.Path[who.ProgrammeID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var p Programme
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.programme(ctx, q, pid); err != nil {
			return err
		}
		return policy.Check(who.From(ctx), "ruleset.edit", p.resource())
	})
	if err != nil {
		return err
	}
	if f == nil {
		form := web.NewForm(url.Values{"rules": {rulesText(p.Rules)}, "calendar": {strings.Join(p.Calendar, "\n")}, "partners": {strings.Join(p.Partners, "\n")}})
		f = &form
	}
	stored := status == http.StatusConflict
	f.Version = p.Version
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Programmets regler"), Lead: p.Name, NoIndex: true,
		Crumbs: []web.Crumb{{Text: p.Name, Href: "/program/" + id.String(pid)}}}, rulesBody(*f, p, stored))
}

func (o *Room) saveRules(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProgrammeID](r, "id")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	rules, problems := readRules(f.Get("rules"))
	if err = fail.Fields(problems...); err == nil {
		err = o.SaveRules(ctx, pid, rules, web.SplitLines(f.Get("calendar")), web.SplitLines(f.Get("partners")), f.Version, f.Once)
	}
	switch {
	case err == nil, errors.Is(err, db.ErrTwice):
		web.Flash(ctx, web.T(ctx, "Sparat."))
		return web.Redirect(w, r, "/program/"+id.String(pid))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		f = f.WithError(err)
		return o.renderRules(w, r, fail.Status(err), &f)
	}
	return err
}
