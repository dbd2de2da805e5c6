package kommun

import (
	"maps"
	"slices"
	"strings"
)

// Change is the difference between two editions: codes, in order.
type Change struct{ Added, Changed, Removed []string }

// None tells whether the two are the same.
func (c Change) None() bool { return len(c.Added)+len(c.Changed)+len(c.Removed) == 0 }

// Compare finds what an edition changes. A code whose earlier names or times
// changed counts as changed. Without an earlier edition (nil) all is added.
// The names of the editions are not compared. O(n log n).
func Compare(earlier, later *Register) Change {
	var c Change
	before, after := map[string]string{}, later.written()
	if earlier != nil {
		before = earlier.written()
	}
	for _, code := range slices.Sorted(maps.Keys(after)) {
		switch old, had := before[code]; {
		case !had:
			c.Added = append(c.Added, code)
		case old != after[code]:
			c.Changed = append(c.Changed, code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(before)) {
		if _, has := after[code]; !has {
			c.Removed = append(c.Removed, code)
		}
	}
	return c
}

// written gives all that is known of each code, as text.
func (r *Register) written() map[string]string {
	out := map[string]string{}
	for code, periods := range r.byCode {
		for _, k := range periods {
			out[code] += strings.Join(row("", k), "\x1f") + "\n"
		}
	}
	return out
}
