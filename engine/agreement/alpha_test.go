package agreement

import (
	"math"
	"math/rand/v2"
	"testing"
)

// published is the worked example of Krippendorff (2011), section C: four
// observers, twelve units, missing data.
var published = func() [][]float64 {
	n := Missing
	return [][]float64{
		{1, 2, 3, 3, 2, 1, 4, 1, 2, n, n, n},
		{1, 2, 3, 3, 2, 2, 4, 1, 2, 5, n, 3},
		{n, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, n},
		{1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, n},
	}
}()

func TestPublishedExample(t *testing.T) {
	for m, want := range map[Metric]float64{Nominal: 0.743, Ordinal: 0.815, Interval: 0.849, Ratio: 0.797} {
		got, ok := Alpha(published, m)
		if !ok || math.Abs(got-want) > 0.0005 {
			t.Errorf("metric %d: %.4f, published %.3f", m, got, want)
		}
	}
}

// Section B of the same paper: two observers, binary data.
func TestPublishedBinaryExample(t *testing.T) {
	a := []float64{0, 1, 0, 0, 0, 0, 0, 0, 1, 0}
	b := []float64{1, 1, 1, 0, 0, 1, 0, 0, 0, 0}
	got, ok := Alpha([][]float64{a, b}, Nominal)
	if !ok || math.Abs(got-0.095) > 0.0005 {
		t.Errorf("%.4f, published 0.095", got)
	}
}

// brute computes alpha from its definition: the mean distance within units
// against the mean distance between any two values.
func brute(data [][]float64, m Metric) (float64, bool) {
	values, units := tally(data)
	var all []float64
	marginal := make([]float64, len(values))
	at := func(x float64) int {
		for i, v := range values {
			if v == x {
				return i
			}
		}
		return -1
	}
	for _, u := range units {
		for _, x := range u {
			all = append(all, x)
			marginal[at(x)]++
		}
	}
	within, between, n := 0.0, 0.0, float64(len(all))
	for _, u := range units {
		for i := range u {
			for j := range u {
				if i != j {
					within += distance(values, marginal, at(u[i]), at(u[j]), m) / float64(len(u)-1)
				}
			}
		}
	}
	for i := range all {
		for j := range all {
			if i != j {
				between += distance(values, marginal, at(all[i]), at(all[j]), m)
			}
		}
	}
	if between == 0 {
		return 0, false
	}
	return 1 - (within/n)/(between/(n*(n-1))), true
}

func TestAlphaEqualsItsDefinition(t *testing.T) {
	const seed = 20261123
	r := rand.New(rand.NewPCG(seed, 1))
	for range 2000 {
		data := make([][]float64, 2+r.IntN(4))
		for i := range data {
			data[i] = make([]float64, 1+r.IntN(12))
			for j := range data[i] {
				data[i][j] = float64(r.IntN(6))
				if r.IntN(4) == 0 {
					data[i][j] = Missing
				}
			}
		}
		for _, m := range []Metric{Nominal, Ordinal, Interval} {
			got, ok := Alpha(data, m)
			want, defined := brute(data, m)
			if ok != defined || math.Abs(got-want) > 1e-12 {
				t.Fatalf("seed %d, metric %d: %v %v, definition %v %v, data %v", seed, m, got, ok, want, defined, data)
			}
		}
	}
}

func TestUndefinedAndPerfect(t *testing.T) {
	for name, data := range map[string][][]float64{
		"nothing": nil, "one observer": {{1, 2, 3}}, "no pair": {{1, Missing}, {Missing, 2}}, "all the same": {{3, 3}, {3, 3}},
	} {
		if _, ok := Alpha(data, Interval); ok {
			t.Errorf("%s: alpha is defined", name)
		}
	}
	if got, ok := Alpha([][]float64{{1, 2, 3}, {1, 2, 3}}, Interval); !ok || got != 1 {
		t.Errorf("perfect agreement is %v", got)
	}
}

func BenchmarkAlpha290x5(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	data := make([][]float64, 5)
	for i := range data {
		for range 290 {
			data[i] = append(data[i], float64(r.IntN(6)))
		}
	}
	for b.Loop() {
		Alpha(data, Interval)
	}
}
