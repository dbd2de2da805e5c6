package roadnet

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Builder makes a network from OpenStreetMap's ways and nodes in two passes:
// all ways (Way), then the nodes that they use (Node), then Finish. It holds the
// ways that the profile may use and their nodes' places, nothing else.
type Builder struct {
	profile *Profile
	ways    []way
	refs    []int64 // the nodes of all ways, one after the other
	ids     []int64 // sorted, once the ways are in
	at      []Point // by place in ids
	known   []bool
	stop    []bool
	turns   int
	skipped map[string]int // ways by class that the profile leaves out
	odd     map[string]int
}

type way struct {
	first, last       int // in refs
	forward, backward float64
	noStart           bool
}

// NewBuilder begins a network of a profile.
func NewBuilder(p *Profile) *Builder {
	return &Builder{profile: p, skipped: map[string]int{}, odd: map[string]int{}}
}

// Way takes a way with its nodes in order.
func (b *Builder) Way(nodes []int64, tags Tags) {
	forward, backward := b.profile.speeds(tags, func(v string) { b.odd[v]++ })
	if forward == 0 && backward == 0 || len(nodes) < 2 {
		if class := tags("highway"); class != "" {
			b.skipped[class]++
		}
		return
	}
	first := len(b.refs)
	b.refs = append(b.refs, nodes...)
	b.ways = append(b.ways, way{first, len(b.refs), forward, backward, slices.Contains(b.profile.NoStart, tags("highway"))})
}

// Turn counts a turn restriction.
func (b *Builder) Turn() { b.turns++ }

// EndOfWays ends the first pass; an error says that no way can be used (N2).
func (b *Builder) EndOfWays() error {
	if len(b.ways) == 0 {
		var classes []string
		for class, n := range b.skipped {
			classes = append(classes, fmt.Sprintf("%s %d", class, n))
		}
		slices.Sort(classes)
		if len(classes) == 0 {
			return errors.New("filen har inga vägar")
		}
		return fmt.Errorf("ingen väg går att använda med profilen %s; filen har %s", b.profile.ID, strings.Join(classes, ", "))
	}
	b.ids = slices.Clone(b.refs)
	slices.Sort(b.ids)
	b.ids = slices.Compact(b.ids)
	b.at, b.known, b.stop = make([]Point, len(b.ids)), make([]bool, len(b.ids)), make([]bool, len(b.ids))
	return nil
}

// Node takes a node; one that no way uses is passed by.
func (b *Builder) Node(id int64, lat, lon float64, tags Tags) {
	i, ok := slices.BinarySearch(b.ids, id)
	if !ok || !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) {
		return
	}
	b.at[i], b.known[i] = PointAt(lat, lon), true
	b.stop[i] = len(b.profile.Barriers) > 0 && b.profile.stops(tags)
}

// Finish makes the network: junctions and ends of ways are its nodes, numbered
// in the order in which the ways meet them; what lies between them is shape.
func (b *Builder) Finish() (*Network, error) {
	place := make([]uint32, len(b.refs)) // of each reference in ids
	uses := make([]uint8, len(b.ids))
	use := func(i uint32) { uses[i] = min(uses[i]+1, 100) }
	for i, id := range b.refs {
		at, _ := slices.BinarySearch(b.ids, id)
		place[i] = uint32(at)
		use(place[i])
	}
	for _, w := range b.ways {
		use(place[w.first])
		use(place[w.last-1])
	}
	m := &maker{b: b, n: &Network{ShapeFirst: []uint32{0}}, number: slices.Repeat([]uint32{none}, len(b.ids))}
	for _, w := range b.ways {
		m.way(w, place, uses)
	}
	if len(m.n.Stretches) == 0 {
		return nil, errors.New("ingen väg har två kända noder; filen saknar sina noder")
	}
	n := m.n
	n.Nodes = int(m.next)
	n.Meta = Meta{Profile: b.profile.ID, Unit: Deciseconds, OffRoad: b.profile.OffRoad, MaxOff: b.profile.MaxOff, Turns: b.turns, Warnings: map[string]int{}}
	for _, x := range []struct {
		id string
		n  int
	}{{"N3: väg utan känd nod, bruten där", m.missing}, {"N9: ringväg, delad", m.rings}, {"hinder, bruten där", m.stopped}} {
		if x.n > 0 {
			n.Meta.Warnings[x.id] = x.n
		}
	}
	for v, count := range b.odd {
		n.Meta.Warnings["N4: maxspeed="+v+", vägklassens fart"] = count
	}
	n.name()
	return n, nil
}

const none = math.MaxUint32

// maker numbers nodes and makes stretches.
type maker struct {
	b                       *Builder
	n                       *Network
	number                  []uint32
	next                    uint32
	missing, rings, stopped int
}

// node is the number of a place; a barrier gets one for each way that meets it.
func (m *maker) node(i uint32) uint32 {
	if m.b.stop[i] {
		m.next++
		return m.next - 1
	}
	if m.number[i] == none {
		m.number[i] = m.next
		m.next++
	}
	return m.number[i]
}

func (m *maker) way(w way, place []uint32, uses []uint8) {
	var points []uint32
	for k := w.first; k < w.last; k++ {
		i := place[k]
		if !m.b.known[i] {
			if m.missing++; len(points) > 1 && m.b.profile.Loops {
				m.stretch(w, points)
			}
			points = points[:0]
			continue
		}
		points = append(points, i)
		stop := m.b.stop[i]
		if len(points) > 1 && (uses[i] != 1 || k == w.last-1 || stop) {
			m.stretch(w, points)
			points = append(points[:0], i)
			if stop {
				m.stopped++
			}
		}
	}
}

// stretch adds a road along the points.
func (m *maker) stretch(w way, points []uint32) {
	from, to := points[0], points[len(points)-1]
	if from == to {
		// A ring: for the test profile it is counted and dropped; else it is cut.
		if !m.b.profile.Loops || len(points) < 4 {
			m.node(from)
			return
		}
		m.rings++
		half := len(points) / 2
		m.stretch(w, points[:half+1])
		m.stretch(w, points[half:])
		return
	}
	length := 0.0
	for k := 1; k < len(points); k++ {
		aLat, aLon := m.b.at[points[k-1]].Degrees()
		bLat, bLon := m.b.at[points[k]].Degrees()
		length += metres(aLat, aLon, bLat, bLon)
	}
	s := Stretch{From: m.node(from), To: m.node(to), Forward: weight(length, w.forward), Backward: weight(length, w.backward), Metres: uint32(min(max(math.Round(length), 1), MaxWeight))}
	if w.noStart {
		s.NoStart = 1
	}
	m.n.Stretches = append(m.n.Stretches, s)
	for _, i := range points {
		m.n.Shape = append(m.n.Shape, m.b.at[i])
	}
	m.n.ShapeFirst = append(m.n.ShapeFirst, uint32(len(m.n.Shape)))
}

// weight is the time of a length at a speed, tenths of a second, at least 1.
func weight(length, kmh float64) uint32 {
	if kmh == 0 {
		return 0
	}
	return uint32(min(max(math.Round(length/(kmh/3.6)*10), 1), MaxWeight))
}
