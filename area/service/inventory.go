package service

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of an inventory: worked on, and settled, which a plan may rest on.
const (
	Draft   = "utkast"
	Settled = "fastställd"
)

// Inventory is a municipality's total situation of access to commercial and
// public service on a day (004-16): everybody, every type.
type Inventory struct {
	Title       string        `json:"title"`
	Places      []string      `json:"places"` // municipalities as written, then as codes
	Part        string        `json:"part"`   // a part of a municipality, as a district (004-05)
	Day         calendar.Date `json:"day"`
	Roads       string        `json:"roads"` // "" by air
	Responsible string        `json:"responsible"`
	Km          int64         `json:"km"`
	Minutes     int64         `json:"minutes"`
	Own         []string      `json:"own"` // types of one's own
	Note        string        `json:"note"`
	Population  *Population   `json:"population"`
	Result      *Result       `json:"result"`
	Publish     string        `json:"publish"`
}

// Population is a file of people that has been read in.
type Population struct {
	Hash   string        `json:"hash"` // of the stored table
	Name   string        `json:"name"`
	Source string        `json:"source"`
	Day    calendar.Date `json:"day"`
	Cells  int           `json:"cells"`
	People uint64        `json:"people"`
}

// Result is what an inventory came to when it was settled. It is never changed.
type Result struct {
	At       time.Time `json:"at"`
	Input    string    `json:"input"` // SHA-256 of all that was measured
	Figures  []Figure  `json:"figures"`
	Together []Figure  `json:"together"`
	Kinds    []Figure  `json:"kinds"`
	People   uint64    `json:"people"`
	Rules    []Rule    `json:"rules"`
	Roads    string    `json:"roads"`
}

// limits are the inventory's own thresholds: 10 km and 10 minutes where none is
// chosen.
func (x *Inventory) limits() map[metric]int64 {
	return map[metric]int64{byLength: cmp.Or(x.Km, 10), byTime: cmp.Or(x.Minutes, 10)}
}

// codes are the municipalities of the inventory.
func (x *Inventory) codes() (out []string) {
	for _, text := range x.Places {
		if k, ok := findKommun(text); ok {
			out = append(out, k.Code)
		}
	}
	return out
}

// findKommun finds a municipality by code or whole name.
func findKommun(text string) (kommun.Kommun, bool) {
	text = strings.TrimSpace(text)
	if code, _, ok := strings.Cut(text, " "); ok && len(code) == 4 && strings.Trim(code, "0123456789") == "" {
		text = code
	}
	if k, ok := kommun.Default().ByCode(text); ok {
		return k, true
	}
	for _, k := range kommun.Default().Search(text, 1) {
		if strings.EqualFold(k.Name, text) || strings.EqualFold(k.FullName, text) {
			return k, true
		}
	}
	return kommun.Kommun{}, false
}

// wrong says what is wrong with an inventory, by field.
func (x *Inventory) wrong() (out []fail.Field) {
	for _, text := range x.Places {
		if _, ok := findKommun(text); !ok {
			out = append(out, fail.Field{Name: "places", Message: fmt.Sprintf("Det finns ingen kommun som heter %s. Skriv namnet eller koden, en kommun på varje rad.", text)})
		}
	}
	for _, line := range x.Own {
		if _, err := parseType(line); err != nil {
			out = append(out, fail.Field{Name: "own", Message: "Egna typer: " + err.Error() + "."})
		}
	}
	return out
}

