package policy_test

import (
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// The organisations and the persons of the tests.
const (
	owning    who.OrgID       = 1 // owns the programme
	belonging who.OrgID       = 2 // the thing is its: an applicant municipality
	elsewhere who.OrgID       = 3
	ours      who.ProgrammeID = 10
	another   who.ProgrammeID = 11
	me        who.PersonID    = 100
	colleague who.PersonID    = 101
)

// roles are the columns of the matrix, in its order.
var roles = []who.Role{
	who.Programagare, who.Handlaggare, who.Bedomare, who.Registrator, who.Projektagare, who.Styrgrupp, who.Sekreterare,
	who.Projektledare, who.Arbetsgrupp, who.Foljeforskare, who.Foretradare, who.Kommunkontakt, who.Ekonom, who.Upphandlare,
	who.Matchningsansvarig, who.Deltagaransvarig, who.Leverantor, who.Redaktor, who.Allmanhet, who.Administrator,
}

// atHome is where each role is held: the municipality's own roles in the
// organisation that the thing belongs to, the others with the owner.
func atHome(role who.Role) who.OrgID {
	switch role {
	case who.Foretradare, who.Kommunkontakt, who.Ekonom:
		return belonging
	case who.Administrator:
		return 0
	}
	return owning
}

// object is a row of the matrix: its cells as the specification has them, and
// for each situation what each cell lets one do. Every action of the object
// that is not listed for a cell is forbidden to it.
type object struct {
	name       string
	cells      string // PÄ HL BD RG ÄG SG SK PL AG FF KF KK EK UP MA DA LV RE AL AD
	actions    []string
	home       map[who.Role]who.OrgID // where it differs from atHome
	situations []situation
}

// situation is a state of the thing. all is what everybody may do in it.
type situation struct {
	name string
	r    policy.Resource
	all  []string
	may  map[string][]string // by cell
	// role is what a cell means for one role, where the same letter means
	// something else for another.
	role map[who.Role][]string
	// away is what a role lets one do from the other side: with the owner for
	// a municipality's role, in the municipality for the others.
	away map[who.Role][]string
}

var assessors = []who.PersonID{me, colleague}

var matrix = []object{
	{
		name:    "call: draft, publish",
		cells:   "d|e|r|r|–|–|–|–|–|–|–|–|–|–|–|–|–|–|–|–",
		actions: []string{"call.read", "call.edit", "call.publish", "call.cancel"},
		situations: []situation{{name: "draft", may: map[string][]string{
			"d": {"call.read", "call.edit", "call.publish", "call.cancel"},
			"e": {"call.read", "call.edit"},
			"r": {"call.read"},
		}}},
	},
	{
		name:    "published call",
		cells:   "r|r|r|r|r|r|r|r|r|r|r|r|r|r|r|r|r|r|r|r",
		actions: []string{"call.read"},
		situations: []situation{{name: "published", r: policy.Resource{Published: true}, all: []string{"call.read"},
			may: map[string][]string{"r": {"call.read"}}}},
	},
	{
		name:  "application",
		cells: "r*|r* e(kompl.)|r (assigned)|r|–|–|–|–|–|–|d (sign)|c|r|–|–|–|–|–|–|–",
		actions: []string{"application.create", "application.read", "application.edit", "application.sign", "application.withdraw",
			"application.request_completion", "application.assess_eligibility", "application.list", "application.export"},
		situations: []situation{
			{name: "draft", r: policy.Resource{Published: true}, may: map[string][]string{
				"r*": {"application.list", "application.export"}, "r* e(kompl.)": {"application.list", "application.export"},
				"d (sign)": {"application.create", "application.read", "application.edit", "application.sign", "application.withdraw"},
				"c":        {"application.create", "application.read", "application.edit"},
			}, role: map[who.Role][]string{who.Registrator: {"application.list", "application.export"}, who.Ekonom: {"application.read"}}},
			{name: "submitted", r: policy.Resource{Published: true, Submitted: true, Assigned: assessors}, may: map[string][]string{
				"r*":           {"application.read", "application.list", "application.export"},
				"r* e(kompl.)": {"application.read", "application.list", "application.export", "application.request_completion", "application.assess_eligibility"},
				"r (assigned)": {"application.read"},
				"d (sign)":     {"application.create", "application.read", "application.edit", "application.sign", "application.withdraw"},
				"c":            {"application.create", "application.read", "application.edit"},
			}, role: map[who.Role][]string{who.Registrator: {"application.read", "application.list", "application.export"}, who.Ekonom: {"application.read"}}},
			{name: "submitted, another's to assess", r: policy.Resource{Published: true, Submitted: true, Assigned: []who.PersonID{colleague}}, may: map[string][]string{
				"r*":           {"application.read", "application.list", "application.export"},
				"r* e(kompl.)": {"application.read", "application.list", "application.export", "application.request_completion", "application.assess_eligibility"},
				"d (sign)":     {"application.create", "application.read", "application.edit", "application.sign", "application.withdraw"},
				"c":            {"application.create", "application.read", "application.edit"},
			}, role: map[who.Role][]string{who.Registrator: {"application.read", "application.list", "application.export"}, who.Ekonom: {"application.read"}}},
		},
	},
	{
		name:    "assessment",
		cells:   "r (after lock)|r (after lock)|c|–|–|–|–|–|–|r (after decision)|r own (after decision)|r own (after decision)|–|–|–|–|–|–|–|–",
		actions: []string{"assessment.read", "assessment.write", "assessment.declare"},
		situations: []situation{
			{name: "blind round, one's own", r: policy.Resource{Submitted: true, Assigned: assessors, Creator: me}, may: map[string][]string{
				"c": {"assessment.read", "assessment.write", "assessment.declare"},
			}},
			{name: "blind round, a colleague's", r: policy.Resource{Submitted: true, Assigned: assessors, Creator: colleague}, may: map[string][]string{
				"c": {"assessment.write", "assessment.declare"},
			}},
			{name: "locked", r: policy.Resource{Submitted: true, Assigned: assessors, Creator: colleague, Locked: true}, may: map[string][]string{
				"r (after lock)": {"assessment.read"},
				"c":              {"assessment.read", "assessment.write", "assessment.declare"},
			}},
			{name: "decided", r: policy.Resource{Submitted: true, Assigned: assessors, Creator: colleague, Locked: true, Decided: true}, may: map[string][]string{
				"r (after lock)": {"assessment.read"}, "r (after decision)": {"assessment.read"}, "r own (after decision)": {"assessment.read"},
				"c": {"assessment.read", "assessment.write", "assessment.declare"},
			}},
		},
	},
	{
		name:    "selection run and decision",
		cells:   "d|c|–|r|–|–|–|–|–|r|r own + motive|r own|–|–|–|–|–|–|r result|–",
		actions: []string{"selection.run", "selection.decide", "selection.read", "selection.read_own", "selection.read_result"},
		situations: []situation{
			{name: "before the decision", may: map[string][]string{
				"d": {"selection.run", "selection.decide", "selection.read"},
				"c": {"selection.run", "selection.read"},
				"r": {"selection.read"},
			}, role: map[who.Role][]string{who.Foljeforskare: nil}}, // rule 7
			{name: "decided", r: policy.Resource{Decided: true}, all: []string{"selection.read_result"}, may: map[string][]string{
				"d": {"selection.run", "selection.decide", "selection.read"},
				"c": {"selection.run", "selection.read"}, "r": {"selection.read"},
				"r own + motive": {"selection.read_own"}, "r own": {"selection.read_own"},
			}},
		},
	},
	{
		name:    "municipal decision",
		cells:   "r|r|–|e (own)|–|–|–|–|–|r|d|c|–|–|–|–|–|–|r|–",
		actions: []string{"decision.read", "decision.edit", "decision.confirm"},
		home:    map[who.Role]who.OrgID{who.Registrator: belonging},
		situations: []situation{
			{name: "not yet public", may: map[string][]string{
				"r": {"decision.read"}, "c": {"decision.read", "decision.edit"},
				"d": {"decision.read", "decision.edit", "decision.confirm"}, "e (own)": {"decision.read", "decision.edit", "decision.confirm"},
			}, role: map[who.Role][]string{who.Allmanhet: nil}},
			{name: "public", r: policy.Resource{Public: true}, all: []string{"decision.read"}, may: map[string][]string{
				"c": {"decision.edit"}, "d": {"decision.edit", "decision.confirm"}, "e (own)": {"decision.edit", "decision.confirm"},
			}},
		},
	},
	{
		name:    "users and roles",
		cells:   "–|–|–|–|c|–|–|–|–|–|c own org|–|–|–|–|–|–|–|–|e",
		actions: []string{"people.read", "people.edit", "organisation.edit", "token.edit"},
		home:    map[who.Role]who.OrgID{who.Projektagare: belonging},
		situations: []situation{
			{name: "somebody else's", r: policy.Resource{Creator: colleague}, may: map[string][]string{
				"c": {"people.read", "people.edit"}, "c own org": {"people.read", "people.edit"},
				"e": {"people.read", "people.edit", "organisation.edit", "token.edit"},
			}},
			{name: "one's own", r: policy.Resource{Creator: me}, may: map[string][]string{
				"c": {"people.read"}, "c own org": {"people.read"}, "e": {"people.read", "organisation.edit", "token.edit"},
			}},
		},
	},
	{
		name:    "rule sets",
		cells:   "d|c|–|–|r|r|–|r|–|r|r|r|r|r|–|–|–|–|r|–",
		actions: []string{"ruleset.edit"},
		situations: []situation{{name: "of a public programme", r: policy.Resource{Published: true}, may: map[string][]string{
			"d": {"ruleset.edit"}, "c": {"ruleset.edit"},
		}}},
	},
	{
		name:    "audit log",
		cells:   "r|–|–|r|r own|–|–|–|–|r agg.|r own|–|–|–|–|–|–|–|–|r (no content)",
		actions: []string{"audit.read", "audit.list", "audit.aggregate"},
		home:    map[who.Role]who.OrgID{who.Projektagare: belonging},
		situations: []situation{{name: "any", may: map[string][]string{
			"r": {"audit.read", "audit.list", "audit.aggregate"}, "r own": {"audit.read", "audit.list"},
			"r agg.": {"audit.aggregate"}, "r (no content)": {"audit.list", "audit.aggregate"},
		}}},
	},
}

// beyond are things that the policy knows and the matrix has no row for.
var beyond = []object{
	{
		name:    "programme",
		cells:   "d|r|r|r|–|–|–|–|–|–|–|–|–|–|–|–|–|–|–|–",
		actions: []string{"programme.read", "programme.create", "programme.edit"},
		situations: []situation{
			{name: "planned", may: map[string][]string{"d": {"programme.read", "programme.create", "programme.edit"}, "r": {"programme.read"}}},
			{name: "published", r: policy.Resource{Published: true}, all: []string{"programme.read"}, may: map[string][]string{"d": {"programme.create", "programme.edit"}}},
		},
	},
	{
		name:    "targeted invitation",
		cells:   "e|e|–|r|–|–|–|–|–|–|a|a|–|–|–|–|–|–|–|–",
		actions: []string{"invitation.read", "invitation.edit", "invitation.answer"},
		situations: []situation{
			{name: "not sent", may: map[string][]string{"e": {"invitation.read", "invitation.edit"}, "r": {"invitation.read"}}},
			{name: "sent", r: policy.Resource{Submitted: true}, may: map[string][]string{
				"e": {"invitation.read", "invitation.edit"}, "r": {"invitation.read"}, "a": {"invitation.read", "invitation.answer"},
			}, away: map[who.Role][]string{who.Registrator: {"invitation.read"}}},
		},
	},
	{
		name:       "assessors",
		cells:      "–|e|–|–|–|–|–|–|–|–|–|–|–|–|–|–|–|–|–|–",
		actions:    []string{"assessment.assign"},
		situations: []situation{{name: "any", may: map[string][]string{"e": {"assessment.assign"}}}},
	},
	{
		name:    "participation",
		cells:   "e|e|–|r|–|–|–|–|–|–|r|r|–|–|–|–|–|–|–|–",
		actions: []string{"participation.read", "participation.edit"},
		situations: []situation{
			{name: "not public", may: map[string][]string{"e": {"participation.read", "participation.edit"}, "r": {"participation.read"}}},
			{name: "public", r: policy.Resource{Public: true}, all: []string{"participation.read"}, may: map[string][]string{"e": {"participation.edit"}}},
		},
	},
}

// as makes an actor who has the role in the organisation, for all programmes
// or one. The public has no role.
func as(role who.Role, org who.OrgID, programme who.ProgrammeID) who.Actor {
	if role == who.Allmanhet {
		return who.Actor{}
	}
	return who.Actor{Kind: who.Person, Person: me, Grants: []who.Grant{{Role: role, Org: org, Programme: programme}}}
}

// thing places a situation's thing in our programme.
func thing(r policy.Resource) policy.Resource {
	r.Programme, r.Owners, r.Members = ours, []who.OrgID{owning}, []who.OrgID{belonging}
	return r
}

// cellRow gives the cells of a row, and fails where their number is wrong.
func (o object) row(t *testing.T) []string {
	cells := strings.Split(o.cells, "|")
	if len(cells) != len(roles) {
		t.Fatalf("%s has %d cells, want %d", o.name, len(cells), len(roles))
	}
	return cells
}

func (o object) homeOf(role who.Role) who.OrgID {
	if org, ok := o.home[role]; ok {
		return org
	}
	return atHome(role)
}

// TestMatrix has one subtest per cell and situation of section 7.2.
func TestMatrix(t *testing.T) {
	for _, o := range slices.Concat(matrix, beyond) {
		for _, s := range o.situations {
			for i, cell := range o.row(t) {
				role := roles[i]
				t.Run(o.name+"/"+s.name+"/"+role.Name(), func(t *testing.T) {
					means, ok := s.role[role]
					if !ok {
						means = s.may[cell]
					}
					want := slices.Concat(s.all, means)
					for _, action := range o.actions {
						// For all programmes, and for this one.
						for _, programme := range []who.ProgrammeID{0, ours} {
							if got := policy.Allowed(as(role, o.homeOf(role), programme), action, thing(s.r)); got != slices.Contains(want, action) {
								t.Errorf("%s in cell %q: allowed %v", action, cell, got)
							}
						}
					}
				})
			}
		}
	}
}

// anywhere are actions whose own page narrows them to what the person may
// read: the policy lets the role in wherever it is held.
var anywhere = map[string]bool{"audit.list": true, "audit.aggregate": true, "programme.create": true}

// TestRolesCountWhereTheyAreHeld: an owner's case officer is none in the
// applicant municipality, nor is the municipality's representative one with
// the owner.
func TestRolesCountWhereTheyAreHeld(t *testing.T) {
	for _, o := range slices.Concat(matrix, beyond) {
		for _, s := range o.situations {
			for _, role := range roles {
				if role == who.Administrator || role == who.Allmanhet {
					continue
				}
				side := owning
				if o.homeOf(role) == owning {
					side = belonging
				}
				want := slices.Concat(s.all, s.away[role])
				for _, action := range o.actions {
					if !anywhere[action] && policy.Allowed(as(role, side, 0), action, thing(s.r)) != slices.Contains(want, action) {
						t.Errorf("%s, %s, %s on the other side: %s is %v", o.name, s.name, role.Name(), action, !slices.Contains(want, action))
					}
				}
			}
		}
	}
}

// TestEveryActionIsInTheMatrix or in the list beyond it, so that a new rule
// comes with its row.
func TestEveryActionIsInTheMatrix(t *testing.T) {
	rows := map[string]bool{"account.own": true, "register.read": true} // open to all who are signed in, and to all
	for _, o := range slices.Concat(matrix, beyond) {
		for _, action := range o.actions {
			rows[action] = true
		}
	}
	for action := range roomMatrix {
		rows[action] = true
	}
	for _, action := range policy.Actions() {
		if !rows[action] {
			t.Errorf("%s has no row", action)
		}
	}
	if !policy.Allowed(who.Actor{}, "register.read", policy.Resource{}) || policy.Allowed(who.Actor{}, "account.own", policy.Resource{}) {
		t.Error("the register is open to all, an account to its person")
	}
}

// TestStrangers: the same role in another organisation, or for another
// programme, opens nothing but what is open to everybody. The administrator's
// role is held on the whole platform.
func TestStrangers(t *testing.T) {
	for _, o := range slices.Concat(matrix, beyond) {
		for _, s := range o.situations {
			for _, role := range roles {
				if role == who.Administrator || role == who.Allmanhet {
					continue
				}
				t.Run(o.name+"/"+s.name+"/"+role.Name(), func(t *testing.T) {
					for where, a := range map[string]who.Actor{
						"another organisation": as(role, elsewhere, 0),
						"another programme":    as(role, o.homeOf(role), another),
						"neither":              as(role, elsewhere, another),
					} {
						for _, action := range o.actions {
							if anywhere[action] {
								continue
							}
							if policy.Allowed(a, action, thing(s.r)) != slices.Contains(s.all, action) {
								t.Errorf("%s in %s: %v", action, where, !slices.Contains(s.all, action))
							}
						}
					}
				})
			}
		}
	}
}
