package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"kommunpilot/base/fail"
)

// Fact is a term and what is said of it.
type Fact struct{ Term, Value string }

// Tab is one page of a set of pages that belong together.
type Tab struct {
	Text, Href string
	Current    bool
}

// Step is one step of a process, in order.
type Step struct {
	Text, Href string
	State      string // "done", "current", "todo", "error"
}

// MapView is a map drawn on the server, beside its table.
type MapView struct {
	Title, Desc string
	ViewBox     string // "0 0 width height"
	Shapes      []MapShape
	Points      []MapPoint
	Legend      []MapLegend
	TableHref   string // "#id" of the table that says the same
}

// MapShape is an area: SVG path data, and a class among map-land, map-county,
// map-a, map-b, map-c. With Href it is a link.
type MapShape struct{ D, Class, Title, Href string }

// MapPoint is a place. Kind is "pilot" (red disc) or "ambassador" (blue
// square), "plain" (ring): told apart by form as well as colour.
type MapPoint struct {
	X, Y        float64
	Kind, Title string
	Href        string
}

// MapLegend explains a kind of point or area.
type MapLegend struct{ Kind, Text string }

func f1(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// kindColor is the design system's colour of a notice or tag.
func kindColor(kind string) string {
	switch kind {
	case "success", "warning", "danger", "info", "neutral", "sol", "bar":
		return kind
	case "error":
		return "danger"
	}
	return "neutral"
}

// noticeColor is kindColor for alerts, which have no neutral colour.
func noticeColor(kind string) string {
	if c := kindColor(kind); c != "neutral" && c != "sol" && c != "bar" {
		return c
	}
	return "info"
}

func inputType(in Input) string {
	if in.Type == "" {
		return "text"
	}
	return in.Type
}

func orDefault(n, d int) string {
	if n == 0 {
		n = d
	}
	return strconv.Itoa(n)
}

// fieldHref leads from the error summary to the field.
func fieldHref(f fail.Field) string { return "#" + f.Name }

func optionID(in Input, i int) string {
	if i == 0 {
		return in.Name // so that the error summary's link finds the first choice
	}
	return in.Name + "-" + strconv.Itoa(i)
}

// limited adds the limit of a long text to its hint.
func limited(ctx context.Context, in Input) Input {
	if in.MaxLength > 0 {
		in.Hint = strings.TrimSpace(in.Hint + " " + T(ctx, "Högst %d tecken.", in.MaxLength))
	}
	return in
}

func dateClass(in Input) string {
	if in.Width == "" {
		in.Width = "s"
	}
	return widthClass(in)
}

func widthClass(in Input) string {
	if in.Width == "" {
		return "ds-field"
	}
	return "ds-field width-" + in.Width
}

// titleOf is the browser's title: a form with errors says so first, since that
// is what a screen reader reads first.
func titleOf(ctx context.Context, status int, p Page) string {
	title := "Kommunpilot"
	if p.Title != "" {
		title = p.Title + " – Kommunpilot"
	}
	if status == http.StatusUnprocessableEntity {
		return T(ctx, "Fel: %s", title)
	}
	return title
}

// currentOf is the aria-current of a menu entry: the page itself, or the
// section that the page belongs to.
func currentOf(href, path string) string {
	switch {
	case href == path:
		return "page"
	case href != "/" && strings.HasPrefix(path, href+"/"):
		return "true"
	}
	return ""
}

func wideClass(p Page) string {
	if p.Wide {
		return "page wide"
	}
	return "page"
}

func stepState(ctx context.Context, s Step) string {
	switch s.State {
	case "done":
		return T(ctx, "Klart")
	case "error":
		return T(ctx, "Behöver rättas")
	case "current":
		return T(ctx, "Du är här")
	}
	return T(ctx, "Ej påbörjat")
}

func stepColor(s Step) string {
	switch s.State {
	case "done":
		return "success"
	case "error":
		return "danger"
	case "current":
		return "info"
	}
	return "neutral"
}

func id10(n int64) string { return strconv.FormatInt(n, 10) }

// role is that of a picture, or of a group where parts of it are links.
func (m MapView) role() string {
	for _, s := range m.Shapes {
		if s.Href != "" {
			return "group"
		}
	}
	for _, p := range m.Points {
		if p.Href != "" {
			return "group"
		}
	}
	return "img"
}
