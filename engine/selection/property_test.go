package selection

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestWhyNotComesTrue: with exactly the points that an application lacks, a
// selection with it is as good as the best; with 0.001 more it is selected.
// rapid prints the seed of a failure.
func TestWhyNotComesTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 17))
		p := randomProblem(r, rapid.IntRange(2, 25).Draw(t, "applications"))
		a, err := Best(p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(p, a); err != nil {
			t.Fatal(err)
		}
		for _, w := range a.WhyNot {
			if w.Points == "" {
				continue
			}
			for i := range p.Applications {
				if p.Applications[i].ID != w.ID {
					continue
				}
				old := p.Applications[i].Score
				lack, err := ParseDecimal(w.Points.String())
				if err != nil {
					t.Fatal(err)
				}
				was, _ := old.at(3)
				more, _ := lack.at(3)
				p.Applications[i].Score = Decimal{was + more + 1, 3}
				b, err := Best(p, Options{NoWhyNot: true})
				if err != nil || !slices.Contains(b.Selected, w.ID) {
					t.Fatalf("%s is not selected with %s points and a little more: %v", w.ID, w.Points, err)
				}
				p.Applications[i].Score = Decimal{was + more - 1, 3}
				b, err = Best(p, Options{NoWhyNot: true})
				if err != nil || w.Points != "0" && slices.Contains(b.Selected, w.ID) {
					t.Fatalf("%s is selected with a little less than %s points more: %v", w.ID, w.Points, err)
				}
				p.Applications[i].Score = old
			}
		}
	})
}
