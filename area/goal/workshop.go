package goal

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// goalStep is the step that formulates sub-goals.
const goalStep = "Målformulering"

// NineSteps are the steps of an LFA workshop in order (003-47), with the
// question that each asks.
var NineSteps = []struct{ Name, Ask string }{
	{"Omvärldsanalys", "Vad i omvärlden påverkar projektet? En sak per rad."},
	{"Intressentanalys", "Vilka berörs? En per rad: vem – intresse – hur de involveras."},
	{"Problemanalys", "Vilket är huvudproblemet? En rad för problemet, sedan orsaker och följder. Börja raden med - för varje nivå under."},
	{goalStep, "Vilka delmål löser problemen? Ett delmål per rad."},
	{"Aktivitetsplan", "Vad ska göras för varje delmål? En aktivitet per rad."},
	{"Resursplanering", "Vilka resurser krävs: tid, pengar, kunskap? En per rad."},
	{"Indikatorer", "Hur vet ni att delmålen nås? En indikator per rad."},
	{"Riskanalys", "Vad kan gå fel? En risk per rad."},
	{"Analys av förutsättningar", "Vad måste vara på plats som projektet inte styr över? En sak per rad."},
}

// The states of an LFA workshop.
const (
	WorkshopPlanned   = "planerad"
	WorkshopHeld      = "genomförd"
	WorkshopAnchoring = "förankras"
	WorkshopAnchored  = "återkopplad"
)

// Workshop is an LFA workshop.
type Workshop struct {
	Title        string        `json:"title"`
	Day          calendar.Date `json:"day"`
	Place        string        `json:"place"`
	Participants []string      `json:"participants"` // roles and organisations
}

// Step is the answers to one of the nine steps; each is a thing of its own, so
// that several can write at the same time.
type Step struct {
	Workshop journal.ID `json:"workshop"`
	Order    int64      `json:"order"`
	Name     string     `json:"name"`
	Lines    []string   `json:"lines"`
}

// Anchor is how an organisation has anchored the workshop's result (003-48).
type Anchor struct {
	Workshop journal.ID    `json:"workshop"`
	Org      string        `json:"org"`
	Day      calendar.Date `json:"day"`
	How      string        `json:"how"`
	Feedback string        `json:"feedback"`
	Handled  string        `json:"handled"` // in which working group, and how
}

func (o *Room) workshopSheet(d sheet.Deps) *sheet.Sheet[Workshop] {
	return &sheet.Sheet[Workshop]{
		Deps: d, Noun: journal.Noun[Workshop]{Name: "lfa", Title: "Målverkstaden", Moves: map[string][]string{WorkshopPlanned: {WorkshopHeld}, WorkshopHeld: {WorkshopAnchoring}, WorkshopAnchoring: {WorkshopAnchored}}},
		Path: "malverkstad", Title: "Målverkstäder", Lead: "Nio steg från omvärld till förutsättningar. Stegen kan visas på storbild och fyllas i av flera samtidigt; sedan förankrar varje organisation resultatet.",
		New: "Ny målverkstad", NoneYet: "Ingen målverkstad ännu.", First: WorkshopPlanned, Read: "goal.read", Write: "goal.propose",
		Name: func(w Workshop) string { return w.Title },
		Fields: func(ctx context.Context, w *Workshop, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &w.Title},
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Dag"), Required: true}, Kind: web.AsDay, To: &w.Day},
				{Input: web.Input{Name: "place", Label: web.T(ctx, "Plats")}, To: &w.Place},
				{Input: web.Input{Name: "participants", Label: web.T(ctx, "Deltagare"), Hint: web.T(ctx, "Roll och organisation, en per rad."), Rows: 5}, Kind: web.AsLines, To: &w.Participants},
			}
		},
		Columns: []sheet.Column[Workshop]{{Head: "Dag", Cell: func(ctx context.Context, it journal.Item[Workshop], _ sheet.Choices) string {
			return web.Day(ctx, it.Is.Day)
		}}},
		Moves: []sheet.Move{
			{To: WorkshopHeld, Label: "Verkstaden är genomförd", Hint: "Skriv först vilka som deltog: de som berörs och de som ska göra arbetet."}, {To: WorkshopAnchoring, Label: "Förankra i organisationerna"},
			{To: WorkshopAnchored, Label: "Återkopplingen är hanterad", Hint: "Alla organisationers återkoppling ska vara hanterad i en arbetsgrupp."},
		},
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Workshop], from string) error {
			if it.State == WorkshopHeld && from != it.State && len(it.Is.Participants) == 0 {
				return fail.Fields(fail.Field{Name: "participants", Message: "Skriv vilka som deltog, med roll och organisation."})
			}
			if it.State != WorkshopAnchored || from == it.State {
				return nil
			}
			list, err := o.anchorsOf(ctx, tx, p.ID, it.ID, time.Time{})
			if err == nil && len(list) == 0 {
				return fail.New(fail.Conflict, "Ingen organisation har förankrat resultatet ännu.")
			}
			for _, a := range list {
				if a.Is.Feedback != "" && a.Is.Handled == "" {
					return fail.Newf(fail.Conflict, "Återkopplingen från %s är inte hanterad.", a.Is.Org)
				}
			}
			return err
		},
		After: func(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Workshop], from string) error {
			if from != "" {
				return nil
			}
			for i, s := range NineSteps {
				if _, err := o.steps.Noun.Add(ctx, tx, p, it.ID, "", Step{Workshop: it.ID, Order: int64(i + 1), Name: s.Name}, journal.Act{Name: "goal.propose"}); err != nil {
					return err
				}
			}
			return nil
		},
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Workshop], at time.Time) (templ.Component, error) {
			v, err := o.workshopView(ctx, q, p, it, at)
			return workshopPage(v), err
		},
	}
}

