package access

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"kommunpilot/engine/roadnet"
)

// Faults in what a search is given.
var (
	// ErrNode: a seed's node is not in the graph.
	ErrNode = errors.New("access: a seed stands at a node that the graph does not have")
	// ErrCost: a weight, a seed's cost or a limit is above roadnet.MaxWeight.
	ErrCost = errors.New("access: a cost is above the largest that a search can add up")
	// ErrRanks: K is below 1 or above MaxRanks.
	ErrRanks = errors.New("access: the number of nearest sites is out of range")
)

// MaxRanks is the largest K of a search.
const MaxRanks = 64

// buckets is how many buckets the window of a search has: the memory of the
// queue's heads is 4 bytes times this whatever the weights are. What lies
// beyond the window (a ferry of 30 km among arcs of 10 m) waits in a list.
const buckets = 1 << 12

// Searcher labels the nodes of one graph again and again with the same
// buffers. It is not safe for concurrent use: one Searcher per goroutine.
type Searcher struct {
	g     *roadnet.Graph
	shift uint // a bucket is 1<<shift wide

	heads   []uint32 // per bucket: 1 + the place in pool of its first entry, 0 for none
	pool    []uint64 // next<<32 | node; next as in heads
	free    uint32   // first entry of pool that can be used again, as in heads
	beyond  []uint64 // bucket<<32 | node of entries past the window
	base    uint32   // the bucket that heads[0] stands for
	trials  []trial  // labels on offer
	degree  int      // most arcs of a node
	nearest []Label  // K = 2: the first labels
	queued  []uint32 // K > 2: the bucket where a node waits, idle for none
}

// idle is the bucket of a node that does not wait.
const idle = math.MaxUint32

// NewSearcher prepares searches of a graph: pass the reversed graph for costs
// from nodes to sites, the graph itself for costs from sites to nodes. The
// width of a bucket follows the geometric mean of the weights, which a few long
// ferries hardly move. Cost O(arcs).
func NewSearcher(g *roadnet.Graph) (*Searcher, error) {
	bitsSum, largest := 0, uint32(0)
	for _, a := range g.Arcs {
		bitsSum += bits.Len32(a.Weight)
		largest = max(largest, a.Weight)
	}
	if largest > roadnet.MaxWeight {
		return nil, fmt.Errorf("%w: an arc weighs %d", ErrCost, largest)
	}
	s := &Searcher{g: g, heads: make([]uint32, buckets)}
	for v := range g.Nodes() {
		s.degree = max(s.degree, int(g.First[v+1]-g.First[v]))
	}
	s.shift = uint(max(0, bitsSum/max(1, len(g.Arcs))-1-widthBelowMean))
	return s, nil
}

// widthBelowMean is how many powers of two a bucket is narrower than the mean
// weight: narrow enough that few nodes are scanned twice, wide enough that
// few buckets are empty. Measured on Delaware, New York and Florida.
const widthBelowMean = 3

// SetWidth makes the buckets 1<<shift wide. Answers are the same for every
// width; only the time differs. Shifts above 31 count as 31.
func (s *Searcher) SetWidth(shift uint) { s.shift = min(shift, 31) }

// Nearest labels every node of a reversed graph with its k nearest sites,
// nearest first and all different; of equal costs the lowest site number wins.
// Costs above limit are left out; 0 is no limit but roadnet.MaxWeight. Several
// seeds may stand for one site. Without seeds every label is None.
//
// Method: one search from all seeds with a queue of buckets (Dial 1969, here
// with buckets wider than the smallest weight, whose labels are corrected
// inside the bucket, so that answers are exact). Memory 8·k bytes per node, 8
// per entry that waits at once and 16 KiB. Cost about O(k·(nodes + arcs)).
func Nearest(reversed *roadnet.Graph, seeds []Seed, k int, limit uint32) (*Labels, error) {
	s, err := NewSearcher(reversed)
	if err != nil {
		return nil, err
	}
	return s.Nearest(nil, seeds, k, limit)
}

// Nearest is the function Nearest on the searcher's graph. The labels are put
// in into where it has room, in new memory where it is nil or too small.
func (s *Searcher) Nearest(into *Labels, seeds []Seed, k int, limit uint32) (*Labels, error) {
	if k < 1 || k > MaxRanks {
		return nil, fmt.Errorf("%w: %d, 1 to %d are possible", ErrRanks, k, MaxRanks)
	}
	if limit == 0 {
		limit = roadnet.MaxWeight
	}
	if limit > roadnet.MaxWeight {
		return nil, fmt.Errorf("%w: the limit %d", ErrCost, limit)
	}
	n := s.g.Nodes()
	if err := checkSeeds(seeds, n); err != nil {
		return nil, err
	}
	if into == nil {
		into = &Labels{}
	}
	into.K = k
	if cap(into.L) < n*k {
		into.L = make([]Label, n*k)
	}
	into.L = into.L[:n*k]
	for i := range into.L {
		into.L[i] = None
	}
	s.pool, s.free, s.beyond, s.base = s.pool[:0], 0, s.beyond[:0], 0
	switch k {
	case 1:
		s.one(into.L, seeds, limit)
	case 2:
		s.two(into.L, seeds, limit)
	default:
		s.wait()
		s.many(into.L, k, seeds, limit)
	}
	return into, nil
}

