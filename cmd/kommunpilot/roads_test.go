package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kommunpilot/engine/access"
	"kommunpilot/engine/roadnet"
)

// roadsFile is an extract of the data folder; the two in testdata can be had
// without the folder.
func roadsFile(t *testing.T, name string) string {
	t.Helper()
	if name == "stockholm-centre" || name == "copenhagen-kbh" {
		return filepath.Join("testdata", "roads", name+".osm.pbf")
	}
	dir := os.Getenv("SHARED_DATA")
	if dir == "" {
		t.Skip("SHARED_DATA is not set")
	}
	return filepath.Join(dir, "roads", name+".osm.pbf")
}

// reference is a network built by the reference profile.
func reference(t *testing.T, name string) *roadnet.Network {
	t.Helper()
	p, err := roadnet.ProfileByName("ref_car")
	worked(t, err)
	n, err := readOSM(t.Context(), roadsFile(t, name), p, io.Discard)
	worked(t, err)
	return n
}

// drawnSites are the test sites of accessibility.md 7.5 step 9.
func drawnSites(n int) (out []access.Seed) {
	r := rand.New(rand.NewSource(42))
	for range 100 {
		v := uint32(r.Intn(n))
		if !slices.ContainsFunc(out, func(s access.Seed) bool { return s.Node == v }) {
			out = append(out, access.Seed{Node: v, Site: uint32(len(out))})
		}
	}
	return out
}

// published are the figures of accessibility.md 7.2 and 15.1.
var published = []struct {
	name                      string
	nodes, arcs, used, usable int
	weak, strong              int
	sizes                     []int
	sites                     int
	d1, d2, far, wrong        uint64
	beyond, single            [3]int // of 3 000, 6 000 and 12 000
	isolation                 uint64
	isolated                  int
}{
	{"stockholm-centre", 79, 133, 34, 70, 5, 25, []int{34, 7, 5, 4}, 30, 696, 4678, 292, 571, [3]int{}, [3]int{-1}, 0, 0},
	{"copenhagen-kbh", 4673, 11202, 4598, 11121, 15, 57, []int{4598, 5, 2, 2}, 98, 2847850, 4612025, 3655, 2883016, [3]int{3, 0, 0}, [3]int{91, 0, 0}, 67902, 2},
	{"liechtenstein-latest", 5337, 11607, 5262, 11518, 28, 37, []int{5262, 4, 4, 4}, 99, 3021014, 4819033, 4233, 3009418, [3]int{12, 0, 0}, [3]int{61, 0, 0}, 59140, 1},
	{"rhein-neckar-rnv", 43100, 95797, 42596, 95177, 51, 381, []int{42596, 11, 10, 10}, 100, 94559865, 139041140, 13798, 93608756, [3]int{9624, 887, 26}, [3]int{11972, 1418, 194}, 232344, 30},
	{"delaware-latest", 71853, 170988, 70702, 168705, 136, 298, []int{70702, 199, 196, 86}, 100, 251249912, 353281270, 23844, 250829921, [3]int{34121, 11396, 736}, [3]int{13048, 11695, 1136}, 337278, 40},
}

