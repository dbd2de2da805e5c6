package access

import (
	"cmp"
	"slices"
)

// gains is the heart of the p-median and of the largest cover: choose at most
// p candidates so that the sum over cells of the best gain that a chosen one
// brings is largest. The gain is monotone and submodular. All whole numbers.
type gains struct {
	p     int
	cells int
	lists [][]gain // per candidate, in order of cells
	fine  int64    // gains are held times this, so that multipliers can be fractions

	budget int // iterations left
	steps  int
	best   int64 // value of chosen, in fine units
	chosen []int
	open   int64 // largest bound of a branch that was given up

	highest     []int64 // per cell the largest gain of any candidate; no price is above it
	top, second []int64 // scratch of interchange and value, per cell
	whose       []int32
}

type gain struct {
	cell uint32
	gain int64
}

// value is the gain of a set of candidates.
func (f *gains) value(set []int) int64 {
	clear(f.top)
	sum := int64(0)
	for _, j := range set {
		for _, g := range f.lists[j] {
			if d := g.gain - f.top[g.cell]; d > 0 {
				f.top[g.cell] = g.gain
				sum += d
			}
		}
	}
	return sum
}

// keep takes a set for the best if it is.
func (f *gains) keep(set []int) bool {
	if v := f.value(set); v > f.best || f.chosen == nil {
		f.best, f.chosen = v, slices.Sorted(slices.Values(set))
		return true
	}
	return false
}

// greedy adds the candidate of the largest gain p times; of equal gains the
// first. Gains only fall, so a candidate is counted anew only when it leads.
func (f *gains) greedy() []int {
	clear(f.top)
	count := func(j int) (sum int64) {
		for _, g := range f.lists[j] {
			sum += max(0, g.gain-f.top[g.cell])
		}
		return sum
	}
	bound, fresh := make([]int64, len(f.lists)), make([]int, len(f.lists))
	taken := make([]bool, len(f.lists))
	for j := range bound {
		bound[j] = count(j)
	}
	var set []int
	for round := 0; round < f.p; {
		lead := -1
		for j := range bound {
			if !taken[j] && (lead < 0 || bound[j] > bound[lead]) {
				lead = j
			}
		}
		if fresh[lead] != round {
			bound[lead], fresh[lead] = count(lead), round
			continue
		}
		set, taken[lead] = append(set, lead), true
		for _, g := range f.lists[lead] {
			f.top[g.cell] = max(f.top[g.cell], g.gain)
		}
		round++
	}
	return set
}

// interchange swaps a chosen candidate for another for as long as the best
// swap gains (Teitz & Bart 1968, with Whitaker's counting of all swaps of one
// newcomer at once).
func (f *gains) interchange(set []int) []int {
	set = slices.Clone(set)
	for {
		clear(f.top)
		clear(f.second)
		for at, j := range set {
			for _, g := range f.lists[j] {
				switch {
				case g.gain > f.top[g.cell]:
					f.second[g.cell], f.top[g.cell], f.whose[g.cell] = f.top[g.cell], g.gain, int32(at)
				case g.gain > f.second[g.cell]:
					f.second[g.cell] = g.gain
				}
			}
		}
		loss := make([]int64, len(set))
		for i, t := range f.top {
			if t > 0 {
				loss[f.whose[i]] += t - f.second[i]
			}
		}
		bestGain, newcomer, leaver := int64(0), -1, -1
		spared := make([]int64, len(set))
		for j := range f.lists {
			if slices.Contains(set, j) {
				continue
			}
			clear(spared)
			extra := int64(0)
			for _, g := range f.lists[j] {
				t, s := f.top[g.cell], f.second[g.cell]
				extra += max(0, g.gain-t)
				if t > 0 {
					spared[f.whose[g.cell]] += max(0, min(t, g.gain)-s)
				}
			}
			for at := range set {
				if net := extra + spared[at] - loss[at]; net > bestGain {
					bestGain, newcomer, leaver = net, j, at
				}
			}
		}
		if newcomer < 0 {
			return set
		}
		set[leaver] = newcomer
	}
}

// state of a candidate in a branch.
const (
	free = iota
	in
	out
)

// solve finds the best set and an upper bound of every set's gain, in fine
// units: greedy, interchange, then branch and bound on the Lagrangian bound
// until the bound is met or the budget of iterations is spent.
func (f *gains) solve() (bound int64) {
	f.top, f.second, f.whose = make([]int64, f.cells), make([]int64, f.cells), make([]int32, f.cells)
	f.highest = make([]int64, f.cells)
	for _, list := range f.lists {
		for _, g := range list {
			f.highest[g.cell] = max(f.highest[g.cell], g.gain)
		}
	}
	if f.p >= len(f.lists) {
		all := make([]int, len(f.lists))
		for j := range all {
			all[j] = j
		}
		f.keep(all)
		return f.best
	}
	f.keep(f.greedy())
	f.keep(f.interchange(f.chosen))
	f.value(f.chosen)
	price := slices.Clone(f.top) // the a posteriori bound is the first iteration
	f.open = f.best
	f.branch(make([]uint8, len(f.lists)), price, 600)
	return max(f.open, f.best)
}

