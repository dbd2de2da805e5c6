package selection

import (
	"math/big"
	"slices"
)

// Stage is one step of the leximin: given the chances settled before, the
// smallest remaining chance cannot be above Chance, and those in Settled cannot
// have more.
type Stage struct {
	Chance  string   `json:"chance"`
	Settled []string `json:"settled"`
	// Weights, one per group of the proof, show it: no panel is worth more than
	// the proof's bound, so the weighted sum of chances is at most that; and the
	// chances found reach it. Empty when Chance is 1, which needs no proof.
	Weights []int64 `json:"weights,omitempty"`
	Proof   *Proof  `json:"proof,omitempty"`
	// AtMost is set where Chance is not proved: given the chances settled
	// before, no lottery has a smallest remaining chance above it.
	AtMost string `json:"at_most,omitempty"`
}

// types are the applications of a lottery, grouped: those of one type are
// alike in every rule and get the same chance.
type types struct {
	in      *instance
	m       *mip // a column per type, the instance's rows
	members [][]int
	size    []int64
	chance  []*big.Rat // settled chance, nil while open
	stages  []Stage
	exact   bool
	nodes   int
	panels  []panel // panels of types found so far, for column generation
}

// panel is how many of each type are selected, and its probability.
type panel struct {
	count  []int64
	weight *big.Rat
}

func newTypes(in *instance, o Options) *types {
	t := &types{in: in, exact: true, nodes: o.Nodes}
	lo, hi := in.bounds()
	t.m, t.members = in.model(query{cost: make([]int64, len(in.atoms)), lo: lo, hi: hi})
	t.chance = make([]*big.Rat, len(t.members))
	for g, members := range t.members {
		t.size = append(t.size, int64(len(members)))
		c := t.m.cols[g]
		if c.lo == c.hi { // all must, or all never
			t.chance[g] = new(big.Rat).SetInt64(c.lo / t.size[g])
		}
	}
	return t
}

// twoLaminar says whether the rows are two laminar families with coefficients
// 0 and 1, so that every corner of the linear program is whole: colour the
// rows with two colours so that rows that cross get different ones.
func (t *types) twoLaminar() bool {
	holds := make([][]bool, len(t.m.rows))
	for r := range holds {
		holds[r] = make([]bool, len(t.m.cols))
	}
	for j, c := range t.m.cols {
		if c.hi == 0 {
			continue
		}
		for k, r := range c.row {
			if c.coef[k] != 1 {
				return false
			}
			holds[r][j] = true
		}
	}
	cross := func(a, b []bool) bool {
		both, onlyA, onlyB := false, false, false
		for j := range a {
			both = both || a[j] && b[j]
			onlyA = onlyA || a[j] && !b[j]
			onlyB = onlyB || b[j] && !a[j]
		}
		return both && onlyA && onlyB
	}
	colour := make([]int, len(holds))
	for start := range holds {
		if colour[start] != 0 {
			continue
		}
		colour[start] = 1
		for queue := []int{start}; len(queue) > 0; queue = queue[1:] {
			a := queue[0]
			for b := range holds {
				if !cross(holds[a], holds[b]) {
					continue
				}
				if colour[b] == colour[a] {
					return false
				}
				if colour[b] == 0 {
					colour[b] = 3 - colour[a]
					queue = append(queue, b)
				}
			}
		}
	}
	return true
}

// open lists the types whose chance is not settled.
func (t *types) open() (out []int) {
	for g, c := range t.chance {
		if c == nil {
			out = append(out, g)
		}
	}
	return out
}

// leximinWhole settles all chances when the type polytope is whole: each stage
// is one linear program over types.
func (t *types) leximinWhole() bool {
	for len(t.open()) > 0 {
		m, lo, hi := t.stageProgram()
		p := newLP(m)
		for j := range lo {
			p.lo[j], _ = lo[j].Float64()
			p.hi[j], _ = hi[j].Float64()
		}
		p.solve()
		q := newRatLP(m, p, lo, hi)
		if !q.solve() {
			return false
		}
		weights := make([]*big.Rat, len(t.members))
		row := len(t.m.rows)
		for g := range weights {
			w := new(big.Rat)
			switch {
			case t.chance[g] == nil:
				w.Neg(q.y[row])
				row++
			case t.m.cols[g].lo < t.m.cols[g].hi && q.d[g].Sign() < 0:
				w.Neg(q.d[g])
			}
			weights[g] = w
		}
		if !t.settle(q.x[len(t.members)], weights) || !t.exact {
			return false
		}
	}
	return true
}

