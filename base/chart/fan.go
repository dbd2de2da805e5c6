package chart

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// FanPoint is a year of a fan: the quantiles 5, 10, 25, 50, 75, 90 and 95 per cent.
type FanPoint struct {
	X float64
	Q [7]float64
}

// Fan shows a number with its bands of 50, 80 and 90 per cent over the years,
// beside other lines. Desc says in words what it shows.
type Fan struct {
	Title, Desc, Unit string
	Points            []FanPoint
	Beside            []Series // other medians, dashed
	From              float64  // where something begins: a line across; 0 for none
	FromText          string
}

// Bar is a row of a chart of bars about a line: a tornado.
type Bar struct {
	Name, LowText, HighText string
	Low, High               float64
}

// Bars is a chart of bars about Center.
type Bars struct {
	Title, Desc, Unit string
	Center            float64
	Rows              []Bar
}

// svg writes a chart that stands alone: colours are attributes, which a page's
// style sheet overrides by the same classes. It is the same bytes for the same
// chart.
type svg struct{ strings.Builder }

// put writes; a builder takes everything.
func (b *svg) put(format string, args ...any) { _, _ = fmt.Fprintf(&b.Builder, format, args...) }

func (b *svg) open(w, h int, title, desc, id string) {
	b.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-t %s-d" font-family="Liberation Sans,Arial,sans-serif"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		w, h, id, id, id, html.EscapeString(title), id, html.EscapeString(desc))
}

func (b *svg) line(x1, y1, x2, y2 float64, class, stroke string) {
	b.put(`<line class="%s" stroke="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, class, stroke, x1, y1, x2, y2)
}

func (b *svg) text(x, y float64, anchor, text string) {
	b.put(`<text class="chart-text" fill="#444" font-size="13" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, y, anchor, html.EscapeString(text))
}

// Comma writes a number as a Swede reads it, with as many decimals as a step needs.
func comma(v, step float64) string {
	if math.Abs(v) < step/2 {
		v = 0
	}
	s := strings.ReplaceAll(strconv.FormatFloat(math.Round(v/step)*step+0, 'f', decimals(step), 64), ".", ",")
	whole, _, _ := strings.Cut(s, ",")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u00a0" + s[i:]
	}
	return strings.Replace(s, "-", "−", 1)
}

const fanHeight = 300

// SVG draws the fan. Id must be unique on the page.
func (f Fan) SVG(id string) []byte {
	var b svg
	b.open(width, fanHeight, f.Title, f.Desc, id)
	x0, x1, y0, y1 := f.limits()
	x := func(v float64) float64 { return scale(v, x0, x1, left+14, width-right) }
	y := func(v float64) float64 { return scale(v, y0, y1, fanHeight-bottom, top+8) }
	step := nice((y1 - y0) / 5)
	for v := math.Ceil(y0/step) * step; v <= y1+step/1e6; v += step {
		b.line(left+14, y(v), width-right, y(v), "chart-grid", "#ddd")
		b.text(left+8, y(v)+4, "end", comma(v, step))
	}
	for v := math.Ceil(x0/5) * 5; v <= x1; v += 5 {
		b.text(x(v), fanHeight-12, "middle", strconv.Itoa(int(v)))
	}
	for i, shade := range []struct{ class, fill string }{{"chart-band-90", "#dbe7f3"}, {"chart-band-80", "#b9d0e6"}, {"chart-band-50", "#8fb3d6"}} {
		var path strings.Builder
		for n, p := range f.Points {
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(n, 1)], x(p.X), y(p.Q[6-i]))
		}
		for n := len(f.Points) - 1; n >= 0; n-- {
			fmt.Fprintf(&path, "L%.1f %.1f", x(f.Points[n].X), y(f.Points[n].Q[i]))
		}
		b.put(`<path class="%s" fill="%s" d="%sZ"/>`, shade.class, shade.fill, path.String())
	}
	for _, s := range f.Beside {
		var path strings.Builder
		for n, p := range s.Points {
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(n, 1)], x(p.X), y(p.Y))
		}
		b.put(`<path class="chart-target chart-line" fill="none" stroke="#333" stroke-width="1.5" stroke-dasharray="6 5" d="%s"/>`, path.String())
		if n := len(s.Points); n > 0 {
			b.text(width-right, y(s.Points[n-1].Y)-5, "end", s.Name)
		}
	}
	var path strings.Builder
	for n, p := range f.Points {
		fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(n, 1)], x(p.X), y(p.Q[3]))
	}
	b.put(`<path class="chart-line" fill="none" stroke="#0b4f8a" stroke-width="2.5" d="%s"/>`, path.String())
	if f.From > x0 {
		b.line(x(f.From), top, x(f.From), fanHeight-bottom, "chart-grid", "#777")
		b.text(x(f.From)+4, top+10, "start", f.FromText)
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

func (f Fan) limits() (x0, x1, y0, y1 float64) {
	x0, x1, y0, y1 = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range f.Points {
		x0, x1, y0, y1 = min(x0, p.X), max(x1, p.X), min(y0, p.Q[0]), max(y1, p.Q[6])
	}
	for _, s := range f.Beside {
		for _, p := range s.Points {
			x0, x1, y0, y1 = min(x0, p.X), max(x1, p.X), min(y0, p.Y), max(y1, p.Y)
		}
	}
	if !(x1 > x0) {
		x0, x1 = 0, 1
	}
	if !(y1 > y0) {
		y0, y1 = y0-1, y0+1
	}
	if math.IsInf(y0, 0) {
		y0, y1 = 0, 1
	}
	pad := (y1 - y0) * 0.05
	return x0, x1, y0 - pad, y1 + pad
}

// SVG draws the bars. Id must be unique on the page.
func (c Bars) SVG(id string) []byte {
	const row, names = 34, 250
	var b svg
	high := 44 + row*len(c.Rows)
	b.open(width+110, high, c.Title, c.Desc, id)
	lo, hi := c.Center, c.Center
	for _, r := range c.Rows {
		lo, hi = min(lo, r.Low, r.High), max(hi, r.Low, r.High)
	}
	if !(hi > lo) {
		lo, hi = lo-1, hi+1
	}
	x := func(v float64) float64 { return scale(v, lo, hi, names+70, width+110-70) }
	step := nice((hi - lo) / 3)
	for v := math.Ceil(lo/step) * step; v <= hi+step/1e6; v += step {
		b.line(x(v), 8, x(v), float64(high-30), "chart-grid", "#ddd")
		b.text(x(v), float64(high-12), "middle", comma(v, step))
	}
	for i, r := range c.Rows {
		y := float64(10 + row*i)
		a, z := min(x(r.Low), x(r.High)), max(x(r.Low), x(r.High))
		b.put(`<rect class="chart-bar" fill="#8fb3d6" x="%.1f" y="%.1f" width="%.1f" height="20"/>`, a, y, max(z-a, 1))
		name := []rune(r.Name)
		if len(name) > 40 {
			name = append(name[:39], '…')
		}
		b.text(0, y+15, "start", string(name))
		first, second := r.LowText, r.HighText
		if r.Low > r.High {
			first, second = second, first
		}
		b.text(a-4, y+15, "end", first)
		b.text(z+4, y+15, "start", second)
	}
	b.line(x(c.Center), 4, x(c.Center), float64(high-28), "chart-middle", "#333")
	b.WriteString("</svg>\n")
	return []byte(b.String())
}
