package outreach

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/mail"
	"kommunpilot/base/who"
)

// How the subscription is kept from being misused.
const (
	confirmWithin = 7 * 24 * time.Hour // a link that nobody opens ends
	askAgain      = 10 * time.Minute   // at most one such letter to an address
	askedAtMost   = 200                // waiting addresses of a project in an hour
	longestEmail  = 254                // RFC 5321
)

const confirmLetter = `Någon, förhoppningsvis du, har bett om nyhetsbrev från %s.

Öppna länken för att bekräfta:
%s

Länken gäller i sju dagar. Har du inte bett om brevet behöver du inte göra något: då kommer inget mer.
`

// subscriber is somebody who gets the newsletters of a project. An address is
// kept only as long as it subscribes.
type subscriber struct{ Email, Leave string }

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// cleanEmail writes an address in its stored form; false where it is none.
func cleanEmail(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := netmail.ParseAddress(s)
	return s, err == nil && a.Address == s && len(s) <= longestEmail && strings.Contains(s[strings.LastIndexByte(s, '@'):], ".")
}

// confirmed lists those who have confirmed that they want the newsletters.
func confirmed(ctx context.Context, q db.Q, p who.ProjectID) ([]subscriber, error) {
	return db.All(ctx, q, func(r db.Row) (s subscriber, err error) { return s, r.Scan(&s.Email, &s.Leave) },
		`SELECT email, leave_token FROM subscriber WHERE project_id = ? AND confirmed_at IS NOT NULL ORDER BY id`, int64(p))
}

// Subscribe sends a letter whose link confirms the subscription. Whether the
// address subscribes already is told to nobody but its owner, by letter.
func (o *Room) Subscribe(ctx context.Context, pid who.ProjectID, email, once string) error {
	email, ok := cleanEmail(email)
	if !ok {
		return fail.Fields(fail.Field{Name: "email", Message: "Skriv adressen som namn@exempel.se."})
	}
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := o.deps.Project(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "newsletter.subscribe", Object: "project:" + id.String(pid), Programme: p.Resource.Programme})
		if _, err := tx.Exec(ctx, `DELETE FROM subscriber WHERE confirmed_at IS NULL AND asked_at < ?`, tx.Now().Add(-confirmWithin)); err != nil {
			return err
		}
		waiting, err := db.Value[int](ctx, tx, `SELECT count(*) FROM subscriber WHERE project_id = ? AND confirmed_at IS NULL AND asked_at > ?`, int64(pid), tx.Now().Add(-time.Hour))
		if err != nil {
			return err
		}
		if waiting >= askedAtMost {
			return fail.New(fail.RateLimited, "Det är många som vill prenumerera just nu. Försök igen om en timme.")
		}
		known, err := db.Value[int](ctx, tx, `SELECT count(*) FROM subscriber WHERE project_id = ? AND email = ? AND (confirmed_at IS NOT NULL OR asked_at > ?)`, int64(pid), email, tx.Now().Add(-askAgain))
		if err != nil || known > 0 {
			return err // nothing more to do, and nothing to tell
		}
		token := id.Token()
		if _, err := tx.Exec(ctx, `INSERT INTO subscriber (project_id, email, confirm_hash, leave_token, asked_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (project_id, email) DO UPDATE SET confirm_hash = excluded.confirm_hash, asked_at = excluded.asked_at`, int64(pid), email, hashOf(token), id.Token(), tx.Now()); err != nil {
			return err
		}
		link := o.deps.PublicURL + "/prenumeration/" + token + "/bekrafta"
		return o.deps.Mail(ctx, tx, mail.Message{To: []string{email}, Subject: "Bekräfta att du vill ha nyhetsbrevet", Text: fmt.Sprintf(confirmLetter, p.Name, link)})
	})
}

// Confirm starts the subscription that the letter's link belongs to.
func (o *Room) Confirm(ctx context.Context, token string) error {
	return o.byToken(ctx, "newsletter.confirm", `confirm_hash = ? AND (confirmed_at IS NOT NULL OR asked_at > ?)`, []any{hashOf(token), o.deps.DB.Now().Add(-confirmWithin)},
		func(tx *db.Tx, s int64) error {
			_, err := tx.Exec(ctx, `UPDATE subscriber SET confirmed_at = ? WHERE id = ? AND confirmed_at IS NULL`, tx.Now(), s)
			return err
		})
}

// Leave ends a subscription and forgets the address. To leave twice is fine:
// a mail server may repeat its POST.
func (o *Room) Leave(ctx context.Context, token string) error {
	err := o.byToken(ctx, "newsletter.leave", `leave_token = ?`, []any{token}, func(tx *db.Tx, s int64) error {
		_, err := tx.Exec(ctx, `DELETE FROM subscriber WHERE id = ?`, s)
		return err
	})
	if fail.Is(err, fail.NotFound) {
		return nil
	}
	return err
}

// byToken carries out an act on the subscription that the condition finds.
func (o *Room) byToken(ctx context.Context, act, condition string, args []any, do func(tx *db.Tx, s int64) error) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		type found struct{ s, project int64 }
		x, err := db.One(ctx, tx, func(r db.Row) (x found, err error) { return x, r.Scan(&x.s, &x.project) }, `SELECT id, project_id FROM subscriber WHERE `+condition, args...)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, who.ProjectID(x.project))
		if err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: act, Object: "project:" + id.String(p.ID), Programme: p.Resource.Programme})
		return do(tx, x.s)
	})
}
