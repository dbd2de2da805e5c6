package access

import (
	"compress/gzip"
	"container/heap"
	"io"
	"math"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"kommunpilot/engine/roadnet"
)

// pile is a heap of labels with nodes, for the plain Dijkstra of the oracle.
type pile []pileEntry

type pileEntry struct {
	label Label
	node  uint32
}

func (p pile) Len() int           { return len(p) }
func (p pile) Less(i, j int) bool { return p[i].label < p[j].label }
func (p pile) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *pile) Push(x any)        { *p = append(*p, x.(pileEntry)) }
func (p *pile) Pop() any {
	old := *p
	x := old[len(old)-1]
	*p = old[:len(old)-1]
	return x
}

// dijkstra gives the cost from every node to one set of seeds, by a plain heap
// and without anything of the package but the label's packing.
func dijkstra(g *roadnet.Graph, seeds []Seed) []uint64 {
	cost := make([]uint64, g.Nodes())
	for v := range cost {
		cost[v] = math.MaxUint64
	}
	var p pile
	for _, d := range seeds {
		if uint64(d.Cost) < cost[d.Node] {
			cost[d.Node] = uint64(d.Cost)
			heap.Push(&p, pileEntry{Label(d.Cost), d.Node})
		}
	}
	for p.Len() > 0 {
		e := heap.Pop(&p).(pileEntry)
		if uint64(e.label) != cost[e.node] {
			continue
		}
		for _, a := range g.Out(e.node) {
			if c := uint64(e.label) + uint64(a.Weight); c < cost[a.Head] {
				cost[a.Head] = c
				heap.Push(&p, pileEntry{Label(c), a.Head})
			}
		}
	}
	return cost
}

// oracle labels by one plain Dijkstra per site and sorting.
func oracle(g *roadnet.Graph, seeds []Seed, k int, limit uint32) *Labels {
	if limit == 0 {
		limit = roadnet.MaxWeight
	}
	of := map[uint32][]Seed{}
	for _, d := range seeds {
		of[d.Site] = append(of[d.Site], d)
	}
	all := make([][]Label, g.Nodes())
	for site, own := range of {
		for v, c := range dijkstra(g, own) {
			if c <= uint64(limit) {
				all[v] = append(all[v], NewLabel(uint32(c), site))
			}
		}
	}
	out := &Labels{K: k}
	for _, ls := range all {
		slices.Sort(ls)
		for len(ls) < k {
			ls = append(ls, None)
		}
		out.L = append(out.L, ls[:k]...)
	}
	return out
}

// dataFile opens a road file of the data folder, or skips the test.
func dataFile(t testing.TB, name string) io.Reader {
	t.Helper()
	dir := os.Getenv("SHARED_DATA")
	if dir == "" {
		t.Skip("SHARED_DATA names no folder of data files")
	}
	path := filepath.Join(dir, "roads", name)
	if strings.HasSuffix(name, ".xz") {
		out, err := exec.CommandContext(t.Context(), "xz", "-dc", path).Output()
		if err != nil {
			t.Fatalf("xz cannot unpack %s: %v", name, err)
		}
		return strings.NewReader(string(out))
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	return f
}

var (
	loadedLock sync.Mutex
	loaded     = map[string]*roadnet.Graph{}
)

// newYork and florida are the two DIMACS graphs.
func newYork(t testing.TB) *roadnet.Graph { return dimacs(t, "USA-road-d.NY.gr.gz") }
func florida(t testing.TB) *roadnet.Graph { return dimacs(t, "dimacs-FLA-topology.pace.gr.xz") }

func dimacs(t testing.TB, name string) *roadnet.Graph {
	t.Helper()
	loadedLock.Lock()
	defer loadedLock.Unlock()
	if g := loaded[name]; g != nil {
		return g
	}
	read := roadnet.ReadDIMACS
	if strings.Contains(name, ".pace.") {
		read = roadnet.ReadPACE
	}
	g, err := read(dataFile(t, name))
	if err != nil {
		t.Fatal(err)
	}
	loaded[name] = g
	return g
}

// testSites are the draws of step 9: 100, of which doubles count once.
func testSites(n int) []Seed {
	r := rand.New(rand.NewSource(42))
	var out []Seed
	seen := map[int]bool{}
	for range 100 {
		v := r.Intn(n)
		if !seen[v] {
			seen[v] = true
			out = append(out, Seed{Node: uint32(v), Site: uint32(len(out))})
		}
	}
	return out
}

// grid makes a made-up road network of side·side nodes with drawn weights and
// some one-ways, for benchmarks that need no data file.
func grid(side int) *roadnet.Graph {
	r := rand.New(rand.NewSource(7))
	var edges []roadnet.Edge
	for y := range side {
		for x := range side {
			v := uint32(y*side + x)
			for _, to := range []struct{ x, y int }{{x + 1, y}, {x, y + 1}} {
				if to.x >= side || to.y >= side || r.Intn(5) == 0 {
					continue
				}
				w, head := uint32(1+r.Intn(600)), uint32(to.y*side+to.x)
				edges = append(edges, roadnet.Edge{From: v, To: head, Weight: w})
				if r.Intn(10) > 0 {
					edges = append(edges, roadnet.Edge{From: head, To: v, Weight: w})
				}
			}
		}
	}
	return roadnet.FromEdges(side*side, edges)
}
