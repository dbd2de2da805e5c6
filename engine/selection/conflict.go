package selection

import (
	"fmt"
	"slices"
)

// Clause is one demand of the rules that can stand in a conflict.
type Clause struct {
	// Kind is "min", "max" (of Quota), "must", "never" or "places".
	Kind  string `json:"kind"`
	Quota *Quota `json:"quota,omitempty"`
	ID    string `json:"id,omitempty"`
	// Limit is the bound of the quota, or the number of places.
	Limit int    `json:"limit"`
	Text  string `json:"text"`
}

// Change is one change of the rules in a relaxation.
type Change struct {
	Clause
	// To is the new limit; for must and never the clause is dropped.
	To   int    `json:"to"`
	Text string `json:"change"`
}

// demand is a Clause together with how it acts on the numbers.
type demand struct {
	Clause
	row  int // -1: a bound of atom
	atom int
}

// demands lists every clause of the rules that may be given up: the two sides
// of each quota, each must and each never. That a municipality is not selected
// twice is never given up.
func (in *instance) demands() (out []demand) {
	for k, q := range in.p.Rules.Quotas {
		if q.Min != nil {
			out = append(out, demand{Clause{Kind: "min", Quota: &q, Limit: *q.Min}, 1 + k, -1})
		}
		if q.Max != nil {
			out = append(out, demand{Clause{Kind: "max", Quota: &q, Limit: *q.Max}, 1 + k, -1})
		}
	}
	for _, id := range slices.Compact(sorted(in.p.Rules.Must)) {
		out = append(out, demand{Clause{Kind: "must", ID: id}, -1, in.at[id]})
	}
	for _, id := range slices.Compact(sorted(in.p.Rules.Never)) {
		out = append(out, demand{Clause{Kind: "never", ID: id}, -1, in.at[id]})
	}
	for k := range out {
		out[k].Text = out[k].sentence()
	}
	return out
}

// explainInfeasible fills in the conflict and the least relaxation.
func (in *instance) explainInfeasible(a *Answer, o Options) {
	demands := in.demands()
	for _, k := range in.smallestConflict(demands, o) {
		a.Conflict = append(a.Conflict, demands[k].Clause)
	}
	places := Clause{Kind: "places", Limit: in.p.Rules.Places}
	places.Text = places.sentence()
	a.Conflict = append(a.Conflict, places)
	a.Relaxation, _ = in.relax(nil, o)
}

// under returns a selection that keeps the places and the demands in keep, or nil.
func (in *instance) under(demands []demand, keep []bool, o Options) []bool {
	loose := *in
	loose.rows = slices.Clone(in.rows)
	for k := range in.p.Rules.Quotas {
		loose.rows[1+k] = interval{0, in.most(1 + k)}
	}
	lo, hi := make([]int64, len(in.atoms)), make([]int64, len(in.atoms))
	for i := range hi {
		hi[i] = 1
	}
	for k, d := range demands {
		if !keep[k] {
			continue
		}
		switch d.Kind {
		case "min":
			loose.rows[d.row].lo = max(loose.rows[d.row].lo, int64(d.Limit))
			loose.rows[d.row].hi = max(loose.rows[d.row].hi, int64(d.Limit))
		case "must":
			lo[d.atom] = 1
		}
	}
	for k, d := range demands {
		if !keep[k] {
			continue
		}
		switch d.Kind {
		case "max":
			loose.rows[d.row].hi = int64(d.Limit)
		case "never":
			hi[d.atom] = 0
		}
	}
	r := loose.ask(query{cost: make([]int64, len(in.atoms)), lo: lo, hi: hi, options: options{above: nothing, first: true, limit: o.Nodes}})
	return r.chosen
}

// most is the largest sum that the row can have.
func (in *instance) most(row int) (sum int64) {
	for _, a := range in.atoms {
		for k, r := range a.row {
			if r == row {
				sum += a.coef[k]
			}
		}
	}
	return sum
}

// conflictRounds bounds the search for a conflict of smallest size; after that
// the conflict is irreducible but not proved smallest.
const conflictRounds = 150

// smallestConflict finds a smallest set of demands that cannot be met together
// with the number of places. Every conflict must hit every correction set (the
// demands that some selection breaks); so it takes the smallest set that hits
// those found so far, and either it is a conflict, and then a smallest one, or
// a selection keeps it and gives one more correction set (Liffiton and Malik
// 2013; Ignatiev et al. 2015). The small covering problems are solved by the
// same branch and bound.
func (in *instance) smallestConflict(demands []demand, o Options) []int {
	m := &mip{}
	for range demands {
		m.cols = append(m.cols, column{cost: -1, hi: 1})
	}
	for range conflictRounds {
		r := solveMIP(m, options{above: nothing, limit: o.Nodes})
		if !r.found || !r.exact {
			break
		}
		keep := make([]bool, len(demands))
		for k, v := range r.x {
			keep[k] = v == 1
		}
		chosen := in.under(demands, keep, o)
		if chosen == nil {
			return indices(keep)
		}
		broken := in.broken(demands, keep, chosen, o)
		row := len(m.rows)
		m.rows = append(m.rows, interval{1, int64(len(broken))})
		for _, k := range broken {
			m.cols[k].row, m.cols[k].coef = append(m.cols[k].row, row), append(m.cols[k].coef, 1)
		}
	}
	return in.irreducible(demands, o)
}

