package access

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/engine/roadnet"
)

// drawnGraph draws a small graph with ties, one-ways, parallel arcs, loops and
// parts that reach nothing.
func drawnGraph(t *rapid.T) (int, []roadnet.Edge) {
	n := rapid.IntRange(1, 24).Draw(t, "nodes")
	most := rapid.SampledFrom([]uint32{1, 3, 50, 100_000}).Draw(t, "heaviest")
	edges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) roadnet.Edge {
		return roadnet.Edge{
			From:   uint32(rapid.IntRange(0, n-1).Draw(t, "from")),
			To:     uint32(rapid.IntRange(0, n-1).Draw(t, "to")),
			Weight: rapid.Uint32Range(1, most).Draw(t, "weight"),
		}
	}), 0, 4*n).Draw(t, "edges")
	return n, edges
}

// drawnSeeds draws seeds of some sites; a site may have several.
func drawnSeeds(t *rapid.T, n int) []Seed {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Seed {
		return Seed{
			Node: uint32(rapid.IntRange(0, n-1).Draw(t, "node")),
			Cost: rapid.SampledFrom([]uint32{0, 0, 1, 2, 7, 90_000}).Draw(t, "cost"),
			Site: rapid.Uint32Range(0, 6).Draw(t, "site"),
		}
	}), 0, 10).Draw(t, "seeds")
}

func same(t interface {
	Helper()
	Fatalf(string, ...any)
}, what string, got, want *Labels) {
	t.Helper()
	if got.K != want.K || len(got.L) != len(want.L) {
		t.Fatalf("%s: %d labels of %d ranks, want %d of %d", what, len(got.L), got.K, len(want.L), want.K)
	}
	for i := range got.L {
		if got.L[i] != want.L[i] {
			t.Fatalf("%s: node %d rank %d has cost %d site %d, want cost %d site %d", what, i/got.K, i%got.K,
				got.L[i].Cost(), got.L[i].Site(), want.L[i].Cost(), want.L[i].Site())
		}
	}
}

func must(t interface {
	Helper()
	Fatalf(string, ...any)
}) func(*Labels, error) *Labels {
	return func(l *Labels, err error) *Labels {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", err)
		}
		return l
	}
}

// T2: every width gives what one plain Dijkstra per site gives, labels and
// sites alike, for one, two and more ranks, with and without a limit.
func TestT2NearestIsDijkstra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := drawnGraph(t)
		g := roadnet.FromEdges(n, edges)
		seeds := drawnSeeds(t, n)
		limit := rapid.SampledFrom([]uint32{0, 0, 1, 5, 70, 200_000}).Draw(t, "limit")
		s, err := NewSearcher(g)
		if err != nil {
			t.Fatal(err)
		}
		var into *Labels
		for _, k := range []int{1, 2, 3, 5} {
			want := oracle(g, seeds, k, limit)
			for _, shift := range []uint{s.shift, 0, 3, 7, 9, 31} {
				s.SetWidth(shift)
				into = must(t)(s.Nearest(into, seeds, k, limit))
				same(t, fmt.Sprintf("K=%d width 2^%d", k, shift), into, want)
			}
		}
	})
}

// T8: one more site raises no cost; an arc fewer lowers none; a lower weight
// raises none.
func TestT8MoreIsNeverFarther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := drawnGraph(t)
		seeds := drawnSeeds(t, n)
		cost := func(edges []roadnet.Edge, seeds []Seed) []Label {
			return must(t)(Nearest(roadnet.FromEdges(n, edges), seeds, 1, 0)).L
		}
		before := cost(edges, seeds)
		more := cost(edges, append(slices.Clone(seeds), Seed{Node: uint32(rapid.IntRange(0, n-1).Draw(t, "new")), Site: 9}))
		for v := range before {
			if more[v] > before[v] {
				t.Fatalf("a new site made node %d farther", v)
			}
		}
		if len(edges) == 0 {
			return
		}
		i := rapid.IntRange(0, len(edges)-1).Draw(t, "arc")
		fewer := cost(slices.Delete(slices.Clone(edges), i, i+1), seeds)
		faster := slices.Clone(edges)
		faster[i].Weight = 1 + (faster[i].Weight-1)/2
		sooner := cost(faster, seeds)
		for v := range before {
			if fewer[v] < before[v] || sooner[v] > before[v] {
				t.Fatalf("node %d: without an arc %d, with a faster one %d, before %d", v, fewer[v], sooner[v], before[v])
			}
		}
	})
}

