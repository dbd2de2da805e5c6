package access

import (
	"compress/gzip"
	"container/heap"
	"errors"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/engine/roadnet"
)

// entry and entries are the plain queue of the oracle.
type entry struct {
	cost uint64
	node uint32
}
type entries []entry

func (h entries) Len() int           { return len(h) }
func (h entries) Less(i, j int) bool { return h[i].cost < h[j].cost }
func (h entries) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *entries) Push(x any)        { *h = append(*h, x.(entry)) }
func (h *entries) Pop() any {
	x := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return x
}

// costs is Dijkstra's own algorithm from one site's seeds on the reversed graph.
func costs(g *roadnet.Graph, seeds []Seed, site uint32) []uint64 {
	const far = ^uint64(0)
	d := slices.Repeat([]uint64{far}, g.Nodes())
	h := &entries{}
	for _, s := range seeds {
		if s.Site == site && uint64(s.Cost) < d[s.Node] {
			d[s.Node] = uint64(s.Cost)
			heap.Push(h, entry{uint64(s.Cost), s.Node})
		}
	}
	for h.Len() > 0 {
		e := heap.Pop(h).(entry)
		if e.cost > d[e.node] {
			continue
		}
		for _, a := range g.Out(e.node) {
			if c := e.cost + uint64(a.Weight); c < d[a.Head] {
				d[a.Head] = c
				heap.Push(h, entry{c, a.Head})
			}
		}
	}
	return d
}

// oracle is every node's k best sites from one search a site.
func oracle(g *roadnet.Graph, seeds []Seed, k int, limit uint32) []Label {
	var sites []uint32
	for _, s := range seeds {
		if !slices.Contains(sites, s.Site) {
			sites = append(sites, s.Site)
		}
	}
	all := make([][]Label, g.Nodes())
	for _, site := range sites {
		for v, c := range costs(g, seeds, site) {
			if c <= uint64(limit) {
				all[v] = append(all[v], NewLabel(uint32(c), site))
			}
		}
	}
	out := make([]Label, 0, g.Nodes()*k)
	for _, own := range all {
		slices.Sort(own)
		for r := range k {
			if r < len(own) {
				out = append(out, own[r])
			} else {
				out = append(out, None)
			}
		}
	}
	return out
}

// anyGraph draws a small graph with one-ways, parallel arcs, loops, equal costs
// and parts that do not hang together, and seeds on it.
func anyGraph(t *rapid.T) (*roadnet.Graph, []Seed) {
	n := rapid.IntRange(1, 30).Draw(t, "nodes")
	heaviest := rapid.SampledFrom([]int{1, 3, 10, 1000, 1_000_000}).Draw(t, "heaviest")
	node := rapid.Uint32Range(0, uint32(n-1))
	edges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) roadnet.Edge {
		return roadnet.Edge{From: node.Draw(t, "from"), To: node.Draw(t, "to"), Weight: uint32(rapid.IntRange(1, heaviest).Draw(t, "weight"))}
	}), 0, 90).Draw(t, "edges")
	seeds := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Seed {
		return Seed{Node: node.Draw(t, "node"), Cost: uint32(rapid.IntRange(0, 20).Draw(t, "cost")), Site: rapid.Uint32Range(0, 9).Draw(t, "site")}
	}), 1, 15).Draw(t, "seeds")
	return roadnet.FromEdges(n, edges), seeds
}

func TestT2_NearestIsDijkstras(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, seeds := anyGraph(t)
		for k := 1; k <= 4; k++ {
			limit := rapid.SampledFrom([]uint32{0, 5, 500}).Draw(t, "limit")
			got, err := Nearest(g, seeds, k, limit)
			if err != nil {
				t.Fatal(err)
			}
			if limit == 0 {
				limit = roadnet.MaxWeight
			}
			if want := oracle(g, seeds, k, limit); !slices.Equal(got.L, want) {
				t.Fatalf("k = %d\n%v\nwant\n%v", k, got.L, want)
			}
		}
	})
}

