package kommunpilot

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// The rules of ARCHITECTURE.md, kept by a machine. Each rule says why in its
// message; TestEachRuleFires proves on made-up sources that it can fail.

const module = "kommunpilot/"

// pure are the parts of the standard library that an engine may use: the same
// input gives the same output, and nothing outside is touched. Of time and
// math/rand an engine takes types and seeded sources only; see impureCalls.
var pure = []string{
	"bytes", "bufio", "cmp", "compress", "container", "context", "crypto/hmac", "crypto/sha256", "crypto/sha512",
	"embed", "encoding", "errors", "fmt", "hash", "html", "io", "iter", "maps", "math", "reflect", "regexp", "runtime",
	"slices", "sort", "strconv", "strings", "sync", "text", "time", "unicode", "unsafe",
}

// engineExceptions are the libraries that engines may use, and why.
var engineExceptions = map[string]string{
	"github.com/BurntSushi/toml":          "reads the rules that people write as TOML, from bytes that the caller gives",
	"github.com/tetratelabs/wazero":       "runs the HiGHS solver as WebAssembly, which has no way out",
	"github.com/paulmach/orb":             "geometry; computes only",
	"gonum.org/v1/gonum":                  "linear algebra and graphs; computes only",
	"golang.org/x/sys/cpu":                "what the processor can; only which of two loops with the same bits is run",
	"golang.org/x/sync":                   "groups of goroutines; computes only",
	"golang.org/x/text":                   "Unicode and collation tables; computes only",
	"github.com/blevesearch/snowballstem": "Swedish stemming; computes only",
}

