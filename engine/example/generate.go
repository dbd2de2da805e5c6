package example

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Params say what to generate.
type Params struct {
	Programmes int
	Years      int // of each project, from its first day to its last
	Seed       uint64
	Start      time.Time // the first day of the first project, midnight UTC
}

// The bounds of the parameters.
const (
	MaxProgrammes = 10_000
	MaxYears      = 5
)

// stagger is how many days lie between the starts of two projects.
const stagger = 9

// check says what is wrong with the parameters.
func (p Params) check() error {
	switch {
	case p.Programmes < 1 || p.Programmes > MaxProgrammes:
		return fmt.Errorf("the number of programmes is %d; it must be from 1 to %d", p.Programmes, MaxProgrammes)
	case p.Years < 1 || p.Years > MaxYears:
		return fmt.Errorf("the number of years is %d; it must be from 1 to %d", p.Years, MaxYears)
	case p.Start.IsZero() || p.Start.Year() < 1990 || p.Start.Year() > 2100:
		return errors.New("the first day must lie from 1990 to 2100")
	}
	return nil
}

// Generate makes the scripts of the programmes and gives each to emit, in
// order. Programme i depends on the seed and i alone, so that the first
// programmes of a longer script are those of a shorter. O(programmes x years).
func Generate(p Params, emit func(Script) error) error {
	if err := p.check(); err != nil {
		return err
	}
	for i := range p.Programmes {
		r := rand.New(rand.NewPCG(p.Seed, uint64(i)+1))
		theme := Themes[(i+r.IntN(len(Themes)))%len(Themes)]
		place := fmt.Sprintf("s%d-p%d.example", p.Seed, i+1)
		t := &teller{r: r, theme: theme, years: p.Years, start: p.Start.AddDate(0, 0, i%120*stagger), cast: cast(place)}
		if err := emit(t.programme(i+1, p.Seed)); err != nil {
			return err
		}
	}
	return nil
}

// Person is somebody in a project: a role, never a real person.
type Person struct{ Name, Email, Body string }

// Cast is who takes part, by the name that the script uses.
type Cast map[string]Person

// The names of those who act. Members are besides them.
const (
	Owner        = "programägare"
	Registrar    = "registrator"
	ProjectOwner = "projektägare"
	Leader       = "projektledare"
	Leader2      = "projektledare2"
	Researcher   = "följeforskare"
	Chair        = "ordförande"
	Secretary    = "sekreterare" //nolint:gosec // a secretary is no secret
)

// seats are the places in the two groups that a project has by itself.
var seats = []struct{ who, group, role string }{
	{ProjectOwner, "projektledning", "projektägare"}, {Leader, "projektledning", "projektledare"}, {Leader2, "projektledning", "projektledare"}, {Researcher, "projektledning", "följeforskare"},
	{Chair, "styrgrupp", "ordförande"}, {Secretary, "styrgrupp", "sekreterare"},
	{"ledamot1", "styrgrupp", "ledamot"}, {"ledamot2", "styrgrupp", "ledamot"}, {"ledamot3", "styrgrupp", "ledamot"}, {"ledamot4", "styrgrupp", "ledamot"},
}

// cast are the people of a generated programme.
func cast(place string) Cast {
	out := Cast{}
	for name, x := range map[string][2]string{
		Owner: {"Programägare", "kommunledningen"}, Registrar: {"Registrator", "kommunledningen"}, ProjectOwner: {"Projektägare", "det kommunala bolaget"}, Leader: {"Projektledare", "det kommunala bolaget"},
		Leader2: {"Projektledare", "samordningsförbundet"}, Researcher: {"Följeforskare", "ett lärosäte"}, Chair: {"Ordförande", "kommunledningen"}, Secretary: {"Sekreterare", "kommunledningen"},
		"ledamot1": {"Ledamot", "fastighetsförvaltningen"}, "ledamot2": {"Ledamot", "utbildningsförvaltningen"}, "ledamot3": {"Ledamot", "socialförvaltningen"}, "ledamot4": {"Ledamot", "näringslivsenheten"},
	} {
		mail := strings.NewReplacer("å", "a", "ä", "a", "ö", "o").Replace(name)
		out[name] = Person{Name: x[0] + ", " + x[1] + " (påhittad)", Email: mail + "@" + place, Body: x[1]}
	}
	return out
}

