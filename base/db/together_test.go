package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
)

// Acts that are carried out together are stored together, each with its own
// time, or not at all; a context that outlives them acts on its own.
func TestTogetherIsAllOrNothing(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		thing(t, d)
		defer d.SetClock(time.Now)
		names := func(ctx context.Context) (out []string) {
			if err := d.Read(ctx, func(q db.Q) (err error) {
				out, err = db.Values[string](ctx, q, `SELECT name FROM thing ORDER BY id`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		put := func(ctx context.Context, name string) error {
			return d.Housekeep(ctx, func(tx *db.Tx) error {
				_, err := db.Insert[thingID](ctx, tx, insert, name, tx.Now(), true)
				tx.AfterCommit(func() { names(context.Background()) }) // must not wait for a writer
				return err
			})
		}
		var kept context.Context
		err := d.Together(ctx, func(ctx context.Context) error {
			kept = ctx
			for i, name := range []string{"a", "b"} {
				d.SetClock(func() time.Time { return time.Date(2020+i, 1, 1, 0, 0, 0, 0, time.UTC) })
				if err := put(ctx, name); err != nil {
					return err
				}
			}
			if got := names(ctx); len(got) != 2 {
				t.Errorf("the acts themselves see %v", got)
			}
			if got := names(context.Background()); len(got) != 0 {
				t.Errorf("others see %v before the end", got)
			}
			return d.Together(ctx, func(ctx context.Context) error { return put(ctx, "c") })
		})
		if got := names(ctx); err != nil || len(got) != 3 {
			t.Fatalf("%v %v", got, err)
		}
		times, err := each[time.Time](d, `SELECT at FROM thing ORDER BY id`)
		if err != nil || times[0].Year() != 2020 || times[1].Year() != 2021 {
			t.Errorf("times %v %v", times, err)
		}
		if err := put(kept, "efteråt"); err != nil {
			t.Errorf("a context that outlived its acts: %v", err)
		}
		wrong := errors.New("stopp")
		for name, fn := range map[string]func(ctx context.Context) error{
			"at the end":  func(ctx context.Context) error { return errors.Join(put(ctx, "d"), wrong) },
			"a lost word": func(ctx context.Context) error { _ = put(ctx, "d"); _ = put(ctx, "a"); return nil },
			"not audited": func(ctx context.Context) error {
				_ = d.Write(ctx, func(tx *db.Tx) error {
					_, err := db.Insert[thingID](ctx, tx, insert, "e", tx.Now(), true)
					return err
				})
				return nil
			},
			"go on after": func(ctx context.Context) error { _ = put(ctx, "a"); return put(ctx, "f") },
		} {
			if err := d.Together(ctx, fn); err == nil {
				t.Errorf("%s: no error", name)
			}
			if got := names(ctx); len(got) != 4 {
				t.Fatalf("%s: stored %v", name, got)
			}
		}
	})
}

func each[T any](d *db.DB, query string) (out []T, err error) {
	err = d.Read(ctx, func(q db.Q) error {
		out, err = db.All(ctx, q, func(r db.Row) (v T, err error) { return v, r.Scan(&v) }, query)
		return err
	})
	return out, err
}
