package record

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of a message that has come in; one that has been disposed of with
// its entry is Disposed.
const (
	Came    = "inkommet"
	Entered = "registrerat"
	Refused = "avvisat"
)

// Message is a message that was mailed in to the diarium and waits for a
// registrar (inkommet meddelande). The sender is what the message says;
// nothing proves it.
type Message struct {
	Identity  string     `json:"identity"` // Message-ID, or the hash of the bytes
	Claimed   string     `json:"claimed"`
	Subject   string     `json:"subject"`
	Stated    string     `json:"stated"` // the day that the message states
	Came      time.Time  `json:"came"`
	Body      string     `json:"body"`
	Trail     []string   `json:"trail,omitempty"`
	Documents []Document `json:"documents"` // the message itself first, then its attachments
	Entry     journal.ID `json:"entry"`     // what it was registered as
	Number    string     `json:"number"`
}

// title is what a list calls the message.
func (m Message) title() string {
	if m.Subject == "" {
		return "(utan ämne)"
	}
	return m.Subject
}

// doubts are what the mail server that took the message says against the
// sender: the results other than pass of the topmost Authentication-Results
// (RFC 8601), as "dmarc=fail". Without such a line nothing is known.
func (m Message) doubts() (out []string, checked bool) {
	for _, l := range m.Trail {
		result, ok := strings.CutPrefix(l, "Authentication-Results: ")
		if !ok {
			continue
		}
		for _, word := range strings.FieldsFunc(strings.ToLower(result), func(r rune) bool { return strings.ContainsRune("; ()", r) }) {
			method, verdict, ok := strings.Cut(word, "=")
			if ok && (method == "spf" || method == "dkim" || method == "dmarc") {
				checked = true
				if verdict != "pass" {
					out = append(out, word)
				}
			}
		}
		return out, checked
	}
	return nil, false
}

// registration is what the registrar adds to a message to make it an entry.
type registration struct {
	matter journal.ID // 0: a new one
	title  string
	code   string
	who    string // responsible for the new matter
	entry  Entry
}

// checkRegistration holds that the matter is chosen or described, not both.
func checkRegistration(r registration) (out []fail.Field) {
	if r.matter == 0 && r.title == "" {
		out = append(out, fail.Field{Name: "matter", Message: "Välj ett ärende, eller skriv rubriken på ett nytt."})
	}
	if r.matter != 0 && r.title != "" {
		out = append(out, fail.Field{Name: "title", Message: "Välj ett ärende eller skriv en ny rubrik, inte båda."})
	}
	if r.title != "" && r.who == "" {
		out = append(out, fail.Field{Name: "responsible", Message: "Skriv vem som ansvarar för det nya ärendet."})
	}
	return append(out, checkEntry(r.entry)...)
}

