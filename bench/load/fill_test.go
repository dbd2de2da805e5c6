package main

import (
	"testing"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
)

func TestFillWritesAChainThatVerifies(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		if _, err := auditRows(t.Context(), d, sizes{applications: 29, calls: 2, audit: 123}); err != nil {
			t.Fatal(err)
		}
		err := d.Read(t.Context(), func(q db.Q) error {
			v, err := audit.Verify(t.Context(), q)
			if v.Entries != 123 {
				t.Errorf("%d entries", v.Entries)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
