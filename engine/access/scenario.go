package access

import (
	"errors"
	"fmt"

	"kommunpilot/engine/roadnet"
)

// ErrOpen means: a site that is opened is open already.
var ErrOpen = errors.New("access: the site is open already")

// ErrClosed means: a site that is closed or moved is not open.
var ErrClosed = errors.New("access: the site is not open")

// ErrNothing means: there is no change left to undo.
var ErrNothing = errors.New("access: there is no change to undo")

// ErrSeeds means: a site is opened without a place or with another site's, or has a
// number that no site can have.
var ErrSeeds = errors.New("access: a site has one seed or several, all of its own number")

// Delta is what one change did: the nodes whose labels are other than before,
// each once, with both their labels before and after.
type Delta struct {
	Nodes         []uint32
	Before, After [][2]Label
}

// Scenario is a network with two labels per node that follow sites as they
// open, close and move. Every change is computed where it matters only, can
// be undone, and leaves the labels that a full search would give. A Scenario
// belongs to one user: it is not safe for concurrent use.
type Scenario struct {
	net    *Net
	search *Searcher // of net.In; lends its queue
	labels *Labels
	end    Label // labels from here on are above the limit
	openSites
	stamp []uint32 // the change that touched a node last
	now   uint32   // number of the change
	usual int      // how many nodes the largest change so far touched
	stack []change
}

// change is what undo needs.
type change struct {
	nodes  []uint32
	before [][2]Label
	opened []Seed
	closed []Seed
}

// NewScenario labels a network with the two nearest of the given sites. Limit
// is as for Nearest. Cost as Nearest with K = 2.
func NewScenario(net *Net, seeds []Seed, limit uint32) (*Scenario, error) {
	s, err := NewSearcher(net.In)
	if err != nil {
		return nil, err
	}
	labels, err := s.Nearest(nil, seeds, 2, limit)
	if err != nil {
		return nil, err
	}
	if limit == 0 {
		limit = roadnet.MaxWeight
	}
	n := net.In.Nodes()
	out := &Scenario{
		net: net, search: s, labels: labels, end: NewLabel(limit+1, 0),
		openSites: newOpenSites(n), stamp: make([]uint32, n),
	}
	out.remember(seeds)
	return out, nil
}

// Labels are the labels as they stand, which the next change alters.
func (s *Scenario) Labels() *Labels { return s.labels }

// Open opens a site, given by all its seeds. Cost O(nodes that have it among
// their two nearest).
func (s *Scenario) Open(seeds []Seed) (Delta, error) {
	if err := mayOpen(seeds, s.net.In.Nodes()); err != nil {
		return Delta{}, err
	}
	if s.IsOpen(seeds[0].Site) {
		return Delta{}, fmt.Errorf("%w: %d", ErrOpen, seeds[0].Site)
	}
	s.begin()
	s.doOpen(seeds)
	return s.finish(), nil
}

// Close closes a site. Cost O(nodes that have it among their two nearest).
func (s *Scenario) Close(site uint32) (Delta, error) {
	if !s.IsOpen(site) {
		return Delta{}, fmt.Errorf("%w: %d", ErrClosed, site)
	}
	s.begin()
	s.doClose(site)
	return s.finish(), nil
}

// Move closes a site and opens it at other seeds, as one change.
func (s *Scenario) Move(seeds []Seed) (Delta, error) {
	if err := mayOpen(seeds, s.net.In.Nodes()); err != nil {
		return Delta{}, err
	}
	if !s.IsOpen(seeds[0].Site) {
		return Delta{}, fmt.Errorf("%w: %d", ErrClosed, seeds[0].Site)
	}
	s.begin()
	s.doClose(seeds[0].Site)
	s.doOpen(seeds)
	return s.finish(), nil
}

// Undo takes back the latest change that is not taken back. Its delta tells
// what became of the labels by that. Cost O(nodes that the change touched).
func (s *Scenario) Undo() (Delta, error) {
	if len(s.stack) == 0 {
		return Delta{}, ErrNothing
	}
	c := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	d := Delta{Nodes: c.nodes, Before: make([][2]Label, len(c.nodes)), After: c.before}
	for i, v := range c.nodes {
		d.Before[i] = *s.pair(v)
		*s.pair(v) = c.before[i]
	}
	s.forget(c.opened)
	s.remember(c.closed)
	return d, nil
}

func mayOpen(seeds []Seed, nodes int) error {
	if len(seeds) == 0 {
		return ErrSeeds
	}
	for _, d := range seeds {
		if d.Site != seeds[0].Site {
			return fmt.Errorf("%w: sites %d and %d", ErrSeeds, seeds[0].Site, d.Site)
		}
	}
	return checkSeeds(seeds, nodes)
}

func (s *Scenario) pair(v uint32) *[2]Label { return (*[2]Label)(s.labels.L[2*int(v):]) }

