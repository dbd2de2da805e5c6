package access

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"kommunpilot/engine/roadnet"
)

// ErrPlaces means: more sites are asked for than there are candidates, or fewer than
// one.
var ErrPlaces = errors.New("access: as many new sites as that cannot be chosen among the candidates")

// Siting is a question of where to put new sites: who lives where, how far
// they have to the sites there are, and how far to every candidate. The sites
// there are stay.
type Siting struct {
	Weight   []uint32    // people per cell
	Existing []Label     // nearest existing site per cell; nil: there are none
	Reach    [][]Reached // per candidate the cells it can serve, as Reaches lists them
	Budget   int         // how much work to spend on proof; 0 is 200 000 steps
}

// Placement is an answer with the proof of its quality.
type Placement struct {
	Chosen []int  // candidates, by their place in Reach, rising
	Value  uint64 // of the objective, with the sites there are counted in
	Bound  uint64 // no choice is better than this
	Proved bool   // Value is the best there is
	Steps  int    // iterations or nodes spent

	// Hopeless cells cannot be served (or not within the threshold) by any
	// candidate nor any existing site. They are left out of Value and Bound.
	Hopeless       []uint32
	HopelessPeople uint64
	// Unserved people could have been served but not by this choice. Median
	// leaves them out of Value, after it has made them as few as it can.
	Unserved uint64
}

// Gap is how far Value may be from the best, as a share of the larger of the
// two. 0 when proved.
func (p *Placement) Gap() float64 {
	if p.Proved || p.Value == p.Bound {
		return 0
	}
	lo, hi := float64(min(p.Value, p.Bound)), float64(max(p.Value, p.Bound))
	return (hi - lo) / hi
}

// unserved is the cost of a cell that no site serves: above every cost.
const unserved = 1 << 31

func (s *Siting) check(p int) error {
	if p < 1 || p > len(s.Reach) {
		return fmt.Errorf("%w: %d of %d", ErrPlaces, p, len(s.Reach))
	}
	if s.Existing != nil && len(s.Existing) != len(s.Weight) {
		return fmt.Errorf("%w: %d cells, %d labels", ErrShape, len(s.Weight), len(s.Existing))
	}
	total := uint64(0)
	for _, w := range s.Weight {
		if total += uint64(w); total > 1<<28 {
			return fmt.Errorf("%w: the weights sum to more than %d", ErrShape, 1<<28)
		}
	}
	for j, list := range s.Reach {
		for i, r := range list {
			if int(r.Cell) >= len(s.Weight) || i > 0 && list[i-1].Cell >= r.Cell || r.Cost > roadnet.MaxWeight {
				return fmt.Errorf("%w: candidate %d, cell %d, cost %d", ErrShape, j, r.Cell, r.Cost)
			}
		}
	}
	return nil
}

func (s *Siting) budget() int {
	if s.Budget > 0 {
		return s.Budget
	}
	return 200_000
}

// existing is a cell's cost without new sites.
func (s *Siting) existing(i uint32) uint32 {
	if s.Existing == nil || s.Existing[i] == None {
		return unserved
	}
	return s.Existing[i].Cost()
}

// hopeless marks the cells that nothing serves within a threshold, and counts
// them.
func (s *Siting) hopeless(a *Placement, threshold uint32) []bool {
	none := make([]bool, len(s.Weight))
	for i := range none {
		none[i] = s.existing(uint32(i)) > threshold
	}
	for _, list := range s.Reach {
		for _, r := range list {
			if r.Cost <= threshold {
				none[r.Cell] = false
			}
		}
	}
	for i, h := range none {
		if h {
			a.Hopeless = append(a.Hopeless, uint32(i))
			a.HopelessPeople += uint64(s.Weight[i])
		}
	}
	return none
}

// fineness is the power of two that gains can be held times without passing
// 2⁶² in any sum over p+2 of them.
func fineness(total uint64, p int) int64 {
	room := 62 - bits.Len64(total) - bits.Len64(uint64(p+2))
	return int64(1) << max(0, min(16, room))
}

