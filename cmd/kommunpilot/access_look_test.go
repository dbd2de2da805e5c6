package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stockholm builds a few blocks of Stockholm with the reference profile.
func stockholm(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "stockholm.roads")
	worked(t, (&RoadsBuildCmd{File: roadsFile(t, "stockholm-centre"), Profile: "ref_car", Out: file}).Run(&Streams{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}))
	return file
}

// The commands that others are compared by give the published sums, and a graph
// that has them.
func TestBenchAndExportAgreeWithTheReference(t *testing.T) {
	roads, folder := stockholm(t), t.TempDir()
	var out, said bytes.Buffer
	worked(t, (&AccessBenchCmd{Roads: roads, Rounds: 1, JSON: true}).Run(&Streams{Out: &out, Err: &said}))
	var a benchAnswer
	worked(t, json.Unmarshal(out.Bytes(), &a))
	if a.Nodes != 34 || a.Arcs != 70 || a.Sites != 30 || a.Sum1 != 696 || a.Sum2 != 4678 || a.Largest != 292 {
		t.Errorf("%+v", a)
	}
	worked(t, (&AccessExportCmd{Roads: roads, Out: folder}).Run(&Streams{Out: &out, Err: &said}))
	for name, lines := range map[string]int{"edges.csv": 70, "facilities.txt": 30} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if worked(t, err); bytes.Count(data, []byte("\n")) != lines {
			t.Errorf("%s has %d lines, not %d", name, bytes.Count(data, []byte("\n")), lines)
		}
	}
}

// Parts, snaps and reports of a real network.
func TestLookingAtANetwork(t *testing.T) {
	roads, folder := stockholm(t), t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(folder, name)
		worked(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	people := write("people.csv", "id,lat,lon,population\na,59.3150,18.0740,7\nfar,60,18,3\n")
	places := write("places.csv", "id,type,name,lat,lon\np,apotek,Apoteket,59.3152,18.0750\n")
	run := func(c interface{ Run(*Streams) error }) string {
		t.Helper()
		var out, said bytes.Buffer
		if err := c.Run(&Streams{Out: &out, Err: &said}); err != nil {
			t.Fatalf("%T: %v %s", c, err, said.String())
		}
		return out.String()
	}
	if got := run(&AccessComponentsCmd{Roads: roads, Origins: people, GeoJSON: filepath.Join(folder, "parts.geojson")}); !strings.HasPrefix(got, "part,group,nodes,kilometres,people,lat,lon\n1,0,34,") {
		t.Errorf("%s", got)
	}
	got := run(&AccessSnapCmd{Roads: roads, Origins: people, Services: places, GeoJSON: filepath.Join(folder, "snaps.geojson")})
	if lines := strings.Split(got, "\n"); len(lines) != 5 || !strings.HasPrefix(lines[2], "far,origin,,,,,") || !strings.HasSuffix(lines[2], ",utanfor") || !strings.HasSuffix(lines[3], ",ok") {
		t.Errorf("%s", got)
	}
	near := AccessNearestCmd{accessInput: accessInput{Roads: roads, Services: places, Origins: people, Metric: "time"}, K: 1, GeoJSON: true}
	var features struct {
		Features []struct{ Properties map[string]any }
	}
	worked(t, json.Unmarshal([]byte(run(&near)), &features))
	if len(features.Features) != 2 || features.Features[0].Properties["service"] != "p" || features.Features[1].Properties["reason"] != "utanfor" {
		t.Errorf("%+v", features)
	}
	report := AccessReportCmd{Roads: roads, Services: places, Origins: people, Title: "Prov", Date: "2026-05-04", Source: "Påhittat", Km: 10, Minutes: 10, Out: filepath.Join(folder, "report.html")}
	worked(t, report.Run(t.Context(), &Streams{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}))
	data, err := os.ReadFile(report.Out)
	if worked(t, err); !strings.Contains(string(data), "utanför vägnätet") || !strings.Contains(string(data), "Restid till service") {
		t.Errorf("the report lacks who was not counted, or the times:\n%.2000s", data)
	}
}
