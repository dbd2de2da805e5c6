package interest

import (
	"context"
	"slices"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// SetOutcome tells the application its outcome in every kind that it seeks:
// vald, reserv or ej vald, with the reason (seed rule 004-08). It is called in
// the transaction of the selection's decision, which checks the right to decide.
func (n *Room) SetOutcome(ctx context.Context, tx *db.Tx, a ApplicationID, outcome State, reason string) error {
	return n.SetKindOutcome(ctx, tx, a, "", outcome, reason)
}

// SetKindOutcome is SetOutcome for one kind of participation; the application
// as a whole moves when each of its kinds has an outcome, to the best of them.
func (n *Room) SetKindOutcome(ctx context.Context, tx *db.Tx, a ApplicationID, kind string, outcome State, reason string) error {
	reason = tidy(reason)
	if !slices.Contains(outcomes, outcome) {
		return fail.Newf(fail.Invalid, "Utfallet %q finns inte.", outcome)
	}
	if reason == "" {
		return fail.New(fail.Invalid, "Varje utfall behöver ett motiv.")
	}
	m, err := n.hold(ctx, tx, a)
	if err != nil {
		return err
	}
	if !slices.Contains([]State{Eligible, Assessed, Reserve}, m.State) {
		return CanMove(m.State, outcome, reason)
	}
	if kind != "" && !m.Seeks(kind) {
		return fail.New(fail.NotFound, "Intresseanmälan gäller inte den deltagandeformen.")
	}
	for i, k := range m.Kinds {
		if kind != "" && k.ID != kind || k.Outcome == Selected && m.State == Reserve {
			continue
		}
		m.Kinds[i].Outcome, m.Kinds[i].Reason = outcome, reason
		if _, err := tx.Exec(ctx, `UPDATE application_kind SET outcome = ?, reason = ? WHERE application_id = ? AND kind = ?`, string(outcome), reason, int64(a), k.ID); err != nil {
			return err
		}
	}
	m.log(ctx, tx, "selection.decide", reason, map[string]any{"kind": kind, "outcome": outcome})
	if m.State == Eligible {
		if err := n.move(ctx, tx, &m, Assessed, "selection.decide", ""); err != nil {
			return err
		}
	}
	to, done := togetherOutcome(m.Kinds)
	if !done || to == m.State {
		return nil
	}
	if err := n.move(ctx, tx, &m, to, "selection.decide", reason); err != nil {
		return err
	}
	if to == Selected && m.of.FormalDecision {
		return n.askForDecisions(ctx, tx, m)
	}
	return nil
}

// SetAssessed notes that the assessment of an eligible application is done.
func (n *Room) SetAssessed(ctx context.Context, tx *db.Tx, a ApplicationID) error {
	m, err := n.hold(ctx, tx, a)
	if err != nil || m.State == Assessed {
		m.log(ctx, tx, "assessment.write", "", nil)
		return err
	}
	return n.move(ctx, tx, &m, Assessed, "assessment.write", "")
}

// Accepted is a targeted invitation that a municipality has said yes to.
type Accepted struct {
	Call  CallID
	Org   who.OrgID
	With  []who.OrgID // the other invited municipalities of the same atom
	Kinds []string    // empty: all of the call's
	// Reference is the municipality's own registry number for the matter.
	Reference string
}

// AcceptInvitation makes an accepted invitation a selected application, or
// joins the one that another municipality of the atom began. Nothing is left
// to assess: what remains is each municipality's formal decision. It is called
// in the transaction of the answer, which checks the right to give it.
func (n *Room) AcceptInvitation(ctx context.Context, tx *db.Tx, x Accepted) (ApplicationID, error) {
	c, err := n.deps.Call(ctx, tx, x.Call)
	if err != nil {
		return 0, err
	}
	begun, err := db.Values[ApplicationID](ctx, tx, `SELECT a.id FROM application a JOIN applicant p ON p.application_id = a.id
		WHERE a.call_id = ? AND a.invited = ? AND a.state <> 'återtagen' AND p.org_id = ? ORDER BY a.id`, int64(x.Call), true, int64(x.Org))
	if err != nil {
		return 0, err
	}
	if len(begun) > 0 {
		return begun[0], n.join(ctx, tx, begun[0], x)
	}
	return n.begin(ctx, tx, c, x)
}

// begin makes the application of the first municipality that says yes.
func (n *Room) begin(ctx context.Context, tx *db.Tx, c Call, x Accepted) (ApplicationID, error) {
	if len(x.Kinds) == 0 {
		for _, k := range c.Kinds {
			x.Kinds = append(x.Kinds, k.ID)
		}
	}
	lead, err := n.applicant(ctx, tx, c, x.Org)
	if err != nil {
		return 0, err
	}
	a, err := n.create(ctx, tx, c, Starting{Call: x.Call, Org: x.Org, Kinds: x.Kinds, Joint: len(x.With) > 0}, lead, true)
	if err != nil {
		return 0, err
	}
	for _, org := range x.With {
		other, err := n.applicant(ctx, tx, c, org)
		if err != nil {
			return 0, err
		}
		if org == x.Org {
			continue
		}
		if err := putApplicant(ctx, tx, a, other); err != nil {
			return 0, err
		}
	}
	const why = "Tackade ja till en riktad inbjudan."
	if _, err := tx.Exec(ctx, `UPDATE application SET state = ?, submitted_at = ? WHERE id = ?`, string(Selected), tx.Now(), int64(a)); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE application_kind SET outcome = ?, reason = ? WHERE application_id = ?`, string(Selected), why, int64(a)); err != nil {
		return 0, err
	}
	if err := event(ctx, tx, a, Draft, Selected, why); err != nil {
		return 0, err
	}
	return a, n.join(ctx, tx, a, x)
}

// join notes one municipality's yes and asks for its decision.
func (n *Room) join(ctx context.Context, tx *db.Tx, a ApplicationID, x Accepted) error {
	m, err := n.hold(ctx, tx, a)
	if err != nil {
		return err
	}
	if m.State != Selected {
		return CanMove(m.State, Selected, "")
	}
	member, _ := m.member(x.Org)
	if member.State != Joined {
		if err := n.setApplicant(ctx, tx, m, member, Joined); err != nil {
			return err
		}
	}
	m.log(ctx, tx, "invitation.answer", "", map[string]any{"org": x.Org, "reference": x.Reference})
	if !m.of.FormalDecision {
		return nil
	}
	d, err := n.newDecision(ctx, tx, m, x.Org)
	if err != nil || x.Reference == "" {
		return err
	}
	return n.putDecision(ctx, tx, m, d, DecisionContent{Own: x.Reference}, "invitation.answer")
}

// DeclineInvitation notes that an invited municipality does not take part in
// the atom that others began; nothing where there is none.
func (n *Room) DeclineInvitation(ctx context.Context, tx *db.Tx, call CallID, org who.OrgID) error {
	begun, err := db.Values[ApplicationID](ctx, tx, `SELECT a.id FROM application a JOIN applicant p ON p.application_id = a.id
		WHERE a.call_id = ? AND a.invited = ? AND a.state <> 'återtagen' AND p.org_id = ? AND p.state = 'inbjuden'`, int64(call), true, int64(org))
	if err != nil || len(begun) == 0 {
		return err
	}
	m, err := n.hold(ctx, tx, begun[0])
	if err != nil {
		return err
	}
	x, _ := m.member(org)
	return n.setApplicant(ctx, tx, m, x, Declined)
}
