package main

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kommunpilot/base/db"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// hostile is what the test types in every field that takes a text.
const hostile = `<script>alert(1)</script>"'>&{{.}}%00 ${x} ' OR 1=1 -- åäö`

// crawl walks the product by its links as one person after another, and sends
// every form that it meets: empty, with hostile text, from an old version and
// twice.
type crawl struct {
	*platform
	t      *testing.T
	mux    *http.ServeMux
	actor  who.Actor
	name   string
	tried  map[string]bool // forms, by route and fields
	seen   map[string]int  // pages, by person and route
	forms  int
	kept   int // answers 422 that kept every word
	both   int // answers 409 that showed both texts
	queued []string
	wrong  map[string]string // one answer of each status and form: the page
}

// TestEveryFormKeepsWhatWasTyped: wrong input is 422 with the words kept and
// the error at its field and in the summary, an old version is 409 with both
// texts, a form sent twice acts once, and no text breaks a page.
func TestEveryFormKeepsWhatWasTyped(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		p.assessed(t)
		c := &crawl{platform: p, t: t, mux: http.NewServeMux(), tried: map[string]bool{}, seen: map[string]int{}, wrong: map[string]string{}}
		for _, routes := range p.rooms.routes() {
			for _, route := range routes {
				c.mux.HandleFunc(route.Pattern, func(http.ResponseWriter, *http.Request) {})
			}
		}
		names := make([]string, 0, len(personas))
		for name := range personas {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			c.name, c.actor = name, who.Actor{}
			if email := personas[name]; email != "" {
				c.actor = who.From(p.examples.as[email])
			}
			c.walk()
		}
		t.Logf("%d forms on %d kinds of pages: %d answers 422 kept every word, %d answers 409 showed both texts", c.forms, len(c.seen), c.kept, c.both)
		if c.forms < 100 || c.kept < 60 || c.both < 20 {
			t.Errorf("too few forms were met for the test to mean anything: %d forms, %d kept, %d both", c.forms, c.kept, c.both)
		}
		if !testing.Short() && d.Dialect() == db.SQLite {
			c.axe()
		}
	})
}

// axe looks at the pages of wrong answers, every other one dark and narrow.
func (c *crawl) axe() {
	browser := webtest.Browser(c.t)
	for key, path := range map[string]string{"404": "/finns-inte", "404 thing": "/utlysningar/999999", "403": "/utlysningar/1/urval", "empty": "/utlysningar?q=finnsinte"} {
		c.wrong[key] = webtest.Fetch(c.t, c.handler, path, webtest.As(who.From(c.examples.as["foretradare@2506.example"]))).Body
	}
	keys := slices.Sorted(maps.Keys(c.wrong))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/wrong/"))
		if err != nil || n >= len(keys) {
			c.handler.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(c.wrong[keys[n]])) // the browser may have gone
	}))
	c.t.Cleanup(s.Close)
	c.t.Logf("%d pages of wrong answers", len(keys))
	for i, key := range keys {
		c.t.Run(key, func(t *testing.T) {
			webtest.Axe(t, browser, fmt.Sprintf("%s/wrong/%d", s.URL, i), i%2 == 1, []int{1280, 390}[i%2])
		})
	}
}

// route is the pattern that answers the address, "" where none does.
func (c *crawl) route(method, path string) string {
	r := httptest.NewRequest(method, path, nil)
	_, pattern := c.mux.Handler(r)
	return pattern
}

// walk opens at most three pages of each route, by the links.
func (c *crawl) walk() {
	c.queued = []string{"/", "/att-gora", "/utlysningar", "/program", "/projekt", "/konto", "/organisationer", "/inbjudningar", "/bedomningar"}
	met := map[string]bool{}
	for len(c.queued) > 0 {
		path := c.queued[0]
		c.queued = c.queued[1:]
		key := c.name + " " + c.route("GET", path)
		if met[path] || c.seen[key] >= 3 {
			continue
		}
		met[path] = true
		a := c.get(path)
		if a.Status == http.StatusNotFound || a.Doc == nil || a.Doc.Find("main").Length() == 0 {
			continue
		}
		c.seen[key]++
		c.links(path, a.Doc)
		c.formsOf(path, a.Doc)
	}
}

