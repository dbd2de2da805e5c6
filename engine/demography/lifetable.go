package demography

import "math"

// Life is a period life table of one sex, radix 1.
//
// Method (structure.md 5.1): m = deaths / mean population, a0 = 0.1, a = 0.5
// for 1..99, q = m/(1+(1-a)m), L = l-(1-a)lq, L(100) = l(100)/m(100).
type Life struct {
	M [Ages]float64 // deaths per person-year
	Q [Ages]float64 // probability of dying within the year of age; 1 at the open age
	D [Ages]float64 // deaths of the table, share of the radix
	P [Ages]float64 // l: survivors to the exact age
	L [Ages]float64 // person-years lived in the age
	E [Ages]float64 // remaining years at the exact age
}

// separation is the mean time lived in the year of age by those who die in it.
func separation(age int) float64 {
	if age == 0 {
		return 0.1
	}
	return 0.5
}

// LifeTable makes a life table of death rates per person-year, ages 0..100.
// A rate that is negative or not finite, or an open rate of zero, is an
// *InputError. Cost O(Ages).
func LifeTable(m []float64) (*Life, error) {
	if len(m) != Ages {
		return nil, badInput("en livslängdstabell behöver %d åldrar, inte %d", Ages, len(m))
	}
	for a, v := range m {
		if !(v >= 0) || math.IsInf(v, 1) {
			return nil, badInput("dödstalet vid %d år är %v; det ska vara ett tal från 0", a, v)
		}
	}
	if m[Open] == 0 {
		return nil, badInput("dödstalet vid 100 år och äldre är 0; då tar tabellen inte slut")
	}
	var t Life
	fillLife(&t, m)
	return &t, nil
}

// fillLife computes the table of rates that are known to be good.
func fillLife(t *Life, m []float64) {
	l := 1.0
	for a := range Open {
		f := 1 - separation(a)
		q := min(m[a]/(1+f*m[a]), 1)
		t.M[a], t.Q[a], t.P[a], t.D[a] = m[a], q, l, l*q
		t.L[a] = l - f*l*q
		l -= l * q
	}
	t.M[Open], t.Q[Open], t.P[Open], t.D[Open], t.L[Open] = m[Open], 1, l, l, l/m[Open]
	sum := 0.0
	for a := Open; a >= 0; a-- {
		sum += t.L[a]
		if t.P[a] > 0 {
			t.E[a] = sum / t.P[a]
		}
	}
}

// E0 is life expectancy at birth in years.
func (t *Life) E0() float64 { return t.E[0] }

// Survival gives the survival ratios into each age: S(0) = L(0)/l(0),
// S(a) = L(a)/L(a-1), S(100) = L(100)/(L(99)+L(100)). Where nobody is left the
// ratio is 0.
func (t *Life) Survival() (s [Ages]float64) {
	ratio := func(a, b float64) float64 {
		if b <= 0 {
			return 0
		}
		return a / b
	}
	s[0] = t.L[0]
	for a := 1; a < Open; a++ {
		s[a] = ratio(t.L[a], t.L[a-1])
	}
	s[Open] = ratio(t.L[Open], t.L[Open-1]+t.L[Open])
	return s
}

// Rates are deaths per person-year. A cell with no mean population has the rate
// 0, unless somebody died there, which is an *InputError.
func Rates(deaths, mean []float64) ([]float64, error) {
	if len(deaths) != len(mean) {
		return nil, badInput("%d dödsfall men %d medelfolkmängder", len(deaths), len(mean))
	}
	m := make([]float64, len(deaths))
	for a := range m {
		switch {
		case mean[a] > 0: //nolint:gosec // the index is within the table, made above
			m[a] = deaths[a] / mean[a] //nolint:gosec // the index is within the table, made above
		case deaths[a] > 0: //nolint:gosec // the index is within the table, made above
			return nil, badInput("%v dödsfall vid %d år, där medelfolkmängden är %v", deaths[a], a, mean[a]) //nolint:gosec // the index is within the table, made above
		}
	}
	return m, nil
}
