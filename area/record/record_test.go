package record

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

const pid who.ProjectID = 1

var registrar = who.Actor{Kind: who.Person, Person: 1, Name: "Registrator", Grants: []who.Grant{{Role: who.Registrator, Org: 1}}}

func each(t *testing.T, test func(t *testing.T, d *db.DB, o *Room, h http.Handler)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		d.SetClock(func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) })
		files, err := blob.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		o := New(Deps{DB: d, Files: files, MaxUpload: 1 << 20,
			Project: func(context.Context, db.Q, who.ProjectID) (journal.Project, error) {
				return journal.Project{ID: pid, Name: "Projektet", Resource: policy.Resource{Programme: 3, Owners: []who.OrgID{1}}}, nil
			},
			PersonName: func(context.Context, db.Q, who.PersonID) (string, error) { return "Registrator", nil },
			Creator:    func(context.Context, db.Q, journal.Project) (string, error) { return "Göteborgs Stad", nil },
		})
		shell := web.NewShell(web.ShellConfig{Log: slog.New(slog.DiscardHandler)})
		mux := http.NewServeMux()
		web.Mount(mux, shell, web.OwnRoutes())
		web.Mount(mux, shell, o.Routes())
		test(t, d, o, shell.Middleware(mux))
	})
}

func as(a who.Actor) context.Context { return who.With(context.Background(), a) }

func matter(t *testing.T, o *Room) journal.ID {
	t.Helper()
	m, err := o.OpenMatter(as(registrar), pid, Matter{Title: "Avtal om ansvarsfördelning", Responsible: "Registrator"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestNumbersHaveNoGapAndNoDouble: fifty who register at once, some of whom
// fail, get the numbers 1 to n.
func TestNumbersHaveNoGapAndNoDouble(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, _ http.Handler) {
		m := matter(t, o)
		var wait sync.WaitGroup
		var mu sync.Mutex
		got := map[string]int{}
		began := time.Now()
		for i := range 50 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				e := Entry{Matter: m, Series: "KS", Day: "2026-03-02", Direction: "in", Brief: fmt.Sprint("Handling ", i)}
				if i%7 == 3 {
					e.Mirror = "KS" // refused after the series has been asked for or before: no number is used
				}
				n, err := o.Register(as(registrar), pid, e, "")
				if i%7 == 3 {
					if !fail.Is(err, fail.Invalid) {
						t.Errorf("a series mirrored in itself: %v", err)
					}
					return
				}
				if err != nil {
					t.Errorf("%d: %v", i, err)
					return
				}
				mu.Lock()
				got[n]++
				mu.Unlock()
			}()
		}
		wait.Wait()
		for i := 1; i <= len(got); i++ {
			if n := fmt.Sprintf("KS 2026/%d", i); got[n] != 1 {
				t.Errorf("%s was given %d times", n, got[n])
			}
		}
		t.Logf("%d registrations, %.0f a second", len(got), float64(len(got))/time.Since(began).Seconds())
	})
}

