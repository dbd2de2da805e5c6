package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/roadnet"
)

// The files of access: the short forms of the commands and the full ones of
// accessibility.md 6.2 are told apart by their columns.

// service is a point of service.
type service struct {
	id, site, kind, name string
	lat, lon             float64
	node                 int
	atNode               bool
	where                string // file and line
}

// origin is a place that people come from.
type origin struct {
	id         string
	lat, lon   float64
	population int64
	node       int
	atNode     bool
	snap       roadnet.Snap
}

// faultList are the faults of files, with their lines.
type faultList struct {
	rows   []string
	errors int
}

// mostFaults is how many rows of a report are shown.
const mostFaults = 1000

func (f *faultList) add(where, id, format string, a ...any) {
	f.errors++
	if f.errors <= mostFaults {
		f.rows = append(f.rows, fmt.Sprintf("%s: fel %s: %s", where, id, fmt.Sprintf(format, a...)))
	}
}

func (f *faultList) write(w io.Writer) {
	for _, r := range f.rows {
		_, _ = fmt.Fprintln(w, r)
	}
	if f.errors > mostFaults {
		_, _ = fmt.Fprintf(w, "… och %d fel till\n", f.errors-mostFaults)
	}
}

// csvTable is a file with a header.
type csvTable struct {
	file   string
	column map[string]int
	rows   [][]string
	lines  []int
	faults *faultList
}

func (t *csvTable) where(i int) string { return fmt.Sprintf("%s rad %d", t.file, t.lines[i]) }

// get is a row's value under the first of the names that is a column.
func (t *csvTable) get(i int, names ...string) string {
	for _, n := range names {
		if c, ok := t.column[n]; ok {
			return strings.TrimSpace(t.rows[i][c])
		}
	}
	return ""
}

func (t *csvTable) has(names ...string) bool {
	for _, n := range names {
		if _, ok := t.column[n]; !ok {
			return false
		}
	}
	return true
}

// readTable reads a file with comma or semicolon, taken from its header.
func readTable(file string, faults *faultList) *csvTable {
	t := &csvTable{file: file, column: map[string]int{}, faults: faults}
	data, err := readDataset(file)
	if err != nil {
		faults.add(file, "G1", "%v", err)
		return t
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if len(bytes.TrimSpace(head)) == 0 {
		faults.add(file+" rad 1", "G1", "filen är tom; första raden ska vara kolumnernas namn")
		return t
	}
	r := csv.NewReader(bytes.NewReader(data))
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		r.Comma = ';'
	}
	r.FieldsPerRecord, r.LazyQuotes = -1, false
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			faults.add(file, "G1", "%v", err)
			return t
		}
		if len(t.column) == 0 {
			for i, name := range row {
				t.column[strings.ToLower(strings.TrimSpace(name))] = i
			}
			continue
		}
		if len(row) != len(t.column) {
			faults.add(fmt.Sprintf("%s rad %d", file, line), "G1", "raden har %d värden, kolumnerna är %d. Decimaltecknet är punkt", len(row), len(t.column))
			continue
		}
		t.rows, t.lines = append(t.rows, row), append(t.lines, line)
	}
}

