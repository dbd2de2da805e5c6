// Package search ranks texts by a question: BM25 over fields, on the terms of
// engine/svtext. What is asked is a list of words that must be told apart: a page
// that has a word, or all the parts of a compound, stands above one that has some
// of the parts.
package search

import (
	"cmp"
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
	K1, B  float64            // how soon more of the same stops counting, and how much length does
	Fields map[string]float64 // the weight of a word in a field; title and text are two of them
	Part   float64            // of a word that is met as a part of a compound
	Some   float64            // of a compound of which only some parts are met, at most
	Base   float64            // of a word that is met at all, whatever its number
	Near   float64            // of two words that stand beside each other in both
}

// Standard are the settings that are used. Length counts nearly in full, since a
// statute that has every word in it answers few questions; a word that is met at
// all gives little by itself, for the same reason.
var Standard = Settings{
	K1: 2, B: 0.9, Fields: map[string]float64{"title": 2.5, "text": 1},
	Part: 0.4, Some: 0.3, Base: 0.02, Near: 0.15,
}

// Index holds documents. Add all, then ask; asking may be done from many
// goroutines.
type Index struct {
	analyser *svtext.Analyser
	set      Settings
	ids      []string
	length   []float64
	total    float64
	postings map[string][]posting
}

// posting is a term in a document: how much it weighs there, and where it
// stands in the text as a whole word, for nearness.
type posting struct {
	doc    int32
	weight float64
	at     []int32
}

// NewIndex makes an empty index.
func NewIndex(a *svtext.Analyser, s Settings) *Index {
	return &Index{analyser: a, set: s, postings: map[string][]posting{}}
}

// apart keeps the words of two fields from standing beside each other.
const apart = 1000

// Add takes a document in. Cost O(its length).
func (x *Index) Add(d Document) {
	doc := int32(len(x.ids))
	x.ids = append(x.ids, d.ID)
	fields := map[string]string{"title": d.Title, "text": d.Text}
	maps.Copy(fields, d.Fields)
	found := map[string]*posting{}
	length, offset := 0.0, 0
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		weight, last := x.weight(name), 0
		for _, t := range x.analyser.Terms(fields[name]) {
			p := found[t.Text]
			if p == nil {
				p = &posting{doc: doc}
				found[t.Text] = p
			}
			last = t.Pos
			if t.Part {
				p.weight += weight * x.set.Part
				continue
			}
			p.weight += weight
			length += weight
			p.at = append(p.at, int32(offset+t.Pos))
		}
		offset += last + apart
	}
	for term, p := range found {
		x.postings[term] = append(x.postings[term], *p)
	}
	x.length = append(x.length, length)
	x.total += length
}

func (x *Index) weight(field string) float64 {
	if w, ok := x.set.Fields[field]; ok {
		return w
	}
	return 1
}

// Hit is an answer, the best first.
type Hit struct {
	ID    string
	Score float64
	// Why says what each word of the question gave.
	Why []Why
}

// Why is what a word of the question gave: whole, by all its parts, or by some.
type Why struct {
	Word  string
	How   string // "ordet", "alla delar", "några delar", "intill"
	Score float64
}

// group is a word of the question with its parts.
type group struct {
	word  string
	parts []string
	pos   int
}

// groups reads a question.
func (x *Index) groups(question string) (out []group) {
	for _, t := range x.analyser.Terms(question) {
		if t.Part && len(out) > 0 {
			g := &out[len(out)-1]
			if !slices.Contains(g.parts, t.Text) {
				g.parts = append(g.parts, t.Text)
			}
			continue
		}
		if !slices.ContainsFunc(out, func(g group) bool { return g.word == t.Text }) {
			out = append(out, group{word: t.Text, pos: t.Pos})
		}
	}
	return out
}

// rarity is how much a term that stands in so many documents tells.
func (x *Index) rarity(documents int) float64 {
	n, d := float64(len(x.ids)), float64(documents)
	return math.Log(1 + (n-d+0.5)/(d+0.5))
}

// worth is what a term that weighs so much in a document gives, 0 to 1.
func (x *Index) worth(p posting) float64 {
	norm := 1 - x.set.B + x.set.B*x.length[p.doc]/(x.total/float64(len(x.ids)))
	return p.weight / (p.weight + x.set.K1*norm)
}

// Ask gives the best documents, at most so many. Equal scores stand in order of
// ids. Cost O(postings of the question's terms).
func (x *Index) Ask(question string, most int) []Hit {
	if len(x.ids) == 0 || x.total == 0 {
		return nil
	}
	scores := map[int32]*Hit{}
	give := func(doc int32, w Why) {
		h := scores[doc]
		if h == nil {
			h = &Hit{ID: x.ids[doc]}
			scores[doc] = h
		}
		h.Score += w.Score
		h.Why = append(h.Why, w)
	}
	all := x.groups(question)
	for i, g := range all {
		x.askGroup(g, give)
		if i > 0 && all[i-1].pos+1 >= g.pos-1 {
			x.askNear(all[i-1], g, give)
		}
	}
	out := make([]Hit, 0, len(scores))
	for _, h := range scores {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return out[:min(most, len(out))]
}

// askGroup gives each document its score for one word.
func (x *Index) askGroup(g group, give func(int32, Why)) {
	own := x.postings[g.word]
	full := x.rarity(len(own))
	seen := map[int32]bool{}
	for _, p := range own {
		seen[p.doc] = true
		give(p.doc, Why{g.word, "ordet", full * (x.set.Base + (1-x.set.Base)*x.worth(p))})
	}
	if len(g.parts) == 0 {
		return
	}
	type met struct {
		worth, rarity float64
		n             int
	}
	parts := map[int32]met{}
	sum := 0.0
	for _, part := range g.parts {
		list := x.postings[part]
		r := x.rarity(len(list))
		sum += r
		for _, p := range list {
			m := parts[p.doc]
			parts[p.doc] = met{m.worth + r*x.worth(p), m.rarity + r, m.n + 1}
		}
	}
	// All parts are as good as the word with its own rarity, or theirs if less:
	// a word that nobody has written is not rarer than what it is made of.
	full = min(full, sum)
	for _, doc := range slices.Sorted(maps.Keys(parts)) {
		m := parts[doc]
		switch {
		case seen[doc]:
		case m.n == len(g.parts):
			give(doc, Why{g.word, "alla delar", full * (x.set.Base + (1-x.set.Base)*m.worth/m.rarity)})
		default:
			give(doc, Why{g.word, "några delar", full * min(x.set.Some, x.set.Base) * m.worth / sum})
		}
	}
}

// askNear adds for two words that stand beside each other in a document, as they
// do in the question.
func (x *Index) askNear(a, b group, give func(int32, Why)) {
	next := map[int32][]int32{}
	for _, p := range x.postings[b.word] {
		next[p.doc] = p.at
	}
	weight := x.set.Near * (x.rarity(len(x.postings[a.word])) + x.rarity(len(x.postings[b.word]))) / 2
	for _, p := range x.postings[a.word] {
		for _, at := range p.at {
			if slices.ContainsFunc(next[p.doc], func(q int32) bool { return q > at && q <= at+int32(b.pos-a.pos) }) {
				give(p.doc, Why{a.word + " " + b.word, "intill", weight})
				break
			}
		}
	}
}
