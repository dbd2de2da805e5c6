package scenario

import "math/bits"

// MinSeats is the least number of members of a fullmäktige by the number of
// voters (5 kap. 5 § kommunallagen 2017:725): 21 up to 8 000, 31 above 8 000,
// 41 above 16 000, 51 above 24 000, 61 above 36 000 and 101 above 600 000.
func MinSeats(voters float64) int {
	switch {
	case voters > 600_000:
		return 101
	case voters > 36_000:
		return 61
	case voters > 24_000:
		return 51
	case voters > 16_000:
		return 41
	case voters > 8_000:
		return 31
	}
	return 21
}

// Banzhaf is the power of each part in votes where each votes as a block by its
// number of voters and more than half decides: the share of the coalitions of
// the others in which it tips the scales, scaled to sum 1. Twenty parts at most.
// Cost O(2^n * n).
func Banzhaf(voters []float64) []float64 {
	n := len(voters)
	if n == 0 || n > 20 {
		return nil
	}
	half, sum := 0.0, make([]float64, 1<<n)
	for _, v := range voters {
		half += v / 2
	}
	for s := 1; s < 1<<n; s++ {
		low := bits.TrailingZeros(uint(s))
		sum[s] = sum[s&(s-1)] + voters[low]
	}
	out, total := make([]float64, n), 0.0
	for s := range 1 << n {
		for i := range n {
			if s>>i&1 == 0 && sum[s] <= half && sum[s|1<<i] > half {
				out[i]++
				total++
			}
		}
	}
	for i := range out {
		if total > 0 {
			out[i] /= total
		}
	}
	return out
}

// Democracy is what a merger does to representation, from the base year's
// voters (persons of 18 and older where the voters are not known).
type Democracy struct {
	Parts         []DemocracyPart
	Voters        float64
	SeatsBefore   int // the members of all parts' fullmäktige, last election; 0 where not known
	SeatsAfter    int // the least that the law allows
	PersonsBefore float64
	PersonsAfter  float64 // inhabitants per seat
	Majority      bool    // the largest part can outvote the others
	Turnout       Band    // change in the parts with less than half of the voters, percentage points
}

// DemocracyPart is one of the municipalities.
type DemocracyPart struct {
	Code, Name    string
	Voters, Share float64
	Seats         int     // last election
	Power         float64 // Banzhaf
	TurnoutFalls  bool
}
