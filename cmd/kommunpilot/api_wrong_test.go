package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"kommunpilot/area/assessment"
	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/who"
)

func (w *apiWorld) askWrong(t *testing.T) {
	const draft = `{"programme": 1, "content": {"title": "Prov"}}`
	for _, c := range []struct {
		name, as, method, path, body string
		header                       []string
		status                       int
		has                          string
	}{
		{"not JSON", "owner", "POST", "/calls", `{"programme": `, nil, 400, "inte JSON"},
		{"another type", "owner", "POST", "/calls", `<x/>`, []string{"Content-Type", "text/xml"}, 415, "application/json"},
		{"too large", "owner", "POST", "/calls", `{"x": "` + strings.Repeat("x", apiBody) + `"}`, nil, 413, "för stort"},
		{"no body", "owner", "POST", "/calls", ``, nil, 400, "detail"},
		{"a field that there is none of", "owner", "POST", "/calls", `{"programme": 1, "content": {"title": "x", "titel": "y"}}`, nil, 422, `{"location":"body.content.titel","message":"fältet finns inte"}`},
		{"no title", "owner", "POST", "/calls", `{"programme": 1, "content": {}}`, nil, 422, `{"location":"body.content","message":"fältet title måste finnas"}`},
		{"a force that there is none of", "owner", "POST", "/calls", `{"programme": 1, "content": {"title": "x", "quotas": [{"attribute": "county", "value": "*", "count": "applications", "force": "maybe"}]}}`, nil, 422, `"location":"body.content.quotas[0].force"`},
		{"no date", "owner", "POST", "/calls", `{"programme": 1, "content": {"title": "x", "dates": {"open": "31/3"}}}`, nil, 422, `{"location":"body.content.dates.open","message":"skriv datumet som 2026-03-31"}`},
		{"dates that go backwards", "owner", "POST", "/calls", `{"programme": 1, "content": {"title": "x", "dates": {"open": "2026-03-31", "close": "2026-03-01"}}}`, nil, 422, `"location":"body.content.dates.close"`},
		{"the same id twice", "owner", "POST", "/calls", `{"programme": 1, "content": {"title": "x", "offers": [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}]}}`, nil, 422, `"location":"body.content.offers[1].id"`},
		{"no such programme", "owner", "POST", "/calls", `{"programme": 999, "content": {"title": "x"}}`, nil, 404, "Not Found"},
		{"the key once", "owner", "POST", "/calls", draft, []string{"Idempotency-Key", "prov"}, 201, "Prov"},
		{"the key twice", "owner", "POST", "/calls", draft, []string{"Idempotency-Key", "prov"}, 409, "redan"},
		{"in English", "owner", "POST", "/calls", `{"programme": 1, "content": {}}`, []string{"Accept-Language", "en-GB,en;q=0.8"}, 422, "expected required property title"},
		{"no key, in English", "public", "GET", "/me", ``, []string{"Accept-Language", "en"}, 401, "Give a key"},
		{"not in English", "owner", "GET", "/calls/999", ``, []string{"Accept-Language", "sv,en;q=0.8"}, 404, "Det du söker finns inte"},
		{"published before it is ready", "owner", "POST", "/calls/{prov}/publish", ``, nil, 422, `{"location":"call.dates.open","message":"Ange första dag för svar."}`},
		{"closed before it is open", "owner", "POST", "/calls/{prov}/close", `{"motive": "x"}`, nil, 409, "utkast"},
		{"closed without a motive", "owner", "POST", "/calls/{prov}/close", `{"motive": ""}`, nil, 422, `"location":"body.motive"`},
		{"too long a page", "public", "GET", "/calls?limit=501", ``, nil, 422, `{"location":"query.limit","message":"ska vara högst 500"}`},
		{"a misspelt query", "public", "GET", "/calls?sate=x", ``, nil, 422, `{"location":"query.sate","message":"frågan finns inte"}`},
		{"a state that there is none of", "public", "GET", "/calls?state=oppen", ``, nil, 422, `"location":"query.state"`},
		{"no number", "public", "GET", "/calls/abc", ``, nil, 422, `{"location":"path.id","message":"ska vara ett heltal"}`},
		{"nothing there", "public", "GET", "/utlysningar", ``, nil, 404, "openapi.json"},
		{"another method", "public", "DELETE", "/calls", ``, nil, 405, "Allow"},
		{"a key and a body, without reading it", "public", "POST", "/calls", `{"programme": `, nil, 401, "nyckel"},
		{"another's key for the same draft", "other", "PUT", "/calls/{prov}", `{"version": 1, "content": {"title": "Taget"}}`, nil, 403, "behörighet"},
		{"an unknown question", "member", "PUT", "/applications/999/answers", `{"version": 1, "answers": {"x": "y"}}`, nil, 404, "finns inte"},
		{"a second answer to the call", "member", "POST", "/calls/2/applications", `{"organisation": ` + w.member() + `, "kinds": ["intervju"]}`, nil, 409, "redan"},
		{"an answer after the close", "municipality", "POST", "/calls/1/applications", `{"organisation": ` + w.arjeplog() + `, "kinds": ["pilot"]}`, nil, 409, "stängt"},
	} {
		a := w.ask(c.as, c.method, "/api/v1"+strings.ReplaceAll(c.path, "{prov}", w.prov(t)), c.body, c.header...)
		if a.Code != c.status || !strings.Contains(a.Body.String(), c.has) {
			t.Errorf("%s: %d, want %d and %s\n%s", c.name, a.Code, c.status, c.has, a.Body)
		}
		var p problem
		if err := json.Unmarshal(a.Body.Bytes(), &p); c.status >= 400 && (err != nil || p.Status != c.status || p.Title == "" || p.Detail == "" || a.Header().Get("Content-Type") != problemType) {
			t.Errorf("%s: no problem: %v\n%s", c.name, err, a.Body)
		}
	}
	if got := w.ask("public", http.MethodDelete, "/api/v1/calls", "").Header().Get("Allow"); got != "GET, POST" {
		t.Errorf("Allow: %s", got)
	}
}

