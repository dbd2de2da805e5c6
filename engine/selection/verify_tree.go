package selection

import (
	"errors"
	"fmt"
	"math/big"
)

// checkColumn is a group of applications, or an extra column.
type checkColumn struct {
	worth  *big.Int
	coef   []*big.Int
	lo, hi int64
}

// proved walks a proof's tree and returns the largest bound of its leaves; nil
// when all leaves are proved empty. The bound is rounded down to a whole number
// of the proof's units, on which all values lie because every group's worth is
// checked to be a whole number of them.
func (v *verifier) proved(m checkModel, proof *Proof) (*big.Rat, error) {
	if proof == nil {
		return nil, errors.New("verify: no proof")
	}
	scale := ratOf(proof.Scale)
	if scale.Sign() <= 0 {
		return nil, errors.New("verify: bad scale")
	}
	t := &treeCheck{nodes: proof.Tree, seen: make([]bool, len(proof.Tree))}
	var err error
	if t.cols, err = v.columns(m, proof.Groups, scale); err != nil {
		return nil, err
	}
	for _, r := range m.rows {
		t.lo, t.hi = append(t.lo, ceiling(r.lo)), append(t.hi, floor(r.hi))
	}
	if err := t.walk(0); err != nil {
		return nil, err
	}
	for k, seen := range t.seen {
		if !seen {
			return nil, fmt.Errorf("verify: node %d hangs loose", k)
		}
	}
	if t.bound == nil {
		return nil, nil
	}
	return new(big.Rat).Quo(new(big.Rat).SetInt(t.bound), scale), nil
}

func floor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) }

func ceiling(r *big.Rat) *big.Int {
	return new(big.Int).Neg(floor(new(big.Rat).Neg(r)))
}

// columns builds the columns behind the groups and checks that every
// application is in exactly one group and that all in a group are alike.
func (v *verifier) columns(m checkModel, groups [][]string, scale *big.Rat) (cols []checkColumn, err error) {
	placed := map[string]bool{}
	for _, ids := range groups {
		var col checkColumn
		for k, id := range ids {
			a, known := v.apps[id]
			if !known || placed[id] {
				return nil, fmt.Errorf("verify: %q is unknown or in two groups", id)
			}
			placed[id] = true
			worth := new(big.Rat).Mul(m.worth(a), scale)
			coef := make([]*big.Rat, len(m.rows))
			alike := worth.IsInt()
			for r, row := range m.rows {
				coef[r] = row.of(a)
				alike = alike && coef[r].IsInt()
			}
			if k == 0 {
				col.worth = worth.Num()
				for _, c := range coef {
					col.coef = append(col.coef, c.Num())
				}
			}
			alike = alike && col.worth.Cmp(worth.Num()) == 0
			for r, c := range coef {
				alike = alike && col.coef[r].Cmp(c.Num()) == 0
			}
			if !alike {
				return nil, fmt.Errorf("verify: %q is not like the others in its group", id)
			}
			if v.must[id] {
				col.lo++
			}
			if !v.no[id] {
				col.hi++
			}
		}
		if len(ids) == 0 {
			return nil, errors.New("verify: an empty group")
		}
		cols = append(cols, col)
	}
	if len(placed) != len(v.apps) {
		return nil, errors.New("verify: an application is in no group")
	}
	for k := range m.extra {
		col := checkColumn{worth: scale.Num(), hi: 1, coef: make([]*big.Int, len(m.rows))}
		for r, row := range m.rows {
			col.coef[r] = big.NewInt(row.extra[k])
		}
		cols = append(cols, col)
	}
	return cols, nil
}

// treeCheck walks a proof tree.
type treeCheck struct {
	cols   []checkColumn
	lo, hi []*big.Int // of the rows
	nodes  []Node
	seen   []bool
	bound  *big.Int // largest bound of a leaf so far; nil: all empty
}

// walk checks node k and everything below it under the columns' present bounds.
func (t *treeCheck) walk(k int) error {
	if k < 0 || k >= len(t.nodes) || t.seen[k] {
		return fmt.Errorf("verify: node %d is missing or is reached twice", k)
	}
	t.seen[k] = true
	n := t.nodes[k]
	if n.Column < 0 {
		return t.leaf(k)
	}
	if n.Column >= len(t.cols) {
		return fmt.Errorf("verify: node %d branches on an unknown column", k)
	}
	c := &t.cols[n.Column]
	lo, hi := c.lo, c.hi
	c.hi = min(hi, n.AtMost)
	err := t.walk(n.Low)
	c.hi = hi
	if err != nil {
		return err
	}
	c.lo = max(lo, n.AtMost+1)
	err = t.walk(n.High)
	c.lo = lo
	return err
}

// leaf computes what the multipliers of a leaf prove (weak duality).
func (t *treeCheck) leaf(k int) error {
	n := t.nodes[k]
	if n.Power > 64 {
		return fmt.Errorf("verify: node %d has an absurd precision", k)
	}
	y := make([]*big.Int, len(t.lo))
	for _, m := range n.Rows {
		if m.Row < 0 || m.Row >= len(y) || y[m.Row] != nil {
			return fmt.Errorf("verify: node %d names a wrong row", k)
		}
		y[m.Row] = big.NewInt(m.Value)
	}
	total := new(big.Int)
	for r, m := range y {
		if m == nil {
			continue
		}
		limit := t.lo[r]
		if m.Sign() > 0 {
			limit = t.hi[r]
		}
		total.Add(total, new(big.Int).Mul(m, limit))
	}
	for _, c := range t.cols {
		d := new(big.Int)
		if !n.Empty {
			d.Lsh(c.worth, n.Power)
		}
		for r, m := range y {
			if m != nil {
				d.Sub(d, new(big.Int).Mul(m, c.coef[r]))
			}
		}
		limit := c.lo
		if d.Sign() > 0 {
			limit = c.hi
		}
		total.Add(total, d.Mul(d, big.NewInt(limit)))
	}
	if n.Empty {
		if total.Sign() >= 0 {
			return fmt.Errorf("verify: node %d is not proved empty", k)
		}
		return nil
	}
	total.Rsh(total, n.Power) // rounds down
	if t.bound == nil || total.Cmp(t.bound) > 0 {
		t.bound = total
	}
	return nil
}
