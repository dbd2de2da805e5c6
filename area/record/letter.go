package record

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/blob"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The states of a letter that was mailed in.
const (
	LetterIn       = "inkommet"
	LetterEntered  = "registrerat"
	LetterRejected = "avvisat"
)

// Letter is a message that was mailed in and waits to be registered. Claimed is
// the sender that it states; nothing proves it.
type Letter struct {
	MessageID string     `json:"message_id"`
	Claimed   string     `json:"claimed"`
	Subject   string     `json:"subject"`
	Date      string     `json:"date"` // as the message states it
	Received  time.Time  `json:"received"`
	Body      string     `json:"body"`
	Trace     []string   `json:"trace"`
	Documents []Document `json:"documents"` // the message itself first
	Entry     journal.ID `json:"entry"`
	Number    string     `json:"number"`
}

// bodyKept is how much of a message's text the page shows; all of it is in the
// message itself, which is kept as a file.
const bodyKept = 50_000

func (o *Room) letterSheet(d sheet.Deps) *sheet.Sheet[Letter] {
	return &sheet.Sheet[Letter]{
		Deps: d, Noun: journal.Noun[Letter]{Name: "letter", Title: "Brevet", Moves: map[string][]string{LetterIn: {LetterEntered, LetterRejected}}, NeedsReason: []string{LetterRejected}},
		Path: "inkommande", Title: "Inkomna brev", Lead: "E-post som har kommit in och väntar på registrering. Avsändaren är den som brevet uppger; inget styrker den.",
		NoneYet: "Inga brev väntar.", First: LetterIn, Read: "record.write", Write: "record.write", Locked: []string{LetterIn, LetterEntered, LetterRejected}, Newest: true,
		Name:   func(l Letter) string { return orElse(l.Subject, "Brev utan rubrik") },
		Fields: func(context.Context, *Letter, sheet.Choices) []web.Bound { return nil },
		Columns: []sheet.Column[Letter]{
			{Head: "Uppgiven avsändare", Cell: func(_ context.Context, it journal.Item[Letter], _ sheet.Choices) string { return it.Is.Claimed }},
			{Head: "Kom in", Cell: func(ctx context.Context, it journal.Item[Letter], _ sheet.Choices) string {
				return web.Date(ctx, it.Is.Received)
			}},
			{Head: "Diarienummer", Cell: func(_ context.Context, it journal.Item[Letter], _ sheet.Choices) string { return it.Is.Number }},
		},
		Moves: []sheet.Move{{To: LetterRejected, Label: "Registrera inte", Danger: true, Hint: "Till exempel skräppost eller ett brev till någon annan. Skriv varför."}},
		Above: func(ctx context.Context, _ db.Q, p journal.Project, _ []journal.Item[Letter], at time.Time) (templ.Component, error) {
			return lettersAbove(o, p, at.IsZero() && !p.Closed && may(ctx, "record.write", p.Resource) == nil), nil
		},
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Letter], at time.Time) (templ.Component, error) {
			v := letterView{o: o, p: p, it: it, form: web.NewForm(nil)}
			v.form.Version = it.Version
			v.live = at.IsZero() && it.State == LetterIn && !p.Closed
			var err error
			v.fields, err = o.letterFields(ctx, q, p, &it, &Entry{})
			return letterPage(v), err
		},
	}
}

func orElse(a, b string) string {
	if strings.TrimSpace(a) == "" {
		return b
	}
	return a
}

// letterView is what a letter's page shows.
type letterView struct {
	o      *Room
	p      journal.Project
	it     journal.Item[Letter]
	live   bool
	form   web.Form
	fields []web.Bound
}

// letterForm is the form with what the letter answers, until somebody typed.
func letterForm(v letterView) web.Form {
	if !v.form.Failed() {
		v.form.Values = web.Filled(v.fields)
	}
	return v.form
}

