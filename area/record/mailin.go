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
	"net/textproto"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"kommunpilot/base/fail"
)

// The limits of a message that is mailed in: attachments, bytes, levels of
// parts, and what is kept of its words beside the message itself.
const (
	maxParts = 200
	maxBytes = 40 << 20
	maxDepth = 10
	maxBody  = 100_000
	maxLine  = 1000
	maxTrail = 30
)

// Mailed is a message that was mailed in. Claimed is the sender that the
// message states; nothing proves it.
type Mailed struct {
	ID      string // Message-ID, or sha256: and the hash of the bytes
	Claimed string
	Subject string
	Date    string
	Body    string
	// Trail is what mail servers say of the way here: Authentication-Results,
	// Return-Path and Received, the last server first. A sender can write such
	// lines too.
	Trail []string
	Files []MailedFile

	html string
}

// MailedFile is an attachment with its bytes.
type MailedFile struct {
	Name, Type string
	Data       []byte
}

// ParseMail reads an RFC 5322 message with MIME parts (RFC 2045-2047, 2231)
// within the limits. What is wrong with it is fail.Invalid. O(size).
func ParseMail(r io.Reader) (Mailed, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return Mailed{}, fmt.Errorf("record: read the message: %w", err)
	}
	return parseMail(raw)
}

func parseMail(raw []byte) (Mailed, error) {
	if len(raw) > maxBytes {
		return Mailed{}, fail.New(fail.Invalid, "Brevet är större än 40 MB.")
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil || len(msg.Header) == 0 {
		return Mailed{}, fail.New(fail.Invalid, "Brevet går inte att läsa: det saknar giltigt brevhuvud.")
	}
	h := textproto.MIMEHeader(msg.Header)
	m := Mailed{ID: line(h.Get("Message-Id")), Claimed: line(word(h.Get("From"))), Subject: line(word(h.Get("Subject"))), Date: line(h.Get("Date"))}
	if m.ID == "" {
		sum := sha256.Sum256(raw)
		m.ID = "sha256:" + hex.EncodeToString(sum[:])
	}
	for _, name := range []string{"Authentication-Results", "Return-Path", "Received"} {
		for _, v := range h[name] {
			if len(m.Trail) < maxTrail {
				m.Trail = append(m.Trail, name+": "+line(word(v)))
			}
		}
	}
	if err := m.part(h, msg.Body, 0); err != nil {
		return Mailed{}, err
	}
	if strings.TrimSpace(m.Body) == "" {
		m.Body = htmlText(m.html)
	}
	m.Body, m.html = short(strings.TrimSpace(clean(m.Body)), maxBody), ""
	m.nameFiles()
	return m, nil
}

// line is a text on one line, without control characters, at most maxLine bytes.
func line(s string) string { return short(strings.Join(strings.Fields(clean(s)), " "), maxLine) }

// short cuts a text between two characters.
func short(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + " …"
}

// clean takes away what no text on a page needs: control characters, the marks
// that turn the direction of writing, bytes that are no UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

var words = mime.WordDecoder{CharsetReader: func(charset string, r io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(r), nil
}}

// word decodes a header (RFC 2047); one with bare bytes is read as UTF-8 or,
// where it is none, as Windows-1252.
func word(s string) string {
	s = text([]byte(s), "")
	if out, err := words.DecodeHeader(s); err == nil {
		return out
	}
	return s
}

// text reads bytes in a character set. An unknown one is read as UTF-8 or,
// where it is none, as Windows-1252, in which every Swedish letter has its
// place.
func text(b []byte, charset string) string {
	if e, err := htmlindex.Get(charset); err == nil {
		if out, err := e.NewDecoder().Bytes(b); err == nil {
			return string(out)
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	out, _ := charmap.Windows1252.NewDecoder().Bytes(b) // takes every byte
	return string(out)
}

var errParts = fail.New(fail.Invalid, "Brevets delar går inte att läsa: det är avhugget eller skadat.")

func (m *Mailed) part(h textproto.MIMEHeader, r io.Reader, depth int) error {
	if depth > maxDepth {
		return fail.New(fail.Invalid, "Brevet har fler än 10 nivåer av delar.")
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind, params = "text/plain", map[string]string{}
	}
	if strings.HasPrefix(kind, "multipart/") {
		return m.parts(multipart.NewReader(r, params["boundary"]), depth)
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return fail.New(fail.Invalid, "En del av brevet går inte att läsa: den är avhuggen eller skadad.")
	}
	where, name := fileName(h)
	if where != "attachment" && name == "" {
		switch kind {
		case "text/plain":
			m.Body += text(data, params["charset"]) + "\n"
			return nil
		case "text/html":
			m.html += text(data, params["charset"]) + "\n"
			return nil
		}
	}
	if len(m.Files) == maxParts {
		return fail.New(fail.Invalid, "Brevet har fler än 200 bilagor.")
	}
	m.Files = append(m.Files, MailedFile{Name: name, Type: kind, Data: data})
	return nil
}

func (m *Mailed) parts(parts *multipart.Reader, depth int) error {
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errParts
		}
		if err := m.part(p.Header, p, depth+1); err != nil {
			return err
		}
	}
}

// extended is a parameter of RFC 2231 in a character set that the standard
// library does not decode.
var extended = regexp.MustCompile(`(?i)\b(?:file)?name\*(?:0\*)?\s*=\s*"?([a-z0-9_-]+)'[^']*'([^;"\s]+)`)

// fileName gives a part's disposition and the name that it states.
func fileName(h textproto.MIMEHeader) (disposition, name string) {
	for _, field := range []struct{ header, param string }{{"Content-Disposition", "filename"}, {"Content-Type", "name"}} {
		v := text([]byte(h.Get(field.header)), "")
		kind, params, err := mime.ParseMediaType(v)
		if field.param == "filename" {
			disposition, _, _ = strings.Cut(strings.ToLower(kind), ";")
		}
		if name != "" {
			continue
		}
		if err == nil {
			name = word(params[field.param])
		}
		if x := extended.FindStringSubmatch(v); name == "" && x != nil {
			name = text(percent(x[2]), x[1])
		}
	}
	return disposition, name
}

// percent decodes %C3; what is no code stands as it is.
func percent(s string) (out []byte) {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				out = append(out, b[0])
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

// nameFiles gives each file a name that is safe on every system and like no
// other's of the message.
func (m *Mailed) nameFiles() {
	taken := map[string]bool{}
	for i := range m.Files {
		f := &m.Files[i]
		name := cleanName(f.Name)
		if name == "" {
			name = fmt.Sprintf("bilaga-%d%s", i+1, extension(f.Type))
		}
		ext := path.Ext(name)
		stem := strings.TrimSuffix(name, ext)
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s (%d)%s", stem, n, ext)
		}
		taken[strings.ToLower(name)] = true
		f.Name = name
	}
}

// cleanName is the last part of a path, without what file systems and pages
// cannot hold, at most 120 characters with its extension kept.
func cleanName(s string) string {
	s = line(s)
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, s)
	s = strings.Trim(s, ". ")
	if runes := []rune(s); len(runes) > 120 {
		ext := []rune(path.Ext(s))
		if len(ext) > 10 {
			ext = nil
		}
		s = string(runes[:120-len(ext)]) + string(ext)
	}
	return s
}

