package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/kommun"
)

// registers gives the rooms the editions of the register: those that have been
// imported, and the embedded one. An edition is read once and asked for again
// after a while, since another process may import one.
type registers struct {
	db *db.DB

	mu     sync.Mutex
	asked  time.Time
	names  []string
	loaded map[string]*kommun.Register
}

// registersKept is how long what is known of the editions holds.
const registersKept = 30 * time.Second

// of gives the edition, or the embedded one where there is none of the name.
func (r *registers) of(edition string) *kommun.Register {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refresh()
	if edition == "" {
		return kommun.Default()
	}
	if x := r.loaded[edition]; x != nil {
		return x
	}
	if !slices.Contains(r.names, edition) {
		return kommun.Default()
	}
	ctx := context.Background()
	var x *kommun.Register
	if err := r.db.Read(ctx, func(q db.Q) (err error) { x, err = kommun.Load(ctx, q, edition); return err }); err != nil {
		return kommun.Default() // the database is away: its own error follows
	}
	r.loaded[edition] = x
	return x
}

// newest is the edition that a call published now freezes: the last by name.
func (r *registers) newest() *kommun.Register {
	r.mu.Lock()
	r.refresh()
	name := ""
	if len(r.names) > 0 {
		name = r.names[len(r.names)-1]
	}
	r.mu.Unlock()
	return r.of(name)
}

// refresh asks which editions there are, now and then.
func (r *registers) refresh() {
	if time.Since(r.asked) < registersKept {
		return
	}
	ctx := context.Background()
	var names []string
	if err := r.db.Read(ctx, func(q db.Q) (err error) { names, err = kommun.Editions(ctx, q); return err }); err != nil {
		return
	}
	r.asked, r.names, r.loaded = time.Now(), names, map[string]*kommun.Register{}
}
