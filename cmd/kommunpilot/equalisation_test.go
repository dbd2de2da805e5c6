package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runFiles writes files, runs the program with arguments in which each file's
// name stands for its path, and gives what it wrote.
func runFiles(t *testing.T, files map[string]string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, a := range args {
		if _, ok := files[a]; ok {
			args[i] = filepath.Join(dir, a)
		}
	}
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &Streams{Out: &out, Err: &errs})
	return out.String(), strings.ReplaceAll(errs.String(), dir+string(filepath.Separator), ""), code
}

const (
	incomeParameters = "ar,t_bidrag,u,medelskattekraft_uppraknad_kr_inv,max_abs_rest_kr_inv\n2014,0.1900,1.0687362,196960.20,0.55\n2023,0.1900,1.0972163,260923.48,0.53\n"
	incomeTable      = "kommun,namn,ar,skatteunderlag_kr,inkomstutj_kr_inv,kostnadsutj_kr_inv,strukturbidrag_kr_inv,regleringspost_kr_inv,utfall_kr_inv,utfall_tkr\n" +
		"1814,Lekeberg,2014,1225756500,8921,562,104,232,9819,71639\n1880,Örebro,2014,24203737300,8043,-252,104,232,8336,1170801\n1885,Lindesberg,2023,4958917200,12988,1939,0,2336,17263,405382\n"
)

func TestV3_EqualisationIncomeWritesComputedBesidePublished(t *testing.T) {
	files := map[string]string{"in.csv": incomeTable, "par.csv": incomeParameters}
	stdout, stderr, code := runFiles(t, files, "equalisation", "income", "--input", "in.csv", "--parameters", "par.csv")
	if code != 0 || stderr != "" {
		t.Fatal(code, stderr)
	}
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil || len(rows) != 4 || strings.Join(rows[0], ",") != "kommun,ar,computed,published,difference" {
		t.Fatal(stdout, err)
	}
	if rows[1][0] != "1814" || rows[1][1] != "2014" || rows[1][3] != "8921" {
		t.Error(rows[1])
	}
	stdout, _, code = runFiles(t, files, "equalisation", "income", "--json", "--input", "in.csv", "--parameters", "par.csv")
	var a incomeAnswer
	if err := json.Unmarshal([]byte(stdout), &a); err != nil || code != 0 {
		t.Fatal(err, code)
	}
	if a.Compared != 3 || a.Largest > 1 || a.Largest == 0 || len(a.Assumptions) != 0 {
		t.Errorf("%+v", a)
	}
	if i := a.Rows[1].Introduction; i == nil || *i != 209 {
		t.Errorf("V4: Örebro 2014: %v", i)
	}
}

func TestEqualisationIncomeTakesOtherForms(t *testing.T) {
	// Semicolons, a byte order mark, Windows line ends, inhabitants in a column
	// of their own, no published values, and a municipality that pays.
	input := "\ufeffar;kommun;invanare;skatteunderlag_kr\r\n2014;0114;40000;12000000000\r\n2014;1814;7296;1225756500\r\n"
	stdout, stderr, code := runFiles(t, map[string]string{"in.csv": input, "par.csv": incomeParameters}, "equalisation", "income", "--csv", "--input", "in.csv", "--parameters", "par.csv")
	if code != 0 || !strings.HasPrefix(stdout, "kommun,ar,") || !strings.Contains(stderr, "antagande: 2014: skattesatsen för avgift") {
		t.Fatal(code, stderr)
	}
	want := 0.1694 * (1.15*196960.20 - 1.0687362*300000)
	given := strings.Replace(strings.Replace(incomeParameters, "t_bidrag,", "t_bidrag,t_avgift,", 1), "0.1900,", "0.1900,0.1694,", 2)
	stdout, stderr, code = runFiles(t, map[string]string{"in.csv": input, "par.csv": given}, "equalisation", "income", "--json", "--input", "in.csv", "--parameters", "par.csv")
	var a incomeAnswer
	if err := json.Unmarshal([]byte(stdout), &a); err != nil || code != 0 || stderr != "" {
		t.Fatal(err, code, stderr)
	}
	if math.Abs(a.Rows[0].Computed-want) > 0.005 || a.Rows[0].Published != nil || len(a.Assumptions) != 0 {
		t.Errorf("%+v, want %.2f", a.Rows[0], want)
	}
}

