package service

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/fail"
	"kommunpilot/base/web"
	"kommunpilot/engine/access"
)

// mostOpen is how many new places one question may have.
const mostOpen = 20

// changes is a question about one type of service: what closes, what opens.
type changes struct {
	kind string // the type's code
	unit string // km or min
	shut []string
	open [][2]float64
}

// query is the changes as an address; the order of what was done is kept, so
// that the last one can be taken back.
func (c *changes) query() string {
	q := url.Values{"typ": {c.kind}}
	if c.unit == byTime.word() {
		q.Set("matt", c.unit)
	}
	q["stang"] = c.shut
	for _, p := range c.open {
		q.Add("oppna", writePlace(p[0], p[1]))
	}
	return q.Encode()
}

func (c *changes) metric() metric {
	if c.unit == byTime.word() {
		return byTime
	}
	return byLength
}

// with is the changes and one more, or one less.
func (c *changes) with(do func(x *changes)) string {
	x := *c
	x.shut, x.open = slices.Clone(c.shut), slices.Clone(c.open)
	do(&x)
	return x.query()
}

// readChanges reads them from an address.
func readChanges(query string) (c changes, err error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return c, fail.New(fail.Invalid, "Adressen går inte att läsa.")
	}
	c.kind, c.unit = q.Get("typ"), q.Get("matt")
	for _, key := range q["stang"] {
		if key != "" && !slices.Contains(c.shut, key) {
			c.shut = append(c.shut, key)
		}
	}
	for _, text := range q["oppna"] {
		if strings.TrimSpace(text) == "" {
			continue
		}
		lat, lon, err := parsePlace(text)
		if err != nil {
			return c, fail.Fields(fail.Field{Name: "oppna", Message: "Platsen: " + err.Error() + "."})
		}
		c.open = append(c.open, [2]float64{lat, lon})
	}
	if len(c.open) > mostOpen {
		return c, fail.Fields(fail.Field{Name: "oppna", Message: fmt.Sprintf("Högst %d nya ställen på en gång.", mostOpen)})
	}
	return c, nil
}

// answerOf is what changes come to, beside today.
type answerOf struct {
	c             changes
	m             metric
	sites         []Site // today's, then those opened
	shut          []int  // numbers of those that close
	before, after []Figure
	labels        [2]*access.Labels // of the cells, before and after
	limit         int64
	// Worse and Better are people whose way gets longer or shorter; Lost had a
	// place to go and have none.
	Worse, Better, Lost uint64
	Extra               float64 // more person-kilometres or person-minutes, one way
	OffRoad             []int   // opened places that do not lie by a road
}

// compare measures a type of service before and after the changes.
func (w *work) compare(c changes) (*answerOf, error) {
	if !slices.ContainsFunc(w.types, func(t Type) bool { return t.Code == c.kind }) {
		return nil, fail.Fields(fail.Field{Name: "typ", Message: "Välj en typ av service."})
	}
	a := &answerOf{c: c, m: c.metric()}
	if !w.ground.has(a.m) {
		a.m, a.c.unit = byLength, ""
	}
	a.limit = w.it.Is.limits()[a.m]
	today := openSites(w.points, c.kind, w.it.Is.Day)
	a.sites = slices.Clone(today)
	var more []Site
	for i, p := range c.open {
		s := Site{Key: "+" + strconv.Itoa(i+1), Name: fmt.Sprintf("Nytt ställe %d", i+1), Lat: p[0], Lon: p[1]}
		more = append(more, s)
		if w.roads != nil && w.roads.snap(s.Lat, s.Lon).Reason != access.OK {
			a.OffRoad = append(a.OffRoad, i+1)
		}
	}
	a.sites = append(a.sites, more...)
	for _, key := range c.shut {
		if i := slices.IndexFunc(a.sites, func(s Site) bool { return s.Key == key }); i >= 0 {
			a.shut = append(a.shut, i)
		}
	}
	key := w.key + " " + c.kind + " " + a.m.word()
	var err error
	if a.labels[0], err = w.ground.tried(key, today, a.m, nil, nil); err != nil {
		return nil, err
	}
	if a.labels[1], err = w.ground.tried(key, today, a.m, a.shut, more); err != nil {
		return nil, err
	}
	own := w.it.Is.limits()[a.m]
	if a.before, err = w.ground.figures(c.kind, len(today), a.labels[0], a.m, own); err != nil {
		return nil, err
	}
	if a.after, err = w.ground.figures(c.kind, len(a.sites)-len(a.shut), a.labels[1], a.m, own); err != nil {
		return nil, err
	}
	a.sum(w.ground)
	return a, nil
}

// sum counts those whose way changes.
func (a *answerOf) sum(g *ground) {
	var extra int64
	for i := range g.cells {
		x, y, p := a.labels[0].At(uint32(i), 0), a.labels[1].At(uint32(i), 0), uint64(g.people[i])
		switch {
		case x == access.None && y == access.None:
		case y == access.None:
			a.Lost += p
		case x == access.None:
			a.Better += p
		default:
			extra += int64(p) * (int64(y.Cost()) - int64(x.Cost()))
			if y.Cost() > x.Cost() {
				a.Worse += p
			} else if y.Cost() < x.Cost() {
				a.Better += p
			}
		}
	}
	a.Extra = float64(extra) / a.m.unit()
}

// changed tells whether anything is tried.
func (a *answerOf) changed() bool { return len(a.shut) > 0 || len(a.c.open) > 0 }

// words say what the changes come to.
func (a *answerOf) words(ctx context.Context) []string {
	if !a.changed() {
		return []string{web.T(ctx, "Så är det i dag. Stäng ett ställe eller öppna ett nytt och se vad som händer.")}
	}
	var out []string
	before, _ := a.before[0].beyond(a.limit)
	after, _ := a.after[0].beyond(a.limit)
	out = append(out, web.T(ctx, "%s får längre väg och %s kortare.", people(ctx, a.Worse), people(ctx, a.Better)))
	if a.Lost > 0 {
		out = append(out, web.T(ctx, "%s får inget ställe alls att åka till.", people(ctx, a.Lost)))
	}
	switch {
	case after > before:
		out = append(out, web.T(ctx, "%s fler får mer än %d %s.", people(ctx, after-before), a.limit, a.m.word()))
	case after < before:
		out = append(out, web.T(ctx, "%s färre har mer än %d %s.", people(ctx, before-after), a.limit, a.m.word()))
	default:
		out = append(out, web.T(ctx, "Lika många som i dag har mer än %d %s.", a.limit, a.m.word()))
	}
	return out
}

func people(ctx context.Context, n uint64) string {
	if n == 1 {
		return web.T(ctx, "1 person")
	}
	return web.T(ctx, "%s personer", web.Number(ctx, float64(n), 0))
}

// bands are the classes of a map: within half the limit, within the limit,
// within twice, beyond, and no place at all.
func band(l access.Label, limit uint32) int {
	switch {
	case l == access.None:
		return 4
	case l.Cost() <= limit/2:
		return 0
	case l.Cost() <= limit:
		return 1
	case l.Cost() <= 2*limit:
		return 2
	}
	return 3
}

// toggle closes a place, or opens it again.
func toggle(c *changes, key string) {
	if i := slices.Index(c.shut, key); i >= 0 {
		c.shut = slices.Delete(c.shut, i, i+1)
		return
	}
	c.shut = append(c.shut, key)
}

// byPeople sorts numbers of cells by their people, most first.
func byPeople(list []int, cells []Cell) {
	slices.SortStableFunc(list, func(a, b int) int { return int(cells[b].People) - int(cells[a].People) })
}
