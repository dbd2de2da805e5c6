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
