package search

import "kommunpilot/engine/svtext"

// Index holds documents in memory. Add all, then ask; asking may be done from
// many goroutines.
type Index struct {
	analyser *svtext.Analyser
	set      Settings
	ids      []string
	length   []int64
	total    int64
	postings map[string]*memoryList
}

// NewIndex makes an empty index.
func NewIndex(a *svtext.Analyser, s Settings) *Index {
	return &Index{analyser: a, set: s, postings: map[string]*memoryList{}}
}

type memoryList struct {
	docs    []int32
	entries []*Entry
}

func (l *memoryList) Len() int             { return len(l.docs) }
func (l *memoryList) Doc(i int) int32      { return l.docs[i] }
func (l *memoryList) Weight(i int) int32   { return l.entries[i].Weight }
func (l *memoryList) Places(i int) []int32 { return l.entries[i].Places }

// Add takes a document in. Cost O(its length).
func (x *Index) Add(d Document) {
	doc := int32(len(x.ids))
	entries, length := Entries(x.analyser, x.set, d)
	for term, e := range entries {
		l := x.postings[term]
		if l == nil {
			l = &memoryList{}
			x.postings[term] = l
		}
		l.docs, l.entries = append(l.docs, doc), append(l.entries, e)
	}
	x.ids, x.length = append(x.ids, d.ID), append(x.length, length)
	x.total += length
}

// Slots implements Source.
func (x *Index) Slots() int32 { return int32(len(x.ids)) }

// Documents implements Source.
func (x *Index) Documents() int64 { return int64(len(x.ids)) }

// Lengths implements Source.
func (x *Index) Lengths() int64 { return x.total }

// Length implements Source.
func (x *Index) Length(doc int32) int64 { return x.length[doc] }

// ID implements Source.
func (x *Index) ID(doc int32) string { return x.ids[doc] }

// Merit implements Source: a text in memory has neither date nor evidence.
func (x *Index) Merit(int32) (evid, recent float64) { return 0, 0 }

// Lists implements Source.
func (x *Index) Lists(term string) []List {
	if l := x.postings[term]; l != nil {
		return []List{l}
	}
	return nil
}

// Ask gives the best documents, at most so many, and why.
func (x *Index) Ask(question string, most int) []Hit {
	return Rank(Read(x.analyser, question), x, x.set, Wish{Most: most, Explain: true}).Hits
}
