package demography

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
)

// wide reads a file of municipalities by sex, age and year, or skips the test.
func wide(t testing.TB, name string) (codes []int, by map[int][][Cells]float64) {
	t.Helper()
	root := os.Getenv("SHARED_DATA")
	if root == "" {
		t.Skip("SHARED_DATA names the folder of the data")
	}
	f, err := os.Open(filepath.Join(root, "demography", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	by = map[int][][Cells]float64{}
	at := map[string]int{}
	for _, r := range all[1:] {
		if _, ok := at[r[0]]; !ok {
			at[r[0]] = len(codes)
			code, err := strconv.Atoi(r[0])
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
	}
	for i, y := range all[0][3:] {
		year := int(number(t, y))
		by[year] = make([][Cells]float64, len(codes))
		for _, r := range all[1:] {
			s := Women
			if r[1] == "M" {
				s = Men
			}
			by[year][at[r[0]]][Cell(s, int(number(t, r[2])))] = number(t, r[i+3])
		}
	}
	return codes, by
}

// madeUp is a history of every municipality that the reference has, with its
// real totals and the country's ages, leant towards the young in every third and
// the old in every fourth.
func madeUp(base int, years ...int) *History {
	c := Reference()
	codes := slices.Sorted(maps.Keys(c.Totals))
	pop, deaths := map[int][][Cells]float64{}, map[int][][Cells]float64{}
	for _, y := range append(years, base) {
		all := 0.0
		for _, v := range c.Mean[y] {
			all += v
		}
		for i, code := range codes {
			var p, d [Cells]float64
			sum := 0.0
			for cell := range p {
				age := float64(cell % Ages)
				p[cell] = c.Mean[y][cell]
				if i%3 == 0 && age >= 19 && age < 25 {
					p[cell] *= 1.5
				}
				if i%4 == 0 {
					p[cell] *= 0.6 + age/100
				}
				sum += p[cell]
			}
			for cell := range p {
				p[cell] *= c.Totals[code][y] / sum
				d[cell] = p[cell] * c.Deaths[y][cell] / c.Mean[y][cell]
			}
			pop[y], deaths[y] = append(pop[y], p), append(deaths[y], d)
		}
	}
	return c.History(base, codes, pop, deaths)
}

func fitted(t testing.TB, h *History) *Model {
	t.Helper()
	m, err := Fit(h)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func ran(t testing.TB, m *Model, o Options) *Result {
	t.Helper()
	r, err := m.Run(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestV12_FitUsesOnlyYearsUpToTheBase(t *testing.T) {
	want := fitted(t, madeUp(2008, 2007))
	h := madeUp(2008, 2007, 2009, 2012)
	for y := range h.Pop {
		if y <= h.Base {
			continue
		}
		for i := range h.Codes {
			for c := range Cells {
				h.Pop[y][i][c] *= 3
				h.Deaths[y][i][c] *= 5
			}
		}
	}
	h.NationalDeaths, h.NationalMean = maps.Clone(h.NationalDeaths), maps.Clone(h.NationalMean)
	for y := 2009; y <= 2020; y++ {
		h.NationalDeaths[y], h.NationalMean[y] = make([]float64, Cells), make([]float64, Cells)
	}
	h.Births = slices.Clone(h.Births)
	for i := range h.Births {
		if h.Births[i].Year > h.Base {
			h.Births[i].Births *= 7
		}
	}
	for i := range h.Totals {
		h.Totals[i] = maps.Clone(h.Totals[i])
		for y := 2009; y <= 2019; y++ {
			h.Totals[i][y] = 1
		}
	}
	if got := fitted(t, h); !reflect.DeepEqual(got, want) {
		t.Error("what happened after the base year changed the model")
	}
	h.Pop[2007] = slices.Clone(h.Pop[2007])
	h.Pop[2007][0][Cell(Women, 20)] *= 1.1
	if got := fitted(t, h); reflect.DeepEqual(got, want) {
		t.Error("the year before the base year does not change the model: the test sees nothing")
	}
}

// The bars of the specification, on the data they are set on.
func TestV12_BacktestBeatsTheNaiveMethodsInEveryClass(t *testing.T) {
	codes, pop := wide(t, "population_age_sex_2010_2019.csv")
	_, deaths := wide(t, "deaths_age_sex_2000_2019.csv")
	actual := make([]float64, len(codes))
	for i := range actual {
		for _, v := range pop[2019][i] {
			actual[i] += v
		}
	}
	r, err := Backtest(Reference().History(2010, codes, pop, deaths), 2019, actual, Options{Draws: 1000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for k, c := range append(r.Classes[:], r.All) {
		for m := ByNoChange; m < Methods; m++ {
			if c.MAPE[ByModel] >= c.MAPE[m] {
				t.Errorf("class %d: mean error %.2f %%, method %d has %.2f %%", k, c.MAPE[ByModel], m, c.MAPE[m])
			}
		}
	}
	if r.All.Units != 290 || r.All.Cover[1] < 75 || r.All.Cover[1] > 88 {
		t.Errorf("the 80 %% band covers %.1f %% of %d municipalities", r.All.Cover[1], r.All.Units)
	}
	// Years with more than one base year behind them: Hamilton-Perry has ratios of its own.
	r, err = Backtest(Reference().History(2015, codes, pop, deaths), 2019, actual, Options{Draws: 200, Seed: 1})
	if err != nil || r.PairYears != 5 || r.All.MAPE[ByModel] >= r.All.MAPE[ByHamiltonPerry] || r.All.MAPE[ByModel] >= r.All.MAPE[ByGrowth] {
		t.Errorf("2015: %+v, %v", r, err)
	}
}

func TestBacktestOfACountryThatDoesNotChange(t *testing.T) {
	h := madeUp(2010)
	actual := make([]float64, len(h.Codes))
	for i := range actual {
		for _, v := range h.Pop[2010][i] {
			actual[i] += v
		}
	}
	r, err := Backtest(h, 2015, actual, Options{Draws: 40, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	units := 0
	for _, c := range r.Classes {
		units += c.Units
		if c.MAPE[ByNoChange] != 0 {
			t.Errorf("no change is wrong by %v %%", c.MAPE[ByNoChange])
		}
	}
	if units != len(h.Codes) || r.All.Units != units || r.All.MAPE[ByModel] == 0 || r.PairYears != 0 || r.GrowthYears != naiveYears {
		t.Errorf("%+v", r)
	}
	if _, err := Backtest(h, 2010, actual, Options{Draws: 1}); err == nil {
		t.Error("a last year that is the base year was taken")
	}
	if _, err := Backtest(h, 2015, actual[1:], Options{Draws: 1}); err == nil {
		t.Error("an outcome of one municipality less was taken")
	}
}

// A municipality whose cohorts grow by the same factor each year is foretold
// exactly by ratios of its own.
func TestHamiltonPerryOfConstantRatios(t *testing.T) {
	const up = 1.01
	h := &History{Base: 2003, Codes: []int{1}, Pop: map[int][][Cells]float64{}}
	p := [Cells]float64{}
	for c := range p {
		p[c] = 500
	}
	total := 0.0
	for y := 2000; y <= 2007; y++ {
		h.Pop[y] = [][Cells]float64{p}
		total = 0
		var next [Cells]float64
		for c, v := range p {
			total += v
			switch a := c % Ages; a {
			case Open:
				next[c] = (p[c-1] + p[c]) * 0.5
			case 0:
			default:
				next[c] = p[c-1] * up
			}
		}
		for a := FirstBirth; a <= LastBirth; a++ {
			next[0] += next[a] * 0.03
			next[Ages] += next[a] * 0.03
		}
		p = next
	}
	// The first year is made up, and its children are no 3 % of its women.
	delete(h.Pop, 2000)
	got, pairs := HamiltonPerry(h, 4)
	if pairs != 2 || got[0] < total*(1-1e-9) || got[0] > total*(1+1e-9) {
		t.Errorf("%v of %d pairs, want %v", got[0], pairs, total)
	}
}
