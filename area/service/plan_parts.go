package service

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of what belongs to a plan.
const (
	Planned   = "planerad"
	Ongoing   = "pågår"
	Done      = "klar"
	Cancelled = "avbruten"

	Proposed = "förslag"
	Signed   = "påskrivet"
	Ended    = "avslutat"

	Received = "inkommet"
	Answered = "bemött"

	Written = "skriven"
)

// Measure is what somebody does for service, with cost and date (åtgärd).
type Measure struct {
	Plan        journal.ID    `json:"plan"`
	Kind        string        `json:"kind"`
	Title       string        `json:"title"`
	What        string        `json:"what"`
	Responsible string        `json:"responsible"`
	Cost        int64         `json:"cost"` // öre
	Financing   string        `json:"financing"`
	By          calendar.Date `json:"by"`
	Came        string        `json:"came"` // what came of it
}

// Agreement is an agreement with service partners (avtal, 004-16): parties,
// undertakings, financing, period, follow-up.
type Agreement struct {
	Plan      journal.ID    `json:"plan"`
	Kind      string        `json:"kind"`
	Title     string        `json:"title"`
	Parties   []string      `json:"parties"`
	Place     journal.ID    `json:"place"`
	Ours      string        `json:"ours"`
	Theirs    string        `json:"theirs"`
	Financing string        `json:"financing"`
	From      calendar.Date `json:"from"`
	To        calendar.Date `json:"to"`
	Follow    string        `json:"follow"`
}

// Opinion is an answer in the consultation, and what the municipality says to it
// (remissvar).
type Opinion struct {
	Plan  journal.ID    `json:"plan"`
	From  string        `json:"from"`
	Day   calendar.Date `json:"day"`
	Text  string        `json:"text"`
	Reply string        `json:"reply"`
}

// FollowUp is a year's follow-up of a plan: a later inventory beside the plan's,
// by the same definitions (uppföljning).
type FollowUp struct {
	Plan      journal.ID `json:"plan"`
	Year      int64      `json:"year"`
	Inventory journal.ID `json:"inventory"`
	Text      string     `json:"text"`
	Next      string     `json:"next"`
}

func kindOptions(ctx context.Context) (out []web.Option) {
	for _, k := range Kinds {
		out = append(out, web.Option{Value: k, Label: web.T(ctx, kindNames[k])})
	}
	return out
}

// partChoices are the plans to choose among, and what else belongs to them.
func (o *Room) partChoices(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	c := sheet.Choices{}
	plans, err := o.plans.Noun.List(ctx, q, journal.Query{Project: p.ID})
	for _, it := range plans {
		c["plan"] = append(c["plan"], web.Option{Value: id.String(it.ID), Label: it.Is.Title})
	}
	if err != nil {
		return c, err
	}
	inventories, err := o.inventories.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Settled})
	for _, it := range inventories {
		c["inventory"] = append(c["inventory"], web.Option{Value: id.String(it.ID), Label: it.Is.Title + ", " + web.Day(ctx, it.Is.Day)})
	}
	if err != nil {
		return c, err
	}
	points, err := o.points.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Present})
	for _, it := range points {
		c["place"] = append(c["place"], web.Option{Value: id.String(it.ID), Label: it.Is.Name})
	}
	return c, err
}

// guardPart keeps what belongs to a plan with a plan of the project.
func (o *Room) guardPart(ctx context.Context, tx *db.Tx, p journal.Project, plan journal.ID) error {
	it, err := o.plans.Noun.Get(ctx, tx, plan)
	if err != nil || it.Project != p.ID {
		return fail.Fields(fail.Field{Name: "plan", Message: "Välj en av projektets serviceplaner."})
	}
	if it.State == Revised {
		return fail.New(fail.Conflict, "Planen är ersatt av en ny.")
	}
	return nil
}

func planField(ctx context.Context, to *journal.ID, c sheet.Choices) web.Bound {
	return web.Bound{Input: web.Input{Name: "plan", Label: web.T(ctx, "Serviceplan"), Required: true}, Kind: web.AsChoice, To: to, Options: c["plan"]}
}

func kindField(ctx context.Context, to *string) web.Bound {
	return web.Bound{Input: web.Input{Name: "kind", Label: web.T(ctx, "Kapitel"), Required: true}, Kind: web.AsChoice, To: to, Options: kindOptions(ctx)}
}

