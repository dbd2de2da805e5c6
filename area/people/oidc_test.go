package people

import (
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// authority runs a real OpenID Connect provider in this process.
func authority(t *testing.T, callback string) (issuer string, stop func()) {
	t.Helper()
	var handler http.Handler
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	issuer = strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/"
	storage.RegisterClients(storage.WebClient("kommunpilot", "hemlighet", callback))
	handler = exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)), nil, false)
	return issuer, s.Close
}

// atProvider signs in at the provider as a browser does, and gives the address
// that it sends the browser back to.
func atProvider(t *testing.T, start, user string) *url.URL {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	var back *url.URL
	c := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, oidcCallback) {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := c.Get(start)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = page.Body.Close() }()
	doc, err := goquery.NewDocumentFromReader(page.Body)
	if err != nil {
		t.Fatal(err)
	}
	id, ok := doc.Find(`input[name="id"]`).Attr("value")
	if !ok {
		t.Fatalf("no sign-in form: %s", doc.Text())
	}
	host := page.Request.URL.Host
	answer, err := c.PostForm("http://"+host+"/login/username", url.Values{"username": {user}, "password": {"verysecure"}, "id": {id}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if back == nil {
		t.Fatalf("the provider sent the browser nowhere: %d", answer.StatusCode)
	}
	return back
}

// TestOpenIDConnect goes through the whole code flow with a real provider.
func TestOpenIDConnect(t *testing.T) {
	dbtest.Each(t, []fs.FS{Schema()}, func(t *testing.T, d *db.DB) {
		issuer, stop := authority(t, "http://127.0.0.1:8080"+oidcCallback)
		w := newTown(t, d, Deps{OIDC: OIDC{Issuer: issuer, ClientID: "kommunpilot", ClientSecret: "hemlighet"}})
		begin := func(b *browser, to string) string {
			b.must("/logga-in?till=" + url.QueryEscape(to))
			a := want(t, b.post("/logga-in/organisation", url.Values{"till": {to}}), http.StatusSeeOther)
			at := a.Header.Get("Location")
			q, _ := url.Parse(at)
			if q.Query().Get("code_challenge_method") != "S256" || q.Query().Get("nonce") == "" || q.Query().Get("state") == "" {
				t.Fatalf("no proof key, nonce or state: %s", at)
			}
			return at
		}
		b := w.browser()
		start := begin(b, "/konto")
		back := atProvider(t, start, "test-user@localhost")
		// Nobody gets an account by signing in.
		refused := want(t, b.get(back.RequestURI()), http.StatusForbidden)
		webtest.HasText(t, refused.Doc, "main", "har ingen användare här")
		if b.cookies["session"] != "" {
			t.Error("a stranger has a session")
		}

		w.resident("test-user@zitadel.ch", who.Kommunkontakt, w.north)
		back = atProvider(t, begin(b, "/konto"), "test-user@localhost")
		// Another browser cannot use the answer, nor can it be used twice.
		want(t, w.browser().get(back.RequestURI()), http.StatusUnprocessableEntity)
		forged := *back
		v := forged.Query()
		v.Set("state", "EN-ANNAN")
		forged.RawQuery = v.Encode()
		want(t, b.get(forged.RequestURI()), http.StatusUnprocessableEntity)
		a := want(t, b.get(back.RequestURI()), http.StatusSeeOther)
		if a.Header.Get("Location") != "/konto" {
			t.Errorf("led to %s", a.Header.Get("Location"))
		}
		webtest.HasText(t, b.must("/konto").Doc, "tbody", "Kommunkontakt")
		want(t, b.get(back.RequestURI()), http.StatusUnprocessableEntity)

		// From now on the person is known by issuer and subject, whatever the
		// e-mail address here.
		want(t, b.post("/konto/epost", url.Values{"email": {"ny@exempel.se"}}), http.StatusSeeOther)
		want(t, b.post(w.lastLink(), nil), http.StatusSeeOther)
		again := w.browser()
		back = atProvider(t, begin(again, "/konto"), "test-user@localhost")
		want(t, again.get(back.RequestURI()), http.StatusSeeOther)
		webtest.HasText(t, again.must("/konto").Doc, ".facts", "ny@exempel.se")

		// An answer that says no.
		unwilling := w.browser()
		begin(unwilling, "/konto")
		want(t, unwilling.get(oidcCallback+"?error=access_denied&state="+unwilling.cookies["inloggning"]), http.StatusUnprocessableEntity)

		stop()
		w.p.oidc.found = nil // as on a node that has just started
		gone := want(t, w.browser().post("/logga-in/organisation", nil), http.StatusServiceUnavailable)
		webtest.HasText(t, gone.Doc, "main", "svarar inte just nu")
	})
}

// TestAnUnverifiedAddressIsNobody: whoever can choose the address at the
// provider must not become the one whose it is.
func TestAnUnverifiedAddressIsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		for _, c := range []claims{
			{Issuer: "https://id.example", Subject: "1", Email: "kf@exempel.se", Verified: false},
			{Issuer: "https://id.example", Subject: "1", Email: "", Verified: true},
			{Issuer: "https://id.example", Subject: "1", Email: "annan@exempel.se", Verified: true},
		} {
			if x, err := w.p.identify(t.Context(), c); err == nil {
				t.Errorf("%+v is %s", c, x.Email)
			}
		}
		if x, err := w.p.identify(t.Context(), claims{Issuer: "https://id.example", Subject: "1", Email: "KF@exempel.se", Verified: true}); err != nil || x.Email != "kf@exempel.se" {
			t.Error(x, err)
		}
		if _, err := w.p.identify(t.Context(), claims{Issuer: "https://other.example", Subject: "1"}); err == nil {
			t.Error("the same subject at another provider is taken for the person")
		}
	})
}
