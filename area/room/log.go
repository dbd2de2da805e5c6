package room

import (
	"cmp"
	"context"
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// LogEntry is a line of the running log (003-62). It is append-only: a
// correction is a new entry that names the one it corrects.
type LogEntry struct {
	Day      calendar.Date `json:"day"`
	Kind     string        `json:"kind"`
	What     string        `json:"what"`
	Text     string        `json:"text"`
	Corrects int64         `json:"corrects"`
}

// LogKinds are the kinds of log entries.
var LogKinds = []string{"aktivitet", "händelse", "kontakt", "dialog med myndigheten", "ekonomi", "rättelse"}

func (o *Room) logSheet(d sheet.Deps) *sheet.Sheet[LogEntry] {
	return &sheet.Sheet[LogEntry]{
		Deps: d, Noun: journal.Noun[LogEntry]{Name: "log", Title: "Anteckningen"},
		Path: "logg", Title: "Logg", Lead: "Löpande anteckningar om vad som har hänt. En anteckning kan inte ändras; skriv en rättelse som hänvisar till den.",
		New: "Ny anteckning", NoneYet: "Loggen är tom.", Read: "log.read", Create: "log.write", Newest: true,
		Name: func(l LogEntry) string { return l.What },
		Fields: func(ctx context.Context, l *LogEntry, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Dag"), Required: true}, Kind: web.AsDay, To: &l.Day},
				{Input: web.Input{Name: "kind", Label: web.T(ctx, "Sort"), Required: true}, Kind: web.AsRadio, To: &l.Kind, Options: options(LogKinds...)},
				{Input: web.Input{Name: "what", Label: web.T(ctx, "Vad har hänt?"), Required: true}, To: &l.What},
				{Input: web.Input{Name: "text", Label: web.T(ctx, "Mer om det"), Rows: 4}, Kind: web.AsArea, To: &l.Text},
				{Input: web.Input{Name: "corrects", Label: web.T(ctx, "Rättar anteckning nummer"), Width: "short"}, Kind: web.AsWhole, To: &l.Corrects},
			}
		},
		Columns: []sheet.Column[LogEntry]{
			{Head: "Nummer", Cell: func(_ context.Context, it journal.Item[LogEntry], _ sheet.Choices) string { return id.String(it.ID) }},
			{Head: "Dag", Cell: func(ctx context.Context, it journal.Item[LogEntry], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Day)
			}},
			{Head: "Sort", Cell: func(_ context.Context, it journal.Item[LogEntry], _ sheet.Choices) string { return it.Is.Kind }},
		},
	}
}

// Told is something that happened on a day, of a kind: a decision, or a log
// entry that tells of an activity or an event.
type Told struct {
	Kind string
	Day  calendar.Date
	Text string
}

// Happened lists decisions and then log entries from a day to another, oldest
// first, for who writes about the project.
func (o *Room) Happened(ctx context.Context, q db.Q, p who.ProjectID, from, to calendar.Date) ([]Told, error) {
	decisions, err := o.decisions.Noun.List(ctx, q, journal.Query{Project: p})
	if err != nil {
		return nil, err
	}
	logs, err := o.logs.Noun.List(ctx, q, journal.Query{Project: p})
	var out []Told
	add := func(kind string, day calendar.Date, text string) {
		if day >= from && day <= to && text != "" {
			out = append(out, Told{kind, day, text})
		}
	}
	for _, d := range decisions {
		add("beslut", d.Is.Day, d.Is.Text)
	}
	for _, l := range logs {
		if l.Is.Kind == "aktivitet" || l.Is.Kind == "händelse" {
			add(l.Is.Kind, l.Is.Day, l.Is.What)
		}
	}
	slices.SortStableFunc(out, func(a, b Told) int {
		return cmp.Or(cmp.Compare(order(a.Kind), order(b.Kind)), cmp.Compare(a.Day, b.Day))
	})
	return out, err
}

// order puts decisions first.
func order(kind string) int { return slices.Index([]string{"beslut", "aktivitet", "händelse"}, kind) }