// TestSeed_003_64_001_01_OneActTwoRegistries: the same document in two series,
// each with the other's number.
func TestSeed_003_64_001_01_OneActTwoRegistries(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		n, err := o.Register(as(registrar), pid, Entry{Matter: matter(t, o), Series: "UHB", Mirror: "SLK", Day: "2026-03-02", Direction: "upprättad", Brief: "Avtal"}, "")
		if err != nil {
			t.Fatal(err)
		}
		doc := webtest.Get(t, h, "/projekt/1/diarium", webtest.As(registrar))
		webtest.HasText(t, doc, "tbody", "UHB 2026/1")
		webtest.HasText(t, doc, "tbody", "SLK 2026/1")
		if err := d.Read(context.Background(), func(q db.Q) error {
			list, err := o.entries.Noun.List(context.Background(), q, journal.Query{Project: pid})
			if len(list) != 2 || list[0].Is.Theirs != "SLK 2026/1" || list[1].Is.Theirs != n || list[1].Is.MirrorOf != list[0].ID {
				t.Errorf("%+v", list)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRule11_AnEntryIsCorrectedNeverRemoved(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		it, err := o.entries.Add(as(registrar), pid, 0, Entry{Matter: matter(t, o), Series: "KS", Day: "2026-03-02", Direction: "in", Brief: "Fel"}, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.entries.Change(as(registrar), it.ID, 1, "Rättad", "", func(e *Entry) error { e.Brief, e.Number, e.Series = "Rätt", "KS 1999/9", "XX"; return nil }); err != nil {
			t.Fatal(err)
		}
		webtest.HasText(t, webtest.Get(t, h, o.entries.Href(pid, it.ID), webtest.As(registrar)), "h1", "KS 2026/1 Rätt")
		for _, r := range o.Routes() {
			if strings.HasPrefix(r.Pattern, "DELETE") {
				t.Errorf("an entry can be removed by %s", r.Pattern)
			}
		}
	})
}

// TestRule10_ThePublicListLeaksNothing: of a secret entry it shows number and day alone.
func TestRule10_ThePublicListLeaksNothing(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		m := matter(t, o)
		for _, e := range []Entry{{Brief: "Öppet anbud", Party: "Leverantören AB"}, {Brief: "HEMLIGT", Party: "HEMLIGT AB", Secrecy: "OSL 19:3"}} {
			e.Matter, e.Series, e.Day, e.Direction = m, "KS", "2026-03-02", "in"
			if _, err := o.Register(as(registrar), pid, e, ""); err != nil {
				t.Fatal(err)
			}
		}
		got := webtest.Fetch(t, h, "/projekt/1/offentligt-diarium")
		if got.Status != http.StatusOK || strings.Contains(got.Doc.Text(), "HEMLIGT") || strings.Contains(got.Doc.Text(), "19:3") || !strings.Contains(got.Doc.Text(), "KS 2026/2") || !strings.Contains(got.Doc.Text(), "Öppet anbud") {
			t.Errorf("%d %s", got.Status, got.Doc.Text())
		}
		for _, path := range []string{"/projekt/1/diarium", "/projekt/1/diarium.csv", "/projekt/1/arenden", "/projekt/1/diarium/2", "/projekt/1/diarium/2/fil/1"} {
			if got := webtest.Fetch(t, h, path); got.Status == http.StatusOK {
				t.Errorf("the public opens %s", path)
			}
		}
	})
}

func TestNothingIsRegisteredInAClosedMatter(t *testing.T) {
	each(t, func(t *testing.T, _ *db.DB, o *Room, _ http.Handler) {
		m := matter(t, o)
		if err := o.matters.Move(as(registrar), m, 1, Closed, "", ""); err != nil {
			t.Fatal(err)
		}
		_, err := o.Register(as(registrar), pid, Entry{Matter: m, Series: "KS", Day: "2026-03-02", Direction: "in", Brief: "x"}, "")
		if !fail.Is(err, fail.Conflict) {
			t.Errorf("registered: %v", err)
		}
	})
}

// TestAnEntryMovedToAnotherMatterListsThere: and only there; its number stays,
// and a closed matter neither gives nor takes.
func TestAnEntryMovedToAnotherMatterListsThere(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		first, second := matter(t, o), matter(t, o)
		it, err := o.entries.Add(as(registrar), pid, 0, Entry{Matter: first, Series: "KS", Day: "2026-03-02", Direction: "in", Brief: "Fel ärende", Theirs: "SLK 2026/77"}, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.entries.Change(as(registrar), it.ID, it.Version, "Hör till det andra", "", func(e *Entry) error { e.Matter = second; return nil }); err != nil {
			t.Fatal(err)
		}
		if got := webtest.Fetch(t, h, o.matters.Href(pid, first), webtest.As(registrar)); strings.Contains(got.Body, "Fel ärende") {
			t.Error("still in the first matter")
		}
		webtest.HasText(t, webtest.Get(t, h, o.matters.Href(pid, second), webtest.As(registrar)), "tbody", "KS 2026/1")
		if err := o.CloseMatter(as(registrar), first); err != nil {
			t.Fatal(err)
		}
		err = o.entries.Change(as(registrar), it.ID, it.Version+1, "", "", func(e *Entry) error { e.Matter = first; return nil })
		if !fail.Is(err, fail.Conflict) {
			t.Errorf("moved into a closed matter: %v", err)
		}
		csv := webtest.Fetch(t, h, "/projekt/1/diarium.csv", webtest.As(registrar)).Body
		if !strings.Contains(csv, ";Diarienummer;") || !strings.Contains(csv, ";KS 2026/1;") || !strings.Contains(csv, "SLK 2026/77") {
			t.Errorf("the table says %s", csv)
		}
	})
}
