package structure

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
	"kommunpilot/engine/scenario"
)

// formLimit bounds a form of the room, bytes; a .scenario file has its own.
const formLimit = 256 << 10

// workView is the page where a meeting works: the plan, the sliders, the picture.
type workView struct {
	p       journal.Project
	it      journal.Item[Run]
	href    string
	mayEdit bool
	form    web.Form
	names   map[string]string // of municipalities and areas
	sliders []slider
	picture preview
	notes   []scenario.Problem
}

func (o *Room) workspace(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.read")
	if err != nil {
		return err
	}
	return o.showWork(w, r, http.StatusOK, p, it, web.NewForm(nil))
}

func (o *Room) showWork(w http.ResponseWriter, r *http.Request, status int, p journal.Project, it journal.Item[Run], f web.Form) error {
	ctx := r.Context()
	country, err := Country()
	if err != nil {
		return err
	}
	v := workView{p: p, it: it, href: o.runs.Href(p.ID, it.ID), form: f, names: names(country), sliders: sliders(&it.Is)}
	v.form.Version = it.Version
	v.mayEdit = !p.Closed && (it.State == Ordered || it.State == Ready) && may(ctx, "structure.edit", p.Resource) == nil
	v.picture = o.picture(ctx, &it.Is)
	if len(it.Is.Scenarios) > 0 {
		v.notes = scenario.Check(country, it.Is.plan()).List
	}
	page := web.Page{Title: web.T(ctx, "Arbetsyta: %s", it.Is.Title), Wide: true, Crumbs: o.crumbs(ctx, p, it)}
	return web.Render(w, r, status, page, workPage(v))
}

func (o *Room) crumbs(ctx context.Context, p journal.Project, it journal.Item[Run]) []web.Crumb {
	return []web.Crumb{{Text: web.T(ctx, "Projekt"), Href: "/projekt"}, {Text: p.Name, Href: fmt.Sprintf("/projekt/%d", p.ID)},
		{Text: web.T(ctx, "Strukturscenarier"), Href: o.runs.ListHref(p.ID)}, {Text: it.Is.Title, Href: o.runs.Href(p.ID, it.ID)}}
}

func names(c *scenario.Country) map[string]string {
	out := map[string]string{scenario.RegionCode: "regionen"}
	for i := range c.Units {
		out[c.Units[i].Code] = c.Units[i].Name
	}
	for _, a := range scenario.DefaultAreas() {
		out[a.Code] = a.Name
	}
	return out
}

// readSet reads the sliders of a form: those that differ from the defaults.
func readSet(f web.Form) (map[string]scenario.Override, error) {
	out := map[string]scenario.Override{}
	var wrong []fail.Field
	defaults := (&scenario.Assumptions{}).All()
	for _, d := range defaults {
		text := strings.TrimSpace(strings.ReplaceAll(f.Get(d.Key), ",", "."))
		if text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			wrong = append(wrong, fail.Field{Name: d.Key, Message: "Skriv ett tal."})
			continue
		}
		if plain(v) != plain(d.Value) {
			out[d.Key] = scenario.Override{Value: v}
		}
	}
	if len(wrong) == 0 {
		if key, err := (&scenario.Assumptions{Set: out}).Check(); err != nil {
			wrong = append(wrong, fail.Field{Name: key, Message: err.Error()})
		}
	}
	if len(wrong) > 0 {
		return nil, fail.Fields(wrong...)
	}
	return out, nil
}

// postPreview answers a slider with a new picture; nothing is stored.
func (o *Room) postPreview(w http.ResponseWriter, r *http.Request) error {
	_, it, err := o.one(r, "structure.read")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	if it.Is.Set, err = readSet(f); err != nil {
		return part(w, r, fetchedPart(preview{err: fail.As(err).Fields[0].Message}, sliders(&it.Is)))
	}
	return part(w, r, fetchedPart(o.picture(r.Context(), &it.Is), sliders(&it.Is)))
}

func (o *Room) postAssumptions(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	set, err := readSet(f)
	if err != nil {
		return o.showWork(w, r, http.StatusUnprocessableEntity, p, it, f.WithError(err))
	}
	err = o.change(r.Context(), it.ID, f, func(x *Run) error { x.Set = set; return nil })
	if fail.Is(err, fail.Conflict) {
		return o.showWork(w, r, http.StatusConflict, p, it, f.WithError(err))
	}
	return o.answer(w, r, err, web.T(r.Context(), "Antagandena är sparade."), o.runs.Href(p.ID, it.ID)+"/arbetsyta")
}

