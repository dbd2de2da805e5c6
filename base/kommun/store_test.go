package kommun_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
)

func written(t *testing.T, r *kommun.Register) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := r.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func load(t *testing.T, d *db.DB, edition string) (r *kommun.Register, err error) {
	t.Helper()
	err = d.Read(t.Context(), func(q db.Q) error { r, err = kommun.Load(t.Context(), q, edition); return err })
	return r, err
}

func save(ctx context.Context, d *db.DB, r *kommun.Register) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		audit.Log(ctx, tx, audit.Entry{Act: "register.import", Object: "register:1"})
		return kommun.Save(ctx, tx, r)
	})
}

// another is the embedded edition under another name with another population
// in Köping.
func another(t *testing.T, edition string) *kommun.Register {
	t.Helper()
	text := strings.ReplaceAll(written(t, kommun.Default()), "SKR 2023", edition)
	lines := strings.Split(text, "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, edition+",1983,") })
	f := strings.Split(lines[i], ",")
	f[10] = "1"
	lines[i] = strings.Join(f, ",")
	r, problems := kommun.Parse(strings.NewReader(strings.Join(lines, "\n")))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return r
}

func TestAnEditionIsStoredAndReadBackTheSame(t *testing.T) {
	dbtest.Each(t, []fs.FS{kommun.Schema()}, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if r, err := load(t, d, "SKR 2023"); err != nil || r != kommun.Default() {
			t.Fatalf("before anything is stored: %v, %v", r, err)
		}
		if _, err := load(t, d, "SKR 2017"); !fail.Is(err, fail.NotFound) {
			t.Errorf("an unknown edition: %v", err)
		}
		for _, r := range []*kommun.Register{kommun.Default(), another(t, "SKR 2030"), another(t, "SKR 2023"), another(t, "SKR 2023")} {
			if err := save(ctx, d, r); err != nil {
				t.Fatal(err)
			}
			back, err := load(t, d, r.Edition())
			if err != nil || written(t, back) != written(t, r) {
				t.Fatalf("%s is not the same: %v", r.Edition(), err)
			}
		}
		var editions []string
		err := d.Read(ctx, func(q db.Q) (err error) { editions, err = kommun.Editions(ctx, q); return err })
		if err != nil || !slices.Equal(editions, []string{"SKR 2023", "SKR 2030"}) {
			t.Errorf("%v %v", editions, err)
		}
	})
}

func TestAFailedSaveLeavesTheEarlierEdition(t *testing.T) {
	dbtest.Each(t, []fs.FS{kommun.Schema()}, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := save(ctx, d, kommun.Default()); err != nil {
			t.Fatal(err)
		}
		oops := errors.New("oops")
		err := d.Write(ctx, func(tx *db.Tx) error {
			return errors.Join(kommun.Save(ctx, tx, another(t, "SKR 2023")), oops)
		})
		if !errors.Is(err, oops) {
			t.Fatal(err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { return kommun.Save(ctx, tx, another(t, "SKR 2023")) }); !errors.Is(err, db.ErrNotAudited) {
			t.Errorf("saved without an audit entry: %v", err)
		}
		if r, err := load(t, d, "SKR 2023"); err != nil || written(t, r) != written(t, kommun.Default()) {
			t.Errorf("the earlier edition is not whole: %v", err)
		}
	})
}

func TestCompare(t *testing.T) {
	c := kommun.Compare(kommun.Default(), another(t, "SKR 2030"))
	if len(c.Added)+len(c.Removed) != 0 || !slices.Equal(c.Changed, []string{"1983"}) {
		t.Errorf("%+v", c)
	}
	if c := kommun.Compare(nil, kommun.Default()); len(c.Added) != 291 || c.None() {
		t.Errorf("%d are added to nothing", len(c.Added))
	}
	if c := kommun.Compare(kommun.Default(), kommun.Default()); !c.None() {
		t.Errorf("%+v", c)
	}
}
