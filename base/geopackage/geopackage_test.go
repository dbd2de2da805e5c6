package geopackage_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"

	"kommunpilot/base/geopackage"
)

// made makes a small GeoPackage with the shapes.
func made(t *testing.T, shapes ...[]byte) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.gpkg")
	d, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	must := func(query string, args ...any) {
		t.Helper()
		if _, err := d.ExecContext(context.Background(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	must(`CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT)`)
	must(`INSERT INTO gpkg_geometry_columns VALUES ('rutor', 'geom')`)
	must(`CREATE TABLE rutor (fid INTEGER, Rut_ID TEXT, geom BLOB, P_Tot REAL)`)
	for i, s := range shapes {
		must(`INSERT INTO rutor VALUES (?, ?, ?, ?)`, i, "r", s, 12.0)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// point is a point in GeoPackage's form.
func point(x, y float64) []byte {
	b := []byte{'G', 'P', 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0}
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(y))
}

func TestReadsTheFirstLayer(t *testing.T) {
	rows, err := geopackage.Read(t.Context(), made(t, point(724000, 7211000), []byte("GP"), nil), 10)
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v %v", rows, err)
	}
	if rows[0].Shape != (orb.Point{724000, 7211000}) || rows[0].Values["p_tot"] != "12" || rows[0].Values["rut_id"] != "r" {
		t.Errorf("the first row is %+v", rows[0])
	}
	if rows[1].Fault == nil || rows[2].Shape != nil {
		t.Errorf("a shape that is cut off has no fault, or one that is missing has a shape: %+v %+v", rows[1], rows[2])
	}
}

func TestRefusesWhatIsNone(t *testing.T) {
	whole := made(t, point(1, 2))
	for name, data := range map[string][]byte{"cut off": whole[:1500], "text": []byte("SQLite format 3\x00 and no more")} {
		if rows, err := geopackage.Read(t.Context(), data, 10); err == nil {
			t.Errorf("%s gave %v", name, rows)
		}
	}
	if _, err := geopackage.Read(t.Context(), made(t, point(1, 2), point(3, 4)), 1); err == nil {
		t.Error("more rows than may be read were read")
	}
}

func FuzzShape(f *testing.F) {
	f.Add(point(1, 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		if rows, err := geopackage.Read(t.Context(), made(t, b), 10); err == nil && len(rows) != 1 {
			t.Errorf("%d rows", len(rows))
		}
	})
}
