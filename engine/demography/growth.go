package demography

import (
	"cmp"
	"math"
	"slices"
)

// How a municipality grows relative to the country, learnt from series of
// totals: growth of the next years on growth of the last 3 and of the 7 before,
// both beyond the country's. Both parts of the past tell of the future, neither fully.
const (
	growthYears  = 10 // the horizon of the regression, and of the calibration
	growthRecent = 3
	growthPast   = 10
	growthWindow = 40 // how many years of origins are used
	growthTerms  = 2
	halfLife     = 15.0 // years in which an outcome loses half of its weight
	// The spread has fallen from decade to decade, faster than the regression has changed.
	spreadHalfLife = 4.0
)

// growth holds the regression and what it leaves over.
type growth struct {
	beta  [growthTerms]float64
	size0 float64 // variance of a rate is proportional to size0 + size1/inhabitants
	size1 float64
	level float64 // spread of the constant error of a rate, for a municipality of the mean variance
	year  float64 // spread of the yearly innovation
	phi   float64 // memory of the yearly part
}

// priorGrowth is used where series of totals are too short: means over the
// origins 1975-2000 of the regression below, rounded, and a wide spread.
var priorGrowth = growth{beta: [growthTerms]float64{0.4, 0.3}, size0: 0.5, size1: 5000, level: 0.003, year: 0.004, phi: 0.7}

// series are totals by year for each municipality, all years from first to last.
type series struct {
	first, last int
	log         [][]float64 // [unit][year-first]
	nation      []float64
}

// newSeries takes the years up to the base for which every municipality that
// has a series at all has a total, and that hang together with the base.
func newSeries(h *History) *series {
	s := &series{last: h.Base, first: h.Base}
	total := func(i, y int) float64 {
		if p, ok := h.Pop[y]; ok && y <= h.Base {
			sum := 0.0
			for _, v := range p[i] {
				sum += v
			}
			return sum
		}
		if h.Totals == nil || h.Totals[i] == nil {
			return 0
		}
		return h.Totals[i][y]
	}
	whole := func(y int) bool {
		for i := range h.Codes {
			if !(total(i, y) > 0) {
				return false
			}
		}
		return true
	}
	for whole(s.first-1) && s.first > h.Base-200 {
		s.first--
	}
	s.nation = make([]float64, s.last-s.first+1)
	for i := range h.Codes {
		var log []float64
		for y := s.first; y <= s.last; y++ {
			v := max(total(i, y), 0.5)
			log = append(log, math.Log(v))
			s.nation[y-s.first] += v
		}
		s.log = append(s.log, log)
	}
	for y, v := range s.nation {
		s.nation[y] = math.Log(v)
	}
	return s
}

// rate is the yearly growth of a municipality relative to the country.
func (s *series) rate(i, from, to int) float64 {
	a, b := from-s.first, to-s.first
	return (s.log[i][b] - s.log[i][a] - s.nation[b] + s.nation[a]) / float64(to-from)
}

// terms are the regressors of a municipality at an origin.
func (s *series) terms(i, origin int) [growthTerms]float64 {
	return [growthTerms]float64{s.rate(i, origin-growthRecent, origin), s.rate(i, origin-growthPast, origin-growthRecent)}
}

// miss is the error of the regression over h years from an origin.
func (g *growth) miss(s *series, i, origin, h int) float64 {
	return s.rate(i, origin, origin+h) - dot(g.beta, s.terms(i, origin))
}

func dot(a, b [growthTerms]float64) (sum float64) {
	for j := range a {
		sum += a[j] * b[j]
	}
	return sum
}

// fitGrowth fits the regression and the spread of its errors on origins whose
// outcome was known in the base year.
func fitGrowth(s *series) growth {
	from := max(s.first+growthPast, s.last-growthYears-growthWindow)
	if s.last-growthYears-from < 5 || len(s.log) < 20 {
		return priorGrowth
	}
	g, origins := growth{}, 0.0
	for o := from; o <= s.last-growthYears; o++ {
		var xx [growthTerms][growthTerms + 1]float64
		for i := range s.log {
			x, y := s.terms(i, o), s.rate(i, o, o+growthYears)
			for j := range x {
				for k := range x {
					xx[j][k] += x[j] * x[k]
				}
				xx[j][growthTerms] += x[j] * y
			}
		}
		beta, ok := solve(xx)
		if !ok {
			return priorGrowth
		}
		w := recency(s, o+growthYears, halfLife)
		for j, v := range beta {
			g.beta[j] += w * v
		}
		origins += w
	}
	for j := range g.beta {
		g.beta[j] /= origins
	}
	g.fitSize(s, from)
	g.fitSpread(s, from)
	return g
}

