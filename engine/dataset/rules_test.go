package dataset

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ruleRow is a file and what its report says.
type ruleRow struct{ about, kind, text, want string }

// hold checks rows: want is "line column rule force" of each fault.
func hold(t *testing.T, rows []ruleRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.about, func(t *testing.T) {
			table, report := Read(row.kind, row.kind+".csv", []byte(row.text), known())
			if got := strings.Join(brief(report), "; "); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
			if (table == nil) == report.OK() {
				t.Error("a table with errors, or none without")
			}
			for _, f := range report.Faults {
				if s := f.Expected.String(); s == "" || strings.Contains(s, "%!") {
					t.Errorf("%q", s)
				}
			}
		})
	}
}

const factors = "kommun,faktor\n"

func TestG0_TheFileCanBeRead(t *testing.T) {
	k := "fertility_factor"
	hold(t, []ruleRow{
		{"empty", k, "", "1 G0 error"},
		{"blank lines only", k, "\n\r\n", "1 G0 error"},
		{"a header alone", k, factors, "1 G0 error"},
		{"UTF-16", k, "\xff\xfek\x00o\x00", "1 G0 error"},
		{"Latin-1", k, factors + "0114,1\n\n\xe5,1\n0115,1\n", "4 G0 error"},
		{"too few and too many fields", k, factors + "0114\n0115,1,2\n0980,1\n", "2 G0 error; 3 G0 error"},
		{"a quote that does not end", k, factors + "\"0114,1\n0115,x\n0980,1\n", "2 G0 error; 3 faktor G5 error"},
		{"quotes, and blank rows", k, "\"kommun\";faktor\n\"0114\";1\n;\n\n0115;\"1,5\"\n", "5 faktor G5 error"},
		{"tabs", k, "kommun\tfaktor\n0114\t1\n", "1 G0 error; 1 kommun G1 error; 1 faktor G1 error; 1 kommun\tfaktor G1 warning"},
	})
}

func TestLinesAfterAFieldOfSeveralLinesAreExact(t *testing.T) {
	text := "kommun,faktor,\"not\ning\"\n0114,1,\"a\nb\nc\"\n0115,x,\"\"\"q\"\"\"\n"
	_, report := Read("fertility_factor", "", []byte(text), known())
	if got := strings.Join(brief(report), "; "); got != "1 not\ning G1 warning; 6 faktor G5 error" {
		t.Error(got)
	}
}

func TestG1_Columns(t *testing.T) {
	k := "fertility_factor"
	hold(t, []ruleRow{
		{"missing", k, "kommun,tal\n0114,1\n", "1 faktor G1 error; 1 tal G1 warning"},
		{"missing, and the other columns are checked", k, "kommun\n114\n", "1 faktor G1 error; 2 kommun G2 error"},
		{"unknown", k, "kommun,namn,faktor\n0114,Upplands Väsby,1\n", "1 namn G1 warning"},
		{"twice", k, "kommun,faktor,faktor\n0114,1,1\n", "1 faktor G1 error"},
		{"capitals and spaces", k, " Kommun , FAKTOR\n 0114 , 1 \n", ""},
		{"optional", "equalisation", "kommun,ar,iu,ku,sb,ib,rb,lss\n0114,2023,1,1,0,0,1,1\n", ""},
	})
}