func (o *Room) measureSheet(d sheet.Deps) *sheet.Sheet[Measure] {
	return &sheet.Sheet[Measure]{
		Deps: d, Noun: journal.Noun[Measure]{Name: "servicemeasure", Title: "Åtgärden", NeedsReason: []string{Cancelled}, Moves: map[string][]string{Planned: {Ongoing, Done, Cancelled}, Ongoing: {Done, Cancelled}, Cancelled: {Planned}}},
		Path: "serviceatgarder", Title: "Åtgärder för service", Lead: "Vem som gör vad, till när och för vilka pengar.",
		New: "Ny åtgärd", NoneYet: "Inga åtgärder ännu.", First: Planned, Read: "serviceplan.read", Write: "serviceplan.edit", Locked: []string{Cancelled},
		Name: func(x Measure) string { return x.Title }, Choices: o.partChoices,
		Fields: func(ctx context.Context, x *Measure, c sheet.Choices) []web.Bound {
			return []web.Bound{
				planField(ctx, &x.Plan, c), kindField(ctx, &x.Kind),
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Åtgärd"), Required: true}, To: &x.Title},
				{Input: web.Input{Name: "what", Label: web.T(ctx, "Vad som ska göras"), Rows: 3}, Kind: web.AsArea, To: &x.What},
				{Input: web.Input{Name: "responsible", Label: web.T(ctx, "Ansvarig"), Hint: web.T(ctx, "Roll och organisation."), Required: true}, To: &x.Responsible},
				{Input: web.Input{Name: "cost", Label: web.T(ctx, "Kostnad i kronor")}, Kind: web.AsMoney, To: &x.Cost},
				{Input: web.Input{Name: "financing", Label: web.T(ctx, "Betalas av")}, To: &x.Financing},
				{Input: web.Input{Name: "by", Label: web.T(ctx, "Klar senast"), Required: true}, Kind: web.AsDay, To: &x.By},
				{Input: web.Input{Name: "came", Label: web.T(ctx, "Vad det blev av det"), Rows: 3}, Kind: web.AsArea, To: &x.Came},
			}
		},
		Columns: []sheet.Column[Measure]{
			{Head: "Kapitel", Cell: func(ctx context.Context, it journal.Item[Measure], _ sheet.Choices) string {
				return web.T(ctx, kindNames[it.Is.Kind])
			}},
			{Head: "Ansvarig", Cell: func(_ context.Context, it journal.Item[Measure], _ sheet.Choices) string { return it.Is.Responsible }},
			{Head: "Kostnad", Cell: func(ctx context.Context, it journal.Item[Measure], _ sheet.Choices) string {
				return web.Kronor(ctx, it.Is.Cost)
			}},
			{Head: "Klar senast", Cell: func(ctx context.Context, it journal.Item[Measure], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.By)
			}},
		},
		Moves: []sheet.Move{{To: Ongoing, Label: "Den har börjat"}, {To: Done, Label: "Den är klar"}, {To: Cancelled, Label: "Avbryt", Danger: true}, {To: Planned, Label: "Ta upp igen"}},
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Measure], _ string) error {
			return o.guardPart(ctx, tx, p, it.Is.Plan)
		},
	}
}

