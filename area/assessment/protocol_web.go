package assessment

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/paper"
	"kommunpilot/base/web"
)

// protocol is the run as a document: what went in, what came out, the proof,
// everyone's reason, and how anybody can check it.
func (o *Room) protocol(ctx context.Context, p runPage) (paper.Document, error) {
	t := func(sv string, args ...any) string { return web.T(ctx, sv, args...) }
	d := paper.Document{Lang: web.Lang(ctx), Title: t("Protokoll över urval %d", p.ID), Subtitle: p.Of.Title + ": " + p.KindName, Facts: []paper.Fact{
		{Term: t("Metod"), Value: methodText(ctx, p.Method)}, {Term: t("Läge"), Value: t(string(p.State))}, {Term: t("Gjord"), Value: web.DateTime(ctx, p.Created)}, {Term: t("Av"), Value: p.By},
		{Term: t("Kommungruppsindelning"), Value: p.Of.Edition}, {Term: t("Underlagets kontrollsumma (SHA-256)"), Value: p.InputHash}, {Term: t("Beräkning"), Value: p.Engine},
	}}
	rules := paper.Part{Head: t("Reglerna"), List: []string{t("%d platser", p.Problem.Rules.Places)}}
	for _, q := range p.Problem.Rules.Quotas {
		rules.List = append(rules.List, quotaText(ctx, q.Min, q.Max, q.Label, string(q.Count)))
	}
	for _, x := range p.Overrides {
		rules.List = append(rules.List, t("Åsidosatt mål: %s. %s", x.Quota, x.Motive))
	}
	d.Parts = append(d.Parts, rules)
	if p.Answer == nil {
		d.Parts = append(d.Parts, paper.Part{Head: t("Lottningen är bunden men inte dragen"), Text: []string{t("Bindning: %s", p.Commitment)}})
		return d, nil
	}
	d.Parts = append(d.Parts, paper.Part{Head: t("Utfall"), Text: p.proofText(ctx)})
	chosen := &paper.Table{Caption: t("Valda"), Heads: []string{t("Nummer"), t("Svar"), t("Kommuner"), t("Poäng")}}
	for _, x := range p.Chosen {
		chosen.Rows = append(chosen.Rows, []string{id.String(x.ID), x.Title, strings.Join(x.Codes, ", "), Points(x.Score)})
	}
	rest := &paper.Table{Caption: t("Inte valda, och varför"), Heads: []string{t("Nummer"), t("Svar"), t("Poäng"), t("Vad som krävdes")}}
	for _, x := range p.Rest {
		rest.Rows = append(rest.Rows, []string{id.String(x.ID), x.Title, Points(x.Score), x.Why})
	}
	d.Parts = append(d.Parts, paper.Part{Table: chosen}, paper.Part{Table: rest})
	if p.Answer.Draw != nil {
		d.Parts = append(d.Parts, p.lotteryParts(ctx)...)
	}
	d.Note = t("Den som vill kontrollera urvalet tar underlaget (JSON) och räknar om det med kommandot kommunpilot select. Samma underlag ger samma svar, tecken för tecken.")
	return d, o.deps.DB.Read(ctx, func(q db.Q) error {
		x, err := o.decided(ctx, q, p.ID)
		if fail.Is(err, fail.NotFound) {
			return nil
		}
		if err == nil {
			d.Facts = append(d.Facts, paper.Fact{Term: t("Beslutat"), Value: web.DateTime(ctx, x.At)})
		}
		return err
	})
}

// proofText says what was reached and what is proved.
func (p runPage) proofText(ctx context.Context) []string {
	out := []string{statusText(ctx, p.Answer)}
	if p.Method == "best" && p.Answer.Value != "" {
		out = append(out, web.T(ctx, "Värde %s. Övre gräns enligt beviset: %s.", comma(string(p.Answer.Value)), comma(string(p.Answer.Bound))))
	}
	for _, c := range p.Answer.Conflict {
		out = append(out, c.Text)
	}
	return out
}

