package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/engine/access"
	"kommunpilot/engine/roadnet"
)

// summing are the flags of the commands that add people up.
type summing struct {
	Minutes    []float64 `sep:"," placeholder:"M,…" help:"Thresholds by time, minutes; 5,10,20,30 where none are given."`
	Kilometres []float64 `sep:"," placeholder:"K,…" help:"Thresholds by distance, kilometres; 5,10,15,25 where none are given."`
	JSON       bool      `name:"json" help:"Write JSON in place of CSV."`
}

// thresholds are in the unit of the network, with their words for columns.
func (s *summing) thresholds(m *measure) ([]uint32, []string, error) {
	list, unit := s.Minutes, "min"
	if m.metric == roadnet.ByLength {
		if list = s.Kilometres; list == nil {
			list = []float64{5, 10, 15, 25}
		}
		unit = "km"
	} else if list == nil {
		list = []float64{5, 10, 20, 30}
	}
	if !slices.IsSorted(list) {
		return nil, nil, errors.New("trösklarna ska stå i stigande ordning")
	}
	var out []uint32
	var words []string
	for _, v := range list {
		cost := v * m.perUnit()
		if !(v > 0) || cost > roadnet.MaxWeight {
			return nil, nil, fmt.Errorf("tröskeln %g är orimlig", v)
		}
		out = append(out, uint32(math.Round(cost)))
		words = append(words, strconv.FormatFloat(v, 'f', -1, 64)+"_"+unit)
	}
	return out, words, nil
}

// perUnit is a minute or a kilometre in the unit of the network.
func (m *measure) perUnit() float64 {
	switch {
	case m.metric == roadnet.ByLength:
		return 1000
	case m.n.Meta.Unit == roadnet.Seconds:
		return 60
	}
	return 600
}

// inUnits is a cost in minutes or kilometres.
func (m *measure) inUnits(cost float64) string {
	return strconv.FormatFloat(cost/m.perUnit(), 'f', 3, 64)
}

func (m *measure) unit() string {
	if m.metric == roadnet.ByLength {
		return "km"
	}
	return "min"
}

// cells are the origins as the engine reads them, and how many live in each.
func (m *measure) cells(g *access.Ground) ([]access.Cell, access.Demand, error) {
	cells := make([]access.Cell, len(m.origins))
	d := access.Demand{Weight: make([]uint32, len(cells)), Reason: make([]access.Reason, len(cells))}
	for i := range m.origins {
		o := &m.origins[i]
		if o.population > math.MaxUint32 {
			return nil, d, fmt.Errorf("%s har för många invånare", o.id)
		}
		d.Weight[i] = uint32(o.population)
		switch {
		case o.atNode:
			cells[i].Position = access.AtNode(uint32(o.node), 0)
		case o.snap.Reason != roadnet.OK:
			cells[i].Reason = o.snap.Reason
		default:
			cells[i].Position = g.Position(o.snap)
		}
		d.Reason[i] = cells[i].Reason
	}
	return cells, d, nil
}

// labelled are the cells' two nearest of one type.
type labelled struct {
	kind   string
	names  []string
	run    *access.Run
	labels *access.Labels
}

// label searches each type and reads the cells.
func (m *measure) label(g *access.Ground, cells []access.Cell) (out []labelled, err error) {
	for _, kind := range m.types {
		p := m.byType[kind]
		run, err := g.NewRun(p.sites, 2, 0)
		if err != nil {
			return nil, err
		}
		labels, err := access.Read(run.Labels, cells, run.Places)
		if err != nil {
			return nil, err
		}
		out = append(out, labelled{kind, p.names, run, labels})
	}
	return out, nil
}

// figures sums the cells of one type up: rows of type, indicator, threshold,
// value and unit.
func (m *measure) figures(l labelled, d access.Demand, limits []uint32, words []string) ([][]string, error) {
	rows, err := access.Indicators(l.labels, d, access.Question{Thresholds: limits, Quantiles: []access.Share{{Of: 1, Per: 2}, {Of: 9, Per: 10}}})
	if err != nil {
		return nil, err
	}
	r := rows[0]
	people := func(n uint64) string { return strconv.FormatUint(n, 10) }
	out := [][]string{{l.kind, "beräknade", "", people(r.Computed.People), "personer"}}
	for why := range r.NotComputed {
		if c := r.NotComputed[why]; c.Cells > 0 {
			out = append(out, []string{l.kind, "ej beräknade: " + access.Reason(why).String(), "", people(c.People), "personer"})
		}
	}
	if r.Computed.People > 0 {
		out = append(out,
			[]string{l.kind, "medel", "", m.inUnits(float64(r.Sum) / float64(r.Computed.People)), m.unit()},
			[]string{l.kind, "median", "", m.inUnits(float64(r.Quantiles[0])), m.unit()},
			[]string{l.kind, "90:e percentilen", "", m.inUnits(float64(r.Quantiles[1])), m.unit()},
			[]string{l.kind, "längst", "", m.inUnits(float64(r.Largest)), m.unit()})
	}
	for i, w := range words {
		out = append(out, []string{l.kind, "längre än", w, people(r.Beyond[i]), "personer"}, []string{l.kind, "bara en inom", w, people(r.Single[i]), "personer"})
	}
	return out, nil
}