func (o *Room) agreementSheet(d sheet.Deps) *sheet.Sheet[Agreement] {
	return &sheet.Sheet[Agreement]{
		Deps: d, Noun: journal.Noun[Agreement]{Name: "serviceagreement", Title: "Avtalet", NeedsReason: []string{Ended}, Moves: map[string][]string{Proposed: {Signed, Ended}, Signed: {Ended}}},
		Path: "serviceavtal", Title: "Avtal med servicepartner", Lead: "Förslag till avtal med handlare, föreningar och andra, med åtaganden och förslag till hur de betalas.",
		New: "Nytt avtal", NoneYet: "Inga avtal ännu.", First: Proposed, Read: "serviceplan.read", Write: "serviceplan.edit", Locked: []string{Ended},
		Name: func(x Agreement) string { return x.Title }, Choices: o.partChoices,
		Fields: func(ctx context.Context, x *Agreement, c sheet.Choices) []web.Bound {
			return []web.Bound{
				planField(ctx, &x.Plan, c), kindField(ctx, &x.Kind),
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Avtal om"), Required: true}, To: &x.Title},
				{Input: web.Input{Name: "parties", Label: web.T(ctx, "Parter"), Hint: web.T(ctx, "En på varje rad: organisationer, inte personer."), Required: true, Rows: 3}, Kind: web.AsLines, To: &x.Parties},
				{Input: web.Input{Name: "place", Label: web.T(ctx, "Serviceställe")}, Kind: web.AsChoice, To: &x.Place, Options: c["place"]},
				{Input: web.Input{Name: "ours", Label: web.T(ctx, "Kommunen åtar sig"), Required: true, Rows: 3}, Kind: web.AsArea, To: &x.Ours},
				{Input: web.Input{Name: "theirs", Label: web.T(ctx, "Partnern åtar sig"), Required: true, Rows: 3}, Kind: web.AsArea, To: &x.Theirs},
				{Input: web.Input{Name: "financing", Label: web.T(ctx, "Så betalas det"), Required: true, Rows: 2}, Kind: web.AsArea, To: &x.Financing},
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Gäller från"), Required: true}, Kind: web.AsDay, To: &x.From},
				{Input: web.Input{Name: "to", Label: web.T(ctx, "Gäller till"), Required: true}, Kind: web.AsDay, To: &x.To},
				{Input: web.Input{Name: "follow", Label: web.T(ctx, "Så följs det upp"), Required: true, Rows: 2}, Kind: web.AsArea, To: &x.Follow},
			}
		},
		Check: func(x Agreement) []fail.Field {
			var out []fail.Field
			if len(x.Parties) < 2 {
				out = append(out, fail.Field{Name: "parties", Message: "Ett avtal har minst två parter."})
			}
			if x.To <= x.From {
				out = append(out, fail.Field{Name: "to", Message: "Avtalet måste sluta efter att det börjat."})
			}
			return out
		},
		Columns: []sheet.Column[Agreement]{
			{Head: "Parter", Cell: func(_ context.Context, it journal.Item[Agreement], _ sheet.Choices) string {
				return strings.Join(it.Is.Parties, ", ")
			}},
			{Head: "Gäller till", Cell: func(ctx context.Context, it journal.Item[Agreement], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.To)
			}},
		},
		Moves: []sheet.Move{{To: Signed, Label: "Det är påskrivet"}, {To: Ended, Label: "Avsluta", Danger: true}},
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Agreement], _ string) error {
			return o.guardPart(ctx, tx, p, it.Is.Plan)
		},
	}
}

func (o *Room) opinionSheet(d sheet.Deps) *sheet.Sheet[Opinion] {
	return &sheet.Sheet[Opinion]{
		Deps: d, Noun: journal.Noun[Opinion]{Name: "serviceopinion", Title: "Remissvaret", Moves: map[string][]string{Received: {Answered}, Answered: {Received}}},
		Path: "serviceremiss", Title: "Remissvar", Lead: "Vad andra tycker om planen, och vad kommunen svarar.",
		New: "Nytt remissvar", NoneYet: "Inga remissvar ännu.", First: Received, Read: "serviceplan.read", Write: "serviceplan.edit", Locked: []string{Answered},
		Name: func(x Opinion) string { return x.From }, Choices: o.partChoices,
		Fields: func(ctx context.Context, x *Opinion, c sheet.Choices) []web.Bound {
			return []web.Bound{
				planField(ctx, &x.Plan, c),
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Från"), Hint: web.T(ctx, "Organisation eller roll."), Required: true}, To: &x.From},
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Inkom"), Required: true}, Kind: web.AsDay, To: &x.Day},
				{Input: web.Input{Name: "text", Label: web.T(ctx, "Vad svaret säger"), Required: true, Rows: 4}, Kind: web.AsArea, To: &x.Text},
				{Input: web.Input{Name: "reply", Label: web.T(ctx, "Kommunens svar"), Hint: web.T(ctx, "Vad som ändras i planen, eller varför det inte ändras."), Rows: 3}, Kind: web.AsArea, To: &x.Reply},
			}
		},
		Columns: []sheet.Column[Opinion]{{Head: "Inkom", Cell: func(ctx context.Context, it journal.Item[Opinion], _ sheet.Choices) string {
			return web.Day(ctx, it.Is.Day)
		}}},
		Moves: []sheet.Move{{To: Answered, Label: "Svaret är bemött"}, {To: Received, Label: "Öppna igen"}},
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Opinion], _ string) error {
			if it.State == Answered && it.Is.Reply == "" {
				return fail.New(fail.Conflict, "Skriv först vad kommunen svarar.")
			}
			return o.guardPart(ctx, tx, p, it.Is.Plan)
		},
	}
}

