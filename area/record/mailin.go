package record

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"

	"kommunpilot/base/fail"
)

// The limits of a message that is mailed in.
const (
	maxParts = 200
	maxBytes = 40 << 20
	maxDepth = 10
)

// Mailed is a message that was mailed in. Claimed is the sender that the
// message states; nothing proves it.
type Mailed struct {
	ID, Claimed, Subject, Date, Body string
	Files                            []MailedFile
}

// MailedFile is an attachment with its bytes.
type MailedFile struct {
	Name, Type string
	Data       []byte
}

// ParseMail reads an RFC 5322 message within the limits. O(size).
func ParseMail(r io.Reader) (Mailed, error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	msg, err := mail.ReadMessage(limited)
	if err != nil {
		return Mailed{}, fail.New(fail.Invalid, "Brevet går inte att läsa: det saknar giltigt brevhuvud.")
	}
	m := Mailed{ID: msg.Header.Get("Message-Id"), Claimed: word(msg.Header.Get("From")), Subject: word(msg.Header.Get("Subject")), Date: msg.Header.Get("Date")}
	err = m.part(msg.Header.Get, msg.Body, "", 0)
	if limited.N == 0 {
		return Mailed{}, fail.New(fail.Invalid, "Brevet är större än 40 MB.")
	}
	return m, err
}

func word(s string) string {
	if out, err := new(mime.WordDecoder).DecodeHeader(s); err == nil {
		return out
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func (m *Mailed) part(head func(string) string, r io.Reader, name string, depth int) error {
	if depth > maxDepth {
		return fail.New(fail.Invalid, "Brevet har fler än 10 nivåer av delar.")
	}
	kind, params, err := mime.ParseMediaType(head("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(r, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return fail.New(fail.Invalid, "Brevets delar går inte att läsa: det är avhugget eller skadat.")
			}
			if err := m.part(p.Header.Get, p, p.FileName(), depth+1); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(head("Content-Transfer-Encoding")) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return fail.New(fail.Invalid, "En del av brevet går inte att läsa: den är avhuggen eller skadad.")
	}
	if name == "" && kind == "text/plain" && m.Body == "" {
		m.Body = strings.ToValidUTF8(string(data), "\uFFFD")
		return nil
	}
	if len(m.Files) == maxParts {
		return fail.New(fail.Invalid, "Brevet har fler än 200 bilagor.")
	}
	m.Files = append(m.Files, MailedFile{Name: word(name), Type: kind, Data: data})
	return nil
}
