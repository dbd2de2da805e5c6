package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"kommunpilot/engine/equalisation"
)

// EqualisationCmd computes kommunalekonomisk utjämning.
type EqualisationCmd struct {
	Income EqualisationIncomeCmd `cmd:"" help:"Compute the income equalisation of municipalities and hold it against what was published."`
}

// EqualisationIncomeCmd computes inkomstutjämning.
type EqualisationIncomeCmd struct {
	Input      string `required:"" placeholder:"FILE.csv" help:"The municipalities: kommun,ar,skatteunderlag_kr,inkomstutj_kr_inv and invanare, or utfall_kr_inv and utfall_tkr."`
	Parameters string `required:"" placeholder:"FILE.csv" help:"The years: ar,t_bidrag,u,medelskattekraft_uppraknad_kr_inv, and t_avgift if known."`
	JSON       bool   `name:"json" xor:"form" help:"Write the answer as JSON, with sums and assumptions."`
	CSV        bool   `name:"csv" xor:"form" help:"Write the answer as CSV (the default)."`
}

// Help says what the exit codes mean.
func (EqualisationIncomeCmd) Help() string {
	return `Writes kommun,ar,computed,published,difference in kronor per inhabitant, one line for each row of the
input and in its order; docs/equalisation.md describes the files and the formula.

Exit codes: 0 an answer, 2 wrong input (every error with its line).`
}

// incomeYear is one row of the parameters.
type incomeYear struct {
	equalisation.Country
	grant, fee float64
	feeAssumed bool
}

// incomeInput is one row of the input.
type incomeInput struct {
	kommun            string
	year              int
	base, inhabitants float64
	published         *float64
	introduction      *float64
}

// incomeRow is one row of the answer, in kronor per inhabitant.
type incomeRow struct {
	Kommun       string   `json:"kommun"`
	Year         int      `json:"ar"`
	Computed     float64  `json:"computed"`
	Published    *float64 `json:"published"`
	Difference   *float64 `json:"difference"`
	Inhabitants  float64  `json:"inhabitants"`
	Introduction *float64 `json:"introduction,omitempty"`
}

// incomeAnswer is the answer as JSON.
type incomeAnswer struct {
	Rows        []incomeRow `json:"rows"`
	Largest     float64     `json:"largest_difference"`
	Compared    int         `json:"compared"`
	Assumptions []string    `json:"assumptions"`
}

