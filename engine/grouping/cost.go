package grouping

import "math"

// cost is what a unit adds to the sum that is made least, in the smallest unit
// of the objective: −1 or 1 for a number of units, 1/10 000 percentage points
// times inhabitants for tax, tenths of minutes times inhabitants for travel.
func (c *county) cost(t uint64) int64 {
	switch c.Objective {
	case MostUnits:
		return -1
	case FewestUnits:
		return 1
	case Tax:
		return c.taxCost(t)
	default:
		_, v := c.centre(t)
		return v
	}
}

func (c *county) taxCost(t uint64) int64 {
	rate := c.rate(t)
	var v float64
	for s := t; s != 0; s &= s - 1 {
		i := low(s)
		v += math.Abs(rate-c.Nodes[c.order[i]].TaxRate) * float64(c.people[i])
	}
	return int64(math.Round(v * 1e4))
}

// rate is the unit's common rate, in per cent: it brings in what its members'
// rates did.
func (c *county) rate(t uint64) float64 {
	var income, base float64
	for s := t; s != 0; s &= s - 1 {
		k := c.Nodes[c.order[low(s)]]
		income += k.TaxBase * k.TaxRate
		base += k.TaxBase
	}
	return income / base
}

// centre is the member to which the travel of all inhabitants is least, and
// that travel in tenths of minutes times inhabitants. Of equals it is the first.
func (c *county) centre(t uint64) (at int, sum int64) {
	at = -1
	for v := t; v != 0; v &= v - 1 {
		centre := low(v)
		var travel int64
		for s := t; s != 0; s &= s - 1 {
			i := low(s)
			travel += c.tenths[i*c.n+centre] * c.people[i]
		}
		if at < 0 || travel < sum {
			at, sum = centre, travel
		}
	}
	return at, sum
}

// value is a sum of costs in the objective's unit.
func (c *county) value(sum int64) float64 {
	switch c.Objective {
	case MostUnits:
		return float64(-sum)
	case FewestUnits:
		return float64(sum)
	case Tax:
		return float64(sum) / 1e4
	default:
		return float64(sum) / 10 / float64(max(1, c.population(c.full())))
	}
}

// Unit describes one unit of an answer.
type Unit struct {
	Codes      []string
	Population int64
	TaxRate    float64 // common rate in per cent, 0 where no rates are given
	Centre     string  // "" where no times are given
	Minutes    float64 // mean travel to the centre, per inhabitant
}

// Describe gives what is known of each unit of an answer.
func Describe(p *Problem, units [][]string) ([]Unit, error) {
	c, err := newCounty(p)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, code := range c.codes {
		at[code] = i
	}
	var out []Unit
	for _, codes := range units {
		var t uint64
		for _, code := range codes {
			i, ok := at[code]
			if !ok {
				return nil, bad("%s is not among the municipalities", code)
			}
			t |= 1 << i
		}
		if t == 0 {
			return nil, bad("a unit without members")
		}
		u := Unit{Codes: c.names(t), Population: c.population(t)}
		if rate := c.rate(t); !math.IsNaN(rate) {
			u.TaxRate = rate
		}
		if c.tenths != nil {
			centre, travel := c.centre(t)
			u.Centre, u.Minutes = c.codes[centre], float64(travel)/10/float64(max(1, u.Population))
		}
		out = append(out, u)
	}
	return out, nil
}
