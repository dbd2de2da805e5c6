package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"time"

	"kommunpilot/engine/access"
	"kommunpilot/engine/roadnet"
)

// The commands that others are compared by: the graph in a form that they read,
// and our own times and sums on it.

// core is the coherent part of a network with the reference's test sites:
// a hundred nodes drawn among its nodes in the order of the source.
type core struct {
	out, in *roadnet.Graph
	seeds   []access.Seed // in order of the draw; one for each site
	rank    []uint32      // the node's number in the source's order, among the coherent ones
}

func newCore(n *roadnet.Network) core {
	g, nodes := n.Coherent(roadnet.ByTime)
	order := make([]uint32, len(nodes))
	for i := range order {
		order[i] = uint32(i)
	}
	number := func(v uint32) uint32 {
		if n.Number == nil {
			return nodes[v]
		}
		return n.Number[nodes[v]]
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(number(a), number(b)) })
	c := core{out: g, rank: make([]uint32, len(nodes))}
	c.in, _ = g.Reversed()
	for i, v := range order {
		c.rank[v] = uint32(i)
	}
	r := rand.New(rand.NewSource(42)) // the reference's draw
	seen := map[uint32]bool{}
	for range 100 {
		if v := order[r.Intn(len(order))]; !seen[v] {
			seen[v] = true
			c.seeds = append(c.seeds, access.Seed{Node: v, Site: uint32(len(c.seeds))})
		}
	}
	return c
}

// AccessExportCmd writes a graph for other programs.
type AccessExportCmd struct {
	Roads string `required:"" placeholder:"FILE.roads" help:"The road network."`
	Out   string `required:"" placeholder:"FOLDER" help:"Where edges.csv and facilities.txt are written."`
}

// Help tells of the files.
func (AccessExportCmd) Help() string {
	return `Writes the coherent network for other programs to be compared with: edges.csv without a header (id,source,target,cost; id from 1, nodes from 0, the cost from source to target) and facilities.txt (the node of each test site, one a line). The sites are those of "access bench".`
}

// Run writes.
func (c *AccessExportCmd) Run(*Streams) error {
	n, err := openRoads(c.Roads)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	if err := os.MkdirAll(c.Out, 0o750); err != nil {
		return &exitError{exitBadInput, err}
	}
	x := newCore(n)
	if err := writeWhole(filepath.Join(c.Out, "edges.csv"), func(w io.Writer) error {
		b := bufio.NewWriter(w)
		id := 0
		for v := range uint32(x.out.Nodes()) {
			for _, a := range x.out.Out(v) {
				id++
				_, _ = fmt.Fprintf(b, "%d,%d,%d,%d\n", id, x.rank[v], x.rank[a.Head], a.Weight) // Flush tells
			}
		}
		return b.Flush()
	}); err != nil {
		return err
	}
	return writeWhole(filepath.Join(c.Out, "facilities.txt"), func(w io.Writer) error {
		b := bufio.NewWriter(w)
		for _, s := range x.seeds {
			_, _ = fmt.Fprintln(b, x.rank[s.Node])
		}
		return b.Flush()
	})
}

// AccessBenchCmd measures the engine on a network.
type AccessBenchCmd struct {
	Roads  string `required:"" placeholder:"FILE.roads" help:"The road network; made with --profile ref_car it has the sums of the reference."`
	Rounds int    `default:"9" help:"How many times each thing is done; the best is told."`
	JSON   bool   `name:"json" help:"Write JSON."`
}

// Help tells what is measured.
func (AccessBenchCmd) Help() string {
	return `Labels every node of the coherent network with the nearest of a hundred drawn sites, in the ways that the engine has, and tells the sums (which are exact and the same everywhere) and the best times, on one processor. The last lines set them beside what the memory can do: a dependent random read in the graph's footprint, and reading in sequence.`
}

