package service

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/access"
	"kommunpilot/engine/roadnet"
)

// Cell is a square or a locality where people live.
type Cell struct {
	ID, Name, Kommun, Part string // Part is an area inside the municipality: DeSO, a district
	Lat, Lon               float64
	People, Old            uint32 // Old: 70 years and more; 0 where it is not known
}

// Site is a place with a service. Several counters of a type at one place are
// one site.
type Site struct {
	Key, Name string
	Lat, Lon  float64
	Secret    bool // takes part in the counting and is not shown to the public
}

// metric is what a distance counts.
type metric int

const (
	byLength metric = iota // metres
	byTime                 // tenths of a second
)

// unit is how much of the metric a kilometre or a minute is.
func (m metric) unit() float64 {
	if m == byTime {
		return 600
	}
	return 1000
}

// word is the unit that people read.
func (m metric) word() string {
	if m == byTime {
		return "min"
	}
	return "km"
}

// ground is where the people of an inventory live, and the ways they have to a
// service: roads, or the air where no roads are loaded. It is not changed and
// may be read from many goroutines; the labels that it keeps have a lock.
type ground struct {
	cells  []Cell
	codes  []string // municipalities by group; the last one is what has no code
	reason []access.Reason
	group  []uint32
	people []uint32
	old    []uint32
	anyOld bool

	roads    *Roads // nil: by air
	position [2][]access.Cell
	mu       sync.Mutex
	open     map[string]*opened // labels by type, metric and sites
}

// newGround puts the cells on the roads. Cost O(cells) snaps.
func newGround(cells []Cell, roads *Roads) *ground {
	g := &ground{cells: cells, roads: roads, open: map[string]*opened{}, reason: make([]access.Reason, len(cells)), group: make([]uint32, len(cells)), people: make([]uint32, len(cells)), old: make([]uint32, len(cells))}
	for i := range cells {
		g.people[i], g.old[i] = cells[i].People, cells[i].Old
		g.anyOld = g.anyOld || cells[i].Old > 0
		if !slices.Contains(g.codes, cells[i].Kommun) {
			g.codes = append(g.codes, cells[i].Kommun)
		}
	}
	slices.Sort(g.codes)
	for i := range cells {
		g.group[i] = uint32(slices.Index(g.codes, cells[i].Kommun))
	}
	if roads == nil {
		return g
	}
	for i := range cells {
		s := roads.snap(cells[i].Lat, cells[i].Lon)
		g.reason[i] = s.Reason
		for m := range g.position {
			x := access.Cell{Reason: s.Reason}
			if s.Reason == roadnet.OK {
				x.Position = roads.ground(metric(m)).Position(s)
			}
			g.position[m] = append(g.position[m], x)
		}
	}
	return g
}

// metrics are what can be measured: by air there is no time.
func (g *ground) metrics() []metric {
	if g.roads == nil {
		return []metric{byLength}
	}
	return []metric{byLength, byTime}
}

// has tells whether a metric can be measured.
func (g *ground) has(m metric) bool { return m == byLength || g.roads != nil }

// demand is who lives in the cells.
func (g *ground) demand(old bool) access.Demand {
	d := access.Demand{Weight: g.people, Reason: g.reason, Group: g.group, Groups: max(len(g.codes), 1)}
	if old {
		d.Weight = g.old
	}
	return d
}

// labels gives the cells their two nearest sites. Sites are numbered by their
// place in the list. Sites that do not lie on the roads serve nobody.
func (g *ground) labels(sites []Site, m metric) (*access.Labels, error) {
	if g.roads == nil {
		return g.byAir(sites), nil
	}
	places := g.roads.places(sites, m)
	net := g.roads.ground(m).Net
	seeds, err := access.Seeds(net.In.Nodes(), places)
	if err != nil {
		return nil, err
	}
	nodes, err := access.Nearest(net.In, seeds, 2, 0)
	if err != nil {
		return nil, err
	}
	return access.Read(nodes, g.position[m], places)
}

// byAir measures straight lines, in metres. Cost O(cells·sites).
func (g *ground) byAir(sites []Site) *access.Labels {
	out := &access.Labels{K: 2, L: slices.Repeat([]access.Label{access.None}, 2*len(g.cells))}
	for i := range g.cells {
		a, b := access.None, access.None
		for j := range sites {
			x := access.NewLabel(straight(g.cells[i].Lat, g.cells[i].Lon, sites[j].Lat, sites[j].Lon), uint32(j))
			if x < a {
				a, b = x, a
			} else if x < b {
				b = x
			}
		}
		out.L[2*i], out.L[2*i+1] = a, b
	}
	return out
}

// straight is the distance through the air in whole metres.
func straight(lat1, lon1, lat2, lon2 float64) uint32 {
	return uint32(math.Round(kommun.Distance(kommun.Kommun{Lat: lat1, Lon: lon1}, kommun.Kommun{Lat: lat2, Lon: lon2})))
}

