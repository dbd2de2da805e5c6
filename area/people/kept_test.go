package people

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// TestAFormSentTooLateIsKept: the session ends while a person types; what was
// typed is shown after the next sign-in and sent with one button.
func TestAFormSentTooLateIsKept(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("admin@exempel.se", who.Administrator, 0)
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		b := w.signedIn("admin@exempel.se")
		v := webtest.Filled(t, b.must("/organisationer/ny").Doc, "")
		v.Set("kind", string(Forening))
		v.Set("name", "Byalaget </dd><script>alert(1)</script>")
		v.Set("new-password", "hemligt ord som inte sparas")
		w.now = w.now.Add(idleTime + time.Minute)

		a := want(t, b.post("/organisationer/ny", v), http.StatusSeeOther)
		if a.Header.Get("Location") != "/logga-in?till=/dina-uppgifter" {
			t.Fatalf("led to %s", a.Header.Get("Location"))
		}
		signIn := b.must(a.Header.Get("Location")).Doc
		webtest.HasText(t, signIn, ".ds-alert", "Det du skrev är kvar")

		// Somebody else at the same computer sees nothing of it.
		other := w.browser()
		other.cookies["kvar"] = b.cookies["kvar"]
		want(t, other.post("/logga-in", url.Values{"email": {"kf@exempel.se"}, "password": {password}}), http.StatusSeeOther)
		want(t, other.get("/dina-uppgifter"), http.StatusNotFound)
		want(t, w.browser().get("/dina-uppgifter"), http.StatusSeeOther) // nobody

		f := webtest.Filled(t, signIn, "/logga-in")
		f.Set("email", "admin@exempel.se")
		f.Set("password", password)
		led := want(t, b.post("/logga-in", f), http.StatusSeeOther).Header.Get("Location")
		if led != "/dina-uppgifter" {
			t.Fatalf("led to %s", led)
		}
		kept := b.must(led).Doc
		webtest.HasText(t, kept, "h1", "Dina uppgifter är kvar")
		webtest.HasText(t, kept, "dd", "Byalaget </dd><script>alert(1)</script>")
		webtest.HasNoText(t, kept, "hemligt ord")
		again := webtest.Filled(t, kept, "/organisationer/ny")
		if again.Get("_once") != v.Get("_once") || again.Get("new-password") != "" {
			t.Errorf("%v", again)
		}
		made := want(t, b.post("/organisationer/ny", again), http.StatusSeeOther)
		webtest.HasText(t, b.must(made.Header.Get("Location")).Doc, "h1", "Byalaget")
		want(t, b.post("/organisationer/ny", again), http.StatusConflict) // acts once

		w.now = w.now.Add(keepForm)
		want(t, b.get("/dina-uppgifter"), http.StatusNotFound)
	})
}

func TestFilesOfAKeptFormAreNamed(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("admin@exempel.se", who.Administrator, 0)
		b := w.signedIn("admin@exempel.se")
		w.now = w.now.Add(idleTime)
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		_ = m.WriteField("motiv", "Därför att\x00 det behövs")
		part, _ := m.CreateFormFile("bilaga", "beslut.pdf")
		_, _ = part.Write([]byte("%PDF-1.7"))
		_ = m.Close()
		r := httptest.NewRequest(http.MethodPost, "/organisationer/ny?x=1", &body)
		r.Header.Set("Content-Type", m.FormDataContentType())
		want(t, b.send(r), http.StatusSeeOther)
		want(t, b.post("/logga-in", url.Values{"email": {"admin@exempel.se"}, "password": {password}}), http.StatusSeeOther)
		doc := b.must("/dina-uppgifter").Doc
		webtest.HasText(t, doc, "dd", "Därför att det behövs")
		webtest.HasText(t, doc, ".ds-alert li", "beslut.pdf")
		webtest.Has(t, doc, `form[action="/organisationer/ny?x=1"]`)
		want(t, b.post("/dina-uppgifter/kasta", nil), http.StatusSeeOther)
		want(t, b.get("/dina-uppgifter"), http.StatusNotFound)
	})
}

func TestFormsThatAreNotKept(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("admin@exempel.se", who.Administrator, 0)
		b := w.signedIn("admin@exempel.se")
		w.now = w.now.Add(idleTime)
		// Signing in anew is no form of a matter.
		want(t, b.post("/logga-in", url.Values{"email": {"admin@exempel.se"}, "password": {password}}), http.StatusSeeOther)
		if b.cookies["kvar"] != "" {
			t.Error("the sign-in form is kept")
		}
		w.now = w.now.Add(idleTime)
		large := want(t, b.post("/organisationer/ny", url.Values{"name": {strings.Repeat("x", maxKept)}}), http.StatusRequestEntityTooLarge)
		webtest.HasText(t, large.Doc, "main", "det du skrev finns kvar")
		// Invented cookies do not fill the database.
		last := 0
		for range keptLimit.tries + 1 {
			thief := w.browser()
			thief.cookies["session"] = "PAHITTAD"
			last = thief.post("/organisationer/ny", url.Values{"name": {"x"}}).Status
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("forms without end: %d", last)
		}
	})
}

// TestAFormInOneTabOutlivesAVisitInAnother: a page that is looked at after the
// session's end must not lose what stands in the form of another tab.
func TestAFormInOneTabOutlivesAVisitInAnother(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("admin@exempel.se", who.Administrator, 0)
		b := w.signedIn("admin@exempel.se")
		w.now = w.now.Add(idleTime)
		b.must("/register")
		want(t, b.get("/konto"), http.StatusSeeOther)
		want(t, b.post("/organisationer/ny", url.Values{"name": {"Byalaget"}}), http.StatusSeeOther)
		want(t, b.post("/logga-in", url.Values{"email": {"admin@exempel.se"}, "password": {password}}), http.StatusSeeOther)
		webtest.HasText(t, b.must("/dina-uppgifter").Doc, "dd", "Byalaget")
	})
}

// TestAnOldCookieDoesNotStandInTheWayOfALetterLink: whoever has forgotten the
// password often has a session that has ended, too.
func TestAnOldCookieDoesNotStandInTheWayOfALetterLink(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		b := w.signedIn("kf@exempel.se")
		w.now = w.now.Add(idleTime)
		want(t, b.post("/glomt-losenord", url.Values{"email": {"kf@exempel.se"}}), http.StatusOK)
		a := want(t, b.post(w.lastLink(), url.Values{"password": {"en helt annan fras"}}), http.StatusSeeOther)
		if a.Header.Get("Location") != "/logga-in" || b.cookies["kvar"] != "" {
			t.Errorf("led to %s", a.Header.Get("Location"))
		}
		want(t, b.post("/logga-in", url.Values{"email": {"kf@exempel.se"}, "password": {"en helt annan fras"}}), http.StatusSeeOther)
	})
}

func TestFieldNamesAsWords(t *testing.T) {
	for name, want := range map[string]string{"valid_from": "Valid from", "motiv": "Motiv", "kontakt-epost": "Kontakt epost", "": ""} {
		if got := fieldLabel(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
