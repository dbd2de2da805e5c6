package assessment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/kommun"
	"kommunpilot/base/who"
	"kommunpilot/engine/selection"
)

// ReplacementID names a replacement.
type ReplacementID int64

// Leaving is one who is no longer there to take its place, and why. Kind "" is
// every kind.
type Leaving struct {
	Application ApplicationID
	Kind        string
	Why         string
	At          time.Time
}

// left is the outcome of one who has left.
const left = "lämnat"

// Replacement is a decision about who steps in for those who have left. Input
// and Result are the engine's; empty where nobody could step in.
type Replacement struct {
	ID        ReplacementID
	Run       RunID
	At        time.Time
	Person    who.PersonID
	State     string // "beslutat" or "meddelat"
	Motive    string
	Input     string
	InputHash string
	Result    string
	Sent      time.Time
	List      []Outcome // "lämnat", "vald" or "reserv"
}

// standing is who is selected and who is in reserve after the decision and all
// replacements since.
func standing(decided []Outcome, since []Replacement) (in, reserve []ApplicationID) {
	drop := func(list []ApplicationID, a ApplicationID) []ApplicationID {
		return slices.DeleteFunc(list, func(x ApplicationID) bool { return x == a })
	}
	for _, o := range decided {
		switch o.Outcome {
		case "vald":
			in = append(in, o.Application)
		case "reserv":
			reserve = append(reserve, o.Application)
		}
	}
	for _, r := range since {
		for _, o := range r.List {
			switch o.Outcome {
			case left:
				in = drop(in, o.Application)
			case "vald":
				in, reserve = append(in, o.Application), drop(reserve, o.Application)
			}
		}
	}
	return in, reserve
}

// swap is a replacement as it stands: who has left, who stays, and who steps in
// by the run's own rules.
type swap struct {
	Left     []Candidate
	Why      map[ApplicationID]Leaving
	Stay     []Candidate
	Reserves []Candidate        // in order
	Problem  *selection.Problem // nil: nobody has left, or nobody is in reserve
	Answer   *selection.Answer
	Proposed []Outcome // one for each reserve
}

// replace computes who steps in. list is everybody in the run, in is who is
// selected now and reserve who is in reserve; gone is who has left the call.
//
// The rules are the run's. Those who stay have their places; those who have left
// and those who are not in reserve cannot take any; and the empty places are
// filled as the run was made: with the best, or by lot with the run's seed.
func replace(x Run, p *selection.Problem, list []Candidate, in, reserve []ApplicationID, gone []Leaving, register *kommun.Register) (swap, error) {
	s := swap{Why: map[ApplicationID]Leaving{}}
	for _, l := range gone {
		if l.Kind == "" || l.Kind == x.Kind {
			s.Why[l.Application] = l
		}
	}
	var stay, leave, never []string
	for _, c := range list {
		key := id.String(c.ID)
		_, away := s.Why[c.ID]
		switch {
		case slices.Contains(in, c.ID) && away:
			s.Left, leave = append(s.Left, c), append(leave, key)
		case slices.Contains(in, c.ID):
			s.Stay, stay = append(s.Stay, c), append(stay, key)
		case slices.Contains(reserve, c.ID) && !away && c.State == "reserv":
			s.Reserves = append(s.Reserves, c)
		default:
			never = append(never, key)
		}
	}
	orderReserves(x, s.Reserves)
	if len(s.Left) == 0 || len(s.Reserves) == 0 {
		return s, nil
	}
	q := *p
	q.Rules.Places = len(stay) + min(len(leave), len(s.Reserves))
	q.Rules.Never = never
	s.Problem = q.After(stay, leave)
	a, err := computeReplacement(x, &q, stay, leave)
	if err != nil {
		return s, inputError(err)
	}
	s.Answer = a
	s.Proposed = s.proposal(x, register)
	return s, nil
}

func computeReplacement(x Run, p *selection.Problem, stay, leave []string) (*selection.Answer, error) {
	if x.Method == "lottery" {
		return selection.ReplaceByLot(p, stay, leave, x.Seed, selection.Options{})
	}
	return selection.Replace(p, stay, leave, selection.Options{})
}

// orderReserves puts the reserves in order: by score, or in a lottery by lot
// with the run's seed.
func orderReserves(x Run, list []Candidate) {
	if x.Method == "lottery" {
		var ids []string
		for _, c := range list {
			ids = append(ids, id.String(c.ID))
		}
		ids = selection.OrderByLot(ids, x.Seed)
		slices.SortFunc(list, func(a, b Candidate) int {
			return slices.Index(ids, id.String(a.ID)) - slices.Index(ids, id.String(b.ID))
		})
		return
	}
	slices.SortStableFunc(list, func(a, b Candidate) int { return int(min(1, max(-1, b.Score-a.Score))) })
}

// titles lists the candidates' titles: "A, B".
func titles(list []Candidate) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Title)
	}
	return strings.Join(out, ", ")
}

// In lists the reserves that step in.
func (s swap) In() (out []Candidate) {
	for _, c := range s.Reserves {
		if s.Answer != nil && slices.Contains(s.Answer.Selected, id.String(c.ID)) {
			out = append(out, c)
		}
	}
	return out
}

