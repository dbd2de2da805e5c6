package index

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/engine/search"
)

// BenchmarkBank measures the search of the knowledge bank on as many made-up
// entries as ENTRIES says (100 000), beside the database's own full-text search on
// the same documents and questions, in turn: FTS5 on SQLite, the swedish
// configuration on PostgreSQL. It prints how long it took to build, how much it
// takes, the percentiles of a search, how long from publishing to being found, and
// how good the answers are on the carried questions of authorities. DATABASE is an
// empty database; without it a temporary SQLite one is made. bench/knowledge/run.sh
// runs it on both.
//
// The documents are made of sentences of the texts in engine/search/testdata, by a
// fixed seed.
func BenchmarkBank(b *testing.B) {
	entries := 100_000
	if text := os.Getenv("ENTRIES"); text != "" {
		var err error
		if entries, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	database := os.Getenv("DATABASE")
	if database == "" {
		database = "sqlite:" + filepath.Join(b.TempDir(), "k.db")
	}
	for b.Loop() {
		if err := run(b.Context(), database, entries, 1000); err != nil {
			b.Fatal(err)
		}
	}
}

// portion is how many documents a transaction takes.
const portion = 10_000

func run(ctx context.Context, database string, entries, questions int) (err error) {
	t, err := readTexts()
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if _, err := d.Migrate(ctx, db.Schema(), audit.Schema(), Schema()); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	docs := make([]Document, entries)
	for i := range docs {
		docs[i] = t.made(r, "bench"+strconv.Itoa(i))
	}
	var asked []string
	for range questions {
		asked = append(asked, t.question(r, docs))
	}
	for _, peer := range []peer{&ours{x: New(d)}, &theirs{}} {
		if err := peer.prepare(ctx, d); err != nil {
			return err
		}
		if err := quality(ctx, d, peer, t); err != nil {
			return err
		}
		if err := measure(ctx, d, peer, docs, asked); err != nil {
			return err
		}
	}
	return nil
}

// peer is a search that is measured.
type peer interface {
	name() string
	prepare(ctx context.Context, d *db.DB) error
	put(ctx context.Context, tx *db.Tx, docs []Document) error
	ask(ctx context.Context, d *db.DB, question string) ([]string, error)
	clear(ctx context.Context, tx *db.Tx) error
}

func measure(ctx context.Context, d *db.DB, p peer, docs []Document, asked []string) error {
	before, err := size(ctx, d)
	if err != nil {
		return err
	}
	started := time.Now()
	for part := range slices.Chunk(docs, portion) {
		if err := d.Housekeep(ctx, func(tx *db.Tx) error { return p.put(ctx, tx, part) }); err != nil {
			return err
		}
	}
	built := time.Since(started)
	after, err := size(ctx, d)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d documents built in %.1f s, %.0f MB\n", p.name(), len(docs), built.Seconds(), float64(after-before)/1e6)
	var cold, warm []time.Duration
	for round := range 2 {
		for _, q := range asked {
			started := time.Now()
			if _, err := p.ask(ctx, d, q); err != nil {
				return fmt.Errorf("%q: %w", q, err)
			}
			if round == 0 {
				cold = append(cold, time.Since(started))
			} else {
				warm = append(warm, time.Since(started))
			}
		}
	}
	fmt.Printf("%s: %d questions, ms at 50 and 95 per cent: first time %s, again %s\n", p.name(), len(asked), percentiles(cold), percentiles(warm))
	var found []time.Duration
	for i := range 50 {
		one := docs[i]
		one.ID, one.Title = "new"+strconv.Itoa(i), one.Title+" alldelesnyttord"+strconv.Itoa(i)
		started := time.Now()
		if err := d.Housekeep(ctx, func(tx *db.Tx) error { return p.put(ctx, tx, []Document{one}) }); err != nil {
			return err
		}
		ids, err := p.ask(ctx, d, "alldelesnyttord"+strconv.Itoa(i))
		if err != nil || !slices.Contains(ids, one.ID) {
			return fmt.Errorf("what was published is not found: %v %w", ids, err)
		}
		found = append(found, time.Since(started))
	}
	fmt.Printf("%s: published and found, ms at 50 and 95 per cent: %s\n", p.name(), percentiles(found))
	return nil
}

func percentiles(times []time.Duration) string {
	slices.Sort(times)
	at := func(share float64) float64 {
		return float64(times[min(int(share*float64(len(times))), len(times)-1)].Microseconds()) / 1000
	}
	return fmt.Sprintf("%.1f and %.1f", at(0.5), at(0.95))
}

// size is what the database takes, bytes.
func size(ctx context.Context, d *db.DB) (n int64, err error) {
	err = d.Read(ctx, func(q db.Q) error {
		if d.Dialect() == db.SQLite {
			n, err = db.Value[int64](ctx, q, `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`)
		} else {
			n, err = db.Value[int64](ctx, q, `SELECT pg_database_size(current_database())`)
		}
		return err
	})
	return n, err
}

// quality measures the answers to the carried questions, alone with their texts.
func quality(ctx context.Context, d *db.DB, p peer, t texts) error {
	if err := d.Housekeep(ctx, func(tx *db.Tx) error { return p.put(ctx, tx, t.judged) }); err != nil {
		return err
	}
	var q search.Quality
	for _, x := range t.questions {
		ids, err := p.ask(ctx, d, x.Query)
		if err != nil {
			return err
		}
		q.Judge(x.Relevant, ids)
	}
	if err := d.Housekeep(ctx, func(tx *db.Tx) error { return p.clear(ctx, tx) }); err != nil {
		return err
	}
	m := q.Means()
	fmt.Printf("%s: %d questions of authorities, nDCG@10 %.3f, recall@10 %.3f\n", p.name(), len(t.questions), m.NDCG10, m.Recall10)
	return nil
}

// ours is the knowledge bank's own index.
type ours struct{ x *Index }

func (*ours) name() string                          { return "kommunpilot" }
func (*ours) prepare(context.Context, *db.DB) error { return nil }
func (o *ours) put(ctx context.Context, tx *db.Tx, docs []Document) error {
	return o.x.Put(ctx, tx, docs...)
}

func (o *ours) ask(ctx context.Context, _ *db.DB, question string) (ids []string, err error) {
	r, err := o.x.Search(ctx, Query{Text: question, Most: 10})
	for _, h := range r.Hits {
		ids = append(ids, h.ID)
	}
	return ids, err
}

func (o *ours) clear(ctx context.Context, tx *db.Tx) error {
	ids, err := db.All(ctx, tx, func(r db.Row) (id string, err error) { return id, r.Scan(&id) }, `SELECT id FROM search_document`)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ids, portion) {
		if err := o.x.Remove(ctx, tx, part...); err != nil {
			return err
		}
	}
	return nil
}

