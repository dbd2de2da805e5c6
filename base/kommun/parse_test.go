package kommun

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func edition(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := Default().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWrittenEditionIsReadBackTheSame(t *testing.T) {
	first := edition(t)
	for name, variant := range map[string]string{
		"as written":  first,
		"bom, crlf":   "\ufeff" + strings.ReplaceAll(first, "\n", "\r\n"),
		"spreadsheet": spreadsheet(first),
	} {
		r, problems := Parse(strings.NewReader(variant))
		if len(problems) > 0 {
			t.Errorf("%s: %v", name, problems[0])
			continue
		}
		var again bytes.Buffer
		if _, err := r.WriteTo(&again); err != nil || again.String() != first {
			t.Errorf("%s: not the same after reading and writing, %v", name, err)
		}
	}
}

// merged is an edition in which Kungsör has become a part of Köping.
func merged(t testing.TB) *Register {
	t.Helper()
	lines := strings.Split(edition(t), "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "SKR 2023,1960,") })
	f := strings.Split(lines[i], ",")
	f[slices.Index(header, "valid_to")], f[slices.Index(header, "successors")] = "2027-01-01", "1983"
	lines[i] = strings.Join(f, ",")
	r, problems := Parse(strings.NewReader(strings.Join(lines, "\n")))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return r
}

func TestTheEmbeddedFileIsAsTheRegisterWritesIt(t *testing.T) {
	b, err := data.ReadFile("data/skr-2023.csv")
	if err != nil || string(b) != edition(t) {
		t.Errorf("data/skr-2023.csv is not canonical (%v): run cmd/registergen", err)
	}
}

// spreadsheet writes semicolons and decimal commas, as Swedish Excel does.
func spreadsheet(s string) string {
	rows, _ := csv.NewReader(strings.NewReader(s)).ReadAll()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	for _, row := range rows {
		for i, name := range header {
			if name == "land_km2" || name == "lat" || name == "lon" {
				row[i] = strings.Replace(row[i], ".", ",", 1)
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.String()
}

func TestBrokenFilesAreRefusedWithEveryLine(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(edition(t), "\n"), "\n")
	change := func(line int, column, value string) func([]string) []string {
		return func(l []string) []string {
			f := strings.Split(l[line-1], ",")
			f[slices.Index(header, column)] = value
			l[line-1] = strings.Join(f, ",")
			return l
		}
	}
	for name, c := range map[string]struct {
		change func([]string) []string
		line   int
		say    string
	}{
		"code":          {change(2, "code", "114"), 2, "fyra siffror"},
		"county":        {change(3, "county_code", "02"), 3, "stämmer inte"},
		"group":         {change(4, "main_group", "D"), 4, "huvudgruppen"},
		"sub-group":     {change(5, "sub_group", "C9"), 5, "hör inte till"},
		"population":    {change(6, "population", "många"), 6, "inget antal"},
		"negative":      {change(6, "population_2019", "-1"), 6, "inget antal"},
		"outside":       {change(7, "lat", "48.1"), 7, "inget tal i Sverige"},
		"nan":           {change(7, "lon", "NaN"), 7, "inget tal i Sverige"},
		"edition":       {change(8, "edition", "SKR 2017"), 8, "två utgåvor"},
		"date":          {change(9, "valid_from", "1/1 2007"), 9, "inget datum"},
		"name":          {change(9, "name", ""), 9, "namnet saknas"},
		"no successor":  {change(292, "successors", "9999"), 292, "finns inte i filen"},
		"own successor": {change(292, "successors", "1917"), 292, "sin egen efterföljare"},
		"header":        {change(1, "code", "kod"), 1, "rubrikraden"},
		"quote":         {func(l []string) []string { l[9] = `"` + l[9]; return l }, 10, "giltig CSV"},
		"short row":     {func(l []string) []string { l[9] = "SKR 2023,0139"; return l }, 10, "2 kolumner"},
		"twice":         {func(l []string) []string { l[10] = l[9]; return l }, 11, "finns redan på rad 10"},
		"one missing":   {func(l []string) []string { return append(l[:1], l[2:]...) }, 292, "saknar 1 av landets 290 kommuner: 0114"},
		"empty":         {func([]string) []string { return nil }, 1, "rubrikraden"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Join(c.change(slices.Clone(lines)), "\n")
			r, problems := Parse(strings.NewReader(text))
			if r != nil || len(problems) == 0 {
				t.Fatal("the broken file is accepted")
			}
			if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Line == c.line && strings.Contains(p.String(), c.say) }) {
				t.Errorf("no problem at line %d says %q: %v", c.line, c.say, problems[:min(4, len(problems))])
			}
			if !slices.IsSortedFunc(problems, func(a, b Problem) int { return a.Line - b.Line }) {
				t.Errorf("problems are not in the order of lines")
			}
		})
	}
}

func TestParseNeverPanics(t *testing.T) {
	lines := strings.Split(edition(t), "\n")
	rapid.Check(t, func(r *rapid.T) {
		some := rapid.SliceOfN(rapid.SampledFrom(lines), 0, 6).Draw(r, "lines")
		noise := rapid.String().Draw(r, "noise")
		got, problems := Parse(strings.NewReader(strings.Join(some, "\n") + noise))
		if got != nil || len(problems) == 0 {
			r.Fatal("a part of the country is accepted as a whole")
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(strings.Join(header, ",")))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, problems := Parse(bytes.NewReader(b)); (r == nil) == (len(problems) == 0) {
			t.Error("neither a register nor a problem")
		}
	})
}
