package webtest

import (
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// Every component and error page, in both colour schemes and three widths.
func TestGalleryIsAccessible(t *testing.T) {
	browser := Browser(t)
	server := httptest.NewServer(Gallery())
	defer server.Close()
	for _, path := range []string{"/stil", "/stil/formular", "/stil/fel/404", "/stil/fel/500", "/tillganglighet"} {
		for _, width := range []int{390, 1280} {
			for _, dark := range []bool{false, true} {
				t.Run(path+"/"+strconv.Itoa(width)+"/"+strconv.FormatBool(dark), func(t *testing.T) {
					Axe(t, browser, server.URL+path, dark, width)
				})
			}
		}
	}
}

// A form with errors: axe, the focus on the summary, and the link to the field.
func TestErrorSummaryTakesTheReaderToTheField(t *testing.T) {
	server := httptest.NewServer(Gallery())
	defer server.Close()
	for _, dark := range []bool{false, true} {
		tab := Tab(t, Browser(t), Look{Width: 390, Dark: dark})
		Open(t, tab, server.URL+"/stil/formular")
		if err := chromedp.Do(tab, chromedp.SendKeys(chromedp.CSS("#namn"), "Hjärtat i byn"), chromedp.Click(chromedp.CSS("main button[type=submit]")), chromedp.WaitVisible(chromedp.CSS(".ds-error-summary"))); err != nil {
			t.Fatal(err)
		}
		AxeHere(t, tab)
		Shot(t, tab, "errors-"+strconv.FormatBool(dark))
		for _, step := range []struct{ js, want string }{
			{`document.activeElement.id`, "fel"},
			{`document.querySelector('a[href="#form"]').click(); document.activeElement.id + " " + document.activeElement.type`, "form radio"},
			{`document.querySelector("#namn").value`, "Hjärtat i byn"},
			{`document.title.slice(0, 4)`, "Fel:"},
		} {
			if got, err := chromedp.Run(tab, chromedp.Evaluate[string](step.js)); err != nil || got != step.want {
				t.Errorf("%s: %q, %v; want %q", step.js, got, err, step.want)
			}
		}
	}
}

func TestPrintHidesWhatPaperCannotUse(t *testing.T) {
	server := httptest.NewServer(Gallery())
	defer server.Close()
	tab := Tab(t, Browser(t), Look{Print: true})
	Open(t, tab, server.URL+"/stil")
	Shot(t, tab, "print")
	got, err := chromedp.Run(tab, chromedp.Evaluate[bool](`[".menu", ".tools", ".foot"].every(s => getComputedStyle(document.querySelector(s)).display == "none")`))
	if err != nil || !got {
		t.Errorf("menu, tools and foot hidden in print: %v, %v", got, err)
	}
}

func TestSoundFindsFaults(t *testing.T) {
	a := Fetch(t, Gallery(), "/stil")
	if f := faults(a.Doc); len(f) > 0 {
		t.Fatal(f)
	}
	for name, spoil := range map[string]string{
		"style": `<p style="color:red">x</p>`, "script": `<script>x()</script>`, "onclick": `<p onclick="x()">x</p>`,
		"javascript link": `<a href="javascript:x()">x</a>`, "id twice": `<p id="innehall">x</p>`, "label": `<input name="x">`,
		"heading": `<h1>x</h1>`, "reference": `<a href="#ingenstans">x</a>`, "level": `<h6>x</h6>`,
	} {
		doc := Fetch(t, Gallery(), "/stil").Doc
		doc.Find("main").AppendHtml(spoil)
		if len(faults(doc)) == 0 {
			t.Errorf("%s: no fault found in %s", name, spoil)
		}
	}
}

func TestFilledGivesBackWhatTheFormHolds(t *testing.T) {
	sent := url.Values{"namn": {"Å & <b>"}, "lan": {"24"}, "form": {"ambassador"}, "mal": {"1", "2"}, "intyg": {"ja"}, "beskrivning": {"rad 1\nrad 2"}, "_once": {"x"}}
	a := Post(t, Gallery(), "/stil/formular", sent)
	if a.Status != 422 {
		t.Fatalf("status %d", a.Status)
	}
	back := Filled(t, a.Doc, "")
	for name := range sent {
		if name != "_once" && back.Encode() != "" && !equal(back[name], sent[name]) {
			t.Errorf("%s came back as %q, sent %q", name, back[name], sent[name])
		}
	}
	HasFieldError(t, a.Doc, "form", "Rätta fältet form.")
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