// letterFields are those of an entry that a letter does not answer by itself.
func (o *Room) letterFields(ctx context.Context, q db.Q, p journal.Project, it *journal.Item[Letter], e *Entry) ([]web.Bound, error) {
	e.Brief, e.Party = it.Is.Subject, it.Is.Claimed
	c, err := o.entries.Choices(ctx, q, p)
	if err != nil {
		return nil, err
	}
	return []web.Bound{
		{Input: web.Input{Name: "matter", Label: web.T(ctx, "Ärende"), Required: true}, Kind: web.AsChoice, To: &e.Matter, Options: c["matter"]},
		{Input: web.Input{Name: "series", Label: web.T(ctx, "Diarieserie"), Hint: web.T(ctx, "Myndighetens beteckning, till exempel KS. Numret sätts när posten sparas."), Required: true, Width: "short"}, To: &e.Series},
		{Input: web.Input{Name: "party", Label: web.T(ctx, "Från eller till"), Hint: web.T(ctx, "Brevet uppger avsändaren själv. Rätta om du vet bättre.")}, To: &e.Party},
		{Input: web.Input{Name: "brief", Label: web.T(ctx, "Kort vad handlingen gäller"), Required: true}, To: &e.Brief},
		{Input: web.Input{Name: "theirs", Label: web.T(ctx, "Motpartens diarienummer")}, To: &e.Theirs},
		{Input: web.Input{Name: "secrecy", Label: web.T(ctx, "Sekretess"), Hint: web.T(ctx, "Paragraf, till exempel OSL 19:3. Lämna tomt om handlingen är offentlig.")}, To: &e.Secrecy},
	}, nil
}

// TakeIn stores a message that was mailed to a project, whole or not at all. The
// same message is taken once: the second time gives the first and false.
func (o *Room) TakeIn(ctx context.Context, pid who.ProjectID, data []byte, once string) (item journal.ID, taken bool, err error) {
	// Before a byte is stored: nobody else may fill the disk.
	if err := o.deps.DB.Read(ctx, func(q db.Q) error { _, err := o.writable(ctx, q, pid); return err }); err != nil {
		return 0, false, err
	}
	m, err := ParseMail(data)
	if err != nil {
		return 0, false, err
	}
	l := Letter{MessageID: m.ID, Claimed: m.Claimed, Subject: m.Subject, Date: m.Date, Body: m.Body, Trace: m.Trace}
	if r := []rune(l.Body); len(r) > bodyKept {
		l.Body = string(r[:bodyKept]) + "\n…"
	}
	store := func(name, kind string, data []byte) error {
		ref, err := o.deps.Files.Put(ctx, bytes.NewReader(data), maxBytes)
		if err == nil {
			l.Documents = append(l.Documents, Document{Name: name, Type: kind, Hash: ref.Hash, Size: ref.Size, Version: 1})
		}
		return err
	}
	if err := store("brev.eml", "message/rfc822", data); err != nil {
		return 0, false, err
	}
	for _, f := range m.Files {
		// What the message says of its own attachment is not believed.
		kind := "application/octet-stream"
		if found, err := blob.Sniff(f.Name, bytes.NewReader(f.Data)); err == nil {
			kind = found.Type
		}
		if err := store(f.Name, kind, f.Data); err != nil {
			return 0, false, err
		}
	}
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := o.writable(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		l.Received = tx.Now()
		for i := range l.Documents {
			l.Documents[i].Added = tx.Now()
		}
		made, err := o.letters.AddIn(ctx, tx, p, 0, l)
		if err != nil {
			return err
		}
		item = made.ID
		n, err := tx.Exec(ctx, `INSERT INTO mailed_in (project_id, message_id, item_id) VALUES (?, ?, ?) ON CONFLICT (project_id, message_id) DO NOTHING`, int64(pid), l.MessageID, int64(item))
		if err == nil && n == 0 {
			return errTakenBefore
		}
		return err
	})
	if !errors.Is(err, errTakenBefore) {
		return item, err == nil, err
	}
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) {
		item, err = db.Value[journal.ID](ctx, q, `SELECT item_id FROM mailed_in WHERE project_id = ? AND message_id = ?`, int64(pid), l.MessageID)
		return err
	})
	return item, false, err
}

// errTakenBefore rolls back the transaction of a message that is there already.
var errTakenBefore = errors.New("record: the message was taken in before")

// writable is a project that the actor may register in and that is open.
func (o *Room) writable(ctx context.Context, q db.Q, pid who.ProjectID) (journal.Project, error) {
	p, err := o.deps.Project(ctx, q, pid)
	if err == nil {
		err = may(ctx, "record.write", p.Resource)
	}
	if err == nil && p.Closed {
		err = fail.New(fail.Conflict, "Projektet är avslutat. Inget mer kan ändras i projektrummet.")
	}
	return p, err
}

