package programme

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/mail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

const invitationColumns = `id, call_id, org_id, state, version, reply_by, content, answer`

func scanInvitation(r db.Row) (i Invitation, err error) {
	var content, answer string
	if err := r.Scan(&i.ID, &i.Call, &i.Org, &i.State, &i.Version, &i.ReplyBy, &content, &answer); err != nil {
		return i, err
	}
	if err := errors.Join(json.Unmarshal([]byte(content), &i.Letter), json.Unmarshal([]byte(answer), &i.Answer)); err != nil {
		return i, fmt.Errorf("invitation %d: %w", i.ID, err)
	}
	return i, nil
}

// invitation reads one with its call, if the actor may do the action on it.
func (o *Room) invitation(ctx context.Context, q db.Q, iid InvitationID, action string) (Invitation, Call, error) {
	i, err := db.One(ctx, q, scanInvitation, `SELECT `+invitationColumns+` FROM invitation WHERE id = ?`, iid)
	if err != nil {
		return i, Call{}, err
	}
	c, err := o.call(ctx, q, i.Call)
	if err != nil {
		return i, c, err
	}
	return i, c, policy.Check(who.From(ctx), action, i.resource(c))
}

// Invitations lists a call's, by organisation.
func (o *Room) Invitations(ctx context.Context, q db.Q, cid CallID) ([]Invitation, error) {
	return db.All(ctx, q, scanInvitation, `SELECT `+invitationColumns+` FROM invitation WHERE call_id = ? ORDER BY org_id`, cid)
}

// InvitationsTo lists what has been sent to the organisation, newest first.
func (o *Room) InvitationsTo(ctx context.Context, q db.Q, org who.OrgID) ([]Invitation, error) {
	return db.All(ctx, q, scanInvitation, `SELECT `+invitationColumns+` FROM invitation WHERE org_id = ? AND state <> 'utkast' ORDER BY id DESC`, org)
}

// Invite makes a draft of an invitation to the organisation.
func (o *Room) Invite(ctx context.Context, cid CallID, org who.OrgID, letter Letter, replyBy calendar.Date, once string) (made InvitationID, err error) {
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		c, err := o.call(ctx, tx, cid)
		if err != nil {
			return err
		}
		if err := policy.Check(who.From(ctx), "invitation.edit", c.resource()); err != nil {
			return err
		}
		content, err := json.Marshal(letter)
		if err != nil {
			return err
		}
		made, err = db.Insert[InvitationID](ctx, tx, `INSERT INTO invitation (call_id, org_id, state, version, reply_by, content, answer, created)
			VALUES (?, ?, ?, 1, ?, ?, '{}', ?) RETURNING id`, cid, org, string(Unsent), string(replyBy), string(content), tx.Now())
		if db.IsUnique(err) {
			return fail.Fields(fail.Field{Name: "code", Message: "Kommunen är redan inbjuden."})
		}
		if err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "invitation.edit", Object: "invitation:" + id.String(made), Programme: c.Programme, Org: org, Data: letter})
		return nil
	})
	return made, err
}

// SaveInvitation changes a draft over the version that was read.
func (o *Room) SaveInvitation(ctx context.Context, iid InvitationID, letter Letter, replyBy calendar.Date, version int64, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		i, c, err := o.invitation(ctx, tx, iid, "invitation.edit")
		if err != nil {
			return err
		}
		if i.State != Unsent {
			return fail.New(fail.Conflict, "Inbjudan är skickad och kan inte ändras.")
		}
		content, err := json.Marshal(letter)
		if err != nil {
			return err
		}
		if err := db.Changed(tx.Exec(ctx, `UPDATE invitation SET content = ?, reply_by = ?, version = version + 1 WHERE id = ? AND version = ?`,
			string(content), string(replyBy), iid, version)); err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "invitation.edit", Object: "invitation:" + id.String(iid), Programme: c.Programme, Org: i.Org, Data: letter})
		return nil
	})
}

// Send sends the invitation to those who answer for the organisation.
func (o *Room) Send(ctx context.Context, iid InvitationID, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		i, c, err := o.invitation(ctx, tx, iid, "invitation.edit")
		if err != nil {
			return err
		}
		if i.State != Unsent {
			return fail.New(fail.Conflict, "Inbjudan är redan skickad.")
		}
		if err := fail.Fields(i.ready()...); err != nil {
			return err
		}
		if !c.Public() {
			return fail.New(fail.Conflict, "Publicera utlysningen innan inbjudan skickas.")
		}
		to, err := o.deps.Recipients(ctx, tx, i.Org)
		if err != nil {
			return err
		}
		for _, address := range to {
			m := mail.Message{To: []string{address}, Subject: "Inbjudan: " + c.Title, Text: i.Text + "\n\nVår beteckning: " + i.OurRef +
				"\nSvara senast " + string(i.ReplyBy) + ": " + o.deps.PublicURL + "/inbjudningar/" + id.String(iid) + "\n"}
			if err := o.deps.Mail(ctx, tx, m); err != nil {
				return err
			}
		}
		return o.moveInvitation(ctx, tx, i, c, Sent, "", "invitation.send")
	})
}

func (o *Room) moveInvitation(ctx context.Context, tx *db.Tx, i Invitation, c Call, to InvitationState, motive, act string) error {
	if _, err := tx.Exec(ctx, `UPDATE invitation SET state = ?, version = version + 1 WHERE id = ?`, string(to), i.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO invitation_event (invitation_id, at, person_id, from_state, to_state, motive) VALUES (?, ?, ?, ?, ?, ?)`,
		i.ID, tx.Now(), who.From(ctx).Person, string(i.State), string(to), motive); err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: act, Object: "invitation:" + id.String(i.ID), Programme: c.Programme, Org: i.Org, Reason: motive,
		Data: map[string]string{"from": string(i.State), "to": string(to)}})
	return nil
}

// Reply stores the municipality's answer.
func (o *Room) Reply(ctx context.Context, iid InvitationID, to InvitationState, answer Answer, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		i, c, err := o.invitation(ctx, tx, iid, "invitation.answer")
		if err != nil {
			return err
		}
		if err := i.CanAnswer(to, calendar.Of(tx.Now())); err != nil {
			return err
		}
		body, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE invitation SET answer = ? WHERE id = ?`, string(body), iid); err != nil {
			return err
		}
		if err := o.moveInvitation(ctx, tx, i, c, to, answer.Text, "invitation.answer"); err != nil || o.deps.Answered == nil {
			return err
		}
		i.State, i.Answer = to, answer
		return o.deps.Answered(ctx, tx, c, i)
	})
}

// markSeen notes that the addressee has opened the letter.
func (o *Room) markSeen(ctx context.Context, iid InvitationID) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		i, c, err := o.invitation(ctx, tx, iid, "invitation.answer")
		if err != nil || i.State != Sent {
			return err
		}
		return o.moveInvitation(ctx, tx, i, c, Seen, "", "invitation.read")
	})
}

// expireInvitations closes those whose last day has passed without an answer.
func (o *Room) expireInvitations(ctx context.Context) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		late, err := db.All(ctx, tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitation WHERE state IN ('skickad', 'läst') AND reply_by <> '' AND reply_by < ? ORDER BY id`,
			string(calendar.Of(tx.Now())))
		if err != nil {
			return err
		}
		for _, i := range late {
			c, err := o.call(ctx, tx, i.Call)
			if err != nil {
				return err
			}
			if err := o.moveInvitation(ctx, tx, i, c, Expired, "", "invitation.expire"); err != nil {
				return err
			}
		}
		return nil
	})
}
