package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"kommunpilot/engine/demography"
)

// BacktestCmd holds the model against what came.
type BacktestCmd struct {
	Population  string `required:"" placeholder:"FILE" help:"As for national; must have the base years and the last year."`
	Deaths      string `required:"" placeholder:"FILE" help:"As for national."`
	Base        int    `required:"" placeholder:"YEAR" help:"The year to foretell from. Later years are only used as the answer."`
	To          int    `required:"" placeholder:"YEAR" help:"The year to foretell."`
	OriginYears []int  `placeholder:"YEAR,..." help:"More years to foretell from, each with a table of its own."`
	Draws       int    `default:"1000" placeholder:"D" help:"How many futures are drawn."`
	Seed        uint64 `default:"1" placeholder:"S" help:"The same seed gives the same numbers."`
	Workers     int    `default:"0" placeholder:"W" help:"How many processors work, 0 for all; never changes the result."`
	JSON        bool   `name:"json" xor:"form" help:"Write JSON."`
	CSV         bool   `name:"csv" xor:"form" help:"Write CSV."`
}

// Run makes the tables.
func (c *BacktestCmd) Run(out *Streams) error {
	if err := errors.Join(bound("draws", c.Draws, 1, mostDraws), bound("workers", c.Workers, 0, mostWorkers)); err != nil {
		return &exitError{exitBadInput, err}
	}
	bases := []int{c.Base}
	for _, y := range c.OriginYears {
		if !slices.Contains(bases, y) {
			bases = append(bases, y)
		}
	}
	for _, y := range bases {
		if y >= c.To {
			return &exitError{exitBadInput, fmt.Errorf("basåret %d är inte före slutåret %d (--to)", y, c.To)}
		}
	}
	pop, deaths, err := readHistory(c.Population, c.Deaths, append(slices.Clone(bases), c.To), out.Err)
	if err != nil {
		return err
	}
	actual := make([]float64, len(pop.codes))
	for i := range actual {
		for _, v := range pop.by[c.To][i] {
			actual[i] += v
		}
	}
	var results []*demography.BacktestResult
	for _, y := range bases {
		h := demography.Reference().History(y, pop.codes, pop.by, deaths.by)
		r, err := demography.Backtest(h, c.To, actual, demography.Options{Draws: c.Draws, Seed: c.Seed, Workers: c.Workers})
		if err != nil {
			return badFile(err)
		}
		results = append(results, r)
	}
	w := bufio.NewWriter(out.Out)
	switch {
	case c.JSON:
		err = writeJSON(w, backtestJSON(results))
	case c.CSV:
		writeBacktestCSV(w, results)
	default:
		for _, r := range results {
			writeBacktest(w, r)
		}
	}
	return errors.Join(err, w.Flush())
}

// className says which municipalities a class has.
func className(k int) string {
	b := demography.ClassBounds
	switch k {
	case 0:
		return fmt.Sprintf("under %.0f", b[0])
	case len(b):
		return fmt.Sprintf("%.0f eller fler", b[len(b)-1])
	}
	return fmt.Sprintf("%.0f-%.0f", b[k-1], b[k]-1)
}

// classes are the classes that have municipalities, and all together last.
func classes(r *demography.BacktestResult) (names []string, out []demography.ClassResult) {
	for k, v := range r.Classes {
		if v.Units > 0 {
			names, out = append(names, className(k)), append(out, v)
		}
	}
	return append(names, "alla"), append(out, r.All)
}

func writeBacktest(w io.Writer, r *demography.BacktestResult) {
	_, _ = fmt.Fprintf(w, "Från %d till %d: medelfel i procent (medel av |förutsagt/utfall - 1|), och hur stor del av utfallen som låg i banden\n\n", r.Base, r.To)
	_, _ = fmt.Fprintf(w, "%-16s %5s %8s %10s %8s %10s %7s %7s %7s\n", "invånare", "antal", "modellen", "oförändrat", "tillväxt", "Ham.-Perry", "50 %", "80 %", "90 %")
	names, rows := classes(r)
	for i, v := range rows {
		_, _ = fmt.Fprintf(w, "%-16s %5d %8.2f %10.2f %8.2f %10.2f %7.1f %7.1f %7.1f\n", names[i], v.Units,
			v.MAPE[0], v.MAPE[1], v.MAPE[2], v.MAPE[3], v.Cover[0], v.Cover[1], v.Cover[2])
	}
	_, _ = fmt.Fprintf(w, "\nTillväxten är de senaste %d årens. ", r.GrowthYears)
	if r.PairYears > 0 {
		_, _ = fmt.Fprintf(w, "Hamilton-Perrys kvoter är kommunens egna, av %d årspar.\n\n", r.PairYears)
	} else {
		_, _ = fmt.Fprintf(w, "Filen har inget år före %d, så Hamilton-Perrys kvoter är rikets.\n\n", r.Base)
	}
}

func writeBacktestCSV(w io.Writer, results []*demography.BacktestResult) {
	_, _ = fmt.Fprintln(w, "base,to,class,municipalities,mape_model,mape_no_change,mape_constant_growth,mape_hamilton_perry,bias_model,bias_no_change,bias_constant_growth,bias_hamilton_perry,cover50,cover80,cover90,growth_years,hamilton_perry_pairs")
	for _, r := range results {
		names, rows := classes(r)
		for i, v := range rows {
			_, _ = fmt.Fprintf(w, "%d,%d,%s,%d", r.Base, r.To, names[i], v.Units)
			for _, x := range append(append(v.MAPE[:], v.Bias[:]...), v.Cover[:]...) {
				_, _ = fmt.Fprintf(w, ",%.4f", x)
			}
			_, _ = fmt.Fprintf(w, ",%d,%d\n", r.GrowthYears, r.PairYears)
		}
	}
}

type backtestAnswer struct {
	Base    int             `json:"base"`
	To      int             `json:"to"`
	Growth  int             `json:"growth_years"`
	Pairs   int             `json:"hamilton_perry_pairs"`
	Classes []backtestClass `json:"classes"`
}

type backtestClass struct {
	Class string             `json:"class"`
	Units int                `json:"municipalities"`
	MAPE  methodFigures      `json:"mape"`
	Bias  methodFigures      `json:"bias"`
	Cover map[string]float64 `json:"coverage"`
}

type methodFigures struct {
	Model  float64 `json:"model"`
	Same   float64 `json:"no_change"`
	Growth float64 `json:"constant_growth"`
	Perry  float64 `json:"hamilton_perry"`
}

func backtestJSON(results []*demography.BacktestResult) (out []backtestAnswer) {
	figures := func(v [demography.Methods]float64) methodFigures {
		return methodFigures{v[demography.ByModel], v[demography.ByNoChange], v[demography.ByGrowth], v[demography.ByHamiltonPerry]}
	}
	for _, r := range results {
		a := backtestAnswer{Base: r.Base, To: r.To, Growth: r.GrowthYears, Pairs: r.PairYears}
		names, rows := classes(r)
		for i, v := range rows {
			a.Classes = append(a.Classes, backtestClass{names[i], v.Units, figures(v.MAPE), figures(v.Bias),
				map[string]float64{"50": v.Cover[0], "80": v.Cover[1], "90": v.Cover[2]}})
		}
		out = append(out, a)
	}
	return out
}
