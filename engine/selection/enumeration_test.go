package selection

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	simplex "gonum.org/v1/gonum/optimize/convex/lp"
)

// table is a problem as small numbers, so that every selection of up to twenty
// applications can be tried: what each application adds to each quota, and
// which others it shares a municipality with.
type table struct {
	score  []int64
	adds   [][]int8
	min    []int8
	max    []int8
	clash  []uint32
	fixed  uint32
	barred uint32
}

func tableOf(p *Problem) table {
	t := table{}
	at := map[string]int{}
	for i, a := range p.Applications {
		at[a.ID] = i
		f, _ := a.Score.Rat().Float64()
		t.score = append(t.score, int64(math.Round(f*100)))
		adds := make([]int8, len(p.Rules.Quotas))
		for k, q := range p.Rules.Quotas {
			for _, m := range a.Municipalities {
				v := m.Attributes[q.Attribute]
				if own, ok := a.Attributes[q.Attribute]; ok {
					v = own
				}
				if v == q.Value {
					adds[k]++
				}
			}
			if q.Count == CountApplications {
				adds[k] = min(adds[k], 1)
			}
		}
		t.adds = append(t.adds, adds)
		var clash uint32
		for j, b := range p.Applications[:i] {
			for _, m := range a.Municipalities {
				for _, n := range b.Municipalities {
					if m.Code == n.Code {
						clash |= 1 << j
					}
				}
			}
		}
		t.clash = append(t.clash, clash)
	}
	for _, q := range p.Rules.Quotas {
		lo, hi := int8(0), int8(127)
		if q.Min != nil {
			lo = int8(*q.Min)
		}
		if q.Max != nil {
			hi = int8(*q.Max)
		}
		t.min, t.max = append(t.min, lo), append(t.max, hi)
	}
	for _, id := range p.Rules.Must {
		t.fixed |= 1 << at[id]
	}
	for _, id := range p.Rules.Never {
		t.barred |= 1 << at[id]
	}
	return t
}

// each calls f with every selection that keeps the rules, and its score.
func (t table) each(places int, f func(set uint32, score int64)) {
	n := len(t.score)
	if places > n {
		return
	}
	sums := make([]int8, len(t.min))
next:
	for set := uint32(1)<<places - 1; set < 1<<n; {
		this := set
		if places == 0 {
			set = 1 << n
		} else { // the next set of the same size (Gosper)
			c := set & -set
			r := set + c
			set = (r^set)>>2/c | r
		}
		if this&t.fixed != t.fixed || this&t.barred != 0 {
			continue
		}
		clear(sums)
		score := int64(0)
		for rest := this; rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros32(rest)
			if t.clash[i]&this != 0 {
				continue next
			}
			score += t.score[i]
			for k, a := range t.adds[i] {
				sums[k] += a
			}
		}
		for k, s := range sums {
			if s < t.min[k] || s > t.max[k] {
				continue next
			}
		}
		f(this, score)
	}
}

// TestBestOfTwentyAgainstEnumeration tries every selection of up to twenty
// applications, joint and infeasible ones among them.
func TestBestOfTwentyAgainstEnumeration(t *testing.T) {
	cases, infeasible, joint := 2000, 0, 0
	if testing.Short() {
		cases = 200
	}
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 20))
		p := randomProblem(r, 13+r.IntN(8))
		found, best := false, int64(0)
		tableOf(p).each(p.Rules.Places, func(_ uint32, score int64) {
			if !found || score > best {
				found, best = true, score
			}
		})
		a, err := Best(p, Options{NoWhyNot: true})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := Verify(p, a); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !found {
			infeasible++
			if a.Status != Infeasible {
				t.Fatalf("seed %d: %s, but nothing keeps the rules", seed, a.Status)
			}
			continue
		}
		value, _ := ratOf(a.Value.String()).Float64()
		if a.Status != Optimal || int64(math.Round(value*100)) != best {
			t.Fatalf("seed %d: %s value %s, enumeration %d hundredths", seed, a.Status, a.Value, best)
		}
		for _, x := range p.Applications {
			if len(x.Municipalities) > 1 {
				joint++
				break
			}
		}
	}
	t.Logf("%d cases, %d infeasible, %d with joint applications", cases, infeasible, joint)
	if infeasible < cases/50 || joint < cases/4 {
		t.Error("the random cases are too tame")
	}
}

