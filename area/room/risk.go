package room

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of a risk and of a deviation.
const (
	RiskFound     = "identifierad"
	RiskHandled   = "hanteras"
	RiskWatched   = "bevakas"
	RiskClosed    = "stängd"
	RiskOccurred  = "inträffad"
	DeviationOpen = "öppen"
	DeviationDone = "åtgärdad"
)

// Risk is a chain of cause, event and effect with how likely and how bad it
// is, 1 to 5 each (design default, not stated by a seed).
type Risk struct {
	Cause       string        `json:"cause"`
	Event       string        `json:"event"`
	Effect      string        `json:"effect"`
	Probability int64         `json:"probability"`
	Impact      int64         `json:"impact"`
	Owner       string        `json:"owner"`
	Response    string        `json:"response"`
	Review      calendar.Date `json:"review"`
}

// Score is probability times impact, 1 to 25.
func (r Risk) Score() int64 { return r.Probability * r.Impact }

// Level is low under 6, high from 15.
func (r Risk) Level() string {
	switch s := r.Score(); {
	case s >= 15:
		return "hög"
	case s >= 6:
		return "medel"
	}
	return "låg"
}

// Deviation is a departure from the plan.
type Deviation struct {
	What   string     `json:"what"`
	Cause  string     `json:"cause"`
	Remedy string     `json:"remedy"`
	Risk   journal.ID `json:"risk"`
	Change journal.ID `json:"change"`
}

func (o *Room) riskSheet(d sheet.Deps) *sheet.Sheet[Risk] {
	return &sheet.Sheet[Risk]{
		Deps: d, Noun: journal.Noun[Risk]{Name: "risk", Title: "Risken", NeedsReason: []string{RiskClosed, RiskOccurred}, Moves: map[string][]string{
			RiskFound: {RiskHandled, RiskWatched, RiskClosed, RiskOccurred}, RiskHandled: {RiskWatched, RiskClosed, RiskOccurred}, RiskWatched: {RiskHandled, RiskClosed, RiskOccurred}}},
		Path: "risker", Title: "Risker", Lead: "Vad som kan hända, hur troligt det är, hur illa det blir och vad ni gör åt det. En risk som inträffar blir en avvikelse.",
		New: "Ny risk", NoneYet: "Inga risker ännu. Gå igenom dem på nästa projektmöte.", First: RiskFound, Read: "log.read", Write: "risk.write", Locked: []string{RiskClosed, RiskOccurred},
		Name: func(r Risk) string { return r.Event },
		Fields: func(ctx context.Context, r *Risk, _ sheet.Choices) []web.Bound {
			scale := func(low, high string) []web.Option {
				return []web.Option{{Value: "1", Label: "1 – " + low}, {Value: "2", Label: "2"}, {Value: "3", Label: "3"}, {Value: "4", Label: "4"}, {Value: "5", Label: "5 – " + high}}
			}
			return []web.Bound{
				{Input: web.Input{Name: "cause", Label: web.T(ctx, "På grund av"), Hint: web.T(ctx, "Orsaken.")}, To: &r.Cause},
				{Input: web.Input{Name: "event", Label: web.T(ctx, "kan detta hända"), Required: true}, To: &r.Event},
				{Input: web.Input{Name: "effect", Label: web.T(ctx, "vilket leder till"), Required: true}, To: &r.Effect},
				{Input: web.Input{Name: "probability", Label: web.T(ctx, "Sannolikhet"), Required: true}, Kind: web.AsChoice, To: &r.Probability, Options: scale(web.T(ctx, "mycket liten"), web.T(ctx, "mycket stor"))},
				{Input: web.Input{Name: "impact", Label: web.T(ctx, "Konsekvens"), Required: true}, Kind: web.AsChoice, To: &r.Impact, Options: scale(web.T(ctx, "försumbar"), web.T(ctx, "mycket allvarlig"))},
				{Input: web.Input{Name: "owner", Label: web.T(ctx, "Riskägare"), Hint: web.T(ctx, "Roll och organisation."), Required: true}, To: &r.Owner},
				{Input: web.Input{Name: "response", Label: web.T(ctx, "Det här gör vi"), Rows: 3}, Kind: web.AsArea, To: &r.Response},
				{Input: web.Input{Name: "review", Label: web.T(ctx, "Ses över")}, Kind: web.AsDay, To: &r.Review},
			}
		},
		Columns: []sheet.Column[Risk]{
			{Head: "Värde", Cell: func(ctx context.Context, it journal.Item[Risk], _ sheet.Choices) string {
				return strconv.FormatInt(it.Is.Score(), 10) + " – " + web.T(ctx, it.Is.Level())
			}},
			{Head: "Riskägare", Cell: func(_ context.Context, it journal.Item[Risk], _ sheet.Choices) string { return it.Is.Owner }},
			{Head: "Ses över", Cell: func(ctx context.Context, it journal.Item[Risk], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Review)
			}},
		},
		Moves: []sheet.Move{{To: RiskHandled, Label: "Hantera"}, {To: RiskWatched, Label: "Bevaka"}, {To: RiskClosed, Label: "Stäng"},
			{To: RiskOccurred, Label: "Den har inträffat", Danger: true, Hint: "Då skapas en avvikelse."}},
		After: func(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Risk], from string) error {
			if it.State != RiskOccurred || from == RiskOccurred {
				return nil
			}
			_, err := o.deviations.AddIn(ctx, tx, p, 0, Deviation{What: it.Is.Event, Cause: it.Is.Cause, Remedy: it.Is.Response, Risk: it.ID})
			return err
		},
		Above: func(_ context.Context, _ db.Q, _ journal.Project, list []journal.Item[Risk], _ Moment) (templ.Component, error) {
			return riskMatrix(matrixOf(list)), nil
		},
	}
}

