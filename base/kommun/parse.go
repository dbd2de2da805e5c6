package kommun

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/calendar"
)

// header is the layout of an edition file; docs/register.md describes it.
var header = []string{
	"edition", "code", "name", "full_name", "county_code", "county_name", "main_group", "sub_group", "sub_group_name",
	"population_2019", "population_2024", "land_km2", "main_locality", "lat", "lon", "labour_market", "fa_region",
	"valid_from", "valid_to", "successors",
}

// Sizes that every edition of the country has.
const (
	kommuner = 290
	counties = 21
)

// Problem is something wrong in an edition file: where, what, how to mend it.
type Problem struct {
	Line               int
	Column, What, Mend string
}

// String is the problem as one line.
func (p Problem) String() string {
	where := fmt.Sprintf("rad %d", p.Line)
	if p.Column != "" {
		where += ", kolumn " + p.Column
	}
	return where + ": " + p.What + ". " + p.Mend
}

// Parse reads an edition file whole and lists everything that is wrong with
// it, by line; with any problem there is no register. It reads commas or, as
// Swedish spreadsheets write, semicolons and decimal commas; a byte order mark
// and CRLF are fine.
func Parse(r io.Reader) (*Register, []Problem) {
	p := &parser{codes: map[string]int{}}
	rows, ok := p.rows(r)
	if !ok {
		return nil, p.problems
	}
	for i, row := range rows {
		p.line = i + 2
		p.row(row)
	}
	p.whole()
	if len(p.problems) > 0 {
		slices.SortStableFunc(p.problems, func(a, b Problem) int { return a.Line - b.Line })
		return nil, p.problems
	}
	return newRegister(p.edition, p.all), nil
}

type parser struct {
	line     int
	edition  string
	all      []Kommun
	lines    []int
	codes    map[string]int // line of each code
	problems []Problem
}

func (p *parser) fail(column, what, mend string) {
	p.problems = append(p.problems, Problem{p.line, column, what, mend})
}

