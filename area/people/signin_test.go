package people

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

func TestFirstAdministratorComesByALinkThatWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		link, ok, err := w.p.FirstAdminLink(context.Background())
		if err != nil || !ok || !strings.HasPrefix(link, "http://127.0.0.1:8080/forsta-administrator/") {
			t.Fatal(link, ok, err)
		}
		second, _, _ := w.p.FirstAdminLink(context.Background()) // another node
		path := strings.TrimPrefix(link, "http://127.0.0.1:8080")
		b := w.browser()
		v := webtest.Filled(t, b.must(path).Doc, "")
		wrong := want(t, b.post(path, v), http.StatusUnprocessableEntity)
		for _, field := range []string{"name", "email", "password"} {
			webtest.Has(t, wrong.Doc, "#"+field+"-error")
		}
		v = url.Values{"name": {"Administratör, Tillväxtverket"}, "email": {"admin@exempel.se"}, "password": {password}}
		want(t, b.post(path, v), http.StatusSeeOther)
		webtest.HasText(t, b.must("/anvandare").Doc, "tbody", "Administratör, Tillväxtverket")
		v.Set("email", "b@exempel.se")
		for _, l := range []string{path, strings.TrimPrefix(second, "http://127.0.0.1:8080")} {
			want(t, w.browser().post(l, v), http.StatusNotFound)
		}
		if _, ok, err := w.p.FirstAdminLink(context.Background()); ok || err != nil {
			t.Error("there is a link though there is an administrator", err)
		}
	})
}

func TestSignInAndOut(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		b := w.browser()
		if a := b.get("/konto"); a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/logga-in?till=%2Fkonto" {
			t.Fatalf("%d %s", a.Status, a.Header.Get("Location"))
		}
		v := webtest.Filled(t, b.must("/logga-in?till=%2Fkonto").Doc, "/logga-in")
		webtest.HasFieldError(t, want(t, b.post("/logga-in", v), http.StatusUnprocessableEntity).Doc, "password", "Skriv ditt lösenord.")
		v.Set("email", "KF@exempel.se ")
		v.Set("password", password)
		a := want(t, b.post("/logga-in", v), http.StatusSeeOther)
		if a.Header.Get("Location") != "/konto" {
			t.Errorf("led to %s", a.Header.Get("Location"))
		}
		cookie := (&http.Response{Header: a.Header}).Cookies()[0]
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure || cookie.Path != "/" {
			t.Errorf("%+v", cookie)
		}
		webtest.HasText(t, b.must("/konto").Doc, "tbody", "Kiruna kommun")
		stolen := b.cookies["session"]
		want(t, b.post("/logga-ut", nil), http.StatusSeeOther)
		webtest.HasText(t, b.must("/").Doc, ".flash", "Du är utloggad.")
		thief := w.browser()
		thief.cookies["session"] = stolen
		if a := thief.get("/konto"); a.Status != http.StatusSeeOther {
			t.Errorf("a cookie works after signing out: %d", a.Status)
		}
		// Signing in leads to no other site.
		for _, to := range []string{"https://ond.example/", "//ond.example/", "/\\ond.example", "javascript:alert(1)"} {
			a := want(t, w.browser().post("/logga-in", url.Values{"email": {"kf@exempel.se"}, "password": {password}, "till": {to}}), http.StatusSeeOther)
			if a.Header.Get("Location") != "/att-gora" {
				t.Errorf("%q leads to %s", to, a.Header.Get("Location"))
			}
		}
	})
}

func TestCookiesAreSecureOverHTTPS(t *testing.T) {
	p := New(Deps{PublicURL: "https://kommunpilot.example/"})
	rec := httptest.NewRecorder()
	p.setCookie(rec, "session", "x", 60)
	c := rec.Result().Cookies()[0]
	if c.Name != "__Host-session" || !c.Secure || !c.HttpOnly || c.Domain != "" || c.Path != "/" {
		t.Errorf("%+v", c)
	}
}

