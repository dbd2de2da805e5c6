// Package people is the room of organisations, persons and their roles: who
// may sign in, as what, and until when. It also shows the audit log and the
// register of municipalities.
package people

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/kommun"
	"kommunpilot/base/mail"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

//go:embed schema
var schema embed.FS

// Schema is the room's migrations.
func Schema() fs.FS { return db.Sub(schema) }

// Programme is what the room knows of a programme: its name for lists, and its
// owners for rights.
type Programme struct {
	ID     who.ProgrammeID
	Name   string
	Owners []who.OrgID
}

// Deps is what the room needs of others.
type Deps struct {
	DB        *db.DB
	Mail      func(ctx context.Context, tx *db.Tx, m mail.Message) error
	Register  *kommun.Register
	PublicURL string // without a slash at its end; https:// makes the cookies secure
	Example   bool   // anybody may sign in as anybody; never with real data
	OIDC      OIDC
	Log       *slog.Logger
	// Programmes lists all programmes, planned ones too. May be nil.
	Programmes func(ctx context.Context, q db.Q) ([]Programme, error)
	// Fail shows an error's page; the shell's own. May be nil.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
}

// Room serves the pages and knows who acts.
type Room struct {
	deps   Deps
	hasher *hasher
	oidc   *provider
}

// New makes the room. It asks neither the database nor the network.
func New(d Deps) *Room {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Register == nil {
		d.Register = kommun.Default()
	}
	d.PublicURL = strings.TrimSuffix(d.PublicURL, "/")
	p := &Room{deps: d, hasher: newHasher(hashing)}
	if d.OIDC.Issuer != "" {
		p.oidc = &provider{config: d.OIDC, callback: d.PublicURL + oidcCallback}
	}
	return p
}

