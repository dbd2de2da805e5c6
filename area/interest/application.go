package interest

import (
	"slices"
	"strings"
	"time"

	"kommunpilot/base/fail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// ApplicationID names an application.
type ApplicationID int64

// State is where an application is.
type State string

// The states of an application.
const (
	Draft       State = "utkast"
	Submitted   State = "inlämnad"
	Completing  State = "kompletteras"
	Eligible    State = "behörig"
	Ineligible  State = "ej behörig"
	Assessed    State = "bedömd"
	Selected    State = "vald"
	Reserve     State = "reserv"
	NotSelected State = "ej vald"
	Confirmed   State = "bekräftad"
	Withdrawn   State = "återtagen"
)

// States lists the states in the order of a matter's course.
var States = []State{Draft, Submitted, Completing, Eligible, Ineligible, Assessed, Selected, Reserve, NotSelected, Confirmed, Withdrawn}

// moves lists which state may follow which. Withdrawal may follow any.
var moves = map[State][]State{
	Draft:      {Submitted},
	Submitted:  {Completing, Eligible, Ineligible},
	Completing: {Submitted},
	Eligible:   {Assessed},
	Assessed:   {Selected, Reserve, NotSelected},
	Reserve:    {Selected},
	Selected:   {Confirmed},
}

// CanMove tells whether the state may follow; withdrawing needs a motive.
func CanMove(from, to State, motive string) error {
	if to == Withdrawn && from != Withdrawn {
		if strings.TrimSpace(motive) == "" {
			return fail.Fields(fail.Field{Name: "motive", Message: "Skriv varför intresseanmälan återtas."})
		}
		return nil
	}
	if !slices.Contains(moves[from], to) {
		return fail.Newf(fail.Conflict, "En intresseanmälan som är %s kan inte bli %s.", from, to)
	}
	return nil
}

// outcomes are the three answers that an applicant can get (seed rule 004-08).
var outcomes = []State{Selected, Reserve, NotSelected}

// togetherOutcome is the state of the whole application when each of its kinds has
// an outcome of its own: the best of them.
func togetherOutcome(kinds []ChosenKind) (State, bool) {
	best := State("")
	for _, k := range kinds {
		if k.Outcome == "" {
			return "", false
		}
		if best == "" || slices.Index(outcomes, k.Outcome) < slices.Index(outcomes, best) {
			best = k.Outcome
		}
	}
	return best, best != ""
}

// ApplicantState is where a member of the atom is.
type ApplicantState string

// The states of a member.
const (
	Invited  ApplicantState = "inbjuden"
	Joined   ApplicantState = "bekräftad"
	Declined ApplicantState = "avböjd"
	Removed  ApplicantState = "borttagen"
)

// Applicant is one member of the atom. Kommun is its municipality's code, which
// for a district board is its parent's; the groups are those of the call's
// edition when it joined.
type Applicant struct {
	Org                                 who.OrgID
	Parent                              who.OrgID
	Kind, Name, Code                    string
	Kommun, County, MainGroup, SubGroup string
	State                               ApplicantState
	At                                  time.Time
	Person                              who.PersonID
	Lead                                bool
}

// orgs are the organisations whose people act for the applicant.
func (a Applicant) orgs() []who.OrgID {
	if a.Parent != 0 {
		return []who.OrgID{a.Org, a.Parent}
	}
	return []who.OrgID{a.Org}
}

// ChosenKind is a kind of participation that the application seeks, with its outcome.
type ChosenKind struct {
	ID      string
	Outcome State
	Reason  string
}

// Application is an application with everything in it.
type Application struct {
	ID          ApplicationID
	Call        CallID
	Programme   who.ProgrammeID
	Lead        who.OrgID
	State       State
	Joint       bool // sought together with others
	Edition     string
	Form        Form
	Kinds       []ChosenKind
	Applicants  []Applicant
	Sections    Sections
	Versions    map[string]int64
	Attachments []Attachment
	Invited     bool // came of a targeted invitation
	Created     time.Time
	CreatedBy   who.PersonID
	Touched     time.Time
	Submitted   time.Time
	SignedBy    who.PersonID
	SignedName  string
	Override    string // why what was aimed for is not met
	Version     int64
}

// Active lists the members that are in or still to answer.
func (a Application) Active() []Applicant {
	return a.having(Joined, Invited)
}

// Members lists the members that are in.
func (a Application) Members() []Applicant { return a.having(Joined) }

func (a Application) having(states ...ApplicantState) []Applicant {
	var out []Applicant
	for _, x := range a.Applicants {
		if slices.Contains(states, x.State) {
			out = append(out, x)
		}
	}
	return out
}

// Name is the applicants' names: "Norsjö, Malå och Skellefteå".
func (a Application) Name() string {
	var names []string
	for _, x := range a.Active() {
		names = append(names, x.Name)
	}
	return listed(names)
}

// Municipalities lists the codes of the atom's municipalities, each once.
func (a Application) Municipalities() []string {
	var out []string
	for _, x := range a.Members() {
		if x.Kommun != "" && !slices.Contains(out, x.Kommun) {
			out = append(out, x.Kommun)
		}
	}
	return out
}

// Seeks tells whether the application seeks the kind.
func (a Application) Seeks(kind string) bool {
	return slices.ContainsFunc(a.Kinds, func(k ChosenKind) bool { return k.ID == kind })
}

// soughtKinds are the chosen kinds as the frozen form describes them.
func (a Application) soughtKinds() []Kind {
	var out []Kind
	for _, k := range a.Form.Kinds {
		if a.Seeks(k.ID) {
			out = append(out, k)
		}
	}
	return out
}

// member finds a member by its organisation.
func (a Application) member(org who.OrgID) (Applicant, bool) {
	i := slices.IndexFunc(a.Applicants, func(x Applicant) bool { return x.Org == org })
	if i < 0 {
		return Applicant{}, false
	}
	return a.Applicants[i], true
}

// matter is an application with its call: what every rule and page needs.
type matter struct {
	Application
	of        Call
	assigned  []who.PersonID
	conflicts []who.PersonID
}

// resource is the application for rights of reading: those who were asked to
// join may read too.
func (m matter) resource() policy.Resource { return m.as(m.Active()) }

// editable is the application for rights of changing: only those who are in.
func (m matter) editable() policy.Resource { return m.as(m.Members()) }

// led is the application for the rights of the one who leads it.
func (m matter) led() policy.Resource {
	lead, _ := m.member(m.Lead)
	return m.as([]Applicant{lead})
}

// only is the application for the rights of one member alone: its decision, its answer.
func (m matter) only(a Applicant) policy.Resource { return m.as([]Applicant{a}) }

func (m matter) as(members []Applicant) policy.Resource {
	r := policy.Resource{
		Programme: m.Programme, Owners: m.of.Owners, Creator: m.CreatedBy, Assigned: m.assigned, Conflicts: m.conflicts,
		Published: m.of.Published, Submitted: !m.Submitted.IsZero(), Decided: m.of.Decided, Public: m.State == Confirmed,
	}
	for _, a := range members {
		r.Members = append(r.Members, a.orgs()...)
	}
	return r
}

// listed writes a list as Swedish does: "a, b och c".
func listed(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " och " + list[len(list)-1]
}