// matrixOf counts the risks that are open in each cell: row is probability 5
// to 1, column impact 1 to 5.
func matrixOf(list []journal.Item[Risk]) (m [5][5]int) {
	for _, it := range list {
		if it.State == RiskClosed || it.State == RiskOccurred {
			continue
		}
		if p, i := it.Is.Probability, it.Is.Impact; p >= 1 && p <= 5 && i >= 1 && i <= 5 {
			m[5-p][i-1]++
		}
	}
	return m
}

func (o *Room) deviationSheet(d sheet.Deps) *sheet.Sheet[Deviation] {
	return &sheet.Sheet[Deviation]{
		Deps: d, Noun: journal.Noun[Deviation]{Name: "deviation", Title: "Avvikelsen", Moves: map[string][]string{DeviationOpen: {DeviationDone}}, NeedsReason: []string{DeviationDone}},
		Path: "avvikelser", Title: "Avvikelser", Lead: "Vad som inte blev som planerat, varför, och vad ni gjorde.",
		New: "Ny avvikelse", NoneYet: "Inga avvikelser.", First: DeviationOpen, Read: "log.read", Write: "risk.write", Locked: []string{DeviationDone},
		Name: func(x Deviation) string { return x.What },
		Fields: func(ctx context.Context, x *Deviation, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "what", Label: web.T(ctx, "Vad avviker från planen?"), Required: true}, To: &x.What},
				{Input: web.Input{Name: "cause", Label: web.T(ctx, "Orsak"), Rows: 3}, Kind: web.AsArea, To: &x.Cause},
				{Input: web.Input{Name: "remedy", Label: web.T(ctx, "Åtgärd"), Rows: 3}, Kind: web.AsArea, To: &x.Remedy},
			}
		},
		Moves: []sheet.Move{{To: DeviationDone, Label: "Åtgärdad"}},
		Body: func(_ context.Context, _ db.Q, p journal.Project, it journal.Item[Deviation], _ Moment) (templ.Component, error) {
			return deviationLinks(o, p, it), nil
		},
	}
}
