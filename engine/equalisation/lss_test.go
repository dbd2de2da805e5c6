package equalisation

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestV7_StaffCostOfTheExample(t *testing.T) {
	s := LSSStaff{Wages: 50, Contracts: 20, Internal: 5, ByKommun: 3, BySCB: 2, Income: 4, Received: 6, Paid: 10, Sales: 1}
	if got := s.Cost(); math.Abs(got-97.22) > 1e-9 {
		t.Errorf("PC %g", got)
	}
	if got := s.Index(100); math.Abs(got-1.08554) > 1e-9 {
		t.Errorf("PKIX %g", got)
	}
}

func TestV7_RelationsOfThePrices(t *testing.T) {
	p, err := LSSPricesOf(LSSAccounts{Row5131: 1000, Row5133: 300, Row5135: 200, Row5139: 500}, LSSDecisions{
		Adults: 5, Children: 4, Family: 2, Daily: 8, Short: 3, Supervised: 2, Relief: 4, Escort: 4, Contact: 10, Assistance: 3, Insured: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ got, of, ratio float64 }{
		{p.Children, p.Adults, 1.25}, {p.Family, p.Adults, 0.45}, {p.Insured, p.Assistance, 0.50},
		{p.Supervised, p.Short, 0.55}, {p.Relief, p.Short, 0.25}, {p.Escort, p.Short, 0.25}, {p.Contact, p.Short, 0.10},
		{p.Adults, 1, 1000 / (5 + 1.25*4 + 0.45*2)}, {p.Daily, 1, 25}, {p.Assistance, 1, 60}, {p.Short, 1, 500 / (3 + 1.1 + 1 + 1 + 1)},
	} {
		if math.Abs(r.got-r.ratio*r.of) > 1e-9 {
			t.Errorf("%g is not %g of %g", r.got, r.ratio, r.of)
		}
	}
	if _, err := LSSPricesOf(LSSAccounts{}, LSSDecisions{Adults: 1}); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
}

func TestV7_GrantsEqualFeesInASyntheticCountry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := func(name string, low, high float64) float64 { return rapid.Float64Range(low, high).Draw(t, name) }
		var all []LSSMunicipality
		var total LSSDecisions
		for i := range rapid.IntRange(1, 20).Draw(t, "n") {
			m := LSSMunicipality{Code: fmt.Sprint(i), Inhabitants: f("N", 2_000, 500_000), NetCost: f("net", 1e6, 1e9), Paid: f("FK", 0, 1e7)}
			m.Decisions = LSSDecisions{f("BV", 1, 400), f("BB", 0, 40), f("FH", 0, 20), f("DV", 1, 500), f("KV", 1, 200), f("KT", 0, 90), f("AS", 0, 60), f("LS", 0, 60), f("KP", 0, 300), f("PAK", 1, 60), f("PAF", 0, 90)}
			m.Staff = LSSStaff{Wages: f("A", 1e5, 1e9), Contracts: f("B", 0, 1e8)}
			all = append(all, m)
			total.Adults, total.Daily, total.Short, total.Assistance = total.Adults+m.Decisions.Adults, total.Daily+m.Decisions.Daily, total.Short+m.Decisions.Short, total.Assistance+m.Decisions.Assistance
		}
		p, err := LSSPricesOf(LSSAccounts{f("5131", 1e6, 1e9), f("5133", 1e6, 1e9), f("5135", 1e6, 1e9), f("5139", 1e6, 1e9)}, total)
		if err != nil {
			t.Fatal(err)
		}
		r, err := LSS(all, p, 1.013)
		if err != nil {
			t.Fatal(err)
		}
		var grants, fees, standard, net float64
		for i, o := range r.Outcomes {
			grants, fees = grants+max(0, o.Amount), fees+max(0, -o.Amount)
			standard, net = standard+o.PerInhabitant*all[i].Inhabitants, net+all[i].NetCost*1.013
		}
		if !near(grants, fees, 1e-9, net+grants) || !near(standard, net, 1e-9, net) || r.Assumption == "" {
			t.Fatalf("grants %g, fees %g; standard costs %g, net costs %g", grants, fees, standard, net)
		}
	})
	if _, err := LSS(nil, LSSPrices{}, 0); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
	if _, err := LSS([]LSSMunicipality{{}}, LSSPrices{}, 1); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
	if _, err := LSS(nil, LSSPrices{}, 1); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
}

func TestV7_AdditionOverPersons(t *testing.T) {
	p := LSSPrices{Adults: 9, Children: 8, Family: 7, Daily: 6, Short: 5, Supervised: 4, Relief: 3, Escort: 2, Contact: 1, Assistance: 10, Insured: 11}
	m := LSSMunicipality{Paid: 1000, Decisions: LSSDecisions{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}
	if got := m.Standard(p); got != 9+16+21+24+25+24+21+16+9+100+121+1000 {
		t.Error(got)
	}
}

func TestPriceIndexOfLSS(t *testing.T) {
	for year, want := range map[int]float64{2024: 0, 2025: 1.027, 2026: 1.013, 2027: 0} {
		s, err := For(year)
		if err != nil || (s.PriceIndex == nil) != (want == 0) || want > 0 && s.PriceIndex.Number != want {
			t.Error(year, s.PriceIndex, err)
		}
	}
}