func (r *registration) fields(ctx context.Context, c sheet.Choices) []web.Bound {
	return []web.Bound{
		{Input: web.Input{Name: "matter", Label: web.T(ctx, "Ärende"), Hint: web.T(ctx, "Lämna tomt för ett nytt ärende.")}, Kind: web.AsChoice, To: &r.matter, Options: c["matter"]},
		{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik på ett nytt ärende")}, To: &r.title},
		{Input: web.Input{Name: "code", Label: web.T(ctx, "Klassificering av det nya ärendet"), Width: "short"}, To: &r.code},
		{Input: web.Input{Name: "responsible", Label: web.T(ctx, "Ansvarig för det nya ärendet"), Hint: web.T(ctx, "Roll och organisation.")}, To: &r.who},
		{Input: web.Input{Name: "series", Label: web.T(ctx, "Diarieserie"), Hint: web.T(ctx, "Myndighetens beteckning, till exempel KS. Numret sätts när posten sparas."), Required: true, Width: "short"}, To: &r.entry.Series},
		{Input: web.Input{Name: "day", Label: web.T(ctx, "Dag då den kom in"), Required: true}, Kind: web.AsDay, To: &r.entry.Day},
		{Input: web.Input{Name: "party", Label: web.T(ctx, "Från"), Hint: web.T(ctx, "Förslaget är den avsändare som meddelandet uppger. Ändra om du vet bättre.")}, To: &r.entry.Party},
		{Input: web.Input{Name: "brief", Label: web.T(ctx, "Kort vad handlingen gäller"), Required: true}, To: &r.entry.Brief},
		{Input: web.Input{Name: "theirs", Label: web.T(ctx, "Motpartens diarienummer")}, To: &r.entry.Theirs},
		{Input: web.Input{Name: "secrecy", Label: web.T(ctx, "Sekretess"), Hint: web.T(ctx, "Paragraf, till exempel OSL 19:3. Lämna tomt om handlingen är offentlig.")}, To: &r.entry.Secrecy},
	}
}

// proposed is the registration that a message suggests.
func proposed(m Message) registration {
	return registration{entry: Entry{Day: calendar.Of(m.Came), Party: m.Claimed, Brief: m.Subject}}
}

func (o *Room) messageSheet(d sheet.Deps) *sheet.Sheet[Message] {
	return &sheet.Sheet[Message]{
		Deps: d, Noun: journal.Noun[Message]{Name: "message", Title: "Meddelandet", Moves: map[string][]string{Came: {Entered, Refused}, Entered: {Disposed}}, NeedsReason: []string{Refused}},
		Path: "inkommet", Title: "Inkomna meddelanden", Lead: "Meddelanden som har mejlats in och väntar på att registreras eller avvisas. Avsändaren är den som meddelandet uppger; ingen har prövat det.",
		NoneYet: "Inga meddelanden har kommit in.", First: Came, Read: "record.mail", Create: "record.mail", Newest: true,
		Name: Message.title,
		Fields: func(ctx context.Context, m *Message, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "claimed", Label: web.T(ctx, "Uppgiven avsändare")}, To: &m.Claimed},
				{Input: web.Input{Name: "subject", Label: web.T(ctx, "Ämne")}, To: &m.Subject},
				{Input: web.Input{Name: "stated", Label: web.T(ctx, "Uppgiven tid")}, To: &m.Stated},
				{Input: web.Input{Name: "identity", Label: web.T(ctx, "Meddelandets identitet")}, To: &m.Identity},
				{Input: web.Input{Name: "number", Label: web.T(ctx, "Registrerat som")}, To: &m.Number},
			}
		},
		Columns: []sheet.Column[Message]{
			{Head: "Uppgiven avsändare", Cell: func(_ context.Context, it journal.Item[Message], _ sheet.Choices) string { return it.Is.Claimed }},
			{Head: "Kom in", Cell: func(ctx context.Context, it journal.Item[Message], _ sheet.Choices) string {
				return web.DateTime(ctx, it.Is.Came)
			}},
			{Head: "Registrerat som", Cell: func(_ context.Context, it journal.Item[Message], _ sheet.Choices) string { return it.Is.Number }},
		},
		Moves: []sheet.Move{{To: Refused, Label: "Avvisa", Action: "record.mail", Danger: true, Hint: "Meddelandet registreras inte. Skriv varför, till exempel att det är reklam."}},
		Above: func(ctx context.Context, _ db.Q, p journal.Project, _ []journal.Item[Message], at time.Time) (templ.Component, error) {
			return messageLinks(o, p, at.IsZero() && !p.Closed), nil
		},
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Message], at time.Time) (templ.Component, error) {
			return messagePage(o, p, it, at.IsZero() && it.State == Came && !p.Closed && may(ctx, "record.mail", p.Resource) == nil), nil
		},
	}
}

// matterOptions lists the project's open matters.
func (o *Room) matterOptions(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	list, err := o.matters.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Open})
	c := sheet.Choices{}
	for _, m := range list {
		c["matter"] = append(c["matter"], web.Option{Value: id.String(m.ID), Label: m.Is.Title})
	}
	return c, err
}
