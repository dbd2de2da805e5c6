package demography

import (
	"bufio"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// dataFile opens a file of testdata or of the folder that KOMMUNPILOT_DATA
// names (default: shared/data beside the repository), or skips the test.
func dataFile(t testing.TB, name string) *os.File {
	t.Helper()
	root := os.Getenv("KOMMUNPILOT_DATA")
	if root == "" {
		root = "../../../shared/data"
	}
	for _, path := range []string{name, filepath.Join(root, name)} {
		if f, err := os.Open(path); err == nil {
			t.Cleanup(func() { _ = f.Close() })
			return f
		}
	}
	t.Skipf("%s is not here; KOMMUNPILOT_DATA names the folder of the data", name)
	return nil
}

// rows reads a separated file without its header.
func rows(t testing.TB, name, sep string) (out [][]string) {
	t.Helper()
	s := bufio.NewScanner(dataFile(t, name))
	s.Buffer(nil, 1<<20)
	s.Scan()
	for s.Scan() {
		if line := s.Text(); line != "" && line[0] != '#' {
			out = append(out, strings.Split(line, sep))
		}
	}
	return out
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// nationalMortality is deaths and mean population [year][cell].
func nationalMortality(t testing.TB) (deaths, mean map[int][]float64) {
	t.Helper()
	deaths, mean = map[int][]float64{}, map[int][]float64{}
	for _, r := range rows(t, "reference/mortality.tsv", "\t") {
		y, a := int(number(t, r[0])), int(number(t, r[2]))
		s := Women
		if r[1] == "men" {
			s = Men
		}
		if deaths[y] == nil {
			deaths[y], mean[y] = make([]float64, Cells), make([]float64, Cells)
		}
		deaths[y][Cell(s, a)], mean[y][Cell(s, a)] = number(t, r[3]), number(t, r[4])
	}
	return deaths, mean
}

func lifeOf(t testing.TB, deaths, mean []float64, s Sex) *Life {
	t.Helper()
	m, err := Rates(deaths[Cell(s, 0):Cell(s, Ages)], mean[Cell(s, 0):Cell(s, Ages)])
	if err != nil {
		t.Fatal(err)
	}
	l, err := LifeTable(m)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestV1_LifeExpectancyAtBirth(t *testing.T) {
	deaths, mean := nationalMortality(t)
	for year, want := range map[int][2]float64{1990: {80.39, 74.81}, 2000: {82.02, 77.38}, 2015: {84.02, 80.31}, 2018: {84.26, 80.79}, 2019: {84.73, 81.34}} {
		for s := range Sexes {
			if got := lifeOf(t, deaths[year], mean[year], Sex(s)).E0(); math.Abs(got-want[s]) > 0.005 {
				t.Errorf("%d sex %d: e0 = %.4f, want %.2f", year, s, got, want[s])
			}
		}
	}
}

func TestV2_SurvivalRatiosFollowFromTheLifeTable(t *testing.T) {
	deaths, mean := nationalMortality(t)
	d, p := make([]float64, Cells), make([]float64, Cells)
	for y := 2017; y <= 2019; y++ {
		for c := range d {
			d[c] += deaths[y][c]
			p[c] += mean[y][c]
		}
	}
	vector := readVector(t)
	for s := range Sexes {
		got := lifeOf(t, d, p, Sex(s)).Survival()
		for a := range Ages {
			if math.Abs(got[a]-vector.Survival[s][a]) > 1e-11 {
				t.Errorf("sex %d age %d: S = %.12f, want %.12f", s, a, got[a], vector.Survival[s][a])
			}
		}
	}
}

func readVector(t testing.TB) *Vector {
	t.Helper()
	v := &Vector{}
	for _, r := range rows(t, "testdata/ccm_vector_input.tsv", "\t") {
		a := int(number(t, r[0]))
		v.Pop[Men][a], v.Pop[Women][a] = number(t, r[1]), number(t, r[2])
		v.Survival[Men][a], v.Survival[Women][a] = number(t, r[3]), number(t, r[4])
		v.Fertility[a] = number(t, r[5])
		v.Migration[Men][a], v.Migration[Women][a] = number(t, r[6]), number(t, r[7])
	}
	return v
}

func TestV2_CohortStepAgainstThePeer(t *testing.T) {
	pops, births := readVector(t).Project(20, AtEnd)
	for _, r := range rows(t, "testdata/ccm_vector_expected_migration_end.tsv", "\t") {
		y, a := int(number(t, r[0])), int(number(t, r[1]))
		for s, col := range map[Sex]int{Men: 2, Women: 3} {
			if want := number(t, r[col]); math.Abs(pops[y][s][a]-want) > 1e-6 {
				t.Errorf("year %d sex %d age %d: %.9f, want %.9f", y, s, a, pops[y][s][a], want)
			}
		}
	}
	for _, r := range rows(t, "testdata/ccm_vector_totals_migration_end.tsv", "\t") {
		y := int(number(t, r[0]))
		total := 0.0
		for s := range Sexes {
			for _, v := range pops[y][s] {
				total += v
			}
		}
		if math.Abs(total-number(t, r[1])) > 1e-5 {
			t.Errorf("year %d: total %.6f, want %s", y, total, r[1])
		}
		if y > 0 && math.Abs(births[y]-number(t, r[2])) > 1e-6 {
			t.Errorf("year %d: births %.6f, want %s", y, births[y], r[2])
		}
	}
}

// evenByHand is the step with migration spread evenly, written once more with
// slices that are moved, to hold Step against.
func evenByHand(v *Vector, p [Sexes][Ages]float64) (out [Sexes][Ages]float64) {
	var old [Sexes][]float64
	for s := range Sexes {
		for a := range Ages {
			old[s] = append(old[s], p[s][a]+v.Migration[s][a]/2)
		}
		aged := append([]float64{0}, old[s][:Open]...)
		aged[Open] += old[s][Open]
		for a := range aged {
			out[s][a] = aged[a]*v.Survival[s][a] + v.Migration[s][a]/2
		}
	}
	b := 0.0
	for a := 15; a < 50; a++ {
		b += v.Fertility[a] * 0.5 * (old[Women][a] + out[Women][a])
	}
	out[Women][0] = b/2.06*v.Survival[Women][0] + v.Migration[Women][0]/2
	out[Men][0] = b*1.06/2.06*v.Survival[Men][0] + v.Migration[Men][0]/2
	return out
}

func genVector(t *rapid.T) *Vector {
	v := &Vector{}
	for s := range Sexes {
		for a := range Ages {
			v.Pop[s][a] = rapid.Float64Range(0, 1e5).Draw(t, "pop")
			v.Survival[s][a] = rapid.Float64Range(0, 1).Draw(t, "s")
			v.Migration[s][a] = rapid.Float64Range(-100, 100).Draw(t, "m")
		}
	}
	for a := FirstBirth; a <= LastBirth; a++ {
		v.Fertility[a] = rapid.Float64Range(0, 0.2).Draw(t, "f")
	}
	return v
}

func TestV2_EvenMigrationAgainstASecondWriting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genVector(t)
		got, _ := v.Step(&v.Pop, Evenly)
		want := evenByHand(v, v.Pop)
		for s := range Sexes {
			for a := range Ages {
				if math.Abs(got[s][a]-want[s][a]) > 1e-9*(1+math.Abs(want[s][a])) {
					t.Fatalf("sex %d age %d: %v, want %v", s, a, got[s][a], want[s][a])
				}
			}
		}
	})
}