// teller tells the story of one project.
type teller struct {
	r     *rand.Rand
	theme Theme
	years int
	start time.Time
	cast  Cast
	lines []Line
	n     int // things named so far
}

// programme is the whole script of a generated programme.
func (t *teller) programme(number int, seed uint64) Script {
	name := fmt.Sprintf("%s – exempel %d", t.theme.Name, number)
	begin := t.start.AddDate(0, 0, -30)
	org := fmt.Sprintf("Exempelstaden %d-%d (påhittad)", seed, number)
	t.say(begin, 8, System, Line{Act: Begin, Fields: map[string]Values{"name": {name}}})
	t.say(begin, 8, System, Line{Act: "organisation", As: "staden", Fields: map[string]Values{"name": {org}, "kind": {"myndighet"}}})
	for _, who := range t.people() {
		p := t.cast[who]
		f := map[string]Values{"name": {p.Name}, "email": {p.Email}}
		switch who {
		case Owner:
			f["role"], f["org"] = Values{"programagare"}, Values{"@staden"}
		case Registrar:
			f["role"], f["org"] = Values{"registrator"}, Values{"@staden"}
		}
		t.say(begin, 8, System, Line{Act: "person", As: who, Fields: f})
	}
	t.say(begin, 9, Owner, Line{Act: "programme", As: "program", Fields: map[string]Values{
		"name": {name}, "purpose": {t.theme.Purpose + " Allt i programmet är påhittat."}, "owner": {"@staden"},
		"responsible": {t.cast[Leader].Name}, "contact": {t.cast[Leader].Email},
	}})
	t.project(t.theme.Name + " (exempel)")
	return Script{Name: name, Lines: InOrder(t.lines)}
}

// people are the names of the cast in a fixed order.
func (t *teller) people() []string {
	var out []string
	for name := range t.cast {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// InOrder sorts acts by their time; those of the same time keep their order.
func InOrder(lines []Line) []Line {
	slices.SortStableFunc(lines, func(a, b Line) int { return a.At.Compare(b.At) })
	return lines
}

// say adds an act on a day at an hour.
func (t *teller) say(day time.Time, hour int, who string, l Line) {
	l.At, l.Who = day.Add(time.Duration(hour)*time.Hour), who
	t.lines = append(t.lines, l)
}

// name is a new name.
func (t *teller) name(kind string) string {
	t.n++
	return kind + strconv.Itoa(t.n)
}

// on is a day of the project, from 0.
func (t *teller) on(day int) time.Time { return t.start.AddDate(0, 0, day) }

// workday is the day or the next that is no Saturday or Sunday.
func (t *teller) workday(day int) time.Time {
	d := t.on(day)
	for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		d = d.AddDate(0, 0, 1)
	}
	return d
}

// pick draws one.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// tenths writes a number of tenths as a decimal number: 125 is 12,5.
func tenths(n int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	if n%10 == 0 {
		return sign + strconv.Itoa(n/10)
	}
	return sign + strconv.Itoa(n/10) + "," + strconv.Itoa(n%10)
}

// Tell makes the script of one project for people that are there already, in a
// programme that is there already and is named "program".
func Tell(theme Theme, name string, people Cast, start time.Time, years int, seed uint64) (Script, error) {
	if err := (Params{Programmes: 1, Years: years, Start: start}).check(); err != nil {
		return Script{}, err
	}
	t := &teller{r: rand.New(rand.NewPCG(seed, 1)), theme: theme, years: years, start: start, cast: people}
	t.project(name)
	return Script{Name: name, Lines: InOrder(t.lines)}, nil
}
