package interest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
	"kommunpilot/base/who"
)

// RuleResult is what a formal rule says of an application.
type RuleResult struct {
	Rule   Rule   `json:"rule"`
	Passed bool   `json:"passed"`
	Asked  bool   `json:"asked"` // a person has to judge, and has not
	Why    string `json:"why"`   // what the rule found, in Swedish
}

// Eligibility is the decision on eligibility, with what every rule then said.
type Eligibility struct {
	At       time.Time
	By       who.PersonID
	Eligible bool
	Motive   string
	Results  []RuleResult
}

// run runs the call's formal rules. judged holds the officer's answers to the
// rules that a person judges: "ja", "nej". Eligibility says nothing of
// quality. O(rules x municipalities).
func (m matter) run(register *kommun.Register, judged map[string]string) []RuleResult {
	var out []RuleResult
	for _, r := range m.of.Eligibility {
		if r.Force == "" {
			r.Force = Must
		}
		if r.Force == Fact {
			continue
		}
		res := RuleResult{Rule: r}
		test, known := tests[r.Test]
		switch answer := judged[r.ID]; {
		case known:
			res.Passed, res.Why = test(m, r, register)
		case answer == "ja":
			res.Passed, res.Why = true, "Handläggaren har bedömt att regeln är uppfylld."
		case answer == "nej":
			res.Why = "Handläggaren har bedömt att regeln inte är uppfylld."
		default:
			res.Asked, res.Why = true, "Regeln behöver bedömas av en handläggare."
		}
		out = append(out, res)
	}
	return out
}

// tests are the formal rules that need no person. Each gives what it found.
var tests = map[string]func(m matter, r Rule, register *kommun.Register) (bool, string){
	"member": func(m matter, r Rule, _ *kommun.Register) (bool, string) {
		list := m.of.Members
		if r.Param != "" {
			list = values(r.Param)
		}
		return m.every(func(a Applicant) (bool, string) {
			return len(list) == 0 || slices.Contains(list, a.Kommun), a.Name + " finns inte i listan över dem som kan svara."
		}, "Alla kommuner finns i listan över dem som kan svara.")
	},
	"county": func(m matter, r Rule, _ *kommun.Register) (bool, string) {
		return m.every(func(a Applicant) (bool, string) {
			return slices.Contains(values(r.Param), a.County), fmt.Sprintf("%s ligger i län %s.", a.Name, a.County)
		}, "Alla kommuner ligger i ett av länen.")
	},
	"main_group": func(m matter, r Rule, _ *kommun.Register) (bool, string) {
		return m.every(func(a Applicant) (bool, string) {
			return slices.Contains(values(r.Param), a.MainGroup), fmt.Sprintf("%s hör till huvudgrupp %s.", a.Name, a.MainGroup)
		}, "Alla kommuner hör till en av huvudgrupperna.")
	},
	"sub_group": func(m matter, r Rule, _ *kommun.Register) (bool, string) {
		return m.every(func(a Applicant) (bool, string) {
			return slices.Contains(values(r.Param), a.SubGroup), fmt.Sprintf("%s hör till grupp %s.", a.Name, a.SubGroup)
		}, "Alla kommuner hör till en av grupperna.")
	},
	"population_min": func(m matter, r Rule, register *kommun.Register) (bool, string) {
		return m.population(r, register, func(p, limit int) bool { return p >= limit })
	},
	"population_max": func(m matter, r Rule, register *kommun.Register) (bool, string) {
		return m.population(r, register, func(p, limit int) bool { return p <= limit })
	},
	"org_kind": func(m matter, r Rule, _ *kommun.Register) (bool, string) {
		return m.every(func(a Applicant) (bool, string) {
			return slices.Contains(values(r.Param), a.Kind), fmt.Sprintf("%s är av slaget %s.", a.Name, a.Kind)
		}, "Alla sökande är av rätt slag.")
	},
	"signed": func(m matter, _ Rule, _ *kommun.Register) (bool, string) {
		if m.SignedBy == 0 {
			return false, "Intresseanmälan är inte undertecknad."
		}
		return true, "Undertecknad av " + m.SignedName + "."
	},
	"statement": func(m matter, _ Rule, _ *kommun.Register) (bool, string) {
		var missing []string
		for _, q := range m.Form.Requirements {
			if q.AtApplication && !m.Sections.Commitments[q.ID].Yes {
				missing = append(missing, q.Text)
			}
		}
		if len(missing) > 0 {
			return false, "Inte godtaget: " + strings.Join(missing, " ")
		}
		return true, "Alla krav är godtagna."
	},
	"attachment": func(m matter, r Rule, _ *kommun.Register) (bool, string) {
		least := max(1, whole(r.Param))
		return len(m.Attachments) >= least, fmt.Sprintf("%d bilagor; minst %d krävs.", len(m.Attachments), least)
	},
	"applicants_min": func(m matter, r Rule, _ *kommun.Register) (bool, string) {
		n := len(m.Municipalities())
		return n >= whole(r.Param), fmt.Sprintf("%d kommuner; minst %s krävs.", n, r.Param)
	},
	"applicants_max": func(m matter, r Rule, _ *kommun.Register) (bool, string) {
		n := len(m.Municipalities())
		return n <= whole(r.Param), fmt.Sprintf("%d kommuner; högst %s får delta tillsammans.", n, r.Param)
	},
	"budget": func(m matter, _ Rule, _ *kommun.Register) (bool, string) {
		f := m.Sections.Budget.findings(m.of.Budget)
		if len(f) > 0 {
			return false, f[0].Plain()
		}
		return true, "Budgeten följer utlysningens andelar."
	},
}

