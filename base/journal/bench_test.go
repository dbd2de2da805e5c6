package journal_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/journal"
)

// BenchmarkAsOfADayAmong1000000Events reads a project of 100 000 things, each
// with ten events, as it was half-way through its history: the whole state is
// the replay of the 500 000 events before that day.
func BenchmarkAsOfADayAmong1000000Events(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { asOfADay(b, dbtest.SQLite(b, journal.Schema())) })
	b.Run("postgres", func(b *testing.B) {
		if os.Getenv("KOMMUNPILOT_TEST_POSTGRES") == "" {
			b.Skip("no PostgreSQL")
		}
		asOfADay(b, dbtest.Postgres(b, journal.Schema()))
	})
}

func asOfADay(b *testing.B, d *db.DB) {
	const things, events = 100_000, 10
	day := func(k int) string {
		return start.AddDate(0, 0, k).Format("2006-01-02T15:04:05.000000Z")
	}
	err := d.Write(me, func(tx *db.Tx) error {
		for at := 0; at < things; at += 10_000 {
			numbers := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)", at+1, at+10_000)
			if _, err := tx.Exec(me, "INSERT INTO item (project_id, programme_id, noun, parent_id, state, version, created_at, created_by, changed_at, content) "+numbers+
				" SELECT 7, 3, 'risk', 0, 'hanteras', 10, '"+day(0)+"', 5, '"+day(events-1)+"', '{\"Text\":\"r\",\"Level\":9}' FROM n"); err != nil {
				return err
			}
			for k := range events {
				if _, err := tx.Exec(me, "INSERT INTO item_event (item_id, project_id, noun, at, person_id, act, from_state, to_state, reason, content) "+numbers+
					fmt.Sprintf(" SELECT i, 7, 'risk', '%s', 5, 'risk.write', 'identifierad', 'hanteras', '', '{\"Text\":\"r\",\"Level\":%d}' FROM n", day(k), k)); err != nil {
					return err
				}
			}
		}
		audit.Log(me, tx, audit.Entry{Act: "risk.write", Object: "project:7"})
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	half := start.AddDate(0, 0, events/2-1).Add(time.Hour)
	for b.Loop() {
		err := d.Read(me, func(q db.Q) error {
			list, err := risks.List(me, q, journal.Query{Project: 7, At: half})
			if err == nil && (len(list) != things || list[things-1].Is.Level != events/2-1) {
				b.Fatalf("%d things, the last at %d", len(list), list[len(list)-1].Is.Level)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
