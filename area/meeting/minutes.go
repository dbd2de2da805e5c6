package meeting

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/paper"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The states of minutes: formal ones, and notes as the lighter form.
const (
	MinutesDraft    = "utkast"
	MinutesSent     = "utsänt för justering"
	MinutesApproved = "justerat"
	MinutesOnBoard  = "anslaget"
	MinutesArchived = "arkiverat"
	NotesShared     = "delat"
)

// approvalDays is within how many days minutes are approved (KL 5:69; the
// specification asks that its reach to project groups be confirmed).
const approvalDays = 14

// Minutes are the record of a meeting: formal minutes (protokoll) with
// adjusters, or notes (minnesanteckning).
type Minutes struct {
	Meeting   journal.ID     `json:"meeting"`
	Kind      string         `json:"kind"` // "protokoll" or "minnesanteckning"
	Number    string         `json:"number"`
	Secretary string         `json:"secretary"`
	Adjusters []string       `json:"adjusters"` // e-mail addresses
	Persons   []who.PersonID `json:"persons"`   // of the adjusters
	Approved  []who.PersonID `json:"approved"`
	Public    bool           `json:"public"` // of a public body
	Announced calendar.Date  `json:"announced"`
	Text      []paper.Part   `json:"text"` // frozen when approved or shared
	Present   []string       `json:"present"`
}

func (o *Room) minutesSheet(d sheet.Deps) *sheet.Sheet[Minutes] {
	return &sheet.Sheet[Minutes]{
		Deps: d, Noun: journal.Noun[Minutes]{Name: "minutes", Title: "Protokollet", Moves: map[string][]string{
			MinutesDraft: {MinutesSent, NotesShared}, MinutesSent: {MinutesApproved, MinutesDraft}, MinutesApproved: {MinutesOnBoard, MinutesArchived}, MinutesOnBoard: {MinutesArchived}, NotesShared: {MinutesArchived}}},
		Path: "protokoll", Title: "Protokoll och minnesanteckningar", Lead: "Vad mötena kom fram till. Ett protokoll justeras; besluten gäller när alla justerare har godkänt.",
		New: "Nytt protokoll", NoneYet: "Inga protokoll ännu.", First: MinutesDraft, Read: "minutes.read", Write: "minutes.write", Newest: true,
		Locked: []string{MinutesSent, MinutesApproved, MinutesOnBoard, MinutesArchived, NotesShared},
		Name:   func(m Minutes) string { return strings.ToUpper(m.Kind[:1]) + m.Kind[1:] + " " + m.Number },
		Choices: func(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
			list, err := o.meetings.Noun.List(ctx, q, journal.Query{Project: p.ID, Newest: true, Limit: 100})
			c := sheet.Choices{}
			for _, m := range list {
				if m.State == Held || m.State == Running || m.State == Minuted {
					c["meeting"] = append(c["meeting"], web.Option{Value: id.String(m.ID), Label: m.Is.Title + " " + string(m.Is.Day)})
				}
			}
			return c, err
		},
		Fields: func(ctx context.Context, m *Minutes, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "meeting", Label: web.T(ctx, "Möte"), Required: true}, Kind: web.AsChoice, To: &m.Meeting, Options: c["meeting"]},
				{Input: web.Input{Name: "kind", Label: web.T(ctx, "Sort"), Required: true}, Kind: web.AsRadio, To: &m.Kind, Options: []web.Option{{Value: "protokoll", Label: web.T(ctx, "Protokoll som justeras")}, {Value: "minnesanteckning", Label: web.T(ctx, "Minnesanteckningar som delas")}}},
				{Input: web.Input{Name: "number", Label: web.T(ctx, "Nummer"), Hint: web.T(ctx, "Till exempel 3/2026."), Required: true, Width: "short"}, To: &m.Number},
				{Input: web.Input{Name: "secretary", Label: web.T(ctx, "Sekreterare"), Required: true}, To: &m.Secretary},
				{Input: web.Input{Name: "adjusters", Label: web.T(ctx, "Justerare"), Hint: web.T(ctx, "E-postadresser till dem som sitter i gruppen, en per rad. Behövs för protokoll."), Rows: 2}, Kind: web.AsLines, To: &m.Adjusters},
				{Input: web.Input{Name: "public", Label: web.T(ctx, "Protokollet är offentligt och anslås")}, Kind: web.AsYes, To: &m.Public},
			}
		},
		Resource: func(p journal.Project, it journal.Item[Minutes]) policy.Resource {
			r := p.Resource
			r.Creator, r.Assigned = it.By, it.Is.Persons
			r.Public = it.Is.Public && (it.State == MinutesOnBoard || it.State == MinutesArchived)
			return r
		},
		Moves: []sheet.Move{
			{To: MinutesSent, Label: "Sänd för justering"}, {To: MinutesDraft, Label: "Ta tillbaka till utkast"}, {To: NotesShared, Label: "Dela minnesanteckningarna"},
			{To: MinutesOnBoard, Label: "Anslå"}, {To: MinutesArchived, Label: "Arkivera"},
		},
		Guard: o.guardMinutes, After: o.afterMinutes, Above: o.lacking,
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Minutes], at time.Time) (templ.Component, error) {
			d, err := o.document(ctx, q, it)
			v := minutesView{room: o, p: p, it: it, doc: d, form: web.NewForm(nil)}
			v.form.Version = it.Version
			r := p.Resource
			r.Assigned = it.Is.Persons
			v.mayApprove = at.IsZero() && it.State == MinutesSent && !slices.Contains(it.Is.Approved, who.From(ctx).Person) && may(ctx, "minutes.approve", r) == nil && who.From(ctx).Kind != who.System
			return minutesPage(v), err
		},
	}
}

