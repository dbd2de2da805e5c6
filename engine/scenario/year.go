package scenario

import "math"

// sheet is the memory of one worker for one variant: the accounts of the places
// and of the merged units in one year.
type sheet struct {
	open   []account             // by place
	merged []account             // by unit of the variant; used where a merger has begun
	group  []int                 // by place: the unit it has become, -1 alone
	before []float64             // by place: grants alone, for what a merger changes
	pay    []float64             // by place: what it paid for a shared task itself
	part   []float64             // by place: its share of it
	values [][indicators]float64 // by unit
}

func (e *evaluator) newSheet() *sheet {
	s := &sheet{open: make([]account, len(e.place)), group: make([]int, len(e.place)), before: make([]float64, len(e.place)), pay: make([]float64, len(e.place)), part: make([]float64, len(e.place))}
	for i := range s.open {
		s.open[i].cost = make([]float64, len(e.areas))
	}
	return s
}

// values computes every indicator of every unit of a variant in a year. A value
// that a unit does not have in the year is NaN.
func (e *evaluator) values(s *sheet, v *variant, f *future, y int) [][indicators]float64 {
	e.ready(s, v, f, y)
	year := e.base + y
	for n := range v.steps {
		st := &v.steps[n]
		if year < st.From {
			continue
		}
		nth := float64(year - st.From + 1)
		switch {
		case st.Kind == Merger:
			e.merge(s, v, st, f, y, nth)
		case st.Responsibility:
			e.shift(s, v, st, f, y)
		default:
			e.cooperate(s, v, st, f, y, nth)
		}
	}
	e.settle(s, v, f, y)
	return s.values
}

func (e *evaluator) ready(s *sheet, v *variant, f *future, y int) {
	for len(s.merged) < len(v.units) {
		s.merged = append(s.merged, account{cost: make([]float64, len(e.areas))})
	}
	for len(s.values) < len(v.units) {
		s.values = append(s.values, [indicators]float64{})
	}
	s.values = s.values[:len(v.units)]
	for u := range s.values {
		for k := range s.values[u] {
			s.values[u][k] = math.NaN()
		}
	}
	for i := range s.open {
		s.group[i] = -1
		e.open(&s.open[i], f, i, y)
		s.before[i] = e.incomeGrant(&s.open[i], f, y) + e.costGrant(&s.open[i], f, y)
	}
}

// cooperate shares the cost of areas among the parties (type B, and C by agreement).
func (e *evaluator) cooperate(s *sheet, v *variant, st *step, f *future, y int, nth float64) {
	deflate := f.shocks.growth[y]
	var own, small float64
	for _, i := range st.members {
		c := 0.0
		for _, k := range st.areas {
			c += s.open[i].cost[k]
		}
		s.pay[i] = c
		own += c
		if e.n(f, i, 0, wAll) < e.par.small {
			small += c
		}
	}
	for _, i := range st.members {
		s.part[i] = e.share(s, st, f, i, y, own)
	}
	total := 0.0
	for _, k := range st.areas {
		cost := 0.0
		for _, i := range st.members {
			cost += s.open[i].cost[k]
		}
		if !v.zero && own > 0 {
			mean := e.par.coop + (e.par.coopSmall-e.par.coop)*small/own
			effect := phase(nth, e.par.phase) * net(mean+e.par.coopSD*f.shocks.coop[k], f.shocks.r)
			cost *= 1 + effect + e.par.coordination
		}
		total += cost
		for _, i := range st.members {
			s.open[i].cost[k] = cost * s.part[i]
		}
	}
	for _, i := range st.members {
		u, people := v.unitOf(e.place[i].code), s.open[i].people
		s.values[u][ShareBefore] = s.pay[i] / people / deflate
		s.values[u][ShareAfter] = total * s.part[i] / people / deflate
	}
}

// share is a party's part of a common cost.
func (e *evaluator) share(s *sheet, st *step, f *future, i, y int, own float64) float64 {
	part := func(of func(j int) float64) float64 {
		sum := 0.0
		for _, j := range st.members {
			sum += of(j)
		}
		return of(i) / sum
	}
	heads := func(j int) float64 { return s.open[j].people }
	switch st.Key {
	case ByInhabitants:
		return part(heads)
	case ByNeed:
		return part(func(j int) (need float64) {
			for _, k := range st.areas {
				need += e.n(f, j, y, wAreas+k)
			}
			return need
		})
	case FixedAndUse:
		return st.Fixed*part(heads) + (1-st.Fixed)*s.pay[i]/own
	case ByUse:
	}
	return s.pay[i] / own
}

