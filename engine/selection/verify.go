package selection

import (
	"errors"
	"fmt"
	"math/big"
	"sort"
)

// Verify checks an answer of Best against the input by itself: that the
// selection keeps every rule, that its score is what is claimed, and that the
// certificate proves the bound (or that nothing keeps the rules). It shares no
// code with the search, works in whole numbers of any size, and trusts nothing
// in the answer. nil means that everything claimed holds.
//
// What it does not prove: that ties were broken in the published order, the
// figures of why-not, and, for a spread with give-up, that the score is the
// highest among selections with that spread.
//
// Cost: O(leaves x coefficients).
func Verify(p *Problem, a *Answer) error {
	if a.Input != p.Hash() {
		return errors.New("verify: the answer belongs to another input")
	}
	if a.Certificate == nil || a.Certificate.Score == nil {
		return errors.New("verify: no certificate")
	}
	v := newVerifier(p)
	if a.Status == Infeasible {
		return v.infeasible(a)
	}
	if len(a.Selected) > 0 || a.Status == Optimal {
		if err := v.keepsRules(a.Selected); err != nil {
			return err
		}
	}
	model := v.scoreModel()
	bound, err := v.proved(model, a.Certificate.Score)
	if err != nil {
		return err
	}
	if bound == nil || bound.Cmp(ratOf(a.Bound.String())) > 0 {
		return fmt.Errorf("verify: the certificate does not prove the bound %s", a.Bound)
	}
	if len(a.Selected) == 0 {
		return nil
	}
	value := v.sum(a.Selected)
	if value.Cmp(ratOf(a.Value.String())) != 0 {
		return fmt.Errorf("verify: the score sum is %s, not %s", value.RatString(), a.Value)
	}
	gap := new(big.Rat).Sub(ratOf(a.Bound.String()), value)
	allowed := new(big.Rat)
	if s := p.Rules.Spread; s != nil {
		allowed = s.GiveUp.Rat()
	}
	if a.Status == Optimal && gap.Cmp(allowed) > 0 {
		return fmt.Errorf("verify: claimed optimal, but the bound is %s above the value", gap.RatString())
	}
	if p.Rules.Spread != nil {
		return v.spread(a, value)
	}
	return nil
}

// verifier holds the input in its own form.
type verifier struct {
	p    *Problem
	apps map[string]Application
	must map[string]bool
	no   map[string]bool
}

func newVerifier(p *Problem) *verifier {
	v := &verifier{p, map[string]Application{}, map[string]bool{}, map[string]bool{}}
	for _, a := range p.Applications {
		v.apps[a.ID] = a
	}
	for _, id := range p.Rules.Must {
		v.must[id] = true
	}
	for _, id := range p.Rules.Never {
		v.no[id] = true
	}
	return v
}

// ratOf reads a decimal or fraction; anything else is minus infinity enough to fail.
func ratOf(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(-1), 200))
	}
	return r
}

func (v *verifier) sum(ids []string) *big.Rat {
	total := new(big.Rat)
	for _, id := range ids {
		total.Add(total, v.apps[id].Score.Rat())
	}
	return total
}

// weight is how much an application adds to a quota.
func weight(q Quota, a Application) int {
	n := 0
	for _, m := range a.Municipalities {
		got, own := a.Attributes[q.Attribute]
		if !own {
			got = m.Attributes[q.Attribute]
		}
		if got == q.Value {
			n++
		}
	}
	if q.Count == CountApplications && n > 1 {
		return 1
	}
	return n
}

