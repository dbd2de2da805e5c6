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
	// Limit is there when the stage is not proved: the chance could be larger,
	// but not above Limit.
	Limit string `json:"limit,omitempty"`
	// Weights, one per group of the proof, show it: no panel is worth more than
	// the proof's bound, so the weighted sum of chances is at most that; and the
	// chances found reach it (or, with Limit, would reach it at Limit). Empty
	// when Chance or Limit is 1, which needs no proof.
	Weights []int64 `json:"weights,omitempty"`
	Proof   *Proof  `json:"proof,omitempty"`
}

// OffBy says by how much a lottery that is not exact can be off. All stages
// before Stage are proved; in it the smallest remaining chance is Chance, and in
// no lottery is it above Limit, so that Gap is the most that is left to gain.
// The limits of later stages hold given the chances settled before them.
type OffBy struct {
	Stage   int    `json:"stage"`
	Chance  string `json:"chance"`
	Limit   string `json:"limit"`
	Gap     string `json:"gap"`
	Decimal string `json:"gap_decimal"`
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
		if !t.settle(q.x[len(t.members)], weights) {
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
// that cannot be proved (the search for a better panel hit its limit, or the
// weights are too large for whole numbers); then nothing is recorded.
func (t *types) settle(c *big.Rat, weights []*big.Rat) bool {
	stage := Stage{Chance: c.RatString()}
	settled := t.open()
	if c.Cmp(big.NewRat(1, 1)) < 0 {
		settled = slices.DeleteFunc(settled, func(g int) bool { return weights[g].Sign() <= 0 })
		whole, _ := commonScale(weights)
		if whole == nil || len(settled) == 0 || t.prove(&stage, whole).Cmp(c) > 0 {
			return false
		}
	}
	t.record(stage, settled, c)
	return true
}

// settleInexact settles at c the open type with the largest weight, without a
// proof that c is the largest possible, but with a proof of a limit that it
// cannot be above, and remembers that the answer is no longer exact.
func (t *types) settleInexact(c *big.Rat, weights []*big.Rat) {
	t.exact = false
	best := -1
	for _, g := range t.open() {
		if best < 0 || weights[g].Cmp(weights[best]) > 0 {
			best = g
		}
	}
	whole, _ := commonScale(weights)
	if whole == nil {
		whole = roundedScale(weights)
	}
	stage := Stage{Chance: c.RatString()}
	stage.Limit = t.prove(&stage, whole).RatString()
	t.record(stage, []int{best}, c)
}

// record settles types at c and ends the stage.
func (t *types) record(stage Stage, settled []int, c *big.Rat) {
	for _, g := range settled {
		t.chance[g] = c
		for _, i := range t.members[g] {
			stage.Settled = append(stage.Settled, t.in.apps[i].ID)
		}
	}
	slices.Sort(stage.Settled)
	t.stages = append(t.stages, stage)
}

// prove returns a limit that no lottery's smallest open chance is above, when
// the settled types have their chances, and puts its proof into the stage: a
// panel is worth at most the proof's bound, so what the settled are worth plus
// the limit times what all open are worth is at most that. Without a proof the
// limit is 1.
func (t *types) prove(stage *Stage, weights []int64) *big.Rat {
	limit, settled, open := big.NewRat(1, 1), new(big.Rat), new(big.Rat)
	cost := make([]int64, len(t.in.atoms))
	for g, w := range weights {
		worth := new(big.Rat).SetInt64(w)
		worth.Mul(worth, new(big.Rat).SetInt64(t.size[g]))
		if t.chance[g] == nil {
			open.Add(open, worth)
		} else {
			settled.Add(settled, worth.Mul(worth, t.chance[g]))
		}
		for _, i := range t.members[g] {
			cost[i] = w
		}
	}
	if open.Sign() == 0 {
		return limit
	}
	lo, hi := t.in.bounds()
	r := t.in.ask(query{cost: cost, lo: lo, hi: hi, options: options{above: nothing, limit: t.nodes, tree: true}})
	bound := new(big.Rat).SetInt64(r.bound)
	proved := new(big.Rat).Sub(bound, settled)
	if proved.Quo(proved, open).Cmp(limit) >= 0 {
		return limit
	}
	stage.Proof = &Proof{Bound: bound.RatString(), Scale: "1", Groups: t.in.idGroups(r.groups), Tree: r.tree}
	for _, members := range r.groups {
		stage.Weights = append(stage.Weights, cost[members[0]])
	}
	return proved
}

// offBy is the first stage without full proof, nil when all have one.
func (t *types) offBy() *OffBy {
	for k, s := range t.stages {
		if s.Limit != "" {
			gap := new(big.Rat).Sub(ratOf(s.Limit), ratOf(s.Chance))
			return &OffBy{Stage: k, Chance: s.Chance, Limit: s.Limit, Gap: gap.RatString(), Decimal: gap.FloatString(9)}
		}
	}
	return nil
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

// roundedScale turns weights that are too large for exact sums into whole
// numbers that are nearly in the same proportion. Any weights that are not
// negative prove a limit; these prove a slightly worse one.
func roundedScale(weights []*big.Rat) []int64 {
	largest := new(big.Rat)
	for _, w := range weights {
		if w.Cmp(largest) > 0 {
			largest = w
		}
	}
	whole := make([]int64, len(weights))
	for k, w := range weights {
		if w.Sign() > 0 {
			v := new(big.Rat).Quo(w, largest)
			v.Mul(v, new(big.Rat).SetInt64(maxWeight))
			whole[k] = new(big.Int).Quo(v.Num(), v.Denom()).Int64()
		}
	}
	return whole
}
