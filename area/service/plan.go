package service

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of a service plan.
const (
	PlanDraft    = "utkast"
	Consultation = "remiss"
	Adopted      = "antagen"
	FollowedUp   = "följs upp"
	Revised      = "reviderad"
)

// Plan is a municipal service plan (kommunal serviceplan, 002-07): chapter by
// chapter from an inventory, with goals, measures, agreements, consultation,
// adoption and yearly follow-up.
type Plan struct {
	Title       string        `json:"title"`
	Places      []string      `json:"places"`
	From        calendar.Date `json:"from"`
	To          calendar.Date `json:"to"`
	Inventory   journal.ID    `json:"inventory"`
	Responsible string        `json:"responsible"`
	Aim         string        `json:"aim"`
	Chapters    [6]Goals      `json:"chapters"` // in the order of Kinds
	Budget      string        `json:"budget"`   // comprehensive planning and budget (004-15)
	Until       calendar.Date `json:"until"`    // of the consultation
	Asked       []string      `json:"asked"`
	Body        string        `json:"body"` // that adopted it
	AdoptedOn   calendar.Date `json:"adopted_on"`
	Ref         string        `json:"ref"` // diarienummer of the decision
	Taken       []Proposal    `json:"taken"`
	TakenFor    []string      `json:"taken_for"` // the kind that each was taken for
}

// Goals are a chapter's words and the municipality's own target: so many per cent
// of the people within so many kilometres.
type Goals struct {
	Text  string `json:"text"`
	Km    string `json:"km"`
	Share int64  `json:"share"`
}

// chapter is a chapter of a plan with what the inventory says of it.
type chapter struct {
	Kind, Name string
	Goals      Goals
	Figures    []Figure // by type, whole area
	Whole      *Figure  // the kind as one
	Within     float64  // share within the target, 0..1
	Gap        uint64   // people too many beyond the target; 0 where it is met or there is none
	NoPlace    []string // types without any place
	Measures   []journal.Item[Measure]
	Agreements []journal.Item[Agreement]
	Silent     bool // one of the five kinds, and the plan says nothing of it (002-08)
	Proposals  []Proposal
	Taken      []Proposal
}

// gap compares the target with the inventory.
func (c *chapter) gap() {
	km, err := strconv.ParseInt(c.Goals.Km, 10, 64)
	if err != nil || c.Goals.Share == 0 || c.Whole == nil || c.Whole.People == 0 {
		return
	}
	beyond, share := c.Whole.beyond(km)
	c.Within = 1 - share
	allowed := c.Whole.People * uint64(100-c.Goals.Share) / 100
	if beyond > allowed {
		c.Gap = beyond - allowed
	}
}

// hasTarget tells whether the chapter has a target that can be measured.
func (c *chapter) hasTarget() bool {
	return c.Goals.Km != "" && c.Goals.Share > 0 && c.Whole != nil && c.Whole.People > 0
}

// chapters puts a plan's chapters together with the inventory's figures.
func chapters(x *Plan, figures, kinds []Figure, types []Type, measures []journal.Item[Measure], agreements []journal.Item[Agreement]) (out []chapter) {
	for i, kind := range Kinds {
		c := chapter{Kind: kind, Name: kindNames[kind], Goals: x.Chapters[i]}
		for _, t := range types {
			if t.Kind != kind {
				continue
			}
			for _, f := range figures {
				if f.Type == t.Code && f.Area == "" && f.Unit == byLength.word() {
					c.Figures = append(c.Figures, f)
					if f.Sites == 0 {
						c.NoPlace = append(c.NoPlace, t.Name)
					}
				}
			}
		}
		for i := range kinds {
			if kinds[i].Type == kind && kinds[i].Unit == byLength.word() {
				c.Whole = &kinds[i]
			}
		}
		for _, m := range measures {
			if m.Is.Kind == kind {
				c.Measures = append(c.Measures, m)
			}
		}
		for _, a := range agreements {
			if a.Is.Kind == kind {
				c.Agreements = append(c.Agreements, a)
			}
		}
		for i, t := range x.Taken {
			if x.TakenFor[i] == kind {
				c.Taken = append(c.Taken, t)
			}
		}
		c.gap()
		c.Silent = kind != Other && c.Goals.Text == "" && len(c.Measures) == 0
		out = append(out, c)
	}
	return out
}

