package demography

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"kommunpilot/engine/random"
)

// Model is all municipalities at once, as a base year and what moves it ahead.
// Out-migration is a risk, in-migration a share of the pool of those who moved
// (structure.md 5.2), so domestic moves cancel for each sex and age:
//
//	x_i(c)  = P_i(c-1) (1 - Mort_i q(c))      births at age 0
//	P_i'(c) = x_i(c) (1 - Out_i(c) - Emigration(c))
//	        + pool(c) Share_i(c) w_i / Σ_j Share_j(c) w_j + Immigrants_i ImmAge(c) v N/N0
//	pool(c) = Σ_i x_i(c) Out_i(c)
//
// with w_i the local shock, v the national shock of immigration, and N/N0 the
// growth of the country, since net immigration is measured as a rate.
type Model struct {
	Base       int              // the year of Pop
	Codes      []int            // one for each municipality; the address of its random numbers
	Pop        [][Cells]float64 // persons at 31 December
	Mort       []float64        // factor on the national risk of death
	Fert       []float64        // factor on the national fertility
	Out        [][Cells]float32 // yearly risk of moving to another municipality
	Share      [][Cells]float32 // part of the pool that moves here; need not sum to 1
	Immigrants []float64        // persons a year at the base year's population
	ImmAge     [Cells]float64   // parts of the immigrants, sum 1
	Emigration [Cells]float64   // yearly risk
	Rates      [Cells]float64   // deaths per person-year in the base year
	Mortality  LeeCarter        // Bx, Drift, SD, SE, Corr are used
	Fertility  [Ages]float64    // births per woman-year in the base year
	TFR        AR1              // of ln TFR
	Immigrate  AR1              // of the number of immigrants relative to its mean
	Local      []LocalShock     // one for each municipality
}

// AR1 is x(t+1) = Mean + Phi (x(t) - Mean) + SD z, from x(0) = Now.
type AR1 struct{ Mean, Phi, SD, Now float64 }

// LocalShock is the logarithm of the factor on a municipality's in-migration:
// Level z, constant in a draw, plus an AR1 about 0 with Phi and SD Year.
type LocalShock struct{ Level, Year, Phi float64 }

// Options of Run.
type Options struct {
	Years, Draws int
	Seed         uint64
	Workers      int // 0 is one for each processor; never changes the result
	// From and To, when To > 0, keep every cell of the municipalities From <= i < To.
	From, To int
	// Weigh keeps weighted sums over age, sexes together, of the municipalities
	// in WeighUnits (their index) and of the whole country: far less than every cell.
	Weigh      [][Ages]float64
	WeighUnits []int
	// Still sets every shock to 0 (Draws is then best 1).
	Still bool
	// Stop, when it gives true, ends the run; Run then gives nil. It is asked once in a chunk of draws.
	Stop func() bool
}

// Result holds the draws of a run.
type Result struct {
	Years, Draws, Units int
	From, To            int
	// Totals is [(unit*Years+year)*Draws+draw]; year 0 is the year after the base. float32 keeps 24 bits: a million to 0.06 persons.
	Totals []float32
	// ByCell is [(((unit-From)*Years+year)*Cells+cell)*Draws+draw], empty when To is 0.
	ByCell []float32
	// Weighed is [((place*(Years+1)+year)*len(Weigh)+weight)*Draws+draw]; place is that in WeighUnits, and the last
	// place is the country. Year 0 is the base year, the same in every draw.
	Weighed []float32
	weights int

	bands []Band // made by Sort
}

// Total gives the draws of one municipality and year.
func (r *Result) Total(unit, year int) []float32 {
	at := (unit*r.Years + year) * r.Draws
	return r.Totals[at : at+r.Draws : at+r.Draws]
}

// Cell gives the draws of one cell of a municipality that was kept.
func (r *Result) Cell(unit, year, cell int) []float32 {
	at := (((unit-r.From)*r.Years+year)*Cells + cell) * r.Draws
	return r.ByCell[at : at+r.Draws : at+r.Draws]
}

// Sum gives the draws of a weighted sum: place is that in Options.WeighUnits,
// and after them the country; year 0 is the base year.
func (r *Result) Sum(place, year, weight int) []float32 {
	at := ((place*(r.Years+1)+year)*r.weights + weight) * r.Draws
	return r.Weighed[at : at+r.Draws : at+r.Draws]
}

