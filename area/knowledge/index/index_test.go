package index

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/engine/search"
	"kommunpilot/engine/svtext"
)

var schemas = []fs.FS{Schema()}

func put(t *testing.T, d *db.DB, x *Index, docs ...Document) {
	t.Helper()
	if err := d.Housekeep(t.Context(), func(tx *db.Tx) error { return x.Put(t.Context(), tx, docs...) }); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, d *db.DB, x *Index, ids ...string) {
	t.Helper()
	if err := d.Housekeep(t.Context(), func(tx *db.Tx) error { return x.Remove(t.Context(), tx, ids...) }); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, x *Index, q Query) Result {
	t.Helper()
	r, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%q: %v", q.Text, err)
	}
	return r
}

func ids(hits []Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.ID)
	}
	return strings.Join(out, " ")
}

func written(segments []Segment) string {
	var b strings.Builder
	for _, s := range segments {
		if s.Marked {
			b.WriteString("[" + s.Text + "]")
		} else {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

var bank = []Document{
	{ID: "a", Kind: "metod", Title: "Så planerar kommunen sina lokaler", Summary: "Lokalförsörjningsprocessen steg för steg.", Body: "Försörjning med lokaler beslutas av nämnden.", Municipalities: []string{"Ånge"}, Date: "2025-03-01", Evidence: 3},
	{ID: "b", Kind: "verktyg", Title: "Drivmedel på landsbygden", Body: "Ett verktyg för att räkna på en mack. Lokal samverkan.", Services: []string{"drivmedel"}, Municipalities: []string{"Ånge", "Bräcke"}, Date: "2024-01-01", Evidence: 1},
	{ID: "c", Kind: "metod", Title: "Skolskjuts", Body: "Hur kommunen ordnar skjuts till skolan.", Date: "2020-01-01"},
}

func TestWhatIsPublishedIsFoundByEveryNode(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		x, other := New(d), New(d)
		if r := ask(t, other, Query{Text: "lokaler"}); len(r.Hits) != 0 {
			t.Fatal("answers out of nothing")
		}
		put(t, d, x, bank...)
		r := ask(t, other, Query{Text: "lokalförsörjning", Explain: true})
		if !strings.HasPrefix(ids(r.Hits), "a") || len(r.Hits[0].Why) == 0 || !strings.Contains(written(r.Hits[0].Title)+written(r.Hits[0].Snippet), "[") {
			t.Errorf("%+v", r)
		}
		if got := ids(ask(t, other, Query{Filter: map[string][]string{"kind": {"metod"}}}).Hits); got != "a c" {
			t.Errorf("a list without words: %s", got)
		}
		r = ask(t, other, Query{Text: "kommunen lokal", Filter: map[string][]string{"municipality": {"Ånge"}}})
		if ids(r.Hits) != "a b" || r.Total != 2 || fmt.Sprint(r.Facets) != "[{evidence [{1 1} {3 1}]} {kind [{metod 1} {verktyg 1}]} {municipality [{Ånge 2} {Bräcke 1}]} {service [{drivmedel 1}]} {year [{2024 1} {2025 1}]}]" {
			t.Errorf("%s %d %v", ids(r.Hits), r.Total, r.Facets)
		}
		put(t, d, other, Document{ID: "a", Title: "Bibliotek"})
		if got := ids(ask(t, x, Query{Text: "lokalförsörjningsprocessen"}).Hits); strings.Contains(got, "a") {
			t.Errorf("the old text is still found: %s", got)
		}
		if got := ids(ask(t, x, Query{Text: "bibliotek"}).Hits); got != "a" {
			t.Errorf("the new text is not found: %s", got)
		}
		remove(t, d, other, "a", "none")
		if got := ids(ask(t, x, Query{Text: "bibliotek"}).Hits); got != "" {
			t.Errorf("what is removed is found: %s", got)
		}
		if n := countRows(t, d, `SELECT COUNT(*) FROM search_posting WHERE term = 'bibliotek'`); n != 0 {
			t.Errorf("%d postings are left", n)
		}
	})
}

func countRows(t *testing.T, d *db.DB, query string) (n int64) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Q) (err error) { n, err = db.Value[int64](t.Context(), q, query); return err }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAMisspeltWordIsCorrectedAndPhrasesStandTogether(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		x := New(d)
		put(t, d, x, bank...)
		for wrong, right := range map[string]string{"drivmdel": "drivmedel", "skolskjutz": "skolskjuts", "landsbydgen": "landsbygden"} {
			r := ask(t, x, Query{Text: wrong})
			if r.Suggestion != right || len(r.Hits) == 0 {
				t.Errorf("%s: %q %s", wrong, r.Suggestion, ids(r.Hits))
			}
		}
		if got := ids(ask(t, x, Query{Text: `"lokal samverkan"`}).Hits); got != "b" {
			t.Errorf("phrase: %s", got)
		}
		if got := ids(ask(t, x, Query{Text: `"samverkan lokal"`}).Hits); got != "" {
			t.Errorf("phrase the other way: %s", got)
		}
		if got, err := x.Complete(t.Context(), "hur sko", 5); err != nil || !slices.Equal(got, []string{"hur skolan", "hur skolskjuts"}) {
			t.Errorf("%v %v", got, err)
		}
		if err := d.Read(t.Context(), func(q db.Q) error {
			got, err := x.Similar(t.Context(), q, "c", 2)
			if strings.Contains(ids(got), "c") {
				t.Errorf("%v", ids(got))
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		if h, err := x.Explain(t.Context(), "skolan", "c"); err != nil || h.ID != "c" || len(h.Why) == 0 {
			t.Errorf("%+v %v", h, err)
		}
	})
}

func TestBadQuestionsGetAnAnswer(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		x := New(d)
		put(t, d, x, bank...)
		put(t, d, x, Document{ID: "bad", Title: "\x00\xff", Body: strings.Repeat("å", 70_000)})
		for _, text := range []string{"", "a", strings.Repeat("x", 10_000), strings.Repeat("ord ", 2500), "och att i", "AND OR NOT NEAR(x y)", `"); DROP TABLE search_document; --`, "*", "title:budget", `"`, `""`, "%_'", "\x00", "\xff\xfe", "how does the municipality plan"} {
			ask(t, x, Query{Text: text, Explain: true})
			if _, err := x.Complete(t.Context(), text, 5); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
		for _, text := range []string{"LOKALER", "lo\u00adkaler", "\u00a0lokaler\u00a0"} {
			if got := ids(ask(t, x, Query{Text: text}).Hits); !strings.HasPrefix(got, "a") {
				t.Errorf("%q: %s", text, got)
			}
		}
	})
}

