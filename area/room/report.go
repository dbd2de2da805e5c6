package room

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The states of a status report.
const (
	ReportDue       = "förfaller"
	ReportDraft     = "utkast"
	ReportHandedIn  = "lämnad"
	ReportDealtWith = "behandlad i styrgrupp"
)

// Section is a part of a report's draft: a heading, sentences, a table.
type Section struct {
	Head  string     `json:"head"`
	Text  []string   `json:"text"`
	Heads []string   `json:"heads"`
	Rows  [][]string `json:"rows"`
}

// FinalReport is the kind of the report that the owner compiles of the whole
// project at its end (001-15): it writes itself like the others.
const FinalReport = "slut"

// Report is a status report (lägesrapport): of a quarter, or before a meeting
// of the steering group (003-62, -63). The draft writes itself; the summary
// and the comments are the leaders'.
type Report struct {
	Kind     string        `json:"kind"` // "kvartal", "möte" or "slut"
	From     calendar.Date `json:"from"`
	To       calendar.Date `json:"to"` // the last day
	Summary  string        `json:"summary"`
	Comments string        `json:"comments"`
	Draft    []Section     `json:"draft"`
	Written  calendar.Date `json:"written"` // when the draft wrote itself
	Decision journal.ID    `json:"decision"`
}

func (r Report) title() string {
	switch r.Kind {
	case "möte":
		return "Lägesrapport inför styrgruppen " + string(r.To)
	case FinalReport:
		return "Slutrapport " + string(r.To)
	}
	return "Lägesrapport " + quarterName(r.From)
}

// quarter is the first and last day of the quarter in which the day lies.
func quarter(d calendar.Date) (from, to calendar.Date) {
	t := d.Start()
	first := calendar.New(t.Year(), (t.Month()-1)/3*3+1, 1)
	f := first.Start()
	return first, calendar.New(f.Year(), f.Month()+3, 1).AddDays(-1)
}

func quarterName(d calendar.Date) string {
	t := d.Start()
	return fmt.Sprintf("kvartal %d %d", (int(t.Month())-1)/3+1, t.Year())
}

func (o *Room) reportSheet(d sheet.Deps) *sheet.Sheet[Report] {
	s := &sheet.Sheet[Report]{
		Deps: d, Noun: journal.Noun[Report]{Name: "report", Title: "Rapporten", Moves: map[string][]string{ReportDue: {ReportDraft}, ReportDraft: {ReportHandedIn}, ReportHandedIn: {ReportDraft, ReportDealtWith}}},
		Path: "rapporter", Title: "Lägesrapporter", Lead: "En rapport per kvartal, en inför varje styrgruppsmöte och en slutrapport. Utkastet skrivs av loggen, målen, riskerna, åtgärderna och besluten.",
		New: "Ny lägesrapport", NoneYet: "Inga rapporter ännu.", First: ReportDraft, Read: "log.read", Write: "report.write", Locked: []string{ReportHandedIn, ReportDealtWith}, Newest: true,
		Name: Report.title,
		Fields: func(ctx context.Context, r *Report, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "kind", Label: web.T(ctx, "Sorts rapport"), Required: true}, Kind: web.AsRadio, To: &r.Kind, Options: []web.Option{{Value: "kvartal", Label: web.T(ctx, "Kvartalsrapport")}, {Value: "möte", Label: web.T(ctx, "Inför ett styrgruppsmöte")}, {Value: FinalReport, Label: web.T(ctx, "Slutrapport")}}},
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Från och med"), Required: true}, Kind: web.AsDay, To: &r.From},
				{Input: web.Input{Name: "to", Label: web.T(ctx, "Till och med"), Required: true}, Kind: web.AsDay, To: &r.To},
				{Input: web.Input{Name: "summary", Label: web.T(ctx, "Sammanfattning"), Hint: web.T(ctx, "Det viktigaste, med era egna ord."), Rows: 5}, Kind: web.AsArea, To: &r.Summary},
				{Input: web.Input{Name: "comments", Label: web.T(ctx, "Kommentarer till utkastet"), Rows: 4}, Kind: web.AsArea, To: &r.Comments},
			}
		},
		Check: func(r Report) []fail.Field {
			if r.To < r.From {
				return []fail.Field{{Name: "to", Message: "Slutet ligger före början."}}
			}
			return nil
		},
		Columns: []sheet.Column[Report]{
			{Head: "Från och med", Cell: func(ctx context.Context, it journal.Item[Report], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.From)
			}},
			{Head: "Till och med", Cell: func(ctx context.Context, it journal.Item[Report], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.To)
			}},
		},
		Moves: []sheet.Move{{To: ReportHandedIn, Label: "Lämna rapporten", Hint: "Den går till ägaren och styrgruppen och kan inte ändras sedan den är behandlad."}, {To: ReportDraft, Label: "Gör till utkast igen"}},
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Report], from string) error {
			if from != "" && from == it.State && from != ReportDue {
				return nil
			}
			if from == ReportDue {
				it.State = ReportDraft
			}
			if it.State != ReportDraft && it.State != ReportHandedIn || from == ReportHandedIn {
				return nil
			}
			return o.write(ctx, tx, p, &it.Is)
		},
	}
	s.Body = func(_ context.Context, _ db.Q, p journal.Project, it journal.Item[Report], at Moment) (templ.Component, error) {
		return reportBody(p, it, at.IsZero() && !p.Closed && it.State == ReportDraft), nil
	}
	return s
}

