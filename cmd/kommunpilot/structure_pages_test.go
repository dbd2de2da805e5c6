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

// modelRun is where the example's model run stands.
func (p *platform) modelRun(t *testing.T) string {
	t.Helper()
	type place struct{ project, item int64 }
	var at place
	if err := p.db.Read(who.With(t.Context(), who.Us), func(q db.Q) (err error) {
		at, err = db.One(t.Context(), q, func(r db.Row) (x place, err error) { return x, r.Scan(&x.project, &x.item) }, `SELECT project_id, id FROM item WHERE noun = 'structure'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/projekt/%d/struktur/%d", at.project, at.item)
}

// The case of Köping, Arboga and Kungsör stands in the example, delivered to
// the second workshop, and its pages pass axe, light and dark, wide and narrow.
func TestSeed_001_12_ModelRunIsDeliveredToTheSecondWorkshop(t *testing.T) {
	p := newPlatform(t, dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...))
	run := p.modelRun(t)
	leader := p.examples.as["sekreterare@utredning.example"]
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.handler.ServeHTTP(w, r.WithContext(who.With(r.Context(), who.From(leader))))
	}))
	t.Cleanup(s.Close)
	for path, want := range map[string]string{
		run:                "levererad",
		run + "/resultat":  "Ren sammanräkning",
		run + "/tal":       "Nödvändig skattesats",
		run + "/arbetsyta": "Köping",
	} {
		webtest.HasText(t, webtest.Get(t, p.handler, path, webtest.As(who.From(leader))), "main", want)
	}
	for _, want := range []string{"Vad modellen inte kan säga", "Metod och syfte", "levererad"} {
		webtest.HasText(t, webtest.Get(t, p.handler, run+"/resultat", webtest.As(who.From(leader))), "main", want)
	}
	if testing.Short() {
		return
	}
	browser := webtest.Browser(t)
	for _, path := range []string{run, run + "/resultat", run + "/tal", run + "/arbetsyta"} {
		webtest.Axe(t, browser, s.URL+path, false, 1280)
		webtest.Axe(t, browser, s.URL+path, true, 390)
	}
}
