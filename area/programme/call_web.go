package programme

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// listedCall is one call in a list.
type listedCall struct {
	Call
	ProgrammeName string
}

func (o *Room) callList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f := web.NewForm(r.URL.Query())
	var list []listedCall
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		calls, err := o.Calls(ctx, q)
		if err != nil {
			return err
		}
		names := map[who.ProgrammeID]string{}
		for _, c := range calls {
			if names[c.Programme] == "" {
				p, err := o.programme(ctx, q, c.Programme)
				if err != nil {
					return err
				}
				names[c.Programme] = p.Name
			}
			x := listedCall{c, names[c.Programme]}
			if x.matches(f.Get("q"), f.Get("lage")) {
				list = append(list, x)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Utlysningar"), Lead: web.T(ctx, "Utlysningar som kommuner kan svara på, och de som redan är avgjorda.")}, callListBody(list, f))
}

// matches tells whether the call has the words and is in the state asked for.
func (x listedCall) matches(words, state string) bool {
	text := strings.ToLower(x.Title + " " + x.Summary + " " + x.ProgrammeName)
	for _, w := range strings.Fields(strings.ToLower(words)) {
		if !strings.Contains(text, w) {
			return false
		}
	}
	switch state {
	case "oppna":
		return x.State == Open
	case "kommande":
		return x.State == Published
	case "avgjorda":
		return slices.Contains([]State{Decided, Ended}, x.State)
	}
	return true
}

// callPage is what a call's page shows.
type callPage struct {
	Call
	Program      Programme
	Answers      int
	Changes      []Change
	Participants []Participant
	Map          web.MapView
	Rows         []participantRow
	Members      []string
	MayEdit      bool
	MayPublish   bool
	MayRead      bool // applications, assessment, selection
	MayAnswer    bool
	Form         web.Form
}

func (o *Room) callPage(ctx context.Context, q db.Q, cid CallID, action string) (p callPage, err error) {
	if p.Call, err = o.read(ctx, q, cid, action); err != nil {
		return p, err
	}
	if p.Program, err = o.programme(ctx, q, p.Programme); err != nil {
		return p, err
	}
	if p.Answers, err = o.deps.Answers(ctx, q, cid); err != nil {
		return p, err
	}
	if p.Changes, err = o.Changes(ctx, q, cid); err != nil {
		return p, err
	}
	if p.Participants, err = o.deps.Participants(ctx, q, cid); err != nil {
		return p, err
	}
	for _, code := range p.Content.Members {
		if k, ok := o.deps.Register().ByCode(code); ok {
			p.Members = append(p.Members, k.Name)
		}
	}
	actor := who.From(ctx)
	res := p.resource()
	p.MayEdit, p.MayPublish = policy.Allowed(actor, "call.edit", res), policy.Allowed(actor, "call.publish", res)
	p.MayRead = policy.Allowed(actor, "application.list", res)
	p.MayAnswer = p.State == Open && (actor.Has(who.Kommunkontakt) || actor.Has(who.Foretradare))
	p.Map, p.Rows = o.drawParticipants(ctx, web.T(ctx, "De som deltar"), p.Participants)
	p.Form = web.NewForm(nil)
	return p, nil
}

func (o *Room) show(r *http.Request, action string) (p callPage, err error) {
	ctx := r.Context()
	cid, err := id.Path[CallID](r, "id")
	if err != nil {
		return p, err
	}
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) { p, err = o.callPage(ctx, q, cid, action); return err })
	return p, err
}

func (o *Room) callShow(w http.ResponseWriter, r *http.Request) error {
	p, err := o.show(r, "call.read")
	if err != nil {
		return err
	}
	ctx := r.Context()
	return web.Render(w, r, http.StatusOK, web.Page{Title: p.Title, Lead: p.Summary, Responsible: p.Responsible, Contact: p.Contact,
		Crumbs: []web.Crumb{{Text: web.T(ctx, "Utlysningar"), Href: "/utlysningar"}}}, callBody(p))
}

