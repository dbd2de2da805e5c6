package assessment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/kommun"
	"kommunpilot/base/who"
	"kommunpilot/engine/selection"
)

// RunState is where a selection run is.
type RunState string

// The states of a run. A run is never edited: it is replaced by a new one.
const (
	Prepared RunState = "förberedd" // a lottery whose seed is committed but not drawn
	Computed RunState = "beräknad"
	Drawn    RunState = "utlottad"
	Reviewed RunState = "granskad"
	Adopted  RunState = "fastställd"
	Replaced RunState = "ersatt"
)

// Run is a selection run as it is stored. Input and Result are the engine's,
// as JSON, byte for byte.
type Run struct {
	ID         RunID
	Call       CallID
	Kind       string
	Method     string // "best" or "lottery"
	State      RunState
	Created    time.Time
	Person     who.PersonID
	Engine     string
	Input      string
	InputHash  string
	Seed       string // secret until drawn
	Commitment string
	Overrides  []Override
	Result     string
}

// Override is an aim that was set aside, and why.
type Override struct{ Quota, Motive string }

// Outcome is what one application gets.
type Outcome struct {
	Application ApplicationID
	Outcome     string // "vald", "reserv", "ej vald"
	Deviation   string // why it differs from the run
	Reason      string // what the applicant is told
}

// Candidate is an eligible application with its score.
type Candidate struct {
	Application
	Score    int64 // ten-thousandths
	Passed   bool  // step 1
	Complete bool  // every criterion scored
}

// candidates puts scores on the eligible applications that seek the kind.
func candidates(c Call, kind string, apps []Application, scored map[ApplicationID][]Assessment) []Candidate {
	var out []Candidate
	for _, a := range apps {
		if !a.Eligible || !slices.Contains(a.Kinds, kind) {
			continue
		}
		x := Candidate{Application: a, Passed: Passed(c.Criteria, scored[a.ID])}
		x.Score, x.Complete = Weighted(c.Criteria, scored[a.ID])
		out = append(out, x)
	}
	return out
}

// Text says a quota in Swedish: "högst 3 svar från Västmanlands län". It is
// also what names the quota in a form.
func (q Quota) Text() string { return swedish(kommun.Default(), nil).rule(q) }

// problem builds the engine's input. Aims in overrides are left out; each
// needs a motive. taken are those already selected for another kind.
func problem(c Call, k Kind, list []Candidate, register *kommun.Register, overrides []Override, taken []ApplicationID) (*selection.Problem, error) {
	var p selection.Problem
	attributes := map[string]bool{"county": true}
	for _, q := range c.Quotas {
		attributes[q.Attribute] = true
	}
	seen := map[string]map[string]bool{}
	var codes []string
	for _, x := range list {
		a := selection.Application{ID: id.String(x.ID), Score: points(x.Score)}
		for _, code := range x.Codes {
			m := selection.Municipality{Code: code, Attributes: map[string]string{}}
			kommun, ok := register.ByCode(code)
			if !ok {
				return nil, fail.Newf(fail.Conflict, "Kommunkoden %s finns inte i registret.", code)
			}
			for name := range attributes {
				v, _ := kommun.Attribute(name)
				m.Attributes[name] = v
				if seen[name] == nil {
					seen[name] = map[string]bool{}
				}
				seen[name][v] = true
			}
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
			a.Municipalities = append(a.Municipalities, m)
		}
		if !x.Passed || !x.Complete || slices.Contains(taken, x.ID) {
			p.Rules.Never = append(p.Rules.Never, a.ID)
		}
		p.Applications = append(p.Applications, a)
	}
	quotas, err := quotas(c, seen, overrides)
	if err != nil {
		return nil, err
	}
	p.Rules.Quotas = quotas
	p.Rules.Places = min(k.Places, len(list)-len(p.Rules.Never))
	switch c.Spread {
	case "counties":
		p.Rules.Spread = &selection.Spread{Objective: selection.SpreadCover, Attribute: "county"}
	case "min_distance":
		p.Rules.Spread = &selection.Spread{Objective: selection.SpreadMinDistance}
		p.Distances = distances(codes, register)
	}
	if p.Rules.Places < 1 {
		return nil, fail.New(fail.Conflict, "Det finns inget behörigt och färdigbedömt svar att välja bland.")
	}
	return &p, nil
}

// points is a score in ten-thousandths as the engine's decimal.
func points(n int64) selection.Decimal {
	d, err := selection.ParseDecimal(fmt.Sprintf("%d.%04d", n/scale, n%scale))
	if err != nil {
		return selection.Whole(0) // scores are within the engine's limits
	}
	return d
}

