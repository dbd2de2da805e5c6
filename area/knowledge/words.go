package knowledge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kommunpilot/area/knowledge/index"
	"kommunpilot/base/web"
)

// said joins what there is to say.
func said(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " · ")
}

func level(ctx context.Context, name string) string {
	if name == "" {
		return ""
	}
	return web.T(ctx, "evidens: %s", name)
}

func example(ctx context.Context, is bool) string {
	if is {
		return web.T(ctx, "påhittat exempel")
	}
	return ""
}

func plain(list []index.Segment) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(s.Text)
	}
	return b.String()
}

func gone(ctx context.Context, state string) string {
	if state == Replaced {
		return web.T(ctx, "Posten är ersatt av en annan")
	}
	return web.T(ctx, "Posten är borttagen")
}

// entryFacts are an entry's facts, those that it has.
func entryFacts(ctx context.Context, v shown) (out []web.Fact) {
	x := &v.it.Is
	add := func(term, value string) {
		if value != "" {
			out = append(out, web.Fact{Term: term, Value: value})
		}
	}
	add(web.T(ctx, "Sort"), web.T(ctx, x.Kind))
	var services []string
	for _, s := range x.Services {
		services = append(services, web.T(ctx, s))
	}
	add(web.T(ctx, "Service som den gäller"), strings.Join(services, ", "))
	add(web.T(ctx, "Kommuner"), v.places)
	if x.From != "" {
		period := web.Day(ctx, x.From)
		if x.To != "" {
			period += " – " + web.Day(ctx, x.To)
		}
		add(web.T(ctx, "Tid"), period)
	}
	if x.Cost > 0 {
		add(web.T(ctx, "Kostnad"), web.Kronor(ctx, x.Cost))
	}
	if x.Hours > 0 {
		add(web.T(ctx, "Egen tid"), web.N(ctx, int(x.Hours), "1 timme", "%d timmar"))
	}
	if x.Months > 0 {
		add(web.T(ctx, "Tills det märktes"), web.N(ctx, int(x.Months), "1 månad", "%d månader"))
	}
	add(web.T(ctx, "Evidens"), web.T(ctx, LevelName(v.level))+fmt.Sprintf(" (%d/5)", v.level))
	add(web.T(ctx, "Licens"), x.Licence)
	return out
}
