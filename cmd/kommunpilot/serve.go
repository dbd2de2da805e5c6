package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/job"
	"kommunpilot/base/who"
)

// ServeCmd serves the pages, the API and the background jobs.
type ServeCmd struct {
	Config
}

// Help tells a newcomer how to begin.
func (ServeCmd) Help() string {
	return `To try it:

    kommunpilot serve --example

With a settings file:

    kommunpilot serve --config /etc/kommunpilot.toml

An SQLite database is made and brought to the newest schema by itself. For PostgreSQL, run
"kommunpilot migrate" first. Several nodes may share one PostgreSQL database and one folder of files.`
}

// How long a visitor, and a stop, may take.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 2 * time.Minute // a large attachment over a slow line
	writeTimeout  = 2 * time.Minute
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 25 * time.Second
)

// Run serves until the context ends.
func (c *ServeCmd) Run(ctx context.Context, out *Streams) error {
	if err := c.check(); err != nil {
		return err
	}
	n, err := openNode(ctx, &c.Config, newLog(&c.Config, out.Err))
	if err != nil {
		return err
	}
	return errors.Join(n.serve(ctx, out), n.close())
}

// node is one running process.
type node struct {
	cfg     *Config
	log     *slog.Logger
	db      *db.DB
	base    Base
	app     *App
	metrics *metrics
	tracing *tracing
	health  health
}

// openNode opens the database, checks or makes its tables, and builds the rooms.
func openNode(ctx context.Context, cfg *Config, log *slog.Logger) (*node, error) {
	d, err := cfg.open(ctx)
	if err != nil {
		return nil, err
	}
	n := &node{cfg: cfg, log: log, db: d}
	if err := n.prepare(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return n, nil
}

func (n *node) prepare(ctx context.Context) error {
	if n.db.Dialect() == db.SQLite {
		ran, err := migrate(ctx, n.db)
		if err != nil {
			return err
		}
		if len(ran) > 0 {
			n.log.Info("database brought to the newest schema", "steps", len(ran))
		}
	}
	if err := migrated(ctx, n.db); err != nil {
		return err
	}
	var err error
	if n.tracing, err = newTracing(ctx, n.cfg.OTel.Endpoint); err != nil {
		return err
	}
	if n.base, err = newBase(n.cfg, n.db, n.log); err != nil {
		return err
	}
	n.metrics = newMetrics(n.db, n.base.Queue)
	n.base.Observe = n.metrics.request
	if n.app, err = wire(ctx, n.cfg, n.base); err != nil {
		return err
	}
	for _, step := range n.app.Prepare {
		if err := step(who.With(ctx, who.Us)); err != nil {
			return err
		}
	}
	return nil
}

// close frees everything; the database last.
func (n *node) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var err error
	if n.app.Close != nil {
		err = n.app.Close()
	}
	return errors.Join(err, n.tracing.stop(ctx), n.db.Close())
}

// serve runs pages and jobs, as the role says, until the context ends.
func (n *node) serve(ctx context.Context, out *Streams) error {
	pages, err := listen(ctx, n.cfg.Address)
	if err != nil {
		return err
	}
	servers := []*http.Server{n.server(n.publicHandler())}
	listeners := []net.Listener{pages}
	if n.cfg.AdminAddress != "" {
		admin, err := listen(ctx, n.cfg.AdminAddress)
		if err != nil {
			return errors.Join(err, pages.Close())
		}
		servers, listeners = append(servers, n.server(n.adminHandler())), append(listeners, admin)
	}
	var jobs *job.Running
	if n.cfg.Role.Works() {
		o := job.Options{Workers: n.base.workers(n.app), Ticks: n.base.ticks(n.app), Done: n.metrics.job}
		if jobs, err = n.base.Queue.Work(ctx, o); err != nil {
			return err
		}
	}
	failed := make(chan error, len(servers))
	for i, s := range servers {
		go func() { failed <- s.Serve(listeners[i]) }()
	}
	n.health.up.Store(true)
	n.greet(ctx, out, pages.Addr())
	select {
	case err = <-failed:
	case <-ctx.Done():
		n.log.Info("stopping")
		err = nil
	}
	return errors.Join(err, n.stop(servers, jobs))
}

// stop takes no more visitors, lets those inside finish, then the jobs.
func (n *node) stop(servers []*http.Server, jobs *job.Running) error {
	n.health.up.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var wrong []error
	for _, s := range servers {
		if err := s.Shutdown(ctx); err != nil {
			wrong = append(wrong, fmt.Errorf("some visitors were cut off: %w", err), s.Close())
		}
	}
	if jobs != nil {
		wrong = append(wrong, jobs.Stop(ctx))
	}
	return errors.Join(wrong...)
}

func (n *node) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(n.log.Handler(), slog.LevelDebug),
	}
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot serve on %s: %w\nIs another program using it? Choose another with --address", address, err)
	}
	return l, nil
}

// greet prints where the pages are, and the link for the first administrator.
func (n *node) greet(ctx context.Context, out *Streams, at net.Addr) {
	if !n.cfg.Role.Serves() {
		_, _ = fmt.Fprintf(out.Out, "Kommunpilot works; health on http://%s/readyz\n", at)
		return
	}
	address := n.cfg.public()
	if n.cfg.PublicURL == "" {
		address = "http://" + at.String()
	}
	_, _ = fmt.Fprintf(out.Out, "Kommunpilot serves %s\n", address)
	if n.cfg.Example {
		_, _ = fmt.Fprintf(out.Out, "Choose whom to be at %s/exempel/logga-in\n", address)
	}
	if n.app.FirstAdminLink == nil {
		return
	}
	link, ok, err := n.app.FirstAdminLink(ctx)
	if err != nil {
		n.log.Error("no link for the first administrator", "err", err)
	} else if ok {
		_, _ = fmt.Fprintf(out.Out, "The first administrator signs in once with %s\n", link)
	}
}
