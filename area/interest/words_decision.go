package interest

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"kommunpilot/base/fail"
	"kommunpilot/base/web"
)

// clockFacts are the computed days of a decision.
func clockFacts(ctx context.Context, d Decision) []web.Fact {
	out := []web.Fact{
		{Term: web.T(ctx, "Anslaget (det som räknas)"), Value: web.Day(ctx, d.Clock.From)},
		{Term: web.T(ctx, "Kan överklagas till och med"), Value: web.Day(ctx, d.Clock.AppealEnd)},
	}
	if d.Final != "" {
		out = append(out, web.Fact{Term: web.T(ctx, "Laga kraft från och med"), Value: web.Day(ctx, d.Final)})
	}
	return out
}

// withToken gives a form that was sent back a token of its own.
func withToken(f web.Form) web.Form {
	f.Once = token(f)
	return f
}

// coverOptions are the requirements that a municipality's decision is to cover.
func coverOptions(a Application) []web.Option {
	var out []web.Option
	for _, r := range a.Form.Requirements {
		if r.AtDecision {
			out = append(out, web.Option{Value: r.ID, Label: r.Text, Hint: r.Source})
		}
	}
	return out
}

func announceHint(ctx context.Context, d Decision) string {
	if d.Approved == "" {
		return web.T(ctx, "Senast andra dagen efter justeringen.")
	}
	return web.T(ctx, "Senast %s, andra dagen efter justeringen.", web.Day(ctx, AnnounceBy(d.Approved)))
}

func otherErrors(f web.Form) bool {
	return slices.ContainsFunc(f.Fields, func(x fail.Field) bool { return strings.HasPrefix(x.Name, "other") })
}

func fileHint(ctx context.Context, d Decision) string {
	if d.File.Hash == "" {
		return web.T(ctx, "PDF, Word eller annan vanlig fil.")
	}
	return web.T(ctx, "Sparad: %s. En ny fil ersätter den.", d.File.Name)
}

func orOpen(ctx context.Context, s string) string {
	if s == "" {
		return web.T(ctx, "Inte bestämt")
	}
	return s
}

func coverage(ctx context.Context, o Obligation) string {
	switch {
	case !o.Requirement.AtDecision:
		return web.T(ctx, "Prövas inte i beslutet")
	case len(o.Decided) == 0:
		return web.T(ctx, "Nämns inte i något beslut")
	}
	return listed(o.Decided)
}

func followed(ctx context.Context, o Obligation) string {
	switch o.Met {
	case "ja":
		return joined(web.T(ctx, "Uppfyllt"), web.Day(ctx, o.Day), o.Note)
	case "delvis":
		return joined(web.T(ctx, "Delvis"), web.Day(ctx, o.Day), o.Note)
	case "nej":
		return joined(web.T(ctx, "Inte uppfyllt"), web.Day(ctx, o.Day), o.Note)
	}
	if !o.Requirement.AtFollowUp {
		return web.T(ctx, "Följs inte upp")
	}
	return web.T(ctx, "Inte uppföljt än")
}

func hasFollowUp(list []Obligation) bool {
	return slices.ContainsFunc(list, func(o Obligation) bool { return o.Requirement.AtFollowUp })
}

func stateOptions(ctx context.Context, s ParticipationState) []web.Option {
	out := []web.Option{{Value: "", Label: web.T(ctx, "Oförändrat")}}
	for _, x := range participationMoves[s] {
		out = append(out, web.Option{Value: string(x), Label: stateName(ctx, string(x))})
	}
	return out
}

func stateFilter(ctx context.Context) []web.Option {
	out := []web.Option{{Label: web.T(ctx, "Alla")}}
	for _, s := range States {
		if s != Draft {
			out = append(out, web.Option{Value: string(s), Label: stateName(ctx, string(s))})
		}
	}
	return out
}

func kindFilter(ctx context.Context, c Call) []web.Option {
	out := []web.Option{{Label: web.T(ctx, "Alla")}}
	for _, k := range c.Kinds {
		out = append(out, web.Option{Value: k.ID, Label: k.Name})
	}
	return out
}

func kindProblem(ctx context.Context, c kindCount) string {
	text, args := c.problem()
	if text == "" {
		return ""
	}
	return web.T(ctx, text, args...)
}

// memberValues lists a value of each member, each once.
func memberValues(a Application, of func(Applicant) string) string {
	var out []string
	for _, x := range a.Members() {
		if v := of(x); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, ", ")
}

func queryEscape(s string) string { return url.QueryEscape(s) }

// exportQuery carries the filter to the export.
func exportQuery(f web.Form) string {
	v := url.Values{}
	for _, name := range []string{"q", "lage", "lan", "grupp", "form"} {
		if x := f.Get(name); x != "" {
			v.Set(name, x)
		}
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

func exportName(ctx context.Context, kind string) string {
	return map[string]string{"xlsx": web.T(ctx, "Excel (XLSX)"), "csv": web.T(ctx, "Tabell (CSV)"), "json": web.T(ctx, "Allt, för program (JSON)")}[kind]
}
