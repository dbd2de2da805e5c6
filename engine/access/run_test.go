package access

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/engine/roadnet"
)

// anyNetwork draws a network of stretches with one-ways and lengths.
func anyNetwork(t *rapid.T) *roadnet.Network {
	n := &roadnet.Network{Nodes: rapid.IntRange(2, 12).Draw(t, "nodes"), ShapeFirst: []uint32{0}, Meta: roadnet.Meta{Unit: roadnet.Deciseconds, OffRoad: 5}}
	node := rapid.Uint32Range(0, uint32(n.Nodes-1))
	for range rapid.IntRange(1, 25).Draw(t, "stretches") {
		s := roadnet.Stretch{From: node.Draw(t, "from"), To: node.Draw(t, "to"), Metres: uint32(rapid.IntRange(1, 40).Draw(t, "metres"))}
		if s.From == s.To {
			continue
		}
		way := rapid.IntRange(0, 2).Draw(t, "way")
		if way != 1 {
			s.Forward = uint32(rapid.IntRange(1, 30).Draw(t, "forward"))
		}
		if way != 0 {
			s.Backward = uint32(rapid.IntRange(1, 30).Draw(t, "backward"))
		}
		n.Stretches = append(n.Stretches, s)
		n.Shape = append(n.Shape, roadnet.Point{}, roadnet.Point{Lat: 1})
		n.ShapeFirst = append(n.ShapeFirst, uint32(len(n.Shape)))
	}
	n.Group = make([]int32, n.Nodes)
	return n
}

// inserted is the network's graph with a node put in at each position, and the
// node of each: stretches are cut where a position lies.
func inserted(g *Ground, at []roadnet.Snap) (edges []roadnet.Edge, second []uint32, nodes []uint32) {
	n := g.network
	nodes = make([]uint32, len(at))
	next := uint32(n.Nodes)
	for e, s := range n.Stretches {
		var on []int
		for i, x := range at {
			if int(x.Stretch) == e {
				on = append(on, i)
			}
		}
		slices.SortStableFunc(on, func(a, b int) int { return cmp.Compare(at[a].Part, at[b].Part) })
		place := func(part float64) (own, other Position) {
			x := roadnet.Snap{Stretch: uint32(e), Part: part}
			return g.Position(x), g.other(x)
		}
		last := s.From
		doneOwn, doneOther := place(0)
		join := func(to uint32, part float64) {
			own, other := place(part)
			if s.Forward > 0 {
				edges = append(edges, roadnet.Edge{From: last, To: to, Weight: own.ForwardPart - doneOwn.ForwardPart})
				second = append(second, other.ForwardPart-doneOther.ForwardPart)
			}
			if s.Backward > 0 {
				edges = append(edges, roadnet.Edge{From: to, To: last, Weight: own.BackwardPart - doneOwn.BackwardPart})
				second = append(second, other.BackwardPart-doneOther.BackwardPart)
			}
			last, doneOwn, doneOther = to, own, other
		}
		for k, i := range on {
			if k > 0 && at[on[k-1]].Part == at[i].Part {
				nodes[i] = nodes[on[k-1]] // the same place
				continue
			}
			nodes[i] = next
			next++
			join(nodes[i], at[i].Part)
		}
		join(s.To, 1)
	}
	return edges, second, nodes
}

// TestT10_APositionIsANodePutIn holds positions along roads, in both metrics and
// with sites on the same stretch, against a graph with a node at each, where a
// plain search finds the cheapest ways and the shortest of them.
func TestT10_APositionIsANodePutIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := anyNetwork(t)
		if len(n.Stretches) == 0 {
			return
		}
		metric := rapid.SampledFrom([]roadnet.Metric{roadnet.ByTime, roadnet.ByLength}).Draw(t, "metric")
		snaps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) roadnet.Snap {
			return roadnet.Snap{Stretch: uint32(rapid.IntRange(0, len(n.Stretches)-1).Draw(t, "stretch")), Part: float64(rapid.IntRange(0, 8).Draw(t, "part")) / 8, OffRoad: float64(rapid.IntRange(0, 5).Draw(t, "off")), Reason: roadnet.OK}
		}), 2, 9).Draw(t, "positions")
		cells := snaps[:len(snaps)/2]
		sites := snaps[len(snaps)/2:]
		var list []Site
		for _, s := range sites {
			list = append(list, Site{Snap: s})
		}
		g := NewGround(n, metric)
		r, err := g.NewRun(list, 3, 0)
		if err != nil {
			t.Fatal(err)
		}
		edges, second, nodes := inserted(g, snaps)
		// The cheapest way and the shortest of those, by one search over pairs.
		best := func(from uint32) map[uint32][2]uint64 {
			out := map[uint32][2]uint64{from: {0, 0}}
			for changed := true; changed; {
				changed = false
				for i, e := range edges {
					x, ok := out[e.From]
					if !ok {
						continue
					}
					y := [2]uint64{x[0] + uint64(e.Weight), x[1] + uint64(second[i])}
					if old, seen := out[e.To]; !seen || y[0] < old[0] || y[0] == old[0] && y[1] < old[1] {
						out[e.To], changed = y, true
					}
				}
			}
			return out
		}
		for i, c := range cells {
			reached := best(nodes[i])
			var want []Reach
			for j, s := range sites {
				if y, ok := reached[nodes[len(cells)+j]]; ok {
					want = append(want, Reach{Cost: uint32(y[0]) + g.Position(c).Off + g.Position(s).Off, Other: uint32(y[1]) + g.other(c).Off + g.other(s).Off, Site: uint32(j)})
				}
			}
			slices.SortFunc(want, func(a, b Reach) int { return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Site, b.Site)) })
			want = want[:min(3, len(want))]
			got := r.At(c)
			if len(got) != len(want) {
				t.Fatalf("cell %d: %v, want %v", i, got, want)
			}
			for k := range got {
				if got[k].Cost != want[k].Cost || got[k].Site != want[k].Site {
					t.Fatalf("cell %d: %v, want %v", i, got, want)
				}
				if got[k].Other != want[k].Other {
					t.Fatalf("cell %d, the other metric: %v, want %v", i, got, want)
				}
			}
		}
	})
}
