package demography

import (
	"math"
	"slices"
)

// History is what a model is fitted on. Years after Base are never looked at.
type History struct {
	Base   int
	Codes  []int                    // the municipalities, ascending
	Pop    map[int][][Cells]float64 // by year, in the order of Codes; Base is needed
	Deaths map[int][][Cells]float64 // by year, completed age at death; may be empty
	Totals []map[int]float64        // longer series of totals for each municipality; may be nil
	// The country: deaths and mean population by year and cell, births by year and mother's age.
	NationalDeaths, NationalMean map[int][]float64
	Births                       []BirthRow
}

// Assumptions that the data at hand do not give.
const (
	// domesticRisk is the share of all that move to another municipality in a
	// year: 4.1 % in 1994-1996, the last years of the published flows.
	domesticRisk = 0.041
	// emigrationRisk is the share of all that leave the country in a year: 0.4 % in the same years.
	emigrationRisk = 0.004
	// beliefDeaths and beliefChildren are how many expected cases the country's
	// level weighs against a municipality's own: a spread of 5 % between municipalities.
	beliefDeaths, beliefChildren = 400, 400
	// mortalityYears is the length of the series of the mortality model.
	mortalityYears = 30
)

// Fit makes a model of a history. What it uses of years: the base year's
// population, earlier ones where they are, deaths of the last five years, totals
// of the last 36 years, mortality of 30 years, births from 1970. Errors are
// *InputError. Cost O(units * Cells * 200) and the Lee-Carter fit.
func Fit(h *History) (*Model, error) {
	n := len(h.Codes)
	base, ok := h.Pop[h.Base]
	if !ok {
		return nil, badInput("folkmängden för basåret %d saknas", h.Base)
	}
	if n == 0 || len(base) != n {
		return nil, badInput("basåret %d har %d kommuner, inte %d", h.Base, len(base), n)
	}
	m := &Model{Base: h.Base, Codes: slices.Clone(h.Codes), Pop: slices.Clone(base)}
	if err := m.fitMortality(h); err != nil {
		return nil, err
	}
	if err := m.fitFertility(h); err != nil {
		return nil, err
	}
	m.fitMigration(h)
	return m, nil
}

// upTo are the years of a map that are not after the last, ascending.
func upTo[T any](by map[int]T, last int) (out []int) {
	for y := range by {
		if y <= last {
			out = append(out, y)
		}
	}
	slices.Sort(out)
	return out
}

func (m *Model) fitMortality(h *History) error {
	years := upTo(h.NationalDeaths, h.Base)
	years = years[max(0, len(years)-mortalityYears):]
	var deaths, mean [][]float64
	for _, y := range years {
		if h.NationalMean[y] == nil {
			return badInput("medelfolkmängden för riket %d saknas", y)
		}
		deaths, mean = append(deaths, h.NationalDeaths[y]), append(mean, h.NationalMean[y])
	}
	lc, err := FitLeeCarter(deaths, mean)
	if err != nil {
		return err
	}
	m.Mortality = *lc
	last := len(years) - 1
	if h.Base-years[last] > 15 {
		return badInput("rikets dödlighet slutar %d, för långt före basåret %d", years[last], h.Base)
	}
	for c := range Cells {
		s, a := c/Ages, c%Ages
		d, p := 0.0, 0.0
		for y := last - 2; y <= last; y++ {
			d, p = d+deaths[y][c], p+mean[y][c]
		}
		// The three years lie one year before the last; the drift moves them to the base year.
		m.Rates[c] = max(d, leastDeaths) / p * math.Exp(lc.Bx[s][a]*lc.Drift[s]*float64(h.Base-years[last]+1))
	}
	m.Mort = make([]float64, len(m.Codes))
	seen := make([]float64, len(m.Codes))
	expected := make([]float64, len(m.Codes))
	for _, y := range upTo(h.Deaths, h.Base) {
		if y <= h.Base-5 {
			continue
		}
		pop, ok := h.Pop[y]
		if !ok {
			pop = m.Pop
		}
		for i := range m.Codes {
			for c := range Cells {
				s, a := c/Ages, c%Ages
				seen[i] += h.Deaths[y][i][c]
				expected[i] += pop[i][c] * m.Rates[c] * math.Exp(-lc.Bx[s][a]*lc.Drift[s]*float64(h.Base-y))
			}
		}
	}
	for i := range m.Mort {
		m.Mort[i] = min(max((seen[i]+beliefDeaths)/(expected[i]+beliefDeaths), 0.5), 1.5)
	}
	return nil
}

