package interest

import (
	"strings"
	"testing"
	"testing/quick"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
)

// fieldsOf lists the fields with errors.
func fieldsOf(err error) map[string]bool {
	out := map[string]bool{}
	if err != nil {
		for _, f := range fail.As(err).Fields {
			out[f.Name] = true
		}
	}
	return out
}

func TestSeed_004_08_StatesOfAnApplication(t *testing.T) {
	allowed := map[[2]State]bool{
		{Draft, Submitted}: true, {Submitted, Completing}: true, {Completing, Submitted}: true, {Submitted, Eligible}: true, {Submitted, Ineligible}: true,
		{Eligible, Assessed}: true, {Assessed, Selected}: true, {Assessed, Reserve}: true, {Assessed, NotSelected}: true, {Reserve, Selected}: true, {Selected, Confirmed}: true,
	}
	for _, from := range States {
		for _, to := range States {
			want := allowed[[2]State{from, to}] || to == Withdrawn && from != Withdrawn
			if got := CanMove(from, to, "därför") == nil; got != want {
				t.Errorf("%s -> %s: %v, want %v", from, to, got, want)
			}
		}
		if from != Withdrawn && !fieldsOf(CanMove(from, Withdrawn, "  "))["motive"] {
			t.Errorf("%s was withdrawn without a motive", from)
		}
	}
}

func TestOutcomeOfSeveralKindsIsTheBest(t *testing.T) {
	for _, row := range []struct {
		kinds []ChosenKind
		want  State
		done  bool
	}{
		{[]ChosenKind{{Outcome: NotSelected}, {Outcome: Selected}}, Selected, true},
		{[]ChosenKind{{Outcome: NotSelected}, {Outcome: Reserve}}, Reserve, true},
		{[]ChosenKind{{Outcome: NotSelected}}, NotSelected, true},
		{[]ChosenKind{{Outcome: Selected}, {}}, "", false},
		{nil, "", false},
	} {
		if got, done := togetherOutcome(row.kinds); got != row.want || done != row.done {
			t.Errorf("%v: %s %v", row.kinds, got, done)
		}
	}
}

func TestSharesOfABudgetInWholeOre(t *testing.T) {
	rule := BudgetRule{Asked: true, GrantMax: 6000, OwnMin: 4000, Source: "004-10"}
	budget := func(total, grant, own int64) Budget {
		return Budget{Costs: []Cost{{"Lön", total - 1}, {"Resor", 1}}, Grant: grant, Own: own}
	}
	for _, row := range []struct {
		total, grant, own int64
		wrong             int
	}{
		{10001, 6000, 4001, 0}, // 100.01 kr: at most 60.00, at least 40.01
		{10001, 6001, 4000, 2}, // one öre more: both shares are wrong
		{10001, 5999, 4002, 0},
		{10000, 6000, 4000, 0},
		{10000, 6001, 3999, 2},
		{10000, 6000, 3999, 2}, // an öre is missing
		{10000, 6000, 4001, 1}, // an öre too many
		{10000, 0, 10000, 0},
		{maxOre, maxOre / 10 * 6, maxOre / 10 * 4, 0}, // no overflow
		{maxOre, maxOre/10*6 + 1, maxOre/10*4 - 1, 2},
	} {
		b := budget(row.total, row.grant, row.own)
		if b.Total() != row.total {
			t.Fatalf("total %d", b.Total())
		}
		if got := b.findings(rule); len(got) != row.wrong {
			t.Errorf("%d = %d + %d: %v", row.total, row.grant, row.own, got)
		}
	}
	if f := (Budget{}).findings(rule); len(f) != 1 || f[0].Force != Must {
		t.Errorf("an empty budget: %v", f)
	}
	rule.Force = Aim
	if f := budget(10000, 6001, 3999).findings(rule); f[0].Force != Aim {
		t.Errorf("an aim only warns: %v", f)
	}
}

// With the sum condition the two inequalities say the same.
func TestSharesAreEquivalentWhenTheyAddUp(t *testing.T) {
	same := func(total, grant uint32) bool {
		b := Budget{Costs: []Cost{{"x", int64(total) + 1}}, Grant: int64(grant) % (int64(total) + 2)}
		b.Own = b.Total() - b.Grant
		return len(b.findings(BudgetRule{GrantMax: 6000})) == len(b.findings(BudgetRule{OwnMin: 4000}))
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 20000}); err != nil {
		t.Error(err)
	}
}

