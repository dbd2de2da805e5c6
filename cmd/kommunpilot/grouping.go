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

	"kommunpilot/engine/grouping"
)

// GroupingCmd finds the best grouping of a county's municipalities.
type GroupingCmd struct {
	County        string   `required:"" placeholder:"CODE" help:"The county: its code of two digits, or its name."`
	MinPopulation int64    `placeholder:"N" help:"Least population of a unit; N itself is enough."`
	Objective     string   `enum:"units,fewest-units,tax,travel" default:"units" help:"units (as many as possible), fewest-units, tax (least change of tax) or travel (least travel to the centre)."`
	MaxMembers    int      `placeholder:"K" help:"Most municipalities in a unit."`
	MaxMinutes    float64  `placeholder:"M" help:"Longest travel from a member to the unit's centre, in minutes."`
	Together      []string `sep:"none" placeholder:"A,B" help:"Municipalities that must be in one unit; may be given several times."`
	Apart         []string `sep:"none" placeholder:"A,B" help:"Municipalities of which no two may be in one unit; may be given several times."`
	Population    string   `placeholder:"FILE" help:"Population instead of the register's: kommun,antal (and ar, kon, alder)."`
	Year          int      `placeholder:"YEAR" help:"The year of the population file; the newest where it is left out."`
	Adjacency     string   `placeholder:"FILE" help:"Neighbours instead of the register's: kommun_a,kommun_b."`
	Distance      string   `placeholder:"FILE" help:"Travel times instead of distances: kommun_a,kommun_b,minuter_centralort."`
	TaxRate       string   `name:"taxrate" placeholder:"FILE" help:"Tax rates instead of those of 2025: kommun,ar,skattesats_kommun."`
	TaxBase       string   `name:"taxbase" placeholder:"FILE" help:"Tax bases: kommun,inkomstar,skatteunderlag_kr."`
	Steps         int      `default:"30000000" help:"Limit of each search, in steps; an answer beyond it states its gap."`
	JSON          bool     `name:"json" xor:"form" help:"Write the whole answer as JSON."`
	CSV           bool     `name:"csv" xor:"form" help:"Write the units as CSV: enhet,kommun,namn,folkmangd."`
}

// Help says what the exit codes mean.
func (GroupingCmd) Help() string {
	return `Divides a county's municipalities into connected units with the best value of an objective, and says
whether that is proved; docs/grouping.md describes the files and the rules.

Exit codes: 0 an answer, 2 wrong input (every error with its line), 3 no grouping meets the rules (the
answer says which rules are in conflict and which municipalities cannot be placed).`
}

// groupingUnit describes a unit of the answer.
type groupingUnit struct {
	Codes      []string `json:"codes"`
	Names      []string `json:"names"`
	Population int64    `json:"population"`
	TaxRate    *float64 `json:"tax_rate"`
	Centre     string   `json:"centre"`
	Minutes    float64  `json:"minutes"`
}

// groupingAnswer is the answer as JSON.
type groupingAnswer struct {
	County        string             `json:"county"`
	CountyName    string             `json:"county_name"`
	Municipality  int                `json:"municipalities"`
	Objective     string             `json:"objective"`
	Sense         string             `json:"sense"`
	MinPopulation int64              `json:"min_population"`
	MaxMembers    int                `json:"max_members,omitempty"`
	Status        grouping.Status    `json:"status"`
	Proved        bool               `json:"proved_optimal"`
	Value         *float64           `json:"value"`
	Bound         *float64           `json:"bound"`
	Gap           *float64           `json:"gap"`
	ValueIn       string             `json:"value_in"`
	Units         [][]string         `json:"units"`
	States        int                `json:"states"`
	Method        string             `json:"method"`
	SizeLimit     int                `json:"size_limit,omitempty"`
	Details       []groupingUnit     `json:"details"`
	Isolated      []string           `json:"isolated"`
	Unplaced      []groupingUnplaced `json:"unplaced"`
	Conflict      []string           `json:"conflict"`
	Sources       map[string]string  `json:"sources"`
	Assumptions   []string           `json:"assumptions"`
	Neighbours    [][2]string        `json:"neighbours"`
}

