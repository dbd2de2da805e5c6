// Package random gives random numbers without a generator: each is a pure
// function of its address, so that neither the number of workers nor what is
// computed beside changes any of them.
package random

import "math"

// A random number is a pure function of its address: seed, draw, stream, unit
// and year. No generator has a state, so neither the number of workers nor the
// municipalities and scenarios beside change any number (structure.md 11, rule 3).
//
// The function is Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel
// random numbers: as easy as 1, 2, 3", SC11: ten rounds of two 32-bit
// multiplications, with the seed as key and the address as counter.

// Stream parts the random numbers by what they are used for. A number once
// given is never used for another purpose.
type Stream uint32

// The streams of the projection and of the scenarios. A scenario is part of no
// address: draw d has the same shocks in every scenario, so differences between
// scenarios are paired.
const (
	Mortality       Stream = 1 // yearly change of k; unit is the sex
	MortalityDrift  Stream = 2 // error of the drift of k, once in a draw; unit is the sex
	Fertility       Stream = 3
	Immigration     Stream = 4
	LocalMigration  Stream = 5 // in-migration of a municipality, year by year; unit is its code
	LocalLevel      Stream = 6 // error of a municipality's level, once in a draw
	NationalTaxBase Stream = 7
	Price           Stream = 8  // of municipal services beyond the tax base
	LocalTaxBase    Stream = 9  // unit is the municipality's code
	Effect          Stream = 10 // of a merger on an area; unit is Name of the area
	Cooperation     Stream = 11 // of a cooperation on an area; unit is Name of the area
	Reinvestment    Stream = 12
	WageHarmony     Stream = 13
	Transition      Stream = 14
	DebtBefore      Stream = 15
	Turnout         Stream = 16
)

// Name is the unit of something that has a name and no number: adding another
// moves none of the others (FNV-1a).
func Name(s string) int {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return int(h)
}

const (
	philoxM0, philoxM1 = 0xD2511F53, 0xCD9E8D57
	philoxW0, philoxW1 = 0x9E3779B9, 0xBB67AE85
)

// philox is Philox4x32-10.
func philox(c0, c1, c2, c3, k0, k1 uint32) (uint32, uint32, uint32, uint32) {
	for range 10 {
		p0, p1 := uint64(philoxM0)*uint64(c0), uint64(philoxM1)*uint64(c2)
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0, k1 = k0+philoxW0, k1+philoxW1
	}
	return c0, c1, c2, c3
}

// Uniform is a number in (0, 1), never an end, with 53 random bits.
func Uniform(seed uint64, draw int, s Stream, unit, year int) float64 {
	a, b, _, _ := philox(uint32(draw), uint32(s), uint32(unit), uint32(year), uint32(seed), uint32(seed>>32))
	return (float64((uint64(a)<<32|uint64(b))>>11) + 0.5) / (1 << 53)
}

// Normal is a standard normal number: the inverse distribution function of one
// uniform number (structure.md 11, rule 4). Draws come in pairs with opposite
// signs (antithetic draws), so that means and medians depend less on the seed.
func Normal(seed uint64, draw int, s Stream, unit, year int) float64 {
	z := math.Sqrt2 * math.Erfinv(2*Uniform(seed, draw/2, s, unit, year)-1)
	if draw%2 == 1 {
		return -z
	}
	return z
}

// Paired is Uniform with the pairs of Normal: draw 2k+1 has 1-u of draw 2k.
func Paired(seed uint64, draw int, s Stream, unit, year int) float64 {
	u := Uniform(seed, draw/2, s, unit, year)
	if draw%2 == 1 {
		return 1 - u
	}
	return u
}
