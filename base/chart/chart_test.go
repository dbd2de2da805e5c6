package chart

import (
	"strings"
	"testing"
)

func TestAChartStaysWithinItsFrame(t *testing.T) {
	l := Line{Title: "Andel", Unit: "%", Series: []Series{
		{Name: "Mätt", Class: "chart-1", Points: []Point{{0, 8, "a"}, {10, 14, "b"}, {20, 19, "c"}}},
		{Name: "Vägen", Class: "chart-target", Points: []Point{{0, 0, "början"}, {100, 50, "slut"}}},
	}}
	if got := l.Path(l.Series[1]); got != "M56.0 226.0L624.0 14.0" {
		t.Errorf("the way to the target: %s", got)
	}
	ticks := l.XTicks()
	if len(ticks) != 2 || ticks[0].Text != "början" || ticks[1].Text != "slut" {
		t.Errorf("%+v", ticks)
	}
	var values []string
	for _, y := range l.YTicks() {
		values = append(values, y.Text)
	}
	if strings.Join(values, " ") != "0 20 40" {
		t.Errorf("%v", values)
	}
	flat := Line{Series: []Series{{Points: []Point{{5, 3, "x"}}}}} // one point, no span
	if got := flat.Path(flat.Series[0]); strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
		t.Error(got)
	}
}
