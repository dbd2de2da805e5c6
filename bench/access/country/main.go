// Command country writes a made-up OpenStreetMap extract as large as a country's:
// a grid of streets with bends, so that "roads build" can be measured.
//
//	go run ./bench/access/country -side 1120 -out grid.osm.pbf     (5 million arcs)
package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand"
	"os"
)

// bends is how many points a street has between two crossings.
const bends = 3

// message is a protocol buffer that is being written.
type message struct{ bytes.Buffer }

func (m *message) varint(v uint64) { m.Write(binary.AppendUvarint(nil, v)) }

func (m *message) number(field int, v uint64) {
	m.varint(uint64(field) << 3)
	m.varint(v)
}

func (m *message) data(field int, b []byte) {
	m.varint(uint64(field)<<3 | 2)
	m.varint(uint64(len(b)))
	m.Write(b)
}

// deltas writes differences as zigzag.
func (m *message) deltas(field int, list []int64) {
	var b []byte
	last := int64(0)
	for _, v := range list {
		b = binary.AppendVarint(b, v-last)
		last = v
	}
	m.data(field, b)
}

// blob writes a block of the file.
func blob(w *bytes.Buffer, kind string, content []byte) error {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(content); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	var b, head message
	b.number(2, uint64(len(content)))
	b.data(3, packed.Bytes())
	head.data(1, []byte(kind))
	head.number(3, uint64(b.Len()))
	w.Write(binary.BigEndian.AppendUint32(nil, uint32(head.Len())))
	w.Write(head.Bytes())
	w.Write(b.Bytes())
	return nil
}

func block(group int, content []byte) []byte {
	var b, table, g message
	for _, s := range []string{"", "highway", "residential", "tertiary"} {
		table.data(1, []byte(s))
	}
	b.data(1, table.Bytes())
	if group == 2 {
		g.data(2, content)
	} else {
		g.Write(content)
	}
	b.data(2, g.Bytes())
	return b.Bytes()
}

func main() {
	side := flag.Int("side", 1120, "crossings along each side of the grid")
	out := flag.String("out", "grid.osm.pbf", "the file that is written")
	flag.Parse()
	if err := write(*side, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(side int, out string) error {
	var file bytes.Buffer
	var head message
	head.data(4, []byte("OsmSchema-V0.6"))
	head.data(4, []byte("DenseNodes"))
	if err := blob(&file, "OSMHeader", head.Bytes()); err != nil {
		return err
	}
	r := rand.New(rand.NewSource(1)) // made-up streets
	const step = 20_000              // 100 nanodegrees: some 200 m
	var ids, lats, lons []int64
	flush := func() error {
		var dense message
		dense.deltas(1, ids)
		dense.deltas(8, lats)
		dense.deltas(9, lons)
		ids, lats, lons = ids[:0], lats[:0], lons[:0]
		return blob(&file, "OSMData", block(2, dense.Bytes()))
	}
	node := func(id, y, x int64) error {
		ids, lats, lons = append(ids, id), append(lats, 580_000_000+y), append(lons, 150_000_000+x)
		if len(ids) == 8000 {
			return flush()
		}
		return nil
	}
	n := int64(side)
	at := func(y, x int64) (int64, int64) {
		return y * step, x * step
	}
	// Crossings first, then the bends of the streets east and north.
	for i := range n * n {
		y, x := at(i/n, i%n)
		if err := node(i+1, y+r.Int63n(step/3), x+r.Int63n(step/3)); err != nil {
			return err
		}
	}
	first := n*n + 1
	for i := range 2 * n * n {
		y, x := at(i/2/n, i/2%n)
		for b := range int64(bends) {
			along := step * (b + 1) / (bends + 1)
			dy, dx := r.Int63n(step/10), along
			if i%2 == 1 {
				dy, dx = along, r.Int63n(step/10)
			}
			if err := node(first+i*bends+b, y+dy, x+dx); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	var group message
	ways := 0
	for i := range 2 * n * n {
		from, to := i/2, i/2+1
		if i%2 == 1 {
			to = from + n
		}
		if i%2 == 0 && from%n == n-1 || to >= n*n {
			continue
		}
		refs := []int64{from + 1}
		for b := range int64(bends) {
			refs = append(refs, first+i*bends+b)
		}
		var w message
		w.number(1, uint64(i+1))
		w.data(2, []byte{1})
		w.data(3, []byte{byte(2 + i%7/6)})
		w.deltas(8, append(refs, to+1))
		group.data(3, w.Bytes())
		if ways++; ways%8000 == 0 {
			if err := blob(&file, "OSMData", block(3, group.Bytes())); err != nil {
				return err
			}
			group.Reset()
		}
	}
	if err := blob(&file, "OSMData", block(3, group.Bytes())); err != nil {
		return err
	}
	return os.WriteFile(out, file.Bytes(), 0o644) //nolint:gosec // a file for anybody to measure with
}
