package dataset

import (
	"fmt"
	"slices"
	"strings"
)

// mostCodes is how many codes of a year rule G4 is checked for.
const mostCodes = 2000

// grid is what rule G4 expects: for each unit and year, one row for each rest.
type grid struct {
	*reading
	unit, last int // places of the columns of the unit and of the last key
	fixed      []uint64
	codes      map[int][]uint64 // by year, where the rest is a code
	count      map[[2]uint64]tally
	years      []int
	explained  int // how many missing keys broken rows may explain
	faults     []Fault
}

// tally is how many keys of a unit and year stand in the file, and in which row first.
type tally struct{ keys, first int32 }

// gaps finds the keys that are missing (G4). A gap stands at the row before it in
// the order of the keys. Rows whose key could not be read may explain gaps: where
// there are no more missing keys than such rows could fill, nothing is reported.
// Cost O(units · years + rows).
func (r *reading) gaps() {
	g := &grid{reading: r, unit: r.kind.find(Municipality, Area, County), count: map[[2]uint64]tally{}}
	for i, c := range r.kind.Columns {
		if c.Key {
			g.last = i
		}
	}
	g.explained = r.broken
	if r.kind.find(AgeGroup) >= 0 {
		g.explained *= 5
	}
	g.rests()
	g.walk()
	if g.missing > g.explained {
		g.flush()
	} else if g.missing > 0 {
		r.report.note(noteGaps, r.broken)
	}
}

// yearOf is the year of a row, 0 where the kind has none.
func (r *reading) yearOf(row int) int {
	if r.year < 0 {
		return 0
	}
	return int(r.table.series[r.year].numbers[row])
}

// rests finds the keys within a unit and year, and counts the rows of each.
func (g *grid) rests() {
	code := g.kind.find(Code)
	seen := map[[2]uint64]bool{}
	g.codes = map[int][]uint64{}
	for row := range g.table.rows {
		year := g.yearOf(row)
		block := [2]uint64{0, uint64(year)}
		if g.unit >= 0 {
			block[0] = uint64(g.table.series[g.unit].ids[row])
		}
		n, ok := g.count[block]
		if !ok {
			n.first = int32(row)
		}
		n.keys++
		if g.until != nil {
			n.keys += g.until[row] - int32(g.table.series[g.last].numbers[row])
		}
		g.count[block] = n
		if g.year >= 0 {
			g.years = append(g.years, year)
		}
		if code >= 0 {
			id := uint64(g.table.series[code].ids[row])
			if k := [2]uint64{uint64(year), id}; !seen[k] {
				seen[k] = true
				g.codes[year] = append(g.codes[year], id<<g.shift[code])
			}
		}
		if len(g.years) > 4096 {
			slices.Sort(g.years)
			g.years = slices.Compact(g.years)
		}
	}
	slices.Sort(g.years)
	g.years = slices.Compact(g.years)
	if g.kind.EveryYear && len(g.years) > 0 {
		first, last := g.years[0], g.years[len(g.years)-1]
		g.years = g.years[:0]
		for y := first; y <= last; y++ {
			g.years = append(g.years, y)
		}
	}
	if g.year < 0 {
		g.years = []int{0}
	}
	g.fixed = []uint64{0}
	for i, c := range g.kind.Columns {
		if !c.Key || c.Type != Sex && c.Type != Age && c.Type != AgeGroup {
			continue
		}
		low, high := 0, 1
		if c.Type != Sex {
			low, high = ages(g.kind)
		}
		var longer []uint64
		for _, k := range g.fixed {
			for v := low; v <= high; v++ {
				longer = append(longer, k|uint64(v)<<g.shift[i])
			}
		}
		g.fixed = longer
	}
	if code >= 0 {
		words := g.table.series[code].words
		for _, list := range g.codes {
			slices.SortFunc(list, func(a, b uint64) int { return strings.Compare(words[a>>g.shift[code]], words[b>>g.shift[code]]) })
		}
	}
}

// restsOf is the keys within a unit in a year.
func (g *grid) restsOf(year int) []uint64 {
	if g.kind.find(Code) < 0 {
		return g.fixed
	}
	return g.codes[year]
}