// Median chooses p candidates so that the people's total cost to their nearest
// site is least: the p-median with fixed sites. Exact where Proved. Cost
// O(list entries) per step.
func (s *Siting) Median(p int) (*Placement, error) {
	if err := s.check(p); err != nil {
		return nil, err
	}
	a := &Placement{}
	none := s.hopeless(a, roadnet.MaxWeight)
	// The cost of a cell if no candidate helps: its existing site's; or the
	// largest of its candidates' where all of them serve it, so that numbers
	// stay small; or that of no service.
	listed, worst := make([]int, len(s.Weight)), make([]uint32, len(s.Weight))
	for _, list := range s.Reach {
		for _, r := range list {
			listed[r.Cell]++
			worst[r.Cell] = max(worst[r.Cell], r.Cost)
		}
	}
	base := uint64(0)
	for i := range worst {
		if listed[i] < len(s.Reach) || s.existing(uint32(i)) < worst[i] {
			worst[i] = s.existing(uint32(i))
		}
		if !none[i] {
			base += uint64(s.Weight[i]) * uint64(worst[i])
		}
	}
	f := &gains{p: p, cells: len(s.Weight), fine: fineness(base, p), budget: s.budget(), lists: make([][]gain, len(s.Reach))}
	for j, list := range s.Reach {
		for _, r := range list {
			if w := s.Weight[r.Cell]; r.Cost < worst[r.Cell] && w > 0 {
				f.lists[j] = append(f.lists[j], gain{r.Cell, f.fine * int64(w) * int64(worst[r.Cell]-r.Cost)})
			}
		}
	}
	most := f.solve()
	a.Chosen, a.Steps = f.chosen, f.steps
	a.Value, a.Bound = base-uint64(f.best/f.fine), base-uint64(most/f.fine)
	a.Proved = a.Value == a.Bound
	served := make([]bool, len(s.Weight))
	for _, j := range a.Chosen {
		for _, r := range s.Reach[j] {
			served[r.Cell] = true
		}
	}
	for i := range served {
		if !served[i] && !none[i] && s.existing(uint32(i)) == unserved {
			a.Unserved += uint64(s.Weight[i])
		}
	}
	a.Value -= unserved * a.Unserved
	a.Bound -= min(a.Bound, unserved*a.Unserved)
	return a, nil
}

// row is the cells that one set of candidates covers, and no other.
type row struct {
	by     bitset
	people uint64
}

// rows merges the cells that existing sites do not cover within the threshold,
// but some candidate does, by the set of those candidates, in order of first
// cells. Cost O(list entries + cells·candidates/64).
func (s *Siting) rows(threshold uint32) []row {
	by := make([]bitset, len(s.Weight))
	for j, list := range s.Reach {
		for _, r := range list {
			if r.Cost > threshold || s.existing(r.Cell) <= threshold {
				continue
			}
			if by[r.Cell] == nil {
				by[r.Cell] = newBitset(len(s.Reach))
			}
			by[r.Cell].set(j)
		}
	}
	var out []row
	at := map[string]int{}
	var key []byte
	for i, b := range by {
		if b == nil {
			continue
		}
		key = key[:0]
		for _, w := range b {
			key = binary.LittleEndian.AppendUint64(key, w)
		}
		k, seen := at[string(key)]
		if !seen {
			k = len(out)
			at[string(key)] = k
			out = append(out, row{by: b})
		}
		out[k].people += uint64(s.Weight[i])
	}
	return out
}

// MaxCover chooses p candidates so that most people have a site within the
// threshold: MCLP. Value counts those that existing sites cover too. Exact
// where Proved.
func (s *Siting) MaxCover(p int, threshold uint32) (*Placement, error) {
	if err := s.check(p); err != nil {
		return nil, err
	}
	a := &Placement{}
	s.hopeless(a, threshold)
	rows := s.rows(threshold)
	total, covered := uint64(0), uint64(0)
	for _, r := range rows {
		total += r.people
	}
	for i, w := range s.Weight {
		if s.existing(uint32(i)) <= threshold {
			covered += uint64(w)
		}
	}
	f := &gains{p: p, cells: len(rows), fine: fineness(total, p), budget: s.budget(), lists: make([][]gain, len(s.Reach))}
	for i, r := range rows {
		if r.people > 0 {
			r.by.each(func(j int) {
				f.lists[j] = append(f.lists[j], gain{uint32(i), f.fine * int64(r.people)})
			})
		}
	}
	most := f.solve()
	a.Chosen, a.Steps = f.chosen, f.steps
	a.Value, a.Bound = covered+uint64(f.best/f.fine), covered+uint64(most/f.fine)
	a.Proved = a.Value == a.Bound
	return a, nil
}

