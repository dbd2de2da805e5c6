package selection

import (
	"math/big"
)

// ratLP is the linear program of lp in exact rationals. It starts from the
// basis where the floating-point program stopped, so it usually only checks
// that basis; if rounding stopped it in the wrong place, it goes on by the dual
// simplex method with the smallest-index rule, which always ends (Bland 1977).
type ratLP struct {
	n, m    int
	idx     [][]int
	val     [][]int64
	cost    []int64
	lo, hi  []*big.Rat
	head    []int
	place   []int
	upper   []bool
	inverse [][]*big.Rat // nil is 0
	x, d    []*big.Rat
	y       []*big.Rat
}

// newRatLP copies the program m with the exact bounds lo and hi of its n
// columns and then its rows' logicals, and the basis of p.
func newRatLP(m *mip, p *lp, lo, hi []*big.Rat) *ratLP {
	q := &ratLP{n: p.n, m: p.m, lo: lo, hi: hi, head: append([]int(nil), p.head...),
		place: append([]int(nil), p.place...), upper: append([]bool(nil), p.upper...), cost: make([]int64, p.n+p.m)}
	for j, c := range m.cols {
		q.idx, q.val = append(q.idx, c.row), append(q.val, c.coef)
		q.cost[j] = c.cost
	}
	q.x, q.d, q.y = make([]*big.Rat, p.n+p.m), make([]*big.Rat, p.n+p.m), make([]*big.Rat, p.m)
	return q
}

// solve returns false when the program has no solution.
func (q *ratLP) solve() bool {
	if !q.factor() {
		for j := range q.place {
			q.place[j] = -1
		}
		for r := range q.head {
			q.head[r], q.place[q.n+r] = q.n+r, r
		}
		q.factor()
	}
	for {
		q.prices()
		q.primal()
		r, below := q.leaving()
		if r < 0 {
			return true
		}
		e := q.entering(r, below)
		if e < 0 {
			return false
		}
		q.pivot(q.inverse, q.column(e), r)
		out := q.head[r]
		q.upper[out] = !below
		q.place[out] = -1
		q.head[r], q.place[e] = e, r
	}
}

func (q *ratLP) prices() {
	for k := range q.y {
		q.y[k] = new(big.Rat)
	}
	var t big.Rat
	for r, j := range q.head {
		if q.cost[j] == 0 {
			continue
		}
		c := new(big.Rat).SetInt64(q.cost[j])
		for k, v := range q.inverse[r] {
			if v != nil {
				q.y[k].Add(q.y[k], t.Mul(c, v))
			}
		}
	}
	for j := range q.n + q.m {
		if q.place[j] >= 0 {
			q.d[j] = new(big.Rat)
			continue
		}
		d := new(big.Rat).SetInt64(q.cost[j])
		d.Sub(d, q.dot(q.y, j))
		q.d[j] = d
		if d.Sign() != 0 {
			q.upper[j] = d.Sign() > 0
		}
	}
}

func (q *ratLP) dot(v []*big.Rat, j int) *big.Rat {
	sum := new(big.Rat)
	if j >= q.n {
		if v[j-q.n] != nil {
			sum.Set(v[j-q.n])
		}
		return sum
	}
	var t, c big.Rat
	for k, r := range q.idx[j] {
		if v[r] != nil && v[r].Sign() != 0 {
			sum.Add(sum, t.Mul(v[r], c.SetInt64(q.val[j][k])))
		}
	}
	return sum
}

