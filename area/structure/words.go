package structure

import (
	"context"
	"math"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"kommunpilot/base/web"
	"kommunpilot/engine/scenario"
)

// number writes a number as a Swede reads it: comma, and a hard space between thousands.
func number(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	s = strings.ReplaceAll(s, ".", ",")
	whole, _, _ := strings.Cut(s, ",")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u00a0" + s[i:]
	}
	return strings.Replace(s, "-", "−", 1)
}

// signed is number with its sign, + too.
func signed(v float64, decimals int) string {
	s := number(v, decimals)
	if !strings.HasPrefix(s, "−") && strings.Trim(s, "0,") != "" {
		s = "+" + s
	}
	return s
}

// value writes an assumption: a share as it is, a large number without decimals.
func value(v float64) string {
	if math.Abs(v) >= 100 {
		return number(v, 0)
	}
	return strings.TrimRight(strings.TrimRight(number(v, 3), "0"), ",")
}

// millions writes kronor as millions.
func millions(v float64) string { return number(v/1e6, 0) + " mkr" }

// whole keeps a number and its span on one line.
var whole = strings.NewReplacer(" ", "\u00a0", "–", "\u2060–\u2060")

// band80 is the span that eight futures of ten fall in.
func band80(b scenario.Band, decimals int) string {
	join := "–"
	if b.Q[scenario.Q10] < 0 {
		join = " till "
	}
	return number(b.Q[scenario.Q10], decimals) + join + number(b.Q[scenario.Q90], decimals)
}

func signed80(b scenario.Band, decimals int) string {
	return signed(b.Q[scenario.Q10], decimals) + " till " + signed(b.Q[scenario.Q90], decimals)
}

func lowerFirst(s string) string {
	r := []rune(s)
	if len(r) > 1 && unicode.IsUpper(r[0]) && unicode.IsUpper(r[1]) {
		return s
	}
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

// verdict says in words what a change of the required rate means for a municipality.
func verdict(c *scenario.Change) string {
	switch {
	case c.Lower >= 0.5:
		return "vinner (lägre skatt)"
	case c.Higher >= 0.5:
		return "förlorar (högre skatt)"
	}
	return "ungefär oförändrat"
}

// percent writes a probability.
func percent(p float64) string {
	switch {
	case p > 0.99:
		return "över 99 %"
	case p < 0.01:
		return "under 1 %"
	}
	return number(100*p, 0) + " %"
}

// stepWords says a step of a scenario in a sentence.
func stepWords(ctx context.Context, st *scenario.Step, names map[string]string) string {
	list := func(codes []string) string {
		var out []string
		for _, c := range codes {
			out = append(out, orElse(names[c], c))
		}
		return strings.Join(out, ", ")
	}
	switch st.Kind {
	case scenario.Merger:
		return web.T(ctx, "%s blir en kommun från %d.", list(st.Members), st.From)
	case scenario.Cooperation:
		return web.T(ctx, "%s sköter tillsammans: %s, från %d (%s; delas efter %s).", list(st.Members), lowerFirst(list(st.Areas)), st.From, string(st.Form), string(st.Key))
	}
	if st.Responsibility {
		return web.T(ctx, "Regionen får ansvaret för %s från %d, med skatteväxling i länet.", lowerFirst(list(st.Areas)), st.From)
	}
	return web.T(ctx, "%s utför %s för %s från %d, genom avtal.", orElse(names[st.Host], st.Host), lowerFirst(list(st.Areas)), list(st.Members), st.From)
}

// sliderWords is an assumption's value as a person reads it.
func sliderWords(ctx context.Context, s slider) string {
	if s.Key == "barnafodande" && s.Value == 0 {
		return web.T(ctx, "som sedan 1970")
	}
	return value(s.Value) + " " + s.Unit
}

// sliderTyped is what a person typed, or the value.
func sliderTyped(s slider, f web.Form) string {
	if typed := f.Get(s.Key); typed != "" {
		return typed
	}
	return plain(s.Value)
}

// grounds says what an assumption rests on: its mark and its evidence in words.
func grounds(ctx context.Context, s slider) string {
	out := web.T(ctx, s.Mark.Word())
	if s.Changed {
		out += ", " + web.T(ctx, "ändrat av er")
	}
	if s.Note != "" {
		out += ". " + s.Note
	}
	for i, id := range s.Evidence {
		if e, ok := scenario.Finding(id); ok && i < 2 {
			out += ". " + e.ID + ": " + strings.TrimSuffix(e.Says, ".") + " (" + e.Source + ")"
		}
	}
	if len(s.Evidence) > 2 {
		out += ". " + web.T(ctx, "Se även %s", strings.Join(s.Evidence[2:], ", "))
	}
	return out + "."
}

func memberQuery(codes []string) string { return url.Values{"k": codes}.Encode() }

func chosenNames(v pickView) (out []string) {
	for _, c := range v.chosen {
		out = append(out, v.names[c])
	}
	return out
}
