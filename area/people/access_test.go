package people

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// TestEveryRouteKeepsStrangersOut goes through all routes that carry an action:
// the public is led to sign in, and one whose role is elsewhere is refused.
func TestEveryRouteKeepsStrangersOut(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		member := w.resident("kk@exempel.se", who.Kommunkontakt, w.north)
		w.resident("stranger@exempel.se", who.Kommunkontakt, w.south)
		public, stranger := w.browser(), w.signedIn("stranger@exempel.se")
		path := strings.NewReplacer("{id}", idText(member), "{roll}", "2", "{kod}", "0114", "{token}", "X")
		for _, r := range w.p.Routes() {
			method, pattern, _ := strings.Cut(r.Pattern, " ")
			if r.Action == "" || r.Action == "register.read" {
				continue
			}
			send := func(b *browser) webtest.Answer {
				if method == http.MethodPost {
					return b.post(path.Replace(pattern), url.Values{"name": {"x"}})
				}
				return b.get(path.Replace(pattern))
			}
			a := send(public)
			led := a.Status == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), "/logga-in")
			if method == http.MethodGet && !led || method == http.MethodPost && a.Status != http.StatusUnauthorized {
				t.Errorf("%s: the public gets %d", r.Pattern, a.Status)
			}
			if r.Action == "account.own" {
				continue
			}
			if a := send(stranger); a.Status != http.StatusForbidden {
				t.Errorf("%s: a stranger gets %d %s", r.Pattern, a.Status, said(a))
			}
		}
	})
}

// row is a request with what must and must not come of it.
type row struct {
	who, path string
	status    int
	shows     string
	hides     string
}

func TestWhoSeesWhat(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("ad@exempel.se", who.Administrator, 0)
		kf := w.resident("kf@exempel.se", who.Foretradare, w.north)
		w.resident("kk@exempel.se", who.Kommunkontakt, w.north)
		w.resident("ag@exempel.se", who.Projektagare, w.north)
		w.resident("kf2@exempel.se", who.Foretradare, w.south)
		w.resident("pa@exempel.se", who.Programagare, w.authority)
		north, person := "/organisationer/"+idText(w.north), "/anvandare/"+idText(kf)
		for _, c := range []row{
			{"", north, http.StatusOK, "Kiruna kommun", "@exempel.se"},
			{"kk@exempel.se", north, http.StatusOK, "Kiruna kommun", "Kommunens behöriga företrädare kf@"},
			{"kf2@exempel.se", north, http.StatusOK, "Kiruna kommun", "Kommunens behöriga företrädare kf@"},
			{"pa@exempel.se", north, http.StatusOK, "Kiruna kommun", "Kommunens behöriga företrädare kf@"},
			{"kf@exempel.se", north, http.StatusOK, "Kommunkontakt kk@exempel.se", "Ändra organisationen"},
			{"ag@exempel.se", north, http.StatusOK, "Kommunkontakt kk@exempel.se", "Ändra organisationen"},
			{"ad@exempel.se", north, http.StatusOK, "Ändra organisationen", ""},
			{"kf@exempel.se", person, http.StatusOK, "kf@exempel.se", "Ge en roll"},
			{"ag@exempel.se", person, http.StatusOK, "Ge en roll", ""},
			{"ad@exempel.se", person, http.StatusOK, "Ge en roll", ""},
			{"kk@exempel.se", person, http.StatusForbidden, "", "kf@exempel.se"},
			{"kf2@exempel.se", person, http.StatusForbidden, "", "kf@exempel.se"},
			{"pa@exempel.se", person, http.StatusForbidden, "", "kf@exempel.se"},
			{"kf@exempel.se", "/organisationer/ny", http.StatusForbidden, "", "<form method=\"post\" novalidate"},
			{"ad@exempel.se", "/anvandare/999", http.StatusNotFound, "", ""},
			{"ad@exempel.se", "/anvandare/x", http.StatusNotFound, "", ""},
			{"", "/organisationer/999", http.StatusNotFound, "", ""},
		} {
			b := w.browser()
			if c.who != "" {
				b = w.signedIn(c.who)
			}
			a := b.get(c.path)
			if a.Status != c.status {
				t.Errorf("%s %s: %d, want %d", c.who, c.path, a.Status, c.status)
			}
			if c.shows != "" {
				webtest.HasText(t, a.Doc, "main", c.shows)
			}
			if main, _ := a.Doc.Find("main").Html(); c.hides != "" && strings.Contains(main, c.hides) {
				t.Errorf("%s %s shows %q", c.who, c.path, c.hides)
			}
		}
	})
}

// TestExampleSignInExistsInExampleModeAlone: anywhere else it is no page.
func TestExampleSignInExistsInExampleModeAlone(t *testing.T) {
	w := newTown(t, dbtest.SQLite(t, Schema()), Deps{})
	person := w.resident("kf@exempel.se", who.Foretradare, w.north)
	want(t, w.browser().get("/exempel/logga-in"), http.StatusNotFound)
	a := want(t, w.browser().post("/exempel/logga-in", url.Values{"person": {idText(person)}}), http.StatusNotFound)
	if len(a.Header.Values("Set-Cookie")) > 0 {
		t.Error("a cookie is set")
	}
	webtest.HasNo(t, w.browser().must("/logga-in").Doc, `a[href^="/exempel"]`)

	w = newTown(t, dbtest.SQLite(t, Schema()), Deps{Example: true})
	person = w.resident("kf@exempel.se", who.Foretradare, w.north)
	w.resident("ad@exempel.se", who.Administrator, 0)
	b := w.browser()
	list := b.must("/exempel/logga-in").Doc
	webtest.HasText(t, list, "section", "Kiruna kommun")
	webtest.HasText(t, list, "section", "Administratör")
	want(t, b.post("/exempel/logga-in", url.Values{"person": {"x"}}), http.StatusUnprocessableEntity)
	want(t, b.post("/exempel/logga-in", url.Values{"person": {idText(person)}, "till": {"/konto"}}), http.StatusSeeOther)
	webtest.HasText(t, b.must("/konto").Doc, ".facts", "kf@exempel.se")
}

// TestSeed_000_17_MainGroupsHaveTheirNames: the register's page names the
// three main groups as SKR does.
func TestSeed_000_17_MainGroupsHaveTheirNames(t *testing.T) {
	w := newTown(t, dbtest.SQLite(t, Schema()), Deps{})
	if err := w.p.EnsureRegister(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := w.browser() // open to everybody
	doc := b.must("/register").Doc
	for _, name := range []string{"Storstäder och storstadsnära kommuner", "Större städer och kommuner nära större stad", "Mindre städer/tätorter och landsbygdskommuner"} {
		webtest.HasText(t, doc, "main li", name)
	}
	webtest.HasText(t, doc, "caption", "290 kommuner")
	webtest.HasText(t, b.must("/register?q=koping").Doc, "tbody tr:first-child", "Köping")
	webtest.HasText(t, b.must("/register?lan=09").Doc, "caption", "En kommun")
	webtest.Has(t, b.must("/register?q=atlantis").Doc, ".empty")
	webtest.Has(t, b.must("/register?sida=999999").Doc, "tbody tr")
	page := b.must("/register/2584").Doc
	webtest.HasText(t, page, "h1", "Kiruna")
	webtest.HasText(t, page, "main li", "Gällivare")
	webtest.HasText(t, page, "main", "SKR 2023")
	want(t, b.get("/register/9999"), http.StatusNotFound)
	english := w.browser()
	english.cookies["sprak"] = "en"
	webtest.HasText(t, english.must("/register/2584").Doc, "dt", "Municipality code")
}
