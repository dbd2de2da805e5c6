package main

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kommunpilot/base/db"
)

// The examples take seconds to play. The first test that has them on a database
// of a kind leaves a copy, from which the others fill their own empty databases.
var (
	mouldMu sync.Mutex
	moulds  = map[db.Dialect]*mould{}
)

type mould struct {
	folder   string // with the files, and the SQLite database
	examples examples
	tables   map[string][]byte // of PostgreSQL, as COPY writes them
	next     map[string]int64  // the last value of each sequence
}

// clearMoulds removes the copies when all tests are over.
func clearMoulds() {
	for _, m := range moulds {
		_ = os.RemoveAll(m.folder)
	}
}

// toMould keeps the examples as they were just made.
func (p *platform) toMould(t *testing.T, files string) {
	t.Helper()
	mouldMu.Lock()
	defer mouldMu.Unlock()
	if moulds[p.db.Dialect()] != nil {
		return
	}
	folder, err := os.MkdirTemp("", "kommunpilot-mould-*")
	worked(t, err)
	worked(t, os.CopyFS(filepath.Join(folder, "files"), os.DirFS(files)))
	m := &mould{folder: folder, examples: *p.examples}
	if p.db.Dialect() == db.SQLite {
		_, err := p.db.Writer().ExecContext(t.Context(), `VACUUM INTO ?`, filepath.Join(folder, "mould.db"))
		worked(t, err)
	} else {
		m.copyOut(t, p.db.Pool())
	}
	moulds[p.db.Dialect()] = m
}

// fromMould fills the database and the folder from the copy; false where there is
// none.
func (p *platform) fromMould(t *testing.T, files string) bool {
	t.Helper()
	mouldMu.Lock()
	defer mouldMu.Unlock()
	m := moulds[p.db.Dialect()]
	if m == nil {
		return false
	}
	if p.db.Dialect() == db.SQLite {
		m.attach(t, p.db.Writer())
	} else {
		m.copyIn(t, p.db.Pool())
	}
	worked(t, os.CopyFS(files, os.DirFS(filepath.Join(m.folder, "files"))))
	made := m.examples
	made.rooms, made.db = p.rooms, p.db
	p.examples = &made
	return true
}

// attach copies every table of the SQLite copy.
func (m *mould) attach(t *testing.T, d *sql.DB) {
	t.Helper()
	conn, err := d.Conn(t.Context())
	worked(t, err)
	defer func() { _ = conn.Close() }()
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	run(`PRAGMA foreign_keys = OFF`)
	run(`ATTACH ? AS mould`, filepath.Join(m.folder, "mould.db"))
	rows, err := conn.QueryContext(t.Context(), `SELECT name FROM mould.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	worked(t, err)
	var tables []string
	for rows.Next() {
		var s string
		worked(t, rows.Scan(&s))
		tables = append(tables, s)
	}
	worked(t, errors.Join(rows.Err(), rows.Close()))
	run(`BEGIN`)
	for _, name := range tables {
		run(`INSERT OR REPLACE INTO main."` + name + `" SELECT * FROM mould."` + name + `"`)
	}
	run(`COMMIT`)
	run(`DETACH mould`)
	run(`PRAGMA foreign_keys = ON`)
}

// copyOut keeps every table and sequence of a PostgreSQL database.
func (m *mould) copyOut(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	conn, err := pool.Acquire(t.Context())
	worked(t, err)
	defer conn.Release()
	rows, err := conn.Query(t.Context(), `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
	worked(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	worked(t, err)
	m.tables, m.next = map[string][]byte{}, map[string]int64{}
	for _, name := range names {
		var b bytes.Buffer
		_, err := conn.Conn().PgConn().CopyTo(t.Context(), &b, `COPY "`+name+`" TO STDOUT (FORMAT binary)`)
		worked(t, err)
		m.tables[name] = b.Bytes()
	}
	rows, err = conn.Query(t.Context(), `SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL`)
	worked(t, err)
	var name string
	var last int64
	_, err = pgx.ForEachRow(rows, []any{&name, &last}, func() error { m.next[name] = last; return nil })
	worked(t, err)
}

// copyIn puts them in an empty one.
func (m *mould) copyIn(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	conn, err := pool.Acquire(t.Context())
	worked(t, err)
	defer conn.Release()
	run := func(query string, args ...any) {
		t.Helper()
		_, err := conn.Exec(t.Context(), query, args...)
		worked(t, err)
	}
	run(`SET session_replication_role = replica`)
	for name := range m.tables {
		run(`TRUNCATE "` + name + `" CASCADE`)
	}
	for name, data := range m.tables {
		_, err := conn.Conn().PgConn().CopyFrom(t.Context(), bytes.NewReader(data), `COPY "`+name+`" FROM STDIN (FORMAT binary)`)
		worked(t, err)
	}
	for name, last := range m.next {
		run(`SELECT setval($1::regclass, $2)`, `"`+name+`"`, last)
	}
	run(`SET session_replication_role = DEFAULT`)
}