// place reads a row's coordinates in whichever system the columns are.
func (t *csvTable) place(i int) (lat, lon float64, ok bool) {
	number := func(name string) (float64, bool) {
		text := t.get(i, name)
		v, err := strconv.ParseFloat(text, 64)
		switch {
		case err == nil && !math.IsNaN(v) && !math.IsInf(v, 0):
			return v, true
		case strings.Count(text, ",") == 1 && !strings.Contains(text, "."):
			t.faults.add(t.where(i), "G5", "%s är %q: skriv decimalpunkt, %s", name, text, strings.Replace(text, ",", ".", 1))
		default:
			t.faults.add(t.where(i), "G5", "%s är %q, inget tal", name, text)
		}
		return 0, false
	}
	if t.has("x", "y") {
		x, okX := number("x")
		y, okY := number("y")
		switch {
		case !okX || !okY:
			return 0, 0, false
		case math.Abs(x) <= 180 && math.Abs(y) <= 180:
			t.faults.add(t.where(i), "C3", "x %s och y %s ser ut som grader; kalla kolumnerna lon och lat", t.get(i, "x"), t.get(i, "y"))
		case x > 6_000_000 && x < 7_800_000 && y > 200_000 && y < 1_000_000:
			t.faults.add(t.where(i), "C3", "x %s och y %s ser ut som förväxlade axlar: x är öster, y är norr", t.get(i, "x"), t.get(i, "y"))
		case x < 200_000 || x > 1_000_000 || y < 6_000_000 || y > 7_800_000:
			t.faults.add(t.where(i), "C3", "x %s och y %s ligger utanför Sverige i SWEREF 99 TM", t.get(i, "x"), t.get(i, "y"))
		default:
			lat, lon = kommun.FromSWEREF99TM(x, y)
			return lat, lon, true
		}
		return 0, 0, false
	}
	lat, okLat := number("lat")
	lon, okLon := number("lon")
	switch {
	case !okLat || !okLon:
		return 0, 0, false
	case lat > 1_000 && lon > 1_000:
		t.faults.add(t.where(i), "C3", "lat %s och lon %s ser ut som SWEREF 99 TM; kalla kolumnerna x (öster) och y (norr)", t.get(i, "lat"), t.get(i, "lon"))
	case math.Abs(lat) > 90 && math.Abs(lon) <= 90:
		t.faults.add(t.where(i), "C3", "lat %s är ingen latitud; är lat och lon förväxlade?", t.get(i, "lat"))
	case math.Abs(lat) > 90 || math.Abs(lon) > 180:
		t.faults.add(t.where(i), "C3", "lat %s och lon %s är ingen plats på jorden", t.get(i, "lat"), t.get(i, "lon"))
	default:
		return lat, lon, true
	}
	return 0, 0, false
}

// unique says that an id has been used before, with both lines.
func (t *csvTable) unique(i int, id, rule string, seen map[string]int) bool {
	if id == "" {
		t.faults.add(t.where(i), "G3", "id saknas")
		return false
	}
	if before, ok := seen[id]; ok {
		t.faults.add(t.where(i), rule, "id %q finns också på rad %d", id, t.lines[before])
		return false
	}
	seen[id] = i
	return true
}

// readServices reads points of service.
func readServices(file, date string) (out []service, faults faultList) {
	t := readTable(file, &faults)
	if faults.errors > 0 {
		return nil, faults
	}
	kinds, ids := t.has("type") || t.has("typ"), t.has("id") || t.has("punkt")
	nodes, places := t.has("node"), t.has("lat", "lon") || t.has("x", "y")
	if !kinds || !ids || !nodes && !places {
		faults.add(file+" rad 1", "G1", "kolumnerna ska vara id,type,name,lat,lon eller id,type,node; eller punkt,plats,typ,namn,x,y")
		return nil, faults
	}
	if t.has("lat", "lon") && t.has("x", "y") {
		faults.add(file+" rad 1", "G1", "filen har både lat, lon och x, y; behåll det ena")
		return nil, faults
	}
	seen := map[string]int{}
	at := map[string]string{} // the first service at a place
	for i := range t.rows {
		s := service{id: t.get(i, "id", "punkt"), kind: t.get(i, "type", "typ"), name: t.get(i, "name", "namn"), where: t.where(i)}
		if !t.unique(i, s.id, "G3", seen) {
			continue
		}
		if s.kind == "" {
			faults.add(s.where, "S1", "typen saknas")
			continue
		}
		var place string
		if nodes && !places {
			n, err := strconv.Atoi(t.get(i, "node"))
			if err != nil {
				faults.add(s.where, "G5", "node är %q, inget nodnummer", t.get(i, "node"))
				continue
			}
			s.node, s.atNode = n, true
			place = strconv.Itoa(n)
		} else {
			var ok bool
			if s.lat, s.lon, ok = t.place(i); !ok {
				continue
			}
			place = fmt.Sprintf("%.7f %.7f", s.lat, s.lon)
		}
		if !openOn(t, i, date) {
			continue
		}
		if s.site = t.get(i, "plats"); s.site == "" {
			key := s.kind + "\x00" + place
			if first, ok := at[key]; !ok || s.id < first {
				at[key] = s.id
			}
			s.site = key
		}
		out = append(out, s)
	}
	for i := range out {
		if first, ok := at[out[i].site]; ok {
			out[i].site = first // a place without a name has that of its first service
		}
	}
	return out, faults
}

