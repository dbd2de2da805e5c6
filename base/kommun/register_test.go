package kommun

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestTheCountryAddsUp(t *testing.T) {
	r := Default()
	population, before, land := 0, 0, 0.0
	groups := map[string]int{}
	for _, k := range r.All() {
		population += k.Population
		before += k.Population2019
		land += k.LandKm2
		groups[k.SubGroup]++
	}
	if len(r.All()) != 290 || len(r.Counties()) != 21 || population != 10587710 || before != 10327589 || math.Abs(land-407310.56) > 0.01 {
		t.Errorf("%d municipalities, %d counties, %d (2024), %d (2019), %.2f km²", len(r.All()), len(r.Counties()), population, before, land)
	}
	want := map[string]int{"A1": 3, "A2": 43, "B3": 23, "B4": 63, "B5": 24, "C6": 27, "C7": 51, "C8": 35, "C9": 21}
	if fmt.Sprint(groups) != fmt.Sprint(want) {
		t.Errorf("groups %v, want %v", groups, want)
	}
}

func TestSeed_000_17_main_groups_have_correct_names(t *testing.T) {
	want := []Group{
		{"A", "Storstäder och storstadsnära kommuner"},
		{"B", "Större städer och kommuner nära större stad"},
		{"C", "Mindre städer/tätorter och landsbygdskommuner"},
	}
	if got := Default().MainGroups(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestNeighboursOfKoping(t *testing.T) {
	r := Default()
	var names []string
	for _, code := range r.Neighbours("1983") {
		k, _ := r.ByCode(code)
		names = append(names, k.Name)
	}
	slices.Sort(names)
	want := []string{"Arboga", "Hallstahammar", "Kungsör", "Lindesberg", "Skinnskatteberg", "Surahammar"}
	if !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
}

func TestAnEndedCodeKeepsItsName(t *testing.T) {
	r := Default()
	old, ok := r.At("1917", "2006-12-31")
	if !ok || old.Name != "Heby" || old.CountyName != "Västmanlands län" || !slices.Equal(old.Successors, []string{"0331"}) {
		t.Errorf("%+v", old)
	}
	if _, ok := r.At("1917", "2007-01-01"); ok {
		t.Error("1917 is still in use in 2007")
	}
	if _, ok := r.At("0331", "2006-12-31"); ok {
		t.Error("0331 is in use before 2007")
	}
}

func TestSearch(t *testing.T) {
	for q, want := range map[string]string{"koping": "Köping", "KÖPING": "Köping", "1983": "Köping", "upplands-v": "Upplands Väsby", "skellef": "Skellefteå"} {
		if got := Default().Search(q, 5); len(got) == 0 || got[0].Name != want {
			t.Errorf("%q finds %v first, want %s", q, got, want)
		}
	}
	if got := Default().Search("  ", 5); got != nil {
		t.Errorf("nothing finds %v", got)
	}
}

func TestDistance(t *testing.T) {
	a, _ := Default().ByCode("1983")
	b, _ := Default().ByCode("1984")
	if d := Distance(a, b); d < 14000 || d > 20000 {
		t.Errorf("Köping–Arboga %.0f m", d)
	}
}

func TestProjection(t *testing.T) {
	// On the central meridian the easting is exactly 500 km.
	if e, _ := sweref99TM(60, 15); math.Abs(e-500000) > 1e-6 {
		t.Errorf("central meridian at %f", e)
	}
	for _, k := range Default().All() {
		if x, y := Project(k.Lat, k.Lon); x < 0 || x > Width || y < 0 || y > Height {
			t.Errorf("%s lies at %.0f, %.0f, outside the map", k.Name, x, y)
		}
	}
}

func TestEveryAttributeIsKnown(t *testing.T) {
	k, _ := Default().ByCode("1983")
	for _, name := range Attributes() {
		if v, ok := k.Attribute(name); !ok || v == "" {
			t.Errorf("%s: %q", name, v)
		}
	}
	if _, ok := k.Attribute("shoe_size"); ok {
		t.Error("an unknown attribute is known")
	}
}

func TestSWEREF99TMThereAndBack(t *testing.T) {
	for lat := 54.0; lat < 70; lat += 1.37 {
		for lon := 9.5; lon < 25; lon += 0.71 {
			e, n := sweref99TM(lat, lon)
			if gotLat, gotLon := FromSWEREF99TM(e, n); math.Abs(gotLat-lat) > 1e-9 || math.Abs(gotLon-lon) > 1e-9 {
				t.Fatalf("%v %v comes back as %v %v", lat, lon, gotLat, gotLon)
			}
		}
	}
}
