package roadnet

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestT11_SnapIsTheNearestOfAllRoads holds the index against every segment, on
// drawn roads with loose ones and ones that nobody starts from.
func TestT11_SnapIsTheNearestOfAllRoads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := func(name string, spread int32) Point {
			return Point{590_000_000 + rapid.Int32Range(-spread, spread).Draw(t, name), 180_000_000 + rapid.Int32Range(-spread, spread).Draw(t, name)}
		}
		n := &Network{ShapeFirst: []uint32{0}}
		for range rapid.IntRange(1, 40).Draw(t, "roads") {
			s := Stretch{From: uint32(n.Nodes), To: uint32(n.Nodes + 1), Forward: 1, NoStart: uint32(rapid.IntRange(0, 4).Draw(t, "no start") / 4)}
			n.Nodes += 2
			group := -int32(rapid.IntRange(0, 3).Draw(t, "loose") / 3)
			n.Group = append(n.Group, group, group)
			n.Stretches = append(n.Stretches, s)
			for range rapid.IntRange(2, 5).Draw(t, "points") {
				n.Shape = append(n.Shape, at("point", 200_000))
			}
			n.ShapeFirst = append(n.ShapeFirst, uint32(len(n.Shape)))
		}
		s := NewSnapper(n)
		for range 20 {
			p := at("place", 400_000)
			lat, lon := p.Degrees()
			far := rapid.SampledFrom([]float64{10, 1000, 10_000}).Draw(t, "far")
			got := s.Find(lat, lon, far)
			if want := s.findSlowly(lat, lon, far); got.Reason != Outside && got != want {
				t.Fatalf("%+v, want %+v", got, want)
			}
		}
	})
}

// findSlowly is Find by looking at every segment.
func (s *Snapper) findSlowly(lat, lon, far float64) Snap {
	best, loose := found{distance: math.Inf(1)}, found{distance: math.Inf(1)}
	for cell := range s.lines * s.columns {
		s.look(PointAt(lat, lon), cell, &best, &loose)
	}
	switch {
	case best.distance <= far:
		return s.at(best)
	case loose.distance <= far:
		return Snap{Reason: Loose, OffRoad: loose.distance}
	}
	return Snap{Reason: TooFar, OffRoad: far}
}
