package dataset

import (
	"cmp"
	"math"
	"slices"
)

// national is the whole country in a column of areas.
const national = "riket"

// withoutRegion is the municipality that is in no region (Gotland).
const withoutRegion = "0980"

// outcomeTolerance is kr per inhabitant.
const outcomeTolerance = 2

// nationalRows: mortality needs rows of the country (E1).
func nationalRows(r *reading) {
	if _, ok := r.table.series[r.kind.column("omrade")].index[national]; !ok && r.broken == 0 {
		r.fault(1, r.kind.column("omrade"), nil, "E1", Error, textNational)
	}
}

// totalFertility warns of an odd number of children per woman (E2).
func totalFertility(r *reading) {
	if !r.summable() {
		return
	}
	for _, s := range r.sums("tal", "omrade", "ar") {
		if s.total < 0.5 || s.total > 4 {
			r.fault(r.line(s.first), r.kind.column("tal"), []byte(figure(s.total)), "E2", Warning, textFertility, r.table.Text(s.first, "omrade"), r.yearOf(s.first))
		}
	}
}

// sumOfRisks: nobody leaves twice (E3).
func sumOfRisks(r *reading) {
	domestic, abroad := r.numbers("risk_inrikes"), r.numbers("risk_utrikes")
	for row := range r.table.rows {
		if sum := domestic[row] + abroad[row]; sum > 1 {
			r.fault(r.line(row), r.kind.column("risk_utrikes"), []byte(figure(sum)), "E3", Error, textRisks)
		}
	}
}

// span is an interval of a file.
type span struct {
	group    uint64
	from, to float64
	row      int
}

// spans checks that intervals do not overlap within a group (E4), and gives them
// in order. group is −1 where all are one group.
func (r *reading) spans(group int, from, to string) (out []span) {
	low, high := r.numbers(from), r.numbers(to)
	for row := range r.table.rows {
		s := span{from: low[row], to: high[row], row: row}
		if group >= 0 {
			s.group = r.component(group, cell{number: number0(r.table.series[group].numbers, row), word: id0(r.table.series[group].ids, row)})
		}
		switch {
		case math.IsNaN(s.to):
		case s.to < s.from:
			r.wrong(row, to, "E4", Error, textOrder, figure(s.from))
		default:
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.from, b.from), cmp.Compare(a.row, b.row))
	})
	widest := 0
	for i := 1; i < len(out); i++ {
		if out[i].group != out[i-1].group {
			widest = i
			continue
		}
		if w := out[widest]; out[i].from <= w.to {
			later, earlier := out[i], w
			if later.row < earlier.row {
				later, earlier = earlier, later
			}
			r.wrong(later.row, from, "E4", Error, textOverlap, r.line(earlier.row))
		}
		if out[i].to > out[widest].to {
			widest = i
		}
	}
	return out
}

func number0(v []float64, i int) float64 {
	if v == nil {
		return 0
	}
	return v[i]
}

func id0(v []uint32, i int) uint32 {
	if v == nil {
		return 0
	}
	return v[i]
}

// intervals cover the ages 0 to 100 (E4). Where ages are missing the fault stands
// at the row before them.
func intervals(r *reading) {
	before := r.report.Errors()
	list := r.spans(r.kind.find(Code), "alder_fran", "alder_till")
	if r.report.Errors() > before || r.broken > 0 {
		return // what is wrong already says why ages are missing
	}
	hole := func(row, from, to int) {
		if from <= to {
			r.wrong(row, "alder_till", "E4", Error, textHole, from, to)
		}
	}
	for i, s := range list {
		if i == 0 || list[i-1].group != s.group {
			hole(s.row, 0, int(s.from)-1)
		} else {
			hole(list[i-1].row, int(list[i-1].to)+1, int(s.from)-1)
		}
		if i == len(list)-1 || list[i+1].group != s.group {
			hole(s.row, int(s.to)+1, 100)
		}
	}
}

