package demography

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// wide reads a file of municipalities by sex, age and year, or skips the test.
func wide(t testing.TB, name string) (codes []int, by map[int][][Cells]float64) {
	t.Helper()
	root := os.Getenv("SHARED_DATA")
	if root == "" {
		t.Skip("SHARED_DATA names the folder of the data")
	}
	f, err := os.Open(filepath.Join(root, "demography", name)) //nolint:gosec // the person who runs the test names the folder
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	by = map[int][][Cells]float64{}
	at := map[string]int{}
	for _, r := range all[1:] {
		if _, ok := at[r[0]]; !ok {
			at[r[0]] = len(codes)
			code, err := strconv.Atoi(r[0])
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
	}
	for i, y := range all[0][3:] {
		year := int(number(t, y))
		by[year] = make([][Cells]float64, len(codes))
		for _, r := range all[1:] {
			s := Women
			if r[1] == "M" {
				s = Men
			}
			by[year][at[r[0]]][Cell(s, int(number(t, r[2])))] = number(t, r[i+3])
		}
	}
	return codes, by
}
