package kommun

import (
	"strings"
	"testing"
)

func TestLabelSaysAnAttributeInSwedish(t *testing.T) {
	r := Default()
	for _, x := range []struct{ attribute, value, want string }{
		{"county", "19", "Västmanlands län"}, {"county", "Västmanlands län", "Västmanlands län"}, {"county", "99", "län 99"}, {"county", "*", "varje län"},
		{"main_group", "A", "huvudgrupp A"}, {"main_group", "*", "varje huvudgrupp"}, {"sub_group", "C6", "kommungrupp C6 ("},
		{"landsdel", "Norrland", "Norrland"}, {"population_class", "under 5 000", "storleken under 5 000 invånare"}, {"code", "1983", "Köpings kommun"},
		{"landskap", "kust", "landskap kust"}, {"landskap", "*", "varje värde av landskap"},
	} {
		if got := r.Label(x.attribute, x.value); got != x.want && (!strings.HasSuffix(x.want, "(") || !strings.HasPrefix(got, x.want)) {
			t.Errorf("%s %s: %q, want %q", x.attribute, x.value, got, x.want)
		}
	}
	for _, name := range Attributes() {
		k, _ := r.ByCode("1983")
		v, _ := k.Attribute(name)
		for _, value := range []string{v, "*"} {
			if got := r.Label(name, value); strings.Contains(got, "_") || strings.Contains(got, "%!") || strings.Contains(got, "county") {
				t.Errorf("%s %s is called %q", name, value, got)
			}
		}
	}
}
