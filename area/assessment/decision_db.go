package assessment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/who"
)

// Propose says what the run gives each candidate.
func (o *Room) Propose(ctx context.Context, q db.Q, x Run, c Call) ([]Outcome, []Candidate, error) {
	a, err := x.answer()
	if err != nil {
		return nil, nil, err
	}
	if a == nil || len(a.Selected) == 0 {
		return nil, nil, fail.New(fail.Conflict, "Körningen har inget urval att besluta om.")
	}
	p, err := x.problem()
	if err != nil {
		return nil, nil, err
	}
	list, err := o.seen(ctx, q, c, x, p)
	if err != nil {
		return nil, nil, err
	}
	gone, err := o.deps.Left(ctx, q, c.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range gone {
		if slices.Contains(a.Selected, id.String(l.Application)) {
			return nil, nil, fail.New(fail.Conflict, "En av de valda har lämnat sedan körningen. Gör en ny körning.")
		}
		list = slices.DeleteFunc(list, func(y Candidate) bool { return y.ID == l.Application })
	}
	return proposal(list, a, x.Method, o.deps.Register(c.Edition)), list, nil
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
	all, err := db.All(ctx, q, scanOutcome, `SELECT application_id, outcome, deviation, reason FROM outcome WHERE application_id = ? ORDER BY run_id`, aid)
	if err != nil {
		return best, err
	}
	later, err := db.All(ctx, q, scanOutcome, `SELECT application_id, outcome, deviation, reason FROM replacement_outcome WHERE application_id = ? AND outcome = 'vald' ORDER BY replacement_id`, aid)
	all = append(all, later...)
	for _, x := range all {
		if rank[x.Outcome] > rank[best.Outcome] {
			best = x
		}
	}
	return best, err
}

func scanOutcome(r db.Row) (x Outcome, err error) {
	return x, r.Scan(&x.Application, &x.Outcome, &x.Deviation, &x.Reason)
}

// decided is a decision with its outcomes, and what has happened since: In and
// Reserves are who is selected and who is in reserve now.
type decided struct {
	State        string
	At           time.Time
	Person       who.PersonID
	Sent         time.Time
	List         []Outcome
	Since        []Replacement
	In, Reserves []ApplicationID
}

func (o *Room) decided(ctx context.Context, q db.Q, rid RunID) (d decided, err error) {
	d, err = db.One(ctx, q, func(r db.Row) (x decided, err error) { return x, r.Scan(&x.State, &x.At, &x.Person, &x.Sent) },
		`SELECT state, at, person_id, communicated_at FROM selection_decision WHERE run_id = ?`, rid)
	if err != nil {
		return d, err
	}
	if d.List, err = db.All(ctx, q, scanOutcome, `SELECT application_id, outcome, deviation, reason FROM outcome WHERE run_id = ? ORDER BY application_id`, rid); err != nil {
		return d, err
	}
	d.Since, err = o.replacements(ctx, q, rid)
	d.In, d.Reserves = standing(d.List, d.Since)
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
			if err := o.mailTo(ctx, tx, apps[i], letter(c, apps[i], out)); err != nil {
				return err
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
