package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/engine/access"
	"kommunpilot/engine/roadnet"
)

// AccessWhatIfCmd tells what openings and closures would do.
type AccessWhatIfCmd struct {
	accessInput `embed:""`
	summing     `embed:""`
	Close       []string `placeholder:"ID" help:"A service that closes; may be given several times."`
	Open        []string `sep:"none" placeholder:"LAT,LON[,TYPE]" help:"A service that opens; NODE[,TYPE] with --nodes. May be given several times."`
}

// Help tells of the columns.
func (AccessWhatIfCmd) Help() string {
	return `Prints type,indicator,threshold,before,after,difference,unit, as "access indicators" would before and after all the changes at once; a move is a closing and an opening.`
}

// Run measures twice.
func (c *AccessWhatIfCmd) Run(out *Streams) error {
	if len(c.Close)+len(c.Open) == 0 {
		return &exitError{exitBadInput, errors.New("skriv vad som ändras: --close ID eller --open LAT,LON,TYP")}
	}
	m, err := c.open(out)
	if err != nil {
		return err
	}
	sum := AccessIndicatorsCmd{accessInput: c.accessInput, summing: c.summing}
	before, err := sum.rows(m)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	for _, id := range c.Close {
		if err := m.shut(id); err != nil {
			return &exitError{exitBadInput, err}
		}
	}
	for i, text := range c.Open {
		if err := m.add(fmt.Sprintf("nytt-%d", i+1), text); err != nil {
			return &exitError{exitBadInput, err}
		}
	}
	for _, kind := range m.types {
		if len(m.byType[kind].sites) == 0 {
			return &exitError{exitInfeasible, fmt.Errorf("ingen tjänst av typen %s blir kvar", kind)}
		}
	}
	after, err := sum.rows(m)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	return writeRows(out.Out, c.JSON, []string{"type", "indicator", "threshold", "before", "after", "difference", "unit"}, compared(before, after))
}

// compared sets rows of the same figure beside each other.
func compared(before, after [][]string) (rows [][]string) {
	key := func(r []string) string { return strings.Join(r[:3], "\x00") }
	now := map[string][]string{}
	for _, r := range after {
		now[key(r)] = r
	}
	row := func(name []string, a, b string) []string {
		x, _ := strconv.ParseFloat(a, 64)
		y, _ := strconv.ParseFloat(b, 64)
		places := 0
		if i := strings.IndexByte(a, '.'); i >= 0 {
			places = len(a) - i - 1
		}
		return []string{name[0], name[1], name[2], a, b, strconv.FormatFloat(y-x, 'f', places, 64), name[4]}
	}
	for _, r := range before {
		b := "0"
		if x, ok := now[key(r)]; ok {
			b = x[3]
		}
		rows = append(rows, row(r, r[3], b))
		delete(now, key(r))
	}
	for _, r := range after {
		if _, fresh := now[key(r)]; fresh {
			rows = append(rows, row(r, "0", r[3]))
		}
	}
	return rows
}

// shut takes a service away.
func (m *measure) shut(id string) error {
	for _, kind := range m.types {
		p := m.byType[kind]
		if i := slices.Index(p.names, id); i >= 0 {
			p.names, p.sites = slices.Delete(p.names, i, i+1), slices.Delete(p.sites, i, i+1)
			return nil
		}
	}
	return fmt.Errorf("tjänsten %q finns inte bland dem som ligger på vägnätet", id)
}

// add puts in a service at "lat,lon,type" or "node,type"; the type may be left
// out where there is only one.
func (m *measure) add(id, text string) error {
	parts := strings.Split(text, ",")
	want := 2
	if !m.n.Located() {
		want = 1
	}
	var kind string
	switch {
	case len(parts) == want+1:
		kind = parts[want]
	case len(parts) == want && len(m.types) == 1:
		kind = m.types[0]
	case len(parts) == want:
		return fmt.Errorf("%q säger ingen typ; det finns %s", text, strings.Join(m.types, ", "))
	default:
		return fmt.Errorf("%q ska vara latitud,longitud,typ med decimalpunkt (eller nod,typ för ett nät utan koordinater)", text)
	}
	p := m.byType[kind]
	if p == nil {
		return fmt.Errorf("typen %q finns inte; det finns %s", kind, strings.Join(m.types, ", "))
	}
	site, err := m.site(parts[:want], text)
	if err != nil {
		return err
	}
	at, _ := slices.BinarySearch(p.names, id)
	p.names, p.sites = slices.Insert(p.names, at, id), slices.Insert(p.sites, at, site)
	return nil
}

