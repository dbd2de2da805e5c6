package service

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// Trial is a what-if that was kept (accessibility scenario): what closes and
// opens, why it was tried, and what it came to.
type Trial struct {
	Title     string     `json:"title"`
	Why       string     `json:"why"`
	Inventory journal.ID `json:"inventory"`
	Type      string     `json:"type"`
	Metric    string     `json:"metric"`
	Shut      []string   `json:"shut"` // keys of sites; of opened ones "+1", "+2"
	Open      []string   `json:"open"` // places, in order
	Came      string     `json:"came"` // what it came to when it was kept, in words
}

// query is the address of the what-if page with the trial's changes.
func (x *Trial) query() string {
	c := changes{kind: x.Type, shut: x.Shut, unit: x.Metric}
	for _, t := range x.Open {
		if lat, lon, err := parsePlace(t); err == nil {
			c.open = append(c.open, [2]float64{lat, lon})
		}
	}
	return c.query()
}

func (o *Room) trialSheet(d sheet.Deps) *sheet.Sheet[Trial] {
	return &sheet.Sheet[Trial]{
		Deps: d, Noun: journal.Noun[Trial]{Name: "servicetrial", Title: "Scenariot", Moves: map[string][]string{"sparat": {"bortlagt"}, "bortlagt": {"sparat"}}},
		Path: "servicescenarier", Title: "Provade förändringar", Lead: "Butiker som stänger och serviceställen som öppnar, med vad det skulle betyda.",
		NoneYet: "Ingenting är provat ännu. Öppna en inventering och tryck på Tänk om.", First: "sparat", Read: "service.read", Write: "service.edit", Locked: []string{"bortlagt"},
		Name: func(x Trial) string { return x.Title },
		Choices: func(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
			list, err := o.inventories.Noun.List(ctx, q, journal.Query{Project: p.ID})
			c := sheet.Choices{}
			for _, it := range list {
				c["inventory"] = append(c["inventory"], web.Option{Value: id.String(it.ID), Label: it.Is.Title})
			}
			types, err2 := o.typesOf(ctx, q, p)
			for _, t := range types {
				c["type"] = append(c["type"], web.Option{Value: t.Code, Label: web.T(ctx, t.Name)})
			}
			if err == nil {
				err = err2
			}
			return c, err
		},
		New: "Nytt scenario",
		Fields: func(ctx context.Context, x *Trial, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Namn"), Required: true}, To: &x.Title},
				{Input: web.Input{Name: "why", Label: web.T(ctx, "Varför det provas"), Required: true, Rows: 2}, Kind: web.AsArea, To: &x.Why},
				{Input: web.Input{Name: "inventory", Label: web.T(ctx, "Inventering"), Required: true}, Kind: web.AsChoice, To: &x.Inventory, Options: c["inventory"]},
				{Input: web.Input{Name: "type", Label: web.T(ctx, "Typ av service"), Required: true}, Kind: web.AsChoice, To: &x.Type, Options: c["type"]},
				{Input: web.Input{Name: "shut", Label: web.T(ctx, "Det här stänger"), Hint: web.T(ctx, "Ställenas nycklar, en på varje rad. Sidan Tänk om fyller i dem."), Rows: 2}, Kind: web.AsLines, To: &x.Shut},
				{Input: web.Input{Name: "open", Label: web.T(ctx, "Här öppnar ett nytt"), Hint: web.T(ctx, "En plats på varje rad: latitud och longitud."), Rows: 2}, Kind: web.AsLines, To: &x.Open},
			}
		},
		Check: func(x Trial) (out []fail.Field) {
			for _, t := range x.Open {
				if _, _, err := parsePlace(t); err != nil {
					out = append(out, fail.Field{Name: "open", Message: "Platsen: " + err.Error() + "."})
				}
			}
			if len(x.Open) > mostOpen {
				out = append(out, fail.Field{Name: "open", Message: "Högst " + strconv.Itoa(mostOpen) + " nya ställen på en gång."})
			}
			return out
		},
		Guard: o.guardTrial,
		Columns: []sheet.Column[Trial]{
			{Head: "Typ", Cell: func(_ context.Context, it journal.Item[Trial], c sheet.Choices) string {
				return labelOf(c["type"], it.Is.Type)
			}},
			{Head: "Det skulle betyda", Cell: func(_ context.Context, it journal.Item[Trial], _ sheet.Choices) string { return it.Is.Came }},
		},
		Moves: []sheet.Move{{To: "bortlagt", Label: "Lägg undan"}, {To: "sparat", Label: "Ta fram igen"}},
		Body: func(_ context.Context, _ db.Q, p journal.Project, it journal.Item[Trial], _ time.Time) (templ.Component, error) {
			return trialPage(it, o.inventories.Href(p.ID, it.Is.Inventory)+"/tank-om?"+it.Is.query()), nil
		},
	}
}

// guardTrial computes what a trial comes to before it is kept.
func (o *Room) guardTrial(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Trial], from string) error {
	if from != "" && it.State != "sparat" {
		return nil
	}
	inv, err := o.inventories.Noun.Get(ctx, tx, it.Is.Inventory)
	if err != nil || inv.Project != p.ID {
		return fail.Fields(fail.Field{Name: "inventory", Message: "Välj en av projektets inventeringar."})
	}
	w, err := o.work(ctx, tx, p, &inv, time.Time{})
	if err != nil {
		return err
	}
	c, err := readChanges(it.Is.query())
	if err != nil {
		return err
	}
	a, err := w.compare(c)
	if err != nil {
		return err
	}
	it.Is.Came = strings.Join(a.words(ctx), " ")
	return nil
}
