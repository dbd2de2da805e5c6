package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
)

// Source is what a ranking reads of the documents, which have numbers from 0.
type Source interface {
	Slots() int32                           // numbers are below this; some may be unused
	Documents() int64                       // how many there are
	Lengths() int64                         // the sum of their lengths
	Length(doc int32) int64                 // as Entries gave it
	ID(doc int32) string                    // decides between equal scores
	Merit(doc int32) (evid, recent float64) // 0 to 1 each
	Lists(term string) []List               // where a term stands, in rising order of documents
}

// List is where a term stands: documents in rising order, with its weight in each.
type List interface {
	Len() int
	Doc(i int) int32
	Weight(i int) int32
	Places(i int) []int32
}

// Answer is what a ranking found.
type Answer struct {
	Hits    []Hit
	Matched []int32 // every document that has a word of the question, in rising order
	Every   int     // how many of them have every word of the question
}

// Wish is how an answer is wanted.
type Wish struct {
	Most    int
	Skip    int
	Explain bool             // say why
	Keep    func(int32) bool // nil: every document
}

// Rank answers a question: the best documents first, equal scores in order of ids.
// Cost O(postings of the question's terms) and O(slots) of memory, which is kept
// for the next question.
func Rank(q *Question, x Source, s Settings, w Wish) Answer {
	n := x.Slots()
	if n == 0 || x.Documents() == 0 || x.Lengths() == 0 {
		return Answer{}
	}
	r := rankings.Get().(*ranking)
	defer rankings.Put(r)
	r.begin(x, s, n)
	for i := range q.groups {
		r.word(&q.groups[i])
	}
	return r.answer(q, w)
}

// ranking holds a number for each document while a question is answered. Between
// questions all of them are 0.
type ranking struct {
	x     Source
	set   Settings
	mean  float64
	score []float64
	met   []uint16 // words of the question that are met, whole or by all parts
	hits  []int32  // documents with a score, or touched
	one   []float64
	full  []bool
	ones  []int32 // documents that the present word touched
	worth []float64
	count []uint16
	parts []int32 // documents that the present word's parts touched
}

var rankings = sync.Pool{New: func() any { return &ranking{} }}

func (r *ranking) begin(x Source, s Settings, n int32) {
	r.x, r.set, r.mean = x, s, float64(x.Lengths())/float64(x.Documents())
	if int(n) > len(r.score) {
		size := int(n) + int(n)/4
		r.score, r.met, r.one, r.full = make([]float64, size), make([]uint16, size), make([]float64, size), make([]bool, size)
		r.worth, r.count = make([]float64, size), make([]uint16, size)
	}
}

// rarity is how much a term that stands in so many documents tells.
func (r *ranking) rarity(documents int) float64 {
	n, d := float64(r.x.Documents()), float64(documents)
	return math.Log(1 + (n-d+0.5)/(d+0.5))
}

func standsIn(lists []List) (n int) {
	for _, l := range lists {
		n += l.Len()
	}
	return n
}

// worthOf is what a term that weighs so much in a document gives, 0 to 1.
func (r *ranking) worthOf(doc, weight int32) float64 {
	norm := 1 - r.set.B + r.set.B*float64(r.x.Length(doc))/r.mean
	w := float64(weight) / 100
	return w / (w + r.set.K1*norm)
}

// word gives each document its score for one word of the question: the best of
// the word and of what may stand for it.
func (r *ranking) word(g *group) {
	r.group(g, 1)
	for i := range g.also {
		r.group(&g.also[i].group, g.also[i].weight)
	}
	for _, doc := range r.ones {
		if r.score[doc] == 0 {
			r.hits = append(r.hits, doc)
		}
		r.score[doc] += r.one[doc]
		if r.full[doc] {
			r.met[doc]++
		}
		r.one[doc], r.full[doc] = 0, false
	}
	r.ones = r.ones[:0]
}

func (r *ranking) give(doc int32, value float64, full bool) {
	if value <= 0 {
		return
	}
	if r.one[doc] == 0 {
		r.ones = append(r.ones, doc)
	}
	r.one[doc] = max(r.one[doc], value)
	r.full[doc] = r.full[doc] || full
}

