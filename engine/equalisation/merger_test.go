package equalisation

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func near(a, b, relative, scale float64) bool {
	return math.Abs(a-b) <= relative*max(math.Abs(scale), 1)
}

func TestV5_FourMunicipalitiesOfOrebroCounty2023(t *testing.T) {
	c, grant := countries(t)
	var published, base, people float64
	for _, r := range shared(t, "structure/orebro_equalisation_2014_2023.csv") {
		if r["ar"] != "2023" || !strings.Contains("Hällefors Ljusnarsberg Nora Lindesberg", r["namn"]) {
			continue
		}
		n, _, err := InhabitantsFrom(num(t, r["utfall_tkr"]), num(t, r["utfall_kr_inv"]))
		if err != nil {
			t.Fatal(err)
		}
		published += num(t, r["inkomstutj_kr_inv"]) * n
		base += num(t, r["skatteunderlag_kr"])
		people += n
	}
	union := c["2023"].Income(base, people, grant["2023"], 0)
	t.Logf("published %.0f tkr, union %.0f tkr, %.2f kr per inhabitant", published/1000, union/1000, (union-published)/people)
	if math.Abs(union-published)/people > 0.5 || math.Round(published/1000) != 633_514 || math.Round(union/1000) != 633_521 {
		t.Error(published, union)
	}
}

// draw is a random municipality of a county.
func draw(t *rapid.T, code, county string) Municipality {
	n := rapid.Float64Range(1_000, 500_000).Draw(t, "inhabitants")
	return Municipality{
		Code: code, County: county, Inhabitants: n, Base: n * rapid.Float64Range(150_000, 450_000).Draw(t, "base"),
		Structure: rapid.Float64Range(0, 1e7).Draw(t, "structure"), Introduction: rapid.Float64Range(0, 1e6).Draw(t, "introduction"),
		StandardCost: map[string]float64{
			"gymnasieskola": rapid.Float64Range(2_000, 6_000).Draw(t, "school"), "äldreomsorg": rapid.Float64Range(5_000, 20_000).Draw(t, "care"),
		},
	}
}

func TestV5_IncomeOfTwoOfOneCounty(t *testing.T) {
	rates := Rates{Grant: Value{Number: 0.19}, Fee: Value{Number: 0.1694}}
	c := Country{Level: 1.15, Uprating: 1.08, Mean: 270_000}
	kinds := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "1814", "18"), draw(t, "1880", "18")
		income := func(m Municipality) float64 {
			return c.Income(m.Base, m.Inhabitants, rates.Grant.Number, rates.Fee.Number)
		}
		u, err := Merge("1814", "18", []Municipality{a, b})
		if err != nil {
			t.Fatal(err)
		}
		gapA, gapB := c.Gap(a.Base, a.Inhabitants), c.Gap(b.Base, b.Inhabitants)
		scale := math.Abs(gapA) + math.Abs(gapB)
		change, want := income(u)-income(a)-income(b), 0.0
		if mixed := (gapA >= 0) != (gapB >= 0); mixed {
			want = -(0.19 - 0.1694) * min(math.Abs(gapA), math.Abs(gapB))
			kinds[true]++
		} else {
			kinds[false]++
		}
		if !near(change, want, 1e-9, scale) || !near(c.IncomeChange(a, b, rates), want, 1e-9, scale) {
			t.Fatalf("change %.9g, want %.9g, closed form %.9g", change, want, c.IncomeChange(a, b, rates))
		}
	})
	if kinds[true] == 0 || kinds[false] == 0 {
		t.Error(kinds)
	}
}

func TestV5_IncomeOverACountyBorder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Country{Level: 1.15, Uprating: 1.08, Mean: 270_000}
		a, b := draw(t, "1814", "18"), draw(t, "1983", "19")
		a.Base, b.Base = min(a.Base, 280_000*a.Inhabitants), min(b.Base, 280_000*b.Inhabitants) // both receive
		u, err := Merge("1814", "18", []Municipality{a, b})
		if err != nil {
			t.Fatal(err)
		}
		change := c.Income(u.Base, u.Inhabitants, 0.19, 0) - c.Income(a.Base, a.Inhabitants, 0.19, 0) - c.Income(b.Base, b.Inhabitants, 0.2019, 0)
		if want := (0.19 - 0.2019) * c.Gap(b.Base, b.Inhabitants); !near(change, want, 1e-9, c.Gap(u.Base, u.Inhabitants)) {
			t.Fatal(change, want)
		}
	})
}

