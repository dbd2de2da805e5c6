package programme

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
	"kommunpilot/base/who"
)

// CallID names a call (utlysning).
type CallID int64

// State is where a call is. From published to assessment it follows the dates.
type State string

// The states of a call.
const (
	Draft      State = "utkast"
	Published  State = "publicerad"
	Open       State = "öppen"
	Closed     State = "stängd"
	Assessment State = "bedömning"
	Decided    State = "beslutad"
	Ended      State = "avslutad"
	Cancelled  State = "avbruten"
)

// Name is the state in words, with a capital.
func (s State) Name() string {
	r := []rune(string(s))
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

// Force says what a rule does: a must stops, an aim warns and can be
// overridden in writing, a fact is never enforced.
type Force string

// The forces of rules.
const (
	Must Force = "must"
	Aim  Force = "aim"
	Fact Force = "fact"
)

// Kind is a kind of participation that the call seeks, with numbers of its own.
type Kind struct {
	ID       string // within the call: "pilot"
	Name     string
	Purpose  string
	Count    string // "municipalities", "persons" or "applications"
	Min      int
	Target   int
	Max      int  // 0: no maximum
	Mixed    bool // officials and politicians both
	Bodies   []Body
	MapStyle string // "pilot", "ambassador" or "plain"
}

// Body is a body of each municipality from which so many persons take part.
type Body struct {
	Name     string
	Min, Max int
	Force    Force
}

// Offer is one thing that the owner gives.
type Offer struct{ ID, Text, Source string }

// Requirement is one thing that the participant undertakes, and when it is checked.
type Requirement struct {
	ID, Text, Source                      string
	AtApplication, AtDecision, AtFollowUp bool
}

// Eligibility is a formal rule. Param is read by kind: codes, group letters or
// a number.
type Eligibility struct {
	ID     string
	Kind   string // member, county, main_group, population_max, population_min, signed, statement
	Param  string
	Text   string
	Source string
}

// Criterion is what applications are scored against. Step 1 is a yes or no;
// step 2 has a weight. A measured criterion is not scored but counted by the
// selection, as geographic spread is.
type Criterion struct {
	ID, Name, Guidance, Source string
	Step                       int
	Weight                     int // per cent of the weighted sum
	Low, High                  int // scale
	Measured                   bool
}

// Quota is a limit on the selected: how many with the attribute's value.
type Quota struct {
	Attribute, Value string
	Min, Max         int // Max 0: none
	Count            string
	Force            Force
}

// Question is one field of the call's form.
type Question struct {
	ID, Label, Hint, Kind string // text, long, number, yesno, choice
	Required              bool
	Options               []string
}

// Dates are the call's days. Open and Close are whole days in Sweden; Fixing
// is the day on which an event's date is settled (seed rule 000-09).
type Dates struct {
	Publish, Open, Close, Assessment, Decision, Start, End calendar.Date
	Fixing, Event                                          calendar.Date
}

// Content is what a call says. It is versioned as a whole.
type Content struct {
	Title, Summary, Purpose string
	Targeted                bool
	FormalDecision          bool
	Joint                   bool
	Kinds                   []Kind
	Offers                  []Offer
	Requirements            []Requirement
	Eligibility             []Eligibility
	Criteria                []Criterion
	Quotas                  []Quota
	Places                  int
	Spread                  string // "", "counties" or "min_distance"
	TieRule                 string
	Questions               []Question
	Dates                   Dates
	Responsible, Contact    string
	Members                 []string // codes; empty: all
	Budget                  int64    // öre
	GrantShare              int      // per cent at most; 0: no rule
	ReminderDays            int      // workdays before closing
}

// Call is a call as it is stored.
type Call struct {
	ID          CallID
	Programme   who.ProgrammeID
	Owners      []who.OrgID
	State       State
	Version     int64
	FormVersion int64
	Edition     string // of the classification, frozen when published
	PublishedAt time.Time
	Content
}

// Public tells whether everybody may see the call.
func (c Call) Public() bool { return c.State != Draft }

// OpensAt is the moment from which the call takes answers.
func (c Content) OpensAt() time.Time { return c.Dates.Open.Start() }

// ClosesAt is the moment after which it does not: the end of the last day.
func (c Content) ClosesAt() time.Time { return c.Dates.Close.End() }

// StateAt is the state that the dates give at the moment now. Only the states
// between publication and closing follow the clock.
func (c Call) StateAt(now time.Time) State {
	switch c.State {
	case Published, Open:
		switch {
		case !now.Before(c.ClosesAt()):
			return Closed
		case !now.Before(c.OpensAt()):
			return Open
		}
		return Published
	}
	return c.State
}

// moves lists which state may follow which by a person's act.
var moves = map[State][]State{
	Draft:      {Published, Cancelled},
	Published:  {Open, Cancelled},
	Open:       {Closed, Cancelled},
	Closed:     {Assessment, Cancelled},
	Assessment: {Decided, Cancelled},
	Decided:    {Ended},
}

// CanMove tells whether the state may follow; cancelling needs a motive.
func CanMove(from, to State, motive string) error {
	if !slices.Contains(moves[from], to) {
		return fail.Newf(fail.Conflict, "En utlysning som är %s kan inte bli %s.", from, to)
	}
	if to == Cancelled && strings.TrimSpace(motive) == "" {
		return fail.Fields(fail.Field{Name: "motive", Message: "Skriv varför utlysningen avbryts."})
	}
	return nil
}

// Ready lists everything that is missing before the call can be published.
func (c Content) Ready(register *kommun.Register) []fail.Field {
	var out []fail.Field
	miss := func(ok bool, name, message string) {
		if !ok {
			out = append(out, fail.Field{Name: name, Message: message})
		}
	}
	miss(c.Title != "", "title", "Ge utlysningen en rubrik.")
	miss(c.Summary != "", "summary", "Beskriv kort vad utlysningen gäller.")
	miss(len(c.Kinds) > 0, "kinds", "Ange minst en deltagandeform.")
	miss(len(c.Offers) > 0, "offers", "Ange vad som erbjuds.")
	miss(len(c.Requirements) > 0, "requirements", "Ange vad som krävs.")
	miss(c.Responsible != "", "responsible", "Ange vem som ansvarar: roll och organisation.")
	miss(c.Contact != "", "contact", "Ange en kontakt: telefon eller e-post till funktionen.")
	miss(c.Dates.Open != "", "open", "Ange första dag för svar.")
	miss(c.Dates.Close != "", "close", "Ange sista dag för svar.")
	miss(len(c.Questions) > 0, "questions", "Formuläret behöver minst en fråga.")
	if !c.Targeted {
		miss(len(c.Criteria) > 0, "criteria", "Ange minst ett kriterium för bedömningen.")
	}
	out = append(out, c.Dates.Problems()...)
	out = append(out, c.problems(register)...)
	return out
}

// Problems lists dates that stand in the wrong order, the later one named.
func (d Dates) Problems() []fail.Field {
	steps := []struct {
		name, label string
		day         calendar.Date
	}{
		{"publish", "publicering", d.Publish}, {"open", "första dag för svar", d.Open}, {"close", "sista dag för svar", d.Close},
		{"assessment", "bedömningen klar", d.Assessment}, {"decision", "beslut", d.Decision}, {"start", "start", d.Start}, {"end", "slut", d.End},
	}
	var out []fail.Field
	last := steps[0]
	for _, s := range steps[1:] {
		if s.day == "" {
			continue
		}
		if last.day != "" && s.day < last.day {
			out = append(out, fail.Field{Name: s.name, Message: fmt.Sprintf("%s (%s) ligger före %s (%s).", upper(s.label), s.day, last.label, last.day)})
		}
		last = s
	}
	if d.Fixing != "" && d.Event != "" && d.Fixing > d.Event {
		out = append(out, fail.Field{Name: "fixing", Message: fmt.Sprintf("Dagen då datumet fastställs (%s) ligger efter själva mötet (%s).", d.Fixing, d.Event)})
	}
	return out
}

func upper(s string) string { r := []rune(s); return strings.ToUpper(string(r[0])) + string(r[1:]) }

// problems checks numbers, codes and weights.
func (c Content) problems(register *kommun.Register) []fail.Field {
	var out []fail.Field
	add := func(name, format string, args ...any) {
		out = append(out, fail.Field{Name: name, Message: fmt.Sprintf(format, args...)})
	}
	for _, k := range c.Kinds {
		if k.Max > 0 && k.Min > k.Max || k.Target > 0 && (k.Target < k.Min || k.Max > 0 && k.Target > k.Max) {
			add("kinds", "Antalen för %s går inte ihop: minst %d, mål %d, högst %d.", k.Name, k.Min, k.Target, k.Max)
		}
		for _, b := range k.Bodies {
			if b.Max > 0 && b.Min > b.Max {
				add("kinds", "Antalen för %s går inte ihop: minst %d, högst %d.", b.Name, b.Min, b.Max)
			}
		}
	}
	for _, q := range c.Quotas {
		if q.Max > 0 && q.Min > q.Max {
			add("quotas", "Kvoten för %s %s går inte ihop: minst %d, högst %d.", q.Attribute, q.Value, q.Min, q.Max)
		}
		if !slices.Contains(kommun.Attributes(), q.Attribute) {
			add("quotas", "Kvoten gäller %q, som registret inte känner till.", q.Attribute)
		}
	}
	for _, code := range c.Members {
		if _, ok := register.ByCode(code); !ok {
			add("members", "Kommunkoden %s finns inte i registret.", code)
		}
	}
	weight, weighted := 0, false
	for _, k := range c.Criteria {
		if k.Step == 2 && !k.Measured {
			weight, weighted = weight+k.Weight, true
			if k.Low >= k.High {
				add("criteria", "Skalan för %s måste gå uppåt.", k.Name)
			}
		}
	}
	if weighted && weight != 100 {
		add("criteria", "Vikterna blir %d procent; de ska bli 100.", weight)
	}
	return out
}

// Reminder is the day on which those with drafts are reminded; "" for none.
func (c Content) Reminder() calendar.Date {
	if c.ReminderDays == 0 || c.Dates.Close == "" {
		return ""
	}
	return calendar.WorkdaysBefore(c.Dates.Close, c.ReminderDays)
}

// Invites tells whether an organisation's municipality may answer by the
// member list; an empty list lets everybody in.
func (c Content) Invites(code string) bool {
	return len(c.Members) == 0 || slices.Contains(c.Members, code)
}
