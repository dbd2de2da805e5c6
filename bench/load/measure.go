package main

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

// figures are what was measured of a page.
type figures struct {
	p50, p95, p99 time.Duration
	perSecond     float64
}

// measure asks for the page the given number of times, some at a time. The
// first tenth is not counted: it fills caches.
func (s *server) measure(ctx context.Context, p page, requests, concurrent int) (figures, error) {
	client := &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: concurrent},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	if _, _, err := s.ask(ctx, client, p, max(requests/10, 1), concurrent); err != nil {
		return figures{}, err
	}
	times, whole, err := s.ask(ctx, client, p, requests, concurrent)
	if err != nil {
		return figures{}, err
	}
	return figures{
		p50: percentile(times, 50), p95: percentile(times, 95), p99: percentile(times, 99),
		perSecond: float64(len(times)) / whole.Seconds(),
	}, nil
}

// ask gives the time of each answer, and of all.
func (s *server) ask(ctx context.Context, client *http.Client, p page, requests, concurrent int) ([]time.Duration, time.Duration, error) {
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
func (s *server) once(ctx context.Context, client *http.Client, p page) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+p.path, nil)
	if err != nil {
		return err
	}
	if p.signedIn {
		r.AddCookie(s.session)
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
		return fmt.Errorf("%s (%s) gave %d", p.name, p.path, res.StatusCode)
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

// server is the program at work.
type server struct {
	address string
	cmd     *exec.Cmd
	session *http.Cookie // of somebody who is signed in
}

// signIn signs in as the example person of that name.
func (s *server) signIn(ctx context.Context, name string) (*http.Cookie, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+"/exempel/logga-in", nil)
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
	if r, err = http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/exempel/logga-in", form); err != nil {
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

// startServer starts the program on a free port and waits for its address.
func startServer(ctx context.Context, program string, at []string) (*server, error) {
	cmd := exec.CommandContext(ctx, program, append([]string{"serve", "--address=127.0.0.1:0", "--log-level=warn"}, at...)...) //nolint:gosec // our own program
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := servesAt.FindStringSubmatch(lines.Text()); m != nil {
			s.address = m[1]
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s, nil
		}
	}
	return nil, errors.Join(errors.New("the program did not serve"), cmd.Wait())
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait() // how it ended is of no interest here
}