// sizeClasses do not overlap for the same number of municipalities (E4).
func sizeClasses(r *reading) { r.spans(r.kind.column("antal_kommuner"), "inv_fran", "inv_till") }

// taxRates lie between 5 and 40 per cent (E6).
func taxRates(r *reading) {
	for _, column := range []string{"skattesats_kommun", "skattesats_region"} {
		for row, v := range r.numbers(column) {
			none := column == "skattesats_region" && v == 0 && r.table.Text(row, "kommun") == withoutRegion
			if (v < 5 || v > 40) && !none {
				r.wrong(row, column, "E6", Error, textTaxRate)
			}
		}
	}
}

// sameAdjustment: the regleringspost per inhabitant is one for all in a year
// (E7). Those that differ from the most common value are reported.
func sameAdjustment(r *reading) {
	type yearValue struct {
		year  int
		value float64
	}
	count, common := map[yearValue]int{}, map[int]float64{}
	values := r.numbers("rb")
	for row, v := range values {
		if k := (yearValue{r.yearOf(row), v}); !math.IsNaN(v) {
			count[k]++
			// The first row that reaches a higher number decides, so that the
			// answer does not depend on the order of a map.
			if best, ok := common[k.year]; !ok || count[k] > count[yearValue{k.year, best}] {
				common[k.year] = v
			}
		}
	}
	for row, v := range values {
		if most, ok := common[r.yearOf(row)]; ok && !math.IsNaN(v) && v != most {
			r.wrong(row, "rb", "E7", Error, textSame, figure(most))
		}
	}
}

// outcomeOfParts: a given outcome is the sum of its parts (E8).
func outcomeOfParts(r *reading) {
	for row, given := range r.numbers("utfall") {
		sum := 0.0
		for _, part := range []string{"iu", "ku", "sb", "ib", "rb"} {
			sum += r.table.Number(row, part)
		}
		// 1e-9 is for the rounding of sums of numbers with decimals.
		if math.Abs(given-sum) > outcomeTolerance+1e-9 {
			r.wrong(row, "utfall", "E8", Error, textParts, figure(sum))
		}
	}
}

// submodels are those of the year's rules (E9).
func submodels(r *reading) {
	if r.c.Submodel == nil {
		return
	}
	type wordYear struct {
		word uint32
		year int
	}
	known := map[wordYear]bool{}
	words, ids := r.table.Texts("delmodell")
	for row, id := range ids {
		k := wordYear{id, r.yearOf(row)}
		ok, asked := known[k]
		if !asked {
			ok = r.c.Submodel(words[id], k.year)
			known[k] = ok
		}
		if !ok {
			r.wrong(row, "delmodell", "E9", Error, textSubmodel, k.year)
		}
	}
}

// ratesOrder: the rate for avgift is below that for bidrag (E10).
func ratesOrder(r *reading) {
	grant, fee := r.numbers("t_bidrag"), r.numbers("t_avgift")
	for row := range r.table.rows {
		if fee[row] >= grant[row] {
			r.wrong(row, "t_avgift", "E10", Error, textRates, figure(grant[row]))
		}
	}
}

// notItself: a pair is of two municipalities (E11).
func notItself(r *reading) {
	for row := range r.table.rows {
		if r.table.Text(row, "kommun_a") == r.table.Text(row, "kommun_b") {
			r.wrong(row, "kommun_b", "E11", Error, textSelf)
		}
	}
}

// neighbourless lists the municipalities without a neighbour (E12).
func neighbourless(r *reading) {
	if r.c.All == nil {
		return
	}
	a, b := &r.table.series[0], &r.table.series[1]
	for _, code := range r.c.All(0) {
		_, first := a.index[code]
		_, second := b.index[code]
		if !first && !second {
			r.fault(1, 0, nil, "E12", Warning, textAlone, code)
		}
	}
}