// change changes a plan; a result that was made of another plan lapses.
func (o *Room) change(ctx context.Context, item journal.ID, f web.Form, change func(x *Run) error) error {
	return o.act(ctx, item, f.Version, f.Once, "structure.edit", func(_ *db.Tx, _ journal.Project, it *journal.Item[Run]) error {
		if it.State != Ordered && it.State != Ready {
			return fail.New(fail.Conflict, "Planen kan inte ändras medan den räknas eller när den är levererad.")
		}
		return change(&it.Is)
	})
}

// pickView is the choice of municipalities, on the map or from the list.
type pickView struct {
	href     string
	kind     string
	alt      string
	chosen   []string
	drawing  web.MapView
	counties []pickCounty
	names    map[string]string
}

type pickCounty struct {
	name string
	open bool
	list []kommun.Kommun
}

// pick lets a person choose municipalities; each click on the map is a link, so
// that it works without JavaScript.
func (o *Room) pick(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.edit")
	if err != nil {
		return err
	}
	country, err := Country()
	if err != nil {
		return err
	}
	ctx := r.Context()
	q := r.URL.Query()
	v := pickView{href: o.runs.Href(p.ID, it.ID), kind: q.Get("typ"), alt: q.Get("nr"), names: names(country)}
	for _, k := range q["k"] {
		if _, ok := country.Find(k); ok && !slices.Contains(v.chosen, k) {
			v.chosen = append(v.chosen, k)
		}
	}
	if len(q["k"]) == 0 && len(it.Is.Scenarios) > 0 {
		v.chosen = it.Is.Scenarios[0].Members()
	}
	register := kommun.Default()
	around := v.chosen
	for _, c := range v.chosen {
		around = append(around, register.Neighbours(c)...)
	}
	drawn := register.Map(register.Around(around...))
	v.drawing = web.MapView{Title: web.T(ctx, "Klicka på en kommun för att välja eller välja bort den"), ViewBox: drawn.ViewBox(), TableHref: "#lista", Legend: nil}
	for _, s := range drawn.Kommuner {
		class, next := "map-land", append(slices.Clone(v.chosen), s.Code)
		title := v.names[s.Code]
		if slices.Contains(v.chosen, s.Code) {
			class = "map-a"
			next = slices.DeleteFunc(slices.Clone(v.chosen), func(c string) bool { return c == s.Code })
			title += ", " + web.T(ctx, "vald")
		}
		v.drawing.Shapes = append(v.drawing.Shapes, web.MapShape{D: s.D, Class: class, Title: title, Href: "?" + v.query(next)})
	}
	for _, c := range register.Counties() {
		x := pickCounty{name: c.Name}
		for _, k := range register.All() {
			if k.County == c.Code {
				x.list = append(x.list, k)
				x.open = x.open || slices.Contains(v.chosen, k.Code)
			}
		}
		v.counties = append(v.counties, x)
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Välj kommuner"), Wide: true, Crumbs: append(o.crumbs(ctx, p, it), web.Crumb{Text: web.T(ctx, "Arbetsyta"), Href: v.href + "/arbetsyta"})}, pickPage(v))
}

func (v pickView) query(codes []string) string {
	q := url.Values{"k": codes}
	if len(codes) == 0 {
		q.Set("k", "-")
	}
	if v.alt != "" {
		q.Set("nr", v.alt)
	}
	return q.Encode()
}

// stepForm is the form of an alternative: one step of one scenario. A scenario of
// several steps is written in a file.
func (o *Room) stepForm(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.edit")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	a := alternative{From: 2027, Kind: string(scenario.Merger), Rule: string(scenario.Required), Form: string(scenario.Agreement), Key: string(scenario.ByInhabitants), Payment: "avtal", Members: q["k"]}
	if n, ok := number1(q.Get("nr"), len(it.Is.Scenarios)); ok {
		a = alternativeOf(&it.Is.Scenarios[n])
		if len(q["k"]) > 0 {
			a.Members = q["k"]
		}
	}
	f := web.NewForm(nil)
	f.Version = it.Version
	f.Values = a.values(q.Get("nr"))
	return o.showStep(w, r, http.StatusOK, p, it, f)
}

// number1 reads a place of a list that a person counts from 1.
func number1(text string, n int) (int, bool) {
	i, err := strconv.Atoi(text)
	return i - 1, err == nil && i >= 1 && i <= n
}

func (o *Room) showStep(w http.ResponseWriter, r *http.Request, status int, p journal.Project, it journal.Item[Run], f web.Form) error {
	ctx := r.Context()
	country, err := Country()
	if err != nil {
		return err
	}
	var a alternative
	title := web.T(ctx, "Nytt alternativ")
	if f.Get("nr") != "" {
		title = web.T(ctx, "Ändra alternativet")
	}
	v := stepView{href: o.runs.Href(p.ID, it.ID), form: f, fields: a.fields(ctx, country, f.All("members"))}
	return web.Render(w, r, status, web.Page{Title: title, Crumbs: append(o.crumbs(ctx, p, it), web.Crumb{Text: web.T(ctx, "Arbetsyta"), Href: v.href + "/arbetsyta"})}, stepPage(v))
}

// stepView is the form of an alternative.
type stepView struct {
	href   string
	form   web.Form
	fields []web.Bound
}

func (o *Room) postStep(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	country, err := Country()
	if err != nil {
		return err
	}
	ctx := r.Context()
	var a alternative
	if err := web.Fill(f, a.fields(ctx, country, f.All("members"))); err != nil {
		return o.showStep(w, r, http.StatusUnprocessableEntity, p, it, f.WithError(err))
	}
	err = o.change(ctx, it.ID, f, func(x *Run) error {
		at, ok := number1(f.Get("nr"), len(x.Scenarios))
		if !ok {
			at = len(x.Scenarios)
			x.Scenarios = append(x.Scenarios, scenario.Scenario{ID: freeID(x.Scenarios)})
		}
		x.Scenarios = slices.Clone(x.Scenarios)
		x.Scenarios[at].Name, x.Scenarios[at].Steps = a.Name, []scenario.Step{a.step()}
		return problems(country, x, at)
	})
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) {
		status := http.StatusUnprocessableEntity
		if fail.Is(err, fail.Conflict) {
			status = http.StatusConflict
		}
		return o.showStep(w, r, status, p, it, f.WithError(err))
	}
	return o.answer(w, r, err, web.T(ctx, "Alternativet är sparat."), o.runs.Href(p.ID, it.ID)+"/arbetsyta")
}

