// Command room fills a database with 50 project rooms that have gone from
// start to close-out, 10^6 entries of their logs and 10^6 entries of the audit
// log, serves it with the real program on the loopback, asks for each of a
// room's pages a bounded number of times, and prints the percentiles of the
// time to answer. It ends with code 1 where a page misses its bar.
//
//	go run ./bench/room
//	go run ./bench/room -database postgres://user:password@127.0.0.1/empty
//
// With -database and -fill it fills and stops, and goes on another time where
// it was; without -fill it measures a database that is filled. The rooms are
// made by "example generate" and "example load"; the log and audit rows are
// written by SQL, and the chain of the latter is not one that verifies.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/bench/measure"
)

// options are the flags.
type options struct {
	program, database, files string
	rooms, rows              int
	requests, concurrent     int
	fill                     bool
}

func main() {
	var o options
	flag.StringVar(&o.program, "program", "", "the program to measure; built from ./cmd/kommunpilot where none is given")
	flag.StringVar(&o.database, "database", "", "a database of its own, which is filled; a temporary SQLite one where none is given")
	flag.StringVar(&o.files, "files", "", "the folder of its files")
	flag.IntVar(&o.rooms, "rooms", 50, "project rooms")
	flag.IntVar(&o.rows, "rows", 1_000_000, "entries of the rooms' logs, and as many of the audit log")
	flag.IntVar(&o.requests, "requests", 200, "requests per page")
	flag.IntVar(&o.concurrent, "concurrent", 2, "requests at a time")
	flag.BoolVar(&o.fill, "fill", false, "fill and stop")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "room:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "kommunpilot-room-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if o.program == "" {
		o.program = filepath.Join(folder, "kommunpilot")
		if err := command(ctx, "go", "build", "-o", o.program, "./cmd/kommunpilot"); err != nil {
			return err
		}
	}
	if o.database == "" {
		o.database = "sqlite:" + filepath.Join(folder, "k.db")
	}
	if o.files == "" {
		o.files = filepath.Join(folder, "files")
	}
	at := []string{"--database=" + o.database, "--files=" + o.files}
	if err := command(ctx, o.program, append([]string{"migrate"}, at...)...); err != nil {
		return err
	}
	at = append(at, "--example")
	s, err := measure.Start(ctx, o.program, at) // makes the examples
	if err != nil {
		return err
	}
	s.Stop()
	start := time.Now()
	if err := load(ctx, o, folder); err != nil {
		return err
	}
	busy, err := fill(ctx, o)
	if err != nil {
		return err
	}
	fmt.Printf("%d rooms, %d log and %d audit rows; filled in %.1f s\n", o.rooms, o.rows, o.rows, time.Since(start).Seconds())
	if o.fill {
		return nil
	}
	if s, err = measure.Start(ctx, o.program, at); err != nil {
		return err
	}
	defer s.Stop()
	bar := measure.BarPostgres
	if strings.HasPrefix(o.database, "sqlite:") {
		bar = measure.BarSQLite
	}
	fmt.Printf("%s; %d requests per page, %d at a time, %d processors, the bar %.0f ms\n", strings.SplitN(o.database, ":", 2)[0], o.requests, o.concurrent, runtime.NumCPU(), measure.Milliseconds(bar))
	if s.Session, err = s.SignIn(ctx, "Projektledare, Upphandlingsbolaget"); err != nil {
		return err
	}
	return s.All(ctx, pages(busy), o.requests, o.concurrent, bar)
}

// command runs a program and gives what it says where it fails.
func command(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput() //nolint:gosec // our own program
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), args[0], err, out)
	}
	return nil
}

// load adds generated rooms until there are as many as asked for, some at a
// time so that a run that is stopped goes on where it was. Each lot has a seed
// of its own.
func load(ctx context.Context, o options, folder string) error {
	const lot = 5
	for {
		have, err := count(ctx, o.database, `SELECT COUNT(*) FROM project`)
		if err != nil || have >= o.rooms {
			return err
		}
		file := filepath.Join(folder, "rooms.jsonl")
		if err := command(ctx, o.program, "example", "generate", "--programmes", strconv.Itoa(min(lot, o.rooms-have)), "--seed", strconv.Itoa(1000+have), "--out", file); err != nil {
			return err
		}
		if err := command(ctx, o.program, "example", "load", file, "--into", o.database, "--files", o.files); err != nil {
			return err
		}
	}
}

func count(ctx context.Context, database, query string) (n int, err error) {
	d, err := db.Open(ctx, database)
	if err != nil {
		return 0, err
	}
	err = d.Read(ctx, func(q db.Q) error { n, err = db.Value[int](ctx, q, query); return err })
	return n, errors.Join(err, d.Close())
}

// pages are those of one room: the living one of the examples.
func pages(busy int64) []measure.Page {
	room := "/projekt/" + strconv.FormatInt(busy, 10)
	out := []measure.Page{{Name: "projekt", Path: "/projekt", SignedIn: true}, {Name: "rummet", Path: room, SignedIn: true}, {Name: "att göra", Path: "/att-gora", SignedIn: true}}
	for _, part := range []string{"faser", "beslutspunkter", "grupper", "uppdrag", "beslut", "andringar", "mal", "indikatorer", "matvarden", "moten", "kalender", "tidsforfragan", "protokoll", "intervjuer", "logg", "atgarder", "risker", "avvikelser", "rapporter",
		"delrapporter", "utvarderingsfragor", "handelser", "kommunikation", "presentationer", "diarium", "arenden", "offentligt-diarium"} {
		out = append(out, measure.Page{Name: part, Path: room + "/" + part, SignedIn: true})
	}
	return append(out, measure.Page{Name: "loggen den dag", Path: room + "/logg?den=" + time.Now().AddDate(0, 0, -30).Format(time.DateOnly), SignedIn: true},
		measure.Page{Name: "rummet den dag", Path: room + "?den=" + time.Now().AddDate(0, 0, -30).Format(time.DateOnly), SignedIn: true})
}
