package access

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"
)

// drawnSiting draws a small question; some cells nobody reaches.
func drawnSiting(r *rand.Rand) *Siting {
	cells, candidates := 1+r.Intn(12), 1+r.Intn(8)
	s := &Siting{}
	for range cells {
		s.Weight = append(s.Weight, uint32(r.Intn(5)*r.Intn(5)))
	}
	if r.Intn(2) == 0 {
		for range cells {
			l := None
			if r.Intn(3) > 0 {
				l = NewLabel(uint32(r.Intn(60)), 9)
			}
			s.Existing = append(s.Existing, l)
		}
	}
	dense := r.Intn(2) == 0
	for range candidates {
		var list []Reached
		for i := range cells {
			if dense || r.Intn(3) > 0 {
				list = append(list, Reached{uint32(i), uint32(r.Intn(40))})
			}
		}
		s.Reach = append(s.Reach, list)
	}
	return s
}

// nearest is a cell's cost with a set of candidates.
func (s *Siting) nearest(set []int) []uint32 {
	out := make([]uint32, len(s.Weight))
	for i := range out {
		out[i] = s.existing(uint32(i))
	}
	for _, j := range set {
		for _, r := range s.Reach[j] {
			out[r.Cell] = min(out[r.Cell], r.Cost)
		}
	}
	return out
}

// subsets hands out every set of p of n.
func subsets(n, p int, do func([]int)) {
	set := make([]int, 0, p)
	var deeper func(from int)
	deeper = func(from int) {
		if len(set) == p {
			do(set)
			return
		}
		for j := from; j < n; j++ {
			set = append(set, j)
			deeper(j + 1)
			set = set[:len(set)-1]
		}
	}
	deeper(0)
}

// T15: on 1 000 drawn questions every objective is the best of all sets, and
// says so; with no work allowed for proof its bound is on the right side.
func TestT15PlacementIsBruteForce(t *testing.T) {
	for seed := range int64(1000) {
		s := drawnSiting(rand.New(rand.NewSource(seed)))
		all := make([]int, len(s.Reach))
		for j := range all {
			all[j] = j
		}
		p, threshold := 1+int(seed)%len(all), uint32(seed%37)
		ever := s.nearest(all)

		type best struct {
			unserved, median uint64
			cover            uint64
			center           uint32
		}
		value := func(set []int) (b best) {
			for i, c := range s.nearest(set) {
				w := uint64(s.Weight[i])
				if c <= threshold {
					b.cover += w
				}
				if ever[i] == unserved {
					continue
				}
				b.center = max(b.center, c)
				if c == unserved {
					b.unserved += w
				} else {
					b.median += w * uint64(c)
				}
			}
			return b
		}
		want := best{median: 1 << 62, unserved: 1 << 30, center: 1 << 31}
		subsets(len(all), p, func(set []int) {
			b := value(set)
			if b.unserved < want.unserved || b.unserved == want.unserved && b.median < want.median {
				want.unserved, want.median = b.unserved, b.median
			}
			want.cover, want.center = max(want.cover, b.cover), min(want.center, b.center)
		})
		fewest := len(all)
		for n := range len(all) {
			subsets(len(all), n, func(set []int) {
				now := s.nearest(set)
				for i := range now {
					if now[i] > threshold && ever[i] <= threshold {
						return
					}
				}
				fewest = min(fewest, n)
			})
		}

		for _, budget := range []int{0, 1} {
			s.Budget = budget
			check := func(what string, a *Placement, err error, best uint64, atMost bool) {
				t.Helper()
				if err != nil {
					t.Fatalf("seed %d, %s: %v", seed, what, err)
				}
				if a.Proved != (a.Value == a.Bound) || budget == 0 && !a.Proved {
					t.Fatalf("seed %d, %s: proved %v, value %d, bound %d", seed, what, a.Proved, a.Value, a.Bound)
				}
				if a.Proved && a.Value != best || atMost && (a.Bound > best || a.Value < best) || !atMost && (a.Bound < best || a.Value > best) {
					t.Fatalf("seed %d, %s: value %d, bound %d, best %d", seed, what, a.Value, a.Bound, best)
				}
			}
			a, err := s.Median(p)
			if budget == 0 {
				check("median", a, err, want.median, true)
			}
			if got := value(a.Chosen); got.median != a.Value || got.unserved != a.Unserved || len(a.Chosen) != p {
				t.Fatalf("seed %d: median chose %v worth %v, says %d and %d", seed, a.Chosen, got, a.Value, a.Unserved)
			}
			if budget == 0 && a.Unserved != want.unserved {
				t.Fatalf("seed %d: %d unserved, %d possible", seed, a.Unserved, want.unserved)
			}
			a, err = s.MaxCover(p, threshold)
			check("largest cover", a, err, want.cover, false)
			if got := value(a.Chosen); got.cover != a.Value {
				t.Fatalf("seed %d: cover chose %v worth %v, says %d", seed, a.Chosen, got, a.Value)
			}
			a, err = s.MinCover(threshold)
			check("least cover", a, err, uint64(fewest), true)
			for i, c := range s.nearest(a.Chosen) {
				if hopeless := slices.Contains(a.Hopeless, uint32(i)); hopeless != (ever[i] > threshold) || !hopeless && c > threshold {
					t.Fatalf("seed %d: cell %d at %d, hopeless %v", seed, i, c, hopeless)
				}
			}
			a, err = s.Center(p)
			check("center", a, err, uint64(want.center), true)
			if got := value(a.Chosen); a.Chosen != nil && uint64(got.center) != a.Value {
				t.Fatalf("seed %d: center chose %v with %d, says %d", seed, a.Chosen, got.center, a.Value)
			}
		}
	}
}

