package people

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// TestPagesPassAxe looks at each page with a real browser, light and dark, on a
// desk and on a telephone.
func TestPagesPassAxe(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	browser := webtest.Browser(t)
	w := newTown(t, dbtest.SQLite(t, Schema()), Deps{Example: true, OIDC: OIDC{Issuer: "https://id.example", ClientID: "x", ClientSecret: "y"}})
	if err := w.p.EnsureRegister(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.resident("ad@exempel.se", who.Administrator, 0)
	person := w.resident("kf@exempel.se", who.Foretradare, w.north)
	receiver := w.resident("hl@exempel.se", who.Handlaggare, w.authority)
	w.do(func(ctx context.Context, tx *db.Tx) error {
		_, err := w.p.CreateIntegration(ctx, tx, Integration{Name: "Ärendesystemet", Org: w.authority, Role: who.Handlaggare, Scopes: []string{"call.read"}, Receiver: receiver, Expires: "2027-01-01"})
		return err
	})
	mux := http.NewServeMux()
	mux.Handle("/", w.h)
	statics := http.NewServeMux()
	web.Mount(statics, web.NewShell(web.ShellConfig{}), web.OwnRoutes())
	mux.Handle("/static/", statics)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)

	b := w.signedIn("ad@exempel.se")
	v := webtest.Filled(t, b.must("/anvandare/ny").Doc, "")
	v.Set("name", "Ett namn")
	failed := want(t, b.post("/anvandare/ny", v), http.StatusUnprocessableEntity) // its page's form is seen below
	webtest.Has(t, failed.Doc, ".ds-error-summary")
	cookie := &http.Cookie{Name: "session", Value: b.cookies["session"]}
	id := idText(person)
	for _, path := range []string{
		"/anvandare", "/anvandare/ny", "/anvandare/" + id, "/anvandare/" + id + "/roller/2/avsluta", "/organisationer?kind=kommun",
		"/organisationer?q=finnsinte", "/organisationer/" + idText(w.north), "/organisationer/ny", "/organisationer/" + idText(w.north) + "/avsluta",
		"/integrationer", "/integrationer/1", "/integrationer/ny", "/logg", "/logg/kedjan", "/logg/oversikt", "/konto", "/konto/losenord",
		"/register", "/register/2584", "/register/1917",
	} {
		webtest.Axe(t, browser, s.URL+path, false, 1280, cookie)
		webtest.Axe(t, browser, s.URL+path, true, 390, cookie)
	}
	for _, path := range []string{"/logga-in?till=%2Fdina-uppgifter", "/glomt-losenord", "/exempel/logga-in"} {
		webtest.Axe(t, browser, s.URL+path, false, 390)
		webtest.Axe(t, browser, s.URL+path, true, 1280)
	}
	// A form kept after the session's end.
	late := w.signedIn("ad@exempel.se")
	w.now = w.now.Add(idleTime)
	want(t, late.post("/organisationer/ny", url.Values{"name": {"Byalaget"}, "kind": {"forening"}}), http.StatusSeeOther)
	want(t, late.post("/logga-in", url.Values{"email": {"ad@exempel.se"}, "password": {password}}), http.StatusSeeOther)
	for _, dark := range []bool{false, true} {
		webtest.Axe(t, browser, s.URL+"/dina-uppgifter", dark, 390,
			&http.Cookie{Name: "session", Value: late.cookies["session"]}, &http.Cookie{Name: "kvar", Value: late.cookies["kvar"]})
	}
}
