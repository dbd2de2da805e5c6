package grouping

import (
	"math/bits"
	"slices"
)

// packer finds the most groups that fit beside each other in a set, where
// municipalities may be left over: in a connected set they can join any
// neighbouring group, so without further rules this is the most units; with
// them it is a bound. It needs only least groups, those that no member can leave:
// far fewer than all, and not one for each way of placing those left over.
type packer struct {
	search *search
	to     []int // the place of municipality i in the packer's own numbering
}

// newPacker makes a packer, or nil where there are more than most sets to list.
func (c *county) newPacker(most, steps int) *packer {
	q := &packer{to: make([]int, c.n)}
	order := c.sweep()
	own := &county{
		Problem: &Problem{MinPopulation: c.MinPopulation, Objective: MostUnits}, n: c.n, limit: c.limit, people: make([]int64, c.n),
		adjacent: make([]uint64, c.n), split: make([]uint64, c.n), mates: make([]uint64, c.n),
	}
	for at, i := range order {
		q.to[i] = at
	}
	for at, i := range order {
		own.people[at] = c.people[i]
		own.adjacent[at], own.split[at], own.mates[at] = q.move(c.adjacent[i]), q.move(c.split[i]), 1<<at
	}
	by, ok := own.leastGroups(most)
	if !ok {
		return nil
	}
	d := own.dual(by)
	for i := range by {
		slices.SortStableFunc(by[i], func(a, b column) int {
			return int(min(1, max(-1, (a.cost*d.scale-d.sum(a.set))-(b.cost*d.scale-d.sum(b.set)))))
		})
		by[i] = append(by[i], column{1 << i, 0})
	}
	q.search = &search{county: own, all: by, by: by, dual: d, memo: map[uint64]state{}, steps: steps, loose: true}
	return q
}

// move gives a set in the packer's numbering.
func (q *packer) move(s uint64) (out uint64) {
	for ; s != 0; s &= s - 1 {
		out |= 1 << q.to[low(s)]
	}
	return out
}

// sweep orders the municipalities from one end of the map to the other: by their
// distance in borders from one that is far away, so that what is left when the
// first ones are placed is cut off from them by few.
func (c *county) sweep() (order []int) {
	walk := func(from int, within uint64) (seen []int) {
		met := uint64(1) << from
		seen = []int{from}
		for k := 0; k < len(seen); k++ {
			for s := c.adjacent[seen[k]] & within &^ met; s != 0; s &= s - 1 {
				seen = append(seen, low(s))
				met |= s & -s
			}
		}
		return seen
	}
	for _, part := range c.components(c.full()) {
		far := walk(low(part), part)
		far = walk(far[len(far)-1], part)
		order = append(order, walk(far[len(far)-1], part)...)
	}
	return order
}

// leastGroups lists the connected groups with the population of a unit that no
// single member can leave without leaving too few or cutting the rest in two.
func (c *county) leastGroups(most int) (by [][]column, ok bool) {
	by = make([][]column, c.n)
	seen := 0
	var grow func(root int, t, neighbours, foes, allowed uint64, people int64) bool
	grow = func(root int, t, neighbours, foes, allowed uint64, people int64) bool {
		if seen++; seen > most {
			return false
		}
		if people >= c.MinPopulation {
			if c.leastGroup(t, people) {
				by[root] = append(by[root], column{t, -1})
			}
			return true
		}
		if bits.OnesCount64(t) >= c.limit {
			return true
		}
		for candidates := neighbours & allowed &^ foes; candidates != 0; candidates &= candidates - 1 {
			v := candidates & -candidates
			allowed &^= v
			i := low(v)
			if !grow(root, t|v, neighbours|c.adjacent[i], foes|c.split[i], allowed, people+c.people[i]) {
				return false
			}
		}
		return true
	}
	for root := range c.n {
		allowed := c.full() &^ (1<<(root+1) - 1)
		if !grow(root, 1<<root, c.adjacent[root], c.split[root], allowed, c.people[root]) {
			return nil, false
		}
	}
	return by, true
}

// leastGroup tells whether no member can leave.
func (c *county) leastGroup(t uint64, people int64) bool {
	for s := t; s != 0; s &= s - 1 {
		v := s & -s
		rest := t &^ v
		if rest != 0 && people-c.people[low(v)] >= c.MinPopulation && c.component(rest&-rest, rest) == rest {
			return false
		}
	}
	return true
}

// least is what a connected set costs at least: minus the most groups in it. Its
// second answer tells whether that is what the packing costs, and no mere bound.
func (q *packer) least(part uint64) (int64, bool) {
	s := q.search
	set := q.move(part)
	bound := s.least(set)
	for budget := bound; budget < 0 && !s.stopped; budget++ {
		if v, ok := s.place(set, budget); ok {
			if s.stopped {
				return bound, false
			}
			return v, true
		}
		if !s.stopped {
			bound = budget + 1
		}
	}
	return bound, !s.stopped
}

// fill gives a grouping with the most groups: the packing, and each municipality
// left over joined to the group beside it that has the fewest inhabitants.
func (q *packer) fill(c *county) (units []uint64) {
	s := q.search
	set := q.move(c.full())
	back := make([]int, c.n)
	for i, at := range q.to {
		back[at] = i
	}
	var left uint64
	for _, t := range s.units(set) {
		var own uint64
		for m := t; m != 0; m &= m - 1 {
			own |= 1 << back[low(m)]
		}
		if c.population(own) >= c.MinPopulation {
			units = append(units, own)
		} else {
			left |= own
		}
	}
	for left != 0 {
		i, to := -1, -1
		for m := left; m != 0 && to < 0; m &= m - 1 {
			i = low(m)
			for k, t := range units {
				if c.adjacent[i]&t != 0 && (to < 0 || c.population(t) < c.population(units[to])) {
					to = k
				}
			}
		}
		if to < 0 {
			return nil
		}
		units[to] |= 1 << i
		left &^= 1 << i
	}
	return units
}
