package scenario

import (
	"math"
	"slices"

	"kommunpilot/engine/demography"
	"kommunpilot/engine/random"
)

// Bar is one assumption's part of a tornado: what the change of the required tax
// rate would be (kr per 100 kr against doing nothing, mean of the municipalities
// weighted by tax base, in the shown year) if it alone were at its 10 or its 90
// per cent point.
type Bar struct {
	Key, Name      string
	Low, Mid, High float64 // the assumption's values
	AtLow, AtHigh  float64
	Center         float64 // with everything at its mean
	Evidence       []string
}

// Span is how much the assumption decides.
func (b Bar) Span() float64 { return math.Abs(b.AtHigh - b.AtLow) }

// z90 is the 90 per cent point of the standard normal distribution.
const z90 = 1.2815515655446004

// tornado varies one assumption at a time in the run without shocks.
func (e *evaluator) tornado(p *Plan, proj *Projection, sc *Scenario) []Bar {
	year := p.ShownYear() - e.base
	measure := func(change func(par *params)) float64 {
		d := *e
		d.par.effect = slices.Clone(e.par.effect)
		if change != nil {
			change(&d.par)
		}
		return d.mean(p, proj, sc, year)
	}
	center := measure(nil)
	var out []Bar
	with := p.Assumptions
	with.Areas = e.areas
	for _, a := range with.All() {
		low, high := a.Value-z90*a.Spread, a.Value+z90*a.Spread
		var set func(par *params, v float64)
		switch a.Key {
		case keyReinvest:
			if e.par.reinvestFixed {
				continue
			}
			low, high = beta82(0.1), beta82(0.9)
			set = func(par *params, v float64) { par.reinvest = v }
		case keyWage:
			set = func(par *params, v float64) { par.wage = v }
		case keyDebt:
			set = func(par *params, v float64) { par.debt = max(v, 0) }
		case keyCoop:
			set = func(par *params, v float64) { par.coopSmall += v - par.coop; par.coop = v }
		case keyOneOff:
			// Uniform within its spread: the points are at eight tenths of it.
			w := 0.8 * e.par.oneOffSpread
			low, high = 1-w, 1+w
			set = func(par *params, v float64) { par.oneOffAt = v }
			a.Value = 1
		default:
			k := slices.IndexFunc(e.areas, func(x Area) bool { return effectPrefix+x.Code == a.Key })
			if k < 0 || a.Spread == 0 {
				continue
			}
			set = func(par *params, v float64) { par.effect[k] = v }
		}
		b := Bar{Key: a.Key, Name: a.Name, Low: low, Mid: a.Value, High: high, Center: center, Evidence: a.Evidence}
		b.AtLow = measure(func(par *params) { set(par, low) })
		b.AtHigh = measure(func(par *params) { set(par, high) })
		if b.Span() > 1e-9 {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b Bar) int {
		// How much of a saving is kept decides what is done with it: it stands first.
		if (a.Key == keyReinvest) != (b.Key == keyReinvest) {
			if a.Key == keyReinvest {
				return -1
			}
			return 1
		}
		switch {
		case a.Span() > b.Span():
			return -1
		case a.Span() < b.Span():
			return 1
		}
		return 0
	})
	return out
}

// mean is what a scenario changes of the required rate in a year without shocks,
// weighted by tax base.
func (e *evaluator) mean(p *Plan, proj *Projection, sc *Scenario, year int) float64 {
	f, s := e.newFuture(), e.newSheet()
	e.load(f, proj, -1, -1, -1)
	return e.weigh(p, sc, s, f, year)
}

func (e *evaluator) weigh(p *Plan, sc *Scenario, s *sheet, f *future, year int) float64 {
	none, err := e.newVariant(p, nil, false)
	if err != nil {
		return math.NaN()
	}
	v, err := e.newVariant(p, sc, false)
	if err != nil {
		return math.NaN()
	}
	return e.paired(none, v, s, f, year)
}

// paired is the difference between two variants in one future.
func (e *evaluator) paired(none, v *variant, s *sheet, f *future, year int) float64 {
	before := make([]float64, len(v.followed))
	for u, row := range e.values(s, none, f, year)[:len(v.followed)] {
		before[u] = row[RequiredRate]
	}
	sum, weight := 0.0, 0.0
	for u, row := range e.values(s, v, f, year)[:len(v.followed)] {
		w := e.place[v.followed[u]].base
		sum += w * (row[RequiredRate] - before[u])
		weight += w
	}
	return sum / weight
}

