package roadnet

import (
	"cmp"
	"math"
	"slices"
)

// Point is a place in WGS 84, in units of 1e-7 degrees.
type Point struct{ Lat, Lon int32 }

// PointAt rounds degrees to a Point.
func PointAt(lat, lon float64) Point {
	return Point{int32(math.Round(lat * 1e7)), int32(math.Round(lon * 1e7))}
}

// Degrees gives the point in degrees.
func (p Point) Degrees() (lat, lon float64) { return float64(p.Lat) / 1e7, float64(p.Lon) / 1e7 }

// earth is the mean radius that lengths are computed with, metres.
const earth = 6_372_797.560856

// metres is the great circle's length between two places (haversine).
func metres(aLat, aLon, bLat, bLon float64) float64 {
	const rad = math.Pi / 180
	sLat, sLon := math.Sin((bLat-aLat)*rad/2), math.Sin((bLon-aLon)*rad/2)
	h := sLat*sLat + math.Cos(aLat*rad)*math.Cos(bLat*rad)*sLon*sLon
	return 2 * earth * math.Asin(math.Sqrt(h))
}

// Stretch is a road between two nodes, with a time in each direction that it may
// be used in (0: not), and its length.
type Stretch struct {
	From, To uint32
	Forward  uint32 // weight in the unit of the network
	Backward uint32
	Metres   uint32
	NoStart  uint32 // 1: nobody starts from it or stops at it
}

// Network is a road network of one profile. A network that came from a DIMACS
// file has no geometry and no lengths. It is not changed after it is made.
type Network struct {
	Meta      Meta
	Nodes     int
	Stretches []Stretch
	// Shape[ShapeFirst[e]:ShapeFirst[e+1]] are the points of stretch e, both ends
	// included; ShapeFirst is nil where there is no geometry.
	ShapeFirst []uint32
	Shape      []Point
	// Number is each node's number as the source counts, from 0; nil where they
	// are the nodes' own.
	Number []uint32
	// Group is 0 for the nodes of the coherent network (the largest strongly
	// connected part), and -1 for loose roads.
	Group []int32
}

// Meta is what a network says of itself.
type Meta struct {
	Source     string         `json:"source"`           // name of the file
	SHA256     string         `json:"sha256,omitempty"` // of the file
	Date       string         `json:"date,omitempty"`   // of the data; empty: not known
	Profile    string         `json:"profile"`
	Unit       Unit           `json:"unit"`
	OffRoad    float64        `json:"off_road_kmh"`
	MaxOff     float64        `json:"max_off_road_m"`
	Turns      int            `json:"turn_restrictions"` // in the file; none is followed
	Components Components     `json:"components"`
	Warnings   map[string]int `json:"warnings,omitempty"`
}

// Components tells how the network hangs together.
type Components struct {
	Weak         int `json:"weak"`
	Strong       int `json:"strong"`
	LargestNodes int `json:"largest_nodes"`
	LargestArcs  int `json:"largest_arcs"`
	// Sizes are the nodes of the largest strong components, at most four.
	Sizes []int `json:"sizes"`
}

// Located tells whether the network has places.
func (n *Network) Located() bool { return n.ShapeFirst != nil }

// shape gives the points of a stretch.
func (n *Network) shape(e int) []Point { return n.Shape[n.ShapeFirst[e]:n.ShapeFirst[e+1]] }

// Metric chooses what a graph's weights count.
type Metric int

// The metrics.
const (
	ByTime   Metric = iota // the network's unit
	ByLength               // metres
)

// Graph gives the directed graph with the metric as weights, and beside it the
// other metric arc by arc (nil where the network has no lengths). Cost O(arcs).
func (n *Network) Graph(m Metric) (*Graph, []uint32) {
	return n.graph(m, func(Stretch) bool { return true })
}

func (n *Network) graph(m Metric, keep func(Stretch) bool) (*Graph, []uint32) {
	first := make([]uint32, n.Nodes+1)
	each := func(f func(from, to, time, length uint32)) {
		for _, s := range n.Stretches {
			if !keep(s) {
				continue
			}
			if s.Forward > 0 {
				f(s.From, s.To, s.Forward, s.Metres)
			}
			if s.Backward > 0 {
				f(s.To, s.From, s.Backward, s.Metres)
			}
		}
	}
	each(func(from, _, _, _ uint32) { first[from+1]++ })
	for v := range n.Nodes {
		first[v+1] += first[v]
	}
	arcs, other := make([]Arc, first[n.Nodes]), make([]uint32, first[n.Nodes])
	at := slices.Clone(first[:n.Nodes])
	each(func(from, to, time, length uint32) {
		i := at[from]
		at[from]++
		if m == ByLength {
			arcs[i], other[i] = Arc{to, length}, time
		} else {
			arcs[i], other[i] = Arc{to, time}, length
		}
	})
	if !n.Located() {
		other = nil
	}
	return &Graph{First: first, Arcs: arcs}, other
}

// FromGraph makes a network of a graph without places.
func FromGraph(g *Graph, unit Unit) *Network {
	n := &Network{Nodes: g.Nodes(), Meta: Meta{Unit: unit, Profile: "vikter"}}
	for v := range uint32(g.Nodes()) {
		for _, a := range g.Out(v) {
			n.Stretches = append(n.Stretches, Stretch{From: v, To: a.Head, Forward: a.Weight})
		}
	}
	n.name()
	return n
}

