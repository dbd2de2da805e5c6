package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kommunpilot/area/structure"
)

// A newcomer's way: write the example, check it, run it.
func TestScenarioExampleIsCheckedAndRuns(t *testing.T) {
	text, _, code := runFiles(t, nil, "scenario", "example")
	if code != 0 {
		t.Fatal(code)
	}
	files := map[string]string{"plan.scenario": text}
	if stdout, _, code := runFiles(t, files, "scenario", "check", "plan.scenario"); code != 0 || !strings.Contains(stdout, "kan köras. 4 scenarier för Köping, Arboga, Kungsör") {
		t.Errorf("%d %s", code, stdout)
	}
	folder := filepath.Join(t.TempDir(), "svar")
	stdout, stderr, code := runFiles(t, files, "scenario", "run", "plan.scenario", "--draws", "40", "--seed", "2", "--no-pdf", "--json", "--out", folder)
	var n structure.Numbers
	if err := json.Unmarshal([]byte(stdout), &n); err != nil || code != 0 {
		t.Fatal(err, code, stderr)
	}
	if n.Year != 2033 && n.Year != 2036 || len(n.Scenarios) != 9 || n.Scenarios[0].ID != "ingenting" || len(n.Scenarios[1].Changes) != 3 || n.Scenarios[1].OneOff == nil {
		t.Errorf("%+v", n)
	}
	manifest, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Files map[string]string `json:"files_sha256"`
	}
	if err := json.Unmarshal(manifest, &m); err != nil || len(m.Files) < 30 {
		t.Errorf("%v: %d files", err, len(m.Files))
	}
	for name := range m.Files {
		if _, err := os.Stat(filepath.Join(folder, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
}

// Wrong input is exit code 2, with what, where and how; nothing is written.
func TestScenarioRefusesWrongInput(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "svar")
	files := map[string]string{
		"plan.scenario": "format = 1\n[[scenario]]\nid = \"a\"\nnamn = \"A\"\n[[scenario.steg]]\ntyp = \"sammanläggning\"\nkommuner = [\"Köping\", \"Köping\"]\nfrån = 2027\n",
	}
	for says, args := range map[string][]string{
		"rad 7, scenario «A»: fel: en kommun kan inte läggas samman med sig själv": {"run", "plan.scenario", "--out", folder},
		"--out saknas":              {"run", "plan.scenario"},
		"går inte att läsa":         {"run", "finnsinte.scenario", "--out", folder},
		"--draws 0":                 {"run", "plan.scenario", "--draws", "0", "--out", folder},
		"1 fel i":                   {"check", "plan.scenario"},
		"ingen fil av en känd sort": {"run", "plan.scenario", "--data", t.TempDir(), "--out", folder},
	} {
		_, stderr, code := runFiles(t, files, append([]string{"scenario"}, args...)...)
		if code != exitBadInput || !strings.Contains(stderr, says) {
			t.Errorf("%v: %d %s", args, code, stderr)
		}
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("something was written")
	}
}
