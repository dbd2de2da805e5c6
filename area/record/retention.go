package record

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"kommunpilot/base/archive"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The two outcomes of a retention decision, and its states.
const (
	Keep     = "bevaras"
	Dispose  = "gallras"
	InForce  = "gällande"
	Repealed = "upphävt"
)

// Retention is a decision of what becomes of the matters of a kind: kept for
// ever, or disposed of when a number of full years have passed since they were
// closed. The kind is a part of the classification: 1.3 speaks of 1.3.2 too,
// where no decision of its own does.
type Retention struct {
	Code   string  `json:"code"` // "" every kind
	Action string  `json:"action"`
	Years  float64 `json:"years"`
	Ground string  `json:"ground"`
}

func checkRetention(r Retention) (out []fail.Field) {
	whole := r.Years == math.Trunc(r.Years) && r.Years >= 1 && r.Years <= 500
	if r.Action == Dispose && !whole {
		out = append(out, fail.Field{Name: "years", Message: "Skriv efter hur många hela år, 1 till 500."})
	}
	if r.Action == Keep && r.Years != 0 {
		out = append(out, fail.Field{Name: "years", Message: "Det som bevaras gallras inte. Lämna åren tomma."})
	}
	return out
}

// covers tells whether the decision speaks of a classification.
func (r Retention) covers(code string) bool {
	return r.Code == "" || code == r.Code || strings.HasPrefix(code, r.Code+".")
}

// RetentionOf is the decision that a matter falls under: that of the most
// exact classification, among equals the latest. O(decisions).
func RetentionOf(code string, list []Retention) (found Retention, ok bool) {
	for _, r := range list {
		if r.covers(code) && (!ok || len(r.Code) >= len(found.Code)) {
			found, ok = r, true
		}
	}
	return found, ok
}

// DueOn is the first day on which a matter may be disposed of.
func (r Retention) DueOn(closed time.Time) (day calendar.Date, ok bool) {
	if r.Action != Dispose {
		return "", false
	}
	c := calendar.Of(closed)
	return calendar.Of(c.Start().AddDate(int(r.Years), 0, 0)), true
}

func (r Retention) packed() *archive.Retention {
	if r.Action == Dispose {
		return &archive.Retention{Years: int(r.Years), Ground: r.Ground}
	}
	return &archive.Retention{Ground: r.Ground}
}

func (o *Room) retentionSheet(d sheet.Deps) *sheet.Sheet[Retention] {
	return &sheet.Sheet[Retention]{
		Deps: d, Noun: journal.Noun[Retention]{Name: "retention", Title: "Beslutet om bevarande", Moves: map[string][]string{InForce: {Repealed}}, NeedsReason: []string{Repealed}},
		Path: "bevarande", Title: "Bevarande och gallring", Lead: "Vad som händer med ärenden av varje slag: de bevaras, eller gallras när ett antal år har gått sedan de avslutades. Utan beslut gallras inget.",
		New: "Nytt beslut om bevarande", NoneYet: "Inga beslut ännu. Allt bevaras.", First: InForce, Read: "record.read", Write: "record.retain", Locked: []string{InForce, Repealed},
		Name: func(r Retention) string { return strings.TrimSpace(r.Code + " " + r.Action) },
		Fields: func(ctx context.Context, r *Retention, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "code", Label: web.T(ctx, "Klassificering"), Hint: web.T(ctx, "Beslutet gäller också underliggande klasser som inte har ett eget. Lämna tomt för alla ärenden."), Width: "short"}, To: &r.Code},
				{Input: web.Input{Name: "action", Label: web.T(ctx, "Ärendena"), Required: true}, Kind: web.AsRadio, To: &r.Action, Options: []web.Option{{Value: Keep, Label: web.T(ctx, "bevaras")}, {Value: Dispose, Label: web.T(ctx, "gallras")}}},
				{Input: web.Input{Name: "years", Label: web.T(ctx, "Gallras efter hur många år"), Hint: web.T(ctx, "Hela år sedan ärendet avslutades."), Width: "short"}, Kind: web.AsNumber, To: &r.Years},
				{Input: web.Input{Name: "ground", Label: web.T(ctx, "Beslut"), Hint: web.T(ctx, "Beslutets diarienummer och paragraf, till exempel KS 2026/9 § 4."), Required: true}, To: &r.Ground},
			}
		},
		Check: checkRetention,
		Columns: []sheet.Column[Retention]{
			{Head: "Klassificering", Cell: func(_ context.Context, it journal.Item[Retention], _ sheet.Choices) string { return it.Is.Code }},
			{Head: "Beslut", Cell: func(_ context.Context, it journal.Item[Retention], _ sheet.Choices) string { return it.Is.Ground }},
		},
		Moves: []sheet.Move{{To: Repealed, Label: "Upphäv beslutet", Action: "record.retain"}},
	}
}

// retentions lists the decisions in force.
func (o *Room) retentions(ctx context.Context, q db.Q, p journal.Project) (out []Retention, err error) {
	list, err := o.retention.Noun.List(ctx, q, journal.Query{Project: p.ID, State: InForce})
	for _, it := range list {
		out = append(out, it.Is)
	}
	return out, err
}

// Due is a matter whose time of retention has passed.
type Due struct {
	Matter journal.ID
	Title  string
	Closed calendar.Date
	On     calendar.Date // the first day on which it may be disposed of
	Ground string
}

