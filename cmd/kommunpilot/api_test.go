package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"kommunpilot/base/db"
)

// apiRow is one operation, and what everybody gets of it.
type apiRow struct {
	op, method, path, body string
	want                   map[string]int    // status by persona; those who may come last
	has, hasNot            map[string]string // of the body, by persona
}

// open are the statuses of what everybody may read.
func open(string) map[string]int {
	return map[string]int{"public": 200, "unscoped": 403, "session": 200, "cross-site": 200, "wrong": 401, "owner": 200, "other": 200}
}

// onlyFor are the statuses of what one persona may: the others are refused.
func onlyFor(as string, status int, method string, others ...string) map[string]int {
	out := map[string]int{"public": 401, "unscoped": 403, "session": 401, "cross-site": 401, "wrong": 401, "owner": 403, "other": 403}
	if method != http.MethodGet {
		out["cross-site"] = 403
	}
	for _, x := range others {
		out[x] = 403
	}
	out[as] = status
	return out
}

const apiWhole = `{"title": "Prov", "summary": "Kort", "responsible": "Handläggare, Tillväxtverket", "contact": "a@b.example",
	"kinds": [{"name": "Pilot", "count": "applications"}], "offers": [{"text": "Råd"}], "requirements": [{"text": "Tid"}],
	"criteria": [{"name": "Vilja", "step": 2, "weight": 100, "low": 0, "high": 5}], "questions": [{"label": "Varför?", "kind": "long"}],
	"dates": {"open": "%s", "close": "%s"}}`