// freeID is an id that no scenario has.
func freeID(list []scenario.Scenario) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("alternativ-%d", n)
		if !slices.ContainsFunc(list, func(s scenario.Scenario) bool { return s.ID == id }) {
			return id
		}
	}
}

// formField names the field of a form that a key of the plan is written in.
var formField = map[string]string{
	"kommuner": "members", "från": "from", "områden": "areas", "skattesats": "rule", "form": "form", "värd": "host", "utförare": "host", "nyckel": "key", "betalning": "payment",
	"namn": "name", "typ": "kind", "skydd": "protection", "fast_andel": "fixed", "engångskostnad_mkr": "one_off",
}

// problems says what the engine has against a scenario, at the form's fields.
func problems(c *scenario.Country, x *Run, at int) error {
	var out []fail.Field
	for _, p := range scenario.CheckOne(c, x.plan(), at) {
		if p.Warning {
			continue
		}
		name := formField[p.Key]
		if name == "" {
			name = "name"
		}
		out = append(out, fail.Field{Name: name, Message: p.What})
	}
	if len(out) > 0 {
		return fail.Fields(out...)
	}
	return nil
}

func (o *Room) postRemove(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	err = o.change(r.Context(), it.ID, f, func(x *Run) error {
		at, ok := number1(f.Get("nr"), len(x.Scenarios))
		if !ok {
			return fail.New(fail.Conflict, "Alternativet finns inte längre.")
		}
		x.Scenarios = slices.Delete(slices.Clone(x.Scenarios), at, at+1)
		return nil
	})
	return o.answer(w, r, err, web.T(r.Context(), "Alternativet är borttaget. Det finns kvar i historiken."), o.runs.Href(p.ID, it.ID)+"/arbetsyta")
}

// planFile gives the plan as a .scenario file.
func (o *Room) planFile(w http.ResponseWriter, r *http.Request) error {
	_, it, err := o.one(r, "structure.read")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="plan.scenario"`)
	_, _ = w.Write(it.Is.plan().File()) // the reader may have left
	return nil
}

// postFile takes a plan from a .scenario file in the place of the one there is.
func (o *Room) postFile(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, scenario.MaxFile+formLimit)
	if err != nil {
		return err
	}
	wrong := func(message string) error {
		return o.showWork(w, r, http.StatusUnprocessableEntity, p, it, f.WithError(fail.Fields(fail.Field{Name: "fil", Message: message})))
	}
	file, _, err := r.FormFile("fil")
	if err != nil {
		return wrong("Välj en .scenario-fil.")
	}
	defer func() { _ = file.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(file, scenario.MaxFile+1))
	if err != nil {
		return wrong("Filen gick inte att läsa.")
	}
	country, err := Country()
	if err != nil {
		return err
	}
	plan, found := scenario.Parse(country, data)
	if plan == nil {
		return wrong(found.Error())
	}
	err = o.change(r.Context(), it.ID, f, func(x *Run) error { x.take(plan); return nil })
	return o.answer(w, r, err, web.T(r.Context(), "Planen är inläst från filen."), o.runs.Href(p.ID, it.ID)+"/arbetsyta")
}
