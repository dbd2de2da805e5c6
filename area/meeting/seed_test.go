package meeting

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/calendar"
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

// table is the room with a working group of a leader and two members.
type table struct {
	t       *testing.T
	d       *db.DB
	o       *Room
	h       http.Handler
	letters []mail.Message
}

var (
	tableLeader = who.Actor{Kind: who.Person, Person: 1, Name: "Projektledare"}
	tableFirst  = who.Actor{Kind: who.Person, Person: 2, Name: "Ledamot, Köping"}
	tableSecond = who.Actor{Kind: who.Person, Person: 3, Name: "Ledamot, Arboga"}
)

func eachTable(t *testing.T, test func(x *table)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		x := &table{t: t, d: d}
		x.o = New(Deps{DB: d, PublicURL: "https://kommunpilot.example",
			Project: func(ctx context.Context, _ db.Q, p who.ProjectID) (journal.Project, error) {
				held := map[who.PersonID][]who.Role{1: {who.Projektledare}, 2: {who.Arbetsgrupp}, 3: {who.Arbetsgrupp}}
				return journal.Project{ID: p, Name: "Fallstudie", Resource: policy.Resource{Programme: 3, Held: held[who.From(ctx).Person]}}, nil
			},
			PersonName: func(context.Context, db.Q, who.PersonID) (string, error) { return "Någon", nil },
			Groups: func(context.Context, db.Q, who.ProjectID) ([]Group, error) {
				return []Group{{ID: 900, Name: "Arbetsgrupp", Kind: "arbetsgrupp"}}, nil
			},
			Members: func(context.Context, db.Q, who.ProjectID, journal.ID, calendar.Date) ([]Sitting, error) {
				return []Sitting{{Person: 1, Name: tableLeader.Name, Email: "ledare@x.example"}, {Person: 2, Name: tableFirst.Name, Email: "koping@x.example", Body: "arbetsutskottet"}, {Person: 3, Name: tableSecond.Name, Email: "arboga@x.example"}}, nil
			},
			Matters: func(context.Context, db.Q, journal.Project) ([]Matter, error) { return nil, nil },
			Note: func(context.Context, *db.Tx, journal.Project, string, journal.ID, string, calendar.Date) error {
				return nil
			},
			Mail: func(_ context.Context, _ *db.Tx, m mail.Message) error { x.letters = append(x.letters, m); return nil },
		})
		shell := web.NewShell(web.ShellConfig{Log: slog.New(slog.DiscardHandler)})
		mux := http.NewServeMux()
		web.Mount(mux, shell, web.OwnRoutes())
		web.Mount(mux, shell, x.o.Routes())
		x.h = shell.Middleware(mux)
		x.t = t
		test(x)
	})
}

func (x *table) ctx(a who.Actor) context.Context { return who.With(context.Background(), a) }

func (x *table) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *table) page(a who.Actor, path string) webtest.Answer {
	x.t.Helper()
	return webtest.Fetch(x.t, x.h, "/projekt/1"+path, webtest.As(a))
}

