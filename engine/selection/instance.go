package selection

import (
	"encoding/binary"
	"math/big"
	"slices"
	"sort"
)

// instance is a Problem in numbers. Atoms are the applications in the order of
// their ids; rows are, in this order, the number of places, the quotas as
// given, and one row per municipality that several applications share (at most
// one of them can be selected).
type instance struct {
	p        *Problem
	apps     []Application
	at       map[string]int // atom of an id
	score    []int64        // in units of unit / 10^places
	unit     int64
	places   int
	rows     []interval
	shared   []string // municipalities of the last rows
	atoms    []column // cost unused; lo and hi from never and must
	kind     []int    // atoms of the same kind have the same coefficients
	rank     []int    // place of each atom in the published order of ties
	conflict []string // ids that are both must and never
}

func newInstance(p *Problem) (*instance, error) {
	if issues := p.Validate(); len(issues) > 0 {
		return nil, &InputError{issues}
	}
	in := &instance{p: p, at: map[string]int{}, apps: slices.Clone(p.Applications)}
	sort.Slice(in.apps, func(i, j int) bool { return in.apps[i].ID < in.apps[j].ID })
	for i, a := range in.apps {
		in.at[a.ID] = i
	}
	in.scale()
	in.atoms = make([]column, len(in.apps))
	for i := range in.atoms {
		in.atoms[i] = column{hi: 1}
	}
	in.force()
	one := int64(p.Rules.Places)
	in.row(interval{one, one}, func(Application) int64 { return 1 })
	for _, q := range p.Rules.Quotas {
		bounds := interval{0, -1}
		if q.Min != nil {
			bounds.lo = int64(*q.Min)
		}
		if q.Max != nil {
			bounds.hi = int64(*q.Max)
		}
		in.row(bounds, q.counts)
	}
	in.shareMunicipalities()
	in.kinds()
	in.ranks()
	return in, nil
}

// scale turns the scores into whole numbers without a common divisor.
func (in *instance) scale() {
	for _, a := range in.apps {
		in.places = max(in.places, a.Score.places)
	}
	in.score = make([]int64, len(in.apps))
	for i, a := range in.apps {
		in.score[i], _ = a.Score.at(in.places)
		in.unit = gcd(in.unit, in.score[i])
	}
	in.unit = max(in.unit, 1)
	for i := range in.score {
		in.score[i] /= in.unit
	}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// points writes a number of units as a decimal.
func (in *instance) points(units int64) string {
	return formatScaled(new(big.Int).Mul(big.NewInt(units), big.NewInt(in.unit)), in.places)
}

func (in *instance) force() {
	for _, id := range in.p.Rules.Must {
		in.atoms[in.at[id]].lo = 1
	}
	for _, id := range sorted(in.p.Rules.Never) {
		c := &in.atoms[in.at[id]]
		c.hi = 0
		if c.lo == 1 && !slices.Contains(in.conflict, id) {
			in.conflict = append(in.conflict, id)
		}
	}
}

// row adds a row; hi < lo means that there is no upper bound.
func (in *instance) row(b interval, coef func(Application) int64) {
	r, total := len(in.rows), int64(0)
	for i, a := range in.apps {
		if c := coef(a); c != 0 {
			in.atoms[i].row = append(in.atoms[i].row, r)
			in.atoms[i].coef = append(in.atoms[i].coef, c)
			total += c
		}
	}
	if b.hi < b.lo {
		b.hi = max(b.lo, total)
	}
	in.rows = append(in.rows, b)
}

func (in *instance) shareMunicipalities() {
	holders := map[string]int{}
	for _, a := range in.apps {
		for _, m := range a.Municipalities {
			holders[m.Code]++
		}
	}
	for code, n := range holders {
		if n > 1 {
			in.shared = append(in.shared, code)
		}
	}
	sort.Strings(in.shared)
	for _, code := range in.shared {
		in.row(interval{0, 1}, func(a Application) int64 {
			for _, m := range a.Municipalities {
				if m.Code == code {
					return 1
				}
			}
			return 0
		})
	}
}

func (in *instance) kinds() {
	index := map[string]int{}
	in.kind = make([]int, len(in.atoms))
	for i, a := range in.atoms {
		var key []byte
		for k, r := range a.row {
			key = binary.AppendVarint(binary.AppendVarint(key, int64(r)), a.coef[k])
		}
		k, ok := index[string(key)]
		if !ok {
			k = len(index)
			index[string(key)] = k
		}
		in.kind[i] = k
	}
}

func (in *instance) ranks() {
	in.rank = make([]int, len(in.apps))
	for i := range in.rank {
		in.rank[i] = len(in.p.Rules.Order) + i
	}
	for k := len(in.p.Rules.Order) - 1; k >= 0; k-- {
		in.rank[in.at[in.p.Rules.Order[k]]] = k
	}
}

// byRank lists the atoms in the published order of ties.
func (in *instance) byRank() []int {
	order := make([]int, len(in.apps))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return in.rank[order[a]] < in.rank[order[b]] })
	return order
}

