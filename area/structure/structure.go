// Package structure is the room of structure scenarios: what mergers,
// cooperation and asymmetric tasks would do, computed by engine/scenario,
// discussed while the meeting goes on, and delivered to the second workshop as
// a memo that politicians and officials can read.
package structure

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"slices"

	"github.com/riverqueue/river"

	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

//go:embed schema
var schema embed.FS

// Schema is the room's migrations.
func Schema() fs.FS { return db.Sub(schema) }

// Store keeps results; *blob.Store is one.
type Store interface {
	Put(ctx context.Context, r io.Reader, limit int64) (blob.Ref, error)
	Open(ctx context.Context, hash string) (io.ReadCloser, error)
}

// Meeting is a meeting of the project that a result can be delivered to.
type Meeting struct {
	ID    journal.ID
	Title string
}

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB         *db.DB
	Project    func(ctx context.Context, q db.Q, id who.ProjectID) (journal.Project, error)
	PersonName func(ctx context.Context, q db.Q, p who.PersonID) (string, error)
	Files      Store
	// Enqueue puts a computation in the queue with the transaction.
	Enqueue func(ctx context.Context, tx *db.Tx, args river.JobArgs, opts *river.InsertOpts) error
	// Org is the organisation of a municipality; fail.NotFound where it has none.
	Org func(ctx context.Context, q db.Q, code string) (who.OrgID, error)
	// Meetings are those of the project.
	Meetings func(ctx context.Context, q db.Q, p who.ProjectID) ([]Meeting, error)
	// Frame is what the project knows for a memo: the first workshop and the interviews.
	Frame func(ctx context.Context, q db.Q, p journal.Project) (Frame, error)
}

// Room serves the pages and carries out the acts.
type Room struct {
	deps    Deps
	runs    *sheet.Sheet[Run]
	preview previews
	kept    kept
}

// New makes the room.
func New(d Deps) *Room {
	o := &Room{deps: d}
	o.runs = o.runSheet(sheet.Deps{DB: d.DB, Project: d.Project, PersonName: d.PersonName})
	return o
}

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return slices.Concat(o.runs.Routes(), []web.Route{
		{Pattern: "GET /projekt/{id}/struktur/{post}/arbetsyta", Action: "structure.read", Handler: o.workspace},
		{Pattern: "POST /projekt/{id}/struktur/{post}/arbetsyta", Action: "structure.edit", Handler: o.postAssumptions},
		{Pattern: "POST /projekt/{id}/struktur/{post}/forhandsvisning", Action: "structure.read", Handler: o.postPreview},
		{Pattern: "GET /projekt/{id}/struktur/{post}/kommuner", Action: "structure.edit", Handler: o.pick},
		{Pattern: "GET /projekt/{id}/struktur/{post}/alternativ", Action: "structure.edit", Handler: o.stepForm},
		{Pattern: "POST /projekt/{id}/struktur/{post}/alternativ", Action: "structure.edit", Handler: o.postStep},
		{Pattern: "POST /projekt/{id}/struktur/{post}/ta-bort", Action: "structure.edit", Handler: o.postRemove},
		{Pattern: "POST /projekt/{id}/struktur/{post}/fil", Action: "structure.edit", Handler: o.postFile},
		{Pattern: "GET /projekt/{id}/struktur/{post}/plan.scenario", Action: "structure.read", Handler: o.planFile},
		{Pattern: "POST /projekt/{id}/struktur/{post}/rakna", Action: "structure.edit", Handler: o.postCount},
		{Pattern: "POST /projekt/{id}/struktur/{post}/avbryt", Action: "structure.edit", Handler: o.postCancel},
		{Pattern: "GET /projekt/{id}/struktur/{post}/lage", Action: "structure.read", Handler: o.progressPart},
		{Pattern: "GET /projekt/{id}/struktur/{post}/resultat", Action: "structure.read", Handler: o.result},
		{Pattern: "GET /projekt/{id}/struktur/{post}/tal", Action: "structure.read", Handler: o.figures},
		{Pattern: "GET /projekt/{id}/struktur/{post}/fil/{namn}", Action: "structure.read", Handler: o.download},
		{Pattern: "POST /projekt/{id}/struktur/{post}/godkann", Action: "structure.approve", Handler: o.postApprove},
		{Pattern: "GET /strukturscenarier/{post}", Action: "structure.public", Handler: o.public},
		{Pattern: "GET /strukturscenarier/{post}/{namn}", Action: "structure.public", Handler: o.publicFile},
	})
}

// Clerks carry out the acts of the room's pages for a program.
func (o *Room) Clerks() []sheet.Clerk { return []sheet.Clerk{o.runs.Clerk()} }

// may is policy.Check for the context's actor; our own jobs pass.
func may(ctx context.Context, action string, r policy.Resource) error {
	if who.From(ctx).Kind == who.System {
		return nil
	}
	return policy.Check(who.From(ctx), action, r)
}
