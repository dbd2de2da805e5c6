package service

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/paper"
	"kommunpilot/base/web"
	"kommunpilot/engine/access"
)

// inventoryView is an inventory's own page below its facts.
type inventoryView struct {
	href     string
	live     bool
	form     web.Form
	leading  []string
	tables   []*paper.Table
	air      bool
	note     string
	people   string
	noCells  bool
	noPoints bool
	twins    int
	skipped  []placed
	earlier  *trendView
	pointsAt string
	isDraft  bool
}

func (o *Room) inventoryBody(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Inventory], at time.Time) (templ.Component, error) {
	w, err := o.work(ctx, q, p, &it, at)
	if fail.Is(err, fail.Conflict) {
		return brokenPage(fail.As(err).Message), nil
	}
	if err != nil {
		return nil, err
	}
	s, err := w.survey()
	if err != nil {
		return nil, err
	}
	v := inventoryView{href: o.inventories.Href(p.ID, it.ID), live: at.IsZero() && !p.Closed && may(ctx, "service.edit", p.Resource) == nil, form: web.NewForm(nil), air: w.roads == nil, note: it.Is.Note, people: w.peopleSaid(ctx),
		noCells: len(w.ground.cells) == 0, noPoints: len(w.points) == 0, twins: len(twinsOf(w.points)), skipped: s.Skipped, pointsAt: o.points.ListHref(p.ID), isDraft: it.State == Draft}
	v.form.Version = it.Version
	v.leading = w.leading(ctx, s, reader{})
	for _, m := range w.ground.metrics() {
		v.tables = append(v.tables, w.summaryTable(ctx, s, m, reader{}))
	}
	earlier, err := o.earlier(ctx, q, p, &it)
	if err != nil {
		return nil, err
	}
	if earlier != nil && it.Is.Result != nil {
		t := trend(ctx, earlier, &it.Is)
		v.earlier = &t
	}
	return inventoryPage(v), nil
}

// earlier is the project's latest settled inventory before this one, of the same
// municipalities.
func (o *Room) earlier(ctx context.Context, q db.Q, p journal.Project, it *journal.Item[Inventory]) (*Inventory, error) {
	list, err := o.inventories.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Settled})
	var best *Inventory
	for i := range list {
		x := &list[i].Is
		if list[i].ID != it.ID && x.Day < it.Is.Day && slices.Equal(x.codes(), it.Is.codes()) && x.Part == it.Is.Part && (best == nil || x.Day > best.Day) {
			best = x
		}
	}
	return best, err
}

func (o *Room) inventoriesAbove(ctx context.Context, _ db.Q, p journal.Project, _ []journal.Item[Inventory], _ time.Time) (templ.Component, error) {
	var links []web.Fact
	for _, x := range []struct{ text, href, action string }{
		{web.T(ctx, "Serviceställen"), o.points.ListHref(p.ID), "service.read"}, {web.T(ctx, "Provade förändringar"), o.trials.ListHref(p.ID), "service.read"},
		{web.T(ctx, "Serviceplaner"), o.plans.ListHref(p.ID), "serviceplan.read"}, {web.T(ctx, "Åtgärder för service"), o.measures.ListHref(p.ID), "serviceplan.read"}, {web.T(ctx, "Avtal med servicepartner"), o.agreements.ListHref(p.ID), "serviceplan.read"},
		{web.T(ctx, "Remissvar"), o.opinions.ListHref(p.ID), "serviceplan.read"}, {web.T(ctx, "Uppföljningar"), o.followUps.ListHref(p.ID), "serviceplan.read"},
	} {
		if may(ctx, x.action, p.Resource) == nil {
			links = append(links, web.Fact{Term: x.text, Value: x.href})
		}
	}
	return linksPage(links), nil
}

// at finds an inventory and what it is measured with, for one of its pages.
func (o *Room) measured(r *http.Request, action string) (p journal.Project, it journal.Item[Inventory], w *work, err error) {
	if p, it, err = one(o, o.inventories, r, "service.read", action); err != nil {
		return p, it, nil, err
	}
	err = o.deps.DB.Read(r.Context(), func(q db.Q) error {
		w, err = o.work(r.Context(), q, p, &it, time.Time{})
		return err
	})
	return p, it, w, err
}

func (o *Room) crumbs(ctx context.Context, p journal.Project, it journal.Item[Inventory]) []web.Crumb {
	return []web.Crumb{{Text: web.T(ctx, "Projekt"), Href: "/projekt"}, {Text: p.Name, Href: fmt.Sprintf("/projekt/%d", p.ID)},
		{Text: web.T(ctx, "Service och avstånd"), Href: o.inventories.ListHref(p.ID)}, {Text: it.Is.Title, Href: o.inventories.Href(p.ID, it.ID)}}
}

