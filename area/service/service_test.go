package service

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/calendar"
	"kommunpilot/base/journal"
	"kommunpilot/engine/access"
	"kommunpilot/engine/roadnet"
)

func TestPlacesAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"64.912, 19.484": "64.91200, 19.48400", "64,912; 19,484": "64.91200, 19.48400", "64.912 19.484": "64.91200, 19.48400", "64,912, 19,484": "64.91200, 19.48400",
		"7208000, 711000": "64.92", "711000 7208000": "64.92", // either order
		"19.484, 64.912": "menade du 64.912, 19.484?", "0, 95000": "utanför Sverige", "x, 3": "inget tal", "64.9": "två tal", "": "två tal", "95, 10": "ingen plats", "39.158, -75.524": "39.15800, -75.52400",
	} {
		lat, lon, err := parsePlace(text)
		got := writePlace(lat, lon)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
	}
}

// T16, R1, R2: thresholds are dated data; more than 10 km is strict.
func TestRulesAreDatedData(t *testing.T) {
	r, ok := ruleOn(carriedRules(), "driftstod.avstand", "2026-01-01")
	if !ok || r.Value != 10_000 || r.Holds(10_000) || !r.Holds(10_001) || !r.Confirmed() {
		t.Errorf("the rule of the day is %+v", r)
	}
	if old, ok := ruleOn(carriedRules(), "driftstod.avstand", "2016-01-01"); !ok || old.Value != 15_000 || old.Confirmed() {
		t.Errorf("the earlier rule is %+v; its validity is not confirmed", old)
	}
	if _, ok := ruleOn(carriedRules(), "kontant.uttag", "2010-01-01"); ok {
		t.Error("a rule holds before it began")
	}
	twice := []map[string]string{{"regel": "a", "varde": "1", "giltig_fran": "2020-01-01"}, {"regel": "a", "varde": "2", "giltig_fran": "2019-01-01", "giltig_till": "2020-06-01"}}
	if _, err := parseRules(twice); err == nil || !strings.Contains(err.Error(), "R1") {
		t.Errorf("two rows of one day gave %v", err)
	}
}

// Places that are open for a season are left out of the cash rules only.
func TestSeasonsAndClosedDoors(t *testing.T) {
	for _, x := range []struct {
		p    Point
		open bool
	}{
		{Point{Type: "apotek"}, true}, {Point{Type: "apotek", Doors: DoorsSeason}, true}, {Point{Type: "kontantuttag", Doors: DoorsSeason}, false}, {Point{Type: "apotek", Doors: DoorsShut}, false}, {Point{Type: "apotek", Doors: DoorsBarred}, false},
		{Point{Type: "apotek", From: "2026-06-01"}, false}, {Point{Type: "apotek", To: "2026-05-04"}, true}, {Point{Type: "apotek", To: "2026-05-03"}, false},
	} {
		if x.p.openOn("2026-05-04") != x.open {
			t.Errorf("%+v is open: %v", x.p, !x.open)
		}
	}
}

// TestSeed_002_08_FiveKindsEachHaveATypeAndAPlanSaysWhatItLeavesOut.
func TestSeed_002_08_FiveKindsEachHaveATypeAndAPlanSaysWhatItLeavesOut(t *testing.T) {
	for _, k := range Kinds[:5] {
		if !slices.ContainsFunc(carriedTypes(), func(x Type) bool { return x.Kind == k }) {
			t.Errorf("no type is of the kind %s", k)
		}
	}
	plan := &Plan{}
	plan.Chapters[1].Text = "Butiker i varje by."
	var silent []string
	for _, c := range chapters(plan, nil, nil, carriedTypes(), nil, nil) {
		if c.Silent {
			silent = append(silent, c.Kind)
		}
	}
	if want := []string{Fuel, Post, Pharmacy, Payment}; !slices.Equal(silent, want) {
		t.Errorf("the plan leaves out %v, and says %v", want, silent)
	}
}

// surveyOf is cells and places at random in a county, by air.
func surveyOf(r *rand.Rand, n, sites int) (*ground, []placed) {
	var cells []Cell
	for i := range n {
		cells = append(cells, Cell{ID: fmt.Sprint(i), Kommun: []string{"2417", "2418"}[r.IntN(2)], Lat: 64 + r.Float64(), Lon: 19 + 2*r.Float64(), People: uint32(r.IntN(500)), Old: 0})
		cells[i].Old = cells[i].People / 4
	}
	var points []placed
	for i := range sites {
		p := Point{Name: fmt.Sprint(i), Type: []string{"dagligvaror_full", "skola"}[r.IntN(2)]}
		points = append(points, placed{Site: Site{Key: fmt.Sprintf("s%03d", i), Name: p.Name, Lat: 64 + r.Float64(), Lon: 19 + 2*r.Float64()}, Point: p})
	}
	return newGround(cells, nil), points
}

