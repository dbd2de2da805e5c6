// Package dataset reads and checks the input files of structure scenarios.
//
// There are 23 kinds of files, described as data in kinds.go: columns with type
// and unit, key, and the rules that go beyond those that all share. The shared
// rules are G1 to G9 of structure.md 15.1; G0 says that the file can be read at
// all, and E1 to E12 are the further rules of the kinds. docs/dataset.md has them
// all in a table.
//
// The package takes bytes and gives a table and a report. It opens no file, asks
// no register and no clock: what must be asked comes as functions in Context.
// The same bytes and the same answers give the same report.
package dataset

import (
	"slices"
	"strings"
)

// Type says how the values of a column are written.
type Type string

// The types of columns.
const (
	Municipality Type = "kommun"      // four digits as text
	County       Type = "lan"         // two digits as text
	Area         Type = "omrade"      // riket, a county or a municipality
	Year         Type = "ar"          // four digits
	Sex          Type = "kon"         // K or M
	Age          Type = "alder"       // 0 to 100, where 100 is 100 and older
	AgeGroup     Type = "aldrar"      // an age, or five years as 20-24
	Whole        Type = "heltal"      // a number without decimals
	Decimal      Type = "tal"         // a number with a decimal point
	Code         Type = "kod"         // a word that is part of the key
	Statute      Type = "forfattning" // the number of an act: 2024:669
	Mark         Type = "markering"   // empty, or one word
)

// text tells whether values are kept as text.
func (t Type) text() bool {
	switch t {
	case Municipality, County, Area, Sex, Code, Statute, Mark:
		return true
	}
	return false
}

// Force is what a rule that is broken leads to.
type Force string

// The forces: with an error there is no table; a warning is kept with it.
const (
	Error   Force = "error"
	Warning Force = "warning"
)

// Limit is a span that the numbers of a column lie in.
type Limit struct {
	Low, High float64 // both inclusive; ±Inf is no limit
	Rule      string
	Force     Force
}

// Column is a column of a kind.
type Column struct {
	Name     string
	Type     Type
	Unit     string // in Swedish; empty where the type says it
	Key      bool
	Optional bool // the file may lack it
	Limits   []Limit
}

// Rule is a rule of a kind beyond those that all share, in Swedish.
type Rule struct {
	ID    string
	Force Force
	Text  string
}

// Kind describes one kind of file.
type Kind struct {
	Name    string // "population"
	About   string // what the file holds, in Swedish
	Columns []Column
	Rules   []Rule
	Example []string // a row of values, in the order of Columns
	NoGaps  bool     // rule G4 holds
	// EveryYear is true where G4 wants every year from the first to the last of
	// the file; else the years are those that the file has.
	EveryYear bool
	// Whole is true where G4 wants every municipality of the country.
	Whole  bool
	pair   bool // the order of the two keys does not matter
	checks []func(*reading)
}

// File is the name that the file of the kind has.
func (k Kind) File() string { return k.Name + ".csv" }

// Required lists the names of the columns that the file must have.
func (k Kind) Required() (out []string) {
	for _, c := range k.Columns {
		if !c.Optional {
			out = append(out, c.Name)
		}
	}
	return out
}

// find is the place of the first column of a type among the keys, or −1.
func (k *Kind) find(types ...Type) int {
	return slices.IndexFunc(k.Columns, func(c Column) bool { return c.Key && slices.Contains(types, c.Type) })
}

// column is the place of a column by name, or −1.
func (k *Kind) column(name string) int {
	return slices.IndexFunc(k.Columns, func(c Column) bool { return c.Name == name })
}

// Kinds lists the kinds in the order of the specification.
func Kinds() []Kind { return slices.Clone(kinds) }

// ByName finds a kind by its name: "population".
func ByName(name string) (Kind, bool) {
	if k := kindOf(name); k != nil {
		return *k, true
	}
	return Kind{}, false
}

func kindOf(name string) *Kind {
	if i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name }); i >= 0 {
		return &kinds[i]
	}
	return nil
}

// KindOf finds the kind of a file by its name: population.csv, also with a folder
// before it and with a dot, a hyphen, a space or a parenthesis after the kind
// (population-2024.csv). Capital letters do not matter.
func KindOf(fileName string) (Kind, bool) {
	base := strings.ToLower(fileName[strings.LastIndexAny(fileName, `/\`)+1:])
	if i := strings.IndexAny(base, ".- ("); i >= 0 {
		base = base[:i]
	}
	return ByName(base)
}

// Context answers what a file cannot say of itself. Where a function is nil its
// check is not made, and the report says so.
type Context struct {
	// Unit tells whether a code is a municipality in a year, on 31 December;
	// year 0 is today.
	Unit func(code string, year int) bool
	// County tells whether a code is a county.
	County func(code string) bool
	// All lists the codes of the municipalities of a year, 0 for today.
	All func(year int) []string
	// Totals gives the published population of a municipality on 31 December.
	Totals func(code string, year int) (persons float64, ok bool)
	// Submodel tells whether the rule set of a year has a part of the cost
	// equalisation by that name.
	Submodel func(name string, year int) bool
}
