package room

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of a change request, in the order of seed rule 003-59.
const (
	ChangeReported = "anmäld"
	ChangePrepared = "bereds"
	ChangeAtOwner  = "hos ägaren"
	ChangeAtGroup  = "till styrgruppen"
	ChangeApproved = "godkänd"
	ChangeRefused  = "avslagen"
	ChangeReturned = "återremiss"
)

// Noted is a meeting in whose notes the change was taken up.
type Noted struct {
	Meeting journal.ID    `json:"meeting"`
	Kind    string        `json:"kind"` // of the group
	Day     calendar.Date `json:"day"`
}

// Change is a change request (ändringsbegäran).
type Change struct {
	What      string        `json:"what"`
	Why       string        `json:"why"`
	Budget    int64         `json:"budget"` // öre more, or less
	To        calendar.Date `json:"to"`     // a new last day; "" unchanged
	Goal      journal.ID    `json:"goal"`   // a goal that gets another text; 0 none
	GoalText  string        `json:"goal_text"`
	Deviation journal.ID    `json:"deviation"`
	Noted     []Noted       `json:"noted"`
	Prepared  string        `json:"prepared"` // the leaders' account
	Opinion   string        `json:"opinion"`  // the owner's
	Decision  journal.ID    `json:"decision"`
}

// noted tells whether a group of the kind has taken the change up.
func (c Change) noted(kinds ...string) bool {
	return slices.ContainsFunc(c.Noted, func(n Noted) bool { return slices.Contains(kinds, n.Kind) })
}

// mayGo says what is missing before a change request enters a state (003-59).
func (c Change) mayGo(to string) error {
	switch to {
	case ChangeAtOwner:
		if c.Prepared == "" {
			return field("prepared", "Skriv beredningen först: vad ändringen betyder och vad ni föreslår.")
		}
		if !c.noted(Working, Reference, Leading) {
			return fail.New(fail.Conflict, "Ändringen ska ha tagits upp på ett arbetsgruppsmöte. Lägg den på dagordningen för nästa möte.")
		}
	case ChangeAtGroup:
		if c.Opinion == "" {
			return field("opinion", "Ägaren yttrar sig innan ändringen går till styrgruppen.")
		}
	}
	return nil
}

// Line is one row of the comparison before and after.
type Line struct{ What, Before, After string }

// compare is the effect of a change on budget, time and goals, side by side.
func (c Change) compare(ctx context.Context, p Project, goal string) []Line {
	out := []Line{
		{web.T(ctx, "Budget"), web.Kronor(ctx, p.Budget), web.Kronor(ctx, p.Budget+c.Budget)},
		{web.T(ctx, "Slutdag"), web.Day(ctx, p.To), web.Day(ctx, max(c.To, ""))},
	}
	if c.To == "" {
		out[1].After = out[1].Before
	}
	if c.Goal != 0 {
		out = append(out, Line{web.T(ctx, "Mål"), goal, c.GoalText})
	}
	return out
}

func (o *Room) changeSheet(d sheet.Deps) *sheet.Sheet[Change] {
	s := &sheet.Sheet[Change]{
		Deps: d, Noun: journal.Noun[Change]{Name: "change", Title: "Ändringsbegäran", NeedsReason: []string{ChangeRefused, ChangeReturned}, Moves: map[string][]string{
			ChangeReported: {ChangePrepared}, ChangePrepared: {ChangeAtOwner}, ChangeAtOwner: {ChangeAtGroup, ChangePrepared},
			ChangeAtGroup: {ChangeApproved, ChangeRefused, ChangeReturned}, ChangeReturned: {ChangePrepared}}},
		Path: "andringar", Title: "Ändringar", Lead: "En ändring anmäls, tas upp på möten, bereds av projektledningen, går via ägaren och avgörs av styrgruppen.",
		New: "Anmäl en ändring", NoneYet: "Inga ändringar har begärts.", First: ChangeReported, Read: "change.read", Write: "change.prepare", Create: "change.create",
		Locked: []string{ChangeAtGroup, ChangeApproved, ChangeRefused},
		Name:   func(c Change) string { return c.What },
		Fields: changeFields,
		Choices: func(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
			if o.deps.GoalOptions == nil {
				return nil, nil
			}
			goals, err := o.deps.GoalOptions(ctx, q, p.ID)
			return sheet.Choices{"goal": goals}, err
		},
		Check: func(c Change) []fail.Field {
			if c.Goal != 0 && c.GoalText == "" {
				return []fail.Field{{Name: "goal_text", Message: "Skriv hur målet ska lyda."}}
			}
			return nil
		},
		Columns: []sheet.Column[Change]{
			{Head: "Budget", Cell: func(ctx context.Context, it journal.Item[Change], _ sheet.Choices) string {
				return signed(ctx, it.Is.Budget)
			}},
			{Head: "Ny slutdag", Cell: func(ctx context.Context, it journal.Item[Change], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.To)
			}},
		},
		Moves: []sheet.Move{
			{To: ChangePrepared, Label: "Ta upp till beredning"},
			{To: ChangeAtOwner, Label: "Lämna till projektägaren"},
			{To: ChangeAtGroup, Label: "Lämna till styrgruppen", Action: "change.opinion", Hint: "Yttrandet ska vara skrivet. Styrgruppen avgör på sitt möte."},
		},
		Resource: func(p journal.Project, it journal.Item[Change]) policy.Resource {
			r := p.Resource
			r.Creator = it.By
			return r
		},
		Action: func(action string, it journal.Item[Change]) string {
			if action == "change.prepare" && it.State == ChangeAtOwner {
				return "change.opinion" // it is the owner's now
			}
			return action
		},
		Guard: func(_ context.Context, _ *db.Tx, _ journal.Project, it *journal.Item[Change], from string) error {
			if it.State == from {
				return nil
			}
			return it.Is.mayGo(it.State)
		},
	}
	s.Body = func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Change], at Moment) (templ.Component, error) {
		frame, err := o.project(ctx, q, p.ID, at)
		if err != nil {
			return nil, err
		}
		goal := ""
		if it.Is.Goal != 0 && o.deps.GoalText != nil {
			if goal, err = o.deps.GoalText(ctx, q, it.Is.Goal); err != nil {
				return nil, err
			}
		}
		var taken *Decision
		if it.Is.Decision != 0 {
			x, err := o.decisions.Noun.Get(ctx, q, it.Is.Decision)
			if err != nil {
				return nil, err
			}
			taken = &x.Is
		}
		settled := it.State == ChangeApproved
		return changeBody(changeView{p: p, it: it, lines: it.Is.compare(ctx, frame.Is, goal), settled: settled, decision: taken, decisions: o.decisions, change: s}), nil
	}
	return s
}

