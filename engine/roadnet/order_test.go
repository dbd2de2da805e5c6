package roadnet

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// T9: a renumbered graph has the same arcs under other names, and numbers go
// along arcs as a walk meets them.
func TestT9DepthFirstOrder(t *testing.T) {
	line := FromEdges(4, []Edge{{From: 0, To: 3, Weight: 1}, {From: 3, To: 1, Weight: 2}, {From: 0, To: 2, Weight: 3}})
	if got := DepthFirstOrder(line); !slices.Equal(got, []uint32{0, 2, 3, 1}) {
		t.Fatalf("order %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "nodes")
		edges := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Edge {
			return Edge{From: uint32(rapid.IntRange(0, n-1).Draw(t, "from")), To: uint32(rapid.IntRange(0, n-1).Draw(t, "to")), Weight: rapid.Uint32Range(1, 9).Draw(t, "weight")}
		})).Draw(t, "edges")
		g := FromEdges(n, edges)
		to := DepthFirstOrder(g)
		h := g.Renumbered(to)
		for v := range uint32(n) {
			want := slices.Clone(g.Out(v))
			for i := range want {
				want[i].Head = to[want[i].Head]
			}
			if !slices.Equal(h.Out(to[v]), want) {
				t.Fatalf("node %d: %v, want %v", v, h.Out(to[v]), want)
			}
		}
		back := make([]uint32, n)
		for v, w := range to {
			back[w] = uint32(v)
		}
		if again := h.Renumbered(back); !slices.Equal(again.Arcs, g.Arcs) || !slices.Equal(again.First, g.First) {
			t.Fatal("there and back is another graph")
		}
	})
}
