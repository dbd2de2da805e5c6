package programme

import (
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/kommun"
)

func TestSeed_000_04_AMemberListAsPeopleHaveIt(t *testing.T) {
	for text, want := range map[string][]string{
		"1983 1984":                     {"1983", "1984"},
		"Köping\nArboga kommun\n":       {"1983", "1984"},
		"Köping, Arboga; 1960":          {"1983", "1984", "1960"},
		"kod;namn\n1983;Köping\n1984;x": {"1983", "1984"},
		"\"Upplands Väsby\"\tA\n":       {"0114"},
		"":                              nil,
	} {
		got, wrong := readMembers(text, kommun.Default())
		if !slices.Equal(got, want) || len(wrong) > 0 {
			t.Errorf("%q: %v %v", text, got, wrong)
		}
	}
	_, wrong := readMembers("Köping\nAtlantis\n\nEldorado", kommun.Default())
	if len(wrong) != 1 || !strings.Contains(wrong[0].Message, "rad 2 (Atlantis), rad 4 (Eldorado)") {
		t.Errorf("%v", wrong)
	}
}

func TestSeed_001_07_BodiesAreEditedAsText(t *testing.T) {
	old := []Body{{"kommunstyrelsens arbetsutskott", 2, 4, Must}}
	list, wrong := readBodies("b", bodiesText(old)+"\nförvaltningsledningen: 2-4\nrådet: 1", old)
	if len(wrong) > 0 || len(list) != 3 || list[0] != old[0] || list[1] != (Body{"förvaltningsledningen", 2, 4, Aim}) || list[2].Max != 1 {
		t.Errorf("%+v %v", list, wrong)
	}
	if _, wrong := readBodies("b", "arbetsutskottet 2–4\nledningen: 4–2", nil); len(wrong) != 2 {
		t.Errorf("%v", wrong)
	}
}

func TestRulesAreReadAsTheyAreWritten(t *testing.T) {
	rules := []Rule{{"grant.max_share", "60 procent", "004-10", Must}, {"pilot.period", "ungefär 2,5 år", "004-10", Aim}, {"x", "y", "", Fact}}
	got, wrong := readRules(rulesText(rules) + "\n\n")
	if len(wrong) > 0 || !slices.Equal(got, rules) {
		t.Errorf("%v %v", got, wrong)
	}
	if _, wrong := readRules("a | b | c | krav\na | b | c | krav\nbara text\na2 | b | c | måste\n | b | c | mål"); len(wrong) != 4 {
		t.Errorf("%v", wrong)
	}
}
