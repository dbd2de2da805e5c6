package slot

import (
	"math/rand/v2"
	"testing"
	"time"
)

func random(r *rand.Rand, options, persons int) ([]Person, Rules) {
	var people []Person
	for range persons {
		p := Person{Required: r.IntN(8) == 0, Body: string(rune('a' + r.IntN(3))), Politic: []string{"politiker", "tjänsteperson", ""}[r.IntN(3)]}
		for range r.IntN(options + 1) {
			p.Answers = append(p.Answers, Answer(r.IntN(4)))
		}
		people = append(people, p)
	}
	rules := Rules{Min: r.IntN(persons + 1), Mixed: r.IntN(2) == 0, PerBody: map[string]int{}}
	for range r.IntN(3) {
		rules.PerBody[string(rune('a'+r.IntN(3)))] = r.IntN(4)
	}
	return people, rules
}

// worse is the order written as plain comparisons, apart from Rank's.
func worse(a, b Result) bool {
	rules := func(r Result) int {
		n := r.BodiesShort
		if r.Short > 0 {
			n++
		}
		if r.Unmixed {
			n++
		}
		return n
	}
	if a.MissingRequired != b.MissingRequired {
		return a.MissingRequired > b.MissingRequired
	}
	if rules(a) != rules(b) {
		return rules(a) > rules(b)
	}
	if a.Yes+a.IfNeeded != b.Yes+b.IfNeeded {
		return a.Yes+a.IfNeeded < b.Yes+b.IfNeeded
	}
	if a.Yes != b.Yes {
		return a.Yes < b.Yes
	}
	return a.Option > b.Option
}

// TestBestAgainstBruteForce counts each option by hand and holds every pair.
func TestBestAgainstBruteForce(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	possible := 0
	for range 2000 {
		n := 1 + r.IntN(6)
		people, rules := random(r, n, r.IntN(12))
		got := Rank(n, people, rules)
		for i, x := range got {
			can, glad, required := 0, 0, 0
			for _, p := range people {
				a := None
				if x.Option < len(p.Answers) {
					a = p.Answers[x.Option]
				}
				if a == Yes || a == IfNeeded {
					can++
				} else if p.Required {
					required++
				}
				if a == Yes {
					glad++
				}
			}
			if x.Yes+x.IfNeeded != can || x.Yes != glad || x.MissingRequired != required || x.Yes+x.IfNeeded+x.No+x.Silent != len(people) {
				t.Fatalf("%+v: can %d glad %d required %d", x, can, glad, required)
			}
			if x.Possible {
				possible++
			}
			for _, y := range got[i+1:] {
				if worse(x, y) {
					t.Fatalf("%+v stands before %+v", x, y)
				}
			}
		}
	}
	if possible == 0 {
		t.Error("no option was ever possible")
	}
}

// BenchmarkRank60x400 has the bar 10 ms.
func BenchmarkRank60x400(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	people, rules := random(r, 60, 400)
	for b.Loop() {
		Rank(60, people, rules)
	}
}