func TestKronorAreReadAsPeopleWriteThem(t *testing.T) {
	for s, want := range map[string]int64{"": 0, "100": 10000, "1 234,50": 123450, "1234.5": 123450, "1\u00a0000 kr": 100000, "0,01": 1} {
		if got, err := ParseKronor(s); err != nil || got != want {
			t.Errorf("%q: %d %v", s, got, err)
		}
	}
	for _, s := range []string{"-1", "1,234", "abc", "1e9", "99999999999999", ",5", "1,2,3", "١"} {
		if got, err := ParseKronor(s); err == nil {
			t.Errorf("%q was read as %d", s, got)
		}
	}
	for _, ore := range []int64{0, 1, 99, 100, 123456789, maxOre} {
		if got, err := ParseKronor(Kronor(ore)); err != nil || got != ore {
			t.Errorf("%d was written %q and read %d %v", ore, Kronor(ore), got, err)
		}
	}
}

// member makes a confirmed member of a municipality of the register.
func member(code string) Applicant {
	k, ok := kommun.Default().ByCode(code)
	if !ok {
		panic("no municipality " + code)
	}
	return Applicant{Org: 10, Kind: "kommun", Name: k.Name, Code: code, Kommun: code, County: k.County, MainGroup: k.MainGroup, SubGroup: k.SubGroup, State: Joined}
}

func TestSeed_001_07_ParticipantsPerBodyWarnAndNeverStop(t *testing.T) {
	const ksau, ledning = "Kommunstyrelsens arbetsutskott", "Förvaltningsledningen"
	m := matter{Application: Application{Kinds: []ChosenKind{{ID: "w"}}, Applicants: []Applicant{member("1983"), member("1984")},
		Form: Form{Kinds: []Kind{{ID: "w", Name: "Workshop", Count: "persons", Bodies: []Body{{ksau, 2, 4, Aim}, {ledning, 2, 4, Aim}}}}}}}
	people := func(k string, politicians, officials int) (out Participants) {
		for range politicians {
			out = append(out, Participant{Kind: "w", Kommun: k, Role: Politician, Body: ksau})
		}
		for range officials {
			out = append(out, Participant{Kind: "w", Kommun: k, Role: Official, Body: ledning})
		}
		return out
	}
	for _, row := range []struct{ p, o, warnings int }{{2, 2, 0}, {4, 4, 0}, {1, 2, 1}, {5, 4, 1}, {1, 5, 2}, {2, 1, 1}, {4, 0, 1}} {
		m.Sections.Participants = append(people("1983", row.p, row.o), people("1984", 3, 3)...)
		f := m.Sections.Participants.findings(m)
		if len(stops(f)) != 0 || len(warns(f)) != row.warnings {
			t.Errorf("%d and %d: stops %v, warns %v, want %d warnings", row.p, row.o, stops(f), warns(f), row.warnings)
		}
	}
	m.Sections.Participants = people("1983", 3, 3) // none of the other municipality
	if f := warns(m.Sections.Participants.findings(m)); len(f) != 2 {
		t.Errorf("the bodies of each municipality are counted apart: %v", f)
	}
}

func TestSeed_000_06_and_000_10_OfficialsAndPoliticians(t *testing.T) {
	kind := Kind{ID: "s", Name: "Styrgrupp", Count: "persons", Mixed: true, MixForce: Must}
	m := matter{Application: Application{Kinds: []ChosenKind{{ID: "s"}}, Applicants: []Applicant{member("0180")}, Form: Form{Kinds: []Kind{kind}}}}
	official, politician := Participant{Kind: "s", Kommun: "0180", Role: Official}, Participant{Kind: "s", Kommun: "0180", Role: Politician}
	m.Sections.Participants = Participants{official}
	if f := m.Sections.Participants.findings(m); len(stops(f)) != 1 {
		t.Errorf("only officials passed a must: %v", f)
	}
	m.Form.Kinds[0].MixForce = ""
	if f := m.Sections.Participants.findings(m); len(stops(f)) != 0 || len(warns(f)) != 1 {
		t.Errorf("where the group as a whole is to be mixed, one application warns: %v", f)
	}
	m.Sections.Participants = Participants{official, politician}
	if f := m.Sections.Participants.findings(m); len(f) != 0 {
		t.Errorf("both, yet %v", f)
	}
	if err := (Participants{{Kind: "s", Kommun: "0180", Role: "konsult"}}).check(m); !fieldsOf(err)["role-s-0"] {
		t.Errorf("neither official nor politician: %v", err)
	}
	// The group as a whole is held to it, whatever each application has.
	one, two := m.Application, m.Application
	one.Sections.Participants, two.Sections.Participants = Participants{official}, Participants{politician}
	if c := count([]Kind{kind}, []Application{one, one})[0]; c.Mixed {
		t.Error("only officials make no mixed group")
	} else if text, _ := c.problem(); text == "" {
		t.Error("the owner is not told that politicians are missing")
	}
	if c := count([]Kind{kind}, []Application{one, two})[0]; !c.Mixed || c.Persons != 2 {
		t.Errorf("%+v", c)
	}
}