// workshopView is what the pages of a workshop show.
type workshopView struct {
	room       *Room
	p          journal.Project
	it         journal.Item[Workshop]
	steps      []journal.Item[Step]
	anchors    []journal.Item[Anchor]
	mayPropose bool
	form       web.Form
}

func (o *Room) workshopView(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Workshop], at time.Time) (v workshopView, err error) {
	v = workshopView{room: o, p: p, it: it, form: web.NewForm(nil)}
	v.mayPropose = at.IsZero() && !p.Closed && may(ctx, "goal.propose", p.Resource) == nil
	if v.steps, err = o.steps.Noun.List(ctx, q, journal.Query{Parent: it.ID, At: at}); err != nil {
		return v, err
	}
	v.anchors, err = o.anchorsOf(ctx, q, p.ID, it.ID, at)
	return v, err
}

func (o *Room) anchorsOf(ctx context.Context, q db.Q, p who.ProjectID, workshop journal.ID, at time.Time) ([]journal.Item[Anchor], error) {
	all, err := o.anchors.Noun.List(ctx, q, journal.Query{Project: p, At: at})
	return slices.DeleteFunc(all, func(a journal.Item[Anchor]) bool { return a.Is.Workshop != workshop }), err
}

func (o *Room) stepSheet(d sheet.Deps) *sheet.Sheet[Step] {
	return &sheet.Sheet[Step]{
		Deps: d, Noun: journal.Noun[Step]{Name: "lfastep", Title: "Steget"},
		Path: "steg", Title: "Stegen i målverkstäderna", Lead: "Vad verkstäderna kom fram till i varje steg.", NoneYet: "Inga steg ännu.", Read: "goal.read", Write: "goal.propose",
		Name: func(s Step) string { return s.Name },
		Fields: func(ctx context.Context, s *Step, _ sheet.Choices) []web.Bound {
			hint := ""
			if s.Order >= 1 && int(s.Order) <= len(NineSteps) {
				hint = web.T(ctx, NineSteps[s.Order-1].Ask)
			}
			return []web.Bound{{Input: web.Input{Name: "lines", Label: web.T(ctx, "Vad ni kom fram till"), Hint: hint, Rows: 14}, Kind: web.AsLines, To: &s.Lines}}
		},
	}
}