func TestV5_TaxShiftGivesNobodyMoneyFromNowhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Country{Level: 1.15, Uprating: rapid.Float64Range(1, 1.2).Draw(t, "u"), Mean: 270_000}
		var parts []ShiftPart
		var cost, scale float64
		for i := range rapid.IntRange(1, 15).Draw(t, "n") {
			m := draw(t, fmt.Sprint(1800+i), "18")
			p := ShiftPart{Municipality: m, Cost: m.Inhabitants * rapid.Float64Range(100, 9_000).Draw(t, "cost"), StandardCost: rapid.Float64Range(100, 9_000).Draw(t, "standard")}
			parts = append(parts, p)
			cost += p.Cost
			scale += math.Abs(c.Gap(m.Base, m.Inhabitants)) + c.Uprating*m.Base
		}
		r, err := c.Shift(parts, 4_000)
		if err != nil {
			t.Fatal(err)
		}
		var paid float64
		for _, p := range parts {
			paid += p.Cost - r.Delta*c.Uprating*p.Base
		}
		if !near(paid, 0, 1e-9, cost) || !near(r.Sum(), 0, 1e-9, scale) {
			t.Fatalf("Σ (C − δuS) = %g, all together %g", paid, r.Sum())
		}
	})
	c := Country{Level: 1.15, Uprating: 1, Mean: 200}
	// δ = 30/300; gaps 230−200 and 230−100 of one inhabitant each; mean 5.
	r, err := c.Shift([]ShiftPart{
		{Municipality: Municipality{Base: 200, Inhabitants: 1}, Cost: 10, StandardCost: 5}, {Municipality: Municipality{Base: 100, Inhabitants: 1}, Cost: 20, StandardCost: 7},
	}, 5)
	if err != nil || !near(r.Delta, 0.1, 1e-12, 1) || !near(r.Net[0], 10-20-3, 1e-12, 1) || !near(r.Net[1], 20-10-13-2, 1e-12, 1) || !near(r.NetRegion, 18, 1e-12, 1) {
		t.Error(r, err)
	}
	for _, wrong := range [][]ShiftPart{nil, {{Cost: 1}}} {
		if _, err := c.Shift(wrong, 0); !errors.Is(err, ErrInput) {
			t.Error(err)
		}
	}
}

// country draws a whole country, small.
func country(t *rapid.T) []Municipality {
	var all []Municipality
	for i := range rapid.IntRange(3, 12).Draw(t, "municipalities") {
		county := rapid.SampledFrom([]string{"01", "18", "19", "22"}).Draw(t, "county")
		all = append(all, draw(t, fmt.Sprintf("%s%02d", county, i), county))
	}
	return all
}

func TestOutcomesSumToTheAppropriation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := For(2025)
		if err != nil {
			t.Fatal(err)
		}
		all := country(t)
		appropriated := rapid.Float64Range(-1e9, 1e10).Draw(t, "appropriation")
		r, err := s.Compute(all, Options{Appropriated: appropriated})
		if err != nil {
			t.Fatal(err)
		}
		var scale, cost float64
		for i, o := range r.Outcomes {
			scale += math.Abs(o.Parts.Income) + math.Abs(o.Parts.Cost) + o.StructureCost*all[i].Inhabitants
			cost += o.Parts.Cost
			if o.Parts.Structure != all[i].Structure || !near(o.Parts.Adjustment, r.PerHead*all[i].Inhabitants, 1e-12, o.Parts.Adjustment) {
				t.Fatal(o)
			}
			rates, _ := s.Rates(all[i].County)
			if want := r.Country.Income(all[i].Base, all[i].Inhabitants, rates.Grant.Number, rates.Fee.Number); o.Parts.Income != want {
				t.Fatal(o.Parts.Income, want)
			}
		}
		if !near(r.Total(), appropriated, 1e-9, scale) || !near(cost, 0, 1e-9, scale) {
			t.Fatalf("outcomes %g, appropriated %g, cost equalisation %g", r.Total(), appropriated, cost)
		}
	})
}

func TestMergerInTheCountry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := For(2025)
		if err != nil {
			t.Fatal(err)
		}
		all := country(t)
		m, err := s.Merger(all, []string{all[0].Code, all[1].Code}, all[1].County, Options{Appropriated: 1e9})
		if err != nil {
			t.Fatal(err)
		}
		var scale float64
		for _, o := range m.Before.Outcomes {
			scale += math.Abs(o.Parts.Income) + math.Abs(o.Parts.Cost) + math.Abs(o.Parts.Adjustment)
		}
		// Sums over persons: the mean of the country and the members' sum stay.
		if !near(m.Before.MeanCost, m.After.MeanCost, 1e-9, m.Before.MeanCost) || !near(m.Parts.Cost, m.Union.Cost, 1e-9, 1e3*scale) ||
			!near(m.Parts.Structure, m.Union.Structure, 1e-9, m.Parts.Structure) || !near(m.After.Total(), 1e9, 1e-9, scale) {
			t.Fatalf("%+v", m)
		}
		// What the members gain, the others pay by the regleringspost, all the same per inhabitant.
		var others float64
		for i, o := range m.After.Outcomes[:len(all)-2] {
			others += o.Parts.Sum() - m.Before.Outcomes[i+2].Parts.Sum()
		}
		if !near(others, -m.Change(), 1e-9, 1e3*scale) {
			t.Fatalf("others change by %g, members by %g", others, m.Change())
		}
		if len(m.Approximations) != 1 || !strings.HasPrefix(m.Approximations[0], "äldreomsorg") {
			t.Fatal(m.Approximations)
		}
	})
}