// stageProgram is: maximise c such that the fractional numbers per type keep
// every row, settled types keep their chance and open ones have at least c.
func (t *types) stageProgram() (m *mip, lo, hi []*big.Rat) {
	m = &mip{rows: slices.Clone(t.m.rows)}
	least := column{cost: 1, hi: 1}
	for g, c := range t.m.cols {
		l := new(big.Rat).SetInt64(c.lo)
		if t.chance[g] != nil {
			l.Mul(t.chance[g], new(big.Rat).SetInt64(t.size[g]))
		} else {
			c.row = append(slices.Clone(c.row), len(m.rows))
			c.coef = append(slices.Clone(c.coef), 1)
			least.row, least.coef = append(least.row, len(m.rows)), append(least.coef, -t.size[g])
			m.rows = append(m.rows, interval{0, t.size[g]})
		}
		c.cost = 0
		m.cols = append(m.cols, c)
		lo, hi = append(lo, l), append(hi, new(big.Rat).SetInt64(c.hi))
	}
	m.cols = append(m.cols, least)
	lo, hi = append(lo, new(big.Rat)), append(hi, new(big.Rat).SetInt64(1))
	for _, r := range m.rows {
		lo, hi = append(lo, new(big.Rat).SetInt64(-r.hi)), append(hi, new(big.Rat).SetInt64(-r.lo))
	}
	return m, lo, hi
}

// settle records a stage: the smallest open chance is c, and weights prove it.
// The open types with a positive weight are settled at c. It returns false when
// that cannot be proved (some panel is worth more than the weights allow).
func (t *types) settle(c *big.Rat, weights []*big.Rat) bool {
	stage := Stage{Chance: c.RatString()}
	whole, common := commonScale(weights)
	reach := new(big.Rat) // what the chances found are worth
	var settled []int
	for g, w := range weights {
		chance := t.chance[g]
		if chance == nil {
			chance = c
			if w.Sign() > 0 {
				settled = append(settled, g)
			}
		}
		v := new(big.Rat).Mul(w, chance)
		reach.Add(reach, v.Mul(v, new(big.Rat).SetInt64(t.size[g])))
	}
	if c.Cmp(big.NewRat(1, 1)) >= 0 {
		settled = t.open()
	} else {
		if whole == nil || len(settled) == 0 {
			return t.settleInexact(c, weights, big.NewRat(1, 1))
		}
		reach.Mul(reach, new(big.Rat).SetInt(common))
		cost := make([]int64, len(t.in.atoms))
		for g, members := range t.members {
			for _, i := range members {
				cost[i] = whole[g]
			}
		}
		lo, hi := t.in.bounds()
		r := t.in.ask(query{cost: cost, lo: lo, hi: hi, options: options{above: nothing, limit: t.nodes, tree: true}})
		bound := new(big.Rat).SetInt64(r.bound)
		if !r.found || bound.Cmp(reach) > 0 {
			if r.found && !r.exact {
				return t.settleInexact(c, weights, t.ceiling(c, whole, new(big.Rat).Sub(bound, reach)))
			}
			return false
		}
		stage.Proof = &Proof{Bound: bound.RatString(), Scale: "1", Groups: t.in.idGroups(r.groups), Tree: r.tree}
		for _, members := range r.groups {
			stage.Weights = append(stage.Weights, cost[members[0]])
		}
	}
	for _, g := range settled {
		t.chance[g] = c
		for _, i := range t.members[g] {
			stage.Settled = append(stage.Settled, t.in.apps[i].ID)
		}
	}
	slices.Sort(stage.Settled)
	t.stages = append(t.stages, stage)
	return true
}

// ceiling is what the smallest open chance cannot be above, when panels may be
// worth up to over more than the chances found are: every lottery's weighted
// sum of chances is at most the worth of a panel.
func (t *types) ceiling(c *big.Rat, weights []int64, over *big.Rat) *big.Rat {
	open := new(big.Rat)
	for g, w := range weights {
		if t.chance[g] == nil {
			open.Add(open, new(big.Rat).SetInt64(w*t.size[g]))
		}
	}
	most := new(big.Rat).Add(c, over.Quo(over, open))
	if one := big.NewRat(1, 1); most.Cmp(one) > 0 {
		return one
	}
	return most
}

// settleInexact settles at c the open type with the largest weight, without
// proof, and remembers that the answer is no longer exact and that the chance
// could be as large as most.
func (t *types) settleInexact(c *big.Rat, weights []*big.Rat, most *big.Rat) bool {
	t.exact = false
	best := -1
	for _, g := range t.open() {
		if best < 0 || weights[g].Cmp(weights[best]) > 0 {
			best = g
		}
	}
	t.chance[best] = c
	stage := Stage{Chance: c.RatString(), AtMost: most.RatString()}
	for _, i := range t.members[best] {
		stage.Settled = append(stage.Settled, t.in.apps[i].ID)
	}
	slices.Sort(stage.Settled)
	t.stages = append(t.stages, stage)
	return true
}

// maxWeight bounds the whole-number weights of a proof, so that sums stay exact.
const maxWeight = int64(1) << 40

// commonScale multiplies the weights by their least common denominator and
// divides by their greatest common divisor; nil when they become too large.
func commonScale(weights []*big.Rat) (whole []int64, scale *big.Int) {
	scale = big.NewInt(1)
	for _, w := range weights {
		g := new(big.Int).GCD(nil, nil, scale, w.Denom())
		scale.Mul(scale, new(big.Int).Quo(w.Denom(), g))
	}
	whole = make([]int64, len(weights))
	for k, w := range weights {
		v := new(big.Int).Quo(new(big.Int).Mul(w.Num(), scale), w.Denom())
		if !v.IsInt64() || v.Int64() > maxWeight || v.Sign() < 0 {
			return nil, scale
		}
		whole[k] = v.Int64()
	}
	return whole, scale
}
