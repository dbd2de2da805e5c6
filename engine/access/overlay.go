package access

import (
	"fmt"

	"kommunpilot/engine/roadnet"
)

// openSites are the sites that are open, with their seeds.
type openSites struct {
	open   map[uint32][]Seed
	at     map[uint32][]Seed // open seeds by node
	seeded []uint64          // bit v: a seed of an open site may stand at node v
}

func newOpenSites(nodes int) openSites {
	return openSites{map[uint32][]Seed{}, map[uint32][]Seed{}, make([]uint64, (nodes+63)/64)}
}

// IsOpen tells whether a site is open.
func (o *openSites) IsOpen(site uint32) bool { return len(o.open[site]) > 0 }

func (o *openSites) remember(seeds []Seed) {
	for _, d := range seeds {
		o.open[d.Site] = append(o.open[d.Site], d)
		o.at[d.Node] = append(o.at[d.Node], d)
		o.seeded[d.Node/64] |= 1 << (d.Node % 64)
	}
}

func (o *openSites) forget(seeds []Seed) {
	for _, d := range seeds {
		delete(o.open, d.Site)
		kept := o.at[d.Node][:0]
		for _, x := range o.at[d.Node] {
			if x.Site != d.Site {
				kept = append(kept, x)
			}
		}
		if o.at[d.Node] = kept; len(kept) == 0 {
			delete(o.at, d.Node)
		}
	}
}

// seedsAt are the seeds of open sites at a node.
func (o *openSites) seedsAt(v uint32) []Seed {
	if o.seeded[v/64]>>(v%64)&1 == 0 {
		return nil
	}
	return o.at[v]
}

// Overlay is what Scenario is, with the nearest site of every node alone: for
// who asks only how far people have, at less than half the cost. It belongs to one
// user: it is not safe for concurrent use.
type Overlay struct {
	net    *Net
	search *Searcher // of net.In; lends its queue
	labels *Labels
	end    Label // labels from here on are above the limit
	openSites
	stamp []uint32 // the change that touched a node last
	now   uint32
	usual int
	stack []overlaid
}

// overlaid is what undo needs.
type overlaid struct {
	nodes          []uint32
	before         []Label
	opened, closed []Seed
}

// NewOverlay labels a network with the nearest of the given sites. Limit is as
// for Nearest. Cost as Nearest with K = 1.
func NewOverlay(net *Net, seeds []Seed, limit uint32) (*Overlay, error) {
	s, err := NewSearcher(net.In)
	if err != nil {
		return nil, err
	}
	labels, err := s.Nearest(nil, seeds, 1, limit)
	if err != nil {
		return nil, err
	}
	if limit == 0 {
		limit = roadnet.MaxWeight
	}
	n := net.In.Nodes()
	out := &Overlay{net: net, search: s, labels: labels, end: NewLabel(limit+1, 0), openSites: newOpenSites(n), stamp: make([]uint32, n)}
	out.remember(seeds)
	return out, nil
}

// Labels are the labels as they stand, which the next change alters.
func (s *Overlay) Labels() *Labels { return s.labels }

// Open opens a site, given by all its seeds, and tells the nodes whose nearest
// site it became. The list holds until the next change. Cost O(those nodes).
func (s *Overlay) Open(seeds []Seed) ([]uint32, error) {
	if err := mayOpen(seeds, s.net.In.Nodes()); err != nil {
		return nil, err
	}
	if s.IsOpen(seeds[0].Site) {
		return nil, fmt.Errorf("%w: %d", ErrOpen, seeds[0].Site)
	}
	c := s.begin()
	c.opened = append([]Seed(nil), seeds...)
	s.remember(c.opened)
	q, lab := s.search, s.labels.L
	q.rest()
	for _, d := range seeds {
		if l := NewLabel(d.Cost, d.Site); l < s.end && l < lab[d.Node] {
			s.touch(c, d.Node)
			lab[d.Node] = l
			q.push(d.Node, d.Cost)
		}
	}
	q.drain(func(u, bucket uint32) {
		x := lab[u]
		if x.Cost()>>q.shift != bucket {
			return
		}
		for _, a := range s.net.In.Out(u) {
			if nl := x + Label(a.Weight)<<32; nl < lab[a.Head] && nl < s.end {
				s.touch(c, a.Head)
				lab[a.Head] = nl
				q.push(a.Head, nl.Cost())
			}
		}
	})
	return c.nodes, nil
}

// Close closes a site, and tells the nodes that had it nearest. The list holds
// until the next change. Cost O(those nodes).
func (s *Overlay) Close(site uint32) ([]uint32, error) {
	if !s.IsOpen(site) {
		return nil, fmt.Errorf("%w: %d", ErrClosed, site)
	}
	c := s.begin()
	c.closed = append([]Seed(nil), s.open[site]...)
	s.forget(c.closed)
	lab := s.labels.L
	take := func(v uint32) {
		if x := lab[v]; x != None && x.Site() == site {
			s.touch(c, v)
			lab[v] = None
		}
	}
	for _, d := range c.closed {
		take(d.Node)
	}
	for i := 0; i < len(c.nodes); i++ { // a shortest path to the site stays in its cell
		for _, a := range s.net.In.Out(c.nodes[i]) {
			take(a.Head)
		}
	}
	// What the cell's nodes have outside it is spread inside it.
	q := s.search
	q.rest()
	for _, v := range c.nodes {
		least := None
		for _, d := range s.seedsAt(v) {
			least = min(least, NewLabel(d.Cost, d.Site))
		}
		for _, a := range s.net.Out.Out(v) {
			if x := lab[a.Head]; x != None && s.stamp[a.Head] != s.now {
				least = min(least, x+Label(a.Weight)<<32)
			}
		}
		if least < s.end && least < lab[v] {
			lab[v] = least
			q.push(v, least.Cost())
		}
	}
	q.drain(func(u, bucket uint32) {
		x := lab[u]
		if x.Cost()>>q.shift != bucket {
			return
		}
		for _, a := range s.net.In.Out(u) {
			if nl := x + Label(a.Weight)<<32; nl < lab[a.Head] && nl < s.end {
				lab[a.Head] = nl
				q.push(a.Head, nl.Cost())
			}
		}
	})
	return c.nodes, nil
}

// Undo takes back the latest change that is not taken back.
func (s *Overlay) Undo() error {
	if len(s.stack) == 0 {
		return ErrNothing
	}
	c := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	s.usual = max(s.usual, min(len(c.nodes), 1<<16))
	for i, v := range c.nodes {
		s.labels.L[v] = c.before[i]
	}
	s.forget(c.opened)
	s.remember(c.closed)
	return nil
}

// begin starts a change, with room for as many nodes as the largest so far.
func (s *Overlay) begin() *overlaid {
	if n := len(s.stack); n > 0 {
		s.usual = max(s.usual, min(len(s.stack[n-1].nodes), 1<<16))
	}
	s.now++
	s.stack = append(s.stack, overlaid{nodes: make([]uint32, 0, s.usual+1024), before: make([]Label, 0, s.usual+1024)})
	return &s.stack[len(s.stack)-1]
}

// touch keeps the label that a node had before the change.
func (s *Overlay) touch(c *overlaid, v uint32) {
	if s.stamp[v] != s.now {
		s.stamp[v] = s.now
		c.nodes, c.before = append(c.nodes, v), append(c.before, s.labels.L[v])
	}
}
