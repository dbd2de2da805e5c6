package people

import (
	"context"
	"net/url"

	"kommunpilot/base/id"
	"kommunpilot/base/web"
)

func idText[T ~int64](v T) string { return id.String(v) }

func queryEscape(s string) string { return url.QueryEscape(s) }

// searchForm and filterForm hold what a list was searched by.
func searchForm(query string) web.Form { return filterForm("q", query) }

func filterForm(name, value string) web.Form {
	return web.Form{Values: url.Values{name: {value}}}
}

// stateKind is the colour that goes with a state; the words say the same.
func stateKind(state string) string {
	switch state {
	case gallande, aktiv, iBruk:
		return "success"
	case kommande, vantar:
		return "info"
	}
	return "neutral"
}

// periodText writes from which day to which the role is in force.
func periodText(ctx context.Context, m Membership) string {
	if m.To == "" {
		return web.T(ctx, "från %s, tills vidare", web.Day(ctx, m.From))
	}
	if m.To <= m.From {
		return web.T(ctx, "trädde aldrig i kraft")
	}
	return web.T(ctx, "%s till och med %s", web.Day(ctx, m.From), web.Day(ctx, m.LastDay()))
}

func roleHeads(ctx context.Context, acts bool) []string {
	heads := []string{web.T(ctx, "Roll"), web.T(ctx, "Organisation"), web.T(ctx, "Gäller"), web.T(ctx, "Tillstånd"), web.T(ctx, "Given av")}
	if acts {
		heads = append(heads, web.T(ctx, "Åtgärd"))
	}
	return heads
}
