package outreach

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

const formLimit = 64 << 10

func (o *Room) newsletterRoutes() []web.Route {
	return []web.Route{
		{Pattern: "POST /projekt/{id}/nyhetsbrev-forslag", Action: "outreach.edit", Handler: o.propose},
		{Pattern: "POST /projekt/{id}/nyhetsbrev/{post}/prov", Action: "outreach.edit", Handler: o.try},
		{Pattern: "GET /nyhetsbrev/{id}", Action: "newsletter.read", Handler: o.front},
		{Pattern: "POST /nyhetsbrev/{id}", Action: "newsletter.subscribe", Handler: o.subscribe},
		{Pattern: "GET /nyhetsbrev/{id}/{nr}", Action: "newsletter.read", Handler: o.issue},
		{Pattern: "GET /nyhetsbrev/{id}/flode.xml", Action: "newsletter.read", Handler: o.feed},
		{Pattern: "GET /prenumeration/{token}/bekrafta", Action: "newsletter.subscribe", Handler: o.confirmPage},
		{Pattern: "POST /prenumeration/{token}/bekrafta", Action: "newsletter.subscribe", Handler: o.confirm},
		{Pattern: "GET /prenumeration/{token}/avsluta", Action: "newsletter.subscribe", Handler: o.leavePage},
		{Pattern: "POST /prenumeration/{token}/avsluta", Action: "newsletter.subscribe", Handler: o.leave},
	}
}

// may is policy.Check for the context's actor.
func may(ctx context.Context, action string, r policy.Resource) error {
	return policy.Check(who.From(ctx), action, r)
}

func frontHref(p who.ProjectID) string { return "/nyhetsbrev/" + id.String(p) }

func issueHref(p who.ProjectID, number int) string { return frontHref(p) + "/" + strconv.Itoa(number) }

func (o *Room) leaveHref(token string) string {
	return o.deps.PublicURL + "/prenumeration/" + token + "/avsluta"
}

func (o *Room) propose(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	made, err := o.Propose(ctx, pid, f.Once)
	if errors.Is(err, db.ErrTwice) {
		return web.Redirect(w, r, o.newsletters.ListHref(pid))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Här är ett utkast av det som har hänt. Läs, stryk och skriv om."))
	return web.Redirect(w, r, o.newsletters.Href(pid, made.ID)+"/redigera")
}

// try sends the letter to the person who asks, as a subscriber would get it.
func (o *Room) try(w http.ResponseWriter, r *http.Request) error {
	pid, err1 := id.Path[who.ProjectID](r, "id")
	item, err2 := id.Path[journal.ID](r, "post")
	f, err3 := web.Bind(r, formLimit)
	if err := errors.Join(err1, err2); err != nil {
		return fail.New(fail.NotFound, "Sidan finns inte.")
	}
	if err3 != nil {
		return err3
	}
	ctx := r.Context()
	err := o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := o.deps.Project(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := may(ctx, "outreach.edit", p.Resource); err != nil {
			return err
		}
		it, err := o.newsletters.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		if it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		email, err := o.deps.Email(ctx, tx, who.From(ctx).Person)
		if err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "newsletter.try", Object: "newsletter:" + id.String(item), Programme: p.Resource.Programme})
		text, page := it.Is.letter(p.Name, o.deps.PublicURL+frontHref(pid), o.deps.PublicURL+frontHref(pid))
		return o.deps.Mail(ctx, tx, mail.Message{To: []string{email}, Subject: "Prov: " + it.Is.Title, Text: text, HTML: page})
	})
	if err != nil && !errors.Is(err, db.ErrTwice) {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Ett prov är på väg till din e-postadress."))
	return web.Redirect(w, r, o.newsletters.Href(pid, item))
}

// issues lists a project's sent newsletters, newest first.
func (o *Room) issues(r *http.Request) (p journal.Project, list []journal.Item[Newsletter], err error) {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return p, nil, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.deps.Project(ctx, q, pid); err != nil {
			return err
		}
		list, err = o.newsletters.Noun.List(ctx, q, journal.Query{Project: pid, State: Sent})
		return err
	})
	slices.SortFunc(list, func(a, b journal.Item[Newsletter]) int { return b.Is.Number - a.Is.Number })
	return p, list, err
}

