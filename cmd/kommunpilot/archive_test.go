package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/who"
)

// TestAMatterGoesOutIsCheckedAndComesIn walks the three commands on the
// example's matter: out of one database, checked, into another, out with the
// same bytes.
func TestAMatterGoesOutIsCheckedAndComesIn(t *testing.T) {
	dir := t.TempDir()
	place := func(name string) (flags []string, s Store) {
		s = Store{Database: "sqlite:" + filepath.Join(dir, name+".db"), Files: filepath.Join(dir, name)}
		must(t, "migrate", "--database="+s.Database)
		d, err := s.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		newPlatform(t, d)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		return []string{"--database=" + s.Database, "--files=" + s.Files}, s
	}
	one, store := place("one")
	run := func(want int, words string, args ...string) string {
		t.Helper()
		code, out, errs := command(t, args...)
		if code != want || !strings.Contains(out+errs, words) {
			t.Errorf("%v: code %d, want %d with %q\n%s%s", args, code, want, words, out, errs)
		}
		return out
	}
	export := func(flags []string, matter, file string) []string {
		return append([]string{"archive", "export", "--matter=" + matter, "--out=" + filepath.Join(dir, file), "--time=2026-12-01T10:00:00Z"}, flags...)
	}
	run(exitBadInput, "Ingen diariepost har numret KS 1999/1", export(one, "KS 1999/1", "a.zip")...)
	run(exitBadInput, `"x" är inget diarienummer`, export(one, "x", "a.zip")...)
	run(exitBadInput, "är ingen tid", "archive", "export", "--matter=1", "--out=x", "--time=idag")
	number := firstNumber(t, store)
	run(exitInfeasible, "ärendet är öppet; avsluta det", export(one, number, "a.zip")...)
	if left, _ := filepath.Glob(filepath.Join(dir, "*.zip")); len(left) > 0 {
		t.Errorf("a refused export leaves %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".archive*")); len(left) > 0 {
		t.Errorf("a refused export leaves %v", left)
	}
	if err := store.rooms(context.Background(), func(ctx context.Context, r *rooms, d *db.DB) error {
		return d.Read(ctx, func(q db.Q) error {
			m, err := r.record.FindMatter(ctx, q, number)
			if err != nil {
				return err
			}
			return r.record.CloseMatter(who.With(ctx, who.Us), m)
		})
	}); err != nil {
		t.Fatal(err)
	}
	run(0, "byte", export(one, number, "a.zip")...)
	run(exitBadInput, "finns redan", export(one, number, "a.zip")...)
	run(0, "Paketet är helt", "archive", "check", filepath.Join(dir, "a.zip"))
	if out := run(0, `"Number": "`, "archive", "check", "--json", filepath.Join(dir, "a.zip")); !strings.Contains(out, number) {
		t.Errorf("%s", out)
	}
	// The numbers are taken in a database with the same example.
	run(exitInfeasible, "finns redan i programmets diarium. Inget lästes in", append([]string{"archive", "import", filepath.Join(dir, "a.zip"), "--project=1"}, one...)...)
	two, other := place("two")
	run(exitBadInput, "projekt 999", append([]string{"archive", "import", filepath.Join(dir, "a.zip"), "--project=999"}, two...)...)
	if err := other.rooms(context.Background(), func(ctx context.Context, _ *rooms, d *db.DB) error {
		return d.Housekeep(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM registry_number`) // an empty diarium
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	run(0, "är inläst: /projekt/1/arenden/", append([]string{"archive", "import", filepath.Join(dir, "a.zip"), "--project=1"}, two...)...)
	run(0, "byte", export(two, number, "b.zip")...)
	a, err := os.ReadFile(filepath.Join(dir, "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "b.zip"))
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("what came in goes out with other bytes (%v)", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cut.zip"), a[:len(a)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	run(exitBadInput, "filen är ingen hel ZIP", "archive", "check", filepath.Join(dir, "cut.zip"))
	run(exitBadInput, "inget lästes in", append([]string{"archive", "import", filepath.Join(dir, "cut.zip"), "--project=1"}, two...)...)
	run(exitBadInput, "är en mapp", "archive", "check", dir)
	run(exitBadInput, "no such file", "archive", "check", filepath.Join(dir, "none.zip"))
}

// firstNumber is the number of the example's first entry.
func firstNumber(t *testing.T, s Store) (number string) {
	t.Helper()
	if err := s.rooms(context.Background(), func(ctx context.Context, _ *rooms, d *db.DB) error {
		return d.Read(ctx, func(q db.Q) (err error) {
			number, err = db.Value[string](ctx, q, `SELECT prefix || ' ' || year || '/' || number FROM registry_number ORDER BY item_id LIMIT 1`)
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	return number
}

// TestAFileThatAnotherRoomHasIsKnown: on both databases, for an attachment of
// an application and for none.
func TestAFileThatAnotherRoomHasIsKnown(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		attached := strings.Repeat("a", 64)
		if err := d.Housekeep(t.Context(), func(tx *db.Tx) error {
			n, err := tx.Exec(t.Context(), `INSERT INTO attachment (application_id, name, about, type, size, hash, at, person_id) SELECT min(id), 'x.pdf', '', 'application/pdf', 1, ?, ?, 1 FROM application`, attached, tx.Now())
			if err != nil || n != 1 {
				t.Fatal(n, err)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(q db.Q) error {
			for hash, want := range map[string]bool{attached: true, strings.Repeat("0", 64): false} {
				if held, err := p.rooms.interest.HasFile(t.Context(), q, hash); err != nil || held != want {
					t.Errorf("%.1s: %v %v", hash, held, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}
