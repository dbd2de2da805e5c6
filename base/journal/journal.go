// Package journal keeps the things of a project room with their whole history.
//
// Every change of a thing is an event that carries who, when, why, the state
// before and after, and the content as it became. So the present is one row,
// and what was known at any moment is the last event before it. A room says
// what its things are (a Noun with a content type and the moves between its
// states) and writes no SQL of its own for them.
package journal

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

//go:embed schema
var schema embed.FS

// Schema is the journal's migrations.
func Schema() fs.FS { return db.Sub(schema) }

// ID names a thing of any noun.
type ID int64

// Project is the project that things belong to, as its rights see it. Resource
// is made for the actor who asks: it has the roles that the actor holds in the
// project's groups.
type Project struct {
	ID       who.ProjectID
	Name     string
	Closed   bool // nothing more is written
	Resource policy.Resource
}

// Noun is a kind of thing. T is its content, stored as JSON.
type Noun[T any] struct {
	Name  string              // "goal": also the first part of its acts in the audit log
	Title string              // "Målet", for messages
	Moves map[string][]string // state -> the states that may follow
	// NeedsReason lists the states that nobody enters without saying why.
	NeedsReason []string
}

// Item is a thing as it is, or was.
type Item[T any] struct {
	ID      ID
	Project who.ProjectID
	Parent  ID
	State   string
	Version int64
	Created time.Time
	By      who.PersonID
	Changed time.Time
	Is      T
}

// Act is a change: what is done (the policy's action), and why.
type Act struct {
	Name   string
	Reason string
}

// May tells whether the move is one of the noun's, and has its reason.
func (n Noun[T]) May(from, to, reason string) error {
	if !slices.Contains(n.Moves[from], to) {
		return fail.Newf(fail.Conflict, "%s är %s och kan inte bli %s.", n.Title, from, to)
	}
	if slices.Contains(n.NeedsReason, to) && strings.TrimSpace(reason) == "" {
		return fail.Fields(fail.Field{Name: "reason", Message: "Skriv varför."})
	}
	return nil
}

// Add stores a new thing in its first state.
func (n Noun[T]) Add(ctx context.Context, tx *db.Tx, p Project, parent ID, state string, is T, act Act) (Item[T], error) {
	content, err := json.Marshal(is)
	if err != nil {
		return Item[T]{}, fmt.Errorf("journal: %s: %w", n.Name, err)
	}
	it := Item[T]{Project: p.ID, Parent: parent, State: state, Version: 1, Created: tx.Now(), By: who.From(ctx).Person, Changed: tx.Now(), Is: is}
	it.ID, err = db.Insert[ID](ctx, tx, `INSERT INTO item (project_id, programme_id, noun, parent_id, state, version, created_at, created_by, changed_at, content) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?) RETURNING id`,
		int64(p.ID), int64(p.Resource.Programme), n.Name, int64(parent), state, it.Created, int64(it.By), it.Changed, string(content))
	if err != nil {
		return it, err
	}
	return it, n.event(ctx, tx, p, it, "", string(content), act)
}

// Save stores the thing's content, state and parent over the version that was
// read.
// The move, if the state is another, is held against the noun's.
func (n Noun[T]) Save(ctx context.Context, tx *db.Tx, p Project, it Item[T], act Act) error {
	before, err := db.Value[string](ctx, tx, `SELECT state FROM item WHERE id = ?`, int64(it.ID))
	if err != nil {
		return err
	}
	if before != it.State {
		if err := n.May(before, it.State, act.Reason); err != nil {
			return err
		}
	}
	content, err := json.Marshal(it.Is)
	if err != nil {
		return fmt.Errorf("journal: %s: %w", n.Name, err)
	}
	if err := db.Changed(tx.Exec(ctx, `UPDATE item SET parent_id = ?, state = ?, version = version + 1, changed_at = ?, content = ? WHERE id = ? AND version = ?`,
		int64(it.Parent), it.State, tx.Now(), string(content), int64(it.ID), it.Version)); err != nil {
		return err
	}
	return n.event(ctx, tx, p, it, before, string(content), act)
}

