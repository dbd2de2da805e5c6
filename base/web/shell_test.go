package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"kommunpilot/base/fail"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
	assets "kommunpilot/web"
)

// shell serves one route that fails as told, and keeps the log.
func shell(t *testing.T, log *bytes.Buffer, h web.Handler) http.Handler {
	t.Helper()
	s := web.NewShell(web.ShellConfig{
		Log: slog.New(slog.NewJSONHandler(log, nil)), Version: "1", MaxBody: 1 << 10,
		Nav: func(context.Context) []web.NavItem {
			return []web.NavItem{{Text: "Prov", Href: "/prov"}, {Text: "Annat", Href: "/annat"}}
		},
	})
	mux := http.NewServeMux()
	web.Mount(mux, s, web.OwnRoutes())
	web.Mount(mux, s, []web.Route{{Pattern: "GET /prov/{id}", Handler: h}, {Pattern: "POST /prov/{id}", Handler: h}})
	return s.Middleware(mux)
}

func TestErrorsBecomePages(t *testing.T) {
	secret := errors.New("hemlig orsak")
	for _, row := range []struct {
		name   string
		err    error
		status int
		title  string
	}{
		{"not found", fail.New(fail.NotFound, "Sidan finns inte."), 404, "Sidan hittades inte"},
		{"forbidden", fail.New(fail.Forbidden, "Nej."), 403, "Du har inte tillgång till sidan"},
		{"conflict", fail.New(fail.Conflict, "Krock."), 409, "Ändringen krockade med en annan"},
		{"too large", fail.New(fail.TooLarge, "För stor."), 413, "Filen är för stor"},
		{"invalid", fail.Fields(fail.Field{Name: "x", Message: "Skriv x."}), 422, "Något behöver rättas"},
		{"rate", fail.New(fail.RateLimited, "Lugn."), 429, "För många försök"},
		{"unavailable", &fail.Error{Kind: fail.Unavailable, Message: "Stängt.", Err: secret}, 503, "Tjänsten är tillfälligt otillgänglig"},
		{"internal", secret, 500, "Något gick fel hos oss"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var log bytes.Buffer
			h := shell(t, &log, func(http.ResponseWriter, *http.Request) error { return row.err })
			a := webtest.Fetch(t, h, "/prov/1")
			if a.Status != row.status {
				t.Errorf("status %d, want %d", a.Status, row.status)
			}
			webtest.HasText(t, a.Doc, "h1", row.title)
			webtest.Has(t, a.Doc, `meta[name=robots][content=noindex]`)
			webtest.HasNoText(t, a.Doc, "hemlig")
			if row.status >= 500 {
				number := a.Doc.Find(".error-id code").Text()
				if number == "" || number != a.Header.Get("X-Request-Id") || !strings.Contains(log.String(), number) || !strings.Contains(log.String(), "request failed") {
					t.Errorf("error number %q must stand on the page, in the header and in the log:\n%s", number, &log)
				}
			}
			en := webtest.Fetch(t, h, "/prov/1", webtest.English())
			if title := en.Doc.Find("h1").Text(); title == row.title {
				t.Errorf("the English title is Swedish: %q", title)
			}
			problem := webtest.Fetch(t, h, "/prov/1", webtest.WithHeader("Accept", "application/json"))
			var body struct {
				Status int
				Title  string
				Detail string
			}
			if err := json.Unmarshal([]byte(problem.Body), &body); err != nil || body.Status != row.status || problem.Status != row.status || problem.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(problem.Body, "hemlig") {
				t.Errorf("problem: %d %v %s", problem.Status, err, problem.Body)
			}
		})
	}
}

func TestPanicIsAnInternalError(t *testing.T) {
	var log bytes.Buffer
	a := webtest.Fetch(t, shell(t, &log, func(http.ResponseWriter, *http.Request) error { panic("hemlig orsak") }), "/prov/1")
	if a.Status != 500 || strings.Contains(a.Body, "hemlig") || !strings.Contains(log.String(), "hemlig orsak") {
		t.Errorf("status %d\n%s", a.Status, &log)
	}
}

