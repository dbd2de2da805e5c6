package kommun

import "math"

// sweref99TM is the Gauss conformal projection of Lantmäteriet's SWEREF 99 TM:
// GRS 80, central meridian 15°, scale 0.9996, false easting 500 km. Degrees to
// easting and northing in metres. Source: Lantmäteriet, Gauss Conformal
// Projection (Transverse Mercator), Krüger's formulas.
func sweref99TM(lat, lon float64) (easting, northing float64) {
	x, y := gauss(lat, lon-15)
	return 0.9996*y + 500000, 0.9996 * x
}

// gauss projects a latitude and a longitude from the central meridian, degrees
// on GRS 80, without scale or false origin: x north, y east, metres.
func gauss(lat, lon float64) (x, y float64) {
	const a, f = 6378137.0, 1 / 298.257222101
	const e2 = f * (2 - f)
	const n = f / (2 - f)
	const roof = a / (1 + n) * (1 + n*n/4 + n*n*n*n/64)
	phi, lambda := lat*math.Pi/180, lon*math.Pi/180
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
	x, y = xi, eta
	for i, b := range beta {
		k := float64(2 * (i + 1))
		x += b * math.Sin(k*xi) * math.Cosh(k*eta)
		y += b * math.Cos(k*xi) * math.Sinh(k*eta)
	}
	return roof * x, roof * y
}

// FromSWEREF99TM gives the latitude and longitude, degrees, of an easting and a
// northing in SWEREF 99 TM, metres: the inverse of sweref99TM, from the same
// source.
func FromSWEREF99TM(easting, northing float64) (lat, lon float64) {
	const a, f = 6378137.0, 1 / 298.257222101
	const e2 = f * (2 - f)
	const n = f / (2 - f)
	const roof = a / (1 + n) * (1 + n*n/4 + n*n*n*n/64)
	xi, eta := northing/(0.9996*roof), (easting-500000)/(0.9996*roof)
	delta := [...]float64{
		n/2 - 2*n*n/3 + 37*n*n*n/96 - n*n*n*n/360,
		n*n/48 + n*n*n/15 - 437*n*n*n*n/1440,
		17*n*n*n/480 - 37*n*n*n*n/840,
		4397 * n * n * n * n / 161280,
	}
	x, y := xi, eta
	for i, d := range delta {
		k := float64(2 * (i + 1))
		x -= d * math.Sin(k*xi) * math.Cosh(k*eta)
		y -= d * math.Cos(k*xi) * math.Sinh(k*eta)
	}
	star := math.Asin(math.Sin(x) / math.Cosh(y))
	lambda := math.Atan(math.Sinh(y) / math.Cos(x))
	s2 := math.Sin(star) * math.Sin(star)
	phi := star + math.Sin(star)*math.Cos(star)*(e2+e2*e2+e2*e2*e2+e2*e2*e2*e2-
		(7*e2*e2+17*e2*e2*e2+30*e2*e2*e2*e2)/6*s2+
		(224*e2*e2*e2+889*e2*e2*e2*e2)/120*s2*s2-
		4279*e2*e2*e2*e2/1260*s2*s2*s2)
	return phi * 180 / math.Pi, 15 + lambda*180/math.Pi
}
