// Package agreement measures how far assessors agree.
package agreement

import "math"

// Metric is the distance between two values, by level of measurement.
type Metric int

// The levels of measurement.
const (
	Nominal Metric = iota
	Ordinal
	Interval
	Ratio
)

// Missing is a value that was not given.
var Missing = math.NaN()

// Alpha is Krippendorff's alpha of data, where data[observer][unit] is a value
// or Missing: 1 for perfect agreement, 0 for what chance would give, below 0
// for systematic disagreement. Units with fewer than two values do not count.
// ok is false where alpha is not defined: no unit has two values, or all
// values are the same. Values are ordered as numbers; Ratio wants them not
// negative. Rows may differ in length.
//
// O(n log n + v²) for n values of which v differ.
// Source: Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).
func Alpha(data [][]float64, m Metric) (alpha float64, ok bool) {
	values, units := tally(data)
	if len(values) < 2 {
		return 0, false
	}
	index := map[float64]int{}
	for i, v := range values {
		index[v] = i
	}
	v := len(values)
	coincidence := make([]float64, v*v)
	marginal := make([]float64, v)
	total := 0.0
	for _, unit := range units {
		weight := 1 / float64(len(unit)-1)
		for i, a := range unit {
			for j, b := range unit {
				if i != j {
					coincidence[index[a]*v+index[b]] += weight
				}
			}
			marginal[index[a]]++
			total++
		}
	}
	observed, expected := 0.0, 0.0
	for c := range v {
		for k := range v {
			d := distance(values, marginal, c, k, m)
			observed += coincidence[c*v+k] * d
			expected += marginal[c] * marginal[k] * d
		}
	}
	if expected == 0 {
		return 0, false
	}
	return 1 - (total-1)*observed/expected, true
}

// tally gives the distinct values, in order, and each unit's values where
// there are at least two.
func tally(data [][]float64) (values []float64, units [][]float64) {
	width := 0
	for _, row := range data {
		width = max(width, len(row))
	}
	seen := map[float64]bool{}
	for u := range width {
		var unit []float64
		for _, row := range data {
			if u < len(row) && !math.IsNaN(row[u]) {
				unit = append(unit, row[u])
			}
		}
		if len(unit) < 2 {
			continue
		}
		units = append(units, unit)
		for _, x := range unit {
			if !seen[x] {
				seen[x] = true
				values = insert(values, x)
			}
		}
	}
	return values, units
}

// insert keeps values in order.
func insert(values []float64, x float64) []float64 {
	i := len(values)
	values = append(values, x)
	for ; i > 0 && values[i-1] > x; i-- {
		values[i] = values[i-1]
	}
	values[i] = x
	return values
}

// distance is the squared difference of the values numbered c and k.
func distance(values, marginal []float64, c, k int, m Metric) float64 {
	if c == k {
		return 0
	}
	a, b := values[c], values[k]
	switch m {
	case Ordinal:
		if c > k {
			c, k = k, c
		}
		sum := -(marginal[c] + marginal[k]) / 2
		for g := c; g <= k; g++ {
			sum += marginal[g]
		}
		return sum * sum
	case Interval:
		return (a - b) * (a - b)
	case Ratio:
		return (a - b) / (a + b) * (a - b) / (a + b)
	}
	return 1
}
