package dataset

import (
	"bytes"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// The years that a file may have.
const (
	firstYear = 1900
	lastYear  = 2199
)

// largestKey is the largest whole number that can be part of a key.
const largestKey = 1<<24 - 1

// assumed is the word that marks a value that is not confirmed.
const assumed = "antagen"

// cell is a value that is read.
type cell struct {
	number float64
	until  float64 // the last age of a group
	word   uint32  // the place of the word in its column
	ok     bool
	marked bool // the word "antagen" stood after the number
	stop   bool // the column has more different values than can be kept
}

var statuteForm = regexp.MustCompile(`^(SFS )?[0-9]{4}:[0-9]{1,4}$`)

// word gives the place of a word, and keeps it.
func (s *series) word(b []byte) uint32 {
	if id, ok := s.index[string(b)]; ok {
		return id
	}
	id := uint32(len(s.words))
	s.words = append(s.words, string(b))
	s.index[string(b)] = id
	return id
}

// cell reads a value of a column. Cost O(len(b)).
func (r *reading) cell(line, place int, b []byte) cell {
	c := &r.kind.Columns[place]
	s := &r.table.series[place]
	wrong := func(rule, format string, args ...any) cell {
		r.fault(line, place, b, rule, Error, format, args...)
		return cell{}
	}
	switch c.Type {
	case Municipality:
		switch {
		case digits(b, 4):
		case digits(b, 3):
			return wrong("G2", textZeroLost, string(b))
		default:
			return wrong("G2", textMunicipality)
		}
	case County:
		if !digits(b, 2) {
			return wrong("G2", textCounty)
		}
	case Area:
		if !digits(b, 2) && !digits(b, 4) && string(b) != national {
			return wrong("G2", textArea)
		}
	case Sex:
		if string(b) != "K" && string(b) != "M" {
			return wrong("G2", textSex)
		}
	case Code:
		if len(b) == 0 {
			return wrong("G2", textCode)
		}
	case Statute:
		if !statuteForm.Match(b) {
			return wrong("E5", textStatute)
		}
	case Mark:
		if len(b) > 0 && string(b) != assumed {
			return wrong("G5", textMark)
		}
	case Year:
		if v, ok := natural(b); ok && len(b) == 4 && v >= firstYear && v <= lastYear {
			return cell{number: v, ok: true}
		}
		return wrong("G5", textYear)
	case Age:
		low, high := ages(r.kind)
		if v, ok := natural(b); ok && v >= float64(low) && v <= float64(high) {
			return cell{number: v, ok: true}
		}
		return wrong("G6", textAge, low, high)
	case AgeGroup:
		if from, until, ok := group(b); ok {
			return cell{number: from, until: until, ok: true}
		}
		return wrong("G6", textAgeGroup)
	default:
		return r.numeric(line, place, b)
	}
	if len(s.words) >= mostWords {
		if _, ok := s.index[string(b)]; !ok {
			r.fault(line, place, b, "G0", Error, textTooMany, mostWords)
			return cell{stop: true}
		}
	}
	return cell{word: s.word(b), ok: true}
}

func digits(b []byte, n int) bool {
	if len(b) != n {
		return false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// natural reads digits only, at most nine.
func natural(b []byte) (v float64, ok bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return float64(n), true
}

// ages is the span of ages of a kind.
func ages(k *Kind) (low, high int) {
	if k.Name == "fertility" {
		return 15, 49
	}
	return 0, 100
}

// group reads an age, or five years as 20-24 with a hyphen or a dash.
func group(b []byte) (from, until float64, ok bool) {
	low, high, two := bytes.Cut(b, []byte("-"))
	if !two {
		low, high, two = bytes.Cut(b, []byte("–"))
	}
	from, ok = natural(bytes.TrimSpace(low))
	if !two || !ok {
		return from, from, ok && from <= 100
	}
	until, ok = natural(bytes.TrimSpace(high))
	return from, until, ok && until == from+4 && math.Mod(from, 5) == 0 && until < 100
}

// numeric reads a number and holds it against the limits of its column.
func (r *reading) numeric(line, place int, b []byte) (out cell) {
	c := &r.kind.Columns[place]
	text := b
	if c.Name == "t_avgift" {
		if short, ok := bytes.CutSuffix(b, []byte(" "+assumed)); ok {
			text, out.marked = bytes.TrimSpace(short), true
		}
	}
	v, ok := natural(text)
	if !ok {
		var format string
		var args []any
		if v, format, args = number(text); format != "" {
			r.fault(line, place, b, "G5", Error, format, args...)
			return cell{}
		}
	}
	switch {
	case c.Type == Whole && c.Key && (v != math.Trunc(v) || v < 0 || v > largestKey):
		r.fault(line, place, b, "G5", Error, textWholeSpan, largestKey)
		return cell{}
	case c.Type == Whole && v != math.Trunc(v):
		r.fault(line, place, b, "G5", Error, textWhole)
		return cell{}
	}
	out.number, out.ok = v, true
	for _, l := range c.Limits {
		if v >= l.Low && v <= l.High {
			continue
		}
		if math.IsInf(l.High, 1) {
			r.fault(line, place, b, l.Rule, l.Force, textNegative)
		} else {
			r.fault(line, place, b, l.Rule, l.Force, textSpan, figure(l.Low), figure(l.High))
		}
		out.ok = out.ok && l.Force != Error
		break
	}
	return out
}

// number reads a number as the files write it, or gives the sentence that says
// what was expected.
func number(b []byte) (v float64, format string, args []any) {
	if len(b) == 0 {
		return 0, textNoNumber, nil
	}
	if minus := []byte("−"); bytes.HasPrefix(b, minus) {
		b = append([]byte("-"), b[len(minus):]...)
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			if !strings.ContainsRune("+-.eE", rune(c)) || len(b) > longestValue {
				format, args = misspelt(string(b))
				return 0, format, args
			}
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, textNumber, nil
	}
	return v, "", nil
}

var (
	commaForm     = regexp.MustCompile(`^[-+−]?[0-9]+,[0-9]+$`)
	thousandsForm = regexp.MustCompile(`^[-+−]?[0-9]{1,3}([ \x{a0}\x{2009}\x{202f}'][0-9]{3})+([.,][0-9]+)?$`)
	spaces        = strings.NewReplacer(" ", "", "\u00a0", "", "\u2009", "", "\u202f", "", "'", "", ",", ".")
)

// misspelt finds out how a number has been written wrong.
func misspelt(s string) (format string, args []any) {
	switch {
	case commaForm.MatchString(s):
		return textComma, []any{spaces.Replace(s)}
	case thousandsForm.MatchString(s):
		return textThousands, []any{spaces.Replace(s)}
	}
	return textNumber, nil
}