// chunk is how many draws a worker takes at a time. It does not depend on the
// number of workers, and each draw is written to its own slot, so neither does
// the result.
const chunk = 8

// Run projects every municipality in every draw. The result is the same bytes
// for any number of workers. Errors of the model are *InputError. Cost
// O(Draws * Years * units * Cells) time, one state of units * Cells a worker.
func (m *Model) Run(o Options) (*Result, error) {
	if err := m.check(o); err != nil {
		return nil, err
	}
	r := &Result{Years: o.Years, Draws: o.Draws, Units: len(m.Codes), From: o.From, To: o.To}
	r.Totals = make([]float32, r.Units*r.Years*r.Draws)
	if o.To > 0 {
		r.ByCell = make([]float32, (o.To-o.From)*r.Years*Cells*r.Draws)
	}
	if r.weights = len(o.Weigh); r.weights > 0 {
		r.Weighed = make([]float32, (len(o.WeighUnits)+1)*(o.Years+1)*r.weights*r.Draws)
	}
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	chunks := (o.Draws + chunk - 1) / chunk
	var next atomic.Int64
	var stopped atomic.Bool
	var wait sync.WaitGroup
	for range min(workers, chunks) {
		wait.Go(func() {
			w := newWorker(m, o)
			for {
				k := int(next.Add(1)) - 1
				if k >= chunks || stopped.Load() {
					return
				}
				if o.Stop != nil && o.Stop() {
					stopped.Store(true)
					return
				}
				from := k * chunk
				to := min(from+chunk, o.Draws)
				for d := from; d < to; d++ {
					w.draw(d, d-from)
				}
				w.flush(r.Totals, w.totals, from, to)
				w.flush(r.ByCell, w.cells, from, to)
				w.flush(r.Weighed, w.weighed, from, to)
			}
		})
	}
	wait.Wait()
	if stopped.Load() {
		return nil, nil //nolint:nilnil // a run that was stopped has no result and no error; the doc says so
	}
	return r, nil
}

func (m *Model) check(o Options) error {
	n := len(m.Codes)
	switch {
	case o.Years < 1 || o.Years > 200:
		return badInput("antalet år är %d; det ska vara 1 till 200", o.Years)
	case o.Draws < 1 || o.Draws > 100_000:
		return badInput("antalet dragningar är %d; det ska vara 1 till 100 000", o.Draws)
	case n == 0:
		return badInput("det finns inga kommuner")
	case len(m.Pop) != n || len(m.Mort) != n || len(m.Fert) != n || len(m.Out) != n || len(m.Share) != n || len(m.Immigrants) != n || len(m.Local) != n:
		return badInput("modellens delar har olika många kommuner")
	case o.From < 0 || o.To > n || o.To > 0 && o.From >= o.To:
		return badInput("kommunerna %d till %d finns inte", o.From, o.To)
	}
	for _, i := range o.WeighUnits {
		if i < 0 || i >= n {
			return badInput("kommun nummer %d finns inte", i)
		}
	}
	return nil
}

// worker is the memory of one worker: it fits in the second-level cache beside
// the risks and shares.
type worker struct {
	m      *Model
	o      Options
	p      [][Cells]float64
	shock  []float64 // the yearly part of the local shocks
	level  []float64
	w      []float64
	totals []float32 // [value*chunk + draw in the chunk]
	cells  []float32
	// weighed is as Result.Weighed, with chunk in place of Draws; place tells where a municipality's sums go, or -1.
	weighed []float32
	place   []int
	country [Cells]float64
	stay    [Cells]float64 // 1 - emigration
	death   [Cells]float64 // national risk of dying on the way into the cell
	pool    [Cells]float64
	norm    [Cells]float64
	im      [Cells]float64
	fert    [Ages]float64
	k       [Sexes]float64
	drift   [Sexes]float64
	tfr     float64
	v       float64
	people  float64 // the country now, of the country in the base year
	base    float64
	life    Life
}

