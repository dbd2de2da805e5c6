package structure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
	"kommunpilot/engine/scenario"
)

// The states of a run (modellkörning): ordered, computed, ready, delivered to
// the workshop (001-12), published with every municipality's approval.
const (
	Ordered   = "beställd"
	Counting  = "räknas"
	Ready     = "klar"
	Delivered = "levererad"
	Published = "publicerad"
)

// Run is a question about structure with its scenarios, and what came of it.
type Run struct {
	Title     string                       `json:"title"`
	Question  string                       `json:"question"`
	Owner     string                       `json:"owner"`
	Ref       string                       `json:"ref"`
	OwnRef    string                       `json:"own_ref"`
	Years     int64                        `json:"years"`
	Show      int64                        `json:"show"`
	Draws     string                       `json:"draws"`
	Seed      int64                        `json:"seed"`
	Meeting   string                       `json:"meeting"` // to which it is delivered
	Scenarios []scenario.Scenario          `json:"scenarios"`
	Set       map[string]scenario.Override `json:"set"`
	Outcome   *Outcome                     `json:"outcome"`
	Failure   string                       `json:"failure"`
	Approvals []Approval                   `json:"approvals"`
	Delivered calendar.Date                `json:"delivered"`
}

// Outcome is a computed result: one archive of files, for one plan.
type Outcome struct {
	Hash string    `json:"hash"` // of the archive
	Size int64     `json:"size"`
	Plan string    `json:"plan"` // SHA-256 of the plan that was computed
	Made time.Time `json:"made"`
}

// Approval is a municipality's yes to exactly one result.
type Approval struct {
	Org    who.OrgID    `json:"org"`
	Name   string       `json:"name"`
	Person who.PersonID `json:"person"`
	Hash   string       `json:"hash"`
	At     time.Time    `json:"at"`
}

// draws of a run; 1 000 where none is chosen.
func (x *Run) draws() int {
	var n int
	if _, err := fmt.Sscan(x.Draws, &n); err != nil || n < 2 {
		return 1000
	}
	return n
}

// plan is what the engine is asked.
func (x *Run) plan() *scenario.Plan {
	years := int(x.Years)
	if years == 0 {
		years = 25
	}
	return &scenario.Plan{
		Title: x.Title, Question: x.Question, Owner: x.Owner, Ref: x.Ref, OwnRef: x.OwnRef, Base: scenario.ReferenceBase, Years: years, Show: int(x.Show),
		Scenarios: x.Scenarios, Assumptions: scenario.Assumptions{Set: x.Set},
	}
}

// take takes scenarios, assumptions and horizon of a plan that was read from a file.
func (x *Run) take(p *scenario.Plan) {
	x.Scenarios, x.Set, x.Years, x.Show = p.Scenarios, p.Assumptions.Set, int64(p.Years), int64(p.Show)
	if p.Question != "" {
		x.Question = p.Question
	}
}

// planHash binds a result to what was asked: plan, draws and seed.
func (x *Run) planHash() string {
	sum := sha256.Sum256(fmt.Appendf(x.plan().File(), "\n%d %d", x.draws(), x.Seed))
	return hex.EncodeToString(sum[:])
}

// current tells whether the result is that of the plan as it stands.
func (x *Run) current() bool { return x.Outcome != nil && x.Outcome.Plan == x.planHash() }

// approved tells whether a municipality has approved the result as it is.
func (x *Run) approved(org who.OrgID) *Approval {
	for i := range x.Approvals {
		if a := &x.Approvals[i]; a.Org == org && x.Outcome != nil && a.Hash == x.Outcome.Hash {
			return a
		}
	}
	return nil
}

