package access

import (
	"math/bits"
	"slices"
)

// bitset is a set of candidates.
type bitset []uint64

func newBitset(n int) bitset    { return make(bitset, (n+63)/64) }
func (b bitset) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }
func (b bitset) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// each hands out the members in rising order.
func (b bitset) each(do func(i int)) {
	for w, x := range b {
		for ; x != 0; x &= x - 1 {
			do(64*w + bits.TrailingZeros64(x))
		}
	}
}

func (b bitset) meets(c bitset) bool {
	for w := range b {
		if b[w]&c[w] != 0 {
			return true
		}
	}
	return false
}

// within tells whether every member of b is one of c.
func (b bitset) within(c bitset) bool {
	for w := range b {
		if b[w]&^c[w] != 0 {
			return false
		}
	}
	return true
}

// cover finds the fewest candidates that meet every row.
type cover struct {
	n      int // candidates
	rows   []bitset
	budget int // nodes left
	steps  int
	best   []int // the fewest so far; nil when none is below limit
	limit  int   // sets of this many or more are of no interest
	enough int   // a set this small ends the search
	open   int   // least bound of a node that was given up
}

// essential drops the rows that contain another: who meets the smaller meets
// both. Cost O(rows²·candidates/64).
func essential(rows []bitset) []bitset {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b bitset) int { return a.count() - b.count() })
	var kept []bitset
	for _, r := range rows {
		if !slices.ContainsFunc(kept, func(k bitset) bool { return k.within(r) }) {
			kept = append(kept, r)
		}
	}
	return kept
}

// solve searches for a set below limit. It returns a lower bound: what best
// has when the search went to its end.
func (c *cover) solve() int {
	c.rows = essential(c.rows)
	c.open = c.limit
	if g := c.greedy(); len(g) < c.limit {
		c.best, c.limit = g, len(g)
	}
	if c.limit > c.enough {
		c.search(c.rows, newBitset(c.n), nil)
	}
	return min(c.open, c.limit)
}

// greedy takes the candidate that meets most rows until all are met, then
// leaves out those that the others make needless.
func (c *cover) greedy() []int {
	left := slices.Clone(c.rows)
	var set []int
	for len(left) > 0 {
		meets := make([]int, c.n)
		for _, r := range left {
			r.each(func(j int) { meets[j]++ })
		}
		lead := 0
		for j := range meets {
			if meets[j] > meets[lead] {
				lead = j
			}
		}
		set = append(set, lead)
		left = slices.DeleteFunc(left, func(r bitset) bool { return r.has(lead) })
	}
	slices.Sort(set)
	for i := len(set) - 1; i >= 0; i-- {
		without := newBitset(c.n)
		for k, j := range set {
			if k != i {
				without.set(j)
			}
		}
		if !slices.ContainsFunc(c.rows, func(r bitset) bool { return !r.meets(without) }) {
			set = slices.Delete(set, i, i+1)
		}
	}
	return set
}

// search covers rows without the banned candidates, of which no row has any.
func (c *cover) search(rows []bitset, banned bitset, set []int) {
	c.steps++
	c.budget--
	if len(rows) == 0 {
		if len(set) < c.limit {
			c.best, c.limit = slices.Sorted(slices.Values(set)), len(set)
		}
		return
	}
	// The row with the fewest candidates, and rows that share none: each of
	// those needs a candidate of its own.
	slices.SortStableFunc(rows, func(a, b bitset) int { return a.count() - b.count() })
	if rows[0].count() == 0 {
		return
	}
	apart, used := 0, newBitset(c.n)
	for _, r := range rows {
		if !r.meets(used) {
			apart++
			for w := range used {
				used[w] |= r[w]
			}
		}
	}
	bound := len(set) + apart
	if bound >= c.limit || c.limit <= c.enough {
		return
	}
	if c.budget <= 0 {
		c.open = min(c.open, bound)
		return
	}
	var members []int
	rows[0].each(func(j int) { members = append(members, j) })
	meets := make(map[int]int, len(members))
	for _, j := range members {
		for _, r := range rows {
			if r.has(j) {
				meets[j]++
			}
		}
	}
	slices.SortStableFunc(members, func(a, b int) int { return meets[b] - meets[a] })
	banned = slices.Clone(banned)
	for _, j := range members {
		var left []bitset
		for _, r := range rows {
			if r.has(j) {
				continue
			}
			if r.meets(banned) {
				r = slices.Clone(r)
				for w := range r {
					r[w] &^= banned[w]
				}
			}
			left = append(left, r)
		}
		c.search(essential(left), banned, append(set[:len(set):len(set)], j))
		banned.set(j)
	}
}
