package access

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/engine/roadnet"
)

// town is a drawn network of edges with positions of cells and sites on them.
type town struct {
	n      int
	edges  [][4]uint32 // from, to, forward, backward
	cells  []Cell
	places []Place
}

func drawnTown(t *rapid.T) town {
	var w town
	w.n = rapid.IntRange(2, 12).Draw(t, "nodes")
	node := rapid.Uint32Range(0, uint32(w.n-1))
	weight := rapid.SampledFrom([]uint32{1, 2, 3, 10, 101})
	for range rapid.IntRange(1, 20).Draw(t, "edges") {
		e := [4]uint32{node.Draw(t, "from"), node.Draw(t, "to"), weight.Draw(t, "forward"), weight.Draw(t, "backward")}
		switch rapid.IntRange(0, 3).Draw(t, "ways") {
		case 0:
			e[2] = Shut
		case 1:
			e[3] = Shut
		}
		w.edges = append(w.edges, e)
	}
	position := func(who string) Position {
		off := rapid.SampledFrom([]uint32{0, 0, 4}).Draw(t, "off")
		if rapid.IntRange(0, 5).Draw(t, who) == 0 {
			return AtNode(node.Draw(t, "at"), off)
		}
		i := rapid.IntRange(0, len(w.edges)-1).Draw(t, "edge")
		part := rapid.SampledFrom([]uint32{0, 1, Whole / 7, Whole / 3, Whole / 2, Whole - 1, Whole}).Draw(t, "part")
		e := w.edges[i]
		return OnEdge(uint32(i), e[0], e[1], e[2], e[3], part, off)
	}
	for range rapid.IntRange(0, 6).Draw(t, "cells") {
		w.cells = append(w.cells, Cell{Position: position("cell"), Reason: rapid.SampledFrom([]Reason{OK, OK, OK, OK, Island, TooFar}).Draw(t, "reason")})
	}
	for range rapid.IntRange(0, 6).Draw(t, "places") {
		w.places = append(w.places, Place{Site: rapid.Uint32Range(0, 3).Draw(t, "site"), Position: position("place")})
	}
	return w
}

func (w town) graph() *roadnet.Graph {
	var out []roadnet.Edge
	for _, e := range w.edges {
		if e[2] != Shut {
			out = append(out, roadnet.Edge{From: e[0], To: e[1], Weight: e[2]})
		}
		if e[3] != Shut {
			out = append(out, roadnet.Edge{From: e[1], To: e[0], Weight: e[3]})
		}
	}
	return roadnet.FromEdges(w.n, out)
}

// inserted is the graph with a node at every position, and where they are.
func (w town) inserted() (g *roadnet.Graph, cells, places []uint32) {
	type point struct {
		Position
		at *uint32
	}
	on := make([][]point, len(w.edges))
	cells, places = make([]uint32, len(w.cells)), make([]uint32, len(w.places))
	n := uint32(w.n)
	put := func(p Position, at *uint32) {
		if p.Edge == NoEdge {
			*at = p.From
			return
		}
		*at = n
		n++
		on[p.Edge] = append(on[p.Edge], point{p, at})
	}
	for i, c := range w.cells {
		put(c.Position, &cells[i])
	}
	for i, p := range w.places {
		put(p.Position, &places[i])
	}
	var out []roadnet.Edge
	for i, e := range w.edges {
		slices.SortStableFunc(on[i], func(a, b point) int { return int(a.Part) - int(b.Part) })
		last, lastF, lastB, lastPart := e[0], uint32(0), uint32(0), int64(-1)
		link := func(v, f, b uint32, part int64) {
			both := part == lastPart // one point: no cost either way
			if e[2] != Shut || both {
				out = append(out, roadnet.Edge{From: last, To: v, Weight: f - lastF})
			}
			if e[3] != Shut || both {
				out = append(out, roadnet.Edge{From: v, To: last, Weight: b - lastB})
			}
			last, lastF, lastB, lastPart = v, f, b, part
		}
		for _, p := range on[i] {
			link(*p.at, p.ForwardPart, p.BackwardPart, int64(p.Part))
		}
		end := func(w uint32) uint32 {
			if w == Shut {
				return 0
			}
			return w
		}
		link(e[1], end(e[2]), end(e[3]), Whole+1)
	}
	return roadnet.FromEdges(int(n), out), cells, places
}

