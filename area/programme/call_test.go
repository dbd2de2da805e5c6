package programme

import (
	"strings"
	"testing"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/web/webtest"
)

func TestStateFollowsTheDates(t *testing.T) {
	c := Call{State: Published, Content: Content{Dates: Dates{Open: "2026-03-29", Close: "2026-10-25"}}} // the clocks change on both days
	for moment, want := range map[string]State{
		"2026-03-28 23:59": Published, "2026-03-29 00:00": Open, "2026-10-25 23:59": Open, "2026-10-26 00:00": Closed,
	} {
		if got := c.StateAt(at(moment)); got != want {
			t.Errorf("%s: %s, want %s", moment, got, want)
		}
	}
	leap := Call{State: Open, Content: Content{Dates: Dates{Open: "2024-02-01", Close: "2024-02-29"}}}
	if got := leap.StateAt(at("2024-02-29 23:00")); got != Open {
		t.Errorf("on the leap day: %s", got)
	}
	for _, s := range []State{Draft, Decided, Cancelled, Assessment} {
		if got := (Call{State: s, Content: c.Content}).StateAt(at("2030-01-01 00:00")); got != s {
			t.Errorf("%s becomes %s by the clock", s, got)
		}
	}
}

func TestCallMovesOnlyAsItMay(t *testing.T) {
	all := []State{Draft, Published, Open, Closed, Assessment, Decided, Ended, Cancelled}
	may := "utkast>publicerad utkast>avbruten publicerad>öppen publicerad>avbruten öppen>stängd öppen>avbruten stängd>bedömning stängd>avbruten bedömning>beslutad bedömning>avbruten beslutad>avslutad"
	for _, from := range all {
		for _, to := range all {
			got := CanMove(from, to, "motiv") == nil
			want := strings.Contains(" "+may+" ", " "+string(from)+">"+string(to)+" ")
			if got != want {
				t.Errorf("%s > %s: %v, want %v", from, to, got, want)
			}
		}
	}
	if CanMove(Open, Cancelled, " ") == nil {
		t.Error("a call is broken off without a motive")
	}
}

// Seed 000 fixes the day of a workshop in January 2021 during December 2021.
func TestSeed_000_09_a_date_fixed_after_the_event_is_reported(t *testing.T) {
	p := Dates{Event: "2021-01-29", Fixing: "2021-12-15"}.Problems()
	if len(p) != 1 || p[0].Name != "fixing" {
		t.Errorf("%v", p)
	}
	if p := (Dates{Event: "2021-01-29", Fixing: "2020-12-15"}).Problems(); len(p) != 0 {
		t.Errorf("the likely meaning is reported: %v", p)
	}
}

func TestDatesInWrongOrderAreNamed(t *testing.T) {
	d := dates
	d.Close = "2026-03-09"
	if p := d.Problems(); len(p) != 1 || p[0].Name != "close" {
		t.Errorf("%v", p)
	}
}

func TestReadyListsEverythingAtOnce(t *testing.T) {
	names := map[string]bool{}
	for _, f := range (Content{}).Ready(register) {
		names[f.Name] = true
	}
	for _, want := range []string{"title", "summary", "kinds", "offers", "requirements", "responsible", "contact", "open", "close", "questions", "criteria"} {
		if !names[want] {
			t.Errorf("%s is not among what is missing", want)
		}
	}
	for _, tpl := range Templates {
		c := tpl.Content
		c.Dates, c.Responsible, c.Contact = dates, "x", "y"
		if p := c.Ready(register); len(p) > 0 {
			t.Errorf("the template %s is not ready: %v", tpl.Key, p)
		}
	}
}

func TestWrongNumbersCodesAndWeights(t *testing.T) {
	base, _ := TemplateOf("pilot")
	for name, change := range map[string]func(*Content){
		"kinds":    func(c *Content) { c.Kinds = []Kind{{Name: "x", Min: 5, Target: 3, Max: 9}} },
		"quotas":   func(c *Content) { c.Quotas = []Quota{{Attribute: "county", Value: "19", Min: 3, Max: 2}} },
		"members":  func(c *Content) { c.Members = []string{"9999"} },
		"criteria": func(c *Content) { c.Criteria = []Criterion{{ID: "a", Name: "a", Step: 2, Weight: 90, High: 5}} },
	} {
		c := base.Content
		change(&c)
		if p := c.problems(register); len(p) == 0 || p[0].Name != name {
			t.Errorf("%s: %v", name, p)
		}
	}
}

