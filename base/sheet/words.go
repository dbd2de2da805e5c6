package sheet

import (
	"context"
	"slices"
	"strconv"

	"kommunpilot/base/web"
)

// heads are the headings of the list.
func (v view[T]) heads(ctx context.Context) []string {
	out := []string{web.T(ctx, v.Noun.Title)}
	for _, c := range v.Columns {
		out = append(out, web.T(ctx, c.Head))
	}
	if v.states() {
		out = append(out, web.T(ctx, "Läge"))
	}
	return out
}

// states tells whether the noun has states that are worth a column.
func (s *Sheet[T]) states() bool { return len(s.Noun.Moves) > 0 }

func (s *Sheet[T]) needsReason(to string) bool { return slices.Contains(s.Noun.NeedsReason, to) }

// reasonName is the field for the reason of one of the moves on the page.
func (s *Sheet[T]) reasonName(to string) string {
	return "reason-" + strconv.Itoa(slices.IndexFunc(s.Moves, func(m Move) bool { return m.To == to }))
}

// reasonForm is the form of the move that was tried, and an empty one for the others.
func (v one[T]) reasonForm(to string) web.Form {
	if v.move.Get("to") == to {
		return v.move
	}
	return web.NewForm(nil)
}

// events words the history.
func (v one[T]) events(ctx context.Context) []Happened {
	var out []Happened
	for i, e := range v.history {
		what := web.T(ctx, "Ändrad")
		switch {
		case i == 0 && e.To == "":
			what = web.T(ctx, "Skapad")
		case i == 0:
			what = web.T(ctx, "Skapad: %s", web.T(ctx, e.To))
		case e.From != e.To:
			what = web.T(ctx, "%s → %s", web.T(ctx, e.From), web.T(ctx, e.To))
		}
		by := e.By
		if by == "" {
			by = web.T(ctx, "Kommunpilot")
		}
		out = append(out, Happened{web.DateTime(ctx, e.At), by, what, e.Reason})
	}
	return out
}