// group gives each document its score for one word or its parts. A document that
// has the word gets the word's; its parts are then not looked at.
func (r *ranking) group(g *group, weight float64) {
	own := r.x.Lists(g.word)
	rare := r.rarity(standsIn(own))
	lists, rares, sum := r.lists(g)
	for i, list := range lists {
		for _, l := range list {
			for k := range l.Len() {
				doc := l.Doc(k)
				if r.count[doc] == 0 {
					r.parts = append(r.parts, doc)
				}
				r.count[doc]++
				r.worth[doc] += rares[i] * r.worthOf(doc, l.Weight(k))
			}
		}
	}
	for _, l := range own {
		for k := range l.Len() {
			doc := l.Doc(k)
			r.give(doc, weight*r.whole(rare, r.worthOf(doc, l.Weight(k))), true)
			r.worth[doc] = 0 // not by its parts as well
		}
	}
	for _, doc := range r.parts {
		if r.worth[doc] > 0 {
			v, all := r.byParts(rare, sum, r.worth[doc], int(r.count[doc]), len(lists))
			r.give(doc, weight*v, all)
		}
		r.worth[doc], r.count[doc] = 0, 0
	}
	r.parts = r.parts[:0]
}

// lists are the postings of a word's parts, how rare each is, and all together.
func (r *ranking) lists(g *group) (lists [][]List, rares []float64, sum float64) {
	for _, part := range g.parts {
		l := r.x.Lists(part)
		lists = append(lists, l)
		rares = append(rares, r.rarity(standsIn(l)))
		sum += rares[len(rares)-1]
	}
	return lists, rares, sum
}

// whole is what the word itself gives.
func (r *ranking) whole(rare, worth float64) float64 {
	return rare * (r.set.Base + (1-r.set.Base)*worth)
}

// byParts is what parts give. All of them are as good as the word with its own
// rarity, or theirs if less: a word that nobody has written is not rarer than what
// it is made of. Some of them give less than all of them ever do.
func (r *ranking) byParts(rare, sum, worth float64, met, of int) (float64, bool) {
	full := min(rare, sum)
	if met == of {
		return full * (r.set.Base + (1-r.set.Base)*worth/sum), true
	}
	return full * r.set.Some * r.set.Base * worth / sum, false
}

// near is two words that stand beside each other in the question.
type near struct {
	a, b   *group
	weight float64
}

func (r *ranking) nears(q *Question) (out []near, most float64) {
	for i := 1; i < len(q.groups); i++ {
		a, b := &q.groups[i-1], &q.groups[i]
		if a.pos+1 < b.pos-1 || a.pos >= b.pos {
			continue
		}
		w := r.set.Near * (r.rarity(standsIn(r.x.Lists(a.word))) + r.rarity(standsIn(r.x.Lists(b.word)))) / 2
		out = append(out, near{a, b, w})
		most += w
	}
	return out, most
}

