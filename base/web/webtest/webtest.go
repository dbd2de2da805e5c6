// Package webtest is what tests of pages need: requests to a handler, claims
// about the HTML by selectors, and a real browser with axe.
//
// Every page that passes through Get, Post or Do is also held to what all
// pages promise; see Sound.
package webtest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kommunpilot/base/who"
)

// Answer is what a handler answered. Doc is nil unless it was HTML.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Doc    *goquery.Document
}

// Option changes a request before it is sent.
type Option func(r *http.Request) *http.Request

// As sends the request as the actor.
func As(a who.Actor) Option {
	return func(r *http.Request) *http.Request { return r.WithContext(who.With(r.Context(), a)) }
}

// English asks for the page in English.
func English() Option { return WithCookie(&http.Cookie{Name: "sprak", Value: "en"}) }

// WithCookie adds a cookie.
func WithCookie(c *http.Cookie) Option {
	return func(r *http.Request) *http.Request { r.AddCookie(c); return r }
}

// WithHeader sets a header.
func WithHeader(name, value string) Option {
	return func(r *http.Request) *http.Request { r.Header.Set(name, value); return r }
}

// Get fetches a page that must be there (200).
func Get(t testing.TB, h http.Handler, path string, options ...Option) *goquery.Document {
	t.Helper()
	a := Do(t, h, httptest.NewRequest(http.MethodGet, path, nil), options...)
	if a.Status != http.StatusOK || a.Doc == nil {
		t.Fatalf("GET %s: status %d, want 200 and HTML\n%s", path, a.Status, head(a.Body))
	}
	return a.Doc
}

// Fetch fetches an address whatever it answers.
func Fetch(t testing.TB, h http.Handler, path string, options ...Option) Answer {
	t.Helper()
	return Do(t, h, httptest.NewRequest(http.MethodGet, path, nil), options...)
}

// Post sends a form.
func Post(t testing.TB, h http.Handler, path string, values url.Values, options ...Option) Answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return Do(t, h, r, options...)
}

// Do sends the request.
func Do(t testing.TB, h http.Handler, r *http.Request, options ...Option) Answer {
	t.Helper()
	for _, o := range options {
		r = o(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := Answer{Status: w.Code, Header: w.Header(), Body: w.Body.String()}
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && a.Header.Get("Content-Encoding") == "" && len(a.Body) > 0 {
		doc, err := goquery.NewDocumentFromReader(bytes.NewReader(w.Body.Bytes()))
		if err != nil {
			t.Fatalf("%s %s: %v", r.Method, r.URL, err)
		}
		a.Doc = doc
		if doc.Find("main").Length() > 0 {
			Sound(t, r.Method+" "+r.URL.String(), doc)
		}
	}
	return a
}

// Filled collects what the form that is sent to action ("" for the only form
// in main) would send: hidden fields, values, what is checked and selected.
func Filled(t testing.TB, doc *goquery.Document, action string) url.Values {
	t.Helper()
	form := doc.Find("main form")
	if action != "" {
		form = form.FilterFunction(func(_ int, s *goquery.Selection) bool { return s.AttrOr("action", "") == action })
	}
	if form.Length() == 0 {
		t.Fatalf("no form with action %q", action)
	}
	return Held(form.First())
}

// Held is what the form would send as it stands.
func Held(form *goquery.Selection) url.Values {
	v := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		switch goquery.NodeName(s) {
		case "textarea":
			v.Add(name, s.Text())
		case "select":
			chosen := s.Find("option[selected]")
			if chosen.Length() == 0 {
				chosen = s.Find("option").First()
			}
			v.Add(name, chosen.AttrOr("value", ""))
		default:
			_, checked := s.Attr("checked")
			kind := s.AttrOr("type", "text")
			if kind == "file" || ((kind == "radio" || kind == "checkbox") && !checked) {
				return
			}
			v.Add(name, s.AttrOr("value", ""))
		}
	})
	return v
}

// Has claims that the selector finds something, and gives it.
func Has(t testing.TB, doc *goquery.Document, selector string) *goquery.Selection {
	t.Helper()
	s := doc.Find(selector)
	if s.Length() == 0 {
		t.Errorf("%q not found in\n%s", selector, head(text(doc)))
	}
	return s
}

// HasNo claims that the selector finds nothing.
func HasNo(t testing.TB, doc *goquery.Document, selector string) {
	t.Helper()
	if s := doc.Find(selector); s.Length() > 0 {
		t.Errorf("%q found: %q", selector, head(s.Text()))
	}
}

// HasText claims that something that the selector finds contains the text,
// white space counted as one space.
func HasText(t testing.TB, doc *goquery.Document, selector, want string) {
	t.Helper()
	found := false
	doc.Find(selector).Each(func(_ int, s *goquery.Selection) { found = found || strings.Contains(squeeze(s.Text()), want) })
	if !found {
		t.Errorf("%q has no %q; it has %q", selector, want, head(squeeze(doc.Find(selector).Text())))
	}
}

// HasNoText claims that the text stands nowhere in the page.
func HasNoText(t testing.TB, doc *goquery.Document, unwanted string) {
	t.Helper()
	if strings.Contains(squeeze(doc.Text()), unwanted) {
		t.Errorf("the page says %q", unwanted)
	}
}

// HasFieldError claims that the field is marked as wrong, says why, is named
// in the summary, and that the link leads to it.
func HasFieldError(t testing.TB, doc *goquery.Document, name, message string) {
	t.Helper()
	HasText(t, doc, `[id="`+name+`-error"]`, message)
	HasText(t, doc, `.ds-error-summary a[href="#`+name+`"]`, message)
	field := Has(t, doc, `[id="`+name+`"]`)
	if field.AttrOr("aria-invalid", "") != "true" {
		t.Errorf("#%s is not aria-invalid", name)
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func text(doc *goquery.Document) string { return squeeze(doc.Find("body").Text()) }

// head is the beginning of a long text.
func head(s string) string {
	if len(s) > 1500 {
		return s[:1500] + " …"
	}
	return s
}
