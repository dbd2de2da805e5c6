package selection

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// TestBestAgainstEnumeration holds Best against the enumeration of all
// selections, up to 20 applications: value, the selection that the order of ties
// gives, every figure of why-not, the certificate, conflicts and relaxations.
func TestBestAgainstEnumeration(t *testing.T) {
	for _, size := range []struct{ from, to, cases int }{{1, 6, 1500}, {7, 12, 3000}, {13, 17, 1200}, {18, 20, 500}} {
		t.Run(fmt.Sprintf("%d-%d", size.from, size.to), func(t *testing.T) {
			if testing.Short() {
				size.cases /= 10
			}
			infeasible, joint, branched := 0, 0, 0
			for k := range size.cases {
				seed := size.from<<16 + k
				r := rand.New(rand.NewPCG(uint64(seed), 7))
				p := randomProblem(r, size.from+r.IntN(size.to-size.from+1))
				a := checkBest(t, seed, p)
				if len(a.Certificate.Score.Tree) > 1 {
					branched++
				}
				if a.Status == Infeasible {
					infeasible++
				}
				if hasJoint(p) {
					joint++
				}
			}
			t.Logf("%d cases: %d infeasible, %d with joint applications, %d with a branching proof", size.cases, infeasible, joint, branched)
			if infeasible < size.cases/20 || joint < size.cases/4 || size.from > 6 && branched < size.cases/50 {
				t.Error("the random cases are too tame")
			}
		})
	}
}

// checkBest holds one answer of Best, feasible or not, against enumeration.
func checkBest(t *testing.T, seed int, p *Problem) *Answer {
	t.Helper()
	if issues := p.Validate(); len(issues) > 0 {
		t.Fatalf("seed %d: %v", seed, issues)
	}
	a, err := Best(p, Options{})
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	if err := Verify(p, a); err != nil {
		b, _ := json.MarshalIndent(a, "", " ")
		t.Fatalf("seed %d: %v\n%s", seed, err, b)
	}
	want := bruteBest(p)
	if !want.found {
		checkInfeasible(t, seed, p, a)
		return a
	}
	if a.Status != Optimal || a.Value != a.Bound || ratOf(a.Value.String()).Cmp(want.value) != 0 {
		t.Fatalf("seed %d: %s value %s bound %s, want %s", seed, a.Status, a.Value, a.Bound, want.value.RatString())
	}
	if !slices.Equal(a.Selected, want.ids) {
		t.Fatalf("seed %d: selected %v, want %v", seed, a.Selected, want.ids)
	}
	checkWhyNot(t, seed, p, a, want)
	return a
}

func checkWhyNot(t *testing.T, seed int, p *Problem, a *Answer, want brute) {
	t.Helper()
	if len(a.WhyNot)+len(a.Selected) != len(p.Applications) {
		t.Fatalf("seed %d: %d why-nots for %d not selected", seed, len(a.WhyNot), len(p.Applications)-len(a.Selected))
	}
	var least map[string]relaxed
	for _, w := range a.WhyNot {
		best := want.with[w.ID]
		switch w.Reason {
		case "never":
			if !slices.Contains(p.Rules.Never, w.ID) {
				t.Fatalf("seed %d: %s is not forbidden", seed, w.ID)
			}
		case "quota":
			if best != nil {
				t.Fatalf("seed %d: %s can be selected", seed, w.ID)
			}
			if least == nil {
				least = newEnumeration(p).leastCosts()
			}
			checkRelaxation(t, seed, w.Change, least[w.ID])
		default:
			if best == nil {
				t.Fatalf("seed %d: %s cannot be selected but the reason is %s", seed, w.ID, w.Reason)
			}
			if got := ratOf(w.Points.String()); got.Add(got, best).Cmp(want.value) != 0 {
				t.Fatalf("seed %d: %s lacks %s, but its best is %s of %s", seed, w.ID, w.Points, best, want.value)
			}
		}
	}
}

// checkRelaxation holds a relaxation against the least that enumeration finds.
func checkRelaxation(t *testing.T, seed int, changes []Change, least relaxed) {
	t.Helper()
	var got relaxed
	for _, c := range changes {
		switch c.Kind {
		case "places":
			got.fewer += c.Limit - c.To
		case "must", "never":
			got.forced++
		default:
			got.quota += max(c.To-c.Limit, c.Limit-c.To)
		}
	}
	if got != least {
		t.Fatalf("seed %d: relaxation %+v costs %+v, least is %+v", seed, changes, got, least)
	}
}

// ruleClauses lists the clauses of the rules that can be in conflict.
func ruleClauses(p *Problem) (out []Clause) {
	for k := range p.Rules.Quotas {
		q := &p.Rules.Quotas[k]
		if q.Min != nil {
			out = append(out, Clause{Kind: "min", Quota: q, Limit: *q.Min})
		}
		if q.Max != nil {
			out = append(out, Clause{Kind: "max", Quota: q, Limit: *q.Max})
		}
	}
	for _, id := range slices.Compact(sorted(p.Rules.Must)) {
		out = append(out, Clause{Kind: "must", ID: id})
	}
	for _, id := range slices.Compact(sorted(p.Rules.Never)) {
		out = append(out, Clause{Kind: "never", ID: id})
	}
	return out
}