// minutesView is what the page of minutes shows.
type minutesView struct {
	room       *Room
	p          journal.Project
	it         journal.Item[Minutes]
	doc        paper.Document
	mayApprove bool
	form       web.Form
}

// guardMinutes holds the kinds apart, finds the adjusters and freezes the text.
func (o *Room) guardMinutes(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Minutes], from string) error {
	m, err := o.meetings.Noun.Get(ctx, tx, it.Is.Meeting)
	if err != nil || m.Project != p.ID {
		return fail.Fields(fail.Field{Name: "meeting", Message: "Välj ett av projektets möten."})
	}
	it.Parent = m.ID
	formal := it.Is.Kind == "protokoll"
	switch {
	case it.State == NotesShared && formal:
		return fail.New(fail.Conflict, "Ett protokoll justeras; bara minnesanteckningar delas utan justering.")
	case it.State == MinutesSent && !formal:
		return fail.New(fail.Conflict, "Minnesanteckningar justeras inte; dela dem.")
	case it.State == MinutesOnBoard && !it.Is.Public:
		return fail.New(fail.Conflict, "Bara ett offentligt organs protokoll anslås.")
	case it.State == MinutesOnBoard && from != MinutesOnBoard:
		it.Is.Announced = calendar.Of(tx.Now())
	}
	if it.State == MinutesDraft {
		it.Is.Approved = nil // a text that is taken back is approved anew
		return o.findAdjusters(ctx, tx, p, m, it)
	}
	if (it.State == MinutesSent || it.State == NotesShared) && from == MinutesDraft {
		if m.State != Held && m.State != Minuted {
			return fail.New(fail.Conflict, "Avsluta mötet först.")
		}
		if formal && len(it.Is.Persons) == 0 {
			return fail.Fields(fail.Field{Name: "adjusters", Message: "Utse minst en justerare."})
		}
		if it.Is.Text, it.Is.Present, err = o.text(ctx, tx, m); err != nil {
			return err
		}
	}
	return nil
}

func (o *Room) findAdjusters(ctx context.Context, q db.Q, p journal.Project, m journal.Item[Meeting], it *journal.Item[Minutes]) error {
	members, err := o.deps.Members(ctx, q, p.ID, m.Is.Group, m.Is.Day)
	if err != nil {
		return err
	}
	it.Is.Persons = nil
	for _, email := range it.Is.Adjusters {
		i := slices.IndexFunc(members, func(s Sitting) bool { return strings.EqualFold(s.Email, email) })
		if i < 0 {
			return fail.Fields(fail.Field{Name: "adjusters", Message: email + " satt inte i gruppen den dagen."})
		}
		it.Is.Persons = append(it.Is.Persons, members[i].Person)
	}
	return nil
}

// text writes the minutes from the agenda: paragraphs are numbered through.
func (o *Room) text(ctx context.Context, q db.Q, m journal.Item[Meeting]) (parts []paper.Part, there []string, err error) {
	items, err := o.itemsOf(ctx, q, m.ID, time.Time{})
	if err != nil {
		return nil, nil, err
	}
	list, err := o.invited(ctx, q, m.ID, time.Time{})
	if err != nil {
		return nil, nil, err
	}
	for _, a := range list {
		if a.State == Attended || a.State == Comes {
			there = append(there, strings.TrimSuffix(a.Is.Name+", "+a.Is.Body, ", "))
		}
	}
	for i, x := range items {
		part := paper.Part{Head: "§ " + id.String(journal.ID(i+1)) + " " + x.Is.Title}
		switch x.State {
		case ItemDeferred:
			part.Text = append(part.Text, "Punkten bordlades.")
		case ItemDropped:
			part.Text = append(part.Text, "Punkten utgick.")
		}
		add := func(head, text string) {
			if text != "" {
				part.Text = append(part.Text, head+text)
			}
		}
		add("", x.Is.Notes)
		add("Förslag: ", strings.Join(x.Is.Proposals, "; "))
		add("Omröstning: ", x.Is.Votes)
		add("Beslut: ", x.Is.Decision)
		add("Reservationer: ", strings.Join(x.Is.Reservations, "; "))
		parts = append(parts, part)
	}
	return parts, there, nil
}

