package structure

import (
	"math"
	"strconv"
	"strings"
	"unicode"

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

// band80 is the span that eight futures of ten fall in.
func band80(b scenario.Band, decimals int) string {
	return number(b.Q[scenario.Q10], decimals) + " till " + number(b.Q[scenario.Q90], decimals)
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
