package policy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/base/fail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// open is a thing in the state that lets most people in.
var open = policy.Resource{Published: true, Submitted: true, Locked: true, Decided: true, Public: true, Assigned: assessors}

// TestRule1_TheAdministratorSeesNoContent: of all actions, the administrator
// has those of users, organisations, keys and the log's outside, and what is
// open to everybody.
func TestRule1_TheAdministratorSeesNoContent(t *testing.T) {
	own := []string{"people.read", "people.edit", "organisation.edit", "token.edit", "audit.list", "audit.aggregate", "account.own"}
	for _, action := range policy.Actions() {
		for _, org := range []who.OrgID{0, owning, belonging} {
			for _, r := range []policy.Resource{{}, thing(policy.Resource{}), thing(open)} {
				everybody := policy.Allowed(who.Actor{}, action, r)
				if got := policy.Allowed(as(who.Administrator, org, 0), action, r); got != (everybody || slices.Contains(own, action)) {
					t.Errorf("%s: allowed %v", action, got)
				}
			}
		}
	}
}

// TestRule1_NobodyGrantsToOneself, whatever roles one has.
func TestRule1_NobodyGrantsToOneself(t *testing.T) {
	a := who.Actor{Kind: who.Person, Person: me}
	for _, role := range roles {
		for _, org := range []who.OrgID{0, owning, belonging} {
			a.Grants = append(a.Grants, who.Grant{Role: role, Org: org})
		}
	}
	if policy.Allowed(a, "people.edit", thing(policy.Resource{Creator: me})) {
		t.Error("a person grants to himself or herself")
	}
	if !policy.Allowed(a, "people.edit", thing(policy.Resource{Creator: colleague})) {
		t.Error("and cannot grant to a colleague")
	}
}

// TestRule3_NobodyDecidesOnAnOwnAssessment: a programme owner who has also
// assessed leaves the decision to another.
func TestRule3_NobodyDecidesOnAnOwnAssessment(t *testing.T) {
	a := who.Actor{Kind: who.Person, Person: me, Grants: []who.Grant{{Role: who.Programagare, Org: owning}, {Role: who.Bedomare, Org: owning}}}
	if policy.Allowed(a, "selection.decide", thing(policy.Resource{Assigned: assessors})) {
		t.Error("decides on an own assessment")
	}
	if !policy.Allowed(a, "selection.decide", thing(policy.Resource{Assigned: []who.PersonID{colleague}})) {
		t.Error("cannot decide on others' assessments")
	}
}

// TestRule4_ATieLocksTheAssessorOut of reading, scoring and the discussion;
// telling of a tie stays possible.
func TestRule4_ATieLocksTheAssessorOut(t *testing.T) {
	a := as(who.Bedomare, owning, 0)
	r := thing(policy.Resource{Submitted: true, Locked: true, Assigned: assessors, Conflicts: []who.PersonID{me}, Creator: colleague})
	for action, want := range map[string]bool{"application.read": false, "assessment.read": false, "assessment.write": false, "assessment.declare": true} {
		if policy.Allowed(a, action, r) != want {
			t.Errorf("%s: %v", action, !want)
		}
	}
	r.Conflicts = []who.PersonID{colleague}
	for _, action := range []string{"application.read", "assessment.read", "assessment.write"} {
		if !policy.Allowed(a, action, r) {
			t.Errorf("a colleague's tie locks this one out of %s", action)
		}
	}
}

