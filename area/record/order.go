package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/riverqueue/river"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
)

// manyFiles is the number of files above which a package is made in the
// background; step is how often its progress is noted, in files.
const (
	manyFiles = 50
	step      = 10
)

// The states of an order.
const (
	ordered = "beställt"
	made    = "klart"
	failed  = "misslyckat"
)

// order is an archive package that is made in the background.
type order struct {
	number, done, files int64 // number: which order of the matter's
	state               string
	hash, message       string
}

// packageArgs asks for the package of a matter.
type packageArgs struct {
	Matter journal.ID `json:"matter"`
	Number int64      `json:"number"`
}

// Kind implements river.JobArgs.
func (packageArgs) Kind() string { return "archive_package" }

type packer struct {
	river.WorkerDefaults[packageArgs]
	room *Room
}

// Timeout gives a large matter time.
func (*packer) Timeout(*river.Job[packageArgs]) time.Duration { return time.Hour }

// Work makes the package. Run twice, it makes another of the same matter in
// its place.
func (k *packer) Work(ctx context.Context, j *river.Job[packageArgs]) error {
	err := k.room.makePackage(ctx, j.Args)
	if err == nil || !fail.Is(err, fail.Conflict) && !fail.Is(err, fail.NotFound) && j.Attempt < j.MaxAttempts {
		return err
	}
	message := "Paketet kunde inte göras. Beställ det igen, och säg till driften om det händer igen."
	if fail.Is(err, fail.Conflict) {
		message = fail.As(err).Message
	}
	return errors.Join(k.room.note(ctx, j.Args, `state = ?, message = ?`, failed, message), river.JobCancel(err))
}

// Workers registers the room's workers.
func (o *Room) Workers(w *river.Workers) { river.AddWorker(w, &packer{room: o}) }

// note changes an order unless another has taken its place.
func (o *Room) note(ctx context.Context, a packageArgs, set string, args ...any) error {
	return o.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE package_order SET `+set+` WHERE item_id = ? AND number = ?`, append(args, int64(a.Matter), a.Number)...)
		return err
	})
}

func (o *Room) makePackage(ctx context.Context, a packageArgs) (err error) {
	f, err := os.CreateTemp("", "kommunpilot-archive-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	n := 0
	err = o.export(ctx, a.Matter, time.Time{}, f, func() error {
		if n++; n%step != 0 {
			return nil
		}
		return o.note(ctx, a, `done = ?`, n)
	})
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	ref, err := o.deps.Files.Put(ctx, f, size)
	if err != nil {
		return err
	}
	return o.note(ctx, a, `state = ?, done = files, hash = ?`, made, ref.Hash)
}

// ordersOf reads the order of a matter; none where there is none.
func ordersOf(ctx context.Context, q db.Q, item journal.ID) ([]order, error) {
	return db.All(ctx, q, func(r db.Row) (x order, err error) {
		return x, r.Scan(&x.number, &x.state, &x.done, &x.files, &x.hash, &x.message)
	}, `SELECT number, state, done, files, hash, message FROM package_order WHERE item_id = ?`, int64(item))
}

// orderPackage puts the making of a large matter's package in the queue;
// not large: nothing is done. What the order before it made is let go of.
func (o *Room) orderPackage(ctx context.Context, item journal.ID) (large bool, err error) {
	if o.deps.Enqueue == nil {
		return false, nil
	}
	var old []string
	var files int64
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		list, err := o.entries.Noun.List(ctx, q, journal.Query{Parent: item})
		for _, e := range list {
			files += int64(len(e.Is.Documents))
		}
		return err
	})
	if err != nil || files <= manyFiles {
		return false, err
	}
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, p, err := o.matter(ctx, tx, item)
		if err != nil {
			return err
		}
		if err := may(ctx, "record.archive", p.Resource); err != nil {
			return err
		}
		x, err := o.pack(ctx, tx, p, it, tx.Now().Truncate(time.Second))
		if err != nil {
			return err
		}
		if err := x.Check(); err != nil {
			return &fail.Error{Kind: fail.Conflict, Message: "Ärendet kan inte exporteras: " + err.Error() + ".", Err: err}
		}
		if old, err = db.Values[string](ctx, tx, `SELECT hash FROM package_order WHERE item_id = ? AND hash <> ''`, int64(item)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO package_order (item_id, number, state, done, files, hash, message) VALUES (?, 1, ?, 0, ?, '', '')
			ON CONFLICT (item_id) DO UPDATE SET number = package_order.number + 1, state = excluded.state, done = 0, files = excluded.files, hash = '', message = ''`, int64(item), ordered, files); err != nil {
			return err
		}
		number, err := db.Value[int64](ctx, tx, `SELECT number FROM package_order WHERE item_id = ?`, int64(item))
		if err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "record.archive", Object: "matter:" + id.String(item), Programme: p.Resource.Programme, Data: map[string]string{"order": strconv.FormatInt(number, 10)}})
		return o.deps.Enqueue(ctx, tx, packageArgs{Matter: item, Number: number}, nil)
	})
	if err != nil {
		return true, err
	}
	return true, o.release(ctx, old)
}

// orderOf reads the matter's order, for who may make packages.
func (o *Room) orderOf(r *http.Request) (href string, x order, err error) {
	pid, item, err := o.inProject(r)
	if err != nil {
		return "", x, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		p, err := o.deps.Project(ctx, q, pid)
		if err != nil {
			return err
		}
		if err := may(ctx, "record.archive", p.Resource); err != nil {
			return err
		}
		list, err := ordersOf(ctx, q, item)
		if err == nil && len(list) == 0 {
			err = fail.New(fail.NotFound, "Sidan finns inte.")
		}
		if err == nil {
			x = list[0]
		}
		return err
	})
	return o.matters.Href(pid, item), x, err
}

// orderProgress shows how far the package has come; the page asks for itself
// again until it is there.
func (o *Room) orderProgress(w http.ResponseWriter, r *http.Request) error {
	href, x, err := o.orderOf(r)
	if err != nil {
		return err
	}
	if x.state == ordered {
		w.Header().Set("Refresh", "3")
	}
	ctx := r.Context()
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Arkivpaket"), NoIndex: true, Crumbs: []web.Crumb{{Text: web.T(ctx, "Ärende"), Href: href}}}, orderPage(x, href))
}

// orderedPackage gives the package that was ordered.
func (o *Room) orderedPackage(w http.ResponseWriter, r *http.Request) error {
	_, x, err := o.orderOf(r)
	if err != nil {
		return err
	}
	if x.state != made {
		return fail.New(fail.NotFound, "Sidan finns inte.")
	}
	content, err := o.deps.Files.Open(r.Context(), x.hash)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="arende-%s.zip"`, r.PathValue("arende")))
	_, err = io.Copy(w, content)
	return err
}
