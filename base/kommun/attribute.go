package kommun

import (
	"fmt"
	"strconv"
)

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

// phrases say a value of an attribute in Swedish.
var phrases = map[string]string{
	"main_group": "huvudgrupp %s", "sub_group": "kommungrupp %s", "sub_group_name": "kommungruppen %s", "local_labour_market": "arbetsmarknadsregion %s",
	"fa_region": "FA-region %s", "population_class": "storleken %s invånare", "population": "folkmängden %s",
}

// Phrase gives the words for an attribute's value: a Swedish phrase with one
// %s, which is also the key of its translation, and what stands there. The
// value "19" of county is ("%s", "Västmanlands län"); "A" of main_group is
// ("huvudgrupp %s", "A"); "*" is each value for itself.
func (r *Register) Phrase(attribute, value string) (phrase, what string) {
	if value == "*" {
		return r.each(attribute)
	}
	switch attribute {
	case "code":
		if k, ok := r.ByCode(value); ok {
			return "%s", k.FullName
		}
	case "county":
		if c, ok := r.County(value); ok {
			return "%s", c.Name
		}
		return "län %s", value
	case "sub_group":
		for _, g := range r.SubGroups() {
			if g.Code == value {
				return phrases[attribute], g.Code + " (" + g.Name + ")"
			}
		}
	}
	if phrase, ok := phrases[attribute]; ok {
		return phrase, value
	}
	for _, a := range attributes { // name, landsdel and the like speak for themselves
		if a.name == attribute {
			return "%s", value
		}
	}
	return attribute + " %s", value
}

// each is Phrase for every value of an attribute.
func (r *Register) each(attribute string) (phrase, what string) {
	phrase, ok := map[string]string{
		"code": "varje kommun%s", "name": "varje kommun%s", "county": "varje län%s", "county_name": "varje län%s", "landsdel": "varje landsdel%s",
		"main_group": "varje huvudgrupp%s", "sub_group": "varje kommungrupp%s", "sub_group_name": "varje kommungrupp%s",
		"local_labour_market": "varje arbetsmarknadsregion%s", "fa_region": "varje FA-region%s", "population_class": "varje storleksklass%s",
	}[attribute]
	if !ok {
		return "varje värde av %s", attribute
	}
	return phrase, ""
}

// Label is Phrase in Swedish: "Västmanlands län", "huvudgrupp A", "varje län".
func (r *Register) Label(attribute, value string) string {
	phrase, what := r.Phrase(attribute, value)
	return fmt.Sprintf(phrase, what)
}
