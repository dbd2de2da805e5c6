// Package chart draws on the server, as SVG without inline style, always
// beside a table that says the same in words.
package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Point is a value on a day of the axis (any unit that grows).
type Point struct {
	X     float64
	Y     float64
	Label string // of the day, for the table
}

// Series is a line. Class is one of chart-1, chart-2, chart-target.
type Series struct {
	Name   string
	Class  string
	Points []Point
}

// Line is a chart of lines over one axis. Desc says in words what it shows.
type Line struct {
	Title, Desc, Unit string
	Series            []Series
	Low, High         float64 // limits of the value axis where High > Low
}

// Width, Height and the margins of a chart, in its own units.
const (
	width  = 640
	height = 260
	left   = 56
	right  = 16
	top    = 14
	bottom = 34
)

// limits are the smallest and largest of both axes.
func (l Line) limits() (x0, x1, y0, y1 float64) {
	x0, x1, y0, y1 = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, s := range l.Series {
		for _, p := range s.Points {
			x0, x1, y0, y1 = min(x0, p.X), max(x1, p.X), min(y0, p.Y), max(y1, p.Y)
		}
	}
	if l.High > l.Low {
		y0, y1 = min(y0, l.Low), max(y1, l.High)
	}
	if x1 <= x0 {
		x1 = x0 + 1
	}
	if y1 <= y0 {
		y1 = y0 + 1
	}
	return x0, x1, y0, y1
}

// Path is the SVG path of a series in the chart's own units.
func (l Line) Path(s Series) string {
	x0, x1, y0, y1 := l.limits()
	var b strings.Builder
	for i, p := range s.Points {
		c := 'L'
		if i == 0 {
			c = 'M'
		}
		fmt.Fprintf(&b, "%c%.1f %.1f", c, scale(p.X, x0, x1, left, width-right), scale(p.Y, y0, y1, height-bottom, top))
	}
	return b.String()
}

// Dot is a point's place.
func (l Line) Dot(p Point) (x, y string) {
	x0, x1, y0, y1 := l.limits()
	return fmt.Sprintf("%.1f", scale(p.X, x0, x1, left, width-right)), fmt.Sprintf("%.1f", scale(p.Y, y0, y1, height-bottom, top))
}

// Tick is a mark on an axis.
type Tick struct{ X, Y, Text string }

// YTicks are some round values on the value axis.
func (l Line) YTicks() []Tick {
	_, _, y0, y1 := l.limits()
	step := nice((y1 - y0) / 4)
	var out []Tick
	for v := math.Ceil(y0/step) * step; v <= y1+step/1e6; v += step {
		text := strconv.FormatFloat(math.Round(v/step)*step, 'f', decimals(step), 64)
		out = append(out, Tick{strconv.Itoa(left - 8), fmt.Sprintf("%.1f", scale(v, y0, y1, height-bottom, top)), strings.ReplaceAll(text, ".", ",")})
	}
	return out
}

// XTicks are the labels of the first and last point of the series that reaches
// widest, and of its middle one where there are more than four.
func (l Line) XTicks() []Tick {
	var widest []Point
	span := -1.0
	for _, s := range l.Series {
		if n := len(s.Points); n > 0 && s.Points[n-1].X-s.Points[0].X > span {
			widest, span = s.Points, s.Points[n-1].X-s.Points[0].X
		}
	}
	var out []Tick
	for i, p := range widest {
		if i == 0 || i == len(widest)-1 || i == len(widest)/2 && len(widest) > 4 {
			x, _ := l.Dot(p)
			out = append(out, Tick{x, strconv.Itoa(height - 10), p.Label})
		}
	}
	return out
}

func scale(v, v0, v1, to0, to1 float64) float64 { return to0 + (v-v0)/(v1-v0)*(to1-to0) }

// nice is a round step: 1, 2 or 5 times a power of ten.
func nice(step float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(step)))
	switch f := step / p; {
	case f <= 1:
		return p
	case f <= 2:
		return 2 * p
	case f <= 5:
		return 5 * p
	}
	return 10 * p
}

func decimals(step float64) int { return max(0, -int(math.Floor(math.Log10(step)+1e-9))) }
