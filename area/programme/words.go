package programme

import (
	"context"
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
)

// stateColor is the tag's colour of a state.
func stateColor(s State) string {
	switch s {
	case Open:
		return "success"
	case Published:
		return "info"
	case Cancelled:
		return "danger"
	}
	return "neutral"
}

func forceName(f Force) string {
	switch f {
	case Must:
		return "Krav"
	case Aim:
		return "Mål"
	}
	return "Uppgift"
}

// amount says how many are sought: "10–15, mål 13 svar".
func amount(ctx context.Context, k Kind) string {
	unit := web.T(ctx, map[string]string{"municipalities": "kommuner", "persons": "personer"}[k.Count])
	if k.Count == "applications" || unit == "" {
		unit = web.T(ctx, "svar")
	}
	var s string
	switch {
	case k.Min > 0 && k.Max > 0:
		s = web.T(ctx, "%d–%d %s", k.Min, k.Max, unit)
	case k.Min > 0:
		s = web.T(ctx, "minst %d %s", k.Min, unit)
	case k.Max > 0:
		s = web.T(ctx, "högst %d %s", k.Max, unit)
	case k.Target == 0:
		return web.T(ctx, "inget bestämt antal")
	default:
		return web.T(ctx, "ungefär %d %s", k.Target, unit)
	}
	if k.Target > 0 {
		s += web.T(ctx, ", mål %d", k.Target)
	}
	return s
}

// whom says who should take part.
func whom(ctx context.Context, k Kind) string {
	if len(k.Bodies) > 0 {
		var parts []string
		for _, b := range k.Bodies {
			switch {
			case b.Max == 0 && b.Min == 0:
				parts = append(parts, web.T(ctx, "från %s", b.Name))
			case b.Max == 0:
				parts = append(parts, web.T(ctx, "minst %d från %s", b.Min, b.Name))
			case b.Max == b.Min:
				parts = append(parts, web.T(ctx, "%d från %s", b.Min, b.Name))
			default:
				parts = append(parts, web.T(ctx, "%d–%d från %s", b.Min, b.Max, b.Name))
			}
		}
		return joined(parts)
	}
	if k.Mixed {
		return web.T(ctx, "tjänstepersoner och politiker")
	}
	return ""
}

func weight(ctx context.Context, k Criterion) string {
	switch {
	case k.Measured:
		return web.T(ctx, "mäts av urvalet")
	case k.Step == 1:
		return web.T(ctx, "ja eller nej")
	}
	return web.T(ctx, "%d procent", k.Weight)
}

// quotaText says a quota in words.
func quotaText(ctx context.Context, q Quota) string {
	unit := web.T(ctx, "kommuner")
	switch {
	case q.Count == "applications":
		unit = web.T(ctx, "svar")
	case max(q.Min, q.Max) == 1:
		unit = web.T(ctx, "kommun")
	}
	var limit string
	switch {
	case q.Min > 0 && q.Max > 0:
		limit = web.T(ctx, "%d–%d %s", q.Min, q.Max, unit)
	case q.Min > 0:
		limit = web.T(ctx, "minst %d %s", q.Min, unit)
	default:
		limit = web.T(ctx, "högst %d %s", q.Max, unit)
	}
	s := web.T(ctx, "%s från %s", limit, valueText(ctx, q))
	if q.Force == Aim {
		s += " " + web.T(ctx, "(mål)")
	}
	return s
}

func valueText(ctx context.Context, q Quota) string {
	switch {
	case q.Attribute == "county" && q.Value == "*":
		return web.T(ctx, "varje län")
	case q.Value == "*":
		return web.T(ctx, "varje grupp")
	case q.Attribute == "county":
		if c, ok := kommun.Default().County(q.Value); ok {
			return c.Name
		}
	case q.Attribute == "main_group":
		for _, g := range kommun.Default().MainGroups() {
			if g.Code == q.Value {
				return web.T(ctx, "huvudgrupp %s (%s)", g.Code, g.Name)
			}
		}
	}
	return q.Value
}

func spreadText(ctx context.Context, s string) string {
	if s == "counties" {
		return web.T(ctx, "Mellan urval med samma poäng väljs det som täcker flest län.")
	}
	return web.T(ctx, "Mellan urval med samma poäng väljs det där de två närmaste kommunerna ligger längst från varandra.")
}

func dateFacts(ctx context.Context, d Dates) []web.Fact {
	var out []web.Fact
	for _, x := range []struct {
		term string
		day  calendar.Date
	}{
		{web.T(ctx, "Första dag för svar"), d.Open}, {web.T(ctx, "Sista dag för svar"), d.Close}, {web.T(ctx, "Bedömningen klar"), d.Assessment},
		{web.T(ctx, "Beslut"), d.Decision}, {web.T(ctx, "Arbetet börjar"), d.Start}, {web.T(ctx, "Arbetet slutar"), d.End},
	} {
		if x.day != "" {
			out = append(out, web.Fact{Term: x.term, Value: web.Day(ctx, x.day)})
		}
	}
	return out
}

func templateOptions(ctx context.Context) []web.Option {
	var out []web.Option
	for _, t := range Templates {
		out = append(out, web.Option{Value: t.Key, Label: web.T(ctx, t.Name), Hint: web.T(ctx, t.About)})
	}
	return append(out, web.Option{Value: "", Label: web.T(ctx, "En tom utlysning")})
}

// sectionFor is the page of the editor on which a missing field is.
func sectionFor(name string) string {
	for _, s := range sections {
		if slices.Contains(s.fields, name) {
			return s.key
		}
	}
	return sections[0].key
}

func hint(ctx context.Context, c cell) string {
	if c.hint == "" {
		return ""
	}
	return web.T(ctx, c.hint)
}

func translated(ctx context.Context, options []web.Option) []web.Option {
	out := slices.Clone(options)
	for i := range out {
		out[i].Label = web.T(ctx, out[i].Label)
	}
	return out
}

// projectState is the phase of a project that goes on, else its state.
func projectState(x Project) string {
	if x.Phase != "" && x.State == "öppet" {
		return x.Phase
	}
	return x.State
}