// shift moves areas to the region with a tax shift (type C by responsibility,
// structure.md 8).
func (e *evaluator) shift(s *sheet, v *variant, st *step, f *future, y int) {
	var cost, base, std float64
	for _, k := range st.areas {
		for _, i := range st.county {
			cost += s.open[i].cost[k]
		}
		std += e.stdNation[k] * e.n(f, len(e.place), y, wAreas+k) / e.n(f, len(e.place), y, wAll) * f.shocks.price[y]
	}
	for _, i := range st.county {
		base += s.open[i].base
	}
	delta := cost / base
	region := 0.0
	people := 0.0
	for _, i := range st.county {
		a := &s.open[i]
		own, standard := 0.0, 0.0
		for _, k := range st.areas {
			own += a.cost[k]
			standard += e.place[i].standard[k] * e.n(f, i, y, wAreas+k) * f.shocks.price[y]
			a.cost[k] = 0
		}
		gap := e.c.Rules.Level.Number*f.mean[y]*a.inhabitants - a.base
		change := -delta*gap - (standard*a.inhabitants/a.people - std*a.inhabitants)
		a.shift += change
		a.shifted += delta
		won := own - delta*a.base + change
		region -= won
		people += a.people
		u := v.unitOf(e.place[i].code)
		s.values[u][ShiftNet] = won / a.people / f.shocks.growth[y]
		s.values[u][ShiftRate] = 100 * delta
	}
	s.values[v.region][ShiftNet] = region / people / f.shocks.growth[y]
	s.values[v.region][ShiftRate] = 100 * delta
}

// merge makes one unit of several (type A).
func (e *evaluator) merge(s *sheet, v *variant, st *step, f *future, y int, nth float64) {
	m := &s.merged[st.unit]
	cost := m.cost
	clear(cost)
	*m = account{cost: cost, lowest: math.Inf(1)}
	smallest, largest := math.Inf(1), -1.0
	before := 0.0
	taken := map[int]bool{}
	at := st.From - e.base // the first year, counted from the base year
	for _, i := range st.members {
		a := &s.open[i]
		if g := s.group[i]; g >= 0 {
			if taken[g] {
				continue
			}
			taken[g] = true
			a = &s.merged[g]
			before += e.incomeGrant(a, f, y) + e.costGrant(a, f, y) + a.protected
		} else {
			before += s.before[i] + a.shift
		}
		size := a.people
		if a == &s.open[i] {
			size = e.n(f, i, max(at-1, 0), wAll)
		}
		smallest = min(smallest, size)
		if size > largest {
			largest = size
			m.grant, m.fee = a.grant, a.fee
		}
		m.add(a)
	}
	if st.County != "" {
		m.grant, m.fee = e.rates(st.County)
	}
	for i, g := range s.group {
		if taken[g] {
			s.group[i] = st.unit
		}
	}
	for _, i := range st.members {
		s.group[i] = st.unit
	}
	if st.Protection != NoProtection && st.Protection != "" {
		lost := before - m.shift - (e.incomeGrant(m, f, y) + e.costGrant(m, f, y))
		m.protected = max(lost, 0) * protection(st.Protection, nth)
	}
	if v.zero {
		return
	}
	p := &e.par
	scale := phase(nth, p.phase) * saturation(smallest, p.small, p.large)
	if !st.Forced {
		scale *= p.voluntary
	}
	wages := 0.0
	if nth <= p.wageYears {
		wages = f.shocks.wage * p.wageShare
	}
	for k := range m.cost {
		m.cost[k] *= 1 + net(f.shocks.effect[k]*scale, f.shocks.r) + wages
	}
	if nth <= p.oneOffYears {
		m.oneOff += e.transition(st.Step, len(st.members), m.people) / p.oneOffYears * f.shocks.oneOff * f.shocks.price[y]
	}
	e.debt(st, m, f, y, nth)
}

// transition is the one-off cost of a merger at its mean, kr at the base year's level.
func (e *evaluator) transition(st *Step, members int, people float64) float64 {
	if st.OneOff > 0 {
		return st.OneOff
	}
	for _, r := range e.c.OneOff {
		if r.Members == members && people >= r.From && people <= r.To {
			return r.Kronor
		}
	}
	p := &e.par
	return p.oneOff + p.oneOffUnit*float64(members-1) + p.oneOffPerson*people
}