// TestSeed_004_16_EveryCellAndTypeIsAccountedFor: every type of service, commercial
// and public, has its figures (004-03), the people counted and not counted are
// everybody, and the figures are those of counting one by one.
func TestSeed_004_16_EveryCellAndTypeIsAccountedForAnd_004_03_PublicServiceIsMeasuredTheSameWay(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 16))
	for range 30 {
		g, points := surveyOf(r, 60, r.IntN(12))
		list := types(nil, "2026-01-01")
		s, err := g.survey(points, list, "2026-01-01", map[metric]int64{byLength: 10, byTime: 10}, carriedRules())
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, f := range s.Figures {
			if f.Area != "" {
				continue
			}
			seen[f.Type] = true
			sites := openSites(points, f.Type, "2026-01-01")
			if f.People+f.Missing != s.People || f.Sites != len(sites) {
				t.Fatalf("%s counts %d and %d of %d people at %d places", f.Type, f.People, f.Missing, s.People, len(sites))
			}
			var beyond, single, old uint64
			for _, c := range g.cells {
				var near []uint32
				for _, x := range sites {
					near = append(near, straight(c.Lat, c.Lon, x.Lat, x.Lon))
				}
				slices.Sort(near)
				if len(near) > 0 && near[0] > 10_000 {
					beyond += uint64(c.People)
					old += uint64(c.Old)
				}
				if len(near) > 0 && near[0] <= 10_000 && (len(near) == 1 || near[1] > 10_000) {
					single += uint64(c.People)
				}
			}
			n, _ := f.beyond(10)
			if n != beyond || f.single(10) != single || f.OldBeyond[slices.Index(f.Limits, 10)] != old {
				t.Fatalf("%s: %d beyond, %d single, want %d and %d", f.Type, n, f.single(10), beyond, single)
			}
		}
		for _, x := range list {
			if !seen[x.Code] {
				t.Errorf("the type %s has no figures", x.Code)
			}
		}
		// Σ of what each closing would do is the single supply (T5).
		var lose uint64
		for _, e := range s.Effects {
			if e.Type == "skola" {
				lose += e.Lose
			}
		}
		for _, f := range s.Figures {
			if f.Type == "skola" && f.Area == "" && f.single(10) != lose {
				t.Errorf("closing each school would leave %d, single supply is %d", lose, f.single(10))
			}
		}
	}
}

// TestSeed_004_15_TheSameQuestionGivesTheSameFiguresNextYear: two inventories with
// the same places have the same figures, and a change of method is said.
func TestSeed_004_15_TheSameQuestionGivesTheSameFiguresNextYear(t *testing.T) {
	g, points := surveyOf(rand.New(rand.NewPCG(1, 1)), 50, 8)
	at := func(day calendar.Date) Inventory {
		s, err := g.survey(points, types(nil, day), day, map[metric]int64{byLength: 10, byTime: 10}, carriedRules())
		if err != nil {
			t.Fatal(err)
		}
		return Inventory{Day: day, Result: &Result{Figures: s.Figures, People: s.People, Roads: "fågelvägen"}}
	}
	a, b := at("2025-10-01"), at("2026-10-01")
	v := trend(t.Context(), &a, &b)
	if len(v.Rows) == 0 || v.Note != "" {
		t.Fatalf("%+v", v)
	}
	for _, r := range v.Rows {
		if r.Before != r.After || r.SitesBefore != r.SitesAfter {
			t.Errorf("nothing has changed, but %+v", r)
		}
	}
	b.Result.Roads = "Vägnät 2026"
	if trend(t.Context(), &a, &b).Note == "" {
		t.Error("another way to measure is not said")
	}
}

// onRoads is the room's measure on a real network.
func onRoads(t *testing.T) *Roads {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "copenhagen.roads"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := roadnet.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return NewRoads("x", n)
}

