package interest

import (
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/who"
)

const completionColumns = `id, at, person_id, text, sections, deadline, state, answer, answered_at, answered_by, reminded_at`

func scanCompletion(r db.Row) (c Completion, err error) {
	var sections string
	if err := r.Scan(&c.ID, &c.At, &c.By, &c.Text, &sections, &c.Deadline, &c.State, &c.Answer, &c.AnsweredAt, &c.AnsweredBy, &c.Reminded); err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(sections), &c.Sections)
}

func completions(ctx context.Context, q db.Q, a ApplicationID) ([]Completion, error) {
	return db.All(ctx, q, scanCompletion, `SELECT `+completionColumns+` FROM completion WHERE application_id = ? ORDER BY id`, int64(a))
}

// openCompletion is the request that waits for an answer; nil where none does.
func openCompletion(ctx context.Context, q db.Q, a ApplicationID) (*Completion, error) {
	list, err := db.All(ctx, q, scanCompletion, `SELECT `+completionColumns+` FROM completion WHERE application_id = ? AND state = ?`, int64(a), completionOpen)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// RequestCompletion asks the applicant to complete some pages by a day.
func (n *Room) RequestCompletion(ctx context.Context, a ApplicationID, c Completion, token string) error {
	c.Text = tidy(c.Text)
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.request_completion", m.resource()); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		if err := CanMove(m.State, Completing, ""); err != nil {
			return err
		}
		if err := c.check(today(tx)); err != nil {
			return err
		}
		b, err := json.Marshal(c.Sections)
		if err != nil {
			return fmt.Errorf("interest: sections: %w", err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO completion (application_id, at, person_id, text, sections, deadline, state) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			int64(a), tx.Now(), int64(who.From(ctx).Person), c.Text, string(b), string(c.Deadline), completionOpen); err != nil {
			return err
		}
		if err := n.move(ctx, tx, &m, Completing, "application.request_completion", c.Text); err != nil {
			return err
		}
		return n.tellMembers(ctx, tx, m, "Intresseanmälan behöver kompletteras senast "+string(c.Deadline)+": "+m.of.Title,
			c.Text+"\n\nSvara senast "+string(c.Deadline)+":\n"+n.link(a, "/komplettering"))
	})
}

// AnswerCompletion sends the completed application in, signed anew.
func (n *Room) AnswerCompletion(ctx context.Context, a ApplicationID, answer string, s Sending) error {
	answer = tidy(answer)
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
		open, err := openCompletion(ctx, tx, a)
		if err != nil {
			return err
		}
		switch {
		case open == nil || m.State != Completing:
			return fail.New(fail.Conflict, "Ingen komplettering väntar på svar.")
		case open.Due(tx.Now()):
			return fail.New(fail.Conflict, "Tiden för kompletteringen har gått ut. Kontakta den som handlägger utlysningen.")
		case answer == "":
			return fail.Fields(fail.Field{Name: "answer", Message: "Beskriv kort vad ni har kompletterat."})
		case utf8.RuneCountInString(answer) > maxText:
			return fail.Fields(fail.Field{Name: "answer", Message: "Texten är för lång: högst 8 000 tecken."})
		}
		if err := canSend(m.findings(), ""); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE completion SET state = ?, answer = ?, answered_at = ?, answered_by = ? WHERE id = ?`,
			completionAnswered, answer, tx.Now(), int64(who.From(ctx).Person), int64(open.ID)); err != nil {
			return err
		}
		s.Override = m.Override
		return n.sign(ctx, tx, &m, s)
	})
}

// tickCompletions sends reminders and lets requests run out; each is done once.
func (n *Room) tickCompletions(ctx context.Context, now calendar.Date) error {
	type waiting struct {
		Completion
		application ApplicationID
	}
	var list []waiting
	err := n.deps.DB.Read(ctx, func(q db.Q) (err error) {
		list, err = db.All(ctx, q, func(r db.Row) (w waiting, err error) {
			return w, r.Scan(&w.application, &w.ID, &w.Deadline, &w.Reminded)
		}, `SELECT application_id, id, deadline, reminded_at FROM completion WHERE state = ? AND deadline <= ? ORDER BY id`, completionOpen, string(now.AddDays(maxDays)))
		return err
	})
	if err != nil {
		return err
	}
	for _, w := range list {
		w.State = completionOpen
		if w.remind(now) || now > w.Deadline {
			if err := n.tickCompletion(ctx, w.application, w.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *Room) tickCompletion(ctx context.Context, a ApplicationID, cid CompletionID) error {
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		c, err := openCompletion(ctx, tx, a)
		if err != nil {
			return err
		}
		if c == nil || c.ID != cid {
			m.log(ctx, tx, "application.request_completion", "", map[string]string{"completion": "answered meanwhile"})
			return nil
		}
		if c.Due(tx.Now()) {
			return n.expire(ctx, tx, m, *c)
		}
		if !c.remind(today(tx)) {
			m.log(ctx, tx, "application.request_completion", "", map[string]string{"completion": "reminded meanwhile"})
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE completion SET reminded_at = ? WHERE id = ?`, tx.Now(), int64(c.ID)); err != nil {
			return err
		}
		m.log(ctx, tx, "application.request_completion", "", map[string]string{"reminded": id.String(c.ID)})
		return n.tellMembers(ctx, tx, m, "Påminnelse: komplettera senast "+string(c.Deadline), c.Text+"\n\nSvara senast "+string(c.Deadline)+":\n"+n.link(a, "/komplettering"))
	})
}

// expire gives the application back to the officer as it is.
func (n *Room) expire(ctx context.Context, tx *db.Tx, m matter, c Completion) error {
	if _, err := tx.Exec(ctx, `UPDATE completion SET state = ? WHERE id = ?`, completionExpired, int64(c.ID)); err != nil {
		return err
	}
	if err := n.move(ctx, tx, &m, Submitted, "application.request_completion", "Tiden för komplettering gick ut "+string(c.Deadline)+" utan svar."); err != nil {
		return err
	}
	return n.tellOwner(ctx, tx, m, "Ingen komplettering kom in: "+m.Name(), "Tiden för kompletteringen gick ut "+string(c.Deadline)+".\n\n"+n.link(m.ID, "/behorighet"))
}
