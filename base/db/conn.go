package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// conn is one transaction of either driver.
type conn interface {
	exec(ctx context.Context, query string, args []any) (int64, error)
	query(ctx context.Context, query string, args []any) (rows, error)
	commit(ctx context.Context) error
	rollback(ctx context.Context) error
}

// rows is what pgx.Rows and sql.Rows have in common.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

type sqliteConn struct{ tx *sql.Tx }

func beginSQLite(ctx context.Context, d *sql.DB) (conn, error) {
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return sqliteConn{tx}, nil
}

func (c sqliteConn) exec(ctx context.Context, query string, args []any) (int64, error) {
	res, err := c.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c sqliteConn) query(ctx context.Context, query string, args []any) (rows, error) {
	r, err := c.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return sqlRows{r}, nil
}

func (c sqliteConn) commit(context.Context) error { return c.tx.Commit() }

// rollback undoes; on a full disk SQLite has already done so by itself.
func (c sqliteConn) rollback(context.Context) error {
	if err := c.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) && !strings.Contains(err.Error(), "no transaction is active") {
		return err
	}
	return nil
}

// sqlRows drops the error of Close, which Err reports as well.
type sqlRows struct{ *sql.Rows }

func (r sqlRows) Close() { _ = r.Rows.Close() }

type pgConn struct{ tx pgx.Tx }

func beginPostgres(ctx context.Context, pool *pgxpool.Pool, readOnly bool) (conn, error) {
	opts := pgx.TxOptions{}
	if readOnly {
		opts = pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}
	}
	tx, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return pgConn{tx}, nil
}

func (c pgConn) exec(ctx context.Context, query string, args []any) (int64, error) {
	tag, err := c.tx.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (c pgConn) query(ctx context.Context, query string, args []any) (rows, error) {
	return c.tx.Query(ctx, query, args...)
}

func (c pgConn) commit(ctx context.Context) error { return c.tx.Commit(ctx) }

func (c pgConn) rollback(ctx context.Context) error {
	if err := c.tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		return err
	}
	return nil
}
