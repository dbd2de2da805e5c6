package grouping

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// withoutSix are the pairs of the specification's file, which six borders are not in.
func withoutSix(p *Problem) [][2]string {
	left := [][2]string{{"0181", "0488"}, {"0834", "1080"}, {"0862", "1080"}, {"1473", "1860"}, {"1781", "1883"}, {"2184", "2260"}}
	return slices.DeleteFunc(slices.Clone(p.Edges), func(e [2]string) bool { return slices.Contains(left, e) })
}

func BenchmarkScreen_55010Groups(b *testing.B) {
	p := sweden(b, "")
	edges := withoutSix(p)
	for b.Loop() {
		n := 0
		if err := Screen(p.Nodes, edges, p.Minutes, 5, func(s Screened) {
			if len(s.Members) > 1 {
				n++
			}
		}); err != nil || n != 55_010 {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkSolve(b *testing.B) {
	for _, county := range []string{"09", "10", "13", "22", "03", "23", "07", "04", "19", "21", "08", "18", "05", "06", "25", "20", "24", "17", "01", "12", "14"} {
		for _, objective := range []Objective{MostUnits, Tax, Travel} {
			for _, least := range []int64{0, 30_000} {
				p := sweden(b, county)
				p.Objective, p.MinPopulation = objective, least
				b.Run(fmt.Sprintf("County%s_%dMunicipalities_%s_%d", county, len(p.Nodes), objective, least), func(b *testing.B) {
					for b.Loop() {
						a, err := Solve(p, Options{})
						if err != nil || a.Status != Optimal && a.Status != Infeasible {
							b.Fatal(a, err)
						}
					}
				})
			}
		}
	}
}

func TestScreenAgreesWithTheSearch(t *testing.T) {
	p := sweden(t, "19")
	p.Objective = Travel
	seen := 0
	err := Screen(p.Nodes, p.Edges, func(a, b int) float64 { return math.Round(10*p.Minutes(a, b)) / 10 }, len(p.Nodes), func(s Screened) {
		seen++
		var codes []string
		for _, i := range s.Members {
			codes = append(codes, p.Nodes[i].Code)
		}
		u, err := Describe(p, [][]string{codes})
		if err != nil {
			t.Fatal(err)
		}
		if u[0].Population != s.Population || math.Abs(u[0].TaxRate-s.TaxRate) > 1e-9 || u[0].Centre != p.Nodes[s.Centre].Code || math.Abs(u[0].Minutes-s.Minutes) > 1e-9 {
			t.Fatalf("%+v, and %+v", u[0], s)
		}
	})
	c, _ := newCounty(p)
	by, _, _ := c.columns(c.n, 1<<c.n)
	if n := len(slices.Concat(by...)); err != nil || n != seen {
		t.Errorf("%d groups are screened, %d listed; %v", seen, n, err)
	}
	if err := Screen([]Node{{Code: "1"}, {Code: "1"}}, nil, nil, 2, nil); err == nil {
		t.Error("a code twice")
	}
}

// The two methods are held against each other on real counties, with rules that
// the small random maps are too small for.
func TestV9_SearchAgreesWithTheProgramme(t *testing.T) {
	for _, county := range []string{"19", "18", "06", "20"} {
		for _, objective := range []Objective{MostUnits, FewestUnits, Tax, Travel} {
			for _, least := range []int64{0, 12_000, 40_000, 90_000} {
				for _, members := range []int{0, 3, 5} {
					p := sweden(t, county)
					p.Objective, p.MinPopulation, p.MaxMembers = objective, least, members
					p.Together, p.Apart = [][]string{{p.Nodes[1].Code, p.Nodes[2].Code}}, [][]string{{p.Nodes[0].Code, p.Nodes[4].Code}}
					want, err := Solve(p, Options{})
					if err != nil {
						t.Fatal(err)
					}
					c, err := newCounty(p)
					if err != nil {
						t.Fatal(err)
					}
					got := &Answer{}
					c.large(got, Options{Columns: 1 << 16, Steps: 30_000_000})
					same := want.Status == got.Status && (want.Status == Infeasible || want.Value == got.Value && slices.EqualFunc(want.Units, got.Units, slices.Equal[[]string]))
					if !same {
						t.Errorf("%s %s %d %d: programme %v %v, search %v %v", county, objective, least, members, want, want.Units, got, got.Units)
					}
				}
			}
		}
	}
}

func TestV9_LargeCountiesAreProved(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	for _, r := range []struct {
		county string
		units  float64
	}{{"01", 23}, {"12", 19}, {"14", 26}} {
		p := sweden(t, r.county)
		p.MinPopulation = 30_000
		a, err := Solve(p, Options{})
		if err != nil || a.Status != Optimal || a.Value != r.units || a.SizeLimit != 0 || len(a.Units) != int(r.units) {
			t.Errorf("%s: %v %v", r.county, a, err)
		}
		again, err := Solve(p, Options{})
		if err != nil || fmt.Sprint(again) != fmt.Sprint(a) || fmt.Sprint(again.Units) != fmt.Sprint(a.Units) {
			t.Errorf("%s: another answer the second time", r.county)
		}
	}
}
