package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// ring is a closed line of lon lat pairs, degrees WGS 84.
type ring [][2]float64

// area is twice the signed area in square degrees, above zero for a ring that
// runs against the clock.
func (r ring) area() float64 {
	sum := 0.0
	for i := 1; i < len(r); i++ {
		sum += r[i-1][0]*r[i][1] - r[i][0]*r[i-1][1]
	}
	return sum
}

// borders makes one line per area: its code and its rings, parted by |. An
// outer ring runs against the clock, and the holes in it (lakes) come after
// it and run with the clock. Four decimals are about ten metres, far below the
// generalisation of the source.
func borders(source []byte) ([]byte, error) {
	var file struct {
		Features []struct {
			Properties struct{ Code string }
			Geometry   struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(source, &file); err != nil {
		return nil, err
	}
	b := bytes.NewBufferString("code,rings\n")
	for _, f := range file.Features {
		polygons := make([][]ring, 1)
		var target any = &polygons
		if f.Geometry.Type == "Polygon" {
			target = &polygons[0]
		}
		if err := json.Unmarshal(f.Geometry.Coordinates, target); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Properties.Code, err)
		}
		b.WriteString(f.Properties.Code + ",")
		for i, p := range polygons {
			for j, r := range p {
				if (r.area() > 0) != (j == 0) {
					slices.Reverse(r)
				}
				if i+j > 0 {
					b.WriteByte('|')
				}
				r.write(b)
			}
		}
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

func (r ring) write(b *bytes.Buffer) {
	for i, point := range r {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(b, "%.4f %.4f", point[0], point[1])
	}
}