func (o *Room) planSheet(d sheet.Deps) *sheet.Sheet[Plan] {
	return &sheet.Sheet[Plan]{
		Deps: d, Noun: journal.Noun[Plan]{Name: "serviceplan", Title: "Serviceplanen", NeedsReason: []string{Revised}, Moves: map[string][]string{
			PlanDraft: {Consultation}, Consultation: {PlanDraft, Adopted}, Adopted: {FollowedUp, Revised}, FollowedUp: {Revised}}},
		Path: "serviceplaner", Title: "Serviceplaner", Lead: "Kommunens plan för service: läget ur inventeringen, egna mål, åtgärder, avtal, remiss, beslut och uppföljning varje år.",
		New: "Ny serviceplan", NoneYet: "Ingen serviceplan ännu. Den börjar i en fastställd inventering.", First: PlanDraft, Read: "serviceplan.read", Write: "serviceplan.edit", Locked: []string{Consultation, Adopted, FollowedUp, Revised},
		Name:    func(x Plan) string { return x.Title },
		Choices: o.planChoices, Fields: planFields,
		Check: func(x Plan) (out []fail.Field) {
			if x.From != "" && x.To != "" && x.To <= x.From {
				out = append(out, fail.Field{Name: "to", Message: "Planen måste sluta efter att den börjat."})
			}
			for i, k := range Kinds {
				g := x.Chapters[i]
				if (g.Km == "") != (g.Share == 0) {
					out = append(out, fail.Field{Name: "share_" + fieldKey(k), Message: "Ett mål behöver både kilometer och procent."})
				}
			}
			return out
		},
		Columns: []sheet.Column[Plan]{
			{Head: "Gäller", Cell: func(ctx context.Context, it journal.Item[Plan], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.From) + " – " + web.Day(ctx, it.Is.To)
			}},
			{Head: "Antagen av", Cell: func(_ context.Context, it journal.Item[Plan], _ sheet.Choices) string {
				return strings.TrimSpace(it.Is.Body + " " + it.Is.Ref)
			}},
		},
		Moves: []sheet.Move{
			{To: Consultation, Label: "Skicka på remiss", Hint: "Planen låses medan andra tycker till. Svaren skrivs in under Remissvar."},
			{To: PlanDraft, Label: "Ta tillbaka till utkast"},
			{To: Adopted, Label: "Anteckna att den är antagen", Action: "serviceplan.adopt", Hint: "Planen publiceras. Beslutet ska finnas i diariet."},
			{To: FollowedUp, Label: "Börja följa upp"},
			{To: Revised, Label: "Ersätt med en ny plan"},
		},
		Guard: o.guardPlan,
		Resource: func(p journal.Project, it journal.Item[Plan]) policy.Resource {
			r := p.Resource
			r.Creator, r.Published = it.By, it.State == Adopted || it.State == FollowedUp
			return r
		},
		Drawn: planDrawn(), Body: o.planBody,
	}
}

// fieldKey is a kind as the name of a field.
func fieldKey(kind string) string {
	return strings.NewReplacer("ä", "a", "ö", "o", "å", "a").Replace(kind)
}

func planDrawn() []string {
	out := []string{"aim", "budget"}
	for _, k := range Kinds {
		out = append(out, "text_"+fieldKey(k), "km_"+fieldKey(k), "share_"+fieldKey(k))
	}
	return out
}

func planFields(ctx context.Context, x *Plan, c sheet.Choices) []web.Bound {
	out := []web.Bound{
		{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &x.Title},
		{Input: web.Input{Name: "inventory", Label: web.T(ctx, "Inventering"), Hint: web.T(ctx, "Bara fastställda inventeringar går att välja."), Required: true}, Kind: web.AsChoice, To: &x.Inventory, Options: c["inventory"]},
		{Input: web.Input{Name: "from", Label: web.T(ctx, "Gäller från"), Required: true}, Kind: web.AsDay, To: &x.From},
		{Input: web.Input{Name: "to", Label: web.T(ctx, "Gäller till"), Required: true}, Kind: web.AsDay, To: &x.To},
		{Input: web.Input{Name: "responsible", Label: web.T(ctx, "Ansvarig"), Hint: web.T(ctx, "Roll och organisation."), Required: true}, To: &x.Responsible},
		{Input: web.Input{Name: "aim", Label: web.T(ctx, "Vad kommunen vill"), Rows: 4}, Kind: web.AsArea, To: &x.Aim},
	}
	km := []web.Option{}
	for _, n := range kilometres {
		km = append(km, web.Option{Value: strconv.FormatInt(n, 10), Label: web.T(ctx, "%d km", n)})
	}
	for i, kind := range Kinds {
		g := &x.Chapters[i]
		name, key := web.T(ctx, kindNames[kind]), fieldKey(kind)
		out = append(out,
			web.Bound{Input: web.Input{Name: "text_" + key, Label: web.T(ctx, "%s: läget och vad ni vill", name), Rows: 3}, Kind: web.AsArea, To: &g.Text},
			web.Bound{Input: web.Input{Name: "km_" + key, Label: web.T(ctx, "%s: mål, inom", name)}, Kind: web.AsChoice, To: &g.Km, Options: km},
			web.Bound{Input: web.Input{Name: "share_" + key, Label: web.T(ctx, "%s: mål, procent av invånarna", name), Width: "short"}, Kind: web.AsWhole, To: &g.Share, High: 100})
	}
	return append(out,
		web.Bound{Input: web.Input{Name: "budget", Label: web.T(ctx, "Så finns planen med i översiktsplan och budget"), Hint: web.T(ctx, "Service är en del av kommunens vanliga planering också när projektet är slut."), Rows: 3}, Kind: web.AsArea, To: &x.Budget},
		web.Bound{Input: web.Input{Name: "until", Label: web.T(ctx, "Remissen pågår till")}, Kind: web.AsDay, To: &x.Until},
		web.Bound{Input: web.Input{Name: "asked", Label: web.T(ctx, "Remissen går till"), Hint: web.T(ctx, "En på varje rad: lokala utvecklingsgrupper, företag, grannkommuner, regionen."), Rows: 4}, Kind: web.AsLines, To: &x.Asked},
		web.Bound{Input: web.Input{Name: "body", Label: web.T(ctx, "Beslutas av"), Hint: web.T(ctx, "Till exempel kommunfullmäktige.")}, To: &x.Body},
		web.Bound{Input: web.Input{Name: "adopted_on", Label: web.T(ctx, "Beslutad dag")}, Kind: web.AsDay, To: &x.AdoptedOn},
		web.Bound{Input: web.Input{Name: "ref", Label: web.T(ctx, "Beslutet i diariet"), Hint: web.T(ctx, "Registrera beslutet i projektets diarium först.")}, Kind: web.AsChoice, To: &x.Ref, Options: c["entry"]},
	)
}

