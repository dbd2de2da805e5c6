package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	gomail "github.com/wneessen/go-mail"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
)

// attempts is how often a letter is tried; River waits attempt⁴ seconds
// between them, so the last comes after about three days.
const attempts = 17

// patience is how long the server may take for one letter.
const patience = 60 * time.Second

// carryArgs is the job that carries one letter.
type carryArgs struct {
	Letter LetterID `json:"letter"`
}

// Kind implements river.JobArgs.
func (carryArgs) Kind() string { return "mail" }

// Workers registers the worker that carries letters.
func (b *Box) Workers(w *river.Workers) { river.AddWorker(w, &carrier{box: b}) }

type carrier struct {
	river.WorkerDefaults[carryArgs]
	box *Box
}

// Timeout gives a slow server time.
func (c *carrier) Timeout(*river.Job[carryArgs]) time.Duration { return 2 * patience }

// Work carries one letter. A letter that the server refuses for good is not
// tried again; its row says why.
func (c *carrier) Work(ctx context.Context, job *river.Job[carryArgs]) error {
	letter, err := c.box.letter(ctx, job.Args.Letter)
	if fail.Is(err, fail.NotFound) || err == nil && letter.State != Queued {
		return nil // carried already, or dropped
	}
	if err != nil {
		return err
	}
	err = c.box.deliver(ctx, letter)
	switch {
	case err == nil:
		return c.box.note(ctx, letter.ID, Sent, "")
	case forGood(err) || job.Attempt >= job.MaxAttempts:
		if noted := c.box.note(ctx, letter.ID, Refused, err.Error()); noted != nil {
			return noted
		}
		c.box.log.WarnContext(ctx, "mail refused", "letter", letter.ID, "err", forLog(err))
		return river.JobCancel(fmt.Errorf("mail: letter %d was refused: %w", letter.ID, forLog(err)))
	}
	return errors.Join(forLog(err), c.box.note(ctx, letter.ID, Queued, err.Error()))
}

// forLog leaves out the server's words, which often repeat the recipient's
// address. They are in the letter's row.
func forLog(err error) error {
	var e *gomail.SendError
	if errors.As(err, &e) {
		return fmt.Errorf("mail: the server replied %d (%s)", e.ErrorCode(), e.Reason)
	}
	return err
}

func (b *Box) letter(ctx context.Context, id LetterID) (l Letter, err error) {
	err = b.db.Read(ctx, func(q db.Q) error {
		l, err = db.One(ctx, q, scan, `SELECT `+columns+` FROM mail_outbox WHERE id = ?`, int64(id))
		return err
	})
	return l, err
}

// note writes how it went, and erases what has been sent.
func (b *Box) note(ctx context.Context, id LetterID, s State, problem string) error {
	return b.db.Housekeep(ctx, func(tx *db.Tx) error {
		if s == Sent {
			if _, err := tx.Exec(ctx, `UPDATE mail_outbox SET body = '', html = '', unsubscribe = '', attachments = ? WHERE id = ?`, []byte("null"), int64(id)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE mail_outbox SET state = ?, state_at = ?, problem = ? WHERE id = ?`, string(s), tx.Now(), problem, int64(id))
		return err
	})
}

// forGood tells whether the server said that it will never take the letter (a
// reply 5xx about the letter or its recipient). A refused sign-in is not: it
// is mended in the settings.
func forGood(err error) bool {
	var e *gomail.SendError
	return errors.As(err, &e) && !e.IsTemp() && e.ErrorCode() >= 500
}

func (b *Box) deliver(ctx context.Context, l Letter) error {
	m := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8))
	if err := m.From(b.server.From); err != nil {
		return fmt.Errorf("mail: the setting smtp.from: %w", err)
	}
	if err := m.To(l.To); err != nil {
		return fmt.Errorf("mail: recipient: %w", err)
	}
	m.Subject(l.Subject)
	m.SetDateWithValue(l.At)
	m.SetMessageIDWithValue(l.MessageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	if l.Unsubscribe != "" {
		m.SetGenHeader("List-Unsubscribe", "<"+l.Unsubscribe+">")
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	for _, a := range l.Attachments {
		if err := m.AttachReader(a.Name, bytes.NewReader(a.Data), gomail.WithFileContentType(gomail.ContentType(a.Type))); err != nil {
			return fmt.Errorf("mail: attachment: %w", err)
		}
	}
	client, err := gomail.NewClient(b.server.Host, b.options()...)
	if err != nil {
		return fmt.Errorf("mail: the settings under smtp: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		return fmt.Errorf("mail: %s:%d: %w", b.server.Host, b.server.Port, err)
	}
	return nil
}

func (b *Box) options() []gomail.Option {
	o := []gomail.Option{gomail.WithTimeout(patience)}
	switch b.server.TLS {
	case "implicit":
		o = append(o, gomail.WithSSL())
	case "optional":
		o = append(o, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case "none":
		o = append(o, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		o = append(o, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	o = append(o, gomail.WithPort(b.server.Port))
	if b.server.User != "" {
		o = append(o, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(b.server.User), gomail.WithPassword(b.server.Password))
	}
	return o
}