func (o *Room) anchorSheet(d sheet.Deps) *sheet.Sheet[Anchor] {
	return &sheet.Sheet[Anchor]{
		Deps: d, Noun: journal.Noun[Anchor]{Name: "anchor", Title: "Förankringen"},
		Path: "forankring", Title: "Förankring", Lead: "Hur varje organisation har förankrat målen, och vad som kom tillbaka.",
		New: "Ny förankring", NoneYet: "Ingen organisation har förankrat ännu.", Read: "goal.read", Write: "goal.propose",
		Name: func(a Anchor) string { return a.Org },
		Choices: func(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
			list, err := o.workshops.Noun.List(ctx, q, journal.Query{Project: p.ID})
			c := sheet.Choices{}
			for _, w := range list {
				c["workshop"] = append(c["workshop"], web.Option{Value: id.String(w.ID), Label: w.Is.Title})
			}
			return c, err
		},
		Fields: func(ctx context.Context, a *Anchor, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "workshop", Label: web.T(ctx, "Målverkstad"), Required: true}, Kind: web.AsChoice, To: &a.Workshop, Options: c["workshop"]},
				{Input: web.Input{Name: "org", Label: web.T(ctx, "Organisation"), Required: true}, To: &a.Org},
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Dag"), Required: true}, Kind: web.AsDay, To: &a.Day},
				{Input: web.Input{Name: "how", Label: web.T(ctx, "Så förankrades målen"), Required: true, Rows: 3}, Kind: web.AsArea, To: &a.How},
				{Input: web.Input{Name: "feedback", Label: web.T(ctx, "Återkoppling"), Rows: 3}, Kind: web.AsArea, To: &a.Feedback},
				{Input: web.Input{Name: "handled", Label: web.T(ctx, "Så hanterades återkopplingen"), Hint: web.T(ctx, "Vilken arbetsgrupp som tog upp den, och vad det ledde till."), Rows: 3}, Kind: web.AsArea, To: &a.Handled},
			}
		},
		Columns: []sheet.Column[Anchor]{{Head: "Dag", Cell: func(ctx context.Context, it journal.Item[Anchor], _ sheet.Choices) string {
			return web.Day(ctx, it.Is.Day)
		}}},
	}
}

// proposeFrom makes a proposal for a sub-goal of each line of the step that
// formulates goals, but those that are there already.
func (o *Room) proposeFrom(ctx context.Context, workshop journal.ID, once string) (made int, err error) {
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		w, err := o.workshops.Noun.Get(ctx, tx, workshop)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, w.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "goal.propose", p.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		steps, err := o.steps.Noun.List(ctx, tx, journal.Query{Parent: workshop})
		if err != nil {
			return err
		}
		goals, err := o.goals.Noun.List(ctx, tx, journal.Query{Project: p.ID})
		if err != nil {
			return err
		}
		for _, s := range steps {
			if s.Is.Name != goalStep {
				continue
			}
			for _, line := range s.Is.Lines {
				if slices.ContainsFunc(goals, func(g journal.Item[Goal]) bool { return strings.EqualFold(g.Is.Text, line) }) {
					continue
				}
				if _, err := o.goals.AddIn(ctx, tx, p, 0, Goal{Level: Sub, Text: line, Source: w.Is.Title, Workshop: w.ID}); err != nil {
					return err
				}
				made++
			}
		}
		if made == 0 {
			return fail.New(fail.Conflict, "Det finns inga nya rader under Målformulering.")
		}
		return nil
	})
	return made, err
}

func (o *Room) postPropose(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, 1<<20)
	if err != nil {
		return err
	}
	ctx := r.Context()
	n, err := o.proposeFrom(ctx, item, f.Once)
	if err != nil {
		return err
	}
	web.Flash(ctx, web.N(ctx, n, "Ett mål är föreslaget.", "%d mål är föreslagna."))
	return web.Redirect(w, r, o.goals.ListHref(pid))
}

// projector shows all nine steps in large text.
func (o *Room) projector(w http.ResponseWriter, r *http.Request) error {
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var v workshopView
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		it, err := o.workshops.Noun.Get(ctx, q, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, q, it.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "goal.read", p.Resource); err != nil {
			return err
		}
		v, err = o.workshopView(ctx, q, p, it, time.Time{})
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: v.it.Is.Title, NoIndex: true, Wide: true, Crumbs: []web.Crumb{{Text: v.p.Name, Href: "/projekt/" + id.String(v.p.ID)}, {Text: v.it.Is.Title, Href: o.workshops.Href(v.p.ID, item)}}}, projectorPage(v))
}

// Hold plans a workshop, writes what it formulated as goals and says that it
// was held, for programs that do it for somebody.
func (o *Room) Hold(ctx context.Context, p who.ProjectID, w Workshop, goals []string) (journal.ID, error) {
	it, err := o.workshops.Add(ctx, p, 0, w, "")
	if err != nil {
		return 0, err
	}
	var steps []journal.Item[Step]
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) {
		steps, err = o.steps.Noun.List(ctx, q, journal.Query{Parent: it.ID})
		return err
	}); err != nil {
		return 0, err
	}
	for _, s := range steps {
		if s.Is.Name != goalStep {
			continue
		}
		if err := o.steps.Change(ctx, s.ID, s.Version, "", "", func(x *Step) error { x.Lines = goals; return nil }); err != nil {
			return 0, err
		}
	}
	return it.ID, o.workshops.Move(ctx, it.ID, it.Version, WorkshopHeld, "", "")
}
