package interest

import (
	"slices"
	"strings"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// DecisionID names a municipality's decision.
type DecisionID int64

// DecisionState is where a municipality's formal decision is.
type DecisionState string

// The states of a municipal decision.
const (
	Requested DecisionState = "begärt"
	Prepared  DecisionState = "berett"
	Taken     DecisionState = "beslutat"
	Approved  DecisionState = "justerat"
	Announced DecisionState = "anslaget"
	InForce   DecisionState = "laga kraft"
	Appealed  DecisionState = "överklagat"
)

// DecisionStates lists the states in order.
var DecisionStates = []DecisionState{Requested, Prepared, Taken, Approved, Announced, InForce, Appealed}

// Announcement is the day on which another member of a joint board announced.
type Announcement struct {
	Kommun string        `json:"kommun"`
	Day    calendar.Date `json:"day"`
}

// The outcomes of an appeal: the decision stands, or it is annulled.
const (
	AppealFailed  = "står fast"
	AppealGranted = "upphävt"
)

// DecisionContent is what a municipality registers of its decision. Each party
// keeps its own registry number for the matter (seed rules 001-01 and 001-18).
type DecisionContent struct {
	Organ     string        `json:"organ"` // KS, KSAU, a board
	Day       calendar.Date `json:"day"`
	Paragraph string        `json:"paragraph"`
	Own       string        `json:"own"`   // the municipality's registry number
	Their     string        `json:"their"` // the programme owner's
	Text      string        `json:"text"`
	Joins     string        `json:"joins"` // "ja" or "nej": what was decided
	Delegated bool          `json:"delegated"`
	Covers    []string      `json:"covers"` // requirements that the decision covers
	// Proposers signed the proposal that was decided on, by title (001-10).
	Proposers []string `json:"proposers,omitempty"`

	Approved  calendar.Date  `json:"approved"`
	Announced calendar.Date  `json:"announced"`
	Others    []Announcement `json:"others"` // of a joint board

	Appealed    calendar.Date `json:"appealed"`
	AppealEnded calendar.Date `json:"appeal_ended"`
	AppealSays  string        `json:"appeal_says"`
}

// Decision is a municipality's decision as it is stored.
type Decision struct {
	ID           DecisionID
	Application  ApplicationID
	Org          who.OrgID
	State        DecisionState
	Clock        Clock
	Final        calendar.Date // the day from which it stands; "" not known
	File         Attachment
	RegisteredAt time.Time
	RegisteredBy who.PersonID
	Version      int64
	DecisionContent
}

// Registered tells whether the municipality has registered its decision.
func (d Decision) Registered() bool { return !d.RegisteredAt.IsZero() }

// confirms tells whether the municipality has decided to take part and registered it.
func (d Decision) confirms() bool {
	return d.Registered() && d.Joins == "ja" && d.AppealSays != AppealGranted
}

// clock is when the decision can be appealed and stands, as far as the dates go.
func (d DecisionContent) clock() Clock {
	if d.Announced == "" {
		return Clock{}
	}
	days := []calendar.Date{d.Announced}
	for _, o := range d.Others {
		days = append(days, o.Day)
	}
	return LegalForce(days...)
}

// final is the day from which the decision stands; "" while that is not
// known: an appeal stops the clock until it has ended without success.
func (d DecisionContent) final() calendar.Date {
	switch {
	case d.Appealed == "":
		return d.clock().InForce
	case d.AppealSays == AppealFailed:
		return max(d.AppealEnded, d.clock().InForce)
	}
	return ""
}

// stateOn is the state that the dates give on the day.
func (d DecisionContent) stateOn(today calendar.Date) DecisionState {
	final := d.final()
	switch {
	case d.AppealSays == AppealGranted:
		return Requested // annulled: the municipality has to decide anew
	case d.Appealed != "" && d.AppealSays == "":
		return Appealed
	case final != "" && today >= final:
		return InForce
	case d.Announced != "":
		return Announced
	case d.Approved != "":
		return Approved
	case d.Day != "" && d.Paragraph != "":
		return Taken
	case d.Own != "" || d.Organ != "" || d.Text != "":
		return Prepared
	}
	return Requested
}

// maxProposers is how many may have signed a proposal.
const maxProposers = 10

// check says what is wrong with what has been written so far.
func (d DecisionContent) check(today calendar.Date) error {
	var p problems
	for name, v := range map[string]string{"organ": d.Organ, "paragraph": d.Paragraph, "own": d.Own, "their": d.Their} {
		p.line(name, v)
	}
	p.text("text", d.Text)
	if len(d.Proposers) > maxProposers {
		p.add("proposers", "Skriv högst tio som har undertecknat, en per rad.")
	}
	for _, who := range d.Proposers {
		p.line("proposers", who)
	}
	if d.Joins != "" && d.Joins != "ja" && d.Joins != "nej" {
		p.add("joins", "Välj vad kommunen har beslutat.")
	}
	days := []struct {
		name string
		day  calendar.Date
	}{{"day", d.Day}, {"approved", d.Approved}, {"announced", d.Announced}, {"appealed", d.Appealed}, {"appeal_ended", d.AppealEnded}}
	last, missing := calendar.Date(""), false
	for i, x := range days {
		if x.day == "" {
			missing = missing || i < 3
			continue
		}
		if x.day > today {
			p.add(x.name, "Datumet ligger i framtiden. Ange det när det har hänt.")
		} else if x.day < last {
			p.add(x.name, "Datumet ligger före det som ska ha hänt innan.")
		}
		if missing && i < 3 {
			p.add(x.name, "Fyll i datumen i ordning: beslut, justering, anslag.")
		}
		last = max(last, x.day)
	}
	for i, o := range d.Others {
		p.line(at("other", i), o.Kommun)
		switch {
		case o.Kommun == "" || o.Day == "":
			p.add(at("other", i), "Ange både kommun och datum för varje anslag i den gemensamma nämnden.")
		case o.Day > today:
			p.add(at("other-day", i), "Datumet ligger i framtiden. Ange det när det har hänt.")
		}
	}
	if len(d.Others) > 0 && d.Announced == "" {
		p.add("announced", "Fyll i datumen i ordning: beslut, justering, anslag.")
	}
	p = append(p, d.appealProblems()...)
	slices.SortStableFunc(p, func(a, b fail.Field) int { return strings.Compare(a.Name, b.Name) })
	return fail.Fields(p...)
}

func (d DecisionContent) appealProblems() (p problems) {
	end := d.clock().AppealEnd
	switch {
	case d.Appealed == "" && (d.AppealEnded != "" || d.AppealSays != ""):
		p.add("appealed", "Ange när överklagandet kom in.")
	case d.Appealed != "" && end == "":
		p.add("appealed", "Ange först när beslutet anslogs.")
	case d.Appealed > end:
		p.add("appealed", "Överklagandet kom in efter den sista dagen och stoppar inte beslutet.")
	case (d.AppealEnded == "") != (d.AppealSays == ""):
		p.add("appeal_ended", "Ange både när målet avslutades och hur det gick.")
	}
	if d.AppealSays != "" && d.AppealSays != AppealFailed && d.AppealSays != AppealGranted {
		p.add("appeal_says", "Välj hur det gick.")
	}
	return p
}

// complete says what is missing before the decision can be registered.
func (d DecisionContent) complete() error {
	var p problems
	need := func(v, name, message string) {
		if strings.TrimSpace(v) == "" {
			p.add(name, message)
		}
	}
	need(d.Organ, "organ", "Ange vilket organ som beslutade.")
	need(string(d.Day), "day", "Ange vilken dag beslutet togs.")
	need(d.Paragraph, "paragraph", "Ange paragrafen i protokollet.")
	need(d.Own, "own", "Ange kommunens diarienummer.")
	need(d.Joins, "joins", "Ange om kommunen deltar.")
	if d.AppealSays == AppealGranted {
		p.add("appeal_says", "Beslutet är upphävt. Skriv in det nya beslutet och ta bort uppgifterna om överklagandet.")
	}
	return fail.Fields(p...)
}

// remarks are what the dates say about the law's times: told, never stopping,
// since what has happened has happened.
func (d DecisionContent) remarks() []string {
	var out []string
	if d.Day != "" && d.Approved != "" && d.Day.DaysTo(d.Approved) > approveWithin {
		out = append(out, "Protokollet justerades mer än 14 dagar efter sammanträdet (kommunallagen 5 kap. 69 §).")
	}
	if d.Approved != "" && d.Announced > AnnounceBy(d.Approved) {
		out = append(out, "Anslaget kom senare än andra dagen efter justeringen (kommunallagen 8 kap. 12 §).")
	}
	return out
}

// canConfirm tells whether a selected application is confirmed: every member
// municipality has registered a decision to take part, where the call asks for
// formal decisions (seed rule 001-16).
func (m matter) canConfirm(decisions []Decision) error {
	if m.State != Selected {
		return CanMove(m.State, Confirmed, "")
	}
	if waiting := m.having(Invited); len(waiting) > 0 {
		return fail.New(fail.Conflict, "Deltagandet kan inte bekräftas än. Alla inbjudna kommuner har inte svarat.")
	}
	if !m.of.FormalDecision {
		return nil
	}
	var missing []string
	for _, a := range m.Members() {
		i := slices.IndexFunc(decisions, func(d Decision) bool { return d.Org == a.Org })
		if i < 0 || !decisions[i].confirms() {
			missing = append(missing, a.Name)
		}
	}
	if len(missing) > 0 {
		return fail.New(fail.Conflict, "Deltagandet kan inte bekräftas än. Registrerat beslut om att delta saknas från "+listed(missing)+".")
	}
	return nil
}
