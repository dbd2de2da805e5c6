package demography

import "math"

// RogersCastro is the schedule of migration by age of Rogers and Castro (1981),
//
//	m(x) = A1 exp(-α1 x) + A2 exp(-α2 (x-μ2) - exp(-λ2 (x-μ2))) + C.
type RogersCastro struct{ A1, Alpha1, A2, Alpha2, Mu2, Lambda2, C float64 }

// The Western standard of the United Nations (1992), quoted in structure.md 5.4.
var (
	WesternMen   = RogersCastro{0.0215, 0.105, 0.0694, 0.112, 20.04, 0.391, 0.0028}
	WesternWomen = RogersCastro{0.0233, 0.107, 0.0766, 0.1436, 20.632, 0.4003, 0.0036}
)

// At is the schedule at an age. Cost O(1).
func (r RogersCastro) At(age float64) float64 {
	d := age - r.Mu2
	return r.A1*math.Exp(-r.Alpha1*age) + r.A2*math.Exp(-r.Alpha2*d-math.Exp(-r.Lambda2*d)) + r.C
}

// western is the standard of both sexes by cell, normalised to the sum 1.
func western() (out [Cells]float64) {
	sum := 0.0
	for a := range Ages {
		out[Cell(Women, a)], out[Cell(Men, a)] = WesternWomen.At(float64(a)), WesternMen.At(float64(a))
	}
	for _, v := range out {
		sum += v
	}
	for c := range out {
		out[c] /= sum
	}
	return out
}

// BirthRow is the births of a year to mothers of one age at the end of the year.
// Age 14 stands for all below 15, and 49 for 49 and older.
type BirthRow struct {
	Year, Age int
	Births    float64
}

// CompletedAgeBirths turns births by the mother's age at the end of the year
// into births by completed age: half of each of two ages; at 15 all below 15
// and at 15 and half of 16; at 48 and 49 half of "49+" each (structure.md 5.4).
// The index of both is the age. Cost O(Ages).
func CompletedAgeBirths(atYearEnd [Ages]float64) (out [Ages]float64) {
	out[FirstBirth] = atYearEnd[FirstBirth-1] + atYearEnd[FirstBirth] + atYearEnd[FirstBirth+1]/2
	for a := FirstBirth + 1; a < LastBirth-1; a++ {
		out[a] = (atYearEnd[a] + atYearEnd[a+1]) / 2
	}
	out[LastBirth-1] = (atYearEnd[LastBirth-1] + atYearEnd[LastBirth]) / 2
	out[LastBirth] = atYearEnd[LastBirth] / 2
	return out
}

// Fertility gives the births per woman-year by completed age, and their sum TFR.
// Cost O(Ages).
func Fertility(completed, meanWomen [Ages]float64) (rate [Ages]float64, tfr float64) {
	for a := FirstBirth; a <= LastBirth; a++ {
		if meanWomen[a] > 0 {
			rate[a] = completed[a] / meanWomen[a]
			tfr += rate[a]
		}
	}
	return rate, tfr
}
