package service

import (
	"cmp"
	"math"
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/engine/access"
)

// The thresholds that an inventory shows, in kilometres and minutes (002-07;
// Pipos and the agencies' reports use the same).
var (
	kilometres = []int64{5, 10, 15, 25}
	minutes    = []int64{10, 20, 30}
)

// thresholds of a metric, in its unit, with the inventory's own among them.
func thresholds(m metric, own int64) []int64 {
	list := kilometres
	if m == byTime {
		list = minutes
	}
	if own > 0 && !slices.Contains(list, own) {
		list = append(slices.Clone(list), own)
		slices.Sort(list)
	}
	return list
}

// Figure is what one type of service gives the people of one area.
type Figure struct {
	Type    string   `json:"type"`
	Unit    string   `json:"unit"` // km or min
	Area    string   `json:"area"` // a municipality; "" all
	Sites   int      `json:"sites"`
	People  uint64   `json:"people"`  // who are counted
	Missing uint64   `json:"missing"` // who are not, and stand beside every figure
	Mean    float64  `json:"mean"`
	Median  float64  `json:"median"`
	P90     float64  `json:"p90"`
	Largest float64  `json:"largest"`
	Limits  []int64  `json:"limits"`
	Beyond  []uint64 `json:"beyond"` // people farther than each limit
	Single  []uint64 `json:"single"` // within it, with a single place to go
	// Of those of 70 years and more, where the population says.
	Old       uint64   `json:"old,omitempty"`
	OldBeyond []uint64 `json:"old_beyond,omitempty"`
	// Need is Σ p·d over those with 5 km or more, person-kilometres one way.
	Need float64 `json:"need,omitempty"`
}

// beyond is how many live farther than the limit, and their share.
func (f *Figure) beyond(limit int64) (people uint64, share float64) {
	i := slices.Index(f.Limits, limit)
	if i < 0 || f.People == 0 {
		return 0, 0
	}
	return f.Beyond[i], float64(f.Beyond[i]) / float64(f.People)
}

func (f *Figure) single(limit int64) uint64 {
	if i := slices.Index(f.Limits, limit); i >= 0 && i < len(f.Single) {
		return f.Single[i]
	}
	return 0
}

