// Command assets builds web/src into web/dist, whose files carry a hash of
// their content in their names and are embedded in the server.
//
//	npm ci --ignore-scripts --prefix web   once, or when a package changes
//	go run ./cmd/assets                    build
//	go run ./cmd/assets -check             fail if web/dist is stale
//
// Building the server needs neither npm nor this command. Without the npm
// packages -check compares only the hashes of what dist was built from.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// sources names what dist is built from, beside everything in src.
var sources = []string{"package.json", "package-lock.json"}

// licensed are the packages whose code or fonts end up in dist.
var licensed = []string{"@digdir/designsystemet-css", "@fontsource-variable/figtree", "htmx.org"}

// manifest is the file in dist that tells what it was built from.
const manifest = "sources.json"

func main() {
	check := flag.Bool("check", false, "fail if web/dist is not what web/src gives")
	dir := flag.String("dir", "web", "the folder with src and dist")
	flag.Parse()
	if err := run(*dir, *check); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run(dir string, check bool) error {
	made, err := hashes(dir)
	if err != nil {
		return err
	}
	if check {
		if err := compare(filepath.Join(dir, "dist"), map[string][]byte{manifest: made}, false); err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(dir, "node_modules", "@digdir")); errors.Is(err, fs.ErrNotExist) {
			return nil // the hashes agree; a rebuild would need npm
		}
	}
	files, err := build(dir)
	if err != nil {
		return err
	}
	files[manifest] = made
	if check {
		return compare(filepath.Join(dir, "dist"), files, true)
	}
	return write(filepath.Join(dir, "dist"), files)
}

// hashes lists the sha256 of every source, as JSON.
func hashes(dir string) ([]byte, error) {
	names := append([]string{}, sources...)
	err := filepath.WalkDir(filepath.Join(dir, "src"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(dir, n))
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b)
		sums[n] = hex.EncodeToString(sum[:])
	}
	b, err := json.MarshalIndent(sums, "", "  ") // maps are written in order of their keys
	return append(b, '\n'), err
}

// build bundles everything in memory: name in dist to content.
func build(dir string) (map[string][]byte, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:     abs,
		EntryPoints:       []string{"src/kommunpilot.css", "src/kommunpilot.js", "src/icon.svg"},
		Outdir:            "dist",
		PublicPath:        "/static",
		EntryNames:        "[name]-[hash]",
		ChunkNames:        "[name]-[hash]",
		AssetNames:        "[name]-[hash]",
		Bundle:            true,
		Splitting:         true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone, // LICENSES.txt has them whole
		Loader:            map[string]api.Loader{".woff2": api.LoaderFile, ".svg": api.LoaderCopy},
		LogLevel:          api.LogLevelWarning,
	})
	if len(result.Errors) > 0 {
		return nil, fmt.Errorf("%d errors", len(result.Errors))
	}
	files := map[string][]byte{}
	for _, f := range result.OutputFiles {
		files[filepath.Base(f.Path)] = f.Contents
	}
	files["LICENSES.txt"], err = licences(dir)
	return files, err
}

// licences joins the licences of what dist contains.
func licences(dir string) ([]byte, error) {
	var b bytes.Buffer
	for _, p := range licensed {
		text, err := os.ReadFile(filepath.Join(dir, "node_modules", filepath.FromSlash(p), "LICENSE"))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "== %s ==\n\n%s\n\n", p, strings.TrimSpace(string(text)))
	}
	return b.Bytes(), nil
}

// compare fails with the first file in dist that is not as made. If whole,
// dist may hold nothing else.
func compare(dist string, made map[string][]byte, whole bool) error {
	for _, name := range sorted(made) {
		have, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil || !bytes.Equal(have, made[name]) {
			return fmt.Errorf("%s is stale: run go run ./cmd/assets", filepath.Join(dist, name))
		}
	}
	if !whole {
		return nil
	}
	entries, err := os.ReadDir(dist)
	for _, e := range entries {
		if _, ok := made[e.Name()]; !ok {
			return fmt.Errorf("%s is left over: run go run ./cmd/assets", filepath.Join(dist, e.Name()))
		}
	}
	return err
}

// write replaces the content of dist.
func write(dist string, files map[string][]byte) error {
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for _, name := range sorted(files) {
		if err := os.WriteFile(filepath.Join(dist, name), files[name], 0o644); err != nil {
			return err
		}
		fmt.Printf("%8d %s\n", len(files[name]), name)
	}
	entries, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, ok := files[e.Name()]; !ok {
			if err := os.RemoveAll(filepath.Join(dist, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func sorted(m map[string][]byte) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
