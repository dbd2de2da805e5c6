package example_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kommunpilot/engine/example"
)

var start = time.Date(2023, 1, 9, 0, 0, 0, 0, time.UTC)

const wantHash = "f05c793410340a0f"

func script(t interface{ Fatal(...any) }, p example.Params) ([]byte, []example.Script) {
	var b bytes.Buffer
	var all []example.Script
	if err := example.Generate(p, func(s example.Script) error { all = append(all, s); return example.Write(&b, s) }); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), all
}

func anything(string) bool { return true }

// The same seed gives the same bytes, whatever the machine: the hash was taken
// from the first version of the generator and changes only with its stories.
func TestSameSeedSameBytesOtherSeedOtherBytes(t *testing.T) {
	p := example.Params{Programmes: 3, Years: 2, Seed: 1, Start: start}
	one, _ := script(t, p)
	two, _ := script(t, p)
	if !bytes.Equal(one, two) {
		t.Error("two runs with one seed differ")
	}
	sum := sha256.Sum256(one)
	if got := hex.EncodeToString(sum[:8]); got != wantHash {
		t.Errorf("the script has the hash %s, want %s: did a story change?", got, wantHash)
	}
	p.Seed = 2
	other, _ := script(t, p)
	if bytes.Equal(one, other) {
		t.Error("another seed gives the same bytes")
	}
	// Not only the addresses, which carry the seed, are others.
	if bytes.Equal(bytes.ReplaceAll(one, []byte("s1-p"), nil), bytes.ReplaceAll(other, []byte("s2-p"), nil)) {
		t.Error("another seed gives the same story")
	}
}

// For any parameters: a script is read without problems, as it was written; it
// stands in the order of time; a longer script begins with the shorter; and
// nobody has an address at which a letter could arrive.
func TestAnyScriptIsWholeAndReadsBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := example.Params{Programmes: rapid.IntRange(1, 2).Draw(t, "programmes"), Years: rapid.IntRange(1, 5).Draw(t, "years"), Seed: rapid.Uint64().Draw(t, "seed"), Start: start.AddDate(0, 0, rapid.IntRange(0, 3000).Draw(t, "day"))}
		text, all := script(t, p)
		back, problems := example.Read(bytes.NewReader(text), anything)
		if len(problems) > 0 {
			t.Fatal(problems[0])
		}
		n := 0
		for i := range back {
			for j := range back[i].Lines {
				if n++; back[i].Lines[j].Number != n {
					t.Fatalf("line %d is numbered %d", n, back[i].Lines[j].Number)
				}
				back[i].Lines[j].Number = 0
				normal(&back[i].Lines[j])
				normal(&all[i].Lines[j])
				for _, v := range back[i].Lines[j].Fields["email"] {
					if !strings.HasSuffix(v, ".example") {
						t.Fatalf("address %q", v)
					}
				}
			}
		}
		if !reflect.DeepEqual(back, all) {
			t.Fatal("what is read is not what was written")
		}
		p.Programmes++
		if longer, _ := script(t, p); !bytes.HasPrefix(longer, text) {
			t.Fatal("a longer script does not begin with the shorter")
		}
	})
}

// normal drops what JSON does not tell apart.
func normal(l *example.Line) {
	l.At = l.At.UTC()
	if len(l.Fields) == 0 {
		l.Fields = nil
	}
}

// Whatever the bytes, reading ends with scripts or with problems.
func TestReadNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.SampledFrom([]string{"{", "}", `"at":"2026-01-01T00:00:00Z"`, `"who":"system"`, `"act":"begin"`, `"fields":{"name":"@x"}`, ",", "\n", "[", "\x00", `"as":"x"`})).Draw(t, "text")
		scripts, problems := example.Read(strings.NewReader(strings.Join(text, "")), anything)
		if len(scripts) == 0 && len(problems) == 0 {
			t.Fatal("neither scripts nor problems")
		}
	})
}

