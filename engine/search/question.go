package search

import (
	"slices"
	"strings"

	"kommunpilot/engine/svtext"
)

// Question is what somebody asks, read: its words with their parts, what else may
// stand for them, and which of them must stand together.
type Question struct {
	groups  []group
	phrases [][]int // groups that must follow each other
}

// group is a word of the question, or what may stand for it.
type group struct {
	word  string   // the term
	typed string   // as it was written, for synonyms and spelling
	parts []string // the terms of a compound's parts
	pos   int
	also  []also
}

// also is what may stand for a word, and what it then weighs.
type also struct {
	group
	weight float64
	how    string
}

// Read reads a question. Words between quotation marks must follow each other.
func Read(a *svtext.Analyser, text string) *Question {
	q := &Question{}
	pieces := strings.Split(strings.Map(quote, text), `"`)
	if len(pieces) == 1 {
		q.take(a, text)
		return q
	}
	var outside []string
	for i, piece := range pieces {
		if i%2 == 0 {
			outside = append(outside, piece)
		} else if at := q.take(a, piece); len(at) > 1 {
			q.phrases = append(q.phrases, at)
		}
	}
	if rest := strings.TrimSpace(strings.Join(outside, " ")); rest != "" {
		q.take(a, rest)
	}
	return q
}

func quote(r rune) rune {
	switch r {
	case '”', '“', '„', '«', '»':
		return '"'
	}
	return r
}

// take adds the words of a text and gives their groups in order.
func (q *Question) take(a *svtext.Analyser, text string) (at []int) {
	from := 0
	if n := len(q.groups); n > 0 {
		from = q.groups[n-1].pos + apart
	}
	current := -1 // parts belong to the word before them
	for _, t := range a.Terms(text) {
		if t.Part {
			if current >= 0 && !slices.Contains(q.groups[current].parts, t.Text) && q.groups[current].word != t.Text {
				q.groups[current].parts = append(q.groups[current].parts, t.Text)
			}
			continue
		}
		current = slices.IndexFunc(q.groups, func(g group) bool { return g.word == t.Text })
		if current < 0 {
			current = len(q.groups)
			q.groups = append(q.groups, group{word: t.Text, typed: t.Word, pos: from + t.Pos})
		}
		at = append(at, current)
	}
	return at
}

// Typed are the question's words as they were written.
func (q *Question) Typed() (out []string) {
	for _, g := range q.groups {
		out = append(out, g.typed)
	}
	return out
}

// Parts are the terms of a word's parts; nil where it is no compound.
func (q *Question) Parts(i int) []string { return q.groups[i].parts }

// Word is the term of a word.
func (q *Question) Word(i int) string { return q.groups[i].word }

// Also lets another text stand for a word of the question, at a weight. It must be
// one word, or one compound; of several words all are asked for, as parts are.
func (q *Question) Also(a *svtext.Analyser, i int, text string, weight float64, how string) {
	other := &Question{}
	other.take(a, text)
	var g group
	switch len(other.groups) {
	case 0:
		return
	case 1:
		g = other.groups[0]
	default:
		for _, o := range other.groups {
			g.parts = append(g.parts, o.word)
		}
		g.word = strings.Join(g.parts, " ") // no term has a space, so only the parts are met
	}
	if g.word != q.groups[i].word {
		q.groups[i].also = append(q.groups[i].also, also{g, weight, how})
	}
}

// Terms are all terms that the ranking of the question needs, each once.
func (q *Question) Terms() (out []string) {
	seen := map[string]bool{}
	add := func(g group) {
		for _, t := range append([]string{g.word}, g.parts...) {
			if !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	for _, g := range q.groups {
		add(g)
		for _, o := range g.also {
			add(o.group)
		}
	}
	return out
}
