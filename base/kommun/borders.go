package kommun

import (
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"sync"
)

// Width and Height are the size of the map's view box. One unit is about
// 2.5 km.
const (
	Width  = 300.0
	Height = 640.0
)

// The corner of the map and its scale in SWEREF 99 TM, metres.
const (
	west, north = 255000.0, 7700000.0
	perUnit     = 2500.0
)

// Shape is an area of the map as SVG path data within Width × Height.
type Shape struct {
	Code string
	D    string
}

// Shapes gives the generalised borders of every municipality, drawn once. They
// are too coarse to tell where a point lies.
var Shapes = sync.OnceValue(func() []Shape { return shapes("data/borders.csv") })

// CountyShapes gives the borders of every county.
var CountyShapes = sync.OnceValue(func() []Shape { return shapes("data/counties.csv") })

func shapes(file string) []Shape {
	f, err := data.Open(file)
	if err != nil {
		panic(err) // embedded
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(err)
	}
	out := make([]Shape, 0, len(rows)-1)
	for _, row := range rows[1:] {
		var d strings.Builder
		for ring := range strings.SplitSeq(row[1], "|") {
			path(&d, strings.Fields(ring))
		}
		out = append(out, Shape{Code: row[0], D: d.String()})
	}
	return out
}

// path writes one ring of lon lat pairs; points closer than a tenth of a unit
// to the one before are left out.
func path(d *strings.Builder, ring []string) {
	lastX, lastY, n := math.Inf(1), math.Inf(1), 0
	for i := 0; i+1 < len(ring); i += 2 {
		lon, _ := strconv.ParseFloat(ring[i], 64)
		lat, _ := strconv.ParseFloat(ring[i+1], 64)
		x, y := Project(lat, lon)
		x, y = math.Round(x*10)/10, math.Round(y*10)/10
		if x == lastX && y == lastY {
			continue
		}
		d.WriteByte("LM"[b2i(n == 0)])
		d.WriteString(strconv.FormatFloat(x, 'f', -1, 64) + " " + strconv.FormatFloat(y, 'f', -1, 64))
		lastX, lastY, n = x, y, n+1
	}
	d.WriteByte('Z')
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Project places a point (degrees, WGS 84) on the map: SWEREF 99 TM, then to
// the view box.
func Project(lat, lon float64) (x, y float64) {
	e, n := sweref99TM(lat, lon)
	return (e - west) / perUnit, (north - n) / perUnit
}

// sweref99TM is the Gauss conformal projection of Lantmäteriet's SWEREF 99 TM:
// GRS 80, central meridian 15°, scale 0.9996, false easting 500 km. Easting and
// northing in metres. Source: Lantmäteriet, Gauss Conformal Projection.
func sweref99TM(lat, lon float64) (easting, northing float64) {
	const a, f = 6378137.0, 1 / 298.257222101
	e2 := f * (2 - f)
	n := f / (2 - f)
	roof := a / (1 + n) * (1 + n*n/4 + n*n*n*n/64)
	phi, lambda := lat*math.Pi/180, (lon-15)*math.Pi/180
	s := math.Sin(phi)
	star := phi - s*math.Cos(phi)*(e2+
		(5*e2*e2-e2*e2*e2)/6*s*s+
		(104*e2*e2*e2-45*e2*e2*e2*e2)/120*math.Pow(s, 4)+
		1237*e2*e2*e2*e2/1260*math.Pow(s, 6))
	xi := math.Atan2(math.Tan(star), math.Cos(lambda))
	eta := math.Atanh(math.Cos(star) * math.Sin(lambda))
	beta := [...]float64{
		n/2 - 2*n*n/3 + 5*n*n*n/16 + 41*n*n*n*n/180,
		13*n*n/48 - 3*n*n*n/5 + 557*n*n*n*n/1440,
		61*n*n*n/240 - 103*n*n*n*n/140,
		49561 * n * n * n * n / 161280,
	}
	x, y := xi, eta
	for i, b := range beta {
		k := float64(2 * (i + 1))
		x += b * math.Sin(k*xi) * math.Cosh(k*eta)
		y += b * math.Cos(k*xi) * math.Sinh(k*eta)
	}
	return 0.9996*roof*y + 500000, 0.9996 * roof * x
}