// write writes the draft of what was known at the end of the period, or now.
func (o *Room) write(ctx context.Context, q db.Q, p journal.Project, r *Report) error {
	r.Written = calendar.Of(q.Now())
	at := min(r.To.End().UnixNano(), q.Now().UnixNano())
	moment := Moment{}
	if at < q.Now().UnixNano() {
		moment = r.To.End()
	}
	r.Draft = nil
	for _, part := range []func(context.Context, db.Q, journal.Project, Report, Moment) (Section, error){
		o.figuresPart, o.eventsPart, o.decisionsPart, o.actionsPart, o.risksPart, o.deviationsPart, o.changesPart, o.researchPart, o.framePart,
	} {
		s, err := part(ctx, q, p, *r, moment)
		if err != nil {
			return err
		}
		if len(s.Text)+len(s.Rows) > 0 {
			r.Draft = append(r.Draft, s)
		}
	}
	return nil
}

func within(d calendar.Date, r Report) bool { return d >= r.From && d <= r.To }

func (o *Room) figuresPart(ctx context.Context, q db.Q, p journal.Project, _ Report, at Moment) (Section, error) {
	s := Section{Head: "Mål och indikatorer", Heads: []string{"Mål", "Indikator", "Värde", "Målvärde", "Läge"}}
	if o.deps.Figures == nil {
		return s, nil
	}
	list, err := o.deps.Figures(ctx, q, p, at)
	red := 0
	for _, f := range list {
		light := f.Light
		if light == "" {
			light = "inte mätt"
		}
		if f.Light == "röd" {
			red++
		}
		s.Rows = append(s.Rows, []string{f.Goal, f.Indicator, f.measured(), strings.TrimSpace(f.Target + " " + f.Unit), light})
	}
	switch {
	case red == 1:
		s.Text = append(s.Text, "En indikator är röd.")
	case red > 1:
		s.Text = append(s.Text, fmt.Sprintf("%d indikatorer är röda.", red))
	}
	return s, err
}

