package selection

import (
	"errors"
	"fmt"
	"math/big"
)

// VerifyLottery checks an answer of Lottery against the input by itself: that
// every panel keeps the rules, that the weights are positive and sum to 1, that
// the chances are exactly the sums of the panels' weights, that the ticket and
// the drawn panel follow from the seed and the input, and, unless the answer
// says that it is not exact, that no lottery is fairer (leximin).
func VerifyLottery(p *Problem, a *Answer) error {
	if a.Input != p.Hash() {
		return errors.New("verify: the answer belongs to another input")
	}
	if a.Draw == nil || len(a.Draw.Panels) == 0 {
		return errors.New("verify: no lottery")
	}
	v, d := newVerifier(p), a.Draw
	total, chance := new(big.Rat), map[string]*big.Rat{}
	for id := range v.apps {
		chance[id] = new(big.Rat)
	}
	for k, panel := range d.Panels {
		w := ratOf(panel.Weight)
		if w.Sign() <= 0 {
			return fmt.Errorf("verify: panel %d has no positive weight", k)
		}
		if err := v.keepsRules(panel.IDs); err != nil {
			return fmt.Errorf("panel %d: %w", k, err)
		}
		total.Add(total, w)
		for _, id := range panel.IDs {
			chance[id].Add(chance[id], w)
		}
	}
	if total.Cmp(rat(1)) != 0 {
		return fmt.Errorf("verify: the weights sum to %s", total.RatString())
	}
	if len(d.Probabilities) != len(v.apps) {
		return errors.New("verify: a probability is missing")
	}
	for _, c := range d.Probabilities {
		if chance[c.ID] == nil || chance[c.ID].Cmp(ratOf(c.Probability)) != 0 {
			return fmt.Errorf("verify: the chance of %s is not %s", c.ID, c.Probability)
		}
	}
	if err := v.drawn(a); err != nil {
		return err
	}
	if !d.Exact {
		if a.Status == Optimal {
			return errors.New("verify: claimed optimal but not exact")
		}
		return nil
	}
	return v.leximin(d, chance)
}

// drawn follows the draw from the seed.
func (v *verifier) drawn(a *Answer) error {
	d := a.Draw
	tickets, ok := new(big.Int).SetString(d.Tickets, 10)
	if !ok || tickets.Sign() <= 0 || d.Drawn < 0 || d.Drawn >= len(d.Panels) {
		return errors.New("verify: no tickets")
	}
	ticket := Ticket(a.Input, d.Seed, tickets)
	if d.Commitment != Commitment(d.Seed) || ticket.String() != d.Ticket {
		return errors.New("verify: the ticket does not follow from the seed")
	}
	below := new(big.Rat)
	for k, panel := range d.Panels {
		own := new(big.Rat).Mul(ratOf(panel.Weight), new(big.Rat).SetInt(tickets))
		if !own.IsInt() {
			return errors.New("verify: a panel has a part of a ticket")
		}
		below.Add(below, own)
		if new(big.Rat).SetInt(ticket).Cmp(below) < 0 {
			if k != d.Drawn || fmt.Sprint(a.Selected) != fmt.Sprint(panel.IDs) {
				return errors.New("verify: another panel was drawn")
			}
			return nil
		}
	}
	return errors.New("verify: no panel was drawn")
}

// leximin follows the stages. In each, the weights show: any lottery that gives
// the settled their chances and every open one at least some chance c satisfies
// sum(settled w·chance) + c·sum(open w) <= bound; so if the stage's own chance
// reaches the bound, c cannot be larger, and an open application with a
// positive weight cannot have more than it.
func (v *verifier) leximin(d *Draw, chance map[string]*big.Rat) error {
	settled := map[string]bool{}
	for id := range v.apps {
		settled[id] = v.must[id] || v.no[id]
	}
	last := new(big.Rat)
	for k, s := range d.Stages {
		c := ratOf(s.Chance)
		if c.Cmp(last) < 0 {
			return fmt.Errorf("verify: stage %d goes down", k)
		}
		last = c
		weight := map[string]int64{}
		if c.Cmp(rat(1)) != 0 {
			if s.Proof == nil || len(s.Weights) != len(s.Proof.Groups) {
				return fmt.Errorf("verify: stage %d has no proof", k)
			}
			for g, ids := range s.Proof.Groups {
				for _, id := range ids {
					weight[id] = s.Weights[g]
				}
			}
			m := v.scoreModel()
			m.worth = func(a Application) *big.Rat { return new(big.Rat).SetInt64(weight[a.ID]) }
			bound, err := v.proved(m, s.Proof)
			if err != nil {
				return err
			}
			reach := new(big.Rat)
			for id, w := range weight {
				if w < 0 {
					return fmt.Errorf("verify: stage %d has a negative weight", k)
				}
				own := c
				if settled[id] {
					own = chance[id]
				}
				reach.Add(reach, new(big.Rat).Mul(new(big.Rat).SetInt64(w), own))
			}
			if bound == nil || bound.Cmp(reach) > 0 {
				return fmt.Errorf("verify: stage %d is not proved", k)
			}
		}
		for _, id := range s.Settled {
			if settled[id] || c.Cmp(rat(1)) != 0 && weight[id] <= 0 || chance[id] == nil || chance[id].Cmp(c) != 0 {
				return fmt.Errorf("verify: stage %d settles %s wrongly", k, id)
			}
			settled[id] = true
		}
	}
	for id, done := range settled {
		if !done {
			return fmt.Errorf("verify: the chance of %s is not settled", id)
		}
	}
	return nil
}
