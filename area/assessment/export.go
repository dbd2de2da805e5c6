package assessment

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"kommunpilot/base/id"
)

// sheet is one sheet of a workbook: a name and rows of texts and numbers.
type sheet struct {
	name string
	rows [][]any
}

// runXLSX gives the run as a workbook: who was selected and why not the others,
// the quotas, what it was computed from, and a lottery's chances and panels.
func (o *Room) runXLSX(w http.ResponseWriter, r *http.Request) error {
	p, err := o.protocolPage(r)
	if err != nil {
		return err
	}
	book, err := workbook(p.sheets())
	if err != nil {
		return err
	}
	defer func() { _ = book.Close() }()
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="urval-`+id.String(p.ID)+`.xlsx"`)
	_, _ = book.WriteTo(w) // the reader may have left
	return nil
}

// workbook writes the sheets. Texts are written as texts, so that nothing is a formula.
func workbook(sheets []sheet) (*excelize.File, error) {
	book := excelize.NewFile()
	for i, s := range sheets {
		if i == 0 {
			if err := book.SetSheetName("Sheet1", s.name); err != nil {
				return nil, fmt.Errorf("assessment: sheet: %w", err)
			}
		} else if _, err := book.NewSheet(s.name); err != nil {
			return nil, fmt.Errorf("assessment: sheet: %w", err)
		}
		out, err := book.NewStreamWriter(s.name)
		if err != nil {
			return nil, fmt.Errorf("assessment: sheet: %w", err)
		}
		for k, row := range s.rows {
			for c, v := range row {
				if text, ok := v.(string); ok {
					row[c] = cut(text)
				}
			}
			if err := out.SetRow("A"+strconv.Itoa(k+1), row); err != nil {
				return nil, fmt.Errorf("assessment: row %d: %w", k+1, err)
			}
		}
		if err := out.Flush(); err != nil {
			return nil, fmt.Errorf("assessment: sheet: %w", err)
		}
	}
	return book, nil
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

// sheets are the protocol as tables.
func (p protocolPage) sheets() []sheet {
	all := sheet{"Urvalet", [][]any{{"Nummer", "Svar", "Kommunkoder", "Poäng", "I körningen", "Beslutat", "Skäl", "Motiv för avvikelse"}}}
	for _, x := range p.Rows {
		all.rows = append(all.rows, []any{int64(x.ID), x.Title, strings.Join(x.Codes, "+"), float64(x.Score) / scale, x.Run, x.Outcome.Outcome, x.Reason, x.Deviation})
	}
	quotas := sheet{"Kvoter", [][]any{{"Kvot", "Valda"}}}
	for _, q := range p.Quotas {
		quotas.rows = append(quotas.rows, []any{q.Text, q.Now})
	}
	about := sheet{"Körningen", [][]any{{"Uppgift", "Värde"}}}
	for _, f := range p.Facts {
		about.rows = append(about.rows, []any{f.Term, f.Value})
	}
	out := []sheet{all, quotas, about}
	if p.Answer != nil && p.Answer.Draw != nil {
		chances := sheet{"Chanser", [][]any{{"Nummer", "Svar", "Chans", "Ungefär"}}}
		for _, x := range p.Answer.Probabilities {
			chances.rows = append(chances.rows, []any{x.ID, p.Words.title(x.ID), x.Probability, decimal(x.Decimal)})
		}
		panels := sheet{"Paneler", [][]any{{"Panel", "Sannolikhet", "Ungefär", "Svar", "Dragen"}}}
		for k, x := range p.Answer.Panels {
			drawn := ""
			if k == p.Answer.Drawn {
				drawn = "ja"
			}
			panels.rows = append(panels.rows, []any{k + 1, x.Weight, decimal(x.Decimal), strings.Join(x.IDs, ", "), drawn})
		}
		out = append(out, chances, panels)
	}
	return out
}

func decimal(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64) // the engine's own decimal
	return f
}
