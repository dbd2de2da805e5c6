package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/mail"
	"kommunpilot/base/who"
)

// place is a database with its folder of files.
type place struct {
	store Store
	db    *db.DB
	base  Base
}

// openPlace opens and migrates.
func openPlace(t testing.TB, database, files string) place {
	t.Helper()
	p := place{store: Store{Database: database, Files: files}}
	var err error
	if p.db, err = p.store.open(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.db.Close() })
	if _, err := migrate(context.Background(), p.db); err != nil {
		t.Fatal(err)
	}
	if p.base, err = newBase(&Config{Store: p.store}, p.db, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return p
}

// bothPlaces runs the test on an SQLite place and on a PostgreSQL place; the
// func gives further empty ones of the same kind.
func bothPlaces(t *testing.T, test func(t *testing.T, p place, another func() Store)) {
	t.Run("sqlite", func(t *testing.T) {
		dir, n := t.TempDir(), 0
		p := openPlace(t, "sqlite:"+filepath.Join(dir, "k.db"), filepath.Join(dir, "files"))
		test(t, p, func() Store {
			n++
			return Store{Database: fmt.Sprintf("sqlite:%s/other%d/k.db", dir, n), Files: fmt.Sprintf("%s/other%d/files", dir, n)}
		})
	})
	t.Run("postgres", func(t *testing.T) {
		p := openPlace(t, dbtest.PostgresURL(t), filepath.Join(t.TempDir(), "files"))
		test(t, p, func() Store {
			address := dbtest.PostgresURL(t)
			d, err := db.Open(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			// A database as an operator makes it: empty.
			if _, err := d.Std().ExecContext(t.Context(), `DROP SCHEMA public CASCADE; CREATE SCHEMA public`); err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			return Store{Database: address, Files: filepath.Join(t.TempDir(), "files")}
		})
	})
}

// act does what an act of a room does: a file, an audit entry that names it,
// and a letter, in one transaction.
func act(ctx context.Context, p place, n int) error {
	ref, err := p.base.Files.Put(ctx, strings.NewReader(fmt.Sprintf("bilaga %d", n)), 1000)
	if err != nil {
		return err
	}
	return p.db.Write(who.With(ctx, who.Us), func(tx *db.Tx) error {
		audit.Log(ctx, tx, audit.Entry{Act: "test.act", Object: "file:" + ref.Hash, Data: map[string]int{"n": n}})
		return p.base.Mail.Send(ctx, tx, mail.Message{To: []string{"x@y.example"}, Subject: fmt.Sprintf("brev %d", n), Text: "åäö"})
	})
}

// whole checks that the audit log verifies, that each entry has its letter,
// and that each file that is spoken of is there.
func whole(t *testing.T, s Store) audit.Verified {
	t.Helper()
	d, err := s.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	files, err := blob.Open(s.Files)
	if err != nil {
		t.Fatal(err)
	}
	var v audit.Verified
	err = d.Read(t.Context(), func(q db.Q) error {
		if v, err = audit.Verify(t.Context(), q); err != nil {
			return err
		}
		letters, err := db.Value[int64](t.Context(), q, `SELECT count(*) FROM mail_outbox`)
		if err != nil {
			return err
		}
		if letters != v.Entries {
			t.Errorf("%d entries and %d letters, which were written together", v.Entries, letters)
		}
		objects, err := db.Values[string](t.Context(), q, `SELECT object FROM audit`)
		for _, o := range objects {
			r, err := files.Open(t.Context(), strings.TrimPrefix(o, "file:"))
			if err != nil {
				return fmt.Errorf("%s: %w", o, err)
			}
			_ = r.Close()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestBackupDuringWritesIsWholeAndRestores(t *testing.T) {
	bothPlaces(t, func(t *testing.T, p place, another func() Store) {
		const before = 20
		for n := range before {
			if err := act(t.Context(), p, n); err != nil {
				t.Fatal(err)
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan int)
		go func() {
			n := before
			for ctx.Err() == nil {
				if err := act(context.WithoutCancel(ctx), p, n); err != nil {
					t.Error(err)
				}
				n++
			}
			done <- n
		}()
		archive := filepath.Join(t.TempDir(), "b.tar.gz")
		out := must(t, "backup", archive, "--database="+p.store.Database, "--files="+p.store.Files)
		time.Sleep(20 * time.Millisecond)
		stop()
		written := <-done
		if !strings.Contains(out, "entries in the audit log") {
			t.Errorf("backup said %s", out)
		}
		to := another()
		out = must(t, "restore", archive, "--database="+to.Database, "--files="+to.Files)
		v := whole(t, to)
		if v.Entries < before || v.Entries >= int64(written) {
			t.Errorf("the backup has %d entries; %d were written before it and %d in all", v.Entries, before, written)
		}
		if !strings.Contains(out, v.Hash) {
			t.Errorf("restore does not print the last hash: %s", out)
		}
		// The restored place goes on where it was.
		r := openPlace(t, to.Database, to.Files)
		if err := act(t.Context(), r, 1_000_000); err != nil {
			t.Fatal(err)
		}
		if again := whole(t, to); again.Entries != v.Entries+1 {
			t.Errorf("%d entries after one more than %d", again.Entries, v.Entries)
		}
	})
}

func TestRestoreRefusesWhatIsNotEmpty(t *testing.T) {
	bothPlaces(t, func(t *testing.T, p place, another func() Store) {
		if err := act(t.Context(), p, 1); err != nil {
			t.Fatal(err)
		}
		archive := filepath.Join(t.TempDir(), "b.tar.gz")
		at := []string{"--database=" + p.store.Database, "--files=" + p.store.Files}
		must(t, append([]string{"backup", archive}, at...)...)
		if err := act(t.Context(), p, 2); err != nil {
			t.Fatal(err)
		}
		code, _, errs := command(t, append([]string{"restore", archive}, at...)...)
		if code == 0 || !strings.Contains(errs, "nothing was changed") || !strings.Contains(errs, "--force") {
			t.Errorf("code %d, %s", code, errs)
		}
		if v := whole(t, p.store); v.Entries != 2 {
			t.Errorf("%d entries, want both", v.Entries)
		}
		if err := p.db.Close(); err != nil {
			t.Fatal(err)
		}
		must(t, append([]string{"restore", "--force", archive}, at...)...)
		if v := whole(t, p.store); v.Entries != 1 {
			t.Errorf("%d entries, want the archive's one", v.Entries)
		}
		kept, err := filepath.Glob(p.store.Files + ".before-restore-*")
		if err != nil || len(kept) != 1 {
			t.Errorf("what was there is not kept: %v, %v", kept, err)
		}
		// A backup over an existing one is refused.
		code, _, errs = command(t, append([]string{"backup", archive}, at...)...)
		if code == 0 || !strings.Contains(errs, "exists already") {
			t.Errorf("code %d, %s", code, errs)
		}
		_ = another
	})
}

// rewrite copies an archive through a change of its files.
func rewrite(t *testing.T, from string, change func(name string, content []byte) (string, []byte)) string {
	t.Helper()
	r, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	gz, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "changed.tar.gz")
	err = writeFile(to, func(w io.Writer) error {
		out := gzip.NewWriter(w)
		in, tw := tar.NewReader(gz), tar.NewWriter(out)
		for {
			h, err := in.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			b, err := io.ReadAll(in)
			if err != nil {
				return err
			}
			name, b := change(h.Name, b)
			if name == "" {
				continue
			}
			if err := tw.WriteHeader(&tar.Header{Name: name, Size: int64(len(b)), Mode: 0o600}); err != nil {
				return err
			}
			if _, err := tw.Write(b); err != nil {
				return err
			}
		}
		return errors.Join(tw.Close(), out.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func TestDamagedArchivesChangeNothing(t *testing.T) {
	dir := t.TempDir()
	p := openPlace(t, "sqlite:"+filepath.Join(dir, "k.db"), filepath.Join(dir, "files"))
	if err := act(t.Context(), p, 1); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(dir, "b.tar.gz")
	must(t, "backup", good, "--database="+p.store.Database, "--files="+p.store.Files)
	cut := filepath.Join(dir, "cut.tar.gz")
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, b[:len(b)-200], 0o600); err != nil {
		t.Fatal(err)
	}
	keep := func(name string, b []byte) (string, []byte) { return name, b }
	rows := map[string]struct{ archive, want string }{
		"cut off":    {cut, "damaged"},
		"no archive": {filepath.Join("..", "..", "go.mod"), "no archive"},
		"changed database": {rewrite(t, good, func(n string, b []byte) (string, []byte) {
			if n == databaseName {
				b[len(b)-1] ^= 1
			}
			return n, b
		}), "database has been changed"},
		"changed file": {rewrite(t, good, func(n string, b []byte) (string, []byte) {
			if strings.HasPrefix(n, filesFolder) {
				b = []byte("annat")
			}
			return n, b
		}), "has been changed"},
		"missing file": {rewrite(t, good, func(n string, b []byte) (string, []byte) {
			if strings.HasPrefix(n, filesFolder) {
				return "", nil
			}
			return n, b
		}), "is missing"},
		"missing manifest": {rewrite(t, good, func(n string, b []byte) (string, []byte) {
			if n == manifestName {
				return "", nil
			}
			return n, b
		}), "no manifest"},
		"a path that leads out": {rewrite(t, good, func(n string, b []byte) (string, []byte) {
			if strings.HasPrefix(n, filesFolder) {
				return "files/../../../evil", b
			}
			return n, b
		}), "which no backup of ours does"},
		"a later format": {rewrite(t, good, func(n string, b []byte) (string, []byte) {
			if n == manifestName {
				b = []byte(strings.Replace(string(b), `"format": 1`, `"format": 2`, 1))
			}
			return n, b
		}), "format 2"},
		"another database": {rewrite(t, good, func(n string, b []byte) (string, []byte) {
			if n == manifestName {
				b = []byte(strings.Replace(string(b), `"dialect": "sqlite"`, `"dialect": "postgres"`, 1))
			}
			return n, b
		}), "is of postgres"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			at := t.TempDir()
			code, _, errs := command(t, "restore", row.archive, "--database=sqlite:"+at+"/k.db", "--files="+at+"/files")
			if code == 0 || !strings.Contains(errs, row.want) {
				t.Errorf("code %d, %s", code, errs)
			}
			left, err := os.ReadDir(at)
			if err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
	at := t.TempDir()
	must(t, "restore", rewrite(t, good, keep), "--database=sqlite:"+at+"/k.db", "--files="+at+"/files")
}

func TestBackupThatFailsLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	p := openPlace(t, "sqlite:"+filepath.Join(dir, "k.db"), filepath.Join(dir, "files"))
	if err := act(t.Context(), p, 1); err != nil {
		t.Fatal(err)
	}
	// Somebody has changed an entry: no backup of a broken log is made.
	if _, err := p.db.Std().ExecContext(t.Context(), `UPDATE audit SET act = 'other' WHERE seq = 1`); err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	code, _, errs := command(t, "backup", to+"/b.tar.gz", "--database="+p.store.Database, "--files="+p.store.Files)
	if code == 0 || !strings.Contains(errs, "audit log is broken") {
		t.Errorf("code %d, %s", code, errs)
	}
	if left, err := os.ReadDir(to); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	code, out, errs := command(t, "verify-audit", "--database="+p.store.Database)
	if code != exitFailed || out != "" || !strings.Contains(errs, "entry 1") {
		t.Errorf("verify-audit: code %d, %s%s", code, out, errs)
	}
}