// Enter registers a letter as an entry, with the message and its attachments as
// documents: one act, one number.
func (o *Room) Enter(ctx context.Context, item journal.ID, version int64, fill func(ctx context.Context, q db.Q, p journal.Project, it *journal.Item[Letter], e *Entry) error, once string) (entry journal.ID, err error) {
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.letters.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.writable(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if it.State != LetterIn {
			return fail.Newf(fail.Conflict, "Brevet är redan %s.", it.State)
		}
		if version != 0 {
			it.Version = version
		}
		e := Entry{Direction: "in", Day: calendar.Of(it.Is.Received)}
		if err := fill(ctx, tx, p, &it, &e); err != nil {
			return err
		}
		e.Documents = it.Is.Documents
		made, err := o.entries.AddIn(ctx, tx, p, 0, e)
		if err != nil {
			return err
		}
		from := it.State
		it.State, it.Is.Entry, it.Is.Number = LetterEntered, made.ID, made.Is.Number
		entry = made.ID
		return o.letters.SaveIn(ctx, tx, p, it, from, journal.Act{Name: "record.write", Reason: made.Is.Number})
	})
	return entry, err
}

func (o *Room) letterRoutes() []web.Route {
	return []web.Route{
		{Pattern: "POST /projekt/{id}/inkommande-brev", Action: "record.write", Handler: o.postLetter},
		{Pattern: "POST /projekt/{id}/inkommande/{post}/registrera", Action: "record.write", Handler: o.postEnter},
		{Pattern: "GET /projekt/{id}/inkommande/{post}/fil/{nr}", Action: "record.write", Handler: o.letterFile},
		{Pattern: "GET /projekt/{id}/diarium-sok", Action: "record.read", Handler: o.search},
	}
}

// postLetter takes in a message that a person has as a file (.eml).
func (o *Room) postLetter(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := o.deps.DB.Read(ctx, func(q db.Q) error { _, err := o.writable(ctx, q, pid); return err }); err != nil {
		return err
	}
	f, err := web.Bind(r, maxBytes+1<<20)
	if err != nil {
		return err
	}
	file, _, err := r.FormFile("fil")
	if err != nil {
		return fail.New(fail.Invalid, "Välj en fil.")
	}
	defer func() { _ = file.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err != nil {
		return fail.New(fail.Invalid, "Filen gick inte att läsa.")
	}
	item, taken, err := o.TakeIn(ctx, pid, data, f.Once)
	if errors.Is(err, db.ErrTwice) {
		return web.Redirect(w, r, o.letters.ListHref(pid))
	}
	if err != nil {
		return err
	}
	said := web.T(ctx, "Brevet är intaget. Registrera det i ett ärende.")
	if !taken {
		said = web.T(ctx, "Brevet har kommit in förut. Här är det.")
	}
	web.Flash(ctx, said)
	return web.Redirect(w, r, o.letters.Href(pid, item))
}

func (o *Room) postEnter(w http.ResponseWriter, r *http.Request) error {
	pid, err1 := id.Path[who.ProjectID](r, "id")
	item, err2 := id.Path[journal.ID](r, "post")
	if errors.Join(err1, err2) != nil {
		return fail.New(fail.NotFound, "Sidan finns inte.")
	}
	f, err := web.Bind(r, 64<<10)
	if err != nil {
		return err
	}
	ctx := r.Context()
	entry, err := o.Enter(ctx, item, f.Version, func(ctx context.Context, q db.Q, p journal.Project, it *journal.Item[Letter], e *Entry) error {
		if it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		fields, err := o.letterFields(ctx, q, p, it, e)
		if err != nil {
			return err
		}
		return web.Fill(f, fields)
	}, f.Once)
	switch {
	case errors.Is(err, db.ErrTwice):
		return web.Redirect(w, r, o.letters.Href(pid, item))
	case fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict):
		return o.showLetter(w, r, pid, item, f.WithError(err), err)
	case err != nil:
		return err
	}
	web.Flash(ctx, web.T(ctx, "Brevet är registrerat."))
	return web.Redirect(w, r, o.entries.Href(pid, entry))
}

