package interest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

const participationColumns = `id, application_id, call_id, programme_id, kind, from_day, to_day, state, obligations, version`

func scanParticipation(r db.Row) (p Participation, err error) {
	var obligations string
	if err := r.Scan(&p.ID, &p.Application, &p.Call, &p.Programme, &p.Kind, &p.From, &p.To, &p.State, &obligations, &p.Version); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(obligations), &p.Obligations)
}

func participationsOf(ctx context.Context, q db.Q, a ApplicationID) ([]Participation, error) {
	return db.All(ctx, q, scanParticipation, `SELECT `+participationColumns+` FROM participation WHERE application_id = ? ORDER BY id`, int64(a))
}

// TakingPart is one who takes part in a call, for lists and maps: one atom.
type TakingPart struct {
	Title          string
	Kind           string
	Municipalities []string
	State          ParticipationState
	Application    ApplicationID
	Final          calendar.Date // when the last municipality's decision stands; "" not known
}

// Participants lists the participations of a call, those that have been broken
// off or replaced left out, in the order in which they were confirmed.
func (n *Room) Participants(ctx context.Context, q db.Q, call CallID) ([]TakingPart, error) {
	list, err := db.All(ctx, q, scanParticipation, `SELECT `+participationColumns+` FROM participation WHERE call_id = ? AND state NOT IN ('avbruten', 'ersatt') ORDER BY id`, int64(call))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	const taking = `IN (SELECT application_id FROM participation WHERE call_id = ?)`
	applications, err := db.All(ctx, q, scanApplications(), `SELECT `+applicationColumns+` FROM application WHERE id `+taking, int64(call))
	if err != nil {
		return nil, err
	}
	if err := fillIn(ctx, q, applications, taking, int64(call)); err != nil {
		return nil, err
	}
	decisions, err := db.All(ctx, q, scanDecision, `SELECT `+decisionColumns+` FROM municipal_decision WHERE application_id IN (SELECT id FROM application WHERE call_id = ?)`, int64(call))
	if err != nil {
		return nil, err
	}
	var out []TakingPart
	for _, p := range list {
		i := slices.IndexFunc(applications, func(a Application) bool { return a.ID == p.Application })
		if i < 0 {
			continue
		}
		a := applications[i]
		out = append(out, TakingPart{Title: a.Name(), Kind: p.Kind, Municipalities: a.Municipalities(), State: p.State, Application: a.ID, Final: finalOf(decisions, a.ID)})
	}
	return out, nil
}

// Municipalities lists the codes of the municipalities that take part in a
// programme, each once, in order.
func (n *Room) Municipalities(ctx context.Context, q db.Q, pid who.ProgrammeID) ([]string, error) {
	return db.Values[string](ctx, q, `SELECT DISTINCT kommun FROM applicant WHERE kommun <> '' AND state = ? AND application_id IN
		(SELECT application_id FROM participation WHERE programme_id = ? AND state NOT IN ('avbruten', 'ersatt')) ORDER BY kommun`, string(Joined), int64(pid))
}

// finalOf is the day on which the last decision of the atom stands; "" where
// one is missing.
func finalOf(decisions []Decision, a ApplicationID) calendar.Date {
	last := calendar.Date("")
	for _, d := range decisions {
		if d.Application == a {
			if d.Final == "" {
				return ""
			}
			last = max(last, d.Final)
		}
	}
	return last
}

