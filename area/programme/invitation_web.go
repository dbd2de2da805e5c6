package programme

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// contactRows is how many earlier contacts the form has room for.
const contactRows = 4

// invitationPage is what an invitation's page shows.
type invitationPage struct {
	Invitation
	Of       Call
	OrgName  string
	Together []string
	MayEdit  bool
	MayReply bool
	Form     web.Form
}

// listedInvitation is one invitation in a list.
type listedInvitation struct {
	Invitation
	OrgName, CallTitle string
}

func (o *Room) listed(ctx context.Context, q db.Q, list []Invitation) ([]listedInvitation, error) {
	var out []listedInvitation
	for _, i := range list {
		org, err := o.deps.Org(ctx, q, i.Org)
		if err != nil {
			return nil, err
		}
		c, err := o.call(ctx, q, i.Call)
		if err != nil {
			return nil, err
		}
		out = append(out, listedInvitation{i, org.Name, c.Title})
	}
	return out, nil
}

func (o *Room) invitationList(w http.ResponseWriter, r *http.Request) error {
	return o.invitationListPage(w, r, http.StatusOK, web.NewForm(nil))
}

func (o *Room) invitationListPage(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	p, err := o.show(r, "call.edit")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var list []listedInvitation
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		all, err := o.Invitations(ctx, q, p.ID)
		if err != nil {
			return err
		}
		list, err = o.listed(ctx, q, all)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Inbjudningar"), Lead: p.Title, NoIndex: true, Crumbs: p.crumbs(ctx)}, invitationListBody(list, f))
}

func (o *Room) invitationMine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	if err := policy.Check(actor, "account.own", policy.Resource{}); err != nil {
		return err
	}
	var list []listedInvitation
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		for _, org := range actor.Orgs(who.Foretradare, who.Kommunkontakt, who.Registrator) {
			all, err := o.InvitationsTo(ctx, q, org)
			if err != nil {
				return err
			}
			some, err := o.listed(ctx, q, all)
			if err != nil {
				return err
			}
			list = append(list, some...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Inbjudningar till er"), NoIndex: true}, invitationMineBody(list))
}

func (o *Room) invitationCreate(w http.ResponseWriter, r *http.Request) error {
	cid, err := id.Path[CallID](r, "id")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	found := o.deps.Register().Search(f.Get("code"), 1)
	var org Org
	if len(found) > 0 {
		err = o.deps.DB.Read(ctx, func(q db.Q) (err error) { org, err = o.deps.OrgByCode(ctx, q, found[0].Code); return err })
		if err != nil {
			return err
		}
	}
	var made InvitationID
	if org.ID == 0 {
		err = fail.Fields(fail.Field{Name: "code", Message: "Ingen kommun heter så. Skriv kommunens namn eller kod."})
	} else {
		letter := Letter{Date: calendar.Of(o.deps.DB.Now()), Contacts: nil}
		made, err = o.Invite(ctx, cid, org.ID, letter, "", f.Once)
	}
	if fail.Is(err, fail.Invalid) {
		return o.invitationListPage(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/inbjudningar/"+id.String(made)+"/redigera")
}

func (o *Room) invitationAt(r *http.Request, action string) (p invitationPage, err error) {
	ctx := r.Context()
	iid, err := id.Path[InvitationID](r, "id")
	if err != nil {
		return p, err
	}
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p.Invitation, p.Of, err = o.invitation(ctx, q, iid, action); err != nil {
			return err
		}
		org, err := o.deps.Org(ctx, q, p.Org)
		p.OrgName = org.Name
		return err
	})
	if err != nil {
		return p, err
	}
	for _, code := range p.Letter.Together {
		if k, ok := o.deps.Register().ByCode(code); ok {
			p.Together = append(p.Together, k.Name)
		}
	}
	res := p.resource(p.Of)
	p.MayEdit = policy.Allowed(who.From(ctx), "invitation.edit", res) && p.State == Unsent
	p.MayReply = policy.Allowed(who.From(ctx), "invitation.answer", res) && (p.State == Sent || p.State == Seen || p.State == Talk)
	p.Form = web.NewForm(nil)
	return p, nil
}

func (o *Room) invitationShow(w http.ResponseWriter, r *http.Request) error {
	p, err := o.invitationAt(r, "invitation.read")
	if err != nil {
		return err
	}
	if p.MayReply && p.State == Sent {
		if err := o.markSeen(r.Context(), p.ID); err != nil {
			return err
		}
	}
	return o.invitationPage(w, r, http.StatusOK, p)
}

func (o *Room) invitationPage(w http.ResponseWriter, r *http.Request, status int, p invitationPage) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Inbjudan till %s", p.OrgName), Lead: p.Of.Title, NoIndex: true,
		Responsible: strings.Trim(p.Role+", "+p.Unit, ", "), Contact: strings.Trim(p.Phone+", "+p.Email, ", "), Crumbs: p.Of.crumbs(ctx)}, invitationBody(p))
}

