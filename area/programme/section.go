package programme

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/web"
)

// section is one page of the editor: what a form shows of a call, and back.
type section struct {
	key, title, help string
	fields           []string // names of Ready's errors that belong here
	single           []cell   // fields that stand alone
	columns          []cell   // of the repeating rows; none: no rows
	values           func(Content) url.Values
	apply            func(c *Content, f web.Form, rows []map[string]string) error
	choices          func(c Content, name string) []web.Option // of a column whose choices depend on the call
}

// files tells whether the section takes files.
func (s section) files() bool {
	return slices.ContainsFunc(s.single, func(c cell) bool { return c.kind == "file" })
}

// offering is a column with the choices that the call gives.
func (s section) offering(c cell, content Content) cell {
	if s.choices != nil {
		if options := s.choices(content, c.name); options != nil {
			c.options = options
		}
	}
	return c
}

// cell is one field of a section.
type cell struct {
	name, label, hint, kind string // text, long, date, number, yes, file, or choices
	options                 []web.Option
}

// spare is how many empty rows are shown after the filled ones.
const spare = 2

func sectionOf(key string) (section, bool) {
	i := slices.IndexFunc(sections, func(s section) bool { return s.key == key })
	if i < 0 {
		return section{}, false
	}
	return sections[i], true
}

// readRows reads the repeating rows that have anything in their first column.
func readRows(f web.Form, columns []cell) []map[string]string {
	var out []map[string]string
	if len(columns) == 0 {
		return nil
	}
	for i := range 200 {
		if _, there := f.Values[columns[0].name+"-"+strconv.Itoa(i)]; !there {
			break
		}
		row := map[string]string{}
		for _, c := range columns {
			row[c.name] = f.Get(c.name + "-" + strconv.Itoa(i))
		}
		if row[columns[0].name] != "" {
			out = append(out, row)
		}
	}
	return out
}

// fill writes rows into values.
func fill(v url.Values, i int, row map[string]string) {
	for name, value := range row {
		v.Set(name+"-"+strconv.Itoa(i), value)
	}
}

// rowCount is how many rows the form shows.
func rowCount(f web.Form, columns []cell) int {
	n := 0
	for i := range 200 {
		if f.Get(columns[0].name+"-"+strconv.Itoa(i)) != "" {
			n = i + 1
		}
	}
	return n + spare
}

func yes(b bool) string {
	if b {
		return "ja"
	}
	return ""
}

// number reads a whole number; the empty field is 0.
func number(field, s string, problems *[]fail.Field) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(strings.ReplaceAll(s, " ", ""))
	if err != nil || n < 0 {
		*problems = append(*problems, fail.Field{Name: field, Message: fmt.Sprintf("%q är inget antal. Skriv ett heltal.", s)})
	}
	return n
}

