package people

import (
	"context"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/who"
)

// startSession signs the person in and gives the cookie's value.
func startSession(ctx context.Context, tx *db.Tx, person who.PersonID, agent string) (string, error) {
	token := id.Token() + id.Token()
	_, err := tx.Exec(ctx, `INSERT INTO session (token_hash, person_id, created_at, seen_at, agent) VALUES (?, ?, ?, ?, ?)`,
		hashOf(token), person, tx.Now(), tx.Now(), agent)
	return token, err
}

// seen is what the cookie leads to: the session, whether or not it is in
// force, and the person with the roles in force today.
type seen struct {
	session Session
	actor   who.Actor
	lang    string
}

// lookup asks once, by the token's index, for the session, the person and the
// roles. The zero seen is an unknown token.
func lookup(ctx context.Context, q db.Q, token string) (seen, error) {
	var s seen
	today := calendar.Of(q.Now())
	_, err := db.All(ctx, q, func(r db.Row) (x struct{}, err error) {
		var m Membership
		err = r.Scan(&s.session.ID, &s.session.Person, &s.session.Created, &s.session.Seen, &s.session.Ended, &s.actor.Name, &s.lang,
			&m.Role, &m.Org, &m.Programme, &m.From, &m.To)
		if m.Role != "" {
			s.actor.Grants = append(s.actor.Grants, m.grant())
		}
		return x, err
	}, `SELECT s.id, s.person_id, s.created_at, s.seen_at, s.ended_at, p.name, p.lang,
			COALESCE(m.role, ''), COALESCE(m.org_id, 0), COALESCE(m.programme_id, 0), COALESCE(m.from_date, ''), COALESCE(m.to_date, '')
		FROM session s JOIN person p ON p.id = s.person_id
		LEFT JOIN membership m ON m.person_id = p.id AND m.from_date <= ? AND (m.to_date = '' OR m.to_date > ?)
		WHERE s.token_hash = ? ORDER BY m.id`, today, today, hashOf(token))
	if err != nil {
		return seen{}, err
	}
	s.actor.Kind, s.actor.Person = who.Person, s.session.Person
	return s, nil
}

// noteSeen notes that a session is in use.
func noteSeen(ctx context.Context, tx *db.Tx, s SessionID) error {
	_, err := tx.Exec(ctx, `UPDATE session SET seen_at = ? WHERE id = ?`, tx.Now(), s)
	return err
}

// sessionsOf lists the person's sessions that are in force, newest first.
func sessionsOf(ctx context.Context, q db.Q, person who.PersonID) ([]Session, error) {
	return db.All(ctx, q, func(r db.Row) (s Session, err error) {
		return s, r.Scan(&s.ID, &s.Person, &s.Created, &s.Seen, &s.Ended, &s.Agent)
	}, `SELECT id, person_id, created_at, seen_at, ended_at, agent FROM session
		WHERE person_id = ? AND ended_at IS NULL AND seen_at > ? AND created_at > ? ORDER BY id DESC`,
		person, q.Now().Add(-idleTime), q.Now().Add(-absoluteTime))
}

// endSessions ends the person's sessions but for one (0: none is spared).
func endSessions(ctx context.Context, tx *db.Tx, person who.PersonID, spare SessionID) error {
	_, err := tx.Exec(ctx, `UPDATE session SET ended_at = ? WHERE person_id = ? AND id <> ? AND ended_at IS NULL`, tx.Now(), person, spare)
	return err
}

// endOne ends one of the person's own sessions.
func endOne(ctx context.Context, tx *db.Tx, person who.PersonID, s SessionID) error {
	n, err := tx.Exec(ctx, `UPDATE session SET ended_at = ? WHERE id = ? AND person_id = ? AND ended_at IS NULL`, tx.Now(), s, person)
	if err == nil && n == 0 {
		return fail.New(fail.NotFound, "Inloggningen är redan avslutad.")
	}
	return err
}

// A limit is how many attempts are taken within a window.
type limit struct {
	kind  string
	tries int
	in    time.Duration
}

// The limits. An address may be a whole municipality's.
var (
	accountLimit = limit{"account", 6, 15 * time.Minute}
	addressLimit = limit{"address", 60, 15 * time.Minute}
	recoverLimit = limit{"recover", 3, 30 * time.Minute}
	keptLimit    = limit{"kept", 30, time.Hour}
)

// take counts an attempt before it is made, so that attempts at the same time
// on several nodes cannot slip past. It gives RateLimited when there are none
// left.
func (l limit) take(ctx context.Context, tx *db.Tx, what string) error {
	old := tx.Now().Add(-l.in)
	n, err := db.Insert[int64](ctx, tx, `INSERT INTO attempt (key, since, tries) VALUES (?, ?, 1)
		ON CONFLICT (key) DO UPDATE SET
			tries = CASE WHEN attempt.since < ? THEN 1 ELSE attempt.tries + 1 END,
			since = CASE WHEN attempt.since < ? THEN excluded.since ELSE attempt.since END
		RETURNING tries`, l.key(what), tx.Now(), old, old)
	if err == nil && n > int64(l.tries) {
		return fail.New(fail.RateLimited, "Det har gjorts för många försök. Vänta en kvart och försök igen, eller återställ lösenordet.")
	}
	return err
}

// giveBack undoes take, as when a sign-in went well.
func (l limit) giveBack(ctx context.Context, tx *db.Tx, what string) error {
	_, err := tx.Exec(ctx, `UPDATE attempt SET tries = tries - 1 WHERE key = ? AND tries > 0`, l.key(what))
	return err
}

// clear forgets all attempts.
func (l limit) clear(ctx context.Context, tx *db.Tx, what string) error {
	_, err := tx.Exec(ctx, `DELETE FROM attempt WHERE key = ?`, l.key(what))
	return err
}

func (l limit) key(what string) string { return hashOf(l.kind + ":" + what) }

// forget drops rows that have served their time.
func forget(ctx context.Context, tx *db.Tx) error {
	now := tx.Now()
	for _, x := range []struct {
		query  string
		before time.Time
	}{
		{`DELETE FROM attempt WHERE since < ?`, now.Add(-time.Hour)},
		{`DELETE FROM kept_form WHERE at < ?`, now.Add(-keepForm)},
		{`DELETE FROM oidc_login WHERE at < ?`, now.Add(-time.Hour)},
		{`DELETE FROM ticket WHERE expires_at < ?`, now.Add(-24 * time.Hour)},
		{`DELETE FROM session WHERE seen_at < ?`, now.Add(-keepEnded)},
	} {
		if _, err := tx.Exec(ctx, x.query, x.before); err != nil {
			return err
		}
	}
	return nil
}
