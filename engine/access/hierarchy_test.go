package access

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/engine/roadnet"
)

// checkHierarchy holds sweeps of one and two labels and of lanes against the
// bucket search, node by node.
func checkHierarchy(t interface {
	Helper()
	Fatalf(string, ...any)
}, g *roadnet.Graph, sets [][]Seed) {
	t.Helper()
	h, err := NewHierarchy(g)
	if err != nil {
		t.Fatalf("%v", err)
	}
	s := h.NewSweep()
	costs, err := s.Costs(sets)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for i, seeds := range sets {
		for _, k := range []int{1, 2} {
			want := must(t)(Nearest(g, seeds, k, 0))
			same(t, "sweep", must(t)(s.Nearest(nil, seeds, k)), want)
			for v := range uint32(g.Nodes()) {
				got := costs[h.Place(v)][i]
				if got > roadnet.MaxWeight {
					got = None.Cost()
				}
				if got != want.At(v, 0).Cost() {
					t.Fatalf("lane %d node %d: %d, want %d", i, v, got, want.At(v, 0).Cost())
				}
			}
		}
	}
}

// T2: sweeps over the contracted graph give the bucket search's labels.
func TestT2SweepIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := drawnGraph(t)
		var sets [][]Seed
		for range rapid.IntRange(1, 4).Draw(t, "sets") {
			sets = append(sets, drawnSeeds(t, n))
		}
		checkHierarchy(t, roadnet.FromEdges(n, edges), sets)
	})
}

func TestT2SweepOnGridAndHeavyArcs(t *testing.T) {
	g := grid(60)
	all := testSites(g.Nodes())
	var sets [][]Seed
	for i := range Lanes {
		sets = append(sets, all[i:i*5+3])
	}
	checkHierarchy(t, g, sets)

	var heavy []roadnet.Edge // a chain whose sums pass the largest cost
	for v := range uint32(40) {
		heavy = append(heavy, roadnet.Edge{From: v, To: v + 1, Weight: roadnet.MaxWeight / 5}, roadnet.Edge{From: v + 1, To: v, Weight: roadnet.MaxWeight / 3})
	}
	checkHierarchy(t, roadnet.FromEdges(41, heavy), [][]Seed{{{Node: 20}, {Node: 35, Cost: roadnet.MaxWeight, Site: 1}}, nil})
}

// T19: the same graph gives the same hierarchy.
func TestT19HierarchyIsDeterministic(t *testing.T) {
	g := grid(40)
	a, _ := NewHierarchy(g)
	b, _ := NewHierarchy(g)
	if !slices.Equal(a.place, b.place) || !slices.Equal(a.up.Arcs, b.up.Arcs) || !slices.Equal(a.down.Arcs, b.down.Arcs) {
		t.Fatal("two hierarchies of one graph differ")
	}
}

func TestSweepRefuses(t *testing.T) {
	h, err := NewHierarchy(roadnet.FromEdges(1, nil))
	if err != nil {
		t.Fatal(err)
	}
	s := h.NewSweep()
	if _, err := s.Nearest(nil, nil, 3); !errors.Is(err, ErrRanks) {
		t.Error(err)
	}
	if _, err := s.Nearest(nil, []Seed{{Node: 1}}, 1); !errors.Is(err, ErrNode) {
		t.Error(err)
	}
	if _, err := s.Costs(make([][]Seed, Lanes+1)); !errors.Is(err, ErrShape) {
		t.Error(err)
	}
	if _, err := NewHierarchy(roadnet.FromEdges(1, []roadnet.Edge{{Weight: roadnet.MaxWeight + 1}})); !errors.Is(err, ErrCost) {
		t.Error(err)
	}
}

// T1, T2: the sums of 15.1 by sweep, node by node equal to the search. It
// takes long, so it runs only where the data is.
func TestT1T2ExactSumsBySweepNewYork(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a hierarchy of New York")
	}
	g, _ := newYork(t).Reversed()
	seeds := testSites(g.Nodes())
	checkHierarchy(t, g, [][]Seed{seeds, seeds[:9]})
}

func benchmarkSweep(b *testing.B, g *roadnet.Graph) {
	reversed, _ := g.Reversed()
	h, err := NewHierarchy(reversed)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d arcs of %d after contraction", h.Arcs(), len(g.Arcs))
	s := h.NewSweep()
	seeds := testSites(g.Nodes())
	sets := make([][]Seed, Lanes)
	for i := range sets {
		sets[i] = seeds
	}
	for _, k := range []int{1, 2} {
		b.Run([]string{"", "one", "two"}[k], func(b *testing.B) {
			for b.Loop() {
				if _, err := s.InOrder(seeds, k); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("lanes", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Costs(sets); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("nodes", func(b *testing.B) {
		var into *Labels
		for b.Loop() {
			into = must(b)(s.Nearest(into, seeds, 1))
		}
	})
}

func BenchmarkSweepGrid70756(b *testing.B)      { benchmarkSweep(b, grid(266)) }
func BenchmarkSweepNewYork264346(b *testing.B)  { benchmarkSweep(b, newYork(b)) }
func BenchmarkSweepFlorida1070376(b *testing.B) { benchmarkSweep(b, florida(b)) }
func BenchmarkContractGrid70756(b *testing.B) {
	g := grid(266)
	for b.Loop() {
		if _, err := NewHierarchy(g); err != nil {
			b.Fatal(err)
		}
	}
}
func BenchmarkContractNewYork264346(b *testing.B) {
	g, _ := newYork(b).Reversed()
	for b.Loop() {
		if _, err := NewHierarchy(g); err != nil {
			b.Fatal(err)
		}
	}
}
