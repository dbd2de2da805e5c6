// Package service is the room of service accessibility: how far people have to
// shops, fuel, post, pharmacy, payment and public service, what happens when a
// place closes or opens, where the next would do most good, and the municipal
// service plan (kommunal serviceplan) that follows. engine/access measures.
package service

import (
	"context"
	"errors"
	"io"
	"net/http"

	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Store keeps files of people; *blob.Store is one.
type Store interface {
	Put(ctx context.Context, r io.Reader, limit int64) (blob.Ref, error)
	Open(ctx context.Context, hash string) (io.ReadCloser, error)
}

// Network gives the road networks that have been loaded, by name.
type Network interface {
	List() []string
	Open(name string) (*Roads, error)
}

// Need is what a chapter of a service plan asks the knowledge bank for.
type Need struct {
	Kommun string   // code
	Kind   string   // of Kinds
	Types  []string // of service, where the gap is
	Gap    string   // in words; "" the chapter in general
}

// Proposal is an entry of the knowledge bank that may help with a need.
type Proposal struct {
	Entry                      int64
	Title, Href, Why, Citation string
}

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB         *db.DB
	Project    func(ctx context.Context, q db.Q, id who.ProjectID) (journal.Project, error)
	PersonName func(ctx context.Context, q db.Q, p who.PersonID) (string, error)
	Files      Store
	Roads      Network
	// Proposals asks the knowledge bank; Taken tells it what was used. Nil where
	// there is no bank.
	Proposals func(ctx context.Context, q db.Q, n Need) ([]Proposal, error)
	Taken     func(ctx context.Context, tx *db.Tx, p journal.Project, entry int64, plan journal.ID) error
	// Entries are the entries of the project's diarium, for the decision that a
	// plan was adopted by.
	Entries func(ctx context.Context, q db.Q, p journal.Project) ([]web.Option, error)
}

// Room serves the pages and carries out the acts.
type Room struct {
	deps        Deps
	inventories *sheet.Sheet[Inventory]
	points      *sheet.Sheet[Point]
	trials      *sheet.Sheet[Trial]
	plans       *sheet.Sheet[Plan]
	measures    *sheet.Sheet[Measure]
	agreements  *sheet.Sheet[Agreement]
	opinions    *sheet.Sheet[Opinion]
	followUps   *sheet.Sheet[FollowUp]

	grounds kept[*ground]
	surveys kept[*Survey]
}

// New makes the room.
func New(d Deps) *Room {
	o := &Room{deps: d}
	s := sheet.Deps{DB: d.DB, Project: d.Project, PersonName: d.PersonName}
	o.inventories, o.points, o.trials = o.inventorySheet(s), o.pointSheet(s), o.trialSheet(s)
	o.plans, o.measures, o.agreements, o.opinions, o.followUps = o.planSheet(s), o.measureSheet(s), o.agreementSheet(s), o.opinionSheet(s), o.followUpSheet(s)
	return o
}

