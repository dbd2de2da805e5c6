package people

import (
	"context"
	"strings"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

const integrationColumns = `id, name, org_id, programme_id, role, scopes, receiver_id, hash, created_at, created_by, expires, used_at, ended_at, version`

func scanIntegration(r db.Row) (i Integration, err error) {
	var scopes, hash string
	err = r.Scan(&i.ID, &i.Name, &i.Org, &i.Programme, &i.Role, &scopes, &i.Receiver, &hash, &i.Created, &i.By, &i.Expires, &i.Used, &i.Ended, &i.Version)
	i.Scopes, i.Fetched = strings.Fields(scopes), hash != ""
	return i, err
}

// integrationActor gives the integration whose key it is, as an actor with the
// role in its organisation and its scopes. It works no longer than its receiver
// holds that role (rule 12).
func (p *Room) integrationActor(ctx context.Context, key string) (who.Actor, error) {
	var i Integration
	var org Organisation
	var has []Membership
	err := p.deps.DB.Read(ctx, func(q db.Q) (err error) {
		if i, err = db.One(ctx, q, scanIntegration, `SELECT `+integrationColumns+` FROM integration WHERE hash = ? AND hash <> ''`, hashOf(key)); err != nil {
			return err
		}
		if org, err = p.Org(ctx, q, i.Org); err != nil {
			return err
		}
		has, err = memberships(ctx, q, i.Receiver)
		return err
	})
	if err != nil && !fail.Is(err, fail.NotFound) {
		return who.Actor{}, err
	}
	today := p.today()
	if err != nil || i.State(today) != iBruk || org.State(today) != aktiv || !holds(has, i, today) {
		return who.Actor{}, fail.New(fail.Unauthenticated, "Nyckeln gäller inte.")
	}
	if p.deps.DB.Now().Sub(i.Used) > noteEvery {
		if err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE integration SET used_at = ? WHERE id = ?`, tx.Now(), i.ID)
			return err
		}); err != nil {
			p.deps.Log.WarnContext(ctx, "integration not noted as used", "err", err)
		}
	}
	return who.Actor{Kind: who.Token, Name: i.Name, Scopes: i.Scopes,
		Grants: []who.Grant{{Role: i.Role, Org: i.Org, Programme: i.Programme, To: i.Expires.Start()}}}, nil
}

// integrationByID gives an integration that the actor may see: the
// administrator all, a receiver the own.
func (p *Room) integrationByID(ctx context.Context, q db.Q, i IntegrationID) (Integration, error) {
	x, err := db.One(ctx, q, scanIntegration, `SELECT `+integrationColumns+` FROM integration WHERE id = ?`, i)
	if err != nil {
		return x, err
	}
	if x.Receiver == who.From(ctx).Person {
		return x, nil
	}
	return x, policy.Check(who.From(ctx), "token.edit", policy.Resource{})
}

// visibleIntegrations lists those that the actor may see, newest first.
func visibleIntegrations(ctx context.Context, q db.Q) ([]Integration, error) {
	actor := who.From(ctx)
	if policy.Allowed(actor, "token.edit", policy.Resource{}) {
		return db.All(ctx, q, scanIntegration, `SELECT `+integrationColumns+` FROM integration ORDER BY id DESC`)
	}
	return db.All(ctx, q, scanIntegration, `SELECT `+integrationColumns+` FROM integration WHERE receiver_id = ? ORDER BY id DESC`, actor.Person)
}

// CreateIntegration sets up an integration whose receiver is told by mail.
func (p *Room) CreateIntegration(ctx context.Context, tx *db.Tx, i Integration) (IntegrationID, error) {
	if err := may(ctx, "token.edit", policy.Resource{}); err != nil {
		return 0, err
	}
	has, err := memberships(ctx, tx, i.Receiver)
	if err != nil {
		return 0, err
	}
	if err := i.checked(who.From(ctx), has, calendar.Of(tx.Now())); err != nil {
		return 0, err
	}
	i.ID, err = db.Insert[IntegrationID](ctx, tx, `INSERT INTO integration (name, org_id, programme_id, role, scopes, receiver_id, created_at, created_by, expires)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		i.Name, i.Org, i.Programme, i.Role, strings.Join(i.Scopes, " "), i.Receiver, tx.Now(), who.From(ctx).Person, i.Expires)
	if err != nil {
		return 0, err
	}
	if err := integrationEvent(ctx, tx, i.ID, "", vantar, ""); err != nil {
		return 0, err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "token.edit", Object: object("integration", i.ID), Org: i.Org, Programme: i.Programme,
		Data: map[string]any{"name": i.Name, "role": i.Role, "scopes": i.Scopes, "receiver": i.Receiver, "expires": i.Expires}})
	x, err := p.Person(ctx, tx, i.Receiver)
	if err != nil {
		return 0, err
	}
	link := p.deps.PublicURL + "/integrationer/" + id.String(i.ID)
	m := letter(x, "Hämta en nyckel i Kommunpilot", "Systemet "+i.Name+" ska få arbeta i Kommunpilot för din organisation. Logga in och hämta nyckeln. Den visas en gång:\n"+link)
	if x.Lang == "en" {
		m = letter(x, "Fetch a key in Kommunpilot", "The system "+i.Name+" is to work in Kommunpilot for your organisation. Sign in and fetch the key. It is shown once:\n"+link)
	}
	return i.ID, p.deps.Mail(ctx, tx, m)
}

