package people

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// OrganisationKind says what sort of organisation it is.
type OrganisationKind string

// The kinds of organisation.
const (
	Kommun          OrganisationKind = "kommun"
	Region          OrganisationKind = "region"
	Lansstyrelse    OrganisationKind = "lansstyrelse"
	Myndighet       OrganisationKind = "myndighet"
	Forbund         OrganisationKind = "forbund"
	Bolag           OrganisationKind = "bolag"
	Forening        OrganisationKind = "forening"
	Leverantor      OrganisationKind = "leverantor"
	Kommundelsnamnd OrganisationKind = "kommundelsnamnd"
)

// organisationKinds lists the kinds with their Swedish names.
var organisationKinds = []struct {
	Kind OrganisationKind
	Name string
}{
	{Kommun, "Kommun"}, {Region, "Region"}, {Lansstyrelse, "Länsstyrelse"}, {Myndighet, "Myndighet"},
	{Forbund, "Förbund"}, {Bolag, "Bolag"}, {Forening, "Förening"}, {Leverantor, "Leverantör"},
	{Kommundelsnamnd, "Kommundelsnämnd"},
}

// Name is the kind's Swedish name; "" for a kind that there is none of.
func (k OrganisationKind) Name() string {
	for _, x := range organisationKinds {
		if x.Kind == k {
			return x.Name
		}
	}
	return ""
}

// States of an organisation.
const (
	aktiv   = "aktiv"
	upphord = "upphörd"
)

// Organisation is a body that takes part in programmes or runs them. It is
// valid from a day up to, not including, another; "" leaves a side open. A
// board, company or city district has a parent. Code is SCB's code of a
// municipality (four digits) or the county's of a region or county
// administrative board (two).
type Organisation struct {
	ID                       who.OrgID
	Kind                     OrganisationKind
	Name                     string
	Number                   string // organisation number, NNNNNN-NNNN
	Code                     string
	Parent                   who.OrgID
	ValidFrom, ValidTo       calendar.Date
	Predecessors, Successors []who.OrgID
	Created                  time.Time
	By                       who.PersonID
	Version                  int64
}

// In tells whether the organisation exists on the day.
func (o Organisation) In(day calendar.Date) bool {
	return o.ValidFrom <= day && (o.ValidTo == "" || day < o.ValidTo)
}

// State is aktiv or upphörd on the day.
func (o Organisation) State(day calendar.Date) string {
	if o.ValidTo != "" && o.ValidTo <= day {
		return upphord
	}
	return aktiv
}

// maxName is the longest name of an organisation or person, in characters.
const maxName = 200

// checked gives the organisation with its texts in their stored form, or what
// is wrong with each field.
func (o Organisation) checked() (Organisation, error) {
	var wrong []fail.Field
	add := func(name, message string) { wrong = append(wrong, fail.Field{Name: name, Message: message}) }
	o.Name = strings.Join(strings.Fields(o.Name), " ")
	if o.Kind.Name() == "" {
		add("kind", "Välj vilken sorts organisation det är.")
	}
	if o.Name == "" || utf8.RuneCountInString(o.Name) > maxName {
		add("name", "Skriv organisationens namn med högst 200 tecken.")
	}
	if o.Number != "" {
		n, ok := organisationNumber(o.Number)
		if !ok {
			add("number", "Organisationsnumret stämmer inte. Skriv tio siffror, till exempel 212000-0142, och kontrollera den sista.")
		}
		o.Number = n
	}
	if message := wrongCode(o.Kind, o.Code); message != "" {
		add("code", message)
	}
	if o.Kind == Kommundelsnamnd && o.Parent == 0 {
		add("parent", "Välj vilken kommun nämnden hör till.")
	}
	if o.Parent != 0 && o.Parent == o.ID {
		add("parent", "En organisation kan inte höra till sig själv.")
	}
	if o.ValidTo != "" && o.ValidTo <= o.ValidFrom {
		add("valid_to", "Slutdatumet ska komma efter startdatumet.")
	}
	return o, fail.Fields(wrong...)
}

// wrongCode says what is wrong with an official code of the kind; "" where
// nothing is.
func wrongCode(k OrganisationKind, code string) string {
	digits := 0
	switch k {
	case Kommun:
		digits = 4
	case Region, Lansstyrelse:
		digits = 2
	}
	switch {
	case digits == 0 && code != "":
		return "Bara kommuner, regioner och länsstyrelser har en officiell kod. Lämna fältet tomt."
	case digits == 4 && !onlyDigits(code, 4):
		return "Skriv kommunkoden med fyra siffror, till exempel 0114."
	case digits == 2 && !onlyDigits(code, 2):
		return "Skriv länskoden med två siffror, till exempel 03."
	}
	return ""
}

func onlyDigits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

// organisationNumber writes an organisation number as NNNNNN-NNNN. It checks
// the last digit (Luhn) and that the third is at least 2, which tells it from
// a personal number (lag (1974:174)).
func organisationNumber(s string) (string, bool) {
	s = strings.NewReplacer("-", "", " ", "", "\u00a0", "").Replace(s)
	if !onlyDigits(s, 10) || s[2] < '2' {
		return "", false
	}
	sum := 0
	for i, c := range s {
		d := int(c - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return s[:6] + "-" + s[6:], sum%10 == 0
}

// ended is the organisation from the day on which it is no more. Who takes
// over must be said, and why.
func (o Organisation) ended(last calendar.Date, successors []who.OrgID, reason string) (Organisation, error) {
	var wrong []fail.Field
	if o.ValidTo != "" {
		return o, fail.New(fail.Conflict, "Organisationen har redan ett slutdatum.")
	}
	if last == "" || last < o.ValidFrom {
		wrong = append(wrong, fail.Field{Name: "valid_to", Message: "Skriv den sista dagen som organisationen finns."})
	}
	if len(successors) == 0 || slices.Contains(successors, o.ID) {
		wrong = append(wrong, fail.Field{Name: "successor", Message: "Välj vilken annan organisation som tar över."})
	}
	if reason == "" {
		wrong = append(wrong, fail.Field{Name: "reason", Message: "Skriv varför organisationen upphör."})
	}
	o.ValidTo, o.Successors = last.AddDays(1), successors
	return o, fail.Fields(wrong...)
}

// regionNames are the regions' own names by county code, in 2026.
var regionNames = map[string]string{
	"01": "Region Stockholm", "03": "Region Uppsala", "04": "Region Sörmland", "05": "Region Östergötland",
	"06": "Region Jönköpings län", "07": "Region Kronoberg", "08": "Region Kalmar län", "09": "Region Gotland",
	"10": "Region Blekinge", "12": "Region Skåne", "13": "Region Halland", "14": "Västra Götalandsregionen",
	"17": "Region Värmland", "18": "Region Örebro län", "19": "Region Västmanland", "20": "Region Dalarna",
	"21": "Region Gävleborg", "22": "Region Västernorrland", "23": "Region Jämtland Härjedalen",
	"24": "Region Västerbotten", "25": "Region Norrbotten",
}
