package selection

import "encoding/json"

// WhyNot says what it would have taken for an application to be selected.
type WhyNot struct {
	ID string `json:"id"`
	// Reason is "score", "tie" (as good, but later in the published order),
	// "spread", "quota" (no selection under the rules can hold it), "never", or
	// "unknown" (the search's limit was hit).
	Reason string `json:"reason"`
	// Points is the smallest rise of its score that makes a selection with it as
	// good as the best: with exactly this many the published order decides, with
	// more it is selected. (With a give-up for spread, that much more is needed.)
	Points json.Number `json:"points,omitempty"`
	// Instead are selected applications that such a selection leaves out.
	Instead []string `json:"instead,omitempty"`
	// Change is the least change of quotas that would let it in.
	Change []Change `json:"change,omitempty"`
	// Text says it in Swedish.
	Text string `json:"text"`
}

// forcedValue is the best value of a selection that holds an application.
type forcedValue struct {
	value  int64
	chosen []bool // nil when no selection can hold it
	exact  bool
}

// forcedValues computes forcedValue for every application; those in root have
// root's. Nil when there is no use for them.
func (in *instance) forcedValues(root reply, o Options) []forcedValue {
	out := make([]forcedValue, len(in.atoms))
	for i := range in.atoms {
		if root.chosen[i] {
			out[i] = forcedValue{root.value, root.chosen, true}
			continue
		}
		lo, hi := in.bounds()
		if hi[i] == 0 {
			out[i] = forcedValue{nothing, nil, true}
			continue
		}
		lo[i] = 1
		r := in.ask(query{cost: in.score, lo: lo, hi: hi, options: options{above: nothing, limit: o.Nodes}})
		out[i] = forcedValue{nothing, nil, r.exact}
		if r.found {
			out[i] = forcedValue{r.value, r.chosen, r.exact}
		}
	}
	return out
}

func (in *instance) whyNot(root reply, chosen []bool, forced []forcedValue, o Options) []WhyNot {
	out := []WhyNot{}
	for i := range in.atoms {
		if chosen[i] {
			continue
		}
		w := WhyNot{ID: in.apps[i].ID}
		f := forced[i]
		switch {
		case in.atoms[i].hi == 0:
			w.Reason = "never"
		case f.chosen == nil && f.exact:
			w.Reason = "quota"
			w.Change, _ = in.relax([]int{i}, o)
		case !f.exact || !root.exact:
			w.Reason = "unknown"
		default:
			w.Points = json.Number(in.points(root.value - f.value))
			w.Reason = "score"
			if f.value == root.value {
				w.Reason = "tie"
			}
			if in.p.Rules.Spread != nil && f.value >= root.value-in.giveUp() {
				w.Reason = "spread"
			}
			w.Instead = in.names(without(chosen, f.chosen))
			if w.Reason == "tie" || w.Reason == "spread" {
				w.Instead = nil
			}
		}
		w.Text = in.whyText(w)
		out = append(out, w)
	}
	return out
}

// without is what a holds and b does not.
func without(a, b []bool) []bool {
	out := make([]bool, len(a))
	for i := range a {
		out[i] = a[i] && !b[i]
	}
	return out
}