func (o *Room) runSheet(d sheet.Deps) *sheet.Sheet[Run] {
	return &sheet.Sheet[Run]{
		Deps: d, Noun: journal.Noun[Run]{Name: "structure", Title: "Modellkörningen", Moves: map[string][]string{
			Ordered: {Counting}, Counting: {Ready, Ordered}, Ready: {Ordered, Counting, Delivered}, Delivered: {Published, Ready}, Published: {Delivered},
		}},
		Path: "struktur", Title: "Strukturscenarier",
		Lead: "Vad en sammanläggning, en samverkan eller en överflyttad uppgift skulle göra med folkmängd, ekonomi och demokrati. Alltid bredvid att inget göra.",
		New:  "Ny modellkörning", NoneYet: "Ingen modellkörning ännu. Börja med en: välj kommuner och alternativ, ändra antaganden och se bilden direkt.",
		First: Ordered, Read: "structure.read", Write: "structure.edit", Locked: []string{Counting, Delivered, Published}, Name: func(x Run) string { return x.Title },
		Choices: o.choices,
		Fields: func(ctx context.Context, x *Run, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &x.Title},
				{Input: web.Input{Name: "question", Label: web.T(ctx, "Frågan"), Hint: web.T(ctx, "Vad vill ni veta? Den står först i underlaget."), Rows: 2}, Kind: web.AsArea, To: &x.Question},
				{Input: web.Input{Name: "owner", Label: web.T(ctx, "Beställare")}, To: &x.Owner},
				{Input: web.Input{Name: "ref", Label: web.T(ctx, "Beställarens beteckning")}, To: &x.Ref},
				{Input: web.Input{Name: "own_ref", Label: web.T(ctx, "Egen beteckning")}, To: &x.OwnRef},
				{Input: web.Input{Name: "years", Label: web.T(ctx, "År framåt"), Hint: web.T(ctx, "1 till 60. Underlaget gäller %d. Tomt betyder 25.", scenario.ReferenceBase), Width: "short"}, Kind: web.AsWhole, To: &x.Years, High: scenario.MostYears},
				{Input: web.Input{Name: "show", Label: web.T(ctx, "År som visas först"), Hint: web.T(ctx, "Tomt betyder tio år efter den första ändringen."), Width: "short"}, Kind: web.AsWhole, To: &x.Show, High: scenario.ReferenceBase + scenario.MostYears},
				{Input: web.Input{Name: "draws", Label: web.T(ctx, "Framtider som räknas")}, Kind: web.AsChoice, To: &x.Draws, Options: []web.Option{{Value: "1000", Label: web.T(ctx, "1 000 (vanligt)")}, {Value: "200", Label: web.T(ctx, "200 (snabbt)")}, {Value: "10000", Label: web.T(ctx, "10 000 (noga)")}}},
				{Input: web.Input{Name: "seed", Label: web.T(ctx, "Frö"), Hint: web.T(ctx, "Samma frö ger samma siffror."), Width: "short"}, Kind: web.AsWhole, To: &x.Seed, High: 1 << 31},
				{Input: web.Input{Name: "meeting", Label: web.T(ctx, "Levereras till"), Hint: web.T(ctx, "Workshop 2, eller ett annat möte.")}, Kind: web.AsChoice, To: &x.Meeting, Options: c["meeting"]},
			}
		},
		Columns: []sheet.Column[Run]{
			{Head: "Alternativ", Cell: func(_ context.Context, it journal.Item[Run], _ sheet.Choices) string {
				var out []string
				for _, s := range it.Is.Scenarios {
					out = append(out, s.Name)
				}
				return strings.Join(out, ", ")
			}},
			{Head: "Levererad", Cell: func(ctx context.Context, it journal.Item[Run], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Delivered)
			}},
		},
		Moves: []sheet.Move{
			{To: Delivered, Label: "Leverera till mötet", Action: "structure.deliver", Hint: "Underlaget låses. Deltagarna kan läsa det; det är inte publicerat."},
			{To: Ready, Label: "Ta tillbaka leveransen", Action: "structure.deliver"},
			{To: Published, Label: "Publicera", Action: "structure.deliver", Hint: "Alla kommuner som berörs ska ha godkänt just detta resultat."},
		},
		Guard: o.guard,
		Resource: func(p journal.Project, it journal.Item[Run]) policy.Resource {
			r := p.Resource
			r.Creator, r.Published = it.By, it.State == Published
			return r
		},
		Drawn: []string{"question"},
		Body:  o.body,
	}
}

func (o *Room) choices(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	list, err := o.deps.Meetings(ctx, q, p.ID)
	options := []web.Option{}
	for _, m := range list {
		options = append(options, web.Option{Value: id.String(m.ID), Label: m.Title})
	}
	return sheet.Choices{"meeting": options}, err
}

