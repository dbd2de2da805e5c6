package roadnet

import (
	"cmp"
	"math"
	"slices"
)

// Reason says why a cell has no cost, or that it has one.
type Reason uint8

// The reasons, in the words of the files.
const (
	OK      Reason = iota // snapped
	TooFar                // for_langt: the nearest edge is too far off
	Island                // o: on an island that is not accepted
	Loose                 // los_vag: only a loose road is near
	Outside               // utanfor: outside the network's extent
	Removed               // borttagen: taken out by the user
	NoSite                // ingen_plats: no site can be reached
	Reasons               // how many there are
)

// String is the reason as files write it.
func (r Reason) String() string {
	return [...]string{"ok", "for_langt", "o", "los_vag", "utanfor", "borttagen", "ingen_plats", "?"}[min(r, Reasons)]
}

// Snap is a point's position on the network: on a stretch, Part of its length
// from its From end, OffRoad metres from the road in a straight line.
type Snap struct {
	Stretch uint32
	Part    float64 // 0..1
	OffRoad float64
	Reason  Reason
}

// segment is a straight piece of a stretch.
type segment struct {
	stretch uint32
	point   uint32 // index in Shape of its first end
}

// Snapper finds the nearest road of points. Make one for a network and keep it.
type Snapper struct {
	n              *Network
	min, max       Point
	side           float64 // of a cell, degrees
	columns, lines int
	first          []uint32
	segments       []segment
	lengths        []float64 // of each stretch, metres
}

// NewSnapper makes the index: a uniform grid over the segments of the roads that
// one may start from. Cost O(segments).
func NewSnapper(n *Network) *Snapper {
	s := &Snapper{n: n, min: Point{math.MaxInt32, math.MaxInt32}, max: Point{math.MinInt32, math.MinInt32}}
	for _, p := range n.Shape {
		s.min.Lat, s.min.Lon = min(s.min.Lat, p.Lat), min(s.min.Lon, p.Lon)
		s.max.Lat, s.max.Lon = max(s.max.Lat, p.Lat), max(s.max.Lon, p.Lon)
	}
	s.lengths = make([]float64, len(n.Stretches))
	for e := range n.Stretches {
		pts := n.shape(e)
		for k := 1; k < len(pts); k++ {
			s.lengths[e] += between(pts[k-1], pts[k])
		}
	}
	count := max(len(n.Shape)-len(n.Stretches), 1)
	height, width := float64(s.max.Lat-s.min.Lat)/1e7+1e-6, float64(s.max.Lon-s.min.Lon)/1e7+1e-6
	s.side = max(math.Sqrt(height*width*3/float64(count)), 1e-5)
	s.lines, s.columns = int(height/s.side)+1, int(width/s.side)+1
	s.index()
	return s
}

func between(a, b Point) float64 {
	aLat, aLon := a.Degrees()
	bLat, bLon := b.Degrees()
	return metres(aLat, aLon, bLat, bLon)
}

// index puts every segment in each cell that its box touches.
func (s *Snapper) index() {
	each := func(f func(cell int, g segment)) {
		for e, x := range s.n.Stretches {
			if x.NoStart != 0 {
				continue
			}
			for k := s.n.ShapeFirst[e]; k+1 < s.n.ShapeFirst[e+1]; k++ {
				a, b := s.n.Shape[k], s.n.Shape[k+1]
				r0, c0 := s.cell(Point{min(a.Lat, b.Lat), min(a.Lon, b.Lon)})
				r1, c1 := s.cell(Point{max(a.Lat, b.Lat), max(a.Lon, b.Lon)})
				for r := r0; r <= r1; r++ {
					for c := c0; c <= c1; c++ {
						f(r*s.columns+c, segment{uint32(e), k})
					}
				}
			}
		}
	}
	s.first = make([]uint32, s.lines*s.columns+1)
	each(func(cell int, _ segment) { s.first[cell+1]++ })
	for i := 1; i < len(s.first); i++ {
		s.first[i] += s.first[i-1]
	}
	s.segments = make([]segment, s.first[len(s.first)-1])
	at := slices.Clone(s.first)
	each(func(cell int, g segment) { s.segments[at[cell]] = g; at[cell]++ })
}

// cell is the line and column of a place, held within the grid.
func (s *Snapper) cell(p Point) (line, column int) {
	line = int(float64(p.Lat-s.min.Lat) / 1e7 / s.side)
	column = int(float64(p.Lon-s.min.Lon) / 1e7 / s.side)
	return min(max(line, 0), s.lines-1), min(max(column, 0), s.columns-1)
}

// found is the nearest segment so far.
type found struct {
	distance float64
	g        segment
	part     float64 // of the segment
}

