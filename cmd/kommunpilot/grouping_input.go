package main

import (
	_ "embed" // the tables are data
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/grouping"
)

// groupingTaxes has the rates and bases that the program carries; docs/grouping.md
// names the sources.
//
//go:embed grouping_taxes.csv
var groupingTaxes string

// groupingNumbering is the order in which the dynamic programme places.
//
//go:embed grouping_numbering.txt
var groupingNumbering string

// The travel times where no file gives them: the distance between the main
// localities, with the detour and the speed that are assumed.
const (
	assumedDetour = 1.3
	assumedSpeed  = 70.0 // km/h
)

// groupingInput is what the files and the register give.
type groupingInput struct {
	county      kommun.County
	register    *kommun.Register
	problem     *grouping.Problem
	people      map[string]int64
	rated       bool
	sources     map[string]string
	assumptions []string
	tables      []*inputTable
}

func (in *groupingInput) name(code string) string {
	if k, ok := in.register.ByCode(code); ok {
		return k.Name
	}
	return code
}

// open reads a file and keeps its faults for the report.
func (in *groupingInput) open(file string) (*inputTable, error) {
	t, err := readInputTable(file)
	if err == nil {
		in.tables = append(in.tables, t)
	}
	return t, err
}

// countyOf finds a county by its code or its name, with or without "län".
func countyOf(r *kommun.Register, given string) (kommun.County, error) {
	for _, c := range r.Counties() {
		short := strings.TrimSuffix(c.Name, " län")
		if slices.ContainsFunc([]string{c.Code, c.Name, short, strings.TrimSuffix(short, "s")}, func(s string) bool { return strings.EqualFold(s, given) }) {
			return c, nil
		}
	}
	var all []string
	for _, c := range r.Counties() {
		all = append(all, c.Code+" "+c.Name)
	}
	return kommun.County{}, fmt.Errorf("--county: %q är inget län. Skriv en av: %s", given, strings.Join(all, ", "))
}