func TestSeed_001_06_TheMunicipalityDecidesWhoTakesPart(t *testing.T) {
	m := matter{Application: Application{Kinds: []ChosenKind{{ID: "w"}}, Applicants: []Applicant{member("1983")}, Form: Form{Kinds: []Kind{{ID: "w", Name: "Workshop", Count: "persons"}}}}}
	if f := m.Sections.Participants.findings(m); len(stops(f)) != 0 {
		t.Errorf("nobody named yet, and it stops: %v", f)
	}
	anybody := Participants{{Kind: "w", Kommun: "1983", Role: Official, Title: "Ännu inte utsedd"}}
	if err := anybody.check(m); err != nil {
		t.Errorf("a seat without a name: %v", err)
	}
}

func TestSeed_000_03_and_000_04_EligibilityQuotesTheRuleThatFailed(t *testing.T) {
	m := matter{of: Call{Members: []string{"0180", "1480"}, Budget: BudgetRule{Asked: true, GrantMax: 6000, OwnMin: 4000}}}
	m.Form.Requirements = []Requirement{{ID: "r", Text: "Deltar i lärande.", AtApplication: true}}
	m.Applicants = []Applicant{member("0180")}
	m.SignedBy, m.SignedName = 1, "Företrädare"
	m.Sections.Commitments = Commitments{"r": {Yes: true}}
	outside := m
	outside.Applicants = []Applicant{member("0180"), member("2418")} // one of the two is no member
	unsigned := m
	unsigned.SignedBy = 0
	unwilling := m
	unwilling.Sections.Commitments = nil
	for _, row := range []struct {
		name        string
		test, param string
		m           matter
		want        bool
		why         string
	}{
		{"member of the fund", "member", "", m, true, ""},
		{"one of two is no member", "member", "", outside, false, "Malå"},
		{"list in the rule", "member", "2418 0180", outside, true, ""},
		{"county", "county", "01", m, true, ""},
		{"county", "county", "01, 03", outside, false, "län 24"},
		{"main group", "main_group", "A", m, true, ""},
		{"main group", "main_group", "B C", m, false, "huvudgrupp A"},
		{"sub-group", "sub_group", "A1", m, true, ""},
		{"small enough", "population_max", "10 000", outside, false, "Stockholm"},
		{"large enough", "population_min", "1000", outside, true, ""},
		{"kind", "org_kind", "kommun", m, true, ""},
		{"kind", "org_kind", "kommundelsnamnd", m, false, "kommun"},
		{"signed", "signed", "", m, true, "Företrädare"},
		{"unsigned", "signed", "", unsigned, false, "inte undertecknad"},
		{"requirements", "statement", "", m, true, ""},
		{"requirements", "statement", "", unwilling, false, "Deltar i lärande."},
		{"attachment", "attachment", "", m, false, "0 bilagor"},
		{"alone", "applicants_max", "1", m, true, ""},
		{"too many", "applicants_max", "1", outside, false, "2 kommuner"},
		{"too few", "applicants_min", "2", m, false, "1 kommuner"},
		{"budget", "budget", "", m, false, "kostar"},
	} {
		row.m.of.Eligibility = []Rule{{ID: "x", Text: "Regeln", Source: "000-03", Test: row.test, Param: row.param}}
		got := row.m.run(kommun.Default(), nil)[0]
		if got.Passed != row.want || !strings.Contains(got.Why, row.why) || got.Why == "" {
			t.Errorf("%s (%s %s): %v %q", row.name, row.test, row.param, got.Passed, got.Why)
		}
		if got.Rule.Source != "000-03" || got.Rule.Force != Must {
			t.Errorf("%s: the rule is not quoted: %+v", row.name, got.Rule)
		}
	}
}

func TestAPersonJudgesWhatNoRuleCan(t *testing.T) {
	m := matter{of: Call{Eligibility: []Rule{{ID: "p", Text: "Avtalet är giltigt.", Test: "officer"}, {ID: "f", Text: "Bakgrund", Force: Fact}}}}
	got := m.run(kommun.Default(), nil)
	if len(got) != 1 || !got[0].Asked {
		t.Fatalf("%+v", got)
	}
	if !fieldsOf(canDecide(got, true, "Motiv"))["rule-p"] {
		t.Error("decided without judging")
	}
	if err := canDecide(m.run(kommun.Default(), map[string]string{"p": "ja"}), true, "Motiv"); err != nil {
		t.Error(err)
	}
}

