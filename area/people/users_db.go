package people

import (
	"context"
	"slices"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/mail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// reach is whose users an actor may see: all, or those of some organisations.
type reach struct {
	all  bool
	orgs []who.OrgID
}

func reachOf(a who.Actor, action string) reach {
	if policy.Allowed(a, action, policy.Resource{}) {
		return reach{all: true}
	}
	var r reach
	for _, org := range a.Orgs() {
		if org != 0 && policy.Allowed(a, action, policy.Resource{Members: []who.OrgID{org}}) {
			r.orgs = append(r.orgs, org)
		}
	}
	return r
}

func (r reach) none() bool { return !r.all && len(r.orgs) == 0 }

func (r reach) has(org who.OrgID) bool { return r.all || slices.Contains(r.orgs, org) }

// checkReach is the error of one who reaches nobody.
func checkReach(a who.Actor, action string) (reach, error) {
	r := reachOf(a, action)
	if r.none() {
		return r, policy.Check(a, action, policy.Resource{})
	}
	return r, nil
}

// users lists the persons within reach whose name or address has the words of
// query, by name.
func (p *Room) users(ctx context.Context, q db.Q, within reach, query string) ([]Person, error) {
	sql, args := `SELECT `+personColumns+` FROM person p`, []any(nil)
	if !within.all {
		sql += ` WHERE p.id IN (SELECT person_id FROM membership WHERE org_id IN (` + marks(len(within.orgs)) + `))`
		args = anys(within.orgs)
	}
	all, err := db.All(ctx, q, scanPerson, sql, args...)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(strings.ToLower(query))
	all = slices.DeleteFunc(all, func(x Person) bool {
		text := strings.ToLower(x.Name) + " " + x.Email
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	})
	bySwedish(all, func(x Person) string { return x.Name })
	return all, nil
}

// rolesOf lists the roles of several persons.
func rolesOf(ctx context.Context, q db.Q, persons []Person) (map[who.PersonID][]Membership, error) {
	out := map[who.PersonID][]Membership{}
	if len(persons) == 0 {
		return out, nil
	}
	var ids []who.PersonID
	for _, x := range persons {
		ids = append(ids, x.ID)
	}
	all, err := db.All(ctx, q, scanMembership, `SELECT `+membershipColumns+` FROM membership WHERE person_id IN (`+marks(len(ids))+`) ORDER BY from_date DESC, id DESC`, anys(ids)...)
	for _, m := range all {
		out[m.Person] = append(out[m.Person], m)
	}
	return out, err
}

// invite gives a role to the person with the address, who is made known and
// invited where nobody has it.
func (p *Room) invite(ctx context.Context, tx *db.Tx, x Person, m Membership) (who.PersonID, error) {
	if err := may(ctx, "people.edit", policy.Resource{Members: orgList(m.Org), Programme: m.Programme}); err != nil {
		return 0, err
	}
	x, err := x.checked()
	if err != nil {
		return 0, joinFields(err, checkGrant(who.From(ctx), m, nil))
	}
	known, err := p.PersonByEmail(ctx, tx, x.Email)
	fresh := fail.Is(err, fail.NotFound)
	switch {
	case fresh:
		if err := checkGrant(who.From(ctx), m, nil); err != nil {
			return 0, err
		}
		if x.ID, err = p.CreatePerson(ctx, tx, x); err != nil {
			return 0, err
		}
	case err != nil:
		return 0, err
	default:
		x = known
	}
	m.Person = x.ID
	if _, err := p.Grant(ctx, tx, m); err != nil {
		return 0, err
	}
	return x.ID, p.tellGranted(ctx, tx, x, m)
}

// tellGranted writes to the person about the role; with a link to choose a
// password by where there is none.
func (p *Room) tellGranted(ctx context.Context, tx *db.Tx, x Person, m Membership) error {
	where := "Kommunpilot"
	if m.Org != 0 {
		name, err := p.OrgName(ctx, tx, m.Org)
		if err != nil {
			return err
		}
		where = name
	}
	has, err := hasPassword(ctx, tx, x.ID)
	if err != nil {
		return err
	}
	if has {
		return p.deps.Mail(ctx, tx, grantedLetter(x, m, where, p.deps.PublicURL+"/konto"))
	}
	if err := void(ctx, tx, inviteTicket, x.ID); err != nil {
		return err
	}
	token, err := issue(ctx, tx, inviteTicket, ticket{person: x.ID})
	if err != nil {
		return err
	}
	return p.deps.Mail(ctx, tx, inviteLetter(x, m, where, p.deps.PublicURL+"/inbjudan/"+token))
}

// accept lets the invited choose a password.
func (p *Room) accept(ctx context.Context, token, name, password string) (Person, error) {
	x, err := p.invited(ctx, token)
	if err != nil {
		return x, err
	}
	x.Name = name
	y, err := x.checked()
	wrong := append(fieldsOf(err), checkPassword("password", password, y.Name, y.Email)...)
	if err := fail.Fields(wrong...); err != nil {
		return x, err
	}
	hash, err := p.hasher.hash(ctx, password)
	if err != nil {
		return x, err
	}
	ctx = who.With(ctx, who.Actor{Kind: who.Person, Person: y.ID, Name: y.Name})
	return y, p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := use(ctx, tx, inviteTicket, token); err != nil {
			return err
		}
		if err := p.changeOwn(ctx, tx, y); err != nil {
			return err
		}
		return setPassword(ctx, tx, y.ID, hash, 0)
	})
}

