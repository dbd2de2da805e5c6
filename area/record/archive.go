package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/archive"
	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/who"
)

// importAct is the act of taking a package in. It is no part of the matter's
// own history, so that what is taken in goes out with the same bytes.
const importAct = "record.import"

// Origin is what a matter brought with it from the archive that it was taken
// in from, and keeps when it is exported again.
type Origin struct {
	Identity  string             `json:"identity"`
	Creator   string             `json:"creator"`
	Project   string             `json:"project"`
	Retention *archive.Retention `json:"retention,omitempty"`
	Past      []archive.Event    `json:"past"`
}

func (x *Origin) past() []archive.Event {
	if x == nil {
		return nil
	}
	return x.Past
}

// matter reads a matter with its project.
func (o *Room) matter(ctx context.Context, q db.Q, item journal.ID) (it journal.Item[Matter], p journal.Project, err error) {
	if it, err = o.matters.Noun.Get(ctx, q, item); err != nil {
		return it, p, err
	}
	p, err = o.deps.Project(ctx, q, it.Project)
	return it, p, err
}

// past is everything that has happened to a thing: before it was taken in, and
// since.
func (o *Room) past(ctx context.Context, q db.Q, item journal.ID, before []archive.Event) ([]archive.Event, error) {
	list, err := journal.History(ctx, q, item)
	out := append([]archive.Event{}, before...)
	for _, e := range list {
		if e.Act == importAct {
			continue
		}
		name := who.Us.Name
		if e.Person != 0 {
			if name, err = o.deps.PersonName(ctx, q, e.Person); err != nil {
				return nil, err
			}
		}
		out = append(out, archive.Event{At: e.At.UTC(), Agent: name, Act: e.Act, To: e.To, Reason: e.Reason})
	}
	return out, err
}

// pack puts a matter into the words of the package.
func (o *Room) pack(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Matter], at time.Time) (x archive.Package, err error) {
	x = archive.Package{Created: at.UTC(), Project: p.Name, Matter: archive.Matter{Code: it.Is.Code, Title: it.Is.Title, Responsible: it.Is.Responsible, State: it.State}}
	if origin := it.Is.Origin; origin != nil {
		x.Creator, x.Project, x.Matter.Identity, x.Matter.Retention = origin.Creator, origin.Project, origin.Identity, origin.Retention
	} else {
		if x.Creator, err = o.deps.Creator(ctx, q, p); err != nil {
			return x, err
		}
		x.Matter.Identity = archive.Identity("matter", x.Creator, id.String(p.ID), id.String(it.ID), it.Created.UTC().Format(time.RFC3339Nano))
	}
	rules, err := o.retentions(ctx, q, p)
	if err != nil {
		return x, err
	}
	if rule, ok := RetentionOf(it.Is.Code, rules); ok {
		x.Matter.Retention = rule.packed()
	}
	if x.Matter.Events, err = o.past(ctx, q, it.ID, it.Is.Origin.past()); err != nil {
		return x, err
	}
	list, err := o.entries.Noun.List(ctx, q, journal.Query{Parent: it.ID})
	if err != nil {
		return x, err
	}
	numbers := map[journal.ID]string{}
	for _, e := range list {
		numbers[e.ID] = e.Is.Number
	}
	for _, e := range list {
		packed, err := o.packEntry(ctx, q, e, numbers)
		if err != nil {
			return x, err
		}
		x.Matter.Entries = append(x.Matter.Entries, packed)
	}
	return x, nil
}

func (o *Room) packEntry(ctx context.Context, q db.Q, it journal.Item[Entry], numbers map[journal.ID]string) (x archive.Entry, err error) {
	e := it.Is
	x = archive.Entry{Number: e.Number, Day: string(e.Day), Direction: e.Direction, Party: e.Party, Brief: e.Brief, Theirs: e.Theirs, Secrecy: e.Secrecy, Mirror: e.Mirror, State: it.State}
	if e.MirrorOf != 0 {
		if x.MirrorOf = numbers[e.MirrorOf]; x.MirrorOf == "" {
			x.MirrorOf = e.Theirs // in another matter: Check says so
		}
	}
	for _, d := range e.Documents {
		x.Documents = append(x.Documents, archive.Document{Name: d.Name, Type: d.Type, Hash: d.Hash, Size: d.Size, Version: d.Version, Added: d.Added.UTC()})
	}
	x.Events, err = o.past(ctx, q, it.ID, e.Past)
	return x, err
}

