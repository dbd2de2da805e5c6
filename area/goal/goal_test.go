package goal

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

const pid who.ProjectID = 1

var (
	leader   = who.Actor{Kind: who.Person, Person: 1, Name: "Projektledare", Grants: []who.Grant{{Role: who.Projektledare, Org: 1, Programme: 3}}}
	steering = who.Actor{Kind: who.Person, Person: 2, Name: "Ledamot", Grants: []who.Grant{{Role: who.Styrgrupp, Org: 1, Programme: 3}}}
	outsider = who.Actor{Kind: who.Person, Person: 3, Grants: []who.Grant{{Role: who.Projektledare, Org: 9, Programme: 9}}}
)

type world struct {
	t   *testing.T
	d   *db.DB
	o   *Room
	h   http.Handler
	now time.Time
}

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{journal.Schema()}, func(t *testing.T, d *db.DB) {
		w := &world{t: t, d: d, now: time.Date(2014, 2, 3, 9, 0, 0, 0, time.UTC)}
		d.SetClock(func() time.Time { return w.now })
		w.o = New(Deps{
			DB: d,
			Project: func(context.Context, db.Q, who.ProjectID) (journal.Project, error) {
				return journal.Project{ID: pid, Name: "Projektet", Resource: policy.Resource{Programme: 3, Owners: []who.OrgID{1}}}, nil
			},
			PersonName: func(context.Context, db.Q, who.PersonID) (string, error) { return "Någon", nil },
			Period: func(context.Context, db.Q, who.ProjectID) (calendar.Date, calendar.Date, error) {
				return "2014-01-01", "2015-12-31", nil
			},
		})
		shell := web.NewShell(web.ShellConfig{Log: slog.New(slog.DiscardHandler)})
		mux := http.NewServeMux()
		web.Mount(mux, shell, w.o.Routes())
		w.h = shell.Middleware(mux)
		test(w)
	})
}

func as(a who.Actor) context.Context { return who.With(context.Background(), a) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) decide(a who.Actor, item journal.ID, outcome string) error {
	ctx := as(a)
	return w.d.Write(ctx, func(tx *db.Tx) error {
		p, _ := w.o.deps.Project(ctx, tx, pid)
		return w.o.Decide(ctx, tx, p, item, outcome, 7)
	})
}

func TestSeed_003_08_TheTreeFromVisionToActivity(t *testing.T) {
	each(t, func(w *world) {
		add := func(level, text string, parent journal.ID) (journal.ID, error) {
			return w.o.Propose(as(leader), pid, Goal{Level: level, Text: text, Parent: parent}, "")
		}
		var above journal.ID
		for _, level := range Levels {
			made, err := add(level, "Ett mål: "+level, above)
			w.must(err)
			above = made
		}
		if _, err := add(Vision, "En vision under en aktivitet", above); !fail.Is(err, fail.Invalid) {
			t.Errorf("a vision under an activity: %v", err)
		}
		if _, err := add(Sub, "Under något annat projekts mål", 9999); !fail.Is(err, fail.Invalid) {
			t.Errorf("under a goal that is none: %v", err)
		}
		doc := webtest.Get(t, w.h, "/projekt/1/mal", webtest.As(leader))
		if n := doc.Find(".goal-tree ul ul ul ul ul li").Length(); n != 1 {
			t.Errorf("the activity stands %d times at the sixth level", n)
		}
		if got := webtest.Fetch(t, w.h, "/projekt/1/mal", webtest.As(outsider)); got.Status != http.StatusForbidden {
			t.Errorf("an outsider reads: %d", got.Status)
		}
	})
}

// held is an LFA workshop that has been held.
func (w *world) held() journal.ID {
	w.t.Helper()
	made, err := w.o.Hold(as(leader), pid, Workshop{Title: "Målverkstad", Day: "2014-02-01", Participants: []string{"Leverantör, en förening"}}, []string{"Ett delmål"})
	w.must(err)
	return made
}

