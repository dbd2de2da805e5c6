package access

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"kommunpilot/engine/roadnet"
)

// Reached is a cell that a site is within reach of, and the cost.
type Reached struct {
	Cell, Cost uint32
}

// Reaches gives for every site, in order of site numbers, the cells that have
// it within limit (0: at any cost), in order of cells. One cut search per
// site on net.In, so costs run from cells to sites. The answer is the same
// whatever the number of workers; 0 workers is one per processor. Cost O(nodes
// and cells within reach, summed over sites, + cells).
func Reaches(net *Net, places []Place, cells []Cell, limit uint32, workers int) ([]uint32, [][]Reached, error) {
	n := net.In.Nodes()
	if limit == 0 {
		limit = roadnet.MaxWeight
	}
	if limit > roadnet.MaxWeight {
		return nil, nil, fmt.Errorf("%w: the limit %d", ErrCost, limit)
	}
	for i := range cells {
		if c := &cells[i]; c.Reason == OK {
			if err := c.check(n); err != nil {
				return nil, nil, err
			}
		}
	}
	if _, err := Seeds(n, places); err != nil {
		return nil, nil, err
	}
	of := map[uint32][]Place{}
	for _, p := range places {
		of[p.Site] = append(of[p.Site], p)
	}
	sites := make([]uint32, 0, len(of))
	for site := range of {
		sites = append(sites, site)
	}
	slices.Sort(sites)
	index := indexCells(n, cells)
	out := make([][]Reached, len(sites))
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = max(1, min(workers, len(sites)))
	searchers := make([]*ball, workers)
	for w := range searchers {
		s, err := NewSearcher(net.In)
		if err != nil {
			return nil, nil, err
		}
		searchers[w] = &ball{Searcher: s, cost: make([]uint32, n), seen: make([]uint32, len(cells))}
		for v := range searchers[w].cost {
			searchers[w].cost[v] = Shut
		}
	}
	var wait sync.WaitGroup
	for w, b := range searchers {
		wait.Go(func() {
			for i := w; i < len(sites); i += workers {
				out[i] = b.reach(uint32(i+1), of[sites[i]], cells, index, limit)
			}
		})
	}
	wait.Wait()
	return sites, out, nil
}

// cellIndex lists the cells that may be left by a node: rows as in a graph.
type cellIndex struct {
	first, cell []uint32
	edge        map[uint32][]uint32
}

func indexCells(n int, cells []Cell) *cellIndex {
	x := &cellIndex{first: make([]uint32, n+1), edge: map[uint32][]uint32{}}
	each := func(do func(v uint32, i int)) {
		for i := range cells {
			c := &cells[i]
			if c.Reason != OK {
				continue
			}
			if c.Forward != Shut {
				do(c.To, i)
			}
			if c.Backward != Shut {
				do(c.From, i)
			}
		}
	}
	each(func(v uint32, _ int) { x.first[v+1]++ })
	for v := range n {
		x.first[v+1] += x.first[v]
	}
	at := slices.Clone(x.first[:n])
	x.cell = make([]uint32, x.first[n])
	each(func(v uint32, i int) { x.cell[at[v]] = uint32(i); at[v]++ })
	for i := range cells {
		if c := &cells[i]; c.Reason == OK && c.Edge != NoEdge {
			x.edge[c.Edge] = append(x.edge[c.Edge], uint32(i))
		}
	}
	return x
}

// ball searches around one site after another and forgets what it touched.
type ball struct {
	*Searcher
	cost    []uint32
	touched []uint32
	seen    []uint32 // the site that listed a cell last
}

func (b *ball) reach(stamp uint32, places []Place, cells []Cell, index *cellIndex, limit uint32) []Reached {
	seeds, _ := Seeds(b.g.Nodes(), places) // checked before
	offer := func(v, cost uint32) {
		if cost <= limit && cost < b.cost[v] {
			if b.cost[v] == Shut {
				b.touched = append(b.touched, v)
			}
			b.cost[v] = cost
			b.push(v, cost)
		}
	}
	b.rest()
	for _, d := range seeds {
		offer(d.Node, d.Cost)
	}
	b.drain(func(u, bucket uint32) {
		if c := b.cost[u]; c>>b.shift == bucket {
			for _, a := range b.g.Out(u) {
				offer(a.Head, c+a.Weight)
			}
		}
	})
	near := byEdge(places)
	nodes := &Labels{K: 1}
	var own [1]Label
	var out []Reached
	list := func(i uint32) {
		if b.seen[i] == stamp {
			return
		}
		b.seen[i] = stamp
		c := &cells[i]
		// The labels of the two ends, as read wants them.
		ends := [2]Label{None, None}
		local := c.Position
		local.From, local.To = 0, 1
		for e, v := range []uint32{c.From, c.To} {
			if b.cost[v] != Shut {
				ends[e] = NewLabel(b.cost[v], 0)
			}
		}
		nodes.L, own[0] = ends[:], None
		read(&local, nodes, near, own[:])
		if own[0] != None && own[0].Cost() <= limit {
			out = append(out, Reached{Cell: i, Cost: own[0].Cost()})
		}
	}
	for _, v := range b.touched {
		for _, i := range index.cell[index.first[v]:index.first[v+1]] {
			list(i)
		}
	}
	for i := range places { // whose ends may lie beyond the limit
		for _, i := range index.edge[places[i].Edge] {
			list(i)
		}
	}
	for _, v := range b.touched {
		b.cost[v] = Shut
	}
	b.touched = b.touched[:0]
	slices.SortFunc(out, func(x, y Reached) int { return cmp.Compare(x.Cell, y.Cell) })
	return out
}
