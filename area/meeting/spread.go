package meeting

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Every meeting is documented and spread (004-25): whoever was called gets the
// minutes or the notes, and a meeting without them is named until it has them.

// spread sends a link to the minutes to everybody who was called.
func (o *Room) spread(ctx context.Context, tx *db.Tx, p journal.Project, m journal.Item[Meeting], it journal.Item[Minutes]) error {
	list, err := o.invited(ctx, tx, m.ID, time.Time{})
	if err != nil {
		return err
	}
	what := "Protokollet är justerat: "
	if it.Is.Kind != "protokoll" {
		what = "Minnesanteckningarna är delade: "
	}
	for _, a := range list {
		if a.Is.Email == "" {
			continue
		}
		if err := o.deps.Mail(ctx, tx, mail.Message{To: []string{a.Is.Email}, Subject: what + m.Is.Title,
			Text: what + m.Is.Title + " " + string(m.Is.Day) + ".\n\nLäs dem här: " + o.deps.PublicURL + o.minutes.Href(p.ID, it.ID) + "\n"}); err != nil {
			return err
		}
	}
	return nil
}

// undocumented are the meetings that were held and have neither approved
// minutes nor shared notes, as of the moment.
func (o *Room) undocumented(ctx context.Context, q db.Q, p who.ProjectID, at time.Time) (out []journal.Item[Meeting], err error) {
	list, err := o.meetings.Noun.List(ctx, q, journal.Query{Project: p, At: at})
	for _, m := range list {
		if m.State == Held || m.State == Running {
			out = append(out, m)
		}
	}
	return out, err
}

// Undocumented names them, for whoever ends the project.
func (o *Room) Undocumented(ctx context.Context, q db.Q, p who.ProjectID) (out []string, err error) {
	list, err := o.undocumented(ctx, q, p, time.Time{})
	for _, m := range list {
		out = append(out, m.Is.Title+", "+web.Day(ctx, m.Is.Day))
	}
	return out, err
}

// lacking stands above the list of minutes.
func (o *Room) lacking(ctx context.Context, q db.Q, p journal.Project, _ []journal.Item[Minutes], at time.Time) (templ.Component, error) {
	list, err := o.undocumented(ctx, q, p.ID, at)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return lackingPage(o, p, list), nil
}

// aims are what a meeting ought to have and has not (001-08): time to read
// what is sent out before it. They stop nothing.
func (m Meeting) aims(materials int) []string {
	if m.Reading == 0 && len(m.Material)+materials > 0 {
		return []string{"Underlag ska läsas före mötet, men ingen tid är avsatt för inläsning. Skriv antalet arbetsdagar."}
	}
	return nil
}

// Occasion is a time when a municipality's people meet anyway, which the poll
// could use (001-17).
type Occasion struct {
	Person who.PersonID `json:"person"`
	Name   string       `json:"name"`
	Body   string       `json:"body"`
	Text   string       `json:"text"`
}

// maxOccasion is the longest text of an occasion, characters.
const maxOccasion = 300

// name keeps what somebody says of an occasion; the last text counts, and an
// empty one takes it back. Changed tells whether anything is new.
func (p *Poll) name(x Occasion) (changed bool) {
	x.Text = strings.Join(strings.Fields(x.Text), " ")
	for i, old := range p.Named {
		if old.Person != x.Person {
			continue
		}
		if x.Text == "" {
			p.Named = append(p.Named[:i:i], p.Named[i+1:]...)
			return true
		}
		p.Named[i], changed = x, old.Text != x.Text
		return changed
	}
	if x.Text != "" {
		p.Named = append(p.Named, x)
	}
	return x.Text != ""
}
