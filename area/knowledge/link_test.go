package knowledge

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// No address inside is asked, whatever name, number or redirect leads to it.
func TestLinksInsideAreRefused(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(s.Close)
	for _, href := range []string{s.URL, "http://127.0.0.1/", "http://localhost/", "http://0.0.0.0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://192.168.1.1/", "http://2130706433/", "http://0x7f.1/", "file:///etc/passwd", "gopher://127.0.0.1/"} {
		if err := answers(t.Context(), LinkClient(), href); err == nil {
			t.Errorf("%s is asked", href)
		}
	}
	if asked > 0 {
		t.Errorf("a server inside was asked %d times", asked)
	}
	if err := answers(t.Context(), LinkClient(), "http://127.0.0.1/"); !errors.Is(err, errPrivate) {
		t.Errorf("refused for another reason: %v", err)
	}
}

func TestTheOpenWebIsPublicAddressesOnItsPorts(t *testing.T) {
	for at, want := range map[string]bool{
		"193.10.1.1:443": true, "193.10.1.1:80": true, "[2a00:801::1]:443": true,
		"193.10.1.1:22": false, "193.10.1.1:8080": false, "127.0.0.1:80": false, "10.1.2.3:443": false, "172.16.0.1:443": false, "192.168.0.1:443": false, "169.254.1.1:80": false, "100.64.0.1:80": false,
		"224.0.0.1:80": false, "255.255.255.255:80": false, "0.1.2.3:80": false, "[::1]:80": false, "[fe80::1]:80": false, "[fd00::1]:80": false, "[::ffff:10.0.0.1]:80": false, "[64:ff9b::a00:1]:80": false, "[2002:a00:1::]:80": false, "[::]:80": false,
	} {
		if got := onTheWeb(netip.MustParseAddrPort(at)); got != want {
			t.Errorf("%s: %v", at, got)
		}
	}
}

// A link answers where a whole question does, although its head does not.
func TestALinkAnswersByHeadOrByWhole(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/borta", r.Method == http.MethodHead && r.URL.Path == "/bara-get":
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/runt":
			http.Redirect(w, r, "/runt", http.StatusFound)
		}
	}))
	t.Cleanup(s.Close)
	c := LinkClient()
	c.Transport = http.DefaultTransport // the test's own server is inside
	for path, want := range map[string]bool{"/": true, "/bara-get": true, "/borta": false, "/runt": false} {
		if err := answers(t.Context(), c, s.URL+path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}
