package people

import (
	"slices"
	"strings"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// IntegrationID names an integration.
type IntegrationID int64

// Integration is another system that acts for an organisation with a bearer
// token: in one role, within scopes, until a day.
//
// The administrator who sets it up never holds the key, or the key would read
// what the administrator must not (rule 1). The receiver, who has the role in
// the organisation already, fetches it once.
type Integration struct {
	ID        IntegrationID
	Name      string
	Org       who.OrgID
	Programme who.ProgrammeID
	Role      who.Role
	Scopes    []string
	Receiver  who.PersonID
	Fetched   bool
	Created   time.Time
	By        who.PersonID
	Expires   calendar.Date // the first day on which it no longer works
	Used      time.Time
	Ended     time.Time
	Version   int64
}

// keyPrefix tells a key of ours from other texts, for those who search for
// leaked secrets.
const keyPrefix = "kommunpilot_"

// longest is how long an integration works at most, in days.
const longest = 2 * 366

// States of an integration.
const (
	vantar = "väntar på mottagaren"
	iBruk  = "gäller"
	gammal = "utgången"
	stangd = "avslutad"
)

// State says how far the integration has come on the day.
func (i Integration) State(day calendar.Date) string {
	switch {
	case !i.Ended.IsZero():
		return stangd
	case i.Expires <= day:
		return gammal
	case !i.Fetched:
		return vantar
	}
	return iBruk
}

// outside are nouns that no integration acts on: accounts, users and keys.
var outside = []string{"account", "people", "token", "organisation"}

// integrationScopes lists the actions that an integration may be given.
func integrationScopes() []string {
	return slices.DeleteFunc(policy.Actions(), func(a string) bool {
		noun, _, _ := strings.Cut(a, ".")
		return slices.Contains(outside, noun)
	})
}

// checked holds a new integration against the rules. has are the receiver's roles.
func (i Integration) checked(creator who.Actor, has []Membership, today calendar.Date) error {
	var wrong []fail.Field
	add := func(name, message string) { wrong = append(wrong, fail.Field{Name: name, Message: message}) }
	if i.Name == "" || len([]rune(i.Name)) > maxName {
		add("name", "Skriv vilket system det är med högst 200 tecken.")
	}
	if i.Org == 0 {
		add("org", "Välj en organisation.")
	}
	if i.Role == who.Administrator || i.Role == who.Allmanhet || i.Role.Name() == string(i.Role) {
		add("role", "Välj en roll.")
	}
	if len(i.Scopes) == 0 {
		add("scopes", "Välj minst en sak som systemet får göra.")
	}
	for _, s := range i.Scopes {
		if !slices.Contains(integrationScopes(), s) {
			add("scopes", "Välj i listan.")
			break
		}
	}
	if i.Expires <= today || i.Expires > today.AddDays(longest) {
		add("last", "Skriv sista dagen som nyckeln gäller, högst två år framåt.")
	}
	switch {
	case i.Receiver == creator.Person && creator.Kind == who.Person:
		add("receiver", "Du kan inte själv vara mottagare av en nyckel som du lägger upp.")
	case i.Receiver == 0 || !holds(has, i, today):
		add("receiver", "Mottagaren behöver ha rollen i organisationen. Skriv e-postadressen till någon som har den.")
	}
	return fail.Fields(wrong...)
}

// holds tells whether one of the roles covers what the integration may do.
func holds(has []Membership, i Integration, today calendar.Date) bool {
	return slices.ContainsFunc(has, func(m Membership) bool {
		return m.In(today) && m.Role == i.Role && m.Org == i.Org && (m.Programme == 0 || m.Programme == i.Programme)
	})
}
