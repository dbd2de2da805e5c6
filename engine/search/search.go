// Package search ranks texts by a question: BM25 over fields, on the terms of
// engine/svtext. What is asked is a list of words that must be told apart: a page
// that has a word, or all the parts of a compound, stands above one that has some
// of the parts.
//
// The ranking (Rank) reads what it needs of the documents through a Source: Index
// is one in memory, and a stored index is another with the same answers.
package search

import (
	"maps"
	"math"
	"slices"

	"kommunpilot/engine/svtext"
)

// Document is a text in fields, which weigh as Settings say.
type Document struct {
	ID     string
	Title  string
	Text   string
	Fields map[string]string // further fields by name
}

// Settings are the weights of a ranking. They are judgement, chosen on the
// meaning of each and not to fit a set of questions.
type Settings struct {
	K1, B    float64            // how soon more of the same stops counting, and how much length does
	Fields   map[string]float64 // the weight of a word in a field, in tenths; title and text are two of them
	Part     float64            // of a word that is met as a part of a compound
	Some     float64            // of a compound of which only some parts are met, as a share of Base
	Base     float64            // of a word that is met at all, whatever its number
	Near     float64            // of two words that stand beside each other in both
	Evidence float64            // the most that strong evidence adds, as a share of the score
	Recent   float64            // the most that a new text gains, likewise
}

// Standard are the settings that are used. Length counts nearly in full, since a
// statute that has every word in it answers few questions; a word that is met at
// all gives little by itself, for the same reason. What evidence and age may add
// together is less than 1/Some, so that they never lift a page with some parts of a
// compound over one with all.
var Standard = Settings{
	K1: 2, B: 0.9, Fields: map[string]float64{"title": 2.5, "text": 1, "summary": 1.5, "municipality": 2, "service": 2},
	Part: 0.4, Some: 0.85, Base: 0.02, Near: 0.15, Evidence: 0.05, Recent: 0.05,
}

// Entry is a term in a document: how much it weighs there, in hundredths, and
// where it stands in the text as a whole word, for nearness.
type Entry struct {
	Weight int32
	Places []int32
}

// apart keeps the words of two fields from standing beside each other.
const apart = 1000

// Entries reads a document: its terms, and its length as the weight of its whole
// words, in hundredths. Cost O(its length).
func Entries(a *svtext.Analyser, s Settings, d Document) (map[string]*Entry, int64) {
	fields := map[string]string{"title": d.Title, "text": d.Text}
	maps.Copy(fields, d.Fields)
	found := map[string]*Entry{}
	length, offset := int64(0), 0
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		whole := s.hundredths(name)
		part, last := int32(math.Round(float64(whole)*s.Part)), 0
		for _, t := range a.Terms(fields[name]) {
			e := found[t.Text]
			if e == nil {
				e = &Entry{}
				found[t.Text] = e
			}
			last = t.Pos
			if t.Part {
				e.Weight += part
				continue
			}
			e.Weight += whole
			length += int64(whole)
			if place := int32(offset + t.Pos); len(e.Places) == 0 || e.Places[len(e.Places)-1] < place {
				e.Places = append(e.Places, place)
			}
		}
		offset += last + apart
	}
	return found, length
}

func (s Settings) hundredths(field string) int32 {
	if w, ok := s.Fields[field]; ok {
		return int32(math.Round(w * 100))
	}
	return 100
}

// Hit is an answer, the best first.
type Hit struct {
	ID    string
	Doc   int32 // the document's number in its source
	Score float64
	// Why says what each word of the question gave.
	Why []Why
}

// Why is what a word of the question gave: whole, by all its parts, or by some.
type Why struct {
	Word  string
	How   string // one of the constants below
	Score float64
}

// How a word of a question was met.
const (
	ByWord     = "ordet"
	ByAll      = "alla delar"
	BySome     = "några delar"
	ByNear     = "intill"
	BySynonym  = "synonym"
	BySpelling = "rättad stavning"
	ByEvidence = "evidens"
	ByDate     = "nyhet"
)