func TestSeed_003_31_ASubGoalNeedsAnIndicator(t *testing.T) {
	each(t, func(w *world) {
		goal, err := w.o.Propose(as(leader), pid, Goal{Level: Sub, Text: "Alla planerade upphandlingar presenteras tidigt", Workshop: w.held()}, "")
		w.must(err)
		if err := w.decide(leader, goal, Adopted); !fail.Is(err, fail.Forbidden) {
			t.Errorf("a leader adopts: %v", err)
		}
		if err := w.decide(steering, goal, Adopted); !fail.Is(err, fail.Conflict) {
			t.Errorf("adopted without an indicator: %v", err)
		}
		_, err = w.o.indicators.Add(as(leader), pid, 0, Indicator{Goal: goal, Name: "Andel presenterade", Unit: "%", Target: 100, Source: "bruttolistan", Frequency: "varje kvartal", Disclosure: "öppen"}, "")
		w.must(err)
		w.must(w.decide(steering, goal, Adopted))
		if err := w.o.goals.Change(as(leader), goal, 2, "", "", func(g *Goal) error { g.Text = "Något annat"; return nil }); !fail.Is(err, fail.Forbidden) {
			t.Errorf("a leader changes an adopted goal: %v", err)
		}
		if err := w.o.goals.Change(as(steering), goal, 2, "", "", func(g *Goal) error { g.Text = "Något annat"; return nil }); !fail.Is(err, fail.Conflict) {
			t.Errorf("an adopted goal is changed without a decision: %v", err)
		}
		got := webtest.Post(t, w.h, "/projekt/1/mal/"+id.String(goal)+"/flytta", url.Values{"to": {Reached}, "_version": {"2"}}, webtest.As(leader))
		if got.Status != http.StatusForbidden {
			t.Errorf("a leader says that the goal is reached: %d", got.Status)
		}
		ctx := as(steering)
		w.must(w.d.Write(ctx, func(tx *db.Tx) error {
			p, _ := w.o.deps.Project(ctx, tx, pid)
			return w.o.ChangeText(ctx, tx, p, goal, "Sent, men alla", 9)
		}))
		webtest.HasText(t, webtest.Get(t, w.h, "/projekt/1/mal/"+id.String(goal), webtest.As(leader)), "h1", "Sent, men alla")
	})
}

func TestLightsFollowTheirRule(t *testing.T) {
	up := Indicator{Baseline: 0, Target: 50}
	down := Indicator{Baseline: 100, Target: 50}
	for _, row := range []struct {
		i           Indicator
		value, gone float64
		want        string
	}{
		{up, 50, 0, Green}, {up, 25, 0.5, Green}, {up, 22.5, 0.5, Green}, {up, 22, 0.5, Yellow}, {up, 15, 0.5, Yellow}, {up, 14.9, 0.5, Red}, {up, 0, 1, Red}, {up, 45, 1, Green}, {up, 44, 1, Yellow},
		{down, 75, 0.5, Green}, {down, 90, 0.5, Red}, {down, 50, 1, Green}, {down, 110, 0.5, Red}, {up, 0, 0, Green}, {up, 60, 2, Green},
	} {
		if got := row.i.Light(row.value, row.gone); got != row.want {
			t.Errorf("%v at %v of the time: %s, want %s", row.value, row.gone, got, row.want)
		}
	}
	if share("2014-01-01", "2014-12-31", "2014-12-31") != 1 || share("", "", "2014-01-01") != 1 {
		t.Error("the share of the time")
	}
}

// TestSeed_003_16_NoShareWithoutItsDenominator: a share has no figure until
// numerator and denominator are set.
func TestSeed_003_16_NoShareWithoutItsDenominator(t *testing.T) {
	each(t, func(w *world) {
		goal, err := w.o.Propose(as(leader), pid, Goal{Level: Target, Text: "Hälften med hänsyn"}, "")
		w.must(err)
		i, err := w.o.indicators.Add(as(leader), pid, 0, Indicator{Goal: goal, Name: "Andel", Unit: "%", Target: 50, Source: "x", Frequency: "varje kvartal", Disclosure: "öppen"}, "")
		w.must(err)
		_, err = w.o.measurements.Add(as(leader), pid, 0, Measurement{Indicator: i.ID, From: "2014-01-01", To: "2014-12-31", Value: 31, Method: "räknat", Source: "bruttolistan"}, "")
		w.must(err)
		figures := func() (out []Figure) {
			w.must(w.d.Read(context.Background(), func(q db.Q) (err error) {
				p, _ := w.o.deps.Project(context.Background(), q, pid)
				out, err = w.o.Figures(context.Background(), q, p, time.Time{})
				return err
			}))
			return out
		}
		if f := figures(); f[0].Value != "" || f[0].Light != "" {
			t.Errorf("a share of nothing is shown: %+v", f[0])
		}
		doc := webtest.Get(t, w.h, "/projekt/1/indikatorer/"+id.String(i.ID), webtest.As(leader))
		webtest.HasText(t, doc, "main", "Andelen visas inte än")
		w.must(w.o.indicators.Change(as(leader), i.ID, 1, "", "", func(x *Indicator) error {
			x.Numerator, x.Denominator = "tjänsteupphandlingar med hänsyn", "alla tjänsteupphandlingar i bruttolistan"
			return nil
		}))
		if f := figures(); f[0].Value != "31" || f[0].Light != Green { // half the time has gone: 62 % of the way
			t.Errorf("%+v", f[0])
		}
		doc = webtest.Get(t, w.h, "/projekt/1/indikatorer/"+id.String(i.ID), webtest.As(leader))
		webtest.Has(t, doc, "svg path.chart-line")
		webtest.HasText(t, doc, "details table", "31")
	})
}

