package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// chain is a person at a keyboard in a project room, who can be another.
type chain struct {
	*webtest.Keys
	persona atomic.Value
	room    string
}

// be makes the keyboard another's, and opens a page.
func (c *chain) be(email, path string) {
	c.persona.Store(email)
	c.Go(path)
}

// part opens a part of the room by its link.
func (c *chain) part(email, name string) {
	c.be(email, c.room)
	c.Press(name)
}

// hold opens the meeting that is called, rules on its one matter or notes it,
// and ends it.
func (c *chain) hold(secretary, meeting, outcome, decision string) {
	c.be(secretary, meeting)
	c.Press("Öppna mötet")
	c.Press("Genomför mötet")
	c.Type("Anteckningar", "Punkten gicks igenom.")
	if outcome != "" {
		c.Choose("Utfall för", outcome)
		c.Type("Beslut", decision)
	}
	c.Choose("Punkten är", "behandlad")
	c.Axe()
	c.Press("Spara punkt 1")
	c.Press("Till mötet")
	c.Press("Avsluta mötet")
}

// meet plans a meeting of a group, puts a matter on its agenda and calls to it.
func (c *chain) meet(secretary, title, kind, group, day, matter string) string {
	c.part(secretary, "Möten")
	c.Press("Nytt möte")
	c.Type("Rubrik", title)
	c.Pick("Sorts möte", kind)
	c.Pick("Grupp som kallas", group)
	c.Date("Dag", day)
	c.Type("Börjar klockan", "13.00")
	c.Type("Längd i minuter", "60")
	c.Press("Spara")
	c.Press("Lägg till: " + matter)
	c.Press("Skicka kallelsen")
	return c.Where()
}

// minutes writes minutes that the chair approves, or notes that are shared.
func (c *chain) minutes(secretary, chair, meeting, number string) {
	c.be(secretary, meeting)
	c.Press("Skriv protokoll")
	if chair == "" {
		c.Choose("Sort", "Minnesanteckning")
	} else {
		c.Choose("Sort", "Protokoll som justeras")
	}
	c.Type("Nummer", number)
	c.Type("Sekreterare", "Sekreteraren")
	if chair == "" {
		c.Press("Spara")
		c.Press("Dela minnesanteckningarna")
		return
	}
	c.Type("Justerare", chair)
	c.Press("Spara")
	c.Press("Sänd för justering")
	at := c.Where()
	c.be(chair, at)
	c.Axe()
	c.Press("Justera protokollet")
}