// read reads the register and the files into a problem.
func (c *GroupingCmd) read() (in *groupingInput, err error) {
	in = &groupingInput{register: kommun.Default(), people: map[string]int64{}, sources: map[string]string{}}
	if in.county, err = countyOf(in.register, c.County); err != nil {
		return nil, err
	}
	in.problem = &grouping.Problem{
		MinPopulation: c.MinPopulation, MaxMembers: c.MaxMembers, MaxMinutes: c.MaxMinutes, Objective: grouping.Objective(c.Objective),
		Together: codesOf(c.Together), Apart: codesOf(c.Apart), Numbering: strings.Fields(groupingNumbering),
	}
	switch {
	case c.MinPopulation < 0 || c.MaxMembers < 0 || c.MaxMinutes < 0 || c.Steps < 1:
		return nil, fmt.Errorf("--min-population, --max-members och --max-minutes får inte vara negativa, och --steps ska vara minst 1")
	case c.Year != 0 && c.Population == "":
		return nil, fmt.Errorf("--year väljer år i --population FIL, som inte är given")
	}
	for _, k := range in.register.All() {
		if k.County == in.county.Code {
			in.problem.Nodes = append(in.problem.Nodes, grouping.Node{Code: k.Code})
		}
	}
	if err := in.rules("--together", in.problem.Together); err != nil {
		return nil, err
	}
	if err := in.rules("--apart", in.problem.Apart); err != nil {
		return nil, err
	}
	for _, step := range []func(*GroupingCmd) error{in.population, in.adjacency, in.times, in.taxes} {
		if err := step(c); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// has tells whether a code is one of the county's.
func (in *groupingInput) has(code string) bool {
	return slices.ContainsFunc(in.problem.Nodes, func(k grouping.Node) bool { return k.Code == code })
}

// rules checks the codes of --together or --apart.
func (in *groupingInput) rules(flag string, lists [][]string) error {
	for _, codes := range lists {
		for i, code := range codes {
			switch {
			case !in.has(code):
				return fmt.Errorf("%s: %s är ingen kommun i %s. Skriv koder med fyra siffror, skilda av komma", flag, code, in.county.Name)
			case slices.Contains(codes[:i], code):
				return fmt.Errorf("%s: %s står två gånger. Ta bort den ena", flag, code)
			}
		}
		if len(codes) < 2 {
			return fmt.Errorf("%s behöver minst två kommuner. Skriv till exempel %s %s,%s", flag, flag, in.problem.Nodes[0].Code, in.problem.Nodes[min(1, len(in.problem.Nodes)-1)].Code)
		}
	}
	return nil
}

// population reads the file, or the register.
func (in *groupingInput) population(c *GroupingCmd) error {
	if c.Population == "" {
		for i, node := range in.problem.Nodes {
			k, _ := in.register.ByCode(node.Code)
			in.problem.Nodes[i].Population = int64(k.Population)
			in.people[node.Code] = int64(k.Population)
		}
		in.sources["folkmängd"] = "SCB, 31 december 2024 (utgåva " + in.register.Edition() + ")"
		return nil
	}
	t, err := in.open(c.Population)
	if err != nil {
		return err
	}
	years, people := populationByYear(t)
	if len(years) == 0 {
		return nil
	}
	year := years[len(years)-1]
	if c.Year != 0 {
		if year = c.Year; !slices.Contains(years, year) {
			return fmt.Errorf("--year: %s har inte året %d. Den har %v", c.Population, year, years)
		}
	}
	var missing []string
	for i, node := range in.problem.Nodes {
		n, ok := people[populationKey{node.Code, year}]
		if !ok {
			missing = append(missing, node.Code+" "+in.name(node.Code))
		}
		in.problem.Nodes[i].Population, in.people[node.Code] = n, n
	}
	if len(missing) > 0 {
		t.fault(1, "G4: folkmängd saknas för "+strings.Join(missing, ", "), "Lägg till en rad för varje kommun i "+in.county.Name)
	}
	in.sources["folkmängd"] = c.Population
	if year != 0 {
		in.sources["folkmängd"] += ", " + strconv.Itoa(year)
	}
	return nil
}

// populationKey is a municipality and a year, 0 where the file has no years.
type populationKey struct {
	code string
	year int
}

// populationByYear sums a population file: one row per municipality, or one per
// year, sex and age; or a column for each year.
func populationByYear(t *inputTable) (years []int, people map[populationKey]int64) {
	people = map[populationKey]int64{}
	kommun := t.must("kommun", "code", "municipality_code", "id")
	columns := map[int]int{} // by year
	for i, h := range t.header {
		if name := strings.TrimPrefix(h, "population_"); yearForm.MatchString(name) {
			year, _ := strconv.Atoi(name)
			columns[year] = i
			t.read[h] = true
		}
	}
	ar := -1
	if len(columns) == 0 {
		if i := t.must("antal", "folkmangd", "population", "invanare"); i >= 0 {
			columns[0] = i
		}
		ar = t.column("ar", "year")
	}
	detail := []int{t.column("kon", "sex"), t.column("alder", "age")}
	t.unread("namn", "name")
	if kommun < 0 || len(columns) == 0 {
		return nil, people
	}
	seen := map[string]int{}
	for _, r := range t.rows {
		code, ok := t.kommun(r, kommun)
		if !ok {
			continue
		}
		year := 0
		if ar >= 0 {
			if year, ok = t.year(r, ar); !ok {
				continue
			}
		}
		key := fmt.Sprint(code, " ", year)
		for _, d := range detail {
			if d >= 0 {
				key += " " + r.fields[d]
			}
		}
		if seen[key] > 0 {
			t.fault(r.line, fmt.Sprintf("G3: samma nyckel (%s) står också på rad %d", key, seen[key]), "Behåll en av raderna")
			continue
		}
		seen[key] = r.line
		for _, y := range slices.Sorted(maps.Keys(columns)) {
			n, ok := t.number(r, columns[y], 0, 1e8, "antalet personer")
			if !ok {
				continue
			}
			if n != float64(int64(n)) {
				t.fault(r.line, fmt.Sprintf("G5: kolumn %s: %s är inget heltal", t.header[columns[y]], r.fields[columns[y]]), "Skriv antalet personer")
			}
			people[populationKey{code, y + year}] += int64(n)
		}
	}
	for k := range people {
		years = append(years, k.year)
	}
	slices.Sort(years)
	return slices.Compact(years), people
}

// adjacency reads the file, or the register.
func (in *groupingInput) adjacency(c *GroupingCmd) error {
	if c.Adjacency == "" {
		for _, node := range in.problem.Nodes {
			for _, other := range in.register.Neighbours(node.Code) {
				if node.Code < other && in.has(other) {
					in.problem.Edges = append(in.problem.Edges, [2]string{node.Code, other})
				}
			}
		}
		in.sources["grannar"] = "gräns på land eller i vatten, SCB 2024 och Valmyndigheten"
		return nil
	}
	t, err := in.open(c.Adjacency)
	if err != nil {
		return err
	}
	for pair := range in.pairs(t, -1) {
		in.problem.Edges = append(in.problem.Edges, pair.codes)
	}
	in.sources["grannar"] = c.Adjacency
	return nil
}

// taxes reads the files, or the tables that the program carries.
func (in *groupingInput) taxes(c *GroupingCmd) error {
	records, err := csv.NewReader(strings.NewReader(groupingTaxes)).ReadAll()
	if err != nil {
		return err
	}
	for _, r := range records[1:] {
		for i := range in.problem.Nodes {
			if k := &in.problem.Nodes[i]; k.Code == r[0] {
				perHead, _ := strconv.ParseFloat(r[3], 64)
				k.TaxRate, _ = strconv.ParseFloat(r[1], 64)
				k.TaxBase = perHead * float64(k.Population)
			}
		}
	}
	for _, f := range []struct {
		file, year, column, what string
		low, high                float64
		set                      func(*grouping.Node, float64)
	}{
		{c.TaxRate, "ar", "skattesats_kommun", "skattesatsen i procent", 5, 40, func(k *grouping.Node, v float64) { k.TaxRate = v }},
		{c.TaxBase, "inkomstar", "skatteunderlag_kr", "skatteunderlaget i kronor", 1, 1e14, func(k *grouping.Node, v float64) { k.TaxBase = v }},
	} {
		if f.file == "" {
			continue
		}
		t, err := in.open(f.file)
		if err != nil {
			return err
		}
		in.newest(t, f.year, f.column, f.what, f.low, f.high, f.set)
	}
	in.rated = !slices.ContainsFunc(in.problem.Nodes, func(k grouping.Node) bool { return k.TaxBase <= 0 })
	if c.Objective != string(grouping.Tax) {
		return nil
	}
	in.sources["skatt"] = "skattesatser 2025 (Skatteverket), skatteunderlag per invånare 2018 (SCB)"
	if c.TaxRate != "" || c.TaxBase != "" {
		in.sources["skatt"] = strings.TrimSpace(c.TaxRate + " " + c.TaxBase)
	}
	if !in.rated {
		return fmt.Errorf("målet tax behöver ett skatteunderlag för varje kommun, och någon har inga invånare")
	}
	return nil
}

// newest sets a value of each municipality from the newest row of a file.
func (in *groupingInput) newest(t *inputTable, yearColumn, column, what string, low, high float64, set func(*grouping.Node, float64)) {
	kommun, ar, value := t.must("kommun"), t.column(yearColumn), t.must(column)
	t.unread("skattesats_region", "namn")
	if min(kommun, value) < 0 {
		return
	}
	newest := map[string]int{}
	for _, r := range t.rows {
		code, ok := t.kommun(r, kommun)
		v, good := t.number(r, value, low, high, what)
		year := 1
		if ar >= 0 && ok {
			year, ok = t.year(r, ar)
		}
		if !ok || !good {
			continue
		}
		if newest[code] == year {
			t.fault(r.line, fmt.Sprintf("G3: kommun %s står två gånger för samma år", code), "Behåll en av raderna")
		}
		if year <= newest[code] {
			continue
		}
		newest[code] = year
		for i := range in.problem.Nodes {
			if in.problem.Nodes[i].Code == code {
				set(&in.problem.Nodes[i], v)
			}
		}
	}
	for _, k := range in.problem.Nodes {
		if newest[k.Code] == 0 {
			t.fault(1, fmt.Sprintf("G4: %s saknas för %s %s", column, k.Code, in.name(k.Code)), "Lägg till en rad")
		}
	}
}
