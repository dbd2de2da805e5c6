// Package assessment is the room of assessors, scores, the selection with its
// proof, the decision and the letters.
package assessment

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math/big"
	"slices"
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

// CallID names a call.
type CallID int64

// ApplicationID names an application.
type ApplicationID int64

// ID names an assessment.
type ID int64

// RunID names a selection run.
type RunID int64

// Criterion is what applications are scored against.
type Criterion struct {
	ID, Name, Guidance string
	Step               int // 1: yes or no; 2: scored
	Weight             int // per cent
	Low, High          int
	Measured           bool // counted by the selection, not scored
}

// Quota is a limit on the selected; Value "*" is every value for itself. Aims
// warn and may be overridden in writing.
type Quota struct {
	Attribute, Value, Count string
	Min, Max                int // Max 0: none
	Aim                     bool
}

// Kind is a kind of participation; Persons are not selected by the engine.
type Kind struct {
	ID, Name string
	Persons  bool
	Places   int
}

// Call is what this room needs to know of a call.
type Call struct {
	ID        CallID
	Programme who.ProgrammeID
	Owners    []who.OrgID
	Title     string
	State     string
	Decided   bool
	Closed    bool // no more answers are taken
	Criteria  []Criterion
	Quotas    []Quota
	Kinds     []Kind
	Spread    string // "", "counties" or "min_distance"
	TieRule   string
	Edition   string
	Contact   string
}

// Application is what this room needs to know of an application.
type Application struct {
	ID       ApplicationID
	Title    string
	Kinds    []string
	Codes    []string
	Members  []who.OrgID
	Eligible bool
	State    string
}

// Person is an assessor.
type Person struct {
	ID   who.PersonID
	Name string
}

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB *db.DB
	// Register gives the register in an edition. May be nil: the embedded one.
	Register     func(edition string) *kommun.Register
	Call         func(ctx context.Context, q db.Q, id CallID) (Call, error)
	Applications func(ctx context.Context, q db.Q, id CallID) ([]Application, error)
	// SetOutcome tells the application's room; SetCallState the call's.
	SetOutcome   func(ctx context.Context, tx *db.Tx, id ApplicationID, outcome, reason string) error
	SetCallState func(ctx context.Context, tx *db.Tx, id CallID, state, motive string) error
	// Left lists those who have left the call; StepIn gives one in reserve a place.
	Left   func(ctx context.Context, q db.Q, id CallID) ([]Leaving, error)
	StepIn func(ctx context.Context, tx *db.Tx, id ApplicationID, kind, reason string) error
	// Assessors lists those with the role in the owners' organisations.
	Assessors  func(ctx context.Context, q db.Q, owners []who.OrgID) ([]Person, error)
	PersonName func(ctx context.Context, q db.Q, id who.PersonID) (string, error)
	// Recipients gives the addresses of those who answer for organisations.
	Recipients func(ctx context.Context, q db.Q, orgs []who.OrgID) ([]string, error)
	Mail       func(ctx context.Context, tx *db.Tx, m mail.Message) error
	PublicURL  string
}

// Room serves the pages and carries out the acts.
type Room struct{ deps Deps }

