package dataset

import (
	"math"
	"strconv"
)

// Table is a file that has no errors, with its columns typed. It is not to be
// changed, and may be read by several at once.
type Table struct {
	Kind   string
	File   string
	SHA256 string // of the bytes, in hexadecimal
	series []series
	places map[string]int
	rows   int
}

// series is the values of a column: words by number, or numbers.
type series struct {
	column  Column
	ids     []uint32
	words   []string
	index   map[string]uint32 // only while reading
	numbers []float64
}

// Len is the number of rows. Where migration_out has groups of five years there
// is a row for each age of the group.
func (t *Table) Len() int { return t.rows }

// Has tells whether the file had the column.
func (t *Table) Has(column string) bool { _, ok := t.places[column]; return ok }

// Text is a value as text; numbers are written with as few digits as give them
// back. It is empty for a column that the table lacks. Cost O(1).
func (t *Table) Text(row int, column string) string {
	i, ok := t.places[column]
	if !ok {
		return ""
	}
	if s := &t.series[i]; s.column.Type.text() {
		return s.words[s.ids[row]]
	}
	return strconv.FormatFloat(t.series[i].numbers[row], 'f', -1, 64)
}

// Number is a value as a number, in the unit of the column. It is NaN for a
// column of text and for one that the table lacks. Cost O(1).
func (t *Table) Number(row int, column string) float64 {
	if n := t.Numbers(column); n != nil {
		return n[row]
	}
	return math.NaN()
}

// Int is a year, an age or another whole number; decimals are cut. It is 0 for a
// column of text and for one that the table lacks. Cost O(1).
func (t *Table) Int(row int, column string) int {
	if n := t.Numbers(column); n != nil {
		return int(n[row])
	}
	return 0
}

// Numbers is a column of numbers by row, nil for a column of text and for one
// that the table lacks. The slice is not to be changed. Cost O(1).
func (t *Table) Numbers(column string) []float64 {
	i, ok := t.places[column]
	if !ok {
		return nil
	}
	return t.series[i].numbers
}

// Texts is a column of text as its different words, in the order in which they
// first stand in the file, and by row the place of its word; nil for a column of
// numbers and for one that the table lacks. The slices are not to be changed.
// Cost O(1).
func (t *Table) Texts(column string) (words []string, rows []uint32) {
	i, ok := t.places[column]
	if !ok {
		return nil, nil
	}
	return t.series[i].words, t.series[i].ids
}