// bounds are fresh copies of the atoms' bounds.
func (in *instance) bounds() (lo, hi []int64) {
	for _, a := range in.atoms {
		lo, hi = append(lo, a.lo), append(hi, a.hi)
	}
	return lo, hi
}

func (in *instance) names(chosen []bool) []string {
	ids := []string{}
	for i, c := range chosen {
		if c {
			ids = append(ids, in.apps[i].ID)
		}
	}
	return ids
}

func (in *instance) scoreOf(chosen []bool) (sum int64) {
	for i, c := range chosen {
		if c {
			sum += in.score[i]
		}
	}
	return sum
}

// query is one question to branch and bound about an instance.
type query struct {
	cost, lo, hi []int64    // per atom
	extra        []extraRow // rows after the instance's own
	cols         []column   // columns after the atoms; their row numbers count all rows
	apart        *apart     // pairs that may not be chosen together, added when needed
	options
}

// extraRow is a row over the atoms, with a coefficient for each.
type extraRow struct {
	interval
	coef []int64
	ids  []int // for a clique: its atoms
}

// reply is branch and bound's answer in terms of atoms.
type reply struct {
	answer
	chosen []bool
	groups [][]int
	extra  []extraRow
}

// ask answers a query. Atoms with the same cost, bounds and coefficients become
// one column, so that their order does not multiply the search.
func (in *instance) ask(q query) reply {
	for i := range q.lo {
		if q.lo[i] > q.hi[i] {
			return reply{answer: answer{bound: nothing, exact: true}}
		}
	}
	for {
		m, groups := in.model(q)
		r := reply{answer: solveMIP(m, q.options), groups: groups, extra: q.extra}
		if !r.found {
			return r
		}
		r.chosen = in.expand(r.x, groups)
		if q.apart == nil {
			return r
		}
		rows := q.apart.violated(in, r.chosen)
		if len(rows) == 0 {
			return r
		}
		q.extra = append(q.extra, rows...)
	}
}

func (in *instance) model(q query) (*mip, [][]int) {
	m := &mip{rows: slices.Clone(in.rows)}
	for _, e := range q.extra {
		m.rows = append(m.rows, e.interval)
	}
	index := map[string]int{}
	var groups [][]int
	var key []byte
	for i := range in.atoms {
		key = binary.AppendVarint(key[:0], int64(in.kind[i]))
		key = binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(key, q.cost[i]), q.lo[i]), q.hi[i])
		for _, e := range q.extra {
			key = binary.AppendVarint(key, e.coef[i])
		}
		g, ok := index[string(key)]
		if !ok {
			g = len(groups)
			index[string(key)] = g
			groups = append(groups, nil)
			c := column{cost: q.cost[i], row: in.atoms[i].row, coef: in.atoms[i].coef}
			if len(q.extra) > 0 {
				c.row, c.coef = slices.Clone(c.row), slices.Clone(c.coef)
				for k, e := range q.extra {
					if e.coef[i] != 0 {
						c.row, c.coef = append(c.row, len(in.rows)+k), append(c.coef, e.coef[i])
					}
				}
			}
			m.cols = append(m.cols, c)
		}
		groups[g] = append(groups[g], i)
		m.cols[g].lo += q.lo[i]
		m.cols[g].hi += q.hi[i]
	}
	m.cols = append(m.cols, q.cols...)
	return m, groups
}

// expand chooses, in every group, the atoms that come first in the order of ties.
func (in *instance) expand(x []int64, groups [][]int) []bool {
	chosen := make([]bool, len(in.atoms))
	for g, members := range groups {
		members = slices.Clone(members)
		sort.SliceStable(members, func(a, b int) bool { return in.rank[members[a]] < in.rank[members[b]] })
		for _, i := range members[:x[g]] {
			chosen[i] = true
		}
	}
	return chosen
}

func (in *instance) idGroups(groups [][]int) [][]string {
	out := make([][]string, len(groups))
	for g, members := range groups {
		for _, i := range members {
			out[g] = append(out[g], in.apps[i].ID)
		}
	}
	return out
}