func TestG2_Codes(t *testing.T) {
	k := "fertility_factor"
	hold(t, []ruleRow{
		{"the zero is lost", k, factors + "114,1\n0115,1\n", "2 kommun G2 error"},
		{"letters, and empty", k, factors + "O114,1\n,1\n0115,1\n", "2 kommun G2 error; 3 kommun G2 error"},
		{"no such municipality", k, factors + "0116,1\n0115,1\n", "2 kommun G2 error"},
		{"county", "county_rates", "lan,ar,t_bidrag,t_avgift,sfs\n1,2024,19,17,2023:1\n98,2024,19,17,2023:1\n", "2 lan G2 error; 3 lan G2 error"},
		{"sex", "mortality_factor", "kommun,kon,faktor\n0114,K,1\n0114,m,1\n", "3 kon G2 error"},
		{"area", "mortality", strings.Replace(right["mortality"], "riket,2024,K,7,", "Sverige,2024,K,7,", 1), "413 omrade G2 error"},
	})
	c := known()
	c.Unit = func(code string, year int) bool { return code != "0331" || year >= 2007 }
	text := "kommun,ar,skattesats_kommun,skattesats_region\n0331,2006,20,11\n0331,2007,20,11\n1917,2006,20,11\n1917,2007,20,11\n"
	_, report := Read("taxrate", "", []byte(text), c)
	if got := strings.Join(brief(report), "; "); got != "2 kommun G2 error" || !strings.Contains(report.Faults[0].Expected.String(), "2006") {
		t.Error(got)
	}
}

func TestG3_KeyTwice(t *testing.T) {
	hold(t, []ruleRow{
		{"twice", "fertility_factor", factors + "0114,1\n0115,1\n0114,1.1\n", "4 kommun G3 error"},
		{"three times", "fertility_factor", factors + "0114,1\n0114,1\n0114,1.1\n", "3 kommun G3 error; 4 kommun G3 error"},
		{"an age in a group", "migration_out", right["migration_out"] + "0114,K,22,0.1,0.1\n", "44 alder G3 error"},
		{"a pair the other way round", "distance", "kommun_a,kommun_b,minuter_centralort\n0114,0115,1\n0115,0114,1\n", "3 kommun_b G3 error"},
	})
}

func TestG4_Gaps(t *testing.T) {
	file := population(codes, 2022, 2024, steady)
	without := func(drop func(line int, row string) bool) string {
		var out []string
		for i, row := range strings.Split(file, "\n") {
			if !drop(i+1, row) {
				out = append(out, row)
			}
		}
		return strings.Join(out, "\n")
	}
	c := "kommun,ar,omrade_kod,nettokostnad_tkr,personal_fte,lonekostnad_tkr\n"
	e := "kommun,ar,rostberattigade,valdeltagande\n"
	hold(t, []ruleRow{
		{"one row", "population", without(func(n int, _ string) bool { return n == 300 }), "299 alder G4 error"},
		{"the first row", "population", without(func(n int, _ string) bool { return n == 2 }), "1 alder G4 error"},
		{"the last rows", "population", without(func(n int, _ string) bool { return n >= 1818 }), "1817 alder G4 error"},
		{"two places", "population", without(func(n int, _ string) bool { return n == 300 || n == 302 }), "299 alder G4 error; 300 alder G4 error"},
		{"a sex of one municipality", "population", without(func(_ int, row string) bool { return strings.HasPrefix(row, "0115,2023,K") }), "809 alder G4 error"},
		{"most of a municipality and year", "population", without(func(n int, row string) bool { return strings.HasPrefix(row, "0115,2023") && n%3 > 0 }), "810 alder G4 error"},
		{"a year of one municipality", "population", without(func(_ int, row string) bool { return strings.HasPrefix(row, "0115,2023") }), "809 ar G4 error"},
		{"a year of all", "population", without(func(_ int, row string) bool { return strings.Contains(row, ",2023,") }), "1 ar G4 error"},
		{"an area of one municipality", "cost_net", c + "0114,2024,a,1,1,1\n0114,2024,b,1,1,1\n0115,2024,b,1,1,1\n", "3 omrade_kod G4 error"},
		{"other areas in another year", "cost_net", c + "0114,2023,a,1,1,1\n0114,2024,b,1,1,1\n", ""},
		{"the years between elections", "electorate", e + "0114,2018,9,80\n0114,2022,9,80\n", ""},
		{"an election of one municipality", "electorate", e + "0114,2018,9,80\n0114,2022,9,80\n0115,2022,9,80\n", "3 ar G4 error"},
		{"a group of ages", "migration_out", strings.Replace(right["migration_out"], "0114,K,50-54,0.14,0.01\n", "", 1), "11 alder G4 error"},
		{"a year of the factors", "uprating_factors", "ar,f1,f2,sfs\n2023,1,1,2022:1\n2025,1,1,2024:1\n", "1 ar G4 error"},
		{"all municipalities", "taxbase", "kommun,inkomstar,skatteunderlag_kr\n0114,2022,9\n0115,2022,9\n0980,2022,9\n0114,2023,9\n0980,2023,9\n", "3 inkomstar G4 error"},
	})
	c2 := known()
	c2.Unit = func(code string, year int) bool {
		return code == "1917" && year < 2007 || code == "0331" && year >= 2007 || code == "0114"
	}
	text := "kommun,ar,laneskuld_tkr,pensionsforpliktelse_tkr,egenkapital_tkr,investering_tkr\n0114,2006,1,1,1,1\n0114,2007,1,1,1,1\n1917,2006,1,1,1,1\n0331,2007,1,1,1,1\n"
	if _, report := Read("balance", "", []byte(text), c2); len(report.Faults) != 0 {
		t.Error("a municipality is asked for in years when it was not there:", report.Faults)
	}
	broken := strings.Replace(file, "0115,2023,K,4,", "0115,2023,K,400,", 1)
	_, report := Read("population", "", []byte(broken), known())
	if got := strings.Join(brief(report), "; "); got != "814 alder G6 error" || len(report.NotChecked) != 2 {
		t.Error("a gap that a broken row explains:", got, report.NotChecked)
	}
}

