// Package selection chooses among applications under quotas, with proof: the
// best score sum with a certificate, or an exact fair lottery. An application
// is one atom, whether it stands for one municipality or several.
//
// The engine is pure: the same input gives the same bytes. Verify and
// VerifyLottery check its answers without the search.
package selection

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
)

// Version names the method. It is part of every answer and of the input's
// hash, so that an old answer can be made again with the version that made it.
const Version = "kommunpilot-selection/1"

// Municipality is a municipality in an application, with the values it has for
// the attributes that quotas may use ("county": "19").
type Municipality struct {
	Code       string            `json:"code"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Application is one atom: it takes one place whether it stands for one
// municipality or several. Attributes that belong to the application as a
// whole beat the municipality's attribute of the same name.
type Application struct {
	ID             string            `json:"id"`
	Municipalities []Municipality    `json:"municipalities"`
	Score          Decimal           `json:"score"`
	Attributes     map[string]string `json:"attributes,omitempty"`
}

// Count says what a quota counts.
type Count string

// What a quota can count. With CountMunicipalities a joint application counts
// once for each of its municipalities that has the value; with
// CountApplications it counts once if any of them has.
const (
	CountMunicipalities Count = "municipalities"
	CountApplications   Count = "applications"
)

// Quota bounds how many of the selected have Value for Attribute. A nil bound
// is no bound.
type Quota struct {
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
	Min       *int   `json:"min,omitempty"`
	Max       *int   `json:"max,omitempty"`
	Count     Count  `json:"count"`
}

// Spread is the second goal: after the score, among all selections whose score
// is at most GiveUp below the best, the one with the best spread.
type Spread struct {
	// Objective is "cover" (as many values of Attribute as possible among the
	// selected) or "min_distance" (the smallest distance between two selected
	// applications as large as possible).
	Objective string  `json:"objective"`
	Attribute string  `json:"attribute,omitempty"`
	GiveUp    Decimal `json:"give_up"`
}

// The objectives of Spread.
const (
	SpreadCover       = "cover"
	SpreadMinDistance = "min_distance"
)

// Rules are the rules of a selection.
type Rules struct {
	Places int      `json:"places"`
	Must   []string `json:"must,omitempty"`
	Never  []string `json:"never,omitempty"`
	Quotas []Quota  `json:"quotas,omitempty"`
	Spread *Spread  `json:"spread,omitempty"`
	// Order is the published order that breaks ties: of two equally good
	// selections, the one that holds the first application, in this order,
	// that only one of them holds. Empty means the order of the ids.
	Order []string `json:"order,omitempty"`
}

// Problem is the whole input of a selection.
type Problem struct {
	Applications []Application `json:"applications"`
	Rules        Rules         `json:"rules"`
	// Distances holds metres between two municipalities, for min_distance. The
	// smaller code comes first. A pair that is not there is infinitely far.
	Distances []Distance `json:"distances,omitempty"`
}

// Distance is the distance between two municipalities in metres.
type Distance struct {
	A      string `json:"a"`
	B      string `json:"b"`
	Metres int64  `json:"metres"`
}

// Hash is the SHA-256 of the input in a canonical form (applications by id,
// must and never sorted, quotas in the given order) and of Version, in hex.
func (p *Problem) Hash() string {
	c := *p
	c.Applications = append([]Application(nil), p.Applications...)
	sort.Slice(c.Applications, func(i, j int) bool { return c.Applications[i].ID < c.Applications[j].ID })
	c.Rules.Must = sorted(p.Rules.Must)
	c.Rules.Never = sorted(p.Rules.Never)
	c.Distances = append([]Distance(nil), p.Distances...)
	sort.Slice(c.Distances, func(i, j int) bool {
		a, b := c.Distances[i], c.Distances[j]
		return a.A < b.A || a.A == b.A && a.B < b.B
	})
	b, err := json.Marshal(struct {
		Version string   `json:"version"`
		Problem *Problem `json:"problem"`
	}{Version, &c})
	if err != nil { // no type in Problem can fail to marshal
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func sorted(ids []string) []string {
	out := append([]string(nil), ids...)
	sort.Strings(out)
	return out
}

// Issue is something wrong in the input: where ("applications[3].id",
// "rules.quota[1].min") and what, in Swedish.
type Issue struct {
	Where string
	What  string
}

// InputError lists everything that is wrong with a Problem.
type InputError struct{ Issues []Issue }

// Error is the first issue and how many there are.
func (e *InputError) Error() string {
	return fmt.Sprintf("selection: %d fel i indata; det första: %s: %s", len(e.Issues), e.Issues[0].Where, e.Issues[0].What)
}

// maxScore bounds a score counted in the smallest decimal used by any score.
const maxScore = int64(1) << 40

// Validate returns everything that is wrong with the input, or nil.
//
// Wrong are: no places or fewer than one, no application, an empty or repeated
// id, an application without municipality or with the same one twice, scores
// too large to be summed exactly, an unknown id in must, never or order, a
// quota with min above max, a negative bound, without any bound, or with an
// unknown count, and a spread with unknown objective. An application in both
// must and never is not wrong but a contradiction, and is answered as such.
func (p *Problem) Validate() []Issue {
	var issues []Issue
	add := func(what string, where string, args ...any) {
		issues = append(issues, Issue{fmt.Sprintf(where, args...), what})
	}
	if p.Rules.Places < 1 {
		add("antalet platser ska vara minst 1", "rules.places")
	}
	if len(p.Applications) == 0 {
		add("det finns inga ansökningar", "applications")
	}
	seen := map[string]bool{}
	places := 0
	for _, a := range p.Applications {
		places = max(places, a.Score.places)
	}
	for i, a := range p.Applications {
		switch {
		case a.ID == "":
			add("id saknas", "applications[%d].id", i)
		case seen[a.ID]:
			add("id "+a.ID+" finns två gånger", "applications[%d].id", i)
		}
		seen[a.ID] = true
		if len(a.Municipalities) == 0 {
			add("ansökan har ingen kommun", "applications[%d].municipalities", i)
		}
		codes := map[string]bool{}
		for _, m := range a.Municipalities {
			if codes[m.Code] {
				add("kommun "+m.Code+" finns två gånger i samma ansökan", "applications[%d].municipalities", i)
			}
			codes[m.Code] = true
		}
		if n, ok := a.Score.at(places); !ok || n > maxScore || n < -maxScore {
			add("poängen har för många siffror för att summeras exakt", "applications[%d].score", i)
		}
	}
	for name, ids := range map[string][]string{"must": p.Rules.Must, "never": p.Rules.Never, "order": p.Rules.Order} {
		for i, id := range ids {
			if !seen[id] {
				add("ansökan "+id+" finns inte", "rules.%s[%d]", name, i)
			}
		}
	}
	for i, q := range p.Rules.Quotas {
		for _, what := range q.issues() {
			add(what, "rules.quota[%d]", i)
		}
	}
	if s := p.Rules.Spread; s != nil {
		if s.Objective != SpreadCover && s.Objective != SpreadMinDistance {
			add("spridningsmålet ska vara cover eller min_distance", "rules.spread.objective")
		}
		if s.GiveUp.unscaled < 0 {
			add("give_up kan inte vara negativt", "rules.spread.give_up")
		}
	}
	sort.SliceStable(issues, func(i, j int) bool { return issues[i].Where < issues[j].Where })
	return issues
}

func (q Quota) issues() (out []string) {
	if q.Attribute == "" {
		out = append(out, "attribut saknas")
	}
	if q.Min == nil && q.Max == nil {
		out = append(out, "kvoten har varken min eller max")
	}
	if q.Min != nil && *q.Min < 0 || q.Max != nil && *q.Max < 0 {
		out = append(out, "en gräns kan inte vara negativ")
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		out = append(out, fmt.Sprintf("min %d är större än max %d", *q.Min, *q.Max))
	}
	if q.Count != CountMunicipalities && q.Count != CountApplications {
		out = append(out, "count ska vara municipalities eller applications")
	}
	return out
}

// counts returns how much the application adds to the quota's count.
func (q Quota) counts(a Application) int64 {
	n := int64(0)
	for _, m := range a.Municipalities {
		if a.value(m, q.Attribute) == q.Value {
			n++
		}
	}
	if q.Count == CountApplications {
		n = min(n, 1)
	}
	return n
}

// value is what the municipality counts as for the attribute, within this application.
func (a Application) value(m Municipality, attribute string) string {
	if v, ok := a.Attributes[attribute]; ok {
		return v
	}
	return m.Attributes[attribute]
}
