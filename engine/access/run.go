package access

import (
	"math"
	"slices"

	"kommunpilot/engine/roadnet"
)

// Ground is a network in one metric, on which positions are made of snaps. It is
// not changed and may be read from many goroutines.
type Ground struct {
	*Net
	network *roadnet.Network
	metric  roadnet.Metric
	second  []uint32 // the other metric of each arc of Out; nil: there is none
}

// NewGround makes the graphs of a network. Cost O(nodes + arcs).
func NewGround(n *roadnet.Network, metric roadnet.Metric) *Ground {
	out, second := n.Graph(metric)
	return &Ground{Net: NewNet(out), network: n, metric: metric, second: second}
}

// Position gives where a snap that is OK lies, in the metric.
func (g *Ground) Position(s roadnet.Snap) Position { return g.in(g.metric, s) }

// Off is what metres in a straight line off the roads cost in the metric.
func (g *Ground) Off(metres float64) uint32 { return g.off(g.metric, metres) }

func (g *Ground) off(metric roadnet.Metric, metres float64) uint32 {
	if metric == roadnet.ByLength {
		return uint32(math.Round(metres))
	}
	kmh := g.network.Meta.OffRoad
	if kmh <= 0 {
		kmh = 5
	}
	return uint32(math.Round(metres / (kmh / 3.6) * 10))
}

func (g *Ground) in(metric roadnet.Metric, s roadnet.Snap) Position {
	x := g.network.Stretches[s.Stretch]
	weight := func(time uint32) uint32 {
		switch {
		case time == 0:
			return Shut
		case metric == roadnet.ByLength:
			return x.Metres
		}
		return time
	}
	return OnEdge(s.Stretch, x.From, x.To, weight(x.Forward), weight(x.Backward), uint32(math.Round(s.Part*Whole)), g.off(metric, s.OffRoad))
}

// other is the same place in the metric that the ground is not in.
func (g *Ground) other(s roadnet.Snap) Position {
	if g.metric == roadnet.ByLength {
		return g.in(roadnet.ByTime, s)
	}
	return g.in(roadnet.ByLength, s)
}

// Site is a place with a service: on the network at a snap, or at a node.
type Site struct {
	Snap   roadnet.Snap
	Node   uint32
	AtNode bool
}

// Reach is a site as seen from somewhere: the cost in the metric of the run, and
// the other metric along the same way (of equally cheap ways the one that is
// shortest in it).
type Reach struct {
	Cost, Other, Site uint32
}

// Run is one search over a network: for all nodes, the K nearest of the sites.
// It may be read from many goroutines.
type Run struct {
	*Ground
	Labels *Labels
	Places []Place // of the sites, by their number

	others []Position // the same places in the other metric
	near   shared
	beside []uint32 // the other metric beside each label; nil: there is none
}

// NewRun searches. Sites are numbered by their place in the list; of equal costs
// the lowest number wins. Errors as Nearest.
func (g *Ground) NewRun(sites []Site, k int, limit uint32) (*Run, error) {
	r := &Run{Ground: g}
	for i, s := range sites {
		own, other := AtNode(s.Node, 0), AtNode(s.Node, 0)
		if !s.AtNode {
			own, other = g.Position(s.Snap), g.other(s.Snap)
		}
		r.Places = append(r.Places, Place{Site: uint32(i), Position: own})
		r.others = append(r.others, other)
	}
	r.near = byEdge(r.Places)
	seeds, err := Seeds(g.In.Nodes(), r.Places)
	if err != nil {
		return nil, err
	}
	if r.Labels, err = Nearest(g.In, seeds, k, limit); err != nil {
		return nil, err
	}
	if g.second != nil {
		r.beside = r.along()
	}
	return r, nil
}

