package service

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/who"
)

// farFromKommun is how far from its stated municipality's main locality, in
// metres, a point is asked about; a large municipality is 150 km across.
const farFromKommun = 40_000

// parsePoints reads a file of service points: the full form of
// docs/service.md, or id,type,name,lat,lon. What a file does not say of source
// and day is what the person says of the whole file.
func parsePoints(ctx context.Context, name string, data []byte, list []Type, source string, day calendar.Date) (out []Point, rep Report) {
	rows := readRows(ctx, name, data, &rep)
	seen := map[string]int{}
	spots := map[string]*row{}
	var codes []string
	for _, t := range list {
		codes = append(codes, t.Code)
	}
	for i := range rows {
		r := &rows[i]
		x := Point{Ref: r.get("punkt", "id", "osm_id", "source_urn"), Name: r.get("namn", "name"), Type: r.get("typ", "type"), Spot: r.get("plats"), Doors: r.get("status"),
			Hours: r.get("oppettider", "öppettider"), Owner: r.get("agare", "ägare"), Weakness: r.get("sarbarhet", "sårbarhet"), Source: r.get("kalla", "källa"), Secret: r.get("sekretess")}
		if x.Ref == "" {
			rep.fault(r.line, "id", "", "G3", "saknas")
			continue
		}
		if before, twice := seen[x.Ref]; twice {
			rep.fault(r.line, "id", x.Ref, "G3", "finns också på rad %d", before)
			continue
		}
		seen[x.Ref] = r.line
		if !slices.Contains(codes, x.Type) {
			rep.fault(r.line, "typ", x.Type, "S1", "typen finns inte; de som finns är %s", strings.Join(codes, ", "))
			continue
		}
		if !r.placed {
			if !r.faulty {
				rep.fault(r.line, "lat", "", "C3", "platsen saknas")
			}
			continue
		}
		x.Where = writePlace(r.lat, r.lon)
		if x.Name == "" {
			x.Name = x.Ref
		}
		switch r.get("bemannad") {
		case "ja", "bemannad":
			x.Staffed = "bemannad"
		case "nej", "obemannad":
			x.Staffed = "obemannad"
		}
		if !slices.Contains([]string{"", DoorsOpen, DoorsShut, DoorsBarred, DoorsSeason}, x.Doors) {
			rep.fault(r.line, "status", x.Doors, "G5", "ska vara öppen, stängd, spärrad eller säsong")
		}
		x.date(r, "giltig_fran", &x.From, &rep)
		x.date(r, "giltig_till", &x.To, &rep)
		x.date(r, "kalldatum", &x.Sourced, &rep)
		if x.From != "" && x.To != "" && x.To < x.From {
			rep.fault(r.line, "giltig_till", string(x.To), "S3", "ligger före giltig_fran %s", x.From)
		}
		if c := r.get("kapacitet"); c != "" {
			n, err := strconv.ParseInt(c, 10, 64)
			if err != nil || n < 0 {
				rep.fault(r.line, "kapacitet", c, "G5", "ska vara ett helt tal")
			}
			x.Capacity = n
		}
		if x.Source == "" {
			x.Source = source
		}
		if x.Sourced == "" {
			x.Sourced = day
		}
		if x.Source == "" || x.Sourced == "" {
			rep.fault(r.line, "kalla", "", "S2", "varje ställe behöver källa och dag: kolumnerna kalla och kalldatum, eller det som du skriver om hela filen")
		}
		x.kommun(r, &rep)
		if first := spots[x.Spot]; x.Spot != "" && first != nil {
			if m := straight(first.lat, first.lon, r.lat, r.lon); m > 100 {
				rep.fault(r.line, "plats", x.Spot, "S4", "ligger %d m från samma plats på rad %d", m, first.line)
			}
		} else if x.Spot != "" {
			spots[x.Spot] = r
		}
		out = append(out, x)
	}
	if len(rows) > 0 && len(out) == 0 && rep.Errors == 0 || len(rows) == 0 && rep.Errors == 0 {
		rep.fault(1, "", "", "G1", "filen har inga rader")
	}
	rep.sort()
	return out, rep
}

