package grouping

import (
	"math"
	"math/bits"
)

// dual is a price for each municipality, in whole numbers of 1/scale cost, such
// that no allowed group costs less than the prices of its members. So the prices
// of a set, rounded up, are a lower bound of every way to place it.
type dual struct {
	scale  int64
	prices []int64
	tables [8][256]int64 // sums of prices by byte of the set
}

// sum is the prices of a set.
func (d *dual) sum(s uint64) (n int64) {
	for i := range d.tables {
		n += d.tables[i][s>>(8*i)&255]
	}
	return n
}

// least is the bound of a set's cost.
func (d *dual) least(s uint64) int64 { return ceil(d.sum(s), d.scale) }

func ceil(a, b int64) int64 {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}

// dual finds prices by the linear relaxation of set partitioning over the groups
// listed, and makes them hold in whole numbers against every group. For the most
// units a municipality may also stay outside at no cost, which keeps the prices
// from working for more units in larger groups.
func (c *county) dual(by [][]column) *dual {
	largest := int64(1)
	var all []column
	for _, list := range by {
		for _, t := range list {
			largest = max(largest, t.cost, -t.cost)
		}
		all = append(all, list...)
	}
	if c.Objective == MostUnits {
		for i := range c.n {
			all = append(all, column{1 << i, 0})
		}
	}
	n := int64(c.n)
	room := int64(1) << 58 / (largest * n * n)
	d := &dual{scale: max(1, min(1<<30, room)), prices: make([]int64, c.n)}
	lp := &simplex{n: c.n, columns: all, artificial: 2 * float64(largest) * float64(n)}
	for i, y := range lp.solve() {
		y = max(-lp.artificial*float64(n), min(lp.artificial, y))
		d.prices[i] = int64(math.Floor(y * float64(d.scale)))
	}
	var lower int64
	for _, t := range all {
		var sum int64
		for s := t.set; s != 0; s &= s - 1 {
			sum += d.prices[low(s)]
		}
		if over := sum - t.cost*d.scale; over > 0 {
			lower = max(lower, ceil(over, int64(bits.OnesCount64(t.set))))
		}
	}
	for i := range d.prices {
		d.prices[i] -= lower
		for s := range 256 {
			if s>>(i%8)&1 == 1 {
				d.tables[i/8][s] += d.prices[i]
			}
		}
	}
	return d
}

// simplex is the revised simplex method for min c·x, Ax = 1, x ≥ 0, where the
// columns of A are sets. The right-hand side is shifted a little, by a fixed
// rule, so that it does not cycle; the prices stay right, since they do not
// depend on it.
type simplex struct {
	n          int
	columns    []column
	artificial float64 // cost of leaving a row to an artificial column

	inverse [][]float64
	basis   []int // column of each row; −1−i for the artificial one of row i
	x       []float64
	prices  []float64
}

const (
	// simplexSteps is when the method gives up; its prices are then worse but,
	// once checked, still hold.
	simplexSteps = 50_000
	// refactorEvery is after how many steps the inverse is made anew.
	refactorEvery = 100
	// enough is how negative a reduced cost must be, relative to the costs.
	enough = 1e-9
)

// solve gives the prices of the rows.
func (l *simplex) solve() []float64 {
	l.basis = make([]int, l.n)
	for i := range l.basis {
		l.basis[i] = -1 - i
	}
	l.factor()
	var pool []int
	for step := range simplexSteps {
		if step%refactorEvery == refactorEvery-1 {
			l.factor()
		}
		l.price()
		enter := l.bestOf(pool)
		if enter < 0 {
			if pool = l.promising(); len(pool) == 0 {
				break
			}
			enter = l.bestOf(pool)
		}
		if enter < 0 || !l.pivot(enter) {
			break
		}
	}
	return l.prices
}

func (l *simplex) cost(column int) float64 {
	if column < 0 {
		return l.artificial
	}
	return float64(l.columns[column].cost)
}

func (l *simplex) set(column int) uint64 {
	if column < 0 {
		return 1 << (-1 - column)
	}
	return l.columns[column].set
}

