package equalisation

import (
	"maps"
	"slices"
	"strings"
)

// costs are each municipality's strukturkostnad, kr per inhabitant: the sum of
// its standard costs; and their mean weighted by inhabitants (8–10 §§ lag
// 2004:773).
func (s *RuleSet) costs(all []Municipality) (costs []float64, mean float64, err error) {
	var names []string
	if len(all) > 0 {
		names = slices.Sorted(maps.Keys(all[0].StandardCost))
	}
	for _, name := range names {
		if !s.HasSubmodel(name) {
			return nil, 0, bad("utjämningsår %d has no submodel %q; it has %s", s.Year, name, s.submodelNames())
		}
	}
	var weighted, people sum
	costs = make([]float64, len(all))
	for i, m := range all {
		if len(m.StandardCost) != len(names) {
			return nil, 0, bad("municipality %s has %d standard costs and %s has %d", m.Code, len(m.StandardCost), all[0].Code, len(names))
		}
		var c sum
		for _, name := range names {
			v, ok := m.StandardCost[name]
			if !ok {
				return nil, 0, bad("municipality %s lacks the standard cost of %q", m.Code, name)
			}
			c.add(v)
		}
		costs[i] = c.value()
		weighted.add(costs[i] * m.Inhabitants)
		people.add(m.Inhabitants)
	}
	if len(all) > 0 {
		mean = weighted.value() / people.value()
	}
	return costs, mean, nil
}

func (s *RuleSet) submodelNames() string {
	var names []string
	for _, m := range s.Submodels {
		names = append(names, m.Name)
	}
	return strings.Join(names, "; ")
}

// Class is one cell of a class table: a standard cost that is a step function
// of inhabitants and invånardistans, as the add-on for administration is.
type Class struct {
	From, Below           float64 // inhabitants: From ≤ N < Below; Below 0: no limit
	FromMetre, BelowMetre float64 // invånardistans in metres, likewise
	PerInhabitant         float64 // kr
}

// Step looks up a class table. Tables that do not cover the point, or that
// cover it twice, are errors that wrap ErrInput. Cost O(len(table)).
func Step(table []Class, inhabitants, metres float64) (float64, error) {
	found := -1
	for i, c := range table {
		if inhabitants < c.From || c.Below > 0 && inhabitants >= c.Below || metres < c.FromMetre || c.BelowMetre > 0 && metres >= c.BelowMetre {
			continue
		}
		if found >= 0 {
			return 0, bad("%g inhabitants and %g m are in class %d and class %d of the table", inhabitants, metres, found+1, i+1)
		}
		found = i
	}
	if found < 0 {
		return 0, bad("%g inhabitants and %g m are in no class of the table", inhabitants, metres)
	}
	return table[found].PerInhabitant, nil
}
