package people

import (
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// MembershipID names a role that somebody has or had.
type MembershipID int64

// Membership is a role that a person has in an organisation, in one programme
// or (0) in all that the organisation takes part in, from a day up to, not
// including, another ("": until further notice). The administrator's role
// belongs to no organisation.
type Membership struct {
	ID        MembershipID
	Person    who.PersonID
	Org       who.OrgID
	Role      who.Role
	Programme who.ProgrammeID
	From, To  calendar.Date
	GrantedBy who.PersonID
	Version   int64
}

// In tells whether the role is in force on the day (rule 12: nobody needs to
// remember to end it).
func (m Membership) In(day calendar.Date) bool {
	return m.From <= day && (m.To == "" || day < m.To)
}

// LastDay is the last day of the role; "" where it is open.
func (m Membership) LastDay() calendar.Date { return m.To.AddDays(-1) }

// states of a membership.
const (
	kommande = "kommande"
	gallande = "gällande"
	avslutad = "avslutad"
)

// State says where the day lies.
func (m Membership) State(day calendar.Date) string {
	switch {
	case m.To != "" && m.To <= day:
		return avslutad
	case m.From > day:
		return kommande
	}
	return gallande
}

// grantable are the roles that each granting role may give, in its own
// organisation. The administrator may give all of them.
var grantable = map[who.Role][]who.Role{
	who.Foretradare: {who.Foretradare, who.Kommunkontakt, who.Ekonom, who.Registrator, who.Upphandlare,
		who.Arbetsgrupp, who.Matchningsansvarig, who.Deltagaransvarig},
	who.Projektagare: {who.Sekreterare, who.Projektledare, who.Arbetsgrupp, who.Ekonom, who.Upphandlare},
}

// rolesToGrant lists the roles that the actor may give in the organisation
// (0: the whole platform), in the matrix's order.
func rolesToGrant(a who.Actor, org who.OrgID) []who.Role {
	var out []who.Role
	for _, x := range who.Roles {
		if x.Role != who.Allmanhet && mayGrant(a, x.Role, org) {
			out = append(out, x.Role)
		}
	}
	return out
}

func mayGrant(a who.Actor, role who.Role, org who.OrgID) bool {
	if (role == who.Administrator) != (org == 0) || role == who.Allmanhet {
		return false
	}
	if a.Kind == who.System || a.Has(who.Administrator) {
		return true
	}
	for giver, roles := range grantable {
		if a.HasIn(giver, org) && slices.Contains(roles, role) {
			return true
		}
	}
	return false
}

// checkGrant holds a new role against the rules. has are the roles that the
// receiver has or will have.
func checkGrant(a who.Actor, m Membership, has []Membership) error {
	var wrong []fail.Field
	add := func(name, message string) { wrong = append(wrong, fail.Field{Name: name, Message: message}) }
	if a.Kind != who.System && a.Person == m.Person {
		return fail.New(fail.Forbidden, "Ingen kan ge sig själv en roll. Be en kollega som ansvarar för användare.")
	}
	known := slices.ContainsFunc(who.Roles, func(x struct {
		Role who.Role
		Name string
	}) bool {
		return x.Role == m.Role
	})
	switch {
	case !known || m.Role == who.Allmanhet:
		add("role", "Välj en roll.")
	case m.Role == who.Administrator && m.Org != 0:
		add("role", "Administratörens roll gäller hela plattformen och hör inte till någon organisation.")
	case m.Role != who.Administrator && m.Org == 0:
		add("org", "Välj en organisation.")
	case !mayGrant(a, m.Role, m.Org):
		return fail.New(fail.Forbidden, "Du kan inte ge den rollen i den här organisationen.")
	}
	if m.From == "" {
		add("from", "Skriv från vilken dag rollen gäller.")
	}
	if m.To != "" && m.To <= m.From {
		add("to", "Sista dagen kan inte komma före den första.")
	}
	if err := checkSeparation(m, has); err != nil {
		wrong = append(wrong, fail.As(err).Fields...)
	}
	for _, h := range has {
		if h.Role == m.Role && h.Org == m.Org && h.Programme == m.Programme && overlap(h, m) {
			add("role", "Personen har redan den rollen under den tiden.")
			break
		}
	}
	return fail.Fields(wrong...)
}

// Samverkansadministrator is the role in the national system for cooperation
// (SUS). It has no page yet; its name is kept so that rule 2 holds from the
// first day that it is granted.
const Samverkansadministrator who.Role = "samverkansadministrator"

// apart are roles that one person never has at the same time (rule 2).
var apart = [][2]who.Role{{who.Deltagaransvarig, Samverkansadministrator}}

// checkSeparation is rule 2: one person is never both deltagaransvarig and
// samverkansadministratör, in whichever organisation.
func checkSeparation(m Membership, has []Membership) error {
	for _, pair := range apart {
		for _, h := range has {
			both := m.Role == pair[0] && h.Role == pair[1] || m.Role == pair[1] && h.Role == pair[0]
			if both && overlap(h, m) {
				return fail.Fields(fail.Field{Name: "role", Message: "Samma person kan inte vara både deltagaransvarig och samverkansadministratör."})
			}
		}
	}
	return nil
}

// overlap tells whether there is a day on which both are in force.
func overlap(a, b Membership) bool {
	return (a.To == "" || b.From < a.To) && (b.To == "" || a.From < b.To)
}

// checkEnd holds the end of a role against the rules.
func checkEnd(a who.Actor, m Membership, last, today calendar.Date, reason string) error {
	if a.Kind != who.System && a.Person == m.Person {
		return fail.New(fail.Forbidden, "Ingen kan ändra sina egna roller. Be en kollega som ansvarar för användare.")
	}
	if a.Kind != who.System && !mayGrant(a, m.Role, m.Org) {
		return fail.New(fail.Forbidden, "Du kan inte avsluta den rollen.")
	}
	var wrong []fail.Field
	switch {
	case m.State(today) == avslutad:
		return fail.New(fail.Conflict, "Rollen är redan avslutad.")
	case last == "" || last < today.AddDays(-1):
		wrong = append(wrong, fail.Field{Name: "last", Message: "Skriv rollens sista dag. Den kan inte ligga längre tillbaka än i går."})
	case m.To != "" && last.AddDays(1) > m.To:
		wrong = append(wrong, fail.Field{Name: "last", Message: "Rollen slutar redan tidigare än så. Ge en ny roll om den ska förlängas."})
	}
	if reason == "" {
		wrong = append(wrong, fail.Field{Name: "reason", Message: "Skriv varför rollen avslutas."})
	}
	return fail.Fields(wrong...)
}