// figuresView is one type of service, place by place.
type figuresView struct {
	href    string
	typ     string
	unit    string
	types   []web.Option
	units   []web.Option
	drawing mapView
	figures []Figure
	limit   int64
	cells   []cellRow
	more    int // cells that the table leaves to the file
	effects []Effect
	hasOld  bool
}

type cellRow struct{ name, people, way, site, second string }

// mostCells is how many cells the table shows; the file has all.
const mostCells = 500

func (o *Room) figuresPage(w http.ResponseWriter, r *http.Request) error {
	p, it, k, err := o.measured(r, "service.read")
	if err != nil {
		return err
	}
	ctx := r.Context()
	c, err := k.asked(r)
	if err != nil {
		return err
	}
	a, err := k.compare(c)
	if err != nil {
		return err
	}
	s, err := k.survey()
	if err != nil {
		return err
	}
	v := figuresView{href: o.inventories.Href(p.ID, it.ID), typ: c.kind, unit: a.m.word(), types: k.typeOptions(ctx), units: k.unitOptions(ctx), drawing: a.draw(ctx, k, false), figures: a.before, limit: a.limit, hasOld: k.ground.anyOld}
	two, err := k.ground.labels(a.sites, a.m)
	if err != nil {
		return err
	}
	v.cells, v.more = k.cellRows(ctx, a, two)
	for _, e := range s.Effects {
		if e.Type == c.kind {
			v.effects = append(v.effects, e)
		}
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "%s: plats för plats", k.typeName(ctx, c.kind)), Wide: true, Crumbs: o.crumbs(ctx, p, it)}, figuresOf(v))
}

// asked reads the type and what is measured; the first type with a place where
// none is named.
func (w *work) asked(r *http.Request) (changes, error) {
	c, err := readChanges(r.URL.RawQuery)
	if err != nil || c.kind != "" {
		return c, err
	}
	c.kind = w.types[0].Code
	for _, t := range w.types {
		if len(openSites(w.points, t.Code, w.it.Is.Day)) > 0 {
			c.kind = t.Code
			break
		}
	}
	return c, nil
}

func (w *work) typeOptions(ctx context.Context) (out []web.Option) {
	for _, t := range w.types {
		n := len(openSites(w.points, t.Code, w.it.Is.Day))
		out = append(out, web.Option{Value: t.Code, Label: fmt.Sprintf("%s (%d)", web.T(ctx, t.Name), n)})
	}
	return out
}

func (w *work) unitOptions(ctx context.Context) (out []web.Option) {
	words := map[metric]string{byLength: web.T(ctx, "avstånd i kilometer"), byTime: web.T(ctx, "restid i minuter")}
	for _, m := range w.ground.metrics() {
		out = append(out, web.Option{Value: m.word(), Label: words[m]})
	}
	return out
}

// cellRows are the cells with their two nearest, those with the longest way first.
func (w *work) cellRows(ctx context.Context, a *answerOf, two *access.Labels) (out []cellRow, more int) {
	order := make([]int, len(w.ground.cells))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(two.At(uint32(j), 0), two.At(uint32(i), 0))
	})
	for _, i := range order {
		if len(out) == mostCells {
			return out, len(order) - mostCells
		}
		c := &w.ground.cells[i]
		x := cellRow{name: cmp.Or(c.Name, c.ID), people: web.Number(ctx, float64(c.People), 0), way: web.T(ctx, "kan inte nå något")}
		if r := w.ground.reason[i]; r != access.OK {
			x.way = web.T(ctx, "inte räknad: %s", web.T(ctx, reasonWords[r.String()]))
		} else if l := two.At(uint32(i), 0); l != access.None {
			x.way, x.site = web.Number(ctx, float64(l.Cost())/a.m.unit(), 1), a.sites[l.Site()].Name
			if n := two.At(uint32(i), 1); n != access.None {
				x.second = web.Number(ctx, float64(n.Cost())/a.m.unit(), 1)
			}
		}
		out = append(out, x)
	}
	return out, 0
}

// figuresCSV gives every cell and every type: the file cells.csv of
// accessibility.md 13.
func (o *Room) figuresCSV(w http.ResponseWriter, r *http.Request) error {
	_, it, k, err := o.measured(r, "service.read")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff")
	out := csv.NewWriter(&b)
	_ = out.Write([]string{"ruta", "kommun", "p_tot", "typ", "enhet", "d1", "plats1", "d2", "plats2", "orsak"}) // to memory
	for _, t := range k.types {
		sites := openSites(k.points, t.Code, it.Is.Day)
		for _, m := range k.ground.metrics() {
			labels, err := k.ground.labels(sites, m)
			if err != nil {
				return err
			}
			for i := range k.ground.cells {
				c := &k.ground.cells[i]
				row := []string{c.ID, c.Kommun, strconv.FormatUint(uint64(c.People), 10), t.Code, map[metric]string{byLength: "m", byTime: "ds"}[m], "", "", "", "", k.ground.reason[i].String()}
				for rank := range 2 {
					if l := labels.At(uint32(i), rank); l != access.None {
						row[5+2*rank], row[6+2*rank] = strconv.FormatUint(uint64(l.Cost()), 10), sites[l.Site()].Key
					} else if rank == 0 && k.ground.reason[i] == access.OK {
						row[9] = access.NoSite.String()
					}
				}
				_ = out.Write(row)
			}
		}
	}
	out.Flush()
	return web.Download(w, "tillganglighet.csv", "text/csv; charset=utf-8", b.Bytes())
}