// FindMatter finds a matter by its own number (that of its page) or by the
// number of one of its entries, as KS 2026/1.
func (o *Room) FindMatter(ctx context.Context, q db.Q, number string) (journal.ID, error) {
	number = strings.TrimSpace(number)
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		it, err := o.matters.Noun.Get(ctx, q, journal.ID(n))
		return it.ID, err
	}
	prefix, year, n, err := numbered(number)
	if err != nil {
		return 0, err
	}
	found, err := db.Values[int64](ctx, q, `SELECT i.parent_id FROM registry_number n JOIN item i ON i.id = n.item_id WHERE n.prefix = ? AND n.year = ? AND n.number = ? ORDER BY n.item_id`, prefix, year, n)
	switch {
	case err != nil:
		return 0, err
	case len(found) == 0:
		return 0, fail.Newf(fail.NotFound, "Ingen diariepost har numret %s.", number)
	case len(found) > 1:
		return 0, fail.Newf(fail.Conflict, "Flera program har numret %s. Ange ärendets eget nummer, det som står sist i sidans adress.", number)
	}
	return journal.ID(found[0]), nil
}

// numbered takes KS 2026/1 apart.
func numbered(number string) (prefix string, year, n int, err error) {
	prefix, rest, _ := strings.Cut(number, " ")
	if _, err := fmt.Sscanf(rest, "%d/%d", &year, &n); err != nil || prefix == "" || fmt.Sprintf("%s %d/%d", prefix, year, n) != number {
		return "", 0, 0, fail.Newf(fail.Invalid, "%q är inget diarienummer. Skriv det som KS 2026/1.", number)
	}
	return prefix, year, n, nil
}

// ExportMatter writes a closed matter as an archive package to w, and enters
// that in the log; at is the time of the export (zero: now). Where there is an
// error, what has been written is no package.
func (o *Room) ExportMatter(ctx context.Context, item journal.ID, at time.Time, w io.Writer) error {
	return o.export(ctx, item, at, w, func() error { return nil })
}

// export is ExportMatter that tells of each file as it is read.
func (o *Room) export(ctx context.Context, item journal.ID, at time.Time, w io.Writer, tell func() error) error {
	var x archive.Package
	err := o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, p, err := o.matter(ctx, tx, item)
		if err != nil {
			return err
		}
		if err := may(ctx, "record.archive", p.Resource); err != nil {
			return err
		}
		if at.IsZero() {
			at = tx.Now().Truncate(time.Second)
		}
		if x, err = o.pack(ctx, tx, p, it, at); err != nil {
			return err
		}
		if err := x.Check(); err != nil {
			return &fail.Error{Kind: fail.Conflict, Message: "Ärendet kan inte exporteras: " + err.Error() + ".", Err: err}
		}
		audit.Log(ctx, tx, audit.Entry{Act: "record.archive", Object: "matter:" + id.String(it.ID), Programme: p.Resource.Programme, Data: map[string]string{"identity": x.Matter.Identity}})
		return nil
	})
	if err != nil {
		return err
	}
	if err := archive.Write(w, x, func(hash string) (io.ReadCloser, error) {
		if err := tell(); err != nil {
			return nil, err
		}
		return o.deps.Files.Open(ctx, hash)
	}); err != nil {
		return fmt.Errorf("record: the package of matter %d: %w", item, err)
	}
	return nil
}

