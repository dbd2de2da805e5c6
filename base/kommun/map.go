package kommun

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/paulmach/orb"
)

// Width and Height are the size of the whole country's view box. One unit is
// about 2.5 km.
const (
	Width  = 300.0
	Height = 640.0
)

// Box is a part of the country, degrees WGS 84. The zero Box is all of it.
type Box struct{ West, South, East, North float64 }

// Shape is an area as SVG path data.
type Shape struct {
	Code string
	D    string
}

// Point is where a municipality's main locality lies in the view box.
type Point struct {
	Code string
	X, Y float64
}

// Map is what a page needs to draw the country or a part of it as SVG: north
// is up, the projection SWEREF 99 TM. A shape that only partly lies in the box
// is whole; the view box cuts it. Nothing in it is to be changed.
type Map struct {
	Width, Height float64
	Kommuner      []Shape // by code
	Counties      []Shape // by code
	Points        []Point // by code
	frame         frame
}

// ViewBox is the value of the svg element's attribute.
func (m *Map) ViewBox() string {
	return "0 0 " + strconv.FormatFloat(m.Width, 'f', -1, 64) + " " + strconv.FormatFloat(m.Height, 'f', -1, 64)
}

// Place gives a point (degrees, WGS 84) its place in the view box.
func (m *Map) Place(lat, lon float64) (x, y float64) { return m.frame.place(lat, lon) }

// frame is the upper left corner of a map in SWEREF 99 TM and its scale.
type frame struct {
	west, north float64 // metres
	perUnit     float64 // metres
}

// country frames all of Sweden.
var country = frame{west: 255000, north: 7700000, perUnit: 2500}

func (f frame) place(lat, lon float64) (x, y float64) {
	e, n := sweref99TM(lat, lon)
	return (e - f.west) / f.perUnit, (f.north - n) / f.perUnit
}

// Project places a point (degrees, WGS 84) on the map of the whole country.
func Project(lat, lon float64) (x, y float64) { return country.place(lat, lon) }

// Shapes gives the borders of every municipality on the map of the whole
// country.
func Shapes() []Shape { return Default().Map(Box{}).Kommuner }

// CountyShapes gives the borders of every county on the map of the whole
// country.
func CountyShapes() []Shape { return Default().Map(Box{}).Counties }

// margin is how much air Around leaves on each side, of the box's size.
const margin = 0.04

// Around is the box that holds the named municipalities and counties, with
// some air around them; the whole country where none is known.
func (r *Register) Around(codes ...string) Box {
	var all orb.Bound
	found := false
	for _, list := range [][]area{kommunAreas(), countyAreas()} {
		for _, a := range list {
			if !slices.Contains(codes, a.code) {
				continue
			}
			if all = all.Union(a.bound); !found {
				all, found = a.bound, true
			}
		}
	}
	if !found {
		return Box{}
	}
	dx, dy := margin*(all.Right()-all.Left()), margin*(all.Top()-all.Bottom())
	return Box{West: all.Left() - dx, South: all.Bottom() - dy, East: all.Right() + dx, North: all.Top() + dy}
}

// frameOf fits the box into Width × Height and gives the size it takes.
func frameOf(b Box) (f frame, width, height float64) {
	if b.East <= b.West || b.North <= b.South {
		return country, Width, Height
	}
	low, high := orb.Point{math.Inf(1), math.Inf(1)}, orb.Point{math.Inf(-1), math.Inf(-1)}
	for i := range 5 { // meridians and parallels bend: the edges' middles too
		for j := range 5 {
			e, n := sweref99TM(b.South+(b.North-b.South)*float64(i)/4, b.West+(b.East-b.West)*float64(j)/4)
			low = orb.Point{min(low[0], e), min(low[1], n)}
			high = orb.Point{max(high[0], e), max(high[1], n)}
		}
	}
	perUnit := max((high[0]-low[0])/Width, (high[1]-low[1])/Height)
	f = frame{west: low[0], north: high[1], perUnit: perUnit}
	return f, math.Ceil((high[0] - low[0]) / perUnit), math.Ceil((high[1] - low[1]) / perUnit)
}

// keep is how many maps are kept: the country, its counties, and some more.
const keep = 64

