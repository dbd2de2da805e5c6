package selection

import (
	"fmt"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"sort"
)

// randomProblem makes a small problem with crossing and nested families,
// joint applications, shared municipalities, must and never. One in three is
// planted: its quotas are tight around a hidden selection and cross each other,
// so that the linear program does not hit whole numbers by itself.
func randomProblem(r *rand.Rand, n int) *Problem {
	if n > 3 && r.IntN(3) == 0 {
		return plantedProblem(r, n)
	}
	return looseProblem(r, n)
}

func plantedProblem(r *rand.Rand, n int) *Problem {
	p := looseProblem(r, n)
	p.Rules = Rules{Places: 2 + r.IntN(n/2)}
	hidden := map[string]bool{}
	var in []Application
	for _, k := range r.Perm(n) {
		free := len(in) < p.Rules.Places
		for _, m := range p.Applications[k].Municipalities {
			free = free && !hidden[m.Code]
		}
		if free {
			in = append(in, p.Applications[k])
			for _, m := range p.Applications[k].Municipalities {
				hidden[m.Code] = true
			}
		}
	}
	for range 2 + r.IntN(6) {
		q := Quota{Count: CountMunicipalities}
		q.Attribute = []string{"county", "main_group", "size", "kind", "county"}[r.IntN(5)]
		a := p.Applications[r.IntN(n)]
		if q.Value = a.value(a.Municipalities[0], q.Attribute); q.Value == "" {
			q.Attribute, q.Value = "size", "0"
		}
		held := 0
		for _, a := range in {
			held += weight(q, a)
		}
		lo, hi := held, held+r.IntN(2)*r.IntN(2)
		q.Min, q.Max = &lo, &hi
		p.Rules.Quotas = append(p.Rules.Quotas, q)
	}
	return p
}

func looseProblem(r *rand.Rand, n int) *Problem {
	p := &Problem{}
	counties, groups, sizes := 1+r.IntN(4), 1+r.IntN(3), 1+r.IntN(3)
	next := 0
	place := func() Municipality {
		next++
		c := r.IntN(counties)
		return Municipality{Code: fmt.Sprintf("%04d", next), Attributes: map[string]string{
			"county": fmt.Sprint(c), "landsdel": fmt.Sprint(c / 2), "main_group": string(rune('A' + r.IntN(groups))),
			"size": fmt.Sprint(r.IntN(sizes))}}
	}
	step := []string{"1", "0.5", "0.01"}[r.IntN(3)]
	top := []int{3, 20, 1000}[r.IntN(3)]
	for i := range n {
		a := Application{ID: fmt.Sprintf("a%02d", i), Municipalities: []Municipality{place()}}
		for r.IntN(4) == 0 && len(a.Municipalities) < 3 {
			a.Municipalities = append(a.Municipalities, place())
		}
		if i > 0 && r.IntN(12) == 0 { // somebody else's municipality again
			other := p.Applications[r.IntN(i)].Municipalities[0]
			a.Municipalities[0] = other
		}
		d, _ := ParseDecimal(step)
		a.Score = Decimal{d.unscaled * int64(r.IntN(top)-top/6), d.places}
		if r.IntN(3) == 0 {
			a.Attributes = map[string]string{"kind": string(rune('x' + r.IntN(2)))}
		}
		p.Applications = append(p.Applications, a)
	}
	p.Rules.Places = 1 + r.IntN(max(1, n/2))
	tight := r.IntN(3)
	for range r.IntN(6) {
		attribute := []string{"county", "landsdel", "main_group", "size", "kind"}[r.IntN(5)]
		value := fmt.Sprint(r.IntN(3))
		switch attribute {
		case "main_group":
			value = string(rune('A' + r.IntN(3)))
		case "kind":
			value = string(rune('x' + r.IntN(2)))
		}
		q := Quota{Attribute: attribute, Value: value, Count: []Count{CountMunicipalities, CountApplications}[r.IntN(2)]}
		lo, hi := r.IntN(2+tight), r.IntN(3)
		if r.IntN(3) > 0 {
			q.Min = &lo
		}
		if q.Min == nil || r.IntN(2) == 0 {
			hi += lo
			q.Max = &hi
		}
		p.Rules.Quotas = append(p.Rules.Quotas, q)
	}
	if r.IntN(3) == 0 {
		p.Rules.Must = append(p.Rules.Must, p.Applications[r.IntN(n)].ID)
	}
	if r.IntN(3) == 0 {
		p.Rules.Never = append(p.Rules.Never, p.Applications[r.IntN(n)].ID)
	}
	return p
}

