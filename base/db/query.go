package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"kommunpilot/base/fail"
)

// timeFormat is how SQLite stores a time: fixed width, so that text order is
// time order.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// Q asks: a read-only transaction, or a writing one. Only this package makes one.
type Q interface {
	// Dialect tells which database it is.
	Dialect() Dialect
	// Now is the transaction's time, UTC.
	Now() time.Time
	ask(ctx context.Context, query string, args []any) (rows, error)
}

// Tx is one transaction that may write. It is used by one goroutine.
type Tx struct {
	conn         conn
	dialect      Dialect
	now          time.Time
	changed      bool
	audited      bool
	beforeCommit []func(context.Context) error
	afterCommit  []func()
}

// Dialect tells which database it is.
func (t *Tx) Dialect() Dialect { return t.dialect }

// Now is the transaction's time, UTC to the microsecond.
func (t *Tx) Now() time.Time { return t.now }

// BeforeCommit runs fn in the transaction after everything else.
func (t *Tx) BeforeCommit(fn func(context.Context) error) {
	t.beforeCommit = append(t.beforeCommit, fn)
}

// AfterCommit runs fn when the transaction has been stored, and only then.
func (t *Tx) AfterCommit(fn func()) { t.afterCommit = append(t.afterCommit, fn) }

// MarkAudited is called by the audit log alone.
func (t *Tx) MarkAudited() { t.audited = true }

// SQL gives SQLite's transaction, for the job queue; nil on PostgreSQL.
func (t *Tx) SQL() *sql.Tx {
	if c, ok := t.conn.(sqliteConn); ok {
		return c.tx
	}
	return nil
}

// PGX gives PostgreSQL's transaction, for the job queue; nil on SQLite.
func (t *Tx) PGX() pgx.Tx {
	if c, ok := t.conn.(pgConn); ok {
		return c.tx
	}
	return nil
}

func (t *Tx) ask(ctx context.Context, query string, args []any) (rows, error) {
	return t.conn.query(ctx, t.rebind(query), t.arguments(args))
}

// Exec runs a statement and gives the number of rows it changed.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	n, err := t.conn.exec(ctx, t.rebind(query), t.arguments(args))
	if err != nil {
		return 0, fmt.Errorf("db: %s: %w", firstWords(query), err)
	}
	t.changed = t.changed || n > 0
	return n, nil
}

// Row is one row of an answer. A *time.Time takes NULL as the zero time.
type Row interface{ Scan(dest ...any) error }

// Insert runs an INSERT ... RETURNING id and gives the identifier as its own type.
func Insert[T ~int64](ctx context.Context, t *Tx, query string, args ...any) (T, error) {
	t.changed = true
	return Value[T](ctx, t, query, args...)
}

// All gives every row of the answer, in the query's order; nil for none.
func All[T any](ctx context.Context, q Q, scan func(Row) (T, error), query string, args ...any) ([]T, error) {
	r, err := q.ask(ctx, query, args)
	if err != nil {
		return nil, fmt.Errorf("db: %s: %w", firstWords(query), err)
	}
	defer r.Close()
	var out []T
	for r.Next() {
		v, err := scan(row{r})
		if err != nil {
			return nil, fmt.Errorf("db: scan %s: %w", firstWords(query), err)
		}
		out = append(out, v)
	}
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("db: %s: %w", firstWords(query), err)
	}
	return out, nil
}

// One gives the first row; fail.NotFound where there is none.
func One[T any](ctx context.Context, q Q, scan func(Row) (T, error), query string, args ...any) (T, error) {
	all, err := All(ctx, q, scan, query, args...)
	if err != nil || len(all) > 0 {
		return first(all), err
	}
	return first(all), fail.New(fail.NotFound, "Det du söker finns inte.")
}

// Value gives the one column of the first row; fail.NotFound where there is none.
func Value[T any](ctx context.Context, q Q, query string, args ...any) (T, error) {
	return One(ctx, q, func(r Row) (v T, err error) { return v, r.Scan(&v) }, query, args...)
}

// Values gives one column of every row.
func Values[T any](ctx context.Context, q Q, query string, args ...any) ([]T, error) {
	return All(ctx, q, func(r Row) (v T, err error) { return v, r.Scan(&v) }, query, args...)
}

// Changed turns "no row was changed" into the conflict of optimistic locking:
//
//	err := db.Changed(tx.Exec(ctx, "UPDATE ... WHERE id = ? AND version = ?", ...))
func Changed(n int64, err error) error {
	if err == nil && n == 0 {
		return fail.New(fail.Conflict, "Någon annan har ändrat det här sedan du öppnade det. Jämför de två versionerna och spara igen.")
	}
	return err
}

// IsUnique tells whether err is a broken UNIQUE or PRIMARY KEY rule.
func IsUnique(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

// isFull tells whether err is that the disk has no room left.
func isFull(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_FULL
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100"
}

func first[T any](all []T) (v T) {
	if len(all) > 0 {
		v = all[0]
	}
	return v
}

// row lets every *time.Time read either database's times.
type row struct{ rows rows }

func (r row) Scan(dest ...any) error {
	for i, d := range dest {
		if t, ok := d.(*time.Time); ok {
			dest[i] = (*moment)(t)
		}
	}
	return r.rows.Scan(dest...)
}

// moment scans SQLite's text, PostgreSQL's time and NULL.
type moment time.Time

// Scan implements sql.Scanner.
func (m *moment) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*m = moment{}
	case time.Time:
		*m = moment(v.UTC())
	case string:
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return err
		}
		*m = moment(t.UTC())
	default:
		return fmt.Errorf("db: cannot read a time from %T", src)
	}
	return nil
}

// arguments writes times as the dialect stores them; the zero time is NULL.
func (t *Tx) arguments(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
		v, ok := a.(time.Time)
		switch {
		case !ok:
		case v.IsZero():
			out[i] = nil
		case t.dialect == SQLite:
			out[i] = v.UTC().Format(timeFormat)
		}
	}
	return out
}

// rebound remembers each statement's PostgreSQL form.
var rebound sync.Map

// rebind writes ? as $1, $2 ... for PostgreSQL, outside quoted text.
func (t *Tx) rebind(query string) string {
	if t.dialect == SQLite {
		return query
	}
	if v, ok := rebound.Load(query); ok {
		return v.(string)
	}
	var b strings.Builder
	n, quoted := 0, false
	for _, c := range query {
		switch {
		case c == '\'':
			quoted = !quoted
			b.WriteRune(c)
		case c == '?' && !quoted:
			n++
			b.WriteString("$" + strconv.Itoa(n))
		default:
			b.WriteRune(c)
		}
	}
	rebound.Store(query, b.String())
	return b.String()
}

// firstWords names a statement in an error without its values.
func firstWords(query string) string {
	words := strings.Fields(query)
	if len(words) > 5 {
		words = words[:5]
	}
	return strings.Join(words, " ")
}
