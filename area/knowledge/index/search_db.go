package index

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/engine/search"
	"kommunpilot/engine/svtext"
)

// longestQuery is how much of a question is read, bytes, and mostListed how many
// hits a page may have.
const (
	longestQuery = 2000
	mostListed   = 100
)

// Search answers a question in a transaction of its own.
func (x *Index) Search(ctx context.Context, q Query) (out Result, err error) {
	err = x.db.Read(ctx, func(t db.Q) error {
		out, err = x.SearchIn(ctx, t, q)
		return err
	})
	return out, err
}

// SearchIn answers a question in a transaction.
func (x *Index) SearchIn(ctx context.Context, t db.Q, q Query) (Result, error) {
	s, err := x.snapshot(ctx, t)
	if err != nil {
		return Result{}, err
	}
	q.Most = min(max(cmp.Or(q.Most, 10), 1), mostListed)
	text := cut(q.Text)
	if strings.TrimSpace(text) == "" {
		return x.list(ctx, t, s, q)
	}
	question := search.Read(x.analyser, text)
	src, suggestion, err := x.prepare(ctx, t, s, question, text)
	if err != nil {
		return Result{}, err
	}
	a := search.Rank(question, src, x.set, search.Wish{Most: q.Most, Skip: q.Skip, Explain: q.Explain, Keep: s.keeps(q.Filter)})
	out := Result{Total: len(a.Matched), Every: a.Every, Facets: s.count(a.Matched), Suggestion: suggestion}
	out.Hits, err = x.hits(ctx, t, s, a.Hits, question.Terms(), q.Bare)
	return out, err
}

// cut shortens a question that no person has written, at a word.
func cut(text string) string {
	text = strings.ToValidUTF8(text, " ")
	if len(text) <= longestQuery {
		return text
	}
	return strings.ToValidUTF8(text[:longestQuery], "")
}

// prepare reads the postings of a question; a word that nothing has is corrected.
func (x *Index) prepare(ctx context.Context, t db.Q, s *snapshot, question *search.Question, text string) (*source, string, error) {
	src, err := x.source(ctx, t, s, question.Terms())
	if err != nil {
		return nil, "", err
	}
	suggestion, changed := text, false
	for i, typed := range question.Typed() {
		if len(src.Lists(question.Word(i))) > 0 || !slices.ContainsFunc(question.Parts(i), func(p string) bool { return len(src.Lists(p)) == 0 }) && len(question.Parts(i)) > 0 {
			continue
		}
		v, err := x.vocabulary(ctx, t, s.version)
		if err != nil {
			return nil, "", err
		}
		if right := v.correct(typed); right != "" {
			question.Also(x.analyser, i, right, 0.7, search.BySpelling)
			suggestion, changed = replaceWord(suggestion, typed, right), true
		}
	}
	if !changed {
		return src, "", nil
	}
	src, err = x.source(ctx, t, s, question.Terms())
	return src, strings.TrimSpace(suggestion), err
}

// replaceWord writes a word of a text in another way.
func replaceWord(text, typed, right string) string {
	out := svtext.Words(text)
	for i, w := range out {
		if w == typed {
			out[i] = right
		}
	}
	return strings.Join(out, " ")
}

// list gives all documents, the newest first.
func (x *Index) list(ctx context.Context, t db.Q, s *snapshot, q Query) (Result, error) {
	keep := s.keeps(q.Filter)
	var all []int32
	for doc := range s.metas {
		if s.metas[doc].id != "" && (keep == nil || keep(int32(doc))) {
			all = append(all, int32(doc))
		}
	}
	out := Result{Total: len(all), Every: len(all), Facets: s.count(all)}
	slices.SortFunc(all, func(a, b int32) int {
		return cmp.Or(cmp.Compare(s.metas[b].date, s.metas[a].date), cmp.Compare(s.metas[a].id, s.metas[b].id))
	})
	all = all[min(max(q.Skip, 0), len(all)):]
	var hits []search.Hit
	for _, doc := range all[:min(q.Most, len(all))] {
		hits = append(hits, search.Hit{ID: s.metas[doc].id, Doc: doc})
	}
	var err error
	out.Hits, err = x.hits(ctx, t, s, hits, nil, q.Bare)
	return out, err
}

