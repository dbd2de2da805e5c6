package scenario

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"kommunpilot/engine/demography"
)

// Band is the mean and the quantiles of the draws of one number.
type Band = demography.Band

// The places of the quantiles that are shown most in Band.Q.
const (
	Q05 = iota
	Q10
	Q25
	Q50
	Q75
	Q90
	Q95
)

// Options of Run.
type Options struct {
	Draws   int
	Seed    uint64
	Workers int // 0 is one for each processor; never changes the result
	// Projection, when it fits the plan, is used again.
	Projection *Projection
	// Stop, when it gives true, ends the run; Run then gives nil.
	Stop func() bool
	// Progress is told now and then what share is done, 0 to 1, from any worker.
	Progress func(float64)
}

// Result is what a run found.
type Result struct {
	Plan       *Plan
	Country    *Country
	Projection *Projection
	Draws      int
	Seed       uint64
	Variants   []Variant          // nothing; then each scenario; then each scenario's pure summation
	Tornado    map[string][]Bar   // by scenario, most decisive first
	Sobol      map[string][]Share // by scenario
	Democracy  map[string][]Democracy
	OneOff     map[string]Band // one-off cost of a scenario's mergers, kr at the base year's level
	Notes      []string        // what a reader must know: warnings and assumptions met
}

// Variant is a scenario's numbers.
type Variant struct {
	ID, Name string
	Scenario *Scenario // nil: nothing is done
	Sum      bool      // pure summation
	Units    []Unit
	bands    []Band // [(unit*(years+1)+year)*indicators+indicator]
	has      []bool
	years    int
	Changes  []Change
}

// Get is the band of a number; ok is false where the unit has none in that
// year. Year is counted from the base year.
func (v *Variant) Get(unit, year, indicator int) (b Band, ok bool) {
	at := (unit*(v.years+1)+year)*indicators + indicator
	return v.bands[at], v.has[at]
}

// Unit finds a unit by its code, -1 where there is none.
func (v *Variant) Unit(code string) int {
	return slices.IndexFunc(v.Units, func(u Unit) bool { return u.Code == code })
}

// Change is a paired difference: what a scenario changes for a municipality in a
// year. Its quantiles are those of the differences draw by draw.
type Change struct {
	Code      string
	Year      int
	Indicator int
	Nothing   Band // against doing nothing
	Sum       Band // against the scenario's pure summation
	Today     Band // against the base year's actual rate; RequiredRate only
	// Probabilities, with the Monte Carlo standard error of each.
	Lower, Higher  float64 // that it is lower or higher than if nothing is done, by 0.25 or more (rate) or 250 kr
	PlusOne        float64 // required rate more than 1.00 above today's
	StandardError  float64 // of the mean of Nothing
	ErrorOfPlusOne float64
}

// changed are the indicators whose differences are kept.
var changed = []int{RequiredRate, NetCost, ResultToday}

