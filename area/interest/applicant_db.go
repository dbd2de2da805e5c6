package interest

import (
	"context"
	"slices"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// maxApplicants is how many municipalities one atom may have.
const maxApplicants = 20

// canInvite tells whether a municipality may be asked to join.
func canInvite(m matter, a Applicant) error {
	field := func(message string) error { return fail.Fields(fail.Field{Name: "kommun", Message: message}) }
	switch {
	case m.State != Draft:
		return fail.New(fail.Conflict, "Intresseanmälan är inlämnad; de som deltar kan inte ändras.")
	case !m.of.Joint:
		return fail.New(fail.Conflict, "I den här utlysningen svarar varje kommun för sig.")
	case a.Kommun == "":
		return field("Bara kommuner och kommundelsnämnder kan svara.")
	case len(m.Active()) >= maxApplicants:
		return field("Högst 20 kommuner kan delta tillsammans.")
	case len(m.of.Members) > 0 && !slices.Contains(m.of.Members, a.Kommun):
		return field("Kommunen finns inte i listan över dem som kan svara.")
	}
	for _, x := range m.Active() {
		if x.Kommun == a.Kommun {
			return field("Kommunen är redan med.")
		}
	}
	return nil
}

// InviteApplicant asks a municipality, by its code, to join the atom.
func (n *Room) InviteApplicant(ctx context.Context, a ApplicationID, code, token string) error {
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
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
		org, err := n.deps.OrgByCode(ctx, tx, code)
		if fail.Is(err, fail.NotFound) {
			return fail.Fields(fail.Field{Name: "kommun", Message: "Välj en kommun i listan."})
		}
		if err != nil {
			return err
		}
		x, err := n.applicant(ctx, tx, m.of, org.ID)
		if err != nil {
			return err
		}
		if err := canInvite(m, x); err != nil {
			return err
		}
		if err := n.setApplicant(ctx, tx, m, x, Invited); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE application SET together = ? WHERE id = ?`, true, int64(a)); err != nil {
			return err
		}
		people, err := n.peopleOf(ctx, tx, m, x, who.Foretradare, who.Kommunkontakt)
		if err != nil {
			return err
		}
		return n.send(ctx, tx, addresses(people), "Vill ni delta tillsammans? "+m.of.Title,
			m.Name()+" vill att "+x.Name+" är med i en gemensam intresseanmälan till "+m.of.Title+".\n\nKommunens behöriga företrädare svarar här:\n"+n.link(a, "/medsokande"))
	})
}

// setApplicant puts a member in a state, and says so in the log.
func (n *Room) setApplicant(ctx context.Context, tx *db.Tx, m matter, x Applicant, to ApplicantState) error {
	x.State = to
	if _, there := m.member(x.Org); !there {
		if err := putApplicant(ctx, tx, m.ID, x); err != nil {
			return err
		}
	} else if err := db.Changed(tx.Exec(ctx, `UPDATE applicant SET state = ?, at = ?, person_id = ? WHERE application_id = ? AND org_id = ?`,
		string(to), tx.Now(), int64(who.From(ctx).Person), int64(m.ID), int64(x.Org))); err != nil {
		return err
	}
	m.log(ctx, tx, "application.edit", "", map[string]any{"applicant": x.Org, "state": to})
	return nil
}

// AnswerApplicant is a municipality's answer to the question of joining. It
// binds the municipality, so its representative gives it.
func (n *Room) AnswerApplicant(ctx context.Context, a ApplicationID, org who.OrgID, joins bool, token string) error {
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		x, ok := m.member(org)
		if !ok {
			return fail.New(fail.NotFound, "Kommunen är inte tillfrågad.")
		}
		if err := may(ctx, "application.sign", m.only(x)); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		if m.State != Draft || x.Lead || x.State != Invited && x.State != Joined {
			return fail.New(fail.Conflict, "Frågan är redan besvarad, eller så är intresseanmälan inlämnad.")
		}
		to := Declined
		if joins {
			to = Joined
		}
		return n.setApplicant(ctx, tx, m, x, to)
	})
}

// RemoveApplicant takes a municipality out of the atom before it is sent.
func (n *Room) RemoveApplicant(ctx context.Context, a ApplicationID, org who.OrgID, token string) error {
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.edit", m.led()); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		x, ok := m.member(org)
		if !ok || x.Lead || m.State != Draft {
			return fail.New(fail.Conflict, "Kommunen kan inte tas bort.")
		}
		return n.setApplicant(ctx, tx, m, x, Removed)
	})
}

// ApplyAlone says that nobody else takes part.
func (n *Room) ApplyAlone(ctx context.Context, a ApplicationID, token string) error {
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.edit", m.led()); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		if m.State != Draft || len(m.Active()) > 1 {
			return fail.New(fail.Conflict, "Ta först bort de kommuner som är med.")
		}
		if _, err := tx.Exec(ctx, `UPDATE application SET together = ? WHERE id = ?`, false, int64(a)); err != nil {
			return err
		}
		m.log(ctx, tx, "application.edit", "", map[string]any{"joint": false})
		return nil
	})
}