// DueAt lists the matters that may be disposed of on a day, the oldest first.
// Cost: one reading of the history for each closed matter of the project.
func (o *Room) DueAt(ctx context.Context, q db.Q, p journal.Project, day calendar.Date) (out []Due, err error) {
	rules, err := o.retentions(ctx, q, p)
	if err != nil {
		return nil, err
	}
	for _, state := range []string{Closed, Archived} {
		list, err := o.matters.Noun.List(ctx, q, journal.Query{Project: p.ID, State: state})
		if err != nil {
			return nil, err
		}
		for _, it := range list {
			d, ok, err := o.due(ctx, q, it, rules)
			if err != nil {
				return nil, err
			}
			if ok && d.On <= day {
				out = append(out, d)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Due) int { return strings.Compare(string(a.On), string(b.On)) })
	return out, nil
}

// due tells when a closed matter may be disposed of; not ok where it is kept.
func (o *Room) due(ctx context.Context, q db.Q, it journal.Item[Matter], rules []Retention) (d Due, ok bool, err error) {
	rule, ok := RetentionOf(it.Is.Code, rules)
	if !ok {
		return d, false, nil
	}
	events, err := o.past(ctx, q, it.ID, it.Is.Origin.past())
	if err != nil {
		return d, false, err
	}
	closed := archive.Matter{Events: events}.ClosedAt()
	on, ok := rule.DueOn(closed)
	return Due{Matter: it.ID, Title: it.Is.Title, Closed: calendar.Of(closed), On: on, Ground: rule.Ground}, ok && !closed.IsZero(), nil
}

// DisposeOf disposes of a matter whose time has passed: of each entry remain
// number, series, day and direction, and a tombstone that names the decision.
// The files are no longer the entry's, and the history forgets what it said.
func (o *Room) DisposeOf(ctx context.Context, item journal.ID, decision, once string) error {
	decision = strings.TrimSpace(decision)
	var files []string
	err := o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, p, err := o.matter(ctx, tx, item)
		if err != nil {
			return err
		}
		if err := may(ctx, "record.dispose", p.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if decision == "" {
			return fail.Fields(fail.Field{Name: "decision", Message: "Skriv vilket beslut gallringen bygger på."})
		}
		rules, err := o.retentions(ctx, tx, p)
		if err != nil {
			return err
		}
		if it.State != Closed && it.State != Archived {
			return fail.Newf(fail.Conflict, "Ärendet är %s och kan inte gallras.", it.State)
		}
		d, ok, err := o.due(ctx, tx, it, rules)
		if err != nil {
			return err
		}
		if !ok {
			return fail.New(fail.Conflict, "Inget beslut säger att ärendet ska gallras.")
		}
		if today := calendar.Of(tx.Now()); today < d.On {
			return fail.Newf(fail.Conflict, "Ärendet får gallras först %s.", d.On)
		}
		files, err = o.dispose(ctx, tx, p, it, decision)
		return err
	})
	if err != nil {
		return err
	}
	return o.release(ctx, files)
}

// release removes the files that nothing else speaks of. They have been let go
// of before: where this is broken off, files are left that nobody can reach.
func (o *Room) release(ctx context.Context, files []string) error {
	for _, hash := range files {
		var held bool
		err := o.deps.DB.Read(ctx, func(q db.Q) (err error) {
			if held, err = journal.Mentions(ctx, q, hash); err != nil || held || o.deps.HasFile == nil {
				return err
			}
			held, err = o.deps.HasFile(ctx, q, hash)
			return err
		})
		if err != nil {
			return err
		}
		if held {
			continue
		}
		if _, err := o.deps.Files.Remove(ctx, hash, o.deps.DB.Now().Add(-time.Hour)); err != nil {
			return err
		}
	}
	return nil
}

func (o *Room) dispose(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Matter], decision string) (files []string, err error) {
	act := journal.Act{Name: "record.dispose", Reason: decision}
	entries, err := o.entries.Noun.List(ctx, tx, journal.Query{Parent: it.ID})
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		for _, d := range e.Is.Documents {
			files = append(files, d.Hash)
		}
		e.Is = Entry{Matter: e.Is.Matter, Series: e.Is.Series, Number: e.Is.Number, Day: e.Is.Day, Direction: e.Is.Direction, Mirror: e.Is.Mirror, MirrorOf: e.Is.MirrorOf,
			Brief: "Gallrad " + string(calendar.Of(tx.Now())) + " enligt " + decision}
		e.State = Disposed
		if err := o.entries.Noun.Save(ctx, tx, p, e, act); err != nil {
			return nil, err
		}
		if err := journal.Forget(ctx, tx, e.ID); err != nil {
			return nil, err
		}
	}
	packages, err := db.Values[string](ctx, tx, `SELECT hash FROM package_order WHERE item_id = ? AND hash <> ''`, int64(it.ID))
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM package_order WHERE item_id = ?`, int64(it.ID)); err != nil {
		return nil, err
	}
	files = append(files, packages...)
	if err := o.disposeMessages(ctx, tx, p, entries, act); err != nil {
		return nil, err
	}
	return files, o.matters.Noun.Move(ctx, tx, p, it, DisposedMatter, act)
}
