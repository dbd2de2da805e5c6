package goal

import (
	"context"
	"strconv"
	"strings"

	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
)

// indent is the class of a line of the problem tree by its leading dashes.
func indent(line string) string {
	return "indent-" + strconv.Itoa(min(len(line)-len(strings.TrimLeft(line, "-")), 3))
}

func projectNumber(p journal.Project) string { return id.String(p.ID) }

// stepList shows the nine steps with those that are answered.
func (v workshopView) stepList(ctx context.Context) []web.Step {
	var out []web.Step
	for _, s := range v.steps {
		x := web.Step{Text: web.T(ctx, s.Is.Name), Href: v.room.steps.Href(v.p.ID, s.ID), State: "todo"}
		if v.mayPropose {
			x.Href += "/redigera"
		}
		if len(s.Is.Lines) > 0 {
			x.State = "done"
		}
		out = append(out, x)
	}
	return out
}
