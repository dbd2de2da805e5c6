package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strings"
)

// mostWords is how many different values a column of text may have.
const mostWords = 1 << 16

// reading is a file while it is read.
type reading struct {
	kind    *Kind
	c       Context
	report  *Report
	table   *Table
	at      []int // the field of each column of the kind, −1 where the file lacks it
	year    int   // the place of the column with the year, −1 where there is none
	lines   []int32
	until   []int32 // of migration_out: the last age of the row's group
	keys    map[uint64]int32
	shift   []uint // of each column in a key
	broken  int    // rows whose key cannot be read
	doubles int    // rows whose key stands before
	missing int    // keys that rule G4 misses
	valid   map[unitYear]bool
	cells   []cell
	whole   bool // all columns are there
}

type unitYear struct {
	word uint64 // place of the column, and of the word in it
	year int
}

// Read checks the bytes of a file and gives its table and the report of the
// check. kind is the name of a kind, or empty to take it from the file's name.
// The table is nil where the report has errors. The bytes are not kept.
// Cost O(bytes + rows · columns), and for rule G4 O(units · years + rows) as a
// rule; memory is about 60 bytes for a row of population.
func Read(kind, fileName string, data []byte, c Context) (*Table, *Report) {
	sum := sha256.Sum256(data)
	report := &Report{File: fileName, Kind: kind, SHA256: hex.EncodeToString(sum[:])}
	k := kindOf(kind)
	if found, ok := KindOf(fileName); kind == "" && ok {
		k = kindOf(found.Name)
	}
	if k == nil {
		report.add(Fault{Line: 1, Rule: "G0", Force: Error, Expected: Sentence{Format: textUnknownKind}})
		report.finish()
		return nil, report
	}
	report.Kind = k.Name
	r := &reading{
		kind: k, c: c, report: report, year: k.find(Year), valid: map[unitYear]bool{}, cells: make([]cell, len(k.Columns)),
		table: &Table{Kind: k.Name, File: fileName, SHA256: report.SHA256, places: map[string]int{}},
	}
	r.read(data)
	if report.OK() {
		r.adjust()
	}
	report.finish()
	if !report.OK() {
		return nil, report
	}
	for i := range r.table.series {
		r.table.series[i].index = nil
	}
	return r.table, report
}

// fault notes a fault of a column; place is −1 for one of the whole row.
func (r *reading) fault(line, place int, value []byte, rule string, force Force, format string, args ...any) {
	f := Fault{Line: line, Rule: rule, Force: force, Value: asRead(value), Expected: Sentence{format, args}, place: place, weight: math.Inf(1)}
	if place >= 0 {
		f.Column = r.kind.Columns[place].Name
	}
	r.report.add(f)
}

func (r *reading) read(data []byte) {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		r.fault(1, -1, nil, "G0", Error, textUTF8)
		return
	}
	records := newRecords(data)
	head, ok := records.next()
	if !ok {
		r.fault(1, -1, nil, "G0", Error, textEmpty)
		return
	}
	if head.wrong != "" {
		r.fault(head.line, -1, head.raw, "G0", Error, head.wrong)
		return
	}
	width := len(head.fields)
	r.header(head)
	r.prepare(1 + bytes.Count(data, []byte("\n")))
	for {
		row, ok := records.next()
		if !ok {
			break
		}
		r.report.Rows++
		switch {
		case row.wrong != "":
			r.broken++
			r.fault(row.line, -1, row.raw, "G0", Error, row.wrong)
		case len(row.fields) != width:
			r.broken++
			r.fault(row.line, -1, row.raw, "G0", Error, textFields, width, len(row.fields))
		case !r.row(row):
			return
		}
	}
	if r.report.Rows == 0 {
		r.fault(head.line, -1, nil, "G0", Error, textNoRows)
		return
	}
	r.across()
}

// header finds the columns (G1).
func (r *reading) header(head record) {
	names := make([]string, len(head.fields))
	for i, f := range head.fields {
		names[i] = strings.ToLower(string(f))
	}
	named := func(place int, name, format string, force Force, args ...any) {
		r.report.add(Fault{Line: head.line, Column: asRead([]byte(name)), Rule: "G1", Force: force, Expected: Sentence{format, args}, place: place, weight: math.Inf(1)})
	}
	if len(names) == 1 && strings.Contains(string(head.raw), "\t") {
		r.fault(head.line, -1, head.raw, "G0", Error, textTab)
	}
	var known []string
	r.whole = true
	for _, c := range r.kind.Columns {
		i := slices.Index(names, c.Name)
		r.at = append(r.at, i)
		known = append(known, c.Name)
		if i < 0 && !c.Optional {
			r.whole = false
			named(len(r.at), c.Name, textColumnMissing, Error, c.Name, asRead([]byte(strings.Join(names, ", "))))
		}
	}
	for i, name := range names {
		switch {
		case !slices.Contains(known, name):
			named(len(known)+1+i, name, textColumnUnknown, Warning, strings.Join(known, ", "))
		case slices.Index(names, name) < i:
			named(len(known)+1+i, name, textColumnTwice, Error)
		}
	}
}

// bits is how many bits the values of a type take in a key. Keys of all kinds
// fit in 64 bits.
func (t Type) bits() uint {
	switch t {
	case Municipality, Area:
		return 14
	case County, Age, AgeGroup:
		return 7
	case Year:
		return 9
	case Sex:
		return 1
	case Code:
		return 16
	}
	return 24 // a whole number
}

