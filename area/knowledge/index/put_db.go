package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kommunpilot/base/db"
	"kommunpilot/engine/search"
	"kommunpilot/engine/svtext"
)

func joined(list []string) string { return strings.Join(list, ". ") }

// facets are all of a document's facets.
func (d *Document) facets() map[string][]string {
	out := map[string][]string{}
	maps.Copy(out, d.Facets)
	set := func(name string, values ...string) {
		if len(values) > 0 && values[0] != "" {
			out[name] = values
		}
	}
	set("kind", d.Kind)
	set("language", d.Language)
	set("municipality", d.Municipalities...)
	set("service", d.Services...)
	if len(d.Date) >= 4 {
		set("year", string(d.Date)[:4])
	}
	if d.Evidence > 0 {
		set("evidence", strconv.Itoa(d.Evidence))
	}
	return out
}

// change is what one transaction does to the postings of one block.
type change struct {
	gone map[string]map[int32]bool
	docs map[string][]int32
	in   map[string][]*search.Entry
}

// changes gathers what a transaction does.
type changes struct {
	version int64
	next    int64
	blocks  map[int64]*change
	words   map[string]int64
}

func (c *changes) block(doc int64) *change {
	b := c.blocks[doc/blockSize]
	if b == nil {
		b = &change{map[string]map[int32]bool{}, map[string][]int32{}, map[string][]*search.Entry{}}
		c.blocks[doc/blockSize] = b
	}
	return b
}

// begin takes the index for this transaction: others that publish wait for it.
func begin(ctx context.Context, tx *db.Tx) (*changes, error) {
	if _, err := tx.Exec(ctx, `UPDATE search_state SET version = version + 1 WHERE id = 1`); err != nil {
		return nil, err
	}
	return db.One(ctx, tx, func(r db.Row) (*changes, error) {
		c := &changes{blocks: map[int64]*change{}, words: map[string]int64{}}
		return c, r.Scan(&c.version, &c.next)
	}, `SELECT version, next_doc FROM search_state WHERE id = 1`)
}

// Put takes documents in, in the transaction that publishes; one with an
// identifier that is there already replaces it. Cost O(what is put in, and the
// blocks of its terms).
func (x *Index) Put(ctx context.Context, tx *db.Tx, docs ...Document) error {
	for len(docs) > 0 {
		n := min(len(docs), blockSize)
		if err := x.change(ctx, tx, nil, docs[:n]); err != nil {
			return err
		}
		docs = docs[n:]
	}
	return nil
}

// Remove takes documents out; it is no error where they are not there.
func (x *Index) Remove(ctx context.Context, tx *db.Tx, ids ...string) error {
	return x.change(ctx, tx, ids, nil)
}

var errNoID = errors.New("index: a document has no identifier, or one that is twice in the same call")