// Routes lists the room's addresses.
func (p *Room) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET /logga-in", Handler: p.signInForm},
		{Pattern: "POST /logga-in", Handler: p.signIn},
		{Pattern: "POST /logga-ut", Handler: p.signOut},
		{Pattern: "GET /glomt-losenord", Handler: p.forgotForm},
		{Pattern: "POST /glomt-losenord", Handler: p.forgot},
		{Pattern: "GET /aterstall/{token}", Handler: p.resetForm},
		{Pattern: "POST /aterstall/{token}", Handler: p.reset},
		{Pattern: "GET /inbjudan/{token}", Handler: p.inviteForm},
		{Pattern: "POST /inbjudan/{token}", Handler: p.acceptInvite},
		{Pattern: "GET /forsta-administrator/{token}", Handler: p.firstAdminForm},
		{Pattern: "POST /forsta-administrator/{token}", Handler: p.firstAdmin},
		{Pattern: "GET /dina-uppgifter", Action: "account.own", Handler: p.keptForm},
		{Pattern: "POST /dina-uppgifter/kasta", Action: "account.own", Handler: p.dropKept},

		{Pattern: "GET /konto", Action: "account.own", Handler: p.account},
		{Pattern: "POST /konto", Action: "account.own", Handler: p.saveAccount},
		{Pattern: "GET /konto/losenord", Action: "account.own", Handler: p.passwordForm},
		{Pattern: "POST /konto/losenord", Action: "account.own", Handler: p.changePassword},
		{Pattern: "GET /konto/epost", Action: "account.own", Handler: p.emailForm},
		{Pattern: "POST /konto/epost", Action: "account.own", Handler: p.askNewEmail},
		{Pattern: "GET /bekrafta-epost/{token}", Handler: p.confirmEmailForm},
		{Pattern: "POST /bekrafta-epost/{token}", Handler: p.confirmEmail},
		{Pattern: "POST /konto/sessioner/{id}/avsluta", Action: "account.own", Handler: p.endSession},
		{Pattern: "POST /konto/logga-ut-overallt", Action: "account.own", Handler: p.signOutEverywhere},

		{Pattern: "GET /anvandare", Action: "people.read", Handler: p.people},
		{Pattern: "GET /anvandare/ny", Action: "people.edit", Handler: p.newPersonForm},
		{Pattern: "POST /anvandare/ny", Action: "people.edit", Handler: p.newPerson},
		{Pattern: "GET /anvandare/{id}", Action: "people.read", Handler: p.person},
		{Pattern: "POST /anvandare/{id}/roller", Action: "people.edit", Handler: p.grantRole},
		{Pattern: "POST /anvandare/{id}/inbjudan", Action: "people.edit", Handler: p.inviteAgain},
		{Pattern: "GET /anvandare/{id}/roller/{roll}/avsluta", Action: "people.edit", Handler: p.endRoleForm},
		{Pattern: "POST /anvandare/{id}/roller/{roll}/avsluta", Action: "people.edit", Handler: p.endRole},

		{Pattern: "GET /organisationer", Action: "register.read", Handler: p.organisations},
		{Pattern: "GET /organisationer/ny", Action: "organisation.edit", Handler: p.newOrganisationForm},
		{Pattern: "POST /organisationer/ny", Action: "organisation.edit", Handler: p.newOrganisation},
		{Pattern: "GET /organisationer/{id}", Action: "register.read", Handler: p.organisation},
		{Pattern: "GET /organisationer/{id}/redigera", Action: "organisation.edit", Handler: p.organisationForm},
		{Pattern: "POST /organisationer/{id}/redigera", Action: "organisation.edit", Handler: p.saveOrganisation},
		{Pattern: "GET /organisationer/{id}/avsluta", Action: "organisation.edit", Handler: p.endOrganisationForm},
		{Pattern: "POST /organisationer/{id}/avsluta", Action: "organisation.edit", Handler: p.endOrganisation},

		{Pattern: "GET /integrationer", Action: "account.own", Handler: p.integrations},
		{Pattern: "GET /integrationer/ny", Action: "token.edit", Handler: p.newIntegrationForm},
		{Pattern: "POST /integrationer/ny", Action: "token.edit", Handler: p.newIntegration},
		{Pattern: "GET /integrationer/{id}", Action: "account.own", Handler: p.integration},
		{Pattern: "POST /integrationer/{id}/nyckel", Action: "account.own", Handler: p.fetchKey},
		{Pattern: "POST /integrationer/{id}/avsluta", Action: "account.own", Handler: p.endIntegration},

		{Pattern: "GET /logg", Action: "audit.list", Handler: p.log},
		{Pattern: "GET /logg.csv", Action: "audit.list", Handler: p.logCSV},
		{Pattern: "GET /logg/kedjan", Action: "audit.list", Handler: p.chain},
		{Pattern: "GET /logg/oversikt", Action: "audit.aggregate", Handler: p.logSummary},

		{Pattern: "GET /register", Action: "register.read", Handler: p.register},
		{Pattern: "GET /register/{kod}", Action: "register.read", Handler: p.municipality},
	}
	if p.oidc != nil {
		routes = append(routes,
			web.Route{Pattern: "POST /logga-in/organisation", Handler: p.oidcStart},
			web.Route{Pattern: "GET " + oidcCallback, Handler: p.oidcReturn})
	}
	if p.deps.Example {
		routes = append(routes,
			web.Route{Pattern: "GET /exempel/logga-in", Handler: p.examples},
			web.Route{Pattern: "POST /exempel/logga-in", Handler: p.exampleSignIn})
	}
	return routes
}

// Tick forgets what has served its time. Idempotent.
func (p *Room) Tick(ctx context.Context) error {
	return p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error { return forget(ctx, tx) })
}

// may is policy.Check for the context's actor; the system's own jobs and the
// examples, which act as nobody, pass.
func may(ctx context.Context, action string, r policy.Resource) error {
	actor := who.From(ctx)
	if actor.Kind == who.System {
		return nil
	}
	return policy.Check(actor, action, r)
}

// programmes lists all programmes; none where no room has any.
func (p *Room) programmes(ctx context.Context, q db.Q) ([]Programme, error) {
	if p.deps.Programmes == nil {
		return nil, nil
	}
	return p.deps.Programmes(ctx, q)
}
