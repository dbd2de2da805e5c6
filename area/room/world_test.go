package room

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// The organisations of the tests: the city that orders and a municipality.
const (
	city who.OrgID = 1
	town who.OrgID = 2
)

// people are the persons of the tests by e-mail address; leaders and members
// have their rights from the groups they sit in.
var people = map[string]who.Actor{
	"bestallare@stad.example":  {Kind: who.Person, Person: 1, Name: "Beställarens företrädare", Grants: []who.Grant{{Role: who.Programagare, Org: city}}},
	"agare@stad.example":       {Kind: who.Person, Person: 2, Name: "Projektägare, Upphandlingsbolaget"},
	"ledare@stad.example":      {Kind: who.Person, Person: 3, Name: "Projektledare, Upphandlingsbolaget"},
	"forskare@stad.example":    {Kind: who.Person, Person: 4, Name: "Följeforskare"},
	"ordforande@stad.example":  {Kind: who.Person, Person: 5, Name: "Styrgruppens ordförande"},
	"ledamot@stad.example":     {Kind: who.Person, Person: 6, Name: "Ledamot, Trafikkontoret"},
	"sekreterare@stad.example": {Kind: who.Person, Person: 7, Name: "Styrgruppens sekreterare"},
	"arbetar@stad.example":     {Kind: who.Person, Person: 8, Name: "Arbetsgruppen, Higab"},
	"kontakt@kommun.example":   {Kind: who.Person, Person: 9, Name: "Kommunkontakt", Grants: []who.Grant{{Role: who.Kommunkontakt, Org: town}}},
	"utomstaende@x.example":    {Kind: who.Person, Person: 10, Name: "Utomstående", Grants: []who.Grant{{Role: who.Programagare, Org: 99}}},
}

// world is the room with what stands around it.
type world struct {
	t       testing.TB
	d       *db.DB
	o       *Room
	h       http.Handler
	now     time.Time
	letters []mail.Message
	figures []Figure
	pid     who.ProjectID
}

func everyWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) { test(newWorld(t, d)) })
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, d: d, now: time.Date(2014, 1, 13, 9, 0, 0, 0, time.UTC)}
	d.SetClock(func() time.Time { return w.now })
	w.o = New(Deps{
		DB: d, PublicURL: "https://kommunpilot.example",
		Programme: func(_ context.Context, _ db.Q, p who.ProgrammeID) (Programme, error) {
			return Programme{ID: p, Name: "Social hänsyn i upphandling", Owners: []who.OrgID{city}, Members: []who.OrgID{town}}, nil
		},
		Org: func(context.Context, db.Q, who.OrgID) (string, error) { return "Göteborgs Stad", nil },
		PersonByEmail: func(_ context.Context, _ db.Q, email string) (Person, error) {
			a, ok := people[email]
			if !ok {
				return Person{}, fail.New(fail.NotFound, "Ingen sådan person.")
			}
			return Person{a.Person, a.Name, email}, nil
		},
		Person: func(_ context.Context, _ db.Q, p who.PersonID) (Person, error) {
			for email, a := range people {
				if a.Person == p {
					return Person{p, a.Name, email}, nil
				}
			}
			return Person{}, fail.New(fail.NotFound, "Ingen sådan person.")
		},
		Mail:    func(_ context.Context, _ *db.Tx, m mail.Message) error { w.letters = append(w.letters, m); return nil },
		Figures: func(context.Context, db.Q, journal.Project, Moment) ([]Figure, error) { return w.figures, nil },
	})
	shell := web.NewShell(web.ShellConfig{Log: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	web.Mount(mux, shell, web.OwnRoutes())
	web.Mount(mux, shell, w.o.Routes())
	w.h = shell.Middleware(mux)
	return w
}

// as is a context in which the person acts.
func as(email string) context.Context { return who.With(context.Background(), people[email]) }

// day moves the clock to noon of a day.
func (w *world) day(text string) {
	t, err := time.Parse("2006-01-02", text)
	w.must(err)
	w.now = t.Add(12 * time.Hour)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refused(err error, kind fail.Kind, what string) {
	w.t.Helper()
	if !fail.Is(err, kind) {
		w.t.Errorf("%s: got %v, want kind %v", what, err, kind)
	}
}

// opened opens the room with its leaders and its steering group.
func (w *world) opened() *world {
	w.t.Helper()
	var err error
	w.pid, err = w.o.Create(as("bestallare@stad.example"), Project{
		Programme: 3, Name: "Stödfunktion för social hänsyn", Purpose: "Hälften av tjänsteupphandlingarna görs med social hänsyn.", Orderer: "Kommunstyrelsen", Owner: "Upphandlingsbolaget",
		From: "2014-01-13", To: "2015-12-31", LastTo: "2016-12-31", Budget: 240_000_000, Recipient: "Kommunstyrelsen",
	}, "")
	w.must(err)
	w.seat("bestallare@stad.example", Leading, "agare@stad.example", "projektägare")
	w.seat("bestallare@stad.example", Leading, "ledare@stad.example", "projektledare")
	w.seat("bestallare@stad.example", Leading, "forskare@stad.example", "följeforskare")
	w.seat("bestallare@stad.example", Steering, "ordforande@stad.example", ordforande)
	w.seat("bestallare@stad.example", Steering, "ledamot@stad.example", "ledamot")
	w.seat("bestallare@stad.example", Steering, "sekreterare@stad.example", "sekreterare")
	return w
}

func (w *world) group(kind string) journal.ID {
	w.t.Helper()
	var out journal.ID
	w.must(w.d.Read(context.Background(), func(q db.Q) error {
		list, err := w.o.Groups(context.Background(), q, w.pid)
		for _, g := range list {
			if g.Kind == kind {
				out = g.ID
			}
		}
		return err
	}))
	return out
}

// seat proposes and appoints somebody.
func (w *world) seat(by, kind, email, role string) {
	w.t.Helper()
	it, err := w.o.seats.Add(as(by), w.pid, 0, Seat{Group: w.group(kind), Email: email, Role: role, From: "2014-01-13"}, "")
	w.must(err)
	w.must(w.o.seats.Move(as(by), it.ID, 1, Appointed, "", ""))
}

// decide lets the steering group decide on a matter at a meeting.
func (w *world) decide(key, outcome, text string) journal.ID {
	w.t.Helper()
	var out journal.ID
	w.must(w.tryDecide("ordforande@stad.example", Steering, key, outcome, text, &out))
	return out
}

func (w *world) tryDecide(by, kind, key, outcome, text string, out *journal.ID) error {
	ctx := as(by)
	return w.d.Write(ctx, func(tx *db.Tx) error {
		p, err := w.o.Frame(ctx, tx, w.pid)
		if err != nil {
			return err
		}
		made, err := w.o.Take(ctx, tx, p, Decision{Matter: key, Organ: "Styrgruppen", Kind: kind, Group: 1, Meeting: 77, Paragraph: 4, Day: "2014-11-20", Text: text, Key: key, Outcome: outcome})
		if out != nil {
			*out = made
		}
		return err
	})
}

// keyOf finds what waits for the steering group by the beginning of its key.
func (w *world) keyOf(kind string) string {
	w.t.Helper()
	key := ""
	w.must(w.d.Read(as("ordforande@stad.example"), func(q db.Q) error {
		p, err := w.o.Frame(as("ordforande@stad.example"), q, w.pid)
		if err != nil {
			return err
		}
		list, err := w.o.Matters(context.Background(), q, p)
		for _, m := range list {
			if strings.HasPrefix(m.Key, kind+":") && key == "" {
				key = m.Key
			}
		}
		return err
	}))
	if key == "" {
		w.t.Fatalf("nothing of kind %s waits", kind)
	}
	return key
}

func (w *world) path(part string) string { return "/projekt/" + id.String(w.pid) + part }

func (w *world) post(email, part string, values url.Values) webtest.Answer {
	w.t.Helper()
	return webtest.Post(w.t, w.h, w.path(part), values, webtest.As(people[email]))
}

func (w *world) allowed(email, action string) bool {
	w.t.Helper()
	var r policy.Resource
	ctx := as(email)
	w.must(w.d.Read(ctx, func(q db.Q) error {
		p, err := w.o.Frame(ctx, q, w.pid)
		r = p.Resource
		return err
	}))
	return policy.Allowed(people[email], action, r)
}
