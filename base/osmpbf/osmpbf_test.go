package osmpbf_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"kommunpilot/base/osmpbf"
)

func stockholm(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("../../cmd/kommunpilot/testdata/roads/stockholm-centre.osm.pbf")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var everything = osmpbf.Parts{Nodes: true, Ways: true, Relations: true}

// counted reads a file and counts what is in it.
func counted(data []byte) (h osmpbf.Header, nodes, ways, relations int, err error) {
	h, err = osmpbf.Read(context.Background(), bytes.NewReader(data), everything, nil, func(b *osmpbf.Block) error {
		nodes, ways, relations = nodes+len(b.Nodes), ways+len(b.Ways), relations+len(b.Relations)
		return nil
	})
	return h, nodes, ways, relations, err
}

// TestAFileIsReadWhole holds the counts of the data's own description.
func TestAFileIsReadWhole(t *testing.T) {
	h, nodes, ways, relations, err := counted(stockholm(t))
	if err != nil || nodes != 3460 || ways != 465 || relations != 86 {
		t.Errorf("%+v: %d nodes, %d ways, %d relations, %v", h, nodes, ways, relations, err)
	}
	streets := 0
	if _, err := osmpbf.Read(t.Context(), bytes.NewReader(stockholm(t)), osmpbf.Parts{Ways: true}, nil, func(b *osmpbf.Block) error {
		if len(b.Nodes)+len(b.Relations) > 0 {
			t.Error("what was not asked for")
		}
		for _, w := range b.Ways {
			if w.Tags.Get("highway") != "" {
				streets++
			}
		}
		return nil
	}); err != nil || streets != 185 {
		t.Errorf("%d streets, %v", streets, err)
	}
}

// frame writes a blob.
func frame(kind string, blob []byte) []byte {
	head := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), kind)
	head = protowire.AppendVarint(protowire.AppendTag(head, 3, protowire.VarintType), uint64(len(blob)))
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(head))), head...), blob...)
}

func raw(data []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), data)
}

func packed(t *testing.T, data []byte, says int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out := protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), uint64(says))
	return protowire.AppendBytes(protowire.AppendTag(out, 3, protowire.BytesType), b.Bytes())
}

func needs(feature string) []byte {
	return frame("OSMHeader", raw(protowire.AppendString(protowire.AppendTag(nil, 4, protowire.BytesType), feature)))
}

func TestWhatIsWrongWithAFileIsSaid(t *testing.T) {
	good := needs("OsmSchema-V0.6")
	const bomb = 40 << 20
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":           {nil, "filen är tom"},
		"text":            {[]byte("hej, det här är ingen karta"), "Är det en .osm.pbf?"},
		"no header":       {frame("OSMData", raw(nil)), "OSMHeader"},
		"feature":         {needs("Tredimensionell"), "Tredimensionell"},
		"bomb":            {append(bytes.Clone(good), frame("OSMData", packed(t, make([]byte, bomb), bomb))...), "högst"},
		"bomb that lies":  {append(bytes.Clone(good), frame("OSMData", packed(t, make([]byte, bomb), 10))...), "blev"},
		"too large":       {append(bytes.Clone(good), 0, 0, 0, 6, 0x18, 0xff, 0xff, 0xff, 0xff, 0x0f), "högst"},
		"not zlib":        {append(bytes.Clone(good), frame("OSMData", protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), []byte("nej")))...), "packa upp"},
		"another packing": {append(bytes.Clone(good), frame("OSMData", protowire.AppendBytes(protowire.AppendTag(nil, 4, protowire.BytesType), []byte("nej")))...), "bara zlib"},
		"cut":             {stockholm(t)[:40_000], "avklippt"},
		"empty strings":   {append(bytes.Clone(good), frame("OSMData", raw(protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), bytes.Repeat([]byte{0x0a, 0x00}, 2<<20))))...), "en miljon"},
	} {
		_, _, _, _, err := counted(c.data)
		var fault *osmpbf.Error
		if !errors.As(err, &fault) || !strings.Contains(err.Error(), c.want) || fault.Blob < 1 {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestNoFileMakesItFall changes bytes of a real file, and cuts it, in ways drawn
// from a seed: there is an answer or an error, and nothing hangs.
func TestNoFileMakesItFall(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	whole := stockholm(t)
	for range 300 {
		b := bytes.Clone(whole)
		for range 1 + r.IntN(20) {
			b[r.IntN(len(b))] = byte(r.UintN(256))
		}
		_, _, _, _, _ = counted(b[:r.IntN(len(b)+1)])
	}
}

// FuzzRead looks for a file that makes the reader fall: unpacked blocks are
// given, so that what is drawn reaches the inner forms.
func FuzzRead(f *testing.F) {
	f.Add([]byte{0x0a, 0x03, 0x0a, 0x01, 'a'})
	f.Add([]byte{0x12, 0x04, 0x12, 0x02, 0x0a, 0x00})
	f.Fuzz(func(_ *testing.T, block []byte) {
		_, _, _, _, _ = counted(append(needs("DenseNodes"), frame("OSMData", raw(block))...))
	})
}

func TestAReaderStopsWhenItIsTold(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := osmpbf.Read(ctx, bytes.NewReader(stockholm(t)), everything, nil, func(*osmpbf.Block) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	enough := errors.New("enough")
	if _, err := osmpbf.Read(t.Context(), io.Reader(bytes.NewReader(stockholm(t))), everything, nil, func(*osmpbf.Block) error { return enough }); !errors.Is(err, enough) {
		t.Error(err)
	}
}
