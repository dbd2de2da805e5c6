package interest

import (
	"context"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/who"
)

// Filter chooses among a call's applications. Empty fields choose all.
type Filter struct {
	State  State
	County string
	Group  string // main group or sub-group
	Kind   string
	Text   string // part of an applicant's name, or a number
}

// where is the filter as SQL. Drafts are the municipality's own and are never
// in the owner's lists.
func (f Filter) where(call CallID) (string, []any) {
	w, args := []string{"a.call_id = ?", "a.submitted_at IS NOT NULL"}, []any{int64(call)}
	add := func(condition string, values ...any) { w, args = append(w, condition), append(args, values...) }
	member := `EXISTS (SELECT 1 FROM applicant p WHERE p.application_id = a.id AND p.state IN ('bekräftad', 'inbjuden') AND `
	if f.State != "" {
		add("a.state = ?", string(f.State))
	}
	if f.County != "" {
		add(member+"p.county = ?)", f.County)
	}
	if f.Group != "" {
		add(member+"(p.main_group = ? OR p.sub_group = ?))", f.Group, f.Group)
	}
	if f.Kind != "" {
		add("EXISTS (SELECT 1 FROM application_kind k WHERE k.application_id = a.id AND k.kind = ?)", f.Kind)
	}
	if f.Text != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(folded(f.Text)) + "%"
		add("("+member+`p.folded LIKE ? ESCAPE '\') OR CAST(a.id AS TEXT) = ?)`, like, f.Text)
	}
	return strings.Join(w, " AND "), args
}

// Row is an application in a list.
type Row struct {
	Application
	CallTitle string
	Href      string
	Waits     bool // for the reader to do something
}

// Find lists a call's applications that the filter chooses, in the order of
// their numbers.
func (n *Room) Find(ctx context.Context, q db.Q, call CallID, f Filter) ([]Application, error) {
	where, args := f.where(call)
	list, err := db.All(ctx, q, scanApplications(), `SELECT `+applicationColumns+` FROM application a WHERE `+where+` ORDER BY a.id`, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list, fillIn(ctx, q, list, `IN (SELECT a.id FROM application a WHERE `+where+`)`, args...)
}

// CountByState counts a call's applications per state.
func (n *Room) CountByState(ctx context.Context, q db.Q, call CallID) (map[State]int, error) {
	type count struct {
		state State
		n     int
	}
	rows, err := db.All(ctx, q, func(r db.Row) (c count, err error) { return c, r.Scan(&c.state, &c.n) },
		`SELECT state, count(*) FROM application WHERE call_id = ? AND submitted_at IS NOT NULL GROUP BY state`, int64(call))
	out := map[State]int{}
	for _, c := range rows {
		out[c.state] = c.n
	}
	return out, err
}

// readers are the roles that see their own organisation's applications, as in
// the policy's rules for application.read and, for registrars, decision.read.
var readers = []who.Role{who.Foretradare, who.Kommunkontakt, who.Ekonom, who.Registrator}

// Mine lists the applications of the actor's own organisations, newest first.
// A registrar who has no other role sees only those that a decision is asked for.
func (n *Room) Mine(ctx context.Context, q db.Q, actor who.Actor) ([]Application, error) {
	var or []string
	var args []any
	for _, g := range actor.Grants {
		if !hasRole(readers, g.Role) {
			continue
		}
		condition := `(p.org_id = ? OR p.parent_id = ?)`
		args = append(args, int64(g.Org), int64(g.Org))
		if g.Programme != 0 {
			condition += ` AND a.programme_id = ?`
			args = append(args, int64(g.Programme))
		}
		if g.Role == who.Registrator {
			condition += ` AND p.state = 'bekräftad' AND a.submitted_at IS NOT NULL`
		}
		or = append(or, "("+condition+")")
	}
	if len(or) == 0 {
		return nil, nil
	}
	where := `a.id IN (SELECT a.id FROM application a JOIN applicant p ON p.application_id = a.id WHERE p.state IN ('bekräftad', 'inbjuden') AND (` + strings.Join(or, " OR ") + `))`
	list, err := db.All(ctx, q, scanApplications(), `SELECT `+applicationColumns+` FROM application a WHERE `+where+` ORDER BY a.id DESC`, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list, fillIn(ctx, q, list, `IN (SELECT a.id FROM application a WHERE `+where+`)`, args...)
}

func hasRole(roles []who.Role, r who.Role) bool {
	for _, x := range roles {
		if x == r {
			return true
		}
	}
	return false
}