// TestSeed_003_47_003_48_TheWorkshopHasNineSteps, each to be written by
// another at the same time, and is anchored before it is done.
func TestSeed_003_47_003_48_003_83_TheWorkshopHasNineSteps(t *testing.T) {
	want := "Omvärldsanalys Intressentanalys Problemanalys Målformulering Aktivitetsplan Resursplanering Indikatorer Riskanalys Analys av förutsättningar"
	var names []string
	for _, s := range NineSteps {
		names = append(names, s.Name)
	}
	if strings.Join(names, " ") != want {
		t.Errorf("%q", names)
	}
	each(t, func(w *world) {
		ws, err := w.o.workshops.Add(as(leader), pid, 0, Workshop{Title: "Målverkstad i mars", Day: "2014-03-03", Participants: []string{"Distriktschef, Trafikkontoret"}}, "")
		w.must(err)
		var steps []journal.Item[Step]
		w.must(w.d.Read(context.Background(), func(q db.Q) (err error) {
			steps, err = w.o.steps.Noun.List(context.Background(), q, journal.Query{Parent: ws.ID})
			return err
		}))
		if len(steps) != 9 {
			t.Fatalf("%d steps", len(steps))
		}
		edit := func(i int, version string, lines string) int {
			return webtest.Post(t, w.h, "/projekt/1/steg/"+id.String(steps[i].ID)+"/redigera", url.Values{"lines": {lines}, "_version": {version}}, webtest.As(leader)).Status
		}
		if edit(3, "1", "Modell för uppföljning\nTidig presentation\n") != http.StatusSeeOther || edit(7, "1", "För få platser") != http.StatusSeeOther {
			t.Error("two steps are written at the same time")
		}
		if got := edit(3, "1", "Min text"); got != http.StatusConflict {
			t.Errorf("the same step by two: %d", got)
		}
		got := webtest.Post(t, w.h, "/projekt/1/malverkstad/"+id.String(ws.ID)+"/forslag", url.Values{}, webtest.As(leader))
		if got.Status != http.StatusSeeOther {
			t.Fatalf("goals of the lines: %d", got.Status)
		}
		webtest.HasText(t, webtest.Get(t, w.h, "/projekt/1/mal", webtest.As(leader)), "main", "Tidig presentation")
		webtest.HasText(t, webtest.Get(t, w.h, "/projekt/1/malverkstad/"+id.String(ws.ID)+"/storbild", webtest.As(leader)), ".projector", "För få platser")
		for i, to := range []string{"genomförd", "förankras"} {
			w.must(w.o.workshops.Move(as(leader), ws.ID, int64(i+1), to, "", ""))
		}
		done := func(v int64) error { return w.o.workshops.Move(as(leader), ws.ID, v, "återkopplad", "", "") }
		if err := done(3); !fail.Is(err, fail.Conflict) {
			t.Errorf("done without an anchor: %v", err)
		}
		a, err := w.o.anchors.Add(as(leader), pid, 0, Anchor{Workshop: ws.ID, Org: "Trafikkontoret", Day: "2014-04-01", How: "Ledningsgruppen", Feedback: "Målet är oklart."}, "")
		w.must(err)
		if err := done(3); !fail.Is(err, fail.Conflict) {
			t.Errorf("done with feedback that nobody handled: %v", err)
		}
		w.must(w.o.anchors.Change(as(leader), a.ID, 1, "", "", func(x *Anchor) error { x.Handled = "Arbetsgrupp Modell skrev om målet."; return nil }))
		w.must(done(3))
		for _, path := range []string{"/mal", "/mal/ny", "/indikatorer", "/indikatorer/ny", "/matvarden", "/matvarden/ny", "/malverkstad", "/malverkstad/ny", "/malverkstad/" + id.String(ws.ID), "/steg", "/forankring", "/forankring/ny", "/mal.csv"} {
			if got := webtest.Fetch(t, w.h, "/projekt/1"+path, webtest.As(leader)); got.Status != http.StatusOK {
				t.Errorf("%s: %d", path, got.Status)
			}
		}
	})
}
