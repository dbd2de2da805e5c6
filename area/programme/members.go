package programme

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
)

// memberFile is the field of the file with the municipalities that can answer.
const memberFile = "memberfile"

// maxMembers bounds the lines of a member list, maxLines what is said of it.
const (
	maxMembers = 1000
	maxLines   = 20
)

// readMemberFile puts the municipalities of an uploaded list into the form's
// field, in place of what stood there. No file changes nothing.
func readMemberFile(r *http.Request, f web.Form, register *kommun.Register) error {
	if r.MultipartForm == nil || len(r.MultipartForm.File[memberFile]) == 0 {
		return nil
	}
	file, err := r.MultipartForm.File[memberFile][0].Open()
	if err != nil {
		return fmt.Errorf("programme: member list: %w", err)
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("programme: member list: %w", err)
	}
	codes, faults := readMembers(b, register)
	if err := fail.Fields(faults...); err != nil {
		return err
	}
	f.Values.Set("members", strings.Join(codes, " "))
	return nil
}

// readMembers reads a list of municipalities: one a line, by code or by name.
// With a head line the column is found by its name (kommunkod, kod, kommun,
// namn); without one it is the first. Comma, semicolon or tab; UTF-8 with or
// without byte order mark. What is wrong is said with its line.
func readMembers(b []byte, register *kommun.Register) (codes []string, faults []fail.Field) {
	rows, lines, err := memberRows(b)
	if err != nil {
		return nil, []fail.Field{{Name: memberFile, Message: err.Error()}}
	}
	column := 0
	if len(rows) > 0 {
		if c := memberColumn(rows[0]); c >= 0 {
			column, rows, lines = c, rows[1:], lines[1:]
		}
	}
	known := memberNames(register)
	first := map[string]int{}
	for i, row := range rows {
		word := ""
		if column < len(row) {
			word = strings.TrimSpace(row[column])
		}
		code, what := memberCode(word, known, register)
		if before := first[code]; what == "" && before > 0 {
			what = fmt.Sprintf("%s finns redan på rad %d.", word, before)
		}
		if what != "" {
			faults = append(faults, fail.Field{Name: memberFile, Message: fmt.Sprintf("Rad %d: %s", lines[i], what)})
			continue
		}
		first[code] = lines[i]
		codes = append(codes, code)
	}
	if len(codes)+len(faults) == 0 {
		faults = append(faults, fail.Field{Name: memberFile, Message: "Filen har inga kommuner. Skriv en kommun på varje rad, med kod eller namn."})
	}
	if n := len(faults); n > maxLines {
		faults = append(faults[:maxLines], fail.Field{Name: memberFile, Message: fmt.Sprintf("Och %d rader till.", n-maxLines)})
	}
	return codes, faults
}

// memberRows splits the file in rows that hold anything, with their lines.
func memberRows(b []byte) (rows [][]string, lines []int, err error) {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	if !utf8.Valid(b) || bytes.ContainsRune(b, 0) {
		return nil, nil, errors.New("Filen är ingen text i UTF-8. Spara den som CSV UTF-8 i kalkylprogrammet.") //nolint:revive // a sentence for the person
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	head, _, _ := bytes.Cut(b, []byte("\n"))
	for _, c := range ";\t" {
		if bytes.ContainsRune(head, c) {
			r.Comma = c
			break
		}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, nil, fmt.Errorf("Rad %d: citattecknen går inte ihop.", bad.Line) //nolint:revive // a sentence for the person
		}
		if err != nil {
			return nil, nil, err
		}
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		if len(rows) > maxMembers {
			return nil, nil, fmt.Errorf("Filen har fler än %d rader. Det finns 290 kommuner.", maxMembers) //nolint:revive // a sentence for the person
		}
		line, _ := r.FieldPos(0)
		rows, lines = append(rows, row), append(lines, line)
	}
}

// memberColumn is the column that a head line names, or -1.
func memberColumn(row []string) int {
	for _, name := range []string{"kommunkod", "kod", "code", "kommun", "namn", "kommunnamn", "municipality", "name"} {
		if i := slices.IndexFunc(row, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) }); i >= 0 {
			return i
		}
	}
	return -1
}

// memberNames are the names of today's municipalities, short and full.
func memberNames(register *kommun.Register) map[string]string {
	out := map[string]string{}
	for _, k := range register.All() {
		for _, name := range []string{k.Name, k.FullName, k.Name + " kommun", k.Name + "s kommun", k.Name + " stad", k.Name + "s stad"} {
			if name != "" {
				out[strings.ToLower(name)] = k.Code
			}
		}
	}
	return out
}

// memberCode is the code of a word of the list, or what is wrong with it and
// how to mend it.
func memberCode(word string, names map[string]string, register *kommun.Register) (code, what string) {
	if word == "" {
		return "", "kommunen saknas."
	}
	if k, ok := register.ByCode(word); ok {
		if k.ValidTo == "" {
			return k.Code, ""
		}
		var now []string
		for _, x := range register.Today(word) {
			now = append(now, x.Code+" "+x.Name)
		}
		return "", fmt.Sprintf("koden %s (%s) gäller inte längre. Området hör nu till %s.", word, k.Name, strings.Join(now, ", "))
	}
	if code, ok := names[strings.ToLower(word)]; ok {
		return code, ""
	}
	if k, ok := register.ByCode("0" + word); ok {
		return "", fmt.Sprintf("%q är ingen kommunkod. Menas 0%s, %s? Kalkylprogram tar bort inledande nollor; formatera kolumnen som text.", word, word, k.Name)
	}
	if hits := register.Search(strings.TrimSuffix(word, " kommun"), 1); len(hits) > 0 {
		return "", fmt.Sprintf("%q finns inte i registret. Menas %s, %s?", word, hits[0].Code, hits[0].Name)
	}
	return "", fmt.Sprintf("%q finns inte i registret. Skriv kommunens kod med fyra siffror eller dess namn.", word)
}
