package goal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/chart"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Indicator measures a goal.
type Indicator struct {
	Goal        journal.ID `json:"goal"`
	Name        string     `json:"name"`
	Definition  string     `json:"definition"`
	Numerator   string     `json:"numerator"`
	Denominator string     `json:"denominator"`
	Unit        string     `json:"unit"`
	Baseline    float64    `json:"baseline"`
	Target      float64    `json:"target"`
	Source      string     `json:"source"`
	Frequency   string     `json:"frequency"`
	Disclosure  string     `json:"disclosure"` // "öppen" or "skyddad"
}

// Measurement is a value of an indicator for a period.
type Measurement struct {
	Indicator journal.ID    `json:"indicator"`
	From      calendar.Date `json:"from"`
	To        calendar.Date `json:"to"`
	Value     float64       `json:"value"`
	Method    string        `json:"method"`
	Source    string        `json:"source"`
}

// The lights.
const (
	Green  = "grön"
	Yellow = "gul"
	Red    = "röd"
)

// Share of the way that gives green and yellow: a design default that the page
// states.
const (
	greenShare  = 0.9
	yellowShare = 0.6
)

// Rule is the rule of the lights in words.
const Rule = "Läget jämför hur långt värdet har kommit från utgångsvärdet till målvärdet med hur stor del av projekttiden som har gått. Grön är minst 90 procent av vägen dit, gul minst 60 procent, annars röd. Den som har nått målvärdet är grön."

// defined tells whether a figure may be shown: a share needs its numerator and
// denominator (003-16).
func (i Indicator) defined() bool {
	return i.Unit != "%" && !strings.Contains(i.Unit, "procent") || i.Numerator != "" && i.Denominator != ""
}

// Light is the light of a value when the share of the time has gone. Pure.
func (i Indicator) Light(value, gone float64) string {
	way := i.Target - i.Baseline
	if way == 0 {
		if value == i.Target {
			return Green
		}
		return Red
	}
	done := (value - i.Baseline) / way
	gone = min(max(gone, 0), 1)
	switch {
	case done >= 1, done >= greenShare*gone:
		return Green
	case done >= yellowShare*gone:
		return Yellow
	}
	return Red
}

// share is how much of the period has gone at the end of the day.
func share(from, to, day calendar.Date) float64 {
	if from == "" || to == "" || to <= from {
		return 1
	}
	return float64(from.DaysTo(day)+1) / float64(from.DaysTo(to)+1)
}

func (o *Room) indicatorSheet(d sheet.Deps) *sheet.Sheet[Indicator] {
	return &sheet.Sheet[Indicator]{
		Deps: d, Noun: journal.Noun[Indicator]{Name: "indicator", Title: "Indikatorn"},
		Path: "indikatorer", Title: "Indikatorer", Lead: "Vad som mäts, hur, och vad värdet ska bli.",
		New: "Ny indikator", NoneYet: "Inga indikatorer ännu.", Read: "goal.read", Write: "goal.propose",
		Name: func(i Indicator) string { return i.Name }, Choices: o.choices,
		Fields: func(ctx context.Context, i *Indicator, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "goal", Label: web.T(ctx, "Mäter målet"), Required: true}, Kind: web.AsChoice, To: &i.Goal, Options: c["goal"]},
				{Input: web.Input{Name: "name", Label: web.T(ctx, "Indikator"), Required: true}, To: &i.Name},
				{Input: web.Input{Name: "definition", Label: web.T(ctx, "Definition"), Rows: 3}, Kind: web.AsArea, To: &i.Definition},
				{Input: web.Input{Name: "numerator", Label: web.T(ctx, "Täljare"), Hint: web.T(ctx, "För en andel: vad som räknas. Andelen visas inte förrän täljare och nämnare är bestämda.")}, To: &i.Numerator},
				{Input: web.Input{Name: "denominator", Label: web.T(ctx, "Nämnare"), Hint: web.T(ctx, "För en andel: av vad.")}, To: &i.Denominator},
				{Input: web.Input{Name: "unit", Label: web.T(ctx, "Enhet"), Hint: web.T(ctx, "Till exempel %, personer eller kronor."), Required: true, Width: "short"}, To: &i.Unit},
				{Input: web.Input{Name: "baseline", Label: web.T(ctx, "Utgångsvärde"), Width: "short"}, Kind: web.AsNumber, To: &i.Baseline},
				{Input: web.Input{Name: "target", Label: web.T(ctx, "Målvärde"), Required: true, Width: "short"}, Kind: web.AsNumber, To: &i.Target},
				{Input: web.Input{Name: "source", Label: web.T(ctx, "Källa"), Required: true}, To: &i.Source},
				{Input: web.Input{Name: "frequency", Label: web.T(ctx, "Mäts"), Required: true}, Kind: web.AsChoice, To: &i.Frequency, Options: options("varje månad", "varje kvartal", "varje år", "vid slutet")},
				{Input: web.Input{Name: "disclosure", Label: web.T(ctx, "Visas för"), Required: true}, Kind: web.AsRadio, To: &i.Disclosure, Options: []web.Option{
					{Value: "öppen", Label: web.T(ctx, "alla")}, {Value: "skyddad", Label: web.T(ctx, "projektet; små tal skyddas")}}},
			}
		},
		Columns: []sheet.Column[Indicator]{
			{Head: "Mäter målet", Cell: func(_ context.Context, it journal.Item[Indicator], c sheet.Choices) string {
				return label(c["goal"], it.Is.Goal)
			}},
			{Head: "Målvärde", Cell: func(ctx context.Context, it journal.Item[Indicator], _ sheet.Choices) string {
				return figure(ctx, it.Is.Target) + " " + it.Is.Unit
			}},
		},
		Check: func(i Indicator) []fail.Field {
			if i.Target == i.Baseline {
				return []fail.Field{{Name: "target", Message: "Målvärdet ska skilja sig från utgångsvärdet."}}
			}
			return nil
		},
		Body: o.indicatorBody,
	}
}

