package scenario

import (
	"math"
	"strconv"

	"kommunpilot/engine/demography"
)

// place is a municipality that is followed, ready to be computed. Costs are by area.
type place struct {
	code, name, county string
	number             int // its address for random numbers
	index              int // in Country.Units
	base, rate, before float64
	grantRate, feeRate float64 // of the county, fractions
	localSD            float64
	cost               []float64 // kr per unit of need
	standard           []float64 // standard cost, kr per unit of need
	staff              []float64 // FTE per unit of need
	rest               float64   // other general grants, kr per inhabitant
	voters             float64   // voters per person of 18 and older
	debt               float64
}

// staffPay is what one full-time employee costs a year, an assumption that is
// used where the staff is not known.
const staffPay = 560_000

// evaluator computes the scenarios of a plan in one future after the other.
type evaluator struct {
	c         *Country
	par       params
	areas     []Area
	seed      uint64
	base      int
	years     int
	shown     int // the year that is led with, counted from the base year
	place     []place
	at        map[string]int // code to place
	stdNation []float64      // standard cost of the country per unit of need, by area
	nation    nation
	width     int // weights kept of each place and year
}

// nation is the country in the run without shocks: what the others' side of the
// equalisation needs, relative to the draw's own country.
type nation struct {
	base0     float64   // uprated tax base of the base year
	before    float64   // inhabitants the year before
	income0   float64   // Σ w(a) P(a) of the base year
	relative  []float64 // by year: how the bases grow beyond Σ w(a) P(a)
	income    []float64 // by year: sum of the income equalisation per Mhat·N
	appointed float64   // appropriation for equalisation per Mhat·N
}

func newEvaluator(c *Country, p *Plan, r *Projection, seed uint64) (*evaluator, error) {
	e := &evaluator{c: c, par: p.Assumptions.params(), areas: r.areas, seed: seed, base: c.Base, years: r.Years, shown: p.ShownYear() - c.Base, at: map[string]int{}, width: wAreas + len(r.areas)}
	if len(e.par.effect) != len(e.areas) {
		with := p.Assumptions
		with.Areas = e.areas
		e.par = with.params()
	}
	e.nationwide(r.still)
	for _, code := range r.codes {
		i, ok := c.Find(code)
		if !ok {
			return nil, bad("kommunen %s finns inte", code)
		}
		pl, err := e.newPlace(i, r.still)
		if err != nil {
			return nil, err
		}
		e.at[code] = len(e.place)
		e.place = append(e.place, pl)
	}
	return e, nil
}

// nationwide computes the country's path and the standard costs.
func (e *evaluator) nationwide(still *demography.Result) {
	n := &e.nation
	n.relative, n.income = make([]float64, e.years+1), make([]float64, e.years+1)
	country := len(e.c.Units)
	sum := func(place, y, w int) float64 { return float64(still.Sum(place, y, w)[0]) }
	for i := range e.c.Units {
		n.base0 += e.c.Units[i].Base
		n.before += e.c.Units[i].Before
	}
	n.income0 = sum(country, 0, wIncome)
	for y := range n.income {
		var bases, people float64
		base, inh := make([]float64, country), make([]float64, country)
		for i := range e.c.Units {
			u := &e.c.Units[i]
			base[i], inh[i] = u.Base*sum(i, y, wIncome)/sum(i, 0, wIncome), u.Before
			if y > 0 {
				inh[i] = sum(i, y-1, wAll)
			}
			bases, people = bases+base[i], people+inh[i]
		}
		n.relative[y] = bases / (n.base0 * sum(country, y, wIncome) / n.income0)
		mean, total := bases/people, 0.0
		for i := range e.c.Units {
			grant, fee := e.rates(e.c.Units[i].County)
			total += e.income(mean, base[i], inh[i], grant, fee)
		}
		n.income[y] = total / bases
	}
	n.appointed = n.income[0] + e.c.Adjustment/(n.base0/n.before)
	var cost, need float64
	for i := range e.c.Units {
		cost += e.total(&e.c.Units[i])
	}
	for k := range e.areas {
		need += sum(country, 0, wAreas+k)
	}
	e.stdNation = make([]float64, len(e.areas))
	for k := range e.areas {
		if e.areas[k].Submodel == "" {
			continue
		}
		e.stdNation[k] = cost / need
		if got, ok := e.importedStandard(e.areas[k].Submodel); ok {
			e.stdNation[k] = got / sum(country, 0, wAreas+k)
		}
	}
}

