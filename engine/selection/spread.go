package selection

import (
	"slices"
	"sort"
	"strconv"
)

// SpreadValue is the spread of the selection and its proved bound: values
// covered, or metres between the two closest selected.
type SpreadValue struct {
	Objective string `json:"objective"`
	Attribute string `json:"attribute,omitempty"`
	Value     int64  `json:"value"`
	Bound     int64  `json:"bound"`
	// GivenUp is the score that was given up for the spread.
	GivenUp string `json:"given_up"`
	// Best is a selection with the best score, regardless of spread.
	Best []string `json:"best_score_selection"`
}

type spreadResult struct {
	chosen []bool
	exact  bool
}

// giveUp is the score that may be given up for spread, in units, rounded down.
func (in *instance) giveUp() int64 {
	d := in.p.Rules.Spread.GiveUp
	places := max(in.places, d.places)
	n, ok := d.at(places)
	if !ok || n > maxScore<<10 {
		return maxScore
	}
	for range places - in.places {
		n /= 10
	}
	return n / in.unit
}

// spread finds the best spread among the selections within the give-up, and
// returns a query for all selections that have it and, among those, the
// highest score.
func (in *instance) spread(a *Answer, root reply, o Options) (query, spreadResult) {
	s := in.p.Rules.Spread
	window := extraRow{interval: interval{root.value - in.giveUp(), root.bound}, coef: in.score}
	lo, hi := in.bounds()
	q := query{cost: in.score, lo: lo, hi: hi, extra: []extraRow{window}, options: options{limit: o.Nodes}}
	value := &SpreadValue{Objective: s.Objective, Attribute: s.Attribute, GivenUp: "0", Best: in.names(root.chosen)}
	a.Spread = value
	var exact bool
	if s.Objective == SpreadCover {
		exact = in.cover(a, &q, value, o)
	} else {
		exact = in.distance(a, &q, value, root, o)
	}
	q.above, q.first = nothing, false
	final := in.ask(q)
	if !final.found { // only when a limit was hit
		q.above = nothing
		q.first = true
		return q, spreadResult{root.chosen, false}
	}
	value.GivenUp = in.points(root.value - final.value)
	q.above, q.first = final.value-1, true
	return q, spreadResult{final.chosen, exact && final.exact}
}

// cover asks for the most values of the attribute, and adds to q the columns
// and rows that keep that many.
func (in *instance) cover(a *Answer, q *query, value *SpreadValue, o Options) bool {
	values := in.values(in.p.Rules.Spread.Attribute)
	first := len(in.rows) + len(q.extra)
	for k, v := range values {
		q.extra = append(q.extra, extraRow{interval: interval{0, int64(len(in.atoms))}, coef: in.holders(v)})
		q.cols = append(q.cols, column{cost: 1, hi: 1, row: []int{first + k}, coef: []int64{-1}})
	}
	c := *q
	c.cost, c.above, c.tree = make([]int64, len(in.atoms)), nothing, true
	r := in.ask(c)
	a.Certificate.Spread = &Proof{Bound: strconv.FormatInt(r.bound, 10), Scale: "1", Groups: in.idGroups(r.groups), Tree: r.tree}
	value.Value, value.Bound = max(r.value, 0), r.bound
	enough := first + len(values)
	q.extra = append(q.extra, extraRow{interval: interval{value.Value, int64(len(values))}, coef: make([]int64, len(in.atoms))})
	for k := range q.cols {
		q.cols[k].cost = 0
		q.cols[k].row = append(slices.Clone(q.cols[k].row), enough)
		q.cols[k].coef = append(slices.Clone(q.cols[k].coef), 1)
	}
	return r.exact
}

