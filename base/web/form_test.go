package web_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"kommunpilot/base/fail"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
)

// show renders a component by itself.
func show(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

const hostile = `"><script>alert(1)</script>&å`

var options = []web.Option{{Value: "a", Label: "A"}, {Value: hostile, Label: "B", Hint: "Om B."}}

// Each field keeps what was typed, says what is wrong and how to fill it in.
func TestFieldKeepsValueAndTellsItsError(t *testing.T) {
	in := web.Input{Name: "falt", Label: "Fältet", Hint: "Så här.", Required: true}
	value := func(s *goquery.Selection) string { return s.AttrOr("value", "") }
	for _, row := range []struct {
		name  string
		field func(web.Form, web.Input) templ.Component
		kept  func(*goquery.Document) string
	}{
		{"Text", web.Text, func(d *goquery.Document) string { return value(d.Find("#falt")) }},
		{"NumberInput", web.NumberInput, func(d *goquery.Document) string { return value(d.Find("#falt")) }},
		{"DateInput", web.DateInput, func(d *goquery.Document) string { return value(d.Find("#falt")) }},
		{"TextArea", web.TextArea, func(d *goquery.Document) string { return d.Find("#falt").Text() }},
		{"Select", func(f web.Form, in web.Input) templ.Component { return web.Select(f, in, options) }, func(d *goquery.Document) string { return value(d.Find("#falt option[selected]")) }},
		{"Radios", func(f web.Form, in web.Input) templ.Component { return web.Radios(f, in, options) }, func(d *goquery.Document) string { return value(d.Find("input[checked]")) }},
		{"Checkboxes", func(f web.Form, in web.Input) templ.Component { return web.Checkboxes(f, in, options) }, func(d *goquery.Document) string { return value(d.Find("input[checked]")) }},
		{"Password", web.Password, nil},
		{"File", web.File, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			clean := show(t, row.field(web.NewForm(url.Values{"falt": {hostile}}), in))
			webtest.HasNo(t, clean, "[aria-invalid], .ds-validation-message, script")
			if row.kept == nil {
				webtest.HasNo(t, clean, "[value]")
			} else if got := row.kept(clean); got != hostile {
				t.Errorf("kept %q", got)
			}
			f := web.NewForm(url.Values{"falt": {hostile}}).WithError(fail.Fields(fail.Field{Name: "falt", Message: "Rätta det."}))
			wrong := show(t, templ.Join(web.ErrorSummary(f), row.field(f, in)))
			webtest.HasFieldError(t, wrong, "falt", "Rätta det.")
			for _, id := range []string{"falt-hint", "falt-error"} {
				if wrong.Find(`[aria-describedby~="`+id+`"]`).Length() != 1 || wrong.Find("#"+id).Length() != 1 {
					t.Errorf("the field is not described by %s", id)
				}
			}
			if wrong.Find(`label[for="falt"]`).Length() != 1 {
				t.Error("no label")
			}
			webtest.HasNo(t, wrong, "script")
			in := in
			in.Required = false
			if row.name != "Checkboxes" {
				webtest.HasText(t, show(t, row.field(f, in)), ".optional", "(frivilligt)")
			}
		})
	}
}

func TestCheckboxKeepsItsTick(t *testing.T) {
	in := web.Input{Name: "ok", Label: "Ja"}
	webtest.Has(t, show(t, web.Checkbox(web.NewForm(url.Values{"ok": {"ja"}}), in)), "input#ok[checked][value=ja]")
	webtest.HasNo(t, show(t, web.Checkbox(web.NewForm(nil), in)), "[checked]")
}

func TestLongTextIsNotCutByTheBrowser(t *testing.T) {
	doc := show(t, web.TextArea(web.NewForm(nil), web.Input{Name: "x", Label: "X", MaxLength: 20}))
	webtest.HasNo(t, doc, "[maxlength]")
	webtest.HasText(t, doc, "#x-hint", "Högst 20 tecken.")
	webtest.Has(t, doc, `textarea[aria-describedby="x-hint"]`)
}

func TestSummaryShowsAnErrorOfNoField(t *testing.T) {
	f := web.NewForm(nil)
	webtest.HasNo(t, show(t, web.ErrorSummary(f)), "div")
	once := f.Once
	f = f.WithError(fail.New(fail.Conflict, "Någon hann före."))
	webtest.HasText(t, show(t, web.ErrorSummary(f)), ".ds-error-summary[role=alert][tabindex='-1'] li", "Någon hann före.")
	if f.Once == once || once == "" {
		t.Error("the corrected form must carry a token of its own")
	}
}

func TestHiddenCarriesTokenAndVersion(t *testing.T) {
	f := web.NewForm(nil)
	f.Version = 7
	doc := show(t, web.Hidden(f))
	webtest.Has(t, doc, `input[type=hidden][name=_once][value="`+f.Once+`"]`)
	webtest.Has(t, doc, `input[type=hidden][name=_version][value="7"]`)
}

func TestBindReadsWhatWasSent(t *testing.T) {
	sent := url.Values{"namn": {"  Åre\r\nkommun "}, "val": {"1", "2"}, "tal": {"1 234"}, "dag": {"2026-03-31"}, "noll": {"a\x00b"}, "trasig": {"a\xff"}, "_once": {"T"}, "_version": {"12"}}
	plain := httptest.NewRequest(http.MethodPost, "/?namn=fel", strings.NewReader(sent.Encode()))
	plain.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range sent {
		for _, v := range values {
			if err := parts.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	multi := httptest.NewRequest(http.MethodPost, "/", &body)
	multi.Header.Set("Content-Type", parts.FormDataContentType())

	f, err := web.Bind(plain, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	m, err := web.Bind(multi, 1<<20)
	if err != nil || m.Values.Encode() != f.Values.Encode() {
		t.Errorf("multipart: %v\n%v\n%v", err, m.Values, f.Values)
	}
	n, okN := f.Int("tal")
	day, okD := f.Date("dag")
	if f.Get("namn") != "Åre\nkommun" || len(f.All("val")) != 2 || !f.Has("val", "2") || n != 1234 || !okN || !okD || day.Format("2006-01-02") != "2026-03-31" || f.Get("noll") != "ab" || f.Get("trasig") != "a\uFFFD" || f.Once != "T" || f.Version != 12 {
		t.Errorf("%+v", f)
	}
	if _, ok := f.Int("namn"); ok {
		t.Error("a name is no number")
	}
	if _, ok := f.Date("namn"); ok {
		t.Error("a name is no date")
	}
}

func TestBindRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		body, kind string
		want       fail.Kind
	}{
		"too large":        {"x=" + strings.Repeat("a", 100), "application/x-www-form-urlencoded", fail.TooLarge},
		"broken":           {"x=%zz", "application/x-www-form-urlencoded", fail.Invalid},
		"broken multipart": {"--a\r\nContent-Disposition: form-data; name=x\r\n\r\nab", "multipart/form-data; boundary=a", fail.Invalid},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(row.body))
		r.Header.Set("Content-Type", row.kind)
		if _, err := web.Bind(r, 50); !fail.Is(err, row.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
