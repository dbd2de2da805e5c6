package dataset

import (
	"bytes"
	"encoding/csv"
	"errors"
	"unicode/utf8"
)

// longestQuote is how many lines a quoted field may go on for.
const longestQuote = 10

// record is one row of a file.
type record struct {
	line   int
	fields [][]byte // trimmed; they hold until the next record
	wrong  string   // the sentence where the row cannot be read, else empty
	raw    []byte
}

// records reads a file row by row. A row without quotes is cut at its marks;
// encoding/csv reads the others. A row that cannot be read does not stop it, so
// that the whole file is checked. Cost O(bytes).
type records struct {
	rest   []byte
	line   int // of what is next
	mark   byte
	fields [][]byte
}

func newRecords(data []byte) *records {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	first, _, _ := bytes.Cut(data, []byte("\n"))
	mark := byte(',')
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		mark = ';'
	}
	return &records{rest: data, line: 1, mark: mark}
}

// next gives the next row that is not blank; the bool is false at the end.
func (r *records) next() (record, bool) {
	for len(r.rest) > 0 {
		n := end(r.rest)
		raw := bytes.TrimRight(r.rest[:n], "\r\n")
		out := record{line: r.line, raw: raw}
		taken := 1
		switch {
		case !utf8.Valid(raw):
			out.wrong = textUTF8
		case bytes.IndexByte(raw, '"') >= 0:
			n, taken = r.quoted(&out)
		default:
			r.split(raw)
			out.fields = r.fields
		}
		r.rest, r.line = r.rest[n:], r.line+taken
		if out.wrong != "" || !blank(out.fields) {
			return out, true
		}
	}
	return record{}, false
}

// end is how many bytes the first line has, with its line feed.
func end(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	return len(b)
}

func (r *records) split(line []byte) {
	r.fields = r.fields[:0]
	for {
		i := bytes.IndexByte(line, r.mark)
		if i < 0 {
			r.fields = append(r.fields, bytes.TrimSpace(line))
			return
		}
		r.fields = append(r.fields, bytes.TrimSpace(line[:i]))
		line = line[i+1:]
	}
}

// quoted reads a row with quotes, which may go on over several lines. It gives
// how many bytes and lines the row has; one that cannot be read is one line.
func (r *records) quoted(out *record) (n, lines int) {
	first := end(r.rest)
	for n, lines = first, 1; ; lines++ {
		reader := csv.NewReader(bytes.NewReader(r.rest[:n]))
		reader.Comma, reader.FieldsPerRecord = rune(r.mark), -1
		fields, err := reader.Read()
		if err == nil && reader.InputOffset() == int64(n) && utf8.Valid(r.rest[:n]) {
			for _, f := range fields {
				out.fields = append(out.fields, bytes.TrimSpace([]byte(f)))
			}
			return n, lines
		}
		if !errors.Is(err, csv.ErrQuote) || lines == longestQuote || n == len(r.rest) {
			out.wrong = textQuote
			return first, 1
		}
		n += end(r.rest[n:])
	}
}

func blank(fields [][]byte) bool {
	for _, f := range fields {
		if len(f) > 0 {
			return false
		}
	}
	return true
}
