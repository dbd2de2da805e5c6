package grouping

// programme is the dynamic programme over the set of municipalities not yet
// placed:
//
//	f(∅) = 0,  f(R) = min over allowed groups T ⊆ R with first(R) ∈ T of c(T) + f(R \ T)
//
// where first(R) is the first of R in the numbering. Cost O(states · groups of
// one first member).
type programme struct {
	*county
	by   [][]column
	memo map[uint64]best
}

// best is f of a set and the group that it begins with.
type best struct {
	cost  int64
	first uint64
	ok    bool
}

// solve gives f, and of equals the grouping that comes first in the order of
// codes. That one is made of such parts: of two groupings of the same set, the
// same one comes first with or without another group beside them.
func (p *programme) solve(rest uint64) best {
	if b, ok := p.memo[rest]; ok {
		return b
	}
	b := best{ok: rest == 0}
	if rest != 0 {
		for _, t := range p.by[p.first(rest)] {
			if t.set&^rest != 0 {
				continue
			}
			after := p.solve(rest &^ t.set)
			v := t.cost + after.cost
			if after.ok && (!b.ok || v < b.cost || v == b.cost && p.sooner(rest, t.set, b.first)) {
				b = best{v, t.set, true}
			}
		}
	}
	p.memo[rest] = b
	return b
}

// sooner tells whether the grouping of a set that begins with a comes before the
// one that begins with b.
func (p *programme) sooner(set, a, b uint64) bool {
	for left := set; left != 0; {
		x := left & -left
		ofA, ofB := p.holding(x, set, a), p.holding(x, set, b)
		if ofA != ofB {
			return before(ofA, ofB)
		}
		left &^= ofA
	}
	return false
}

// holding is the group that holds a municipality in the grouping of a set that
// begins with a group.
func (p *programme) holding(x, set, t uint64) uint64 {
	for t&x == 0 {
		set &^= t
		t = p.memo[set].first
	}
	return t
}

// units follows the choices from a set.
func (p *programme) units(rest uint64) (out []uint64) {
	for rest != 0 {
		t := p.memo[rest].first
		out = append(out, t)
		rest &^= t
	}
	return out
}

// Count counts the connected partitions that the rules allow, and the sets that
// the dynamic programme reaches. It takes at most 16 municipalities.
func Count(p *Problem) (partitions, states int, err error) {
	c, err := newCounty(p)
	if err != nil {
		return 0, 0, err
	}
	if c.n > programmeLimit {
		return 0, 0, bad("%d municipalities; counting takes at most %d", c.n, programmeLimit)
	}
	by, _, _ := c.columns(c.limit, 1<<c.n)
	memo := map[uint64]int{0: 1}
	var count func(uint64) int
	count = func(rest uint64) int {
		if n, ok := memo[rest]; ok {
			return n
		}
		n := 0
		for _, t := range by[c.first(rest)] {
			if t.set&^rest == 0 {
				n += count(rest &^ t.set)
			}
		}
		memo[rest] = n
		return n
	}
	partitions = count(c.full())
	return partitions, len(memo), nil
}

// programmeLimit is up to how many municipalities the programme is used: even a
// map where all are neighbours then has at most 32 768 states.
const programmeLimit = 16
