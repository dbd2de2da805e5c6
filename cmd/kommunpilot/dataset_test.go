package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kommunpilot/engine/dataset"
)

const (
	rightRates  = "kommun;ar;skattesats_kommun;skattesats_region\n0114;2025;19.42;12.38\n0980;2025;33.60;0\n"
	brokenRates = "kommun;ar;skattesats_kommun;skattesats_region\n114;2025;19.42;12.38\n0980;2025;33,60;0\n0331;2006;20;11\n"
)

func TestDatasetCheckOfARightFile(t *testing.T) {
	stdout, stderr, code := runFiles(t, map[string]string{"taxrate.csv": rightRates}, "dataset", "check", "taxrate.csv")
	if code != 0 || stderr != "" || !strings.Contains(stdout, "taxrate.csv: taxrate, 2 rader, 0 fel, 0 varningar, sha256 ") {
		t.Error(code, stdout, stderr)
	}
}

func TestDatasetCheckListsEveryFault(t *testing.T) {
	files := map[string]string{"taxrate.csv": rightRates, "rates.txt": brokenRates}
	stdout, stderr, code := runFiles(t, files, "dataset", "check", "--kind", "taxrate", "rates.txt", "taxrate.csv")
	for _, want := range []string{
		`rates.txt:2: fel G2: kolumn kommun: "114": Fyra siffror som text. Kalkylprogrammet har tagit bort nollan; skriv 0114`,
		`rates.txt:3: fel G5: kolumn skattesats_kommun: "33,60": Ett tal med decimalpunkt, inte decimalkomma: 33.60`,
		`rates.txt:4: fel G2: kolumn kommun: "0331": En kommun som finns år 2006. Koden gäller inte då`,
		"  G2 fel: 2\n  G5 fel: 1\n", "taxrate.csv: taxrate, 2 rader, 0 fel",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%s\nlacks %s", stdout, want)
		}
	}
	if code != exitBadInput || !strings.Contains(stderr, "3 fel i indata") {
		t.Error(code, stderr)
	}
	stdout, _, code = runFiles(t, files, "dataset", "check", "--csv", "--kind", "taxrate", "rates.txt", "taxrate.csv", "rates.txt")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(stdout, "\ufeff"))).ReadAll()
	if err != nil || code != exitBadInput || len(rows) != 7 || rows[1][1] != "2" || rows[1][4] != "G2" || rows[6][6] != "error" {
		t.Error(err, code, rows)
	}
	stdout, _, code = runFiles(t, files, "dataset", "check", "--json", "--kind", "taxrate", "rates.txt")
	var reports []struct {
		File, Kind string
		Rows       int
		Faults     []struct {
			Line                                 int
			Column, Value, Rule, Force, Expected string
		}
		Counts []dataset.Count
	}
	if err := json.Unmarshal([]byte(stdout), &reports); err != nil || code != exitBadInput {
		t.Fatal(err, code, stdout)
	}
	if r := reports[0]; r.Kind != "taxrate" || r.Rows != 3 || len(r.Faults) != 3 || r.Faults[0].Line != 2 || r.Faults[0].Value != "114" || r.Counts[0].Count != 2 {
		t.Errorf("%+v", r)
	}
}

func TestDatasetCheckWithWarningsIsFine(t *testing.T) {
	stdout, _, code := runFiles(t, map[string]string{"fertility_factor.csv": "kommun,faktor\n0114,3\n"}, "dataset", "check", "fertility_factor.csv")
	if code != 0 || !strings.Contains(stdout, "fertility_factor.csv:2: obs E2: kolumn faktor: \"3\": Ett tal från 0.5 till 2") {
		t.Error(code, stdout)
	}
}

func TestDatasetCheckAsksForAllMunicipalitiesUnlessAPart_G4(t *testing.T) {
	files := map[string]string{"taxbase.csv": "kommun,inkomstar,skatteunderlag_kr\n0114,2023,11480000000\n"}
	stdout, _, code := runFiles(t, files, "dataset", "check", "taxbase.csv")
	if code != exitBadInput || !strings.Contains(stdout, "1 rader, 289 fel") {
		t.Error(code, stdout)
	}
	if stdout, _, code = runFiles(t, files, "dataset", "check", "--part", "taxbase.csv"); code != 0 {
		t.Error(code, stdout)
	}
}

func TestDatasetCheckAgainstPublishedTotals_G7(t *testing.T) {
	var b strings.Builder
	b.WriteString("kommun,ar,kon,alder,antal\n")
	for _, sex := range []string{"K", "M"} {
		for age := range 101 {
			b.WriteString("0114,2024," + sex + "," + figure(age) + ",10\n")
		}
	}
	for totals, want := range map[string]int{"2020": 0, "2010": 0, "2009": 2, "2031": 2} {
		files := map[string]string{"population.csv": b.String(), "totals.csv": "kommun,ar,antal\n0114,2024," + totals + "\n"}
		if stdout, stderr, code := runFiles(t, files, "dataset", "check", "--totals", "totals.csv", "population.csv"); code != want {
			t.Error(totals, code, stdout, stderr)
		}
	}
}

func figure(n int) string { b, _ := json.Marshal(n); return string(b) }

func TestDatasetFaultsOfTheArguments(t *testing.T) {
	for _, args := range [][]string{
		{"dataset", "check", "there-is-no-such-file.csv"}, {"dataset", "check", "--kind", "nonsense", "x.csv"}, {"dataset", "template", "nonsense"}, {"dataset", "check"},
	} {
		if _, stderr, code := runFiles(t, nil, args...); code != exitBadInput || stderr == "" {
			t.Error(args, code, stderr)
		}
	}
	if stdout, _, code := runFiles(t, map[string]string{"x.csv": "a,b\n"}, "dataset", "check", "x.csv"); code != exitBadInput || !strings.Contains(stdout, "okänd sort") {
		t.Error(code, stdout)
	}
}

func TestDatasetKindsAndTemplatesAgree(t *testing.T) {
	stdout, _, code := runFiles(t, nil, "dataset", "kinds", "--json")
	var kinds []datasetKind
	if err := json.Unmarshal([]byte(stdout), &kinds); err != nil || code != 0 || len(kinds) != 23 {
		t.Fatal(err, code, len(kinds))
	}
	text, _, _ := runFiles(t, nil, "dataset", "kinds")
	table, _, _ := runFiles(t, nil, "dataset", "kinds", "--csv")
	// These need more than a row: every sex and age, all municipalities, shares that sum to 1.
	many := map[string]bool{"population": true, "mortality": true, "mortality_factor": true, "fertility": true, "migration_out": true, "migration_in": true, "taxbase": true}
	for _, k := range kinds {
		template, _, code := runFiles(t, nil, "dataset", "template", k.Name)
		rows, err := csv.NewReader(strings.NewReader(template)).ReadAll()
		if err != nil || code != 0 || len(rows) != 2 || len(rows[0]) != len(k.Columns) {
			t.Error(k.Name, err, code, rows)
			continue
		}
		file := filepath.Join(t.TempDir(), k.File)
		if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, _, code := runFiles(t, nil, "dataset", "check", file); (code == 0) == many[k.Name] {
			t.Error(k.Name, code, out)
		}
		for _, c := range k.Columns {
			if !strings.Contains(text, "\n  "+c.Name+" ") || !strings.Contains(table, "\n"+k.File+","+c.Name+",") {
				t.Error(k.Name, c.Name)
			}
		}
	}
}