// invited gives the person whom an unused invitation is for.
func (p *Room) invited(ctx context.Context, token string) (x Person, err error) {
	return x, p.deps.DB.Read(ctx, func(q db.Q) error {
		t, err := peek(ctx, q, inviteTicket, token)
		if err != nil {
			return err
		}
		if has, err := hasPassword(ctx, q, t.person); err != nil || has {
			if err == nil {
				err = errUsedTicket
			}
			return err
		}
		x, err = p.Person(ctx, q, t.person)
		return err
	})
}

func orgList(org who.OrgID) []who.OrgID {
	if org == 0 {
		return nil
	}
	return []who.OrgID{org}
}

// joinFields gives the fields of both errors at once; a refusal of b wins.
func joinFields(a, b error) error {
	if b != nil && !fail.Is(b, fail.Invalid) {
		return b
	}
	return fail.Fields(append(fieldsOf(a), fieldsOf(b)...)...)
}

func period(m Membership, lang string) string {
	switch {
	case lang == "en" && m.To == "":
		return "from " + string(m.From)
	case lang == "en":
		return "from " + string(m.From) + " to " + string(m.LastDay())
	case m.To == "":
		return "från och med " + string(m.From)
	}
	return "från och med " + string(m.From) + " till och med " + string(m.LastDay())
}

func inviteLetter(x Person, m Membership, where, link string) mail.Message {
	role := strings.ToLower(m.Role.Name())
	if x.Lang == "en" {
		return letter(x, "You are invited to Kommunpilot", "You have been given the role "+role+" in "+where+", "+period(m, "en")+".\n\nChoose a password within 14 days to begin:\n"+link)
	}
	return letter(x, "Du är inbjuden till Kommunpilot", "Du har fått rollen "+role+" i "+where+", "+period(m, "sv")+".\n\nVälj ett lösenord inom 14 dagar för att komma i gång:\n"+link)
}

func grantedLetter(x Person, m Membership, where, link string) mail.Message {
	role := strings.ToLower(m.Role.Name())
	if x.Lang == "en" {
		return letter(x, "You have a new role in Kommunpilot", "You have been given the role "+role+" in "+where+", "+period(m, "en")+".\n\nYour roles:\n"+link)
	}
	return letter(x, "Du har en ny roll i Kommunpilot", "Du har fått rollen "+role+" i "+where+", "+period(m, "sv")+".\n\nDina roller:\n"+link)
}

// tomorrowOf is the day after the last day that a form states; "" where it
// states none.
func tomorrowOf(last calendar.Date) calendar.Date { return last.AddDays(1) }
