package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"kommunpilot/base/osmpbf"
	"kommunpilot/engine/roadnet"
)

// RoadsCmd makes and shows road networks.
type RoadsCmd struct {
	Build RoadsBuildCmd `cmd:"" help:"Make a road network of an OpenStreetMap extract or a DIMACS graph."`
	Load  RoadsLoadCmd  `cmd:"" help:"Give the product's pages a road network."`
	Info  RoadsInfoCmd  `cmd:"" help:"Show what a road network holds."`
}

// RoadsBuildCmd makes a .roads file.
type RoadsBuildCmd struct {
	File    string `arg:"" help:"FILE.osm.pbf, FILE.gr, FILE.pace.gr, also packed with .gz or .xz."`
	Profile string `default:"car" help:"car, bicycle, foot, or a FILE.json of your own."`
	Out     string `required:"" placeholder:"FILE.roads" help:"Where to write; the file is written whole or not at all."`
	JSON    bool   `name:"json" help:"Write what was made as JSON."`
}

// Help tells of the files.
func (RoadsBuildCmd) Help() string {
	return `Makes the road network that "access" measures on; docs/roads.md describes profiles and files.

  kommunpilot roads build delaware-latest.osm.pbf --profile car --out delaware.roads

Exit codes: 0 made, 2 a file that cannot be used (nothing is written).`
}

// buildMemory is the memory, bytes, that a build aims to stay within.
const buildMemory = 850 << 20

// Run builds and writes.
func (c *RoadsBuildCmd) Run(out *Streams) error {
	started := time.Now()
	// A country's network is made within 1 GiB: garbage is gathered sooner when
	// memory runs that high, unless whoever runs the command has set a limit.
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(buildMemory)
	}
	n, err := c.network(out)
	if err != nil {
		return &exitError{exitBadInput, fmt.Errorf("%s: %w", c.File, err)}
	}
	n = n.Ordered()
	n.Meta.Source = filepath.Base(c.File)
	if err := writeWhole(c.Out, n.Write); err != nil {
		return &exitError{exitBadInput, fmt.Errorf("%s går inte att skriva: %w", c.Out, err)}
	}
	_, _ = fmt.Fprintf(out.Err, "%s gjord på %.1f s\n", c.Out, time.Since(started).Seconds())
	return showRoads(out.Out, n, c.JSON)
}

// network reads the file by its ending.
func (c *RoadsBuildCmd) network(out *Streams) (*roadnet.Network, error) {
	name := strings.TrimSuffix(strings.TrimSuffix(c.File, ".gz"), ".xz")
	switch {
	case strings.HasSuffix(name, ".osm.pbf"), strings.HasSuffix(name, ".pbf"):
		p, err := profileOf(c.Profile)
		if err != nil {
			return nil, err
		}
		return readOSM(context.Background(), c.File, p, out.Err)
	case strings.HasSuffix(name, ".gr"):
		return readGraph(c.File, strings.HasSuffix(name, ".pace.gr"))
	}
	return nil, errors.New("ändelsen är varken .osm.pbf eller .gr")
}

func profileOf(name string) (*roadnet.Profile, error) {
	if !strings.HasSuffix(name, ".json") {
		return roadnet.ProfileByName(name)
	}
	text, err := os.ReadFile(name) //nolint:gosec // the person who runs the command names the file
	if err != nil {
		return nil, fmt.Errorf("profilen går inte att läsa: %w", err)
	}
	return roadnet.ParseProfile(text)
}

// readGraph reads a graph without places.
func readGraph(file string, pace bool) (*roadnet.Network, error) {
	f, err := os.Open(file) //nolint:gosec // the person who runs the command names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	r, end, err := unpacked(file, io.TeeReader(f, sum))
	if err != nil {
		return nil, err
	}
	read, unit := roadnet.ReadDIMACS, roadnet.Seconds
	if pace {
		read = roadnet.ReadPACE
	}
	g, err := read(r)
	if err != nil {
		return nil, err
	}
	if err := end(); err != nil {
		return nil, err
	}
	n := roadnet.FromGraph(g, unit)
	n.Meta.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return n, nil
}

// unpacked reads a packed file; end waits for whoever unpacks it.
func unpacked(file string, r io.Reader) (io.Reader, func() error, error) {
	switch {
	case strings.HasSuffix(file, ".gz"):
		z, err := gzip.NewReader(r)
		return z, func() error { return nil }, err
	case strings.HasSuffix(file, ".xz"):
		if _, err := exec.LookPath("xz"); err != nil {
			return nil, nil, errors.New("programmet xz saknas; packa upp filen först")
		}
		cmd := exec.CommandContext(context.Background(), "xz", "-dc")
		cmd.Stdin = r
		var said bytes.Buffer
		cmd.Stderr = &said
		pipe, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		return pipe, func() error {
			if err := cmd.Wait(); err != nil {
				return fmt.Errorf("filen går inte att packa upp: %s", strings.TrimSpace(said.String()))
			}
			return nil
		}, err
	}
	return r, func() error { return nil }, nil
}

