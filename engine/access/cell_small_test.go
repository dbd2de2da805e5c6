package access

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func TestDecays(t *testing.T) {
	for _, c := range []struct {
		name string
		f    Decay
		cost uint32
		want float64
	}{
		{"step in", Step(5), 5, 1}, {"step out", Step(5), 6, 0},
		{"linear", Linear(10), 4, 0.6}, {"linear out", Linear(10), 11, 0}, {"linear of nothing", Linear(0), 0, 1},
		{"exponential", Exponential(10), 20, 0.25}, {"logistic", Logistic(10, 3), 10, 0.5},
		{"band", Banded([]Band{{5, 1}, {9, 0.5}}), 6, 0.5}, {"no band", Banded([]Band{{5, 1}}), 6, 0},
	} {
		if got := c.f(c.cost); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Indicator 9: who has a whole basket of services, and the worst of it.
func TestWorstServiceAndTogether(t *testing.T) {
	labels := func(costs ...int) *Labels {
		l := &Labels{K: 1}
		for _, c := range costs {
			if c < 0 {
				l.L = append(l.L, None)
			} else {
				l.L = append(l.L, NewLabel(uint32(c), 77))
			}
		}
		return l
	}
	types := []*Labels{labels(1, 9, 3, -1), labels(2, 9, 1, 5)}
	worst, err := WorstService(types)
	if err != nil || !slices.Equal(worst, []Label{NewLabel(2, 1), NewLabel(9, 0), NewLabel(3, 0), None}) {
		t.Fatalf("worst %v, %v", worst, err)
	}
	within, all, err := Together(types, Demand{Weight: []uint32{1, 10, 100, 1000}}, 3)
	if err != nil || within != 101 || all != 111 {
		t.Fatalf("%d of %d, %v", within, all, err)
	}
}

func TestCellsRefuse(t *testing.T) {
	one, two := &Labels{K: 1, L: []Label{None}}, &Labels{K: 2, L: []Label{None, None}}
	ok := Demand{Weight: []uint32{1}}
	for name, f := range map[string]struct {
		err  error
		want error
	}{
		"one label":      {second(Closures(one, ok, nil)), ErrNeedsTwo},
		"isolation":      {second(Isolation(one, nil)), ErrNeedsTwo},
		"weights":        {second(Closures(two, Demand{}, nil)), ErrShape},
		"too many":       {second(Indicators(&Labels{K: 1, L: make([]Label, 3)}, Demand{Weight: []uint32{1 << 31, 1<<32 - 1, 1<<32 - 1}}, Question{})), ErrShape},
		"area":           {second(Indicators(one, Demand{Weight: []uint32{1}, Group: []uint32{1}, Groups: 1}, Question{})), ErrShape},
		"quantile":       {second(Indicators(one, ok, Question{Quantiles: []Share{{2, 1}}})), ErrShape},
		"bands":          {second(Indicators(one, ok, Question{Bands: []uint32{2, 1}})), ErrShape},
		"end":            {second(Read(one, []Cell{{Position: AtNode(1, 0)}}, nil)), ErrNode},
		"shut both ways": {second(Read(one, []Cell{{Position: OnEdge(0, 0, 0, Shut, Shut, 0, 0)}}, nil)), ErrPosition},
		"part":           {second(Read(one, []Cell{{Position: OnEdge(0, 0, 0, 1, Shut, Whole+1, 0)}}, nil)), ErrPosition},
		"supply":         {second(TwoStepFCA(nil, nil, []float64{1}, nil)), ErrShape},
	} {
		if !errors.Is(f.err, f.want) {
			t.Errorf("%s: %v, want %v", name, f.err, f.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }
