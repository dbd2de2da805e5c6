package knowledge

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The kinds of source.
const (
	Decision    = "beslut"
	Minutes     = "protokoll"
	Indicator   = "indikator"
	Interview   = "intervju"
	ScenarioRun = "modellkörning"
	Evaluation  = "utvärdering"
	Law         = "lag eller regel"
	Report      = "rapport"
	Webpage     = "webbsida"
)

// SourceKinds are the kinds of source, in the order that a list has them.
var SourceKinds = []string{Decision, Minutes, Indicator, Interview, ScenarioRun, Evaluation, Law, Report, Webpage}

// The states of a source.
const (
	Valid     = "giltig"
	Withdrawn = "indragen"
)

// Source is what a claim of an entry rests on: a thing of the project room, or a
// document outside it.
type Source struct {
	Entry journal.ID    `json:"entry"`
	Kind  string        `json:"kind"`
	Thing string        `json:"thing"` // of the room: "decision:12"; "" for one outside
	Title string        `json:"title"`
	Href  string        `json:"href"` // of a document outside
	Day   calendar.Date `json:"day"`
	Claim string        `json:"claim"` // what in the entry it bears out
}

func (o *Room) sourceSheet(d sheet.Deps) *sheet.Sheet[Source] {
	return &sheet.Sheet[Source]{
		Deps: d, Noun: journal.Noun[Source]{Name: "knowledgesource", Title: "Källan", NeedsReason: []string{Withdrawn}, Moves: map[string][]string{Valid: {Withdrawn}, Withdrawn: {Valid}}},
		Path: "kunskapskallor", Title: "Källor till kunskapsposter", Lead: "Varje påstående i en kunskapspost ska gå att följa till ett beslut, ett protokoll, en indikator, en intervju eller ett annat dokument.",
		New: "Ny källa", NoneYet: "Ingen källa ännu.", First: Valid, Read: "knowledge.read", Write: "knowledge.edit", Locked: []string{Withdrawn},
		Name:    func(s Source) string { return s.Title },
		Choices: o.sourceChoices,
		Fields: func(ctx context.Context, s *Source, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "entry", Label: web.T(ctx, "Kunskapspost"), Required: true}, Kind: web.AsChoice, To: &s.Entry, Options: c["entry"]},
				{Input: web.Input{Name: "kind", Label: web.T(ctx, "Sorts källa"), Required: true}, Kind: web.AsChoice, To: &s.Kind, Options: words(ctx, SourceKinds)},
				{Input: web.Input{Name: "thing", Label: web.T(ctx, "Ur projektrummet"), Hint: web.T(ctx, "Välj här om källan finns i projektet.")}, Kind: web.AsChoice, To: &s.Thing, Options: c["thing"]},
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Källans namn"), Hint: web.T(ctx, "Så att läsaren kan be om den: vem, vad, beteckning."), Required: true}, To: &s.Title},
				{Input: web.Input{Name: "href", Label: web.T(ctx, "Adress på webben"), Hint: web.T(ctx, "Börjar med https://")}, To: &s.Href},
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Källans dag")}, Kind: web.AsDay, To: &s.Day},
				{Input: web.Input{Name: "claim", Label: web.T(ctx, "Vad i posten den styrker"), Rows: 2}, Kind: web.AsArea, To: &s.Claim},
			}
		},
		Columns: []sheet.Column[Source]{
			{Head: "Sorts källa", Cell: func(ctx context.Context, it journal.Item[Source], _ sheet.Choices) string {
				return web.T(ctx, it.Is.Kind)
			}},
			{Head: "Kunskapspost", Cell: func(_ context.Context, it journal.Item[Source], c sheet.Choices) string {
				return label(c["entry"], id.String(it.Is.Entry))
			}},
		},
		Moves: []sheet.Move{
			{To: Withdrawn, Label: "Dra in källan", Danger: true, Hint: "Posten märks, också där den är publicerad."},
			{To: Valid, Label: "Källan gäller igen"},
		},
		Check: func(s Source) []fail.Field {
			u, err := url.Parse(s.Href)
			if s.Href != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
				return []fail.Field{{Name: "href", Message: "Skriv hela adressen, med https:// först."}}
			}
			return nil
		},
		Guard: o.guardSource, After: o.sourceChanged,
	}
}

func label(options []web.Option, value string) string {
	if i := slices.IndexFunc(options, func(x web.Option) bool { return x.Value == value }); i >= 0 {
		return options[i].Label
	}
	return ""
}

// words are a list's values with their words in the reader's language.
func words(ctx context.Context, list []string) (out []web.Option) {
	for _, x := range list {
		out = append(out, web.Option{Value: x, Label: web.T(ctx, x)})
	}
	return out
}

func (o *Room) sourceChoices(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	c := sheet.Choices{}
	list, err := o.entries.Noun.List(ctx, q, journal.Query{Project: p.ID})
	if err != nil {
		return nil, err
	}
	for _, it := range list {
		if it.State != Replaced && it.State != Unpublished {
			c["entry"] = append(c["entry"], web.Option{Value: id.String(it.ID), Label: it.Is.Title})
		}
	}
	if o.deps.Evidence == nil {
		return c, nil
	}
	all, err := o.deps.Evidence(ctx, q, p)
	for _, kind := range SourceKinds {
		for _, x := range all[kind] {
			x.Label = web.T(ctx, kind) + ": " + x.Label
			c["thing"] = append(c["thing"], x)
		}
	}
	return c, err
}

// guardSource keeps a source with an entry of its own project, and its kind with
// the thing that it names.
func (o *Room) guardSource(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Source], _ string) error {
	e, err := o.entries.Noun.Get(ctx, tx, it.Is.Entry)
	if err != nil || e.Project != p.ID {
		return fail.Fields(fail.Field{Name: "entry", Message: "Välj en kunskapspost i det här projektet."})
	}
	if it.Parent != 0 && it.Parent != it.Is.Entry {
		return fail.Fields(fail.Field{Name: "entry", Message: "En källa flyttas inte till en annan post. Dra in den och lägg till den där."})
	}
	it.Parent = it.Is.Entry
	if it.Is.Thing == "" || o.deps.Evidence == nil {
		return nil
	}
	all, err := o.deps.Evidence(ctx, tx, p)
	if err != nil {
		return err
	}
	if label(all[it.Is.Kind], it.Is.Thing) == "" {
		return fail.Fields(fail.Field{Name: "thing", Message: "Det som är valt i projektrummet är inte av källans sort."})
	}
	return nil
}

// sourceChanged measures a published entry's evidence anew.
func (o *Room) sourceChanged(ctx context.Context, tx *db.Tx, _ journal.Project, it journal.Item[Source], _ string) error {
	e, err := o.entries.Noun.Get(ctx, tx, it.Is.Entry)
	if err != nil || !Open(e.State) {
		return err
	}
	return o.publish(ctx, tx, e)
}

// sourcesOf lists an entry's sources.
func (o *Room) sourcesOf(ctx context.Context, q db.Q, entry journal.ID) ([]journal.Item[Source], error) {
	return o.sources.Noun.List(ctx, q, journal.Query{Parent: entry})
}

// valid are the kinds of the sources that still hold.
func valid(list []journal.Item[Source]) (kinds []string) {
	for _, s := range list {
		if s.State == Valid {
			kinds = append(kinds, s.Is.Kind)
		}
	}
	return kinds
}

// told is a source as a reader sees it.
func (s Source) told() string {
	return strings.TrimSpace(strings.Join(slices.DeleteFunc([]string{s.Title, string(s.Day)}, func(x string) bool { return x == "" }), ", "))
}