// readOSM makes a network of an extract, in two passes over the file.
func readOSM(ctx context.Context, file string, p *roadnet.Profile, progress io.Writer) (*roadnet.Network, error) {
	f, err := os.Open(file) //nolint:gosec // the person who runs the command names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	size := int64(1)
	if info, err := f.Stat(); err == nil {
		size = max(info.Size(), 1)
	}
	b := roadnet.NewBuilder(p)
	sum := sha256.New()
	told := time.Now()
	pass := func(k int) func(int64) {
		return func(at int64) {
			if time.Since(told) > 2*time.Second {
				told = time.Now()
				_, _ = fmt.Fprintf(progress, "%d %%\n", (int64(k)*size+at)*50/size)
			}
		}
	}
	head, err := osmpbf.Read(ctx, io.TeeReader(f, sum), osmpbf.Parts{Ways: true, Relations: true}, pass(0), func(x *osmpbf.Block) error {
		for _, w := range x.Ways {
			b.Way(w.Nodes, w.Tags.Get)
		}
		for _, r := range x.Relations {
			if r.Tags.Get("type") == "restriction" {
				b.Turn()
			}
		}
		return nil
	})
	if err == nil {
		err = b.EndOfWays()
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, err
	}
	if _, err := osmpbf.Read(ctx, f, osmpbf.Parts{Nodes: true}, pass(1), func(x *osmpbf.Block) error {
		for i := range x.Nodes {
			b.Node(x.Nodes[i].ID, x.Nodes[i].Lat, x.Nodes[i].Lon, x.Nodes[i].Tags.Get)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	n, err := b.Finish()
	if err != nil {
		return nil, err
	}
	n.Meta.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if !head.Date.IsZero() {
		n.Meta.Date = head.Date.Format(time.DateOnly)
	} else {
		n.Meta.Warnings["N10: filen säger inte vilken dag den är från"] = 1
	}
	return n, nil
}

// openRoads reads a .roads file; the file stays mapped until the program ends.
func openRoads(file string) (*roadnet.Network, error) {
	data, err := mapped(file)
	if err != nil {
		return nil, fmt.Errorf("%s går inte att läsa: %w", file, err)
	}
	n, err := roadnet.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return n, nil
}

// RoadsInfoCmd shows a network.
type RoadsInfoCmd struct {
	File string `arg:"" help:"FILE.roads."`
	JSON bool   `name:"json" help:"Write as JSON."`
}

// Run shows it.
func (c *RoadsInfoCmd) Run(out *Streams) error {
	n, err := openRoads(c.File)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	return showRoads(out.Out, n, c.JSON)
}

// unitWords name the units.
var unitWords = map[roadnet.Unit]string{roadnet.Deciseconds: "tiondels sekund", roadnet.Metres: "meter", roadnet.Seconds: "sekund"}

func showRoads(w io.Writer, n *roadnet.Network, asJSON bool) error {
	arcs, length := 0, uint64(0)
	for _, s := range n.Stretches {
		if s.Forward > 0 {
			arcs++
		}
		if s.Backward > 0 {
			arcs++
		}
		length += uint64(s.Metres)
	}
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(struct {
			Nodes      int          `json:"nodes"`
			Arcs       int          `json:"arcs"`
			Stretches  int          `json:"stretches"`
			Kilometres float64      `json:"kilometres"`
			Located    bool         `json:"located"`
			About      roadnet.Meta `json:"about"`
		}{n.Nodes, arcs, len(n.Stretches), float64(length) / 1000, n.Located(), n.Meta})
	}
	m := n.Meta
	_, err := fmt.Fprintf(w, "källa            %s\nprofil           %s\ndatum            %s\nnoder            %d\nbågar            %d\nväg              %.1f km\nvikternas enhet  %s\nsammanhängande   %d noder, %d bågar\ndelar            %d, i körriktningen %d; de största %v\nsvängförbud      %d i filen, följs inte\nsha256           %s\n",
		m.Source, m.Profile, known(m.Date), n.Nodes, arcs, float64(length)/1000, unitWords[m.Unit], m.Components.LargestNodes, m.Components.LargestArcs, m.Components.Weak, m.Components.Strong, m.Components.Sizes, m.Turns, m.SHA256)
	for _, id := range slices.Sorted(maps.Keys(m.Warnings)) {
		if err == nil {
			_, err = fmt.Fprintf(w, "varning          %s: %d\n", id, m.Warnings[id])
		}
	}
	return err
}

func known(date string) string {
	if date == "" {
		return "okänt"
	}
	return date
}
