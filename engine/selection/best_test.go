package selection

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBestAgainstEnumeration holds Best against the enumeration of all
// selections: value, the selection that the order of ties gives, every figure
// of why-not, the certificate, conflicts and relaxations.
func TestBestAgainstEnumeration(t *testing.T) {
	cases := 3000
	if testing.Short() {
		cases = 300
	}
	infeasible, joint, branched := 0, 0, 0
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		p := randomProblem(r, 1+r.IntN(12))
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
		if len(a.Certificate.Score.Tree) > 1 {
			branched++
		}
		want := bruteBest(p)
		if !want.found {
			infeasible++
			checkInfeasible(t, seed, p, a)
			continue
		}
		if a.Status != Optimal || a.Value != a.Bound || ratOf(a.Value.String()).Cmp(want.value) != 0 {
			t.Fatalf("seed %d: %s value %s bound %s, want %s", seed, a.Status, a.Value, a.Bound, want.value.RatString())
		}
		if !slices.Equal(a.Selected, want.ids) {
			t.Fatalf("seed %d: selected %v, want %v", seed, a.Selected, want.ids)
		}
		joint++
		checkWhyNot(t, seed, p, a, want)
	}
	t.Logf("%d cases: %d infeasible, %d with a branching proof", cases, infeasible, branched)
	if infeasible < cases/20 || branched == 0 {
		t.Errorf("the random cases are too tame: %d infeasible, %d branched", infeasible, branched)
	}
}

func checkWhyNot(t *testing.T, seed int, p *Problem, a *Answer, want brute) {
	t.Helper()
	if len(a.WhyNot)+len(a.Selected) != len(p.Applications) {
		t.Fatalf("seed %d: %d why-nots for %d not selected", seed, len(a.WhyNot), len(p.Applications)-len(a.Selected))
	}
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
			held := *p
			checkRelaxation(t, seed, &held, w.Change, w.ID)
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

// violation is how much a selection breaks the rules, by kind of rule.
func violation(p *Problem, ids []string) (forced, quota int) {
	v := newVerifier(p)
	for id := range v.must {
		if !slices.Contains(ids, id) {
			forced++
		}
	}
	for _, id := range ids {
		if v.no[id] {
			forced++
		}
	}
	for _, q := range p.Rules.Quotas {
		n := 0
		for _, id := range ids {
			n += weight(q, v.apps[id])
		}
		if q.Min != nil {
			quota += max(0, *q.Min-n)
		}
		if q.Max != nil {
			quota += max(0, n-*q.Max)
		}
	}
	return forced, quota
}

// checkRelaxation holds a relaxation against the least that enumeration finds.
func checkRelaxation(t *testing.T, seed int, p *Problem, changes []Change, hold string) {
	t.Helper()
	places, forced, quota := 0, 0, 0
	for _, c := range changes {
		switch c.Kind {
		case "places":
			places += c.Limit - c.To
		case "must", "never":
			forced++
		default:
			quota += max(c.To-c.Limit, c.Limit-c.To)
		}
	}
	for fewer := 0; fewer <= p.Rules.Places; fewer++ {
		found, bestForced, bestQuota := false, 0, 0
		ways(p, p.Rules.Places-fewer, func(ids []string) {
			if hold != "" && !slices.Contains(ids, hold) {
				return
			}
			f, q := violation(p, ids)
			if !found || f < bestForced || f == bestForced && q < bestQuota {
				found, bestForced, bestQuota = true, f, q
			}
		})
		if !found {
			continue
		}
		if places != fewer || forced != bestForced || quota != bestQuota {
			t.Fatalf("seed %d: relaxation %+v costs %d/%d/%d, least is %d/%d/%d", seed, changes, places, forced, quota, fewer, bestForced, bestQuota)
		}
		return
	}
}

// checkInfeasible holds the conflict against all smaller ones and the
// relaxation against the least.
func checkInfeasible(t *testing.T, seed int, p *Problem, a *Answer) {
	t.Helper()
	if a.Status != Infeasible {
		t.Fatalf("seed %d: %s, want infeasible", seed, a.Status)
	}
	in, err := newInstance(p)
	if err != nil {
		t.Fatal(err)
	}
	demands := in.demands()
	var broken []uint64 // for each selection, the demands it breaks
	ways(p, p.Rules.Places, func(ids []string) {
		chosen := make([]bool, len(in.apps))
		for _, id := range ids {
			chosen[in.at[id]] = true
		}
		var set uint64
		for k, d := range demands {
			if !in.meets(d, chosen) {
				set |= 1 << k
			}
		}
		broken = append(broken, set)
	})
	conflicts := func(set uint64) bool {
		for _, b := range broken {
			if b&set == 0 {
				return false
			}
		}
		return true
	}
	var got uint64
	size := 0
	for _, c := range a.Conflict {
		for k, d := range demands {
			if d.Kind == c.Kind && d.ID == c.ID && d.Text == c.Text && got&(1<<k) == 0 {
				got |= 1 << k
				size++
				break
			}
		}
	}
	if size != len(a.Conflict)-1 || !conflicts(got) {
		t.Fatalf("seed %d: %v is no conflict", seed, a.Conflict)
	}
	for set := uint64(0); set < 1<<len(demands); set++ {
		if n := popcount(set); n < size && conflicts(set) {
			t.Fatalf("seed %d: the conflict %v has %d clauses, one with %d exists", seed, a.Conflict, size, n)
		}
	}
	checkRelaxation(t, seed, p, a.Relaxation, "")
}

func popcount(x uint64) (n int) {
	for ; x != 0; x &= x - 1 {
		n++
	}
	return n
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
