package db

import (
	"context"
	"fmt"
)

// together is a transaction that many acts share.
type together struct {
	db   *DB
	tx   *Tx
	over bool  // stored or undone: whoever still has the context is on his own
	err  error // the first act that failed
}

type togetherKey struct{}

// Together runs fn so that every Read and Write that gets its context shares
// one transaction: all the acts happen, or none. Each act keeps its own time,
// its own entry in the audit log and its own hooks; those that run after the
// commit wait for the common one. An act that fails undoes all of them, even
// where fn goes on. It is for programs that play many acts one after another;
// fn and what it calls are one goroutine.
func (d *DB) Together(ctx context.Context, fn func(ctx context.Context) error) error {
	if d.shared(ctx) != nil { // already together
		return fn(ctx)
	}
	tx, err := d.begin(ctx, false)
	if err != nil {
		return err
	}
	t := &together{db: d, tx: tx}
	defer func() {
		if !t.over {
			t.over = true
			tx.rollback(context.WithoutCancel(ctx))
		}
	}()
	if err := fn(context.WithValue(ctx, togetherKey{}, t)); err != nil {
		return err
	}
	if t.err != nil {
		return t.err
	}
	if err := tx.commit(ctx); err != nil {
		return fmt.Errorf("db: commit: %w", err)
	}
	t.over = true
	for _, after := range tx.afterCommit {
		after()
	}
	return nil
}

// shared is the transaction that the context's acts share, nil for none.
func (d *DB) shared(ctx context.Context) *together {
	if t, ok := ctx.Value(togetherKey{}).(*together); ok && t.db == d && !t.over {
		return t
	}
	return nil
}

// act is the part of the shared transaction that is one act's.
func (t *together) act() *Tx { return &Tx{conn: t.tx.conn, dialect: t.tx.dialect, now: t.db.Now()} }

// write carries out one act in the shared transaction.
func (t *together) write(ctx context.Context, fn func(tx *Tx) error, audited bool) error {
	if t.err != nil {
		return fmt.Errorf("db: an earlier act of the same transaction failed: %w", t.err)
	}
	tx := t.act()
	if t.err = tx.carry(ctx, fn, audited); t.err != nil {
		return t.err
	}
	t.tx.afterCommit = append(t.tx.afterCommit, tx.afterCommit...)
	return nil
}
