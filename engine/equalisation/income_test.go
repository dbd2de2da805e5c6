package equalisation

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// shared reads a table of the specification's data, and skips where it is missing.
func shared(t testing.TB, name string) (rows []map[string]string) {
	t.Helper()
	for _, dir := range []string{os.Getenv("SHARED_DATA"), "../../../shared/data"} {
		f, err := os.Open(filepath.Join(dir, name))
		if dir == "" || errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		all, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all[1:] {
			row := map[string]string{}
			for i, h := range all[0] {
				row[h] = r[i]
			}
			rows = append(rows, row)
		}
		return rows
	}
	t.Skip("the data of the specification is not here: " + name)
	return nil
}

func num(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// countries are the parameters of each year.
func countries(t testing.TB) (out map[string]Country, grant map[string]float64) {
	t.Helper()
	out, grant = map[string]Country{}, map[string]float64{}
	for _, r := range shared(t, "structure/orebro_equalisation_parameters_2014_2023.csv") {
		out[r["ar"]] = Country{Level: 1.15, Uprating: num(t, r["u"]), Mean: num(t, r["medelskattekraft_uppraknad_kr_inv"])}
		grant[r["ar"]] = num(t, r["t_bidrag"])
	}
	return out, grant
}

func TestV3_IncomeOfOrebroCounty(t *testing.T) {
	c, grant := countries(t)
	rows := shared(t, "structure/orebro_equalisation_2014_2023.csv")
	if len(rows) != 120 {
		t.Fatalf("%d rows", len(rows))
	}
	worst := 0.0
	for _, r := range rows {
		n, _, err := InhabitantsFrom(num(t, r["utfall_tkr"]), num(t, r["utfall_kr_inv"]))
		if err != nil {
			t.Fatal(err)
		}
		got, err := c[r["ar"]].IncomePerInhabitant(num(t, r["skatteunderlag_kr"]), n, grant[r["ar"]], grant[r["ar"]]-0.0206)
		if err != nil {
			t.Fatal(err)
		}
		d := math.Abs(got - num(t, r["inkomstutj_kr_inv"]))
		if d > 1 {
			t.Errorf("%s %s: %.2f, published %s", r["namn"], r["ar"], got, r["inkomstutj_kr_inv"])
		}
		worst = max(worst, d)
	}
	t.Logf("largest difference %.2f kr per inhabitant", worst)
}

func TestV3_PayersUseTheRateForFees(t *testing.T) {
	c := Country{Level: 1.15, Uprating: 1.05, Mean: 250_000}
	// 1.15·250 000·1 000 − 1.05·400 000 000 = −132 500 000
	if got := c.Income(400e6, 1000, 0.19, 0.17); math.Abs(got+22_525_000) > 1e-6 {
		t.Error(got)
	}
	if got := c.Income(200e6, 1000, 0.19, 0.17); math.Abs(got-0.19*77_500_000) > 1e-6 {
		t.Error(got)
	}
}

func TestMeanIsTheUpratedSumPerInhabitant(t *testing.T) {
	got, err := Mean(1.1, []float64{100, 300}, []float64{1, 3})
	if err != nil || math.Abs(got-110) > 1e-12 {
		t.Fatal(got, err)
	}
	if _, err := Mean(1, []float64{1}, nil); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
	if _, err := Mean(1, nil, nil); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
}

func TestInhabitantsFromAnOutcomeHoldsTheTrueNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2_000, 600_000).Draw(t, "n")
		per := rapid.Float64Range(500, 30_000).Draw(t, "per inhabitant")
		if rapid.Bool().Draw(t, "pays") {
			per = -per
		}
		got, off, err := InhabitantsFrom(math.Round(per*float64(n)/1000), math.Round(per))
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-float64(n)) > off*1.01+1 {
			t.Fatalf("%d became %.1f ± %.1f", n, got, off)
		}
	})
	for _, bad := range [][2]float64{{5, 0}, {5, -1}, {0, 7}} {
		if _, _, err := InhabitantsFrom(bad[0], bad[1]); !errors.Is(err, ErrInput) {
			t.Error(bad, err)
		}
	}
}

func TestIncomeRefusesWhatCannotBe(t *testing.T) {
	for _, bad := range [][2]float64{{1, 0}, {1, -1}, {-1, 1}, {math.NaN(), 1}, {1, math.NaN()}, {math.Inf(1), 1}, {1, math.Inf(1)}} {
		if _, err := (Country{Level: 1.15, Uprating: 1, Mean: 1}).IncomePerInhabitant(bad[0], bad[1], 0.2, 0.1); !errors.Is(err, ErrInput) {
			t.Error(bad, err)
		}
	}
}
