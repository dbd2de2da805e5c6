package service

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/engine/access"
)

// whatIfView is the page where places close and open.
type whatIfView struct {
	href    string
	query   string // the changes as they stand
	a       *answerOf
	words   []string
	drawing mapView
	types   []web.Option
	units   []web.Option
	sites   []siteRow
	spots   []web.Option // localities to put a new place in
	undo    string
	reset   string
	next    string
	areas   []areaRow
	form    web.Form
	live    bool
	roads   bool
	wrong   string
	offRoad []int
}

type siteRow struct {
	Name, Toggle, Key string
	Shut, New         bool
	Nearest           string // people who have it nearest now
}

type areaRow struct{ Name, Before, After, Change, FarBefore, FarAfter string }

func (o *Room) whatIf(w http.ResponseWriter, r *http.Request) error {
	p, it, k, err := o.measured(r, "service.read")
	if err != nil {
		return err
	}
	return o.showWhatIf(w, r, http.StatusOK, p, it, k, web.NewForm(nil))
}

func (o *Room) showWhatIf(w http.ResponseWriter, r *http.Request, status int, p journal.Project, it journal.Item[Inventory], k *work, f web.Form) error {
	ctx := r.Context()
	v := whatIfView{href: o.inventories.Href(p.ID, it.ID), form: f, roads: k.roads != nil, live: !p.Closed && may(ctx, "service.edit", p.Resource) == nil}
	c, err := k.asked(r)
	if fail.Is(err, fail.Invalid) { // a place that cannot be read: the others stay
		v.wrong = spoken(err)
		q := r.URL.Query()
		q.Del("oppna")
		c, err = readChanges(q.Encode())
		status = http.StatusUnprocessableEntity
	}
	if err != nil {
		return err
	}
	if c.kind == "" {
		c.kind = k.types[0].Code
	}
	if err := k.clicked(r, &c); err != nil {
		return err
	}
	a, err := k.compare(c)
	if err != nil {
		return err
	}
	v.a, v.words, v.drawing, v.types, v.units = a, a.words(ctx), a.draw(ctx, k, true), k.typeOptions(ctx), k.unitOptions(ctx)
	v.offRoad = a.OffRoad
	v.query = a.c.query()
	v.reset = "?" + (&changes{kind: c.kind, unit: a.c.unit}).query()
	if a.changed() {
		v.undo = "?" + a.c.with(func(x *changes) {
			if len(x.open) > 0 {
				last := "+" + strconv.Itoa(len(x.open))
				x.open = x.open[:len(x.open)-1]
				x.shut = slices.DeleteFunc(x.shut, func(s string) bool { return s == last })
			} else {
				x.shut = x.shut[:len(x.shut)-1]
			}
		})
	}
	v.next = v.href + "/nasta?" + (&changes{kind: c.kind, unit: a.c.unit}).query()
	v.sites, v.areas = a.siteRows(ctx, k), a.areaRows(ctx)
	for _, i := range largest(k.ground.cells, 300) {
		cell := &k.ground.cells[i]
		if cell.Name != "" {
			v.spots = append(v.spots, web.Option{Value: writePlace(cell.Lat, cell.Lon), Label: cell.Name})
		}
	}
	slices.SortFunc(v.spots, func(x, y web.Option) int { return strings.Compare(x.Label, y.Label) })
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Tänk om"), Wide: true, Crumbs: o.crumbs(ctx, p, it)}, whatIfPage(v))
}

func spoken(err error) string {
	if x := fail.As(err); x != nil && len(x.Fields) > 0 {
		return x.Fields[0].Message
	}
	return err.Error()
}

// clicked takes a click on the map, punkt=x,y in its units: a new place there, or
// where flytta names one that was opened, that one moved there.
func (w *work) clicked(r *http.Request, c *changes) error {
	text := r.URL.Query().Get("punkt")
	if text == "" {
		return nil
	}
	var x, y float64
	if _, err := fmt.Sscanf(text, "%f,%f", &x, &y); err != nil {
		return fail.New(fail.Invalid, "Platsen på kartan går inte att läsa.")
	}
	lat, lon := newPlane(w.ground, openSites(w.points, c.kind, w.it.Is.Day), w.it.Is.codes()).invert(x, y)
	if n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("flytta"), "+")); err == nil && n >= 1 && n <= len(c.open) {
		c.open[n-1] = [2]float64{lat, lon}
		return nil
	}
	if len(c.open) == mostOpen {
		return fail.Newf(fail.Invalid, "Högst %d nya ställen på en gång.", mostOpen)
	}
	c.open = append(c.open, [2]float64{lat, lon})
	return nil
}