func (o *Room) eventsPart(ctx context.Context, q db.Q, p journal.Project, r Report, at Moment) (Section, error) {
	list, err := o.logs.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	s := Section{Head: "Vad som har hänt", Heads: []string{"Dag", "Händelse"}}
	for _, l := range list {
		if within(l.Is.Day, r) {
			s.Rows = append(s.Rows, []string{string(l.Is.Day), l.Is.What})
		}
	}
	slices.SortStableFunc(s.Rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return s, err
}

func (o *Room) decisionsPart(ctx context.Context, q db.Q, p journal.Project, r Report, at Moment) (Section, error) {
	list, err := o.decisions.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	s := Section{Head: "Beslut", Heads: []string{"Organ och paragraf", "Beslut"}}
	for _, x := range list {
		if within(x.Is.Day, r) {
			s.Rows = append(s.Rows, []string{x.Is.Organ + " " + string(x.Is.Day) + " " + x.Is.Section(), x.Is.Matter + ": " + x.Is.Text})
		}
	}
	return s, err
}

func (o *Room) actionsPart(ctx context.Context, q db.Q, p journal.Project, r Report, at Moment) (Section, error) {
	list, err := o.actions.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	s := Section{Head: "Åtgärder", Heads: []string{"Åtgärd", "Vem", "Klart senast", "Läge"}}
	late := 0
	for _, a := range list {
		if a.State != ActionOpen && !within(calendar.Of(a.Changed), r) {
			continue
		}
		state := a.State
		if a.State == ActionOpen && a.Is.Due < r.To {
			state = "försenad"
			late++
		}
		s.Rows = append(s.Rows, []string{a.Is.Text, a.Is.Name, string(a.Is.Due), state})
	}
	if late > 0 {
		s.Text = append(s.Text, fmt.Sprintf("Försenade åtgärder: %d.", late))
	}
	return s, err
}

func (o *Room) risksPart(ctx context.Context, q db.Q, p journal.Project, _ Report, at Moment) (Section, error) {
	list, err := o.risks.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	list = slices.DeleteFunc(list, func(x journal.Item[Risk]) bool { return x.State == RiskClosed })
	slices.SortStableFunc(list, func(a, b journal.Item[Risk]) int { return int(b.Is.Score() - a.Is.Score()) })
	s := Section{Head: "Risker", Heads: []string{"Risk", "Värde", "Åtgärd", "Läge"}}
	for _, x := range list {
		s.Rows = append(s.Rows, []string{x.Is.Event + " – " + x.Is.Effect, fmt.Sprintf("%d (%s)", x.Is.Score(), x.Is.Level()), x.Is.Response, x.State})
	}
	return s, err
}

func (o *Room) deviationsPart(ctx context.Context, q db.Q, p journal.Project, _ Report, at Moment) (Section, error) {
	list, err := o.deviations.Noun.List(ctx, q, journal.Query{Project: p.ID, State: DeviationOpen, At: at})
	s := Section{Head: "Avvikelser", Heads: []string{"Avvikelse", "Orsak", "Åtgärd"}}
	for _, x := range list {
		s.Rows = append(s.Rows, []string{x.Is.What, x.Is.Cause, x.Is.Remedy})
	}
	return s, err
}

func (o *Room) changesPart(ctx context.Context, q db.Q, p journal.Project, _ Report, at Moment) (Section, error) {
	list, err := o.changes.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	s := Section{Head: "Ändringar", Heads: []string{"Ändring", "Läge"}}
	for _, x := range list {
		s.Rows = append(s.Rows, []string{x.Is.What, x.State})
	}
	return s, err
}

func (o *Room) framePart(ctx context.Context, q db.Q, p journal.Project, r Report, at Moment) (Section, error) {
	it, err := o.project(ctx, q, p.ID, at)
	if fail.Is(err, fail.NotFound) { // before the room was opened
		return Section{}, nil
	}
	s := Section{Head: "Tid och budget"}
	if left := r.To.DaysTo(it.Is.To); left >= 0 {
		s.Text = append(s.Text, fmt.Sprintf("Projektet slutar %s; %d dagar återstod vid periodens slut.", it.Is.To, left))
	} else {
		s.Text = append(s.Text, fmt.Sprintf("Projektets slutdag %s har passerat.", it.Is.To))
	}
	if it.Is.Budget > 0 {
		s.Text = append(s.Text, "Beslutad budget: "+web.Kronor(ctx, it.Is.Budget)+".")
	}
	return s, err
}

// RenewReport writes the draft anew from what is known now.
func (o *Room) RenewReport(ctx context.Context, item journal.ID, version int64, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.reports.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.Frame(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "report.write", p.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if it.State != ReportDraft {
			return fail.New(fail.Conflict, "Bara ett utkast kan skrivas om.")
		}
		if err := o.write(ctx, tx, p, &it.Is); err != nil {
			return err
		}
		it.Version = version
		return o.reports.Noun.Save(ctx, tx, p, it, journal.Act{Name: "report.write", Reason: "Utkastet skrevs om"})
	})
}

// reportsFallDue makes the report of the quarter that has ended, in each open
// project that has started.
func (o *Room) reportsFallDue(ctx context.Context) error {
	var due []who.ProjectID
	var from, to calendar.Date
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		from, to = quarter(quarterStart(calendar.Of(q.Now())).AddDays(-1))
		projects, err := o.projects.List(ctx, q, journal.Query{State: Open})
		if err != nil {
			return err
		}
		for _, x := range projects {
			if !x.Is.Started || x.Is.From > to || calendar.Of(x.Created) > to {
				continue
			}
			list, err := o.reports.Noun.List(ctx, q, journal.Query{Project: x.Project, Newest: true, Limit: 20})
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(list, func(r journal.Item[Report]) bool { return r.Is.Kind == "kvartal" && r.Is.From == from }) {
				due = append(due, x.Project)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, pid := range due {
		err := o.deps.DB.Write(ctx, func(tx *db.Tx) error {
			p, err := o.Frame(ctx, tx, pid)
			if err != nil {
				return err
			}
			r := Report{Kind: "kvartal", From: from, To: to}
			if err := o.write(ctx, tx, p, &r); err != nil {
				return err
			}
			_, err = o.reports.Noun.Add(ctx, tx, p, 0, ReportDue, r, journal.Act{Name: "report.write", Reason: "Kvartalet är slut"})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func quarterStart(d calendar.Date) calendar.Date { from, _ := quarter(d); return from }
