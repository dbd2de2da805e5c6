package dataset

import (
	"math"
	"strconv"

	"kommunpilot/engine/demography"
)

// figure9 writes a sum of shares with the digits that its tolerance needs.
func figure9(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e12)/1e12, 'f', -1, 64)
}

// adjust makes of a file without errors what the specification wants after
// reading: shares that sum to 1, and single ages.
func (r *reading) adjust() {
	switch r.kind.Name {
	case "migration_in":
		r.scaleShares()
	case "migration_out":
		r.singleAges()
	}
}

// scaleShares divides the shares of each sex and age by their sum, which is then
// 1 within the rounding of 290 additions (below 1e-13). Cost O(rows).
func (r *reading) scaleShares() {
	var total [2][101]float64
	shares, sex, age := r.numbers("andel_av_pool"), r.table.series[r.kind.column("kon")].ids, r.numbers("alder")
	for row, v := range shares {
		total[sex[row]][int(age[row])] += v
	}
	for row := range shares {
		shares[row] /= total[sex[row]][int(age[row])]
	}
}

// singleAges makes a row for each age of a group of five years. The risks follow
// the Western standard schedule of Rogers and Castro for the sex (structure.md
// 5.4), scaled so that their mean over the five ages is the group's risk. Where
// that would let more than everybody leave at an age, the group's risk holds at
// each age. Cost O(rows).
func (r *reading) singleAges() {
	t := r.table
	n := 0
	for row, until := range r.until {
		n += 1 + int(until) - t.Int(row, "alder")
	}
	if n == t.rows {
		return
	}
	old := t.series
	t.series = make([]series, len(old))
	for i, s := range old {
		t.series[i] = series{column: s.column, words: s.words, index: s.index}
	}
	ageAt, domestic, abroad := r.kind.column("alder"), r.kind.column("risk_inrikes"), r.kind.column("risk_utrikes")
	sex := old[r.kind.column("kon")]
	for row, until := range r.until {
		from := int(old[ageAt].numbers[row])
		weight := groupWeights(sex.words[sex.ids[row]], from, int(until))
		sum := old[domestic].numbers[row] + old[abroad].numbers[row]
		for _, w := range weight {
			if w*sum > 1 {
				weight = [5]float64{1, 1, 1, 1, 1}
			}
		}
		for a := from; a <= int(until); a++ {
			for i, s := range old {
				switch {
				case s.ids != nil:
					t.series[i].ids = append(t.series[i].ids, s.ids[row])
				case i == ageAt:
					t.series[i].numbers = append(t.series[i].numbers, float64(a))
				default:
					t.series[i].numbers = append(t.series[i].numbers, s.numbers[row]*weight[a-from])
				}
			}
		}
	}
	t.rows = n
}

// groupWeights is the schedule over a group relative to its mean there; 1 for a
// single age.
func groupWeights(sex string, from, until int) (w [5]float64) {
	schedule := demography.WesternMen
	if sex == "K" {
		schedule = demography.WesternWomen
	}
	sum := 0.0
	for a := from; a <= until; a++ {
		w[a-from] = schedule.At(float64(a))
		sum += w[a-from]
	}
	for i := range w {
		w[i] *= float64(1+until-from) / sum
	}
	return w
}