// brokenSets are the different sets of clauses that selections break.
func brokenSets(e *enumeration, clauses []Clause) map[uint32]bool {
	quota := map[*Quota]int{}
	for k := range e.p.Rules.Quotas {
		quota[&e.p.Rules.Quotas[k]] = k
	}
	index := map[string]int{}
	for i, a := range e.apps {
		index[a.ID] = i
	}
	sets := map[uint32]bool{}
	e.ways(e.p.Rules.Places, func(set uint32) {
		counts := e.countsOf(set)
		var broken uint32
		for k, c := range clauses {
			bad := false
			switch c.Kind {
			case "min":
				bad = int(counts>>(8*quota[c.Quota])&0xff) < c.Limit
			case "max":
				bad = int(counts>>(8*quota[c.Quota])&0xff) > c.Limit
			case "must":
				bad = set&e.bit(index[c.ID]) == 0
			case "never":
				bad = set&e.bit(index[c.ID]) != 0
			}
			if bad {
				broken |= 1 << k
			}
		}
		sets[broken] = true
	})
	return sets
}

// checkInfeasible holds the conflict against all smaller ones and the
// relaxation against the least.
func checkInfeasible(t *testing.T, seed int, p *Problem, a *Answer) {
	t.Helper()
	if a.Status != Infeasible {
		t.Fatalf("seed %d: %s, want infeasible", seed, a.Status)
	}
	e, clauses := newEnumeration(p), ruleClauses(p)
	sets := brokenSets(e, clauses)
	conflicts := func(set uint32) bool {
		for b := range sets {
			if b&set == 0 {
				return false
			}
		}
		return true
	}
	var got uint32
	for _, c := range a.Conflict {
		for k, d := range clauses {
			same := d.Kind == c.Kind && d.ID == c.ID && d.Limit == c.Limit && (d.Quota == nil || reflect.DeepEqual(d.Quota, c.Quota))
			if same && got>>k&1 == 0 {
				got |= 1 << k
				break
			}
		}
	}
	size := bits.OnesCount32(got)
	if size != len(a.Conflict)-1 || !conflicts(got) {
		t.Fatalf("seed %d: %v is no conflict", seed, a.Conflict)
	}
	for n := range size {
		subsets(n, len(clauses), func(set uint32) {
			if conflicts(set) {
				t.Fatalf("seed %d: the conflict %v has %d clauses, one with %d exists", seed, a.Conflict, size, n)
			}
		})
	}
	checkRelaxation(t, seed, a.Relaxation, e.leastCosts()[""])
}

// sweden is a synthetic pool: n single municipalities over 21 counties and 3
// groups, at most one per county and 4 to 5 per group, 13 places.
func sweden(n int, seed uint64, joint int) *Problem {
	r := rand.New(rand.NewPCG(seed, 1))
	p := &Problem{Rules: Rules{Places: 13}}
	for i := range n {
		a := Application{ID: fmt.Sprintf("s%03d", i), Score: Decimal{int64(1000 + r.IntN(9000)), 2}}
		for k := range 1 {
			a.Municipalities = append(a.Municipalities, Municipality{Code: fmt.Sprintf("%03d-%d", i, k), Attributes: map[string]string{
				"county": fmt.Sprintf("%02d", i%21), "main_group": string(rune('A' + r.IntN(3)))}})
		}
		if i < joint {
			for k := range 1 + r.IntN(2) {
				a.Municipalities = append(a.Municipalities, Municipality{Code: fmt.Sprintf("%03d-x%d", i, k), Attributes: map[string]string{
					"county": fmt.Sprintf("%02d", (i+r.IntN(2))%21), "main_group": string(rune('A' + r.IntN(3)))}})
			}
		}
		p.Applications = append(p.Applications, a)
	}
	one, four, five := 1, 4, 5
	if joint > 0 {
		one, five = 2, 7
	}
	for c := range 21 {
		p.Rules.Quotas = append(p.Rules.Quotas, Quota{Attribute: "county", Value: fmt.Sprintf("%02d", c), Max: &one, Count: CountMunicipalities})
	}
	for _, g := range []string{"A", "B", "C"} {
		p.Rules.Quotas = append(p.Rules.Quotas, Quota{Attribute: "main_group", Value: g, Min: &four, Max: &five, Count: CountMunicipalities})
	}
	return p
}

// BenchmarkBest290 is optimum, certificate and all why-nots for 290
// applications, 21 counties x 3 groups. The bar is 2 s on two cores.
func BenchmarkBest290(b *testing.B) {
	for _, joint := range []int{0, 20} {
		b.Run(fmt.Sprintf("joint%d", joint), func(b *testing.B) {
			p := sweden(290, 1, joint)
			for b.Loop() {
				a, err := Best(p, Options{})
				if err != nil || a.Status != Optimal || len(a.WhyNot) != 277 {
					b.Fatal(err, a.Status)
				}
			}
		})
	}
}
