package main

import (
	"io"
	"log/slog"
)

// newLog makes the log that the settings ask for. What is written to it names
// routes, numbers and outcomes; never names, addresses or what people wrote.
func newLog(cfg *Config, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