func checkSeeds(seeds []Seed, n int) error {
	for _, d := range seeds {
		if int(d.Node) >= n {
			return fmt.Errorf("%w: node %d of %d, site %d", ErrNode, d.Node, n, d.Site)
		}
		if d.Cost > roadnet.MaxWeight {
			return fmt.Errorf("%w: a seed of site %d has the cost %d", ErrCost, d.Site, d.Cost)
		}
		if d.Site == None.Site() {
			return fmt.Errorf("%w: the number %d stands for no site", ErrSeeds, d.Site)
		}
	}
	return nil
}

// push puts a node in the bucket of a cost.
func (s *Searcher) push(v, cost uint32) {
	s.put(v, cost>>s.shift)
}

func (s *Searcher) put(v, bucket uint32) {
	b := bucket - s.base
	if b >= buckets {
		s.beyond = append(s.beyond, uint64(bucket)<<32|uint64(v))
		return
	}
	entry := uint64(s.heads[b])<<32 | uint64(v)
	if f := s.free; f != 0 {
		s.free = uint32(s.pool[f-1] >> 32)
		s.pool[f-1] = entry
		s.heads[b] = f
		return
	}
	s.pool = append(s.pool, entry)
	s.heads[b] = uint32(len(s.pool))
}

// next moves the window to the first bucket that waits beyond it and fills it
// from there; false when nothing waits.
func (s *Searcher) next() bool {
	if len(s.beyond) == 0 {
		return false
	}
	least := s.beyond[0]
	for _, e := range s.beyond[1:] {
		least = min(least, e)
	}
	s.base = uint32(least >> 32)
	waiting := s.beyond
	s.beyond = s.beyond[:0]
	for _, e := range waiting { // put writes behind where this reads
		s.put(uint32(e), uint32(e>>32))
	}
	return true
}

// trial is a label that an arc offers to a node.
type trial struct {
	label Label
	node  uint32
}

// scan is a node's label and the range of its arcs.
type scan struct {
	label    Label
	from, to uint32
}

// batch is how many nodes of a bucket are scanned together.
const batch = 64

// one is the search for K = 1. The queue is held in local variables, and the
// nodes of a bucket are scanned in batches: first their labels and arc ranges
// are fetched, then the labels at the heads of their arcs, and only then are
// the few that improve looked at one by one. No fetch waits for the outcome
// of another, so the processor has many under way at once. A label that
// improves inside the batch puts its node in the bucket again.
func (s *Searcher) one(lab []Label, seeds []Seed, limit uint32) {
	for _, d := range seeds {
		if l := NewLabel(d.Cost, d.Site); d.Cost <= limit && l < lab[d.Node] {
			lab[d.Node] = l
			s.push(d.Node, d.Cost)
		}
	}
	first, arcs, heads := s.g.First, s.g.Arcs, s.heads[:buckets]
	end := NewLabel(limit+1, 0)
	toBucket := (s.shift + 32) & 63
	var nodes [batch]uint32
	var scans [batch]scan
	for len(s.trials) < batch*4+s.degree {
		s.trials = append(s.trials, trial{})
	}
	trials := s.trials
	for {
		base := s.base
		pool, free := s.pool, s.free
		for cur := 0; cur < buckets; cur++ {
			for heads[cur] != 0 {
				n, h := 0, heads[cur]
				for h != 0 && n < batch {
					e := pool[h-1]
					pool[h-1] = uint64(free) << 32
					free = h
					h = uint32(e >> 32)
					nodes[n] = uint32(e)
					n++
				}
				heads[cur] = h
				m := 0
				for _, u := range nodes[:n] {
					l := lab[u]
					scans[m] = scan{l, first[u], first[u+1]}
					if more := m + 1; uint32(l>>toBucket)-base == uint32(cur) {
						m = more // else labelled from an earlier bucket, and scanned there
					}
				}
				for i := 0; i < m; {
					c := 0
					for ; i < m; i++ {
						sc := &scans[i]
						out := arcs[sc.from:sc.to]
						if c+len(out) > len(trials) {
							break
						}
						for _, a := range out {
							nl := sc.label + Label(a.Weight)<<32
							trials[c] = trial{nl, a.Head}
							if more := c + 1; nl < lab[a.Head] {
								c = more
							}
						}
					}
					for _, t := range trials[:c] {
						if t.label >= lab[t.node] || t.label >= end {
							continue
						}
						lab[t.node] = t.label
						b := uint32(t.label>>toBucket) - base
						if b >= buckets {
							s.beyond = append(s.beyond, uint64(t.label>>toBucket)<<32|uint64(t.node))
							continue
						}
						entry := uint64(heads[b])<<32 | uint64(t.node)
						if free != 0 {
							heads[b] = free
							f := &pool[free-1]
							free = uint32(*f >> 32)
							*f = entry
						} else {
							pool = append(pool, entry)
							heads[b] = uint32(len(pool))
						}
					}
				}
			}
		}
		s.pool, s.free = pool, free
		if !s.next() {
			return
		}
	}
}
