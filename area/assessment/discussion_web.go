package assessment

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
	"kommunpilot/engine/agreement"
)

// discussionPage shows what the assessors said, after the lock.
type discussionPage struct {
	Call     Call
	Alpha    []alphaRow
	Rows     []discussionRow
	Criteria []Criterion
}

// alphaRow is the agreement on one criterion.
type alphaRow struct{ Name, Alpha string }

// discussionRow is one application: the scores by criterion, widest apart first.
type discussionRow struct {
	Application
	Points string
	Cells  []discussionCell
	Mine   ID // the reader's own assessment, to adjust
	Spread int
}

// discussionCell is the scores on one criterion.
type discussionCell struct {
	Scores  string // "3, 5"
	Outlier bool
}

// apart is how many points between two assessors send a score to discussion.
const apart = 2

func (o *Room) discussion(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	cid, err := id.Path[CallID](r, "id")
	if err != nil {
		return err
	}
	var p discussionPage
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) { p, err = o.discussionPage(ctx, q, cid); return err })
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Diskussion"), Lead: p.Call.Title, NoIndex: true, Wide: true, Crumbs: p.Call.crumbs(ctx)}, discussionBody(p))
}

func (o *Room) discussionPage(ctx context.Context, q db.Q, cid CallID) (p discussionPage, err error) {
	if p.Call, err = o.deps.Call(ctx, q, cid); err != nil {
		return p, err
	}
	actor := who.From(ctx)
	all, err := ofCall(ctx, q, cid)
	if err != nil {
		return p, err
	}
	res := p.Call.resource()
	if res.Locked, err = isLocked(ctx, q, cid); err != nil {
		return p, err
	}
	for _, a := range all {
		res.Assigned = append(res.Assigned, a.Person)
		if a.State == Conflict {
			res.Conflicts = append(res.Conflicts, a.Person)
		}
	}
	if err := policy.Check(actor, "assessment.read", res); err != nil {
		return p, err
	}
	apps, err := o.eligible(ctx, q, cid)
	if err != nil {
		return p, err
	}
	byApp := counted(all)
	p.Criteria = p.Call.scored()
	for _, a := range apps {
		row := discussionRow{Application: a}
		if n, ok := Weighted(p.Call.Criteria, byApp[a.ID]); ok {
			row.Points = Points(n)
		}
		for _, k := range p.Criteria {
			cell, spread := cellOf(k, byApp[a.ID])
			row.Cells, row.Spread = append(row.Cells, cell), max(row.Spread, spread)
		}
		for _, x := range byApp[a.ID] {
			if x.Person == actor.Person {
				row.Mine = x.ID
			}
		}
		p.Rows = append(p.Rows, row)
	}
	slices.SortStableFunc(p.Rows, func(a, b discussionRow) int { return b.Spread - a.Spread })
	p.Alpha = alphas(ctx, p.Criteria, apps, byApp)
	return p, nil
}

func cellOf(k Criterion, list []Assessment) (c discussionCell, spread int) {
	var parts []string
	low, high := 0, 0
	for _, a := range list {
		s := a.Scores[k.ID]
		if !s.Given {
			continue
		}
		text := strconv.Itoa(s.Value)
		if s.First != nil {
			text = fmt.Sprintf("%d→%d", *s.First, s.Value)
		}
		if len(parts) == 0 {
			low, high = s.Value, s.Value
		}
		low, high = min(low, s.Value), max(high, s.Value)
		parts = append(parts, text)
	}
	return discussionCell{strings.Join(parts, ", "), high-low >= apart}, high - low
}

// alphas gives Krippendorff's alpha of each scored criterion: interval scale
// for points, nominal for yes or no.
func alphas(ctx context.Context, criteria []Criterion, apps []Application, byApp map[ApplicationID][]Assessment) []alphaRow {
	var people []who.PersonID
	for _, list := range byApp {
		for _, a := range list {
			if !slices.Contains(people, a.Person) {
				people = append(people, a.Person)
			}
		}
	}
	slices.Sort(people)
	var out []alphaRow
	for _, k := range criteria {
		data := make([][]float64, len(people))
		for i, person := range people {
			for _, app := range apps {
				v := agreement.Missing
				for _, a := range byApp[app.ID] {
					if s := a.Scores[k.ID]; a.Person == person && s.Given {
						v = float64(s.Value)
					}
				}
				data[i] = append(data[i], v)
			}
		}
		metric := agreement.Interval
		if k.Step == 1 {
			metric = agreement.Nominal
		}
		row := alphaRow{Name: k.Name, Alpha: web.T(ctx, "går inte att räkna")}
		if v, ok := agreement.Alpha(data, metric); ok {
			row.Alpha = web.Number(ctx, v, 3)
		}
		out = append(out, row)
	}
	return out
}
