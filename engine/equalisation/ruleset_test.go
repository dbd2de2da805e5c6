package equalisation

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestRulesOfEveryYear(t *testing.T) {
	for year := 2005; year <= 2030; year++ {
		s, err := For(year)
		if err != nil {
			t.Fatal(err)
		}
		if s.Level.Number != 1.15 || s.FeeOffset.Known() || s.FeeOffset.Number != assumedFeeOffset {
			t.Errorf("%d: %+v %+v", year, s.Level, s.FeeOffset)
		}
		if (s.Uprating != nil) != (year == 2025) {
			t.Errorf("%d: uprating %v", year, s.Uprating)
		}
		if (s.Adjustment != nil) != (year <= 2023) {
			t.Errorf("%d: adjustment %v", year, s.Adjustment)
		}
		if year >= 2020 && len(s.Submodels) != 9 {
			t.Errorf("%d: %d submodels", year, len(s.Submodels))
		}
		if s.HasSubmodel("löner") != (year >= 2014 && year < 2020) || s.HasSubmodel("infrastruktur och skydd") != (year >= 2020) {
			t.Errorf("%d: %v", year, s.Submodels)
		}
		if len(s.Open) == 0 || !strings.Contains(s.Open[0], "17–17 a §§") {
			t.Errorf("%d: %v", year, s.Open)
		}
	}
	for _, year := range []int{0, 2004, 9999} {
		if _, err := For(year); !errors.Is(err, ErrInput) {
			t.Error(year, err)
		}
	}
}

func TestUpratingOf2025(t *testing.T) {
	s, err := For(2025)
	if err != nil || math.Abs(s.Uprating.Number-1.077395) > 1e-12 {
		t.Fatal(s.Uprating, err)
	}
}

func TestRatesOfCounties(t *testing.T) {
	for _, r := range []struct {
		year   int
		county string
		grant  float64
		mark   Mark
	}{
		{2024, "01", 0.1905, Verified}, {2025, "01", 0.1905, Verified},
		{2026, "01", 0.1905, Assumed}, {2023, "01", 0.1905, Assumed},
		{2024, "18", 0.1900, Verified}, {2017, "18", 0.1900, Computed}, {2013, "18", 0.1900, Assumed},
		{2022, "22", 0.2104, Verified}, {2024, "22", 0.2104, Assumed},
		{2021, "09", 0.1960, Verified},
	} {
		s, err := For(r.year)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Rates(r.county)
		if err != nil || got.Grant.Number != r.grant || got.Grant.Mark != r.mark || got.Fee.Mark != Assumed {
			t.Errorf("%d %s: %+v %v", r.year, r.county, got, err)
		}
		if math.Abs(got.Fee.Number-AssumedFeeRate(r.grant)) > 1e-15 {
			t.Errorf("%d %s: fee %g", r.year, r.county, got.Fee.Number)
		}
	}
	s, _ := For(2024)
	if _, err := s.Rates("02"); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
}

func TestMunicipalAndRegionalRatesOfACountyHaveOneSum(t *testing.T) {
	rows, err := allRules()
	if err != nil {
		t.Fatal(err)
	}
	s, _ := For(2024)
	counties := 0
	for _, r := range rows {
		if r.item != "region_grant_rate" {
			continue
		}
		counties++
		own, err := s.Rates(r.key)
		if err != nil || math.Abs(own.Grant.Number+r.Number-0.2908) > 1e-12 {
			t.Errorf("%s: %g + %g, %v", r.key, own.Grant.Number, r.Number, err)
		}
		if region, err := s.RegionGrantRate(r.key); err != nil || region.Number != r.Number {
			t.Error(region, err)
		}
	}
	if counties != 21 {
		t.Errorf("%d counties", counties)
	}
}

func TestBrokenRulesAreRefused(t *testing.T) {
	head := "item,key,from,to,value,unit,mark,provision,source\n"
	for _, row := range []string{"level,,x,,1,,V,,", "level,,2005,x,1,,V,,", "level,,2005,,x,,V,,", "level,1"} {
		if _, err := parseRules(head + row + "\n"); err == nil {
			t.Error(row)
		}
	}
}

func TestV4_RegleringspostOfEachYear(t *testing.T) {
	for _, r := range shared(t, "structure/orebro_equalisation_2014_2023.csv") {
		s, err := For(int(num(t, r["ar"])))
		if err != nil {
			t.Fatal(err)
		}
		if s.Adjustment.Number != num(t, r["regleringspost_kr_inv"]) {
			t.Errorf("%s: %g, published %s", r["ar"], s.Adjustment.Number, r["regleringspost_kr_inv"])
		}
	}
}

func TestV4_PartsAndIntroductionGrants(t *testing.T) {
	want := map[string]float64{
		"Lekeberg 2020": 862, "Lekeberg 2021": 425, "Lekeberg 2022": 110, "Kumla 2020": 785, "Kumla 2021": 348, "Kumla 2022": 33,
		"Örebro 2014": 209, "Örebro 2020": 348, "Degerfors 2020": 307, "Karlskoga 2020": 23,
	}
	exact := 0
	for _, r := range shared(t, "structure/orebro_equalisation_2014_2023.csv") {
		p := Parts{
			Income: num(t, r["inkomstutj_kr_inv"]), Cost: num(t, r["kostnadsutj_kr_inv"]),
			Structure: num(t, r["strukturbidrag_kr_inv"]), Adjustment: num(t, r["regleringspost_kr_inv"]),
		}
		p.Introduction = Introduction(num(t, r["utfall_kr_inv"]), p)
		if p.Introduction != want[r["namn"]+" "+r["ar"]] {
			t.Errorf("%s %s: %g", r["namn"], r["ar"], p.Introduction)
		}
		if p.Introduction == 0 {
			exact++
		}
		if p.Sum() != num(t, r["utfall_kr_inv"]) {
			t.Errorf("%s %s: %g", r["namn"], r["ar"], p.Sum())
		}
	}
	if exact != 110 {
		t.Errorf("%d rows are exact", exact)
	}
}