func TestV6_CohortStepConservesPersons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genVector(t)
		next, births := v.Step(&v.Pop, Evenly)
		// Persons after = persons before + migrants + births - deaths, where the deaths are counted one by one.
		before, after, migrants, deaths := 0.0, 0.0, 0.0, births
		for s := range Sexes {
			for a := range Ages {
				before += v.Pop[s][a]
				after += next[s][a]
				migrants += v.Migration[s][a]
				deaths += (v.Pop[s][a] + v.Migration[s][a]/2) * (1 - v.Survival[s][min(a+1, Open)])
			}
		}
		deaths -= births/2.06*v.Survival[Women][0] + births*1.06/2.06*v.Survival[Men][0]
		if math.Abs(after-(before+migrants+births-deaths)) > 1e-9*before {
			t.Fatalf("after %v, before %v + migrants %v + births %v - deaths %v", after, before, migrants, births, deaths)
		}
	})
}

func TestV11_LimitsOfTheCohortStep(t *testing.T) {
	v := readVector(t)
	v.Migration, v.Fertility = [Sexes][Ages]float64{}, [Ages]float64{}
	pops, _ := v.Project(150, Evenly)
	total := 0.0
	for s := range Sexes {
		for _, n := range pops[150][s] {
			total += n
		}
	}
	if total > 1 {
		t.Errorf("without births and migrants %v persons are left after 150 years", total)
	}
	for s := range Sexes {
		for a := range Ages {
			v.Survival[s][a] = 1
		}
	}
	pops, _ = v.Project(30, Evenly)
	for s := range Sexes {
		for a := 30; a < Open; a++ {
			if pops[30][s][a] != v.Pop[s][a-30] {
				t.Errorf("the cohort that was %d is %v, was %v", a-30, pops[30][s][a], v.Pop[s][a-30])
			}
		}
	}
}

func TestLifeTableRefuses(t *testing.T) {
	good := make([]float64, Ages)
	for a := range good {
		good[a] = 0.1
	}
	with := func(a int, v float64) []float64 {
		m := append([]float64{}, good...)
		m[a] = v
		return m
	}
	for name, m := range map[string][]float64{
		"too few ages": good[:50], "negative": with(3, -1), "not a number": with(3, math.NaN()),
		"infinite": with(0, math.Inf(1)), "endless": with(Open, 0),
	} {
		var e *InputError
		if _, err := LifeTable(m); !errors.As(err, &e) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Rates([]float64{1}, []float64{0}); err == nil {
		t.Error("a death where nobody lives was taken")
	}
}

func TestLifeTableOfAConstantRate(t *testing.T) {
	m := make([]float64, Ages)
	for a := range m {
		m[a] = 0.02
	}
	l, err := LifeTable(m)
	if err != nil {
		t.Fatal(err)
	}
	// With a constant force of mortality life expectancy is 1/m at every age; the first age's a0 moves it a little.
	if math.Abs(l.E[1]-50) > 0.01 || math.Abs(l.E0()-50) > 0.1 {
		t.Errorf("e1 = %v, e0 = %v, want about 50", l.E[1], l.E0())
	}
}
