package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"time"

	"kommunpilot/engine/search"
	"kommunpilot/engine/svtext"
)

// KnowledgeCmd works on the search of the knowledge bank.
type KnowledgeCmd struct {
	Import   KnowledgeImportCmd   `cmd:"" help:"Put documents in the search index."`
	Search   KnowledgeSearchCmd   `cmd:"" help:"Ask the search index."`
	Explain  KnowledgeExplainCmd  `cmd:"" help:"Tell how a document got its score for a question."`
	Evaluate KnowledgeEvaluateCmd `cmd:"" help:"Measure the search on questions with known answers."`
}

// KnowledgeEvaluateCmd measures the search.
type KnowledgeEvaluateCmd struct {
	Documents   string `required:"" placeholder:"FILE.jsonl" help:"Documents, a JSON object a line: id, text, and title where there is one."`
	Queries     string `required:"" placeholder:"FILE.jsonl" help:"Questions, a JSON object a line: qid, query, relevant (ids)."`
	Distractors string `placeholder:"FILE.jsonl" help:"More documents, which answer nothing."`
	Database    string `placeholder:"ADDRESS" help:"Measure the stored index of this database; what is put in is taken back. Without it the documents are held in memory."`
	Explain     string `placeholder:"QID" help:"Show what each of the ten first answers to one question got its score from."`
}

// Help tells of the answer.
func (KnowledgeEvaluateCmd) Help() string {
	return `Prints as JSON queries, ndcg_at_10, recall_at_10, mrr, p50_ms and p95_ms. docs/knowledge.md describes the ranking.

Exit codes: 0 measured, 2 wrong input with its line.`
}

// asked is a question of a file.
type asked struct {
	ID       string   `json:"qid"`
	Query    string   `json:"query"`
	Relevant []string `json:"relevant"`
}

// written is a document of a file.
type writtenDocument struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Run measures and prints.
func (c *KnowledgeEvaluateCmd) Run(ctx context.Context, out *Streams) error {
	bad := func(err error) error { return &exitError{exitBadInput, err} }
	x := search.NewIndex(svtext.New(nil), search.Standard)
	seen := map[string]bool{}
	var docs []search.Document
	for _, file := range []string{c.Documents, c.Distractors} {
		if file == "" {
			continue
		}
		if err := eachObject(file, func(d writtenDocument) error {
			switch {
			case d.ID == "":
				return errors.New("id saknas")
			case seen[d.ID]:
				return fmt.Errorf("id %q finns redan", d.ID)
			}
			seen[d.ID] = true
			docs = append(docs, search.Document{ID: d.ID, Title: d.Title, Text: d.Text})
			return nil
		}); err != nil {
			return bad(err)
		}
	}
	var questions []asked
	if err := eachObject(c.Queries, func(q asked) error {
		for _, id := range q.Relevant {
			if !seen[id] {
				return fmt.Errorf("svaret %q finns inte bland dokumenten", id)
			}
		}
		questions = append(questions, q)
		return nil
	}); err != nil {
		return bad(err)
	}
	if len(questions) == 0 {
		return bad(fmt.Errorf("%s har inga frågor", c.Queries))
	}
	if c.Explain == "" && c.Database != "" {
		return c.inDatabase(ctx, docs, func(ask func(string) ([]string, error)) error { return measureSearch(out.Out, questions, ask) })
	}
	for _, d := range docs {
		x.Add(d)
	}
	if c.Explain != "" {
		return c.explain(out.Out, x, questions)
	}
	return measureSearch(out.Out, questions, func(question string) (ids []string, err error) {
		for _, h := range x.Ask(question, 100) {
			ids = append(ids, h.ID)
		}
		return ids, nil
	})
}

// measureSearch asks each question and prints how well and how soon it was answered.
func measureSearch(w io.Writer, questions []asked, ask func(string) ([]string, error)) error {
	var quality search.Quality
	var took []float64
	for _, q := range questions {
		started := time.Now()
		ids, err := ask(q.Query)
		if err != nil {
			return err
		}
		took = append(took, float64(time.Since(started).Microseconds())/1000)
		quality.Judge(q.Relevant, ids)
	}
	slices.Sort(took)
	at := func(share float64) float64 { return took[min(int(share*float64(len(took))), len(took)-1)] }
	m := quality.Means()
	round := func(v float64) float64 { return math.Round(v*1e4) / 1e4 }
	m.NDCG10, m.Recall10, m.MRR = round(m.NDCG10), round(m.Recall10), round(m.MRR)
	return writeJSON(w, struct {
		search.Quality
		P50 float64 `json:"p50_ms"`
		P95 float64 `json:"p95_ms"`
	}{m, at(0.5), at(0.95)})
}

func (c *KnowledgeEvaluateCmd) explain(w io.Writer, x *search.Index, questions []asked) error {
	i := slices.IndexFunc(questions, func(q asked) bool { return q.ID == c.Explain })
	if i < 0 {
		return &exitError{exitBadInput, fmt.Errorf("frågan %q finns inte i %s", c.Explain, c.Queries)}
	}
	q := questions[i]
	if _, err := fmt.Fprintln(w, q.Query); err != nil {
		return err
	}
	for rank, h := range x.Ask(q.Query, 10) {
		mark := " "
		if slices.Contains(q.Relevant, h.ID) {
			mark = "*"
		}
		if _, err := fmt.Fprintf(w, "%s %2d. %s  %.3f\n", mark, rank+1, h.ID, h.Score); err != nil {
			return err
		}
		for _, y := range h.Why {
			if _, err := fmt.Fprintf(w, "       %-30s %-12s %.3f\n", y.Word, y.How, y.Score); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachObject reads a file of one JSON object a line; faults name the line.
func eachObject[T any](file string, f func(T) error) error {
	r, err := os.Open(file) //nolint:gosec // the person who runs the command names the file
	if err != nil {
		return fmt.Errorf("%s går inte att läsa: %w", file, err)
	}
	defer func() { _ = r.Close() }()
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 1<<16), 16<<20)
	for line := 1; s.Scan(); line++ {
		if len(s.Bytes()) == 0 {
			continue
		}
		var x T
		if err := json.Unmarshal(s.Bytes(), &x); err != nil {
			return fmt.Errorf("%s rad %d är inget JSON-objekt av rätt form: %w", file, line, err)
		}
		if err := f(x); err != nil {
			return fmt.Errorf("%s rad %d: %w", file, line, err)
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s: en rad är längre än 16 MB eller går inte att läsa: %w", file, err)
	}
	return nil
}
