// Package access tells how far it is by road from everywhere to the nearest
// services, what a closure or an opening changes, and where the next site
// would do most good.
//
// It works on the graphs of engine/roadnet and on seeds: places where a site
// meets the graph. All costs are whole numbers in the unit of the graph's
// weights, so sums are exact. Of equal costs the lowest site number wins;
// callers number sites in the byte order of their ids, so answers do not
// depend on the order of files.
package access

// Seed is a place where a site meets the graph: reaching Node leaves Cost to
// the site. A site inside an arc has a seed at each end that leads to it.
type Seed struct {
	Node, Cost, Site uint32
}

// Label is a cost and a site in one number, cost<<32 | site, so that one
// comparison orders by cost and breaks ties by the lowest site number.
type Label uint64

// None is the label of a node that reaches no site.
const None = ^Label(0)

// Cost is the label's cost; meaningless for None.
func (l Label) Cost() uint32 { return uint32(l >> 32) }

// Site is the label's site number; meaningless for None.
func (l Label) Site() uint32 { return uint32(l) }

// NewLabel packs a cost and a site.
func NewLabel(cost, site uint32) Label { return Label(cost)<<32 | Label(site) }

// Labels are the K nearest sites of every node, all different sites, nearest
// first: node v's are L[v*K : v*K+K], with None where there are fewer.
type Labels struct {
	K int
	L []Label
}

// At returns the label of rank r (0 is the nearest) at node v.
func (b *Labels) At(v uint32, r int) Label { return b.L[int(v)*b.K+r] }
