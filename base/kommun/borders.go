package kommun

import (
	"encoding/csv"
	"strconv"
	"strings"
	"sync"

	"github.com/paulmach/orb"
)

// area is a municipality or a county on the ground. The borders are
// generalised: too coarse to tell where a point lies.
type area struct {
	code   string
	degree orb.MultiPolygon // lon lat, WGS 84
	bound  orb.Bound        // of degree
	metre  [][]orb.Point    // every ring in SWEREF 99 TM, easting northing
}

// The borders are read once; they do not depend on the edition.
var (
	kommunAreas = sync.OnceValue(func() []area { return areas("data/borders.csv") })
	countyAreas = sync.OnceValue(func() []area { return areas("data/counties.csv") })
)

func areas(file string) []area {
	f, err := data.Open(file)
	if err != nil {
		panic(err) // embedded
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(err)
	}
	out := make([]area, 0, len(rows)-1)
	for _, row := range rows[1:] {
		a := area{code: row[0]}
		for text := range strings.SplitSeq(row[1], "|") {
			a.add(points(text))
		}
		a.bound = a.degree.Bound()
		out = append(out, a)
	}
	return out
}

// add takes the next ring: an outer one runs against the clock, a hole in the
// one before runs with it.
func (a *area) add(r orb.Ring) {
	if r.Orientation() == orb.CCW || len(a.degree) == 0 {
		a.degree = append(a.degree, orb.Polygon{r})
	} else {
		last := &a.degree[len(a.degree)-1]
		*last = append(*last, r)
	}
	metre := make([]orb.Point, len(r))
	for i, p := range r {
		metre[i][0], metre[i][1] = sweref99TM(p.Lat(), p.Lon())
	}
	a.metre = append(a.metre, metre)
}

func points(text string) orb.Ring {
	numbers := strings.Fields(text)
	ring := make(orb.Ring, 0, len(numbers)/2)
	for i := 0; i+1 < len(numbers); i += 2 {
		lon, _ := strconv.ParseFloat(numbers[i], 64) // made by cmd/registergen, held by a test
		lat, _ := strconv.ParseFloat(numbers[i+1], 64)
		ring = append(ring, orb.Point{lon, lat})
	}
	return ring
}
