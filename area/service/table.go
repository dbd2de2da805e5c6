package service

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"

	"kommunpilot/base/geopackage"
	"kommunpilot/base/kommun"
)

// MaxFile is the largest file that is read in, bytes; SCB's squares of the whole
// country are about 30 MB.
const MaxFile = 64 << 20

// mostRows bounds what one file may hold.
const mostRows = 700_000

// row is a line of a file with its place.
type row struct {
	line     int
	values   map[string]string
	lat, lon float64
	placed   bool
	faulty   bool // its place has a fault that is told already
}

// get is the value under the first of the names that the row has.
func (r *row) get(names ...string) string {
	for _, n := range names {
		if v := strings.TrimSpace(r.values[n]); v != "" {
			return v
		}
	}
	return ""
}

// Fault is a line of an import's report.
type Fault struct {
	Line          int
	Column, Value string
	Rule, What    string
	Warning       bool
}

// Report is what was found in a file. With any error nothing is stored.
type Report struct {
	File     string
	Faults   []Fault
	Errors   int
	Warnings int
	// What was done, when there are no errors.
	Added, Changed, Same int
	Cells                int
	People               uint64
}

// mostFaults is how many lines of a report are shown; all are counted.
const mostFaults = 1000

func (r *Report) add(f Fault) {
	if f.Warning {
		r.Warnings++
	} else {
		r.Errors++
	}
	if len(r.Faults) < mostFaults {
		r.Faults = append(r.Faults, f)
	}
}

func (r *Report) fault(line int, column, value, rule, what string, a ...any) {
	r.add(Fault{Line: line, Column: column, Value: value, Rule: rule, What: fmt.Sprintf(what, a...)})
}

// sort puts the report in the order of lines.
func (r *Report) sort() {
	slices.SortStableFunc(r.Faults, func(a, b Fault) int { return a.Line - b.Line })
}

// readRows reads a file of any of the kinds: a table with comma or semicolon,
// GeoJSON, or a GeoPackage.
func readRows(ctx context.Context, name string, data []byte, rep *Report) []row {
	rep.File = name
	switch {
	case len(data) == 0:
		rep.fault(1, "", "", "G1", "filen är tom")
		return nil
	case geopackage.Is(data):
		return readPackage(ctx, data, rep)
	case bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))), []byte("{")):
		return readGeoJSON(data, rep)
	}
	return readCSV(data, rep)
}

func readCSV(data []byte, rep *Report) (out []row) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	head, _, _ := bytes.Cut(data, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(data))
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		r.Comma = ';'
	}
	r.FieldsPerRecord = -1
	names, err := r.Read()
	if err != nil {
		rep.fault(1, "", "", "G1", "första raden ska vara kolumnernas namn")
		return nil
	}
	for i, n := range names {
		names[i] = strings.ToLower(strings.TrimSpace(n))
		if slices.Contains(names[:i], names[i]) {
			rep.fault(1, names[i], "", "G1", "kolumnen finns två gånger")
			return nil
		}
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			rep.fault(line, "", "", "G1", "raden går inte att läsa: %v", err)
			return nil
		}
		if len(fields) != len(names) {
			rep.fault(line, "", "", "G1", "raden har %d värden, kolumnerna är %d; decimaltecknet är punkt", len(fields), len(names))
			continue
		}
		if len(out) == mostRows {
			rep.fault(line, "", "", "G1", "filen har fler än %d rader", mostRows)
			return nil
		}
		x := row{line: line, values: make(map[string]string, len(names))}
		for i, n := range names {
			x.values[n] = fields[i]
		}
		x.place(rep)
		out = append(out, x)
	}
	return out
}

