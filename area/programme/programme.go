// Package programme is the room of programmes, calls (utlysningar) and
// targeted invitations, with their public pages and their map.
package programme

import (
	"context"
	"embed"
	"io/fs"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
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

// Org is an organisation as this room needs it.
type Org struct {
	ID   who.OrgID
	Name string
	Code string // the municipality's code, "" for others
}

// Participant is one who takes part after the decision: one atom of one or
// several municipalities.
type Participant struct {
	Title  string // "Norsjö, Malå och Skellefteå"
	Kind   string // Kind.ID
	Codes  []string
	State  string
	Detail string
}

// Project is a project room of the programme.
type Project struct {
	ID                 who.ProjectID
	Name, Phase, State string
}

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB       *db.DB
	Register func() *kommun.Register
	// Org finds an organisation; OrgByCode a municipality's.
	Org       func(ctx context.Context, q db.Q, id who.OrgID) (Org, error)
	OrgByCode func(ctx context.Context, q db.Q, code string) (Org, error)
	// Participants lists those who take part in the call.
	Participants func(ctx context.Context, q db.Q, id CallID) ([]Participant, error)
	// Answers counts the applications that have been sent in.
	Answers func(ctx context.Context, q db.Q, id CallID) (int, error)
	// DraftHolders gives the addresses of those with an unsent application.
	DraftHolders func(ctx context.Context, q db.Q, id CallID) ([]string, error)
	// Answered is told of a municipality's answer to an invitation, in the
	// answer's transaction. May be nil.
	Answered func(ctx context.Context, tx *db.Tx, c Call, i Invitation) error
	// Recipients gives the addresses of those who answer for an organisation.
	Recipients func(ctx context.Context, q db.Q, org who.OrgID) ([]string, error)
	// Projects lists the project rooms that the reader may see. May be nil.
	Projects  func(ctx context.Context, q db.Q, id who.ProgrammeID) ([]Project, error)
	Mail      func(ctx context.Context, tx *db.Tx, m mail.Message) error
	PublicURL string
}

// Room serves the pages and carries out the acts.
type Room struct{ deps Deps }

