package room

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web/webtest"
)

func TestSeed_003_01_ExtensionWithinTheFrame(t *testing.T) {
	p := Project{Name: "x", From: "2014-01-01", To: "2015-12-31", LastTo: "2016-12-31"}
	for day, ok := range map[calendar.Date]bool{"2016-06-30": true, "2016-12-31": true, "2017-01-01": false, "2015-12-31": false} {
		if err := p.extend(day); (err == nil) != ok {
			t.Errorf("%s: %v", day, err)
		}
	}
	p.LastTo = ""
	if p.extend("2016-01-01") == nil {
		t.Error("extended without a possibility in the frame")
	}
	everyWorld(t, func(w *world) {
		w.opened()
		w.decide(w.keyOf("extension"), "förlängs", "Förlängs ett år.")
		w.must(w.d.Read(context.Background(), func(q db.Q) error {
			it, err := w.o.project(context.Background(), q, w.pid, Moment{})
			if it.Is.To != "2016-12-31" || len(it.Is.Extensions) != 1 || it.Is.Extensions[0].Decision == 0 {
				t.Errorf("%+v", it.Is)
			}
			return err
		}))
	})
}

func TestSeed_003_46_PhasesHaveTheirResponsible(t *testing.T) {
	var names []string
	for _, f := range FivePhases {
		names = append(names, f.Name+": "+f.Responsible)
	}
	want := []string{"Initiering: beställaren och ägaren", "Förberedelse: projektledningen", "Genomförande: styrgruppen, ägaren och projektledningen", "Utvärdering: ägaren", "Avveckling: styrgruppen, ägaren och projektledningen"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

// TestSeed_003_72_GatesInOrder: five gates, each decided by the steering group
// with its paragraph; go opens the next phase, the last closes the room.
func TestSeed_003_72_GatesInOrder(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		if err := w.tryDecide("ordforande@stad.example", Working, w.keyOf("gate"), Go, "Gå", nil); !fail.Is(err, fail.Forbidden) {
			t.Errorf("a working group decides: %v", err)
		}
		first := w.keyOf("gate")
		w.decide(first, Complement, "Kompletteras med mål.")
		if w.keyOf("gate") != first {
			t.Error("a gate that is to be completed is passed by")
		}
		for i := 1; i <= 5; i++ {
			key := w.keyOf("gate")
			w.decide(key, Go, "Gå vidare.")
			w.must(w.d.Read(context.Background(), func(q db.Q) error {
				running, err := w.o.phases.Noun.List(context.Background(), q, journal.Query{Project: w.pid, State: Ongoing})
				if i < 5 && (len(running) != 1 || running[0].Is.Order != i+1) || i == 5 && len(running) != 0 {
					t.Errorf("after gate %d: %+v", i, running)
				}
				return err
			}))
			if i == 1 {
				err := w.o.Edit(as("ledare@stad.example"), w.pid, 2, "", func(p *Project) error { p.Budget++; return nil })
				w.refused(err, fail.Conflict, "the leader changes the budget of a started project")
			}
		}
		_, err := w.o.logs.Add(as("ledare@stad.example"), w.pid, 0, LogEntry{Day: "2016-01-01", Kind: "händelse", What: "efteråt"}, "")
		w.refused(err, fail.Conflict, "writing in a closed room")
		doc := webtest.Get(t, w.h, w.path(""), webtest.As(people["ledare@stad.example"]))
		webtest.HasText(t, doc, "main", Closed)
	})
}

func TestSeed_003_61_003_09_StopEndsTheProject(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		w.decide(w.keyOf("gate"), Stop, "Resurser saknas.")
		w.must(w.d.Read(context.Background(), func(q db.Q) error {
			it, err := w.o.project(context.Background(), q, w.pid, Moment{})
			if it.State != Stopped || it.Is.Recipient != "Kommunstyrelsen" {
				t.Errorf("%s %q", it.State, it.Is.Recipient)
			}
			return err
		}))
	})
}

