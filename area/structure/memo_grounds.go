package structure

import (
	"fmt"
	"slices"
	"strings"

	"kommunpilot/base/paper"
	"kommunpilot/engine/scenario"
)

// compared sets the scenarios side by side: numbers, winners and losers, what
// decides, and democracy.
func (m *memo) compared() []paper.Part {
	r := m.r
	out := []paper.Part{{Level: 1, Head: "Alternativen jämförda", NewPage: true, Table: m.comparison()}, {Level: 2, Head: "Vinnare och förlorare", Table: m.winners()}}
	if t := m.tasks(); len(t.Rows) > 0 {
		out = append(out, paper.Part{Level: 2, Head: "Gemensamma uppgifter", Table: t})
	}
	for i := 1; i <= len(r.Plan.Scenarios); i++ {
		v := &r.Variants[i]
		out = append(out, paper.Part{Level: 2, Head: v.Name})
		for n, u := range lead(r, v) {
			if n == 3 {
				break
			}
			f := fan(r, v, u, scenario.RequiredRate)
			out = append(out, paper.Part{Level: 3, Head: v.Units[u].Name, Figure: &paper.Figure{SVG: f.SVG(fmt.Sprintf("f%d-%d", i, u)), Caption: f.Desc}, Table: m.years(v, u)})
		}
		if bars := r.Tornado[v.ID]; len(bars) > 0 {
			c := tornado(r, v.Scenario)
			out = append(out, paper.Part{Level: 3, Head: "Vad som avgör", Text: []string{
				fmt.Sprintf("Ändring av den nödvändiga skattesatsen år %d mot att inget göra, i snitt för kommunerna, om ett antagande i taget är lågt eller högt (en framtid av tio är lägre, en av tio högre).", m.year) + m.sobol(v.ID),
			}, Figure: &paper.Figure{SVG: c.SVG(fmt.Sprintf("t%d", i)), Caption: c.Desc}, Table: barTable(v.Name, bars)})
		}
		for _, d := range r.Democracy[v.ID] {
			out = append(out, democracyPart(v.Name, &d))
		}
	}
	return out
}

func (m *memo) sobol(id string) string {
	s := r3(m.r.Sobol[id])
	if s == "" {
		return ""
	}
	return " Av osäkerheten i ändringen kommer " + s + "."
}

func r3(shares []scenario.Share) string {
	var out []string
	for _, s := range shares {
		out = append(out, percent(s.Value)+" ur "+s.Group)
	}
	return strings.Join(out, ", ")
}

// shown are the indicators of the comparison.
var shown = []int{
	scenario.Population, scenario.Working, scenario.Dependency, scenario.Elderly, scenario.NetCost, scenario.TaxBase, scenario.IncomeGrant, scenario.CostGrant,
	scenario.RequiredRate, scenario.ResultToday, scenario.NewDebt, scenario.Staff, scenario.Seats,
}

