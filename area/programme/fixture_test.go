package programme

import (
	"context"
	"io/fs"
	"net/http"
	"testing"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
	"kommunpilot/base/mail"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The organisations and people of the tests.
const (
	agency, association, koping, arboga, stranger who.OrgID = 1, 2, 11, 12, 3
)

var orgs = map[who.OrgID]Org{
	agency: {ID: agency, Name: "Myndigheten"}, association: {ID: association, Name: "Förbundet"}, stranger: {ID: stranger, Name: "En annan"},
	koping: {ID: koping, Name: "Köpings kommun", Code: "1983"}, arboga: {ID: arboga, Name: "Arboga kommun", Code: "1984"},
}

func actor(person who.PersonID, org who.OrgID, roles ...who.Role) who.Actor {
	a := who.Actor{Kind: who.Person, Person: person, Name: "Roll"}
	for _, r := range roles {
		a.Grants = append(a.Grants, who.Grant{Role: r, Org: org})
	}
	return a
}

var (
	owner          = actor(1, agency, who.Programagare)
	officer        = actor(2, agency, who.Handlaggare)
	assessor       = actor(3, agency, who.Bedomare)
	registrar      = actor(4, agency, who.Registrator)
	representative = actor(5, koping, who.Foretradare)
	neighbour      = actor(6, arboga, who.Foretradare)
	otherOwner     = actor(7, stranger, who.Programagare, who.Handlaggare)
	administrator  = actor(8, 0, who.Administrator)
	public         = who.Actor{}
)

func as(a who.Actor) context.Context { return who.With(context.Background(), a) }

// fixture is the room on a database with a clock of its own and its neighbours
// replaced by a few rows.
type fixture struct {
	*Room
	t       *testing.T
	d       *db.DB
	handler http.Handler
	letters []mail.Message
	taking  []Participant
	drafts  []string
	now     time.Time
}

func each(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{Schema()}, func(t *testing.T, d *db.DB) {
		f := &fixture{t: t, d: d, now: at("2026-03-02 09:00")}
		d.SetClock(func() time.Time { return f.now })
		f.Room = New(Deps{
			DB: d, PublicURL: "https://kommunpilot.example",
			Org: func(_ context.Context, _ db.Q, id who.OrgID) (Org, error) {
				x, ok := orgs[id]
				if !ok {
					return x, fail.New(fail.NotFound, "Organisationen finns inte.")
				}
				return x, nil
			},
			OrgByCode: func(_ context.Context, _ db.Q, code string) (Org, error) {
				for _, x := range orgs {
					if x.Code == code {
						return x, nil
					}
				}
				return Org{}, fail.New(fail.NotFound, "Organisationen finns inte.")
			},
			Participants: func(context.Context, db.Q, CallID) ([]Participant, error) { return f.taking, nil },
			Answers:      func(context.Context, db.Q, CallID) (int, error) { return 0, nil },
			DraftHolders: func(context.Context, db.Q, CallID) ([]string, error) { return f.drafts, nil },
			Recipients:   func(context.Context, db.Q, who.OrgID) ([]string, error) { return []string{"kommun@example.org"}, nil },
			Mail:         func(_ context.Context, _ *db.Tx, m mail.Message) error { f.letters = append(f.letters, m); return nil },
		})
		mux, shell := http.NewServeMux(), web.NewShell(web.ShellConfig{})
		web.Mount(mux, shell, f.Routes())
		f.handler = shell.Middleware(mux)
		test(t, f)
	})
}

// at reads a time in Sweden.
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Stockholm)
	if err != nil {
		panic(err)
	}
	return t
}

// programme makes a programme with two owners.
func (f *fixture) programme() who.ProgrammeID {
	f.t.Helper()
	id, err := f.CreateProgramme(as(owner), About{Name: "Service på landet", Purpose: "Prova nytt.", Mandate: "Regeringens uppdrag", Responsible: "Handläggare, Myndigheten", Contact: "service@example.org"}, []who.OrgID{agency, association}, "")
	f.must(err)
	return id
}

// dates are in order around the clock's day.
var dates = Dates{Publish: "2026-03-02", Open: "2026-03-10", Close: "2026-03-31", Assessment: "2026-04-20", Decision: "2026-04-30", Start: "2026-06-01", End: "2028-11-30"}

// draft makes a draft of the template that is ready to be published.
func (f *fixture) draft(template string) CallID {
	f.t.Helper()
	t, ok := TemplateOf(template)
	if !ok {
		f.t.Fatalf("no template %q", template)
	}
	c := t.Content
	c.Dates, c.Responsible, c.Contact = dates, "Handläggare, Myndigheten", "service@example.org"
	id, err := f.CreateCall(as(owner), f.programme(), c, "")
	f.must(err)
	return id
}

func (f *fixture) published(template string) CallID {
	f.t.Helper()
	id := f.draft(template)
	f.must(f.Publish(as(owner), id, ""))
	return id
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) get(id CallID) (c Call) {
	f.t.Helper()
	f.must(f.d.Read(as(who.Us), func(q db.Q) (err error) { c, err = f.Call(as(who.Us), q, id); return err }))
	return c
}

var register = kommun.Default()