// prov is the number of the draft that "the key once" makes; 0 before it.
func (w *apiWorld) prov(t *testing.T) string {
	t.Helper()
	var list struct{ Items []struct{ ID json.Number } }
	if err := json.Unmarshal(w.ask("owner", http.MethodGet, "/api/v1/calls?q=prov&state=utkast", "").Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) == 0 {
		return "0"
	}
	return list.Items[0].ID.String()
}

func (w *apiWorld) org(code string) string {
	b, _ := json.Marshal(w.examples.orgs[code]) // a number
	return string(b)
}

func (w *apiWorld) member() string   { return w.org("1983") }
func (w *apiWorld) arjeplog() string { return w.org("2506") }

func (w *apiWorld) askVersions(t *testing.T) {
	path := "/api/v1/calls/" + w.prov(t)
	read := w.ask("owner", http.MethodGet, path, "")
	if read.Header().Get("ETag") != `"1"` {
		t.Fatalf("ETag %s", read.Header().Get("ETag"))
	}
	// What is read can be written back as it is.
	var call struct{ Content json.RawMessage }
	if err := json.Unmarshal(w.ask("owner", http.MethodGet, "/api/v1/calls/1", "").Body.Bytes(), &call); err != nil {
		t.Fatal(err)
	}
	put := func(body string, status int, has string, header ...string) {
		t.Helper()
		a := w.ask("owner", http.MethodPut, path, body, header...)
		if a.Code != status || !strings.Contains(a.Body.String(), has) {
			t.Errorf("%d, want %d and %s\n%s", a.Code, status, has, a.Body)
		}
	}
	put(`{"content": `+string(call.Content)+`}`, 422, `"location":"body.version"`)
	put(`{"content": `+string(call.Content)+`}`, 200, `"version":2`, "If-Match", `"1"`)
	put(`{"content": {"title": "För sent"}}`, 412, "Läs den igen", "If-Match", `"1"`)
	put(`{"content": {"title": "För sent"}}`, 412, "Läs den igen", "If-Match", `W/"2"`)
	put(`{"version": 1, "content": {"title": "För sent"}}`, 409, "Conflict")
	var written struct{ Content json.RawMessage }
	if err := json.Unmarshal(w.ask("owner", http.MethodGet, path, "").Body.Bytes(), &written); err != nil || string(written.Content) != string(call.Content) {
		t.Errorf("%v\n%s\n%s", err, written.Content, call.Content)
	}
	// A state that forbids is a conflict, whatever the version: call 1 is decided.
	tag := w.ask("owner", http.MethodGet, "/api/v1/calls/1", "").Header().Get("ETag")
	a := w.ask("owner", http.MethodPut, "/api/v1/calls/1", `{"motive": "x", "content": {"title": "x"}}`, "If-Match", tag)
	if a.Code != http.StatusConflict {
		t.Errorf("a decided call is changed: %d %s", a.Code, a.Body)
	}
}

