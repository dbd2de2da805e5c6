// Package policy decides who may do what. The rules are in policy.cedar; this
// package gathers the facts that they speak of and asks.
package policy

import (
	_ "embed"
	"regexp"
	"slices"
	"sort"
	"strings"

	cedar "github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

//go:embed policy.cedar
var source []byte

var rules = func() *cedar.PolicySet {
	p, err := cedar.NewPolicySetFromBytes("policy.cedar", source)
	if err != nil {
		panic(err) // the file is compiled in and tested
	}
	return p
}()

// Resource is what the rules need to know about a thing. Owners are the
// organisations that own its programme; Members those that it belongs to.
type Resource struct {
	Programme who.ProgrammeID
	Owners    []who.OrgID
	Members   []who.OrgID
	Assigned  []who.PersonID // assessors
	Conflicts []who.PersonID // assessors who are locked out
	Creator   who.PersonID
	// Held are the roles that the actor holds today in the groups of the very
	// project that the thing belongs to.
	Held []who.Role

	Published bool // a call or programme that everybody may see
	Submitted bool // an application or invitation that has been sent
	Locked    bool // an assessment round that is locked
	Decided   bool // the selection has been decided
	Public    bool // a participation or decision that everybody may see
}

// Allowed tells whether the actor may do the action on the thing. Pure; a few
// microseconds.
func Allowed(a who.Actor, action string, r Resource) bool {
	request := cedar.Request{
		Principal: cedar.NewEntityUID("Actor", "actor"),
		Action:    cedar.NewEntityUID("Action", types.String(action)),
		Resource:  cedar.NewEntityUID("Thing", "thing"),
		Context:   facts(a, action, r),
	}
	decision, _ := cedar.Authorize(rules, cedar.EntityMap{}, request)
	return decision == cedar.Allow
}

// Check is Allowed as an error: Unauthenticated for the public (signing in may
// help), Forbidden for everybody else.
func Check(a who.Actor, action string, r Resource) error {
	switch {
	case Allowed(a, action, r):
		return nil
	case !a.SignedIn():
		return fail.New(fail.Unauthenticated, "Logga in för att fortsätta.")
	}
	return fail.New(fail.Forbidden, "Du har inte behörighet till det här. Rollen ges av den som ansvarar för organisationens användare.")
}

func facts(a who.Actor, action string, r Resource) types.Record {
	var owner, member, programme, anywhere []types.Value
	for _, g := range a.Grants {
		role := types.String(g.Role)
		anywhere = append(anywhere, role)
		if g.Programme != 0 && r.Programme != 0 && g.Programme != r.Programme {
			continue
		}
		if slices.Contains(r.Owners, g.Org) {
			owner, programme = append(owner, role), append(programme, role)
		}
		if g.Programme != 0 && g.Programme == r.Programme {
			programme = append(programme, role)
		}
		if slices.Contains(r.Members, g.Org) {
			member = append(member, role)
		}
	}
	for _, role := range r.Held {
		programme = append(programme, types.String(role))
	}
	person := a.Person != 0
	return cedar.NewRecord(cedar.RecordMap{
		"owner":     types.NewSet(owner...),
		"member":    types.NewSet(member...),
		"programme": types.NewSet(programme...),
		"any":       types.NewSet(anywhere...),
		"signedIn":  types.Boolean(a.SignedIn()),
		"assigned":  types.Boolean(person && slices.Contains(r.Assigned, a.Person)),
		"conflict":  types.Boolean(person && slices.Contains(r.Conflicts, a.Person)),
		"creator":   types.Boolean(person && r.Creator == a.Person),
		"published": types.Boolean(r.Published),
		"submitted": types.Boolean(r.Submitted),
		"locked":    types.Boolean(r.Locked),
		"decided":   types.Boolean(r.Decided),
		"public":    types.Boolean(r.Public),
		"scoped":    types.Boolean(scoped(a, action)),
	})
}

// scoped tells whether an integration's token covers the action: a scope is an
// action ("call.read") or all of one thing ("call.*").
func scoped(a who.Actor, action string) bool {
	if a.Kind != who.Token {
		return true
	}
	noun, _, _ := strings.Cut(action, ".")
	return slices.Contains(a.Scopes, action) || slices.Contains(a.Scopes, noun+".*")
}

var named = regexp.MustCompile(`Action::"([a-z_.]+)"`)

// Actions lists every action that the rules speak of, sorted.
func Actions() []string {
	seen := map[string]bool{}
	for _, m := range named.FindAllSubmatch(source, -1) {
		seen[string(m[1])] = true
	}
	out := make([]string, 0, len(seen))
	for a := range seen {
		out = append(out, a)
	}
	sort.Strings(out)
	return out
}
