package service

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
)

//go:embed data/*.csv
var carried embed.FS

// The kinds of service (serviceslag) of 002-08, in the order of a plan, and
// what is neither of them: public service counts as much (004-03, 004-16).
const (
	Fuel     = "drivmedel"
	Grocery  = "dagligvaror"
	Post     = "post"
	Pharmacy = "apotek"
	Payment  = "betaltjänster"
	Other    = "övrigt"
)

// Kinds are all kinds of service; the first five are those that a service plan
// must speak of.
var Kinds = []string{Fuel, Grocery, Post, Pharmacy, Payment, Other}

// kindNames are the kinds as headings say them.
var kindNames = map[string]string{Fuel: "Drivmedel", Grocery: "Dagligvaror", Post: "Post och paket", Pharmacy: "Apotek", Payment: "Betaltjänster", Other: "Offentlig och annan service"}

// Type is a type of service: the counter that people go to. The list is open:
// an inventory may add its own.
type Type struct {
	Code, Kind, Name string
	From, To         calendar.Date // valid; To is the last day; empty: open
}

// carriedTypes are the types that the product knows.
var carriedTypes = sync.OnceValue(func() (out []Type) {
	for _, row := range table("data/service_types.csv") {
		out = append(out, Type{Code: row["typ"], Kind: row["slag"], Name: row["namn"], From: calendar.Date(row["giltig_fran"]), To: calendar.Date(row["giltig_till"])})
	}
	return out
})

// table reads a file that the product carries.
func table(name string) (out []map[string]string) {
	f, err := carried.Open(name)
	if err != nil {
		panic(err)
	}
	defer func() { _ = f.Close() }()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	for _, row := range all[1:] {
		m := make(map[string]string, len(row))
		for i, v := range row {
			m[all[0][i]] = v
		}
		out = append(out, m)
	}
	return out
}

// types are the carried types that are valid on the day ("": any day) and those
// that an inventory adds, in the order of kinds. Without a day all are valid.
func types(own []string, day calendar.Date) []Type {
	var out []Type
	for _, t := range carriedTypes() {
		if day == "" || (t.From == "" || t.From <= day) && (t.To == "" || day <= t.To) {
			out = append(out, t)
		}
	}
	for _, line := range own {
		if t, err := parseType(line); err == nil {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Type) int { return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind) })
	return out
}

// parseType reads a type of one's own: "badplats: Badplats".
func parseType(line string) (Type, error) {
	code, name, ok := strings.Cut(line, ":")
	code, name = strings.TrimSpace(code), strings.TrimSpace(name)
	plain := strings.Trim(code, "abcdefghijklmnopqrstuvwxyzåäö0123456789_") == ""
	switch {
	case !ok || code == "" || name == "":
		return Type{}, fmt.Errorf("skriv kod, kolon och namn: badplats: Badplats")
	case !plain:
		return Type{}, fmt.Errorf("koden %s får ha små bokstäver, siffror och understreck", code)
	case slices.ContainsFunc(carriedTypes(), func(t Type) bool { return t.Code == code }):
		return Type{}, fmt.Errorf("typen %s finns redan", code)
	}
	return Type{Code: code, Kind: Other, Name: name}, nil
}

// Rule is a row of the dated rule data: a threshold with its validity and
// source. Nothing of it is a constant in the program.
type Rule struct {
	Name, Area, Type, What, Operator string
	Value                            float64
	Unit, People, Condition          string
	From, To                         calendar.Date
	Source, Mark                     string
}

// Confirmed tells whether the row may be shown as a fact; others are
// assumptions and are marked so.
func (r Rule) Confirmed() bool { return r.Mark == "V" }

// Holds compares a value with the row's: "more than" is strict.
func (r Rule) Holds(v float64) bool {
	switch r.Operator {
	case ">":
		return v > r.Value
	case ">=":
		return v >= r.Value
	case "<":
		return v < r.Value
	case "<=":
		return v <= r.Value
	}
	return v == r.Value
}

var carriedRules = sync.OnceValue(func() []Rule {
	list, err := parseRules(table("data/accessibility_rules.csv"))
	if err != nil {
		panic(err)
	}
	return list
})

// parseRules reads rule rows; two rows that are valid on the same day for the
// same rule and type are an error (R1).
func parseRules(rows []map[string]string) (out []Rule, err error) {
	for i, row := range rows {
		v, err := strconv.ParseFloat(row["varde"], 64)
		if err != nil {
			return nil, fail.Newf(fail.Invalid, "Rad %d: värdet %q är inget tal.", i+2, row["varde"])
		}
		r := Rule{Name: row["regel"], Area: row["omrade"], Type: row["typ"], What: row["storhet"], Operator: row["operator"], Value: v, Unit: row["enhet"], People: row["befolkning"],
			Condition: row["villkor"], From: calendar.Date(row["giltig_fran"]), To: calendar.Date(row["giltig_till"]), Source: row["kalla"], Mark: row["marke"]}
		for j, o := range out {
			if o.Name == r.Name && o.Type == r.Type && (o.To == "" || r.From <= o.To) && (r.To == "" || o.From <= r.To) {
				return nil, fail.Newf(fail.Invalid, "Regel R1: raderna %d och %d gäller samma dag för %s.", j+2, i+2, r.Name)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// ruleOn is the row of a rule that is valid on the day; false where there is
// none (R2).
func ruleOn(rules []Rule, name string, day calendar.Date) (Rule, bool) {
	for _, r := range rules {
		if r.Name == name && (r.From == "" || r.From <= day) && (r.To == "" || day <= r.To) {
			return r, true
		}
	}
	return Rule{}, false
}
