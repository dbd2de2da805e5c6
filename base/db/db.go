// Package db opens the embedded SQLite database or a PostgreSQL server and
// runs the same plain SQL on both.
//
// Statements use ? for arguments. A public act opens one transaction (Write)
// and passes it to private helpers; the transaction carries the time. Times
// are stored in UTC to the microsecond: TEXT in SQLite, timestamptz in
// PostgreSQL; the zero time is NULL in both. Calendar dates are TEXT
// (2006-01-02) in both.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"kommunpilot/base/fail"
)

// Dialect tells which database it is, for the few statements that differ.
type Dialect int

// The two databases.
const (
	SQLite Dialect = iota
	Postgres
)

// String is the dialect's name and the name of its folder of migrations.
func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// ErrNotAudited is returned by Write when rows changed but no entry of the
// audit log was written in the same transaction.
var ErrNotAudited = errors.New("db: the act changed something without an entry in the audit log")

// sqliteReaders is how many connections read at once; one writes.
const sqliteReaders = 8

// DB is an open database, safe for concurrent use.
type DB struct {
	dialect Dialect
	path    string // SQLite's file
	reader  *sql.DB
	writer  *sql.DB
	pool    *pgxpool.Pool
	std     *sql.DB // PostgreSQL through database/sql, for migrations
	clock   func() time.Time
}

// Open opens the database named by address: "sqlite:PATH" (the folder is
// made) or "postgres://...". It does not migrate.
func Open(ctx context.Context, address string) (*DB, error) {
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(address, "sqlite:"))
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return openPostgres(ctx, address)
	}
	return nil, errors.New(`db: the address must begin with "sqlite:" or "postgres://"`)
}

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("db: folder of the database: %w", err)
	}
	pragmas := "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)"
	name := "file:" + (&url.URL{Path: path}).EscapedPath()
	writer, err := sql.Open("sqlite", name+"?_txlock=immediate&"+pragmas)
	if err != nil {
		return nil, fmt.Errorf("db: open %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1)
	if err := writer.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("db: open %s: %w", path, err), writer.Close())
	}
	reader, err := sql.Open("sqlite", name+"?_pragma=query_only(1)&"+pragmas)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("db: open %s: %w", path, err), writer.Close())
	}
	reader.SetMaxOpenConns(sqliteReaders)
	reader.SetMaxIdleConns(sqliteReaders)
	return &DB{dialect: SQLite, path: path, reader: reader, writer: writer, clock: time.Now}, nil
}

func openPostgres(ctx context.Context, address string) (*DB, error) {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("db: open PostgreSQL: %w", err)
	}
	return &DB{dialect: Postgres, pool: pool, std: stdlib.OpenDBFromPool(pool), clock: time.Now}, nil
}

// Dialect tells which database it is.
func (d *DB) Dialect() Dialect { return d.dialect }

// SetClock replaces the clock that transactions carry; for tests and examples.
func (d *DB) SetClock(clock func() time.Time) { d.clock = clock }

// Now is the clock's time in UTC to the microsecond, as transactions carry it.
func (d *DB) Now() time.Time { return d.clock().UTC().Truncate(time.Microsecond) }

// Path is the file of an SQLite database, "" for PostgreSQL.
func (d *DB) Path() string { return d.path }

// Writer gives the one connection that writes SQLite, for the job queue and
// the backup; nil for PostgreSQL.
func (d *DB) Writer() *sql.DB { return d.writer }

// Pool gives PostgreSQL's connections, for the job queue; nil for SQLite.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	if d.dialect == Postgres {
		return d.pool.Ping(ctx)
	}
	return d.reader.PingContext(ctx)
}

// Close closes all connections.
func (d *DB) Close() error {
	if d.dialect == Postgres {
		err := d.std.Close()
		d.pool.Close()
		return err
	}
	return errors.Join(d.reader.Close(), d.writer.Close())
}

// Read runs fn on one consistent state of the database.
func (d *DB) Read(ctx context.Context, fn func(q Q) error) error {
	if t := d.shared(ctx); t != nil {
		return fn(t.act())
	}
	tx, err := d.begin(ctx, true)
	if err != nil {
		return err
	}
	defer tx.rollback(context.WithoutCancel(ctx))
	return fn(tx)
}

// Write runs fn in one transaction: all of it happens, or nothing. It fails
// with ErrNotAudited where rows changed without an audit entry.
func (d *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return d.write(ctx, fn, true)
}

// Housekeep is Write for what is not an act of a person: sessions, counters,
// the queue. Nothing is audited.
func (d *DB) Housekeep(ctx context.Context, fn func(tx *Tx) error) error {
	return d.write(ctx, fn, false)
}

func (d *DB) write(ctx context.Context, fn func(tx *Tx) error, audited bool) (err error) {
	defer func() {
		if isFull(err) {
			err = &fail.Error{Kind: fail.Unavailable, Message: "Det finns inte plats att spara just nu: disken är full. Den som driver plattformen behöver göra plats; inget har ändrats.", Err: err}
		}
	}()
	if t := d.shared(ctx); t != nil {
		return t.write(ctx, fn, audited)
	}
	tx, err := d.begin(ctx, false)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // an error or a panic: undo
			tx.rollback(context.WithoutCancel(ctx))
		}
	}()
	if err := tx.carry(ctx, fn, audited); err != nil {
		return err
	}
	if err := tx.commit(ctx); err != nil {
		return fmt.Errorf("db: commit: %w", err)
	}
	done = true
	for _, after := range tx.afterCommit {
		after()
	}
	return nil
}

// carry runs one act up to its commit.
func (t *Tx) carry(ctx context.Context, fn func(tx *Tx) error, audited bool) error {
	if err := fn(t); err != nil {
		return err
	}
	for _, last := range t.beforeCommit {
		if err := last(ctx); err != nil {
			return err
		}
	}
	if audited && t.changed && !t.audited {
		return ErrNotAudited
	}
	return nil
}

func (d *DB) begin(ctx context.Context, readOnly bool) (*Tx, error) {
	var c conn
	var err error
	switch {
	case d.dialect == Postgres:
		c, err = beginPostgres(ctx, d.pool, readOnly)
	case readOnly:
		c, err = beginSQLite(ctx, d.reader)
	default:
		c, err = beginSQLite(ctx, d.writer)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &fail.Error{Kind: fail.Unavailable, Message: "Databasen svarar inte just nu. Försök igen om en stund; inget har ändrats.", Err: err}
	}
	return &Tx{conn: c, dialect: d.dialect, now: d.Now()}, nil
}

func (t *Tx) rollback(ctx context.Context) {
	if err := t.conn.rollback(ctx); err != nil {
		slog.WarnContext(ctx, "db: rollback", "err", err)
	}
}

func (t *Tx) commit(ctx context.Context) error { return t.conn.commit(ctx) }
