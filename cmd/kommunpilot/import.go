package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
	"kommunpilot/base/who"
)

// ImportCmd takes in what comes from outside.
type ImportCmd struct {
	Register ImportRegisterCmd `cmd:"" help:"Add or replace an edition of the register of municipalities."`

	Services   ImportServicesCmd   `cmd:"" help:"Read service points into a project's register."`
	Population ImportPopulationCmd `cmd:"" help:"Give an inventory of service its people."`
}

// ImportRegisterCmd takes in an edition of the register.
type ImportRegisterCmd struct {
	Store

	File   string `arg:"" placeholder:"FILE" help:"The edition file, as skr-2030.csv; docs/register.md describes it."`
	DryRun bool   `help:"Check the file and tell what it would change, and change nothing."`
}

// Help tells how it is used.
func (ImportRegisterCmd) Help() string {
	return `The file is taken in whole or not at all. Where something is wrong, everything that is wrong is
listed by line, nothing is changed, and the command ends with code 2. A call keeps the edition that it
was published with. docs/register.md describes the file.`
}

// Run checks the file, stores the edition and prints what it changed.
func (c *ImportRegisterCmd) Run(ctx context.Context, out *Streams) error {
	r, err := c.read(out)
	if err != nil {
		return err
	}
	if c.DryRun && c.noDatabaseYet() {
		c.tell(out, r, kommun.Compare(embedded(r.Edition()), r))
		return nil
	}
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	change, err := importRegister(who.With(ctx, who.Us), d, r, c.DryRun)
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	c.tell(out, r, change)
	return nil
}

// read parses the file and lists what is wrong with it.
func (c *ImportRegisterCmd) read(out *Streams) (*kommun.Register, error) {
	f, err := os.Open(c.File)
	if err != nil {
		return nil, &exitError{exitBadInput, err}
	}
	defer func() { _ = f.Close() }()
	r, problems := kommun.Parse(f)
	for _, p := range problems {
		_, _ = fmt.Fprintf(out.Err, "%s: %s\n", c.File, p)
	}
	if len(problems) > 0 {
		return nil, &exitError{exitBadInput, fmt.Errorf("%s is refused, nothing was changed; problems: %d", c.File, len(problems))}
	}
	return r, nil
}

// noDatabaseYet tells whether to open the database would make it.
func (c *ImportRegisterCmd) noDatabaseYet() bool {
	path, lite := strings.CutPrefix(c.Database, "sqlite:")
	if !lite {
		return false
	}
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// tell prints the answer in one line.
func (c *ImportRegisterCmd) tell(out *Streams, r *kommun.Register, change kommun.Change) {
	would := ""
	if c.DryRun {
		would = " (dry run, nothing was changed)"
	}
	_, _ = fmt.Fprintf(out.Out, "%s: %d municipalities; %d added, %d changed, %d removed%s\n",
		r.Edition(), len(r.All()), len(change.Added), len(change.Changed), len(change.Removed), would)
}

// embedded is the edition that the program carries, nil for any other.
func embedded(edition string) *kommun.Register {
	if kommun.Default().Edition() == edition {
		return kommun.Default()
	}
	return nil
}

// importRegister stores the edition with an entry in the audit log, and tells
// what it changed.
func importRegister(ctx context.Context, d *db.DB, r *kommun.Register, dry bool) (change kommun.Change, err error) {
	if err := migrated(ctx, d); err != nil {
		return change, err
	}
	compare := func(q db.Q) error {
		earlier, err := kommun.Load(ctx, q, r.Edition())
		if err != nil && !fail.Is(err, fail.NotFound) {
			return err
		}
		change = kommun.Compare(earlier, r)
		return nil
	}
	if dry {
		return change, d.Read(ctx, compare)
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		if err := compare(tx); err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "register.import", Object: "register:1", Data: map[string]any{
			"edition": r.Edition(), "added": change.Added, "changed": change.Changed, "removed": change.Removed,
		}})
		return kommun.Save(ctx, tx, r)
	})
	return change, err
}