// T10: a cell and a site on an edge read as a graph with nodes put in there,
// with both on one edge too, on two-ways and one-ways.
func TestT10PositionIsAnInsertedNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawnTown(t)
		net := NewNet(w.graph())
		seeds, err := Seeds(w.n, w.places)
		if err != nil {
			t.Fatal(err)
		}
		full, cellAt, placeAt := w.inserted()
		turned, _ := full.Reversed()
		var at []Seed
		for i, p := range w.places {
			at = append(at, Seed{Node: placeAt[i], Cost: p.Off, Site: p.Site})
		}
		for _, k := range []int{1, 2, 3} {
			got := must(t)(Read(must(t)(Nearest(net.In, seeds, k, 0)), w.cells, w.places))
			want := oracle(turned, at, k, 0)
			for i, c := range w.cells {
				for r := range k {
					l := want.At(cellAt[i], r)
					if c.Reason != OK {
						l = None
					} else if l != None {
						l = NewLabel(l.Cost()+c.Off, l.Site())
					}
					if got.At(uint32(i), r) != l {
						t.Fatalf("K=%d cell %d rank %d: got %d/%d, want %d/%d", k, i, r,
							got.At(uint32(i), r).Cost(), got.At(uint32(i), r).Site(), l.Cost(), l.Site())
					}
				}
			}
		}

		// From services to cells: everything turned round.
		cells, places := slices.Clone(w.cells), slices.Clone(w.places)
		for i := range cells {
			cells[i].Position = cells[i].Turned()
		}
		for i := range places {
			places[i].Position = places[i].Turned()
		}
		if seeds, err = Seeds(w.n, places); err != nil {
			t.Fatal(err)
		}
		got := must(t)(Read(must(t)(Nearest(net.Out, seeds, 1, 0)), cells, places))
		want := oracle(full, at, 1, 0)
		for i, c := range w.cells {
			l := want.At(cellAt[i], 0)
			if c.Reason != OK {
				l = None
			} else if l != None {
				l = NewLabel(l.Cost()+c.Off, l.Site())
			}
			if got.L[i] != l {
				t.Fatalf("turned: cell %d: got %d, want %d", i, got.L[i], l)
			}
		}

		// Isolation: the nearest other site of every place, the nearest place.
		nodes := must(t)(Nearest(net.In, seedsOf(t, w), 2, 0))
		alone, err := Isolation(nodes, w.places)
		if err != nil {
			t.Fatal(err)
		}
		all := oracle(turned, at, 4, 0)
		for _, a := range alone {
			best := None
			for i, p := range w.places {
				for r := range 4 {
					if l := all.At(placeAt[i], r); p.Site == a.Site && l != None && l.Site() != a.Site {
						best = min(best, NewLabel(l.Cost()+p.Off, l.Site()))
					}
				}
			}
			if a.Other != best {
				t.Fatalf("site %d is %d from another, want %d", a.Site, a.Other, best)
			}
		}

		// Lists of the cells within reach, whatever the workers (T19).
		limit := rapid.SampledFrom([]uint32{0, 1, 3, 20}).Draw(t, "limit")
		sites, lists, err := Reaches(net, w.places, w.cells, limit, 1)
		if err != nil {
			t.Fatal(err)
		}
		_, again, err := Reaches(net, w.places, w.cells, limit, 3)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(lists) {
			t.Fatalf("three workers: %v, one %v, %v", again, lists, err)
		}
		everyone := oracle(turned, at, 4, 0)
		for j, site := range sites {
			var want []Reached
			for i, c := range w.cells {
				for r := range 4 {
					l := everyone.At(cellAt[i], r)
					if c.Reason == OK && l != None && l.Site() == site && (limit == 0 || l.Cost()+c.Off <= limit) {
						want = append(want, Reached{uint32(i), l.Cost() + c.Off})
					}
				}
			}
			if !slices.Equal(lists[j], want) {
				t.Fatalf("site %d within %d: %v, want %v", site, limit, lists[j], want)
			}
		}
	})
}

