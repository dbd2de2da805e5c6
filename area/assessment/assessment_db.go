package assessment

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

const columns = `id, call_id, application_id, person_id, state, version, content`

func scan(r db.Row) (a Assessment, err error) {
	var content string
	if err := r.Scan(&a.ID, &a.Call, &a.Application, &a.Person, &a.State, &a.Version, &content); err != nil {
		return a, err
	}
	if err := json.Unmarshal([]byte(content), &a.Scores); err != nil {
		return a, fmt.Errorf("assessment %d: %w", a.ID, err)
	}
	return a, nil
}

// ofCall lists a call's assessments, by application and assessor.
func ofCall(ctx context.Context, q db.Q, cid CallID) ([]Assessment, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM assessment WHERE call_id = ? ORDER BY application_id, person_id`, cid)
}

// isLocked tells whether the blind round of the call is over.
func isLocked(ctx context.Context, q db.Q, cid CallID) (bool, error) {
	n, err := db.Value[int](ctx, q, `SELECT COUNT(*) FROM round WHERE call_id = ?`, cid)
	return n > 0, err
}

// Declaration is what an assessor has said about ties to municipalities.
type Declaration struct {
	Person who.PersonID
	Ties   []string
	Motive string
}

func declarations(ctx context.Context, q db.Q, cid CallID) (map[who.PersonID]Declaration, error) {
	rows, err := db.All(ctx, q, func(r db.Row) (d Declaration, err error) {
		var ties string
		if err := r.Scan(&d.Person, &ties, &d.Motive); err != nil {
			return d, err
		}
		return d, json.Unmarshal([]byte(ties), &d.Ties)
	}, `SELECT person_id, ties, motive FROM declaration WHERE call_id = ?`, cid)
	out := map[who.PersonID]Declaration{}
	for _, d := range rows {
		out[d.Person] = d
	}
	return out, err
}

// eligible lists the applications that are to be assessed.
func (o *Room) eligible(ctx context.Context, q db.Q, cid CallID) ([]Application, error) {
	all, err := o.deps.Applications(ctx, q, cid)
	return slices.DeleteFunc(slices.Clone(all), func(a Application) bool { return !a.Eligible }), err
}

// act opens a transaction on a call for someone who may do the action on it.
func (o *Room) act(ctx context.Context, cid CallID, action, once string, fn func(tx *db.Tx, c Call) error) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		c, err := o.deps.Call(ctx, tx, cid)
		if err != nil {
			return err
		}
		if action != "" {
			if err := policy.Check(who.From(ctx), action, c.resource()); err != nil {
				return err
			}
		}
		return fn(tx, c)
	})
}

func logCall(ctx context.Context, tx *db.Tx, c Call, act, reason string, data any) {
	audit.Log(ctx, tx, audit.Entry{Act: act, Object: "call:" + id.String(c.ID), Programme: c.Programme, Reason: reason, Data: data})
}

// Assign gives applications to an assessor.
func (o *Room) Assign(ctx context.Context, cid CallID, person who.PersonID, applications []ApplicationID, once string) error {
	return o.act(ctx, cid, "assessment.assign", once, func(tx *db.Tx, c Call) error {
		return o.assign(ctx, tx, c, map[who.PersonID][]ApplicationID{person: applications})
	})
}

// Distribute gives every eligible application to so many assessors, evenly.
func (o *Room) Distribute(ctx context.Context, cid CallID, per int, once string) error {
	return o.act(ctx, cid, "assessment.assign", once, func(tx *db.Tx, c Call) error {
		apps, err := o.eligible(ctx, tx, cid)
		if err != nil {
			return err
		}
		people, err := o.deps.Assessors(ctx, tx, c.Owners)
		if err != nil {
			return err
		}
		if len(people) < per || per < 1 {
			return fail.Fields(fail.Field{Name: "per", Message: fmt.Sprintf("Det finns %d bedömare. Skriv ett antal från 1 till %d.", len(people), len(people))})
		}
		said, err := declarations(ctx, tx, cid)
		if err != nil {
			return err
		}
		var ids []ApplicationID
		byID := map[ApplicationID]Application{}
		for _, a := range apps {
			ids, byID[a.ID] = append(ids, a.ID), a
		}
		var persons []who.PersonID
		for _, p := range people {
			persons = append(persons, p.ID)
		}
		plan := distribute(ids, persons, per, func(a ApplicationID, p who.PersonID) bool {
			return c.lockedOut(byID[a], apps, said[p].Ties, o.deps.Register(c.Edition))
		})
		work := map[who.PersonID][]ApplicationID{}
		for _, a := range ids {
			for _, p := range plan[a] {
				work[p] = append(work[p], a)
			}
		}
		return o.assign(ctx, tx, c, work)
	})
}

func (o *Room) assign(ctx context.Context, tx *db.Tx, c Call, work map[who.PersonID][]ApplicationID) error {
	if !c.Closed {
		return fail.New(fail.Conflict, "Utlysningen tar fortfarande emot svar. Bedömningen börjar när den har stängt.")
	}
	if locked, err := isLocked(ctx, tx, c.ID); err != nil || locked {
		return orConflict(err, "Omgången är låst. Inga fler kan tilldelas.")
	}
	apps, err := o.eligible(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	people, err := o.deps.Assessors(ctx, tx, c.Owners)
	if err != nil {
		return err
	}
	given := 0
	for _, p := range people { // in the people's order, so that ids are the same each time
		for _, a := range work[p.ID] {
			if !slices.ContainsFunc(apps, func(x Application) bool { return x.ID == a }) {
				return fail.New(fail.Conflict, "Bara behöriga svar bedöms.")
			}
			n, err := tx.Exec(ctx, `INSERT INTO assessment (call_id, application_id, person_id, state, version, content) VALUES (?, ?, ?, ?, 1, '{}') ON CONFLICT (application_id, person_id) DO NOTHING`,
				c.ID, a, p.ID, string(NotBegun))
			if err != nil {
				return err
			}
			given += int(n)
		}
	}
	logCall(ctx, tx, c, "assessment.assign", "", map[string]int{"given": given})
	if c.State == "stängd" {
		return o.deps.SetCallState(ctx, tx, c.ID, "bedömning", "")
	}
	return nil
}

func orConflict(err error, message string) error {
	if err != nil {
		return err
	}
	return fail.New(fail.Conflict, message)
}

// assigned gives the actor's own assessments in the call.
func assigned(ctx context.Context, q db.Q, cid CallID, person who.PersonID) ([]Assessment, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM assessment WHERE call_id = ? AND person_id = ? ORDER BY application_id`, cid, person)
}

