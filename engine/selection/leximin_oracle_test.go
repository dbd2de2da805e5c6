package selection

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
)

// chances is leximin by definition, over the list of all panels that keep the
// rules: make the smallest open chance as large as possible; an application that
// cannot have more without another open one having less, or a settled one less
// than settled, is settled there. It shares nothing with the engine: no types,
// no column generation, no proofs, and its own linear programs.
func chances(p *Problem, panels []uint32) []*big.Rat {
	n := len(p.Applications)
	settled := make([]*big.Rat, n)
	for {
		open := 0
		for i := range n {
			if settled[i] == nil {
				open++
			}
		}
		if open == 0 {
			return settled
		}
		least := most(panels, n, settled, nil, -1)
		found := false
		for i := range n {
			if settled[i] == nil && most(panels, n, settled, least, i).Cmp(least) == 0 {
				settled[i], found = least, true
				// The others keep their chance >= least, so it does not matter
				// whether they are settled in this round or in the next.
			}
		}
		if !found {
			panic("leximin: nobody is settled")
		}
	}
}

// most maximises, over all weights of the panels: the smallest open chance
// (who < 0), or the chance of who when every open one has at least floor. The
// settled have at least what is settled.
func most(panels []uint32, n int, settled []*big.Rat, floor *big.Rat, who int) *big.Rat {
	// Columns: one per panel, the smallest chance, a slack per application.
	scale := int64(1)
	lower := make([]*big.Rat, n)
	for i := range n {
		lower[i] = new(big.Rat)
		if settled[i] != nil {
			lower[i] = settled[i]
		} else if floor != nil {
			lower[i] = floor
		}
		scale = scale / gcd(scale, lower[i].Denom().Int64()) * lower[i].Denom().Int64()
	}
	cols := len(panels) + 1 + n
	t := &tableau{objective: make([]int64, cols)}
	sum := make([]int64, cols+1)
	for k := range panels {
		sum[k] = 1
	}
	sum[cols] = scale // all weights are counted in parts of scale
	t.rows = append(t.rows, sum)
	for i := range n {
		row := make([]int64, cols+1)
		for k, panel := range panels {
			if panel>>(n-1-i)&1 == 1 {
				row[k] = 1
			}
		}
		if who < 0 && settled[i] == nil {
			row[len(panels)] = -1
		}
		row[len(panels)+1+i] = -1
		v := new(big.Rat).Mul(lower[i], new(big.Rat).SetInt64(scale))
		row[cols] = v.Num().Int64()
		t.rows = append(t.rows, row)
		if i == who {
			copy(t.objective, row[:cols])
			t.objective[len(panels)+1+i] = 0
		}
	}
	if who < 0 {
		t.objective[len(panels)] = 1
	}
	value := t.solve()
	return value.Quo(value, new(big.Rat).SetInt64(scale))
}

// tableau is a linear program: maximise objective·x, rows·x = last column, x >= 0,
// solved by the two-phase primal simplex method with Bland's rule on whole
// numbers: all entries share the divisor det, and every division by the old one
// is exact (Edmonds 1967).
type tableau struct {
	rows      [][]int64
	objective []int64
	basis     []int
	det       int64
}

func (t *tableau) solve() *big.Rat {
	m, n := len(t.rows), len(t.objective)
	total := n + m // an artificial column per row
	phase1 := make([]int64, total+1)
	for r, row := range t.rows {
		long := make([]int64, total+1)
		copy(long, row[:n])
		long[total] = row[n]
		if row[n] < 0 {
			panic("leximin: a negative right-hand side")
		}
		long[n+r] = 1
		t.rows[r] = long
		t.basis = append(t.basis, n+r)
		for k := range n {
			phase1[k] += long[k]
		}
		phase1[total] += long[total]
	}
	t.det = 1
	phase2 := make([]int64, total+1)
	copy(phase2, t.objective)
	t.rows = append(t.rows, phase1, phase2)
	t.run(m, m, total)
	if t.rows[m][total] != 0 {
		panic("leximin: no lottery")
	}
	for r := range m { // artificials that are still in the basis at 0
		for k := 0; t.basis[r] >= n && k < n; k++ {
			if t.rows[r][k] != 0 {
				t.pivot(r, k)
			}
		}
	}
	t.run(m, m+1, n)
	return big.NewRat(-t.rows[m+1][total], t.det)
}

