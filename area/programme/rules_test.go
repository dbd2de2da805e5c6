package programme

import (
	"slices"
	"testing"
)

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