// TestNodesThatPublishAtTheSameTimeLoseNothing.
func TestNodesThatPublishAtTheSameTimeLoseNothing(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		done := make(chan error)
		for node := range 3 {
			x := New(d)
			go func() {
				var err error
				for i := range 5 {
					if e := d.Housekeep(context.WithoutCancel(t.Context()), func(tx *db.Tx) error {
						return x.Put(t.Context(), tx, Document{ID: fmt.Sprint(node, "-", i), Title: "Gemensam rubrik"})
					}); e != nil {
						err = e
					}
					if _, e := x.Search(t.Context(), Query{Text: "rubrik"}); e != nil {
						err = e
					}
				}
				done <- err
			}()
		}
		for range 3 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if r := ask(t, New(d), Query{Text: "gemensam", Most: 50}); len(r.Hits) != 15 {
			t.Errorf("%d of 15", len(r.Hits))
		}
	})
}

// carried reads objects of the engine's testdata.
func carried[T any](t *testing.T, name string) []T {
	t.Helper()
	out, err := readCarried[T](name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readCarried[T any](name string) (out []T, err error) {
	f, err := os.Open(filepath.Join("../../../engine/search/testdata", name+".gz"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(z); d.More(); {
		var v T
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// TestBothDatabasesRankAsTheMemoryDoes on questions of authorities, with the
// bars of the quality; both being equal to the same list, they are equal.
func TestBothDatabasesRankAsTheMemoryDoes(t *testing.T) {
	type document struct{ ID, Title, Text string }
	type question struct {
		Query    string
		Relevant []string
	}
	all := slices.Concat(carried[document](t, "swefaq_dev_documents.jsonl"), carried[document](t, "sfs_subset.jsonl"))
	questions := carried[question](t, "swefaq_dev_queries.jsonl")
	memory := search.NewIndex(svtext.New(nil), search.Standard)
	var docs []Document
	for _, d := range all {
		memory.Add(search.Document{ID: d.ID, Title: d.Title, Text: d.Text, Fields: map[string]string{"summary": "", "municipality": "", "service": ""}})
		docs = append(docs, Document{ID: d.ID, Title: d.Title, Body: d.Text})
	}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		x := New(d)
		put(t, d, x, docs[:60]...)
		put(t, d, x, docs[60:]...)
		var q search.Quality
		for _, y := range questions {
			var got []string
			r := ask(t, x, Query{Text: y.Query, Most: 100, Bare: true})
			for _, h := range r.Hits {
				got = append(got, h.ID)
			}
			q.Judge(y.Relevant, got)
			if r.Suggestion != "" {
				continue // memory corrects nothing
			}
			var want []string
			for _, h := range memory.Ask(y.Query, 10) {
				want = append(want, h.ID)
			}
			if !slices.Equal(got[:min(10, len(got))], want) {
				t.Errorf("%s:\n%v\n%v", y.Query, got[:min(10, len(got))], want)
			}
		}
		m := q.Means()
		t.Logf("%+v", m)
		if m.NDCG10 < 0.62 || m.Recall10 < 0.78 {
			t.Errorf("%+v", m)
		}
	})
}
