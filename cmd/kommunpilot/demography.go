package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"kommunpilot/engine/demography"
)

// DemographyCmd holds the commands about populations.
type DemographyCmd struct {
	Lifetable LifetableCmd `cmd:"" help:"Life tables of both sexes from deaths and mean population."`
	Project   ProjectCmd   `cmd:"" help:"Project one population with constant rates, by the cohort-component method."`
	National  NationalCmd  `cmd:"" help:"Project all municipalities at once, with bands."`
	Backtest  BacktestCmd  `cmd:"" help:"Hold what the model would have foretold against what came."`
}

// Help says what the exit codes mean.
func (DemographyCmd) Help() string {
	return `docs/demography.md describes the files, the methods and how well they have foretold.

Exit codes: 0 an answer, 2 wrong input (every error with its line).`
}

// badFile makes an error of reading or of the model's input an exit code.
func badFile(err error) error {
	var input *demography.InputError
	var exit *exitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return err
	case errors.As(err, &input):
		return &exitError{exitBadInput, err}
	}
	return &exitError{exitBadInput, err}
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// LifetableCmd makes life tables.
type LifetableCmd struct {
	Deaths string `required:"" placeholder:"FILE" help:"Columns year, sex, age, deaths, avg_pop (mean population)."`
	Year   int    `required:"" placeholder:"Y" help:"The year of the table."`
	JSON   bool   `name:"json" xor:"form" help:"Write JSON."`
	CSV    bool   `name:"csv" xor:"form" help:"Write CSV: kon,alder,m,q,l,d,L,e."`
}

// Run makes the tables of both sexes.
func (c *LifetableCmd) Run(out *Streams) error {
	deaths, mean, err := readMortality(c.Deaths, c.Year, out.Err)
	if err != nil {
		return badFile(err)
	}
	var tables [demography.Sexes]*demography.Life
	for s := range tables {
		m, err := demography.Rates(deaths[s][:], mean[s][:])
		if err == nil {
			tables[s], err = demography.LifeTable(m)
		}
		if err != nil {
			return &exitError{exitBadInput, fmt.Errorf("%s, %d, %s: %w", c.Deaths, c.Year, sexWords[s], err)}
		}
	}
	w := bufio.NewWriter(out.Out)
	switch {
	case c.JSON:
		err = writeJSON(w, lifetableJSON(c.Year, tables))
	case c.CSV:
		writeLifetableCSV(w, tables)
	default:
		writeLifetable(w, c.Year, tables)
	}
	return errors.Join(err, w.Flush())
}

// The sexes in words and as SCB's letters, in the engine's order.
var (
	sexWords   = [demography.Sexes]string{"kvinnor", "män"}
	sexLetters = [demography.Sexes]string{"K", "M"}
)

type lifetableRow struct {
	Age int     `json:"age"`
	M   float64 `json:"m"`
	Q   float64 `json:"q"`
	P   float64 `json:"l"`
	D   float64 `json:"d"`
	L   float64 `json:"L"`
	E   float64 `json:"e"`
}

type bySex[T any] struct {
	Women T `json:"women"`
	Men   T `json:"men"`
}

type lifetableAnswer struct {
	Year   int                   `json:"year"`
	E0     bySex[float64]        `json:"e0"`
	Tables bySex[[]lifetableRow] `json:"tables"`
}

func lifetableJSON(year int, tables [demography.Sexes]*demography.Life) lifetableAnswer {
	a := lifetableAnswer{Year: year, E0: bySex[float64]{tables[demography.Women].E0(), tables[demography.Men].E0()}}
	for s, to := range []*[]lifetableRow{&a.Tables.Women, &a.Tables.Men} {
		t := tables[s]
		for age := range demography.Ages {
			*to = append(*to, lifetableRow{age, t.M[age], t.Q[age], t.P[age], t.D[age], t.L[age], t.E[age]})
		}
	}
	return a
}

