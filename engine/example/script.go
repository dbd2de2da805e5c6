// Package example writes and reads scripts of example programmes: who does
// what, when, in a programme's project room. A script is text, one act per
// line as JSON, so that it can be read, changed and compared; the program that
// loads it carries the acts out as the people themselves would. Everything in
// a generated script is made up.
//
// The package is pure: the same parameters give the same bytes on any machine,
// since it computes with whole numbers alone and draws them from its own
// seeded generators, one for each programme.
package example

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Values is what a field of a form says: one text, or several of a list.
type Values []string

// MarshalJSON writes one text as it is, and several as a list.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return plain(v[0])
	}
	return plain([]string(v))
}

// plain is JSON in which <, > and & stand as they are.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// UnmarshalJSON reads a text or a list of texts.
func (v *Values) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*v = Values{one}
		return nil
	}
	var many []string
	if json.Unmarshal(b, &many) != nil {
		return errors.New("a field is a text or a list of texts")
	}
	*v = many
	return nil
}

// Line is one act of a script.
type Line struct {
	At     time.Time         `json:"at"`               // UTC
	Who    string            `json:"who"`              // System, or the name of a person
	Act    string            `json:"act"`              // "risk.add": docs/examples.md lists them
	As     string            `json:"as,omitempty"`     // names what the act makes
	On     string            `json:"on,omitempty"`     // the name of what is acted on
	To     string            `json:"to,omitempty"`     // the state it moves to
	Why    string            `json:"why,omitempty"`    // the reason
	Fields map[string]Values `json:"fields,omitempty"` // the form's fields; "@name" is a thing's number

	Number int `json:"-"` // of the line in its file, from 1
}

// System is who does what nobody does in person: the making of organisations
// and people.
const System = "system"

// Begin is the act that begins the script of the next programme.
const Begin = "begin"

// Given are the names of what a new project has by itself.
var Given = []string{"styrgrupp", "projektledning"}

// Newest begins a reference to the newest thing of a noun: "@newest:deviation".
const Newest = "newest:"

// Script is the script of one programme.
type Script struct {
	Name  string
	Lines []Line
}

// Write writes the scripts, one act per line. O(lines).
func Write(w io.Writer, scripts ...Script) error {
	b := bufio.NewWriter(w)
	for _, s := range scripts {
		for _, l := range s.Lines {
			text, err := plain(l)
			if err != nil {
				return fmt.Errorf("example: %w", err)
			}
			if _, err := b.Write(append(text, '\n')); err != nil {
				return err
			}
		}
	}
	return b.Flush()
}

// Problem is what is wrong with a line.
type Problem struct {
	Line int
	Text string
}

// String is "line 7: ...".
func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.Text) }

// LongestLine is how many bytes a line may have.
const LongestLine = 1 << 20

// Read reads scripts and says everything that is wrong with them, by line:
// text that is no JSON or has an unknown key, a missing or backward time, an
// act that known does not know, a person or a thing that no earlier line of
// the programme names. What is read is to be used only where there are no
// problems. O(bytes).
func Read(r io.Reader, known func(act string) bool) (scripts []Script, problems []Problem) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), LongestLine)
	c := reader{known: known}
	n := 0
	for in.Scan() {
		n++
		text := bytes.TrimSpace(bytes.TrimPrefix(in.Bytes(), []byte("\ufeff")))
		if len(text) == 0 {
			continue
		}
		c.line(n, text)
	}
	switch err := in.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		c.wrong(n+1, "the line is longer than %d bytes", LongestLine)
	case err != nil:
		c.wrong(n+1, "the rest cannot be read: %v", err)
	case len(c.scripts) == 0 && len(c.problems) == 0:
		c.wrong(1, "the file is empty; it should begin with an act %q", Begin)
	}
	return c.scripts, c.problems
}

// reader checks the lines of a file.
type reader struct {
	known    func(string) bool
	scripts  []Script
	problems []Problem
	names    map[string]bool
	last     time.Time
}

func (c *reader) wrong(n int, format string, args ...any) {
	c.problems = append(c.problems, Problem{n, fmt.Sprintf(format, args...)})
}

func (c *reader) line(n int, text []byte) {
	l := Line{Number: n}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		c.wrong(n, "this is not an act: %s", strings.TrimPrefix(err.Error(), "json: "))
		return
	}
	if d.More() {
		c.wrong(n, "there is more than one act on the line")
		return
	}
	if l.Act == Begin {
		c.scripts = append(c.scripts, Script{Name: strings.Join(l.Fields["name"], " ")})
		c.names, c.last = map[string]bool{}, time.Time{}
		for _, name := range Given {
			c.names[name] = true
		}
	}
	if len(c.scripts) == 0 {
		if len(c.problems) == 0 {
			c.wrong(n, "the first act of a programme must be %q, not %q", Begin, l.Act)
		}
		return
	}
	c.check(l)
	s := &c.scripts[len(c.scripts)-1]
	s.Lines = append(s.Lines, l)
}

func (c *reader) check(l Line) {
	switch {
	case l.At.IsZero():
		c.wrong(l.Number, `"at" is missing: write it as 2026-03-31T13:00:00Z`)
	case l.At.Before(c.last):
		c.wrong(l.Number, "the act is at %s, before the act above it (%s); acts stand in the order of time", l.At.UTC().Format(time.RFC3339), c.last.UTC().Format(time.RFC3339))
	default:
		c.last = l.At
	}
	if l.Act != Begin && !c.known(l.Act) {
		c.wrong(l.Number, "there is no act %q; docs/examples.md lists them", l.Act)
	}
	if l.Who != System && !c.names[l.Who] {
		c.wrong(l.Number, "no earlier line makes the person %q", l.Who)
	}
	if l.On != "" && !c.refers(l.On) {
		c.wrong(l.Number, "no earlier line makes %q", l.On)
	}
	var names []string
	for name := range l.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if ref, ok := ReferenceIn(name); ok && !c.refers(ref) {
			c.wrong(l.Number, "the field %s refers to %q, which no earlier line makes", name, ref)
		}
		for _, value := range l.Fields[name] {
			if ref, ok := Reference(value); ok && !c.refers(ref) {
				c.wrong(l.Number, "the field %s refers to %q, which no earlier line makes", name, ref)
			}
		}
	}
	if l.As == "" {
		return
	}
	if c.names[l.As] {
		c.wrong(l.Number, "the name %q is taken by an earlier line of the programme", l.As)
	}
	c.names[l.As] = true
}

func (c *reader) refers(name string) bool { return c.names[name] || strings.HasPrefix(name, Newest) }

// Reference reads "@name" and "kind:@name".
func Reference(value string) (name string, ok bool) {
	kind, name, ok := strings.Cut(value, "@")
	if !ok || name == "" || strings.ContainsAny(name, " @\n") || kind != "" && (!strings.HasSuffix(kind, ":") || strings.ContainsAny(kind, " \n")) {
		return "", false
	}
	return name, true
}

// ReferenceIn reads the name in a field's own name: "answer-@fråga1".
func ReferenceIn(field string) (name string, ok bool) {
	_, name, ok = strings.Cut(field, "-@")
	return name, ok && name != ""
}
