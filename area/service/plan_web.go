package service

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/paper"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// planView is a plan's own page below its facts.
type planView struct {
	href      string
	doc       paper.Document
	chapters  []chapter
	form      web.Form
	live      bool
	links     []web.Fact
	opinions  []journal.Item[Opinion]
	public    string
	inventory string
}

// gathered is a plan with everything that it rests on.
type gathered struct {
	inventory journal.Item[Inventory]
	work      *work
	survey    *Survey
	parts     ofPlan
	chapters  []chapter
}

func (o *Room) gather(ctx context.Context, q db.Q, p journal.Project, it *journal.Item[Plan], proposals bool) (g gathered, err error) {
	if g.inventory, err = o.inventories.Noun.Get(ctx, q, it.Is.Inventory); err != nil {
		return g, err
	}
	if g.work, err = o.work(ctx, q, p, &g.inventory, time.Time{}); err != nil {
		return g, err
	}
	if g.survey, err = g.work.survey(); err != nil {
		return g, err
	}
	if g.parts, err = o.belonging(ctx, q, p, it.ID); err != nil {
		return g, err
	}
	kinds := g.survey.Kinds
	if r := g.inventory.Is.Result; r != nil {
		kinds = r.Kinds
	}
	g.chapters = chapters(&it.Is, g.work.figures(g.survey), kinds, g.work.types, g.parts.measures, g.parts.agreements)
	if !proposals || o.deps.Proposals == nil {
		return g, nil
	}
	code := ""
	if codes := g.inventory.Is.codes(); len(codes) > 0 {
		code = codes[0]
	}
	for i := range g.chapters {
		c := &g.chapters[i]
		n := Need{Kommun: code, Kind: c.Kind}
		for _, f := range c.Figures {
			n.Types = append(n.Types, f.Type)
		}
		if c.Gap > 0 {
			n.Gap = web.T(ctx, "%s för många har mer än %s km", people(ctx, c.Gap), c.Goals.Km)
		}
		list, err := o.deps.Proposals(ctx, q, n)
		if err != nil {
			return g, err
		}
		for _, x := range list {
			if !slices.ContainsFunc(c.Taken, func(t Proposal) bool { return t.Entry == x.Entry }) {
				c.Proposals = append(c.Proposals, x)
			}
		}
	}
	return g, nil
}

func (o *Room) planBody(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Plan], at time.Time) (templ.Component, error) {
	g, err := o.gather(ctx, q, p, &it, true)
	if fail.Is(err, fail.Conflict) {
		return brokenPage(fail.As(err).Message), nil
	}
	if err != nil {
		return nil, err
	}
	v := planView{href: o.plans.Href(p.ID, it.ID), chapters: g.chapters, form: web.NewForm(nil), opinions: g.parts.opinions, inventory: o.inventories.Href(p.ID, g.inventory.ID),
		live: at.IsZero() && !p.Closed && it.State == PlanDraft && may(ctx, "serviceplan.edit", p.Resource) == nil}
	v.form.Version = it.Version
	v.doc = planDocument(ctx, &it, g, reader{})
	v.links = []web.Fact{{Term: web.T(ctx, "Åtgärder för service"), Value: o.measures.ListHref(p.ID)}, {Term: web.T(ctx, "Avtal med servicepartner"), Value: o.agreements.ListHref(p.ID)}, {Term: web.T(ctx, "Remissvar"), Value: o.opinions.ListHref(p.ID)}, {Term: web.T(ctx, "Uppföljningar"), Value: o.followUps.ListHref(p.ID)}}
	if it.State == Adopted || it.State == FollowedUp {
		v.public = "/serviceplaner/" + id.String(it.ID)
	}
	return planPage(v), nil
}

