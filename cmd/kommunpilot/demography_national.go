package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"kommunpilot/engine/demography"
)

// NationalCmd projects all municipalities.
type NationalCmd struct {
	Population string `required:"" placeholder:"FILE" help:"Columns municipality_code, sex, age and one for each year: persons at 31 December."`
	Deaths     string `required:"" placeholder:"FILE" help:"The same columns: deaths by completed age."`
	Base       int    `required:"" placeholder:"YEAR" help:"The year to start from; later years in the files are not used."`
	Years      int    `required:"" placeholder:"N" help:"How many years ahead."`
	Draws      int    `default:"1000" placeholder:"D" help:"How many futures are drawn."`
	Seed       uint64 `default:"1" placeholder:"S" help:"The same seed gives the same numbers."`
	Workers    int    `default:"0" placeholder:"W" help:"How many processors work, 0 for all; never changes the result."`
	Out        string `placeholder:"FILE.csv" help:"The file to write."`
	ByAge      bool   `help:"One row for each sex and age."`
	JSON       bool   `name:"json" xor:"form" help:"Write what was made as JSON."`
	CSV        bool   `name:"csv" xor:"form" help:"Write the rows on standard output; --out is then not needed."`
}

const (
	mostYears   = 100
	mostDraws   = 100_000
	mostWorkers = 1024
	// keptBytes bounds the memory of the draws by age: municipalities are run in groups that hold no more.
	keptBytes = 512 << 20
	// totalBytes bounds the memory of the draws of totals.
	totalBytes = 4 << 30
)

// bound makes an error of a flag that is outside its bounds.
func bound(flag string, v, from, to int) error {
	if v < from || v > to {
		return &exitError{exitBadInput, fmt.Errorf("--%s %d: skriv ett heltal från %d till %d", flag, v, from, to)}
	}
	return nil
}

// Run projects and writes.
func (c *NationalCmd) Run(out *Streams) error {
	if err := errors.Join(bound("years", c.Years, 1, mostYears), bound("draws", c.Draws, 1, mostDraws), bound("workers", c.Workers, 0, mostWorkers)); err != nil {
		return &exitError{exitBadInput, err}
	}
	if c.Out == "" && !c.CSV {
		return &exitError{exitBadInput, errors.New("--out saknas: skriv filen som raderna ska till, eller --csv för att få dem på standard ut")}
	}
	pop, deaths, err := readHistory(c.Population, c.Deaths, []int{c.Base}, out.Err)
	if err != nil {
		return err
	}
	if len(pop.codes)*c.Years*c.Draws*4 > totalBytes {
		return &exitError{exitBadInput, fmt.Errorf("%d kommuner, %d år och %d dragningar får inte plats i minnet. Minska --draws", len(pop.codes), c.Years, c.Draws)}
	}
	m, err := demography.Fit(demography.Reference().History(c.Base, pop.codes, pop.by, deaths.by))
	if err != nil {
		return badFile(err)
	}
	sum := sha256.New()
	var country []yearBand
	write := func(w io.Writer) (err error) {
		country, err = c.rows(m, io.MultiWriter(w, sum))
		return err
	}
	switch {
	case c.Out != "":
		err = writeWhole(c.Out, write)
	default:
		err = write(out.Out)
	}
	if err != nil || c.CSV {
		return badFile(err)
	}
	answer := nationalAnswer{c.Base, c.Years, c.Draws, c.Seed, len(m.Codes), c.Out, hex.EncodeToString(sum.Sum(nil)), country}
	if c.JSON {
		return writeJSON(out.Out, answer)
	}
	_, _ = fmt.Fprintf(out.Out, "%s: %d kommuner, %d till %d, %d dragningar, frö %d\n\nAlla kommuner tillsammans\n  år   medelvärde      80 %% av dragningarna ligger mellan\n",
		c.Out, len(m.Codes), c.Base+1, c.Base+c.Years, c.Draws, c.Seed)
	for _, y := range country {
		_, _ = fmt.Fprintf(out.Out, "%d %12.0f %12.0f och %.0f\n", y.Year, y.Mean, y.Q10, y.Q90)
	}
	return nil
}

