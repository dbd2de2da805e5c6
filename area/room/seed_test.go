package room

import (
	"context"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// working makes a working group with somebody in it.
func (w *world) working() journal.ID {
	w.t.Helper()
	made, err := w.o.AddGroup(as("ledare@stad.example"), w.pid, Group{Name: "Arbetsgrupp Modell", Kind: Working, Mandate: "Bollplank."})
	w.must(err)
	w.must(w.o.Seat(as("ordforande@stad.example"), w.pid, Seat{Group: made, Email: "arbetar@stad.example", Role: "ledamot", From: "2014-01-13"}))
	return made
}

// TestSeed_000_05_TheSteeringGroupHasItsPurpose: a new room says what its
// steering group is for, and the text cannot be emptied.
func TestSeed_000_05_TheSteeringGroupHasItsPurpose(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		steering := w.group(Steering)
		doc := webtest.Get(t, w.h, w.path("/grupper/"+id.String(steering)), webtest.As(people["ledamot@stad.example"]))
		webtest.HasText(t, doc, ".facts", "Ger stöd och delar med sig av erfarenheter")
		form := webtest.Get(t, w.h, w.path("/grupper/"+id.String(steering)+"/redigera"), webtest.As(people["ledare@stad.example"]))
		v := webtest.Filled(t, form, "")
		v.Set("mandate", "")
		got := w.post("ledare@stad.example", "/grupper/"+id.String(steering)+"/redigera", v)
		if got.Status != 422 {
			t.Fatalf("a steering group for nothing: %d", got.Status)
		}
		webtest.HasFieldError(t, got.Doc, "mandate", "Skriv vad styrgruppen är till för")
		v.Set("mandate", "Stöder konsulten och ägaren.")
		if got := w.post("ledare@stad.example", "/grupper/"+id.String(steering)+"/redigera", v); got.Status != 303 {
			t.Errorf("another wording: %d", got.Status)
		}
	})
}

// TestSeed_003_44_AMatterOfAWorkingGroupPassesTheOwner: prepared by a group,
// with LOU applied in the case where it procures, then the owner, then the
// steering group; nobody takes a shorter way.
func TestSeed_003_44_AMatterOfAWorkingGroupPassesTheOwner(t *testing.T) {
	everyWorld(t, func(w *world) {
		const member, owner = "arbetar@stad.example", "agare@stad.example"
		w.opened()
		group := w.working()
		_, err := w.o.briefs.Add(as(member), w.pid, 0, Brief{Title: "Villkor", Group: w.group(Steering), Background: "b"}, "")
		w.refused(err, fail.Invalid, "the steering group prepares for itself")
		it, err := w.o.briefs.Add(as(member), w.pid, 0, Brief{Title: "Villkor i städavtalet", Group: group, Background: "Avtalet löper ut.", Procures: true}, "")
		w.must(err)
		version := int64(1)
		move := func(by, to string) error {
			err := w.o.briefs.Move(as(by), it.ID, version, to, "Skäl.", "")
			if err == nil {
				version++
			}
			return err
		}
		change := func(by string, f func(*Brief)) error {
			err := w.o.briefs.Change(as(by), it.ID, version, "", "", func(b *Brief) error { f(b); return nil })
			if err == nil {
				version++
			}
			return err
		}
		w.refused(move(member, ChangeAtGroup), fail.Forbidden, "past the owner")
		w.refused(move(owner, ChangeAtGroup), fail.Conflict, "the owner before it is handed over")
		w.refused(move(member, ChangeAtOwner), fail.Invalid, "without a proposal")
		w.must(change(member, func(b *Brief) { b.Proposal = "Villkoret tas in." }))
		w.refused(move(member, ChangeAtOwner), fail.Invalid, "a procurement without LOU")
		w.must(change(member, func(b *Brief) { b.Lawful = "17 kap. 1 §: villkoret hör till avtalets föremål." }))
		w.must(move(member, ChangeAtOwner))
		w.refused(change(member, func(b *Brief) { b.Proposal = "Annat." }), fail.Forbidden, "the group changes what the owner has")
		w.refused(move(owner, ChangeAtGroup), fail.Invalid, "without an opinion")
		waits := func() bool {
			var found bool
			w.must(w.d.Read(as(owner), func(q db.Q) error {
				p, err := w.o.Frame(as(owner), q, w.pid)
				if err != nil {
					return err
				}
				list, err := w.o.Matters(as(owner), q, p)
				found = slices.ContainsFunc(list, func(m Matter) bool { return m.Key == "brief:"+id.String(it.ID) })
				return err
			}))
			return found
		}
		if waits() {
			t.Error("it waits for the steering group before the owner has passed it on")
		}
		w.must(change(owner, func(b *Brief) { b.Opinion = "Tillstyrks." }))
		w.must(move(owner, ChangeAtGroup))
		if !waits() {
			t.Fatal("the steering group does not see it")
		}
		w.decide("brief:"+id.String(it.ID), BriefDecided, "Villkoret tas in i avtalet.")
		doc := webtest.Get(t, w.h, w.path("/beredning/"+id.String(it.ID)), webtest.As(people[member]))
		webtest.HasText(t, doc, "main", BriefDecided)
		webtest.HasText(t, doc, "main", "Tillstyrks.")
	})
}