func TestUnknownAccountAndWrongPasswordAnswerAlike(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		w.do(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.p.CreatePerson(ctx, tx, Person{Name: "Utan lösenord", Email: "utan@exempel.se"})
			return err
		})
		var pages []string
		for _, email := range []string{"kf@exempel.se", "utan@exempel.se", "finnsinte@exempel.se"} {
			a := want(t, w.browser().post("/logga-in", url.Values{"email": {email}, "password": {"fel lösenord här"}}), http.StatusUnprocessableEntity)
			webtest.HasText(t, a.Doc, ".ds-error-summary", "E-postadressen eller lösenordet stämmer inte.")
			if got := webtest.Filled(t, a.Doc, "/logga-in").Get("email"); got != email {
				t.Errorf("the address is lost: %q", got)
			}
			pages = append(pages, strings.ReplaceAll(a.Body, email, "X"))
			before := len(w.letters)
			forgot := want(t, w.browser().post("/glomt-losenord", url.Values{"email": {email}}), http.StatusOK)
			pages = append(pages, strings.ReplaceAll(forgot.Body, email, "X"))
			if sent := len(w.letters) > before; sent != (email != "finnsinte@exempel.se") {
				t.Errorf("%s: letter sent %v", email, sent)
			}
		}
		if pages[0] != pages[2] || pages[0] != pages[4] || pages[1] != pages[3] || pages[1] != pages[5] {
			t.Error("the pages differ")
		}
	})
}

func TestAttemptsAreLimitedPerAccountAndPerAddress(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		try := func(address, email, pass string) int {
			b := w.browser()
			b.address = address
			return b.post("/logga-in", url.Values{"email": {email}, "password": {pass}}).Status
		}
		for i := range accountLimit.tries {
			if s := try("192.0.2.1", "kf@exempel.se", "fel lösenord här"); s != http.StatusUnprocessableEntity {
				t.Fatalf("attempt %d: %d", i+1, s)
			}
		}
		if s := try("198.51.100.9", "kf@exempel.se", password); s != http.StatusTooManyRequests {
			t.Errorf("one attempt too many, from elsewhere: %d", s)
		}
		w.now = w.now.Add(accountLimit.in + time.Second)
		if s := try("192.0.2.1", "kf@exempel.se", password); s != http.StatusSeeOther {
			t.Errorf("after the window: %d", s)
		}
		// A success clears the account's attempts.
		if s := try("192.0.2.1", "kf@exempel.se", "fel lösenord här"); s != http.StatusUnprocessableEntity {
			t.Error(s)
		}
		// One address that tries many accounts.
		last := 0
		for i := range addressLimit.tries + 1 {
			last = try("203.0.113.7", strings.Repeat("x", i+1)+"@exempel.se", "fel lösenord här")
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("one address tries without end: %d", last)
		}
		if s := try("203.0.113.8", "kf@exempel.se", password); s != http.StatusSeeOther {
			t.Errorf("another address: %d", s)
		}
	})
}

// TestAttemptsAtTheSameTimeAreAllCounted: two nodes cannot be used against
// each other.
func TestAttemptsAtTheSameTimeAreAllCounted(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		const tries = 20
		var wg sync.WaitGroup
		var mu sync.Mutex
		limited := 0
		for range tries {
			wg.Add(1)
			go func() {
				defer wg.Done()
				ctx := context.Background()
				err := w.d.Housekeep(ctx, func(tx *db.Tx) error { return accountLimit.take(ctx, tx, "kf@exempel.se") })
				mu.Lock()
				defer mu.Unlock()
				if fail.Is(err, fail.RateLimited) {
					limited++
				} else if err != nil {
					t.Error(err)
				}
			}()
		}
		wg.Wait()
		if limited != tries-accountLimit.tries {
			t.Errorf("%d of %d were limited", limited, tries)
		}
	})
}

func TestAddressOfAVisitor(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:443":            "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::/64",
		"[::ffff:192.0.2.1]:1":     "192.0.2.1",
		"pipe":                     "pipe",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = remote
		if got := addressOf(r); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}