// broken is a smallest-by-inclusion set of demands to give up such that the
// others, keep among them, can be met.
func (in *instance) broken(demands []demand, keep, chosen []bool, o Options) []int {
	have := slices.Clone(keep)
	mark := func(chosen []bool) {
		for k, d := range demands {
			have[k] = have[k] || in.meets(d, chosen)
		}
	}
	mark(chosen)
	for k := range demands {
		if have[k] {
			continue
		}
		have[k] = true
		if better := in.under(demands, have, o); better != nil {
			mark(better)
		} else {
			have[k] = false
		}
	}
	for k := range have {
		have[k] = !have[k]
	}
	return indices(have)
}

func (in *instance) meets(d demand, chosen []bool) bool {
	switch d.Kind {
	case "must":
		return chosen[d.atom]
	case "never":
		return !chosen[d.atom]
	}
	var sum int64
	for i, a := range in.atoms {
		if chosen[i] {
			for k, r := range a.row {
				if r == d.row {
					sum += a.coef[k]
				}
			}
		}
	}
	if d.Kind == "min" {
		return sum >= int64(d.Limit)
	}
	return sum <= int64(d.Limit)
}

// irreducible drops demands one by one as long as the rest is a conflict.
func (in *instance) irreducible(demands []demand, o Options) []int {
	keep := make([]bool, len(demands))
	for k := range keep {
		keep[k] = true
	}
	for k := len(keep) - 1; k >= 0; k-- {
		keep[k] = false
		if in.under(demands, keep, o) != nil {
			keep[k] = true
		}
	}
	return indices(keep)
}

func indices(set []bool) (out []int) {
	for k, in := range set {
		if in {
			out = append(out, k)
		}
	}
	return out
}

// The costs of a relaxation make it lexicographic: first as few changes of the
// number of places as possible, then as few must and never dropped, then the
// smallest sum of changes of quota limits.
const (
	costPlace  = int64(1) << 34
	costForced = int64(1) << 17
	costQuota  = int64(1)
)

// relax finds the least change of the rules under which a selection exists
// that holds the atoms in hold. It is empty when none is needed. exact is
// false when the search's limit was hit.
func (in *instance) relax(hold []int, o Options) (changes []Change, exact bool) {
	for level := range 3 {
		if changes, found, exact := in.relaxAt(level, hold, o); found {
			return changes, exact
		}
	}
	return nil, false
}

// relaxAt may change quotas at level 0, must and never too at level 1, and the
// number of places at level 2.
func (in *instance) relaxAt(level int, hold []int, o Options) (changes []Change, found, exact bool) {
	demands := in.demands()
	q := query{cost: make([]int64, len(in.atoms)), options: options{above: nothing, limit: o.Nodes}}
	loose := *in
	loose.rows = slices.Clone(in.rows)
	q.lo, q.hi = make([]int64, len(in.atoms)), make([]int64, len(in.atoms))
	for i := range q.hi {
		q.hi[i] = 1
	}
	for _, i := range hold {
		q.lo[i] = 1
	}
	slack := func(row int, coef, most, cost int64) {
		if cost == costPlace && level < 2 || cost == costForced && level < 1 {
			most = 0
		}
		q.cols = append(q.cols, column{cost: -cost, hi: most, row: []int{row}, coef: []int64{coef}})
	}
	slack(0, 1, int64(in.p.Rules.Places), costPlace)
	for _, d := range demands {
		switch d.Kind {
		case "min":
			slack(d.row, 1, int64(d.Limit), costQuota)
		case "max":
			slack(d.row, -1, in.most(d.row), costQuota)
		default: // a row of its own: the atom and its slack
			row := len(in.rows) + len(q.extra)
			e := extraRow{interval: interval{1, 2}, coef: make([]int64, len(in.atoms))}
			e.coef[d.atom] = 1
			sign := int64(1)
			if d.Kind == "never" {
				e.interval, sign = interval{-1, 0}, -1
			}
			q.extra = append(q.extra, e)
			slack(row, sign, 1, costForced)
		}
	}
	for r := range loose.rows[:1+len(in.p.Rules.Quotas)] {
		b := &loose.rows[r]
		b.hi = max(b.hi, b.lo)
	}
	r := loose.ask(q)
	if !r.found {
		return nil, false, r.exact
	}
	extra := r.x[len(r.groups):]
	if n := int(extra[0]); n > 0 {
		c := Clause{Kind: "places", Limit: in.p.Rules.Places}
		changes = append(changes, newChange(c, c.Limit-n))
	}
	for k, d := range demands {
		n := int(extra[1+k])
		switch {
		case n == 0:
		case d.Kind == "min":
			changes = append(changes, newChange(d.Clause, d.Limit-n))
		default:
			changes = append(changes, newChange(d.Clause, d.Limit+n))
		}
	}
	return changes, true, r.exact
}

func newChange(c Clause, to int) Change {
	c.Text = c.sentence()
	ch := Change{Clause: c, To: to}
	switch c.Kind {
	case "must":
		ch.To, ch.Text = 0, fmt.Sprintf("ta bort kravet att %s ska väljas", c.ID)
	case "never":
		ch.To, ch.Text = 0, fmt.Sprintf("ta bort hindret att %s aldrig får väljas", c.ID)
	case "places":
		ch.Text = fmt.Sprintf("välj %d i stället för %d", to, c.Limit)
	default:
		ch.Text = fmt.Sprintf("%s: ändra %d till %d", c.Text, c.Limit, to)
	}
	return ch
}
