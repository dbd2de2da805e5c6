package equalisation

// ShiftPart is a municipality of a county whose task a tax shift (skatteväxling)
// moves to the region.
type ShiftPart struct {
	Municipality
	Cost         float64 // what the task costs it, kr a year
	StandardCost float64 // standard cost of the task, kr per inhabitant
}

// ShiftResult is who gains and loses, kronor a year.
type ShiftResult struct {
	Delta     float64   // the rate that is shifted, as a fraction
	Net       []float64 // gain of each municipality, in the order given
	NetRegion float64
}

// Sum is the gain of municipalities and region together; it is zero.
func (r *ShiftResult) Sum() float64 {
	var s sum
	for _, v := range r.Net {
		s.add(v)
	}
	s.add(r.NetRegion)
	return s.value()
}

// Shift computes a tax shift: the municipalities of a county give a task to the
// region and lower their rates by δ = Σ cost / Σ u·S, the region raises its by δ.
// The county's rates of equalisation follow, −δ for municipalities and +δ for the
// region, whose gap is the sum of theirs; and the task's standard cost moves to
// the region. Mean is the task's mean standard cost in the country, kr per
// inhabitant.
//
//	net_i   = cost_i − δ·u·S_i − δ·gap_i − (standard_i − mean)·N_i
//	net_reg = −Σ cost + δ·Σ u·S + δ·Σ gap + Σ (standard_i − mean)·N_i
//
// Municipalities and region together gain nothing; the municipalities alone may,
// since −δ·Σ gap moves to the region. The error wraps ErrInput. Cost O(n).
func (c Country) Shift(parts []ShiftPart, mean float64) (*ShiftResult, error) {
	var cost, base sum
	for _, m := range parts {
		if !(m.Inhabitants > 0) || !(m.Base >= 0) {
			return nil, bad("municipality %s has %g inhabitants and a base of %g kr", m.Code, m.Inhabitants, m.Base)
		}
		cost.add(m.Cost)
		base.add(c.Uprating * m.Base)
	}
	if !(base.value() > 0) {
		return nil, bad("the municipalities have no tax base")
	}
	r := &ShiftResult{Delta: cost.value() / base.value()}
	var region sum
	for _, m := range parts {
		shifted := r.Delta * c.Uprating * m.Base
		income := -r.Delta * c.Gap(m.Base, m.Inhabitants)
		standard := -(m.StandardCost - mean) * m.Inhabitants
		r.Net = append(r.Net, m.Cost-shifted+income+standard)
		for _, v := range []float64{-m.Cost, shifted, -income, -standard} {
			region.add(v)
		}
	}
	r.NetRegion = region.value()
	return r, nil
}