// leximin is the oracle: the leximin chances over all panels, by one linear
// program per stage and one per open application, in floating point.
func leximin(t *testing.T, n int, panels []uint32) []float64 {
	t.Helper()
	settled := make([]float64, n)
	open := make([]bool, n)
	for i := range open {
		open[i] = true
	}
	for slices.Contains(open, true) {
		c := solveStage(t, n, panels, settled, open, -1, 0)
		tied := make([]int, 0, n) // held against the same open ones
		for i := range n {
			if open[i] && solveStage(t, n, panels, settled, open, i, c) < c+1e-7 {
				tied = append(tied, i)
			}
		}
		if len(tied) == 0 {
			break
		}
		for _, i := range tied {
			open[i], settled[i] = false, c
		}
	}
	return settled
}

// solveStage gives the largest smallest chance of the open ones (one < 0), or
// the largest chance of one of them when all open ones have at least c.
func solveStage(t *testing.T, n int, panels []uint32, settled []float64, open []bool, one int, c float64) float64 {
	t.Helper()
	cols := len(panels) + n // weights, slacks, and for the smallest chance itself one more
	if one < 0 {
		cols++
	}
	a := mat.NewDense(1+n, cols, nil)
	b := make([]float64, 1+n)
	cost := make([]float64, cols)
	b[0] = 1
	for k, set := range panels {
		a.Set(0, k, 1)
		for i := range n {
			if set>>i&1 == 1 {
				a.Set(1+i, k, 1)
				if i == one {
					cost[k] = -1
				}
			}
		}
	}
	for i := range n {
		a.Set(1+i, len(panels)+i, -1)
		switch {
		case !open[i]:
			b[1+i] = settled[i] - 1e-9
		case one < 0:
			a.Set(1+i, cols-1, -1)
		default:
			b[1+i] = c - 1e-9
		}
		b[1+i] = max(b[1+i], 0)
	}
	if one < 0 {
		cost[cols-1] = -1
	}
	value, _, err := simplex.Simplex(cost, a, b, 1e-12, nil)
	if err != nil {
		t.Fatalf("oracle: %v", err)
	}
	return -value
}

// TestLotteryAgainstEnumeration holds every chance against the leximin over
// all panels.
func TestLotteryAgainstEnumeration(t *testing.T) {
	compared, uneven := 0, 0
	for seed := range 400 {
		r := rand.New(rand.NewPCG(uint64(seed), 31))
		p := randomProblem(r, 2+r.IntN(6))
		var panels []uint32
		tableOf(p).each(p.Rules.Places, func(set uint32, _ int64) { panels = append(panels, set) })
		a, err := Lottery(p, "frö", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(panels) == 0 {
			if a.Status != Infeasible {
				t.Fatalf("seed %d: %s, but no panel keeps the rules", seed, a.Status)
			}
			continue
		}
		compared++
		want := leximin(t, len(p.Applications), panels)
		chance := map[string]float64{}
		for _, x := range a.Probabilities {
			chance[x.ID], _ = ratOf(x.Probability).Float64()
		}
		for i, x := range p.Applications {
			if math.Abs(chance[x.ID]-want[i]) > 1e-5 {
				t.Fatalf("seed %d: %s has the chance %.9f, enumeration %.9f\n%v", seed, x.ID, chance[x.ID], want[i], a.Probabilities)
			}
			if i > 0 && math.Abs(want[i]-want[0]) > 1e-5 {
				uneven++
			}
		}
	}
	if compared < 150 || uneven == 0 {
		t.Errorf("too tame: %d compared, %d uneven", compared, uneven)
	}
}

// TestLotteryWithoutProofSaysByHowMuch gives the searches few nodes: the answer
// says that it is not exact, and its ceiling is above the true smallest chance.
func TestLotteryWithoutProofSaysByHowMuch(t *testing.T) {
	bounded := 0
	for seed := range 3000 {
		r := rand.New(rand.NewPCG(uint64(seed), 47))
		p := randomProblem(r, 8+r.IntN(8))
		a, err := Lottery(p, "frö", Options{Nodes: 2})
		if err != nil {
			t.Fatal(err)
		}
		if a.Status != Bounded || a.Draw == nil {
			continue
		}
		bounded++
		if err := VerifyLottery(p, a); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if a.Gap == "" || a.Exact {
			t.Fatalf("seed %d: not exact, but gap %q", seed, a.Gap)
		}
		full, err := Lottery(p, "frö", Options{})
		if err != nil || full.Status != Optimal {
			t.Fatal(err, full.Status)
		}
		for k, s := range a.Stages {
			if s.AtMost == "" {
				continue
			}
			if k == 0 && ratOf(full.Stages[0].Chance).Cmp(ratOf(s.AtMost)) > 0 {
				t.Fatalf("seed %d: the smallest chance is %s, above the ceiling %s", seed, full.Stages[0].Chance, s.AtMost)
			}
			break
		}
	}
	t.Logf("%d without a proof", bounded)
	if bounded == 0 {
		t.Error("no case without a proof")
	}
}
