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

// first is the page that everybody reads.
func (m *memo) first() []paper.Part {
	r := m.r
	nothing := &r.Variants[0]
	t := &paper.Table{Caption: fmt.Sprintf("Tre siffror för vart alternativ, år %d", m.year), Heads: []string{"Alternativ", "Nödvändig skattesats, kr per 100 kr", "Ändring mot att inget göra, kr per 100 kr", "Engångskostnad"}}
	var rates []string
	for u := range nothing.Units {
		b, _ := nothing.Get(u, m.at(), scenario.RequiredRate)
		rates = append(rates, fmt.Sprintf("%s %s (%s)", nothing.Units[u].Name, number(b.Q[scenario.Q50], 2), band80(b, 2)))
	}
	t.Rows = append(t.Rows, []string{"Gör ingenting", strings.Join(rates, "\n"), "–", "–"})
	half := len(r.Plan.Scenarios)
	for i := 1; i <= half; i++ {
		v := &r.Variants[i]
		t.Rows = append(t.Rows, []string{v.Name, m.rates(v), m.changes(v), m.oneOff(v)})
		if merges(v.Scenario) {
			sum := &r.Variants[i+half]
			t.Rows = append(t.Rows, []string{"Ren sammanräkning av " + lowerFirst(v.Name), m.rates(sum), m.sumChanges(v), "0"})
		}
	}
	return []paper.Part{{Level: 1, Head: "Det viktigaste på en sida", Text: []string{
		fmt.Sprintf("Siffrorna gäller år %d. Mitten av de framtider som räknats står först; inom parentes det spann där åtta av tio framtider hamnar. Skillnaderna räknas framtid för framtid, så spannet för en skillnad är smalare än för nivån.", m.year),
		"Nödvändig skattesats är den kommunalskatt som behövs för att betala kostnaderna och ha två procent över. Ren sammanräkning är samma alternativ om inget blir billigare eller dyrare: bara jämkningen mellan kommunerna återstår.",
	}, Table: t}, {Level: 2, Head: "Det säger siffrorna", List: m.sentences()}}
}

func merges(s *scenario.Scenario) bool {
	return s != nil && slices.ContainsFunc(s.Steps, func(st scenario.Step) bool { return st.Kind == scenario.Merger })
}

// rates are the required rates of a variant: of the merged unit, and of the
// municipalities that stand alone.
func (m *memo) rates(v *scenario.Variant) string {
	var out []string
	for _, u := range lead(m.r, v) {
		if b, ok := v.Get(u, m.at(), scenario.RequiredRate); ok {
			out = append(out, fmt.Sprintf("%s %s (%s)", v.Units[u].Name, number(b.Q[scenario.Q50], 2), band80(b, 2)))
		}
	}
	return strings.Join(out, "\n")
}

func (m *memo) each(v *scenario.Variant, indicator int, write func(c *scenario.Change) string) string {
	var out []string
	for i := range v.Changes {
		if c := &v.Changes[i]; c.Year == m.year && c.Indicator == indicator {
			out = append(out, write(c))
		}
	}
	return strings.Join(out, "\n")
}

func (m *memo) changes(v *scenario.Variant) string {
	return m.each(v, scenario.RequiredRate, func(c *scenario.Change) string {
		return fmt.Sprintf("%s %s (%s)", m.name(c.Code), signed(c.Nothing.Q[scenario.Q50], 2), signed80(c.Nothing, 2))
	})
}

// sumChanges is what the pure summation changes: the scenario's change less what
// its effects add.
func (m *memo) sumChanges(v *scenario.Variant) string {
	return m.each(v, scenario.RequiredRate, func(c *scenario.Change) string {
		return fmt.Sprintf("%s %s", m.name(c.Code), signed(c.Nothing.Mean-c.Sum.Mean, 2))
	})
}

func (m *memo) oneOff(v *scenario.Variant) string {
	b := m.r.OneOff[v.ID]
	if b.Mean == 0 {
		return "ingen räknad"
	}
	return fmt.Sprintf("%s (%s till %s)", millions(b.Q[scenario.Q50]), number(b.Q[scenario.Q10]/1e6, 0), millions(b.Q[scenario.Q90]))
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
	return paper.Part{Level: 1, Head: "Från workshop 1", Text: text, NewPage: true}
}

func (m *memo) interviews() paper.Part {
	p := paper.Part{Level: 1, Head: "Intervjuer", List: m.f.Interviews}
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
