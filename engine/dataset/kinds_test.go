package dataset

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// lines joins a header and rows.
func lines(rows ...string) string { return strings.Join(rows, "\n") + "\n" }

// byAge writes rows for areas, sexes and ages.
func byAge(header string, areas []string, low, high int, sexes []string, row func(area, sex string, age int) string) string {
	out := []string{header}
	for _, area := range areas {
		for _, sex := range sexes {
			for a := low; a <= high; a++ {
				out = append(out, row(area, sex, a))
			}
		}
	}
	return lines(out...)
}

var sexes = []string{"K", "M"}

// right is a right file of each kind for the context known().
var right = map[string]string{
	"population": population(codes, 2023, 2024, steady),
	"mortality": byAge("omrade,ar,kon,alder,dodsrisk", []string{"01", "0114", "riket"}, 0, 100, sexes, func(area, sex string, age int) string {
		return fmt.Sprintf("%s,2024,%s,%d,%.4f", area, sex, age, 0.001*float64(1+age))
	}),
	"mortality_factor": lines("kommun,kon,faktor", "0114,K,0.97", "0114,M,1.02"),
	"fertility": byAge("omrade,ar,alder,tal", []string{"riket"}, 15, 49, []string{""}, func(area, _ string, age int) string {
		return fmt.Sprintf("%s,2024,%d,0.05", area, age)
	}),
	"fertility_factor": lines("kommun,faktor", "0114,1.04"),
	"migration_out": byAge("kommun,kon,alder,risk_inrikes,risk_utrikes", []string{"0114"}, 0, 20, sexes, func(area, sex string, five int) string {
		if five == 20 {
			return area + "," + sex + ",100,0.01,0.001"
		}
		return fmt.Sprintf("%s,%s,%d-%d,0.14,0.01", area, sex, 5*five, 5*five+4)
	}),
	"migration_in": byAge("kommun,kon,alder,andel_av_pool,antal_invandring", []string{"0114", "0115"}, 0, 100, sexes, func(area, sex string, age int) string {
		return fmt.Sprintf("%s,%s,%d,0.5,4.5", area, sex, age)
	}),
	"migration_totals": lines("kommun,ar,inflytt,utflytt,invandr,utvandr", "0114,2024,1000,900,40,20", "0115,2024,500,600,40,20", "0980,2024,300,300,4,2"),
	"cost_net":         lines("kommun,ar,omrade_kod,nettokostnad_tkr,personal_fte,lonekostnad_tkr", "0114,2024,skola,5000,10.5,3000", "0114,2024,vard,7000,12,4000"),
	"age_price":        lines("omrade_kod,alder_fran,alder_till,kr_per_inv,fte_per_1000", "skola,0,19,90000,120", "skola,20,100,0,0", "vard,0,100,500,1"),
	"taxbase":          lines("kommun,inkomstar,skatteunderlag_kr", "0114,2023,11480000000", "0115,2023,9480000000", "0980,2023,12480000000"),
	"uprating_factors": lines("ar,f1,f2,sfs", "2024,1.05,1.04,2023:700", "2025,1.031,1.045,2024:669"),
	"taxrate":          lines("kommun,ar,skattesats_kommun,skattesats_region", "0114,2025,19.42,12.38", "0980,2025,33.60,0"),
	"equalisation":     lines("kommun,ar,iu,ku,sb,ib,rb,lss,utfall", "0114,2023,12988,1939,0,0,2336,-1204,17263", "0115,2023,-988,-39,0,0,2336,1204,1309"),
	"standard_cost":    lines("kommun,ar,delmodell,kr_per_inv", "0114,2024,äldreomsorg,11850", "0115,2024,äldreomsorg,10850"),
	"county_rates":     lines("lan,ar,t_bidrag,t_avgift,sfs", "01,2024,19.05,16.99 antagen,2023:683", "09,2024,19.60,17.54,2023:683"),
	"balance":          lines("kommun,ar,laneskuld_tkr,pensionsforpliktelse_tkr,egenkapital_tkr,investering_tkr", "0114,2024,1250000,640000,-2110000,380000"),
	"adjacency":        lines("kommun_a,kommun_b", "0114,0115", "0980,0115"),
	"distance":         lines("kommun_a,kommun_b,minuter_centralort", "0114,0115,21.5", "0980,0115,321.5"),
	"popgrid":          lines("kommun,x,y,antal", "0114,665500,6602500,312", "0114,665500,6603500,31"),
	"electorate":       lines("kommun,ar,rostberattigade,valdeltagande", "0114,2018,36412,77.9", "0114,2022,36412,75.9"),
	"income_profile":   lines("alder_fran,alder_till,vikt", "0,19,0", "20,64,1", "65,100,0.6"),
	"transition_cost":  lines("antal_kommuner,inv_fran,inv_till,belopp_kr", "2,0,19999,25000000", "2,20000,99999,45000000", "3,0,99999,65000000"),
}

