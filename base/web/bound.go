package web

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
)

// FieldKind is how a bound field is shown.
type FieldKind int

// The kinds of bound fields. AsLine is the zero value.
const (
	AsLine   FieldKind = iota // one line of text: *string
	AsArea                    // several lines: *string
	AsLines                   // one entry per line: *[]string
	AsWhole                   // a whole number: any integer
	AsMoney                   // kronor, kept as öre: *int64
	AsNumber                  // a decimal number: *float64
	AsDay                     // a date: *calendar.Date
	AsClock                   // a time of day, 13.05: *string kept as 13:05
	AsChoice                  // one of Options from a list: *string or an integer
	AsRadio                   // one of Options, all shown
	AsMany                    // any of Options: *[]string
	AsYes                     // a box: *bool
)

// Longest texts of a line and of an area, in characters.
const (
	MaxLine = 300
	MaxArea = 20000
)

// Bound is a field of a form that belongs to a value: To points to it. One
// list of them reads a form, fills one, draws one and says what is stored.
type Bound struct {
	Input
	Kind    FieldKind
	Options []Option
	To      any
	Low     int64 // of AsWhole: least value, where High is set
	High    int64
}

// says is an error that is a sentence for the person.
type says string

// Error is the sentence.
func (s says) Error() string { return string(s) }

// Fill stores what the form says in the values, and says what is wrong with
// it. What is wrong leaves its value as it was.
func Fill(f Form, fields []Bound) error {
	var wrong []fail.Field
	for _, b := range fields {
		if err := b.fill(f); err != nil {
			wrong = append(wrong, fail.Field{Name: b.Name, Message: err.Error()})
		}
	}
	return fail.Fields(wrong...)
}

func (b Bound) fill(f Form) error {
	text := f.Get(b.Name)
	if b.Required && text == "" && b.Kind != AsYes && (b.Kind != AsDay || f.Get(b.Name+"-year") == "") {
		if b.Kind == AsChoice || b.Kind == AsRadio || b.Kind == AsMany {
			return says("Välj ett av alternativen.")
		}
		return says(fmt.Sprintf("Fyll i: %s.", b.Label))
	}
	if limit := b.limit(); utf8.RuneCountInString(text) > limit {
		return says(fmt.Sprintf("Texten är för lång: högst %d tecken, nu %d.", limit, utf8.RuneCountInString(text)))
	}
	v := reflect.ValueOf(b.To).Elem()
	switch b.Kind {
	case AsLine, AsArea:
		v.SetString(text)
	case AsLines:
		v.Set(reflect.ValueOf(SplitLines(text)))
	case AsYes:
		v.SetBool(text == "ja")
	case AsMany:
		list := slices.DeleteFunc(slices.Clone(f.All(b.Name)), func(x string) bool { return x == "" })
		for _, x := range list {
			if !b.has(x) {
				return says("Välj bland alternativen.")
			}
		}
		v.Set(reflect.ValueOf(list))
	case AsChoice, AsRadio:
		if text != "" && !b.has(text) {
			return says("Välj ett av alternativen.")
		}
		return setChoice(v, text)
	case AsDay:
		d, ok := f.Day(b.Name)
		if !ok {
			return says("Skriv datumet som år-månad-dag, till exempel 2026-03-31.")
		}
		v.SetString(string(d))
	case AsClock:
		c, err := clock(text)
		if err != nil {
			return err
		}
		v.SetString(c)
	case AsWhole:
		return b.whole(f, v, text)
	case AsMoney:
		ore, err := ParseMoney(text)
		if err != nil {
			return err
		}
		v.SetInt(ore)
	case AsNumber:
		if text == "" {
			v.SetFloat(0)
			return nil
		}
		x, err := strconv.ParseFloat(strings.NewReplacer(" ", "", "\u00a0", "", ",", ".").Replace(text), 64)
		if err != nil || x != x || x > 1e15 || x < -1e15 {
			return says("Skriv ett tal, till exempel 12,5.")
		}
		v.SetFloat(x)
	}
	return nil
}

func (b Bound) limit() int {
	switch {
	case b.MaxLength > 0:
		return b.MaxLength
	case b.Kind == AsArea, b.Kind == AsLines:
		return MaxArea
	}
	return MaxLine
}

func (b Bound) has(value string) bool {
	return slices.ContainsFunc(b.Options, func(o Option) bool { return o.Value == value })
}

func (b Bound) whole(f Form, v reflect.Value, text string) error {
	if text == "" {
		v.SetInt(0)
		return nil
	}
	n, ok := f.Int(b.Name)
	switch {
	case !ok:
		return says("Skriv ett heltal.")
	case b.High != 0 && (n < b.Low || n > b.High):
		return says(fmt.Sprintf("Skriv ett heltal från %d till %d.", b.Low, b.High))
	}
	v.SetInt(n)
	return nil
}