// A placement on a network: the same answer twice, bounds that hold, and a
// proof for a few new sites among a hundred candidates.
func TestT15PlacementOnGrid(t *testing.T) {
	s := gridSiting(t, 70)
	for p := 1; p <= 3; p++ {
		a, err := s.Median(p)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := s.Median(p)
		if !a.Proved || a.Gap() != 0 || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("p=%d: %v, then %v", p, a, b)
		}
		total := func(set []int) (served, all uint64) {
			for i, c := range s.nearest(set) {
				if !slices.Contains(a.Hopeless, uint32(i)) {
					all += uint64(s.Weight[i]) * uint64(c)
					if c != unserved {
						served += uint64(s.Weight[i]) * uint64(c)
					}
				}
			}
			return served, all
		}
		served, least := total(a.Chosen)
		if served != a.Value {
			t.Fatalf("p=%d: costs %d, says %d", p, served, a.Value)
		}
		for at := range a.Chosen { // no single swap is better
			for j := range s.Reach {
				set := slices.Clone(a.Chosen)
				set[at] = j
				if _, all := total(set); all < least {
					t.Fatalf("p=%d: %v is better than proved", p, set)
				}
			}
		}
	}
}

func gridSiting(t testing.TB, side int) *Siting {
	net := NewNet(grid(side))
	n := net.In.Nodes()
	reached := must(t)(Nearest(net.In, []Seed{{Node: uint32(n / 2)}}, 1, 0))
	s := &Siting{}
	var cells []Cell
	for v := range uint32(n) {
		c := Cell{Position: AtNode(v, 0)}
		if reached.L[v] == None {
			c.Reason = Loose
		}
		cells = append(cells, c)
		s.Weight = append(s.Weight, v%7)
	}
	var places []Place
	for _, d := range testSites(n) {
		places = append(places, Place{Site: d.Site, Position: AtNode(d.Node, 0)})
	}
	_, lists, err := Reaches(net, places, cells, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	s.Reach = lists
	return s
}

func TestPlacementRefuses(t *testing.T) {
	one := [][]Reached{{{0, 1}}}
	for name, s := range map[string]struct {
		s    Siting
		p    int
		want error
	}{
		"none":         {Siting{Weight: []uint32{1}, Reach: one}, 0, ErrPlaces},
		"too many":     {Siting{Weight: []uint32{1}, Reach: one}, 2, ErrPlaces},
		"labels":       {Siting{Weight: []uint32{1}, Reach: one, Existing: []Label{None, None}}, 1, ErrShape},
		"weights":      {Siting{Weight: []uint32{1<<28 + 1}, Reach: one}, 1, ErrShape},
		"unknown cell": {Siting{Reach: one}, 1, ErrShape},
		"order":        {Siting{Weight: []uint32{1, 1}, Reach: [][]Reached{{{1, 1}, {0, 1}}}}, 1, ErrShape},
	} {
		for what, f := range map[string]func() (*Placement, error){
			"median": func() (*Placement, error) { return s.s.Median(s.p) },
			"cover":  func() (*Placement, error) { return s.s.MaxCover(s.p, 1) },
			"center": func() (*Placement, error) { return s.s.Center(s.p) },
		} {
			if _, err := f(); !errors.Is(err, s.want) {
				t.Errorf("%s, %s: %v, want %v", name, what, err, s.want)
			}
		}
	}
	if _, err := (&Siting{}).MinCover(1); !errors.Is(err, ErrPlaces) {
		t.Errorf("no candidates: %v", err)
	}
}

func BenchmarkMedian3Of100Cells4900(b *testing.B) {
	s := gridSiting(b, 70)
	for b.Loop() {
		if a, err := s.Median(3); err != nil || !a.Proved {
			b.Fatal(a, err)
		}
	}
}
func BenchmarkMaxCover3Of100Cells4900(b *testing.B) {
	s := gridSiting(b, 70)
	for b.Loop() {
		if a, err := s.MaxCover(3, 3000); err != nil || !a.Proved {
			b.Fatal(a, err)
		}
	}
}
func BenchmarkCenter3Of100Cells4900(b *testing.B) {
	s := gridSiting(b, 70)
	for b.Loop() {
		if a, err := s.Center(3); err != nil || !a.Proved {
			b.Fatal(a, err)
		}
	}
}
