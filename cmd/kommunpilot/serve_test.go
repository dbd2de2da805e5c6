package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
)

// output is what a running node writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// serving is a node that serves on a free port.
type serving struct {
	address   string
	out, errs *output
	stop      func() int
}

var servesAt = regexp.MustCompile(`(?:serves|health on) (http://127\.0\.0\.1:\d+)`)

func serve(t *testing.T, args ...string) *serving {
	t.Helper()
	s := &serving{out: &output{}, errs: &output{}}
	ctx, cancel := context.WithCancel(context.Background())
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"serve", "--address=127.0.0.1:0"}, args...), &Streams{s.out, s.errs})
	}()
	s.stop = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { s.stop() })
	until(t, "the node to serve", func() bool {
		if m := servesAt.FindStringSubmatch(s.out.String()); m != nil {
			s.address = m[1]
		}
		if len(code) > 0 {
			t.Fatalf("the node ended: %s", s.errs)
		}
		return s.address != ""
	})
	return s
}

// get asks for a page; 0 where there was no answer.
func (s *serving) get(t *testing.T, path string, header ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(45 * time.Second); !ok(); time.Sleep(25 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func freshSQLite(t *testing.T) []string {
	dir := t.TempDir()
	return []string{"--database=sqlite:" + filepath.Join(dir, "k.db"), "--files=" + filepath.Join(dir, "files")}
}

func TestServeOnAFreshMachine(t *testing.T) {
	s := serve(t, append(freshSQLite(t), "--log-format=json")...)
	for path, want := range map[string]int{"/": 200, "/healthz": 200, "/readyz": 200, "/metrics": 200, "/finns-inte": 404} {
		if code, body := s.get(t, path); code != want {
			t.Errorf("%s gave %d\n%s", path, code, body)
		}
	}
	_, m := s.get(t, "/metrics")
	for _, want := range []string{`kommunpilot_http_request_seconds_bucket{route="GET /{$}",status="200"`, "kommunpilot_build_info", "go_sql_"} {
		if !strings.Contains(m, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	until(t, "the first tick", func() bool {
		_, m := s.get(t, "/metrics")
		return strings.Contains(m, `kommunpilot_job_seconds_count{kind="tick",outcome="ok"} 1`) && strings.Contains(m, `kommunpilot_jobs{state="`)
	})
	if code := s.stop(); code != 0 {
		t.Errorf("stopped with code %d: %s", code, s.errs)
	}
	for _, line := range strings.Split(strings.TrimSpace(s.errs.String()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
		if strings.Contains(line, `"level":"ERROR"`) {
			t.Errorf("a good run logs an error: %s", line)
		}
		if strings.Contains(line, "finns-inte") {
			t.Errorf("the log holds an address that a visitor asked for: %s", line)
		}
	}
}

func TestMetricsAreNotForVisitors(t *testing.T) {
	s := serve(t, freshSQLite(t)...)
	if code, _ := s.get(t, "/metrics", "X-Forwarded-For", "192.0.2.1"); code != http.StatusNotFound {
		t.Errorf("through a proxy: %d", code)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.RemoteAddr = "192.0.2.1:4711"
	fromThisMachine(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let in") })).ServeHTTP(w, r)
	if w.Code != http.StatusNotFound {
		t.Errorf("from elsewhere: %d", w.Code)
	}
	// With an address of their own they are nowhere else.
	own := serve(t, append(freshSQLite(t), "--admin-address=127.0.0.1:0")...)
	if code, body := own.get(t, "/metrics"); code != http.StatusNotFound || strings.Contains(body, "kommunpilot_build_info") {
		t.Errorf("with an admin address: %d", code)
	}
}

func TestAddressInUseSaysSo(t *testing.T) {
	s := serve(t, freshSQLite(t)...)
	taken := strings.TrimPrefix(s.address, "http://")
	code, _, errs := command(t, append([]string{"serve", "--address=" + taken}, freshSQLite(t)...)...)
	if code == 0 || !strings.Contains(errs, "--address") || !strings.Contains(errs, taken) {
		t.Errorf("code %d, %s", code, errs)
	}
}

func TestStopLetsVisitorsFinish(t *testing.T) {
	entered, leave := make(chan bool), make(chan bool)
	cfg := &Config{Address: "127.0.0.1:0", Role: RoleWeb, Store: Store{Database: "sqlite:" + filepath.Join(t.TempDir(), "k.db"), Files: t.TempDir()}}
	n, err := openNode(t.Context(), cfg, newLog(cfg, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	n.app.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		entered <- true
		<-leave
		_, _ = io.WriteString(w, "klart")
	})
	ctx, stop := context.WithCancel(t.Context())
	s := &serving{out: &output{}}
	ended := make(chan error, 1)
	go func() { ended <- n.serve(ctx, &Streams{s.out, io.Discard}) }()
	until(t, "the node to serve", func() bool {
		m := servesAt.FindStringSubmatch(s.out.String())
		if m != nil {
			s.address = m[1]
		}
		return m != nil
	})
	said := make(chan string, 1)
	go func() { _, body := s.get(t, "/"); said <- body }()
	<-entered
	stop()
	until(t, "no more visitors", func() bool { code, _ := s.get(t, "/readyz"); return code != 200 })
	leave <- true
	if body := <-said; body != "klart" {
		t.Errorf("the visitor got %q", body)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := n.close(); err != nil {
		t.Error(err)
	}
}

func TestNodesShareOnePostgres(t *testing.T) {
	at := []string{"--database=" + dbtest.PostgresURL(t), "--files=" + filepath.Join(t.TempDir(), "files")}
	code, _, errs := command(t, append([]string{"serve"}, at...)...)
	if code == 0 || !strings.Contains(errs, "run: kommunpilot migrate") {
		t.Fatalf("a node served an old database: code %d, %s", code, errs)
	}
	must(t, append([]string{"migrate"}, at...)...)
	web := serve(t, append(at, "--role=web")...)
	worker := serve(t, append(at, "--role=worker")...)
	if code, _ := web.get(t, "/"); code != 200 {
		t.Errorf("the web node gives %d", code)
	}
	if code, _ := worker.get(t, "/"); code != 404 {
		t.Errorf("the worker node shows pages: %d", code)
	}
	if code, _ := worker.get(t, "/readyz"); code != 200 {
		t.Errorf("the worker is not ready: %d", code)
	}
	const tick = `kommunpilot_job_seconds_count{kind="tick"`
	until(t, "the worker's tick", func() bool { _, m := worker.get(t, "/metrics"); return strings.Contains(m, tick) })
	if _, m := web.get(t, "/metrics"); strings.Contains(m, tick) || !strings.Contains(m, "kommunpilot_postgres_connections") {
		t.Error("the web node runs jobs, or lacks the figures of its connections")
	}
}

// TestDatabaseGoneAndBack stops a private PostgreSQL server under a running
// node and starts it anew.
func TestDatabaseGoneAndBack(t *testing.T) {
	if os.Getenv("KOMMUNPILOT_TEST_POSTGRES") == "" {
		t.Skip("PostgreSQL: KOMMUNPILOT_TEST_POSTGRES is not set; make test sets it")
	}
	// Not t.TempDir, which the server's own user may not enter.
	folder, err := os.MkdirTemp("", "kommunpilot-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	server := func(what string, more ...string) string {
		t.Helper()
		out, err := exec.Command("../../scripts/postgres.sh", append([]string{what, folder}, more...)...).Output()
		if err != nil {
			t.Fatalf("postgres.sh %s: %v", what, err)
		}
		return strings.TrimSpace(string(out))
	}
	address := server("start")
	t.Cleanup(func() { _ = exec.Command("../../scripts/postgres.sh", "stop", folder, "immediate").Run() })
	at := []string{"--database=" + address, "--files=" + filepath.Join(t.TempDir(), "files")}
	must(t, append([]string{"migrate"}, at...)...)
	s := serve(t, at...)
	if code, body := s.get(t, "/"); code != 200 {
		t.Fatalf("before: %d\n%s", code, body)
	}
	server("stop", "immediate")
	if code, body := s.get(t, "/"); code != http.StatusServiceUnavailable || !strings.Contains(body, "<html") || strings.Contains(body, "127.0.0.1") {
		t.Errorf("while it is away: %d\n%s", code, body)
	}
	if code, _ := s.get(t, "/healthz"); code != 200 {
		t.Errorf("healthz while it is away: %d", code)
	}
	if code, _ := s.get(t, "/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("readyz while it is away: %d", code)
	}
	server("again")
	until(t, "the page to come back", func() bool { code, _ := s.get(t, "/"); return code == 200 })
	if code, _ := s.get(t, "/readyz"); code != 200 {
		t.Errorf("readyz when it is back: %d", code)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("stopped with code %d: %s", code, s.errs)
	}
}

func TestTicksForgetOldFormTokens(t *testing.T) {
	dir := t.TempDir()
	p := openPlace(t, "sqlite:"+filepath.Join(dir, "k.db"), filepath.Join(dir, "files"))
	once := func() error {
		return p.db.Housekeep(t.Context(), func(tx *db.Tx) error { return db.Once(t.Context(), tx, "token") })
	}
	if err := once(); err != nil {
		t.Fatal(err)
	}
	for _, days := range []int{6, 8} {
		p.db.SetClock(func() time.Time { return time.Now().AddDate(0, 0, days) })
		for _, tick := range p.base.ticks(&App{}) {
			if err := tick(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := once(); (err == nil) != (days == 8) {
			t.Errorf("a token used a second time after %d days gave %v", days, err)
		}
	}
}

func TestTracesAreSentOnlyWhereAsked(t *testing.T) {
	got := make(chan []byte, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- b
	}))
	defer collector.Close()
	s := serve(t, append(freshSQLite(t), "--otel-endpoint="+collector.URL+"/v1/traces")...)
	s.get(t, "/finns-inte?hemlig=lank")
	s.get(t, "/")
	if code := s.stop(); code != 0 {
		t.Fatal(s.errs)
	}
	select {
	case b := <-got:
		if !bytes.Contains(b, []byte("GET /{$}")) || bytes.Contains(b, []byte("hemlig")) || bytes.Contains(b, []byte("finns-inte")) {
			t.Errorf("the spans: %q", b)
		}
	default:
		t.Error("no spans were sent")
	}
}