// theirs is the database's own full-text search: any of the words, the best first.
type theirs struct{ postgres bool }

func (p *theirs) name() string {
	if p.postgres {
		return "tsvector, swedish"
	}
	return "FTS5"
}

func (p *theirs) prepare(ctx context.Context, d *db.DB) error {
	p.postgres = d.Dialect() == db.Postgres
	return d.Housekeep(ctx, func(tx *db.Tx) error {
		if !p.postgres {
			_, err := tx.Exec(ctx, `CREATE VIRTUAL TABLE peer USING fts5(id UNINDEXED, title, body, tokenize = 'unicode61')`)
			return err
		}
		if _, err := tx.Exec(ctx, `CREATE TABLE peer (id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, words tsvector GENERATED ALWAYS AS (setweight(to_tsvector('swedish', title), 'A') || setweight(to_tsvector('swedish', body), 'D')) STORED)`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `CREATE INDEX peer_words ON peer USING gin (words)`)
		return err
	})
}

func (p *theirs) put(ctx context.Context, tx *db.Tx, docs []Document) error {
	for _, x := range docs {
		if _, err := tx.Exec(ctx, `INSERT INTO peer (id, title, body) VALUES (?, ?, ?)`, x.ID, x.Title, x.Summary+" "+x.Body); err != nil {
			return err
		}
	}
	return nil
}

func (p *theirs) ask(ctx context.Context, d *db.DB, question string) (ids []string, err error) {
	words := strings.FieldsFunc(question, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzåäöéüABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÉÜ0123456789", r)
	})
	if len(words) == 0 {
		return nil, nil
	}
	err = d.Read(ctx, func(q db.Q) error {
		id := func(r db.Row) (id string, err error) { return id, r.Scan(&id) }
		if p.postgres {
			ids, err = db.All(ctx, q, id, `SELECT id FROM peer, websearch_to_tsquery('swedish', ?) AS asked WHERE words @@ asked ORDER BY ts_rank(words, asked) DESC LIMIT 10`, strings.Join(words, " or "))
		} else {
			ids, err = db.All(ctx, q, id, `SELECT id FROM peer WHERE peer MATCH ? ORDER BY bm25(peer, 0, 2.5, 1) LIMIT 10`, `"`+strings.Join(words, `" OR "`)+`"`)
		}
		return err
	})
	return ids, err
}

func (p *theirs) clear(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM peer`)
	return err
}