// Declare stores the actor's ties to municipalities in the call, or that there
// are none; the assessments that they lock are closed.
func (o *Room) Declare(ctx context.Context, cid CallID, ties []string, motive, once string) error {
	return o.act(ctx, cid, "", once, func(tx *db.Tx, c Call) error {
		person := who.From(ctx).Person
		own, err := assigned(ctx, tx, cid, person)
		if err != nil {
			return err
		}
		if err := o.checkDeclare(ctx, c, own); err != nil {
			return err
		}
		if len(ties) > 0 && motive == "" {
			return fail.Fields(fail.Field{Name: "motive", Message: "Skriv vilken anknytning du har."})
		}
		body, err := json.Marshal(ties)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO declaration (call_id, person_id, at, ties, motive) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (call_id, person_id) DO UPDATE SET at = excluded.at, ties = excluded.ties, motive = excluded.motive`,
			cid, person, tx.Now(), string(body), motive); err != nil {
			return err
		}
		logCall(ctx, tx, c, "assessment.declare", motive, map[string]any{"person": person, "ties": ties})
		apps, err := o.eligible(ctx, tx, cid)
		if err != nil {
			return err
		}
		for _, a := range own {
			i := slices.IndexFunc(apps, func(x Application) bool { return x.ID == a.Application })
			if i < 0 || !c.lockedOut(apps[i], apps, ties, o.deps.Register(c.Edition)) {
				continue
			}
			a.Scores = nil
			if err := move(ctx, tx, a, Conflict, motive); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *Room) checkDeclare(ctx context.Context, c Call, own []Assessment) error {
	r := c.resource()
	if len(own) > 0 {
		r.Assigned = []who.PersonID{who.From(ctx).Person}
	}
	return policy.Check(who.From(ctx), "assessment.declare", r)
}

// move stores an assessment's scores and state.
func move(ctx context.Context, tx *db.Tx, a Assessment, to State, motive string) error {
	if a.Scores == nil {
		a.Scores = map[string]Score{}
	}
	body, err := json.Marshal(a.Scores)
	if err != nil {
		return err
	}
	if err := db.Changed(tx.Exec(ctx, `UPDATE assessment SET state = ?, content = ?, version = version + 1 WHERE id = ? AND version = ?`,
		string(to), string(body), a.ID, a.Version)); err != nil {
		return err
	}
	if a.State == to {
		return nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO assessment_event (assessment_id, at, person_id, from_state, to_state, motive) VALUES (?, ?, ?, ?, ?, ?)`,
		a.ID, tx.Now(), who.From(ctx).Person, string(a.State), string(to), motive)
	return err
}

// seat is an assessment with what is around it, for the one who writes it.
type seat struct {
	Assessment
	Call        Call
	Application Application
	Locked      bool // the round is over
	Declared    bool
}

// sit reads an assessment for its own assessor; nobody else may.
func (o *Room) sit(ctx context.Context, q db.Q, aid ID) (s seat, err error) {
	if s.Assessment, err = db.One(ctx, q, scan, `SELECT `+columns+` FROM assessment WHERE id = ?`, aid); err != nil {
		return s, err
	}
	if s.Call, err = o.deps.Call(ctx, q, s.Assessment.Call); err != nil {
		return s, err
	}
	r := s.Call.resource()
	r.Assigned = []who.PersonID{s.Person}
	if s.State == Conflict {
		r.Conflicts = r.Assigned
	}
	if err := policy.Check(who.From(ctx), "assessment.write", r); err != nil {
		return s, err
	}
	apps, err := o.deps.Applications(ctx, q, s.Call.ID)
	if err != nil {
		return s, err
	}
	i := slices.IndexFunc(apps, func(x Application) bool { return x.ID == s.Assessment.Application })
	if i < 0 {
		return s, fail.New(fail.NotFound, "Svaret finns inte längre.")
	}
	s.Application = apps[i]
	said, err := declarations(ctx, q, s.Call.ID)
	if err != nil {
		return s, err
	}
	_, s.Declared = said[s.Person]
	s.Locked, err = isLocked(ctx, q, s.Call.ID)
	return s, err
}

// Save stores scores. In the blind round they are a draft, or handed in where
// submit is true; after the lock each changed score needs a motive and keeps
// the first one.
func (o *Room) Save(ctx context.Context, aid ID, scores map[string]Score, submit bool, version int64, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		s, err := o.sit(ctx, tx, aid)
		if err != nil {
			return err
		}
		if !s.Declared {
			return fail.New(fail.Conflict, "Anmäl först om du har någon anknytning till de sökande.")
		}
		if s.Version != version {
			return db.Changed(0, nil)
		}
		to, act := Underway, "assessment.write"
		switch {
		case s.Call.Decided:
			return fail.New(fail.Conflict, "Urvalet är beslutat. Poängen kan inte ändras.")
		case s.Locked:
			to, act = Adjusted, "assessment.adjust"
			if err := adjust(s.Call.scored(), s.Scores, scores); err != nil {
				return err
			}
		case s.State == Submitted:
			return fail.New(fail.Conflict, "Bedömningen är redan lämnad.")
		case submit:
			to = Submitted
		}
		if err := fail.Fields(check(s.Call.scored(), scores, submit || s.Locked)...); err != nil {
			return err
		}
		s.Scores = scores
		audit.Log(ctx, tx, audit.Entry{Act: act, Object: "assessment:" + id.String(aid), Programme: s.Call.Programme, Data: scores})
		if err := move(ctx, tx, s.Assessment, to, ""); err != nil || to != Submitted {
			return err
		}
		return o.lockIfAllIn(ctx, tx, s.Call)
	})
}

