// Package record is the diarium of a project: matters and entries with
// gap-free numbers per series and year, the counterpart's number, mirror
// entries in two organisations, secrecy, documents, and the public list.
package record

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/riverqueue/river"

	"kommunpilot/base/archive"
	"kommunpilot/base/blob"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

//go:embed schema
var schema embed.FS

// Schema is the room's migrations.
func Schema() fs.FS { return db.Sub(schema) }

// Deps is what the room needs of others; cmd fills it.
type Deps struct {
	DB         *db.DB
	Project    func(ctx context.Context, q db.Q, id who.ProjectID) (journal.Project, error)
	PersonName func(ctx context.Context, q db.Q, p who.PersonID) (string, error)
	Files      *blob.Store
	MaxUpload  int64
	// HasFile tells whether another room has the file with the hash. May be nil.
	HasFile func(ctx context.Context, q db.Q, hash string) (bool, error)
	// Enqueue puts a job in the queue with the transaction; nil: large matters
	// are exported while the person waits.
	Enqueue func(ctx context.Context, tx *db.Tx, args river.JobArgs, opts *river.InsertOpts) error
	// Creator names the organisation whose archive the project's matters belong to.
	Creator func(ctx context.Context, q db.Q, p journal.Project) (string, error)
}

// Room serves the pages and carries out the acts.
type Room struct {
	deps    Deps
	matters *sheet.Sheet[Matter]
	entries *sheet.Sheet[Entry]

	messages  *sheet.Sheet[Message]
	retention *sheet.Sheet[Retention]
}

// New makes the room.
func New(d Deps) *Room {
	o := &Room{deps: d}
	base := sheet.Deps{DB: d.DB, Project: d.Project, PersonName: d.PersonName}
	o.matters, o.entries, o.retention, o.messages = o.matterSheet(base), o.entrySheet(base), o.retentionSheet(base), o.messageSheet(base)
	return o
}

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return slices.Concat(o.matters.Routes(), o.entries.Routes(), o.retention.Routes(), o.messages.Routes(), []web.Route{
		{Pattern: "GET /projekt/{id}/inkommet/ny", Action: "record.mail", Handler: o.mailForm},
		{Pattern: "POST /projekt/{id}/inkommet/ny", Action: "record.mail", Handler: o.postMail},
		{Pattern: "GET /projekt/{id}/inkommet/{post}/registrera", Action: "record.mail", Handler: o.enterForm},
		{Pattern: "POST /projekt/{id}/inkommet/{post}/registrera", Action: "record.mail", Handler: o.postEnter},
		{Pattern: "GET /projekt/{id}/inkommet/{post}/fil/{nr}", Action: "record.mail", Handler: o.mailFile},
		{Pattern: "POST /projekt/{id}/arenden/{arende}/arkivpaket", Action: "record.archive", Handler: o.postPackage},
		{Pattern: "GET /projekt/{id}/arenden/{arende}/arkivpaket", Action: "record.archive", Handler: o.orderProgress},
		{Pattern: "GET /projekt/{id}/arenden/{arende}/arkivpaket/fil", Action: "record.archive", Handler: o.orderedPackage},
		{Pattern: "POST /projekt/{id}/arenden/{arende}/gallra", Action: "record.dispose", Handler: o.postDisposal},
		{Pattern: "GET /projekt/{id}/att-gallra", Action: "record.read", Handler: o.dueList},
		{Pattern: "GET /projekt/{id}/arenden/sok", Action: "record.read", Handler: o.search},
		{Pattern: "GET /projekt/{id}/offentligt-diarium", Action: "record.extract", Handler: o.public},
		{Pattern: "POST /projekt/{id}/diarium/{post}/fil", Action: "record.write", Handler: o.postFile},
		{Pattern: "GET /projekt/{id}/diarium/{post}/fil/{nr}", Action: "record.read", Handler: o.file},
	})
}

// may is policy.Check for the context's actor; our own jobs pass.
func may(ctx context.Context, action string, r policy.Resource) error {
	if who.From(ctx).Kind == who.System {
		return nil
	}
	return policy.Check(who.From(ctx), action, r)
}

// The states of a matter and of an entry.
const (
	Open     = "öppet"
	Closed   = "avslutat"
	Archived = "arkiverat"
	// DisposedMatter is the state of a matter whose entries are Disposed.
	DisposedMatter = "gallrat"
	Registered     = "registrerad"
	Finished       = "avslutad"
	Disposed       = "gallrad"
)

// Matter is an aggregation of entries (ärende).
type Matter struct {
	Code        string `json:"code"` // classification
	Title       string `json:"title"`
	Responsible string `json:"responsible"`

	Origin *Origin `json:"origin,omitempty"` // where it was taken in from a package
}