func (o *Room) invitationEdit(w http.ResponseWriter, r *http.Request) error {
	p, err := o.invitationAt(r, "invitation.edit")
	if err != nil {
		return err
	}
	p.Form = p.asForm()
	return o.invitationForm(w, r, http.StatusOK, p)
}

// asForm is the letter as its form shows it.
func (p invitationPage) asForm() web.Form {
	v := url.Values{"date": {string(p.Date)}, "our_ref": {p.OurRef}, "their_ref": {p.TheirRef}, "text": {p.Text}, "role": {p.Role}, "unit": {p.Unit},
		"phone": {p.Phone}, "email": {p.Email}, "reply_by": {string(p.ReplyBy)}, "together": {strings.Join(p.Letter.Together, " ")}}
	for i, c := range p.Contacts {
		fill(v, i, map[string]string{"contact_day": string(c.Day), "contact_how": c.How, "contact_note": c.Note})
	}
	f := web.NewForm(v)
	f.Version = p.Version
	return f
}

func (o *Room) invitationForm(w http.ResponseWriter, r *http.Request, status int, p invitationPage) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Inbjudan till %s", p.OrgName), Lead: p.Of.Title, NoIndex: true, Crumbs: p.Of.crumbs(ctx)}, invitationFormBody(p.Form, "/inbjudningar/"+id.String(p.ID)+"/redigera"))
}

// letter reads the form.
func letter(f web.Form) (l Letter, replyBy calendar.Date, err error) {
	var p []fail.Field
	day := func(name string) calendar.Date {
		d, ok := f.Day(name)
		if !ok {
			p = append(p, fail.Field{Name: name, Message: "Skriv datumet som år-månad-dag, till exempel 2026-03-31."})
		}
		return d
	}
	l = Letter{Date: day("date"), OurRef: f.Get("our_ref"), TheirRef: f.Get("their_ref"), Text: f.Get("text"), Role: f.Get("role"), Unit: f.Get("unit"),
		Phone: f.Get("phone"), Email: f.Get("email"), Together: strings.Fields(f.Get("together"))}
	for i := range contactRows {
		at := "-" + strconv.Itoa(i)
		if how := f.Get("contact_how" + at); how != "" {
			l.Contacts = append(l.Contacts, Contact{day("contact_day" + at), how, f.Get("contact_note" + at)})
		}
	}
	return l, day("reply_by"), fail.Fields(p...)
}

func (o *Room) invitationSave(w http.ResponseWriter, r *http.Request) error {
	p, err := o.invitationAt(r, "invitation.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	l, replyBy, err := letter(f)
	for _, code := range l.Together {
		if _, ok := o.deps.Register().ByCode(code); !ok {
			err = fail.Fields(fail.Field{Name: "together", Message: "Kommunkoden " + code + " finns inte i registret."})
		}
	}
	if err == nil {
		err = o.SaveInvitation(r.Context(), p.ID, l, replyBy, f.Version, f.Once)
	}
	switch {
	case fail.Is(err, fail.Invalid):
		p.Form = f.WithError(err)
		return o.invitationForm(w, r, http.StatusUnprocessableEntity, p)
	case fail.Is(err, fail.Conflict):
		p.Form = f.WithError(err)
		p.Form.Version = p.Version
		return o.invitationForm(w, r, http.StatusConflict, p)
	case err != nil:
		return err
	}
	return web.Redirect(w, r, "/inbjudningar/"+id.String(p.ID))
}

func (o *Room) invitationSend(w http.ResponseWriter, r *http.Request) error {
	p, err := o.invitationAt(r, "invitation.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	err = o.Send(r.Context(), p.ID, f.Once)
	switch {
	case fail.Is(err, fail.Invalid): // the letter lacks something: there it is mended
		p.Form = p.asForm().WithError(err)
		return o.invitationForm(w, r, http.StatusUnprocessableEntity, p)
	case fail.Is(err, fail.Conflict):
		p.Form = f.WithError(err)
		return o.invitationPage(w, r, http.StatusConflict, p)
	case err != nil:
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), "Inbjudan är skickad."))
	return web.Redirect(w, r, "/inbjudningar/"+id.String(p.ID))
}

func (o *Room) invitationAnswer(w http.ResponseWriter, r *http.Request) error {
	p, err := o.invitationAt(r, "invitation.answer")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	answer := Answer{Text: f.Get("comment"), OwnRef: f.Get("own_ref"), Occasions: f.Get("occasions")}
	err = o.Reply(r.Context(), p.ID, InvitationState(f.Get("answer")), answer, f.Once)
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) {
		p.Form = f.WithError(err)
		return o.invitationPage(w, r, fail.Status(err), p)
	}
	if err != nil {
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), "Tack. Svaret är skickat."))
	return web.Redirect(w, r, "/inbjudningar/"+id.String(p.ID))
}
