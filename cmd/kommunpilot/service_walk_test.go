package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	_ "github.com/paulmach/osm" // its module ships the extract of Delaware that the walk measures on

	"kommunpilot/area/room"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// delaware is the extract of the American state that the OpenStreetMap library
// ships for its own tests.
func delaware(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/paulmach/osm").Output()
	if err != nil {
		t.Fatalf("the module github.com/paulmach/osm is not here: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "testdata", "delaware-latest.osm.pbf")
}

// hand is somebody with a pointer at a browser.
type hand struct {
	t    *testing.T
	tab  context.Context
	base string
}

func (v hand) js(script string) string {
	v.t.Helper()
	s, err := chromedp.Run(v.tab, chromedp.Evaluate[string](script))
	if err != nil {
		v.t.Fatalf("%s: %v", script, err)
	}
	return s
}

func (v hand) open(path string) { v.t.Helper(); webtest.Open(v.t, v.tab, v.base+path) }

// until waits for the page to say something; pages answer in a blink.
func (v hand) until(text string) {
	v.t.Helper()
	for range 1500 {
		s, err := chromedp.Run(v.tab, chromedp.Evaluate[string](`document.readyState === "complete" ? document.querySelector("main")?.innerText.replaceAll("\u00a0", " ") ?? "" : ""`))
		if err == nil && strings.Contains(s, text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	v.t.Fatalf("%s never says %q:\n%.3000s", v.js("location.href"), text, v.js(`document.querySelector("main").innerText`))
}

// click clicks what the selector finds, in its middle, as a person does.
func (v hand) click(selector string) {
	v.t.Helper()
	at := v.js(fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e) return ""; e.scrollIntoView({block: "center"}); const b = e.getBoundingClientRect(); return (b.x + b.width/2) + " " + (b.y + b.height/2) })()`, selector))
	var x, y float64
	if _, err := fmt.Sscan(at, &x, &y); err != nil {
		v.t.Fatalf("%s has no %s", v.js("location.href"), selector)
	}
	if err := chromedp.Do(v.tab, chromedp.MouseClickXY(x, y)); err != nil {
		v.t.Fatal(err)
	}
}

// fill sets fields by name, as somebody who types them, and sends the form.
func (v hand) fill(fields map[string]string, file string) {
	v.t.Helper()
	for name, value := range fields {
		if got := v.js(fmt.Sprintf(`(() => { const e = document.querySelector("main [name='%s']"); if (!e) return "missing"; e.value = %q; return e.value })()`, name, value)); got != value {
			v.t.Fatalf("the field %s took %q, not %q", name, got, value)
		}
	}
	if file != "" {
		v.js(fmt.Sprintf(`(() => { const d = new DataTransfer(); d.items.add(new File([%q], "fil.csv", {type: "text/csv"})); document.querySelector("input[type=file]").files = d.files; return "" })()`, file))
	}
	v.click("main form[method=post] button[type=submit], main form[method=post] button:not([type])")
}

// towns of Delaware with people in round numbers, made up for the walk.
var towns = []struct {
	name     string
	lat, lon float64
	people   int
}{
	{"Wilmington", 39.7459, -75.5466, 70000}, {"Newark", 39.6837, -75.7497, 31000}, {"Dover", 39.1582, -75.5244, 38000}, {"Georgetown", 38.6901, -75.3855, 7000},
	{"Milford", 38.9126, -75.4280, 10000}, {"Smyrna", 39.2998, -75.6046, 11000}, {"Seaford", 38.6412, -75.6110, 7000}, {"Lewes", 38.7746, -75.1394, 3000},
}

// TestSeed_002_07_InventoryToPlanOnARealRoadExtract walks from a road network, a
// file of people and one of places, over a closure and a new place, to a service
// plan on paper.
func TestSeed_002_07_InventoryToPlanOnARealRoadExtract(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	p := newPlatform(t, dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...))
	var said bytes.Buffer
	load := RoadsLoadCmd{File: delaware(t), Name: "Delaware", Profile: "car"}
	load.Roads = p.roads
	if err := load.Run(&Streams{Out: &said, Err: &said}); err != nil {
		t.Fatal(err)
	}
	project, err := p.rooms.room.Create(p.examples.as["agare@tillvaxtverket.example"], room.Project{Programme: p.examples.programmes["pilot"], Name: "Prov på ett riktigt vägnät", Purpose: "Påhittade orter och ställen.", Orderer: "Kommunen", Owner: "Kommunen",
		Recipient: "Kommunen", From: p.examples.today, To: p.examples.today.AddDays(300), Members: []who.OrgID{p.examples.orgs["2417"]}, Responsible: "Kommunkontakt", Contact: "service@norsjo.example"}, "")
	if err != nil {
		t.Fatal(err)
	}
	officer := who.From(p.examples.as["kontakt@2417.example"])
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.handler.ServeHTTP(w, r.WithContext(who.With(r.Context(), officer)))
	}))
	t.Cleanup(s.Close)
	browser := webtest.Browser(t)
	v := hand{t, webtest.Tab(t, browser, webtest.Look{}), s.URL}
	today := string(p.examples.today)
	people, places := "id,namn,lat,lon,population,p_70plus\n", "id,type,name,lat,lon\n"
	for i, x := range towns {
		people += fmt.Sprintf("%s,%s,%.4f,%.4f,%d,%d\n", x.name, x.name, x.lat, x.lon, x.people, x.people/8)
		if i < 6 {
			places += fmt.Sprintf("butik%d,dagligvaror_full,Butiken i %s,%.4f,%.4f\n", i, x.name, x.lat+0.002, x.lon)
		}
	}
	list := fmt.Sprintf("/projekt/%d/service", project)

	v.open(list + "/ny")
	v.fill(map[string]string{"title": "Prov", "day": today, "roads": "Delaware", "responsible": "Landsbygdsstrateg"}, "")
	v.until("Ingen befolkning")
	inventory := v.js("location.pathname")
	v.open(inventory + "/befolkning")
	v.fill(map[string]string{"source": "Påhittat", "day": today}, people)
	v.until("177 000 personer i 8 rutor")
	v.open(fmt.Sprintf("/projekt/%d/servicestallen/fil", project))
	v.fill(map[string]string{"source": "Påhittat", "day": today}, places)
	v.until("Butiken i Dover")
	v.open(inventory)
	v.until("Restid")
	webtest.Shot(t, v.tab, "delaware-inventory")

	v.open(inventory + "/tank-om?typ=dagligvaror_full")
	v.until("Så är det i dag")
	v.click("svg[data-map] a[data-key]") // the first shop closes
	v.until("får längre väg")
	if !strings.Contains(v.js("location.search"), "stang=") {
		t.Errorf("the address does not say what is tried: %s", v.js("location.href"))
	}
	v.click("svg[data-map]") // and a new place opens in the middle of the map
	v.until("Nytt ställe 1")
	v.click("#angra")
	v.until("får längre väg")
	v.js(`(() => { const s = document.querySelector("#oppna"); s.value = [...s.options].find(o => o.text === "Lewes").value; s.form.requestSubmit(); return "" })()`)
	v.until("kortare")
	webtest.AxeHere(t, v.tab)
	webtest.Shot(t, v.tab, "delaware-whatif")
	v.fill(map[string]string{"title": "Butiken flyttar till Lewes", "why": "Handlaren har frågat."}, "")
	v.until("Se det på kartan")

	v.open(inventory)
	v.js(`(() => { [...document.querySelectorAll("main button")].find(b => b.innerText === "Fastställ").click(); return "" })()`)
	v.until("fastställd")
	v.open(fmt.Sprintf("/projekt/%d/serviceplaner/ny", project))
	v.js(`(() => { const s = document.querySelector("[name=inventory]"); s.value = s.options[s.options.length-1].value; return "" })()`)
	v.fill(map[string]string{"title": "Serviceplan", "from": today, "to": string(p.examples.today.AddDays(900)), "responsible": "Landsbygdsstrateg", "aim": "Nära till butik.", "km_dagligvaror": "10", "share_dagligvaror": "99"}, "")
	v.until("Målet är att 99 procent ska ha högst 10 km.")
	plan := v.js("location.pathname")
	for name, head := range map[string]string{"serviceplan.html": "<!doctype html>", "serviceplan.docx": "PK", "serviceplan.pdf": "%PDF"} {
		answer := webtest.Fetch(t, p.handler, plan+"/dokument/"+name, webtest.As(officer))
		if !strings.HasPrefix(strings.ToUpper(answer.Body), strings.ToUpper(head)) {
			t.Errorf("%s is no such document: %.60q", name, answer.Body)
		}
	}
}
