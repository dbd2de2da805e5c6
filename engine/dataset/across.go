package dataset

import (
	"math"
	"slices"
)

// The tolerances of the specification.
const (
	sumTolerance    = 0.005 // G7: of the total
	changeTolerance = 0.5   // G9: of the value of the year before
	exactShare      = 1e-9  // migration_in: of the sum 1
)

// across makes the checks that concern several rows.
func (r *reading) across() {
	r.unasked()
	if !r.whole {
		r.report.note(noteColumns)
		return
	}
	if r.kind.NoGaps {
		r.gaps()
	}
	r.yearBefore()
	for _, check := range r.kind.checks {
		check(r)
	}
}

// unasked says which checks could not be made since nobody answers.
func (r *reading) unasked() {
	has := func(types ...Type) bool {
		return slices.ContainsFunc(r.kind.Columns, func(c Column) bool { return slices.Contains(types, c.Type) })
	}
	if r.c.Unit == nil && has(Municipality, Area) {
		r.report.note(noteUnit)
	}
	if r.c.County == nil && has(County, Area) {
		r.report.note(noteCounty)
	}
	if r.c.All == nil && (r.kind.Whole || r.kind.Name == "adjacency" || r.kind.Name == "migration_totals") {
		r.report.note(noteWhole)
	}
	if r.c.Totals == nil && r.kind.Name == "population" {
		r.report.note(noteTotals)
	}
	if r.c.Submodel == nil && r.kind.Name == "standard_cost" {
		r.report.note(noteSubmodel)
	}
}

// numbers is a column of numbers by name.
func (r *reading) numbers(name string) []float64 { return r.table.Numbers(name) }

// line is the line of a row.
func (r *reading) line(row int) int { return int(r.lines[row]) }

// wrong notes a fault of a row in a column, with the number as read.
func (r *reading) wrong(row int, column, rule string, force Force, format string, args ...any) {
	place := r.kind.column(column)
	value := ""
	if r.table.Has(column) {
		value = r.table.Text(row, column)
	}
	r.fault(r.line(row), place, []byte(value), rule, force, format, args...)
}

// sum is a sum over rows, by a part of the key.
type sum struct {
	first int // row
	total float64
}

// sums adds a column over the rows that have the same values in the columns, in
// the order in which they first stand. A sum with a value that could not be read
// is NaN. Cost O(rows).
func (r *reading) sums(column string, by ...string) (out []sum) {
	place := map[[2]uint64]int{}
	values := r.numbers(column)
	for row := range r.table.rows {
		var k [2]uint64
		for i, name := range by {
			if s := &r.table.series[r.kind.column(name)]; s.ids != nil {
				k[i] = uint64(s.ids[row])
			} else {
				k[i] = uint64(s.numbers[row])
			}
		}
		i, ok := place[k]
		if !ok {
			i = len(out)
			place[k] = i
			out = append(out, sum{first: row})
		}
		out[i].total += values[row]
	}
	return out
}

// summable tells whether sums can be made: not where rows
// are missing, cannot be read or stand twice.
func (r *reading) summable() bool {
	if n := max(r.missing, r.broken) + r.doubles; n > 0 {
		r.report.note(noteSums, n)
		return false
	}
	return true
}

// yearBefore warns of large changes from the same key the year before (G9).
// Cost O(rows).
func (r *reading) yearBefore() {
	if r.year < 0 {
		return
	}
	one := uint64(1) << r.shift[r.year]
	keys := make([]uint64, 0, r.table.rows)
	for row := range r.table.rows {
		k := uint64(0)
		for i, c := range r.kind.Columns {
			if s := &r.table.series[i]; c.Key && s.ids != nil {
				k |= uint64(s.ids[row]) << r.shift[i]
			} else if c.Key {
				k |= r.component(i, cell{number: s.numbers[row]}) << r.shift[i]
			}
		}
		keys = append(keys, k)
	}
	for row, k := range keys {
		if r.yearOf(row) == firstYear {
			continue
		}
		before, ok := r.keys[k-one]
		if !ok {
			continue
		}
		for i, c := range r.kind.Columns {
			s := &r.table.series[i]
			if c.Key || s.numbers == nil {
				continue
			}
			now, then := s.numbers[row], s.numbers[before]
			if change := math.Abs(now - then); change > changeTolerance*math.Abs(then) {
				r.report.add(Fault{
					Line: r.line(row), Column: c.Name, Value: figure(now), Rule: "G9", Force: Warning,
					Expected: Sentence{textBefore, []any{figure(then)}}, place: i, weight: change,
				})
			}
		}
	}
}

// populationTotals holds the sums against what is published (G7).
func populationTotals(r *reading) {
	if r.c.Totals == nil || !r.summable() {
		return
	}
	for _, s := range r.sums("antal", "kommun", "ar") {
		code, year := r.table.Text(s.first, "kommun"), r.yearOf(s.first)
		published, ok := r.c.Totals(code, year)
		if ok && math.Abs(s.total-published) > sumTolerance*published {
			r.fault(r.line(s.first), r.kind.column("antal"), []byte(figure(s.total)), "G7", Error, textTotal, code, year, figure(published))
		}
	}
}

// poolShares holds the shares of the municipalities against 1 (G7); adjust
// rectifies sums that are almost 1.
func poolShares(r *reading) {
	if !r.summable() {
		return
	}
	for _, s := range r.sums("andel_av_pool", "kon", "alder") {
		off := math.Abs(s.total - 1)
		sex, age := r.table.Text(s.first, "kon"), r.table.Int(s.first, "alder")
		place, value := r.kind.column("andel_av_pool"), []byte(figure9(s.total))
		switch {
		case off > sumTolerance:
			r.fault(r.line(s.first), place, value, "G7", Error, textShares, sex, age)
		case off > exactShare:
			r.fault(r.line(s.first), place, value, "G7", Warning, textScaled, sex, age)
		}
	}
}

// movesBalance: all who move in have moved out (G7), over the whole country.
func movesBalance(r *reading) {
	if r.c.All == nil || !r.summable() {
		return
	}
	out := r.sums("utflytt", "ar")
	for i, in := range r.sums("inflytt", "ar") {
		year := r.yearOf(in.first)
		if !r.hasAll(year) {
			r.report.note(noteMoves, year)
			continue
		}
		if off := math.Abs(in.total - out[i].total); off > sumTolerance*max(in.total, out[i].total) {
			r.fault(r.line(in.first), r.kind.column("utflytt"), []byte(figure(out[i].total)), "G7", Error, textMoves, year, figure(in.total))
		}
	}
}

// hasAll tells whether every municipality of a year has its row.
func (r *reading) hasAll(year int) bool {
	s := &r.table.series[0]
	for _, code := range r.c.All(year) {
		id, ok := s.index[code]
		if !ok {
			return false
		}
		if _, ok := r.keys[uint64(id)<<r.shift[0]|uint64(year-firstYear)<<r.shift[r.year]]; !ok {
			return false
		}
	}
	return true
}
