// Package outreach is a project's communication: the plan as audience, what
// they shall know, feel and do, channel and date; wording that stigmatises is
// flagged; presentations of results; the newsletter and who subscribes to it.
package outreach

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

//go:embed schema
var schema embed.FS

// Schema is the room's migrations.
func Schema() fs.FS { return db.Sub(schema) }

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB         *db.DB
	Project    func(ctx context.Context, q db.Q, id who.ProjectID) (journal.Project, error)
	PersonName func(ctx context.Context, q db.Q, p who.PersonID) (string, error)
	Mail       func(ctx context.Context, tx *db.Tx, m mail.Message) error
	PublicURL  string // "https://kommunpilot.example", with no slash at its end
	// Email is a person's address.
	Email func(ctx context.Context, q db.Q, p who.PersonID) (string, error)
	// News lists what happened from a day to another that may be told, by kind.
	News func(ctx context.Context, q db.Q, p journal.Project, from, to calendar.Date) ([]News, error)
}

// Room serves the pages and carries out the acts.
type Room struct {
	deps          Deps
	newsletters   *sheet.Sheet[Newsletter]
	items         *sheet.Sheet[Item]
	presentations *sheet.Sheet[Presentation]
}

// New makes the room.
func New(d Deps) *Room {
	base := sheet.Deps{DB: d.DB, Project: d.Project, PersonName: d.PersonName}
	o := &Room{deps: d, items: itemSheet(base), presentations: presentationSheet(base)}
	o.newsletters = o.newsletterSheet(base)
	return o
}

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return slices.Concat(o.items.Routes(), o.presentations.Routes(), o.newsletters.Routes(), o.newsletterRoutes())
}

// Ladder are the steps that an audience climbs (003-12).
var Ladder = []string{"kännedom", "intresse", "förståelse", "engagemang", "handling"}

// Item is one row of the communication plan: who shall know, feel and do what,
// by which channel and when.
type Item struct {
	Audience string        `json:"audience"`
	Step     string        `json:"step"`
	Know     string        `json:"know"`
	Feel     string        `json:"feel"`
	Do       string        `json:"do"`
	Message  string        `json:"message"`
	Channel  string        `json:"channel"`
	Day      calendar.Date `json:"day"`
	Owner    string        `json:"owner"`
	Measure  string        `json:"measure"`
	Result   string        `json:"result"`
}

// Presentation is a presentation of a result to an audience (000-19).
type Presentation struct {
	Title    string        `json:"title"`
	Audience string        `json:"audience"`
	Day      calendar.Date `json:"day"`
	Place    string        `json:"place"`
	Result   string        `json:"result"`
}

// Word is a wording that may stigmatise, with a better one (003-14). The list
// is our own and can be disputed: it flags, it stops nothing.
type Word struct{ Bad, Better string }

// Words are the wordings that are flagged.
var Words = []Word{
	{"svaga grupper", "personer som står långt från arbetsmarknaden"}, {"utsatta grupper", "personer som behöver stöd"}, {"problemområde", "område"},
	{"belasta", "kosta"}, {"de arbetslösa", "personer som söker arbete"}, {"handikappade", "personer med funktionsnedsättning"}, {"invandrare", "utrikes födda"},
	{"bidragstagare", "personer med försörjningsstöd"}, {"svårplacerade", "personer som behöver mer stöd för att få arbete"},
}

// Flagged lists the wordings of the texts that may stigmatise, in the list's order.
func Flagged(texts ...string) []Word {
	all := strings.ToLower(strings.Join(texts, "\n"))
	var out []Word
	for _, w := range Words {
		if strings.Contains(all, w.Bad) {
			out = append(out, w)
		}
	}
	return out
}

func options(list ...string) []web.Option {
	var out []web.Option
	for _, x := range list {
		out = append(out, web.Option{Value: x, Label: x})
	}
	return out
}

