package selection

import (
	"math"
	"math/bits"
)

// i128 is a whole number of 128 bits in two's complement. Sums of products of
// scores, counts and multipliers stay far inside it: each product is below
// 2^126 and there are fewer than 2^20 of them only when they are far smaller
// (see exactBound).
type i128 struct {
	hi int64
	lo uint64
}

func (s i128) add(t i128) i128 {
	lo, carry := bits.Add64(s.lo, t.lo, 0)
	hi, _ := bits.Add64(uint64(s.hi), uint64(t.hi), carry)
	return i128{int64(hi), lo}
}

func product(a, b int64) i128 {
	negative := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if negative {
		lo, carry := bits.Add64(^lo, 1, 0)
		hi, _ := bits.Add64(^hi, 0, carry)
		return i128{int64(hi), lo}
	}
	return i128{int64(hi), lo}
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return uint64(-(a + 1)) + 1
	}
	return uint64(a)
}

// fits returns the number as an int64 if it is one of moderate size.
func (s i128) fits() (int64, bool) {
	n := int64(s.lo)
	return n, (s.hi == 0 && n >= 0 || s.hi == -1 && n < 0) && n < 1<<62 && n > -(1<<62)
}

// floorShift is the largest whole number not above s / 2^k.
func (s i128) floorShift(k uint) (int64, bool) {
	if k == 0 {
		return s.fits()
	}
	return i128{s.hi >> k, s.lo>>k | uint64(s.hi)<<(64-k)}.fits()
}

// exactBound is the bound that multipliers prove, by weak duality and in whole
// numbers: no x within lo and hi that keeps the rows is worth more than
//
//	sum_r max(y_r rowlo_r, y_r rowhi_r) + sum_j max(d_j lo_j, d_j hi_j),
//	d_j = cost_j 2^shift - sum_r y_r a_rj,
//
// divided by 2^shift. With costs false it takes all costs as 0, and a bound
// below 0 proves that no such x exists. ok is false when a number would leave
// the range that is handled exactly.
func exactBound(m *mip, lo, hi, y []int64, shift uint, costs bool) (bound int64, ok bool) {
	var sum i128
	for r, row := range m.rows {
		sum = sum.add(product(y[r], pick(y[r] > 0, row.hi, row.lo)))
	}
	for j := range m.cols {
		c := &m.cols[j]
		var d i128
		if costs {
			d = product(c.cost, 1<<shift)
		}
		for k, r := range c.row {
			d = d.add(product(-y[r], c.coef[k]))
		}
		n, fits := d.fits()
		if !fits {
			return 0, false
		}
		sum = sum.add(product(n, pick(n > 0, hi[j], lo[j])))
	}
	return sum.floorShift(shift)
}

func pick(first bool, a, b int64) int64 {
	if first {
		return a
	}
	return b
}

// roundMultipliers turns y into whole numbers in units of 2^-shift; false when
// they are too large for exact sums.
func roundMultipliers(y []float64, shift uint) ([]int64, bool) {
	const limit = 1 << 57
	out := make([]int64, len(y))
	for r, v := range y {
		f := math.RoundToEven(math.Ldexp(v, int(shift)))
		if !(math.Abs(f) < limit) {
			return nil, false
		}
		out[r] = int64(f)
	}
	return out, true
}