// groupingUnplaced is a municipality that no allowed unit can hold.
type groupingUnplaced struct {
	Kommun string `json:"kommun"`
	Why    string `json:"why"`
}

// Run solves and writes.
func (c *GroupingCmd) Run(out *Streams) error {
	in, err := c.read()
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	if err := reportFaults(out.Err, in.tables...); err != nil {
		return err
	}
	a, err := grouping.Solve(in.problem, grouping.Options{Steps: c.Steps})
	if err != nil {
		if errors.Is(err, grouping.ErrInput) {
			return &exitError{exitBadInput, err}
		}
		return err
	}
	answer, err := c.answer(in, a)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		e := json.NewEncoder(out.Out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(answer)
	case c.CSV:
		err = in.writeCSV(out.Out, answer)
	default:
		_, err = io.WriteString(out.Out, in.report(answer))
	}
	switch {
	case err != nil:
		return err
	case a.Status == grouping.Infeasible:
		return &exitError{exitInfeasible, errors.New("ingen indelning uppfyller reglerna")}
	case a.Status == grouping.Undecided:
		return &exitError{exitInfeasible, errors.New("sökningen nådde sin gräns utan att finna någon indelning; höj --steps eller sätt --max-members")}
	}
	return nil
}

// codesOf splits the codes of a rule.
func codesOf(rules []string) (out [][]string) {
	for _, r := range rules {
		codes := strings.FieldsFunc(r, func(c rune) bool { return c == ',' || c == '+' || c == ' ' })
		out = append(out, codes)
	}
	return out
}

// answer writes the engine's answer with names, gap and sources.
func (c *GroupingCmd) answer(in *groupingInput, a *grouping.Answer) (*groupingAnswer, error) {
	out := &groupingAnswer{
		County: in.county.Code, CountyName: in.county.Name, Municipality: len(in.problem.Nodes), Objective: c.Objective,
		MinPopulation: c.MinPopulation, MaxMembers: c.MaxMembers, Status: a.Status, Proved: a.Status == grouping.Optimal,
		Units: a.Units, States: a.States, Method: a.Method, SizeLimit: a.SizeLimit, Details: []groupingUnit{},
		Isolated: append([]string{}, a.Isolated...), Unplaced: []groupingUnplaced{}, Conflict: append([]string{}, a.Conflict...),
		Sources: in.sources, Assumptions: append([]string{}, in.assumptions...), Neighbours: in.neighbours(),
	}
	out.Sense, out.ValueIn = "min", map[string]string{
		"units": "antal enheter", "fewest-units": "antal enheter", "tax": "procentenheter gånger invånare", "travel": "minuter per invånare",
	}[c.Objective]
	if c.Objective == "units" {
		out.Sense = "max"
	}
	if out.Units == nil {
		out.Units = [][]string{}
	}
	if !math.IsNaN(a.Value) {
		out.Value = &a.Value
	}
	if !math.IsNaN(a.Bound) {
		out.Bound = &a.Bound
	}
	if out.Value != nil && out.Bound != nil {
		gap := math.Abs(a.Value - a.Bound)
		out.Gap = &gap
	}
	for _, u := range a.Unplaced {
		out.Unplaced = append(out.Unplaced, groupingUnplaced{u.Code, u.Why})
	}
	units, err := grouping.Describe(in.problem, a.Units)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		d := groupingUnit{Codes: u.Codes, Population: u.Population, Centre: u.Centre, Minutes: math.Round(u.Minutes*100) / 100}
		if in.rated {
			rate := math.Round(u.TaxRate*1e4) / 1e4
			d.TaxRate = &rate
		}
		for _, code := range u.Codes {
			d.Names = append(d.Names, in.name(code))
		}
		out.Details = append(out.Details, d)
	}
	return out, nil
}

