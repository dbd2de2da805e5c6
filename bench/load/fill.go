package main

import (
	"context"
	"fmt"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/who"
	"kommunpilot/bench/measure"
)

// sizes say how much there is of each thing.
type sizes struct{ applications, calls, audit int }

// filler puts rows in the database and names the pages that show them. It
// writes by SQL, since a bench stands outside the rooms. calls tells how many
// calls and applications there are to be.
type filler func(ctx context.Context, d *db.DB, n sizes) ([]measure.Page, error)

// fillers run in order. A room's filler is added here when the room exists.
var fillers = []filler{shellPages, calls, applications, auditRows}

// fill runs every filler and gathers the pages.
func fill(ctx context.Context, d *db.DB, n sizes) ([]measure.Page, error) {
	var all []measure.Page
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
func shellPages(context.Context, *db.DB, sizes) ([]measure.Page, error) {
	return []measure.Page{{Name: "start", Path: "/"}, {Name: "tillgänglighet", Path: "/tillganglighet"}}, nil
}

// auditBatch is how many entries are stored at once.
const auditBatch = 5000

// auditRows writes a real chain of entries about the calls and applications.
func auditRows(ctx context.Context, d *db.DB, n sizes) ([]measure.Page, error) {
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

// calls copies the example calls until there are as many as asked for.
func calls(ctx context.Context, d *db.DB, n sizes) ([]measure.Page, error) {
	err := d.Housekeep(ctx, func(tx *db.Tx) error {
		have, err := db.Value[int](ctx, tx, `SELECT COUNT(*) FROM call`)
		if err != nil {
			return err
		}
		for i := have; i < n.calls; i++ {
			if _, err := tx.Exec(ctx, `INSERT INTO call (programme_id, state, title, closes, version, form_version, edition, published_at, reminded, content, created)
				SELECT programme_id, state, title, closes, version, form_version, edition, published_at, reminded, content, created FROM call WHERE id = ?`, 1+i%max(have, 1)); err != nil {
				return err
			}
		}
		return nil
	})
	return []measure.Page{{Name: "utlysningar", Path: "/utlysningar"}, {Name: "en utlysning", Path: "/utlysningar/1"}, {Name: "ett program", Path: "/program/1"}, {Name: "kommunregistret", Path: "/register"}}, err
}

// applications copies the first example answer to other municipalities, until
// call 1 has as many as asked for.
func applications(ctx context.Context, d *db.DB, n sizes) ([]measure.Page, error) {
	err := d.Housekeep(ctx, func(tx *db.Tx) error {
		have, err := db.Value[int](ctx, tx, `SELECT COUNT(*) FROM application WHERE call_id = 1`)
		if err != nil {
			return err
		}
		free, err := db.Values[int64](ctx, tx, `SELECT id FROM organisation WHERE kind = 'kommun' AND valid_to = '' AND id NOT IN (SELECT a.org_id FROM applicant a) ORDER BY id`)
		if err != nil {
			return err
		}
		for _, org := range free[:min(len(free), max(0, n.applications-have))] {
			if err := copyApplication(ctx, tx, org); err != nil {
				return err
			}
		}
		return nil
	})
	return []measure.Page{
		{Name: "svar som kommit in", Path: "/utlysningar/1/intresseanmalningar", SignedIn: true},
		{Name: "ett svar", Path: "/intresse/1", SignedIn: true},
		{Name: "bedömning", Path: "/utlysningar/1/bedomning", SignedIn: true},
		{Name: "urval", Path: "/utlysningar/1/urval", SignedIn: true},
		{Name: "att göra", Path: "/att-gora", SignedIn: true},
	}, err
}

// applicationID names the copied application.
type applicationID int64

func copyApplication(ctx context.Context, tx *db.Tx, org int64) error {
	made, err := db.Insert[applicationID](ctx, tx, `INSERT INTO application (call_id, programme_id, lead_org_id, state, together, edition, form_version, form, invited, created_at, created_by, touched_at, submitted_at, signed_by, signed_name)
		SELECT call_id, programme_id, CAST(? AS BIGINT), state, together, edition, form_version, form, invited, created_at, created_by, touched_at, submitted_at, signed_by, signed_name FROM application WHERE id = 1 RETURNING id`, org)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		`INSERT INTO application_kind (application_id, kind, outcome, reason) SELECT CAST(? AS BIGINT), kind, outcome, reason FROM application_kind WHERE application_id = 1`,
		`INSERT INTO application_section (application_id, section, content, at, person_id, version) SELECT CAST(? AS BIGINT), section, content, at, person_id, version FROM application_section WHERE application_id = 1`,
	} {
		if _, err := tx.Exec(ctx, statement, made); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO applicant (application_id, org_id, parent_id, kind, name, folded, code, kommun, county, main_group, sub_group, state, at, person_id)
		SELECT CAST(? AS BIGINT), o.id, 0, a.kind, o.name, lower(o.name), o.code, o.code, substr(o.code, 1, 2), a.main_group, a.sub_group, a.state, a.at, a.person_id
		FROM applicant a, organisation o WHERE a.application_id = 1 AND o.id = ?`, made, org)
	return err
}