// T9: other numbers for the nodes, another order of rows, an arc in two parts
// and every weight k times give the same answers (k times).
func TestT9SameRoadsSameAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := drawnGraph(t)
		seeds := drawnSeeds(t, n)
		want := must(t)(Nearest(roadnet.FromEdges(n, edges), seeds, 2, 0))
		r := rand.New(rand.NewSource(rapid.Int64().Draw(t, "shuffle")))

		to := r.Perm(n)
		moved, movedSeeds := slices.Clone(edges), slices.Clone(seeds)
		for i := range moved {
			moved[i].From, moved[i].To = uint32(to[moved[i].From]), uint32(to[moved[i].To])
		}
		for i := range movedSeeds {
			movedSeeds[i].Node = uint32(to[movedSeeds[i].Node])
		}
		r.Shuffle(len(moved), func(i, j int) { moved[i], moved[j] = moved[j], moved[i] })
		r.Shuffle(len(movedSeeds), func(i, j int) { movedSeeds[i], movedSeeds[j] = movedSeeds[j], movedSeeds[i] })
		got := must(t)(Nearest(roadnet.FromEdges(n, moved), movedSeeds, 2, 0))
		for v := range n {
			for rank := range 2 {
				if got.At(uint32(to[v]), rank) != want.At(uint32(v), rank) {
					t.Fatalf("node %d renumbered %d differs", v, to[v])
				}
			}
		}

		times := rapid.Uint32Range(2, 9).Draw(t, "times")
		larger, largerSeeds := slices.Clone(edges), slices.Clone(seeds)
		for i := range larger {
			larger[i].Weight *= times
		}
		for i := range largerSeeds {
			largerSeeds[i].Cost *= times
		}
		got = must(t)(Nearest(roadnet.FromEdges(n, larger), largerSeeds, 2, 0))
		for i, l := range want.L {
			if l != None {
				l = NewLabel(l.Cost()*times, l.Site())
			}
			if got.L[i] != l {
				t.Fatalf("label %d with weights times %d: %d, want %d", i, times, got.L[i], l)
			}
		}

		i := slices.IndexFunc(edges, func(e roadnet.Edge) bool { return e.Weight > 1 })
		if i < 0 {
			return
		}
		e := edges[i]
		half := rapid.Uint32Range(1, e.Weight-1).Draw(t, "part")
		split := append(slices.Delete(slices.Clone(edges), i, i+1),
			roadnet.Edge{From: e.From, To: uint32(n), Weight: half}, roadnet.Edge{From: uint32(n), To: e.To, Weight: e.Weight - half})
		got = must(t)(Nearest(roadnet.FromEdges(n+1, split), seeds, 2, 0))
		got.L = got.L[:2*n]
		same(t, "an arc in two parts", got, want)
	})
}

// T13: two counters of one site are one site, so the second label is another
// site or none.
func TestT13SecondIsAnotherSite(t *testing.T) {
	g := roadnet.FromEdges(3, []roadnet.Edge{{From: 0, To: 1, Weight: 5}, {From: 1, To: 2, Weight: 5}})
	two := []Seed{{Node: 0, Site: 4}, {Node: 1, Site: 4}}
	l := must(t)(Nearest(g, two, 2, 0))
	for v := range uint32(3) {
		if l.At(v, 1) != None {
			t.Fatalf("node %d has site %d as its second", v, l.At(v, 1).Site())
		}
	}
	l = must(t)(Nearest(g, append(two, Seed{Node: 2, Cost: 100, Site: 3}), 2, 0))
	if l.At(2, 0) != NewLabel(5, 4) || l.At(2, 1) != NewLabel(100, 3) {
		t.Fatalf("got %v", l.L)
	}
}

// T18: a ferry of 30 km among arcs of 10 m does not grow the queue, and the
// answer is Dijkstra's.
func TestT18FerryAmongShortArcs(t *testing.T) {
	const n = 4000
	for _, metres := range []uint32{30_000, 30_000_000, roadnet.MaxWeight / 2} {
		var edges []roadnet.Edge
		for v := range uint32(n - 1) {
			w := 10 + v%3
			if v == n/2 {
				w = metres
			}
			edges = append(edges, roadnet.Edge{From: v, To: v + 1, Weight: w}, roadnet.Edge{From: v + 1, To: v, Weight: w})
		}
		g := roadnet.FromEdges(n, edges)
		seeds := []Seed{{Node: 3}, {Node: 500, Site: 1}, {Node: 9, Cost: 40_000, Site: 2}}
		s, err := NewSearcher(g)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []int{1, 2, 3} {
			same(t, fmt.Sprintf("K=%d ferry %d", k, metres), must(t)(s.Nearest(nil, seeds, k, 0)), oracle(g, seeds, k, 0))
		}
		if bytes := 4*len(s.heads) + 8*(cap(s.pool)+cap(s.beyond)); bytes > 64<<10 {
			t.Errorf("a ferry of %d: the queue took %d bytes", metres, bytes)
		}
	}
}