// TestSeed_003_70_AVersionIsAdoptedOnADay: each adopted version keeps its text,
// its decision and its day; the one before holds until the next is adopted.
func TestSeed_003_70_AVersionIsAdoptedOnADay(t *testing.T) {
	everyWorld(t, func(w *world) {
		const leader, owner = "ledare@stad.example", "agare@stad.example"
		w.opened()
		it, err := w.o.documents.Add(as(leader), w.pid, 0, Document{Kind: "arbetsordning", Title: "Arbetsordning", Text: "Första lydelsen."}, "")
		w.must(err)
		version := int64(1)
		do := func(err error) { w.must(err); version++ }
		pass := func() {
			do(w.o.documents.Move(as(leader), it.ID, version, ChangeAtOwner, "", ""))
			w.refused(w.o.documents.Move(as(owner), it.ID, version, ChangeAtGroup, "", ""), fail.Invalid, "without the owner's opinion")
			do(w.o.documents.Change(as(owner), it.ID, version, "", "", func(x *Document) error { x.Opinion = "Tillstyrks."; return nil }))
			do(w.o.documents.Move(as(owner), it.ID, version, ChangeAtGroup, "", ""))
		}
		page := w.path("/handlingar/" + id.String(it.ID))
		webtest.HasText(t, webtest.Get(t, w.h, page, webtest.As(people[leader])), "main", "Ingen version är antagen")
		pass()
		w.decide("document:"+id.String(it.ID), DocumentAdopted, "Arbetsordningen antas.")
		version++
		doc := webtest.Get(t, w.h, page, webtest.As(people[leader]))
		webtest.HasText(t, doc, "main", "Version 1 antagen av Styrgruppen 20 november 2014, § 4")
		w.refused(w.o.documents.Change(as(leader), it.ID, version, "", "", func(x *Document) error { x.Text = "Smygändrad."; return nil }), fail.Conflict, "an adopted version is changed")

		do(w.o.documents.Move(as(leader), it.ID, version, DocumentDraft, "", ""))
		do(w.o.documents.Change(as(leader), it.ID, version, "", "", func(x *Document) error { x.Text = "Andra lydelsen."; return nil }))
		doc = webtest.Get(t, w.h, page, webtest.As(people[leader]))
		webtest.HasText(t, doc, "main", "Texten ovan är version 2, som inte är antagen.")
		webtest.HasText(t, doc, "main", "Första lydelsen.") // still holds
		pass()
		w.decide("document:"+id.String(it.ID), DocumentAdopted, "Version 2 antas.")
		w.must(w.d.Read(context.Background(), func(q db.Q) error {
			x, err := w.o.documents.Noun.Get(context.Background(), q, it.ID)
			a := x.Is.Adoptions
			if len(a) != 2 || a[0].Text != "Första lydelsen." || a[1].Text != "Andra lydelsen." || a[1].Version != 2 || a[1].Day != "2014-11-20" || a[0].Decision == a[1].Decision {
				t.Errorf("%+v", a)
			}
			return err
		}))
		webtest.HasText(t, webtest.Get(t, w.h, w.path("/handlingar"), webtest.As(people["ledamot@stad.example"])), "tbody", "Version 2 antagen av Styrgruppen")
	})
}

