package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"kommunpilot/engine/access"
	"kommunpilot/engine/roadnet"
)

// AccessCmd measures how far people have to services by road.
type AccessCmd struct {
	Nearest    AccessNearestCmd    `cmd:"" help:"The nearest services of places, or of every node."`
	Indicators AccessIndicatorsCmd `cmd:"" help:"How many people are how far from each type of service."`
	Closures   AccessClosuresCmd   `cmd:"" help:"What the closing of each service would do."`
	WhatIf     AccessWhatIfCmd     `cmd:"" name:"whatif" help:"What closings and openings would change."`
	Place      AccessPlaceCmd      `cmd:"" help:"Where new services would do most good, with proof or gap."`
	Isochrone  AccessIsochroneCmd  `cmd:"" help:"How far one gets from a place, as areas."`
	Catchment  AccessCatchmentCmd  `cmd:"" help:"The area that has each service nearest."`
	Components AccessComponentsCmd `cmd:"" help:"How a road network hangs together: its parts, and what lies loose."`
	Snap       AccessSnapCmd       `cmd:"" help:"Where places meet the roads, or why they do not."`
	Report     AccessReportCmd     `cmd:"" help:"The inventory of an area as a document."`
	Export     AccessExportCmd     `cmd:"" name:"export-graph" help:"Write a network for other programs."`
	Bench      AccessBenchCmd      `cmd:"" help:"Sums and times of the engine on a network."`
}

// accessInput are the flags that the commands of access share.
type accessInput struct {
	Roads    string `required:"" placeholder:"FILE.roads" help:"The road network, made by roads build."`
	Services string `required:"" placeholder:"S.csv" help:"id,type,name,lat,lon; or id,type,node with --nodes; or the full file of docs/access.md."`
	Origins  string `placeholder:"O.csv" help:"id,lat,lon[,population]; or the full file of docs/access.md."`
	Nodes    bool   `help:"All nodes of the network in place of --origins."`
	Type     string `placeholder:"T" help:"Only services of this type."`
	Metric   string `enum:"time,distance" default:"time" help:"What is nearest: time or distance."`
	Date     string `placeholder:"YYYY-MM-DD" help:"Only services that are open on the day; those without dates always are."`
}

// AccessNearestCmd prints the k nearest.
type AccessNearestCmd struct {
	accessInput `embed:""`
	K           int  `name:"k" default:"1" help:"How many of each type, 1 to 16."`
	JSON        bool `name:"json" help:"Write JSON in place of CSV."`
	GeoJSON     bool `name:"geojson" help:"Write GeoJSON: each origin as a point with its answer."`
}

// Help tells of the columns.
func (AccessNearestCmd) Help() string {
	return `Prints origin,type,rank,service,seconds,metres,snap_metres,reason: one row for each origin, type and rank.

  kommunpilot access nearest --roads delaware.roads --services shops.csv --origins homes.csv --k 2

The other of seconds and metres is measured along the same way. Of equal costs the service with the smallest id wins. Several points at one place are one site: the second nearest is another place. docs/access.md describes files and reasons.

Exit codes: 0 an answer, 2 wrong input (every fault with its line), 3 no service, or none that any origin can reach.`
}

// measure is a network with the services of one type after another.
type measure struct {
	n       *roadnet.Network
	metric  roadnet.Metric
	types   []string
	byType  map[string]*placed
	origins []origin
	snapper *roadnet.Snapper // made when something is first put on the network
	// byNumber is the node of each number of the source, made when it is asked for.
	byNumber []uint32
}

// placed are the sites of a type on the network.
type placed struct {
	sites []access.Site
	names []string // the service that stands for each site
}

// open reads everything that the flags name and puts it on the network.
func (c *accessInput) open(out *Streams) (*measure, error) {
	n, err := openRoads(c.Roads)
	if err != nil {
		return nil, &exitError{exitBadInput, err}
	}
	m := &measure{n: n, byType: map[string]*placed{}}
	if c.Metric == "distance" {
		m.metric = roadnet.ByLength
	}
	switch {
	case c.Nodes == (c.Origins != ""):
		return nil, &exitError{exitBadInput, errors.New("skriv antingen --origins FIL eller --nodes")}
	case !n.Located() && !c.Nodes:
		return nil, &exitError{exitBadInput, fmt.Errorf("%s har inga koordinater; använd --nodes och tjänster med kolumnen node", c.Roads)}
	case !n.Located() && m.metric == roadnet.ByLength:
		return nil, &exitError{exitBadInput, fmt.Errorf("%s har bara en vikt; --metric distance finns inte för den", c.Roads)}
	}
	services, faults := readServices(c.Services, c.Date)
	var origins []origin
	if c.Origins != "" {
		var more faultList
		origins, more = readOrigins(c.Origins)
		faults.rows, faults.errors = append(faults.rows, more.rows...), faults.errors+more.errors
	}
	faults.write(out.Err)
	if faults.errors > 0 {
		return nil, &exitError{exitBadInput, fmt.Errorf("%d fel i indata; ingenting räknades", faults.errors)}
	}
	if err := m.place(services, c.Type, out.Err); err != nil {
		return nil, err
	}
	m.placeOrigins(origins)
	return m, nil
}