// TestSeed_003_66_WalkedByKeyboard walks by keyboard alone, with axe on the
// way: date poll, call, meeting, minutes, approval, decision, change request,
// steering group, changed goal and budget, quarterly report, diarium, archive
// package.
func TestSeed_003_66_WalkedByKeyboard(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	browser := webtest.Browser(t)
	p := newPlatform(t, dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...))
	const leader, chair, secretary, agare, registrar = "projektledare@stad.example", "ordforande@stad.example", "sekreterare@stad.example", "projektagare@stad.example", "registrator@stad.example"
	c := &chain{}
	c.persona.Store(secretary)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		email, _ := c.persona.Load().(string)
		p.handler.ServeHTTP(w, r.WithContext(who.With(r.Context(), who.From(p.examples.as[email]))))
	}))
	t.Cleanup(s.Close)
	p.examples.day(0)
	c.room = p.newProject(t)
	today := p.examples.today
	c.Keys = webtest.Keyboard(t, browser, s.URL)

	// A date poll is answered, and the meeting booked from it.
	c.part(secretary, "Tidsförfrågningar")
	c.Press("Ny tidsförfrågan")
	c.Type("Vad gäller mötet?", "Styrgruppsmöte 1")
	c.Pick("Grupp som frågas", "Styrgrupp")
	c.Type("Tider att välja på", string(today.AddDays(20))+" 09.00 Rådhuset")
	c.Type("Längd i minuter", "120")
	c.Date("Svara senast", string(today.AddDays(10)))
	c.Axe()
	c.Press("Spara")
	poll := c.Where()
	c.Press("Öppna för svar")
	c.be(chair, poll)
	c.Choose("", "Ja")
	c.Press("Spara svaren")
	c.Axe()
	c.be(secretary, poll)
	c.Press("Boka ")
	meeting := c.Where()

	// The call, the meeting, the minutes and their approval: the gate is decided.
	c.Press("Lägg till: ")
	c.Press("Skicka kallelsen")
	c.Axe()
	c.hold(secretary, meeting, "gå", "Projektet startar.")
	c.minutes(secretary, chair, meeting, "1")
	c.be(leader, c.room+"/beslut")
	c.Sees("BP1 Initiering")
	c.Sees("fattat")

	// A goal is proposed, and adopted at the next meeting.
	c.part(leader, "Mål")
	c.Press("Nytt mål")
	c.Choose("Nivå", "projektmål")
	c.Type("Mål", "Tjugo platser på två år")
	c.Press("Spara")
	goal := c.Where()
	adopts := c.meet(secretary, "Styrgruppsmöte 2", "styrgrupp", "Styrgrupp", string(today.AddDays(22)), "Fastställ projektmål: Tjugo platser på två år")
	c.hold(secretary, adopts, "fastställt", "Målet fastställs.")
	c.minutes(secretary, chair, adopts, "2")

	// A change request goes its way: prepared, noted by a working group, the
	// owner's opinion, the steering group's decision.
	c.part(leader, "Ändringar")
	c.Press("Anmäl en ändring")
	c.Type("Vad ska ändras?", "Större budget")
	c.Type("Varför?", "Fler platser.")
	c.Type("Ändrad budget, kronor", "100 000")
	c.Pick("Mål som ändras", "Tjugo platser på två år")
	c.Type("Målets nya lydelse", "Trettio platser på två år")
	c.Type("Projektledningens beredning", "Tio platser till.")
	c.Press("Spara")
	change := c.Where()
	c.Press("Ta upp till beredning")
	working := c.meet(secretary, "Arbetsgruppen", "arbetsgrupp", "Arbetsgrupp Modell", string(today.AddDays(25)), "Ändring: Större budget")
	c.hold(secretary, working, "", "")
	c.minutes(secretary, "", working, "3")
	c.be(leader, change)
	c.Press("Lämna till projektägaren")
	c.be(agare, change)
	c.Press("Redigera")
	c.Type("Projektägarens yttrande", "Tillstyrks.")
	c.Press("Spara")
	c.Press("Lämna till styrgruppen")
	c.Axe()
	third := c.meet(secretary, "Styrgruppsmöte 3", "styrgrupp", "Styrgrupp", string(today.AddDays(30)), "Ändring: Större budget")
	c.hold(secretary, third, "godkänd", "Budgeten höjs med 100 000 kronor.")
	c.minutes(secretary, chair, third, "4")
	c.be(leader, change)
	c.Sees("godkänd")
	c.Go(goal)
	c.Sees("Trettio platser på två år")
	c.Go(c.room)
	c.Sees("2\u00a0500\u00a0000 kr")

	// The quarterly report writes its own draft and knows the decision.
	c.part(leader, "Lägesrapporter")
	c.Press("Ny lägesrapport")
	c.Choose("Sorts rapport", "Kvartalsrapport")
	c.Date("Från och med", string(today.AddDays(-1)))
	c.Date("Till och med", string(today.AddDays(40)))
	c.Press("Spara")
	c.Sees("Budgeten höjs med 100 000 kronor.")
	c.Axe()
	c.Press("Lämna rapporten")

	// The report is registered; the matter is closed and leaves as a package.
	c.part(registrar, "Ärenden")
	c.Press("Nytt ärende")
	c.Type("Ärenderubrik", "Projektets rapporter")
	c.Type("Ansvarig", "Registrator")
	c.Press("Spara")
	matter := c.Where()
	c.Press("Registrera en handling")
	c.Choose("Handlingen är", "upprättad")
	c.Date("Dag då den kom in", string(today))
	c.Type("Kort vad handlingen gäller", "Kvartalsrapport")
	c.Type("Diarieserie", "GS")
	c.Press("Spara")
	c.Sees("GS " + string(today)[:4])
	c.be(registrar, matter)
	c.Press("Avsluta ärendet")
	c.Axe()
	c.To("Hämta arkivpaket")
	if at := c.Where(); !strings.HasPrefix(at, c.room+"/arenden/") {
		t.Errorf("the package's button is on %s", at)
	}
	// The press gives a file and no page: the form is sent as the button does.
	answer := webtest.Post(t, p.handler, matter+"/arkivpaket", nil, webtest.As(who.From(p.examples.as[registrar])))
	if answer.Status != http.StatusOK || !strings.HasPrefix(answer.Body, "PK") {
		t.Errorf("the package: %d, %.60q", answer.Status, answer.Body)
	}
}
