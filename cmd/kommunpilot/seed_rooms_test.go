package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// The tests here hold what the rules of the seeds ask of a project room
// against the pages where people meet it, as the examples' own acts made them.

// open opens a page as somebody of the examples.
func (p *platform) open(t *testing.T, email, path string) *goquery.Document {
	t.Helper()
	return webtest.Get(t, p.handler, path, webtest.As(who.From(p.examples.as[email])))
}

// send posts a form as somebody of the examples.
func (p *platform) send(t *testing.T, email, path string, v url.Values) webtest.Answer {
	t.Helper()
	return webtest.Post(t, p.handler, path, v, webtest.As(who.From(p.examples.as[email])))
}

// linkTo is where the first link whose text begins so leads.
func linkTo(t *testing.T, doc *goquery.Document, text string) string {
	t.Helper()
	link := doc.Find("main a").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.HasPrefix(strings.TrimSpace(s.Text()), text)
	})
	if link.Length() == 0 {
		t.Fatalf("no link to %s", text)
	}
	return link.First().AttrOr("href", "")
}

var (
	dayInWords = regexp.MustCompile(`(\d{1,2}) (januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december) (\d{4})`)
	months     = []string{"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"}
)

// days are the days in the rows of the inquiry's list that name the thing.
func (p *platform) days(t *testing.T, path, name string) (out []string) {
	t.Helper()
	p.open(t, inquiry, path).Find("tbody tr").Each(func(_ int, s *goquery.Selection) {
		text := strings.Join(strings.Fields(s.Text()), " ")
		if m := dayInWords.FindStringSubmatch(text); m != nil && strings.Contains(text, name) {
			out = append(out, fmt.Sprintf("%s-%02d-%02s", m[3], slices.Index(months, m[2])+1, m[1]))
		}
	})
	return out
}

// only is the day of the only thing so named.
func (p *platform) only(t *testing.T, path, name string) string {
	t.Helper()
	list := p.days(t, path, name)
	if len(list) != 1 {
		t.Fatalf("%s: %d of %s", path, len(list), name)
	}
	return list[0]
}

const (
	cityLeader   = "projektledare@stad.example"
	cityFollower = "foljeforskare@stad.example"
	associations = "agare@skr.example"
	inquiry      = "huvudsekreterare@utredning.example"
)

func (p *platform) aProcessOwnerIsAppointed(t *testing.T) {
	webtest.HasText(t, p.open(t, cityLeader, "/projekt/1"), ".facts", "Upphandlingsbolaget")
	webtest.HasText(t, p.open(t, cityLeader, "/projekt/1/uppdrag"), "table", "Projektägare, Upphandlingsbolaget")
	v := webtest.Filled(t, p.open(t, "agare@stad.example", "/projekt/ny?program=4"), "")
	v.Set("owner", "")
	got := p.send(t, "agare@stad.example", "/projekt/ny?program=4", v)
	if got.Status != http.StatusUnprocessableEntity {
		t.Fatalf("a project without an owner: %d", got.Status)
	}
	webtest.HasFieldError(t, got.Doc, "owner", "Fyll i: Projektägare och utförare.")
}

// thePlanIsALivingDocument: it is revised, and what it said
// before is kept.
func (p *platform) thePlanIsALivingDocument(t *testing.T) {
	page := linkTo(t, p.open(t, cityLeader, "/projekt/1/kommunikation"), "Leverantörer")
	v := webtest.Filled(t, p.open(t, cityLeader, page+"/redigera"), "")
	before := v.Get("message")
	v.Set("message", "Ett nytt budskap efter samtal med leverantörerna")
	if got := p.send(t, cityLeader, page+"/redigera", v); got.Status != http.StatusSeeOther {
		t.Fatalf("%d", got.Status)
	}
	webtest.HasText(t, p.open(t, cityLeader, page), "main", "Ett nytt budskap efter samtal")
	yesterday := string(calendar.Of(p.db.Now().AddDate(0, 0, -1)))
	old := p.open(t, cityLeader, page+"?den="+yesterday)
	webtest.HasText(t, old, "main", before)
	webtest.HasNoText(t, old, "Ett nytt budskap efter samtal")
}