// Document is a file of an entry, kept outside the database under its hash.
type Document struct {
	Name    string    `json:"name"`
	Type    string    `json:"type"`
	Hash    string    `json:"hash"`
	Size    int64     `json:"size"`
	Version int       `json:"version"`
	Added   time.Time `json:"added"`
}

// Entry is an entry of the diarium (diariepost; OSL 5:2): when, number, from
// or to whom, briefly what. Series is the authority's own: "KS".
type Entry struct {
	Matter    journal.ID    `json:"matter"`
	Series    string        `json:"series"`
	Number    string        `json:"number"` // KS 2026/1
	Day       calendar.Date `json:"day"`
	Direction string        `json:"direction"` // in, ut, upprättad
	Party     string        `json:"party"`     // from or to whom
	Brief     string        `json:"brief"`
	Theirs    string        `json:"theirs"`  // the counterpart's number for the same matter
	Secrecy   string        `json:"secrecy"` // section; "" public
	Mirror    string        `json:"mirror"`  // the other organisation's series
	MirrorOf  journal.ID    `json:"mirror_of"`
	Documents []Document    `json:"documents"`

	Past []archive.Event `json:"past,omitempty"` // what happened before it was taken in from a package
}

func (o *Room) matterSheet(d sheet.Deps) *sheet.Sheet[Matter] {
	return &sheet.Sheet[Matter]{
		Deps: d, Noun: journal.Noun[Matter]{Name: "matter", Title: "Ärendet", Moves: map[string][]string{Open: {Closed}, Closed: {Open, Archived, DisposedMatter}, Archived: {DisposedMatter}}, NeedsReason: []string{Open}},
		Path: "arenden", Title: "Ärenden", Lead: "Ärenden med sina handlingar. Ett ärende som avslutas kan öppnas igen, med skäl, tills det arkiveras.",
		New: "Nytt ärende", NoneYet: "Inga ärenden ännu.", First: Open, Read: "record.read", Write: "record.write", Locked: []string{Closed, Archived, DisposedMatter}, Newest: true,
		Name: func(m Matter) string { return m.Title },
		Fields: func(ctx context.Context, m *Matter, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Ärenderubrik"), Required: true}, To: &m.Title},
				{Input: web.Input{Name: "code", Label: web.T(ctx, "Klassificering"), Hint: web.T(ctx, "Beteckning i klassificeringsstrukturen, till exempel 1.3.2."), Width: "short"}, To: &m.Code},
				{Input: web.Input{Name: "responsible", Label: web.T(ctx, "Ansvarig"), Hint: web.T(ctx, "Roll och organisation."), Required: true}, To: &m.Responsible},
			}
		},
		Columns: []sheet.Column[Matter]{{Head: "Klassificering", Cell: func(_ context.Context, it journal.Item[Matter], _ sheet.Choices) string { return it.Is.Code }}},
		Moves:   []sheet.Move{{To: Closed, Label: "Avsluta ärendet", Action: "record.edit"}, {To: Open, Label: "Öppna igen", Action: "record.edit"}, {To: Archived, Label: "Arkivera", Action: "record.edit", Danger: true}},
		Above: func(ctx context.Context, _ db.Q, p journal.Project, _ []journal.Item[Matter], _ time.Time) (templ.Component, error) {
			return matterLinks(o, p, may(ctx, "record.mail", p.Resource) == nil), nil
		},
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Matter], at time.Time) (templ.Component, error) {
			list, err := o.entries.Noun.List(ctx, q, journal.Query{Parent: it.ID, At: at})
			shut := at.IsZero() && (it.State == Closed || it.State == Archived)
			return matterPage(o, p, it, list, matterMay{
				register: at.IsZero() && it.State == Open && !p.Closed && may(ctx, "record.write", p.Resource) == nil,
				archive:  shut && may(ctx, "record.archive", p.Resource) == nil,
				dispose:  shut && may(ctx, "record.dispose", p.Resource) == nil,
			}), err
		},
	}
}

// matterMay is what the person may do on a matter's page.
type matterMay struct{ register, archive, dispose bool }

