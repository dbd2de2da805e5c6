package main

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
)

func TestPercentile(t *testing.T) {
	var hundred []time.Duration
	for i := 100; i > 0; i-- {
		hundred = append(hundred, time.Duration(i))
	}
	rows := []struct {
		times []time.Duration
		p     int
		want  time.Duration
	}{
		{hundred, 50, 50}, {hundred, 95, 95}, {hundred, 99, 99}, {hundred, 100, 100},
		{[]time.Duration{7}, 50, 7}, {[]time.Duration{7}, 99, 7}, {[]time.Duration{3, 1, 2}, 50, 2}, {[]time.Duration{3, 1, 2}, 95, 3}, {nil, 95, 0},
	}
	for _, row := range rows {
		if got := percentile(row.times, row.p); got != row.want {
			t.Errorf("percentile %d of %d times is %d, want %d", row.p, len(row.times), got, row.want)
		}
	}
}

func TestMeasureCountsAndRefusesErrors(t *testing.T) {
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := asked.Add(1); r.URL.Path == "/fel" && n > 30 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		time.Sleep(2 * time.Millisecond)
	}))
	defer s.Close()
	f, err := (&server{address: s.URL}).measure(t.Context(), page{name: "bra", path: "/"}, 20, 2)
	if err != nil || asked.Load() != 22 || f.p50 < 2*time.Millisecond || f.p95 < f.p50 || f.p99 < f.p95 || f.perSecond <= 0 || f.perSecond > 1000 {
		t.Errorf("%+v, %v, asked %d times", f, err, asked.Load())
	}
	if _, err := (&server{address: s.URL}).measure(t.Context(), page{name: "dålig", path: "/fel"}, 20, 2); err == nil {
		t.Error("a page that fails was measured")
	}
}

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
