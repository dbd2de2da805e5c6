package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kommunpilot/area/room"
	"kommunpilot/base/db"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
)

// What seed 003's plan says of its organisation, its goals and its phases,
// held against the pages of the room.

const cityOwner = "projektagare@stad.example"

// rows are the texts of a list's rows.
func rows(doc *goquery.Document) (out []string) {
	doc.Find("tbody tr").Each(func(_ int, s *goquery.Selection) {
		cells := s.Find("th, td").Map(func(_ int, c *goquery.Selection) string { return strings.Join(strings.Fields(c.Text()), " ") })
		out = append(out, strings.Join(cells, " "))
	})
	return out
}

// made posts a form of the room that creates something and opens what it made.
func (p *platform) made(t *testing.T, email, path string, set url.Values) (string, *goquery.Document) {
	t.Helper()
	v := webtest.Filled(t, p.open(t, email, path), "")
	for k, x := range set {
		v[k] = x
	}
	got := p.send(t, email, path, v)
	if got.Status != http.StatusSeeOther {
		t.Fatalf("%s: %d %s", path, got.Status, got.Doc.Find("#fel").Text())
	}
	at := got.Header.Get("Location")
	return at, p.open(t, email, at)
}

func (p *platform) theOrganisationHasThreeWorkingGroups(t *testing.T) {
	list := rows(p.open(t, cityLeader, "/projekt/1/grupper"))
	for _, want := range []string{"Styrgrupp styrgrupp", "Arbetsgrupp Modell arbetsgrupp", "Arbetsgrupp Upphandling arbetsgrupp", "Arbetsgrupp Målgrupper arbetsgrupp"} {
		if !slices.ContainsFunc(list, func(row string) bool { return strings.HasPrefix(row, want) }) {
			t.Errorf("no %s in %q", want, list)
		}
	}
}

func (p *platform) theResearchHasSevenQuestions(t *testing.T) {
	list := rows(p.open(t, cityFollower, "/projekt/1/utvarderingsfragor"))
	for _, q := range room.SevenQuestions {
		if !slices.ContainsFunc(list, func(row string) bool { return strings.HasPrefix(row, q) }) {
			t.Errorf("%q is not asked", q)
		}
	}
	form := p.open(t, cityFollower, "/projekt/1/delrapporter/ny")
	for _, q := range room.SevenQuestions {
		webtest.HasText(t, form, "form", q) // and each can be answered
	}
}

func (p *platform) theGoalsOfPeopleAndTrustAreInTheTree(t *testing.T) {
	tree := p.open(t, cityLeader, "/projekt/1/mal")
	for _, want := range []string{"Fler är i arbete, alla möts med respekt", "vet varför hänsynen behövs, litar på modellen och vill arbeta med den", "är delaktiga, och roller och ansvar följer organisationen"} {
		webtest.HasText(t, tree, "main", want)
	}
}

