package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// item is where the example's nth thing of a noun stands, from 0.
func (p *platform) item(t *testing.T, noun, path string, n int) string {
	t.Helper()
	type place struct{ project, item int64 }
	var all []place
	if err := p.db.Read(who.With(t.Context(), who.Us), func(q db.Q) (err error) {
		all, err = db.All(t.Context(), q, func(r db.Row) (x place, err error) { return x, r.Scan(&x.project, &x.item) }, `SELECT project_id, id FROM item WHERE noun = ? ORDER BY id`, noun)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if n >= len(all) {
		t.Fatalf("there are %d of %s", len(all), noun)
	}
	return fmt.Sprintf("/projekt/%d/%s/%d", all[n].project, path, all[n].item)
}

// The joint pilot of three municipalities has its inventory of all service, on
// real localities, and says plainly that it is measured by air; its pages pass
// axe, light and dark, wide and narrow.
func TestSeed_004_16_InventoryOfThreePilotsStandsInTheExample(t *testing.T) {
	p := newPlatform(t, dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...))
	officer := who.From(p.examples.as["kontakt@2417.example"])
	first, now := p.item(t, "inventory", "service", 0), p.item(t, "inventory", "service", 1)
	plan, point := p.item(t, "serviceplan", "serviceplaner", 0), p.item(t, "servicepoint", "servicestallen", 0)
	pages := map[string][]string{
		first:                                    {"fågelvägen", "Dagligvaror", "utanför tätorterna"},
		now:                                      {"Sedan förra inventeringen"},
		now + "/siffror?typ=dagligvaror_full":    {"Jörn", "Om ett ställe stänger", "driftstöd"},
		now + "/tank-om?typ=dagligvaror_ej_full": {"Så är det i dag", "Öppna ett nytt ställe"},
		now + "/nasta?typ=apotek&antal=2":        {"Bevisat bäst", "Med det nya"},
		now + "/befolkning":                      nil,
		plan:                                     {"Målet är att", "Paketautomat i orter utan ombud", "Remissvar", "Vad kommunen vill"},
		point:                                    {"Påhittat för exemplet"},
	}
	delete(pages, now+"/befolkning") // it is settled
	for path, wants := range pages {
		doc := webtest.Get(t, p.handler, path, webtest.As(officer))
		for _, want := range wants {
			webtest.HasText(t, doc, "main", want)
		}
	}
	public := fmt.Sprintf("/serviceplaner/%s", plan[len(plan)-len(lastPart(plan)):])
	webtest.HasText(t, webtest.Get(t, p.handler, public), "main", "Vad kommunen vill")
	if testing.Short() {
		return
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.handler.ServeHTTP(w, r.WithContext(who.With(r.Context(), officer)))
	}))
	t.Cleanup(s.Close)
	browser := webtest.Browser(t)
	for _, path := range []string{now, now + "/siffror?typ=dagligvaror_full", now + "/tank-om?typ=dagligvaror_ej_full", plan} {
		webtest.Axe(t, browser, s.URL+path, false, 1280)
		webtest.Axe(t, browser, s.URL+path, true, 390)
	}
}

func lastPart(path string) string {
	for i := len(path) - 1; ; i-- {
		if path[i] == '/' {
			return path[i+1:]
		}
	}
}