func (a *answerOf) siteRows(ctx context.Context, w *work) (out []siteRow) {
	nearest := make([]uint64, len(a.sites))
	for i := range w.ground.cells {
		if l := a.labels[1].At(uint32(i), 0); l != access.None {
			nearest[l.Site()] += uint64(w.ground.people[i])
		}
	}
	for i, s := range a.sites {
		x := siteRow{Name: s.Name, Key: s.Key, Shut: slices.Contains(a.shut, i), New: s.Key[0] == '+', Nearest: web.Number(ctx, float64(nearest[i]), 0)}
		x.Toggle = "?" + a.c.with(func(c *changes) { toggle(c, s.Key) })
		out = append(out, x)
	}
	return out
}

func (a *answerOf) areaRows(ctx context.Context) (out []areaRow) {
	for i := range a.before {
		b, n := &a.before[i], &a.after[i]
		far, _ := b.beyond(a.limit)
		farNow, _ := n.beyond(a.limit)
		x := areaRow{Name: areaName(ctx, b.Area), Before: "–", After: "–", Change: "–", FarBefore: web.Number(ctx, float64(far), 0), FarAfter: web.Number(ctx, float64(farNow), 0)}
		if b.People > 0 {
			x.Before = web.Number(ctx, b.Mean, 1)
		}
		if n.People > 0 {
			x.After = web.Number(ctx, n.Mean, 1)
		}
		if b.People > 0 && n.People > 0 {
			x.Change = web.Number(ctx, n.Mean-b.Mean, 1)
			if n.Mean > b.Mean {
				x.Change = "+" + x.Change
			}
		}
		out = append(out, x)
	}
	return out
}

