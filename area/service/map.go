package service

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
	"kommunpilot/engine/access"
)

// mapView is a drawing of cells and places, with the borders behind where the
// municipalities are known. Bands differ in form as well as in colour.
type mapView struct {
	Title, Desc, ViewBox, TableHref string
	Land                            []web.MapShape
	Cells                           []mapCell
	Sites                           []mapSite
	Bands                           []string // what the bands mean
	// Box is the view box in numbers, for whoever turns a click into a place:
	// x0 y0 width height, and the degrees at its corners.
	Corners string
}

type mapCell struct {
	X, Y, R float64
	Band    int
	Title   string
}

type mapSite struct {
	X, Y        float64
	Shut, New   bool
	Title, Href string
	Key         string
}

// mostDrawn is how many cells a map draws; the largest are drawn, and the page says so.
const mostDrawn = 3000

// plane projects degrees on a drawing: the register's map in Sweden, a plain one
// elsewhere, both so that the cells fill a width of 600.
type plane struct {
	place      func(lat, lon float64) (x, y float64)
	x0, y0     float64
	width      float64
	height     float64
	scale      float64
	land       []web.MapShape
	box        kommun.Box
	inRegister bool
}

func newPlane(g *ground, sites []Site, codes []string) plane {
	b := kommun.Box{West: 180, South: 90, East: -180, North: -90}
	grow := func(lat, lon float64) {
		b.West, b.East, b.South, b.North = min(b.West, lon), max(b.East, lon), min(b.South, lat), max(b.North, lat)
	}
	for i := range g.cells {
		grow(g.cells[i].Lat, g.cells[i].Lon)
	}
	if len(g.cells) == 0 {
		for _, s := range sites {
			grow(s.Lat, s.Lon)
		}
	}
	if b.West > b.East {
		b = kommun.Box{West: 11, South: 55, East: 24, North: 69}
	}
	air := max((b.North-b.South)*0.08, 0.01)
	b.South, b.North, b.West, b.East = b.South-air, b.North+air, b.West-2*air, b.East+2*air
	p := plane{box: b}
	if len(codes) > 0 && inSweden(b.South, b.West) && inSweden(b.North, b.East) {
		m := kommun.Default().Map(b)
		p.place, p.inRegister = m.Place, true
		for _, s := range m.Kommuner {
			p.land = append(p.land, web.MapShape{D: s.D, Class: "map-land", Title: kommunName(s.Code)})
		}
		var x, y float64
		if _, err := fmt.Sscanf(m.ViewBox(), "%f %f %f %f", &x, &y, &p.width, &p.height); err == nil {
			p.x0, p.y0, p.scale = x, y, 1
			return p
		}
	}
	squeeze := math.Cos((b.South + b.North) / 2 * math.Pi / 180)
	p.scale = 600 / ((b.East - b.West) * squeeze)
	p.width, p.height = 600, (b.North-b.South)*p.scale
	p.place = func(lat, lon float64) (float64, float64) {
		return (lon - b.West) * squeeze * p.scale, (b.North - lat) * p.scale
	}
	return p
}

// draw makes the map of a comparison: cells in their bands after the changes,
// places as links that close or open them.
func (a *answerOf) draw(ctx context.Context, w *work, links bool) mapView {
	p := newPlane(w.ground, a.sites, w.it.Is.codes())
	v := mapView{Title: web.T(ctx, "Karta: %s", w.typeName(ctx, a.c.kind)), Desc: a.words(ctx)[0], TableHref: "#platser", Land: p.land}
	v.ViewBox = fmt.Sprintf("%.1f %.1f %.1f %.1f", p.x0, p.y0, p.width, p.height)
	v.Corners = fmt.Sprintf("%.6f %.6f %.6f %.6f", p.box.South, p.box.West, p.box.North, p.box.East)
	unit := a.m.word()
	half := strconv.FormatFloat(float64(a.limit)/2, 'f', -1, 64)
	v.Bands = []string{web.T(ctx, "högst %s %s", half, unit), web.T(ctx, "högst %d %s", a.limit, unit), web.T(ctx, "högst %d %s", 2*a.limit, unit), web.T(ctx, "mer än %d %s", 2*a.limit, unit), web.T(ctx, "kan inte nå något")}
	u := p.width / 600 // one drawing unit of a map that is 600 wide
	limit := uint32(float64(a.limit) * a.m.unit())
	for _, i := range largest(w.ground.cells, mostDrawn) {
		c := &w.ground.cells[i]
		x, y := p.place(c.Lat, c.Lon)
		l := a.labels[1].At(uint32(i), 0)
		says := web.T(ctx, "kan inte nå något")
		if l != access.None {
			says = web.Number(ctx, float64(l.Cost())/a.m.unit(), 1) + " " + unit
		}
		name := c.Name
		if name == "" {
			name = c.ID
		}
		v.Cells = append(v.Cells, mapCell{X: x, Y: y, R: u * min(4+math.Sqrt(float64(c.People))/5, 22), Band: band(l, limit), Title: fmt.Sprintf("%s: %s, %s", name, people(ctx, uint64(c.People)), says)})
	}
	for i, s := range a.sites {
		x, y := p.place(s.Lat, s.Lon)
		m := mapSite{X: x, Y: y, Key: s.Key, New: s.Key[0] == '+', Title: s.Name}
		for _, n := range a.shut {
			m.Shut = m.Shut || n == i
		}
		if links {
			m.Href = "?" + a.c.with(func(c *changes) { toggle(c, s.Key) })
			m.Title = web.T(ctx, "Stäng %s", s.Name)
			if m.Shut {
				m.Title = web.T(ctx, "Öppna %s igen", s.Name)
			}
		}
		v.Sites = append(v.Sites, m)
	}
	return v
}

