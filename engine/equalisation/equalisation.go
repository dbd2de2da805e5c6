// Package equalisation computes kommunalekonomisk utjämning: what each
// municipality receives or pays by lag (2004:773) and förordning (2004:881), and
// by lag (2008:342) for LSS.
//
// Amounts are kronor for a whole municipality unless a name says PerInhabitant.
// A base (skatteunderlag) of year t is always the one assessed for income year
// t−2, in kronor. Inhabitants are those of 1 November t−1. Rates are fractions,
// 0.19 for 19 per cent. A positive amount is received (bidrag), a negative one
// is paid (avgift).
//
// Everything that the law fixes is data: RuleSet holds it for one utjämningsår,
// each figure with its provision, its source and a Mark that tells how well it
// is known. What is not known is never invented: a rule set lists it in Open.
package equalisation

import (
	"errors"
	"fmt"
)

// Mark tells how well a figure is known.
type Mark string

// The marks. Only Verified and Computed may be shown as facts; Assumed is shown
// as «antagande».
const (
	Verified Mark = "V" // read in the source named
	Computed Mark = "C" // follows from the data named
	Assumed  Mark = "U" // not confirmed
)

// Value is a figure with the place it comes from.
type Value struct {
	Number    float64
	Mark      Mark
	Provision string // "4 § lag (2004:773)"
	Source    string // where it was read, or how it was computed
}

// Known tells whether the value may be shown as a fact.
func (v Value) Known() bool { return v.Mark == Verified || v.Mark == Computed }

// Rates are the county's rates (länsvisa skattesatser) for municipalities.
type Rates struct {
	Grant Value // t95, of a gap that is positive
	Fee   Value // t85, of a gap that is negative
}

// ErrInput is wrapped by every error about values that cannot be.
var ErrInput = errors.New("equalisation: bad input")

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInput, fmt.Sprintf(format, args...))
}
