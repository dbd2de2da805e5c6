package programme

import (
	"slices"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// InvitationID names an invitation.
type InvitationID int64

// InvitationState is where an invitation is.
type InvitationState string

// The states of an invitation.
const (
	Unsent   InvitationState = "utkast"
	Sent     InvitationState = "skickad"
	Seen     InvitationState = "läst"
	Accepted InvitationState = "antagen"
	Declined InvitationState = "avböjd"
	Talk     InvitationState = "vill samtala"
	Expired  InvitationState = "utgången"
)

// Contact is an earlier contact that is put on record.
type Contact struct {
	Day       calendar.Date
	How, Note string
}

// Letter is what an invitation says. Date, references and the responsible
// official stand on every letter.
type Letter struct {
	Date             calendar.Date
	OurRef, TheirRef string
	Text             string
	Role, Unit       string // who signs: a role, never a name
	Phone, Email     string // of the function
	Contacts         []Contact
	Together         []string // codes of those who take part together
}

// Answer is what the municipality replies.
type Answer struct {
	Text      string
	OwnRef    string
	Occasions string // when they meet anyway
}

// Invitation is an invitation as it is stored.
type Invitation struct {
	ID      InvitationID
	Call    CallID
	Org     who.OrgID
	State   InvitationState
	Version int64
	ReplyBy calendar.Date
	Letter
	Answer Answer
}

func (i Invitation) resource(c Call) policy.Resource {
	return policy.Resource{Programme: c.Programme, Owners: c.Owners, Members: []who.OrgID{i.Org}, Submitted: i.State != Unsent}
}

// ready lists what is missing before the letter can be sent.
func (i Invitation) ready() []fail.Field {
	var out []fail.Field
	for _, x := range []struct{ value, name, message string }{
		{string(i.Date), "date", "Ange brevets datum."},
		{i.OurRef, "our_ref", "Ange er beteckning (diarienummer)."},
		{i.Text, "text", "Skriv brevet."},
		{i.Role, "role", "Ange ansvarig tjänsteperson: roll, till exempel huvudsekreterare."},
		{i.Unit, "unit", "Ange enhet."},
		{i.Phone, "phone", "Ange funktionens telefon."},
		{i.Email, "email", "Ange funktionens e-post."},
		{string(i.ReplyBy), "reply_by", "Ange sista dag för svar."},
	} {
		if strings.TrimSpace(x.value) == "" {
			out = append(out, fail.Field{Name: x.name, Message: x.message})
		}
	}
	if i.ReplyBy != "" && i.Date != "" && i.ReplyBy < i.Date {
		out = append(out, fail.Field{Name: "reply_by", Message: "Sista dag för svar ligger före brevets datum."})
	}
	return out
}

// answers are the states that a municipality may choose.
var answers = []InvitationState{Accepted, Declined, Talk}

// CanAnswer tells whether the invitation takes the answer on the day.
func (i Invitation) CanAnswer(to InvitationState, today calendar.Date) error {
	if !slices.Contains(answers, to) {
		return fail.Fields(fail.Field{Name: "answer", Message: "Välj ett svar."})
	}
	switch i.State {
	case Sent, Seen, Talk:
	case Expired:
		return fail.New(fail.Conflict, "Svarstiden har gått ut. Kontakta avsändaren om ni ändå vill delta.")
	default:
		return fail.Newf(fail.Conflict, "Inbjudan är redan besvarad: %s.", i.State)
	}
	if today > i.ReplyBy {
		return fail.New(fail.Conflict, "Svarstiden har gått ut. Kontakta avsändaren om ni ändå vill delta.")
	}
	return nil
}