// oneMayHoldTwoRoles: the orderer's representative chairs the steering group,
// and the owner gets a seat in it beside being the owner.
func (p *platform) oneMayHoldTwoRoles(t *testing.T) {
	groups, err := p.examples.groupIDs(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.examples.rooms.room.Seat(p.examples.as[exampleOwner], 1, room.Seat{Group: groups["Styrgrupp"], Email: cityOwner, Role: "ledamot", Body: "Upphandlingsbolaget", From: p.examples.today}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows(p.open(t, cityLeader, "/projekt/1/uppdrag")) {
		if strings.Contains(row, "Projektägare, Upphandlingsbolaget") {
			got = append(got, row)
		}
	}
	if len(got) != 2 || !strings.Contains(strings.Join(got, "|"), "Styrgrupp") || !strings.Contains(strings.Join(got, "|"), "projektägare") {
		t.Errorf("%q", got)
	}
}

// theSteeringGroupsDutiesLeadToTheirPages: and its members may open them.
func (p *platform) theSteeringGroupsDutiesLeadToTheirPages(t *testing.T) {
	const member = "trafik@stad.example"
	page := p.open(t, member, linkTo(t, p.open(t, member, "/projekt/1/grupper"), "Styrgrupp"))
	webtest.HasText(t, page, "main", "Styrgruppens uppgifter")
	for _, name := range []string{"Presentationer", "Mål", "Beslutspunkter", "Lägesrapporter"} {
		p.open(t, member, linkTo(t, page, name))
	}
	webtest.HasNoText(t, p.open(t, member, linkTo(t, p.open(t, member, "/projekt/1/grupper"), "Arbetsgrupp Modell")), "Styrgruppens uppgifter")
}

// thePreparationHasItsAimAndItsLastDay: what must be ready, and when.
func (p *platform) thePreparationHasItsAimAndItsLastDay(t *testing.T) {
	room := p.newProject(t)
	phase := linkTo(t, p.open(t, cityLeader, room+"/faser"), "Förberedelse")
	const aim = "Allt som en hållbar process kräver är klart innan de första rekryteras."
	end := p.examples.today.AddDays(30)
	_, doc := p.made(t, cityLeader, phase+"/redigera", url.Values{"aim": {aim}, "to": {string(end)}})
	webtest.HasText(t, doc, "main", aim)
	webtest.HasText(t, p.open(t, cityLeader, room+"/faser"), "tbody", web.Day(t.Context(), end))
}

// informationIsKeptUpToDate: material for each audience, revised, and what it
// said before is kept.
func (p *platform) informationIsKeptUpToDate(t *testing.T) {
	day := string(p.examples.today)
	at, _ := p.made(t, cityLeader, "/projekt/1/presentationer/ny", url.Values{"title": {"Stödfunktionen på tio bilder"}, "audience": {"Styrgruppen"}, "day": {day}, "result": {"Första versionen."}})
	p.made(t, cityLeader, "/projekt/1/presentationer/ny", url.Values{"title": {"Informationsblad"}, "audience": {"Leverantörer"}, "day": {day}, "result": {"Ett blad."}})
	_, doc := p.made(t, cityLeader, at+"/redigera", url.Values{"result": {"Andra versionen, med de senaste siffrorna."}})
	webtest.HasText(t, doc, "main", "Andra versionen")
	list := p.open(t, cityLeader, "/projekt/1/presentationer")
	for _, audience := range []string{"Styrgruppen", "Leverantörer"} {
		webtest.HasText(t, list, "tbody", audience)
	}
}

// exchangeWithOthersIsArranged: the project plans a conference of its own and
// logs what it learned at somebody else's.
func (p *platform) exchangeWithOthersIsArranged(t *testing.T) {
	for _, kind := range []string{"konferens", "informationsmöte"} {
		if p.open(t, "sekreterare@stad.example", "/projekt/1/moten/ny").Find(`[name="kind"] option[value="`+kind+`"], [name="kind"][value="`+kind+`"]`).Length() != 1 {
			t.Errorf("no meeting of kind %s", kind)
		}
	}
	_, doc := p.made(t, cityLeader, "/projekt/1/logg/ny", url.Values{"kind": {"kontakt"}, "what": {"Seminarium om social hänsyn: två städer prövar samma villkor"}, "day": {string(p.examples.today)}})
	webtest.HasText(t, doc, "main", "Seminarium om social hänsyn")
}

// theViewsOfOthersAreTakenIn: what those outside the pilot say is written down
// and stands in the report to the steering group.
func (p *platform) theViewsOfOthersAreTakenIn(t *testing.T) {
	today := p.examples.today
	_, doc := p.made(t, cityLeader, "/projekt/1/rapporter/ny", url.Values{"kind": {"kvartal"}, "from": {string(today.AddDays(-60))}, "to": {string(today)}})
	webtest.HasText(t, doc, "main", "Branschorganisationerna har lämnat synpunkter på villkoren")
}

func TestSeed_003_38_003_52_003_73_003_77_003_92_003_80_003_81_003_84_003_88_003_89_003_78_InTheRoom(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		t.Run("003-38", p.theOrganisationHasThreeWorkingGroups)
		t.Run("003-52", p.theResearchHasSevenQuestions)
		t.Run("003-73 003-77 003-92", p.theGoalsOfPeopleAndTrustAreInTheTree)
		t.Run("003-80", p.oneMayHoldTwoRoles)
		t.Run("003-81", p.theSteeringGroupsDutiesLeadToTheirPages)
		t.Run("003-84", p.thePreparationHasItsAimAndItsLastDay)
		t.Run("003-88", p.informationIsKeptUpToDate)
		t.Run("003-89", p.exchangeWithOthersIsArranged)
		t.Run("003-78", p.theViewsOfOthersAreTakenIn)
	})
}