// extension is that of a stated type, for a file without a name.
func extension(kind string) string {
	switch kind {
	case "message/rfc822":
		return ".eml"
	case "application/pdf":
		return ".pdf"
	case "image/png":
		return ".png"
	case "image/jpeg":
		return ".jpg"
	case "text/plain":
		return ".txt"
	case "text/html":
		return ".html"
	case "text/calendar":
		return ".ics"
	}
	return ""
}

// htmlText is the words of a page, a line for each block. O(size).
func htmlText(page string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return squeeze(b.String())
		case html.TextToken:
			if hidden == 0 {
				b.WriteString(strings.ReplaceAll(string(z.Text()), "\n", " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if silent(t.DataAtom) && t.Type == html.StartTagToken {
				hidden++
			}
			b.WriteString(gap(t.DataAtom))
		case html.EndTagToken:
			t := z.Token()
			if silent(t.DataAtom) && hidden > 0 {
				hidden--
			}
			b.WriteString(gap(t.DataAtom))
		}
	}
}

func silent(a atom.Atom) bool {
	return a == atom.Script || a == atom.Style || a == atom.Title || a == atom.Template
}

func gap(a atom.Atom) string {
	switch a {
	case atom.P, atom.Div, atom.Br, atom.Tr, atom.Li, atom.H1, atom.H2, atom.H3, atom.H4, atom.Blockquote, atom.Table, atom.Ul, atom.Ol, atom.Hr:
		return "\n"
	case atom.Td, atom.Th:
		return " "
	}
	return ""
}

// squeeze takes away spaces that a page does not show, and all but one empty line.
func squeeze(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		l = strings.Join(strings.Fields(l), " ")
		if l != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, l)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
