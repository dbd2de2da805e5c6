package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	services "kommunpilot/area/service"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/who"
)

// ImportServicesCmd reads service points into a project's register.
type ImportServicesCmd struct {
	Store

	File    string `arg:"" placeholder:"FILE" help:"CSV, GeoJSON or GeoPackage: id,type,name,lat,lon and more."`
	Project int64  `required:"" placeholder:"N" help:"The project: the number in its page's address."`
	Source  string `placeholder:"TEXT" help:"Where the places come from, for rows that do not say so themselves."`
	Date    string `placeholder:"YYYY-MM-DD" help:"The day that the places were so, for rows that do not say so themselves."`
	JSON    bool   `name:"json" help:"Write the report as JSON."`
}

// Help tells how it is used.
func (ImportServicesCmd) Help() string {
	return `A place that the project has already, with the same id, is changed; the others are added. The whole
file is checked, every fault is told with its line, and with any error nothing is stored. docs/service.md
describes columns and rules.

  kommunpilot import services butiker.csv --project 7 --source "Kommunens egen lista" --date 2026-05-04

Exit codes: 0 read in (warnings are told), 2 a file that cannot be used, or no such project.`
}

// Run reads the file in.
func (c *ImportServicesCmd) Run(ctx context.Context, out *Streams) error {
	data, day, err := readImport(c.File, c.Date)
	if err != nil {
		return err
	}
	var rep services.Report
	err = c.rooms(ctx, func(ctx context.Context, r *rooms, _ *db.DB) (err error) {
		rep, err = r.service.ImportPoints(ctx, who.ProjectID(c.Project), filepath.Base(c.File), data, c.Source, day, "")
		return err
	})
	return imported(out, &rep, err, c.JSON, func() string {
		return fmt.Sprintf("%d ställen tillagda, %d ändrade, %d redan som i filen", rep.Added, rep.Changed, rep.Same)
	})
}

// ImportPopulationCmd gives an inventory its people.
type ImportPopulationCmd struct {
	Store

	File      string `arg:"" placeholder:"FILE" help:"CSV, GeoJSON or GeoPackage: ruta,x,y,p_tot, or id,lat,lon,population."`
	Inventory int64  `required:"" placeholder:"N" help:"The inventory: the last number in its page's address."`
	Source    string `required:"" placeholder:"TEXT" help:"Where the people come from."`
	Date      string `required:"" placeholder:"YYYY-MM-DD" help:"The day that they are counted for."`
	JSON      bool   `name:"json" help:"Write the report as JSON."`
}

// Help tells how it is used.
func (ImportPopulationCmd) Help() string {
	return `The file replaces the people that the inventory has. The whole file is checked, every fault is told with
its line, and with any error nothing is stored. docs/service.md describes columns and rules.

  kommunpilot import population rutor.gpkg --inventory 41 --source "SCB, rutor 1 km" --date 2025-12-31

Exit codes: 0 read in, 2 a file that cannot be used, or no such inventory.`
}

// Run reads the file in.
func (c *ImportPopulationCmd) Run(ctx context.Context, out *Streams) error {
	data, day, err := readImport(c.File, c.Date)
	if err != nil {
		return err
	}
	var rep services.Report
	err = c.rooms(ctx, func(ctx context.Context, r *rooms, _ *db.DB) (err error) {
		rep, err = r.service.ImportPopulation(ctx, journal.ID(c.Inventory), 0, filepath.Base(c.File), data, c.Source, day, "")
		return err
	})
	return imported(out, &rep, err, c.JSON, func() string {
		return fmt.Sprintf("%d personer på %d platser", rep.People, rep.Cells)
	})
}

func readImport(file, date string) (data []byte, day calendar.Date, err error) {
	if date != "" {
		if day, err = calendar.Parse(date); err != nil {
			return nil, "", &exitError{exitBadInput, fmt.Errorf("%q är ingen dag; skriv ÅÅÅÅ-MM-DD", date)}
		}
	}
	info, err := os.Stat(file)
	if err == nil && info.Size() > services.MaxFile {
		err = fmt.Errorf("%s är större än %d MB", file, services.MaxFile>>20)
	}
	if err == nil {
		data, err = os.ReadFile(file) //nolint:gosec // the person who runs the command names the file
	}
	if err != nil {
		return nil, "", &exitError{exitBadInput, err}
	}
	return data, day, nil
}

// imported tells what an import came to, its faults first.
func imported(out *Streams, rep *services.Report, err error, asJSON bool, came func() string) error {
	for _, f := range rep.Faults {
		word := "fel"
		if f.Warning {
			word = "varning"
		}
		_, _ = fmt.Fprintf(out.Err, "%s rad %d: %s %s: %s %q %s\n", rep.File, f.Line, word, f.Rule, f.Column, f.Value, f.What)
	}
	if more := rep.Errors + rep.Warnings - len(rep.Faults); more > 0 {
		_, _ = fmt.Fprintf(out.Err, "… och %d till\n", more)
	}
	switch {
	case err != nil && rep.Errors > 0:
		return &exitError{exitBadInput, fmt.Errorf("%d fel i %s; ingenting är sparat", rep.Errors, rep.File)}
	case fail.Is(err, fail.NotFound), fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		x := fail.As(err)
		text := x.Message
		for _, f := range x.Fields {
			text = f.Message
		}
		return &exitError{exitBadInput, errors.New(text)}
	case err != nil:
		return err
	case asJSON:
		return writeJSON(out.Out, rep)
	}
	_, err = fmt.Fprintln(out.Out, came())
	return err
}
