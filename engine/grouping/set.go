package grouping

import "math/bits"

// low is the lowest member of a set that is not empty.
func low(s uint64) int { return bits.TrailingZeros64(s) }

// before tells whether a's sorted members come before b's: by the first member
// that differs, a set before those that go on after it.
func before(a, b uint64) bool {
	d := a ^ b
	if d == 0 {
		return false
	}
	first := d & -d
	above := ^(first | (first - 1))
	if a&first != 0 { // a has first; b goes on with a later member, or ends here
		return b&above != 0
	}
	return a&above == 0
}

// component is the connected part of within that holds the municipality of seed.
func (c *county) component(seed, within uint64) uint64 {
	reached, fresh := seed, seed
	for fresh != 0 {
		var next uint64
		for ; fresh != 0; fresh &= fresh - 1 {
			next |= c.adjacent[low(fresh)]
		}
		fresh = next & within &^ reached
		reached |= fresh
	}
	return reached
}

// components are the connected parts of a set, by their lowest members.
func (c *county) components(s uint64) (out []uint64) {
	for s != 0 {
		part := c.component(s&-s, s)
		out = append(out, part)
		s &^= part
	}
	return out
}

// population is the sum over a set.
func (c *county) population(s uint64) (n int64) {
	for ; s != 0; s &= s - 1 {
		n += c.people[low(s)]
	}
	return n
}

// connected calls visit with every connected set within a set whose first
// member by the numbering is root, that has at most limit members and no two that must be apart;
// it stops where visit gives false. Each set comes once. Cost O(sets · members).
func (c *county) connected(root int, within uint64, limit int, visit func(uint64) bool) bool {
	return c.grow(1<<root, c.adjacent[root], c.split[root], within&c.after[root], limit-1, visit)
}

// grow visits t and every set that adds to it from allowed: candidates are the
// neighbours of t, and each is in turn taken in, and then left out for good.
func (c *county) grow(t, neighbours, foes, allowed uint64, room int, visit func(uint64) bool) bool {
	if !visit(t) {
		return false
	}
	if room == 0 {
		return true
	}
	for candidates := neighbours & allowed &^ foes; candidates != 0; candidates &= candidates - 1 {
		v := candidates & -candidates
		allowed &^= v
		i := low(v)
		if !c.grow(t|v, neighbours|c.adjacent[i], foes|c.split[i], allowed, room-1, visit) {
			return false
		}
	}
	return true
}

// allows tells whether a connected set without foes meets the other rules.
func (c *county) allows(t uint64) bool {
	if c.population(t) < c.MinPopulation || bits.OnesCount64(t) > c.limit {
		return false
	}
	for s := t; s != 0; s &= s - 1 {
		if c.mates[low(s)]&^t != 0 {
			return false
		}
	}
	return c.MaxMinutes == 0 || c.near(t)
}

// near tells whether some member lies within MaxMinutes of all.
func (c *county) near(t uint64) bool {
	most := c.most()
	for v := t; v != 0; v &= v - 1 {
		centre, far := low(v), false
		for s := t; s != 0; s &= s - 1 {
			far = far || c.tenths[low(s)*c.n+centre] > most
		}
		if !far {
			return true
		}
	}
	return false
}