func (x *Point) date(r *row, column string, to *calendar.Date, rep *Report) {
	text := r.get(column)
	if text == "" {
		return
	}
	d, err := calendar.Parse(text)
	if err != nil {
		rep.fault(r.line, column, text, "G5", "är ingen dag; skriv ÅÅÅÅ-MM-DD")
		return
	}
	*to = d
}

// kommun takes the stated municipality and asks about a point that lies far from it.
func (x *Point) kommun(r *row, rep *Report) {
	code := r.get("kommun", "municipality_code")
	if code == "" {
		return
	}
	k, ok := kommun.Default().ByCode(code)
	if !ok {
		rep.fault(r.line, "kommun", code, "G2", "är ingen kommunkod; skriv fyra siffror, till exempel 0114")
		return
	}
	x.Kommun = code
	near, _ := located(r.lat, r.lon)
	if d := kommun.Distance(kommun.Kommun{Lat: r.lat, Lon: r.lon}, k); near.Code != code && d > farFromKommun {
		rep.add(Fault{Line: r.line, Column: "kommun", Value: code, Rule: "C6", Warning: true, What: fmt.Sprintf("stället ligger %d km från %s och nära %s; stämmer platsen?", int(d/1000), k.Name, near.Name)})
	}
}

// ImportPoints reads a file of service points into a project's register: those
// that it has under the same id are changed, the others added. With any error
// nothing is stored.
func (o *Room) ImportPoints(ctx context.Context, pid who.ProjectID, name string, data []byte, source string, day calendar.Date, once string) (rep Report, err error) {
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := o.writable(ctx, tx, pid, "service.edit")
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		list, err := o.typesOf(ctx, tx, p)
		if err != nil {
			return err
		}
		var points []Point
		if points, rep = parsePoints(ctx, name, data, list, source, day); rep.Errors > 0 {
			return fail.Fields(fail.Field{Name: "fil", Message: fmt.Sprintf("Filen har %d fel. Ingenting är sparat; felen står nedan.", rep.Errors)})
		}
		return o.storePoints(ctx, tx, p, points, &rep)
	})
	return rep, err
}

func (o *Room) storePoints(ctx context.Context, tx *db.Tx, p journal.Project, points []Point, rep *Report) error {
	have, err := o.points.Noun.List(ctx, tx, journal.Query{Project: p.ID})
	if err != nil {
		return err
	}
	byRef := map[string]journal.Item[Point]{}
	for _, it := range have {
		if it.Is.Ref != "" && it.State == Present {
			byRef[it.Is.Ref] = it
		}
	}
	for _, x := range points {
		it, ok := byRef[x.Ref]
		if !ok {
			if _, err := o.points.AddIn(ctx, tx, p, 0, x); err != nil {
				return err
			}
			rep.Added++
			continue
		}
		// What people have written of the place stays where the file says nothing.
		x.Hours, x.Owner, x.Weakness = or(x.Hours, it.Is.Hours), or(x.Owner, it.Is.Owner), or(x.Weakness, it.Is.Weakness)
		x.Spot, x.Kommun, x.Doors, x.Staffed = or(x.Spot, it.Is.Spot), or(x.Kommun, it.Is.Kommun), or(x.Doors, it.Is.Doors), or(x.Staffed, it.Is.Staffed)
		x.Secret, x.Seen, x.SeenBy, x.Apart = or(x.Secret, it.Is.Secret), it.Is.Seen, it.Is.SeenBy, it.Is.Apart
		if x.From == "" {
			x.From = it.Is.From
		}
		if equal(x, it.Is) {
			rep.Same++
			continue
		}
		it.Is = x
		if err := o.points.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: "service.edit", Reason: "Inläst ur " + rep.File}); err != nil {
			return err
		}
		rep.Changed++
	}
	return nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func equal(a, b Point) bool {
	if !slices.Equal(a.Apart, b.Apart) {
		return false
	}
	a.Apart, b.Apart = nil, nil
	return fmt.Sprint(a) == fmt.Sprint(b)
}

