package outreach

import (
	"context"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The states of a newsletter. That one is due is no state: Due says it.
const (
	Draft    = "utkast"
	Approved = "godkänt"
	Sent     = "skickat"
)

// Newsletter is one issue. Body is text with "## " before a heading and "- "
// before a point of a list; an empty line parts paragraphs.
type Newsletter struct {
	Title  string        `json:"title"`
	Intro  string        `json:"intro"`
	Body   string        `json:"body"`
	From   calendar.Date `json:"from"` // the period that it tells of
	To     calendar.Date `json:"to"`
	Number int           `json:"number"` // among the sent ones, from 1; 0 until then
	Day    calendar.Date `json:"day"`    // when it was sent
}

// quarter is how long after the last newsletter, or the project's first
// day, that the next one is due (003-69).
const quarter = 3

// Due tells the day when the next newsletter should be out: three months after
// the last one, or after the first day of the project's communication.
func Due(last calendar.Date) calendar.Date {
	return calendar.Of(last.Start().AddDate(0, quarter, 0))
}

// News is something that happened in the project and may be told.
type News struct{ Head, Text string }

// compose makes the text of a draft: one heading for each kind of news, in the
// order that they came.
func compose(news []News) string {
	var b strings.Builder
	last := ""
	for _, n := range news {
		if n.Head != last {
			if last != "" {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "## %s\n\n", n.Head)
			last = n.Head
		}
		fmt.Fprintf(&b, "- %s\n", strings.Join(strings.Fields(n.Text), " "))
	}
	return b.String()
}

// block is a heading, a paragraph or a list of points.
type block struct {
	head   string
	text   string
	points []string
}

// blocks reads the text of a newsletter.
func blocks(body string) (out []block) {
	open := false // whether the last block may go on
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimSpace(line)
		n := len(out) - 1
		switch {
		case line == "":
			open = false
			continue
		case strings.HasPrefix(line, "## "):
			out = append(out, block{head: strings.TrimSpace(line[3:])})
			open = false
			continue
		case strings.HasPrefix(line, "- ") && open && len(out[n].points) > 0:
			out[n].points = append(out[n].points, strings.TrimSpace(line[2:]))
		case strings.HasPrefix(line, "- "):
			out = append(out, block{points: []string{strings.TrimSpace(line[2:])}})
		case open && out[n].text != "":
			out[n].text += " " + line
		default:
			out = append(out, block{text: line})
		}
		open = true
	}
	return out
}

// letter is the newsletter to one subscriber, as text and as a page.
func (n Newsletter) letter(project, address, leave string) (text, page string) {
	var t, p strings.Builder
	fmt.Fprintf(&t, "%s\n\n%s\n", n.Title, n.Intro)
	fmt.Fprintf(&p, "<!doctype html><html lang=\"sv\"><head><meta charset=\"utf-8\"><title>%[1]s</title></head><body><h1>%[1]s</h1><p>%[2]s</p>", html.EscapeString(n.Title), html.EscapeString(n.Intro))
	for _, b := range blocks(n.Body) {
		switch {
		case b.head != "":
			fmt.Fprintf(&t, "\n%s\n", strings.ToUpper(b.head))
			fmt.Fprintf(&p, "<h2>%s</h2>", html.EscapeString(b.head))
		case len(b.points) > 0:
			p.WriteString("<ul>")
			t.WriteString("\n")
			for _, x := range b.points {
				fmt.Fprintf(&t, "* %s\n", x)
				fmt.Fprintf(&p, "<li>%s</li>", html.EscapeString(x))
			}
			p.WriteString("</ul>")
		default:
			fmt.Fprintf(&t, "\n%s\n", b.text)
			fmt.Fprintf(&p, "<p>%s</p>", html.EscapeString(b.text))
		}
	}
	fmt.Fprintf(&t, "\n--\nDu får brevet för att du prenumererar på nyhetsbrev från %s.\nLäs på webben: %s\nSluta prenumerera: %s\n", project, address, leave)
	fmt.Fprintf(&p, "<hr><p>Du får brevet för att du prenumererar på nyhetsbrev från %s. <a href=\"%s\">Läs på webben</a>. <a href=\"%s\">Sluta prenumerera</a>.</p></body></html>", html.EscapeString(project), html.EscapeString(address), html.EscapeString(leave))
	return t.String(), p.String()
}