// Move is Save with another state and nothing else.
func (n Noun[T]) Move(ctx context.Context, tx *db.Tx, p Project, it Item[T], to string, act Act) error {
	if it.State == to {
		return n.May(it.State, to, act.Reason)
	}
	it.State = to
	return n.Save(ctx, tx, p, it, act)
}

func (n Noun[T]) event(ctx context.Context, tx *db.Tx, p Project, it Item[T], from, content string, act Act) error {
	_, err := tx.Exec(ctx, `INSERT INTO item_event (item_id, project_id, noun, at, person_id, act, from_state, to_state, reason, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(it.ID), int64(p.ID), n.Name, tx.Now(), int64(who.From(ctx).Person), act.Name, from, it.State, act.Reason, content)
	sum := sha256.Sum256([]byte(content))
	audit.Log(ctx, tx, audit.Entry{Act: act.Name, Object: n.Name + ":" + id.String(it.ID), Programme: p.Resource.Programme, Reason: act.Reason,
		Data: map[string]string{"from": from, "to": it.State, "sha256": hex.EncodeToString(sum[:])}})
	return err
}

const columns = `i.id, i.project_id, i.parent_id, i.state, i.version, i.created_at, i.created_by, i.changed_at, i.content`

func scan[T any](r db.Row) (it Item[T], err error) {
	var content string
	if err := r.Scan(&it.ID, &it.Project, &it.Parent, &it.State, &it.Version, &it.Created, &it.By, &it.Changed, &content); err != nil {
		return it, err
	}
	if err := json.Unmarshal([]byte(content), &it.Is); err != nil {
		return it, fmt.Errorf("journal: item %d: %w", it.ID, err)
	}
	return it, nil
}

// Get reads one thing as it is; NotFound where it is none of the noun's.
func (n Noun[T]) Get(ctx context.Context, q db.Q, item ID) (Item[T], error) {
	return db.One(ctx, q, scan[T], `SELECT `+columns+` FROM item i WHERE i.id = ? AND i.noun = ?`, int64(item), n.Name)
}

// Query chooses things of one noun. Zero values choose all.
type Query struct {
	Project who.ProjectID
	Parent  ID
	State   string
	Before  ID        // only things with a lower number, newest first
	Limit   int       // with Before or Newest
	Newest  bool      // newest first
	At      time.Time // as of the moment; zero: now
}

// List gives the things in the order in which they were made.
func (n Noun[T]) List(ctx context.Context, q db.Q, x Query) ([]Item[T], error) {
	where, args := []string{"i.noun = ?"}, []any{n.Name}
	from, cols := "item i", columns
	add := func(clause string, arg any) { where, args = append(where, clause), append(args, arg) }
	state := "i.state"
	if !x.At.IsZero() {
		state = "e.to_state"
		cols = `i.id, i.project_id, i.parent_id, e.to_state, i.version, i.created_at, i.created_by, e.at, e.content`
		// The event is found by its number alone: with the thing's as well,
		// PostgreSQL expects one row and reads every event of the table.
		from = `item i JOIN item_event e ON e.id = (SELECT max(z.id) FROM item_event z WHERE z.item_id = i.id AND z.at <= ?)`
		args = []any{x.At, n.Name}
	}
	if x.Project != 0 {
		add("i.project_id = ?", int64(x.Project))
	}
	if x.Parent != 0 {
		add("i.parent_id = ?", int64(x.Parent))
	}
	if x.State != "" {
		add(state+" = ?", x.State)
	}
	if x.Before != 0 {
		add("i.id < ?", int64(x.Before))
	}
	order := " ORDER BY i.id"
	if x.Newest || x.Before != 0 {
		order += " DESC"
	}
	if x.Limit > 0 {
		order += fmt.Sprintf(" LIMIT %d", x.Limit)
	}
	return db.All(ctx, q, scan[T], `SELECT `+cols+` FROM `+from+` WHERE `+strings.Join(where, " AND ")+order, args...)
}

// At reads one thing as it was at the moment; NotFound before it was made.
func (n Noun[T]) At(ctx context.Context, q db.Q, item ID, at time.Time) (Item[T], error) {
	if at.IsZero() {
		return n.Get(ctx, q, item)
	}
	return db.One(ctx, q, scan[T], `SELECT i.id, i.project_id, i.parent_id, e.to_state, i.version, i.created_at, i.created_by, e.at, e.content FROM item i JOIN item_event e ON e.item_id = i.id
		WHERE i.id = ? AND i.noun = ? AND e.at <= ? ORDER BY e.id DESC LIMIT 1`, int64(item), n.Name, at)
}

// Entered gives the thing as it was each time that it entered the state from
// another, oldest first.
func (n Noun[T]) Entered(ctx context.Context, q db.Q, item ID, state string) ([]Item[T], error) {
	return db.All(ctx, q, scan[T], `SELECT i.id, i.project_id, i.parent_id, e.to_state, i.version, i.created_at, i.created_by, e.at, e.content FROM item i JOIN item_event e ON e.item_id = i.id
		WHERE i.id = ? AND i.noun = ? AND e.to_state = ? AND e.from_state <> e.to_state ORDER BY e.id`, int64(item), n.Name, state)
}

// Event is one change of a thing.
type Event struct {
	At       time.Time
	Item     ID
	Noun     string
	Person   who.PersonID
	Act      string
	From, To string
	Reason   string
}

func scanEvent(r db.Row) (e Event, err error) {
	return e, r.Scan(&e.At, &e.Item, &e.Noun, &e.Person, &e.Act, &e.From, &e.To, &e.Reason)
}

const eventColumns = `at, item_id, noun, person_id, act, from_state, to_state, reason`

// History lists what has happened to a thing, oldest first.
func History(ctx context.Context, q db.Q, item ID) ([]Event, error) {
	return db.All(ctx, q, scanEvent, `SELECT `+eventColumns+` FROM item_event WHERE item_id = ? ORDER BY id`, int64(item))
}

// Forget makes the thing's whole history say only what the thing says now:
// that it was made and changed, when and by whom, but no earlier content and
// no reason but that of the last event. It is for what has been disposed of,
// in the transaction that disposes. The audit log keeps the hashes of what was.
func Forget(ctx context.Context, tx *db.Tx, item ID) error {
	if _, err := tx.Exec(ctx, `UPDATE item_event SET content = (SELECT i.content FROM item i WHERE i.id = item_event.item_id) WHERE item_id = ?`, int64(item)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE item_event SET reason = '' WHERE item_id = ? AND id < (SELECT max(z.id) FROM item_event z WHERE z.item_id = ?)`, int64(item), int64(item))
	return err
}