func (o *Room) front(w http.ResponseWriter, r *http.Request) error {
	return o.showFront(w, r, http.StatusOK, web.NewForm(nil))
}

func (o *Room) showFront(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	p, list, err := o.issues(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Nyhetsbrev"), Lead: p.Name}, frontPage(p, list, f))
}

func (o *Room) subscribe(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = o.Subscribe(ctx, pid, f.Get("email"), f.Once)
	switch {
	case err == nil, errors.Is(err, db.ErrTwice):
		web.Flash(ctx, web.T(ctx, "Titta i din e-post. Öppna länken i brevet för att bekräfta."))
		return web.Redirect(w, r, frontHref(pid))
	case fail.Is(err, fail.Invalid):
		return o.showFront(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	return err
}

func (o *Room) issue(w http.ResponseWriter, r *http.Request) error {
	p, list, err := o.issues(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	for _, it := range list {
		if strconv.Itoa(it.Is.Number) == r.PathValue("nr") {
			return web.Render(w, r, http.StatusOK, web.Page{Title: it.Is.Title, Lead: p.Name, Crumbs: []web.Crumb{{Text: web.T(ctx, "Nyhetsbrev"), Href: frontHref(p.ID)}}}, issuePage(it.Is))
		}
	}
	return fail.New(fail.NotFound, "Sidan finns inte.")
}

// atom is an Atom feed (RFC 4287).
type atom struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"`
	Links   []atomLink `xml:"link"`
	Summary string     `xml:"summary"`
}

// feed is the sent newsletters for a feed reader.
func (o *Room) feed(w http.ResponseWriter, r *http.Request) error {
	p, list, err := o.issues(r)
	if err != nil {
		return err
	}
	at := o.deps.PublicURL + frontHref(p.ID)
	f := atom{Lang: "sv", ID: at, Title: web.T(r.Context(), "Nyhetsbrev") + ", " + p.Name, Updated: "1970-01-01T00:00:00Z", Author: p.Name, Links: []atomLink{{Rel: "self", Href: at + "/flode.xml"}, {Href: at}}}
	for _, it := range list {
		sent := it.Is.Day.Start().Format(time.RFC3339)
		href := o.deps.PublicURL + issueHref(p.ID, it.Is.Number)
		f.Updated = max(f.Updated, sent)
		f.Entries = append(f.Entries, atomEntry{ID: href, Title: it.Is.Title, Updated: sent, Links: []atomLink{{Href: href}}, Summary: it.Is.Intro})
	}
	b, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	_, err = w.Write(append([]byte(xml.Header), b...))
	return err
}

func (o *Room) confirmPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return o.one(w, r, web.T(ctx, "Bekräfta prenumerationen"), buttonPage(web.NewForm(nil), web.T(ctx, "Ja, jag vill ha nyhetsbrevet")))
}

func (o *Room) confirm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	switch err := o.Confirm(ctx, r.PathValue("token")); {
	case fail.Is(err, fail.NotFound):
		return fail.New(fail.NotFound, "Länken gäller inte längre. Be om nyhetsbrevet en gång till, så får du en ny.")
	case err != nil:
		return err
	}
	return o.one(w, r, web.T(ctx, "Du prenumererar nu"), wordPage(web.T(ctx, "Nästa nyhetsbrev kommer till din e-post. I varje brev finns en länk som avslutar prenumerationen.")))
}

func (o *Room) leavePage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return o.one(w, r, web.T(ctx, "Sluta prenumerera"), buttonPage(web.NewForm(nil), web.T(ctx, "Ja, sluta skicka nyhetsbrevet")))
}

// leave takes the page's button and a mail program's single POST alike (RFC
// 8058): no cookie, no question, the address says whose.
func (o *Room) leave(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := o.Leave(ctx, r.PathValue("token")); err != nil {
		return err
	}
	return o.one(w, r, web.T(ctx, "Du prenumererar inte längre"), wordPage(web.T(ctx, "Din adress är borttagen. Ångrar du dig kan du prenumerera på nytt.")))
}

func (o *Room) one(w http.ResponseWriter, r *http.Request, title string, body templ.Component) error {
	return web.Render(w, r, http.StatusOK, web.Page{Title: title, NoIndex: true}, body)
}
