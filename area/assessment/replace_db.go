package assessment

import (
	"context"
	"encoding/json"
	"math/big"
	"slices"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/mail"
	"kommunpilot/base/who"
	"kommunpilot/engine/selection"
)

const replacementColumns = `id, run_id, at, person_id, state, motive, input, input_hash, result, communicated_at`

func scanReplacement(r db.Row) (x Replacement, err error) {
	return x, r.Scan(&x.ID, &x.Run, &x.At, &x.Person, &x.State, &x.Motive, &x.Input, &x.InputHash, &x.Result, &x.Sent)
}

// Replacements lists a run's replacements, the oldest first.
func (o *Room) replacements(ctx context.Context, q db.Q, rid RunID) ([]Replacement, error) {
	list, err := db.All(ctx, q, scanReplacement, `SELECT `+replacementColumns+` FROM replacement WHERE run_id = ? ORDER BY id`, rid)
	for i := range list {
		if err == nil {
			list[i].List, err = db.All(ctx, q, scanOutcome, `SELECT application_id, outcome, deviation, reason FROM replacement_outcome WHERE replacement_id = ? ORDER BY application_id`, list[i].ID)
		}
	}
	return list, err
}

// seen lists those that a run was made of, with the scores that it had, also
// those who have left since.
func (o *Room) seen(ctx context.Context, q db.Q, c Call, x Run, p *selection.Problem) ([]Candidate, error) {
	apps, err := o.deps.Applications(ctx, q, c.ID)
	if err != nil {
		return nil, err
	}
	all, err := ofCall(ctx, q, c.ID)
	if err != nil {
		return nil, err
	}
	score := map[ApplicationID]int64{}
	for i, a := range apps {
		k := slices.IndexFunc(p.Applications, func(y selection.Application) bool { return y.ID == id.String(a.ID) })
		if apps[i].Eligible = k >= 0; k >= 0 {
			n := new(big.Rat).Mul(p.Applications[k].Score.Rat(), big.NewRat(scale, 1))
			score[a.ID] = n.Num().Int64() / n.Denom().Int64()
		}
	}
	list := candidates(c, x.Kind, apps, counted(all))
	for i := range list {
		list[i].Score = score[list[i].ID]
	}
	return list, nil
}

// Swap computes what a replacement would be now.
func (o *Room) swap(ctx context.Context, q db.Q, x Run, c Call) (s swap, err error) {
	if x.State != Adopted {
		return s, fail.New(fail.Conflict, "Ersättare kan gå in när urvalet är beslutat.")
	}
	p, err := x.problem()
	if err != nil {
		return s, err
	}
	d, err := o.decided(ctx, q, x.ID)
	if err != nil {
		return s, err
	}
	list, err := o.seen(ctx, q, c, x, p)
	if err != nil {
		return s, err
	}
	gone, err := o.deps.Left(ctx, q, c.ID)
	if err != nil {
		return s, err
	}
	return replace(x, p, list, d.In, d.Reserves, gone, o.deps.Register(c.Edition))
}

// fingerprint names what a replacement was decided on, so that a decision is
// not made on something else than was shown.
func (s swap) fingerprint() string {
	if s.Problem != nil {
		return s.Problem.Hash()
	}
	text := "tom"
	for _, c := range s.Left {
		text += " " + id.String(c.ID)
	}
	return text
}

// Replace decides who steps in for those who have left. shown is the
// fingerprint of what the decision was made on.
func (o *Room) Replace(ctx context.Context, rid RunID, shown string, decided []Outcome, motive, once string) error {
	return o.actRun(ctx, rid, "selection.decide", once, func(tx *db.Tx, x Run, c Call) error {
		s, err := o.swap(ctx, tx, x, c)
		if err != nil {
			return err
		}
		if s.fingerprint() != shown {
			return fail.New(fail.Conflict, "Någon mer har lämnat, eller en reserv har ändrats, sedan sidan visades. Se över det nya förslaget.")
		}
		if err := decideReplacement(s, decided, motive); err != nil {
			return err
		}
		made, err := o.storeReplacement(ctx, tx, x, s, motive)
		if err != nil {
			return err
		}
		for _, l := range s.Left {
			if err := putReplaced(ctx, tx, made, Outcome{Application: l.ID, Outcome: left, Reason: s.Why[l.ID].Why}); err != nil {
				return err
			}
		}
		var in []ApplicationID
		for _, d := range decided {
			if !slices.ContainsFunc(s.Reserves, func(r Candidate) bool { return r.ID == d.Application }) {
				return fail.New(fail.Conflict, "Beslutet rör ett svar som inte är reserv.")
			}
			if err := putReplaced(ctx, tx, made, d); err != nil {
				return err
			}
			if d.Outcome != "vald" {
				continue
			}
			in = append(in, d.Application)
			if err := o.deps.StepIn(ctx, tx, d.Application, x.Kind, d.Reason); err != nil {
				return err
			}
		}
		audit.Log(ctx, tx, audit.Entry{Act: "selection.replace", Object: "run:" + id.String(rid), Programme: c.Programme, Reason: motive,
			Data: map[string]any{"replacement": made, "left": keys(s.Left), "in": in, "input": s.fingerprint()}})
		return nil
	})
}

