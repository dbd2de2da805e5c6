package programme

import (
	"context"
	"encoding/json"
	"fmt"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// CreateProgramme stores a new programme owned by the organisations, of which
// the actor's must be one.
func (o *Room) CreateProgramme(ctx context.Context, a About, owners []who.OrgID, once string) (made who.ProgrammeID, err error) {
	actor := who.From(ctx)
	if err := policy.Check(actor, "programme.create", policy.Resource{Owners: owners}); err != nil {
		return 0, err
	}
	problems := a.check()
	if len(owners) == 0 {
		problems = append(problems, fail.Field{Name: "owner", Message: "Välj vilken organisation som äger programmet."})
	}
	if err := fail.Fields(problems...); err != nil {
		return 0, err
	}
	if actor.Kind == who.Person && !ownsOne(actor, owners) {
		return 0, fail.Fields(fail.Field{Name: "owner", Message: "Du är inte programägare i den organisationen."})
	}
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		content, err := json.Marshal(a)
		if err != nil {
			return err
		}
		made, err = db.Insert[who.ProgrammeID](ctx, tx, `INSERT INTO programme (state, public, version, content, created) VALUES (?, ?, 1, ?, ?) RETURNING id`,
			string(Planned), true, string(content), tx.Now())
		if err != nil {
			return err
		}
		for _, org := range owners {
			if _, err := tx.Exec(ctx, `INSERT INTO programme_owner (programme_id, org_id) VALUES (?, ?)`, made, org); err != nil {
				return err
			}
		}
		audit.Log(ctx, tx, audit.Entry{Act: "programme.create", Object: "programme:" + id.String(made), Programme: made, Org: owners[0], Data: a})
		return nil
	})
	return made, err
}

func ownsOne(a who.Actor, owners []who.OrgID) bool {
	for _, org := range owners {
		if a.HasIn(who.Programagare, org) {
			return true
		}
	}
	return false
}

// SaveProgramme stores a changed programme over the version that was read.
func (o *Room) SaveProgramme(ctx context.Context, pid who.ProgrammeID, a About, state ProgrammeState, version int64, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		p, err := o.programme(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := policy.Check(who.From(ctx), "programme.edit", p.resource()); err != nil {
			return err
		}
		if err := fail.Fields(a.check()...); err != nil {
			return err
		}
		a.Rules, a.Calendar, a.Partners = p.Rules, p.Calendar, p.Partners
		content, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if err := db.Changed(tx.Exec(ctx, `UPDATE programme SET content = ?, state = ?, version = version + 1 WHERE id = ? AND version = ?`,
			string(content), string(state), pid, version)); err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "programme.edit", Object: "programme:" + id.String(pid), Programme: pid, Data: a})
		return nil
	})
}

const programmeColumns = `id, state, public, version, content`

func scanProgramme(r db.Row) (p Programme, err error) {
	var content string
	if err := r.Scan(&p.ID, &p.State, &p.Public, &p.Version, &content); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(content), &p.About); err != nil {
		return p, fmt.Errorf("programme %d: %w", p.ID, err)
	}
	return p, nil
}

// programme reads one, whoever asks.
func (o *Room) programme(ctx context.Context, q db.Q, pid who.ProgrammeID) (Programme, error) {
	p, err := db.One(ctx, q, scanProgramme, `SELECT `+programmeColumns+` FROM programme WHERE id = ?`, pid)
	if err != nil {
		return p, err
	}
	return p, o.withOwners(ctx, q, &p)
}

func (o *Room) withOwners(ctx context.Context, q db.Q, p *Programme) error {
	ids, err := ownersOf(ctx, q, p.ID)
	if err != nil {
		return err
	}
	for _, org := range ids {
		x, err := o.deps.Org(ctx, q, org)
		if err != nil {
			return err
		}
		p.Owners = append(p.Owners, x)
	}
	return nil
}

func ownersOf(ctx context.Context, q db.Q, pid who.ProgrammeID) ([]who.OrgID, error) {
	return db.Values[who.OrgID](ctx, q, `SELECT org_id FROM programme_owner WHERE programme_id = ? ORDER BY org_id`, pid)
}

// Roof is the little that a project room needs of its programme at each step:
// its name and who owns it. It asks for no rights; the room's own decide.
func (o *Room) Roof(ctx context.Context, q db.Q, pid who.ProgrammeID) (name string, owners []who.OrgID, err error) {
	p, err := db.One(ctx, q, scanProgramme, `SELECT `+programmeColumns+` FROM programme WHERE id = ?`, pid)
	if err != nil {
		return "", nil, err
	}
	owners, err = ownersOf(ctx, q, pid)
	return p.Name, owners, err
}

// Programmes lists those that everybody may see, newest first.
func (o *Room) Programmes(ctx context.Context, q db.Q) ([]Programme, error) {
	all, err := db.All(ctx, q, scanProgramme, `SELECT `+programmeColumns+` FROM programme WHERE public = ? ORDER BY id DESC`, true)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := o.withOwners(ctx, q, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Programme reads one for the page: what the reader may not see is Forbidden.
func (o *Room) Programme(ctx context.Context, q db.Q, pid who.ProgrammeID) (Programme, error) {
	p, err := o.programme(ctx, q, pid)
	if err != nil {
		return p, err
	}
	return p, policy.Check(who.From(ctx), "programme.read", p.resource())
}
