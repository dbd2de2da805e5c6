// Package kommun is the register of Swedish municipalities: codes, counties,
// SKR's classification, population, area, main locality, neighbours and
// generalised borders.
//
// The edition of the classification is part of the register's key: a call
// freezes it. A code is valid in time; an ended one keeps the name it had and
// names its successors. Sources: data/SOURCES.md.
package kommun

import (
	"embed"
	"encoding/csv"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"

	"kommunpilot/base/calendar"
)

//go:embed data/*.csv
var data embed.FS

// Kommun is a municipality in one edition, as it was from ValidFrom to the day
// before ValidTo. Population is the edition's own count, LandKm2 is land
// without water, Lat and Lon (degrees, WGS 84) the main locality's point. A
// code, a name or a county that has ended carries identity only: it may lack
// groups and figures.
type Kommun struct {
	Code, Name, FullName       string
	County, CountyName         string
	MainGroup                  string // A, B, C
	SubGroup, SubGroupName     string // A1 ... C9
	Landsdel                   string // Götaland, Svealand, Norrland
	Population, Population2019 int
	LandKm2                    float64
	MainLocality               string
	Lat, Lon                   float64
	LabourMarket, FARegion     string
	ValidFrom, ValidTo         calendar.Date // half-open; empty: open
	// Predecessors are the codes that it was made of or broken out of; they
	// may live on. Successors are the codes that took over.
	Predecessors, Successors []string
}

// covers tells whether the day lies in the municipality's time.
func (k Kommun) covers(day calendar.Date) bool {
	return (k.ValidFrom == "" || day >= k.ValidFrom) && (k.ValidTo == "" || day < k.ValidTo)
}

// County is a county (län).
type County struct{ Code, Name, Landsdel string }

// Group is a main group or a sub-group of SKR's classification.
type Group struct{ Code, Name string }

// mainGroups has SKR's names of the three main groups.
var mainGroups = []Group{
	{"A", "Storstäder och storstadsnära kommuner"},
	{"B", "Större städer och kommuner nära större stad"},
	{"C", "Mindre städer/tätorter och landsbygdskommuner"},
}

// landsdelOf gives the part of the country by county.
var landsdelOf = map[string]string{
	"01": "Svealand", "03": "Svealand", "04": "Svealand", "17": "Svealand", "18": "Svealand", "19": "Svealand", "20": "Svealand",
	"05": "Götaland", "06": "Götaland", "07": "Götaland", "08": "Götaland", "09": "Götaland", "10": "Götaland", "12": "Götaland", "13": "Götaland", "14": "Götaland",
	"21": "Norrland", "22": "Norrland", "23": "Norrland", "24": "Norrland", "25": "Norrland",
}

// Register is one edition, safe for concurrent use and never changed.
type Register struct {
	edition    string
	all        []Kommun            // current, by code
	ended      []Kommun            // codes no longer in use, the last they were; by code
	earlier    []Kommun            // earlier names of codes, by code and time
	byCode     map[string][]Kommun // every period, the newest first
	drawn      drawings
	tiles      tileCache
	counties   []County
	subGroups  []Group
	neighbours map[string][]string
}

// Default is the embedded edition, SKR 2023; parsed once.
var Default = sync.OnceValue(func() *Register {
	f, err := data.Open("data/skr-2023.csv")
	if err != nil {
		panic(err) // embedded
	}
	defer func() { _ = f.Close() }()
	r, problems := parse(f, nil)
	if len(problems) > 0 {
		panic("base/kommun/data/skr-2023.csv: " + problems[0].String())
	}
	return r
})

