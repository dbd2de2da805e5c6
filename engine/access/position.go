package access

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"kommunpilot/engine/roadnet"
)

// Whole is the Part of a position at the far end of its edge.
const Whole = 1 << 24

// Shut is the weight of a direction in which an edge may not be travelled.
const Shut = ^uint32(0)

// NoEdge is the edge of a position that stands at a node.
const NoEdge = ^uint32(0)

// ErrPosition means: a position has a part beyond the whole, a cost that is too
// high, or an edge that is shut both ways.
var ErrPosition = errors.New("access: a position does not lie on an open edge")

// Position is where a cell or a site meets the roads: a point on an edge, and
// the leg off the network to it. The parts of an arc that the point divides it
// into always add up to the arc's weight.
type Position struct {
	Edge              uint32 // two positions with the same Edge may reach one another directly
	From, To          uint32 // the edge's ends
	Forward, Backward uint32 // weights From→To and To→From, or Shut
	Part              uint32 // how far from From, of Whole
	ForwardPart       uint32 // cost From → point, of Forward
	BackwardPart      uint32 // cost point → From, of Backward
	Off               uint32 // cost of the leg off the network
}

// OnEdge makes a position at part/Whole of an edge from its first end. The
// costs of the parts are rounded down on the first end's side.
func OnEdge(edge, from, to, forward, backward, part, off uint32) Position {
	p := Position{Edge: edge, From: from, To: to, Forward: forward, Backward: backward, Part: part, Off: off}
	of := func(w uint32) uint32 {
		if w == Shut {
			return 0
		}
		hi, lo := bits.Mul64(uint64(w), uint64(part))
		q, _ := bits.Div64(hi, lo, Whole)
		return uint32(q)
	}
	p.ForwardPart, p.BackwardPart = of(forward), of(backward)
	return p
}

// AtNode makes a position at a node.
func AtNode(v, off uint32) Position {
	return Position{Edge: NoEdge, From: v, To: v, Backward: Shut, Off: off}
}

// Turned is the same place in the graph turned round, for costs from services
// to people.
func (p Position) Turned() Position {
	p.From, p.To = p.To, p.From
	p.Part = Whole - p.Part
	if p.Forward != Shut {
		p.ForwardPart = p.Forward - p.ForwardPart
	}
	if p.Backward != Shut {
		p.BackwardPart = p.Backward - p.BackwardPart
	}
	return p
}

// check tells whether a position can be used in a graph of n nodes.
func (p Position) check(n int) error {
	switch {
	case int(p.From) >= n || int(p.To) >= n:
		return fmt.Errorf("%w: edge %d has the ends %d and %d", ErrNode, p.Edge, p.From, p.To)
	case p.Forward == Shut && p.Backward == Shut, p.Part > Whole,
		p.Forward != Shut && (p.Forward > roadnet.MaxWeight || p.ForwardPart > p.Forward),
		p.Backward != Shut && (p.Backward > roadnet.MaxWeight || p.BackwardPart > p.Backward),
		p.Off > roadnet.MaxWeight:
		return fmt.Errorf("%w: edge %d", ErrPosition, p.Edge)
	}
	return nil
}

// Place is a site's position. A site of several points has several.
type Place struct {
	Site uint32
	Position
}

// Seeds are where the search for sites starts: for every place a seed at each
// end of its edge that leads to it. Costs above roadnet.MaxWeight are an
// error.
func Seeds(n int, places []Place) ([]Seed, error) {
	var out []Seed
	for _, p := range places {
		if err := p.check(n); err != nil {
			return nil, err
		}
		if p.Forward != Shut {
			out = append(out, Seed{Node: p.From, Cost: p.Off + p.ForwardPart, Site: p.Site})
		}
		if p.Backward != Shut {
			out = append(out, Seed{Node: p.To, Cost: p.Off + p.Backward - p.BackwardPart, Site: p.Site})
		}
	}
	return out, checkSeeds(out, n)
}

// direct is the cost from one position to another along the edge they share,
// legs off the network left out.
func direct(from, to *Position) (uint32, bool) {
	cost, ok := Shut, false
	if from.Edge == NoEdge || from.Edge != to.Edge {
		return 0, false
	}
	if from.Forward != Shut && from.Part <= to.Part {
		cost, ok = to.ForwardPart-from.ForwardPart, true
	}
	if from.Backward != Shut && from.Part >= to.Part {
		cost, ok = min(cost, from.BackwardPart-to.BackwardPart), true
	}
	return cost, ok
}

