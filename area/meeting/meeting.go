// Package meeting is the room of a project's meetings: date polls, calls with
// calendar files, agendas, attendance with a waiting list, minutes with their
// approval, the year's meetings, and interviews with approval before
// publication.
package meeting

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"time"

	"kommunpilot/base/blob"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
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

// Group is a group of the project.
type Group struct {
	ID   journal.ID
	Name string
	Kind string // styrgrupp, arbetsgrupp ...
}

// Sitting is somebody who sits in a group on a day.
type Sitting struct {
	Person              who.PersonID
	Name, Email         string
	Role, Body, Politic string
}

// Matter is something that waits for the steering group.
type Matter struct {
	Key, Title, Href string
	Outcomes         []web.Option
}

// Ruling is what a body has decided, for the room that keeps the decisions.
type Ruling struct {
	Matter, Organ, Kind, Basis, Text, Key, Outcome string
	Group, Meeting                                 journal.ID
	Paragraph                                      int
	Day                                            calendar.Date
}

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB         *db.DB
	Project    func(ctx context.Context, q db.Q, id who.ProjectID) (journal.Project, error)
	PersonName func(ctx context.Context, q db.Q, p who.PersonID) (string, error)
	Groups     func(ctx context.Context, q db.Q, p who.ProjectID) ([]Group, error)
	Members    func(ctx context.Context, q db.Q, p who.ProjectID, group journal.ID, day calendar.Date) ([]Sitting, error)
	// Matters lists what waits for the steering group.
	Matters func(ctx context.Context, q db.Q, p journal.Project) ([]Matter, error)
	// Take records and carries out a ruling when the minutes are approved.
	Take func(ctx context.Context, tx *db.Tx, p journal.Project, r Ruling) (journal.ID, error)
	// Preparing lists what working groups take up before the steering group decides. May be nil.
	Preparing func(ctx context.Context, q db.Q, p journal.Project) ([]Matter, error)
	// Material are the model runs that are ordered for a meeting. May be nil.
	Material func(ctx context.Context, q db.Q, p who.ProjectID, meeting journal.ID) ([]Material, error)
	// Note tells that a meeting's notes take a matter up.
	Note func(ctx context.Context, tx *db.Tx, p journal.Project, key string, meeting journal.ID, kind string, day calendar.Date) error
	// AddAction notes an action from a meeting.
	AddAction func(ctx context.Context, tx *db.Tx, p journal.Project, text, email string, due calendar.Date, source string) (journal.ID, error)
	// Municipalities lists those that take part, for interviews and visits.
	Municipalities func(ctx context.Context, q db.Q, p journal.Project) ([]web.Option, error)
	Mail           func(ctx context.Context, tx *db.Tx, m mail.Message) error
	Files          *blob.Store
	PublicURL      string
	From           string // the address that calls come from
}

// Material is a model run that is ordered for a meeting: Day is that of its
// delivery, empty while it is missing.
type Material struct {
	Title, Href, State string
	Day                calendar.Date
}

// Room serves the pages and carries out the acts.
type Room struct {
	deps       Deps
	polls      *sheet.Sheet[Poll]
	meetings   *sheet.Sheet[Meeting]
	items      *sheet.Sheet[Item]
	attendance *sheet.Sheet[Attendance]
	minutes    *sheet.Sheet[Minutes]
	interviews *sheet.Sheet[Interview]
}

// New makes the room.
func New(d Deps) *Room {
	o := &Room{deps: d}
	base := sheet.Deps{DB: d.DB, Project: d.Project, PersonName: d.PersonName}
	o.polls, o.meetings, o.items, o.attendance, o.minutes = o.pollSheet(base), o.meetingSheet(base), o.itemSheet(base), o.attendanceSheet(base), o.minutesSheet(base)
	o.interviews = o.interviewSheet(base)
	return o
}

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return slices.Concat(o.polls.Routes(), o.meetings.Routes(), o.items.Routes(), o.attendance.Routes(), o.minutes.Routes(), o.interviews.Routes(), []web.Route{
		{Pattern: "POST /projekt/{id}/tidsforfragan/{post}/svar", Action: "meeting.reply", Handler: o.postAnswers},
		{Pattern: "POST /projekt/{id}/tidsforfragan/{post}/boka", Action: "meeting.edit", Handler: o.postBook},
		{Pattern: "POST /projekt/{id}/moten/{post}/kalla", Action: "meeting.edit", Handler: o.postCall},
		{Pattern: "POST /projekt/{id}/moten/{post}/svar", Action: "meeting.reply", Handler: o.postReply},
		{Pattern: "GET /projekt/{id}/moten/{post}/mote.ics", Action: "meeting.read", Handler: o.calendarFile},
		{Pattern: "POST /projekt/{id}/moten/{post}/arende", Action: "meeting.edit", Handler: o.postMatter},
		{Pattern: "GET /projekt/{id}/moten/{post}/genomfor", Action: "minutes.write", Handler: o.run},
		{Pattern: "POST /projekt/{id}/moten/{post}/genomfor", Action: "minutes.write", Handler: o.postRun},
		{Pattern: "POST /projekt/{id}/moten/{post}/narvaro", Action: "minutes.write", Handler: o.postAttended},
		{Pattern: "POST /projekt/{id}/protokoll/{post}/justera", Action: "minutes.approve", Handler: o.postApprove},
		{Pattern: "GET /projekt/{id}/protokoll/{post}/protokoll.docx", Action: "minutes.read", Handler: o.minutesDOCX},
		{Pattern: "GET /projekt/{id}/kalender", Action: "meeting.read", Handler: o.year},
		{Pattern: "POST /projekt/{id}/intervjuer/{post}/film", Action: "interview.edit", Handler: o.postFilm},
		{Pattern: "GET /projekt/{id}/intervjuer/{post}/film", Action: "interview.read", Handler: o.film},
		{Pattern: "GET /projekt/{id}/intervjuer/{post}/film/lage", Action: "interview.edit", Handler: o.filmState},
		{Pattern: "GET /projekt/{id}/intervjuer/{post}/textning", Action: "interview.edit", Handler: o.editCaptions},
		{Pattern: "POST /projekt/{id}/intervjuer/{post}/textning", Action: "interview.edit", Handler: o.postCaptions},
		{Pattern: "POST /projekt/{id}/intervjuer/{post}/utskrift", Action: "interview.edit", Handler: o.postTranscript},
		{Pattern: "GET /projekt/{id}/intervjuer/{post}/textning.vtt", Action: "interview.read", Handler: o.captions},
		{Pattern: "GET /filmer", Handler: o.publicList},
		{Pattern: "GET /filmer/{post}", Handler: o.publicFilm},
		{Pattern: "GET /filmer/{post}/film", Handler: o.publicFile},
		{Pattern: "GET /filmer/{post}/textning.vtt", Handler: o.publicCaptions},
	})
}