func TestEqualisationIncomeSaysWhatIsWrongAndWhere(t *testing.T) {
	for _, r := range []struct{ about, input, parameters, want string }{
		{"no such column", strings.Replace(incomeTable, "skatteunderlag_kr", "underlag", 1), incomeParameters, "in.csv:1: G1: kolumnen skatteunderlag_kr saknas"},
		{"a zero lost", strings.Replace(incomeTable, "1814,", "114,", 1), incomeParameters, `in.csv:2: G2: kolumn kommun: "114" är ingen kommunkod. Kalkylprogrammet har tagit bort nollan; skriv 0114`},
		{"no number", strings.Replace(incomeTable, "24203737300", "24 203 737 300", 1), incomeParameters, "in.csv:3: G5: kolumn skatteunderlag_kr"},
		{"negative base", strings.Replace(incomeTable, "24203737300", "-1", 1), incomeParameters, "in.csv:3: G5"},
		{"twice", incomeTable + strings.SplitAfter(incomeTable, "\n")[1], incomeParameters, "in.csv:5: G3: kommun 1814 år 2014 står också på rad 2"},
		{"a year without parameters", strings.Replace(incomeTable, "1880,Örebro,2014", "1880,Örebro,2015", 1), incomeParameters, "in.csv:3: G4: året 2015 finns inte i par.csv"},
		{"no inhabitants", strings.Replace(incomeTable, "8336,1170801", "0,0", 1), incomeParameters, "in.csv:3: utfall_tkr 0 och utfall_kr_inv 0 ger inget antal invånare"},
		{"a field too few", strings.Replace(incomeTable, ",17263,405382", ",17263", 1), incomeParameters, "in.csv:4: raden har 9 fält men rubriken har 10"},
		{"an empty file", "", incomeParameters, "in.csv:1: filen är tom"},
		{"only a header", strings.SplitAfter(incomeTable, "\n")[0], incomeParameters, "in.csv:1: filen har en rubrik men inga rader"},
		{"not UTF-8", strings.Replace(incomeTable, "Örebro", "\xd6rebro", 1), incomeParameters, "in.csv:3: filen är inte UTF-8"},
		{"per cent for a share", incomeTable, strings.Replace(incomeParameters, "0.1900", "19.00", 1), "par.csv:2: G5: kolumn t_bidrag: 19.00 ligger utanför 0 till 1"},
		{"a year before the law", incomeTable, incomeParameters + "1999,0.19,1,200000,0\n", "par.csv:4: det finns inga regler för utjämningsåret 1999"},
		{"a year twice", incomeTable, incomeParameters + "2014,0.19,1,200000,0\n", "par.csv:4: G3: året 2014 står också på rad 2"},
		{"rates the other way round", incomeTable, "ar,t_avgift,t_bidrag,u,medelskattekraft_uppraknad_kr_inv\n2014,0.19,0.17,1.1,200000\n2023,0.17,0.19,1.1,200000\n", "par.csv:2: t_avgift 0.19 är högre än t_bidrag 0.17"},
	} {
		t.Run(r.about, func(t *testing.T) {
			stdout, stderr, code := runFiles(t, map[string]string{"in.csv": r.input, "par.csv": r.parameters}, "equalisation", "income", "--input", "in.csv", "--parameters", "par.csv")
			if code != exitBadInput || stdout != "" || !strings.Contains(stderr, r.want) {
				t.Errorf("code %d, %q, %s", code, stdout, stderr)
			}
		})
	}
	_, stderr, code := runFiles(t, nil, "equalisation", "income", "--input", "missing.csv", "--parameters", "missing.csv")
	if code != exitBadInput || !strings.Contains(stderr, "missing.csv går inte att läsa") {
		t.Error(code, stderr)
	}
}
