// Package overview has the pages that read many rooms: the start page and
// "Att göra". It owns no tables.
package overview

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Call is a published call as the start page shows it.
type Call struct {
	Title, Programme, Href string
	State                  string // in words
	Open                   bool
	Closes                 calendar.Date
}

// Programme is a programme with the number of municipalities that take part.
type Programme struct {
	Name, Owner, Href string
	Municipalities    int
}

// Todo is something that waits for the person, with the day by which.
type Todo struct {
	Text, Context, Href string
	Due                 calendar.Date
}

// Deps is what the room needs of others. Each func of Todos lists what one
// room has for the actor; it lists nothing that the actor may not read.
type Deps struct {
	DB         *db.DB
	Calls      func(ctx context.Context, q db.Q) ([]Call, error)
	Programmes func(ctx context.Context, q db.Q) ([]Programme, error)
	Todos      []func(ctx context.Context, q db.Q, a who.Actor) ([]Todo, error)
	Example    bool
}

// Room serves the pages.
type Room struct{ deps Deps }

// New makes the room.
func New(d Deps) *Room { return &Room{deps: d} }

// Routes lists the room's addresses.
func (o *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{$}", Handler: o.start},
		{Pattern: "GET /att-gora", Action: "account.own", Handler: o.todo},
	}
}

// startPage is what the start page shows.
type startPage struct {
	Calls      []Call
	Programmes []Programme
	Example    bool
	SignedIn   bool
}

func (o *Room) start(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := startPage{Example: o.deps.Example, SignedIn: who.From(ctx).SignedIn()}
	err := o.deps.DB.Read(ctx, func(q db.Q) (err error) {
		if p.Calls, err = o.deps.Calls(ctx, q); err != nil {
			return err
		}
		p.Programmes, err = o.deps.Programmes(ctx, q)
		return err
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(p.Calls, soonestFirst)
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: web.T(ctx, "Utvecklingsprogram för kommuner"),
		Lead:  web.T(ctx, "Här utlyser myndigheter och organisationer sina program, kommuner svarar, och alla kan se vad som valdes och varför."),
	}, startBody(p))
}

// soonestFirst puts open calls first, by closing day.
func soonestFirst(a, b Call) int {
	if a.Open != b.Open {
		if a.Open {
			return -1
		}
		return 1
	}
	return strings.Compare(string(a.Closes), string(b.Closes))
}

func (o *Room) todo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	if err := policy.Check(actor, "account.own", policy.Resource{}); err != nil {
		return err
	}
	var all []Todo
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		for _, list := range o.deps.Todos {
			some, err := list(ctx, q, actor)
			if err != nil {
				return err
			}
			all = append(all, some...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, dueFirst)
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Att göra"), NoIndex: true}, todoBody(all))
}

// dueFirst puts what has a day before what has none, the earliest first.
func dueFirst(a, b Todo) int {
	if (a.Due == "") != (b.Due == "") {
		if a.Due == "" {
			return 1
		}
		return -1
	}
	return strings.Compare(string(a.Due), string(b.Due))
}