func seedsOf(t *rapid.T, w town) []Seed {
	s, err := Seeds(w.n, w.places)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func drawnDemand(t *rapid.T, n int) Demand {
	d := Demand{Groups: 3}
	for range n {
		d.Weight = append(d.Weight, rapid.SampledFrom([]uint32{0, 1, 1, 5, 1000}).Draw(t, "people"))
		d.Group = append(d.Group, rapid.Uint32Range(0, 2).Draw(t, "area"))
		d.Reason = append(d.Reason, rapid.SampledFrom([]Reason{OK, OK, OK, Loose}).Draw(t, "reason"))
	}
	return d
}

// T12 and conventions 1 to 5: indicators against sums person by person; who
// is not computed is counted by reason and in nothing else.
func TestT12IndicatorsPersonByPerson(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := drawnGraph(t)
		l := must(t)(Nearest(roadnet.FromEdges(n, edges), drawnSeeds(t, n), 2, 0))
		d := drawnDemand(t, n)
		q := Question{Bands: []uint32{0, 2, 60}, Thresholds: []uint32{0, 3, 90_000}, Quantiles: []Share{{1, 2}, {9, 10}, {1, 1}}}
		rows, err := Indicators(l, d, q)
		if err != nil {
			t.Fatal(err)
		}
		for g, row := range rows {
			var people []uint32 // d1 of each person
			want := Row{Bands: make([]uint64, 4), Beyond: make([]uint64, 3), Single: make([]uint64, 3)}
			for v := range n {
				if int(d.Group[v]) != g {
					continue
				}
				r := d.Reason[v]
				if r == OK && l.L[2*v] == None {
					r = NoSite
				}
				if r != OK {
					want.NotComputed[r].Cells++
					want.NotComputed[r].People += uint64(d.Weight[v])
					continue
				}
				want.Computed.Cells++
				d1, d2 := uint64(l.L[2*v].Cost()), uint64(math.MaxUint64)
				if l.L[2*v+1] != None {
					d2 = uint64(l.L[2*v+1].Cost())
				}
				for range d.Weight[v] {
					people = append(people, uint32(d1))
					want.Computed.People++
					want.Sum += d1
					want.Largest = max(want.Largest, uint32(d1))
					switch {
					case d1 == 0:
						want.Bands[0]++
					case d1 <= 2:
						want.Bands[1]++
					case d1 <= 60:
						want.Bands[2]++
					default:
						want.Bands[3]++
					}
					for i, limit := range []uint64{0, 3, 90_000} {
						if d1 > limit {
							want.Beyond[i]++
						} else if d2 > limit {
							want.Single[i]++
						}
					}
				}
			}
			if slices.Sort(people); len(people) > 0 {
				at := func(of, per int) uint32 { return people[(len(people)*of+per-1)/per-1] }
				want.Quantiles = []uint32{at(1, 2), at(9, 10), at(1, 1)}
			}
			if fmt.Sprint(row) != fmt.Sprint(want) {
				t.Fatalf("area %d:\n got %v\nwant %v", g, row, want)
			}
		}

		need, err := TransportNeed(l, d, 3)
		sum := uint64(0)
		for v := range n {
			if x := l.L[2*v]; d.Reason[v] == OK && x != None && x.Cost() >= 3 {
				sum += uint64(x.Cost()) * uint64(d.Weight[v])
			}
		}
		if err != nil || need != sum {
			t.Fatalf("transport need %d, want %d, %v", need, sum, err)
		}
	})
}

