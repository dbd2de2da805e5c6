package interest

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// Sections is what people write in an application, page by page.
type Sections struct {
	Contact      Contact
	Answers      Answers
	Commitments  Commitments
	Participants Participants
	Budget       Budget
}

// Contact is whom the owner turns to, and the applicant's own registry number
// for the matter (seed rule 001-01).
type Contact struct {
	Reference string          `json:"reference"`
	People    []ContactPerson `json:"people"`
}

// ContactPerson is one to turn to.
type ContactPerson struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Unit  string `json:"unit"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// Answers are by question.
type Answers map[string]string

// Commitments are by requirement.
type Commitments map[string]Commitment

// Commitment says that a requirement is undertaken, and how.
type Commitment struct {
	Yes bool   `json:"yes"`
	How string `json:"how"`
}

// The roles of those who take part (seed rules 000-06 and 000-10).
const (
	Official   = "tjänsteperson"
	Politician = "politiker"
)

// Participants are those whom the municipality wants to take part. The
// municipality decides who (seed rule 001-06).
type Participants []Participant

// Participant is one person, or a seat that has no name yet. Kommun is the
// member's municipality where there are several.
type Participant struct {
	Kind   string `json:"kind"`
	Kommun string `json:"kommun"`
	Name   string `json:"name"`
	Title  string `json:"title"`
	Role   string `json:"role"`
	Body   string `json:"body"`
}

// Limits of what is written.
const (
	maxLine   = 200
	maxText   = 8000
	maxPeople = 60
)

// problems gathers what is wrong with fields.
type problems []fail.Field

func (p *problems) add(name, message string) {
	*p = append(*p, fail.Field{Name: name, Message: message})
}

// line holds a text of one line to its limit.
func (p *problems) line(name, text string) {
	if utf8.RuneCountInString(text) > maxLine {
		p.add(name, "Texten är för lång: högst 200 tecken.")
	}
}

// text holds a long text to its limit.
func (p *problems) text(name, text string) {
	if utf8.RuneCountInString(text) > maxText {
		p.add(name, "Texten är för lång: högst 8 000 tecken.")
	}
}

// at names the field of a repeated row.
func at(name string, i int) string { return name + "-" + strconv.Itoa(i) }

// check says what is wrong in form; what is missing is told
// when the application is reviewed.
func (c Contact) check(matter) error {
	var p problems
	p.line("reference", c.Reference)
	for i, x := range c.People {
		for name, v := range map[string]string{"name": x.Name, "title": x.Title, "unit": x.Unit, "phone": x.Phone} {
			p.line(at(name, i), v)
		}
		if x.Email != "" && !address(x.Email) {
			p.add(at("email", i), "Skriv e-postadressen som namn@kommun.se.")
		}
	}
	slices.SortFunc(p, func(a, b fail.Field) int { return strings.Compare(a.Name, b.Name) })
	return fail.Fields(p...)
}

// address tells whether s is an e-mail address and nothing more.
func address(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= maxLine
}

func (a Answers) check(m matter) error {
	var p problems
	for _, q := range m.Form.Questions {
		name, v := "q-"+q.ID, a[q.ID]
		switch {
		case v == "":
		case q.Kind == "text":
			p.line(name, v)
		case q.Kind == "number":
			if _, err := strconv.ParseFloat(plainNumber(v), 64); err != nil {
				p.add(name, "Skriv ett tal, till exempel 12 eller 3,5.")
			}
		case q.Kind == "yesno" && v != "ja" && v != "nej", q.Kind == "choice" && !slices.Contains(q.Options, v):
			p.add(name, "Välj ett av alternativen.")
		default:
			p.text(name, v)
		}
	}
	for id := range a {
		if !slices.ContainsFunc(m.Form.Questions, func(q Question) bool { return q.ID == id }) {
			return fail.Newf(fail.Invalid, "Formuläret har ingen fråga %q.", id)
		}
	}
	return fail.Fields(p...)
}

// plainNumber makes a Swedish number one that Go reads.
func plainNumber(s string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", ",", ".", "−", "-").Replace(s)
}

func (c Commitments) check(m matter) error {
	var p problems
	for _, r := range m.Form.Requirements {
		p.text("how-"+r.ID, c[r.ID].How)
	}
	for id := range c {
		if !slices.ContainsFunc(m.Form.Requirements, func(r Requirement) bool { return r.ID == id }) {
			return fail.Newf(fail.Invalid, "Utlysningen har inget krav %q.", id)
		}
	}
	return fail.Fields(p...)
}

func (list Participants) check(m matter) error {
	var p problems
	if len(list) > maxPeople {
		return fail.New(fail.Invalid, "Högst 60 deltagare kan anges.")
	}
	row := map[string]int{} // a row is numbered within its kind, as in the form
	for _, x := range list {
		if !m.Seeks(x.Kind) {
			return fail.New(fail.Invalid, "Välj en av de deltagandeformer som ni söker till.")
		}
		i := row[x.Kind]
		row[x.Kind]++
		p.line(at("name-"+x.Kind, i), x.Name)
		p.line(at("title-"+x.Kind, i), x.Title)
		p.line(at("body-"+x.Kind, i), x.Body)
		if x.Role != Official && x.Role != Politician {
			p.add(at("role-"+x.Kind, i), "Välj om personen är tjänsteperson eller politiker.")
		}
		if !slices.Contains(m.Municipalities(), x.Kommun) {
			p.add(at("kommun-"+x.Kind, i), "Välj vilken kommun personen kommer från.")
		}
	}
	return fail.Fields(p...)
}

// of lists those of a kind.
func (list Participants) of(kind string) Participants {
	var out Participants
	for _, x := range list {
		if x.Kind == kind {
			out = append(out, x)
		}
	}
	return out
}

func (list Participants) count(match func(Participant) bool) int {
	n := 0
	for _, x := range list {
		if match(x) {
			n++
		}
	}
	return n
}

// Mixed tells whether there are both officials and politicians.
func (list Participants) Mixed() bool {
	return list.count(func(x Participant) bool { return x.Role == Official }) > 0 &&
		list.count(func(x Participant) bool { return x.Role == Politician }) > 0
}

// Finding is something that a rule has to say of an application: a must stops
// it, an aim warns. Args fill the verbs of Text.
type Finding struct {
	Force   Force
	Section string // where it is put right
	Text    string
	Args    []any
	Source  string
}

// Plain is the finding in Swedish.
func (f Finding) Plain() string { return fmt.Sprintf(f.Text, f.Args...) }

// findings of those who are to take part: the mix of each kind, and the
// number from each body of each municipality, the bodies counted apart (001-07).
func (list Participants) findings(m matter) []Finding {
	var out []Finding
	for _, k := range m.soughtKinds() {
		of := list.of(k.ID)
		if len(of) == 0 {
			if k.Count == "persons" {
				out = append(out, Finding{Aim, "deltagare", "Ni har inte angett några personer till %s. Ni avgör själva vilka som deltar, och kan ange det senare.", []any{k.Name}, ""})
			}
			continue
		}
		if k.Mixed && !of.Mixed() {
			force := k.MixForce
			if force == "" {
				force = Aim
			}
			out = append(out, Finding{force, "deltagare", "Till %s söks både tjänstepersoner och politiker. Ni har bara angett ena slaget.", []any{k.Name}, ""})
		}
		for _, a := range m.Members() {
			for _, b := range k.Bodies {
				n := of.count(func(x Participant) bool { return x.Body == b.Name && x.Kommun == a.Kommun })
				if f, bad := b.finding(a.Name, n); bad {
					out = append(out, f)
				}
			}
		}
	}
	return out
}

// finding of a body from which n persons take part.
func (b Body) finding(kommun string, n int) (Finding, bool) {
	force := b.Force
	if force == "" {
		force = Aim
	}
	if force == Fact || n >= b.Min && (b.Max == 0 || n <= b.Max) {
		return Finding{}, false
	}
	return Finding{force, "deltagare", "%s: %d från %s. Rekommendationen är %d till %d.", []any{kommun, n, b.Name, b.Min, b.Max}, ""}, true
}

// findings of the whole application: what stops it from being sent, and what
// it is warned of. today is the day on which it would be sent.
func (m matter) findings() []Finding {
	var out []Finding
	must := func(ok bool, section, source, text string, args ...any) {
		if !ok {
			out = append(out, Finding{Must, section, text, args, source})
		}
	}
	if c := m.Sections.Contact; len(c.People) == 0 || c.People[0].Name == "" || c.People[0].Email == "" {
		must(false, "kontakt", "", "Ange en kontaktperson med namn och e-post.")
	}
	for _, q := range m.Form.Questions {
		must(!q.Required || m.Sections.Answers[q.ID] != "", "svar", "", "Obesvarad fråga: %s", q.Label)
	}
	for _, r := range m.Form.Requirements {
		must(!r.AtApplication || m.Sections.Commitments[r.ID].Yes, "ataganden", r.Source, "Åtagandet är inte godtaget: %s", r.Text)
	}
	out = append(out, m.Sections.Participants.findings(m)...)
	if m.Form.Budget.Asked {
		out = append(out, m.Sections.Budget.findings(m.Form.Budget)...)
	}
	for _, a := range m.having(Invited) {
		must(false, "medsokande", "", "Väntar på svar från %s.", a.Name)
	}
	if m.Joint && len(m.Members()) < 2 && len(m.having(Invited)) == 0 {
		must(false, "medsokande", "", "Ni har valt att delta tillsammans. Bjud in minst en kommun, eller välj att söka ensamma.")
	}
	return out
}

// stops lists the findings of force must.
func stops(list []Finding) []Finding { return forced(list, Must) }

// warns lists the findings of force aim.
func warns(list []Finding) []Finding { return forced(list, Aim) }

func forced(list []Finding, f Force) []Finding {
	var out []Finding
	for _, x := range list {
		if x.Force == f {
			out = append(out, x)
		}
	}
	return out
}

// in lists the findings that are put right in a section.
func in(list []Finding, section string) []Finding {
	var out []Finding
	for _, x := range list {
		if x.Section == section {
			out = append(out, x)
		}
	}
	return out
}

// signatory finds the person in the municipality's own list of those who may
// sign today: the role is in force, or there is no signature.
func signatory(list []Person, id who.PersonID) (Person, error) {
	for _, p := range list {
		if p.ID == id {
			return p, nil
		}
	}
	return Person{}, fail.New(fail.Forbidden, "Bara den som i dag är kommunens behöriga företrädare kan skriva under. Be någon av dem som står i listan.")
}

// tidy is a text as it is stored: trimmed, valid, and without the sign that
// PostgreSQL cannot hold, whichever way it came.
func tidy(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""))
}
