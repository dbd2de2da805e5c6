package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"path"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/htmlindex"

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
	Trace                            []string // headers that may tell where it came from
	Files                            []MailedFile
}

// MailedFile is an attachment with its bytes.
type MailedFile struct {
	Name, Type string
	Data       []byte
}

// ParseMail reads an RFC 5322 message within the limits. A message without an
// identity gets that of its bytes. Cost O(size).
func ParseMail(data []byte) (Mailed, error) {
	if len(data) > maxBytes {
		return Mailed{}, fail.New(fail.Invalid, "Brevet är större än 40 MB.")
	}
	msg, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil || len(msg.Header) == 0 {
		return Mailed{}, fail.New(fail.Invalid, "Brevet går inte att läsa: det saknar giltigt brevhuvud.")
	}
	m := Mailed{ID: strings.TrimSpace(msg.Header.Get("Message-Id")), Claimed: line(msg.Header.Get("From")), Subject: line(msg.Header.Get("Subject")), Date: line(msg.Header.Get("Date"))}
	if m.ID == "" || len(m.ID) > 500 {
		sum := sha256.Sum256(data)
		m.ID = "sha256:" + hex.EncodeToString(sum[:])
	}
	for _, h := range []string{"Authentication-Results", "Received-Spf", "Return-Path", "Reply-To", "Received"} {
		for _, v := range msg.Header[h] {
			if len(m.Trace) < 12 {
				m.Trace = append(m.Trace, h+": "+line(v))
			}
		}
	}
	// A line that broke leaves a message without its end.
	if kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type")); err == nil && strings.HasPrefix(kind, "multipart/") && !bytes.Contains(data, []byte("--"+params["boundary"]+"--")) {
		return Mailed{}, fail.New(fail.Invalid, "Brevets delar går inte att läsa: det är avhugget eller skadat.")
	}
	var page string
	if err := m.part(msg.Header.Get, msg.Body, "", 0, &page); err != nil {
		return Mailed{}, err
	}
	if m.Body == "" && page != "" {
		m.Body = pageText(page)
	}
	return m, nil
}

// line reads a header's words (RFC 2047) on one line, without control characters.
func line(s string) string {
	d := mime.WordDecoder{CharsetReader: charset}
	out, err := d.DecodeHeader(s)
	if err != nil {
		out = s
	}
	out = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(out, "\uFFFD"))
	return strings.Join(strings.Fields(out), " ")
}

// charset reads text in a named character set as UTF-8.
func charset(name string, r io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return e.NewDecoder().Reader(r), nil
}

// part reads a part of the message, and the parts in it.
func (m *Mailed) part(head func(string) string, r io.Reader, name string, depth int, page *string) error {
	if depth > maxDepth {
		return fail.New(fail.Invalid, "Brevet har fler än 10 nivåer av delar.")
	}
	kind, params, err := mime.ParseMediaType(head("Content-Type"))
	if err != nil {
		kind, params = "text/plain", map[string]string{}
	}
	if name == "" {
		name = params["name"]
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(r, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fail.New(fail.Invalid, "Brevets delar går inte att läsa: det är avhugget eller skadat.")
			}
			if err := m.part(p.Header.Get, p, p.FileName(), depth+1, page); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(strings.TrimSpace(head("Content-Transfer-Encoding"))) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return fail.New(fail.Invalid, "En del av brevet går inte att läsa: den är avhuggen eller skadad.")
	}
	attached := strings.HasPrefix(strings.ToLower(head("Content-Disposition")), "attachment")
	if name == "" && !attached {
		switch {
		case kind == "text/plain" && m.Body == "":
			m.Body = text(data, params["charset"])
			return nil
		case kind == "text/html" && *page == "":
			*page = text(data, params["charset"])
			return nil
		}
	}
	if len(data) == 0 {
		return nil
	}
	if len(m.Files) == maxParts {
		return fail.New(fail.Invalid, "Brevet har fler än 200 bilagor.")
	}
	m.Files = append(m.Files, MailedFile{Name: fileName(line(name), len(m.Files)+1), Type: kind, Data: data})
	return nil
}

// text reads bytes in a character set; one that is not known is read as UTF-8.
func text(data []byte, set string) string {
	if set != "" {
		if r, err := charset(set, bytes.NewReader(data)); err == nil {
			if out, err := io.ReadAll(r); err == nil {
				data = out
			}
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(string(data), "\uFFFD"), "\r\n", "\n"), "\x00", "\uFFFD")
}

// fileName is an attachment's name without folders and without what a name may not have.
func fileName(name string, n int) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`<>:"/|?*`, r) {
			return '_'
		}
		return r
	}, strings.TrimLeft(name, ". "))
	if r := []rune(name); len(r) > 120 {
		name = string(r[:100]) + string(r[len(r)-20:])
	}
	if name == "" {
		return fmt.Sprintf("bilaga-%d", n)
	}
	return name
}

// pageText is the words of a page, a line for each block; scripts and styles are
// left out.
func pageText(page string) string {
	z := html.NewTokenizer(strings.NewReader(page))
	var b strings.Builder
	skip := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String())
		case html.TextToken:
			if skip == 0 {
				if words := strings.Join(strings.Fields(string(z.Text())), " "); words != "" {
					b.WriteString(words + " ")
				}
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tag, _ := z.TagName()
			switch string(tag) {
			case "script", "style", "head":
				skip++
			case "p", "br", "div", "tr", "li", "h1", "h2", "h3":
				b.WriteString("\n")
			}
		case html.EndTagToken:
			if tag, _ := z.TagName(); skip > 0 && (string(tag) == "script" || string(tag) == "style" || string(tag) == "head") {
				skip--
			}
		}
	}
}
