// Package archive writes a closed matter of a diarium as an archive package,
// and reads it back equal.
//
// The package is a ZIP in the folder shape of E-ARK CSIP and SIP 2.1 (in
// Sweden: FGS Paketstruktur 2.0): METS.xml lists every other file with its
// size and SHA-256, metadata/preservation/premis.xml keeps what preserves the
// files, metadata/descriptive/ERMS.xml describes the matter and its entries
// by CITS ERMS 2.1 (FGS Ärendehantering 2.0), and the documents lie in
// representations/rep1/data.
//
// The same matter and the same time of export give the same bytes: the order
// is fixed, every time is UTC, and the files are stored without compression.
// The package knows no room, no database and no clock.
package archive

import (
	"fmt"
	"path"
	"strings"
	"time"
	"unicode/utf8"
)

// The states that the package can say, by the words of the diarium.
const (
	Closed     = "avslutat"
	Archived   = "arkiverat"
	Registered = "registrerad"
	Finished   = "avslutad"
	Disposed   = "gallrad"
)

// Package is a matter as it leaves the diarium.
type Package struct {
	Created time.Time // the time of the export
	Creator string    // the organisation whose archive it belongs to
	Project string    // the project in which the matter was handled
	Matter  Matter
}

// Matter is an aggregation of entries.
type Matter struct {
	Identity    string // a UUID that the matter keeps for ever
	Code        string // classification
	Title       string
	Responsible string
	State       string  // Closed or Archived
	Events      []Event // from the first; at least one
	Retention   *Retention
	Entries     []Entry
}

// Retention is the decision of what becomes of a matter.
type Retention struct {
	Years  int    // the full years after the closing; 0: kept for ever
	Ground string // the decision that says so
}

// Event is something that happened to a matter or an entry.
type Event struct {
	At     time.Time `json:"at"`
	Agent  string    `json:"agent"`
	Act    string    `json:"act"`
	To     string    `json:"to"` // the state after it
	Reason string    `json:"reason,omitempty"`
}

// Entry is an entry of the diarium with its documents.
type Entry struct {
	Number    string // KS 2026/1
	Day       string // 2026-03-02
	Direction string // in, ut, upprättad
	Party     string
	Brief     string
	Theirs    string // the counterpart's number
	Secrecy   string // section
	Mirror    string // the other organisation's series
	MirrorOf  string // the number of the entry that it mirrors, in the same matter
	State     string // Registered, Finished or Disposed
	Events    []Event
	Documents []Document
}

// Document is one version of a file.
type Document struct {
	Name    string
	Type    string
	Hash    string // SHA-256 in hexadecimal
	Size    int64
	Version int
	Added   time.Time
}

// ClosedAt is when the matter was last closed; zero where it never was. O(events).
func (m Matter) ClosedAt() (at time.Time) {
	before := ""
	for _, e := range m.Events {
		if e.To == Closed && before != Closed {
			at = e.At
		}
		before = e.To
	}
	return at
}

// The paths of the package's own files, below its root folder.
const (
	metsPath   = "METS.xml"
	premisPath = "metadata/preservation/premis.xml"
	ermsPath   = "metadata/descriptive/ERMS.xml"
	dataPath   = "representations/rep1/data/"
)

// documentPath is where the n:th document of the i:th entry lies (from 0).
// The file's own name stands in the description: in the package it could
// clash with another, or mean something to a file system.
func documentPath(i, n int, d Document) string {
	ext := strings.ToLower(path.Ext(d.Name))
	if len(ext) < 2 || len(ext) > 9 || strings.IndexFunc(ext[1:], func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) >= 0 {
		ext = ""
	}
	return fmt.Sprintf("%s%05d/%03d%s", dataPath, i+1, n+1, ext)
}