func show(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// key makes an identifier out of a name: letters, digits and hyphens.
func key(s string, i int) string {
	s = strings.NewReplacer("å", "a", "ä", "a", "ö", "o").Replace(strings.ToLower(s))
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	k := strings.Trim(b.String(), "-")
	if len(k) > 24 {
		k = k[:24]
	}
	if k == "" {
		k = "rad"
	}
	return k + "-" + strconv.Itoa(i+1)
}

// keep gives the identifier that the row had, or a new one.
func keep(old string, text string, i int) string {
	if old != "" {
		return old
	}
	return key(text, i)
}

var forces = []web.Option{{Value: "must", Label: "Krav (stoppar)"}, {Value: "aim", Label: "Mål (varnar)"}}

var sections = []section{
	{
		key: "grund", title: "Om utlysningen", fields: []string{"title", "summary"},
		single: []cell{
			{name: "title", label: "Rubrik", kind: "text"},
			{name: "summary", label: "Kort beskrivning", hint: "Två meningar som en upptagen kommunchef förstår.", kind: "long"},
			{name: "purpose", label: "Syfte", kind: "long"},
			{name: "places", label: "Hur många svar kan väljas?", kind: "number"},
			{name: "grant", label: "Bidrag, högst procent av hela kostnaden", hint: "Lämna tomt om inget bidrag ges.", kind: "number"},
			{name: "joint", label: "Flera kommuner får svara tillsammans", kind: "yes"},
			{name: "formal", label: "Varje kommun bekräftar med ett formellt beslut", kind: "yes"},
			{name: "targeted", label: "Riktad: bara inbjudna kommuner kan svara", kind: "yes"},
		},
		values: func(c Content) url.Values {
			return url.Values{"title": {c.Title}, "summary": {c.Summary}, "purpose": {c.Purpose}, "places": {show(c.Places)}, "grant": {show(c.GrantShare)},
				"joint": {yes(c.Joint)}, "formal": {yes(c.FormalDecision)}, "targeted": {yes(c.Targeted)}}
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			var p []fail.Field
			c.Title, c.Summary, c.Purpose = f.Get("title"), f.Get("summary"), f.Get("purpose")
			c.Places, c.GrantShare = number("places", f.Get("places"), &p), number("grant", f.Get("grant"), &p)
			c.Joint, c.FormalDecision, c.Targeted = f.Has("joint", "ja"), f.Has("formal", "ja"), f.Has("targeted", "ja")
			if c.Title == "" {
				p = append(p, fail.Field{Name: "title", Message: "Ge utlysningen en rubrik."})
			}
			if c.GrantShare > 100 {
				p = append(p, fail.Field{Name: "grant", Message: "Bidraget kan vara högst 100 procent."})
			}
			return fail.Fields(p...)
		},
	},
	{
		key: "datum", title: "Datum", fields: []string{"open", "close", "assessment", "decision", "start", "end", "fixing"},
		single: []cell{
			{name: "publish", label: "Publiceras", kind: "date"}, {name: "open", label: "Första dag för svar", kind: "date"},
			{name: "close", label: "Sista dag för svar", hint: "Hela dagen räknas, till midnatt.", kind: "date"},
			{name: "assessment", label: "Bedömningen klar", kind: "date"}, {name: "decision", label: "Beslut", kind: "date"},
			{name: "start", label: "Arbetet börjar", kind: "date"}, {name: "end", label: "Arbetet slutar", kind: "date"},
			{name: "event", label: "Första gemensamma mötet", kind: "date"}, {name: "fixing", label: "Mötets dag fastställs senast", kind: "date"},
			{name: "reminder", label: "Påminn så många vardagar före sista dagen", kind: "number"},
		},
		values: func(c Content) url.Values {
			d := c.Dates
			return url.Values{"publish": {string(d.Publish)}, "open": {string(d.Open)}, "close": {string(d.Close)}, "assessment": {string(d.Assessment)},
				"decision": {string(d.Decision)}, "start": {string(d.Start)}, "end": {string(d.End)}, "event": {string(d.Event)}, "fixing": {string(d.Fixing)}, "reminder": {show(c.ReminderDays)}}
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			var p []fail.Field
			day := func(name string) calendar.Date {
				d, ok := f.Day(name)
				if !ok {
					p = append(p, fail.Field{Name: name, Message: "Skriv datumet som år-månad-dag, till exempel 2026-03-31."})
				}
				return d
			}
			c.Dates = Dates{day("publish"), day("open"), day("close"), day("assessment"), day("decision"), day("start"), day("end"), day("fixing"), day("event")}
			c.ReminderDays = number("reminder", f.Get("reminder"), &p)
			return fail.Fields(append(p, c.Dates.Problems()...)...)
		},
	},
	{
		key: "former", title: "Deltagandeformer", help: "En rad för varje sätt att delta. Lämna namnet tomt för att ta bort en rad.", fields: []string{"kinds"},
		columns: []cell{
			{name: "name", label: "Namn", kind: "text"}, {name: "about", label: "Vad det innebär", kind: "long"},
			{name: "count", label: "Räknas i", options: []web.Option{{Value: "applications", Label: "Svar"}, {Value: "municipalities", Label: "Kommuner"}, {Value: "persons", Label: "Personer"}}},
			{name: "min", label: "Minst", kind: "number"}, {name: "target", label: "Mål", kind: "number"}, {name: "max", label: "Högst", kind: "number"},
			{name: "mixed", label: "Både tjänstepersoner och politiker", kind: "yes"},
			{name: "style", label: "På kartan", options: []web.Option{{Value: "plain", Label: "Ring"}, {Value: "pilot", Label: "Röd cirkel"}, {Value: "ambassador", Label: "Blå ruta"}}},
			{name: "id", kind: "hidden"},
		},
		values: func(c Content) url.Values {
			v := url.Values{}
			for i, k := range c.Kinds {
				fill(v, i, map[string]string{"name": k.Name, "about": k.Purpose, "count": k.Count, "min": show(k.Min), "target": show(k.Target), "max": show(k.Max), "mixed": yes(k.Mixed), "style": k.MapStyle, "id": k.ID})
			}
			return v
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			var p []fail.Field
			old := map[string]Kind{}
			for _, k := range c.Kinds {
				old[k.ID] = k
			}
			c.Kinds = nil
			for i, r := range rows {
				k := old[r["id"]] // keeps the bodies
				at := "-" + strconv.Itoa(i)
				k.ID, k.Name, k.Purpose, k.Count, k.MapStyle, k.Mixed = keep(r["id"], r["name"], i), r["name"], r["about"], r["count"], r["style"], r["mixed"] == "ja"
				k.Min, k.Target, k.Max = number("min"+at, r["min"], &p), number("target"+at, r["target"], &p), number("max"+at, r["max"], &p)
				c.Kinds = append(c.Kinds, k)
			}
			return fail.Fields(p...)
		},
	},
	{
		key: "organ", title: "Organ som deltar", help: "Vilka organ i varje kommun som deltagarna kommer från, och hur många från vart och ett. Lämna organet tomt för att ta bort en rad.", fields: []string{"bodies"},
		columns: []cell{{name: "body", label: "Organ", hint: "Till exempel kommunstyrelsen eller en nämnd.", kind: "text"}, {name: "of", label: "Deltagandeform"},
			{name: "min", label: "Minst", kind: "number"}, {name: "max", label: "Högst", kind: "number"}, {name: "force", label: "Styrka", options: append(slices.Clone(forces), web.Option{Value: "fact", Label: "Uppgift (prövas inte)"})}},
		choices: func(c Content, name string) []web.Option {
			if name != "of" {
				return nil
			}
			var out []web.Option
			for _, k := range c.Kinds {
				out = append(out, web.Option{Value: k.ID, Label: k.Name})
			}
			return append(out, web.Option{Label: "–"})
		},
		values: func(c Content) url.Values {
			v, i := url.Values{}, 0
			for _, k := range c.Kinds {
				for _, b := range k.Bodies {
					fill(v, i, map[string]string{"body": b.Name, "of": k.ID, "min": show(b.Min), "max": show(b.Max), "force": string(b.Force)})
					i++
				}
			}
			return v
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			var p []fail.Field
			c.Kinds = slices.Clone(c.Kinds)
			for i := range c.Kinds {
				c.Kinds[i].Bodies = nil
			}
			for i, r := range rows {
				at := "-" + strconv.Itoa(i)
				b := Body{Name: r["body"], Min: number("min"+at, r["min"], &p), Max: number("max"+at, r["max"], &p), Force: Force(r["force"])}
				if b.Max > 0 && b.Min > b.Max {
					p = append(p, fail.Field{Name: "max" + at, Message: "Högst är mindre än minst."})
				}
				if !slices.Contains([]Force{Must, Aim, Fact}, b.Force) {
					p = append(p, fail.Field{Name: "force" + at, Message: "Välj styrka."})
				}
				k := slices.IndexFunc(c.Kinds, func(k Kind) bool { return k.ID == r["of"] })
				if k < 0 {
					p = append(p, fail.Field{Name: "of" + at, Message: "Välj vilken deltagandeform organet hör till."})
					continue
				}
				c.Kinds[k].Bodies = append(c.Kinds[k].Bodies, b)
			}
			return fail.Fields(p...)
		},
	},
	{
		key: "erbjudanden", title: "Vad som erbjuds", help: "En rad för varje sak. Lämna texten tom för att ta bort en rad.", fields: []string{"offers"},
		columns: []cell{{name: "text", label: "Erbjudande", kind: "long"}, {name: "source", label: "Källa", kind: "text"}, {name: "id", kind: "hidden"}},
		values: func(c Content) url.Values {
			v := url.Values{}
			for i, x := range c.Offers {
				fill(v, i, map[string]string{"text": x.Text, "source": x.Source, "id": x.ID})
			}
			return v
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			c.Offers = nil
			for i, r := range rows {
				c.Offers = append(c.Offers, Offer{keep(r["id"], r["text"], i), r["text"], r["source"]})
			}
			return nil
		},
	},
	{
		key: "krav", title: "Vad som krävs", help: "En rad för varje krav, och när det prövas.", fields: []string{"requirements"},
		columns: []cell{{name: "text", label: "Krav", kind: "long"}, {name: "source", label: "Källa", kind: "text"}, {name: "a", label: "Prövas i ansökan", kind: "yes"}, {name: "d", label: "Prövas vid beslut", kind: "yes"}, {name: "u", label: "Prövas vid uppföljning", kind: "yes"}, {name: "id", kind: "hidden"}},
		values: func(c Content) url.Values {
			v := url.Values{}
			for i, x := range c.Requirements {
				fill(v, i, map[string]string{"text": x.Text, "source": x.Source, "a": yes(x.AtApplication), "d": yes(x.AtDecision), "u": yes(x.AtFollowUp), "id": x.ID})
			}
			return v
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			c.Requirements = nil
			for i, r := range rows {
				c.Requirements = append(c.Requirements, Requirement{keep(r["id"], r["text"], i), r["text"], r["source"], r["a"] == "ja", r["d"] == "ja", r["u"] == "ja"})
			}
			return nil
		},
	},
	{
		key: "behorighet", title: "Vem som kan svara", fields: []string{"members", "eligibility"},
		help: "Formella regler prövas för sig, innan bedömningen. Varje regel som brister citeras för den sökande.",
		single: []cell{{name: "members", label: "Kommuner som kan svara (koder)", hint: "Skilj koderna med blanksteg eller ny rad. Tomt betyder alla kommuner.", kind: "long"},
			{name: memberFile, label: "Eller en fil med kommunerna (CSV)", hint: "En kommun på varje rad, med kod eller namn. Filen ersätter listan ovan.", kind: "file"}},
		columns: []cell{{name: "text", label: "Regel i ord", kind: "text"}, {name: "kind", label: "Prövas så", options: []web.Option{
			{Value: "statement", Label: "Alla krav är godtagna"}, {Value: "member", Label: "Finns i listan ovan"}, {Value: "signed", Label: "Undertecknad av företrädare"},
			{Value: "main_group", Label: "Huvudgrupp (A, B, C)"}, {Value: "county", Label: "Län (koder)"}, {Value: "population_max", Label: "Högst så många invånare"}, {Value: "population_min", Label: "Minst så många invånare"}}},
			{name: "param", label: "Värde", kind: "text"}, {name: "source", label: "Källa", kind: "text"}, {name: "id", kind: "hidden"}},
		values: func(c Content) url.Values {
			v := url.Values{"members": {strings.Join(c.Members, " ")}}
			for i, x := range c.Eligibility {
				fill(v, i, map[string]string{"text": x.Text, "kind": x.Kind, "param": x.Param, "source": x.Source, "id": x.ID})
			}
			return v
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			c.Members = strings.FieldsFunc(f.Get("members"), func(r rune) bool { return r == ' ' || r == '\n' || r == ',' || r == ';' || r == '\t' })
			c.Eligibility = nil
			var p []fail.Field
			for i, r := range rows {
				if strings.HasPrefix(r["kind"], "population") {
					number("param-"+strconv.Itoa(i), r["param"], &p)
				}
				c.Eligibility = append(c.Eligibility, Eligibility{keep(r["id"], r["text"], i), r["kind"], r["param"], r["text"], r["source"]})
			}
			return fail.Fields(p...)
		},
	},
	{
		key: "kriterier", title: "Kriterier", help: "Steg 1 är ja eller nej. Vikterna i steg 2 ska bli 100 procent.", fields: []string{"criteria"},
		columns: []cell{{name: "name", label: "Kriterium", kind: "text"}, {name: "about", label: "Stöd till bedömaren", kind: "long"},
			{name: "step", label: "Steg", options: []web.Option{{Value: "2", Label: "2: poäng"}, {Value: "1", Label: "1: ja eller nej"}}},
			{name: "weight", label: "Vikt, procent", kind: "number"}, {name: "low", label: "Lägsta poäng", kind: "number"}, {name: "high", label: "Högsta poäng", kind: "number"},
			{name: "measured", label: "Mäts av urvalet, poängsätts inte", kind: "yes"}, {name: "source", label: "Källa", kind: "text"}, {name: "id", kind: "hidden"}},
		values: func(c Content) url.Values {
			v := url.Values{}
			for i, x := range c.Criteria {
				fill(v, i, map[string]string{"name": x.Name, "about": x.Guidance, "step": strconv.Itoa(x.Step), "weight": show(x.Weight), "low": show(x.Low), "high": show(x.High), "measured": yes(x.Measured), "source": x.Source, "id": x.ID})
			}
			return v
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			var p []fail.Field
			c.Criteria = nil
			for i, r := range rows {
				at := "-" + strconv.Itoa(i)
				c.Criteria = append(c.Criteria, Criterion{ID: keep(r["id"], r["name"], i), Name: r["name"], Guidance: r["about"], Source: r["source"], Step: max(1, number("step"+at, r["step"], &p)),
					Weight: number("weight"+at, r["weight"], &p), Low: number("low"+at, r["low"], &p), High: number("high"+at, r["high"], &p), Measured: r["measured"] == "ja"})
			}
			return fail.Fields(p...)
		},
	},
	{
		key: "kvoter", title: "Kvoter och spridning", help: "En rad för varje gräns. Värdet * betyder varje värde för sig, till exempel högst tre i varje län.", fields: []string{"quotas"},
		single: []cell{
			{name: "spread", label: "Geografisk spridning som andra mål", options: []web.Option{{Value: "", Label: "Nej"}, {Value: "counties", Label: "Så många län som möjligt"}, {Value: "min_distance", Label: "Så långt som möjligt mellan de två närmaste"}}},
			{name: "tie", label: "Vid lika värde", kind: "text"},
		},
		columns: []cell{{name: "attribute", label: "Egenskap", options: []web.Option{{Value: "", Label: "–"}, {Value: "county", Label: "Län"}, {Value: "landsdel", Label: "Landsdel"}, {Value: "main_group", Label: "Huvudgrupp"}, {Value: "sub_group", Label: "Kommungrupp"}, {Value: "population_class", Label: "Storlek"}}},
			{name: "value", label: "Värde", kind: "text"}, {name: "min", label: "Minst", kind: "number"}, {name: "max", label: "Högst", kind: "number"},
			{name: "count", label: "Räkna", options: []web.Option{{Value: "municipalities", Label: "Kommuner"}, {Value: "applications", Label: "Svar"}}}, {name: "force", label: "Styrka", options: forces}},
		values: func(c Content) url.Values {
			v := url.Values{"spread": {c.Spread}, "tie": {c.TieRule}}
			for i, x := range c.Quotas {
				fill(v, i, map[string]string{"attribute": x.Attribute, "value": x.Value, "min": show(x.Min), "max": show(x.Max), "count": x.Count, "force": string(x.Force)})
			}
			return v
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			var p []fail.Field
			c.Spread, c.TieRule, c.Quotas = f.Get("spread"), f.Get("tie"), nil
			for i, r := range rows {
				at := "-" + strconv.Itoa(i)
				q := Quota{Attribute: r["attribute"], Value: r["value"], Min: number("min"+at, r["min"], &p), Max: number("max"+at, r["max"], &p), Count: r["count"], Force: Force(r["force"])}
				if q.Value == "" {
					p = append(p, fail.Field{Name: "value" + at, Message: "Skriv vilket värde kvoten gäller, eller * för varje värde."})
				}
				c.Quotas = append(c.Quotas, q)
			}
			return fail.Fields(p...)
		},
	},
	{
		key: "formular", title: "Formuläret", help: "Frågorna som kommunen svarar på. Den som har börjat svara behåller de frågor som gällde då.", fields: []string{"questions"},
		columns: []cell{{name: "label", label: "Fråga", kind: "text"}, {name: "hint", label: "Hjälptext", kind: "text"},
			{name: "kind", label: "Svar", options: []web.Option{{Value: "long", Label: "Flera rader text"}, {Value: "text", Label: "En rad text"}, {Value: "number", Label: "Tal"}, {Value: "yesno", Label: "Ja eller nej"}, {Value: "choice", Label: "Ett av flera val"}}},
			{name: "options", label: "Val, skilda med semikolon", kind: "text"}, {name: "required", label: "Måste besvaras", kind: "yes"}, {name: "id", kind: "hidden"}},
		values: func(c Content) url.Values {
			v := url.Values{}
			for i, x := range c.Questions {
				fill(v, i, map[string]string{"label": x.Label, "hint": x.Hint, "kind": x.Kind, "options": strings.Join(x.Options, "; "), "required": yes(x.Required), "id": x.ID})
			}
			return v
		},
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			var p []fail.Field
			c.Questions = nil
			for i, r := range rows {
				x := Question{ID: keep(r["id"], r["label"], i), Label: r["label"], Hint: r["hint"], Kind: r["kind"], Required: r["required"] == "ja"}
				for _, s := range strings.Split(r["options"], ";") {
					if s = strings.TrimSpace(s); s != "" {
						x.Options = append(x.Options, s)
					}
				}
				if x.Kind == "choice" && len(x.Options) < 2 {
					p = append(p, fail.Field{Name: "options-" + strconv.Itoa(i), Message: "Skriv minst två val, skilda med semikolon."})
				}
				c.Questions = append(c.Questions, x)
			}
			return fail.Fields(p...)
		},
	},
	{
		key: "kontakt", title: "Ansvarig och kontakt", fields: []string{"responsible", "contact"},
		single: []cell{{name: "responsible", label: "Ansvarig", hint: "Roll och organisation, till exempel Handläggare, Tillväxtverket.", kind: "text"}, {name: "contact", label: "Kontakt", hint: "Telefon eller e-post till funktionen.", kind: "text"}},
		values: func(c Content) url.Values { return url.Values{"responsible": {c.Responsible}, "contact": {c.Contact}} },
		apply: func(c *Content, f web.Form, rows []map[string]string) error {
			c.Responsible, c.Contact = f.Get("responsible"), f.Get("contact")
			return nil
		},
	},
}