// Reason says why a cell has no cost, or that it has one.
type Reason = roadnet.Reason

// The reasons, as roadnet names them.
const (
	OK      = roadnet.OK
	TooFar  = roadnet.TooFar
	Island  = roadnet.Island
	Loose   = roadnet.Loose
	Outside = roadnet.Outside
	Removed = roadnet.Removed
	NoSite  = roadnet.NoSite
	reasons = roadnet.Reasons
)

// Cell is a square or a point with people: where it meets the roads, or why
// it does not. Position is read only when Reason is OK.
type Cell struct {
	Position
	Reason Reason
}

// shared are places by their edge.
type shared map[uint32][]*Place

func byEdge(places []Place) shared {
	out := shared{}
	for i := range places {
		if p := &places[i]; p.Edge != NoEdge {
			out[p.Edge] = append(out[p.Edge], p)
		}
	}
	return out
}

// Read gives cells their nearest sites from the labels of the nodes, K as
// they have. A cell goes to either end of its edge that it may, or straight to
// a site on the same edge; its own leg off the network is added. Costs above
// roadnet.MaxWeight count as out of reach. The places are those whose seeds
// the labels were made from. Cost O(K·(cells + pairs of a cell and a place on
// one edge)).
func Read(nodes *Labels, cells []Cell, places []Place) (*Labels, error) {
	k := nodes.K
	n := len(nodes.L) / k
	out := &Labels{K: k, L: make([]Label, k*len(cells))}
	near := byEdge(places)
	for i := range cells {
		c, own := &cells[i], out.L[k*i:k*i+k]
		for r := range own {
			own[r] = None
		}
		if c.Reason != OK {
			continue
		}
		if err := c.check(n); err != nil {
			return nil, err
		}
		read(&c.Position, nodes, near, own)
	}
	return out, nil
}

// read puts the labels of one position in own, which holds None.
func read(c *Position, nodes *Labels, near shared, own []Label) {
	k := nodes.K
	offer := func(cost uint64, site uint32) {
		if cost += uint64(c.Off); cost <= roadnet.MaxWeight {
			insert(own, NewLabel(uint32(cost), site))
		}
	}
	via := func(v, leg uint32) {
		for _, l := range nodes.L[int(v)*k : int(v)*k+k] {
			if l != None {
				offer(uint64(l.Cost())+uint64(leg), l.Site())
			}
		}
	}
	if c.Forward != Shut {
		via(c.To, c.Forward-c.ForwardPart)
	}
	if c.Backward != Shut {
		via(c.From, c.BackwardPart)
	}
	if c.Edge == NoEdge {
		return
	}
	for _, p := range near[c.Edge] {
		if d, ok := direct(c, &p.Position); ok {
			offer(uint64(d)+uint64(p.Off), p.Site)
		}
	}
}

// Isolated is how far a site has to the nearest other site.
type Isolated struct {
	Site uint32
	// Cost is to the nearest other site, in travel direction, both legs off
	// the network included; OwnLeg is the site's own. No other site within
	// reach: Other is None.
	Cost, OwnLeg uint32
	Other        Label
}

// Isolation tells of every site how far it has to another, read from the
// labels at its own places, of which it takes the nearest. It needs K = 2 or
// more. The answer is in order of site numbers. For the way from the other
// sites to it, give labels of the graph turned round and turned places.
func Isolation(nodes *Labels, places []Place) ([]Isolated, error) {
	if nodes.K < 2 {
		return nil, ErrNeedsTwo
	}
	near := byEdge(places)
	best := map[uint32]Isolated{}
	own := make([]Label, nodes.K)
	for i := range places {
		p := &places[i]
		if err := p.check(len(nodes.L) / nodes.K); err != nil {
			return nil, err
		}
		for r := range own {
			own[r] = None
		}
		read(&p.Position, nodes, near, own)
		other := None
		for _, l := range own {
			if l != None && l.Site() != p.Site {
				other = l
				break
			}
		}
		b, seen := best[p.Site]
		if !seen || other < b.Other {
			b = Isolated{Site: p.Site, OwnLeg: p.Off, Other: other}
			if other != None {
				b.Cost = other.Cost()
			}
			best[p.Site] = b
		}
	}
	out := make([]Isolated, 0, len(best))
	for _, b := range best {
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b Isolated) int { return int(a.Site) - int(b.Site) })
	return out, nil
}
