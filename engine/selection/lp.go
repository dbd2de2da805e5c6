package selection

import "math"

// lp is a linear program in which every variable has two finite bounds:
//
//	maximise c·x  subject to  row_r(x) + w_r = 0,  lo <= (x, w) <= hi
//
// Because every variable is boxed, every basis is made dual feasible by placing
// each non-basic variable at the bound that its reduced cost asks for. So the
// dual simplex method needs no first phase and can go on from any basis after
// any change of bounds, which is what branch and bound does all the time.
//
// It works in float64 and proves nothing by itself: the callers round its
// multipliers and check them in whole numbers (see exactBound), or solve its
// last basis in rationals (see ratlp.go). Products are rounded explicitly, so
// that processors with fused multiply-add take the same path.
type lp struct {
	n, m    int // structural columns, rows
	idx     [][]int
	val     [][]float64
	cost    []float64
	lo, hi  []float64 // n structural, then m logical
	head    []int     // the basic variable of each row
	place   []int     // the row of a basic variable, or -1
	upper   []bool    // a non-basic variable stands at its upper bound
	inverse [][]float64
	x       []float64 // value of every variable
	y, d    []float64
	pivots  int
	ray     []float64 // after lpInfeasible: the row multipliers that show it
	alpha   []float64
	cand    []ratio
}

type ratio struct {
	j int
	t float64
}

type lpStatus int

const (
	lpOptimal lpStatus = iota
	lpInfeasible
	lpUnknown // iteration limit or numerical trouble; y is still a usable guess
)

const (
	primalTolerance = 1e-9 // on counts, which are whole numbers of moderate size
	pivotTolerance  = 1e-9 // smallest |alpha| that may enter the basis
	refactorEvery   = 60   // pivots between fresh inverses
)

// newLP makes the program of the columns' costs and coefficients; the basis is all logicals.
func newLP(m *mip) *lp {
	p := &lp{n: len(m.cols), m: len(m.rows)}
	total := p.n + p.m
	p.idx, p.val = make([][]int, p.n), make([][]float64, p.n)
	p.cost = make([]float64, total)
	p.lo, p.hi = make([]float64, total), make([]float64, total)
	p.place, p.upper = make([]int, total), make([]bool, total)
	p.x, p.d, p.alpha = make([]float64, total), make([]float64, total), make([]float64, total)
	p.y, p.ray = make([]float64, p.m), make([]float64, p.m)
	for j, c := range m.cols {
		p.cost[j] = float64(c.cost)
		p.idx[j] = c.row
		p.val[j] = make([]float64, len(c.coef))
		for k, v := range c.coef {
			p.val[j][k] = float64(v)
		}
		p.lo[j], p.hi[j] = float64(c.lo), float64(c.hi)
		p.place[j] = -1
	}
	for r, row := range m.rows {
		p.lo[p.n+r], p.hi[p.n+r] = -float64(row.hi), -float64(row.lo)
	}
	p.resetBasis()
	return p
}

func (p *lp) resetBasis() {
	p.head = make([]int, p.m)
	p.inverse = make([][]float64, p.m)
	for j := range p.n {
		p.place[j] = -1
	}
	for r := range p.m {
		p.head[r], p.place[p.n+r] = p.n+r, r
		p.inverse[r] = make([]float64, p.m)
		p.inverse[r][r] = 1
	}
	p.pivots = 0
}

// solve runs the dual simplex method from the present basis. Cost per pivot:
// O(rows^2 + coefficients).
func (p *lp) solve() lpStatus {
	limit := 200 + 20*(p.m+p.n)
	fresh := false
	for step := 0; step < limit; step++ {
		if p.pivots >= refactorEvery && !p.refactor() {
			p.resetBasis()
		}
		p.prices()
		p.primal()
		r, below := p.leaving(step > limit/2)
		if r < 0 {
			return lpOptimal
		}
		e, feasible := p.entering(r, below, step > limit/2)
		if !feasible {
			if !fresh && p.pivots > 0 && p.refactor() { // once more with a fresh inverse
				fresh = true
				continue
			}
			copy(p.ray, p.inverse[r])
			return lpInfeasible
		}
		if e < 0 {
			if fresh || !p.refactor() {
				return lpUnknown
			}
			fresh = true
			continue
		}
		fresh = false
		p.pivot(r, e)
		p.upper[p.head[r]] = !below
		p.place[p.head[r]] = -1
		p.head[r], p.place[e] = e, r
	}
	return lpUnknown
}

// prices computes the multipliers y and reduced costs d of the basis, and puts
// every non-basic variable at the bound that its reduced cost asks for.
func (p *lp) prices() {
	clear(p.y)
	for r, j := range p.head {
		if c := p.cost[j]; c != 0 {
			for k, v := range p.inverse[r] {
				p.y[k] += float64(c * v)
			}
		}
	}
	for j := range p.n + p.m {
		if p.place[j] >= 0 {
			p.d[j] = 0
			continue
		}
		d := p.cost[j] - p.dot(p.y, j)
		p.d[j] = d
		if tolerance := 1e-11 * (1 + math.Abs(p.cost[j])); d > tolerance {
			p.upper[j] = true
		} else if d < -tolerance {
			p.upper[j] = false
		}
	}
}

// dot is the product of a row vector and column j.
func (p *lp) dot(v []float64, j int) float64 {
	if j >= p.n {
		return v[j-p.n]
	}
	sum := 0.0
	val := p.val[j]
	for k, r := range p.idx[j] {
		sum += float64(v[r] * val[k])
	}
	return sum
}

