package room

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of a decision.
const (
	Taken    = "fattat"
	Executed = "verkställt"
	Followed = "uppföljt"
	Revoked  = "upphävt"
)

// Decision is what a body of the project has decided. It comes from approved
// minutes and from nowhere else (rule 5).
type Decision struct {
	Matter    string        `json:"matter"`
	Organ     string        `json:"organ"`
	Group     journal.ID    `json:"group"`
	Kind      string        `json:"kind"` // of the group
	Meeting   journal.ID    `json:"meeting"`
	Paragraph int           `json:"paragraph"`
	Day       calendar.Date `json:"day"`
	Basis     string        `json:"basis"`
	Text      string        `json:"text"`
	Effect    string        `json:"effect"` // what it changes, in words
	Key       string        `json:"key"`    // "gate:12": what it decides on; "" nothing
	Outcome   string        `json:"outcome"`
	FollowUp  calendar.Date `json:"follow_up"`
}

func (o *Room) decisionSheet(d sheet.Deps) *sheet.Sheet[Decision] {
	return &sheet.Sheet[Decision]{
		Deps: d, Noun: journal.Noun[Decision]{Name: "projectdecision", Title: "Beslutet", NeedsReason: []string{Revoked, Followed},
			Moves: map[string][]string{Taken: {Executed, Revoked}, Executed: {Followed, Revoked}, Followed: {Revoked}}},
		Path: "beslut", Title: "Beslut", Lead: "Vad projektets grupper har beslutat, på vilken grund och med vilken verkan. Besluten kommer från justerade protokoll.",
		NoneYet: "Inga beslut ännu. Ett beslut kommer hit när protokollet är justerat.", Read: "log.read", Write: "report.write", Locked: []string{Followed, Revoked}, Newest: true,
		Name: func(x Decision) string { return x.Matter },
		Fields: func(ctx context.Context, x *Decision, _ sheet.Choices) []web.Bound {
			return []web.Bound{{Input: web.Input{Name: "follow_up", Label: web.T(ctx, "Följs upp")}, Kind: web.AsDay, To: &x.FollowUp}}
		},
		Columns: []sheet.Column[Decision]{
			{Head: "Organ", Cell: func(_ context.Context, it journal.Item[Decision], _ sheet.Choices) string { return it.Is.Organ }},
			{Head: "Paragraf", Cell: func(_ context.Context, it journal.Item[Decision], _ sheet.Choices) string { return it.Is.Section() }},
			{Head: "Dag", Cell: func(ctx context.Context, it journal.Item[Decision], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Day)
			}},
			{Head: "Följs upp", Cell: func(ctx context.Context, it journal.Item[Decision], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.FollowUp)
			}},
		},
		Moves: []sheet.Move{{To: Executed, Label: "Verkställt"}, {To: Followed, Label: "Uppföljt"}, {To: Revoked, Label: "Upphävt", Danger: true, Hint: "Ett beslut upphävs av ett nytt beslut. Skriv vilket."}},
		Body: func(_ context.Context, _ db.Q, p journal.Project, it journal.Item[Decision], _ Moment) (templ.Component, error) {
			return decisionFacts(p, it), nil
		},
	}
}

// Section writes the paragraph: § 12.
func (x Decision) Section() string { return "§ " + number(journal.ID(x.Paragraph)) }

// Matter is something that waits for a body's decision: the agenda is made of them.
type Matter struct {
	Key      string // "gate:12"
	Title    string
	Outcomes []web.Option
	Href     string
}

// Preparing lists the changes that the groups take up before the steering group
// decides (003-59): nobody rules on them yet.
func (o *Room) Preparing(ctx context.Context, q db.Q, p journal.Project) (out []Matter, err error) {
	changes, err := o.changes.Noun.List(ctx, q, journal.Query{Project: p.ID, State: ChangePrepared})
	for _, c := range changes {
		out = append(out, Matter{Key: "change:" + id.String(c.ID), Title: web.T(ctx, "Ändring: %s", c.Is.What), Href: o.changes.Href(p.ID, c.ID)})
	}
	return out, err
}