// openOn tells whether a row's service is open on the day.
func openOn(t *csvTable, i int, date string) bool {
	if s := t.get(i, "status"); s != "" && s != "öppen" && s != "säsong" {
		return false
	}
	from, to := t.get(i, "giltig_fran"), t.get(i, "giltig_till")
	if from != "" && to != "" && to < from {
		t.faults.add(t.where(i), "S3", "giltig_till %s ligger före giltig_fran %s", to, from)
		return false
	}
	return date == "" || (from == "" || from <= date) && (to == "" || date <= to)
}

// compareIDs orders services by site and then by id, in byte order.
func compareIDs(siteA, siteB, a, b string) int {
	return cmp.Or(strings.Compare(siteA, siteB), strings.Compare(a, b))
}

// readOrigins reads places with people.
func readOrigins(file string) (out []origin, faults faultList) {
	t := readTable(file, &faults)
	if faults.errors > 0 {
		return nil, faults
	}
	if !t.has("id") && !t.has("ruta") || !t.has("lat", "lon") && !t.has("x", "y") {
		faults.add(file+" rad 1", "G1", "kolumnerna ska vara id,lat,lon[,population]; eller ruta,x,y,p_tot")
		return nil, faults
	}
	seen := map[string]int{}
	people := slices.ContainsFunc([]string{"population", "p_tot"}, func(n string) bool { return t.has(n) })
	for i := range t.rows {
		o := origin{id: t.get(i, "id", "ruta"), population: 1}
		if !t.unique(i, o.id, "C1", seen) {
			continue
		}
		if people {
			p, err := strconv.ParseInt(t.get(i, "population", "p_tot"), 10, 64)
			if err != nil || p < 0 || p > 1_000_000_000 {
				faults.add(t.where(i), "C2", "befolkningen är %q; den ska vara ett helt tal, 0 eller mer", t.get(i, "population", "p_tot"))
				continue
			}
			o.population = p
		}
		var ok bool
		if o.lat, o.lon, ok = t.place(i); ok {
			out = append(out, o)
		}
	}
	if len(out) == 0 && faults.errors == 0 {
		faults.add(file, "G1", "filen har inga rader")
	}
	return out, faults
}

// readCandidates reads places to choose among.
func readCandidates(file string) (out []service, faults faultList) {
	t := readTable(file, &faults)
	if faults.errors > 0 {
		return nil, faults
	}
	if !t.has("id") && !t.has("kandidat") || !t.has("lat", "lon") && !t.has("x", "y") && !t.has("node") {
		faults.add(file+" rad 1", "G1", "kolumnerna ska vara id,lat,lon eller id,node; eller kandidat,x,y")
		return nil, faults
	}
	seen := map[string]int{}
	for i := range t.rows {
		s := service{id: t.get(i, "id", "kandidat"), where: t.where(i)}
		if !t.unique(i, s.id, "G3", seen) {
			continue
		}
		ok := true
		if t.has("node") {
			n, err := strconv.Atoi(t.get(i, "node"))
			if err != nil {
				faults.add(s.where, "G5", "node är %q, inget nodnummer", t.get(i, "node"))
			}
			s.node, s.atNode = n, true
		} else {
			s.lat, s.lon, ok = t.place(i)
		}
		if ok {
			out = append(out, s)
		}
	}
	return out, faults
}