// T5: the closures of all sites sum to what the two labels hold, and each is
// what a search without the site gives.
func TestT5ClosuresSumToTheSecondLabel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := drawnGraph(t)
		g := roadnet.FromEdges(n, edges)
		seeds := drawnSeeds(t, n)
		l := must(t)(Nearest(g, seeds, 2, 0))
		d := drawnDemand(t, n)
		thresholds := []uint32{0, 4, 60, 90_001}
		closures, err := Closures(l, d, thresholds)
		if err != nil {
			t.Fatal(err)
		}
		lose, extra := make([]uint64, len(thresholds)), uint64(0)
		for _, c := range closures {
			extra += c.Extra
			var left []Seed
			for _, s := range seeds {
				if s.Site != c.Site {
					left = append(left, s)
				}
			}
			without := must(t)(Nearest(g, left, 1, 0))
			want := Closure{Site: c.Site, Lose: make([]uint64, len(thresholds))}
			for v := range n {
				a, b, p := l.L[2*v], without.L[v], uint64(d.Weight[v])
				if d.Reason[v] != OK || a == None || a.Site() != c.Site {
					continue
				}
				want.Nearest.Cells++
				want.Nearest.People += p
				for i, limit := range thresholds {
					if a.Cost() <= limit && (b == None || b.Cost() > limit) {
						want.Lose[i] += p
					}
				}
				if b == None {
					want.Without.Cells++
					want.Without.People += p
				} else if p > 0 {
					want.Extra += p * uint64(b.Cost()-a.Cost())
					want.Largest = max(want.Largest, b.Cost()-a.Cost())
				}
			}
			if fmt.Sprint(c) != fmt.Sprint(want) {
				t.Fatalf("closing %d:\n got %v\nwant %v", c.Site, c, want)
			}
			for i := range lose {
				lose[i] += c.Lose[i]
			}
		}
		rows, err := Indicators(l, Demand{Weight: d.Weight, Reason: d.Reason}, Question{Thresholds: thresholds})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(rows[0].Single, lose) {
			t.Fatalf("Σ lose %v, single supply %v", lose, rows[0].Single)
		}
		sum := uint64(0)
		for v := range n {
			if d.Reason[v] == OK && l.L[2*v+1] != None {
				sum += uint64(d.Weight[v]) * uint64(l.L[2*v+1].Cost()-l.L[2*v].Cost())
			}
		}
		if sum != extra {
			t.Fatalf("Σ extra %d, Σd2 − Σd1 %d", extra, sum)
		}
	})
}

// T14: what people get sums to what sites give, but for sites that nobody has.
func TestT14FloatingCatchmentsKeepTheSupply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawnTown(t)
		limit := rapid.SampledFrom([]uint32{2, 20, 300}).Draw(t, "limit")
		_, lists, err := Reaches(NewNet(w.graph()), w.places, w.cells, limit, 1)
		if err != nil {
			t.Fatal(err)
		}
		people, supply := make([]uint32, len(w.cells)), make([]float64, len(lists))
		for i := range people {
			people[i] = rapid.Uint32Range(0, 9).Draw(t, "people")
		}
		for j := range supply {
			supply[j] = float64(rapid.IntRange(1, 9).Draw(t, "supply"))
		}
		for _, f := range []Decay{Step(limit), Banded([]Band{{1, 1}, {15, 0.68}, {limit, 0.22}})} {
			out, err := TwoStepFCA(people, lists, supply, f)
			if err != nil {
				t.Fatal(err)
			}
			given, got := 0.0, 0.0
			for j, s := range supply {
				if !slices.Contains(out.Empty, j) {
					given += s
				}
			}
			for i, a := range out.Cell {
				got += float64(people[i]) * a
			}
			if math.Abs(given-got) > 1e-9*max(1, given) {
				t.Fatalf("people get %v of %v", got, given)
			}
		}
	})
}
