package grouping

import (
	"math/bits"
	"slices"
)

// column is an allowed group and its cost.
type column struct {
	set  uint64
	cost int64
}

// columns lists every allowed group of at most limit members, by its first
// member in the numbering and then in the order of codes. It stops with ok false beyond most
// connected groups, allowed or not. Complete tells that there are no larger ones.
func (c *county) columns(limit, most int) (by [][]column, complete, ok bool) {
	complete = true
	by = make([][]column, c.n)
	seen := 0
	for root := range c.n {
		ok := c.connected(root, c.full(), limit, func(t uint64) bool {
			if seen++; seen > most {
				return false
			}
			complete = complete && bits.OnesCount64(t) < limit
			if c.allows(t) {
				by[root] = append(by[root], column{t, c.cost(t)})
			}
			return true
		})
		if !ok {
			return nil, false, false
		}
		slices.SortFunc(by[root], func(a, b column) int {
			if before(a.set, b.set) {
				return -1
			}
			return 1
		})
	}
	return by, complete, true
}

// Groups calls visit with every connected group of 1 to most members of a map
// of any size: node i's neighbours are adjacent[i], which must be symmetric. The
// slice holds indices in the order they were found and is used again; visit
// copies what it keeps. Each group comes once, from its lowest index; the order
// is the same every time. Cost O(groups · most · degree).
func Groups(adjacent [][]int, most int, visit func(members []int)) {
	if most < 1 {
		return
	}
	g := grower{adjacent: adjacent, most: most, visit: visit, mark: make([]int, len(adjacent))}
	for root := range adjacent {
		g.members = append(g.members[:0], root)
		g.candidates = g.candidates[:0]
		g.mark[root]++
		for _, v := range adjacent[root] {
			if v > root && g.mark[v] == 0 {
				g.mark[v]++
				g.candidates = append(g.candidates, v)
			}
		}
		g.grow(root, 0)
		for _, v := range g.candidates {
			g.mark[v]--
		}
		g.mark[root]--
	}
}

type grower struct {
	adjacent   [][]int
	most       int
	visit      func([]int)
	members    []int
	candidates []int // all that were met since the root; those before from are decided
	mark       []int // how often a node is among members or candidates
}

// grow takes in each candidate from an index on; those before it are out for good.
func (g *grower) grow(root, from int) {
	g.visit(g.members)
	if len(g.members) == g.most {
		return
	}
	end := len(g.candidates)
	for i := from; i < end; i++ {
		v := g.candidates[i]
		g.members = append(g.members, v)
		for _, w := range g.adjacent[v] {
			if w > root && g.mark[w] == 0 {
				g.mark[w]++
				g.candidates = append(g.candidates, w)
			}
		}
		g.grow(root, i+1)
		for _, w := range g.candidates[end:] {
			g.mark[w]--
		}
		g.candidates = g.candidates[:end]
		g.members = g.members[:len(g.members)-1]
	}
}
