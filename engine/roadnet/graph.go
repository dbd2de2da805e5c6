// Package roadnet holds road networks: a compact directed graph with a time
// and a length on every arc, made from OpenStreetMap or DIMACS files, with
// its coherent network and islands named, its geometry for snapping, and one
// file that can be memory-mapped.
//
// It knows roads only. What lies along them, and how far people have to it,
// is engine/access.
package roadnet

import "slices"

// Unit says what a graph's weights count. It is stored with a network, since
// the weights of a DIMACS file are used as they are.
type Unit uint8

// The units of weights.
const (
	// Deciseconds is tenths of a second: the time profiles.
	Deciseconds Unit = iota + 1
	// Metres is whole metres: the length profiles.
	Metres
	// Seconds is whole seconds: the weights of a .gr file, as written.
	Seconds
)

// Arc is one directed stretch of road out of a node (in a reversed graph:
// into it). Weight is at least 1 and at most MaxWeight.
type Arc struct {
	Head   uint32
	Weight uint32
}

// MaxWeight is the largest weight of an arc and the largest cost of a search,
// so that a sum of the two never wraps in 32 bits.
const MaxWeight = 1<<31 - 1

// Graph is a directed graph in compressed rows: the arcs of node v are
// Arcs[First[v]:First[v+1]]. First has one entry more than there are nodes.
// Parallel arcs are kept. A Graph is not changed after it is made and may be
// read from many goroutines.
type Graph struct {
	First []uint32
	Arcs  []Arc
}

// Nodes returns the number of nodes.
func (g *Graph) Nodes() int { return len(g.First) - 1 }

// Out returns the arcs of a node; the slice is the graph's own.
func (g *Graph) Out(v uint32) []Arc { return g.Arcs[g.First[v]:g.First[v+1]] }

// Edge is one directed arc with both its ends, as files list them.
type Edge struct {
	From, To, Weight uint32
}

// FromEdges makes a graph of n nodes. The arcs of a node stand in the order of
// the list. Every end must be below n. Cost O(n + edges).
func FromEdges(n int, edges []Edge) *Graph {
	first := make([]uint32, n+1)
	for _, e := range edges {
		first[e.From+1]++
	}
	for v := range n {
		first[v+1] += first[v]
	}
	arcs, at := make([]Arc, len(edges)), slices.Clone(first[:n])
	for _, e := range edges {
		arcs[at[e.From]] = Arc{Head: e.To, Weight: e.Weight}
		at[e.From]++
	}
	return &Graph{First: first, Arcs: arcs}
}

// Reversed returns the graph with every arc turned round, the arcs of a node
// in the order of their tails, and for each of its arcs the place in g.Arcs
// that it came from, so that a second weight can follow. Cost O(nodes + arcs).
func (g *Graph) Reversed() (*Graph, []uint32) {
	n := g.Nodes()
	first := make([]uint32, n+1)
	for _, a := range g.Arcs {
		first[a.Head+1]++
	}
	for v := range n {
		first[v+1] += first[v]
	}
	arcs, from := make([]Arc, len(g.Arcs)), make([]uint32, len(g.Arcs))
	at := slices.Clone(first[:n])
	for v := range n {
		for i := g.First[v]; i < g.First[v+1]; i++ {
			a := g.Arcs[i]
			arcs[at[a.Head]] = Arc{Head: uint32(v), Weight: a.Weight}
			from[at[a.Head]] = i
			at[a.Head]++
		}
	}
	return &Graph{First: first, Arcs: arcs}, from
}
