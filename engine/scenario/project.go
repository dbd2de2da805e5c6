package scenario

import (
	"math"
	"slices"

	"kommunpilot/engine/demography"
)

// Weights of the projection that every run keeps; the areas' prices follow them.
const (
	wAll    = iota
	wYoung  // 0-19
	wWork   // 20-64
	wOld    // 80+
	wAdults // 18+
	wIncome // income profile by age
	wAreas
)

// Projection is the population of the municipalities of a plan in every draw.
// It depends on the data, the seed, the population's assumptions and the prices,
// never on the scenarios, so that one serves them all.
type Projection struct {
	Draws, Years int
	Seed         uint64
	codes        []string // of the places, then the country
	draws        *demography.Result
	still        *demography.Result // every municipality, one draw without shocks
	areas        []Area
	older        float64
	income       *[demography.Ages]float64
	model        *demography.Model
	tfr          float64
	immigration  float64
}

// Limits on what is run, so that a wish that no machine meets is answered with a
// sentence.
const (
	MostDraws  = 20_000
	MostYears  = 60
	mostPlaces = 60
	mostBytes  = 2 << 30
)

// Project projects the municipalities of a plan, and those of the counties where
// a task moves to the region. Stop, asked now and then, ends it with nil.
// Errors are *InputError. Cost as demography.Model.Run.
func Project(c *Country, p *Plan, draws int, seed uint64, workers int, stop func() bool) (*Projection, error) {
	if draws < 2 || draws > MostDraws {
		return nil, bad("antalet dragningar är %d; det ska vara 2 till %s. 200 räcker för att se bilden, 1 000 för ett underlag", draws, thousands(MostDraws))
	}
	if p.Years < 1 || p.Years > MostYears {
		return nil, bad("antalet år är %d; det ska vara 1 till %d", p.Years, MostYears)
	}
	codes := places(c, p)
	if len(codes) > mostPlaces {
		return nil, bad("scenarierna rör %d kommuner (länets kommuner med, där en uppgift går till regionen); högst %d kan räknas på en gång", len(codes), mostPlaces)
	}
	par := p.Assumptions.params()
	areas := areasOf(c, p)
	o := demography.Options{Years: p.Years, Draws: draws, Seed: seed, Workers: workers, Weigh: weights(areas, par.older, c.Income), Stop: stop}
	if need := (len(codes) + 1) * (p.Years + 1) * len(o.Weigh) * draws * 4; need > mostBytes {
		return nil, bad("%s dragningar av %d kommuner och %d år får inte plats i minnet; minska antalet dragningar", thousands(draws), len(codes), p.Years)
	}
	for _, code := range codes {
		i, _ := c.Find(code)
		o.WeighUnits = append(o.WeighUnits, i)
	}
	model := c.model(par)
	r, err := model.Run(o)
	if err != nil || r == nil {
		return nil, err
	}
	s := demography.Options{Years: p.Years, Draws: 1, Seed: seed, Workers: 1, Still: true, Weigh: o.Weigh}
	for i := range c.Units {
		s.WeighUnits = append(s.WeighUnits, i)
	}
	still, err := model.Run(s)
	if err != nil {
		return nil, err
	}
	return &Projection{Draws: draws, Years: p.Years, Seed: seed, income: c.Income, model: c.Model, tfr: par.tfr, immigration: par.immigration, codes: codes, draws: r, still: still, areas: areas, older: par.older}, nil
}

// areasOf are the areas of a plan: its own, the country's imported, or the default.
func areasOf(c *Country, p *Plan) []Area {
	switch {
	case p.Assumptions.Areas != nil:
		return p.Assumptions.Areas
	case c.Areas != nil:
		return c.Areas
	}
	return DefaultAreas()
}

// places are the codes that are followed, in order of code: a plan's
// municipalities and the counties whose tasks move.
func places(c *Country, p *Plan) []string {
	out := p.Municipalities()
	for i := range p.Scenarios {
		for _, st := range p.Scenarios[i].Steps {
			if st.Kind == Asymmetric && st.Responsibility && len(st.Members) > 0 {
				if u, ok := c.Find(st.Members[0]); ok {
					out = append(out, c.InCounty(c.Units[u].County)...)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// model is the country's model under a plan's settings of people.
func (c *Country) model(p params) *demography.Model {
	m := *c.Model
	if p.tfr > 0 {
		m.TFR.Mean = math.Log(p.tfr)
	}
	m.Immigrate.Mean *= p.immigration
	m.Immigrate.Now *= p.immigration
	return &m
}

func weights(areas []Area, older float64, income *[demography.Ages]float64) [][demography.Ages]float64 {
	w := make([][demography.Ages]float64, wAreas+len(areas))
	for a := range demography.Ages {
		w[wAll][a] = 1
		switch {
		case a < 20:
			w[wYoung][a] = 1
		case a < 65:
			w[wWork][a], w[wIncome][a] = 1, 1
		default:
			w[wIncome][a] = older
		}
		if income != nil {
			w[wIncome][a] = income[a]
		}
		if a >= 80 {
			w[wOld][a] = 1
		}
		if a >= 18 {
			w[wAdults][a] = 1
		}
	}
	for k := range areas {
		w[wAreas+k] = areas[k].Price
	}
	return w
}

// Fits tells whether a projection serves a plan: the same municipalities,
// years, prices and settings of people.
func (r *Projection) Fits(c *Country, p *Plan) bool {
	par := p.Assumptions.params()
	return r.Years == p.Years && slices.Equal(r.codes, places(c, p)) && r.older == par.older && r.income == c.Income && r.model == c.Model && r.tfr == par.tfr && r.immigration == par.immigration &&
		slices.EqualFunc(r.areas, areasOf(c, p), func(a, b Area) bool { return a.Code == b.Code && a.Price == b.Price })
}
