package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kommunpilot/area/structure"
	"kommunpilot/base/kommun"
	"kommunpilot/base/paper"
	"kommunpilot/engine/dataset"
	"kommunpilot/engine/scenario"
)

// ScenarioCmd runs structure scenarios.
type ScenarioCmd struct {
	Run         ScenarioRunCmd         `cmd:"" help:"Compute a plan: results, manifest, charts and memo."`
	Check       ScenarioCheckCmd       `cmd:"" help:"Say what is wrong in a plan, and what to know of it."`
	Example     ScenarioExampleCmd     `cmd:"" help:"Write a plan that can be run as it stands."`
	Assumptions ScenarioAssumptionsCmd `cmd:"" help:"List all assumptions with their values, marks and evidence."`
}

// Help describes the exit codes.
func (ScenarioCmd) Help() string {
	return `What mergers, cooperation and asymmetric tasks would do to population, economy, equalisation and democracy.
A plan is a text file (docs/scenario.md). Begin with

    kommunpilot scenario example > plan.scenario
    kommunpilot scenario run plan.scenario --out mapp

Exit codes: 0 an answer, 2 wrong input (every error with its line), 3 no answer.`
}

// ScenarioRunCmd computes a plan.
type ScenarioRunCmd struct {
	File    string `arg:"" placeholder:"FILE.scenario" help:"The plan; - for standard input."`
	Draws   int    `default:"1000" placeholder:"D" help:"How many futures are drawn: 200 to look, 1 000 to decide on."`
	Seed    uint64 `default:"1" placeholder:"S" help:"The same seed gives the same numbers."`
	Workers int    `default:"0" placeholder:"W" help:"How many processors work, 0 for all; never changes the result."`
	Data    string `placeholder:"FOLDER" help:"Input files (docs/dataset.md) that stand in the place of what the program carries: population.csv, cost_net.csv ..."`
	Out     string `placeholder:"FOLDER" help:"Where to write; made if it is not there."`
	NoPDF   bool   `name:"no-pdf" help:"Do not print the memo as PDF."`
	JSON    bool   `name:"json" xor:"form" help:"Write the leading numbers on standard output as JSON."`
	CSV     bool   `name:"csv" xor:"form" help:"Write the paired differences on standard output as CSV."`
}

// ScenarioCheckCmd checks a plan.
type ScenarioCheckCmd struct {
	File string `arg:"" placeholder:"FILE.scenario" help:"The plan; - for standard input."`
	JSON bool   `name:"json" xor:"form" help:"Write the list as JSON."`
	CSV  bool   `name:"csv" xor:"form" help:"Write the list as CSV: rad,slag,plats,vad."`
}

// ScenarioExampleCmd writes an example.
type ScenarioExampleCmd struct{}

// ScenarioAssumptionsCmd lists the assumptions.
type ScenarioAssumptionsCmd struct {
	JSON bool `name:"json" xor:"form" help:"Write them as JSON."`
	CSV  bool `name:"csv" xor:"form" help:"Write them as CSV."`
}

// Run writes the example.
func (ScenarioExampleCmd) Run(out *Streams) error {
	_, err := io.WriteString(out.Out, scenario.Example)
	return err
}

// readScenario reads a plan; what is wrong is written, warnings too.
func readScenario(name string, c *scenario.Country) (*scenario.Plan, *scenario.Problems, error) {
	var data []byte
	var err error
	if name == "-" {
		data, err = io.ReadAll(io.LimitReader(os.Stdin, scenario.MaxFile+1))
	} else {
		data, err = readLimited(name, scenario.MaxFile+1)
	}
	if err != nil {
		return nil, nil, &exitError{exitBadInput, fmt.Errorf("%s går inte att läsa: %w", name, err)}
	}
	p, problems := scenario.Parse(c, data)
	return p, problems, nil
}

// readLimited reads at most so many bytes of a file.
func readLimited(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // the person names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, limit))
}

