package main

import (
	"fmt"
	"iter"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/grouping"
)

// kommunPair is a row of a file of pairs: neighbours, or travel times.
type kommunPair struct {
	codes [2]string
	value float64
	line  int
}

// pairs reads the pairs of a file of which both are in the county, with the
// number of a column where one is given. A code that the register does not know
// is an error; a pair that stands twice is a warning.
func (in *groupingInput) pairs(t *inputTable, value int) iter.Seq[kommunPair] {
	a, b := t.must("kommun_a", "code_a", "id_a"), t.must("kommun_b", "code_b", "id_b")
	t.unread("namn_a", "namn_b", "name_a", "name_b", "shared_border_km_scb", "in_scb_land_polygons", "in_okfse_polygons_incl_water")
	return func(yield func(kommunPair) bool) {
		if min(a, b) < 0 {
			return
		}
		seen := map[[2]string]int{}
		for _, r := range t.rows {
			from, okFrom := in.known(t, r, a)
			to, okTo := in.known(t, r, b)
			if !okFrom || !okTo {
				continue
			}
			if from == to {
				t.fault(r.line, fmt.Sprintf("kommun %s är sin egen granne", from), "Ta bort raden eller rätta en av koderna")
				continue
			}
			p := kommunPair{codes: [2]string{min(from, to), max(from, to)}, line: r.line}
			if seen[p.codes] > 0 {
				t.warn(r.line, fmt.Sprintf("G3: paret %s, %s står också på rad %d", p.codes[0], p.codes[1], seen[p.codes]), "")
				continue
			}
			seen[p.codes] = r.line
			if value >= 0 {
				v, ok := t.number(r, value, 0, 10_000, "minuter")
				if !ok {
					continue
				}
				p.value = v
			}
			if in.has(from) && in.has(to) && !yield(p) {
				return
			}
		}
	}
}

// known reads a code that the register has.
func (in *groupingInput) known(t *inputTable, r inputRow, column int) (string, bool) {
	code, ok := t.kommun(r, column)
	if !ok {
		return "", false
	}
	if _, there := in.register.ByCode(code); !there {
		t.fault(r.line, fmt.Sprintf("G2: kommun %s finns inte", code), "Rätta koden, eller ta bort raden")
		return "", false
	}
	return code, true
}

// times reads the travel times of the file, or makes them of distances. The
// pairs of the file hold in both directions.
func (in *groupingInput) times(c *GroupingCmd) error {
	if c.Distance == "" {
		list := make([]kommun.Kommun, len(in.problem.Nodes))
		for i, node := range in.problem.Nodes {
			list[i], _ = in.register.ByCode(node.Code)
		}
		in.problem.Minutes = func(a, b int) float64 {
			return kommun.Distance(list[a], list[b]) / 1000 * assumedDetour / assumedSpeed * 60
		}
		if c.Objective == string(grouping.Travel) || c.MaxMinutes > 0 {
			in.assumptions = append(in.assumptions, fmt.Sprintf("restiden är fågelvägen mellan centralorterna gånger %s, i %s km/h", decimal(assumedDetour), decimal(assumedSpeed)))
		}
		return nil
	}
	t, err := in.open(c.Distance)
	if err != nil {
		return err
	}
	minutes := map[[2]string]float64{}
	if column := t.must("minuter_centralort", "minuter"); column >= 0 {
		for p := range in.pairs(t, column) {
			minutes[p.codes] = p.value
		}
		in.complete(t, minutes)
	}
	nodes := in.problem.Nodes
	in.problem.Minutes = func(a, b int) float64 {
		return minutes[[2]string{min(nodes[a].Code, nodes[b].Code), max(nodes[a].Code, nodes[b].Code)}]
	}
	in.sources["restid"] = c.Distance
	return nil
}

// complete tells which pairs of the county the file lacks.
func (in *groupingInput) complete(t *inputTable, minutes map[[2]string]float64) {
	missing, first := 0, ""
	for i, a := range in.problem.Nodes {
		for _, b := range in.problem.Nodes[:i] {
			if _, ok := minutes[[2]string{min(a.Code, b.Code), max(a.Code, b.Code)}]; !ok {
				if missing++; first == "" {
					first = b.Code + ", " + a.Code
				}
			}
		}
	}
	if missing > 0 {
		t.fault(1, fmt.Sprintf("G4: restid saknas för %d par i %s, det första %s", missing, in.county.Name, first), "Lägg till en rad för varje par av kommuner i länet")
	}
}
