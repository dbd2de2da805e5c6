package main

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/riverqueue/river"

	"kommunpilot/base/audit"
	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/job"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
)

// Base is what wire hands to the rooms: everything that lies below them.
type Base struct {
	DB    *db.DB
	Queue *job.Queue
	Mail  *mail.Box
	Files *blob.Store
	Log   *slog.Logger
	// Observe is told of each answer; it goes into the shell's Observe.
	Observe func(route string, status int, took time.Duration)
}

// App is what wire makes of the rooms. To build it asks neither the database
// nor the network, so that a node starts while either is away.
type App struct {
	// Handler serves every page.
	Handler http.Handler
	// Pattern gives the pattern of a request's route, for traces; may be nil.
	Pattern func(r *http.Request) string
	// Workers registers the rooms' workers; may be nil.
	Workers func(w *river.Workers)
	// Ticks run once a minute on one node of all, as the system; idempotent.
	Ticks []func(ctx context.Context) error
	// Prepare runs before the first page is served, as the system and on
	// tables that are migrated: examples and the like; idempotent.
	Prepare []func(ctx context.Context) error
	// FirstAdminLink gives the one-time link while there is no administrator.
	FirstAdminLink func(ctx context.Context) (link string, ok bool, err error)
	// Close frees what the rooms hold; may be nil.
	Close func() error
}

// onceAge is how long a form's token is remembered: longer than a form is open.
const onceAge = 7 * 24 * time.Hour

// workers registers the base's own workers and the rooms'.
func (b *Base) workers(app *App) *river.Workers {
	w := river.NewWorkers()
	b.Mail.Workers(w)
	if app.Workers != nil {
		app.Workers(w)
	}
	return w
}

// ticks are the base's own and the rooms'.
func (b *Base) ticks(app *App) []func(context.Context) error {
	forget := func(ctx context.Context) error {
		return b.DB.Housekeep(ctx, func(tx *db.Tx) error { return db.ForgetOnce(ctx, tx, onceAge) })
	}
	return append([]func(context.Context) error{forget, b.Mail.Tick}, app.Ticks...)
}

// schemas lists the migrations of the base and of every room.
func schemas() []fs.FS {
	return append([]fs.FS{db.Schema(), audit.Schema(), mail.Schema(), journal.Schema()}, roomSchemas()...)
}

// newBase makes what the rooms stand on. It asks the database nothing.
func newBase(cfg *Config, d *db.DB, log *slog.Logger) (Base, error) {
	queue, err := job.New(d, log)
	if err != nil {
		return Base{}, err
	}
	files, err := blob.Open(cfg.Files)
	if err != nil {
		return Base{}, err
	}
	box := mail.New(d, queue, mail.Server{
		Host: cfg.SMTP.Host, Port: cfg.SMTP.Port, User: cfg.SMTP.User, Password: cfg.SMTP.Password,
		From: cfg.SMTP.From, TLS: cfg.SMTP.TLS,
	}, log)
	return Base{DB: d, Queue: queue, Mail: box, Files: files, Log: log}, nil
}
