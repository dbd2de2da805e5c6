package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKnowledgeEvaluateMeasuresAndExplains(t *testing.T) {
	dir := t.TempDir()
	in := func(name, text string) string {
		path := filepath.Join(dir, name)
		worked(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	documents := in("d.jsonl", `{"id":"a","title":"Lokaler","text":"Så planerar kommunen sina lokaler"}
{"id":"b","text":"Budget och skatt"}
`)
	questions := in("q.jsonl", `{"qid":"1","query":"lokalförsörjning","relevant":["a"]}
{"qid":"2","query":"skatten","relevant":["b"]}
`)
	var got map[string]float64
	worked(t, json.Unmarshal([]byte(must(t, "knowledge", "evaluate", "--documents", documents, "--queries", questions, "--distractors", in("x.jsonl", `{"id":"c","text":"Vägar"}`))), &got))
	if got["queries"] != 2 || got["ndcg_at_10"] != 1 || got["recall_at_10"] != 1 || got["mrr"] != 1 || got["p95_ms"] < got["p50_ms"] {
		t.Errorf("%v", got)
	}
	if said := must(t, "knowledge", "evaluate", "--documents", documents, "--queries", questions, "--explain", "1"); !strings.Contains(said, "*  1. a") || !strings.Contains(said, "några delar") {
		t.Error(said)
	}
	for text, want := range map[string]string{
		`{"qid":"1","query":"x","relevant":["z"]}`: `rad 1: svaret "z" finns inte`,
		"nej\n": "rad 1 är inget JSON-objekt",
		"":      "har inga frågor",
	} {
		if code, _, errs := command(t, "knowledge", "evaluate", "--documents", documents, "--queries", in("bad.jsonl", text)); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%q: %d %s", text, code, errs)
		}
	}
	if code, _, errs := command(t, "knowledge", "evaluate", "--documents", in("twice.jsonl", "{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":\"a\",\"text\":\"y\"}\n"), "--queries", questions); code != 2 || !strings.Contains(errs, "rad 2: id \"a\" finns redan") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestKnowledgeIsImportedSearchedAndExplained(t *testing.T) {
	dir := t.TempDir()
	in := func(name, text string) string {
		path := filepath.Join(dir, name)
		worked(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	base := "--database=sqlite:" + filepath.Join(dir, "k.db")
	good := in("d.jsonl", `{"id":"a","title":"Lokaler","text":"Så planerar kommunen lokalförsörjningen","type":"metod","date":"2024-05"}
{"id":"b","title":"Budget","text":"Budget och skatt"}
`)
	if code, _, errs := command(t, "knowledge", "import", good, base); code != 1 || !strings.Contains(errs, "kommunpilot migrate") {
		t.Errorf("%d %s", code, errs)
	}
	must(t, "migrate", base)
	bad := in("bad.jsonl", "{\"id\":\"c\",\"title\":\"x\"}\n{\"id\":\"c\",\"title\":\"y\"}\n{\"id\":\"d\",\"title\":\"y\",\"date\":\"igår\"}\n")
	if code, _, errs := command(t, "knowledge", "import", bad, base); code != 2 || !strings.Contains(errs, `dokument 2: id "c" finns redan`) || !strings.Contains(errs, "dokument 3: date") {
		t.Errorf("%d %s", code, errs)
	}
	must(t, "knowledge", "import", good, base)
	if said := must(t, "knowledge", "search", "lokaler", base); !strings.Contains(said, " 1. a  [Lokaler]") {
		t.Error(said)
	}
	var got struct{ Total int }
	worked(t, json.Unmarshal([]byte(must(t, "knowledge", "search", "kommunen", "--json", "--filter", "kind=metod", base)), &got))
	if got.Total != 1 {
		t.Errorf("%+v", got)
	}
	if code, _, _ := command(t, "knowledge", "search", "rymdskepp", base); code != 3 {
		t.Errorf("code %d", code)
	}
	if said := must(t, "knowledge", "explain", "skatten", "b", base); !strings.Contains(said, "ordet") {
		t.Error(said)
	}
	if code, _, _ := command(t, "knowledge", "explain", "skatten", "a", base); code != 3 {
		t.Errorf("code %d", code)
	}
	// What is measured in a database is taken back.
	questions := in("q.jsonl", `{"qid":"1","query":"vägar","relevant":["v"]}`)
	if said := must(t, "knowledge", "evaluate", "--documents", in("v.jsonl", `{"id":"v","text":"Vägen till byn"}`), "--queries", questions, base); !strings.Contains(said, `"recall_at_10": 1`) {
		t.Error(said)
	}
	if code, _, _ := command(t, "knowledge", "search", "byn", base); code != 3 {
		t.Errorf("code %d: a measured document is left", code)
	}
}
