package index

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/engine/search"
)

// snapshot is what every search needs to know of the documents, as of a version.
// It is not changed after it is made.
type snapshot struct {
	version   int64
	metas     []meta // by document number
	documents int64
	lengths   int64
	blocks    map[int64]int64 // the version of each block
	values    []value         // by number: the facets that there are
	numbers   map[value]int32
}

// meta is what a search needs to know of one document.
type meta struct {
	id     string // "" for one that is gone
	kind   string
	date   calendar.Date
	length int64
	evid   float64
	facets []int32
}

type value struct{ name, value string }

type blockKey struct {
	term  string
	block int64
}

type cachedBlock struct {
	version int64
	block   *search.Block // nil where the term does not stand in the block
}

// mostCached is how many bytes of postings a process keeps.
const mostCached = 96 << 20

type metaRow struct {
	doc      int64
	id       *string
	length   int64
	kind     string
	date     string
	evidence int64
	facets   string
}

// snapshot gives the state of the index in a transaction: the one that the process
// has with what has changed since.
func (x *Index) snapshot(ctx context.Context, q db.Q) (*snapshot, error) {
	version, err := db.Value[int64](ctx, q, `SELECT version FROM search_state WHERE id = 1`)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	old := x.now
	x.mu.Unlock()
	if old != nil && old.version == version {
		return old, nil
	}
	if old == nil || old.version > version { // a transaction that began before another's publishing
		old = &snapshot{version: -1, numbers: map[value]int32{}}
	}
	s := &snapshot{version: version, documents: old.documents, lengths: old.lengths, metas: slices.Clone(old.metas),
		values: slices.Clone(old.values), numbers: maps.Clone(old.numbers), blocks: map[int64]int64{}}
	rows, err := db.All(ctx, q, func(r db.Row) (m metaRow, err error) {
		return m, r.Scan(&m.doc, &m.id, &m.length, &m.kind, &m.date, &m.evidence, &m.facets)
	}, `SELECT doc, id, length, kind, date, evidence, facets FROM search_document WHERE version > ? ORDER BY doc`, old.version)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if err := s.take(r); err != nil {
			return nil, err
		}
	}
	type version2 struct{ block, version int64 }
	blocks, err := db.All(ctx, q, func(r db.Row) (v version2, err error) { return v, r.Scan(&v.block, &v.version) }, `SELECT block, version FROM search_block ORDER BY block`)
	if err != nil {
		return nil, err
	}
	for _, b := range blocks {
		s.blocks[b.block] = b.version
	}
	x.mu.Lock()
	if x.now == nil || x.now.version < version {
		x.now = s
	}
	x.mu.Unlock()
	return s, nil
}

func (s *snapshot) take(r metaRow) error {
	for int64(len(s.metas)) <= r.doc {
		s.metas = append(s.metas, meta{})
	}
	if m := s.metas[r.doc]; m.id != "" {
		s.documents--
		s.lengths -= m.length
	}
	if r.id == nil {
		s.metas[r.doc] = meta{}
		return nil
	}
	var facets map[string][]string
	if err := json.Unmarshal([]byte(r.facets), &facets); err != nil {
		return err
	}
	m := meta{id: *r.id, kind: r.kind, date: calendar.Date(r.date), length: r.length, evid: float64(r.evidence) / 5}
	for _, name := range slices.Sorted(maps.Keys(facets)) {
		for _, v := range facets[name] {
			n, ok := s.numbers[value{name, v}]
			if !ok {
				n = int32(len(s.values))
				s.values = append(s.values, value{name, v})
				s.numbers[value{name, v}] = n
			}
			if !slices.Contains(m.facets, n) {
				m.facets = append(m.facets, n)
			}
		}
	}
	s.metas[r.doc] = m
	s.documents++
	s.lengths += r.length
	return nil
}

// source is the index in one transaction, as a ranking reads it.
type source struct {
	*snapshot
	today calendar.Date
	lists map[string][]search.List
}

// Slots implements search.Source.
func (s *source) Slots() int32 { return int32(len(s.metas)) }

