package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// TestAFullDatabaseChangesNothing: the disk is full while the officer writes a
// call. The page says so, what was stored stands as it was, the audit chain
// verifies, and with room again the same form goes through.
func TestAFullDatabaseChangesNothing(t *testing.T) {
	d := dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...)
	p := newPlatform(t, d)
	officer := webtest.As(who.From(p.examples.as["handlaggare@tillvaxtverket.example"]))
	const page = "/utlysningar/4/redigera/grund"
	webtest.Post(t, p.handler, "/utlysningar/ny", url.Values{"program": {"1"}, "title": {"Nästa omgång"}, "mall": {"pilot"}}, webtest.As(who.From(p.examples.as["agare@tillvaxtverket.example"])))
	before := webtest.Filled(t, webtest.Get(t, p.handler, page, officer), "")
	v := webtest.Filled(t, webtest.Get(t, p.handler, page, officer), "")
	v.Set("purpose", strings.Repeat("En lång text som inte får plats. ", 500))

	pragma := func(sql string) {
		t.Helper()
		if _, err := d.Writer().Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	pragma("PRAGMA max_page_count = 1") // as many as there are, and no more
	a := webtest.Post(t, p.handler, page, v, officer)
	if a.Status != http.StatusServiceUnavailable {
		t.Fatalf("on a full disk: %d\n%s", a.Status, a.Doc.Find("main").Text())
	}
	webtest.HasText(t, a.Doc, "main", "inget har ändrats")
	webtest.Get(t, p.handler, page, officer) // reading goes on
	if after := webtest.Filled(t, webtest.Get(t, p.handler, page, officer), ""); after.Get("purpose") != before.Get("purpose") || after.Get("_version") != before.Get("_version") {
		t.Errorf("half written: version %s became %s", before.Get("_version"), after.Get("_version"))
	}
	if err := d.Read(t.Context(), func(q db.Q) error { _, err := audit.Verify(t.Context(), q); return err }); err != nil {
		t.Errorf("the audit chain: %v", err)
	}

	pragma("PRAGMA max_page_count = 1073741823")
	if a := webtest.Post(t, p.handler, page, v, officer); a.Status != http.StatusSeeOther {
		t.Fatalf("with room again: %d", a.Status)
	}
	after := webtest.Filled(t, webtest.Get(t, p.handler, page, officer), "")
	if after.Get("purpose") != strings.TrimSpace(v.Get("purpose")) {
		t.Error("the text is not stored")
	}
}

// TestTheSessionEndsInTheCallEditor: what the officer has typed comes back
// after the next sign-in and is sent with one button.
func TestTheSessionEndsInTheCallEditor(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		app, now := productWithExamples(t, d), d.Now()
		d.SetClock(func() time.Time { return now })
		b := newVisitor(t, app.Handler)
		b.be("Handläggare, Sveriges Kommuner och Regioner")
		const page = "/utlysningar/2/redigera/grund"
		v := webtest.Filled(t, b.get(page).Doc, "")
		v.Set("title", "Ett namn som jag hade börjat skriva")
		v.Set("motive", "Tydligare namn")
		now = now.Add(48 * time.Hour)
		a := b.post(page, v)
		if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/logga-in") {
			t.Fatalf("%d %s", a.Status, a.Header.Get("Location"))
		}
		webtest.HasText(t, b.get(a.Header.Get("Location")).Doc, "main", "Det du skrev är kvar")
		b.be("Handläggare, Sveriges Kommuner och Regioner")
		kept := b.get("/dina-uppgifter").Doc
		webtest.HasText(t, kept, "main", "Ett namn som jag hade börjat skriva")
		if a := b.post(page, webtest.Filled(t, kept, page)); a.Status != http.StatusSeeOther {
			t.Fatalf("sent again: %d\n%s", a.Status, a.Doc.Find("main").Text())
		}
		webtest.HasText(t, b.get("/utlysningar/2").Doc, "h1", "Ett namn som jag hade börjat skriva")
	})
}

// visitor is a browser with its cookies.
type visitor struct {
	t       *testing.T
	h       http.Handler
	cookies map[string]*http.Cookie
}

func newVisitor(t *testing.T, h http.Handler) *visitor {
	return &visitor{t: t, h: h, cookies: map[string]*http.Cookie{}}
}

func (b *visitor) options() (out []webtest.Option) {
	for _, c := range b.cookies {
		out = append(out, webtest.WithCookie(c))
	}
	return out
}

func (b *visitor) keep(a webtest.Answer) webtest.Answer {
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		b.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return a
}

func (b *visitor) get(path string) webtest.Answer {
	b.t.Helper()
	return b.keep(webtest.Fetch(b.t, b.h, path, b.options()...))
}

func (b *visitor) post(path string, v url.Values) webtest.Answer {
	b.t.Helper()
	return b.keep(webtest.Post(b.t, b.h, path, v, b.options()...))
}

// be signs in as somebody from the list of the examples.
func (b *visitor) be(name string) {
	b.t.Helper()
	button := b.get("/exempel/logga-in").Doc.Find("main form").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.Contains(s.Text(), name)
	})
	if button.Length() == 0 {
		b.t.Fatalf("nobody is %s", name)
	}
	v := webtest.Held(button.First())
	if x := button.First().Find("button[name]"); x.Length() > 0 {
		x = x.FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), name) })
		v.Set(x.AttrOr("name", ""), x.AttrOr("value", ""))
	}
	if a := b.post("/exempel/logga-in", v); a.Status != http.StatusSeeOther {
		b.t.Fatalf("signing in as %s: %d", name, a.Status)
	}
}
