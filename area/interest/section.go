package interest

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"kommunpilot/base/fail"
	"kommunpilot/base/web"
)

// section is one page that people write on: what is stored as a form, and back.
type section struct {
	path, title string
	values      func(m matter) url.Values
	// read makes content of a form; its errors are those of the typed text.
	read func(m matter, f web.Form) (any, error)
	save func(ctx context.Context, n *Room, a ApplicationID, version int64, content any) (int64, error)
	// with gives the matter with the content in its place.
	with  func(m matter, content any) matter
	facts func(ctx context.Context, m matter) []web.Fact
	body  func(m matter, f web.Form) templ.Component
	// there tells whether the call asks for it at all.
	there func(m matter) bool
}

func always(matter) bool { return true }

// sections are the pages in their order.
var sections = []section{
	{
		path: "kontakt", title: "Kontaktpersoner", there: always, body: contactFields, values: contactValues, read: readContact, facts: contactFacts,
		save: func(ctx context.Context, n *Room, a ApplicationID, v int64, c any) (int64, error) {
			return n.SaveContact(ctx, a, v, c.(Contact))
		},
		with: func(m matter, c any) matter { m.Sections.Contact = c.(Contact); return m },
	},
	{
		path: "svar", title: "Frågor", there: func(m matter) bool { return len(m.Form.Questions) > 0 }, body: answerFields, values: answerValues, read: readAnswers, facts: answerFacts,
		save: func(ctx context.Context, n *Room, a ApplicationID, v int64, c any) (int64, error) {
			return n.SaveAnswers(ctx, a, v, c.(Answers))
		},
		with: func(m matter, c any) matter { m.Sections.Answers = c.(Answers); return m },
	},
	{
		path: "ataganden", title: "Åtaganden", there: func(m matter) bool { return len(m.Form.Requirements) > 0 }, body: commitmentFields, values: commitmentValues, read: readCommitments, facts: commitmentFacts,
		save: func(ctx context.Context, n *Room, a ApplicationID, v int64, c any) (int64, error) {
			return n.SaveCommitments(ctx, a, v, c.(Commitments))
		},
		with: func(m matter, c any) matter { m.Sections.Commitments = c.(Commitments); return m },
	},
	{
		path: "deltagare", title: "Deltagare", there: always, body: participantFields, values: participantValues, read: readParticipants, facts: participantFacts,
		save: func(ctx context.Context, n *Room, a ApplicationID, v int64, c any) (int64, error) {
			return n.SaveParticipants(ctx, a, v, c.(Participants))
		},
		with: func(m matter, c any) matter { m.Sections.Participants = c.(Participants); return m },
	},
	{
		path: "budget", title: "Budget", there: func(m matter) bool { return m.Form.Budget.Asked }, body: budgetFields, values: budgetValues, read: readBudget, facts: budgetFacts,
		save: func(ctx context.Context, n *Room, a ApplicationID, v int64, c any) (int64, error) {
			return n.SaveBudget(ctx, a, v, c.(Budget))
		},
		with: func(m matter, c any) matter { m.Sections.Budget = c.(Budget); return m },
	},
}

// rows is how many rows of a repeated field a form shows: those that hold
// something in one of the named fields, and some spare ones.
func rows(f web.Form, spare, most int, names ...string) int {
	n := 0
	for i := range most {
		for _, name := range names {
			if f.Get(at(name, i)) != "" {
				n = i + 1
			}
		}
	}
	return min(n+spare, most)
}

func contactValues(m matter) url.Values {
	v := url.Values{"reference": {m.Sections.Contact.Reference}}
	for i, p := range m.Sections.Contact.People {
		v.Set(at("name", i), p.Name)
		v.Set(at("title", i), p.Title)
		v.Set(at("unit", i), p.Unit)
		v.Set(at("email", i), p.Email)
		v.Set(at("phone", i), p.Phone)
	}
	return v
}

// contactPeople is how many contact persons can be given.
const contactPeople = 3