func (x *Index) change(ctx context.Context, tx *db.Tx, gone []string, docs []Document) error {
	seen := map[string]bool{}
	for _, d := range docs {
		if d.ID == "" || seen[d.ID] || !utf8.ValidString(d.ID) {
			return errNoID
		}
		seen[d.ID] = true
		gone = append(gone, d.ID)
	}
	c, err := begin(ctx, tx)
	if err != nil {
		return err
	}
	if err := x.takeOut(ctx, tx, c, gone); err != nil {
		return err
	}
	for _, d := range docs {
		if err := x.takeIn(ctx, tx, c, d); err != nil {
			return err
		}
	}
	if err := store(ctx, tx, c); err != nil {
		return err
	}
	if err := storeWords(ctx, tx, c); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE search_state SET next_doc = ? WHERE id = 1`, c.next)
	return err
}

// stored is a document as it lies in the database.
type stored struct {
	doc     int64
	id      string
	content string
}

func (x *Index) takeOut(ctx context.Context, tx *db.Tx, c *changes, ids []string) error {
	for part := range slices.Chunk(ids, 500) {
		rows, err := db.All(ctx, tx, func(r db.Row) (s stored, err error) { return s, r.Scan(&s.doc, &s.id, &s.content) },
			`SELECT doc, id, content FROM search_document WHERE id IN (`+marks(len(part), "?")+`)`, anys(part)...)
		if err != nil {
			return err
		}
		for _, s := range rows {
			var d Document
			if err := json.Unmarshal([]byte(s.content), &d); err != nil {
				return fmt.Errorf("index: document %s: %w", s.id, err)
			}
			entries, _ := search.Entries(x.analyser, x.set, d.fields())
			b := c.block(s.doc)
			for term := range entries {
				if b.gone[term] == nil {
					b.gone[term] = map[int32]bool{}
				}
				b.gone[term][int32(s.doc%blockSize)] = true
			}
			c.count(d, -1)
			if _, err := tx.Exec(ctx, `UPDATE search_document SET id = NULL, version = ?, content = '{}', facets = '{}' WHERE doc = ?`, c.version, s.doc); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *Index) takeIn(ctx context.Context, tx *db.Tx, c *changes, d Document) error {
	d.tidy()
	entries, length := search.Entries(x.analyser, x.set, d.fields())
	doc := c.next
	c.next++
	b := c.block(doc)
	for term, e := range entries {
		b.docs[term] = append(b.docs[term], int32(doc%blockSize))
		b.in[term] = append(b.in[term], e)
	}
	c.count(d, 1)
	facets, err := json.Marshal(d.facets())
	if err != nil {
		return err
	}
	content, err := json.Marshal(d)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO search_document (doc, id, version, length, kind, date, evidence, facets, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		doc, d.ID, c.version, length, d.Kind, string(d.Date), d.Evidence, string(facets), string(content))
	return err
}

// tidy gives texts the form that a database can hold.
func (d *Document) tidy() {
	for _, s := range []*string{&d.Kind, &d.Title, &d.Summary, &d.Body, &d.Language} {
		*s = strings.ReplaceAll(strings.ToValidUTF8(*s, "\ufffd"), "\x00", "")
	}
	d.Evidence = min(max(d.Evidence, 0), 5)
}

// longestWord is how long a word may be to be proposed or corrected to, bytes.
const longestWord = 60

// count notes a document's words, for spelling and completion.
func (c *changes) count(d Document, by int64) {
	seen := map[string]bool{}
	for _, text := range []string{d.Title, d.Summary, d.Body, joined(d.Municipalities), joined(d.Services)} {
		for _, w := range svtext.Words(text) {
			if !seen[w] && len(w) >= 3 && len(w) <= longestWord && !strings.ContainsAny(w, "0123456789§") {
				seen[w] = true
				c.words[w] += by
			}
		}
	}
}

// batch is how many rows a statement takes.
const batch = 400

// store writes the blocks that have changed.
func store(ctx context.Context, tx *db.Tx, c *changes) error {
	for _, n := range slices.Sorted(maps.Keys(c.blocks)) {
		b := c.blocks[n]
		all := map[string]bool{}
		for t := range b.gone {
			all[t] = true
		}
		for t := range b.docs {
			all[t] = true
		}
		for terms := range slices.Chunk(slices.Sorted(maps.Keys(all)), batch) {
			if err := storeTerms(ctx, tx, n, b, terms); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `INSERT INTO search_block (block, version) VALUES (?, ?) ON CONFLICT (block) DO UPDATE SET version = excluded.version`, n, c.version); err != nil {
			return err
		}
	}
	return nil
}

func storeTerms(ctx context.Context, tx *db.Tx, n int64, b *change, terms []string) error {
	old := map[string]*search.Block{}
	rows, err := db.All(ctx, tx, scanPosting, `SELECT term, block, data FROM search_posting WHERE block = ? AND term IN (`+marks(len(terms), "?")+`)`, append([]any{n}, anys(terms)...)...)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if old[r.term], err = search.DecodeBlock(r.data); err != nil {
			return err
		}
	}
	var in, out []any
	for _, term := range terms {
		was := old[term]
		if was == nil {
			was = &search.Block{}
		}
		gone := b.gone[term]
		data := was.Change(func(doc int32) bool { return gone[doc] }, b.docs[term], b.in[term])
		switch {
		case data != nil:
			in = append(in, term, n, data)
		case old[term] != nil:
			out = append(out, term)
		}
	}
	if len(in) > 0 {
		if _, err := tx.Exec(ctx, `INSERT INTO search_posting (term, block, data) VALUES `+marks(len(in)/3, "(?, ?, ?)")+` ON CONFLICT (term, block) DO UPDATE SET data = excluded.data`, in...); err != nil {
			return err
		}
	}
	if len(out) > 0 {
		_, err := tx.Exec(ctx, `DELETE FROM search_posting WHERE block = ? AND term IN (`+marks(len(out), "?")+`)`, append([]any{n}, out...)...)
		return err
	}
	return nil
}

func storeWords(ctx context.Context, tx *db.Tx, c *changes) error {
	for words := range slices.Chunk(slices.Sorted(maps.Keys(c.words)), batch) {
		var args []any
		for _, w := range words {
			if n := c.words[w]; n != 0 {
				args = append(args, w, c.version, n)
			}
		}
		if len(args) == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO search_word (word, version, documents) VALUES `+marks(len(args)/3, "(?, ?, ?)")+`
			ON CONFLICT (word) DO UPDATE SET documents = search_word.documents + excluded.documents, version = excluded.version`, args...); err != nil {
			return err
		}
	}
	return nil
}

type postingRow struct {
	term  string
	block int64
	data  []byte
}

func scanPosting(r db.Row) (p postingRow, err error) { return p, r.Scan(&p.term, &p.block, &p.data) }

// marks is so many of a mark with commas between.
func marks(n int, mark string) string { return strings.TrimSuffix(strings.Repeat(mark+", ", n), ", ") }

func anys(list []string) (out []any) {
	for _, s := range list {
		out = append(out, s)
	}
	return out
}
