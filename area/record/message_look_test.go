package record

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// TestTheMessagesPagesAreAccessible: axe finds nothing at both widths.
func TestTheMessagesPagesAreAccessible(t *testing.T) {
	browser := webtest.Browser(t)
	each(t, func(t *testing.T, _ *db.DB, o *Room, h http.Handler) {
		got := take(t, o, letter(t, "utf-8", "en"))
		if _, err := o.Register(as(registrar), pid, Entry{Matter: matter(t, o), Series: "KS", Day: "2026-03-02", Direction: "in", Brief: "Yttrande", Party: "Åmåls kommun"}, ""); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r.WithContext(who.With(r.Context(), registrar)))
		}))
		defer server.Close()
		href := o.messages.Href(pid, got.Message)
		for _, path := range []string{"/projekt/1/inkommet", "/projekt/1/inkommet/ny", href, href + "/registrera", "/projekt/1/arenden", "/projekt/1/arenden/sok?sok=yttrande", "/projekt/1/offentligt-diarium?sok=yttrande"} {
			for _, width := range []int{1280, 390} {
				webtest.Axe(t, browser, server.URL+path, false, width)
			}
		}
	})
}
