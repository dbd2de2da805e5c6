package programme

import (
	"fmt"
	"strconv"
	"strings"

	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
)

// readMembers reads a list of municipalities as people have it: codes or names
// on lines of their own or in a row, or a table pasted from a spreadsheet in
// which one cell of each line is a code or a name. A line in which nothing is
// known is told by its number.
func readMembers(text string, register *kommun.Register) (codes []string, problems []fail.Field) {
	seen := map[string]bool{}
	var wrong []string
	add := func(code string) {
		if !seen[code] {
			seen[code] = true
			codes = append(codes, code)
		}
	}
	for n, line := range strings.Split(text, "\n") {
		found := false
		for _, cell := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(";,\t", r) }) {
			if list, ok := known(strings.Trim(cell, " \"\u00a0"), register); ok {
				found = true
				for _, code := range list {
					add(code)
				}
			}
		}
		if line = strings.TrimSpace(line); !found && line != "" && !heading(line) {
			wrong = append(wrong, fmt.Sprintf("rad %d (%s)", n+1, line))
		}
	}
	if len(wrong) > 0 {
		problems = append(problems, fail.Field{Name: "members", Message: "Registret känner inte till " + strings.Join(wrong[:min(len(wrong), 10)], ", ") + ". Skriv kommunens namn eller kod."})
	}
	return codes, problems
}

// known finds the municipalities of a cell: a code, a name, or codes in a row.
func known(cell string, register *kommun.Register) ([]string, bool) {
	if cell == "" {
		return nil, false
	}
	name := strings.TrimSuffix(cell, " kommun")
	for _, k := range register.Search(name, 5) {
		if strings.EqualFold(k.Name, name) || strings.EqualFold(k.FullName, cell) || k.Code == cell {
			return []string{k.Code}, true
		}
	}
	var codes []string
	for _, word := range strings.Fields(cell) {
		if _, err := strconv.Atoi(word); err != nil || len(word) != 4 {
			return nil, false
		}
		codes = append(codes, word) // that the code is in use is checked with the call
	}
	return codes, len(codes) > 0
}

// heading tells whether a line is a table's heads.
func heading(line string) bool {
	l := strings.ToLower(line)
	return strings.Contains(l, "kommunkod") || strings.Contains(l, "kommunnamn") || l == "kommun" || strings.HasPrefix(l, "kod")
}

// bodiesText writes the bodies of a kind as the editor shows them, one a line:
// "kommunstyrelsens arbetsutskott: 2–4".
func bodiesText(list []Body) string {
	var out []string
	for _, b := range list {
		out = append(out, fmt.Sprintf("%s: %d–%d", b.Name, b.Min, b.Max))
	}
	return strings.Join(out, "\n")
}

// readBodies reads what bodiesText writes. A body that was there keeps its
// force; a new one is an aim.
func readBodies(field, text string, old []Body) (list []Body, problems []fail.Field) {
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		i := strings.LastIndex(line, ":")
		b := Body{Force: Aim}
		ok := i > 0
		if ok {
			b.Name = strings.TrimSpace(line[:i])
			low, high, ranged := strings.Cut(strings.NewReplacer("–", "-", " ", "").Replace(line[i+1:]), "-")
			var err1, err2 error
			b.Min, err1 = strconv.Atoi(low)
			b.Max = b.Min
			if ranged {
				b.Max, err2 = strconv.Atoi(high)
			}
			ok = err1 == nil && err2 == nil && b.Min >= 0 && b.Max >= b.Min
		}
		if !ok {
			problems = append(problems, fail.Field{Name: field, Message: fmt.Sprintf("Rad %d: skriv organet, kolon och hur många, till exempel kommunstyrelsens arbetsutskott: 2–4.", n+1)})
			continue
		}
		for _, x := range old {
			if x.Name == b.Name {
				b.Force = x.Force
			}
		}
		list = append(list, b)
	}
	return list, problems
}
