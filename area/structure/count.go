package structure

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
	"kommunpilot/engine/scenario"
)

// resultLimit is how large a result's archive may be, bytes.
const resultLimit = 256 << 20

// countArgs is the job that computes a run.
type countArgs struct {
	Item journal.ID `json:"item"`
}

// Kind implements river.JobArgs.
func (countArgs) Kind() string { return "structure" }

// Workers registers the worker that computes.
func (o *Room) Workers(w *river.Workers) { river.AddWorker(w, &counter{room: o}) }

type counter struct {
	river.WorkerDefaults[countArgs]
	room *Room
}

// Timeout of one computation.
func (c *counter) Timeout(*river.Job[countArgs]) time.Duration { return 10 * time.Minute }

// Work computes one run. Being run twice, or again after a stop, gives the same.
func (c *counter) Work(ctx context.Context, job *river.Job[countArgs]) error {
	return c.room.count(ctx, job.Args.Item)
}

// errStopped: somebody cancelled, or the node is stopping.
var errStopped = errors.New("structure: the computation was stopped")

// count computes a run that is in its state Counting, and stores the result.
func (o *Room) count(ctx context.Context, item journal.ID) error {
	ctx = who.With(ctx, who.Us)
	var it journal.Item[Run]
	var p journal.Project
	err := o.deps.DB.Read(ctx, func(q db.Q) (err error) {
		if it, err = o.runs.Noun.Get(ctx, q, item); err != nil {
			return err
		}
		p, err = o.deps.Project(ctx, q, it.Project)
		return err
	})
	if fail.Is(err, fail.NotFound) || err == nil && it.State != Counting {
		return nil // done, cancelled or gone
	}
	if err != nil {
		return err
	}
	files, err := o.compute(ctx, p, &it)
	switch {
	case errors.Is(err, errStopped):
		return ctx.Err() // nil where somebody cancelled: the run is ordered again
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return o.settle(ctx, item, it.Is.planHash(), nil, err.Error())
	}
	archive, err := pack(files)
	if err != nil {
		return err
	}
	ref, err := o.deps.Files.Put(ctx, bytes.NewReader(archive), resultLimit)
	if err != nil {
		return err
	}
	return o.settle(ctx, item, it.Is.planHash(), &Outcome{Hash: ref.Hash, Size: ref.Size}, "")
}

// compute runs the engine, tells how far it has come, and stops when the run is
// no longer being counted.
func (o *Room) compute(ctx context.Context, p journal.Project, it *journal.Item[Run]) (map[string][]byte, error) {
	country, err := Country()
	if err != nil {
		return nil, err
	}
	r := last.get(it.Is.planHash())
	if r == nil {
		watch := &watcher{room: o, item: it.ID}
		watch.look(ctx)
		options := scenario.Options{Draws: it.Is.draws(), Seed: uint64(max(it.Is.Seed, 0)), Stop: func() bool { return watch.stopped(ctx) }, Progress: watch.tell}
		if r, err = scenario.Run(country, it.Is.plan(), options); err != nil {
			return nil, err
		}
		if r == nil {
			return nil, errStopped
		}
		last.put(it.Is.planHash(), r)
	}
	var frame Frame
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { frame, err = o.deps.Frame(ctx, q, p); return err }); err != nil {
		return nil, err
	}
	files, err := Files(r, frame)
	if err != nil {
		return nil, err
	}
	if files["memo.json"], err = json.Marshal(Memo(r, frame)); err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	var manifest bytes.Buffer
	if err := r.Manifest(files).JSON(&manifest); err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	files["manifest.json"] = manifest.Bytes()
	return files, nil
}

// last is the result that was computed last: a run that comes back with the same
// plan is not computed again.
var last lastResult

type lastResult struct {
	mu     sync.Mutex
	plan   string
	result *scenario.Result
}

func (l *lastResult) get(plan string) *scenario.Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.plan != plan {
		return nil
	}
	return l.result
}

