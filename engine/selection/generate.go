package selection

import (
	"math"
	"math/big"
	"slices"
)

// leximinPanels settles all chances by column generation: the linear program
// of each stage is over the panels found so far, and branch and bound, with the
// program's multipliers as scores, finds the panel that is missing or proves
// that none is. It ends with the panels' weights in t.panels.
//
// Source: Flanigan, Gölz, Gupta, Hennig and Procaccia, "Fair algorithms for
// selecting citizens' assemblies", Nature 596 (2021), with types in place of
// persons and exact rationals at the end of each stage.
func (t *types) leximinPanels() bool {
	t.stages, t.exact, t.panels = nil, true, nil
	for g := range t.chance {
		if c := t.m.cols[g]; c.lo < c.hi {
			t.chance[g] = nil
		}
	}
	known := map[string]bool{}
	for g := range t.members { // a panel for each type that can be selected at all
		w := make([]int64, len(t.members))
		w[g] = 1
		if count, _, _ := t.price(w, nothing); count != nil {
			t.add(known, count)
		}
	}
	if len(t.panels) == 0 {
		return false
	}
	for {
		x, ok := t.stage(known)
		if !ok {
			return false
		}
		if len(t.open()) == 0 {
			for k := range t.panels {
				t.panels[k].weight = x[k]
			}
			t.panels = slices.DeleteFunc(t.panels, func(p panel) bool { return p.weight.Sign() == 0 })
			return true
		}
	}
}

func (t *types) add(known map[string]bool, count []int64) bool {
	key := make([]byte, 0, 2*len(count))
	for _, c := range count {
		key = append(key, byte(c), byte(c>>8))
	}
	if known[string(key)] {
		return false
	}
	known[string(key)] = true
	t.panels = append(t.panels, panel{count: count})
	return true
}

// price finds the panel with the largest weight above the given one.
func (t *types) price(weights []int64, above int64) (count []int64, value int64, exact bool) {
	m := &mip{rows: t.m.rows, cols: slices.Clone(t.m.cols)}
	for g := range m.cols {
		m.cols[g].cost = weights[g]
	}
	r := solveMIP(m, options{above: above, limit: t.nodes})
	return r.x, r.value, r.exact
}

// pricePrecision is the precision of the multipliers while panels are gathered.
const pricePrecision = 1 << 22

// stage settles the smallest open chance and returns the panels' weights.
func (t *types) stage(known map[string]bool) ([]*big.Rat, bool) {
	for {
		m, lo, hi := t.panelProgram()
		p := newLP(m)
		for j := range lo {
			p.lo[j], _ = lo[j].Float64()
			p.hi[j], _ = hi[j].Float64()
		}
		p.solve()
		if count := t.missing(p); count != nil && t.add(known, count) {
			continue
		}
		q := newRatLP(m, p, lo, hi)
		if !q.solve() {
			return nil, false
		}
		weights := make([]*big.Rat, len(t.members))
		for g := range weights {
			weights[g] = new(big.Rat).Neg(q.y[1+g])
			if weights[g].Sign() < 0 {
				weights[g].SetInt64(0)
			}
		}
		last := len(t.panels)
		if whole, _ := commonScale(weights); whole != nil && q.x[last].Cmp(big.NewRat(1, 1)) < 0 {
			if count, _, _ := t.price(whole, t.worth(whole, q.x[last])); count != nil && t.add(known, count) {
				continue
			}
		}
		if !t.settle(q.x[last], weights) {
			t.settleInexact(q.x[last], weights)
		}
		return q.x[:last], true
	}
}

// worth is the largest whole number not above what the settled chances and c
// are worth under the weights.
func (t *types) worth(weights []int64, c *big.Rat) int64 {
	sum := new(big.Rat)
	for g, w := range weights {
		chance := t.chance[g]
		if chance == nil {
			chance = c
		}
		v := new(big.Rat).SetInt64(w)
		v.Mul(v, chance)
		sum.Add(sum, v.Mul(v, new(big.Rat).SetInt64(t.size[g])))
	}
	return new(big.Int).Div(sum.Num(), sum.Denom()).Int64()
}

// missing asks for a panel that the floating-point multipliers say would help.
func (t *types) missing(p *lp) []int64 {
	weights := make([]int64, len(t.members))
	for g := range weights {
		weights[g] = int64(math.RoundToEven(max(0, -p.y[1+g]) * pricePrecision))
	}
	limit := int64(math.Ceil(p.y[0]*pricePrecision)) + int64(len(t.members)) + 16
	count, _, _ := t.price(weights, limit)
	return count
}

// panelProgram is: maximise c over the weights of the panels, which sum to 1
// (row 0), such that each type's expected number (row 1+type) is at least its
// settled chance, or c, times its size.
func (t *types) panelProgram() (m *mip, lo, hi []*big.Rat) {
	one := new(big.Rat).SetInt64(1)
	m = &mip{rows: []interval{{1, 1}}}
	least := column{cost: 1, hi: 1}
	rowLo := []*big.Rat{one}
	for g, c := range t.chance {
		low := new(big.Rat)
		if c != nil {
			low.Mul(c, new(big.Rat).SetInt64(t.size[g]))
		} else {
			least.row, least.coef = append(least.row, 1+g), append(least.coef, -t.size[g])
		}
		m.rows = append(m.rows, interval{0, t.size[g]})
		rowLo = append(rowLo, low)
	}
	for _, p := range t.panels {
		c := column{hi: 1, row: []int{0}, coef: []int64{1}}
		for g, n := range p.count {
			if n != 0 {
				c.row, c.coef = append(c.row, 1+g), append(c.coef, n)
			}
		}
		m.cols = append(m.cols, c)
		lo, hi = append(lo, new(big.Rat)), append(hi, one)
	}
	m.cols = append(m.cols, least)
	lo, hi = append(lo, new(big.Rat)), append(hi, one)
	for r, row := range m.rows {
		lo = append(lo, new(big.Rat).SetInt64(-row.hi))
		hi = append(hi, new(big.Rat).Neg(rowLo[r]))
	}
	return m, lo, hi
}
