package access

import (
	"cmp"
	"math"
	"slices"

	"kommunpilot/engine/roadnet"
)

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
	Labels *Labels

	n         *roadnet.Network
	metric    roadnet.Metric
	sites     []Site
	other     []uint32         // beside each label; nil where the network has no lengths
	onStretch map[uint32][]int // sites by the stretch that they lie on
}

// NewRun searches. Sites are numbered by their place in the list; of equal costs
// the lowest number wins. Errors as Nearest.
func NewRun(n *roadnet.Network, metric roadnet.Metric, sites []Site, k int, limit uint32) (*Run, error) {
	forward, length := n.Graph(metric)
	reversed, _ := forward.Reversed()
	r := &Run{n: n, metric: metric, sites: sites, onStretch: map[uint32][]int{}}
	var seeds []Seed
	var beside []uint32
	add := func(node, cost, other uint32, site int) {
		seeds = append(seeds, Seed{Node: node, Cost: cost, Site: uint32(site)}) //nolint:gosec // few
		beside = append(beside, other)
	}
	for i, s := range sites {
		if s.AtNode {
			add(s.Node, 0, 0, i)
			continue
		}
		r.onStretch[s.Snap.Stretch] = append(r.onStretch[s.Snap.Stretch], i)
		x, off := n.Stretches[s.Snap.Stretch], r.offRoad(s.Snap)
		w := r.weights(x, s.Snap.Part)
		if w.forward > 0 {
			add(x.From, w.done+off.Cost, w.doneOther+off.Other, i)
		}
		if w.backward > 0 {
			add(x.To, w.backward-w.back+off.Cost, w.backwardOther-w.backOther+off.Other, i)
		}
	}
	b, err := Nearest(reversed, seeds, k, limit)
	if err != nil {
		return nil, err
	}
	r.Labels = b
	if length != nil {
		r.other = along(forward, length, b, seeds, beside)
	}
	return r, nil
}

// costs are what a stretch costs in both directions in the metric and in the
// other one, 0 where it may not be used, and how much of each lies before a part
// of it, counted from its From end. The parts before and after add up.
type stretchCosts struct {
	forward, backward           uint32
	done, back                  uint32
	forwardOther, backwardOther uint32
	doneOther, backOther        uint32
}

func (r *Run) weights(s roadnet.Stretch, part float64) (w stretchCosts) {
	fTime, bTime, fLength, bLength := s.Forward, s.Backward, s.Metres, s.Metres
	if fTime == 0 {
		fLength = 0
	}
	if bTime == 0 {
		bLength = 0
	}
	if r.metric == roadnet.ByLength {
		w.forward, w.backward, w.forwardOther, w.backwardOther = fLength, bLength, fTime, bTime
	} else {
		w.forward, w.backward, w.forwardOther, w.backwardOther = fTime, bTime, fLength, bLength
	}
	before := func(of uint32) uint32 { return uint32(math.Round(part * float64(of))) }
	w.done, w.back = before(w.forward), before(w.backward)
	w.doneOther, w.backOther = before(w.forwardOther), before(w.backwardOther)
	return w
}

// offRoad is the cost of the straight line between a point and the road.
func (r *Run) offRoad(s roadnet.Snap) Reach {
	length := uint32(math.Round(s.OffRoad))
	kmh := r.n.Meta.OffRoad
	if kmh <= 0 {
		kmh = 5
	}
	time := uint32(math.Round(s.OffRoad / (kmh / 3.6) * 10))
	if r.metric == roadnet.ByLength {
		return Reach{Cost: length, Other: time}
	}
	return Reach{Cost: time, Other: length}
}

// AtNode gives the nearest sites of a node, nearest first.
func (r *Run) AtNode(v uint32) (out []Reach) {
	for k := range r.Labels.K {
		x := r.Labels.At(v, k)
		if x == None {
			break
		}
		out = append(out, Reach{Cost: x.Cost(), Other: r.beside(v, k), Site: x.Site()})
	}
	return out
}

func (r *Run) beside(v uint32, k int) uint32 {
	if r.other == nil {
		return 0
	}
	return r.other[int(v)*r.Labels.K+k]
}

// At gives the nearest sites of a position: over both ends of its stretch, and
// along the stretch itself to sites that lie on it; the straight lines to and
// from the road are counted.
func (r *Run) At(s roadnet.Snap) []Reach {
	x := r.n.Stretches[s.Stretch]
	w, off := r.weights(x, s.Part), r.offRoad(s)
	var all []Reach
	over := func(node, cost, other uint32) {
		for _, y := range r.AtNode(node) {
			all = append(all, Reach{Cost: y.Cost + cost + off.Cost, Other: y.Other + other + off.Other, Site: y.Site})
		}
	}
	if w.forward > 0 {
		over(x.To, w.forward-w.done, w.forwardOther-w.doneOther)
	}
	if w.backward > 0 {
		over(x.From, w.back, w.backOther)
	}
	for _, i := range r.onStretch[s.Stretch] {
		to, there := r.weights(x, r.sites[i].Snap.Part), r.offRoad(r.sites[i].Snap)
		direct := func(cost, other uint32) {
			all = append(all, Reach{Cost: cost + off.Cost + there.Cost, Other: other + off.Other + there.Other, Site: uint32(i)}) //nolint:gosec // few
		}
		if w.forward > 0 && to.done >= w.done && r.sites[i].Snap.Part >= s.Part {
			direct(to.done-w.done, to.doneOther-w.doneOther)
		}
		if w.backward > 0 && to.back <= w.back && r.sites[i].Snap.Part <= s.Part {
			direct(w.back-to.back, w.backOther-to.backOther)
		}
	}
	slices.SortFunc(all, func(a, b Reach) int {
		return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Site, b.Site), cmp.Compare(a.Other, b.Other))
	})
	var out []Reach
	for _, y := range all {
		if len(out) < r.Labels.K && !slices.ContainsFunc(out, func(z Reach) bool { return z.Site == y.Site }) {
			out = append(out, y)
		}
	}
	return out
}

// along gives the second weight along the way of each label: from the seed
// upwards, over the arcs on which the costs add up. Cost O(labels log labels + k arcs).
func along(forward *roadnet.Graph, second []uint32, b *Labels, seeds []Seed, beside []uint32) []uint32 {
	const unknown = math.MaxUint32
	out := slices.Repeat([]uint32{unknown}, len(b.L))
	order := make([]uint64, 0, len(b.L)) // cost, then place
	for i, x := range b.L {
		if x != None {
			order = append(order, uint64(x.Cost())<<32|uint64(uint32(i))) //nolint:gosec // fewer than 2^32 labels
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
	for i, s := range seeds {
		if at := find(s.Node, NewLabel(s.Cost, s.Site)); at >= 0 {
			out[at] = min(out[at], beside[i])
		}
	}
	for _, key := range order {
		at := int(uint32(key)) //nolint:gosec // the place is the lower half
		v, x := uint32(at/b.K), b.L[at]
		for i := forward.First[v]; i < forward.First[v+1]; i++ {
			a := forward.Arcs[i]
			if a.Weight > x.Cost() {
				continue
			}
			if from := find(a.Head, x-Label(a.Weight)<<32); from >= 0 && out[from] != unknown {
				out[at] = min(out[at], out[from]+second[i])
			}
		}
	}
	return out
}
