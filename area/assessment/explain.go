package assessment

import (
	"context"
	"slices"
	"strings"

	"kommunpilot/base/id"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
	"kommunpilot/engine/selection"
)

// explainer says the engine's clauses in words: attributes by their names in
// the register, applications by their applicants.
type explainer struct {
	ctx      context.Context
	register *kommun.Register
	list     []Candidate
	taken    []ApplicationID // selected for another kind
}

// swedish explains in Swedish whatever the reader's language: for letters and
// what is stored.
func swedish(register *kommun.Register, list []Candidate) explainer {
	return explainer{ctx: web.WithLang(context.Background(), "sv"), register: register, list: list}
}

// title is an application's applicants by the engine's id.
func (e explainer) title(key string) string {
	if i := slices.IndexFunc(e.list, func(x Candidate) bool { return id.String(x.ID) == key }); i >= 0 {
		return e.list[i].Title
	}
	return web.T(e.ctx, "svar %s", key)
}

func (e explainer) titles(keys []string) string {
	var out []string
	for _, k := range keys {
		out = append(out, e.title(k))
	}
	return strings.Join(out, ", ")
}

// label says a value of an attribute: "Västmanlands län", "huvudgrupp A".
func (e explainer) label(attribute, value string) string {
	phrase, what := e.register.Phrase(attribute, value)
	return web.T(e.ctx, phrase, what)
}

// count is a number of what a quota counts: "3 kommuner", "ett svar".
func (e explainer) count(count selection.Count, n int) string {
	if count == selection.CountApplications {
		return web.N(e.ctx, n, "ett svar", "%d svar")
	}
	return web.N(e.ctx, n, "en kommun", "%d kommuner")
}

// quota says a quota of the engine: "högst 3 kommuner från Västmanlands län".
func (e explainer) quota(q selection.Quota) string {
	var parts []string
	if q.Min != nil {
		parts = append(parts, web.T(e.ctx, "minst %s", e.count(q.Count, *q.Min)))
	}
	if q.Max != nil {
		parts = append(parts, web.T(e.ctx, "högst %s", e.count(q.Count, *q.Max)))
	}
	return web.T(e.ctx, "%s från %s", strings.Join(parts, ", "), e.label(q.Attribute, q.Value))
}

// rule says a quota of the call, each value's for itself where it is "*".
func (e explainer) rule(q Quota) string {
	x := selection.Quota{Attribute: q.Attribute, Value: q.Value, Count: selection.Count(q.Count)}
	if q.Min > 0 {
		x.Min = &q.Min
	}
	if q.Max > 0 {
		x.Max = &q.Max
	}
	return e.quota(x)
}

// clause says one demand of the rules.
func (e explainer) clause(c selection.Clause) string {
	switch c.Kind {
	case "min":
		return web.T(e.ctx, "%s från %s", web.T(e.ctx, "minst %s", e.count(c.Quota.Count, c.Limit)), e.label(c.Quota.Attribute, c.Quota.Value))
	case "max":
		return web.T(e.ctx, "%s från %s", web.T(e.ctx, "högst %s", e.count(c.Quota.Count, c.Limit)), e.label(c.Quota.Attribute, c.Quota.Value))
	case "must":
		return web.T(e.ctx, "%s ska vara med", e.title(c.ID))
	case "never":
		return web.T(e.ctx, "%s får inte vara med", e.title(c.ID))
	}
	return web.N(e.ctx, c.Limit, "en plats ska fyllas", "%d platser ska fyllas")
}

// change says one change of the rules.
func (e explainer) change(c selection.Change) string {
	switch c.Kind {
	case "must":
		return web.T(e.ctx, "ta bort kravet att %s ska vara med", e.title(c.ID))
	case "never":
		return web.T(e.ctx, "låt %s vara med", e.title(c.ID))
	case "places":
		return web.T(e.ctx, "välj %d i stället för %d", c.To, c.Limit)
	}
	return web.T(e.ctx, "%s: ändra %d till %d", e.clause(c.Clause), c.Limit, c.To)
}

// why says what it would have taken for an application to be selected.
func (e explainer) why(w selection.WhyNot) string {
	switch w.Reason {
	case "never":
		return e.never(w.ID)
	case "quota":
		var parts []string
		for _, c := range w.Change {
			parts = append(parts, e.change(c))
		}
		if len(parts) == 0 {
			return web.T(e.ctx, "Inget urval under reglerna rymmer svaret.")
		}
		return web.T(e.ctx, "Inget urval under reglerna rymmer svaret. Minsta ändring som hade gett plats: %s.", strings.Join(parts, "; "))
	case "tie":
		return web.T(e.ctx, "Ett urval med svaret är lika bra. Den ordning som bestämts i förväg avgjorde.")
	case "spread":
		return web.T(e.ctx, "Ett urval med svaret har tillräcklig poäng, men spridningen avgjorde.")
	case "score":
		points := strings.Replace(string(w.Points), ".", ",", 1)
		if len(w.Instead) == 0 {
			return web.T(e.ctx, "Det fattas %s poäng.", points)
		}
		return web.T(e.ctx, "Det fattas %s poäng. Med mer än så hade svaret gått före %s.", points, e.titles(w.Instead))
	}
	return web.T(e.ctx, "Sökningen nådde sin gräns innan frågan var avgjord.")
}

// never says why an application could not be chosen at all.
func (e explainer) never(key string) string {
	i := slices.IndexFunc(e.list, func(x Candidate) bool { return id.String(x.ID) == key })
	switch {
	case i >= 0 && slices.Contains(e.taken, e.list[i].ID):
		return web.T(e.ctx, "Svaret är redan valt till en annan form av deltagande.")
	case i >= 0 && !e.list[i].Passed:
		return web.T(e.ctx, "Svaret gick inte vidare från steg 1.")
	case i >= 0 && !e.list[i].Complete:
		return web.T(e.ctx, "Svaret saknar bedömning på något kriterium.")
	}
	return web.T(e.ctx, "Svaret fick inte väljas i den här körningen.")
}
