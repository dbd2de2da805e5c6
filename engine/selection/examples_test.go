package selection

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// published is the form of the two example pools of Flanigan et al.: one in
// group (woman, conservative), n/2-1 (woman, liberal), n/2 (man, conservative);
// at least half of the places less one for each value.
func published(n, places int) *Problem {
	p := &Problem{Rules: Rules{Places: places}}
	for i := range n {
		gender, leaning := "female", "liberal"
		if i == 0 || i >= n/2 {
			leaning = "conservative"
		}
		if i >= n/2 {
			gender = "male"
		}
		p.Applications = append(p.Applications, Application{ID: fmt.Sprintf("p%04d", i),
			Municipalities: []Municipality{{Code: fmt.Sprint(i)}}, Attributes: map[string]string{"gender": gender, "leaning": leaning}})
	}
	least := places/2 - 1
	for _, q := range []string{"gender female", "gender male", "leaning liberal", "leaning conservative"} {
		attribute, value, _ := strings.Cut(q, " ")
		p.Rules.Quotas = append(p.Rules.Quotas, Quota{Attribute: attribute, Value: value, Min: &least, Max: &places, Count: CountApplications})
	}
	return p
}

// TestPublishedExamples repeats the published result: 10.0 % for every person,
// of 200 with 20 places and of 2000 with 200.
func TestPublishedExamples(t *testing.T) {
	for _, size := range [][2]int{{200, 20}, {2000, 200}} {
		p := published(size[0], size[1])
		a, err := Lottery(p, "1", Options{})
		if err != nil || a.Status != Optimal {
			t.Fatal(err, a.Status)
		}
		for _, c := range a.Probabilities {
			if c.Probability != "1/10" {
				t.Fatalf("%d: %s has %s, want 1/10", size[0], c.ID, c.Probability)
			}
		}
		if err := VerifyLottery(p, a); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d/%d: 10.0 %% for each, %d panels", size[0], size[1], len(a.Panels))
	}
}

func number(n int) *int { return &n }

func single(id, code, score string, attributes ...string) Application {
	d, err := ParseDecimal(score)
	if err != nil {
		panic(err)
	}
	a := Application{ID: id, Score: d}
	for c := range strings.SplitSeq(code, "+") {
		m := Municipality{Code: c, Attributes: map[string]string{}}
		for _, kv := range attributes {
			k, v, _ := strings.Cut(kv, "=")
			m.Attributes[k] = v
		}
		a.Municipalities = append(a.Municipalities, m)
	}
	return a
}