// What is tried equals a full count with the places that remain, by air and on
// roads, and what was tried before leaves nothing behind.
func TestWhatIsTriedIsAFullCount(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, roads := range []*Roads{nil, onRoads(t)} {
		spot := func() (float64, float64) {
			if roads == nil {
				return 64 + r.Float64(), 19 + r.Float64()
			}
			p := roads.Network.Shape[r.IntN(len(roads.Network.Shape))]
			return p.Degrees()
		}
		var cells []Cell
		for i := range 80 {
			lat, lon := spot()
			cells = append(cells, Cell{ID: fmt.Sprint(i), Lat: lat, Lon: lon, People: uint32(r.IntN(9))})
		}
		g := newGround(cells, roads)
		var sites []Site
		for i := range 12 {
			lat, lon := spot()
			sites = append(sites, Site{Key: fmt.Sprintf("s%02d", i), Lat: lat, Lon: lon})
		}
		for _, m := range g.metrics() {
			for range 25 {
				var shut []int
				for i := range sites {
					if r.IntN(4) == 0 {
						shut = append(shut, i)
					}
				}
				var more []Site
				for i := range r.IntN(3) {
					lat, lon := spot()
					more = append(more, Site{Key: fmt.Sprintf("+%d", i+1), Lat: lat, Lon: lon})
				}
				got, err := g.tried("k"+m.word(), sites, m, shut, more)
				if err != nil {
					t.Fatal(err)
				}
				var left []Site
				var number []uint32
				for i, s := range slices.Concat(sites, more) {
					if !slices.Contains(shut, i) {
						left, number = append(left, s), append(number, uint32(i))
					}
				}
				want, err := g.labels(left, m)
				if err != nil {
					t.Fatal(err)
				}
				for i := range cells {
					w := want.At(uint32(i), 0)
					if w != access.None {
						w = access.NewLabel(w.Cost(), number[w.Site()])
					}
					if x := got.At(uint32(i), 0); x != w {
						t.Fatalf("%s: cell %d has %x, not %x, shut %v", m.word(), i, x, w, shut)
					}
				}
			}
		}
	}
}

// S5: points of a type within 30 metres are asked about until somebody has told.
func TestTwinsAreAskedAbout(t *testing.T) {
	at := func(item journal.ID, lat float64, typ, key string) placed {
		return placed{Site: Site{Key: key, Lat: lat, Lon: 19}, ID: item, Point: Point{Type: typ}}
	}
	list := []placed{at(1, 64, "apotek", "a"), at(2, 64.0002, "apotek", "b"), at(3, 64.01, "apotek", "c"), at(4, 64, "skola", "d"), at(5, 64.0001, "apotek", "a")}
	if got := twinsOf(list); len(got) != 2 { // 1 and 5 are one place; 2 lies near both
		t.Errorf("%d pairs, not 2: %+v", len(got), got)
	}
	list[0].Point.Apart = []journal.ID{2}
	if got := twinsOf(list); len(got) != 1 || got[0].A.ID != 2 || got[0].B.ID != 5 {
		t.Errorf("the pairs are %+v", got)
	}
}

