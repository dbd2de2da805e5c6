package demography

import (
	"math"
)

// LeeCarter is the model ln m(a, y) = Ax(a) + Bx(a) k(y), with k a random walk
// with drift, for both sexes (structure.md 6; Lee and Carter, JASA 87, 1992).
type LeeCarter struct {
	Ax, Bx [Sexes][Ages]float64 // Bx sums to 1 for each sex
	K      [Sexes][]float64     // one value a year, matched to life expectancy at birth
	Drift  [Sexes]float64       // mean yearly change of k
	SD     [Sexes]float64       // standard deviation of the yearly change
	SE     [Sexes]float64       // standard error of the drift
	Corr   float64              // correlation of the sexes' yearly changes
}

// leastDeaths stands for fewer deaths in a cell, so that the logarithm exists.
const leastDeaths = 0.5

// FitLeeCarter fits the model to deaths and mean population, [year][cell], in
// order of time: first singular component of ln m about its mean, k then moved
// so that each year's life expectancy at birth is the observed one. At least
// five years are needed, and every cell needs a mean population: else an
// *InputError. Cost O(years * Cells * 200).
func FitLeeCarter(deaths, mean [][]float64) (*LeeCarter, error) {
	n := len(deaths)
	if n < 5 || len(mean) != n {
		return nil, badInput("Lee-Carter behöver minst fem år av döda och medelfolkmängd, inte %d", n)
	}
	for y := range deaths {
		for c := range Cells {
			if !(mean[y][c] > 0) || !(deaths[y][c] >= 0) {
				return nil, badInput("Lee-Carter: år %d i ordningen saknar medelfolkmängd vid %d år", y+1, c%Ages)
			}
		}
	}
	lc := &LeeCarter{}
	for s := range Sexes {
		lc.fitSex(Sex(s), deaths, mean)
	}
	lc.Corr = changesCorr(lc)
	return lc, nil
}

func (lc *LeeCarter) fitSex(s Sex, deaths, mean [][]float64) {
	n := len(deaths)
	z := make([][Ages]float64, n)
	for y := range z {
		for a := range Ages {
			c := Cell(s, a)
			z[y][a] = math.Log(max(deaths[y][c], leastDeaths) / mean[y][c])
			lc.Ax[s][a] += z[y][a] / float64(n)
		}
	}
	var b [Ages]float64
	for a := range b {
		b[a] = 1
	}
	k := make([]float64, n)
	for range 200 { // power iteration; the first singular value of mortality is far above the second
		norm := 0.0
		for y := range z {
			k[y] = 0
			for a := range Ages {
				k[y] += (z[y][a] - lc.Ax[s][a]) * b[a]
			}
			norm += k[y] * k[y]
		}
		if norm == 0 {
			break
		}
		for a := range b {
			b[a] = 0
			for y := range z {
				b[a] += (z[y][a] - lc.Ax[s][a]) * k[y] / norm
			}
		}
	}
	sum := 0.0
	for a := range b {
		sum += b[a]
	}
	for a := range b {
		lc.Bx[s][a] = b[a] / sum
	}
	var m [Ages]float64
	var life Life
	for y := range z {
		for a := range Ages {
			m[a] = deaths[y][Cell(s, a)] / mean[y][Cell(s, a)]
		}
		m[Open] = max(m[Open], leastDeaths/mean[y][Cell(s, Open)])
		fillLife(&life, m[:])
		want := life.E0()
		low, high := -400.0, 400.0 // e0 falls as k grows
		for range 80 {
			mid := (low + high) / 2
			for a := range m {
				m[a] = math.Exp(lc.Ax[s][a] + lc.Bx[s][a]*mid)
			}
			if fillLife(&life, m[:]); life.E0() > want {
				low = mid
			} else {
				high = mid
			}
		}
		lc.K[s] = append(lc.K[s], (low+high)/2)
	}
	lc.Drift[s] = (lc.K[s][n-1] - lc.K[s][0]) / float64(n-1)
	ss := 0.0
	for y := 1; y < n; y++ {
		e := lc.K[s][y] - lc.K[s][y-1] - lc.Drift[s]
		ss += e * e
	}
	lc.SD[s] = math.Sqrt(ss / float64(n-2))
	lc.SE[s] = lc.SD[s] / math.Sqrt(float64(n-1))
}

// changesCorr is the correlation of the yearly changes of the sexes' k.
func changesCorr(lc *LeeCarter) float64 {
	var xy, xx, yy float64
	for y := 1; y < len(lc.K[0]); y++ {
		x := lc.K[Women][y] - lc.K[Women][y-1] - lc.Drift[Women]
		z := lc.K[Men][y] - lc.K[Men][y-1] - lc.Drift[Men]
		xy, xx, yy = xy+x*z, xx+x*x, yy+z*z
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}
