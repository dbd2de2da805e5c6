package meeting

import (
	"context"
	"slices"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of an item of the agenda.
const (
	ItemPlanned  = "planerad"
	ItemDealt    = "behandlad"
	ItemDeferred = "bordlagd"
	ItemDropped  = "utgår"
)

// Item is an item of the agenda, and what the meeting made of it
// (dagordningspunkt; KL 5:65-69: proposals, order, votes, decision,
// reservations).
type Item struct {
	Meeting      journal.ID `json:"meeting"`
	Order        int64      `json:"order"`
	Title        string     `json:"title"`
	Minutes      int64      `json:"minutes"`
	Presenter    string     `json:"presenter"`
	Documents    []string   `json:"documents"`
	Key          string     `json:"key"` // "gate:12": what waits for the decision; "" nothing
	Notes        string     `json:"notes"`
	Proposals    []string   `json:"proposals"`
	Votes        string     `json:"votes"`
	Outcome      string     `json:"outcome"` // of what waits
	Decision     string     `json:"decision"`
	Reservations []string   `json:"reservations"`
	Ruling       journal.ID `json:"ruling"` // the recorded decision
	Paragraph    int        `json:"paragraph"`
}

func (o *Room) itemSheet(d sheet.Deps) *sheet.Sheet[Item] {
	return &sheet.Sheet[Item]{
		Deps: d, Noun: journal.Noun[Item]{Name: "item", Title: "Punkten", Moves: map[string][]string{
			ItemPlanned: {ItemDealt, ItemDeferred, ItemDropped}, ItemDealt: {ItemPlanned}, ItemDeferred: {ItemPlanned}, ItemDropped: {ItemPlanned}}},
		Path: "dagordning", Title: "Dagordningspunkter", Lead: "Punkterna på projektets möten.", New: "Ny punkt", NoneYet: "Inga punkter ännu.", First: ItemPlanned,
		Read: "meeting.read", Write: "meeting.edit", Newest: true, Name: func(x Item) string { return x.Title },
		Choices: func(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
			list, err := o.meetings.Noun.List(ctx, q, journal.Query{Project: p.ID, Newest: true, Limit: 100})
			c := sheet.Choices{}
			for _, m := range list {
				c["meeting"] = append(c["meeting"], web.Option{Value: id.String(m.ID), Label: m.Is.Title + " " + string(m.Is.Day)})
			}
			return c, err
		},
		Fields: func(ctx context.Context, x *Item, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "meeting", Label: web.T(ctx, "Möte"), Required: true}, Kind: web.AsChoice, To: &x.Meeting, Options: c["meeting"]},
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Punkt"), Required: true}, To: &x.Title},
				{Input: web.Input{Name: "order", Label: web.T(ctx, "Ordning"), Width: "short"}, Kind: web.AsWhole, To: &x.Order, High: 1000},
				{Input: web.Input{Name: "minutes", Label: web.T(ctx, "Minuter"), Width: "short"}, Kind: web.AsWhole, To: &x.Minutes, High: 1440},
				{Input: web.Input{Name: "presenter", Label: web.T(ctx, "Föredragande")}, To: &x.Presenter},
				{Input: web.Input{Name: "documents", Label: web.T(ctx, "Underlag"), Hint: web.T(ctx, "Ett per rad."), Rows: 3}, Kind: web.AsLines, To: &x.Documents},
			}
		},
		Columns: []sheet.Column[Item]{{Head: "Möte", Cell: func(_ context.Context, it journal.Item[Item], c sheet.Choices) string {
			return label(c["meeting"], it.Is.Meeting)
		}}},
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Item], _ string) error {
			m, err := o.meetings.Noun.Get(ctx, tx, it.Is.Meeting)
			if err != nil || m.Project != p.ID {
				return fail.Fields(fail.Field{Name: "meeting", Message: "Välj ett av projektets möten."})
			}
			if m.State == Minuted || m.State == Cancelled {
				return fail.Newf(fail.Conflict, "Mötet är %s; dagordningen kan inte ändras.", m.State)
			}
			it.Parent = it.Is.Meeting
			return nil
		},
	}
}

// itemsOf lists a meeting's items in their order.
func (o *Room) itemsOf(ctx context.Context, q db.Q, meeting journal.ID, at time.Time) ([]journal.Item[Item], error) {
	list, err := o.items.Noun.List(ctx, q, journal.Query{Parent: meeting, At: at})
	slices.SortStableFunc(list, func(a, b journal.Item[Item]) int { return int(a.Is.Order - b.Is.Order) })
	return list, err
}

