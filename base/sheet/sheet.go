// Package sheet is the pages of a thing in a project room: the list, the form
// for a new one, the page of one with its history, the change of its content
// and of its state, the list as CSV, and each page as it was on another day.
//
// A room says what its noun is, which fields it has, who may read and write
// it and what must hold; the sheet carries out the act in one transaction and
// shows it. What a noun has beyond this, its room adds as hooks and as pages
// of its own.
package sheet

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Deps is what every sheet needs; the room that has it fills it.
type Deps struct {
	DB *db.DB
	// Project finds a project with the actor's roles in its groups.
	Project func(ctx context.Context, q db.Q, id who.ProjectID) (journal.Project, error)
	// PersonName names who did something.
	PersonName func(ctx context.Context, q db.Q, p who.PersonID) (string, error)
}

// Field makes the fields of a content. Choices are the lists to choose from.
type Field[T any] func(ctx context.Context, is *T, c Choices) []web.Bound

// Choices are lists of options by name: "person", "group", "goal".
type Choices map[string][]web.Option

// Column is a column of the list.
type Column[T any] struct {
	Head string
	Cell func(ctx context.Context, it journal.Item[T], c Choices) string
}

// Move is a change of state that a person may carry out on the page. A state
// that only another act leads to has no Move.
type Move struct {
	To, Label string
	Action    string // of the policy; "" is the sheet's Write
	Danger    bool
	// Hint says what the move means.
	Hint string
}

// Sheet is the pages of one noun. Texts are Swedish and pass through web.T.
type Sheet[T any] struct {
	Deps
	Noun                journal.Noun[T]
	Path                string // "risker": /projekt/{id}/risker
	Title, Lead         string
	New                 string // the heading of the form for a new one; "" where there is none
	NoneYet             string // what the empty list says
	First               string // the first state
	Read, Write, Create string // policy actions; Create "" is Write
	Locked              []string
	Fields              Field[T]
	Columns             []Column[T]
	Table               []Column[T] // what the CSV has before the fields
	Moves               []Move
	Name                func(T) string // of one, in headings and links

	// Choices gives the lists that Fields and Columns choose from. May be nil.
	Choices func(ctx context.Context, q db.Q, p journal.Project) (Choices, error)
	// Check says what is wrong with a content that is to be stored. Pure; may be nil.
	Check func(is T) []fail.Field
	// Action gives the policy's action for this very thing in the place of the
	// sheet's, as where two kinds of group have two appointers. May be nil.
	Action func(action string, it journal.Item[T]) string
	// Resource adds what the policy must know of this very thing. May be nil.
	Resource func(p journal.Project, it journal.Item[T]) policy.Resource
	// Guard may refuse a new thing (from ""), a change or a move. May be nil.
	Guard func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[T], from string) error
	// After goes on when it has been stored, in the same transaction. May be nil.
	After func(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[T], from string) error
	// Body is more on the page of one; Above more on the list. May be nil.
	Body  func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[T], at time.Time) (templ.Component, error)
	Above func(ctx context.Context, q db.Q, p journal.Project, list []journal.Item[T], at time.Time) (templ.Component, error)
	// Drawn names the fields that Body shows in a way of its own.
	Drawn []string
	// Newest first, in pages, where there may be very many.
	Newest bool
	// Hidden tells which of the list the actor may not see. May be nil.
	Hidden func(ctx context.Context, p journal.Project, it journal.Item[T]) bool
}

const pageSize = 100

// may checks the policy for the action on one thing (zero: none yet).
func (s *Sheet[T]) may(ctx context.Context, action string, p journal.Project, it journal.Item[T]) error {
	if who.From(ctx).Kind == who.System {
		return nil // a job of our own
	}
	if s.Action != nil {
		action = s.Action(action, it)
	}
	r := p.Resource
	r.Creator = it.By
	if s.Resource != nil {
		r = s.Resource(p, it)
	}
	return policy.Check(who.From(ctx), action, r)
}

func (s *Sheet[T]) create() string {
	if s.Create != "" {
		return s.Create
	}
	return s.Write
}

// editable tells whether the content may be changed in this state.
func (s *Sheet[T]) editable(it journal.Item[T]) bool { return !slices.Contains(s.Locked, it.State) }

var errClosed = fail.New(fail.Conflict, "Projektet är avslutat. Inget mer kan ändras i projektrummet.")