func (c *crawl) get(path string) webtest.Answer {
	c.t.Helper()
	a := webtest.Fetch(c.t, c.handler, path, webtest.As(c.actor))
	if a.Status >= 500 {
		c.t.Errorf("GET %s as %s: %d", path, c.name, a.Status)
	}
	if strings.Contains(a.Body, "<script>alert") && strings.Contains(a.Header.Get("Content-Type"), "html") {
		c.t.Errorf("GET %s as %s: a text that was typed is markup on the page", path, c.name)
	}
	return a
}

func (c *crawl) links(base string, doc *goquery.Document) {
	doc.Find("a[href]").Each(func(_ int, s *goquery.Selection) {
		if to := resolve(base, s.AttrOr("href", "")); to != "" && !strings.HasPrefix(to, "/logga-ut") {
			c.queued = append(c.queued, to)
		}
	})
}

// resolve is the address on this site that a link leads to, "" for others.
func resolve(base, href string) string {
	b, err1 := url.Parse(base)
	h, err2 := url.Parse(href)
	if err1 != nil || err2 != nil || h.IsAbs() || h.Host != "" || strings.HasPrefix(href, "#") {
		return ""
	}
	to := b.ResolveReference(h)
	to.Fragment = ""
	return to.String()
}

// typed are the fields of a form that a person types in.
func typed(form *goquery.Selection) *goquery.Selection {
	return form.Find("textarea[name], input[name]").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return !slices.Contains([]string{"hidden", "radio", "checkbox", "file", "password", "submit"}, s.AttrOr("type", "text")) || goquery.NodeName(s) == "textarea"
	})
}

// formsOf sends each form of the page that has not been met before.
func (c *crawl) formsOf(path string, doc *goquery.Document) {
	doc.Find("main form[method=post]").Each(func(i int, form *goquery.Selection) {
		action := resolve(path, form.AttrOr("action", ""))
		if action == "" {
			action = path
		}
		fields := ""
		form.Find("[name]").Each(func(_ int, s *goquery.Selection) { fields += " " + s.AttrOr("name", "") })
		bare, _, _ := strings.Cut(action, "?")
		key := c.route("POST", bare) + fields
		if c.tried[key] || strings.HasPrefix(action, "/konto/") && fields == " _once" {
			return
		}
		c.tried[key] = true
		c.forms++
		texts := typed(form)
		if texts.Length() == 0 {
			return
		}
		where := fmt.Sprintf("POST %s from %s as %s", action, path, c.name)
		c.send(where+" (empty)", action, form, func(v url.Values) {
			texts.Each(func(_ int, s *goquery.Selection) { v.Set(s.AttrOr("name", ""), "") })
		})
		if form.Find("[name=_version]").Length() > 0 {
			c.stale(where+" (old version)", path, i)
		}
		c.send(where+" (hostile)", action, form, func(v url.Values) {
			n := 0
			texts.Each(func(_ int, s *goquery.Selection) {
				n++
				v.Set(s.AttrOr("name", ""), fmt.Sprintf("%s %d", hostile, n))
			})
		})
	})
}

// send sends the form, changed, and holds the answer to what every answer promises.
func (c *crawl) send(where, action string, form *goquery.Selection, change func(url.Values)) webtest.Answer {
	c.t.Helper()
	v := webtest.Held(form)
	change(v)
	a := c.post(action, form, v)
	c.remember(action, a)
	switch {
	case a.Status >= 500:
		c.t.Errorf("%s: %d", where, a.Status)
	case a.Status == http.StatusSeeOther:
		c.get(a.Header.Get("Location"))
	case a.Status == http.StatusUnprocessableEntity:
		c.kept++
		c.keeps(where, form, v, a)
		c.summary(where, a)
	}
	if again := c.post(action, form, v); again.Status >= 500 || a.Status == http.StatusSeeOther && again.Status != http.StatusSeeOther && again.Status != http.StatusConflict {
		c.t.Errorf("%s, sent twice: first %d, then %d", where, a.Status, again.Status)
	}
	return a
}

// remember keeps the page of a wrong answer, one of each kind. The forms of a
// project room are all drawn by base/sheet: one of each kind is enough.
func (c *crawl) remember(action string, a webtest.Answer) {
	if a.Status < 400 || a.Doc == nil {
		return
	}
	route := strings.TrimPrefix(c.route("POST", action), "POST ")
	if strings.HasPrefix(route, "/projekt/{id}/") {
		route = "/projekt/{id}/…/" + path.Base(route)
	}
	c.wrong[fmt.Sprintf("%d %s", a.Status, route)] = a.Body
}

