package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"kommunpilot/engine/access"
	"kommunpilot/engine/roadnet"
)

// plane turns places near a middle into metres east and north of it, and back.
type plane struct{ lat, lon float64 }

const metresPerDegree = 6_372_797.560856 * math.Pi / 180

func (p plane) to(q roadnet.Point) (x, y float64) {
	lat, lon := q.Degrees()
	return (lon - p.lon) * metresPerDegree * math.Cos(p.lat*math.Pi/180), (lat - p.lat) * metresPerDegree
}

func (p plane) from(q orb.Point) [2]float64 {
	lon := p.lon + q[0]/metresPerDegree/math.Cos(p.lat*math.Pi/180)
	lat := p.lat + q[1]/metresPerDegree
	return [2]float64{math.Round(lon*1e6) / 1e6, math.Round(lat*1e6) / 1e6}
}

// feature is a feature of GeoJSON.
type feature struct {
	Type       string         `json:"type"`
	Properties map[string]any `json:"properties"`
	Geometry   any            `json:"geometry"`
}

// areas draws the regions of spots as features.
func (p plane) areas(spots []access.Spot, side float64, properties func(class int32) map[string]any) ([]feature, error) {
	regions, err := access.Regions(spots, side, 3)
	if err != nil {
		return nil, err
	}
	out := []feature{}
	for _, r := range regions {
		var polygons [][][][2]float64
		for _, polygon := range r.Area {
			var rings [][][2]float64
			for _, ring := range polygon {
				var points [][2]float64
				for _, q := range ring {
					points = append(points, p.from(q))
				}
				rings = append(rings, points)
			}
			polygons = append(polygons, rings)
		}
		out = append(out, feature{"Feature", properties(r.Class), map[string]any{"type": "MultiPolygon", "coordinates": polygons}})
	}
	return out, nil
}

func writeFeatures(w io.Writer, list []feature) error {
	return writeJSON(w, map[string]any{"type": "FeatureCollection", "features": list})
}

// AccessIsochroneCmd draws how far one gets from a place.
type AccessIsochroneCmd struct {
	Roads   string    `required:"" placeholder:"FILE.roads" help:"The road network, made by roads build."`
	From    string    `required:"" placeholder:"LAT,LON" help:"The place that one starts from."`
	Minutes []float64 `sep:"," placeholder:"M,…" help:"The bands, minutes; 10,20,30 where neither is given."`
	Km      []float64 `sep:"," placeholder:"K,…" help:"The bands, kilometres, in place of minutes."`
	Side    float64   `default:"100" help:"How fine the areas are drawn, metres."`
}

// Help tells of the answer.
func (AccessIsochroneCmd) Help() string {
	return `Writes GeoJSON: one area for each band, those who get there in more than the band before and at most this one. All bands come from one search. The nodes of the network are the result; the areas are drawn from them.`
}

