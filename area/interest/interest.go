// Package interest is the room in which municipalities answer a call: the
// application and its co-applicants, attachments, eligibility, completion,
// each municipality's formal decision with its date of legal force, and the
// participation that follows.
//
// An application is one atom: one place, however many municipalities.
package interest

import (
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"strings"

	"kommunpilot/base/blob"
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

// Files keeps attachments; *blob.Store is one.
type Files interface {
	Put(ctx context.Context, r io.Reader, limit int64) (blob.Ref, error)
	Open(ctx context.Context, hash string) (io.ReadCloser, error)
}

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB   *db.DB
	Call func(ctx context.Context, q db.Q, id CallID) (Call, error)
	Org  func(ctx context.Context, q db.Q, id who.OrgID) (Org, error)
	// OrgByCode finds a municipality; fail.NotFound where it is no organisation yet.
	OrgByCode func(ctx context.Context, q db.Q, code string) (Org, error)
	// People lists those who hold one of the roles in the organisation, in any
	// programme or in this one, on the day of the transaction.
	People func(ctx context.Context, q db.Q, org who.OrgID, programme who.ProgrammeID, roles ...who.Role) ([]Person, error)
	// Assessors gives those who are assigned to the application and those who
	// are locked out by a tie. May be nil.
	Assessors func(ctx context.Context, q db.Q, id ApplicationID) (assigned, conflicts []who.PersonID, err error)
	// Motive gives scores and reasons, for after the decision. May be nil.
	Motive func(ctx context.Context, q db.Q, id ApplicationID) (Motive, error)
	// PersonName gives a person's name for a matter's history. May be nil.
	PersonName func(ctx context.Context, q db.Q, id who.PersonID) (string, error)
	// Mail sends a letter if and only if the transaction is stored.
	Mail  func(ctx context.Context, tx *db.Tx, m mail.Message) error
	Files Files
	// Register gives the register in an edition. May be nil: the embedded one.
	Register  func(edition string) *kommun.Register
	PublicURL string // without a slash at its end
	MaxUpload int64  // bytes of one attachment; 0: 20 MB
}

// Room serves the pages and carries out the acts.
type Room struct{ deps Deps }

// New makes the room.
func New(d Deps) *Room {
	if d.Register == nil {
		d.Register = func(string) *kommun.Register { return kommun.Default() }
	}
	if d.MaxUpload == 0 {
		d.MaxUpload = 20 << 20
	}
	d.PublicURL = strings.TrimSuffix(d.PublicURL, "/")
	return &Room{deps: d}
}

