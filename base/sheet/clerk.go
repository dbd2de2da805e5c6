package sheet

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Clerk carries out the acts of a sheet's pages for a program that has the
// fields of their forms as text: examples, integrations. Whatever the pages
// refuse, it refuses.
type Clerk interface {
	// Noun is the name of what the sheet is about: "risk".
	Noun() string
	// Enter fills in the form for a new thing.
	Enter(ctx context.Context, p who.ProjectID, fields url.Values) (journal.ID, error)
	// Amend fills in the form for a change; a field that is not given stays.
	Amend(ctx context.Context, item journal.ID, fields url.Values) error
	// Shift carries out one of the page's moves.
	Shift(ctx context.Context, item journal.ID, to, reason string) error
}

// Clerk is the sheet without its content's type.
func (s *Sheet[T]) Clerk() Clerk { return clerk[T]{s} }

type clerk[T any] struct{ s *Sheet[T] }

func (c clerk[T]) Noun() string { return c.s.Noun.Name }

func (c clerk[T]) Enter(ctx context.Context, p who.ProjectID, fields url.Values) (journal.ID, error) {
	var is T
	err := c.s.DB.Read(ctx, func(q db.Q) error {
		project, err := c.s.Project(ctx, q, p)
		if err != nil {
			return err
		}
		lists, err := c.s.choices(ctx, q, project)
		if err != nil {
			return err
		}
		return Fill(fields, c.s.Fields(ctx, &is, lists))
	})
	if err != nil {
		return 0, err
	}
	it, err := c.s.Add(ctx, p, 0, is, "")
	return it.ID, err
}

func (c clerk[T]) Amend(ctx context.Context, item journal.ID, fields url.Values) error {
	it, lists, err := c.find(ctx, item)
	if err != nil {
		return err
	}
	reason := fields.Get("reason")
	fields.Del("reason")
	return c.s.Change(ctx, item, it.Version, reason, "", func(is *T) error {
		bound := c.s.Fields(ctx, is, lists)
		all := web.Filled(bound)
		for name, values := range fields {
			all[name] = values
		}
		return Fill(all, bound)
	})
}

func (c clerk[T]) Shift(ctx context.Context, item journal.ID, to, reason string) error {
	it, _, err := c.find(ctx, item)
	if err != nil {
		return err
	}
	return c.s.Move(ctx, item, it.Version, to, reason, "")
}

func (c clerk[T]) find(ctx context.Context, item journal.ID) (it journal.Item[T], lists Choices, err error) {
	err = c.s.DB.Read(ctx, func(q db.Q) error {
		var p journal.Project
		if p, it, err = c.s.load(ctx, q, item); err != nil {
			return err
		}
		lists, err = c.s.choices(ctx, q, p)
		return err
	})
	return it, lists, err
}

// Fill is web.Fill for fields by name: one that the form does not have is
// refused, and several values of a list of lines are its lines.
func Fill(fields url.Values, bound []web.Bound) error {
	var unknown []fail.Field
	known := func(name string) int {
		return slices.IndexFunc(bound, func(b web.Bound) bool { return b.Name == name })
	}
	said := url.Values{}
	for name, values := range fields {
		i := known(name)
		if i < 0 {
			unknown = append(unknown, fail.Field{Name: name, Message: "Formuläret har inget fält " + name + "."})
			continue
		}
		if bound[i].Kind != web.AsMany {
			values = []string{strings.Join(values, "\n")}
		}
		said[name] = values
	}
	slices.SortFunc(unknown, func(a, b fail.Field) int { return strings.Compare(a.Name, b.Name) })
	if err := fail.Fields(unknown...); err != nil {
		return err
	}
	return web.Fill(web.NewForm(said), bound)
}