func TestT18_AFerryAmongShortArcs(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	var edges []roadnet.Edge
	for v := range uint32(2000) {
		edges = append(edges, roadnet.Edge{From: v, To: (v + 1) % 2000, Weight: uint32(1 + r.Intn(10))}, roadnet.Edge{From: uint32(r.Intn(2000)), To: uint32(r.Intn(2000)), Weight: uint32(1 + r.Intn(10))})
	}
	edges = append(edges, roadnet.Edge{From: 3, To: 2000, Weight: 1 << 30}, roadnet.Edge{From: 2000, To: 5, Weight: 1 << 29})
	g := roadnet.FromEdges(2001, edges)
	seeds := []Seed{{Node: 10, Site: 0}, {Node: 1200, Site: 1}, {Node: 1700, Site: 2, Cost: 9}}
	if q := newQueue(g, seeds); len(q.buckets) > 2*maxBuckets {
		t.Errorf("%d buckets", len(q.buckets))
	}
	for k := 1; k <= 3; k++ {
		got, err := Nearest(g, seeds, k, 0)
		if err != nil || !slices.Equal(got.L, oracle(g, seeds, k, roadnet.MaxWeight)) {
			t.Errorf("k = %d: %v", k, err)
		}
	}
}

func TestASearchSaysWhatItCannotDo(t *testing.T) {
	g := roadnet.FromEdges(2, nil)
	if _, err := Nearest(g, nil, 1, 0); !errors.Is(err, ErrNoSites) {
		t.Error(err)
	}
	for _, x := range []struct{ k, node int }{{0, 0}, {MaxK + 1, 0}, {1, 2}} {
		if _, err := Nearest(g, []Seed{{Node: uint32(x.node)}}, x.k, 0); err == nil {
			t.Errorf("%+v", x)
		}
	}
}

// testSites are the sites of structure 7.5 step 9.
func testSites(n int) (out []Seed) {
	r := rand.New(rand.NewSource(42))
	for range 100 {
		v := uint32(r.Intn(n))
		if !slices.ContainsFunc(out, func(s Seed) bool { return s.Node == v }) {
			out = append(out, Seed{Node: v, Site: uint32(len(out))})
		}
	}
	return out
}

// shared opens a file of the data folder; the test is skipped without it.
func shared(t testing.TB, name string) *os.File {
	t.Helper()
	dir := os.Getenv("SHARED_DATA")
	if dir == "" {
		t.Skip("SHARED_DATA is not set")
	}
	f, err := os.Open(filepath.Join(dir, "roads", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func newYork(t testing.TB) *roadnet.Graph {
	t.Helper()
	z, err := gzip.NewReader(shared(t, "USA-road-d.NY.gr.gz"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := roadnet.ReadDIMACS(z)
	if err != nil {
		t.Fatal(err)
	}
	back, _ := g.Reversed()
	return back
}

func TestT2_NewYork(t *testing.T) {
	g := newYork(t)
	if g.Nodes() != 264_346 || len(g.Arcs) != 733_846 {
		t.Fatalf("%d nodes, %d arcs", g.Nodes(), len(g.Arcs))
	}
	seeds := testSites(g.Nodes())
	b, err := Nearest(g, seeds, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	var d1, d2, far uint64
	for v := range uint32(g.Nodes()) {
		d1, d2 = d1+uint64(b.At(v, 0).Cost()), d2+uint64(b.At(v, 1).Cost())
		far = max(far, uint64(b.At(v, 0).Cost()))
	}
	if len(seeds) != 99 || d1 != 14_792_749_135 || d2 != 21_960_348_383 || far != 226_245 {
		t.Errorf("%d sites, sums %d and %d, farthest %d", len(seeds), d1, d2, far)
	}
	one, err := Nearest(g, seeds, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	for v := range uint32(g.Nodes()) {
		if one.At(v, 0) != b.At(v, 0) {
			t.Fatalf("node %d: %v with one label, %v with two", v, one.At(v, 0), b.At(v, 0))
		}
	}
}

func BenchmarkNearest_NewYork264346(b *testing.B) {
	g := newYork(b)
	seeds := testSites(g.Nodes())
	for _, k := range []int{1, 2} {
		b.Run(map[int]string{1: "k=1", 2: "k=2"}[k], func(b *testing.B) {
			for b.Loop() {
				if _, err := Nearest(g, seeds, k, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
