package access

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/engine/roadnet"
)

// checkDelta holds a delta against the labels before and after.
func checkDelta(t *rapid.T, d Delta, before, after []Label) {
	t.Helper()
	seen := map[uint32]bool{}
	for i, v := range d.Nodes {
		if seen[v] {
			t.Fatalf("node %d stands twice in the delta", v)
		}
		seen[v] = true
		if d.Before[i] != [2]Label(before[2*v:2*v+2]) || d.After[i] != [2]Label(after[2*v:2*v+2]) {
			t.Fatalf("node %d: delta %v to %v, labels %v to %v", v, d.Before[i], d.After[i], before[2*v:2*v+2], after[2*v:2*v+2])
		}
		if d.Before[i] == d.After[i] {
			t.Fatalf("node %d is in the delta and did not change", v)
		}
	}
	for v := range len(before) / 2 {
		if !seen[uint32(v)] && !slices.Equal(before[2*v:2*v+2], after[2*v:2*v+2]) {
			t.Fatalf("node %d changed and is not in the delta", v)
		}
	}
}

// T4, T6, T7: any stack of openings, closings and moves gives at every step
// what a full search gives, for both labels of every node, and undone it gives
// the start.
func TestT4T6T7ScenarioIsFullRecomputation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := drawnGraph(t)
		net := NewNet(roadnet.FromEdges(n, edges))
		limit := rapid.SampledFrom([]uint32{0, 0, 3, 90}).Draw(t, "limit")
		seeds := drawnSeeds(t, n)
		s, err := NewScenario(net, seeds, limit)
		if err != nil {
			t.Fatal(err)
		}
		open := map[uint32][]Seed{}
		for _, d := range seeds {
			open[d.Site] = append(open[d.Site], d)
		}
		var past [][]Label
		var pastOpen []map[uint32][]Seed
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			before := slices.Clone(s.Labels().L)
			state := map[uint32][]Seed{}
			for k, v := range open {
				state[k] = v
			}
			site := rapid.Uint32Range(0, 6).Draw(t, "which")
			to := drawnSeeds(t, n)
			for i := range to {
				to[i].Site = site
			}
			var d Delta
			switch rapid.SampledFrom([]string{"open", "close", "move", "undo"}).Draw(t, "what") {
			case "open":
				if len(open[site]) > 0 {
					if _, err := s.Open([]Seed{{Site: site}}); !errors.Is(err, ErrOpen) {
						t.Fatalf("opened twice: %v", err)
					}
					continue
				}
				if len(to) == 0 {
					if _, err := s.Open(to); !errors.Is(err, ErrSeeds) {
						t.Fatalf("opened nowhere: %v", err)
					}
					continue
				}
				d, err = s.Open(to)
				open[site] = to
			case "close":
				if len(open[site]) == 0 {
					if _, err := s.Close(site); !errors.Is(err, ErrClosed) {
						t.Fatalf("closed twice: %v", err)
					}
					continue
				}
				d, err = s.Close(site)
				delete(open, site)
			case "move":
				if len(open[site]) == 0 || len(to) == 0 {
					continue
				}
				d, err = s.Move(to)
				open[site] = to
			case "undo":
				if len(past) == 0 {
					if _, err := s.Undo(); !errors.Is(err, ErrNothing) {
						t.Fatalf("undid nothing: %v", err)
					}
					continue
				}
				d, err = s.Undo()
				if err != nil {
					t.Fatal(err)
				}
				checkDelta(t, d, before, s.Labels().L)
				if !slices.Equal(s.Labels().L, past[len(past)-1]) {
					t.Fatal("undone is not the start")
				}
				open = pastOpen[len(pastOpen)-1]
				past, pastOpen = past[:len(past)-1], pastOpen[:len(pastOpen)-1]
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			past, pastOpen = append(past, before), append(pastOpen, state)
			checkDelta(t, d, before, s.Labels().L)
			var all []Seed
			for _, own := range open {
				all = append(all, own...)
			}
			same(t, "after the change", s.Labels(), oracle(net.In, all, 2, limit))
		}
		for len(past) > 0 {
			if _, err := s.Undo(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.Labels().L, past[len(past)-1]) {
				t.Fatal("undone is not the start")
			}
			past = past[:len(past)-1]
		}
	})
}