// place reads a row's coordinates: lat and lon, or x (east) and y (north) in
// SWEREF 99 TM. The two are never mixed in a row.
func (r *row) place(rep *Report) {
	before := rep.Errors
	defer func() { r.faulty = rep.Errors > before }()
	first, second := "lat", "lon"
	if _, ok := r.values["x"]; ok {
		first, second = "y", "x"
		if _, both := r.values["lat"]; both {
			rep.fault(r.line, "lat", "", "G1", "filen har både lat, lon och x, y; behåll det ena")
			return
		}
	}
	if r.get(first) == "" && r.get(second) == "" {
		return
	}
	var v [2]float64
	for i, name := range []string{first, second} {
		text := r.get(name)
		x, err := strconv.ParseFloat(text, 64)
		switch {
		case err == nil && !math.IsNaN(x) && !math.IsInf(x, 0):
		case strings.Count(text, ",") == 1 && !strings.Contains(text, "."):
			rep.fault(r.line, name, text, "G5", "skriv decimalpunkt: %s", strings.Replace(text, ",", ".", 1))
			return
		default:
			rep.fault(r.line, name, text, "G5", "är inget tal")
			return
		}
		v[i] = x
	}
	big := math.Abs(v[0]) > 1000 || math.Abs(v[1]) > 1000
	switch {
	case first == "y" && !big:
		rep.fault(r.line, "x", r.get("x"), "C3", "ser ut som grader; kalla kolumnerna lat och lon")
		return
	case first == "lat" && big:
		rep.fault(r.line, "lat", r.get("lat"), "C3", "ser ut som SWEREF 99 TM; kalla kolumnerna x (öster) och y (norr)")
		return
	case first == "y" && v[1] > southern && v[0] < eastern:
		rep.fault(r.line, "x", r.get("x"), "C3", "förväxlade axlar? x är öster och y är norr")
		return
	}
	lat, lon, err := placeOf(v[0], v[1])
	if err != nil {
		rep.fault(r.line, first, r.get(first), "C3", "%s", err.Error())
		return
	}
	r.lat, r.lon, r.placed = lat, lon, true
}

func readGeoJSON(data []byte, rep *Report) (out []row) {
	all, err := geojson.UnmarshalFeatureCollection(data)
	if err != nil {
		rep.fault(1, "", "", "G1", "filen är ingen GeoJSON-samling: %v", err)
		return nil
	}
	for i, f := range all.Features {
		x := row{line: i + 1, values: map[string]string{}}
		for k, v := range f.Properties {
			x.values[strings.ToLower(k)] = said1(v)
		}
		if x.get("id", "punkt") == "" && f.ID != nil {
			x.values["id"] = said1(f.ID)
		}
		x.stand(f.Geometry, rep)
		out = append(out, x)
	}
	return out
}

func said1(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// stand gives the row the middle of a geometry, in degrees or SWEREF 99 TM.
func (r *row) stand(g orb.Geometry, rep *Report) {
	if g == nil {
		return
	}
	before := rep.Errors
	defer func() { r.faulty = rep.Errors > before }()
	p, ok := g.(orb.Point)
	if !ok {
		p, _ = planar.CentroidArea(g)
	}
	if math.IsNaN(p[0]) || math.IsNaN(p[1]) {
		rep.fault(r.line, "geometri", "", "C3", "har ingen mittpunkt")
		return
	}
	lat, lon, err := placeOf(p[1], p[0])
	if err != nil {
		rep.fault(r.line, "geometri", short(p[1])+" "+short(p[0]), "C3", "%s", err.Error())
		return
	}
	r.lat, r.lon, r.placed = lat, lon, true
}

// readPackage reads the first layer of a GeoPackage.
func readPackage(ctx context.Context, data []byte, rep *Report) (out []row) {
	list, err := geopackage.Read(ctx, data, mostRows)
	if err != nil {
		rep.fault(1, "", "", "G1", "GeoPackage-filen går inte att läsa: %v", err)
		return nil
	}
	for i, r := range list {
		x := row{line: i + 1, values: r.Values}
		if r.Fault != nil {
			rep.fault(x.line, "geometri", "", "C3", "går inte att läsa: %v", r.Fault)
		}
		x.stand(r.Shape, rep)
		out = append(out, x)
	}
	return out
}

// located finds the municipality whose main locality is nearest; a hint and no
// more: the borders that the product carries are too coarse to decide by.
func located(lat, lon float64) (kommun.Kommun, float64) {
	var best kommun.Kommun
	far := math.Inf(1)
	for _, k := range kommun.Default().All() {
		if d := kommun.Distance(kommun.Kommun{Lat: lat, Lon: lon}, k); d < far {
			best, far = k, d
		}
	}
	return best, far
}
