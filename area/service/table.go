package service

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"

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

// readRows reads a file of any of the kinds: a table with comma or semicolon,
// GeoJSON, or a GeoPackage.
func readRows(ctx context.Context, name string, data []byte, rep *Report) []row {
	rep.File = name
	switch {
	case len(data) == 0:
		rep.fault(1, "", "", "G1", "filen är tom")
		return nil
	case bytes.HasPrefix(data, []byte("SQLite format 3\x00")):
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
	case []byte:
		return string(x)
	}
	return fmt.Sprint(v)
}

// stand gives the row the middle of a geometry, in degrees or SWEREF 99 TM.
func (r *row) stand(g orb.Geometry, rep *Report) {
	if g == nil {
		return
	}
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

// readPackage reads the first layer of a GeoPackage. The file is opened read
// only, and nothing in it is run.
func readPackage(ctx context.Context, data []byte, rep *Report) (out []row) {
	bad := func(err error) []row {
		rep.fault(1, "", "", "G1", "GeoPackage-filen går inte att läsa: %v", err)
		return nil
	}
	f, err := os.CreateTemp("", "kommunpilot-*.gpkg")
	if err != nil {
		return bad(err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return bad(err)
	}
	d, err := sql.Open("sqlite", "file:"+f.Name()+"?mode=ro&immutable=1&_pragma=query_only(1)&_pragma=trusted_schema(0)")
	if err != nil {
		return bad(err)
	}
	defer func() { _ = d.Close() }()
	var layer, column string
	if err := d.QueryRowContext(ctx, `SELECT table_name, column_name FROM gpkg_geometry_columns ORDER BY table_name LIMIT 1`).Scan(&layer, &column); err != nil {
		return bad(err)
	}
	rows, err := d.QueryContext(ctx, `SELECT * FROM "`+strings.ReplaceAll(layer, `"`, `""`)+`"`) //nolint:gosec // the name is quoted; the base is the file's own
	if err != nil {
		return bad(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return bad(err)
	}
	for rows.Next() {
		if len(out) == mostRows {
			return bad(fmt.Errorf("den har fler än %d rader", mostRows))
		}
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return bad(err)
		}
		x := row{line: len(out) + 1, values: map[string]string{}}
		for i, n := range names {
			v := *(values[i].(*any))
			if n == column {
				if blob, ok := v.([]byte); ok {
					if g, err := geometry(blob); err != nil {
						rep.fault(x.line, column, "", "C3", "geometrin går inte att läsa: %v", err)
					} else {
						x.stand(g, rep)
					}
				}
				continue
			}
			x.values[strings.ToLower(n)] = said1(v)
		}
		out = append(out, x)
	}
	if err := rows.Err(); err != nil {
		return bad(err)
	}
	return out
}

// geometry reads GeoPackage's binary form: a header, then WKB.
func geometry(b []byte) (orb.Geometry, error) {
	if len(b) < 8 || b[0] != 'G' || b[1] != 'P' {
		return nil, errors.New("inte GeoPackages form")
	}
	envelope := []int{0, 32, 48, 48, 64, 0, 0, 0}[b[3]>>1&7]
	if len(b) < 8+envelope {
		return nil, errors.New("avhuggen")
	}
	return wkb.Unmarshal(b[8+envelope:])
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