func writeLifetableCSV(w io.Writer, tables [demography.Sexes]*demography.Life) {
	_, _ = fmt.Fprintln(w, "kon,alder,m,q,l,d,L,e")
	for s, t := range tables {
		for a := range demography.Ages {
			_, _ = fmt.Fprintf(w, "%s,%d,%.9f,%.9f,%.9f,%.9f,%.9f,%.6f\n", sexLetters[s], a, t.M[a], t.Q[a], t.P[a], t.D[a], t.L[a], t.E[a])
		}
	}
}

func writeLifetable(w io.Writer, year int, tables [demography.Sexes]*demography.Life) {
	_, _ = fmt.Fprintf(w, "Livslängdstabell %d\n\nMedellivslängd vid födelsen: kvinnor %.2f år, män %.2f år\n",
		year, tables[demography.Women].E0(), tables[demography.Men].E0())
	for s, t := range tables {
		_, _ = fmt.Fprintf(w, "\n%s\n%5s %10s %10s %9s %8s %9s %7s\n", sexWords[s], "ålder", "dödstal", "dödsrisk", "kvar", "döda", "levda år", "år kvar")
		for a := range demography.Ages {
			_, _ = fmt.Fprintf(w, "%5d %10.6f %10.6f %9.0f %8.0f %9.0f %7.2f\n", a, t.M[a], t.Q[a], 1e5*t.P[a], 1e5*t.D[a], 1e5*t.L[a], t.E[a])
		}
	}
}

// readMortality reads deaths and mean population of one year.
func readMortality(file string, year int, w io.Writer) (deaths, mean [demography.Sexes][demography.Ages]float64, err error) {
	s, err := readSheet(file)
	if err != nil {
		return deaths, mean, err
	}
	at, ok := s.columns("year|ar|år", "sex|kon|kön", "age|alder|ålder", "deaths|doda|döda", "avg_pop|mean_population|medelfolkmangd")
	if !ok {
		return deaths, mean, s.done(w)
	}
	var seen [demography.Sexes][demography.Ages]int
	found, first, last := false, 0, 0
	for r := range s.rows {
		y, ok := s.year(r, at[0])
		if !ok {
			continue
		}
		if first == 0 || y < first {
			first = y
		}
		last = max(last, y)
		if y != year {
			continue
		}
		found = true
		sex, ok1 := s.sex(r, at[1])
		age, ok2 := s.age(r, at[2])
		d, ok3 := s.amount(r, at[3])
		n, ok4 := s.amount(r, at[4])
		if !ok1 || !ok2 || !ok3 || !ok4 {
			continue
		}
		if l := seen[sex][age]; l > 0 {
			s.fault(s.lines[r], fmt.Sprintf("%d, %s, %d år finns redan på rad %d", year, sexWords[sex], age, l), "Ta bort den ena raden")
			continue
		}
		seen[sex][age] = s.lines[r]
		deaths[sex][age], mean[sex][age] = d, n
	}
	if !found {
		s.fault(1, fmt.Sprintf("inga rader för år %d", year), fmt.Sprintf("Filen har åren %d till %d", first, last))
	} else if s.count == 0 {
		for sex := range seen {
			for age, l := range seen[sex] {
				if l == 0 {
					s.fault(1, fmt.Sprintf("%d, %s, %d år saknas", year, sexWords[sex], age), "Alla åldrar från 0 till 100 ska finnas; skriv 0 där ingen dog")
				}
			}
		}
	}
	return deaths, mean, s.done(w)
}

// ProjectCmd projects one population with constant rates.
type ProjectCmd struct {
	Vector    string `required:"" placeholder:"FILE" help:"Columns age, pop_m, pop_f, sr_m, sr_f, asfr, netmig_m, netmig_f; ages 0 to 100."`
	Migration string `required:"" enum:"end,even" help:"end: people migrate at the end of the year. even: half at the start, half in the middle."`
	Years     int    `required:"" placeholder:"N" help:"How many years ahead."`
	JSON      bool   `name:"json" xor:"form" help:"Write JSON."`
	CSV       bool   `name:"csv" xor:"form" help:"Write commas instead of tabs."`
}

