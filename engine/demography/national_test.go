package demography

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/engine/random"
)

func TestNormalIsStandardNormal(t *testing.T) {
	const n = 200_000
	var m, v, tail float64
	for d := range n {
		z := random.Normal(7, d, random.Fertility, 0, 2020)
		m, v = m+z/n, v+z*z/n
		if math.Abs(z) > 1.959963984540054 {
			tail++
		}
	}
	// Four standard errors of each; draws in pairs count half for what is even.
	if math.Abs(m) > 4/math.Sqrt(n) || math.Abs(v-1) > 4*math.Sqrt(4.0/n) || math.Abs(tail/n-0.05) > 4*math.Sqrt(0.1*0.95/n) {
		t.Errorf("mean %v, variance %v, beyond 1.96: %v", m, v, tail/n)
	}
}

func TestV1_LeeCarterOf1990To2019(t *testing.T) {
	c := Reference()
	var deaths, mean [][]float64
	for y := 1990; y <= 2019; y++ {
		deaths, mean = append(deaths, c.Deaths[y]), append(mean, c.Mean[y])
	}
	lc, err := FitLeeCarter(deaths, mean)
	if err != nil {
		t.Fatal(err)
	}
	// structure.md 6: drift, sd, standard error by sex, and the correlation.
	for s, want := range map[Sex][3]float64{Women: {-1.790, 1.855, 0.345}, Men: {-2.195, 1.370, 0.254}} {
		got := [3]float64{lc.Drift[s], lc.SD[s], lc.SE[s]}
		for k := range got {
			if math.Abs(got[k]-want[k]) > 0.0011 {
				t.Errorf("sex %d: %.4f, want %v", s, got, want)
			}
		}
		sum := 0.0
		for _, b := range lc.Bx[s] {
			sum += b
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("sex %d: the b sum to %v", s, sum)
		}
	}
	if math.Abs(lc.Corr-0.74) > 0.005 {
		t.Errorf("correlation %.4f, want 0.74", lc.Corr)
	}
	if math.Abs(lc.Ax[Men][0] - -5.685067) > 1e-6 || math.Abs(lc.Bx[Men][0]-0.016702) > 1e-6 {
		t.Errorf("men at 0: a %.6f b %.6f", lc.Ax[Men][0], lc.Bx[Men][0])
	}
	if _, err := FitLeeCarter(deaths[:4], mean[:4]); err == nil {
		t.Error("four years were taken")
	}
}

func TestV2_FertilityOfPublishedYears(t *testing.T) {
	by := nationalBirths(Reference().Births, 2015)
	for year, want := range map[int]float64{1975: 1.768, 1990: 2.131, 1999: 1.499, 2005: 1.769, 2010: 1.985, 2015: 1.849} {
		rate, tfr := Fertility(CompletedAgeBirths(*by[year]), [Ages]float64(Reference().Mean[year][:Ages]))
		if math.Abs(tfr-want) > 0.0006 {
			t.Errorf("%d: TFR %.4f, want %.3f", year, tfr, want)
		}
		if year == 2015 && (math.Abs(rate[15]-0.00046956) > 1e-8 || math.Abs(rate[48]-0.00061333) > 1e-8 || math.Abs(rate[49]-0.00040497) > 1e-8) {
			t.Errorf("2015: %v %v %v", rate[15], rate[48], rate[49])
		}
	}
}

func TestQuantile(t *testing.T) {
	v := []float32{1, 2, 4, 8, 16}
	for p, want := range map[float64]float64{0: 1, 0.25: 2, 0.5: 4, 0.9: 12.8, 1: 16} {
		if got := Quantile(v, p); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v: %v, want %v", p, got, want)
		}
	}
	if b := Summary([]float32{3, 1, 2}); b.Mean != 2 || b.Q[3] != 2 {
		t.Errorf("%+v", b)
	}
	if !math.IsNaN(Quantile(nil, 0.5)) {
		t.Error("no values have a median")
	}
}

// smallModel is a model of a few municipalities with random rates.
func smallModel(t *rapid.T) *Model {
	n := rapid.IntRange(1, 4).Draw(t, "n")
	m := &Model{Base: 2000, Mort: make([]float64, n), Fert: make([]float64, n), Immigrants: make([]float64, n), Local: make([]LocalShock, n),
		Pop: make([][Cells]float64, n), Out: make([][Cells]float32, n), Share: make([][Cells]float32, n), Codes: make([]int, n),
		TFR: AR1{0.6, 0.9, 0.05, 0.6}, Immigrate: AR1{1, 0.8, 0.1, 1}, ImmAge: western()}
	// rapid's numbers are for structure; the many rates come from one of them.
	seed := rapid.Uint64().Draw(t, "seed")
	u := func(i, k int) float64 { return random.Uniform(seed, k, 99, i, 0) }
	for c := range Cells {
		m.Rates[c] = 0.001 + 0.3*u(1000, c)
		m.Emigration[c] = 0.1 * u(1001, c)
		m.Mortality.Bx[c/Ages][c%Ages] = 1.0 / Ages
	}
	m.Mortality.SD, m.Mortality.Corr = [Sexes]float64{1, 2}, 0.5
	for a := FirstBirth; a <= LastBirth; a++ {
		m.Fertility[a] = 0.1 * u(1002, a)
	}
	for i := range n {
		m.Codes[i], m.Mort[i], m.Fert[i], m.Immigrants[i] = 100+i, 0.5+u(i, 900), 0.5+u(i, 901), 1000*u(i, 902)
		m.Local[i] = LocalShock{0.1, 0.1, 0.7}
		for c := range Cells {
			m.Pop[i][c], m.Out[i][c], m.Share[i][c] = 1000*u(i, c), float32(0.5*u(i, 300+c)), float32(0.01+u(i, 600+c))
		}
	}
	return m
}