// solve is Gaussian elimination of a symmetric positive system.
func solve(a [growthTerms][growthTerms + 1]float64) (x [growthTerms]float64, ok bool) {
	for i := range a {
		if !(a[i][i] > 1e-12) {
			return x, false
		}
		for j := range a {
			if j == i {
				continue
			}
			f := a[j][i] / a[i][i]
			for k := range a[j] {
				a[j][k] -= f * a[i][k]
			}
		}
	}
	for i := range x {
		x[i] = a[i][growthTerms] / a[i][i]
	}
	return x, true
}

// recency is the weight of an outcome: half of it is lost in halfLife years.
func recency(s *series, outcome int, halfLife float64) float64 {
	return math.Exp2(float64(outcome-s.last) / halfLife)
}

// miss is an error and its weight.
type miss struct{ size, err, weight float64 }

// robustSD is the spread of a normal distribution with the same central 80 %.
func robustSD(errors []miss) float64 {
	slices.SortFunc(errors, func(a, b miss) int { return cmp.Compare(math.Abs(a.err), math.Abs(b.err)) })
	all, sum := 0.0, 0.0
	for _, e := range errors {
		all += e.weight
	}
	for _, e := range errors {
		if sum += e.weight; sum >= 0.8*all {
			return math.Abs(e.err) / 1.2815515655446004
		}
	}
	return 0
}

// fitSize fits variance = size0 + size1/inhabitants over ten groups by size,
// weighted by the inverse of the square of the variance, scaled to the mean 1.
func (g *growth) fitSize(s *series, from int) {
	const groups, h = 10, 5
	var all []miss
	for o := from; o <= s.last-h; o++ {
		for i := range s.log {
			all = append(all, miss{math.Exp(s.log[i][o-s.first]), g.miss(s, i, o, h), recency(s, o+h, spreadHalfLife)})
		}
	}
	slices.SortStableFunc(all, func(a, b miss) int { return cmp.Compare(a.size, b.size) })
	var w, wx, wxx, wy, wxy float64
	for k := range groups {
		part := all[k*len(all)/groups : (k+1)*len(all)/groups]
		inv := 0.0
		for _, p := range part {
			inv += 1 / p.size / float64(len(part))
		}
		sd := max(robustSD(part), 1e-6)
		v := sd * sd
		u := 1 / (v * v)
		w, wx, wxx, wy, wxy = w+u, wx+u*inv, wxx+u*inv*inv, wy+u*v, wxy+u*inv*v
	}
	g.size1 = max((w*wxy-wx*wy)/(w*wxx-wx*wx), 0)
	g.size0 = max((wy-g.size1*wx)/w, 1e-7)
}

// scale is the spread of a municipality's rate of five years.
func (g *growth) scale(inhabitants float64) float64 {
	return math.Sqrt(g.size0 + g.size1/max(inhabitants, 100))
}

// fitSpread splits the error of a rate in a constant and a yearly part with a
// memory, so that the errors over 1, 2, 3, 5, 7 and 10 years come out right: least
// squares on the variance of the mean rate, in units of scale, both parts at least
// 0, the memory from a grid.
func (g *growth) fitSpread(s *series, from int) {
	horizons := []int{1, 2, 3, 5, 7, 10}
	var seen []float64
	for _, h := range horizons {
		var errs []miss
		for o := from; o <= s.last-h; o++ {
			for i := range s.log {
				e := g.miss(s, i, o, h) / g.scale(math.Exp(s.log[i][o-s.first]))
				errs = append(errs, miss{0, e, recency(s, o+h, spreadHalfLife)})
			}
		}
		v := robustSD(errs)
		seen = append(seen, v*v)
	}
	best := math.Inf(1)
	for tenth := range 10 {
		phi := float64(tenth) / 10
		var u []float64
		for _, h := range horizons {
			u = append(u, meanVariance(phi, h))
		}
		var aa, ab, bb, ay, by float64
		for k, v := range seen {
			aa, ab, bb, ay, by = aa+1, ab+u[k], bb+u[k]*u[k], ay+v, by+u[k]*v
		}
		level, year := 0.0, by/bb
		if det := aa*bb - ab*ab; det > 1e-12 {
			level, year = (bb*ay-ab*by)/det, (aa*by-ab*ay)/det
		}
		switch {
		case level < 0:
			level, year = 0, by/bb
		case year < 0:
			level, year = ay/aa, 0
		}
		loss := 0.0
		for k, v := range seen {
			e := v - level - year*u[k]
			loss += e * e
		}
		if loss < best {
			best, g.level, g.year, g.phi = loss, math.Sqrt(level), math.Sqrt(year), phi
		}
	}
}

// meanVariance is the variance of the mean of h years of an AR1 that starts at 0
// and has unit innovations.
func meanVariance(phi float64, h int) float64 {
	u, weight := 0.0, 0.0
	for range h {
		weight = 1 + phi*weight
		u += weight * weight
	}
	return u / float64(h*h)
}