// TestSeed_003_40_003_42_WhoAppointsWhom: the orderer appoints the steering
// group, the steering group the working groups; nobody else does.
func TestSeed_003_40_003_42_WhoAppointsWhom(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		steering := w.group(Steering)
		_, err := w.o.seats.Add(as("ledare@stad.example"), w.pid, 0, Seat{Group: steering, Email: "arbetar@stad.example", Role: "ledamot", From: "2014-01-13"}, "")
		w.refused(err, fail.Forbidden, "a leader proposes to the steering group")
		it, err := w.o.seats.Add(as("agare@stad.example"), w.pid, 0, Seat{Group: steering, Email: "arbetar@stad.example", Role: "ledamot", From: "2014-01-13"}, "")
		w.must(err)
		w.refused(w.o.seats.Move(as("ordforande@stad.example"), it.ID, 1, Appointed, "", ""), fail.Forbidden, "the steering group appoints to itself")
		w.refused(w.o.seats.Move(as("agare@stad.example"), it.ID, 1, Appointed, "", ""), fail.Forbidden, "the owner appoints to the steering group")
		two, err := w.o.seats.Add(as("bestallare@stad.example"), w.pid, 0, Seat{Group: steering, Email: "arbetar@stad.example", Role: ordforande, From: "2014-01-13"}, "")
		w.must(err)
		w.refused(w.o.seats.Move(as("bestallare@stad.example"), two.ID, 1, Appointed, "", ""), fail.Invalid, "a second chair")

		working, err := w.o.groups.Add(as("ledare@stad.example"), w.pid, 0, Group{Name: "Arbetsgrupp Upphandling", Kind: Working, Side: sideBlue, Moments: Moments[:2]}, "")
		w.must(err)
		if _, err := w.o.groups.Add(as("ledare@stad.example"), w.pid, 0, Group{Name: "En till", Kind: Steering}, ""); !fail.Is(err, fail.Invalid) {
			t.Errorf("a second steering group: %v", err)
		}
		member, err := w.o.seats.Add(as("ledare@stad.example"), w.pid, 0, Seat{Group: working.ID, Email: "arbetar@stad.example", Role: "ledamot", From: "2014-01-13"}, "")
		w.must(err)
		if w.allowed("arbetar@stad.example", "project.read") {
			t.Error("a proposal gives a right")
		}
		w.refused(w.o.seats.Move(as("ledare@stad.example"), member.ID, 1, Appointed, "", ""), fail.Forbidden, "a leader appoints")
		w.decide(w.keyOf("seat"), Appointed, "Utses.")
		if !w.allowed("arbetar@stad.example", "log.write") {
			t.Error("an appointed member may not write in the log")
		}
		if _, err := w.o.seats.Add(as("ledare@stad.example"), w.pid, 0, Seat{Group: working.ID, Email: "ingen@x.example", Role: "ledamot", From: "2014-01-13"}, ""); !fail.Is(err, fail.Invalid) {
			t.Errorf("an unknown address: %v", err)
		}
	})
}

// TestRule12_ARightEndsWithItsEndDate without anybody having to remember it.
func TestRule12_ARightEndsWithItsEndDate(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		it, err := w.o.seats.Add(as("bestallare@stad.example"), w.pid, 0, Seat{Group: w.group(Leading), Email: "arbetar@stad.example", Role: "projektledare", From: "2014-02-01", To: "2014-03-01"}, "")
		w.must(err)
		w.must(w.o.seats.Move(as("bestallare@stad.example"), it.ID, 1, Appointed, "", ""))
		for day, may := range map[string]bool{"2014-01-31": false, "2014-02-01": true, "2014-02-28": true, "2014-03-01": false} {
			w.day(day)
			if w.allowed("arbetar@stad.example", "report.write") != may {
				t.Errorf("%s: allowed is %v", day, !may)
			}
		}
	})
}

