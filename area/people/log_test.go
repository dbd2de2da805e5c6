package people

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// TestWhoReadsTheLog has a row per reader: what must show and what must not.
func TestWhoReadsTheLog(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("ad@exempel.se", who.Administrator, 0)
		w.resident("pa@exempel.se", who.Programagare, w.authority)
		w.resident("rg@exempel.se", who.Registrator, w.authority)
		w.resident("hl@exempel.se", who.Handlaggare, w.authority)
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		w.resident("kf2@exempel.se", who.Foretradare, w.south)
		w.resident("rg2@exempel.se", who.Registrator, w.south)
		w.resident("ff@exempel.se", who.Foljeforskare, w.authority)
		w.do(func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE person SET lang = 'sv'`); err != nil {
				return err
			}
			log := func(act, object string, org who.OrgID, reason string) {
				audit.Log(ctx, tx, audit.Entry{Act: act, Object: object, Programme: programme, Org: org, Reason: reason, Data: map[string]string{"svar": "innehåll i " + object}})
			}
			log("call.publish", "call:1", w.authority, "Motiv ett")
			log("application.sign", "application:1", w.north, "Motiv två")
			log("application.edit", "application:2", w.north, "")
			log("assessment.write", "assessment:3", w.north, "Hemligt omdöme")
			audit.Log(ctx, tx, audit.Entry{Act: "call.publish", Object: "call:99", Programme: 99, Org: w.south, Reason: "Ett annat program"})
			return nil
		})
		for _, c := range []struct {
			email   string
			status  int
			shows   []string
			hides   []string
			csvRows bool
		}{
			{"ad@exempel.se", http.StatusOK, []string{"call:1", "assessment:3", "call:99"}, []string{"Motiv ett", "Motiv två", "innehåll i", "Hemligt omdöme", "Ett annat program"}, true},
			{"pa@exempel.se", http.StatusOK, []string{"call:1", "Motiv ett", "innehåll i call:1", "innehåll i application:1", "application:2", "assessment:3"}, []string{"call:99", "innehåll i application:2", "Hemligt omdöme", "innehåll i assessment:3"}, true},
			{"rg@exempel.se", http.StatusOK, []string{"call:1", "Motiv ett"}, []string{"call:99", "Hemligt omdöme"}, true},
			{"kf@exempel.se", http.StatusOK, []string{"application:1", "Motiv två"}, []string{"call:1", "assessment:3", "Hemligt omdöme", "call:99"}, true},
			{"kf2@exempel.se", http.StatusOK, nil, []string{"application:1", "Motiv två", "assessment:3"}, true},
			{"rg2@exempel.se", http.StatusOK, nil, []string{"application:1", "call:1", "call:99"}, false},
			{"hl@exempel.se", http.StatusForbidden, nil, []string{"call:1"}, false},
			{"ff@exempel.se", http.StatusForbidden, nil, []string{"call:1"}, false},
		} {
			b := w.signedIn(c.email)
			a := b.get("/logg")
			file := b.get("/logg.csv")
			if a.Status != c.status || file.Status != c.status {
				t.Errorf("%s: %d, file %d, want %d", c.email, a.Status, file.Status, c.status)
			}
			for _, s := range c.shows {
				webtest.HasText(t, a.Doc, "main", s)
				if !strings.Contains(file.Body, s) && !strings.Contains(s, " i ") {
					t.Errorf("%s: %q is not in the file", c.email, s)
				}
			}
			for _, s := range c.hides {
				if strings.Contains(a.Body, s) || strings.Contains(file.Body, s) {
					t.Errorf("%s sees %q", c.email, s)
				}
			}
		}
		// One thing alone, and the counts.
		pa := w.signedIn("pa@exempel.se")
		one := pa.must("/logg?objekt=call:1").Doc
		if n := one.Find("tbody tr").Length(); n != 1 {
			t.Errorf("%d rows about call:1", n)
		}
		ff := w.signedIn("ff@exempel.se")
		webtest.HasText(t, ff.must("/logg/oversikt").Doc, "tbody", "Bedömning: skriva")
		want(t, w.signedIn("kf@exempel.se").get("/logg/oversikt"), http.StatusForbidden)
		webtest.Has(t, w.signedIn("rg2@exempel.se").must("/logg").Doc, ".empty")
	})
}

func TestLogFileIsHarmlessAndPagesGoOn(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("pa@exempel.se", who.Programagare, w.authority)
		w.do(func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE person SET lang = 'sv'`); err != nil {
				return err
			}
			for range pageSize + 5 {
				audit.Log(ctx, tx, audit.Entry{Act: "call.publish", Object: "call:1", Programme: programme, Reason: `=HYPERLINK("http://ond.example";"x")`})
			}
			return nil
		})
		b := w.signedIn("pa@exempel.se")
		file := want(t, b.get("/logg.csv?objekt=call:1"), http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll()
		if err != nil || len(rows) != pageSize+6 {
			t.Fatal(len(rows), err)
		}
		if got := rows[1][7]; !strings.HasPrefix(got, "'=HYPERLINK") {
			t.Errorf("a formula: %q", got)
		}
		first := b.must("/logg").Doc
		if n := first.Find("tbody tr").Length(); n != pageSize {
			t.Errorf("%d rows on the first page", n)
		}
		next, _ := first.Find(`a[rel="next"]`).Attr("href")
		if n := b.must(next).Doc.Find("tbody tr").Length(); n != 5 {
			t.Errorf("%d rows on the second", n)
		}
	})
}

func TestTheChainIsVerifiedOnItsPage(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("ad@exempel.se", who.Administrator, 0)
		b := w.signedIn("ad@exempel.se")
		webtest.HasText(t, b.must("/logg/kedjan").Doc, ".ds-alert", "Kedjan håller")
		ctx := context.Background()
		if err := w.d.Housekeep(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE audit SET reason = 'ändrat' WHERE seq = 2`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		webtest.HasText(t, b.must("/logg/kedjan").Doc, ".ds-alert", "Kedjan är bruten")
	})
}