func TestNearestRefuses(t *testing.T) {
	g := roadnet.FromEdges(2, []roadnet.Edge{{From: 0, To: 1, Weight: 1}})
	heavy := roadnet.FromEdges(2, []roadnet.Edge{{From: 0, To: 1, Weight: roadnet.MaxWeight + 1}})
	for _, c := range []struct {
		name  string
		g     *roadnet.Graph
		seeds []Seed
		k     int
		limit uint32
		want  error
	}{
		{"no rank", g, nil, 0, 0, ErrRanks},
		{"too many ranks", g, nil, MaxRanks + 1, 0, ErrRanks},
		{"seed outside", g, []Seed{{Node: 2}}, 1, 0, ErrNode},
		{"dear seed", g, []Seed{{Cost: roadnet.MaxWeight + 1}}, 1, 0, ErrCost},
		{"no site's number", g, []Seed{{Site: None.Site()}}, 2, 0, ErrSeeds},
		{"high limit", g, nil, 1, roadnet.MaxWeight + 1, ErrCost},
		{"heavy arc", heavy, nil, 1, 0, ErrCost},
	} {
		if _, err := Nearest(c.g, c.seeds, c.k, c.limit); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	for _, l := range must(t)(Nearest(g, nil, 1, 0)).L {
		if l != None {
			t.Error("without sites a node has a label")
		}
	}
}

func sums(l *Labels) (sum []uint64, largest uint32) {
	sum = make([]uint64, l.K)
	for i, x := range l.L {
		sum[i%l.K] += uint64(x.Cost())
		if i%l.K == 0 {
			largest = max(largest, x.Cost())
		}
	}
	return sum, largest
}

// T1, T2: the counts and sums of 15.1 for the DIMACS graphs, at every width.
func TestT1T2ExactSums(t *testing.T) {
	for _, c := range []struct {
		name               string
		load               func(testing.TB) *roadnet.Graph
		nodes, arcs, sites int
		sum1, sum2         uint64
		largest            uint32
		first              []uint32
	}{
		{"New York", newYork, 264_346, 733_846, 99, 14_792_749_135, 21_960_348_383, 226_245, []uint32{103925, 45531, 135846}},
		{"Florida", florida, 1_070_376, 2_687_902, 100, 37_645_147_942, 52_668_405_693, 242_999, []uint32{431057, 445355, 1056332}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := c.load(t)
			seeds := testSites(g.Nodes())
			if g.Nodes() != c.nodes || len(g.Arcs) != c.arcs || len(seeds) != c.sites {
				t.Fatalf("%d nodes, %d arcs, %d sites", g.Nodes(), len(g.Arcs), len(seeds))
			}
			for i, v := range c.first {
				if seeds[i].Node != v {
					t.Fatalf("draw %d is node %d, want %d", i, seeds[i].Node, v)
				}
			}
			reversed, _ := g.Reversed()
			s, err := NewSearcher(reversed)
			if err != nil {
				t.Fatal(err)
			}
			two := must(t)(s.Nearest(nil, seeds, 2, 0))
			sum, largest := sums(two)
			if sum[0] != c.sum1 || sum[1] != c.sum2 || largest != c.largest {
				t.Fatalf("sums %v, largest %d; want %d %d %d", sum, largest, c.sum1, c.sum2, c.largest)
			}
			var one *Labels
			for _, shift := range []uint{0, 3, 5, 7, 9} {
				s.SetWidth(shift)
				one = must(t)(s.Nearest(one, seeds, 1, 0))
				for v, l := range one.L {
					if l != two.L[2*v] {
						t.Fatalf("width 2^%d: node %d has %d, want %d", shift, v, l, two.L[2*v])
					}
				}
			}
		})
	}
}

func benchmarkNearest(b *testing.B, g *roadnet.Graph, k int) {
	reversed, _ := g.Reversed()
	s, err := NewSearcher(reversed)
	if err != nil {
		b.Fatal(err)
	}
	seeds := testSites(g.Nodes())
	var into *Labels
	for b.Loop() {
		into = must(b)(s.Nearest(into, seeds, k, 0))
	}
}

func BenchmarkNearest1Grid70756(b *testing.B)     { benchmarkNearest(b, grid(266), 1) }
func BenchmarkNearest2Grid70756(b *testing.B)     { benchmarkNearest(b, grid(266), 2) }
func BenchmarkNearest3Grid70756(b *testing.B)     { benchmarkNearest(b, grid(266), 3) }
func BenchmarkNearest1NewYork264346(b *testing.B) { benchmarkNearest(b, newYork(b), 1) }
func BenchmarkNearest2NewYork264346(b *testing.B) { benchmarkNearest(b, newYork(b), 2) }
func BenchmarkNearest1Florida1070376(b *testing.B) {
	benchmarkNearest(b, florida(b), 1)
}
func BenchmarkNearest2Florida1070376(b *testing.B) {
	benchmarkNearest(b, florida(b), 2)
}

// ordered is Florida in depth-first order, as an import stores it, with the
// sites at the same nodes.
func BenchmarkNearest1FloridaOrdered1070376(b *testing.B) {
	benchmarkOrdered(b, florida(b), 1)
}
func BenchmarkNearest2FloridaOrdered1070376(b *testing.B) {
	benchmarkOrdered(b, florida(b), 2)
}

func benchmarkOrdered(b *testing.B, g *roadnet.Graph, k int) {
	to := roadnet.DepthFirstOrder(g)
	seeds := testSites(g.Nodes())
	for i := range seeds {
		seeds[i].Node = to[seeds[i].Node]
	}
	reversed, _ := g.Renumbered(to).Reversed()
	s, err := NewSearcher(reversed)
	if err != nil {
		b.Fatal(err)
	}
	var into *Labels
	for b.Loop() {
		into = must(b)(s.Nearest(into, seeds, k, 0))
	}
}
