package interest

import (
	"context"
	"strings"

	"kommunpilot/base/blob"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// stateName is a state with a capital, in the reader's language.
func stateName(ctx context.Context, s string) string {
	if s == "" {
		return ""
	}
	r := []rune(s)
	return web.T(ctx, strings.ToUpper(string(r[:1]))+string(r[1:]))
}

func choices(list []string) []web.Option {
	var out []web.Option
	for _, x := range list {
		out = append(out, web.Option{Value: x, Label: x})
	}
	return out
}

func bodies(k Kind) []web.Option {
	out := []web.Option{{Label: "–"}}
	for _, b := range k.Bodies {
		out = append(out, web.Option{Value: b.Name, Label: b.Name})
	}
	return out
}

func memberOptions(m matter) []web.Option {
	out := []web.Option{{Label: "–"}}
	for _, a := range m.Members() {
		out = append(out, web.Option{Value: a.Kommun, Label: a.Name})
	}
	return out
}

// hintFirst gives the hint at the first row only.
func hintFirst(ctx context.Context, i int, hint string) string {
	if i > 0 {
		return ""
	}
	return web.T(ctx, hint)
}

func budgetRule(ctx context.Context, r BudgetRule) string {
	if r.GrantMax == 0 && r.OwnMin == 0 {
		return web.T(ctx, "Skriv vad insatsen kostar och vem som betalar.")
	}
	return web.T(ctx, "Bidraget får vara högst %s procent av hela kostnaden, och den egna delen minst %s procent. Tillsammans ska de bli hela kostnaden.", percent(r.GrantMax), percent(r.OwnMin))
}

// token is the form's token, or a fresh one.
func token(f web.Form) string {
	if f.Once == "" {
		return id.Token()
	}
	return f.Once
}

func accept() string { return blob.Accept() }

func size(n int64) string { return blob.Megabytes(n) }

func sectionTitle(ctx context.Context, path string) string {
	for _, s := range sections {
		if s.path == path {
			return web.T(ctx, s.title)
		}
	}
	return web.T(ctx, "Bilagor")
}

// sectionOptions are the pages that a completion can ask for.
func sectionOptions(ctx context.Context, m matter) []web.Option {
	var out []web.Option
	for _, s := range sections {
		if s.there(m) {
			out = append(out, web.Option{Value: s.path, Label: web.T(ctx, s.title)})
		}
	}
	return append(out, web.Option{Value: "bilagor", Label: web.T(ctx, "Bilagor")})
}

// kindName names a kind of participation.
func kindName(a Application, id string) string {
	for _, k := range a.Form.Kinds {
		if k.ID == id {
			return k.Name
		}
	}
	return id
}

func kindNames(a Application) string {
	var out []string
	for _, k := range a.soughtKinds() {
		out = append(out, k.Name)
	}
	return strings.Join(out, ", ")
}

func yesNoOptions(ctx context.Context) []web.Option {
	return []web.Option{{Value: "ja", Label: web.T(ctx, "Ja")}, {Value: "nej", Label: web.T(ctx, "Nej")}}
}

func orgOptions(ctx context.Context, s starting) []web.Option {
	var out []web.Option
	for _, o := range s.orgs {
		x := web.Option{Value: id.String(o.ID), Label: o.Name}
		if o.Kind == "kommundelsnamnd" {
			x.Hint = web.T(ctx, "Kommundelsnämnden svarar för sin kommun.")
		}
		out = append(out, x)
	}
	return out
}

func kindOptions(c Call) []web.Option {
	var out []web.Option
	for _, k := range c.Kinds {
		out = append(out, web.Option{Value: k.ID, Label: k.Name, Hint: k.Purpose})
	}
	return out
}

func failedRules(list []RuleResult) []RuleResult {
	var out []RuleResult
	for _, r := range list {
		if !r.Passed {
			out = append(out, r)
		}
	}
	return out
}

func hasOutcome(a Application) bool {
	for _, k := range a.Kinds {
		if k.Outcome != "" {
			return true
		}
	}
	return false
}

// reviewErrors are the errors that are not already listed as missing: the
// fields of those lie on other pages.
func reviewErrors(f web.Form) web.Form {
	out := f
	out.Fields = nil
	for _, x := range f.Fields {
		if x.Name == "override" {
			out.Fields = append(out.Fields, x)
		}
	}
	if len(f.Fields) > len(out.Fields) && out.Message == "" {
		out.Message = "Intresseanmälan lämnades inte in: något saknas. Se listan nedan."
	}
	return out
}

// mayBeSigned tells whether the reader is in the municipality's own list today.
func mayBeSigned(ctx context.Context, v view) bool {
	_, err := signatory(v.signatories, who.From(ctx).Person)
	return err == nil
}

func completionColor(state string) string {
	switch state {
	case completionOpen:
		return "warning"
	case completionAnswered:
		return "success"
	}
	return "neutral"
}

// overviewFacts are what an application is, at a glance.
func overviewFacts(ctx context.Context, v view) []web.Fact {
	out := []web.Fact{
		{Term: web.T(ctx, "Utlysning"), Value: v.m.of.Title},
		{Term: web.T(ctx, "Deltagandeformer"), Value: kindNames(v.m.Application)},
		{Term: web.T(ctx, "Kommuner"), Value: v.m.Name()},
	}
	if v.m.State == Draft {
		return append(out, web.Fact{Term: web.T(ctx, "Sista stund att lämna in"), Value: web.DateTime(ctx, v.m.of.Closes)})
	}
	return append(out, web.Fact{Term: web.T(ctx, "Inlämnad"), Value: web.DateTime(ctx, v.m.Submitted)})
}
