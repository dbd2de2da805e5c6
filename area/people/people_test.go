package people

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/kommun"
	"kommunpilot/base/mail"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// start is noon in Sweden on a Monday.
var start = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

const password = "grön cykel läser tidning"

// town is a platform with an authority that owns a programme and two
// municipalities.
type town struct {
	t         testing.TB
	d         *db.DB
	p         *Room
	h         http.Handler
	now       time.Time
	letters   []mail.Message
	authority who.OrgID
	north     who.OrgID // a municipality
	south     who.OrgID // another
}

const programme who.ProgrammeID = 1

func each(t *testing.T, test func(t *testing.T, w *town)) {
	dbtest.Each(t, []fs.FS{Schema()}, func(t *testing.T, d *db.DB) { test(t, newTown(t, d, Deps{})) })
}

func newTown(t testing.TB, d *db.DB, deps Deps) *town {
	t.Helper()
	w := &town{t: t, d: d, now: start}
	d.SetClock(func() time.Time { return w.now })
	deps.DB = d
	if deps.PublicURL == "" {
		deps.PublicURL = "http://127.0.0.1:8080"
	}
	deps.Mail = func(_ context.Context, _ *db.Tx, m mail.Message) error { w.letters = append(w.letters, m); return nil }
	deps.Programmes = func(context.Context, db.Q) ([]Programme, error) {
		return []Programme{{ID: programme, Name: "Pilotkommuner", Owners: []who.OrgID{w.authority}}}, nil
	}
	shell := web.NewShell(web.ShellConfig{Flash: Flash, PopFlash: PopFlash, Example: deps.Example})
	deps.Fail = shell.Fail
	w.p = New(deps)
	w.p.hasher = newHasher(argon{memory: 64, time: 1, threads: 1})
	mux := http.NewServeMux()
	web.Mount(mux, shell, w.p.Routes())
	web.Mount(mux, shell, []web.Route{
		{Pattern: "GET /att-gora", Handler: func(rw http.ResponseWriter, r *http.Request) error {
			return web.Render(rw, r, http.StatusOK, web.Page{Title: "Att göra"}, web.Empty("Inget", "Inget"))
		}},
		{Pattern: "GET /{$}", Handler: func(rw http.ResponseWriter, r *http.Request) error {
			return web.Render(rw, r, http.StatusOK, web.Page{Title: "Start"}, web.Empty("Inget", "Inget"))
		}},
		{Pattern: "/", Handler: func(http.ResponseWriter, *http.Request) error { return errUsedTicket }},
	})
	w.h = shell.Middleware(w.p.Middleware(mux))
	w.do(func(ctx context.Context, tx *db.Tx) (err error) {
		if w.authority, err = w.p.CreateOrganisation(ctx, tx, Organisation{Kind: Myndighet, Name: "Tillväxtverket", Number: "202100-6164"}); err != nil {
			return err
		}
		if w.north, err = w.p.CreateOrganisation(ctx, tx, Organisation{Kind: Kommun, Name: "Kiruna kommun", Code: "2584"}); err != nil {
			return err
		}
		w.south, err = w.p.CreateOrganisation(ctx, tx, Organisation{Kind: Kommun, Name: "Ystads kommun", Code: "1286"})
		return err
	})
	return w
}