func TestT1_T2_T3_T5_PublishedFiguresOfRealNetworks(t *testing.T) {
	for _, want := range published {
		t.Run(want.name, func(t *testing.T) {
			n := reference(t, want.name)
			g, _ := n.Graph(roadnet.ByTime)
			c := n.Meta.Components
			if n.Nodes != want.nodes || len(g.Arcs) != want.arcs || c.LargestNodes != want.used || c.LargestArcs != want.usable || c.Weak != want.weak || c.Strong != want.strong || !slices.Equal(c.Sizes, want.sizes) {
				t.Fatalf("%d nodes, %d arcs, %+v", n.Nodes, len(g.Arcs), c)
			}
			core, _ := n.Coherent(roadnet.ByTime)
			back, _ := core.Reversed()
			seeds := drawnSites(core.Nodes())
			b, err := access.Nearest(back, seeds, 2, 0)
			worked(t, err)
			wrong, err := access.Nearest(core, seeds, 1, 0)
			worked(t, err)
			var d1, d2, far, other, isolation uint64
			var beyond, single [3]int
			isolated := 0
			for v := range uint32(core.Nodes()) {
				a, z := b.At(v, 0).Cost(), b.At(v, 1).Cost()
				d1, d2, far, other = d1+uint64(a), d2+uint64(z), max(far, uint64(a)), other+uint64(wrong.At(v, 0).Cost())
				for i, limit := range []uint32{3000, 6000, 12000} {
					if a > limit {
						beyond[i]++
					} else if z > limit {
						single[i]++
					}
				}
			}
			for _, s := range seeds {
				d := b.At(s.Node, 0)
				if d.Site() == s.Site {
					d = b.At(s.Node, 1)
				}
				isolation += uint64(d.Cost())
				if d.Cost() > 3000 {
					isolated++
				}
			}
			if len(seeds) != want.sites || d1 != want.d1 || d2 != want.d2 || far != want.far || other != want.wrong {
				t.Errorf("%d sites, sums %d and %d, farthest %d, the wrong way %d", len(seeds), d1, d2, far, other)
			}
			if want.single[0] >= 0 && (beyond != want.beyond || single != want.single || isolation != want.isolation || isolated != want.isolated) {
				t.Errorf("beyond %v, single %v, isolation %d, isolated %d", beyond, single, isolation, isolated)
			}
		})
	}
}

func TestRoadsFileIsReadAsItWasWritten(t *testing.T) {
	n := reference(t, "stockholm-centre").Ordered()
	n.Meta.Source = "a file"
	var b bytes.Buffer
	worked(t, n.Write(&b))
	got, err := roadnet.Parse(b.Bytes())
	worked(t, err)
	a, _ := json.Marshal(n)
	z, _ := json.Marshal(got)
	if !bytes.Equal(a, z) {
		t.Errorf("%s\n%s", a, z)
	}
	for i := range b.Bytes() {
		bad := slices.Clone(b.Bytes())
		bad[i] ^= 0x40
		if _, err := roadnet.Parse(bad); err == nil {
			t.Fatalf("byte %d is changed and nobody sees it", i)
		}
	}
	for _, end := range []int{0, 5, 20, 100, b.Len() - 1} {
		if _, err := roadnet.Parse(b.Bytes()[:end]); err == nil {
			t.Errorf("cut at %d", end)
		}
	}
	old := slices.Clone(b.Bytes())
	old[8] = 0
	if _, err := roadnet.Parse(old); err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("an older file: %v", err)
	}
}

// TestNearestOfAGraph runs the commands on a graph without places, as somebody
// would.
func TestNearestOfAGraph(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	worked(t, os.WriteFile(in("g.gr"), []byte("c a graph\np sp 5 6\na 1 2 10\na 2 3 10\na 3 1 10\na 3 2 4\na 2 1 10\na 4 5 7\n"), 0o600))
	worked(t, os.WriteFile(in("s.csv"), []byte("id,type,node\nb,apotek,3\na,apotek,1\nm,mack,5\n"), 0o600))
	must(t, "roads", "build", in("g.gr"), "--out", in("g.roads"))
	got := must(t, "access", "nearest", "--roads", in("g.roads"), "--services", in("s.csv"), "--nodes", "--k", "2")
	want := `origin,type,rank,service,seconds,metres,snap_metres,reason
1,apotek,1,a,0,,,ok
1,apotek,2,b,20,,,ok
1,mack,1,,,,,ingen_plats
1,mack,2,,,,,ingen_plats
2,apotek,1,a,10,,,ok
2,apotek,2,b,10,,,ok
2,mack,1,,,,,ingen_plats
2,mack,2,,,,,ingen_plats
3,apotek,1,b,0,,,ok
3,apotek,2,a,10,,,ok
3,mack,1,,,,,ingen_plats
3,mack,2,,,,,ingen_plats
4,apotek,1,,,,,ingen_plats
4,apotek,2,,,,,ingen_plats
4,mack,1,m,7,,,ok
4,mack,2,,,,,ingen_plats
5,apotek,1,,,,,ingen_plats
5,apotek,2,,,,,ingen_plats
5,mack,1,m,0,,,ok
5,mack,2,,,,,ingen_plats
`
	if got != want {
		t.Errorf("%s", got)
	}
}