// postTrial keeps what is tried, with a name and a reason.
func (o *Room) postTrial(w http.ResponseWriter, r *http.Request) error {
	p, it, k, err := o.measured(r, "service.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	c, err := readChanges(f.Get("andringar"))
	if err != nil {
		return err
	}
	t := Trial{Title: f.Get("title"), Why: f.Get("why"), Inventory: it.ID, Type: c.kind, Metric: c.unit, Shut: c.shut}
	for _, x := range c.open {
		t.Open = append(t.Open, writePlace(x[0], x[1]))
	}
	var wrong []fail.Field
	if t.Title == "" {
		wrong = append(wrong, fail.Field{Name: "title", Message: "Ge scenariot ett namn."})
	}
	if t.Why == "" {
		wrong = append(wrong, fail.Field{Name: "why", Message: "Skriv varför det provas."})
	}
	if len(wrong) > 0 {
		r.URL.RawQuery = c.query()
		return o.showWhatIf(w, r, http.StatusUnprocessableEntity, p, it, k, f.WithError(fail.Fields(wrong...)))
	}
	made, err := o.trials.Add(ctx, p.ID, 0, t, f.Once)
	to := o.trials.ListHref(p.ID)
	if err == nil {
		to = o.trials.Href(p.ID, made.ID)
	}
	return o.answer(w, r, err, web.T(ctx, "Scenariot är sparat."), to)
}

// nextView answers where the next place would do most good.
type nextView struct {
	href       string
	types      []web.Option
	units      []web.Option
	kind, unit string
	count      string
	goal       string
	goals      []web.Option
	chosen     []nextPlace
	proof      string
	before     string
	after      string
	hopeless   string
	candidates int
	try        string
	wrong      string
}

type nextPlace struct{ Name, Place string }

// mostCandidates is how many places the next one is chosen among: those where
// most people live.
const mostCandidates = 200

func (o *Room) nextPage(w http.ResponseWriter, r *http.Request) error {
	p, it, k, err := o.measured(r, "service.read")
	if err != nil {
		return err
	}
	ctx := r.Context()
	c, err := k.asked(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := nextView{href: o.inventories.Href(p.ID, it.ID), types: k.typeOptions(ctx), units: k.unitOptions(ctx), kind: c.kind, unit: c.metric().word(), count: or(q.Get("antal"), "1"), goal: or(q.Get("mal"), "medel"),
		goals: []web.Option{{Value: "medel", Label: web.T(ctx, "kortast väg tillsammans")}, {Value: "inom", Label: web.T(ctx, "flest inom gränsen")}, {Value: "langst", Label: web.T(ctx, "den som har längst får det kortare")}}}
	status := http.StatusOK
	if err := k.next(ctx, c, &v); fail.Is(err, fail.Invalid) {
		v.wrong, status = spoken(err), http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Var gör nästa mest nytta?"), Crumbs: o.crumbs(ctx, p, it)}, nextPlacePage(v))
}

// next chooses among the cells where most people live, with proof or gap.
func (w *work) next(ctx context.Context, c changes, v *nextView) error {
	count, err := strconv.Atoi(v.count)
	if err != nil || count < 1 || count > 10 {
		return fail.New(fail.Invalid, "Skriv hur många nya ställen, 1 till 10.")
	}
	a, err := w.compare(changes{kind: c.kind, unit: c.unit})
	if err != nil {
		return err
	}
	v.unit = a.m.word()
	var candidates []Site
	for _, i := range largest(w.ground.cells, mostCandidates) {
		if w.ground.reason[i] == access.OK {
			x := &w.ground.cells[i]
			candidates = append(candidates, Site{Key: x.ID, Name: or(x.Name, x.ID), Lat: x.Lat, Lon: x.Lon})
		}
	}
	slices.SortFunc(candidates, func(x, y Site) int { return strings.Compare(x.Key, y.Key) })
	v.candidates = len(candidates)
	if count > len(candidates) {
		return fail.Newf(fail.Invalid, "Det finns bara %d platser att välja bland.", len(candidates))
	}
	limit := uint32(float64(a.limit) * a.m.unit())
	cut := uint32(0)
	if v.goal == "inom" {
		cut = limit
	}
	weight := slices.Clone(w.ground.people)
	for i, why := range w.ground.reason {
		if why != access.OK {
			weight[i] = 0
		}
	}
	s := access.Siting{Weight: weight, Budget: 20_000}
	if len(a.sites) > 0 {
		for i := range w.ground.cells {
			s.Existing = append(s.Existing, a.labels[0].At(uint32(i), 0))
		}
	}
	if s.Reach, err = w.ground.reaches(candidates, a.m, cut); err != nil {
		return err
	}
	var x *access.Placement
	switch v.goal {
	case "inom":
		x, err = s.MaxCover(count, limit)
	case "langst":
		x, err = s.Center(count)
	default:
		x, err = s.Median(count)
	}
	if err != nil {
		return err
	}
	then := changes{kind: c.kind, unit: a.c.unit}
	for _, i := range x.Chosen {
		v.chosen = append(v.chosen, nextPlace{candidates[i].Name, writePlace(candidates[i].Lat, candidates[i].Lon)})
		then.open = append(then.open, [2]float64{candidates[i].Lat, candidates[i].Lon})
	}
	v.proof = web.T(ctx, "Bevisat bäst bland %d platser.", len(candidates))
	if !x.Proved {
		v.proof = web.T(ctx, "Bland %d platser finns inget val som är mer än %s procent bättre.", len(candidates), web.Number(ctx, 100*x.Gap(), 2))
	}
	if x.HopelessPeople > 0 {
		v.hopeless = web.T(ctx, "%s kan inte nås från någon av platserna.", people(ctx, x.HopelessPeople))
	}
	v.try = v.href + "/tank-om?" + then.query()
	b, err := w.compare(then)
	if err != nil {
		return err
	}
	v.before, v.after = a.measureWords(ctx, a.before, v.goal), b.measureWords(ctx, b.after, v.goal)
	return nil
}

// measureWords is what the goal measures, in words.
func (a *answerOf) measureWords(ctx context.Context, f []Figure, goal string) string {
	if f[0].People == 0 {
		return web.T(ctx, "ingen når något ställe")
	}
	switch goal {
	case "inom":
		n, _ := f[0].beyond(a.limit)
		return web.T(ctx, "%s har mer än %d %s", people(ctx, n), a.limit, a.m.word())
	case "langst":
		return web.T(ctx, "den som har längst har %s %s", web.Number(ctx, f[0].Largest, 1), a.m.word())
	}
	return web.T(ctx, "i genomsnitt %s %s", web.Number(ctx, f[0].Mean, 1), a.m.word())
}
