package selection

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"sort"
	"strings"
)

// randomProblem makes a small problem with crossing and nested families,
// joint applications, shared municipalities, must and never.
func randomProblem(r *rand.Rand, n int) *Problem {
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

// ways calls f with every selection of the right size in which no municipality
// is taken twice, other rules regardless.
func ways(p *Problem, places int, f func(ids []string)) {
	apps := append([]Application(nil), p.Applications...)
	sort.Slice(apps, func(i, j int) bool { return apps[i].ID < apps[j].ID })
	var ids []string
	codes := map[string]bool{}
	var walk func(i int)
	walk = func(i int) {
		if len(ids) == places {
			f(ids)
			return
		}
		if i == len(apps) || len(apps)-i < places-len(ids) {
			return
		}
		free := true
		for _, m := range apps[i].Municipalities {
			free = free && !codes[m.Code]
		}
		if free {
			ids = append(ids, apps[i].ID)
			for _, m := range apps[i].Municipalities {
				codes[m.Code] = true
			}
			walk(i + 1)
			for _, m := range apps[i].Municipalities {
				delete(codes, m.Code)
			}
			ids = ids[:len(ids)-1]
		}
		walk(i + 1)
	}
	walk(0)
}

// bruteBest is the best selection by enumeration: the value, the first best
// selection, and the best value for each application.
type brute struct {
	found bool
	value *big.Rat
	ids   []string
	with  map[string]*big.Rat
	all   [][]string
}

func bruteBest(p *Problem) brute {
	b := brute{with: map[string]*big.Rat{}}
	v := newVerifier(p)
	ways(p, p.Rules.Places, func(ids []string) {
		if v.keepsRules(ids) != nil {
			return
		}
		b.all = append(b.all, append([]string(nil), ids...))
		sum := v.sum(ids)
		for _, id := range ids {
			if b.with[id] == nil || sum.Cmp(b.with[id]) > 0 {
				b.with[id] = sum
			}
		}
		if c := 0; !b.found || sum.Cmp(b.value) >= 0 {
			if b.found {
				c = sum.Cmp(b.value)
			}
			if !b.found || c > 0 || strings.Join(ids, "|") < strings.Join(b.ids, "|") {
				b.ids = append([]string(nil), ids...)
			}
			b.found, b.value = true, sum
		}
	})
	return b
}