func (o *Room) entrySheet(d sheet.Deps) *sheet.Sheet[Entry] {
	return &sheet.Sheet[Entry]{
		Deps: d, Noun: journal.Noun[Entry]{Name: "entry", Title: "Diarieposten", Moves: map[string][]string{Registered: {Finished, Disposed}, Finished: {Disposed}}},
		Path: "diarium", Title: "Diarium", Lead: "Varje handling med nummer, dag, från eller till vem, och kort vad. En post rättas men tas aldrig bort.",
		New: "Registrera en handling", NoneYet: "Diariet är tomt.", First: Registered, Read: "record.read", Write: "record.edit", Create: "record.write", Locked: []string{Disposed}, Newest: true,
		Name:    func(e Entry) string { return e.Number + " " + e.Brief },
		Choices: o.matterOptions,
		Fields: func(ctx context.Context, e *Entry, c sheet.Choices) []web.Bound {
			out := []web.Bound{
				{Input: web.Input{Name: "matter", Label: web.T(ctx, "Ärende"), Required: true}, Kind: web.AsChoice, To: &e.Matter, Options: c["matter"]},
				{Input: web.Input{Name: "direction", Label: web.T(ctx, "Handlingen är"), Required: true}, Kind: web.AsRadio, To: &e.Direction, Options: []web.Option{{Value: "in", Label: web.T(ctx, "inkommen")}, {Value: "ut", Label: web.T(ctx, "utgående")}, {Value: "upprättad", Label: web.T(ctx, "upprättad")}}},
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Dag då den kom in, gick ut eller upprättades"), Required: true}, Kind: web.AsDay, To: &e.Day},
				{Input: web.Input{Name: "party", Label: web.T(ctx, "Från eller till")}, To: &e.Party},
				{Input: web.Input{Name: "brief", Label: web.T(ctx, "Kort vad handlingen gäller"), Required: true}, To: &e.Brief},
				{Input: web.Input{Name: "theirs", Label: web.T(ctx, "Motpartens diarienummer")}, To: &e.Theirs},
				{Input: web.Input{Name: "secrecy", Label: web.T(ctx, "Sekretess"), Hint: web.T(ctx, "Paragraf, till exempel OSL 19:3. Lämna tomt om handlingen är offentlig.")}, To: &e.Secrecy},
			}
			if e.Number == "" {
				out = append(out,
					web.Bound{Input: web.Input{Name: "series", Label: web.T(ctx, "Diarieserie"), Hint: web.T(ctx, "Myndighetens beteckning, till exempel KS. Numret sätts när posten sparas."), Required: true, Width: "short"}, To: &e.Series},
					web.Bound{Input: web.Input{Name: "mirror", Label: web.T(ctx, "Registrera också i serien"), Hint: web.T(ctx, "Den andra organisationens serie, när handlingen ska diarieföras på två ställen."), Width: "short"}, To: &e.Mirror})
			}
			return out
		},
		Columns: []sheet.Column[Entry]{
			{Head: "Dag", Cell: func(ctx context.Context, it journal.Item[Entry], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Day)
			}},
			{Head: "Handlingen är", Cell: func(_ context.Context, it journal.Item[Entry], _ sheet.Choices) string { return it.Is.Direction }},
			{Head: "Från eller till", Cell: func(_ context.Context, it journal.Item[Entry], _ sheet.Choices) string { return it.Is.Party }},
			{Head: "Sekretess", Cell: func(_ context.Context, it journal.Item[Entry], _ sheet.Choices) string { return it.Is.Secrecy }},
		},
		Table: []sheet.Column[Entry]{{Head: "Diarienummer", Cell: func(_ context.Context, it journal.Item[Entry], _ sheet.Choices) string { return it.Is.Number }}},
		Check: checkEntry,
		Guard: o.guardEntry, After: o.mirror,
		Moves: []sheet.Move{{To: Finished, Label: "Avsluta posten"}},
		Body: func(ctx context.Context, _ db.Q, p journal.Project, it journal.Item[Entry], at time.Time) (templ.Component, error) {
			return entryPage(o, p, it, at.IsZero() && it.State != Disposed && !p.Closed && may(ctx, "record.write", p.Resource) == nil, web.NewForm(nil)), nil
		},
	}
}