func (l *simplex) price() {
	l.prices = make([]float64, l.n)
	for r, b := range l.basis {
		if c := l.cost(b); c != 0 {
			for i, v := range l.inverse[r] {
				l.prices[i] += c * v
			}
		}
	}
}

func (l *simplex) reduced(column int) float64 {
	v := l.cost(column)
	for s := l.set(column); s != 0; s &= s - 1 {
		v -= l.prices[low(s)]
	}
	return v
}

// bestOf is the column of the most negative reduced cost, −1 where none is.
func (l *simplex) bestOf(pool []int) int {
	at, least := -1, -enough*l.artificial
	for _, j := range pool {
		if v := l.reduced(j); v < least {
			at, least = j, v
		}
	}
	return at
}

// promising are the columns of the most negative reduced costs, some hundreds.
func (l *simplex) promising() (pool []int) {
	least := -enough * l.artificial
	for j := range l.columns {
		if v := l.reduced(j); v < least {
			if pool = append(pool, j); len(pool) >= 2000 {
				least = l.half(&pool)
			}
		}
	}
	return pool
}

// half keeps the columns below the mean reduced cost of a pool, and gives the mean.
func (l *simplex) half(pool *[]int) float64 {
	mean := 0.0
	for _, j := range *pool {
		mean += l.reduced(j) / float64(len(*pool))
	}
	keep := (*pool)[:0]
	for _, j := range *pool {
		if l.reduced(j) <= mean {
			keep = append(keep, j)
		}
	}
	*pool = keep
	if len(keep) >= 2000 { // all alike
		*pool = keep[:500]
	}
	return mean
}

// pivot brings a column into the basis; false where that is not possible.
func (l *simplex) pivot(enter int) bool {
	d := make([]float64, l.n)
	for r := range d {
		for s := l.set(enter); s != 0; s &= s - 1 {
			d[r] += l.inverse[r][low(s)]
		}
	}
	out := -1
	for r, v := range d {
		if v > 1e-7 && (out < 0 || l.x[r]/v < l.x[out]/d[out]) {
			out = r
		}
	}
	if out < 0 {
		return false
	}
	p := d[out]
	for i := range l.inverse[out] {
		l.inverse[out][i] /= p
	}
	l.x[out] /= p
	for r, v := range d {
		if r == out || v == 0 {
			continue
		}
		for i := range l.inverse[r] {
			l.inverse[r][i] -= v * l.inverse[out][i]
		}
		l.x[r] -= v * l.x[out]
	}
	l.basis[out] = enter
	return true
}

// factor makes the inverse of the basis anew, by elimination with row pivots,
// and the solution with it. Rows of the basis are put in the order in which
// their columns pivot; a basis that has become singular begins again.
func (l *simplex) factor() {
	n := l.n
	work := make([][]float64, n) // row i of the matrix, then of the unit matrix
	for i := range work {
		work[i] = make([]float64, 2*n)
		work[i][n+i] = 1
		for k, b := range l.basis {
			if l.set(b)>>i&1 == 1 {
				work[i][k] = 1
			}
		}
	}
	for k := range n {
		p := k
		for i := k; i < n; i++ {
			if math.Abs(work[i][k]) > math.Abs(work[p][k]) {
				p = i
			}
		}
		if math.Abs(work[p][k]) < 1e-9 {
			for i := range l.basis {
				l.basis[i] = -1 - i
			}
			l.factor()
			return
		}
		work[k], work[p] = work[p], work[k]
		f := work[k][k]
		for j := range work[k] {
			work[k][j] /= f
		}
		for i := range n {
			if g := work[i][k]; i != k && g != 0 {
				for j := k; j < 2*n; j++ {
					work[i][j] -= g * work[k][j]
				}
			}
		}
	}
	l.inverse, l.x = make([][]float64, n), make([]float64, n)
	for r := range n {
		l.inverse[r] = work[r][n:]
		for i, v := range l.inverse[r] {
			l.x[r] += v * (1 + 1e-5*float64(i*7919%1009)/1009)
		}
	}
}