// Run lists what is wrong.
func (c *ScenarioCheckCmd) Run(out *Streams) error {
	country, err := structure.Country()
	if err != nil {
		return err
	}
	p, problems, err := readScenario(c.File, country)
	if err != nil {
		return err
	}
	wrong := 0
	rows := [][]string{{"rad", "slag", "plats", "vad"}}
	for _, x := range problems.List {
		kind := "varning"
		if !x.Warning {
			kind = "fel"
			wrong++
		}
		rows = append(rows, []string{fmt.Sprint(x.Line), kind, x.Where, x.What})
	}
	switch {
	case c.JSON:
		list := make([]map[string]any, 0, len(problems.List))
		for _, x := range problems.List {
			list = append(list, map[string]any{"line": x.Line, "where": x.Where, "what": x.What, "warning": x.Warning})
		}
		if err := writeJSON(out.Out, map[string]any{"ok": wrong == 0, "problems": list}); err != nil {
			return err
		}
	case c.CSV:
		_, err = out.Out.Write(scenario.Table{Rows: rows}.CSV())
	default:
		for _, x := range problems.List {
			_, _ = fmt.Fprintf(out.Out, "%s: %s\n", c.File, x)
		}
		if p != nil {
			_, err = fmt.Fprintf(out.Out, "%s: kan köras. %d scenarier för %s.\n", c.File, len(p.Scenarios), strings.Join(scenarioNames(country, p.Municipalities()), ", "))
		}
	}
	if wrong > 0 {
		return &exitError{exitBadInput, fmt.Errorf("%d fel i %s", wrong, c.File)}
	}
	return err
}

func scenarioNames(c *scenario.Country, codes []string) (out []string) {
	for _, code := range codes {
		i, _ := c.Find(code)
		out = append(out, c.Units[i].Name)
	}
	return out
}

// Run lists the assumptions.
func (c *ScenarioAssumptionsCmd) Run(out *Streams) error {
	all := (&scenario.Assumptions{}).All()
	if c.JSON {
		return writeJSON(out.Out, all)
	}
	rows := [][]string{{"antagande", "varde", "spridning", "matt", "marke", "belagg", "namn", "anmarkning"}}
	for _, a := range all {
		rows = append(rows, []string{a.Key, plain(a.Value), plain(a.Spread), a.Unit, a.Mark.Word(), strings.Join(a.Evidence, " "), a.Name, a.Note})
	}
	if c.CSV {
		_, err := out.Out.Write(scenario.Table{Rows: rows}.CSV())
		return err
	}
	for _, a := range all {
		_, _ = fmt.Fprintf(out.Out, "%-32s %12s", a.Key, plain(a.Value))
		if a.Spread > 0 {
			_, _ = fmt.Fprintf(out.Out, " ± %s", plain(a.Spread))
		}
		_, _ = fmt.Fprintf(out.Out, "  %s [%s]\n%48s%s", a.Unit, a.Mark.Word(), "", a.Name)
		if len(a.Evidence) > 0 {
			_, _ = fmt.Fprintf(out.Out, " (%s)", strings.Join(a.Evidence, ", "))
		}
		if a.Note != "" {
			_, _ = fmt.Fprintf(out.Out, ". %s", a.Note)
		}
		_, _ = fmt.Fprintln(out.Out)
	}
	return nil
}

func plain(v float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.4f", v), "0"), ".")
}