// beginParticipations makes a participation of each kind that was selected.
func (n *Room) beginParticipations(ctx context.Context, tx *db.Tx, m matter, decisions []Decision) error {
	for _, k := range m.soughtKinds() {
		i := slices.IndexFunc(m.Kinds, func(x ChosenKind) bool { return x.ID == k.ID })
		if m.Kinds[i].Outcome != Selected {
			continue
		}
		b, err := json.Marshal(m.obligations(decisions))
		if err != nil {
			return fmt.Errorf("interest: obligations: %w", err)
		}
		if now, ok := m.of.kind(k.ID); ok { // the period is the call's own, not the form's
			k.From, k.To = now.From, now.To
		}
		p, err := db.Insert[ParticipationID](ctx, tx, `INSERT INTO participation (application_id, call_id, programme_id, kind, from_day, to_day, state, obligations) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			int64(m.ID), int64(m.Call), int64(m.Programme), k.ID, string(k.From), string(k.To), string(Agreed), string(b))
		if err != nil {
			return err
		}
		if err := participationEvent(ctx, tx, p, "", Agreed, ""); err != nil {
			return err
		}
	}
	return nil
}

func participationEvent(ctx context.Context, tx *db.Tx, p ParticipationID, from, to ParticipationState, why string) error {
	_, err := tx.Exec(ctx, `INSERT INTO participation_event (participation_id, at, person_id, from_state, to_state, reason) VALUES (?, ?, ?, ?, ?, ?)`,
		int64(p), tx.Now(), int64(who.From(ctx).Person), string(from), string(to), why)
	return err
}

// breakOff ends the participations of an application that is withdrawn.
func (n *Room) breakOff(ctx context.Context, tx *db.Tx, m matter, motive string) error {
	list, err := participationsOf(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	for _, p := range list {
		if canMoveParticipation(p.State, Broken, motive) == nil {
			if err := n.moveParticipation(ctx, tx, p, Broken, motive); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *Room) moveParticipation(ctx context.Context, tx *db.Tx, p Participation, to ParticipationState, motive string) error {
	if err := canMoveParticipation(p.State, to, motive); err != nil {
		return err
	}
	if err := db.Changed(tx.Exec(ctx, `UPDATE participation SET state = ?, version = version + 1 WHERE id = ? AND state = ?`, string(to), int64(p.ID), string(p.State))); err != nil {
		return err
	}
	p.log(ctx, tx, motive, map[string]any{"from": p.State, "to": to})
	return participationEvent(ctx, tx, p.ID, p.State, to, motive)
}

func (p Participation) log(ctx context.Context, tx *db.Tx, why string, data any) {
	audit.Log(ctx, tx, audit.Entry{Act: "participation.edit", Object: "participation:" + id.String(p.ID), Programme: p.Programme, Reason: why, Data: data})
}

// takingPart is a participation with its application and call.
type takingPart struct {
	Participation
	m matter
}

func (t takingPart) resource() policy.Resource {
	r := t.m.editable()
	r.Public = false // what is followed up is between the parties
	return r
}

func (n *Room) takingPart(ctx context.Context, q db.Q, p ParticipationID, action string) (takingPart, error) {
	x, err := db.One(ctx, q, scanParticipation, `SELECT `+participationColumns+` FROM participation WHERE id = ?`, int64(p))
	if err != nil {
		return takingPart{}, err
	}
	m, err := n.matter(ctx, q, x.Application)
	if err != nil {
		return takingPart{}, err
	}
	t := takingPart{x, m}
	return t, may(ctx, action, t.resource())
}

// ChangeParticipation sets the period, or breaks off or replaces the
// participation, with a motive. to "" keeps the state.
func (n *Room) ChangeParticipation(ctx context.Context, p ParticipationID, version int64, from, end calendar.Date, to ParticipationState, motive, token string) error {
	motive = tidy(motive)
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := n.takingPart(ctx, tx, p, "participation.edit")
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		if err := checkPeriod(from, end); err != nil {
			return err
		}
		if utf8.RuneCountInString(motive) > maxMotive {
			return fail.Fields(fail.Field{Name: "motive", Message: "Motivet är för långt: högst 4 000 tecken."})
		}
		if err := db.Changed(tx.Exec(ctx, `UPDATE participation SET from_day = ?, to_day = ?, version = version + 1 WHERE id = ? AND version = ?`, string(from), string(end), int64(p), version)); err != nil {
			return err
		}
		t.log(ctx, tx, motive, map[string]any{"from": from, "to": end, "state": to})
		if to == "" || to == t.State {
			return nil
		}
		return n.moveParticipation(ctx, tx, t.Participation, to, motive)
	})
}

// FollowUp stores whether each obligation is met, by requirement.
func (n *Room) FollowUp(ctx context.Context, p ParticipationID, version int64, met, notes map[string]string, token string) error {
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := n.takingPart(ctx, tx, p, "participation.edit")
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		var wrong problems
		for i, o := range t.Obligations {
			if !o.Requirement.AtFollowUp {
				continue
			}
			v, note := met[o.Requirement.ID], tidy(notes[o.Requirement.ID])
			if !slices.Contains([]string{"", "ja", "delvis", "nej"}, v) {
				wrong.add("met-"+o.Requirement.ID, "Välj ett av alternativen.")
			}
			if (v == "delvis" || v == "nej") && note == "" {
				wrong.add("note-"+o.Requirement.ID, "Beskriv vad som brister.")
			}
			wrong.text("note-"+o.Requirement.ID, note)
			if v != o.Met || note != o.Note {
				t.Obligations[i].Met, t.Obligations[i].Note, t.Obligations[i].Day = v, note, today(tx)
			}
		}
		if err := fail.Fields(wrong...); err != nil {
			return err
		}
		b, err := json.Marshal(t.Obligations)
		if err != nil {
			return fmt.Errorf("interest: obligations: %w", err)
		}
		if err := db.Changed(tx.Exec(ctx, `UPDATE participation SET obligations = ?, version = version + 1 WHERE id = ? AND version = ?`, string(b), int64(p), version)); err != nil {
			return err
		}
		t.log(ctx, tx, "", t.Obligations)
		return nil
	})
}

// tickParticipations begins and ends participations on their days.
func (n *Room) tickParticipations(ctx context.Context, now calendar.Date) error {
	var list []Participation
	err := n.deps.DB.Read(ctx, func(q db.Q) (err error) {
		list, err = db.All(ctx, q, scanParticipation, `SELECT `+participationColumns+` FROM participation WHERE (state = 'bekräftad' AND from_day <> '' AND from_day <= ?) OR (state = 'pågår' AND to_day <> '' AND to_day < ?) ORDER BY id`, string(now), string(now))
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range list {
		err := n.deps.DB.Write(ctx, func(tx *db.Tx) error { return n.moveParticipation(ctx, tx, p, p.next(now), "") })
		if err != nil && !fail.Is(err, fail.Conflict) { // another node was first
			return err
		}
	}
	return nil
}