func (o *Room) planChoices(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	list, err := o.inventories.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Settled})
	c := sheet.Choices{}
	for _, it := range list {
		c["inventory"] = append(c["inventory"], web.Option{Value: id.String(it.ID), Label: it.Is.Title + ", " + web.Day(ctx, it.Is.Day)})
	}
	if err == nil && o.deps.Entries != nil {
		c["entry"], err = o.deps.Entries(ctx, q, p)
	}
	return c, err
}

// guardPlan keeps a plan with a settled inventory, a consultation with its end,
// and an adoption with its decision in the diarium.
func (o *Room) guardPlan(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Plan], from string) error {
	x := &it.Is
	inv, err := o.inventories.Noun.Get(ctx, tx, x.Inventory)
	if err != nil || inv.Project != p.ID || inv.State != Settled && it.State == PlanDraft {
		return fail.Fields(fail.Field{Name: "inventory", Message: "Välj en fastställd inventering i det här projektet."})
	}
	x.Places = inv.Is.Places
	switch {
	case it.State == Consultation && from == PlanDraft:
		if x.Until == "" || x.Until <= calendar.Of(tx.Now()) {
			return fail.New(fail.Conflict, "Skriv först till vilken dag remissen pågår. Den ska ligga framåt i tiden.")
		}
		if len(x.Asked) == 0 {
			return fail.New(fail.Conflict, "Skriv först vilka remissen går till.")
		}
	case it.State == Adopted && from == Consultation:
		opinions, err := o.opinions.Noun.List(ctx, tx, journal.Query{Project: p.ID, State: Received})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(opinions, func(v journal.Item[Opinion]) bool { return v.Is.Plan == it.ID }) {
			return fail.New(fail.Conflict, "Alla remissvar ska vara bemötta innan planen antas.")
		}
		if x.Body == "" || x.AdoptedOn == "" || x.Ref == "" {
			return fail.New(fail.Conflict, "Skriv vem som beslutade, vilken dag, och välj beslutet i diariet. Det gör du i utkastet, under Redigera.")
		}
	case it.State == FollowedUp:
		list, err := o.followUps.Noun.List(ctx, tx, journal.Query{Project: p.ID})
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(f journal.Item[FollowUp]) bool { return f.Is.Plan == it.ID }) {
			return fail.New(fail.Conflict, "Skriv den första uppföljningen först, under Uppföljningar.")
		}
	}
	return nil
}

// ofPlan is what belongs to a plan: measures, agreements, opinions, follow-ups.
type ofPlan struct {
	measures   []journal.Item[Measure]
	agreements []journal.Item[Agreement]
	opinions   []journal.Item[Opinion]
	followUps  []journal.Item[FollowUp]
}

func (o *Room) belonging(ctx context.Context, q db.Q, p journal.Project, plan journal.ID) (x ofPlan, err error) {
	if x.measures, err = pick(ctx, q, o.measures, p, func(m *Measure) bool { return m.Plan == plan }); err != nil {
		return x, err
	}
	if x.agreements, err = pick(ctx, q, o.agreements, p, func(a *Agreement) bool { return a.Plan == plan }); err != nil {
		return x, err
	}
	if x.opinions, err = pick(ctx, q, o.opinions, p, func(v *Opinion) bool { return v.Plan == plan }); err != nil {
		return x, err
	}
	x.followUps, err = pick(ctx, q, o.followUps, p, func(f *FollowUp) bool { return f.Plan == plan })
	slices.SortStableFunc(x.followUps, func(a, b journal.Item[FollowUp]) int { return cmp.Compare(a.Is.Year, b.Is.Year) })
	return x, err
}

func pick[T any](ctx context.Context, q db.Q, s *sheet.Sheet[T], p journal.Project, of func(*T) bool) ([]journal.Item[T], error) {
	list, err := s.Noun.List(ctx, q, journal.Query{Project: p.ID})
	return slices.DeleteFunc(list, func(it journal.Item[T]) bool { return !of(&it.Is) }), err
}
