package selection

import "math"

// mip is a whole-number program: maximise cost·x over whole x within the
// columns' bounds such that every row sum lies within the row's bounds. All
// bounds are finite.
type mip struct {
	cols []column
	rows []interval
}

type column struct {
	cost, lo, hi int64
	row          []int
	coef         []int64
}

type interval struct{ lo, hi int64 }

// Node is a node of a proof tree, in pre-order. Either it branches on a column
// (Column >= 0): the child Low has column <= AtMost and the child High has
// column >= AtMost+1. Or it is a leaf (Column < 0) with whole-number row
// multipliers, in units of 2^-Power, that bound what the leaf can hold, or, if
// Empty, prove that it holds nothing.
type Node struct {
	Column int          `json:"column"`
	AtMost int64        `json:"at_most,omitempty"`
	Low    int          `json:"low,omitempty"`
	High   int          `json:"high,omitempty"`
	Empty  bool         `json:"empty,omitempty"`
	Power  uint         `json:"power,omitempty"`
	Rows   []Multiplier `json:"rows,omitempty"`
}

// Multiplier is the multiplier of one row; rows that are not listed have 0.
type Multiplier struct {
	Row   int   `json:"row"`
	Value int64 `json:"value"`
}

// search is one run of branch and bound.
type search struct {
	m        *mip
	p        *lp
	lo, hi   []int64 // bounds of the columns at the present node
	best     int64   // nothing at or below this is of interest
	x        []int64 // the best point found, or nil
	bound    int64   // what the closed leaves allow
	first    bool    // stop at the first point above best
	limit    int     // nodes left
	limited  bool
	tree     []Node
	keepTree bool
}

// answer is what branch and bound found.
type answer struct {
	found bool
	x     []int64
	value int64 // of x
	bound int64 // proved upper bound on the value; equal to value when settled
	exact bool  // false: the node limit was hit, and bound may be above value
	tree  []Node
	nodes int
}

const nothing = math.MinInt64 / 4

type options struct {
	above int64 // only points worth more than this are of interest
	first bool  // any such point will do
	limit int   // nodes; 0 means defaultNodes
	tree  bool  // keep the proof tree
}

// defaultNodes bounds a search when the caller sets no limit. It counts nodes,
// not seconds, so that the same input gives the same answer on any machine.
const defaultNodes = 200_000

// solveMIP finds the best point of m and a proof that none is better.
//
// Every leaf of the tree is closed by multipliers that are checked in whole
// numbers before they count, so rounding in the linear programs can cost time
// but never correctness. Worst case exponential in the columns; when the rows
// are two laminar families with coefficients 0 and 1, the first node settles it.
func solveMIP(m *mip, o options) answer {
	s := &search{m: m, p: newLP(m), best: o.above, bound: o.above, first: o.first, limit: o.limit, keepTree: o.tree}
	if s.limit == 0 {
		s.limit = defaultNodes
	}
	all := s.limit
	s.lo, s.hi = make([]int64, len(m.cols)), make([]int64, len(m.cols))
	for j := range m.cols {
		s.lo[j], s.hi[j] = m.cols[j].lo, m.cols[j].hi
	}
	s.node()
	a := answer{found: s.x != nil, x: s.x, value: s.best, bound: max(s.bound, s.best), exact: !s.limited, tree: s.tree, nodes: all - s.limit}
	return a
}

// node handles one node of the tree and everything below it, and returns its index.
func (s *search) node() int {
	at := len(s.tree)
	if s.keepTree {
		s.tree = append(s.tree, Node{Column: -1})
	}
	if s.first && s.x != nil {
		return at
	}
	s.limit--
	for j := range s.m.cols {
		s.p.lo[j], s.p.hi[j] = float64(s.lo[j]), float64(s.hi[j])
	}
	status := s.p.solve()
	if status == lpInfeasible && s.closeEmpty(at) {
		return at
	}
	j, value, whole := s.fractional()
	if status == lpOptimal && whole {
		s.try()
	}
	if s.closeBounded(at) || s.first && s.x != nil {
		return at
	}
	if s.limit <= 0 {
		s.giveUp(at)
		return at
	}
	if status != lpOptimal || whole {
		j, value = s.unfixed()
	}
	if j < 0 {
		s.closeFixed(at)
		return at
	}
	s.branch(at, j, value)
	return at
}

// branch splits the node at column j, nearer side first.
func (s *search) branch(at, j int, value float64) {
	cut := int64(math.Floor(value))
	cut = min(max(cut, s.lo[j]), s.hi[j]-1)
	lo, hi := s.lo[j], s.hi[j]
	low := func() int {
		s.hi[j] = cut
		defer func() { s.hi[j] = hi }()
		return s.node()
	}
	high := func() int {
		s.lo[j] = cut + 1
		defer func() { s.lo[j] = lo }()
		return s.node()
	}
	var l, h int
	if value-float64(cut) > 0.5 {
		h = high()
		l = low()
	} else {
		l = low()
		h = high()
	}
	if s.keepTree {
		s.tree[at] = Node{Column: j, AtMost: cut, Low: l, High: h}
	}
}