func (o *Room) newsletterSheet(d sheet.Deps) *sheet.Sheet[Newsletter] {
	return &sheet.Sheet[Newsletter]{
		Deps: d, Noun: journal.Noun[Newsletter]{Name: "newsletter", Title: "Nyhetsbrevet", Moves: map[string][]string{Draft: {Approved}, Approved: {Draft, Sent}}},
		Path: "nyhetsbrev", Title: "Nyhetsbrev", Lead: "Går ut varje kvartal eller när det behövs. Projektägaren godkänner innan det skickas.", New: "Nytt nyhetsbrev",
		NoneYet: "Inget nyhetsbrev ännu. Låt plattformen föreslå ett utkast av det som har hänt, eller skriv ett eget.",
		First:   Draft, Read: "project.read", Write: "outreach.edit", Locked: []string{Approved, Sent}, Name: func(n Newsletter) string { return n.Title },
		Fields: func(ctx context.Context, n *Newsletter, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &n.Title},
				{Input: web.Input{Name: "intro", Label: web.T(ctx, "Ingress"), Hint: web.T(ctx, "Det viktigaste, i två meningar."), Rows: 3, Required: true}, Kind: web.AsArea, To: &n.Intro},
				{Input: web.Input{Name: "body", Label: web.T(ctx, "Brevets text"), Hint: web.T(ctx, "Börja en rubrik med ## och en punkt i en lista med -. En tom rad skiljer stycken åt."), Rows: 16, Required: true}, Kind: web.AsArea, To: &n.Body},
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Från och med")}, Kind: web.AsDay, To: &n.From},
				{Input: web.Input{Name: "to", Label: web.T(ctx, "Till och med")}, Kind: web.AsDay, To: &n.To},
			}
		},
		Columns: []sheet.Column[Newsletter]{
			{Head: "Nummer", Cell: func(_ context.Context, it journal.Item[Newsletter], _ sheet.Choices) string {
				if it.Is.Number == 0 {
					return ""
				}
				return fmt.Sprint(it.Is.Number)
			}},
			{Head: "Skickat", Cell: func(ctx context.Context, it journal.Item[Newsletter], _ sheet.Choices) string {
				if it.Is.Day == "" {
					return ""
				}
				return web.Day(ctx, it.Is.Day)
			}},
		},
		Moves: []sheet.Move{
			{To: Approved, Label: "Godkänn", Action: "outreach.approve", Hint: "Texten kan sedan inte ändras."},
			{To: Draft, Label: "Öppna för ändring"},
			{To: Sent, Label: "Skicka till alla prenumeranter", Hint: "Det går inte att ångra. Skicka gärna ett prov till dig själv först."},
		},
		Check: func(n Newsletter) []fail.Field {
			if n.From != "" && n.To != "" && n.To < n.From {
				return []fail.Field{{Name: "to", Message: "Sista dagen kan inte ligga före den första."}}
			}
			return nil
		},
		Guard: o.number, After: o.send, Drawn: []string{"intro", "body"},
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Newsletter], _ time.Time) (templ.Component, error) {
			carried, err := mail.Progress(ctx, q, batch(it.ID))
			return newsletterBody(p, it, carried), err
		},
		Above: func(ctx context.Context, q db.Q, p journal.Project, list []journal.Item[Newsletter], at time.Time) (templ.Component, error) {
			n, err := db.Value[int](ctx, q, `SELECT count(*) FROM subscriber WHERE project_id = ? AND confirmed_at IS NOT NULL`, int64(p.ID))
			if at.IsZero() {
				at = o.deps.DB.Now()
			}
			due := calendar.Date("")
			if last := lastSent(list); last != "" && !p.Closed {
				due = Due(last)
			}
			return newsletterAbove(p, n, due, due != "" && due < calendar.Of(at), may(ctx, "outreach.edit", p.Resource) == nil && !p.Closed), err
		},
	}
}

// lastSent is the day of the last sent newsletter, "" where there is none.
func lastSent(list []journal.Item[Newsletter]) (last calendar.Date) {
	for _, it := range list {
		last = max(last, it.Is.Day)
	}
	return last
}

func batch(item journal.ID) string { return "newsletter:" + id.String(item) }

// number gives a newsletter that is being sent its number and day.
func (o *Room) number(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Newsletter], from string) error {
	if it.State != Sent || from == Sent {
		return nil
	}
	list, err := o.newsletters.Noun.List(ctx, tx, journal.Query{Project: p.ID, State: Sent})
	it.Is.Number, it.Is.Day = len(list)+1, calendar.Of(tx.Now())
	return err
}

// send puts one letter for each subscriber in the queue, with the act.
func (o *Room) send(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Newsletter], from string) error {
	if it.State != Sent || from == Sent {
		return nil
	}
	list, err := confirmed(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, s := range list {
		leave := o.leaveHref(s.Leave)
		text, page := it.Is.letter(p.Name, o.deps.PublicURL+issueHref(p.ID, it.Is.Number), leave)
		if err := o.deps.Mail(ctx, tx, mail.Message{To: []string{s.Email}, Subject: it.Is.Title, Text: text, HTML: page, Unsubscribe: leave, Batch: batch(it.ID)}); err != nil {
			return err
		}
	}
	return nil
}

// Propose makes a draft of what has happened since the last newsletter.
func (o *Room) Propose(ctx context.Context, pid who.ProjectID, once string) (made journal.Item[Newsletter], err error) {
	var n Newsletter
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		p, err := o.deps.Project(ctx, q, pid)
		if err != nil {
			return err
		}
		list, err := o.newsletters.Noun.List(ctx, q, journal.Query{Project: pid})
		if err != nil {
			return err
		}
		today := calendar.Of(o.deps.DB.Now())
		from := lastSent(list)
		if from == "" {
			from = calendar.Of(today.Start().AddDate(0, -quarter, 0))
		}
		news, err := o.deps.News(ctx, q, p, from, today)
		n = Newsletter{Title: web.T(ctx, "Nytt från %s", p.Name), Intro: web.T(ctx, "Det här har hänt sedan sist."), Body: compose(news), From: from, To: today}
		return err
	})
	if err != nil {
		return made, err
	}
	return o.newsletters.Add(ctx, pid, 0, n, once)
}
