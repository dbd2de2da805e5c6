package scenario

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A plan written as a file is read as the same plan.
func TestPlanWrittenAndReadIsTheSame(t *testing.T) {
	p := example(t)
	spread := 0.02
	p.Assumptions.Set = map[string]Override{"effekt.administration": {Value: -0.1, Spread: &spread}, keyTFR: {Value: 1.6}}
	p.Title, p.Question = "Ett \"citat\"\noch en rad till", `snedstreck \ här`
	p.Scenarios[1].Steps[0].Key, p.Scenarios[1].Steps[0].Fixed = FixedAndUse, 0.4
	p.Scenarios[0].Steps[0].Forced, p.Scenarios[0].Steps[0].OneOff, p.Scenarios[0].Steps[0].Protection = true, 12.5e6, Norway
	got, problems := Parse(carried(t), p.File())
	if err := problems.Err(); err != nil {
		t.Fatalf("%v\n%s", err, p.File())
	}
	if !reflect.DeepEqual(got, p) {
		t.Errorf("wrote\n%+v\nread\n%+v", p, got)
	}
}

// Every kind of wrong plan gets its own sentence with its line.
func TestWrongPlansAreToldWithTheirLine(t *testing.T) {
	head := "format = 1\ntitel = \"x\"\n"
	step := func(lines ...string) string {
		return head + "[[scenario]]\nid = \"a\"\nnamn = \"A\"\n[[scenario.steg]]\n" + strings.Join(lines, "\n") + "\n"
	}
	merge := func(members string, more ...string) string {
		return step(append([]string{`typ = "sammanläggning"`, "kommuner = " + members, "från = 2027"}, more...)...)
	}
	coop := func(more ...string) string {
		return step(append([]string{`typ = "samverkan"`, `kommuner = ["Köping", "Arboga"]`, "från = 2027"}, more...)...)
	}
	for name, c := range map[string]struct {
		text string
		line int
		says string
	}{
		"not a file":         {"detta är inte\n", 1, "går inte att läsa"},
		"no format":          {"titel = \"x\"\n", 1, "skriv format = 1"},
		"unknown key":        {head + "titl = \"y\"\n", 3, "Menade du titel"},
		"no scenario":        {head, 1, "inget scenario"},
		"itself":             {merge(`["Köping", "Köping"]`), 8, "med sig själv"},
		"alone":              {merge(`["Köping"]`), 8, "minst 2"},
		"no such name":       {merge(`["Köpin", "Arboga"]`), 8, "Menade du Köping"},
		"no such code":       {merge(`["9999", "Arboga"]`), 8, "finns inte"},
		"before the data":    {step(`typ = "sammanläggning"`, `kommuner = ["Köping", "Arboga"]`, "från = 2015"), 9, "första år som kan räknas är 2020"},
		"after the end":      {step(`typ = "sammanläggning"`, `kommuner = ["Köping", "Arboga"]`, "från = 2100"), 9, "efter det sista året"},
		"a missing year":     {step(`typ = "sammanläggning"`, `kommuner = ["Köping", "Arboga"]`), 6, "startåret 0"},
		"no such kind":       {step(`typ = "delning"`, `kommuner = ["Köping", "Arboga"]`, "från = 2027"), 7, "finns inte; skriv sammanläggning"},
		"no such rate rule":  {merge(`["Köping", "Arboga"]`, `skattesats = "högst"`), 10, "finns inte"},
		"negative one-off":   {merge(`["Köping", "Arboga"]`, "engångskostnad_mkr = -1"), 10, "negativ"},
		"other county":       {merge(`["Köping", "Arboga"]`, `län = "25"`), 10, "ingen av kommunerna"},
		"base year":          {"basår = 2015\n" + merge(`["Köping", "Arboga"]`), 1, "finns inte i underlaget"},
		"years":              {"år = 100\n" + merge(`["Köping", "Arboga"]`), 1, "1 till 60"},
		"no areas":           {coop(`form = "kommunalförbund"`), 6, "vilka områden"},
		"no such area":       {coop(`form = "kommunalförbund"`, `områden = ["kultr"]`), 11, "Menade du kultur"},
		"no form":            {coop(`områden = ["kultur"]`), 6, "formen"},
		"board without host": {coop(`områden = ["kultur"]`, `form = "gemensam nämnd"`), 6, "9 kap. 20 §"},
		"host not a party":   {coop(`områden = ["kultur"]`, `form = "kommunalförbund"`, `värd = "Sala"`), 12, "inte en av parterna"},
		"fixed share":        {coop(`områden = ["kultur"]`, `form = "kommunalförbund"`, `nyckel = "fast och rörlig"`, "fast_andel = 2"), 13, "0 till 1"},
		"shift to nobody":    {step(`typ = "asymmetrisk"`, `kommuner = ["Köping", "Arboga"]`, "från = 2027", `områden = ["gymnasium"]`, `betalning = "ansvar"`), 6, "går till regionen"},
		"Gotland":            {step(`typ = "asymmetrisk"`, `kommuner = ["Gotland"]`, "från = 2027", `områden = ["gymnasium"]`, `utförare = "region"`, `betalning = "ansvar"`), 8, "ingen region"},
		"assumption":         {"[antaganden]\naterinvestring = 1\n", 2, "Menade du aterinvestering"},
		"assumption bounds":  {head + "[antaganden]\naterinvestering = 1.5\n", 4, "från 0 till 1"},
		"assumption text":    {head + "[antaganden]\naterinvestering = \"mycket\"\n", 4, "ska vara ett tal"},
		"bad id":             {head + "[[scenario]]\nid = \"Å\"\nnamn = \"A\"\n", 4, "små bokstäver"},
		"two alike":          {head + "[[scenario]]\nid = \"a\"\nnamn = \"A\"\n[[scenario]]\nid = \"a\"\nnamn = \"B\"\n", 7, "två scenarier"},
		"given twice":        {coop(`områden = ["kultur"]`, `form = "avtalssamverkan"`) + "[[scenario.steg]]\n" + `typ = "samverkan"` + "\n" + `kommuner = ["Köping", "Kungsör"]` + "\nfrån = 2028\n" + `områden = ["kultur"]` + "\n" + `form = "avtalssamverkan"` + "\n", 16, "lämnar redan kultur"},
	} {
		t.Run(name, func(t *testing.T) {
			p, problems := Parse(carried(t), []byte(c.text))
			if p != nil || problems.Err() == nil {
				t.Fatal("the plan was taken")
			}
			ok := slices.ContainsFunc(problems.List, func(x Problem) bool {
				return !x.Warning && strings.Contains(x.What, c.says) && (x.Line == c.line || c.line == 0)
			})
			if !ok {
				t.Errorf("nothing on line %d says %q:\n%v", c.line, c.says, problems)
			}
		})
	}
}

