package interest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/who"
)

const decisionColumns = `id, application_id, org_id, state, content, in_force, file_name, file_type, file_size, file_hash, registered_at, registered_by, version`

func scanDecision(r db.Row) (d Decision, err error) {
	var content string
	if err := r.Scan(&d.ID, &d.Application, &d.Org, &d.State, &content, &d.Final, &d.File.Name, &d.File.Type, &d.File.Size, &d.File.Hash, &d.RegisteredAt, &d.RegisteredBy, &d.Version); err != nil {
		return d, err
	}
	err = json.Unmarshal([]byte(content), &d.DecisionContent)
	d.Clock = d.clock()
	return d, err
}

// Decisions reads the decisions of an application's municipalities.
func (n *Room) Decisions(ctx context.Context, q db.Q, a ApplicationID) ([]Decision, error) {
	return db.All(ctx, q, scanDecision, `SELECT `+decisionColumns+` FROM municipal_decision WHERE application_id = ? ORDER BY org_id`, int64(a))
}

func decisionOf(list []Decision, org who.OrgID) Decision {
	i := slices.IndexFunc(list, func(d Decision) bool { return d.Org == org })
	if i < 0 {
		return Decision{Org: org, State: Requested}
	}
	return list[i]
}

// askForDecisions makes a row for each member municipality that has none.
func (n *Room) askForDecisions(ctx context.Context, tx *db.Tx, m matter) error {
	there, err := n.Decisions(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	for _, a := range m.Members() {
		if decisionOf(there, a.Org).ID != 0 {
			continue
		}
		if _, err := n.newDecision(ctx, tx, m, a.Org); err != nil {
			return err
		}
	}
	return nil
}

func (n *Room) newDecision(ctx context.Context, tx *db.Tx, m matter, org who.OrgID) (Decision, error) {
	d := Decision{Application: m.ID, Org: org, State: Requested, Version: 1}
	var err error
	d.ID, err = db.Insert[DecisionID](ctx, tx, `INSERT INTO municipal_decision (application_id, org_id, state, content) VALUES (?, ?, ?, '{}') RETURNING id`, int64(m.ID), int64(org), string(Requested))
	if err != nil {
		return d, err
	}
	return d, decisionEvent(ctx, tx, d.ID, "", Requested, "")
}

func decisionEvent(ctx context.Context, tx *db.Tx, d DecisionID, from, to DecisionState, why string) error {
	_, err := tx.Exec(ctx, `INSERT INTO municipal_decision_event (municipal_decision_id, at, person_id, from_state, to_state, reason) VALUES (?, ?, ?, ?, ?, ?)`,
		int64(d), tx.Now(), int64(who.From(ctx).Person), string(from), string(to), why)
	return err
}

// deciding reads the application and one member's decision for an act.
func (n *Room) deciding(ctx context.Context, tx *db.Tx, a ApplicationID, org who.OrgID, action, token string) (m matter, d Decision, err error) {
	if m, err = n.hold(ctx, tx, a); err != nil {
		return m, d, err
	}
	x, ok := m.member(org)
	if !ok || x.State != Joined {
		return m, d, fail.New(fail.NotFound, "Kommunen är inte med i intresseanmälan.")
	}
	if err := may(ctx, action, m.only(x)); err != nil {
		return m, d, err
	}
	if err := db.Once(ctx, tx, token); err != nil {
		return m, d, err
	}
	if m.Submitted.IsZero() || m.State == Withdrawn || m.State == Ineligible || m.State == NotSelected {
		return m, d, fail.New(fail.Conflict, "Beslut kan registreras när intresseanmälan är inlämnad och fortfarande är aktuell.")
	}
	list, err := n.Decisions(ctx, tx, a)
	if err != nil {
		return m, d, err
	}
	if d = decisionOf(list, org); d.ID == 0 {
		d, err = n.newDecision(ctx, tx, m, org)
	}
	return m, d, err
}

// SaveDecision stores what is known of a municipality's decision. A file is
// kept beside it where one is sent. version is the decision's; 0 and 1 are new.
func (n *Room) SaveDecision(ctx context.Context, a ApplicationID, org who.OrgID, version int64, c DecisionContent, file *Upload, token string) error {
	var f Attachment
	if file != nil {
		if err := n.deps.DB.Read(ctx, func(q db.Q) error { return n.mayDecide(ctx, q, a, org) }); err != nil {
			return err
		}
		var err error
		if f, err = n.stored(ctx, *file); err != nil {
			return err
		}
	}
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, d, err := n.deciding(ctx, tx, a, org, "decision.edit", token)
		if err != nil {
			return err
		}
		if err := c.check(today(tx)); err != nil {
			return err
		}
		if d.Registered() && c.AppealSays != AppealGranted { // what was registered can be added to, not emptied
			if err := c.complete(); err != nil {
				return err
			}
		}
		if f.Hash != "" {
			d.File = f
		}
		d.Version = max(version, 1)
		return n.putDecision(ctx, tx, m, d, c, "decision.edit")
	})
}

func (n *Room) mayDecide(ctx context.Context, q db.Q, a ApplicationID, org who.OrgID) error {
	m, err := n.matter(ctx, q, a)
	if err != nil {
		return err
	}
	x, ok := m.member(org)
	if !ok {
		return fail.New(fail.NotFound, "Kommunen är inte med i intresseanmälan.")
	}
	return may(ctx, "decision.edit", m.only(x))
}

