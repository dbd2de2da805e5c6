package scenario

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong, or that a reader should know, in a plan.
type Problem struct {
	Line    int    // of the file, 0 where it has none
	Key     string // of the file's key that it is about
	Where   string
	What    string
	Warning bool
}

func (p Problem) String() string {
	kind := "fel"
	if p.Warning {
		kind = "varning"
	}
	at := ""
	if p.Line > 0 {
		at = fmt.Sprintf("rad %d, ", p.Line)
	}
	if p.Where != "" {
		at += p.Where + ", "
	}
	return strings.TrimSuffix(at, ", ") + ": " + kind + ": " + p.What
}

// Problems is the list of what is wrong, in the order of lines.
type Problems struct{ List []Problem }

func (p *Problems) Error() string {
	var lines []string
	for _, x := range p.List {
		lines = append(lines, x.String())
	}
	return strings.Join(lines, "\n")
}

// Err is nil where there are warnings only.
func (p *Problems) Err() error {
	if p != nil && slices.ContainsFunc(p.List, func(x Problem) bool { return !x.Warning }) {
		return p
	}
	return nil
}

// Warnings are the sentences of the warnings.
func (p *Problems) Warnings() (out []string) {
	for _, x := range p.List {
		if x.Warning {
			w := x.What
			if x.Where != "" {
				w = x.Where + ": " + w
			}
			out = append(out, w)
		}
	}
	return out
}

// MostScenarios can be compared at once.
const MostScenarios = 6

// Check says what is wrong in a plan and what a reader must know of it. The
// answer is never nil. Cost O(scenarios * steps * municipalities).
func Check(c *Country, p *Plan) *Problems {
	k := &checker{c: c, p: p, out: &Problems{}}
	k.plan()
	for i := range p.Scenarios {
		k.scenario(i)
	}
	return k.out
}

// CheckOne says what is wrong in one scenario of a plan.
func CheckOne(c *Country, p *Plan, at int) []Problem {
	k := &checker{c: c, p: p, out: &Problems{}}
	k.scenario(at)
	return k.out.List
}

type checker struct {
	c   *Country
	p   *Plan
	out *Problems
	at  string
	// line finds the line of a key of a scenario's step; nil without a file.
	line func(scenario, step int, key string) int
	here [2]int
}

func (k *checker) say(warning bool, key, format string, args ...any) {
	x := Problem{Key: key, Where: k.at, What: fmt.Sprintf(format, args...), Warning: warning}
	if k.line != nil {
		x.Line = k.line(k.here[0], k.here[1], key)
	}
	k.out.List = append(k.out.List, x)
}

func (k *checker) wrong(key, format string, args ...any) { k.say(false, key, format, args...) }
func (k *checker) warn(key, format string, args ...any)  { k.say(true, key, format, args...) }

func (k *checker) plan() {
	p := k.p
	k.here = [2]int{-1, -1}
	if p.Base != k.c.Base {
		k.wrong("basår", "basåret %d finns inte i underlaget, som gäller %d. Skriv %d, eller läs in filer för ett annat år", p.Base, k.c.Base, k.c.Base)
	}
	if p.Years < 1 || p.Years > MostYears {
		k.wrong("år", "antalet år är %d; det ska vara 1 till %d", p.Years, MostYears)
	}
	if p.Show != 0 && (p.Show <= p.Base || p.Show > p.Base+p.Years) {
		k.wrong("visat_år", "året %d som ska visas ligger inte mellan %d och %d", p.Show, p.Base+1, p.Base+p.Years)
	}
	if len(p.Scenarios) == 0 {
		k.wrong("scenario", "det finns inget scenario; skriv minst ett [[scenario]]")
	}
	if len(p.Scenarios) > MostScenarios {
		k.wrong("scenario", "det finns %d scenarier; högst %d jämförs på en gång", len(p.Scenarios), MostScenarios)
	}
	a := p.Assumptions
	if a.Areas == nil {
		a.Areas = k.c.Areas
	}
	if key, err := a.Check(); err != nil {
		k.wrong(key, "%s", err.Error())
	}
}

func (k *checker) scenario(i int) {
	s := &k.p.Scenarios[i]
	k.at, k.here = fmt.Sprintf("scenario %d", i+1), [2]int{i, -1}
	if s.Name != "" {
		k.at = fmt.Sprintf("scenario «%s»", s.Name)
	}
	switch {
	case !validID(s.ID):
		k.wrong("id", "id %q ska ha små bokstäver a–z, siffror och bindestreck, till exempel \"en-kommun\"", s.ID)
	case s.ID == "ingenting":
		k.wrong("id", "id \"ingenting\" är upptaget av referensen Gör ingenting")
	}
	for j := range i {
		if k.p.Scenarios[j].ID == s.ID {
			k.wrong("id", "två scenarier har id %q", s.ID)
		}
	}
	if s.Name == "" {
		k.wrong("namn", "scenariot har inget namn")
	}
	if len(s.Steps) == 0 {
		k.wrong("steg", "scenariot har inget steg; skriv minst ett [[scenario.steg]]")
	}
	for n := range s.Steps {
		k.here[1] = n
		k.step(s, &s.Steps[n])
		k.overlap(s, n)
	}
}