// showLetter shows a letter with the form that could not be taken.
func (o *Room) showLetter(w http.ResponseWriter, r *http.Request, pid who.ProjectID, item journal.ID, f web.Form, why error) error {
	ctx := r.Context()
	v := letterView{o: o, form: f, live: true}
	err := o.deps.DB.Read(ctx, func(q db.Q) (err error) {
		if v.p, err = o.writable(ctx, q, pid); err != nil {
			return err
		}
		if v.it, err = o.letters.Noun.Get(ctx, q, item); err != nil {
			return err
		}
		v.form.Version = v.it.Version
		v.fields, err = o.letterFields(ctx, q, v.p, &v.it, &Entry{})
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if fail.Is(why, fail.Conflict) {
		status = http.StatusConflict
	}
	return web.Render(w, r, status, web.Page{Title: orElse(v.it.Is.Subject, "Brev utan rubrik"), Crumbs: []web.Crumb{{Text: v.p.Name, Href: "/projekt/" + id.String(pid)}, {Text: web.T(ctx, "Inkomna brev"), Href: o.letters.ListHref(pid)}}}, letterPage(v))
}

// letterFile gives one of a letter's files, always as a download.
func (o *Room) letterFile(w http.ResponseWriter, r *http.Request) error {
	pid, err1 := id.Path[who.ProjectID](r, "id")
	item, err2 := id.Path[journal.ID](r, "post")
	if errors.Join(err1, err2) != nil {
		return fail.New(fail.NotFound, "Sidan finns inte.")
	}
	ctx := r.Context()
	var d Document
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		it, err := o.letters.Noun.Get(ctx, q, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, q, it.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "record.write", p.Resource); err != nil {
			return err
		}
		n, ok := place(r.PathValue("nr"), len(it.Is.Documents))
		if !ok || it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		d = it.Is.Documents[n]
		return nil
	})
	if err != nil {
		return err
	}
	return o.sendFile(w, r, d)
}

// found is an entry that a search found, with where.
type found struct {
	Number, Href, Day, Party, Brief, In string
}

// mostFound is how many entries a search shows.
const mostFound = 200

// find looks for words in entries: in the numbers, from whom, what, and the
// documents' names. Every word must be there; å, ä and ö are letters of their
// own, and case does not matter. Cost O(entries).
func find(list []journal.Item[Entry], q string) (out []journal.Item[Entry]) {
	words := strings.Fields(strings.ToLower(q))
	if len(words) == 0 {
		return nil
	}
	for _, it := range list {
		e := it.Is
		all := []string{e.Number, e.Theirs, e.Party, e.Brief}
		for _, d := range e.Documents {
			all = append(all, d.Name)
		}
		text := strings.ToLower(strings.Join(all, "\n"))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			out = append(out, it)
		}
	}
	return out
}

// search finds entries of the project's diarium.
func (o *Room) search(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	v := searchView{action: "/projekt/" + id.String(pid) + "/diarium-sok", q: q}
	var p journal.Project
	err = o.deps.DB.Read(ctx, func(tx db.Q) error {
		if p, err = o.deps.Project(ctx, tx, pid); err != nil {
			return err
		}
		if err := may(ctx, "record.read", p.Resource); err != nil {
			return err
		}
		if q == "" {
			return nil
		}
		list, err := o.entries.Noun.List(ctx, tx, journal.Query{Project: pid, Newest: true})
		if err != nil {
			return err
		}
		hits := find(list, q)
		v.total = len(hits)
		for _, it := range hits[:min(len(hits), mostFound)] {
			m, err := o.matters.Noun.Get(ctx, tx, it.Is.Matter)
			if err != nil {
				return err
			}
			v.rows = append(v.rows, found{it.Is.Number, o.entries.Href(pid, it.ID), web.Day(ctx, it.Is.Day), it.Is.Party, it.Is.Brief, m.Is.Title})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Sök i diariet"), Crumbs: []web.Crumb{{Text: p.Name, Href: "/projekt/" + id.String(pid)}, {Text: web.T(ctx, "Diarium"), Href: o.entries.ListHref(pid)}}}, searchPage(v))
}

// searchView is the page of a search.
type searchView struct {
	action, q string
	total     int
	rows      []found
}
