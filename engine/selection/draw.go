package selection

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
)

// Draw is the lottery's part of an answer.
type Draw struct {
	// Exact says that the chances are proved to be the leximin ones.
	Exact bool `json:"exact"`
	// OffBy says by how much they can be off when they are not exact.
	OffBy *OffBy `json:"off_by,omitempty"`
	// Probabilities, by id.
	Probabilities []Probability `json:"probabilities"`
	// Panels are the whole panels of the portfolio; ticket numbers follow their order.
	Panels []WeightedPanel `json:"panels"`
	Stages []Stage         `json:"stages,omitempty"`
	// Seed is the seed, and Commitment what is published before it is known.
	Seed       string `json:"seed"`
	Commitment string `json:"commitment"`
	// Tickets is the number of tickets, Ticket the one drawn, Drawn the panel's number from 0.
	Tickets string `json:"tickets"`
	Ticket  string `json:"ticket"`
	Drawn   int    `json:"drawn"`
}

// Probability is the exact chance of an application to be selected.
type Probability struct {
	ID          string `json:"id"`
	Probability string `json:"probability"`
	Decimal     string `json:"decimal"`
}

// Commitment is what to publish before the draw: the SHA-256, in hex, of
// "kommunpilot commitment 1\n" followed by the seed. A seed that somebody could
// guess needs enough secret characters, or public dice thrown afterwards.
func Commitment(seed string) string {
	sum := sha256.Sum256([]byte("kommunpilot commitment 1\n" + seed))
	return hex.EncodeToString(sum[:])
}

// Ticket draws a number from 0 to tickets-1, each exactly as likely for a
// uniform hash: the SHA-256 of
//
//	"kommunpilot draw 1\n" + input + "\n" + counter + "\n" + seed
//
// with counter 0, 1, ... read as one number (as many hashes, counter "0.0",
// "0.1", ..., as the number of tickets needs), taken modulo tickets; a number
// in the last, incomplete round of tickets is thrown away and the next counter
// is used. input is the answer's input_sha256.
func Ticket(input, seed string, tickets *big.Int) *big.Int {
	blocks := tickets.BitLen()/256 + 1
	space := new(big.Int).Lsh(big.NewInt(1), uint(256*blocks))
	fair := new(big.Int).Sub(space, new(big.Int).Mod(space, tickets))
	for counter := 0; ; counter++ {
		var b []byte
		for block := range blocks {
			sum := sha256.Sum256(fmt.Appendf(nil, "kommunpilot draw 1\n%s\n%d.%d\n%s", input, counter, block, seed))
			b = append(b, sum[:]...)
		}
		if n := new(big.Int).SetBytes(b); n.Cmp(fair) < 0 {
			return n.Mod(n, tickets)
		}
	}
}

// draw picks the panel of the ticket.
func (d *Draw) draw(input string) {
	tickets := big.NewInt(1)
	for _, p := range d.Panels {
		g := new(big.Int).GCD(nil, nil, tickets, p.weight.Denom())
		tickets.Mul(tickets, new(big.Int).Quo(p.weight.Denom(), g))
	}
	ticket := Ticket(input, d.Seed, tickets)
	d.Tickets, d.Ticket, d.Commitment = tickets.String(), ticket.String(), Commitment(d.Seed)
	rest := new(big.Int).Set(ticket)
	for k, p := range d.Panels {
		own := new(big.Int).Mul(p.weight.Num(), new(big.Int).Quo(tickets, p.weight.Denom()))
		if rest.Cmp(own) < 0 {
			d.Drawn = k
			return
		}
		rest.Sub(rest, own)
	}
}

// Lottery draws a selection by lot among all that keep the rules.
//
// The chances are the leximin ones: the smallest chance of any application is
// as large as the rules allow, then the next smallest, and so on; alike
// applications have equal chances. Scores play no part: a lottery is among
// equals (put must, never and quotas to use, or leave out those below a line,
// if they are not equal). The chances are split into whole panels, each keeping
// every rule, with exact rational probabilities, and the seed draws one.
//
// Two laminar families of quotas over single municipalities take one linear
// program over types per stage; anything else takes column generation. Draw.Exact
// is false, and the status bounded, when a proof was out of reach; Draw.OffBy then
// says by how much the chances can be off.
func Lottery(p *Problem, seed string, o Options) (*Answer, error) {
	in, err := newInstance(p)
	if err != nil {
		return nil, err
	}
	for i := range in.score {
		in.score[i] = 0
	}
	a := &Answer{Engine: Version, Input: p.Hash(), Method: "lottery", Selected: []string{}}
	lo, hi := in.bounds()
	root := in.ask(query{cost: in.score, lo: lo, hi: hi, options: options{above: nothing, first: true, limit: o.Nodes, tree: true}})
	if !root.found {
		a.Status = Bounded
		if root.exact {
			fresh, err := Best(p, o) // its certificate proves the contradiction
			if err != nil {
				return nil, err
			}
			fresh.Method = a.Method
			return fresh, nil
		}
		return a, nil
	}
	t := newTypes(in, o)
	if !t.twoLaminar() || !t.leximinWhole() || !t.split() {
		if !t.leximinPanels() {
			a.Status = Bounded
			return a, nil
		}
	}
	d := &Draw{Exact: t.exact, OffBy: t.offBy(), Panels: t.portfolio(), Stages: t.stages, Seed: seed, Probabilities: make([]Probability, len(in.apps))}
	chance := t.marginals(d.Panels)
	for i, c := range chance {
		d.Probabilities[i] = Probability{in.apps[i].ID, c.RatString(), c.FloatString(9)}
	}
	a.Status = Optimal
	if !t.exact {
		a.Status = Bounded
	}
	d.draw(a.Input)
	a.Draw, a.Selected = d, d.Panels[d.Drawn].IDs
	return a, nil
}

// marginals are the chances that the portfolio gives.
func (t *types) marginals(panels []WeightedPanel) []*big.Rat {
	chance := make([]*big.Rat, len(t.in.apps))
	for i := range chance {
		chance[i] = new(big.Rat)
	}
	for _, p := range panels {
		for _, id := range p.IDs {
			i := t.in.at[id]
			chance[i].Add(chance[i], p.weight)
		}
	}
	return chance
}
