package demography

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed" // the country's series are data
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// The country's series that the product carries, facts of official statistics
// (SCB); docs/demography.md names the sources.
var (
	//go:embed reference/mortality.tsv
	mortalityFile string
	//go:embed reference/births.tsv
	birthsFile string
	//go:embed reference/totals.csv
	totalsFile string
	//go:embed reference/population.csv.gz
	populationFile []byte
	//go:embed reference/deaths.csv.gz
	deathsFile []byte
)

// ReferenceBase is the last year of the municipalities' population by age that
// the product carries.
const ReferenceBase = 2019

// Municipalities are the carried population and deaths by municipality, sex and age.
type Municipalities struct {
	Codes       []int                    // ascending
	Pop, Deaths map[int][][Cells]float64 // 2010-2019 and 2015-2019, in the order of Codes
	SHA256      [2]string                // of the two carried files
}

// CarriedMunicipalities gives the population and the deaths that the product
// carries (SCB, official statistics). The caller must not change them. Cost:
// parsed once, some 0.1 s.
var CarriedMunicipalities = sync.OnceValue(func() *Municipalities {
	m := &Municipalities{}
	m.Codes, m.Pop = carried(populationFile)
	_, m.Deaths = carried(deathsFile)
	for i, f := range [][]byte{populationFile, deathsFile} {
		m.SHA256[i] = fmt.Sprintf("%x", sha256.Sum256(f))
	}
	return m
})

// CarriedModel is the model that the carried series give, fitted once.
var CarriedModel = sync.OnceValues(func() (*Model, error) {
	m := CarriedMunicipalities()
	return Fit(Reference().History(ReferenceBase, m.Codes, m.Pop, m.Deaths))
})

// carried reads a carried table: kommun,kon,alder and one column a year, whole
// persons, all cells of a municipality together.
func carried(file []byte) (codes []int, by map[int][][Cells]float64) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	by = map[int][][Cells]float64{}
	var years []int
	each(string(text), ",", func(header, f []string) {
		if years == nil {
			for _, h := range header[3:] {
				years = append(years, whole(h))
			}
		}
		sex, code := Women, whole(f[0])
		if f[1] == "M" {
			sex = Men
		}
		if n := len(codes); n == 0 || codes[n-1] != code {
			codes = append(codes, code)
			for _, y := range years {
				by[y] = append(by[y], [Cells]float64{})
			}
		}
		c := Cell(sex, whole(f[2]))
		for i, y := range years {
			by[y][len(codes)-1][c] = float64(whole(f[3+i]))
		}
	})
	return codes, by
}

// Country holds the series of the country and of municipalities' totals.
type Country struct {
	Deaths, Mean map[int][]float64       // by year and cell, 1969-2020; mean population
	Births       []BirthRow              // 1968-2015
	Totals       map[int]map[int]float64 // by municipality and year, 1950-2019, in the borders of 2020
}

// Reference gives the series that the product carries. The caller must not
// change them. Cost: parsed once.
var Reference = sync.OnceValue(func() *Country {
	c := &Country{Deaths: map[int][]float64{}, Mean: map[int][]float64{}, Totals: map[int]map[int]float64{}}
	each(mortalityFile, "\t", func(_, f []string) {
		y, age, s := whole(f[0]), whole(f[2]), Women
		if f[1] == "men" {
			s = Men
		}
		if c.Deaths[y] == nil {
			c.Deaths[y], c.Mean[y] = make([]float64, Cells), make([]float64, Cells)
		}
		c.Deaths[y][Cell(s, age)], c.Mean[y][Cell(s, age)] = decimal(f[3]), decimal(f[4])
	})
	each(birthsFile, "\t", func(_, f []string) {
		switch age := f[1]; age {
		case "no information":
		case "<15":
			c.Births = append(c.Births, BirthRow{whole(f[0]), FirstBirth - 1, decimal(f[2])})
		default:
			c.Births = append(c.Births, BirthRow{whole(f[0]), whole(strings.TrimSuffix(age, "+")), decimal(f[2])})
		}
	})
	each(totalsFile, ",", func(header, f []string) {
		by := map[int]float64{}
		for i := 1; i < len(f); i++ {
			by[whole(header[i])] = decimal(f[i])
		}
		c.Totals[whole(f[0])] = by
	})
	return c
})

func each(file, sep string, row func(header, fields []string)) {
	var header []string
	for line := range strings.Lines(file) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), sep)
		if header == nil {
			header = f
			continue
		}
		row(header, f)
	}
}

// The files are part of the program: a fault in them is a fault in the program.
func whole(s string) int {
	v, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return v
}

func decimal(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(err)
	}
	return v
}

// History joins a population and deaths with the country's series. A series of
// totals is used where it agrees with the population to one per cent in every
// year that both have; else the municipality is not what the series tells of.
func (c *Country) History(base int, codes []int, pop, deaths map[int][][Cells]float64) *History {
	h := &History{Base: base, Codes: codes, Pop: pop, Deaths: deaths, NationalDeaths: c.Deaths, NationalMean: c.Mean, Births: c.Births}
	h.Totals = make([]map[int]float64, len(codes))
	for i, code := range codes {
		series := c.Totals[code]
		for y, p := range pop {
			if y > base || series[y] == 0 {
				continue
			}
			sum := 0.0
			for _, v := range p[i] {
				sum += v
			}
			if sum < series[y]*0.99 || sum > series[y]*1.01 {
				series = nil
			}
		}
		h.Totals[i] = series
	}
	return h
}