// T4: on a larger network closing each site in turn gives the second label as
// the first, at every node.
func TestT4ClosingGivesTheSecondLabel(t *testing.T) {
	net := NewNet(grid(60))
	seeds := testSites(net.In.Nodes())
	s, err := NewScenario(net, seeds, 0)
	if err != nil {
		t.Fatal(err)
	}
	start := slices.Clone(s.Labels().L)
	for _, d := range seeds {
		if _, err := s.Close(d.Site); err != nil {
			t.Fatal(err)
		}
		for v := range net.In.Nodes() {
			want := start[2*v]
			if want.Site() == d.Site {
				want = start[2*v+1]
			}
			if got := s.Labels().L[2*v]; got != want {
				t.Fatalf("site %d closed: node %d has %d, want %d", d.Site, v, got, want)
			}
		}
		if _, err := s.Undo(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(s.Labels().L, start) {
		t.Fatal("undone is not the start")
	}
}

// benchmarkClose closes a site and opens it again, each of 100 in turn; one
// operation is one of the two changes, undo included.
// The same for the nearest alone: any stack of openings and closings is what a full
// search gives, and undone it is the start.
func TestT4T6T7OverlayIsFullRecomputation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := drawnGraph(t)
		net := NewNet(roadnet.FromEdges(n, edges))
		limit := rapid.SampledFrom([]uint32{0, 0, 3, 90}).Draw(t, "limit")
		seeds := drawnSeeds(t, n)
		s, err := NewOverlay(net, seeds, limit)
		if err != nil {
			t.Fatal(err)
		}
		open := map[uint32][]Seed{}
		for _, d := range seeds {
			open[d.Site] = append(open[d.Site], d)
		}
		start, changes := slices.Clone(s.Labels().L), 0
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			site := rapid.Uint32Range(0, 6).Draw(t, "which")
			to := drawnSeeds(t, n)
			for i := range to {
				to[i].Site = site
			}
			before := slices.Clone(s.Labels().L)
			var nodes []uint32
			switch {
			case len(open[site]) > 0:
				nodes, err = s.Close(site)
				delete(open, site)
			case len(to) > 0:
				nodes, err = s.Open(to)
				open[site] = to
			default:
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			changes++
			var all []Seed
			for _, list := range open {
				all = append(all, list...)
			}
			want, err := Nearest(net.In, all, 1, limit)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.Labels().L, want.L) {
				t.Fatalf("labels are %v, a full search gives %v", s.Labels().L, want.L)
			}
			for v := range before {
				if before[v] != want.L[v] && !slices.Contains(nodes, uint32(v)) {
					t.Fatalf("node %d changed and is not told", v)
				}
			}
		}
		for range changes {
			if err := s.Undo(); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(s.Labels().L, start) {
			t.Fatal("undone is not the start")
		}
		if err := s.Undo(); !errors.Is(err, ErrNothing) {
			t.Fatalf("undid nothing: %v", err)
		}
	})
}

func benchmarkChange(b *testing.B, g *roadnet.Graph, opening bool) {
	net := NewNet(g.Renumbered(roadnet.DepthFirstOrder(g)))
	seeds := testSites(g.Nodes())
	s, err := NewScenario(net, seeds, 0)
	if err != nil {
		b.Fatal(err)
	}
	nodes, changes, i := 0, 0, 0
	for b.Loop() {
		site := seeds[i%len(seeds)]
		i++
		var d Delta
		if opening {
			site.Node, site.Site = uint32((int(site.Node)+4711)%g.Nodes()), 1000
			d, err = s.Open([]Seed{site})
		} else {
			d, err = s.Close(site.Site)
		}
		if err != nil {
			b.Fatal(err)
		}
		nodes += len(d.Nodes)
		changes++
		if _, err := s.Undo(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(nodes)/float64(changes), "nodes/op")
}

func BenchmarkCloseGrid70756(b *testing.B)      { benchmarkChange(b, grid(266), false) }
func BenchmarkOpenGrid70756(b *testing.B)       { benchmarkChange(b, grid(266), true) }
func BenchmarkCloseFlorida1070376(b *testing.B) { benchmarkChange(b, florida(b), false) }
func BenchmarkOpenFlorida1070376(b *testing.B)  { benchmarkChange(b, florida(b), true) }
