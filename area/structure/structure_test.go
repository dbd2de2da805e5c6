package structure

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/riverqueue/river"

	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
	"kommunpilot/engine/scenario"
)

// office is the room with a project leader and the municipalities' representatives.
type office struct {
	t      *testing.T
	o      *Room
	h      http.Handler
	db     *db.DB
	queued []journal.ID
}

var (
	leader  = who.Actor{Kind: who.Person, Person: 1, Name: "Projektledare"}
	citizen = who.Actor{}
	orgs    = map[string]who.OrgID{"1983": 83, "1984": 84, "1960": 60}
)

// representative of a municipality.
func representative(org who.OrgID) who.Actor {
	return who.Actor{Kind: who.Person, Person: who.PersonID(org), Name: "Kommunens företrädare", Grants: []who.Grant{{Role: who.Foretradare, Org: org}}}
}

func each(t *testing.T, test func(w *office)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		files, err := blob.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w := &office{t: t, db: d}
		w.o = New(Deps{
			DB: d, Files: files,
			Project: func(ctx context.Context, _ db.Q, p who.ProjectID) (journal.Project, error) {
				held := map[who.PersonID][]who.Role{1: {who.Projektledare}}
				return journal.Project{ID: p, Name: "Fallstudie", Resource: policy.Resource{Programme: 3, Held: held[who.From(ctx).Person], Members: []who.OrgID{83, 84, 60}}}, nil
			},
			PersonName: func(context.Context, db.Q, who.PersonID) (string, error) { return "Projektledare", nil },
			Enqueue: func(_ context.Context, _ *db.Tx, args river.JobArgs, _ *river.InsertOpts) error {
				w.queued = append(w.queued, args.(countArgs).Item)
				return nil
			},
			Org: func(_ context.Context, _ db.Q, code string) (who.OrgID, error) {
				if orgs[code] == 0 {
					return 0, fail.New(fail.NotFound, "Sidan finns inte.")
				}
				return orgs[code], nil
			},
			Meetings: func(context.Context, db.Q, who.ProjectID) ([]Meeting, error) {
				return []Meeting{{7, "Workshop 2"}}, nil
			},
			Frame: func(context.Context, db.Q, journal.Project) (Frame, error) {
				return Frame{Workshop: []string{"Utmaningar: Färre i arbetsför ålder."}, Interviews: []string{"Intervju i Köping"}}, nil
			},
		})
		shell := web.NewShell(web.ShellConfig{Log: slog.New(slog.DiscardHandler)})
		mux := http.NewServeMux()
		web.Mount(mux, shell, w.o.Routes())
		w.h = shell.Middleware(mux)
		test(w)
	})
}

func (w *office) post(path string, v url.Values, want int) webtest.Answer {
	w.t.Helper()
	got := webtest.Post(w.t, w.h, path, v, webtest.As(leader))
	if got.Status != want {
		w.t.Fatalf("POST %s: %d, want %d\n%s", path, got.Status, want, got.Body)
	}
	return got
}

func (w *office) status(path string, a who.Actor, want int) {
	w.t.Helper()
	if got := webtest.Fetch(w.t, w.h, path, webtest.As(a)).Status; got != want {
		w.t.Errorf("GET %s: %d, want %d", path, got, want)
	}
}

func (w *office) as(a who.Actor) context.Context { return who.With(w.t.Context(), a) }

// order makes a run by the page's own form and gives its address and number.
func (w *office) order() (string, journal.ID) {
	w.t.Helper()
	href := w.post("/projekt/1/struktur/ny", url.Values{"title": {"Tre kommuner"}, "draws": {"200"}, "years": {"20"}, "seed": {"3"}, "meeting": {"7"}}, http.StatusSeeOther).Header.Get("Location")
	item, err := id.Parse[journal.ID](href[strings.LastIndex(href, "/")+1:])
	if err != nil {
		w.t.Fatal(err)
	}
	return href, item
}

func (w *office) item(item journal.ID) (it journal.Item[Run]) {
	w.t.Helper()
	if err := w.db.Read(w.as(who.Us), func(q db.Q) (err error) { it, err = w.o.runs.Noun.Get(w.as(who.Us), q, item); return err }); err != nil {
		w.t.Fatal(err)
	}
	return it
}

var mergeThree = url.Values{"name": {"En kommun"}, "members": {"1983", "1984", "1960"}, "from": {"2027"}, "kind": {string(scenario.Merger)}, "rule": {string(scenario.Required)}}