// AtNode gives the nearest sites of a node, nearest first.
func (r *Run) AtNode(v uint32) (out []Reach) {
	for k := range r.Labels.K {
		x := r.Labels.At(v, k)
		if x == None {
			break
		}
		y := Reach{Cost: x.Cost(), Site: x.Site()}
		if r.beside != nil {
			y.Other = r.beside[int(v)*r.Labels.K+k]
		}
		out = append(out, y)
	}
	return out
}

// At gives the nearest sites of a position: over both ends of its stretch, and
// along the stretch itself to sites that lie on it; the straight lines to and
// from the road are counted.
func (r *Run) At(s roadnet.Snap) (out []Reach) {
	own, other := r.Position(s), r.other(s)
	labels := slices.Repeat([]Label{None}, r.Labels.K)
	read(&own, r.Labels, r.near, labels)
	for _, x := range labels {
		if x == None {
			break
		}
		out = append(out, Reach{Cost: x.Cost(), Other: r.otherWay(&own, &other, x), Site: x.Site()})
	}
	return out
}

// otherWay is the other metric of a position's label: the least over the ways
// that cost what the label says.
func (r *Run) otherWay(own, other *Position, x Label) uint32 {
	least := uint32(math.MaxUint32)
	over := func(node, cost, beside uint32) {
		for _, y := range r.AtNode(node) {
			if y.Site == x.Site() && y.Cost+cost+own.Off == x.Cost() {
				least = min(least, y.Other+beside+other.Off)
			}
		}
	}
	if own.Forward != Shut {
		over(own.To, own.Forward-own.ForwardPart, other.Forward-other.ForwardPart)
	}
	if own.Backward != Shut {
		over(own.From, own.BackwardPart, other.BackwardPart)
	}
	to, there := &r.Places[x.Site()].Position, &r.others[x.Site()]
	if own.Edge == to.Edge && own.Edge != NoEdge {
		legs := own.Off + to.Off
		if own.Forward != Shut && own.Part <= to.Part && to.ForwardPart-own.ForwardPart+legs == x.Cost() {
			least = min(least, there.ForwardPart-other.ForwardPart+other.Off+there.Off)
		}
		if own.Backward != Shut && own.Part >= to.Part && own.BackwardPart-to.BackwardPart+legs == x.Cost() {
			least = min(least, other.BackwardPart-there.BackwardPart+other.Off+there.Off)
		}
	}
	return least
}

// along gives the other metric along the way of each label: from the sites
// upwards, over the arcs on which the costs add up. Cost O(labels log labels + k arcs).
func (r *Run) along() []uint32 {
	const unknown = math.MaxUint32
	b := r.Labels
	out := slices.Repeat([]uint32{unknown}, len(b.L))
	order := make([]uint64, 0, len(b.L)) // cost, then place
	for i, x := range b.L {
		if x != None {
			order = append(order, uint64(x.Cost())<<32|uint64(uint32(i)))
		}
	}
	slices.Sort(order)
	find := func(v uint32, x Label) int {
		for k := range b.K {
			if b.At(v, k) == x {
				return int(v)*b.K + k
			}
		}
		return -1
	}
	for i, p := range r.Places {
		x := r.others[i]
		start := func(node, cost, beside uint32) {
			if at := find(node, NewLabel(cost, p.Site)); at >= 0 {
				out[at] = min(out[at], beside)
			}
		}
		if p.Forward != Shut {
			start(p.From, p.Off+p.ForwardPart, x.Off+x.ForwardPart)
		}
		if p.Backward != Shut {
			start(p.To, p.Off+p.Backward-p.BackwardPart, x.Off+x.Backward-x.BackwardPart)
		}
	}
	for _, key := range order {
		at := int(uint32(key))
		v, x := uint32(at/b.K), b.L[at]
		for i := r.Out.First[v]; i < r.Out.First[v+1]; i++ {
			a := r.Out.Arcs[i]
			if a.Weight > x.Cost() {
				continue
			}
			if from := find(a.Head, x-Label(a.Weight)<<32); from >= 0 && out[from] != unknown {
				out[at] = min(out[at], out[from]+r.second[i])
			}
		}
	}
	return out
}
