package people

import (
	"context"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/mail"
	"kommunpilot/base/who"
)

// wrongSignIn is the one answer to an unknown account, a wrong password and an
// account without a password.
func wrongSignIn() error {
	return fail.New(fail.Invalid, "E-postadressen eller lösenordet stämmer inte. Kontrollera båda och försök igen.")
}

// authenticate gives the person whose e-mail address and password these are.
// Attempts are counted per account and per address before the password is
// tried, and the work is the same whether or not there is such an account.
func (p *Room) authenticate(ctx context.Context, email, password, address string) (Person, error) {
	email, _ = cleanEmail(email)
	var hash string
	var x Person
	err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		if err := addressLimit.take(ctx, tx, address); err != nil {
			return err
		}
		if err := accountLimit.take(ctx, tx, email); err != nil {
			return err
		}
		var err error
		if x, hash, err = p.credential(ctx, tx, email); fail.Is(err, fail.NotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return Person{}, err
	}
	ok, old, err := p.hasher.check(ctx, password, hash)
	if err != nil {
		return Person{}, err
	}
	if !ok {
		return Person{}, wrongSignIn()
	}
	if old {
		if hash, err = p.hasher.hash(ctx, password); err != nil {
			return Person{}, err
		}
	}
	return x, p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		if old { // the same password in today's form
			if _, err := tx.Exec(ctx, `UPDATE credential SET hash = ? WHERE person_id = ?`, hash, x.ID); err != nil {
				return err
			}
		}
		if err := addressLimit.giveBack(ctx, tx, address); err != nil {
			return err
		}
		return accountLimit.clear(ctx, tx, email)
	})
}

// credential finds the person and the password's hash by e-mail address.
func (p *Room) credential(ctx context.Context, q db.Q, email string) (x Person, hash string, err error) {
	x, err = db.One(ctx, q, func(r db.Row) (x Person, err error) {
		return x, r.Scan(&x.ID, &x.Name, &x.Email, &x.Lang, &x.Created, &x.Version, &hash)
	}, `SELECT `+personColumns+`, c.hash FROM person p JOIN credential c ON c.person_id = p.id WHERE p.email = ?`, email)
	return x, hash, err
}

// setPassword stores a hash that was made outside the transaction, and ends
// the person's sessions but for one.
func setPassword(ctx context.Context, tx *db.Tx, person who.PersonID, hash string, spare SessionID) error {
	if _, err := tx.Exec(ctx, `INSERT INTO credential (person_id, hash, at) VALUES (?, ?, ?)
		ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, at = excluded.at`, person, hash, tx.Now()); err != nil {
		return err
	}
	if err := endSessions(ctx, tx, person, spare); err != nil {
		return err
	}
	audit.Log(ctx, tx, audit.Entry{Act: "account.password", Object: object("person", person)})
	return nil
}

// The kinds of ticket: a link that works once.
const (
	recoverTicket = "recover"
	inviteTicket  = "invite"
	emailTicket   = "email"
	adminTicket   = "admin"
)

// ticketTime is how long each kind of link works.
var ticketTime = map[string]time.Duration{
	recoverTicket: 30 * time.Minute,
	inviteTicket:  14 * 24 * time.Hour,
	emailTicket:   2 * time.Hour,
	adminTicket:   24 * time.Hour,
}

// ticket is a link that works once, for one thing.
type ticket struct {
	person who.PersonID
	email  string
}