// figures measures one set of sites: a figure for all and one for each
// municipality where there are several.
func (g *ground) figures(code string, n int, labels *access.Labels, m metric, own int64) ([]Figure, error) {
	limits := thresholds(m, own)
	q := access.Question{Quantiles: []access.Share{{Of: 1, Per: 2}, {Of: 9, Per: 10}}}
	for _, l := range limits {
		q.Thresholds = append(q.Thresholds, uint32(float64(l)*m.unit()))
	}
	var out []Figure
	ask := func(d access.Demand, areas []string) error {
		rows, err := access.Indicators(labels, d, q)
		if err != nil {
			return err
		}
		d.Weight = g.old
		olds, err := access.Indicators(labels, d, q)
		if err != nil {
			return err
		}
		for i, r := range rows {
			f := Figure{Type: code, Unit: m.word(), Area: areas[i], Sites: n, People: r.Computed.People, Limits: limits, Beyond: r.Beyond, Single: r.Single, Largest: float64(r.Largest) / m.unit()}
			for _, c := range r.NotComputed {
				f.Missing += c.People
			}
			if r.Computed.People > 0 {
				f.Mean = float64(r.Sum) / float64(r.Computed.People) / m.unit()
				f.Median, f.P90 = float64(r.Quantiles[0])/m.unit(), float64(r.Quantiles[1])/m.unit()
			}
			if g.anyOld {
				f.Old, f.OldBeyond = olds[i].Computed.People, olds[i].Beyond
			}
			out = append(out, f)
		}
		return nil
	}
	d := g.demand(false)
	d.Group, d.Groups = nil, 1
	if err := ask(d, []string{""}); err != nil {
		return nil, err
	}
	if m == byLength {
		weight := g.demand(g.anyOld)
		need, err := access.TransportNeed(labels, weight, 5000)
		if err != nil {
			return nil, err
		}
		out[0].Need = float64(need) / 1000
	}
	if len(g.codes) > 1 {
		if err := ask(g.demand(false), g.codes); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Effect is what it would mean that a place closed, and how it stands.
type Effect struct {
	Site    Site
	Type    string
	Nearest uint64  // people who have it nearest
	Lose    uint64  // who then have farther than the inventory's limit
	Extra   float64 // more person-kilometres, one way
	Largest float64 // the longest way that somebody gets on top
	Without uint64  // who would have none at all
	// Apart is how far it is to the next place of the type; NaN where there is none.
	Apart float64
	Next  string // its name
	// Support: the distance condition of the support to shops seems to be met; an
	// indication, never a decision.
	Support bool
	Rule    Rule
}

// Survey is an inventory that has been measured.
type Survey struct {
	Figures  []Figure
	Effects  []Effect
	Skipped  []placed // points that do not lie by a road
	Lost     map[string]Count
	Cells    int
	People   uint64
	Together []Figure // all five kinds within reach, by metric: Beyond are those who have not
	Kinds    []Figure // each kind as one: the nearest of its types
}

// Count is cells and people that something holds of.
type Count struct {
	Cells  int
	People uint64
}

// survey measures every type of service for everybody: types without a place
// are there too, with nobody counted.
func (g *ground) survey(points []placed, list []Type, day calendar.Date, own map[metric]int64, rules []Rule) (*Survey, error) {
	s := &Survey{Lost: map[string]Count{}, Cells: len(g.cells)}
	for i := range g.cells {
		s.People += uint64(g.people[i])
		if r := g.reason[i]; r != access.OK {
			c := s.Lost[r.String()]
			s.Lost[r.String()] = Count{c.Cells + 1, c.People + uint64(g.people[i])}
		}
	}
	if g.roads != nil {
		for _, p := range points {
			if r := g.roads.snap(p.Lat, p.Lon).Reason; r != access.OK {
				s.Skipped = append(s.Skipped, p)
			}
		}
	}
	support, _ := ruleOn(rules, "driftstod.avstand", day)
	kinds, counted := map[metric]map[string]*access.Labels{}, map[string]int{}
	for _, t := range list {
		sites := openSites(points, t.Code, day)
		for _, m := range g.metrics() {
			labels, err := g.labels(sites, m)
			if err != nil {
				return nil, err
			}
			f, err := g.figures(t.Code, len(sites), labels, m, own[m])
			if err != nil {
				return nil, err
			}
			s.Figures = append(s.Figures, f...)
			if m == byLength {
				counted[t.Kind] += len(sites)
			}
			if t.Kind != Other {
				if kinds[m] == nil {
					kinds[m] = map[string]*access.Labels{}
				}
				kinds[m][t.Kind] = nearer(kinds[m][t.Kind], labels)
			}
			if m != byLength {
				continue
			}
			e, err := g.effects(t, sites, labels, own[m], support)
			if err != nil {
				return nil, err
			}
			s.Effects = append(s.Effects, e...)
		}
	}
	for _, m := range g.metrics() {
		for _, k := range Kinds[:5] {
			if kinds[m][k] == nil {
				continue
			}
			f, err := g.figures(k, counted[k], kinds[m][k], m, own[m])
			if err != nil {
				return nil, err
			}
			s.Kinds = append(s.Kinds, f[0])
		}
		f, err := g.together(kinds[m], m, own[m])
		if err != nil {
			return nil, err
		}
		s.Together = append(s.Together, f)
	}
	slices.SortStableFunc(s.Effects, func(a, b Effect) int {
		return cmp.Or(cmp.Compare(b.Lose, a.Lose), cmp.Compare(b.Extra, a.Extra), cmp.Compare(a.Site.Key, b.Site.Key))
	})
	return s, nil
}

// nearer joins the labels of two types of one kind: the nearer of the two.
func nearer(a, b *access.Labels) *access.Labels {
	if a == nil {
		return b
	}
	out := &access.Labels{K: 2, L: slices.Clone(a.L)}
	for i := 0; i < len(out.L); i += 2 {
		out.L[i] = min(a.L[i], b.L[i])
	}
	return out
}

// together counts those who have all five kinds of 002-08 within the limit.
func (g *ground) together(kinds map[string]*access.Labels, m metric, own int64) (Figure, error) {
	limits := thresholds(m, own)
	f := Figure{Unit: m.word(), Limits: limits}
	var list []*access.Labels
	for _, k := range Kinds[:5] {
		if kinds[k] == nil {
			break // a kind without a place: nobody has all five
		}
		list = append(list, kinds[k])
	}
	for _, l := range limits {
		if len(list) < 5 {
			f.Beyond = append(f.Beyond, 0)
			continue
		}
		within, computed, err := access.Together(list, g.demand(false), uint32(float64(l)*m.unit()))
		if err != nil {
			return f, err
		}
		f.People = computed
		f.Beyond = append(f.Beyond, computed-within)
	}
	return f, nil
}

// effects tells what the closing of each place of a type would do.
func (g *ground) effects(t Type, sites []Site, labels *access.Labels, own int64, support Rule) ([]Effect, error) {
	if len(sites) == 0 {
		return nil, nil
	}
	list, err := access.Closures(labels, g.demand(false), []uint32{uint32(float64(own) * byLength.unit())})
	if err != nil {
		return nil, err
	}
	out := make([]Effect, len(sites))
	for i := range sites {
		out[i] = Effect{Site: sites[i], Type: t.Code, Apart: math.NaN(), Rule: support}
	}
	for _, c := range list {
		e := &out[c.Site]
		e.Nearest, e.Lose, e.Extra, e.Largest, e.Without = c.Nearest.People, c.Lose[0], float64(c.Extra)/1000, float64(c.Largest)/1000, c.Without.People
	}
	apart, err := g.apart(sites, byLength)
	if err != nil {
		return nil, err
	}
	for _, a := range apart {
		if a.Other == access.None {
			continue
		}
		e := &out[a.Site]
		e.Apart, e.Next = float64(a.Cost)/1000, sites[a.Other.Site()].Name
		e.Support = t.Code == support.Type && support.Holds(float64(a.Cost))
	}
	return out, nil
}