// figure writes a value without needless decimals.
func figure(ctx context.Context, v float64) string {
	s := web.Number(ctx, v, 2)
	if strings.ContainsAny(s, ",.") && web.Lang(ctx) == "sv" {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ",")
	}
	return s
}

func (o *Room) measurementSheet(d sheet.Deps) *sheet.Sheet[Measurement] {
	return &sheet.Sheet[Measurement]{
		Deps: d, Noun: journal.Noun[Measurement]{Name: "measurement", Title: "Mätvärdet"},
		Path: "matvarden", Title: "Mätvärden", Lead: "Varje värde med period, metod och källa.",
		New: "Nytt mätvärde", NoneYet: "Inga mätvärden ännu.", Read: "goal.read", Write: "indicator.report",
		Name: func(m Measurement) string { return string(m.To) }, Choices: o.choices, Newest: true,
		Fields: func(ctx context.Context, m *Measurement, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "indicator", Label: web.T(ctx, "Indikator"), Required: true}, Kind: web.AsChoice, To: &m.Indicator, Options: c["indicator"]},
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Från och med"), Required: true}, Kind: web.AsDay, To: &m.From},
				{Input: web.Input{Name: "to", Label: web.T(ctx, "Till och med"), Required: true}, Kind: web.AsDay, To: &m.To},
				{Input: web.Input{Name: "value", Label: web.T(ctx, "Värde"), Required: true, Width: "short"}, Kind: web.AsNumber, To: &m.Value},
				{Input: web.Input{Name: "method", Label: web.T(ctx, "Så är det mätt"), Required: true}, To: &m.Method},
				{Input: web.Input{Name: "source", Label: web.T(ctx, "Källa"), Required: true}, To: &m.Source},
			}
		},
		Columns: []sheet.Column[Measurement]{
			{Head: "Indikator", Cell: func(_ context.Context, it journal.Item[Measurement], c sheet.Choices) string {
				return label(c["indicator"], it.Is.Indicator)
			}},
			{Head: "Värde", Cell: func(ctx context.Context, it journal.Item[Measurement], _ sheet.Choices) string {
				return figure(ctx, it.Is.Value)
			}},
			{Head: "Källa", Cell: func(_ context.Context, it journal.Item[Measurement], _ sheet.Choices) string { return it.Is.Source }},
		},
		Check: func(m Measurement) []fail.Field {
			if m.To < m.From {
				return []fail.Field{{Name: "to", Message: "Slutet ligger före början."}}
			}
			return nil
		},
	}
}