// units lists the words of the unit's column in order, and the codes that only
// the list of the country has.
func (g *grid) units() (names []string) {
	if g.unit < 0 {
		return []string{""}
	}
	names = slices.Clone(g.table.series[g.unit].words)
	if g.kind.Whole && g.c.All != nil {
		for _, y := range g.years {
			names = append(names, g.c.All(y)...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// walk goes through units and years in order.
func (g *grid) walk() {
	national := map[[2]string]bool{}
	if g.kind.Whole && g.c.All != nil {
		for _, y := range g.years {
			for _, code := range g.c.All(y) {
				national[[2]string{code, fmt.Sprint(y)}] = true
			}
		}
	}
	emptyYear := map[int]bool{}
	for _, y := range g.years {
		emptyYear[y] = g.year >= 0
	}
	for block := range g.count {
		emptyYear[int(block[1])] = false
	}
	line := 1
	for _, y := range g.years {
		if emptyYear[y] {
			g.missing += max(1, len(g.restsOf(y)))
			g.gap(1, g.year, textGapUnit, fmt.Sprintf("%s %d", g.kind.Columns[g.year].Name, y))
		} else if n := len(g.restsOf(y)); n > mostCodes {
			g.report.note(noteManyCodes, y, mostCodes)
			emptyYear[y] = true
		}
	}
	for _, name := range g.units() {
		id, inFile := uint32(0), g.unit < 0
		if g.unit >= 0 {
			id, inFile = g.table.series[g.unit].index[name]
		}
		rows := false
		for _, y := range g.years {
			rows = rows || inFile && g.count[[2]uint64{uint64(id), uint64(y)}].keys > 0
		}
		if !rows {
			if g.kind.Whole && g.c.All != nil {
				g.missing++
				g.gap(1, g.unit, textGapUnit, g.label(name, 0, 0, false))
			}
			continue
		}
		for _, y := range g.years {
			expected := national[[2]string{name, fmt.Sprint(y)}] || g.unit < 0 || g.there(g.unit, id, y)
			if !emptyYear[y] {
				line = g.block(name, id, y, expected, line)
			}
		}
	}
}

// block checks one unit in one year; it gives the line of its last row.
func (g *grid) block(name string, id uint32, year int, expected bool, line int) int {
	rests := g.restsOf(year)
	of := g.count[[2]uint64{uint64(id), uint64(year)}]
	have := int(of.keys)
	base := uint64(0)
	if g.unit >= 0 {
		base |= uint64(id) << g.shift[g.unit]
	}
	if g.year >= 0 {
		base |= uint64(year-firstYear) << g.shift[g.year]
	}
	switch {
	case have == 0 && expected:
		g.missing += len(rests)
		g.gap(line, max(g.year, g.unit), textGapAll, g.label(name, year, 0, false))
		return line
	case have == 0:
		return line
	case 2*have < len(rests): // most are missing: one sentence says more than a list
		line = int(g.lines[of.first])
		g.missing += len(rests) - have
		g.gap(line, g.last, textGapMost, len(rests), g.label(name, year, 0, false), len(rests)-have)
		return line
	}
	from := -1 // the first of a run of rests that are missing
	for i, rest := range rests {
		row, ok := g.keys[base|rest]
		if !ok {
			if from < 0 {
				from = i
			}
			continue
		}
		g.run(name, year, rests, from, i, line)
		from, line = -1, int(g.lines[row])
		if i == 0 && have == len(rests) && g.complete(base, rests) {
			return int(g.lines[g.keys[base|rests[len(rests)-1]]])
		}
	}
	g.run(name, year, rests, from, len(rests), line)
	return line
}

// complete tells whether the last key is there too. Where as many rows as are
// expected stand in a block and none is double, nothing can be missing.
func (g *grid) complete(base uint64, rests []uint64) bool {
	_, ok := g.keys[base|rests[len(rests)-1]]
	return ok && g.doubles == 0
}

// run notes that the rests from one to before another are missing.
func (g *grid) run(name string, year int, rests []uint64, from, to, line int) {
	if from < 0 {
		return
	}
	g.missing += to - from
	first := g.label(name, year, rests[from], true)
	if to-from == 1 {
		g.gap(line, g.last, textGapRow, first)
		return
	}
	g.gap(line, g.last, textGapRun, first, g.label(name, year, rests[to-1], true), to-from)
}

// gap keeps a fault until there are more missing keys than broken rows explain;
// from then on they go to the report, which is bounded.
func (g *grid) gap(line, place int, format string, args ...any) {
	f := Fault{Line: line, Column: g.kind.Columns[place].Name, Rule: "G4", Force: Error, Expected: Sentence{format, args}, place: place}
	if g.faults = append(g.faults, f); g.missing > g.explained {
		g.flush()
	}
}

func (g *grid) flush() {
	for _, f := range g.faults {
		g.report.add(f)
	}
	g.faults = g.faults[:0]
}

// gapLabel is a key that is written in words when it is shown.
type gapLabel struct {
	g    *grid
	name string
	year int
	rest uint64
	all  bool
}

// String is the key in words.
func (l gapLabel) String() string { return l.g.words(l.name, l.year, l.rest, l.all) }

func (g *grid) label(name string, year int, rest uint64, all bool) gapLabel {
	return gapLabel{g, name, year, rest, all}
}

// words writes a key in words: "kommun 0114, ar 2024, kon K, alder 57".
func (g *grid) words(name string, year int, rest uint64, all bool) string {
	var parts []string
	for i, c := range g.kind.Columns {
		if !c.Key {
			continue
		}
		value := rest >> g.shift[i] & (1<<c.Type.bits() - 1)
		switch {
		case i == g.unit:
			parts = append(parts, c.Name+" "+name)
		case i == g.year && year > 0:
			parts = append(parts, fmt.Sprint(c.Name, " ", year))
		case i == g.year || !all:
		case c.Type.text():
			parts = append(parts, c.Name+" "+g.table.series[i].words[value])
		default:
			parts = append(parts, fmt.Sprint(c.Name, " ", value))
		}
	}
	return strings.Join(parts, ", ")
}