func TestSeed_003_62_TheLogIsAppendOnly(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		it, err := w.o.logs.Add(as("ledare@stad.example"), w.pid, 0, LogEntry{Day: "2014-02-03", Kind: "händelse", What: "Första mötet med Samordningsförbunden"}, "")
		w.must(err)
		for _, x := range w.o.logs.Routes() {
			if strings.Contains(x.Pattern, "redigera") || strings.Contains(x.Pattern, "flytta") {
				t.Errorf("the log has the route %s", x.Pattern)
			}
		}
		for email, status := range map[string]int{"forskare@stad.example": 200, "ledamot@stad.example": 200, "kontakt@kommun.example": 200, "utomstaende@x.example": 403} {
			if got := webtest.Fetch(t, w.h, w.path("/logg/"+id.String(it.ID)), webtest.As(people[email])); got.Status != status {
				t.Errorf("%s reads the log: %d", email, got.Status)
			}
		}
		if got := w.post("forskare@stad.example", "/logg/ny", url.Values{"day": {"2014-02-03"}, "kind": {"händelse"}, "what": {"x"}}); got.Status != http.StatusForbidden {
			t.Errorf("the researcher writes in the log: %d", got.Status)
		}
		got := w.post("kontakt@kommun.example", "/logg/ny", url.Values{"day": {"igår"}, "kind": {"händelse"}, "what": {"Besök"}})
		if got.Status != http.StatusUnprocessableEntity {
			t.Errorf("a day that is none: %d", got.Status)
		}
		webtest.HasFieldError(t, got.Doc, "day", "2026-03-31")
		if v, _ := webtest.Has(t, got.Doc, "#what").Attr("value"); v != "Besök" {
			t.Errorf("what was typed is lost: %q", v)
		}
	})
}

// TestSeed_003_59_TheChainOfAChange: noted in the groups' meetings, prepared,
// the owner's opinion, and decided by the steering group alone; approved, it
// changes budget and time.
func TestSeed_003_59_TheChainOfAChange(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		w.decide(w.keyOf("gate"), Go, "Gå.")
		it, err := w.o.changes.Add(as("ledare@stad.example"), w.pid, 0, Change{What: "Längre tid för matchningen", Why: "Upphandlingarna startade senare.", Budget: 5_000_000, To: "2016-03-31"}, "")
		w.must(err)
		move := func(by, to string, version int64) error {
			return w.o.changes.Move(as(by), it.ID, version, to, "Se beredningen.", "")
		}
		for _, to := range []string{ChangeApproved, ChangeRefused, ChangeAtGroup} {
			if move("ledare@stad.example", to, 1) == nil {
				t.Errorf("from %s straight to %s", ChangeReported, to)
			}
		}
		w.must(move("ledare@stad.example", ChangePrepared, 1))
		w.refused(move("ledare@stad.example", ChangeAtOwner, 2), fail.Invalid, "without a preparation")
		w.must(w.o.changes.Change(as("ledare@stad.example"), it.ID, 2, "", "", func(c *Change) error { c.Prepared = "Tre månader till räcker."; return nil }))
		w.refused(move("ledare@stad.example", ChangeAtOwner, 3), fail.Conflict, "before a working group has taken it up")
		w.must(w.d.Write(as("sekreterare@stad.example"), func(tx *db.Tx) error {
			p, err := w.o.Frame(as("sekreterare@stad.example"), tx, w.pid)
			if err != nil {
				return err
			}
			return w.o.Note(as("sekreterare@stad.example"), tx, p, "change:"+id.String(it.ID), Noted{Meeting: 12, Kind: Working, Day: "2014-09-01"})
		}))
		w.must(move("ledare@stad.example", ChangeAtOwner, 4))
		w.refused(move("ledare@stad.example", ChangeAtGroup, 5), fail.Forbidden, "the leader passes the owner by")
		w.refused(move("agare@stad.example", ChangeAtGroup, 5), fail.Invalid, "without the owner's opinion")
		w.must(w.o.changes.Change(as("agare@stad.example"), it.ID, 5, "", "", func(c *Change) error { c.Opinion = "Tillstyrks."; return nil }))
		w.must(move("agare@stad.example", ChangeAtGroup, 6))
		for _, by := range []string{"bestallare@stad.example", "agare@stad.example", "ledare@stad.example", "arbetar@stad.example"} {
			if w.tryDecide(by, Steering, w.keyOf("change"), ChangeApproved, "Bifall.", nil) == nil {
				t.Errorf("%s decides", by)
			}
		}
		doc := webtest.Get(t, w.h, w.path("/andringar/"+id.String(it.ID)), webtest.As(people["ledamot@stad.example"]))
		webtest.HasText(t, doc, "main", "2 450 000 kr")
		w.decide(w.keyOf("change"), ChangeApproved, "Bifall.")
		w.must(w.d.Read(context.Background(), func(q db.Q) error {
			p, err := w.o.project(context.Background(), q, w.pid, Moment{})
			if p.Is.To != "2016-03-31" || p.Is.Budget != 245_000_000 {
				t.Errorf("%+v", p.Is)
			}
			return err
		}))
	})
}

