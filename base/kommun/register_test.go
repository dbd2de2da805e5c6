package kommun

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTheCountryAddsUp(t *testing.T) {
	r := Default()
	population, before, land := 0, 0, 0.0
	groups := map[string]int{}
	for _, k := range r.All() {
		population += k.Population
		before += k.Population2019
		land += k.LandKm2
		groups[k.SubGroup]++
	}
	if len(r.All()) != 290 || len(r.Counties()) != 21 || population != 10587710 || before != 10327589 || math.Abs(land-407310.56) > 0.01 {
		t.Errorf("%d municipalities, %d counties, %d (2024), %d (2019), %.2f km²", len(r.All()), len(r.Counties()), population, before, land)
	}
	want := map[string]int{"A1": 3, "A2": 43, "B3": 23, "B4": 63, "B5": 24, "C6": 27, "C7": 51, "C8": 35, "C9": 21}
	if fmt.Sprint(groups) != fmt.Sprint(want) {
		t.Errorf("groups %v, want %v", groups, want)
	}
}

func TestSeed_000_17_main_groups_have_correct_names(t *testing.T) {
	want := []Group{
		{"A", "Storstäder och storstadsnära kommuner"},
		{"B", "Större städer och kommuner nära större stad"},
		{"C", "Mindre städer/tätorter och landsbygdskommuner"},
	}
	if got := Default().MainGroups(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestNeighboursOfKoping(t *testing.T) {
	r := Default()
	var names []string
	for _, code := range r.Neighbours("1983") {
		k, _ := r.ByCode(code)
		names = append(names, k.Name)
	}
	slices.Sort(names)
	want := []string{"Arboga", "Hallstahammar", "Kungsör", "Lindesberg", "Skinnskatteberg", "Surahammar"}
	if !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
}

func TestAnEndedCodeKeepsItsName(t *testing.T) {
	r := Default()
	old, ok := r.At("1917", "2006-12-31")
	if !ok || old.Name != "Heby" || old.CountyName != "Västmanlands län" || !slices.Equal(old.Successors, []string{"0331"}) {
		t.Errorf("%+v", old)
	}
	if _, ok := r.At("1917", "2007-01-01"); ok {
		t.Error("1917 is still in use in 2007")
	}
	if _, ok := r.At("0331", "2006-12-31"); ok {
		t.Error("0331 is in use before 2007")
	}
}

func TestSearch(t *testing.T) {
	for q, want := range map[string]string{"koping": "Köping", "KÖPING": "Köping", "1983": "Köping", "upplands-v": "Upplands Väsby", "skellef": "Skellefteå"} {
		if got := Default().Search(q, 5); len(got) == 0 || got[0].Name != want {
			t.Errorf("%q finds %v first, want %s", q, got, want)
		}
	}
	if got := Default().Search("  ", 5); got != nil {
		t.Errorf("nothing finds %v", got)
	}
}

func TestDistance(t *testing.T) {
	a, _ := Default().ByCode("1983")
	b, _ := Default().ByCode("1984")
	if d := Distance(a, b); d < 14000 || d > 20000 {
		t.Errorf("Köping–Arboga %.0f m", d)
	}
}

func TestProjection(t *testing.T) {
	// On the central meridian the easting is exactly 500 km.
	if e, _ := sweref99TM(60, 15); math.Abs(e-500000) > 1e-6 {
		t.Errorf("central meridian at %f", e)
	}
	for _, k := range Default().All() {
		if x, y := Project(k.Lat, k.Lon); x < 0 || x > Width || y < 0 || y > Height {
			t.Errorf("%s lies at %.0f, %.0f, outside the map", k.Name, x, y)
		}
	}
	if n := len(Shapes()); n != 290 {
		t.Errorf("%d shapes", n)
	}
}

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
		"population":    {change(6, "population_2024", "många"), 6, "inget antal"},
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
		"one missing":   {func(l []string) []string { return append(l[:1], l[2:]...) }, 292, "289 kommuner"},
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

func TestEveryAttributeIsKnown(t *testing.T) {
	k, _ := Default().ByCode("1983")
	for _, name := range Attributes() {
		if v, ok := k.Attribute(name); !ok || v == "" {
			t.Errorf("%s: %q", name, v)
		}
	}
	if _, ok := k.Attribute("shoe_size"); ok {
		t.Error("an unknown attribute is known")
	}
}