// writeCSV writes the units.
func (in *groupingInput) writeCSV(w io.Writer, a *groupingAnswer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"enhet", "kommun", "namn", "folkmangd"}); err != nil {
		return err
	}
	for i, unit := range a.Units {
		for _, code := range unit {
			if err := out.Write([]string{strconv.Itoa(i + 1), code, in.name(code), strconv.FormatInt(in.people[code], 10)}); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// report is the answer in Swedish, to be read and printed.
func (in *groupingInput) report(a *groupingAnswer) string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("INDELNING AV %s (%d kommuner)", strings.ToUpper(a.CountyName), a.Municipality)
	line("")
	line("Mål:      %s", map[string]string{
		"units": "så många enheter som möjligt", "fewest-units": "så få enheter som möjligt",
		"tax": "minsta ändring av skatten", "travel": "minsta restid till enhetens centrum",
	}[a.Objective])
	line("Regler:   minst %d invånare i varje enhet (just %d räcker)", a.MinPopulation, a.MinPopulation)
	if a.MaxMembers > 0 {
		line("          högst %d kommuner i varje enhet", a.MaxMembers)
	}
	within := ""
	if a.SizeLimit > 0 {
		within = fmt.Sprintf(" bland enheter med högst %d kommuner", a.SizeLimit)
	}
	unit := strings.TrimPrefix(a.ValueIn, "antal ")
	switch a.Status {
	case grouping.Optimal:
		line("Utfall:   bevisat bästa%s: %s %s", within, decimal(*a.Value), unit)
	case grouping.Bounded:
		line("Utfall:   %s %s, inte bevisat bästa%s; ingen indelning är bättre än %s (gap %s)", decimal(*a.Value), unit, within, decimal(*a.Bound), decimal(*a.Gap))
	case grouping.Undecided:
		line("Utfall:   avgjordes inte inom sökningens gräns")
	default:
		line("Utfall:   ingen indelning uppfyller reglerna")
	}
	line("Metod:    %s; %d tillstånd", a.Method, a.States)
	for _, k := range []string{"folkmängd", "grannar", "restid", "skatt"} {
		if a.Sources[k] != "" {
			line("Källa:    %s: %s", k, a.Sources[k])
		}
	}
	for _, s := range a.Assumptions {
		line("Antagande: %s", s)
	}
	for _, code := range a.Isolated {
		line("Obs:      %s %s har ingen granne här", code, in.name(code))
	}
	if len(a.Conflict) > 0 {
		line("\nRegler som inte går ihop:")
		for _, s := range a.Conflict {
			line("  - %s", s)
		}
	}
	if len(a.Unplaced) > 0 {
		line("\nKommuner som inte kan placeras:")
		for _, u := range a.Unplaced {
			line("  - %s %s %s", u.Kommun, in.name(u.Kommun), u.Why)
		}
	}
	for i, u := range a.Details {
		if i == 0 {
			line("\nEnheter:")
		}
		var names []string
		for k, code := range u.Codes {
			names = append(names, code+" "+u.Names[k])
		}
		extra := ""
		if u.Centre != "" && len(u.Codes) > 1 {
			extra = fmt.Sprintf("; centrum %s, %s minuter i medel", in.name(u.Centre), decimal(u.Minutes))
		}
		if u.TaxRate != nil && len(u.Codes) > 1 {
			extra += fmt.Sprintf("; gemensam skattesats %s %%", decimal(math.Round(*u.TaxRate*100)/100))
		}
		line("%4d. %s: %d invånare%s", i+1, strings.Join(names, " + "), u.Population, extra)
	}
	return b.String()
}

// decimal writes a number with a decimal comma, at most four decimals.
func decimal(v float64) string {
	return strings.Replace(strconv.FormatFloat(math.Round(v*1e4)/1e4, 'f', -1, 64), ".", ",", 1)
}

// neighbours are the pairs that were used, in order.
func (in *groupingInput) neighbours() [][2]string {
	out := [][2]string{}
	for _, e := range in.problem.Edges {
		out = append(out, [2]string{min(e[0], e[1]), max(e[0], e[1])})
	}
	slices.SortFunc(out, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(out)
}
