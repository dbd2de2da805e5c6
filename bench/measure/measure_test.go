package measure

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
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
	f, err := (&Server{Address: s.URL}).Measure(t.Context(), Page{Name: "bra", Path: "/"}, 20, 2)
	if err != nil || asked.Load() != 22 || f.P50 < 2*time.Millisecond || f.P95 < f.P50 || f.P99 < f.P95 || f.PerSecond <= 0 || f.PerSecond > 1000 {
		t.Errorf("%+v, %v, asked %d times", f, err, asked.Load())
	}
	if _, err := (&Server{Address: s.URL}).Measure(t.Context(), Page{Name: "dålig", Path: "/fel"}, 20, 2); err == nil {
		t.Error("a page that fails was measured")
	}
}