// Run computes a plan. Errors are *InputError or *Problems. Cost: that of the
// projection, then O(draws * variants * years * municipalities * areas), and the
// sorting of every number's draws.
func Run(c *Country, p *Plan, o Options) (*Result, error) {
	if err := Check(c, p).Err(); err != nil {
		return nil, err
	}
	tell := o.Progress
	if tell == nil {
		tell = func(float64) {}
	}
	proj := o.Projection
	if proj == nil || proj.Draws != o.Draws || proj.Seed != o.Seed || !proj.Fits(c, p) {
		var err error
		if proj, err = Project(c, p, o.Draws, o.Seed, o.Workers, o.Stop); err != nil || proj == nil {
			return nil, err
		}
	}
	tell(0.5)
	e, err := newEvaluator(c, p, proj, o.Seed)
	if err != nil {
		return nil, err
	}
	variants, err := e.variants(p)
	if err != nil {
		return nil, err
	}
	if n := numbers(variants, p.Years) * o.Draws * 4; n > mostBytes {
		return nil, bad("%s dragningar av %d scenarier får inte plats i minnet; minska antalet dragningar eller scenarier", thousands(o.Draws), len(p.Scenarios))
	}
	store := e.all(variants, proj, o, tell)
	if store == nil {
		return nil, nil //nolint:nilnil // a run that was stopped has no result and no error; the doc says so
	}
	r := &Result{Plan: p, Country: c, Projection: proj, Draws: o.Draws, Seed: o.Seed, Notes: e.notes(p)}
	r.Variants = e.summaries(variants, store, o)
	tell(0.95)
	r.Tornado, r.Sobol = map[string][]Bar{}, map[string][]Share{}
	r.Democracy, r.OneOff = map[string][]Democracy{}, map[string]Band{}
	for i := range p.Scenarios {
		id := p.Scenarios[i].ID
		r.Tornado[id] = e.tornado(p, proj, &p.Scenarios[i])
		r.Sobol[id] = e.sobol(variants, proj, i+1, o)
		r.Democracy[id] = e.democracy(variants[i+1], proj, o)
		r.OneOff[id] = e.oneOff(variants[i+1], proj, o)
	}
	tell(1)
	return r, nil
}

