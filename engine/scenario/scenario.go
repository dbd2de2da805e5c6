// Package scenario computes what a merger of municipalities, a cooperation or an
// asymmetric task would do to population, cost, equalisation, tax rate and
// democracy, with its uncertainty, always beside "nothing is done" and "pure
// summation" (structure.md 3, 6 to 11).
//
// The package is pure: plain values in, plain values out. Every random number is
// a function of (seed, draw, stream, unit, year); a scenario is part of no
// address, so draw d is the same future in every scenario and differences are
// paired. The same input gives the same bytes with any number of workers.
//
// Amounts are kronor of the year, or kronor per inhabitant where a name says so;
// what is shown is kronor at the base year's level, which is the amount divided
// by the growth of the country's tax base per inhabitant. Rates are per cent
// (kronor per 100 kronor). Populations are persons at 31 December.
package scenario

import "fmt"

// InputError says that an input is not what the engine can use. Line is 0 where
// the fault is not in a line of a file.
type InputError struct {
	Line int
	What string
}

func (e *InputError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("rad %d: %s", e.Line, e.What)
	}
	return e.What
}

func bad(format string, args ...any) error { return &InputError{0, fmt.Sprintf(format, args...)} }

// Kind is what a step of a scenario does.
type Kind string

// The kinds (structure.md 8). Nothing and pure summation are always computed.
const (
	Merger      Kind = "sammanläggning" // type A
	Cooperation Kind = "samverkan"      // type B
	Asymmetric  Kind = "asymmetrisk"    // type C
)

// Form is the legal form of a cooperation.
type Form string

// The forms and their provisions in kommunallagen (2017:725).
const (
	Agreement  Form = "avtalssamverkan" // 9 kap. 37-38 §§
	JointBoard Form = "gemensam nämnd"  // 3 kap. 9 §, 9 kap. 19-36 §§
	Federation Form = "kommunalförbund" // 3 kap. 8 §, 9 kap. 1-18 §§
)

// Key shares the cost of a cooperation among its parties.
type Key string

// The keys.
const (
	ByInhabitants Key = "invånare"
	ByNeed        Key = "behov"      // by the demographic need of the areas
	ByUse         Key = "användning" // by what each paid itself before
	FixedAndUse   Key = "fast och rörlig"
)

// RateRule says which tax rate a merged municipality starts with.
type RateRule string

// The rules of harmonisation.
const (
	Lowest   RateRule = "lägsta"
	Weighted RateRule = "vägd" // by tax base
	Required RateRule = "nödvändig"
)

// Protection is a hold-harmless rule: what a merger loses in the equalisation is
// paid in full for some years and then tapered.
type Protection string

// The rules; none is what Sweden is taken to have today (not confirmed).
const (
	NoProtection Protection = "inget"
	Norway       Protection = "norge"  // 15 years and 5 of taper
	Luzern       Protection = "luzern" // 6 years and 1 at half
)

// Step is one change from a year on. Which fields are used depends on Kind.
type Step struct {
	Kind    Kind
	Members []string // codes
	From    int      // the first year
	Areas   []string // codes of areas: cooperation and asymmetric

	// A merger.
	Rule       RateRule
	Forced     bool // a merger against the will of the members: the effect is not halved
	Protection Protection
	County     string  // of the new municipality; empty is that of the largest member
	OneOff     float64 // kronor at the base year's level; 0 takes the starting value

	// A cooperation, or a task by agreement.
	Form  Form
	Host  string // code, or RegionCode
	Key   Key
	Fixed float64 // share of the cost by inhabitants under FixedAndUse

	// An asymmetric task: by agreement, or by responsibility with a tax shift.
	Responsibility bool
}

// RegionCode is the region as the one that takes over a task.
const RegionCode = "region"

// Scenario is a named sequence of steps.
type Scenario struct {
	ID, Name string
	Steps    []Step
}

// Members are the municipalities of all steps, each once, in the order met.
func (s *Scenario) Members() (out []string) {
	seen := map[string]bool{}
	for _, st := range s.Steps {
		for _, m := range st.Members {
			if !seen[m] {
				seen[m] = true
				out = append(out, m)
			}
		}
	}
	return out
}

// Start is the year of the first step, 0 without steps.
func (s *Scenario) Start() (y int) {
	for _, st := range s.Steps {
		if y == 0 || st.From < y {
			y = st.From
		}
	}
	return y
}

// Plan is a question with its scenarios and assumptions.
type Plan struct {
	Title, Question string
	Owner, Ref      string // who asked, and their reference
	OwnRef          string
	Base            int
	Years           int // horizon
	Show            int // the year that is shown first; 0 is ten years after the first start, or the last
	Scenarios       []Scenario
	Assumptions     Assumptions
	Together        [][]string // municipalities that already cooperate, with the area's name last
}

// Municipalities are those of all scenarios, each once, in the order met.
func (p *Plan) Municipalities() (out []string) {
	seen := map[string]bool{}
	for i := range p.Scenarios {
		for _, m := range p.Scenarios[i].Members() {
			if !seen[m] {
				seen[m] = true
				out = append(out, m)
			}
		}
	}
	return out
}

// ShownYear is the year that the results lead with.
func (p *Plan) ShownYear() int {
	if p.Show != 0 {
		return p.Show
	}
	first := 0
	for i := range p.Scenarios {
		if y := p.Scenarios[i].Start(); first == 0 || y != 0 && y < first {
			first = y
		}
	}
	return min(first+9, p.Base+p.Years)
}
