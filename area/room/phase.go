package room

import (
	"context"

	"strings"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of a phase.
const (
	NotStarted = "ej startad"
	Ongoing    = "pågår"
	Done       = "klar"
)

// Phase is one of the five phases; those responsible are roles (003-46).
type Phase struct {
	Order       int           `json:"order"`
	Name        string        `json:"name"`
	Responsible string        `json:"responsible"`
	From        calendar.Date `json:"from"`
	To          calendar.Date `json:"to"`
	Aim         string        `json:"aim"`
}

// FivePhases are the phases of seed rule 003-46 with who answers for each.
var FivePhases = []Phase{
	{Order: 1, Name: "Initiering", Responsible: "beställaren och ägaren"},
	{Order: 2, Name: "Förberedelse", Responsible: "projektledningen"},
	{Order: 3, Name: "Genomförande", Responsible: "styrgruppen, ägaren och projektledningen"},
	{Order: 4, Name: "Utvärdering", Responsible: "ägaren"},
	{Order: 5, Name: "Avveckling", Responsible: "styrgruppen, ägaren och projektledningen"},
}

// The states of a gate.
const (
	Waiting    = "väntar"
	Go         = "gå"
	Stop       = "stopp"
	Complement = "komplettera"
)

// Gate is a decision point (beslutspunkt): the steering group decides whether
// the phase of the same order has ended and the next begins (003-72).
type Gate struct {
	Order    int           `json:"order"`
	Name     string        `json:"name"`
	Criteria []string      `json:"criteria"`
	Planned  calendar.Date `json:"planned"`
	Decision journal.ID    `json:"decision"`
	Motive   string        `json:"motive"` // why the project ends without its final report
}

func (o *Room) phaseSheet(d sheet.Deps) *sheet.Sheet[Phase] {
	return &sheet.Sheet[Phase]{
		Deps: d, Noun: journal.Noun[Phase]{Name: "phase", Title: "Fasen", Moves: map[string][]string{NotStarted: {Ongoing}, Ongoing: {Done}}},
		Path: "faser", Title: "Faser", Lead: "Projektets fem faser och vem som svarar för var och en. En fas börjar när styrgruppen har beslutat om den förra.",
		NoneYet: "Projektet har inga faser.", First: NotStarted, Read: "project.read", Write: "project.edit", Locked: []string{Done},
		Name: func(f Phase) string { return f.Name },
		Fields: func(ctx context.Context, f *Phase, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "responsible", Label: web.T(ctx, "Svarar för fasen"), Required: true}, To: &f.Responsible},
				{Input: web.Input{Name: "aim", Label: web.T(ctx, "Vad fasen ska ge"), Rows: 3}, Kind: web.AsArea, To: &f.Aim},
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Planerad början")}, Kind: web.AsDay, To: &f.From},
				{Input: web.Input{Name: "to", Label: web.T(ctx, "Planerat slut")}, Kind: web.AsDay, To: &f.To},
			}
		},
		Check: func(f Phase) []fail.Field {
			if f.From != "" && f.To != "" && f.To < f.From {
				return []fail.Field{{Name: "to", Message: "Slutet ligger före början."}}
			}
			return nil
		},
		Columns: []sheet.Column[Phase]{
			{Head: "Svarar för fasen", Cell: func(_ context.Context, it journal.Item[Phase], _ sheet.Choices) string { return it.Is.Responsible }},
			{Head: "Planerat slut", Cell: func(ctx context.Context, it journal.Item[Phase], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.To)
			}},
		},
	}
}

func (o *Room) gateSheet(d sheet.Deps) *sheet.Sheet[Gate] {
	return &sheet.Sheet[Gate]{
		Deps: d, Noun: journal.Noun[Gate]{Name: "gate", Title: "Beslutspunkten", Moves: map[string][]string{Waiting: {Go, Stop, Complement}, Complement: {Go, Stop, Complement}}},
		Path: "beslutspunkter", Title: "Beslutspunkter", Lead: "Vid varje punkt beslutar styrgruppen om stopp, gå eller komplettera. Beslutet fattas på ett möte och gäller när protokollet är justerat.",
		NoneYet: "Projektet har inga beslutspunkter.", First: Waiting, Read: "project.read", Write: "gate.prepare", Locked: []string{Go, Stop},
		Name: func(g Gate) string { return g.Name },
		Fields: func(ctx context.Context, g *Gate, _ sheet.Choices) []web.Bound {
			out := []web.Bound{
				{Input: web.Input{Name: "criteria", Label: web.T(ctx, "Det här ska vara klart"), Hint: web.T(ctx, "Ett villkor per rad."), Rows: 5}, Kind: web.AsLines, To: &g.Criteria},
				{Input: web.Input{Name: "planned", Label: web.T(ctx, "Planerad dag")}, Kind: web.AsDay, To: &g.Planned},
			}
			if g.Order == len(FivePhases) {
				out = append(out, web.Bound{Input: web.Input{Name: "motive", Label: web.T(ctx, "Varför avslutas projektet utan slutrapport?"), Hint: web.T(ctx, "Behövs bara när slutrapporten saknas."), Rows: 2}, Kind: web.AsArea, To: &g.Motive})
			}
			return out
		},
		Columns: []sheet.Column[Gate]{
			{Head: "Planerad dag", Cell: func(ctx context.Context, it journal.Item[Gate], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Planned)
			}},
		},
		Body: o.gateBody,
	}
}