// run improves the objective in row z with columns below limit.
func (t *tableau) run(m, z, limit int) {
	last := len(t.rows[0]) - 1
	for {
		enter := -1
		for k := range limit {
			if t.rows[z][k] > 0 {
				enter = k
				break
			}
		}
		if enter < 0 {
			return
		}
		leave := -1
		for r := range m {
			a := t.rows[r][enter]
			if a <= 0 {
				continue
			}
			if leave >= 0 {
				mine, best := t.rows[r][last]*t.rows[leave][enter], t.rows[leave][last]*a
				if mine > best || mine == best && t.basis[r] > t.basis[leave] {
					continue
				}
			}
			leave = r
		}
		if leave < 0 {
			panic("leximin: unbounded")
		}
		t.pivot(leave, enter)
	}
}

func (t *tableau) pivot(r, e int) {
	p := t.rows[r][e]
	if p < 0 { // only in a row of value 0
		for k := range t.rows[r] {
			t.rows[r][k] = -t.rows[r][k]
		}
		p = -p
	}
	for i, row := range t.rows {
		if i == r {
			continue
		}
		f := row[e]
		for k := range row {
			row[k] = (small(row[k])*p - small(f)*small(t.rows[r][k])) / t.det
		}
	}
	t.det, t.basis[r] = p, e
}

// small stops the test when numbers are so large that products could overflow.
func small(v int64) int64 {
	if v > 1<<30 || v < -(1<<30) {
		panic("leximin: numbers too large for the oracle")
	}
	return v
}

// TestLeximinAgainstEnumeration holds every chance of the lottery against
// leximin over the list of all panels, exactly: joint applications, crossing
// and nested quotas, shared municipalities, must and never.
func TestLeximinAgainstEnumeration(t *testing.T) {
	cases := 1500
	if testing.Short() {
		cases = 150
	}
	var feasible, joint, generated, uneven int
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 23))
		p := randomProblem(r, 2+r.IntN(8))
		a, err := Lottery(p, "frö", Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var panels []uint32
		newEnumeration(p).all(p.Rules.Places, func(set uint32, _ int64) { panels = append(panels, set) })
		if len(panels) == 0 {
			if a.Status != Infeasible {
				t.Fatalf("seed %d: %s, but no panel keeps the rules", seed, a.Status)
			}
			continue
		}
		if a.Status != Optimal || !a.Exact {
			t.Fatalf("seed %d: %s", seed, a.Status)
		}
		feasible++
		want := chances(p, panels)
		different := map[string]bool{}
		for i, c := range a.Probabilities {
			if want[i].RatString() != c.Probability {
				t.Fatalf("seed %d: %s has the chance %s, want %s", seed, c.ID, c.Probability, want[i].RatString())
			}
			different[c.Probability] = true
		}
		if len(different) > 2 {
			uneven++
		}
		if hasJoint(p) {
			joint++
		}
		in, _ := newInstance(p)
		if !newTypes(in, Options{}).twoLaminar() {
			generated++
		}
	}
	t.Logf("%d cases: %d feasible, %d with joint applications, %d by column generation, %d with three or more different chances", cases, feasible, joint, generated, uneven)
	if feasible < cases/4 || joint < cases/10 || generated < cases/20 || uneven < cases/50 {
		t.Error("the random cases are too tame")
	}
}

func hasJoint(p *Problem) bool {
	for _, a := range p.Applications {
		if len(a.Municipalities) > 1 {
			return true
		}
	}
	return false
}

// TestLeximinOracleKnowsASmallCase holds the oracle itself against a case that can
// be done by hand: two places, and b and c share a municipality, so that a is in
// every panel and b and c in half of them each.
func TestLeximinOracleKnowsASmallCase(t *testing.T) {
	p := &Problem{Applications: []Application{single("a", "1", "0"), single("b", "2", "0"), single("c", "2+3", "0")}, Rules: Rules{Places: 2}}
	var panels []uint32
	newEnumeration(p).all(2, func(set uint32, _ int64) { panels = append(panels, set) })
	if got := fmt.Sprint(chances(p, panels)); got != "[1/1 1/2 1/2]" {
		t.Error(got)
	}
}

