package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"kommunpilot/base/db"
	"kommunpilot/base/who"
)

// How long a job may take, when a job of a killed node is given to another,
// how many run at once on a node, and how often ticks come.
const (
	Timeout     = 5 * time.Minute
	RescueAfter = 15 * time.Minute
	Concurrency = 8
	TickEvery   = time.Minute
)

// Options say what a working node does. Zero values take the constants above.
type Options struct {
	// Workers are those of every room. One for ticks is added to them.
	Workers *river.Workers
	// Ticks run once a minute on one node of all. They are driven by the
	// date, and stand being run twice or late.
	Ticks []func(ctx context.Context) error
	// Done is told of each finished run: the kind, its outcome ("ok",
	// "error", "cancelled") and how long it took.
	Done func(kind, outcome string, took time.Duration)

	Timeout, RescueAfter, TickEvery time.Duration
}

// Running is a node at work.
type Running struct{ stop func(context.Context) error }

// Stop lets running jobs finish; those that have not when ctx ends are
// cancelled, and tried again later.
func (r *Running) Stop(ctx context.Context) error { return r.stop(ctx) }

// Work starts to run jobs until Stop. A cancelled ctx does not stop it.
func (q *Queue) Work(ctx context.Context, o Options) (*Running, error) {
	if o.Workers == nil {
		o.Workers = river.NewWorkers()
	}
	if err := river.AddWorkerSafely(o.Workers, &tickWorker{ticks: o.Ticks, log: q.log}); err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	ctx = who.With(context.WithoutCancel(ctx), who.Us)
	if q.db.Dialect() == db.Postgres {
		c, err := river.NewClient[pgx.Tx](riverpgxv5.New(q.db.Pool()), q.config(o))
		return started(ctx, c, err)
	}
	c, err := river.NewClient[*sql.Tx](riversqlite.New(q.db.Writer()), q.config(o))
	return started(ctx, c, err)
}

func started[T any](ctx context.Context, c *river.Client[T], err error) (*Running, error) {
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	if err := c.Start(ctx); err != nil {
		return nil, fmt.Errorf("job: start: %w", err)
	}
	return &Running{stop: func(ctx context.Context) error {
		err := c.Stop(ctx)
		if ctx.Err() != nil {
			hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return c.StopAndCancel(hard)
		}
		return err
	}}, nil
}

func (q *Queue) config(o Options) *river.Config {
	timeout, rescue, every := or(o.Timeout, Timeout), or(o.RescueAfter, RescueAfter), or(o.TickEvery, TickEvery)
	tick := river.NewPeriodicJob(river.PeriodicInterval(every), func() (river.JobArgs, *river.InsertOpts) {
		return tickArgs{}, &river.InsertOpts{
			MaxAttempts: 1, // the next minute is the next attempt
			UniqueOpts:  river.UniqueOpts{ByPeriod: every},
		}
	}, &river.PeriodicJobOpts{RunOnStart: true})
	return &river.Config{
		Logger:               q.log,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: Concurrency}},
		Workers:              o.Workers,
		PeriodicJobs:         []*river.PeriodicJob{tick},
		JobTimeout:           timeout,
		RescueStuckJobsAfter: rescue,
		ErrorHandler:         errorLog{q.log},
		Middleware:           []rivertype.Middleware{&around{done: o.Done}},
	}
}

func or(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}

// around makes the system the actor of every job, and tells what came of it.
type around struct {
	river.MiddlewareDefaults
	done func(kind, outcome string, took time.Duration)
}

// Work implements rivertype.WorkerMiddleware.
func (a *around) Work(ctx context.Context, job *rivertype.JobRow, inner func(context.Context) error) error {
	start := time.Now()
	err := inner(who.With(ctx, who.Us))
	if a.done != nil {
		outcome := "ok"
		var cancelled *rivertype.JobCancelError
		switch {
		case errors.As(err, &cancelled):
			outcome = "cancelled"
		case err != nil:
			outcome = "error"
		}
		a.done(job.Kind, outcome, time.Since(start))
	}
	return err
}

// errorLog writes what went wrong, without the job's arguments.
type errorLog struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (l errorLog) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	l.log.WarnContext(ctx, "job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "of", job.MaxAttempts, "err", err)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (l errorLog) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	l.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "panic", value, "trace", trace)
	return nil
}

// tickArgs is the job that comes every minute.
type tickArgs struct{}

// Kind implements river.JobArgs.
func (tickArgs) Kind() string { return "tick" }

type tickWorker struct {
	river.WorkerDefaults[tickArgs]
	ticks []func(context.Context) error
	log   *slog.Logger
}

// Work runs every room's tick; one that fails does not hinder the others.
func (w *tickWorker) Work(ctx context.Context, _ *river.Job[tickArgs]) error {
	var failed []error
	for _, tick := range w.ticks {
		failed = append(failed, guarded(ctx, tick))
	}
	return errors.Join(failed...)
}

// guarded turns a panic into an error.
func guarded(ctx context.Context, tick func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("job: a tick panicked: %v", r)
		}
	}()
	return tick(ctx)
}
