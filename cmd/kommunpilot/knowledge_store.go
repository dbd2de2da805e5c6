package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"kommunpilot/area/knowledge/index"
	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
	"kommunpilot/engine/search"
)

// KnowledgeImportCmd puts documents in the stored index.
type KnowledgeImportCmd struct {
	Store
	File string `arg:"" placeholder:"FILE.jsonl" help:"Documents, a JSON object a line: id, title, text, and where there are any type, date, summary, language, municipalities, services, facets, evidence."`
}

// Help tells how it is used.
func (KnowledgeImportCmd) Help() string {
	return `All documents are taken in or none. One with an id that is there already replaces it. Every line that is wrong is listed.

Exit codes: 0 taken in, 2 wrong input with its lines.`
}

// importedDocument is a document of a file, with what the index can hold.
type importedDocument struct {
	ID             string              `json:"id"`
	Title          string              `json:"title"`
	Text           string              `json:"text"`
	Type           string              `json:"type"`
	Date           string              `json:"date"`
	Summary        string              `json:"summary"`
	Language       string              `json:"language"`
	Municipalities []string            `json:"municipalities"`
	Services       []string            `json:"services"`
	Facets         map[string][]string `json:"facets"`
	Evidence       int                 `json:"evidence"`
}

func (d importedDocument) check(seen map[string]bool) (index.Document, error) {
	date := d.Date
	if len(date) == len("2006-01") {
		date += "-01"
	}
	if len(date) == len("2006") {
		date += "-01-01"
	}
	_, wrong := calendar.Parse(date)
	switch {
	case d.ID == "":
		return index.Document{}, errors.New("id saknas")
	case seen[d.ID]:
		return index.Document{}, fmt.Errorf("id %q finns redan", d.ID)
	case strings.TrimSpace(d.Title+d.Text+d.Summary) == "":
		return index.Document{}, errors.New("både title och text saknas")
	case date != "" && wrong != nil:
		return index.Document{}, fmt.Errorf("date %q är inget datum (ÅÅÅÅ-MM-DD, ÅÅÅÅ-MM eller ÅÅÅÅ)", d.Date)
	case d.Evidence < 0 || d.Evidence > 5:
		return index.Document{}, fmt.Errorf("evidence %d ska vara 0 till 5", d.Evidence)
	}
	seen[d.ID] = true
	return index.Document{ID: d.ID, Kind: d.Type, Title: d.Title, Summary: d.Summary, Body: d.Text, Language: d.Language,
		Municipalities: d.Municipalities, Services: d.Services, Facets: d.Facets, Date: calendar.Date(date), Evidence: d.Evidence}, nil
}

// Run checks every line, stores all and prints how many and how long it took.
func (c *KnowledgeImportCmd) Run(ctx context.Context, out *Streams) error {
	if _, err := os.Stat(c.File); err != nil {
		return &exitError{exitBadInput, err}
	}
	var docs []index.Document
	seen, wrong := map[string]bool{}, 0
	line := 0
	if err := eachObject(c.File, func(d importedDocument) error {
		line++
		doc, err := d.check(seen)
		if err != nil {
			wrong++
			_, _ = fmt.Fprintf(out.Err, "%s dokument %d: %v\n", c.File, line, err)
			return nil
		}
		docs = append(docs, doc)
		return nil
	}); err != nil {
		return &exitError{exitBadInput, err}
	}
	if wrong > 0 || len(docs) == 0 {
		return &exitError{exitBadInput, fmt.Errorf("%s läses inte in, inget är ändrat; fel: %d", c.File, wrong)}
	}
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	started := time.Now()
	err = storeDocuments(who.With(ctx, who.Us), d, docs)
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out.Out, "%d dokument inlästa på %.1f s\n", len(docs), time.Since(started).Seconds())
	return nil
}

func storeDocuments(ctx context.Context, d *db.DB, docs []index.Document) error {
	if err := migrated(ctx, d); err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		audit.Log(ctx, tx, audit.Entry{Act: "knowledge.import", Object: "knowledge:1", Data: map[string]any{"documents": len(docs)}})
		return index.New(d).Put(ctx, tx, docs...)
	})
}

// KnowledgeSearchCmd asks the stored index.
type KnowledgeSearchCmd struct {
	Store
	Query  string   `arg:"" help:"What is looked for; words between quotation marks stand together."`
	JSON   bool     `help:"Print JSON."`
	Most   int      `default:"10" help:"At most so many answers, 1 to 100."`
	Filter []string `sep:"none" placeholder:"FACET=VALUE" help:"Only documents with this value, as kind=metod; may be given more than once."`
}

