package job

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/who"
)

// noteArgs is a job whose worker writes a row, so that a test can count runs.
type noteArgs struct {
	Text string `json:"text"`
}

func (noteArgs) Kind() string { return "note" }

type noteWorker struct {
	river.WorkerDefaults[noteArgs]
	run func(ctx context.Context, text string) error
}

func (w *noteWorker) Work(ctx context.Context, j *river.Job[noteArgs]) error {
	return w.run(ctx, j.Args.Text)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func queue(t *testing.T, d *db.DB) *Queue {
	t.Helper()
	if _, err := Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	q, err := New(d, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func work(t *testing.T, q *Queue, o Options, run func(ctx context.Context, text string) error) {
	t.Helper()
	o.Workers = river.NewWorkers()
	river.AddWorker(o.Workers, &noteWorker{run: run})
	r, err := q.Work(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func enqueue(t *testing.T, d *db.DB, q *Queue, texts ...string) {
	t.Helper()
	err := d.Housekeep(t.Context(), func(tx *db.Tx) error {
		for _, s := range texts {
			if err := q.Enqueue(t.Context(), tx, noteArgs{s}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// until waits for something that happens soon.
func until(t *testing.T, patience time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
	}
}

func counts(t *testing.T, q *Queue) map[string]int64 {
	t.Helper()
	c, err := q.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRolledBackTransactionLeavesNoJob(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		q := queue(t, d)
		stop := errors.New("changed my mind")
		err := d.Housekeep(t.Context(), func(tx *db.Tx) error {
			if err := q.Enqueue(t.Context(), tx, noteArgs{"never"}, nil); err != nil {
				t.Fatal(err)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatalf("got %v", err)
		}
		if c := counts(t, q); len(c) != 0 {
			t.Errorf("jobs are left: %v", c)
		}
		enqueue(t, d, q, "yes")
		if c := counts(t, q); c["available"] != 1 {
			t.Errorf("a stored transaction left %v, want one job", c)
		}
	})
}

func TestEachJobRunsOnceWithTwoNodes(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		q := queue(t, d)
		const n = 60
		var texts []string
		for i := range n {
			texts = append(texts, strings.Repeat("x", i+1))
		}
		enqueue(t, d, q, texts...)
		var mu sync.Mutex
		ran := map[string]int{}
		var total atomic.Int64
		var outcomes atomic.Int64
		run := func(ctx context.Context, text string) error {
			if who.From(ctx).Kind != who.System {
				t.Error("a job does not act as the system")
			}
			mu.Lock()
			ran[text]++
			mu.Unlock()
			total.Add(1)
			return nil
		}
		done := func(kind, outcome string, _ time.Duration) {
			if kind == "note" && outcome == "ok" {
				outcomes.Add(1)
			}
		}
		work(t, q, Options{Done: done}, run)
		work(t, q, Options{Done: done}, run)
		until(t, 20*time.Second, "all jobs", func() bool { return total.Load() >= n && counts(t, q)["available"] == 0 })
		time.Sleep(200 * time.Millisecond) // a second run would come now
		for text, times := range ran {
			if times != 1 {
				t.Errorf("job %d ran %d times", len(text), times)
			}
		}
		if len(ran) != n || outcomes.Load() != n {
			t.Errorf("%d jobs ran and %d were told of, want %d", len(ran), outcomes.Load(), n)
		}
	})
}

func TestFailedJobIsTriedAgain(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		q := queue(t, d)
		enqueue(t, d, q, "twice")
		var runs atomic.Int64
		work(t, q, Options{}, func(context.Context, string) error {
			if runs.Add(1) == 1 {
				return errors.New("the server is away")
			}
			return nil
		})
		until(t, 30*time.Second, "the second attempt", func() bool { return runs.Load() == 2 })
	})
}

func TestTicksRunOnOneNodeAndOutliveEachOther(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		q := queue(t, d)
		var good, bad atomic.Int64
		o := Options{TickEvery: 24 * time.Hour, Ticks: []func(context.Context) error{
			func(context.Context) error { bad.Add(1); return errors.New("no") },
			func(context.Context) error { bad.Add(1); panic("no") },
			func(context.Context) error { good.Add(1); return nil },
		}}
		none := func(context.Context, string) error { return nil }
		work(t, q, o, none)
		work(t, q, o, none)
		until(t, 20*time.Second, "the tick", func() bool { return good.Load() > 0 })
		time.Sleep(300 * time.Millisecond)
		if good.Load() != 1 || bad.Load() != 2 {
			t.Errorf("in one period the ticks ran %d and %d times, want 1 and 2", good.Load(), bad.Load())
		}
	})
}

func TestReadyTellsOfMissingTables(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		if err := Ready(t.Context(), d); !errors.Is(err, ErrNotMigrated) {
			t.Errorf("before: %v", err)
		}
		ran, err := Migrate(t.Context(), d)
		if err != nil || len(ran) == 0 {
			t.Fatal(ran, err)
		}
		if err := Ready(t.Context(), d); err != nil {
			t.Errorf("after: %v", err)
		}
		if ran, err = Migrate(t.Context(), d); err != nil || len(ran) != 0 {
			t.Errorf("a second time: %v, %v", ran, err)
		}
	})
}

// victim is the variable that makes this test program the node to be killed.
const victim = "KOMMUNPILOT_TEST_JOB_VICTIM"

func TestMain(m *testing.M) {
	if address := os.Getenv(victim); address != "" {
		beVictim(address)
	}
	os.Exit(m.Run())
}

// beVictim takes the job, says so, and never finishes.
func beVictim(address string) {
	ctx := context.Background()
	d, err := db.Open(ctx, address)
	if err != nil {
		panic(err)
	}
	q, err := New(d, quiet())
	if err != nil {
		panic(err)
	}
	w := river.NewWorkers()
	river.AddWorker(w, &noteWorker{run: func(context.Context, string) error {
		fmt.Println("taken")
		select {}
	}})
	if _, err := q.Work(ctx, Options{Workers: w}); err != nil {
		panic(err)
	}
	select {}
}

func TestJobOfKilledNodeIsRescued(t *testing.T) {
	kill := func(t *testing.T, d *db.DB, address string) {
		q := queue(t, d)
		enqueue(t, d, q, "survives")
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), victim+"="+address)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || line != "taken\n" {
			t.Fatalf("the victim said %q, %v", line, err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		if c := counts(t, q); c["running"] == 0 {
			t.Fatalf("the killed node's job is not left as running: %v", c)
		}
		var runs atomic.Int64
		work(t, q, Options{Timeout: 500 * time.Millisecond, RescueAfter: time.Second}, func(context.Context, string) error {
			runs.Add(1)
			return nil
		})
		// The dead node leads until its lease runs out, and the rescuer looks
		// every 30 seconds.
		until(t, 90*time.Second, "the rescue", func() bool { return runs.Load() == 1 })
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		d := dbtest.SQLite(t)
		kill(t, d, "sqlite:"+d.Path())
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		address := dbtest.PostgresURL(t)
		d, err := db.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		kill(t, d, address)
	})
}
