package main

import (
	"context"
	"io/fs"
	"net/http"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/web"
)

// roomSchemas lists every room's migrations.
func roomSchemas() []fs.FS {
	return nil
}

// wire builds the rooms and draws every arrow between them.
func wire(_ context.Context, cfg *Config, b Base) (*App, error) {
	shell := web.NewShell(web.ShellConfig{
		Log: b.Log, Version: versionText(), Example: cfg.Example,
		Secure:  strings.HasPrefix(cfg.public(), "https://"),
		MaxBody: int64(cfg.MaxUpload) + 1<<20,
		Observe: b.Observe,
	})
	mux := http.NewServeMux()
	web.Mount(mux, shell, web.OwnRoutes())
	web.Mount(mux, shell, []web.Route{{Pattern: "GET /{$}", Handler: start(b.DB)}})
	return &App{
		Handler: shell.Middleware(mux),
		Pattern: func(r *http.Request) string { _, p := mux.Handler(r); return p },
	}, nil
}

// start is the first page while no room has one.
func start(d *db.DB) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		if err := d.Read(ctx, func(q db.Q) error {
			_, err := db.Value[int64](ctx, q, `SELECT seq FROM audit_head`)
			return err
		}); err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, web.Page{Title: "Kommunpilot"},
			web.Empty(web.T(ctx, "Här finns inga program ännu"), web.T(ctx, "När ett program har publicerats visas det här.")))
	}
}
