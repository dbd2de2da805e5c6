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
	for _, joint := range []int{0, 20} {
		b.Run(fmt.Sprintf("joint%d", joint), func(b *testing.B) {
			p := sweden(290, 1, joint)
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
