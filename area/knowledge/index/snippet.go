package index

import (
	"slices"
	"strings"
	"unicode/utf8"

	"kommunpilot/engine/svtext"
)

// span is a piece of a text between spaces, and whether it has a word that was
// asked for.
type span struct {
	from, to int
	hit      bool
}

// spans cuts a text at its spaces and looks for terms.
func (w *wanted) spans(text string) (out []span) {
	start := -1
	end := func(i int) {
		if start >= 0 {
			out = append(out, span{start, i, w.has(text[start:i])})
		}
		start = -1
	}
	for i, r := range text {
		if r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\u00a0' {
			end(i)
		} else if start < 0 {
			start = i
		}
	}
	end(len(text))
	return out
}

// wanted knows which words of a text were asked for.
type wanted struct {
	analyser *svtext.Analyser
	terms    map[string]bool
	known    map[string]bool // words that have been looked at
}

func newWanted(a *svtext.Analyser, terms []string) *wanted {
	w := &wanted{a, map[string]bool{}, map[string]bool{}}
	for _, t := range terms {
		w.terms[t] = true
	}
	return w
}

func (w *wanted) has(word string) bool {
	if len(w.terms) == 0 || len(word) > 200 {
		return false
	}
	if hit, ok := w.known[word]; ok {
		return hit
	}
	hit := slices.ContainsFunc(w.analyser.Terms(word), func(t svtext.Term) bool { return w.terms[t.Text] })
	w.known[word] = hit
	return hit
}

// mark gives a text with what was asked for marked.
func (w *wanted) mark(text string) []Segment {
	return segments(text, w.spans(text), 0, len(text))
}

func segments(text string, spans []span, from, to int) (out []Segment) {
	at := from
	add := func(s string, marked bool) {
		if s != "" {
			out = append(out, Segment{s, marked})
		}
	}
	for _, s := range spans {
		if s.hit && s.from >= at && s.to <= to {
			// Signs around a word are not marked.
			word := strings.Trim(text[s.from:s.to], `.,;:!?()[]"'”“»«*#_`)
			k := s.from + strings.Index(text[s.from:s.to], word)
			add(text[at:k], false)
			add(word, true)
			at = k + len(word)
		}
	}
	add(text[at:to], false)
	return out
}

// A snippet is so many words, of the part of a text that has most different words
// that were asked for; so much of a text is looked at, bytes.
const (
	snippetWords = 30
	snippetText  = 20_000
)

// snippet is the piece of a text that shows why it was found: of the summary, or of
// the body where that has more of the words.
func (w *wanted) snippet(summary, body string) []Segment {
	if len(body) > snippetText {
		n := snippetText
		for n > 0 && !utf8.RuneStart(body[n]) {
			n--
		}
		body = body[:n]
	}
	a, na := w.piece(summary)
	if b, nb := w.piece(body); nb > na || summary == "" {
		return b
	}
	return a
}

func (w *wanted) piece(text string) ([]Segment, int) {
	text = strings.Join(strings.Fields(text), " ")
	spans := w.spans(text)
	if len(spans) == 0 {
		return nil, 0
	}
	best, most, n := 0, 0, 0
	seen := map[string]int{} // words of the window, so that the same word counts once
	stem := func(s span) string { return svtext.Stem(strings.ToLower(text[s.from:s.to])) }
	for i, s := range spans {
		if s.hit {
			if k := stem(s); seen[k] == 0 {
				n++
				seen[k]++
			} else {
				seen[k]++
			}
		}
		if k := i - snippetWords; k >= 0 && spans[k].hit {
			if gone := stem(spans[k]); seen[gone] == 1 {
				n--
				seen[gone]--
			} else {
				seen[gone]--
			}
		}
		if n > most {
			most, best = n, max(i-snippetWords/2, 0)
		}
	}
	last := min(best+snippetWords, len(spans))
	out := segments(text, spans, spans[best].from, spans[last-1].to)
	if best > 0 {
		out = append([]Segment{{Text: "… "}}, out...)
	}
	if last < len(spans) {
		out = append(out, Segment{Text: " …"})
	}
	return out, most
}
