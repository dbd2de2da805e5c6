package grouping

// search finds the least cost over a list of groups. It places the lowest
// municipality left, in turn by each group that can, and goes on with each
// connected part of what is left by itself, never beyond a budget; what a part
// costs, or that it costs more than a budget, is remembered.
type search struct {
	*county
	all     [][]column
	by      [][]column // of all, those that the present budget can afford
	dual    *dual
	memo    map[uint64]state
	steps   int // left
	stopped bool
	loose   bool    // parts need not have the population of a unit
	most    int64   // no budget goes beyond this
	packer  *packer // a better bound for the most units; may be nil
}

// state is what is known of a connected set: its least cost where exact, with
// the group it begins with; else that it costs at least that.
type state struct {
	cost  int64
	first uint64
	exact bool
}

// deepen searches with growing budgets. The bound holds in any case.
func (s *search) deepen() (value, bound int64, ok bool) {
	full := s.full()
	bound = s.dual.least(full)
	if s.packer != nil {
		parts := s.components(full)
		least := make([]int64, len(parts))
		for i, part := range parts {
			least[i] = s.least(part)
		}
		bound = max(bound, s.pack(parts, least))
	}
	worst := s.worst()
	step := max(1, bound/1000, -bound/1000)
	if s.Objective == MostUnits || s.Objective == FewestUnits {
		step = 1
	}
	for budget := bound; bound <= worst && budget <= s.most; budget += step {
		budget = min(budget, worst, s.most)
		s.afford(budget*s.dual.scale - s.dual.sum(full))
		value, ok = s.placeAll(full, budget)
		if ok {
			if !s.stopped {
				bound = value
			}
			return value, bound, true
		}
		if s.stopped {
			return 0, bound, false
		}
		bound = budget + 1
		step *= 2
	}
	return 0, bound, false
}

// worst is a cost that no grouping exceeds.
func (s *search) worst() (sum int64) {
	most := int64(-1 << 62)
	for _, list := range s.all {
		for _, t := range list {
			most = max(most, t.cost)
		}
	}
	if most < 0 {
		return most // one unit at least
	}
	return most * int64(s.n)
}

// afford keeps the groups whose cost above their prices the budget can bear.
func (s *search) afford(slack int64) {
	s.by = make([][]column, s.n)
	for i, list := range s.all {
		for _, t := range list {
			if t.cost*s.dual.scale-s.dual.sum(t.set) <= slack {
				s.by[i] = append(s.by[i], t)
			}
		}
	}
}

// placeAll places each connected part of a set within a budget for all.
func (s *search) placeAll(set uint64, budget int64) (cost int64, ok bool) {
	parts := s.components(set)
	least := make([]int64, len(parts))
	for i, part := range parts {
		least[i] = s.least(part)
		cost += least[i]
	}
	if s.packer != nil && cost <= budget {
		cost = s.pack(parts, least)
	}
	for i, part := range parts {
		if cost > budget {
			return 0, false
		}
		v, ok := s.place(part, budget-cost+least[i])
		if !ok {
			return 0, false
		}
		cost += v - least[i]
	}
	return cost, cost <= budget
}

// pack raises the bounds of parts to what a packing proves, remembers them, and
// gives their sum.
func (s *search) pack(parts []uint64, least []int64) (sum int64) {
	for i, part := range parts {
		if _, known := s.memo[part]; !known {
			v, _ := s.packer.least(part)
			least[i] = max(least[i], v)
			s.memo[part] = state{cost: least[i]}
		}
		sum += least[i]
	}
	return sum
}

// least is what a connected set is known to cost at least.
func (s *search) least(part uint64) int64 {
	if m, ok := s.memo[part]; ok {
		return m.cost
	}
	return s.dual.least(part)
}

// place gives the least cost of a connected set, where the budget bears it.
func (s *search) place(part uint64, budget int64) (int64, bool) {
	m, known := s.memo[part]
	if known && m.exact {
		return m.cost, m.cost <= budget
	}
	least := s.least(part)
	if least > budget {
		return 0, false
	}
	prices, given := s.dual.sum(part), budget
	found := state{}
	for _, t := range s.by[low(part)] {
		if t.set&^part != 0 || t.cost*s.dual.scale-s.dual.sum(t.set) > budget*s.dual.scale-prices {
			continue
		}
		if s.steps--; s.steps < 0 {
			s.stopped = true
			break
		}
		rest := part &^ t.set
		if !s.loose && !s.populous(rest) {
			continue
		}
		v, ok := s.placeAll(rest, budget-t.cost)
		if !ok {
			if s.stopped {
				break
			}
			continue
		}
		found = state{v + t.cost, t.set, true}
		if budget = found.cost - 1; budget < least {
			break
		}
	}
	switch {
	case found.exact:
		// Where the search was stopped this is an allowed way, not the least;
		// deepen then claims no more than its bound.
		s.memo[part] = found
		return found.cost, true
	case !s.stopped:
		s.memo[part] = state{cost: max(least, given+1)}
	}
	return 0, false
}

// populous tells whether each connected part has the population of a unit.
func (s *search) populous(rest uint64) bool {
	for rest != 0 {
		part := s.component(rest&-rest, rest)
		if s.population(part) < s.MinPopulation {
			return false
		}
		rest &^= part
	}
	return true
}

// units follows the choices from a set.
func (s *search) units(set uint64) (out []uint64) {
	for _, part := range s.components(set) {
		t := s.memo[part].first
		out = append(append(out, t), s.units(part&^t)...)
	}
	return out
}
