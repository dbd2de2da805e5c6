// Package mail sends letters as text over SMTP.
//
// A letter is stored in the same transaction as the act that sends it, one
// row per recipient, and carried by a background job that tries again while
// the server is away. So a letter is sent if and only if the act happened.
// The text is erased when it has been sent, since letters hold names and
// one-time links. Where no server is configured the letter is kept and shown
// in the log as not sent.
package mail

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
)

//go:embed schema
var schema embed.FS

// Schema is the outbox's migrations.
func Schema() fs.FS { return db.Sub(schema) }

// Message is a letter. Each recipient gets a copy of their own and sees no
// other's address.
type Message struct {
	To          []string
	Subject     string
	Text        string
	Attachments []Attachment
	// HTML is the same letter as a page; "" where text is enough.
	HTML string
	// Unsubscribe is the address that ends the recipient's subscription by one
	// POST (RFC 8058). Such a letter has one recipient.
	Unsubscribe string
	// Batch groups letters, for Progress.
	Batch string
}

// Attachment is a file that goes with a letter.
type Attachment struct {
	Name string
	Type string
	Data []byte
}

// Server is where letters are handed in. An empty Host means that none is.
type Server struct {
	Host     string
	Port     int
	User     string
	Password string
	From     string
	TLS      string // required, implicit, optional, none
}

// Enqueuer puts a job in the queue with the transaction; job.Queue is one.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *db.Tx, args river.JobArgs, opts *river.InsertOpts) error
}

// Box takes letters in and carries them to the server.
type Box struct {
	db     *db.DB
	queue  Enqueuer
	server Server
	log    *slog.Logger
}

// New gives a box that hands its letters to the server.
func New(d *db.DB, queue Enqueuer, server Server, log *slog.Logger) *Box {
	return &Box{db: d, queue: queue, server: server, log: log}
}

// LetterID names a letter of the outbox.
type LetterID int64

// State is how far a letter has come.
type State string

// The states. A refused letter is one that the server will never take.
const (
	Kept    State = "kept"
	Queued  State = "queued"
	Sent    State = "sent"
	Refused State = "refused"
)

// Letter is a letter of the outbox. Text is empty once it has been sent.
type Letter struct {
	ID          LetterID
	At          time.Time
	MessageID   string
	To          string
	Subject     string
	Text        string
	HTML        string
	Unsubscribe string
	Attachments []Attachment
	State       State
	StateAt     time.Time
	Problem     string
}

// Send stores the letter in the transaction and lets a job carry it. It
// refuses an address that is none.
func (b *Box) Send(ctx context.Context, tx *db.Tx, m Message) error {
	if len(m.To) == 0 {
		return fail.New(fail.Invalid, "Brevet saknar mottagare.")
	}
	if ctx.Value(quietKey{}) != nil {
		return nil
	}
	attachments, err := json.Marshal(m.Attachments)
	if err != nil {
		return fmt.Errorf("mail: attachments: %w", err)
	}
	state := Queued
	if b.server.Host == "" {
		state = Kept
	}
	for _, to := range m.To {
		address, err := mail.ParseAddress(to)
		if err != nil {
			return &fail.Error{Kind: fail.Invalid, Message: fmt.Sprintf("%q är ingen e-postadress. Skriv den som namn@exempel.se.", to), Err: err}
		}
		letter, err := db.Insert[LetterID](ctx, tx, `INSERT INTO mail_outbox (at, message_id, recipient, subject, body, attachments, state, state_at, html, unsubscribe, batch)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			tx.Now(), strings.ToLower(id.Token())+"@"+b.domain(), address.Address, oneLine(m.Subject), m.Text, attachments, string(state), tx.Now(), m.HTML, m.Unsubscribe, m.Batch)
		if err != nil {
			return err
		}
		if state == Kept {
			tx.AfterCommit(func() { b.log.WarnContext(ctx, "mail not sent: no SMTP configured", "letter", letter) })
			continue
		}
		if err := b.queue.Enqueue(ctx, tx, carryArgs{Letter: letter}, &river.InsertOpts{MaxAttempts: attempts}); err != nil {
			return err
		}
	}
	return nil
}

// oneLine makes a subject a single line, which a header must be.
type quietKey struct{}

// Quietly is a context whose acts send no letters: what they tell of happened
// in simulated time, to people who do not exist.
func Quietly(ctx context.Context) context.Context { return context.WithValue(ctx, quietKey{}, true) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// domain is the part of a message's identifier that says whose it is.
func (b *Box) domain() string {
	if _, domain, ok := strings.Cut(b.server.From, "@"); ok {
		return strings.TrimSuffix(domain, ">")
	}
	return "kommunpilot.invalid"
}

const columns = `id, at, message_id, recipient, subject, body, attachments, state, state_at, problem, html, unsubscribe`

func scan(r db.Row) (l Letter, err error) {
	var attachments []byte
	if err := r.Scan(&l.ID, &l.At, &l.MessageID, &l.To, &l.Subject, &l.Text, &attachments, &l.State, &l.StateAt, &l.Problem, &l.HTML, &l.Unsubscribe); err != nil {
		return l, err
	}
	return l, json.Unmarshal(attachments, &l.Attachments)
}

// Outbox lists the newest letters, at most limit.
func Outbox(ctx context.Context, q db.Q, limit int) ([]Letter, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM mail_outbox ORDER BY id DESC LIMIT ?`, limit)
}

// Progress counts a batch's letters by state.
func Progress(ctx context.Context, q db.Q, batch string) (map[State]int, error) {
	type count struct {
		state State
		n     int
	}
	list, err := db.All(ctx, q, func(r db.Row) (c count, err error) { return c, r.Scan(&c.state, &c.n) }, `SELECT state, count(*) FROM mail_outbox WHERE batch = ? GROUP BY state`, batch)
	out := map[State]int{}
	for _, c := range list {
		out[c.state] = c.n
	}
	return out, err
}

// keep is how long a letter's row is kept.
const keep = 30 * 24 * time.Hour

// Tick drops letters that are older than 30 days, except those that are still
// to be sent.
func (b *Box) Tick(ctx context.Context) error {
	return b.db.Housekeep(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM mail_outbox WHERE at < ? AND state <> 'queued'`, tx.Now().Add(-keep))
		return err
	})
}
