package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// inputTable is a file of rows under a header, as the files of structure
// scenarios are: UTF-8, comma, semicolon or tab (whichever the header has),
// decimal point. It collects what is wrong by line; the rules' ids are those of
// docs/equalisation.md.
type inputTable struct {
	file   string
	header []string
	rows   []inputRow
	faults faults
	// read are the columns that somebody asked for.
	read map[string]bool
}

// inputRow is one line of the file.
type inputRow struct {
	line   int
	fields []string
}

// maxInputFile is the largest file that is read, in bytes.
const maxInputFile = 64 << 20

// readInputTable reads a file. The error is about a file that cannot be opened;
// everything wrong inside the file is in the table's faults.
func readInputTable(file string) (*inputTable, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("%s går inte att läsa: %w", file, err)
	}
	if info.IsDir() || info.Size() > maxInputFile {
		return nil, fmt.Errorf("%s är ingen fil på högst %d MB", file, maxInputFile>>20)
	}
	b, err := os.ReadFile(file) //nolint:gosec // the person who runs the command names the file
	if err != nil {
		return nil, fmt.Errorf("%s går inte att läsa: %w", file, err)
	}
	t := &inputTable{file: file, read: map[string]bool{}}
	t.parse(bytes.TrimPrefix(b, []byte("\ufeff")))
	return t, nil
}

func (t *inputTable) parse(b []byte) {
	if at := notUTF8(b); at >= 0 {
		t.fault(1+bytes.Count(b[:at], []byte("\n")), "filen är inte UTF-8", `Spara den som "CSV UTF-8"`)
		return
	}
	reader := csv.NewReader(bytes.NewReader(b))
	reader.Comma = headerSeparator(b)
	reader.FieldsPerRecord = -1
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line := 1
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				line = parse.Line
			}
			t.fault(line, "raden går inte att läsa som CSV", "Se efter om ett citattecken saknas")
			return
		}
		line, _ := reader.FieldPos(0)
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		switch {
		case t.header == nil:
			t.header = fields
			for i, h := range fields {
				fields[i] = strings.ToLower(h)
			}
			t.doubles(line)
		case strings.Join(fields, "") == "":
		case len(fields) != len(t.header):
			t.fault(line, fmt.Sprintf("raden har %d fält men rubriken har %d", len(fields), len(t.header)), "Se efter om ett skiljetecken saknas eller är för mycket")
		default:
			t.rows = append(t.rows, inputRow{line, fields})
		}
	}
	if t.header == nil {
		t.fault(1, "filen är tom", "Första raden ska vara kolumnernas namn")
	} else if len(t.rows) == 0 && t.faults.errors() == 0 {
		t.fault(1, "filen har en rubrik men inga rader", "")
	}
}

func (t *inputTable) doubles(line int) {
	seen := map[string]bool{}
	for _, h := range t.header {
		if seen[h] {
			t.fault(line, fmt.Sprintf("G1: kolumnen %s finns två gånger", h), "Ta bort eller döp om den ena")
		}
		seen[h] = true
	}
}

// notUTF8 is where the first byte is that is not UTF-8, or −1.
func notUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// headerSeparator is the mark that the first line has most of.
func headerSeparator(b []byte) rune {
	first, _, _ := bytes.Cut(b, []byte("\n"))
	best, count := ',', bytes.Count(first, []byte(","))
	for _, s := range []rune{';', '\t'} {
		if n := bytes.Count(first, []byte(string(s))); n > count {
			best, count = s, n
		}
	}
	return best
}

func (t *inputTable) fault(line int, what, mend string) {
	t.faults = append(t.faults, fault{File: t.file, Line: line, What: what, Mend: mend})
}

func (t *inputTable) warn(line int, what, mend string) {
	t.faults = append(t.faults, fault{File: t.file, Line: line, What: what, Mend: mend, Warning: true})
}

