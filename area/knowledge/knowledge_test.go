package knowledge

import (
	"slices"
	"strings"
	"testing"
)

// The truth table of the level of evidence: each set of sources with each of the
// eight answers about the figures.
func TestLevelOfEvidenceByItsTruthTable(t *testing.T) {
	for _, x := range []struct {
		sources string
		levels  [8]int // by what is said of the figures: 1 before and after, 2 comparison, 4 by others
	}{
		{"", [8]int{}},
		{Interview, [8]int{1, 1, 1, 1, 1, 1, 1, 1}},
		{Webpage, [8]int{1, 1, 1, 1, 1, 1, 1, 1}},
		{Decision, [8]int{2, 2, 2, 2, 2, 2, 2, 2}},
		{Law, [8]int{2, 2, 2, 2, 2, 2, 2, 2}},
		{Interview + "|" + Report, [8]int{2, 2, 2, 2, 2, 2, 2, 2}},
		{Indicator, [8]int{2, 3, 2, 4, 2, 3, 2, 4}},
		{Evaluation, [8]int{2, 3, 2, 4, 2, 3, 2, 5}},
		{Indicator + "|" + Evaluation, [8]int{2, 3, 2, 4, 2, 3, 2, 5}},
	} {
		kinds := slices.DeleteFunc(strings.Split(x.sources, "|"), func(s string) bool { return s == "" })
		for n, want := range x.levels {
			figures := Figures{BeforeAfter: n&1 > 0, Comparison: n&2 > 0, ByOthers: n&4 > 0}
			if got := Level(kinds, figures); got != want {
				t.Errorf("%q with %+v is %d, not %d", x.sources, figures, got, want)
			}
		}
	}
}

// Every source raises or keeps the level: taking one in never weakens an entry.
func TestASourceNeverLowersTheLevel(t *testing.T) {
	for n := range 1 << len(SourceKinds) {
		var kinds []string
		for i, k := range SourceKinds {
			if n>>i&1 == 1 {
				kinds = append(kinds, k)
			}
		}
		for f := range 8 {
			figures := Figures{BeforeAfter: f&1 > 0, Comparison: f&2 > 0, ByOthers: f&4 > 0}
			before := Level(kinds, figures)
			for _, more := range SourceKinds {
				if after := Level(append(slices.Clone(kinds), more), figures); after < before {
					t.Fatalf("%v: %d, with %s too: %d", kinds, before, more, after)
				}
			}
		}
	}
}

func TestSeed_002_05_ContentKinds_and_002_08_ServiceKinds(t *testing.T) {
	for _, k := range []string{"modell", "metod", "verktyg", "vägledning", "process"} {
		if !slices.Contains(Kinds, k) {
			t.Errorf("%s is no kind", k)
		}
	}
	if want := []string{"drivmedel", "dagligvaror", "post", "apotek", "betaltjänster"}; !slices.Equal(ServiceKinds[:5], want) {
		t.Errorf("the kinds of service are %v", ServiceKinds)
	}
}

func TestMunicipalitiesAreNamedAsPeopleDo(t *testing.T) {
	for _, text := range []string{"2417", "Norsjö", "norsjö kommun", " Norsjö ", "NORSJÖ"} {
		if k, ok := municipality(text); !ok || k.Code != "2417" {
			t.Errorf("%q is %v", text, k.Code)
		}
	}
	for _, x := range []struct{ text, field string }{{"Ankeborg", "municipalities"}, {"0000", "municipalities"}, {"", "municipalities"}} {
		if wrong := checkEntry(Entry{Municipalities: []string{x.text}}); len(wrong) != 1 || wrong[0].Name != x.field {
			t.Errorf("%q gives %v", x.text, wrong)
		}
	}
}
