package access

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"
)

// Areas cover just the squares of their class, with rings that are closed,
// turn the right way and meet no corner twice.
func TestRegionsCoverTheirSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var spots []Spot
		for range rapid.IntRange(1, 60).Draw(t, "spots") {
			spots = append(spots, Spot{
				X: float64(rapid.IntRange(-70, 30).Draw(t, "x")), Y: float64(rapid.IntRange(-30, 70).Draw(t, "y")),
				Class: rapid.Int32Range(0, 2).Draw(t, "class"), Rank: rapid.Uint32Range(0, 3).Draw(t, "rank"),
			})
		}
		spread := rapid.IntRange(0, 2).Draw(t, "spread")
		regions, err := Regions(spots, 10, spread)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := newRaster(spots, 10, spread)
		r.spread(spread)
		area := map[int32]orb.MultiPolygon{}
		for i, g := range regions {
			if i > 0 && regions[i-1].Class >= g.Class {
				t.Fatal("classes are not in order")
			}
			area[g.Class] = g.Area
			for _, polygon := range g.Area {
				for n, ring := range polygon {
					if !ring.Closed() || len(ring) < 5 {
						t.Fatalf("ring %v", ring)
					}
					seen := map[orb.Point]bool{}
					for k, p := range ring[1:] {
						if seen[p] || p[0] != ring[k][0] && p[1] != ring[k][1] {
							t.Fatalf("ring %v meets %v twice or runs aslant", ring, p)
						}
						// Corners that the ring passes straight count too.
						for _, q := range between(ring[k], p) {
							if seen[q] {
								t.Fatalf("ring %v touches itself at %v", ring, q)
							}
							seen[q] = true
						}
					}
					if want := map[bool]orb.Orientation{true: orb.CCW, false: orb.CW}[n == 0]; ring.Orientation() != want {
						t.Fatalf("ring %d of %v turns the wrong way", n, polygon)
					}
				}
			}
		}
		counts := map[int32]float64{}
		for i, c := range r.class {
			center := orb.Point{(r.west + float64(i%r.w) + 0.5) * 10, (r.south + float64(i/r.w) + 0.5) * 10}
			for k, a := range area {
				if planar.MultiPolygonContains(a, center) != (k == c) {
					t.Fatalf("square %v of class %d: in the area of %d is %v", center, c, k, k != c)
				}
			}
			if c >= 0 {
				counts[c] += 100
			}
		}
		for c, n := range counts {
			if got := planar.Area(area[c]); math.Abs(got-n) > 1e-6 {
				t.Fatalf("class %d has %v m², want %v", c, got, n)
			}
		}
	})
}

// between are the corners of a raster of 10 m after a up to b.
func between(a, b orb.Point) (out []orb.Point) {
	n := int(math.Round((math.Abs(b[0]-a[0]) + math.Abs(b[1]-a[1])) / 10))
	for i := 1; i <= n; i++ {
		f := float64(i) / float64(n)
		out = append(out, orb.Point{math.Round(a[0] + f*(b[0]-a[0])), math.Round(a[1] + f*(b[1]-a[1]))})
	}
	return out
}

// A ring of squares whose ends meet aslant has a hole that touches the outline
// in a point.
func TestRegionsWithACornerAslant(t *testing.T) {
	rows := []string{
		"##.",
		"#.#",
		"###",
	}
	var spots []Spot
	for y, row := range rows {
		for x, c := range row {
			if c == '#' {
				spots = append(spots, Spot{X: float64(x), Y: float64(2 - y)})
			}
		}
	}
	got, err := Regions(spots, 1, 0)
	if err != nil || len(got) != 1 || len(got[0].Area) != 1 || len(got[0].Area[0]) != 2 {
		t.Fatalf("%v %v", got, err)
	}
	if hole := got[0].Area[0][1]; planar.Area(orb.Polygon{hole}) != 1 {
		t.Fatalf("hole %v", hole)
	}
}

func TestRegionsRefuse(t *testing.T) {
	if got, err := Regions(nil, 0, 0); got != nil || err != nil {
		t.Errorf("nothing to draw: %v %v", got, err)
	}
	for name, spots := range map[string][]Spot{
		"no number":  {{X: math.NaN()}},
		"no class":   {{Class: -1}},
		"vast plane": {{}, {X: 1e9, Y: 1e9}},
	} {
		if _, err := Regions(spots, 10, 0); !errors.Is(err, ErrRaster) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Regions([]Spot{{}}, 0, 0); !errors.Is(err, ErrRaster) {
		t.Errorf("no side: %v", err)
	}
	if got := fmt.Sprint(BandOf(0, []uint32{0, 5}), BandOf(5, []uint32{0, 5}), BandOf(6, []uint32{0, 5})); got != "0 1 2" {
		t.Errorf("bands %s", got)
	}
}