// New makes the room.
func New(d Deps) *Room {
	if d.Register == nil {
		d.Register = kommun.Default
	}
	return &Room{deps: d}
}

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /program", Handler: o.programmeList},
		{Pattern: "GET /program/ny", Action: "programme.create", Handler: o.programmeNew},
		{Pattern: "POST /program/ny", Action: "programme.create", Handler: o.programmeCreate},
		{Pattern: "GET /program/{id}", Action: "programme.read", Handler: o.programmeShow},
		{Pattern: "GET /program/{id}/redigera", Action: "programme.edit", Handler: o.programmeEdit},
		{Pattern: "POST /program/{id}/redigera", Action: "programme.edit", Handler: o.programmeSave},
		{Pattern: "GET /program/{id}/regler", Action: "ruleset.edit", Handler: o.rulesForm},
		{Pattern: "POST /program/{id}/regler", Action: "ruleset.edit", Handler: o.saveRules},
		{Pattern: "GET /utlysningar", Handler: o.callList},
		{Pattern: "GET /utlysningar/ny", Action: "call.edit", Handler: o.callNew},
		{Pattern: "POST /utlysningar/ny", Action: "call.edit", Handler: o.callCreate},
		{Pattern: "GET /utlysningar/{id}", Action: "call.read", Handler: o.callShow},
		{Pattern: "GET /utlysningar/{id}/data.json", Action: "call.read", Handler: o.callJSON},
		{Pattern: "GET /utlysningar/{id}/data.csv", Action: "call.read", Handler: o.callCSV},
		{Pattern: "GET /utlysningar/{id}/redigera", Action: "call.edit", Handler: o.callOverview},
		{Pattern: "GET /utlysningar/{id}/redigera/{del}", Action: "call.edit", Handler: o.callEdit},
		{Pattern: "POST /utlysningar/{id}/redigera/{del}", Action: "call.edit", Handler: o.callSave},
		{Pattern: "POST /utlysningar/{id}/publicera", Action: "call.publish", Handler: o.callPublish},
		{Pattern: "POST /utlysningar/{id}/kopiera", Action: "call.edit", Handler: o.callCopy},
		{Pattern: "GET /utlysningar/{id}/stang", Action: "call.publish", Handler: o.callClosePage},
		{Pattern: "POST /utlysningar/{id}/stang", Action: "call.publish", Handler: o.callClose},
		{Pattern: "GET /utlysningar/{id}/avbryt", Action: "call.cancel", Handler: o.callCancelPage},
		{Pattern: "POST /utlysningar/{id}/avbryt", Action: "call.cancel", Handler: o.callCancel},
		{Pattern: "GET /utlysningar/{id}/inbjudningar", Action: "invitation.edit", Handler: o.invitationList},
		{Pattern: "POST /utlysningar/{id}/inbjudningar", Action: "invitation.edit", Handler: o.invitationCreate},
		{Pattern: "GET /inbjudningar", Action: "account.own", Handler: o.invitationMine},
		{Pattern: "GET /inbjudningar/{id}", Action: "invitation.read", Handler: o.invitationShow},
		{Pattern: "GET /inbjudningar/{id}/redigera", Action: "invitation.edit", Handler: o.invitationEdit},
		{Pattern: "POST /inbjudningar/{id}/redigera", Action: "invitation.edit", Handler: o.invitationSave},
		{Pattern: "POST /inbjudningar/{id}/skicka", Action: "invitation.edit", Handler: o.invitationSend},
		{Pattern: "POST /inbjudningar/{id}/svar", Action: "invitation.answer", Handler: o.invitationAnswer},
	}
}

// ProgrammeState is where a programme is.
type ProgrammeState string //nolint:revive // State is the call's

// The states of a programme, in order.
const (
	Planned ProgrammeState = "planerat"
	Running ProgrammeState = "pågår"
	Closing ProgrammeState = "avslutas"
	Over    ProgrammeState = "avslutat"
)

// Rule is one rule of the programme's rule set: data, not code.
type Rule struct {
	Key, Value, Source string
	Force              Force
}

// About is what a programme says of itself.
type About struct {
	Name, Purpose        string
	Mandate              string // on whose commission the owner acts
	Fund                 string
	Responsible, Contact string
	Partners             []string
	Rules                []Rule
	Calendar             []string
}

// Programme is a programme as it is stored.
type Programme struct {
	ID      who.ProgrammeID
	State   ProgrammeState
	Public  bool
	Version int64
	Owners  []Org
	About
}

// owners lists the owners' identifiers.
func (p Programme) owners() []who.OrgID {
	var out []who.OrgID
	for _, o := range p.Owners {
		out = append(out, o.ID)
	}
	return out
}

// OwnerNames joins the owners: "Kommunutredningen och SKR".
func (p Programme) OwnerNames() string {
	var names []string
	for _, o := range p.Owners {
		names = append(names, o.Name)
	}
	return joined(names)
}

func (p Programme) resource() policy.Resource {
	return policy.Resource{Programme: p.ID, Owners: p.owners(), Published: p.Public}
}

// check says what is wrong with a programme that is to be stored.
func (a About) check() []fail.Field {
	var out []fail.Field
	if strings.TrimSpace(a.Name) == "" {
		out = append(out, fail.Field{Name: "name", Message: "Ge programmet ett namn."})
	}
	if strings.TrimSpace(a.Purpose) == "" {
		out = append(out, fail.Field{Name: "purpose", Message: "Beskriv vad programmet ska uppnå."})
	}
	return out
}

// joined writes a list as Swedish does: "a, b och c".
func joined(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " och " + list[len(list)-1]
}