// may is policy.Check for the context's actor; our own jobs pass.
func may(ctx context.Context, action string, r policy.Resource) error {
	if who.From(ctx).Kind == who.System {
		return nil
	}
	return policy.Check(who.From(ctx), action, r)
}

func options(list ...string) []web.Option {
	var out []web.Option
	for _, x := range list {
		out = append(out, web.Option{Value: x, Label: x})
	}
	return out
}

// The states of a meeting.
const (
	Planned   = "planerat"
	Called    = "kallat"
	Moved     = "flyttat"
	Running   = "pågår"
	Held      = "hållet"
	Minuted   = "protokollfört"
	Cancelled = "inställt"
)

// Kinds are the kinds of meeting.
var Kinds = []string{"styrgrupp", "arbetsgrupp", "workshop", "informationsmöte", "projektledarträff", "besök", "konferens", "annat"}

// Meeting is a meeting of the project. Times are in Swedish local time.
type Meeting struct {
	Title    string        `json:"title"`
	Kind     string        `json:"kind"`
	Group    journal.ID    `json:"group"`
	Day      calendar.Date `json:"day"`
	Start    string        `json:"start"` // 13:00
	Minutes  int64         `json:"minutes"`
	Place    string        `json:"place"`
	Link     string        `json:"link"`
	Min      int64         `json:"min"` // persons; a must that the owner may override in writing
	Max      int64         `json:"max"` // a must without an override: the rest wait
	Mixed    bool          `json:"mixed"`
	PerBody  string        `json:"per_body"` // "2–4": an aim
	Purpose  string        `json:"purpose"`
	Material []string      `json:"material"`
	Reading  int64         `json:"reading"` // workdays to read the material in
	Visits   string        `json:"visits"`  // the municipality that is visited
	Template string        `json:"template"`
	Repeat   int64         `json:"repeat"` // how many times, every so many weeks
	Weeks    int64         `json:"weeks"`
	Sequence int64         `json:"sequence"` // of the calendar file
	Started  time.Time     `json:"started"`
	Override string        `json:"override"` // why it was held although a rule was broken
}

// begins is the moment at which the meeting begins, in Sweden: a start within
// the hour that is skipped in spring moves forward with the clock.
func (m Meeting) begins() time.Time {
	t := m.Day.Start()
	if len(m.Start) != 5 {
		return t
	}
	h, mi := int(m.Start[0]-'0')*10+int(m.Start[1]-'0'), int(m.Start[3]-'0')*10+int(m.Start[4]-'0')
	local := t.In(calendar.Stockholm)
	return time.Date(local.Year(), local.Month(), local.Day(), h, mi, 0, 0, calendar.Stockholm)
}

func (m Meeting) ends() time.Time { return m.begins().Add(time.Duration(m.Minutes) * time.Minute) }

// latestSend is the last workday on which the material can be sent so that
// there are enough workdays to read it in (000-08).
func (m Meeting) latestSend() calendar.Date {
	if m.Reading == 0 || m.Day == "" {
		return ""
	}
	return calendar.WorkdaysBefore(m.Day, int(m.Reading))
}

// present counts who is there, or says that they come.
type present struct{ Persons, Politicians, Officials int }

// broken says what keeps a meeting with these persons from being held. The
// maximum is kept by the waiting list.
func (m Meeting) broken(p present) []string {
	var out []string
	if m.Min > 0 && int64(p.Persons) < m.Min {
		out = append(out, "färre än det minsta antalet deltar")
	}
	if m.Mixed && (p.Politicians == 0 || p.Officials == 0) {
		out = append(out, "både politiker och tjänstepersoner ska delta")
	}
	return out
}
