package knowledge

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/area/knowledge/index"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// Kinds are the kinds of entry: the five of 002-05, an open list, and the good
// example.
var Kinds = []string{"modell", "metod", "verktyg", "vägledning", "process", "gott exempel"}

// ServiceKinds are the five kinds of service of 002-08, and the rest.
var ServiceKinds = []string{"drivmedel", "dagligvaror", "post", "apotek", "betaltjänster", "övrigt"}

// The states of an entry.
const (
	Draft       = "utkast"
	Review      = "granskning"
	Published   = "publicerad"
	Reviewing   = "omprövas"
	Replaced    = "ersatt"
	Unpublished = "avpublicerad"
)

// Open tells whether the public can read an entry in the state.
func Open(state string) bool { return state == Published || state == Reviewing }

// Entry is an entry of the knowledge bank (kunskapspost).
type Entry struct {
	Kind           string        `json:"kind"`
	Title          string        `json:"title"`
	Summary        string        `json:"summary"` // in plain language
	Problem        string        `json:"problem"`
	Done           string        `json:"done"`
	Result         string        `json:"result"`
	Conditions     string        `json:"conditions"`
	Cost           int64         `json:"cost"` // öre; 0 unknown
	Hours          int64         `json:"hours"`
	Months         int64         `json:"months"` // to effect
	Transfer       string        `json:"transfer"`
	Services       []string      `json:"services"`
	Municipalities []string      `json:"municipalities"` // codes
	From           calendar.Date `json:"from"`
	To             calendar.Date `json:"to"`
	Figures        Figures       `json:"figures"`
	Motive         string        `json:"motive"` // of the evidence level
	Licence        string        `json:"licence"`
	Language       string        `json:"language"`
	Responsible    string        `json:"responsible"` // role and organisation (000-22)
	Contact        string        `json:"contact"`
	Checked        calendar.Date `json:"checked"`
	Again          calendar.Date `json:"again"` // to be reviewed again by
	Example        bool          `json:"example"`
	By             journal.ID    `json:"by"`     // the entry that has replaced it
	Number         int           `json:"number"` // of the version, from 1; 0 before the first
	Day            calendar.Date `json:"day"`    // when this version was published
}

// licences may be chosen; all of them let others use the entry.
var licences = []string{"CC0 1.0", "CC BY 4.0"}

