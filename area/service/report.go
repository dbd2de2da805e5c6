package service

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/paper"
	"kommunpilot/base/web"
)

// fewest is the smallest number of people that the public is shown (design
// default of programme.md, open point 17).
const fewest = 5

// reader is who a document is for.
type reader struct{ public bool }

// people writes a count; the public is not told of very few.
func (r reader) people(ctx context.Context, n uint64) string {
	if r.public && n > 0 && n < fewest {
		return web.T(ctx, "färre än %d", fewest)
	}
	return web.Number(ctx, float64(n), 0)
}

// counted writes a count with its share; a small rest is as telling as a small
// count.
func (r reader) counted(ctx context.Context, n, of uint64) string {
	if of == 0 {
		return "–"
	}
	if r.public && n > 0 && n < fewest {
		return web.T(ctx, "färre än %d", fewest)
	}
	return fmt.Sprintf("%s (%s %%)", web.Number(ctx, float64(n), 0), web.Number(ctx, 100*float64(n)/float64(of), 1))
}

// guarded are the types that have a place which the public may not know of:
// nothing of them is shown.
func guarded(points []placed) map[string]bool {
	out := map[string]bool{}
	for _, p := range points {
		if p.Secret {
			out[p.Point.Type] = true
		}
	}
	return out
}

// reasonWords says why people are not counted.
var reasonWords = map[string]string{"for_langt": "för långt från en väg", "o": "på en ö utan förbindelse i vägnätet", "los_vag": "vid en väg som inte hänger ihop med vägnätet", "utanfor": "utanför vägnätet", "ingen_plats": "kan inte nå något ställe", "borttagen": "borttagna"}

