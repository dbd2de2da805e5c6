package web

import (
	"context"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"kommunpilot/base/calendar"
)

//go:embed lang
var langFiles embed.FS

// english holds the English of every text. The message's id is the Swedish
// text itself, so that a page can be read in its source.
var english = func() *i18n.Localizer {
	bundle := i18n.NewBundle(language.English)
	files, err := langFiles.ReadDir("lang")
	if err != nil {
		panic(err) // embedded
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".toml") {
			continue
		}
		b, err := langFiles.ReadFile("lang/" + f.Name())
		if err != nil {
			panic(err)
		}
		texts := map[string]string{}
		if err := toml.Unmarshal(b, &texts); err != nil {
			panic(fmt.Sprintf("base/web/lang/%s: %v", f.Name(), err))
		}
		for sv, en := range texts {
			m := &i18n.Message{ID: sv, Other: en, LeftDelim: "⟦", RightDelim: "⟧"}
			if err := bundle.AddMessages(language.English, m); err != nil {
				panic(err)
			}
		}
	}
	return i18n.NewLocalizer(bundle, "en")
}()

type langKey struct{}

// WithLang gives a context in which texts are in the language "sv" or "en".
func WithLang(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, langKey{}, lang)
}

// Lang is the language of the context: "sv" (default) or "en".
func Lang(ctx context.Context) string {
	if l, ok := ctx.Value(langKey{}).(string); ok && l == "en" {
		return "en"
	}
	return "sv"
}

// T gives the text in the person's language. The Swedish text is the key; args
// fill its fmt verbs. A text without English stays Swedish.
func T(ctx context.Context, sv string, args ...any) string {
	text := sv
	if Lang(ctx) == "en" {
		if en, err := english.Localize(&i18n.LocalizeConfig{MessageID: sv}); err == nil && en != "" {
			text = en
		}
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// N is T with the form for one or for many; the number fills the verb %d.
func N(ctx context.Context, n int, one, many string) string {
	text := many
	if n == 1 {
		text = one
	}
	if !strings.Contains(text, "%d") {
		return T(ctx, text)
	}
	return T(ctx, text, n)
}

var months = [...]string{"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"}

// Date writes a moment's date in Sweden: 23 november 2026. The zero time is "".
func Date(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(calendar.Stockholm)
	if Lang(ctx) == "en" {
		return t.Format("2 January 2006")
	}
	return fmt.Sprintf("%d %s %d", t.Day(), months[t.Month()-1], t.Year())
}

// Day writes a calendar date as Date does.
func Day(ctx context.Context, d calendar.Date) string { return Date(ctx, d.Start()) }

// DateTime writes date and time: 23 november 2026 klockan 14.05.
func DateTime(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if Lang(ctx) == "en" {
		return Date(ctx, t) + t.In(calendar.Stockholm).Format(" at 15:04")
	}
	return Date(ctx, t) + t.In(calendar.Stockholm).Format(" klockan 15.04")
}

// Number writes a number with so many decimals, grouped by three: 1 234,5 in
// Swedish, 1,234.5 in English.
func Number(ctx context.Context, v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	whole, part, _ := strings.Cut(s, ".")
	group, point := "\u00a0", ","
	if Lang(ctx) == "en" {
		group, point = ",", "."
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if part != "" {
		whole += point + part
	}
	return sign + whole
}
