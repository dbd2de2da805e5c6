package assessment

import (
	"slices"
	"testing"

	"kommunpilot/base/kommun"
	"kommunpilot/base/who"
	"kommunpilot/engine/selection"
)

var register = kommun.Default()

// six are the scored criteria of the pilot programme with step 1 before them,
// and spread, which is measured.
var six = []Criterion{
	{ID: "vilja", Name: "Vilja", Step: 1}, {ID: "a", Name: "A", Step: 2, Weight: 50, High: 5}, {ID: "b", Name: "B", Step: 2, Weight: 50, High: 5},
	{ID: "spridning", Name: "Spridning", Step: 2, Measured: true},
}

func given(values map[string]int) Assessment {
	a := Assessment{Scores: map[string]Score{}}
	for k, v := range values {
		a.Scores[k] = Score{Given: true, Value: v, Motive: "m"}
	}
	return a
}

func TestSeed_004_06_step_one_asks_whether_they_want_to(t *testing.T) {
	yes, no := given(map[string]int{"vilja": 1}), given(map[string]int{"vilja": 0})
	for name, x := range map[string]struct {
		list []Assessment
		want bool
	}{
		"all": {[]Assessment{yes, yes, yes}, true}, "two of three": {[]Assessment{yes, no, yes}, true}, "one of two": {[]Assessment{yes, no}, false},
		"one of three": {[]Assessment{no, no, yes}, false}, "nobody": {nil, false},
	} {
		if got := Passed(six, x.list); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSeed_004_07_weighted_score_is_exact_and_spread_is_not_scored(t *testing.T) {
	list := []Assessment{given(map[string]int{"a": 4, "b": 5}), given(map[string]int{"a": 4, "b": 4}), given(map[string]int{"a": 5, "b": 4})}
	if n, ok := Weighted(six, list); !ok || n != 43333 { // (13/3 + 13/3) / 2
		t.Errorf("%d %v", n, ok)
	}
	if got := Points(43333); got != "4,3333" {
		t.Error(got)
	}
	if got := Points(40000); got != "4" {
		t.Error(got)
	}
	if _, ok := Weighted(six, []Assessment{given(map[string]int{"a": 4})}); ok {
		t.Error("a score without every criterion")
	}
}

func TestHandingInNeedsEveryScoreAndMotive(t *testing.T) {
	criteria := Call{Criteria: six}.scored()
	if len(criteria) != 3 {
		t.Fatalf("%d scored criteria", len(criteria))
	}
	whole := given(map[string]int{"vilja": 1, "a": 3, "b": 0}).Scores
	if p := check(criteria, whole, true); len(p) != 0 {
		t.Errorf("%v", p)
	}
	whole["b"] = Score{Given: true, Value: 6, Motive: " "}
	if p := check(criteria, whole, true); len(p) != 2 {
		t.Errorf("%v", p)
	}
	if p := check(criteria, map[string]Score{"a": {Given: true, Value: 3}}, false); len(p) != 0 {
		t.Errorf("a draft is refused: %v", p)
	}
}

func TestAdjustmentKeepsTheFirstScoreAndNeedsAMotive(t *testing.T) {
	criteria := Call{Criteria: six}.scored()
	before := given(map[string]int{"vilja": 1, "a": 3, "b": 2}).Scores
	after := given(map[string]int{"vilja": 1, "a": 4, "b": 2}).Scores
	if adjust(criteria, before, after) == nil {
		t.Error("a score is changed without a motive")
	}
	after = given(map[string]int{"vilja": 1, "a": 4, "b": 2}).Scores
	s := after["a"]
	s.Why = "Övertygad i diskussionen."
	after["a"] = s
	if err := adjust(criteria, before, after); err != nil {
		t.Fatal(err)
	}
	if f := after["a"].First; f == nil || *f != 3 || after["b"].First != nil {
		t.Errorf("%+v", after)
	}
}

// Köping and Arboga are of one county and main group; Kalmar of another.
func TestATieLocksTheWholeQuotaCell(t *testing.T) {
	koping, arboga, kalmar := Application{ID: 1, Codes: []string{"1983"}}, Application{ID: 2, Codes: []string{"1984"}}, Application{ID: 3, Codes: []string{"0880"}}
	all := []Application{koping, arboga, kalmar}
	c := Call{}
	cell := func(a Application) string { return c.cell(a, register)[0] }
	for _, x := range []struct {
		a    Application
		ties []string
		want bool
	}{
		{koping, []string{"1983"}, true}, {arboga, []string{"1983"}, cell(koping) == cell(arboga)}, {kalmar, []string{"1983"}, false}, {koping, nil, false},
		{koping, []string{"0114"}, false}, // not an applicant
	} {
		if got := c.lockedOut(x.a, all, x.ties, register); got != x.want {
			t.Errorf("%v tied to %v: %v", x.a.Codes, x.ties, got)
		}
	}
	county := Call{Quotas: []Quota{{Attribute: "county", Value: "*", Max: 1}}}
	if !county.lockedOut(arboga, all, []string{"1983"}, register) {
		t.Error("a tie in the same county does not lock out")
	}
}

func TestDistributionIsEvenAndAvoidsTies(t *testing.T) {
	apps, people := []ApplicationID{1, 2, 3, 4, 5, 6}, []who.PersonID{10, 11, 12}
	plan := distribute(apps, people, 2, func(a ApplicationID, p who.PersonID) bool { return a == 1 && p == 10 })
	load := map[who.PersonID]int{}
	for a, list := range plan {
		if len(list) != 2 || a == 1 && slices.Contains(list, 10) {
			t.Errorf("application %d: %v", a, list)
		}
		for _, p := range list {
			load[p]++
		}
	}
	for p, n := range load {
		if n != 4 {
			t.Errorf("assessor %d has %d", p, n)
		}
	}
}

func candidate(id ApplicationID, score int64, codes ...string) Candidate {
	return Candidate{Application: Application{ID: id, Title: codes[0], Codes: codes, Eligible: true}, Score: score, Passed: true, Complete: true}
}

func TestSeed_001_09_joint_answer_takes_one_place_and_004_09_spread_is_a_goal(t *testing.T) {
	c := Call{Quotas: []Quota{{Attribute: "county", Value: "*", Max: 1, Count: "applications"}}, Spread: "counties"}
	list := []Candidate{candidate(1, 50000, "2417", "2418", "2482"), candidate(2, 40000, "1983"), candidate(3, 39000, "1984"), candidate(4, 30000, "0880")}
	p, err := problem(c, Kind{ID: "pilot", Places: 3}, list, register, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := compute("best", p, "")
	if err != nil || a.Status != selection.Optimal {
		t.Fatalf("%+v %v", a, err)
	}
	if !slices.Equal(a.Selected, []string{"1", "2", "4"}) || a.Spread == nil || a.Spread.Value != 3 {
		t.Errorf("selected %v, spread %+v", a.Selected, a.Spread)
	}
	if err := verify("best", p, a); err != nil {
		t.Error(err)
	}
}

func TestMustsStopAndAimsAreSetAsideInWriting(t *testing.T) {
	must, aim := Quota{Attribute: "county", Value: "19", Min: 1}, Quota{Attribute: "main_group", Value: "A", Min: 1, Aim: true}
	c := Call{Quotas: []Quota{must, aim}}
	list := []Candidate{candidate(1, 40000, "1983"), candidate(2, 30000, "0880")}
	k := Kind{ID: "x", Places: 1}
	if _, err := problem(c, k, list, register, []Override{{must.Text(), "motiv"}}, nil); err == nil {
		t.Error("a must is set aside")
	}
	if _, err := problem(c, k, list, register, []Override{{aim.Text(), " "}}, nil); err == nil {
		t.Error("an aim is set aside without a motive")
	}
	p, err := problem(c, k, list, register, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := compute("best", p, "")
	if err != nil || a.Status != selection.Infeasible || len(a.Conflict) == 0 || len(a.Relaxation) == 0 {
		t.Fatalf("%+v %v", a, err)
	}
	p, err = problem(c, k, list, register, []Override{{aim.Text(), "Ingen storstad har svarat."}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, err = compute("best", p, ""); err != nil || !slices.Equal(a.Selected, []string{"1"}) {
		t.Errorf("%+v %v", a, err)
	}
}

func TestSeed_004_08_every_outcome_has_a_reason_and_a_deviation_a_motive(t *testing.T) {
	list := []Candidate{candidate(1, 50000, "1983"), candidate(2, 40000, "1984"), {Application: Application{ID: 3, Codes: []string{"0880"}}, Score: 10000, Complete: true}}
	p, err := problem(Call{}, Kind{ID: "x", Places: 1}, list, register, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := compute("best", p, "")
	if err != nil {
		t.Fatal(err)
	}
	proposed := proposal(list, a, "best", register)
	want := map[ApplicationID]string{1: "vald", 2: "reserv", 3: "ej vald"}
	for _, o := range proposed {
		if o.Outcome != want[o.Application] || o.Reason == "" {
			t.Errorf("%+v", o)
		}
	}
	if err := decide(proposed, proposed); err != nil {
		t.Errorf("the proposal itself: %v", err)
	}
	changed := slices.Clone(proposed)
	changed[0].Outcome = "ej vald"
	if decide(proposed, changed) == nil {
		t.Error("a deviation without a motive")
	}
	changed[0].Deviation = "Kommunen har dragit sig ur."
	if err := decide(proposed, changed); err != nil {
		t.Error(err)
	}
	changed[0].Reason = " "
	if decide(proposed, changed) == nil {
		t.Error("an outcome without a reason")
	}
	if decide(proposed, changed[:1]) == nil {
		t.Error("somebody gets no outcome")
	}
}

func TestLotteryIsBoundBeforeItIsDrawn(t *testing.T) {
	list := []Candidate{candidate(1, 0, "1983"), candidate(2, 0, "1984"), candidate(3, 0, "0880")}
	p, err := problem(Call{}, Kind{ID: "x", Places: 1}, list, register, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := compute("lottery", p, "frö")
	if err != nil {
		t.Fatal(err)
	}
	if err := verify("lottery", p, a); err != nil {
		t.Error(err)
	}
	if a.Draw.Commitment != selection.Commitment("frö") {
		t.Error("the commitment is not that of the seed")
	}
	for _, x := range a.Draw.Probabilities {
		if x.Probability != "1/3" {
			t.Errorf("%s has %s", x.ID, x.Probability)
		}
	}
}

// No page and no letter shows a raw attribute, code or id of the engine.
func TestTheEngineIsExplainedInWords(t *testing.T) {
	c := Call{Quotas: []Quota{{Attribute: "county", Value: "19", Min: 2}, {Attribute: "main_group", Value: "A", Min: 1}, {Attribute: "sub_group", Value: "*", Max: 1, Count: "applications"}}}
	list := []Candidate{candidate(1, 50000, "1983"), candidate(2, 40000, "0880"), candidate(3, 30000, "0114")}
	for i, name := range []string{"Köping", "Kalmar", "Upplands Väsby"} {
		list[i].Title = name
	}
	p, err := problem(c, Kind{ID: "x", Places: 2}, list, register, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := compute("best", p, "")
	if err != nil || a.Status != selection.Infeasible {
		t.Fatalf("%+v %v", a, err)
	}
	e := swedish(register, list)
	var said []string
	for _, x := range a.Conflict {
		said = append(said, e.clause(x))
	}
	for _, x := range a.Relaxation {
		said = append(said, e.change(x))
	}
	want := []string{"minst 2 kommuner från Västmanlands län", "2 platser ska fyllas", "minst 2 kommuner från Västmanlands län: ändra 2 till 1"}
	if !slices.Equal(said, want) {
		t.Errorf("%q, want %q", said, want)
	}
	c.Quotas[0].Min = 1
	if p, err = problem(c, Kind{ID: "x", Places: 2}, list, register, nil, nil); err != nil {
		t.Fatal(err)
	}
	if a, err = compute("best", p, ""); err != nil || a.Status != selection.Optimal {
		t.Fatalf("%+v %v", a, err)
	}
	for _, o := range proposal(list, a, "best", register) {
		if o.Application == 2 && o.Reason != "Svaret fick 4 poäng. Inget urval under reglerna rymmer svaret. Minsta ändring som hade gett plats: minst en kommun från Västmanlands län: ändra 1 till 0." {
			t.Error(o.Reason)
		}
	}
	for want, q := range map[string]Quota{"minst 2 kommuner, högst 3 kommuner från huvudgrupp B": {Attribute: "main_group", Value: "B", Min: 2, Max: 3}, "högst ett svar från varje län": {Attribute: "county", Value: "*", Max: 1, Count: "applications"}} {
		if q.Text() != want {
			t.Errorf("%q, want %q", q.Text(), want)
		}
	}
}
