package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kommunpilot/area/knowledge"
	"kommunpilot/area/knowledge/index"
	services "kommunpilot/area/service"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// bank is the knowledge bank of the examples, with who writes and who publishes.
type bank struct {
	*platform
	t               *testing.T
	project         string
	officer, editor who.Actor
}

func newBank(t *testing.T, d *db.DB) bank {
	t.Helper()
	p := newPlatform(t, d)
	p.examples.day(0)
	room := p.item(t, "knowledge", "kunskapsposter", 0)
	return bank{p, t, strings.Split(room, "/kunskapsposter")[0], who.From(p.examples.as["handlaggare@tillvaxtverket.example"]), who.From(p.examples.as["redaktor@tillvaxtverket.example"])}
}

// send fills in the page's form and gives where it leads.
func (b bank) send(actor who.Actor, page string, fields url.Values) string {
	b.t.Helper()
	doc := webtest.Get(b.t, b.handler, page, webtest.As(actor))
	v := webtest.Held(doc.Find("main form[method=post]").Not(".move").First())
	for k, x := range fields {
		v[k] = x
	}
	a := webtest.Post(b.t, b.handler, page, v, webtest.As(actor))
	if a.Status != http.StatusSeeOther {
		b.t.Fatalf("POST %s: %d %s", page, a.Status, strings.Join(strings.Fields(a.Doc.Find("#fel, .ds-alert").Text()), " "))
	}
	return a.Header.Get("Location")
}

// move presses the button to a state; the status tells how it went.
func (b bank) move(actor who.Actor, page, to, why string) int {
	b.t.Helper()
	doc := webtest.Get(b.t, b.handler, page, webtest.As(actor))
	form := doc.Find("main form.move").Has(`[value="` + to + `"]`)
	v := webtest.Held(form)
	v.Set("to", to)
	v.Set(form.Find("textarea, input[type=text]").AttrOr("name", "reason"), why)
	return webtest.Post(b.t, b.handler, page+"/flytta", v, webtest.As(actor)).Status
}

func (b bank) found(query string) string {
	b.t.Helper()
	return strings.Join(strings.Fields(webtest.Get(b.t, b.handler, "/kunskapsbank?q="+url.QueryEscape(query)).Find(".hits").Text()), " ")
}

func written(today string) url.Values {
	return url.Values{"kind": {"metod"}, "title": {"Snöskoterleder som skolväg"}, "summary": {"Barnen åker skoter till skolan."}, "problem": {"Ingen buss."}, "done": {"Leden märktes."}, "result": {"Fyra barn åker."},
		"services": {"övrigt"}, "municipalities": {"Norsjö\n2418"}, "before_after": {"ja"}, "motive": {"Barnen räknades."}, "licence": {"CC BY 4.0"}, "language": {"sv"}, "responsible": {"Skolskjutsansvarig, Norsjö kommun"},
		"contact": {"skolskjuts@norsjo.example"}, "checked": {today}, "again": {"2039-01-01"}}
}

