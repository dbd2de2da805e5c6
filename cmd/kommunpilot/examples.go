package main

import (
	"context"

	"kommunpilot/base/db"
)

// examples makes the example programmes in an empty database.
type examples struct {
	rooms *rooms
	db    *db.DB
}

func (e *examples) ensure(ctx context.Context) error { return nil }