func (o *Room) entrySheet(d sheet.Deps) *sheet.Sheet[Entry] {
	return &sheet.Sheet[Entry]{
		Deps: d, Noun: journal.Noun[Entry]{Name: "knowledge", Title: "Kunskapsposten", NeedsReason: []string{Reviewing, Replaced, Unpublished}, Moves: map[string][]string{
			Draft: {Review}, Review: {Draft, Published}, Published: {Reviewing, Unpublished}, Reviewing: {Published, Replaced, Unpublished}}},
		Path: "kunskapsposter", Title: "Kunskapsposter", Lead: "Det som projektet har lärt sig, med källor, skrivet så att en annan kommun kan göra likadant.",
		New: "Ny kunskapspost", NoneYet: "Ingen kunskapspost ännu. Börja med det som ni själva hade velat veta från början.", First: Draft,
		Read: "knowledge.read", Write: "knowledge.edit", Locked: []string{Published, Replaced, Unpublished},
		Name:    func(e Entry) string { return e.Title },
		Choices: o.entryChoices, Fields: entryFields, Check: checkEntry,
		Columns: []sheet.Column[Entry]{
			{Head: "Sort", Cell: func(ctx context.Context, it journal.Item[Entry], _ sheet.Choices) string {
				return web.T(ctx, it.Is.Kind)
			}},
			{Head: "Granskas igen", Cell: func(ctx context.Context, it journal.Item[Entry], _ sheet.Choices) string {
				if it.Is.Again == "" {
					return ""
				}
				return web.Day(ctx, it.Is.Again)
			}},
		},
		Moves: []sheet.Move{
			{To: Review, Label: "Lämna till granskning"},
			{To: Draft, Label: "Lämna tillbaka till utkast"},
			{To: Published, Label: "Publicera", Action: "knowledge.publish", Hint: "Posten blir sökbar för alla. En ny version får ett nytt nummer; de äldre går att läsa."},
			{To: Reviewing, Label: "Ompröva", Hint: "Den publicerade versionen ligger kvar medan ni ändrar."},
			{To: Replaced, Label: "Ersätt med en annan post", Action: "knowledge.publish", Hint: "Välj först vilken post som ersätter den, under Redigera."},
			{To: Unpublished, Label: "Avpublicera", Action: "knowledge.publish", Danger: true, Hint: "Adressen finns kvar och säger att posten är borttagen och varför."},
		},
		Resource: resourceOf, Guard: o.guardEntry, After: o.moved,
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Entry], at time.Time) (templ.Component, error) {
			list, err := o.sourcesOf(ctx, q, it.ID)
			if err != nil {
				return nil, err
			}
			v := entryRoom{href: "/kunskapsbank/" + id.String(it.ID), add: o.sources.ListHref(p.ID) + "/ny?entry=" + id.String(it.ID), open: Open(it.State),
				level: Level(valid(list), it.Is.Figures), live: at.IsZero() && !p.Closed && it.State != Replaced && it.State != Unpublished}
			dead, err := deadLinks(ctx, q)
			for _, s := range list {
				v.sources = append(v.sources, sourceLine{Text: s.Is.told(), Kind: s.Is.Kind, Href: o.sources.Href(p.ID, s.ID), Gone: s.State == Withdrawn, Dead: dead[s.ID]})
			}
			if err == nil {
				v.yes, v.no, err = votes(ctx, q, it.ID)
			}
			return entryBody(v), err
		},
	}
}

func (o *Room) entryChoices(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	c := sheet.Choices{}
	list, err := o.entries.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Published})
	for _, it := range list {
		c["entry"] = append(c["entry"], web.Option{Value: id.String(it.ID), Label: it.Is.Title})
	}
	return c, err
}

