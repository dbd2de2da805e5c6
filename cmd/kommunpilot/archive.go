package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	sip "kommunpilot/base/archive"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/who"
)

// ArchiveCmd moves matters of the diarium out as archive packages, and in.
type ArchiveCmd struct {
	Export ArchiveExportCmd `cmd:"" help:"Write a closed matter as an archive package."`
	Check  ArchiveCheckCmd  `cmd:"" help:"Check a package: form, checksums, and that it speaks of what it holds."`
	Import ArchiveImportCmd `cmd:"" help:"Take the matter of a package in to a project."`
}

// ArchiveExportCmd writes a package.
type ArchiveExportCmd struct {
	Store

	Matter string `required:"" placeholder:"NUMBER" help:"The matter: the number last in its page's address, or the number of one of its entries, as \"KS 2026/1\"."`
	Out    string `required:"" placeholder:"FILE.zip" help:"The package to write. It must not exist."`
	Time   string `placeholder:"TIME" help:"The time of the export, as 2026-04-01T10:00:00Z: the same matter and time give the same bytes. Default: now."`
}

// Help tells how it is used.
func (ArchiveExportCmd) Help() string {
	return `Writes the matter with its entries, documents, versions and checksums as an E-ARK SIP with ERMS, whole
or not at all; docs/archive.md describes the package. The export is entered in the audit log.

Exit codes: 0 written, 2 wrong input, 3 the matter cannot be exported (it is not closed, or a document is lost).`
}

// Run writes the package under another name and gives it its own when it is whole.
func (c *ArchiveExportCmd) Run(ctx context.Context, out *Streams) (err error) {
	var at time.Time
	if c.Time != "" {
		if at, err = time.Parse(time.RFC3339, c.Time); err != nil {
			return &exitError{exitBadInput, fmt.Errorf("--time %q är ingen tid; skriv den som 2026-04-01T10:00:00Z", c.Time)}
		}
	}
	if _, err := os.Lstat(c.Out); err == nil {
		return &exitError{exitBadInput, fmt.Errorf("%s finns redan; välj ett annat namn", c.Out)}
	}
	folder, err := os.MkdirTemp(filepath.Dir(c.Out), ".archive-*")
	if err != nil {
		return &exitError{exitBadInput, fmt.Errorf("det går inte att skriva i mappen: %w", err)}
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	whole := filepath.Join(folder, "package")
	err = c.rooms(ctx, func(ctx context.Context, r *rooms, d *db.DB) error {
		var item journal.ID
		if err := d.Read(ctx, func(q db.Q) (err error) {
			item, err = r.record.FindMatter(ctx, q, c.Matter)
			return err
		}); err != nil {
			return badInput("ärendet "+c.Matter, err)
		}
		return writeFile(whole, func(w io.Writer) error { return r.record.ExportMatter(ctx, item, at, w) })
	})
	if err != nil {
		return noAnswer(err)
	}
	// Link, unlike rename, never takes the place of a file made meanwhile.
	if err := os.Link(whole, c.Out); err != nil {
		return fmt.Errorf("paketet kunde inte läggas på plats: %w", err)
	}
	info, err := os.Stat(c.Out)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out.Out, "%s: ärendet %s, %d byte\n", c.Out, c.Matter, info.Size())
	return syncFolder(filepath.Dir(c.Out))
}

// rooms runs fn on the rooms over the given database and files, as the system.
func (s *Store) rooms(ctx context.Context, fn func(ctx context.Context, r *rooms, d *db.DB) error) error {
	ctx = who.With(ctx, who.Us)
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	if err := migrated(ctx, d); err != nil {
		return errors.Join(err, d.Close())
	}
	cfg := &Config{Store: *s}
	b, err := newBase(cfg, d, slog.New(slog.DiscardHandler))
	if err != nil {
		return errors.Join(err, d.Close())
	}
	return errors.Join(fn(ctx, newRooms(cfg, b), d), d.Close())
}

