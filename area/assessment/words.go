package assessment

import (
	"context"

	"kommunpilot/base/web"
	"kommunpilot/engine/selection"
)

func scoreLabel(ctx context.Context, k Criterion) string {
	if k.Step == 1 {
		return web.T(ctx, "Ja eller nej?")
	}
	return web.T(ctx, "Poäng, %d–%d", k.Low, k.High)
}

func scoreOptions(ctx context.Context, k Criterion) []web.Option {
	if k.Step == 1 {
		return []web.Option{{Value: "1", Label: web.T(ctx, "Ja")}, {Value: "0", Label: web.T(ctx, "Nej")}}
	}
	low, high := scoreRange(k)
	var out []web.Option
	for n := low; n <= high; n++ {
		out = append(out, web.Option{Value: scoreText(n), Label: scoreText(n)})
	}
	return out
}

// statusText says what the engine's answer is worth.
func statusText(ctx context.Context, a *selection.Answer) string {
	switch {
	case a.Status == selection.Infeasible:
		return web.T(ctx, "Reglerna går inte att uppfylla samtidigt.")
	case len(a.Selected) == 0:
		return web.T(ctx, "Sökningen nådde sin gräns innan den fann något urval.")
	case a.Draw != nil && a.OffBy != nil:
		return web.T(ctx, "Inte bevisat rättvis: den minsta chansen är %s, och ingen lottning kan göra den större än %s.", a.OffBy.Chance, a.OffBy.Limit)
	case a.Draw != nil:
		return web.T(ctx, "Bevisat rättvis: ingen lottning inom reglerna ger den med minst chans en större.")
	case a.Status == selection.Optimal:
		return web.T(ctx, "Bevisat bäst: inget annat urval inom reglerna når högre.")
	}
	return web.T(ctx, "Inte bevisat bäst: urvalet kan vara upp till %s poäng från det bästa.", comma(string(a.Gap)))
}

func methodText(ctx context.Context, method string) string {
	if method == "lottery" {
		return web.T(ctx, "Rättvis lottning bland likvärdiga")
	}
	return web.T(ctx, "Högst sammanlagd poäng inom kvoterna")
}

func yes(ctx context.Context, ok bool) string {
	if ok {
		return web.T(ctx, "Ja")
	}
	return web.T(ctx, "Nej")
}