// place puts the services on the network, one site for each place and type.
func (m *measure) place(services []service, only string, said io.Writer) error {
	slices.SortFunc(services, func(a, b service) int { return compareIDs(a.site, b.site, a.id, b.id) })
	seen := map[[2]string]bool{}
	for _, s := range services {
		if only != "" && s.kind != only || seen[[2]string{s.kind, s.site}] {
			continue
		}
		x := access.Site{AtNode: s.atNode}
		if s.atNode {
			v, err := m.nodeNumber(s.node)
			if err != nil {
				return &exitError{exitBadInput, fmt.Errorf("%s: %w", s.where, err)}
			}
			x.Node = v
		} else {
			if !m.n.Located() {
				return &exitError{exitBadInput, fmt.Errorf("%s: nätet har inga koordinater; skriv tjänsterna med kolumnen node", s.where)}
			}
			x.Snap = m.snap(s.lat, s.lon)
			if x.Snap.Reason != roadnet.OK {
				_, _ = fmt.Fprintf(said, "varning S7: %s: %s ligger inte på vägnätet (%s) och räknas inte\n", s.where, s.id, x.Snap.Reason)
				continue
			}
		}
		seen[[2]string{s.kind, s.site}] = true
		p := m.byType[s.kind]
		if p == nil {
			p = &placed{}
			m.byType[s.kind] = p
			m.types = append(m.types, s.kind)
		}
		p.sites, p.names = append(p.sites, x), append(p.names, s.id)
	}
	slices.Sort(m.types)
	if len(m.types) == 0 {
		if only != "" {
			return &exitError{exitInfeasible, fmt.Errorf("ingen tjänst av typen %s ligger på vägnätet", only)}
		}
		return &exitError{exitInfeasible, errors.New("ingen tjänst ligger på vägnätet")}
	}
	return nil
}

// snap puts a place on the network.
func (m *measure) snap(lat, lon float64) roadnet.Snap {
	if m.snapper == nil {
		m.snapper = roadnet.NewSnapper(m.n)
	}
	return m.snapper.Find(lat, lon, m.n.Meta.MaxOff)
}

// base is the number of the network's first node, as its file counts.
func (m *measure) base() int {
	if m.n.Located() {
		return 0
	}
	return 1
}

func (m *measure) nodeNumber(n int) (uint32, error) {
	if n < m.base() || n >= m.n.Nodes+m.base() {
		return 0, fmt.Errorf("noden %d finns inte; nätet har noderna %d till %d", n, m.base(), m.n.Nodes-1+m.base())
	}
	v := uint32(n - m.base())
	if m.n.Number == nil {
		return v, nil
	}
	if m.byNumber == nil {
		m.byNumber = make([]uint32, m.n.Nodes)
		for node, number := range m.n.Number {
			m.byNumber[number] = uint32(node)
		}
	}
	return m.byNumber[v], nil
}

// placeOrigins puts the origins on the network; all its nodes where there are none.
func (m *measure) placeOrigins(list []origin) {
	if list == nil {
		m.origins = make([]origin, m.n.Nodes)
		for i := range m.origins {
			number := i + m.base()
			v, _ := m.nodeNumber(number) // every number within the network is a node's
			m.origins[i] = origin{id: strconv.Itoa(number), atNode: true, node: int(v), population: 1}
		}
		return
	}
	for i := range list {
		list[i].snap = m.snap(list[i].lat, list[i].lon)
	}
	m.origins = list
}

// reaches are an origin's nearest sites in a run, and why there are none.
func (m *measure) reaches(r *access.Run, o *origin) ([]access.Reach, roadnet.Reason) {
	var list []access.Reach
	switch {
	case o.atNode:
		list = r.AtNode(uint32(o.node))
	case o.snap.Reason != roadnet.OK:
		return nil, o.snap.Reason
	default:
		list = r.At(o.snap)
	}
	return list, roadnet.NoSite
}

