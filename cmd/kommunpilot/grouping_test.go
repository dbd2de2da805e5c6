package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/kommun"
)

// groupingOf runs the command and reads its JSON.
func groupingOf(t *testing.T, files map[string]string, args ...string) (a groupingAnswer, stderr string, code int) {
	t.Helper()
	stdout, stderr, code := runFiles(t, files, append([]string{"grouping", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(stdout), &a); err != nil {
		t.Fatal(err, stdout, stderr)
	}
	return a, stderr, code
}

func TestV9_GroupingCountsTheStatesOfTheSpecification(t *testing.T) {
	for county, states := range map[string]int{"09": 2, "10": 9, "19": 337, "21": 331, "18": 1161, "17": 15305} {
		a, stderr, code := groupingOf(t, nil, "--county", county)
		if code != 0 || stderr != "" || a.States != states || !a.Proved || a.Status != "optimal" || *a.Value != float64(a.Municipality) || *a.Gap != 0 {
			t.Errorf("%s: %d %s %+v", county, code, stderr, a)
		}
	}
}

func TestGroupingOfACounty(t *testing.T) {
	a, stderr, code := groupingOf(t, nil, "--county", "Västmanland", "--min-population", "30000", "--together", "1983,1984", "--apart", "1960,1961", "--max-members", "4")
	if code != 0 || stderr != "" || a.County != "19" || *a.Bound != *a.Value || a.Sense != "max" {
		t.Fatal(code, stderr, a)
	}
	r := kommun.Default()
	placed := map[string]bool{}
	for i, unit := range a.Units {
		var people int64
		for _, code := range unit {
			k, _ := r.ByCode(code)
			people += int64(k.Population)
			placed[code] = true
		}
		if people < 30_000 || len(unit) > 4 || people != a.Details[i].Population || !slices.IsSorted(unit) || len(a.Details[i].Names) != len(unit) {
			t.Errorf("%v has %d, %+v", unit, people, a.Details[i])
		}
		if slices.Contains(unit, "1983") != slices.Contains(unit, "1984") || slices.Contains(unit, "1960") && slices.Contains(unit, "1961") {
			t.Error(unit)
		}
	}
	if len(placed) != 10 || len(a.Neighbours) == 0 || a.Sources["grannar"] == "" {
		t.Error(placed, a.Neighbours, a.Sources)
	}
	stdout, _, _ := runFiles(t, nil, "grouping", "--county", "19", "--min-population", "30000")
	if !strings.Contains(stdout, "bevisat bästa: 4 enheter") || !strings.Contains(stdout, "just 30000 räcker") || !strings.Contains(stdout, "1983 Köping + 1984 Arboga: 39709 invånare") {
		t.Error(stdout)
	}
	stdout, _, _ = runFiles(t, nil, "grouping", "--csv", "--county", "19", "--min-population", "30000")
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil || len(rows) != 11 || strings.Join(rows[0], ",") != "enhet,kommun,namn,folkmangd" {
		t.Error(stdout, err)
	}
}

// A map of five in a row, 1060–1081–1080–1082–1083, and populations of 10 each.
func TestGroupingReadsFiles(t *testing.T) {
	row := "kommun_a;kommun_b\n1060;1081\n1081;1080\n1082;1080\n1082;1083\n1083;1082\n0114;0115\n"
	people := "kommun,ar,kon,alder,antal\n"
	for _, code := range []string{"1060", "1080", "1081", "1082", "1083"} {
		for _, sex := range []string{"K", "M"} {
			people += fmt.Sprintf("%s,2020,%s,7,1\n%s,2030,%s,7,2\n%s,2030,%s,8,3\n", code, sex, code, sex, code, sex)
		}
	}
	distance := "kommun_a,kommun_b,minuter_centralort\n"
	codes := []string{"1060", "1081", "1080", "1082", "1083"}
	for i, a := range codes {
		for j, b := range codes[:i] {
			distance += fmt.Sprintf("%s,%s,%d\n", a, b, 10*(i-j))
		}
	}
	files := map[string]string{"row.csv": row, "people.csv": people, "distance.csv": distance}
	a, stderr, code := groupingOf(t, files, "--county", "10", "--min-population", "20", "--adjacency", "row.csv", "--population", "people.csv", "--distance", "distance.csv", "--objective", "travel")
	// Of the groupings of 20 or more, {1060,1081} {1080,1082,1083} and its mirror
	// travel least (300 of 50); the first in order is 1060+1080+1081.
	if code != 0 || *a.Value != 6 || fmt.Sprint(a.Units) != "[[1060 1080 1081] [1082 1083]]" || len(a.Assumptions) != 0 {
		t.Errorf("%d %s %v %v", code, stderr, *a.Value, a.Units)
	}
	if !strings.Contains(stderr, "row.csv:6: obs: G3: paret 1082, 1083 står också på rad 5") {
		t.Error(stderr)
	}
	if a.Sources["folkmängd"] == "" || !strings.HasSuffix(a.Sources["folkmängd"], "people.csv, 2030") {
		t.Error(a.Sources)
	}
	a, _, code = groupingOf(t, files, "--county", "10", "--min-population", "5", "--adjacency", "row.csv", "--population", "people.csv", "--year", "2020")
	// Five municipalities of two in a row: a unit of five or more takes three.
	if code != 0 || *a.Value != 1 || len(a.Units[0]) != 5 {
		t.Errorf("%d %+v", code, a)
	}
	tax := "kommun,ar,skattesats_kommun,skattesats_region\n"
	base := "kommun,inkomstar,skatteunderlag_kr\n"
	for i, code := range codes {
		tax += fmt.Sprintf("%s,2025,%d,11\n", code, 20+i)
		base += fmt.Sprintf("%s,2023,1000000\n", code)
	}
	files["tax.csv"], files["base.csv"] = tax, base
	a, stderr, code = groupingOf(t, files, "--county", "10", "--min-population", "20", "--adjacency", "row.csv", "--population", "people.csv", "--objective", "tax", "--taxrate", "tax.csv", "--taxbase", "base.csv")
	// A pair changes by ½ and ½, three by 1, 0 and 1: (1+2)·10 inhabitants.
	if code != 0 || *a.Value != 30 || *a.Details[0].TaxRate != 21 {
		t.Errorf("%d %s %+v", code, stderr, a)
	}
}

func TestGroupingThatCannotBeSaysWhy(t *testing.T) {
	a, stderr, code := groupingOf(t, nil, "--county", "09", "--min-population", "70000")
	if code != exitInfeasible || a.Status != "infeasible" || a.Value != nil || !slices.Equal(a.Isolated, []string{"0980"}) || len(a.Unplaced) != 1 || a.Unplaced[0].Kommun != "0980" ||
		!slices.Equal(a.Conflict, []string{"minst 70000 invånare"}) || !strings.Contains(stderr, "ingen indelning") {
		t.Errorf("%d %s %+v", code, stderr, a)
	}
	a, _, code = groupingOf(t, nil, "--county", "19", "--together", "1983,1984", "--apart", "1984,1983")
	if code != exitInfeasible || !slices.Equal(a.Conflict, []string{"tillsammans: 1983, 1984", "isär: 1984, 1983"}) || len(a.Unplaced) != 2 {
		t.Errorf("%d %+v", code, a)
	}
	stdout, _, code := runFiles(t, nil, "grouping", "--county", "14", "--min-population", "100000", "--max-members", "4")
	if code != exitInfeasible || !strings.Contains(stdout, "Kommuner som inte kan placeras:") || !strings.Contains(stdout, "högst 4 kommuner i en enhet") {
		t.Error(code, stdout)
	}
}

func TestGroupingSaysWhatIsWrong(t *testing.T) {
	good := "kommun_a,kommun_b\n1060,1081\n"
	for _, r := range []struct {
		about, file string
		args        []string
		want        string
	}{
		{"no county", good, []string{"--county", "99"}, `--county: "99" är inget län`},
		{"negative", good, []string{"--county", "10", "--min-population=-1"}, "får inte vara negativa"},
		{"another county's code", good, []string{"--county", "10", "--together", "1060,0114"}, "--together: 0114 är ingen kommun i Blekinge län"},
		{"one code", good, []string{"--county", "10", "--apart", "1060"}, "--apart behöver minst två kommuner"},
		{"a code twice", good, []string{"--county", "10", "--apart", "1060,1060"}, "--apart: 1060 står två gånger"},
		{"a year without file", good, []string{"--county", "10", "--year", "2020"}, "--year väljer år"},
		{"no such file", good, []string{"--county", "10", "--adjacency", "missing.csv"}, "missing.csv går inte att läsa"},
		{"no such column", "a,b\n1060,1081\n", []string{"--county", "10", "--adjacency", "file.csv"}, "file.csv:1: G1: kolumnen kommun_a eller code_a eller id_a saknas"},
		{"its own neighbour", good + "1060,1060\n", []string{"--county", "10", "--adjacency", "file.csv"}, "file.csv:3: kommun 1060 är sin egen granne"},
		{"no such municipality", good + "1060,1099\n", []string{"--county", "10", "--adjacency", "file.csv"}, "file.csv:3: G2: kommun 1099 finns inte"},
		{"a code without its zero", good + "114,0115\n", []string{"--county", "10", "--adjacency", "file.csv"}, "skriv 0114"},
		{"some without population", "kommun,antal\n1060,5\n", []string{"--county", "10", "--population", "file.csv"}, "file.csv:1: G4: folkmängd saknas för 1080 Karlskrona"},
		{"population twice", "kommun,antal\n1060,5\n1060,6\n", []string{"--county", "10", "--population", "file.csv"}, "file.csv:3: G3"},
		{"half a person", "kommun,antal\n1060,5.5\n", []string{"--county", "10", "--population", "file.csv"}, "file.csv:2: G5: kolumn antal: 5.5 är inget heltal"},
		{"times that lack pairs", "kommun_a,kommun_b,minuter_centralort\n1060,1081,9\n", []string{"--county", "10", "--distance", "file.csv"}, "file.csv:1: G4: restid saknas för 9 par i Blekinge län, det första 1060, 1080"},
		{"rates that lack some", "kommun,ar,skattesats_kommun\n1060,2025,21\n", []string{"--county", "10", "--taxrate", "file.csv"}, "file.csv:1: G4: skattesats_kommun saknas för 1080"},
	} {
		t.Run(r.about, func(t *testing.T) {
			stdout, stderr, code := runFiles(t, map[string]string{"file.csv": r.file}, append([]string{"grouping"}, r.args...)...)
			if code != exitBadInput || stdout != "" || !strings.Contains(stderr, r.want) {
				t.Errorf("code %d, %q, %s", code, stdout, stderr)
			}
		})
	}
}

func TestTheTablesOfGroupingHaveEveryMunicipality(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(groupingTaxes)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	order := strings.Fields(groupingNumbering)
	for i, k := range kommun.Default().All() {
		if rows[i+1][0] != k.Code || !slices.Contains(order, k.Code) {
			t.Errorf("%s is missing", k.Code)
		}
	}
	if len(rows) != 291 || len(order) != 290 {
		t.Error(len(rows), len(order))
	}
}
