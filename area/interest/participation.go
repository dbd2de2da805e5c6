package interest

import (
	"slices"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// ParticipationID names a participation.
type ParticipationID int64

// ParticipationState is where a participation is.
type ParticipationState string

// The states of a participation.
const (
	Agreed   ParticipationState = "bekräftad"
	Running  ParticipationState = "pågår"
	Over     ParticipationState = "avslutad"
	Broken   ParticipationState = "avbruten"
	Replaced ParticipationState = "ersatt"
)

// Obligation is a requirement that follows into the participation and is
// checked there (seed rules 004-12, -14 and -15).
type Obligation struct {
	Requirement Requirement   `json:"requirement"`
	Applied     bool          `json:"applied"` // undertaken in the application
	How         string        `json:"how"`
	Decided     []string      `json:"decided"` // the municipalities whose decision covers it
	Met         string        `json:"met"`     // "ja", "delvis", "nej"; "" not yet followed up
	Note        string        `json:"note"`
	Day         calendar.Date `json:"day"` // of the follow-up
}

// Participation is a confirmed part in a programme: of one kind, by one atom.
type Participation struct {
	ID          ParticipationID
	Application ApplicationID
	Call        CallID
	Programme   who.ProgrammeID
	Kind        string
	From, To    calendar.Date
	State       ParticipationState
	Obligations []Obligation
	Version     int64
}

var participationMoves = map[ParticipationState][]ParticipationState{
	Agreed:  {Running, Broken, Replaced},
	Running: {Over, Broken, Replaced},
}

// canMoveParticipation tells whether the state may follow; breaking off and
// replacing need a motive.
func canMoveParticipation(from, to ParticipationState, motive string) error {
	if !slices.Contains(participationMoves[from], to) {
		return fail.Newf(fail.Conflict, "Ett deltagande som är %s kan inte bli %s.", from, to)
	}
	if (to == Broken || to == Replaced) && strings.TrimSpace(motive) == "" {
		return fail.Fields(fail.Field{Name: "motive", Message: "Skriv varför."})
	}
	return nil
}

// next is the state that the dates give on the day.
func (p Participation) next(today calendar.Date) ParticipationState {
	switch {
	case p.State == Agreed && p.From != "" && today >= p.From:
		return Running
	case p.State == Running && p.To != "" && today > p.To:
		return Over
	}
	return p.State
}

// checkPeriod says what is wrong with a period; the last day is part of it.
func checkPeriod(from, to calendar.Date) error {
	if from != "" && to != "" && to < from {
		return fail.Fields(fail.Field{Name: "to", Message: "Slutet ligger före början."})
	}
	return nil
}

// obligations are the requirements that last beyond the decision, with what
// the application and the municipalities' decisions said of each.
func (m matter) obligations(decisions []Decision) []Obligation {
	var out []Obligation
	for _, r := range m.Form.Requirements {
		if !r.AtFollowUp && !r.AtDecision {
			continue
		}
		c := m.Sections.Commitments[r.ID]
		o := Obligation{Requirement: r, Applied: c.Yes, How: c.How}
		for _, d := range decisions {
			if a, ok := m.member(d.Org); ok && d.confirms() && slices.Contains(d.Covers, r.ID) {
				o.Decided = append(o.Decided, a.Name)
			}
		}
		out = append(out, o)
	}
	return out
}
