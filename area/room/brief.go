package room

import (
	"context"

	"github.com/a-h/templ"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of a matter that a group prepares for the steering group. It goes
// by way of the owner, as a change request does.
const (
	BriefPrepared = "bereds"
	BriefDecided  = "bifallen"
	BriefRefused  = "avslagen"
	BriefReturned = "återremiss"
)

// Brief is a matter that a working group prepares for the steering group
// (beredning). It reaches the steering group through the owner alone (003-44).
type Brief struct {
	Title      string     `json:"title"`
	Group      journal.ID `json:"group"` // that prepares it
	Background string     `json:"background"`
	Proposal   string     `json:"proposal"`
	Procures   bool       `json:"procures"` // it concerns a procurement
	Lawful     string     `json:"lawful"`   // how LOU is applied in this very case
	Opinion    string     `json:"opinion"`  // the owner's
	Decision   journal.ID `json:"decision"`
}

// mayGo says what is missing before a matter enters a state.
func (b Brief) mayGo(to string) error {
	switch {
	case to == ChangeAtOwner && b.Proposal == "":
		return field("proposal", "Skriv gruppens förslag till beslut innan ärendet går till ägaren.")
	case to == ChangeAtOwner && b.Procures && b.Lawful == "":
		return field("lawful", "Ärendet gäller en upphandling. De som upphandlar skriver hur lagen om offentlig upphandling tillämpas i just det här fallet.")
	case to == ChangeAtGroup && b.Opinion == "":
		return field("opinion", "Ägaren yttrar sig innan ärendet går till styrgruppen.")
	}
	return nil
}

func (o *Room) briefSheet(d sheet.Deps) *sheet.Sheet[Brief] {
	return &sheet.Sheet[Brief]{
		Deps: d, Noun: journal.Noun[Brief]{Name: "brief", Title: "Beredningen", NeedsReason: []string{BriefRefused, BriefReturned}, Moves: map[string][]string{
			BriefPrepared: {ChangeAtOwner}, ChangeAtOwner: {ChangeAtGroup, BriefPrepared}, ChangeAtGroup: {BriefDecided, BriefRefused, BriefReturned}, BriefReturned: {BriefPrepared}}},
		Path: "beredning", Title: "Beredda ärenden", Lead: "Arbetsgrupperna är bollplank och bereder ärenden. Varje ärende går via projektägaren till styrgruppen.",
		New: "Bered ett ärende", NoneYet: "Inga ärenden bereds.", First: BriefPrepared, Read: "change.read", Write: "change.create",
		Locked: []string{ChangeAtGroup, BriefDecided, BriefRefused}, Choices: o.groupChoices,
		Name: func(b Brief) string { return b.Title },
		Fields: func(ctx context.Context, b *Brief, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Vad gäller ärendet?"), Required: true}, To: &b.Title},
				{Input: web.Input{Name: "group", Label: web.T(ctx, "Grupp som bereder"), Required: true}, Kind: web.AsChoice, To: &b.Group, Options: c["group"]},
				{Input: web.Input{Name: "background", Label: web.T(ctx, "Bakgrund"), Required: true, Rows: 4}, Kind: web.AsArea, To: &b.Background},
				{Input: web.Input{Name: "proposal", Label: web.T(ctx, "Gruppens förslag till beslut"), Rows: 4}, Kind: web.AsArea, To: &b.Proposal},
				{Input: web.Input{Name: "procures", Label: web.T(ctx, "Ärendet gäller en upphandling")}, Kind: web.AsYes, To: &b.Procures},
				{Input: web.Input{Name: "lawful", Label: web.T(ctx, "Så tillämpas lagen om offentlig upphandling"), Hint: web.T(ctx, "Skrivs av de som upphandlar, för just det här fallet."), Rows: 3}, Kind: web.AsArea, To: &b.Lawful},
				{Input: web.Input{Name: "opinion", Label: web.T(ctx, "Projektägarens yttrande"), Hint: web.T(ctx, "Skrivs av ägaren när ärendet har lämnats dit."), Rows: 3}, Kind: web.AsArea, To: &b.Opinion},
			}
		},
		Columns: []sheet.Column[Brief]{{Head: "Grupp som bereder", Cell: func(_ context.Context, it journal.Item[Brief], c sheet.Choices) string {
			return labelOf(c["group"], it.Is.Group)
		}}},
		Moves: []sheet.Move{
			{To: ChangeAtOwner, Label: "Lämna till projektägaren"},
			{To: ChangeAtGroup, Label: "Lämna till styrgruppen", Action: "change.opinion", Hint: "Yttrandet ska vara skrivet. Styrgruppen avgör på sitt möte."},
			{To: BriefPrepared, Label: "Bered vidare"},
		},
		Resource: func(p journal.Project, it journal.Item[Brief]) policy.Resource {
			r := p.Resource
			r.Creator = it.By
			return r
		},
		Action: func(action string, it journal.Item[Brief]) string {
			if action == "change.create" && it.State == ChangeAtOwner {
				return "change.opinion" // it is the owner's now
			}
			return action
		},
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Brief], from string) error {
			g, err := o.groups.Noun.Get(ctx, tx, it.Is.Group)
			if err != nil || g.Project != p.ID || g.Is.Kind == Steering {
				return field("group", "Välj den grupp som bereder ärendet. Styrgruppen beslutar, den bereder inte.")
			}
			if it.State == from {
				return nil
			}
			if it.State == BriefPrepared {
				it.Is.Opinion = "" // of what was handed to the owner before
			}
			return it.Is.mayGo(it.State)
		},
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Brief], _ Moment) (templ.Component, error) {
			return o.decidedBy(ctx, q, p, it.Is.Decision)
		},
	}
}

// decidedBy links to the decision behind a thing; nil where there is none.
func (o *Room) decidedBy(ctx context.Context, q db.Q, p journal.Project, decision journal.ID) (templ.Component, error) {
	if decision == 0 {
		return nil, nil
	}
	x, err := o.decisions.Noun.Get(ctx, q, decision)
	return linkedDecision(o.decisions.Href(p.ID, decision), x.Is), err
}

// decideBrief carries out the steering group's word on a matter.
func (o *Room) decideBrief(ctx context.Context, tx *db.Tx, p journal.Project, item journal.ID, outcome string, by journal.ID) error {
	it, err := o.briefs.Noun.Get(ctx, tx, item)
	if err != nil {
		return err
	}
	if it.Project != p.ID {
		return fail.New(fail.NotFound, "Ärendet finns inte i projektet.")
	}
	why, err := o.decisions.Noun.Get(ctx, tx, by)
	if err != nil {
		return err
	}
	from := it.State
	it.State, it.Is.Decision = outcome, by
	return o.briefs.SaveIn(ctx, tx, p, it, from, journal.Act{Name: "change.decide", Reason: why.Is.Text})
}
