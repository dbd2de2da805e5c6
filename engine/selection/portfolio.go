package selection

import (
	"math/big"
	"slices"
	"sort"
	"strings"
)

// split writes the expected numbers per type as a lottery over whole panels of
// types, each within one of them in every type and every row. It works when the
// type polytope is whole; false otherwise. Each step makes one more type or row
// whole, so there are at most types + rows panels.
func (t *types) split() bool {
	x := make([]*big.Rat, len(t.members))
	for g := range x {
		x[g] = new(big.Rat).Mul(t.chance[g], new(big.Rat).SetInt64(t.size[g]))
	}
	t.panels = nil
	left := big.NewRat(1, 1)
	for range len(t.members) + len(t.m.rows) + 1 {
		m := &mip{cols: slices.Clone(t.m.cols), rows: slices.Clone(t.m.rows)}
		sums := t.rowSums(x)
		for g := range m.cols {
			m.cols[g].lo, m.cols[g].hi = around(x[g])
			f, _ := new(big.Rat).Sub(x[g], new(big.Rat).SetInt64(m.cols[g].lo)).Float64()
			m.cols[g].cost = int64(f * 1000)
		}
		for r := range m.rows {
			m.rows[r].lo, m.rows[r].hi = around(sums[r])
		}
		a := solveMIP(m, options{above: nothing, limit: 1000})
		if !a.found {
			return false
		}
		step := t.longest(m, x, sums, a.x)
		t.panels = append(t.panels, panel{a.x, new(big.Rat).Mul(left, step)})
		rest := new(big.Rat).Sub(big.NewRat(1, 1), step)
		if rest.Sign() == 0 {
			return true
		}
		left.Mul(left, rest)
		for g := range x {
			v := new(big.Rat).Mul(step, new(big.Rat).SetInt64(a.x[g]))
			x[g] = v.Quo(v.Sub(x[g], v), rest)
		}
	}
	return false
}

// around is the whole numbers next to v, below and above.
func around(v *big.Rat) (lo, hi int64) {
	lo = new(big.Int).Div(v.Num(), v.Denom()).Int64()
	hi = lo
	if !v.IsInt() {
		hi++
	}
	return lo, hi
}

func (t *types) rowSums(x []*big.Rat) []*big.Rat {
	sums := make([]*big.Rat, len(t.m.rows))
	for r := range sums {
		sums[r] = new(big.Rat)
	}
	for g, c := range t.m.cols {
		for k, r := range c.row {
			sums[r].Add(sums[r], new(big.Rat).Mul(new(big.Rat).SetInt64(c.coef[k]), x[g]))
		}
	}
	return sums
}

// longest is the largest probability that the panel can have so that the rest
// still lies between the same whole numbers.
func (t *types) longest(m *mip, x, sums []*big.Rat, count []int64) *big.Rat {
	step := big.NewRat(1, 1)
	limit := func(v *big.Rat, b interval, taken int64) {
		if b.lo == b.hi {
			return
		}
		room := new(big.Rat).Sub(new(big.Rat).SetInt64(b.hi), v)
		if taken == b.hi {
			room.Sub(v, new(big.Rat).SetInt64(b.lo))
		}
		if room.Cmp(step) < 0 {
			step.Set(room)
		}
	}
	taken := make([]int64, len(m.rows))
	for g, c := range m.cols {
		limit(x[g], interval{c.lo, c.hi}, count[g])
		for k, r := range c.row {
			taken[r] += c.coef[k] * count[g]
		}
	}
	for r, row := range m.rows {
		limit(sums[r], row, taken[r])
	}
	return step
}

// piece is a time, from start to end within a panel, in which an atom is in it.
type piece struct {
	start, end *big.Rat
	atom       int
}

// WeightedPanel is a whole panel of the portfolio and its exact probability.
type WeightedPanel struct {
	Weight  string   `json:"weight"`
	Decimal string   `json:"decimal"`
	IDs     []string `json:"ids"`
	weight  *big.Rat
}

