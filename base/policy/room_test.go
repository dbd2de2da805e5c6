package policy_test

import (
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// codes are the columns of the matrix by their short names.
var codes = strings.Fields("PÄ HL BD RG ÄG SG SK PL AG FF KF KK EK UP MA DA LV RE AL AD")

// roomMatrix is the part of the permission matrix that speaks of the project
// room, action by action: those who may in a thing that is not public, that
// somebody else made, and to which nobody is assigned. "alla" is everybody,
// the public included.
var roomMatrix = map[string]string{
	"project.read":      "PÄ HL RG ÄG SG SK PL AG FF KF KK EK UP",
	"project.public":    "PÄ HL RG ÄG SG SK PL AG FF KF KK EK UP",
	"project.create":    "PÄ",
	"project.edit":      "PÄ ÄG SK PL",
	"gate.prepare":      "PÄ ÄG SK PL",
	"gate.decide":       "SG",
	"steering.propose":  "PÄ ÄG",
	"steering.appoint":  "PÄ",
	"group.propose":     "SG SK PL",
	"group.appoint":     "SG",
	"goal.read":         "PÄ ÄG SG SK PL AG FF KF KK EK",
	"goal.propose":      "ÄG PL AG EK",
	"goal.adopt":        "SG",
	"indicator.report":  "ÄG PL AG EK",
	"indicator.read":    "PÄ HL BD RG ÄG SG SK PL AG FF KF KK EK UP MA DA LV RE",
	"change.read":       "PÄ ÄG SG SK PL AG FF KF KK EK UP",
	"change.create":     "SK PL AG KF KK EK UP",
	"change.prepare":    "SK PL",
	"change.opinion":    "ÄG",
	"change.decide":     "SG",
	"log.read":          "PÄ HL RG ÄG SG SK PL AG FF KF KK EK UP",
	"log.write":         "SK PL AG KK UP",
	"risk.write":        "SK PL AG UP",
	"report.write":      "SK PL",
	"research.write":    "FF",
	"meeting.read":      "PÄ HL ÄG SG SK PL AG FF KF KK UP MA LV",
	"meeting.reply":     "ÄG SG SK PL AG FF KF KK UP",
	"meeting.create":    "HL ÄG SK PL AG UP MA",
	"meeting.edit":      "SK PL",
	"minutes.read":      "RG ÄG SG SK PL AG FF UP",
	"minutes.write":     "SK PL",
	"minutes.approve":   "",
	"interview.read":    "PÄ HL ÄG SG PL FF KF KK RE",
	"interview.public":  "",
	"interview.edit":    "PÄ HL PL FF RE",
	"interview.approve": "KF",
	"record.read":       "PÄ HL RG ÄG SG SK PL FF UP",
	"record.read_own":   "KF KK",
	"record.write":      "HL RG SK PL UP",
	"record.edit":       "RG",
	"record.archive":    "RG",
	"record.import":     "RG",
	"record.retain":     "RG",
	"record.dispose":    "RG",
	"record.mail":       "RG",
	"record.extract":    "alla",
	"outreach.edit":     "SK PL",
	"outreach.approve":  "PÄ ÄG",

	"structure.read":    "PÄ HL ÄG SG SK PL AG FF KF KK EK",
	"structure.public":  "",
	"structure.edit":    "PÄ HL SK PL",
	"structure.deliver": "PÄ HL PL",
	"structure.approve": "KF",

	"service.read":       "PÄ HL ÄG SG SK PL AG FF KF KK EK",
	"service.edit":       "SK PL AG KK",
	"serviceplan.read":   "PÄ FF KF KK",
	"serviceplan.edit":   "KK",
	"serviceplan.adopt":  "KF",
	"serviceplan.public": "",

	"knowledge.search":  "alla",
	"knowledge.public":  "",
	"knowledge.read":    "PÄ HL ÄG SG SK PL AG FF KF KK UP MA RE",
	"knowledge.edit":    "HL SK PL AG FF KF KK UP MA",
	"knowledge.publish": "RE",

	"newsletter.read":      "alla",
	"newsletter.subscribe": "alla",
}

// inRoom is an actor who has the role where it is held: in the owner's
// organisation, in a municipality that takes part, or in the project's groups.
func inRoom(role who.Role) (who.Actor, policy.Resource) {
	r := policy.Resource{Programme: ours, Owners: []who.OrgID{owning}, Members: []who.OrgID{belonging}, Creator: colleague}
	a := who.Actor{Kind: who.Person, Person: me}
	switch role {
	case who.Allmanhet:
		return who.Actor{}, r
	case who.Styrgrupp, who.Sekreterare, who.Projektledare, who.Arbetsgrupp, who.Projektagare, who.Foljeforskare, who.Upphandlare:
		r.Held = []who.Role{role}
	default:
		a.Grants = []who.Grant{{Role: role, Org: atHome(role)}}
	}
	return a, r
}

func TestProjectRoomMatrix(t *testing.T) {
	for action, want := range roomMatrix {
		if !slices.Contains(policy.Actions(), action) {
			t.Errorf("no rule speaks of %s", action)
		}
		for i, role := range roles {
			a, r := inRoom(role)
			may := want == "alla" || slices.Contains(strings.Fields(want), codes[i])
			if policy.Allowed(a, action, r) != may {
				t.Errorf("%s as %s: allowed is %v", action, codes[i], !may)
			}
			r.Owners, r.Members, r.Held, r.Programme = []who.OrgID{elsewhere}, nil, nil, another
			if want != "alla" && action != "indicator.read" && policy.Allowed(a, action, r) {
				t.Errorf("%s as %s of another programme: allowed", action, codes[i])
			}
		}
	}
}

func TestProjectRoomFacts(t *testing.T) {
	adjuster, r := inRoom(who.Styrgrupp)
	r.Assigned = []who.PersonID{me}
	if !policy.Allowed(adjuster, "minutes.approve", r) {
		t.Error("an adjuster may not approve the minutes")
	}
	r.Creator = me
	if policy.Allowed(adjuster, "change.decide", r) {
		t.Error("rule 3: a change request is decided by the one who made it")
	}
	member, r := inRoom(who.Arbetsgrupp)
	r.Creator = me
	if !policy.Allowed(member, "meeting.edit", r) {
		t.Error("a member may not edit the meeting that he or she made")
	}
	public := policy.Resource{Public: true, Published: true}
	for _, action := range []string{"minutes.read", "indicator.read", "interview.public", "project.public"} {
		if !policy.Allowed(who.Actor{}, action, public) {
			t.Errorf("the public may not %s what is public", action)
		}
	}
}