// TestRule7_TheResearcherWaitsForTheDecision and reads that programme alone.
func TestRule7_TheResearcherWaitsForTheDecision(t *testing.T) {
	for _, c := range []struct {
		name string
		a    who.Actor
		r    policy.Resource
		want bool
	}{
		{"before the lock", as(who.Foljeforskare, elsewhere, ours), policy.Resource{Submitted: true}, false},
		{"before the decision", as(who.Foljeforskare, elsewhere, ours), policy.Resource{Submitted: true, Locked: true}, false},
		{"after it", as(who.Foljeforskare, elsewhere, ours), policy.Resource{Submitted: true, Locked: true, Decided: true}, true},
		{"with the owner", as(who.Foljeforskare, owning, 0), policy.Resource{Submitted: true, Locked: true, Decided: true}, true},
		{"of another programme", as(who.Foljeforskare, elsewhere, another), policy.Resource{Submitted: true, Locked: true, Decided: true}, false},
		{"of no programme in particular", as(who.Foljeforskare, elsewhere, 0), policy.Resource{Submitted: true, Locked: true, Decided: true}, false},
	} {
		for _, action := range []string{"assessment.read", "selection.read"} {
			if policy.Allowed(c.a, action, thing(c.r)) != c.want {
				t.Errorf("%s, %s: %v", c.name, action, !c.want)
			}
		}
	}
}

// TestRule9_AMunicipalitySeesItsOwnAfterTheDecision, and no other's.
func TestRule9_AMunicipalitySeesItsOwnAfterTheDecision(t *testing.T) {
	for _, role := range []who.Role{who.Foretradare, who.Kommunkontakt} {
		for _, action := range []string{"assessment.read", "selection.read_own", "application.read"} {
			if !policy.Allowed(as(role, belonging, 0), action, thing(open)) {
				t.Errorf("%s: %s is refused", role, action)
			}
			if policy.Allowed(as(role, elsewhere, 0), action, thing(open)) {
				t.Errorf("%s of another municipality: %s", role, action)
			}
			if action != "application.read" && policy.Allowed(as(role, belonging, 0), action, thing(policy.Resource{Submitted: true, Locked: true})) {
				t.Errorf("%s before the decision: %s", role, action)
			}
		}
	}
}

// TestRule12_ARightThatHasEndedIsNoRight: people/ leaves an ended grant out of
// the actor, and one without grants has what everybody has, and the own account.
func TestRule12_ARightThatHasEndedIsNoRight(t *testing.T) {
	former := who.Actor{Kind: who.Person, Person: me}
	for _, action := range policy.Actions() {
		want := policy.Allowed(who.Actor{}, action, thing(open)) || action == "account.own"
		if got := policy.Allowed(former, action, thing(open)); got != want {
			t.Errorf("%s: %v", action, got)
		}
	}
}

// TestTokens: a key does what its role may, within its scopes.
func TestTokens(t *testing.T) {
	key := func(scopes ...string) who.Actor {
		return who.Actor{Kind: who.Token, Grants: []who.Grant{{Role: who.Handlaggare, Org: owning}}, Scopes: scopes}
	}
	submitted := thing(policy.Resource{Submitted: true})
	for _, c := range []struct {
		name   string
		a      who.Actor
		action string
		r      policy.Resource
		want   bool
	}{
		{"in scope", key("application.read"), "application.read", submitted, true},
		{"all of a noun", key("application.*"), "application.list", submitted, true},
		{"another verb", key("application.read"), "application.list", submitted, false},
		{"another noun", key("application.*"), "call.edit", submitted, false},
		{"no scope", key(), "application.read", submitted, false},
		{"no scope, though everybody may", key(), "call.read", thing(policy.Resource{Published: true}), false},
		{"in scope, but not the role's", key("selection.decide"), "selection.decide", submitted, false},
		{"in scope, another's programme", key("application.read"), "application.read", policy.Resource{Programme: another, Owners: []who.OrgID{elsewhere}, Submitted: true}, false},
		{"a scope that begins alike", key("call"), "call.edit", submitted, false},
		{"a star alone", key("*"), "call.edit", submitted, false},
	} {
		if policy.Allowed(c.a, c.action, c.r) != c.want {
			t.Errorf("%s: %v", c.name, !c.want)
		}
	}
	// A person has no scopes and needs none.
	if !policy.Allowed(as(who.Handlaggare, owning, 0), "application.read", submitted) {
		t.Error("a person is held to scopes")
	}
}