// keeps tells which documents a filter leaves; nil: all.
func (s *snapshot) keeps(filter map[string][]string) func(int32) bool {
	var want [][]int32
	for name, values := range filter {
		if len(values) == 0 {
			continue
		}
		var either []int32
		for _, v := range values {
			if n, ok := s.numbers[value{name, v}]; ok {
				either = append(either, n)
			}
		}
		want = append(want, either)
	}
	if len(want) == 0 {
		return nil
	}
	return func(doc int32) bool {
		for _, either := range want {
			if !slices.ContainsFunc(either, func(n int32) bool { return slices.Contains(s.metas[doc].facets, n) }) {
				return false
			}
		}
		return true
	}
}

// count counts the values of documents.
func (s *snapshot) count(docs []int32) (out []Facet) {
	n := make([]int, len(s.values))
	for _, doc := range docs {
		for _, f := range s.metas[doc].facets {
			n[f]++
		}
	}
	at := map[string]int{}
	for i, v := range s.values {
		if n[i] == 0 {
			continue
		}
		k, ok := at[v.name]
		if !ok {
			k = len(out)
			at[v.name] = k
			out = append(out, Facet{Name: v.name})
		}
		out[k].Values = append(out[k].Values, Count{v.value, n[i]})
	}
	slices.SortFunc(out, func(a, b Facet) int { return cmp.Compare(a.Name, b.Name) })
	for _, f := range out {
		slices.SortFunc(f.Values, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Value, b.Value)) })
	}
	return out
}

// hits fills in what a page shows.
func (x *Index) hits(ctx context.Context, t db.Q, s *snapshot, found []search.Hit, terms []string, bare bool) (out []Hit, err error) {
	if bare {
		for _, h := range found {
			m := &s.metas[h.Doc]
			out = append(out, Hit{ID: h.ID, Kind: m.kind, Date: m.date, Score: h.Score, Why: h.Why})
		}
		return out, nil
	}
	content := map[int64]Document{}
	var docs []any
	for _, h := range found {
		docs = append(docs, int64(h.Doc))
	}
	if len(docs) > 0 {
		rows, err := db.All(ctx, t, func(r db.Row) (r2 stored, err error) { return r2, r.Scan(&r2.doc, &r2.content) },
			`SELECT doc, content FROM search_document WHERE doc IN (`+marks(len(docs), "?")+`)`, docs...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			var d Document
			if err := json.Unmarshal([]byte(r.content), &d); err != nil {
				return nil, err
			}
			content[r.doc] = d
		}
	}
	want := newWanted(x.analyser, terms)
	for _, h := range found {
		d, ok := content[int64(h.Doc)]
		if !ok {
			continue
		}
		m := &s.metas[h.Doc]
		out = append(out, Hit{ID: h.ID, Kind: m.kind, Date: m.date, Score: h.Score, Why: h.Why,
			Title: want.mark(d.Title), Snippet: want.snippet(d.Summary, d.Body)})
	}
	return out, nil
}

// Explain tells how a document got its score for a question; NotFound where it has
// none of the words, or is not there.
func (x *Index) Explain(ctx context.Context, text, id string) (Hit, error) {
	var out Hit
	err := x.db.Read(ctx, func(t db.Q) error {
		s, err := x.snapshot(ctx, t)
		if err != nil {
			return err
		}
		question := search.Read(x.analyser, cut(text))
		src, _, err := x.prepare(ctx, t, s, question, cut(text))
		if err != nil {
			return err
		}
		a := search.Rank(question, src, x.set, search.Wish{Most: 1, Explain: true, Keep: func(doc int32) bool { return s.metas[doc].id == id }})
		hits, err := x.hits(ctx, t, s, a.Hits, question.Terms(), false)
		if err != nil {
			return err
		}
		if len(hits) == 0 {
			return fail.New(fail.NotFound, "Posten finns inte, eller har inget av ordens delar.")
		}
		out = hits[0]
		return nil
	})
	return out, err
}

// Similar gives documents like one: those that its title and summary find.
func (x *Index) Similar(ctx context.Context, t db.Q, id string, most int) (out []Hit, err error) {
	content, err := db.Value[string](ctx, t, `SELECT content FROM search_document WHERE id = ?`, id)
	if err != nil {
		return nil, err
	}
	var d Document
	if err := json.Unmarshal([]byte(content), &d); err != nil {
		return nil, err
	}
	found, err := x.SearchIn(ctx, t, Query{Text: strings.ReplaceAll(d.Title+" "+d.Summary, `"`, " "), Most: most + 1})
	for _, h := range found.Hits {
		if h.ID != id && len(out) < most {
			out = append(out, h)
		}
	}
	return out, err
}
