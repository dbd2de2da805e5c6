package access

import (
	"fmt"
	"math/bits"

	"kommunpilot/engine/roadnet"
)

// Hierarchy is a contracted graph that labels all nodes by one linear sweep.
// Building it takes seconds where a search takes milliseconds, so it pays when
// many sets of sites are asked of roads that stay as they are: types, years,
// draws. It is not changed after it is built and may be used from many
// goroutines, each with its own Sweep.
type Hierarchy struct {
	place []uint32      // node → its place in the sweep
	up    roadnet.Graph // by place: arcs to places above (lower numbers)
	down  roadnet.Graph // by place: arcs from places above, Head is the tail
}

// Lanes is how many sets of sites one sweep of costs takes.
const Lanes = 16

// NewHierarchy contracts a reversed graph. Deterministic. Cost: measured
// seconds for a graph of a state, see docs/access.md; memory about three times
// the graph's.
func NewHierarchy(reversed *roadnet.Graph) (*Hierarchy, error) {
	for _, a := range reversed.Arcs {
		if a.Weight > roadnet.MaxWeight {
			return nil, fmt.Errorf("%w: an arc weighs %d", ErrCost, a.Weight)
		}
	}
	c := contract(reversed)
	place := c.places(reversed)
	node := make([]uint32, len(place))
	for v, p := range place {
		node[p] = uint32(v)
	}
	rows := func(lists [][]roadnet.Arc) roadnet.Graph {
		g := roadnet.Graph{First: make([]uint32, 1, len(place)+1)}
		for _, v := range node {
			for _, a := range lists[v] {
				g.Arcs = append(g.Arcs, roadnet.Arc{Head: place[a.Head], Weight: a.Weight})
			}
			g.First = append(g.First, uint32(len(g.Arcs)))
		}
		return g
	}
	return &Hierarchy{place: place, up: rows(c.out), down: rows(c.in)}, nil
}

// Nodes is the number of nodes.
func (h *Hierarchy) Nodes() int { return len(h.place) }

// Arcs is the number of arcs of both halves, those put in included.
func (h *Hierarchy) Arcs() int { return len(h.up.Arcs) + len(h.down.Arcs) }

// Place is where a node stands in the order of a sweep's labels.
func (h *Hierarchy) Place(v uint32) uint32 { return h.place[v] }

// far is the label of a place not reached while a sweep runs: above every
// cost, and a weight more still fits.
const far = Label(1<<31) << 32

// Sweep holds the buffers of sweeps. One per goroutine.
type Sweep struct {
	h     *Hierarchy
	lab   []Label
	costs [][Lanes]uint32
	wait  []uint64 // bit p: place p is to be climbed from
}

// NewSweep prepares sweeps.
func (h *Hierarchy) NewSweep() *Sweep { return &Sweep{h: h, wait: make([]uint64, (h.Nodes()+63)/64)} }

// Nearest gives the labels that Searcher.Nearest gives, for k of 1 or 2 and
// without a limit. Cost O(nodes + arcs), in sequence.
func (s *Sweep) Nearest(into *Labels, seeds []Seed, k int) (*Labels, error) {
	lab, err := s.InOrder(seeds, k)
	if err != nil {
		return nil, err
	}
	if into == nil {
		into = &Labels{}
	}
	into.K = k
	if cap(into.L) < len(lab) {
		into.L = make([]Label, len(lab))
	}
	into.L = into.L[:len(lab)]
	for v, p := range s.h.place {
		for r := range k {
			l := lab[int(p)*k+r]
			if l >= far {
				l = None
			}
			into.L[v*k+r] = l
		}
	}
	return into, nil
}

// InOrder gives the labels in the order of places, k for each, which spares
// the way back to node numbers: for those who read a few nodes by Place. A
// label with a cost above roadnet.MaxWeight is none. The slice is the sweep's
// own and holds until the next one.
func (s *Sweep) InOrder(seeds []Seed, k int) ([]Label, error) {
	n := s.h.Nodes()
	if k < 1 || k > 2 {
		return nil, fmt.Errorf("%w: %d, 1 and 2 are possible", ErrRanks, k)
	}
	if err := checkSeeds(seeds, n); err != nil {
		return nil, err
	}
	if cap(s.lab) < n*k {
		s.lab = make([]Label, n*k)
	}
	s.lab = s.lab[:n*k]
	for i := range s.lab {
		s.lab[i] = far
	}
	if k == 1 {
		s.climb(seeds, 1, func(p uint32, x Label) bool {
			if x >= s.lab[p] {
				return false
			}
			s.lab[p] = x
			return true
		})
		sweep1(&s.h.down, s.lab)
		return s.lab, nil
	}
	s.climb(seeds, 2, func(p uint32, x Label) bool {
		return x < far && insertFar((*[2]Label)(s.lab[2*int(p):]), x)
	})
	sweep2(&s.h.down, s.lab)
	return s.lab, nil
}

// insertFar is insert2 among labels of which far ones stand for no site.
func insertFar(p *[2]Label, x Label) bool {
	if p[0] < far && uint32(x) == uint32(p[0]) {
		if x >= p[0] {
			return false
		}
		p[0] = x
		return true
	}
	switch {
	case x < p[0]:
		p[1], p[0] = p[0], x
	case x < p[1]:
		p[1] = x
	default:
		return false
	}
	return true
}

