package demography

import "math"

// ClassBounds part municipalities by inhabitants in the base year: below the
// first, between two, and the last or more.
var ClassBounds = [...]float64{5_000, 10_000, 20_000, 50_000, 100_000}

// Methods of a back-test, in the order of ClassResult.MAPE.
const (
	ByModel = iota
	ByNoChange
	ByGrowth
	ByHamiltonPerry
	Methods
)

// Coverages are the central bands that a back-test counts.
var Coverages = [...]float64{0.50, 0.80, 0.90}

// ClassResult is a back-test in one class of size, or in all.
type ClassResult struct {
	Units int
	MAPE  [Methods]float64        // mean of |foretold/actual - 1|, per cent
	Bias  [Methods]float64        // mean of foretold/actual - 1, per cent
	Cover [len(Coverages)]float64 // share of the actual figures within the band, per cent
}

// BacktestResult holds a model that was fitted in the base year against what came.
type BacktestResult struct {
	Base, To int
	Classes  [len(ClassBounds) + 1]ClassResult
	All      ClassResult
	// GrowthYears and PairYears are how many years the constant growth and the
	// Hamilton-Perry ratios rest on. PairYears is 0 where the population has one
	// year only up to the base: the ratios are then the country's.
	GrowthYears, PairYears int
}

// naiveYears is how many years the naive methods look back.
const naiveYears = 5

// Backtest fits on a history, which ends in its base year, and counts the errors
// against the actual totals of a later year. The model's answer is its median.
// Errors are *InputError. Cost as Fit and Run.
func Backtest(h *History, to int, actual []float64, o Options) (*BacktestResult, error) {
	if to <= h.Base {
		return nil, badInput("slutåret %d är inte efter basåret %d", to, h.Base)
	}
	if len(actual) != len(h.Codes) {
		return nil, badInput("utfallet har %d kommuner, inte %d", len(actual), len(h.Codes))
	}
	m, err := Fit(h)
	if err != nil {
		return nil, err
	}
	o.Years, o.From, o.To = to-h.Base, 0, 0
	run, err := m.Run(o)
	if err != nil || run == nil {
		return nil, err
	}
	r := &BacktestResult{Base: h.Base, To: to}
	s := newSeries(h)
	r.GrowthYears = min(naiveYears, s.last-s.first)
	hp, pairs := HamiltonPerry(h, to-h.Base)
	r.PairYears = pairs
	for i := range actual {
		if !(actual[i] > 0) {
			return nil, badInput("kommun %04d har utfallet %v år %d", h.Codes[i], actual[i], to)
		}
		now := 0.0
		for _, v := range m.Pop[i] {
			now += v
		}
		draws := run.Total(i, o.Years-1)
		Summary(draws)
		told := [Methods]float64{Quantile(draws, 0.5), now, now, hp[i]}
		if r.GrowthYears > 0 {
			log := s.log[i]
			g := (log[len(log)-1] - log[len(log)-1-r.GrowthYears]) / float64(r.GrowthYears)
			told[ByGrowth] = now * math.Exp(g*float64(o.Years))
		}
		class := 0
		for class < len(ClassBounds) && now >= ClassBounds[class] {
			class++
		}
		for _, c := range []*ClassResult{&r.Classes[class], &r.All} {
			c.Units++
			for k, v := range told {
				c.MAPE[k] += 100 * math.Abs(v/actual[i]-1)
				c.Bias[k] += 100 * (v/actual[i] - 1)
			}
			for k, share := range Coverages {
				if actual[i] >= Quantile(draws, (1-share)/2) && actual[i] <= Quantile(draws, (1+share)/2) {
					c.Cover[k] += 100
				}
			}
		}
	}
	for i := range r.Classes {
		r.Classes[i].mean()
	}
	r.All.mean()
	return r, nil
}

func (c *ClassResult) mean() {
	n := float64(max(c.Units, 1))
	for k := range c.MAPE {
		c.MAPE[k] /= n
		c.Bias[k] /= n
	}
	for k := range c.Cover {
		c.Cover[k] /= n
	}
}

// HamiltonPerry projects the totals by the ratios of each cohort between years,
// pooled over the last five pairs of years up to the base, and children per woman
// of 15-49. With one year only, the ratios are those of the country's mean
// population between the two last years, and pairs is 0.
// Cost O(units * years * Cells).
func HamiltonPerry(h *History, years int) (totals []float64, pairs int) {
	n := len(h.Codes)
	ratio := make([][Cells]float64, n)
	var from, to [][Cells]float64
	for y := h.Base; y > h.Base-naiveYears; y-- {
		is, ok1 := h.Pop[y]
		was, ok2 := h.Pop[y-1]
		if !ok1 || !ok2 {
			break
		}
		if pairs == 0 {
			from, to = make([][Cells]float64, n), make([][Cells]float64, n)
		}
		pairs++
		for i := range n {
			for c := range Cells {
				from[i][c] += was[i][c]
				to[i][c] += is[i][c]
			}
		}
	}
	if pairs > 0 {
		for i := range n {
			ratio[i] = cohortRatios(&from[i], &to[i])
		}
	} else {
		last := upTo(h.NationalMean, h.Base)
		r := cohortRatios((*[Cells]float64)(h.NationalMean[last[len(last)-2]]), (*[Cells]float64)(h.NationalMean[last[len(last)-1]]))
		for i := range n {
			ratio[i] = r
		}
	}
	totals = make([]float64, n)
	for i := range n {
		p := h.Pop[h.Base][i]
		for range years {
			p = hamiltonPerryYear(&p, &ratio[i])
		}
		for _, v := range p {
			totals[i] += v
		}
	}
	return totals, pairs
}

// cohortRatios are the ratios into each cell; at age 0 children per woman.
func cohortRatios(from, to *[Cells]float64) (r [Cells]float64) {
	women := 0.0
	for a := FirstBirth; a <= LastBirth; a++ {
		women += to[a]
	}
	for c := range r {
		switch a := c % Ages; {
		case a == 0:
			r[c] = to[c] / max(women, 1)
		case a == Open:
			r[c] = to[c] / max(from[c-1]+from[c], 1)
		case from[c-1] > 0:
			r[c] = min(max(to[c]/from[c-1], 0.5), 2) // a cell of a few persons would else multiply itself for years
		default:
			r[c] = 1
		}
	}
	return r
}

func hamiltonPerryYear(p, r *[Cells]float64) (next [Cells]float64) {
	for c := range next {
		switch a := c % Ages; a {
		case 0:
		case Open:
			next[c] = (p[c-1] + p[c]) * r[c]
		default:
			next[c] = p[c-1] * r[c]
		}
	}
	women := 0.0
	for a := FirstBirth; a <= LastBirth; a++ {
		women += next[a]
	}
	next[0], next[Ages] = women*r[0], women*r[Ages]
	return next
}