// answer chooses the best and empties the ranking.
func (r *ranking) answer(q *Question, w Wish) Answer {
	var out Answer
	for _, doc := range r.hits {
		if (w.Keep == nil || w.Keep(doc)) && r.phrases(q, doc) {
			out.Matched = append(out.Matched, doc)
			if int(r.met[doc]) == len(q.groups) {
				out.Every++
			}
		}
	}
	slices.Sort(out.Matched)
	nears, most := r.nears(q)
	want := max(w.Most, 0) + max(w.Skip, 0)
	// What stands so far below the last one wanted that nearness cannot lift it
	// there is not looked at for nearness.
	floor := r.floor(out.Matched, want) - most*r.merit(1, 1)
	var best []Hit
	for _, doc := range out.Matched {
		if r.lifted(doc, r.score[doc]) < floor {
			continue
		}
		score := r.score[doc]
		for _, n := range nears {
			if r.beside(n, doc) {
				score += n.weight
			}
		}
		best = append(best, Hit{ID: r.x.ID(doc), Doc: doc, Score: r.lifted(doc, score)})
	}
	slices.SortFunc(best, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	best = best[min(max(w.Skip, 0), len(best)):]
	out.Hits = best[:min(max(w.Most, 0), len(best))]
	if w.Explain {
		for i := range out.Hits {
			out.Hits[i].Why = r.why(q, nears, out.Hits[i].Doc)
		}
	}
	for _, doc := range r.hits {
		r.score[doc], r.met[doc] = 0, 0
	}
	r.hits, r.x = r.hits[:0], nil
	return out
}

// floor is the want:th highest score without nearness; 0 where there are fewer.
func (r *ranking) floor(docs []int32, want int) float64 {
	if len(docs) <= want || want == 0 {
		return 0
	}
	top := make([]float64, 0, want+1) // a heap, the least first
	for _, doc := range docs {
		v := r.lifted(doc, r.score[doc])
		if len(top) == want {
			if v <= top[0] {
				continue
			}
			top[0] = v
			for i := 0; ; {
				c := 2*i + 1
				if c+1 < want && top[c+1] < top[c] {
					c++
				}
				if c >= want || top[i] <= top[c] {
					break
				}
				top[i], top[c] = top[c], top[i]
				i = c
			}
			continue
		}
		top = append(top, v)
		for i := len(top) - 1; i > 0 && top[i] < top[(i-1)/2]; i = (i - 1) / 2 {
			top[i], top[(i-1)/2] = top[(i-1)/2], top[i]
		}
	}
	return top[0]
}

func (r *ranking) merit(evid, recent float64) float64 {
	return 1 + r.set.Evidence*evid + r.set.Recent*recent
}

// lifted is a score with what evidence and date add.
func (r *ranking) lifted(doc int32, score float64) float64 {
	return score * r.merit(r.x.Merit(doc))
}

// posting finds a document among lists.
func posting(lists []List, doc int32) (List, int, bool) {
	for _, l := range lists {
		n := l.Len()
		if n == 0 || l.Doc(n-1) < doc {
			continue
		}
		lo, hi := 0, n
		for lo < hi {
			if mid := (lo + hi) / 2; l.Doc(mid) < doc {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		return l, lo, lo < n && l.Doc(lo) == doc
	}
	return nil, 0, false
}

func (r *ranking) places(word string, doc int32) []int32 {
	if l, i, ok := posting(r.x.Lists(word), doc); ok {
		return l.Places(i)
	}
	return nil
}

// beside tells whether two words stand as near each other as in the question.
func (r *ranking) beside(n near, doc int32) bool {
	a := r.places(n.a.word, doc)
	if len(a) == 0 {
		return false
	}
	b := r.places(n.b.word, doc)
	for i, j := 0, 0; i < len(a); i++ {
		for j < len(b) && b[j] <= a[i] {
			j++
		}
		if j < len(b) && b[j] <= a[i]+int32(n.b.pos-n.a.pos) {
			return true
		}
	}
	return false
}

// phrases tells whether every phrase of the question stands in a document.
func (r *ranking) phrases(q *Question, doc int32) bool {
	for _, p := range q.phrases {
		if !r.phrase(q, p, doc) {
			return false
		}
	}
	return true
}

func (r *ranking) phrase(q *Question, p []int, doc int32) bool {
	first := q.groups[p[0]]
	for _, start := range r.places(first.word, doc) {
		ok := true
		for _, i := range p[1:] {
			g := q.groups[i]
			if _, found := slices.BinarySearch(r.places(g.word, doc), start+int32(g.pos-first.pos)); !found {
				ok = false
				break
			}
		}
		if ok {
			return true
		}
	}
	return false
}

// why tells what each word gave a document; the sum is its score.
func (r *ranking) why(q *Question, nears []near, doc int32) (out []Why) {
	sum := 0.0
	for i := range q.groups {
		g := &q.groups[i]
		best := r.whyGroup(g, doc, 1, "")
		for k := range g.also {
			if w := r.whyGroup(&g.also[k].group, doc, g.also[k].weight, g.also[k].how); w.Score > best.Score {
				w.Word = g.word + " → " + w.Word
				best = w
			}
		}
		if best.Score > 0 {
			out = append(out, best)
			sum += best.Score
		}
	}
	for _, n := range nears {
		if r.beside(n, doc) {
			out = append(out, Why{n.a.word + " " + n.b.word, ByNear, n.weight})
			sum += n.weight
		}
	}
	evid, recent := r.x.Merit(doc)
	if v := sum * r.set.Evidence * evid; v > 0 {
		out = append(out, Why{"", ByEvidence, v})
	}
	if v := sum * r.set.Recent * recent; v > 0 {
		out = append(out, Why{"", ByDate, v})
	}
	return out
}

func (r *ranking) whyGroup(g *group, doc int32, weight float64, how string) Why {
	own := r.x.Lists(g.word)
	rare := r.rarity(standsIn(own))
	if l, i, ok := posting(own, doc); ok {
		return Why{g.word, cmp.Or(how, ByWord), weight * r.whole(rare, r.worthOf(doc, l.Weight(i)))}
	}
	lists, rares, sum := r.lists(g)
	worth, met := 0.0, 0
	var missed []string
	for i, list := range lists {
		if l, k, ok := posting(list, doc); ok {
			worth += rares[i] * r.worthOf(doc, l.Weight(k))
			met++
		} else {
			missed = append(missed, g.parts[i])
		}
	}
	if met == 0 {
		return Why{}
	}
	v, all := r.byParts(rare, sum, worth, met, len(lists))
	if all {
		return Why{g.word, cmp.Or(how, ByAll), weight * v}
	}
	return Why{g.word + " (ej " + strings.Join(missed, ", ") + ")", cmp.Or(how, BySome), weight * v}
}