// TestNearestOfPlaces runs the commands on a real extract.
func TestNearestOfPlaces(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	worked(t, os.WriteFile(in("s.csv"), []byte("id,type,name,lat,lon\nb,apotek,B,59.3155,18.0655\na,apotek,A,59.3155,18.0655\nfar,apotek,C,62,15\n"), 0o600))
	worked(t, os.WriteFile(in("o.csv"), []byte("id;x;y;population\nhome;674610;6579290;12\n"), 0o600))
	must(t, "roads", "build", roadsFile(t, "stockholm-centre"), "--profile", "foot", "--out", in("s.roads"))
	for _, metric := range []string{"time", "distance"} {
		rows, err := csv.NewReader(strings.NewReader(must(t, "access", "nearest", "--roads", in("s.roads"), "--services", in("s.csv"), "--origins", in("o.csv"), "--k", "2", "--metric", metric))).ReadAll()
		worked(t, err)
		if len(rows) != 3 || rows[1][3] != "a" || rows[1][7] != "ok" || rows[2][3] != "" || rows[2][7] != "ingen_plats" {
			t.Errorf("%v: two points at one place are one site: %q", metric, rows)
		}
	}
}

func TestAccessSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) { worked(t, os.WriteFile(in(name), []byte(text), 0o600)) }
	must(t, "roads", "build", roadsFile(t, "stockholm-centre"), "--out", in("n.roads"))
	write("good.csv", "id,type,name,lat,lon\na,apotek,A,59.3155,18.0655\n")
	write("o.csv", "id,lat,lon\nh,59.3155,18.0655\n")
	for _, c := range []struct {
		services, origins, want string
		code                    int
	}{
		{"", "id,lat,lon\nh,1,1\n", "filen är tom", 2},
		{"id,lat,lon\na,1,1\n", "", "kolumnerna ska vara id,type,name,lat,lon", 2},
		{"id,type,name,lat,lon\na,apotek,A,\"59,3\",18\n", "", "skriv decimalpunkt, 59.3", 2},
		{"id,type,name,lat,lon\na,apotek,A,674610,6579290\n", "", "ser ut som SWEREF 99 TM", 2},
		{"id,type,x,y\na,apotek,6579290,674610\n", "", "förväxlade axlar", 2},
		{"id,type,x,y\na,apotek,18,59\n", "", "ser ut som grader", 2},
		{"id,type,name,lat,lon\na,apotek,A,118,59\n", "", "är lat och lon förväxlade", 2},
		{"id,type,name,lat,lon\na,apotek,A,59.3,18\na,mack,B,59.3,18\n", "", "finns också på rad 2", 2},
		{"id,type,name,lat,lon\na,,A,59.3,18\n", "", "typen saknas", 2},
		{"id,type,name,lat,lon,giltig_fran,giltig_till\na,mack,A,59.3,18,2026-01-01,2025-01-01\n", "", "ligger före giltig_fran", 2},
		{"id,type,name,lat,lon\na,apotek,A,62,15\n", "", "ingen tjänst ligger på vägnätet", 3},
		{"id,type,name,lat,lon\n", "", "ingen tjänst ligger på vägnätet", 3},
		{"id,type,name,lat,lon\na,apotek,A,59.3155,18.0655\n", "id,lat,lon,population\nh,59.3,18,-3\n", "befolkningen är", 2},
		{"id,type,name,lat,lon\na,apotek,A,59.3155,18.0655\n", "id,lat,lon\nh,62,15\n", "ingen av platserna når någon tjänst", 3},
	} {
		s, o := in("s.csv"), in("o.csv")
		write("s.csv", c.services)
		if c.origins != "" {
			write("p.csv", c.origins)
			o = in("p.csv")
		}
		code, _, errs := command(t, "access", "nearest", "--roads", in("n.roads"), "--services", s, "--origins", o)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%q %q: code %d, %s", c.services, c.origins, code, errs)
		}
	}
	if code, _, errs := command(t, "access", "nearest", "--roads", in("good.csv"), "--services", in("good.csv"), "--nodes"); code != 2 || !strings.Contains(errs, "ingen vägfil") {
		t.Errorf("%d %s", code, errs)
	}
	for _, text := range []string{"", "p sp 2 1\n", "p sp 2 1\na 1 3 1\n", "p sp 2 1\na 1 2 x\n", "hej\n"} {
		write("bad.gr", text)
		if code, _, errs := command(t, "roads", "build", in("bad.gr"), "--out", in("bad.roads")); code != 2 || !strings.Contains(errs, "rad ") {
			t.Errorf("%q: %d %s", text, code, errs)
		}
	}
	whole, err := os.ReadFile(roadsFile(t, "stockholm-centre"))
	worked(t, err)
	worked(t, os.WriteFile(in("cut.osm.pbf"), whole[:len(whole)/2], 0o600))
	if code, _, errs := command(t, "roads", "build", in("cut.osm.pbf"), "--out", in("bad.roads")); code != 2 || !strings.Contains(errs, "blob") || !strings.Contains(errs, "avklippt") {
		t.Errorf("%d %s", code, errs)
	}
	if _, err := os.Stat(in("bad.roads")); err == nil {
		t.Error("a file was left behind")
	}
}