func validID(id string) bool {
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return id != "" && len(id) <= 60
}

func (k *checker) step(s *Scenario, st *Step) {
	c, p := k.c, k.p
	known := true
	for _, m := range st.Members {
		if _, ok := c.Find(m); !ok {
			known = false
			k.unknown(m)
		}
	}
	if st.From <= p.Base {
		k.wrong("från", "startåret %d ligger före underlaget: det första år som kan räknas är %d", st.From, p.Base+1)
	} else if st.From > p.Base+p.Years {
		k.wrong("från", "startåret %d ligger efter det sista året %d; välj ett tidigare år eller fler år", st.From, p.Base+p.Years)
	}
	sorted := slices.Clone(st.Members)
	slices.Sort(sorted)
	if n := len(slices.Compact(sorted)); n != len(st.Members) {
		if st.Kind == Merger {
			k.wrong("kommuner", "en kommun kan inte läggas samman med sig själv; samma kommun står två gånger")
		} else {
			k.wrong("kommuner", "samma kommun står två gånger")
		}
		return
	}
	least := 2
	if st.Kind == Asymmetric && st.Host == RegionCode {
		least = 1
	}
	if len(st.Members) < least {
		k.wrong("kommuner", "%s behöver minst %d kommuner", st.Kind, least)
		return
	}
	if !known {
		return
	}
	switch st.Kind {
	case Merger:
		k.merger(st)
	case Cooperation, Asymmetric:
		k.cooperation(st)
	default:
		k.wrong("typ", "typen %q finns inte; skriv %s, %s eller %s", st.Kind, Merger, Cooperation, Asymmetric)
	}
}

func (k *checker) unknown(m string) {
	if k.c.Former != nil {
		if says, ok := k.c.Former(m); ok {
			k.wrong("kommuner", "%s", says)
			return
		}
	}
	k.wrong("kommuner", "kommunen %q finns inte. Menade du %s?", m, nearest(m, k.c.Names()))
}

func (k *checker) merger(st *Step) {
	c := k.c
	counties := map[string]bool{}
	for _, m := range st.Members {
		i, _ := c.Find(m)
		counties[c.Units[i].County] = true
	}
	if len(counties) > 1 {
		k.warn("kommuner", "kommunerna ligger i olika län. Den kommunala delen räknas, med skattesatserna i utjämningen för %s; regionskatten och regionernas utjämning räknas inte", k.county(st))
	}
	if st.County != "" && !counties[st.County] {
		k.wrong("län", "ingen av kommunerna ligger i län %s", st.County)
	}
	switch st.Rule {
	case Lowest, Weighted, Required:
	default:
		k.wrong("skattesats", "regeln %q finns inte; skriv %q, %q eller %q", st.Rule, Lowest, Weighted, Required)
	}
	switch st.Protection {
	case "", NoProtection, Norway, Luzern:
	default:
		k.wrong("skydd", "skyddet %q finns inte; skriv %q, %q eller %q", st.Protection, NoProtection, Norway, Luzern)
	}
	if st.OneOff < 0 {
		k.wrong("engångskostnad_mkr", "engångskostnaden är negativ")
	}
	if len(c.Neighbours) > 0 && !k.connected(st.Members) {
		k.warn("kommuner", "kommunerna gränsar inte till varandra. Det går att räkna, men lagen (1979:411) förutsätter i praktiken ett sammanhängande område; det har inte prövats här")
	}
	if (st.From-2023)%4 != 0 {
		k.warn("från", "%d är inte året efter ett ordinarie val (2027, 2031, ...); en ändrad indelning träder annars i kraft den 1 januari året efter ett val", st.From)
	}
}

// county is the name of the county that a merged municipality lies in.
func (k *checker) county(st *Step) string {
	if st.County != "" {
		return "län " + st.County
	}
	return "den största kommunens län"
}