func setChoice(v reflect.Value, text string) error {
	if v.Kind() == reflect.String {
		v.SetString(text)
		return nil
	}
	if text == "" {
		text = "0"
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return says("Välj ett av alternativen.")
	}
	v.SetInt(n)
	return nil
}

// clock reads a time of day written 13.05 or 13:05.
func clock(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	h, m, ok := strings.Cut(strings.ReplaceAll(text, ".", ":"), ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return "", says("Skriv klockslaget som timme och minut, till exempel 13.00.")
	}
	return fmt.Sprintf("%02d:%02d", hour, minute), nil
}

// ParseMoney reads an amount in kronor, "1 234,50", as öre.
func ParseMoney(text string) (int64, error) {
	s := strings.NewReplacer(" ", "", "\u00a0", "", "kr", "", ",", ".", "−", "-").Replace(text)
	if s == "" {
		return 0, nil
	}
	wrong := says("Skriv beloppet i kronor, till exempel 12 500 eller 99,50.")
	negative := strings.HasPrefix(s, "-")
	whole, part, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	kronor, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || kronor < 0 || kronor > 1e13 || len(part) > 2 {
		return 0, wrong
	}
	ore := int64(0)
	if part != "" {
		if ore, err = strconv.ParseInt((part + "0")[:2], 10, 64); err != nil || ore < 0 {
			return 0, wrong
		}
	}
	if negative {
		return -(kronor*100 + ore), nil
	}
	return kronor*100 + ore, nil
}

// Kronor writes an amount of öre: 1 234,50 kr; whole kronor without decimals.
func Kronor(ctx context.Context, ore int64) string {
	if ore%100 == 0 {
		return Number(ctx, float64(ore/100), 0) + " kr"
	}
	return Number(ctx, float64(ore)/100, 2) + " kr"
}

// SplitLines gives the lines of a text that are not empty, trimmed.
func SplitLines(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Filled gives the values as a form shows them.
func Filled(fields []Bound) url.Values {
	out := url.Values{}
	for _, b := range fields {
		v := reflect.ValueOf(b.To).Elem()
		switch b.Kind {
		case AsYes:
			if v.Bool() {
				out.Set(b.Name, "ja")
			}
		case AsMany:
			out[b.Name] = slices.Clone(v.Interface().([]string))
		case AsLines:
			out.Set(b.Name, strings.Join(v.Interface().([]string), "\n"))
		case AsNumber:
			if v.Float() != 0 {
				out.Set(b.Name, strings.ReplaceAll(strconv.FormatFloat(v.Float(), 'f', -1, 64), ".", ","))
			}
		case AsMoney:
			if n := v.Int(); n != 0 {
				out.Set(b.Name, moneyText(n))
			}
		default:
			if v.Kind() == reflect.String {
				out.Set(b.Name, v.String())
			} else if n := v.Int(); n != 0 {
				out.Set(b.Name, strconv.FormatInt(n, 10))
			}
		}
	}
	return out
}

func moneyText(ore int64) string {
	sign := ""
	if ore < 0 {
		sign, ore = "-", -ore
	}
	if ore%100 == 0 {
		return sign + strconv.FormatInt(ore/100, 10)
	}
	return fmt.Sprintf("%s%d,%02d", sign, ore/100, ore%100)
}

// Said gives the values as a page says them; what is empty is left out by Facts.
func Said(ctx context.Context, fields []Bound) []Fact {
	var out []Fact
	for _, b := range fields {
		out = append(out, Fact{Term: b.Label, Value: b.Said(ctx)})
	}
	return out
}

// Said is the value as a page says it.
func (b Bound) Said(ctx context.Context) string {
	v := reflect.ValueOf(b.To).Elem()
	name := func(value string) string {
		for _, o := range b.Options {
			if o.Value == value {
				return o.Label
			}
		}
		return value
	}
	switch b.Kind {
	case AsYes:
		if v.Bool() {
			return T(ctx, "Ja")
		}
		return ""
	case AsMany:
		var names []string
		for _, x := range v.Interface().([]string) {
			names = append(names, name(x))
		}
		return strings.Join(names, ", ")
	case AsLines:
		return strings.Join(v.Interface().([]string), "\n")
	case AsDay:
		return Day(ctx, calendar.Date(v.String()))
	case AsNumber:
		return strings.TrimRight(strings.TrimRight(Number(ctx, v.Float(), 4), "0"), ",.")
	case AsMoney:
		if v.Int() == 0 {
			return ""
		}
		return Kronor(ctx, v.Int())
	case AsClock:
		return strings.ReplaceAll(v.String(), ":", ".")
	}
	if v.Kind() == reflect.String {
		return name(v.String())
	}
	if v.Int() == 0 && (b.Kind != AsWhole || !b.Required) {
		return ""
	}
	return name(strconv.FormatInt(v.Int(), 10))
}

// listed is the options of a list, with an empty first one to choose from.
func (b Bound) listed(ctx context.Context) []Option {
	return append([]Option{{Value: "", Label: T(ctx, "Välj")}}, b.Options...)
}
