package access

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// ErrShape means: slices that must go together differ in length, or a group, a
// weight or a quantile is out of range.
var ErrShape = errors.New("access: cells, weights, groups or quantiles do not go together")

// most is the largest sum of weights of a demand: more than all people, and
// times a cost of 31 bits still exact in 64.
const most = 1 << 33

// Demand is who lives or works in the cells: one weight per cell, why a cell
// has no place on the roads (nil: all have), and the area of each (nil: one).
type Demand struct {
	Weight []uint32
	Reason []Reason
	Group  []uint32
	Groups int
}

// reason of a cell, given its nearest label.
func (d *Demand) reason(i int, nearest Label) Reason {
	switch {
	case d.Reason != nil && d.Reason[i] != OK:
		return d.Reason[i]
	case nearest == None:
		return NoSite
	}
	return OK
}

func (d *Demand) group(i int) int {
	if d.Group == nil {
		return 0
	}
	return int(d.Group[i])
}

// groups is how many rows an answer has.
func (d *Demand) groups() int {
	if d.Group == nil {
		return 1
	}
	return d.Groups
}

func (d *Demand) check(cells int) error {
	if len(d.Weight) != cells || d.Reason != nil && len(d.Reason) != cells || d.Group != nil && len(d.Group) != cells {
		return fmt.Errorf("%w: %d cells, %d weights, %d reasons, %d groups", ErrShape, cells, len(d.Weight), len(d.Reason), len(d.Group))
	}
	total := uint64(0)
	for _, w := range d.Weight {
		if total += uint64(w); total > most {
			return fmt.Errorf("%w: the weights sum to more than %d", ErrShape, uint64(most))
		}
	}
	for i, g := range d.Group {
		if int(g) >= d.Groups {
			return fmt.Errorf("%w: cell %d is of group %d of %d", ErrShape, i, g, d.Groups)
		}
	}
	for i, r := range d.Reason {
		if r >= reasons {
			return fmt.Errorf("%w: cell %d has the unknown reason %d", ErrShape, i, r)
		}
	}
	return nil
}

// Share is a fraction Of/Per, above 0 and at most 1, of a quantile.
type Share struct{ Of, Per uint32 }

// Question is what Indicators tells. Bands are upper ends in rising order:
// (previous, end], the first from 0 with 0 in it, and one more band for all
// beyond the last.
type Question struct {
	Bands      []uint32
	Thresholds []uint32
	Quantiles  []Share
}

// Count is how many cells and people something holds of.
type Count struct {
	Cells  int
	People uint64
}

// Row is the answer for one area. All but NotComputed is over computed cells
// only: those on the roads that reach a site.
type Row struct {
	Computed    Count
	NotComputed [reasons]Count // by reason; OK is always empty
	Sum         uint64         // Σ p·d1; the mean is Sum/Computed.People
	Largest     uint32         // largest d1 where somebody is
	Bands       []uint64       // people per band
	Beyond      []uint64       // B(T): people with d1 > T
	Single      []uint64       // people with d1 ≤ T < d2; nil for K = 1
	Quantiles   []uint32       // nil when nobody is in computed cells
}

// Indicators sums the labels of cells up by area: bands, people beyond a
// threshold, weighted quantiles (the smallest d1 at which the people counted
// in order of d1 are at least the share) and people with a single supply. All
// whole numbers, exact. Labels come from Read, or from Nearest where cells are
// nodes. Cost O(cells·log cells).
func Indicators(cells *Labels, d Demand, q Question) ([]Row, error) {
	n := len(cells.L) / cells.K
	if err := d.check(n); err != nil {
		return nil, err
	}
	for _, s := range q.Quantiles {
		if s.Of == 0 || s.Of > s.Per {
			return nil, fmt.Errorf("%w: the quantile %d/%d", ErrShape, s.Of, s.Per)
		}
	}
	if !slices.IsSorted(q.Bands) {
		return nil, fmt.Errorf("%w: bands fall", ErrShape)
	}
	rows := make([]Row, d.groups())
	for i := range rows {
		rows[i].Bands, rows[i].Beyond = make([]uint64, len(q.Bands)+1), make([]uint64, len(q.Thresholds))
		if cells.K > 1 {
			rows[i].Single = make([]uint64, len(q.Thresholds))
		}
	}
	order := make([]uint64, 0, n) // d1<<32 | cell of computed cells with people
	for i := range n {
		row, l, p := &rows[d.group(i)], cells.L[i*cells.K], uint64(d.Weight[i])
		if r := d.reason(i, l); r != OK {
			row.NotComputed[r].Cells++
			row.NotComputed[r].People += p
			continue
		}
		d1 := l.Cost()
		row.Computed.Cells++
		row.Computed.People += p
		row.Sum += p * uint64(d1)
		band, _ := slices.BinarySearch(q.Bands, d1)
		row.Bands[band] += p
		for t, limit := range q.Thresholds {
			switch {
			case d1 > limit:
				row.Beyond[t] += p
			case cells.K > 1 && cells.L[i*cells.K+1] >= NewLabel(limit+1, 0):
				row.Single[t] += p
			}
		}
		if p > 0 {
			row.Largest = max(row.Largest, d1)
			if len(q.Quantiles) > 0 {
				order = append(order, uint64(d1)<<32|uint64(i))
			}
		}
	}
	quantiles(rows, order, d, q.Quantiles)
	return rows, nil
}

