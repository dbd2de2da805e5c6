package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kommunpilot/base/db"
	"kommunpilot/base/paper/papertest"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// The protocol and the workbook of a run hold everything, and what a reader
// downloads is checked by the command alone.
func TestProtocolAndWorkbookHoldTheWholeRun(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		p.decided(t)
		e := p.examples
		owner := webtest.As(who.From(e.as["agare@tillvaxtverket.example"]))
		answer := webtest.Fetch(t, p.handler, "/urval/1/svar.json", owner).Body
		sum := sha256.Sum256([]byte(answer))
		page := webtest.Get(t, p.handler, "/urval/1/protokoll", owner)
		a := selectedOf(t, answer)
		for _, want := range []string{a.Input, hex.EncodeToString(sum[:]), "Arjeplog", "Norsjö, Malå, Skellefteå", "13 platser ska fyllas", "13 valda, 3 reserver", "Det fattas", "Beslutat", "Datum och underskrift"} {
			webtest.HasText(t, page, "main", want)
		}
		if n := page.Find("main th[scope=row]").Length(); n < len(a.Selected)+len(a.WhyNot) {
			t.Errorf("%d rows for %d in the run", n, len(a.Selected)+len(a.WhyNot))
		}
		for _, raw := range []string{"main_group", "county", "sub_group"} {
			webtest.HasNoText(t, page, raw)
		}
		english := webtest.Get(t, p.handler, "/urval/1/protokoll", owner, webtest.English())
		webtest.HasText(t, english, "h1", "Record of the selection")

		file := webtest.Fetch(t, p.handler, "/urval/1/urval.xlsx", owner)
		book, err := excelize.OpenReader(strings.NewReader(file.Body))
		worked(t, err)
		defer func() { _ = book.Close() }()
		rows, err := book.GetRows("Urvalet")
		worked(t, err)
		selected := 0
		for _, row := range rows[1:] {
			if row[4] == "vald" && row[5] == "vald" && row[6] != "" {
				selected++
			}
		}
		if len(rows) != 1+len(a.Selected)+len(a.WhyNot) || selected != 13 {
			t.Errorf("%d rows, %d selected", len(rows), selected)
		}
		if about, err := book.GetRows("Körningen"); err != nil || len(about) < 10 {
			t.Error(about, err)
		}
		// Another program reads the same rows.
		lines := strings.Split(strings.TrimSpace(papertest.Office(t, "urval.xlsx", []byte(file.Body), "csv", "Text - txt - csv (StarCalc):44,34,76")), "\n")
		if len(lines) != len(rows) || !strings.Contains(strings.Join(lines, "\n"), "Norsjö kommun, Malå kommun och Skellefteå kommun") {
			t.Errorf("LibreOffice reads %d lines, want %d: %.300q", len(lines), len(rows), lines)
		}

		dir := t.TempDir()
		input, proof := filepath.Join(dir, "underlag.json"), filepath.Join(dir, "svar.json")
		worked(t, os.WriteFile(input, []byte(webtest.Fetch(t, p.handler, "/urval/1/underlag.json", owner).Body), 0o600))
		worked(t, os.WriteFile(proof, []byte(answer), 0o600))
		var out, errs bytes.Buffer
		worked(t, (&SelectCmd{Problem: input, Check: proof, Method: "best"}).Run(&Streams{Out: &out, Err: &errs}))
		if !strings.Contains(out.String(), "Svaret håller") {
			t.Error(out.String())
		}
	})
}

func TestProtocolOfALotteryShowsChancesPanelsAndTheDraw(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		p.assessed(t)
		officer := p.examples.as["handlaggare@tillvaxtverket.example"]
		run, err := p.rooms.assessment.Start(officer, 1, "pilot", "lottery", nil, "")
		worked(t, err)
		as := webtest.As(who.From(officer))
		webtest.HasText(t, webtest.Get(t, p.handler, "/urval/2/protokoll", as), "main", "inte dragen")
		if got := webtest.Fetch(t, p.handler, "/urval/2/urval.xlsx", as); got.Status != http.StatusOK {
			t.Errorf("a workbook before the draw: %d", got.Status)
		}
		worked(t, p.rooms.assessment.Draw(officer, run, ""))
		page := webtest.Get(t, p.handler, "/urval/2/protokoll", as)
		for _, want := range []string{"Bindning av fröet", "Dragen:", "Sannolikhet", "Inget beslut är fattat.", "Arjeplog", "%"} {
			webtest.HasText(t, page, "main", want)
		}
		book, err := excelize.OpenReader(strings.NewReader(webtest.Fetch(t, p.handler, "/urval/2/urval.xlsx", as).Body))
		worked(t, err)
		defer func() { _ = book.Close() }()
		panels, err := book.GetRows("Paneler")
		worked(t, err)
		drawn := 0
		for _, row := range panels {
			if len(row) == 5 && row[4] == "ja" {
				drawn++
			}
		}
		if chances, err := book.GetRows("Chanser"); err != nil || len(chances) != 18 || drawn != 1 {
			t.Errorf("%d chances, %d panels drawn, %v", len(chances), drawn, err)
		}
	})
}
