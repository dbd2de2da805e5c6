package selection

import (
	"errors"
	"fmt"
	"math/big"
)

// VerifyLottery checks an answer of Lottery against the input by itself: that
// every panel keeps the rules, that the weights are positive and sum to 1, that
// the chances are exactly the sums of the panels' weights, that the ticket and
// the drawn panel follow from the seed and the input, and that no lottery is
// fairer (leximin), or, when the answer says that it is not exact, that none is
// fairer by more than it says.
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
	if d.Exact != (d.OffBy == nil) || d.Exact != (a.Status == Optimal) {
		return errors.New("verify: status, exact and off_by do not agree")
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
// sum(settled w·chance) + c·sum(open w) <= bound. So c cannot be above the limit
// that this gives; and if the stage's own chance reaches it, an open application
// with a positive weight cannot have more than that.
func (v *verifier) leximin(d *Draw, chance map[string]*big.Rat) error {
	settled := map[string]*big.Rat{} // the chance that is settled
	for id := range v.apps {
		switch {
		case v.must[id]:
			settled[id] = rat(1)
		case v.no[id]:
			settled[id] = rat(0)
		}
	}
	last, off := new(big.Rat), -1
	for k, s := range d.Stages {
		c := ratOf(s.Chance)
		if c.Cmp(last) < 0 {
			return fmt.Errorf("verify: stage %d goes down", k)
		}
		last = c
		limit, weight, err := v.limit(s, settled)
		if err != nil {
			return fmt.Errorf("stage %d: %w", k, err)
		}
		claim := c
		if s.Limit != "" {
			if claim = ratOf(s.Limit); off < 0 {
				off = k
			}
		}
		if limit.Cmp(claim) > 0 {
			return fmt.Errorf("verify: stage %d is not proved", k)
		}
		for id, own := range chance {
			if settled[id] == nil && own.Cmp(c) < 0 {
				return fmt.Errorf("verify: %s has less than stage %d says", id, k)
			}
		}
		for _, id := range s.Settled {
			own := chance[id]
			wrong := own == nil || settled[id] != nil
			if !wrong && s.Limit == "" {
				wrong = own.Cmp(c) != 0 || c.Cmp(rat(1)) != 0 && weight[id] <= 0
			}
			if wrong {
				return fmt.Errorf("verify: stage %d settles %s wrongly", k, id)
			}
			settled[id] = c
		}
	}
	for id := range v.apps {
		if settled[id] == nil {
			return fmt.Errorf("verify: the chance of %s is not settled", id)
		}
	}
	return offBy(d, off)
}

// offBy checks what the answer says about how much it can be off, when off is
// the first stage with a limit, or -1.
func offBy(d *Draw, off int) error {
	if (d.OffBy == nil) != (off < 0) {
		return errors.New("verify: off_by does not follow from the stages")
	}
	if o := d.OffBy; o != nil {
		gap := new(big.Rat).Sub(ratOf(o.Limit), ratOf(o.Chance))
		if s := d.Stages[off]; o.Stage != off || o.Chance != s.Chance || o.Limit != s.Limit || ratOf(o.Gap).Cmp(gap) != 0 {
			return errors.New("verify: off_by does not follow from the stages")
		}
	}
	return nil
}

// limit is the largest chance that all open applications could have at least,
// as far as the stage's proof shows, and the stage's weight of each application.
func (v *verifier) limit(s Stage, settled map[string]*big.Rat) (*big.Rat, map[string]int64, error) {
	weight := map[string]int64{}
	if s.Proof == nil {
		return rat(1), weight, nil
	}
	if len(s.Weights) != len(s.Proof.Groups) {
		return nil, nil, errors.New("verify: a weight is missing")
	}
	for g, ids := range s.Proof.Groups {
		for _, id := range ids {
			weight[id] = s.Weights[g]
		}
	}
	m := v.scoreModel()
	m.worth = func(a Application) *big.Rat { return new(big.Rat).SetInt64(weight[a.ID]) }
	room, err := v.proved(m, s.Proof)
	if err != nil {
		return nil, nil, err
	}
	if room == nil {
		return nil, nil, errors.New("verify: the proof says that there is no panel")
	}
	room = new(big.Rat).Set(room)
	open := new(big.Rat)
	for id, w := range weight {
		worth := new(big.Rat).SetInt64(w)
		if w < 0 {
			return nil, nil, errors.New("verify: a negative weight")
		}
		if settled[id] == nil {
			open.Add(open, worth)
		} else {
			room.Sub(room, worth.Mul(worth, settled[id]))
		}
	}
	if open.Sign() == 0 {
		return rat(1), weight, nil
	}
	return room.Quo(room, open), weight, nil
}
