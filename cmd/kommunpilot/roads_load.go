package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	services "kommunpilot/area/service"
)

// RoadsLoadCmd gives the product a road network.
type RoadsLoadCmd struct {
	Store

	File    string `arg:"" help:"FILE.osm.pbf of the area, or a FILE.roads that is made."`
	Name    string `placeholder:"NAME" help:"What the network is called on the pages. Default: the file's name."`
	Profile string `default:"car" help:"car, bicycle, foot, or a FILE.json of your own."`
}

// Help tells how it is used.
func (RoadsLoadCmd) Help() string {
	return `Makes the network and puts it among those that an inventory of service can choose. The server that
runs takes it at once: nothing is stopped, and a network of the same name is replaced whole.

  kommunpilot roads load jamtland.osm.pbf --name "Jämtland, oktober 2026"

Exit codes: 0 loaded, 2 a file that cannot be used (nothing is changed).`
}

// Run builds, and puts the file in its place.
func (c *RoadsLoadCmd) Run(out *Streams) error {
	name := c.Name
	if name == "" {
		name, _, _ = strings.Cut(filepath.Base(c.File), ".")
	}
	if name == "" || strings.ContainsAny(name, "/\\\x00") || strings.HasPrefix(name, ".") {
		return &exitError{exitBadInput, fmt.Errorf("namnet %q går inte att använda", name)}
	}
	if err := os.MkdirAll(c.Roads, 0o750); err != nil {
		return &exitError{exitBadInput, err}
	}
	to := filepath.Join(c.Roads, name+roadsEnding)
	if strings.HasSuffix(c.File, roadsEnding) {
		n, err := openRoads(c.File)
		if err != nil {
			return &exitError{exitBadInput, err}
		}
		if !n.Located() {
			return &exitError{exitBadInput, errors.New("nätet har inga koordinater")}
		}
		if err := writeWhole(to, n.Write); err != nil {
			return err
		}
		return showRoads(out.Out, n, false)
	}
	return (&RoadsBuildCmd{File: c.File, Profile: c.Profile, Out: to}).Run(out)
}

// roadsEnding is the ending of a network's file.
const roadsEnding = ".roads"

// roadFolder is a folder of road networks. A file that is replaced is read anew;
// what was mapped of the old one stays until the program ends, since pages may
// still be reading it.
type roadFolder struct {
	path string
	mu   sync.Mutex
	open map[string]openedRoads
}

type openedRoads struct {
	size  int64
	at    time.Time
	roads *services.Roads
}

// List gives the names of the networks.
func (f *roadFolder) List() []string {
	files, err := os.ReadDir(f.path)
	if err != nil {
		return nil // no network has been loaded
	}
	var out []string
	for _, x := range files {
		if name, ok := strings.CutSuffix(x.Name(), roadsEnding); ok && !strings.HasPrefix(name, ".") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Open gives a network by its name.
func (f *roadFolder) Open(name string) (*services.Roads, error) {
	if !slices.Contains(f.List(), name) {
		return nil, errors.New("det finns inte längre")
	}
	file := filepath.Join(f.path, name+roadsEnding)
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if x, ok := f.open[name]; ok && x.size == info.Size() && x.at.Equal(info.ModTime()) {
		return x.roads, nil
	}
	n, err := openRoads(file)
	if err != nil {
		return nil, err
	}
	if !n.Located() {
		return nil, errors.New("nätet har inga koordinater")
	}
	r := services.NewRoads(name, n)
	if f.open == nil {
		f.open = map[string]openedRoads{}
	}
	f.open[name] = openedRoads{info.Size(), info.ModTime(), r}
	return r, nil
}
