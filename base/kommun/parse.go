package kommun

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxFile is the largest edition file that is read, bytes. An edition is
// about 50 kB.
const MaxFile = 8 << 20

// The most rows that are read, and the most problems that are listed.
const (
	maxRows     = 5000
	maxProblems = 2000
)

// header is the layout of an edition file as WriteTo writes it; docs/register.md
// describes it. Columns may stand in any order.
var header = []string{
	"edition", "code", "name", "full_name", "county_code", "county_name", "main_group", "sub_group", "sub_group_name",
	"population_2019", "population", "land_km2", "main_locality", "lat", "lon", "labour_market", "fa_region",
	"valid_from", "valid_to", "predecessors", "successors",
}

// optional columns may be left out of a file.
var optional = []string{"full_name", "population_2019", "labour_market", "fa_region", "valid_from", "valid_to", "predecessors", "successors"}

// Problem is something wrong in an edition file: where, what, how to mend it.
// Column is "" where it concerns the whole line.
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
// and CRLF are fine. Every municipality of the embedded edition must be there,
// in use or ended with its successors. O(n log n) in the file's size, which is
// at most MaxFile.
func Parse(r io.Reader) (*Register, []Problem) { return parse(r, Default().All()) }

// parse is Parse, with the municipalities that must not be lost.
func parse(r io.Reader, expected []Kommun) (*Register, []Problem) {
	p := &parser{}
	if p.read(r) {
		p.whole(expected)
	}
	if len(p.problems) > 0 {
		slices.SortStableFunc(p.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(slices.Index(header, a.Column), slices.Index(header, b.Column)))
		})
		return nil, p.problems
	}
	return newRegister(p.edition, p.all), nil
}

type parser struct {
	line     int
	column   map[string]int // where each column stands in the file
	fields   []string       // the row that is read
	edition  string
	all      []Kommun
	lines    []int // of each in all
	problems []Problem
}

func (p *parser) fail(column, what, mend string) {
	p.problems = append(p.problems, Problem{p.line, column, what, mend})
}

// get is the row's field in a column, "" where the file has no such column.
func (p *parser) get(column string) string {
	if i, ok := p.column[column]; ok {
		return p.fields[i]
	}
	return ""
}

// read reads every row; false where there are none to look at as a whole.
func (p *parser) read(r io.Reader) bool {
	p.line = 1
	b, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	switch {
	case err != nil:
		p.fail("", "filen kunde inte läsas", "Kontrollera att filen finns och går att öppna")
		return false
	case len(b) > MaxFile:
		p.fail("", fmt.Sprintf("filen är större än %d MB", MaxFile>>20), "En utgåva är omkring 50 kB; kontrollera att det är rätt fil")
		return false
	}
	c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	first, _, _ := bytes.Cut(b, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		c.Comma = ';'
	}
	c.FieldsPerRecord = -1
	for len(p.problems) < maxProblems {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			p.notCSV(err)
			continue
		}
		p.line, _ = c.FieldPos(0)
		p.fields = fields
		if p.column == nil {
			if !p.head() {
				return false
			}
			continue
		}
		if len(p.all) == maxRows {
			p.fail("", fmt.Sprintf("filen har fler än %d rader", maxRows), "En utgåva har omkring 300; kontrollera att det är rätt fil")
			return false
		}
		p.row()
	}
	if p.column == nil {
		p.line = 1
		p.fail("", "rubrikraden saknas", "Skriv: "+strings.Join(header, ","))
	}
	p.line = bytes.Count(bytes.TrimRight(b, "\r\n"), []byte("\n")) + 1
	return p.column != nil
}

func (p *parser) notCSV(err error) {
	var e *csv.ParseError
	if errors.As(err, &e) {
		p.line = e.StartLine
	}
	p.fail("", "raden är inte giltig CSV", "Kontrollera citattecknen: ett värde med citattecken eller radbrytning ska stå inom citattecken")
}

// head reads the header; false where no row can be read under it.
func (p *parser) head() bool {
	p.column = map[string]int{}
	before := len(p.problems)
	for i, name := range p.fields {
		name = strings.ToLower(strings.TrimSpace(name))
		switch _, taken := p.column[name]; {
		case taken:
			p.fail(name, "kolumnen står två gånger i rubrikraden", "Ta bort den ena")
		case name == "" && i == len(p.fields)-1: // a comma at the end of every line
		case !slices.Contains(header, name):
			p.fail("", "rubrikraden har en okänd kolumn, "+strconv.Quote(name), "Ta bort den; de kända är "+strings.Join(header, ", "))
		default:
			p.column[name] = i
		}
	}
	for _, name := range header {
		if _, ok := p.column[name]; !ok && !slices.Contains(optional, name) {
			p.fail(name, "kolumnen saknas i rubrikraden", "Lägg till den; docs/register.md beskriver den")
		}
	}
	p.column[""] = len(p.fields) // remembers the width
	return len(p.problems) == before
}

// row reads one municipality in one period.
func (p *parser) row() {
	if width := p.column[""]; len(p.fields) != width {
		p.fail("", fmt.Sprintf("raden har %d kolumner", len(p.fields)), fmt.Sprintf("Varje rad ska ha %d, som rubrikraden", width))
		return
	}
	for i, f := range p.fields {
		if !utf8.ValidString(f) {
			p.fail("", "texten är inte UTF-8", "Spara filen som CSV UTF-8")
			return
		}
		p.fields[i] = strings.TrimSpace(f)
	}
	k := Kommun{
		Code: p.get("code"), Name: p.get("name"), FullName: p.get("full_name"),
		County: p.get("county_code"), CountyName: p.get("county_name"), Landsdel: landsdelOf[p.get("county_code")],
		MainGroup: p.get("main_group"), SubGroup: p.get("sub_group"), SubGroupName: p.get("sub_group_name"),
		MainLocality: p.get("main_locality"), LabourMarket: p.get("labour_market"), FARegion: p.get("fa_region"),
		ValidFrom: p.date("valid_from"), ValidTo: p.date("valid_to"),
		Predecessors: p.codes("predecessors"), Successors: p.codes("successors"),
	}
	p.editionName()
	p.identity(k)
	p.groups(k)
	p.figures(&k)
	p.all, p.lines = append(p.all, k), append(p.lines, p.line)
}

// figures reads what a municipality of today must have, and one that has
// ended may have.
func (p *parser) figures(k *Kommun) {
	must := k.ValidTo == ""
	if must || p.get("population") != "" {
		k.Population = p.count("population")
	}
	if p.get("population_2019") != "" {
		k.Population2019 = p.count("population_2019")
	}
	if must || p.get("land_km2") != "" {
		k.LandKm2 = p.number("land_km2", 0.01, 25000)
	}
	if must || p.get("lat") != "" || p.get("lon") != "" {
		k.Lat = p.number("lat", 55, 69.5)
		k.Lon = p.number("lon", 10.5, 24.5)
	}
}

func (p *parser) count(column string) int {
	s := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(p.get(column))
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1e8 {
		p.fail(column, strconv.Quote(p.get(column))+" är inget antal", "Skriv ett heltal, noll eller större")
		return 0
	}
	return n
}

func (p *parser) number(column string, low, high float64) float64 {
	s := p.get(column)
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.IsNaN(v) || v < low || v > high {
		p.fail(column, strconv.Quote(s)+" är inget tal i Sverige", fmt.Sprintf("Skriv ett tal från %v till %v", low, high))
		return 0
	}
	return v
}