// TestLotteryBeyondItsLimitSaysByHowMuch gives each search one node: the answer
// must say that it is not exact, no stage may claim more than it proves, and
// leximin by enumeration must lie between what is found and what is proved.
func TestLotteryBeyondItsLimitSaysByHowMuch(t *testing.T) {
	bounded, open, off := 0, 0, 0
	for seed := range 1500 {
		r := rand.New(rand.NewPCG(uint64(seed), 29))
		p := randomProblem(r, 4+r.IntN(8))
		a, err := Lottery(p, "frö", Options{Nodes: 1})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if a.Draw == nil {
			continue // infeasible, or nothing was found within the limit
		}
		if err := VerifyLottery(p, a); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if a.Status != Bounded {
			continue
		}
		bounded++
		o := a.OffBy
		if a.Exact || o == nil {
			t.Fatalf("seed %d: bounded, but by how much it is off is not said", seed)
		}
		var panels []uint32
		newEnumeration(p).all(p.Rules.Places, func(set uint32, _ int64) { panels = append(panels, set) })
		want := chances(p, panels)
		before := map[string]bool{} // settled in the proved stages
		for _, id := range append(p.Rules.Must, p.Rules.Never...) {
			before[id] = true
		}
		for _, s := range a.Stages[:o.Stage] {
			for _, id := range s.Settled {
				before[id] = true
			}
		}
		var least *big.Rat
		for i, c := range a.Probabilities {
			if before[c.ID] {
				if want[i].RatString() != c.Probability {
					t.Fatalf("seed %d: %s is called proved at %s, is %s", seed, c.ID, c.Probability, want[i].RatString())
				}
			} else if least == nil || want[i].Cmp(least) < 0 {
				least = want[i]
			}
		}
		if least.Cmp(ratOf(o.Chance)) < 0 || least.Cmp(ratOf(o.Limit)) > 0 {
			t.Fatalf("seed %d: the smallest open chance can be %s, but the answer says %s to %s", seed, least.RatString(), o.Chance, o.Limit)
		}
		if ratOf(o.Limit).Cmp(rat(1)) < 0 {
			open++
		}
		if least.Cmp(ratOf(o.Chance)) > 0 {
			off++
		}
		for name, tamper := range map[string]func(*Answer){
			"called exact": func(a *Answer) { a.Exact, a.OffBy, a.Status = true, nil, Optimal },
			"limit":        func(a *Answer) { a.OffBy.Limit = a.OffBy.Chance; a.OffBy.Gap = "0" },
			"stage limit": func(a *Answer) {
				s := &a.Stages[o.Stage]
				s.Limit, a.OffBy.Limit, a.OffBy.Gap = s.Chance, s.Chance, "0"
			},
			"gap":         func(a *Answer) { a.OffBy.Gap = "1/1000003" },
			"off_by gone": func(a *Answer) { a.OffBy = nil },
		} {
			bad := copyOf(t, a)
			tamper(bad)
			if VerifyLottery(p, bad) == nil {
				t.Fatalf("seed %d: %s: accepted", seed, name)
			}
		}
	}
	t.Logf("%d bounded, %d of them with a limit below 1, %d really off", bounded, open, off)
	if bounded == 0 || open == 0 || off == 0 {
		t.Error("the limit is not reached in all ways")
	}
}

// TestRoundedWeightsStillProve: weights too large for exact whole numbers are
// rounded, and still prove a limit that is close.
func TestRoundedWeightsStillProve(t *testing.T) {
	p := &Problem{Rules: Rules{Places: 2}}
	for i := range 5 {
		p.Applications = append(p.Applications, single(fmt.Sprint(i), fmt.Sprint(i), "0", fmt.Sprintf("county=%d", i)))
		p.Rules.Quotas = append(p.Rules.Quotas, Quota{Attribute: "county", Value: fmt.Sprint(i), Max: number(1), Count: CountMunicipalities})
	}
	in, err := newInstance(p)
	if err != nil {
		t.Fatal(err)
	}
	ty := newTypes(in, Options{})
	weights := make([]*big.Rat, len(ty.members))
	for g := range weights {
		weights[g] = big.NewRat(1<<40+int64(g), int64([]int{1<<40 - 87, 1<<40 - 167, 1<<40 - 195, 1<<40 - 203, 1<<40 - 213}[g]))
	}
	if whole, _ := commonScale(weights); whole != nil {
		t.Fatal("these weights should not be small whole numbers")
	}
	ty.settleInexact(big.NewRat(2, 5), weights)
	limit := ratOf(ty.stages[0].Limit)
	if limit.Cmp(big.NewRat(2, 5)) < 0 || limit.Cmp(big.NewRat(401, 1000)) > 0 {
		t.Errorf("limit %s, want just above 2/5", limit.FloatString(6))
	}
}