// Documents implements search.Source.
func (s *source) Documents() int64 { return s.documents }

// Lengths implements search.Source.
func (s *source) Lengths() int64 { return s.lengths }

// Length implements search.Source.
func (s *source) Length(doc int32) int64 { return s.metas[doc].length }

// ID implements search.Source.
func (s *source) ID(doc int32) string { return s.metas[doc].id }

// Lists implements search.Source.
func (s *source) Lists(term string) []search.List { return s.lists[term] }

// halfLife is after how many days a new text has lost half of what it gains.
const halfLife = 3 * 365

// Merit implements search.Source.
func (s *source) Merit(doc int32) (evid, recent float64) {
	m := &s.metas[doc]
	if m.date == "" {
		return m.evid, 0
	}
	return m.evid, float64(halfLife) / float64(halfLife+max(m.age(s.today), 0))
}

// age is about how many days old a text is: dates without a day have the first.
func (m *meta) age(today calendar.Date) int { return days(today) - days(m.date) }

func days(d calendar.Date) int {
	n := func(from, to int) (v int) {
		for i := from; i < to && i < len(d) && d[i] >= '0' && d[i] <= '9'; i++ {
			v = 10*v + int(d[i]-'0')
		}
		return v
	}
	return n(0, 4)*365 + max(n(5, 7)-1, 0)*30 + n(8, 10)
}

// offset is a block at its place among the documents.
type offset struct {
	*search.Block
	first int32
}

// Doc implements search.List.
func (o offset) Doc(i int) int32 { return o.first + o.Block.Doc(i) }

// source reads the postings of terms: those that the process has not, or has in an
// older version, from the database.
func (x *Index) source(ctx context.Context, q db.Q, s *snapshot, terms []string) (*source, error) {
	out := &source{snapshot: s, today: calendar.Of(q.Now()), lists: map[string][]search.List{}}
	have, missing := x.cached(s, terms)
	for part := range slices.Chunk(missing, batch) {
		rows, err := db.All(ctx, q, scanPosting, `SELECT term, block, data FROM search_posting WHERE term IN (`+marks(len(part), "?")+`)`, anys(part)...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			b, err := search.DecodeBlock(r.data)
			if err != nil {
				return nil, err
			}
			have[blockKey{r.term, r.block}] = b
		}
	}
	x.keep(s, missing, have)
	blocks := slices.Sorted(maps.Keys(s.blocks))
	for _, term := range terms {
		for _, b := range blocks {
			if found := have[blockKey{term, b}]; found != nil {
				out.lists[term] = append(out.lists[term], offset{found, int32(b * blockSize)})
			}
		}
	}
	return out, nil
}

func (x *Index) cached(s *snapshot, terms []string) (map[blockKey]*search.Block, []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	have := map[blockKey]*search.Block{}
	var missing []string
	for _, term := range terms {
		all := true
		for b, version := range s.blocks {
			k := blockKey{term, b}
			if c, ok := x.blocks[k]; ok && c.version == version {
				have[k] = c.block
			} else {
				all = false
			}
		}
		if !all {
			missing = append(missing, term)
		}
	}
	return have, missing
}

// keep puts what was read in the cache, and takes others out where it grows.
func (x *Index) keep(s *snapshot, terms []string, have map[blockKey]*search.Block) {
	x.mu.Lock()
	defer x.mu.Unlock()
	sizeOf := func(c cachedBlock) int {
		if c.block == nil {
			return 100
		}
		return c.block.Size()
	}
	for _, term := range terms {
		for b, version := range s.blocks {
			k := blockKey{term, b}
			c := cachedBlock{version, have[k]}
			if was, ok := x.blocks[k]; ok {
				if was.version > version {
					continue
				}
				x.size -= sizeOf(was)
			}
			x.blocks[k] = c
			x.size += sizeOf(c)
		}
	}
	for k, c := range x.blocks {
		if x.size <= mostCached {
			break
		}
		x.size -= sizeOf(c)
		delete(x.blocks, k)
	}
}