// branch bounds the sets that a state allows, and splits them while the bound
// is above the best.
func (f *gains) branch(state []uint8, price []int64, rounds int) {
	state = slices.Clone(state)
	bound, price, worth := f.multipliers(state, price, rounds)
	if !f.above(bound) {
		return
	}
	// What the bound shows to be in every better set, or in none.
	var frees []int
	left := f.p
	for j, s := range state {
		switch s {
		case free:
			frees = append(frees, j)
		case in:
			left--
		}
	}
	byWorth(frees, worth)
	if left <= 0 || len(frees) <= left {
		return // multipliers has valued the only set that is left
	}
	edge, beyond := worth[frees[left-1]], worth[frees[left]]
	for rank, j := range frees {
		if rank < left && !f.above(bound-worth[j]+beyond) {
			state[j] = in
		}
		if rank >= left && !f.above(bound-edge+worth[j]) {
			state[j] = out
		}
	}
	// Split on the free candidate of most worth.
	at := slices.IndexFunc(frees, func(j int) bool { return state[j] == free })
	if at < 0 {
		f.leaf(state)
		return
	}
	if f.budget <= 0 {
		f.open = max(f.open, bound)
		return
	}
	state[frees[at]] = in
	f.branch(state, price, 40)
	state[frees[at]] = out
	f.branch(state, price, 40)
}

// leaf values the one set of a state without free candidates.
func (f *gains) leaf(state []uint8) {
	var set []int
	for j, s := range state {
		if s == in {
			set = append(set, j)
		}
	}
	if len(set) <= f.p {
		f.keep(set)
	}
}

// above tells whether a bound leaves room for a better set: gains are
// multiples of fine, so the bound is rounded down to one.
func (f *gains) above(bound int64) bool { return bound/f.fine*f.fine > f.best }

// byWorth sorts candidates by falling worth, then by number.
func byWorth(js []int, worth []int64) {
	slices.SortFunc(js, func(a, b int) int { return cmp.Or(cmp.Compare(worth[b], worth[a]), cmp.Compare(a, b)) })
}

// multipliers lowers the Lagrangian bound: for any prices μ_i ≥ 0 no allowed
// set gains more than Σ μ_i + the sum of the p best worths, where the worth of
// j is Σ_i max(0, g_ij − μ_i). Prices move by subgradient steps in whole
// numbers. The sets met on the way are tried. It returns the least bound, its
// prices and its worths.
func (f *gains) multipliers(state []uint8, start []int64, rounds int) (int64, []int64, []int64) {
	price := slices.Clone(start)
	worth := make([]int64, len(f.lists))
	count := make([]int64, f.cells)
	var bestPrice, bestWorth []int64
	least, stall, pace := int64(-1), 0, 2.0
	var set, frees, last []int
	for round := 0; ; round++ {
		f.steps++
		f.budget--
		bound := int64(0)
		for _, m := range price {
			bound += m
		}
		set, frees = set[:0], frees[:0]
		for j, list := range f.lists {
			if state[j] == out {
				continue
			}
			sum := int64(0)
			for _, g := range list {
				if d := g.gain - price[g.cell]; d > 0 {
					sum += d
				}
			}
			worth[j] = sum
			if state[j] == in {
				set = append(set, j)
			} else {
				frees = append(frees, j)
			}
		}
		byWorth(frees, worth)
		set = append(set, frees[:max(0, min(len(frees), f.p-len(set)))]...)
		for _, j := range set {
			bound += worth[j]
		}
		if sorted := slices.Sorted(slices.Values(set)); !slices.Equal(sorted, last) {
			last = sorted
			if f.keep(set) {
				f.keep(f.interchange(set))
			}
		}
		if least < 0 || bound < least {
			least, stall = bound, 0
			bestPrice, bestWorth = append(bestPrice[:0], price...), append(bestWorth[:0], worth...)
		} else if stall++; stall >= 12 {
			stall, pace = 0, pace/2
			copy(price, bestPrice)
		}
		if !f.above(least) || round >= rounds || f.budget <= 0 || pace < 1e-4 {
			return least, bestPrice, bestWorth
		}
		// Where several of the set bring more than the price it rises, where
		// none does it falls.
		clear(count)
		for _, j := range set {
			for _, g := range f.lists[j] {
				if g.gain > price[g.cell] {
					count[g.cell]++
				}
			}
		}
		norm := int64(0)
		for i, c := range count {
			if c != 1 && (price[i] > 0 || c > 1) {
				norm += (c - 1) * (c - 1)
			}
		}
		if norm == 0 {
			return least, bestPrice, bestWorth
		}
		step := min(1<<40, int64(pace*float64(bound-f.best)/float64(norm)))
		if step = max(1, step); step == 1 && stall > 6 {
			return least, bestPrice, bestWorth
		}
		for i, c := range count {
			if c != 1 {
				price[i] = min(f.highest[i], max(0, price[i]+step*(c-1)))
			}
		}
	}
}
