// Package room is the project room: the project with its phases and gates,
// groups and who sits in them, the log, decisions, actions, risks, deviations,
// change requests, status reports and the accompanying research.
package room

import (
	"context"
	"embed"
	"io/fs"
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

//go:embed schema
var schema embed.FS

// Schema is the room's migrations.
func Schema() fs.FS { return db.Sub(schema) }

// Programme is what the room needs to know of a programme.
type Programme struct {
	ID      who.ProgrammeID
	Name    string
	Owners  []who.OrgID
	Members []who.OrgID // municipalities that take part
}

// Person is somebody who can sit in a group.
type Person struct {
	ID    who.PersonID
	Name  string
	Email string
}

// Figure is a goal's indicator as a status report shows it.
type Figure struct {
	Goal, Indicator, Unit string
	Value, Target         string
	Period                string
	Light                 string // "grön", "gul", "röd" or "" where nothing is measured
	Rule                  string
}

// GoalChange is a goal's new text that a change request carries.
type GoalChange struct {
	Goal journal.ID `json:"goal"`
	Text string     `json:"text"`
}

// Meeting is a meeting of the project, for reports and links.
type Meeting struct {
	ID    journal.ID
	Title string
	Group journal.ID
	Day   calendar.Date
	State string
}

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB            *db.DB
	Programme     func(ctx context.Context, q db.Q, id who.ProgrammeID) (Programme, error)
	Org           func(ctx context.Context, q db.Q, id who.OrgID) (string, error)
	PersonByEmail func(ctx context.Context, q db.Q, email string) (Person, error)
	Person        func(ctx context.Context, q db.Q, id who.PersonID) (Person, error)
	Mail          func(ctx context.Context, tx *db.Tx, m mail.Message) error
	PublicURL     string

	// Figures gives the indicators as they were known at the moment.
	Figures func(ctx context.Context, q db.Q, p journal.Project, at Moment) ([]Figure, error)
	// Meetings lists the project's meetings.
	Meetings func(ctx context.Context, q db.Q, p who.ProjectID) ([]Meeting, error)
	// GoalOptions lists adopted goals; GoalText gives one's text now.
	GoalOptions func(ctx context.Context, q db.Q, p who.ProjectID) ([]web.Option, error)
	GoalText    func(ctx context.Context, q db.Q, goal journal.ID) (string, error)
	// Effects carry out what the steering group decides on things of other
	// rooms, by kind ("goal", "plan").
	Effects map[string]func(ctx context.Context, tx *db.Tx, p journal.Project, item journal.ID, outcome string, by journal.ID) error
	// Undocumented names the meetings that have been held and have neither
	// approved minutes nor shared notes. May be nil.
	Undocumented func(ctx context.Context, q db.Q, p who.ProjectID) ([]string, error)
	// ChangeGoal gives an adopted goal another text, by a decision.
	ChangeGoal func(ctx context.Context, tx *db.Tx, p journal.Project, c GoalChange, by journal.ID) error
}

// Room serves the pages and carries out the acts.
type Room struct {
	deps Deps

	projects   journal.Noun[Project]
	phases     *sheet.Sheet[Phase]
	gates      *sheet.Sheet[Gate]
	groups     *sheet.Sheet[Group]
	seats      *sheet.Sheet[Seat]
	logs       *sheet.Sheet[LogEntry]
	decisions  *sheet.Sheet[Decision]
	actions    *sheet.Sheet[Action]
	risks      *sheet.Sheet[Risk]
	deviations *sheet.Sheet[Deviation]
	changes    *sheet.Sheet[Change]
	briefs     *sheet.Sheet[Brief]
	documents  *sheet.Sheet[Document]
	reports    *sheet.Sheet[Report]
	questions  *sheet.Sheet[Question]
	researches *sheet.Sheet[Research]
}

// New makes the room.
func New(d Deps) *Room {
	o := &Room{deps: d, projects: journal.Noun[Project]{Name: "project", Title: "Projektet", Moves: map[string][]string{Open: {Closed, Stopped}}, NeedsReason: []string{Stopped}}}
	base := sheet.Deps{DB: d.DB, Project: o.Frame, PersonName: o.personName}
	o.phases, o.gates = o.phaseSheet(base), o.gateSheet(base)
	o.groups, o.seats = o.groupSheet(base), o.seatSheet(base)
	o.logs, o.actions, o.risks, o.deviations = o.logSheet(base), o.actionSheet(base), o.riskSheet(base), o.deviationSheet(base)
	o.decisions, o.changes = o.decisionSheet(base), o.changeSheet(base)
	o.briefs, o.documents = o.briefSheet(base), o.documentSheet(base)
	o.reports, o.questions, o.researches = o.reportSheet(base), o.questionSheet(base), o.researchSheet(base)
	return o
}

func (o *Room) personName(ctx context.Context, q db.Q, id who.PersonID) (string, error) {
	p, err := o.deps.Person(ctx, q, id)
	return p.Name, err
}

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return slices.Concat([]web.Route{
		{Pattern: "GET /projekt", Action: "account.own", Handler: o.list},
		{Pattern: "GET /projekt/ny", Action: "project.create", Handler: o.newForm},
		{Pattern: "POST /projekt/ny", Action: "project.create", Handler: o.create},
		{Pattern: "GET /projekt/{id}", Action: "project.public", Handler: o.show},
		{Pattern: "GET /projekt/{id}/ram", Action: "project.edit", Handler: o.editForm},
		{Pattern: "POST /projekt/{id}/ram", Action: "project.edit", Handler: o.edit},
		{Pattern: "GET /projekt/{id}/handelser", Action: "log.read", Handler: o.events},
		{Pattern: "POST /projekt/{id}/rapporter/{post}/fornya", Action: "report.write", Handler: o.renewReport},
		{Pattern: "GET /projekt/{id}/rapporter/{post}/rapport.docx", Action: "log.read", Handler: o.reportDOCX},
		{Pattern: "GET /projekt/{id}/rapporter/{post}/rapport.pdf", Action: "log.read", Handler: o.reportPDF},
	}, o.phases.Routes(), o.gates.Routes(), o.groups.Routes(), o.seats.Routes(), o.logs.Routes(), o.decisions.Routes(),
		o.actions.Routes(), o.risks.Routes(), o.deviations.Routes(), o.changes.Routes(), o.briefs.Routes(), o.documents.Routes(), o.reports.Routes(), o.questions.Routes(), o.researches.Routes())
}

// may is policy.Check for the context's actor; our own jobs pass.
func may(ctx context.Context, action string, r policy.Resource) error {
	if who.From(ctx).Kind == who.System {
		return nil
	}
	return policy.Check(who.From(ctx), action, r)
}

func field(name, message string) error { return fail.Fields(fail.Field{Name: name, Message: message}) }