func (w *apiWorld) askBytes(t *testing.T) {
	var run assessment.Run
	owner := w.examples.as["agare@tillvaxtverket.example"]
	if err := w.db.Read(owner, func(q db.Q) (err error) { run, _, err = w.rooms.assessment.RunAt(owner, q, 1); return err }); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"input": run.Input, "certificate": run.Result} {
		if got := w.ask("owner", http.MethodGet, "/api/v1/selections/1/"+path, "").Body.String(); got != want || got == "" {
			t.Errorf("%s: %d bytes, want %d", path, len(got), len(want))
		}
	}
	if got := w.ask("public", http.MethodGet, "/api/v1/calls/1/result", "").Body.String(); !strings.Contains(got, `"inputHash":"`+run.InputHash+`"`) {
		t.Error("the result has another hash")
	}
}

func (w *apiWorld) askUnchanged(t *testing.T) {
	for _, path := range []string{"/api/openapi.json", "/api/openapi.yaml", "/api/v1/register/counties", "/api/v1/register/municipalities?limit=500", "/api/v1/register/municipalities/1983"} {
		first := w.ask("public", http.MethodGet, path, "")
		tag := first.Header().Get("ETag")
		if first.Code != http.StatusOK || tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d, ETag %s, %s", path, first.Code, tag, first.Header().Get("Cache-Control"))
		}
		again := w.ask("public", http.MethodGet, path, "", "If-None-Match", `"x", W/`+tag)
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 || again.Header().Get("ETag") != tag {
			t.Errorf("%s again: %d, %d bytes", path, again.Code, again.Body.Len())
		}
		if other := w.ask("public", http.MethodGet, path, "", "If-None-Match", `"x"`); other.Code != http.StatusOK {
			t.Errorf("%s with another tag: %d", path, other.Code)
		}
	}
}

// askLogged: what a key does stands in the log as an integration's act, and the
// chain holds.
func (w *apiWorld) askLogged(t *testing.T) {
	object := "call:" + w.prov(t)
	owner := w.examples.as["agare@tillvaxtverket.example"]
	if err := w.db.Read(owner, func(q db.Q) error {
		all, err := audit.Of(owner, q, "call:4", 10)
		if err != nil {
			return err
		}
		if len(all) != 3 || all[0].Act != "call.publish" || all[0].Kind != who.Token || all[0].Person != 0 {
			t.Errorf("%s: %+v", object, all)
		}
		_, err = audit.Verify(owner, q)
		return err
	}); err != nil {
		t.Error(err)
	}
}

// askAway closes the database: nothing of ours is shown, and it is logged.
func (w *apiWorld) askAway(t *testing.T) {
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, as := range []string{"public", "owner"} {
		a := w.ask(as, http.MethodGet, "/api/v1/programmes", "")
		if a.Code != http.StatusServiceUnavailable && a.Code != http.StatusInternalServerError || a.Header().Get("Content-Type") != problemType {
			t.Errorf("as %s: %d %s\n%s", as, a.Code, a.Header(), a.Body)
		}
		if strings.Contains(a.Body.String(), "sql") || strings.Contains(a.Body.String(), "closed") {
			t.Errorf("as %s the cause is shown: %s", as, a.Body)
		}
	}
	if !strings.Contains(w.log.String(), "request failed") {
		t.Error("nothing is logged")
	}
}

var shellBlocks = regexp.MustCompile("(?s)```sh\n(.*?)```")

// runDocs runs every example of docs/api.md with curl against a served platform.
func (w *apiWorld) runDocs(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(w.served)
	defer s.Close()
	blocks := shellBlocks.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 10 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, b := range blocks {
		script, want, ok := strings.Cut(b[1], "# → ")
		if !ok {
			t.Errorf("an example does not say what it answers:\n%s", script)
			continue
		}
		c := exec.CommandContext(t.Context(), "sh", "-c", script)
		c.Env = append(os.Environ(), "KOMMUNPILOT="+s.URL, "KEY="+w.keys["owner"], "no_proxy=*")
		out, err := c.CombinedOutput()
		if err != nil || !strings.Contains(string(out), strings.TrimSpace(want)) {
			t.Errorf("%s\n%v, lacks %s\n%.1000s", script, err, want, out)
		}
	}
}