// Run writes every year from 0 to N.
func (c *ProjectCmd) Run(out *Streams) error {
	if c.Years < 0 || c.Years > 1000 {
		return &exitError{exitBadInput, fmt.Errorf("--years %d: skriv ett antal år från 0 till 1000", c.Years)}
	}
	v, err := readVector(c.Vector, out.Err)
	if err != nil {
		return badFile(err)
	}
	when := demography.AtEnd
	if c.Migration == "even" {
		when = demography.Evenly
	}
	pops, births := v.Project(c.Years, when)
	w := bufio.NewWriter(out.Out)
	if c.JSON {
		err = writeJSON(w, projectJSON(pops, births))
		return errors.Join(err, w.Flush())
	}
	tab := "\t"
	if c.CSV {
		tab = ","
	}
	_, _ = fmt.Fprintf(w, "year%[1]sage%[1]smale%[1]sfemale\n", tab)
	for y, p := range pops {
		for a := range demography.Ages {
			_, _ = fmt.Fprintf(w, "%d%s%d%s%.9f%s%.9f\n", y, tab, a, tab, p[demography.Men][a], tab, p[demography.Women][a])
		}
	}
	return w.Flush()
}

type projectYear struct {
	Year   int       `json:"year"`
	Total  float64   `json:"total"`
	Births float64   `json:"births"`
	Male   []float64 `json:"male"`
	Female []float64 `json:"female"`
}

func projectJSON(pops [][demography.Sexes][demography.Ages]float64, births []float64) (out []projectYear) {
	for y := range pops {
		p := projectYear{Year: y, Births: births[y], Male: pops[y][demography.Men][:], Female: pops[y][demography.Women][:]}
		for a := range demography.Ages {
			p.Total += p.Male[a] + p.Female[a]
		}
		out = append(out, p)
	}
	return out
}

// readVector reads a population and its rates.
func readVector(file string, w io.Writer) (*demography.Vector, error) {
	s, err := readSheet(file)
	if err != nil {
		return nil, err
	}
	at, ok := s.columns("age", "pop_m", "pop_f", "sr_m", "sr_f", "asfr", "netmig_m", "netmig_f")
	if !ok {
		return nil, s.done(w)
	}
	v := &demography.Vector{}
	var seen [demography.Ages]int
	for r := range s.rows {
		a, ok := s.age(r, at[0])
		if !ok {
			continue
		}
		if seen[a] > 0 {
			s.fault(s.lines[r], fmt.Sprintf("åldern %d finns redan på rad %d", a, seen[a]), "Ta bort den ena raden")
			continue
		}
		seen[a] = s.lines[r]
		v.Pop[demography.Men][a], _ = s.amount(r, at[1])
		v.Pop[demography.Women][a], _ = s.amount(r, at[2])
		v.Survival[demography.Men][a] = s.share(r, at[3])
		v.Survival[demography.Women][a] = s.share(r, at[4])
		v.Fertility[a], _ = s.amount(r, at[5])
		v.Migration[demography.Men][a], _ = s.number(r, at[6])
		v.Migration[demography.Women][a], _ = s.number(r, at[7])
		if v.Fertility[a] > 0 && (a < demography.FirstBirth || a > demography.LastBirth) {
			s.fault(s.lines[r], fmt.Sprintf("kolumnen asfr: födelsetalet vid %d år är %v", a, v.Fertility[a]), "Födelsetal kan stå vid 15 till 49 år; skriv 0 vid andra åldrar")
		}
	}
	if s.count == 0 {
		for a, l := range seen {
			if l == 0 {
				s.fault(1, fmt.Sprintf("åldern %d saknas", a), "Alla åldrar från 0 till 100 ska finnas")
			}
		}
	}
	return v, s.done(w)
}

// share is a number from 0 to 1.
func (s *sheet) share(row, column int) float64 {
	v, ok := s.amount(row, column)
	if ok && v > 1 {
		s.fault(s.lines[row], fmt.Sprintf("kolumnen %s: %v är mer än 1", s.header[column], v), "En andel som överlever är från 0 till 1")
	}
	return v
}
