package selection

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestLotteryOnRandomCases(t *testing.T) {
	feasible, whole, stages := 0, 0, 0
	for seed := range 600 {
		r := rand.New(rand.NewPCG(uint64(seed), 11))
		p := randomProblem(r, 1+r.IntN(12))
		a, err := Lottery(p, "frö", Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if a.Status == Infeasible {
			if err := Verify(p, a); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			continue
		}
		feasible++
		if a.Status != Optimal {
			t.Fatalf("seed %d: %s", seed, a.Status)
		}
		if err := VerifyLottery(p, a); err != nil {
			b, _ := json.MarshalIndent(a, "", " ")
			t.Fatalf("seed %d: %v\n%s", seed, err, b)
		}
		in, _ := newInstance(p)
		if newTypes(in, Options{}).twoLaminar() {
			whole++
		}
		stages += len(a.Draw.Stages)
	}
	t.Logf("%d feasible, %d of them two laminar families, %d stages", feasible, whole, stages)
}

// BenchmarkLeximin290 is leximin, portfolio and proof for 290 applications. The
// bar is 1 s on two cores.
func BenchmarkLeximin290(b *testing.B) {
	for name, p := range map[string]*Problem{"even": sweden(290, 1, 0), "uneven": uneven(), "joint20": sweden(290, 1, 20)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				a, err := Lottery(p, "frö", Options{})
				if err != nil || a.Status != Optimal {
					b.Fatal(err, a.Status)
				}
				b.ReportMetric(float64(len(a.Draw.Panels)), "panels")
				b.ReportMetric(float64(len(a.Draw.Stages)), "stages")
			}
		})
	}
}

// uneven has as many applications in each county as the country has
// municipalities, so that at most one per county gives uneven chances.
func uneven() *Problem {
	p := sweden(290, 1, 0)
	i := 0
	for c, n := range []int{26, 8, 9, 13, 13, 8, 12, 1, 5, 33, 6, 49, 16, 12, 10, 15, 10, 7, 8, 15, 14} {
		for range n {
			p.Applications[i].Municipalities[0].Attributes["county"] = fmt.Sprintf("%02d", c)
			i++
		}
	}
	return p
}

// TestLotteryUneven: several stages, all proved, at the size of the country.
func TestLotteryUneven(t *testing.T) {
	p := uneven()
	a, err := Lottery(p, "1", Options{})
	if err != nil || a.Status != Optimal || len(a.Stages) < 3 {
		t.Fatal(err, a.Status, len(a.Stages))
	}
	if err := VerifyLottery(p, a); err != nil {
		t.Fatal(err)
	}
}