// note writes an act on a thing to the audit log.
func (o *Room) note(ctx context.Context, tx *db.Tx, p journal.Project, act, noun string, item journal.ID, data any) {
	audit.Log(ctx, tx, audit.Entry{Act: act, Object: noun + ":" + id.String(item), Programme: p.Resource.Programme, Data: data})
}

// AddMatter puts something that waits for the steering group on the agenda.
func (o *Room) AddMatter(ctx context.Context, meeting journal.ID, key, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := o.meetings.Noun.Get(ctx, tx, meeting)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, m.Project)
		if err != nil {
			return err
		}
		r := p.Resource
		r.Creator = m.By
		if err := may(ctx, "meeting.edit", r); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		all, err := o.waiting(ctx, tx, p, m.Is.Kind)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(x Matter) bool { return x.Key == key })
		if i < 0 {
			return fail.New(fail.Conflict, "Det ärendet väntar inte längre på beslut.")
		}
		items, err := o.itemsOf(ctx, tx, meeting, time.Time{})
		if err != nil {
			return err
		}
		_, err = o.items.AddIn(ctx, tx, p, meeting, Item{Meeting: meeting, Order: int64(len(items) + 1), Title: all[i].Title, Key: key})
		return err
	})
}

// Note is what is written at an item while the meeting runs.
type Note struct {
	State        string
	Notes        string
	Proposals    []string
	Votes        string
	Outcome      string
	Decision     string
	Reservations []string
	// An action, if Text is not empty.
	ActionText, ActionEmail string
	ActionDue               calendar.Date
}

// WriteItem stores what the meeting made of an item, over the version that
// was read.
func (o *Room) WriteItem(ctx context.Context, item journal.ID, version int64, n Note, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.items.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "minutes.write", p.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		m, err := o.meetings.Noun.Get(ctx, tx, it.Parent)
		if err != nil {
			return err
		}
		if m.State != Running && m.State != Held {
			return fail.Newf(fail.Conflict, "Mötet är %s; det går inte att skriva i det.", m.State)
		}
		if err := o.checkNote(ctx, tx, p, it, n); err != nil {
			return err
		}
		it.Is.Notes, it.Is.Proposals, it.Is.Votes, it.Is.Outcome, it.Is.Decision, it.Is.Reservations = n.Notes, n.Proposals, n.Votes, n.Outcome, n.Decision, n.Reservations
		if n.State != "" {
			it.State = n.State
		}
		it.Version = version
		if err := o.items.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: "minutes.write"}); err != nil {
			return err
		}
		if n.ActionText == "" {
			return nil
		}
		_, err = o.deps.AddAction(ctx, tx, p, n.ActionText, n.ActionEmail, n.ActionDue, m.Is.Title+" "+string(m.Is.Day))
		return err
	})
}

// checkNote says what is wrong: an outcome must be one of those that the matter
// waits for, and the decision must be in words. Without an outcome the matter
// is only taken up, as in a working group.
func (o *Room) checkNote(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Item], n Note) error {
	if it.Is.Key == "" || n.State != ItemDealt || n.Outcome == "" {
		return nil
	}
	all, err := o.deps.Matters(ctx, q, p)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x Matter) bool { return x.Key == it.Is.Key })
	if i < 0 {
		return fail.New(fail.Conflict, "Det ärendet väntar inte längre på beslut. Bordlägg punkten eller låt den utgå.")
	}
	name := id.String(it.ID)
	if !slices.ContainsFunc(all[i].Outcomes, func(x web.Option) bool { return x.Value == n.Outcome }) {
		return fail.Fields(fail.Field{Name: "outcome-" + name, Message: "Välj ett av utfallen."})
	}
	if n.Decision == "" {
		return fail.Fields(fail.Field{Name: "decision-" + name, Message: "Skriv beslutet i ord."})
	}
	return nil
}

// TakeUp says which matter an item of the agenda is about, as when a working
// group takes up a change that is still being prepared.
func (o *Room) TakeUp(ctx context.Context, item journal.ID, key string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.items.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "meeting.edit", p.Resource); err != nil {
			return err
		}
		it.Is.Key = key
		return o.items.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: "meeting.edit"})
	})
}
