// Package slot finds the best time for a meeting among the options of a poll.
package slot

import (
	"cmp"
	"slices"
)

// Answer is what one person says of one option.
type Answer int8

// The answers; None is no answer yet.
const (
	None Answer = iota
	No
	IfNeeded
	Yes
)

// Person is one who was asked: an answer for each option, in the options'
// order. A required person must be able to come. Body groups persons ("" none).
type Person struct {
	Answers  []Answer
	Required bool
	Body     string
	Politic  string // "politiker", "tjänsteperson" or ""
}

// Rules are what the meeting needs.
type Rules struct {
	Min     int            // persons
	Mixed   bool           // politicians and officials
	PerBody map[string]int // at least so many of each body
}

// Result is an option with how many can come. Possible says that every
// required person and every rule is met.
type Result struct {
	Option            int
	Possible          bool
	Yes, IfNeeded, No int
	Silent            int
	MissingRequired   int
	Short             int  // persons missing to Min
	Unmixed           bool // one of the two sorts is missing
	BodiesShort       int  // bodies with too few
}

// Rank orders the options, best first: those that are possible, then fewer
// required persons missing, fewer rules broken, more who can come, more who
// can come gladly, and the earlier option. Options may be of any number, and
// persons too; an answer that is missing counts as None.
// Cost: O(options × persons).
func Rank(options int, people []Person, rules Rules) []Result {
	out := make([]Result, options)
	for i := range out {
		out[i] = count(i, people, rules)
	}
	slices.SortStableFunc(out, func(a, b Result) int {
		return cmp.Or(
			cmp.Compare(a.MissingRequired, b.MissingRequired), cmp.Compare(a.broken(), b.broken()),
			cmp.Compare(b.Yes+b.IfNeeded, a.Yes+a.IfNeeded), cmp.Compare(b.Yes, a.Yes), cmp.Compare(a.Option, b.Option))
	})
	return out
}

// broken counts the rules that are not met.
func (r Result) broken() int {
	n := r.BodiesShort
	if r.Short > 0 {
		n++
	}
	if r.Unmixed {
		n++
	}
	return n
}

func count(option int, people []Person, rules Rules) Result {
	r := Result{Option: option}
	politicians, officials := 0, 0
	bodies := map[string]int{}
	for _, p := range people {
		a := None
		if option < len(p.Answers) {
			a = p.Answers[option]
		}
		switch a {
		case Yes:
			r.Yes++
		case IfNeeded:
			r.IfNeeded++
		case No:
			r.No++
		default:
			r.Silent++
		}
		if a < IfNeeded {
			if p.Required {
				r.MissingRequired++
			}
			continue
		}
		switch p.Politic {
		case "politiker":
			politicians++
		case "tjänsteperson":
			officials++
		}
		if len(rules.PerBody) > 0 {
			bodies[p.Body]++
		}
	}
	r.Short = max(0, rules.Min-r.Yes-r.IfNeeded)
	r.Unmixed = rules.Mixed && (politicians == 0 || officials == 0)
	for body, least := range rules.PerBody {
		if bodies[body] < least {
			r.BodiesShort++
		}
	}
	r.Possible = r.MissingRequired == 0 && r.broken() == 0
	return r
}
