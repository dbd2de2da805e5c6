package demography

import (
	"math"
	"testing"
)

// The carried tables are whole: 290 municipalities, and the country's sums.
func TestCarriedMunicipalitiesAreTheWholeCountry(t *testing.T) {
	m := CarriedMunicipalities()
	if len(m.Codes) != 290 || len(m.Pop) != 10 || len(m.Deaths) != 5 {
		t.Fatalf("%d municipalities, %d and %d years", len(m.Codes), len(m.Pop), len(m.Deaths))
	}
	for year, want := range map[int]float64{2010: 9_415_570, ReferenceBase: 10_327_589} {
		sum := 0.0
		for i := range m.Pop[year] {
			for _, v := range m.Pop[year][i] {
				sum += v
			}
		}
		if sum != want {
			t.Errorf("%d: %.0f persons, SCB has %.0f", year, sum, want)
		}
	}
}

// V6: weighted sums are those of the cells that were kept, and the country's is
// the sum of all.
func TestV6WeightedSumsAreThoseOfTheCells(t *testing.T) {
	m, err := CarriedModel()
	if err != nil {
		t.Fatal(err)
	}
	var all, old [Ages]float64
	for a := range all {
		all[a] = 1
		if a >= 80 {
			old[a] = 2.5
		}
	}
	o := Options{Years: 3, Draws: 11, Seed: 7, From: 40, To: 43, Weigh: [][Ages]float64{all, old}, WeighUnits: []int{42, 40}, Workers: 2}
	r, err := m.Run(o)
	if err != nil {
		t.Fatal(err)
	}
	for y := 1; y <= o.Years; y++ {
		for d := range o.Draws {
			for place, i := range o.WeighUnits {
				want := 0.0
				for c := range Cells {
					if c%Ages >= 80 {
						want += 2.5 * float64(r.Cell(i, y-1, c)[d])
					}
				}
				if got := float64(r.Sum(place, y, 1)[d]); math.Abs(got-want) > 1e-4*want {
					t.Fatalf("unit %d year %d draw %d: %g, by cells %g", i, y, d, got, want)
				}
			}
			country := 0.0
			for i := range m.Codes {
				country += float64(r.Total(i, y-1)[d])
			}
			if got := float64(r.Sum(2, y, 0)[d]); math.Abs(got-country) > 1e-6*country {
				t.Fatalf("year %d draw %d: country %g, sum of all %g", y, d, got, country)
			}
		}
	}
	if base := r.Sum(2, 0, 0)[3]; base != 10_327_589 {
		t.Errorf("the country has %g in the base year", base)
	}
}