// Run measures and prints.
func (c *AccessNearestCmd) Run(out *Streams) error {
	if c.K < 1 || c.K > maxK {
		return &exitError{exitBadInput, fmt.Errorf("--k är %d; den kan vara 1 till %d", c.K, maxK)}
	}
	m, err := c.open(out)
	if err != nil {
		return err
	}
	runs := make([]*access.Run, len(m.types))
	ground := access.NewGround(m.n, m.metric)
	for i, kind := range m.types {
		if runs[i], err = ground.NewRun(m.byType[kind].sites, c.K, 0); err != nil {
			return &exitError{exitBadInput, err}
		}
	}
	w := bufio.NewWriterSize(out.Out, 1<<16)
	emit := func(nearRow) error { return nil } // GeoJSON is written at once, below
	switch {
	case c.JSON:
		emit = c.json(w)
	case !c.GeoJSON:
		emit = c.csv(w)
	}
	var points []roadnet.Point
	features := []feature{}
	if c.GeoJSON {
		if points = m.n.Points(); points == nil {
			return &exitError{exitBadInput, fmt.Errorf("%s har inga koordinater och kan inte ritas", c.Roads)}
		}
	}
	reached := false
	for i := range m.origins {
		o := &m.origins[i]
		for t, kind := range m.types {
			list, why := m.reaches(runs[t], o)
			reached = reached || len(list) > 0
			for rank := range c.K {
				row := nearRow{Origin: o.id, Type: kind, Rank: rank + 1, Reason: why.String()}
				if !o.atNode && o.snap.Reason != roadnet.Outside {
					row.Snap = strconv.FormatFloat(o.snap.OffRoad, 'f', 1, 64)
				}
				if rank < len(list) {
					row.Service, row.Reason = m.byType[kind].names[list[rank].Site], roadnet.OK.String()
					row.Seconds, row.Metres = m.written(list[rank])
				}
				if c.GeoJSON {
					features = append(features, row.feature(o, points))
				} else if err := emit(row); err != nil {
					return err
				}
			}
		}
	}
	err = emit(nearRow{})
	if c.GeoJSON {
		err = writeFeatures(w, features)
	}
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !reached {
		return &exitError{exitInfeasible, errors.New("ingen av platserna når någon tjänst")}
	}
	return nil
}

// written is a reach's time and length as they are printed.
func (m *measure) written(r access.Reach) (seconds, metres string) {
	time, length := r.Cost, r.Other
	if m.metric == roadnet.ByLength {
		time, length = length, time
	}
	if m.n.Meta.Unit == roadnet.Seconds {
		return strconv.FormatUint(uint64(time), 10), ""
	}
	return strconv.FormatFloat(float64(time)/10, 'f', 1, 64), strconv.FormatUint(uint64(length), 10)
}

// maxK is how many of a type can be asked for.
const maxK = 16

// nearRow is a row of the answer.
type nearRow struct {
	Origin  string `json:"origin"`
	Type    string `json:"type"`
	Rank    int    `json:"rank"`
	Service string `json:"service"`
	Seconds string `json:"-"`
	Metres  string `json:"-"`
	Snap    string `json:"-"`
	Reason  string `json:"reason"`
}

// feature is the row as a point where the origin is.
func (r *nearRow) feature(o *origin, points []roadnet.Point) feature {
	lat, lon := o.lat, o.lon
	if o.atNode {
		lat, lon = points[o.node].Degrees()
	}
	properties := map[string]any{"origin": r.Origin, "type": r.Type, "rank": r.Rank, "service": r.Service, "reason": r.Reason}
	for name, text := range map[string]string{"seconds": r.Seconds, "metres": r.Metres, "snap_metres": r.Snap} {
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			properties[name] = v
		}
	}
	return feature{"Feature", properties, pointAt(lat, lon)}
}

// csv writes rows; one without an origin ends.
func (c *AccessNearestCmd) csv(w io.Writer) func(nearRow) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"origin", "type", "rank", "service", "seconds", "metres", "snap_metres", "reason"})
	return func(r nearRow) error {
		if err != nil {
			return err
		}
		if r.Rank == 0 {
			out.Flush()
			return out.Error()
		}
		return out.Write([]string{r.Origin, r.Type, strconv.Itoa(r.Rank), r.Service, r.Seconds, r.Metres, r.Snap, r.Reason})
	}
}

// json writes rows as one array.
func (c *AccessNearestCmd) json(w io.Writer) func(nearRow) error {
	head := "[\n"
	return func(r nearRow) error {
		if r.Rank == 0 {
			if head == "[\n" {
				head = "["
			} else {
				head = "\n"
			}
			_, err := io.WriteString(w, head+"]\n")
			return err
		}
		text, err := json.Marshal(struct {
			nearRow
			Seconds json.RawMessage `json:"seconds"`
			Metres  json.RawMessage `json:"metres"`
			Snap    json.RawMessage `json:"snap_metres"`
		}{r, orNull(r.Seconds), orNull(r.Metres), orNull(r.Snap)})
		if err == nil {
			_, err = io.WriteString(w, head+string(text))
			head = ",\n"
		}
		return err
	}
}

func orNull(number string) json.RawMessage {
	if number == "" {
		return json.RawMessage("null")
	}
	return json.RawMessage(number)
}