// report gives the inventory as a page to print, as Word or as PDF.
func (o *Room) report(w http.ResponseWriter, r *http.Request) error {
	p, it, k, err := o.measured(r, "service.read")
	if err != nil {
		return err
	}
	var d paper.Document
	err = o.deps.DB.Read(r.Context(), func(q db.Q) error {
		d, err = o.inventoryDoc(r.Context(), q, p, &it, k, reader{})
		return err
	})
	if err != nil {
		return err
	}
	return send(w, r, d, "inventering", r.PathValue("namn"))
}

func (o *Room) inventoryDoc(ctx context.Context, q db.Q, p journal.Project, it *journal.Item[Inventory], k *work, who reader) (d paper.Document, err error) {
	s, err := k.survey()
	if err != nil {
		return d, err
	}
	trials, err := pick(ctx, q, o.trials, p, func(t *Trial) bool { return t.Inventory == it.ID })
	if err != nil {
		return d, err
	}
	earlier, err := o.earlier(ctx, q, p, it)
	if err != nil {
		return d, err
	}
	if it.Is.Result == nil {
		earlier = nil // a draft has no figures of its own to set beside
	}
	all, err := o.inventories.Noun.List(ctx, q, journal.Query{State: Settled})
	if err != nil {
		return d, err
	}
	return k.document(ctx, s, trials, earlier, similar(&it.Is, it.ID, all), who), nil
}

// send gives a document under one of its names: name.html, a page to print;
// name.docx, name.pdf.
func send(w http.ResponseWriter, r *http.Request, d paper.Document, name, file string) error {
	switch file {
	case name + ".html":
		return web.Render(w, r, http.StatusOK, web.Page{Title: d.Title, Wide: true}, d.Show())
	case name + ".docx":
		data, err := d.DOCX()
		if err != nil {
			return err
		}
		return web.Download(w, file, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", data)
	case name + ".pdf":
		if !paper.CanPrint() {
			return fail.New(fail.NotFound, "Servern kan inte göra PDF. Öppna dokumentet som webbsida och skriv ut det därifrån.")
		}
		data, err := d.PDF(r.Context())
		if err != nil {
			return err
		}
		return web.Download(w, file, "application/pdf", data)
	}
	return fail.New(fail.NotFound, "Filen finns inte.")
}

// fileView is a form that takes a file, with the report of the last try.
type fileView struct {
	href, lead string
	form       web.Form
	fields     []web.Bound
	columns    []web.Fact
	report     *Report
	have       *Population
}

func fileFields(ctx context.Context, x *fileFacts) []web.Bound {
	return []web.Bound{
		{Input: web.Input{Name: "source", Label: web.T(ctx, "Varifrån uppgifterna kommer"), Hint: web.T(ctx, "Gäller rader som inte själva säger det.")}, To: &x.Source},
		{Input: web.Input{Name: "day", Label: web.T(ctx, "Uppgifternas dag")}, Kind: web.AsDay, To: &x.Day},
	}
}

// readFile reads an uploaded file whole.
func readFile(r *http.Request) (name string, data []byte, err error) {
	file, head, err := r.FormFile("fil")
	if err != nil {
		return "", nil, fail.Fields(fail.Field{Name: "fil", Message: "Välj en fil."})
	}
	defer func() { _ = file.Close() }() // only read
	data, err = io.ReadAll(io.LimitReader(file, MaxFile+1))
	if err != nil || len(data) > MaxFile {
		return "", nil, fail.Fields(fail.Field{Name: "fil", Message: fmt.Sprintf("Filen går inte att läsa eller är större än %d MB.", MaxFile>>20)})
	}
	return strings.TrimSpace(head.Filename), data, nil
}

// figureHeads are the columns of a type's figures.
func figureHeads(ctx context.Context, v figuresView) []string {
	out := []string{web.T(ctx, "Område"), web.T(ctx, "Invånare"), web.T(ctx, "I genomsnitt, %s", v.unit), web.T(ctx, "Hälften har högst, %s", v.unit), web.T(ctx, "Nio av tio har högst, %s", v.unit)}
	for _, l := range v.figures[0].Limits {
		out = append(out, web.T(ctx, "Mer än %d %s", l, v.unit))
	}
	return append(out, web.T(ctx, "Inte räknade"))
}
