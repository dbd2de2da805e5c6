package structure

import (
	"fmt"
	"slices"
	"strings"

	"kommunpilot/base/paper"
	"kommunpilot/engine/scenario"
)

// Frame is what the project room knows and a computation does not.
type Frame struct {
	Date         string // of the delivery, or empty
	Status       string
	Workshop     []string // the summary of the first workshop
	Interviews   []string // published interviews
	Invitation   []string // municipalities that are asked to approve before publication
	ManifestNote string   // how the result is made again
}

// Memo writes a result for the workshop, in the order of structure.md 13: one
// page for everybody, then what it rests on.
func Memo(r *scenario.Result, f Frame) paper.Document {
	p := r.Plan
	m := &memo{r: r, f: f, year: p.ShownYear()}
	d := paper.Document{Lang: "sv", Title: orElse(p.Title, "Strukturscenarier"), Subtitle: "Underlag till workshop 2"}
	d.Facts = m.facts()
	d.Parts = append(d.Parts, m.first()...)
	d.Parts = append(d.Parts, m.words())
	d.Parts = append(d.Parts, m.workshop())
	d.Parts = append(d.Parts, m.compared()...)
	d.Parts = append(d.Parts, m.interviews(), m.questions())
	d.Parts = append(d.Parts, m.grounds()...)
	d.Parts = append(d.Parts, m.limits())
	d.Note = "Publicerade siffror, beräknade siffror och antaganden skiljs åt med ord. Ett antagande är en bedömning som kan ändras, inte ett forskningsresultat."
	return d
}

type memo struct {
	r    *scenario.Result
	f    Frame
	year int
}

func orElse(a, b string) string {
	if strings.TrimSpace(a) == "" {
		return b
	}
	return a
}

func (m *memo) at() int { return m.year - m.r.Plan.Base }

func (m *memo) facts() []paper.Fact {
	p := m.r.Plan
	var names []string
	for _, u := range m.r.Variants[0].Units {
		names = append(names, u.Name)
	}
	out := []paper.Fact{{Term: "Fråga", Value: orElse(p.Question, "Vad skulle en ändrad struktur göra med folkmängd, ekonomi och demokrati?")}, {Term: "Kommuner", Value: strings.Join(names, ", ")}}
	add := func(term, value string) {
		if value != "" {
			out = append(out, paper.Fact{Term: term, Value: value})
		}
	}
	add("Beställare", p.Owner)
	add("Beställarens beteckning", p.Ref)
	add("Egen beteckning", p.OwnRef)
	add("Datum", m.f.Date)
	add("Status", orElse(m.f.Status, "klar"))
	return out
}

// first is the page that everybody reads: three numbers for every alternative
// and municipality.
func (m *memo) first() []paper.Part {
	r := m.r
	t := &paper.Table{Caption: fmt.Sprintf("Kronor i skatt per 100 kronor år %d; åtta framtider av tio inom parentes", m.year), Heads: []string{"Alternativ", "Kommun", "Nödvändig skatt", "Ändring mot att inget göra", "Engångskostnad"}}
	nothing := &r.Variants[0]
	for u := range nothing.Units {
		b, _ := nothing.Get(u, m.at(), scenario.RequiredRate)
		t.Rows = append(t.Rows, []string{once(u, "Gör ingenting"), nothing.Units[u].Name, whole.Replace(number(b.Q[scenario.Q50], 2) + " (" + band80(b, 2) + ")"), "–", "–"})
	}
	half := len(r.Plan.Scenarios)
	for i := 1; i <= half; i++ {
		v := &r.Variants[i]
		m.rows(t, v, v.Name, func(c *scenario.Change) string {
			return whole.Replace(signed(c.Nothing.Q[scenario.Q50], 2) + " (" + signed80(c.Nothing, 2) + ")")
		}, m.oneOff(v))
		if merges(v.Scenario) {
			// The pure summation changes what the scenario does less what its effects add.
			m.rows(t, &r.Variants[i+half], "Ren sammanräkning", func(c *scenario.Change) string { return signed(c.Nothing.Mean-c.Sum.Mean, 2) }, "0")
		}
	}
	return []paper.Part{{Level: 1, Head: "Det viktigaste på en sida", Text: []string{
		fmt.Sprintf("Nödvändig skatt är den kommunalskatt som behövs år %d för att betala kostnaderna och ha %s procent över. Ren sammanräkning är en sammanläggning där inget blir billigare eller dyrare: bara jämkningen mellan kommunerna återstår.", m.year, number(100*m.target(), 0)),
	}, Table: t}, {Level: 1, Head: "Det säger siffrorna", NewPage: true, List: m.sentences()}}
}

// once writes a name in the first row alone.
func once(row int, name string) string {
	if row == 0 {
		return name
	}
	return ""
}

// rows adds a row for each municipality of a variant. The changes are those of
// the scenario, also for its pure summation.
func (m *memo) rows(t *paper.Table, v *scenario.Variant, name string, write func(c *scenario.Change) string, oneOff string) {
	changes := m.r.Variants[slices.IndexFunc(m.r.Variants, func(x scenario.Variant) bool { return x.Scenario == v.Scenario && !x.Sum })].Changes
	n := 0
	for i := range changes {
		c := &changes[i]
		if c.Year != m.year || c.Indicator != scenario.RequiredRate {
			continue
		}
		b, _ := v.Get(v.Unit(c.Code), m.at(), scenario.RequiredRate)
		t.Rows = append(t.Rows, []string{once(n, name), m.name(c.Code), whole.Replace(number(b.Q[scenario.Q50], 2) + " (" + band80(b, 2) + ")"), write(c), once(n, oneOff)})
		n++
	}
}