// From the room to the reader and back: a draft without a source goes nowhere,
// the editor publishes, everybody finds it at once by its parts; a reader's yes is
// counted once and the question answered; a source that is withdrawn marks the
// page; a new version has a number and the old one its address; what is taken away
// says so.
func TestSeed_002_03_002_06_000_24_AnEntryIsWrittenFoundAnsweredAndReviewed(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		b := newBank(t, d)
		today := string(b.examples.today)
		list := b.project + "/kunskapsposter"
		entry := b.send(b.officer, list+"/ny", written(today))
		open := "/kunskapsbank/" + lastPart(entry)
		if got := b.move(b.officer, entry, knowledge.Review, ""); got != http.StatusConflict {
			t.Errorf("an entry without a source goes to review: %d", got)
		}
		sources := b.project + "/kunskapskallor"
		source := b.send(b.officer, sources+"/ny?entry="+lastPart(entry), url.Values{"entry": {lastPart(entry)}, "kind": {knowledge.Indicator}, "title": {"Barn på leden"}})
		if got := b.move(b.officer, entry, knowledge.Review, ""); got != http.StatusSeeOther {
			t.Fatalf("to review: %d", got)
		}
		if got := b.move(b.officer, entry, knowledge.Published, ""); got != http.StatusForbidden {
			t.Errorf("the officer publishes: %d", got)
		}
		if a := webtest.Fetch(t, b.handler, open); a.Status != http.StatusNotFound {
			t.Errorf("a draft is open to all: %d", a.Status)
		}
		webtest.HasText(t, webtest.Get(t, b.handler, "/att-gora", webtest.As(b.editor)), "main", "Granska kunskapsposten: Snöskoterleder som skolväg")
		if got := b.move(b.editor, entry, knowledge.Published, ""); got != http.StatusSeeOther {
			t.Fatalf("publish: %d", got)
		}
		for _, query := range []string{"snöskoterleder", "skoter led", "SKOLVÄG", "norsjö skolväg", "snöskoterledr"} {
			if !strings.Contains(b.found(query), "Snöskoterleder som skolväg") {
				t.Errorf("%q does not find it: %s", query, b.found(query))
			}
		}
		doc := webtest.Get(t, b.handler, open)
		webtest.HasText(t, doc, "main", "mätt (3/5)")
		webtest.HasText(t, doc, "main", "Norsjö, Malå")
		webtest.HasText(t, doc, "footer.responsible", "Skolskjutsansvarig, Norsjö kommun")

		// A reader answers, twice, and asks.
		for _, helped := range []string{"nej", "ja", "ja"} {
			a := webtest.Post(t, b.handler, open+"/hjalpte", url.Values{"helped": {helped}, "text": {"Hur bred är leden?"}})
			if a.Status != http.StatusSeeOther || len(a.Header["Set-Cookie"]) > 0 {
				t.Errorf("an answer: %d, cookies %v", a.Status, a.Header["Set-Cookie"])
			}
		}
		if a := webtest.Post(t, b.handler, open+"/hjalpte", url.Values{"text": {"Utan svar"}}); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "Utan svar") {
			t.Errorf("an answer that is none: %d", a.Status)
		}
		webtest.HasText(t, webtest.Get(t, b.handler, open+"?tack=1"), "#hjalpte", "Tack")
		webtest.HasText(t, webtest.Get(t, b.handler, entry, webtest.As(b.officer)), "main", "Ja: 1. Nej: 0.")
		webtest.HasText(t, webtest.Get(t, b.handler, "/att-gora", webtest.As(b.officer)), "main", "Svara en läsare: Hur bred är leden?")
		question := b.item(t, "knowledgequestion", "kunskapsfragor", 0)
		if got := b.move(b.officer, question, knowledge.Answered, ""); got != http.StatusConflict {
			t.Errorf("a question without an answer is answered: %d", got)
		}
		b.send(b.officer, question+"/redigera", url.Values{"reply": {"Tre meter."}, "shown": {"ja"}})
		webtest.HasNoText(t, webtest.Get(t, b.handler, open), "Tre meter.")
		if got := b.move(b.officer, question, knowledge.Answered, ""); got != http.StatusSeeOther {
			t.Fatalf("answered: %d", got)
		}
		webtest.HasText(t, webtest.Get(t, b.handler, open), "main", "Tre meter.")

		// The source is withdrawn: the page says so, and the level falls.
		measured := func() bool {
			return strings.Contains(webtest.Get(t, b.handler, "/kunskapsbank?evidens=3&q="+url.QueryEscape("snöskoterleder")).Find(".hits").Text(), "Snöskoterleder")
		}
		if !measured() {
			t.Error("it is not found among what has been measured")
		}
		if got := b.move(b.officer, source, knowledge.Withdrawn, "Fel räknat"); got != http.StatusSeeOther {
			t.Fatalf("withdraw: %d", got)
		}
		doc = webtest.Get(t, b.handler, open)
		webtest.HasText(t, doc, "main", "En källa är indragen")
		webtest.HasText(t, doc, "main", "saknas (0/5)")
		if measured() {
			t.Error("it is still found among what has been measured")
		}
		b.send(b.officer, sources+"/ny", url.Values{"entry": {lastPart(entry)}, "kind": {knowledge.Decision}, "title": {"Nämndens beslut"}})

		// Reviewed again: what is published stays until the new version is.
		if got := b.move(b.officer, entry, knowledge.Reviewing, "Fler barn"); got != http.StatusSeeOther {
			t.Fatalf("review again: %d", got)
		}
		b.send(b.officer, entry+"/redigera", url.Values{"result": {"Nio barn åker."}, "reason": {"Nytt läsår"}})
		doc = webtest.Get(t, b.handler, open)
		webtest.HasText(t, doc, "main", "Posten omprövas")
		webtest.HasText(t, doc, "main", "Fyra barn åker.")
		if got := b.move(b.editor, entry, knowledge.Published, ""); got != http.StatusSeeOther {
			t.Fatalf("publish again: %d", got)
		}
		webtest.HasText(t, webtest.Get(t, b.handler, open), "main", "Nio barn åker.")
		webtest.HasText(t, webtest.Get(t, b.handler, open+"?version=1"), "main", "Fyra barn åker.")
		if a := webtest.Fetch(t, b.handler, open+"?version=7"); a.Status != http.StatusNotFound {
			t.Errorf("a version that never was: %d", a.Status)
		}

		// Replaced only by an entry that has been chosen.
		if got := b.move(b.officer, entry, knowledge.Reviewing, "En bättre finns"); got != http.StatusSeeOther {
			t.Fatalf("review once more: %d", got)
		}
		if got := b.move(b.editor, entry, knowledge.Replaced, "En bättre finns"); got != http.StatusConflict {
			t.Errorf("replaced by nothing: %d", got)
		}
		other := lastPart(b.item(t, "knowledge", "kunskapsposter", 2))
		b.send(b.officer, entry+"/redigera", url.Values{"by": {other}, "reason": {"En bättre finns"}})
		if got := b.move(b.editor, entry, knowledge.Replaced, "En bättre finns"); got != http.StatusSeeOther {
			t.Fatalf("replace: %d", got)
		}
		a := webtest.Fetch(t, b.handler, open)
		webtest.Has(t, a.Doc, `main a[href="/kunskapsbank/`+other+`"]`)
		if a.Status != http.StatusGone || strings.Contains(b.found("snöskoterleder"), "Snöskoterleder") {
			t.Errorf("%d, and found: %s", a.Status, b.found("snöskoterleder"))
		}
	})
}

