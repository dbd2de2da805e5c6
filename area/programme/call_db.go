package programme

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/mail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

const callColumns = `id, programme_id, state, version, form_version, edition, published_at, content`

func scanCall(r db.Row) (c Call, err error) {
	var content string
	if err := r.Scan(&c.ID, &c.Programme, &c.State, &c.Version, &c.FormVersion, &c.Edition, &c.PublishedAt, &content); err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(content), &c.Content); err != nil {
		return c, fmt.Errorf("call %d: %w", c.ID, err)
	}
	return c, nil
}

// call reads one with its state at the transaction's time, whoever asks.
func (o *Room) call(ctx context.Context, q db.Q, cid CallID) (Call, error) {
	c, err := db.One(ctx, q, scanCall, `SELECT `+callColumns+` FROM call WHERE id = ?`, cid)
	if err != nil {
		return c, err
	}
	c.State = c.StateAt(q.Now())
	c.Owners, err = ownersOf(ctx, q, c.Programme)
	return c, err
}

// Call reads one for other rooms, which check rights of their own.
func (o *Room) Call(ctx context.Context, q db.Q, cid CallID) (Call, error) {
	return o.call(ctx, q, cid)
}

func (c Call) resource() policy.Resource {
	return policy.Resource{Programme: c.Programme, Owners: c.Owners, Published: c.Public(), Decided: c.State == Decided || c.State == Ended}
}

// read is call for a page: what the reader may not see is Forbidden.
func (o *Room) read(ctx context.Context, q db.Q, cid CallID, action string) (Call, error) {
	c, err := o.call(ctx, q, cid)
	if err != nil {
		return c, err
	}
	return c, policy.Check(who.From(ctx), action, c.resource())
}

// Calls lists the published calls, and the drafts of the actor's own
// organisations, newest first.
func (o *Room) Calls(ctx context.Context, q db.Q) ([]Call, error) {
	all, err := db.All(ctx, q, scanCall, `SELECT `+callColumns+` FROM call ORDER BY id DESC`)
	if err != nil {
		return nil, err
	}
	owners, err := allOwners(ctx, q)
	if err != nil {
		return nil, err
	}
	actor := who.From(ctx)
	var out []Call
	for _, c := range all {
		c.State, c.Owners = c.StateAt(q.Now()), owners[c.Programme]
		if c.Public() || policy.Allowed(actor, "call.read", c.resource()) {
			out = append(out, c)
		}
	}
	return out, nil
}

// CallsOf lists a programme's calls that the actor may see.
func (o *Room) CallsOf(ctx context.Context, q db.Q, pid who.ProgrammeID) ([]Call, error) {
	all, err := o.Calls(ctx, q)
	var out []Call
	for _, c := range all {
		if c.Programme == pid {
			out = append(out, c)
		}
	}
	return out, err
}

func allOwners(ctx context.Context, q db.Q) (map[who.ProgrammeID][]who.OrgID, error) {
	type pair struct {
		p who.ProgrammeID
		o who.OrgID
	}
	rows, err := db.All(ctx, q, func(r db.Row) (x pair, err error) { return x, r.Scan(&x.p, &x.o) },
		`SELECT programme_id, org_id FROM programme_owner ORDER BY programme_id, org_id`)
	out := map[who.ProgrammeID][]who.OrgID{}
	for _, x := range rows {
		out[x.p] = append(out[x.p], x.o)
	}
	return out, err
}

// CreateCall stores a draft in the programme.
func (o *Room) CreateCall(ctx context.Context, pid who.ProgrammeID, content Content, once string) (made CallID, err error) {
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		p, err := o.programme(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := policy.Check(who.From(ctx), "call.edit", p.resource()); err != nil {
			return err
		}
		if content.Title == "" {
			return fail.Fields(fail.Field{Name: "title", Message: "Ge utlysningen en rubrik."})
		}
		body, err := json.Marshal(content)
		if err != nil {
			return err
		}
		made, err = db.Insert[CallID](ctx, tx, `INSERT INTO call (programme_id, state, title, closes, version, form_version, edition, published_at, reminded, content, created)
			VALUES (?, ?, ?, ?, 1, 1, '', ?, ?, ?, ?) RETURNING id`,
			pid, string(Draft), content.Title, string(content.Dates.Close), time.Time{}, false, string(body), tx.Now())
		if err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "call.edit", Object: "call:" + id.String(made), Programme: pid, Data: content})
		return keepVersion(ctx, tx, made, 1, "", body)
	})
	return made, err
}

