package main

import (
	"context"
	"errors"
	"time"

	"kommunpilot/base/db"
)

// numbers is a table of the numbers 1..n in either dialect.
func numbers(d db.Dialect) string {
	if d == db.Postgres {
		return `WITH n(i) AS (SELECT * FROM generate_series(1::bigint, CAST(? AS bigint)))`
	}
	return `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)`
}

// fillBatch is how many rows one statement writes, so that a run that is
// stopped goes on where it was.
const fillBatch = 100_000

// fill writes the log and audit rows that are missing, spread over the rooms,
// and gives the room to measure: the first, which is open and lived in.
func fill(ctx context.Context, o options) (busy int64, err error) {
	d, err := db.Open(ctx, o.database)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Read(ctx, func(q db.Q) error {
		busy, err = db.Value[int64](ctx, q, `SELECT id FROM project ORDER BY id LIMIT 1`)
		return err
	}); err != nil {
		return 0, err
	}
	for done := false; !done; {
		if err := d.Housekeep(ctx, func(tx *db.Tx) error { done, err = batch(ctx, tx, o.rows); return err }); err != nil {
			return 0, err
		}
	}
	if d.Dialect() == db.Postgres {
		return busy, d.Housekeep(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, `ANALYZE`); return err })
	}
	return busy, nil
}

// batch adds a batch of log entries with their events, and of audit rows.
func batch(ctx context.Context, tx *db.Tx, rows int) (done bool, err error) {
	logs, err := db.Value[int](ctx, tx, `SELECT COUNT(*) FROM item WHERE noun = 'log'`)
	if err != nil {
		return false, err
	}
	audits, err := db.Value[int64](ctx, tx, `SELECT seq FROM audit_head`)
	if err != nil {
		return false, err
	}
	n := min(fillBatch, rows-logs)
	from := tx.Now().Add(-700 * 24 * time.Hour)
	if n > 0 {
		last, err := db.Value[int64](ctx, tx, `SELECT MAX(id) FROM item`)
		if err != nil {
			return false, err
		}
		if _, err := tx.Exec(ctx, numbers(tx.Dialect())+` INSERT INTO item (project_id, programme_id, noun, parent_id, state, version, created_at, created_by, changed_at, content)
			SELECT p.id, p.programme_id, 'log', 0, '', 1, ?, 1, ?, '{"day":"2026-01-15","kind":"aktivitet","what":"En anteckning som fyller loggen","text":"","corrects":0}'
			FROM n JOIN project p ON p.id = 1 + n.i % (SELECT MAX(id) FROM project)`, n, from, from); err != nil {
			return false, err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO item_event (item_id, project_id, noun, at, person_id, act, from_state, to_state, reason, content)
			SELECT id, project_id, noun, created_at, 1, 'log.write', '', '', '', content FROM item WHERE id > ? AND noun = 'log'`, last); err != nil {
			return false, err
		}
	}
	m := min(fillBatch, rows-int(audits))
	if m > 0 {
		hash := ""
		for len(hash) < 64 {
			hash += "0123456789abcdef"
		}
		if _, err := tx.Exec(ctx, numbers(tx.Dialect())+` INSERT INTO audit (seq, at, kind, person_id, act, object, programme_id, org_id, reason, data, salt, data_hash, hash)
			SELECT h.seq + n.i, ?, 1, 1, 'log.write', 'log:' || n.i, 1 + n.i % (SELECT MAX(id) FROM programme), 0, '', '{"from":"","to":""}', '', ?, ? FROM n CROSS JOIN audit_head h`, m, from, hash, hash); err != nil {
			return false, err
		}
		if _, err := tx.Exec(ctx, `UPDATE audit_head SET seq = seq + ?`, m); err != nil {
			return false, err
		}
	}
	return n <= 0 && m <= 0, nil
}
