// Package goal is the room of a project's goals: the tree from vision to
// activity, indicators with their measurements and traffic lights, and the
// LFA workshops that goals come from.
package goal

import (
	"context"
	"slices"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB         *db.DB
	Project    func(ctx context.Context, q db.Q, id who.ProjectID) (journal.Project, error)
	PersonName func(ctx context.Context, q db.Q, p who.PersonID) (string, error)
	// Period is the project's first and last day, for the traffic lights.
	Period func(ctx context.Context, q db.Q, p who.ProjectID) (from, to calendar.Date, err error)
}

// Room serves the pages and carries out the acts.
type Room struct {
	deps         Deps
	goals        *sheet.Sheet[Goal]
	indicators   *sheet.Sheet[Indicator]
	measurements *sheet.Sheet[Measurement]
	workshops    *sheet.Sheet[Workshop]
	steps        *sheet.Sheet[Step]
	anchors      *sheet.Sheet[Anchor]
}

// New makes the room.
func New(d Deps) *Room {
	o := &Room{deps: d}
	base := sheet.Deps{DB: d.DB, Project: d.Project, PersonName: d.PersonName}
	o.goals, o.indicators, o.measurements = o.goalSheet(base), o.indicatorSheet(base), o.measurementSheet(base)
	o.workshops, o.steps, o.anchors = o.workshopSheet(base), o.stepSheet(base), o.anchorSheet(base)
	return o
}

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return slices.Concat(o.goals.Routes(), o.indicators.Routes(), o.measurements.Routes(), o.workshops.Routes(), o.steps.Routes(), o.anchors.Routes(), []web.Route{
		{Pattern: "POST /projekt/{id}/malverkstad/{post}/forslag", Action: "goal.propose", Handler: o.postPropose},
		{Pattern: "GET /projekt/{id}/malverkstad/{post}/storbild", Action: "goal.read", Handler: o.projector},
	})
}

// may is policy.Check for the context's actor; our own jobs pass.
func may(ctx context.Context, action string, r policy.Resource) error {
	if who.From(ctx).Kind == who.System {
		return nil
	}
	return policy.Check(who.From(ctx), action, r)
}

// Levels of the goal tree (003-08), from the top.
const (
	Vision   = "vision"
	Purpose  = "syfte"
	Overall  = "övergripande mål"
	Target   = "projektmål"
	Sub      = "delmål"
	Activity = "aktivitet"
)

// Levels are the levels in order: a goal lies under one of a higher level.
var Levels = []string{Vision, Purpose, Overall, Target, Sub, Activity}

// The states of a goal.
const (
	Proposed   = "föreslaget"
	Adopted    = "fastställt"
	Reached    = "uppnått"
	NotReached = "ej uppnått"
	Dropped    = "utgått"
)

// Goal is a node of the goal tree (målnod).
type Goal struct {
	Level    string        `json:"level"`
	Parent   journal.ID    `json:"parent"`
	Text     string        `json:"text"`
	Owner    string        `json:"owner"`
	From     calendar.Date `json:"from"`
	To       calendar.Date `json:"to"`
	Decision journal.ID    `json:"decision"`
	Source   string        `json:"source"` // the workshop it comes from, in words
	// Workshop is the LFA workshop that a sub-goal comes from (003-11).
	Workshop    journal.ID `json:"workshop"`
	Scale       string     `json:"scale"`        // of an activity (003-05)
	ScaleMotive string     `json:"scale_motive"` // why it does not start small
}

// under says whether a goal of the level may lie under one of another.
func under(level, parent string) bool {
	return slices.Index(Levels, parent) < slices.Index(Levels, level)
}

func options(list ...string) []web.Option {
	var out []web.Option
	for _, x := range list {
		out = append(out, web.Option{Value: x, Label: x})
	}
	return out
}

// choices lists the goals and indicators to choose from.
func (o *Room) choices(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	c := sheet.Choices{}
	goals, err := o.goals.Noun.List(ctx, q, journal.Query{Project: p.ID})
	if err != nil {
		return nil, err
	}
	for _, g := range goals {
		if g.State != Dropped {
			c["goal"] = append(c["goal"], web.Option{Value: id.String(g.ID), Label: web.T(ctx, g.Is.Level) + ": " + g.Is.Text})
		}
	}
	workshops, err := o.workshops.Noun.List(ctx, q, journal.Query{Project: p.ID})
	if err != nil {
		return nil, err
	}
	for _, w := range workshops {
		c["workshop"] = append(c["workshop"], web.Option{Value: id.String(w.ID), Label: w.Is.Title + " " + string(w.Is.Day)})
	}
	indicators, err := o.indicators.Noun.List(ctx, q, journal.Query{Project: p.ID})
	for _, i := range indicators {
		c["indicator"] = append(c["indicator"], web.Option{Value: id.String(i.ID), Label: i.Is.Name})
	}
	return c, err
}