// portfolio turns the panels of types into panels of applications in which the
// members of a type have equal chances: each panel is a stretch of time as long
// as its probability, the places of a type are lanes, and the members follow
// each other around the lanes (McNaughton 1959). Where the lanes are so uneven
// that somebody would sit twice at once, the type is shared evenly within each
// panel instead.
func (t *types) portfolio() []WeightedPanel {
	pieces := make([][]piece, len(t.panels))
	for g := range t.members {
		if !t.wrap(g, pieces) {
			t.wrapEach(g, pieces)
		}
	}
	merged := map[string]*WeightedPanel{}
	for k, p := range t.panels {
		cuts := []*big.Rat{new(big.Rat), p.weight}
		for _, c := range pieces[k] {
			cuts = append(cuts, c.start, c.end)
		}
		sort.Slice(cuts, func(i, j int) bool { return cuts[i].Cmp(cuts[j]) < 0 })
		cuts = slices.CompactFunc(cuts, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
		for c := range cuts[1:] {
			chosen := make([]bool, len(t.in.atoms))
			for _, q := range pieces[k] {
				if q.start.Cmp(cuts[c]) <= 0 && q.end.Cmp(cuts[c+1]) >= 0 {
					chosen[q.atom] = true
				}
			}
			length := new(big.Rat).Sub(cuts[c+1], cuts[c])
			ids := t.in.names(chosen)
			key := strings.Join(ids, "\x00")
			if w, ok := merged[key]; ok {
				w.weight.Add(w.weight, length)
			} else {
				merged[key] = &WeightedPanel{IDs: ids, weight: length}
			}
		}
	}
	keys := make([]string, 0, len(merged))
	for key := range merged {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	out := make([]WeightedPanel, 0, len(keys))
	for _, key := range keys {
		w := *merged[key]
		w.Weight, w.Decimal = w.weight.RatString(), w.weight.FloatString(9)
		out = append(out, w)
	}
	return out
}

// wrap lays the members of type g around its lanes, over all panels, those with
// most places first. It returns false, with nothing laid, when a member would
// meet itself.
func (t *types) wrap(g int, pieces [][]piece) bool {
	order := make([]int, len(t.panels))
	for k := range order {
		order[k] = k
	}
	sort.SliceStable(order, func(a, b int) bool { return t.panels[order[a]].count[g] > t.panels[order[b]].count[g] })
	type laid struct {
		panel int
		piece
	}
	var all []laid
	who, need := 0, new(big.Rat).Set(t.chance[g])
	when := make([][][2]*big.Rat, len(t.members[g])) // each member's times, over all panels
	if need.Sign() == 0 {
		return true
	}
	for lane := int64(0); lane < t.panels[order[0]].count[g]; lane++ {
		begin := new(big.Rat)
		for _, k := range order {
			p := t.panels[k]
			if p.count[g] <= lane {
				break
			}
			from := new(big.Rat)
			for from.Cmp(p.weight) < 0 {
				if who == len(t.members[g]) {
					return false
				}
				to := new(big.Rat).Add(from, need)
				if to.Cmp(p.weight) > 0 {
					to.Set(p.weight)
				}
				need = new(big.Rat).Sub(need, new(big.Rat).Sub(to, from))
				a, b := new(big.Rat).Add(begin, from), new(big.Rat).Add(begin, to)
				for _, w := range when[who] {
					if w[0].Cmp(b) < 0 && a.Cmp(w[1]) < 0 {
						return false
					}
				}
				when[who] = append(when[who], [2]*big.Rat{a, b})
				all = append(all, laid{k, piece{from, to, t.members[g][who]}})
				from = to
				if need.Sign() == 0 {
					who++
					need = new(big.Rat).Set(t.chance[g])
				}
			}
			begin = new(big.Rat).Add(begin, p.weight)
		}
	}
	for _, l := range all {
		pieces[l.panel] = append(pieces[l.panel], l.piece)
	}
	return true
}

// wrapEach lays the members of type g evenly within each panel.
func (t *types) wrapEach(g int, pieces [][]piece) {
	n := new(big.Rat).SetInt64(t.size[g])
	for k, p := range t.panels {
		share := new(big.Rat).Mul(p.weight, new(big.Rat).SetInt64(p.count[g]))
		share.Quo(share, n)
		at := new(big.Rat)
		for _, i := range t.members[g] {
			end := new(big.Rat).Add(at, share)
			if share.Sign() == 0 {
				break
			}
			if end.Cmp(p.weight) <= 0 {
				pieces[k] = append(pieces[k], piece{at, end, i})
				at = end
				if at.Cmp(p.weight) == 0 {
					at = new(big.Rat)
				}
				continue
			}
			rest := new(big.Rat).Sub(end, p.weight)
			pieces[k] = append(pieces[k], piece{at, p.weight, i}, piece{new(big.Rat), rest, i})
			at = rest
		}
	}
}