// TestSeed_003_68_003_90_EvaluationsGoThroughTheOwner: a part-report analyses
// communication and cooperation, reaches the steering group and the
// stakeholders through the owner alone, and is answered in words.
func TestSeed_003_68_003_90_EvaluationsGoThroughTheOwner(t *testing.T) {
	everyWorld(t, func(w *world) {
		const researcher, owner, leader = "forskare@stad.example", "agare@stad.example", "ledare@stad.example"
		w.opened()
		reference, err := w.o.AddGroup(as(leader), w.pid, Group{Name: "Referensgrupp", Kind: Reference})
		w.must(err)
		w.must(w.o.Seat(as("ordforande@stad.example"), w.pid, Seat{Group: reference, Email: "kontakt@kommun.example", Role: "ledamot", From: "2014-01-13"}))
		list := func() webtest.Answer {
			return webtest.Fetch(t, w.h, w.path("/delrapporter"), webtest.As(people[leader]))
		}
		webtest.HasText(t, list().Doc, "main", "Ingen delrapport har följt upp dem ännu.")
		w.day("2014-06-01")
		it, err := w.o.researches.Add(as(researcher), w.pid, 0, Research{Title: "Delrapport 1", Findings: "Stödet används."}, "")
		w.must(err)
		version := int64(1)
		move := func(by, to string) error {
			err := w.o.researches.Move(as(by), it.ID, version, to, "", "")
			if err == nil {
				version++
			}
			return err
		}
		change := func(f func(*Research)) {
			w.must(w.o.researches.Change(as(researcher), it.ID, version, "", "", func(x *Research) error { f(x); return nil }))
			version++
		}
		w.refused(move(researcher, ResearchHandedIn), fail.Invalid, "without communication and cooperation")
		change(func(x *Research) { x.Comms = "Distrikten nås sent; bjud in dem tidigare." })
		w.must(move(researcher, ResearchHandedIn))
		for _, by := range []string{researcher, leader, "ordforande@stad.example"} {
			w.refused(move(by, ResearchTold), fail.Forbidden, by+" goes past the owner")
		}
		if move(leader, ResearchAnswered) == nil {
			t.Error("answered before it was passed on")
		}
		w.letters = nil
		w.must(move(owner, ResearchTold))
		var to []string
		for _, m := range w.letters {
			to = append(to, m.To...)
		}
		slices.Sort(to)
		if want := []string{"kontakt@kommun.example", "ledamot@stad.example", "ordforande@stad.example", "sekreterare@stad.example"}; !slices.Equal(to, want) {
			t.Errorf("told %v, want %v", to, want)
		}
		w.refused(move(leader, ResearchAnswered), fail.Invalid, "answered without an answer")
		change(func(x *Research) { x.Response = "Distrikten bjuds in från augusti." })
		w.must(move(leader, ResearchAnswered))
		webtest.HasText(t, list().Doc, "main", "följdes senast upp 1 juni 2014")
		r, err := w.o.reports.Add(as(leader), w.pid, 0, Report{Kind: "kvartal", From: "2014-04-01", To: "2014-06-30"}, "")
		w.must(err)
		doc := webtest.Get(t, w.h, w.path("/rapporter/"+id.String(r.ID)), webtest.As(people[leader]))
		webtest.HasText(t, doc, "main", "Distrikten bjuds in från augusti.")
		w.day("2014-10-01")
		webtest.HasText(t, list().Doc, "main", "Den senaste uppföljningen är från 1 juni 2014.")
	})
}

