package sheet

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// formLimit is the size of a form without files, bytes.
const formLimit = 1 << 20

// Routes lists the sheet's addresses.
func (s *Sheet[T]) Routes() []web.Route {
	base := "/projekt/{id}/" + s.Path
	out := []web.Route{
		{Pattern: "GET " + base, Action: s.Read, Handler: s.list},
		{Pattern: "GET " + base + ".csv", Action: s.Read, Handler: s.csv},
		{Pattern: "GET " + base + "/{post}", Action: s.Read, Handler: s.show},
	}
	if s.New != "" {
		out = append(out,
			web.Route{Pattern: "GET " + base + "/ny", Action: s.create(), Handler: s.newForm},
			web.Route{Pattern: "POST " + base + "/ny", Action: s.create(), Handler: s.add})
	}
	if s.Write != "" {
		out = append(out,
			web.Route{Pattern: "GET " + base + "/{post}/redigera", Action: s.Write, Handler: s.editForm},
			web.Route{Pattern: "POST " + base + "/{post}/redigera", Action: s.Write, Handler: s.edit})
	}
	if len(s.Moves) > 0 {
		out = append(out, web.Route{Pattern: "POST " + base + "/{post}/flytta", Action: s.Moves[0].action(s.Write), Handler: s.moveTo})
	}
	return out
}

// Href is the address of one thing.
func (s *Sheet[T]) Href(p who.ProjectID, item journal.ID) string {
	return s.ListHref(p) + "/" + id.String(item)
}

// ListHref is the address of the list.
func (s *Sheet[T]) ListHref(p who.ProjectID) string {
	return "/projekt/" + id.String(p) + "/" + s.Path
}

// AsOf reads the day as of which a page is asked for (?den=2014-11-20): the
// end of that day, or the zero time for now.
func AsOf(r *http.Request) (time.Time, error) {
	text := r.URL.Query().Get("den")
	d, err := calendar.Parse(text)
	if err != nil {
		return time.Time{}, fail.New(fail.Invalid, "Skriv datumet som år-månad-dag, till exempel 2026-03-31.")
	}
	if d == "" {
		return time.Time{}, nil
	}
	return d.End().Add(-time.Microsecond), nil
}

// view is what the list shows.
type view[T any] struct {
	*Sheet[T]
	p       journal.Project
	at      time.Time
	list    []journal.Item[T]
	choices Choices
	more    journal.ID
	above   templ.Component
	mayAdd  bool
}

func (s *Sheet[T]) view(r *http.Request, all bool) (v view[T], err error) {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return v, err
	}
	if v.at, err = AsOf(r); err != nil {
		return v, err
	}
	ctx := r.Context()
	v.Sheet = s
	err = s.DB.Read(ctx, func(q db.Q) error {
		if v.p, err = s.Project(ctx, q, pid); err != nil {
			return err
		}
		if err := policy.Check(who.From(ctx), s.Read, v.p.Resource); err != nil {
			return err
		}
		x := journal.Query{Project: pid, At: v.at, Newest: s.Newest}
		if s.Newest && !all {
			before, _ := strconv.ParseInt(r.URL.Query().Get("fore"), 10, 64)
			x.Before, x.Limit = journal.ID(before), pageSize+1
		}
		list, err := s.Noun.List(ctx, q, x)
		if err != nil {
			return err
		}
		if x.Limit > 0 && len(list) > pageSize {
			list = list[:pageSize]
			v.more = list[pageSize-1].ID
		}
		for _, it := range list {
			if s.Hidden == nil || !s.Hidden(ctx, v.p, it) {
				v.list = append(v.list, it)
			}
		}
		if v.choices, err = s.choices(ctx, q, v.p); err != nil || s.Above == nil {
			return err
		}
		v.above, err = s.Above(ctx, q, v.p, v.list, v.at)
		return err
	})
	var none T
	v.mayAdd = s.New != "" && v.at.IsZero() && !v.p.Closed && s.may(ctx, s.create(), v.p, journal.Item[T]{By: who.From(ctx).Person, Is: none}) == nil
	return v, err
}

// page is what stands around each page of the project's room.
func (s *Sheet[T]) page(ctx context.Context, p journal.Project, title string, deeper bool) web.Page {
	out := web.Page{Title: title, NoIndex: true, Wide: true, Crumbs: []web.Crumb{{Text: p.Name, Href: "/projekt/" + id.String(p.ID)}}}
	if deeper {
		out.Crumbs = append(out.Crumbs, web.Crumb{Text: web.T(ctx, s.Title), Href: s.ListHref(p.ID)})
	}
	return out
}

func (s *Sheet[T]) list(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r, false)
	if err != nil {
		return err
	}
	ctx := r.Context()
	page := s.page(ctx, v.p, web.T(ctx, s.Title), false)
	page.Lead = web.T(ctx, s.Lead)
	return web.Render(w, r, http.StatusOK, page, v.body())
}

