package web

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
)

// maxMemory is how much of a form with files is held in memory.
const maxMemory = 1 << 20

// Form is what a person typed, with what is wrong in it. A page gets one
// whether it is new, stored or sent back with errors.
type Form struct {
	Values  url.Values
	Fields  []fail.Field // errors
	Message string       // an error that belongs to no field
	Version int64        // of the thing edited, for optimistic locking
	Once    string       // so that a double click acts once
	Action  string       // where the form is sent; "" is the page itself
	Stored  url.Values   // what another has saved meanwhile; each field that differs shows it
}

// NewForm makes a form with the given values and a fresh token.
func NewForm(values url.Values) Form {
	if values == nil {
		values = url.Values{}
	}
	return Form{Values: values, Once: id.Token()}
}

// Bind reads the form that was sent, trimmed, with line ends made one. A body
// over limit bytes is fail.TooLarge.
func Bind(r *http.Request, limit int64) (Form, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, limit)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(maxMemory)
	} else {
		err = r.ParseForm()
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return Form{}, &fail.Error{Kind: fail.TooLarge, Message: "Det du skickade är för stort: högst " + strconv.FormatInt(limit>>20, 10) + " MB tas emot. Inget har ändrats.", Err: err}
	case err != nil:
		return Form{}, &fail.Error{Kind: fail.Invalid, Message: "Formuläret kunde inte läsas. Ladda om sidan och skicka igen.", Err: err}
	}
	values := url.Values{}
	for name, list := range r.PostForm {
		for _, v := range list {
			v = strings.ToValidUTF8(strings.ReplaceAll(v, "\r\n", "\n"), "\uFFFD")
			v = strings.ReplaceAll(v, "\x00", "") // PostgreSQL stores no NUL
			values.Add(name, strings.TrimSpace(v))
		}
	}
	f := Form{Values: values, Once: values.Get("_once")}
	f.Version, _ = strconv.ParseInt(values.Get("_version"), 10, 64)
	return f, nil
}

// Get is the first value of the field, "" where there is none.
func (f Form) Get(name string) string { return f.Values.Get(name) }

// All is every value of the field.
func (f Form) All(name string) []string { return f.Values[name] }

// Has tells whether the field has the value among its values.
func (f Form) Has(name, value string) bool {
	for _, v := range f.Values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Int reads a whole number; spaces between groups of digits are allowed.
func (f Form) Int(name string) (int64, bool) {
	s := strings.NewReplacer(" ", "", "\u00a0", "").Replace(f.Get(name))
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Date reads a date: one field 2006-01-02, or the three that DateInput shows.
// It gives the start of the day in Sweden.
func (f Form) Date(name string) (time.Time, bool) {
	d, ok := f.Day(name)
	return d.Start(), ok && d != ""
}

// Day is Date as a calendar date; the empty date is fine and empty.
func (f Form) Day(name string) (calendar.Date, bool) {
	s := f.Get(name)
	if y, m, d := f.Get(name+"-year"), f.Get(name+"-month"), f.Get(name+"-day"); y+m+d != "" {
		if len(m) == 1 {
			m = "0" + m
		}
		if len(d) == 1 {
			d = "0" + d
		}
		s = y + "-" + m + "-" + d
	}
	date, err := calendar.Parse(s)
	return date, err == nil
}

// Error is what is wrong with the field, "" where nothing is.
func (f Form) Error(name string) string {
	for _, e := range f.Fields {
		if e.Name == name {
			return e.Message
		}
	}
	return ""
}

// Failed tells whether the form has any error.
func (f Form) Failed() bool { return len(f.Fields) > 0 || f.Message != "" }

// WithError adds what a fail.Error says; the token is made anew so that the
// corrected form can be sent.
func (f Form) WithError(err error) Form {
	if err == nil {
		return f
	}
	e := fail.As(err)
	f.Fields = append(append([]fail.Field{}, f.Fields...), e.Fields...)
	if len(e.Fields) == 0 {
		f.Message = e.Message
	}
	f.Once = id.Token()
	return f
}

// Input describes one field.
type Input struct {
	Name, Label, Hint, Type, Autocomplete string
	Required                              bool
	Rows, MaxLength                       int
	Accept, Width                         string
}

// Option is one choice of a Select, Radios or Checkboxes.
type Option struct{ Value, Label, Hint string }

// stored is what another has saved in the field meanwhile, in the words of the
// options; "" where it is what the form says.
func (f Form) stored(in Input, options []Option) string {
	if f.Stored == nil || slices.Equal(f.Stored[in.Name], f.Values[in.Name]) || f.Stored.Get(in.Name) == f.Get(in.Name) && len(f.Stored[in.Name]) < 2 {
		return ""
	}
	words := slices.Clone(f.Stored[in.Name])
	for i, w := range words {
		for _, o := range options {
			if o.Value == w {
				words[i] = o.Label
			}
		}
	}
	if text := strings.Join(words, ", "); text != "" {
		return text
	}
	return "–"
}

// describedBy lists the ids of the hint and the error, for aria-describedby.
func (f Form) describedBy(in Input) string {
	var ids []string
	if in.Hint != "" {
		ids = append(ids, in.Name+"-hint")
	}
	if f.Error(in.Name) != "" {
		ids = append(ids, in.Name+"-error")
	}
	return strings.Join(ids, " ")
}