// keepsRules checks a selection against the rules, one by one.
func (v *verifier) keepsRules(ids []string) error {
	taken, codes := map[string]bool{}, map[string]string{}
	for _, id := range ids {
		a, known := v.apps[id]
		if !known || taken[id] {
			return fmt.Errorf("verify: %q is unknown or selected twice", id)
		}
		taken[id] = true
		if v.no[id] {
			return fmt.Errorf("verify: %q must not be selected", id)
		}
		for _, m := range a.Municipalities {
			if other, twice := codes[m.Code]; twice {
				return fmt.Errorf("verify: municipality %s is selected in %q and %q", m.Code, other, id)
			}
			codes[m.Code] = id
		}
	}
	for id := range v.must {
		if !taken[id] {
			return fmt.Errorf("verify: %q must be selected", id)
		}
	}
	if len(ids) != v.p.Rules.Places {
		return fmt.Errorf("verify: %d selected, not %d", len(ids), v.p.Rules.Places)
	}
	for k, q := range v.p.Rules.Quotas {
		n := 0
		for _, id := range ids {
			n += weight(q, v.apps[id])
		}
		if q.Min != nil && n < *q.Min || q.Max != nil && n > *q.Max {
			return fmt.Errorf("verify: quota %d counts %d", k+1, n)
		}
	}
	return nil
}

// checkRow is a row of the model that a proof speaks about: an application's
// coefficient, the columns' after the groups, and the bounds.
type checkRow struct {
	of     func(Application) *big.Rat
	extra  map[int]int64
	lo, hi *big.Rat
}

// checkModel is what a proof must be about.
type checkModel struct {
	worth func(Application) *big.Rat
	rows  []checkRow
	extra int // columns after the groups: each 0 or 1, worth 1
}

func rat(n int) *big.Rat { return new(big.Rat).SetInt64(int64(n)) }

func (v *verifier) scoreModel() checkModel {
	m := checkModel{worth: func(a Application) *big.Rat { return a.Score.Rat() }}
	places := rat(v.p.Rules.Places)
	m.rows = append(m.rows, checkRow{of: func(Application) *big.Rat { return rat(1) }, lo: places, hi: places})
	for _, q := range v.p.Rules.Quotas {
		lo, hi := 0, 0
		if q.Min != nil {
			lo = *q.Min
		}
		for _, a := range v.p.Applications {
			hi += weight(q, a)
		}
		hi = max(hi, lo)
		if q.Max != nil {
			hi = *q.Max
		}
		m.rows = append(m.rows, checkRow{of: func(a Application) *big.Rat { return rat(weight(q, a)) }, lo: rat(lo), hi: rat(hi)})
	}
	holders := map[string]int{}
	for _, a := range v.p.Applications {
		for _, c := range a.Municipalities {
			holders[c.Code]++
		}
	}
	var codes []string
	for code, n := range holders {
		if n > 1 {
			codes = append(codes, code)
		}
	}
	sort.Strings(codes)
	for _, code := range codes {
		m.rows = append(m.rows, checkRow{lo: rat(0), hi: rat(1), of: func(a Application) *big.Rat {
			for _, c := range a.Municipalities {
				if c.Code == code {
					return rat(1)
				}
			}
			return rat(0)
		}})
	}
	return m
}

// infeasible checks that the tree's leaves are all proved empty.
func (v *verifier) infeasible(a *Answer) error {
	for id := range v.must {
		if v.no[id] {
			return nil
		}
	}
	bound, err := v.proved(v.scoreModel(), a.Certificate.Score)
	if err != nil {
		return err
	}
	if bound != nil {
		return errors.New("verify: the certificate does not prove that the rules contradict each other")
	}
	return nil
}

