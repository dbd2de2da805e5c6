package people

import (
	"context"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/mail"
	"kommunpilot/base/who"
)

// changeOwnPassword changes the password of whoever knows the present one.
// Other sessions end.
func (p *Room) changeOwnPassword(ctx context.Context, person who.PersonID, present, next string, spare SessionID) error {
	var x Person
	var hash string
	if err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) (err error) {
		if x, err = p.Person(ctx, tx, person); err != nil {
			return err
		}
		if err := accountLimit.take(ctx, tx, x.Email); err != nil {
			return err
		}
		_, hash, err = p.credential(ctx, tx, x.Email)
		if fail.Is(err, fail.NotFound) {
			return nil
		}
		return err
	}); err != nil {
		return err
	}
	if hash != "" { // one who has signed in through the organisation has none
		ok, _, err := p.hasher.check(ctx, present, hash)
		if err != nil {
			return err
		}
		if !ok {
			return fail.Fields(fail.Field{Name: "present", Message: "Det nuvarande lösenordet stämmer inte."})
		}
	}
	if err := fail.Fields(checkPassword("password", next, x.Name, x.Email)...); err != nil {
		return err
	}
	fresh, err := p.hasher.hash(ctx, next)
	if err != nil {
		return err
	}
	return p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := accountLimit.clear(ctx, tx, x.Email); err != nil {
			return err
		}
		if err := void(ctx, tx, recoverTicket, person); err != nil {
			return err
		}
		if err := setPassword(ctx, tx, person, fresh, spare); err != nil {
			return err
		}
		return p.deps.Mail(ctx, tx, passwordChangedLetter(x))
	})
}

// hasPassword tells whether the person has chosen a password.
func hasPassword(ctx context.Context, q db.Q, person who.PersonID) (bool, error) {
	n, err := db.Value[int](ctx, q, `SELECT COUNT(*) FROM credential WHERE person_id = ?`, person)
	return n > 0, err
}

// askEmail sends a link to the new address; it counts when it is opened there.
func (p *Room) askEmail(ctx context.Context, person who.PersonID, email string) error {
	email, ok := cleanEmail(email)
	if !ok {
		return fail.Fields(fail.Field{Name: "email", Message: "Skriv e-postadressen som namn@exempel.se."})
	}
	return p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		if err := recoverLimit.take(ctx, tx, object("email", person)); err != nil {
			return err
		}
		x, err := p.Person(ctx, tx, person)
		if err != nil {
			return err
		}
		if x.Email == email {
			return fail.Fields(fail.Field{Name: "email", Message: "Det är redan din e-postadress."})
		}
		token, err := issue(ctx, tx, emailTicket, ticket{person: person, email: email})
		if err != nil {
			return err
		}
		to := x
		to.Email = email
		return p.deps.Mail(ctx, tx, newEmailLetter(to, p.deps.PublicURL+"/bekrafta-epost/"+token))
	})
}

// takeEmail makes the address that the link was sent to the person's own, and
// tells the old one.
func (p *Room) takeEmail(ctx context.Context, token string) error {
	var t ticket
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { t, err = peek(ctx, q, emailTicket, token); return err }); err != nil {
		return err
	}
	ctx = who.With(ctx, who.Actor{Kind: who.Person, Person: t.person})
	return p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := use(ctx, tx, emailTicket, token)
		if err != nil {
			return err
		}
		x, err := p.Person(ctx, tx, t.person)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE person SET email = ?, version = version + 1 WHERE id = ?`, t.email, t.person)
		if db.IsUnique(err) {
			return fail.New(fail.Conflict, "E-postadressen används redan av ett annat konto.")
		}
		if err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "account.email", Object: object("person", t.person), Data: map[string]any{"before": x.Email, "after": t.email}})
		return p.deps.Mail(ctx, tx, emailChangedLetter(x, t.email))
	})
}

func newEmailLetter(x Person, link string) mail.Message {
	if x.Lang == "en" {
		return letter(x, "Confirm your e-mail address in Kommunpilot", "Confirm within two hours that this is your new e-mail address:\n"+link+"\n\nIf you have not asked for this, you need do nothing.")
	}
	return letter(x, "Bekräfta din e-postadress i Kommunpilot", "Bekräfta inom två timmar att det här är din nya e-postadress:\n"+link+"\n\nOm du inte har bett om det behöver du inte göra något.")
}

func emailChangedLetter(x Person, to string) mail.Message {
	if x.Lang == "en" {
		return letter(x, "Your e-mail address in Kommunpilot has been changed", "You now sign in with "+to+" instead of this address. If it was not you, tell the one who answers for your organisation's users at once.")
	}
	return letter(x, "Din e-postadress i Kommunpilot är ändrad", "Du loggar nu in med "+to+" i stället för den här adressen. Om det inte var du: berätta genast för den som ansvarar för din organisations användare.")
}