func keepVersion(ctx context.Context, tx *db.Tx, cid CallID, version int64, motive string, body []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO call_version (call_id, version, at, person_id, motive, content) VALUES (?, ?, ?, ?, ?, ?)`,
		cid, version, tx.Now(), who.From(ctx).Person, motive, string(body))
	return err
}

// SaveCall changes a call with edit, over the version that was read. After
// publication the motive is required and shown; questions then make a new
// version of the form, and those who have begun keep theirs.
func (o *Room) SaveCall(ctx context.Context, cid CallID, version int64, motive, once string, edit func(*Content) error) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		c, err := o.read(ctx, tx, cid, "call.edit")
		if err != nil {
			return err
		}
		switch c.State {
		case Draft, Published, Open:
		default:
			return fail.Newf(fail.Conflict, "Utlysningen är %s och kan inte ändras.", c.State)
		}
		if c.Public() && motive == "" {
			return fail.Fields(fail.Field{Name: "motive", Message: "Utlysningen är publicerad. Skriv varför den ändras; det visas för alla."})
		}
		before := questions(c.Content)
		if err := edit(&c.Content); err != nil {
			return err
		}
		if c.Public() {
			if err := fail.Fields(c.Ready(o.deps.Register())...); err != nil {
				return err
			}
		}
		if questions(c.Content) != before {
			c.FormVersion = version + 1
		}
		body, err := json.Marshal(c.Content)
		if err != nil {
			return err
		}
		if err := db.Changed(tx.Exec(ctx, `UPDATE call SET title = ?, closes = ?, version = version + 1, form_version = ?, content = ? WHERE id = ? AND version = ?`,
			c.Title, string(c.Dates.Close), c.FormVersion, string(body), cid, version)); err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "call.edit", Object: "call:" + id.String(cid), Programme: c.Programme, Reason: motive, Data: c.Content})
		return keepVersion(ctx, tx, cid, version+1, motive, body)
	})
}

func questions(c Content) string {
	b, _ := json.Marshal(c.Questions) // plain strings and bools
	return string(b)
}

// FormAt gives the questions as they stood in a version of the form.
func (o *Room) FormAt(ctx context.Context, q db.Q, cid CallID, version int64) ([]Question, error) {
	body, err := db.Value[string](ctx, q, `SELECT content FROM call_version WHERE call_id = ? AND version <= ? ORDER BY version DESC`, cid, version)
	if err != nil {
		return nil, err
	}
	var c Content
	return c.Questions, json.Unmarshal([]byte(body), &c)
}

// Change is one published change of a call.
type Change struct {
	At     time.Time
	Motive string
}

// Changes lists the changes made after publication, newest first.
func (o *Room) Changes(ctx context.Context, q db.Q, cid CallID) ([]Change, error) {
	return db.All(ctx, q, func(r db.Row) (c Change, err error) { return c, r.Scan(&c.At, &c.Motive) },
		`SELECT at, motive FROM call_version WHERE call_id = ? AND motive <> '' ORDER BY version DESC`, cid)
}

// Publish shows the call to everybody and freezes the classification's edition.
func (o *Room) Publish(ctx context.Context, cid CallID, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		c, err := o.read(ctx, tx, cid, "call.publish")
		if err != nil {
			return err
		}
		if err := fail.Fields(c.Ready(o.deps.Register())...); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE call SET edition = ?, published_at = ? WHERE id = ?`, o.deps.Register().Edition(), tx.Now(), cid); err != nil {
			return err
		}
		return o.move(ctx, tx, c, Published, "", "call.publish")
	})
}