// New makes the room.
func New(d Deps) *Room {
	if d.Register == nil {
		d.Register = func(string) *kommun.Register { return kommun.Default() }
	}
	return &Room{deps: d}
}

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /utlysningar/{id}/bedomning", Action: "assessment.assign", Handler: o.progress},
		{Pattern: "POST /utlysningar/{id}/bedomning/fordela", Action: "assessment.assign", Handler: o.postDistribute},
		{Pattern: "POST /utlysningar/{id}/bedomning/tilldela", Action: "assessment.assign", Handler: o.postAssign},
		{Pattern: "POST /utlysningar/{id}/bedomning/las", Action: "assessment.assign", Handler: o.postLock},
		{Pattern: "GET /utlysningar/{id}/diskussion", Action: "assessment.read", Handler: o.discussion},
		{Pattern: "GET /bedomningar", Action: "account.own", Handler: o.mine},
		{Pattern: "GET /utlysningar/{id}/jav", Action: "assessment.declare", Handler: o.declarePage},
		{Pattern: "POST /utlysningar/{id}/jav", Action: "assessment.declare", Handler: o.postDeclare},
		{Pattern: "GET /bedomningar/{id}", Action: "assessment.write", Handler: o.form},
		{Pattern: "POST /bedomningar/{id}", Action: "assessment.write", Handler: o.postForm},
		{Pattern: "GET /utlysningar/{id}/urval", Action: "selection.read", Handler: o.selection},
		{Pattern: "POST /utlysningar/{id}/urval", Action: "selection.run", Handler: o.postRun},
		{Pattern: "GET /urval/{id}", Action: "selection.read", Handler: o.run},
		{Pattern: "GET /urval/{id}/underlag.json", Action: "selection.read", Handler: o.runInput},
		{Pattern: "GET /urval/{id}/svar.json", Action: "selection.read", Handler: o.runAnswer},
		{Pattern: "GET /urval/{id}/urval.csv", Action: "selection.read", Handler: o.runCSV},
		{Pattern: "GET /urval/{id}/urval.xlsx", Action: "selection.read", Handler: o.runXLSX},
		{Pattern: "GET /urval/{id}/protokoll", Action: "selection.read", Handler: o.protocol},
		{Pattern: "POST /urval/{id}/dra", Action: "selection.run", Handler: o.postDraw},
		{Pattern: "POST /urval/{id}/kontrollera", Action: "selection.read", Handler: o.postVerify},
		{Pattern: "POST /urval/{id}/granskad", Action: "selection.run", Handler: o.postReviewed},
		{Pattern: "GET /urval/{id}/beslut", Action: "selection.decide", Handler: o.decisionPage},
		{Pattern: "POST /urval/{id}/beslut", Action: "selection.decide", Handler: o.postDecision},
		{Pattern: "GET /urval/{id}/brev", Action: "selection.read", Handler: o.letters},
		{Pattern: "POST /urval/{id}/brev", Action: "selection.decide", Handler: o.postLetters},
		{Pattern: "GET /urval/{id}/ersattare", Action: "selection.read", Handler: o.replacing},
		{Pattern: "POST /urval/{id}/ersattare", Action: "selection.decide", Handler: o.postReplacing},
		{Pattern: "GET /urval/{id}/ersattare/brev", Action: "selection.read", Handler: o.replacementLetters},
		{Pattern: "POST /urval/{id}/ersattare/brev", Action: "selection.decide", Handler: o.postReplacementLetters},
		{Pattern: "GET /urval/{id}/ersattare/{nr}/underlag.json", Action: "selection.read", Handler: o.replacementInput},
		{Pattern: "GET /urval/{id}/ersattare/{nr}/svar.json", Action: "selection.read", Handler: o.replacementAnswer},
		{Pattern: "GET /utlysningar/{id}/resultat", Action: "selection.read_result", Handler: o.result},
	}
}

// State is where an assessment is.
type State string

// The states of an assessment.
const (
	NotBegun  State = "ej påbörjad"
	Conflict  State = "jäv anmält"
	Underway  State = "pågår"
	Submitted State = "lämnad"
	Locked    State = "låst"
	Adjusted  State = "justerad efter diskussion"
)

// Score is what an assessor says of one criterion. First keeps the score of
// the blind round when it is adjusted; Why is the adjustment's motive.
type Score struct {
	Given  bool
	Value  int
	Motive string
	First  *int
	Why    string
}

// Assessment is one assessor's scores of one application.
type Assessment struct {
	ID          ID
	Call        CallID
	Application ApplicationID
	Person      who.PersonID
	State       State
	Version     int64
	Scores      map[string]Score // by criterion
}

// scored lists the criteria that assessors score.
func (c Call) scored() []Criterion {
	var out []Criterion
	for _, k := range c.Criteria {
		if !k.Measured {
			out = append(out, k)
		}
	}
	return out
}

func (c Call) resource() policy.Resource {
	return policy.Resource{Programme: c.Programme, Owners: c.Owners, Published: true, Submitted: true, Decided: c.Decided}
}

// kind finds a kind by its id.
func (c Call) kind(id string) (Kind, bool) {
	i := slices.IndexFunc(c.Kinds, func(k Kind) bool { return k.ID == id })
	if i < 0 {
		return Kind{}, false
	}
	return c.Kinds[i], true
}