func (s *Scenario) begin() {
	s.now++
	s.stack = append(s.stack, change{nodes: make([]uint32, 0, s.usual+1024), before: make([][2]Label, 0, s.usual+1024)})
}

// touch keeps the labels that a node had before the change.
func (s *Scenario) touch(v uint32) *[2]Label {
	p := s.pair(v)
	if s.stamp[v] != s.now {
		s.stamp[v] = s.now
		c := &s.stack[len(s.stack)-1]
		c.nodes = append(c.nodes, v)
		c.before = append(c.before, *p)
	}
	return p
}

// finish leaves out the nodes that came out as they were.
func (s *Scenario) finish() Delta {
	c := &s.stack[len(s.stack)-1]
	s.usual = max(s.usual, min(len(c.nodes), 1<<16))
	d := Delta{Nodes: c.nodes[:0], Before: c.before[:0], After: make([][2]Label, 0, len(c.nodes))}
	for i, v := range c.nodes {
		if now := *s.pair(v); now != c.before[i] {
			d.Nodes, d.Before, d.After = append(d.Nodes, v), append(d.Before, c.before[i]), append(d.After, now)
		}
	}
	c.nodes, c.before = d.Nodes, d.Before
	return d
}

// doOpen spreads the site's labels for as long as they are among a node's two.
func (s *Scenario) doOpen(seeds []Seed) {
	c := &s.stack[len(s.stack)-1]
	c.opened = append([]Seed(nil), seeds...)
	s.remember(c.opened)
	q := s.search
	q.rest()
	for _, d := range seeds {
		if l := NewLabel(d.Cost, d.Site); l < s.end && wouldInsert2(s.pair(d.Node), l) {
			insert2(s.touch(d.Node), l)
			q.push(d.Node, d.Cost)
		}
	}
	site := seeds[0].Site
	q.drain(func(u, bucket uint32) {
		p := s.pair(u)
		x := p[0]
		if x.Site() != site {
			x = p[1]
		}
		if x == None || x.Site() != site || x.Cost()>>q.shift != bucket {
			return
		}
		for _, a := range s.net.In.Out(u) {
			if nl := x + Label(a.Weight)<<32; nl < s.end && wouldInsert2(s.pair(a.Head), nl) {
				insert2(s.touch(a.Head), nl)
				q.push(a.Head, nl.Cost())
			}
		}
	})
}

// doClose takes a site out of the labels of its cell: the nodes that have it
// among their two. The other label of such a node is its nearest now; its new
// second is found from the nodes that its arcs lead to and from seeds at it,
// and spread inside the cell.
func (s *Scenario) doClose(site uint32) {
	c := &s.stack[len(s.stack)-1]
	c.closed = append([]Seed(nil), s.open[site]...)
	s.forget(c.closed)
	// A close is the first step of its change, so the nodes touched are the cell.
	take := func(v uint32) {
		p := s.pair(v)
		if (p[0] == None || p[0].Site() != site) && (p[1] == None || p[1].Site() != site) {
			return
		}
		if s.touch(v); p[0].Site() == site {
			p[0] = p[1]
		}
		p[1] = None
	}
	for _, d := range c.closed {
		take(d.Node)
	}
	for i := 0; i < len(c.nodes); i++ { // a path to the site stays in its cell
		for _, a := range s.net.In.Out(c.nodes[i]) {
			take(a.Head)
		}
	}
	q := s.search
	q.rest()
	for _, v := range c.nodes {
		p := s.pair(v)
		for _, d := range s.seedsAt(v) {
			if l := NewLabel(d.Cost, d.Site); l < s.end {
				insert2(p, l)
			}
		}
		for _, a := range s.net.Out.Out(v) {
			x := s.pair(a.Head)
			from := x[0]
			if from.Site() == p[0].Site() { // of one cell: only its second can be another site
				if from = x[1]; s.stamp[a.Head] == s.now {
					continue // not known yet; it spreads when it is
				}
			}
			if from != None {
				if nl := from + Label(a.Weight)<<32; nl < s.end && nl < p[1] {
					p[1] = nl
				}
			}
		}
		if p[1] != None {
			q.push(v, p[1].Cost())
		}
	}
	q.drain(func(u, bucket uint32) {
		x := s.pair(u)[1]
		if x == None || x.Cost()>>q.shift != bucket {
			return
		}
		cell := s.pair(u)[0].Site()
		for _, a := range s.net.In.Out(u) {
			p := s.pair(a.Head)
			if nl := x + Label(a.Weight)<<32; nl < p[1] && nl < s.end && p[0].Site() == cell && s.stamp[a.Head] == s.now {
				p[1] = nl
				q.push(a.Head, nl.Cost())
			}
		}
	})
}

// wouldInsert2 tells whether insert2 would take a label.
func wouldInsert2(p *[2]Label, x Label) bool {
	if uint32(x) == uint32(p[0]) {
		return x < p[0]
	}
	return x < p[1]
}