func checkEntry(e Entry) []fail.Field {
	var out []fail.Field
	for name, series := range map[string]string{"series": e.Series, "mirror": e.Mirror} {
		if series != "" && (len(series) > 12 || strings.ContainsAny(series, " /0123456789")) {
			out = append(out, fail.Field{Name: name, Message: "Skriv serien med bokstäver, till exempel KS."})
		}
	}
	if e.Mirror != "" && e.Mirror == e.Series {
		out = append(out, fail.Field{Name: "mirror", Message: "Välj en annan serie än den första."})
	}
	slices.SortFunc(out, func(a, b fail.Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// guardEntry holds the entry to an open matter, and keeps what has been
// registered: the number and the series are never changed.
func (o *Room) guardEntry(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Entry], from string) error {
	m, err := o.matters.Noun.Get(ctx, tx, it.Is.Matter)
	if err != nil || m.Project != p.ID {
		return fail.Fields(fail.Field{Name: "matter", Message: "Välj ett av projektets ärenden."})
	}
	it.Parent = m.ID
	if from == "" && m.State != Open {
		return fail.Newf(fail.Conflict, "Ärendet är %s. Öppna det igen för att registrera mer.", m.State)
	}
	if from != "" {
		before, err := o.entries.Noun.Get(ctx, tx, it.ID)
		if err != nil {
			return err
		}
		it.Is.Number, it.Is.Series = before.Is.Number, before.Is.Series
		if before.Parent == m.ID {
			return nil
		}
		// From one matter to another: both must be open.
		old, err := o.matters.Noun.Get(ctx, tx, before.Parent)
		if err != nil {
			return err
		}
		for _, x := range []journal.Item[Matter]{old, m} {
			if x.State != Open {
				return fail.Newf(fail.Conflict, "Ärendet %s är %s. En post flyttas bara mellan öppna ärenden.", x.Is.Title, x.State)
			}
		}
		return nil
	}
	it.Is.Number, err = o.next(ctx, tx, p, it.Is.Series, calendar.Of(tx.Now()).Year())
	return err
}

// next takes the series' next number of the year, in the transaction that
// registers: a transaction that is rolled back gives its number back, and two
// at once wait for one another, so there is no gap and no double.
func (o *Room) next(ctx context.Context, tx *db.Tx, p journal.Project, prefix string, year int) (string, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO series (programme_id, prefix, year, last) VALUES (?, ?, ?, 0) ON CONFLICT (programme_id, prefix, year) DO NOTHING`, int64(p.Resource.Programme), prefix, year); err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `UPDATE series SET last = last + 1 WHERE programme_id = ? AND prefix = ? AND year = ?`, int64(p.Resource.Programme), prefix, year); err != nil {
		return "", err
	}
	n, err := db.Value[int64](ctx, tx, `SELECT last FROM series WHERE programme_id = ? AND prefix = ? AND year = ?`, int64(p.Resource.Programme), prefix, year)
	return fmt.Sprintf("%s %d/%d", prefix, year, n), err
}

// mirror keeps the number unique, and registers the same document in the other
// organisation's series, each entry with the other's number (003-64).
func (o *Room) mirror(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Entry], from string) error {
	if from != "" {
		return nil
	}
	var year, n int64
	if _, err := fmt.Sscanf(strings.TrimPrefix(it.Is.Number, it.Is.Series+" "), "%d/%d", &year, &n); err != nil {
		return fmt.Errorf("record: number %q: %w", it.Is.Number, err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO registry_number (item_id, programme_id, prefix, year, number) VALUES (?, ?, ?, ?, ?)`, int64(it.ID), int64(p.Resource.Programme), it.Is.Series, year, n); err != nil {
		return err
	}
	if it.Is.Mirror == "" || it.Is.MirrorOf != 0 {
		return nil
	}
	other := it.Is
	other.Series, other.Mirror, other.Theirs, other.MirrorOf = it.Is.Mirror, it.Is.Series, it.Is.Number, it.ID
	made, err := o.entries.AddIn(ctx, tx, p, it.Parent, other)
	if err != nil {
		return err
	}
	it.Is.Theirs = made.Is.Number
	return o.entries.Noun.Save(ctx, tx, p, it, journal.Act{Name: "record.write", Reason: "Spegelpost"})
}

// Register registers a document and gives its number.
func (o *Room) Register(ctx context.Context, p who.ProjectID, e Entry, once string) (number string, err error) {
	it, err := o.entries.Add(ctx, p, 0, e, once)
	return it.Is.Number, err
}

// Numbers are the project's entries as a form chooses among them, newest first.
func (o *Room) Numbers(ctx context.Context, q db.Q, p journal.Project) (out []web.Option, err error) {
	list, err := o.entries.Noun.List(ctx, q, journal.Query{Project: p.ID, Newest: true, Limit: 200})
	for _, it := range list {
		if it.Is.Number != "" {
			out = append(out, web.Option{Value: it.Is.Number, Label: it.Is.Number + ", " + it.Is.Brief})
		}
	}
	return out, err
}

// OpenMatter opens a matter.
func (o *Room) OpenMatter(ctx context.Context, p who.ProjectID, m Matter) (journal.ID, error) {
	it, err := o.matters.Add(ctx, p, 0, m, "")
	return it.ID, err
}

// CloseMatter closes a matter: nothing more is registered in it, and it can be
// exported.
func (o *Room) CloseMatter(ctx context.Context, item journal.ID) error {
	var it journal.Item[Matter]
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { it, err = o.matters.Noun.Get(ctx, q, item); return err }); err != nil {
		return err
	}
	return o.matters.Move(ctx, item, it.Version, Closed, "", "")
}

// Clerks carry out the acts of the room's pages for a program.
func (o *Room) Clerks() []sheet.Clerk {
	return []sheet.Clerk{o.matters.Clerk(), o.entries.Clerk()}
}
