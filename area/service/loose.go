package service

import (
	"context"
	"fmt"

	"kommunpilot/base/calendar"
	"kommunpilot/base/journal"
	"kommunpilot/base/paper"
)

// Loose is an inventory of two files, outside any project.
type Loose struct {
	Title                  string
	Day                    calendar.Date
	Km, Minutes            int64
	Source                 string
	Points, People         []byte
	PointsName, PeopleName string
	Roads                  *Roads // nil: by air
}

// Document measures and writes the inventory. The reports tell what is wrong with
// the files; with any error there is no document.
func (x *Loose) Document(ctx context.Context) (d paper.Document, reports []Report, err error) {
	list := types(nil, x.Day)
	points, one := parsePoints(ctx, x.PointsName, x.Points, list, x.Source, x.Day)
	cells, two := parsePopulation(ctx, x.PeopleName, x.People)
	reports = []Report{one, two}
	if n := one.Errors + two.Errors; n > 0 {
		return d, reports, fmt.Errorf("%d fel i filerna", n)
	}
	var items []journal.Item[Point]
	for i, p := range points {
		items = append(items, journal.Item[Point]{ID: journal.ID(i + 1), State: Present, Is: p})
	}
	it := &journal.Item[Inventory]{Is: Inventory{Title: x.Title, Day: x.Day, Km: x.Km, Minutes: x.Minutes, Population: &Population{Name: x.PeopleName, Source: x.PeopleName, Day: x.Day, Cells: two.Cells, People: two.People}}}
	seen := map[string]bool{}
	for i := range cells {
		if k := cells[i].Kommun; k != "" && !seen[k] {
			seen[k] = true
			it.Is.Places = append(it.Is.Places, k)
		}
	}
	w := &work{it: it, points: placedOf(items), types: list, rules: carriedRules(), roads: x.Roads, ground: newGround(cells, x.Roads)}
	s, err := w.ground.survey(w.points, list, x.Day, it.Is.limits(), w.rules)
	if err != nil {
		return d, reports, err
	}
	return w.document(ctx, s, nil, nil, nil, reader{}), reports, nil
}