// name finds the components and names the groups.
func (n *Network) name() {
	g, _ := n.Graph(ByTime)
	strong := strongComponents(g)
	sizes := map[int32]int{}
	for _, c := range strong {
		sizes[c]++
	}
	best := int32(0)
	var all []int
	for c := range int32(len(sizes)) {
		all = append(all, sizes[c])
		if sizes[c] > sizes[best] {
			best = c
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	n.Group = make([]int32, n.Nodes)
	for v, c := range strong {
		if c != best {
			n.Group[v] = -1
		}
	}
	arcs := 0
	for v := range uint32(n.Nodes) {
		for _, a := range g.Out(v) {
			if n.Group[v] == 0 && n.Group[a.Head] == 0 {
				arcs++
			}
		}
	}
	n.Meta.Components = Components{Weak: weakComponents(n), Strong: len(sizes), LargestNodes: sizes[best], LargestArcs: arcs, Sizes: all[:min(4, len(all))]}
}

// Coherent gives the graph of the coherent network alone, its nodes numbered
// anew in the same order, and for each the node of the network.
func (n *Network) Coherent(m Metric) (*Graph, []uint32) {
	number := make([]uint32, n.Nodes)
	var from []uint32
	for v, g := range n.Group {
		if g == 0 {
			number[v] = uint32(len(from))
			from = append(from, uint32(v))
		}
	}
	all, _ := n.graph(m, func(s Stretch) bool { return n.Group[s.From] == 0 && n.Group[s.To] == 0 })
	g := &Graph{First: []uint32{0}}
	for _, v := range from {
		for _, a := range all.Out(v) {
			g.Arcs = append(g.Arcs, Arc{number[a.Head], a.Weight})
		}
		g.First = append(g.First, uint32(len(g.Arcs)))
	}
	return g, from
}

// weakComponents counts the parts that hang together whatever the direction.
func weakComponents(n *Network) int {
	root := make([]uint32, n.Nodes)
	for v := range root {
		root[v] = uint32(v)
	}
	find := func(v uint32) uint32 {
		for root[v] != v {
			root[v] = root[root[v]]
			v = root[v]
		}
		return v
	}
	count := n.Nodes
	for _, s := range n.Stretches {
		if a, b := find(s.From), find(s.To); a != b && (s.Forward > 0 || s.Backward > 0) {
			root[max(a, b)] = min(a, b)
			count--
		}
	}
	return count
}

// strongComponents numbers each node's strongly connected component (Tarjan's
// algorithm without recursion). Cost O(nodes + arcs).
func strongComponents(g *Graph) []int32 {
	n := g.Nodes()
	const unseen = 0
	index, low := make([]uint32, n), make([]uint32, n)
	comp := slices.Repeat([]int32{-1}, n)
	at := slices.Clone(g.First[:n])
	var stack, path []uint32
	next, comps := uint32(1), int32(0)
	for root := range uint32(n) {
		if index[root] != unseen {
			continue
		}
		path = append(path[:0], root)
		for len(path) > 0 {
			v := path[len(path)-1]
			if index[v] == unseen {
				index[v], low[v] = next, next
				next++
				stack = append(stack, v)
			}
			if i := at[v]; i < g.First[v+1] {
				at[v]++
				switch u := g.Arcs[i].Head; {
				case index[u] == unseen:
					path = append(path, u)
				case comp[u] < 0:
					low[v] = min(low[v], index[u])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				p := path[len(path)-1]
				low[p] = min(low[p], low[v])
			}
			if low[v] == index[v] {
				for {
					u := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					comp[u] = comps
					if u == v {
						break
					}
				}
				comps++
			}
		}
	}
	return comp
}

// Ordered is the network with its nodes numbered depth-first, so that neighbours
// lie close in memory; Number keeps what they were called. Cost O(nodes + arcs).
func (n *Network) Ordered() *Network {
	g, _ := n.Graph(ByTime)
	to := DepthFirstOrder(g)
	out := *n
	out.Stretches = slices.Clone(n.Stretches)
	for i := range out.Stretches {
		s := &out.Stretches[i]
		s.From, s.To = to[s.From], to[s.To]
	}
	out.Number, out.Group = make([]uint32, n.Nodes), make([]int32, n.Nodes)
	for v, w := range to {
		out.Number[w], out.Group[w] = uint32(v), n.Group[v]
		if n.Number != nil {
			out.Number[w] = n.Number[v]
		}
	}
	return &out
}

// Points gives the place of each node; nil where the network has none.
func (n *Network) Points() []Point {
	if !n.Located() {
		return nil
	}
	out := make([]Point, n.Nodes)
	for e, s := range n.Stretches {
		p := n.shape(e)
		out[s.From], out[s.To] = p[0], p[len(p)-1]
	}
	return out
}

// Part is a part of a network in which everybody reaches everybody, or a road
// that hangs loose.
type Part struct {
	Nodes  []uint32 // rising
	Metres uint64   // of the stretches inside it
	Group  int32
}

// Parts are the strongly connected parts, the largest first, parts of equal size
// by their first node. Cost O(nodes + arcs).
func (n *Network) Parts() []Part {
	g, _ := n.Graph(ByTime)
	comp := strongComponents(g)
	var parts []Part
	for v, c := range comp {
		for int(c) >= len(parts) {
			parts = append(parts, Part{})
		}
		parts[c].Nodes, parts[c].Group = append(parts[c].Nodes, uint32(v)), n.Group[v]
	}
	for _, s := range n.Stretches {
		if comp[s.From] == comp[s.To] {
			parts[comp[s.From]].Metres += uint64(s.Metres)
		}
	}
	slices.SortFunc(parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(len(b.Nodes), len(a.Nodes)), cmp.Compare(a.Nodes[0], b.Nodes[0]))
	})
	return parts
}