// byHand is a year of the model's equations, written once more cell by cell.
func byHand(w *worker, p [][Cells]float64) (next, x [][Cells]float64) {
	m := w.m
	n := len(p)
	next, x = make([][Cells]float64, n), make([][Cells]float64, n)
	for i := range n {
		births := 0.0
		for s := range Sexes {
			for a := 1; a < Ages; a++ {
				from := p[i][Cell(Sex(s), a-1)]
				if a == Open {
					from += p[i][Cell(Sex(s), Open)]
				}
				x[i][Cell(Sex(s), a)] = from * (1 - m.Mort[i]*w.death[Cell(Sex(s), a)])
			}
		}
		for a := FirstBirth; a <= LastBirth; a++ {
			births += m.Fert[i] * w.fert[a] * (p[i][a] + x[i][a])
		}
		x[i][Cell(Women, 0)] = births / (1 + SRB) * (1 - m.Mort[i]*w.death[Cell(Women, 0)])
		x[i][Cell(Men, 0)] = births * SRB / (1 + SRB) * (1 - m.Mort[i]*w.death[Cell(Men, 0)])
	}
	for c := range Cells {
		pool, norm := 0.0, 0.0
		for i := range n {
			pool += x[i][c] * float64(m.Out[i][c])
			norm += float64(m.Share[i][c]) * w.w[i]
		}
		for i := range n {
			next[i][c] = x[i][c] - x[i][c]*float64(m.Out[i][c]) - x[i][c]*m.Emigration[c] + pool*float64(m.Share[i][c])*w.w[i]/norm + m.Immigrants[i]*w.im[c]
		}
	}
	return next, x
}

func TestV6_NationalPoolAgainstASecondWritingAndItsSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := smallModel(t)
		w := newWorker(m, Options{Years: 1, Draws: 1, Seed: 3})
		w.draw(0, 0)
		want, x := byHand(w, m.Pop)
		var persons, should float64
		for c := range Cells {
			before, after := 0.0, 0.0
			for i := range m.Codes {
				if math.Abs(w.p[i][c]-want[i][c]) > 1e-9*(1+math.Abs(want[i][c])) {
					t.Fatalf("municipality %d cell %d: %v, want %v", i, c, w.p[i][c], want[i][c])
				}
				// Domestic moves cancel: what is left is emigration and immigration.
				before += x[i][c]*(1-m.Emigration[c]) + m.Immigrants[i]*w.im[c]
				after += w.p[i][c]
			}
			if math.Abs(after-before) > 1e-9*before {
				t.Fatalf("cell %d: %v persons after moves, %v before", c, after, before)
			}
			persons, should = persons+after, should+before
		}
		if math.Abs(persons-should) > 1e-9*should {
			t.Fatalf("%v persons, want %v", persons, should)
		}
	})
}

func TestV11_LimitsOfTheNationalPool(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := smallModel(t)
		m.Fertility = [Ages]float64{}
		m.ImmAge = [Cells]float64{}
		for c := range m.Rates {
			m.Rates[c] += 0.4 // nobody lives for ever
		}
		r, err := m.Run(Options{Years: 200, Draws: 2, Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.Codes {
			if v := r.Total(i, 199)[1]; v > 1e-3 {
				t.Fatalf("municipality %d has %v persons after 200 years without births and immigrants", i, v)
			}
		}
	})
}

func TestV10_SameBytesForAnyNumberOfWorkers(t *testing.T) {
	m := fitted(t, madeUp(2015))
	var want *Result
	for _, workers := range []int{1, 2, 8} {
		r := ran(t, m, Options{Years: 4, Draws: 37, Seed: 5, Workers: workers, From: 3, To: 5})
		if want == nil {
			want = r
			continue
		}
		if !slices.Equal(r.Totals, want.Totals) || !slices.Equal(r.ByCell, want.ByCell) {
			t.Errorf("%d workers give other numbers", workers)
		}
	}
	for d, v := range want.Total(3, 2) {
		sum := 0.0
		for c := range Cells {
			sum += float64(want.Cell(3, 2, c)[d])
		}
		if math.Abs(sum-float64(v)) > 1e-5*sum {
			t.Errorf("draw %d: the cells sum to %v, the total is %v", d, sum, v)
		}
	}
	// More draws and more years change no draw.
	r := ran(t, m, Options{Years: 6, Draws: 41, Seed: 5})
	for i := range m.Codes {
		if !slices.Equal(r.Total(i, 3)[:37], want.Total(i, 3)) {
			t.Fatalf("municipality %d changes when draws and years are added", i)
		}
	}
}