func (l *lastResult) put(plan string, r *scenario.Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.plan, l.result = plan, r
}

// watcher looks at the database now and then: how far, and whether to go on.
type watcher struct {
	room *Room
	item journal.ID
	mu   sync.Mutex
	last time.Time
	done atomic.Uint64 // thousandths
	halt atomic.Bool
}

func (w *watcher) tell(share float64) {
	if n := uint64(share * 1000); n > w.done.Load() {
		w.done.Store(n)
	}
}

// stopped is asked by every worker of the engine; one of them looks.
func (w *watcher) stopped(ctx context.Context) bool {
	if ctx.Err() != nil || w.halt.Load() {
		return true
	}
	if !w.mu.TryLock() {
		return false
	}
	defer w.mu.Unlock()
	if now := w.room.deps.DB.Now(); now.Sub(w.last) > 500*time.Millisecond || now.Before(w.last) {
		w.last = now
		w.look(ctx)
	}
	return w.halt.Load()
}

// look notes the progress and sees whether the run is still to be counted. A
// database that does not answer is no reason to stop.
func (w *watcher) look(ctx context.Context) {
	_ = w.room.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		it, err := w.room.runs.Noun.Get(ctx, tx, w.item)
		if err != nil {
			return err
		}
		if it.State != Counting {
			w.halt.Store(true)
		}
		_, err = tx.Exec(ctx, `INSERT INTO structure_progress (item_id, done, at) VALUES (?, ?, ?) ON CONFLICT (item_id) DO UPDATE SET done = excluded.done, at = excluded.at`,
			int64(w.item), float64(w.done.Load())/1000, tx.Now())
		return err
	})
}

// progress is how much of a computation is done, 0 to 1.
func progress(ctx context.Context, q db.Q, item journal.ID) (float64, error) {
	v, err := db.Value[float64](ctx, q, `SELECT done FROM structure_progress WHERE item_id = ?`, int64(item))
	if fail.Is(err, fail.NotFound) {
		return 0, nil
	}
	return v, err
}

// settle ends a computation: with a result, or with why there is none.
func (o *Room) settle(ctx context.Context, item journal.ID, plan string, out *Outcome, failure string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.runs.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		if it.State != Counting || it.Is.planHash() != plan {
			return nil // cancelled meanwhile
		}
		it.State, it.Is.Failure = Ordered, failure
		if out != nil {
			out.Plan, out.Made = plan, tx.Now()
			it.State, it.Is.Outcome = Ready, out
		}
		return o.runs.SaveIn(ctx, tx, p, it, Counting, journal.Act{Name: "structure.count"})
	})
}

