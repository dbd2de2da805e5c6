package dataset

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxShown is how many faults of a file a report keeps.
const MaxShown = 1000

// Sentence is a Swedish sentence as a constant format with its values, so that
// the format can be translated.
type Sentence struct {
	Format string
	Args   []any
}

// String is the sentence in Swedish.
func (s Sentence) String() string {
	if len(s.Args) == 0 {
		return s.Format
	}
	return fmt.Sprintf(s.Format, s.Args...)
}

// MarshalText is String.
func (s Sentence) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Fault is one place where a rule is broken. The header is line 1.
type Fault struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   string   `json:"column"` // empty where the fault is of a whole row or file
	Value    string   `json:"value"`  // as read; a long one is cut
	Rule     string   `json:"rule"`
	Expected Sentence `json:"expected"`
	Force    Force    `json:"force"`

	place  int     // of the column
	weight float64 // of a warning: the heavier are kept
}

func inOrder(a, b Fault) int {
	if c := cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.place, b.place), cmp.Compare(a.Rule, b.Rule)); c != 0 {
		return c
	}
	return strings.Compare(a.Expected.String(), b.Expected.String()) // written only where all else is equal
}

func heavyFirst(a, b Fault) int {
	if c := cmp.Compare(b.weight, a.weight); c != 0 {
		return c
	}
	return inOrder(a, b)
}

// Count is how many faults there are by one rule, also those that are not shown.
type Count struct {
	Rule  string `json:"rule"`
	Force Force  `json:"force"`
	Count int    `json:"count"`
}

// Report is what the check of a file says.
type Report struct {
	File   string `json:"file"`
	Kind   string `json:"kind"`
	SHA256 string `json:"sha256"` // of the bytes, in hexadecimal
	Rows   int    `json:"rows"`   // rows after the header, also those that cannot be read
	// Faults are sorted by line. There are at most MaxShown: errors go before
	// warnings, errors with a low line before those with a high, and of the
	// warnings those with the largest change from the year before are kept.
	Faults []Fault `json:"faults"`
	Counts []Count `json:"counts"` // sorted by rule, errors first
	// NotChecked says which checks were not made, and why.
	NotChecked []Sentence `json:"not_checked"`

	errors, warnings []Fault
}

// OK tells whether the file can be used: it has no errors.
func (r *Report) OK() bool { return r.Errors() == 0 }

// Errors is the number of errors, also those that are not shown.
func (r *Report) Errors() int { return r.count(Error) }

// Warnings is the number of warnings, also those that are not shown.
func (r *Report) Warnings() int { return r.count(Warning) }

func (r *Report) count(f Force) (n int) {
	for _, c := range r.Counts {
		if c.Force == f {
			n += c.Count
		}
	}
	return n
}

// CSV is the faults as a file with a header: UTF-8 with byte order mark, comma.
// A value that a spreadsheet would take for a formula has an apostrophe first.
func (r *Report) CSV() []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	rows := [][]string{{"fil", "rad", "kolumn", "varde", "regel", "forvantat", "kraft"}}
	for _, f := range r.Faults {
		rows = append(rows, []string{f.File, strconv.Itoa(f.Line), harmless(f.Column), harmless(f.Value), f.Rule, f.Expected.String(), string(f.Force)})
	}
	_ = w.WriteAll(rows) // a buffer takes everything
	return b.Bytes()
}

// harmless keeps text from being run as a formula; numbers stay as they are.
func harmless(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

// add keeps a fault. Cost O(log MaxShown) amortised.
func (r *Report) add(f Fault) {
	i := slices.IndexFunc(r.Counts, func(c Count) bool { return c.Rule == f.Rule && c.Force == f.Force })
	if i < 0 {
		i, r.Counts = len(r.Counts), append(r.Counts, Count{Rule: f.Rule, Force: f.Force})
	}
	r.Counts[i].Count++
	f.File = r.File
	list, order := &r.errors, inOrder
	if f.Force == Warning {
		list, order = &r.warnings, heavyFirst
	}
	*list = append(*list, f)
	if len(*list) >= 4*MaxShown {
		cut(list, order, MaxShown)
	}
}

func cut(list *[]Fault, order func(a, b Fault) int, n int) {
	slices.SortStableFunc(*list, order)
	*list = (*list)[:min(n, len(*list))]
}

// note says that a check was not made.
func (r *Report) note(format string, args ...any) {
	r.NotChecked = append(r.NotChecked, Sentence{format, args})
}

// finish chooses the faults that are shown.
func (r *Report) finish() {
	cut(&r.errors, inOrder, MaxShown)
	cut(&r.warnings, heavyFirst, MaxShown-len(r.errors))
	r.Faults = slices.Concat(r.errors, r.warnings)
	slices.SortStableFunc(r.Faults, inOrder)
	for _, f := range r.Faults {
		for i, a := range f.Expected.Args {
			if words, ok := a.(fmt.Stringer); ok {
				f.Expected.Args[i] = words.String()
			}
		}
	}
	r.errors, r.warnings = nil, nil
	slices.SortFunc(r.Counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Force, b.Force), cmp.Compare(len(a.Rule), len(b.Rule)), cmp.Compare(a.Rule, b.Rule))
	})
}

// longestValue is how many bytes of a value a report keeps.
const longestValue = 80

// asRead is a value for the report: valid UTF-8, and cut where it is long.
func asRead(b []byte) string {
	if len(b) <= longestValue {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	b = b[:longestValue]
	for i := 0; i < utf8.UTFMax && len(b) > 0 && !utf8.Valid(b); i++ {
		b = b[:len(b)-1]
	}
	return strings.ToValidUTF8(string(b), "\uFFFD") + "…"
}

// figure writes a number as the files do, with at most six digits of decimals.
func figure(v float64) string {
	if math.Abs(v) < 1e15 {
		v = math.Round(v*1e6) / 1e6
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
