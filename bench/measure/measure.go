// Package measure starts the program, signs in as an example person, asks for
// pages, and gives the percentiles of the time to answer. The benches share it.
package measure

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// Page is one page to measure: as a visitor, or as somebody who is signed in.
type Page struct {
	Name, Path string
	SignedIn   bool
}

// Figures are what was measured of a page.
type Figures struct {
	P50, P95, P99 time.Duration
	PerSecond     float64
}

// Measure asks for the page the given number of times, some at a time. The
// first tenth is not counted: it fills caches.
func (s *Server) Measure(ctx context.Context, p Page, requests, concurrent int) (Figures, error) {
	client := &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: concurrent},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	if _, _, err := s.ask(ctx, client, p, max(requests/10, 1), concurrent); err != nil {
		return Figures{}, err
	}
	times, whole, err := s.ask(ctx, client, p, requests, concurrent)
	if err != nil {
		return Figures{}, err
	}
	return Figures{
		P50: percentile(times, 50), P95: percentile(times, 95), P99: percentile(times, 99),
		PerSecond: float64(len(times)) / whole.Seconds(),
	}, nil
}

// ask gives the time of each answer, and of all.
func (s *Server) ask(ctx context.Context, client *http.Client, p Page, requests, concurrent int) ([]time.Duration, time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	turns := make(chan int)
	times, failed := make([]time.Duration, requests), make(chan error, concurrent)
	var wg sync.WaitGroup
	start := time.Now()
	for range concurrent {
		wg.Go(func() {
			for i := range turns {
				before := time.Now()
				if err := s.once(ctx, client, p); err != nil {
					failed <- err
					cancel()
					return
				}
				times[i] = time.Since(before)
			}
		})
	}
send:
	for i := range requests {
		select {
		case turns <- i:
		case <-ctx.Done():
			break send
		}
	}
	close(turns)
	wg.Wait()
	whole := time.Since(start)
	select {
	case err := <-failed:
		return nil, 0, err
	default:
		return times, whole, context.Cause(ctx)
	}
}

// once asks for the page and reads all of it. Anything but 200 is an error: a
// fast error page must not look like a fast page.
func (s *Server) once(ctx context.Context, client *http.Client, p Page) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Address+p.Path, nil)
	if err != nil {
		return err
	}
	if p.SignedIn {
		r.AddCookie(s.Session)
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s (%s) gave %d", p.Name, p.Path, res.StatusCode)
	}
	return nil
}

// percentile is the smallest time that at least p percent do not exceed
// (nearest rank). It sorts times.
func percentile(times []time.Duration, p int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[max((len(times)*p+99)/100, 1)-1]
}

// Server is the program at work.
type Server struct {
	Address string
	cmd     *exec.Cmd
	Session *http.Cookie // of somebody who is signed in
}

// SignIn signs in as the example person of that name.
func (s *Server) SignIn(ctx context.Context, name string) (*http.Cookie, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Address+"/exempel/logga-in", nil)
	if err != nil {
		return nil, err
	}
	list, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	doc, err := goquery.NewDocumentFromReader(list.Body)
	if err := errors.Join(err, list.Body.Close()); err != nil {
		return nil, err
	}
	var person string
	doc.Find("button[name=person]").Each(func(_ int, b *goquery.Selection) {
		if strings.Contains(b.Text()+b.AttrOr("aria-label", ""), name) {
			person = b.AttrOr("value", "")
		}
	})
	form := strings.NewReader(url.Values{"person": {person}}.Encode())
	if r, err = http.NewRequestWithContext(ctx, http.MethodPost, s.Address+"/exempel/logga-in", form); err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	for _, c := range answer.Cookies() {
		if c.Name == "session" {
			return c, answer.Body.Close()
		}
	}
	return nil, errors.Join(fmt.Errorf("nobody could sign in as %q (%s)", name, answer.Status), answer.Body.Close())
}

var servesAt = regexp.MustCompile(`serves (http://\S+)`)

// Start starts the program on a free port and waits for its address.
func Start(ctx context.Context, program string, at []string) (*Server, error) {
	cmd := exec.CommandContext(ctx, program, append([]string{"serve", "--address=127.0.0.1:0", "--log-level=warn"}, at...)...) //nolint:gosec // our own program
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := servesAt.FindStringSubmatch(lines.Text()); m != nil {
			s.Address = m[1]
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s, nil
		}
	}
	return nil, errors.Join(errors.New("the program did not serve"), cmd.Wait())
}

// Stop ends the program.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait() // how it ended is of no interest here
}

// Milliseconds writes a duration as a number of milliseconds.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// The bars of the specification: the 95th percentile on 2 processors.
const (
	BarSQLite   = 50 * time.Millisecond
	BarPostgres = 80 * time.Millisecond
)

// All measures the pages and prints a line each; the error lists those that
// miss the bar. Pages that need it are asked for with the server's session.
func (s *Server) All(ctx context.Context, pages []Page, requests, concurrent int, bar time.Duration) error {
	fmt.Printf("  %-34s %9s %9s %9s %9s\n", "page", "p50 ms", "p95 ms", "p99 ms", "req/s")
	var missed []error
	for _, p := range pages {
		f, err := s.Measure(ctx, p, requests, concurrent)
		if err != nil {
			return err
		}
		fmt.Printf("  %-34s %9.2f %9.2f %9.2f %9.0f\n", p.Name, Milliseconds(f.P50), Milliseconds(f.P95), Milliseconds(f.P99), f.PerSecond)
		if f.P95 > bar {
			missed = append(missed, fmt.Errorf("%s: the 95th percentile is %.1f ms, the bar %.0f ms", p.Name, Milliseconds(f.P95), Milliseconds(bar)))
		}
	}
	return errors.Join(missed...)
}
