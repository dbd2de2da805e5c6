package people

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// logRow is an entry as the page and the file show it.
type logRow struct {
	audit.Record
	Who, OrgName string
	Content      bool
}

type logView struct {
	Object   string
	Rows     []logRow
	Next     string
	Narrow   bool // only that acts happened
	CSV      string
	MayCount bool
}

func (p *Room) log(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := policy.Check(who.From(ctx), "audit.list", policy.Resource{}); err != nil {
		return err
	}
	query := r.URL.Query()
	before, _ := strconv.ParseInt(query.Get("fore"), 10, 64)
	v := logView{Object: strings.TrimSpace(query.Get("objekt")), MayCount: policy.Allowed(who.From(ctx), "audit.aggregate", policy.Resource{})}
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		l, err := p.logReach(ctx, q)
		if err != nil {
			return err
		}
		v.Narrow = l.all
		all, err := l.entries(ctx, q, v.Object, before, pageSize+1)
		if err != nil {
			return err
		}
		if len(all) > pageSize {
			all = all[:pageSize]
			query.Set("fore", strconv.FormatInt(all[pageSize-1].Seq, 10))
			v.Next = "/logg?" + query.Encode()
		}
		v.Rows, err = p.logRows(ctx, q, l, all)
		return err
	}); err != nil {
		return err
	}
	query.Del("fore")
	v.CSV = "/logg.csv?" + query.Encode()
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Logg"), Wide: true, NoIndex: true,
		Lead: web.T(ctx, "Allt som har gjorts, i den ordning det gjordes. Ingen kan ändra eller ta bort en rad utan att det syns.")}, logPage(v))
}

func (p *Room) logRows(ctx context.Context, q db.Q, l logReach, all []audit.Record) ([]logRow, error) {
	var persons []who.PersonID
	var orgs []who.OrgID
	for _, e := range all {
		persons, orgs = append(persons, e.Person), append(orgs, e.Org)
	}
	names, err := p.PersonNames(ctx, q, uniq(persons))
	if err != nil {
		return nil, err
	}
	orgNames, err := p.OrgNames(ctx, q, uniq(orgs))
	if err != nil {
		return nil, err
	}
	var out []logRow
	for _, e := range all {
		row := logRow{Record: e, Who: names[e.Person], OrgName: orgNames[e.Org], Content: l.content(e)}
		switch e.Kind {
		case who.Token:
			row.Who = web.T(ctx, "En integration")
		case who.Public:
			row.Who = web.T(ctx, "Allmänhet")
		}
		out = append(out, row)
	}
	return out, nil
}

func uniq[T comparable](list []T) []T {
	seen := map[T]bool{}
	var out []T
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// maxExport is how many entries a file holds.
const maxExport = 10000

func (p *Room) logCSV(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := policy.Check(who.From(ctx), "audit.list", policy.Resource{}); err != nil {
		return err
	}
	var rows []logRow
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		l, err := p.logReach(ctx, q)
		if err != nil {
			return err
		}
		all, err := l.entries(ctx, q, strings.TrimSpace(r.URL.Query().Get("objekt")), 0, maxExport)
		for start := 0; err == nil && start < len(all); start += 500 {
			var some []logRow
			some, err = p.logRows(ctx, q, l, all[start:min(start+500, len(all))])
			rows = append(rows, some...)
		}
		return err
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="logg.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"nummer", "tid", "vem", "handling", "objekt", "organisation", "program", "motiv", "innehall", "hash"})
	for _, e := range rows {
		_ = out.Write([]string{strconv.FormatInt(e.Seq, 10), e.At.In(calendar.Stockholm).Format(time.RFC3339), harmless(e.Who), e.Act, e.Object,
			harmless(e.OrgName), strconv.FormatInt(int64(e.Programme), 10), harmless(e.Reason), harmless(e.Data), e.Hash})
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a spreadsheet from reading a text as a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

type chainView struct {
	audit.Verified
	Problem string
	At      time.Time
}

// chain follows the whole log and says whether it holds.
func (p *Room) chain(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := policy.Check(who.From(ctx), "audit.list", policy.Resource{}); err != nil {
		return err
	}
	var v chainView
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		var err error
		v.At = q.Now()
		if v.Verified, err = audit.Verify(ctx, q); err != nil {
			if ctx.Err() != nil {
				return err
			}
			p.deps.Log.ErrorContext(ctx, "the audit chain is broken", "err", err)
			v.Problem = err.Error()
		}
		return nil
	}); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Kontroll av loggen"), NoIndex: true,
		Crumbs: crumbs(ctx, []web.Crumb{{Text: "Logg", Href: "/logg"}})}, chainPage(v))
}

// logSummary counts acts by sort, for those who may see no single one.
func (p *Room) logSummary(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := policy.Check(who.From(ctx), "audit.aggregate", policy.Resource{}); err != nil {
		return err
	}
	var counts []actCount
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { counts, err = actCounts(ctx, q); return err }); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Handlingar i sammandrag"), NoIndex: true}, logSummaryPage(counts))
}
