package demography

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Probabilities are the quantiles that are written (structure.md 11, rule 8).
var Probabilities = [...]float64{0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95}

// Band is the mean and the quantiles of the draws of one number.
type Band struct {
	Mean float64
	Q    [len(Probabilities)]float64 // in the order of Probabilities
}

// Summary sorts the draws and gives their mean, summed in the order of the
// draws, and quantiles. No draws give zeros. Cost O(n log n).
func Summary(draws []float32) (b Band) {
	if len(draws) == 0 {
		return b
	}
	for _, v := range draws {
		b.Mean += float64(v)
	}
	b.Mean /= float64(len(draws))
	slices.Sort(draws)
	for i, p := range Probabilities {
		b.Q[i] = Quantile(draws, p)
	}
	return b
}

// Quantile is quantile p of sorted values: linear interpolation at position
// 1 + (n-1)p. No values give NaN. Cost O(1).
func Quantile(sorted []float32, p float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	at := float64(n-1) * min(max(p, 0), 1)
	i := int(at)
	if i+1 >= n {
		return float64(sorted[n-1])
	}
	f := at - float64(i)
	return float64(sorted[i])*(1-f) + float64(sorted[i+1])*f
}

// Sort makes the bands of a result ready: it sorts the draws of each number, so
// that Total and Cell no longer say which draw a value came from. The means are
// summed first, in the order of the draws. Cost O(values log Draws), shared by
// the workers (0 is one for each processor), which never change the result.
func (r *Result) Sort(workers int) {
	values := r.Totals
	if r.To > 0 {
		values = r.ByCell
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	r.bands = make([]Band, len(values)/r.Draws)
	const part = 64
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for {
				from := (int(next.Add(1)) - 1) * part
				if from >= len(r.bands) {
					return
				}
				for k := from; k < min(from+part, len(r.bands)); k++ {
					r.bands[k] = Summary(values[k*r.Draws : (k+1)*r.Draws])
				}
			}
		})
	}
	wait.Wait()
}

// TotalBand is the band of a total after Sort of a run that kept no cells.
func (r *Result) TotalBand(unit, year int) Band { return r.bands[unit*r.Years+year] }

// CellBand is the band of a cell after Sort of a run that kept it.
func (r *Result) CellBand(unit, year, cell int) Band {
	return r.bands[((unit-r.From)*r.Years+year)*Cells+cell]
}