func entryFields(ctx context.Context, x *Entry, c sheet.Choices) []web.Bound {
	area := func(name, label, hint string, required bool, to *string) web.Bound {
		return web.Bound{Input: web.Input{Name: name, Label: label, Hint: hint, Rows: 4, Required: required}, Kind: web.AsArea, To: to}
	}
	return []web.Bound{
		{Input: web.Input{Name: "kind", Label: web.T(ctx, "Sort"), Required: true}, Kind: web.AsChoice, To: &x.Kind, Options: words(ctx, Kinds)},
		{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Hint: web.T(ctx, "Vad en annan kommun skulle söka efter."), Required: true}, To: &x.Title},
		area("summary", web.T(ctx, "Sammanfattning"), web.T(ctx, "Tre meningar på klarspråk: vad, för vem, vad det gav."), true, &x.Summary),
		area("problem", web.T(ctx, "Problemet"), web.T(ctx, "Hur det var innan, och för vilka."), true, &x.Problem),
		area("done", web.T(ctx, "Vad som gjordes"), web.T(ctx, "Stegen i den ordning de togs."), true, &x.Done),
		area("result", web.T(ctx, "Vad det gav"), web.T(ctx, "Också det som inte fungerade."), true, &x.Result),
		area("conditions", web.T(ctx, "Vad det krävde"), web.T(ctx, "Förutsättningar: mandat, folk, avtal, teknik."), false, &x.Conditions),
		{Input: web.Input{Name: "cost", Label: web.T(ctx, "Kostnad, kronor"), Hint: web.T(ctx, "Tomt om den inte är känd."), Width: "short"}, Kind: web.AsMoney, To: &x.Cost},
		{Input: web.Input{Name: "hours", Label: web.T(ctx, "Egen tid, timmar"), Width: "short"}, Kind: web.AsWhole, To: &x.Hours, High: 1_000_000},
		{Input: web.Input{Name: "months", Label: web.T(ctx, "Månader tills det märktes"), Width: "short"}, Kind: web.AsWhole, To: &x.Months, High: 600},
		area("transfer", web.T(ctx, "För vilka det passar"), web.T(ctx, "Vilka kommuner kan göra likadant, och vilka inte?"), false, &x.Transfer),
		{Input: web.Input{Name: "services", Label: web.T(ctx, "Service som den gäller")}, Kind: web.AsMany, To: &x.Services, Options: words(ctx, ServiceKinds)},
		{Input: web.Input{Name: "municipalities", Label: web.T(ctx, "Kommuner"), Hint: web.T(ctx, "Namn eller kommunkod, en på varje rad."), Rows: 3}, Kind: web.AsLines, To: &x.Municipalities},
		{Input: web.Input{Name: "from", Label: web.T(ctx, "Från och med")}, Kind: web.AsDay, To: &x.From},
		{Input: web.Input{Name: "to", Label: web.T(ctx, "Till och med")}, Kind: web.AsDay, To: &x.To},
		{Input: web.Input{Name: "before_after", Label: web.T(ctx, "Samma sak är mätt före och efter")}, Kind: web.AsYes, To: &x.Figures.BeforeAfter},
		{Input: web.Input{Name: "comparison", Label: web.T(ctx, "Det är jämfört med platser där ingenting gjordes, eller prövat på flera")}, Kind: web.AsYes, To: &x.Figures.Comparison},
		{Input: web.Input{Name: "by_others", Label: web.T(ctx, "Andra än de som gjorde det har utvärderat")}, Kind: web.AsYes, To: &x.Figures.ByOthers},
		area("motive", web.T(ctx, "Så vet vi det"), web.T(ctx, "Motivet till evidensnivån, som räknas fram av källorna."), true, &x.Motive),
		{Input: web.Input{Name: "licence", Label: web.T(ctx, "Licens"), Required: true}, Kind: web.AsChoice, To: &x.Licence, Options: words(ctx, licences)},
		{Input: web.Input{Name: "language", Label: web.T(ctx, "Språk"), Required: true}, Kind: web.AsChoice, To: &x.Language, Options: []web.Option{{Value: "sv", Label: "svenska"}, {Value: "en", Label: "English"}}},
		{Input: web.Input{Name: "responsible", Label: web.T(ctx, "Ansvarig"), Hint: web.T(ctx, "Roll och organisation."), Required: true}, To: &x.Responsible},
		{Input: web.Input{Name: "contact", Label: web.T(ctx, "Kontakt"), Hint: web.T(ctx, "E-post till en funktion, inte till en person."), Required: true}, To: &x.Contact},
		{Input: web.Input{Name: "checked", Label: web.T(ctx, "Granskad dag"), Required: true}, Kind: web.AsDay, To: &x.Checked},
		{Input: web.Input{Name: "again", Label: web.T(ctx, "Granskas igen senast"), Required: true}, Kind: web.AsDay, To: &x.Again},
		{Input: web.Input{Name: "example", Label: web.T(ctx, "Posten är ett påhittat exempel")}, Kind: web.AsYes, To: &x.Example},
		{Input: web.Input{Name: "by", Label: web.T(ctx, "Ersätts av")}, Kind: web.AsChoice, To: &x.By, Options: c["entry"]},
	}
}

func checkEntry(x Entry) (out []fail.Field) {
	if x.From != "" && x.To != "" && x.To < x.From {
		out = append(out, fail.Field{Name: "to", Message: "Sista dagen kan inte ligga före den första."})
	}
	if x.Again != "" && x.Again <= x.Checked {
		out = append(out, fail.Field{Name: "again", Message: "Dagen då posten granskas igen ska ligga efter granskningen."})
	}
	for _, m := range x.Municipalities {
		if _, ok := municipality(m); !ok {
			out = append(out, fail.Field{Name: "municipalities", Message: "Det finns ingen kommun som heter " + m + "."})
		}
	}
	return out
}