// parsePopulation reads a file of people: ruta,x,y or lat,lon, p_tot and further
// weights, or id,lat,lon,population; SCB's squares have columns of their own names.
func parsePopulation(ctx context.Context, name string, data []byte) (out []Cell, rep Report) {
	rows := readRows(ctx, name, data, &rep)
	seen := map[string]int{}
	for i := range rows {
		r := &rows[i]
		c := Cell{ID: r.get("ruta", "id", "rut_id", "rutid_scb", "rutid"), Name: r.get("namn", "name"), Kommun: r.get("kommun", "municipality_code", "kommunkod"), Part: r.get("deso")}
		if c.ID == "" {
			rep.fault(r.line, "ruta", "", "G3", "saknas")
			continue
		}
		if before, twice := seen[c.ID]; twice {
			rep.fault(r.line, "ruta", c.ID, "C1", "finns också på rad %d", before)
			continue
		}
		seen[c.ID] = r.line
		text := r.get("p_tot", "population", "totalt", "pop", "beftotalt")
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil || n > 1_000_000_000 {
			rep.fault(r.line, "p_tot", text, "C2", "ska vara ett helt tal, 0 eller mer")
			continue
		}
		c.People = uint32(n)
		if text := r.get("p_70plus"); text != "" {
			n, err := strconv.ParseUint(text, 10, 32)
			if err != nil || uint32(n) > c.People {
				rep.fault(r.line, "p_70plus", text, "C2", "ska vara ett helt tal, högst så många som p_tot")
				continue
			}
			c.Old = uint32(n)
		}
		if c.Kommun != "" {
			if _, ok := kommun.Default().ByCode(c.Kommun); !ok {
				rep.fault(r.line, "kommun", c.Kommun, "G2", "är ingen kommunkod; skriv fyra siffror, till exempel 0114")
				continue
			}
		}
		if !r.placed {
			if !r.faulty {
				rep.fault(r.line, "lat", "", "C3", "platsen saknas")
			}
			continue
		}
		c.Lat, c.Lon = r.lat, r.lon
		out = append(out, c)
		rep.Cells++
		rep.People += uint64(c.People)
	}
	if len(out) == 0 && rep.Errors == 0 {
		rep.fault(1, "", "", "G1", "filen har inga rader")
	}
	slices.SortFunc(out, func(a, b Cell) int { return strings.Compare(a.ID, b.ID) })
	rep.sort()
	return out, rep
}

// ImportPopulation gives an inventory its people; those of before are replaced.
func (o *Room) ImportPopulation(ctx context.Context, item journal.ID, version int64, name string, data []byte, source string, day calendar.Date, once string) (rep Report, err error) {
	cells, rep := parsePopulation(ctx, name, data)
	if rep.Errors > 0 {
		return rep, fail.Fields(fail.Field{Name: "fil", Message: fmt.Sprintf("Filen har %d fel. Ingenting är sparat; felen står nedan.", rep.Errors)})
	}
	if source == "" || day == "" {
		return rep, fail.Fields(fail.Field{Name: "source", Message: "Skriv varifrån befolkningen kommer och vilken dag den gäller."})
	}
	ref, err := o.deps.Files.Put(ctx, bytes.NewReader(writePopulation(cells)), MaxFile*2)
	if err != nil {
		return rep, err
	}
	return rep, o.change(ctx, item, version, once, func(x *Inventory) error {
		x.Population = &Population{Hash: ref.Hash, Name: name, Source: source, Day: day, Cells: rep.Cells, People: rep.People}
		return nil
	})
}

var populationHead = []string{"ruta", "lat", "lon", "kommun", "deso", "namn", "p_tot", "p_70plus"}

// writePopulation is the table as it is kept: sorted, one form.
func writePopulation(cells []Cell) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(populationHead) // to memory
	for _, c := range cells {
		_ = w.Write([]string{c.ID, strconv.FormatFloat(c.Lat, 'f', 6, 64), strconv.FormatFloat(c.Lon, 'f', 6, 64), c.Kommun, c.Part, c.Name, strconv.FormatUint(uint64(c.People), 10), strconv.FormatUint(uint64(c.Old), 10)})
	}
	w.Flush()
	return b.Bytes()
}

func (o *Room) readPopulation(ctx context.Context, hash string) ([]Cell, error) {
	f, err := o.deps.Files.Open(ctx, hash)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, MaxFile*2))
	if err != nil {
		return nil, fmt.Errorf("service: %w", err)
	}
	cells, rep := parsePopulation(ctx, hash, data)
	if rep.Errors > 0 {
		return nil, fmt.Errorf("service: the stored population %s cannot be read: %s", hash, rep.Faults[0].What)
	}
	return cells, nil
}
