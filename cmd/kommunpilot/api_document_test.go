package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/policy"
)

const goldenAPI = "testdata/openapi.json"

// describedAPI is the API without anything in its database.
func describedAPI(t *testing.T) *api {
	t.Helper()
	cfg := &Config{Address: "127.0.0.1:8080"}
	cfg.Files = t.TempDir()
	b, err := newBase(cfg, dbtest.SQLite(t), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAPI(b.DB, newRooms(cfg, b), newShell(cfg, b), b.Log)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestTheDescriptionOfTheAPIChangesKnowingly: what other systems rely on shows
// as a diff of the golden file. KOMMUNPILOT_UPDATE=1 writes it anew.
func TestTheDescriptionOfTheAPIChangesKnowingly(t *testing.T) {
	a := describedAPI(t)
	if again := describedAPI(t); !bytes.Equal(a.json.body, again.json.body) || !bytes.Equal(a.yaml.body, again.yaml.body) {
		t.Fatal("the same program describes itself in two ways")
	}
	if os.Getenv("KOMMUNPILOT_UPDATE") != "" {
		if err := os.WriteFile(goldenAPI, a.json.body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(goldenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(golden, a.json.body) {
		was, is := strings.Split(string(golden), "\n"), strings.Split(string(a.json.body), "\n")
		for i := range min(len(was), len(is)) {
			if was[i] != is[i] {
				t.Fatalf("%s:%d is %q, was %q. If that is meant: KOMMUNPILOT_UPDATE=1 go test ./cmd/kommunpilot -run Description", goldenAPI, i+1, is[i], was[i])
			}
		}
		t.Fatalf("%s has %d lines, the description %d. If that is meant: KOMMUNPILOT_UPDATE=1 go test ./cmd/kommunpilot -run Description", goldenAPI, len(was), len(is))
	}
}

var anyHost = regexp.MustCompile(`https?://[^"\s)]*|127\.0\.0\.1|localhost`)

func TestTheDescriptionOfTheAPIIsSoundOpenAPI31(t *testing.T) {
	a := describedAPI(t)
	var doc map[string]any
	if err := json.Unmarshal(a.json.body, &doc); err != nil {
		t.Fatal(err)
	}
	if doc["openapi"] != "3.1.0" || doc["servers"] != nil {
		t.Errorf("openapi %v, servers %v", doc["openapi"], doc["servers"])
	}
	for _, host := range anyHost.FindAllString(string(a.json.body), -1) {
		t.Errorf("a host stands in it: %s", host)
	}
	if strings.Contains(string(a.json.body), "$schema") {
		t.Error("$schema stands in it")
	}
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	used := map[string]bool{}
	walk(doc, "", func(at string, node map[string]any) {
		if ref, ok := node["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/components/schemas/")
			used[name] = true
			if schemas[name] == nil {
				t.Errorf("%s: nothing at %s", at, ref)
			}
		}
	})
	for name, s := range schemas {
		if !used[name] {
			t.Errorf("nothing uses the schema %s", name)
		}
		properties, _ := s.(map[string]any)["properties"].(map[string]any)
		for field, p := range properties {
			if d, _ := p.(map[string]any)["description"].(string); len(d) < 5 {
				t.Errorf("%s.%s is not described", name, field)
			}
		}
	}
	ids := map[string]bool{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, x := range item.(map[string]any) {
			op := x.(map[string]any)
			where := method + " " + path
			if !strings.HasPrefix(path, apiFirst+"/") {
				t.Errorf("%s is not below %s", where, apiFirst)
			}
			id, _ := op["operationId"].(string)
			if id == "" || ids[id] {
				t.Errorf("%s: operationId %q", where, id)
			}
			ids[id] = true
			if text := string(a.yaml.body); !strings.Contains(text, "\n  "+path+":") && !strings.Contains(text, "\n  \""+path+"\":") || !strings.Contains(text, "operationId: "+id+"\n") {
				t.Errorf("%s is not in the YAML", where)
			}
			if op["summary"] == nil || len(op["tags"].([]any)) != 1 {
				t.Errorf("%s: no summary or not one tag", where)
			}
			soundOperation(t, where, path, op)
		}
	}
	if len(ids) != len(a.operations) {
		t.Errorf("%d operations are described, %d answer", len(ids), len(a.operations))
	}
}

// soundOperation: every answer says what it is, the path's parameters are
// described, and the scope is one that there is.
func soundOperation(t *testing.T, where, path string, op map[string]any) {
	t.Helper()
	for status, r := range op["responses"].(map[string]any) {
		answer := r.(map[string]any)
		content, _ := answer["content"].(map[string]any)
		if status == "304" {
			continue
		}
		want := "application/json"
		if status >= "400" {
			want = problemType
		}
		media, _ := content[want].(map[string]any)
		if media["schema"] == nil || answer["description"] == "" {
			t.Errorf("%s %s: no schema of %s", where, status, want)
		}
	}
	var inPath []string
	parameters, _ := op["parameters"].([]any)
	for _, x := range parameters {
		p := x.(map[string]any)
		if d, _ := p["description"].(string); d == "" || p["schema"] == nil {
			t.Errorf("%s: parameter %v is not described", where, p["name"])
		}
		if p["in"] == "path" {
			inPath = append(inPath, "{"+p["name"].(string)+"}")
		}
		if p["in"] == "cookie" {
			t.Errorf("%s reads a cookie", where)
		}
	}
	if named := regexp.MustCompile(`\{\w+\}`).FindAllString(path, -1); !slices.Equal(named, inPath) {
		t.Errorf("%s: the path names %v, the parameters %v", where, named, inPath)
	}
	security, _ := op["security"].([]any)
	if len(security) == 0 {
		t.Errorf("%s does not say who may", where)
	}
	for _, s := range security {
		scopes, _ := s.(map[string]any)["key"].([]any)
		for _, scope := range scopes {
			if !slices.Contains(policy.Actions(), scope.(string)) {
				t.Errorf("%s: no scope %v", where, scope)
			}
		}
	}
}

// walk visits every object of the document.
func walk(x any, at string, visit func(at string, node map[string]any)) {
	switch x := x.(type) {
	case map[string]any:
		visit(at, x)
		for k, v := range x {
			walk(v, at+"/"+k, visit)
		}
	case []any:
		for _, v := range x {
			walk(v, at+"/-", visit)
		}
	}
}

func TestAPILang(t *testing.T) {
	for accept, want := range map[string]string{"": "sv", "sv": "sv", "en": "en", "en-GB,en;q=0.8": "en", "sv,en;q=0.8": "sv", "en;q=0.2,sv;q=0.9": "sv", "fi": "sv", "*": "sv", "\x00;;": "sv"} {
		if got := apiLang(accept); got != want {
			t.Errorf("%q: %s", accept, got)
		}
	}
}

// TestApartLeavesThePagesAlone: cookies and Accept are cut off below /api/ only.
func TestApartLeavesThePagesAlone(t *testing.T) {
	for path, cookie := range map[string]string{"/api/v1/me": "sprak=sv", "/api/openapi.json": "sprak=sv", "/utlysningar": "session=hemlig", "/apikatalog": "session=hemlig"} {
		var got string
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Cookie", "session=hemlig")
		apart(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Cookie") })).ServeHTTP(httptest.NewRecorder(), r)
		if got != cookie {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestTheLibrarysWordsAreSwedish(t *testing.T) {
	for english, want := range map[string]string{
		"expected required property title to be present":               "fältet title måste finnas",
		`expected value to be one of "must, aim"`:                      "ska vara ett av: must, aim",
		"expected string to match pattern ^[0-9]{4}$":                  "ska ha formen ^[0-9]{4}$",
		"expected length >= 1":                                         "ska vara minst 1 tecken",
		"expected array length <= 200":                                 "listan får ha högst 200 rader",
		"required query parameter is missing":                          "måste anges",
		"something that the library did not say when this was written": "something that the library did not say when this was written",
	} {
		if got := swedish(english); got != want {
			t.Errorf("%q: %q, want %q", english, got, want)
		}
	}
}