// Share is the share of the variance of a scenario's change of the required rate
// that a group of assumptions explains alone (first-order index of Sobol).
type Share struct {
	Group string
	Value float64
}

// sobol exchanges one group at a time between the first and the second half of
// the draws (Saltelli's estimator). Fewer than 100 draws give nothing.
func (e *evaluator) sobol(vs []*variant, proj *Projection, at int, o Options) []Share {
	n := o.Draws / 2
	if n < 50 {
		return nil
	}
	year := e.shown
	none, v := vs[0], vs[at]
	fa, fb := make([]float64, n), make([]float64, n)
	mix := [3][]float64{make([]float64, n), make([]float64, n), make([]float64, n)}
	parallel(n, Options{Workers: o.Workers}, func() func(int) {
		f, s := e.newFuture(), e.newSheet()
		return func(i int) {
			a, b := i, n+i
			one := func(people, economy, effects int) float64 {
				e.load(f, proj, people, economy, effects)
				return e.paired(none, v, s, f, year)
			}
			fa[i], fb[i] = one(a, a, a), one(b, b, b)
			mix[0][i], mix[1][i], mix[2][i] = one(b, a, a), one(a, b, a), one(a, a, b)
		}
	})
	var mean, square float64
	for i := range n {
		mean += (fa[i] + fb[i]) / float64(2*n)
	}
	for i := range n {
		square += ((fa[i]-mean)*(fa[i]-mean) + (fb[i]-mean)*(fb[i]-mean)) / float64(2*n)
	}
	if square < 1e-18 {
		return nil
	}
	var out []Share
	for g, name := range []string{GroupPeople, GroupEconomy, GroupEffects} {
		s := 0.0
		for i := range n {
			s += (fb[i] - mean) * (mix[g][i] - fa[i]) / float64(n)
		}
		out = append(out, Share{name, min(max(s/square, 0), 1)})
	}
	return out
}

// oneOff is the whole one-off cost of a scenario's mergers.
func (e *evaluator) oneOff(v *variant, proj *Projection, o Options) Band {
	draws := make([]float32, o.Draws)
	for d := range draws {
		factor := 1 + e.par.oneOffSpread*(2*random.Paired(e.seed, d, random.Transition, 0, 0)-1)
		for n := range v.steps {
			st := &v.steps[n]
			if st.Kind != Merger {
				continue
			}
			people := 0.0
			for _, code := range v.units[st.unit].Members {
				people += float64(proj.draws.Sum(e.at[code], st.From-e.base, wAll)[d])
			}
			draws[d] += float32(factor * e.transition(st.Step, len(st.members), people))
		}
	}
	return demography.Summary(draws)
}

// democracy is what each merger of a scenario does to representation.
func (e *evaluator) democracy(v *variant, proj *Projection, o Options) (out []Democracy) {
	for n := range v.steps {
		st := &v.steps[n]
		if st.Kind != Merger {
			continue
		}
		d := Democracy{}
		members := v.units[st.unit].Members
		var voters []float64
		people := 0.0
		known := true
		for _, code := range members {
			pl := &e.place[e.at[code]]
			x := float64(proj.still.Sum(pl.index, 0, wAdults)[0]) * pl.voters
			voters = append(voters, x)
			d.Voters += x
			people += float64(proj.still.Sum(pl.index, 0, wAll)[0])
			seats := e.c.Units[pl.index].Seats
			d.SeatsBefore += seats
			known = known && seats > 0
			d.Parts = append(d.Parts, DemocracyPart{Code: code, Name: pl.name, Voters: x, Seats: seats})
		}
		power := Banzhaf(voters)
		for i := range d.Parts {
			p := &d.Parts[i]
			p.Share = p.Voters / d.Voters
			if power != nil {
				p.Power = power[i]
			}
			d.Majority = d.Majority || p.Share > 0.5
			p.TurnoutFalls = p.Share < 0.5
		}
		if !known {
			d.SeatsBefore = 0
		}
		d.SeatsAfter = MinSeats(d.Voters)
		if d.SeatsBefore > 0 {
			d.PersonsBefore = people / float64(d.SeatsBefore)
		}
		d.PersonsAfter = people / float64(d.SeatsAfter)
		turnout := make([]float32, o.Draws)
		for i := range turnout {
			turnout[i] = float32(e.par.turnout + e.par.turnoutSD*random.Normal(e.seed, i, random.Turnout, 0, 0))
		}
		d.Turnout = demography.Summary(turnout)
		out = append(out, d)
	}
	return out
}