func itemSheet(d sheet.Deps) *sheet.Sheet[Item] {
	return &sheet.Sheet[Item]{
		Deps: d, Noun: journal.Noun[Item]{Name: "commitem", Title: "Aktiviteten", Moves: map[string][]string{"planerad": {"gjord"}, "gjord": {"följd upp"}}, NeedsReason: []string{"följd upp"}},
		Path: "kommunikation", Title: "Kommunikationsplan", Lead: "Vem ska veta, känna och göra vad, genom vilken kanal och när. Planen är levande: ändra den när något ändras.",
		New: "Ny aktivitet", NoneYet: "Planen är tom. Börja med den viktigaste målgruppen.", First: "planerad", Read: "project.read", Write: "outreach.edit", Locked: []string{"följd upp"},
		Name: func(i Item) string { return i.Audience + ": " + i.Message },
		Fields: func(ctx context.Context, i *Item, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "audience", Label: web.T(ctx, "Målgrupp"), Required: true}, To: &i.Audience},
				{Input: web.Input{Name: "step", Label: web.T(ctx, "Steg på stegen"), Hint: web.T(ctx, "Vart målgruppen ska komma."), Required: true}, Kind: web.AsChoice, To: &i.Step, Options: options(Ladder...)},
				{Input: web.Input{Name: "know", Label: web.T(ctx, "Ska veta"), Rows: 2}, Kind: web.AsArea, To: &i.Know},
				{Input: web.Input{Name: "feel", Label: web.T(ctx, "Ska känna"), Rows: 2}, Kind: web.AsArea, To: &i.Feel},
				{Input: web.Input{Name: "do", Label: web.T(ctx, "Ska göra"), Rows: 2}, Kind: web.AsArea, To: &i.Do},
				{Input: web.Input{Name: "message", Label: web.T(ctx, "Budskap"), Required: true}, To: &i.Message},
				{Input: web.Input{Name: "channel", Label: web.T(ctx, "Kanal"), Required: true}, Kind: web.AsChoice, To: &i.Channel, Options: options("arbetsgruppsmöte", "webbsida", "databas", "nyhetsbrev", "konferens", "pressmeddelande", "annat")},
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Dag"), Required: true}, Kind: web.AsDay, To: &i.Day},
				{Input: web.Input{Name: "owner", Label: web.T(ctx, "Ansvarig"), Hint: web.T(ctx, "Roll och organisation."), Required: true}, To: &i.Owner},
				{Input: web.Input{Name: "measure", Label: web.T(ctx, "Så mäts det")}, To: &i.Measure},
				{Input: web.Input{Name: "result", Label: web.T(ctx, "Så gick det"), Rows: 2}, Kind: web.AsArea, To: &i.Result},
			}
		},
		Columns: []sheet.Column[Item]{
			{Head: "Steg på stegen", Cell: func(_ context.Context, it journal.Item[Item], _ sheet.Choices) string { return it.Is.Step }},
			{Head: "Kanal", Cell: func(_ context.Context, it journal.Item[Item], _ sheet.Choices) string { return it.Is.Channel }},
			{Head: "Dag", Cell: func(ctx context.Context, it journal.Item[Item], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Day)
			}},
		},
		Moves: []sheet.Move{{To: "gjord", Label: "Gjord"}, {To: "följd upp", Label: "Följ upp", Hint: "Skriv hur det gick."}},
		Body: func(_ context.Context, _ db.Q, _ journal.Project, it journal.Item[Item], _ time.Time) (templ.Component, error) {
			return flagged(Flagged(it.Is.Message, it.Is.Know, it.Is.Feel, it.Is.Do, it.Is.Audience)), nil
		},
	}
}

func presentationSheet(d sheet.Deps) *sheet.Sheet[Presentation] {
	return &sheet.Sheet[Presentation]{
		Deps: d, Noun: journal.Noun[Presentation]{Name: "presentation", Title: "Presentationen", Moves: map[string][]string{"planerad": {"hållen"}}},
		Path: "presentationer", Title: "Presentationer", Lead: "När och för vem resultaten presenteras.", New: "Ny presentation", NoneYet: "Inga presentationer ännu.",
		First: "planerad", Read: "project.read", Write: "outreach.edit", Name: func(p Presentation) string { return p.Title },
		Fields: func(ctx context.Context, p *Presentation, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &p.Title},
				{Input: web.Input{Name: "audience", Label: web.T(ctx, "För vem"), Required: true}, To: &p.Audience},
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Dag"), Required: true}, Kind: web.AsDay, To: &p.Day},
				{Input: web.Input{Name: "place", Label: web.T(ctx, "Plats")}, To: &p.Place},
				{Input: web.Input{Name: "result", Label: web.T(ctx, "Resultat som presenteras"), Rows: 3}, Kind: web.AsArea, To: &p.Result},
			}
		},
		Columns: []sheet.Column[Presentation]{
			{Head: "För vem", Cell: func(_ context.Context, it journal.Item[Presentation], _ sheet.Choices) string { return it.Is.Audience }},
			{Head: "Dag", Cell: func(ctx context.Context, it journal.Item[Presentation], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Day)
			}},
		},
		Moves: []sheet.Move{{To: "hållen", Label: "Hållen"}},
	}
}

// Plan adds a row to the communication plan.
func (o *Room) Plan(ctx context.Context, p who.ProjectID, i Item) error {
	_, err := o.items.Add(ctx, p, 0, i, "")
	return err
}

// Clerks carry out the acts of the room's pages for a program.
func (o *Room) Clerks() []sheet.Clerk {
	return []sheet.Clerk{o.items.Clerk(), o.presentations.Clerk(), o.newsletters.Clerk()}
}
