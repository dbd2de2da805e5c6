package people

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// OIDC is the identity provider of a larger organisation; an empty Issuer
// means that there is none.
type OIDC struct {
	Issuer, ClientID, ClientSecret string
	Name                           string // on the button; "" for general words
}

func (o OIDC) name() string {
	switch {
	case o.Issuer == "":
		return ""
	case o.Name == "":
		return "din organisations konto"
	}
	return o.Name
}

const oidcCallback = "/logga-in/svar"

// oidcTime is how long a sign-in at the provider may take.
const oidcTime = 15 * time.Minute

// oidcWait is how long the provider may take to answer us.
const oidcWait = 10 * time.Second

// provider finds the identity provider when somebody first asks, so that a
// node starts while it is away.
type provider struct {
	config   OIDC
	callback string
	mu       sync.Mutex
	found    *oidc.Provider
}

func (o *provider) find(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.found == nil {
		// The provider keeps the context for later fetches of its keys.
		lasting := oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: oidcWait})
		found, err := oidc.NewProvider(lasting, o.config.Issuer)
		if err != nil {
			return nil, nil, &fail.Error{Kind: fail.Unavailable, Message: "Din organisations inloggning svarar inte just nu. Försök igen om en stund.", Err: err}
		}
		o.found = found
	}
	return o.found, &oauth2.Config{
		ClientID: o.config.ClientID, ClientSecret: o.config.ClientSecret, Endpoint: o.found.Endpoint(),
		RedirectURL: o.callback, Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}, nil
}

// oidcLogin is a sign-in under way: what the answer must match.
type oidcLogin struct{ nonce, verifier, target string }

// oidcStart sends the person to the provider, with state, nonce and a proof
// key of which the provider gets only the hash (PKCE).
func (p *Room) oidcStart(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	_, config, err := p.oidc.find(ctx)
	if err != nil {
		return err
	}
	state := id.Token()
	login := oidcLogin{nonce: id.Token(), verifier: oauth2.GenerateVerifier(), target: targetOf(f.Get("till"))}
	if err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		if err := addressLimit.take(ctx, tx, "oidc "+addressOf(r)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO oidc_login (state_hash, nonce, verifier, target, at) VALUES (?, ?, ?, ?, ?)`,
			hashOf(state), login.nonce, login.verifier, login.target, tx.Now())
		return err
	}); err != nil {
		return err
	}
	p.setCookie(w, "inloggning", state, int(oidcTime.Seconds()))
	return web.Redirect(w, r, config.AuthCodeURL(state, oidc.Nonce(login.nonce), oauth2.S256ChallengeOption(login.verifier)))
}

// claims are what the provider says of the person.
type claims struct {
	Issuer   string
	Subject  string
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
}

// oidcReturn takes the provider's answer.
func (p *Room) oidcReturn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	login, err := p.takeLogin(ctx, w, r)
	if err != nil {
		return err
	}
	c, err := p.exchange(ctx, r.URL.Query(), login)
	if err != nil {
		return err
	}
	x, err := p.identify(ctx, c)
	if err != nil {
		return err
	}
	if err := p.enterAs(w, r, x); err != nil {
		return err
	}
	return web.Redirect(w, r, login.target)
}

func badLogin(cause error) error {
	return &fail.Error{Kind: fail.Invalid, Message: "Inloggningen hos din organisation kunde inte slutföras. Börja om från inloggningssidan.", Err: cause}
}

// takeLogin finds the sign-in that the state belongs to; it must have begun in
// this browser, and it works once.
func (p *Room) takeLogin(ctx context.Context, w http.ResponseWriter, r *http.Request) (oidcLogin, error) {
	state := r.URL.Query().Get("state")
	if state == "" || p.cookie(r, "inloggning") != state {
		return oidcLogin{}, badLogin(errors.New("the state is not this browser's"))
	}
	p.dropCookie(w, "inloggning")
	var l oidcLogin
	err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) (err error) {
		l, err = db.One(ctx, tx, func(r db.Row) (l oidcLogin, err error) { return l, r.Scan(&l.nonce, &l.verifier, &l.target) },
			`DELETE FROM oidc_login WHERE state_hash = ? AND at > ? RETURNING nonce, verifier, target`, hashOf(state), tx.Now().Add(-oidcTime))
		return err
	})
	if fail.Is(err, fail.NotFound) {
		err = badLogin(errors.New("the state is unknown, used or old"))
	}
	return l, err
}

// exchange turns the provider's code into what it says of the person.
func (p *Room) exchange(ctx context.Context, answer url.Values, login oidcLogin) (claims, error) {
	if problem := answer.Get("error"); problem != "" {
		return claims{}, badLogin(fmt.Errorf("the provider says %q", problem))
	}
	found, config, err := p.oidc.find(ctx)
	if err != nil {
		return claims{}, err
	}
	ctx = oidc.ClientContext(ctx, &http.Client{Timeout: oidcWait})
	token, err := config.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(login.verifier))
	if err != nil {
		return claims{}, badLogin(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return claims{}, badLogin(errors.New("no ID token"))
	}
	verified, err := found.Verifier(&oidc.Config{ClientID: p.oidc.config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return claims{}, badLogin(err)
	}
	if verified.Nonce != login.nonce {
		return claims{}, badLogin(errors.New("the nonce is another"))
	}
	c := claims{Issuer: verified.Issuer, Subject: verified.Subject}
	if err := verified.Claims(&c); err != nil {
		return c, badLogin(err)
	}
	if c.Email == "" { // some providers tell it apart
		info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return c, badLogin(err)
		}
		if info.Subject != c.Subject {
			return c, badLogin(errors.New("the user info is another person's"))
		}
		c.Email, c.Verified = info.Email, info.EmailVerified
	}
	return c, nil
}

// identify finds the person: first by issuer and subject, then by an e-mail
// address that the provider has verified. Nobody gets an account or a right by
// signing in.
func (p *Room) identify(ctx context.Context, c claims) (Person, error) {
	var x Person
	err := p.deps.DB.Read(ctx, func(q db.Q) (err error) {
		x, err = db.One(ctx, q, scanPerson, `SELECT `+personColumns+` FROM identity i JOIN person p ON p.id = i.person_id WHERE i.issuer = ? AND i.subject = ?`, c.Issuer, c.Subject)
		return err
	})
	if err == nil || !fail.Is(err, fail.NotFound) {
		return x, err
	}
	unknown := fail.New(fail.Forbidden, "Du är inloggad hos din organisation men har ingen användare här. Be den som ansvarar för din organisations användare att bjuda in dig.")
	if email, ok := cleanEmail(c.Email); !ok || !c.Verified {
		return x, unknown
	} else if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { x, err = p.PersonByEmail(ctx, q, email); return err }); err != nil {
		if fail.Is(err, fail.NotFound) {
			err = unknown
		}
		return x, err
	}
	ctx = who.With(ctx, who.Actor{Kind: who.Person, Person: x.ID, Name: x.Name})
	err = p.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO identity (issuer, subject, person_id, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, c.Issuer, c.Subject, x.ID, tx.Now()); err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "account.identity", Object: object("person", x.ID), Data: map[string]any{"issuer": c.Issuer}})
		return nil
	})
	return x, err
}