func (p *platform) theChannelsCanBeChosen(t *testing.T) {
	var got []string
	p.open(t, cityLeader, "/projekt/1/kommunikation/ny").Find("#channel option").Each(func(_ int, s *goquery.Selection) { got = append(got, s.AttrOr("value", "")) })
	for _, want := range []string{"arbetsgruppsmöte", "webbsida", "databas", "nyhetsbrev"} {
		if !slices.Contains(got, want) {
			t.Errorf("no channel %s among %v", want, got)
		}
	}
}

// dataHaveMethodAndSource: a figure without them is not stored.
func (p *platform) dataHaveMethodAndSource(t *testing.T) {
	page := p.open(t, cityLeader, "/projekt/1/matvarden/ny")
	v := webtest.Filled(t, page, "")
	v.Set("method", "")
	v.Set("source", "")
	got := p.send(t, cityLeader, "/projekt/1/matvarden/ny", v)
	if got.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", got.Status)
	}
	webtest.HasFieldError(t, got.Doc, "method", "Fyll i: Så är det mätt.")
	webtest.HasFieldError(t, got.Doc, "source", "Fyll i: Källa.")
	webtest.HasText(t, p.open(t, cityLeader, "/projekt/1/matvarden"), "thead", "Källa")
}

func (p *platform) scopeInAndOutDependencies(t *testing.T) {
	frame := p.open(t, cityLeader, "/projekt/1")
	for _, want := range []string{"Det här ingår", "Anställning och sysselsättning", "Det här ingår inte", "Markanvisning och försäljning av fastigheter", "Beroenden", "Stadens upphandlingsprocess, Upphandlingsbolaget"} {
		webtest.HasText(t, frame, ".facts", want)
	}
}

// theRolesOfTheProject, and those of the steering group from
// several organisations.
func (p *platform) theRolesOfTheProject(t *testing.T) {
	table := p.open(t, cityLeader, "/projekt/1/uppdrag")
	for _, role := range []string{"projektägare", "projektledare", "ordförande", "sekreterare", "följeforskare", "ledamot"} {
		webtest.HasText(t, table, "tbody", role)
	}
	represented := map[string]bool{}
	table.Find("tbody tr").Each(func(_ int, s *goquery.Selection) {
		if cells := s.Find("td, th"); strings.TrimSpace(cells.Eq(1).Text()) == "Styrgrupp" {
			represented[cells.Eq(3).Text()] = true
		}
	})
	if len(represented) < 4 {
		t.Errorf("the steering group is of %d organisations only", len(represented))
	}
	webtest.HasText(t, p.open(t, cityLeader, "/projekt/1"), ".facts", "Kommunstyrelsen") // who orders it
}

// twoSidesOverFourMoments: a group says on which side it
// works, and when.
func (p *platform) twoSidesOverFourMoments(t *testing.T) {
	v := webtest.Filled(t, p.open(t, cityLeader, "/projekt/1/grupper/ny"), "")
	v.Set("name", "Stödfunktion, målgruppssidan")
	v.Set("kind", "arbetsgrupp")
	v.Set("side", "grön")
	v["moments"] = []string{"inför upphandling", "under anbudstiden", "i samband med kontrakt", "under kontraktstiden"}
	made := p.send(t, cityLeader, "/projekt/1/grupper/ny", v)
	if made.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", made.Status, made.Doc.Find("#fel").Text())
	}
	shown := p.open(t, cityLeader, made.Header.Get("Location"))
	for _, want := range []string{"grön", "inför upphandling", "under anbudstiden", "i samband med kontrakt", "under kontraktstiden"} {
		webtest.HasText(t, shown, "main", want)
	}
}