func (m *memo) target() float64 {
	for _, a := range m.r.Assumed() {
		if a.Key == "resultatmal" {
			return a.Value
		}
	}
	return 0
}

func merges(s *scenario.Scenario) bool {
	return s != nil && slices.ContainsFunc(s.Steps, func(st scenario.Step) bool { return st.Kind == scenario.Merger })
}

func (m *memo) oneOff(v *scenario.Variant) string {
	b := m.r.OneOff[v.ID]
	if b.Mean == 0 {
		return "ingen räknad"
	}
	return fmt.Sprintf("%s (%s–%s)", millions(b.Q[scenario.Q50]), number(b.Q[scenario.Q10]/1e6, 0), number(b.Q[scenario.Q90]/1e6, 0))
}

func (m *memo) name(code string) string {
	u := m.r.Variants[0].Unit(code)
	if u < 0 {
		return code
	}
	return m.r.Variants[0].Units[u].Name
}

// sentences say the page's numbers in plain words.
func (m *memo) sentences() (out []string) {
	nothing := &m.r.Variants[0]
	for u := range nothing.Units {
		now, _ := nothing.Get(u, 0, scenario.RequiredRate)
		then, _ := nothing.Get(u, m.at(), scenario.RequiredRate)
		people, _ := nothing.Get(u, m.at(), scenario.Population)
		was, _ := nothing.Get(u, 0, scenario.Population)
		out = append(out, fmt.Sprintf("Om inget görs: %s har %s invånare år %d (%s år %d) och behöver %s i skatt mot %s år %d.", nothing.Units[u].Name,
			number(people.Q[scenario.Q50], 0), m.year, number(was.Mean, 0), m.r.Plan.Base, number(then.Q[scenario.Q50], 2), number(now.Mean, 2), m.r.Plan.Base))
	}
	for i := 1; i <= len(m.r.Plan.Scenarios); i++ {
		v := &m.r.Variants[i]
		var parts []string
		for j := range v.Changes {
			if c := &v.Changes[j]; c.Year == m.year && c.Indicator == scenario.RequiredRate {
				parts = append(parts, m.name(c.Code)+": "+verdict(c))
			}
		}
		out = append(out, v.Name+" – "+strings.Join(parts, "; ")+".")
	}
	return out
}

func (m *memo) words() paper.Part {
	return paper.Part{Level: 2, Head: "Ord som används", List: []string{
		"Spannet inom parentes räknas för skillnaderna framtid för framtid. Därför är det smalare än för nivåerna.",
		"Skattesats: kronor i kommunalskatt per 100 kronor i beskattningsbar inkomst. En krona motsvarar ungefär " + number(m.krona(), 0) + " kr per invånare.",
		"Vinner och förlorar: minst 25 öre lägre eller högre skatt än om inget görs, i minst hälften av framtiderna.",
		"Spann: åtta framtider av tio hamnar där. Spannet säger vad modellen är osäker om, inte allt som kan hända.",
		"Utjämning: statens system som ger kommuner med låg skattekraft och höga behov mer.",
		"Engångskostnad: det som själva omställningen kostar, i basårets priser.",
	}}
}

// krona is what one krona of tax is per inhabitant, base year.
func (m *memo) krona() float64 {
	var base, people float64
	for u := range m.r.Variants[0].Units {
		b, _ := m.r.Variants[0].Get(u, 0, scenario.TaxBase)
		n, _ := m.r.Variants[0].Get(u, 0, scenario.Population)
		base, people = base+b.Mean*n.Mean, people+n.Mean
	}
	return base / people / 100
}

func (m *memo) workshop() paper.Part {
	text := m.f.Workshop
	if len(text) == 0 {
		text = []string{"Sammanfattningen av workshop 1 finns i projektrummet när mötets anteckningar är godkända."}
	}
	return paper.Part{Level: 1, Head: headWorkshop, Text: text, NewPage: true}
}

func (m *memo) interviews() paper.Part {
	p := paper.Part{Level: 1, Head: headInterviews, List: m.f.Interviews}
	if len(m.f.Interviews) == 0 {
		p.Text = []string{"Inga intervjuer är publicerade än. De bifogas när kommunen har godkänt dem."}
	}
	return p
}

func (m *memo) questions() paper.Part {
	return paper.Part{Level: 1, Head: "Att tala om på workshop 2", Text: []string{"Lämnas öppet för mötet."}, List: []string{
		"Vägen framåt för kommunerna: vilket alternativ vill ni undersöka vidare, och vad behöver ni veta då?",
		"Vad i siffrorna stämmer inte med er bild, och varför?",
		"Inspel till beställaren: vilka regler eller villkor skulle behöva ändras?",
	}}
}

// The headings of the parts that the project fills.
const (
	headWorkshop   = "Från workshop 1"
	headInterviews = "Intervjuer"
)
