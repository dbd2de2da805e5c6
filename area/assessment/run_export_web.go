package assessment

import (
	"encoding/csv"
	"net/http"
	"strings"

	"kommunpilot/base/id"
)

func (o *Room) runInput(w http.ResponseWriter, r *http.Request) error {
	return o.download(w, r, func(x Run) string { return x.Input })
}

func (o *Room) runAnswer(w http.ResponseWriter, r *http.Request) error {
	return o.download(w, r, func(x Run) string { return x.Result })
}

// download gives the stored bytes as they are.
func (o *Room) download(w http.ResponseWriter, r *http.Request, pick func(Run) string) error {
	p, err := o.runPage(r, "selection.read")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="urval-`+id.String(p.ID)+`.json"`)
	_, err = w.Write([]byte(pick(p.Run)))
	return err
}

func (o *Room) runCSV(w http.ResponseWriter, r *http.Request) error {
	p, err := o.runPage(r, "selection.read")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="urval-`+id.String(p.ID)+`.csv"`)
	c := csv.NewWriter(w)
	rows := [][]string{{"id", "titel", "kommuner", "poang", "vald", "skal"}}
	for _, x := range p.Chosen {
		rows = append(rows, []string{id.String(x.ID), safe(x.Title), strings.Join(x.Codes, "+"), Points(x.Score), "ja", ""})
	}
	for _, x := range p.Rest {
		rows = append(rows, []string{id.String(x.ID), safe(x.Title), strings.Join(x.Codes, "+"), Points(x.Score), "nej", safe(x.Why)})
	}
	return c.WriteAll(rows)
}

// safe keeps a spreadsheet from reading a text as a formula.
func safe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
