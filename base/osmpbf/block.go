package osmpbf

import (
	"cmp"
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// primitives is a block's frame: its strings, and how places are written.
type primitives struct {
	strings     []string
	granularity int64
	lat, lon    int64
	groups      [][]byte
}

// decode reads the wanted parts of a blob.
func decode(data []byte, want Parts) (*Block, error) {
	raw, err := unpack(data)
	if err != nil {
		return nil, err
	}
	p := primitives{granularity: 100}
	if err := fields(raw, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			return fields(v.bytes, func(num protowire.Number, v value) error {
				if num == 1 {
					p.strings = append(p.strings, string(v.bytes))
				}
				return within(len(p.strings))
			})
		case 2:
			p.groups = append(p.groups, v.bytes)
		case 17:
			p.granularity = int64(v.number)
		case 19:
			p.lat = int64(v.number)
		case 20:
			p.lon = int64(v.number)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	b := &Block{}
	for _, g := range p.groups {
		if err := fields(g, func(num protowire.Number, v value) (err error) {
			switch {
			case num == 1 && want.Nodes:
				err = p.node(b, v.bytes)
			case num == 2 && want.Nodes:
				err = p.dense(b, v.bytes)
			case num == 3 && want.Ways:
				err = p.way(b, v.bytes)
			case num == 4 && want.Relations:
				err = p.relation(b, v.bytes)
			}
			return cmp.Or(err, within(max(len(b.Nodes), len(b.Ways), len(b.Relations))))
		}); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// most is how many things of a kind a blob may hold: writers put some thousands
// in each. Small things would else take a hundred times the room that they take
// in the file.
const most = 1 << 20

var errMost = errors.New("blobben har fler än en miljon saker av samma slag")

func within(count int) error {
	if count > most {
		return errMost
	}
	return nil
}

// degrees turns a place as written into degrees.
func (p *primitives) degrees(lat, lon int64) (float64, float64) {
	return 1e-9 * float64(p.lat+p.granularity*lat), 1e-9 * float64(p.lon+p.granularity*lon)
}

// text is a string of the table.
func (p *primitives) text(i uint64) (string, error) {
	if i >= uint64(len(p.strings)) {
		return "", errForm
	}
	return p.strings[i], nil
}

// each calls f with the numbers of a packed field.
func each(b []byte, f func(uint64) error) error {
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return errForm
		}
		b = b[n:]
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

// signed gives the numbers of a packed field that count from one to the next.
func signed(b []byte) (out []int64, err error) {
	sum := int64(0)
	err = each(b, func(v uint64) error {
		sum += protowire.DecodeZigZag(v)
		out = append(out, sum)
		return within(len(out))
	})
	return out, err
}

// tags joins packed keys and values.
func (p *primitives) tags(keys, values []byte) (Tags, error) {
	var out Tags
	var vals []string
	if err := each(values, func(v uint64) error {
		s, err := p.text(v)
		vals = append(vals, s)
		return err
	}); err != nil {
		return nil, err
	}
	n := 0
	err := each(keys, func(v uint64) error {
		s, err := p.text(v)
		if err != nil || n == len(vals) {
			return errForm
		}
		out = append(out, s, vals[n])
		n++
		return nil
	})
	return out, err
}

func (p *primitives) node(b *Block, data []byte) error {
	var id, lat, lon int64
	var keys, values []byte
	if err := fields(data, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			id = protowire.DecodeZigZag(v.number)
		case 2:
			keys = v.bytes
		case 3:
			values = v.bytes
		case 8:
			lat = protowire.DecodeZigZag(v.number)
		case 9:
			lon = protowire.DecodeZigZag(v.number)
		}
		return nil
	}); err != nil {
		return err
	}
	tags, err := p.tags(keys, values)
	n := Node{ID: id, Tags: tags}
	n.Lat, n.Lon = p.degrees(lat, lon)
	b.Nodes = append(b.Nodes, n)
	return err
}

func (p *primitives) dense(b *Block, data []byte) error {
	var parts [11][]byte
	if err := fields(data, func(num protowire.Number, v value) error {
		if num < 11 {
			parts[num] = v.bytes
		}
		return nil
	}); err != nil {
		return err
	}
	ids, err1 := signed(parts[1])
	lats, err2 := signed(parts[8])
	lons, err3 := signed(parts[9])
	if err1 != nil || err2 != nil || err3 != nil || len(lats) != len(ids) || len(lons) != len(ids) {
		return errForm
	}
	first := len(b.Nodes)
	for i, id := range ids {
		n := Node{ID: id}
		n.Lat, n.Lon = p.degrees(lats[i], lons[i])
		b.Nodes = append(b.Nodes, n)
	}
	// Keys and values of all nodes, a 0 after each node's.
	at, key, waits := first, "", false
	return each(parts[10], func(v uint64) error {
		if v == 0 && !waits {
			at++
			return nil
		}
		s, err := p.text(v)
		if err != nil || at >= len(b.Nodes) {
			return errForm
		}
		if !waits {
			key, waits = s, true
			return nil
		}
		b.Nodes[at].Tags, waits = append(b.Nodes[at].Tags, key, s), false
		return nil
	})
}

func (p *primitives) way(b *Block, data []byte) error {
	var keys, values, refs []byte
	w := Way{}
	if err := fields(data, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			w.ID = int64(v.number)
		case 2:
			keys = v.bytes
		case 3:
			values = v.bytes
		case 8:
			refs = v.bytes
		}
		return nil
	}); err != nil {
		return err
	}
	var err error
	if w.Tags, err = p.tags(keys, values); err != nil {
		return err
	}
	w.Nodes, err = signed(refs)
	b.Ways = append(b.Ways, w)
	return err
}

func (p *primitives) relation(b *Block, data []byte) error {
	var keys, values []byte
	r := Relation{}
	if err := fields(data, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			r.ID = int64(v.number)
		case 2:
			keys = v.bytes
		case 3:
			values = v.bytes
		}
		return nil
	}); err != nil {
		return err
	}
	var err error
	r.Tags, err = p.tags(keys, values)
	b.Relations = append(b.Relations, r)
	return err
}
