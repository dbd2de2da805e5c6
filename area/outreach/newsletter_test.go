package outreach

import (
	"context"
	"encoding/xml"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kommunpilot/base/audit"
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

// office is the room with a project leader and a project owner.
type office struct {
	t       *testing.T
	o       *Room
	h       http.Handler
	db      *db.DB
	now     time.Time
	letters []mail.Message
}

var (
	leader  = who.Actor{Kind: who.Person, Person: 1, Name: "Projektledare"}
	owner   = who.Actor{Kind: who.Person, Person: 2, Name: "Projektägare"}
	citizen = who.Actor{}
)

func each(t *testing.T, test func(w *office)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{journal.Schema(), mail.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		w := &office{t: t, db: d, now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)}
		d.SetClock(func() time.Time { return w.now })
		box := mail.New(d, nil, mail.Server{}, slog.New(slog.DiscardHandler))
		w.o = New(Deps{DB: d, PublicURL: "https://kommunpilot.example",
			Project: func(ctx context.Context, _ db.Q, p who.ProjectID) (journal.Project, error) {
				held := map[who.PersonID][]who.Role{1: {who.Projektledare}, 2: {who.Projektagare}}
				return journal.Project{ID: p, Name: "Stödfunktionen", Resource: policy.Resource{Programme: 3, Held: held[who.From(ctx).Person]}}, nil
			},
			PersonName: func(context.Context, db.Q, who.PersonID) (string, error) { return "Projektledare", nil },
			Email:      func(context.Context, db.Q, who.PersonID) (string, error) { return "ledare@stad.example", nil },
			Mail: func(ctx context.Context, tx *db.Tx, m mail.Message) error {
				w.letters = append(w.letters, m)
				return box.Send(ctx, tx, m)
			},
			News: func(_ context.Context, _ db.Q, _ journal.Project, from, to calendar.Date) ([]News, error) {
				return []News{{"Beslut", "Grind 1"}, {"Beslut", "Grind 2"}, {"Gjort", string(from) + "–" + string(to)}}, nil
			},
		})
		shell := web.NewShell(web.ShellConfig{Log: slog.New(slog.DiscardHandler)})
		mux := http.NewServeMux()
		web.Mount(mux, shell, w.o.Routes())
		w.h = shell.Middleware(mux)
		test(w)
	})
}

func (w *office) post(path string, v url.Values, a who.Actor, want int) webtest.Answer {
	w.t.Helper()
	got := webtest.Post(w.t, w.h, path, v, webtest.As(a))
	if got.Status != want {
		w.t.Fatalf("POST %s: %d, want %d\n%s", path, got.Status, want, got.Body)
	}
	return got
}

// subscribes asks, and opens the letter's link.
func (w *office) subscribes(email string) {
	w.t.Helper()
	w.post("/nyhetsbrev/1", url.Values{"email": {email}, "_once": {email}}, citizen, http.StatusSeeOther)
	w.post(w.link("/bekrafta"), nil, citizen, http.StatusOK)
}

// link is the path of the last letter's link that ends so.
func (w *office) link(end string) string {
	w.t.Helper()
	for word := range strings.FieldsSeq(w.letters[len(w.letters)-1].Text) {
		if path, ok := strings.CutPrefix(word, "https://kommunpilot.example"); ok && strings.HasSuffix(path, end) {
			return path
		}
	}
	w.t.Fatalf("no link to %s", end)
	return ""
}

// published writes, approves and sends a newsletter.
func (w *office) published() string {
	w.t.Helper()
	made := w.post("/projekt/1/nyhetsbrev-forslag", url.Values{"_once": {w.now.String()}}, leader, http.StatusSeeOther)
	page := strings.TrimSuffix(made.Header.Get("Location"), "/redigera")
	w.move(page, Approved, owner, http.StatusSeeOther)
	w.move(page, Sent, leader, http.StatusSeeOther)
	return page
}