// pack makes one archive of a result's files: the same files, the same bytes.
func pack(files map[string][]byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write(files[name])
		}
		if err != nil {
			return nil, fmt.Errorf("structure: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	return b.Bytes(), nil
}

// Count puts a run in the queue.
func (o *Room) Count(ctx context.Context, item journal.ID, version int64, once string) error {
	return o.begin(ctx, item, version, once, func(tx *db.Tx) error { return o.deps.Enqueue(ctx, tx, countArgs{item}, nil) })
}

// CountNow computes a run at once, for a program that carries out the acts.
func (o *Room) CountNow(ctx context.Context, item journal.ID) error {
	if err := o.begin(ctx, item, 0, "", func(*db.Tx) error { return nil }); err != nil {
		return err
	}
	return o.count(ctx, item)
}

// SetPlan takes a plan from the text of a .scenario file.
func (o *Room) SetPlan(ctx context.Context, item journal.ID, text string) error {
	country, err := Country()
	if err != nil {
		return err
	}
	plan, found := scenario.Parse(country, []byte(text))
	if plan == nil {
		return found
	}
	return o.change(ctx, item, web.NewForm(nil), func(x *Run) error { x.take(plan); return nil })
}

func (o *Room) begin(ctx context.Context, item journal.ID, version int64, once string, enqueue func(tx *db.Tx) error) error {
	return o.act(ctx, item, version, once, "structure.edit", func(tx *db.Tx, _ journal.Project, it *journal.Item[Run]) error {
		if it.State != Ordered && it.State != Ready {
			return fail.New(fail.Conflict, "Beräkningen pågår redan, eller är levererad.")
		}
		country, err := Country()
		if err != nil {
			return err
		}
		if err := scenario.Check(country, it.Is.plan()).Err(); err != nil {
			return fail.New(fail.Conflict, err.Error())
		}
		it.State, it.Is.Failure = Counting, ""
		if _, err := tx.Exec(ctx, `DELETE FROM structure_progress WHERE item_id = ?`, int64(item)); err != nil {
			return err
		}
		return enqueue(tx)
	})
}

// Cancel stops a computation: the run is ordered again and its plan can be changed.
func (o *Room) Cancel(ctx context.Context, item journal.ID, version int64, once string) error {
	return o.act(ctx, item, version, once, "structure.edit", func(_ *db.Tx, _ journal.Project, it *journal.Item[Run]) error {
		if it.State != Counting {
			return fail.New(fail.Conflict, "Beräkningen pågår inte längre.")
		}
		it.State = Ordered
		return nil
	})
}

// act changes a run in one transaction: policy, version, rule, guard, journal.
func (o *Room) act(ctx context.Context, item journal.ID, version int64, once, action string, change func(tx *db.Tx, p journal.Project, it *journal.Item[Run]) error) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.runs.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		if err := o.allowed(ctx, action, p, it); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		from := it.State
		if version != 0 {
			it.Version = version
		}
		if err := change(tx, p, &it); err != nil {
			return err
		}
		return o.runs.SaveIn(ctx, tx, p, it, from, journal.Act{Name: action})
	})
}

func (o *Room) allowed(ctx context.Context, action string, p journal.Project, it journal.Item[Run]) error {
	r := p.Resource
	r.Creator, r.Published = it.By, it.State == Published
	return may(ctx, action, r)
}

// one reads the run of an address, for an action.
func (o *Room) one(r *http.Request, action string) (p journal.Project, it journal.Item[Run], err error) {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return p, it, err
	}
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return p, it, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.deps.Project(ctx, q, pid); err != nil {
			return err
		}
		if it, err = o.runs.Noun.Get(ctx, q, item); err != nil {
			return err
		}
		if it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		if action != "structure.read" { // whoever may not read the project is told no more than that
			if err := policy.Check(who.From(ctx), "structure.read", p.Resource); err != nil {
				return err
			}
		}
		return o.allowed(ctx, action, p, it)
	})
	return p, it, err
}

// answer goes on after an act that a form asked for.
func (o *Room) answer(w http.ResponseWriter, r *http.Request, err error, said, to string) error {
	if err != nil && !errors.Is(err, db.ErrTwice) {
		return err
	}
	if said != "" {
		web.Flash(r.Context(), said)
	}
	return web.Redirect(w, r, to)
}

func (o *Room) postCount(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	err = o.Count(r.Context(), it.ID, f.Version, f.Once)
	return o.answer(w, r, err, web.T(r.Context(), "Beräkningen är igång. Sidan visar hur långt den har kommit."), o.runs.Href(p.ID, it.ID))
}

func (o *Room) postCancel(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	err = o.Cancel(r.Context(), it.ID, f.Version, f.Once)
	return o.answer(w, r, err, web.T(r.Context(), "Beräkningen är avbruten. Inget har ändrats."), o.runs.Href(p.ID, it.ID))
}

// progressPart is the progress alone, which the page fetches again and again.
func (o *Room) progressPart(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.read")
	if err != nil {
		return err
	}
	ctx := r.Context()
	href := o.runs.Href(p.ID, it.ID)
	if it.State != Counting {
		w.Header().Set("HX-Redirect", href)
		return web.Redirect(w, r, href)
	}
	var done float64
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { done, err = progress(ctx, q, it.ID); return err }); err != nil {
		return err
	}
	return part(w, r, counting(href, done))
}