// callJSON is the call's public facts as open data.
func (o *Room) callJSON(w http.ResponseWriter, r *http.Request) error {
	p, err := o.show(r, "call.read")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(map[string]any{
		"id": p.ID, "state": p.State, "publishedAt": p.PublishedAt, "edition": p.Edition, "programme": p.Program.Name,
		"call": p.Content, "participants": p.Participants,
	})
}

func (o *Room) callNew(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r.URL.Query())
	return o.callNewForm(w, r, http.StatusOK, f)
}

func (o *Room) callNewForm(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	pid, err := id.Parse[who.ProgrammeID](f.Get("program"))
	if err != nil {
		return err
	}
	var p Programme
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) { p, err = o.programme(ctx, q, pid); return err })
	if err != nil {
		return err
	}
	if err := policy.Check(who.From(ctx), "call.edit", p.resource()); err != nil {
		return err
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Ny utlysning"), NoIndex: true,
		Crumbs: []web.Crumb{{Text: web.T(ctx, "Program"), Href: "/program"}, {Text: p.Name, Href: "/program/" + id.String(pid)}}}, callNewBody(f))
}

func (o *Room) callCreate(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	pid, err := id.Parse[who.ProgrammeID](f.Get("program"))
	if err != nil {
		return err
	}
	content := Content{FormalDecision: true}
	if t, ok := TemplateOf(f.Get("mall")); ok {
		content = t.Content
	}
	content.Title = f.Get("title")
	made, err := o.CreateCall(r.Context(), pid, content, f.Once)
	if fail.Is(err, fail.Invalid) {
		return o.callNewForm(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/utlysningar/"+id.String(made)+"/redigera")
}

func (o *Room) callCopy(w http.ResponseWriter, r *http.Request) error {
	p, err := o.show(r, "call.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	content := p.Content
	content.Title, content.Dates = web.T(r.Context(), "Kopia av %s", p.Title), Dates{}
	made, err := o.CreateCall(r.Context(), p.Programme, content, f.Once)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/utlysningar/"+id.String(made)+"/redigera")
}

func (o *Room) callOverview(w http.ResponseWriter, r *http.Request) error {
	p, err := o.show(r, "call.edit")
	if err != nil {
		return err
	}
	return o.overviewPage(w, r, http.StatusOK, p)
}

func (o *Room) overviewPage(w http.ResponseWriter, r *http.Request, status int, p callPage) error {
	ctx := r.Context()
	missing := p.Ready(o.deps.Register())
	var steps []web.Step
	for _, s := range sections {
		state := "done"
		if slices.ContainsFunc(missing, func(f fail.Field) bool { return slices.Contains(s.fields, f.Name) }) {
			state = "error"
		}
		steps = append(steps, web.Step{Text: web.T(ctx, s.title), Href: p.editHref(s.key), State: state})
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Redigera utlysningen"), Lead: p.Title, NoIndex: true,
		Crumbs: p.crumbs(ctx)}, overviewBody(p, steps, missing))
}

func (c Call) href() string               { return "/utlysningar/" + id.String(c.ID) }
func (c Call) editHref(key string) string { return c.href() + "/redigera/" + key }

func (c Call) crumbs(ctx context.Context) []web.Crumb {
	return []web.Crumb{{Text: web.T(ctx, "Utlysningar"), Href: "/utlysningar"}, {Text: c.Title, Href: c.href()}}
}

func (o *Room) callEdit(w http.ResponseWriter, r *http.Request) error {
	p, err := o.show(r, "call.edit")
	if err != nil {
		return err
	}
	s, ok := sectionOf(r.PathValue("del"))
	if !ok {
		return fail.New(fail.NotFound, "Sidan finns inte.")
	}
	f := web.NewForm(s.values(p.Content))
	f.Version = p.Version
	return o.sectionPage(w, r, http.StatusOK, p, s, f)
}

func (o *Room) sectionPage(w http.ResponseWriter, r *http.Request, status int, p callPage, s section, f web.Form) error {
	ctx := r.Context()
	crumbs := append(p.crumbs(ctx), web.Crumb{Text: web.T(ctx, "Redigera"), Href: p.href() + "/redigera"})
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, s.title), Lead: p.Title, NoIndex: true, Crumbs: crumbs}, sectionBody(p, s, f))
}