// TestSeed_001_17_MunicipalitiesNameWhenTheyMeetAnyway: each may name an
// occasion in the poll, change it and take it back; whoever calls sees it.
func TestSeed_001_17_MunicipalitiesNameWhenTheyMeetAnyway(t *testing.T) {
	eachTable(t, func(x *table) {
		poll, err := x.o.Ask(x.ctx(tableLeader), 1, Poll{Title: "Workshop 1", Group: 900, Minutes: 360, Deadline: "2018-01-31", Occasions: []string{"Kommunförbundets årsmöte"}}, "2018-02-13 09.00 Köping\n2018-02-14 09.00 Arboga")
		x.must(err)
		path := "/tidsforfragan/" + id.String(poll)
		say := func(a who.Actor, text string) int {
			v := url.Values{"svar-1": {"ja"}, "occasion": {text}}
			return webtest.Post(t, x.h, "/projekt/1"+path+"/svar", v, webtest.As(a)).Status
		}
		if say(tableFirst, "Västra Mälardalens samråd,  15 februari 13.00 i Kungsör") != http.StatusSeeOther || say(tableSecond, "Budgetdagen 20 februari") != http.StatusSeeOther {
			t.Fatal("no occasion is taken")
		}
		doc := x.page(tableLeader, path).Doc
		webtest.HasText(t, doc, "main", "Kommunförbundets årsmöte")
		webtest.HasText(t, doc, "main", "Västra Mälardalens samråd, 15 februari 13.00 i Kungsör (Ledamot, Köping, arbetsutskottet)")
		webtest.HasText(t, doc, "main", "Budgetdagen 20 februari (Ledamot, Arboga)")
		if got := webtest.Filled(t, x.page(tableFirst, path).Doc, "/projekt/1"+path+"/svar").Get("occasion"); !strings.HasPrefix(got, "Västra Mälardalens samråd") {
			t.Errorf("one's own is not in the form: %q", got)
		}
		// Another text takes its place; an empty one takes it back; answers alone leave it.
		if say(tableSecond, "Budgetdagen 21 februari") != http.StatusSeeOther || say(tableFirst, "") != http.StatusSeeOther {
			t.Fatal("not changed")
		}
		x.must(x.o.Answer(x.ctx(tableSecond), poll, map[int64]string{2: "nej"}, nil, ""))
		doc = x.page(tableLeader, path).Doc
		webtest.HasText(t, doc, "main", "Budgetdagen 21 februari")
		webtest.HasNoText(t, doc, "Budgetdagen 20 februari")
		webtest.HasNoText(t, doc, "Västra Mälardalens samråd")
		long := strings.Repeat("å", maxOccasion+1)
		if err := x.o.Answer(x.ctx(tableFirst), poll, nil, &long, ""); !fail.Is(err, fail.Invalid) {
			t.Errorf("a novel: %v", err)
		}
		// The answers are kept through it all.
		webtest.HasText(t, doc, "tbody tr:first-child", "13 februari 2018")
	})
}

// TestSeed_001_08_TimeIsSetAsideToRead: a meeting takes a time of its own; one
// that sends out material warns until there is time to read it.
func TestSeed_001_08_TimeIsSetAsideToRead(t *testing.T) {
	for _, row := range []struct {
		m         Meeting
		materials int
		want      int
	}{{Meeting{}, 0, 0}, {Meeting{Material: []string{"Beräkningar"}}, 0, 1}, {Meeting{Material: []string{"Beräkningar"}, Reading: 10}, 0, 0}, {Meeting{}, 1, 1}, {Meeting{Reading: 5}, 2, 0}} {
		if got := row.m.aims(row.materials); len(got) != row.want {
			t.Errorf("%+v with %d model runs: %v", row.m, row.materials, got)
		}
	}
	eachTable(t, func(x *table) {
		m := Meeting{Title: "Workshop 2", Kind: "workshop", Group: 900, Day: "2018-04-17", Start: "09:00", Material: []string{"Modellkörningar"}}
		if _, err := x.o.Plan(x.ctx(tableLeader), 1, m); !fail.Is(err, fail.Invalid) {
			t.Errorf("a workshop that takes no time: %v", err)
		}
		m.Minutes = 360
		made, err := x.o.Plan(x.ctx(tableLeader), 1, m)
		x.must(err)
		path := "/moten/" + id.String(made)
		webtest.HasText(t, x.page(tableFirst, path).Doc, "main", "ingen tid är avsatt för inläsning")
		x.must(x.o.CallTo(x.ctx(tableLeader), made)) // it warns, and never stops
		x.must(x.o.meetings.Change(x.ctx(tableLeader), made, 2, "", "", func(m *Meeting) error { m.Reading = 10; return nil }))
		webtest.HasNoText(t, x.page(tableFirst, path).Doc, "ingen tid är avsatt för inläsning")
	})
}

