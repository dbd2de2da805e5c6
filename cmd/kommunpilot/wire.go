package main

import (
	"context"
	"io/fs"
	"net/http"

	"github.com/riverqueue/river"
)

// roomSchemas lists every room's migrations.
func roomSchemas() []fs.FS {
	return nil
}

// wire builds the rooms and draws every arrow between them.
func wire(_ context.Context, _ *Config, b Base) (*App, error) {
	mux := http.NewServeMux()
	return &App{
		Handler: mux,
		Workers: func(w *river.Workers) { b.Mail.Workers(w) },
		Ticks:   []func(context.Context) error{b.Mail.Tick},
	}, nil
}
