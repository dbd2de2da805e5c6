package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kommunpilot/area/interest"
	"kommunpilot/area/people"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/who"
)

// apiWorld is the platform as it is served, on the examples: call 1 is decided,
// keys are real ones, and run 1 and 2 are adopted.
type apiWorld struct {
	*platform
	served http.Handler
	api    *api
	keys   map[string]string // by persona
	cookie string            // the programme owner's session
	log    *bytes.Buffer
}

// apiKeys are the personas with a key: e-mail address of the receiver, role,
// organisation in the examples, scopes.
var apiKeys = map[string]struct {
	email  string
	role   who.Role
	org    string
	scopes string
}{
	"owner": {"agare@tillvaxtverket.example", who.Programagare, "Tillväxtverket",
		"programme.read call.read call.edit call.publish application.list application.read selection.read selection.read_result register.read audit.list audit.read"},
	"unscoped":     {"agare@tillvaxtverket.example", who.Programagare, "Tillväxtverket", "audit.aggregate"},
	"other":        {"agare@skr.example", who.Programagare, "Sveriges Kommuner och Regioner", "programme.read call.read call.edit call.publish application.list application.read selection.read selection.read_result register.read audit.list audit.read"},
	"municipality": {"kontakt@2506.example", who.Kommunkontakt, "2506", "application.create application.read application.edit call.read selection.read_own"},
	"member":       {"kontakt@1983.example", who.Kommunkontakt, "1983", "application.create application.read application.edit call.read"},
}

func newAPIWorld(t *testing.T, d *db.DB) *apiWorld {
	t.Helper()
	w := &apiWorld{platform: newPlatform(t, d), keys: map[string]string{}, log: &bytes.Buffer{}}
	w.decide(t)
	for name, k := range apiKeys {
		w.keys[name] = w.key(t, name, k.email, k.role, w.examples.orgs[k.org], strings.Fields(k.scopes))
	}
	cfg := &Config{Example: true, Address: "127.0.0.1:8080", MaxUpload: 20e6}
	cfg.Files = t.TempDir()
	b, err := newBase(cfg, d, slog.New(slog.NewTextHandler(w.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	app, err := wire(t.Context(), cfg, b)
	if err != nil {
		t.Fatal(err)
	}
	w.served = app.Handler
	if w.api, err = newAPI(d, newRooms(cfg, b), newShell(cfg, b), b.Log); err != nil {
		t.Fatal(err)
	}
	person := who.From(w.examples.as["agare@tillvaxtverket.example"]).Person
	r := httptest.NewRequest(http.MethodPost, "/exempel/logga-in", strings.NewReader("person="+id.String(person)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range w.do(r).Result().Cookies() {
		if c.Name == "session" {
			w.cookie = c.Value
		}
	}
	if w.cookie == "" {
		t.Fatal("no session")
	}
	return w
}

// decide carries call 1 to its decision with the people's own acts.
func (w *apiWorld) decide(t *testing.T) {
	t.Helper()
	e, a := w.examples, w.rooms.assessment
	e.day(0)
	officer, owner := e.as["handlaggare@tillvaxtverket.example"], e.as["agare@tillvaxtverket.example"]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []interest.ApplicationID{23, 24} { // those left for the newcomer
		must(w.rooms.interest.DecideEligibility(officer, n, interest.Judging{Eligible: true, Motive: "Uppfyller kraven."}))
	}
	must(a.Distribute(officer, 1, 3, ""))
	for _, email := range []string{"bedomare1@tillvaxtverket.example", "bedomare2@tillvaxtverket.example", "bedomare3@tillvaxtverket.example"} {
		w.score(t, e.as[email], 1)
	}
	for _, kind := range []string{"pilot", "ambassador"} {
		run, err := a.Start(officer, 1, kind, "best", nil, "")
		must(err)
		must(a.Review(officer, run, ""))
		must(a.Decide(owner, run, w.proposed(t, owner, run), ""))
	}
}

// key sets up an integration as the administrator and fetches its key as the receiver.
func (w *apiWorld) key(t *testing.T, name, email string, role who.Role, org who.OrgID, scopes []string) (key string) {
	t.Helper()
	e := w.examples
	admin, receiver := e.as["admin@kommunpilot.example"], e.as[email]
	var n people.IntegrationID
	if err := w.db.Write(admin, func(tx *db.Tx) (err error) {
		n, err = w.rooms.people.CreateIntegration(admin, tx, people.Integration{Name: "Prov " + name, Org: org, Role: role, Scopes: scopes,
			Receiver: who.From(receiver).Person, Expires: e.today.AddDays(200)})
		return err
	}); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := w.db.Write(receiver, func(tx *db.Tx) (err error) { key, err = w.rooms.people.FetchKey(receiver, tx, n); return err }); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return key
}

func (w *apiWorld) do(r *http.Request) *httptest.ResponseRecorder {
	a := httptest.NewRecorder()
	w.served.ServeHTTP(a, r)
	return a
}

// ask sends a request as the persona: one with a key, "session" (the owner's
// cookie), "cross-site" (the same, from another site's page), "wrong" (a key
// that there is none of) or "public".
func (w *apiWorld) ask(as, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	switch as {
	case "public":
	case "cross-site":
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://annan.example")
		r.AddCookie(&http.Cookie{Name: "session", Value: w.cookie})
	case "session":
		r.AddCookie(&http.Cookie{Name: "session", Value: w.cookie})
	case "wrong":
		r.Header.Set("Authorization", "Bearer kp_finnsinte")
	default:
		r.Header.Set("Authorization", "Bearer "+w.keys[as])
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return w.do(r)
}