func readContact(_ matter, f web.Form) (any, error) {
	c := Contact{Reference: f.Get("reference")}
	for i := range contactPeople {
		p := ContactPerson{f.Get(at("name", i)), f.Get(at("title", i)), f.Get(at("unit", i)), f.Get(at("email", i)), f.Get(at("phone", i))}
		if p != (ContactPerson{}) {
			c.People = append(c.People, p)
		}
	}
	return c, nil
}

func contactFacts(ctx context.Context, m matter) []web.Fact {
	out := []web.Fact{{Term: web.T(ctx, "Ert diarienummer"), Value: m.Sections.Contact.Reference}}
	for i, p := range m.Sections.Contact.People {
		out = append(out, web.Fact{Term: web.T(ctx, "Kontaktperson %d", i+1), Value: joined(p.Name, p.Title, p.Unit, p.Email, p.Phone)})
	}
	return filled(ctx, out)
}

// joined writes what there is with commas between.
func joined(parts ...string) string {
	out := ""
	for _, p := range parts {
		if p != "" && out != "" {
			out += ", "
		}
		out += p
	}
	return out
}

// filled says so where a value is missing.
func filled(ctx context.Context, list []web.Fact) []web.Fact {
	for i := range list {
		if list[i].Value == "" {
			list[i].Value = web.T(ctx, "Ej ifyllt")
		}
	}
	return list
}

func answerValues(m matter) url.Values {
	v := url.Values{}
	for id, a := range m.Sections.Answers {
		v.Set("q-"+id, a)
	}
	return v
}

func readAnswers(m matter, f web.Form) (any, error) {
	out := Answers{}
	for _, q := range m.Form.Questions {
		if v := f.Get("q-" + q.ID); v != "" {
			out[q.ID] = v
		}
	}
	return out, nil
}

func answerFacts(ctx context.Context, m matter) []web.Fact {
	var out []web.Fact
	for _, q := range m.Form.Questions {
		v := m.Sections.Answers[q.ID]
		if q.Kind == "yesno" {
			v = yesNo(ctx, v)
		}
		out = append(out, web.Fact{Term: q.Label, Value: v})
	}
	return filled(ctx, out)
}

func yesNo(ctx context.Context, v string) string {
	switch v {
	case "ja":
		return web.T(ctx, "Ja")
	case "nej":
		return web.T(ctx, "Nej")
	}
	return ""
}

func commitmentValues(m matter) url.Values {
	v := url.Values{}
	for id, c := range m.Sections.Commitments {
		if c.Yes {
			v.Set("c-"+id, "ja")
		}
		v.Set("how-"+id, c.How)
	}
	return v
}

func readCommitments(m matter, f web.Form) (any, error) {
	out := Commitments{}
	for _, r := range m.Form.Requirements {
		c := Commitment{Yes: f.Has("c-"+r.ID, "ja"), How: f.Get("how-" + r.ID)}
		if c != (Commitment{}) {
			out[r.ID] = c
		}
	}
	return out, nil
}

func commitmentFacts(ctx context.Context, m matter) []web.Fact {
	var out []web.Fact
	for _, r := range m.Form.Requirements {
		c := m.Sections.Commitments[r.ID]
		v := web.T(ctx, "Inte godtaget")
		if c.Yes {
			v = web.T(ctx, "Godtaget")
		}
		if c.How != "" {
			v += ". " + c.How
		}
		out = append(out, web.Fact{Term: r.Text, Value: v})
	}
	return out
}

func participantValues(m matter) url.Values {
	v, n := url.Values{}, map[string]int{}
	for _, p := range m.Sections.Participants {
		i := n[p.Kind]
		n[p.Kind]++
		for name, value := range map[string]string{"name": p.Name, "title": p.Title, "role": p.Role, "body": p.Body, "kommun": p.Kommun} {
			v.Set(at(name+"-"+p.Kind, i), value)
		}
	}
	return v
}

