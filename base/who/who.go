// Package who says who acts: a person with the roles that are in force at the
// moment, an integration's token, the system itself, or the public.
package who

import (
	"context"
	"time"
)

// PersonID names a person.
type PersonID int64

// OrgID names an organisation.
type OrgID int64

// ProgrammeID names a programme, wherever a right is spoken of.
type ProgrammeID int64

// ProjectID names a project of a programme, wherever a right is spoken of.
type ProjectID int64

// Role is a role of the permission matrix.
type Role string

// The roles of the permission matrix, in its order.
const (
	Programagare       Role = "programagare"
	Handlaggare        Role = "handlaggare"
	Bedomare           Role = "bedomare"
	Registrator        Role = "registrator"
	Projektagare       Role = "projektagare"
	Styrgrupp          Role = "styrgrupp"
	Sekreterare        Role = "sekreterare"
	Projektledare      Role = "projektledare"
	Arbetsgrupp        Role = "arbetsgrupp"
	Foljeforskare      Role = "foljeforskare"
	Foretradare        Role = "foretradare"
	Kommunkontakt      Role = "kommunkontakt"
	Ekonom             Role = "ekonom"
	Upphandlare        Role = "upphandlare"
	Matchningsansvarig Role = "matchningsansvarig"
	Deltagaransvarig   Role = "deltagaransvarig"
	Leverantor         Role = "leverantor"
	Redaktor           Role = "redaktor"
	Allmanhet          Role = "allmanhet"
	Administrator      Role = "administrator"
)

// Roles lists every role with its Swedish name, in the matrix's order.
var Roles = []struct {
	Role Role
	Name string
}{
	{Programagare, "Programägare"}, {Handlaggare, "Handläggare"}, {Bedomare, "Bedömare"},
	{Registrator, "Registrator"}, {Projektagare, "Projektägare"}, {Styrgrupp, "Styrgrupp"},
	{Sekreterare, "Sekreterare"}, {Projektledare, "Projektledare"}, {Arbetsgrupp, "Arbetsgrupp"},
	{Foljeforskare, "Följeforskare"}, {Foretradare, "Kommunens behöriga företrädare"},
	{Kommunkontakt, "Kommunkontakt"}, {Ekonom, "Ekonom"}, {Upphandlare, "Upphandlare"},
	{Matchningsansvarig, "Matchningsansvarig"}, {Deltagaransvarig, "Deltagaransvarig"},
	{Leverantor, "Leverantör"}, {Redaktor, "Redaktör"}, {Allmanhet, "Allmänhet"},
	{Administrator, "Administratör"},
}

// Name gives the role's Swedish name.
func (r Role) Name() string {
	for _, x := range Roles {
		if x.Role == r {
			return x.Name
		}
	}
	return string(r)
}

// Grant is a role that a person has in an organisation, in one programme or
// (Programme 0) in all programmes that the organisation takes part in, from a
// date up to but not including another (zero: open).
type Grant struct {
	Role      Role
	Org       OrgID
	Programme ProgrammeID
	From, To  time.Time
}

// Kind says what sort of actor it is.
type Kind int

// The kinds of actor. The public is the zero value.
const (
	Public Kind = iota
	Person
	Token  // an integration with scopes
	System // a job of our own
)

// Actor is who acts. Grants are those in force now; people/ leaves out the
// ended ones, so that a right ends with its end date.
type Actor struct {
	Kind   Kind
	Person PersonID
	Name   string
	Grants []Grant
	Scopes []string
}

// SignedIn tells whether the actor is a known person or integration.
func (a Actor) SignedIn() bool { return a.Kind != Public }

// Has tells whether the actor has the role anywhere.
func (a Actor) Has(role Role) bool {
	for _, g := range a.Grants {
		if g.Role == role {
			return true
		}
	}
	return false
}

// HasIn tells whether the actor has the role in the organisation.
func (a Actor) HasIn(role Role, org OrgID) bool {
	for _, g := range a.Grants {
		if g.Role == role && g.Org == org {
			return true
		}
	}
	return false
}

// Orgs lists the organisations in which the actor has one of the roles (any
// role if none is named), each once, in the grants' order.
func (a Actor) Orgs(roles ...Role) []OrgID {
	var out []OrgID
	seen := map[OrgID]bool{}
	for _, g := range a.Grants {
		if !seen[g.Org] && (len(roles) == 0 || contains(roles, g.Role)) {
			seen[g.Org] = true
			out = append(out, g.Org)
		}
	}
	return out
}

func contains(roles []Role, r Role) bool {
	for _, x := range roles {
		if x == r {
			return true
		}
	}
	return false
}

// Us is the system acting on its own, as when a job opens a call.
var Us = Actor{Kind: System, Name: "Kommunpilot"}

type key struct{}

// With gives a context that carries the actor.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From gives the context's actor; the public where there is none.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(key{}).(Actor)
	return a
}