// What is taken away says so at its address; a document that was imported and has
// an entry's kind of number is no entry, and no plan is offered it.
func TestAnEntryIsTakenAwayAndAnImportedDocumentIsNone(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		b := newBank(t, d)
		entry := b.item(t, "knowledge", "kunskapsposter", 7)
		open := "/kunskapsbank/" + lastPart(entry)
		if !strings.Contains(b.found("apoteksombud"), "Apoteksombud i livsmedelsbutiken") {
			t.Fatalf("found: %s", b.found("apoteksombud"))
		}
		if err := storeDocuments(who.With(t.Context(), who.Us), d, []index.Document{{ID: "1", Title: "Apoteksombud apoteksombud", Body: "apotek", Services: []string{"apotek"}}}); err != nil {
			t.Fatal(err)
		}
		ctx := who.With(t.Context(), who.Us)
		if err := d.Read(ctx, func(q db.Q) error {
			offers, err := b.rooms.planProposals(ctx, q, services.Need{Kind: "apotek", Types: []string{"apoteksombud"}})
			if len(offers) == 0 {
				t.Error("nothing is offered")
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		if got := b.move(b.editor, entry, knowledge.Unpublished, "Avtalet är slut"); got != http.StatusSeeOther {
			t.Fatalf("take away: %d", got)
		}
		a := webtest.Fetch(t, b.handler, open)
		webtest.HasText(t, a.Doc, "main", "Avtalet är slut")
		if a.Status != http.StatusGone || strings.Contains(b.found("apoteksombud"), "Apoteksombud i livsmedelsbutiken") {
			t.Errorf("%d, and found: %s", a.Status, b.found("apoteksombud"))
		}
	})
}

// silent is a web where nothing answers.
type silent struct{ asked int }

// RoundTrip counts who asks.
func (s *silent) RoundTrip(*http.Request) (*http.Response, error) {
	s.asked++
	return nil, errors.New("inget svar")
}

// A link that has not answered for three days is shown to those who answer for the
// source, and asked once a day.
func TestADeadLinkIsShownToTheResponsible(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		b := newBank(t, d)
		web := &silent{}
		room := knowledge.New(knowledge.Deps{DB: d, Project: b.rooms.room.Frame, Links: &http.Client{Transport: web}})
		const says = "Länken svarar inte: Lagen (2018:1937) om tillgänglighet till digital offentlig service"
		for day := range 3 {
			b.examples.day(day)
			webtest.HasNoText(t, webtest.Get(t, b.handler, "/att-gora", webtest.As(b.officer)), says)
			for range 3 {
				if err := room.Tick(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		links, err := b.count(`SELECT count(*) FROM knowledge_link`)
		if err != nil || links == 0 || web.asked != 3*links {
			t.Errorf("%d links were asked %d times in three days, %v", links, web.asked, err)
		}
		webtest.HasText(t, webtest.Get(t, b.handler, "/att-gora", webtest.As(b.officer)), "main", says)
	})
}

func (b bank) count(query string) (n int, err error) {
	err = b.db.Read(b.t.Context(), func(q db.Q) error {
		n, err = db.Value[int](b.t.Context(), q, query)
		return err
	})
	return n, err
}

// The bank offers entries for a chapter of a service plan, and learns where they
// were taken.
func TestSeed_002_07_TheBankHelpsAServicePlanAndLearnsOfIt(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		b := newBank(t, d)
		var offers []services.Proposal
		ctx := who.With(t.Context(), who.Us)
		if err := d.Read(ctx, func(q db.Q) (err error) {
			offers, err = b.rooms.planProposals(ctx, q, services.Need{Kommun: "2417", Kind: "apotek", Types: []string{"apoteksombud"}, Gap: "120 personer för många har mer än 15 km"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(offers) == 0 || !strings.Contains(fmt.Sprint(offers), "Apoteksombud i livsmedelsbutiken") {
			t.Fatalf("the offers are %+v", offers)
		}
		for _, x := range offers {
			if !strings.Contains(x.Why, "Gäller apotek.") || !strings.Contains(x.Why, "120 personer") || !strings.Contains(x.Citation, x.Href) {
				t.Errorf("%+v", x)
			}
		}
		plan := b.item(t, "serviceplan", "serviceplaner", 0)
		if err := d.Write(ctx, func(tx *db.Tx) error {
			var id int64
			if _, err := fmt.Sscan(lastPart(plan), &id); err != nil {
				return err
			}
			return b.rooms.planTook(ctx, tx, journal.Project{Name: "Service i norr"}, offers[0].Entry, journal.ID(id))
		}); err != nil {
			t.Fatal(err)
		}
		webtest.HasText(t, webtest.Get(t, b.handler, offers[0].Href), "main", "Gemensam serviceplan för Norsjö, Malå och Skellefteå, Service i norr")
	})
}

// The bank is open to machines: feeds, a map of the site, and words that harvesters know.
func TestSeed_002_04_TheBankIsOpenOnTheWeb(t *testing.T) {
	b := newBank(t, dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...))
	entry := b.item(t, "knowledge", "kunskapsposter", 3)
	open := "/kunskapsbank/" + lastPart(entry)
	var feed struct {
		Entries []struct {
			State, Title string
			Evidence     int
			Sources      []string
		} `json:"entries"`
	}
	if err := json.Unmarshal([]byte(webtest.Fetch(t, b.handler, "/kunskapsbank/poster.json").Body), &feed); err != nil || len(feed.Entries) < 40 {
		t.Fatalf("%d entries in the feed, %v", len(feed.Entries), err)
	}
	for _, x := range feed.Entries {
		if x.State != "published" || x.Title == "" || x.Evidence == 0 || len(x.Sources) == 0 {
			t.Errorf("%+v", x)
		}
	}
	for path, want := range map[string]string{"/kunskapsbank/flode.atom": "<entry>", "/sitemap.xml": open + "</loc>"} {
		a := webtest.Fetch(t, b.handler, path)
		var document struct{}
		if err := xml.NewDecoder(bytes.NewReader([]byte(a.Body))).Decode(&document); err != nil || !strings.Contains(a.Body, want) {
			t.Errorf("%s: %v\n%.300s", path, err, a.Body)
		}
	}
	doc := webtest.Get(t, b.handler, open)
	var graph map[string]any
	if err := json.Unmarshal([]byte(doc.Find(`script[type="application/ld+json"]`).Text()), &graph); err != nil || graph["@context"] != "https://schema.org" || graph["license"] == "" {
		t.Errorf("%v %v", graph, err)
	}
	for _, name := range []string{"DC.title", "DC.rights", "DC.identifier", "description"} {
		webtest.Has(t, doc, `meta[name="`+name+`"]`)
	}
	webtest.Has(t, doc, `link[rel=canonical][href$="`+open+`"]`)
	if a := webtest.Fetch(t, b.handler, "/kunskapsbank/poster.json?sedan=i+går"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none: %d", a.Status)
	}
}

// Whoever may not read in a room is told of what is public alone, and every odd
// question gets a page.
func TestTheBankAnswersOddQuestions(t *testing.T) {
	b := newBank(t, dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...))
	for _, q := range []string{"a", strings.Repeat("lång ", 2000), "och i att", `" AND * OR (`, "SELECT * FROM item; --", "the village shop", "bu\u00adtik", "butik\u00a0stänger", "%%%", "\x00", "🙂", "<script>alert(1)</script>"} {
		a := webtest.Fetch(t, b.handler, "/kunskapsbank?q="+url.QueryEscape(q))
		if a.Status != http.StatusOK || strings.Contains(a.Body, "<script>alert") {
			t.Errorf("%.40q: %d", q, a.Status)
		}
	}
	for _, path := range []string{"/kunskapsbank?sida=-3&sort=x&evidens=99", "/kunskapsbank?sida=99999999999999999999", "/kunskapsbank?ar=&sort="} {
		if a := webtest.Fetch(t, b.handler, path); a.Status != http.StatusOK {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	for _, path := range []string{"/kunskapsbank/1", "/kunskapsbank/x", "/kunskapsbank/99999999"} {
		if a := webtest.Fetch(t, b.handler, path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	webtest.HasText(t, webtest.Get(t, b.handler, "/kunskapsbank?q=livsmedelsbutikken"), "main", "Menade du")
}

// An entry is written and published by keyboard on a phone; a municipality that
// does not exist is told of at its field, and nothing typed is lost.
func TestTheBankIsWalkedByKeyboardOnAPhone(t *testing.T) {
	s := serveTo(t, webtest.Phone)
	s.be("Handläggare, Tillväxtverket")
	s.Press("Projekt")
	s.Press("Kunskapsbanken, exempel")
	s.Press("Kunskapsposter")
	s.Press("Ny kunskapspost")
	s.Pick("Sort", "metod")
	s.Type("Rubrik", "Snöskoterleder som skolväg")
	for _, field := range []string{"Sammanfattning", "Problemet", "Vad som gjordes", "Vad det gav"} {
		s.Type(field, "Barnen åker skoter till skolan.")
	}
	s.Type("Kommuner", "Ankeborg")
	s.Type("Så vet vi det", "Barnen räknades.")
	s.Pick("Licens", "CC BY 4.0")
	s.Pick("Språk", "svenska")
	s.Type("Ansvarig", "Skolskjutsansvarig, Norsjö kommun")
	s.Type("Kontakt", "skolskjuts@norsjo.example")
	s.Date("Granskad dag", string(s.today))
	s.Date("Granskas igen senast", string(s.today.AddDays(300)))
	s.Press("Spara")
	s.Sees("Det finns ingen kommun som heter Ankeborg.")
	s.Axe()
	s.Type("Kommuner", "Norsjö")
	s.Press("Spara")
	entry := s.Where()
	s.Sees("Ingen källa ännu.")
	s.Press("Lägg till en källa")
	s.Pick("Sorts källa", "rapport")
	s.Type("Källans namn", "Skolskjutsens rapport")
	s.Press("Spara")
	s.Go(entry)
	s.Press("Lämna till granskning")
	s.be("Redaktör, Tillväxtverket")
	s.Press("Att göra")
	s.Press("Granska kunskapsposten: Snöskoterleder")
	s.Press("Publicera")
	s.Press("Kunskapsbank")
	s.Type("Sök i kunskapsbanken", "skolväg med snöskoter")
	s.Press("Sök")
	s.Press("Snöskoterleder som skolväg")
	s.Sees("dokumenterat (2/5)")
	s.Choose("Ditt svar", "Ja")
	s.Press("Skicka")
	s.Sees("Tack")
	s.Axe()
}

// heaviest is how much a first visit to a page of the bank may take, bytes.
const heaviest = 100_000

// The bank's pages are light, need no script, pass axe, and stand on a phone.
func TestTheBankIsLightAndAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	b := newBank(t, dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...))
	browser := webtest.Browser(t)
	s := httptest.NewServer(b.handler)
	t.Cleanup(s.Close)
	open := "/kunskapsbank/" + lastPart(b.item(t, "knowledge", "kunskapsposter", 0))
	for _, path := range []string{"/kunskapsbank", "/kunskapsbank?q=butik", open} {
		tab := webtest.Tab(t, browser, webtest.Look{})
		webtest.Open(t, tab, s.URL+path)
		size, err := chromedp.Run(tab, chromedp.Evaluate[float64](`[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((n, e) => n + e.transferSize, 0)`))
		if err != nil || size == 0 || size > heaviest {
			t.Errorf("%s takes %.0f bytes, %v", path, size, err)
		}
		t.Logf("%s: %.0f bytes", path, size)
		webtest.Axe(t, browser, s.URL+path, false, 1280)
		webtest.Axe(t, browser, s.URL+path, true, 390)
	}
}
