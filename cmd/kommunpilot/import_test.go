package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/kommun"
)

// edition writes the embedded edition to a file, changed.
func edition(t *testing.T, change func(string) string) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := kommun.Default().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "edition.csv")
	if err := os.WriteFile(file, []byte(change(b.String())), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// importFile runs the command on a database that is migrated.
func importFile(t *testing.T, address, file string, dry bool) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	c := ImportRegisterCmd{Store: Store{Database: address}, File: file, DryRun: dry}
	return codeOf(c.Run(t.Context(), &Streams{Out: &o, Err: &e}), &e), o.String(), e.String()
}

func codeOf(err error, errs *bytes.Buffer) int {
	if err == nil {
		return 0
	}
	errs.WriteString(err.Error())
	if e, ok := err.(*exitError); ok { //nolint:errorlint // the command gives it bare
		return e.code
	}
	return exitFailed
}

func registerDatabase(t *testing.T) string {
	t.Helper()
	address := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	d, err := db.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if _, err := migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrate(t.Context(), kommun.Schema()); err != nil {
		t.Fatal(err)
	}
	return address
}

func stored(t *testing.T, address, edition string) (r *kommun.Register, entries int) {
	t.Helper()
	d, err := db.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	err = d.Read(t.Context(), func(q db.Q) error {
		if entries, err = db.Value[int](t.Context(), q, `SELECT COUNT(*) FROM audit WHERE act = 'register.import'`); err != nil {
			return err
		}
		r, err = kommun.Load(t.Context(), q, edition)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, entries
}

func same(s string) string { return s }

func TestImportRegister(t *testing.T) {
	address := registerDatabase(t)
	next := edition(t, func(s string) string { return strings.ReplaceAll(s, "SKR 2023,", "SKR 2030,") })
	grown := edition(t, func(s string) string {
		return strings.Replace(s, "SKR 2023,1983,Köping,", "SKR 2023,1983,Köpings stad,", 1)
	})
	for i, c := range []struct {
		file    string
		dry     bool
		want    string
		entries int
	}{
		{edition(t, same), true, "SKR 2023: 290 municipalities; 0 added, 0 changed, 0 removed (dry run, nothing was changed)\n", 0},
		{next, true, "SKR 2030: 290 municipalities; 291 added, 0 changed, 0 removed (dry run, nothing was changed)\n", 0},
		{next, false, "SKR 2030: 290 municipalities; 291 added, 0 changed, 0 removed\n", 1},
		{next, false, "SKR 2030: 290 municipalities; 0 added, 0 changed, 0 removed\n", 2},
		{grown, false, "SKR 2023: 290 municipalities; 0 added, 1 changed, 0 removed\n", 3},
	} {
		code, out, errs := importFile(t, address, c.file, c.dry)
		if code != 0 || out != c.want || errs != "" {
			t.Errorf("step %d: code %d, %q, %q; want %q", i, code, out, errs, c.want)
		}
		if _, entries := stored(t, address, "SKR 2023"); entries != c.entries {
			t.Errorf("step %d: %d entries in the audit log, want %d", i, entries, c.entries)
		}
	}
	r, _ := stored(t, address, "SKR 2023")
	if k, _ := r.ByCode("1983"); k.Name != "Köpings stad" {
		t.Errorf("1983 is %s", k.Name)
	}
}

func TestImportRefusesABrokenEditionWhole(t *testing.T) {
	address := registerDatabase(t)
	broken := edition(t, func(s string) string {
		s = strings.Replace(s, "SKR 2023,0114,", "SKR 2023,114,", 1)
		s = strings.Replace(s, "SKR 2023,1983,Köping,Köpings kommun,19,", "SKR 2023,1983,,Köpings kommun,18,", 1)
		return strings.Replace(s, ",0331\n", ",9331\n", 1)
	})
	code, out, errs := importFile(t, address, broken, false)
	if code != exitBadInput || out != "" {
		t.Errorf("code %d, %q", code, out)
	}
	for _, want := range []string{"rad 2, kolumn code", "kolumn name", "kolumn county_code", "kolumn successors", "0114 Upplands Väsby", "nothing was changed; problems:"} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is not said:\n%s", want, errs)
		}
	}
	last := 0
	for _, m := range regexp.MustCompile(`: rad (\d+)`).FindAllStringSubmatch(errs, -1) {
		line, _ := strconv.Atoi(m[1])
		if line < last {
			t.Errorf("line %d comes after line %d", line, last)
		}
		last = line
	}
	if r, entries := stored(t, address, "SKR 2023"); entries != 0 || r != kommun.Default() {
		t.Error("something was stored")
	}
	if code, _, errs := importFile(t, address, filepath.Join(t.TempDir(), "no.csv"), false); code != exitBadInput || !strings.Contains(errs, "no.csv") {
		t.Errorf("a file that is not there: code %d, %s", code, errs)
	}
}

func TestDryRunMakesNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "new.db")
	code, out, errs := importFile(t, "sqlite:"+path, edition(t, same), true)
	if code != 0 || !strings.Contains(out, "0 added, 0 changed, 0 removed (dry run") {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Errorf("the database's folder was made: %v", err)
	}
	code, _, errs = importFile(t, "sqlite:"+path, edition(t, same), false)
	if code != exitFailed || !strings.Contains(errs, "run: kommunpilot migrate") {
		t.Errorf("a database without tables: code %d, %s", code, errs)
	}
}