func TestMustCannotBeDecidedAwayButAnAimCan(t *testing.T) {
	must, aim := RuleResult{Rule: Rule{ID: "m", Force: Must}}, RuleResult{Rule: Rule{ID: "a", Force: Aim}}
	for _, row := range []struct {
		name     string
		results  []RuleResult
		eligible bool
		motive   string
		field    string
	}{
		{"must fails, yet eligible", []RuleResult{must}, true, "Vi vill", "eligible"},
		{"must fails, not eligible", []RuleResult{must}, false, "Regeln brister", ""},
		{"aim fails, with a motive", []RuleResult{aim}, true, "Skäl finns", ""},
		{"aim fails, no motive", []RuleResult{aim}, true, " ", "motive"},
		{"no motive", nil, false, "", "motive"},
		{"long motive", nil, true, strings.Repeat("å", maxMotive+1), "motive"},
	} {
		fields := fieldsOf(canDecide(row.results, row.eligible, row.motive))
		if row.field == "" && len(fields) > 0 || row.field != "" && !fields[row.field] {
			t.Errorf("%s: %v", row.name, fields)
		}
	}
}

func TestCallAcceptsFromOpeningUntilClosing(t *testing.T) {
	open, closes := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	c := Call{Published: true, Opens: open, Closes: closes}
	for _, row := range []struct {
		now  time.Time
		edit func(*Call)
		want bool
	}{
		{open, nil, true}, {open.Add(-time.Microsecond), nil, false}, {closes.Add(-time.Microsecond), nil, true}, {closes, nil, false},
		{open, func(c *Call) { c.Cancelled = true }, false}, {open, func(c *Call) { c.Published = false }, false},
	} {
		x := c
		if row.edit != nil {
			row.edit(&x)
		}
		if got := x.Accepts(row.now) == nil; got != row.want {
			t.Errorf("%s %+v: %v", row.now, x, got)
		}
	}
}

func TestCompletionIsCheckedAndRemindedOf(t *testing.T) {
	c := Completion{Text: "Bifoga kartan", Sections: []string{"bilagor"}, Deadline: "2026-04-09", State: completionOpen}
	if err := c.check("2026-03-20"); err != nil {
		t.Error(err)
	}
	for name, edit := range map[string]func(*Completion){
		"text": func(c *Completion) { c.Text = " " }, "sections": func(c *Completion) { c.Sections = nil }, "deadline": func(c *Completion) { c.Deadline = "2026-03-20" },
	} {
		x := c
		edit(&x)
		if !fieldsOf(x.check("2026-03-20"))[name] {
			t.Errorf("%s passed", name)
		}
	}
	c.Deadline = "2026-08-01"
	if !fieldsOf(c.check("2026-03-20"))["deadline"] {
		t.Error("four months are too long")
	}
	c.Deadline = "2026-04-09" // Easter ends on Monday the 6th: two workdays before is Tuesday the 7th
	if c.remind("2026-04-06") || !c.remind("2026-04-07") || c.remind("2026-04-10") {
		t.Error("reminded on the wrong day")
	}
}

// dateOf makes a day of a literal.
func dateOf(s string) calendar.Date { return calendar.Date(s) }

func TestStatesOfAParticipation(t *testing.T) {
	for _, row := range []struct {
		from, to ParticipationState
		motive   string
		ok       bool
	}{
		{Agreed, Running, "", true}, {Running, Over, "", true}, {Running, Broken, "", false}, {Running, Broken, "Resurserna tog slut", true},
		{Agreed, Replaced, "En annan tar över", true}, {Over, Running, "x", false}, {Broken, Running, "x", false}, {Agreed, Over, "x", false},
	} {
		if got := canMoveParticipation(row.from, row.to, row.motive) == nil; got != row.ok {
			t.Errorf("%s -> %s %q: %v", row.from, row.to, row.motive, got)
		}
	}
	p := Participation{State: Agreed, From: "2026-05-01", To: "2026-06-30"}
	for day, want := range map[string]ParticipationState{"2026-04-30": Agreed, "2026-05-01": Running} {
		if got := p.next(dateOf(day)); got != want {
			t.Errorf("%s: %s", day, got)
		}
	}
	p.State = Running
	if p.next("2026-06-30") != Running || p.next("2026-07-01") != Over {
		t.Error("the last day is part of the period")
	}
}

func TestFileNamesAreMadeHarmless(t *testing.T) {
	for in, want := range map[string]string{
		`C:\dokument\karta.pdf`: "karta.pdf", "../../etc/passwd": "passwd", "": "fil", "..": "fil", "a\x00b\r\nc.pdf": "abc.pdf", `"><script>.pdf`: "script.pdf",
		"Översiktsplan för Åre.pdf": "Översiktsplan för Åre.pdf", "rtl\u202Efdp.exe": "rtlfdp.exe",
	} {
		if got := cleanName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := cleanName(strings.Repeat("å", 300) + ".pdf"); len([]rune(got)) != 150 || !strings.HasSuffix(got, ".pdf") {
		t.Errorf("%d %q", len([]rune(got)), got)
	}
}