func TestG5_Numbers(t *testing.T) {
	k := "fertility_factor"
	hold(t, []ruleRow{
		{"text, and empty", k, factors + "0114,ett\n0115,\n", "2 faktor G5 error; 3 faktor G5 error"},
		{"negative", k, factors + "0114,-1\n0115,−1\n", "2 faktor G5 error; 3 faktor G5 error"},
		{"decimal comma", k, "kommun;faktor\n0114;1,5\n", "2 faktor G5 error"},
		{"thousands", "taxbase", "kommun,inkomstar,skatteunderlag_kr\n0114,2023,11 480 000\n0115,2023,9\n0980,2023,9\n", "2 skatteunderlag_kr G5 error"},
		{"not finite, hexadecimal", k, factors + "0114,Inf\n0115,NaN\n0980,0x1p0\n", "2 faktor G5 error; 3 faktor G5 error; 4 faktor G5 error"},
		{"too large", k, factors + "0114,1e999\n", "2 faktor G5 error"},
		{"small with an exponent", k, factors + "0114,1.0E0\n", ""},
		{"half a person", "electorate", "kommun,ar,rostberattigade,valdeltagande\n0114,2022,9.5,80\n", "2 rostberattigade G5 error"},
		{"year", "electorate", "kommun,ar,rostberattigade,valdeltagande\n0114,22,9,80\n0114,2022,9,80\n", "2 ar G5 error"},
		{"net cost below zero", "cost_net", "kommun,ar,omrade_kod,nettokostnad_tkr,personal_fte,lonekostnad_tkr\n0114,2024,a,-1,1,1\n", "2 nettokostnad_tkr G5 warning"},
	})
	for text, want := range map[string]string{"1,5": "1.5", "11 480\u00a0000,5": "11480000.5"} {
		if _, format, args := number([]byte(text)); !strings.HasSuffix(Sentence{format, args}.String(), ": "+want) {
			t.Error(text, Sentence{format, args})
		}
	}
}

func TestG6_Age(t *testing.T) {
	a := func(age string) string {
		return strings.Replace(right["population"], "0114,2023,K,57,", "0114,2023,K,"+age+",", 1)
	}
	f := func(age string) string { return strings.Replace(right["fertility"], ",20,", ","+age+",", 1) }
	hold(t, []ruleRow{
		{"101", "population", a("101"), "59 alder G6 error"},
		{"100+", "population", a("100+"), "59 alder G6 error"},
		{"-1", "population", a("-1"), "59 alder G6 error"},
		{"half a year", "population", a("57.5"), "59 alder G6 error"},
		{"not fertile", "fertility", f("14"), "7 alder G6 error"},
	})
}

