package main

import (
	"context"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/riverqueue/river"

	"kommunpilot/area/assessment"
	"kommunpilot/area/goal"
	"kommunpilot/area/interest"
	"kommunpilot/area/knowledge"
	"kommunpilot/area/knowledge/index"
	"kommunpilot/area/meeting"
	"kommunpilot/area/outreach"
	"kommunpilot/area/overview"
	"kommunpilot/area/people"
	"kommunpilot/area/programme"
	"kommunpilot/area/record"
	"kommunpilot/area/room"
	services "kommunpilot/area/service"
	"kommunpilot/area/structure"
	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// roomSchemas lists every room's migrations.
func roomSchemas() []fs.FS {
	return []fs.FS{kommun.Schema(), people.Schema(), programme.Schema(), interest.Schema(), assessment.Schema(), room.Schema(), meeting.Schema(), record.Schema(), outreach.Schema(), structure.Schema(), index.Schema(), knowledge.Schema()}
}

// rooms is every room of the platform.
type rooms struct {
	people     *people.Room
	programme  *programme.Room
	interest   *interest.Room
	assessment *assessment.Room
	room       *room.Room
	goal       *goal.Room
	meeting    *meeting.Room
	record     *record.Room
	outreach   *outreach.Room
	structure  *structure.Room
	service    *services.Room
	knowledge  *knowledge.Room
	overview   *overview.Room
	// fail shows an error's page: the shell's own.
	fail func(w http.ResponseWriter, r *http.Request, err error)
}

// wire builds the rooms and draws every arrow between them.
func wire(_ context.Context, cfg *Config, b Base) (*App, error) {
	r := newRooms(cfg, b)
	shell := newShell(cfg, b)
	r.fail = shell.Fail
	mux := http.NewServeMux()
	web.Mount(mux, shell, web.OwnRoutes())
	for _, routes := range r.routes() {
		web.Mount(mux, shell, routes)
	}
	api, err := newAPI(b.DB, r, shell, b.Log)
	if err != nil {
		return nil, err
	}
	api.mount(mux)
	app := &App{
		Handler:        apart(shell.Middleware(r.people.Middleware(mux))),
		Pattern:        func(req *http.Request) string { _, p := mux.Handler(req); return p },
		Ticks:          []func(context.Context) error{r.people.Tick, r.programme.Tick, r.interest.Tick, r.room.Tick, r.knowledge.Tick},
		Prepare:        []func(context.Context) error{r.people.EnsureRegister},
		FirstAdminLink: r.people.FirstAdminLink,
		Workers: func(w *river.Workers) {
			r.record.Workers(w)
			r.structure.Workers(w)
		},
	}
	if cfg.Example {
		app.Prepare = append(app.Prepare, (&examples{rooms: r, db: b.DB}).ensure)
	}
	return app, nil
}

// routes lists every room's addresses, for the shell and for the test of rights.
func (r *rooms) routes() [][]web.Route {
	return [][]web.Route{r.overview.Routes(), r.people.Routes(), r.programme.Routes(), r.interest.Routes(), r.assessment.Routes(), r.room.Routes(), r.goal.Routes(), r.meeting.Routes(), r.record.Routes(), r.outreach.Routes(), r.structure.Routes(), r.service.Routes(), r.knowledge.Routes()}
}

func newShell(cfg *Config, b Base) *web.Shell {
	return web.NewShell(web.ShellConfig{
		Log: b.Log, Version: versionText(), Example: cfg.Example,
		Secure:   strings.HasPrefix(cfg.public(), "https://"),
		MaxBody:  int64(cfg.MaxUpload) + 1<<20,
		Observe:  b.Observe,
		Nav:      nav,
		Flash:    people.Flash,
		PopFlash: people.PopFlash,
	})
}

// nav is the main menu: what everybody has, and what the person's roles open.
func nav(ctx context.Context) []web.NavItem {
	items := []web.NavItem{{Text: web.T(ctx, "Utlysningar"), Href: "/utlysningar"}, {Text: web.T(ctx, "Program"), Href: "/program"}, {Text: web.T(ctx, "Kunskapsbank"), Href: "/kunskapsbank"}}
	a := who.From(ctx)
	add := func(text, href string, roles ...who.Role) {
		if slices.ContainsFunc(roles, a.Has) {
			items = append(items, web.NavItem{Text: web.T(ctx, text), Href: href})
		}
	}
	if a.SignedIn() {
		items = append(items, web.NavItem{Text: web.T(ctx, "Projekt"), Href: "/projekt"}, web.NavItem{Text: web.T(ctx, "Att göra"), Href: "/att-gora"})
	}
	add("Våra svar", "/mina-intressen", who.Foretradare, who.Kommunkontakt, who.Ekonom, who.Registrator)
	add("Inbjudningar", "/inbjudningar", who.Foretradare, who.Kommunkontakt)
	add("Mina bedömningar", "/bedomningar", who.Bedomare)
	add("Användare", "/anvandare", who.Administrator, who.Foretradare, who.Projektagare)
	add("Logg", "/logg", who.Administrator, who.Programagare, who.Registrator, who.Foretradare, who.Projektagare)
	return items
}

func newRooms(cfg *Config, b Base) *rooms {
	r := &rooms{}
	editions := &registers{db: b.DB}
	public := strings.TrimSuffix(cfg.public(), "/")
	r.people = people.New(people.Deps{
		DB: b.DB, Mail: b.Mail.Send, Register: kommun.Default(), PublicURL: public, Example: cfg.Example, Log: b.Log,
		OIDC:       people.OIDC{Issuer: cfg.OIDC.Issuer, ClientID: cfg.OIDC.ClientID, ClientSecret: cfg.OIDC.ClientSecret},
		Programmes: r.peopleProgrammes,
		Fail:       func(w http.ResponseWriter, req *http.Request, err error) { r.fail(w, req, err) },
	})
	r.programme = programme.New(programme.Deps{
		DB: b.DB, Mail: b.Mail.Send, PublicURL: public, Register: editions.newest,
		Org:       r.programmeOrg,
		OrgByCode: r.programmeOrgByCode,
		Recipients: func(ctx context.Context, q db.Q, org who.OrgID) ([]string, error) {
			return r.recipients(ctx, q, []who.OrgID{org})
		},
		Participants: r.programmeParticipants,
		Answers:      r.programmeAnswers,
		DraftHolders: r.draftHolders,
		Answered:     r.invitationAnswered,
		Projects:     r.programmeProjects,
	})
	r.interest = interest.New(interest.Deps{
		DB: b.DB, Mail: b.Mail.Send, Files: b.Files, PublicURL: public, MaxUpload: int64(cfg.MaxUpload), Register: editions.of,
		Call:      r.interestCall,
		Org:       r.interestOrg,
		OrgByCode: r.interestOrgByCode,
		People:    r.interestPeople,
		Assessors: func(ctx context.Context, q db.Q, id interest.ApplicationID) ([]who.PersonID, []who.PersonID, error) {
			return r.assessment.Assigned(ctx, q, assessment.ApplicationID(id))
		},
		Motive:     r.interestMotive,
		PersonName: r.people.PersonName,
	})
	r.assessment = assessment.New(assessment.Deps{
		DB: b.DB, Mail: b.Mail.Send, PublicURL: public, Register: editions.of,
		Call:         r.assessmentCall,
		Applications: r.assessmentApplications,
		SetOutcome:   r.setOutcome,
		SetCallState: func(ctx context.Context, tx *db.Tx, id assessment.CallID, state, motive string) error {
			return r.programme.SetState(ctx, tx, programme.CallID(id), programme.State(state), motive)
		},
		Left:       r.assessmentLeft,
		StepIn:     r.stepIn,
		Assessors:  r.assessors,
		PersonName: r.people.PersonName,
		Recipients: r.recipients,
	})
	r.room = room.New(room.Deps{
		DB: b.DB, Mail: b.Mail.Send, PublicURL: public,
		Programme: r.roomProgramme, Org: r.people.OrgName, Person: r.roomPerson, PersonByEmail: r.roomPersonByEmail,
		Figures: r.roomFigures, Meetings: r.roomMeetings, Undocumented: r.undocumented, GoalOptions: r.goalOptions, GoalText: r.goalText, ChangeGoal: r.changeGoal,
		Effects: map[string]func(context.Context, *db.Tx, journal.Project, journal.ID, string, journal.ID) error{
			"goal": func(ctx context.Context, tx *db.Tx, p journal.Project, item journal.ID, outcome string, by journal.ID) error {
				return r.goal.Decide(ctx, tx, p, item, outcome, by)
			},
		},
	})
	r.goal = goal.New(goal.Deps{DB: b.DB, Project: r.room.Frame, PersonName: r.people.PersonName, Period: r.room.Period})
	r.meeting = meeting.New(meeting.Deps{
		DB: b.DB, Mail: b.Mail.Send, Files: b.Files, PublicURL: public, From: cfg.SMTP.From, Project: r.room.Frame, PersonName: r.people.PersonName,
		Groups: r.meetingGroups, Members: r.meetingMembers, Matters: r.meetingMatters, Take: r.takeRuling, Note: r.noteMatter, AddAction: r.room.AddAction, Municipalities: r.municipalities,
		Material: r.meetingMaterial, Preparing: r.meetingPreparing,
	})
	r.record = record.New(record.Deps{DB: b.DB, Project: r.room.Frame, PersonName: r.people.PersonName, Files: b.Files, MaxUpload: int64(cfg.MaxUpload), Creator: r.archiveCreator, HasFile: r.interest.HasFile, Enqueue: b.Queue.Enqueue})
	r.outreach = outreach.New(outreach.Deps{DB: b.DB, Project: r.room.Frame, PersonName: r.people.PersonName, Mail: b.Mail.Send, PublicURL: public, Email: r.personEmail, News: r.newsletterNews})
	r.structure = structure.New(structure.Deps{
		DB: b.DB, Project: r.room.Frame, PersonName: r.people.PersonName, Files: b.Files, Enqueue: b.Queue.Enqueue,
		Org: r.people.OrgByCode, Meetings: r.structureMeetings, Frame: r.structureFrame,
	})
	r.service = services.New(services.Deps{
		DB: b.DB, Project: r.room.Frame, PersonName: r.people.PersonName, Files: b.Files, Roads: &roadFolder{path: cfg.Roads},
		Entries: r.record.Numbers, Proposals: r.planProposals, Taken: r.planTook,
	})
	bank := knowledge.Deps{DB: b.DB, Project: r.room.Frame, PersonName: r.people.PersonName, PublicURL: public, Evidence: r.knowledgeEvidence}
	if !cfg.Example {
		bank.Links = knowledge.LinkClient()
	}
	r.knowledge = knowledge.New(bank)
	r.overview = overview.New(overview.Deps{
		DB: b.DB, Example: cfg.Example,
		Calls: r.overviewCalls, Programmes: r.overviewProgrammes,
		Todos: []func(context.Context, db.Q, who.Actor) ([]overview.Todo, error){r.assessmentTodos, r.invitationTodos, r.interestTodos, r.roomTodos, r.knowledgeTodos},
	})
	return r
}