// Run draws.
func (c *AccessIsochroneCmd) Run(out *Streams) error {
	bad := func(err error) error { return &exitError{exitBadInput, err} }
	n, err := openRoads(c.Roads)
	if err != nil {
		return bad(err)
	}
	if !n.Located() {
		return bad(fmt.Errorf("%s har inga koordinater och kan inte ritas", c.Roads))
	}
	m := &measure{n: n}
	bands := c.Minutes
	switch {
	case c.Km != nil && c.Minutes != nil:
		return bad(errors.New("skriv antingen --minutes eller --km"))
	case c.Km != nil:
		bands, m.metric = c.Km, roadnet.ByLength
	case bands == nil:
		bands = []float64{10, 20, 30}
	}
	var limits []uint32
	for _, b := range bands {
		if cost := b * m.perUnit(); !(b > 0) || cost > roadnet.MaxWeight {
			return bad(fmt.Errorf("bandet %g är orimligt", b))
		}
		limits = append(limits, uint32(math.Round(b*m.perUnit())))
	}
	if !slices.IsSorted(limits) {
		return bad(errors.New("banden ska stå i stigande ordning"))
	}
	var lat, lon float64
	if _, err := fmt.Sscanf(c.From, "%g,%g", &lat, &lon); err != nil || math.Abs(lat) > 90 || math.Abs(lon) > 180 {
		return bad(fmt.Errorf("--from %q ska vara latitud,longitud med decimalpunkt", c.From))
	}
	snap := roadnet.NewSnapper(n).Find(lat, lon, n.Meta.MaxOff)
	if snap.Reason != roadnet.OK {
		return &exitError{exitInfeasible, fmt.Errorf("%s ligger inte på vägnätet (%s)", c.From, snap.Reason)}
	}
	g := access.NewGround(n, m.metric)
	// Away from the place: the search follows the arcs as they are travelled.
	seeds, err := access.Seeds(n.Nodes, []access.Place{{Position: g.Position(snap).Turned()}})
	if err != nil {
		return bad(err)
	}
	labels, err := access.Nearest(g.Out, seeds, 1, limits[len(limits)-1])
	if err != nil {
		return bad(err)
	}
	p := plane{lat, lon}
	var spots []access.Spot
	for v, q := range n.Points() {
		if l := labels.L[v]; l != access.None {
			x, y := p.to(q)
			spots = append(spots, access.Spot{X: x, Y: y, Class: access.BandOf(l.Cost(), limits), Rank: l.Cost()})
		}
	}
	unit := "minuter"
	if m.metric == roadnet.ByLength {
		unit = "kilometer"
	}
	list, err := p.areas(spots, c.Side, func(class int32) map[string]any {
		more := 0.0
		if class > 0 {
			more = bands[class-1]
		}
		return map[string]any{"mer_än": more, "högst": bands[class], "enhet": unit}
	})
	if err != nil {
		return bad(err)
	}
	return writeFeatures(out.Out, list)
}

// AccessCatchmentCmd draws the area of each service.
type AccessCatchmentCmd struct {
	accessInput `embed:""`
	Side        float64 `default:"200" help:"How fine the areas are drawn, metres."`
}

// Help tells of the answer.
func (AccessCatchmentCmd) Help() string {
	return `Writes GeoJSON: for each service of one type the area that has it nearest, with how many people. No two areas overlap.`
}

// Run draws.
func (c *AccessCatchmentCmd) Run(out *Streams) error {
	bad := func(err error) error { return &exitError{exitBadInput, err} }
	m, err := c.open(out)
	if err != nil {
		return err
	}
	if !m.n.Located() {
		return bad(fmt.Errorf("%s har inga koordinater och kan inte ritas", c.Roads))
	}
	if len(m.types) != 1 {
		return bad(fmt.Errorf("välj en typ med --type; filen har %v", m.types))
	}
	g := access.NewGround(m.n, m.metric)
	cells, d, err := m.cells(g)
	if err != nil {
		return bad(err)
	}
	list, err := m.label(g, cells)
	if err != nil {
		return bad(err)
	}
	l := list[0]
	people := make([]uint64, len(l.names))
	for i := range d.Weight {
		if x := l.labels.L[2*i]; x != access.None {
			people[x.Site()] += uint64(d.Weight[i])
		}
	}
	points := m.n.Points()
	lat, lon := points[len(points)/2].Degrees()
	p := plane{lat, lon}
	var spots []access.Spot
	for v, q := range points {
		if x := l.run.Labels.At(uint32(v), 0); x != access.None {
			e, n := p.to(q)
			spots = append(spots, access.Spot{X: e, Y: n, Class: int32(x.Site()), Rank: x.Cost()})
		}
	}
	features, err := p.areas(spots, c.Side, func(class int32) map[string]any {
		return map[string]any{"type": l.kind, "service": l.names[class], "people": people[class]}
	})
	if err != nil {
		return bad(err)
	}
	return writeFeatures(out.Out, features)
}
