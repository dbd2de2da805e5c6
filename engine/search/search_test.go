package search

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/engine/svtext"
)

func made(texts ...string) *Index {
	x := NewIndex(svtext.New(nil), Standard)
	for i, text := range texts {
		x.Add(Document{ID: fmt.Sprint("d", i), Text: text})
	}
	return x
}

func ids(hits []Hit) (out []string) {
	for _, h := range hits {
		out = append(out, h.ID)
	}
	return out
}

// TestAllPartsStandBeforeSome: a page with only one part of a compound never
// stands above one that has them all, however often it says the part.
func TestAllPartsStandBeforeSome(t *testing.T) {
	filler := strings.Fields("vägen budget nämnd beslut protokoll skola vatten träd hus möte")
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SampledFrom([]string{"lokal", "försörjning"}).Draw(t, "part")
		long := strings.Join(rapid.SliceOfN(rapid.SampledFrom(filler), 0, 60).Draw(t, "filler"), " ")
		both := rapid.SampledFrom([]string{"lokalförsörjning", "försörjning av lokaler", "lokaler och försörjning", "lokalförsörjningsprocessen"}).Draw(t, "both")
		x := made(strings.Repeat(some+" ", rapid.IntRange(1, 30).Draw(t, "times")), long+" "+both, long, "annat helt och hållet")
		got := ids(x.Ask("lokalförsörjning", 10))
		if len(got) < 2 || got[0] != "d1" {
			t.Fatalf("%s against %q among %q: %v", some, both, long, got)
		}
	})
}

func TestACompoundIsFoundByItsPartsAndThemByIt(t *testing.T) {
	x := made("Så arbetar kommunen med lokalförsörjningsprocessen", "Budget för skolan", "Vatten och avlopp")
	for _, question := range []string{"lokal", "försörjning", "process", "lokaler försörjning", "LOKALFÖRSÖRJNINGSPROCESS", "lokal\u00adförsörjning"} {
		if got := ids(x.Ask(question, 3)); len(got) == 0 || got[0] != "d0" {
			t.Errorf("%q: %v", question, got)
		}
	}
	if got := x.Ask("rymdskepp", 3); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestBadQuestions(t *testing.T) {
	x := made("Kommunens budget", "Skolans lokaler")
	for _, question := range []string{"", "a", "och att i", "AND OR NOT NEAR(x y)", `"); DROP TABLE`, "*", "title:budget", strings.Repeat("ord ", 10_000), strings.Repeat("x", 10_000), "\xff\xfe"} {
		_ = x.Ask(question, 10) // an answer or none, and it comes back
	}
	if made().Ask("budget", 10) != nil || len(made("").Ask("budget", 10)) != 0 {
		t.Error("answers out of nothing")
	}
	if got := ids(x.Ask("budget OR lokaler", 1)); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestScoresAreTheSumOfTheirReasons(t *testing.T) {
	x := made("Kommunens budget för lokalförsörjning", "Budget för lokaler", "Försörjning med vatten", "Kommunens budget")
	for _, h := range x.Ask("kommunens budget lokalförsörjning", 10) {
		sum := 0.0
		for _, w := range h.Why {
			sum += w.Score
		}
		if math.Abs(sum-h.Score) > 1e-12 || h.Score <= 0 {
			t.Errorf("%+v", h)
		}
	}
}

func TestQualityByHand(t *testing.T) {
	var q Quality
	q.Judge([]string{"a", "b"}, []string{"x", "a", "y", "b"})
	q.Judge([]string{"c"}, []string{"x"})
	m := q.Means()
	want := (1/math.Log2(3) + 1/math.Log2(5)) / (1 + 1/math.Log2(3)) / 2
	if m.Queries != 2 || math.Abs(m.NDCG10-want) > 1e-12 || m.Recall10 != 0.5 || m.MRR != 0.25 {
		t.Errorf("%+v, want %v", m, want)
	}
}

// lines reads objects of testdata.
func lines[T any](t *testing.T, name string) (out []T) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(z); d.More(); {
		var x T
		if err := d.Decode(&x); err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// TestQualityOnQuestionsFromAuthorities holds the bars, with statutes among the
// answers; and compounds asked by their parts.
func TestQualityOnQuestionsFromAuthorities(t *testing.T) {
	type question struct {
		Query    string
		Relevant []string
	}
	documents, questions := lines[Document](t, "swefaq_dev_documents.jsonl"), lines[question](t, "swefaq_dev_queries.jsonl")
	x := NewIndex(svtext.New(nil), Standard)
	for _, d := range slices.Concat(documents, lines[Document](t, "sfs_subset.jsonl")) {
		x.Add(d)
	}
	var q, apart Quality
	for _, y := range questions {
		q.Judge(y.Relevant, ids(x.Ask(y.Query, 100)))
		if parts := cutUp(y.Query); parts != y.Query {
			apart.Judge(y.Relevant, ids(x.Ask(parts, 100)))
		}
	}
	m, a := q.Means(), apart.Means()
	t.Logf("%+v; compounds cut up: %+v", m, a)
	if m.NDCG10 < 0.62 || m.Recall10 < 0.78 || a.Recall10 < 0.75 {
		t.Errorf("%+v; compounds cut up: %+v", m, a)
	}
}

// cutUp writes a question's compounds as their parts.
func cutUp(question string) string {
	var out []string
	for _, w := range svtext.Words(question) {
		if parts := svtext.Carried().Split(w); parts != nil {
			out = append(out, parts...)
		} else {
			out = append(out, w)
		}
	}
	if len(out) == len(svtext.Words(question)) {
		return question
	}
	return strings.Join(out, " ")
}