func (m *memo) comparison() *paper.Table {
	r := m.r
	t := &paper.Table{Caption: fmt.Sprintf("År %d, mitten av framtiderna (åtta av tio inom parentes)", m.year), Heads: []string{"Mått"}}
	type column struct {
		v    *scenario.Variant
		unit int
	}
	var columns []column
	for i := range len(r.Plan.Scenarios) + 1 {
		v := &r.Variants[i]
		if i > 0 && !merges(v.Scenario) {
			continue // the municipalities stand in the tables below
		}
		for _, u := range lead(r, v) {
			if v.Units[u].Code == scenario.RegionCode || len(columns) == 6 {
				continue
			}
			columns = append(columns, column{v, u})
			t.Heads = append(t.Heads, v.Units[u].Name+"\n"+v.Name)
		}
	}
	for _, k := range shown {
		d := &scenario.Indicators[k]
		row := []string{d.Name + ", " + d.Unit}
		for _, c := range columns {
			b, ok := c.v.Get(c.unit, m.at(), k)
			switch {
			case !ok:
				row = append(row, "–")
			case k == scenario.Seats:
				row = append(row, number(b.Q[scenario.Q50], 0))
			default:
				row = append(row, fmt.Sprintf("%s (%s)", number(b.Q[scenario.Q50], d.Decimals), band80(b, d.Decimals)))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (m *memo) winners() *paper.Table {
	t := &paper.Table{Caption: fmt.Sprintf("Per nuvarande kommun, år %d", m.year), Heads: []string{"Alternativ", "Kommun", "Ändrad skattesats mot att inget göra", "Mot dagens skattesats", "Sannolikt minst 25 öre lägre", "Sannolikt minst 25 öre högre", "Sammantaget"}}
	for i := 1; i <= len(m.r.Plan.Scenarios); i++ {
		v := &m.r.Variants[i]
		for j := range v.Changes {
			c := &v.Changes[j]
			if c.Year != m.year || c.Indicator != scenario.RequiredRate {
				continue
			}
			t.Rows = append(t.Rows, []string{v.Name, m.name(c.Code), fmt.Sprintf("%s (%s)", signed(c.Nothing.Q[scenario.Q50], 2), signed80(c.Nothing, 2)),
				signed(c.Today.Q[scenario.Q50], 2), percent(c.Lower), percent(c.Higher), verdict(c)})
		}
	}
	return t
}

// tasks are the costs of shared tasks by party, and what a tax shift gives.
func (m *memo) tasks() *paper.Table {
	t := &paper.Table{Caption: fmt.Sprintf("Kr per invånare år %d", m.year), Heads: []string{"Alternativ", "Part", "I egen regi", "I samverkan", "Skatteväxlingens vinst (+) eller förlust (−)"}}
	for i := 1; i <= len(m.r.Plan.Scenarios); i++ {
		v := &m.r.Variants[i]
		for u := range v.Units {
			before, ok := v.Get(u, m.at(), scenario.ShareBefore)
			after, _ := v.Get(u, m.at(), scenario.ShareAfter)
			shift, moved := v.Get(u, m.at(), scenario.ShiftNet)
			switch {
			case ok:
				t.Rows = append(t.Rows, []string{v.Name, v.Units[u].Name, number(before.Q[scenario.Q50], 0), fmt.Sprintf("%s (%s)", number(after.Q[scenario.Q50], 0), band80(after, 0)), "–"})
			case moved:
				t.Rows = append(t.Rows, []string{v.Name, v.Units[u].Name, "–", "–", fmt.Sprintf("%s (%s)", signed(shift.Q[scenario.Q50], 0), signed80(shift, 0))})
			}
		}
	}
	return t
}

func (m *memo) years(v *scenario.Variant, unit int) *paper.Table {
	t := &paper.Table{Caption: "Nödvändig skattesats för " + v.Units[unit].Name + ", kr per 100 kr: " + lowerFirst(v.Name), Heads: []string{"År", "Mitten", "Fem av tio", "Åtta av tio", "Nio av tio"}}
	for y := 0; y <= m.r.Plan.Years; y++ {
		b, ok := v.Get(unit, y, scenario.RequiredRate)
		if !ok || y%5 != 0 && m.r.Plan.Base+y != m.year && y != m.r.Plan.Years {
			continue
		}
		t.Rows = append(t.Rows, []string{fmt.Sprint(m.r.Plan.Base + y), number(b.Q[scenario.Q50], 2),
			number(b.Q[scenario.Q25], 2) + "–" + number(b.Q[scenario.Q75], 2), number(b.Q[scenario.Q10], 2) + "–" + number(b.Q[scenario.Q90], 2), number(b.Q[scenario.Q05], 2) + "–" + number(b.Q[scenario.Q95], 2)})
	}
	return t
}

func barTable(name string, bars []scenario.Bar) *paper.Table {
	t := &paper.Table{Caption: "Vad som avgör: " + lowerFirst(name), Heads: []string{"Antagande", "Lågt värde ger", "Högt värde ger", "Belägg"}}
	for _, b := range bars[:min(len(bars), 8)] {
		t.Rows = append(t.Rows, []string{b.Name, value(b.Low) + ": " + signed(b.AtLow, 3), value(b.High) + ": " + signed(b.AtHigh, 3), orElse(strings.Join(b.Evidence, ", "), "antagande")})
	}
	return t
}

func democracyPart(name string, d *scenario.Democracy) paper.Part {
	p := paper.Part{Level: 3, Head: "Demokrati", Table: &paper.Table{Caption: "Delarnas plats i den nya kommunen: " + lowerFirst(name), Heads: []string{"Kommun", "Väljare", "Andel", "Ledamöter i dag", "Makt (Banzhaf)"}}}
	largest := ""
	for _, x := range d.Parts {
		p.Table.Rows = append(p.Table.Rows, []string{x.Name, number(x.Voters, 0), percent(x.Share), fmt.Sprint(x.Seats), percent(x.Power)})
		if x.Share > 0.5 {
			largest = x.Name
		}
	}
	p.Text = append(p.Text, fmt.Sprintf("Den nya kommunens fullmäktige har minst %d ledamöter (5 kap. 5 § kommunallagen); i dag har kommunerna %d tillsammans. En ledamot företräder då %s invånare, mot %s i dag.",
		d.SeatsAfter, d.SeatsBefore, number(d.PersonsAfter, 0), number(d.PersonsBefore, 0)))
	if largest != "" {
		p.Text = append(p.Text, largest+" har mer än hälften av väljarna och kan rösta ned de övriga, om var del röstar samlat.")
	} else {
		p.Text = append(p.Text, "Ingen del har ensam mer än hälften av väljarna.")
	}
	p.Text = append(p.Text, fmt.Sprintf("Valdeltagandet väntas ändras med %s procentenheter (%s) i de delar som har mindre än hälften av väljarna. Det är ett antagande som bygger på Finland och Nederländerna (E27, E28).", signed(d.Turnout.Q[scenario.Q50], 1), signed80(d.Turnout, 1)))
	return p
}

// grounds is what the numbers rest on.
func (m *memo) grounds() []paper.Part {
	r := m.r
	data := &paper.Table{Caption: "Underlag", Heads: []string{"Del", "Vilar på", "Vad"}}
	for _, x := range r.Country.Parts {
		data.Rows = append(data.Rows, []string{x.Name, string(x.Quality), x.Says})
	}
	assumed := &paper.Table{Caption: "Antaganden och beräknade värden", Heads: []string{"Vad", "Värde", "Spridning", "Slag", "Belägg"}}
	var used []string
	for _, a := range r.Assumed() {
		spread := "–"
		if a.Spread > 0 {
			spread = value(a.Spread)
		}
		kind := a.Mark.Word()
		if r.Plan.Assumptions.Changed(a.Key) {
			kind += ", ändrat"
		}
		assumed.Rows = append(assumed.Rows, []string{a.Name + " (" + a.Unit + ")", value(a.Value), spread, kind, orElse(strings.Join(a.Evidence, ", "), "–")})
		for _, id := range a.Evidence {
			if !slices.Contains(used, id) {
				used = append(used, id)
			}
		}
	}
	var evidence []string
	for _, id := range used {
		if e, ok := scenario.Finding(id); ok {
			evidence = append(evidence, e.ID+": "+e.Says+" "+e.Source+".")
		}
	}
	var sources []string
	for _, s := range r.Country.Sources {
		sources = append(sources, s.Name+". "+s.Origin+". SHA-256 "+s.SHA256[:min(16, len(s.SHA256))]+"…")
	}
	again := orElse(m.f.ManifestNote, fmt.Sprintf("kommunpilot scenario run plan.scenario --draws %d --seed %d --out MAPP", r.Draws, r.Seed))
	return []paper.Part{
		{Level: 1, Head: "Underlag, antaganden och regler", NewPage: true, Table: data},
		{Level: 2, Head: "Antaganden", Table: assumed},
		{Level: 2, Head: "Belägg", List: evidence},
		{Level: 2, Head: "Källor och regler", List: append(sources, fmt.Sprintf("Utjämningens regler: utjämningsår %d.", r.Country.Rules.Year))},
		{Level: 2, Head: "Så görs beräkningen om", Text: []string{fmt.Sprintf("%d framtider, frö %d, motor version %s. Samma plan, frö och underlag ger samma siffror: %s", r.Draws, r.Seed, scenario.Version, again)}},
	}
}

func (m *memo) limits() paper.Part {
	list := []string{
		"Kvaliteten i skola, vård och annan service.",
		"Identitet, tillit och avstånd till politiken.",
		"Den politiska viljan och vad en ny kommun väljer att göra.",
		"Planerade bostäder, företag och annat som ännu inte syns i folkmängden.",
		"Effekter som ingen forskning har mätt, och om svenska kommuner liknar dem som har mätts.",
	}
	list = append(list, m.r.Notes...)
	for _, x := range m.r.Unconfirmed() {
		list = append(list, "Ej bekräftat, används som antagande eller lämnas utanför: "+x+".")
	}
	return paper.Part{Level: 1, Head: "Vad modellen inte kan säga", List: list}
}