func TestReminderCountsWorkdays(t *testing.T) {
	c := Content{ReminderDays: 5, Dates: Dates{Close: "2026-04-08"}} // Easter lies between
	if got := c.Reminder(); got != "2026-03-30" {
		t.Errorf("reminder on %s", got)
	}
}

func TestSeed_000_01_published_call_shows_its_date_and_000_22_who_answers_for_it(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.published("tre-former")
		doc := webtest.Get(t, f.handler, f.get(id).href())
		webtest.HasText(t, doc, "main", "Publicerad 2 mars 2026")
		webtest.HasText(t, doc, ".responsible", "Handläggare, Myndigheten")
		webtest.HasText(t, doc, ".responsible", "service@example.org")
	})
}

func TestSeed_000_02_open_call_000_03_members_and_three_kinds_000_04_form_and_list(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.draft("tre-former")
		f.must(f.SaveCall(as(officer), id, 1, "", "", func(c *Content) error { c.Members = []string{"1983", "0880"}; return nil }))
		f.must(f.Publish(as(owner), id, ""))
		f.now = at("2026-03-11 09:00")
		doc := webtest.Get(t, f.handler, f.get(id).href())
		webtest.HasText(t, doc, "main", "Öppen")
		for _, kind := range []string{"Styrgrupp", "Workshop om behov", "Filmad intervju"} {
			webtest.HasText(t, doc, "table", kind)
		}
		webtest.HasText(t, doc, "details", "Köping")
		webtest.HasText(t, doc, "details", "Kalmar")
		if c := f.get(id); !c.Invites("1983") || c.Invites("1984") || len(c.Questions) == 0 {
			t.Error("the member list or the form is not kept")
		}
		answering := webtest.Get(t, f.handler, f.get(id).href(), webtest.As(representative))
		webtest.Has(t, answering, `a[href="`+f.get(id).href()+`/intresse"]`)
	})
}

func TestSeed_004_01_offer_and_requirement_stand_side_by_side(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		doc := webtest.Get(t, f.handler, f.get(f.published("pilot")).href())
		if n := doc.Find("section[aria-labelledby=erbjuds] li").Length(); n != 4 {
			t.Errorf("%d offers, want 4", n)
		}
		if n := doc.Find("section[aria-labelledby=kravs] li").Length(); n != 4 {
			t.Errorf("%d requirements, want 4", n)
		}
	})
}

func TestSeed_004_12_004_14_004_15_each_requirement_is_checked_three_times(t *testing.T) {
	tpl, _ := TemplateOf("pilot")
	for _, source := range []string{"004-12", "004-14", "004-15"} {
		found := false
		for _, r := range tpl.Content.Requirements {
			found = found || r.Source == source && r.AtApplication && r.AtDecision && r.AtFollowUp
		}
		if !found {
			t.Errorf("no requirement of %s is checked at application, decision and follow-up", source)
		}
	}
}

func TestSeed_004_04_pilots_and_ambassadors_are_told_apart_on_the_map_and_004_20_in_words(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.published("pilot")
		f.taking = []Participant{
			{Title: "Arjeplog", Kind: "pilot", Codes: []string{"2506"}, State: "pågår", Detail: "Pilotkommun"},
			{Title: "Norsjö, Malå och Skellefteå", Kind: "pilot", Codes: []string{"2417", "2418", "2482"}, State: "pågår", Detail: "Pilotkommun"},
			{Title: "Boden", Kind: "ambassador", Codes: []string{"2582"}, State: "pågår", Detail: "Ambassadör"},
		}
		_ = id
		doc := webtest.Get(t, f.handler, "/program/1")
		if n := doc.Find("svg[role=img] circle.map-pilot").Length(); n != 4 {
			t.Errorf("%d pilot municipalities on the map, want 4", n)
		}
		if n := doc.Find("svg[role=img] rect.map-ambassador").Length(); n != 1 {
			t.Errorf("%d ambassadors on the map, want 1", n)
		}
		if n := doc.Find("#deltagare tbody tr").Length(); n != 3 {
			t.Errorf("%d rows in the table, want 3 atoms", n)
		}
		webtest.HasText(t, doc, "#deltagare", "Ambassadör")
		webtest.HasText(t, doc, "#deltagare", "Västerbottens län")
	})
}

