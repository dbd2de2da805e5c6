package room

import (
	"context"
	"fmt"
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The states of an action.
const (
	ActionOpen    = "öppen"
	ActionDone    = "klar"
	ActionDropped = "utgått"
)

// Action is something that somebody shall do by a day (åtgärd).
type Action struct {
	Text     string        `json:"text"`
	Email    string        `json:"email"`
	Person   who.PersonID  `json:"person"`
	Name     string        `json:"name"`
	Due      calendar.Date `json:"due"`
	Source   string        `json:"source"` // "beslut 12", "möte 7": where it comes from
	Reminded calendar.Date `json:"reminded"`
}

func (o *Room) actionSheet(d sheet.Deps) *sheet.Sheet[Action] {
	return &sheet.Sheet[Action]{
		Deps: d, Noun: journal.Noun[Action]{Name: "action", Title: "Åtgärden", Moves: map[string][]string{ActionOpen: {ActionDone, ActionDropped}, ActionDone: {ActionOpen}}, NeedsReason: []string{ActionDropped}},
		Path: "atgarder", Title: "Åtgärder", Lead: "Vem som ska göra vad och till när. Den som har åtgärden får en påminnelse tre dagar före.",
		New: "Ny åtgärd", NoneYet: "Inga åtgärder ännu.", First: ActionOpen, Read: "log.read", Write: "risk.write", Locked: []string{ActionDone, ActionDropped},
		Name: func(a Action) string { return a.Text },
		Fields: func(ctx context.Context, a *Action, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "text", Label: web.T(ctx, "Vad ska göras?"), Required: true}, To: &a.Text},
				{Input: web.Input{Name: "email", Label: web.T(ctx, "Vem ska göra det?"), Hint: web.T(ctx, "E-postadress till en av användarna."), Required: true, Type: "email"}, To: &a.Email},
				{Input: web.Input{Name: "due", Label: web.T(ctx, "Klart senast"), Required: true}, Kind: web.AsDay, To: &a.Due},
				{Input: web.Input{Name: "source", Label: web.T(ctx, "Kommer från"), Hint: web.T(ctx, "Till exempel ett möte eller ett beslut.")}, To: &a.Source},
			}
		},
		Columns: []sheet.Column[Action]{
			{Head: "Vem", Cell: func(_ context.Context, it journal.Item[Action], _ sheet.Choices) string { return it.Is.Name }},
			{Head: "Klart senast", Cell: func(ctx context.Context, it journal.Item[Action], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Due)
			}},
		},
		Moves: []sheet.Move{{To: ActionDone, Label: "Klar"}, {To: ActionOpen, Label: "Öppna igen"}, {To: ActionDropped, Label: "Utgår", Danger: true}},
		Guard: func(ctx context.Context, tx *db.Tx, _ journal.Project, it *journal.Item[Action], _ string) error {
			x, err := o.deps.PersonByEmail(ctx, tx, it.Is.Email)
			if fail.Is(err, fail.NotFound) {
				return field("email", "Ingen användare har den adressen.")
			}
			it.Is.Person, it.Is.Name = x.ID, x.Name
			return err
		},
	}
}

// remindBefore is how many days before its day an action is reminded of.
const remindBefore = 3

// remind writes to those whose actions are due soon, once each.
func (o *Room) remind(ctx context.Context) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		today := calendar.Of(tx.Now())
		all, err := o.actions.Noun.List(ctx, tx, journal.Query{State: ActionOpen})
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.Is.Due > today.AddDays(remindBefore) || a.Is.Reminded != "" || a.Is.Email == "" {
				continue
			}
			p, err := o.Frame(ctx, tx, a.Project)
			if err != nil {
				return err
			}
			if p.Closed {
				continue
			}
			href := o.deps.PublicURL + o.actions.Href(a.Project, a.ID)
			if err := o.deps.Mail(ctx, tx, mail.Message{To: []string{a.Is.Email}, Subject: "Påminnelse: " + a.Is.Text,
				Text: fmt.Sprintf("Du har en åtgärd i projektet %s som ska vara klar %s:\n\n%s\n\n%s\n", p.Name, a.Is.Due, a.Is.Text, href)}); err != nil {
				return err
			}
			a.Is.Reminded = today
			if err := o.actions.Noun.Save(ctx, tx, p, a, journal.Act{Name: "risk.write", Reason: "Påminnelse skickad"}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Todo is something that waits for a person.
type Todo struct {
	Text, Project, Href string
	Due                 calendar.Date
}

// Todos lists the person's open actions, and reports and changes that wait for him or her.
func (o *Room) Todos(ctx context.Context, q db.Q, a who.Actor) ([]Todo, error) {
	ids, err := db.Values[who.ProjectID](ctx, q, `SELECT DISTINCT project_id FROM seat WHERE person_id = ?`, int64(a.Person))
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	var out []Todo
	for _, pid := range ids {
		p, err := o.Frame(ctx, q, pid)
		if err != nil {
			return nil, err
		}
		if p.Closed {
			continue
		}
		list, err := o.actions.Noun.List(ctx, q, journal.Query{Project: pid, State: ActionOpen})
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if x.Is.Person == a.Person {
				out = append(out, Todo{Text: x.Is.Text, Project: p.Name, Href: o.actions.Href(pid, x.ID), Due: x.Is.Due})
			}
		}
		if may(ctx, "change.opinion", p.Resource) == nil {
			waiting, err := o.changes.Noun.List(ctx, q, journal.Query{Project: pid, State: ChangeAtOwner})
			if err != nil {
				return nil, err
			}
			for _, x := range waiting {
				out = append(out, Todo{Text: web.T(ctx, "Yttra dig om ändringen: %s", x.Is.What), Project: p.Name, Href: o.changes.Href(pid, x.ID)})
			}
		}
	}
	return out, nil
}

// AddAction notes an action inside another act, as a meeting's.
func (o *Room) AddAction(ctx context.Context, tx *db.Tx, p journal.Project, text, email string, due calendar.Date, source string) (journal.ID, error) {
	it, err := o.actions.AddIn(ctx, tx, p, 0, Action{Text: text, Email: email, Due: due, Source: source})
	return it.ID, err
}

// Tick does what time brings: reminders, reports that fall due.
func (o *Room) Tick(ctx context.Context) error {
	ctx = who.With(ctx, who.Us)
	due := false
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		today := calendar.Of(q.Now())
		all, err := o.actions.Noun.List(ctx, q, journal.Query{State: ActionOpen})
		for _, a := range all {
			due = due || a.Is.Due <= today.AddDays(remindBefore) && a.Is.Reminded == "" && a.Is.Email != ""
		}
		return err
	})
	if err != nil {
		return err
	}
	if due {
		if err := o.remind(ctx); err != nil {
			return err
		}
	}
	return o.reportsFallDue(ctx)
}

// number is how a thing is named in a text.
func number(item journal.ID) string { return id.String(item) }
