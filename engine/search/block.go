package search

import (
	"encoding/binary"
	"errors"
	"slices"
)

// Block is where a term stands in a range of documents, as a store keeps it. It is
// not changed after it is read, and may be used from many goroutines.
type Block struct {
	docs    []int32
	weights []int32
	ends    []uint32 // where the places of each document end
	places  []byte
}

var errBlock = errors.New("search: a stored block is damaged")

// Len implements List.
func (b *Block) Len() int { return len(b.docs) }

// Doc implements List.
func (b *Block) Doc(i int) int32 { return b.docs[i] }

// Weight implements List.
func (b *Block) Weight(i int) int32 { return b.weights[i] }

// Places implements List.
func (b *Block) Places(i int) (out []int32) {
	at := uint32(0)
	if i > 0 {
		at = b.ends[i-1]
	}
	place := int32(-1)
	for rest := b.places[at:b.ends[i]]; len(rest) > 0; {
		d, n := binary.Uvarint(rest)
		if n <= 0 {
			return out
		}
		place += int32(d) + 1
		out = append(out, place)
		rest = rest[n:]
	}
	return out
}

// Size is about how many bytes a block takes in memory.
func (b *Block) Size() int { return 100 + 12*len(b.docs) + len(b.places) }

// DecodeBlock reads a stored block: the number of documents; for each how far it is
// from the one before, its weight and the bytes of its places; then the places.
// Nothing stored makes it panic. Cost O(documents).
func DecodeBlock(data []byte) (*Block, error) {
	next := func() (uint64, bool) {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return 0, false
		}
		data = data[n:]
		return v, true
	}
	n, ok := next()
	if !ok || n > uint64(len(data)) {
		return nil, errBlock
	}
	b := &Block{docs: make([]int32, n), weights: make([]int32, n), ends: make([]uint32, n)}
	doc, end := int64(-1), uint64(0)
	for i := range b.docs {
		d, ok1 := next()
		w, ok2 := next()
		l, ok3 := next()
		if !ok1 || !ok2 || !ok3 || d > 1<<31 || w > 1<<30 || l > 1<<30 {
			return nil, errBlock
		}
		if doc += int64(d) + 1; doc > 1<<31-1 {
			return nil, errBlock
		}
		end += l
		b.docs[i], b.weights[i], b.ends[i] = int32(doc), int32(w), uint32(end)
	}
	if end != uint64(len(data)) {
		return nil, errBlock
	}
	b.places = data
	return b, nil
}

// Change is a block with documents taken out and put in, as it is stored; nil
// where nothing is left. What is put in is in rising order of documents.
func (b *Block) Change(out func(doc int32) bool, docs []int32, in []*Entry) []byte {
	type one struct {
		doc, weight int32
		places      []byte
	}
	all := make([]one, 0, len(b.docs)+len(docs))
	at := uint32(0)
	for i, doc := range b.docs {
		if out == nil || !out(doc) {
			all = append(all, one{doc, b.weights[i], b.places[at:b.ends[i]]})
		}
		at = b.ends[i]
	}
	sorted := len(all) == 0 || len(docs) == 0 || all[len(all)-1].doc < docs[0]
	for i, doc := range docs {
		all = append(all, one{doc, in[i].Weight, places(in[i].Places)})
	}
	if !sorted {
		slices.SortFunc(all, func(x, y one) int { return int(x.doc) - int(y.doc) })
	}
	if len(all) == 0 {
		return nil
	}
	head := binary.AppendUvarint(nil, uint64(len(all)))
	var tail []byte
	last := int32(-1)
	for _, o := range all {
		head = binary.AppendUvarint(head, uint64(o.doc-last-1))
		head = binary.AppendUvarint(head, uint64(max(o.weight, 0)))
		head = binary.AppendUvarint(head, uint64(len(o.places)))
		tail = append(tail, o.places...)
		last = o.doc
	}
	return append(head, tail...)
}

func places(at []int32) (out []byte) {
	last := int32(-1)
	for _, p := range at {
		if p <= last {
			continue
		}
		out = binary.AppendUvarint(out, uint64(p-last-1))
		last = p
	}
	return out
}