// adjust carries the first scores over and asks for a motive for each change.
func adjust(criteria []Criterion, before, after map[string]Score) error {
	var out []fail.Field
	for _, k := range criteria {
		a, b := after[k.ID], before[k.ID]
		a.First, a.Motive = b.First, b.Motive
		if a.Value != b.Value {
			if a.Why == "" || a.Why == b.Why {
				out = append(out, fail.Field{Name: "w-" + k.ID, Message: fmt.Sprintf("%s: skriv varför poängen ändras.", k.Name)})
			}
			if a.First == nil {
				first := b.Value
				a.First = &first
			}
		}
		after[k.ID] = a
	}
	return fail.Fields(out...)
}

// lockIfAllIn ends the blind round when nobody is left to hand in.
func (o *Room) lockIfAllIn(ctx context.Context, tx *db.Tx, c Call) error {
	left, err := db.Value[int](ctx, tx, `SELECT COUNT(*) FROM assessment WHERE call_id = ? AND state IN ('ej påbörjad', 'pågår')`, c.ID)
	if err != nil || left > 0 {
		return err
	}
	return o.lock(ctx, tx, c, "Alla bedömningar är lämnade.")
}

// Lock ends the blind round although some have not handed in.
func (o *Room) Lock(ctx context.Context, cid CallID, motive, once string) error {
	if motive == "" {
		return fail.Fields(fail.Field{Name: "motive", Message: "Skriv varför omgången låses innan alla har lämnat."})
	}
	return o.act(ctx, cid, "assessment.assign", once, func(tx *db.Tx, c Call) error { return o.lock(ctx, tx, c, motive) })
}

func (o *Room) lock(ctx context.Context, tx *db.Tx, c Call, motive string) error {
	_, err := tx.Exec(ctx, `INSERT INTO round (call_id, locked_at, person_id, motive) VALUES (?, ?, ?, ?)`, c.ID, tx.Now(), who.From(ctx).Person, motive)
	if db.IsUnique(err) {
		return fail.New(fail.Conflict, "Omgången är redan låst.")
	}
	if err != nil {
		return err
	}
	logCall(ctx, tx, c, "assessment.lock", motive, nil)
	all, err := ofCall(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.State == Submitted {
			if err := move(ctx, tx, a, Locked, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// counted lists the assessments that count: those that were handed in.
func counted(all []Assessment) map[ApplicationID][]Assessment {
	out := map[ApplicationID][]Assessment{}
	for _, a := range all {
		if a.State == Locked || a.State == Adjusted {
			out[a.Application] = append(out[a.Application], a)
		}
	}
	return out
}
