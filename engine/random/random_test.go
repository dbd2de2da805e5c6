package random

import "testing"

func TestPhiloxKnownAnswers(t *testing.T) {
	// The known answers that the authors publish with Random123 (kat_vectors).
	for _, v := range [][10]uint32{
		{0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
		{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
	} {
		a, b, c, d := philox(v[0], v[1], v[2], v[3], v[4], v[5])
		if got := [4]uint32{a, b, c, d}; got != [4]uint32(v[6:]) {
			t.Errorf("%x: %x, want %x", v[:6], got, v[6:])
		}
	}
}
