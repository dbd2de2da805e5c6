package mail

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/fail"
	"kommunpilot/base/job"
)

// post is a real SMTP server, a subprocess on a free port of the loopback.
type post struct {
	port   int
	folder string
}

func startPost(t *testing.T) post {
	t.Helper()
	python := "/usr/bin/python3" // Debian's, which has Debian's aiosmtpd
	if err := exec.CommandContext(t.Context(), python, "-c", "import aiosmtpd").Run(); err != nil {
		if os.Getenv("KOMMUNPILOT_REQUIRE_SMTP") != "" {
			t.Fatal("python3-aiosmtpd is not installed, and KOMMUNPILOT_REQUIRE_SMTP asks for it")
		}
		t.Skip("python3-aiosmtpd is not installed; make test installs it")
	}
	p := post{folder: t.TempDir()}
	cmd := exec.Command(python, "testdata/server.py", p.folder)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // it ends by itself
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if p.port, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		t.Fatal(err)
	}
	return p
}

// received gives the messages that the server has taken, in order.
func (p post) received(t *testing.T) []*mail.Message {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(p.folder, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(names)
	var out []*mail.Message
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func (p post) wait(t *testing.T, n int) []*mail.Message {
	t.Helper()
	until(t, "letters at the server", func() bool { return len(p.received(t)) >= n })
	return p.received(t)
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// office is a box with its queue at work.
func office(t *testing.T, d *db.DB, s Server, log io.Writer) *Box {
	t.Helper()
	if _, err := job.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	l := slog.New(slog.NewTextHandler(log, nil))
	q, err := job.New(d, l)
	if err != nil {
		t.Fatal(err)
	}
	b := New(d, q, s, l)
	w := river.NewWorkers()
	b.Workers(w)
	r, err := q.Work(t.Context(), job.Options{Workers: w})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return b
}

func send(t *testing.T, d *db.DB, b *Box, m Message) {
	t.Helper()
	if err := d.Housekeep(t.Context(), func(tx *db.Tx) error { return b.Send(t.Context(), tx, m) }); err != nil {
		t.Fatal(err)
	}
}

func outbox(t *testing.T, d *db.DB) (letters []Letter) {
	t.Helper()
	err := d.Read(t.Context(), func(q db.Q) (err error) {
		letters, err = Outbox(t.Context(), q, 50)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

func schemas() []fs.FS { return []fs.FS{Schema()} }

// body decodes a message of one part.
func body(t *testing.T, r io.Reader, encoding string) string {
	t.Helper()
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimRight(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
}

func TestLetterArrivesWithSwedishLettersAndAttachment(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		p := startPost(t)
		var log lockedBuffer
		b := office(t, d, Server{Host: "127.0.0.1", Port: p.port, From: "svara-inte@kommunpilot.example", TLS: "none"}, &log)
		const text = "Hej!\n\nBeslutet gäller Åre, Ängelholm och Örebro.\n\nÄr något fel? Svara före den 3 mars."
		send(t, d, b, Message{
			To: []string{"handlaggare@are.example", "registrator@orebro.example"}, Subject: "Besked om ansökan – Åre\r\nBcc: nagon@annan.example", Text: text,
			Attachments: []Attachment{{Name: "beslut åäö.txt", Type: "text/plain", Data: []byte("Bilaga")}},
		})
		for i, m := range p.wait(t, 2) {
			if got := m.Header.Get("To"); strings.Count(got, "@") != 1 || m.Header.Get("X-Envelope-To") != strings.Trim(got, "<>") {
				t.Errorf("letter %d goes to %q by envelope %q, want one recipient", i, got, m.Header.Get("X-Envelope-To"))
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
			if err != nil || subject != "Besked om ansökan – Åre Bcc: nagon@annan.example" || m.Header.Get("Bcc") != "" {
				t.Errorf("subject %q, bcc %q, %v", subject, m.Header.Get("Bcc"), err)
			}
			_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
			if err != nil {
				t.Fatal(err)
			}
			parts := multipart.NewReader(m.Body, params["boundary"])
			first, err := parts.NextRawPart()
			if err != nil {
				t.Fatal(err)
			}
			if got := body(t, first, first.Header.Get("Content-Transfer-Encoding")); got != text || !strings.Contains(first.Header.Get("Content-Type"), "UTF-8") {
				t.Errorf("text as %s: %q", first.Header.Get("Content-Type"), got)
			}
			second, err := parts.NextRawPart()
			if err != nil {
				t.Fatal(err)
			}
			name, err := new(mime.WordDecoder).DecodeHeader(second.FileName())
			if got := body(t, second, second.Header.Get("Content-Transfer-Encoding")); got != "Bilaga" || name != "beslut åäö.txt" {
				t.Errorf("attachment %q, named %q, %v", got, name, err)
			}
		}
		until(t, "the note that they were sent", func() bool {
			all := outbox(t, d)
			return all[0].State == Sent && all[1].State == Sent
		})
		for _, l := range outbox(t, d) {
			if l.Text != "" || len(l.Attachments) != 0 {
				t.Errorf("the text of a sent letter is kept: %q", l.Text)
			}
		}
		if strings.Contains(log.String(), "@") {
			t.Errorf("the log names a person: %s", log.String())
		}
	})
}

// TestNewsletterHasOneClickUnsubscribe: RFC 8058, 3.1, and both parts arrive.
func TestNewsletterHasOneClickUnsubscribe(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		p := startPost(t)
		var log lockedBuffer
		b := office(t, d, Server{Host: "127.0.0.1", Port: p.port, From: "nyhetsbrev@kommunpilot.example", TLS: "none"}, &log)
		const leave = "https://kommunpilot.example/prenumeration/ABC/avsluta"
		send(t, d, b, Message{To: []string{"anna@exempel.example"}, Subject: "Nytt", Text: "Hej på er", HTML: "<p>Hej på er</p>", Unsubscribe: leave, Batch: "newsletter:1"})
		m := p.wait(t, 1)[0]
		if m.Header.Get("List-Unsubscribe") != "<"+leave+">" || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			t.Errorf("headers %q, %q", m.Header.Get("List-Unsubscribe"), m.Header.Get("List-Unsubscribe-Post"))
		}
		kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
		if err != nil || kind != "multipart/alternative" {
			t.Fatalf("%s %v", kind, err)
		}
		parts := multipart.NewReader(m.Body, params["boundary"])
		for _, want := range []string{"Hej på er", "<p>Hej på er</p>"} {
			part, err := parts.NextRawPart()
			if err != nil {
				t.Fatal(err)
			}
			if got := body(t, part, part.Header.Get("Content-Transfer-Encoding")); got != want {
				t.Errorf("part %q, want %q", got, want)
			}
		}
		until(t, "the note that it was sent", func() bool { return outbox(t, d)[0].State == Sent })
		if err := d.Read(t.Context(), func(q db.Q) error {
			got, err := Progress(t.Context(), q, "newsletter:1")
			if got[Sent] != 1 || len(got) != 1 {
				t.Errorf("progress %v", got)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		if l := outbox(t, d)[0]; l.HTML+l.Unsubscribe != "" {
			t.Errorf("kept after it was sent: %q %q", l.HTML, l.Unsubscribe)
		}
	})
}

func TestLetterOfRolledBackActIsNotSent(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		p := startPost(t)
		b := office(t, d, Server{Host: "127.0.0.1", Port: p.port, From: "a@b.example", TLS: "none"}, io.Discard)
		stop := errors.New("changed my mind")
		err := d.Housekeep(t.Context(), func(tx *db.Tx) error {
			if err := b.Send(t.Context(), tx, Message{To: []string{"x@y.example"}, Subject: "Aldrig", Text: "Aldrig"}); err != nil {
				t.Fatal(err)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		send(t, d, b, Message{To: []string{"x@y.example"}, Subject: "Ja", Text: "Ja"})
		if got := p.wait(t, 1); len(got) != 1 || got[0].Header.Get("Subject") != "Ja" {
			t.Errorf("%d letters, the first %q", len(got), got[0].Header.Get("Subject"))
		}
	})
}

func TestRefusedLetterIsNotTriedAgainAndPutOffOneIs(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		p := startPost(t)
		var log lockedBuffer
		b := office(t, d, Server{Host: "127.0.0.1", Port: p.port, From: "a@b.example", TLS: "none"}, &log)
		send(t, d, b, Message{To: []string{"finns-inte@y.example", "senare@y.example"}, Subject: "Hej", Text: "Hej"})
		p.wait(t, 1)
		until(t, "both outcomes", func() bool {
			all := outbox(t, d) // newest first
			return all[0].State == Sent && all[1].State == Refused
		})
		if l := outbox(t, d)[1]; !strings.Contains(l.Problem, "no such person") {
			t.Errorf("the row does not say why: %q", l.Problem)
		}
		if strings.Contains(log.String(), "y.example") || !strings.Contains(log.String(), "550") {
			t.Errorf("the log names a person or not the reply: %s", log.String())
		}
	})
}

func TestLetterNeverGoesWithoutTLSWhereItIsRequired(t *testing.T) {
	d := dbtest.SQLite(t, Schema())
	p := startPost(t)
	b := office(t, d, Server{Host: "127.0.0.1", Port: p.port, From: "a@b.example", TLS: "required"}, io.Discard)
	send(t, d, b, Message{To: []string{"x@y.example"}, Subject: "Hemligt", Text: "Hemligt"})
	until(t, "the first attempt", func() bool { return outbox(t, d)[0].Problem != "" })
	if l := outbox(t, d)[0]; l.State != Queued || !strings.Contains(l.Problem, "STARTTLS") || len(p.received(t)) != 0 {
		t.Errorf("%s, %q, %d letters at the server", l.State, l.Problem, len(p.received(t)))
	}
}

func TestWithoutServerLettersAreKeptAndTheLogSaysSo(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		var log lockedBuffer
		b := office(t, d, Server{}, &log)
		send(t, d, b, Message{To: []string{"x@y.example"}, Subject: "Länk", Text: "https://kommunpilot.example/hemlig"})
		all := outbox(t, d)
		if len(all) != 1 || all[0].State != Kept || all[0].Text != "https://kommunpilot.example/hemlig" {
			t.Errorf("outbox: %+v", all)
		}
		if l := log.String(); !strings.Contains(l, "not sent: no SMTP configured") || strings.Contains(l, "hemlig") || strings.Contains(l, "y.example") {
			t.Errorf("log: %s", l)
		}
		d.SetClock(func() time.Time { return time.Now().Add(keep + time.Hour) })
		if err := b.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all := outbox(t, d); len(all) != 0 {
			t.Errorf("an old letter is kept: %+v", all)
		}
	})
}

func TestBadAddressIsToldToThePerson(t *testing.T) {
	d := dbtest.SQLite(t, Schema())
	b := New(d, nil, Server{}, slog.New(slog.DiscardHandler))
	for _, to := range []string{"", "inte en adress", "a@b.example\r\nBcc: c@d.example", "@"} {
		err := d.Housekeep(t.Context(), func(tx *db.Tx) error {
			return b.Send(t.Context(), tx, Message{To: []string{to}, Subject: "x", Text: "x"})
		})
		if !fail.Is(err, fail.Invalid) {
			t.Errorf("%q gave %v", to, err)
		}
	}
	if all := outbox(t, d); len(all) != 0 {
		t.Errorf("stored all the same: %+v", all)
	}
}
