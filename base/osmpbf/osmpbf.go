// Package osmpbf reads OpenStreetMap's .osm.pbf files: blobs of nodes, ways and
// relations, unpacked on several processors and given in the order of the file.
// It is written for files from anywhere: what a blob says of its size is held
// against the format's limits before it is believed, nothing is unpacked beyond
// them, and a fault gives the blob and the byte where it is, never a panic.
package osmpbf

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The limits of the format.
const (
	maxHeader = 64 << 10
	maxBlob   = 32 << 20
)

// Parts says which parts of a file are wanted; others are passed by unread.
type Parts struct{ Nodes, Ways, Relations bool }

// Node is a node with its place in degrees.
type Node struct {
	ID       int64
	Lat, Lon float64
	Tags     Tags
}

// Way is a way with its nodes in order.
type Way struct {
	ID    int64
	Nodes []int64
	Tags  Tags
}

// Relation is a relation's tags; its members are not read.
type Relation struct {
	ID   int64
	Tags Tags
}

// Tags are keys and values, alternating.
type Tags []string

// Get gives a key's value, "" where it has none.
func (t Tags) Get(key string) string {
	for i := 0; i+1 < len(t); i += 2 {
		if t[i] == key {
			return t[i+1]
		}
	}
	return ""
}

// Block is the content of one blob.
type Block struct {
	Nodes     []Node
	Ways      []Way
	Relations []Relation
}

// Header is what a file says of itself.
type Header struct {
	Program string
	Date    time.Time // of the data; zero where the file does not say
}

// Error is a fault in a file.
type Error struct {
	Blob   int   // from 1
	Offset int64 // of the blob, bytes
	What   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("blob %d vid byte %d: %s", e.Blob, e.Offset, e.What)
}

// features are the required features that are understood.
var features = map[string]bool{"OsmSchema-V0.6": true, "DenseNodes": true, "HistoricalInformation": true}

// job is a blob on its way through a decoder.
type job struct {
	blob   int
	offset int64
	data   []byte
	done   chan struct{}
	block  *Block
	err    error
}

// Read calls f with the wanted parts of each blob in the order of the file; what
// f is given is its own. At, when not nil, is told how many bytes have been
// read. Errors are f's, the context's, or *Error. Memory: some tens of blobs.
func Read(ctx context.Context, r io.Reader, want Parts, at func(bytes int64), f func(*Block) error) (Header, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c := &counting{r: r}
	head, err := header(c)
	if err != nil {
		return Header{}, err
	}
	workers := max(runtime.GOMAXPROCS(0), 1)
	todo, order := make(chan *job), make(chan *job, 2*workers)
	for range workers {
		go func() {
			for j := range todo {
				j.block, j.err = decode(j.data, want)
				j.data = nil
				close(j.done)
			}
		}()
	}
	var readErr error
	go func() {
		defer close(order)
		defer close(todo)
		for n := 2; ; n++ {
			offset := c.n
			kind, data, err := blob(c, n)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				readErr = err
				return
			}
			if kind != "OSMData" {
				continue
			}
			j := &job{blob: n, offset: offset, data: data, done: make(chan struct{})}
			select {
			case order <- j:
			case <-ctx.Done():
				return
			}
			select {
			case todo <- j:
			case <-ctx.Done():
				j.err = ctx.Err()
				close(j.done)
				return
			}
		}
	}()
	for j := range order {
		<-j.done
		if j.err != nil {
			stop()
			drain(order)
			if ctxErr := ctx.Err(); errors.Is(j.err, ctxErr) {
				return head, ctxErr
			}
			return head, &Error{j.blob, j.offset, j.err.Error()}
		}
		if at != nil {
			at(j.offset)
		}
		if err := f(j.block); err != nil {
			stop()
			drain(order)
			return head, err
		}
	}
	if readErr != nil {
		return head, readErr
	}
	return head, ctx.Err()
}

func drain(order <-chan *job) {
	for j := range order {
		<-j.done
	}
}