// Run computes and writes.
func (c *ScenarioRunCmd) Run(out *Streams) error {
	if c.Out == "" && !c.JSON && !c.CSV {
		return &exitError{exitBadInput, errors.New("--out saknas: skriv mappen som filerna ska till, eller --json eller --csv för att få siffrorna på standard ut")}
	}
	if err := errors.Join(bound("draws", c.Draws, 2, scenario.MostDraws), bound("workers", c.Workers, 0, mostWorkers)); err != nil {
		return &exitError{exitBadInput, err}
	}
	country, err := structure.Country()
	if err != nil {
		return err
	}
	if c.Data != "" {
		if country, err = importedCountry(country, c.Data, out); err != nil {
			return err
		}
	}
	p, problems, err := readScenario(c.File, country)
	if err != nil {
		return err
	}
	for _, x := range problems.List {
		_, _ = fmt.Fprintf(out.Err, "%s: %s\n", c.File, x)
	}
	if p == nil {
		return &exitError{exitBadInput, fmt.Errorf("%s kan inte köras; inget skrevs", c.File)}
	}
	r, err := scenario.Run(country, p, scenario.Options{Draws: c.Draws, Seed: c.Seed, Workers: c.Workers})
	if err != nil {
		var input *scenario.InputError
		if errors.As(err, &input) {
			return &exitError{exitBadInput, err}
		}
		return err
	}
	if c.Out != "" {
		if err := c.write(r, out); err != nil {
			return err
		}
	}
	switch {
	case c.JSON:
		return writeJSON(out.Out, structure.Leading(r))
	case c.CSV:
		for _, t := range r.Tables() {
			if t.Name == "skillnader" {
				_, err = out.Out.Write(t.CSV())
			}
		}
		return err
	}
	return structure.Summary(out.Out, r)
}

// write puts every file in the folder: each whole or not at all.
func (c *ScenarioRunCmd) write(r *scenario.Result, out *Streams) error {
	files, err := structure.Files(r, structure.Frame{})
	if err != nil {
		return err
	}
	if !c.NoPDF && paper.CanPrint() {
		pdf, err := paper.Print(context.Background(), files["memo.html"])
		if err != nil {
			_, _ = fmt.Fprintf(out.Err, "memot kunde inte skrivas som PDF: %s\n", err)
		} else {
			files["memo.pdf"] = paper.Undated(pdf)
		}
	} else if !c.NoPDF {
		_, _ = fmt.Fprintln(out.Err, "Chromium finns inte här: memot skrivs som html och docx, inte pdf")
	}
	var manifest bytes.Buffer
	if err := r.Manifest(files).JSON(&manifest); err != nil {
		return err
	}
	files["manifest.json"] = manifest.Bytes()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		to := filepath.Join(c.Out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return &exitError{exitBadInput, fmt.Errorf("%s går inte att skriva: %w", c.Out, err)}
		}
		if err := writeWhole(to, func(w io.Writer) error { _, err := w.Write(files[name]); return err }); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(out.Err, "%s: %d filer\n", c.Out, len(files))
	return nil
}

// importedCountry reads every input file of a folder. With any error nothing is
// used, and every fault is written with its line.
func importedCountry(c *scenario.Country, folder string, out *Streams) (*scenario.Country, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, &exitError{exitBadInput, fmt.Errorf("%s går inte att läsa: %w", folder, err)}
	}
	check := datasetContext(kommun.Default())
	check.All = nil // a file may cover the municipalities of the plan alone
	var tables []*dataset.Table
	var reports []*dataset.Report
	wrong := 0
	for _, e := range entries {
		if _, ok := dataset.KindOf(e.Name()); e.IsDir() || !ok {
			continue
		}
		b, err := readDataset(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, &exitError{exitBadInput, err}
		}
		t, report := dataset.Read("", e.Name(), b, check)
		reports = append(reports, report)
		if t == nil {
			wrong += report.Errors()
		} else {
			tables = append(tables, t)
		}
	}
	if wrong > 0 {
		return nil, errors.Join(&exitError{exitBadInput, fmt.Errorf("%d fel i filerna i %s; inget räknades", wrong, folder)}, writeDatasetText(out.Err, reports))
	}
	if len(tables) == 0 {
		return nil, &exitError{exitBadInput, fmt.Errorf("%s har ingen fil av en känd sort; kommunpilot dataset kinds listar dem", folder)}
	}
	country, used, err := c.With(tables)
	if err != nil {
		return nil, &exitError{exitBadInput, err}
	}
	for _, u := range used {
		_, _ = fmt.Fprintln(out.Err, u)
	}
	return country, nil
}