func TestSeed_001_19_several_owners_and_001_20_the_mandate_are_stated(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.programme()
		doc := webtest.Get(t, f.handler, "/program/1")
		webtest.HasText(t, doc, ".facts", "Myndigheten och Förbundet")
		webtest.HasText(t, doc, ".facts", "Regeringens uppdrag")
	})
}

func TestPublishingFreezesTheEditionAndListsWhatIsMissing(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.draft("pilot")
		f.must(f.SaveCall(as(officer), id, 1, "", "", func(c *Content) error { c.Contact, c.Offers = "", nil; return nil }))
		err := f.Publish(as(owner), id, "")
		if e := fail.As(err); e == nil || len(e.Fields) != 2 {
			t.Fatalf("%v", err)
		}
		if err := f.Publish(as(officer), id, ""); !fail.Is(err, fail.Forbidden) {
			t.Errorf("the officer publishes: %v", err)
		}
		id = f.published("pilot")
		if c := f.get(id); c.Edition != "SKR 2023" || c.PublishedAt.IsZero() {
			t.Errorf("%q %v", c.Edition, c.PublishedAt)
		}
	})
}

func TestChangeAfterPublicationNeedsAMotiveAndKeepsTheForm(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.published("pilot")
		change := func(c *Content) error {
			c.Dates.Close = "2026-04-07"
			c.Questions = c.Questions[:2]
			return nil
		}
		if err := f.SaveCall(as(officer), id, 1, "", "", change); !fail.Is(err, fail.Invalid) {
			t.Errorf("changed without a motive: %v", err)
		}
		f.must(f.SaveCall(as(officer), id, 1, "Fler kommuner vill hinna.", "", change))
		webtest.HasText(t, webtest.Get(t, f.handler, f.get(id).href()), "details", "Fler kommuner vill hinna.")
		f.must(f.d.Read(as(owner), func(q db.Q) error {
			old, err := f.FormAt(as(owner), q, id, 1)
			if err != nil {
				return err
			}
			now, err := f.FormAt(as(owner), q, id, f.get(id).FormVersion)
			if len(old) != 5 || len(now) != 2 {
				t.Errorf("the form had %d questions, now %d", len(old), len(now))
			}
			return err
		}))
	})
}

func TestTickWritesDownStatesOnceAndRemindsOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.published("pilot")
		f.drafts = []string{"kontakt@example.org"}
		count := func() (n int) {
			f.must(f.d.Read(as(owner), func(q db.Q) (err error) {
				n, err = db.Value[int](as(owner), q, `SELECT COUNT(*) FROM call_event WHERE call_id = ?`, id)
				return err
			}))
			return n
		}
		for _, step := range []struct {
			at            string
			state         State
			events, mails int
		}{
			{"2026-03-09 23:59", Published, 1, 0}, {"2026-03-10 00:00", Open, 2, 0}, {"2026-03-23 23:59", Open, 2, 0},
			{"2026-03-24 00:00", Open, 2, 1}, {"2026-03-31 23:59", Open, 2, 1}, {"2026-04-01 00:00", Closed, 3, 1},
		} {
			f.now = at(step.at)
			f.must(f.Tick(as(public)))
			f.must(f.Tick(as(public)))
			if got := f.get(id).State; got != step.state || count() != step.events || len(f.letters) != step.mails {
				t.Errorf("%s: %s, %d events, %d letters; want %s, %d, %d", step.at, got, count(), len(f.letters), step.state, step.events, step.mails)
			}
		}
	})
}

func TestANodeThatSleptCatchesUp(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.published("pilot")
		f.now = at("2027-01-01 00:00").Add(time.Hour)
		f.must(f.Tick(as(public)))
		if got := f.get(id).State; got != Closed {
			t.Errorf("%s", got)
		}
	})
}

func TestTwoOfficersAndADoubleClick(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.draft("pilot")
		set := func(title string) func(*Content) error { return func(c *Content) error { c.Title = title; return nil } }
		f.must(f.SaveCall(as(officer), id, 1, "", "a", set("Min")))
		if err := f.SaveCall(as(owner), id, 1, "", "b", set("Din")); !fail.Is(err, fail.Conflict) {
			t.Errorf("the second of two officers: %v", err)
		}
		if err := f.SaveCall(as(officer), id, 2, "", "a", set("Igen")); !fail.Is(err, fail.Conflict) {
			t.Errorf("the second click: %v", err)
		}
		if got := f.get(id).Title; got != "Min" {
			t.Errorf("stored %q", got)
		}
	})
}