// TestSeed_001_15_003_87_TheFinalReport: what the project found is the ground for
// what is decided after it. The end of the project warns until the owner
// has a final report, or has said in writing why there is none; it never stops.
func TestSeed_001_15_003_87_TheFinalReport(t *testing.T) {
	everyWorld(t, func(w *world) {
		const leader = "ledare@stad.example"
		w.opened()
		var last journal.Item[Gate]
		w.must(w.d.Read(context.Background(), func(q db.Q) error {
			list, err := w.o.gates.Noun.List(context.Background(), q, journal.Query{Project: w.pid})
			last = list[len(list)-1]
			return err
		}))
		page := "/beslutspunkter/" + id.String(last.ID)
		webtest.HasText(t, webtest.Get(t, w.h, w.path(page), webtest.As(people[leader])), "main", "Slutrapporten saknas")
		w.must(w.o.gates.Change(as(leader), last.ID, 1, "", "", func(g *Gate) error { g.Motive = "Resultatet står i utredningens betänkande."; return nil }))
		webtest.HasText(t, webtest.Get(t, w.h, w.path(page), webtest.As(people[leader])), "main", "Motiv: Resultatet står i utredningens betänkande.")

		w.decide(w.keyOf("gate"), Go, "Projektet startar.")
		w.day("2015-12-01")
		r, err := w.o.reports.Add(as(leader), w.pid, 0, Report{Kind: FinalReport, From: "2014-01-13", To: "2015-12-01", Summary: "Modellen är klar."}, "")
		w.must(err)
		doc := webtest.Get(t, w.h, w.path("/rapporter/"+id.String(r.ID)), webtest.As(people[leader]))
		webtest.HasText(t, doc, "h1", "Slutrapport 2015-12-01")
		webtest.HasText(t, doc, "main", "Projektet startar.") // it compiled itself
		webtest.HasText(t, webtest.Get(t, w.h, w.path(page), webtest.As(people[leader])), "main", "Slutrapporten saknas")
		w.must(w.o.reports.Move(as(leader), r.ID, 1, ReportHandedIn, "", ""))
		webtest.HasNoText(t, webtest.Get(t, w.h, w.path(page), webtest.As(people[leader])), "Slutrapporten saknas")
		for range 4 {
			w.decide(w.keyOf("gate"), Go, "Gå.")
		}
		w.must(w.d.Read(context.Background(), func(q db.Q) error {
			x, err := w.o.project(context.Background(), q, w.pid, Moment{})
			if x.State != Closed {
				t.Errorf("the project is %s", x.State)
			}
			return err
		}))
	})
}

// TestSeed_004_25_AProjectEndsWhenItsMeetingsAreDocumented: the last gate stops
// while a meeting has neither minutes nor notes.
func TestSeed_004_25_AProjectEndsWhenItsMeetingsAreDocumented(t *testing.T) {
	everyWorld(t, func(w *world) {
		missing := []string{"Styrgruppsmöte 3, 4 maj 2015"}
		w.o.deps.Undocumented = func(context.Context, db.Q, who.ProjectID) ([]string, error) { return missing, nil }
		w.opened()
		for range 4 {
			w.decide(w.keyOf("gate"), Go, "Gå.")
		}
		err := w.tryDecide("ordforande@stad.example", Steering, w.keyOf("gate"), Go, "Projektet avslutas.", nil)
		w.refused(err, fail.Conflict, "an undocumented meeting")
		if err == nil || !strings.Contains(err.Error(), missing[0]) {
			t.Errorf("the meeting is not named: %v", err)
		}
		missing = nil
		w.decide(w.keyOf("gate"), Go, "Projektet avslutas.")
	})
}