// after is the ids of everybody who is selected when the reserves have stepped in.
func (s swap) after() (ids []string) {
	for _, c := range slices.Concat(s.Stay, s.In()) {
		ids = append(ids, id.String(c.ID))
	}
	return ids
}

// proposal says what each reserve gets and why.
func (s swap) proposal(x Run, register *kommun.Register) (out []Outcome) {
	e := swedish(register, slices.Concat(s.Left, s.Stay, s.Reserves))
	for _, c := range s.Reserves {
		o := Outcome{Application: c.ID, Outcome: "reserv", Reason: s.stillReserve(x, e, c)}
		if slices.ContainsFunc(s.In(), func(y Candidate) bool { return y.ID == c.ID }) {
			o.Outcome = "vald"
			o.Reason = fmt.Sprintf("%s har lämnat sin plats. Bland reserverna är det %s som ger det urval med högst sammanlagd poäng som håller alla kvoter när de andra är kvar.", titles(s.Left), c.Title)
			if x.Method == "lottery" {
				o.Reason = fmt.Sprintf("%s har lämnat sin plats. Platsen lottades bland de reserver som ryms inom kvoterna när de andra är kvar, med samma frö som i urvalet.", titles(s.Left))
			}
		}
		out = append(out, o)
	}
	return out
}

func (s swap) stillReserve(x Run, e explainer, c Candidate) string {
	if len(s.Answer.Selected) == 0 {
		return "Ingen av reserverna ryms inom kvoterna när de andra är kvar."
	}
	if i := slices.IndexFunc(s.Answer.WhyNot, func(w selection.WhyNot) bool { return w.ID == id.String(c.ID) }); i >= 0 {
		return e.why(s.Answer.WhyNot[i])
	}
	if x.Method == "lottery" {
		return "Svaret deltog i lottningen om platsen men drogs inte."
	}
	return "Någon annan reserv gick in."
}

// decideReplacement holds a decision against the proposal: every reserve gets an
// outcome with a reason, a change from the proposal needs a motive, and no more
// step in than have left. Places that stay empty need a motive of their own.
func decideReplacement(s swap, decided []Outcome, motive string) error {
	if len(s.Left) == 0 {
		return fail.New(fail.Conflict, "Ingen vald har lämnat, så det finns ingen plats att fylla.")
	}
	var out []fail.Field
	in := 0
	for _, c := range s.Reserves {
		name := id.String(c.ID)
		i := slices.IndexFunc(decided, func(o Outcome) bool { return o.Application == c.ID })
		if i < 0 || decided[i].Outcome != "vald" && decided[i].Outcome != "reserv" {
			out = append(out, fail.Field{Name: "o-" + name, Message: "Välj utfall: går in eller är fortfarande reserv."})
			continue
		}
		d := decided[i]
		if d.Outcome == "vald" {
			in++
		}
		k := slices.IndexFunc(s.Proposed, func(o Outcome) bool { return o.Application == c.ID })
		if k >= 0 && d.Outcome != s.Proposed[k].Outcome && strings.TrimSpace(d.Deviation) == "" {
			out = append(out, fail.Field{Name: "d-" + name, Message: fmt.Sprintf("Utfallet för %s avviker från beräkningen. Skriv varför.", c.Title)})
		}
		if strings.TrimSpace(d.Reason) == "" {
			out = append(out, fail.Field{Name: "r-" + name, Message: fmt.Sprintf("Skriv skälet till %s: alla ska få veta varför.", c.Title)})
		}
	}
	if in > len(s.Left) {
		out = append(out, fail.Field{Name: "motive", Message: fmt.Sprintf("%d går in, men bara %d har lämnat.", in, len(s.Left))})
	}
	if in < len(s.Left) && strings.TrimSpace(motive) == "" {
		out = append(out, fail.Field{Name: "motive", Message: "Skriv varför en plats lämnas tom."})
	}
	return fail.Fields(out...)
}

// replacementLetter is what one is told of a replacement: those who have left,
// those who step in and those who still wait.
func replacementLetter(c Call, a Application, o Outcome) Letter {
	l := Letter{Subject: "Ersättare: " + c.Title}
	var first, last string
	switch o.Outcome {
	case left:
		first = fmt.Sprintf("Vi har noterat att %s har lämnat sin plats i %s.", a.Title, c.Title)
		last = "Det som är skrivet i tjänsten finns kvar. Ni behöver inte göra något mer."
	case "vald":
		first = fmt.Sprintf("%s går in i %s.", a.Title, c.Title)
		last = "Nästa steg: bekräfta deltagandet med ett formellt beslut i varje kommun och registrera det i tjänsten."
	default:
		first = fmt.Sprintf("En plats i %s har fått en annan ersättare. %s är fortfarande reserv.", c.Title, a.Title)
		last = "Om någon mer lämnar prövas reserverna igen med samma regler, och vi hör av oss."
	}
	l.Text = first + "\n\nSkäl: " + o.Reason + "\n\n" + last + "\n\nFrågor: " + c.Contact
	return l
}