// site puts coordinates or a node number on the network.
func (m *measure) site(parts []string, text string) (access.Site, error) {
	var numbers []float64
	for _, p := range parts {
		v, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil {
			return access.Site{}, fmt.Errorf("%q: %q är inget tal", text, p)
		}
		numbers = append(numbers, v)
	}
	if !m.n.Located() {
		if numbers[0] != math.Trunc(numbers[0]) {
			return access.Site{}, fmt.Errorf("%q är inget nodnummer", parts[0])
		}
		v, err := m.nodeNumber(int(numbers[0]))
		return access.Site{Node: v, AtNode: true}, err
	}
	if math.Abs(numbers[0]) > 90 || math.Abs(numbers[1]) > 180 {
		return access.Site{}, fmt.Errorf("%q är ingen plats: latituden först, sedan longituden", text)
	}
	snap := m.snap(numbers[0], numbers[1])
	if snap.Reason != roadnet.OK {
		return access.Site{}, fmt.Errorf("%q ligger inte på vägnätet (%s)", text, snap.Reason)
	}
	return access.Site{Snap: snap}, nil
}

// AccessPlaceCmd chooses where new services do most good.
type AccessPlaceCmd struct {
	accessInput `embed:""`
	Candidates  string  `placeholder:"FILE" help:"Places to choose among: id,lat,lon; or id,node with --nodes. The origins where none are given."`
	New         int     `default:"1" help:"How many new services."`
	Objective   string  `enum:"pmedian,mclp,lscp,pcenter" default:"pmedian" help:"pmedian (least total travel), mclp (most people within the limit), lscp (fewest so that all who can be are within it), pcenter (the farthest as near as possible)."`
	MaxMinutes  float64 `placeholder:"M" help:"The limit of mclp and lscp by time."`
	MaxKm       float64 `placeholder:"K" help:"The limit of mclp and lscp by distance."`
	NoExisting  bool    `help:"As if there were no services today."`
	JSON        bool    `name:"json" help:"Write JSON in place of text."`
}

// Help tells of the proof.
func (AccessPlaceCmd) Help() string {
	return `Chooses among candidates and says how good the choice is: "bevisat optimal", or the bound and the gap in per cent. The services there are stay. Cells that no candidate can reach are counted and left out.

  kommunpilot access place --roads d.roads --services s.csv --origins o.csv --type apotek --new 2 --objective mclp --max-minutes 10 --candidates c.csv

Exit codes: 0 an answer, 2 wrong input, 3 no choice exists.`
}

// placement is the answer as JSON.
type placement struct {
	Objective      string   `json:"objective"`
	Chosen         []string `json:"chosen"`
	Value          uint64   `json:"value"`
	Bound          uint64   `json:"bound"`
	Unit           string   `json:"unit"`
	Gap            float64  `json:"gap"`
	Proved         bool     `json:"proved"`
	CannotReach    int      `json:"cells_out_of_reach"`
	PeopleNoReach  uint64   `json:"people_out_of_reach"`
	PeopleUnserved uint64   `json:"people_unserved"`
}

// Run chooses.
func (c *AccessPlaceCmd) Run(out *Streams) error {
	bad := func(err error) error { return &exitError{exitBadInput, err} }
	if c.Type == "" {
		return bad(errors.New("skriv vilken typ av tjänst: --type T"))
	}
	m, err := c.open(out)
	if err != nil {
		return err
	}
	limit := c.MaxMinutes * m.perUnit()
	if m.metric == roadnet.ByLength {
		limit = c.MaxKm * m.perUnit()
	}
	if (c.Objective == "mclp" || c.Objective == "lscp") && !(limit > 0 && limit <= roadnet.MaxWeight) {
		return bad(fmt.Errorf("%s behöver en gräns: --max-minutes M, eller --max-km K med --metric distance", c.Objective))
	}
	names, sites, err := c.candidates(m, out)
	if err != nil {
		return err
	}
	p, err := c.choose(m, sites, uint32(math.Round(limit)))
	switch {
	case errors.Is(err, access.ErrPlaces):
		return &exitError{exitInfeasible, fmt.Errorf("%d nya går inte att välja bland %d kandidater", c.New, len(sites))}
	case err != nil:
		return bad(err)
	}
	unit := map[string]string{"pmedian": "personer × " + unitWords[m.n.Meta.Unit], "mclp": "personer", "lscp": "platser", "pcenter": unitWords[m.n.Meta.Unit]}[c.Objective]
	if m.metric == roadnet.ByLength {
		unit = strings.ReplaceAll(unit, unitWords[m.n.Meta.Unit], "meter")
	}
	a := placement{Objective: c.Objective, Chosen: []string{}, Value: p.Value, Bound: p.Bound, Unit: unit, Gap: p.Gap(), Proved: p.Proved, CannotReach: len(p.Hopeless), PeopleNoReach: p.HopelessPeople, PeopleUnserved: p.Unserved}
	for _, i := range p.Chosen {
		a.Chosen = append(a.Chosen, names[i])
	}
	return a.write(out, c.JSON)
}