func TestG7_Sums(t *testing.T) {
	file := right["population"] // its totals are 30 300
	hold(t, []ruleRow{
		{"half a per cent less one", "population", strings.Replace(file, "0115,2024,M,100,200", "0115,2024,M,100,351", 1), "809 antal G9 warning"},
		{"one above half a per cent", "population", strings.Replace(file, "0115,2024,M,100,200", "0115,2024,M,100,352", 1), "608 antal G7 error; 809 antal G9 warning"},
		{"those who move in", "migration_totals", strings.Replace(right["migration_totals"], "1000,900", "1009,900", 1), ""},
		{"those who move in, too many", "migration_totals", strings.Replace(right["migration_totals"], "1000,900", "1010,900", 1), "2 utflytt G7 error"},
	})
	part := strings.Replace(right["migration_totals"], "0980,2024,300,300,4,2\n", "", 1)
	if _, report := Read("migration_totals", "", []byte(strings.Replace(part, "1000", "2000", 1)), known()); len(report.Faults) != 0 || len(report.NotChecked) != 1 {
		t.Error("a part of the country cannot balance:", report.Faults, report.NotChecked)
	}
}

func TestG8_Shares(t *testing.T) {
	hold(t, []ruleRow{
		{"risk above 1", "migration_out", strings.Replace(right["migration_out"], "K,20-24,0.14,", "K,20-24,1.4,", 1), "6 risk_inrikes G8 error"},
		{"risk below 0", "migration_out", strings.Replace(right["migration_out"], "K,20-24,0.14,", "K,20-24,-0.14,", 1), "6 risk_inrikes G8 error"},
		{"certain", "mortality", strings.Replace(right["mortality"], "riket,2024,K,100,0.1010", "riket,2024,K,100,1", 1), ""},
		{"turnout", "electorate", "kommun,ar,rostberattigade,valdeltagande\n0114,2022,9,-1\n", "2 valdeltagande G8 error"},
	})
}

func TestG9_TheYearBefore(t *testing.T) {
	e := "kommun,ar,rostberattigade,valdeltagande\n"
	hold(t, []ruleRow{
		{"half more, and half less", "electorate", e + "0114,2021,100,80\n0114,2022,150,40\n", ""},
		{"above half more", "electorate", e + "0114,2021,100,80\n0114,2022,151,39.9\n", "3 rostberattigade G9 warning; 3 valdeltagande G9 warning"},
		{"from nothing", "electorate", e + "0114,2022,1,0\n0114,2021,0,0\n", "2 rostberattigade G9 warning"},
		{"two years before", "electorate", e + "0114,2020,100,80\n0114,2022,900,80\n", ""},
		{"another municipality", "electorate", e + "0114,2022,100,80\n0115,2021,900,80\n0114,2021,100,80\n0115,2022,900,80\n", ""},
		{"below zero", "balance", "kommun,ar,laneskuld_tkr,pensionsforpliktelse_tkr,egenkapital_tkr,investering_tkr\n0114,2023,1,1,-100,1\n0114,2024,1,1,-151,1\n", "3 egenkapital_tkr G9 warning"},
	})
}

