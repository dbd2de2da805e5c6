package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestVisitorsAddressComesFromOurProxiesOnly(t *testing.T) {
	rows := []struct {
		about, proxies, from string
		forwarded            []string
		want                 string
	}{
		{"no proxies are named", "", "127.0.0.1:5", []string{"192.0.2.1"}, "127.0.0.1:5"},
		{"through our proxy", "127.0.0.1", "127.0.0.1:5", []string{"192.0.2.1"}, "192.0.2.1:0"},
		{"through two of ours", "127.0.0.1, 10.0.0.0/8", "127.0.0.1:5", []string{"192.0.2.1, 10.1.2.3"}, "192.0.2.1:0"},
		{"the visitor made up a first address", "127.0.0.1", "127.0.0.1:5", []string{"203.0.113.9, 192.0.2.1"}, "192.0.2.1:0"},
		{"the visitor made up a header", "127.0.0.1", "127.0.0.1:5", []string{"203.0.113.9", "192.0.2.1"}, "192.0.2.1:0"},
		{"past the proxy", "10.0.0.1", "192.0.2.7:5", []string{"203.0.113.9"}, "192.0.2.7:5"},
		{"not an address", "127.0.0.1", "127.0.0.1:5", []string{"unknown"}, "127.0.0.1:5"},
		{"the proxy says nothing", "127.0.0.1", "127.0.0.1:5", nil, "127.0.0.1:5"},
		{"version 6", "::1", "[::1]:5", []string{"2001:db8::1"}, "[2001:db8::1]:0"},
		{"version 4 written as 6", "127.0.0.1", "[::ffff:127.0.0.1]:5", []string{"192.0.2.1"}, "192.0.2.1:0"},
	}
	for _, row := range rows {
		t.Run(row.about, func(t *testing.T) {
			var p Proxies
			if err := p.UnmarshalText([]byte(row.proxies)); err != nil {
				t.Fatal(err)
			}
			got := ""
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = row.from
			r.Header["X-Forwarded-For"] = row.forwarded
			p.wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(httptest.NewRecorder(), r)
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
	var p Proxies
	if err := p.UnmarshalText([]byte("the proxy")); err == nil {
		t.Error("a word was taken for an address")
	}
}
