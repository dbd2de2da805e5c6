package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/kommun"
	"kommunpilot/engine/dataset"
	"kommunpilot/engine/equalisation"
)

// DatasetCmd checks the input files of structure scenarios.
type DatasetCmd struct {
	Check    DatasetCheckCmd    `cmd:"" help:"Check files, and list every fault with its line."`
	Kinds    DatasetKindsCmd    `cmd:"" help:"List the kinds of files with columns, units and rules."`
	Template DatasetTemplateCmd `cmd:"" help:"Write the header of a kind and an example row."`
}

// DatasetCheckCmd checks files.
type DatasetCheckCmd struct {
	Files  []string `arg:"" name:"file" help:"The files; the name says the kind (population.csv)."`
	Kind   string   `placeholder:"KIND" help:"The kind, where the name does not say it; dataset kinds lists them."`
	Totals string   `placeholder:"FILE" help:"Published population to hold population.csv against: kommun,ar,antal."`
	Part   bool     `help:"The files cover a part of the country: do not ask for all municipalities."`
	JSON   bool     `name:"json" xor:"form" help:"Write the reports as JSON."`
	CSV    bool     `name:"csv" xor:"form" help:"Write the faults as CSV: fil,rad,kolumn,varde,regel,forvantat,kraft."`
}

// Help says what the exit codes mean.
func (DatasetCheckCmd) Help() string {
	return `Checks files by the rules of structure scenarios; docs/dataset.md lists kinds and rules.

Exit codes: 0 no errors (there may be warnings), 2 errors or a file that cannot be read.`
}

// Run checks and writes.
func (c *DatasetCheckCmd) Run(out *Streams) error {
	if _, ok := dataset.ByName(c.Kind); c.Kind != "" && !ok {
		return &exitError{exitBadInput, noSuchKind(c.Kind)}
	}
	context, err := c.context()
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	var reports []*dataset.Report
	wrong := 0
	for _, file := range c.Files {
		b, err := readDataset(file)
		if err != nil {
			return &exitError{exitBadInput, err}
		}
		_, report := dataset.Read(c.Kind, file, b, context)
		reports = append(reports, report)
		wrong += report.Errors()
	}
	switch {
	case c.JSON:
		err = writeDatasetJSON(out.Out, reports)
	case c.CSV:
		err = writeDatasetCSV(out.Out, reports)
	default:
		err = writeDatasetText(out.Out, reports)
	}
	if err == nil && wrong > 0 {
		err = &exitError{exitBadInput, fmt.Errorf("%d fel i indata", wrong)}
	}
	return err
}

func noSuchKind(given string) error {
	var names []string
	for _, k := range dataset.Kinds() {
		names = append(names, k.Name)
	}
	return fmt.Errorf("%q är ingen sort. Skriv en av: %s", given, strings.Join(names, ", "))
}

// readDataset reads a file of at most maxInputFile bytes.
func readDataset(file string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s går inte att läsa: %w. Se efter att namnet är rätt", file, err)
	case info.IsDir() || info.Size() > maxInputFile:
		return nil, fmt.Errorf("%s är ingen fil på högst %d MB. Dela den på år", file, maxInputFile>>20)
	}
	b, err := os.ReadFile(file) //nolint:gosec // the person who runs the command names the file
	if err != nil {
		return nil, fmt.Errorf("%s går inte att läsa: %w", file, err)
	}
	return b, nil
}

// datasetContext answers from the register and the rule sets.
func datasetContext(r *kommun.Register) dataset.Context {
	day := func(year int) calendar.Date { return calendar.Date(strconv.Itoa(year) + "-12-31") }
	return dataset.Context{
		Unit: func(code string, year int) bool {
			if year == 0 {
				k, ok := r.ByCode(code)
				return ok && k.ValidTo == ""
			}
			_, ok := r.At(code, day(year))
			return ok
		},
		County: func(code string) bool {
			c, ok := r.County(code)
			return ok && c.Code == code
		},
		All: func(year int) (codes []string) {
			list := r.All()
			if year != 0 {
				list = r.AllAt(day(year))
			}
			for _, k := range list {
				codes = append(codes, k.Code)
			}
			return codes
		},
		Submodel: func(name string, year int) bool {
			rules, err := equalisation.For(year)
			return err == nil && rules.HasSubmodel(name)
		},
	}
}

// context is datasetContext with what the flags say.
func (c *DatasetCheckCmd) context() (dataset.Context, error) {
	context := datasetContext(kommun.Default())
	if c.Part {
		context.All = nil
	}
	if c.Totals == "" {
		return context, nil
	}
	b, err := readDataset(c.Totals)
	if err != nil {
		return context, err
	}
	totals, err := publishedTotals(c.Totals, b)
	context.Totals = func(code string, year int) (float64, bool) {
		n, ok := totals[populationKey{code, year}]
		return float64(n), ok
	}
	return context, err
}

// publishedTotals reads kommun,ar,antal.
func publishedTotals(file string, b []byte) (map[populationKey]int64, error) {
	t := &inputTable{file: file, read: map[string]bool{}}
	t.parse(bytes.TrimPrefix(b, []byte("\ufeff")))
	t.must("ar")
	_, totals := populationByYear(t)
	for _, f := range t.faults {
		if !f.Warning {
			return nil, errors.New(f.String())
		}
	}
	return totals, nil
}

func writeDatasetJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// writeDatasetCSV writes all reports under one header.
func writeDatasetCSV(w io.Writer, reports []*dataset.Report) error {
	for i, r := range reports {
		b := r.CSV()
		if i > 0 {
			_, b, _ = bytes.Cut(b, []byte("\n"))
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func writeDatasetText(w io.Writer, reports []*dataset.Report) error {
	var b bytes.Buffer
	for _, r := range reports {
		for _, f := range r.Faults {
			force := "fel"
			if f.Force == dataset.Warning {
				force = "obs"
			}
			fmt.Fprintf(&b, "%s:%d: %s %s: ", f.File, f.Line, force, f.Rule)
			if f.Column != "" {
				fmt.Fprintf(&b, "kolumn %s: ", f.Column)
			}
			if f.Value != "" {
				fmt.Fprintf(&b, "%q: ", f.Value)
			}
			fmt.Fprintf(&b, "%s\n", f.Expected)
		}
		if n := r.Errors() + r.Warnings() - len(r.Faults); n > 0 {
			fmt.Fprintf(&b, "%s: och %d till, som inte visas\n", r.File, n)
		}
		fmt.Fprintf(&b, "%s: %s, %d rader, %d fel, %d varningar, sha256 %s\n", r.File, kindName(r), r.Rows, r.Errors(), r.Warnings(), r.SHA256)
		for _, c := range r.Counts {
			fmt.Fprintf(&b, "  %s %s: %d\n", c.Rule, map[dataset.Force]string{dataset.Error: "fel", dataset.Warning: "varningar"}[c.Force], c.Count)
		}
		for _, n := range r.NotChecked {
			fmt.Fprintf(&b, "  inte prövat: %s\n", n)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func kindName(r *dataset.Report) string {
	if r.Kind == "" {
		return "okänd sort"
	}
	return r.Kind
}

// DatasetKindsCmd lists the kinds.
type DatasetKindsCmd struct {
	JSON bool `name:"json" xor:"form" help:"Write the kinds as JSON."`
	CSV  bool `name:"csv" xor:"form" help:"Write a row for each column: fil,kolumn,typ,enhet,nyckel,valfri."`
}

// datasetKind is a kind as JSON.
type datasetKind struct {
	Name    string          `json:"name"`
	File    string          `json:"file"`
	About   string          `json:"about"`
	Columns []datasetColumn `json:"columns"`
	Rules   []datasetRule   `json:"rules"`
}

type datasetColumn struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Unit     string `json:"unit"`
	Key      bool   `json:"key"`
	Optional bool   `json:"optional"`
}

type datasetRule struct {
	ID    string `json:"rule"`
	Force string `json:"force"`
	Text  string `json:"text"`
}

func datasetKinds() (out []datasetKind) {
	for _, k := range dataset.Kinds() {
		d := datasetKind{Name: k.Name, File: k.File(), About: k.About, Rules: []datasetRule{}}
		for _, c := range k.Columns {
			d.Columns = append(d.Columns, datasetColumn{c.Name, string(c.Type), c.Unit, c.Key, c.Optional})
		}
		for _, r := range k.Rules {
			d.Rules = append(d.Rules, datasetRule{r.ID, string(r.Force), r.Text})
		}
		out = append(out, d)
	}
	return out
}

// Run writes the kinds.
func (c *DatasetKindsCmd) Run(out *Streams) error {
	kinds := datasetKinds()
	if c.JSON {
		return writeDatasetJSON(out.Out, kinds)
	}
	rows := [][]string{{"fil", "kolumn", "typ", "enhet", "nyckel", "valfri"}}
	var b bytes.Buffer
	yes := map[bool]string{true: "ja", false: "nej"}
	for _, k := range kinds {
		fmt.Fprintf(&b, "%s  %s\n", k.File, k.About)
		for _, col := range k.Columns {
			rows = append(rows, []string{k.File, col.Name, col.Type, col.Unit, yes[col.Key], yes[col.Optional]})
			note := col.Unit
			if col.Key {
				note = strings.TrimPrefix(note+"; nyckel", "; ")
			}
			if col.Optional {
				note = strings.TrimPrefix(note+"; får saknas", "; ")
			}
			fmt.Fprintf(&b, "  %-26s %-11s %s\n", col.Name, col.Type, note)
		}
		for _, r := range k.Rules {
			fmt.Fprintf(&b, "  %s %s: %s\n", r.ID, map[string]string{"error": "fel", "warning": "varning"}[r.Force], r.Text)
		}
		b.WriteString("\n")
	}
	if c.CSV {
		return csv.NewWriter(out.Out).WriteAll(rows)
	}
	_, err := out.Out.Write(b.Bytes())
	return err
}

// DatasetTemplateCmd writes a header and an example row.
type DatasetTemplateCmd struct {
	Kind string `arg:"" help:"The kind; dataset kinds lists them."`
}

// Run writes the template.
func (c *DatasetTemplateCmd) Run(out *Streams) error {
	k, ok := dataset.ByName(strings.TrimSuffix(c.Kind, ".csv"))
	if !ok {
		return &exitError{exitBadInput, noSuchKind(c.Kind)}
	}
	header := make([]string, len(k.Columns))
	for i, col := range k.Columns {
		header[i] = col.Name
	}
	return csv.NewWriter(out.Out).WriteAll([][]string{header, k.Example})
}
