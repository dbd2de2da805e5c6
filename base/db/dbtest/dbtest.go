// Package dbtest gives each test a fresh real database.
//
// SQLite always; PostgreSQL too where KOMMUNPILOT_TEST_POSTGRES names a server
// on which databases may be made (make test starts one).
package dbtest

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
)

// Each runs the test on every database there is, with the audit log, the
// package's own tables and the given rooms' migrated.
func Each(t *testing.T, schemas []fs.FS, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t, schemas...)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t, schemas...)) })
}

// SQLite gives a fresh SQLite database in the test's folder.
func SQLite(t testing.TB, schemas ...fs.FS) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	migrate(t, d, schemas)
	return d
}

// Postgres gives a fresh PostgreSQL database, dropped when the test ends. The
// test is skipped where no server is named.
func Postgres(t testing.TB, schemas ...fs.FS) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), PostgresURL(t, schemas...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// PostgresURL is Postgres for a test that opens the database itself.
func PostgresURL(t testing.TB, schemas ...fs.FS) string {
	t.Helper()
	server := os.Getenv("KOMMUNPILOT_TEST_POSTGRES")
	if server == "" {
		t.Skip("PostgreSQL: KOMMUNPILOT_TEST_POSTGRES is not set; make test starts a server and sets it")
	}
	template := templateFor(t, server, schemas)
	name := "t" + strings.ToLower(id.Token())
	execute(t, server, fmt.Sprintf(`CREATE DATABASE %q TEMPLATE %q`, name, template))
	t.Cleanup(func() { execute(t, server, fmt.Sprintf(`DROP DATABASE IF EXISTS %q WITH (FORCE)`, name)) })
	return withDatabase(server, name)
}

var (
	templates   = map[string]string{}
	templatesMu sync.Mutex
)

// templateFor migrates one template database per set of schemas and process.
func templateFor(t testing.TB, server string, schemas []fs.FS) string {
	templatesMu.Lock()
	defer templatesMu.Unlock()
	key := fmt.Sprint(schemas)
	if name, ok := templates[key]; ok {
		return name
	}
	name := "template" + strings.ToLower(id.Token())
	execute(t, server, fmt.Sprintf(`CREATE DATABASE %q`, name))
	d, err := db.Open(context.Background(), withDatabase(server, name))
	if err != nil {
		t.Fatal(err)
	}
	migrate(t, d, schemas)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	templates[key] = name
	return name
}

func migrate(t testing.TB, d *db.DB, schemas []fs.FS) {
	t.Helper()
	own := []fs.FS{db.Schema(), audit.Schema()}
	if _, err := d.Migrate(context.Background(), append(own, schemas...)...); err != nil {
		t.Fatal(err)
	}
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	return u.String()
}

func execute(t testing.TB, server, statement string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}