func (w *office) move(page, to string, a who.Actor, want int) {
	w.t.Helper()
	item, err := id.Parse[journal.ID](page[strings.LastIndex(page, "/")+1:])
	if err != nil {
		w.t.Fatal(err)
	}
	var it journal.Item[Newsletter]
	if err := w.db.Read(context.Background(), func(q db.Q) (err error) {
		it, err = w.o.newsletters.Noun.Get(context.Background(), q, item)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	w.post(page+"/flytta", url.Values{"to": {to}, "_version": {id.String(it.Version)}, "_once": {page + to + a.Name}}, a, want)
}

// TestSeed_003_69_TheNewsletterGoesOut: composed of what happened, approved by
// the owner, one letter to each who has confirmed, and a page and a feed.
func TestSeed_003_69_TheNewsletterGoesOut(t *testing.T) {
	each(t, func(w *office) {
		w.subscribes("anna@exempel.example")
		w.subscribes("Bo@Exempel.example")
		w.post("/nyhetsbrev/1", url.Values{"email": {"aldrig@exempel.example"}}, citizen, http.StatusSeeOther) // never confirms
		w.letters = nil
		page := w.published()
		if len(w.letters) != 2 || w.letters[0].To[0] != "anna@exempel.example" || w.letters[1].To[0] != "bo@exempel.example" {
			t := []string{}
			for _, m := range w.letters {
				t = append(t, m.To...)
			}
			w.t.Fatalf("letters to %v", t)
		}
		m := w.letters[0]
		for _, want := range []string{"BESLUT", "* Grind 1", "* Grind 2", "https://kommunpilot.example/nyhetsbrev/1/1", m.Unsubscribe} {
			if !strings.Contains(m.Text, want) {
				w.t.Errorf("the letter lacks %q", want)
			}
		}
		if !strings.Contains(m.HTML, "<h2>Beslut</h2><ul><li>Grind 1</li>") || m.Unsubscribe == w.letters[1].Unsubscribe {
			w.t.Error("the page of the letter, or whose it is to leave")
		}
		shown := webtest.Get(w.t, w.h, page, webtest.As(leader))
		webtest.HasText(w.t, shown, "main", "På väg: 2")
		webtest.HasText(w.t, webtest.Get(w.t, w.h, "/nyhetsbrev/1/1"), "h1", "Nytt från Stödfunktionen")
		webtest.HasText(w.t, webtest.Get(w.t, w.h, "/nyhetsbrev/1"), "main", "Nytt från Stödfunktionen")
		if got := webtest.Fetch(w.t, w.h, "/nyhetsbrev/1/2"); got.Status != http.StatusNotFound {
			w.t.Errorf("a second newsletter: %d", got.Status)
		}
		var f atom
		if err := xml.Unmarshal([]byte(webtest.Fetch(w.t, w.h, "/nyhetsbrev/1/flode.xml").Body), &f); err != nil {
			w.t.Fatal(err)
		}
		if len(f.Entries) != 1 || f.Entries[0].ID != "https://kommunpilot.example/nyhetsbrev/1/1" || f.Updated != f.Entries[0].Updated || f.Entries[0].Links[0].Href != f.Entries[0].ID {
			w.t.Errorf("%+v", f)
		}
		w.now = w.now.AddDate(0, 3, 1)
		webtest.HasText(w.t, webtest.Get(w.t, w.h, "/projekt/1/nyhetsbrev", webtest.As(leader)), "main", "Nytt nyhetsbrev förfaller")
		w.published()
		webtest.HasText(w.t, webtest.Get(w.t, w.h, "/nyhetsbrev/1/2"), "main", "Nummer 2")
	})
}

func TestNobodySendsWhatIsNotApproved(t *testing.T) {
	each(t, func(w *office) {
		w.subscribes("anna@exempel.example")
		w.letters = nil
		made := w.post("/projekt/1/nyhetsbrev-forslag", url.Values{"_once": {"a"}}, leader, http.StatusSeeOther)
		page := strings.TrimSuffix(made.Header.Get("Location"), "/redigera")
		w.move(page, Sent, leader, http.StatusConflict)
		w.move(page, Approved, leader, http.StatusForbidden)
		w.move(page, Approved, owner, http.StatusSeeOther)
		w.post(page+"/redigera", url.Values{"title": {"Annat"}, "intro": {"x"}, "body": {"y"}, "_version": {"2"}}, leader, http.StatusConflict)
		w.move(page, Sent, owner, http.StatusForbidden)
		if len(w.letters) != 0 {
			w.t.Errorf("%d letters", len(w.letters))
		}
		w.post(page+"/prov", nil, leader, http.StatusSeeOther)
		if len(w.letters) != 1 || w.letters[0].To[0] != "ledare@stad.example" || w.letters[0].Unsubscribe != "" {
			w.t.Errorf("%+v", w.letters)
		}
		w.post(page+"/prov", nil, citizen, http.StatusUnauthorized)
	})
}

// TestDoubleOptIn: nobody gets letters without opening the link, and nobody
// learns who subscribes.
func TestDoubleOptIn(t *testing.T) {
	each(t, func(w *office) {
		ask := func(email string) string {
			return w.post("/nyhetsbrev/1", url.Values{"email": {email}}, citizen, http.StatusSeeOther).Header.Get("Location")
		}
		first := ask("anna@exempel.example")
		link := w.link("/bekrafta")
		if again := ask("anna@exempel.example"); again != first || len(w.letters) != 1 {
			w.t.Errorf("asked twice: %s, %d letters", again, len(w.letters))
		}
		webtest.Get(w.t, w.h, link) // a mail scanner opens it: nothing happens
		if n := w.count(); n != 0 {
			w.t.Errorf("%d subscribe by a mere look", n)
		}
		w.now = w.now.Add(confirmWithin + time.Minute)
		w.post(link, nil, citizen, http.StatusNotFound)
		ask("anna@exempel.example")
		link = w.link("/bekrafta")
		w.post(link, nil, citizen, http.StatusOK)
		w.post(link, nil, citizen, http.StatusOK) // twice is fine
		if n, at := w.count(), ask("anna@exempel.example"); n != 1 || at != first || len(w.letters) != 2 {
			w.t.Errorf("%d subscribe, led to %s, %d letters", n, at, len(w.letters))
		}
		wrong := w.post("/nyhetsbrev/1", url.Values{"email": {"inte en adress"}}, citizen, http.StatusUnprocessableEntity)
		webtest.HasFieldError(w.t, wrong.Doc, "email", "Skriv adressen som namn@exempel.se.")
		if err := w.db.Read(context.Background(), func(q db.Q) error { _, err := audit.Verify(context.Background(), q); return err }); err != nil {
			w.t.Error(err)
		}
	})
}

func (w *office) count() (n int) {
	w.t.Helper()
	if err := w.db.Read(context.Background(), func(q db.Q) (err error) {
		list, err := confirmed(context.Background(), q, 1)
		n = len(list)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestOneClickLeaves: the mail program's POST (RFC 8058), without cookie and
// from another site, ends the subscription and forgets the address; a GET does not.
func TestOneClickLeaves(t *testing.T) {
	each(t, func(w *office) {
		w.subscribes("anna@exempel.example")
		w.published()
		address := strings.TrimPrefix(w.letters[len(w.letters)-1].Unsubscribe, "https://kommunpilot.example")
		webtest.Get(w.t, w.h, address)
		if w.count() != 1 {
			w.t.Fatal("a GET ended the subscription")
		}
		for range 2 {
			r := httptest.NewRequest(http.MethodPost, address, strings.NewReader("List-Unsubscribe=One-Click"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if a := webtest.Do(w.t, w.h, r); a.Status != http.StatusOK {
				w.t.Fatalf("%d %s", a.Status, a.Body)
			}
		}
		var rows int64
		if err := w.db.Read(context.Background(), func(q db.Q) (err error) {
			rows, err = db.Value[int64](context.Background(), q, `SELECT count(*) FROM subscriber`)
			return err
		}); err != nil || rows != 0 {
			w.t.Errorf("%d addresses are left: %v", rows, err)
		}
	})
}

func TestTooManyAskAtOnce(t *testing.T) {
	each(t, func(w *office) {
		ctx := who.With(context.Background(), citizen)
		var err error
		for i := 0; err == nil && i <= askedAtMost; i++ {
			err = w.o.Subscribe(ctx, 1, "a"+strings.Repeat("b", i)[:min(i, 30)]+string(rune('a'+i%26))+strings.Repeat("c", i/26)+"@exempel.example", "")
		}
		if !fail.Is(err, fail.RateLimited) {
			w.t.Errorf("after %d: %v", len(w.letters), err)
		}
	})
}

// TestBlocksLoseNoWord: whatever is typed, every word is on the page.
func TestBlocksLoseNoWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"", "ord ett", "- punkt", "## Rubrik", "  - två ord ", "#", "-"}), 0, 12).Draw(t, "lines")
		var got []string
		for _, b := range blocks(strings.Join(lines, "\n")) {
			got = append(got, strings.Fields(b.head+" "+b.text+" "+strings.Join(b.points, " "))...)
		}
		var want []string
		for _, l := range lines {
			l = strings.TrimSpace(l)
			l = strings.TrimPrefix(strings.TrimPrefix(l, "## "), "- ")
			want = append(want, strings.Fields(l)...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q became %q", want, got)
		}
	})
}
