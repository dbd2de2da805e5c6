package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/selection"
)

// rulesReader reads rules.toml.
type rulesReader struct {
	file, text string
	apps       *applicationReader
	list       []selection.Application
	seed       string
	register   *kommun.Register
	faults     faults
}

func (r *rulesReader) fault(line int, what, mend string) {
	r.faults = append(r.faults, fault{File: r.file, Line: line, What: what, Mend: mend})
}

// line finds the line of a key: in the n-th table of that name, or before any
// table when table is "". It is 1 when the key is not there.
func (r *rulesReader) line(table string, n int, key string) int {
	current, seen, start := "", -1, 1
	for i, l := range strings.Split(r.text, "\n") {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "[") {
			current = strings.Trim(strings.SplitN(l, "]", 2)[0], "[ ")
			if current == table {
				seen++
				if seen == n {
					start = i + 1
				}
			}
			continue
		}
		name, _, isKey := strings.Cut(l, "=")
		here := table == "" && current == "" || current == table && seen == n
		if isKey && here && strings.Trim(strings.TrimSpace(name), `"'`) == key {
			return i + 1
		}
	}
	return start
}

// read reads the rules and reports everything that is wrong in them.
func (r *rulesReader) read(b []byte) (rules selection.Rules) {
	var doc map[string]any
	if _, err := toml.Decode(strings.TrimPrefix(string(b), "\ufeff"), &doc); err != nil {
		var parse toml.ParseError
		if errors.As(err, &parse) {
			r.fault(parse.Position.Line, "filen går inte att läsa som TOML: "+parse.Message, "Text ska stå inom citattecken, listor inom hakparenteser")
		} else {
			r.fault(1, err.Error(), "")
		}
		return rules
	}
	for _, key := range slices.Sorted(maps.Keys(doc)) {
		value, line := doc[key], r.line("", 0, key)
		switch key {
		case "places":
			rules.Places = r.whole(line, key, value)
			if rules.Places < 1 {
				r.fault(line, "places ska vara minst 1", "Skriv till exempel places = 13")
			}
		case "must":
			rules.Must = r.ids(line, key, value)
		case "never":
			rules.Never = r.ids(line, key, value)
		case "tie":
			rules.Order = r.tie(line, value)
		case "quota":
			rules.Quotas = r.quotas(value)
		case "spread":
			rules.Spread = r.spread(value)
		default:
			r.fault(line, fmt.Sprintf("okänd regel %q", key), "Reglerna är places, must, never, tie, [[quota]] och [spread]")
		}
	}
	if _, given := doc["places"]; !given {
		r.fault(1, "places saknas", "Skriv till exempel places = 13")
	}
	return rules
}

func (r *rulesReader) whole(line int, key string, value any) int {
	n, ok := value.(int64)
	if !ok || n < 0 || n > 1_000_000 {
		r.fault(line, key+" ska vara ett heltal, 0 eller mer", "Skriv talet utan citattecken och decimaler")
		return 1
	}
	return int(n)
}