func TestRecoveryByMail(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		before := w.signedIn("kf@exempel.se")
		ask := func() string {
			b := w.browser()
			want(t, b.post("/glomt-losenord", webtestForm(b, "/glomt-losenord", "email", "kf@exempel.se")), http.StatusOK)
			return w.lastLink()
		}
		old, link := ask(), ask()
		if !strings.HasPrefix(link, "/aterstall/") {
			t.Fatal(link)
		}
		b := w.browser()
		b.must(link)
		b.must(link) // looking does not use it
		want(t, b.post(link, url.Values{"password": {"kort"}}), http.StatusUnprocessableEntity)
		want(t, b.post(link, url.Values{"password": {"en helt annan fras"}}), http.StatusSeeOther)
		webtest.HasText(t, b.must("/logga-in").Doc, ".flash", "Lösenordet är ändrat.")
		want(t, b.post(link, url.Values{"password": {"en helt annan fras"}}), http.StatusNotFound)
		want(t, b.post(old, url.Values{"password": {"en helt annan fras"}}), http.StatusNotFound)
		if a := before.get("/konto"); a.Status != http.StatusSeeOther {
			t.Errorf("the earlier session lives on: %d", a.Status)
		}
		want(t, b.post("/logga-in", url.Values{"email": {"kf@exempel.se"}, "password": {password}}), http.StatusUnprocessableEntity)
		want(t, b.post("/logga-in", url.Values{"email": {"kf@exempel.se"}, "password": {"en helt annan fras"}}), http.StatusSeeOther)

		w.now = w.now.Add(time.Hour)
		late := ask()
		w.now = w.now.Add(30 * time.Minute)
		want(t, w.browser().get(late), http.StatusNotFound)
		// No more than a few letters.
		n := len(w.letters)
		for range 6 {
			want(t, w.browser().post("/glomt-losenord", url.Values{"email": {"kf@exempel.se"}}), http.StatusOK)
		}
		if got := len(w.letters) - n; got > recoverLimit.tries {
			t.Errorf("%d letters", got)
		}
	})
}

// webtestForm fills the form of a page with one value.
func webtestForm(b *browser, path, field, value string) url.Values {
	v := webtest.Filled(b.w.t, b.must(path).Doc, "")
	v.Set(field, value)
	return v
}

func TestSessionsEndByThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		b := w.signedIn("kf@exempel.se")
		for range 20 { // used every seven hours: nearly six days
			w.now = w.now.Add(7 * time.Hour)
			want(t, b.get("/konto"), http.StatusOK)
		}
		w.now = w.now.Add(7*24*time.Hour - 20*7*time.Hour)
		want(t, b.get("/konto"), http.StatusSeeOther)

		b = w.signedIn("kf@exempel.se")
		w.now = w.now.Add(idleTime)
		want(t, b.get("/konto"), http.StatusSeeOther)
	})
}