// planDocument is the plan on paper, chapter by chapter.
func planDocument(ctx context.Context, it *journal.Item[Plan], g gathered, r reader) paper.Document {
	x := &it.Is
	d := paper.Document{Lang: web.Lang(ctx), Title: x.Title, Subtitle: web.T(ctx, "Kommunal serviceplan, %s", web.T(ctx, it.State)), Facts: []paper.Fact{
		{Term: web.T(ctx, "Kommuner"), Value: g.inventory.Is.names()}, {Term: web.T(ctx, "Gäller"), Value: web.Day(ctx, x.From) + " – " + web.Day(ctx, x.To)}, {Term: web.T(ctx, "Ansvarig"), Value: x.Responsible},
		{Term: web.T(ctx, "Inventering"), Value: g.inventory.Is.Title + ", " + web.Day(ctx, g.inventory.Is.Day)}}}
	if x.Ref != "" && (it.State == Adopted || it.State == FollowedUp || it.State == Revised) {
		d.Facts = append(d.Facts, paper.Fact{Term: web.T(ctx, "Beslut"), Value: x.Body + ", " + web.Day(ctx, x.AdoptedOn) + ", " + x.Ref})
	}
	add := func(p paper.Part) { d.Parts = append(d.Parts, p) }
	if x.Aim != "" {
		add(paper.Part{Level: 1, Head: web.T(ctx, "Vad kommunen vill"), Text: paragraphs(x.Aim)})
	}
	var silent []string
	for _, c := range g.chapters {
		if c.Silent {
			silent = append(silent, strings.ToLower(web.T(ctx, c.Name)))
		}
	}
	if len(silent) > 0 {
		add(paper.Part{Level: 2, Head: web.T(ctx, "Planen säger ingenting om"), Text: []string{strings.Join(silent, ", ") + "."}})
	}
	add(paper.Part{Level: 1, Head: web.T(ctx, "Läget i korthet"), List: g.work.leading(ctx, g.survey, r)})
	hidden := guarded(g.work.points)
	for _, c := range g.chapters {
		for _, p := range c.parts(ctx, g.work, hidden, r) {
			add(p)
		}
	}
	if x.Budget != "" {
		add(paper.Part{Level: 1, Head: web.T(ctx, "Översiktsplan och budget"), Text: paragraphs(x.Budget)})
	}
	if len(x.Asked) > 0 {
		p := paper.Part{Level: 1, Head: web.T(ctx, "Remiss"), Text: []string{web.T(ctx, "Planen har varit på remiss till %s.", strings.Join(x.Asked, ", "))}}
		if len(g.parts.opinions) > 0 {
			p.Table = &paper.Table{Caption: web.T(ctx, "Remissvar"), Heads: []string{web.T(ctx, "Från"), web.T(ctx, "Vad svaret säger"), web.T(ctx, "Kommunens svar")}}
			for _, v := range g.parts.opinions {
				p.Table.Rows = append(p.Table.Rows, []string{v.Is.From, v.Is.Text, v.Is.Reply})
			}
		}
		add(p)
	}
	for _, f := range g.parts.followUps {
		add(paper.Part{Level: 1, Head: web.T(ctx, "Uppföljning %d", f.Is.Year), Text: append(paragraphs(f.Is.Text), paragraphs(f.Is.Next)...)})
	}
	for _, p := range g.work.method(ctx, g.survey) {
		add(p)
	}
	return d
}