func integrationEvent(ctx context.Context, tx *db.Tx, i IntegrationID, from, to, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO integration_event (integration_id, at, person_id, from_state, to_state, reason) VALUES (?, ?, ?, ?, ?, ?)`,
		i, tx.Now(), who.From(ctx).Person, from, to, reason)
	return err
}

// FetchKey makes the key and gives it to the receiver, once. The receiver
// still has the role, or the key would be more than the person.
func (p *Room) FetchKey(ctx context.Context, tx *db.Tx, i IntegrationID) (string, error) {
	x, err := db.One(ctx, tx, scanIntegration, `SELECT `+integrationColumns+` FROM integration WHERE id = ?`, i)
	if err != nil {
		return "", err
	}
	today := calendar.Of(tx.Now())
	has, err := memberships(ctx, tx, x.Receiver)
	if err != nil {
		return "", err
	}
	if x.Receiver != who.From(ctx).Person || !holds(has, x, today) {
		return "", fail.New(fail.Forbidden, "Bara mottagaren kan hämta nyckeln, och bara med rollen i behåll.")
	}
	if x.State(today) != vantar {
		return "", fail.New(fail.Conflict, "Nyckeln är redan hämtad eller gäller inte längre. Be administratören lägga upp en ny.")
	}
	key := keyPrefix + strings.ToLower(id.Token()+id.Token())
	if err := db.Changed(tx.Exec(ctx, `UPDATE integration SET hash = ?, version = version + 1 WHERE id = ? AND version = ?`, hashOf(key), i, x.Version)); err != nil {
		return "", err
	}
	if err := integrationEvent(ctx, tx, i, vantar, iBruk, ""); err != nil {
		return "", err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "token.fetch", Object: object("integration", i), Org: x.Org, Programme: x.Programme})
	return key, nil
}

// EndIntegration stops a key at once; the receiver may do so too.
func (p *Room) EndIntegration(ctx context.Context, tx *db.Tx, i IntegrationID, reason string) error {
	x, err := p.integrationByID(ctx, tx, i)
	if err != nil {
		return err
	}
	if reason == "" {
		return fail.Fields(fail.Field{Name: "reason", Message: "Skriv varför nyckeln avslutas."})
	}
	state := x.State(calendar.Of(tx.Now()))
	if state == stangd {
		return fail.New(fail.Conflict, "Nyckeln är redan avslutad.")
	}
	if err := db.Changed(tx.Exec(ctx, `UPDATE integration SET ended_at = ?, version = version + 1 WHERE id = ? AND version = ?`, tx.Now(), i, x.Version)); err != nil {
		return err
	}
	if err := integrationEvent(ctx, tx, i, state, stangd, reason); err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "token.end", Object: object("integration", i), Org: x.Org, Programme: x.Programme, Reason: reason})
	return nil
}