// TestSeed_001_09_and_004_05_joint_application_is_one_atom: three municipalities
// together take one place, count as three municipalities and as one
// application, and are never split.
func TestSeed_001_09_and_004_05_joint_application_is_one_atom(t *testing.T) {
	p := &Problem{Applications: []Application{
		single("kak", "1983+1984+1960", "9", "county=19"),
		single("sala", "1981", "8", "county=19"),
		single("kalmar", "0880", "7", "county=08"),
		single("vara", "1470", "6", "county=14"),
	}, Rules: Rules{Places: 2}}
	selected := func(want string) {
		t.Helper()
		a, err := Best(p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(p, a); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(a.Selected, " "); got != want {
			t.Fatalf("selected %q (%s), want %q", got, a.Status, want)
		}
	}
	selected("kak sala") // two places, four municipalities
	p.Rules.Quotas = []Quota{{Attribute: "county", Value: "19", Max: number(3), Count: CountMunicipalities}}
	selected("kak kalmar") // three of the county fill its quota
	p.Rules.Quotas[0].Count = CountApplications
	selected("kak sala") // as applications they are only two
	p.Rules.Quotas[0].Count, p.Rules.Quotas[0].Max = CountMunicipalities, number(2)
	selected("kalmar sala") // the atom does not fit, and is not split
}

// TestSharedMunicipality: a municipality in two applications is selected once.
func TestSharedMunicipality(t *testing.T) {
	p := &Problem{Applications: []Application{
		single("alone", "1983", "9"), single("joint", "1983+1984", "8"), single("other", "0880", "1")}, Rules: Rules{Places: 2}}
	a, err := Best(p, Options{})
	if err != nil || !slices.Equal(a.Selected, []string{"alone", "other"}) || Verify(p, a) != nil {
		t.Fatal(a.Selected, err)
	}
	p.Rules.Places = 3
	if a, err = Best(p, Options{}); err != nil || a.Status != Infeasible || Verify(p, a) != nil {
		t.Fatal(a.Status, err)
	}
}

// interviews are four places for interviews, and a spread over the country.
func interviews() *Problem {
	p := &Problem{Rules: Rules{Places: 4}}
	for i, c := range []string{"01 A 9", "01 A 8", "12 A 8", "14 A 7", "01 B 7", "05 B 5", "20 B 4", "14 C 3", "23 C 2", "25 C 1"} {
		f := strings.Fields(c)
		p.Applications = append(p.Applications, single(fmt.Sprintf("k%d", i), fmt.Sprint(1000+i), f[2], "county="+f[0], "main_group="+f[1]))
	}
	return p
}

// TestSeed_000_12_and_000_16_and_000_17_interviews_hold_all_three_main_groups:
// four municipalities, and A, B and C all represented.
func TestSeed_000_12_and_000_16_and_000_17_interviews_hold_all_three_main_groups(t *testing.T) {
	p := interviews()
	for _, g := range []string{"A", "B", "C"} {
		p.Rules.Quotas = append(p.Rules.Quotas, Quota{Attribute: "main_group", Value: g, Min: number(1), Count: CountMunicipalities})
	}
	a, err := Best(p, Options{})
	if err != nil || !slices.Equal(a.Selected, []string{"k0", "k1", "k4", "k7"}) {
		t.Fatalf("%v %v: want the best of each group and then the best left", a.Selected, err)
	}
	for _, w := range a.WhyNot {
		if w.ID == "k2" && w.Reason != "tie" || w.ID == "k9" && w.Points != "2" {
			t.Errorf("%s: %s %s", w.ID, w.Reason, w.Points)
		}
	}
}

// TestSeed_000_15_and_004_07_geographic_spread: among selections within the
// give-up, the one with most counties, and the one furthest apart.
func TestSeed_000_15_and_004_07_geographic_spread(t *testing.T) {
	p := interviews()
	p.Rules.Spread = &Spread{Objective: SpreadCover, Attribute: "county"}
	a, err := Best(p, Options{})
	if err != nil || a.Spread.Value != 3 || a.Value != "32" || Verify(p, a) != nil {
		t.Fatalf("%+v %s %v", a.Spread, a.Value, err) // k0 k1 k2 and one of the sevens: three counties with k3
	}
	p.Rules.Spread.GiveUp = Whole(3)
	a, err = Best(p, Options{})
	if err != nil || a.Spread.Value != 4 || a.Value != "29" || a.Spread.GivenUp != "3" || Verify(p, a) != nil {
		t.Fatalf("%+v %s %v", a.Spread, a.Value, err)
	}
}

// TestSeed_004_09_diversity_by_any_attribute: the selected are to be different;
// any attribute can carry a quota.
func TestSeed_004_09_diversity_by_any_attribute(t *testing.T) {
	p := interviews()
	for i := range p.Applications {
		p.Applications[i].Attributes = map[string]string{"landscape": []string{"coast", "inland"}[i/9]}
	}
	p.Rules.Quotas = []Quota{{Attribute: "landscape", Value: "inland", Min: number(1), Count: CountApplications}}
	if a, err := Best(p, Options{}); err != nil || !slices.Contains(a.Selected, "k9") {
		t.Fatal(a.Selected, err)
	}
}

// TestSeed_004_08_every_outcome_has_its_reason: each one not selected is told
// what it would have taken.
func TestSeed_004_08_every_outcome_has_its_reason(t *testing.T) {
	a, err := Best(sweden(60, 5, 6), Options{})
	if err != nil || len(a.WhyNot) != 47 {
		t.Fatal(err, len(a.WhyNot))
	}
	for _, w := range a.WhyNot {
		if w.Text == "" || w.Reason == "unknown" {
			t.Errorf("%s has no reason", w.ID)
		}
	}
}

// TestSpreadAgainstEnumeration: score within the give-up, then spread, then
// score, then order.
func TestSpreadAgainstEnumeration(t *testing.T) {
	tried := 0
	for seed := range uint64(800) {
		r := rand.New(rand.NewPCG(seed, 13))
		p := randomProblem(r, 2+r.IntN(8))
		p.Rules.Places = max(p.Rules.Places, 2)
		p.Rules.Spread = &Spread{Objective: SpreadCover, Attribute: "county", GiveUp: Whole(int64(r.IntN(6)))}
		if r.IntN(2) == 0 {
			p.Rules.Spread = &Spread{Objective: SpreadMinDistance, GiveUp: Whole(int64(r.IntN(6)))}
			var codes []string
			for _, a := range p.Applications {
				for _, m := range a.Municipalities {
					codes = append(codes, m.Code)
				}
			}
			slices.Sort(codes)
			codes = slices.Compact(codes)
			for i, b := range codes {
				for _, a := range codes[:i] {
					p.Distances = append(p.Distances, Distance{a, b, int64(1 + r.IntN(9))})
				}
			}
		}
		a, err := Best(p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(p, a); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		all := bruteBest(p)
		if !all.found {
			continue
		}
		tried++
		in, _ := newInstance(p)
		between := in.distances()
		spread := func(ids []string) int64 {
			seen, least := map[string]bool{}, far
			for k, id := range ids {
				for _, m := range in.apps[in.at[id]].Municipalities {
					if v := in.apps[in.at[id]].value(m, "county"); v != "" {
						seen[v] = true
					}
				}
				for _, other := range ids[:k] {
					least = min(least, between[in.at[id]][in.at[other]])
				}
			}
			if p.Rules.Spread.Objective == SpreadCover {
				return int64(len(seen))
			}
			return least
		}
		v := newVerifier(p)
		floor := ratOf("0").Sub(all.value, p.Rules.Spread.GiveUp.Rat())
		var want []string
		e := newEnumeration(p)
		var feasible [][]string
		e.all(p.Rules.Places, func(set uint32, _ int64) { feasible = append(feasible, e.ids(set)) })
		for _, ids := range feasible {
			if v.sum(ids).Cmp(floor) < 0 {
				continue
			}
			better := want == nil || spread(ids) > spread(want)
			if want != nil && spread(ids) == spread(want) {
				c := v.sum(ids).Cmp(v.sum(want))
				better = c > 0 || c == 0 && slices.Compare(ids, want) < 0
			}
			if better {
				want = ids
			}
		}
		if !slices.Equal(a.Selected, want) || a.Spread.Value != a.Spread.Bound {
			t.Fatalf("seed %d: %s selected %v (spread %d), want %v (%d)", seed, p.Rules.Spread.Objective, a.Selected, a.Spread.Value, want, spread(want))
		}
	}
	t.Logf("%d feasible", tried)
}

// TestSameBytes: the answer does not depend on the number of processors, nor on
// the order of the applications in the input.
func TestSameBytes(t *testing.T) {
	p := sweden(90, 9, 9)
	var want string
	for k := range 4 {
		old := runtime.GOMAXPROCS(1 + k)
		q := *p
		q.Applications = slices.Clone(p.Applications)
		rand.New(rand.NewPCG(uint64(k), 1)).Shuffle(len(q.Applications), func(i, j int) {
			q.Applications[i], q.Applications[j] = q.Applications[j], q.Applications[i]
		})
		a, err := Best(&q, Options{})
		if err != nil {
			t.Fatal(err)
		}
		l, err := Lottery(&q, "7", Options{})
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal([]any{a, l})
		if k == 0 {
			want = string(b)
		}
		if string(b) != want {
			t.Fatalf("other bytes with %d processors", 1+k)
		}
		runtime.GOMAXPROCS(old)
	}
}

// TestReplace: the confirmed stay, the withdrawn is gone, the rules hold.
func TestReplace(t *testing.T) {
	p := sweden(60, 3, 0)
	a, err := Best(p, Options{NoWhyNot: true})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Replace(p, a.Selected[1:], a.Selected[:1], Options{})
	if err != nil || b.Status != Optimal {
		t.Fatal(err, b.Status)
	}
	for _, id := range a.Selected[1:] {
		if !slices.Contains(b.Selected, id) {
			t.Errorf("%s lost its place", id)
		}
	}
	if slices.Contains(b.Selected, a.Selected[0]) {
		t.Error("the withdrawn came back")
	}
	if err := Verify(p.After(a.Selected[1:], a.Selected[:1]), b); err != nil {
		t.Error(err)
	}
	reserves, err := Reserves(p, a.Selected, Options{})
	if err != nil || len(reserves) != 13 || !slices.Contains(b.Selected, reserves[0].Instead[0]) {
		t.Error(err, reserves)
	}
}

// TestReplaceByLot: those who stay stay, one place is drawn, and the draw can be
// followed from the same seed.
func TestReplaceByLot(t *testing.T) {
	p := sweden(60, 3, 0)
	a, err := Lottery(p, "frö", Options{})
	if err != nil {
		t.Fatal(err)
	}
	stay, gone := a.Selected[1:], a.Selected[:1]
	b, err := ReplaceByLot(p, stay, gone, "frö", Options{})
	if err != nil || b.Status != Optimal || b.Seed != "frö" || b.Input == a.Input {
		t.Fatal(err, b.Status)
	}
	for _, id := range stay {
		if !slices.Contains(b.Selected, id) {
			t.Errorf("%s lost its place", id)
		}
	}
	if slices.Contains(b.Selected, gone[0]) || VerifyLottery(p.After(stay, gone), b) != nil {
		t.Error("the draw does not hold")
	}
	for k, n := range p.Held(b.Selected) {
		q := p.Rules.Quotas[k]
		if q.Max != nil && n > *q.Max || q.Min != nil && n < *q.Min {
			t.Errorf("quota %d holds %d", k, n)
		}
	}
	if n := p.Held(nil); len(n) != 24 || slices.Max(n) != 0 {
		t.Errorf("nobody counts %v", n)
	}
}
