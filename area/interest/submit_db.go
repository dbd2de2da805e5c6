package interest

import (
	"context"
	"unicode/utf8"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// Sending is what the signatory adds when an application is sent in.
type Sending struct {
	Signatory who.PersonID // 0: the one who acts
	Override  string       // why what is aimed for is not met
	Once      string
}

// Submit signs the application and sends it in. It stays a draft where the
// call has closed or something that is required is missing.
func (n *Room) Submit(ctx context.Context, a ApplicationID, s Sending) error {
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.sign", m.led()); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, s.Once); err != nil {
			return err
		}
		if m.State != Draft {
			return CanMove(m.State, Submitted, "")
		}
		if err := m.of.Accepts(tx.Now()); err != nil {
			return err
		}
		if err := canSend(m.findings(), s.Override); err != nil {
			return err
		}
		return n.sign(ctx, tx, &m, s)
	})
}

// canSend says what stops the application.
func canSend(list []Finding, override string) error {
	var p problems
	for _, f := range stops(list) {
		p.add(f.Section, f.Plain())
	}
	if utf8.RuneCountInString(override) > maxMotive {
		p.add("override", "Motivet är för långt: högst 4 000 tecken.")
	}
	return fail.Fields(p...)
}

// sign notes who signed, keeps a copy of what was sent and tells everyone.
func (n *Room) sign(ctx context.Context, tx *db.Tx, m *matter, s Sending) error {
	actor := who.From(ctx)
	if s.Signatory == 0 || actor.Kind != who.System {
		s.Signatory = actor.Person
	}
	list, err := n.signatories(ctx, tx, *m)
	if err != nil {
		return err
	}
	by, err := signatory(list, s.Signatory)
	if err != nil {
		return err
	}
	m.SignedBy, m.SignedName, m.Override = by.ID, named(by), tidy(s.Override)
	if m.Submitted.IsZero() {
		m.Submitted = tx.Now()
	}
	if _, err := tx.Exec(ctx, `UPDATE application SET submitted_at = ?, signed_by = ?, signed_name = ?, override_text = ? WHERE id = ?`,
		m.Submitted, int64(by.ID), m.SignedName, m.Override, int64(m.ID)); err != nil {
		return err
	}
	if err := m.keep(ctx, tx, by); err != nil {
		return err
	}
	if err := n.move(ctx, tx, m, Submitted, "application.sign", m.Override); err != nil {
		return err
	}
	return n.tellSubmitted(ctx, tx, *m)
}

// named is a person with the title, as a signature.
func named(p Person) string {
	if p.Title == "" {
		return p.Name
	}
	return p.Name + ", " + p.Title
}

// signatories lists those who may sign for the lead today.
func (n *Room) signatories(ctx context.Context, q db.Q, m matter) ([]Person, error) {
	lead, _ := m.member(m.Lead)
	return n.peopleOf(ctx, q, m, lead, who.Foretradare)
}

// Withdraw takes the application back, at any time. Its participations are
// broken off.
func (n *Room) Withdraw(ctx context.Context, a ApplicationID, motive, token string) error {
	motive = tidy(motive)
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.withdraw", m.led()); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		if utf8.RuneCountInString(motive) > maxMotive {
			return fail.Fields(fail.Field{Name: "motive", Message: "Motivet är för långt: högst 4 000 tecken."})
		}
		if err := n.move(ctx, tx, &m, Withdrawn, "application.withdraw", motive); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE completion SET state = ? WHERE application_id = ? AND state = ?`, completionExpired, int64(a), completionOpen); err != nil {
			return err
		}
		if err := n.breakOff(ctx, tx, m, motive); err != nil {
			return err
		}
		if m.Submitted.IsZero() {
			return nil
		}
		return n.tellOwner(ctx, tx, m, "Återtagen intresseanmälan: "+m.Name(), m.Name()+" har återtagit sin intresseanmälan till "+m.of.Title+".\n\nMotiv: "+motive)
	})
}

// AskToSign tells those who may sign that the application is ready for them.
func (n *Room) AskToSign(ctx context.Context, a ApplicationID, token string) (int, error) {
	told := 0
	err := n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.edit", m.editable()); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		if m.State != Draft && m.State != Completing {
			return CanMove(m.State, Submitted, "")
		}
		list, err := n.signatories(ctx, tx, m)
		if err != nil {
			return err
		}
		m.log(ctx, tx, "application.edit", "", map[string]any{"asked_to_sign": len(list)})
		to := addresses(list)
		told = len(to)
		return n.send(ctx, tx, to, "Intresseanmälan väntar på din underskrift: "+m.of.Title,
			"Intresseanmälan från "+m.Name()+" är klar att granskas och skrivas under.\n\n"+n.link(m.ID, "/granska"))
	})
	return told, err
}