func keys(list []Candidate) (out []ApplicationID) {
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

func (o *Room) storeReplacement(ctx context.Context, tx *db.Tx, x Run, s swap, motive string) (ReplacementID, error) {
	var input, result []byte
	hash := ""
	if s.Problem != nil {
		var err error
		if input, err = json.Marshal(s.Problem); err != nil {
			return 0, err
		}
		if result, err = json.Marshal(s.Answer); err != nil {
			return 0, err
		}
		hash = s.Problem.Hash()
	}
	return db.Insert[ReplacementID](ctx, tx, `INSERT INTO replacement (run_id, at, person_id, state, motive, input, input_hash, result) VALUES (?, ?, ?, 'beslutat', ?, ?, ?, ?) RETURNING id`,
		x.ID, tx.Now(), who.From(ctx).Person, motive, string(input), hash, string(result))
}

func putReplaced(ctx context.Context, tx *db.Tx, r ReplacementID, o Outcome) error {
	_, err := tx.Exec(ctx, `INSERT INTO replacement_outcome (replacement_id, application_id, outcome, deviation, reason) VALUES (?, ?, ?, ?, ?)`, r, o.Application, o.Outcome, o.Deviation, o.Reason)
	return err
}

// tell is a letter that waits to be sent, and to whom.
type tell struct {
	Letter
	Application
}

// unsent lists the letters of the replacements that have not been told.
func (o *Room) unsent(ctx context.Context, q db.Q, rid RunID, c Call) (waiting []ReplacementID, letters []tell, err error) {
	list, err := o.replacements(ctx, q, rid)
	if err != nil {
		return nil, nil, err
	}
	apps, err := o.deps.Applications(ctx, q, c.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range list {
		if r.State == "meddelat" {
			continue
		}
		waiting = append(waiting, r.ID)
		for _, out := range r.List {
			if i := slices.IndexFunc(apps, func(a Application) bool { return a.ID == out.Application }); i >= 0 {
				letters = append(letters, tell{replacementLetter(c, apps[i], out), apps[i]})
			}
		}
	}
	return waiting, letters, nil
}

// TellReplaced sends the letters of the replacements that have not been told.
func (o *Room) TellReplaced(ctx context.Context, rid RunID, once string) error {
	return o.actRun(ctx, rid, "selection.decide", once, func(tx *db.Tx, _ Run, c Call) error {
		waiting, letters, err := o.unsent(ctx, tx, rid, c)
		if err != nil {
			return err
		}
		if len(waiting) == 0 {
			return fail.New(fail.Conflict, "Breven är redan skickade.")
		}
		for _, r := range waiting {
			if _, err := tx.Exec(ctx, `UPDATE replacement SET state = 'meddelat', communicated_at = ? WHERE id = ?`, tx.Now(), r); err != nil {
				return err
			}
		}
		for _, l := range letters {
			if err := o.mailTo(ctx, tx, l.Application, l.Letter); err != nil {
				return err
			}
		}
		audit.Log(ctx, tx, audit.Entry{Act: "selection.communicate", Object: "run:" + id.String(rid), Programme: c.Programme, Data: map[string]any{"replacements": waiting, "letters": len(letters)}})
		return nil
	})
}

// mailTo sends a letter to those who answer for an application.
func (o *Room) mailTo(ctx context.Context, tx *db.Tx, a Application, l Letter) error {
	to, err := o.deps.Recipients(ctx, tx, a.Members)
	if err != nil || len(to) == 0 {
		return err
	}
	return o.deps.Mail(ctx, tx, mail.Message{To: to, Subject: l.Subject, Text: l.Text + "\n\n" + o.deps.PublicURL + "/intresse/" + id.String(a.ID) + "\n"})
}