// rows splits the file; false where not even that can be done.
func (p *parser) rows(r io.Reader) ([][]string, bool) {
	p.line = 1
	b, err := io.ReadAll(bufio.NewReader(r))
	if err != nil {
		p.fail("", "filen kunde inte läsas", "Kontrollera att filen finns och går att öppna")
		return nil, false
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	c := csv.NewReader(bytes.NewReader(b))
	first, _, _ := bytes.Cut(b, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		c.Comma = ';'
	}
	c.FieldsPerRecord = -1
	rows, err := c.ReadAll()
	if err != nil {
		var at int
		if e, ok := err.(*csv.ParseError); ok { //nolint:errorlint // csv returns it bare
			at = e.StartLine
		}
		p.line = max(at, 1)
		p.fail("", "raden är inte giltig CSV", "Kontrollera citattecken och avgränsare")
		return nil, false
	}
	if len(rows) == 0 || !slices.Equal(rows[0], header) {
		p.fail("", "rubrikraden är inte den väntade", "Skriv: "+strings.Join(header, ","))
		return nil, false
	}
	return rows[1:], true
}

func (p *parser) row(f []string) {
	if len(f) != len(header) {
		p.fail("", fmt.Sprintf("raden har %d kolumner", len(f)), fmt.Sprintf("Varje rad ska ha %d", len(header)))
		return
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	k := Kommun{
		Code: f[1], Name: f[2], FullName: f[3], County: f[4], CountyName: f[5], MainGroup: f[6], SubGroup: f[7], SubGroupName: f[8],
		Landsdel: landsdelOf[f[4]], MainLocality: f[12], LabourMarket: f[15], FARegion: f[16],
		ValidFrom: p.date("valid_from", f[17]), ValidTo: p.date("valid_to", f[18]),
	}
	if f[19] != "" {
		k.Successors = strings.Split(f[19], "+")
	}
	p.identity(f[0], k)
	if k.ValidTo == "" {
		p.facts(&k, f)
	}
	p.all, p.lines = append(p.all, k), append(p.lines, p.line)
}

func (p *parser) identity(edition string, k Kommun) {
	switch {
	case edition == "":
		p.fail("edition", "utgåvan saknas", "Skriv till exempel SKR 2023")
	case p.edition == "":
		p.edition = edition
	case p.edition != edition:
		p.fail("edition", "filen har två utgåvor: "+p.edition+" och "+edition, "Lägg varje utgåva i en egen fil")
	}
	if len(k.Code) != 4 || strings.Trim(k.Code, "0123456789") != "" {
		p.fail("code", "koden "+strconv.Quote(k.Code)+" har inte fyra siffror", "Skriv den som text med inledande nolla, till exempel 0114")
	} else if !strings.HasPrefix(k.Code, k.County) {
		p.fail("county_code", "länet "+strconv.Quote(k.County)+" stämmer inte med koden "+k.Code, "De två första siffrorna i koden är länet")
	}
	if first, taken := p.codes[k.Code]; taken {
		p.fail("code", "koden "+k.Code+fmt.Sprintf(" finns redan på rad %d", first), "Ta bort den ena")
	} else {
		p.codes[k.Code] = p.line
	}
	if k.Name == "" {
		p.fail("name", "namnet saknas", "Skriv kommunens namn")
	}
	if k.Landsdel == "" {
		p.fail("county_code", "länet "+strconv.Quote(k.County)+" finns inte", "Länets kod är två siffror, till exempel 19")
	}
	if k.ValidFrom != "" && k.ValidTo != "" && k.ValidTo <= k.ValidFrom {
		p.fail("valid_to", "slutar innan den börjar", "valid_to är den första dag då koden inte längre gäller")
	}
}

// facts reads what a municipality of today must have.
func (p *parser) facts(k *Kommun, f []string) {
	if k.MainGroup != "A" && k.MainGroup != "B" && k.MainGroup != "C" {
		p.fail("main_group", "huvudgruppen "+strconv.Quote(k.MainGroup)+" finns inte", "Skriv A, B eller C")
	} else if len(k.SubGroup) != 2 || k.SubGroup[0] != k.MainGroup[0] || k.SubGroup[1] < '1' || k.SubGroup[1] > '9' {
		p.fail("sub_group", "gruppen "+strconv.Quote(k.SubGroup)+" hör inte till huvudgrupp "+k.MainGroup, "Skriv huvudgruppens bokstav och en siffra 1–9")
	}
	k.Population2019 = p.count("population_2019", f[9])
	k.Population = p.count("population_2024", f[10])
	k.LandKm2 = p.number("land_km2", f[11], 0.01, 25000)
	k.Lat = p.number("lat", f[13], 55, 69.5)
	k.Lon = p.number("lon", f[14], 10.5, 24.5)
}

func (p *parser) date(column, s string) calendar.Date {
	d, err := calendar.Parse(s)
	if err != nil {
		p.fail(column, strconv.Quote(s)+" är inget datum", "Skriv år-månad-dag, till exempel 2007-01-01")
	}
	return d
}

func (p *parser) count(column, s string) int {
	n, err := strconv.Atoi(strings.NewReplacer(" ", "", "\u00a0", "").Replace(s))
	if err != nil || n < 0 {
		p.fail(column, strconv.Quote(s)+" är inget antal", "Skriv ett heltal, noll eller större")
		return 0
	}
	return n
}

func (p *parser) number(column, s string, low, high float64) float64 {
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || !(v >= low && v <= high) {
		p.fail(column, strconv.Quote(s)+" är inget tal i Sverige", fmt.Sprintf("Skriv ett tal från %v till %v", low, high))
		return 0
	}
	return v
}

// whole checks what no single row shows.
func (p *parser) whole() {
	current, seen := 0, map[string]bool{}
	for i, k := range p.all {
		p.line = p.lines[i]
		if k.ValidTo == "" {
			current++
			seen[k.County] = true
			if len(k.Successors) > 0 {
				p.fail("successors", "en kommun som finns kvar har ingen efterföljare", "Lämna fältet tomt, eller skriv valid_to")
			}
		} else if len(k.Successors) == 0 {
			p.fail("successors", "koden har upphört men saknar efterföljare", "Skriv koden för den kommun som tog över")
		}
		for _, s := range k.Successors {
			if _, ok := p.codes[s]; !ok {
				p.fail("successors", "efterföljaren "+strconv.Quote(s)+" finns inte i filen", "Skriv en kod ur filen; flera skiljs med +")
			}
		}
		if p.circular(k) {
			p.fail("successors", "kommunen är sin egen efterföljare", "En kedja av efterföljare måste sluta i en kommun som finns")
		}
	}
	p.line = len(p.all) + 2
	if current != kommuner {
		p.fail("", fmt.Sprintf("filen har %d kommuner", current), fmt.Sprintf("Landet har %d: en utgåva tas in hel", kommuner))
	}
	if len(seen) != counties && current == kommuner {
		p.fail("", fmt.Sprintf("filen har %d län", len(seen)), fmt.Sprintf("Landet har %d", counties))
	}
}

// circular follows the successors of k back to k.
func (p *parser) circular(k Kommun) bool {
	next := map[string][]string{}
	for _, x := range p.all {
		next[x.Code] = x.Successors
	}
	seen := map[string]bool{}
	todo := slices.Clone(k.Successors)
	for len(todo) > 0 {
		code := todo[0]
		todo = todo[1:]
		if code == k.Code {
			return true
		}
		if !seen[code] {
			seen[code] = true
			todo = append(todo, next[code]...)
		}
	}
	return false
}

// WriteTo writes the edition in the layout that Parse reads.
func (r *Register) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	_ = c.Write(header) // a bytes.Buffer takes everything
	for _, k := range slices.Concat(r.all, r.ended) {
		row := []string{r.edition, k.Code, k.Name, k.FullName, k.County, k.CountyName, k.MainGroup, k.SubGroup, k.SubGroupName,
			"", "", "", k.MainLocality, "", "", k.LabourMarket, k.FARegion, string(k.ValidFrom), string(k.ValidTo), strings.Join(k.Successors, "+")}
		if k.ValidTo == "" {
			row[9], row[10] = strconv.Itoa(k.Population2019), strconv.Itoa(k.Population)
			row[11] = strconv.FormatFloat(k.LandKm2, 'f', -1, 64)
			row[13], row[14] = strconv.FormatFloat(k.Lat, 'f', -1, 64), strconv.FormatFloat(k.Lon, 'f', -1, 64)
		}
		_ = c.Write(row)
	}
	c.Flush()
	return b.WriteTo(w)
}