func label(list []web.Option, item journal.ID) string {
	for _, x := range list {
		if x.Value == id.String(item) {
			return x.Label
		}
	}
	return ""
}

func (o *Room) goalSheet(d sheet.Deps) *sheet.Sheet[Goal] {
	return &sheet.Sheet[Goal]{
		Deps: d, Noun: journal.Noun[Goal]{Name: "goal", Title: "Målet", NeedsReason: []string{NotReached, Dropped},
			Moves: map[string][]string{Proposed: {Adopted, Dropped}, Adopted: {Reached, NotReached, Dropped}}},
		Path: "mal", Title: "Målträd", Lead: "Från vision till aktivitet. Mål fastställs av styrgruppen; ett delmål behöver minst en indikator.",
		New: "Nytt mål", NoneYet: "Inga mål ännu. Håll en målverkstad, eller skriv det första målet.", First: Proposed, Read: "goal.read", Write: "goal.propose",
		Locked:  []string{Adopted, Reached, NotReached, Dropped},
		Name:    func(g Goal) string { return g.Text },
		Choices: o.choices,
		Fields: func(ctx context.Context, g *Goal, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "level", Label: web.T(ctx, "Nivå"), Required: true}, Kind: web.AsRadio, To: &g.Level, Options: options(Levels...)},
				{Input: web.Input{Name: "text", Label: web.T(ctx, "Mål"), Required: true}, To: &g.Text},
				{Input: web.Input{Name: "parent", Label: web.T(ctx, "Ligger under")}, Kind: web.AsChoice, To: &g.Parent, Options: c["goal"]},
				{Input: web.Input{Name: "workshop", Label: web.T(ctx, "Kommer från målverkstaden"), Hint: web.T(ctx, "Ett delmål tas fram i en målverkstad med dem som berörs.")}, Kind: web.AsChoice, To: &g.Workshop, Options: c["workshop"]},
				{Input: web.Input{Name: "scale", Label: web.T(ctx, "Aktivitetens skala"), Hint: web.T(ctx, "För en aktivitet: börja i liten skala och bygg på det som fungerar.")}, Kind: web.AsChoice, To: &g.Scale, Options: scaleOptions()},
				{Input: web.Input{Name: "scale_motive", Label: web.T(ctx, "Varför börjar ni inte i liten skala?"), Hint: web.T(ctx, "Behövs bara när inget har prövats i mindre skala.")}, To: &g.ScaleMotive},
				{Input: web.Input{Name: "owner", Label: web.T(ctx, "Ansvarig"), Hint: web.T(ctx, "Roll och organisation.")}, To: &g.Owner},
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Från")}, Kind: web.AsDay, To: &g.From},
				{Input: web.Input{Name: "to", Label: web.T(ctx, "Till")}, Kind: web.AsDay, To: &g.To},
			}
		},
		Columns: []sheet.Column[Goal]{
			{Head: "Nivå", Cell: func(ctx context.Context, it journal.Item[Goal], _ sheet.Choices) string {
				return web.T(ctx, it.Is.Level)
			}},
			{Head: "Ansvarig", Cell: func(_ context.Context, it journal.Item[Goal], _ sheet.Choices) string { return it.Is.Owner }},
		},
		Moves: []sheet.Move{
			{To: Reached, Label: "Målet är uppnått", Action: "goal.adopt"}, {To: NotReached, Label: "Målet är inte uppnått", Action: "goal.adopt"},
			{To: Dropped, Label: "Ta bort förslaget", Danger: true},
		},
		Action: func(action string, it journal.Item[Goal]) string {
			if action == "goal.propose" && it.State == Adopted {
				return "goal.adopt" // only the steering group drops what it has adopted
			}
			return action
		},
		Guard: o.guardGoal,
		Above: o.tree,
		Body:  o.goalBody,
	}
}

// guardGoal holds the tree together: a parent of a higher level in the same
// project, no ring, and an indicator before a sub-goal is adopted (003-31).
func (o *Room) guardGoal(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Goal], from string) error {
	if it.Is.Parent != 0 {
		parent, err := o.goals.Noun.Get(ctx, tx, it.Is.Parent)
		if err != nil || parent.Project != p.ID {
			return fail.Fields(fail.Field{Name: "parent", Message: "Välj ett av projektets mål."})
		}
		if !under(it.Is.Level, parent.Is.Level) {
			return fail.Fields(fail.Field{Name: "parent", Message: "Målet ska ligga under ett mål på en högre nivå."})
		}
	}
	if it.Is.Workshop != 0 {
		w, err := o.workshops.Noun.Get(ctx, tx, it.Is.Workshop)
		if err != nil || w.Project != p.ID {
			return fail.Fields(fail.Field{Name: "workshop", Message: "Välj en av projektets målverkstäder."})
		}
	}
	if it.State != Adopted || from == Adopted || it.Is.Level != Sub {
		return nil
	}
	if err := o.fromWorkshop(ctx, tx, it.Is); err != nil {
		return err
	}
	own, err := o.indicatorsOf(ctx, tx, p.ID, it.ID, time.Time{})
	if err == nil && len(own) == 0 {
		return fail.Newf(fail.Conflict, "Delmålet %q har ingen indikator och kan inte fastställas.", it.Is.Text)
	}
	return err
}