func TestARefusedChangeKeepsItsReason(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		c := Change{What: "Mer pengar", Why: "De räcker inte.", Budget: 100, Prepared: "x", Opinion: "Avstyrks", Noted: []Noted{{Kind: Working}}}
		it, err := w.o.changes.Add(as("ledare@stad.example"), w.pid, 0, c, "")
		w.must(err)
		for i, to := range []string{ChangePrepared, ChangeAtOwner} {
			w.must(w.o.changes.Move(as("ledare@stad.example"), it.ID, int64(i+1), to, "", ""))
		}
		w.must(w.o.changes.Move(as("agare@stad.example"), it.ID, 3, ChangeAtGroup, "", ""))
		if err := w.tryDecide("ordforande@stad.example", Steering, w.keyOf("change"), ChangeRefused, "", nil); !fail.Is(err, fail.Invalid) {
			t.Errorf("refused without a reason: %v", err)
		}
		w.decide(w.keyOf("change"), ChangeRefused, "Budgeten räcker om aktiviteterna prioriteras.")
		doc := webtest.Get(t, w.h, w.path("/andringar/"+id.String(it.ID)), webtest.As(people["ledare@stad.example"]))
		webtest.HasText(t, doc, "main", "Budgeten räcker om aktiviteterna prioriteras.")
	})
}

func TestSeed_003_43_ARiskThatOccursIsADeviation(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		it, err := w.o.risks.Add(as("ledare@stad.example"), w.pid, 0, Risk{Cause: "Upphandlingarna blir sena", Event: "För få platser", Effect: "Målet nås inte", Probability: 4, Impact: 4, Owner: "Projektledare"}, "")
		w.must(err)
		w.refused(w.o.risks.Move(as("ledare@stad.example"), it.ID, 1, RiskOccurred, "", ""), fail.Invalid, "without saying what happened")
		w.must(w.o.risks.Move(as("ledare@stad.example"), it.ID, 1, RiskOccurred, "Två upphandlingar sköts upp.", ""))
		doc := webtest.Get(t, w.h, w.path("/avvikelser"), webtest.As(people["ledamot@stad.example"]))
		webtest.HasText(t, doc, "main", "För få platser")
		doc = webtest.Get(t, w.h, w.path("/risker"), webtest.As(people["ledamot@stad.example"]))
		webtest.HasText(t, doc, "main", "16 – hög")
	})
}