func TestV10_AnotherSeedWithinFourStandardErrors(t *testing.T) {
	m := fitted(t, madeUp(2015))
	const n = 300
	a, b := ran(t, m, Options{Years: 10, Draws: n, Seed: 1}), ran(t, m, Options{Years: 10, Draws: n, Seed: 2})
	same, far := 0, 0
	for i := range m.Codes {
		ma, va := moments(a.Total(i, 9))
		mb, vb := moments(b.Total(i, 9))
		if ma == mb {
			same++
		}
		if math.Abs(ma-mb) > 4*math.Sqrt((va+vb)/n) {
			far++
		}
	}
	if same > 0 || far > 0 {
		t.Errorf("%d municipalities have the same mean, %d are further apart than four standard errors", same, far)
	}
}

func moments(v []float32) (mean, variance float64) {
	for _, x := range v {
		mean += float64(x) / float64(len(v))
	}
	for _, x := range v {
		variance += (float64(x) - mean) * (float64(x) - mean) / float64(len(v)-1)
	}
	return mean, variance
}

func TestV10_AMunicipalityOfItsOwnLeavesTheOthersUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := smallModel(t)
		m.ImmAge = [Cells]float64{} // immigration follows the country's size, so nobody is alone in it
		o := Options{Years: 5, Draws: 9, Seed: 11, Workers: 1}
		want, err := m.Run(o)
		if err != nil {
			t.Fatal(err)
		}
		more := *m
		at := rapid.IntRange(0, len(m.Codes)).Draw(t, "at")
		more.Codes = slices.Insert(slices.Clone(m.Codes), at, 7)
		more.Pop = slices.Insert(slices.Clone(m.Pop), at, m.Pop[0])
		more.Out = slices.Insert(slices.Clone(m.Out), at, [Cells]float32{})
		more.Share = slices.Insert(slices.Clone(m.Share), at, [Cells]float32{})
		more.Mort, more.Fert = slices.Insert(slices.Clone(m.Mort), at, 1), slices.Insert(slices.Clone(m.Fert), at, 1)
		more.Immigrants, more.Local = slices.Insert(slices.Clone(m.Immigrants), at, 0), slices.Insert(slices.Clone(m.Local), at, LocalShock{0.1, 0.1, 0.7})
		got, err := more.Run(o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.Codes {
			j := i
			if i >= at {
				j++
			}
			for y := range o.Years {
				if !slices.Equal(got.Total(j, y), want.Total(i, y)) {
					t.Fatalf("municipality %d changes when another is added at %d", i, at)
				}
			}
		}
	})
}

func TestRunRefusesAndStops(t *testing.T) {
	m := fitted(t, madeUp(2015))
	for _, o := range []Options{{Years: 0, Draws: 1}, {Years: 1, Draws: 0}, {Years: 1, Draws: 1, From: 2, To: 2}, {Years: 1, Draws: 1, To: 1000}} {
		if _, err := m.Run(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	asked := 0
	r, err := m.Run(Options{Years: 1, Draws: 100, Workers: 1, Stop: func() bool { asked++; return asked > 2 }})
	if r != nil || err != nil || asked != 3 {
		t.Errorf("a run that is stopped: %v %v after %d questions", r, err, asked)
	}
	h := madeUp(2015)
	h.Base = 2014
	if _, err := Fit(h); err == nil {
		t.Error("a base year without a population was taken")
	}
}

// The municipalities' growth over ten years is what the regression of totals
// says, relative to the country.
func TestFitMeetsTheGrowthOfTheRegression(t *testing.T) {
	h := madeUp(2010)
	m := fitted(t, h)
	s := newSeries(h)
	want, ok := wanted(s, fitGrowth(s))
	if !ok {
		t.Fatal("no series")
	}
	var far []float64
	for i, got := range m.grow() {
		far = append(far, got-want[i])
	}
	slices.Sort(far)
	// The wishes do not sum to the country; what they miss it by is everybody's.
	middle := far[len(far)/2]
	for i := range far {
		far[i] = math.Abs(far[i] - middle)
	}
	slices.Sort(far)
	// Where the bounds of the schedules hold, a municipality cannot quite grow as it should.
	if n := len(far); far[n*95/100] > 1e-5 || far[n-1] > 1e-3 {
		t.Errorf("municipalities miss their growth by %v and at most %v a year", far[n*95/100], far[n-1])
	}
}

func BenchmarkNationalPool(b *testing.B) {
	m := fitted(b, madeUp(2019))
	for _, draws := range []int{200, 1000} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("draws=%d/units=290/years=25/workers=%d", draws, workers), func(b *testing.B) {
				for range b.N {
					ran(b, m, Options{Years: 25, Draws: draws, Seed: 1, Workers: workers})
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(draws*25*len(m.Codes)*Cells), "ns/cell")
			})
		}
	}
}

func BenchmarkFit_290(b *testing.B) {
	h := madeUp(2019)
	for range b.N {
		fitted(b, h)
	}
}
