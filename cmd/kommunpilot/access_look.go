package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	services "kommunpilot/area/service"
	"kommunpilot/base/calendar"
	"kommunpilot/engine/roadnet"
)

// AccessComponentsCmd tells how a network hangs together.
type AccessComponentsCmd struct {
	Roads   string `required:"" placeholder:"FILE.roads" help:"The road network."`
	Origins string `placeholder:"O.csv" help:"Places with people: tells how many are nearest to each part."`
	GeoJSON string `name:"geojson" placeholder:"FILE" help:"Write a point for each part, at its first node."`
	JSON    bool   `name:"json" help:"Write JSON."`
}

// Help tells of the columns.
func (AccessComponentsCmd) Help() string {
	return `Lists the parts in which everybody reaches everybody, the largest first: part,group,nodes,kilometres,people,lat,lon. Group 0 is the coherent network, which places are put on; -1 are loose roads and islands without a connection. People are those whose nearest road is in the part.`
}

// partRow is a part of a network.
type partRow struct {
	Part   int     `json:"part"`
	Group  int32   `json:"group"`
	Nodes  int     `json:"nodes"`
	Km     float64 `json:"kilometres"`
	People int64   `json:"people"`
	Lat    float64 `json:"lat"`
	Lon    float64 `json:"lon"`
}

// Run lists.
func (c *AccessComponentsCmd) Run(out *Streams) error {
	n, err := openRoads(c.Roads)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	parts, points := n.Parts(), n.Points()
	of := make([]int, n.Nodes)
	rows := make([]partRow, len(parts))
	for i, p := range parts {
		rows[i] = partRow{Part: i + 1, Group: p.Group, Nodes: len(p.Nodes), Km: float64(p.Metres) / 1000}
		if points != nil {
			rows[i].Lat, rows[i].Lon = points[p.Nodes[0]].Degrees()
		}
		for _, v := range p.Nodes {
			of[v] = i
		}
	}
	if c.Origins != "" {
		origins, faults := readOrigins(c.Origins)
		faults.write(out.Err)
		if faults.errors > 0 || !n.Located() {
			return &exitError{exitBadInput, errors.New("platserna går inte att läsa, eller nätet har inga koordinater")}
		}
		whole := *n // every part counts as one may stand on it
		whole.Group = make([]int32, n.Nodes)
		s := roadnet.NewSnapper(&whole)
		for _, o := range origins {
			if x := s.Find(o.lat, o.lon, n.Meta.MaxOff); x.Reason == roadnet.OK {
				rows[of[n.Stretches[x.Stretch].From]].People += o.population
			}
		}
	}
	if c.GeoJSON != "" {
		var list []feature
		for _, r := range rows {
			list = append(list, feature{"Feature", map[string]any{"part": r.Part, "group": r.Group, "nodes": r.Nodes, "kilometres": r.Km, "people": r.People}, pointAt(r.Lat, r.Lon)})
		}
		if err := writeWhole(c.GeoJSON, func(w io.Writer) error { return writeFeatures(w, list) }); err != nil {
			return err
		}
	}
	if c.JSON {
		return writeJSON(out.Out, rows)
	}
	w := csv.NewWriter(out.Out)
	_ = w.Write([]string{"part", "group", "nodes", "kilometres", "people", "lat", "lon"}) // Error tells
	for _, r := range rows {
		_ = w.Write([]string{strconv.Itoa(r.Part), strconv.Itoa(int(r.Group)), strconv.Itoa(r.Nodes), strconv.FormatFloat(r.Km, 'f', 3, 64), strconv.FormatInt(r.People, 10), degrees(r.Lat), degrees(r.Lon)})
	}
	w.Flush()
	return w.Error()
}

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }

func pointAt(lat, lon float64) map[string]any {
	return map[string]any{"type": "Point", "coordinates": [2]float64{lon, lat}}
}

// AccessSnapCmd tells where places meet the roads.
type AccessSnapCmd struct {
	Roads    string `required:"" placeholder:"FILE.roads" help:"The road network."`
	Origins  string `placeholder:"O.csv" help:"Places with people."`
	Services string `placeholder:"S.csv" help:"Points of service."`
	GeoJSON  string `name:"geojson" placeholder:"FILE" help:"Write the lines between the places and the roads."`
	JSON     bool   `name:"json" help:"Write JSON."`
}

// Help tells of the columns.
func (AccessSnapCmd) Help() string {
	return `Prints id,kind,stretch,fraction,lat,lon,snap_metres,reason: where on which stretch of road the place meets the network, how far the straight line there is, and the reason where it does not (for_langt, los_vag, utanfor). Look at the lines on a map before you trust a figure.`
}

type snapRow struct {
	ID       string  `json:"id"`
	Kind     string  `json:"kind"` // origin, or the type of the service
	Stretch  int     `json:"stretch"`
	Fraction float64 `json:"fraction"`
	Lat      float64 `json:"lat"`
	Lon      float64 `json:"lon"`
	Off      float64 `json:"snap_metres"`
	Reason   string  `json:"reason"`
	from     [2]float64
}

