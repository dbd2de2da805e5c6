// Package job runs background work on either database with River.
//
// A job is put in the queue in the same transaction as the act that asks for
// it: a transaction that is rolled back leaves no job. Workers on any node
// take jobs; each is run until it succeeds or has used up its attempts. A
// worker must stand being run twice for one job, which happens when a node is
// killed between the work and the note that it was done.
package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"kommunpilot/base/db"
)

// Queue puts jobs in the queue and, when asked to, works them.
type Queue struct {
	db   *db.DB
	log  *slog.Logger
	lite *river.Client[*sql.Tx]
	pg   *river.Client[pgx.Tx]
}

// New gives a queue that only takes jobs in; see Work for the other end. It
// asks the database nothing.
func New(d *db.DB, log *slog.Logger) (*Queue, error) {
	q := &Queue{db: d, log: slog.New(calm{log.Handler()})}
	var err error
	if d.Dialect() == db.Postgres {
		q.pg, err = river.NewClient(riverpgxv5.New(d.Pool()), &river.Config{Logger: q.log})
	} else {
		q.lite, err = river.NewClient(riversqlite.New(d.Writer()), &river.Config{Logger: q.log})
	}
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	return q, nil
}

// Enqueue puts a job in the queue when the transaction is stored. The
// arguments are kept for a day after the job is done: they hold identifiers,
// never personal data.
func (q *Queue) Enqueue(ctx context.Context, tx *db.Tx, args river.JobArgs, opts *river.InsertOpts) error {
	var err error
	if q.pg != nil {
		_, err = q.pg.InsertTx(ctx, tx.PGX(), args, opts)
	} else {
		_, err = q.lite.InsertTx(ctx, tx.SQL(), args, opts)
	}
	if err != nil {
		return fmt.Errorf("job: enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Counts gives the number of jobs per state: "available", "running",
// "retryable", "discarded" ... States without jobs are left out.
func (q *Queue) Counts(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	err := q.db.Read(ctx, func(tx db.Q) error {
		type count struct {
			state string
			n     int64
		}
		rows, err := db.All(ctx, tx, func(r db.Row) (c count, err error) { return c, r.Scan(&c.state, &c.n) },
			`SELECT CAST(state AS TEXT), count(*) FROM river_job GROUP BY state`)
		for _, c := range rows {
			out[c.state] = c.n
		}
		return err
	})
	return out, err
}

// Migrate brings River's own tables to their newest schema and gives the
// names of the steps that ran.
func Migrate(ctx context.Context, d *db.DB) ([]string, error) {
	var ran []string
	err := withMigrator(d, func(up migrate, _ validate) error {
		res, err := up(ctx, rivermigrate.DirectionUp, nil)
		if err != nil {
			return fmt.Errorf("job: migrate: %w", err)
		}
		for _, v := range res.Versions {
			ran = append(ran, fmt.Sprintf("river_%03d_%s", v.Version, v.Name))
		}
		return nil
	})
	return ran, err
}

// ErrNotMigrated is returned by Ready where Migrate has work to do.
var ErrNotMigrated = errors.New("job: the tables of the job queue are missing or old")

// Ready tells whether Migrate has been run.
func Ready(ctx context.Context, d *db.DB) error {
	return withMigrator(d, func(_ migrate, check validate) error {
		res, err := check(ctx, nil)
		if err != nil {
			return fmt.Errorf("job: %w", err)
		}
		if !res.OK {
			return ErrNotMigrated
		}
		return nil
	})
}

type (
	migrate  func(context.Context, rivermigrate.Direction, *rivermigrate.MigrateOpts) (*rivermigrate.MigrateResult, error)
	validate func(context.Context, *rivermigrate.ValidateOpts) (*rivermigrate.ValidateResult, error)
)

func withMigrator(d *db.DB, fn func(migrate, validate) error) error {
	config := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	if d.Dialect() == db.Postgres {
		m, err := rivermigrate.New(riverpgxv5.New(d.Pool()), config)
		if err != nil {
			return fmt.Errorf("job: %w", err)
		}
		return fn(m.Migrate, m.Validate)
	}
	m, err := rivermigrate.New(riversqlite.New(d.Writer()), config)
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	return fn(m.Migrate, m.Validate)
}