func (o *Room) followUpSheet(d sheet.Deps) *sheet.Sheet[FollowUp] {
	return &sheet.Sheet[FollowUp]{
		Deps: d, Noun: journal.Noun[FollowUp]{Name: "servicefollowup", Title: "Uppföljningen", Moves: map[string][]string{}},
		Path: "serviceuppfoljningar", Title: "Uppföljningar", Lead: "Varje år: en ny inventering bredvid planens, mätt på samma sätt.",
		New: "Ny uppföljning", NoneYet: "Ingen uppföljning ännu.", First: Written, Read: "serviceplan.read", Write: "serviceplan.edit",
		Name: func(x FollowUp) string { return strconv.FormatInt(x.Year, 10) }, Choices: o.partChoices,
		Fields: func(ctx context.Context, x *FollowUp, c sheet.Choices) []web.Bound {
			return []web.Bound{
				planField(ctx, &x.Plan, c),
				{Input: web.Input{Name: "year", Label: web.T(ctx, "År"), Required: true, Width: "short"}, Kind: web.AsWhole, To: &x.Year, Low: 2000, High: 2200},
				{Input: web.Input{Name: "inventory", Label: web.T(ctx, "Årets inventering"), Required: true}, Kind: web.AsChoice, To: &x.Inventory, Options: c["inventory"]},
				{Input: web.Input{Name: "text", Label: web.T(ctx, "Hur det har gått"), Required: true, Rows: 4}, Kind: web.AsArea, To: &x.Text},
				{Input: web.Input{Name: "next", Label: web.T(ctx, "Det gör vi nu"), Rows: 3}, Kind: web.AsArea, To: &x.Next},
			}
		},
		Columns: []sheet.Column[FollowUp]{{Head: "Hur det har gått", Cell: func(_ context.Context, it journal.Item[FollowUp], _ sheet.Choices) string { return it.Is.Text }}},
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[FollowUp], _ string) error {
			return o.guardPart(ctx, tx, p, it.Is.Plan)
		},
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[FollowUp], _ time.Time) (templ.Component, error) {
			plan, err := o.plans.Noun.Get(ctx, q, it.Is.Plan)
			if err != nil {
				return nil, err
			}
			before, err := o.inventories.Noun.Get(ctx, q, plan.Is.Inventory)
			if err != nil {
				return nil, err
			}
			after, err := o.inventories.Noun.Get(ctx, q, it.Is.Inventory)
			if err != nil {
				return nil, err
			}
			return trendPage(trend(ctx, &before.Is, &after.Is)), nil
		},
	}
}

// trendView is two inventories side by side.
type trendView struct {
	Before, After string
	Note          string // when something other than the service has changed
	Rows          []trendRow
}

type trendRow struct {
	Type                    string
	SitesBefore, SitesAfter int
	Before, After           uint64 // people beyond the limit
	Limit                   int64
	Counted                 bool // in both
}

// trend compares two settled inventories, in kilometres, at the later one's limit.
func trend(ctx context.Context, a, b *Inventory) (v trendView) {
	v.Before, v.After = web.Day(ctx, a.Day), web.Day(ctx, b.Day)
	if a.Result == nil || b.Result == nil {
		return v
	}
	if a.Result.Roads != b.Result.Roads {
		v.Note = web.T(ctx, "Inventeringarna är mätta på olika sätt: %s och %s. Skillnader kan bero på det.", a.Result.Roads, b.Result.Roads)
	} else if a.Result.People != b.Result.People {
		v.Note = web.T(ctx, "Folkmängden är en annan. Skillnader kan bero på det.")
	}
	limit := b.limits()[byLength]
	for _, f := range b.Result.Figures {
		if f.Area != "" || f.Unit != byLength.word() {
			continue
		}
		r := trendRow{Type: f.Type, SitesAfter: f.Sites, Limit: limit}
		r.After, _ = f.beyond(limit)
		for _, t := range types(b.Own, "") {
			if t.Code == f.Type {
				r.Type = web.T(ctx, t.Name)
			}
		}
		for _, e := range a.Result.Figures {
			if e.Type == f.Type && e.Area == "" && e.Unit == f.Unit {
				r.SitesBefore = e.Sites
				r.Before, _ = e.beyond(limit)
				r.Counted = e.People > 0 && f.People > 0
			}
		}
		if cmp.Or(r.SitesAfter, r.SitesBefore) > 0 {
			v.Rows = append(v.Rows, r)
		}
	}
	return v
}