// Mentions tells whether any thing, now or at any time before, says the text:
// the hash of a file, for one. Cost: a reading of the whole journal.
func Mentions(ctx context.Context, q db.Q, text string) (bool, error) {
	like := "%" + strings.NewReplacer("\\", "\\\\", "%", "\\%", "_", "\\_").Replace(text) + "%"
	n, err := db.Value[int64](ctx, q, `SELECT CASE WHEN EXISTS (SELECT 1 FROM item WHERE content LIKE ? ESCAPE '\') OR EXISTS (SELECT 1 FROM item_event WHERE content LIKE ? ESCAPE '\') THEN 1 ELSE 0 END`, like, like)
	return n == 1, err
}

// Between lists what happened in a project from a moment up to but not
// including another, oldest first, at most limit.
func Between(ctx context.Context, q db.Q, p who.ProjectID, from, to time.Time, limit int) ([]Event, error) {
	return db.All(ctx, q, scanEvent, `SELECT `+eventColumns+` FROM item_event WHERE project_id = ? AND at >= ? AND at < ? ORDER BY id LIMIT ?`, int64(p), from, to, limit)
}

// Where tells which project and noun a thing is of.
func Where(ctx context.Context, q db.Q, item ID) (p who.ProjectID, noun string, err error) {
	type at struct {
		p who.ProjectID
		n string
	}
	x, err := db.One(ctx, q, func(r db.Row) (x at, err error) { return x, r.Scan(&x.p, &x.n) }, `SELECT project_id, noun FROM item WHERE id = ?`, int64(item))
	return x.p, x.n, err
}

// With is the project with its programme and the owners, for rights asked
// before the project exists.
func (p Project) With(programme who.ProgrammeID, owners []who.OrgID) Project {
	p.Resource.Programme, p.Resource.Owners = programme, owners
	return p
}
