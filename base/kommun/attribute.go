package kommun

import "strconv"

// attributes are what quotas and rules may speak of, by name.
var attributes = []struct {
	name string
	of   func(Kommun) string
}{
	{"code", func(k Kommun) string { return k.Code }},
	{"name", func(k Kommun) string { return k.Name }},
	{"county", func(k Kommun) string { return k.County }},
	{"county_name", func(k Kommun) string { return k.CountyName }},
	{"landsdel", func(k Kommun) string { return k.Landsdel }},
	{"main_group", func(k Kommun) string { return k.MainGroup }},
	{"sub_group", func(k Kommun) string { return k.SubGroup }},
	{"sub_group_name", func(k Kommun) string { return k.SubGroupName }},
	{"local_labour_market", func(k Kommun) string { return k.LabourMarket }},
	{"fa_region", func(k Kommun) string { return k.FARegion }},
	{"population_class", populationClass},
	{"population", func(k Kommun) string { return strconv.Itoa(k.Population) }},
}

// Attributes lists the names that Attribute knows.
func Attributes() []string {
	var out []string
	for _, a := range attributes {
		out = append(out, a.name)
	}
	return out
}

// Attribute gives the value of the named attribute.
func (k Kommun) Attribute(name string) (string, bool) {
	for _, a := range attributes {
		if a.name == name {
			return a.of(k), true
		}
	}
	return "", false
}

// Phrase says in Swedish, after "kommuner", what has the attribute's value:
// "i Västmanlands län", "i huvudgrupp A".
func (r *Register) Phrase(attribute, value string) string {
	switch attribute {
	case "county":
		if c, ok := r.County(value); ok {
			return "i " + c.Name
		}
	case "county_name":
		return "i " + value
	case "landsdel":
		return "i " + value
	case "main_group":
		for _, g := range r.MainGroups() {
			if g.Code == value {
				return "i huvudgrupp " + g.Code + ", " + g.Name
			}
		}
	case "sub_group":
		for _, g := range r.SubGroups() {
			if g.Code == value {
				return "i kommungrupp " + g.Code + ", " + g.Name
			}
		}
	case "sub_group_name":
		return "i kommungruppen " + value
	case "population_class":
		return "med " + value + " invånare"
	case "local_labour_market", "fa_region":
		return "i regionen " + value
	}
	return "med " + attribute + " " + value
}

// populationClass is the class of size that is used for quotas.
func populationClass(k Kommun) string {
	switch p := k.Population; {
	case p < 5000:
		return "under 5 000"
	case p < 10000:
		return "5 000–9 999"
	case p < 20000:
		return "10 000–19 999"
	case p < 50000:
		return "20 000–49 999"
	case p < 100000:
		return "50 000–99 999"
	}
	return "100 000 eller fler"
}