// enumeration lists all selections of a problem as bit sets. It counts quotas
// by itself, in eight bits each of one word, with tables over the two halves of
// the set, so that each selection costs a few additions. Application i (by id)
// is bit n-1-i: of two selections the one that holds the first application that
// only one of them holds is the larger number.
type enumeration struct {
	p      *Problem
	apps   []Application // by id
	n      int
	half   uint
	score  [2][]int64  // in units of 10^-places
	counts [2][]uint64 // one byte per quota
	low    uint64      // 128 - min, in each byte
	high   uint64      // 127 - max
	shared []uint32    // pairs of applications with a municipality in common
	must   uint32
	never  uint32
	places int // decimals of the scores
}

const topBits = 0x8080808080808080

func newEnumeration(p *Problem) *enumeration {
	e := &enumeration{p: p, apps: append([]Application(nil), p.Applications...), n: len(p.Applications)}
	if e.n > 20 || len(p.Rules.Quotas) > 8 {
		panic("too large for enumeration")
	}
	sort.Slice(e.apps, func(i, j int) bool { return e.apps[i].ID < e.apps[j].ID })
	for _, a := range e.apps {
		e.places = max(e.places, a.Score.places)
	}
	e.half = uint(e.n / 2)
	for side, bits := range []int{int(e.half), e.n - int(e.half)} {
		e.score[side], e.counts[side] = make([]int64, 1<<bits), make([]uint64, 1<<bits)
		for set := 1; set < 1<<bits; set++ {
			bit := 0
			for set>>bit&1 == 0 {
				bit++
			}
			a := e.apps[e.n-1-bit-side*int(e.half)]
			rest := set & (set - 1)
			score, _ := a.Score.at(e.places)
			e.score[side][set] = e.score[side][rest] + score
			e.counts[side][set] = e.counts[side][rest] + e.adds(a)
		}
	}
	for i, a := range e.apps {
		for j, b := range e.apps[:i] {
			if shareMunicipality(a, b) {
				e.shared = append(e.shared, e.bit(i)|e.bit(j))
			}
		}
		for _, id := range p.Rules.Must {
			if id == a.ID {
				e.must |= e.bit(i)
			}
		}
		for _, id := range p.Rules.Never {
			if id == a.ID {
				e.never |= e.bit(i)
			}
		}
	}
	for k := range 8 {
		lo, hi := 0, 127
		if k < len(p.Rules.Quotas) {
			if q := p.Rules.Quotas[k]; q.Min != nil {
				lo = *q.Min
			}
			if q := p.Rules.Quotas[k]; q.Max != nil {
				hi = *q.Max
			}
		}
		e.low |= uint64(128-lo) << (8 * k)
		e.high |= uint64(127-hi) << (8 * k)
	}
	return e
}

func (e *enumeration) bit(i int) uint32 { return 1 << (e.n - 1 - i) }

func shareMunicipality(a, b Application) bool {
	for _, x := range a.Municipalities {
		for _, y := range b.Municipalities {
			if x.Code == y.Code {
				return true
			}
		}
	}
	return false
}

// adds is what the application adds to each quota's count.
func (e *enumeration) adds(a Application) (word uint64) {
	for k, q := range e.p.Rules.Quotas {
		n := uint64(0)
		for _, m := range a.Municipalities {
			v := m.Attributes[q.Attribute]
			if own, ok := a.Attributes[q.Attribute]; ok {
				v = own
			}
			if v == q.Value && (n == 0 || q.Count == CountMunicipalities) {
				n++
			}
		}
		word |= n << (8 * k)
	}
	return word
}

func (e *enumeration) countsOf(set uint32) uint64 {
	return e.counts[0][set&(1<<e.half-1)] + e.counts[1][set>>e.half]
}

func (e *enumeration) scoreOf(set uint32) int64 {
	return e.score[0][set&(1<<e.half-1)] + e.score[1][set>>e.half]
}