// indicatorsOf lists a goal's indicators as of a moment.
func (o *Room) indicatorsOf(ctx context.Context, q db.Q, p who.ProjectID, goal journal.ID, at time.Time) ([]journal.Item[Indicator], error) {
	all, err := o.indicators.Noun.List(ctx, q, journal.Query{Project: p, At: at})
	return slices.DeleteFunc(all, func(i journal.Item[Indicator]) bool { return i.Is.Goal != goal }), err
}

// measured lists an indicator's values by the end of their periods.
func (o *Room) measured(ctx context.Context, q db.Q, p who.ProjectID, indicator journal.ID, at time.Time) ([]journal.Item[Measurement], error) {
	all, err := o.measurements.Noun.List(ctx, q, journal.Query{Project: p, At: at})
	all = slices.DeleteFunc(all, func(m journal.Item[Measurement]) bool { return m.Is.Indicator != indicator })
	slices.SortStableFunc(all, func(a, b journal.Item[Measurement]) int { return strings.Compare(string(a.Is.To), string(b.Is.To)) })
	return all, err
}

// Figure is an indicator with its latest value.
type Figure struct {
	Goal, Indicator, Unit, Value, Target, Period, Light string
	Item                                                journal.ID
}

// Figures gives every indicator with its latest value and light, as known at
// the moment.
func (o *Room) Figures(ctx context.Context, q db.Q, p journal.Project, at time.Time) ([]Figure, error) {
	list, err := o.indicators.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	if err != nil {
		return nil, err
	}
	from, to, err := o.deps.Period(ctx, q, p.ID)
	if err != nil {
		return nil, err
	}
	goals, err := o.goals.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	if err != nil {
		return nil, err
	}
	var out []Figure
	for _, i := range list {
		f := Figure{Indicator: i.Is.Name, Unit: i.Is.Unit, Target: figure(ctx, i.Is.Target), Item: i.ID}
		for _, g := range goals {
			if g.ID == i.Is.Goal {
				f.Goal = g.Is.Text
			}
		}
		values, err := o.measured(ctx, q, p.ID, i.ID, at)
		if err != nil {
			return nil, err
		}
		if len(values) > 0 && i.Is.defined() {
			last := values[len(values)-1].Is
			f.Value, f.Period = figure(ctx, last.Value), string(last.To)
			f.Light = i.Is.Light(last.Value, share(from, to, last.To))
		}
		out = append(out, f)
	}
	return out, nil
}

func (o *Room) indicatorBody(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Indicator], at time.Time) (templ.Component, error) {
	values, err := o.measured(ctx, q, p.ID, it.ID, at)
	if err != nil {
		return nil, err
	}
	from, to, err := o.deps.Period(ctx, q, p.ID)
	if err != nil {
		return nil, err
	}
	v := indicatorView{room: o, p: p, it: it, values: values, mayReport: at.IsZero() && !p.Closed && may(ctx, "indicator.report", p.Resource) == nil}
	if len(values) > 0 && it.Is.defined() {
		last := values[len(values)-1].Is
		v.light = it.Is.Light(last.Value, share(from, to, last.To))
		v.line = it.Is.line(ctx, values, from, to)
	}
	return indicatorPage(v), nil
}

// line is the trend of an indicator beside the way from baseline to target.
func (i Indicator) line(ctx context.Context, values []journal.Item[Measurement], from, to calendar.Date) *chart.Line {
	l := &chart.Line{Title: i.Name, Unit: i.Unit, Desc: fmt.Sprintf("%s %s – %s", web.T(ctx, "Senaste värdet"), figure(ctx, values[len(values)-1].Is.Value), i.Unit)}
	s := chart.Series{Name: web.T(ctx, "Mätt"), Class: "chart-1"}
	for _, m := range values {
		s.Points = append(s.Points, chart.Point{X: float64(from.DaysTo(m.Is.To)), Y: m.Is.Value, Label: string(m.Is.To)})
	}
	l.Series = append(l.Series, s)
	if from != "" && to > from {
		l.Series = append(l.Series, chart.Series{Name: web.T(ctx, "Vägen till målet"), Class: "chart-target", Points: []chart.Point{
			{X: 0, Y: i.Baseline, Label: string(from)}, {X: float64(from.DaysTo(to)), Y: i.Target, Label: string(to)},
		}})
	}
	return l
}

// number writes an identifier.
func number(item journal.ID) string { return id.String(item) }
