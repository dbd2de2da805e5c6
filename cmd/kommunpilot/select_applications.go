package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/selection"
)

// applicationReader reads applications.csv.
type applicationReader struct {
	file     string
	register *kommun.Register
	lottery  bool // scores play no part and may be missing
	faults   faults
	columns  []string       // the columns that are attributes
	lines    map[string]int // line of each id
}

func (r *applicationReader) fault(line int, what, mend string) {
	r.faults = append(r.faults, fault{File: r.file, Line: line, What: what, Mend: mend})
}

// read reads the file. Comma, semicolon or tab between the fields, a byte
// order mark, CRLF and decimal comma are all accepted, since spreadsheets in
// Swedish write them.
func (r *applicationReader) read(b []byte) (apps []selection.Application) {
	r.lines = map[string]int{}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if !utf8.Valid(b) {
		line := 1
		for rest := b; len(rest) > 0; {
			c, n := utf8.DecodeRune(rest)
			if c == utf8.RuneError && n == 1 {
				break
			}
			if c == '\n' {
				line++
			}
			rest = rest[n:]
		}
		r.fault(line, "filen är inte UTF-8", "Spara den som \"CSV UTF-8\"")
		return nil
	}
	reader := csv.NewReader(bytes.NewReader(b))
	reader.Comma = separator(b)
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if err != nil {
		r.fault(1, "filen är tom", "Första raden ska vara id,municipalities,score")
		return nil
	}
	if !r.header(header) {
		return nil
	}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			r.fault(parse.Line, "raden går inte att läsa: "+parse.Err.Error(), "Citattecken inne i ett fält skrivs dubbelt")
			return apps
		}
		line, _ := reader.FieldPos(0)
		if strings.TrimSpace(strings.Join(record, "")) == "" {
			continue
		}
		if app, ok := r.row(line, header, record); ok {
			apps = append(apps, app)
		}
	}
	if len(apps) == 0 && len(r.faults) == 0 {
		r.fault(2, "det finns inga ansökningar", "Lägg en ansökan per rad under rubrikraden")
	}
	return apps
}

// separator is the most common of the three in the first line.
func separator(b []byte) rune {
	first, _, _ := bytes.Cut(b, []byte("\n"))
	best := ','
	for _, c := range ";\t" {
		if strings.Count(string(first), string(c)) > strings.Count(string(first), string(best)) {
			best = c
		}
	}
	return best
}

func (r *applicationReader) header(header []string) bool {
	seen := map[string]bool{}
	for i, h := range header {
		header[i] = strings.TrimSpace(h)
		if low := strings.ToLower(header[i]); slices.Contains([]string{"id", "municipalities", "score"}, low) {
			header[i] = low
		}
		h = header[i]
		switch {
		case h == "":
			r.fault(1, fmt.Sprintf("kolumn %d saknar rubrik", i+1), "Ge den ett namn eller ta bort den")
		case seen[h]:
			r.fault(1, fmt.Sprintf("rubriken %q finns två gånger", h), "Döp om den ena")
		}
		seen[h] = true
		if h != "id" && h != "municipalities" && h != "score" {
			r.columns = append(r.columns, h)
		}
	}
	for _, h := range []string{"id", "municipalities", "score"} {
		if !seen[h] && (h != "score" || !r.lottery) {
			r.fault(1, fmt.Sprintf("kolumnen %q saknas", h), "Första raden ska vara id,municipalities,score och sedan egna kolumner")
		}
	}
	return len(r.faults) == 0
}

func (r *applicationReader) row(line int, header, record []string) (app selection.Application, ok bool) {
	before := len(r.faults)
	if len(record) != len(header) {
		r.fault(line, fmt.Sprintf("raden har %d fält, rubrikraden %d", len(record), len(header)), "Ett decimalkomma i en kommaseparerad fil ska stå inom citattecken")
		return app, false
	}
	for i, h := range header {
		value := strings.TrimSpace(record[i])
		switch h {
		case "id":
			app.ID = value
			if value == "" {
				r.fault(line, "id saknas", "Ge ansökan ett eget id")
			} else if first, twice := r.lines[value]; twice {
				r.fault(line, fmt.Sprintf("id %q finns redan på rad %d", value, first), "Varje ansökan har ett eget id")
			} else {
				r.lines[value] = line
			}
		case "municipalities":
			r.municipalities(line, value, &app)
		case "score":
			r.score(line, value, &app)
		default:
			if app.Attributes == nil {
				app.Attributes = map[string]string{}
			}
			app.Attributes[h] = value
		}
	}
	return app, len(r.faults) == before
}

func (r *applicationReader) score(line int, value string, app *selection.Application) {
	if value == "" && r.lottery {
		return
	}
	d, err := selection.ParseDecimal(value)
	switch {
	case value == "":
		r.fault(line, "poäng saknas", "Skriv ett tal, 0 om ansökan inte fått några poäng")
	case err != nil:
		r.fault(line, fmt.Sprintf("poängen %q är %v", value, err), "Skriv till exempel 7.25 eller 7,25")
	}
	app.Score = d
}

func (r *applicationReader) municipalities(line int, value string, app *selection.Application) {
	if value == "" {
		r.fault(line, "kommun saknas", "Skriv en kommunkod, eller flera med + mellan: 1983+1984+1960")
		return
	}
	for code := range strings.SplitSeq(value, "+") {
		code = strings.TrimSpace(code)
		k, known := r.register.ByCode(code)
		if !known {
			mend := "En kommunkod har fyra siffror, till exempel 1983"
			if zero, ok := r.register.ByCode("0" + code); ok {
				mend = fmt.Sprintf("Menas 0%s, %s? Kalkylprogram tar bort inledande nollor; formatera kolumnen som text", code, zero.Name)
			} else if hits := r.register.Search(code, 1); len(code) > 3 && len(hits) > 0 {
				mend = fmt.Sprintf("Menas %s, %s?", hits[0].Code, hits[0].Name)
			}
			r.fault(line, fmt.Sprintf("kommun %q finns inte", code), mend)
			continue
		}
		if slices.ContainsFunc(app.Municipalities, func(m selection.Municipality) bool { return m.Code == code }) {
			r.fault(line, fmt.Sprintf("kommun %s finns två gånger i ansökan", code), "Skriv varje kommun en gång")
			continue
		}
		app.Municipalities = append(app.Municipalities, selection.Municipality{Code: code, Attributes: map[string]string{"name": k.Name}})
	}
}

// attributes gives the municipalities those values of the register that the
// rules ask for, so that the input's hash depends on nothing else.
func (r *applicationReader) attributes(apps []selection.Application, rules selection.Rules) {
	names := []string{}
	for _, q := range rules.Quotas {
		names = append(names, q.Attribute)
	}
	if rules.Spread != nil && rules.Spread.Attribute != "" {
		names = append(names, rules.Spread.Attribute)
	}
	for _, a := range apps {
		for _, m := range a.Municipalities {
			k, _ := r.register.ByCode(m.Code)
			for _, name := range names {
				if v, ok := k.Attribute(name); ok {
					m.Attributes[name] = v
				}
			}
		}
	}
}