func TestCheckTellsSigningInFromLackingARight(t *testing.T) {
	if err := policy.Check(who.Actor{}, "call.edit", thing(open)); !fail.Is(err, fail.Unauthenticated) {
		t.Error(err)
	}
	if err := policy.Check(as(who.Ekonom, belonging, 0), "call.edit", thing(open)); !fail.Is(err, fail.Forbidden) {
		t.Error(err)
	}
	if err := policy.Check(as(who.Handlaggare, owning, 0), "call.edit", thing(open)); err != nil {
		t.Error(err)
	}
}

// anybody draws an actor with any roles anywhere, and any scopes.
func anybody(t *rapid.T) who.Actor {
	a := who.Actor{Kind: who.Kind(rapid.IntRange(0, 3).Draw(t, "kind")), Person: who.PersonID(rapid.Int64Range(0, 102).Draw(t, "person"))}
	for range rapid.IntRange(0, 6).Draw(t, "grants") {
		a.Grants = append(a.Grants, who.Grant{Role: rapid.SampledFrom(roles).Draw(t, "role"),
			Org: who.OrgID(rapid.Int64Range(0, 3).Draw(t, "org")), Programme: who.ProgrammeID(rapid.SampledFrom([]int64{0, 10, 11}).Draw(t, "programme"))})
	}
	a.Scopes = rapid.SliceOf(rapid.SampledFrom(policy.Actions())).Draw(t, "scopes")
	return a
}

func anything(t *rapid.T) policy.Resource {
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	r := policy.Resource{Published: flag("published"), Submitted: flag("submitted"), Locked: flag("locked"), Decided: flag("decided"), Public: flag("public")}
	if flag("placed") {
		r = thing(r)
	}
	return r
}

// TestUnknownActionsAreDenied to everybody, always: what no rule permits is
// forbidden.
func TestUnknownActionsAreDenied(t *testing.T) {
	known := policy.Actions()
	rapid.Check(t, func(t *rapid.T) {
		action := rapid.OneOf(
			rapid.StringMatching(`[a-z]{1,12}\.[a-z_]{1,12}`),
			rapid.String(),
			rapid.Map(rapid.SampledFrom(known), func(s string) string { return s + "x" }),
			rapid.Map(rapid.SampledFrom(known), func(s string) string { return strings.ToUpper(s) }),
			rapid.Just(""),
		).Draw(t, "action")
		if slices.Contains(known, action) {
			t.Skip("a known action")
		}
		a := anybody(t)
		a.Scopes = append(a.Scopes, action)
		if policy.Allowed(a, action, anything(t)) {
			t.Fatalf("%q is permitted", action)
		}
	})
}

// TestMoreRolesNeverTakeRightsAway but for the rules that forbid, none of
// which speaks of a role; so a list filtered by one role at a time is right.
func TestMoreRolesNeverTakeRightsAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, r := anybody(t), anything(t)
		action := rapid.SampledFrom(policy.Actions()).Draw(t, "action")
		if !policy.Allowed(a, action, r) {
			return
		}
		a.Grants = append(a.Grants, who.Grant{Role: rapid.SampledFrom(roles).Draw(t, "more"), Org: who.OrgID(rapid.Int64Range(0, 3).Draw(t, "where"))})
		if !policy.Allowed(a, action, r) {
			t.Fatalf("%s is lost by a role more", action)
		}
	})
}

// TestRoomsAskForActionsThatTheRulesKnow: a misspelt action would be denied to
// everybody, and nobody would know why.
func TestRoomsAskForActionsThatTheRulesKnow(t *testing.T) {
	asked := regexp.MustCompile(`(?:policy\.(?:Check|Allowed)\([^"\n]*|\bmay\(ctx, |Action: )"([a-z_]+\.[a-z_]+)"`)
	known := policy.Actions()
	found := 0
	files, err := filepath.Glob("../../area/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllStringSubmatch(string(b), -1) {
			found++
			if !slices.Contains(known, m[1]) {
				t.Errorf("%s asks for %q, of which policy.cedar has no rule", f, m[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d questions found; has the way of asking changed?", found)
	}
}

func BenchmarkAllowed(b *testing.B) {
	a, r := as(who.Handlaggare, owning, 0), thing(open)
	for b.Loop() {
		if !policy.Allowed(a, "application.read", r) {
			b.Fatal("denied")
		}
	}
}
