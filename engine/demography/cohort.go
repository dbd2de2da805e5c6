package demography

import "math"

// floorOfCell is the least population of a cell after migration at the end of
// the year, as the cohort step of structure.md 5.1 has it.
const floorOfCell = 0.0005

// Vector is a national population with constant rates, arrays by age.
type Vector struct {
	Pop       [Sexes][Ages]float64 // persons at the start
	Survival  [Sexes][Ages]float64 // survival ratio into the age
	Migration [Sexes][Ages]float64 // net migrants per year
	Fertility [Ages]float64        // births per woman-year; used at ages 15..49
}

// When says when in the year people migrate.
type When int

// Migration at the end of the year, or half of it at the start and half in the
// middle of the year (structure.md 5.1, g = 1/2).
const (
	AtEnd When = iota
	Evenly
)

// Step moves a population one year ahead and gives the births of the year.
// Equations of structure.md 5.1. With migration at the end no cell falls below
// 0.0005 persons. Cost O(Ages).
func (v *Vector) Step(p *[Sexes][Ages]float64, when When) (next [Sexes][Ages]float64, births float64) {
	g := 0.0
	if when == Evenly {
		g = 0.5
	}
	var start [Sexes][Ages]float64
	for s := range p {
		for a := range p[s] {
			start[s][a] = p[s][a] + g*v.Migration[s][a]
		}
		for a := 1; a < Open; a++ {
			next[s][a] = start[s][a-1]*v.Survival[s][a] + g*v.Migration[s][a]
		}
		next[s][Open] = (start[s][Open-1]+start[s][Open])*v.Survival[s][Open] + g*v.Migration[s][Open]
	}
	for a := FirstBirth; a <= LastBirth; a++ {
		births += v.Fertility[a] * (start[Women][a] + next[Women][a]) / 2
	}
	boys := births * SRB / (1 + SRB)
	next[Men][0] = boys*v.Survival[Men][0] + g*v.Migration[Men][0]
	next[Women][0] = (births-boys)*v.Survival[Women][0] + g*v.Migration[Women][0]
	if when == AtEnd {
		for s := range next {
			for a := range next[s] {
				next[s][a] = math.Max(next[s][a]+v.Migration[s][a], floorOfCell)
			}
		}
	}
	return next, births
}

// Project gives the population of the years 0..years and the births of each
// year (births[0] is 0). Cost O(years * Ages).
func (v *Vector) Project(years int, when When) (pops [][Sexes][Ages]float64, births []float64) {
	pops, births = append(pops, v.Pop), append(births, 0)
	for range years {
		next, b := v.Step(&pops[len(pops)-1], when)
		pops, births = append(pops, next), append(births, b)
	}
	return pops, births
}