// primal computes the values of all variables.
func (p *lp) primal() {
	rhs := make([]float64, p.m)
	for j := range p.n + p.m {
		if p.place[j] >= 0 {
			continue
		}
		x := p.lo[j]
		if p.upper[j] {
			x = p.hi[j]
		}
		p.x[j] = x
		if x == 0 {
			continue
		}
		if j >= p.n {
			rhs[j-p.n] -= x
			continue
		}
		for k, r := range p.idx[j] {
			rhs[r] -= float64(p.val[j][k] * x)
		}
	}
	for r, j := range p.head {
		sum := 0.0
		for k, v := range p.inverse[r] {
			sum += float64(v * rhs[k])
		}
		p.x[j] = sum
	}
}

// leaving is the row whose basic variable is furthest outside its bounds (or,
// when asked to be careful against cycling, the lowest such variable), and
// whether it is below; -1 when none is outside.
func (p *lp) leaving(careful bool) (row int, below bool) {
	row, worst := -1, primalTolerance
	for r, j := range p.head {
		tolerance := primalTolerance * (1 + math.Abs(p.x[j]))
		under, over := p.lo[j]-p.x[j], p.x[j]-p.hi[j]
		if max(under, over) <= tolerance {
			continue
		}
		if careful {
			if row < 0 || j < p.head[row] {
				row, below = r, under > over
			}
			continue
		}
		if max(under, over) > worst {
			row, worst, below = r, max(under, over), under > over
		}
	}
	return row, below
}

// entering chooses the variable that replaces the one in row r. It passes over
// variables that can jump to their other bound without making the row feasible
// (the long step of the dual method). It returns -1, false when even all jumps
// leave the row outside its bounds: no solution exists.
func (p *lp) entering(r int, below, careful bool) (j int, feasible bool) {
	row := p.inverse[r]
	out := p.head[r]
	slope := p.x[out] - p.hi[out]
	sign := 1.0
	if below {
		slope, sign = p.lo[out]-p.x[out], -1.0
	}
	p.cand = p.cand[:0]
	for j := range p.n + p.m {
		if p.place[j] >= 0 || p.lo[j] == p.hi[j] {
			continue
		}
		a := p.dot(row, j)
		p.alpha[j] = a
		s := sign * a // s > 0 helps when the variable rises, s < 0 when it falls
		if p.upper[j] && s < -pivotTolerance || !p.upper[j] && s > pivotTolerance {
			p.cand = append(p.cand, ratio{j, math.Abs(p.d[j]) / math.Abs(a)})
		}
	}
	room := 0.0
	for _, c := range p.cand {
		room += math.Abs(p.alpha[c.j]) * (p.hi[c.j] - p.lo[c.j])
	}
	if room < slope-primalTolerance*(1+math.Abs(p.x[out])) {
		return -1, false
	}
	for len(p.cand) > 0 {
		best := p.smallestRatio(careful)
		c := p.cand[best]
		slope -= math.Abs(p.alpha[c.j]) * (p.hi[c.j] - p.lo[c.j])
		if slope <= 0 || len(p.cand) == 1 || careful {
			return c.j, true
		}
		p.upper[c.j] = !p.upper[c.j]
		p.cand[best] = p.cand[len(p.cand)-1]
		p.cand = p.cand[:len(p.cand)-1]
	}
	return -1, true
}

// smallestRatio picks among the candidates; near-ties go to the largest pivot,
// then to the lowest variable.
func (p *lp) smallestRatio(careful bool) int {
	best := 0
	for k := 1; k < len(p.cand); k++ {
		a, b := p.cand[k], p.cand[best]
		switch diff := a.t - b.t; {
		case diff < -1e-12*(1+b.t):
			best = k
		case diff > 1e-12*(1+b.t):
		case careful:
			if a.j < b.j {
				best = k
			}
		default:
			pa, pb := math.Abs(p.alpha[a.j]), math.Abs(p.alpha[b.j])
			if pa > pb || pa == pb && a.j < b.j {
				best = k
			}
		}
	}
	return best
}

// pivot brings variable e into row r of the inverse.
func (p *lp) pivot(r, e int) {
	column := make([]float64, p.m)
	for i := range p.m {
		column[i] = p.dot(p.inverse[i], e)
	}
	eliminate(p.inverse, column, r)
	p.pivots++
}

// eliminate turns column into the unit vector of row r by row operations.
func eliminate(inverse [][]float64, column []float64, r int) {
	pr := inverse[r]
	f := 1 / column[r]
	for k := range pr {
		pr[k] *= f
	}
	for i, row := range inverse {
		c := column[i]
		if i == r || c == 0 {
			continue
		}
		for k, v := range pr {
			if v != 0 {
				row[k] -= float64(c * v)
			}
		}
	}
}

// refactor computes the inverse of the present basis anew; false when the
// basis is numerically singular.
func (p *lp) refactor() bool {
	basis := append([]int(nil), p.head...)
	old := p.inverse
	inverse := make([][]float64, p.m)
	for r := range inverse {
		inverse[r] = make([]float64, p.m)
		inverse[r][r] = 1
	}
	p.inverse = inverse
	free := make([]bool, p.m)
	for r := range free {
		free[r] = true
	}
	column := make([]float64, p.m)
	for _, j := range basis {
		best := -1
		for i := range p.m {
			column[i] = p.dot(inverse[i], j)
			if free[i] && (best < 0 || math.Abs(column[i]) > math.Abs(column[best])) {
				best = i
			}
		}
		if best < 0 || math.Abs(column[best]) < 1e-10 {
			p.inverse = old
			for r, j := range basis {
				p.head[r], p.place[j] = j, r
			}
			return false
		}
		eliminate(inverse, column, best)
		free[best] = false
		p.head[best], p.place[j] = j, best
	}
	p.pivots = 0
	return true
}
