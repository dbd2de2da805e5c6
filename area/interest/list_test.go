package interest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/xuri/excelize/v2"

	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

const listPath = callPage + "/intresseanmalningar"

func TestOwnersListIsEmptyUntilSomethingIsSent(t *testing.T) {
	each(t, func(w *world) {
		officer := someone(who.Handlaggare, agency)
		w.ready(norsjo, "pilot") // a draft is the municipality's own
		doc := webtest.Get(w.t, w.h, listPath, webtest.As(officer))
		webtest.HasText(w.t, doc, ".empty h2", "Ingen intresseanmälan har kommit in")
		webtest.HasNoText(w.t, doc, "Norsjö")
	})
}

func TestOwnersListIsFilteredBySQL(t *testing.T) {
	each(t, func(w *world) {
		officer := someone(who.Handlaggare, agency)
		w.eligible(norsjo, "pilot")              // 24, C
		w.sent(sodermore, "ambassador")          // 08, B, Kalmar
		w.sent(stockholm, "pilot", "ambassador") // 01, A
		for _, row := range []struct {
			query string
			want  []string
		}{
			{"", []string{"Norsjö", "Södermöre kommundelsnämnd", "Stockholm"}},
			{"?lage=inl%C3%A4mnad", []string{"Södermöre kommundelsnämnd", "Stockholm"}},
			{"?lage=beh%C3%B6rig", []string{"Norsjö"}},
			{"?lan=24", []string{"Norsjö"}},
			{"?lan=08", []string{"Södermöre kommundelsnämnd"}},
			{"?grupp=A", []string{"Stockholm"}},
			{"?grupp=A1", []string{"Stockholm"}},
			{"?form=ambassador", []string{"Södermöre kommundelsnämnd", "Stockholm"}},
			{"?q=SÖDERMÖRE", []string{"Södermöre kommundelsnämnd"}},
			{"?q=1", []string{"Norsjö"}},
			{"?q=%25", nil},
			{"?q=_", nil},
			{"?q=%00&lage=%FF", nil},
			{"?lan=24&form=ambassador", nil},
			{"?sida=99999", nil},
			{"?sida=-1", []string{"Norsjö", "Södermöre kommundelsnämnd", "Stockholm"}},
		} {
			doc := webtest.Get(w.t, w.h, listPath+row.query, webtest.As(officer))
			var got []string
			doc.Find("table").First().Find("tbody tr td:nth-child(2)").Each(func(_ int, s *goquery.Selection) { got = append(got, s.Text()) })
			if doc.Find(".empty").Length() == 0 && row.query == "?sida=99999" {
				w.t.Errorf("%s: no empty state", row.query)
			}
			if doc.Find(".empty").Length() > 0 {
				got = nil
			}
			if strings.Join(got, "|") != strings.Join(row.want, "|") {
				w.t.Errorf("%s: %v, want %v", row.query, got, row.want)
			}
		}
		doc := webtest.Get(w.t, w.h, listPath, webtest.As(officer))
		webtest.HasText(w.t, doc, "main ul", "3 intresseanmälningar har kommit in")
		webtest.HasText(w.t, doc, "table", "Ambassadör")
	})
}

func TestExportHoldsEverythingInThreeForms(t *testing.T) {
	each(t, func(w *world) {
		officer := someone(who.Handlaggare, agency)
		a := w.eligible(norsjo, "pilot")
		w.sent(stockholm, "ambassador")
		get := func(kind, query string) webtest.Answer {
			got := webtest.Fetch(w.t, w.h, listPath+"/export."+kind+query, webtest.As(officer))
			if got.Status != 200 || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
				w.t.Fatalf("%s: %d %v", kind, got.Status, got.Header)
			}
			return got
		}
		body := get("csv", "").Body
		if !strings.HasPrefix(body, "\uFEFF") {
			w.t.Error("no byte order mark")
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\uFEFF")))
		r.Comma = ';'
		rows, err := r.ReadAll()
		w.must(err)
		if len(rows) != 3 || rows[1][2] != "Norsjö" || rows[1][3] != "2417" || rows[1][13] != "100000,00" || rows[1][17] != "Samordna varor och post i byarna." {
			w.t.Errorf("%q", rows)
		}
		book, err := excelize.OpenReader(bytes.NewReader([]byte(get("xlsx", "?lan=24").Body)))
		w.must(err)
		cells, err := book.GetRows("Intresseanmälningar")
		w.must(err)
		if len(cells) != 2 || cells[1][2] != "Norsjö" || cells[0][0] != "Nummer" {
			w.t.Errorf("%q", cells)
		}
		var out struct {
			Applications []struct {
				ID          ApplicationID
				State       State
				Sections    Sections
				Events      []Event
				Eligibility *Eligibility
			} `json:"applications"`
		}
		w.must(json.Unmarshal([]byte(get("json", "").Body), &out))
		if x := out.Applications[0]; len(out.Applications) != 2 || x.ID != a || x.State != Eligible || len(x.Events) != 3 || x.Eligibility == nil || len(x.Eligibility.Results) != 2 || x.Sections.Budget.Grant != 60_000_00 {
			w.t.Errorf("%+v", x)
		}
	})
}

func TestSpreadsheetsTakeNoTextForAFormula(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "+46": "'+46", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "ok": "ok", "": "", "a=b": "a=b"} {
		if got := inert(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := cut("a\x00b\x0bc\nd"); got != "abc\nd" {
		t.Errorf("%q", got)
	}
}