func (s *Sheet[T]) csv(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r, true)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var b bytes.Buffer
	b.WriteString("\ufeff") // so that a spreadsheet reads å, ä and ö
	out := csv.NewWriter(&b)
	out.Comma = ';'
	var none T
	head := []string{web.T(ctx, "Nummer"), web.T(ctx, "Läge"), web.T(ctx, "Ändrad")}
	for _, c := range s.Table {
		head = append(head, web.T(ctx, c.Head))
	}
	for _, f := range s.Fields(ctx, &none, v.choices) {
		head = append(head, f.Label)
	}
	_ = out.Write(head) // a buffer takes all
	for _, it := range v.list {
		row := []string{id.String(it.ID), it.State, string(calendar.Of(it.Changed))}
		for _, c := range s.Table {
			row = append(row, harmless(c.Cell(ctx, it, v.choices)))
		}
		for _, f := range s.Fields(ctx, &it.Is, v.choices) {
			row = append(row, harmless(f.Said(ctx)))
		}
		_ = out.Write(row)
	}
	out.Flush()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+s.Path+`-`+id.String(v.p.ID)+`.csv"`)
	_, err = w.Write(b.Bytes())
	return err
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t", rune(text[0])) {
		return "'" + text
	}
	return text
}

// one is what the page of one thing shows.
type one[T any] struct {
	*Sheet[T]
	p       journal.Project
	it      journal.Item[T]
	at      time.Time
	choices Choices
	history []happened
	body    templ.Component
	mayEdit bool
	moves   []Move
	move    web.Form
}

// happened is an event with the name of who did it.
type happened struct {
	journal.Event
	By string
}

func (s *Sheet[T]) one(r *http.Request, action string) (v one[T], err error) {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return v, err
	}
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return v, err
	}
	if v.at, err = AsOf(r); err != nil {
		return v, err
	}
	ctx := r.Context()
	v.Sheet = s
	err = s.DB.Read(ctx, func(q db.Q) error {
		if v.p, err = s.Project(ctx, q, pid); err != nil {
			return err
		}
		if v.it, err = s.Noun.At(ctx, q, item, v.at); err != nil {
			return err
		}
		if v.it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		if s.Hidden != nil && s.Hidden(ctx, v.p, v.it) {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		if action != s.Read {
			// Whoever may not read the project is told no more than that.
			if err := policy.Check(who.From(ctx), s.Read, v.p.Resource); err != nil {
				return err
			}
		}
		if err := s.may(ctx, action, v.p, v.it); err != nil {
			return err
		}
		if v.choices, err = s.choices(ctx, q, v.p); err != nil {
			return err
		}
		if v.history, err = s.happened(ctx, q, item, v.at); err != nil || s.Body == nil {
			return err
		}
		v.body, err = s.Body(ctx, q, v.p, v.it, v.at)
		return err
	})
	if err != nil || !v.at.IsZero() || v.p.Closed {
		return v, err
	}
	v.mayEdit = s.Write != "" && s.editable(v.it) && s.may(ctx, s.Write, v.p, v.it) == nil
	for _, m := range s.Moves {
		if slices.Contains(s.Noun.Moves[v.it.State], m.To) && s.may(ctx, m.action(s.Write), v.p, v.it) == nil {
			v.moves = append(v.moves, m)
		}
	}
	v.move = web.NewForm(nil)
	v.move.Version = v.it.Version
	return v, nil
}

func (s *Sheet[T]) happened(ctx context.Context, q db.Q, item journal.ID, at time.Time) (out []happened, err error) {
	events, err := journal.History(ctx, q, item)
	names := map[who.PersonID]string{}
	for _, e := range events {
		if !at.IsZero() && e.At.After(at) {
			break
		}
		if _, known := names[e.Person]; !known && e.Person != 0 && s.PersonName != nil {
			if names[e.Person], err = s.PersonName(ctx, q, e.Person); err != nil && !fail.Is(err, fail.NotFound) {
				return nil, err
			}
		}
		out = append(out, happened{e, names[e.Person]})
	}
	return out, err
}

func (s *Sheet[T]) show(w http.ResponseWriter, r *http.Request) error {
	v, err := s.one(r, s.Read)
	if err != nil {
		return err
	}
	return s.showOne(w, r, http.StatusOK, v)
}

func (s *Sheet[T]) showOne(w http.ResponseWriter, r *http.Request, status int, v one[T]) error {
	return web.Render(w, r, status, s.page(r.Context(), v.p, s.Name(v.it.Is), true), v.content())
}

// formView is a form for a new or a changed thing.
type formView struct {
	form   web.Form
	fields []web.Bound
	stored []web.Fact // what somebody else saved meanwhile
	edited bool
	back   string
}

func (s *Sheet[T]) newForm(w http.ResponseWriter, r *http.Request) error {
	return s.formPage(w, r, http.StatusOK, nil)
}

// formPage shows the form for a new thing; f nil is the empty one. A first
// content may come with the address: ?name=value.
// said are the fields that the page of one lists.
func (v one[T]) said(ctx context.Context) []web.Bound {
	return slices.DeleteFunc(v.Fields(ctx, &v.it.Is, v.choices), func(b web.Bound) bool { return slices.Contains(v.Drawn, b.Name) })
}