func TestWhatCannotBeComputed(t *testing.T) {
	s, _ := For(2025)
	good := func() []Municipality {
		return []Municipality{{Code: "1", County: "18", Base: 1, Inhabitants: 1}, {Code: "2", County: "18", Base: 1, Inhabitants: 1}}
	}
	for about, change := range map[string]func([]Municipality){
		"nobody there":     func(m []Municipality) { m[0].Inhabitants = 0 },
		"a negative base":  func(m []Municipality) { m[0].Base = -1 },
		"no such county":   func(m []Municipality) { m[0].County = "99" },
		"no such submodel": func(m []Municipality) { m[0].StandardCost = map[string]float64{"löner": 1} },
		"one lacks a cost": func(m []Municipality) { m[0].StandardCost = map[string]float64{"gymnasieskola": 1} },
		"other costs": func(m []Municipality) {
			m[0].StandardCost, m[1].StandardCost = map[string]float64{"gymnasieskola": 1}, map[string]float64{"äldreomsorg": 1}
		},
	} {
		m := good()
		change(m)
		if _, err := s.Compute(m, Options{}); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", about, err)
		}
	}
	if _, err := s.Compute(nil, Options{}); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
	earlier, _ := For(2024)
	if _, err := earlier.Compute(good(), Options{}); !errors.Is(err, ErrInput) {
		t.Error("no uprating:", err)
	}
	if r, err := earlier.Compute(good(), Options{Uprating: 1.1, Rates: map[string]Rates{"18": {Grant: Value{0.2, Verified, "", ""}, Fee: Value{0.1, Verified, "", ""}}}}); err != nil || len(r.Assumptions) != 0 {
		t.Error(r, err)
	}
	for _, r := range []struct {
		codes  []string
		county string
	}{{[]string{"1"}, "18"}, {[]string{"1", "9"}, "18"}, {[]string{"1", "2"}, "19"}} {
		if _, err := s.Merger(good(), r.codes, r.county, Options{}); !errors.Is(err, ErrInput) {
			t.Error(r, err)
		}
	}
	for _, parts := range [][]Municipality{nil, {{}}, {{Inhabitants: 1, StandardCost: map[string]float64{"a": 1}}, {Inhabitants: 1, StandardCost: map[string]float64{"b": 1}}}} {
		if _, err := Merge("1", "18", parts); !errors.Is(err, ErrInput) {
			t.Error(parts, err)
		}
	}
}

func TestAddOnIsLostAtAThreshold(t *testing.T) {
	table := []Class{
		{Below: 8_000, BelowMetre: 700, PerInhabitant: 300}, {Below: 8_000, FromMetre: 700, PerInhabitant: 900},
		{From: 8_000, PerInhabitant: 0},
	}
	got, err := AddOnChange(table, []Place{{5_000, 900}, {6_000, 100}}, 500)
	if err != nil || got != -(5_000*900+6_000*300) {
		t.Error(got, err)
	}
	if got, err := AddOnChange(table, []Place{{3_000, 900}, {4_999, 100}}, 700); err != nil || got != 7_999*900-3_000*900-4_999*300 {
		t.Error(got, err)
	}
	if _, err := Step(append(table, Class{PerInhabitant: 1}), 1, 1); !errors.Is(err, ErrInput) {
		t.Error("two classes:", err)
	}
	if _, err := AddOnChange(table[:2], []Place{{5_000, 900}, {6_000, 100}}, 500); !errors.Is(err, ErrInput) {
		t.Error("no class:", err)
	}
	if _, err := AddOnChange(table[:2], []Place{{9_000, 900}}, 500); !errors.Is(err, ErrInput) {
		t.Error("no class:", err)
	}
}

func BenchmarkCompute_290Municipalities(b *testing.B) {
	s, _ := For(2025)
	var all []Municipality
	for i := range 290 {
		costs := map[string]float64{}
		for k, m := range s.Submodels {
			costs[m.Name] = float64(1000 + 7*i%900 + k)
		}
		all = append(all, Municipality{Code: fmt.Sprint(i), County: "18", Base: 2e9 + float64(i)*1e7, Inhabitants: 10_000 + float64(i), StandardCost: costs})
	}
	for b.Loop() {
		if _, err := s.Compute(all, Options{Appropriated: 9e10}); err != nil {
			b.Fatal(err)
		}
	}
}
