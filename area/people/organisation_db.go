package people

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/kommun"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

const organisationColumns = `id, kind, name, number, code, COALESCE(parent_id, 0), valid_from, valid_to, created_at, created_by, version`

func scanOrganisation(r db.Row) (o Organisation, err error) {
	return o, r.Scan(&o.ID, &o.Kind, &o.Name, &o.Number, &o.Code, &o.Parent, &o.ValidFrom, &o.ValidTo, &o.Created, &o.By, &o.Version)
}

// Org gives an organisation with its predecessors and successors.
func (p *Room) Org(ctx context.Context, q db.Q, org who.OrgID) (Organisation, error) {
	o, err := db.One(ctx, q, scanOrganisation, `SELECT `+organisationColumns+` FROM organisation WHERE id = ?`, org)
	if err != nil {
		return o, err
	}
	if o.Predecessors, err = db.Values[who.OrgID](ctx, q, `SELECT predecessor_id FROM organisation_succession WHERE successor_id = ? ORDER BY 1`, org); err != nil {
		return o, err
	}
	o.Successors, err = db.Values[who.OrgID](ctx, q, `SELECT successor_id FROM organisation_succession WHERE predecessor_id = ? ORDER BY 1`, org)
	return o, err
}

// OrgName gives an organisation's name.
func (p *Room) OrgName(ctx context.Context, q db.Q, org who.OrgID) (string, error) {
	return db.Value[string](ctx, q, `SELECT name FROM organisation WHERE id = ?`, org)
}

// OrgNames gives the names of many organisations in one question.
func (p *Room) OrgNames(ctx context.Context, q db.Q, orgs []who.OrgID) (map[who.OrgID]string, error) {
	out := map[who.OrgID]string{}
	if len(orgs) == 0 {
		return out, nil
	}
	all, err := db.All(ctx, q, scanOrganisation, `SELECT `+organisationColumns+` FROM organisation WHERE id IN (`+marks(len(orgs))+`)`, anys(orgs)...)
	for _, o := range all {
		out[o.ID] = o.Name
	}
	return out, err
}

// marks is n question marks for IN (...).
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// OrgByCode gives the municipality (four digits) or region (two) that has the
// code today.
func (p *Room) OrgByCode(ctx context.Context, q db.Q, code string) (who.OrgID, error) {
	kind := Kommun
	if len(code) == 2 {
		kind = Region
	}
	today := calendar.Of(q.Now())
	return db.Value[who.OrgID](ctx, q, `SELECT id FROM organisation WHERE kind = ? AND code = ?
		AND valid_from <= ? AND (valid_to = '' OR valid_to > ?) ORDER BY id`, kind, code, today, today)
}

// Organisations lists all organisations by name, those that have ended too.
func (p *Room) Organisations(ctx context.Context, q db.Q) ([]Organisation, error) {
	all, err := db.All(ctx, q, scanOrganisation, `SELECT `+organisationColumns+` FROM organisation ORDER BY id`)
	bySwedish(all, func(o Organisation) string { return o.Name })
	return all, err
}

// Children lists the boards, companies and districts of an organisation.
func (p *Room) Children(ctx context.Context, q db.Q, org who.OrgID) ([]Organisation, error) {
	all, err := db.All(ctx, q, scanOrganisation, `SELECT `+organisationColumns+` FROM organisation WHERE parent_id = ? ORDER BY id`, org)
	bySwedish(all, func(o Organisation) string { return o.Name })
	return all, err
}

// bySwedish sorts as a Swedish reader expects: å, ä and ö last.
func bySwedish[T any](list []T, name func(T) string) {
	c := collate.New(language.Swedish)
	var b collate.Buffer
	type item struct {
		key []byte
		v   T
	}
	keyed := make([]item, len(list))
	for i, v := range list {
		keyed[i] = item{slices.Clone(c.KeyFromString(&b, name(v))), v}
		b.Reset()
	}
	slices.SortStableFunc(keyed, func(x, y item) int { return slices.Compare(x.key, y.key) })
	for i := range keyed {
		list[i] = keyed[i].v
	}
}

// CreateOrganisation stores a new organisation.
func (p *Room) CreateOrganisation(ctx context.Context, tx *db.Tx, o Organisation) (who.OrgID, error) {
	if err := may(ctx, "organisation.edit", policy.Resource{}); err != nil {
		return 0, err
	}
	o, err := o.checked()
	if err != nil {
		return 0, err
	}
	if err := p.parentExists(ctx, tx, o); err != nil {
		return 0, err
	}
	org, err := db.Insert[who.OrgID](ctx, tx, `INSERT INTO organisation (kind, name, number, code, parent_id, valid_from, valid_to, created_at, created_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		o.Kind, o.Name, o.Number, o.Code, orNull(o.Parent), o.ValidFrom, o.ValidTo, tx.Now(), who.From(ctx).Person)
	if db.IsUnique(err) {
		return 0, fail.Fields(fail.Field{Name: "code", Message: "Det finns redan en organisation av samma sort med den koden."})
	}
	if err != nil {
		return 0, err
	}
	if err := organisationEvent(ctx, tx, org, "", aktiv, ""); err != nil {
		return 0, err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "organisation.edit", Object: object("organisation", org), Org: org, Data: o})
	return org, nil
}

func (p *Room) parentExists(ctx context.Context, q db.Q, o Organisation) error {
	if o.Parent == 0 {
		return nil
	}
	parent, err := p.Org(ctx, q, o.Parent)
	if fail.Is(err, fail.NotFound) || err == nil && o.Kind == Kommundelsnamnd && parent.Kind != Kommun {
		return fail.Fields(fail.Field{Name: "parent", Message: "Välj vilken kommun nämnden hör till."})
	}
	return err
}

func orNull[T ~int64](v T) any {
	if v == 0 {
		return nil
	}
	return v
}

// object names a thing in the audit log: "person:7".
func object[T ~int64](kind string, v T) string { return kind + ":" + id.String(v) }

func organisationEvent(ctx context.Context, tx *db.Tx, org who.OrgID, from, to, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO organisation_event (organisation_id, at, person_id, from_state, to_state, reason) VALUES (?, ?, ?, ?, ?, ?)`,
		org, tx.Now(), who.From(ctx).Person, from, to, reason)
	return err
}