// counting counts the bytes that have been read.
type counting struct {
	r io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// blob reads the next blob's kind and unread content; io.EOF after the last.
func blob(c *counting, n int) (kind string, data []byte, err error) {
	offset := c.n
	bad := func(what string, a ...any) error { return &Error{n, offset, fmt.Sprintf(what, a...)} }
	var size [4]byte
	switch _, err := io.ReadFull(c, size[:]); {
	case errors.Is(err, io.EOF):
		return "", nil, io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "", nil, bad("filen är avklippt")
	case err != nil:
		return "", nil, err
	}
	length := binary.BigEndian.Uint32(size[:])
	if length == 0 || length > maxHeader {
		return "", nil, bad("huvudet sägs vara %d byte; högst %d får det vara. Är det en .osm.pbf?", length, maxHeader)
	}
	read := func(length uint32) ([]byte, error) {
		out := make([]byte, length)
		if _, err := io.ReadFull(c, out); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, bad("filen är avklippt")
		} else if err != nil {
			return nil, err
		}
		return out, nil
	}
	head, err := read(length)
	if err != nil {
		return "", nil, err
	}
	body := uint64(0)
	if err := fields(head, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			kind = string(v.bytes)
		case 3:
			body = v.number
		}
		return nil
	}); err != nil {
		return "", nil, bad("huvudet går inte att läsa: %v", err)
	}
	if body > maxBlob {
		return "", nil, bad("innehållet sägs vara %d byte; högst %d får det vara", body, maxBlob)
	}
	data, err = read(uint32(body))
	return kind, data, err
}

// header reads the first blob.
func header(c *counting) (h Header, err error) {
	kind, data, err := blob(c, 1)
	if errors.Is(err, io.EOF) {
		return h, &Error{1, 0, "filen är tom"}
	}
	if err != nil {
		return h, err
	}
	if kind != "OSMHeader" {
		return h, &Error{1, 0, fmt.Sprintf("filen börjar med %q i stället för OSMHeader", kind)}
	}
	raw, err := unpack(data)
	if err == nil {
		err = fields(raw, func(num protowire.Number, v value) error {
			switch num {
			case 4:
				if !features[string(v.bytes)] {
					return fmt.Errorf("filen kräver %q, som inte stöds", v.bytes)
				}
			case 16:
				h.Program = string(v.bytes)
			case 32:
				h.Date = time.Unix(int64(v.number), 0).UTC()
			}
			return nil
		})
	}
	if err != nil {
		return h, &Error{1, 0, err.Error()}
	}
	return h, nil
}

// unpack gives a blob's content, of at most maxBlob bytes.
func unpack(data []byte) ([]byte, error) {
	var raw, packed []byte
	size, some := uint64(0), false
	if err := fields(data, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			raw, some = v.bytes, true
		case 2:
			size = v.number
		case 3:
			packed = v.bytes
		}
		return nil
	}); err != nil {
		return nil, err
	}
	switch {
	case some:
		return raw, nil
	case packed == nil:
		return nil, errors.New("innehållet är packat på ett sätt som inte stöds; bara zlib läses")
	case size > maxBlob:
		return nil, fmt.Errorf("innehållet sägs bli %d byte; högst %d får det bli", size, maxBlob)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("innehållet går inte att packa upp: %w", err)
	}
	var out bytes.Buffer
	// What is unpacked grows as it comes, whatever the size was said to be.
	if _, err := io.Copy(&out, io.LimitReader(z, maxBlob+1)); err != nil {
		return nil, fmt.Errorf("innehållet går inte att packa upp: %w", err)
	}
	if uint64(out.Len()) != size {
		return nil, fmt.Errorf("innehållet blev %d byte, inte %d som det sägs", out.Len(), size)
	}
	return out.Bytes(), nil
}

// value is a field's value: a number, or bytes.
type value struct {
	number uint64
	bytes  []byte
}

var errForm = errors.New("innehållet har fel form")

// fields calls f for each field of a message.
func fields(b []byte, f func(num protowire.Number, v value) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errForm
		}
		b = b[n:]
		var v value
		switch kind {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
		}
		if n < 0 {
			return errForm
		}
		b = b[n:]
		if err := f(num, v); err != nil {
			return err
		}
	}
	return nil
}
