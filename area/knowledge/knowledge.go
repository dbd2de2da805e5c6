// Package knowledge is the knowledge bank: entries that grow in the project
// rooms from what is documented there, are reviewed and published, and are found
// by everybody. index finds them; engine/search ranks.
package knowledge

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"slices"

	"kommunpilot/area/knowledge/index"
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

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB         *db.DB
	Project    func(ctx context.Context, q db.Q, id who.ProjectID) (journal.Project, error)
	PersonName func(ctx context.Context, q db.Q, p who.PersonID) (string, error)
	PublicURL  string // "https://kommunpilot.example", with no slash at its end
	// Evidence lists the project's documented things that an entry may rest on, by
	// the kind of source.
	Evidence func(ctx context.Context, q db.Q, p journal.Project) (map[string][]web.Option, error)
	// Links asks the links of sources; nil: they are not asked. LinkClient is one.
	Links *http.Client
}

// Room serves the pages and carries out the acts.
type Room struct {
	deps      Deps
	index     *index.Index
	entries   *sheet.Sheet[Entry]
	sources   *sheet.Sheet[Source]
	questions *sheet.Sheet[Question]
}

// New makes the room.
func New(d Deps) *Room {
	o := &Room{deps: d, index: index.New(d.DB)}
	s := sheet.Deps{DB: d.DB, Project: d.Project, PersonName: d.PersonName}
	o.entries, o.sources, o.questions = o.entrySheet(s), o.sourceSheet(s), o.questionSheet(s)
	return o
}

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return slices.Concat(o.entries.Routes(), o.sources.Routes(), o.questions.Routes(), []web.Route{
		{Pattern: "GET /kunskapsbank", Action: "knowledge.search", Handler: o.search},
		{Pattern: "GET /kunskapsbank/flode.atom", Action: "knowledge.search", Handler: o.atom},
		{Pattern: "GET /kunskapsbank/poster.json", Action: "knowledge.search", Handler: o.harvest},
		{Pattern: "GET /kunskapsbank/{post}", Action: "knowledge.public", Handler: o.show},
		{Pattern: "POST /kunskapsbank/{post}/hjalpte", Action: "knowledge.public", Handler: o.postHelped},
		{Pattern: "GET /sitemap.xml", Action: "knowledge.search", Handler: o.sitemap},
	})
}

// Clerks carry out the acts of the room's pages for a program.
func (o *Room) Clerks() []sheet.Clerk {
	return []sheet.Clerk{o.entries.Clerk(), o.sources.Clerk(), o.questions.Clerk()}
}

// ours finds a project as the system does: the public has no roles in it, and
// sees no more of it than a page shows.
func (o *Room) ours(ctx context.Context, q db.Q, pid who.ProjectID) (journal.Project, error) {
	return o.deps.Project(who.With(ctx, who.Us), q, pid)
}

func resourceOf(p journal.Project, it journal.Item[Entry]) policy.Resource {
	r := p.Resource
	r.Creator, r.Published = it.By, Open(it.State)
	return r
}