// contractsAreRegisteredTheDivisionOfResponsibility:
// the agreement stands in the diarium of both organisations, each with its number.
func (p *platform) contractsAreRegisteredTheDivisionOfResponsibility(t *testing.T) {
	var series []string
	p.open(t, "registrator@stad.example", "/projekt/1/diarium").Find("tbody tr").Each(func(_ int, s *goquery.Selection) {
		if name := strings.Join(strings.Fields(s.Find("a").First().Text()), " "); strings.HasSuffix(name, "Avtal om ansvarsfördelning") {
			series = append(series, strings.Fields(name)[0])
		}
	})
	slices.Sort(series)
	if !slices.Equal(series, []string{"SLK", "UHB"}) {
		t.Errorf("the agreement is registered in %v", series)
	}
}

// theResearcherUsesTheDatabaseAndFollowsTheProject reads every part of the
// room, and writes part-reports that answer the seven questions.
func (p *platform) theResearcherUsesTheDatabaseAndFollowsTheProject(t *testing.T) {
	for _, path := range []string{"", "/logg", "/mal", "/indikatorer", "/moten", "/beslut", "/risker", "/diarium", "/kommunikation"} {
		p.open(t, cityFollower, "/projekt/1"+path)
	}
	questions := p.open(t, cityFollower, "/projekt/1/utvarderingsfragor").Find("tbody tr").Length()
	if questions != 7 {
		t.Errorf("%d evaluation questions, want seven", questions)
	}
	p.open(t, cityFollower, "/projekt/1/delrapporter/ny") // may write a part-report
	if done := p.open(t, cityFollower, "/projekt/2/delrapporter").Find("tbody tr").Length(); done != 4 {
		t.Errorf("%d part-reports in the finished project, want four", done)
	}
}

func (p *platform) oneWorkshopOfNeedsTheEndIsPlanned(t *testing.T) {
	workshops := 0
	p.open(t, associations, "/projekt/3/moten").Find("tbody tr").Each(func(_ int, s *goquery.Selection) {
		if strings.Contains(s.Text(), "workshop") {
			workshops++
		}
	})
	if workshops != 1 {
		t.Errorf("%d workshops, want one", workshops)
	}
	webtest.HasText(t, p.open(t, associations, "/projekt/3"), ".facts", "2026")
	webtest.HasText(t, p.open(t, associations, "/projekt/3"), "main", "publicerade")
}

// twoWorkshopsDeliveryBetweenInterviewsBetween:
// what the inquiry delivers and the interviews lie between the two.
func (p *platform) twoWorkshopsDeliveryBetweenInterviewsBetween(t *testing.T) {
	first, second := p.only(t, "/projekt/4/moten", "Workshop 1"), p.only(t, "/projekt/4/moten", "Workshop 2")
	between := func(what, path, name string, n int) {
		t.Helper()
		found := 0
		for _, day := range p.days(t, path, name) {
			found++
			if day <= first || day >= second {
				t.Errorf("%s on %s, not between %s and %s", what, day, first, second)
			}
		}
		if found != n {
			t.Errorf("%d of %s, want %d", found, what, n)
		}
	}
	between("delivery", "/projekt/4/diarium", "Modellkörningar och beräkningar", 1)
	between("interview", "/projekt/4/intervjuer", "Intervju i", 3)
}

func TestSeed_003_03_003_13_003_15_003_26_003_33_003_60_003_39_003_45_003_65_003_41_003_67_003_55_InTheRoom(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		t.Run("003-03", p.aProcessOwnerIsAppointed)
		t.Run("003-13", p.thePlanIsALivingDocument)
		t.Run("003-15", p.theChannelsCanBeChosen)
		t.Run("003-26", p.dataHaveMethodAndSource)
		t.Run("003-33 003-60", p.scopeInAndOutDependencies)
		t.Run("003-39", p.theRolesOfTheProject)
		t.Run("003-45", p.twoSidesOverFourMoments)
		t.Run("003-65 003-41", p.contractsAreRegisteredTheDivisionOfResponsibility)
		t.Run("003-67 003-55", p.theResearcherUsesTheDatabaseAndFollowsTheProject)
	})
}

func TestSeed_000_09_000_18_001_04_001_12_001_13_InTheRoom(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		t.Run("000-09 000-18", p.oneWorkshopOfNeedsTheEndIsPlanned)
		t.Run("001-04 001-12 001-13", p.twoWorkshopsDeliveryBetweenInterviewsBetween)
	})
}
