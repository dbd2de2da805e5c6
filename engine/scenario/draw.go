package scenario

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"kommunpilot/engine/random"
)

// shocks are the random parts of one future beyond its population. Which draw
// each group comes from is given apart, so that groups can be exchanged between
// two futures (Sobol).
type shocks struct {
	growth  []float64   // index of the country's tax base per inhabitant, base year 1
	price   []float64   // index of municipal prices
	local   [][]float64 // index of a place's tax base per inhabitant against the country's
	effect  []float64   // of a merger, by area
	coop    []float64   // standard normal, by area
	r       float64
	wage    float64
	oneOff  float64 // factor
	debt    float64
	turnout float64
}

// localVariance is the part of a municipality's yearly variance that falls with
// its size: variance = SD² + localVariance/inhabitants (docs/scenario.md).
const localVariance = 0.31

// from draws the shocks of a future. Economy and effects are draw numbers; still
// puts everything at its mean.
func (s *shocks) from(e *evaluator, economy, effects int, still bool) {
	p, seed := &e.par, e.seed
	normal := func(d int, st random.Stream, unit, year int) float64 {
		if still {
			return 0
		}
		return random.Normal(seed, d, st, unit, year)
	}
	s.growth[0], s.price[0] = 1, 1
	for i := range e.place {
		s.local[i][0] = 1
	}
	for y := 1; y <= e.years; y++ {
		year := e.base + y
		g := p.growth + p.growthSD*normal(economy, random.NationalTaxBase, 0, year)
		s.growth[y] = s.growth[y-1] * math.Exp(g)
		s.price[y] = s.price[y-1] * math.Exp(g+p.price+p.priceSD*normal(economy, random.Price, 0, year))
		for i := range e.place {
			u := &e.place[i]
			s.local[i][y] = s.local[i][y-1] * math.Exp(p.local+u.localSD*normal(economy, random.LocalTaxBase, u.number, year))
		}
	}
	for k := range s.effect {
		unit := p.effectUnit[k]
		s.coop[k] = normal(effects, random.Cooperation, unit, 0)
		s.effect[k] = truncated(p.effect[k], p.effectSD[k], p.effectLow[k], p.effectHigh[k], normal(effects, random.Effect, unit, 0), still)
	}
	s.r = p.reinvest
	s.oneOff = p.oneOffAt
	if !still {
		if !p.reinvestFixed {
			s.r = beta82(random.Paired(seed, effects, random.Reinvestment, 0, 0))
		}
		s.oneOff *= 1 + p.oneOffSpread*(2*random.Paired(seed, effects, random.Transition, 0, 0)-1)
	}
	s.wage = p.wage + p.wageSD*normal(effects, random.WageHarmony, 0, 0)
	s.debt = max(0, p.debt+p.debtSD*normal(effects, random.DebtBefore, 0, 0))
	s.turnout = p.turnout + p.turnoutSD*normal(effects, random.Turnout, 0, 0)
}

// beta82 is the quantile of the distribution Beta(8, 2), whose mean is 0.8.
func beta82(u float64) float64 { return mathext.InvRegIncBeta(8, 2, u) }

// truncated is a normal number within bounds (none where both are 0), from one
// standard normal: the inverse of the truncated distribution function.
func truncated(mean, sd, low, high, z float64, still bool) float64 {
	if still || low == 0 && high == 0 || sd == 0 {
		return mean + sd*z
	}
	cdf := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	a, b := cdf((low-mean)/sd), cdf((high-mean)/sd)
	u := a + (b-a)*cdf(z)
	return min(max(mean+sd*math.Sqrt2*math.Erfinv(2*u-1), low), high)
}

// net is what remains of an effect when a share r of a saving is spent
// elsewhere; an increase is never reduced (structure.md 3.2, rule 4).
func net(effect, r float64) float64 { return max(effect, 0) + min(effect, 0)*(1-r) }

// phase is the share of an effect in year n of an arrangement, n = 1 the first.
func phase(n, years float64) float64 { return min(1, n/years) }

// saturation is the share of a merger's effect that its smallest part leaves.
func saturation(smallest, small, large float64) float64 {
	switch {
	case smallest <= small:
		return 1
	case smallest >= large:
		return 0
	}
	return (large - smallest) / (large - small)
}