func (a *placement) write(out *Streams, asJSON bool) error {
	if asJSON {
		return writeJSON(out.Out, a)
	}
	proof := "bevisat optimal"
	if !a.Proved {
		proof = fmt.Sprintf("inte bevisat optimal: inget val är bättre än %d, gapet är högst %.2f %%", a.Bound, 100*a.Gap)
	}
	_, err := fmt.Fprintf(out.Out, "valda        %s\nvärde        %d %s\nbevis        %s\nutom räckhåll  %d platser med %d personer\nutan tjänst  %d personer\n", strings.Join(a.Chosen, ", "), a.Value, a.Unit, proof, a.CannotReach, a.PeopleNoReach, a.PeopleUnserved)
	return err
}

// candidates are the places to choose among, in order of their ids.
func (c *AccessPlaceCmd) candidates(m *measure, out *Streams) (names []string, sites []access.Site, err error) {
	var list []service
	if c.Candidates == "" {
		for i := range m.origins {
			o := &m.origins[i]
			if o.atNode || o.snap.Reason == roadnet.OK {
				names = append(names, o.id)
				sites = append(sites, access.Site{Snap: o.snap, Node: uint32(o.node), AtNode: o.atNode})
			}
		}
		if len(sites) > 5000 {
			return nil, nil, &exitError{exitBadInput, fmt.Errorf("%d platser är för många kandidater; skriv --candidates FIL", len(sites))}
		}
	} else {
		var faults faultList
		if list, faults = readCandidates(c.Candidates); faults.errors > 0 {
			faults.write(out.Err)
			return nil, nil, &exitError{exitBadInput, fmt.Errorf("%d fel i indata; ingenting räknades", faults.errors)}
		}
	}
	slices.SortFunc(list, func(a, b service) int { return strings.Compare(a.id, b.id) })
	for _, s := range list {
		x := access.Site{AtNode: s.atNode}
		switch {
		case s.atNode:
			if x.Node, err = m.nodeNumber(s.node); err != nil {
				return nil, nil, &exitError{exitBadInput, fmt.Errorf("%s: %w", s.where, err)}
			}
		case !m.n.Located():
			return nil, nil, &exitError{exitBadInput, fmt.Errorf("%s: nätet har inga koordinater; skriv id,node", s.where)}
		default:
			if x.Snap = m.snap(s.lat, s.lon); x.Snap.Reason != roadnet.OK {
				_, _ = fmt.Fprintf(out.Err, "varning: %s: %s ligger inte på vägnätet (%s) och väljs inte\n", s.where, s.id, x.Snap.Reason)
				continue
			}
		}
		names, sites = append(names, s.id), append(sites, x)
	}
	return names, sites, nil
}

// choose sets the question up and asks it.
func (c *AccessPlaceCmd) choose(m *measure, candidates []access.Site, limit uint32) (*access.Placement, error) {
	g := access.NewGround(m.n, m.metric)
	cells, d, err := m.cells(g)
	if err != nil {
		return nil, err
	}
	var places []access.Place
	for i, s := range candidates {
		x := access.AtNode(s.Node, 0)
		if !s.AtNode {
			x = g.Position(s.Snap)
		}
		places = append(places, access.Place{Site: uint32(i), Position: x})
	}
	if len(places) == 0 {
		return nil, access.ErrPlaces
	}
	for i := range cells { // who is not on the roads is not chosen for
		if cells[i].Reason != roadnet.OK {
			d.Weight[i] = 0
		}
	}
	question := access.Siting{Weight: d.Weight}
	if !c.NoExisting {
		run, err := g.NewRun(m.byType[c.Type].sites, 1, 0)
		if err != nil {
			return nil, err
		}
		labels, err := access.Read(run.Labels, cells, run.Places)
		if err != nil {
			return nil, err
		}
		question.Existing = labels.L
	}
	cut := limit
	if c.Objective == "pmedian" || c.Objective == "pcenter" {
		cut = 0
	}
	if _, question.Reach, err = access.Reaches(g.Net, places, cells, cut, 0); err != nil {
		return nil, err
	}
	switch c.Objective {
	case "mclp":
		return question.MaxCover(c.New, limit)
	case "lscp":
		return question.MinCover(limit)
	case "pcenter":
		return question.Center(c.New)
	}
	return question.Median(c.New)
}
