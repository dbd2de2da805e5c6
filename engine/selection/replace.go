package selection

import (
	"crypto/sha256"
	"slices"
	"sort"
)

// Replace selects anew after the applications in withdrawn have left and those
// in confirmed have said yes: the confirmed stay, the withdrawn never come
// back, and the empty places are filled with the best under the same rules and
// with the same proof.
func Replace(p *Problem, confirmed, withdrawn []string, o Options) (*Answer, error) {
	return Best(p.After(confirmed, withdrawn), o)
}

// ReplaceByLot is Replace for a lottery: the empty places are drawn among those
// who may take them, with the same seed. The draw is a new one, because the
// ticket also follows from the input, which says who has left.
func ReplaceByLot(p *Problem, confirmed, withdrawn []string, seed string, o Options) (*Answer, error) {
	return Lottery(p.After(confirmed, withdrawn), seed, o)
}

// Held is how many of the selected each quota counts, in the order of the quotas.
func (p *Problem) Held(selected []string) []int {
	out := make([]int, len(p.Rules.Quotas))
	for _, a := range p.Applications {
		if slices.Contains(selected, a.ID) {
			for k, q := range p.Rules.Quotas {
				out[k] += int(q.counts(a))
			}
		}
	}
	return out
}

// After is the problem that Replace solves; its hash is in Replace's answer.
func (p *Problem) After(confirmed, withdrawn []string) *Problem {
	q := *p
	q.Rules.Must = slices.Concat(p.Rules.Must, confirmed)
	q.Rules.Must = slices.DeleteFunc(q.Rules.Must, func(id string) bool { return slices.Contains(withdrawn, id) })
	q.Rules.Never = slices.Concat(p.Rules.Never, withdrawn)
	return &q
}

// Reserve is who takes the place if one selected application withdraws and all
// others stay. Instead is empty when nobody can under the rules.
type Reserve struct {
	Withdrawn string   `json:"withdrawn"`
	Instead   []string `json:"instead"`
}

// Reserves lists, for each selected application, who takes its place. Cost: one
// small search for each.
func Reserves(p *Problem, selected []string, o Options) ([]Reserve, error) {
	o.NoWhyNot = true
	var out []Reserve
	for _, id := range selected {
		others := slices.DeleteFunc(slices.Clone(selected), func(s string) bool { return s == id })
		a, err := Replace(p, others, []string{id}, o)
		if err != nil {
			return nil, err
		}
		in := slices.DeleteFunc(slices.Clone(a.Selected), func(s string) bool { return slices.Contains(others, s) })
		out = append(out, Reserve{id, in})
	}
	return out, nil
}

// OrderByLot is a published order for ties that nobody can foresee: the ids by
// the SHA-256 of "kommunpilot order 1\n" + seed + "\n" + id.
func OrderByLot(ids []string, seed string) []string {
	out := slices.Clone(ids)
	key := map[string]string{}
	for _, id := range ids {
		sum := sha256.Sum256([]byte("kommunpilot order 1\n" + seed + "\n" + id))
		key[id] = string(sum[:])
	}
	sort.Slice(out, func(i, j int) bool { return key[out[i]] < key[out[j]] })
	return out
}
