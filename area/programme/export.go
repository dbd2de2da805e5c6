package programme

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/id"
)

// callCSV is the call's public facts as a table: one fact a line, with the part
// of the call that it belongs to. Semicolons and a byte order mark, as Swedish
// spreadsheets expect.
func (o *Room) callCSV(w http.ResponseWriter, r *http.Request) error {
	p, err := o.show(r, "call.read")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="utlysning-`+id.String(p.ID)+`.csv"`)
	if _, err := w.Write([]byte("\uFEFF")); err != nil {
		return nil //nolint:nilerr // the reader has left
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	for _, row := range p.table() {
		for i := range row {
			row[i] = inert(row[i])
		}
		if err := out.Write(row); err != nil {
			return nil //nolint:nilerr // the reader has left
		}
	}
	out.Flush()
	return nil
}

// inert keeps a spreadsheet from taking a text for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// table is the call as rows: part, key, text, value, minimum, aim, maximum, force, source.
func (p callPage) table() [][]string {
	rows := [][]string{{"del", "nyckel", "text", "värde", "minst", "mål", "högst", "styrka", "källa"}}
	add := func(part, key, text, value string, more ...string) {
		row := append([]string{part, key, text, value}, more...)
		for len(row) < len(rows[0]) {
			row = append(row, "")
		}
		rows = append(rows, row)
	}
	day := func(key string, d calendar.Date) {
		if d != "" {
			add("datum", key, "", string(d))
		}
	}
	add("utlysning", "nummer", "", id.String(p.ID))
	add("utlysning", "program", "", p.Program.Name)
	add("utlysning", "läge", "", string(p.State))
	add("utlysning", "rubrik", "", p.Title)
	add("utlysning", "beskrivning", "", p.Summary)
	add("utlysning", "syfte", "", p.Purpose)
	add("utlysning", "platser", "", show(p.Places))
	add("utlysning", "riktad", "", yesNo(p.Targeted))
	add("utlysning", "gemensamma svar", "", yesNo(p.Joint))
	add("utlysning", "formellt beslut", "", yesNo(p.FormalDecision))
	add("utlysning", "bidrag, högst procent", "", show(p.GrantShare))
	add("utlysning", "kommungruppsindelning", "", p.Edition)
	add("utlysning", "spridning", "", p.Spread)
	add("utlysning", "vid lika värde", "", p.TieRule)
	add("utlysning", "ansvarig", "", p.Responsible)
	add("utlysning", "kontakt", "", p.Contact)
	d := p.Dates
	day("publiceras", d.Publish)
	day("första dag för svar", d.Open)
	day("sista dag för svar", d.Close)
	day("bedömningen klar", d.Assessment)
	day("beslut", d.Decision)
	day("arbetet börjar", d.Start)
	day("arbetet slutar", d.End)
	day("första gemensamma mötet", d.Event)
	day("mötets dag fastställs senast", d.Fixing)
	for _, k := range p.Kinds {
		add("deltagandeform", k.ID, k.Name, k.Count, show(k.Min), show(k.Target), show(k.Max))
		for _, b := range k.Bodies {
			add("organ", k.ID, b.Name, "", show(b.Min), "", show(b.Max), string(b.Force))
		}
	}
	for _, x := range p.Offers {
		add("erbjudande", x.ID, x.Text, "", "", "", "", "", x.Source)
	}
	for _, x := range p.Requirements {
		var when []string
		for _, y := range []struct {
			at   bool
			word string
		}{{x.AtApplication, "ansökan"}, {x.AtDecision, "beslut"}, {x.AtFollowUp, "uppföljning"}} {
			if y.at {
				when = append(when, y.word)
			}
		}
		add("krav", x.ID, x.Text, strings.Join(when, ", "), "", "", "", string(Must), x.Source)
	}
	for _, x := range p.Eligibility {
		add("behörighet", x.ID, x.Text, strings.TrimSpace(x.Kind+" "+x.Param), "", "", "", string(Must), x.Source)
	}
	for _, x := range p.Criteria {
		add("kriterium", x.ID, x.Name, "steg "+strconv.Itoa(x.Step)+", vikt "+strconv.Itoa(x.Weight), show(x.Low), "", show(x.High), "", x.Source)
	}
	for _, x := range p.Quotas {
		add("kvot", x.Attribute, x.Value, x.Count, show(x.Min), "", show(x.Max), string(x.Force))
	}
	for i, code := range p.Content.Members {
		name := ""
		if i < len(p.Members) {
			name = p.Members[i]
		}
		add("kan svara", code, name, "")
	}
	for _, x := range p.Participants {
		add("deltar", strings.Join(x.Codes, "+"), x.Title, x.Detail)
	}
	for _, x := range p.Changes {
		add("ändring", x.At.UTC().Format("2006-01-02"), x.Motive, "")
	}
	return rows
}

func yesNo(b bool) string {
	if b {
		return "ja"
	}
	return "nej"
}
