package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// fileFormat is the version of the .scenario format that is written and read.
const fileFormat = 1

// file is a .scenario file as it is written: TOML with Swedish keys
// (docs/scenario.md).
type file struct {
	Format      int            `toml:"format"`
	Title       string         `toml:"titel"`
	Question    string         `toml:"fråga"`
	Owner       string         `toml:"beställare"`
	Ref         string         `toml:"beställarens_beteckning"`
	OwnRef      string         `toml:"egen_beteckning"`
	Base        int            `toml:"basår"`
	Years       int            `toml:"år"`
	Show        int            `toml:"visat_år"`
	Assumptions map[string]any `toml:"antaganden"`
	Scenarios   []fileScenario `toml:"scenario"`
}

type fileScenario struct {
	ID    string     `toml:"id"`
	Name  string     `toml:"namn"`
	Steps []fileStep `toml:"steg"`
}

type fileStep struct {
	Kind       string   `toml:"typ"`
	Members    []string `toml:"kommuner"`
	From       int      `toml:"från"`
	Areas      []string `toml:"områden"`
	Rule       string   `toml:"skattesats"`
	Forced     bool     `toml:"tvingad"`
	Protection string   `toml:"skydd"`
	County     string   `toml:"län"`
	OneOff     float64  `toml:"engångskostnad_mkr"`
	Form       string   `toml:"form"`
	Host       string   `toml:"värd"`
	Performer  string   `toml:"utförare"`
	Payment    string   `toml:"betalning"`
	Key        string   `toml:"nyckel"`
	Fixed      float64  `toml:"fast_andel"`
}

// MaxFile is how long a .scenario file may be, bytes.
const MaxFile = 1 << 20

// Parse reads a .scenario file. Everything that is wrong is listed with its line;
// the plan is nil when there is an error. Cost O(size of the file).
func Parse(c *Country, data []byte) (*Plan, *Problems) {
	if len(data) > MaxFile {
		return nil, &Problems{List: []Problem{{What: "filen är större än 1 MB; ett scenario är några sidor text"}}}
	}
	text := string(quoteKeys(data))
	var f file
	meta, err := toml.Decode(text, &f)
	if err != nil {
		return nil, &Problems{List: []Problem{syntax(err)}}
	}
	lines := newLineFinder(text)
	out := &Problems{}
	for _, key := range meta.Undecoded() {
		if len(key) > 1 && key[0] == "antaganden" {
			continue
		}
		name := key[len(key)-1]
		out.List = append(out.List, Problem{Line: lines.anywhere(name), What: fmt.Sprintf("nyckeln %q finns inte. Menade du %s?", key.String(), nearest(name, fileKeys))})
	}
	if f.Format != fileFormat {
		out.List = append(out.List, Problem{Line: lines.of(-1, -1, "format"), What: fmt.Sprintf("format är %d; skriv format = %d", f.Format, fileFormat)})
	}
	p := f.plan(c)
	var wrong []Problem
	p.Assumptions.Set, wrong = overrides(f.Assumptions, lines)
	out.List = append(out.List, wrong...)
	k := &checker{c: c, p: p, out: out, line: lines.of}
	k.plan()
	for i := range p.Scenarios {
		k.scenario(i)
	}
	slices.SortStableFunc(out.List, func(a, b Problem) int { return a.Line - b.Line })
	if out.Err() != nil {
		return nil, out
	}
	return p, out
}

var fileKeys = []string{
	"format", "titel", "fråga", "beställare", "beställarens_beteckning", "egen_beteckning", "basår", "år", "visat_år", "antaganden", "scenario", "id", "namn", "steg",
	"typ", "kommuner", "från", "områden", "skattesats", "tvingad", "skydd", "län", "engångskostnad_mkr", "form", "värd", "utförare", "betalning", "nyckel", "fast_andel",
}

func syntax(err error) Problem {
	var p toml.ParseError
	if errors.As(err, &p) {
		return Problem{Line: p.Position.Line, What: "raden går inte att läsa: " + p.Message + ". Text skrivs inom citattecken, listor inom [ ]"}
	}
	return Problem{What: "filen går inte att läsa: " + err.Error()}
}

func (f *file) plan(c *Country) *Plan {
	p := &Plan{Title: f.Title, Question: f.Question, Owner: f.Owner, Ref: f.Ref, OwnRef: f.OwnRef, Base: f.Base, Years: f.Years, Show: f.Show}
	if p.Base == 0 {
		p.Base = c.Base
	}
	if p.Years == 0 {
		p.Years = 25
	}
	for _, s := range f.Scenarios {
		sc := Scenario{ID: s.ID, Name: s.Name}
		for _, st := range s.Steps {
			sc.Steps = append(sc.Steps, st.step(c))
		}
		p.Scenarios = append(p.Scenarios, sc)
	}
	return p
}