// largest are the cells with most people, at most n, in the order in which they
// are drawn: large ones first, so that small ones are seen.
func largest(cells []Cell, n int) []int {
	out := make([]int, len(cells))
	for i := range out {
		out[i] = i
	}
	byPeople(out, cells)
	return out[:min(n, len(out))]
}

// unit is a drawing unit of the map, for sizes of marks.
func (v mapView) unit() float64 {
	var x, y, wide, high float64
	if _, err := fmt.Sscanf(v.ViewBox, "%f %f %f %f", &x, &y, &wide, &high); err != nil {
		return 1
	}
	return wide / 600
}

// invert finds the degrees of a point of the drawing, by Newton's method on the
// projection: for a click on the map.
func (p plane) invert(x, y float64) (lat, lon float64) {
	lat, lon = (p.box.South+p.box.North)/2, (p.box.West+p.box.East)/2
	const d = 1e-4
	for range 12 {
		x0, y0 := p.place(lat, lon)
		xn, yn := p.place(lat+d, lon)
		xe, ye := p.place(lat, lon+d)
		a, b, c, e := (xn-x0)/d, (xe-x0)/d, (yn-y0)/d, (ye-y0)/d
		det := a*e - b*c
		if det == 0 {
			break
		}
		dx, dy := x-x0, y-y0
		lat, lon = lat+(e*dx-b*dy)/det, lon+(a*dy-c*dx)/det
		if math.Abs(dx)+math.Abs(dy) < 1e-9 {
			break
		}
	}
	return lat, lon
}

// path is the form of a cell: a disc near a service, then a ring's square, a
// diamond, a triangle, and a cross where there is none to reach.
func (c mapCell) path() string { return bandPath(c.Band, c.X, c.Y, c.R) }

func bandPath(band int, x, y, r float64) string {
	switch band {
	case 0, 1:
		return fmt.Sprintf("M%.2f %.2fa%.2f %.2f 0 1 0 %.2f 0a%.2f %.2f 0 1 0 %.2f 0z", x-r, y, r, r, 2*r, r, r, -2*r)
	case 2:
		return fmt.Sprintf("M%.2f %.2fL%.2f %.2fL%.2f %.2fL%.2f %.2fz", x, y-1.2*r, x+1.2*r, y, x, y+1.2*r, x-1.2*r, y)
	case 3:
		return fmt.Sprintf("M%.2f %.2fh%.2fv%.2fh%.2fz", x-r, y-r, 2*r, 2*r, -2*r)
	}
	return fmt.Sprintf("M%.2f %.2fL%.2f %.2fL%.2f %.2fz", x, y-1.2*r, x+1.2*r, y+r, x-1.2*r, y+r)
}

// mark is the form of a service: a pin, crossed when it closes.
func (s mapSite) mark(u float64) string {
	r := 9 * u
	return fmt.Sprintf("M%.2f %.2fL%.2f %.2fa%.2f %.2f 0 1 1 %.2f 0z", s.X, s.Y, s.X-0.75*r, s.Y-1.4*r, r*0.85, r*0.85, 1.5*r)
}

func (s mapSite) cross(u float64) string {
	r := 8 * u
	return fmt.Sprintf("M%.2f %.2fl%.2f %.2fm0 %.2fl%.2f %.2f", s.X-r, s.Y-2.4*r, 2*r, 2*r, -2*r, -2*r, 2*r)
}
