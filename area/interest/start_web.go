package interest

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// starting is the page on which an answer is begun.
type starting struct {
	call   Call
	orgs   []Org // for which the actor may answer
	begun  map[who.OrgID]ApplicationID
	form   web.Form
	closed string
}

// startable reads the call and the actor's organisations that may answer it.
func (n *Room) startable(r *http.Request) (s starting, err error) {
	c, err := id.Path[CallID](r, "id")
	if err != nil {
		return s, err
	}
	ctx := r.Context()
	actor := who.From(ctx)
	s.begun = map[who.OrgID]ApplicationID{}
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		if s.call, err = n.deps.Call(ctx, q, c); err != nil {
			return err
		}
		if !s.call.Published {
			return fail.New(fail.NotFound, "Utlysningen finns inte.")
		}
		for _, org := range actor.Orgs(who.Foretradare, who.Kommunkontakt) {
			a, err := n.applicant(ctx, q, s.call, org)
			if err != nil {
				return err
			}
			if a.Kommun == "" || !can(actor, "application.create", policy.Resource{Programme: s.call.Programme, Owners: s.call.Owners, Published: true, Members: a.orgs()}) {
				continue
			}
			s.orgs = append(s.orgs, Org{ID: a.Org, Name: a.Name, Kind: a.Kind, Code: a.Kommun})
			if s.begun[org], err = n.Begun(ctx, q, c, org); err != nil {
				return err
			}
		}
		if why := s.call.Accepts(q.Now()); why != nil {
			s.closed = why.Error()
		} else if s.call.Targeted {
			s.closed = "Utlysningen är riktad. Den som är inbjuden svarar på sin inbjudan."
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	if len(s.orgs) == 0 { // the policy's own words for the stranger
		return s, may(ctx, "application.create", policy.Resource{Programme: s.call.Programme, Published: true})
	}
	return s, nil
}

func (n *Room) startForm(w http.ResponseWriter, r *http.Request) error {
	s, err := n.startable(r)
	if err != nil {
		return err
	}
	v := url.Values{}
	if len(s.orgs) == 1 {
		v.Set("org", id.String(s.orgs[0].ID))
	}
	if len(s.call.Kinds) == 1 {
		v.Set("kinds", s.call.Kinds[0].ID)
	}
	s.form = web.NewForm(v)
	return renderStart(w, r, http.StatusOK, s)
}

func renderStart(w http.ResponseWriter, r *http.Request, status int, s starting) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Svara på utlysningen"), NoIndex: true, Lead: s.call.Title,
		Crumbs:      []web.Crumb{{Text: s.call.Title, Href: "/utlysningar/" + id.String(s.call.ID)}},
		Responsible: s.call.Responsible, Contact: s.call.Contact}, startPage(s))
}

func (n *Room) start(w http.ResponseWriter, r *http.Request) error {
	s, err := n.startable(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	org, _ := strconv.ParseInt(f.Get("org"), 10, 64)
	if !slices.ContainsFunc(s.orgs, func(o Org) bool { return o.ID == who.OrgID(org) }) {
		err := fail.Fields(fail.Field{Name: "org", Message: "Välj vilken organisation som svarar."})
		s.form = f.WithError(err)
		return renderStart(w, r, fail.Status(err), s)
	}
	a, err := n.Start(ctx, Starting{Call: s.call.ID, Org: who.OrgID(org), Kinds: f.All("kinds"), Joint: f.Get("joint") == "ja", Once: f.Once})
	if twice(err) || errors.Is(err, errBegun) { // a double click, or begun by a colleague
		if err2 := n.deps.DB.Read(ctx, func(q db.Q) error { a, err2 := n.Begun(ctx, q, s.call.ID, who.OrgID(org)); s.begun[0] = a; return err2 }); err2 != nil {
			return err2
		}
		if s.begun[0] != 0 {
			return web.Redirect(w, r, "/intresse/"+id.String(s.begun[0]))
		}
	}
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) {
		s.form = f.WithError(err)
		return renderStart(w, r, fail.Status(err), s)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/intresse/"+id.String(a))
}

func (n *Room) applicants(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	return n.renderApplicants(w, r, http.StatusOK, v, web.NewForm(nil))
}

func (n *Room) renderApplicants(w http.ResponseWriter, r *http.Request, status int, v view, f web.Form) error {
	ctx := r.Context()
	return web.Render(w, r, status, v.page(ctx, web.T(ctx, "Kommuner som deltar")), applicantsPage(v, f, n.kommuner(v.m), v.answering(who.From(ctx))))
}

// kommuner lists the municipalities that may be asked to join.
func (n *Room) kommuner(m matter) []web.Option {
	out := []web.Option{{Value: "", Label: "–"}}
	for _, k := range n.deps.Register(m.Edition).All() {
		if len(m.of.Members) > 0 && !slices.Contains(m.of.Members, k.Code) || slices.Contains(m.Municipalities(), k.Code) {
			continue
		}
		out = append(out, web.Option{Value: k.Code, Label: k.Name + " (" + k.CountyName + ")"})
	}
	c := collate.New(language.Swedish) // å, ä and ö last
	slices.SortStableFunc(out[1:], func(a, b web.Option) int { return c.CompareString(a.Label, b.Label) })
	return out
}

// changeApplicants asks somebody to join, takes somebody out, or goes alone.
func (n *Room) changeApplicants(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	switch {
	case f.Get("remove") != "":
		org, _ := strconv.ParseInt(f.Get("remove"), 10, 64)
		err = n.RemoveApplicant(ctx, v.m.ID, who.OrgID(org), f.Once)
	case f.Get("alone") != "":
		err = n.ApplyAlone(ctx, v.m.ID, f.Once)
	default:
		err = n.InviteApplicant(ctx, v.m.ID, f.Get("kommun"), f.Once)
	}
	return n.afterApplicants(w, r, v, f, err)
}

func (n *Room) afterApplicants(w http.ResponseWriter, r *http.Request, v view, f web.Form, err error) error {
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) && !twice(err) {
		return n.renderApplicants(w, r, fail.Status(err), v, f.WithError(err))
	}
	if err != nil && !twice(err) {
		return err
	}
	return web.Redirect(w, r, v.href("/medsokande"))
}

func (n *Room) answerApplicant(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	org, _ := strconv.ParseInt(f.Get("org"), 10, 64)
	err = n.AnswerApplicant(r.Context(), v.m.ID, who.OrgID(org), f.Get("answer") == "ja", f.Once)
	if err == nil && f.Get("answer") != "ja" { // who says no has nothing more to read here
		return web.Redirect(w, r, "/mina-intressen")
	}
	return n.afterApplicants(w, r, v, f, err)
}

func (n *Room) mine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	if err := may(ctx, "account.own", policy.Resource{}); err != nil {
		return err
	}
	var rows []Row
	err := n.deps.DB.Read(ctx, func(q db.Q) error {
		list, err := n.Mine(ctx, q, actor)
		if err != nil {
			return err
		}
		for _, a := range list {
			c, err := n.deps.Call(ctx, q, a.Call)
			if err != nil {
				return err
			}
			m := matter{Application: a, of: c}
			row := Row{Application: a, CallTitle: c.Title, Href: "/intresse/" + id.String(a.ID)}
			if !can(actor, "application.read", m.resource()) {
				row.Href += "/beslut" // a registrar comes for the decision
			}
			row.Waits = a.State == Completing || len(view{m: m}.answering(actor)) > 0
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Mina intresseanmälningar"), NoIndex: true}, minePage(rows))
}
