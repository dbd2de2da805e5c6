package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// persons is a table of municipalities in the layout of the files: a smooth
// country whose municipalities differ in size, the years one per cent apart.
func persons(codes []string, from, to int, scale float64) string {
	var b strings.Builder
	b.WriteString("municipality_code,sex,age")
	for y := from; y <= to; y++ {
		fmt.Fprintf(&b, ",%d", y)
	}
	b.WriteByte('\n')
	for i, code := range codes {
		for _, sex := range []string{"M", "F"} {
			for age := range 101 {
				fmt.Fprintf(&b, "%s,%s,%d", code, sex, age)
				n := scale * float64(i+1) * (110 - float64(age))
				for y := from; y <= to; y++ {
					fmt.Fprintf(&b, ",%.0f", n*(1+0.01*float64(y-from)))
				}
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

var threeCodes = []string{"1960", "1983", "1984"}

func nationalFiles(t *testing.T) (dir, population, deaths string) {
	t.Helper()
	dir = t.TempDir()
	population, deaths = filepath.Join(dir, "folk.csv"), filepath.Join(dir, "doda.csv")
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(population, persons(threeCodes, 2008, 2014, 1))
	write(deaths, persons(threeCodes, 2006, 2014, 0.005))
	return dir, population, deaths
}

func TestV10_NationalWritesTheSameBytesForAnyNumberOfWorkers(t *testing.T) {
	dir, population, deaths := nationalFiles(t)
	for _, form := range []string{"", "--by-age"} {
		var want string
		for _, workers := range []string{"1", "2", "8"} {
			file := filepath.Join(dir, "ut"+workers+".csv")
			args := []string{"demography", "national", "--population", population, "--deaths", deaths, "--base", "2014", "--years", "3", "--draws", "30", "--seed", "9", "--workers", workers, "--out", file}
			if form != "" {
				args = append(args, form)
			}
			if code, _, stderr := command(t, args...); code != 0 || !strings.Contains(stderr, "3 av 290 kommuner") {
				t.Fatal(code, stderr)
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = string(b)
			}
			if string(b) != want {
				t.Errorf("%s: %s workers write other bytes", form, workers)
			}
		}
		lines := strings.Split(strings.TrimSpace(want), "\n")
		header, rows := "kommun,ar,mean,q05,q10,q25,q50,q75,q90,q95", 3*3
		if form != "" {
			header, rows = "kommun,ar,kon,alder,mean,q05,q10,q25,q50,q75,q90,q95", 3*3*202
		}
		if lines[0] != header || len(lines) != rows+1 || !strings.HasPrefix(lines[1], "1960,2015,") {
			t.Errorf("%s: %d rows, %s / %s", form, len(lines)-1, lines[0], lines[1])
		}
		checkBands(t, lines[1:])
	}
}

// checkBands wants quantiles that rise and numbers above 0.
func checkBands(t *testing.T, rows []string) {
	t.Helper()
	for _, row := range rows {
		f := strings.Split(row, ",")
		q := f[len(f)-7:]
		before := 0.0
		for _, s := range q {
			var v float64
			if _, err := fmt.Sscan(s, &v); err != nil || v < before {
				t.Fatal(row, err)
			}
			before = v
		}
	}
}

func TestNationalSaysWhatItMade(t *testing.T) {
	dir, population, deaths := nationalFiles(t)
	args := []string{"demography", "national", "--population", population, "--deaths", deaths, "--base", "2014", "--years", "2", "--draws", "20"}
	code, stdout, stderr := command(t, append(args, "--out", filepath.Join(dir, "a.csv"), "--json")...)
	var a nationalAnswer
	if err := json.Unmarshal([]byte(stdout), &a); err != nil || code != 0 {
		t.Fatal(code, stdout, stderr, err)
	}
	if a.Units != 3 || len(a.Country) != 2 || a.Country[0].Year != 2015 || a.Country[1].Q05 > a.Country[1].Q95 || len(a.SHA256) != 64 {
		t.Errorf("%+v", a)
	}
	code, rows, _ := command(t, append(args, "--csv")...)
	b, err := os.ReadFile(filepath.Join(dir, "a.csv"))
	if code != 0 || err != nil || string(b) != rows {
		t.Error("--csv writes other rows than --out", code, err)
	}
	code, stdout, _ = command(t, append(args, "--out", filepath.Join(dir, "b.csv"))...)
	if code != 0 || !strings.Contains(stdout, "3 kommuner, 2015 till 2016, 20 dragningar, frö 1") {
		t.Error(code, stdout)
	}
}

func TestNationalRefusesWithTheLineAndWritesNothing(t *testing.T) {
	good := persons(threeCodes, 2012, 2014, 1)
	lines := strings.SplitAfter(good, "\n")
	for name, c := range map[string]struct {
		population string
		args       []string
		want       string
	}{
		"negative":      {strings.Replace(good, "1960,M,1,109", "1960,M,1,-9", 1), nil, ":3: kolumnen 2012: -9 är negativt"},
		"no number":     {strings.Replace(good, "1960,M,1,109", "1960,M,1,x", 1), nil, `:3: kolumnen 2012: "x" är inget tal`},
		"unknown code":  {strings.Replace(good, "1960,M,1,", "9999,M,1,", 1), nil, `:3: "9999" är ingen kommun`},
		"sex":           {strings.Replace(good, "1960,M,1,", "1960,Q,1,", 1), nil, `:3: kolumnen sex: "Q" är inget kön`},
		"age":           {strings.Replace(good, "1960,M,1,", "1960,M,101,", 1), nil, `:3: kolumnen age: "101" är ingen ålder`},
		"twice":         {good + lines[5], nil, ":608: 1960, män, 4 år finns redan på rad 6"},
		"missing row":   {strings.Join(append(append([]string{}, lines[:3]...), lines[4:]...), ""), nil, "kommun 1960 saknar 1 rader; den första är män, 2 år"},
		"short row":     {strings.Replace(good, lines[4], "1960,M,3\n", 1), nil, ":5: raden har 3 fält"},
		"no column":     {strings.Replace(good, "municipality_code", "what", 1), nil, ":1: kolumnen municipality_code saknas"},
		"no years":      {"municipality_code,sex,age\n1960,M,0\n", nil, ":1: ingen kolumn är ett år"},
		"empty":         {"", nil, ":1: filen är tom"},
		"base year":     {good, []string{"--base", "2011"}, "året 2011 saknas. Filen har åren 2012 till 2014"},
		"years":         {good, []string{"--years", "0"}, "--years 0: skriv ett heltal från 1 till 100"},
		"draws":         {good, []string{"--draws", "1000000"}, "--draws 1000000: skriv ett heltal"},
		"municipality":  {persons([]string{"1960", "1983"}, 2012, 2014, 1), nil, "kommun 1984 finns i"},
		"nobody at all": {persons(threeCodes, 2012, 2014, 0), nil, "har inga nyfödda"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, population, deaths := nationalFiles(t)
			if err := os.WriteFile(population, []byte(c.population), 0o600); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(dir, "ut.csv")
			args := map[string]string{"--base": "2014", "--years": "2", "--draws": "10"}
			for i := 0; i+1 < len(c.args); i += 2 {
				args[c.args[i]] = c.args[i+1]
			}
			line := []string{"demography", "national", "--population", population, "--deaths", deaths, "--out", out}
			for k, v := range args {
				line = append(line, k, v)
			}
			code, stdout, stderr := command(t, line...)
			if code != 2 || !strings.Contains(stderr, c.want) || stdout != "" {
				t.Errorf("code %d, %q, want %q", code, stderr, c.want)
			}
			if names, err := filepath.Glob(filepath.Join(dir, "*ut.csv*")); err != nil || len(names) != 0 {
				t.Errorf("left behind: %v %v", names, err)
			}
		})
	}
}

func TestBacktestCommand(t *testing.T) {
	_, population, deaths := nationalFiles(t)
	args := []string{"demography", "backtest", "--population", population, "--deaths", deaths, "--base", "2011", "--to", "2014", "--draws", "20"}
	code, stdout, stderr := command(t, append(args, "--json", "--origin-years", "2012,2008")...)
	var a []backtestAnswer
	if err := json.Unmarshal([]byte(stdout), &a); err != nil || code != 0 {
		t.Fatal(code, stdout, stderr, err)
	}
	if len(a) != 3 || a[0].Base != 2011 || a[0].Pairs != 3 || a[1].Base != 2012 || a[2].Pairs != 0 || a[0].Classes[len(a[0].Classes)-1].Units != 3 {
		t.Errorf("%+v", a)
	}
	if all := a[0].Classes[len(a[0].Classes)-1]; all.MAPE.Same < 2 || all.MAPE.Same > 4 || all.MAPE.Growth > 0.2 {
		t.Errorf("three years of one per cent: %+v", all)
	}
	code, stdout, _ = command(t, append(args, "--csv")...)
	if code != 0 || !strings.HasPrefix(stdout, "base,to,class,municipalities,mape_model,") {
		t.Error(code, stdout)
	}
	code, stdout, _ = command(t, args...)
	if code != 0 || !strings.Contains(stdout, "Från 2011 till 2014") || !strings.Contains(stdout, "alla") {
		t.Error(code, stdout)
	}
	for _, wrong := range [][]string{{"--base", "2014"}, {"--to", "2030"}, {"--origin-years", "2014"}, {"--base", "1999"}} {
		if code, stdout, stderr := command(t, append(append([]string{}, args...), wrong...)...); code != 2 || stdout != "" {
			t.Error(wrong, code, stdout, stderr)
		}
	}
}