// ImportMatter takes a package in to a project: the matter as it was, its
// entries under the numbers that they had, their documents. A number that is
// taken already refuses the whole.
func (o *Room) ImportMatter(ctx context.Context, pid who.ProjectID, r *archive.Reading) (made journal.ID, err error) {
	// Files first: where the transaction fails, they are left unused.
	for _, e := range r.Matter.Entries {
		for _, d := range e.Documents {
			if err := o.take(ctx, r, d); err != nil {
				return 0, err
			}
		}
	}
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := o.deps.Project(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := may(ctx, "record.import", p.Resource); err != nil {
			return err
		}
		m := r.Matter
		it, err := o.matters.Noun.Add(ctx, tx, p, 0, m.State, Matter{Code: m.Code, Title: m.Title, Responsible: m.Responsible,
			Origin: &Origin{Identity: m.Identity, Creator: r.Creator, Project: r.Project, Retention: m.Retention, Past: m.Events}}, journal.Act{Name: importAct})
		if err != nil {
			return err
		}
		made = it.ID
		return o.importEntries(ctx, tx, p, it.ID, m.Entries)
	})
	return made, err
}

func (o *Room) take(ctx context.Context, r *archive.Reading, d archive.Document) (err error) {
	content, err := r.Open(d.Hash)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	ref, err := o.deps.Files.Put(ctx, content, d.Size)
	if err == nil && ref.Hash != d.Hash {
		err = fmt.Errorf("record: %s was changed while it was read", d.Name)
	}
	return err
}

func (o *Room) importEntries(ctx context.Context, tx *db.Tx, p journal.Project, m journal.ID, list []archive.Entry) error {
	made, byNumber := make([]journal.Item[Entry], 0, len(list)), map[string]journal.ID{}
	for _, e := range list {
		prefix, year, n, err := numbered(e.Number)
		if err != nil {
			return err
		}
		is := Entry{Matter: m, Series: prefix, Number: e.Number, Day: calendar.Date(e.Day), Direction: e.Direction, Party: e.Party, Brief: e.Brief, Theirs: e.Theirs, Secrecy: e.Secrecy, Mirror: e.Mirror, Past: e.Events}
		for _, d := range e.Documents {
			is.Documents = append(is.Documents, Document{Name: d.Name, Type: d.Type, Hash: d.Hash, Size: d.Size, Version: d.Version, Added: d.Added})
		}
		it, err := o.entries.Noun.Add(ctx, tx, p, m, e.State, is, journal.Act{Name: importAct})
		if err != nil {
			return err
		}
		if err := o.number(ctx, tx, p, it.ID, prefix, year, n); err != nil {
			return err
		}
		made, byNumber[e.Number] = append(made, it), it.ID
	}
	for i, e := range list {
		if e.MirrorOf == "" {
			continue
		}
		made[i].Is.MirrorOf = byNumber[e.MirrorOf]
		if err := o.entries.Noun.Save(ctx, tx, p, made[i], journal.Act{Name: importAct}); err != nil {
			return err
		}
	}
	return nil
}

// number takes a number that was given elsewhere, and lets the series go on
// after it.
func (o *Room) number(ctx context.Context, tx *db.Tx, p journal.Project, item journal.ID, prefix string, year, n int) error {
	programme := int64(p.Resource.Programme)
	taken, err := db.Value[int64](ctx, tx, `SELECT count(*) FROM registry_number WHERE programme_id = ? AND prefix = ? AND year = ? AND number = ?`, programme, prefix, year, n)
	if err != nil {
		return err
	}
	if taken > 0 {
		return fail.Newf(fail.Conflict, "Numret %s %d/%d finns redan i programmets diarium. Inget lästes in.", prefix, year, n)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO series (programme_id, prefix, year, last) VALUES (?, ?, ?, 0) ON CONFLICT (programme_id, prefix, year) DO NOTHING`, programme, prefix, year); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE series SET last = ? WHERE programme_id = ? AND prefix = ? AND year = ? AND last < ?`, n, programme, prefix, year, n); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO registry_number (item_id, programme_id, prefix, year, number) VALUES (?, ?, ?, ?, ?)`, int64(item), programme, prefix, year, n)
	return err
}