// values are the values of the attribute among the applications, sorted.
func (in *instance) values(attribute string) []string {
	seen := map[string]bool{}
	var out []string
	for _, a := range in.apps {
		for _, m := range a.Municipalities {
			if v := a.value(m, attribute); v != "" && !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	sort.Strings(out)
	return out
}

// holders marks the applications that have the value of the spread's attribute.
func (in *instance) holders(v string) []int64 {
	out := make([]int64, len(in.apps))
	q := Quota{Attribute: in.p.Rules.Spread.Attribute, Value: v, Count: CountApplications}
	for i, a := range in.apps {
		out[i] = q.counts(a)
	}
	return out
}

// far is further than any two places on Earth, in metres.
const far = int64(1) << 40

// apart forbids pairs closer than metres; the rows are added when a selection
// breaks them, as cliques of applications that are pairwise too close.
type apart struct {
	metres   int64
	between  [][]int64
	possible func(int) bool
}

func (ap *apart) violated(in *instance, chosen []bool) (rows []extraRow) {
	var picked []int
	for i, c := range chosen {
		if c {
			picked = append(picked, i)
		}
	}
	for k, i := range picked {
		for _, j := range picked[k+1:] {
			if ap.between[i][j] >= ap.metres {
				continue
			}
			clique := []int{i, j}
			for c := range in.atoms {
				if ap.possible(c) && ap.closeToAll(c, clique) {
					clique = append(clique, c)
				}
			}
			sort.Ints(clique)
			row := extraRow{interval: interval{0, 1}, coef: make([]int64, len(in.atoms)), ids: clique}
			for _, c := range clique {
				row.coef[c] = 1
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (ap *apart) closeToAll(c int, clique []int) bool {
	for _, k := range clique {
		if c == k || ap.between[c][k] >= ap.metres {
			return false
		}
	}
	return true
}

// distances is the smallest distance between any municipality of one
// application and any of another.
func (in *instance) distances() [][]int64 {
	table := map[[2]string]int64{}
	for _, d := range in.p.Distances {
		table[[2]string{min(d.A, d.B), max(d.A, d.B)}] = d.Metres
	}
	out := make([][]int64, len(in.apps))
	for i := range out {
		out[i] = make([]int64, len(in.apps))
		for j := range i {
			best := far
			for _, a := range in.apps[i].Municipalities {
				for _, b := range in.apps[j].Municipalities {
					if a.Code == b.Code {
						best = 0
					} else if d, ok := table[[2]string{min(a.Code, b.Code), max(a.Code, b.Code)}]; ok {
						best = min(best, d)
					}
				}
			}
			out[i][j], out[j][i] = best, best
		}
	}
	return out
}

// distance finds the largest smallest distance by halving over the distances
// that occur, and leaves in q what keeps it.
func (in *instance) distance(a *Answer, q *query, value *SpreadValue, root reply, o Options) bool {
	between := in.distances()
	var all []int64
	for i := range between {
		all = append(all, between[i][:i]...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	possible := func(i int) bool { return in.atoms[i].hi > 0 }
	exact := true
	reach := func(metres int64) (reply, bool) {
		c := *q
		c.extra = slices.Clone(q.extra)
		c.apart = &apart{metres, between, possible}
		c.above, c.first, c.tree = nothing, true, true
		r := in.ask(c)
		exact = exact && (r.found || r.exact)
		return r, r.found
	}
	closest := func(chosen []bool) int {
		best := len(all) - 1
		for i := range chosen {
			for j := range i {
				if chosen[i] && chosen[j] {
					k, _ := slices.BinarySearch(all, between[i][j])
					best = min(best, k)
				}
			}
		}
		return best
	}
	if len(all) == 0 {
		return true
	}
	good, bad := closest(root.chosen), len(all) // all[good] can be reached, all[bad] cannot
	for bad-good > 1 {
		mid := (good + bad) / 2
		r, ok := reach(all[mid])
		if ok {
			good = max(mid, closest(r.chosen))
			continue
		}
		bad = mid
		proof := &Proof{Bound: "", Scale: "1", Groups: in.idGroups(r.groups), Tree: r.tree, Apart: all[mid]}
		for _, e := range r.extra[1:] {
			var ids []string
			for _, i := range e.ids {
				ids = append(ids, in.apps[i].ID)
			}
			proof.Cliques = append(proof.Cliques, ids)
		}
		a.Certificate.Spread = proof
	}
	value.Value, value.Bound = all[good], all[min(bad, len(all)-1)]
	if exact {
		value.Bound = value.Value
	}
	if a.Certificate.Spread != nil {
		a.Certificate.Spread.Bound = strconv.FormatInt(value.Bound, 10)
	}
	q.apart = &apart{all[good], between, possible}
	return exact
}