func newWorker(m *Model, o Options) *worker {
	n := len(m.Codes)
	w := &worker{
		m: m, o: o, p: make([][Cells]float64, n), shock: make([]float64, n), level: make([]float64, n), w: make([]float64, n),
		totals: make([]float32, n*o.Years*chunk),
	}
	if o.To > 0 {
		w.cells = make([]float32, (o.To-o.From)*o.Years*Cells*chunk)
	}
	for i := range m.Pop {
		for _, v := range m.Pop[i] {
			w.base += v
		}
	}
	if len(o.Weigh) > 0 {
		w.weighed = make([]float32, (len(o.WeighUnits)+1)*(o.Years+1)*len(o.Weigh)*chunk)
		w.place = make([]int, n)
		for i := range w.place {
			w.place[i] = -1
		}
		for at, i := range o.WeighUnits {
			w.place[i] = at
		}
	}
	for c := range w.stay {
		w.stay[c] = 1 - m.Emigration[c]
	}
	return w
}

// flush moves a chunk's values to their slots.
func (w *worker) flush(to, values []float32, from, until int) {
	n := until - from
	for i := 0; i*chunk < len(values); i++ {
		copy(to[i*w.o.Draws+from:], values[i*chunk:i*chunk+n])
	}
}

func (w *worker) normal(d int, s random.Stream, unit, year int) float64 {
	if w.o.Still {
		return 0
	}
	return random.Normal(w.o.Seed, d, s, unit, year)
}

// draw runs one draw; slot is its place in the chunk.
func (w *worker) draw(d, slot int) {
	m := w.m
	copy(w.p, m.Pop)
	z := [Sexes]float64{w.normal(d, random.MortalityDrift, int(Women), 0), w.normal(d, random.MortalityDrift, int(Men), 0)}
	z[Men] = m.Mortality.Corr*z[Women] + math.Sqrt(1-m.Mortality.Corr*m.Mortality.Corr)*z[Men]
	for s := range Sexes {
		w.k[s], w.drift[s] = 0, m.Mortality.Drift[s]+m.Mortality.SE[s]*z[s]
	}
	w.tfr, w.v, w.people = m.TFR.Now, m.Immigrate.Now, 1
	for i, code := range m.Codes {
		w.level[i], w.shock[i] = m.Local[i].Level*w.normal(d, random.LocalLevel, code, 0), 0
	}
	if w.weighed != nil {
		w.country = [Cells]float64{}
		for i := range w.p {
			w.weigh(i, 0, slot)
		}
		w.weighCountry(0, slot)
	}
	for y := range w.o.Years {
		w.year(d, m.Base+1+y)
		w.before()
		w.after(y, slot)
	}
}

// year draws the shocks of a year and makes the national rates. Random numbers
// are addressed by the calendar year.
func (w *worker) year(d, year int) {
	m := w.m
	z := [Sexes]float64{w.normal(d, random.Mortality, int(Women), year), w.normal(d, random.Mortality, int(Men), year)}
	z[Men] = m.Mortality.Corr*z[Women] + math.Sqrt(1-m.Mortality.Corr*m.Mortality.Corr)*z[Men]
	var rate [Ages]float64
	for s := range Sexes {
		w.k[s] += w.drift[s] + m.Mortality.SD[s]*z[s]
		for a := range rate {
			rate[a] = m.Rates[Cell(Sex(s), a)] * math.Exp(m.Mortality.Bx[s][a]*w.k[s])
		}
		fillLife(&w.life, rate[:])
		for a, v := range w.life.Survival() {
			w.death[Cell(Sex(s), a)] = 1 - v
		}
	}
	w.tfr = m.TFR.Mean + m.TFR.Phi*(w.tfr-m.TFR.Mean) + m.TFR.SD*w.normal(d, random.Fertility, 0, year)
	f := math.Exp(w.tfr-m.TFR.Now) / 2 // half: the mean of women at the start and at the end
	for a := range w.fert {
		w.fert[a] = m.Fertility[a] * f
	}
	w.v = m.Immigrate.Mean + m.Immigrate.Phi*(w.v-m.Immigrate.Mean) + m.Immigrate.SD*w.normal(d, random.Immigration, 0, year)
	v := max(w.v, 0.1) * w.people
	for c := range w.im {
		w.im[c] = m.ImmAge[c] * v
	}
	for i, code := range m.Codes {
		l := &m.Local[i]
		w.shock[i] = l.Phi*w.shock[i] + l.Year*w.normal(d, random.LocalMigration, code, year)
		w.w[i] = math.Exp(w.level[i] + w.shock[i])
	}
}
