package grouping

import (
	"fmt"
	"math"
	"math/bits"
)

// Solve finds the best grouping. Errors are about the problem itself and wrap
// ErrInput; that no grouping is allowed is an answer.
//
// Up to 16 municipalities it runs a dynamic programme over the sets of
// municipalities left, which lists every allowed group: O(states · groups). Above
// that it lists the allowed groups up to the largest size that Options.Columns
// permits, bounds the set partitioning by the duals of its linear relaxation,
// checked in whole numbers against every group, and searches below that bound
// with a memory of the sets left. Answer.SizeLimit tells when a size was left out.
func Solve(p *Problem, o Options) (*Answer, error) {
	c, err := newCounty(p)
	if err != nil {
		return nil, err
	}
	if o.Columns == 0 {
		o.Columns = 1_000_000
	}
	if o.Steps == 0 {
		o.Steps = 30_000_000
	}
	a := &Answer{}
	for i := range c.n {
		if c.adjacent[i] == 0 {
			a.Isolated = append(a.Isolated, c.codes[i])
		}
	}
	c.solve(a, o)
	if a.Status == Infeasible {
		a.Value, a.Bound = math.NaN(), math.NaN()
		c.explain(a, o)
	}
	return a, nil
}

// solve fills in status, value, bound and units.
func (c *county) solve(a *Answer, o Options) {
	if c.n > programmeLimit {
		c.large(a, o)
		return
	}
	a.Method = "dynamiskt program över de kommuner som är kvar"
	by, _, _ := c.columns(c.limit, 1<<c.n)
	p := &programme{county: c, by: by, memo: map[uint64]best{}}
	b := p.solve(c.full())
	a.States = len(p.memo)
	if !b.ok {
		a.Status = Infeasible
		return
	}
	c.found(a, b.cost, b.cost, p.units(c.full()))
}

// large is solve for more municipalities than the programme takes.
func (c *county) large(a *Answer, o Options) {
	for _, part := range c.components(c.full()) {
		if c.population(part) < c.MinPopulation {
			a.Method, a.Status = "varje sammanhängande del mot minsta folkmängd", Infeasible
			return
		}
	}
	if c.whole(a) {
		return
	}
	a.Method = "mängdpartition: dualgräns och sökning under den"
	by, size := c.list(o.Columns)
	if size == 0 {
		c.fallback(a, c.easyBound())
		return
	}
	if size < c.limit {
		a.SizeLimit = size
	}
	c.partition(a, by, o)
}

// whole settles the fewest units where nothing but population limits a unit:
// each connected part is one.
func (c *county) whole(a *Answer) bool {
	if c.Objective != FewestUnits || !c.free() {
		return false
	}
	parts := c.components(c.full())
	a.Method = "varje sammanhängande del är en enhet"
	c.found(a, int64(len(parts)), int64(len(parts)), parts)
	return true
}

// list is the allowed groups up to the largest size whose groups are not too many.
func (c *county) list(most int) (by [][]column, size int) {
	for k := 1; k <= c.limit; k++ {
		more, complete, ok := c.columns(k, most)
		if !ok {
			break
		}
		by, size = more, k
		if complete {
			size = c.limit
			break
		}
	}
	return by, size
}

// partition solves the set partitioning over the groups listed.
func (c *county) partition(a *Answer, by [][]column, o Options) {
	s := &search{county: c, all: by, dual: c.dual(by), memo: map[uint64]state{}, steps: o.Steps, most: math.MaxInt64}
	easy := c.easyBound()
	packed := false
	if c.Objective == MostUnits {
		if s.packer = c.newPacker(o.Columns, o.Steps); s.packer != nil {
			packed = c.packed(s, &easy)
		}
	}
	if packed && a.SizeLimit > 0 && c.free() { // beyond it the packing itself is the answer
		s.most = easy
	}
	value, bound, ok := s.deepen()
	a.States = len(s.memo) + 1
	switch {
	case ok:
		if a.SizeLimit > 0 && value == easy {
			a.SizeLimit = 0
		}
		c.found(a, value, bound, s.units(c.full()))
	case packed && c.free():
		a.Method += "; av lika bra inte den första i kodordning"
		a.SizeLimit = 0
		c.found(a, easy, easy, s.packer.fill(c))
	case !s.stopped && a.SizeLimit == 0:
		a.Status = Infeasible
	case a.SizeLimit > 0: // no grouping within the size, perhaps one beyond it
		a.SizeLimit = 0
		c.fallback(a, easy)
	default:
		c.fallback(a, max(easy, bound))
	}
}