// municipality finds a municipality by its code or its name.
func municipality(text string) (kommun.Kommun, bool) {
	text = strings.TrimSpace(text)
	if k, ok := kommun.Default().ByCode(text); ok {
		return k, true
	}
	for _, k := range kommun.Default().All() {
		if strings.EqualFold(k.Name, text) || strings.EqualFold(k.FullName, text) {
			return k, true
		}
	}
	return kommun.Kommun{}, false
}

// guardEntry keeps municipalities as codes, gives a version its number and day,
// and lets nothing without a source become public.
func (o *Room) guardEntry(ctx context.Context, tx *db.Tx, _ journal.Project, it *journal.Item[Entry], from string) error {
	for i, m := range it.Is.Municipalities {
		if k, ok := municipality(m); ok {
			it.Is.Municipalities[i] = k.Code
		}
	}
	switch {
	case from == "" || it.State == from:
		return nil
	case it.State == Review || it.State == Published:
		list, err := o.sourcesOf(ctx, tx, it.ID)
		if err != nil {
			return err
		}
		if len(valid(list)) == 0 {
			return fail.New(fail.Conflict, "Posten har ingen källa som gäller. Lägg till minst en källa först.")
		}
		if it.State == Published {
			if it.Is.Again <= calendar.Of(tx.Now()) {
				return fail.New(fail.Conflict, "Dagen då posten ska granskas igen har redan varit. Flytta den framåt först.")
			}
			it.Is.Number++
			it.Is.Day = calendar.Of(tx.Now())
		}
	case it.State == Replaced && it.Is.By == 0:
		return fail.New(fail.Conflict, "Välj först vilken post som ersätter den, under Redigera.")
	}
	return nil
}

// moved puts what became public in the index and takes out what no longer is, in
// the same transaction.
func (o *Room) moved(ctx context.Context, tx *db.Tx, _ journal.Project, it journal.Item[Entry], from string) error {
	if it.State == from {
		return nil
	}
	switch it.State {
	case Published:
		return o.publish(ctx, tx, it)
	case Replaced, Unpublished:
		return o.index.Remove(ctx, tx, id.String(it.ID))
	}
	return nil
}

// publish puts the entry's newest published version in the index.
func (o *Room) publish(ctx context.Context, tx *db.Tx, it journal.Item[Entry]) error {
	versions, err := o.entries.Noun.Entered(ctx, tx, it.ID, Published)
	if err != nil || len(versions) == 0 {
		return err
	}
	list, err := o.sourcesOf(ctx, tx, it.ID)
	if err != nil {
		return err
	}
	return o.index.Put(ctx, tx, document(versions[len(versions)-1], Level(valid(list), versions[len(versions)-1].Is.Figures)))
}

// document is an entry as the index takes it.
func document(it journal.Item[Entry], level int) index.Document {
	x := &it.Is
	d := index.Document{ID: id.String(it.ID), Kind: x.Kind, Title: x.Title, Summary: x.Summary, Language: x.Language, Services: x.Services, Date: x.Day, Evidence: level, Facets: map[string][]string{},
		Body: strings.Join([]string{x.Problem, x.Done, x.Result, x.Conditions, x.Transfer, x.Motive}, "\n\n")}
	for _, code := range x.Municipalities {
		if k, ok := kommun.Default().ByCode(code); ok {
			d.Municipalities = append(d.Municipalities, k.Name)
			if k.SubGroupName != "" && !slices.Contains(d.Facets["group"], k.SubGroupName) {
				d.Facets["group"] = append(d.Facets["group"], k.SubGroupName)
			}
		}
	}
	d.Facets["cost"] = []string{costClass(x.Cost)}
	return d
}

// costClass puts a cost in öre in a class of the list to choose from.
func costClass(ore int64) string {
	switch kr := ore / 100; {
	case ore == 0:
		return "okänd"
	case kr < 100_000:
		return "under 100 000 kr"
	case kr < 1_000_000:
		return "100 000 kr till 1 miljon"
	}
	return "1 miljon kr eller mer"
}
