package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"path"
	"sort"
	"time"

	"github.com/pressly/goose/v3"

	"kommunpilot/base/fail"
)

//go:embed schema
var schema embed.FS

// Schema is this package's own migrations, for Migrate.
func Schema() fs.FS { return Sub(schema) }

// Sub gives the folder "schema" of an embedded file system.
func Sub(e embed.FS) fs.FS {
	sub, err := fs.Sub(e, "schema")
	if err != nil {
		panic(err) // "schema" is a valid path
	}
	return sub
}

// Migrate brings the database to the newest schema. Each file system has the
// folders sqlite and postgres with <timestamp>_<noun>.sql; they are run in
// the order of their timestamps, whichever room they come from. It gives the
// names of those that ran.
func (d *DB) Migrate(ctx context.Context, schemas ...fs.FS) ([]string, error) {
	all, err := gather(d.dialect, schemas)
	if err != nil {
		return nil, err
	}
	dialect, conn := goose.DialectSQLite3, d.writer
	if d.dialect == Postgres {
		dialect, conn = goose.DialectPostgres, d.std
	}
	p, err := goose.NewProvider(dialect, conn, all, goose.WithLogger(log.New(discard{}, "", 0)), goose.WithAllowOutofOrder(true))
	if err != nil {
		return nil, fmt.Errorf("db: migrations: %w", err)
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: migrate: %w", err)
	}
	var ran []string
	for _, r := range results {
		ran = append(ran, path.Base(r.Source.Path))
	}
	return ran, nil
}

// Std gives a database/sql handle that may write: SQLite's writer, or
// PostgreSQL's pool.
func (d *DB) Std() *sql.DB {
	if d.dialect == Postgres {
		return d.std
	}
	return d.writer
}

// ErrTwice tells a form that was sent a second time from other conflicts.
var ErrTwice = errors.New("db: the form has already been sent")

// Once records that a form's token has been used; a second use is a Conflict,
// so that a double click does not act twice.
func Once(ctx context.Context, tx *Tx, token string) error {
	if token == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO once (token, at) VALUES (?, ?)`, token, tx.now)
	if IsUnique(err) {
		return &fail.Error{Kind: fail.Conflict, Message: "Det här formuläret är redan skickat. Inget gjordes en andra gång.", Err: ErrTwice}
	}
	return err
}

// ForgetOnce drops form tokens older than age.
func ForgetOnce(ctx context.Context, tx *Tx, age time.Duration) error {
	_, err := tx.Exec(ctx, `DELETE FROM once WHERE at < ?`, tx.now.Add(-age))
	return err
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// gathered is one flat folder made of every room's migrations.
type gathered struct {
	names []string
	from  map[string]fs.FS
}

func gather(d Dialect, schemas []fs.FS) (fs.FS, error) {
	g := gathered{from: map[string]fs.FS{}}
	for _, s := range schemas {
		sub, err := fs.Sub(s, d.String())
		if err != nil {
			return nil, err
		}
		names, err := fs.Glob(sub, "*.sql")
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			if _, taken := g.from[n]; taken {
				return nil, fmt.Errorf("db: two migrations are named %s", n)
			}
			g.names, g.from[n] = append(g.names, n), sub
		}
	}
	sort.Strings(g.names)
	return g, nil
}

// Open implements fs.FS for the files.
func (g gathered) Open(name string) (fs.File, error) {
	if s, ok := g.from[name]; ok {
		return s.Open(name)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Glob implements fs.GlobFS; goose asks for *.sql and *.go.
func (g gathered) Glob(pattern string) ([]string, error) {
	var out []string
	var bad error
	for _, n := range g.names {
		ok, err := path.Match(pattern, n)
		bad = errors.Join(bad, err)
		if ok {
			out = append(out, n)
		}
	}
	return out, bad
}