// packed raises an easy bound for the most units to that of the packing; it tells
// whether the packing was solved.
func (c *county) packed(s *search, easy *int64) bool {
	var sum int64
	solved := true
	for _, part := range c.components(c.full()) {
		v, ok := s.packer.least(part)
		sum, solved = sum+v, solved && ok
	}
	*easy = max(*easy, sum)
	return solved
}

// free tells whether nothing but population limits a unit.
func (c *county) free() bool {
	return c.limit == c.n && len(c.Together)+len(c.Apart) == 0 && c.MaxMinutes == 0
}

// found writes an allowed grouping into the answer.
func (c *county) found(a *Answer, value, bound int64, units []uint64) {
	a.Status = Optimal
	if bound < value {
		a.Status = Bounded
	}
	a.Value, a.Bound = c.value(value), c.value(bound)
	for _, t := range sorted(units) {
		a.Units = append(a.Units, c.names(t))
	}
}

func sorted(units []uint64) []uint64 {
	for i := range units {
		for j := i; j > 0 && low(units[j]) < low(units[j-1]); j-- {
			units[j], units[j-1] = units[j-1], units[j]
		}
	}
	return units
}

// fallback gives some allowed grouping by merging, with a bound that holds for
// groups of any size.
func (c *county) fallback(a *Answer, bound int64) {
	a.Method += "; inte avslutad, steg för steg i stället"
	units, ok := c.merge()
	c.improve(units)
	if !ok {
		a.Status, a.Value, a.Bound = Undecided, math.NaN(), c.value(bound)
		return
	}
	var value int64
	for _, t := range units {
		value += c.cost(t)
	}
	c.found(a, value, min(bound, value), units)
}

// easyBound is a least cost that needs no search.
func (c *county) easyBound() (bound int64) {
	for _, part := range c.components(c.full()) {
		switch c.Objective {
		case MostUnits:
			var capped int64
			for s := part; s != 0; s &= s - 1 {
				capped += min(c.people[low(s)], c.MinPopulation)
			}
			units := int64(bits.OnesCount64(part))
			if c.MinPopulation > 0 {
				units = min(units, capped/c.MinPopulation)
			}
			bound -= units
		case FewestUnits:
			bound += int64((bits.OnesCount64(part) + c.limit - 1) / c.limit)
		}
	}
	if c.Objective == FewestUnits {
		for _, codes := range c.Apart {
			bound = max(bound, int64(len(codes)))
		}
	}
	return bound
}

// improve moves one municipality at a time to a unit beside its own, as long as
// both stay allowed and the sum of costs falls: the first such move in order.
func (c *county) improve(units []uint64) {
	for moved := true; moved; {
		moved = false
		for a := range units {
			for s := units[a]; s != 0 && !moved; s &= s - 1 {
				moved = c.move(units, a, s&-s)
			}
		}
	}
}

// move moves a municipality out of unit a where that lowers the cost.
func (c *county) move(units []uint64, a int, v uint64) bool {
	left := units[a] &^ v
	if left == 0 || c.component(left&-left, left) != left || !c.allows(left) {
		return false
	}
	for b, t := range units {
		if b == a || !c.mayJoin(v, t) || !c.allows(t|v) {
			continue
		}
		if c.cost(left)+c.cost(t|v) < c.cost(units[a])+c.cost(t) {
			units[a], units[b] = left, t|v
			return true
		}
	}
	return false
}

// merge joins, from one unit for each municipality (those that must be together
// joined), the smallest unit that is not allowed to the neighbour that makes the
// smallest unit, until all are allowed.
func (c *county) merge() (units []uint64, ok bool) {
	for i := range c.n {
		units = append(units, 1<<i)
	}
	for {
		worst := -1
		for i, t := range units {
			if !c.allows(t) && (worst < 0 || c.population(t) < c.population(units[worst])) {
				worst = i
			}
		}
		if worst < 0 {
			return units, true
		}
		to := -1
		for j, t := range units {
			if j != worst && c.mayJoin(units[worst], t) && (to < 0 || c.population(t) < c.population(units[to])) {
				to = j
			}
		}
		if to < 0 {
			return nil, false
		}
		units[worst] |= units[to]
		units = append(units[:to], units[to+1:]...)
	}
}

// mayJoin tells whether two units touch and none of one must be apart from one of the other.
func (c *county) mayJoin(a, b uint64) bool {
	if bits.OnesCount64(a|b) > c.limit {
		return false
	}
	var neighbours, foes uint64
	for s := a; s != 0; s &= s - 1 {
		neighbours |= c.adjacent[low(s)]
		foes |= c.split[low(s)]
	}
	return neighbours&b != 0 && foes&b == 0
}

// String is the status and the value with its gap, for people who read logs.
func (a *Answer) String() string {
	return fmt.Sprintf("%s: %d units, value %g, bound %g, %d states", a.Status, len(a.Units), a.Value, a.Bound, a.States)
}