func (f *fileStep) step(c *Country) Step {
	code := func(text string) string {
		if got, ok := c.Lookup(text); ok {
			return got
		}
		return strings.TrimSpace(text)
	}
	st := Step{
		Kind: Kind(f.Kind), From: f.From, Areas: f.Areas, Rule: RateRule(f.Rule), Forced: f.Forced, Protection: Protection(f.Protection),
		County: f.County, OneOff: f.OneOff * 1e6, Form: Form(f.Form), Key: Key(f.Key), Fixed: f.Fixed,
	}
	for _, m := range f.Members {
		st.Members = append(st.Members, code(m))
	}
	if host := f.Host + f.Performer; host != "" {
		st.Host = RegionCode
		if !strings.EqualFold(host, RegionCode) && !strings.EqualFold(host, "regionen") {
			st.Host = code(host)
		}
	}
	switch st.Kind {
	case Merger:
		if st.Rule == "" {
			st.Rule = Required
		}
	case Asymmetric:
		st.Responsibility = f.Payment == "ansvar"
		if st.Form == "" {
			st.Form = Agreement
		}
		fallthrough
	case Cooperation:
		if st.Key == "" {
			st.Key = ByInhabitants
		}
	}
	return st
}

// overrides reads the table of assumptions: a number, or {värde = , spridning = }.
func overrides(in map[string]any, lines *lineFinder) (map[string]Override, []Problem) {
	var wrong []Problem
	out := map[string]Override{}
	asNumber := func(v any) (float64, bool) {
		switch x := v.(type) {
		case int64:
			return float64(x), true
		case float64:
			return x, true
		}
		return 0, false
	}
	keys := make([]string, 0, len(in))
	for k := range in {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if x, ok := asNumber(in[key]); ok {
			out[key] = Override{Value: x}
			continue
		}
		table, _ := in[key].(map[string]any)
		value, ok := asNumber(table["värde"])
		if !ok {
			wrong = append(wrong, Problem{Line: lines.anywhere(key), What: fmt.Sprintf("antagandet %s ska vara ett tal, eller { värde = 0.8, spridning = 0.1 }", key)})
			continue
		}
		o := Override{Value: value}
		if s, given := table["spridning"]; given {
			x, ok := asNumber(s)
			if !ok {
				wrong = append(wrong, Problem{Line: lines.anywhere(key), What: fmt.Sprintf("spridningen för %s är inget tal", key)})
				continue
			}
			o.Spread = &x
		}
		out[key] = o
	}
	return out, wrong
}

// plainKeys are keys as a keyboard without å, ä and ö writes them.
var plainKeys = map[string]string{
	"fraga": "fråga", "bestallare": "beställare", "bestallarens_beteckning": "beställarens_beteckning", "basar": "basår", "ar": "år", "visat_ar": "visat_år",
	"fran": "från", "omraden": "områden", "lan": "län", "engangskostnad_mkr": "engångskostnad_mkr", "vard": "värd", "utforare": "utförare",
}

// inTable quotes the keys of a short table within a line.
var inTable = strings.NewReplacer("värde =", `"värde" =`, "värde=", `"värde" =`)

// quoteKeys puts quotes about the keys with å, ä and ö at the start of a line,
// which TOML asks for and a person should not have to know.
func quoteKeys(data []byte) []byte {
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		trim := strings.TrimLeft(line, " \t")
		key, rest, ok := strings.Cut(trim, "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" || strings.ContainsAny(key, "\"'[#{ .") && !strings.HasPrefix(key, effectPrefix) {
			continue
		}
		if swedish, ok := plainKeys[key]; ok {
			key = swedish
		}
		if strings.Contains(rest, "{") {
			rest = inTable.Replace(rest)
		}
		lines[i] = line[:len(line)-len(trim)] + `"` + key + `" =` + rest
	}
	return []byte(strings.Join(lines, "\n"))
}

// lineFinder finds the line of a key by the table it stands in.
type lineFinder struct {
	lines []string
}

func newLineFinder(text string) *lineFinder { return &lineFinder{strings.Split(text, "\n")} }

// of gives the line of a key of a scenario and a step (-1: outside), or of the
// table's own head, or 0.
func (f *lineFinder) of(scenario, step int, key string) int {
	if scenario < 0 {
		return max(f.anywhere(key), 1)
	}
	s, n, head := -1, -1, 0
	for i, line := range f.lines {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "[[scenario.steg]]"):
			n++
		case strings.HasPrefix(line, "[[scenario]]"):
			s, n = s+1, -1
		case strings.HasPrefix(line, "["):
			continue
		default:
			if s == scenario && n == step && f.isKey(line, key) {
				return i + 1
			}
			continue
		}
		if s == scenario && n == step {
			head = i + 1
		}
	}
	return head
}

func (f *lineFinder) anywhere(key string) int {
	for i, line := range f.lines {
		if f.isKey(strings.TrimSpace(line), key) || strings.Trim(strings.TrimSpace(line), "[]") == key {
			return i + 1
		}
	}
	return 0
}

func (f *lineFinder) isKey(line, key string) bool {
	name, _, ok := strings.Cut(line, "=")
	return ok && strings.Trim(strings.TrimSpace(name), `"`) == key
}
