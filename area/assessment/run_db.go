package assessment

import (
	"context"
	"encoding/json"
	"errors"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
	"kommunpilot/engine/selection"
)

const runColumns = `id, call_id, kind, method, state, created, person_id, engine, input, input_hash, seed, commitment, overrides, result`

func scanRun(r db.Row) (x Run, err error) {
	var overrides string
	if err := r.Scan(&x.ID, &x.Call, &x.Kind, &x.Method, &x.State, &x.Created, &x.Person, &x.Engine, &x.Input, &x.InputHash, &x.Seed, &x.Commitment, &overrides, &x.Result); err != nil {
		return x, err
	}
	return x, json.Unmarshal([]byte(overrides), &x.Overrides)
}

// problem reads the stored input back.
func (x Run) problem() (*selection.Problem, error) {
	var p selection.Problem
	return &p, json.Unmarshal([]byte(x.Input), &p)
}

// answer reads the stored result back; nil where nothing is drawn yet.
func (x Run) answer() (*selection.Answer, error) {
	if x.Result == "" {
		return nil, nil
	}
	var a selection.Answer
	return &a, json.Unmarshal([]byte(x.Result), &a)
}

// Candidates lists the eligible applications of a kind with their scores.
func (o *Room) Candidates(ctx context.Context, q db.Q, c Call, kind string) ([]Candidate, error) {
	apps, err := o.deps.Applications(ctx, q, c.ID)
	if err != nil {
		return nil, err
	}
	all, err := ofCall(ctx, q, c.ID)
	if err != nil {
		return nil, err
	}
	return candidates(c, kind, apps, counted(all)), nil
}

// runs lists a call's runs, newest first.
func runs(ctx context.Context, q db.Q, cid CallID) ([]Run, error) {
	return db.All(ctx, q, scanRun, `SELECT `+runColumns+` FROM selection_run WHERE call_id = ? ORDER BY id DESC`, cid)
}

// Start freezes the input and computes the selection; a lottery only commits
// to its seed, and is drawn afterwards. The run that it replaces stays as it
// was. dry computes without storing anything.
func (o *Room) Start(ctx context.Context, cid CallID, kind, method string, overrides []Override, once string) (made RunID, err error) {
	err = o.act(ctx, cid, "selection.run", once, func(tx *db.Tx, c Call) error {
		k, ok := c.kind(kind)
		if !ok || k.Persons || method != "best" && method != "lottery" {
			return fail.Fields(fail.Field{Name: "kind", Message: "Välj vad urvalet gäller och hur det görs."})
		}
		if c.Decided {
			return fail.New(fail.Conflict, "Urvalet är redan beslutat.")
		}
		locked, err := isLocked(ctx, tx, cid)
		if err != nil {
			return err
		}
		if !locked {
			return fail.New(fail.Conflict, "Urvalet kan göras när bedömningen är låst.")
		}
		list, err := o.Candidates(ctx, tx, c, kind)
		if err != nil {
			return err
		}
		taken, err := o.taken(ctx, tx, cid, kind)
		if err != nil {
			return err
		}
		p, err := problem(c, k, list, o.deps.Register(c.Edition), overrides, taken)
		if err != nil {
			return err
		}
		made, err = o.store(ctx, tx, c, kind, method, p, overrides)
		return err
	})
	return made, err
}

// taken lists those already selected for another kind of the call.
func (o *Room) taken(ctx context.Context, q db.Q, cid CallID, kind string) ([]ApplicationID, error) {
	return db.Values[ApplicationID](ctx, q, `SELECT o.application_id FROM outcome o JOIN selection_run r ON r.id = o.run_id
		WHERE r.call_id = ? AND r.kind <> ? AND r.state = 'fastställd' AND o.outcome = 'vald' ORDER BY o.application_id`, cid, kind)
}

func (o *Room) store(ctx context.Context, tx *db.Tx, c Call, kind, method string, p *selection.Problem, overrides []Override) (RunID, error) {
	input, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	x := Run{State: Computed, Input: string(input)}
	if method == "lottery" {
		x.State, x.Seed = Prepared, id.Token()
		x.Commitment = selection.Commitment(x.Seed)
	} else {
		a, err := compute(method, p, "")
		if err != nil {
			return 0, inputError(err)
		}
		result, err := json.Marshal(a)
		if err != nil {
			return 0, err
		}
		x.Result = string(result)
	}
	said, err := json.Marshal(overrides)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE selection_run SET state = 'ersatt' WHERE call_id = ? AND kind = ? AND state NOT IN ('fastställd', 'ersatt')`, c.ID, kind); err != nil {
		return 0, err
	}
	made, err := db.Insert[RunID](ctx, tx, `INSERT INTO selection_run (call_id, kind, method, state, created, person_id, engine, input, input_hash, seed, commitment, overrides, result)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		c.ID, kind, method, string(x.State), tx.Now(), who.From(ctx).Person, selection.Version, x.Input, p.Hash(), x.Seed, x.Commitment, string(said), x.Result)
	if err != nil {
		return 0, err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "selection.run", Object: "run:" + id.String(made), Programme: c.Programme,
		Data: map[string]any{"call": c.ID, "kind": kind, "method": method, "input": p.Hash(), "commitment": x.Commitment, "overrides": overrides}})
	return made, nil
}