func (o *Room) inventorySheet(d sheet.Deps) *sheet.Sheet[Inventory] {
	return &sheet.Sheet[Inventory]{
		Deps: d, Noun: journal.Noun[Inventory]{Name: "inventory", Title: "Inventeringen", Moves: map[string][]string{Draft: {Settled}, Settled: {Draft}}, NeedsReason: []string{Draft}},
		Path: "service", Title: "Service och avstånd", Lead: "Hur långt människor har till butik, mack, post, apotek, betaltjänster och offentlig service, vad som händer om något stänger, och var nästa gör mest nytta.",
		New: "Ny inventering", NoneYet: "Ingen inventering ännu. Börja med vilken kommun den gäller.", First: Draft, Read: "service.read", Write: "service.edit", Locked: []string{Settled},
		Name: func(x Inventory) string { return x.Title },
		Choices: func(context.Context, db.Q, journal.Project) (sheet.Choices, error) {
			c := sheet.Choices{}
			for _, n := range o.deps.Roads.List() {
				c["roads"] = append(c["roads"], web.Option{Value: n, Label: n})
			}
			return c, nil
		},
		Fields: func(ctx context.Context, x *Inventory, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &x.Title},
				{Input: web.Input{Name: "places", Label: web.T(ctx, "Kommuner"), Hint: web.T(ctx, "En på varje rad: namn eller kod. Flera kommuner kan inventera tillsammans."), Rows: 3}, Kind: web.AsLines, To: &x.Places},
				{Input: web.Input{Name: "part", Label: web.T(ctx, "Del av kommunen"), Hint: web.T(ctx, "Om inventeringen gäller en kommundel. Då behövs en befolkningsfil för den.")}, To: &x.Part},
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Gäller dagen"), Required: true}, Kind: web.AsDay, To: &x.Day},
				{Input: web.Input{Name: "roads", Label: web.T(ctx, "Vägnät"), Hint: web.T(ctx, "Utan vägnät mäts fågelvägen, i kilometer. Den är alltid kortare än vägen.")}, Kind: web.AsChoice, To: &x.Roads, Options: c["roads"]},
				{Input: web.Input{Name: "responsible", Label: web.T(ctx, "Ansvarig"), Hint: web.T(ctx, "Roll och organisation."), Required: true}, To: &x.Responsible},
				{Input: web.Input{Name: "km", Label: web.T(ctx, "Gräns i kilometer"), Hint: web.T(ctx, "Den som visas först. Tomt betyder 10."), Width: "short"}, Kind: web.AsWhole, To: &x.Km, High: 200},
				{Input: web.Input{Name: "minutes", Label: web.T(ctx, "Gräns i minuter"), Hint: web.T(ctx, "Tomt betyder 10."), Width: "short"}, Kind: web.AsWhole, To: &x.Minutes, High: 300},
				{Input: web.Input{Name: "own", Label: web.T(ctx, "Egna typer av service"), Hint: web.T(ctx, "En på varje rad: kod, kolon och namn, till exempel badplats: Badplats."), Rows: 3}, Kind: web.AsLines, To: &x.Own},
				{Input: web.Input{Name: "note", Label: web.T(ctx, "Att veta om inventeringen"), Rows: 3}, Kind: web.AsArea, To: &x.Note},
			}
		},
		Check: func(x Inventory) []fail.Field { return x.wrong() },
		Columns: []sheet.Column[Inventory]{
			{Head: "Kommuner", Cell: func(_ context.Context, it journal.Item[Inventory], _ sheet.Choices) string { return it.Is.names() }},
			{Head: "Gäller dagen", Cell: func(ctx context.Context, it journal.Item[Inventory], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Day)
			}},
			{Head: "Mätt", Cell: func(ctx context.Context, it journal.Item[Inventory], _ sheet.Choices) string {
				if it.Is.Roads == "" {
					return web.T(ctx, "fågelvägen")
				}
				return it.Is.Roads
			}},
		},
		Moves: []sheet.Move{{To: Settled, Label: "Fastställ", Hint: "Siffrorna låses och kan användas i en serviceplan och jämföras med nästa inventering."}, {To: Draft, Label: "Öppna igen"}},
		Guard: o.guardInventory, Drawn: []string{"note"}, Body: o.inventoryBody, Newest: true,
		Above: o.inventoriesAbove,
	}
}

// names are the inventory's municipalities in words.
func (x *Inventory) names() string {
	var out []string
	for _, c := range x.codes() {
		out = append(out, kommunName(c))
	}
	if x.Part != "" {
		out = append(out, x.Part)
	}
	return strings.Join(out, ", ")
}

// guardInventory measures an inventory when it is settled.
func (o *Room) guardInventory(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Inventory], from string) error {
	x := &it.Is
	for i, text := range x.Places {
		if k, ok := findKommun(text); ok {
			x.Places[i] = k.Code + " " + k.Name
		}
	}
	if x.Roads != "" && it.State == Draft {
		if _, err := o.deps.Roads.Open(x.Roads); err != nil {
			return fail.Fields(fail.Field{Name: "roads", Message: "Vägnätet går inte att läsa: " + err.Error()})
		}
	}
	switch {
	case it.State == Draft && from == Settled:
		x.Result = nil
	case it.State == Settled && from == Draft:
		w, err := o.work(ctx, tx, p, it, time.Time{})
		if err != nil {
			return err
		}
		if len(w.points) == 0 {
			return fail.New(fail.Conflict, "Lägg till serviceställen innan inventeringen fastställs.")
		}
		if len(w.ground.cells) == 0 {
			return fail.New(fail.Conflict, "Inventeringen har ingen befolkning. Skriv vilken kommun den gäller, eller läs in en fil.")
		}
		s, err := w.survey()
		if err != nil {
			return err
		}
		x.Result = &Result{At: tx.Now(), Input: w.key, Figures: s.Figures, Together: s.Together, Kinds: s.Kinds, People: s.People, Rules: w.rules, Roads: w.roadsSaid(ctx)}
	}
	return nil
}

// work is everything that an inventory is measured with.
type work struct {
	it     *journal.Item[Inventory]
	points []placed
	types  []Type
	ground *ground
	rules  []Rule
	key    string // SHA-256 of all of it
	roads  *Roads
	// Outside are the people of the municipalities who live in no cell, where the
	// cells are the localities.
	Outside uint64
	room    *Room
}

// kept are the grounds and surveys that were made last: pages ask again and again.
type kept[T any] struct {
	mu   sync.Mutex
	list []keptOne[T]
}

type keptOne[T any] struct {
	key   string
	value T
}

