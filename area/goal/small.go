package goal

import (
	"context"
	"slices"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
)

// Scales are the steps in which an activity grows (003-05): small first, then
// on what has worked.
var Scales = []string{"liten skala", "utökad", "full skala"}

// hasty tells whether an activity is planned in a larger scale than anything
// beside it has been carried out in: nothing of the scale before has been
// reached. An aim: it warns, and the motive is kept.
func hasty(g journal.Item[Goal], all []journal.Item[Goal]) bool {
	step := slices.Index(Scales, g.Is.Scale)
	if g.Is.Level != Activity || step <= 0 {
		return false
	}
	return !slices.ContainsFunc(all, func(x journal.Item[Goal]) bool {
		return x.ID != g.ID && x.Is.Level == Activity && x.Is.Parent == g.Is.Parent && x.State == Reached && slices.Index(Scales, x.Is.Scale) == step-1
	})
}

// isHasty is hasty among the project's goals as they were at the moment.
func (o *Room) isHasty(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Goal], at time.Time) (bool, error) {
	all, err := o.goals.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	return hasty(it, all), err
}

// ExampleTasks are what a pilot may work with (004-16), in our own words.
var ExampleTasks = []string{
	"Kartlägg hur hela kommunen når kommersiell och offentlig service",
	"Gå igenom kommunens egna processer och planering",
	"Hitta lösningar som svarar mot behov och förutsättningar, också nya",
	"Bygg ett nätverk av företag, föreningar och offentliga aktörer",
	"Skriv förslag till avtal med servicepartner, och till hur de betalas",
}

func scaleOptions() []web.Option { return options(Scales...) }
