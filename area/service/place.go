package service

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kommunpilot/base/kommun"
)

// parsePlace reads a place as people write it: latitude and longitude in
// degrees, or north and east in SWEREF 99 TM. Where something looks mixed up,
// the error offers what was probably meant.
func parsePlace(text string) (lat, lon float64, err error) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ';' || r == '\u00a0' || r == '\t' })
	if len(parts) == 1 || len(parts) == 2 && strings.HasSuffix(parts[0], ",") {
		parts = strings.Split(strings.ReplaceAll(text, " ", ""), ",")
	}
	if len(parts) == 4 { // 64,9 , 19,5 with decimal commas
		parts = []string{parts[0] + "." + parts[1], parts[2] + "." + parts[3]}
	}
	if len(parts) != 2 {
		return 0, 0, fmt.Errorf("skriv två tal: latitud och longitud, till exempel 64.912, 19.484; eller nord och öst i SWEREF 99 TM")
	}
	var v [2]float64
	for i, p := range parts {
		p = strings.Trim(p, ",")
		if strings.Count(p, ",") == 1 && !strings.Contains(p, ".") {
			p = strings.Replace(p, ",", ".", 1)
		}
		if v[i], err = strconv.ParseFloat(p, 64); err != nil || math.IsNaN(v[i]) || math.IsInf(v[i], 0) {
			return 0, 0, fmt.Errorf("%q är inget tal; skriv till exempel 64.912, 19.484", parts[i])
		}
	}
	return placeOf(v[0], v[1])
}

// Sweden in SWEREF 99 TM, metres, and in degrees, with some sea around it.
const (
	southern, northern = 6_000_000, 7_800_000
	western, eastern   = 200_000, 1_000_000
)

func inSweden(lat, lon float64) bool { return lat > 54.9 && lat < 69.3 && lon > 10.4 && lon < 24.5 }

// placeOf takes two numbers in either system. Projected coordinates are told by
// their size, in either order.
func placeOf(a, b float64) (lat, lon float64, err error) {
	north := func(v float64) bool { return v > southern && v < northern }
	east := func(v float64) bool { return v > western && v < eastern }
	switch {
	case north(a) && east(b):
		lat, lon = kommun.FromSWEREF99TM(b, a)
		return lat, lon, nil
	case north(b) && east(a):
		lat, lon = kommun.FromSWEREF99TM(a, b)
		return lat, lon, nil
	case math.Abs(a) > 1000 || math.Abs(b) > 1000:
		return 0, 0, fmt.Errorf("%s och %s ser ut som SWEREF 99 TM men ligger utanför Sverige", short(a), short(b))
	case math.Abs(a) > 90 || math.Abs(b) > 180:
		return 0, 0, fmt.Errorf("%s, %s är ingen plats på jorden; latitud först, sedan longitud", short(a), short(b))
	case !inSweden(a, b) && inSweden(b, a):
		return 0, 0, fmt.Errorf("latitud och longitud verkar förväxlade; menade du %s, %s?", short(b), short(a))
	}
	return a, b, nil
}

func short(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// writePlace is a place as the forms write it: to about ten metres, or as given.
func writePlace(lat, lon float64) string {
	return strconv.FormatFloat(lat, 'f', 5, 64) + ", " + strconv.FormatFloat(lon, 'f', 5, 64)
}