// move stores the new state, its event and the audit entry.
func (o *Room) move(ctx context.Context, tx *db.Tx, c Call, to State, motive, act string) error {
	if err := CanMove(c.State, to, motive); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE call SET state = ? WHERE id = ?`, string(to), c.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO call_event (call_id, at, person_id, from_state, to_state, motive) VALUES (?, ?, ?, ?, ?, ?)`,
		c.ID, tx.Now(), who.From(ctx).Person, string(c.State), string(to), motive); err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: act, Object: "call:" + id.String(c.ID), Programme: c.Programme, Reason: motive,
		Data: map[string]string{"from": string(c.State), "to": string(to)}})
	return nil
}

// SetState moves a call on for another room, which has checked the right.
func (o *Room) SetState(ctx context.Context, tx *db.Tx, cid CallID, to State, motive string) error {
	c, err := o.call(ctx, tx, cid)
	if err != nil || c.State == to {
		return err
	}
	return o.move(ctx, tx, c, to, motive, "call.state")
}

// CloseNow ends the time for answers before the day that was set.
func (o *Room) CloseNow(ctx context.Context, cid CallID, motive, once string) error {
	if motive == "" {
		return fail.Fields(fail.Field{Name: "motive", Message: "Skriv varför utlysningen stängs i förtid."})
	}
	return o.act(ctx, cid, Closed, motive, "call.publish", once)
}

// Cancel breaks the call off.
func (o *Room) Cancel(ctx context.Context, cid CallID, motive, once string) error {
	return o.act(ctx, cid, Cancelled, motive, "call.cancel", once)
}

func (o *Room) act(ctx context.Context, cid CallID, to State, motive, action, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		c, err := o.read(ctx, tx, cid, action)
		if err != nil {
			return err
		}
		return o.move(ctx, tx, c, to, motive, action)
	})
}

// Tick writes down the states that the dates have given, lets invitations
// expire and reminds those with drafts. It may run at any time, any number of
// times, on any node.
func (o *Room) Tick(ctx context.Context) error {
	ctx = who.With(ctx, who.Us)
	var due []CallID
	err := o.deps.DB.Read(ctx, func(q db.Q) (err error) {
		due, err = db.Values[CallID](ctx, q, `SELECT id FROM call WHERE state IN ('publicerad', 'öppen') ORDER BY id`)
		return err
	})
	if err != nil {
		return err
	}
	for _, cid := range due {
		if err := o.tickCall(ctx, cid); err != nil {
			return err
		}
	}
	return o.expireInvitations(ctx)
}

func (o *Room) tickCall(ctx context.Context, cid CallID) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := db.One(ctx, tx, scanCall, `SELECT `+callColumns+` FROM call WHERE id = ?`, cid)
		if err != nil {
			return err
		}
		for now := c.StateAt(tx.Now()); c.State != now; c.State = next(c.State) {
			if err := o.move(ctx, tx, c, next(c.State), "", "call.state"); err != nil {
				return err
			}
		}
		return o.remind(ctx, tx, c)
	})
}

// next is the state that follows by date.
func next(s State) State {
	if s == Published {
		return Open
	}
	return Closed
}

func (o *Room) remind(ctx context.Context, tx *db.Tx, c Call) error {
	day := c.Reminder()
	if c.State != Open || day == "" || tx.Now().Before(day.Start()) {
		return nil
	}
	changed, err := tx.Exec(ctx, `UPDATE call SET reminded = ? WHERE id = ? AND reminded = ?`, true, c.ID, false)
	if err != nil || changed == 0 {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "call.remind", Object: "call:" + id.String(c.ID), Programme: c.Programme})
	to, err := o.deps.DraftHolders(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, address := range to {
		m := mail.Message{To: []string{address}, Subject: "Påminnelse: " + c.Title + " stänger " + string(c.Dates.Close),
			Text: "Ni har påbörjat ett svar på utlysningen " + c.Title + " men inte skickat in det.\n\nSista dag är " + string(c.Dates.Close) + ".\n\n" + o.deps.PublicURL + "/mina-intressen\n"}
		if err := o.deps.Mail(ctx, tx, m); err != nil {
			return err
		}
	}
	return nil
}