// From the order to the public page: 001-12, and the approval of each
// municipality before publication.
func TestSeed_001_12_FromOrderToPublication(t *testing.T) {
	each(t, func(w *office) {
		href, item := w.order()
		webtest.HasText(t, webtest.Get(t, w.h, href+"/arbetsyta", webtest.As(leader)), "main", "Lägg till ett alternativ, så visas bilden här")
		w.post(href+"/alternativ", mergeThree, http.StatusSeeOther)
		page := webtest.Get(t, w.h, href+"/arbetsyta", webtest.As(leader))
		webtest.HasText(t, page, "main", "Köping, Arboga, Kungsör blir en kommun från 2027")
		webtest.HasText(t, page, "#forhandsvisning", "Ren sammanräkning")

		// The result is refused before it is there, and the queue has the run once.
		if err := w.o.runs.Move(w.as(leader), item, 0, Delivered, "", ""); !fail.Is(err, fail.Conflict) {
			t.Fatalf("delivered without a result: %v", err)
		}
		w.post(href+"/rakna", url.Values{}, http.StatusSeeOther)
		if it := w.item(item); it.State != Counting || len(w.queued) != 1 {
			t.Fatalf("state %s, %d jobs", it.State, len(w.queued))
		}
		webtest.HasText(t, webtest.Get(t, w.h, href, webtest.As(leader)), "main", "Räknar: 0 procent")
		if err := w.o.count(w.as(who.Us), w.queued[0]); err != nil {
			t.Fatal(err)
		}
		if err := w.o.count(w.as(who.Us), w.queued[0]); err != nil { // a job that is run twice does nothing
			t.Fatal(err)
		}
		it := w.item(item)
		if it.State != Ready || !it.Is.current() {
			t.Fatalf("state %s: %+v", it.State, it.Is.Outcome)
		}
		webtest.HasText(t, webtest.Get(t, w.h, href+"/resultat", webtest.As(leader)), "main", "Utmaningar: Färre i arbetsför ålder.")
		webtest.HasText(t, webtest.Get(t, w.h, href+"/tal", webtest.As(leader)), "main", "skatteunderlag")
		if err := w.o.runs.Move(w.as(leader), item, it.Version, Delivered, "", ""); err != nil {
			t.Fatal(err)
		}
		it = w.item(item)
		public := fmt.Sprintf("/strukturscenarier/%d", item)
		w.status(public, citizen, http.StatusNotFound)
		if err := w.o.runs.Move(w.as(leader), item, it.Version, Published, "", ""); !fail.Is(err, fail.Conflict) || !strings.Contains(err.Error(), "Köping, Arboga, Kungsör") {
			t.Fatalf("published without approvals: %v", err)
		}
		// Each approves its own; nobody approves another's.
		if err := w.o.Approve(w.as(representative(83)), item, 84, 0, ""); !fail.Is(err, fail.Forbidden) {
			t.Fatalf("approved for another: %v", err)
		}
		for _, org := range []who.OrgID{83, 84, 60} {
			if err := w.o.Approve(w.as(representative(org)), item, org, 0, ""); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.o.runs.Move(w.as(leader), item, w.item(item).Version, Published, "", ""); err != nil {
			t.Fatal(err)
		}
		webtest.HasText(t, webtest.Get(t, w.h, public, webtest.As(citizen)), "main", "Det viktigaste på en sida")
		w.status(public+"/manifest.json", citizen, http.StatusOK)
		w.status(public+"/memo.json", citizen, http.StatusNotFound)
	})
}

// A changed plan takes its result and its approvals with it; 001-08: what is
// ordered for a meeting and not delivered is told as missing.
func TestSeed_001_08_ChangedPlanIsNoLongerDeliverable(t *testing.T) {
	each(t, func(w *office) {
		href, item := w.order()
		w.post(href+"/alternativ", mergeThree, http.StatusSeeOther)
		if err := w.o.CountNow(w.as(leader), item); err != nil {
			t.Fatal(err)
		}
		w.post(href+"/arbetsyta", url.Values{"aterinvestering": {"0.5"}, "samordning": {"0.01"}}, http.StatusSeeOther)
		it := w.item(item)
		if it.State != Ordered || it.Is.current() || it.Is.Set["aterinvestering"].Value != 0.5 || len(it.Is.Set) != 1 {
			t.Fatalf("state %s, set %v", it.State, it.Is.Set)
		}
		webtest.HasText(t, webtest.Get(t, w.h, href, webtest.As(leader)), "main", "Planen har ändrats")
		if err := w.db.Read(w.as(leader), func(q db.Q) error {
			list, err := w.o.ForMeeting(w.as(leader), q, 1, 7)
			if err != nil || len(list) != 1 || list[0].Delivered != "" || list[0].State != Ordered {
				t.Errorf("%v %+v", err, list)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A computation that is cancelled, or whose node is stopped, leaves nothing
// half; one that is started again after a stop ends as it would have.
func TestStoppedComputationLeavesNothingHalf(t *testing.T) {
	each(t, func(w *office) {
		href, item := w.order()
		w.post(href+"/alternativ", mergeThree, http.StatusSeeOther)
		last.put("", nil)
		w.post(href+"/rakna", url.Values{}, http.StatusSeeOther)
		ctx, stop := context.WithCancel(w.as(who.Us))
		stop()
		if err := w.o.count(ctx, item); err == nil {
			t.Fatal("a stopped node says that it is done")
		}
		if it := w.item(item); it.State != Counting || it.Is.Outcome != nil {
			t.Fatalf("after a stop: %s %v", it.State, it.Is.Outcome)
		}
		w.post(href+"/avbryt", url.Values{}, http.StatusSeeOther)
		if err := w.o.count(w.as(who.Us), item); err != nil {
			t.Fatal(err)
		}
		if it := w.item(item); it.State != Ordered || it.Is.Outcome != nil {
			t.Fatalf("after cancelling: %s %v", it.State, it.Is.Outcome)
		}
		if err := w.o.CountNow(w.as(leader), item); err != nil {
			t.Fatal(err)
		}
		if it := w.item(item); it.State != Ready {
			t.Fatalf("started again: %s", it.State)
		}
	})
}

// Bad input comes back at its field with the words kept, and nothing is stored.
func TestBadAlternativesComeBackAtTheirField(t *testing.T) {
	each(t, func(w *office) {
		href, item := w.order()
		for says, change := range map[string]url.Values{
			"minst 2 kommuner": {"members": {"1983"}},
			"2020":             {"from": {"2015"}},
			"vilka områden":    {"kind": {string(scenario.Cooperation)}, "form": {string(scenario.Federation)}, "key": {string(scenario.ByNeed)}},
			"skriv utförare":   {"kind": {string(scenario.Asymmetric)}, "areas": {"gymnasium"}, "payment": {"ansvar"}, "form": {string(scenario.Agreement)}, "key": {string(scenario.ByNeed)}},
		} {
			form := url.Values{}
			for k, v := range mergeThree {
				form[k] = v
			}
			for k, v := range change {
				form[k] = v
			}
			answer := w.post(href+"/alternativ", form, http.StatusUnprocessableEntity)
			webtest.HasText(t, answer.Doc, "main", says)
			if w.item(item).Is.Scenarios != nil {
				t.Fatalf("%s: stored", says)
			}
		}
		answer := w.post(href+"/arbetsyta", url.Values{"aterinvestering": {"många"}}, http.StatusUnprocessableEntity)
		webtest.HasText(t, answer.Doc, "main", "Skriv ett tal")
	})
}

// A preview answers a moved slider without storing anything.
func TestPreviewStoresNothing(t *testing.T) {
	each(t, func(w *office) {
		href, item := w.order()
		w.post(href+"/alternativ", mergeThree, http.StatusSeeOther)
		before := w.item(item)
		answer := w.post(href+"/forhandsvisning", url.Values{"omstallning_grund": {"900000000"}}, http.StatusOK)
		webtest.HasText(t, answer.Doc, "#forhandsvisning", "925 mkr")
		if after := w.item(item); after.Version != before.Version {
			t.Error("the preview changed the run")
		}
		if n := len(w.o.preview.kept); n != 1 {
			t.Errorf("%d projections kept, one serves every slider that moves no person", n)
		}
	})
}

func TestMunicipalitiesArePickedOnTheMapWithoutScript(t *testing.T) {
	each(t, func(w *office) {
		href, _ := w.order()
		page := webtest.Get(t, w.h, href+"/kommuner?k=1983&k=1984", webtest.As(leader))
		webtest.HasText(t, page, "main", "Köping, Arboga")
		page = webtest.Get(t, w.h, href+"/alternativ?k=1983&k=1984", webtest.As(leader))
		webtest.HasText(t, page, "main", "Arboga")
	})
}
