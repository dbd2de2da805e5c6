// Package grouping finds the best grouping of municipalities into larger units:
// a partition of a county's municipalities into connected groups that meet a
// least population and other rules, with the best value of an objective, proved.
//
// Costs are whole numbers in the smallest unit of each objective, so that an
// optimum is exact and no tolerance decides. Of groupings that are equally good
// the one is chosen whose list of units is first in the order of codes (units by
// their lowest code, each unit's codes in order; a shorter unit before a longer
// one that begins with it). The answer is therefore unique, and the same bytes
// whatever the machine.
package grouping

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Node is a municipality. One that consists of several parts is still one node.
type Node struct {
	Code       string
	Population int64   // inhabitants; the measure that MinPopulation is held against
	TaxRate    float64 // municipal rate in per cent; for Tax
	TaxBase    float64 // taxable income, kr; weights the common rate; for Tax
}

// Objective is what makes one grouping better than another.
type Objective string

// The objectives.
const (
	// MostUnits wants as many units as possible, so that as few municipalities
	// as possible are merged. Value: number of units.
	MostUnits Objective = "units"
	// FewestUnits wants as few units as possible. Value: number of units.
	FewestUnits Objective = "fewest-units"
	// Tax wants the least change of tax: the sum over municipalities of
	// inhabitants times the distance between the municipality's rate and the
	// unit's, which is the mean of its members' rates weighted by their bases,
	// so that a unit's income is unchanged. Value: percentage points times
	// inhabitants, with four decimals.
	Tax Objective = "tax"
	// Travel wants the least mean travel time to the unit's centre, which is the
	// member's main locality that gives the least sum. Value: minutes per
	// inhabitant of the county.
	Travel Objective = "travel"
)

// Problem is a county (or any set of at most 64 municipalities) and its rules.
type Problem struct {
	Nodes []Node
	// Edges are pairs of codes with a common border, or a bridge. Pairs with a
	// code that is not among the nodes are passed over.
	Edges         [][2]string
	MinPopulation int64 // inclusive: a unit of exactly this size is allowed
	MaxMembers    int   // 0: no limit
	// MaxMinutes is the longest travel time from a member to the unit's centre;
	// 0 sets no limit. It needs Minutes.
	MaxMinutes float64
	Together   [][]string // each list in one unit
	Apart      [][]string // no two of each list in one unit
	Objective  Objective
	// Minutes gives the travel time between two nodes by their index, rounded
	// here to tenths; for Travel and MaxMinutes.
	Minutes func(a, b int) float64
	// Numbering is the order in which the dynamic programme places: always the
	// first of it that is left. The answer does not depend on it, States does.
	// Codes that are not in it come last, in order; empty: the order of codes.
	Numbering []string
}

// Status says what is known of the answer.
type Status string

// The statuses.
const (
	Optimal    Status = "optimal"    // proved: no allowed grouping is better
	Bounded    Status = "bounded"    // allowed, and no grouping is better than Bound
	Infeasible Status = "infeasible" // proved: no grouping is allowed
	Undecided  Status = "undecided"  // the search reached its limit before it found any
)

// Answer is the best grouping found, and what is proved of it.
type Answer struct {
	Status Status
	Value  float64 // in the objective's unit
	Bound  float64 // no allowed grouping is better than this
	// Units are the groups: codes in order, units by their lowest code.
	Units  [][]string
	States int    // the sets of municipalities left that were reached, the empty one included
	Method string // in Swedish, to be shown
	// SizeLimit is set where the program, and not the rules, limited the groups
	// to so many members in order to finish. Status then holds among such groups.
	SizeLimit int
	// Isolated are municipalities without any neighbour here.
	Isolated []string
	// Unplaced are municipalities that no allowed group can hold, with why.
	Unplaced []Unplaced
	// Conflict are rules that cannot all hold, and of which none can be left out
	// of the list; in Swedish, to be shown. Empty unless Status is Infeasible.
	Conflict []string
}

// Unplaced is a municipality that no allowed group can hold.
type Unplaced struct {
	Code string
	Why  string // in Swedish, to be shown
}

// Options bound the work.
type Options struct {
	Columns int // the largest number of groups to list; 0 means 1 000 000
	Steps   int // the largest number of search steps; 0 means 30 000 000
}

// ErrInput is wrapped by every error about a problem that cannot be.
var ErrInput = errors.New("grouping: bad input")

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInput, fmt.Sprintf(format, args...))
}

// county is a problem in bit sets: municipality i, in the order of codes, is bit i.
type county struct {
	*Problem
	n        int
	order    []int // order[i] is the index in Problem.Nodes of bit i
	codes    []string
	people   []int64
	adjacent []uint64
	mates    []uint64 // the set that must be in i's unit, i included
	foes     []uint64
	split    []uint64 // foes, and those with which no centre is near to both
	tenths   []int64  // minutes·10 between i and j, at i·n+j
	limit    int      // members of a unit, at most
	number   []int    // the place of each in the numbering
	after    []uint64 // those that come after each in the numbering
}

// full is the set of all.
func (c *county) full() uint64 {
	if c.n == 64 {
		return math.MaxUint64
	}
	return 1<<c.n - 1
}