// Each planted error is told with its line and rule, and nothing else is (T17).
func TestFilesOfPlacesAndPeople(t *testing.T) {
	list := carriedTypes()
	for name, x := range map[string]struct{ file, want string }{
		"no such type":        {"id,type,lat,lon\na,bastu,64,19\n", "2 S1"},
		"twice":               {"id,type,lat,lon\na,apotek,64,19\na,apotek,64,19\n", "3 G3"},
		"no place":            {"id,type,lat,lon\na,apotek,,\n", "2 C3"},
		"degrees as metres":   {"id,type,x,y\na,apotek,19.5,64.9\n", "2 C3"},
		"metres as degrees":   {"id,type,lat,lon\na,apotek,7208000,711000\n", "2 C3"},
		"mixed axes":          {"id,type,x,y\na,apotek,7208000,711000\n", "2 C3"},
		"swapped":             {"id,type,lat,lon\na,apotek,19.5,64.9\n", "2 C3"},
		"decimal comma":       {"id;type;lat;lon\na;apotek;64,9;19\n", "2 G5"},
		"ends before":         {"id,type,lat,lon,giltig_fran,giltig_till\na,apotek,64,19,2026-02-01,2026-01-01\n", "2 S3"},
		"one place far apart": {"id,type,lat,lon,plats\na,apotek,64,19,p\nb,apotek,64.1,19,p\n", "3 S4"},
		"no code":             {"id,type,lat,lon,kommun\na,apotek,64,19,99\n", "2 G2"},
		"short row":           {"id,type,lat,lon\na,apotek,64\n", "2 G1"},
		"empty":               {"", "1 G1"},
		"no rows":             {"id,type,lat,lon\n", "1 G1"},
		"no such day":         {"id,type,lat,lon,kalldatum\na,apotek,64,19,igår\n", "2 G5"},
		"broken collection":   {"{\"type\": \"FeatureCollection\", ", "1 G1"},
	} {
		_, rep := parsePoints(t.Context(), name, []byte(x.file), list, "Prov", "2026-01-01")
		if len(rep.Faults) != 1 || fmt.Sprintf("%d %s", rep.Faults[0].Line, rep.Faults[0].Rule) != x.want || rep.Errors != 1 {
			t.Errorf("%s: want %s, got %+v", name, x.want, rep)
		}
	}
	if _, rep := parsePoints(t.Context(), "", []byte("id,type,lat,lon\na,apotek,64,19\n"), list, "", ""); rep.Errors != 1 || rep.Faults[0].Rule != "S2" {
		t.Errorf("without a source: %+v", rep)
	}
	points, rep := parsePoints(t.Context(), "", []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","properties":{"typ":"apotek","namn":"Y","kommun":"0180"},"geometry":{"type":"Point","coordinates":[19.5,64.9]}}]}`), list, "Prov", "2026-01-01")
	if rep.Errors != 0 || rep.Warnings != 1 || len(points) != 1 || points[0].Where != "64.90000, 19.50000" {
		t.Errorf("a collection gave %+v %+v", points, rep)
	}
	for name, x := range map[string]struct{ file, want string }{
		"twice": {"ruta,x,y,p_tot\na,711000,7208000,4\na,711000,7208000,4\n", "3 C1"}, "no number": {"ruta,x,y,p_tot\na,711000,7208000,fyra\n", "2 C2"}, "negative": {"ruta,x,y,p_tot\na,711000,7208000,-1\n", "2 C2"},
		"more old than all": {"ruta,x,y,p_tot,p_70plus\na,711000,7208000,4,5\n", "2 C2"},
	} {
		_, rep := parsePopulation(t.Context(), name, []byte(x.file))
		if len(rep.Faults) != 1 || fmt.Sprintf("%d %s", rep.Faults[0].Line, rep.Faults[0].Rule) != x.want {
			t.Errorf("%s: want %s, got %+v", name, x.want, rep)
		}
	}
	cells, rep := parsePopulation(t.Context(), "", []byte("ruta;x;y;p_tot;kommun\nb;711000;7208000;4;2417\na;711250;7208000;7;2417\n"))
	if rep.Errors != 0 || rep.People != 11 || cells[0].ID != "a" {
		t.Errorf("%+v %+v", cells, rep)
	}
	again, rep := parsePopulation(t.Context(), "", writePopulation(cells))
	if rep.Errors != 0 || len(again) != 2 || again[0].People != 7 || again[0].Kommun != "2417" {
		t.Errorf("what is kept is read as %+v %+v", again, rep)
	}
}

func FuzzFilesOfPlaces(f *testing.F) {
	f.Add("id,type,lat,lon\na,apotek,64,19\n")
	f.Add(`{"type":"FeatureCollection","features":[{"geometry":{"type":"Polygon","coordinates":[]}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if points, rep := parsePoints(t.Context(), "x", []byte(text), carriedTypes(), "Prov", "2026-01-01"); rep.Errors == 0 && len(points) == 0 {
			t.Error("no places and no error")
		}
	})
}

// What a click on the map costs: 4 000 places with people, 100 services, one
// closing and one opening, with all that the page shows of it.
func BenchmarkClick4000Cells(b *testing.B) {
	data, err := os.ReadFile(filepath.Join("testdata", "copenhagen.roads"))
	if err != nil {
		b.Fatal(err)
	}
	n, err := roadnet.Parse(data)
	if err != nil {
		b.Fatal(err)
	}
	roads := NewRoads("x", n)
	r := rand.New(rand.NewPCG(1, 2))
	var cells []Cell
	var points []placed
	for i := range 4100 {
		lat, lon := n.Shape[r.IntN(len(n.Shape))].Degrees()
		if i < 4000 {
			cells = append(cells, Cell{ID: fmt.Sprint(i), Lat: lat, Lon: lon, People: uint32(r.IntN(90))})
			continue
		}
		points = append(points, placed{Site: Site{Key: fmt.Sprintf("s%d", i), Lat: lat, Lon: lon}, Point: Point{Type: "apotek"}})
	}
	w := &work{it: &journal.Item[Inventory]{Is: Inventory{Day: "2026-01-01"}}, points: points, types: carriedTypes(), rules: carriedRules(), roads: roads, ground: newGround(cells, roads)}
	for b.Loop() {
		a, err := w.compare(changes{kind: "apotek", unit: "min", shut: []string{"s4000"}, open: [][2]float64{{cells[9].Lat, cells[9].Lon}}})
		if err != nil {
			b.Fatal(err)
		}
		_ = a.draw(b.Context(), w, true)
	}
}
