// Package demography projects populations: life tables, the cohort-component
// step, the model of Lee and Carter, and a stochastic projection of all
// municipalities at once in which domestic moves cancel.
//
// The package is pure: plain values in, plain values out. Every random number
// is a function of (seed, draw, stream, unit, year), so that the same input
// gives the same bytes with any number of workers.
//
// Ages are completed years 0..100, where 100 means 100 and older. A cell is a
// sex and an age: cell = sex*Ages + age with Women first. Populations are
// persons at 31 December unless a name says mean population.
package demography

import "fmt"

// The size of an age distribution.
const (
	Ages  = 101      // ages 0..100, the last one open
	Open  = Ages - 1 // the open age group
	Sexes = 2
	Cells = Sexes * Ages // cells of one population by sex and age
)

// Sex is Women or Men.
type Sex int

// The sexes, in the order of the cells.
const (
	Women Sex = iota
	Men
)

// Cell is the index of a sex and an age.
func Cell(s Sex, age int) int { return int(s)*Ages + age }

// The ages at which women bear children in the model.
const (
	FirstBirth = 15
	LastBirth  = 49
)

// SRB is the sex ratio at birth, boys per girl.
const SRB = 1.06

// InputError says that an input is not what the model can use.
type InputError struct{ What string }

func (e *InputError) Error() string { return e.What }

func badInput(format string, args ...any) error {
	return &InputError{fmt.Sprintf(format, args...)}
}