// writeRows writes rows as CSV or as a list of objects with the columns as keys.
func writeRows(w io.Writer, asJSON bool, columns []string, rows [][]string) error {
	if !asJSON {
		out := csv.NewWriter(w)
		if err := out.Write(columns); err != nil {
			return err
		}
		if err := out.WriteAll(rows); err != nil {
			return err
		}
		return out.Error()
	}
	list := make([]map[string]any, 0, len(rows))
	for _, r := range rows {
		x := map[string]any{}
		for i, v := range r {
			x[columns[i]] = v
			if n, err := strconv.ParseFloat(v, 64); err == nil && !strings.HasPrefix(columns[i], "service") && columns[i] != "type" && columns[i] != "next" {
				x[columns[i]] = n
			}
		}
		list = append(list, x)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

// AccessIndicatorsCmd sums people up.
type AccessIndicatorsCmd struct {
	accessInput `embed:""`
	summing     `embed:""`
}

// Help tells what is summed.
func (AccessIndicatorsCmd) Help() string {
	return `Prints type,indicator,threshold,value,unit: how many people are computed and not (with why), the mean, median, 90th percentile and farthest, how many are beyond each threshold ("more than": exactly on it is not beyond), and how many have only one place within it.`
}

// Run sums.
func (c *AccessIndicatorsCmd) Run(out *Streams) error {
	m, err := c.open(out)
	if err != nil {
		return err
	}
	rows, err := c.rows(m)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	return writeRows(out.Out, c.JSON, []string{"type", "indicator", "threshold", "value", "unit"}, rows)
}

func (c *AccessIndicatorsCmd) rows(m *measure) (rows [][]string, err error) {
	limits, words, err := c.thresholds(m)
	if err != nil {
		return nil, err
	}
	g := access.NewGround(m.n, m.metric)
	cells, d, err := m.cells(g)
	if err != nil {
		return nil, err
	}
	list, err := m.label(g, cells)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		figures, err := m.figures(l, d, limits, words)
		if err != nil {
			return nil, err
		}
		rows = append(rows, figures...)
	}
	return rows, nil
}

// AccessClosuresCmd tells of every service what its closing would do.
type AccessClosuresCmd struct {
	accessInput `embed:""`
	summing     `embed:""`
}

// Help tells of the columns.
func (AccessClosuresCmd) Help() string {
	return `For each service: people who have it nearest, people who lose (had it within the threshold and have nothing else within it), extra person-minutes or person-kilometres, the largest increase, who would have none at all, the next alternative for most of them, and how far the service has to another of its type.`
}

// Run counts.
func (c *AccessClosuresCmd) Run(out *Streams) error {
	m, err := c.open(out)
	if err != nil {
		return err
	}
	limits, words, err := c.thresholds(m)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	g := access.NewGround(m.n, m.metric)
	cells, d, err := m.cells(g)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	list, err := m.label(g, cells)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	columns := []string{"type", "service", "people_nearest"}
	for _, w := range words {
		columns = append(columns, "lose_"+w)
	}
	columns = append(columns, "extra_person_"+m.unit(), "largest_"+m.unit(), "people_without", "next", "isolation_"+m.unit())
	var rows [][]string
	for _, l := range list {
		more, err := m.closures(l, d, limits)
		if err != nil {
			return &exitError{exitBadInput, err}
		}
		rows = append(rows, more...)
	}
	return writeRows(out.Out, c.JSON, columns, rows)
}

// closures are the rows of one type, one for each service, also for those that
// nobody has nearest.
func (m *measure) closures(l labelled, d access.Demand, limits []uint32) ([][]string, error) {
	found, err := access.Closures(l.labels, d, limits)
	if err != nil {
		return nil, err
	}
	alone, err := access.Isolation(l.run.Labels, l.run.Places)
	if err != nil {
		return nil, err
	}
	next := nextOf(l, d)
	bySite := map[uint32]access.Closure{}
	for _, x := range found {
		bySite[x.Site] = x
	}
	var rows [][]string
	for site, name := range l.names {
		x := bySite[uint32(site)]
		row := []string{l.kind, name, strconv.FormatUint(x.Nearest.People, 10)}
		for i := range limits {
			lose := uint64(0)
			if x.Lose != nil {
				lose = x.Lose[i]
			}
			row = append(row, strconv.FormatUint(lose, 10))
		}
		row = append(row, m.inUnits(float64(x.Extra)), m.inUnits(float64(x.Largest)), strconv.FormatUint(x.Without.People, 10), next[site])
		far := ""
		for _, a := range alone {
			if int(a.Site) == site && a.Other != access.None {
				far = m.inUnits(float64(a.Cost))
			}
		}
		rows = append(rows, append(row, far))
	}
	return rows, nil
}

// nextOf names for each site the other that most of its people would go to.
func nextOf(l labelled, d access.Demand) []string {
	to := make([]map[uint32]uint64, len(l.names))
	for i := range d.Weight {
		a, b := l.labels.L[2*i], l.labels.L[2*i+1]
		if a == access.None || b == access.None || d.Weight[i] == 0 {
			continue
		}
		if to[a.Site()] == nil {
			to[a.Site()] = map[uint32]uint64{}
		}
		to[a.Site()][b.Site()] += uint64(d.Weight[i])
	}
	out := make([]string, len(l.names))
	for site, counts := range to {
		best, most := uint32(0), uint64(0)
		for s, n := range counts {
			if n > most || n == most && s < best {
				best, most = s, n
			}
		}
		if most > 0 {
			out[site] = l.names[best]
		}
	}
	return out
}