// Run computes and writes.
func (c *EqualisationIncomeCmd) Run(out *Streams) error {
	input, err := readInputTable(c.Input)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	parameters, err := readInputTable(c.Parameters)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	years := incomeYears(parameters)
	rows := incomeRows(input, years, parameters.file)
	if err := reportFaults(out.Err, parameters, input); err != nil {
		return err
	}
	a, err := incomeAnswerOf(rows, years)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	if c.JSON {
		e := json.NewEncoder(out.Out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(a)
	}
	for _, s := range a.Assumptions {
		_, _ = fmt.Fprintln(out.Err, "antagande:", s)
	}
	return writeIncomeCSV(out.Out, a.Rows)
}

// incomeYears reads the parameters.
func incomeYears(t *inputTable) map[int]incomeYear {
	ar, grant, u, mean := t.must("ar"), t.must("t_bidrag"), t.must("u"), t.must("medelskattekraft_uppraknad_kr_inv")
	fee := t.column("t_avgift")
	t.unread("max_abs_rest_kr_inv")
	years := map[int]incomeYear{}
	if min(ar, grant, u, mean) < 0 {
		return years
	}
	lines := map[int]int{}
	for _, r := range t.rows {
		var y incomeYear
		year, ok := t.year(r, ar)
		if ok && lines[year] > 0 {
			t.fault(r.line, fmt.Sprintf("G3: året %d står också på rad %d", year, lines[year]), "Behåll en av raderna")
		}
		var good [4]bool
		y.grant, good[0] = t.number(r, grant, 0, 1, "andelen som tal från 0 till 1: 0.19 för 19 procent")
		y.Uprating, good[1] = t.number(r, u, 0.5, 2, "uppräkningsfaktorn f1·f2, till exempel 1.077395")
		y.Mean, good[2] = t.number(r, mean, 1, 1e8, "uppräknad medelskattekraft i kronor per invånare")
		good[3] = true
		if fee >= 0 && r.fields[fee] != "" {
			y.fee, good[3] = t.number(r, fee, 0, 1, "andelen som tal från 0 till 1")
			if good[3] && good[0] && y.fee > y.grant {
				t.fault(r.line, fmt.Sprintf("t_avgift %g är högre än t_bidrag %g", y.fee, y.grant), "Avgiften har den lägre skattesatsen; se efter om kolumnerna har bytt plats")
			}
		} else {
			y.fee, y.feeAssumed = equalisation.AssumedFeeRate(y.grant), true
		}
		if !ok || slices.Contains(good[:], false) {
			continue
		}
		rules, err := equalisation.For(year)
		if err != nil {
			t.fault(r.line, fmt.Sprintf("det finns inga regler för utjämningsåret %d", year), "Lagen (2004:773) gäller från 2005")
			continue
		}
		y.Level = rules.Level.Number
		lines[year] = r.line
		years[year] = y
	}
	return years
}

// incomeRows reads the municipalities.
func incomeRows(t *inputTable, years map[int]incomeYear, parameters string) (rows []incomeInput) {
	kommun, ar, base := t.must("kommun"), t.must("ar"), t.must("skatteunderlag_kr")
	published := t.column("inkomstutj_kr_inv")
	n := t.column("invanare", "folkmangd")
	per, total := -1, -1
	if n < 0 {
		per, total = t.must("utfall_kr_inv"), t.must("utfall_tkr")
	}
	parts := []int{published, t.column("kostnadsutj_kr_inv"), t.column("strukturbidrag_kr_inv"), t.column("regleringspost_kr_inv"), t.column("utfall_kr_inv")}
	t.unread("namn", "utfall_tkr")
	if min(kommun, ar, base) < 0 || n < 0 && min(per, total) < 0 {
		return nil
	}
	type key struct {
		kommun string
		year   int
	}
	lines, earlier := map[key]int{}, map[key]float64{}
	for _, r := range t.rows {
		var in incomeInput
		var good [4]bool
		in.kommun, good[0] = t.kommun(r, kommun)
		in.year, good[1] = t.year(r, ar)
		in.base, good[2] = t.number(r, base, 0, 1e14, "det taxerade skatteunderlaget i kronor")
		if n >= 0 {
			in.inhabitants, good[3] = t.number(r, n, 1, 1e8, "antalet invånare den 1 november året före")
		} else {
			in.inhabitants, good[3] = t.implied(r, total, per)
		}
		in.published, in.introduction = t.publishedParts(r, parts)
		if slices.Contains(good[:], false) {
			continue
		}
		k := key{in.kommun, in.year}
		if lines[k] > 0 {
			t.fault(r.line, fmt.Sprintf("G3: kommun %s år %d står också på rad %d", in.kommun, in.year, lines[k]), "Behåll en av raderna")
		}
		lines[k], earlier[k] = r.line, in.base
		if b := earlier[key{in.kommun, in.year - 1}]; b > 0 && math.Abs(in.base/b-1) > 0.5 {
			t.warn(r.line, fmt.Sprintf("G9: skatteunderlaget %.0f skiljer sig mer än 50 procent från året före (%.0f)", in.base, b), "")
		}
		if _, ok := years[in.year]; !ok {
			t.fault(r.line, fmt.Sprintf("G4: året %d finns inte i %s", in.year, parameters), "Lägg till en rad för året i den filen")
			continue
		}
		rows = append(rows, in)
	}
	return rows
}

// implied is the number of inhabitants that the published outcome implies.
func (t *inputTable) implied(r inputRow, total, per int) (float64, bool) {
	tkr, good := t.number(r, total, -1e9, 1e9, "utfallet i tusen kronor")
	kr, alsoGood := t.number(r, per, -1e7, 1e7, "utfallet i kronor per invånare")
	if !good || !alsoGood {
		return 0, false
	}
	n, _, err := equalisation.InhabitantsFrom(tkr, kr)
	if err != nil {
		t.fault(r.line, fmt.Sprintf("utfall_tkr %g och utfall_kr_inv %g ger inget antal invånare", tkr, kr), "Lägg till kolumnen invanare med antalet den 1 november året före")
		return 0, false
	}
	return n, true
}

// publishedParts reads the published income equalisation, and what the outcome
// has beyond its four parts: the införandebidrag.
func (t *inputTable) publishedParts(r inputRow, parts []int) (published, introduction *float64) {
	v := make([]float64, len(parts))
	all := true
	for i, c := range parts {
		if c < 0 || r.fields[c] == "" {
			all = false
			continue
		}
		n, ok := t.number(r, c, -1e7, 1e7, "kronor per invånare")
		v[i], all = n, all && ok
		if i == 0 && ok {
			published = &v[0]
		}
	}
	if all {
		rest := v[4] - v[0] - v[1] - v[2] - v[3]
		introduction = &rest
	}
	return published, introduction
}

// incomeAnswerOf computes every row.
func incomeAnswerOf(rows []incomeInput, years map[int]incomeYear) (a incomeAnswer, err error) {
	a.Rows, a.Assumptions = []incomeRow{}, []string{}
	assumed := map[int]bool{}
	for _, in := range rows {
		y := years[in.year]
		v, err := y.IncomePerInhabitant(in.base, in.inhabitants, y.grant, y.fee)
		if err != nil {
			return a, err
		}
		if v < 0 && y.feeAssumed && !assumed[in.year] {
			assumed[in.year] = true
			a.Assumptions = append(a.Assumptions, fmt.Sprintf("%d: skattesatsen för avgift är inte given; %.4f är antagen (t_bidrag minus 2,06 procentenheter)", in.year, y.fee))
		}
		row := incomeRow{Kommun: in.kommun, Year: in.year, Computed: öre(v), Published: in.published, Inhabitants: öre(in.inhabitants), Introduction: in.introduction}
		if in.published != nil {
			d := öre(row.Computed - *in.published)
			row.Difference = &d
			a.Largest = max(a.Largest, math.Abs(d))
			a.Compared++
		}
		a.Rows = append(a.Rows, row)
	}
	return a, nil
}

// öre rounds to two decimals.
func öre(v float64) float64 {
	r := math.Round(v*100) / 100
	if r == 0 {
		return 0 // not −0
	}
	return r
}

// writeIncomeCSV writes the rows as CSV.
func writeIncomeCSV(w io.Writer, rows []incomeRow) error {
	out := csv.NewWriter(w)
	decimals := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', 2, 64)
	}
	if err := out.Write([]string{"kommun", "ar", "computed", "published", "difference"}); err != nil {
		return err
	}
	for _, r := range rows {
		published := ""
		if r.Published != nil {
			published = strconv.FormatFloat(*r.Published, 'f', -1, 64)
		}
		if err := out.Write([]string{r.Kommun, strconv.Itoa(r.Year), decimals(&r.Computed), published, decimals(r.Difference)}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
