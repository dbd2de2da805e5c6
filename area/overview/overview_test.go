package overview

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

func page(t *testing.T, o *Room, path string, a who.Actor) (*goquery.Document, int) {
	t.Helper()
	mux := http.NewServeMux()
	s := web.NewShell(web.ShellConfig{})
	web.Mount(mux, s, o.Routes())
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(who.With(r.Context(), a))
	w := httptest.NewRecorder()
	s.Middleware(mux).ServeHTTP(w, r)
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc, w.Code
}

func room(t *testing.T, calls []Call, todos []Todo) *Room {
	return New(Deps{
		DB:         dbtest.SQLite(t),
		Calls:      func(context.Context, db.Q) ([]Call, error) { return calls, nil },
		Programmes: func(context.Context, db.Q) ([]Programme, error) { return nil, nil },
		Todos: []func(context.Context, db.Q, who.Actor) ([]Todo, error){
			func(context.Context, db.Q, who.Actor) ([]Todo, error) { return todos, nil },
		},
	})
}

func TestStartPageShowsOpenCallsFirst(t *testing.T) {
	o := room(t, []Call{
		{Title: "Stängd", Href: "/utlysningar/1", State: "Stängd", Closes: "2026-01-01"},
		{Title: "Sen", Href: "/utlysningar/2", State: "Öppen", Open: true, Closes: "2026-12-31"},
		{Title: "Snar", Href: "/utlysningar/3", State: "Öppen", Open: true, Closes: "2026-11-30"},
	}, nil)
	doc, status := page(t, o, "/", who.Actor{})
	if status != http.StatusOK {
		t.Fatal(status)
	}
	var got []string
	doc.Find(".cards h3").Each(func(_ int, s *goquery.Selection) { got = append(got, s.Text()) })
	if len(got) != 3 || got[0] != "Snar" || got[1] != "Sen" || got[2] != "Stängd" {
		t.Errorf("order %v", got)
	}
}

func TestStartPageSaysThatNothingIsThereYet(t *testing.T) {
	doc, _ := page(t, room(t, nil, nil), "/", who.Actor{})
	if n := doc.Find(".empty").Length(); n != 2 {
		t.Errorf("%d empty states, want 2", n)
	}
}

func TestTodoIsForThoseWhoAreSignedIn(t *testing.T) {
	o := room(t, nil, []Todo{{Text: "Utan dag", Href: "/a"}, {Text: "Med dag", Href: "/b", Due: "2026-12-01"}})
	if _, status := page(t, o, "/att-gora", who.Actor{}); status != http.StatusSeeOther {
		t.Errorf("the public got %d, want the way to sign-in", status)
	}
	doc, status := page(t, o, "/att-gora", who.Actor{Kind: who.Person, Person: 1})
	if status != http.StatusOK || doc.Find("tbody tr").First().Find("a").Text() != "Med dag" {
		t.Errorf("%d %s", status, doc.Find("tbody").Text())
	}
}
