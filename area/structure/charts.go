package structure

import (
	"fmt"
	"strings"

	"kommunpilot/base/chart"
	"kommunpilot/engine/scenario"
)

// lead are the units that a variant's pictures show: the merged ones where there
// are any, else the municipalities of the plan.
func lead(r *scenario.Result, v *scenario.Variant) (out []int) {
	last := r.Plan.Years
	for u := range v.Units {
		if _, ok := v.Get(u, last, scenario.NetCost); ok {
			out = append(out, u)
		}
	}
	return out
}

// fan is the chart of an indicator of a unit over the years, with the median of
// doing nothing beside where the unit has one.
func fan(r *scenario.Result, v *scenario.Variant, unit, indicator int) chart.Fan {
	d := &scenario.Indicators[indicator]
	u := &v.Units[unit]
	f := chart.Fan{Title: d.Name + ", " + u.Name + ": " + v.Name, Unit: d.Unit}
	for y := range r.Plan.Years + 1 {
		b, ok := v.Get(unit, y, indicator)
		if ok {
			f.Points = append(f.Points, chart.FanPoint{X: float64(r.Plan.Base + y), Q: b.Q})
		}
	}
	nothing := &r.Variants[0]
	if at := nothing.Unit(u.Code); at >= 0 && v != nothing {
		f.Beside = append(f.Beside, median(r, nothing, at, indicator, "Gör ingenting"))
	}
	if v.Scenario != nil {
		f.From, f.FromText = float64(v.Scenario.Start()), fmt.Sprintf("från %d", v.Scenario.Start())
	}
	if n := len(f.Points); n > 0 {
		a, z := f.Points[0], f.Points[n-1]
		f.Desc = fmt.Sprintf("%s för %s: mitten %s %s år %.0f och %s år %.0f. Nio fall av tio ligger det sista året mellan %s och %s.", d.Name, u.Name,
			number(a.Q[scenario.Q50], d.Decimals), d.Unit, a.X, number(z.Q[scenario.Q50], d.Decimals), z.X, number(z.Q[scenario.Q05], d.Decimals), number(z.Q[scenario.Q95], d.Decimals))
	}
	return f
}

func median(r *scenario.Result, v *scenario.Variant, unit, indicator int, name string) chart.Series {
	s := chart.Series{Name: name}
	for y := range r.Plan.Years + 1 {
		if b, ok := v.Get(unit, y, indicator); ok {
			s.Points = append(s.Points, chart.Point{X: float64(r.Plan.Base + y), Y: b.Q[scenario.Q50]})
		}
	}
	return s
}

// tornado is the chart of what decides a scenario's outcome.
func tornado(r *scenario.Result, sc *scenario.Scenario) chart.Bars {
	bars := r.Tornado[sc.ID]
	c := chart.Bars{Title: "Vad som avgör utfallet: " + sc.Name, Unit: "kr per 100 kr"}
	var words []string
	for i, b := range bars[:min(len(bars), 8)] {
		c.Center = b.Center
		c.Rows = append(c.Rows, chart.Bar{Name: b.Name, Low: b.AtLow, High: b.AtHigh, LowText: value(b.Low), HighText: value(b.High)})
		if i < 3 {
			words = append(words, lowerFirst(b.Name))
		}
	}
	c.Desc = "Ett antagande i taget från lågt till högt. Mest avgör: " + strings.Join(words, "; ") + "."
	return c
}

// pictured are the indicators that a run draws for each unit that is led with.
var pictured = []int{scenario.Population, scenario.RequiredRate, scenario.NetCost, scenario.Dependency}

// Charts are the pictures of a result by file name.
func Charts(r *scenario.Result) map[string][]byte {
	out := map[string][]byte{}
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.Sum {
			continue
		}
		for _, u := range lead(r, v) {
			for _, k := range pictured {
				name := fmt.Sprintf("%s-%s-%s", v.ID, v.Units[u].Code, scenario.Indicators[k].Code)
				out["diagram/"+name+".svg"] = fan(r, v, u, k).SVG("d")
			}
		}
		if v.Scenario != nil && len(r.Tornado[v.ID]) > 0 {
			out["diagram/"+v.ID+"-kanslighet.svg"] = tornado(r, v.Scenario).SVG("d")
		}
	}
	return out
}