// decideGate carries out the steering group's word at a gate: go ends the
// phase of the same order and begins the next; after the last the project is
// closed; stop stops it.
func (o *Room) decideGate(ctx context.Context, tx *db.Tx, p journal.Project, item journal.ID, outcome string, by journal.ID) error {
	gates, err := o.gates.Noun.List(ctx, tx, journal.Query{Project: p.ID})
	if err != nil {
		return err
	}
	var it journal.Item[Gate]
	for _, g := range gates {
		if g.ID == item {
			it = g
		} else if it.ID == 0 && g.State != Go {
			return fail.Newf(fail.Conflict, "%s är inte beslutad. Beslutspunkterna tas i ordning.", g.Is.Name)
		}
	}
	if it.ID == 0 {
		return fail.New(fail.NotFound, "Beslutspunkten finns inte i projektet.")
	}
	if outcome == Go && it.Is.Order == len(FivePhases) {
		if err := o.documented(ctx, tx, p); err != nil {
			return err
		}
	}
	it.Is.Decision = by
	from := it.State
	it.State = outcome
	if from == outcome && outcome == Complement { // a second time to complete it
		if err := o.gates.Noun.Save(ctx, tx, p, it, journal.Act{Name: "gate.decide"}); err != nil {
			return err
		}
	} else if err := o.gates.SaveIn(ctx, tx, p, it, from, journal.Act{Name: "gate.decide", Reason: "Styrgruppens beslut"}); err != nil {
		return err
	}
	switch outcome {
	case Go:
		return o.passGate(ctx, tx, p, it.Is.Order)
	case Stop:
		return o.endProject(ctx, tx, p, Stopped, "Styrgruppen beslutade om stopp vid "+it.Is.Name+".")
	}
	return nil
}

func (o *Room) passGate(ctx context.Context, tx *db.Tx, p journal.Project, order int) error {
	phases, err := o.phases.Noun.List(ctx, tx, journal.Query{Project: p.ID})
	if err != nil {
		return err
	}
	for _, f := range phases {
		switch {
		case f.Is.Order == order && f.State == Ongoing:
			err = o.phases.Noun.Move(ctx, tx, p, f, Done, journal.Act{Name: "gate.decide"})
		case f.Is.Order == order+1:
			err = o.phases.Noun.Move(ctx, tx, p, f, Ongoing, journal.Act{Name: "gate.decide"})
		}
		if err != nil {
			return err
		}
	}
	if order == len(FivePhases) {
		return o.endProject(ctx, tx, p, Closed, "")
	}
	if order == 1 {
		return o.changeFrame(ctx, tx, p, func(x *Project) error { x.Started = true; return nil })
	}
	return nil
}

// documented stops the close-out while a meeting that was held has neither
// minutes nor notes: every meeting is documented and spread (004-25).
func (o *Room) documented(ctx context.Context, q db.Q, p journal.Project) error {
	if o.deps.Undocumented == nil {
		return nil
	}
	missing, err := o.deps.Undocumented(ctx, q, p.ID)
	if err == nil && len(missing) > 0 {
		return fail.New(fail.Conflict, "Projektet kan inte avslutas: möten saknar justerat protokoll eller delade minnesanteckningar. "+strings.Join(missing, "; ")+".")
	}
	return err
}

// gateBody shows the decision at a gate, and at the last one what the end of
// the project lacks.
func (o *Room) gateBody(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Gate], at Moment) (templ.Component, error) {
	if it.Is.Decision != 0 || it.Is.Order != len(FivePhases) {
		return o.decidedBy(ctx, q, p, it.Is.Decision)
	}
	reports, err := o.reports.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	if err != nil {
		return nil, err
	}
	for _, r := range reports {
		if r.Is.Kind == FinalReport && (r.State == ReportHandedIn || r.State == ReportDealtWith) {
			return nil, nil
		}
	}
	return noFinalReport(p, it.Is.Motive), nil
}