// Check tells why the matter cannot become a package; nil where it can.
// The sentences are for the person. O(size of the description).
func (p Package) Check() error {
	m := p.Matter
	switch {
	case m.State != Closed && m.State != Archived:
		return fmt.Errorf("ärendet är %s; avsluta det innan det exporteras", m.State)
	case !uuid(m.Identity):
		return fmt.Errorf("ärendets identitet %q är inte ett UUID", m.Identity)
	case p.Creator == "":
		return fmt.Errorf("arkivbildarens namn saknas")
	case p.Created.IsZero():
		return fmt.Errorf("exportens tid saknas")
	case len(m.Events) == 0:
		return fmt.Errorf("ärendet saknar händelser, och därmed dag då det öppnades")
	case m.Retention != nil && m.Retention.Years < 0:
		return fmt.Errorf("bevarandetiden är %d år", m.Retention.Years)
	}
	if err := clean("ärendet", append([]string{p.Creator, p.Project, m.Code, m.Title, m.Responsible}, words(m.Events)...)...); err != nil {
		return err
	}
	if m.Retention != nil {
		if err := clean("beslutet om bevarande", m.Retention.Ground); err != nil {
			return err
		}
	}
	numbers := map[string]bool{}
	for _, e := range m.Entries {
		if err := e.check(numbers); err != nil {
			return err
		}
		numbers[e.Number] = true
	}
	for _, e := range m.Entries {
		if e.MirrorOf != "" && !numbers[e.MirrorOf] {
			return fmt.Errorf("diarieposten %s speglar %s, som inte finns i ärendet", e.Number, e.MirrorOf)
		}
	}
	return nil
}

func (e Entry) check(numbers map[string]bool) error {
	where := "diarieposten " + e.Number
	switch {
	case e.Number == "":
		return fmt.Errorf("en diariepost saknar nummer")
	case numbers[e.Number]:
		return fmt.Errorf("%s finns två gånger", where)
	case e.State != Registered && e.State != Finished && e.State != Disposed:
		return fmt.Errorf("%s har tillståndet %q, som paketet inte kan säga", where, e.State)
	case len(e.Events) == 0:
		return fmt.Errorf("%s saknar händelser, och därmed dag då den registrerades", where)
	}
	if _, err := time.Parse(time.DateOnly, e.Day); e.Day != "" && err != nil {
		return fmt.Errorf("%s har dagen %q; skriv den som 2026-03-02", where, e.Day)
	}
	if err := clean(where, append([]string{e.Number, e.Direction, e.Party, e.Brief, e.Theirs, e.Secrecy, e.Mirror}, words(e.Events)...)...); err != nil {
		return err
	}
	for _, d := range e.Documents {
		if err := clean(where+", filen "+d.Name, d.Name, d.Type); err != nil {
			return err
		}
		if !hexHash(d.Hash) || d.Size < 0 || d.Version < 1 {
			return fmt.Errorf("%s: filen %s saknar kontrollsumma, storlek eller version", where, d.Name)
		}
	}
	return nil
}

func words(events []Event) (out []string) {
	for _, e := range events {
		out = append(out, e.Agent, e.Act, e.To, e.Reason)
	}
	return out
}

// clean refuses what XML 1.0 cannot carry, rather than change it in silence.
func clean(where string, texts ...string) error {
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%s: texten %q är inte UTF-8 och kan inte stå i XML. Rätta den först", where, s)
		}
		for _, r := range s {
			if r != '\t' && r != '\n' && r != '\r' && (r < ' ' || r == 0xFFFE || r == 0xFFFF) {
				return fmt.Errorf("%s: tecknet %U kan inte stå i XML. Rätta texten först", where, r)
			}
		}
	}
	return nil
}

func hexHash(s string) bool { return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" }

// uuid tells whether s has the form 8-4-4-4-12 in small hexadecimal letters.
func uuid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if r != '-' {
				return false
			}
		} else if !strings.ContainsRune("0123456789abcdef", r) {
			return false
		}
	}
	return true
}