// apart is how far every site has to the nearest other one.
func (g *ground) apart(sites []Site, m metric) ([]access.Isolated, error) {
	if g.roads == nil {
		out := make([]access.Isolated, len(sites))
		for i := range sites {
			near := access.None
			for j := range sites {
				if i != j {
					near = min(near, access.NewLabel(straight(sites[i].Lat, sites[i].Lon, sites[j].Lat, sites[j].Lon), uint32(j)))
				}
			}
			out[i] = access.Isolated{Site: uint32(i), Other: near}
			if near != access.None {
				out[i].Cost = near.Cost()
			}
		}
		return out, nil
	}
	places := g.roads.places(sites, m)
	net := g.roads.ground(m).Net
	seeds, err := access.Seeds(net.In.Nodes(), places)
	if err != nil {
		return nil, err
	}
	nodes, err := access.Nearest(net.In, seeds, 2, 0)
	if err != nil {
		return nil, err
	}
	return access.Isolation(nodes, places)
}

// reaches gives for every candidate the cells within the limit (0: all), as
// access.Reaches does.
func (g *ground) reaches(candidates []Site, m metric, limit uint32) ([][]access.Reached, error) {
	if g.roads != nil {
		places := g.roads.places(candidates, m)
		sites, lists, err := access.Reaches(g.roads.ground(m).Net, places, g.position[m], limit, 0)
		if err != nil {
			return nil, err
		}
		out := make([][]access.Reached, len(candidates))
		for i, s := range sites {
			out[s] = lists[i]
		}
		return out, nil
	}
	out := make([][]access.Reached, len(candidates))
	for j, s := range candidates {
		for i := range g.cells {
			if c := straight(g.cells[i].Lat, g.cells[i].Lon, s.Lat, s.Lon); limit == 0 || c <= limit {
				out[j] = append(out[j], access.Reached{Cell: uint32(i), Cost: c})
			}
		}
	}
	return out, nil
}

// opened is a network with the labels of one set of sites, which changes are
// tried on and taken back.
type opened struct {
	mu     sync.Mutex
	s      *access.Overlay
	places []access.Place
}

// mostOpened is how many sets of sites a ground keeps labels for.
const mostOpened = 24

// tried gives the nearest site of the cells after sites have closed and others opened:
// the new ones are numbered after the old. The first question of a set of sites
// searches the whole network; those that follow touch only what changes.
func (g *ground) tried(key string, sites []Site, m metric, shut []int, more []Site) (*access.Labels, error) {
	if g.roads == nil {
		all := slices.Concat(sites, more)
		var kept []Site
		var number []uint32
		for i := range all {
			if !slices.Contains(shut, i) {
				kept, number = append(kept, all[i]), append(number, uint32(i))
			}
		}
		out := g.byAir(kept)
		for i, x := range out.L {
			if x != access.None {
				out.L[i] = access.NewLabel(x.Cost(), number[x.Site()])
			}
		}
		return out, nil
	}
	x, err := g.openedFor(key, sites, m)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	changes := 0
	defer func() {
		for range changes {
			_ = x.s.Undo() // what was just done can be undone
		}
	}()
	places := slices.Clone(x.places)
	for _, i := range shut {
		if !x.s.IsOpen(uint32(i)) { // it lies off the roads and serves nobody
			continue
		}
		if _, err := x.s.Close(uint32(i)); err != nil {
			return nil, err
		}
		changes++
		places = slices.DeleteFunc(places, func(p access.Place) bool { return p.Site == uint32(i) })
	}
	net := g.roads.ground(m).Net
	for _, p := range g.roads.placesFrom(more, m, len(sites)) {
		if slices.Contains(shut, int(p.Site)) { // opened and closed again in the same question
			continue
		}
		seeds, err := access.Seeds(net.In.Nodes(), []access.Place{p})
		if err != nil {
			return nil, err
		}
		if _, err := x.s.Open(seeds); err != nil {
			return nil, err
		}
		changes++
		places = append(places, p)
	}
	return access.Read(x.s.Labels(), g.position[m], places)
}

func (g *ground) openedFor(key string, sites []Site, m metric) (*opened, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if x := g.open[key]; x != nil {
		return x, nil
	}
	places := g.roads.places(sites, m)
	net := g.roads.ground(m).Net
	seeds, err := access.Seeds(net.In.Nodes(), places)
	if err != nil {
		return nil, err
	}
	s, err := access.NewOverlay(net, seeds, 0)
	if err != nil {
		return nil, err
	}
	if len(g.open) >= mostOpened {
		clear(g.open)
	}
	x := &opened{s: s, places: places}
	g.open[key] = x
	return x, nil
}

// sitesOf makes the sites of points, one for each place, in the order of keys.
func sitesOf(list []placed) []Site {
	var out []Site
	seen := map[string]bool{}
	for _, p := range list {
		if !seen[p.Key] {
			seen[p.Key] = true
			out = append(out, p.Site)
		}
	}
	slices.SortFunc(out, func(a, b Site) int { return cmp.Compare(a.Key, b.Key) })
	return out
}
