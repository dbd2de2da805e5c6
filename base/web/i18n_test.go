package web

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
)

var (
	// literal is a Go string of one line, in either kind of quotes.
	literal = "(\"(?:[^\"\\\\\n]|\\\\.)*\"|`[^`]*`)"
	callOfT = regexp.MustCompile(`\bT\((?:ctx|r\.Context\(\)|[a-zA-Z.]*[cC]tx), ` + literal)
	callOfN = regexp.MustCompile(`\bN\((?:ctx|r\.Context\(\)|[a-zA-Z.]*[cC]tx), [^"\n]*?, ` + literal + `, ` + literal)
	// Sentences of errors are translated where they are shown.
	// A sheet's texts and those of its columns and moves pass through T when shown.
	sheetText = regexp.MustCompile(`\b(?:Title|Lead|NoneYet|New|Head|Label|Hint|Text): ` + literal)
	message   = regexp.MustCompile(`(?:fail\.New\(fail\.\w+, |fail\.Field\{"[^"]*", |\bMessage: )` + literal + `[,)}\n]`)
)

// texts lists the Swedish texts in the sources under root: text to file.
func texts(t *testing.T, root string, patterns ...*regexp.Regexp) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n == "node_modules" || n == ".git" || n == "webtest" || n == "build" {
				return filepath.SkipDir
			}
			return nil
		}
		if (!strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".templ")) || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		for _, p := range patterns {
			for _, m := range p.FindAllStringSubmatch(string(b), -1) {
				for _, quoted := range m[1:] {
					text, err := strconv.Unquote(quoted)
					if err != nil {
						t.Errorf("%s: %s: %v", rel, quoted, err)
					}
					found[text] = rel
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// translations reads every file of English: Swedish to English.
func translations(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob("lang/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		texts := map[string]string{}
		if _, err := toml.DecodeFile(f, &texts); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for sv, en := range texts {
			all[sv] = en
		}
	}
	return all
}

// Every text on a page has English.
func TestEveryTextHasEnglish(t *testing.T) {
	report(t, texts(t, "../..", callOfT, callOfN), t.Errorf)
}

// Every text of a sheet has English, in the rooms that have sheets.
func TestEverySheetHasEnglish(t *testing.T) {
	for _, room := range []string{"room", "goal", "meeting", "record", "outreach"} {
		report(t, texts(t, "../../area/"+room, sheetText), t.Errorf)
	}
}

// Every sentence that an error can show has English.
func TestEveryErrorHasEnglish(t *testing.T) {
	report(t, texts(t, "../..", message), t.Errorf)
}

// report lists what has no English, as lines ready for a lang file.
func report(t *testing.T, texts map[string]string, complain func(string, ...any)) {
	t.Helper()
	english := translations(t)
	byFile := map[string][]string{}
	for sv, file := range texts {
		if english[sv] == "" && strings.ContainsAny(sv, "abcdefghijklmnopqrstuvwxyzåäö") {
			byFile[file] = append(byFile[file], strconv.Quote(sv)+` = ""`)
		}
	}
	for file, lines := range byFile {
		sort.Strings(lines)
		complain("%s has texts without English; add to base/web/lang/en.<room>.toml:\n%s", file, strings.Join(lines, "\n"))
	}
}

var verb = regexp.MustCompile(`%[-+# 0-9.\[\]]*[a-zA-Z]`)

// A translation takes the same values, in the same order, as its original.
func TestEnglishTakesTheSameValues(t *testing.T) {
	for sv, en := range translations(t) {
		if a, b := verb.FindAllString(sv, -1), verb.FindAllString(en, -1); strings.Join(a, " ") != strings.Join(b, " ") && !strings.Contains(en, "%[") {
			t.Errorf("%q takes %v, its English %q takes %v", sv, a, en, b)
		}
	}
}

func TestTextsFollowTheLanguage(t *testing.T) {
	sv, en := context.Background(), WithLang(context.Background(), "en")
	for _, row := range []struct{ got, want string }{
		{T(sv, "Logga in"), "Logga in"}, {T(en, "Logga in"), "Sign in"},
		{T(en, "Det här finns inte på engelska"), "Det här finns inte på engelska"},
		{T(en, "Högst %d tecken.", 20), "At most 20 characters."},
		{T(sv, "100 %"), "100 %"},
		{T(WithLang(sv, "<b>"), "Logga in"), "Logga in"},
		{N(sv, 1, "En kommun", "%d kommuner"), "En kommun"}, {N(sv, 3, "En kommun", "%d kommuner"), "3 kommuner"},
		{Number(sv, 1234.5, 1), "1\u00a0234,5"}, {Number(en, 1234.5, 1), "1,234.5"}, {Number(sv, -1234567, 0), "−1\u00a0234\u00a0567"}, {Number(sv, 12, 0), "12"},
		{Date(sv, time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)), "1 januari 2027"}, {Date(en, time.Date(2026, 7, 1, 9, 5, 0, 0, time.UTC)), "1 July 2026"},
		{DateTime(sv, time.Date(2026, 7, 1, 9, 5, 0, 0, time.UTC)), "1 juli 2026 klockan 11.05"}, {Date(sv, time.Time{}), ""},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
}
