package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/who"
	"kommunpilot/engine/example"
)

// ExampleCmd makes and loads example programmes.
type ExampleCmd struct {
	Generate ExampleGenerateCmd `cmd:"" help:"Write a script of made-up programmes, the same for the same seed."`
	Load     ExampleLoadCmd     `cmd:"" help:"Play a script into the database, as the people in it would have acted."`
}

// ExampleGenerateCmd writes a script.
type ExampleGenerateCmd struct {
	Programmes int    `default:"3" placeholder:"N" help:"How many programmes, each with one project room. Default: 3."`
	Years      int    `default:"2" placeholder:"Y" help:"How many years each project takes, from 1 to 5. Default: 2."`
	Seed       uint64 `default:"1" placeholder:"S" help:"Another seed gives other programmes; the same seed gives the same file. Default: 1."`
	Start      string `default:"2023-01-09" placeholder:"DAY" help:"The first day of the first project. Default: 2023-01-09."`
	Out        string `required:"" placeholder:"FILE" help:"Where the script is written; - is standard output."`
}

// Help tells how it is used.
func (ExampleGenerateCmd) Help() string {
	return `To see what a platform in use looks like:

    kommunpilot example generate --programmes 3 --years 2 --seed 1 --out example.jsonl
    kommunpilot example load example.jsonl
    kommunpilot serve --example

The script is text, one act per line: who does what, when. Read it, change it, make your own.
Nothing in it is real: the people are roles with addresses that end with .example.
docs/examples.md describes the lines.`
}

// Run writes the script.
func (c *ExampleGenerateCmd) Run(out *Streams) error {
	start, err := calendar.Parse(c.Start)
	if err != nil || start == "" {
		return &exitError{exitBadInput, fmt.Errorf("--start %q: write the day as 2023-01-09", c.Start)}
	}
	first, err := time.Parse(time.DateOnly, string(start))
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	p := example.Params{Programmes: c.Programmes, Years: c.Years, Seed: c.Seed, Start: first}
	if c.Out == "-" {
		return badParams(example.Generate(p, func(s example.Script) error { return example.Write(out.Out, s) }))
	}
	acts := 0
	err = replaceFile(c.Out, func(w io.Writer) error {
		return badParams(example.Generate(p, func(s example.Script) error {
			acts += len(s.Lines)
			return example.Write(w, s)
		}))
	})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out.Out, "%s: %d programmes, %d acts. To play them: kommunpilot example load %s\n", c.Out, c.Programmes, acts, c.Out)
	return nil
}

// badParams gives errors of the parameters the code of bad input.
func badParams(err error) error {
	var path *fs.PathError
	if err == nil || errors.As(err, &path) {
		return err
	}
	return &exitError{exitBadInput, err}
}

// replaceFile writes to a temporary name beside the file and renames it.
func replaceFile(name string, write func(w io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return &exitError{exitBadInput, fmt.Errorf("--out %s: %w", name, err)}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil { //nolint:gosec // an example is no secret
		return err
	}
	return os.Rename(f.Name(), name)
}

// ExampleLoadCmd plays a script into the database.
type ExampleLoadCmd struct {
	Store

	File string `arg:"" placeholder:"FILE" help:"The script; - is standard input."`
	Into string `placeholder:"ADDRESS" help:"Another database than the configured one: sqlite:PATH or postgres://..."`
}

// Help tells how it is used.
func (ExampleLoadCmd) Help() string {
	return `    kommunpilot example load example.jsonl
    kommunpilot example load example.jsonl --into sqlite:/tmp/try.db

Every act is carried out by the platform's own rules, at its own time in the script, by the person who
does it. No letters are sent. A programme is stored whole or not at all: a line that is wrong, or that
the platform refuses, is told by its number, nothing of its programme is stored, and the command ends
with code 2; programmes before it stay. Do not load examples into a database with real matters:
what is loaded cannot be taken out again. Load it while the platform does not run.`
}

// Run checks the script, then plays programme by programme.
func (c *ExampleLoadCmd) Run(ctx context.Context, out *Streams) error {
	if c.Into != "" {
		c.Database = c.Into
	}
	scripts, err := c.read(out)
	if err != nil {
		return err
	}
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.load(who.With(ctx, who.Us), d, scripts, out), d.Close())
}

// read reads the script and lists everything that is wrong with it.
func (c *ExampleLoadCmd) read(out *Streams) ([]example.Script, error) {
	var from io.Reader = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, &exitError{exitBadInput, err}
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	scripts, problems := example.Read(from, newPlayer(newRooms(&Config{}, Base{}), nil).knows)
	for i, p := range problems {
		if i == 50 {
			_, _ = fmt.Fprintf(out.Err, "%s: and %d more\n", c.File, len(problems)-i)
			break
		}
		_, _ = fmt.Fprintf(out.Err, "%s: %s\n", c.File, p)
	}
	if len(problems) > 0 {
		return nil, &exitError{exitBadInput, fmt.Errorf("%s is refused, nothing was stored; problems: %d", c.File, len(problems))}
	}
	return scripts, nil
}

// load brings an SQLite database to the newest schema, as serve does, and
// plays the scripts.
func (c *ExampleLoadCmd) load(ctx context.Context, d *db.DB, scripts []example.Script, out *Streams) error {
	if d.Dialect() == db.SQLite {
		if _, err := migrate(ctx, d); err != nil {
			return err
		}
	}
	if err := migrated(ctx, d); err != nil {
		return err
	}
	cfg := &Config{Store: c.Store, Address: "127.0.0.1:8080", MaxUpload: 20e6}
	b, err := newBase(cfg, d, newLog(cfg, out.Err))
	if err != nil {
		return err
	}
	r := newRooms(cfg, b)
	if err := r.people.EnsureRegister(ctx); err != nil {
		return err
	}
	begun, acts := time.Now(), 0
	for i, s := range scripts {
		_, _ = fmt.Fprintf(out.Err, "%d of %d: %s, %d acts ... ", i+1, len(scripts), s.Name, len(s.Lines))
		p, one := newPlayer(r, d), time.Now()
		if err := p.play(ctx, s.Lines); err != nil {
			_, _ = fmt.Fprintln(out.Err, "refused")
			return &exitError{exitBadInput, fmt.Errorf("%s: %w\nNothing of %q was stored; %d of %d programmes are", c.File, err, s.Name, i, len(scripts))}
		}
		acts += len(s.Lines)
		_, _ = fmt.Fprintf(out.Err, "%.1f s\n", time.Since(one).Seconds())
	}
	_, _ = fmt.Fprintf(out.Out, "%d programmes, %d acts, loaded in %.1f s.\n", len(scripts), acts, time.Since(begun).Seconds())
	return nil
}
