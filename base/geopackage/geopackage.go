// Package geopackage reads the rows of a GeoPackage: an SQLite file of places
// with shapes, as Statistics Sweden's squares come. The file may come from
// anywhere: it is opened read only from a copy, and nothing in it is run.
package geopackage

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Row is a row of the layer: its values as text by column in lower case, and its
// shape in the layer's own coordinates; Fault says why a shape cannot be read.
type Row struct {
	Values map[string]string
	Shape  orb.Geometry
	Fault  error
}

// Is tells whether the data are an SQLite file, as GeoPackages are.
func Is(data []byte) bool { return bytes.HasPrefix(data, []byte("SQLite format 3\x00")) }

// Read reads the first layer, by name, of a GeoPackage: at most so many rows; more
// of them are an error. Cost O(length of the file), on disk while it is read.
func Read(ctx context.Context, data []byte, most int) (out []Row, err error) {
	f, err := os.CreateTemp("", "kommunpilot-*.gpkg")
	if err != nil {
		return nil, fmt.Errorf("geopackage: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("geopackage: %w", err)
	}
	d, err := sql.Open("sqlite", "file:"+f.Name()+"?mode=ro&immutable=1&_pragma=query_only(1)&_pragma=trusted_schema(0)")
	if err != nil {
		return nil, fmt.Errorf("geopackage: %w", err)
	}
	defer func() { _ = d.Close() }()
	layers, _, err := all(ctx, d, `SELECT table_name, column_name FROM gpkg_geometry_columns ORDER BY table_name`, 1000)
	if err != nil {
		return nil, fmt.Errorf("geopackage: %w", err)
	}
	if len(layers) == 0 {
		return nil, errors.New("geopackage: the file has no layer with places")
	}
	layer, column := text(layers[0][0]), text(layers[0][1])
	rows, names, err := all(ctx, d, `SELECT * FROM "`+strings.ReplaceAll(layer, `"`, `""`)+`"`, most)
	if err != nil {
		return nil, fmt.Errorf("geopackage: %w", err)
	}
	for _, values := range rows {
		r := Row{Values: map[string]string{}}
		for i, name := range names {
			if name != column {
				r.Values[strings.ToLower(name)] = text(values[i])
				continue
			}
			if blob, ok := values[i].([]byte); ok {
				r.Shape, r.Fault = shape(blob)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// all reads every row of a query, at most so many.
func all(ctx context.Context, d *sql.DB, query string, most int) (out [][]any, names []string, err error) {
	rows, err := d.QueryContext(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if names, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	for rows.Next() {
		if len(out) == most {
			return nil, nil, fmt.Errorf("more than %d rows", most)
		}
		values, to := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			return nil, nil, err
		}
		out = append(out, values)
	}
	return out, names, rows.Err()
}

func text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case []byte:
		return string(x)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// shape reads GeoPackage's binary form: a header, then WKB.
func shape(b []byte) (orb.Geometry, error) {
	if len(b) < 8 || b[0] != 'G' || b[1] != 'P' {
		return nil, errors.New("not in the form of GeoPackage")
	}
	envelope := []int{0, 32, 48, 48, 64, 0, 0, 0}[b[3]>>1&7]
	if len(b) < 8+envelope {
		return nil, errors.New("cut off")
	}
	g, err := wkb.Unmarshal(b[8+envelope:])
	if err != nil {
		return nil, fmt.Errorf("the shape cannot be read: %w", err)
	}
	return g, nil
}
