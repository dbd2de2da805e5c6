package access

import (
	"fmt"
	"math"
)

// Decay is how much a place at a cost counts, from 0 to 1.
type Decay func(cost uint32) float64

// Step counts a place in full up to limit and not beyond.
func Step(limit uint32) Decay {
	return func(c uint32) float64 {
		if c <= limit {
			return 1
		}
		return 0
	}
}

// Linear falls from 1 at no cost to 0 at limit. A limit of 0 counts only
// places at no cost.
func Linear(limit uint32) Decay {
	return func(c uint32) float64 {
		switch {
		case c == 0:
			return 1
		case c >= limit:
			return 0
		}
		return 1 - float64(c)/float64(limit)
	}
}

// Exponential is exp(−cost·ln 2/half): half at the cost given, which is above 0.
func Exponential(half uint32) Decay {
	return func(c uint32) float64 { return math.Exp2(-float64(c) / float64(half)) }
}

// Logistic is 1/(1 + exp((cost − middle)·π/(√3·spread))): half at the middle,
// with spread, above 0, as its standard deviation.
func Logistic(middle, spread uint32) Decay {
	return func(c uint32) float64 {
		return 1 / (1 + math.Exp((float64(c)-float64(middle))*math.Pi/(math.Sqrt(3)*float64(spread))))
	}
}

// Band is a weight for costs up to and including To, from the band before.
type Band struct {
	To     uint32
	Weight float64
}

// Banded counts by bands in rising order, as E2SFCA does; 0 beyond the last.
func Banded(bands []Band) Decay {
	return func(c uint32) float64 {
		for _, b := range bands {
			if c <= b.To {
				return b.Weight
			}
		}
		return 0
	}
}

// Opportunities gives every cell A = Σ_j O_j·f(c_ij) over the sites that
// Reaches lists, O_j in the same order. Cells that no list names have 0; ask
// the labels whether such a cell is computed at all. Sums run in order of
// sites. Cost O(list entries).
func Opportunities(cells int, reached [][]Reached, offered []float64, f Decay) ([]float64, error) {
	if len(offered) != len(reached) {
		return nil, fmt.Errorf("%w: %d sites, %d offers", ErrShape, len(reached), len(offered))
	}
	a := make([]float64, cells)
	for j, list := range reached {
		for _, r := range list {
			if int(r.Cell) >= cells {
				return nil, fmt.Errorf("%w: cell %d of %d", ErrShape, r.Cell, cells)
			}
			a[r.Cell] += offered[j] * f(r.Cost)
		}
	}
	return a, nil
}

// Floating is the answer of a two-step floating catchment.
type Floating struct {
	Ratio []float64 // R_j, supply per weighted person; 0 for Empty sites
	Empty []int     // places in the list of sites without people in their catchment
	Cell  []float64 // A_i
}

// TwoStepFCA is the two-step floating catchment area method: R_j = S_j /
// Σ_k P_k·W(c_kj), A_i = Σ_j R_j·W(c_ij). With Step(d0) it is the plain one
// (Luo & Wang 2003), with Banded the enhanced (Luo & Qi 2009). Then Σ P_i·A_i
// = Σ S_j over the sites that are not Empty. Lists come from Reaches, cut
// where W becomes 0. Cost O(list entries).
func TwoStepFCA(people []uint32, reached [][]Reached, supply []float64, w Decay) (Floating, error) {
	if len(supply) != len(reached) {
		return Floating{}, fmt.Errorf("%w: %d sites, %d supplies", ErrShape, len(reached), len(supply))
	}
	out := Floating{Ratio: make([]float64, len(supply))}
	for j, s := range supply {
		sum := 0.0
		for _, r := range reached[j] {
			if int(r.Cell) >= len(people) {
				return Floating{}, fmt.Errorf("%w: cell %d of %d", ErrShape, r.Cell, len(people))
			}
			sum += float64(people[r.Cell]) * w(r.Cost)
		}
		if sum > 0 {
			out.Ratio[j] = s / sum
		} else {
			out.Empty = append(out.Empty, j)
		}
	}
	var err error
	out.Cell, err = Opportunities(len(people), reached, out.Ratio, w)
	return out, err
}