func changeFields(ctx context.Context, c *Change, lists sheet.Choices) []web.Bound {
	out := []web.Bound{
		{Input: web.Input{Name: "what", Label: web.T(ctx, "Vad ska ändras?"), Required: true}, To: &c.What},
		{Input: web.Input{Name: "why", Label: web.T(ctx, "Varför?"), Required: true, Rows: 4}, Kind: web.AsArea, To: &c.Why},
		{Input: web.Input{Name: "budget", Label: web.T(ctx, "Ändrad budget, kronor"), Hint: web.T(ctx, "Mer eller, med minustecken, mindre. Lämna tomt om den är oförändrad."), Width: "short"}, Kind: web.AsMoney, To: &c.Budget},
		{Input: web.Input{Name: "to", Label: web.T(ctx, "Ny slutdag"), Hint: web.T(ctx, "Lämna tomt om den är oförändrad.")}, Kind: web.AsDay, To: &c.To},
	}
	if len(lists["goal"]) > 0 {
		out = append(out,
			web.Bound{Input: web.Input{Name: "goal", Label: web.T(ctx, "Mål som ändras")}, Kind: web.AsChoice, To: &c.Goal, Options: lists["goal"]},
			web.Bound{Input: web.Input{Name: "goal_text", Label: web.T(ctx, "Målets nya lydelse"), Rows: 3}, Kind: web.AsArea, To: &c.GoalText})
	}
	return append(out,
		web.Bound{Input: web.Input{Name: "prepared", Label: web.T(ctx, "Projektledningens beredning"), Rows: 4}, Kind: web.AsArea, To: &c.Prepared},
		web.Bound{Input: web.Input{Name: "opinion", Label: web.T(ctx, "Projektägarens yttrande"), Hint: web.T(ctx, "Skrivs av ägaren när ändringen har lämnats dit."), Rows: 3}, Kind: web.AsArea, To: &c.Opinion})
}

// signed writes a change of an amount with its sign.
func signed(ctx context.Context, ore int64) string {
	switch {
	case ore > 0:
		return "+" + web.Kronor(ctx, ore)
	case ore < 0:
		return web.Kronor(ctx, ore)
	}
	return ""
}

// Note writes down that a meeting took the change up in its notes.
func (o *Room) Note(ctx context.Context, tx *db.Tx, p journal.Project, key string, n Noted) error {
	item, ok := keyed("change", key)
	if !ok {
		return nil
	}
	it, err := o.changes.Noun.Get(ctx, tx, item)
	if err != nil || it.Project != p.ID {
		return err
	}
	it.Is.Noted = append(it.Is.Noted, n)
	return o.changes.Noun.Save(ctx, tx, p, it, journal.Act{Name: "change.note", Reason: "Upptagen på möte"})
}

// keyed reads "change:12".
func keyed(kind, key string) (journal.ID, bool) {
	if len(key) <= len(kind)+1 || key[:len(kind)+1] != kind+":" {
		return 0, false
	}
	item, err := id.Parse[journal.ID](key[len(kind)+1:])
	return item, err == nil
}

// decideChange carries out the steering group's word on a change: approved, it
// changes budget, time and goal at once; refused or returned, the reason stays.
func (o *Room) decideChange(ctx context.Context, tx *db.Tx, p journal.Project, item journal.ID, outcome string, by journal.ID) error {
	it, err := o.changes.Noun.Get(ctx, tx, item)
	if err != nil {
		return err
	}
	r := p.Resource
	r.Creator = it.By
	if err := may(ctx, "change.decide", r); err != nil {
		return fail.New(fail.Forbidden, "Den som har anmält en ändring kan inte vara med och fastställa beslutet om den. Låt en annan ledamot justera.")
	}
	why, err := o.decisions.Noun.Get(ctx, tx, by)
	if err != nil {
		return err
	}
	it.Is.Decision = by
	from := it.State
	it.State = outcome
	if err := o.changes.Noun.May(from, outcome, why.Is.Text); err != nil {
		return err
	}
	if err := o.changes.SaveIn(ctx, tx, p, it, from, journal.Act{Name: "change.decide", Reason: why.Is.Text}); err != nil || outcome != ChangeApproved {
		return err
	}
	if err := o.changeFrame(ctx, tx, p, func(x *Project) error {
		x.Budget += it.Is.Budget
		if it.Is.To != "" {
			x.To, x.LastTo = it.Is.To, max(x.LastTo, it.Is.To)
			if x.LastTo == it.Is.To {
				x.LastTo = ""
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if it.Is.Goal == 0 || o.deps.ChangeGoal == nil {
		return nil
	}
	return o.deps.ChangeGoal(ctx, tx, p, GoalChange{it.Is.Goal, it.Is.GoalText}, by)
}
