package assessment

import (
	"slices"
	"strings"
	"testing"

	"kommunpilot/engine/selection"
)

// waiting is candidate, in the state that its outcome gave.
func waiting(n ApplicationID, score int64, state string, codes ...string) Candidate {
	c := candidate(n, score, codes...)
	c.State = state
	return c
}

// five are two selected of different counties, and three in reserve: the best of
// these is of the county that stays.
func five(t *testing.T, method string) (Run, *selection.Problem, []Candidate) {
	t.Helper()
	list := []Candidate{waiting(1, 50000, "vald", "1983"), waiting(2, 45000, "återtagen", "0880"), waiting(3, 44000, "reserv", "1984"), waiting(4, 40000, "reserv", "0114"), waiting(5, 30000, "reserv", "2417")}
	for i, name := range []string{"Köping", "Kalmar", "Arboga", "Upplands Väsby", "Norsjö"} {
		list[i].Title = name
	}
	c := Call{Quotas: []Quota{{Attribute: "county", Value: "*", Max: 1, Count: "applications"}}}
	p, err := problem(c, Kind{ID: "x", Places: 2}, list, register, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Run{Kind: "x", Method: method, Seed: "frö", State: Adopted}, p, list
}

func TestReplacementKeepsTheQuotasAndSaysWhy(t *testing.T) {
	x, p, list := five(t, "best")
	in, reserve := []ApplicationID{1, 2}, []ApplicationID{3, 4, 5}
	s, err := replace(x, p, list, in, reserve, []Leaving{{Application: 2, Why: "Omorganisation."}}, register)
	if err != nil {
		t.Fatal(err)
	}
	if got := titles(s.In()); got != "Upplands Väsby" || titles(s.Left) != "Kalmar" || titles(s.Stay) != "Köping" || titles(s.Reserves) != "Arboga, Upplands Väsby, Norsjö" {
		t.Fatalf("%s steps in for %s; %s stays; reserves %s", got, titles(s.Left), titles(s.Stay), titles(s.Reserves))
	}
	if err := selection.Verify(s.Problem, s.Answer); err != nil {
		t.Error(err)
	}
	why := map[ApplicationID]string{}
	for _, o := range s.Proposed {
		why[o.Application] = o.Reason
	}
	if !strings.Contains(why[3], "högst ett svar från Västmanlands län: ändra 1 till 2") || !strings.Contains(why[5], "Det fattas 1 poäng. Med mer än så hade svaret gått före Upplands Väsby.") || !strings.Contains(why[4], "Kalmar har lämnat sin plats") {
		t.Errorf("%v", why)
	}
	if decideReplacement(s, s.Proposed, "") != nil {
		t.Error("the proposal itself is refused")
	}
	other := slices.Clone(s.Proposed)
	other[0].Outcome, other[1].Outcome = "vald", "reserv"
	if decideReplacement(s, other, "") == nil {
		t.Error("another reserve steps in without a motive")
	}
	other[0].Deviation, other[1].Deviation = "Skäl.", "Skäl."
	if err := decideReplacement(s, other, ""); err != nil {
		t.Error(err)
	}
	other[1].Outcome = "vald"
	if decideReplacement(s, other, "") == nil {
		t.Error("two step in for one")
	}
	other[0].Outcome, other[1].Outcome = "reserv", "reserv"
	if decideReplacement(s, other, "") == nil {
		t.Error("a place is left empty without a motive")
	}
	if err := decideReplacement(s, other, "Vi väntar."); err != nil {
		t.Error(err)
	}
}

func TestReplacementWhereNobodyFits(t *testing.T) {
	x, p, list := five(t, "best")
	s, err := replace(x, p, list, []ApplicationID{1, 2}, []ApplicationID{3}, []Leaving{{Application: 2}}, register)
	if err != nil || s.Answer.Status != selection.Infeasible || len(s.In()) != 0 {
		t.Fatalf("%+v %v", s.Answer, err)
	}
	var said []string
	e := swedish(register, list)
	for _, c := range s.Answer.Relaxation {
		said = append(said, e.change(c))
	}
	if got := strings.Join(said, "; "); got != "högst ett svar från Västmanlands län: ändra 1 till 2" {
		t.Error(got)
	}
	if decideReplacement(s, s.Proposed, "") == nil || decideReplacement(s, s.Proposed, "Ingen ryms.") != nil {
		t.Error("an empty place needs a motive, and no more than that")
	}
	s, err = replace(x, p, list, []ApplicationID{1, 2}, nil, []Leaving{{Application: 2}}, register)
	if err != nil || s.Answer != nil || decideReplacement(s, nil, "Ingen reserv.") != nil {
		t.Errorf("no reserve at all: %+v %v", s, err)
	}
	if s, err = replace(x, p, list, []ApplicationID{1, 2}, []ApplicationID{3}, []Leaving{{Application: 2, Kind: "annan"}, {Application: 4}}, register); err != nil || len(s.Left) != 0 || decideReplacement(s, nil, "m") == nil {
		t.Errorf("nobody has left this kind: %+v %v", s, err)
	}
}

// A reserve that has got a place of another kind, or has left, is no reserve.
func TestOnlyThoseWhoWaitAreReserves(t *testing.T) {
	x, p, list := five(t, "best")
	list[3].State = "vald"
	s, err := replace(x, p, list, []ApplicationID{1, 2}, []ApplicationID{3, 4, 5}, []Leaving{{Application: 2}, {Application: 3}}, register)
	if err != nil || titles(s.Reserves) != "Norsjö" || titles(s.In()) != "Norsjö" {
		t.Errorf("%s: %v", titles(s.Reserves), err)
	}
}

func TestReplacementInALotteryIsDrawnWithTheRunsSeed(t *testing.T) {
	x, p, list := five(t, "lottery")
	s, err := replace(x, p, list, []ApplicationID{1, 2}, []ApplicationID{3, 4, 5}, []Leaving{{Application: 2}}, register)
	if err != nil || s.Answer.Status != selection.Optimal || s.Answer.Seed != "frö" || len(s.In()) != 1 || s.In()[0].ID == 3 {
		t.Fatalf("%+v %v", s.Answer, err)
	}
	if err := selection.VerifyLottery(s.Problem, s.Answer); err != nil {
		t.Error(err)
	}
	for _, c := range s.Answer.Probabilities {
		want := map[string]string{"1": "1", "2": "0", "3": "0", "4": "1/2", "5": "1/2"}[c.ID]
		if c.Probability != want {
			t.Errorf("%s has the chance %s, want %s", c.ID, c.Probability, want)
		}
	}
}

func TestStandingFollowsTheReplacements(t *testing.T) {
	decided := []Outcome{{Application: 1, Outcome: "vald"}, {Application: 2, Outcome: "vald"}, {Application: 3, Outcome: "reserv"}, {Application: 4, Outcome: "reserv"}, {Application: 5, Outcome: "ej vald"}}
	since := []Replacement{
		{List: []Outcome{{Application: 2, Outcome: left}, {Application: 3, Outcome: "vald"}, {Application: 4, Outcome: "reserv"}}},
		{List: []Outcome{{Application: 3, Outcome: left}, {Application: 4, Outcome: "reserv"}}},
	}
	for n, want := range [][2][]ApplicationID{{{1, 2}, {3, 4}}, {{1, 3}, {4}}, {{1}, {4}}} {
		in, reserve := standing(decided, since[:n])
		if !slices.Equal(in, want[0]) || !slices.Equal(reserve, want[1]) {
			t.Errorf("after %d: %v %v, want %v", n, in, reserve, want)
		}
	}
}

func TestReplacementLettersSayWhatIsNext(t *testing.T) {
	c, a := Call{Title: "Servicepiloter", Contact: "service@x.example"}, Application{Title: "Köpings kommun"}
	for outcome, want := range map[string]string{left: "har lämnat sin plats", "vald": "går in i Servicepiloter", "reserv": "fortfarande reserv"} {
		l := replacementLetter(c, a, Outcome{Outcome: outcome, Reason: "Därför."})
		if !strings.Contains(l.Text, want) || !strings.Contains(l.Text, "Därför.") || !strings.Contains(l.Text, "service@x.example") {
			t.Errorf("%s: %s", outcome, l.Text)
		}
	}
}