// drawings are the maps that have been drawn.
type drawings struct {
	mu   sync.Mutex
	maps map[Box]*Map
}

// Map draws the part of the country within the box. The same map is drawn once
// and then kept. Drawing is O(points of the borders), about a millisecond.
func (r *Register) Map(b Box) *Map {
	r.drawn.mu.Lock()
	defer r.drawn.mu.Unlock()
	if m, ok := r.drawn.maps[b]; ok {
		return m
	}
	m := r.draw(b)
	if r.drawn.maps == nil || len(r.drawn.maps) >= keep {
		r.drawn.maps = map[Box]*Map{}
	}
	r.drawn.maps[b] = m
	return m
}

func (r *Register) draw(b Box) *Map {
	m := &Map{}
	m.frame, m.Width, m.Height = frameOf(b)
	byCode := map[string]string{}
	for _, a := range kommunAreas() {
		// An area whose code has ended belongs to the code that took over.
		if now := r.Today(a.code); len(now) > 0 && m.holds(a.metre) {
			byCode[now[0].Code] += m.frame.path(a.metre)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		m.Kommuner = append(m.Kommuner, Shape{code, byCode[code]})
	}
	for _, a := range countyAreas() {
		if m.holds(a.metre) {
			m.Counties = append(m.Counties, Shape{a.code, m.frame.path(a.metre)})
		}
	}
	for _, k := range r.all {
		x, y := m.frame.place(k.Lat, k.Lon)
		if x >= 0 && x <= m.Width && y >= 0 && y <= m.Height {
			m.Points = append(m.Points, Point{k.Code, math.Round(x*10) / 10, math.Round(y*10) / 10})
		}
	}
	return m
}

// holds tells whether the rings' bound touches the view box.
func (m *Map) holds(rings [][]orb.Point) bool {
	for _, r := range rings {
		b := orb.MultiPoint(r).Bound()
		if b.Right() >= m.frame.west && b.Left() <= m.frame.west+m.Width*m.frame.perUnit &&
			b.Bottom() <= m.frame.north && b.Top() >= m.frame.north-m.Height*m.frame.perUnit {
			return true
		}
	}
	return false
}

// path writes rings as path data with one decimal, each step relative to the
// one before. Points that fall on the one before are left out, and rings too
// small to show, unless none would be left.
func (f frame) path(rings [][]orb.Point) string {
	var out strings.Builder
	for i, r := range rings {
		tenths := f.tenths(r)
		if len(tenths) < 3 && (out.Len() > 0 || i < len(rings)-1) {
			continue
		}
		ring(&out, tenths)
	}
	return out.String()
}

// tenths places a ring's points on the grid of tenths of a unit; equal
// neighbours become one, and the last point, which is the first, is left out.
func (f frame) tenths(r []orb.Point) [][2]int {
	out := make([][2]int, 0, len(r))
	for _, p := range r {
		t := [2]int{int(math.Round((p[0] - f.west) / f.perUnit * 10)), int(math.Round((f.north - p[1]) / f.perUnit * 10))}
		if len(out) == 0 || out[len(out)-1] != t {
			out = append(out, t)
		}
	}
	if len(out) > 1 && out[0] == out[len(out)-1] {
		out = out[:len(out)-1]
	}
	return out
}

func ring(out *strings.Builder, tenths [][2]int) {
	for i, t := range tenths {
		switch i {
		case 0:
			out.WriteByte('M')
		case 1:
			out.WriteByte('l')
		}
		x, y := t[0], t[1]
		if i > 0 {
			x, y = x-tenths[i-1][0], y-tenths[i-1][1]
		}
		tenth(out, x, i > 1)
		tenth(out, y, true)
	}
	out.WriteByte('z')
}

// tenth writes n tenths as short as can be; after another number a space is
// needed unless a sign parts them.
func tenth(out *strings.Builder, n int, after bool) {
	if n < 0 {
		out.WriteByte('-')
		n = -n
	} else if after {
		out.WriteByte(' ')
	}
	if n >= 10 || n == 0 {
		out.WriteString(strconv.Itoa(n / 10))
	}
	if n%10 > 0 {
		out.WriteByte('.')
		out.WriteString(strconv.Itoa(n % 10))
	}
}