// prepare makes room for the rows.
func (r *reading) prepare(rows int) {
	rows = min(rows, 1<<20) // a larger file lets them grow
	shift := uint(0)
	for i, c := range r.kind.Columns {
		s := series{column: c}
		r.shift = append(r.shift, shift)
		if c.Key {
			shift += c.Type.bits()
		}
		if r.at[i] >= 0 || c.Type == Mark {
			r.table.places[c.Name] = i
			if c.Type.text() {
				s.index, s.ids = map[string]uint32{}, make([]uint32, 0, rows)
			} else {
				s.numbers = make([]float64, 0, rows)
			}
		}
		if c.Type == Sex {
			s.words, s.index = []string{"K", "M"}, map[string]uint32{"K": 0, "M": 1}
		}
		r.table.series = append(r.table.series, s)
	}
	r.lines = make([]int32, 0, rows)
	if r.whole {
		r.keys = make(map[uint64]int32, rows)
	}
}

// row reads a row into the table; one whose key cannot be read is left out. It
// is false where reading must stop.
func (r *reading) row(row record) bool {
	for i := range r.kind.Columns {
		r.cells[i] = cell{}
		if at := r.at[i]; at >= 0 {
			r.cells[i] = r.cell(row.line, i, row.fields[at])
			if r.cells[i].stop {
				return false
			}
		}
	}
	r.marked()
	readable := r.units(row)
	if !readable {
		r.broken++
		return true
	}
	n := int32(len(r.lines))
	r.lines = append(r.lines, int32(row.line))
	for i := range r.table.series {
		s := &r.table.series[i]
		switch c := r.cells[i]; {
		case s.ids != nil:
			s.ids = append(s.ids, c.word)
		case s.numbers == nil:
		case c.ok:
			s.numbers = append(s.numbers, c.number)
		default:
			s.numbers = append(s.numbers, math.NaN())
		}
	}
	r.table.rows++
	r.index(row, n)
	return true
}

// marked puts the word after a number in the column for it.
func (r *reading) marked() {
	i := r.kind.column("t_avgift_markering")
	if i < 0 {
		return
	}
	for _, c := range r.cells {
		if c.marked {
			r.cells[i].word = r.table.series[i].word([]byte(assumed))
			return
		}
	}
	if r.at[i] < 0 {
		r.cells[i].word = r.table.series[i].word(nil)
	}
}

// units holds codes against the register (G2), and tells whether the key is readable.
func (r *reading) units(row record) (readable bool) {
	year, known := 0, true
	if r.year >= 0 {
		year, known = int(r.cells[r.year].number), r.cells[r.year].ok
	}
	readable = true
	for i, c := range r.kind.Columns {
		if !c.Key {
			continue
		}
		if known && r.cells[i].ok && !r.there(i, r.cells[i].word, year) {
			r.cells[i].ok = false
			value := row.fields[r.at[i]]
			switch {
			case len(value) == 2:
				r.fault(row.line, i, value, "G2", Error, textNoCounty)
			case year == 0:
				r.fault(row.line, i, value, "G2", Error, textNoUnitToday)
			default:
				r.fault(row.line, i, value, "G2", Error, textNoUnit, year)
			}
		}
		readable = readable && r.cells[i].ok
	}
	return readable
}

// there tells whether a code is one of the year.
func (r *reading) there(place int, word uint32, year int) bool {
	switch r.kind.Columns[place].Type {
	case Municipality, County, Area:
	default:
		return true
	}
	k := unitYear{uint64(place)<<32 | uint64(word), year}
	ok, seen := r.valid[k]
	if !seen {
		code := r.table.series[place].words[word]
		switch {
		case len(code) == 4 && r.c.Unit != nil:
			ok = r.c.Unit(code, year)
		case len(code) == 2 && r.c.County != nil:
			ok = r.c.County(code)
		default:
			ok = true
		}
		r.valid[k] = ok
	}
	return ok
}

// index keeps the row's key, and finds one that stands twice (G3).
func (r *reading) index(row record, n int32) {
	if r.keys == nil {
		return
	}
	k := uint64(0)
	last := -1
	ages := 1
	for i, c := range r.kind.Columns {
		if c.Key {
			k |= r.component(i, r.cells[i]) << r.shift[i]
			last = i
			if c.Type == AgeGroup {
				ages = 1 + int(r.cells[i].until) - int(r.cells[i].number)
				r.until = append(r.until, int32(r.cells[i].until))
			}
		}
	}
	if r.kind.pair {
		k = r.pairKey()
	}
	for a := range ages {
		k := k + uint64(a)<<r.shift[last]
		if first, twice := r.keys[k]; twice {
			r.fault(row.line, last, row.fields[r.at[last]], "G3", Error, textTwice, r.lines[first])
			r.doubles++
			return
		}
		r.keys[k] = n
	}
}

// pairKey is the key of a pair whatever its order. The two columns have words
// of their own, so the codes themselves are compared.
func (r *reading) pairKey() uint64 {
	a := codeNumber(r.table.series[0].words[r.cells[0].word])
	b := codeNumber(r.table.series[1].words[r.cells[1].word])
	return min(a, b)<<14 | max(a, b)
}

func codeNumber(code string) (n uint64) {
	for _, c := range code {
		n = n*10 + uint64(c-'0')
	}
	return n
}

// component is a value as it stands in a key.
func (r *reading) component(place int, c cell) uint64 {
	switch t := r.kind.Columns[place].Type; {
	case t.text():
		return uint64(c.word)
	case t == Year:
		return uint64(c.number) - firstYear
	default:
		return uint64(c.number)
	}
}
