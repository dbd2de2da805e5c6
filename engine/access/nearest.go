package access

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"kommunpilot/engine/roadnet"
)

// ErrNoSites says that a search was given no seeds.
var ErrNoSites = errors.New("access: no sites")

// MaxK is the largest number of sites that a search keeps for each node.
const MaxK = 16

// Nearest finds the k nearest sites of every node at once, by one search from
// all seeds on the reversed graph: a queue of buckets, wider than the smallest
// weight, in which a label may be corrected before its bucket is done, so that
// the answer is exact. Labels of a node are of different sites. A cost above
// limit is not kept; 0 is no limit. Errors: ErrNoSites, a seed outside the graph,
// k outside 1..MaxK. Cost: each arc is scanned about k times; memory 8 k bytes a
// node and 8 bytes an entry of the queue.
func Nearest(reversed *roadnet.Graph, seeds []Seed, k int, limit uint32) (*Labels, error) {
	n := reversed.Nodes()
	if len(seeds) == 0 {
		return nil, ErrNoSites
	}
	if k < 1 || k > MaxK {
		return nil, fmt.Errorf("access: k is %d; it can be 1 to %d", k, MaxK)
	}
	if limit == 0 || limit > roadnet.MaxWeight {
		limit = roadnet.MaxWeight
	}
	for _, s := range seeds {
		if int(s.Node) >= n {
			return nil, fmt.Errorf("access: seed at node %d of %d", s.Node, n)
		}
	}
	b := &Labels{K: k, L: slices.Repeat([]Label{None}, n*k)}
	q := newQueue(reversed, seeds)
	if k == 1 {
		search(reversed, b.L, seeds, q, limit)
	} else {
		b.search(reversed, seeds, q, limit)
	}
	return b, nil
}

// search is the search for one label a node.
func search(g *roadnet.Graph, l []Label, seeds []Seed, q *queue, limit uint32) {
	for _, s := range seeds {
		if x := NewLabel(s.Cost, s.Site); s.Cost <= limit && x < l[s.Node] {
			l[s.Node] = x
			q.push(s.Node, s.Cost)
		}
	}
	first, arcs := g.First, g.Arcs
	for q.next() {
		for {
			v, ok := q.pop()
			if !ok {
				break
			}
			x := l[v]
			if !q.here(x.Cost()) {
				continue // it has found a nearer site since and stands in an earlier bucket
			}
			for _, a := range arcs[first[v]:first[v+1]] {
				y := x + Label(a.Weight)<<32
				if y < l[a.Head] && y.Cost() <= limit {
					l[a.Head] = y
					q.push(a.Head, y.Cost())
				}
			}
		}
	}
}

// search is the search for several labels a node. A node is queued at the cost
// of each label that it gets; when it is taken out, all labels in that bucket
// are passed on.
func (b *Labels) search(g *roadnet.Graph, seeds []Seed, q *queue, limit uint32) {
	for _, s := range seeds {
		if s.Cost <= limit && b.offer(s.Node, NewLabel(s.Cost, s.Site)) {
			q.push(s.Node, s.Cost)
		}
	}
	for q.next() {
		for {
			v, ok := q.pop()
			if !ok {
				break
			}
			for _, x := range b.L[int(v)*b.K : int(v)*b.K+b.K] {
				if x == None {
					break
				}
				if !q.here(x.Cost()) {
					continue
				}
				for _, a := range g.Out(v) {
					y := x + Label(a.Weight)<<32
					if y.Cost() <= limit && b.offer(a.Head, y) {
						q.push(a.Head, y.Cost())
					}
				}
			}
		}
	}
}

// offer keeps a label if it is among the K best of its node, one for each site,
// and tells whether it did.
func (b *Labels) offer(v uint32, x Label) bool {
	own := b.L[int(v)*b.K : int(v)*b.K+b.K]
	if x >= own[len(own)-1] {
		return false
	}
	at := len(own) - 1 // the place that is given up: the site's own, or the last
	for i, y := range own {
		if y != None && y.Site() == x.Site() {
			if y <= x {
				return false
			}
			at = i
			break
		}
	}
	for at > 0 && own[at-1] > x {
		own[at] = own[at-1]
		at--
	}
	own[at] = x
	return true
}

// maxBuckets bounds the memory of a queue whatever the longest arc: a ferry of
// hours among arcs of seconds makes the buckets wider, not more.
const maxBuckets = 1 << 16

// queue holds nodes by cost in a ring of buckets. All entries lie within the
// longest step from the present bucket, so the ring never overlaps itself.
type queue struct {
	buckets [][]uint32
	shift   uint   // a bucket is 1<<shift wide
	mask    uint32 // of the ring
	cur     uint32 // the bucket that is being emptied
	held    int    // entries in all buckets
}

// newQueue chooses the width: about a quarter of the mean weight, where few
// labels are corrected in their bucket, and wider when the longest arc asks.
func newQueue(g *roadnet.Graph, seeds []Seed) *queue {
	longest, sum := uint32(1), uint64(0)
	for _, a := range g.Arcs {
		longest = max(longest, a.Weight)
		sum += uint64(a.Weight)
	}
	low := uint32(roadnet.MaxWeight)
	for _, s := range seeds {
		low = min(low, s.Cost)
	}
	for _, s := range seeds {
		longest = max(longest, s.Cost-low)
	}
	mean := sum / uint64(max(len(g.Arcs), 1))
	shift := uint(max(bits.Len64(mean/4)-1, 0)) //nolint:gosec // at most 64
	for longest>>shift+2 > maxBuckets {
		shift++
	}
	size := uint32(1) << bits.Len32(longest>>shift+2)
	return &queue{buckets: make([][]uint32, size), shift: shift, mask: size - 1, cur: low>>shift - 1}
}

func (q *queue) push(v, cost uint32) {
	at := (cost >> q.shift) & q.mask
	q.buckets[at] = append(q.buckets[at], v)
	q.held++
}

// next moves on to the next bucket with anything in it; false when all are empty.
func (q *queue) next() bool {
	if q.held == 0 {
		return false
	}
	for q.cur++; len(q.buckets[q.cur&q.mask]) == 0; q.cur++ {
	}
	return true
}

func (q *queue) pop() (uint32, bool) {
	b := q.buckets[q.cur&q.mask]
	if len(b) == 0 {
		return 0, false
	}
	v := b[len(b)-1]
	q.buckets[q.cur&q.mask] = b[:len(b)-1]
	q.held--
	return v, true
}

// here tells whether a cost lies in the present bucket.
func (q *queue) here(cost uint32) bool { return cost>>q.shift == q.cur }