// newRegister orders the municipalities and derives the rest. The periods of
// a code do not overlap.
func newRegister(edition string, all []Kommun) *Register {
	r := &Register{edition: edition, byCode: map[string][]Kommun{}, neighbours: neighbours()}
	counties, subs := map[string]County{}, map[string]Group{}
	for _, k := range slices.SortedFunc(slices.Values(all), byCodeNewestFirst) {
		r.byCode[k.Code] = append(r.byCode[k.Code], k)
		switch {
		case len(r.byCode[k.Code]) > 1:
			r.earlier = append(r.earlier, k)
		case k.ValidTo != "":
			r.ended = append(r.ended, k)
		default:
			r.all = append(r.all, k)
			counties[k.County] = County{k.County, k.CountyName, k.Landsdel}
			subs[k.SubGroup] = Group{k.SubGroup, k.SubGroupName}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(counties)) {
		r.counties = append(r.counties, counties[code])
	}
	for _, code := range slices.Sorted(maps.Keys(subs)) {
		r.subGroups = append(r.subGroups, subs[code])
	}
	return r
}

// byCodeNewestFirst orders by code, and the periods of a code backwards.
func byCodeNewestFirst(a, b Kommun) int {
	if c := strings.Compare(a.Code, b.Code); c != 0 {
		return c
	}
	return strings.Compare(string(b.ValidFrom), string(a.ValidFrom))
}

// neighbours reads the pairs once; they do not depend on the edition.
var neighbours = sync.OnceValue(func() map[string][]string {
	f, err := data.Open("data/neighbours.csv")
	if err != nil {
		panic(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(err)
	}
	out := map[string][]string{}
	for _, row := range rows[1:] {
		out[row[0]] = append(out[row[0]], row[1])
		out[row[1]] = append(out[row[1]], row[0])
	}
	for _, list := range out {
		sort.Strings(list)
	}
	return out
})

// Edition names the edition of the classification: "SKR 2023".
func (r *Register) Edition() string { return r.edition }

// All lists the municipalities of today, by code. The slice is not to be changed.
func (r *Register) All() []Kommun { return r.all }

// Ended lists the codes that are no longer in use, as they last were. The
// slice is not to be changed.
func (r *Register) Ended() []Kommun { return r.ended }

// ByCode finds a municipality by its code; one that has ended as it last was.
func (r *Register) ByCode(code string) (Kommun, bool) {
	if periods := r.byCode[code]; len(periods) > 0 {
		return periods[0], true
	}
	return Kommun{}, false
}

// At finds the municipality that had the code on the day, with the name and
// the county that it had then. (calendar.Of gives the day of a time.) Codes are
// those of the edition: the renumbering of Skåne (1997) and Västra Götaland
// (1998) is not followed backwards.
func (r *Register) At(code string, day calendar.Date) (Kommun, bool) {
	for _, k := range r.byCode[code] {
		if k.covers(day) {
			return k, true
		}
	}
	return Kommun{}, false
}

// AllAt lists the municipalities that there were on the day, by code.
func (r *Register) AllAt(day calendar.Date) []Kommun {
	var out []Kommun
	for _, code := range slices.Sorted(maps.Keys(r.byCode)) {
		if k, ok := r.At(code, day); ok {
			out = append(out, k)
		}
	}
	return out
}

// Today follows a code to the municipalities that have its area now: itself
// while it is in use, else its successors, theirs and so on, by code. Nil for
// an unknown code.
func (r *Register) Today(code string) []Kommun {
	seen := map[string]bool{}
	var out []Kommun
	for todo := []string{code}; len(todo) > 0; todo = todo[1:] {
		k, ok := r.ByCode(todo[0])
		if !ok || seen[k.Code] {
			continue
		}
		seen[k.Code] = true
		if k.ValidTo == "" {
			out = append(out, k)
		}
		todo = append(todo, k.Successors...)
	}
	slices.SortFunc(out, byCodeNewestFirst)
	return out
}

// Counties lists the counties by code.
func (r *Register) Counties() []County { return r.counties }

// County finds a county by its code or its name.
func (r *Register) County(code string) (County, bool) {
	for _, c := range r.counties {
		if c.Code == code || c.Name == code {
			return c, true
		}
	}
	return County{}, false
}

// MainGroups lists SKR's three main groups: A, B, C.
func (r *Register) MainGroups() []Group { return slices.Clone(mainGroups) }

// SubGroups lists the nine sub-groups by code.
func (r *Register) SubGroups() []Group { return r.subGroups }

// Neighbours lists the codes of the municipalities that share a border, on
// land or in water, by code.
func (r *Register) Neighbours(code string) []string { return r.neighbours[code] }

// Search finds municipalities whose name or code has the words of q, best
// first: the whole name, then its beginning, then a word in it. å, ä and ö may
// be left out: "koping" finds Köping before Jönköping.
func (r *Register) Search(q string, limit int) []Kommun {
	q = fold(q)
	if q == "" {
		return nil
	}
	var best [3][]Kommun
	for _, k := range r.all {
		name := fold(k.Name)
		switch {
		case name == q || k.Code == q:
			best[0] = append(best[0], k)
		case strings.HasPrefix(name, q) || strings.HasPrefix(k.Code, q):
			best[1] = append(best[1], k)
		case strings.Contains(name, q):
			best[2] = append(best[2], k)
		}
	}
	out := slices.Concat(best[0], best[1], best[2])
	return out[:max(0, min(limit, len(out)))]
}

var folder = strings.NewReplacer("å", "a", "ä", "a", "ö", "o", "é", "e", "-", " ")

func fold(s string) string { return folder.Replace(strings.ToLower(strings.TrimSpace(s))) }

// earthRadius is the mean radius in metres (IUGG).
const earthRadius = 6371008.8

// Distance is the great-circle distance between the main localities, metres.
func Distance(a, b Kommun) float64 {
	rad := math.Pi / 180
	dLat, dLon := (b.Lat-a.Lat)*rad, (b.Lon-a.Lon)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}
