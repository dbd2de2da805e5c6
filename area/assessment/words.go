package assessment

import (
	"context"
	"strings"

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
	lottery := a.Method == "lottery"
	switch {
	case a.Status == selection.Optimal && lottery:
		return web.T(ctx, "Bevisat rättvis: ingen annan lottning inom reglerna ger den med minst chans en större chans.")
	case a.Status == selection.Optimal:
		return web.T(ctx, "Bevisat bäst: inget annat urval inom reglerna når högre.")
	case a.Status == selection.Infeasible:
		return web.T(ctx, "Reglerna går inte att uppfylla samtidigt.")
	case lottery:
		return web.T(ctx, "Inte bevisat rättvis: den minsta chansen kunde ha varit högst %s större.", comma(string(a.Gap)))
	}
	return web.T(ctx, "Inte bevisat bäst: urvalet kan vara upp till %s poäng från det bästa.", comma(string(a.Gap)))
}

// comma writes the engine's decimal number as Swedish does.
func comma(number string) string { return strings.Replace(number, ".", ",", 1) }

func methodText(ctx context.Context, method string) string {
	if method == "lottery" {
		return web.T(ctx, "Rättvis lottning bland likvärdiga")
	}
	return web.T(ctx, "Högst sammanlagd poäng inom kvoterna")
}