// What is allowed but should be known is a warning.
func TestWarningsOfAPlan(t *testing.T) {
	c := carried(t).copy()
	c.Neighbours = map[string][]string{"1983": {"1984"}, "1984": {"1983"}}
	for says, members := range map[string]string{"gränsar inte": `["Köping", "Kiruna"]`, "olika län": `["Köping", "Örebro"]`} {
		_, problems := Parse(c, []byte("format = 1\n[[scenario]]\nid = \"a\"\nnamn = \"A\"\n[[scenario.steg]]\ntyp = \"sammanläggning\"\nfrån = 2027\nkommuner = "+members+"\n"))
		if problems.Err() != nil || !strings.Contains(strings.Join(problems.Warnings(), "\n"), says) {
			t.Errorf("%s: %v", members, problems)
		}
	}
}

// A file of any bytes is answered, never a panic.
func TestAnyTextIsAnswered(t *testing.T) {
	c := carried(t)
	lines := strings.SplitAfter(Example, "\n")
	rapid.Check(t, func(t *rapid.T) {
		cut := slices.Clone(lines)
		for range rapid.IntRange(1, 4).Draw(t, "edits") {
			i := rapid.IntRange(0, len(cut)-1).Draw(t, "line")
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				cut = slices.Delete(cut, i, i+1)
			case 1:
				cut[i] = rapid.String().Draw(t, "text") + "\n"
			default:
				cut[i] += cut[i]
			}
		}
		if p, problems := Parse(c, []byte(strings.Join(cut, ""))); p == nil && problems.Err() == nil {
			t.Fatal("neither a plan nor a reason")
		}
	})
}