// Help tells of the answer.
func (KnowledgeSearchCmd) Help() string {
	return `Prints the answers with the piece of the text that matched, facets with counts, and "menade du" where a word is in no document.

Exit codes: 0 answers, 2 wrong input, 3 no answer.`
}

// Run asks and prints.
func (c *KnowledgeSearchCmd) Run(ctx context.Context, out *Streams) error {
	q := index.Query{Text: c.Query, Most: c.Most, Filter: map[string][]string{}, Explain: true}
	for _, f := range c.Filter {
		name, v, ok := strings.Cut(f, "=")
		if !ok {
			return &exitError{exitBadInput, fmt.Errorf("%q ska ha formen FACET=VALUE", f)}
		}
		q.Filter[name] = append(q.Filter[name], v)
	}
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	r, err := index.New(d).Search(ctx, q)
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	if c.JSON {
		err = writeJSON(out.Out, r)
	} else {
		err = c.tell(out, r)
	}
	if err == nil && len(r.Hits) == 0 {
		return &exitError{exitNoAnswer, errors.New("inget dokument har något av orden")}
	}
	return err
}

// exitNoAnswer is the code where nothing was found.
const exitNoAnswer = 3

func (c *KnowledgeSearchCmd) tell(out *Streams, r index.Result) error {
	if r.Suggestion != "" {
		_, _ = fmt.Fprintf(out.Out, "Menade du: %s\n", r.Suggestion)
	}
	for i, h := range r.Hits {
		if _, err := fmt.Fprintf(out.Out, "%2d. %s  %s  %.3f\n    %s\n", i+1, h.ID, plainSegments(h.Title), h.Score, plainSegments(h.Snippet)); err != nil {
			return err
		}
	}
	return nil
}

// plainSegments writes what is marked between square brackets.
func plainSegments(segments []index.Segment) string {
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

// KnowledgeExplainCmd tells how a document got its score.
type KnowledgeExplainCmd struct {
	Store
	Query string `arg:"" help:"The question."`
	ID    string `arg:"" help:"The document."`
	JSON  bool   `help:"Print JSON."`
}

// Help tells of the answer.
func (KnowledgeExplainCmd) Help() string {
	return `Prints what each word of the question gave the document; the sum is its score.

Exit codes: 0 explained, 3 the document is not there or has none of the words.`
}

// Run explains.
func (c *KnowledgeExplainCmd) Run(ctx context.Context, out *Streams) error {
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	h, err := index.New(d).Explain(ctx, c.Query, c.ID)
	err = errors.Join(err, d.Close())
	switch {
	case fail.Is(err, fail.NotFound):
		return &exitError{exitNoAnswer, errors.New("dokumentet finns inte, eller har inget av orden")}
	case err != nil:
		return err
	case c.JSON:
		return writeJSON(out.Out, h)
	}
	_, _ = fmt.Fprintf(out.Out, "%s  %s  %.3f\n", h.ID, plainSegments(h.Title), h.Score)
	for _, w := range h.Why {
		if _, err := fmt.Fprintf(out.Out, "    %-30s %-16s %.3f\n", w.Word, w.How, w.Score); err != nil {
			return err
		}
	}
	return nil
}

// errUndo takes back what was put in to measure.
var errUndo = errors.New("undo")

// inDatabase measures on a database: documents are put in and asked for in one
// transaction, which is then taken back.
func (c *KnowledgeEvaluateCmd) inDatabase(ctx context.Context, docs []search.Document, measure func(ask func(string) ([]string, error)) error) error {
	s := Store{Database: c.Database}
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	if migrated(ctx, d) != nil {
		if _, err := d.Migrate(ctx, schemas()...); err != nil {
			return errors.Join(err, d.Close())
		}
	}
	err = d.Housekeep(ctx, func(tx *db.Tx) error {
		x := index.New(d)
		var in []index.Document
		for _, doc := range docs {
			in = append(in, index.Document{ID: doc.ID, Title: doc.Title, Body: doc.Text})
		}
		if err := x.Put(ctx, tx, in...); err != nil {
			return err
		}
		if err := measure(func(question string) (ids []string, err error) {
			r, err := x.SearchIn(ctx, tx, index.Query{Text: question, Most: 100, Bare: true})
			for _, h := range r.Hits {
				ids = append(ids, h.ID)
			}
			return ids, err
		}); err != nil {
			return err
		}
		return errUndo
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