// changeOrganisation stores new facts of an organisation that nobody else has
// changed since version.
func (p *Room) changeOrganisation(ctx context.Context, tx *db.Tx, o Organisation) error {
	if err := may(ctx, "organisation.edit", policy.Resource{}); err != nil {
		return err
	}
	before, err := p.Org(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	o.ValidTo = before.ValidTo
	if o, err = o.checked(); err != nil {
		return err
	}
	if err := p.parentExists(ctx, tx, o); err != nil {
		return err
	}
	err = db.Changed(tx.Exec(ctx, `UPDATE organisation SET kind = ?, name = ?, number = ?, code = ?, parent_id = ?, valid_from = ?, version = version + 1 WHERE id = ? AND version = ?`,
		o.Kind, o.Name, o.Number, o.Code, orNull(o.Parent), o.ValidFrom, o.ID, o.Version))
	if db.IsUnique(err) {
		return fail.Fields(fail.Field{Name: "code", Message: "Det finns redan en organisation av samma sort med den koden."})
	}
	if err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "organisation.edit", Object: object("organisation", o.ID), Org: o.ID, Data: map[string]any{"before": before, "after": o}})
	return nil
}

// EndOrganisation gives an organisation its last day and its successors. The
// name and the code of the past stay as they were.
func (p *Room) EndOrganisation(ctx context.Context, tx *db.Tx, org who.OrgID, last calendar.Date, successors []who.OrgID, reason string) error {
	if err := may(ctx, "organisation.edit", policy.Resource{}); err != nil {
		return err
	}
	before, err := p.Org(ctx, tx, org)
	if err != nil {
		return err
	}
	o, err := before.ended(last, successors, reason)
	if err != nil {
		return err
	}
	if err := db.Changed(tx.Exec(ctx, `UPDATE organisation SET valid_to = ?, version = version + 1 WHERE id = ? AND version = ?`, o.ValidTo, org, before.Version)); err != nil {
		return err
	}
	for _, s := range successors {
		if _, err := tx.Exec(ctx, `INSERT INTO organisation_succession (predecessor_id, successor_id) VALUES (?, ?)`, org, s); err != nil {
			return err
		}
	}
	if err := organisationEvent(ctx, tx, org, aktiv, upphord, reason); err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "organisation.end", Object: object("organisation", org), Org: org, Reason: reason,
		Data: map[string]any{"last_day": last, "successors": successors}})
	return nil
}

// EnsureRegister makes the register's municipalities and regions organisations
// where they are not yet, those that have ended with their successors.
// Idempotent; two nodes may do it at once.
func (p *Room) EnsureRegister(ctx context.Context) error {
	ctx = who.With(ctx, who.Us)
	missing, err := p.missing(ctx)
	if err != nil || len(missing) == 0 {
		return err
	}
	err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		for _, o := range missing {
			if _, err := tx.Exec(ctx, `INSERT INTO organisation (kind, name, code, valid_from, valid_to, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
				o.Kind, o.Name, o.Code, o.ValidFrom, o.ValidTo, tx.Now()); err != nil {
				return err
			}
		}
		for _, k := range p.deps.Register.Ended() {
			for _, s := range k.Successors {
				if _, err := tx.Exec(ctx, `INSERT INTO organisation_succession (predecessor_id, successor_id)
					SELECT a.id, b.id FROM organisation a, organisation b
					WHERE a.kind = 'kommun' AND a.code = ? AND b.kind = 'kommun' AND b.code = ? ON CONFLICT DO NOTHING`, k.Code, s); err != nil {
					return err
				}
			}
		}
		audit.Log(ctx, tx, audit.Entry{Act: "organisation.import", Object: "register:1", Data: map[string]any{"edition": p.deps.Register.Edition(), "added": len(missing)}})
		return nil
	})
	if err != nil {
		return fmt.Errorf("organisations of the register: %w", err)
	}
	return nil
}

// missing lists the register's organisations that are not stored.
func (p *Room) missing(ctx context.Context) ([]Organisation, error) {
	var stored []Organisation
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) {
		stored, err = db.All(ctx, q, scanOrganisation, `SELECT `+organisationColumns+` FROM organisation WHERE kind IN ('kommun', 'region') AND code <> ''`)
		return err
	}); err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, o := range stored {
		have[string(o.Kind)+o.Code] = true
	}
	var out []Organisation
	for _, o := range registered(p.deps.Register) {
		if !have[string(o.Kind)+o.Code] {
			out = append(out, o)
		}
	}
	return out, nil
}

// registered are the register's municipalities, of today and ended, and the
// regions.
func registered(r *kommun.Register) []Organisation {
	var out []Organisation
	for _, k := range slices.Concat(r.All(), r.Ended()) {
		name := k.FullName
		if name == "" {
			name = k.Name
		}
		out = append(out, Organisation{Kind: Kommun, Name: name, Code: k.Code, ValidFrom: k.ValidFrom, ValidTo: k.ValidTo})
	}
	for _, c := range r.Counties() {
		name := regionNames[c.Code]
		if name == "" {
			name = "Region " + c.Name
		}
		out = append(out, Organisation{Kind: Region, Name: name, Code: c.Code})
	}
	return out
}