// Find puts a point on the nearest road of the coherent network, at most far
// metres away; of roads equally near, the one with the lowest number.
func (s *Snapper) Find(lat, lon, far float64) Snap {
	p := PointAt(lat, lon)
	edge := far / 111_000 / max(math.Cos(lat*math.Pi/180), 0.05)
	if lat < float64(s.min.Lat)/1e7-edge || lat > float64(s.max.Lat)/1e7+edge || lon < float64(s.min.Lon)/1e7-edge || lon > float64(s.max.Lon)/1e7+edge {
		return Snap{Reason: Outside}
	}
	best, loose := s.nearest(p, far)
	switch {
	case best.distance <= far:
		return s.at(best)
	case loose.distance <= far:
		return Snap{Reason: Loose, OffRoad: loose.distance}
	}
	return Snap{Reason: TooFar, OffRoad: far}
}

// at turns a segment into a position along its stretch.
func (s *Snapper) at(f found) Snap {
	pts := s.n.shape(int(f.g.stretch))
	k := int(f.g.point - s.n.ShapeFirst[f.g.stretch])
	before := 0.0
	for i := 1; i <= k; i++ {
		before += between(pts[i-1], pts[i])
	}
	before += f.part * between(pts[k], pts[k+1])
	part := 0.0
	if l := s.lengths[f.g.stretch]; l > 0 {
		part = min(before/l, 1)
	}
	return Snap{Stretch: f.g.stretch, Part: part, OffRoad: f.distance, Reason: OK}
}

// nearest looks in rings of cells round the point's own until nothing nearer can
// lie farther out. Loose is the nearest that is not of the coherent network.
func (s *Snapper) nearest(p Point, far float64) (best, loose found) {
	best.distance, loose.distance = math.Inf(1), math.Inf(1)
	line, column := s.cell(p)
	lat, _ := p.Degrees()
	// How far a ring is at least, metres: cells are narrower the farther north.
	step := s.side * 111_000 * max(math.Cos((math.Abs(lat)+s.side)*math.Pi/180), 0.01)
	for ring := 0; ring <= max(s.lines, s.columns); ring++ {
		if reach := float64(ring-1) * step; reach > min(best.distance, far) {
			break
		}
		for r := line - ring; r <= line+ring; r++ {
			if r < 0 || r >= s.lines {
				continue
			}
			by := 1
			if r != line-ring && r != line+ring {
				by = max(2*ring, 1)
			}
			for c := column - ring; c <= column+ring; c += by {
				if c >= 0 && c < s.columns {
					s.look(p, r*s.columns+c, &best, &loose)
				}
			}
		}
	}
	return best, loose
}

func (s *Snapper) look(p Point, cell int, best, loose *found) {
	for _, g := range s.segments[s.first[cell]:s.first[cell+1]] {
		x := s.n.Stretches[g.stretch]
		to := best
		if s.n.Group[x.From] != 0 || s.n.Group[x.To] != 0 {
			to = loose
		}
		d, part := distance(p, s.n.Shape[g.point], s.n.Shape[g.point+1])
		if c := cmp.Compare(d, to.distance); c < 0 || c == 0 && (g.stretch < to.g.stretch || g.stretch == to.g.stretch && g.point < to.g.point) {
			*to = found{d, g, part}
		}
	}
}

// distance is that from a point to a straight segment, metres, and the part of
// the segment at the nearest place, on a plane that touches the earth at the
// point. Points of a segment are some hundred metres apart, so the plane will do.
func distance(p, a, b Point) (d, part float64) {
	const metre = earth * math.Pi / 180 / 1e7
	squeeze := math.Cos(float64(p.Lat) / 1e7 * math.Pi / 180)
	ax, ay := float64(a.Lon-p.Lon)*squeeze*metre, float64(a.Lat-p.Lat)*metre
	bx, by := float64(b.Lon-p.Lon)*squeeze*metre, float64(b.Lat-p.Lat)*metre
	dx, dy := bx-ax, by-ay
	if l := dx*dx + dy*dy; l > 0 {
		part = min(max(-(ax*dx+ay*dy)/l, 0), 1)
	}
	return math.Hypot(ax+part*dx, ay+part*dy), part
}

// Along gives the place on the road of a snap that is OK, in degrees.
func (n *Network) Along(x Snap) (lat, lon float64) {
	pts := n.shape(int(x.Stretch))
	whole := 0.0
	for i := 1; i < len(pts); i++ {
		whole += between(pts[i-1], pts[i])
	}
	left := x.Part * whole
	for i := 1; i < len(pts); i++ {
		step := between(pts[i-1], pts[i])
		if left <= step && step > 0 {
			aLat, aLon := pts[i-1].Degrees()
			bLat, bLon := pts[i].Degrees()
			return aLat + (bLat-aLat)*left/step, aLon + (bLon-aLon)*left/step
		}
		left -= step
	}
	return pts[len(pts)-1].Degrees()
}
