package dataset

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// population writes a valid file: units × years × sexes × ages.
func population(codes []string, first, last int, antal func(unit, year, sex, age int) int) string {
	var b strings.Builder
	b.WriteString("kommun,ar,kon,alder,antal\n")
	for u, code := range codes {
		for y := first; y <= last; y++ {
			for s, sex := range []string{"K", "M"} {
				for a := range 101 {
					fmt.Fprintf(&b, "%s,%d,%s,%d,%d\n", code, y, sex, a, antal(u, y, s, a))
				}
			}
		}
	}
	return b.String()
}

func steady(_, _, _, age int) int { return 100 + age }

// all is a context that knows three municipalities and two counties.
var codes = []string{"0114", "0115", "0980"}

func known() Context {
	return Context{
		Unit:   func(code string, _ int) bool { return slices.Contains(codes, code) },
		County: func(code string) bool { return code == "01" || code == "09" },
		All:    func(int) []string { return codes },
		Totals: func(string, int) (float64, bool) { return 2 * (101*100 + 5050), true },
		Submodel: func(name string, year int) bool {
			return name == "äldreomsorg" || name == "löner" && year < 2020
		},
	}
}

// brief is the faults as "line column rule force".
func brief(r *Report) (out []string) {
	for _, f := range r.Faults {
		out = append(out, strings.ReplaceAll(fmt.Sprintf("%d %s %s %s", f.Line, f.Column, f.Rule, f.Force), "  ", " "))
	}
	return out
}

func TestReadGivesATypedTable(t *testing.T) {
	text := population(codes, 2022, 2024, steady)
	table, report := Read("", "in/population.csv", []byte(text), known())
	if table == nil || len(report.Faults) != 0 || len(report.NotChecked) != 0 {
		t.Fatalf("%+v", report)
	}
	if table.Len() != 3*3*202 || report.Rows != table.Len() || len(table.SHA256) != 64 || table.Kind != "population" {
		t.Error(table.Len(), table.SHA256, table.Kind)
	}
	row := 202*3 + 101 + 57
	if table.Text(row, "kommun") != "0115" || table.Int(row, "ar") != 2022 || table.Text(row, "kon") != "M" || table.Number(row, "antal") != 157 || table.Text(row, "alder") != "57" {
		t.Error(table.Text(row, "kommun"), table.Int(row, "ar"), table.Text(row, "kon"), table.Number(row, "antal"))
	}
	if table.Has("namn") || !table.Has("kommun") || table.Numbers("kommun") != nil {
		t.Error("columns")
	}
}