func TestTheReportIsBoundedAndCountsAll(t *testing.T) {
	var b strings.Builder
	b.WriteString("kommun,ar,rostberattigade,valdeltagande\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "0114,2022,x%d,=1+1\n", i)
	}
	_, report := Read("electorate", "a,b.csv", []byte(b.String()), Context{})
	if len(report.Faults) != MaxShown || report.Faults[999].Line != 335 || report.Errors() != 5000*2+4999 {
		t.Error(len(report.Faults), report.Faults[len(report.Faults)-1].Line, report.Errors())
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(report.CSV(), []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != 1001 || rows[1][0] != "a,b.csv" || rows[2][3] != "'=1+1" {
		t.Error(err, len(rows), rows[1:3])
	}
	if _, err := json.Marshal(report); err != nil {
		t.Error(err)
	}
}

func TestErrorsAreShownBeforeWarningsAndTheLargestWarnings(t *testing.T) {
	text := population([]string{"0114"}, 2000, 2020, func(_, year, _, age int) int {
		if year == 2010 && age == 50 {
			return 1_000_000
		}
		return 10 + 10*(year%2)
	})
	text = strings.Replace(text, "0114,2020,M,100,10", "0114,2020,M,100,-10", 1)
	_, report := Read("population", "", []byte(text), Context{})
	warnings, largest := 0, 0
	for _, f := range report.Faults {
		if f.Force == Warning {
			warnings++
		}
		if f.Value == "1000000" {
			largest++
		}
	}
	if len(report.Faults) != MaxShown || report.Errors() != 1 || warnings != 999 || largest != 2 {
		t.Error(len(report.Faults), report.Errors(), warnings, largest)
	}
	if !slices.IsSortedFunc(report.Faults, inOrder) {
		t.Error("not in the order of lines")
	}
}

// A valid random population file with one random fault is reported at exactly
// its line, by exactly its rule.
func TestOneRandomFaultIsFoundWhereItIs(t *testing.T) {
	all := []string{"0114", "0115", "0117", "0980"}
	rapid.Check(t, func(t *rapid.T) {
		units := all[:rapid.IntRange(1, 4).Draw(t, "units")]
		first, years := rapid.IntRange(1990, 2020).Draw(t, "first"), rapid.IntRange(1, 3).Draw(t, "years")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		text := population(units, first, first+years-1, func(_, _, _, _ int) int { return 100 + random.IntN(40) })
		rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		c := Context{
			Unit:   func(code string, _ int) bool { return slices.Contains(all, code) },
			Totals: func(string, int) (float64, bool) { return 0, false },
		}
		if table, report := Read("population", "", []byte(text), c); table == nil || len(report.Faults) > 0 {
			t.Fatal("the file is right:", brief(report))
		}
		line := rapid.IntRange(2, len(rows)).Draw(t, "line")
		fields := strings.Split(rows[line-1], ",")
		fault := rapid.SampledFrom([]string{"unit", "zero", "sex", "age", "text", "negative", "empty", "comma", "jump", "total", "twice", "gap", "short", "bytes", "quote"}).Draw(t, "fault")
		want := ""
		at := func(column int, value, rule, force string) {
			fields[column] = value
			want = fmt.Sprintf("%d %s %s %s", line, strings.Split(rows[0], ",")[column], rule, force)
		}
		switch fault {
		case "unit":
			at(0, "9999", "G2", "error")
		case "zero":
			at(0, "114", "G2", "error")
		case "sex":
			at(2, "F", "G2", "error")
		case "age":
			at(3, rapid.SampledFrom([]string{"101", "-1", "100+", "x", ""}).Draw(t, "age"), "G6", "error")
		case "text":
			at(4, "12 345", "G5", "error")
		case "negative":
			at(4, "-1", "G5", "error")
		case "empty":
			at(4, "", "G5", "error")
		case "comma":
			fields[4] = "1,5"
			want = fmt.Sprintf("%d G0 error", line)
		case "jump":
			at(4, "500", "G9", "warning")
			before, after := strings.Contains(text, fmt.Sprintf("%s,%d,", fields[0], atoi(fields[1])-1)), strings.Contains(text, fmt.Sprintf("%s,%d,", fields[0], atoi(fields[1])+1))
			if !before {
				want = ""
			}
			if after {
				want = strings.TrimPrefix(want+fmt.Sprintf("; %d antal G9 warning", line+202), "; ")
			}
		case "total":
			wanted := 0
			for _, row := range rows[1:] {
				if strings.HasPrefix(row, fields[0]+","+fields[1]+",") {
					wanted += atoi(row[strings.LastIndex(row, ",")+1:])
				}
			}
			total := float64(wanted) * 1.01
			c.Totals = func(code string, year int) (float64, bool) {
				return total, code == fields[0] && year == atoi(fields[1])
			}
			want = fmt.Sprintf("%d antal G7 error", line-(line-2)%202)
		case "twice":
			rows = slices.Insert(rows, line, rows[line-1])
			want = fmt.Sprintf("%d alder G3 error", line+1)
		case "gap":
			want = fmt.Sprintf("%d alder G4 error", line-1)
		case "short":
			fields = fields[:4]
			want = fmt.Sprintf("%d G0 error", line)
		case "bytes":
			fields[2] = "\xc5"
			want = fmt.Sprintf("%d G0 error", line)
		case "quote":
			fields[1] = `"` + fields[1]
			want = fmt.Sprintf("%d G0 error", line)
		}
		if fault == "gap" {
			rows = slices.Delete(rows, line-1, line)
		} else {
			rows[line-1] = strings.Join(fields, ",")
		}
		table, report := Read("population", "population.csv", []byte(strings.Join(rows, "\r\n")), c)
		if got := strings.Join(brief(report), "; "); got != want {
			t.Fatalf("%s: got %s, want %s", fault, got, want)
		}
		if (table == nil) != strings.Contains(want, "error") {
			t.Fatal("a table with errors, or none without")
		}
	})
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

func FuzzRead(f *testing.F) {
	for i, k := range kinds {
		f.Add(uint8(i), []byte(right[k.Name][:min(len(right[k.Name]), 400)]))
	}
	f.Add(uint8(0), []byte("kommun,ar,kon,alder,antal\n\"0114,2024,K\n\xff,,,,\n"))
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		k := kinds[int(kind)%len(kinds)]
		table, report := Read(k.Name, k.File(), data, known())
		if (table == nil) == report.OK() {
			t.Fatal("a table with errors, or none without")
		}
		if len(report.Faults) > MaxShown || !slices.IsSortedFunc(report.Faults, inOrder) {
			t.Fatal("the faults are not bounded and sorted")
		}
		last := 1 + bytes.Count(data, []byte("\n"))
		for _, fault := range report.Faults {
			if fault.Line < 1 || fault.Line > last || strings.Contains(fault.Expected.String(), "%!") {
				t.Fatal(fault.Line, last, fault.Expected)
			}
		}
		if table != nil {
			for row := range table.Len() {
				for _, c := range k.Required() {
					if table.Text(row, c) == "NaN" {
						t.Fatal(row, c)
					}
				}
			}
		}
		_ = report.CSV()
		_, again := Read(k.Name, k.File(), data, known())
		if fmt.Sprint(report) != fmt.Sprint(again) {
			t.Fatal("not the same report twice")
		}
	})
}

// BenchmarkReadPopulation290x10x202 reads 585 800 rows.
func BenchmarkReadPopulation290x10x202(b *testing.B) {
	var units []string
	for i := range 290 {
		units = append(units, fmt.Sprintf("%04d", 114+i))
	}
	data := []byte(population(units, 2015, 2024, steady))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		table, report := Read("population", "population.csv", data, Context{Unit: func(string, int) bool { return true }})
		if table.Len() != 585_800 || len(report.Faults) > 0 {
			b.Fatal(table.Len())
		}
	}
}

// BenchmarkReadGaps500kBlocks reads a file in which every unit and year has one
// row of 202.
func BenchmarkReadGaps500kBlocks(b *testing.B) {
	var text strings.Builder
	text.WriteString("kommun,ar,kon,alder,antal\n")
	for code := range 5000 {
		for year := range 100 {
			fmt.Fprintf(&text, "%04d,%d,K,50,7\n", code, 1950+year)
		}
	}
	data := []byte(text.String())
	b.ReportAllocs()
	for b.Loop() {
		if _, report := Read("population", "population.csv", data, Context{}); len(report.Faults) != MaxShown {
			b.Fatal(len(report.Faults))
		}
	}
}