// TestSeed_003_62_003_63_TheReportWritesItself from what was known at the end
// of the quarter, and is locked when the steering group has dealt with it.
func TestSeed_003_62_003_63_TheReportWritesItself(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		w.figures = []Figure{{Goal: "Hälften med hänsyn", Indicator: "Andel upphandlingar", Value: "31", Target: "50", Unit: "%", Light: "röd"}}
		w.decide(w.keyOf("gate"), Go, "Gå.")
		w.day("2014-02-10")
		_, err := w.o.logs.Add(as("ledare@stad.example"), w.pid, 0, LogEntry{Day: "2014-02-10", Kind: "händelse", What: "Processkarta klar"}, "")
		w.must(err)
		_, err = w.o.actions.Add(as("ledare@stad.example"), w.pid, 0, Action{Text: "Skriv arbetsordning", Email: "ledare@stad.example", Due: "2014-03-01"}, "")
		w.must(err)
		w.day("2014-04-02")
		_, err = w.o.logs.Add(as("ledare@stad.example"), w.pid, 0, LogEntry{Day: "2014-03-30", Kind: "händelse", What: "Skrivet efteråt"}, "")
		w.must(err)
		w.must(w.o.Tick(context.Background()))
		w.must(w.o.Tick(context.Background())) // once only
		var list []journal.Item[Report]
		w.must(w.d.Read(context.Background(), func(q db.Q) (err error) {
			list, err = w.o.reports.Noun.List(context.Background(), q, journal.Query{Project: w.pid})
			return err
		}))
		if len(list) != 1 || list[0].State != ReportDue || list[0].Is.From != "2014-01-01" || list[0].Is.To != "2014-03-31" {
			t.Fatalf("%+v", list)
		}
		text := string(list[0].Is.paper(context.Background(), "x", "utkast").HTML())
		for _, want := range []string{"Processkarta klar", "Andel upphandlingar", "31 %", "röd", "Skriv arbetsordning", "försenad", "En indikator är röd."} {
			if !strings.Contains(text, want) {
				t.Errorf("the draft lacks %q", want)
			}
		}
		if strings.Contains(text, "Skrivet efteråt") {
			t.Error("the draft knows what was written after the quarter")
		}
		r := list[0]
		w.must(w.o.reports.Change(as("ledare@stad.example"), r.ID, 1, "", "", func(x *Report) error { x.Summary = "Vi ligger efter."; return nil }))
		w.must(w.o.reports.Move(as("ledare@stad.example"), r.ID, 2, ReportHandedIn, "", ""))
		w.decide(w.keyOf("report"), ReportDealtWith, "Läggs till handlingarna.")
		err = w.o.reports.Change(as("ledare@stad.example"), r.ID, 4, "", "", func(x *Report) error { x.Summary = "Allt är bra."; return nil })
		w.refused(err, fail.Conflict, "a report that has been dealt with is changed")
		for _, file := range []string{"rapport.docx"} {
			if got := webtest.Fetch(t, w.h, w.path("/rapporter/"+id.String(r.ID)+"/"+file), webtest.As(people["ledamot@stad.example"])); got.Status != 200 {
				t.Errorf("%s: %d", file, got.Status)
			}
		}
	})
}

func TestRemindersGoOnce(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		_, err := w.o.actions.Add(as("ledare@stad.example"), w.pid, 0, Action{Text: "Ring Försäkringskassan", Email: "arbetar@stad.example", Due: "2014-01-20"}, "")
		w.must(err)
		w.must(w.o.Tick(context.Background()))
		if len(w.letters) != 0 {
			t.Error("reminded a week before")
		}
		w.day("2014-01-17")
		w.must(w.o.Tick(context.Background()))
		w.must(w.o.Tick(context.Background()))
		if len(w.letters) != 1 || w.letters[0].To[0] != "arbetar@stad.example" || !strings.Contains(w.letters[0].Text, "Ring Försäkringskassan") {
			t.Errorf("%+v", w.letters)
		}
	})
}

