package interest

import (
	"context"
	"slices"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/mail"
	"kommunpilot/base/who"
)

// link is the address of a page of an application, for letters.
func (n *Room) link(a ApplicationID, page string) string {
	return n.deps.PublicURL + "/intresse/" + id.String(a) + page
}

// addresses lists the usable e-mail addresses, each once.
func addresses(list []Person) []string {
	var out []string
	for _, p := range list {
		if address(p.Email) && !slices.Contains(out, p.Email) {
			out = append(out, p.Email)
		}
	}
	return out
}

// peopleOf lists those who hold a role in the member's organisation, or in the
// municipality that it is a part of.
func (n *Room) peopleOf(ctx context.Context, q db.Q, m matter, a Applicant, roles ...who.Role) ([]Person, error) {
	return n.people(ctx, q, m.Programme, a.orgs(), roles...)
}

func (n *Room) people(ctx context.Context, q db.Q, programme who.ProgrammeID, orgs []who.OrgID, roles ...who.Role) ([]Person, error) {
	var out []Person
	for _, org := range orgs {
		list, err := n.deps.People(ctx, q, org, programme, roles...)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if !slices.ContainsFunc(out, func(x Person) bool { return x.ID == p.ID }) {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// send sends a letter to those that there are.
func (n *Room) send(ctx context.Context, tx *db.Tx, to []string, subject, text string) error {
	if len(to) == 0 {
		return nil
	}
	return n.deps.Mail(ctx, tx, mail.Message{To: to, Subject: subject, Text: text})
}

// tellOwner writes to the programme owner's case officers.
func (n *Room) tellOwner(ctx context.Context, tx *db.Tx, m matter, subject, text string) error {
	list, err := n.people(ctx, tx, m.Programme, m.of.Owners, who.Handlaggare)
	if err != nil {
		return err
	}
	return n.send(ctx, tx, addresses(list), subject, text)
}

// recipients are those who answer for the members, and their contact persons.
func (n *Room) recipients(ctx context.Context, q db.Q, m matter) ([]string, error) {
	var out []Person
	for _, a := range m.Members() {
		list, err := n.peopleOf(ctx, q, m, a, who.Foretradare, who.Kommunkontakt)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	for _, c := range m.Sections.Contact.People {
		out = append(out, Person{Email: c.Email})
	}
	return addresses(out), nil
}

func (n *Room) tellMembers(ctx context.Context, tx *db.Tx, m matter, subject, text string) error {
	to, err := n.recipients(ctx, tx, m)
	if err != nil {
		return err
	}
	return n.send(ctx, tx, to, subject, text)
}

func (n *Room) tellSubmitted(ctx context.Context, tx *db.Tx, m matter) error {
	when := tx.Now().In(calendar.Stockholm).Format("2006-01-02 15.04")
	if err := n.tellMembers(ctx, tx, m, "Intresseanmälan är inlämnad: "+m.of.Title,
		"Intresseanmälan från "+m.Name()+" till "+m.of.Title+" lämnades in "+when+" och är undertecknad av "+m.SignedName+".\n\nKvitto:\n"+n.link(m.ID, "/kvitto")); err != nil {
		return err
	}
	return n.tellOwner(ctx, tx, m, "Ny intresseanmälan: "+m.Name(), m.Name()+" har lämnat in en intresseanmälan till "+m.of.Title+".\n\n"+n.link(m.ID, ""))
}

// DraftHolders gives the addresses of those whose application to the call is
// still a draft, for reminders.
func (n *Room) DraftHolders(ctx context.Context, q db.Q, call CallID) ([]string, error) {
	drafts, err := db.Values[ApplicationID](ctx, q, `SELECT id FROM application WHERE call_id = ? AND state = ? ORDER BY id`, int64(call), string(Draft))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, a := range drafts {
		m, err := n.matter(ctx, q, a)
		if err != nil {
			return nil, err
		}
		to, err := n.recipients(ctx, q, m)
		if err != nil {
			return nil, err
		}
		for _, x := range to {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// Answers counts the applications that have been sent in and not withdrawn.
func (n *Room) Answers(ctx context.Context, q db.Q, call CallID) (int, error) {
	return db.Value[int](ctx, q, `SELECT count(*) FROM application WHERE call_id = ? AND submitted_at IS NOT NULL AND state <> ?`, int64(call), string(Withdrawn))
}

// Tick does what the calendar asks for: reminders, completions that run out,
// decisions that come into force, participations that begin and end. It may be
// run at any time and any number of times.
func (n *Room) Tick(ctx context.Context) error {
	ctx = who.With(ctx, who.Us)
	now := calendar.Of(n.deps.DB.Now().In(time.UTC))
	for _, each := range []func(context.Context, calendar.Date) error{n.tickCompletions, n.tickDecisions, n.tickParticipations} {
		if err := each(ctx, now); err != nil {
			return err
		}
	}
	return nil
}
