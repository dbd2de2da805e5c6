package roadnet

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"unsafe"
)

// The file of a network (.roads), little-endian: eight bytes "KPROADS\n", the
// version and the length of the description (uint32 each), the description as
// JSON, zeros up to a multiple of 8, then the counts (nodes, stretches, entries
// of ShapeFirst, points, numbers; uint64 each) and the arrays in that order, each from a
// multiple of 8: stretches of six uint32, ShapeFirst, points of two int32, numbers
// of uint32, groups of int32. The last four bytes are the CRC-32C of all that stands before.
const (
	magic   = "KPROADS\n"
	version = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Write writes the network's file.
func (n *Network) Write(w io.Writer) error {
	sum := crc32.New(castagnoli)
	out := &padded{w: io.MultiWriter(w, sum)}
	meta, err := json.Marshal(n.Meta)
	if err != nil {
		return err
	}
	out.put([]byte(magic))
	out.put(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, version), uint32(len(meta))))
	out.put(meta)
	out.pad()
	for _, count := range []int{n.Nodes, len(n.Stretches), len(n.ShapeFirst), len(n.Shape), len(n.Number)} {
		out.put(binary.LittleEndian.AppendUint64(nil, uint64(count)))
	}
	for _, part := range [][]byte{raw(n.Stretches), raw(n.ShapeFirst), raw(n.Shape), raw(n.Number), raw(n.Group)} {
		out.put(part)
		out.pad()
	}
	if out.err != nil {
		return out.err
	}
	_, err = w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	return err
}

// padded writes and keeps the first error.
type padded struct {
	w   io.Writer
	n   int
	err error
}

func (p *padded) put(b []byte) {
	if p.err == nil {
		_, p.err = p.w.Write(b)
		p.n += len(b)
	}
}

func (p *padded) pad() { p.put(make([]byte, (8-p.n%8)%8)) }

// raw is an array as its bytes.
func raw[T any](list []T) []byte {
	if len(list) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&list[0])), len(list)*int(unsafe.Sizeof(list[0]))) //nolint:gosec // the list's own bytes, read only
}

// Parse reads a network's file. The network's arrays are the data's own bytes, so
// that a file can be mapped into memory: the data must stay and not be written
// to as long as the network is used. Errors say what is wrong with the file.
func Parse(data []byte) (*Network, error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, errors.New("vägfiler går bara att läsa på en little-endian-dator")
	}
	if len(data) < 24 || !bytes.Equal(data[:8], []byte(magic)) {
		return nil, errors.New("filen är ingen vägfil (.roads); gör en med roads build")
	}
	if v := binary.LittleEndian.Uint32(data[8:]); v != version {
		return nil, fmt.Errorf("vägfilen har version %d och programmet läser %d; gör om den med roads build", v, version)
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return nil, errors.New("vägfilen är skadad: kontrollsumman stämmer inte; gör om den med roads build")
	}
	in := &reader{data: body, at: 16}
	n := &Network{}
	meta := take[byte](in, uint64(binary.LittleEndian.Uint32(data[12:])))
	in.pad()
	counts := take[uint64](in, 5)
	if in.bad || json.Unmarshal(meta, &n.Meta) != nil {
		return nil, errors.New("vägfilens beskrivning går inte att läsa; gör om den med roads build")
	}
	n.Stretches = take[Stretch](in, counts[1])
	in.pad()
	if n.ShapeFirst = take[uint32](in, counts[2]); len(n.ShapeFirst) == 0 {
		n.ShapeFirst = nil
	}
	in.pad()
	n.Shape = take[Point](in, counts[3])
	in.pad()
	n.Number = take[uint32](in, counts[4])
	in.pad()
	n.Group = take[int32](in, counts[0])
	in.pad()
	n.Nodes = len(n.Group)
	if in.bad || in.at != len(body) || !n.sound() {
		return nil, errors.New("vägfilens delar hänger inte ihop; gör om den med roads build")
	}
	return n, nil
}

// sound tells whether every number points at something.
func (n *Network) sound() bool {
	for _, s := range n.Stretches {
		if int(s.From) >= n.Nodes || int(s.To) >= n.Nodes || s.Forward > MaxWeight || s.Backward > MaxWeight {
			return false
		}
	}
	if n.Number != nil && !permutes(n.Number, n.Nodes) {
		return false
	}
	if n.ShapeFirst == nil {
		return true
	}
	if len(n.ShapeFirst) != len(n.Stretches)+1 || n.ShapeFirst[0] != 0 || int(n.ShapeFirst[len(n.Stretches)]) != len(n.Shape) {
		return false
	}
	for e := range n.Stretches {
		if n.ShapeFirst[e]+2 > n.ShapeFirst[e+1] {
			return false
		}
	}
	return true
}

// permutes tells whether a list holds every number below n once.
func permutes(list []uint32, n int) bool {
	if len(list) != n {
		return false
	}
	seen := make([]bool, n)
	for _, v := range list {
		if int(v) >= n || seen[v] {
			return false
		}
		seen[v] = true
	}
	return true
}

type reader struct {
	data []byte
	at   int
	bad  bool
}

func (r *reader) pad() { r.at += (8 - r.at%8) % 8 }

func take[T any](r *reader, count uint64) []T {
	var one T
	size := uint64(unsafe.Sizeof(one))
	if r.bad || r.at > len(r.data) || count > uint64(len(r.data)-r.at)/size {
		r.bad = true
		return nil
	}
	if count == 0 {
		return nil
	}
	out := unsafe.Slice((*T)(unsafe.Pointer(&r.data[r.at])), count) //nolint:gosec // within the data, as looked at above; every bit pattern is a T
	r.at += int(count * size)
	return out
}
