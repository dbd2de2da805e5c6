package goal

import (
	"fmt"
	"net/http"
	"testing"

	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web/webtest"
)

// TestSeed_003_11_SubGoalsComeFromAWorkshop: a sub-goal is adopted only when it
// comes from an LFA workshop that was held with those concerned.
func TestSeed_003_11_SubGoalsComeFromAWorkshop(t *testing.T) {
	each(t, func(w *world) {
		propose := func(g Goal) journal.ID {
			made, err := w.o.Propose(as(leader), pid, g, "")
			w.must(err)
			if g.Level == Sub {
				_, err = w.o.indicators.Add(as(leader), pid, 0, Indicator{Goal: made, Name: "Andel", Unit: "%", Target: 100, Source: "bruttolistan", Frequency: "varje kvartal", Disclosure: "öppen"}, "")
				w.must(err)
			}
			return made
		}
		refused := func(err error, kind fail.Kind, what string) {
			t.Helper()
			if !fail.Is(err, kind) {
				t.Errorf("%s: %v", what, err)
			}
		}
		alone := propose(Goal{Level: Sub, Text: "Skrivet vid ett skrivbord"})
		refused(w.decide(steering, alone, Adopted), fail.Conflict, "a sub-goal of no workshop")
		w.must(w.decide(steering, propose(Goal{Level: Target, Text: "Ett projektmål kommer från beställaren"}), Adopted))

		ws, err := w.o.workshops.Add(as(leader), pid, 0, Workshop{Title: "Målverkstad", Day: "2014-03-03"}, "")
		w.must(err)
		early := propose(Goal{Level: Sub, Text: "Före verkstaden", Workshop: ws.ID})
		refused(w.decide(steering, early, Adopted), fail.Conflict, "the workshop has not been held")
		refused(w.o.workshops.Move(as(leader), ws.ID, 1, WorkshopHeld, "", ""), fail.Invalid, "held by nobody")
		w.must(w.o.workshops.Change(as(leader), ws.ID, 1, "", "", func(x *Workshop) error {
			x.Participants = []string{"Leverantör, en förening", "Upphandlare, Trafikkontoret"}
			return nil
		}))
		w.must(w.o.workshops.Move(as(leader), ws.ID, 2, WorkshopHeld, "", ""))
		w.must(w.decide(steering, early, Adopted))
		webtest.HasText(t, webtest.Get(t, w.h, "/projekt/1/mal/"+id.String(early), webtest.As(leader)), "main", "Målverkstaden som målet kommer från")
		if _, err := w.o.Propose(as(leader), pid, Goal{Level: Sub, Text: "x", Workshop: 4711}, ""); !fail.Is(err, fail.Invalid) {
			t.Errorf("a workshop that is none: %v", err)
		}
	})
}

// TestSeed_003_05_StartSmall: an activity in a larger scale than anything that
// has been carried out warns, until the smaller has been reached or a motive is
// written; it is never stopped.
func TestSeed_003_05_StartSmall(t *testing.T) {
	item := func(n journal.ID, state, scale string, parent journal.ID) journal.Item[Goal] {
		return journal.Item[Goal]{ID: n, State: state, Is: Goal{Level: Activity, Scale: scale, Parent: parent}}
	}
	small, mid := item(2, Reached, Scales[0], 9), item(3, Reached, Scales[1], 9)
	for _, row := range []struct {
		g    journal.Item[Goal]
		all  []journal.Item[Goal]
		want bool
	}{
		{item(1, Proposed, "", 9), nil, false}, {item(1, Proposed, Scales[0], 9), nil, false}, {item(1, Proposed, Scales[1], 9), nil, true},
		{item(1, Proposed, Scales[1], 9), []journal.Item[Goal]{small}, false}, {item(1, Proposed, Scales[1], 8), []journal.Item[Goal]{small}, true},
		{item(1, Proposed, Scales[2], 9), []journal.Item[Goal]{small}, true}, {item(1, Proposed, Scales[2], 9), []journal.Item[Goal]{small, mid}, false},
		{item(1, Proposed, Scales[1], 9), []journal.Item[Goal]{item(2, Adopted, Scales[0], 9)}, true}, {item(3, Reached, Scales[1], 9), []journal.Item[Goal]{item(3, Reached, Scales[0], 9)}, true},
		{journal.Item[Goal]{ID: 1, Is: Goal{Level: Sub, Scale: Scales[2]}}, nil, false},
	} {
		if got := hasty(row.g, row.all); got != row.want {
			t.Errorf("%+v among %+v: %v", row.g, row.all, got)
		}
	}
	each(t, func(w *world) {
		made, err := w.o.Propose(as(leader), pid, Goal{Level: Activity, Text: "Alla förvaltningar på en gång", Scale: Scales[2]}, "")
		w.must(err)
		page := func() webtest.Answer {
			return webtest.Fetch(t, w.h, "/projekt/1/mal/"+id.String(made), webtest.As(leader))
		}
		webtest.HasText(t, page().Doc, "main", "Inget har genomförts i den mindre skalan ännu.")
		w.must(w.o.goals.Change(as(leader), made, 1, "", "", func(g *Goal) error { g.ScaleMotive = "Lagen ändras samma dag för alla."; return nil }))
		webtest.HasText(t, page().Doc, "main", "Motiv: Lagen ändras samma dag för alla.")
		w.must(w.decide(steering, made, Adopted))
	})
}

// TestSeed_004_16_004_17_ExamplesToStartFrom: five tasks to start from, each a
// proposal that the project words in its own way; good examples and the
// dialogue with the authority are one press away.
func TestSeed_004_16_004_17_ExamplesToStartFrom(t *testing.T) {
	each(t, func(w *world) {
		list := webtest.Get(t, w.h, "/projekt/1/mal", webtest.As(leader))
		links := list.Find(`main a[href*="/mal/ny?level="]`)
		if links.Length() != 5 {
			t.Fatalf("%d example tasks, want five", links.Length())
		}
		webtest.HasText(t, list, "main", "Arbetet ser olika ut beroende på läge och förutsättningar.")
		webtest.Has(t, list, `main a[href="/filmer"]`)
		webtest.Has(t, list, `main a[href^="/projekt/1/logg/ny?kind=dialog"]`)
		webtest.HasNo(t, webtest.Get(t, w.h, "/projekt/1/mal?den=2014-02-03", webtest.As(leader)), `main a[href*="/mal/ny?level="]`)
		for i := range 5 {
			form := webtest.Get(t, w.h, links.Eq(i).AttrOr("href", ""), webtest.As(leader))
			v := webtest.Filled(t, form, "")
			if v.Get("level") != Activity || v.Get("text") != ExampleTasks[i] {
				t.Errorf("task %d starts as %q, %q", i, v.Get("level"), v.Get("text"))
			}
			v.Set("text", fmt.Sprintf("%s i vår kommun", ExampleTasks[i]))
			if got := webtest.Post(t, w.h, "/projekt/1/mal/ny", v, webtest.As(leader)); got.Status != http.StatusSeeOther {
				t.Errorf("task %d: %d", i, got.Status)
			}
		}
		webtest.HasText(t, webtest.Get(t, w.h, "/projekt/1/mal", webtest.As(leader)), "main", ExampleTasks[4]+" i vår kommun")
	})
}