// importedStandard is the country's standard cost of a submodel, kr, where every
// municipality has it.
func (e *evaluator) importedStandard(submodel string) (total float64, ok bool) {
	for i := range e.c.Units {
		v, has := e.c.Units[i].StandardCost[submodel]
		if !has {
			return 0, false
		}
		total += v * e.c.Units[i].Before
	}
	return total, true
}

func (e *evaluator) rates(county string) (grant, fee float64) {
	if r, ok := e.c.Rates[county]; ok {
		return r[0], r[1]
	}
	r, err := e.c.Rules.Rates(county)
	if err != nil {
		return 0.19, 0.19 - e.c.Rules.FeeOffset.Number // a county without a rate is shown as an assumption, see notes
	}
	return r.Grant.Number, r.Fee.Number
}

// income is the income equalisation, kr: positive is received (structure.md 4.4).
func (e *evaluator) income(mean, base, inhabitants, grant, fee float64) float64 {
	gap := e.c.Rules.Level.Number*mean*inhabitants - base
	if gap < 0 {
		return fee * gap
	}
	return grant * gap
}

// total is a municipality's net cost of the base year: what was imported, else
// tax and grants less the target result, which makes the base year's required
// rate the actual one.
func (e *evaluator) total(u *Municipality) (sum float64) {
	if u.NetCost == nil {
		return (1 - e.par.target) * (u.Base*u.Rate/100 + u.Grants)
	}
	for k := range e.areas {
		sum += u.NetCost[e.areas[k].Code]
	}
	return sum
}

func (e *evaluator) newPlace(i int, still *demography.Result) (place, error) {
	u := &e.c.Units[i]
	p := place{code: u.Code, name: u.Name, county: u.County, index: i, base: u.Base, rate: u.Rate, before: u.Before, voters: 1}
	p.number, _ = strconv.Atoi(u.Code)
	p.grantRate, p.feeRate = e.rates(u.County)
	sum := func(w int) float64 { return float64(still.Sum(i, 0, w)[0]) }
	p.localSD = 0
	if e.par.localSD > 0 {
		p.localSD = math.Sqrt(e.par.localSD*e.par.localSD + localVariance/sum(wAll))
	}
	if u.Electorate != nil {
		p.voters = *u.Electorate / sum(wAdults)
	}
	if u.Debt != nil {
		p.debt = *u.Debt
	}
	need := 0.0
	for k := range e.areas {
		need += sum(wAreas + k)
	}
	if !(need > 0) || !(u.Base > 0) {
		return p, bad("%s har inget behov eller inget skatteunderlag i basåret", u.Name)
	}
	var standard, mean float64
	country := len(e.c.Units)
	for k := range e.areas {
		code, n := e.areas[k].Code, sum(wAreas+k)
		cost := e.total(u) / need
		if u.NetCost != nil {
			if cost = 0; n > 0 {
				cost = u.NetCost[code] / n
			}
		}
		std := e.stdNation[k]
		if v, ok := u.StandardCost[e.areas[k].Submodel]; ok && n > 0 && std > 0 {
			std = v * u.Before / n
		}
		wage := e.par.wageShare * cost
		if v, ok := u.WageCost[code]; ok && n > 0 {
			wage = v / n
		}
		staff := wage / staffPay
		if v, ok := u.Staff[code]; ok && n > 0 {
			staff = v / n
		}
		p.cost, p.standard, p.staff = append(p.cost, cost), append(p.standard, std), append(p.staff, staff)
		standard += std * n / sum(wAll)
		mean += e.stdNation[k] * float64(still.Sum(country, 0, wAreas+k)[0]) / float64(still.Sum(country, 0, wAll)[0])
	}
	n := &e.nation
	known := e.income(n.base0/n.before, u.Base, u.Before, p.grantRate, p.feeRate)/u.Before + e.c.Adjustment + standard - mean
	p.rest = u.Grants/u.Before - known
	return p, nil
}

