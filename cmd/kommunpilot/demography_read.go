package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kommunpilot/engine/demography"
)

// maxRowFaults is how many faults of one file are shown.
const maxRowFaults = 1000

// sheet is a separated text file with a header, and what is wrong in it.
type sheet struct {
	file   string
	header []string
	rows   [][]string
	lines  []int // line of each row
	faults faults
	count  int // all faults, also those that are not shown
}

// readSheet reads a file with comma, semicolon or tab between its fields. A
// byte order mark and CRLF are accepted. The error is about the file itself.
func readSheet(file string) (*sheet, error) {
	b, err := os.ReadFile(file) //nolint:gosec // the person names the file
	if err != nil {
		return nil, err
	}
	s := &sheet{file: file}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if !utf8.Valid(b) {
		return nil, fmt.Errorf("%s: filen är inte UTF-8. Spara den som \"CSV UTF-8\"", file)
	}
	reader := csv.NewReader(bytes.NewReader(b))
	reader.Comma = separator(b)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = false
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				return nil, fmt.Errorf("%s:%d: raden går inte att läsa (%w). Ett citattecken är inte avslutat", file, at.Line, at.Err)
			}
			return nil, err
		}
		line, _ := reader.FieldPos(0)
		if s.header == nil {
			for _, h := range row {
				s.header = append(s.header, strings.TrimSpace(h))
			}
			continue
		}
		s.rows, s.lines = append(s.rows, row), append(s.lines, line)
	}
	if s.header == nil {
		return nil, fmt.Errorf("%s:1: filen är tom. Första raden ska vara rubriker", file)
	}
	return s, nil
}

func (s *sheet) fault(line int, what, mend string) {
	s.count++
	if len(s.faults) < maxRowFaults {
		s.faults = append(s.faults, fault{File: s.file, Line: line, What: what, Mend: mend})
	}
}

// columns finds columns by name; each may have several names, parted by "|".
func (s *sheet) columns(names ...string) (at []int, ok bool) {
	ok = true
	for _, name := range names {
		i := slices.IndexFunc(s.header, func(h string) bool {
			return slices.ContainsFunc(strings.Split(name, "|"), func(n string) bool { return strings.EqualFold(h, n) })
		})
		if i < 0 {
			first, _, _ := strings.Cut(name, "|")
			s.fault(1, fmt.Sprintf("kolumnen %s saknas", first), "Rubrikerna är nu: "+strings.Join(s.header, ", "))
			ok = false
		}
		at = append(at, i)
	}
	return at, ok
}

// text is a field of a row; the bool is false, with a fault, where the row is too short.
func (s *sheet) text(row, column int) (string, bool) {
	if column >= len(s.rows[row]) {
		s.fault(s.lines[row], fmt.Sprintf("raden har %d fält men rubrikraden %d", len(s.rows[row]), len(s.header)), "Lägg till det som saknas")
		return "", false
	}
	return strings.TrimSpace(s.rows[row][column]), true
}

func (s *sheet) number(row, column int) (float64, bool) {
	t, ok := s.text(row, column)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.Replace(t, ",", ".", 1), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		s.fault(s.lines[row], fmt.Sprintf("kolumnen %s: %q är inget tal", s.header[column], t), "Skriv ett tal, till exempel 12.5")
		return 0, false
	}
	return v, true
}

// count is a number that is not negative.
func (s *sheet) amount(row, column int) (float64, bool) {
	v, ok := s.number(row, column)
	if ok && v < 0 {
		s.fault(s.lines[row], fmt.Sprintf("kolumnen %s: %v är negativt", s.header[column], v), "Skriv ett tal från 0")
		return 0, false
	}
	return v, ok
}

func (s *sheet) whole(row, column, from, to int, what string) (int, bool) {
	t, ok := s.text(row, column)
	if !ok {
		return 0, false
	}
	v, err := strconv.Atoi(t)
	if err != nil || v < from || v > to {
		s.fault(s.lines[row], fmt.Sprintf("kolumnen %s: %q är %s", s.header[column], t, what), fmt.Sprintf("Skriv ett heltal från %d till %d", from, to))
		return 0, false
	}
	return v, true
}

func (s *sheet) age(row, column int) (int, bool) {
	return s.whole(row, column, 0, demography.Open, "ingen ålder")
}

func (s *sheet) year(row, column int) (int, bool) {
	return s.whole(row, column, 1700, 2300, "inget år")
}

func (s *sheet) sex(row, column int) (demography.Sex, bool) {
	t, ok := s.text(row, column)
	if !ok {
		return 0, false
	}
	switch strings.ToLower(t) {
	case "women", "woman", "female", "f", "w", "k", "kvinna", "kvinnor":
		return demography.Women, true
	case "men", "man", "male", "m", "män":
		return demography.Men, true
	}
	s.fault(s.lines[row], fmt.Sprintf("kolumnen %s: %q är inget kön", s.header[column], t), "Skriv K eller M (eller women, men)")
	return 0, false
}

// done writes the faults and gives the error that ends the command, or nil.
func (s *sheet) done(w io.Writer) error {
	slices.SortStableFunc(s.faults, func(a, b fault) int { return a.Line - b.Line })
	for _, f := range s.faults {
		_, _ = fmt.Fprintln(w, f.String())
	}
	if s.count > len(s.faults) {
		_, _ = fmt.Fprintf(w, "%s: och %d fel till\n", s.file, s.count-len(s.faults))
	}
	if s.count > 0 {
		return &exitError{exitBadInput, fmt.Errorf("%s: %d fel i indata; inget räknades", s.file, s.count)}
	}
	return nil
}