func TestARightFileOfEachKind(t *testing.T) {
	if len(Kinds()) != 23 {
		t.Fatal(len(Kinds()))
	}
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			text := right[k.Name]
			table, report := Read("", k.File(), []byte(text), known())
			if table == nil || len(report.Faults) > 0 {
				t.Fatalf("%v %+v", brief(report), report.Faults)
			}
			for _, c := range k.Required() {
				if !table.Has(c) {
					t.Error(c)
				}
			}
			semicolons := "\ufeff" + strings.ReplaceAll(strings.ReplaceAll(text, ",", ";"), "\n", "\r\n")
			again, report := Read(k.Name, "x.txt", []byte(semicolons), known())
			if again == nil || again.Len() != table.Len() || len(report.Faults) > 0 {
				t.Fatal("semicolons, CRLF and a byte order mark:", brief(report))
			}
			for row := range table.Len() {
				for _, c := range k.Required() {
					if table.Text(row, c) != again.Text(row, c) {
						t.Fatal(row, c)
					}
				}
			}
			nobody, report := Read(k.Name, k.File(), []byte(text), Context{})
			if nobody == nil {
				t.Fatal("without a context:", brief(report))
			}
			asks := slices.ContainsFunc(k.Columns, func(c Column) bool { return c.Type == Municipality }) || k.Name == "mortality" || k.Name == "fertility" || k.Name == "county_rates"
			if asks != (len(report.NotChecked) > 0) {
				t.Error("the report must say what was not checked:", report.NotChecked)
			}
		})
	}
}

func TestABrokenFileOfEachKind(t *testing.T) {
	rows := []struct{ kind, old, new, want string }{
		{"population", "0115,2023,K,4,104", "0115,2023,K,4,-104", "410 antal G5 error"},
		{"mortality", "0114,2024,M,9,0.0100", "0114,2024,M,9,1.01", "314 dodsrisk G8 error"},
		{"mortality", "riket", "09", "1 omrade E1 error"},
		{"mortality_factor", "1.02", "2.02", "3 faktor E2 warning"},
		{"fertility", "0.05", "0.01", "2 tal E2 warning"},
		{"fertility_factor", "1.04", "0.4", "2 faktor E2 warning"},
		{"migration_out", "K,20-24,0.14,0.01", "K,20-24,0.94,0.07", "6 risk_utrikes E3 error"},
		{"migration_out", "K,20-24", "K,21-25", "6 alder G6 error"},
		{"migration_in", "0115,M,100,0.5,", "0115,M,100,0.51,", "203 andel_av_pool G7 error"},
		{"migration_totals", "500,600", "500,700", "2 utflytt G7 error"},
		{"cost_net", "7000", "-7000", "3 nettokostnad_tkr G5 warning"},
		{"age_price", "20,100", "19,100", "3 alder_fran E4 error"},
		{"age_price", "20,100", "21,100", "2 alder_till E4 error"},
		{"age_price", "vard,0,100", "vard,0,99", "4 alder_till E4 error"},
		{"taxbase", "0115,2023,9480000000\n", "", "1 kommun G4 error"},
		{"uprating_factors", "2024:669", "", "3 sfs E5 error"},
		{"uprating_factors", "1.031", "0.031", "3 f1 E2 warning; 3 f1 G9 warning"},
		{"taxrate", "12.38", "4.38", "2 skattesats_region E6 error"},
		{"taxrate", "0980,2025,33.60,0", "0115,2025,33.60,0", "3 skattesats_region E6 error"},
		{"equalisation", "17263", "17266", "2 utfall E8 error"},
		{"equalisation", "-39,0,0,2336,1204,1309", "-39,0,0,2335,1204,1308", "3 rb E7 error"},
		{"standard_cost", "0114,2024,äldreomsorg,11850\n0115,2024,äldreomsorg", "0114,2024,löner,11850\n0115,2024,löner", "2 delmodell E9 error; 3 delmodell E9 error"},
		{"county_rates", "17.54", "19.60", "3 t_avgift E10 error"},
		{"balance", "640000", "-640000", "2 pensionsforpliktelse_tkr G5 error"},
		{"adjacency", "0114,0115", "0114,0114", "2 kommun_b E11 error"},
		{"adjacency", "0980,0115", "0115,0114", "1 kommun_a E12 warning; 3 kommun_b G3 error"},
		{"distance", "0980,0115", "0115,0115", "3 kommun_b E11 error"},
		{"popgrid", "665500,6602500", "6602500,665500", "2 x E2 warning; 2 y E2 warning"},
		{"electorate", "75.9", "100.1", "3 valdeltagande G8 error"},
		{"income_profile", "65,100", "66,100", "3 alder_till E4 error"},
		{"transition_cost", "20000,99999", "19999,99999", "3 inv_fran E4 error"},
		{"transition_cost", "2,20000,99999", "2,20000,19999", "3 inv_till E4 error"},
	}
	covered := map[string]bool{}
	for _, row := range rows {
		t.Run(row.kind+" "+row.want, func(t *testing.T) {
			text := strings.ReplaceAll(right[row.kind], row.old, row.new)
			if text == right[row.kind] {
				t.Fatal("nothing was broken")
			}
			table, report := Read(row.kind, row.kind+".csv", []byte(text), known())
			if got := strings.Join(brief(report), "; "); got != row.want {
				t.Errorf("got %s\nwant %s", got, row.want)
			}
			if strings.Contains(row.want, "error") != (table == nil) || report.OK() != (table != nil) {
				t.Error("a table with errors, or none without")
			}
		})
		covered[row.kind] = true
	}
	for _, k := range Kinds() {
		if !covered[k.Name] {
			t.Error("no broken file of", k.Name)
		}
	}
}

