package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/job"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/mail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// served is the whole product with its examples, as make run starts it, and
// somebody at a keyboard.
type served struct {
	*webtest.Keys
	today calendar.Date
}

func serveExamples(t *testing.T) served {
	t.Helper()
	return serveTo(t, webtest.Keyboard)
}

// serveTo is serveExamples to somebody at another keyboard.
func serveTo(t *testing.T, keyboard func(testing.TB, context.Context, string) *webtest.Keys) served {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	browser := webtest.Browser(t)
	d := dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...)
	app := productWithExamples(t, d)
	s := httptest.NewServer(app.Handler)
	t.Cleanup(s.Close)
	return served{keyboard(t, browser, s.URL), calendar.Of(d.Now())}
}

// productWithExamples is the whole product on the database, as make run starts it.
func productWithExamples(t *testing.T, d *db.DB) *App {
	t.Helper()
	ctx := who.With(context.Background(), who.Us)
	cfg := &Config{Example: true, Address: "127.0.0.1:8080", MaxUpload: 20e6}
	cfg.Files = t.TempDir()
	if _, err := job.Migrate(ctx, d); err != nil {
		t.Fatal(err)
	}
	b, err := newBase(cfg, d, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	app, err := wire(ctx, cfg, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, prepare := range app.Prepare {
		if err := prepare(ctx); err != nil {
			t.Fatal(err)
		}
	}
	return app
}

// be signs in as somebody from the list of the examples.
func (s served) be(who string) {
	s.Go("/exempel/logga-in")
	s.Press(who)
}

// TestSeed_001_16_WalkedByKeyboard: three municipalities answer the inquiry's
// invitation, their boards decide, and the participation is confirmed.
func TestSeed_001_16_WalkedByKeyboard(t *testing.T) {
	s := serveExamples(t)
	three := []string{"Köpings", "Arboga", "Kungsörs"}
	for _, name := range three {
		s.be("Behörig företrädare, " + name + " kommun")
		s.Press("Att göra")
		s.Press("Svara på inbjudan")
		s.Choose("Vill ni delta?", "Ja")
		s.Type("Er beteckning", "KS 2026/1")
		s.Press("Skicka svaret")
		s.Sees("antagen")
	}
	for i, name := range three {
		s.be("Behörig företrädare, " + name + " kommun")
		s.Press("Att göra")
		s.Press("Registrera kommunens beslut")
		s.Press("Skriv in beslutet i " + name)
		s.Type("Kommunens diarienummer", "KS 2026/1")
		s.Type("Motpartens diarienummer", "Fi 2017:02")
		s.Type("Organ", "Kommunstyrelsen")
		s.Date("Dag för beslutet", string(s.today.AddDays(-3)))
		s.Type("Paragraf", "§ 12")
		s.Choose("Vad beslutade kommunen?", "Kommunen deltar")
		s.Tick("Kommunstyrelsen i varje kommun")
		s.Date("Protokollet justerat", string(s.today.AddDays(-2)))
		s.Date("Anslaget på kommunens anslagstavla", string(s.today.AddDays(-1)))
		s.Press("Spara")
		s.Press("Registrera beslutet")
		if i == len(three)-1 {
			s.Go("/intresse/25")
			s.Sees("Bekräftad")
		}
	}
	s.Press("Program")
	s.Press("Fallstudier om kommuners kapacitet")
	s.Sees("Köping")
	s.Sees("Kungsör")
}

// TestSeed_004_06_WalkedByKeyboard: the pilots' answers are judged, shared
// out, scored blind, selected with proof, decided and told.
func TestSeed_004_06_WalkedByKeyboard(t *testing.T) {
	s := serveExamples(t)
	const officer, owner = "Handläggare, Tillväxtverket", "Programägare, Tillväxtverket"
	call := func(part string) {
		s.Press("Utlysningar")
		s.Press("Pilotkommuner för lokal service")
		s.Press(part)
	}
	s.be(officer)
	for _, name := range []string{"Högsby", "Arvidsjaur"} {
		call("Svar som kommit in")
		s.Press(name)
		s.Press("Behörighet")
		s.Choose("Är intresseanmälan behörig?", "Ja")
		s.Type("Motiv", "Reglerna är uppfyllda.")
		s.Press("Besluta")
	}
	call("Bedömning")
	s.Type("Antal bedömare per svar", "1")
	s.Press("Fördela")
	for _, name := range []string{"Bedömare 1", "Bedömare 2", "Bedömare 3"} {
		s.be(name + ", Tillväxtverket")
		s.Press("Att göra")
		s.Press("Bedöm ")
		s.Press("Anmäl jäv")
		s.Press("Anmäl") // no tie
		s.scoreAll(t)
	}
	s.be(officer)
	call("Bedömning")
	s.Sees("låst")
	for run, kind := range []string{"Pilotkommun", "Ambassadör"} {
		s.be(officer)
		call("Urval")
		s.Choose("Vad gäller urvalet?", kind)
		s.Choose("Hur görs det?", "Högst sammanlagd poäng")
		s.Press("Frys underlaget och räkna")
		s.Sees("Bevisat bäst")
		s.Press("Körningen är granskad")
		s.be(owner)
		call("Urval")
		s.Press("Körning " + string(rune('1'+run)))
		s.Press("Besluta")
		s.Press("Besluta")
		s.Press("Skicka ")
		s.Sees("Breven är skickade")
	}
	s.be("Behörig företrädare, Arjeplogs kommun")
	s.Press("Våra svar")
	s.Sees("Vald")
	s.Go("/utlysningar/1/resultat")
	s.Sees("Norsjö kommun, Malå kommun och Skellefteå kommun")
}

// TestSeed_000_03_WalkedByKeyboard: three members, one of each main group,
// answer the open call to be interviewed; the owner closes it, they are judged,
// scored, selected and told.
func TestSeed_000_03_WalkedByKeyboard(t *testing.T) {
	s := serveExamples(t)
	const officer, owner = "Handläggare, Sveriges Kommuner och Regioner", "Programägare, Sveriges Kommuner och Regioner"
	call := func(part string) {
		s.Press("Utlysningar")
		s.Press("Utvecklingsprojekt om kommunens lokaler")
		s.Press(part)
	}
	three := []string{"Göteborgs", "Umeå", "Köpings"}
	for _, name := range three {
		s.be("Kommunkontakt, " + name + " kommun")
		call("Svara på utlysningen")
		s.Tick("Filmad intervju")
		s.Press("Börja")
		s.Press("Kontaktpersoner")
		s.Type("Namn", "Lokalstrateg")
		s.Type("E-post", "lokaler@kommun.example")
		s.Press("Spara och fortsätt")
		s.Type("Hur arbetar ni", "Vi planerar lokaler tillsammans med verksamheten.")
		s.Type("Vilken fråga", "Hur mäts behovet?")
		s.Press("Spara och fortsätt")
		s.Tick("Vi åtar oss detta")
		s.Tick("Vi åtar oss detta")
		s.Press("Spara och fortsätt")
		s.be("Behörig företrädare, " + name + " kommun")
		s.Press("Våra svar")
		s.Press("Utvecklingsprojekt om kommunens lokaler")
		s.Press("Granska och lämna in")
		s.Press("Skriv under och lämna in")
		s.Sees("Inlämnad")
	}
	s.be(owner)
	call("Stäng")
	s.Type("Varför", "Alla medlemmar har svarat.")
	s.Press("Stäng")
	s.be(officer)
	for _, name := range three {
		call("Svar som kommit in")
		s.Press(name)
		s.Press("Behörighet")
		s.Choose("Är intresseanmälan behörig?", "Ja")
		s.Type("Motiv", "Kommunen är medlem.")
		s.Press("Besluta")
	}
	call("Bedömning")
	s.Type("Antal bedömare per svar", "2")
	s.Press("Fördela")
	for _, name := range []string{"Bedömare 1", "Bedömare 2"} {
		s.be(name + ", Sveriges Kommuner och Regioner")
		s.Press("Att göra")
		s.Press("Bedöm ")
		s.Press("Anmäl jäv")
		s.Press("Anmäl")
		for _, town := range three {
			s.Press(town)
			for range 2 {
				s.Choose("Poäng", "4")
				s.Type("Motiv", "Bra.")
			}
			s.Press("Lämna bedömningen")
		}
	}
	s.be(officer)
	call("Urval")
	s.Choose("Vad gäller urvalet?", "Filmad intervju")
	s.Choose("Hur görs det?", "Högst sammanlagd poäng")
	s.Tick("minst en kommun från huvudgrupp C") // nobody of the group has answered: an aim, set aside in writing
	s.Type("Motiv", "Ingen kommun i gruppen har svarat.")
	s.Press("Frys underlaget och räkna")
	s.Sees("Bevisat bäst")
	s.Press("Körningen är granskad")
	s.be(owner)
	call("Urval")
	s.Press("Körning 1")
	s.Press("Besluta")
	s.Press("Besluta")
	s.Press("Skicka ")
	s.be("Behörig företrädare, Köpings kommun")
	s.Press("Våra svar")
	s.Sees("Vald")
}

// scoreAll scores everything that the assessor has been given, as the
// examples' table says.
func (s served) scoreAll(t *testing.T) {
	t.Helper()
	for _, name := range strings.Split(s.Read(`[...document.querySelectorAll("main tbody tr")].filter(r => r.innerText.includes("ej påbörjad")).map(r => r.querySelector("a").innerText).join("|")`), "|") {
		i := slices.IndexFunc(examplePilots, func(x examplePilot) bool {
			k, _ := kommun.Default().ByCode(x.codes[0])
			return x.board == name || x.board == "" && strings.HasPrefix(name, k.Name)
		})
		if i < 0 {
			t.Fatalf("no scores for %q", name)
		}
		s.Press(name)
		s.Choose("Ja eller nej?", "Ja")
		s.Type("Motiv", "Ja.")
		for _, score := range examplePilots[i].scores {
			s.Choose("Poäng", strconv.Itoa(score))
			s.Type("Motiv", "Ja.")
		}
		s.Press("Lämna bedömningen")
	}
}
