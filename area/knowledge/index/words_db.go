package index

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"kommunpilot/base/db"
)

// vocabulary is the bank's own words, as of a version.
type vocabulary struct {
	version int64
	words   []counted // in order of letters
}

type counted struct {
	word string
	mask uint32 // which letters it has
	n    int64
}

func maskOf(word string) (m uint32) {
	for _, r := range word {
		m |= 1 << (uint32(r) % 32)
	}
	return m
}

func (x *Index) vocabulary(ctx context.Context, q db.Q, version int64) (*vocabulary, error) {
	x.mu.Lock()
	old := x.vocab
	x.mu.Unlock()
	if old != nil && old.version == version {
		return old, nil
	}
	if old == nil || old.version > version {
		old = &vocabulary{version: -1}
	}
	fresh, err := db.All(ctx, q, func(r db.Row) (c counted, err error) { return c, r.Scan(&c.word, &c.n) },
		`SELECT word, documents FROM search_word WHERE version > ?`, old.version)
	if err != nil {
		return nil, err
	}
	v := &vocabulary{version: version}
	changed := map[string]bool{}
	for _, c := range fresh {
		changed[c.word] = true
		if c.n > 0 {
			c.mask = maskOf(c.word)
			v.words = append(v.words, c)
		}
	}
	for _, c := range old.words {
		if !changed[c.word] {
			v.words = append(v.words, c)
		}
	}
	slices.SortFunc(v.words, func(a, b counted) int { return cmp.Compare(a.word, b.word) })
	x.mu.Lock()
	if x.vocab == nil || x.vocab.version < version {
		x.vocab = v
	}
	x.mu.Unlock()
	return v, nil
}

// correct is the word of the bank that a misspelt one is nearest to: one letter
// left out, put in, changed or moved one step; two from eight letters on. The one
// in most documents wins; "" where there is none.
func (v *vocabulary) correct(word string) string {
	n := utf8.RuneCountInString(word)
	if n < 4 || n > 40 {
		return ""
	}
	most := 1
	if n >= 8 {
		most = 2
	}
	letters, mask := []rune(word), maskOf(word)
	best, bestFar, bestN := "", most+1, int64(0)
	for _, c := range v.words {
		if d := len(c.word) - len(word); d > 2*most || d < -2*most || bits(c.mask&^mask) > most || bits(mask&^c.mask) > most {
			continue
		}
		far := distance(letters, []rune(c.word), most)
		if far > 0 && (far < bestFar || far == bestFar && c.n > bestN) {
			best, bestFar, bestN = c.word, far, c.n
		}
	}
	if bestFar > most {
		return ""
	}
	return best
}

func bits(m uint32) (n int) {
	for ; m != 0; m &= m - 1 {
		n++
	}
	return n
}

// distance is how many letters are left out, put in, changed or swapped with the
// next; most+1 where more than most. Cost O(product of the lengths).
func distance(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	two, one, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
		two, one, row = one, row, two
	}
	return min(one[len(b)], most+1)
}

// Complete gives words of the bank that begin as somebody has written, the most
// common first; the words before the last are kept.
func (x *Index) Complete(ctx context.Context, prefix string, most int) (out []string, err error) {
	prefix = strings.ToLower(strings.ToValidUTF8(prefix, ""))
	at := strings.LastIndexByte(prefix, ' ') + 1
	before, last := prefix[:at], prefix[at:]
	if utf8.RuneCountInString(last) < 2 || len(prefix) > longestQuery {
		return nil, nil
	}
	err = x.db.Read(ctx, func(q db.Q) error {
		s, err := x.snapshot(ctx, q)
		if err != nil {
			return err
		}
		v, err := x.vocabulary(ctx, q, s.version)
		if err != nil {
			return err
		}
		from, _ := slices.BinarySearchFunc(v.words, last, func(c counted, w string) int { return cmp.Compare(c.word, w) })
		var found []counted
		for _, c := range v.words[from:] {
			if !strings.HasPrefix(c.word, last) {
				break
			}
			found = append(found, c)
		}
		slices.SortStableFunc(found, func(a, b counted) int { return cmp.Compare(b.n, a.n) })
		for _, c := range found[:min(max(most, 0), len(found))] {
			out = append(out, before+c.word)
		}
		return nil
	})
	return out, err
}