const wholeTolerance = 1e-6

// fractional is the column furthest from a whole number, and whether there is none.
func (s *search) fractional() (j int, value float64, whole bool) {
	best := wholeTolerance
	j = -1
	for k := range s.m.cols {
		x := s.p.x[k]
		if f := math.Abs(x - math.RoundToEven(x)); f > best+1e-9 {
			j, best, value = k, f, x
		}
	}
	return j, value, j < 0
}

// unfixed is the first column that still has a choice.
func (s *search) unfixed() (int, float64) {
	for j := range s.m.cols {
		if s.lo[j] < s.hi[j] {
			return j, min(max(s.p.x[j], float64(s.lo[j])), float64(s.hi[j]))
		}
	}
	return -1, 0
}

// try rounds the linear program's point and takes it if it keeps every row.
func (s *search) try() {
	x := make([]int64, len(s.m.cols))
	for j := range x {
		x[j] = int64(math.RoundToEven(s.p.x[j]))
	}
	if value, ok := s.m.worth(x, s.lo, s.hi); ok && value > s.best {
		s.best, s.x = value, x
	}
}

// worth is the value of x and whether x keeps all bounds and rows.
func (m *mip) worth(x, lo, hi []int64) (int64, bool) {
	sum := make([]int64, len(m.rows))
	var value int64
	for j, c := range m.cols {
		if x[j] < lo[j] || x[j] > hi[j] {
			return 0, false
		}
		value += c.cost * x[j]
		for k, r := range c.row {
			sum[r] += c.coef[k] * x[j]
		}
	}
	for r, row := range m.rows {
		if sum[r] < row.lo || sum[r] > row.hi {
			return 0, false
		}
	}
	return value, true
}

// powers are the precisions tried when multipliers are rounded: whole numbers
// first, because they make certificates that a person can read.
var powers = [...]uint{0, 6, 20}

func (s *search) closeBounded(at int) bool {
	for _, power := range powers {
		y, ok := roundMultipliers(s.p.y, power)
		if !ok {
			continue
		}
		bound, ok := exactBound(s.m, s.lo, s.hi, y, power, true)
		if ok && bound <= s.best {
			s.leaf(at, y, power, false)
			s.bound = max(s.bound, bound)
			return true
		}
	}
	return false
}

func (s *search) closeEmpty(at int) bool {
	largest := 0.0
	for _, v := range s.p.ray {
		largest = max(largest, math.Abs(v))
	}
	if largest == 0 {
		return false
	}
	ray := make([]float64, len(s.p.ray))
	for _, power := range powers {
		for _, sign := range []float64{1, -1} {
			for r, v := range s.p.ray {
				ray[r] = sign * v / largest * 60 // 60 = 3·4·5 makes most small fractions whole
			}
			y, ok := roundMultipliers(ray, power)
			if !ok {
				continue
			}
			if bound, ok := exactBound(s.m, s.lo, s.hi, y, 0, false); ok && bound < 0 {
				s.leaf(at, y, 0, true)
				return true
			}
		}
	}
	return false
}

// closeFixed closes a node in which every column is fixed: either its only
// point keeps the rows, or one row shows that it does not.
func (s *search) closeFixed(at int) {
	y := make([]int64, len(s.m.rows))
	value, ok := s.m.worth(s.lo, s.lo, s.hi)
	if ok {
		if value > s.best {
			s.best, s.x = value, append([]int64(nil), s.lo...)
		}
		s.bound = max(s.bound, value)
		s.leaf(at, y, 0, false)
		return
	}
	for r := range s.m.rows {
		for _, v := range []int64{1, -1} {
			y[r] = v
			if bound, ok := exactBound(s.m, s.lo, s.hi, y, 0, false); ok && bound < 0 {
				s.leaf(at, y, 0, true)
				return
			}
		}
		y[r] = 0
	}
}

// giveUp leaves a node open: its bound is what the multipliers show.
func (s *search) giveUp(at int) {
	s.limited = true
	for k := len(powers) - 1; k >= 0; k-- {
		y, ok := roundMultipliers(s.p.y, powers[k])
		if !ok {
			continue
		}
		if bound, ok := exactBound(s.m, s.lo, s.hi, y, powers[k], true); ok {
			s.leaf(at, y, powers[k], false)
			s.bound = max(s.bound, bound)
			return
		}
	}
	y := make([]int64, len(s.m.rows))
	if bound, ok := exactBound(s.m, s.lo, s.hi, y, 0, true); ok {
		s.bound = max(s.bound, bound)
	} else {
		s.bound = math.MaxInt64 / 4
	}
	s.leaf(at, y, 0, false)
}

func (s *search) leaf(at int, y []int64, power uint, empty bool) {
	if !s.keepTree {
		return
	}
	n := Node{Column: -1, Power: power, Empty: empty}
	for r, v := range y {
		if v != 0 {
			n.Rows = append(n.Rows, Multiplier{r, v})
		}
	}
	s.tree[at] = n
}