type nationalAnswer struct {
	Base    int        `json:"base"`
	Years   int        `json:"years"`
	Draws   int        `json:"draws"`
	Seed    uint64     `json:"seed"`
	Units   int        `json:"municipalities"`
	File    string     `json:"file"`
	SHA256  string     `json:"sha256"`
	Country []yearBand `json:"all_together"`
}

type yearBand struct {
	Year int     `json:"year"`
	Mean float64 `json:"mean"`
	Q05  float64 `json:"q05"`
	Q10  float64 `json:"q10"`
	Q25  float64 `json:"q25"`
	Q50  float64 `json:"q50"`
	Q75  float64 `json:"q75"`
	Q90  float64 `json:"q90"`
	Q95  float64 `json:"q95"`
}

func (c *NationalCmd) options() demography.Options {
	return demography.Options{Years: c.Years, Draws: c.Draws, Seed: c.Seed, Workers: c.Workers}
}

// country sums the municipalities draw by draw.
func (c *NationalCmd) country(r *demography.Result) (out []yearBand) {
	sum := make([]float64, c.Draws)
	draws := make([]float32, c.Draws)
	for y := range c.Years {
		clear(sum)
		for i := range r.Units {
			for d, v := range r.Total(i, y) {
				sum[d] += float64(v)
			}
		}
		for d, v := range sum {
			draws[d] = float32(v)
		}
		b := demography.Summary(draws)
		out = append(out, yearBand{c.Base + 1 + y, b.Mean, b.Q[0], b.Q[1], b.Q[2], b.Q[3], b.Q[4], b.Q[5], b.Q[6]})
	}
	return out
}

// rows writes the table and gives the country's bands. By age the same draws are run once for each group of
// municipalities that the memory holds.
func (c *NationalCmd) rows(m *demography.Model, to io.Writer) (country []yearBand, err error) {
	w := bufio.NewWriterSize(to, 1<<16)
	columns := "kommun,ar,mean,q05,q10,q25,q50,q75,q90,q95\n"
	if c.ByAge {
		columns = "kommun,ar,kon,alder,mean,q05,q10,q25,q50,q75,q90,q95\n"
	}
	_, _ = w.WriteString(columns)
	group := len(m.Codes)
	if c.ByAge {
		group = min(max(keptBytes/(4*c.Draws*c.Years*demography.Cells), 1), group)
	}
	for from := 0; from < len(m.Codes); from += group {
		o := c.options()
		until := min(from+group, len(m.Codes))
		if c.ByAge {
			o.From, o.To = from, until
		}
		r, err := m.Run(o)
		if err != nil {
			return nil, err
		}
		if from == 0 {
			country = c.country(r)
		}
		r.Sort(c.Workers)
		var line []byte
		for i := from; i < until; i++ {
			for y := range c.Years {
				line = fmt.Appendf(line[:0], "%04d,%d", m.Codes[i], c.Base+1+y)
				if !c.ByAge {
					_, _ = w.Write(appendBand(line, r.TotalBand(i, y)))
					continue
				}
				for cell := range demography.Cells {
					row := append(line, ',')
					row = append(row, sexLetters[cell/demography.Ages]...)
					row = strconv.AppendInt(append(row, ','), int64(cell%demography.Ages), 10)
					_, _ = w.Write(appendBand(row, r.CellBand(i, y, cell)))
				}
			}
		}
	}
	return country, w.Flush()
}

// appendBand ends a row with mean and quantiles, two decimals.
func appendBand(row []byte, b demography.Band) []byte {
	row = strconv.AppendFloat(append(row, ','), b.Mean, 'f', 2, 64)
	for _, q := range b.Q {
		row = strconv.AppendFloat(append(row, ','), q, 'f', 2, 64)
	}
	return append(row, '\n')
}

// writeWhole writes a file under another name and renames it when all of it is
// there, so that nobody finds half a file.
func writeWhole(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return &exitError{exitBadInput, fmt.Errorf("%s går inte att skriva: %w", name, err)}
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = errors.Join(f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%s gick inte att skriva: %w", name, err)
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("%s gick inte att skriva: %w", name, err)
	}
	return nil
}