// guard keeps a result with its plan, and publication with approvals, whichever
// way a change comes.
func (o *Room) guard(ctx context.Context, tx *db.Tx, _ journal.Project, it *journal.Item[Run], from string) error {
	x := &it.Is
	if x.Years > 0 && x.Show > 0 && (x.Show <= scenario.ReferenceBase || x.Show > scenario.ReferenceBase+x.Years) {
		return fail.Fields(fail.Field{Name: "show", Message: "Året ska ligga mellan det första och det sista som räknas."})
	}
	switch it.State {
	case Ready:
		if from == Delivered { // taken back
			x.Delivered = ""
			return nil
		}
		if !x.current() {
			it.State = Ordered // the plan was changed: the result is no longer its
		}
	case Delivered:
		if from == Published {
			return nil
		}
		if !x.current() {
			return fail.New(fail.Conflict, "Planen har ändrats sedan beräkningen gjordes. Räkna om den först.")
		}
		if x.Meeting == "" {
			return fail.New(fail.Conflict, "Välj först vilket möte underlaget ska levereras till. Det gör du under Redigera.")
		}
		x.Delivered = calendar.Of(tx.Now())
	case Published:
		return o.publishable(ctx, tx, x)
	}
	return nil
}

// publishable says why a result may not be published: every municipality that
// it is about approves it first.
func (o *Room) publishable(ctx context.Context, q db.Q, x *Run) error {
	if !x.current() {
		return fail.New(fail.Conflict, "Resultatet hör inte till planen som den nu är. Räkna om den först.")
	}
	list, err := o.concerned(ctx, q, x)
	if err != nil {
		return err
	}
	var missing []string
	for _, c := range list {
		if c.approval == nil {
			missing = append(missing, c.name)
		}
	}
	if len(missing) > 0 {
		return fail.Newf(fail.Conflict, "De här kommunerna har inte godkänt resultatet: %s.", strings.Join(missing, ", "))
	}
	return nil
}

// concern is a municipality that a run is about.
type concern struct {
	code, name string
	org        who.OrgID // 0: it has no organisation here
	approval   *Approval
}

func (o *Room) concerned(ctx context.Context, q db.Q, x *Run) (out []concern, err error) {
	country, err := Country()
	if err != nil {
		return nil, err
	}
	for _, code := range x.plan().Municipalities() {
		c := concern{code: code, name: code}
		if i, ok := country.Find(code); ok {
			c.name = country.Units[i].Name
		}
		if c.org, err = o.deps.Org(ctx, q, code); err != nil && !fail.Is(err, fail.NotFound) {
			return nil, err
		}
		if c.org != 0 {
			c.approval = x.approved(c.org)
		}
		out = append(out, c)
	}
	return out, nil
}

// body is the run's own page below its facts.
func (o *Room) body(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Run], at time.Time) (templ.Component, error) {
	list, err := o.concerned(ctx, q, &it.Is)
	if err != nil {
		return nil, err
	}
	v := runView{p: p, it: it, href: o.runs.Href(p.ID, it.ID), live: at.IsZero() && !p.Closed, concerned: list}
	v.mayEdit = v.live && may(ctx, "structure.edit", p.Resource) == nil
	v.form = web.NewForm(nil)
	v.form.Version = it.Version
	for _, c := range list {
		r := p.Resource
		r.Members = []who.OrgID{c.org}
		if v.live && c.org != 0 && c.approval == nil && (it.State == Delivered || it.State == Ready) && may(ctx, "structure.approve", r) == nil {
			v.approves = append(v.approves, c)
		}
	}
	if it.State == Counting {
		if v.done, err = progress(ctx, q, it.ID); err != nil {
			return nil, err
		}
	}
	if it.Is.Outcome != nil {
		if v.memo, err = o.memo(ctx, q, p, it); err != nil {
			return nil, err
		}
	}
	return runPage(v), nil
}

// runView is what a run's page shows.
type runView struct {
	p         journal.Project
	it        journal.Item[Run]
	href      string
	live      bool
	mayEdit   bool
	concerned []concern
	approves  []concern
	done      float64
	memo      *memoDoc
	form      web.Form
}

// ForMeeting tells which runs are ordered for a meeting and not delivered, and
// which are: shown on the meeting's page (001-08, 001-12).
func (o *Room) ForMeeting(ctx context.Context, q db.Q, p who.ProjectID, meeting journal.ID) (out []Listed, err error) {
	list, err := o.runs.Noun.List(ctx, q, journal.Query{Project: p})
	for _, it := range list {
		if it.Is.Meeting == id.String(meeting) {
			out = append(out, Listed{it.Is.Title, o.runs.Href(p, it.ID), it.State, it.Is.Delivered})
		}
	}
	return out, err
}

// Listed is a run as another room names it.
type Listed struct {
	Title, Href, State string
	Delivered          calendar.Date // empty: it is missing
}
