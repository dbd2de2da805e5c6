package kommun

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"kommunpilot/base/fail"
)

// Lantmäteriet's own control point for the formulas: latitude 66°, longitude
// 24°, in a system with central meridian 13°35'7.692", scale 1.00000254, false
// northing -6226307.864 and false easting 84182.8790.
func TestProjectionMeetsLantmaterietsControlPoint(t *testing.T) {
	x, y := gauss(66, 24-(13+35.0/60+7.692/3600))
	north, east := 1.00000254*x-6226307.8640, 1.00000254*y+84182.8790
	if math.Abs(north-1135809.413803) > 1e-3 || math.Abs(east-555304.016555) > 1e-3 {
		t.Errorf("north %.6f, east %.6f", north, east)
	}
}

var pathData = regexp.MustCompile(`^(M-?[\d.]+[ -][\d.]+(l[-\d. ]+)?z)+$`)

func TestMapOfTheCountry(t *testing.T) {
	m := Default().Map(Box{})
	if len(m.Kommuner) != 290 || len(m.Counties) != 21 || len(m.Points) != 290 || m.ViewBox() != "0 0 300 640" {
		t.Fatalf("%d, %d, %d in %s", len(m.Kommuner), len(m.Counties), len(m.Points), m.ViewBox())
	}
	size := 0
	for i, s := range m.Kommuner {
		if !pathData.MatchString(s.D) {
			t.Errorf("%s: %s", s.Code, s.D)
		}
		if i > 0 && m.Kommuner[i-1].Code >= s.Code {
			t.Errorf("%s is out of order", s.Code)
		}
		size += len(s.D)
	}
	if size > 80_000 {
		t.Errorf("%d bytes of path data", size)
	}
	t.Logf("%d bytes of path data for municipalities", size)
	if again := Default().Map(Box{}); again != m {
		t.Error("the map is drawn twice")
	}
	if got := len(Shapes()); got != 290 {
		t.Errorf("%d shapes", got)
	}
}

func TestMapOfAPart(t *testing.T) {
	r := Default()
	m := r.Map(r.Around("19"))
	have := map[string]bool{}
	for _, s := range m.Kommuner {
		have[s.Code] = true
	}
	for _, k := range r.All() {
		if k.County == "19" && !have[k.Code] {
			t.Errorf("%s is not on the map of its county", k.Name)
		}
	}
	if have["2584"] || len(m.Kommuner) > 40 {
		t.Errorf("%d municipalities on the map of a county", len(m.Kommuner))
	}
	if m.Width > Width || m.Height > Height || m.Width < Width-1 && m.Height < Height-1 {
		t.Errorf("the box does not fill the view: %s", m.ViewBox())
	}
	k, _ := r.ByCode("1983")
	if x, y := m.Place(k.Lat, k.Lon); x < 0 || x > m.Width || y < 0 || y > m.Height {
		t.Errorf("Köping lies at %.1f, %.1f in %s", x, y, m.ViewBox())
	}
	if r.Around("no such code") != (Box{}) {
		t.Error("an unknown code frames something")
	}
}

func TestEveryMunicipalityHasAShapeAndNeighbours(t *testing.T) {
	r := Default()
	codes := map[string]bool{}
	for _, a := range kommunAreas() {
		codes[a.code] = true
		for _, p := range a.degree {
			if p[0].Orientation() != orb.CCW {
				t.Errorf("%s: an outer ring runs with the clock", a.code)
			}
		}
	}
	for _, k := range r.All() {
		if !codes[k.Code] {
			t.Errorf("%s has no border", k.Name)
		}
		if alone := len(r.Neighbours(k.Code)) == 0; alone != (k.Code == "0980") {
			t.Errorf("%s has neighbours %v", k.Name, r.Neighbours(k.Code))
		}
		for _, n := range r.Neighbours(k.Code) {
			if _, ok := r.ByCode(n); !ok {
				t.Errorf("%s has an unknown neighbour, %s", k.Name, n)
			}
		}
	}
}

func TestTilesShowEveryMunicipality(t *testing.T) {
	r := Default()
	const z = 6
	found := map[string]map[string]bool{"kommuner": {}, "lan": {}, "points": {}}
	for x := range 1 << z {
		for y := range 1 << z {
			data, err := r.Tile(z, x, y)
			if err != nil {
				t.Fatal(err)
			}
			layers, err := mvt.Unmarshal(data)
			if err != nil {
				t.Fatalf("%d/%d/%d: %v", z, x, y, err)
			}
			for _, l := range layers {
				for _, f := range l.Features {
					found[l.Name][f.Properties.MustString("code")] = true
					if l.Version != 2 || f.ID == nil || f.Properties.MustString("name") == "" {
						t.Errorf("%s: %+v", l.Name, f)
					}
				}
			}
		}
	}
	if len(found["kommuner"]) != 290 || len(found["lan"]) != 21 || len(found["points"]) != 290 {
		t.Errorf("%d, %d, %d", len(found["kommuner"]), len(found["lan"]), len(found["points"]))
	}
}

func TestTileOutside(t *testing.T) {
	r := Default()
	if data, err := r.Tile(6, 0, 0); err != nil || len(data) != 0 {
		t.Errorf("the Pacific has %d bytes, %v", len(data), err)
	}
	for _, c := range [][3]int{{-1, 0, 0}, {MaxZoom + 1, 0, 0}, {3, 8, 0}, {3, 0, 8}, {3, -1, 0}, {0, 0, 1 << 40}} {
		if _, err := r.Tile(c[0], c[1], c[2]); !fail.Is(err, fail.NotFound) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestMapsAndTilesAreSafeForManyAtOnce(t *testing.T) {
	r := fresh(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 40 {
				if _, err := r.Tile(7, 65+(i+j)%8, 30+j%12); err != nil {
					t.Error(err)
				}
				r.Map(r.Around(fmt.Sprintf("%02d", 17+j%6)))
			}
		})
	}
	wg.Wait()
}

func TestTheCacheOfTilesIsBounded(t *testing.T) {
	r := fresh(t)
	for x := range 30 {
		for y := range 30 {
			if _, err := r.Tile(10, 530+x, 290+y); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := r.tiles.order.Len(); n != tilesKept || len(r.tiles.tiles) != tilesKept {
		t.Errorf("%d tiles are kept", n)
	}
}

// fresh is the embedded edition with nothing drawn.
func fresh(t testing.TB) *Register {
	t.Helper()
	r, problems := Parse(strings.NewReader(edition(t)))
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return r
}

func BenchmarkMap290(b *testing.B) {
	r := fresh(b)
	for b.Loop() {
		r.draw(Box{})
	}
}

func BenchmarkMapKept(b *testing.B) {
	r := fresh(b)
	for b.Loop() {
		r.Map(Box{})
	}
}

func BenchmarkTile(b *testing.B) {
	r := fresh(b)
	for _, z := range []struct{ z, x, y int }{{4, 8, 4}, {6, 34, 18}, {8, 138, 75}} {
		b.Run(fmt.Sprintf("cut_z%d", z.z), func(b *testing.B) {
			t, err := r.Tile(z.z, z.x, z.y)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(t)), "B/tile")
			for b.Loop() {
				r.tiles = tileCache{}
				if _, err := r.Tile(z.z, z.x, z.y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("kept", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.Tile(6, 34, 18); err != nil {
				b.Fatal(err)
			}
		}
	})
}