// benchAnswer are sums and times in milliseconds.
type benchAnswer struct {
	Nodes    int     `json:"nodes"`
	Arcs     int     `json:"arcs"`
	Sites    int     `json:"sites"`
	Sum1     uint64  `json:"sum_d1"`
	Sum2     uint64  `json:"sum_d2"`
	Largest  uint32  `json:"max_d1"`
	Search   float64 `json:"search_ms"`
	Two      float64 `json:"two_nearest_ms"`
	Build    float64 `json:"hierarchy_ms"`
	Sweep    float64 `json:"sweep_ms"`
	SweepTwo float64 `json:"sweep_two_ms"`
	Type     float64 `json:"sweep_each_of_16_ms"`
	Closures float64 `json:"every_closure_ms"`
	Close    float64 `json:"close_ms"`
	Open     float64 `json:"open_ms"`
	CloseTwo float64 `json:"close_two_ms"`
	OpenTwo  float64 `json:"open_two_ms"`
	Random   float64 `json:"random_read_ns"`
	PerNode  float64 `json:"search_ns_per_node"`
	Sequence float64 `json:"sequential_gb_s"`
	SweepGB  float64 `json:"sweep_gb_s"`
}

// Run measures.
func (c *AccessBenchCmd) Run(out *Streams) error {
	n, err := openRoads(c.Roads)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	a, err := benchmark(newCore(n), max(c.Rounds, 1))
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(out.Out, a)
	}
	_, err = fmt.Fprintf(out.Out, `noder %d, bågar %d, platser %d
summa d1 %d, summa d2 %d, största d1 %d
alla noder till närmaste, sökning        %8.2f ms  (%.0f ns per nod; en beroende läsning i minnet %.0f ns)
två närmaste, sökning                    %8.2f ms
varje stängning, ur de två närmaste      %8.2f ms  (med svep %.2f ms)
hierarkin görs på                        %8.0f ms
alla noder till närmaste, svep           %8.2f ms  (%.1f GB/s; läsning i följd %.1f GB/s)
två närmaste, svep                       %8.2f ms
svep, var och en av 16 typer             %8.2f ms
stäng, öppna en plats                    %8.2f ms, %.2f ms  (med två närmaste %.2f ms, %.2f ms)
`, a.Nodes, a.Arcs, a.Sites, a.Sum1, a.Sum2, a.Largest, a.Search, a.PerNode, a.Random, a.Two, a.Closures, a.Closures-a.Two+a.SweepTwo, a.Build,
		a.Sweep, a.SweepGB, a.Sequence, a.SweepTwo, a.Type, a.Close, a.Open, a.CloseTwo, a.OpenTwo)
	return err
}

// best is the shortest of several times, in milliseconds.
func best(rounds int, do func() error) (float64, error) {
	least := math.Inf(1)
	for range rounds {
		at := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		least = min(least, float64(time.Since(at).Nanoseconds())/1e6)
	}
	return least, nil
}

func benchmark(x core, rounds int) (*benchAnswer, error) {
	a := &benchAnswer{Nodes: x.out.Nodes(), Arcs: len(x.out.Arcs), Sites: len(x.seeds)}
	s, err := access.NewSearcher(x.in)
	if err != nil {
		return nil, err
	}
	var one, two, swept *access.Labels
	if a.Search, err = best(rounds, func() (err error) { one, err = s.Nearest(one, x.seeds, 1, 0); return err }); err != nil {
		return nil, err
	}
	if a.Two, err = best(rounds, func() (err error) { two, err = s.Nearest(two, x.seeds, 2, 0); return err }); err != nil {
		return nil, err
	}
	demand := access.Demand{Weight: slices.Repeat([]uint32{1}, a.Nodes)}
	for v := range uint32(a.Nodes) {
		a.Sum1 += uint64(two.At(v, 0).Cost())
		a.Largest = max(a.Largest, two.At(v, 0).Cost())
		if l := two.At(v, 1); l != access.None {
			a.Sum2 += uint64(l.Cost())
		}
	}
	if a.Closures, err = best(rounds, func() error { _, err := access.Closures(two, demand, []uint32{6000}); return err }); err != nil {
		return nil, err
	}
	a.Closures += a.Two
	at := time.Now()
	h, err := access.NewHierarchy(x.in)
	if err != nil {
		return nil, err
	}
	a.Build = float64(time.Since(at).Milliseconds())
	sweep := h.NewSweep()
	if a.Sweep, err = best(rounds, func() error { _, err := sweep.InOrder(x.seeds, 1); return err }); err != nil {
		return nil, err
	}
	if a.SweepTwo, err = best(rounds, func() error { _, err := sweep.InOrder(x.seeds, 2); return err }); err != nil {
		return nil, err
	}
	if swept, err = sweep.Nearest(nil, x.seeds, 1); err != nil {
		return nil, err
	}
	if !slices.Equal(swept.L, one.L) {
		return nil, fmt.Errorf("svepet och sökningen ger inte samma svar")
	}
	sets := slices.Repeat([][]access.Seed{x.seeds}, access.Lanes)
	if a.Type, err = best(rounds, func() error { _, err := sweep.Costs(sets); return err }); err != nil {
		return nil, err
	}
	a.Type /= access.Lanes
	if err := a.changes(x, rounds); err != nil {
		return nil, err
	}
	a.memory(h.Arcs(), x)
	return a, nil
}