func TestSharesAreScaled_G7(t *testing.T) {
	text := strings.ReplaceAll(right["migration_in"], "0115,M,100,0.5,", "0115,M,100,0.502,")
	table, report := Read("migration_in", "migration_in.csv", []byte(text), known())
	if got := brief(report); table == nil || len(got) != 1 || got[0] != "203 andel_av_pool G7 warning" {
		t.Fatal(got)
	}
	sum := 0.0
	for row := range table.Len() {
		if table.Text(row, "kon") == "M" && table.Int(row, "alder") == 100 {
			sum += table.Number(row, "andel_av_pool")
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Error(sum)
	}
	if _, report := Read("migration_in", "", []byte(strings.ReplaceAll(right["migration_in"], "0115,M,100,0.5,", "0115,M,100,0.5000000001,")), known()); len(report.Faults) != 0 {
		t.Error("within 1e-9:", brief(report))
	}
}

func TestGroupsOfFiveYearsBecomeSingleAges(t *testing.T) {
	table, _ := Read("migration_out", "", []byte(right["migration_out"]), known())
	if table.Len() != 202 {
		t.Fatal(table.Len())
	}
	seen := map[string]bool{}
	mean, varies := 0.0, false
	for row := range table.Len() {
		age := table.Int(row, "alder")
		seen[table.Text(row, "kon")+strconv.Itoa(age)] = true
		if v := table.Number(row, "risk_inrikes"); table.Text(row, "kon") == "K" && age >= 20 && age < 25 {
			mean += v / 5
			varies = varies || v != 0.14
		}
	}
	if len(seen) != 202 || math.Abs(mean-0.14) > 1e-12 || !varies {
		t.Error(len(seen), mean, varies)
	}
	high := strings.ReplaceAll(right["migration_out"], "K,15-19,0.14,0.01", "K,15-19,0.9,0.1")
	table, _ = Read("migration_out", "", []byte(high), known())
	for row := range table.Len() {
		if sum := table.Number(row, "risk_inrikes") + table.Number(row, "risk_utrikes"); sum > 1+1e-12 {
			t.Error(row, sum)
		}
	}
}

func TestAMarkedRateHasItsMark(t *testing.T) {
	table, _ := Read("county_rates", "", []byte(right["county_rates"]), known())
	if table.Text(0, "t_avgift_markering") != "antagen" || table.Number(0, "t_avgift") != 16.99 || table.Text(1, "t_avgift_markering") != "" {
		t.Error(table.Text(0, "t_avgift_markering"), table.Number(0, "t_avgift"), table.Text(1, "t_avgift_markering"))
	}
	text := lines("lan,ar,t_bidrag,t_avgift,sfs,t_avgift_markering", "01,2024,19.05,16.99,2023:683,", "09,2024,19.60,17.54,2023:683,antagen")
	table, report := Read("county_rates", "", []byte(text), known())
	if table == nil || table.Text(0, "t_avgift_markering") != "" || table.Text(1, "t_avgift_markering") != "antagen" {
		t.Error(brief(report))
	}
}

func TestKindOf(t *testing.T) {
	for name, want := range map[string]string{
		"population.csv": "population", `C:\in\Population.CSV`: "population", "a/migration_out-2024.csv": "migration_out", "mortality_factor.csv": "mortality_factor",
		"mortality (1).csv": "mortality", "mortality_fact.csv": "", "": "", "x.csv": "",
	} {
		if k, ok := KindOf(name); k.Name != want || ok != (want != "") {
			t.Error(name, k.Name)
		}
	}
	if _, report := Read("", "x.csv", nil, Context{}); report.OK() || report.Faults[0].Rule != "G0" {
		t.Error("a file of no kind is read")
	}
}

func TestExamplesOfTheKindsHaveValuesThatCanBeRead(t *testing.T) {
	for _, k := range Kinds() {
		var header []string
		for i, c := range k.Columns {
			if i < len(k.Example) {
				header = append(header, c.Name)
			}
		}
		_, report := Read(k.Name, "", []byte(lines(strings.Join(header, ","), strings.Join(k.Example, ","))), Context{})
		for _, f := range report.Faults {
			if f.Force == Error && f.Rule != "G4" && f.Rule != "G7" {
				t.Error(k.Name, f.Line, f.Column, f.Expected)
			}
		}
	}
}

func TestEverySentenceIsListed(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "text.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all, n := Texts(), 0
	ast.Inspect(f, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				text, _ := strconv.Unquote(lit.Value)
				n++
				if !slices.Contains(all, text) {
					t.Errorf("%s is not in Texts", spec.Names[0])
				}
			}
		}
		return true
	})
	if n < 40 {
		t.Error(n)
	}
}
