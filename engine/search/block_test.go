package search

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestABlockGivesBackWhatWasPutIn, whatever was put in and taken out.
func TestABlockGivesBackWhatWasPutIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[int32]*Entry{}
		var stored []byte
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			b := &Block{}
			if stored != nil {
				var err error
				if b, err = DecodeBlock(stored); err != nil {
					t.Fatal(err)
				}
			}
			gone := rapid.SliceOfN(rapid.Int32Range(0, 40), 0, 10).Draw(t, "gone")
			for _, doc := range gone {
				delete(want, doc)
			}
			var docs []int32
			var in []*Entry
			for _, doc := range slices.Sorted(slices.Values(rapid.SliceOfNDistinct(rapid.Int32Range(0, 40), 0, 10, rapid.ID).Draw(t, "docs"))) {
				if want[doc] == nil {
					e := &Entry{Weight: rapid.Int32Range(1, 5000).Draw(t, "weight"), Places: slices.Sorted(slices.Values(rapid.SliceOfNDistinct(rapid.Int32Range(0, 3000), 0, 5, rapid.ID).Draw(t, "places")))}
					want[doc] = e
					docs, in = append(docs, doc), append(in, e)
				}
			}
			stored = b.Change(func(doc int32) bool { return slices.Contains(gone, doc) }, docs, in)
		}
		if len(want) == 0 {
			if stored != nil {
				t.Fatal("an empty block is stored")
			}
			return
		}
		b, err := DecodeBlock(stored)
		if err != nil || b.Len() != len(want) {
			t.Fatalf("%v, %d of %d", err, b.Len(), len(want))
		}
		for i := range b.Len() {
			e := want[b.Doc(i)]
			if e == nil || b.Weight(i) != e.Weight || !slices.Equal(b.Places(i), e.Places) || i > 0 && b.Doc(i) <= b.Doc(i-1) {
				t.Fatalf("%d: %d %v, want %+v", b.Doc(i), b.Weight(i), b.Places(i), e)
			}
		}
	})
}

func FuzzDecodeBlock(f *testing.F) {
	f.Add((&Block{}).Change(nil, []int32{1, 5}, []*Entry{{100, []int32{0, 7}}, {250, nil}}))
	f.Fuzz(func(_ *testing.T, data []byte) {
		b, err := DecodeBlock(data)
		if err != nil {
			return
		}
		for i := range b.Len() {
			_ = b.Places(i)
		}
	})
}