func (r *rulesReader) ids(line int, key string, value any) (ids []string) {
	list, ok := value.([]any)
	if !ok {
		r.fault(line, key+" ska vara en lista", `Skriv till exempel `+key+` = ["a1", "a2"]`)
		return nil
	}
	for _, v := range list {
		id, ok := v.(string)
		if !ok {
			id = fmt.Sprint(v)
		}
		if _, known := r.apps.lines[id]; !known {
			r.fault(line, fmt.Sprintf("%s: ansökan %q finns inte i %s", key, id, r.apps.file), "Rätta id eller ta bort det")
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

// tie is "id" (the order of the ids), "lot" (an order by the seed) or a list of ids.
func (r *rulesReader) tie(line int, value any) []string {
	switch value {
	case "id":
		return nil
	case "lot":
		if r.seed == "" {
			r.fault(line, `tie = "lot" behöver ett frö`, "Ge --seed N")
			return nil
		}
		var ids []string
		for _, a := range r.list {
			ids = append(ids, a.ID)
		}
		slices.Sort(ids)
		return selection.OrderByLot(ids, r.seed)
	}
	return r.ids(line, "tie", value)
}

func (r *rulesReader) quotas(value any) (out []selection.Quota) {
	list, ok := value.([]map[string]any)
	if !ok {
		r.fault(r.line("quota", 0, ""), "quota ska skrivas [[quota]]", "Dubbla hakparenteser, en gång per kvot")
		return nil
	}
	for n, table := range list {
		q := selection.Quota{Count: selection.CountMunicipalities}
		before := len(r.faults)
		for _, key := range slices.Sorted(maps.Keys(table)) {
			line := r.line("quota", n, key)
			switch v := table[key]; key {
			case "attribute":
				q.Attribute = r.text1(line, key, v)
			case "value":
				q.Value = r.text1(line, key, v)
			case "min", "max":
				limit := r.whole(line, key, v)
				if key == "min" {
					q.Min = &limit
				} else {
					q.Max = &limit
				}
			case "count":
				q.Count = selection.Count(r.text1(line, key, v))
				if q.Count != selection.CountMunicipalities && q.Count != selection.CountApplications {
					r.fault(line, fmt.Sprintf("count kan inte vara %q", q.Count), `Skriv "municipalities" eller "applications"`)
				}
			default:
				r.fault(line, fmt.Sprintf("okänt fält %q i kvoten", key), "Fälten är attribute, value, min, max och count")
			}
		}
		if len(r.faults) == before {
			r.quota(n, table, &q)
		}
		out = append(out, q)
	}
	return out
}

// quota checks a quota as a whole and puts the county's code for its name.
func (r *rulesReader) quota(n int, table map[string]any, q *selection.Quota) {
	start := r.line("quota", n, "")
	for _, key := range []string{"attribute", "value"} {
		if _, given := table[key]; !given {
			r.fault(start, "kvoten saknar "+key, `Skriv till exempel attribute = "county" och value = "19"`)
			return
		}
	}
	if q.Min == nil && q.Max == nil {
		r.fault(start, "kvoten har varken min eller max", "Ange minst ett av dem")
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		r.fault(r.line("quota", n, "min"), fmt.Sprintf("min %d är större än max %d", *q.Min, *q.Max), "Sänk min eller höj max")
	}
	if !r.attribute(r.line("quota", n, "attribute"), q.Attribute) {
		return
	}
	q.Value = r.county(q.Attribute, q.Value)
	held := false
	for _, a := range r.list {
		for _, m := range a.Municipalities {
			held = held || r.valueOf(a, m, q.Attribute) == q.Value
		}
	}
	if !held {
		r.faults = append(r.faults, fault{File: r.file, Line: r.line("quota", n, "value"), Warning: true,
			What: fmt.Sprintf("ingen ansökan har %s %q", q.Attribute, q.Value), Mend: "Kvoten räknas ändå; se efter att värdet är rättstavat"})
	}
}

func (r *rulesReader) valueOf(a selection.Application, m selection.Municipality, attribute string) string {
	if v, own := a.Attributes[attribute]; own {
		return v
	}
	k, _ := r.register.ByCode(m.Code)
	v, _ := k.Attribute(attribute)
	return v
}

func (r *rulesReader) attribute(line int, name string) bool {
	if slices.Contains(r.apps.columns, name) || slices.Contains(kommun.Attributes(), name) {
		return true
	}
	r.fault(line, fmt.Sprintf("okänt attribut %q", name), "Det ska vara en kolumn i filen eller ett av "+strings.Join(kommun.Attributes(), ", "))
	return false
}

// county turns a county's name ("Västmanlands län", "Västmanland") or a code
// without its zero into the code, unless the file has a column of its own.
func (r *rulesReader) county(attribute, value string) string {
	if attribute != "county" || slices.Contains(r.apps.columns, "county") {
		return value
	}
	for _, c := range r.register.Counties() {
		short := strings.TrimSuffix(c.Name, " län")
		if strings.EqualFold(value, c.Name) || strings.EqualFold(value, short) || strings.EqualFold(value, strings.TrimSuffix(short, "s")) || "0"+value == c.Code {
			return c.Code
		}
	}
	return value
}

// text1 is a text; a number is taken as its digits.
func (r *rulesReader) text1(line int, key string, value any) string {
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	r.fault(line, key+" ska vara en text", "Skriv den inom citattecken")
	return ""
}

func (r *rulesReader) spread(value any) *selection.Spread {
	table, ok := value.(map[string]any)
	if !ok {
		r.fault(r.line("spread", 0, ""), "spread ska skrivas [spread]", "")
		return nil
	}
	s := &selection.Spread{}
	for _, key := range slices.Sorted(maps.Keys(table)) {
		line := r.line("spread", 0, key)
		switch v := table[key]; key {
		case "objective":
			s.Objective = r.text1(line, key, v)
		case "attribute":
			s.Attribute = r.text1(line, key, v)
		case "give_up":
			text := fmt.Sprint(v)
			if f, ok := v.(float64); ok {
				text = strconv.FormatFloat(f, 'f', -1, 64)
			}
			d, err := selection.ParseDecimal(text)
			if err != nil || strings.HasPrefix(text, "-") {
				r.fault(line, fmt.Sprintf("give_up %q är inte ett tal från 0 och uppåt", text), "Skriv till exempel give_up = 1.5")
			}
			s.GiveUp = d
		default:
			r.fault(line, fmt.Sprintf("okänt fält %q i [spread]", key), "Fälten är objective, attribute och give_up")
		}
	}
	line := r.line("spread", 0, "objective")
	switch s.Objective {
	case "counties":
		s.Objective, s.Attribute = selection.SpreadCover, "county"
	case selection.SpreadCover:
		if s.Attribute == "" {
			r.fault(line, "cover behöver attribute", `Skriv till exempel attribute = "landsdel"`)
		} else {
			r.attribute(r.line("spread", 0, "attribute"), s.Attribute)
		}
	case selection.SpreadMinDistance:
	default:
		r.fault(line, fmt.Sprintf("okänt spridningsmål %q", s.Objective), `Skriv "counties", "cover" eller "min_distance"`)
	}
	return s
}