// future is one draw, loaded: populations of the places and of the country, the
// shocks, and what follows of them for every scenario.
type future struct {
	people []float64 // [(place*(years+1)+year)*width+weight]; the country last
	shocks shocks
	mean   []float64 // Mhat by year, kr per inhabitant
	std    []float64 // the country's mean standard cost, kr per inhabitant
	each   []float64 // regleringspost, kr per inhabitant
	heads  []float64 // inhabitants of the country the year before
}

func (e *evaluator) newFuture() *future {
	n, y := len(e.place), e.years+1
	f := &future{people: make([]float64, (n+1)*y*e.width), mean: make([]float64, y), std: make([]float64, y), each: make([]float64, y), heads: make([]float64, y)}
	f.shocks = shocks{growth: make([]float64, y), price: make([]float64, y), local: make([][]float64, n), effect: make([]float64, len(e.areas)), coop: make([]float64, len(e.areas))}
	for i := range f.shocks.local {
		f.shocks.local[i] = make([]float64, y)
	}
	return f
}

// load fills a future: people from one draw, economy and effects from others
// (the same, but for Sobol). A negative number means the run without shocks.
func (e *evaluator) load(f *future, r *Projection, people, economy, effects int) {
	at := 0
	for i := range len(e.place) + 1 {
		for y := range e.years + 1 {
			for w := range e.width {
				if people < 0 {
					j := len(e.c.Units)
					if i < len(e.place) {
						j = e.place[i].index
					}
					f.people[at] = float64(r.still.Sum(j, y, w)[0])
				} else {
					f.people[at] = float64(r.draws.Sum(i, y, w)[people])
				}
				at++
			}
		}
	}
	f.shocks.from(e, economy, effects, economy < 0)
	e.country(f)
}

// n is a weighted sum of a place; the country is the place after the last.
func (e *evaluator) n(f *future, place, y, w int) float64 {
	return f.people[(place*(e.years+1)+y)*e.width+w]
}

// inhabitants are those that the equalisation of a year counts: of the year before.
func (e *evaluator) inhabitants(f *future, i, y int) float64 {
	if y == 0 {
		return e.place[i].before
	}
	return e.n(f, i, y-1, wAll)
}

// country computes the country's side of the equalisation.
func (e *evaluator) country(f *future) {
	last, n := len(e.place), &e.nation
	for y := range e.years + 1 {
		f.heads[y] = n.before
		if y > 0 {
			f.heads[y] = e.n(f, last, y-1, wAll)
		}
		bases := n.base0 * e.n(f, last, y, wIncome) / n.income0 * n.relative[y] * f.shocks.growth[y]
		f.mean[y] = bases / f.heads[y]
		f.each[y] = (n.appointed - n.income[y]) * f.mean[y]
		std := 0.0
		for k, v := range e.stdNation {
			std += v * e.n(f, last, y, wAreas+k)
		}
		f.std[y] = std / e.n(f, last, y, wAll) * f.shocks.price[y]
	}
}

// taxBase is a place's uprated tax base of a year, kr.
func (e *evaluator) taxBase(f *future, i, y int) float64 {
	return e.place[i].base * e.n(f, i, y, wIncome) / e.n(f, i, 0, wIncome) * f.shocks.growth[y] * f.shocks.local[i][y]
}
