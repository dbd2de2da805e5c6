package equalisation

// Parts are the parts of a municipality's outcome (utfall): all in kronor, or
// all in kronor per inhabitant.
type Parts struct {
	Income       float64 // inkomstutjämning
	Cost         float64 // kostnadsutjämning
	Structure    float64 // strukturbidrag
	Introduction float64 // införandebidrag
	Adjustment   float64 // regleringspost: bidrag positive, avgift negative
}

// Sum is the outcome; LSS is not part of it.
func (p Parts) Sum() float64 {
	return p.Income + p.Cost + p.Structure + p.Introduction + p.Adjustment
}

// Introduction is the införandebidrag that an outcome implies: what it has
// beyond its other four parts.
func Introduction(outcome float64, p Parts) float64 {
	return outcome - (p.Income + p.Cost + p.Structure + p.Adjustment)
}

// Municipality is what the equalisation of one year needs to know of a
// municipality.
type Municipality struct {
	Code        string
	County      string  // two digits; its rates are used
	Base        float64 // S, kr, income year t−2
	Inhabitants float64 // N, 1 November t−1
	// StandardCost is kr per inhabitant by submodel (SCB's table).
	StandardCost map[string]float64
	// Structure and Introduction are kronor from the year's tables.
	Structure, Introduction float64
}

// Outcome is one municipality's outcome.
type Outcome struct {
	Code          string
	Parts         Parts   // kronor
	StructureCost float64 // strukturkostnad, kr per inhabitant
	Grant, Fee    Value   // the rates that were used
}

// Result is the outcome of the whole country.
type Result struct {
	Country      Country
	MeanCost     float64 // vägd strukturkostnad of the country, kr per inhabitant
	PerHead      float64 // RB: the regleringspost, kr per inhabitant
	Outcomes     []Outcome
	Assumptions  []string // what was assumed, in the order it was met
	Appropriated float64
}

// Options are what a year's computation may change of the rule set.
type Options struct {
	Uprating     float64          // u; 0 takes the rule set's
	Appropriated float64          // anslag: the state's money for the year, kr
	Rates        map[string]Rates // by county, instead of the rule set's
}

// Compute computes the outcome of every municipality of the country, in the
// order given: income equalisation, cost equalisation from standard costs,
// strukturbidrag and införandebidrag as given, and the regleringspost that makes
// the sum of all outcomes equal the appropriation (15–16 §§ lag 2004:773).
//
// The list must be the whole country, since means and the regleringspost are
// national. A submodel that the rule set does not have, or that some
// municipalities have and others lack, is an error. Errors wrap ErrInput. Cost
// O(n · submodels).
func (s *RuleSet) Compute(all []Municipality, o Options) (*Result, error) {
	u := o.Uprating
	if u == 0 && s.Uprating != nil {
		u = s.Uprating.Number
	}
	if !(u > 0) {
		return nil, bad("no uprating factor for %d: give it", s.Year)
	}
	bases, inhabitants := make([]float64, len(all)), make([]float64, len(all))
	for i, m := range all {
		if !(m.Inhabitants > 0) || !(m.Base >= 0) {
			return nil, bad("municipality %s has %g inhabitants and a base of %g kr", m.Code, m.Inhabitants, m.Base)
		}
		bases[i], inhabitants[i] = m.Base, m.Inhabitants
	}
	mean, err := Mean(u, bases, inhabitants)
	if err != nil {
		return nil, err
	}
	r := &Result{Country: Country{Level: s.Level.Number, Uprating: u, Mean: mean}, Appropriated: o.Appropriated, Outcomes: make([]Outcome, len(all))}
	costs, meanCost, err := s.costs(all)
	if err != nil {
		return nil, err
	}
	r.MeanCost = meanCost
	assumed := map[string]bool{}
	var total, people sum
	for i, m := range all {
		rates, given := o.Rates[m.County]
		if !given {
			if rates, err = s.Rates(m.County); err != nil {
				return nil, err
			}
		}
		out := Outcome{Code: m.Code, Grant: rates.Grant, Fee: rates.Fee, StructureCost: costs[i]}
		out.Parts = Parts{
			Income:       r.Country.Income(m.Base, m.Inhabitants, rates.Grant.Number, rates.Fee.Number),
			Cost:         (costs[i] - meanCost) * m.Inhabitants,
			Structure:    m.Structure,
			Introduction: m.Introduction,
		}
		used, which := rates.Grant, "grants"
		if out.Parts.Income < 0 {
			used, which = rates.Fee, "fees"
		}
		if key := m.County + which; !used.Known() && !assumed[key] {
			assumed[key] = true
			r.Assumptions = append(r.Assumptions, "county "+m.County+", rate for "+which+": "+used.Source)
		}
		total.add(out.Parts.Sum())
		people.add(m.Inhabitants)
		r.Outcomes[i] = out
	}
	r.PerHead = (o.Appropriated - total.value()) / people.value()
	for i, m := range all {
		r.Outcomes[i].Parts.Adjustment = r.PerHead * m.Inhabitants
	}
	return r, nil
}

// Total is the sum of all outcomes, kronor; it equals the appropriation.
func (r *Result) Total() float64 {
	var s sum
	for _, o := range r.Outcomes {
		s.add(o.Parts.Sum())
	}
	return s.value()
}
