package people

import (
	"context"
	"strings"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// logReach is which entries of the audit log an actor may see. The
// administrator sees that acts happened, not what they carried (rule 1). An
// owner or registrar reads those of the own programmes; a municipality's
// representative and a project owner those about the own organisation.
type logReach struct {
	all        bool
	programmes []who.ProgrammeID
	orgs       []who.OrgID
}

func (p *Room) logReach(ctx context.Context, q db.Q) (l logReach, err error) {
	a := who.From(ctx)
	l.all = a.Kind == who.Person && a.Has(who.Administrator)
	programmes, err := p.programmes(ctx, q)
	if err != nil {
		return l, err
	}
	for _, g := range programmes {
		if policy.Allowed(a, "audit.read", policy.Resource{Programme: g.ID, Owners: g.Owners}) {
			l.programmes = append(l.programmes, g.ID)
		}
	}
	for _, org := range a.Orgs() {
		if org != 0 && policy.Allowed(a, "audit.read", policy.Resource{Members: []who.OrgID{org}}) {
			l.orgs = append(l.orgs, org)
		}
	}
	return l, nil
}

// ownNouns are the things that an organisation's own representative may follow
// in the log. Assessment and selection are not among them: what they carried
// is shown on their own pages, after the decision.
var ownNouns = []string{"people", "organisation", "token", "application", "decision", "participation", "invitation"}

// where gives the condition that leaves in what may be seen.
func (l logReach) where() (string, []any) {
	if l.all {
		return `1 = 1`, nil
	}
	parts, args := []string{`1 = 0`}, []any(nil)
	if len(l.programmes) > 0 {
		parts, args = append(parts, `programme_id IN (`+marks(len(l.programmes))+`)`), append(args, anys(l.programmes)...)
	}
	if len(l.orgs) > 0 {
		var nouns []string
		args = append(args, anys(l.orgs)...)
		for _, n := range ownNouns {
			nouns, args = append(nouns, `act LIKE ?`), append(args, n+".%")
		}
		parts = append(parts, `(org_id IN (`+marks(len(l.orgs))+`) AND (`+strings.Join(nouns, ` OR `)+`))`)
	}
	return `(` + strings.Join(parts, ` OR `) + `)`, args
}

// content tells whether what the entry carried may be shown as well.
func (l logReach) content(e audit.Record) bool {
	noun, verb, _ := strings.Cut(e.Act, ".")
	for _, g := range l.programmes {
		if g == e.Programme {
			// Blind scores and drafts that have not been sent are the owner's
			// to see on their own pages, when the rules open them.
			return noun != "assessment" && (noun != "application" || verb != "edit" && verb != "create")
		}
	}
	for _, o := range l.orgs {
		if o == e.Org {
			for _, n := range ownNouns {
				if n == noun {
					return true
				}
			}
		}
	}
	return false
}

// entries lists what may be seen below the entry before (0: the newest), newest
// first; object narrows it to one thing.
func (l logReach) entries(ctx context.Context, q db.Q, object string, before int64, limit int) ([]audit.Record, error) {
	where, args := l.where()
	if object != "" {
		where, args = where+` AND object = ?`, append(args, object)
	}
	if before > 0 {
		where, args = where+` AND seq < ?`, append(args, before)
	}
	all, err := db.All(ctx, q, func(r db.Row) (e audit.Record, err error) {
		return e, r.Scan(&e.Seq, &e.At, &e.Kind, &e.Person, &e.Act, &e.Object, &e.Programme, &e.Org, &e.Reason, &e.Data, &e.Hash)
	}, `SELECT seq, at, kind, person_id, act, object, programme_id, org_id, reason, data, hash FROM audit WHERE `+where+` ORDER BY seq DESC LIMIT ?`, append(args, limit)...)
	for i := range all {
		if !l.content(all[i]) {
			all[i].Reason, all[i].Data = "", ""
		}
	}
	return all, err
}

// actCount is how many times an act has been done.
type actCount struct {
	Act   string
	Count int
}

// actCounts counts all acts by sort; no person or thing shows.
func actCounts(ctx context.Context, q db.Q) ([]actCount, error) {
	return db.All(ctx, q, func(r db.Row) (c actCount, err error) { return c, r.Scan(&c.Act, &c.Count) },
		`SELECT act, COUNT(*) FROM audit GROUP BY act ORDER BY act`)
}
