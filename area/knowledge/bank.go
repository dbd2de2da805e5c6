package knowledge

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"kommunpilot/area/knowledge/index"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
)

// perPage is how many answers a page of a search has.
const perPage = 20

// facetNames are the facets that a reader may choose by, in their order, with the
// name in the address.
var facetNames = []struct{ facet, key, label string }{
	{"kind", "sort", "Sort"}, {"service", "service", "Service"}, {"evidence", "evidens", "Evidens"}, {"group", "grupp", "Kommungrupp"},
	{"municipality", "kommun", "Kommun"}, {"cost", "kostnad", "Kostnad"}, {"year", "ar", "År"}, {"language", "lang", "Språk"},
}

// found is the page of a search.
type found struct {
	form       web.Form
	query      string
	hits       []foundHit
	total      int
	facets     []foundFacet
	chosen     []web.Fact // what has been chosen, with the address that takes it away
	suggestion string
	suggested  string // address
	previous   string
	next       string
}

type foundHit struct {
	Href, Kind     string
	Title, Snippet []index.Segment
	Places, Level  string
	Example        bool
}

type foundFacet struct {
	Label  string
	Values []foundValue
}

type foundValue struct {
	Text, Href string
	N          int
}

// asked reads a question out of an address.
func asked(v url.Values) (q index.Query, page int) {
	page, _ = strconv.Atoi(v.Get("sida"))
	page = min(max(page, 1), 1000)
	q = index.Query{Text: v.Get("q"), Filter: map[string][]string{}, Most: perPage, Skip: (page - 1) * perPage}
	for _, f := range facetNames {
		if chosen := slices.DeleteFunc(slices.Clone(v[f.key]), func(x string) bool { return x == "" }); len(chosen) > 0 {
			q.Filter[f.facet] = chosen
		}
	}
	return q, page
}

// bankHref is the search with its parameters changed; an empty value takes one away.
func bankHref(v url.Values, key, value string) string {
	c := url.Values{}
	for k, list := range v {
		if k != "sida" && (k != key) {
			c[k] = list
		}
	}
	if value != "" {
		c.Set(key, value)
	}
	if len(c) == 0 {
		return "/kunskapsbank"
	}
	return "/kunskapsbank?" + c.Encode()
}

// valueText is a facet's value in words.
func valueText(ctx context.Context, facet, value string) string {
	if facet == "evidence" {
		if n, err := strconv.Atoi(value); err == nil && n > 0 && n < len(levelNames) {
			return web.T(ctx, levelNames[n])
		}
	}
	if facet == "municipality" || facet == "year" || facet == "group" {
		return value
	}
	if facet == "language" {
		return map[string]string{"sv": "svenska", "en": "English"}[value]
	}
	return web.T(ctx, value)
}