// TestWhatDidWeKnow shows the room as it was: the page of an earlier day has
// what was known then, and nothing can be changed on it.
func TestWhatDidWeKnow(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		it, err := w.o.risks.Add(as("ledare@stad.example"), w.pid, 0, Risk{Event: "För få platser", Effect: "x", Probability: 2, Impact: 2, Owner: "y"}, "")
		w.must(err)
		w.day("2014-11-20")
		w.must(w.o.risks.Change(as("ledare@stad.example"), it.ID, 1, "", "", func(r *Risk) error { r.Probability = 5; r.Impact = 5; return nil }))
		me := webtest.As(people["ledamot@stad.example"])
		webtest.HasText(t, webtest.Get(t, w.h, w.path("/risker"), me), "tbody", "25")
		then := webtest.Get(t, w.h, w.path("/risker?den=2014-11-19"), me)
		webtest.HasText(t, then, "main", "4 – låg")
		webtest.HasText(t, then, "main", "Så här såg det ut")
		webtest.HasNo(t, then, "a[href$='/ny']")
		one := webtest.Get(t, w.h, w.path("/risker/"+id.String(it.ID)+"?den=2014-11-19"), webtest.As(people["ledare@stad.example"]))
		webtest.HasNo(t, one, "form.move")
		if got := webtest.Fetch(t, w.h, w.path("/risker?den=2014-99-99"), me); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("a day that is none: %d", got.Status)
		}
		if got := webtest.Fetch(t, w.h, w.path("?den=2014-02-01"), me); got.Status != http.StatusOK {
			t.Errorf("the project's page as of a day: %d", got.Status)
		}
	})
}

// TestEveryPageOpens for the leader, with something on each.
func TestEveryPageOpens(t *testing.T) {
	everyWorld(t, func(w *world) {
		w.opened()
		for _, q := range SevenQuestions {
			_, err := w.o.questions.Add(as("forskare@stad.example"), w.pid, 0, Question{Text: q}, "")
			w.must(err)
		}
		_, err := w.o.researches.Add(as("forskare@stad.example"), w.pid, 0, Research{Title: "Delrapport 1", Findings: "Matchningen är flaskhalsen."}, "")
		w.must(err)
		_, err = w.o.reports.Add(as("ledare@stad.example"), w.pid, 0, Report{Kind: "möte", From: "2014-01-01", To: "2014-01-31"}, "")
		w.must(err)
		for _, part := range []string{"", "/ram", "/handelser", "/faser", "/beslutspunkter", "/grupper", "/grupper/ny", "/uppdrag", "/uppdrag/ny", "/logg", "/logg/ny", "/beslut", "/atgarder", "/atgarder/ny", "/risker", "/risker/ny",
			"/avvikelser", "/avvikelser/ny", "/andringar", "/andringar/ny", "/rapporter", "/rapporter/ny", "/utvarderingsfragor", "/delrapporter", "/logg.csv", "/rapporter.csv", "/uppdrag.csv"} {
			if got := webtest.Fetch(t, w.h, w.path(part), webtest.As(people["ledare@stad.example"])); got.Status != http.StatusOK {
				t.Errorf("%s: %d", part, got.Status)
			} else if got.Doc != nil && !strings.HasSuffix(part, ".csv") {
				webtest.Sound(t, part, got.Doc)
			}
		}
		got := webtest.Fetch(t, w.h, w.path("/delrapporter/ny"), webtest.As(people["forskare@stad.example"]))
		if got.Status != 200 || got.Doc.Find("textarea[name^=answer-]").Length() != len(SevenQuestions) {
			t.Errorf("003-52: the part-report's form has %d answers", got.Doc.Find("textarea[name^=answer-]").Length())
		}
		if got := webtest.Fetch(t, w.h, "/projekt", webtest.As(people["utomstaende@x.example"])); strings.Contains(got.Doc.Text(), "Stödfunktion") {
			t.Error("an outsider sees the room in the list")
		}
	})
}
