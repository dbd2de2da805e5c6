package assessment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/mail"
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
		p, err := problem(c, k, list, o.deps.Register(), overrides, taken)
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

// Propose says what the run gives each candidate.
func (o *Room) Propose(ctx context.Context, q db.Q, x Run, c Call) ([]Outcome, []Candidate, error) {
	a, err := x.answer()
	if err != nil {
		return nil, nil, err
	}
	if a == nil || a.Status == selection.Infeasible {
		return nil, nil, fail.New(fail.Conflict, "Körningen har inget urval att besluta om.")
	}
	list, err := o.Candidates(ctx, q, c, x.Kind)
	return proposal(list, a, x.Method), list, err
}

// Decide adopts a run with each application's outcome. Changes from the run
// need a motive each. When no kind is left to select for, the call is decided.
func (o *Room) Decide(ctx context.Context, rid RunID, decided []Outcome, once string) error {
	return o.actRun(ctx, rid, "selection.decide", once, func(tx *db.Tx, x Run, c Call) error {
		if x.State != Reviewed {
			return fail.New(fail.Conflict, "Bara en granskad körning kan beslutas.")
		}
		proposed, _, err := o.Propose(ctx, tx, x, c)
		if err != nil {
			return err
		}
		if err := decide(proposed, decided); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO selection_decision (run_id, call_id, state, at, person_id) VALUES (?, ?, 'beslutat', ?, ?)`, rid, c.ID, tx.Now(), who.From(ctx).Person); err != nil {
			return err
		}
		for _, d := range decided {
			if !slices.ContainsFunc(proposed, func(p Outcome) bool { return p.Application == d.Application }) {
				return fail.New(fail.Conflict, "Beslutet rör ett svar som inte ingick i körningen.")
			}
			if _, err := tx.Exec(ctx, `INSERT INTO outcome (run_id, application_id, outcome, deviation, reason) VALUES (?, ?, ?, ?, ?)`, rid, d.Application, d.Outcome, d.Deviation, d.Reason); err != nil {
				return err
			}
		}
		if err := o.moveRun(ctx, tx, x, c, Adopted, "selection.decide", ""); err != nil {
			return err
		}
		return o.finish(ctx, tx, c)
	})
}

// finish decides the call when every kind that is selected has an adopted run:
// then each application gets its best outcome, and those who only sought a
// kind that takes persons take part.
func (o *Room) finish(ctx context.Context, tx *db.Tx, c Call) error {
	apps, err := o.eligible(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	adopted, err := db.Values[string](ctx, tx, `SELECT kind FROM selection_run WHERE call_id = ? AND state = 'fastställd'`, c.ID)
	if err != nil {
		return err
	}
	for _, k := range c.Kinds {
		sought := slices.ContainsFunc(apps, func(a Application) bool { return slices.Contains(a.Kinds, k.ID) })
		if sought && !k.Persons && !slices.Contains(adopted, k.ID) {
			return nil // another run is still to come
		}
	}
	for _, a := range apps {
		best, err := o.outcomeOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if best.Outcome == "" {
			best = Outcome{Application: a.ID, Outcome: "vald", Reason: "Alla behöriga svar till den här formen får delta."}
		}
		if err := o.deps.SetOutcome(ctx, tx, a.ID, best.Outcome, best.Reason); err != nil {
			return err
		}
	}
	return o.deps.SetCallState(ctx, tx, c.ID, "beslutad", "")
}

// rank orders outcomes: selected beats reserve beats not selected.
var rank = map[string]int{"vald": 3, "reserv": 2, "ej vald": 1}

// outcomeOf gives an application's best outcome over the adopted runs.
func (o *Room) outcomeOf(ctx context.Context, q db.Q, aid ApplicationID) (best Outcome, err error) {
	all, err := db.All(ctx, q, func(r db.Row) (x Outcome, err error) {
		return x, r.Scan(&x.Application, &x.Outcome, &x.Deviation, &x.Reason)
	}, `SELECT application_id, outcome, deviation, reason FROM outcome WHERE application_id = ? ORDER BY run_id`, aid)
	for _, x := range all {
		if rank[x.Outcome] > rank[best.Outcome] {
			best = x
		}
	}
	return best, err
}

// decided is a decision with its outcomes.
type decided struct {
	State string
	At    time.Time
	Sent  time.Time
	List  []Outcome
}

func (o *Room) decided(ctx context.Context, q db.Q, rid RunID) (d decided, err error) {
	d, err = db.One(ctx, q, func(r db.Row) (x decided, err error) { return x, r.Scan(&x.State, &x.At, &x.Sent) },
		`SELECT state, at, communicated_at FROM selection_decision WHERE run_id = ?`, rid)
	if err != nil {
		return d, err
	}
	d.List, err = db.All(ctx, q, func(r db.Row) (x Outcome, err error) {
		return x, r.Scan(&x.Application, &x.Outcome, &x.Deviation, &x.Reason)
	}, `SELECT application_id, outcome, deviation, reason FROM outcome WHERE run_id = ? ORDER BY application_id`, rid)
	return d, err
}

// Communicate sends every applicant its letter.
func (o *Room) Communicate(ctx context.Context, rid RunID, once string) error {
	return o.actRun(ctx, rid, "selection.decide", once, func(tx *db.Tx, x Run, c Call) error {
		d, err := o.decided(ctx, tx, rid)
		if err != nil {
			return err
		}
		if d.State == "meddelat" {
			return fail.New(fail.Conflict, "Breven är redan skickade.")
		}
		if _, err := tx.Exec(ctx, `UPDATE selection_decision SET state = 'meddelat', communicated_at = ? WHERE run_id = ?`, tx.Now(), rid); err != nil {
			return err
		}
		apps, err := o.deps.Applications(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		for _, out := range d.List {
			i := slices.IndexFunc(apps, func(a Application) bool { return a.ID == out.Application })
			if i < 0 {
				continue
			}
			to, err := o.deps.Recipients(ctx, tx, apps[i].Members)
			if err != nil {
				return err
			}
			l := letter(c, apps[i], out)
			if len(to) > 0 {
				if err := o.deps.Mail(ctx, tx, mail.Message{To: to, Subject: l.Subject, Text: l.Text + "\n\n" + o.deps.PublicURL + "/intresse/" + id.String(out.Application) + "\n"}); err != nil {
					return err
				}
			}
		}
		audit.Log(ctx, tx, audit.Entry{Act: "selection.communicate", Object: "run:" + id.String(rid), Programme: c.Programme, Data: map[string]int{"letters": len(d.List)}})
		return nil
	})
}

// Letter is what an applicant is told.
type Letter struct{ Subject, Text string }

// letter writes the letter of an outcome.
func letter(c Call, a Application, o Outcome) Letter {
	var first, last string
	switch o.Outcome {
	case "vald":
		first = fmt.Sprintf("%s är valda till %s.", a.Title, c.Title)
		last = "Nästa steg: bekräfta deltagandet med ett formellt beslut i varje kommun och registrera det i tjänsten."
	case "reserv":
		first = fmt.Sprintf("%s är reserv till %s.", a.Title, c.Title)
		last = "Om en vald kommun lämnar görs urvalet om med samma regler, och vi hör av oss."
	default:
		first = fmt.Sprintf("%s är inte valda till %s.", a.Title, c.Title)
		last = "Poäng, motiv och hur urvalet gjordes finns i tjänsten."
	}
	return Letter{Subject: "Beslut: " + c.Title, Text: first + "\n\nSkäl: " + o.Reason + "\n\n" + last + "\n\nFrågor: " + c.Contact}
}

// Own is what an applicant is shown of its own after the decision.
type Own struct {
	Outcome, Reason string
	Points          string
	Scores          []OwnScore
}

// OwnScore is one assessor's score and motive, without the assessor.
type OwnScore struct {
	Criterion string
	Score     int
	Motive    string
}

// OwnResult gives an application's outcome, scores and motives. The caller
// checks that the reader may see them and that the call is decided.
func (o *Room) OwnResult(ctx context.Context, q db.Q, aid ApplicationID) (own Own, err error) {
	best, err := o.outcomeOf(ctx, q, aid)
	if err != nil {
		return own, err
	}
	own.Outcome, own.Reason = best.Outcome, best.Reason
	list, err := db.All(ctx, q, scan, `SELECT `+columns+` FROM assessment WHERE application_id = ? AND state IN ('låst', 'justerad efter diskussion') ORDER BY id`, aid)
	if err != nil || len(list) == 0 {
		return own, err
	}
	c, err := o.deps.Call(ctx, q, list[0].Call)
	if err != nil {
		return own, err
	}
	for _, k := range c.scored() {
		for _, a := range list {
			if s := a.Scores[k.ID]; s.Given {
				own.Scores = append(own.Scores, OwnScore{k.Name, s.Value, s.Motive})
			}
		}
	}
	if n, ok := Weighted(c.Criteria, list); ok {
		own.Points = Points(n)
	}
	return own, nil
}

// Assigned lists who assesses an application, and which of them are locked out.
func (o *Room) Assigned(ctx context.Context, q db.Q, aid ApplicationID) (people, conflicts []who.PersonID, err error) {
	list, err := db.All(ctx, q, scan, `SELECT `+columns+` FROM assessment WHERE application_id = ?`, aid)
	for _, a := range list {
		people = append(people, a.Person)
		if a.State == Conflict {
			conflicts = append(conflicts, a.Person)
		}
	}
	return people, conflicts, err
}

// Given lists what an assessor has been given in a call, by application.
func (o *Room) Given(ctx context.Context, q db.Q, cid CallID, person who.PersonID) ([]Assessment, error) {
	return assigned(ctx, q, cid, person)
}

// Waiting counts the assessor's unfinished assessments by call.
func (o *Room) Waiting(ctx context.Context, q db.Q, person who.PersonID) (map[CallID]int, error) {
	list, err := db.Values[CallID](ctx, q, `SELECT call_id FROM assessment WHERE person_id = ? AND state IN ('ej påbörjad', 'pågår')`, person)
	out := map[CallID]int{}
	for _, c := range list {
		out[c]++
	}
	return out, err
}