// Run puts the places on the roads.
func (c *AccessSnapCmd) Run(out *Streams) error {
	n, err := openRoads(c.Roads)
	switch {
	case err != nil:
		return &exitError{exitBadInput, err}
	case !n.Located():
		return &exitError{exitBadInput, fmt.Errorf("%s har inga koordinater", c.Roads)}
	case c.Origins == "" && c.Services == "":
		return &exitError{exitBadInput, errors.New("skriv --origins FIL, --services FIL eller båda")}
	}
	var rows []snapRow
	var faults faultList
	s := roadnet.NewSnapper(n)
	add := func(id, kind string, lat, lon float64) {
		x := s.Find(lat, lon, n.Meta.MaxOff)
		r := snapRow{ID: id, Kind: kind, Stretch: -1, Off: x.OffRoad, Reason: x.Reason.String(), from: [2]float64{lon, lat}}
		if x.Reason == roadnet.OK {
			r.Stretch, r.Fraction = int(x.Stretch), x.Part
			r.Lat, r.Lon = n.Along(x)
		}
		rows = append(rows, r)
	}
	if c.Origins != "" {
		list, f := readOrigins(c.Origins)
		faults.rows, faults.errors = append(faults.rows, f.rows...), faults.errors+f.errors
		for _, o := range list {
			add(o.id, "origin", o.lat, o.lon)
		}
	}
	if c.Services != "" {
		list, f := readServices(c.Services, "")
		faults.rows, faults.errors = append(faults.rows, f.rows...), faults.errors+f.errors
		for _, x := range list {
			add(x.id, x.kind, x.lat, x.lon)
		}
	}
	faults.write(out.Err)
	if faults.errors > 0 {
		return &exitError{exitBadInput, fmt.Errorf("%d fel i indata; ingenting räknades", faults.errors)}
	}
	if c.GeoJSON != "" {
		list := []feature{}
		for _, r := range rows {
			shape := pointAt(r.from[1], r.from[0])
			if r.Stretch >= 0 {
				shape = map[string]any{"type": "LineString", "coordinates": [][2]float64{r.from, {r.Lon, r.Lat}}}
			}
			list = append(list, feature{"Feature", map[string]any{"id": r.ID, "kind": r.Kind, "snap_metres": r.Off, "reason": r.Reason}, shape})
		}
		if err := writeWhole(c.GeoJSON, func(w io.Writer) error { return writeFeatures(w, list) }); err != nil {
			return err
		}
	}
	if c.JSON {
		return writeJSON(out.Out, rows)
	}
	w := csv.NewWriter(out.Out)
	_ = w.Write([]string{"id", "kind", "stretch", "fraction", "lat", "lon", "snap_metres", "reason"}) // Error tells
	for _, r := range rows {
		line := []string{r.ID, r.Kind, "", "", "", "", strconv.FormatFloat(r.Off, 'f', 1, 64), r.Reason}
		if r.Stretch >= 0 {
			line[2], line[3], line[4], line[5] = strconv.Itoa(r.Stretch), strconv.FormatFloat(r.Fraction, 'f', 6, 64), degrees(r.Lat), degrees(r.Lon)
		}
		_ = w.Write(line)
	}
	w.Flush()
	return w.Error()
}

// AccessReportCmd writes the inventory of an area.
type AccessReportCmd struct {
	Roads    string `placeholder:"FILE.roads" help:"The road network; without it, as the crow flies."`
	Services string `required:"" placeholder:"S.csv" help:"Points of service: the file of docs/service.md, with a source and a day."`
	Origins  string `required:"" placeholder:"O.csv" help:"People: the file of docs/service.md."`
	Title    string `default:"Inventering av service" help:"The title."`
	Date     string `required:"" placeholder:"YYYY-MM-DD" help:"The day that the inventory holds for."`
	Source   string `default:"Ej angiven" help:"Where places come from that do not say so themselves."`
	Km       int64  `default:"10" help:"The limit that is shown, kilometres."`
	Minutes  int64  `default:"10" help:"The limit that is shown, minutes."`
	Out      string `required:"" placeholder:"FILE" help:"FILE.html, FILE.docx or FILE.pdf (where Chromium is present)."`
}

// Help tells what is in it.
func (AccessReportCmd) Help() string {
	return `Writes the same document as an inventory's page gives: what matters most, every type of service, area by area, what each closing would do, how it was counted, and who was not counted and why. Types are those of docs/service.md.`
}

// Run writes.
func (c *AccessReportCmd) Run(ctx context.Context, out *Streams) error {
	bad := func(err error) error { return &exitError{exitBadInput, err} }
	day, err := calendar.Parse(c.Date)
	if err != nil {
		return bad(fmt.Errorf("%q är ingen dag; skriv ÅÅÅÅ-MM-DD", c.Date))
	}
	x := services.Loose{Title: c.Title, Day: day, Km: c.Km, Minutes: c.Minutes, Source: c.Source}
	if x.Points, err = os.ReadFile(c.Services); err != nil {
		return bad(err)
	}
	if x.People, err = os.ReadFile(c.Origins); err != nil {
		return bad(err)
	}
	x.PointsName, x.PeopleName = filepath.Base(c.Services), filepath.Base(c.Origins)
	if c.Roads != "" {
		n, err := openRoads(c.Roads)
		if err == nil && !n.Located() {
			err = fmt.Errorf("%s har inga koordinater", c.Roads)
		}
		if err != nil {
			return bad(err)
		}
		x.Roads = services.NewRoads(filepath.Base(c.Roads), n)
	}
	d, reports, err := x.Document(ctx)
	for _, rep := range reports {
		if e := imported(&Streams{Out: io.Discard, Err: out.Err}, &rep, err, false, func() string { return "" }); e != nil && rep.Errors > 0 {
			return e
		}
	}
	if err != nil {
		return bad(err)
	}
	var data []byte
	switch strings.ToLower(filepath.Ext(c.Out)) {
	case ".html":
		data = d.HTML()
	case ".docx":
		data, err = d.DOCX()
	case ".pdf":
		data, err = d.PDF(ctx)
	default:
		err = fmt.Errorf("%s: ändelsen ska vara .html, .docx eller .pdf", c.Out)
	}
	if err != nil {
		return bad(err)
	}
	return writeWhole(c.Out, func(w io.Writer) error { _, err := io.Copy(w, bytes.NewReader(data)); return err })
}