// post sends the values the way that the form says.
func (c *crawl) post(action string, form *goquery.Selection, v url.Values) webtest.Answer {
	c.t.Helper()
	if form.AttrOr("enctype", "") != "multipart/form-data" {
		return webtest.Post(c.t, c.handler, action, v, webtest.As(c.actor))
	}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, list := range v {
		for _, x := range list {
			_ = m.WriteField(name, x) // a buffer takes everything
		}
	}
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, action, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return webtest.Do(c.t, c.handler, r, webtest.As(c.actor))
}

// keeps: each text is in its field, and nowhere as markup.
func (c *crawl) keeps(where string, form *goquery.Selection, v url.Values, a webtest.Answer) {
	c.t.Helper()
	if strings.Contains(a.Body, "<script>alert") {
		c.t.Errorf("%s: what was typed is markup on the page", where)
	}
	typed(form).Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		want := v.Get(name)
		if want == "" {
			return
		}
		field := a.Doc.Find(fmt.Sprintf("main form [name=%q]", name)).FilterFunction(func(_ int, s *goquery.Selection) bool {
			return strings.TrimSpace(fieldText(s)) == want
		})
		if field.Length() == 0 {
			c.t.Errorf("%s: %d loses what was typed in %s", where, a.Status, name)
		}
	})
}

func fieldText(s *goquery.Selection) string {
	if goquery.NodeName(s) == "textarea" {
		return s.Text()
	}
	return s.AttrOr("value", "")
}

// summary: the error is told at the top, and leads to its field where it has one.
func (c *crawl) summary(where string, a webtest.Answer) {
	c.t.Helper()
	items := a.Doc.Find("#fel li")
	if items.Length() == 0 {
		c.t.Errorf("%s: 422 without an error summary", where)
	}
	items.Find("a").Each(func(_ int, s *goquery.Selection) {
		target := a.Doc.Find(`[id="` + strings.TrimPrefix(s.AttrOr("href", ""), "#") + `"]`)
		if target.Length() == 1 && target.AttrOr("aria-invalid", "") != "true" && target.Closest("[aria-describedby]").Length() == 0 && target.Find("[aria-invalid=true]").Length() == 0 {
			c.t.Errorf("%s: %q is told in the summary and not at its field", where, strings.TrimSpace(s.Text()))
		}
	})
}

// stale sends the form that another has changed meanwhile: both texts are shown.
func (c *crawl) stale(where, path string, i int) {
	c.t.Helper()
	doc := c.get(path).Doc
	if doc == nil {
		return
	}
	form := doc.Find("main form[method=post]").Eq(i)
	action := resolve(path, form.AttrOr("action", ""))
	if action == "" {
		action = path
	}
	v := webtest.Held(form)
	v.Set("_version", "987654321")
	const mine = "Mitt ord som ingen annan har"
	var name, theirs string
	typed(form).Each(func(_ int, s *goquery.Selection) {
		kind, mode := s.AttrOr("type", "text"), s.AttrOr("inputmode", "")
		if name == "" && kind == "text" && mode == "" && s.AttrOr("placeholder", "") == "" {
			name, theirs = s.AttrOr("name", ""), strings.TrimSpace(fieldText(s))
		}
	})
	if name == "" {
		return
	}
	v.Set(name, mine)
	a := c.post(action, form, v)
	c.remember(action, a)
	switch {
	case a.Status == http.StatusUnprocessableEntity:
		// What the form asks for was missing before its version was looked at.
	case a.Status != http.StatusConflict:
		c.t.Errorf("%s: %d, want 409", where, a.Status)
	case !strings.Contains(a.Doc.Find("main").Text()+fields(a.Doc), mine):
		c.t.Errorf("%s: the person's own text is lost", where)
	case theirs != "" && !strings.Contains(a.Doc.Find("main").Text(), strings.Fields(theirs)[0]):
		c.t.Errorf("%s: the stored text %q is not shown", where, theirs)
	default:
		c.both++
	}
}

// fields is what the inputs of the page hold.
func fields(doc *goquery.Document) string {
	var b strings.Builder
	doc.Find("main input, main textarea").Each(func(_ int, s *goquery.Selection) { b.WriteString(fieldText(s) + "\n") })
	return b.String()
}