// variants are nothing, each scenario, and each scenario's pure summation.
func (e *evaluator) variants(p *Plan) ([]*variant, error) {
	nothing, err := e.newVariant(p, nil, false)
	if err != nil {
		return nil, err
	}
	out := []*variant{nothing}
	for _, zero := range []bool{false, true} {
		for i := range p.Scenarios {
			v, err := e.newVariant(p, &p.Scenarios[i], zero)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
	}
	return out, nil
}

func numbers(vs []*variant, years int) (n int) {
	for _, v := range vs {
		n += len(v.units) * (years + 1) * indicators
	}
	return n
}

// chunk is how many draws a worker takes at a time; it never depends on the
// number of workers.
const chunk = 16

// all evaluates every variant in every draw: store[variant][number*draws+draw].
func (e *evaluator) all(vs []*variant, proj *Projection, o Options, tell func(float64)) [][]float32 {
	store := make([][]float32, len(vs))
	for i, v := range vs {
		store[i] = make([]float32, numbers([]*variant{v}, e.years)*o.Draws)
	}
	chunks := (o.Draws + chunk - 1) / chunk
	stopped := parallel(chunks, o, func() func(int) {
		f, s := e.newFuture(), e.newSheet()
		// The values of a chunk stand together first, so that memory is written in runs.
		near := make([][]float32, len(vs))
		for i, v := range vs {
			near[i] = make([]float32, numbers([]*variant{v}, e.years)*chunk)
		}
		return func(c int) {
			from, to := c*chunk, min((c+1)*chunk, o.Draws)
			for d := from; d < to; d++ {
				e.load(f, proj, d, d, d)
				for i, v := range vs {
					at := d - from
					for y := range e.years + 1 {
						for u, row := range e.values(s, v, f, y) {
							n := (u*(e.years+1) + y) * indicators
							for k, x := range row {
								near[i][(n+k)*chunk+at] = float32(x)
							}
						}
					}
				}
			}
			for i := range vs {
				for n := 0; n*chunk < len(near[i]); n++ {
					copy(store[i][n*o.Draws+from:], near[i][n*chunk:n*chunk+to-from])
				}
			}
			tell(0.5 + 0.3*float64(c)/float64(chunks))
		}
	})
	if stopped {
		return nil
	}
	return store
}

// parallel runs jobs 0..n-1 on the workers; each worker makes its own memory.
func parallel(n int, o Options, worker func() func(int)) (stopped bool) {
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var halt atomic.Bool
	var wait sync.WaitGroup
	for range min(workers, n) {
		wait.Go(func() {
			do := worker()
			for {
				i := int(next.Add(1)) - 1
				if i >= n || halt.Load() {
					return
				}
				if o.Stop != nil && o.Stop() {
					halt.Store(true)
					return
				}
				do(i)
			}
		})
	}
	wait.Wait()
	return halt.Load()
}

// summaries turns draws into bands, and pairs each scenario with doing nothing
// and with its own pure summation.
func (e *evaluator) summaries(vs []*variant, store [][]float32, o Options) []Variant {
	out := make([]Variant, len(vs))
	half := (len(vs) - 1) / 2
	// Differences first: they need the draws in their order.
	for i, v := range vs {
		out[i] = Variant{ID: v.id, Name: v.name, Scenario: v.sc, Sum: v.zero, Units: v.units, years: e.years}
		if i == 0 || v.zero {
			continue
		}
		first := 0
		if v.sc != nil {
			first = v.sc.Start() - e.base
		}
		type one struct{ unit, year, indicator int }
		var jobs []one
		for u := range v.followed {
			for y := max(first, 0); y <= e.years; y++ {
				for _, k := range changed {
					jobs = append(jobs, one{u, y, k})
				}
			}
		}
		changes := make([]Change, len(jobs))
		parallel(len(jobs), Options{Workers: o.Workers}, func() func(int) {
			buf := make([]float32, o.Draws)
			return func(j int) {
				q := jobs[j]
				changes[j] = e.change(v, q.unit, q.year, q.indicator, o.Draws, store[i], store[0], store[i+half], buf)
			}
		})
		for _, c := range changes {
			if c.Code != "" {
				out[i].Changes = append(out[i].Changes, c)
			}
		}
	}
	for i := range vs {
		n := len(store[i]) / o.Draws
		out[i].bands, out[i].has = make([]Band, n), make([]bool, n)
		parallel(n, Options{Workers: o.Workers}, func() func(int) {
			return func(j int) {
				d := store[i][j*o.Draws : (j+1)*o.Draws]
				if !math.IsNaN(float64(d[0])) {
					out[i].bands[j], out[i].has[j] = demography.Summary(d), true
				}
			}
		})
	}
	return out
}

// change makes one paired difference; Code is empty where there is none.
func (e *evaluator) change(v *variant, u, y, k, draws int, with, nothing, sum, buf []float32) (c Change) {
	at := ((u*(e.years+1)+y)*indicators + k) * draws
	a, b, s := with[at:at+draws], nothing[at:at+draws], sum[at:at+draws]
	if math.IsNaN(float64(a[0])) || math.IsNaN(float64(b[0])) {
		return c
	}
	c = Change{Code: v.units[u].Code, Year: e.base + y, Indicator: k}
	limit, n := float32(250), float64(draws)
	if k == RequiredRate {
		limit = 0.25
	}
	square, mean := 0.0, 0.0
	lower, higher, plus := 0, 0, 0
	today := float32(e.place[v.followed[u]].rate)
	for d := range draws {
		buf[d] = a[d] - b[d]
		mean += float64(buf[d]) / n
		square += float64(buf[d]) * float64(buf[d]) / n
		switch {
		case buf[d] <= -limit:
			lower++
		case buf[d] >= limit:
			higher++
		}
		if k == RequiredRate && a[d] > today+1 {
			plus++
		}
	}
	c.Lower, c.Higher, c.PlusOne = float64(lower)/n, float64(higher)/n, float64(plus)/n
	c.StandardError = math.Sqrt(max(square-mean*mean, 0) / n)
	c.ErrorOfPlusOne = math.Sqrt(c.PlusOne * (1 - c.PlusOne) / n)
	c.Nothing = demography.Summary(buf)
	for d := range draws {
		buf[d] = a[d] - s[d]
	}
	c.Sum = demography.Summary(buf)
	if k == RequiredRate {
		for d := range draws {
			buf[d] = a[d] - today
		}
		c.Today = demography.Summary(buf)
	}
	return c
}
