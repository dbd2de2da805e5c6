package main

import (
	"bytes"
	"context"
	"testing"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/kommun"
)

// TestRoomsSeeImportedEditions: a call published now freezes the newest
// edition, one published before keeps its own, and an unknown name gives the
// embedded one.
func TestRoomsSeeImportedEditions(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		r := &registers{db: d}
		own := kommun.Default().Edition()
		if got := r.newest().Edition(); got != own {
			t.Errorf("with nothing imported: %s", got)
		}
		var file bytes.Buffer
		if _, err := kommun.Default().WriteTo(&file); err != nil {
			t.Fatal(err)
		}
		next, problems := kommun.Parse(bytes.NewReader(bytes.ReplaceAll(file.Bytes(), []byte(own), []byte("SKR 2099"))))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		ctx := context.Background()
		if err := d.Write(ctx, func(tx *db.Tx) error {
			audit.Log(ctx, tx, audit.Entry{Act: "register.import", Object: "register"})
			return kommun.Save(ctx, tx, next)
		}); err != nil {
			t.Fatal(err)
		}
		r = &registers{db: d} // half a minute later
		if got := r.newest().Edition(); got != "SKR 2099" {
			t.Errorf("the newest is %s", got)
		}
		for name, want := range map[string]string{own: own, "SKR 2099": "SKR 2099", "no such": own, "": own} {
			if got := r.of(name).Edition(); got != want {
				t.Errorf("%q gives %s, want %s", name, got, want)
			}
		}
	})
}