// fromWorkshop says whether a sub-goal comes from an LFA workshop that has been
// held (003-11).
func (o *Room) fromWorkshop(ctx context.Context, q db.Q, g Goal) error {
	if g.Workshop == 0 {
		return fail.Newf(fail.Conflict, "Delmålet %q kommer inte från någon målverkstad och kan inte fastställas. Håll en målverkstad med dem som berörs.", g.Text)
	}
	w, err := o.workshops.Noun.Get(ctx, q, g.Workshop)
	if err == nil && w.State == WorkshopPlanned {
		return fail.Newf(fail.Conflict, "Målverkstaden %q är inte genomförd ännu.", w.Is.Title)
	}
	return err
}

// Matter is something that waits for the steering group.
type Matter struct {
	Key, Title, Href string
	Outcomes         []web.Option
}

// Matters lists the goals that wait for a decision.
func (o *Room) Matters(ctx context.Context, q db.Q, p journal.Project) ([]Matter, error) {
	list, err := o.goals.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Proposed})
	var out []Matter
	for _, g := range list {
		out = append(out, Matter{Key: "goal:" + id.String(g.ID), Title: web.T(ctx, "Fastställ %s: %s", g.Is.Level, g.Is.Text), Href: o.goals.Href(p.ID, g.ID), Outcomes: options(Adopted, Dropped)})
	}
	return out, err
}

// Decide carries out the steering group's word on a goal.
func (o *Room) Decide(ctx context.Context, tx *db.Tx, p journal.Project, item journal.ID, outcome string, by journal.ID) error {
	it, err := o.goals.Noun.Get(ctx, tx, item)
	if err != nil {
		return err
	}
	if err := may(ctx, "goal.adopt", p.Resource); err != nil {
		return err
	}
	from := it.State
	it.State, it.Is.Decision = outcome, by
	return o.goals.SaveIn(ctx, tx, p, it, from, journal.Act{Name: "goal.adopt", Reason: "Styrgruppens beslut"})
}

// ChangeText gives an adopted goal another text, by the steering group's
// decision on a change request.
func (o *Room) ChangeText(ctx context.Context, tx *db.Tx, p journal.Project, item journal.ID, text string, by journal.ID) error {
	it, err := o.goals.Noun.Get(ctx, tx, item)
	if err != nil {
		return err
	}
	it.Is.Text, it.Is.Decision = text, by
	return o.goals.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: "goal.adopt", Reason: "Styrgruppens beslut om ändring"})
}

// Options lists the adopted goals; Text gives one's text.
func (o *Room) Options(ctx context.Context, q db.Q, p who.ProjectID) ([]web.Option, error) {
	list, err := o.goals.Noun.List(ctx, q, journal.Query{Project: p, State: Adopted})
	var out []web.Option
	for _, g := range list {
		out = append(out, web.Option{Value: id.String(g.ID), Label: g.Is.Text})
	}
	return out, err
}

// Text gives a goal's text as it is now.
func (o *Room) Text(ctx context.Context, q db.Q, item journal.ID) (string, error) {
	it, err := o.goals.Noun.Get(ctx, q, item)
	return it.Is.Text, err
}

// Propose adds a goal as a proposal.
func (o *Room) Propose(ctx context.Context, p who.ProjectID, g Goal, once string) (journal.ID, error) {
	it, err := o.goals.Add(ctx, p, 0, g, once)
	return it.ID, err
}

// Measure adds an indicator to a goal; Report a value to an indicator.
func (o *Room) Measure(ctx context.Context, p who.ProjectID, i Indicator) (journal.ID, error) {
	it, err := o.indicators.Add(ctx, p, 0, i, "")
	return it.ID, err
}

// Report adds a measurement.
func (o *Room) Report(ctx context.Context, p who.ProjectID, m Measurement) error {
	_, err := o.measurements.Add(ctx, p, 0, m, "")
	return err
}

// Clerks carry out the acts of the room's pages for a program.
func (o *Room) Clerks() []sheet.Clerk {
	return []sheet.Clerk{o.goals.Clerk(), o.indicators.Clerk(), o.measurements.Clerk(), o.workshops.Clerk(), o.steps.Clerk(), o.anchors.Clerk()}
}