// changes are the mean of closing each site, and of opening one at each of as
// many drawn nodes, both taken back: with the nearest alone, and with the two nearest.
func (a *benchAnswer) changes(x core, rounds int) error {
	net := &access.Net{Out: x.out, In: x.in}
	one, err := access.NewOverlay(net, x.seeds, 0)
	if err != nil {
		return err
	}
	two, err := access.NewScenario(net, x.seeds, 0)
	if err != nil {
		return err
	}
	var nodes []uint32
	r := rand.New(rand.NewSource(7)) // any nodes, the same every time
	for range x.seeds {
		nodes = append(nodes, uint32(r.Intn(a.Nodes)))
	}
	// mean does and takes back a change for every site; only the doing is timed.
	mean := func(do func(i int) error, undo func() error) (float64, error) {
		least := math.Inf(1)
		for range min(rounds, 3) {
			var took time.Duration
			for i := range x.seeds {
				at := time.Now()
				if err := do(i); err != nil {
					return 0, err
				}
				took += time.Since(at)
				if err := undo(); err != nil {
					return 0, err
				}
			}
			least = min(least, float64(took.Nanoseconds())/float64(len(x.seeds))/1e6)
		}
		return least, nil
	}
	back := func() error { _, err := two.Undo(); return err }
	opened := func(i int) []access.Seed { return []access.Seed{{Node: nodes[i], Site: uint32(len(x.seeds))}} }
	for _, m := range []struct {
		to   *float64
		do   func(i int) error
		undo func() error
	}{
		{&a.Close, func(i int) error { _, err := one.Close(x.seeds[i].Site); return err }, one.Undo},
		{&a.Open, func(i int) error { _, err := one.Open(opened(i)); return err }, one.Undo},
		{&a.CloseTwo, func(i int) error { _, err := two.Close(x.seeds[i].Site); return err }, back},
		{&a.OpenTwo, func(i int) error { _, err := two.Open(opened(i)); return err }, back},
	} {
		if *m.to, err = mean(m.do, m.undo); err != nil {
			return err
		}
	}
	return nil
}

// memory measures what the memory can do: reads that wait for one another in the
// graph's footprint (12 bytes a node and 8 an arc), and a sum of 256 MiB in sequence.
func (a *benchAnswer) memory(arcs int, x core) {
	n := (12*a.Nodes + 8*len(x.out.Arcs)) / 8
	next := make([]uint64, n)
	for i, v := range rand.New(rand.NewSource(1)).Perm(n) {
		next[i] = uint64(v)
	}
	const reads = 2_000_000
	at, v := time.Now(), uint64(0)
	for range reads {
		v = next[v]
	}
	a.Random = float64(time.Since(at).Nanoseconds()) / reads
	a.PerNode = a.Search * 1e6 / float64(a.Nodes)
	long := make([]uint64, 32<<20)
	for i := range long {
		long[i] = v
	}
	sum := uint64(0)
	ms, _ := best(5, func() error { // it has no error
		for _, w := range long {
			sum += w
		}
		return nil
	})
	a.Sequence = float64(8*len(long)) / ms / 1e6
	if sum == 1 { // the sums are used, so that they are made
		a.Sequence = 0
	}
	a.SweepGB = (16*float64(arcs)/2 + 20*float64(a.Nodes)) / a.Sweep / 1e6
}
