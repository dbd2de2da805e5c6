package selection

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

// copyOf is a deep copy by way of JSON, as an answer travels.
func copyOf(t *testing.T, a *Answer) *Answer {
	t.Helper()
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var c Answer
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// branchy is a random problem whose proof branches.
func branchy(t *testing.T) (*Problem, *Answer) {
	t.Helper()
	for seed := range uint64(5000) {
		r := rand.New(rand.NewPCG(seed, 7))
		p := randomProblem(r, 1+r.IntN(12))
		if a, err := Best(p, Options{}); err == nil && a.Status == Optimal && len(a.Certificate.Score.Tree) > 1 {
			return p, a
		}
	}
	t.Fatal("no branching proof found")
	return nil, nil
}

// TestVerifyRejectsTampering changes one thing at a time in true answers.
func TestVerifyRejectsTampering(t *testing.T) {
	p, a := branchy(t)
	simple := sweden(60, 3, 6)
	b, err := Best(simple, Options{})
	if err != nil {
		t.Fatal(err)
	}
	tampers := map[string]func(*Answer){
		"another input":        func(a *Answer) { a.Input = "00" },
		"value up":             func(a *Answer) { a.Value = "99999" },
		"bound and value up":   func(a *Answer) { a.Value, a.Bound = "99999", "99999" },
		"bound down":           func(a *Answer) { a.Bound = "-99999" },
		"one selected less":    func(a *Answer) { a.Selected = a.Selected[1:] },
		"selected twice":       func(a *Answer) { a.Selected[0] = a.Selected[len(a.Selected)-1] },
		"another selected":     func(a *Answer) { a.Selected[0] = a.WhyNot[0].ID },
		"claimed infeasible":   func(a *Answer) { a.Status = Infeasible },
		"tree cut":             func(a *Answer) { a.Certificate.Score.Tree = a.Certificate.Score.Tree[:0] },
		"a group gone":         func(a *Answer) { a.Certificate.Score.Groups = a.Certificate.Score.Groups[1:] },
		"one in two groups":    func(a *Answer) { g := a.Certificate.Score.Groups; g[0] = append(g[0], g[len(g)-1][0]) },
		"no certificate":       func(a *Answer) { a.Certificate = nil },
		"another scale":        func(a *Answer) { a.Certificate.Score.Scale = "1/1000003" },
		"leaf without reasons": func(a *Answer) { last(a).Rows = nil },
		"leaf called empty":    func(a *Answer) { last(a).Empty = !last(a).Empty },
		"multiplier halved": func(a *Answer) {
			for k := range a.Certificate.Score.Tree {
				for i := range a.Certificate.Score.Tree[k].Rows {
					a.Certificate.Score.Tree[k].Rows[i].Value /= 2
				}
			}
		},
	}
	for name, tamper := range tampers {
		for _, c := range []struct {
			p *Problem
			a *Answer
		}{{p, a}, {simple, b}} {
			if err := Verify(c.p, copyOf(t, c.a)); err != nil {
				t.Fatalf("the true answer is rejected: %v", err)
			}
			bad := copyOf(t, c.a)
			tamper(bad)
			if err := Verify(c.p, bad); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	}
	tree := copyOf(t, a)
	tree.Certificate.Score.Tree[0].High = tree.Certificate.Score.Tree[0].Low
	if Verify(p, tree) == nil {
		t.Error("a branch left out: accepted")
	}
}

// last is the last leaf of the score proof.
func last(a *Answer) *Node {
	tree := a.Certificate.Score.Tree
	for k := len(tree) - 1; ; k-- {
		if tree[k].Column < 0 {
			return &tree[k]
		}
	}
}

func TestVerifyLotteryRejectsTampering(t *testing.T) {
	p := sweden(60, 3, 0)
	p.Rules.Quotas[0].Attribute, p.Rules.Quotas[0].Value = "main_group", "A" // one place for all of A and 4 at least: no
	p.Rules.Quotas = p.Rules.Quotas[1:]
	for i := range 12 { // uneven chances, so that there are several stages
		p.Applications[i].Municipalities[0].Attributes["county"] = "20"
	}
	a, err := Lottery(p, "frö", Options{})
	if err != nil || a.Status != Optimal || len(a.Draw.Stages) < 2 {
		t.Fatal(err, a.Status)
	}
	tampers := map[string]func(*Answer){
		"chance up":      func(a *Answer) { a.Probabilities[0].Probability = "1/2" },
		"weight":         func(a *Answer) { a.Panels[0].Weight = "1/7" },
		"negative":       func(a *Answer) { a.Panels[0].Weight = "-" + a.Panels[0].Weight },
		"seed":           func(a *Answer) { a.Seed = "annat" },
		"ticket":         func(a *Answer) { a.Ticket += "0" },
		"drawn":          func(a *Answer) { a.Drawn = (a.Drawn + 1) % len(a.Panels) },
		"selected":       func(a *Answer) { a.Selected = a.Panels[(a.Drawn+1)%len(a.Panels)].IDs },
		"commitment":     func(a *Answer) { a.Commitment = "00" },
		"stage gone":     func(a *Answer) { a.Stages = a.Stages[1:] },
		"stage unproved": func(a *Answer) { a.Stages[0].Proof.Tree[0].Rows = nil },
		"weights":        func(a *Answer) { clear(a.Stages[0].Weights) },
		"chance of one":  func(a *Answer) { a.Stages[0].Chance = "1/1000" },
		"panel":          func(a *Answer) { a.Panels[0].IDs = a.Panels[0].IDs[1:] },
	}
	for name, tamper := range tampers {
		bad := copyOf(t, a)
		if err := VerifyLottery(p, bad); err != nil {
			t.Fatalf("the true answer is rejected: %v", err)
		}
		tamper(bad)
		if VerifyLottery(p, bad) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestLimitNeverClaimsOptimal gives the search one node each.
func TestLimitNeverClaimsOptimal(t *testing.T) {
	bounded := 0
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 7))
		p := randomProblem(r, 1+r.IntN(12))
		a, err := Best(p, Options{Nodes: 1, NoWhyNot: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(p, a); err != nil {
			t.Fatalf("seed %d: %s %v", seed, a.Status, err)
		}
		want := bruteBest(p)
		if a.Status == Bounded {
			bounded++
			if want.found && want.value.Cmp(ratOf(a.Bound.String())) > 0 {
				t.Fatalf("seed %d: bound %s below the best %s", seed, a.Bound, want.value)
			}
			continue
		}
		if want.found != (a.Status == Optimal) {
			t.Fatalf("seed %d: %s", seed, a.Status)
		}
	}
	if bounded == 0 {
		t.Error("no case hit the limit")
	}
	t.Logf("%d bounded", bounded)
}
