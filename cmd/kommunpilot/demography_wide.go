package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/demography"
)

// wideTable is persons by municipality, sex, age and year: one row for each
// municipality, sex and age, and one column for each year.
type wideTable struct {
	codes []int
	years []int
	by    map[int][][demography.Cells]float64
}

var yearColumn = regexp.MustCompile(`^\d{4}$`)

// readWide reads the table; every municipality must have every sex and age.
func readWide(file string, w io.Writer) (*wideTable, error) {
	s, err := readSheet(file)
	if err != nil {
		return nil, err
	}
	at, ok := s.columns("municipality_code|kommun|kod", "sex|kon|kön", "age|alder|ålder")
	t := &wideTable{by: map[int][][demography.Cells]float64{}}
	var column []int
	for i, h := range s.header {
		if !yearColumn.MatchString(h) {
			continue
		}
		y, _ := strconv.Atoi(h)
		if slices.Contains(t.years, y) {
			s.fault(1, fmt.Sprintf("året %d har två kolumner", y), "Ta bort den ena")
			continue
		}
		t.years, column = append(t.years, y), append(column, i)
	}
	if len(t.years) == 0 {
		s.fault(1, "ingen kolumn är ett år", "Kolumnerna efter åldern ska heta som åren, till exempel 2010,2011")
	}
	if !ok || s.count > 0 {
		return nil, s.done(w)
	}
	known := map[string]bool{}
	for _, k := range kommun.Default().All() {
		known[k.Code] = true
	}
	index := map[int]int{}
	var lines [][demography.Cells]int
	values := make([][][demography.Cells]float64, len(t.years))
	for r := range s.rows {
		text, ok0 := s.text(r, at[0])
		if ok0 && !known[text] {
			s.fault(s.lines[r], fmt.Sprintf("%q är ingen kommun", text), "Skriv en kommunkod av år 2020, fyra siffror, till exempel 1984")
			ok0 = false
		}
		sex, ok1 := s.sex(r, at[1])
		age, ok2 := s.age(r, at[2])
		if !ok0 || !ok1 || !ok2 {
			continue
		}
		code, _ := strconv.Atoi(text)
		i, seen := index[code]
		if !seen {
			i = len(t.codes)
			index[code] = i
			t.codes, lines = append(t.codes, code), append(lines, [demography.Cells]int{})
			for y := range values {
				values[y] = append(values[y], [demography.Cells]float64{})
			}
		}
		c := demography.Cell(sex, age)
		if l := lines[i][c]; l > 0 {
			s.fault(s.lines[r], fmt.Sprintf("%s, %s, %d år finns redan på rad %d", text, sexWords[sex], age, l), "Ta bort den ena raden")
			continue
		}
		lines[i][c] = s.lines[r]
		for y := range values {
			values[y][i][c], _ = s.amount(r, column[y])
		}
	}
	if s.count == 0 {
		for i, code := range t.codes {
			t.missing(s, code, &lines[i])
		}
		if len(t.codes) == 0 {
			s.fault(1, "filen har inga rader", "Varje kommun, kön och ålder ska ha en rad")
		}
	}
	if err := s.done(w); err != nil {
		return nil, err
	}
	for y, v := range values {
		t.by[t.years[y]] = v
	}
	slices.Sort(t.years)
	return t.sorted(), nil
}

// missing tells which rows a municipality lacks, in one fault.
func (t *wideTable) missing(s *sheet, code int, lines *[demography.Cells]int) {
	last, lack, first := 1, 0, -1
	for c, l := range lines {
		if l == 0 {
			lack++
			if first < 0 {
				first = c
			}
		}
		last = max(last, l)
	}
	if lack > 0 {
		s.fault(last, fmt.Sprintf("kommun %04d saknar %d rader; den första är %s, %d år", code, lack, sexWords[first/demography.Ages], first%demography.Ages),
			"Alla åldrar från 0 till 100 av båda könen ska finnas; skriv 0 där ingen bor")
	}
}

// sorted puts the municipalities in the order of their codes.
func (t *wideTable) sorted() *wideTable {
	order := make([]int, len(t.codes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return t.codes[a] - t.codes[b] })
	out := &wideTable{years: t.years, by: map[int][][demography.Cells]float64{}}
	for _, i := range order {
		out.codes = append(out.codes, t.codes[i])
	}
	for y, v := range t.by {
		for _, i := range order {
			out.by[y] = append(out.by[y], v[i])
		}
	}
	return out
}

// readHistory reads population and deaths and holds them against each other and
// the years that are asked for.
func readHistory(population, deaths string, years []int, w io.Writer) (pop, dead *wideTable, err error) {
	pop, err = readWide(population, w)
	if err != nil {
		return nil, nil, badFile(err)
	}
	dead, err = readWide(deaths, w)
	if err != nil {
		return nil, nil, badFile(err)
	}
	bad := func(file, format string, args ...any) error {
		return &exitError{exitBadInput, fmt.Errorf("%s:1: %s", file, fmt.Sprintf(format, args...))}
	}
	for _, y := range years {
		if pop.by[y] == nil {
			return nil, nil, bad(population, "året %d saknas. Filen har åren %d till %d; välj ett av dem, eller lägg till kolumnen", y, pop.years[0], pop.years[len(pop.years)-1])
		}
	}
	for _, code := range pop.codes {
		if !slices.Contains(dead.codes, code) {
			return nil, nil, bad(deaths, "kommun %04d finns i %s men inte här. Lägg till dess rader", code, population)
		}
	}
	for _, code := range dead.codes {
		if !slices.Contains(pop.codes, code) {
			return nil, nil, bad(population, "kommun %04d finns i %s men inte här. Lägg till dess rader", code, deaths)
		}
	}
	if all := len(kommun.Default().All()); len(pop.codes) < all {
		_, _ = fmt.Fprintf(w, "obs: filen har %d av %d kommuner; de flyttar bara mellan varandra\n", len(pop.codes), all)
	}
	return pop, dead, nil
}
