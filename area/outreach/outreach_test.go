package outreach

import (
	"slices"
	"testing"
)

func TestSeed_003_12_TheLadder(t *testing.T) {
	if want := []string{"kännedom", "intresse", "förståelse", "engagemang", "handling"}; !slices.Equal(Ladder, want) {
		t.Errorf("%v", Ladder)
	}
}

func TestSeed_003_14_WordingThatStigmatisesIsFlagged(t *testing.T) {
	found := Flagged("Vi hjälper Svaga Grupper", "och handikappade")
	if len(found) != 2 || found[0].Better == "" {
		t.Errorf("%v", found)
	}
	if found := Flagged("Personer med funktionsnedsättning får arbete"); len(found) != 0 {
		t.Errorf("%v", found)
	}
}
