package selection

import (
	"encoding/json"
	"math/big"
)

// Status says what kind of answer an answer is.
type Status string

// Optimal: the bound equals the value. Infeasible: no selection keeps the
// rules. Bounded: the search's limit was hit; the value is within the bound but
// is not proved to be the best.
const (
	Optimal    Status = "optimal"
	Infeasible Status = "infeasible"
	Bounded    Status = "bounded"
)

// Options bound the work. The zero value is the ordinary choice.
type Options struct {
	// Nodes bounds each search; 0 means 200 000. It counts nodes, not time.
	Nodes int
	// NoWhyNot leaves out the answers to "why not us".
	NoWhyNot bool
}

// Answer is the answer of Best and of Lottery.
type Answer struct {
	Engine      string       `json:"engine"`
	Input       string       `json:"input_sha256"`
	Method      string       `json:"method"`
	Status      Status       `json:"status"`
	Selected    []string     `json:"selected"`
	Value       json.Number  `json:"value,omitempty"`
	Bound       json.Number  `json:"bound,omitempty"`
	Gap         json.Number  `json:"gap,omitempty"`
	Spread      *SpreadValue `json:"spread,omitempty"`
	Certificate *Certificate `json:"certificate,omitempty"`
	WhyNot      []WhyNot     `json:"why_not,omitempty"`
	Conflict    []Clause     `json:"conflict,omitempty"`
	Relaxation  []Change     `json:"relaxation,omitempty"`
	*Draw                    // of a lottery
}

// Best finds the selection with the highest score sum under all rules, proves
// it, and says for each application that is not selected what it would have
// taken.
//
// Among selections of the same score (or, with a spread, within its GiveUp of
// the best) the one with the best spread wins, then the higher score, then the
// published order: see Rules.Order. The error is an *InputError; infeasible
// rules are an answer, with a smallest conflict and the least relaxation.
//
// Cost: one small search for the optimum, one per application for why-not, and
// one per tied application. Two laminar families of quotas over applications
// of single municipalities need no branching at all (the matrix is totally
// unimodular: Hoffman and Kruskal 1956; Edmonds 1970 for two laminar families).
func Best(p *Problem, o Options) (*Answer, error) {
	in, err := newInstance(p)
	if err != nil {
		return nil, err
	}
	a := &Answer{Engine: Version, Input: p.Hash(), Method: "best", Selected: []string{}}
	lo, hi := in.bounds()
	root := in.ask(query{cost: in.score, lo: lo, hi: hi, options: options{above: nothing, limit: o.Nodes, tree: true}})
	a.Certificate = &Certificate{Score: in.scoreProof(root)}
	if !root.found && root.exact {
		a.Status = Infeasible
		a.Certificate.Score.Bound = ""
		in.explainInfeasible(a, o)
		return a, nil
	}
	a.Bound = json.Number(in.points(root.bound))
	if !root.found {
		a.Status = Bounded
		return a, nil
	}
	forced := in.forcedValues(root, o)
	chosen, exact := in.refine(a, root, forced, o)
	a.Status = Optimal
	if !root.exact || !exact {
		a.Status = Bounded
	}
	value := in.scoreOf(chosen)
	a.Selected, a.Value = in.names(chosen), json.Number(in.points(value))
	if value != root.bound {
		a.Gap = json.Number(in.points(root.bound - value))
	}
	if !o.NoWhyNot {
		a.WhyNot = in.whyNot(root, chosen, forced, o)
	}
	return a, nil
}

// scoreProof turns a search's tree over scores into a Proof.
func (in *instance) scoreProof(r reply) *Proof {
	scale := new(big.Rat).SetFrac(pow10(in.places), big.NewInt(in.unit))
	return &Proof{Bound: in.points(r.bound), Scale: scale.RatString(), Groups: in.idGroups(r.groups), Tree: r.tree}
}

// refine applies the spread and then the published order of ties to the
// selections that are as good as root, and returns the one that is left.
func (in *instance) refine(a *Answer, root reply, forced []forcedValue, o Options) (chosen []bool, exact bool) {
	lo, hi := in.bounds()
	q := query{cost: in.score, lo: lo, hi: hi, options: options{above: root.value - 1, limit: o.Nodes, first: true}}
	start, exact := root.chosen, true
	floor := root.value
	if in.p.Rules.Spread != nil {
		var s spreadResult
		q, s = in.spread(a, root, o)
		start, exact = s.chosen, s.exact
		floor = root.value - in.giveUp()
	}
	may := func(i int) bool { // can some selection within the give-up hold atom i?
		return root.chosen[i] || len(forced) > 0 && (forced[i].value >= floor || !forced[i].exact)
	}
	return in.firstInOrder(q, start, may, exact)
}

// firstInOrder finds, among the selections that satisfy q (each is worth more
// than q.above), the first in the published order: it goes through the
// applications in that order and keeps each one that can still be kept.
func (in *instance) firstInOrder(q query, chosen []bool, may func(int) bool, exact bool) ([]bool, bool) {
	for _, i := range in.byRank() {
		switch {
		case chosen[i]:
			q.lo[i] = 1
		case q.hi[i] == 0:
		case !may(i):
			q.hi[i] = 0
		default:
			q.lo[i] = 1
			r := in.ask(q)
			exact = exact && (r.found || r.exact)
			if r.found {
				chosen = r.chosen
			} else {
				q.lo[i], q.hi[i] = 0, 0
			}
		}
	}
	return chosen, exact
}