// nationalBirths are the births of a year by the mother's age at its end.
func nationalBirths(rows []BirthRow, last int) map[int]*[Ages]float64 {
	by := map[int]*[Ages]float64{}
	for _, r := range rows {
		if r.Year > last || r.Age < FirstBirth-1 || r.Age > LastBirth {
			continue
		}
		if by[r.Year] == nil {
			by[r.Year] = &[Ages]float64{}
		}
		by[r.Year][r.Age] += r.Births
	}
	return by
}

func (m *Model) fitFertility(h *History) error {
	by := nationalBirths(h.Births, h.Base)
	var logs []float64
	for _, y := range upTo(by, h.Base) {
		mean := h.NationalMean[y]
		if mean == nil || y < 1970 {
			continue
		}
		rate, tfr := Fertility(CompletedAgeBirths(*by[y]), [Ages]float64(mean[:Ages]))
		m.Fertility = rate
		logs = append(logs, math.Log(tfr))
	}
	if len(logs) < 10 {
		return badInput("fruktsamheten behöver minst tio år av födda före basåret %d, inte %d", h.Base, len(logs))
	}
	m.TFR = fitAR1(logs)
	// The level of the base year: those below one year of age against the women who bore them.
	babies, expected := 0.0, 0.0
	for i := range m.Pop {
		babies += m.Pop[i][Cell(Women, 0)] + m.Pop[i][Cell(Men, 0)]
		for a := FirstBirth; a <= LastBirth; a++ {
			expected += m.Fertility[a] * m.Pop[i][Cell(Women, a)]
		}
	}
	if expected <= 0 || babies <= 0 {
		return badInput("basåret %d har inga nyfödda eller inga kvinnor i åldrarna %d till %d", h.Base, FirstBirth, LastBirth)
	}
	level, sum := babies/expected/(1-m.Rates[0]), 0.0
	for a := range m.Fertility {
		m.Fertility[a] *= level
		sum += m.Fertility[a]
	}
	m.TFR.Now = math.Log(sum)
	m.fitLocalFertility()
	return nil
}

// fitLocalFertility holds the children of 1 to 4 years against those that the
// country's fertility gives the women of the municipality.
func (m *Model) fitLocalFertility() {
	n := len(m.Codes)
	children, expected := make([]float64, n), make([]float64, n)
	all, allExpected := 0.0, 0.0
	for i := range m.Pop {
		for k := 1; k <= 4; k++ {
			children[i] += m.Pop[i][Cell(Women, k)] + m.Pop[i][Cell(Men, k)]
			for a := FirstBirth; a <= LastBirth; a++ {
				expected[i] += m.Fertility[a] * m.Pop[i][Cell(Women, a+k)]
			}
		}
		all, allExpected = all+children[i], allExpected+expected[i]
	}
	m.Fert = make([]float64, n)
	for i := range m.Fert {
		e := expected[i] * all / allExpected
		m.Fert[i] = min(max((children[i]+beliefChildren)/(e+beliefChildren), 0.5), 1.6)
	}
}

// fitAR1 fits an AR1 about the mean of a series by least squares.
func fitAR1(x []float64) AR1 {
	r := AR1{Now: x[len(x)-1]}
	for _, v := range x {
		r.Mean += v / float64(len(x))
	}
	xy, xx := 0.0, 0.0
	for i := 1; i < len(x); i++ {
		xy += (x[i-1] - r.Mean) * (x[i] - r.Mean)
		xx += (x[i-1] - r.Mean) * (x[i-1] - r.Mean)
	}
	if xx > 0 {
		r.Phi = min(max(xy/xx, 0), 0.98)
	}
	ss := 0.0
	for i := 1; i < len(x); i++ {
		e := x[i] - r.Mean - r.Phi*(x[i-1]-r.Mean)
		ss += e * e
	}
	r.SD = math.Sqrt(ss / float64(max(len(x)-2, 1)))
	return r
}