// column finds a column by any of its names; it is −1 where none is there.
func (t *inputTable) column(names ...string) int {
	for _, name := range names {
		if i := slices.Index(t.header, name); i >= 0 {
			t.read[name] = true
			return i
		}
	}
	return -1
}

// must is column, with an error (G1) where none is there.
func (t *inputTable) must(names ...string) int {
	i := t.column(names...)
	if i < 0 && t.header != nil {
		t.fault(1, fmt.Sprintf("G1: kolumnen %s saknas; rubriken är %s", strings.Join(names, " eller "), strings.Join(t.header, ", ")), "Lägg till den eller rätta namnet")
	}
	return i
}

// unread warns of columns that nobody asked for (G1).
func (t *inputTable) unread(known ...string) {
	var extra []string
	for _, h := range t.header {
		if !t.read[h] && !slices.Contains(known, h) {
			extra = append(extra, h)
		}
	}
	if len(extra) > 0 {
		t.warn(1, "G1: kolumner som inte används: "+strings.Join(extra, ", "), "")
	}
}

var (
	kommunForm = regexp.MustCompile(`^[0-9]{4}$`)
	yearForm   = regexp.MustCompile(`^(19|20|21)[0-9]{2}$`)
)

// kommun reads a municipality's code: four digits as text (G2).
func (t *inputTable) kommun(r inputRow, column int) (string, bool) {
	s := r.fields[column]
	if !kommunForm.MatchString(s) {
		mend := "Skriv fyra siffror som text, till exempel 0114"
		if regexp.MustCompile(`^[0-9]{3}$`).MatchString(s) {
			mend = "Kalkylprogrammet har tagit bort nollan; skriv 0" + s
		}
		t.fault(r.line, fmt.Sprintf("G2: kolumn %s: %q är ingen kommunkod", t.header[column], s), mend)
		return "", false
	}
	return s, true
}

// year reads a year.
func (t *inputTable) year(r inputRow, column int) (int, bool) {
	s := r.fields[column]
	if !yearForm.MatchString(s) {
		t.fault(r.line, fmt.Sprintf("G2: kolumn %s: %q är inget år", t.header[column], s), "Skriv fyra siffror, till exempel 2023")
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// number reads a number from low to high (G5, G8).
func (t *inputTable) number(r inputRow, column int, low, high float64, what string) (float64, bool) {
	s := r.fields[column]
	v, err := strconv.ParseFloat(strings.Replace(s, "−", "-", 1), 64)
	switch {
	case s == "":
		t.fault(r.line, fmt.Sprintf("G4: kolumn %s är tom", t.header[column]), "Skriv "+what)
		return 0, false
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		t.fault(r.line, fmt.Sprintf("G5: kolumn %s: %q är inget tal", t.header[column], s), "Skriv "+what+", med decimalpunkt och utan mellanslag")
		return 0, false
	case v < low || v > high:
		t.fault(r.line, fmt.Sprintf("G5: kolumn %s: %s ligger utanför %g till %g", t.header[column], s, low, high), "Skriv "+what)
		return 0, false
	}
	return v, true
}

// maxFaults is how many errors and warnings are shown of one file.
const maxFaults = 1000

// reportFaults writes what is wrong with the files, sorted by line, and gives
// an error with code 2 when there is any error among them.
func reportFaults(w io.Writer, tables ...*inputTable) error {
	wrong := 0
	for _, t := range tables {
		if t == nil {
			continue
		}
		slices.SortStableFunc(t.faults, func(a, b fault) int { return a.Line - b.Line })
		for i, f := range t.faults {
			if i == maxFaults {
				_, _ = fmt.Fprintf(w, "%s: och %d till\n", t.file, len(t.faults)-maxFaults)
				break
			}
			_, _ = fmt.Fprintln(w, f.String())
		}
		wrong += t.faults.errors()
	}
	if wrong > 0 {
		return &exitError{exitBadInput, fmt.Errorf("%d fel i indata; inget räknades", wrong)}
	}
	return nil
}
