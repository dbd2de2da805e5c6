package people

import (
	"context"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

const personColumns = `p.id, p.name, p.email, p.lang, p.created_at, p.version`

func scanPerson(r db.Row) (p Person, err error) {
	return p, r.Scan(&p.ID, &p.Name, &p.Email, &p.Lang, &p.Created, &p.Version)
}

// Person gives a person.
func (p *Room) Person(ctx context.Context, q db.Q, person who.PersonID) (Person, error) {
	return db.One(ctx, q, scanPerson, `SELECT `+personColumns+` FROM person p WHERE p.id = ?`, person)
}

// PersonByEmail finds a person by e-mail address.
func (p *Room) PersonByEmail(ctx context.Context, q db.Q, email string) (Person, error) {
	email, _ = cleanEmail(email)
	return db.One(ctx, q, scanPerson, `SELECT `+personColumns+` FROM person p WHERE p.email = ?`, email)
}

// PersonName gives a person's name; "Kommunpilot" for the system itself.
func (p *Room) PersonName(ctx context.Context, q db.Q, person who.PersonID) (string, error) {
	if person == 0 {
		return who.Us.Name, nil
	}
	return db.Value[string](ctx, q, `SELECT name FROM person WHERE id = ?`, person)
}

// PersonNames gives the names of many persons in one question.
func (p *Room) PersonNames(ctx context.Context, q db.Q, persons []who.PersonID) (map[who.PersonID]string, error) {
	out := map[who.PersonID]string{0: who.Us.Name}
	if len(persons) == 0 {
		return out, nil
	}
	all, err := db.All(ctx, q, scanPerson, `SELECT `+personColumns+` FROM person p WHERE p.id IN (`+marks(len(persons))+`)`, anys(persons)...)
	for _, x := range all {
		out[x.ID] = x.Name
	}
	return out, err
}

// PersonsWithRole lists those who have the role in the organisation today, in
// any programme, by name.
func (p *Room) PersonsWithRole(ctx context.Context, q db.Q, role who.Role, org who.OrgID) ([]Person, error) {
	return p.PersonsWithRoleIn(ctx, q, role, org, 0)
}

// PersonsWithRoleIn lists those who have the role in the organisation today
// and for the programme (0: any).
func (p *Room) PersonsWithRoleIn(ctx context.Context, q db.Q, role who.Role, org who.OrgID, programme who.ProgrammeID) ([]Person, error) {
	today := calendar.Of(q.Now())
	all, err := db.All(ctx, q, scanPerson, `SELECT `+personColumns+` FROM person p WHERE p.id IN (
		SELECT person_id FROM membership WHERE role = ? AND org_id = ? AND (programme_id = 0 OR ? = 0 OR programme_id = ?)
		AND from_date <= ? AND (to_date = '' OR to_date > ?)) ORDER BY p.id`, role, org, int64(programme), int64(programme), today, today)
	bySwedish(all, func(x Person) string { return x.Name })
	return all, err
}

// EmailsWithRole lists the addresses of those who have the role in the
// organisation today.
func (p *Room) EmailsWithRole(ctx context.Context, q db.Q, role who.Role, org who.OrgID) ([]string, error) {
	all, err := p.PersonsWithRole(ctx, q, role, org)
	return emails(all), err
}

// Emails lists the addresses of the persons, by number.
func (p *Room) Emails(ctx context.Context, q db.Q, persons []who.PersonID) ([]string, error) {
	if len(persons) == 0 {
		return nil, nil
	}
	all, err := db.All(ctx, q, scanPerson, `SELECT `+personColumns+` FROM person p WHERE p.id IN (`+marks(len(persons))+`) ORDER BY p.id`, anys(persons)...)
	return emails(all), err
}

func emails(all []Person) []string {
	var out []string
	for _, x := range all {
		out = append(out, x.Email)
	}
	return out
}

// CreatePerson stores a new person, who has no role and no password. Only the
// system and an act that has checked the right to do so call it.
func (p *Room) CreatePerson(ctx context.Context, tx *db.Tx, x Person) (who.PersonID, error) {
	x, err := x.checked()
	if err != nil {
		return 0, err
	}
	person, err := db.Insert[who.PersonID](ctx, tx, `INSERT INTO person (name, email, lang, created_at, created_by) VALUES (?, ?, ?, ?, ?) RETURNING id`,
		x.Name, x.Email, x.Lang, tx.Now(), who.From(ctx).Person)
	if db.IsUnique(err) {
		return 0, fail.Fields(fail.Field{Name: "email", Message: "Det finns redan en person med den e-postadressen."})
	}
	if err != nil {
		return 0, err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "people.edit", Object: object("person", person), Data: map[string]any{"created": true, "name": x.Name, "email": x.Email}})
	return person, nil
}

// changeOwn stores the person's own name and language.
func (p *Room) changeOwn(ctx context.Context, tx *db.Tx, x Person) error {
	x, err := x.checked()
	if err != nil {
		return err
	}
	if err := db.Changed(tx.Exec(ctx, `UPDATE person SET name = ?, lang = ?, version = version + 1 WHERE id = ? AND version = ?`, x.Name, x.Lang, x.ID, x.Version)); err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "account.own", Object: object("person", x.ID), Data: map[string]any{"name": x.Name, "lang": x.Lang}})
	return nil
}
