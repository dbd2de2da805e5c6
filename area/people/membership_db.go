package people

import (
	"context"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

const membershipColumns = `id, person_id, COALESCE(org_id, 0), role, programme_id, from_date, to_date, granted_by, version`

func scanMembership(r db.Row) (m Membership, err error) {
	return m, r.Scan(&m.ID, &m.Person, &m.Org, &m.Role, &m.Programme, &m.From, &m.To, &m.GrantedBy, &m.Version)
}

// memberships lists every role that the person has, had or will have.
func memberships(ctx context.Context, q db.Q, person who.PersonID) ([]Membership, error) {
	return db.All(ctx, q, scanMembership, `SELECT `+membershipColumns+` FROM membership WHERE person_id = ? ORDER BY from_date DESC, id DESC`, person)
}

// membersOf lists every role in the organisation, newest first.
func membersOf(ctx context.Context, q db.Q, org who.OrgID) ([]Membership, error) {
	return db.All(ctx, q, scanMembership, `SELECT `+membershipColumns+` FROM membership WHERE org_id = ? ORDER BY from_date DESC, id DESC`, org)
}

// ActorOf gives the person as an actor with the roles that are in force now;
// for examples and jobs that act for somebody.
func (p *Room) ActorOf(ctx context.Context, q db.Q, person who.PersonID) (who.Actor, error) {
	x, err := p.Person(ctx, q, person)
	if err != nil {
		return who.Actor{}, err
	}
	all, err := memberships(ctx, q, person)
	a := who.Actor{Kind: who.Person, Person: person, Name: x.Name}
	today := calendar.Of(q.Now())
	for _, m := range all {
		if m.In(today) {
			a.Grants = append(a.Grants, m.grant())
		}
	}
	return a, err
}

func (m Membership) grant() who.Grant {
	return who.Grant{Role: m.Role, Org: m.Org, Programme: m.Programme, From: m.From.Start(), To: m.To.Start()}
}

// Grant gives somebody else a role.
func (p *Room) Grant(ctx context.Context, tx *db.Tx, m Membership) (MembershipID, error) {
	actor := who.From(ctx)
	if err := may(ctx, "people.edit", grantResource(m)); err != nil {
		return 0, err
	}
	has, err := memberships(ctx, tx, m.Person)
	if err != nil {
		return 0, err
	}
	if err := checkGrant(actor, m, has); err != nil {
		return 0, err
	}
	m.ID, err = db.Insert[MembershipID](ctx, tx, `INSERT INTO membership (person_id, org_id, role, programme_id, from_date, to_date, granted_by, granted_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, m.Person, orNull(m.Org), m.Role, m.Programme, m.From, m.To, actor.Person, tx.Now())
	if err != nil {
		return 0, err
	}
	if err := membershipEvent(ctx, tx, m.ID, "", m.State(calendar.Of(tx.Now())), ""); err != nil {
		return 0, err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "people.grant", Object: object("person", m.Person), Org: m.Org, Programme: m.Programme,
		Data: map[string]any{"role": m.Role, "from": m.From, "to": m.To}})
	return m.ID, nil
}

// grantResource is a role as the policy sees it: its creator is the receiver,
// to whom nobody grants by himself or herself.
func grantResource(m Membership) policy.Resource {
	r := policy.Resource{Programme: m.Programme, Creator: m.Person}
	if m.Org != 0 {
		r.Members = []who.OrgID{m.Org}
	}
	return r
}

func membershipEvent(ctx context.Context, tx *db.Tx, m MembershipID, from, to, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO membership_event (membership_id, at, person_id, from_state, to_state, reason) VALUES (?, ?, ?, ?, ?, ?)`,
		m, tx.Now(), who.From(ctx).Person, from, to, reason)
	return err
}

func membership(ctx context.Context, q db.Q, id MembershipID) (Membership, error) {
	return db.One(ctx, q, scanMembership, `SELECT `+membershipColumns+` FROM membership WHERE id = ?`, id)
}

// EndGrant gives a role its last day. The right ends at that midnight.
func (p *Room) EndGrant(ctx context.Context, tx *db.Tx, id MembershipID, last calendar.Date, reason string) error {
	m, err := membership(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := may(ctx, "people.edit", grantResource(m)); err != nil {
		return err
	}
	today := calendar.Of(tx.Now())
	if err := checkEnd(who.From(ctx), m, last, today, reason); err != nil {
		return err
	}
	to := last.AddDays(1)
	if to < m.From { // a role that has not begun never begins
		to = m.From
	}
	before := m.State(today)
	if err := db.Changed(tx.Exec(ctx, `UPDATE membership SET to_date = ?, version = version + 1 WHERE id = ? AND version = ?`, to, id, m.Version)); err != nil {
		return err
	}
	if m.Role == who.Administrator {
		if err := administratorRemains(ctx, tx, to); err != nil {
			return err
		}
	}
	if err := membershipEvent(ctx, tx, id, before, avslutad, reason); err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "people.end", Object: object("person", m.Person), Org: m.Org, Programme: m.Programme, Reason: reason,
		Data: map[string]any{"role": m.Role, "last_day": last}})
	return nil
}

// administratorRemains refuses what would leave the platform without anybody
// who can let people in.
func administratorRemains(ctx context.Context, q db.Q, day calendar.Date) error {
	n, err := administrators(ctx, q, day)
	if err == nil && n == 0 {
		err = fail.New(fail.Conflict, "Det måste finnas minst en administratör. Ge rollen till någon annan först.")
	}
	return err
}

// ableAdministrators counts the administrators of the day who have a way to
// sign in: the example's administrator, who has none, is not among them.
func ableAdministrators(ctx context.Context, q db.Q, day calendar.Date) (int, error) {
	return db.Value[int](ctx, q, `SELECT COUNT(*) FROM membership m WHERE m.role = ? AND m.from_date <= ? AND (m.to_date = '' OR m.to_date > ?)
		AND (EXISTS (SELECT 1 FROM credential p WHERE p.person_id = m.person_id) OR EXISTS (SELECT 1 FROM identity i WHERE i.person_id = m.person_id))`, who.Administrator, day, day)
}

func administrators(ctx context.Context, q db.Q, day calendar.Date) (int, error) {
	return db.Value[int](ctx, q, `SELECT COUNT(*) FROM membership WHERE role = ? AND from_date <= ? AND (to_date = '' OR to_date > ?)`, who.Administrator, day, day)
}