// impureCalls are functions of allowed packages that look outside.
var impureCalls = map[string][]string{
	"time":         {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
	"fmt":          {"Print", "Println", "Printf", "Scan", "Scanln", "Scanf"},
	"math/rand":    {"Int", "Intn", "Int31", "Int31n", "Int63", "Int63n", "Float32", "Float64", "Perm", "Shuffle", "ExpFloat64", "NormFloat64", "Uint32", "Uint64", "Read", "Seed"},
	"math/rand/v2": {"Int", "IntN", "Int32", "Int32N", "Int64", "Int64N", "Uint", "UintN", "Uint32", "Uint32N", "Uint64", "Uint64N", "Float32", "Float64", "Perm", "Shuffle", "N", "ExpFloat64", "NormFloat64"},
}

// emptyNames say nothing about what a package is for.
var emptyNames = regexp.MustCompile(`^(util|utils|utility|utilities|common|commons|helper|helpers|model|models|service|services|misc|shared)$`)

// longest is how many lines a file that people write may have.
const longest = 500

// longestMap is how many lines ARCHITECTURE.md may have.
const longestMap = 150

// source is one Go file.
type source struct {
	name      string // "area/programme/call.go"
	lines     int
	generated bool
	test      bool
	set       *token.FileSet
	ast       *ast.File
}

func (s *source) dir() string { return path.Dir(s.name) }

// floor is the first folder of a path: cmd, area, engine, base, web, bench.
func floor(p string) string { f, _, _ := strings.Cut(p, "/"); return f }

// room is the first two folders of a path: area/programme.
func room(p string) string {
	parts := strings.SplitN(p, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// imports gives what a file imports.
func (s *source) imports() (out []string) {
	for _, i := range s.ast.Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

func parse(name string, content []byte) (*source, error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &source{
		name: name, lines: bytes.Count(content, []byte("\n")), generated: ast.IsGenerated(f),
		test: strings.HasSuffix(name, "_test.go"), set: set, ast: f,
	}, nil
}

// broken lists what breaks a rule, sorted.
func broken(files []*source, architecture string) []string {
	var out []string
	for _, rule := range []func(*source) []string{directions, pureEngine, ownDatabase, rawQueries, emptyPackages, tooLong} {
		for _, f := range files {
			for _, complaint := range rule(f) {
				out = append(out, f.name+": "+complaint)
			}
		}
	}
	out = append(out, unnamed(files, architecture)...)
	sort.Strings(out)
	return slices.Compact(out)
}

// directions: cmd -> area -> engine, base; never up, never sideways.
func directions(f *source) (out []string) {
	for _, i := range f.imports() {
		to, ok := strings.CutPrefix(i, module)
		if !ok {
			continue
		}
		from := f.dir()
		switch {
		case floor(to) == "cmd":
			out = append(out, "imports "+to+"; nothing imports a program, or its wiring would be in two places")
		case floor(to) == "area" && floor(from) == "area" && room(to) != room(from):
			out = append(out, "imports "+to+"; rooms never import each other: declare a func field in Deps and let wire.go fill it, so that every arrow between rooms stands in one file")
		case floor(to) == "area" && floor(from) != "area" && floor(from) != "cmd":
			out = append(out, "imports "+to+"; only cmd imports rooms, since all else must stand without them")
		case floor(from) == "base" && floor(to) == "engine":
			out = append(out, "imports "+to+"; base knows no engine: the room that needs both brings them together")
		case floor(from) == "engine" && floor(to) != "engine":
			out = append(out, "imports "+to+"; an engine is pure and knows neither rooms nor base: give it plain values")
		case floor(from) == "web" && floor(to) != "web":
			out = append(out, "imports "+to+"; web holds built files and no code of ours")
		}
	}
	return out
}

// pureEngine: an engine has no clock, file, network or database.
func pureEngine(f *source) (out []string) {
	if floor(f.name) != "engine" || f.test {
		return nil
	}
	names := map[string]string{} // local name -> path
	for _, spec := range f.ast.Imports {
		i := strings.Trim(spec.Path.Value, `"`)
		names[path.Base(strings.TrimSuffix(i, "/v2"))] = i
		if spec.Name != nil {
			names[spec.Name.Name] = i
		}
		if strings.HasPrefix(i, module) {
			continue
		}
		if !under(i, pure) && !under(i, keys(engineExceptions)) {
			out = append(out, "imports "+i+"; an engine uses pure packages only, so that the same input gives the same output. If it computes only, write it in engineExceptions with the reason")
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(impureCalls[names[x.Name]], sel.Sel.Name) {
			out = append(out, fmt.Sprintf("line %d uses %s.%s; an engine has no clock, no output and no randomness without a seed: take it as an argument", f.set.Position(n.Pos()).Line, x.Name, sel.Sel.Name))
		}
		return true
	})
	return out
}

// under tells whether an import is one of the packages or below one.
func under(i string, packages []string) bool {
	return slices.ContainsFunc(packages, func(p string) bool { return i == p || strings.HasPrefix(i, p+"/") })
}

func keys(m map[string]string) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

// ownDatabase: rooms reach the database through base/db alone.
func ownDatabase(f *source) (out []string) {
	if floor(f.name) != "area" || f.test {
		return nil
	}
	for _, i := range f.imports() {
		if under(i, []string{"database/sql", "github.com/jackc/pgx", "modernc.org/sqlite"}) {
			out = append(out, "imports "+i+"; rooms reach the database through base/db, which keeps one transaction per act and its entry in the audit log")
		}
	}
	return out
}

// rawQueries: QueryRow outside a transaction lets SQLite's journal grow.
func rawQueries(f *source) (out []string) {
	if strings.HasPrefix(f.name, "base/db/") {
		return nil
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && (sel.Sel.Name == "QueryRow" || sel.Sel.Name == "QueryRowContext") {
			out = append(out, fmt.Sprintf("line %d uses %s; its rows are not drained, and SQLite's journal then grows without end: use db.One or db.Value", f.set.Position(n.Pos()).Line, sel.Sel.Name))
		}
		return true
	})
	return out
}

// emptyPackages: a package is named by what it is for.
func emptyPackages(f *source) []string {
	if f.dir() == "area/service" { // service to people is what the room is about
		return nil
	}
	for _, name := range []string{f.ast.Name.Name, path.Base(f.dir())} {
		if emptyNames.MatchString(name) {
			return []string{"package " + name + " says nothing about what it is for, so everything lands in it: name it by its noun"}
		}
	}
	return nil
}

// tooLong: a file is one noun, and a reader holds it in mind.
func tooLong(f *source) []string {
	if f.generated || f.test || f.lines < longest {
		return nil
	}
	return []string{fmt.Sprintf("has %d lines; a file is one noun and shorter than %d: split it by noun", f.lines, longest)}
}

// unnamed: the map names every room, engine and base package.
func unnamed(files []*source, architecture string) (out []string) {
	if n := strings.Count(architecture, "\n"); n > longestMap {
		out = append(out, fmt.Sprintf("ARCHITECTURE.md: has %d lines; it is a map of at most %d, or nobody reads it", n, longestMap))
	}
	for _, f := range files {
		if fl := floor(f.name); fl != "area" && fl != "engine" && fl != "base" || f.dir() == fl {
			continue
		}
		name := path.Base(room(f.name))
		if !regexp.MustCompile(`(?m)(^|\s)` + regexp.QuoteMeta(name) + `/`).MatchString(architecture) {
			out = append(out, "ARCHITECTURE.md: does not name "+room(f.name)+"/; the map must show every room, engine and base package, with a line that says what it is for")
		}
	}
	return out
}

// notOurs are folders without code of ours.
var notOurs = []string{".git", "bin", "build", "data", "node_modules", "testdata"}

func readAll(t *testing.T) (files []*source) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && slices.Contains(notOurs, e.Name()):
			return filepath.SkipDir
		case e.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := parse(filepath.ToSlash(name), b)
		if err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestArchitecture(t *testing.T) {
	architecture, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	files := readAll(t)
	if len(files) < 20 {
		t.Fatalf("only %d files were found", len(files))
	}
	for _, complaint := range broken(files, string(architecture)) {
		t.Error(complaint)
	}
}

func TestEachRuleFires(t *testing.T) {
	const architecture = "area/\n  programme/  calls\n  people/  persons\nengine/\n  selection/  chooses\nbase/\n  db/  the database\n  web/ job/ shell\n"
	imports := func(pkg string, paths ...string) string {
		var b strings.Builder
		b.WriteString("package " + pkg + "\n")
		for _, p := range paths {
			fmt.Fprintf(&b, "import _ %q\n", p)
		}
		return b.String()
	}
	rows := []struct {
		about, file, content string
		want                 string // "" where no rule is broken
	}{
		{"a room uses base and an engine", "area/programme/call.go", imports("programme", "kommunpilot/base/db", "kommunpilot/engine/selection", "fmt"), ""},
		{"a room's inner package uses the room", "area/programme/inner/x.go", imports("inner", "kommunpilot/area/programme"), ""},
		{"cmd uses rooms", "cmd/kommunpilot/wire.go", imports("main", "kommunpilot/area/programme", "kommunpilot/area/people"), ""},
		{"a room uses another", "area/programme/call.go", imports("programme", "kommunpilot/area/people"), "rooms never import each other"},
		{"a room's test uses another", "area/programme/call_test.go", imports("programme", "kommunpilot/area/people"), "rooms never import each other"},
		{"base uses a room", "base/web/page.go", imports("web", "kommunpilot/area/people"), "only cmd imports rooms"},
		{"base uses an engine", "base/job/job.go", imports("job", "kommunpilot/engine/selection"), "base knows no engine"},
		{"bench uses a room", "bench/load/main.go", imports("main", "kommunpilot/area/people"), "only cmd imports rooms"},
		{"somebody uses cmd", "bench/load/main.go", imports("main", "kommunpilot/cmd/kommunpilot"), "nothing imports a program"},
		{"built files use code", "web/assets.go", imports("web", "kommunpilot/base/db"), "web holds built files"},

		{"an engine computes", "engine/selection/best.go", imports("selection", "math/big", "sort", "kommunpilot/engine/selection/model2", "gonum.org/v1/gonum/mat"), ""},
		{"an engine uses base", "engine/selection/best.go", imports("selection", "kommunpilot/base/fail"), "knows neither rooms nor base"},
		{"an engine reads files", "engine/selection/best.go", imports("selection", "os"), "pure packages only"},
		{"an engine uses the network", "engine/selection/best.go", imports("selection", "net/http"), "pure packages only"},
		{"an engine uses a library without reason", "engine/selection/best.go", imports("selection", "github.com/riverqueue/river"), "pure packages only"},
		{"an engine's test reads files", "engine/selection/best_test.go", imports("selection", "os"), ""},
		{"an engine asks the time", "engine/selection/best.go", "package selection\nimport \"time\"\nvar t = time.Now()\n", "line 3 uses time.Now"},
		{"an engine has a duration", "engine/selection/best.go", "package selection\nimport \"time\"\nvar t = 3 * time.Second\n", ""},
		{"an engine throws dice", "engine/selection/best.go", "package selection\nimport \"math/rand/v2\"\nvar n = rand.IntN(6)\n", "uses rand.IntN"},
		{"an engine throws renamed dice", "engine/selection/best.go", "package selection\nimport dice \"math/rand/v2\"\nvar n = dice.IntN(6)\n", "uses dice.IntN"},
		{"an engine throws seeded dice", "engine/selection/best.go", "package selection\nimport \"math/rand/v2\"\nvar n = rand.New(rand.NewPCG(1, 2)).IntN(6)\n", ""},

		{"a room talks to the driver", "area/people/session.go", imports("people", "github.com/jackc/pgx/v5"), "rooms reach the database through base/db"},
		{"a room has database/sql", "area/people/session.go", imports("people", "database/sql"), "rooms reach the database through base/db"},
		{"a raw query", "area/people/session.go", "package people\nfunc f(d interface{ QueryRow(string) error }) { _ = d.QueryRow(\"\") }\n", "line 2 uses QueryRow"},
		{"a raw query in base/db", "base/db/query.go", "package db\nfunc f(d interface{ QueryRow(string) error }) { _ = d.QueryRow(\"\") }\n", ""},

		{"an empty name", "base/web/helpers/x.go", "package x\n", "package helpers says nothing"},
		{"an empty package name", "base/web/inner/x.go", "package utils\n", "package utils says nothing"},
		{"a long file", "area/people/person.go", "package people\n" + strings.Repeat("\n", longest), "split it by noun"},
		{"a long generated file", "area/people/person_templ.go", "// Code generated by templ - DO NOT EDIT.\n\npackage people\n" + strings.Repeat("\n", longest), ""},
		{"a long test", "area/people/person_test.go", "package people\n" + strings.Repeat("\n", longest), ""},
		{"a room that the map does not name", "area/funding/claim.go", "package funding\n", "does not name area/funding/"},
		{"an engine that the map does not name", "engine/money/money.go", "package money\n", "does not name engine/money/"},
	}
	for _, row := range rows {
		t.Run(row.about, func(t *testing.T) {
			f, err := parse(row.file, []byte(row.content))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(broken([]*source{f}, architecture), "\n")
			if row.want == "" && got != "" || !strings.Contains(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
	t.Run("a long map", func(t *testing.T) {
		if got := broken(nil, strings.Repeat("\n", longestMap+1)); len(got) != 1 || !strings.Contains(got[0], "ARCHITECTURE.md") {
			t.Errorf("got %q", got)
		}
	})
}