// issue makes a link's token; only its hash is stored.
func issue(ctx context.Context, tx *db.Tx, kind string, t ticket) (string, error) {
	token := id.Token()
	_, err := tx.Exec(ctx, `INSERT INTO ticket (token_hash, kind, person_id, email, at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
		hashOf(token), kind, t.person, t.email, tx.Now(), tx.Now().Add(ticketTime[kind]))
	return token, err
}

var errUsedTicket = fail.New(fail.NotFound, "Länken gäller inte längre. Den kan bara användas en gång och under en begränsad tid. Be om en ny.")

// peek tells what a link is for, without using it: a mail program may open it
// before the person does.
func peek(ctx context.Context, q db.Q, kind, token string) (ticket, error) {
	t, err := db.One(ctx, q, func(r db.Row) (t ticket, err error) { return t, r.Scan(&t.person, &t.email) },
		`SELECT person_id, email FROM ticket WHERE token_hash = ? AND kind = ? AND used_at IS NULL AND expires_at > ?`, hashOf(token), kind, q.Now())
	if fail.Is(err, fail.NotFound) {
		err = errUsedTicket
	}
	return t, err
}

// use takes a link; a second use finds nothing.
func use(ctx context.Context, tx *db.Tx, kind, token string) (ticket, error) {
	t, err := peek(ctx, tx, kind, token)
	if err != nil {
		return t, err
	}
	n, err := tx.Exec(ctx, `UPDATE ticket SET used_at = ? WHERE token_hash = ? AND used_at IS NULL`, tx.Now(), hashOf(token))
	if err == nil && n == 0 {
		err = errUsedTicket
	}
	return t, err
}

// void takes back the person's unused links of a kind.
func void(ctx context.Context, tx *db.Tx, kind string, person who.PersonID) error {
	_, err := tx.Exec(ctx, `UPDATE ticket SET used_at = ? WHERE kind = ? AND person_id = ? AND used_at IS NULL`, tx.Now(), kind, person)
	return err
}

// askRecovery sends a link to the person with the address, if there is one.
// Whoever asks learns nothing.
func (p *Room) askRecovery(ctx context.Context, email, address string) error {
	email, ok := cleanEmail(email)
	if !ok {
		return fail.Fields(fail.Field{Name: "email", Message: "Skriv e-postadressen som namn@exempel.se."})
	}
	limited := false
	err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		if err := addressLimit.take(ctx, tx, address); err != nil {
			return err
		}
		err := recoverLimit.take(ctx, tx, email)
		limited = fail.Is(err, fail.RateLimited)
		return err
	})
	if limited {
		return nil // the same answer; the earlier letters are on their way
	}
	if err != nil {
		return err
	}
	return p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		x, err := p.PersonByEmail(ctx, tx, email)
		if fail.Is(err, fail.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		token, err := issue(ctx, tx, recoverTicket, ticket{person: x.ID})
		if err != nil {
			return err
		}
		return p.deps.Mail(ctx, tx, recoverLetter(x, p.deps.PublicURL+"/aterstall/"+token))
	})
}

// recover sets a new password by a link. The person comes to own the account
// again: every session ends, and so do the other links.
func (p *Room) recoverAccount(ctx context.Context, token, password string) error {
	var x Person
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		t, err := peek(ctx, q, recoverTicket, token)
		if err != nil {
			return err
		}
		x, err = p.Person(ctx, q, t.person)
		return err
	}); err != nil {
		return err
	}
	if err := fail.Fields(checkPassword("password", password, x.Name, x.Email)...); err != nil {
		return err
	}
	hash, err := p.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	ctx = who.With(ctx, who.Actor{Kind: who.Person, Person: x.ID, Name: x.Name})
	return p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := use(ctx, tx, recoverTicket, token); err != nil {
			return err
		}
		for _, kind := range []string{recoverTicket, inviteTicket} {
			if err := void(ctx, tx, kind, x.ID); err != nil {
				return err
			}
		}
		if err := accountLimit.clear(ctx, tx, x.Email); err != nil {
			return err
		}
		if err := setPassword(ctx, tx, x.ID, hash, 0); err != nil {
			return err
		}
		return p.deps.Mail(ctx, tx, passwordChangedLetter(x))
	})
}

// FirstAdminLink gives a link by which the first administrator chooses name,
// e-mail address and password; false where there is one already. Each call
// makes a new link; the first that is used voids the others.
func (p *Room) FirstAdminLink(ctx context.Context) (string, bool, error) {
	var n int
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { n, err = ableAdministrators(ctx, q, calendar.Of(q.Now())); return err }); err != nil || n > 0 {
		return "", false, err
	}
	var token string
	err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) (err error) {
		token, err = issue(ctx, tx, adminTicket, ticket{})
		return err
	})
	return p.deps.PublicURL + "/forsta-administrator/" + token, err == nil, err
}

// makeFirstAdmin makes the first administrator by the link.
func (p *Room) makeFirstAdmin(ctx context.Context, token string, x Person, password string) (Person, error) {
	x, err := x.checked()
	wrong := append(fieldsOf(err), checkPassword("password", password, x.Name, x.Email)...)
	if err := fail.Fields(wrong...); err != nil {
		return x, err
	}
	hash, err := p.hasher.hash(ctx, password)
	if err != nil {
		return x, err
	}
	ctx = who.With(ctx, who.Us)
	return x, p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := use(ctx, tx, adminTicket, token); err != nil {
			return err
		}
		if err := void(ctx, tx, adminTicket, 0); err != nil {
			return err
		}
		today := calendar.Of(tx.Now())
		if n, err := administrators(ctx, tx, today); err != nil || n > 0 {
			if err == nil {
				err = errUsedTicket
			}
			return err
		}
		if x.ID, err = p.CreatePerson(ctx, tx, x); err != nil {
			return err
		}
		if _, err := p.Grant(ctx, tx, Membership{Person: x.ID, Role: who.Administrator, From: today}); err != nil {
			return err
		}
		return setPassword(ctx, tx, x.ID, hash, 0)
	})
}

func fieldsOf(err error) []fail.Field {
	if err == nil {
		return nil
	}
	return fail.As(err).Fields
}

func recoverLetter(x Person, link string) mail.Message {
	if x.Lang == "en" {
		return letter(x, "Choose a new password in Kommunpilot",
			"Somebody, you perhaps, has asked for a new password for your account.\n\nChoose it here within 30 minutes:\n"+link+"\n\nIf it was not you, you need do nothing: your password is unchanged.")
	}
	return letter(x, "Välj ett nytt lösenord i Kommunpilot",
		"Någon, kanske du, har bett om ett nytt lösenord till ditt konto.\n\nVälj det här inom 30 minuter:\n"+link+"\n\nOm det inte var du behöver du inte göra något: lösenordet är oförändrat.")
}

func passwordChangedLetter(x Person) mail.Message {
	if x.Lang == "en" {
		return letter(x, "Your password in Kommunpilot has been changed",
			"The password of your account has just been changed, and you have been signed out everywhere.\n\nIf it was not you: choose a new password at once through \"Forgotten your password?\" on the sign-in page, and tell the one who answers for your organisation's users.")
	}
	return letter(x, "Ditt lösenord i Kommunpilot är ändrat",
		"Lösenordet till ditt konto har just ändrats, och du har loggats ut överallt.\n\nOm det inte var du: välj genast ett nytt genom \"Glömt lösenordet?\" på inloggningssidan, och berätta för den som ansvarar för din organisations användare.")
}

func letter(x Person, subject, text string) mail.Message {
	greeting, end := "Hej!\n\n", "\n\nKommunpilot\n"
	if x.Lang == "en" {
		greeting = "Hello,\n\n"
	}
	return mail.Message{To: []string{x.Email}, Subject: subject, Text: greeting + text + end}
}