func (k *checker) connected(members []string) bool {
	seen := map[string]bool{members[0]: true}
	queue := []string{members[0]}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, n := range k.c.Neighbours[at] {
			if !seen[n] && slices.Contains(members, n) {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	return len(seen) == len(members)
}

func (k *checker) cooperation(st *Step) {
	if len(st.Areas) == 0 {
		k.wrong("områden", "skriv vilka områden det gäller: %s", strings.Join(k.areaCodes(), ", "))
	}
	for _, a := range st.Areas {
		if !slices.Contains(k.areaCodes(), a) {
			k.wrong("områden", "området %q finns inte. Menade du %s?", a, nearest(a, k.areaCodes()))
		}
	}
	if st.Responsibility {
		if st.Host != RegionCode {
			k.wrong("utförare", "en skatteväxling går till regionen; skriv utförare = \"region\", eller betalning = \"avtal\"")
		}
		i, _ := k.c.Find(st.Members[0])
		if county := k.c.Units[i].County; county == "09" {
			k.wrong("kommuner", "Gotland har ingen region att växla skatt med")
		} else if n := len(k.c.InCounty(county)); n != len(st.Members) {
			k.warn("kommuner", "en skatteväxling gäller hela länet, eftersom regionen har en skattesats: länets %d kommuner räknas", n)
		}
		for _, m := range st.Members {
			j, _ := k.c.Find(m)
			if k.c.Units[j].County != k.c.Units[i].County {
				k.wrong("kommuner", "kommunerna ligger i olika län; skriv ett steg för vart län")
				return
			}
		}
		return
	}
	switch st.Key {
	case ByInhabitants, ByNeed, ByUse:
	case FixedAndUse:
		if !(st.Fixed >= 0 && st.Fixed <= 1) {
			k.wrong("fast_andel", "den fasta andelen är %s; den ska vara 0 till 1", num(st.Fixed))
		}
	default:
		k.wrong("nyckel", "nyckeln %q finns inte; skriv %q, %q, %q eller %q", st.Key, ByInhabitants, ByNeed, ByUse, FixedAndUse)
	}
	if st.Host == RegionCode && st.Kind == Cooperation {
		k.wrong("värd", "när regionen tar över en uppgift är typen \"%s\"", Asymmetric)
	}
	if st.Host != "" && st.Host != RegionCode && !slices.Contains(st.Members, st.Host) {
		k.wrong("värd", "värden %s är inte en av parterna", st.Host)
	}
	k.form(st)
}

// form holds a cooperation against its legal form.
func (k *checker) form(st *Step) {
	switch st.Form {
	case Agreement:
		k.warn("form", "avtalssamverkan: varje kommunstyrelse ska rapportera till fullmäktige varje år (9 kap. 38 § kommunallagen)")
	case JointBoard:
		if st.Host == "" {
			k.wrong("värd", "en gemensam nämnd ingår i en av kommunernas organisation: skriv värd (9 kap. 20 § kommunallagen)")
		}
		k.warn("form", "gemensam nämnd: varje part väljer minst en ledamot och en ersättare, värdkommunen gör budgeten efter samråd och varje fullmäktige antar reglementet (9 kap. 24, 26 och 33 §§ kommunallagen)")
	case Federation:
		k.warn("form", "kommunalförbund: varje medlem väljer minst en ledamot och en ersättare, förbundsordningen anger kostnadsdelningen, medlemmarna täcker en brist efter sina andelar, och utträde tar tre år om inget annat sägs (9 kap. 3, 6, 11 och 18 §§ kommunallagen)")
	default:
		k.wrong("form", "formen %q finns inte; skriv %q, %q eller %q", st.Form, Agreement, JointBoard, Federation)
	}
}

func (k *checker) areaCodes() (out []string) {
	for _, a := range areasOf(k.c, k.p) {
		out = append(out, a.Code)
	}
	return out
}

// overlap finds a task that the same municipality would give away twice.
func (k *checker) overlap(s *Scenario, n int) {
	st := &s.Steps[n]
	if st.Kind == Merger {
		return
	}
	for j := range n {
		other := &s.Steps[j]
		if other.Kind == Merger {
			continue
		}
		for _, a := range st.Areas {
			for _, m := range st.Members {
				if slices.Contains(other.Areas, a) && slices.Contains(other.Members, m) {
					k.wrong("områden", "%s lämnar redan %s i steg %d av samma scenario", m, a, j+1)
					return
				}
			}
		}
	}
}

// notes is what a reader of the result must know.
func (e *evaluator) notes(p *Plan) []string {
	out := Check(e.c, p).Warnings()
	out = append(out,
		fmt.Sprintf("Reglerna för utjämningsåret %d används för alla år. Det som ändrats sedan dess, och vad som är beslutat för 2026–2028, är inte med.", e.c.Rules.Year),
		"Folkmängden den 31 december året före står för den 1 november i utjämningen.",
		"Lagens regler för de första åren efter en ändrad indelning (17–17 a §§ lag 2004:773) är inte lästa och inte med.",
		"Skattesatserna för avgifter i inkomstutjämningen är antagna till 2,06 procentenheter under dem för bidrag.",
	)
	return out
}
