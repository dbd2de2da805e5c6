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

// lines of the embedded edition, to be broken; the header is line 1.
func lines(t testing.TB) []string {
	t.Helper()
	return strings.Split(strings.TrimSuffix(edition(t), "\n"), "\n")
}

// set changes fields of a line: column, value, column, value ...
func set(line int, fields ...string) func([]string) []string {
	return func(l []string) []string {
		f := strings.Split(l[line-1], ",")
		for i := 0; i < len(fields); i += 2 {
			f[slices.Index(header, fields[i])] = fields[i+1]
		}
		l[line-1] = strings.Join(f, ",")
		return l
	}
}

// both makes two changes.
func both(a, b func([]string) []string) func([]string) []string {
	return func(l []string) []string { return b(a(l)) }
}

// lineOf finds a code's first line.
func lineOf(t testing.TB, code string) int {
	t.Helper()
	i := slices.IndexFunc(lines(t), func(l string) bool { return strings.HasPrefix(l, "SKR 2023,"+code+",") })
	if i < 0 {
		t.Fatalf("no %s", code)
	}
	return i + 1
}

func TestBrokenFilesAreRefusedWithEveryLine(t *testing.T) {
	last, heby := len(lines(t)), lineOf(t, "1917")
	for name, c := range map[string]struct {
		change func([]string) []string
		line   int
		say    string
	}{
		"code":               {set(2, "code", "114"), 2, "fyra siffror"},
		"code of letters":    {set(2, "code", "01a4"), 2, "fyra siffror"},
		"county":             {set(3, "county_code", "02"), 3, "stämmer inte"},
		"other county":       {set(3, "county_code", "19"), 3, "stämmer inte"},
		"no such county":     {set(3, "code", "0215", "county_code", "02"), 3, "\"02\" finns inte"},
		"county's name":      {set(3, "county_name", ""), 3, "länets namn saknas"},
		"county's two names": {set(3, "county_name", "Storstockholm"), 3, "heter Storstockholm här men Stockholms län på rad 2"},
		"group":              {set(4, "main_group", "D"), 4, "huvudgruppen"},
		"no group":           {set(4, "main_group", "", "sub_group", ""), 4, "huvudgruppen"},
		"sub-group":          {set(5, "sub_group", "C9"), 5, "hör inte till"},
		"no such sub-group":  {set(5, "sub_group", "A0"), 5, "finns inte"},
		"sub-group's name":   {set(5, "sub_group_name", ""), 5, "gruppens namn saknas"},
		"group's two names":  {set(5, "sub_group_name", "Annat"), 5, "gruppen A2 heter Annat"},
		"population":         {set(6, "population", "många"), 6, "inget antal"},
		"part of a person":   {set(6, "population", "1000.5"), 6, "inget antal"},
		"no population":      {set(6, "population", ""), 6, "inget antal"},
		"negative":           {set(6, "population", "-1"), 6, "inget antal"},
		"negative earlier":   {set(6, "population_2019", "-1"), 6, "inget antal"},
		"outside":            {set(7, "lat", "48.1"), 7, "inget tal i Sverige"},
		"swapped":            {set(7, "lat", "18.1", "lon", "59.2"), 7, "inget tal i Sverige"},
		"no point":           {set(7, "lat", "", "lon", ""), 7, "inget tal i Sverige"},
		"nan":                {set(7, "lon", "NaN"), 7, "inget tal i Sverige"},
		"infinite land":      {set(7, "land_km2", "Inf"), 7, "inget tal i Sverige"},
		"edition":            {set(8, "edition", "SKR 2017"), 8, "två utgåvor"},
		"no edition":         {set(8, "edition", ""), 8, "utgåvan saknas"},
		"date":               {set(9, "valid_from", "1/1 2007"), 9, "inget datum"},
		"no such day":        {set(9, "valid_from", "2007-02-30"), 9, "inget datum"},
		"ends before":        {set(heby, "valid_from", "2008-01-01"), heby, "slutar innan"},
		"name":               {set(9, "name", ""), 9, "namnet saknas"},
		"latin-1":            {set(9, "name", "K\xf6ping"), 9, "inte UTF-8"},
		"no successor":       {set(heby, "successors", "9999"), heby, "finns inte i filen"},
		"ended, none named":  {set(heby, "successors", ""), heby, "saknar efterföljare"},
		"own successor":      {set(heby, "successors", "1917"), heby, "sin egen efterföljare"},
		"lives on":           {set(9, "successors", "0114"), 9, "finns kvar"},
		"no predecessor":     {set(9, "predecessors", "9999"), 9, "finns inte i filen"},
		"own predecessor":    {set(9, "predecessors", "0127"), 9, "sin egen föregångare"},
		"circle": {both(set(2, "valid_to", "2027-01-01", "successors", "0115"), set(3, "valid_to", "2027-01-01", "successors", "0114")),
			3, "sin egen efterföljare"},
		"header":         {set(1, "code", "kod"), 1, "okänd kolumn, \"kod\""},
		"column missing": {set(1, "code", "kod"), 1, "kolumn code: kolumnen saknas"},
		"column twice":   {set(1, "name", "code"), 1, "två gånger"},
		"quote":          {func(l []string) []string { l[9] = `"` + l[9]; return l }, 10, "giltig CSV"},
		"bare quote":     {func(l []string) []string { l[9] = strings.Replace(l[9], ",", `,x"`, 1); return l }, 10, "giltig CSV"},
		"short row":      {func(l []string) []string { l[9] = "SKR 2023,0139"; return l }, 10, "2 kolumner"},
		"after a blank":  {both(func(l []string) []string { l[5] += "\n\n"; return l }, set(10, "population", "x")), 12, "inget antal"},
		"twice":          {func(l []string) []string { l[10] = l[9]; return l }, 11, "finns redan på rad 10"},
		"times overlap":  {set(lineOf(t, "2023"), "valid_from", "2007-12-31"), last, "för samma tid"},
		"new, from none": {func(l []string) []string { return append(l, strings.Replace(l[1], ",0114,", ",0199,", 1)) }, last + 1, "är ny"},
		"one missing":    {func(l []string) []string { return append(l[:1], l[2:]...) }, last - 1, "saknar 1 av landets 290 kommuner: 0114"},
		"most missing":   {func(l []string) []string { return l[:100] }, 100, "och 181 till"},
		"only a header":  {func(l []string) []string { return l[:1] }, 1, "inga kommuner"},
		"empty":          {func([]string) []string { return nil }, 1, "rubrikraden saknas"},
		"too many rows":  {func(l []string) []string { return slices.Concat(l, slices.Repeat(l[1:], 20)) }, maxRows + 2, "fler än 5000 rader"},
		"too large":      {func(l []string) []string { return append(l, strings.Repeat("x", MaxFile)) }, 1, "större än 8 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Join(c.change(lines(t)), "\n")
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
			if slices.ContainsFunc(problems, func(p Problem) bool { return p.What == "" || p.Mend == "" || p.Line < 1 }) {
				t.Errorf("a problem says nothing: %v", problems)
			}
		})
	}
}