// check lists what is wrong with scores; whole wants every criterion scored
// with a motive, as for handing in.
func check(criteria []Criterion, scores map[string]Score, whole bool) []fail.Field {
	var out []fail.Field
	for _, k := range criteria {
		s := scores[k.ID]
		low, high := k.Low, k.High
		if k.Step == 1 {
			low, high = 0, 1
		}
		switch {
		case s.Given && (s.Value < low || s.Value > high):
			out = append(out, fail.Field{Name: "s-" + k.ID, Message: fmt.Sprintf("%s: poängen ska vara %d–%d.", k.Name, low, high)})
		case whole && !s.Given:
			out = append(out, fail.Field{Name: "s-" + k.ID, Message: fmt.Sprintf("%s: ge poäng.", k.Name)})
		}
		if whole && strings.TrimSpace(s.Motive) == "" {
			out = append(out, fail.Field{Name: "m-" + k.ID, Message: fmt.Sprintf("%s: skriv ett motiv.", k.Name)})
		}
	}
	return out
}

// cell is the quota cell of an application: the values that its municipalities
// have for the attributes of the call's quotas (county and main group where
// there are none).
func (c Call) cell(a Application, register *kommun.Register) []string {
	names := map[string]bool{}
	for _, q := range c.Quotas {
		names[q.Attribute] = true
	}
	if len(names) == 0 {
		names["county"], names["main_group"] = true, true
	}
	var out []string
	for _, code := range a.Codes {
		k, ok := register.ByCode(code)
		if !ok {
			continue
		}
		var parts []string
		for name := range names {
			v, _ := k.Attribute(name)
			parts = append(parts, name+"="+v)
		}
		slices.Sort(parts)
		out = append(out, strings.Join(parts, "&"))
	}
	return out
}

// lockedOut tells whether a tie to any applicant in the application's quota
// cell locks the assessor out: the stricter reading of jäv.
func (c Call) lockedOut(a Application, all []Application, ties []string, register *kommun.Register) bool {
	mine := c.cell(a, register)
	for _, other := range all {
		tied := slices.ContainsFunc(other.Codes, func(code string) bool { return slices.Contains(ties, code) })
		if tied && (other.ID == a.ID || slices.ContainsFunc(c.cell(other, register), func(x string) bool { return slices.Contains(mine, x) })) {
			return true
		}
	}
	return false
}

// decimals of a weighted score: four, rounded half up.
const scale = 10000

// Weighted is an application's score: the weighted mean over its assessments,
// in ten-thousandths of a point, exact before the one rounding. ok is false
// where some criterion has no score.
func Weighted(criteria []Criterion, list []Assessment) (n int64, ok bool) {
	sum := new(big.Rat)
	for _, k := range criteria {
		if k.Step != 2 || k.Measured {
			continue
		}
		total, count := int64(0), int64(0)
		for _, a := range list {
			if s := a.Scores[k.ID]; s.Given {
				total, count = total+int64(s.Value), count+1
			}
		}
		if count == 0 {
			return 0, false
		}
		sum.Add(sum, new(big.Rat).Mul(big.NewRat(int64(k.Weight), 100), big.NewRat(total, count)))
	}
	sum.Mul(sum, big.NewRat(scale, 1))
	sum.Add(sum, big.NewRat(1, 2))
	return new(big.Int).Div(sum.Num(), sum.Denom()).Int64(), true
}

// Passed tells whether an application passes step 1: more than half of its
// assessors say yes to every criterion of the step.
func Passed(criteria []Criterion, list []Assessment) bool {
	for _, k := range criteria {
		if k.Step != 1 {
			continue
		}
		yes, count := 0, 0
		for _, a := range list {
			if s := a.Scores[k.ID]; s.Given {
				yes, count = yes+s.Value, count+1
			}
		}
		if 2*yes <= count {
			return false
		}
	}
	return true
}

// Points writes a weighted score: "3,75".
func Points(n int64) string {
	s := fmt.Sprintf("%d,%04d", n/scale, n%scale)
	s = strings.TrimRight(s, "0")
	return strings.TrimSuffix(s, ",")
}

// distribute proposes who assesses what: each application gets per assessors,
// never one who is locked out, and the load is even. The applications and
// people keep their order, so that the same input gives the same proposal.
func distribute(applications []ApplicationID, people []who.PersonID, per int, locked func(ApplicationID, who.PersonID) bool) map[ApplicationID][]who.PersonID {
	load := map[who.PersonID]int{}
	out := map[ApplicationID][]who.PersonID{}
	for _, a := range applications {
		free := slices.DeleteFunc(slices.Clone(people), func(p who.PersonID) bool { return locked(a, p) })
		slices.SortStableFunc(free, func(x, y who.PersonID) int { return load[x] - load[y] })
		for _, p := range free[:min(per, len(free))] {
			out[a] = append(out[a], p)
			load[p]++
		}
	}
	return out
}