// lotteryParts are the draw, the chances and the panels.
func (p runPage) lotteryParts(ctx context.Context) []paper.Part {
	a := p.Answer
	titles := map[string]string{}
	for _, x := range p.List {
		titles[id.String(x.ID)] = x.Title
	}
	chances := &paper.Table{Caption: web.T(ctx, "Varje svars exakta chans"), Heads: []string{web.T(ctx, "Svar"), web.T(ctx, "Chans"), web.T(ctx, "Ungefär")}}
	for _, x := range a.Probabilities {
		chances.Rows = append(chances.Rows, []string{titles[x.ID], x.Probability, x.Decimal})
	}
	panels := &paper.Table{Caption: web.T(ctx, "Panelerna och deras sannolikhet"), Heads: []string{web.T(ctx, "Panel"), web.T(ctx, "Sannolikhet"), web.T(ctx, "Svar")}}
	for i, x := range a.Panels {
		panels.Rows = append(panels.Rows, []string{strconv.Itoa(i + 1), x.Weight, strings.Join(x.IDs, ", ")})
	}
	return []paper.Part{
		{Head: web.T(ctx, "Lottningen"), Text: []string{
			web.T(ctx, "Lott %s av %s drogs: panel %d. Fröet: %s", a.Ticket, a.Tickets, a.Drawn+1, a.Seed), web.T(ctx, "Bindning: %s", a.Commitment),
		}},
		{Table: chances}, {Table: panels},
	}
}

// quotaText writes a quota: minst 1, högst 3 kommuner i Västmanlands län.
func quotaText(ctx context.Context, low, high *int, label, count string) string {
	var parts []string
	if low != nil {
		parts = append(parts, web.T(ctx, "minst %d", *low))
	}
	if high != nil {
		parts = append(parts, web.T(ctx, "högst %d", *high))
	}
	unit := web.T(ctx, "kommuner")
	switch {
	case count == "applications":
		unit = web.T(ctx, "svar")
	case high != nil && *high == 1, high == nil && low != nil && *low == 1:
		unit = web.T(ctx, "kommun")
	}
	return strings.Join(parts, ", ") + " " + unit + " " + label
}

func (o *Room) protocolPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := o.runPage(r, "selection.read")
	if err != nil {
		return err
	}
	d, err := o.protocol(ctx, p)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: d.Title, NoIndex: true, Wide: true,
		Crumbs: p.Of.crumbs(ctx, web.Crumb{Text: web.T(ctx, "Urvalskörning %d", p.ID), Href: "/urval/" + id.String(p.ID)})}, protocolBody(p, d))
}

func (o *Room) protocolPDF(w http.ResponseWriter, r *http.Request) error {
	p, err := o.runPage(r, "selection.read")
	if err != nil {
		return err
	}
	d, err := o.protocol(r.Context(), p)
	if err != nil {
		return err
	}
	b, err := d.PDF(r.Context())
	if errors.Is(err, paper.ErrNoPrinter) {
		return fail.New(fail.Unavailable, "Den här installationen kan inte skriva PDF. Skriv ut sidan från webbläsaren.")
	}
	if err != nil {
		return err
	}
	return web.Download(w, "urval-"+id.String(p.ID)+".pdf", "application/pdf", b)
}

// runXLSX is the run as a workbook: the outcome, the rules, the chances.
func (o *Room) runXLSX(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := o.runPage(r, "selection.read")
	if err != nil {
		return err
	}
	d, err := o.protocol(ctx, p)
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer book.Close()
	first := true
	add := func(name string, rows [][]string) error {
		if first {
			first = false
			if err := book.SetSheetName("Sheet1", name); err != nil {
				return err
			}
		} else if _, err := book.NewSheet(name); err != nil {
			return err
		}
		s, err := book.NewStreamWriter(name)
		if err != nil {
			return err
		}
		for i, row := range rows {
			cells := make([]any, len(row))
			for j, c := range row {
				cells[j] = c // text: nothing is taken for a formula
			}
			if err := s.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
				return err
			}
		}
		return s.Flush()
	}
	var about [][]string
	for _, f := range d.Facts {
		about = append(about, []string{f.Term, f.Value})
	}
	for _, part := range d.Parts {
		for _, line := range part.List {
			about = append(about, []string{part.Head, line})
		}
		for _, line := range part.Text {
			about = append(about, []string{part.Head, line})
		}
	}
	if err := add(web.T(ctx, "Om körningen"), about); err != nil {
		return err
	}
	for _, part := range d.Parts {
		if part.Table != nil {
			name := []rune(part.Table.Caption)
			if err := add(string(name[:min(len(name), 31)]), append([][]string{part.Table.Heads}, part.Table.Rows...)); err != nil {
				return err
			}
		}
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		return err
	}
	return web.Download(w, "urval-"+id.String(p.ID)+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b.Bytes())
}