func (q *ratLP) primal() {
	rhs := make([]*big.Rat, q.m)
	var t, c big.Rat
	take := func(r int, v *big.Rat) {
		if rhs[r] == nil {
			rhs[r] = new(big.Rat)
		}
		rhs[r].Sub(rhs[r], v)
	}
	for j := range q.n + q.m {
		if q.place[j] >= 0 {
			continue
		}
		q.x[j] = q.lo[j]
		if q.upper[j] {
			q.x[j] = q.hi[j]
		}
		if q.x[j].Sign() == 0 {
			continue
		}
		if j >= q.n {
			take(j-q.n, q.x[j])
			continue
		}
		for k, r := range q.idx[j] {
			take(r, t.Mul(c.SetInt64(q.val[j][k]), q.x[j]))
		}
	}
	for r, j := range q.head {
		sum := new(big.Rat)
		for k, v := range q.inverse[r] {
			if v != nil && rhs[k] != nil {
				sum.Add(sum, t.Mul(v, rhs[k]))
			}
		}
		q.x[j] = sum
	}
}

func (q *ratLP) leaving() (row int, below bool) {
	row = -1
	for r, j := range q.head {
		under, over := q.x[j].Cmp(q.lo[j]) < 0, q.x[j].Cmp(q.hi[j]) > 0
		if (under || over) && (row < 0 || j < q.head[row]) {
			row, below = r, under
		}
	}
	return row, below
}

func (q *ratLP) entering(r int, below bool) int {
	best := -1
	var least *big.Rat
	for j := range q.n + q.m {
		if q.place[j] >= 0 || q.lo[j].Cmp(q.hi[j]) == 0 {
			continue
		}
		a := q.dot(q.inverse[r], j)
		s := a.Sign()
		if below {
			s = -s
		}
		if s == 0 || q.upper[j] != (s < 0) {
			continue
		}
		t := new(big.Rat).Quo(q.d[j], a)
		t.Abs(t)
		if best < 0 || t.Cmp(least) < 0 {
			best, least = j, t
		}
	}
	return best
}

func (q *ratLP) column(j int) []*big.Rat {
	column := make([]*big.Rat, q.m)
	for i := range q.m {
		column[i] = q.dot(q.inverse[i], j)
	}
	return column
}

// pivot turns column into the unit vector of row r by row operations.
func (q *ratLP) pivot(inverse [][]*big.Rat, column []*big.Rat, r int) {
	f := new(big.Rat).Inv(column[r])
	for k, v := range inverse[r] {
		if v != nil {
			inverse[r][k] = new(big.Rat).Mul(v, f)
		}
	}
	var t big.Rat
	for i, row := range inverse {
		c := column[i]
		if i == r || c.Sign() == 0 {
			continue
		}
		for k, v := range inverse[r] {
			if v == nil {
				continue
			}
			t.Mul(c, v)
			if row[k] == nil {
				row[k] = new(big.Rat).Neg(&t)
			} else if row[k].Sub(row[k], &t); row[k].Sign() == 0 {
				row[k] = nil
			}
		}
	}
}

// factor computes the exact inverse of the basis; false when it is singular.
// Logicals come first and columns with few coefficients before others, which
// keeps the inverse sparse.
func (q *ratLP) factor() bool {
	basis := append([]int(nil), q.head...)
	q.inverse = make([][]*big.Rat, q.m)
	free := make([]bool, q.m)
	for r := range q.inverse {
		q.inverse[r] = make([]*big.Rat, q.m)
		q.inverse[r][r] = new(big.Rat).SetInt64(1)
		free[r] = true
	}
	var rest []int
	for _, j := range basis {
		if j >= q.n {
			free[j-q.n] = false
			q.head[j-q.n], q.place[j] = j, j-q.n
		} else {
			rest = append(rest, j)
		}
	}
	for _, j := range rest {
		column := q.column(j)
		best := -1
		for i := range q.m {
			if free[i] && column[i].Sign() != 0 && (best < 0 || weightOf(q.inverse[i]) < weightOf(q.inverse[best])) {
				best = i
			}
		}
		if best < 0 {
			return false
		}
		q.pivot(q.inverse, column, best)
		free[best] = false
		q.head[best], q.place[j] = j, best
	}
	return true
}

// weightOf is how many entries of a row are not 0.
func weightOf(row []*big.Rat) (n int) {
	for _, v := range row {
		if v != nil {
			n++
		}
	}
	return n
}