// spread checks the claimed spread and its proof.
func (v *verifier) spread(a *Answer, value *big.Rat) error {
	s, claim, proof := v.p.Rules.Spread, a.Spread, a.Certificate.Spread
	if claim == nil || claim.Objective != s.Objective {
		return errors.New("verify: no spread")
	}
	best := new(big.Rat).Add(value, ratOf(claim.GivenUp))
	if err := v.keepsRules(claim.Best); err != nil {
		return err
	}
	if v.sum(claim.Best).Cmp(best) != 0 {
		return errors.New("verify: the selection with the best score does not have the best score")
	}
	// The score row is counted in the units of the score proof. Any positive
	// scale makes a true row, so the scale need not be trusted.
	scale := ratOf(a.Certificate.Score.Scale)
	times := func(r *big.Rat) *big.Rat { return new(big.Rat).Mul(r, scale) }
	m := v.scoreModel()
	m.rows = append(m.rows, checkRow{of: func(a Application) *big.Rat { return times(a.Score.Rat()) },
		lo: times(new(big.Rat).Sub(best, s.GiveUp.Rat())), hi: times(ratOf(a.Bound.String()))})
	m.worth = func(Application) *big.Rat { return new(big.Rat) }
	if s.Objective == SpreadMinDistance {
		return v.minDistance(a, m)
	}
	held := map[string]bool{}
	all := map[string]bool{}
	for _, app := range v.p.Applications {
		for _, c := range app.Municipalities {
			got, own := app.Attributes[s.Attribute]
			if !own {
				got = c.Attributes[s.Attribute]
			}
			if got != "" {
				all[got] = true
			}
		}
	}
	var values []string
	for x := range all {
		values = append(values, x)
	}
	sort.Strings(values)
	for k, x := range values {
		q := Quota{Attribute: s.Attribute, Value: x, Count: CountApplications}
		for _, id := range a.Selected {
			held[x] = held[x] || weight(q, v.apps[id]) > 0
		}
		if !held[x] {
			delete(held, x)
		}
		m.rows = append(m.rows, checkRow{of: func(a Application) *big.Rat { return rat(weight(q, a)) },
			extra: map[int]int64{k: -1}, lo: rat(0), hi: rat(len(v.p.Applications))})
	}
	m.extra = len(values)
	bound, err := v.proved(m, proof)
	if err != nil {
		return err
	}
	if int64(len(held)) != claim.Value || bound == nil || bound.Cmp(new(big.Rat).SetInt64(claim.Bound)) > 0 {
		return errors.New("verify: the spread is not what is claimed")
	}
	if a.Status == Optimal && claim.Value != claim.Bound {
		return errors.New("verify: the spread is not proved")
	}
	return nil
}

// apartBy is the distance between two applications, -1 when none is known.
func (v *verifier) apartBy(known map[[2]string]int64, a, b Application) int64 {
	best := int64(-1)
	for _, x := range a.Municipalities {
		for _, y := range b.Municipalities {
			d, ok := known[[2]string{x.Code, y.Code}]
			if x.Code == y.Code {
				d, ok = 0, true
			}
			if ok && (best < 0 || d < best) {
				best = d
			}
		}
	}
	return best
}

func (v *verifier) minDistance(a *Answer, m checkModel) error {
	known := map[[2]string]int64{}
	for _, d := range v.p.Distances {
		known[[2]string{d.A, d.B}], known[[2]string{d.B, d.A}] = d.Metres, d.Metres
	}
	next := int64(-1) // the smallest occurring distance above the claim
	for i, x := range v.p.Applications {
		for _, y := range v.p.Applications[:i] {
			if d := v.apartBy(known, x, y); d > a.Spread.Value && (next < 0 || d < next) {
				next = d
			}
		}
	}
	for i, x := range a.Selected {
		for _, y := range a.Selected[:i] {
			if d := v.apartBy(known, v.apps[x], v.apps[y]); d >= 0 && d < a.Spread.Value {
				return fmt.Errorf("verify: %s and %s are %d metres apart", x, y, d)
			}
		}
	}
	if next < 0 || a.Status != Optimal {
		return nil
	}
	proof := a.Certificate.Spread
	if proof == nil || proof.Apart > next {
		return errors.New("verify: nothing proves that the selected cannot be further apart")
	}
	for _, ids := range proof.Cliques {
		in := map[string]bool{}
		for i, id := range ids {
			in[id] = true
			for _, other := range ids[:i] {
				if d := v.apartBy(known, v.apps[id], v.apps[other]); d < 0 || d >= proof.Apart {
					return fmt.Errorf("verify: %s and %s are not too close", id, other)
				}
			}
		}
		m.rows = append(m.rows, checkRow{lo: rat(0), hi: rat(1), of: func(a Application) *big.Rat {
			if in[a.ID] {
				return rat(1)
			}
			return rat(0)
		}})
	}
	bound, err := v.proved(m, proof)
	if err == nil && bound != nil {
		err = errors.New("verify: the proof leaves room for a larger distance")
	}
	return err
}
