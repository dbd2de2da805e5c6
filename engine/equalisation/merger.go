package equalisation

import "math"

// Merge is the municipality that others become: bases, inhabitants,
// strukturbidrag and införandebidrag are summed, and standard costs per
// inhabitant are the mean weighted by inhabitants. That is exact for standard
// costs that are sums over persons times a price; of the others see
// AddOnChange and Approximate. What 17–17 a §§ lag (2004:773) says of the first
// years after a changed division is not known, so none of it is here. The error
// wraps ErrInput.
func Merge(code, county string, parts []Municipality) (Municipality, error) {
	if len(parts) == 0 {
		return Municipality{}, bad("nobody to merge")
	}
	var base, people, structure, introduction sum
	costs := map[string]*sum{}
	for name := range parts[0].StandardCost {
		costs[name] = &sum{}
	}
	for _, m := range parts {
		if !(m.Inhabitants > 0) || len(m.StandardCost) != len(costs) {
			return Municipality{}, bad("municipality %s has %g inhabitants and %d standard costs, not %d", m.Code, m.Inhabitants, len(m.StandardCost), len(costs))
		}
		base.add(m.Base)
		people.add(m.Inhabitants)
		structure.add(m.Structure)
		introduction.add(m.Introduction)
		for name, v := range m.StandardCost {
			if costs[name] == nil {
				return Municipality{}, bad("municipality %s has a standard cost of %q, which %s lacks", m.Code, name, parts[0].Code)
			}
			costs[name].add(v * m.Inhabitants)
		}
	}
	out := Municipality{
		Code: code, County: county, Base: base.value(), Inhabitants: people.value(),
		Structure: structure.value(), Introduction: introduction.value(), StandardCost: map[string]float64{},
	}
	for name, s := range costs {
		out.StandardCost[name] = s.value() / people.value()
	}
	return out, nil
}

// Approximate are the submodels whose weighted mean is an approximation for a
// merged municipality, with why; the others are sums over persons.
func Approximate(submodel string) (why string, approximate bool) {
	why = map[string]string{
		"individ- och familjeomsorg":        "regression on the municipality's own characteristics",
		"verksamhetsövergripande kostnader": "the add-on for administration is a step function of inhabitants and invånardistans: use AddOnChange",
		"infrastruktur och skydd":           "depends on the settlements' geometry",
		"kollektivtrafik":                   "depends on the settlements' geometry and is shared with the region",
		"förskoleklass och grundskola":      "the part for small schools and school transport depends on the settlements' geometry",
		"äldreomsorg":                       "the part for home care in sparse areas depends on the settlements' geometry",
		"befolkningsförändringar":           "add-ons with thresholds",
		"löner":                             "wages of neighbouring municipalities",
		"bebyggelsestruktur":                "depends on the settlements' geometry",
	}[submodel]
	return why, why != ""
}

// Place is what a class table looks at.
type Place struct{ Inhabitants, Metres float64 }

// AddOnChange is what a merger changes of an add-on that is a step function of
// inhabitants and invånardistans, kronor a year: the class of the union (whose
// invånardistans is not the mean of the parts') times its inhabitants, less what
// the parts had. Errors wrap ErrInput.
func AddOnChange(table []Class, parts []Place, unionMetres float64) (float64, error) {
	var before, people sum
	for _, p := range parts {
		v, err := Step(table, p.Inhabitants, p.Metres)
		if err != nil {
			return 0, err
		}
		before.add(v * p.Inhabitants)
		people.add(p.Inhabitants)
	}
	after, err := Step(table, people.value(), unionMetres)
	if err != nil {
		return 0, err
	}
	return after*people.value() - before.value(), nil
}

// IncomeChange is what a merger of a and b within one county changes of the
// income equalisation, kronor a year, by closed form: nothing for two that
// receive or two that pay; else the difference of the rates times the smaller of
// the two gaps is lost.
func (c Country) IncomeChange(a, b Municipality, rates Rates) float64 {
	gapA, gapB := c.Gap(a.Base, a.Inhabitants), c.Gap(b.Base, b.Inhabitants)
	if gapA >= 0 == (gapB >= 0) {
		return 0
	}
	return -(rates.Grant.Number - rates.Fee.Number) * min(math.Abs(gapA), math.Abs(gapB))
}

// MergerResult is the country before and after a merger.
type MergerResult struct {
	Before, After *Result
	Parts         Parts // what the members had together, kronor
	Union         Parts // what the new municipality has, kronor
	// Approximations names the submodels that the weighted mean only approximates.
	Approximations []string
}

// Change is what the merger changes for the members together, kronor a year.
func (m *MergerResult) Change() float64 { return m.Union.Sum() - m.Parts.Sum() }

// Merger computes the country before and after some municipalities become one,
// in a county of theirs. The regleringspost changes for all, since the sum of
// the parts does. Errors wrap ErrInput. Cost O(n · submodels).
func (s *RuleSet) Merger(all []Municipality, codes []string, county string, o Options) (*MergerResult, error) {
	chosen := map[string]bool{}
	for _, code := range codes {
		chosen[code] = true
	}
	var parts, after []Municipality
	for _, m := range all {
		if chosen[m.Code] {
			parts = append(parts, m)
		} else {
			after = append(after, m)
		}
	}
	if len(parts) != len(codes) || len(parts) < 2 {
		return nil, bad("%d municipalities are to merge and %d of them are in the country", len(codes), len(parts))
	}
	own := false
	for _, m := range parts {
		own = own || m.County == county
	}
	if !own {
		return nil, bad("the new municipality cannot lie in county %q: none of its parts does", county)
	}
	union, err := Merge(codes[0], county, parts)
	if err != nil {
		return nil, err
	}
	r := &MergerResult{}
	if r.Before, err = s.Compute(all, o); err != nil {
		return nil, err
	}
	if r.After, err = s.Compute(append(after, union), o); err != nil {
		return nil, err
	}
	for _, out := range r.Before.Outcomes {
		if chosen[out.Code] {
			r.Parts = r.Parts.plus(out.Parts)
		}
	}
	r.Union = r.After.Outcomes[len(after)].Parts
	for _, m := range s.Submodels {
		if _, has := union.StandardCost[m.Name]; has {
			if why, approximate := Approximate(m.Name); approximate {
				r.Approximations = append(r.Approximations, m.Name+": "+why)
			}
		}
	}
	return r, nil
}

func (p Parts) plus(q Parts) Parts {
	return Parts{p.Income + q.Income, p.Cost + q.Cost, p.Structure + q.Structure, p.Introduction + q.Introduction, p.Adjustment + q.Adjustment}
}