func TestEveryFaultOfAFileIsListed(t *testing.T) {
	text := lines(t)
	text = set(2, "population", "x")(text)
	text = set(2, "lat", "x")(text)
	text = set(40, "main_group", "Q")(text)
	text = set(200, "name", "")(text)
	text[99] = `SKR "2023`
	_, problems := Parse(strings.NewReader(strings.Join(text, "\n")))
	var at []int
	for _, p := range problems {
		at = append(at, p.Line)
	}
	if !slices.Equal(at, []int{2, 2, 40, 100, 200, len(text)}) {
		t.Errorf("%v", problems)
	}
}

// Columns may stand in any order and the optional ones be left out.
func TestColumnsInAnyOrder(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(edition(t))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for i, row := range rows {
		if i > 0 && row[slices.Index(header, "valid_to")] != "" {
			continue
		}
		var out []string
		for i, f := range slices.Backward(row) {
			if !slices.Contains(optional, header[i]) {
				out = append(out, f)
			}
		}
		_ = w.Write(append(out, "")) // and a comma at the end
	}
	w.Flush()
	head, rest, _ := strings.Cut(b.String(), "\n")
	r, problems := Parse(strings.NewReader(strings.ToUpper(head) + "\n" + rest))
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	if k, ok := r.ByCode("1983"); !ok || k.Name != "Köping" || k.SubGroup == "" || len(r.Ended()) != 0 {
		t.Errorf("%+v", k)
	}
}

func TestRoundTrip(t *testing.T) {
	all := slices.Concat(Default().all, Default().ended, Default().earlier)
	name := rapid.Custom(func(t *rapid.T) string {
		return "X" + strings.TrimSpace(rapid.StringMatching("[A-Öa-ö \";,'\n+-]{0,12}").Draw(t, "text"))
	})
	rapid.Check(t, func(t *rapid.T) {
		some := slices.Clone(all)
		for range rapid.IntRange(0, 20).Draw(t, "changes") {
			k := &some[rapid.IntRange(0, len(some)-1).Draw(t, "which")]
			k.Name, k.FullName, k.MainLocality = name.Draw(t, "name"), name.Draw(t, "full"), name.Draw(t, "locality")
			k.Population = rapid.IntRange(0, 1_000_000).Draw(t, "population")
			k.LandKm2 = float64(rapid.IntRange(1, 2_000_000).Draw(t, "land")) / 100
			k.Lat, k.Lon = rapid.Float64Range(55, 69.5).Draw(t, "lat"), rapid.Float64Range(10.5, 24.5).Draw(t, "lon")
			if other := some[0]; k.ValidTo == "" && k.Code != other.Code && rapid.Bool().Draw(t, "merge") {
				k.ValidTo, k.Successors = "2031-01-01", []string{other.Code}
			}
		}
		first := newRegister("SKR 2030", some)
		var b, again bytes.Buffer
		if _, err := first.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if rapid.Bool().Draw(t, "spreadsheet") {
			text = spreadsheet(text)
		}
		back, problems := Parse(strings.NewReader(text))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if _, err := back.WriteTo(&again); err != nil || again.String() != b.String() {
			t.Fatalf("not the same, %v", err)
		}
		if !Compare(first, back).None() {
			t.Fatalf("%+v", Compare(first, back))
		}
	})
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
