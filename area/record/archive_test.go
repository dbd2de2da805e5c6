package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/archive"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

var exported = time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC)

// closedMatter makes a random closed matter by the acts: entries, mirror
// entries, files in versions, a correction, a reopening.
func closedMatter(t *testing.T, d *db.DB, o *Room, seed uint64) journal.ID {
	t.Helper()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	d.SetClock(func() time.Time {
		now = now.Add(time.Duration(r.IntN(1e9)) * time.Microsecond)
		return now.Truncate(time.Microsecond)
	})
	ctx := as(registrar)
	m, err := o.OpenMatter(ctx, pid, Matter{Code: "1.3.2", Title: "Avtal <om> ansvar & \"följd\"", Responsible: "Registrator"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1 + r.IntN(4) {
		e := Entry{Matter: m, Series: "KS", Day: "2026-03-02", Direction: []string{"in", "ut", "upprättad"}[r.IntN(3)], Party: "Leverantören AB", Brief: fmt.Sprint("Handling ", i), Secrecy: []string{"", "OSL 19:3"}[r.IntN(2)]}
		if r.IntN(2) == 0 {
			e.Mirror = "SLK"
		}
		it, err := o.entries.Add(ctx, pid, 0, e, "")
		if err != nil {
			t.Fatal(err)
		}
		var docs []Document
		for v := range r.IntN(3) {
			ref, err := o.deps.Files.Put(ctx, strings.NewReader(fmt.Sprint("innehåll ", i, v, seed)), 1000)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, Document{Name: "Avtal å.pdf", Type: "application/pdf", Hash: ref.Hash, Size: ref.Size, Version: v + 1, Added: now.Truncate(time.Microsecond)})
		}
		if it, err = get(d, o.entries.Noun, it.ID); err != nil {
			t.Fatal(err)
		}
		if err := o.entries.Change(ctx, it.ID, it.Version, "Rättad", "", func(e *Entry) error { e.Documents = docs; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if r.IntN(2) == 0 {
		move(t, o, m, Closed, "", d)
		move(t, o, m, Open, "Mer kom in", d)
	}
	move(t, o, m, Closed, "", d)
	return m
}

func get[T any](d *db.DB, n journal.Noun[T], item journal.ID) (it journal.Item[T], err error) {
	err = d.Read(context.Background(), func(q db.Q) error { it, err = n.Get(context.Background(), q, item); return err })
	return it, err
}

func move(t *testing.T, o *Room, m journal.ID, to, reason string, d *db.DB) {
	t.Helper()
	it, err := get(d, o.matters.Noun, m)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.matters.Move(as(registrar), m, it.Version, to, reason, ""); err != nil {
		t.Fatal(err)
	}
}

func export(t *testing.T, o *Room, m journal.ID) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := o.ExportMatter(as(registrar), m, exported, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func reading(t *testing.T, b []byte) *archive.Reading {
	t.Helper()
	r, faults := archive.Read(bytes.NewReader(b), int64(len(b)), archive.Limits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return r
}

// TestAPackageTakenInToAnEmptyDatabaseGoesOutWithTheSameBytes: from each kind
// of database to each; and the series goes on after the numbers taken in.
func TestAPackageTakenInToAnEmptyDatabaseGoesOutWithTheSameBytes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	each(t, func(t *testing.T, d *db.DB, o *Room, _ http.Handler) {
		for i := range uint64(3) {
			b := export(t, o, closedMatter(t, d, o, seed+i))
			each(t, func(t *testing.T, d2 *db.DB, o2 *Room, _ http.Handler) {
				r := reading(t, b)
				m, err := o2.ImportMatter(who.With(context.Background(), who.Us), pid, r)
				if err != nil {
					t.Fatal(err)
				}
				if again := export(t, o2, m); !bytes.Equal(again, b) {
					t.Fatalf("other bytes: %+v\nwas %+v", reading(t, again).Matter, r.Matter)
				}
				if _, err := o2.ImportMatter(who.With(context.Background(), who.Us), pid, r); !fail.Is(err, fail.Conflict) {
					t.Errorf("taken in twice: %v", err)
				}
				last := 0
				for _, e := range r.Matter.Entries {
					if p, _, n, err := numbered(e.Number); err == nil && p == "KS" {
						last = max(last, n)
					}
				}
				n, err := o2.Register(as(registrar), pid, Entry{Matter: matter(t, o2), Series: "KS", Day: "2026-03-02", Direction: "in", Brief: "Nästa"}, "")
				if want := fmt.Sprintf("KS 2026/%d", last+1); err != nil || n != want {
					t.Errorf("the next number is %s, want %s (%v)", n, want, err)
				}
			})
		}
	})
}

func TestAMatterIsExportedOnlyWhenClosedAndOnlyWhole(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		m := matter(t, o)
		if err := o.ExportMatter(as(registrar), m, exported, io.Discard); !fail.Is(err, fail.Conflict) || !strings.Contains(fail.As(err).Message, "ärendet är öppet") {
			t.Errorf("an open matter: %v", err)
		}
		doc := webtest.Get(t, h, fmt.Sprintf("/projekt/1/arenden/%d", m), webtest.As(registrar))
		if strings.Contains(doc.Text(), "Hämta arkivpaket") {
			t.Error("an open matter offers its package")
		}
		m = closedMatter(t, d, o, 7)
		webtest.HasText(t, webtest.Get(t, h, fmt.Sprintf("/projekt/1/arenden/%d", m), webtest.As(registrar)), "main", "Hämta arkivpaket")
		d.SetClock(func() time.Time { return exported })
		path := fmt.Sprintf("/projekt/1/arenden/%d/arkivpaket", m)
		got := webtest.Post(t, h, path, url.Values{}, webtest.As(registrar))
		want := export(t, o, m)
		if got.Status != http.StatusOK || got.Header.Get("Content-Type") != "application/zip" || got.Body != string(want) {
			t.Errorf("%d %v, %d bytes, want %d", got.Status, got.Header, len(got.Body), len(want))
		}
		if got := webtest.Post(t, h, path, url.Values{}, webtest.As(who.Actor{Kind: who.Person, Person: 2})); got.Status != http.StatusForbidden {
			t.Errorf("a stranger: %d", got.Status)
		}
		if got := webtest.Post(t, h, strings.Replace(path, "projekt/1", "projekt/2", 1), url.Values{}, webtest.As(registrar)); got.Status != http.StatusNotFound {
			t.Errorf("by another project's address: %d", got.Status)
		}
	})
}

// TestTheMattersNumberOrAnEntrys finds a matter by either.
func TestTheMattersNumberOrAnEntrys(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, _ http.Handler) {
		m := closedMatter(t, d, o, 3)
		for number, want := range map[string]fail.Kind{fmt.Sprint(m): 0, "KS 2026/1": 0, " KS 2026/1 ": 0, "KS 2026/999": fail.NotFound, "XX 2026/1": fail.NotFound, "KS": fail.Invalid, "KS 2026/01": fail.Invalid, "99999": fail.NotFound} {
			err := d.Read(context.Background(), func(q db.Q) error {
				found, err := o.FindMatter(context.Background(), q, number)
				if err == nil && found != m {
					err = fmt.Errorf("found %d", found)
				}
				return err
			})
			if want == 0 && err != nil || want != 0 && !fail.Is(err, want) {
				t.Errorf("%q: %v", number, err)
			}
		}
	})
}

func TestTheMostExactDecisionCounts(t *testing.T) {
	list := []Retention{{Code: "", Action: Keep, Ground: "allt"}, {Code: "1.3", Action: Dispose, Years: 10, Ground: "1.3"}, {Code: "1.3.2", Action: Dispose, Years: 2, Ground: "gammal"}, {Code: "1.3.2", Action: Dispose, Years: 5, Ground: "ny"}}
	for code, want := range map[string]string{"": "allt", "1": "allt", "1.3": "1.3", "1.3.9": "1.3", "1.30": "allt", "1.3.2": "ny", "1.3.2.1": "ny"} {
		if got, ok := RetentionOf(code, list); !ok || got.Ground != want {
			t.Errorf("%q falls under %q, want %q", code, got.Ground, want)
		}
	}
	if _, ok := RetentionOf("1", list[1:]); ok {
		t.Error("a kind without decision has one")
	}
	// Midnight in Sweden decides the day; a leap day goes on to the first of March.
	for closed, want := range map[string]string{"2026-03-02T22:59:00Z": "2036-03-02", "2026-03-02T23:01:00Z": "2036-03-03", "2024-02-29T12:00:00Z": "2034-03-01"} {
		at, err := time.Parse(time.RFC3339, closed)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := list[1].DueOn(at); !ok || string(got) != want {
			t.Errorf("closed %s due %s, want %s", closed, got, want)
		}
	}
	if _, ok := list[0].DueOn(time.Now()); ok {
		t.Error("what is kept is due")
	}
	for _, r := range []Retention{{Action: Dispose}, {Action: Dispose, Years: 1.5}, {Action: Dispose, Years: 501}, {Action: Keep, Years: 1}} {
		if len(checkRetention(r)) == 0 {
			t.Errorf("%+v passes", r)
		}
	}
}

// TestWhatIsDisposedOfLeavesItsNumberAndNothingElse: not a day too early, not
// without decision; then no page, no history and no row of the diarium says
// what the entry said.
func TestWhatIsDisposedOfLeavesItsNumberAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		ctx := as(registrar)
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		d.SetClock(func() time.Time { return now })
		m, err := o.OpenMatter(ctx, pid, Matter{Code: "1.3.2", Title: "Avtal", Responsible: "Registrator"})
		if err != nil {
			t.Fatal(err)
		}
		it, err := o.entries.Add(ctx, pid, 0, Entry{Matter: m, Series: "KS", Day: "2026-03-02", Direction: "in", Brief: "HEMLIGT", Party: "HEMLIGT", Theirs: "HEMLIGT"}, "")
		if err != nil {
			t.Fatal(err)
		}
		put := func(text string) string {
			ref, err := o.deps.Files.Put(ctx, strings.NewReader(text), 100)
			if err != nil {
				t.Fatal(err)
			}
			return ref.Hash
		}
		alone, shared, elsewhere := put("bara här"), put("här och i ett annat ärende"), put("här och i ett annat rum")
		o.deps.HasFile = func(_ context.Context, _ db.Q, hash string) (bool, error) { return hash == elsewhere, nil }
		other, err := o.entries.Add(ctx, pid, 0, Entry{Matter: matter(t, o), Series: "XX", Day: "2026-03-02", Direction: "in", Brief: "Annat"}, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.entries.Change(ctx, other.ID, other.Version, "", "", func(e *Entry) error { e.Documents = []Document{{Name: "x", Hash: shared, Version: 1}}; return nil }); err != nil {
			t.Fatal(err)
		}
		if err := o.entries.Change(ctx, it.ID, it.Version, "HEMLIGT skäl", "", func(e *Entry) error {
			e.Documents = []Document{{Name: "HEMLIGT.pdf", Hash: alone, Version: 1}, {Name: "HEMLIGT 2", Hash: shared, Version: 1}, {Name: "HEMLIGT 3", Hash: elsewhere, Version: 1}}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		refused := func(why, decision string) {
			t.Helper()
			if err := o.DisposeOf(ctx, m, decision, ""); !fail.Is(err, fail.Conflict) && !fail.Is(err, fail.Invalid) {
				t.Errorf("disposed of %s: %v", why, err)
			}
		}
		refused("while open", "KS 2036/1")
		move(t, o, m, Closed, "", d)
		refused("without a retention decision", "KS 2036/1")
		if _, err := o.retention.Add(ctx, pid, 0, Retention{Code: "1.3", Action: Dispose, Years: 10, Ground: "KS 2025/9 § 4"}, ""); err != nil {
			t.Fatal(err)
		}
		refused("ten years early", "KS 2036/1")
		now = time.Date(2036, 3, 1, 12, 0, 0, 0, time.UTC)
		refused("a day early", "KS 2036/1")
		webtest.HasText(t, webtest.Get(t, h, "/projekt/1/att-gallra", webtest.As(registrar)), "main", "Inget ärende ska gallras")
		webtest.HasText(t, webtest.Get(t, h, "/projekt/1/att-gallra?den=2036-03-02", webtest.As(registrar)), "tbody", "Avtal")
		now = now.AddDate(0, 0, 1)
		refused("without the act's decision", " ")
		if err := o.DisposeOf(as(who.Actor{Kind: who.Person, Person: 2}), m, "KS 2036/1", ""); !fail.Is(err, fail.Forbidden) {
			t.Errorf("by a stranger: %v", err)
		}
		if got := webtest.Post(t, h, fmt.Sprintf("/projekt/1/arenden/%d/gallra", m), url.Values{"decision": {"KS 2036/4 § 2"}}, webtest.As(registrar)); got.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
		for _, path := range []string{"/projekt/1/diarium", "/projekt/1/offentligt-diarium", fmt.Sprintf("/projekt/1/diarium/%d", it.ID), fmt.Sprintf("/projekt/1/diarium/%d?den=2027-01-01", it.ID), "/projekt/1/diarium.csv"} {
			got := webtest.Fetch(t, h, path, webtest.As(registrar))
			if got.Status != http.StatusOK || strings.Contains(got.Body, "HEMLIGT") || !strings.HasSuffix(path, ".csv") && !strings.Contains(got.Body, "KS 2026/1") {
				t.Errorf("%s: %d, secret %v, number %v", path, got.Status, strings.Contains(got.Body, "HEMLIGT"), strings.Contains(got.Body, "KS 2026/1"))
			}
		}
		after, err := get(d, o.entries.Noun, it.ID)
		if err != nil || after.State != Disposed || after.Is.Brief != "Gallrad 2036-03-02 enligt KS 2036/4 § 2" || len(after.Is.Documents) != 0 {
			t.Errorf("%+v %v", after, err)
		}
		if err := d.Read(ctx, func(q db.Q) error {
			left, err := db.Values[string](ctx, q, `SELECT content || reason FROM item_event WHERE item_id = ? AND (content LIKE '%HEMLIGT%' OR reason LIKE '%HEMLIGT%')`, int64(it.ID))
			if len(left) > 0 {
				t.Errorf("the history says %v", left)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for hash, kept := range map[string]bool{alone: false, shared: true, elsewhere: true} {
			f, err := o.deps.Files.Open(ctx, hash)
			if (err == nil) != kept {
				t.Errorf("a file that should be kept (%v): %v", kept, err)
			}
			if err == nil {
				if err := f.Close(); err != nil {
					t.Error(err)
				}
			}
		}
		refused("twice", "KS 2036/4 § 2")
		if n, err := o.Register(ctx, pid, Entry{Matter: matter(t, o), Series: "KS", Day: "2036-03-02", Direction: "in", Brief: "Ny"}, ""); err != nil || n != "KS 2036/1" {
			t.Errorf("%s %v", n, err)
		}
	})
}

// TestAFullDiskOrALostFileGivesNoPackage: the page answers with an error, not
// with half a package.
func TestAFullDiskOrALostFileGivesNoPackage(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		m := matter(t, o)
		it, err := o.entries.Add(as(registrar), pid, 0, Entry{Matter: m, Series: "KS", Day: "2026-03-02", Direction: "in", Brief: "x"}, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.entries.Change(as(registrar), it.ID, it.Version, "", "", func(e *Entry) error {
			e.Documents = []Document{{Name: "borta.pdf", Type: "application/pdf", Hash: strings.Repeat("a", 64), Size: 3, Version: 1, Added: exported}}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		move(t, o, m, Closed, "", d)
		got := webtest.Post(t, h, fmt.Sprintf("/projekt/1/arenden/%d/arkivpaket", m), url.Values{}, webtest.As(registrar))
		if got.Status < 400 || strings.HasPrefix(got.Body, "PK") {
			t.Errorf("%d %.40q", got.Status, got.Body)
		}
		if err := o.ExportMatter(as(registrar), m, exported, full{}); err == nil {
			t.Error("a full disk passes")
		}
	})
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