func (o *Room) search(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := r.URL.Query()
	q, page := asked(v)
	f := found{form: web.NewForm(v), query: q.Text}
	err := o.deps.DB.Read(ctx, func(t db.Q) error {
		got, err := o.index.SearchIn(ctx, t, q)
		if err != nil {
			return err
		}
		f.total, f.suggestion = got.Total, got.Suggestion
		if f.suggestion != "" {
			f.suggested = bankHref(v, "q", f.suggestion)
		}
		for _, h := range got.Hits {
			x, err := o.hit(ctx, t, h)
			if err != nil {
				return err
			}
			f.hits = append(f.hits, x)
		}
		for _, n := range facetNames {
			for _, chosen := range q.Filter[n.facet] {
				f.chosen = append(f.chosen, web.Fact{Term: web.T(ctx, n.label) + ": " + valueText(ctx, n.facet, chosen), Value: bankHref(v, n.key, "")})
			}
			i := slices.IndexFunc(got.Facets, func(x index.Facet) bool { return x.Name == n.facet })
			if i < 0 || len(q.Filter[n.facet]) > 0 || len(got.Facets[i].Values) < 2 {
				continue
			}
			list := foundFacet{Label: web.T(ctx, n.label)}
			for _, c := range got.Facets[i].Values[:min(len(got.Facets[i].Values), 12)] {
				list.Values = append(list.Values, foundValue{valueText(ctx, n.facet, c.Value), bankHref(v, n.key, c.Value), c.N})
			}
			f.facets = append(f.facets, list)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if page > 1 {
		f.previous = bankHref(v, "sida", strconv.Itoa(page-1))
	}
	if page*perPage < f.total {
		f.next = bankHref(v, "sida", strconv.Itoa(page+1))
	}
	p := web.Page{Title: web.T(ctx, "Kunskapsbank"), Wide: true, NoIndex: len(v) > 0, Canonical: o.deps.PublicURL + "/kunskapsbank",
		Lead: web.T(ctx, "Modeller, metoder, verktyg, vägledning, processer och goda exempel ur kommunernas utvecklingsprojekt, med källor.")}
	return web.Render(w, r, http.StatusOK, p, searchPage(f))
}

// entryOf is the entry that a hit is, 0 for a document that was imported.
func entryOf(h index.Hit) journal.ID {
	n, err := id.Parse[journal.ID](h.ID)
	if err != nil {
		return 0
	}
	return n
}

// hit is an answer with what its entry says. A document that is no entry of ours
// has no page.
func (o *Room) hit(ctx context.Context, t db.Q, h index.Hit) (foundHit, error) {
	x := foundHit{Kind: h.Kind, Title: h.Title, Snippet: h.Snippet}
	it, list, err := o.public(ctx, t, entryOf(h), 0)
	if fail.Is(err, fail.NotFound) {
		return x, nil
	}
	if err != nil {
		return x, err
	}
	x.Href, x.Places, x.Example = "/kunskapsbank/"+h.ID, places(it.Is.Municipalities), it.Is.Example
	x.Level = web.T(ctx, LevelName(Level(valid(list), it.Is.Figures)))
	return x, nil
}

func places(codes []string) (out string) {
	for _, c := range codes {
		if k, ok := kommun.Default().ByCode(c); ok {
			if out != "" {
				out += ", "
			}
			out += k.Name
		}
	}
	return out
}

// public finds a version of an entry that is or was public, with its sources;
// number 0 is the newest. The item's state is the entry's own of today.
func (o *Room) public(ctx context.Context, q db.Q, entry journal.ID, number int) (it journal.Item[Entry], list []journal.Item[Source], err error) {
	now, err := o.entries.Noun.Get(ctx, q, entry)
	if err != nil {
		return it, nil, err
	}
	versions, err := o.entries.Noun.Entered(ctx, q, entry, Published)
	if err != nil {
		return it, nil, err
	}
	i := slices.IndexFunc(versions, func(x journal.Item[Entry]) bool { return x.Is.Number == number })
	if number == 0 {
		i = len(versions) - 1
	}
	if i < 0 || now.State == Draft || now.State == Review {
		return it, nil, fail.New(fail.NotFound, "Sidan finns inte.")
	}
	it = versions[i]
	newest := versions[len(versions)-1].Is.Number
	it.State, it.Version = now.State, int64(newest)
	it.Is.By = now.Is.By
	list, err = o.sourcesOf(ctx, q, entry)
	return it, list, err
}

// shown is the public page of an entry.
type shown struct {
	it       journal.Item[Entry]
	level    int
	sources  []sourceLine
	flagged  bool // a source that it rested on has been withdrawn
	late     bool // it should have been reviewed again
	old      bool // not the newest version
	versions []foundValue
	likes    []foundHit
	answers  []Question
	places   string
	citation string
	href     string
	thanks   bool
	form     web.Form
	graph    map[string]any
	reason   string
	by       foundValue
	uses     []string
}

type sourceLine struct {
	Text, Kind, Href, Claim string
	Gone, Dead              bool
}

type entryRoom struct {
	href, add string
	open      bool
	live      bool
	level     int
	yes, no   int
	sources   []sourceLine
}

func (o *Room) show(w http.ResponseWriter, r *http.Request) error {
	entry, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(r.URL.Query().Get("version"))
	return o.answer(w, r, http.StatusOK, entry, number, web.NewForm(nil))
}

// answer shows an entry, or that it is gone.
func (o *Room) answer(w http.ResponseWriter, r *http.Request, status int, entry journal.ID, number int, form web.Form) error {
	ctx := r.Context()
	v := shown{form: form, thanks: r.URL.Query().Has("tack")}
	err := o.deps.DB.Read(ctx, func(q db.Q) error { return o.fill(ctx, q, &v, entry, number) })
	if err != nil {
		return err
	}
	x := &v.it.Is
	page := web.Page{Title: x.Title, Lead: x.Summary, Responsible: x.Responsible, Contact: x.Contact, Checked: x.Checked.Start(), Canonical: o.deps.PublicURL + v.href,
		Crumbs: []web.Crumb{{Text: web.T(ctx, "Kunskapsbank"), Href: "/kunskapsbank"}}, NoIndex: v.old, Meta: dublinCore(x, o.deps.PublicURL+v.href)}
	if !Open(v.it.State) {
		page.Lead, page.NoIndex, page.Meta = "", true, nil
		return web.Render(w, r, http.StatusGone, page, gonePage(v))
	}
	return web.Render(w, r, status, page, entryPage(v))
}

func (o *Room) fill(ctx context.Context, q db.Q, v *shown, entry journal.ID, number int) error {
	it, list, err := o.public(ctx, q, entry, number)
	if err != nil {
		return err
	}
	x := &it.Is
	v.href = "/kunskapsbank/" + id.String(entry)
	v.it, v.places = it, places(x.Municipalities)
	v.level = Level(valid(list), x.Figures)
	v.late = x.Again < calendar.Of(o.deps.DB.Now())
	v.old = int64(x.Number) != it.Version
	for _, s := range list {
		v.flagged = v.flagged || s.State == Withdrawn
		v.sources = append(v.sources, sourceLine{Text: s.Is.told(), Kind: s.Is.Kind, Href: s.Is.Href, Claim: s.Is.Claim, Gone: s.State == Withdrawn})
	}
	v.citation = o.citation(ctx, it)
	for n := int(it.Version); n > 0; n-- {
		if n != x.Number {
			v.versions = append(v.versions, foundValue{Text: web.T(ctx, "Version %d", n), Href: v.href + "?version=" + strconv.Itoa(n)})
		}
	}
	if !Open(it.State) {
		return o.fillGone(ctx, q, v, entry)
	}
	v.graph = schemaOrg(x, o.deps.PublicURL+v.href)
	questions, err := o.questions.Noun.List(ctx, q, journal.Query{Parent: entry})
	if err != nil {
		return err
	}
	for _, a := range questions {
		if a.Is.Shown && a.Is.Reply != "" && a.State != Asked {
			v.answers = append(v.answers, a.Is)
		}
	}
	taken, err := uses.List(ctx, q, journal.Query{Parent: entry})
	if err != nil {
		return err
	}
	for _, u := range taken {
		v.uses = append(v.uses, u.Is.Title+" ("+places(u.Is.Municipalities)+")")
	}
	like, err := o.index.Similar(ctx, q, id.String(entry), 4)
	if err != nil {
		return err
	}
	for _, h := range like {
		l, err := o.hit(ctx, q, h)
		if err != nil {
			return err
		}
		if l.Href != "" {
			v.likes = append(v.likes, l)
		}
	}
	return nil
}

// citation is how somebody refers to a version.
func (o *Room) citation(ctx context.Context, it journal.Item[Entry]) string {
	x := &it.Is
	return x.Responsible + " (" + string(x.Day)[:4] + "). " + x.Title + ". " + web.T(ctx, "Version %d, %s. Kunskapsbanken, Kommunpilot.", x.Number, web.Day(ctx, x.Day)) + " " + o.deps.PublicURL + "/kunskapsbank/" + id.String(it.ID) + "?version=" + strconv.Itoa(x.Number)
}

// fillGone says why an entry is gone, and what came in its place.
func (o *Room) fillGone(ctx context.Context, q db.Q, v *shown, entry journal.ID) error {
	events, err := journal.History(ctx, q, entry)
	if err != nil {
		return err
	}
	v.reason = events[len(events)-1].Reason
	if v.it.State != Replaced {
		return nil
	}
	by, _, err := o.public(ctx, q, v.it.Is.By, 0)
	if fail.Is(err, fail.NotFound) {
		return nil
	}
	v.by = foundValue{Text: by.Is.Title, Href: "/kunskapsbank/" + id.String(by.ID)}
	return err
}

// postHelped takes a reader's answer. There is no cookie: one who answers twice in
// a day is told apart by a mark that is thrown away with the day.
func (o *Room) postHelped(w http.ResponseWriter, r *http.Request) error {
	entry, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, 64<<10)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if helped := f.Get("helped"); helped == "ja" || helped == "nej" {
		err = o.Helped(ctx, entry, markOf(r), helped == "ja", f.Get("text"))
	} else {
		err = fail.Fields(fail.Field{Name: "helped", Message: web.T(ctx, "Välj ja eller nej.")})
	}
	if fail.Is(err, fail.Invalid) {
		return o.answer(w, r, http.StatusUnprocessableEntity, entry, 0, f.WithError(err))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/kunskapsbank/"+id.String(entry)+"?tack=1#hjalpte")
}
