package grouping

import (
	"fmt"
	"math/bits"
	"strings"
)

// explain names the municipalities that no allowed group can hold, and a least
// list of rules that cannot all hold.
func (c *county) explain(a *Answer, o Options) {
	c.unplaced(a)
	c.conflict(a, o)
}

// unplaced finds, for each municipality, whether any allowed group holds it.
func (c *county) unplaced(a *Answer) {
	limit := c.limit
	if c.n > programmeLimit {
		_, size := c.list(300_000)
		limit = min(limit, size)
	}
	var placed uint64
	for root := range c.n {
		c.connected(root, c.full(), limit, func(t uint64) bool {
			if t&^placed != 0 && c.allows(t) {
				placed |= t
			}
			return true
		})
	}
	if limit < c.limit { // larger groups were not looked through: the whole part is one
		for _, part := range c.components(c.full()) {
			if len(c.Apart) > 0 || c.MaxMinutes > 0 || c.limit < c.n || c.allows(part) {
				placed |= part
			}
		}
	}
	for s := c.full() &^ placed; s != 0; s &= s - 1 {
		i := low(s)
		a.Unplaced = append(a.Unplaced, Unplaced{c.codes[i], c.why(i, limit)})
	}
}

// why says what keeps municipality i out of every group.
func (c *county) why(i, limit int) string {
	part := c.component(1<<i, c.full())
	switch n := c.population(part); {
	case c.adjacent[i] == 0 && c.people[i] < c.MinPopulation:
		return fmt.Sprintf("har ingen granne och %d invånare, färre än %d", c.people[i], c.MinPopulation)
	case n < c.MinPopulation:
		return fmt.Sprintf("har med allt som den hänger ihop med %d invånare, färre än %d", n, c.MinPopulation)
	case c.mates[i]&^part != 0:
		return "ska vara med " + strings.Join(c.names(c.mates[i]&^part), " och ") + ", som den inte hänger ihop med"
	case c.mates[i]&c.foes[i] != 0:
		return "ska vara både med och utan " + strings.Join(c.names(c.mates[i]&c.foes[i]), " och ")
	case bits.OnesCount64(c.mates[i]) > c.limit:
		return fmt.Sprintf("ska vara i en enhet med %d kommuner, och högst %d är tillåtna", bits.OnesCount64(c.mates[i]), c.limit)
	}
	most := int64(0)
	for root := range c.n {
		c.connected(root, c.full(), limit, func(t uint64) bool {
			if t>>i&1 == 1 && (c.MaxMinutes == 0 || c.near(t)) {
				most = max(most, c.population(t))
			}
			return true
		})
	}
	if most < c.MinPopulation {
		within := ""
		if limit < c.n {
			within = fmt.Sprintf(" på högst %d kommuner", limit)
		}
		if c.MaxMinutes > 0 {
			within += fmt.Sprintf(" inom %g minuter", c.MaxMinutes)
		}
		return fmt.Sprintf("ingen sammanhängande grupp%s med den har fler än %d invånare, färre än %d", within, most, c.MinPopulation)
	}
	return "ingen grupp med den uppfyller alla regler på en gång"
}

// rule is one of the problem's rules and how to leave it out.
type rule struct {
	text string
	drop func(*Problem)
}

// rules lists the rules that may be in conflict, by their index.
func (c *county) rules() (out []rule) {
	if c.MinPopulation > 0 {
		out = append(out, rule{fmt.Sprintf("minst %d invånare", c.MinPopulation), func(p *Problem) { p.MinPopulation = 0 }})
	}
	if c.MaxMembers > 0 && c.MaxMembers < c.n {
		out = append(out, rule{fmt.Sprintf("högst %d kommuner i en enhet", c.MaxMembers), func(p *Problem) { p.MaxMembers = 0 }})
	}
	if c.MaxMinutes > 0 {
		out = append(out, rule{fmt.Sprintf("högst %g minuter till centrum", c.MaxMinutes), func(p *Problem) { p.MaxMinutes = 0 }})
	}
	for i, codes := range c.Together {
		out = append(out, rule{"tillsammans: " + strings.Join(codes, ", "), func(p *Problem) { p.Together[i] = nil }})
	}
	for i, codes := range c.Apart {
		out = append(out, rule{"isär: " + strings.Join(codes, ", "), func(p *Problem) { p.Apart[i] = nil }})
	}
	return out
}

// conflict leaves out one rule after another as long as no grouping is allowed;
// what remains is in conflict, and with any one of them left out it would not be.
func (c *county) conflict(a *Answer, o Options) {
	all := c.rules()
	out := make([]bool, len(all))
	for i := range all {
		out[i] = true
		if !c.without(all, out, o) {
			out[i] = false
		}
	}
	for i, r := range all {
		if !out[i] {
			a.Conflict = append(a.Conflict, r.text)
		}
	}
}

// without tells whether it is still proved that no grouping is allowed when some
// rules are left out.
func (c *county) without(all []rule, out []bool, o Options) bool {
	p := *c.Problem
	p.Together, p.Apart = append([][]string{}, p.Together...), append([][]string{}, p.Apart...)
	for i, r := range all {
		if out[i] {
			r.drop(&p)
		}
	}
	kept := func(lists [][]string) (some [][]string) {
		for _, l := range lists {
			if l != nil {
				some = append(some, l)
			}
		}
		return some
	}
	p.Together, p.Apart = kept(p.Together), kept(p.Apart)
	p.Objective = MostUnits
	again, err := newCounty(&p)
	if err != nil {
		return false
	}
	trial := &Answer{}
	again.solve(trial, o)
	return trial.Status == Infeasible
}
