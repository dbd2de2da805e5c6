package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/job"
)

// MigrateCmd brings the database to the newest schema.
type MigrateCmd struct {
	Store
}

// Run migrates and prints what was done.
func (c *MigrateCmd) Run(ctx context.Context, out *Streams) error {
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	ran, err := migrate(ctx, d)
	for _, name := range ran {
		_, _ = fmt.Fprintln(out.Out, name)
	}
	if err != nil {
		return errors.Join(err, d.Close())
	}
	_, _ = fmt.Fprintf(out.Out, "The database has the newest schema (%d steps ran).\n", len(ran))
	return d.Close()
}

// open opens the database and makes sure that it answers.
func (s *Store) open(ctx context.Context) (*db.DB, error) {
	d, err := db.Open(ctx, s.Database)
	if err != nil {
		return nil, fmt.Errorf("%w\nThe setting is database (flag --database, variable %sDATABASE)", withoutSecret(err, s.Database), envPrefix)
	}
	if err := d.Ping(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the database %s does not answer: %w\nIs it running, and is the setting database right?", shown(s.Database), withoutSecret(err, s.Database)), d.Close())
	}
	return d, nil
}

// migrate runs the rooms' migrations and then those of the job queue.
func migrate(ctx context.Context, d *db.DB) ([]string, error) {
	ran, err := d.Migrate(ctx, schemas()...)
	if err != nil {
		return ran, err
	}
	more, err := job.Migrate(ctx, d)
	return append(ran, more...), err
}

// migrated tells whether every migration of this program has run. A database
// that is newer than the program passes: that is how nodes are upgraded one
// after the other.
func migrated(ctx context.Context, d *db.DB) error {
	done := map[int64]bool{}
	err := d.Read(ctx, func(q db.Q) error {
		versions, err := db.Values[int64](ctx, q, `SELECT version_id FROM goose_db_version WHERE version_id > 0`)
		for _, v := range versions {
			done[v] = true
		}
		return err
	})
	if err != nil {
		done = nil // no table of versions: nothing has run
	}
	var missing []string
	for _, s := range schemas() {
		names, err := fs.Glob(s, d.Dialect().String()+"/*.sql")
		if err != nil {
			return err
		}
		for _, n := range names {
			stamp, _, _ := strings.Cut(path.Base(n), "_")
			if v, err := strconv.ParseInt(stamp, 10, 64); err != nil || !done[v] {
				missing = append(missing, path.Base(n))
			}
		}
	}
	if len(missing) > 0 {
		sort.Strings(missing)
		return fmt.Errorf("the database lacks %d migrations, the first is %s; run: kommunpilot migrate", len(missing), missing[0])
	}
	if err := job.Ready(ctx, d); err != nil {
		return fmt.Errorf("%w; run: kommunpilot migrate", err)
	}
	return nil
}
