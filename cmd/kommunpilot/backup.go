package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/blob"
	"kommunpilot/base/db"
)

// BackupCmd writes the database and the files to one archive.
type BackupCmd struct {
	Store

	Archive string `arg:"" placeholder:"FILE" help:"The archive to write, as backup-2026-03-31.tar.gz. It must not exist."`
}

// Help tells how it is used.
func (BackupCmd) Help() string {
	return `May be run while the platform serves, and by a timer. The archive is written whole or not at all.
It holds everything that people have entered: keep it as safe as the database. Settings and secrets
are not in it.`
}

// Run makes the archive and prints what is in it.
func (c *BackupCmd) Run(ctx context.Context, out *Streams) error {
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	m, err := backup(ctx, d, &c.Store, c.Archive)
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out.Out, "%s: %d files and the database, %d entries in the audit log, the last %s\n",
		c.Archive, len(m.Files)-1, m.AuditEntries, m.AuditHash)
	return nil
}

// backup writes the archive under another name and renames it when all of it
// is on the disk. The database is copied before the files: whatever it speaks
// of was stored before, and files are never changed.
func backup(ctx context.Context, d *db.DB, s *Store, archive string) (m manifest, err error) {
	if _, err := os.Lstat(archive); err == nil {
		return m, fmt.Errorf("%s exists already; choose another name", archive)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(archive), ".backup-*")
	if err != nil {
		return m, fmt.Errorf("cannot write in the archive's folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	m = manifest{Format: archiveFormat, Version: versionText(), Dialect: d.Dialect().String(), Made: time.Now().UTC().Truncate(time.Second)}
	dump := filepath.Join(tmp, "database")
	v, err := snapshot(ctx, d, s.Database, dump)
	if err != nil {
		return m, err
	}
	m.AuditEntries, m.AuditHash = v.Entries, v.Hash
	whole := filepath.Join(tmp, "archive")
	if err := writeFile(whole, func(w io.Writer) error { return pack(w, &m, dump, s.Files) }); err != nil {
		return m, fmt.Errorf("the archive could not be written: %w", err)
	}
	// Link, unlike rename, never takes the place of a file made meanwhile.
	if err := os.Link(whole, archive); err != nil {
		return m, fmt.Errorf("the archive could not be put in place: %w", err)
	}
	return m, syncFolder(filepath.Dir(archive))
}

// snapshot copies one consistent state of the database, and follows the audit
// log's chain in that same state.
func snapshot(ctx context.Context, d *db.DB, address, to string) (v audit.Verified, err error) {
	if d.Dialect() == db.Postgres {
		err = d.Read(ctx, func(q db.Q) error {
			id, err := db.Value[string](ctx, q, `SELECT pg_export_snapshot()`)
			if err != nil {
				return err
			}
			if v, err = audit.Verify(ctx, q); err != nil {
				return fmt.Errorf("the audit log is broken, no backup was made: %w", err)
			}
			return pgTool(ctx, address, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--snapshot="+id, "--file="+to)
		})
		return v, err
	}
	if err := vacuumInto(ctx, d.Path(), to); err != nil {
		return v, err
	}
	copied, err := db.Open(ctx, "sqlite:"+to)
	if err != nil {
		return v, err
	}
	if v, err = verify(ctx, copied); err != nil {
		err = fmt.Errorf("the audit log is broken, no backup was made: %w", err)
	}
	err = errors.Join(err, copied.Close())
	return v, err
}

// vacuumInto copies a database that others read and write, on a connection of
// its own: it holds up no writer.
func vacuumInto(ctx context.Context, path, to string) error {
	c, err := sql.Open("sqlite", sqliteName(path)+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return fmt.Errorf("the database could not be copied: %w", err)
	}
	if _, err := c.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return errors.Join(fmt.Errorf("the database could not be copied: %w", err), c.Close())
	}
	return c.Close()
}

// pack writes the database, every file, and last the manifest.
func pack(w io.Writer, m *manifest, dump, files string) error {
	a := newArchive(w, m)
	if err := a.add(databaseName, dump); err != nil {
		return err
	}
	store, err := blob.Open(files)
	if err != nil {
		return err
	}
	if err := store.All(func(path, hash string) error { return a.add(filesFolder+hash, path) }); err != nil {
		return err
	}
	return a.close()
}

// writeFile writes a file and syncs it to the disk.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the name is the operator's
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncFolder makes a rename in the folder last.
func syncFolder(path string) error {
	d, err := os.Open(path) //nolint:gosec // the name is the operator's
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
