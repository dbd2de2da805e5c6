package room

import (
	"context"

	"kommunpilot/base/calendar"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
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
var LogKinds = []string{"aktivitet", "händelse", "kontakt", "ekonomi", "rättelse"}

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