// Add stores a new thing: policy, rule, guard, journal, hook, in one transaction.
func (s *Sheet[T]) Add(ctx context.Context, pid who.ProjectID, parent journal.ID, is T, once string) (made journal.Item[T], err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := s.Project(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := s.may(ctx, s.create(), p, journal.Item[T]{By: who.From(ctx).Person, Is: is}); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		made, err = s.AddIn(ctx, tx, p, parent, is)
		return err
	})
	return made, err
}

// AddIn is Add inside a transaction of somebody else's act, whose policy has
// been checked.
func (s *Sheet[T]) AddIn(ctx context.Context, tx *db.Tx, p journal.Project, parent journal.ID, is T) (journal.Item[T], error) {
	it := journal.Item[T]{Project: p.ID, Parent: parent, State: s.First, Is: is}
	if p.Closed {
		return it, errClosed
	}
	if err := s.check(is); err != nil {
		return it, err
	}
	if s.Guard != nil {
		if err := s.Guard(ctx, tx, p, &it, ""); err != nil {
			return it, err
		}
	}
	it, err := s.Noun.Add(ctx, tx, p, it.Parent, it.State, it.Is, journal.Act{Name: s.create()})
	if err != nil || s.After == nil {
		return it, err
	}
	return it, s.After(ctx, tx, p, it, "")
}

func (s *Sheet[T]) check(is T) error {
	if s.Check == nil {
		return nil
	}
	return fail.Fields(s.Check(is)...)
}

// Change stores another content over the version that was read.
func (s *Sheet[T]) Change(ctx context.Context, item journal.ID, version int64, reason, once string, change func(is *T) error) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		p, it, err := s.load(ctx, tx, item)
		if err != nil {
			return err
		}
		if err := s.may(ctx, s.Write, p, it); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if !s.editable(it) {
			return fail.Newf(fail.Conflict, "%s är %s och kan inte ändras.", s.Noun.Title, it.State)
		}
		if err := change(&it.Is); err != nil {
			return err
		}
		it.Version = version
		return s.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: s.Write, Reason: reason})
	})
}

// SaveIn stores a thing inside another act's transaction; from is its state
// before.
func (s *Sheet[T]) SaveIn(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[T], from string, act journal.Act) error {
	if p.Closed {
		return errClosed
	}
	if err := s.check(it.Is); err != nil {
		return err
	}
	if s.Guard != nil {
		if err := s.Guard(ctx, tx, p, &it, from); err != nil {
			return err
		}
	}
	if err := s.Noun.Save(ctx, tx, p, it, act); err != nil {
		return err
	}
	if s.After == nil {
		return nil
	}
	return s.After(ctx, tx, p, it, from)
}

// Move carries out one of the sheet's moves.
func (s *Sheet[T]) Move(ctx context.Context, item journal.ID, version int64, to, reason, once string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		p, it, err := s.load(ctx, tx, item)
		if err != nil {
			return err
		}
		m, ok := s.move(to)
		if !ok {
			if err := s.may(ctx, s.Write, p, it); err != nil {
				return err
			}
			return fail.Newf(fail.Conflict, "%s kan inte bli %s här.", s.Noun.Title, to)
		}
		if err := s.may(ctx, m.action(s.Write), p, it); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if err := s.Noun.May(it.State, to, reason); err != nil {
			return err
		}
		from := it.State
		it.State, it.Version = to, version
		return s.SaveIn(ctx, tx, p, it, from, journal.Act{Name: m.action(s.Write), Reason: strings.TrimSpace(reason)})
	})
}

func (m Move) action(write string) string {
	if m.Action != "" {
		return m.Action
	}
	return write
}

func (s *Sheet[T]) move(to string) (Move, bool) {
	i := slices.IndexFunc(s.Moves, func(m Move) bool { return m.To == to })
	if i < 0 {
		return Move{}, false
	}
	return s.Moves[i], true
}

// load reads a thing with its project.
func (s *Sheet[T]) load(ctx context.Context, q db.Q, item journal.ID) (p journal.Project, it journal.Item[T], err error) {
	if it, err = s.Noun.Get(ctx, q, item); err != nil {
		return p, it, err
	}
	p, err = s.Project(ctx, q, it.Project)
	return p, it, err
}

func (s *Sheet[T]) choices(ctx context.Context, q db.Q, p journal.Project) (Choices, error) {
	if s.Choices == nil {
		return nil, nil
	}
	return s.Choices(ctx, q, p)
}