func readParticipants(m matter, f web.Form) (any, error) {
	out := Participants{}
	codes := m.Municipalities()
	for _, k := range m.soughtKinds() {
		for i := range maxPeople {
			get := func(name string) string { return f.Get(at(name+"-"+k.ID, i)) }
			p := Participant{Kind: k.ID, Kommun: get("kommun"), Name: get("name"), Title: get("title"), Role: get("role"), Body: get("body")}
			if p.Name == "" && p.Title == "" && p.Role == "" && p.Body == "" {
				continue
			}
			if len(codes) == 1 {
				p.Kommun = codes[0]
			}
			out = append(out, p)
		}
	}
	return out, nil
}

func participantFacts(ctx context.Context, m matter) []web.Fact {
	var out []web.Fact
	for _, k := range m.soughtKinds() {
		text := ""
		for _, p := range m.Sections.Participants.of(k.ID) {
			if text != "" {
				text += "; "
			}
			text += joined(p.Name, p.Title, roleName(ctx, p.Role), p.Body, m.kommunName(p.Kommun))
		}
		out = append(out, web.Fact{Term: k.Name, Value: text})
	}
	return filled(ctx, out)
}

// kommunName names the member, where there are several.
func (m matter) kommunName(code string) string {
	if len(m.Members()) > 1 {
		for _, a := range m.Members() {
			if a.Kommun == code {
				return a.Name
			}
		}
	}
	return ""
}

func roleName(ctx context.Context, role string) string {
	switch role {
	case Official:
		return web.T(ctx, "Tjänsteperson")
	case Politician:
		return web.T(ctx, "Politiker")
	}
	return ""
}

func budgetValues(m matter) url.Values {
	b := m.Sections.Budget
	v := url.Values{"about": {b.About}}
	for i, c := range b.Costs {
		v.Set(at("cost", i), c.Text)
		v.Set(at("amount", i), Kronor(c.Ore))
	}
	if b.Grant != 0 {
		v.Set("grant", Kronor(b.Grant))
	}
	if b.Own != 0 {
		v.Set("own", Kronor(b.Own))
	}
	return v
}

func readBudget(_ matter, f web.Form) (any, error) {
	b := Budget{About: f.Get("about")}
	var p problems
	kronor := func(name string) int64 {
		ore, err := ParseKronor(f.Get(name))
		if err != nil {
			p.add(name, fail.As(err).Message)
		}
		return ore
	}
	for i := range maxCosts {
		text := f.Get(at("cost", i))
		ore := kronor(at("amount", i))
		if text != "" || ore != 0 {
			b.Costs = append(b.Costs, Cost{text, ore})
		}
	}
	b.Grant, b.Own = kronor("grant"), kronor("own")
	return b, fail.Fields(p...)
}

func budgetFacts(ctx context.Context, m matter) []web.Fact {
	b := m.Sections.Budget
	var out []web.Fact
	for _, c := range b.Costs {
		out = append(out, web.Fact{Term: c.Text, Value: Kronor(c.Ore) + " kr"})
	}
	out = append(out, web.Fact{Term: web.T(ctx, "Hela kostnaden"), Value: Kronor(b.Total()) + " kr"},
		web.Fact{Term: web.T(ctx, "Bidrag som söks"), Value: Kronor(b.Grant) + " kr" + share(ctx, b.Grant, b.Total())},
		web.Fact{Term: web.T(ctx, "Egen del"), Value: Kronor(b.Own) + " kr" + share(ctx, b.Own, b.Total())})
	if b.About != "" {
		out = append(out, web.Fact{Term: web.T(ctx, "Om budgeten"), Value: b.About})
	}
	return out
}

// share writes a part of the whole in per cent, for reading; rules use öre.
func share(ctx context.Context, part, total int64) string {
	if total == 0 {
		return ""
	}
	return " (" + web.Number(ctx, float64(part)*100/float64(total), 1) + " %)"
}