// Matters lists what waits for the steering group.
func (o *Room) Matters(ctx context.Context, q db.Q, p journal.Project) ([]Matter, error) {
	var out []Matter
	add := func(kind string, item journal.ID, title, href string, outcomes ...web.Option) {
		out = append(out, Matter{Key: kind + ":" + id.String(item), Title: title, Href: href, Outcomes: outcomes})
	}
	gates, err := o.gates.Noun.List(ctx, q, journal.Query{Project: p.ID})
	if err != nil {
		return nil, err
	}
	for _, g := range gates {
		if g.State == Waiting || g.State == Complement {
			add("gate", g.ID, g.Is.Name, o.gates.Href(p.ID, g.ID), options(Go, Stop, Complement)...)
			break // they are taken in order
		}
	}
	changes, err := o.changes.Noun.List(ctx, q, journal.Query{Project: p.ID, State: ChangeAtGroup})
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		add("change", c.ID, web.T(ctx, "Ändring: %s", c.Is.What), o.changes.Href(p.ID, c.ID), options(ChangeApproved, ChangeRefused, ChangeReturned)...)
	}
	briefs, err := o.briefs.Noun.List(ctx, q, journal.Query{Project: p.ID, State: ChangeAtGroup})
	if err != nil {
		return nil, err
	}
	for _, b := range briefs {
		add("brief", b.ID, b.Is.Title, o.briefs.Href(p.ID, b.ID), options(BriefDecided, BriefRefused, BriefReturned)...)
	}
	documents, err := o.documents.Noun.List(ctx, q, journal.Query{Project: p.ID, State: ChangeAtGroup})
	if err != nil {
		return nil, err
	}
	for _, x := range documents {
		add("document", x.ID, web.T(ctx, "Anta %s, version %d", x.Is.Title, x.Is.Version), o.documents.Href(p.ID, x.ID), options(DocumentAdopted, DocumentDraft)...)
	}
	seats, err := o.seats.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Proposed})
	if err != nil {
		return nil, err
	}
	for _, s := range seats {
		if !byOrderer(s.Is.Kind) {
			add("seat", s.ID, web.T(ctx, "Utse %s", s.Is.Name), o.seats.Href(p.ID, s.ID), options(Appointed, Left)...)
		}
	}
	reports, err := o.reports.Noun.List(ctx, q, journal.Query{Project: p.ID, State: ReportHandedIn})
	if err != nil {
		return nil, err
	}
	for _, r := range reports {
		add("report", r.ID, r.Is.title(), o.reports.Href(p.ID, r.ID), options(ReportDealtWith)...)
	}
	if it, err := o.project(ctx, q, p.ID, Moment{}); err == nil && it.Is.LastTo > it.Is.To {
		add("extension", it.ID, web.T(ctx, "Förläng projektet till %s", web.Day(ctx, it.Is.LastTo)), "/projekt/"+id.String(p.ID), options("förlängs", "förlängs inte")...)
	}
	return out, nil
}

// Take records what a body has decided, from minutes that are being approved,
// and carries it out in the same transaction: a gate, a change, an
// appointment, a report, an extension, or a thing of another room. Only the
// steering group decides on these.
func (o *Room) Take(ctx context.Context, tx *db.Tx, p journal.Project, x Decision) (journal.ID, error) {
	if x.Kind != Steering && x.Key != "" {
		return 0, fail.New(fail.Forbidden, "Bara styrgruppen beslutar om beslutspunkter, mål, budget, tidplan och uppdrag.")
	}
	it, err := o.decisions.Noun.Add(ctx, tx, p, 0, Taken, x, journal.Act{Name: "minutes.approve"})
	if err != nil || x.Key == "" {
		return it.ID, err
	}
	kind, text, _ := strings.Cut(x.Key, ":")
	item, err := id.Parse[journal.ID](text)
	if err != nil {
		return it.ID, err
	}
	return it.ID, o.carryOut(ctx, tx, p, kind, item, x.Outcome, it.ID)
}

func (o *Room) carryOut(ctx context.Context, tx *db.Tx, p journal.Project, kind string, item journal.ID, outcome string, by journal.ID) error {
	switch kind {
	case "gate":
		return o.decideGate(ctx, tx, p, item, outcome, by)
	case "change":
		return o.decideChange(ctx, tx, p, item, outcome, by)
	case "brief":
		return o.decideBrief(ctx, tx, p, item, outcome, by)
	case "document":
		return o.decideDocument(ctx, tx, p, item, outcome, by)
	case "seat":
		it, err := o.seats.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		from := it.State
		it.State, it.Is.Decision = outcome, by
		return o.seats.SaveIn(ctx, tx, p, it, from, journal.Act{Name: "group.appoint", Reason: "Styrgruppens beslut"})
	case "report":
		it, err := o.reports.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		it.Is.Decision = by
		from := it.State
		it.State = outcome
		return o.reports.SaveIn(ctx, tx, p, it, from, journal.Act{Name: "report.deal"})
	case "extension":
		if outcome != "förlängs" {
			return nil
		}
		return o.changeFrame(ctx, tx, p, func(x *Project) error {
			if err := x.extend(x.LastTo); err != nil {
				return err
			}
			x.To = x.LastTo
			x.Extensions = append(slices.Clone(x.Extensions), Extension{Until: x.To, Decision: by})
			return nil
		})
	}
	if f := o.deps.Effects[kind]; f != nil {
		return f(ctx, tx, p, item, outcome, by)
	}
	return fail.Newf(fail.Invalid, "Det finns inget att besluta om som heter %s.", kind)
}