// quantiles fills in the rows' quantiles from their cells, which it sorts.
func quantiles(rows []Row, order []uint64, d Demand, shares []Share) {
	if len(shares) == 0 {
		return
	}
	slices.Sort(order)
	counted := make([]uint64, len(rows))
	for i := range rows {
		if rows[i].Computed.People > 0 {
			rows[i].Quantiles = make([]uint32, len(shares))
		}
	}
	for _, o := range order {
		i := int(uint32(o))
		g := d.group(i)
		before := counted[g]
		counted[g] += uint64(d.Weight[i])
		for s, share := range shares {
			if all := rows[g].Computed.People; reaches(counted[g], all, share) && !reaches(before, all, share) {
				rows[g].Quantiles[s] = uint32(o >> 32)
			}
		}
	}
}

// reaches tells whether counted/all is at least the share, without rounding.
func reaches(counted, all uint64, s Share) bool {
	h1, l1 := bits.Mul64(counted, uint64(s.Per))
	h2, l2 := bits.Mul64(all, uint64(s.Of))
	return h1 > h2 || h1 == h2 && l1 >= l2
}

// Closure is what the closing of one site would do.
type Closure struct {
	Site    uint32
	Nearest Count    // cells and people that have it nearest
	Lose    []uint64 // per threshold: people with d1 ≤ T < d2
	Extra   uint64   // Σ p·(d2 − d1), over those who have another site
	Largest uint32   // largest d2 − d1 where somebody is
	Without Count    // those of Nearest who would have no site at all
}

// Closures tells for every site that is nearest to some cell what its closing
// would do, in order of site numbers. It needs K = 2 or more. Those who would
// reach no other site are in Lose and in Without, and not in Extra. Cost
// O(cells).
func Closures(cells *Labels, d Demand, thresholds []uint32) ([]Closure, error) {
	if cells.K < 2 {
		return nil, ErrNeedsTwo
	}
	n := len(cells.L) / cells.K
	if err := d.check(n); err != nil {
		return nil, err
	}
	of := map[uint32]*Closure{}
	for i := range n {
		a, b, p := cells.L[i*cells.K], cells.L[i*cells.K+1], uint64(d.Weight[i])
		if d.reason(i, a) != OK {
			continue
		}
		c := of[a.Site()]
		if c == nil {
			c = &Closure{Site: a.Site(), Lose: make([]uint64, len(thresholds))}
			of[a.Site()] = c
		}
		c.Nearest.Cells++
		c.Nearest.People += p
		for t, limit := range thresholds {
			if a.Cost() <= limit && b >= NewLabel(limit+1, 0) {
				c.Lose[t] += p
			}
		}
		if b == None {
			c.Without.Cells++
			c.Without.People += p
			continue
		}
		c.Extra += p * uint64(b.Cost()-a.Cost())
		if p > 0 {
			c.Largest = max(c.Largest, b.Cost()-a.Cost())
		}
	}
	out := make([]Closure, 0, len(of))
	for _, c := range of {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Closure) int { return int(a.Site) - int(b.Site) })
	return out, nil
}

// WorstService is the label of the dearest service of every cell: the cost to
// the nearest site of the type that lies farthest, and in place of the site
// the type's place in the list. None where some type cannot be reached. The
// labels are of the same cells. Cost O(types·cells).
func WorstService(types []*Labels) ([]Label, error) {
	if len(types) == 0 {
		return nil, nil
	}
	n := len(types[0].L) / types[0].K
	worst := make([]Label, n)
	for t, l := range types {
		if len(l.L)/l.K != n {
			return nil, fmt.Errorf("%w: type %d has %d cells, the first %d", ErrShape, t, len(l.L)/l.K, n)
		}
		for i := range n {
			switch x := l.L[i*l.K]; {
			case x == None:
				worst[i] = None
			case worst[i] != None && (t == 0 || x.Cost() > worst[i].Cost()):
				worst[i] = NewLabel(x.Cost(), uint32(t))
			}
		}
	}
	return worst, nil
}

// Together counts the people who have every one of the types within the
// threshold, and those in computed cells at all: cells that reach every type.
func Together(types []*Labels, d Demand, threshold uint32) (within, computed uint64, err error) {
	worst, err := WorstService(types)
	if err != nil {
		return 0, 0, err
	}
	if err := d.check(len(worst)); err != nil {
		return 0, 0, err
	}
	for i, l := range worst {
		if d.reason(i, l) != OK {
			continue
		}
		computed += uint64(d.Weight[i])
		if l.Cost() <= threshold {
			within += uint64(d.Weight[i])
		}
	}
	return within, computed, nil
}

// TransportNeed is Σ p·d1 over computed cells with d1 of at least from: with
// the weight of people of 70 and more and 5 km, indicator 8.
func TransportNeed(cells *Labels, d Demand, from uint32) (uint64, error) {
	n := len(cells.L) / cells.K
	if err := d.check(n); err != nil {
		return 0, err
	}
	sum := uint64(0)
	for i := range n {
		if l := cells.L[i*cells.K]; d.reason(i, l) == OK && l.Cost() >= from {
			sum += uint64(d.Weight[i]) * uint64(l.Cost())
		}
	}
	return sum, nil
}