// TestT15_PublishedPlacements holds the choices of accessibility.md 10.4 and the
// covers of 10.2: every node weighs 1, the drawn sites are the candidates.
func TestT15_PublishedPlacements(t *testing.T) {
	for _, c := range []struct {
		name                    string
		limit                   uint32
		existing, p             int
		median, cover, farthest uint64
		hopeless, fewest        int
	}{
		{"stockholm-centre", 100, 0, 2, 11434, 6, 659, 4, 20},
		{"stockholm-centre", 100, 0, 3, 8830, 9, 590, 4, 20},
		{"copenhagen-kbh", 1200, 0, 2, 10378561, 840, 5524, 464, 60},
		{"copenhagen-kbh", 1200, 0, 3, 8553576, 1196, 4908, 464, 60},
		{"copenhagen-kbh", 1200, 5, 2, 7591172, 1469, 4613, -1, 0},
		{"liechtenstein-latest", 1800, 0, 2, 18634199, 1490, 9023, 81, 35},
		{"liechtenstein-latest", 1800, 0, 3, 14123177, 2070, 8565, 81, 35},
		{"liechtenstein-latest", 1800, 5, 2, 10034401, 2699, 5750, -1, 0},
		{"rhein-neckar-rnv", 6000, 0, 2, 353930348, 12853, 19633, 887, 47},
	} {
		t.Run(fmt.Sprintf("%s, %d there, %d new", c.name, c.existing, c.p), func(t *testing.T) {
			core, _ := reference(t, c.name).Coherent(roadnet.ByTime)
			net := access.NewNet(core)
			cells := make([]access.Cell, core.Nodes())
			weight := make([]uint32, core.Nodes())
			for v := range cells {
				cells[v].Position, weight[v] = access.AtNode(uint32(v), 0), 1
			}
			var there, places []access.Place
			for i, s := range drawnSites(core.Nodes()) {
				x := access.Place{Site: uint32(i), Position: access.AtNode(s.Node, 0)}
				if i < c.existing {
					there = append(there, x)
				} else {
					places = append(places, x)
				}
			}
			ask := func(limit uint32) access.Siting {
				q := access.Siting{Weight: weight}
				if there != nil {
					seeds, err := access.Seeds(core.Nodes(), there)
					worked(t, err)
					labels, err := access.Nearest(net.In, seeds, 1, 0)
					worked(t, err)
					q.Existing = labels.L
				}
				var err error
				_, q.Reach, err = access.Reaches(net, places, cells, limit, 0)
				worked(t, err)
				return q
			}
			all, near := ask(0), ask(c.limit)
			median, err := all.Median(c.p)
			worked(t, err)
			cover, err := near.MaxCover(c.p, c.limit)
			worked(t, err)
			center, err := all.Center(c.p)
			worked(t, err)
			if median.Value != c.median || !median.Proved || cover.Value != c.cover || !cover.Proved || center.Value != c.farthest || !center.Proved {
				t.Errorf("median %+v\ncover %+v\ncenter %+v", median, cover, center)
			}
			if c.hopeless >= 0 {
				least, err := near.MinCover(c.limit)
				worked(t, err)
				if len(least.Hopeless) != c.hopeless || len(least.Chosen) != c.fewest || !least.Proved {
					t.Errorf("%d hopeless, %d chosen, %v", len(least.Hopeless), len(least.Chosen), least.Proved)
				}
			}
		})
	}
}