// ways calls f with every selection of that many applications in which no
// municipality is taken twice, other rules regardless.
func (e *enumeration) ways(places int, f func(set uint32)) {
	subsets(places, e.n, func(set uint32) {
		for _, pair := range e.shared {
			if set&pair == pair {
				return
			}
		}
		f(set)
	})
}

// subsets calls f with every set of k of n bits.
func subsets(k, n int, f func(set uint32)) {
	if k == 0 {
		f(0)
	}
	if k < 1 || k > n {
		return
	}
	for set := uint32(1)<<k - 1; set < 1<<n; {
		f(set)
		least := set & -set // the next number with as many bits
		ripple := set + least
		set = ripple | (set^ripple)>>2/least
	}
}

// all calls f with every selection that keeps all rules, and its score.
func (e *enumeration) all(places int, f func(set uint32, score int64)) {
	e.ways(places, func(set uint32) {
		c := e.countsOf(set)
		if set&e.must == e.must && set&e.never == 0 && (c+e.low)&topBits == topBits && (c+e.high)&topBits == 0 {
			f(set, e.scoreOf(set))
		}
	})
}

func (e *enumeration) ids(set uint32) []string {
	ids := []string{}
	for i, a := range e.apps {
		if set&e.bit(i) != 0 {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// points is a score of the enumeration as a number.
func (e *enumeration) points(score int64) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(score), pow10(e.places))
}

// brute is the best selection by enumeration: its value, the one that the order
// of ids gives, and the best value with each application.
type brute struct {
	found bool
	value *big.Rat
	ids   []string
	with  map[string]*big.Rat
}

func bruteBest(p *Problem) brute {
	e := newEnumeration(p)
	b := brute{with: map[string]*big.Rat{}}
	var value int64
	var best, held uint32
	with := make([]int64, e.n)
	e.all(p.Rules.Places, func(set uint32, score int64) {
		if !b.found || score > value || score == value && set > best {
			b.found, value, best = true, score, set
		}
		for left := set; left != 0; left &= left - 1 {
			k := bits.TrailingZeros32(left)
			if held>>k&1 == 0 || score > with[k] {
				held, with[k] = held|1<<k, score
			}
		}
	})
	b.value, b.ids = e.points(value), e.ids(best)
	for i, a := range e.apps {
		if held&e.bit(i) != 0 {
			b.with[a.ID] = e.points(with[e.n-1-i])
		}
	}
	return b
}

// cost is how much a selection breaks the rules: first must and never, then quotas.
type cost struct{ forced, quota int }

func (c cost) less(d cost) bool {
	return c.forced < d.forced || c.forced == d.forced && c.quota < d.quota
}

func (e *enumeration) cost(set uint32) (c cost) {
	c.forced = bits.OnesCount32(e.must&^set) + bits.OnesCount32(e.never&set)
	counts := e.countsOf(set)
	for k, q := range e.p.Rules.Quotas {
		n := int(counts >> (8 * k) & 0xff)
		if q.Min != nil {
			c.quota += max(0, *q.Min-n)
		}
		if q.Max != nil {
			c.quota += max(0, n-*q.Max)
		}
	}
	return c
}

// leastCosts is the least change of the rules, for some selection (under "") and
// for one that holds each application: as few places fewer as possible, then
// the least cost.
func (e *enumeration) leastCosts() map[string]relaxed {
	out := map[string]relaxed{}
	for fewer := 0; fewer <= e.p.Rules.Places && len(out) <= e.n; fewer++ {
		least := make([]cost, e.n+1)
		var found uint32
		some := false
		e.ways(e.p.Rules.Places-fewer, func(set uint32) {
			c := e.cost(set)
			if !some || c.less(least[e.n]) {
				some, least[e.n] = true, c
			}
			for left := set; left != 0; left &= left - 1 {
				k := bits.TrailingZeros32(left)
				if found>>k&1 == 0 || c.less(least[k]) {
					found, least[k] = found|1<<k, c
				}
			}
		})
		if _, done := out[""]; some && !done {
			out[""] = relaxed{fewer, least[e.n]}
		}
		for i, a := range e.apps {
			if _, done := out[a.ID]; !done && found&e.bit(i) != 0 {
				out[a.ID] = relaxed{fewer, least[e.n-1-i]}
			}
		}
	}
	return out
}

// relaxed is a change of the rules: places fewer, and what is broken.
type relaxed struct {
	fewer int
	cost
}