// inputError turns the engine's list of what is wrong into one sentence.
func inputError(err error) error {
	var bad *selection.InputError
	if errors.As(err, &bad) {
		return &fail.Error{Kind: fail.Conflict, Message: "Urvalet kan inte räknas: " + bad.Issues[0].What + ".", Err: err}
	}
	return err
}

// runAt reads a run with its call for someone who may do the action.
func (o *Room) runAt(ctx context.Context, q db.Q, rid RunID, action string) (Run, Call, error) {
	x, err := db.One(ctx, q, scanRun, `SELECT `+runColumns+` FROM selection_run WHERE id = ?`, rid)
	if err != nil {
		return x, Call{}, err
	}
	c, err := o.deps.Call(ctx, q, x.Call)
	if err != nil {
		return x, c, err
	}
	res, err := deciding(ctx, q, c)
	if err != nil {
		return x, c, err
	}
	return x, c, policy.Check(who.From(ctx), action, res)
}

// deciding is the call with those who have assessed in it: nobody decides on
// what he or she has assessed (rule 3).
func deciding(ctx context.Context, q db.Q, c Call) (policy.Resource, error) {
	res := c.resource()
	var err error
	res.Assigned, err = db.Values[who.PersonID](ctx, q, `SELECT DISTINCT person_id FROM assessment WHERE call_id = ? ORDER BY person_id`, c.ID)
	return res, err
}

// RunAt reads a run with its call, for those who may read runs.
func (o *Room) RunAt(ctx context.Context, q db.Q, rid RunID) (Run, Call, error) {
	return o.runAt(ctx, q, rid, "selection.read")
}

func (o *Room) actRun(ctx context.Context, rid RunID, action, once string, fn func(tx *db.Tx, x Run, c Call) error) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		x, c, err := o.runAt(ctx, tx, rid, action)
		if err != nil {
			return err
		}
		return fn(tx, x, c)
	})
}

func (o *Room) moveRun(ctx context.Context, tx *db.Tx, x Run, c Call, to RunState, act, motive string) error {
	if _, err := tx.Exec(ctx, `UPDATE selection_run SET state = ? WHERE id = ?`, string(to), x.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO selection_event (run_id, at, person_id, from_state, to_state, motive) VALUES (?, ?, ?, ?, ?, ?)`,
		x.ID, tx.Now(), who.From(ctx).Person, string(x.State), string(to), motive); err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: act, Object: "run:" + id.String(x.ID), Programme: c.Programme, Reason: motive,
		Data: map[string]string{"from": string(x.State), "to": string(to)}})
	return nil
}

// Draw reveals a lottery's seed and draws.
func (o *Room) Draw(ctx context.Context, rid RunID, once string) error {
	return o.actRun(ctx, rid, "selection.run", once, func(tx *db.Tx, x Run, c Call) error {
		if x.State != Prepared {
			return fail.New(fail.Conflict, "Lottningen är redan gjord, eller ersatt.")
		}
		p, err := x.problem()
		if err != nil {
			return err
		}
		a, err := compute(x.Method, p, x.Seed)
		if err != nil {
			return inputError(err)
		}
		result, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE selection_run SET result = ? WHERE id = ?`, string(result), rid); err != nil {
			return err
		}
		return o.moveRun(ctx, tx, x, c, Drawn, "selection.draw", "")
	})
}

// Recheck computes the run anew from its stored input, compares the bytes and
// tries the certificate.
func (o *Room) Recheck(ctx context.Context, rid RunID) error {
	var x Run
	err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { x, _, err = o.runAt(ctx, q, rid, "selection.read"); return err })
	if err != nil {
		return err
	}
	p, err := x.problem()
	if err != nil {
		return err
	}
	if p.Hash() != x.InputHash {
		return fail.New(fail.Conflict, "Underlaget har ändrats sedan körningen: kontrollsumman stämmer inte.")
	}
	stored, err := x.answer()
	if err != nil || stored == nil {
		return orConflict(err, "Lottningen är inte dragen ännu.")
	}
	again, err := compute(x.Method, p, x.Seed)
	if err != nil {
		return err
	}
	result, err := json.Marshal(again)
	if err != nil {
		return err
	}
	if string(result) != x.Result {
		return fail.New(fail.Conflict, "En ny beräkning ger ett annat svar än det sparade.")
	}
	if stored.Status == selection.Infeasible {
		return nil
	}
	if err := verify(x.Method, p, stored); err != nil {
		return &fail.Error{Kind: fail.Conflict, Message: "Beviset håller inte.", Err: err}
	}
	return nil
}

// Review marks a run as looked through.
func (o *Room) Review(ctx context.Context, rid RunID, once string) error {
	if err := o.Recheck(ctx, rid); err != nil {
		return err
	}
	return o.actRun(ctx, rid, "selection.run", once, func(tx *db.Tx, x Run, c Call) error {
		if x.State != Computed && x.State != Drawn {
			return fail.Newf(fail.Conflict, "Körningen är %s.", x.State)
		}
		return o.moveRun(ctx, tx, x, c, Reviewed, "selection.review", "")
	})
}