// Routes lists the room's addresses.
func (o *Room) Routes() (out []web.Route) {
	for _, list := range [][]web.Route{o.inventories.Routes(), o.points.Routes(), o.trials.Routes(), o.plans.Routes(), o.measures.Routes(), o.agreements.Routes(), o.opinions.Routes(), o.followUps.Routes()} {
		out = append(out, list...)
	}
	return append(out, []web.Route{
		{Pattern: "GET /projekt/{id}/service/{post}/siffror", Action: "service.read", Handler: o.figuresPage},
		{Pattern: "GET /projekt/{id}/service/{post}/siffror.csv", Action: "service.read", Handler: o.figuresCSV},
		{Pattern: "GET /projekt/{id}/service/{post}/tank-om", Action: "service.read", Handler: o.whatIf},
		{Pattern: "POST /projekt/{id}/service/{post}/tank-om", Action: "service.edit", Handler: o.postTrial},
		{Pattern: "GET /projekt/{id}/service/{post}/nasta", Action: "service.read", Handler: o.nextPage},
		{Pattern: "GET /projekt/{id}/service/{post}/rapport/{namn}", Action: "service.read", Handler: o.report},
		{Pattern: "GET /projekt/{id}/service/{post}/befolkning", Action: "service.edit", Handler: o.populationForm},
		{Pattern: "POST /projekt/{id}/service/{post}/befolkning", Action: "service.edit", Handler: o.postPopulation},
		{Pattern: "GET /projekt/{id}/servicestallen/fil", Action: "service.edit", Handler: o.pointsForm},
		{Pattern: "POST /projekt/{id}/servicestallen/fil", Action: "service.edit", Handler: o.postPoints},
		{Pattern: "POST /projekt/{id}/servicestallen/samma", Action: "service.edit", Handler: o.postTwins},
		{Pattern: "POST /projekt/{id}/servicestallen/{post}/sedd", Action: "service.edit", Handler: o.postSeen},
		{Pattern: "GET /projekt/{id}/serviceplaner/{post}/dokument/{namn}", Action: "serviceplan.read", Handler: o.planFile},
		{Pattern: "POST /projekt/{id}/serviceplaner/{post}/forslag", Action: "serviceplan.edit", Handler: o.postProposal},
		{Pattern: "GET /serviceplaner/{post}", Action: "serviceplan.public", Handler: o.publicPlan},
		{Pattern: "GET /serviceplaner/{post}/{namn}", Action: "serviceplan.public", Handler: o.publicPlanFile},
	}...)
}

// Clerks carry out the acts of the room's pages for a program.
func (o *Room) Clerks() []sheet.Clerk {
	return []sheet.Clerk{o.inventories.Clerk(), o.points.Clerk(), o.trials.Clerk(), o.plans.Clerk(), o.measures.Clerk(), o.agreements.Clerk(), o.opinions.Clerk(), o.followUps.Clerk()}
}

// formLimit bounds a form of the room, bytes; a file has its own.
const formLimit = 256 << 10

// may is policy.Check for the context's actor; our own jobs pass.
func may(ctx context.Context, action string, r policy.Resource) error {
	if who.From(ctx).Kind == who.System {
		return nil
	}
	return policy.Check(who.From(ctx), action, r)
}

// writable finds a project that the actor may do the action in.
func (o *Room) writable(ctx context.Context, q db.Q, pid who.ProjectID, action string) (journal.Project, error) {
	p, err := o.deps.Project(ctx, q, pid)
	if err != nil {
		return p, err
	}
	if err := may(ctx, action, p.Resource); err != nil {
		return p, err
	}
	if p.Closed {
		return p, fail.New(fail.Conflict, "Projektet är avslutat. Ingenting mer kan ändras.")
	}
	return p, nil
}

// one finds the project and the thing that a request names. Whoever may not read
// the room is told no more than that.
func one[T any](o *Room, s *sheet.Sheet[T], r *http.Request, read, action string) (p journal.Project, it journal.Item[T], err error) {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return p, it, err
	}
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return p, it, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.deps.Project(ctx, q, pid); err != nil {
			return err
		}
		if it, err = s.Noun.Get(ctx, q, item); err != nil {
			return err
		}
		if it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		resource := p.Resource
		if s.Resource != nil {
			resource = s.Resource(p, it)
		}
		if err := may(ctx, read, resource); err != nil {
			return err
		}
		if action != read {
			return may(ctx, action, resource)
		}
		return nil
	})
	return p, it, err
}

// change changes an inventory that is worked on.
func (o *Room) change(ctx context.Context, item journal.ID, version int64, once string, change func(x *Inventory) error) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.inventories.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.writable(ctx, tx, it.Project, "service.edit")
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if it.State != Draft {
			return fail.New(fail.Conflict, "Inventeringen är fastställd. Öppna den igen om den ska ändras.")
		}
		if version != 0 {
			it.Version = version
		}
		if err := change(&it.Is); err != nil {
			return err
		}
		return o.inventories.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: "service.edit"})
	})
}

// answer ends an act: a flash and the page that it leads to. An act that was
// sent twice is answered as the first.
func (o *Room) answer(w http.ResponseWriter, r *http.Request, err error, said, to string) error {
	if err != nil && !errors.Is(err, db.ErrTwice) {
		return err
	}
	if said != "" {
		web.Flash(r.Context(), said)
	}
	return web.Redirect(w, r, to)
}