// apiRows are every operation. They are asked in order: made, changed,
// published, closed.
func (w *apiWorld) apiRows() []apiRow {
	e := w.examples
	call := fmt.Sprintf(apiWhole, e.today.AddDays(-1), e.today.AddDays(30))
	member := strconv.FormatInt(int64(e.orgs["1983"]), 10)
	get, post, put := http.MethodGet, http.MethodPost, http.MethodPut
	return []apiRow{
		{op: "list-programmes", method: get, path: "/programmes", want: open(get), has: map[string]string{"public": "Lokal service"}},
		{op: "get-programme", method: get, path: "/programmes/1", want: open(get), has: map[string]string{"public": "Tillväxtverket"}},
		{op: "get-programme", method: get, path: "/programmes/999", want: map[string]int{"public": 404, "owner": 404}},
		{op: "list-municipalities", method: get, path: "/register/municipalities?q=koping&limit=1", want: open(get), has: map[string]string{"public": `"name":"Köping"`}, hasNot: map[string]string{"public": "Jönköping"}},
		{op: "list-municipalities", method: get, path: "/register/municipalities?edition=Finns+inte", want: map[string]int{"public": 404}},
		{op: "get-municipality", method: get, path: "/register/municipalities/1983", want: open(get), has: map[string]string{"public": `"neighbours":["`}},
		{op: "get-municipality", method: get, path: "/register/municipalities/9999", want: map[string]int{"public": 404}},
		{op: "list-counties", method: get, path: "/register/counties", want: open(get), has: map[string]string{"public": "Västmanlands län"}},
		{op: "list-editions", method: get, path: "/register/editions", want: open(get), has: map[string]string{"public": "SKR 2023"}},
		{op: "get-me", method: get, path: "/me", want: map[string]int{"public": 401, "session": 401, "cross-site": 401, "wrong": 401, "unscoped": 200, "owner": 200},
			has: map[string]string{"owner": `"scopes":["programme.read"`, "unscoped": `"scopes":["audit.aggregate"]`}},

		{op: "create-call", method: post, path: "/calls", body: `{"programme": 1, "content": {"title": "Hemligt utkast"}}`, want: onlyFor("owner", 201, post), has: map[string]string{"owner": `"state":"utkast"`}},
		{op: "list-calls", method: get, path: "/calls?q=hemligt", want: open(get), has: map[string]string{"owner": "Hemligt utkast"}, hasNot: map[string]string{"public": "Hemligt", "other": "Hemligt", "session": "Hemligt", "cross-site": "Hemligt"}},
		{op: "list-calls", method: get, path: "/calls?state=beslutad&programme=1", want: open(get), has: map[string]string{"public": `"total":1`}},
		{op: "get-call", method: get, path: "/calls/1", want: open(get), has: map[string]string{"public": `"criteria":[`}},
		{op: "get-call", method: get, path: "/calls/{made}", want: onlyFor("owner", 200, get), has: map[string]string{"owner": "Hemligt utkast"}, hasNot: map[string]string{"other": "Hemligt", "public": "Hemligt"}},
		{op: "replace-call", method: put, path: "/calls/{made}", body: `{"version": 1, "content": ` + call + `}`, want: onlyFor("owner", 200, put), has: map[string]string{"owner": `"version":2`}},
		{op: "publish-call", method: post, path: "/calls/{made}/publish", want: onlyFor("owner", 200, post), has: map[string]string{"owner": `"edition":"SKR 2023"`}},
		{op: "close-call", method: post, path: "/calls/{made}/close", body: `{"motive": "Budgeten är slut."}`, want: onlyFor("owner", 200, post), has: map[string]string{"owner": `"state":"stängd"`}},

		{op: "list-applications", method: get, path: "/calls/1/applications?county=24", want: onlyFor("owner", 200, get, "municipality"), has: map[string]string{"owner": "Norsjö"}, hasNot: map[string]string{"other": "Norsjö", "municipality": "Norsjö"}},
		{op: "create-application", method: post, path: "/calls/2/applications", body: `{"organisation": ` + member + `, "kinds": ["intervju"]}`, want: onlyFor("member", 201, post, "municipality"), has: map[string]string{"member": `"state":"utkast"`}},
		{op: "get-application", method: get, path: "/applications/{begun}", want: onlyFor("member", 200, get, "municipality"), has: map[string]string{"member": "Köping"}, hasNot: map[string]string{"other": "Köping"}},
		{op: "get-application", method: get, path: "/applications/1", want: func() map[string]int { m := onlyFor("owner", 200, get, "member"); m["municipality"] = 200; return m }(), has: map[string]string{"municipality": `"outcome":"vald"`}},
		{op: "replace-answers", method: put, path: "/applications/{begun}/answers", body: `{"version": 1, "answers": {"process": "I en nämnd."}}`, want: onlyFor("member", 200, put, "municipality"), has: map[string]string{"member": `"answersVersion":2`}},
		{op: "request-signature", method: post, path: "/applications/{begun}/request-signature", want: onlyFor("member", 200, post, "municipality"), has: map[string]string{"member": `"told":1`}},

		{op: "get-result", method: get, path: "/calls/1/result", want: open(get), has: map[string]string{"public": "Arjeplog", "other": `"inputHash"`}, hasNot: map[string]string{"public": "ej vald"}},
		{op: "get-result", method: get, path: "/calls/2/result", want: map[string]int{"public": 401, "owner": 403, "other": 403, "wrong": 401}},
		{op: "get-selection-input", method: get, path: "/selections/1/input", want: onlyFor("owner", 200, get, "municipality"), has: map[string]string{"owner": `"applications"`}},
		{op: "get-selection-certificate", method: get, path: "/selections/1/certificate", want: onlyFor("owner", 200, get, "municipality"), has: map[string]string{"owner": `"certificate"`}},
		{op: "list-log", method: get, path: "/log?limit=500", want: func() map[string]int { m := onlyFor("owner", 200, get, "municipality"); m["other"] = 200; return m }(),
			has: map[string]string{"owner": `"act":"call.publish"`}, hasNot: map[string]string{"other": `"object":"call:1"`}},
	}
}

