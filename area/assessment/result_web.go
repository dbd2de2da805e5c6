package assessment

import (
	"context"
	"net/http"
	"slices"

	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
	"kommunpilot/engine/selection"
)

// resultPage is what everybody sees after the decision.
type resultPage struct {
	Call Call
	Runs []resultRun
}

type resultRun struct {
	Run
	KindName string
	Chosen   []string
	Answer   *selection.Answer
	At       string
	Counties int
	Since    []string // what has changed since the decision
}

func (o *Room) result(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	cid, err := id.Path[CallID](r, "id")
	if err != nil {
		return err
	}
	var p resultPage
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) { p, err = o.resultPage(ctx, q, cid); return err })
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Så gjordes urvalet"), Lead: p.Call.Title, Contact: p.Call.Contact, Crumbs: p.Call.crumbs(ctx)}, resultBody(p))
}

func (o *Room) resultPage(ctx context.Context, q db.Q, cid CallID) (p resultPage, err error) {
	if p.Call, err = o.deps.Call(ctx, q, cid); err != nil {
		return p, err
	}
	if err := policy.Check(who.From(ctx), "selection.read_result", p.Call.resource()); err != nil {
		return p, err
	}
	apps, err := o.deps.Applications(ctx, q, cid)
	if err != nil {
		return p, err
	}
	all, err := runs(ctx, q, cid)
	if err != nil {
		return p, err
	}
	for _, x := range all {
		if x.State != Adopted {
			continue
		}
		d, err := o.decided(ctx, q, x.ID)
		if err != nil {
			return p, err
		}
		row := resultRun{Run: x, At: web.Date(ctx, d.At)}
		k, _ := p.Call.kind(x.Kind)
		row.KindName = k.Name
		if row.Answer, err = x.answer(); err != nil {
			return p, err
		}
		counties := map[string]bool{}
		for _, a := range apps {
			if !slices.Contains(d.In, a.ID) {
				continue
			}
			row.Chosen = append(row.Chosen, a.Title)
			for _, code := range a.Codes {
				counties[code[:2]] = true
			}
		}
		row.Counties, row.Since = len(counties), sentences(ctx, d.Since, apps)
		p.Runs = append(p.Runs, row)
	}
	return p, nil
}

// sentences says each replacement since the decision: who left and who stepped in.
func sentences(ctx context.Context, since []Replacement, apps []Application) (out []string) {
	for _, r := range since {
		var gone, in []Candidate
		for _, o := range r.List {
			i := slices.IndexFunc(apps, func(a Application) bool { return a.ID == o.Application })
			switch {
			case i < 0:
			case o.Outcome == left:
				gone = append(gone, Candidate{Application: apps[i]})
			case o.Outcome == "vald":
				in = append(in, Candidate{Application: apps[i]})
			}
		}
		switch {
		case len(in) == 0:
			out = append(out, web.T(ctx, "%s: %s lämnade. Platsen är tom.", web.Date(ctx, r.At), titles(gone)))
		default:
			out = append(out, web.T(ctx, "%s: %s lämnade och %s gick in.", web.Date(ctx, r.At), titles(gone), titles(in)))
		}
	}
	return out
}
