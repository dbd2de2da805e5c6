// Package index keeps the knowledge bank's search index in the database, written in
// the transaction that publishes. engine/search ranks; this package stores what it
// reads, in the same way on SQLite and PostgreSQL, so that both give the same
// answers.
//
// Documents have numbers that rise and are not used again. A term's postings lie in
// blocks of so many numbers. A search reads the version first, and then only what
// has changed since this process read it, so what another node has published is
// found at once.
package index

import (
	"embed"
	"io/fs"
	"sync"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/engine/search"
	"kommunpilot/engine/svtext"
)

//go:embed schema
var schema embed.FS

// Schema is the index's migrations.
func Schema() fs.FS { return db.Sub(schema) }

// Document is something that can be found. Only what is public is put in.
type Document struct {
	ID       string `json:"-"`
	Kind     string `json:"-"`
	Title    string
	Summary  string
	Body     string
	Language string
	// Municipalities and Services are searched as text, and are facets.
	Municipalities []string
	Services       []string
	Facets         map[string][]string `json:"-"` // further facets
	Date           calendar.Date       `json:"-"` // "" for none; a new text gains a little
	Evidence       int                 `json:"-"` // 0 none, 1 to 5; strong evidence gains a little
}

// Query is a search.
type Query struct {
	Text    string              // words between quotation marks stand together; "" lists all, the newest first
	Filter  map[string][]string // facet: any of these values; every facet must hold
	Most    int                 // 0: 10
	Skip    int
	Explain bool
	Bare    bool // identifiers and scores alone, no texts
}

// Result is what a search found.
type Result struct {
	Hits       []Hit
	Total      int // documents with any of the words
	Every      int // documents with all of them
	Facets     []Facet
	Suggestion string // "menade du"; "" for none
}

// Hit is a document that was found.
type Hit struct {
	ID      string
	Kind    string
	Date    calendar.Date
	Score   float64
	Title   []Segment
	Snippet []Segment
	Why     []search.Why
}

// Segment is a piece of a text; marked where it matched.
type Segment struct {
	Text   string
	Marked bool
}

// Facet is a property with how many of the documents found have each value.
type Facet struct {
	Name   string
	Values []Count
}

// Count is how many documents have a value.
type Count struct {
	Value string
	N     int
}

// blockSize is how many document numbers a block of postings covers.
const blockSize = 8192

// Index is the index of one database. It may be used from many goroutines.
type Index struct {
	db       *db.DB
	analyser *svtext.Analyser
	set      search.Settings

	mu     sync.Mutex
	now    *snapshot
	blocks map[blockKey]cachedBlock
	size   int
	vocab  *vocabulary
}

// New makes an index on a migrated database.
func New(d *db.DB) *Index {
	return &Index{db: d, analyser: svtext.New(nil), set: search.Standard, blocks: map[blockKey]cachedBlock{}}
}

func (d *Document) fields() search.Document {
	return search.Document{ID: d.ID, Title: d.Title, Text: d.Body, Fields: map[string]string{
		"summary": d.Summary, "municipality": joined(d.Municipalities), "service": joined(d.Services),
	}}
}