// document is the minutes as a document.
func (o *Room) document(ctx context.Context, q db.Q, it journal.Item[Minutes]) (paper.Document, error) {
	m, err := o.meetings.Noun.Get(ctx, q, it.Is.Meeting)
	if err != nil {
		return paper.Document{}, err
	}
	parts, there := it.Is.Text, it.Is.Present
	if it.State == MinutesDraft {
		if parts, there, err = o.text(ctx, q, m); err != nil {
			return paper.Document{}, err
		}
	}
	due := ""
	if it.Is.Kind == "protokoll" && (it.State == MinutesDraft || it.State == MinutesSent) {
		due = web.T(ctx, "%s (14 dagar; att regeln gäller gruppen ska bekräftas)", web.Day(ctx, m.Is.Day.AddDays(approvalDays)))
	}
	return paper.Document{Title: strings.ToUpper(it.Is.Kind[:1]) + it.Is.Kind[1:] + " " + it.Is.Number, Subtitle: m.Is.Title, Facts: []paper.Fact{
		{Term: "Dag", Value: web.Day(ctx, m.Is.Day)}, {Term: "Plats", Value: strings.TrimSpace(m.Is.Place + " " + m.Is.Link)}, {Term: "Sekreterare", Value: it.Is.Secretary},
		{Term: "Närvarande", Value: strings.Join(there, "; ")}, {Term: "Läge", Value: it.State}, {Term: "Justerare", Value: strings.Join(it.Is.Adjusters, ", ")}, {Term: "Justeras senast", Value: due},
	}, Parts: parts}, nil
}

// Approve is an adjuster's approval. When all have approved, the minutes are
// approved, and what the meeting decided takes effect in the same transaction.
func (o *Room) Approve(ctx context.Context, item journal.ID, version int64, once string) (done bool, err error) {
	actor := who.From(ctx)
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.minutes.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		r := p.Resource
		r.Assigned = it.Is.Persons
		if err := may(ctx, "minutes.approve", r); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if it.State != MinutesSent {
			return fail.Newf(fail.Conflict, "Protokollet är %s och kan inte justeras.", it.State)
		}
		if !slices.Contains(it.Is.Approved, actor.Person) {
			it.Is.Approved = append(it.Is.Approved, actor.Person)
		}
		it.Version = version
		from := it.State
		if len(it.Is.Approved) == len(it.Is.Persons) {
			it.State, done = MinutesApproved, true
		}
		return o.minutes.SaveIn(ctx, tx, p, it, from, journal.Act{Name: "minutes.approve"})
	})
	return done, err
}

// afterMinutes lets the decisions take effect when the minutes are approved,
// and notes what a meeting took up when notes are shared.
func (o *Room) afterMinutes(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Minutes], from string) error {
	if it.State == from || it.State != MinutesApproved && it.State != NotesShared {
		return nil
	}
	m, err := o.meetings.Noun.Get(ctx, tx, it.Is.Meeting)
	if err != nil {
		return err
	}
	group := Group{Kind: m.Is.Kind, Name: m.Is.Title}
	groups, err := o.deps.Groups(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.ID == m.Is.Group {
			group = g
		}
	}
	items, err := o.itemsOf(ctx, tx, m.ID, time.Time{})
	if err != nil {
		return err
	}
	// The meeting is documented before its decisions act: one of them may end
	// the project, which asks for that (004-25).
	if m.State == Held {
		if err := o.meetings.Noun.Move(ctx, tx, p, m, Minuted, journal.Act{Name: "minutes.approve"}); err != nil {
			return err
		}
	}
	for i, x := range items {
		if x.Is.Key != "" {
			if err := o.deps.Note(ctx, tx, p, x.Is.Key, m.ID, group.Kind, m.Is.Day); err != nil {
				return err
			}
		}
		if it.State != MinutesApproved || x.State != ItemDealt || x.Is.Decision == "" {
			continue
		}
		ruling := Ruling{Matter: x.Is.Title, Organ: group.Name, Kind: group.Kind, Group: group.ID, Meeting: m.ID, Paragraph: i + 1, Day: m.Is.Day, Basis: strings.Join(x.Is.Documents, "; "), Text: x.Is.Decision, Outcome: x.Is.Outcome}
		if x.Is.Outcome != "" {
			ruling.Key = x.Is.Key
		}
		if x.Is.Ruling, err = o.deps.Take(ctx, tx, p, ruling); err != nil {
			return err
		}
		x.Is.Paragraph = i + 1
		if err := o.items.Noun.Save(ctx, tx, p, x, journal.Act{Name: "minutes.approve"}); err != nil {
			return err
		}
	}
	return o.spread(ctx, tx, p, m, it)
}
