package people

import (
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// Person is somebody who may sign in.
type Person struct {
	ID      who.PersonID
	Name    string
	Email   string // lower case
	Lang    string // sv or en
	Created time.Time
	Version int64
}

// maxEmail is the longest address that mail can carry (RFC 5321).
const maxEmail = 254

// cleanEmail writes an address in its stored form; false where it is none.
func cleanEmail(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	return s, err == nil && a.Address == s && len(s) <= maxEmail && strings.Contains(s[strings.LastIndexByte(s, '@'):], ".")
}

// checked gives the person with texts in their stored form, or what is wrong.
func (p Person) checked() (Person, error) {
	var wrong []fail.Field
	var ok bool
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	if p.Name == "" || utf8.RuneCountInString(p.Name) > maxName {
		wrong = append(wrong, fail.Field{Name: "name", Message: "Skriv namnet med högst 200 tecken."})
	}
	if p.Email, ok = cleanEmail(p.Email); !ok {
		wrong = append(wrong, fail.Field{Name: "email", Message: "Skriv e-postadressen som namn@exempel.se."})
	}
	if p.Lang == "" {
		p.Lang = "sv"
	}
	if p.Lang != "sv" && p.Lang != "en" {
		wrong = append(wrong, fail.Field{Name: "lang", Message: "Välj svenska eller engelska."})
	}
	return p, fail.Fields(wrong...)
}
