package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kommunpilot/base/blob"
	"kommunpilot/base/db"
)

// RestoreCmd puts back an archive made by backup.
type RestoreCmd struct {
	Store

	Archive string `arg:"" type:"existingfile" placeholder:"FILE" help:"The archive to put back."`
	Force   bool   `help:"Replace what is there. An SQLite database and the files are moved aside; a PostgreSQL database is emptied."`
}

// Help tells how it is used.
func (RestoreCmd) Help() string {
	return `Stop the platform first. The archive is laid out and checked before anything is replaced, and the
audit log's chain is followed afterwards. Without --force a database or folder that is not empty is
left alone. A newer program then runs its migrations by "kommunpilot migrate".`
}

// Run restores and prints what came back.
func (c *RestoreCmd) Run(ctx context.Context, out *Streams) error {
	m, err := restore(ctx, &c.Store, c.Archive, c.Force, time.Now())
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out.Out, "Restored the backup of %s (version %s): %d files and the database; the audit log verifies, %d entries, the last %s\n",
		m.Made.Format(time.RFC3339), m.Version, len(m.Files)-1, m.AuditEntries, m.AuditHash)
	return nil
}

// restore lays the archive out beside the files, checks it, and puts it in
// place.
func restore(ctx context.Context, s *Store, archive string, force bool, now time.Time) (m manifest, err error) {
	r, err := os.Open(archive) //nolint:gosec // the name is the operator's
	if err != nil {
		return m, err
	}
	defer func() { _ = r.Close() }()
	parent := filepath.Dir(filepath.Clean(s.Files))
	if err := os.MkdirAll(parent, 0o750); err != nil {
		return m, err
	}
	tmp, err := os.MkdirTemp(parent, ".restore-*")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	if m, err = unpack(r, tmp); err != nil {
		return m, fmt.Errorf("%s was not restored, nothing was changed: %w", archive, err)
	}
	target := s.target(now)
	if target.dialect() != m.Dialect {
		return m, fmt.Errorf("the archive is of %s but the setting database names %s; nothing was changed", m.Dialect, target.dialect())
	}
	if err := errors.Join(target.empty(ctx), emptyFiles(s.Files)); err != nil && !force {
		return m, fmt.Errorf("nothing was changed: %w\nUse --force to replace it", err)
	}
	if err := target.put(ctx, filepath.Join(tmp, databaseName)); err != nil {
		return m, err
	}
	if err := putFiles(tmp, s.Files, now); err != nil {
		return m, err
	}
	return m, checkRestored(ctx, s, m)
}

// target is the database that is restored to.
type target interface {
	dialect() string
	empty(ctx context.Context) error // says what is there
	put(ctx context.Context, dump string) error
}

func (s *Store) target(now time.Time) target {
	if path, ok := strings.CutPrefix(s.Database, "sqlite:"); ok {
		return sqliteTarget{path, now}
	}
	return postgresTarget{s.Database}
}

type sqliteTarget struct {
	path string
	now  time.Time
}

func (sqliteTarget) dialect() string { return db.SQLite.String() }

func (t sqliteTarget) empty(context.Context) error {
	if _, err := os.Stat(t.path); err == nil {
		return fmt.Errorf("there is a database at %s", t.path)
	}
	return nil
}

// put moves an old database aside, with its journal, and the new one in. The
// copy goes by way of the target's own folder, so that the last step is a
// rename.
func (t sqliteTarget) put(_ context.Context, dump string) error {
	if err := os.MkdirAll(filepath.Dir(t.path), 0o750); err != nil {
		return err
	}
	near := t.path + ".restoring"
	if err := os.Remove(near); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := copyFile(dump, near); err != nil {
		return errors.Join(fmt.Errorf("the database could not be written, nothing was changed: %w", err), os.Remove(near))
	}
	for _, ending := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(t.path+ending, aside(t.path, t.now)+ending); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(near, t.path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(t.path))
}

// aside is the name under which what was there is kept.
func aside(path string, now time.Time) string {
	return filepath.Clean(path) + ".before-restore-" + now.UTC().Format("20060102T150405Z")
}

type postgresTarget struct{ address string }

func (postgresTarget) dialect() string { return db.Postgres.String() }

func (t postgresTarget) empty(ctx context.Context) error {
	d, err := (&Store{Database: t.address}).open(ctx)
	if err != nil {
		return err
	}
	var tables int64
	err = d.Read(ctx, func(q db.Q) error {
		tables, err = db.Value[int64](ctx, q, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`)
		return err
	})
	if err == nil && tables > 0 {
		err = fmt.Errorf("the database %s has %d tables", shown(t.address), tables)
	}
	return errors.Join(err, d.Close())
}

// put empties the database and fills it in one transaction: all of it happens,
// or nothing.
func (t postgresTarget) put(ctx context.Context, dump string) error {
	script := dump + ".sql"
	if err := pgTool(ctx, t.address, "pg_restore", "--no-owner", "--no-privileges", "--file="+script, dump); err != nil {
		return err
	}
	before := dump + ".before.sql"
	if err := writeFile(before, func(w io.Writer) error {
		_, err := io.WriteString(w, "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n")
		return err
	}); err != nil {
		return err
	}
	err := pgTool(ctx, t.address, "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file="+before, "--file="+script)
	if err != nil {
		return fmt.Errorf("the database could not be filled, nothing was changed: %w", err)
	}
	return nil
}

// emptyFiles tells what is in the folder of files.
func emptyFiles(folder string) error {
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	store, err := blob.Open(folder)
	if err != nil {
		return err
	}
	n := 0
	if err := store.All(func(string, string) error { n++; return nil }); err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("there are %d files in %s", n, folder)
	}
	return nil
}

// putFiles moves the old folder aside and the new files in.
func putFiles(from, folder string, now time.Time) error {
	if err := os.Rename(folder, aside(folder, now)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	store, err := blob.Open(folder)
	if err != nil {
		return err
	}
	files, err := os.ReadDir(filepath.Join(from, filesFolder))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := putBack(store, filepath.Join(from, filesFolder, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

func putBack(store *blob.Store, path string) error {
	r, err := os.Open(path) //nolint:gosec // a file of ours
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	info, err := r.Stat()
	if err != nil {
		return err
	}
	_, err = store.Put(context.Background(), r, info.Size())
	return err
}

func copyFile(from, to string) error {
	r, err := os.Open(from) //nolint:gosec // a file of ours
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	return writeFile(to, func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
}

// checkRestored follows the restored audit log and compares it with what the
// archive was made from.
func checkRestored(ctx context.Context, s *Store, m manifest) error {
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	v, err := verify(ctx, d)
	if err != nil {
		return errors.Join(fmt.Errorf("the restored audit log is broken: %w", err), d.Close())
	}
	if v.Entries != m.AuditEntries || v.Hash != m.AuditHash {
		err = fmt.Errorf("the restored audit log ends at entry %d with %s, the archive's at %d with %s", v.Entries, v.Hash, m.AuditEntries, m.AuditHash)
	}
	return errors.Join(err, d.Close())
}
