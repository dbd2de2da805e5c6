// Command load fills a database with 290 applications, 20 calls and 200,000
// entries of the audit log, serves it with the real program on the loopback,
// asks for each page a bounded number of times, and prints the 50th, 95th and
// 99th percentile of the time to answer and the requests per second. It ends
// with code 1 where a page misses its bar.
//
//	go run ./bench/load
//	go run ./bench/load -postgres postgres://user:password@127.0.0.1/postgres
//
// The time is measured by the asker on the same machine, so it is a little
// more than the server's own. Asker and server share the processors.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/bench/measure"
)

// options are the flags.
type options struct {
	program    string
	postgres   string
	requests   int
	concurrent int
	sizes      sizes
}

func main() {
	var o options
	flag.StringVar(&o.program, "program", "", "the program to measure; built from ./cmd/kommunpilot where none is given")
	flag.StringVar(&o.postgres, "postgres", os.Getenv("KOMMUNPILOT_TEST_POSTGRES"), "a PostgreSQL server on which a database may be made and dropped; left out where empty")
	flag.IntVar(&o.requests, "requests", 400, "requests per page")
	flag.IntVar(&o.concurrent, "concurrent", 2, "requests at a time")
	flag.IntVar(&o.sizes.applications, "applications", 290, "applications")
	flag.IntVar(&o.sizes.calls, "calls", 20, "calls")
	flag.IntVar(&o.sizes.audit, "audit", 200_000, "entries of the audit log")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "kommunpilot-load-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if o.program == "" {
		o.program = filepath.Join(folder, "kommunpilot")
		build := exec.CommandContext(ctx, "go", "build", "-o", o.program, "./cmd/kommunpilot") //nolint:gosec // our own program
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build: %w\n%s", err, out)
		}
	}
	fmt.Printf("%d applications, %d calls, %d entries of the audit log; %d requests per page, %d at a time, %d processors\n",
		o.sizes.applications, o.sizes.calls, o.sizes.audit, o.requests, o.concurrent, runtime.NumCPU())
	missed := bench(ctx, o, "SQLite", "sqlite:"+filepath.Join(folder, "k.db"), filepath.Join(folder, "files"), measure.BarSQLite)
	if o.postgres == "" {
		fmt.Println("\nPostgreSQL: left out, no server was named (-postgres)")
		return missed
	}
	address, drop, err := newPostgres(ctx, o.postgres)
	if err != nil {
		return errors.Join(missed, err)
	}
	defer drop()
	return errors.Join(missed, bench(ctx, o, "PostgreSQL", address, filepath.Join(folder, "files-postgres"), measure.BarPostgres))
}

// bench fills one database and measures its pages.
func bench(ctx context.Context, o options, name, database, files string, bar time.Duration) error {
	fmt.Printf("\n%s\n", name)
	at := []string{"--database=" + database, "--files=" + files}
	if out, err := exec.CommandContext(ctx, o.program, append([]string{"migrate"}, at...)...).CombinedOutput(); err != nil { //nolint:gosec // our own program
		return fmt.Errorf("%s: migrate: %w\n%s", name, err, out)
	}
	at = append(at, "--example")
	session, err := seeded(ctx, o.program, at)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	start := time.Now()
	pages, err := filled(ctx, database, o.sizes)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Printf("  filled in %.1f s\n", time.Since(start).Seconds())
	s, err := measure.Start(ctx, o.program, at)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer s.Stop()
	s.Session = session
	if err := s.All(ctx, pages, o.requests, o.concurrent, bar); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// officer is the example person whose pages are measured.
const officer = "Handläggare, Tillväxtverket"

// seeded lets the program make its examples, and signs in as the officer.
func seeded(ctx context.Context, program string, at []string) (*http.Cookie, error) {
	s, err := measure.Start(ctx, program, at)
	if err != nil {
		return nil, err
	}
	defer s.Stop()
	return s.SignIn(ctx, officer)
}

// filled opens the database, fills it, and closes it.
func filled(ctx context.Context, database string, n sizes) ([]measure.Page, error) {
	d, err := db.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	pages, err := fill(ctx, d, n)
	return pages, errors.Join(err, d.Close())
}

// newPostgres makes a database of our own on the server.
func newPostgres(ctx context.Context, server string) (address string, drop func(), err error) {
	name := "load" + strings.ToLower(id.Token())
	execute := func(ctx context.Context, statement string) error {
		c, err := pgx.Connect(ctx, server)
		if err != nil {
			return err
		}
		_, err = c.Exec(ctx, statement)
		return errors.Join(err, c.Close(ctx))
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, errors.New("the address of the PostgreSQL server cannot be read")
	}
	u.Path = "/" + name
	if err := execute(ctx, fmt.Sprintf("CREATE DATABASE %q", name)); err != nil {
		return "", nil, err
	}
	return u.String(), func() {
		if err := execute(context.WithoutCancel(ctx), fmt.Sprintf("DROP DATABASE %q WITH (FORCE)", name)); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, "load:", err)
		}
	}, nil
}