// Routes lists the room's addresses.
func (n *Room) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET /mina-intressen", Action: "account.own", Handler: n.mine},
		{Pattern: "GET /utlysningar/{id}/intresse", Action: "application.create", Handler: n.startForm},
		{Pattern: "POST /utlysningar/{id}/intresse", Action: "application.create", Handler: n.start},
		{Pattern: "GET /utlysningar/{id}/intresseanmalningar", Action: "application.list", Handler: n.list},
		{Pattern: "GET /utlysningar/{id}/intresseanmalningar/export.xlsx", Action: "application.export", Handler: n.exportXLSX},
		{Pattern: "GET /utlysningar/{id}/intresseanmalningar/export.csv", Action: "application.export", Handler: n.exportCSV},
		{Pattern: "GET /utlysningar/{id}/intresseanmalningar/export.json", Action: "application.export", Handler: n.exportJSON},

		{Pattern: "GET /intresse/{id}", Action: "application.read", Handler: n.overview},
		{Pattern: "GET /intresse/{id}/utskrift", Action: "application.read", Handler: n.print},
		{Pattern: "GET /intresse/{id}/kvitto", Action: "application.read", Handler: n.receipt},
		{Pattern: "GET /intresse/{id}/granska", Action: "application.read", Handler: n.review},
		{Pattern: "POST /intresse/{id}/granska", Action: "application.sign", Handler: n.submit},
		{Pattern: "POST /intresse/{id}/meddela", Action: "application.edit", Handler: n.askToSign},
		{Pattern: "GET /intresse/{id}/medsokande", Action: "application.read", Handler: n.applicants},
		{Pattern: "POST /intresse/{id}/medsokande", Action: "application.edit", Handler: n.changeApplicants},
		{Pattern: "POST /intresse/{id}/medsokande/svar", Action: "application.sign", Handler: n.answerApplicant},
		{Pattern: "GET /intresse/{id}/bilagor", Action: "application.read", Handler: n.attachments},
		{Pattern: "POST /intresse/{id}/bilagor", Action: "application.edit", Handler: n.attach},
		{Pattern: "POST /intresse/{id}/bilagor/{bilaga}/ta-bort", Action: "application.edit", Handler: n.detach},
		{Pattern: "GET /intresse/{id}/bilagor/{bilaga}", Action: "application.read", Handler: n.download},
		{Pattern: "GET /intresse/{id}/atertag", Action: "application.withdraw", Handler: n.withdrawForm},
		{Pattern: "POST /intresse/{id}/atertag", Action: "application.withdraw", Handler: n.withdraw},

		{Pattern: "GET /intresse/{id}/behorighet", Action: "application.assess_eligibility", Handler: n.eligibilityForm},
		{Pattern: "POST /intresse/{id}/behorighet", Action: "application.assess_eligibility", Handler: n.decideEligibility},
		{Pattern: "GET /intresse/{id}/komplettering", Action: "application.read", Handler: n.completionPage},
		{Pattern: "POST /intresse/{id}/komplettering", Action: "application.request_completion", Handler: n.requestCompletion},
		{Pattern: "POST /intresse/{id}/komplettering/svar", Action: "application.sign", Handler: n.answerCompletion},

		{Pattern: "GET /intresse/{id}/beslut", Action: "decision.read", Handler: n.decisions},
		{Pattern: "GET /intresse/{id}/beslut/{org}", Action: "decision.edit", Handler: n.decisionForm},
		{Pattern: "POST /intresse/{id}/beslut/{org}", Action: "decision.edit", Handler: n.saveDecision},
		{Pattern: "POST /intresse/{id}/beslut/{org}/registrera", Action: "decision.confirm", Handler: n.registerDecision},
		{Pattern: "GET /intresse/{id}/beslut/{org}/fil", Action: "decision.read", Handler: n.decisionFile},
		{Pattern: "POST /intresse/{id}/bekrafta", Action: "decision.confirm", Handler: n.confirm},
		{Pattern: "GET /intresse/{id}/utfall", Action: "selection.read_own", Handler: n.outcome},

		{Pattern: "GET /deltagande/{id}", Action: "participation.read", Handler: n.participation},
		{Pattern: "POST /deltagande/{id}", Action: "participation.edit", Handler: n.changeParticipation},
		{Pattern: "POST /deltagande/{id}/uppfoljning", Action: "participation.edit", Handler: n.followUp},
	}
	for _, s := range sections {
		routes = append(routes,
			web.Route{Pattern: "GET /intresse/{id}/" + s.path, Action: "application.read", Handler: n.sectionForm(s)},
			web.Route{Pattern: "POST /intresse/{id}/" + s.path, Action: "application.edit", Handler: n.sectionSave(s)})
	}
	return routes
}

// may is policy.Check for the context's actor; our own jobs pass.
func may(ctx context.Context, action string, r policy.Resource) error {
	actor := who.From(ctx)
	if actor.Kind == who.System {
		return nil
	}
	return policy.Check(actor, action, r)
}

// twice tells a double click from a conflict of locking.
func twice(err error) bool { return errors.Is(err, db.ErrTwice) }

// can is may as a question.
func can(actor who.Actor, action string, r policy.Resource) bool {
	return actor.Kind == who.System || policy.Allowed(actor, action, r)
}
