package audit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/who"
)

var ctx = who.With(context.Background(), who.Actor{Kind: who.Person, Person: 7})

func act(t *testing.T, d *db.DB, i int) {
	t.Helper()
	err := d.Write(ctx, func(tx *db.Tx) error {
		audit.Log(ctx, tx, audit.Entry{Act: "call.publish", Object: fmt.Sprintf("call:%d", i), Data: map[string]int{"i": i}})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func verify(t *testing.T, d *db.DB) (v audit.Verified, err error) {
	t.Helper()
	err = d.Read(ctx, func(q db.Q) error { v, err = audit.Verify(ctx, q); return err })
	return v, err
}

func TestChainVerifiesAfterConcurrentActs(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() { act(t, d, i) })
		}
		wg.Wait()
		v, err := verify(t, d)
		if err != nil || v.Entries != 40 {
			t.Fatalf("%+v %v; want 40 entries", v, err)
		}
	})
}

func TestChainShowsEveryKindOfTampering(t *testing.T) {
	for _, sql := range []string{
		`UPDATE audit SET reason = 'x' WHERE seq = 3`,
		`UPDATE audit SET data = '{"i":9}' WHERE seq = 3`,
		`UPDATE audit SET person_id = 8 WHERE seq = 3`,
		`DELETE FROM audit WHERE seq = 3`,
		`DELETE FROM audit WHERE seq = 5`,
		`UPDATE audit SET hash = 'x' WHERE seq = 5`,
	} {
		t.Run(sql, func(t *testing.T) {
			dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
				for i := range 5 {
					act(t, d, i)
				}
				if err := d.Housekeep(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, sql); return err }); err != nil {
					t.Fatal(err)
				}
				if _, err := verify(t, d); err == nil {
					t.Fatal("the chain verifies although it was tampered with")
				}
			})
		})
	}
}

func TestErasureKeepsTheChain(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		for i := range 3 {
			act(t, d, i)
		}
		if err := d.Housekeep(ctx, func(tx *db.Tx) error { return audit.Erase(ctx, tx, 2) }); err != nil {
			t.Fatal(err)
		}
		v, err := verify(t, d)
		if err != nil || v.Erased != 1 || v.Entries != 3 {
			t.Fatalf("%+v %v", v, err)
		}
	})
}

func TestAnActWithoutAnEntryIsUndone(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		err := d.Write(ctx, func(tx *db.Tx) error { return db.Once(ctx, tx, "a") })
		if !errors.Is(err, db.ErrNotAudited) {
			t.Fatalf("got %v, want ErrNotAudited", err)
		}
		n, err := count(d)
		if err != nil || n != 0 {
			t.Fatalf("%d rows stored, %v", n, err)
		}
	})
}

func count(d *db.DB) (n int, err error) {
	err = d.Read(ctx, func(q db.Q) error { n, err = db.Value[int](ctx, q, `SELECT COUNT(*) FROM once`); return err })
	return n, err
}