// TestAccessCommandsAgree: the commands' figures hang together on a real network.
func TestAccessCommandsAgree(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	worked(t, os.WriteFile(in("s.csv"), []byte("id,type,name,lat,lon\nb,apotek,B,59.3155,18.0655\na,apotek,A,59.3172,18.0620\nm,mack,M,59.3150,18.0630\n"), 0o600))
	worked(t, os.WriteFile(in("o.csv"), []byte("id,lat,lon,population\nh,59.3150,18.0680,10\ni,59.3170,18.0610,20\nj,59.3160,18.0650,5\nfar,59.5,18.06,3\n"), 0o600))
	must(t, "roads", "build", roadsFile(t, "stockholm-centre"), "--profile", "foot", "--out", in("n.roads"))
	args := func(command string, more ...string) []string {
		return append([]string{"access", command, "--roads", in("n.roads"), "--services", in("s.csv"), "--origins", in("o.csv")}, more...)
	}
	got := must(t, args("indicators", "--minutes", "1,5")...)
	for _, want := range []string{"apotek,beräknade,,35,personer", "apotek,ej beräknade: utanfor,,3,personer", "mack,beräknade,,35,personer"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	closures, err := csv.NewReader(strings.NewReader(must(t, args("closures", "--type", "apotek")...))).ReadAll()
	worked(t, err)
	if len(closures) != 3 || closures[1][1] != "a" || closures[1][2] != "20" || closures[2][2] != "15" || closures[1][10] != "b" {
		t.Errorf("%q", closures)
	}
	// Closing and opening at the same place changes nothing.
	for line := range strings.Lines(must(t, args("whatif", "--type", "apotek", "--close", "b", "--open", "59.3155,18.0655,apotek")...)) {
		if cells := strings.Split(strings.TrimSpace(line), ","); cells[0] == "apotek" && strings.Trim(cells[5], "0.") != "" {
			t.Errorf("something has changed: %s", line)
		}
	}
	if code, _, errs := command(t, args("whatif", "--type", "mack", "--close", "m")...); code != 3 || !strings.Contains(errs, "blir kvar") {
		t.Errorf("%d %s", code, errs)
	}
	if code, _, errs := command(t, args("whatif", "--close", "x")...); code != 2 || !strings.Contains(errs, "finns inte") {
		t.Errorf("%d %s", code, errs)
	}
	var p placement
	worked(t, json.Unmarshal([]byte(must(t, args("place", "--type", "mack", "--new", "1", "--json")...)), &p))
	if !p.Proved || len(p.Chosen) != 1 || p.Chosen[0] != "i" {
		t.Errorf("%+v", p)
	}
	if code, _, errs := command(t, args("place", "--type", "mack", "--objective", "mclp")...); code != 2 || !strings.Contains(errs, "behöver en gräns") {
		t.Errorf("%d %s", code, errs)
	}
	for _, c := range [][]string{args("catchment", "--type", "apotek"), {"access", "isochrone", "--roads", in("n.roads"), "--from", "59.3155,18.0655", "--minutes", "2,4,8"}} {
		var g struct {
			Type     string
			Features []struct {
				Geometry struct {
					Type        string
					Coordinates [][][][2]float64
				}
			}
		}
		worked(t, json.Unmarshal([]byte(must(t, c...)), &g))
		if g.Type != "FeatureCollection" || len(g.Features) < 2 {
			t.Errorf("%v: %d areas", c[1], len(g.Features))
		}
		for _, f := range g.Features {
			for _, polygon := range f.Geometry.Coordinates {
				for _, ring := range polygon {
					if len(ring) < 5 || ring[0] != ring[len(ring)-1] {
						t.Errorf("a ring of %d points is not closed", len(ring))
					}
				}
			}
		}
	}
}
