package journal_test

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"testing"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

type risk struct {
	Text  string
	Level int
}

var risks = journal.Noun[risk]{Name: "risk", Title: "Risken", NeedsReason: []string{"stängd"},
	Moves: map[string][]string{"identifierad": {"hanteras"}, "hanteras": {"stängd"}}}

var (
	project = journal.Project{ID: 7, Name: "Ett projekt", Resource: policy.Resource{Programme: 3}}
	start   = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	me      = who.With(context.Background(), who.Actor{Kind: who.Person, Person: 5})
)

func each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{journal.Schema()}, test)
}

func write(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(me, fn); err != nil {
		t.Fatal(err)
	}
}

func TestMovesVersionsAndReasons(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		var it journal.Item[risk]
		write(t, d, func(tx *db.Tx) (err error) {
			it, err = risks.Add(me, tx, project, 0, "identifierad", risk{"Försening", 3}, journal.Act{Name: "risk.write"})
			return err
		})
		stale := it
		move := func(it journal.Item[risk], to, why string) error {
			return d.Write(me, func(tx *db.Tx) error {
				return risks.Move(me, tx, project, it, to, journal.Act{Name: "risk.write", Reason: why})
			})
		}
		if err := move(it, "stängd", "klart"); !fail.Is(err, fail.Conflict) {
			t.Errorf("a move that is none: %v", err)
		}
		if err := move(it, "hanteras", ""); err != nil {
			t.Fatal(err)
		}
		if err := move(stale, "hanteras", ""); !fail.Is(err, fail.Conflict) {
			t.Errorf("a stale version: %v", err)
		}
		err := d.Read(me, func(q db.Q) (err error) { it, err = risks.Get(me, q, it.ID); return err })
		if err != nil || it.State != "hanteras" || it.Version != 2 || it.By != 5 || it.Is.Level != 3 {
			t.Fatalf("%+v %v", it, err)
		}
		if err := move(it, "stängd", " "); !fail.Is(err, fail.Invalid) {
			t.Errorf("closed without a reason: %v", err)
		}
		if err := move(it, "stängd", "Risken har fallit bort."); err != nil {
			t.Fatal(err)
		}
		err = d.Read(me, func(q db.Q) error {
			h, err := journal.History(me, q, it.ID)
			if len(h) != 3 || h[2].From != "hanteras" || h[2].To != "stängd" || h[2].Reason == "" || h[0].Person != 5 {
				t.Errorf("history %+v", h)
			}
			p, noun, err2 := journal.Where(me, q, it.ID)
			if p != 7 || noun != "risk" || err2 != nil {
				t.Error(p, noun, err2)
			}
			if _, err := audit.Verify(me, q); err != nil {
				t.Error(err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestAnyMomentIsTheReplayOfItsEvents: what is read as of a moment equals what
// was the present at that moment, for random histories.
func TestAnyMomentIsTheReplayOfItsEvents(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 1))
		snapshots := map[time.Time]string{}
		present := func(x journal.Query) (out string) {
			if err := d.Read(me, func(q db.Q) error {
				list, err := risks.List(me, q, x)
				for _, it := range list {
					out += fmt.Sprint(it.ID, it.State, it.Is, ";")
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		var ids []journal.ID
		for i := range 60 {
			now := start.Add(time.Duration(i) * time.Hour)
			d.SetClock(func() time.Time { return now })
			write(t, d, func(tx *db.Tx) error {
				if len(ids) == 0 || r.IntN(3) == 0 {
					it, err := risks.Add(me, tx, project, 0, "identifierad", risk{"r", r.IntN(25)}, journal.Act{Name: "risk.write"})
					ids = append(ids, it.ID)
					return err
				}
				it, err := risks.Get(me, tx, ids[r.IntN(len(ids))])
				if err != nil {
					return err
				}
				it.Is.Level = r.IntN(25)
				if it.State == "identifierad" && r.IntN(2) == 0 {
					it.State = "hanteras"
				}
				return risks.Save(me, tx, project, it, journal.Act{Name: "risk.write"})
			})
			snapshots[now] = present(journal.Query{Project: 7})
		}
		for at, want := range snapshots {
			if got := present(journal.Query{Project: 7, At: at.Add(time.Minute)}); got != want {
				t.Fatalf("at %v\n%s\nwant\n%s", at, got, want)
			}
		}
		if got := present(journal.Query{Project: 7, At: start.Add(-time.Hour)}); got != "" {
			t.Errorf("before the beginning: %s", got)
		}
		if got := present(journal.Query{Project: 8}); got != "" {
			t.Errorf("another project: %s", got)
		}
		newest := present(journal.Query{Project: 7, Newest: true, Limit: 1})
		if want := present(journal.Query{Project: 7, Before: ids[len(ids)-1] + 1, Limit: 1}); newest != want {
			t.Errorf("newest %s, before the next number %s", newest, want)
		}
		if err := d.Read(me, func(q db.Q) error {
			it, err := risks.At(me, q, ids[0], start.Add(time.Minute))
			if it.ID != ids[0] || it.State != "identifierad" {
				t.Errorf("%+v", it)
			}
			if _, err := risks.At(me, q, ids[0], start.Add(-time.Minute)); !fail.Is(err, fail.NotFound) {
				t.Errorf("before it was made: %v", err)
			}
			events, err2 := journal.Between(me, q, 7, start, start.Add(10*time.Hour), 100)
			if len(events) != 10 || err2 != nil {
				t.Errorf("%d events %v", len(events), err2)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