// putDecision stores the content, the computed dates and the state that follows.
func (n *Room) putDecision(ctx context.Context, tx *db.Tx, m matter, d Decision, c DecisionContent, act string) error {
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("interest: decision: %w", err)
	}
	to, final := c.stateOn(today(tx)), c.final()
	if err := db.Changed(tx.Exec(ctx, `UPDATE municipal_decision SET state = ?, content = ?, appeal_end = ?, in_force = ?, file_name = ?, file_type = ?, file_size = ?, file_hash = ?, version = version + 1 WHERE id = ? AND version = ?`,
		string(to), string(b), string(c.clock().AppealEnd), string(final), d.File.Name, d.File.Type, d.File.Size, d.File.Hash, int64(d.ID), d.Version)); err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: act, Object: "municipal_decision:" + id.String(d.ID), Programme: m.Programme, Org: d.Org, Data: c})
	if c.AppealSays == AppealGranted { // the municipality registers a new decision
		if _, err := tx.Exec(ctx, `UPDATE municipal_decision SET registered_at = ?, registered_by = 0 WHERE id = ?`, time.Time{}, int64(d.ID)); err != nil {
			return err
		}
	}
	if to == d.State {
		return nil
	}
	why := ""
	switch {
	case c.AppealSays == AppealGranted:
		why = "Beslutet upphävdes " + string(c.AppealEnded) + "."
	case to == Appealed:
		why = "Överklagandet kom in " + string(c.Appealed) + "."
	}
	if err := decisionEvent(ctx, tx, d.ID, d.State, to, why); err != nil {
		return err
	}
	if why == "" {
		return nil
	}
	x, _ := m.member(d.Org)
	return n.tellOwner(ctx, tx, m, "Kommunbeslut: "+x.Name, x.Name+": "+why+"\n\n"+n.link(m.ID, "/beslut"))
}

// RegisterDecision says that the decision is the municipality's, complete and
// right. When the last member's is registered, a selected application is
// confirmed. It tells whether that happened.
func (n *Room) RegisterDecision(ctx context.Context, a ApplicationID, org who.OrgID, token string) (confirmed bool, err error) {
	err = n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, d, err := n.deciding(ctx, tx, a, org, "decision.confirm", token)
		if err != nil {
			return err
		}
		if d.Registered() {
			return fail.New(fail.Conflict, "Beslutet är redan registrerat.")
		}
		if err := d.complete(); err != nil {
			return err
		}
		if err := db.Changed(tx.Exec(ctx, `UPDATE municipal_decision SET registered_at = ?, registered_by = ?, version = version + 1 WHERE id = ?`, tx.Now(), int64(who.From(ctx).Person), int64(d.ID))); err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "decision.confirm", Object: "municipal_decision:" + id.String(d.ID), Programme: m.Programme, Org: org, Data: d.DecisionContent})
		x, _ := m.member(org)
		says := "att delta"
		if d.Joins == "nej" {
			says = "att inte delta"
		}
		if err := n.tellOwner(ctx, tx, m, "Kommunbeslut registrerat: "+x.Name, x.Name+" har registrerat sitt beslut "+says+", "+d.Organ+" "+string(d.Day)+" "+d.Paragraph+".\n\n"+n.link(a, "/beslut")); err != nil {
			return err
		}
		list, err := n.Decisions(ctx, tx, a)
		if err != nil {
			return err
		}
		if confirmed = m.canConfirm(list) == nil; !confirmed { // others are still to decide, or the selection is
			return nil
		}
		return n.confirmed(ctx, tx, &m, list)
	})
	return confirmed, err
}

// Confirm confirms a selected application whose decisions are registered, or
// whose call asks for none.
func (n *Room) Confirm(ctx context.Context, a ApplicationID, token string) error {
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		if may(ctx, "participation.edit", m.resource()) != nil { // the owner may too
			if err := may(ctx, "decision.confirm", m.editable()); err != nil {
				return err
			}
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		list, err := n.Decisions(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := m.canConfirm(list); err != nil {
			return err
		}
		return n.confirmed(ctx, tx, &m, list)
	})
}

// confirmed moves the application on and begins its participations.
func (n *Room) confirmed(ctx context.Context, tx *db.Tx, m *matter, decisions []Decision) error {
	why := ""
	if m.of.FormalDecision {
		why = "Alla kommuners beslut är registrerade."
	}
	if err := n.move(ctx, tx, m, Confirmed, "decision.confirm", why); err != nil {
		return err
	}
	if err := n.beginParticipations(ctx, tx, *m, decisions); err != nil {
		return err
	}
	return n.tellMembers(ctx, tx, *m, "Deltagandet är bekräftat: "+m.of.Title, strings.TrimSpace(m.Name()+" deltar i "+m.of.Title+". "+why)+"\n\n"+n.link(m.ID, ""))
}

// tickDecisions lets decisions come into force on their day.
func (n *Room) tickDecisions(ctx context.Context, now calendar.Date) error {
	var due []Decision
	err := n.deps.DB.Read(ctx, func(q db.Q) (err error) {
		due, err = db.All(ctx, q, scanDecision, `SELECT `+decisionColumns+` FROM municipal_decision WHERE state IN ('anslaget', 'överklagat') AND in_force <> '' AND in_force <= ? ORDER BY id`, string(now))
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range due {
		err := n.deps.DB.Write(ctx, func(tx *db.Tx) error {
			m, err := n.hold(ctx, tx, d.Application)
			if err != nil {
				return err
			}
			m.log(ctx, tx, "decision.edit", "", map[string]any{"decision": d.ID, "in_force": d.Final})
			rows, err := tx.Exec(ctx, `UPDATE municipal_decision SET state = ? WHERE id = ? AND state = ? AND version = ?`, string(InForce), int64(d.ID), string(d.State), d.Version)
			if err != nil || rows == 0 { // changed meanwhile: next time
				return err
			}
			return decisionEvent(ctx, tx, d.ID, d.State, InForce, "")
		})
		if err != nil {
			return err
		}
	}
	return nil
}