// climb spreads seeds along the arcs upwards. Since those lead to lower places
// only, places are taken from the last to the first.
func (s *Sweep) climb(seeds []Seed, k int, offer func(p uint32, x Label) bool) {
	for _, d := range seeds {
		if p := s.h.place[d.Node]; offer(p, NewLabel(d.Cost, d.Site)) {
			s.wait[p/64] |= 1 << (p % 64)
		}
	}
	s.eachWaiting(func(p uint32) {
		for _, x := range s.lab[int(p)*k : int(p)*k+k] {
			if x >= far {
				continue
			}
			for _, a := range s.h.up.Out(p) {
				if offer(a.Head, x+Label(a.Weight)<<32) {
					s.wait[a.Head/64] |= 1 << (a.Head % 64)
				}
			}
		}
	})
}

// eachWaiting hands out the waiting places, the last first; the visitor may
// let earlier ones wait.
func (s *Sweep) eachWaiting(visit func(p uint32)) {
	for w := len(s.wait) - 1; w >= 0; w-- {
		for s.wait[w] != 0 {
			bit := 63 - bits.LeadingZeros64(s.wait[w])
			s.wait[w] &^= 1 << bit
			visit(uint32(64*w + bit))
		}
	}
}

// sweep1 pulls labels down, from the top place to the last.
func sweep1(down *roadnet.Graph, lab []Label) {
	first, arcs := down.First, down.Arcs
	from := first[0]
	for p := range lab {
		to := first[p+1]
		best := lab[p]
		for _, a := range arcs[from:to] {
			best = min(best, lab[a.Head]+Label(a.Weight)<<32)
		}
		lab[p] = best
		from = to
	}
}

// sweep2 is sweep1 with two labels of different sites.
func sweep2(down *roadnet.Graph, lab []Label) {
	for p := range uint32(down.Nodes()) {
		own := (*[2]Label)(lab[2*int(p):])
		best := *own
		for _, a := range down.Out(p) {
			above := (*[2]Label)(lab[2*int(a.Head):])
			w := Label(a.Weight) << 32
			if x := above[0] + w; x < best[1] {
				insertFar(&best, x)
				if y := above[1] + w; y < best[1] {
					insertFar(&best, y)
				}
			}
		}
		*own = best
	}
}

// Costs gives the costs to the nearest site for up to Lanes sets of seeds in
// one sweep, in the order of places: of place p and set i at [p][i]. Costs
// above roadnet.MaxWeight are none. The slice is the sweep's own and holds
// until the next one.
func (s *Sweep) Costs(sets [][]Seed) ([][Lanes]uint32, error) {
	if len(sets) > Lanes {
		return nil, fmt.Errorf("%w: %d sets of sites, %d fit in a sweep", ErrShape, len(sets), Lanes)
	}
	n := s.h.Nodes()
	for _, seeds := range sets {
		if err := checkSeeds(seeds, n); err != nil {
			return nil, err
		}
	}
	if s.costs == nil {
		s.costs = make([][Lanes]uint32, n)
	}
	const none = 1 << 31
	for p := range s.costs {
		for i := range Lanes {
			s.costs[p][i] = none
		}
	}
	for i, seeds := range sets {
		offer := func(p, cost uint32) {
			if cost < s.costs[p][i] {
				s.costs[p][i] = cost
				s.wait[p/64] |= 1 << (p % 64)
			}
		}
		for _, d := range seeds {
			offer(s.h.place[d.Node], d.Cost)
		}
		s.eachWaiting(func(p uint32) {
			for _, a := range s.h.up.Out(p) {
				offer(a.Head, s.costs[p][i]+a.Weight)
			}
		})
	}
	lanes(&s.h.down, s.costs)
	return s.costs, nil
}

// lanes is sweep1 for costs side by side, which share the reading of arcs.
// Half the lanes at a time stay in registers; the arcs of the second half come
// from the cache.
func lanes(down *roadnet.Graph, costs [][Lanes]uint32) {
	first, arcs := down.First, down.Arcs
	from := first[0]
	for p := range costs {
		to := first[p+1]
		own := &costs[p]
		b0, b1, b2, b3, b4, b5, b6, b7 := own[0], own[1], own[2], own[3], own[4], own[5], own[6], own[7]
		for _, a := range arcs[from:to] {
			x, w := &costs[a.Head], a.Weight
			b0, b1, b2, b3 = min(b0, x[0]+w), min(b1, x[1]+w), min(b2, x[2]+w), min(b3, x[3]+w)
			b4, b5, b6, b7 = min(b4, x[4]+w), min(b5, x[5]+w), min(b6, x[6]+w), min(b7, x[7]+w)
		}
		own[0], own[1], own[2], own[3], own[4], own[5], own[6], own[7] = b0, b1, b2, b3, b4, b5, b6, b7
		b0, b1, b2, b3, b4, b5, b6, b7 = own[8], own[9], own[10], own[11], own[12], own[13], own[14], own[15]
		for _, a := range arcs[from:to] {
			x, w := &costs[a.Head], a.Weight
			b0, b1, b2, b3 = min(b0, x[8]+w), min(b1, x[9]+w), min(b2, x[10]+w), min(b3, x[11]+w)
			b4, b5, b6, b7 = min(b4, x[12]+w), min(b5, x[13]+w), min(b6, x[14]+w), min(b7, x[15]+w)
		}
		own[8], own[9], own[10], own[11], own[12], own[13], own[14], own[15] = b0, b1, b2, b3, b4, b5, b6, b7
		from = to
	}
}