// badInput is the code of a thing that was asked for and is not there.
func badInput(what string, err error) error {
	if fail.Is(err, fail.NotFound) || fail.Is(err, fail.Invalid) {
		return &exitError{exitBadInput, fmt.Errorf("%s: %s", what, fail.As(err).Message)}
	}
	return err
}

// noAnswer gives what a rule refuses the code of no answer.
func noAnswer(err error) error {
	var e *exitError
	if !errors.As(err, &e) && (fail.Is(err, fail.Conflict) || fail.Is(err, fail.NotFound)) {
		return &exitError{exitInfeasible, errors.New(fail.As(err).Message)}
	}
	return err
}

// ArchiveCheckCmd checks a package.
type ArchiveCheckCmd struct {
	File string `arg:"" placeholder:"FILE.zip" help:"The package."`
	JSON bool   `name:"json" help:"Write what the package holds as JSON."`
}

// Help says what is checked.
func (ArchiveCheckCmd) Help() string {
	return `Holds every file to the size and SHA-256 that METS.xml states, the XML to its form, and the description
to the files; needs no database. Every fault is listed with file and line.

Exit codes: 0 whole, 2 something is wrong.`
}

// Run checks and tells what the package holds.
func (c *ArchiveCheckCmd) Run(out *Streams) error {
	return reading(c.File, out, func(r *sip.Reading) error {
		if c.JSON {
			e := json.NewEncoder(out.Out)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			return e.Encode(r.Package)
		}
		files := 0
		for _, e := range r.Matter.Entries {
			files += len(e.Documents)
		}
		_, err := fmt.Fprintf(out.Out, "Paketet är helt.\närende     %s\nidentitet  %s\narkivbildare %s\nexporterat %s\nposter     %d\nfiler      %d\n",
			r.Matter.Title, r.Matter.Identity, r.Creator, r.Created.Format(time.RFC3339), len(r.Matter.Entries), files)
		return err
	})
}

// reading opens a package and gives it to fn; every fault is written to Err.
func reading(name string, out *Streams, fn func(r *sip.Reading) error) (err error) {
	f, err := os.Open(name) //nolint:gosec // the name is the operator's
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return &exitError{exitBadInput, fmt.Errorf("%s är en mapp; ange paketets ZIP-fil", name)}
	}
	r, faults := sip.Read(f, info.Size(), sip.Limits{})
	for _, x := range faults {
		_, _ = fmt.Fprintf(out.Err, "%s: %s\n", name, x)
	}
	if len(faults) > 0 {
		return &exitError{exitBadInput, fmt.Errorf("%d fel; paketet är inte helt och inget lästes in", len(faults))}
	}
	return fn(r)
}

// ArchiveImportCmd takes a package in.
type ArchiveImportCmd struct {
	Store

	File    string `arg:"" placeholder:"FILE.zip" help:"The package."`
	Project int64  `required:"" placeholder:"N" help:"The project that takes the matter in: the number in its page's address."`
}

// Help tells how it is used.
func (ArchiveImportCmd) Help() string {
	return `The matter comes in as it was, with its numbers, history and documents, whole or not at all; where a
number is taken already, nothing is changed. Exported again at the same time it has the same bytes.

Exit codes: 0 taken in, 2 the package or the project is wrong, 3 a number is taken.`
}

// Run checks the package and takes it in.
func (c *ArchiveImportCmd) Run(ctx context.Context, out *Streams) error {
	return reading(c.File, out, func(p *sip.Reading) error {
		var made journal.ID
		err := c.rooms(ctx, func(ctx context.Context, r *rooms, _ *db.DB) (err error) {
			made, err = r.record.ImportMatter(ctx, who.ProjectID(c.Project), p)
			if fail.Is(err, fail.NotFound) {
				return badInput(fmt.Sprintf("projekt %d", c.Project), err)
			}
			return err
		})
		if err != nil {
			return noAnswer(err)
		}
		_, err = fmt.Fprintf(out.Out, "Ärendet %q är inläst: /projekt/%d/arenden/%d, poster %d\n", p.Matter.Title, c.Project, made, len(p.Matter.Entries))
		return err
	})
}