// do acts as the system.
func (w *town) do(fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	ctx := who.With(context.Background(), who.Us)
	if err := w.d.Write(ctx, func(tx *db.Tx) error { return fn(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// resident makes a person with a role and the common password.
func (w *town) resident(email string, role who.Role, org who.OrgID) who.PersonID {
	w.t.Helper()
	var person who.PersonID
	hash, err := w.p.hasher.hash(context.Background(), password)
	if err != nil {
		w.t.Fatal(err)
	}
	w.do(func(ctx context.Context, tx *db.Tx) (err error) {
		if person, err = w.p.CreatePerson(ctx, tx, Person{Name: role.Name() + " " + email, Email: email}); err != nil {
			return err
		}
		if role != "" {
			if _, err := w.p.Grant(ctx, tx, Membership{Person: person, Role: role, Org: org, From: calendar.Of(w.now)}); err != nil {
				return err
			}
		}
		return setPassword(ctx, tx, person, hash, 0)
	})
	return person
}

// lastLink is the link in the newest letter.
func (w *town) lastLink() string {
	w.t.Helper()
	if len(w.letters) == 0 {
		w.t.Fatal("no letter was sent")
	}
	link := regexp.MustCompile(`http://127\.0\.0\.1:8080(/\S+)`).FindStringSubmatch(w.letters[len(w.letters)-1].Text)
	if link == nil {
		w.t.Fatalf("no link in %q", w.letters[len(w.letters)-1].Text)
	}
	return link[1]
}

// browser keeps cookies between requests.
type browser struct {
	w       *town
	cookies map[string]string
	agent   string
	address string
}

func (w *town) browser() *browser { return &browser{w: w, cookies: map[string]string{}} }

// signedIn is a browser in which the person has signed in.
func (w *town) signedIn(email string) *browser {
	w.t.Helper()
	b := w.browser()
	if a := b.post("/logga-in", url.Values{"email": {email}, "password": {password}}); a.Status != http.StatusSeeOther {
		w.t.Fatalf("%s could not sign in: %d %s", email, a.Status, said(a))
	}
	return b
}

func (b *browser) send(r *http.Request) webtest.Answer {
	b.w.t.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if b.agent != "" {
		r.Header.Set("User-Agent", b.agent)
	}
	if b.address != "" {
		r.RemoteAddr = b.address + ":1"
	}
	a := webtest.Do(b.w.t, b.w.h, r)
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return a
}

func (b *browser) get(path string) webtest.Answer {
	b.w.t.Helper()
	return b.send(httptest.NewRequest(http.MethodGet, path, nil))
}

func (b *browser) post(path string, v url.Values) webtest.Answer {
	b.w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

// must is get of a page that must be there.
func (b *browser) must(path string) webtest.Answer {
	b.w.t.Helper()
	a := b.get(path)
	if a.Status != http.StatusOK || a.Doc == nil {
		b.w.t.Fatalf("GET %s: %d %s", path, a.Status, said(a))
	}
	return a
}

// said is the text of a page.
func said(a webtest.Answer) string {
	if a.Doc == nil {
		return a.Body
	}
	return strings.Join(strings.Fields(a.Doc.Find("main").Text()), " ")
}

func want(t testing.TB, a webtest.Answer, status int) webtest.Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, said(a))
	}
	return a
}

func TestRegisterBecomesOrganisations(t *testing.T) {
	dbtest.Each(t, []fs.FS{Schema()}, func(t *testing.T, d *db.DB) {
		p := New(Deps{DB: d})
		ctx := context.Background()
		for range 2 { // idempotent
			if err := p.EnsureRegister(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Read(ctx, func(q db.Q) error {
			all, err := p.Organisations(ctx, q)
			count := map[string]int{}
			for _, o := range all {
				count[string(o.Kind)+" "+o.State("2026-11-23")]++
			}
			if err != nil || count["kommun aktiv"] != 290 || count["region aktiv"] != 21 || count["kommun upphörd"] != len(kommun.Default().Ended()) {
				t.Errorf("%v %v", count, err)
			}
			for code, name := range map[string]string{"0114": "Upplands Väsby kommun", "14": "Västra Götalandsregionen"} {
				org, err := p.OrgByCode(ctx, q, code)
				if err != nil {
					t.Fatal(code, err)
				}
				if got, err := p.OrgName(ctx, q, org); got != name || err != nil {
					t.Errorf("%s is %q, want %q %v", code, got, name, err)
				}
			}
			for _, k := range kommun.Default().Ended() {
				if _, err := p.OrgByCode(ctx, q, k.Code); err == nil && k.ValidTo != "" {
					if _, today := kommun.Default().At(k.Code, "2026-11-23"); !today {
						t.Errorf("the ended code %s is in force", k.Code)
					}
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestEveryRouteFoundByItsOwnPattern(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range New(Deps{Example: true, OIDC: OIDC{Issuer: "https://id.example"}}).Routes() {
		if seen[r.Pattern] || r.Handler == nil {
			t.Errorf("%s stands twice or has no handler", r.Pattern)
		}
		seen[r.Pattern] = true
	}
}