func TestAPI(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		w := newAPIWorld(t, d)
		t.Run("the examples of docs/api.md run", w.runDocs)
		t.Run("every operation, as everybody", w.askAll)
		t.Run("what is wrong is told", w.askWrong)
		t.Run("a version is held", w.askVersions)
		t.Run("what is stored comes byte for byte", w.askBytes)
		t.Run("lists and the description are not sent twice", w.askUnchanged)
		t.Run("acts are logged as the integration's", w.askLogged)
		t.Run("the database is away", w.askAway)
	})
}

func (w *apiWorld) askAll(t *testing.T) {
	asked := map[string]bool{}
	made, begun := "", ""
	for _, row := range w.apiRows() {
		asked[row.op] = true
		op := w.operation(t, row.op)
		path := "/api/v1" + strings.NewReplacer("{made}", made, "{begun}", begun).Replace(row.path)
		for _, as := range refusedFirst(row.want) {
			a := w.ask(as, row.method, path, row.body)
			where := fmt.Sprintf("%s %s as %s", row.method, path, as)
			if a.Code != row.want[as] {
				t.Errorf("%s: %d, want %d\n%s", where, a.Code, row.want[as], a.Body)
				continue
			}
			if x := row.has[as]; x != "" && !strings.Contains(a.Body.String(), x) {
				t.Errorf("%s lacks %s\n%.800s", where, x, a.Body)
			}
			if x := row.hasNot[as]; x != "" && strings.Contains(a.Body.String(), x) {
				t.Errorf("%s shows %s\n%.800s", where, x, a.Body)
			}
			w.keepsWord(t, where, op, a)
			switch to := a.Header().Get("Location"); {
			case row.op == "create-call" && a.Code == http.StatusCreated:
				made = strings.TrimPrefix(to, "/api/v1/calls/")
			case row.op == "create-application" && a.Code == http.StatusCreated:
				begun = strings.TrimPrefix(to, "/api/v1/applications/")
			}
		}
	}
	for _, op := range w.api.operations {
		if !asked[op.OperationID] {
			t.Errorf("no row asks %s", op.OperationID)
		}
	}
}

// refusedFirst orders personas so that those whose request changes nothing come first.
func refusedFirst(want map[string]int) []string {
	var out []string
	for as := range want {
		out = append(out, as)
	}
	slices.SortFunc(out, func(a, b string) int {
		if d := want[b] - want[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return out
}

func (w *apiWorld) operation(t *testing.T, name string) *huma.Operation {
	t.Helper()
	i := slices.IndexFunc(w.api.operations, func(op *huma.Operation) bool { return op.OperationID == name })
	if i < 0 {
		t.Fatalf("no operation %s", name)
	}
	return w.api.operations[i]
}

// keepsWord holds an answer to the description: its status, its type and its body.
func (w *apiWorld) keepsWord(t *testing.T, where string, op *huma.Operation, a *httptest.ResponseRecorder) {
	t.Helper()
	described := op.Responses[strconv.Itoa(a.Code)]
	if described == nil {
		t.Errorf("%s: %d is not in the description", where, a.Code)
		return
	}
	kind := "application/json"
	if a.Code >= 400 {
		kind = problemType
	}
	if got := a.Header().Get("Content-Type"); got != kind {
		t.Errorf("%s: Content-Type %s", where, got)
	}
	if a.Code == http.StatusUnauthorized && !strings.HasPrefix(a.Header().Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("%s: no WWW-Authenticate", where)
	}
	for _, h := range []string{"Access-Control-Allow-Origin", "Set-Cookie"} {
		if a.Header().Get(h) != "" {
			t.Errorf("%s: header %s", where, h)
		}
	}
	var body any
	if err := json.Unmarshal(a.Body.Bytes(), &body); err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	result := &huma.ValidateResult{}
	huma.Validate(w.api.huma.OpenAPI().Components.Schemas, described.Content[kind].Schema, huma.NewPathBuffer([]byte{}, 0), huma.ModeReadFromServer, body, result)
	for _, err := range result.Errors {
		t.Errorf("%s: the body is not as described: %v", where, err)
	}
}
