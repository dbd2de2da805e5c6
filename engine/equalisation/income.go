package equalisation

import "math"

// Country is what the income equalisation of one utjämningsår needs to know
// about the whole country.
type Country struct {
	Level    float64 // share of the mean that is guaranteed, 1.15
	Uprating float64 // u = f1·f2, from income year t−2 to t
	Mean     float64 // uppräknad medelskattekraft, kr per inhabitant
}

// Mean is uppräknad medelskattekraft, kronor per inhabitant: u·ΣS/ΣN over the
// municipalities of the whole country (3 § lag 2004:773). Bases and inhabitants
// go by the same index. Cost O(n).
func Mean(uprating float64, bases, inhabitants []float64) (float64, error) {
	if len(bases) != len(inhabitants) {
		return 0, bad("%d bases and %d numbers of inhabitants", len(bases), len(inhabitants))
	}
	var s, n sum
	for i := range bases {
		s.add(bases[i])
		n.add(inhabitants[i])
	}
	if !(n.value() > 0) {
		return 0, bad("no inhabitants")
	}
	return uprating * s.value() / n.value(), nil
}

// Gap is what a municipality's own uprated base lacks to the guaranteed one,
// kronor: Level·Mean·N − u·S. It is negative for a municipality that pays.
func (c Country) Gap(base, inhabitants float64) float64 {
	return c.Level*c.Mean*inhabitants - c.Uprating*base
}

// Income is inkomstutjämningsbidrag (positive) or -avgift (negative), kronor:
// the gap times the county's rate for grants or for fees (3–7 §§ lag 2004:773).
// It is linear in (base, inhabitants) on either side of zero.
func (c Country) Income(base, inhabitants, grantRate, feeRate float64) float64 {
	gap := c.Gap(base, inhabitants)
	if gap >= 0 {
		return grantRate * gap
	}
	return feeRate * gap
}

// IncomePerInhabitant is Income divided by the inhabitants.
func (c Country) IncomePerInhabitant(base, inhabitants, grantRate, feeRate float64) (float64, error) {
	switch {
	case !(inhabitants > 0) || math.IsInf(inhabitants, 0):
		return 0, bad("%g inhabitants", inhabitants)
	case !(base >= 0) || math.IsInf(base, 0):
		return 0, bad("a base of %g kr", base)
	}
	return c.Income(base, inhabitants, grantRate, feeRate) / inhabitants, nil
}

// InhabitantsFrom is the number of inhabitants that a published outcome
// implies: the outcome in thousand kronor and in kronor per inhabitant. Off
// gives how far the true number may be away, since both figures are rounded.
func InhabitantsFrom(outcomeThousands, outcomePerInhabitant float64) (n, off float64, err error) {
	if outcomePerInhabitant == 0 || outcomeThousands/outcomePerInhabitant <= 0 {
		return 0, 0, bad("an outcome of %g tkr and %g kr per inhabitant gives no number of inhabitants", outcomeThousands, outcomePerInhabitant)
	}
	n = 1000 * outcomeThousands / outcomePerInhabitant
	a := math.Abs(outcomePerInhabitant)
	return n, n/(2*a) + 500/a, nil
}

// sum adds with Neumaier's compensation, so that national sums keep their last kronor.
type sum struct{ s, c float64 }

func (s *sum) add(x float64) {
	t := s.s + x
	if math.Abs(s.s) >= math.Abs(x) {
		s.c += (s.s - t) + x
	} else {
		s.c += (x - t) + s.s
	}
	s.s = t
}

func (s *sum) value() float64 { return s.s + s.c }