// quotas writes the call's as the engine's; "*" becomes one for each value.
func quotas(c Call, seen map[string]map[string]bool, overrides []Override) ([]selection.Quota, error) {
	var out []selection.Quota
	for _, q := range c.Quotas {
		i := slices.IndexFunc(overrides, func(o Override) bool { return o.Quota == q.Text() })
		if i >= 0 {
			if !q.Aim {
				return nil, fail.Newf(fail.Conflict, "%s är ett krav och kan inte sättas åt sidan.", q.Text())
			}
			if strings.TrimSpace(overrides[i].Motive) == "" {
				return nil, fail.Fields(fail.Field{Name: "motive", Message: "Skriv varför målet sätts åt sidan: " + q.Text() + "."})
			}
			continue
		}
		values := []string{q.Value}
		if q.Value == "*" {
			values = nil
			for v := range seen[q.Attribute] {
				values = append(values, v)
			}
			slices.Sort(values)
		}
		for _, v := range values {
			x := selection.Quota{Attribute: q.Attribute, Value: v, Count: selection.CountMunicipalities}
			if q.Count == "applications" {
				x.Count = selection.CountApplications
			}
			if q.Min > 0 {
				x.Min = &q.Min
			}
			if q.Max > 0 {
				x.Max = &q.Max
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// distances lists metres between the main localities, each pair once.
func distances(codes []string, register *kommun.Register) []selection.Distance {
	slices.Sort(codes)
	var out []selection.Distance
	for i, a := range codes {
		ka, _ := register.ByCode(a)
		for _, b := range codes[i+1:] {
			kb, _ := register.ByCode(b)
			out = append(out, selection.Distance{A: a, B: b, Metres: int64(kommun.Distance(ka, kb))})
		}
	}
	return out
}

// compute runs the engine: for a lottery the seed must be there.
func compute(method string, p *selection.Problem, seed string) (*selection.Answer, error) {
	if method == "lottery" {
		return selection.Lottery(p, seed, selection.Options{})
	}
	return selection.Best(p, selection.Options{})
}

// verify checks the answer with the engine's independent verifier.
func verify(method string, p *selection.Problem, a *selection.Answer) error {
	if method == "lottery" {
		return selection.VerifyLottery(p, a)
	}
	return selection.Verify(p, a)
}

// reserves is how many of those not selected are offered a place in reserve.
const reserves = 3

// proposal says what each candidate gets by the run, and why.
func proposal(list []Candidate, a *selection.Answer, method string, register *kommun.Register) []Outcome {
	why, e := map[string]string{}, swedish(register, list)
	for _, w := range a.WhyNot {
		why[w.ID] = e.why(w)
	}
	var out []Outcome
	var rest []Candidate
	for _, x := range list {
		if slices.Contains(a.Selected, id.String(x.ID)) {
			reason := fmt.Sprintf("Svaret fick %s poäng och ingår i det urval som har högst sammanlagd poäng inom kvoterna.", Points(x.Score))
			if method == "lottery" {
				reason = "Svaret drogs i lottningen bland likvärdiga svar."
			}
			out = append(out, Outcome{Application: x.ID, Outcome: "vald", Reason: reason})
			continue
		}
		rest = append(rest, x)
	}
	slices.SortStableFunc(rest, func(x, y Candidate) int { return int(min(1, max(-1, y.Score-x.Score))) })
	given := 0
	for _, x := range rest {
		o := Outcome{Application: x.ID, Outcome: "ej vald"}
		switch {
		case !x.Passed:
			o.Reason = "Svaret gick inte vidare från steg 1: en majoritet av bedömarna fann inte att kommunen vill göra det som efterfrågas."
		case !x.Complete:
			o.Reason = "Svaret saknar bedömning på något kriterium."
		default:
			if given < reserves {
				o.Outcome, given = "reserv", given+1
			}
			o.Reason = fmt.Sprintf("Svaret fick %s poäng. %s", Points(x.Score), why[id.String(x.ID)])
			if method == "lottery" {
				o.Reason = "Svaret deltog i lottningen men drogs inte."
			}
		}
		out = append(out, o)
	}
	return out
}

// decide holds a decision against the run's proposal: every change needs a
// motive, and everyone gets one of the three outcomes with a reason.
func decide(proposed, decided []Outcome) error {
	var out []fail.Field
	for _, p := range proposed {
		i := slices.IndexFunc(decided, func(d Outcome) bool { return d.Application == p.Application })
		name := id.String(p.Application)
		if i < 0 {
			out = append(out, fail.Field{Name: "o-" + name, Message: "Ett svar saknar utfall."})
			continue
		}
		d := decided[i]
		if !slices.Contains([]string{"vald", "reserv", "ej vald"}, d.Outcome) {
			out = append(out, fail.Field{Name: "o-" + name, Message: "Välj utfall: vald, reserv eller ej vald."})
		}
		if d.Outcome != p.Outcome && strings.TrimSpace(d.Deviation) == "" {
			out = append(out, fail.Field{Name: "d-" + name, Message: fmt.Sprintf("Utfallet för svar %s avviker från urvalet. Skriv varför.", name)})
		}
		if strings.TrimSpace(d.Reason) == "" {
			out = append(out, fail.Field{Name: "r-" + name, Message: fmt.Sprintf("Skriv skälet till svar %s: alla ska få veta varför.", name)})
		}
	}
	return fail.Fields(out...)
}
