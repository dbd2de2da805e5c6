package access

import (
	"cmp"
	"container/heap"
	"slices"

	"kommunpilot/engine/roadnet"
)

// Effort of witness searches, in settled nodes: when a node's rank is
// estimated, and when it is contracted.
const (
	estimateEffort = 40
	contractEffort = 200
)

// contraction takes the nodes out of a graph one by one and puts in arcs that
// keep the costs between the rest (Geisberger, Sanders, Schultes, Delling
// 2008).
type contraction struct {
	out, in [][]roadnet.Arc // of nodes not yet taken out; frozen when they are
	level   []uint32
	queue   scores

	want    []uint64 // of targets of the witness search: a cost that is enough
	asked   []uint32 // the search that a node is a target of and not yet reached by
	dist    []uint64 // of the witness search
	stamp   []uint32
	now     uint32
	heap    []uint64 // cost<<32 | node
	pending []roadnet.Edge
}

type scored struct {
	score int64
	node  uint32
}

type scores []scored

func (q scores) Len() int { return len(q) }
func (q scores) Less(i, j int) bool {
	return q[i].score < q[j].score || q[i].score == q[j].score && q[i].node < q[j].node
}
func (q scores) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *scores) Push(x any)   { *q = append(*q, x.(scored)) }
func (q *scores) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// contract runs the whole contraction.
func contract(g *roadnet.Graph) *contraction {
	n := g.Nodes()
	c := &contraction{
		out: make([][]roadnet.Arc, n), in: make([][]roadnet.Arc, n),
		level: make([]uint32, n),
		dist:  make([]uint64, n), stamp: make([]uint32, n), want: make([]uint64, n), asked: make([]uint32, n),
	}
	for v := range uint32(n) {
		for _, a := range g.Out(v) {
			if a.Head != v {
				c.link(v, a.Head, a.Weight)
			}
		}
	}
	for v := range uint32(n) {
		c.queue = append(c.queue, scored{c.estimate(v), v})
	}
	heap.Init(&c.queue)
	for c.queue.Len() > 0 {
		top := heap.Pop(&c.queue).(scored)
		v := top.node
		// Scores are looked at again when they come up: doing so after every
		// neighbour too costs three times the time and sweeps are no faster.
		if score := c.estimate(v); c.queue.Len() > 0 && score > c.queue[0].score {
			heap.Push(&c.queue, scored{score, v})
			continue
		}
		c.takeOut(v)
	}
	return c
}

// link adds an arc, or lowers the one that is there.
func (c *contraction) link(from, to, weight uint32) {
	if i := slices.IndexFunc(c.out[from], func(a roadnet.Arc) bool { return a.Head == to }); i >= 0 {
		if c.out[from][i].Weight <= weight {
			return
		}
		c.out[from][i].Weight = weight
		j := slices.IndexFunc(c.in[to], func(a roadnet.Arc) bool { return a.Head == from })
		c.in[to][j].Weight = weight
		return
	}
	c.out[from] = append(c.out[from], roadnet.Arc{Head: to, Weight: weight})
	c.in[to] = append(c.in[to], roadnet.Arc{Head: from, Weight: weight})
}

// estimate is a node's score: arcs put in less arcs taken out, and its depth.
func (c *contraction) estimate(v uint32) int64 {
	added := c.shortcuts(v, estimateEffort, false)
	return 2*int64(added-len(c.out[v])-len(c.in[v])) + int64(c.level[v])
}

func (c *contraction) takeOut(v uint32) {
	c.pending = c.pending[:0]
	c.shortcuts(v, contractEffort, true)
	drop := func(list []roadnet.Arc) []roadnet.Arc {
		return slices.DeleteFunc(list, func(a roadnet.Arc) bool { return a.Head == v })
	}
	for _, a := range c.out[v] {
		c.in[a.Head] = drop(c.in[a.Head])
		c.level[a.Head] = max(c.level[a.Head], c.level[v]+1)
	}
	for _, a := range c.in[v] {
		c.out[a.Head] = drop(c.out[a.Head])
		c.level[a.Head] = max(c.level[a.Head], c.level[v]+1)
	}
	for _, e := range c.pending {
		c.link(e.From, e.To, e.Weight)
	}
}

// shortcuts counts the arcs that taking a node out needs, and keeps them as
// pending. A witness search that gives up early only costs an arc too many.
func (c *contraction) shortcuts(v uint32, effort int, keep bool) int {
	count := 0
	for _, from := range c.in[v] {
		farthest, targets := uint64(0), 0
		c.now++
		for _, to := range c.out[v] {
			if to.Head != from.Head {
				c.want[to.Head], c.asked[to.Head] = uint64(from.Weight)+uint64(to.Weight), c.now
				farthest = max(farthest, c.want[to.Head])
				targets++
			}
		}
		if targets == 0 {
			continue
		}
		c.witness(from.Head, v, farthest, targets, effort)
		for _, to := range c.out[v] {
			cost := uint64(from.Weight) + uint64(to.Weight)
			if to.Head == from.Head || cost > roadnet.MaxWeight || c.stamp[to.Head] == c.now && c.dist[to.Head] <= cost {
				continue // a path as short goes round, or the way is longer than any cost
			}
			count++
			if keep {
				c.pending = append(c.pending, roadnet.Edge{From: from.Head, To: to.Head, Weight: uint32(cost)})
			}
		}
	}
	return count
}

// witness searches from a node, without passing another, up to a cost, until
// every target is reached at a cost that is enough.
func (c *contraction) witness(from, without uint32, farthest uint64, targets, effort int) {
	c.stamp[from], c.dist[from] = c.now, 0
	c.heap = append(c.heap[:0], uint64(from))
	for len(c.heap) > 0 && effort > 0 {
		e := popLeast(&c.heap)
		u := uint32(e)
		if e>>32 != c.dist[u] {
			continue
		}
		effort--
		for _, a := range c.out[u] {
			d := e>>32 + uint64(a.Weight)
			if a.Head == without || d > farthest || d > roadnet.MaxWeight || c.stamp[a.Head] == c.now && c.dist[a.Head] <= d {
				continue
			}
			c.stamp[a.Head], c.dist[a.Head] = c.now, d
			if c.asked[a.Head] == c.now && d <= c.want[a.Head] {
				c.asked[a.Head] = 0
				if targets--; targets == 0 {
					return
				}
			}
			pushLeast(&c.heap, d<<32|uint64(a.Head))
		}
	}
}

// pushLeast and popLeast keep a slice as a binary heap.
func pushLeast(h *[]uint64, x uint64) {
	s := append(*h, x)
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if s[up] <= x {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = x
	*h = s
}

func popLeast(h *[]uint64) uint64 {
	s := *h
	least, x := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	if len(s) == 0 {
		return least
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= len(s) {
			break
		}
		if down+1 < len(s) && s[down+1] < s[down] {
			down++
		}
		if x <= s[down] {
			break
		}
		s[i] = s[down]
		i = down
	}
	s[i] = x
	return least
}

// places gives every node its place in the sweep: by level from the top, in
// the depth-first order of the graph inside a level.
func (c *contraction) places(g *roadnet.Graph) []uint32 {
	walk := roadnet.DepthFirstOrder(g)
	order := make([]uint32, len(walk))
	for v := range order {
		order[v] = uint32(v)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(c.level[b], c.level[a]), cmp.Compare(walk[a], walk[b]))
	})
	place := make([]uint32, len(order))
	for i, v := range order {
		place[v] = uint32(i)
	}
	return place
}
