package interest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// A browser that sends 40 MB gets a page that says so, and the rest of the
// form; not a broken connection. A small file goes through.
func TestABrowserThatSends40MBIsToldSo(t *testing.T) {
	browser := webtest.Browser(t)
	w := newWorld(t, dbtest.SQLite(t, Schema()))
	a := w.ready(norsjo, "pilot")
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.h.ServeHTTP(rw, r.WithContext(who.With(r.Context(), someone(who.Kommunkontakt, norsjo))))
	}))
	defer server.Close()
	dir := t.TempDir()
	large, small := filepath.Join(dir, "stor.pdf"), filepath.Join(dir, "liten.pdf")
	w.must(os.WriteFile(large, append(append([]byte{}, pdf...), make([]byte, 40<<20)...), 0o600))
	w.must(os.WriteFile(small, pdf, 0o600))
	tab := webtest.Tab(t, browser, webtest.Look{})
	webtest.Open(t, tab, server.URL+"/intresse/"+whole64(a)+"/bilagor")
	w.must(chromedp.Do(tab, chromedp.SendKeys(chromedp.CSS("#about"), "Karta över byarna"), chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{large}),
		chromedp.Click(chromedp.CSS("main form button[type=submit]")), chromedp.WaitVisible(chromedp.CSS(".ds-error-summary"))))
	webtest.AxeHere(t, tab)
	if about, err := chromedp.Run(tab, chromedp.Value(chromedp.CSS("#about"))); err != nil || about != "Karta över byarna" {
		t.Errorf("the rest of the form: %q %v", about, err)
	}
	w.must(chromedp.Do(tab, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{small}), chromedp.Click(chromedp.CSS("main form button[type=submit]")), chromedp.WaitVisible(chromedp.CSS("main table"))))
	if x := w.read(a); len(x.Attachments) != 1 || x.Attachments[0].Name != "liten.pdf" || x.Attachments[0].About != "Karta över byarna" {
		t.Errorf("%+v", x.Attachments)
	}
}