// MinCover chooses the fewest candidates that give every cell that can have it
// a site within the threshold: LSCP. Cells without people count too. Exact
// where Proved.
func (s *Siting) MinCover(threshold uint32) (*Placement, error) {
	if len(s.Reach) == 0 {
		return nil, ErrPlaces
	}
	if err := s.check(1); err != nil {
		return nil, err
	}
	a := &Placement{}
	s.hopeless(a, threshold)
	c := &cover{n: len(s.Reach), budget: s.budget(), limit: len(s.Reach) + 1}
	for _, r := range s.rows(threshold) {
		c.rows = append(c.rows, r.by)
	}
	bound := c.solve()
	a.Chosen, a.Steps, a.Value, a.Bound = c.best, c.steps, uint64(len(c.best)), uint64(bound)
	a.Proved = bound == len(c.best)
	return a, nil
}

// Center chooses at most p candidates so that the largest cost of a cell that
// can be served at all is least: the p-center with fixed sites, by binary
// search over the costs there are. Value is unserved (2³¹) when no choice
// serves every such cell. Exact where Proved.
func (s *Siting) Center(p int) (*Placement, error) {
	if err := s.check(p); err != nil {
		return nil, err
	}
	a := &Placement{}
	none := s.hopeless(a, roadnet.MaxWeight)
	costs := []uint32{0, unserved} // 0: where no cell can be served, nothing is asked for
	for i := range s.Weight {
		if !none[i] && s.existing(uint32(i)) < unserved {
			costs = append(costs, s.existing(uint32(i)))
		}
	}
	for _, list := range s.Reach {
		for _, r := range list {
			costs = append(costs, min(r.Cost, s.existing(r.Cell)))
		}
	}
	slices.Sort(costs)
	costs = slices.Compact(costs)
	budget := s.budget()
	lo, hi := 0, len(costs)-1 // the answer is at least costs[lo]; costs[hi] is reached
	sure := true
	for lo < hi {
		mid := (lo + hi) / 2
		set, known := s.within(costs[mid], p, none, &budget, a)
		switch {
		case set != nil:
			hi, a.Chosen = mid, set
		case known:
			lo = mid + 1
		default: // not decided: what is below mid stays possible
			if sure {
				a.Bound, sure = uint64(costs[lo]), false
			}
			lo = mid + 1
		}
	}
	a.Value = uint64(costs[hi])
	if !sure && a.Chosen != nil { // what was found may be better than what was asked of it
		a.Value = uint64(s.largest(a.Chosen, none))
	}
	if sure {
		a.Bound = a.Value
	}
	a.Proved = a.Value == a.Bound
	return a, nil
}

// largest is the largest cost of a cell that can be served, with a choice.
func (s *Siting) largest(chosen []int, none []bool) uint32 {
	cost := make([]uint32, len(s.Weight))
	for i := range cost {
		cost[i] = s.existing(uint32(i))
	}
	for _, j := range chosen {
		for _, r := range s.Reach[j] {
			cost[r.Cell] = min(cost[r.Cell], r.Cost)
		}
	}
	most := uint32(0)
	for i, c := range cost {
		if !none[i] {
			most = max(most, c)
		}
	}
	return most
}

// within looks for p candidates that serve every cell at a cost; nil and true
// when there are none.
func (s *Siting) within(cost uint32, p int, none []bool, budget *int, a *Placement) ([]int, bool) {
	reached := make([]bool, len(s.Weight))
	for i := range reached {
		reached[i] = none[i] || s.existing(uint32(i)) <= cost
	}
	for _, list := range s.Reach {
		for _, r := range list {
			reached[r.Cell] = reached[r.Cell] || r.Cost <= cost
		}
	}
	if slices.Contains(reached, false) {
		return nil, true
	}
	c := &cover{n: len(s.Reach), budget: *budget, limit: p + 1, enough: p}
	for _, r := range s.rows(cost) {
		c.rows = append(c.rows, r.by)
	}
	bound := c.solve()
	*budget = max(0, *budget-c.steps)
	a.Steps += c.steps
	if c.best != nil || len(c.rows) == 0 {
		return append([]int{}, c.best...), true
	}
	return nil, bound > p
}