func TestAccountWalk(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		w.resident("annan@exempel.se", who.Kommunkontakt, w.north)
		other := w.browser()
		other.agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
		want(t, other.post("/logga-in", url.Values{"email": {"kf@exempel.se"}, "password": {password}}), http.StatusSeeOther)
		b := w.signedIn("kf@exempel.se")
		doc := b.must("/konto").Doc
		webtest.HasText(t, doc, "tbody", "Firefox, Windows")
		end, _ := doc.Find(`form[action*="/sessioner/"]`).Attr("action")
		want(t, w.signedIn("annan@exempel.se").post(end, nil), http.StatusNotFound) // another's session
		want(t, other.get("/konto"), http.StatusOK)
		want(t, b.post(end, nil), http.StatusSeeOther)
		want(t, other.get("/konto"), http.StatusSeeOther)

		v := webtest.Filled(t, b.must("/konto").Doc, "/konto")
		v.Set("name", "")
		webtest.HasFieldError(t, want(t, b.post("/konto", v), http.StatusUnprocessableEntity).Doc, "name", "Skriv namnet")
		v = webtest.Filled(t, b.must("/konto").Doc, "/konto")
		v.Set("name", "Representative")
		v.Set("lang", "en")
		want(t, b.post("/konto", v), http.StatusSeeOther)
		english := b.must("/konto").Doc
		webtest.HasText(t, english, ".flash", "Your details are saved.")
		webtest.HasText(t, english, "h1", "My account")
		if lang, _ := english.Find("html").Attr("lang"); lang != "en" {
			t.Errorf("lang %q", lang)
		}
		want(t, b.post("/konto", v), http.StatusConflict) // twice

		// Password.
		b.cookies["sprak"] = "sv"
		wrong := want(t, b.post("/konto/losenord", url.Values{"present": {"fel"}, "password": {"en helt annan fras"}}), http.StatusUnprocessableEntity)
		webtest.HasFieldError(t, wrong.Doc, "present", "Det nuvarande lösenordet stämmer inte.")
		elsewhere := w.signedIn("kf@exempel.se")
		want(t, b.post("/konto/losenord", url.Values{"present": {password}, "password": {"en helt annan fras"}}), http.StatusSeeOther)
		want(t, elsewhere.get("/konto"), http.StatusSeeOther)
		want(t, b.get("/konto"), http.StatusOK)

		// E-mail address: it counts when the link is opened.
		want(t, b.post("/konto/epost", url.Values{"email": {"ny@exempel.se"}}), http.StatusSeeOther)
		letter := w.letters[len(w.letters)-1]
		if letter.To[0] != "ny@exempel.se" {
			t.Fatalf("sent to %v", letter.To)
		}
		link := w.lastLink()
		webtest.HasText(t, b.must("/konto").Doc, ".facts", "kf@exempel.se")
		webtest.HasText(t, b.must(link).Doc, "main", "ny@exempel.se")
		want(t, b.post(link, nil), http.StatusSeeOther)
		webtest.HasText(t, b.must("/konto").Doc, ".facts", "ny@exempel.se")
		if last := w.letters[len(w.letters)-1]; last.To[0] != "kf@exempel.se" {
			t.Errorf("the old address is not told: %v", last.To)
		}
		want(t, b.post("/konto/epost", url.Values{"email": {"annan@exempel.se"}}), http.StatusSeeOther)
		want(t, b.post(w.lastLink(), nil), http.StatusConflict)

		want(t, b.post("/konto/logga-ut-overallt", nil), http.StatusSeeOther)
		want(t, b.get("/konto"), http.StatusSeeOther)
	})
}

func TestAPasswordIsRehashedWhenTheParametersChange(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		person := w.resident("kf@exempel.se", who.Foretradare, w.north)
		w.p.hasher = newHasher(argon{memory: 128, time: 1, threads: 1})
		w.signedIn("kf@exempel.se")
		var hash string
		if err := w.d.Read(context.Background(), func(q db.Q) (err error) {
			hash, err = db.Value[string](context.Background(), q, `SELECT hash FROM credential WHERE person_id = ?`, person)
			return err
		}); err != nil || !strings.Contains(hash, "m=128,") {
			t.Error(hash, err)
		}
		w.signedIn("kf@exempel.se")
	})
}

func TestTickForgets(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("kf@exempel.se", who.Foretradare, w.north)
		w.signedIn("kf@exempel.se")
		want(t, w.browser().post("/glomt-losenord", url.Values{"email": {"kf@exempel.se"}}), http.StatusOK)
		count := func() (n int) {
			if err := w.d.Read(context.Background(), func(q db.Q) error {
				for _, table := range []string{"session", "ticket", "attempt"} {
					some, err := db.Value[int](context.Background(), q, `SELECT COUNT(*) FROM `+table)
					if err != nil {
						return err
					}
					n += some
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := w.p.Tick(context.Background()); err != nil || count() < 3 {
			t.Fatal("forgot too early", count(), err)
		}
		w.now = w.now.Add(keepEnded + 24*time.Hour)
		for range 2 {
			if err := w.p.Tick(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if n := count(); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}