// summaryTable is every type of service for the whole area.
func (w *work) summaryTable(ctx context.Context, s *Survey, m metric, r reader) *paper.Table {
	limit := w.it.Is.limits()[m]
	unit := m.word()
	captions := map[metric]string{byLength: web.T(ctx, "Avstånd till service"), byTime: web.T(ctx, "Restid till service")}
	t := &paper.Table{Caption: captions[m], Heads: []string{web.T(ctx, "Service"), web.T(ctx, "Ställen"), web.T(ctx, "I genomsnitt, %s", unit), web.T(ctx, "Nio av tio har högst, %s", unit), web.T(ctx, "Har mer än %d %s", limit, unit), web.T(ctx, "Har bara ett ställe inom %d %s", limit, unit), web.T(ctx, "Inte räknade")}}
	hidden := guarded(w.points)
	for _, f := range w.figures(s) {
		if f.Area != "" || f.Unit != unit {
			continue
		}
		row := []string{w.typeName(ctx, f.Type), fmt.Sprint(f.Sites)}
		switch {
		case r.public && hidden[f.Type]:
			row = []string{row[0], web.T(ctx, "visas inte"), "–", "–", "–", "–", "–"}
		case f.People == 0:
			row = append(row, "–", "–", web.T(ctx, "inget ställe att nå"), "–", r.people(ctx, f.Missing))
		default:
			n, _ := f.beyond(limit)
			row = append(row, web.Number(ctx, f.Mean, 1), web.Number(ctx, f.P90, 1), r.counted(ctx, n, f.People), r.counted(ctx, f.single(limit), f.People), r.people(ctx, f.Missing))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// document is the whole inventory on paper: the report of accessibility.md 13.
func (w *work) document(ctx context.Context, s *Survey, trials []journal.Item[Trial], earlier *Inventory, group []compared, r reader) paper.Document {
	x := &w.it.Is
	d := paper.Document{Lang: web.Lang(ctx), Title: x.Title, Subtitle: web.T(ctx, "Tillgänglighet till kommersiell och offentlig service"), Facts: []paper.Fact{
		{Term: web.T(ctx, "Kommuner"), Value: x.names()}, {Term: web.T(ctx, "Gäller dagen"), Value: web.Day(ctx, x.Day)}, {Term: web.T(ctx, "Ansvarig"), Value: x.Responsible},
		{Term: web.T(ctx, "Mätt längs"), Value: w.roadsSaid(ctx)}, {Term: web.T(ctx, "Befolkning"), Value: w.peopleSaid(ctx)}}}
	add := func(p ...paper.Part) { d.Parts = append(d.Parts, p...) }
	add(paper.Part{Level: 1, Head: web.T(ctx, "Det viktigaste"), List: w.leading(ctx, s, r)})
	if x.Note != "" {
		add(paper.Part{Level: 2, Head: web.T(ctx, "Att veta om inventeringen"), Text: []string{x.Note}})
	}
	for _, m := range w.ground.metrics() {
		add(paper.Part{Level: 1, Head: map[metric]string{byLength: web.T(ctx, "Avstånd till service"), byTime: web.T(ctx, "Restid till service")}[m], Table: w.summaryTable(ctx, s, m, r), NewPage: m == byLength})
	}
	w.perType(ctx, s, r, add)
	add(paper.Part{Level: 1, Head: web.T(ctx, "Sårbarhet: om ett ställe stänger"), NewPage: true, Text: []string{web.T(ctx, "Vägen fram och tillbaka är dubbelt så lång. Villkoret för särskilt driftstöd är en fingervisning; länsstyrelsen eller regionen prövar.")}, Table: w.effectsTable(ctx, s, r)})
	if earlier != nil {
		v := trend(ctx, earlier, x)
		p := paper.Part{Level: 1, Head: web.T(ctx, "Sedan förra inventeringen"), Table: v.table(ctx)}
		if v.Note != "" {
			p.Text = []string{v.Note}
		}
		add(p)
	}
	if len(group) > 0 {
		add(paper.Part{Level: 1, Head: web.T(ctx, "Kommuner som liknar er"), Text: []string{web.T(ctx, "Fastställda inventeringar i kommuner av samma grupp i SKR:s indelning, mätta på samma sätt.")}, Table: comparedTable(ctx, group, x.limits()[byLength])})
	}
	if len(trials) > 0 {
		t := &paper.Table{Caption: web.T(ctx, "Provade förändringar"), Heads: []string{web.T(ctx, "Namn"), web.T(ctx, "Varför det provas"), web.T(ctx, "Det skulle betyda")}}
		for _, it := range trials {
			t.Rows = append(t.Rows, []string{it.Is.Title, it.Is.Why, it.Is.Came})
		}
		add(paper.Part{Level: 1, Head: web.T(ctx, "Provade förändringar"), Table: t})
	}
	add(w.method(ctx, s)...)
	return d
}

// perType is a part for each type that has a place or that somebody must go
// without: by municipality, with bands.
func (w *work) perType(ctx context.Context, s *Survey, r reader, add func(...paper.Part)) {
	if len(w.ground.codes) < 2 && !w.ground.anyOld {
		return
	}
	limit := w.it.Is.limits()[byLength]
	hidden := guarded(w.points)
	add(paper.Part{Level: 1, Head: web.T(ctx, "Område för område"), NewPage: true})
	for _, t := range w.types {
		if r.public && hidden[t.Code] {
			continue
		}
		table := &paper.Table{Caption: web.T(ctx, t.Name), Heads: []string{web.T(ctx, "Område"), web.T(ctx, "Invånare"), web.T(ctx, "I genomsnitt, %s", "km"), web.T(ctx, "Har mer än %d %s", limit, "km"), web.T(ctx, "70 år och äldre med mer än %d %s", limit, "km")}}
		for _, f := range w.figures(s) {
			if f.Type != t.Code || f.Unit != byLength.word() || f.People == 0 {
				continue
			}
			n, _ := f.beyond(limit)
			old := "–"
			if i := slices.Index(f.Limits, limit); i >= 0 && i < len(f.OldBeyond) {
				old = r.counted(ctx, f.OldBeyond[i], f.Old)
			}
			table.Rows = append(table.Rows, []string{areaName(ctx, f.Area), r.people(ctx, f.People), web.Number(ctx, f.Mean, 1), r.counted(ctx, n, f.People), old})
		}
		if len(table.Rows) > 0 {
			add(paper.Part{Level: 2, Head: web.T(ctx, t.Name), Table: table})
		}
	}
}

func areaName(ctx context.Context, code string) string {
	if code == "" {
		return web.T(ctx, "Alla")
	}
	return kommunName(code)
}

// peopleSaid says who is counted and who is not.
func (w *work) peopleSaid(ctx context.Context) string {
	if p := w.it.Is.Population; p != nil {
		return web.T(ctx, "%s personer i %d rutor eller punkter. %s, %s.", web.Number(ctx, float64(p.People), 0), p.Cells, p.Source, web.Day(ctx, p.Day))
	}
	return web.T(ctx, "Tätorter med befolkning 2020, SCB. De som bor utanför tätorterna är inte med: ungefär %s personer.", web.Number(ctx, float64(w.Outside), 0))
}

// leading are the few sentences that come first.
func (w *work) leading(ctx context.Context, s *Survey, r reader) (out []string) {
	limit := w.it.Is.limits()[byLength]
	hidden := guarded(w.points)
	secret := map[string]bool{}
	for _, t := range w.types {
		if hidden[t.Code] {
			secret[t.Kind] = true
		}
	}
	kinds := s.Kinds
	if res := w.it.Is.Result; res != nil {
		kinds = res.Kinds
	}
	for _, f := range kinds {
		if f.Unit != byLength.word() || r.public && secret[f.Type] {
			continue
		}
		name := web.T(ctx, kindNames[f.Type])
		if f.People == 0 {
			out = append(out, web.T(ctx, "%s: ingen i området når något ställe.", name))
			continue
		}
		n, share := f.beyond(limit)
		if n == 0 {
			out = append(out, web.T(ctx, "%s: alla som är räknade har högst %d km.", name, limit))
			continue
		}
		out = append(out, web.T(ctx, "%s: %s personer har mer än %d km (%s procent).", name, r.people(ctx, n), limit, web.Number(ctx, 100*share, 1)))
	}
	if e := worst(s, hidden, r); e != nil {
		out = append(out, web.T(ctx, "Mest skulle märkas om %s stängde: %s fler får mer än %d km (%s).", e.Site.Name, r.people(ctx, e.Lose), limit, strings.ToLower(w.typeName(ctx, e.Type))))
	}
	return out
}

func worst(s *Survey, hidden map[string]bool, r reader) *Effect {
	for i := range s.Effects {
		if e := &s.Effects[i]; e.Lose > 0 && (!r.public || !hidden[e.Type]) {
			return e
		}
	}
	return nil
}

// mostEffects is how many places the report lists; the page has all.
const mostEffects = 40

func (w *work) effectsTable(ctx context.Context, s *Survey, r reader) *paper.Table {
	limit := w.it.Is.limits()[byLength]
	t := &paper.Table{Caption: web.T(ctx, "De ställen som betyder mest"), Heads: []string{web.T(ctx, "Ställe"), web.T(ctx, "Service"), web.T(ctx, "Har det närmast"), web.T(ctx, "Får mer än %d km", limit), web.T(ctx, "Längre väg tillsammans, personkilometer"), web.T(ctx, "Till nästa ställe, km"), web.T(ctx, "Avståndsvillkoret för driftstöd")}}
	hidden := guarded(w.points)
	for _, e := range s.Effects {
		if r.public && hidden[e.Type] || e.Nearest == 0 {
			continue
		}
		apart, support := web.T(ctx, "inget annat"), "–"
		if !math.IsNaN(e.Apart) {
			apart = web.Number(ctx, e.Apart, 1) + " (" + e.Next + ")"
		}
		if e.Type == e.Rule.Type && e.Rule.Name != "" {
			support = web.T(ctx, "uppfylls inte")
			if e.Support {
				support = web.T(ctx, "verkar uppfyllas")
			}
		}
		extra := web.Number(ctx, e.Extra, 0)
		if e.Without > 0 {
			extra = web.T(ctx, "inget ställe kvar")
		}
		t.Rows = append(t.Rows, []string{e.Site.Name, w.typeName(ctx, e.Type), r.people(ctx, e.Nearest), r.people(ctx, e.Lose), extra, apart, support})
		if len(t.Rows) == mostEffects {
			break
		}
	}
	return t
}

// method says how it was done, with thresholds, and what was not computed.
func (w *work) method(ctx context.Context, s *Survey) []paper.Part {
	text := []string{}
	if w.roads == nil {
		text = append(text, web.T(ctx, "Avstånden är mätta fågelvägen, eftersom inget vägnät är inläst. Vägen är alltid längre, ofta en tredjedel eller mer, och vatten syns inte. Jämför aldrig de här siffrorna med sådana som är mätta längs väg."))
	} else {
		text = append(text, web.T(ctx, "Avstånden är mätta längs väg, kilometer längs den kortaste vägen och minuter längs den snabbaste, med bil i hastighetsgränsens fart. Svängar kostar ingen tid. Sista biten till vägen räknas fågelvägen i gångfart."))
	}
	text = append(text, web.T(ctx, "Varje person räknas till det ställe som är närmast. Mer än 10 km betyder minst 10 001 meter. Ett ställe med flera diskar är ett ställe."), w.peopleSaid(ctx))
	var lost []string
	for _, code := range slices.Sorted(func(yield func(string) bool) {
		for k := range s.Lost {
			if !yield(k) {
				return
			}
		}
	}) {
		c := s.Lost[code]
		lost = append(lost, web.T(ctx, "%s personer på %d platser: %s.", web.Number(ctx, float64(c.People), 0), c.Cells, web.T(ctx, reasonWords[code])))
	}
	if len(lost) == 0 {
		lost = append(lost, web.T(ctx, "Alla platser med befolkning kunde räknas."))
	}
	for _, p := range s.Skipped {
		if !p.Secret {
			lost = append(lost, web.T(ctx, "%s ligger inte vid en väg i vägnätet och räknas inte.", p.Name))
		}
	}
	rules := &paper.Table{Caption: web.T(ctx, "Gränser som används"), Heads: []string{web.T(ctx, "Regel"), web.T(ctx, "Gräns"), web.T(ctx, "Gäller"), web.T(ctx, "Källa"), web.T(ctx, "Visas som")}}
	for _, r := range w.rules {
		if r.From > w.it.Is.Day || r.To != "" && r.To < w.it.Is.Day {
			continue
		}
		shown := web.T(ctx, "uppgift")
		if !r.Confirmed() {
			shown = web.T(ctx, "antagande")
		}
		valid := web.Day(ctx, r.From) + " –"
		if r.To != "" {
			valid += " " + web.Day(ctx, r.To)
		}
		rules.Rows = append(rules.Rows, []string{r.What + " (" + r.Name + ")", fmt.Sprintf("%s %s %s", r.Operator, web.Number(ctx, r.Value, decimals(r.Value)), r.Unit), valid, r.Source, shown})
	}
	parts := []paper.Part{{Level: 1, Head: web.T(ctx, "Så är det räknat"), Text: text, NewPage: true}, {Level: 2, Head: web.T(ctx, "Inte räknade"), List: lost}, {Level: 2, Head: web.T(ctx, "Gränser som används"), Table: rules}}
	return append(parts, w.sources(ctx), w.national(ctx, s))
}

func decimals(v float64) int {
	if v == math.Trunc(v) {
		return 0
	}
	return 2
}

// national sets the municipality's own share beside the cash rules' limits, which
// are for the whole country and which no municipality can break.
func (w *work) national(ctx context.Context, s *Survey) paper.Part {
	p := paper.Part{Level: 2, Head: web.T(ctx, "Kontanter: områdets egen andel och landets gräns")}
	for _, name := range []string{"kontant.uttag", "kontant.dagskassa"} {
		r, ok := ruleOn(w.rules, name, w.it.Is.Day)
		if !ok {
			p.List = append(p.List, web.T(ctx, "%s: ingen regel gäller den dagen.", name))
			continue
		}
		said := web.T(ctx, "inte räknad")
		for _, f := range w.figures(s) {
			if f.Type == r.Type && f.Area == "" && f.Unit == byLength.word() && f.People > 0 {
				_, share := f.beyond(25)
				said = web.Number(ctx, 100*share, 2) + " %"
			}
		}
		p.List = append(p.List, web.T(ctx, "%s: mer än 25 km har här %s; gränsen för hela landet är %s %%. %s.", w.typeName(ctx, r.Type), said, web.Number(ctx, r.Value, 2), r.Source))
	}
	return p
}

// sources are what the places rest on, by source and latest day.
func (w *work) sources(ctx context.Context) paper.Part {
	counts, latest := map[string]int{}, map[string]string{}
	for _, p := range w.points {
		counts[p.Point.Source]++
		latest[p.Point.Source] = max(latest[p.Point.Source], string(p.Point.Sourced))
	}
	t := &paper.Table{Caption: web.T(ctx, "Källor för serviceställena"), Heads: []string{web.T(ctx, "Källa"), web.T(ctx, "Ställen"), web.T(ctx, "Senaste uppgiften")}}
	var names []string
	for n := range counts {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		t.Rows = append(t.Rows, []string{n, fmt.Sprint(counts[n]), latest[n]})
	}
	return paper.Part{Level: 2, Head: web.T(ctx, "Källor"), Table: t}
}

func (v trendView) table(ctx context.Context) *paper.Table {
	t := &paper.Table{Caption: web.T(ctx, "%s och %s", v.Before, v.After), Heads: []string{web.T(ctx, "Service"), web.T(ctx, "Ställen då"), web.T(ctx, "Ställen nu"), web.T(ctx, "För långt då, personer"), web.T(ctx, "För långt nu, personer"), web.T(ctx, "Gräns, km")}}
	for _, r := range v.Rows {
		before, after := "–", "–"
		if r.Counted {
			before, after = web.Number(ctx, float64(r.Before), 0), web.Number(ctx, float64(r.After), 0)
		}
		t.Rows = append(t.Rows, []string{r.Type, fmt.Sprint(r.SitesBefore), fmt.Sprint(r.SitesAfter), before, after, fmt.Sprint(r.Limit)})
	}
	return t
}

// compared is another settled inventory in a municipality of the same group.
type compared struct {
	Kommun string
	Day    string
	Kinds  []Figure
}

// compare lists the settled inventories of one municipality each that is of the
// same group as the inventory's first, measured the same way.
func similar(x *Inventory, self journal.ID, all []journal.Item[Inventory]) (out []compared) {
	codes := x.codes()
	if len(codes) == 0 {
		return nil
	}
	k, _ := kommun.Default().ByCode(codes[0])
	for _, it := range all {
		other := it.Is.codes()
		if it.ID == self || it.Is.Result == nil || len(other) != 1 || slices.Contains(codes, other[0]) || (it.Is.Roads == "") != (x.Roads == "") {
			continue
		}
		if o, ok := kommun.Default().ByCode(other[0]); ok && o.MainGroup == k.MainGroup {
			out = append(out, compared{o.Name, string(it.Is.Day), it.Is.Result.Kinds})
		}
	}
	return out
}

func comparedTable(ctx context.Context, list []compared, limit int64) *paper.Table {
	t := &paper.Table{Caption: web.T(ctx, "Andel med mer än %d km", limit), Heads: []string{web.T(ctx, "Kommun")}}
	for _, k := range Kinds[:5] {
		t.Heads = append(t.Heads, web.T(ctx, kindNames[k]))
	}
	for _, c := range list {
		row := []string{c.Kommun}
		for _, k := range Kinds[:5] {
			cell := "–"
			for _, f := range c.Kinds {
				if f.Type == k && f.Unit == byLength.word() && f.People > 0 && slices.Contains(f.Limits, limit) {
					_, share := f.beyond(limit)
					cell = web.Number(ctx, 100*share, 1) + " %"
				}
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
