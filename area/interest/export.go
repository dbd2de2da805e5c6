package interest

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
)

// table is a call's applications as heads and rows, one application a row.
func (v listView) table() (heads []string, rows [][]string) {
	heads = []string{"Nummer", "Läge", "Sökande", "Kommunkoder", "Län", "Huvudgrupper", "Deltagandeformer", "Utfall", "Inlämnad", "Undertecknad av", "Diarienummer", "Kontaktperson", "E-post", "Kostnad (kr)", "Bidrag (kr)", "Egen del (kr)", "Bilagor"}
	for _, q := range v.call.Questions {
		heads = append(heads, q.Label)
	}
	for _, r := range v.call.Requirements {
		heads = append(heads, "Åtagande: "+r.Text)
	}
	heads = append(heads, "Deltagare")
	for _, a := range v.list {
		rows = append(rows, a.cells(v.call))
	}
	return heads, rows
}

// cells is an application as a row.
func (a Application) cells(c Call) []string {
	var counties, groups, kinds, outcomes, people []string
	for _, x := range a.Members() {
		counties, groups = append(counties, x.County), append(groups, x.MainGroup)
	}
	for _, k := range a.Kinds {
		kinds = append(kinds, k.ID)
		if k.Outcome != "" {
			outcomes = append(outcomes, k.ID+": "+string(k.Outcome))
		}
	}
	for _, p := range a.Sections.Participants {
		people = append(people, joined(p.Kind, p.Name, p.Title, p.Role, p.Body, p.Kommun))
	}
	first := ContactPerson{}
	if len(a.Sections.Contact.People) > 0 {
		first = a.Sections.Contact.People[0]
	}
	b := a.Sections.Budget
	out := []string{id.String(a.ID), string(a.State), a.Name(), strings.Join(a.Municipalities(), "+"), strings.Join(counties, "+"), strings.Join(groups, "+"),
		strings.Join(kinds, ", "), strings.Join(outcomes, ", "), stamp(a.Submitted), a.SignedName, a.Sections.Contact.Reference,
		joined(first.Name, first.Title), first.Email, plainKronor(b.Total()), plainKronor(b.Grant), plainKronor(b.Own), strconv.Itoa(len(a.Attachments))}
	for _, q := range c.Questions {
		out = append(out, a.Sections.Answers[q.ID])
	}
	for _, r := range c.Requirements {
		s := "nej"
		if x := a.Sections.Commitments[r.ID]; x.Yes {
			s = "ja"
		}
		out = append(out, joined(s, a.Sections.Commitments[r.ID].How))
	}
	return append(out, strings.Join(people, "; "))
}

// stamp writes a moment in Swedish time, so that a spreadsheet can sort it.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(calendar.Stockholm).Format("2006-01-02 15:04")
}

// plainKronor writes öre as kronor for a spreadsheet: 1234,50.
func plainKronor(ore int64) string { return fmt.Sprintf("%d,%02d", ore/100, ore%100) }

// inert keeps a spreadsheet from taking a text for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func attachmentHeader(w http.ResponseWriter, kind, name string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// exportCSV writes semicolons and a byte order mark, as Swedish spreadsheets expect.
func (n *Room) exportCSV(w http.ResponseWriter, r *http.Request) error {
	v, err := n.listed(r, "application.export")
	if err != nil {
		return err
	}
	attachmentHeader(w, "text/csv; charset=utf-8", "intresseanmalningar-"+id.String(v.call.ID)+".csv")
	if _, err := w.Write([]byte("\uFEFF")); err != nil {
		return nil //nolint:nilerr // the reader has left
	}
	heads, rows := v.table()
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	for _, row := range append([][]string{heads}, rows...) {
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

// exportXLSX writes every value as text, so that nothing is a formula.
func (n *Room) exportXLSX(w http.ResponseWriter, r *http.Request) error {
	v, err := n.listed(r, "application.export")
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	const sheet = "Intresseanmälningar"
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return fmt.Errorf("interest: sheet: %w", err)
	}
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return fmt.Errorf("interest: sheet: %w", err)
	}
	heads, rows := v.table()
	for i, row := range append([][]string{heads}, rows...) {
		cells := make([]any, len(row))
		for k, s := range row {
			cells[k] = cut(s)
		}
		if err := out.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return fmt.Errorf("interest: row %d: %w", i+1, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("interest: sheet: %w", err)
	}
	attachmentHeader(w, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "intresseanmalningar-"+id.String(v.call.ID)+".xlsx")
	_, _ = book.WriteTo(w) // the reader may have left
	return nil
}

// cut holds a text to what a cell can hold, and drops what XML cannot.
func cut(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > excelize.TotalCellChars {
		return string(runes[:excelize.TotalCellChars])
	}
	return s
}

// exported is an application with everything, for JSON.
type exported struct {
	Application
	Events         []Event
	Decisions      []Decision
	Participations []Participation
	Eligibility    *Eligibility
	Completions    []Completion
}

func (n *Room) exportJSON(w http.ResponseWriter, r *http.Request) error {
	v, err := n.listed(r, "application.export")
	if err != nil {
		return err
	}
	ctx := r.Context()
	out := []exported{}
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		for _, a := range v.list {
			x := exported{Application: a}
			if x.Events, err = events(ctx, q, a.ID); err != nil {
				return err
			}
			if x.Decisions, err = n.Decisions(ctx, q, a.ID); err != nil {
				return err
			}
			if x.Participations, err = participationsOf(ctx, q, a.ID); err != nil {
				return err
			}
			if x.Eligibility, err = eligibilityOf(ctx, q, a.ID); err != nil {
				return err
			}
			if x.Completions, err = completions(ctx, q, a.ID); err != nil {
				return err
			}
			out = append(out, x)
		}
		return nil
	})
	if err != nil {
		return err
	}
	attachmentHeader(w, "application/json; charset=utf-8", "intresseanmalningar-"+id.String(v.call.ID)+".json")
	_ = json.NewEncoder(w).Encode(map[string]any{"call": v.call.ID, "title": v.call.Title, "edition": v.call.Edition, "applications": out}) // the reader may have left
	return nil
}
