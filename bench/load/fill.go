package main

import (
	"context"
	"fmt"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/who"
)

// sizes say how much there is of each thing.
type sizes struct{ applications, calls, audit int }

// page is one page to measure, as a visitor or (with a cookie) a person.
type page struct{ name, path, cookie string }

// filler puts rows in the database and names the pages that show them. It
// writes by SQL, since a bench stands outside the rooms. calls tells how many
// calls and applications there are to be.
type filler func(ctx context.Context, d *db.DB, n sizes) ([]page, error)

// fillers run in order. A room's filler is added here when the room exists.
var fillers = []filler{shellPages, auditRows}

// fill runs every filler and gathers the pages.
func fill(ctx context.Context, d *db.DB, n sizes) ([]page, error) {
	var all []page
	for _, f := range fillers {
		pages, err := f(ctx, d, n)
		if err != nil {
			return nil, fmt.Errorf("fill: %w", err)
		}
		all = append(all, pages...)
	}
	return all, nil
}

// shellPages are there without any rows.
func shellPages(context.Context, *db.DB, sizes) ([]page, error) {
	return []page{{name: "start", path: "/"}, {name: "tillgänglighet", path: "/tillganglighet"}}, nil
}

// auditBatch is how many entries are stored at once.
const auditBatch = 5000

// auditRows writes a real chain of entries about the calls and applications.
func auditRows(ctx context.Context, d *db.DB, n sizes) ([]page, error) {
	ctx = who.With(ctx, who.Us)
	for from := 0; from < n.audit; from += auditBatch {
		err := d.Write(ctx, func(tx *db.Tx) error {
			for i := from; i < min(from+auditBatch, n.audit); i++ {
				object := fmt.Sprintf("application:%d", i%max(n.applications, 1)+1)
				if i%10 == 0 {
					object = fmt.Sprintf("call:%d", i%max(n.calls, 1)+1)
				}
				audit.Log(ctx, tx, audit.Entry{Act: "application.edit", Object: object, Data: map[string]int{"field": i % 40}})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}