func TestBadLinesAreNamedByNumber(t *testing.T) {
	const begin = `{"at":"2026-01-01T08:00:00Z","who":"system","act":"begin","fields":{"name":"Ett program"}}` + "\n"
	const who = `{"at":"2026-01-01T08:00:00Z","who":"system","act":"person","as":"ledare","fields":{"name":"Ledare"}}` + "\n"
	for _, x := range []struct{ name, text, want string }{
		{"empty", "", "line 1: the file is empty"},
		{"no beginning", who, `line 1: the first act of a programme must be "begin", not "person"`},
		{"no JSON", begin + "hej\n", "line 2: this is not an act"},
		{"unknown key", begin + `{"att":"2026-01-01T08:00:00Z"}`, `line 2: this is not an act: unknown field "att"`},
		{"a number", begin + `{"at":"2026-01-01T08:00:00Z","who":"system","act":"log.add","fields":{"what":7}}`, "line 2: this is not an act: a field is a text or a list of texts"},
		{"two acts", begin + strings.TrimSpace(who) + who, "line 2: there is more than one act on the line"},
		{"no time", begin + `{"who":"system","act":"log.add"}`, `line 2: "at" is missing`},
		{"bad time", begin + `{"at":"igår","who":"system","act":"log.add"}`, "line 2: this is not an act"},
		{"backwards", begin + who + `{"at":"2025-12-31T08:00:00Z","who":"system","act":"log.add"}`, "line 3: the act is at 2025-12-31T08:00:00Z, before the act above it (2026-01-01T08:00:00Z)"},
		{"nobody", begin + `{"at":"2026-01-01T08:00:00Z","who":"ledare","act":"log.add"}`, `line 2: no earlier line makes the person "ledare"`},
		{"on nothing", begin + `{"at":"2026-01-01T08:00:00Z","who":"system","act":"risk.move","on":"risk1"}`, `line 2: no earlier line makes "risk1"`},
		{"refers to nothing", begin + `{"at":"2026-01-01T08:00:00Z","who":"system","act":"log.add","fields":{"about":"change:@c1"}}`, `line 2: the field about refers to "c1", which no earlier line makes`},
		{"a field of nothing", begin + `{"at":"2026-01-01T08:00:00Z","who":"system","act":"log.add","fields":{"answer-@q1":"ja"}}`, `line 2: the field answer-@q1 refers to "q1"`},
		{"a name twice", begin + who + who, `line 3: the name "ledare" is taken`},
		{"unknown act", begin + `{"at":"2026-01-01T08:00:00Z","who":"system","act":"risk.delete"}`, `line 2: there is no act "risk.delete"`},
		{"too long", begin + `{"at":"` + strings.Repeat("x", example.LongestLine) + `"}`, "line 2: the line is longer than"},
		{"names end with the programme", begin + who + begin + `{"at":"2026-01-01T08:00:00Z","who":"ledare","act":"log.add"}`, `line 4: no earlier line makes the person "ledare"`},
	} {
		_, problems := example.Read(strings.NewReader(x.text), func(act string) bool { return act != "risk.delete" })
		if len(problems) == 0 || !strings.Contains(problems[0].String(), x.want) {
			t.Errorf("%s: %v, want %q", x.name, problems, x.want)
		}
	}
	if _, problems := example.Read(strings.NewReader(begin+"a\n\nb\n"), anything); fmt.Sprint(len(problems), problems[len(problems)-1].Line) != "2 4" {
		t.Errorf("all problems are told: %v", problems)
	}
}

func TestParametersOutsideTheirBounds(t *testing.T) {
	for _, p := range []example.Params{{Programmes: 0, Years: 2, Start: start}, {Programmes: 10_001, Years: 2, Start: start}, {Programmes: 1, Years: 0, Start: start}, {Programmes: 1, Years: 6, Start: start}, {Programmes: 1, Years: 2}} {
		if err := example.Generate(p, func(example.Script) error { return nil }); err == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
}

func BenchmarkGenerate50ProgrammesOf2Years(b *testing.B) {
	for b.Loop() {
		script(b, example.Params{Programmes: 50, Years: 2, Seed: 1, Start: start})
	}
}