// every tells whether each municipality passes; else it names those that fail.
func (m matter) every(test func(Applicant) (bool, string), passed string) (bool, string) {
	var wrong []string
	for _, a := range m.Members() {
		if ok, why := test(a); !ok {
			wrong = append(wrong, why)
		}
	}
	if len(wrong) > 0 {
		return false, strings.Join(wrong, " ")
	}
	return true, passed
}

// population holds each municipality's population in the call's edition against a limit.
func (m matter) population(r Rule, register *kommun.Register, ok func(p, limit int) bool) (bool, string) {
	return m.every(func(a Applicant) (bool, string) {
		k, found := register.ByCode(a.Kommun)
		return found && ok(k.Population, whole(r.Param)), fmt.Sprintf("%s har %d invånare.", a.Name, k.Population)
	}, "Alla kommuner har ett invånarantal inom gränsen.")
}

// values splits a rule's parameter.
func values(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,;\n\t", r) })
}

// whole reads a rule's number; 0 where there is none.
func whole(s string) int {
	n, err := strconv.Atoi(strings.NewReplacer(" ", "", "\u00a0", "").Replace(s))
	if err != nil {
		return 0
	}
	return n
}

// maxMotive is the longest motive, in characters.
const maxMotive = 4000

// canDecide holds a decision on eligibility against the rules: a must that
// fails cannot be decided away, an aim can, with a motive. Every decision has
// a motive, since the applicant reads it.
func canDecide(results []RuleResult, eligible bool, motive string) error {
	var p problems
	for _, r := range results {
		if r.Asked {
			p.add("rule-"+r.Rule.ID, "Bedöm regeln: ja eller nej.")
		}
	}
	if strings.TrimSpace(motive) == "" {
		p.add("motive", "Skriv motivet till beslutet. Den sökande läser det.")
	}
	if len([]rune(motive)) > maxMotive {
		p.add("motive", "Motivet är för långt: högst 4 000 tecken.")
	}
	if eligible && len(p) == 0 {
		for _, r := range results {
			if !r.Passed && r.Rule.Force == Must {
				p.add("eligible", "En regel som är ett krav är inte uppfylld, så intresseanmälan kan inte bli behörig: "+r.Rule.Text)
			}
		}
	}
	return fail.Fields(p...)
}