func (s *Sheet[T]) formPage(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var p journal.Project
	var c Choices
	err = s.DB.Read(ctx, func(q db.Q) error {
		if p, err = s.Project(ctx, q, pid); err != nil {
			return err
		}
		if err := s.may(ctx, s.create(), p, journal.Item[T]{By: who.From(ctx).Person}); err != nil {
			return err
		}
		c, err = s.choices(ctx, q, p)
		return err
	})
	if err != nil {
		return err
	}
	var is T
	fields := s.Fields(ctx, &is, c)
	if f == nil {
		form := web.NewForm(web.Filled(fields))
		for name, values := range r.URL.Query() {
			form.Values[name] = values
		}
		f = &form
	}
	return web.Render(w, r, status, s.page(ctx, p, web.T(ctx, s.New), true), formBody(formView{form: *f, fields: fields, back: s.ListHref(pid)}))
}

func (s *Sheet[T]) add(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	is, err := s.read(ctx, pid, f)
	var made journal.Item[T]
	if err == nil {
		parent, _ := strconv.ParseInt(r.URL.Query().Get("under"), 10, 64)
		made, err = s.Add(ctx, pid, journal.ID(parent), is, f.Once)
	}
	switch {
	case err == nil:
		web.Flash(ctx, web.T(ctx, "Sparat."))
		return web.Redirect(w, r, s.Href(pid, made.ID))
	case errors.Is(err, db.ErrTwice):
		return web.Redirect(w, r, s.ListHref(pid))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		f = f.WithError(err)
		return s.formPage(w, r, fail.Status(err), &f)
	}
	return err
}

// read makes a content of the form; the policy is checked first.
func (s *Sheet[T]) read(ctx context.Context, pid who.ProjectID, f web.Form) (is T, err error) {
	err = s.DB.Read(ctx, func(q db.Q) error {
		p, err := s.Project(ctx, q, pid)
		if err != nil {
			return err
		}
		if err := s.may(ctx, s.create(), p, journal.Item[T]{By: who.From(ctx).Person}); err != nil {
			return err
		}
		c, err := s.choices(ctx, q, p)
		if err != nil {
			return err
		}
		return web.Fill(f, s.Fields(ctx, &is, c))
	})
	return is, err
}

func (s *Sheet[T]) editForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.one(r, s.Write)
	if err != nil {
		return err
	}
	ctx := r.Context()
	fields := s.Fields(ctx, &v.it.Is, v.choices)
	f := web.NewForm(web.Filled(fields))
	f.Version = v.it.Version
	return web.Render(w, r, http.StatusOK, s.page(ctx, v.p, s.Name(v.it.Is), true), formBody(formView{form: f, fields: fields, edited: true, back: s.Href(v.p.ID, v.it.ID)}))
}

func (s *Sheet[T]) edit(w http.ResponseWriter, r *http.Request) error {
	v, err := s.one(r, s.Write)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = s.Change(ctx, v.it.ID, f.Version, f.Get("reason"), f.Once, func(is *T) error { return web.Fill(f, s.Fields(ctx, is, v.choices)) })
	switch {
	case err == nil, errors.Is(err, db.ErrTwice):
		web.Flash(ctx, web.T(ctx, "Sparat."))
		return web.Redirect(w, r, s.Href(v.p.ID, v.it.ID))
	case !fail.Is(err, fail.Invalid) && !fail.Is(err, fail.Conflict):
		return err
	}
	x := formView{form: f.WithError(err), fields: s.Fields(ctx, &v.it.Is, v.choices), edited: true, back: s.Href(v.p.ID, v.it.ID)}
	if fail.Is(err, fail.Conflict) {
		x.stored = web.Said(ctx, x.fields)
		x.form.Version = v.it.Version
	}
	return web.Render(w, r, fail.Status(err), s.page(ctx, v.p, s.Name(v.it.Is), true), formBody(x))
}

func (s *Sheet[T]) moveTo(w http.ResponseWriter, r *http.Request) error {
	v, err := s.one(r, s.Read)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = s.Move(ctx, v.it.ID, f.Version, f.Get("to"), f.Get(s.reasonName(f.Get("to"))), f.Once)
	switch {
	case err == nil, errors.Is(err, db.ErrTwice):
		web.Flash(ctx, web.T(ctx, "Sparat."))
		return web.Redirect(w, r, s.Href(v.p.ID, v.it.ID))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		v.move = f.WithError(err)
		for i := range v.move.Fields {
			if v.move.Fields[i].Name == "reason" {
				v.move.Fields[i].Name = s.reasonName(f.Get("to"))
			}
		}
		v.move.Version = v.it.Version
		return s.showOne(w, r, fail.Status(err), v)
	}
	return err
}

// query keeps the day in the links of a page that shows another day.
func query(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return "?" + url.Values{"den": {string(calendar.Of(at))}}.Encode()
}