// debt is what the parts borrowed the year before, being a part of a larger
// whole: interest and amortisation are paid by all.
func (e *evaluator) debt(st *step, m *account, f *future, y int, nth float64) {
	p := &e.par
	if nth > p.amortise {
		return
	}
	first := max(st.From-e.base-1, 0)
	whole := 0.0
	for _, i := range st.members {
		whole += e.n(f, i, first, wAll)
	}
	borrowed := 0.0
	for _, i := range st.members {
		income := e.taxBase(f, i, first)*e.place[i].rate/100 + e.place[i].rest*e.inhabitants(f, i, first)*f.shocks.growth[first]
		borrowed += f.shocks.debt * income * (1 - e.n(f, i, first, wAll)/whole)
	}
	left := borrowed * (1 - (nth-1)/p.amortise)
	m.debt += left
	m.interest += left*p.interest + borrowed/p.amortise
}

// protection is the share of a loss that is paid in year n.
func protection(rule Protection, n float64) float64 {
	full, taper := 15.0, 5.0
	if rule == Luzern {
		full, taper = 6, 1
	}
	switch {
	case n <= full:
		return 1
	case rule == Luzern && n <= full+taper:
		return 0.5
	case n <= full+taper:
		return 1 - (n-full)/(taper+1)
	}
	return 0
}

// settle turns the accounts into indicators.
func (e *evaluator) settle(s *sheet, v *variant, f *future, y int) {
	// A merger changes the sum of the equalisation, and so everybody's regleringspost.
	changed := 0.0
	counted := map[int]bool{}
	for _, i := range v.followed {
		if g := s.group[i]; g >= 0 {
			changed -= s.before[i]
			if !counted[g] {
				counted[g] = true
				changed += e.incomeGrant(&s.merged[g], f, y) + e.costGrant(&s.merged[g], f, y)
			}
		}
	}
	each := f.each[y] - changed/f.heads[y]
	for u, i := range v.followed {
		out := &s.values[u]
		a := &s.open[i]
		e.people(out, a, f, i, y)
		if g := s.group[i]; g >= 0 {
			m := &s.merged[g]
			out[RequiredRate] = e.requiredRate(m, e.grants(m, f, y, each))
			if !counted[g] {
				continue
			}
			counted[g] = false
			to := &s.values[g]
			e.people(to, m, f, -1, y)
			e.money(to, m, f, y, each, e.chosen(v, g, m, out[RequiredRate]))
			continue
		}
		e.money(out, a, f, y, each, a.rate)
	}
}

// chosen is the tax rate that a merged unit starts with.
func (e *evaluator) chosen(v *variant, unit int, m *account, required float64) float64 {
	for n := range v.steps {
		if st := &v.steps[n]; st.Kind == Merger && st.unit == unit {
			switch st.Rule {
			case Lowest:
				return m.lowest
			case Required:
				return required
			}
		}
	}
	return m.rate
}

func (e *evaluator) people(out *[indicators]float64, a *account, f *future, i, y int) {
	out[Population], out[Elderly], out[Voters] = a.people, a.old, a.voters
	out[Working], out[Dependency] = 100*a.work/a.people, a.people/a.work
	out[Seats] = float64(MinSeats(a.voters))
	if i >= 0 {
		was := 0.0
		for k := range e.areas {
			was += e.n(f, i, 0, wAreas+k)
		}
		out[NeedIndex] = 100 * a.need / was
	}
}

func (e *evaluator) money(out *[indicators]float64, a *account, f *future, y int, each, rate float64) {
	level := f.shocks.growth[y]
	head := a.people * level
	grants := e.grants(a, f, y, each)
	out[NetCost] = a.costs() / head
	out[TaxBase] = a.base / head
	out[IncomeGrant] = e.incomeGrant(a, f, y) / head
	out[CostGrant] = e.costGrant(a, f, y) / head
	out[OtherGrants] = (a.rest + a.shift + a.protected) / head
	out[Adjustment] = each * a.inhabitants / head
	out[RequiredRate] = e.requiredRate(a, grants)
	out[ResultToday] = (a.base*(rate/100-a.shifted) + grants - a.costs() - a.oneOff - a.interest) / head
	out[OneOff] = a.oneOff / head
	out[NewDebt] = a.debt / head
	out[Staff] = a.staff
}
