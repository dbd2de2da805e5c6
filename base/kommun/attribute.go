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