func paragraphs(text string) []string {
	return slices.DeleteFunc(strings.Split(strings.ReplaceAll(text, "\r", ""), "\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// targetWords says how the municipality's own target stands.
func (c *chapter) targetWords(ctx context.Context) string {
	switch {
	case c.Goals.Share == 0:
		return web.T(ctx, "Inget mål är satt.")
	case !c.hasTarget():
		return web.T(ctx, "Målet är att %d procent ska ha högst %s km. Det går inte att mäta.", c.Goals.Share, c.Goals.Km)
	case c.Gap == 0:
		return web.T(ctx, "Målet är att %d procent ska ha högst %s km. Det är nått: %s procent har det.", c.Goals.Share, c.Goals.Km, web.Number(ctx, 100*c.Within, 1))
	}
	return web.T(ctx, "Målet är att %d procent ska ha högst %s km. Det har %s procent; %s fattas.", c.Goals.Share, c.Goals.Km, web.Number(ctx, 100*c.Within, 1), people(ctx, c.Gap))
}

// parts are a chapter on paper.
func (c *chapter) parts(ctx context.Context, w *work, hidden map[string]bool, r reader) (out []paper.Part) {
	secret := slices.ContainsFunc(c.Figures, func(f Figure) bool { return hidden[f.Type] })
	head := paper.Part{Level: 1, Head: web.T(ctx, c.Name), Text: paragraphs(c.Goals.Text)}
	if (!r.public || !secret) && c.Kind != Other {
		head.Text = append(head.Text, c.targetWords(ctx))
	}
	limit := w.it.Is.limits()[byLength]
	t := &paper.Table{Caption: web.T(ctx, "Läget: %s", strings.ToLower(web.T(ctx, c.Name))), Heads: []string{web.T(ctx, "Service"), web.T(ctx, "Ställen"), web.T(ctx, "I genomsnitt, %s", "km"), web.T(ctx, "Har mer än %d %s", limit, "km")}}
	for _, f := range c.Figures {
		row := []string{w.typeName(ctx, f.Type), fmt.Sprint(f.Sites), "–", web.T(ctx, "inget ställe att nå")}
		if r.public && hidden[f.Type] {
			row = []string{row[0], web.T(ctx, "visas inte"), "–", "–"}
		} else if f.People > 0 {
			n, _ := f.beyond(limit)
			row[2], row[3] = web.Number(ctx, f.Mean, 1), r.counted(ctx, n, f.People)
		}
		t.Rows = append(t.Rows, row)
	}
	head.Table = t
	out = append(out, head)
	if len(c.Taken) > 0 {
		p := paper.Part{Level: 2, Head: web.T(ctx, "Vad andra har gjort")}
		for _, x := range c.Taken {
			p.List = append(p.List, x.Citation)
		}
		out = append(out, p)
	}
	if len(c.Measures) > 0 {
		t := &paper.Table{Caption: web.T(ctx, "Åtgärder: %s", strings.ToLower(web.T(ctx, c.Name))), Heads: []string{web.T(ctx, "Åtgärd"), web.T(ctx, "Ansvarig"), web.T(ctx, "Kostnad"), web.T(ctx, "Betalas av"), web.T(ctx, "Klar senast"), web.T(ctx, "Läge")}}
		for _, m := range c.Measures {
			state := web.T(ctx, m.State)
			if m.Is.Came != "" {
				state += ". " + m.Is.Came
			}
			t.Rows = append(t.Rows, []string{m.Is.Title, m.Is.Responsible, web.Kronor(ctx, m.Is.Cost), m.Is.Financing, web.Day(ctx, m.Is.By), state})
		}
		out = append(out, paper.Part{Level: 2, Head: web.T(ctx, "Åtgärder"), Table: t})
	}
	for _, a := range c.Agreements {
		out = append(out, paper.Part{Level: 2, Head: web.T(ctx, "Avtal: %s", a.Is.Title), List: []string{
			web.T(ctx, "Parter: %s.", strings.Join(a.Is.Parties, ", ")), web.T(ctx, "Kommunen åtar sig: %s", a.Is.Ours), web.T(ctx, "Partnern åtar sig: %s", a.Is.Theirs), web.T(ctx, "Så betalas det: %s", a.Is.Financing),
			web.T(ctx, "Gäller %s till %s. Följs upp: %s", web.Day(ctx, a.Is.From), web.Day(ctx, a.Is.To), a.Is.Follow), web.T(ctx, "Läge: %s.", web.T(ctx, a.State))}})
	}
	return out
}

func (o *Room) planFile(w http.ResponseWriter, r *http.Request) error {
	p, it, err := one(o, o.plans, r, "serviceplan.read", "serviceplan.read")
	if err != nil {
		return err
	}
	return o.sendPlan(w, r, p, it, reader{}, r.PathValue("namn"))
}

func (o *Room) sendPlan(w http.ResponseWriter, r *http.Request, p journal.Project, it journal.Item[Plan], to reader, file string) error {
	var g gathered
	err := o.deps.DB.Read(r.Context(), func(q db.Q) (err error) {
		g, err = o.gather(r.Context(), q, p, &it, false)
		return err
	})
	if err != nil {
		return err
	}
	return send(w, r, planDocument(r.Context(), &it, g, to), "serviceplan", file)
}

// postProposal takes an entry of the knowledge bank into a chapter, with its
// citation, and tells the bank.
func (o *Room) postProposal(w http.ResponseWriter, r *http.Request) error {
	p, it, err := one(o, o.plans, r, "serviceplan.read", "serviceplan.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	kind := f.Get("kind")
	entry, _ := f.Int("entry")
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := o.writable(ctx, tx, p.ID, "serviceplan.edit")
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		it, err := o.plans.Noun.Get(ctx, tx, it.ID)
		if err != nil {
			return err
		}
		if it.State != PlanDraft {
			return fail.New(fail.Conflict, "Planen är inte längre ett utkast.")
		}
		it.Version = f.Version
		g, err := o.gather(ctx, tx, p, &it, true)
		if err != nil {
			return err
		}
		for _, c := range g.chapters {
			for _, x := range c.Proposals {
				if c.Kind != kind || x.Entry != entry {
					continue
				}
				it.Is.Taken, it.Is.TakenFor = append(it.Is.Taken, x), append(it.Is.TakenFor, kind)
				if o.deps.Taken != nil {
					if err := o.deps.Taken(ctx, tx, p, entry, it.ID); err != nil {
						return err
					}
				}
				return o.plans.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: "serviceplan.edit"})
			}
		}
		return fail.New(fail.NotFound, "Förslaget finns inte längre.")
	})
	return o.answer(w, r, err, web.T(ctx, "Förslaget är med i planen, med sin källa."), o.plans.Href(p.ID, it.ID))
}

// open finds an adopted plan for the public.
func (o *Room) open(r *http.Request) (p journal.Project, it journal.Item[Plan], err error) {
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return p, it, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if it, err = o.plans.Noun.Get(ctx, q, item); err != nil {
			return err
		}
		if it.State != Adopted && it.State != FollowedUp {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		// The public has no roles in the project: it is read as the system, and what
		// is shown is the plan alone.
		p, err = o.deps.Project(who.With(ctx, who.Us), q, it.Project)
		return err
	})
	return p, it, err
}

func (o *Room) publicPlan(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.open(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var g gathered
	if err := o.deps.DB.Read(ctx, func(q db.Q) error { g, err = o.gather(ctx, q, p, &it, false); return err }); err != nil {
		return err
	}
	d := planDocument(ctx, &it, g, reader{public: true})
	return web.Render(w, r, http.StatusOK, web.Page{Title: it.Is.Title}, publicPage(d, "/serviceplaner/"+id.String(it.ID)))
}

func (o *Room) publicPlanFile(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.open(r)
	if err != nil {
		return err
	}
	return o.sendPlan(w, r, p, it, reader{public: true}, r.PathValue("namn"))
}