func TestStrangerIsSentToSignIn(t *testing.T) {
	h := shell(t, &bytes.Buffer{}, func(http.ResponseWriter, *http.Request) error {
		return fail.New(fail.Unauthenticated, "Logga in för att fortsätta.")
	})
	a := webtest.Fetch(t, h, "/prov/7?flik=2")
	if got := a.Header.Get("Location"); a.Status != 303 || got != "/logga-in?till="+url.QueryEscape("/prov/7?flik=2") {
		t.Errorf("%d to %q", a.Status, got)
	}
	if a := webtest.Post(t, h, "/prov/7", nil); a.Status != 401 {
		t.Errorf("a form from a stranger: %d, want 401", a.Status)
	}
}

func TestEveryAnswerHasSecurityHeaders(t *testing.T) {
	h := shell(t, &bytes.Buffer{}, func(http.ResponseWriter, *http.Request) error { return nil })
	if strings.Contains(web.CSP, "unsafe") || !strings.HasPrefix(web.CSP, "default-src 'none'") {
		t.Errorf("content security policy: %s", web.CSP)
	}
	for _, path := range []string{"/prov/1", "/finns-inte", "/tillganglighet", "/robots.txt", "/static/" + assets.Named("kommunpilot", ".css")} {
		a := webtest.Fetch(t, h, path)
		for name, want := range map[string]string{"Content-Security-Policy": web.CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

func TestFormFromElsewhereIsRefused(t *testing.T) {
	done := false
	h := shell(t, &bytes.Buffer{}, func(http.ResponseWriter, *http.Request) error { done = true; return nil })
	a := webtest.Post(t, h, "/prov/1", url.Values{"x": {"1"}}, webtest.WithHeader("Sec-Fetch-Site", "cross-site"))
	if a.Status != 403 || done {
		t.Errorf("status %d, done %v", a.Status, done)
	}
	if a := webtest.Post(t, h, "/prov/1", nil, webtest.WithHeader("Sec-Fetch-Site", "same-origin")); a.Status != 200 || !done {
		t.Errorf("own form: status %d", a.Status)
	}
}

func TestBodyIsBounded(t *testing.T) {
	h := shell(t, &bytes.Buffer{}, func(_ http.ResponseWriter, r *http.Request) error {
		_, err := web.Bind(r, 1<<20)
		return err
	})
	if a := webtest.Post(t, h, "/prov/1", url.Values{"x": {strings.Repeat("å", 2000)}}); a.Status != 413 {
		t.Errorf("status %d, want 413", a.Status)
	}
}

func TestLogHoldsNoPersonalData(t *testing.T) {
	var log bytes.Buffer
	h := shell(t, &log, func(http.ResponseWriter, *http.Request) error { return nil })
	webtest.Fetch(t, h, "/prov/19121212-1212?namn=Anna", webtest.As(who.Actor{Kind: who.Person, Name: "Anna Ek"}),
		webtest.WithHeader("User-Agent", "Annas telefon"), webtest.WithHeader("X-Forwarded-For", "192.0.2.7"))
	for _, wrong := range []string{"19121212", "namn=", "Anna", "192.0.2"} {
		if strings.Contains(log.String(), wrong) {
			t.Errorf("the log has %q: %s", wrong, &log)
		}
	}
	for _, want := range []string{`"route":"GET /prov/{id}"`, `"status":200`, `"ms":`, `"bytes":`, `"id":`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, &log)
		}
	}
}

func TestPagesAndFilesAreCompressed(t *testing.T) {
	h := shell(t, &bytes.Buffer{}, nil)
	css := "/static/" + assets.Named("kommunpilot", ".css")
	plain := webtest.Fetch(t, h, css).Body
	unzip := map[string]func(io.Reader) io.Reader{
		"br": func(r io.Reader) io.Reader { return brotli.NewReader(r) },
		"gzip": func(r io.Reader) io.Reader {
			z, err := gzip.NewReader(r)
			if err != nil {
				t.Fatal(err)
			}
			return z
		},
	}
	for _, path := range []string{css, "/tillganglighet"} {
		for accept, want := range map[string]string{"gzip": "gzip", "gzip, deflate, br": "br"} {
			if path != css {
				want = "gzip"
			}
			a := webtest.Fetch(t, h, path, webtest.WithHeader("Accept-Encoding", accept))
			if got := a.Header.Get("Content-Encoding"); got != want || !strings.Contains(a.Header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s accepting %s: %q", path, accept, got)
				continue
			}
			body, err := io.ReadAll(unzip[want](strings.NewReader(a.Body)))
			if err != nil || (path == css && string(body) != plain) || len(body) < 1000 {
				t.Errorf("%s: %d bytes, %v", path, len(body), err)
			}
		}
	}
	if kept := webtest.Fetch(t, h, css).Header.Get("Cache-Control"); !strings.Contains(kept, "immutable") {
		t.Errorf("style sheet: %s", kept)
	}
	if kept := webtest.Fetch(t, h, "/tillganglighet").Header.Get("Cache-Control"); kept != "no-store" {
		t.Errorf("page: %s", kept)
	}
}

var reference = regexp.MustCompile(`(?:href|src)="(/static/[^"]*)"`)

func TestPagesReferToFilesThatExist(t *testing.T) {
	h := shell(t, &bytes.Buffer{}, nil)
	found := reference.FindAllStringSubmatch(webtest.Fetch(t, h, "/tillganglighet").Body, -1)
	if len(found) < 4 {
		t.Fatalf("only %d files", len(found))
	}
	for _, m := range found {
		if a := webtest.Fetch(t, h, m[1]); a.Status != 200 || a.Body == "" {
			t.Errorf("%s: %d", m[1], a.Status)
		}
	}
	for _, path := range []string{"/static/", "/static/finns-inte.css", "/static/..%2fembed.go", "/static/%00"} {
		if a := webtest.Fetch(t, h, path); a.Status != 404 {
			t.Errorf("%s: %d, want 404", path, a.Status)
		}
	}
}

func TestLanguageAndAppearanceAreRemembered(t *testing.T) {
	h := shell(t, &bytes.Buffer{}, nil)
	for _, row := range []struct{ path, cookie, to string }{
		{"/sprak?lang=en&till=/tillganglighet", "sprak=en", "/tillganglighet"},
		{"/sprak?lang=sv&till=%2Fprov%3Fa%3D1%26b%3D2", "sprak=sv", "/prov?a=1&b=2"},
		{"/sprak?lang=en&till=https://ond.example/", "sprak=en", "/"},
		{"/sprak?lang=en&till=//ond.example/", "sprak=en", "/"},
		{"/sprak?lang=en&till=%2F%5Cond.example", "sprak=en", "/"},
		{"/sprak?lang=en&till=javascript:alert(1)", "sprak=en", "/"},
		{"/utseende?val=dark&till=/", "utseende=dark", "/"},
	} {
		a := webtest.Fetch(t, h, row.path)
		if a.Status != 303 || a.Header.Get("Location") != row.to || !strings.HasPrefix(a.Header.Get("Set-Cookie"), row.cookie+";") {
			t.Errorf("%s: %d to %q with %q", row.path, a.Status, a.Header.Get("Location"), a.Header.Get("Set-Cookie"))
		}
	}
	if a := webtest.Fetch(t, h, "/sprak?lang=<b>"); a.Status != 422 {
		t.Errorf("an unknown language: %d", a.Status)
	}
	dark := webtest.Get(t, h, "/tillganglighet", webtest.English(), webtest.WithCookie(&http.Cookie{Name: "utseende", Value: "dark"}))
	webtest.Has(t, dark, `html[lang=en][data-color-scheme=dark]`)
	webtest.HasText(t, dark, "h1", "Accessibility")
}

func TestFrameOfThePage(t *testing.T) {
	h := shell(t, &bytes.Buffer{}, func(w http.ResponseWriter, r *http.Request) error {
		return web.Render(w, r, 200, web.Page{Title: "Prov <b>", Crumbs: []web.Crumb{{Text: "Start", Href: "/"}}, Responsible: "Handläggare, Åre"}, web.Empty("Tomt", "Inget än."))
	})
	doc := webtest.Get(t, h, "/prov/1", webtest.As(who.Actor{Kind: who.Person, Name: `<script>alert("x")</script>`}))
	webtest.HasText(t, doc, "title", "Prov <b> – Kommunpilot")
	webtest.Has(t, doc, `body > a[href="#innehall"]:first-child`)
	webtest.Has(t, doc, `.menu a[href="/prov"][aria-current=true]`)
	webtest.HasNo(t, doc, `.menu a[href="/annat"][aria-current]`)
	webtest.HasText(t, doc, ".responsible", "Handläggare, Åre")
	webtest.Has(t, doc, `form[action="/logga-ut"] button`)
	webtest.HasText(t, doc, ".tools", `<script>alert("x")</script>`)
	stranger := webtest.Get(t, h, "/prov/1")
	webtest.Has(t, stranger, `.tools a[href^="/logga-in"]`)
}