// TestSeed_004_25_EveryMeetingIsDocumentedAndSpread: a meeting that was held is
// named until it has notes, and the notes go to everybody who was called.
func TestSeed_004_25_EveryMeetingIsDocumentedAndSpread(t *testing.T) {
	eachTable(t, func(x *table) {
		var meetings []journal.ID
		for _, day := range []calendar.Date{"2026-01-20", "2026-02-20", "2026-03-20"} {
			made, err := x.o.Plan(x.ctx(tableLeader), 1, Meeting{Title: "Arbetsgruppen " + string(day), Kind: "arbetsgrupp", Group: 900, Day: day, Start: "09:00", Minutes: 60})
			x.must(err)
			x.must(x.o.CallTo(x.ctx(tableLeader), made))
			meetings = append(meetings, made)
		}
		for _, m := range meetings[:2] {
			x.must(x.o.MoveMeeting(x.ctx(tableLeader), m, Running, ""))
			x.must(x.o.MoveMeeting(x.ctx(tableLeader), m, Held, ""))
		}
		named := func() (out []string) {
			x.must(x.d.Read(x.ctx(tableLeader), func(q db.Q) (err error) { out, err = x.o.Undocumented(x.ctx(tableLeader), q, 1); return err }))
			return out
		}
		if got := named(); len(got) != 2 || !strings.Contains(got[0], "Arbetsgruppen 2026-01-20") {
			t.Fatalf("undocumented: %v", got)
		}
		webtest.HasText(t, x.page(tableFirst, "/protokoll").Doc, "main", "Möten som saknar dokumentation")
		x.letters = nil
		for i, m := range meetings[:2] {
			_, err := x.o.WriteMinutes(x.ctx(tableLeader), 1, Minutes{Meeting: m, Kind: "minnesanteckning", Number: id.String(journal.ID(i + 1)), Secretary: "Projektledaren"})
			x.must(err)
			if got := named(); len(got) != 1-i {
				t.Errorf("after %d notes: %v", i+1, got)
			}
		}
		var to []string
		for _, l := range x.letters {
			to = append(to, l.To...)
			if !strings.Contains(l.Text, "https://kommunpilot.example/projekt/1/protokoll/") {
				t.Errorf("no link: %s", l.Text)
			}
		}
		slices.Sort(to)
		if want := []string{"arboga@x.example", "arboga@x.example", "koping@x.example", "koping@x.example", "ledare@x.example", "ledare@x.example"}; !slices.Equal(to, want) {
			t.Errorf("spread to %v", to)
		}
		webtest.HasNoText(t, x.page(tableFirst, "/protokoll").Doc, "Möten som saknar dokumentation")
	})
}

// TestSeed_004_02_004_11_MeetingsOfAProgramme: a meeting is planned from the
// agenda of an information meeting, or of one where the leaders of projects get
// support and learn from one another.
func TestSeed_004_02_004_11_MeetingsOfAProgramme(t *testing.T) {
	eachTable(t, func(x *table) {
		for name, want := range map[string][]string{
			"Informationsmöte":  {"Bakgrund", "Urvalet", "krävs av er", "hur", "utbyte", "pauserna"},
			"Projektledarträff": {"Läget", "Stöd och råd", "gott exempel", "lärt av varandra", "Nästa"},
		} {
			m, err := x.o.Plan(x.ctx(tableLeader), 1, Meeting{Title: name, Kind: strings.ToLower(name), Group: 900, Day: "2026-04-01", Start: "09:00", Minutes: 60, Template: name})
			x.must(err)
			var items []journal.Item[Item]
			x.must(x.d.Read(x.ctx(tableLeader), func(q db.Q) (err error) {
				items, err = x.o.itemsOf(x.ctx(tableLeader), q, m, time.Time{})
				return err
			}))
			if len(items) != len(want) {
				t.Fatalf("%s: %d points", name, len(items))
			}
			for i, part := range want {
				if !strings.Contains(items[i].Is.Title, part) {
					t.Errorf("%s, point %d: %q has no %q", name, i+1, items[i].Is.Title, part)
				}
			}
		}
	})
}
