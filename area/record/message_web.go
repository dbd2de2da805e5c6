package record

import (
	"errors"
	"net/http"
	"strconv"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// mailForm asks for a message that somebody has saved as a file.
func (o *Room) mailForm(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	return o.mailPage(w, r, http.StatusOK, pid, web.NewForm(nil))
}

func (o *Room) mailPage(w http.ResponseWriter, r *http.Request, status int, pid who.ProjectID, f web.Form) error {
	ctx := r.Context()
	var p journal.Project
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { p, err = o.mayMail(ctx, q, pid); return err }); err != nil {
		return err
	}
	return web.Render(w, r, status, o.messagesPage(r, p, web.T(ctx, "Lägg in ett meddelande")), mailUpload(f, o.messages.ListHref(pid)))
}

// messagesPage is what stands around the pages about messages.
func (o *Room) messagesPage(r *http.Request, p journal.Project, title string) web.Page {
	ctx := r.Context()
	return web.Page{Title: title, NoIndex: true, Crumbs: []web.Crumb{{Text: p.Name, Href: "/projekt/" + id.String(p.ID)}, {Text: web.T(ctx, "Inkomna meddelanden"), Href: o.messages.ListHref(p.ID)}}}
}

// postMail takes in a message that was saved as a file.
func (o *Room) postMail(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	// Before a byte is read: nobody else may fill the disk.
	if err := o.deps.DB.Read(ctx, func(q db.Q) error { _, err := o.mayMail(ctx, q, pid); return err }); err != nil {
		return err
	}
	f, err := web.Bind(r, maxBytes+1<<20)
	if err != nil {
		return err
	}
	file, _, err := r.FormFile("fil")
	if err != nil {
		return o.mailPage(w, r, http.StatusUnprocessableEntity, pid, f.WithError(fail.Fields(fail.Field{Name: "fil", Message: "Välj en fil."})))
	}
	defer func() { _ = file.Close() }() // only read
	t, err := o.TakeMail(ctx, pid, file)
	switch {
	case fail.Is(err, fail.Invalid):
		return o.mailPage(w, r, http.StatusUnprocessableEntity, pid, f.WithError(fail.Fields(fail.Field{Name: "fil", Message: fail.As(err).Message})))
	case err != nil:
		return err
	case t.Again:
		web.Flash(ctx, web.T(ctx, "Meddelandet har redan kommit in. Inget ändrades."))
	default:
		web.Flash(ctx, web.T(ctx, "Meddelandet är mottaget."))
	}
	return web.Redirect(w, r, o.messages.Href(pid, t.Message))
}

// entering is what the page of registering a message shows.
type entering struct {
	p  journal.Project
	it journal.Item[Message]
	c  sheet.Choices
}

func (o *Room) entering(r *http.Request) (e entering, err error) {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return e, err
	}
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return e, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if err := o.mayEnter(ctx, q, pid, item); err != nil {
			return err
		}
		if e.it, err = o.messages.Noun.Get(ctx, q, item); err != nil {
			return err
		}
		if e.p, err = o.deps.Project(ctx, q, pid); err != nil {
			return err
		}
		e.c, err = o.matterOptions(ctx, q, e.p)
		return err
	})
	return e, err
}

// enterForm asks for what the registrar adds to a message.
func (o *Room) enterForm(w http.ResponseWriter, r *http.Request) error {
	e, err := o.entering(r)
	if err != nil {
		return err
	}
	reg := proposed(e.it.Is)
	f := web.NewForm(web.Filled(reg.fields(r.Context(), e.c)))
	f.Version = e.it.Version
	return o.enterPage(w, r, http.StatusOK, e, f)
}

func (o *Room) enterPage(w http.ResponseWriter, r *http.Request, status int, e entering, f web.Form) error {
	ctx := r.Context()
	var reg registration
	return web.Render(w, r, status, o.messagesPage(r, e.p, web.T(ctx, "Registrera meddelandet")), enterMessage(f, e.it, reg.fields(ctx, e.c), o.messages.Href(e.p.ID, e.it.ID)))
}

// postEnter registers a message.
func (o *Room) postEnter(w http.ResponseWriter, r *http.Request) error {
	e, err := o.entering(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, 1<<20)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var reg registration
	var made journal.Item[Entry]
	if err = web.Fill(f, reg.fields(ctx, e.c)); err == nil {
		made, err = o.enter(ctx, e.p.ID, e.it.ID, f.Version, reg, f.Once)
	}
	switch {
	case errors.Is(err, db.ErrTwice):
		return web.Redirect(w, r, o.messages.Href(e.p.ID, e.it.ID))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		return o.enterPage(w, r, fail.Status(err), e, f.WithError(err))
	case err != nil:
		return err
	}
	web.Flash(ctx, web.T(ctx, "Meddelandet är registrerat som %s.", made.Is.Number))
	return web.Redirect(w, r, o.entries.Href(e.p.ID, made.ID))
}

// mailFile gives one of a message's documents.
func (o *Room) mailFile(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("nr"))
	if err != nil {
		return fail.New(fail.NotFound, "Sidan finns inte.")
	}
	ctx := r.Context()
	var d Document
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		p, err := o.deps.Project(ctx, q, pid)
		if err != nil {
			return err
		}
		if err := may(ctx, "record.mail", p.Resource); err != nil {
			return err
		}
		it, err := o.messages.Noun.Get(ctx, q, item)
		if err != nil {
			return err
		}
		if it.Project != pid || n < 1 || n > len(it.Is.Documents) {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		d = it.Is.Documents[n-1]
		return nil
	})
	if err != nil {
		return err
	}
	return o.send(w, r, d, n)
}