// keep gives what was made under the key, or makes it. Made twice at once gives
// the same.
func (k *kept[T]) keep(key string, most int, build func() (T, error)) (T, error) {
	k.mu.Lock()
	for _, x := range k.list {
		if x.key == key {
			k.mu.Unlock()
			return x.value, nil
		}
	}
	k.mu.Unlock()
	v, err := build()
	if err != nil {
		return v, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = append(k.list, keptOne[T]{key, v})
	if len(k.list) > most {
		k.list = slices.Delete(k.list, 0, 1)
	}
	return v, nil
}

// work gathers an inventory's people, places and roads, as of the moment; a
// settled one has the places that there were when it was settled.
func (o *Room) work(ctx context.Context, q db.Q, p journal.Project, it *journal.Item[Inventory], at time.Time) (*work, error) {
	if it.State == Settled && it.Is.Result != nil && at.IsZero() {
		at = it.Is.Result.At
	}
	list, err := o.points.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	if err != nil {
		return nil, err
	}
	x := &it.Is
	w := &work{it: it, points: placedOf(list), types: types(x.Own, x.Day), rules: carriedRules(), room: o}
	if x.Roads != "" {
		if w.roads, err = o.deps.Roads.Open(x.Roads); err != nil {
			return nil, fail.Newf(fail.Conflict, "Vägnätet %s går inte att läsa: %v. Välj ett annat, eller mät fågelvägen.", x.Roads, err)
		}
	}
	place, err := json.Marshal(struct {
		Places     []string
		Population *Population
		Roads      string
	}{x.Places, x.Population, w.roadsSum()})
	if err != nil {
		return nil, err
	}
	if w.ground, err = o.grounds.keep(string(place), 6, func() (*ground, error) {
		cells, err := o.cells(ctx, x)
		if err != nil {
			return nil, err
		}
		return newGround(cells, w.roads), nil
	}); err != nil {
		return nil, err
	}
	if x.Population == nil {
		w.Outside = outside(x.codes(), w.ground.cells)
	}
	sum := sha256.New()
	if err := json.NewEncoder(sum).Encode([]any{string(place), x.Day, x.Km, x.Minutes, x.Own, w.points, w.rules}); err != nil {
		return nil, err
	}
	w.key = hex.EncodeToString(sum.Sum(nil))
	return w, nil
}

// roadsSum tells one network's file from another's of the same name.
func (w *work) roadsSum() string {
	if w.roads == nil {
		return ""
	}
	m := w.roads.Network.Meta
	return w.roads.Name + " " + m.SHA256 + " " + m.Profile
}

// roadsSaid is what the inventory was measured along, in words.
func (w *work) roadsSaid(ctx context.Context) string {
	if w.roads == nil {
		return web.T(ctx, "fågelvägen")
	}
	m := w.roads.Network.Meta
	return fmt.Sprintf("%s (%s, %s)", w.roads.Name, m.Source, cmp.Or(m.Date, web.T(ctx, "okänt datum")))
}

func (w *work) survey() (*Survey, error) {
	return w.room.surveys.keep(w.key, 8, func() (*Survey, error) {
		return w.ground.survey(w.points, w.types, w.it.Is.Day, w.it.Is.limits(), w.rules)
	})
}

// figuresOf are the settled figures, or those of the day.
func (w *work) figures(s *Survey) []Figure {
	if r := w.it.Is.Result; r != nil {
		return r.Figures
	}
	return s.Figures
}

// typeName names a type of the inventory.
func (w *work) typeName(ctx context.Context, code string) string {
	for _, t := range w.types {
		if t.Code == code {
			return web.T(ctx, t.Name)
		}
	}
	return code
}

var localities = sync.OnceValue(func() (out []Cell) {
	for _, row := range table("data/localities.csv") {
		lat, _ := strconv.ParseFloat(row["lat"], 64) // the product's own file
		lon, _ := strconv.ParseFloat(row["lon"], 64)
		people, _ := strconv.ParseUint(row["p_tot"], 10, 32)
		out = append(out, Cell{ID: row["ruta"], Name: row["namn"], Kommun: row["kommun"], Lat: lat, Lon: lon, People: uint32(people)})
	}
	return out
})

// cells are the people of an inventory: of its file, or of its municipalities'
// localities.
func (o *Room) cells(ctx context.Context, x *Inventory) ([]Cell, error) {
	if x.Population != nil {
		return o.readPopulation(ctx, x.Population.Hash)
	}
	return Localities(x.codes()...), nil
}

// Localities are the localities (tätorter 2020) of municipalities, with their
// people.
func Localities(codes ...string) (out []Cell) {
	for _, c := range localities() {
		if slices.Contains(codes, c.Kommun) {
			out = append(out, c)
		}
	}
	return out
}

// outside is how many of the municipalities' people live in no locality.
func outside(codes []string, cells []Cell) uint64 {
	var all, inside uint64
	for _, c := range codes {
		if k, ok := kommun.Default().ByCode(c); ok {
			all += uint64(max(k.Population, 0))
		}
	}
	for i := range cells {
		inside += uint64(cells[i].People)
	}
	return all - min(all, inside)
}
