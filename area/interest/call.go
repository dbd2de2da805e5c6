package interest

import (
	"slices"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// CallID names a call (utlysning).
type CallID int64

// Force says what a rule does: a must stops, an aim warns and asks for a
// written override, a fact is never enforced.
type Force string

// The forces of rules.
const (
	Must Force = "must"
	Aim  Force = "aim"
	Fact Force = "fact"
)

// Call is what this room needs to know of a call, in its own words.
type Call struct {
	ID                   CallID
	Programme            who.ProgrammeID
	Owners               []who.OrgID
	OwnerName            string
	Title, State         string // the state as it is shown
	Opens, Closes        time.Time
	Published            bool // everybody may see it
	Cancelled            bool
	Targeted             bool // only those who were invited take part
	Joint                bool // several municipalities may answer together
	FormalDecision       bool // each municipality confirms by a formal decision
	Decided              bool // the selection has been decided
	Edition              string
	FormVersion          int64
	Questions            []Question
	Requirements         []Requirement
	Eligibility          []Rule
	Kinds                []Kind
	Members              []string // codes of those who may answer; empty: all
	Budget               BudgetRule
	Responsible, Contact string
}

// Question is one field of the call's form.
type Question struct {
	ID, Label, Hint string
	Kind            string // text, long, number, yesno, choice
	Required        bool
	Options         []string
}

// Requirement is one thing that the participant undertakes, and when it is checked.
type Requirement struct {
	ID, Text, Source                      string
	AtApplication, AtDecision, AtFollowUp bool
}

// Kind is a kind of participation with numbers of its own.
type Kind struct {
	ID, Name, Purpose string
	Count             string // "municipalities", "persons" or "applications"
	Min, Target, Max  int    // Max 0: no maximum
	// Mixed: the group as a whole has officials and politicians. MixForce says
	// what happens to one application that offers only one of them; "" warns.
	Mixed    bool
	MixForce Force
	Bodies   []Body
	From, To calendar.Date // of the participation; "" open
}

// Body is a body of each municipality from which so many persons take part.
type Body struct {
	Name     string
	Min, Max int
	Force    Force
}

// Rule is a formal rule of eligibility, as data. Test is one of: member,
// county, main_group, sub_group, population_min, population_max, org_kind,
// signed, statement, attachment, applicants_min, applicants_max, budget,
// officer (a person judges). Source is the line that the rule was taken from.
type Rule struct {
	ID, Text, Source string
	Test, Param      string
	Force            Force // "" is must
}

// BudgetRule says whether a budget is asked for and how it may be shared, in
// basis points of the total cost.
type BudgetRule struct {
	Asked    bool
	GrantMax int // 6000 is 60 %
	OwnMin   int
	Force    Force // "" is must
	Source   string
}

// Accepts tells whether the call takes new answers at the moment: nil, or why not.
func (c Call) Accepts(now time.Time) error {
	switch {
	case c.Cancelled:
		return fail.New(fail.Conflict, "Utlysningen har avbrutits och tar inte emot svar.")
	case !c.Published:
		return fail.New(fail.NotFound, "Utlysningen finns inte.")
	case now.Before(c.Opens):
		return fail.New(fail.Conflict, "Utlysningen har inte öppnat än.")
	case !now.Before(c.Closes):
		return fail.New(fail.Conflict, "Utlysningen har stängt. Det du har skrivit finns kvar som utkast, men det går inte längre att lämna in.")
	}
	return nil
}

// resource is the call itself, for rights to list and export.
func (c Call) resource() policy.Resource {
	return policy.Resource{Programme: c.Programme, Owners: c.Owners, Published: c.Published, Submitted: true, Decided: c.Decided}
}

// kind finds a kind of participation.
func (c Call) kind(id string) (Kind, bool) {
	i := slices.IndexFunc(c.Kinds, func(k Kind) bool { return k.ID == id })
	if i < 0 {
		return Kind{}, false
	}
	return c.Kinds[i], true
}

// form is what an application keeps of the call, frozen when it is begun.
func (c Call) form() Form {
	return Form{Version: c.FormVersion, Questions: c.Questions, Requirements: c.Requirements, Kinds: c.Kinds, Budget: c.Budget}
}

// Form is the call's form as it was when the application was begun.
type Form struct {
	Version      int64         `json:"version"`
	Questions    []Question    `json:"questions"`
	Requirements []Requirement `json:"requirements"`
	Kinds        []Kind        `json:"kinds"`
	Budget       BudgetRule    `json:"budget"`
}