func (o *Room) callSave(w http.ResponseWriter, r *http.Request) error {
	p, err := o.show(r, "call.edit")
	if err != nil {
		return err
	}
	s, ok := sectionOf(r.PathValue("del"))
	if !ok {
		return fail.New(fail.NotFound, "Sidan finns inte.")
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	if err = readMemberFile(r, f, o.deps.Register()); err == nil {
		err = o.SaveCall(r.Context(), p.ID, f.Version, f.Get("motive"), f.Once, func(c *Content) error { return s.apply(c, f, readRows(f, s.columns)) })
	}
	switch {
	case fail.Is(err, fail.Invalid):
		return o.sectionPage(w, r, http.StatusUnprocessableEntity, p, s, f.WithError(err))
	case fail.Is(err, fail.Conflict) && !errors.Is(err, db.ErrTwice):
		f = f.WithError(err)
		if p.Version != f.Version {
			f.Version, f.Stored = p.Version, s.values(p.Content)
		}
		return o.sectionPage(w, r, http.StatusConflict, p, s, f)
	case err != nil && !errors.Is(err, db.ErrTwice):
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), "Sparat."))
	if f.Get("mer") != "" {
		return web.Redirect(w, r, p.editHref(s.key))
	}
	return web.Redirect(w, r, p.href()+"/redigera")
}

func (o *Room) callPublish(w http.ResponseWriter, r *http.Request) error {
	p, err := o.show(r, "call.publish")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	err = o.Publish(r.Context(), p.ID, f.Once)
	if fail.Is(err, fail.Invalid) {
		p.Form = f.WithError(err)
		return o.overviewPage(w, r, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), "Utlysningen är publicerad."))
	return web.Redirect(w, r, p.href())
}

func (o *Room) callClosePage(w http.ResponseWriter, r *http.Request) error {
	return o.motivePage(w, r, http.StatusOK, "call.publish", "Stäng utlysningen i förtid", web.NewForm(nil))
}

func (o *Room) callCancelPage(w http.ResponseWriter, r *http.Request) error {
	return o.motivePage(w, r, http.StatusOK, "call.cancel", "Avbryt utlysningen", web.NewForm(nil))
}

func (o *Room) motivePage(w http.ResponseWriter, r *http.Request, status int, action, title string, f web.Form) error {
	p, err := o.show(r, action)
	if err != nil {
		return err
	}
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, title), Lead: p.Title, NoIndex: true, Crumbs: p.crumbs(ctx)}, motiveBody(f, web.T(ctx, title)))
}

func (o *Room) callClose(w http.ResponseWriter, r *http.Request) error {
	return o.withMotive(w, r, "call.publish", "Stäng utlysningen i förtid", o.CloseNow)
}

func (o *Room) callCancel(w http.ResponseWriter, r *http.Request) error {
	return o.withMotive(w, r, "call.cancel", "Avbryt utlysningen", o.Cancel)
}

func (o *Room) withMotive(w http.ResponseWriter, r *http.Request, action, title string, act func(context.Context, CallID, string, string) error) error {
	cid, err := id.Path[CallID](r, "id")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	err = act(r.Context(), cid, f.Get("motive"), f.Once)
	if fail.Is(err, fail.Invalid) {
		return o.motivePage(w, r, http.StatusUnprocessableEntity, action, title, f.WithError(err))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/utlysningar/"+id.String(cid))
}
