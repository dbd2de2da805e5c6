// Command registergen makes the register's data (base/kommun/data) from the
// files of the authorities, so that it can be made again for a new year:
//
//	go run ./cmd/registergen -from FOLDER -to base/kommun/data
//
// FOLDER holds municipalities.csv, municipality_adjacency.csv,
// municipalities_scb_2024.geojson and counties_scb_2024.geojson. What has
// happened to codes and names stands in history.csv beside this file.
// base/kommun/data/SOURCES.md names the origin of each fact.
package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed history.csv
var history string

func main() {
	from := flag.String("from", "", "the folder of source files")
	to := flag.String("to", "base/kommun/data", "the folder to write to")
	flag.Parse()
	if err := generate(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "registergen:", err)
		os.Exit(1)
	}
}

// generate writes the four files; an error names the source file.
func generate(from, to string) error {
	for _, f := range []struct {
		source, target string
		make           func(source []byte) ([]byte, error)
	}{
		{"municipalities.csv", "skr-2023.csv", edition},
		{"municipality_adjacency.csv", "neighbours.csv", neighbours},
		{"municipalities_scb_2024.geojson", "borders.csv", borders},
		{"counties_scb_2024.geojson", "counties.csv", borders},
	} {
		b, err := os.ReadFile(filepath.Join(from, f.source)) //nolint:gosec // the folder is the person's own choice
		if err != nil {
			return err
		}
		out, err := f.make(b)
		if err != nil {
			return fmt.Errorf("%s: %w", f.source, err)
		}
		if err := os.WriteFile(filepath.Join(to, f.target), out, 0o644); err != nil { //nolint:gosec // public data
			return err
		}
	}
	return nil
}

// layout is the header of an edition file (docs/register.md).
var layout = []string{
	"edition", "code", "name", "full_name", "county_code", "county_name", "main_group", "sub_group", "sub_group_name",
	"population_2019", "population", "land_km2", "main_locality", "lat", "lon", "labour_market", "fa_region",
	"valid_from", "valid_to", "predecessors", "successors",
}

// named gives the source's column for a column of the layout.
var named = map[string]string{
	"main_group": "skr2023_main_group", "sub_group": "skr2023_group", "sub_group_name": "skr2023_group_name",
	"population": "population_2024", "lat": "main_lat", "lon": "main_lon", "labour_market": "la2022_name", "fa_region": "fa_name",
}

// decimals are written without zeros at their end, as the register does.
var decimals = []string{"land_km2", "lat", "lon"}

// edition makes the edition file: the municipalities of today with what
// history says of them, then the codes and names that have ended.
func edition(source []byte) ([]byte, error) {
	today, err := table(bytes.NewReader(source))
	if err != nil {
		return nil, err
	}
	past, err := table(strings.NewReader(history))
	if err != nil {
		return nil, fmt.Errorf("history.csv: %w", err)
	}
	var rows, ended []map[string]string
	at := map[string]map[string]string{}
	for _, k := range today {
		row := map[string]string{}
		for _, column := range layout {
			name := column
			if n, ok := named[column]; ok {
				name = n
			}
			row[column] = strings.TrimSpace(k[name])
			if slices.Contains(decimals, column) {
				row[column] = strings.TrimSuffix(strings.TrimRight(row[column], "0"), ".")
			}
		}
		at[row["code"]] = row
		rows = append(rows, row)
	}
	for _, h := range past {
		switch h["kind"] {
		case "split":
			at[h["code"]]["valid_from"], at[h["code"]]["predecessors"] = h["date"], h["other"]
			continue
		case "moved":
			at[h["other"]]["valid_from"], at[h["other"]]["predecessors"] = h["date"], h["code"]
		case "renamed":
			at[h["code"]]["valid_from"] = h["date"]
		default:
			return nil, fmt.Errorf("history.csv: %q is not a kind of change", h["kind"])
		}
		ended = append(ended, map[string]string{
			"code": h["code"], "name": h["name"], "full_name": h["full_name"], "county_code": h["county_code"],
			"county_name": h["county_name"], "valid_to": h["date"], "successors": h["other"],
		})
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(layout) // a bytes.Buffer takes everything
	for _, row := range append(rows, ended...) {
		row["edition"] = "SKR 2023"
		var line []string
		for _, column := range layout {
			line = append(line, row[column])
		}
		_ = w.Write(line)
	}
	w.Flush()
	return b.Bytes(), nil
}

// neighbours keeps the pairs of codes.
func neighbours(source []byte) ([]byte, error) {
	pairs, err := table(bytes.NewReader(source))
	if err != nil {
		return nil, err
	}
	b := bytes.NewBufferString("code_a,code_b\n")
	for _, p := range pairs {
		fmt.Fprintf(b, "%s,%s\n", p["code_a"], p["code_b"])
	}
	return b.Bytes(), nil
}

// table reads CSV with a header into one map per row.
func table(r io.Reader) ([]map[string]string, error) {
	all, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	var out []map[string]string
	for _, f := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = f[i]
		}
		out = append(out, row)
	}
	return out, nil
}
