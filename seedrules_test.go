package kommunpilot_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// concerned are the seed rules that the parts which are built must carry: call
// and selection, and of the project room those that it keeps.
var concerned = []string{
	"000-01", "000-02", "000-03", "000-04", "000-06", "000-10", "000-12", "000-15", "000-16", "000-17", "000-22",
	"001-01", "001-02", "001-03", "001-06", "001-07", "001-09", "001-16", "001-18", "001-19", "001-20",
	"000-08", "000-11", "000-13", "000-14", "001-11", "001-14", "003-01", "003-08", "003-09", "003-12", "003-14", "003-16", "003-31", "003-40", "003-42", "003-43", "003-46", "003-47", "003-48", "003-59", "003-61", "003-62", "003-63", "003-64", "003-66", "003-72",
	"000-09", "000-18", "001-04", "001-12", "001-13", "003-03", "003-13", "003-15", "003-26", "003-33", "003-39", "003-41", "003-45", "003-55", "003-60", "003-65", "003-67", "003-69",
	"004-21", "004-22", "004-23",
	"000-05", "001-05", "001-08", "001-15", "001-17", "003-05", "003-11", "003-44", "003-68", "003-70", "003-90", "004-16", "004-17", "004-25",
	"000-24", "002-03", "002-04", "002-05", "002-06", "002-07", "002-08",
	"004-01", "004-04", "004-05", "004-06", "004-07", "004-08", "004-09", "004-12", "004-14", "004-15", "004-20",
}

var (
	testName = regexp.MustCompile(`(?m)^func (Test\w*)\(`)
	// An id in a test's name: TestSeed_004_08_..., or several: TestSeed_001_09_and_004_05_...
	idInName = regexp.MustCompile(`(00[0-4])_(\d{2})`)
	tableRow = regexp.MustCompile(`^\| (00[0-4]-\d{2}) \|`)
)

// seedTests finds the tests that carry a rule's id in their name.
func seedTests(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range testName.FindAllStringSubmatch(string(b), -1) {
			if !strings.HasPrefix(m[1], "TestSeed_") {
				continue
			}
			for _, id := range idInName.FindAllStringSubmatch(m[1], -1) {
				key := id[1] + "-" + id[2]
				name := fmt.Sprintf("`%s` %s", filepath.ToSlash(filepath.Dir(path)), m[1])
				if !slices.Contains(found[key], name) {
					found[key] = append(found[key], name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, names := range found {
		sort.Strings(names)
	}
	return found
}

// TestSeedRulesAreListedAndTested holds docs/seed-rules.md against the tests.
// Run with UPDATE_SEED_RULES=1 to write the column of tests anew.
func TestSeedRulesAreListedAndTested(t *testing.T) {
	const file = "docs/seed-rules.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tests := seedTests(t)
	lines := strings.Split(string(b), "\n")
	listed := map[string]bool{}
	for i, line := range lines {
		m := tableRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		id := m[1]
		listed[id] = true
		if len(tests[id]) == 0 {
			t.Errorf("%s: no test carries %s in its name", file, id)
		}
		cells := strings.Split(line, " | ")
		cells[len(cells)-1] = strings.Join(tests[id], ", ") + " |"
		if want := strings.Join(cells, " | "); want != line {
			lines[i] = want
			if os.Getenv("UPDATE_SEED_RULES") == "" {
				t.Errorf("%s: the tests of %s are out of date; run UPDATE_SEED_RULES=1 go test -run SeedRules .", file, id)
			}
		}
	}
	for _, id := range concerned {
		if !listed[id] {
			t.Errorf("%s does not list %s", file, id)
		}
	}
	if os.Getenv("UPDATE_SEED_RULES") != "" {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