func newCounty(p *Problem) (*county, error) {
	c := &county{Problem: p, n: len(p.Nodes)}
	if c.n == 0 || c.n > 64 {
		return nil, bad("%d municipalities; a search takes 1 to 64", c.n)
	}
	if !slices.Contains([]Objective{MostUnits, FewestUnits, Tax, Travel}, p.Objective) {
		return nil, bad("no objective %q", p.Objective)
	}
	if p.MinPopulation < 0 || p.MaxMembers < 0 || p.MaxMinutes < 0 {
		return nil, bad("a limit is negative")
	}
	for i := range p.Nodes {
		c.order = append(c.order, i)
	}
	slices.SortFunc(c.order, func(a, b int) int { return strings.Compare(p.Nodes[a].Code, p.Nodes[b].Code) })
	for _, i := range c.order {
		k := p.Nodes[i]
		if k.Population < 0 || k.Population > 1e9 {
			return nil, bad("%s has %d inhabitants", k.Code, k.Population)
		}
		if len(c.codes) > 0 && c.codes[len(c.codes)-1] == k.Code {
			return nil, bad("%s is there twice", k.Code)
		}
		if p.Objective == Tax && (!(k.TaxRate >= 0 && k.TaxRate <= 100) || !(k.TaxBase > 0 && k.TaxBase < 1e15)) {
			return nil, bad("%s has a tax rate of %g per cent and a base of %g kr", k.Code, k.TaxRate, k.TaxBase)
		}
		c.codes, c.people = append(c.codes, k.Code), append(c.people, k.Population)
	}
	c.limit = c.n
	if p.MaxMembers > 0 {
		c.limit = min(c.n, p.MaxMembers)
	}
	if err := c.pairs(); err != nil {
		return nil, err
	}
	c.numbers()
	return c, c.times()
}

// numbers reads the numbering. The search beyond the programme needs the order of
// codes, in which it finds the first of equals.
func (c *county) numbers() {
	for range c.n {
		c.number = append(c.number, len(c.Numbering))
	}
	if c.n <= programmeLimit {
		for at, code := range c.Numbering {
			if i, ok := slices.BinarySearch(c.codes, code); ok {
				c.number[i] = min(c.number[i], at)
			}
		}
	}
	c.after = make([]uint64, c.n)
	for i := range c.n {
		for j := range c.n {
			if c.number[j] > c.number[i] || c.number[j] == c.number[i] && j > i {
				c.after[i] |= 1 << j
			}
		}
	}
}

// first is the member of a set, not empty, that comes first in the numbering.
func (c *county) first(s uint64) int {
	at := low(s)
	for ; s != 0; s &= s - 1 {
		if i := low(s); c.after[i]>>at&1 == 1 {
			at = i
		}
	}
	return at
}

// pairs reads the edges and the rules of together and apart.
func (c *county) pairs() error {
	at := map[string]int{}
	for i, code := range c.codes {
		at[code] = i
	}
	c.adjacent, c.mates, c.foes = make([]uint64, c.n), make([]uint64, c.n), make([]uint64, c.n)
	for _, e := range c.Edges {
		a, hasA := at[e[0]]
		b, hasB := at[e[1]]
		if hasA && hasB && a != b {
			c.adjacent[a] |= 1 << b
			c.adjacent[b] |= 1 << a
		}
	}
	set := func(rule string, codes []string) (s uint64, err error) {
		for _, code := range codes {
			i, ok := at[code]
			if !ok {
				return 0, bad("%s: %s is not among the municipalities", rule, code)
			}
			if s>>i&1 == 1 {
				return 0, bad("%s: %s is there twice", rule, code)
			}
			s |= 1 << i
		}
		if len(codes) < 2 {
			return 0, bad("%s names %d municipality; it takes two or more", rule, len(codes))
		}
		return s, nil
	}
	for i := range c.mates {
		c.mates[i] = 1 << i
	}
	for _, codes := range c.Together {
		s, err := set("together", codes)
		if err != nil {
			return err
		}
		for each := s; each != 0; each &= each - 1 {
			s |= c.mates[low(each)]
		}
		for each := s; each != 0; each &= each - 1 {
			c.mates[low(each)] = s
		}
	}
	for _, codes := range c.Apart {
		s, err := set("apart", codes)
		if err != nil {
			return err
		}
		for each := s; each != 0; each &= each - 1 {
			c.foes[low(each)] |= s &^ (each & -each)
		}
	}
	return nil
}

func (c *county) times() error {
	c.split = slices.Clone(c.foes)
	if c.Objective != Travel && c.MaxMinutes == 0 {
		return nil
	}
	if c.Minutes == nil {
		return bad("travel needs the times between municipalities")
	}
	c.tenths = make([]int64, c.n*c.n)
	for i := range c.n {
		for j := range c.n {
			if i == j {
				continue
			}
			m := c.Minutes(c.order[i], c.order[j])
			if !(m >= 0 && m < 1e5) {
				return bad("%s to %s takes %g minutes", c.codes[i], c.codes[j], m)
			}
			c.tenths[i*c.n+j] = int64(math.Round(10 * m))
		}
	}
	if c.MaxMinutes > 0 {
		c.tooFar()
	}
	return nil
}

// tooFar splits two municipalities where none is near to both.
func (c *county) tooFar() {
	near := make([]uint64, c.n) // those to which i is near
	for i := range c.n {
		for centre := range c.n {
			if c.tenths[i*c.n+centre] <= c.most() {
				near[i] |= 1 << centre
			}
		}
	}
	for i := range c.n {
		for j := range c.n {
			if near[i]&near[j] == 0 {
				c.split[i] |= 1 << j
			}
		}
	}
}

// most is MaxMinutes in tenths.
func (c *county) most() int64 { return int64(c.MaxMinutes*10 + 1e-6) }

// names are the codes of a set, in order.
func (c *county) names(s uint64) (out []string) {
	for ; s != 0; s &= s - 1 {
		out = append(out, c.codes[low(s)])
	}
	return out
}
