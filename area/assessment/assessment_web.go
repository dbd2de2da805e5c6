package assessment

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// formLimit is the size of a form, bytes.
const formLimit = 1 << 20

func (c Call) href() string { return "/utlysningar/" + id.String(c.ID) }

func (c Call) crumbs(ctx context.Context, more ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Text: web.T(ctx, "Utlysningar"), Href: "/utlysningar"}, {Text: c.Title, Href: c.href()}}, more...)
}

// progressPage is the officer's view of the round. It holds no scores: the
// first round is blind for the officer too until it is locked.
type progressPage struct {
	Call    Call
	Locked  bool
	People  []Person
	Said    map[who.PersonID]Declaration
	Rows    []progressRow
	Waiting []string // who has not handed in
	Form    web.Form
}

// progressRow is one application and each assessor's state with it.
type progressRow struct {
	Application
	States []State // by People; "" where not assigned
}

func (o *Room) progressPage(ctx context.Context, q db.Q, cid CallID) (p progressPage, err error) {
	if p.Call, err = o.deps.Call(ctx, q, cid); err != nil {
		return p, err
	}
	if err := policy.Check(who.From(ctx), "assessment.assign", p.Call.resource()); err != nil {
		return p, err
	}
	if p.Locked, err = isLocked(ctx, q, cid); err != nil {
		return p, err
	}
	if p.People, err = o.deps.Assessors(ctx, q, p.Call.Owners); err != nil {
		return p, err
	}
	if p.Said, err = declarations(ctx, q, cid); err != nil {
		return p, err
	}
	apps, err := o.eligible(ctx, q, cid)
	if err != nil {
		return p, err
	}
	all, err := ofCall(ctx, q, cid)
	if err != nil {
		return p, err
	}
	state := map[ApplicationID]map[who.PersonID]State{}
	for _, a := range all {
		if state[a.Application] == nil {
			state[a.Application] = map[who.PersonID]State{}
		}
		state[a.Application][a.Person] = a.State
	}
	for _, a := range apps {
		row := progressRow{Application: a}
		for _, x := range p.People {
			row.States = append(row.States, state[a.ID][x.ID])
		}
		p.Rows = append(p.Rows, row)
	}
	for i, x := range p.People {
		if slices.ContainsFunc(p.Rows, func(r progressRow) bool { return r.States[i] == NotBegun || r.States[i] == Underway }) {
			p.Waiting = append(p.Waiting, x.Name)
		}
	}
	return p, nil
}

func (o *Room) progress(w http.ResponseWriter, r *http.Request) error {
	return o.renderProgress(w, r, http.StatusOK, web.NewForm(url.Values{"per": {"2"}}))
}

func (o *Room) renderProgress(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	cid, err := id.Path[CallID](r, "id")
	if err != nil {
		return err
	}
	var p progressPage
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) { p, err = o.progressPage(ctx, q, cid); return err })
	if err != nil {
		return err
	}
	p.Form = f
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Bedömning"), Lead: p.Call.Title, NoIndex: true, Wide: true, Crumbs: p.Call.crumbs(ctx)}, progressBody(p))
}

// posted reads the call and the form of a POST about a call.
func posted(r *http.Request) (CallID, web.Form, error) {
	cid, err := id.Path[CallID](r, "id")
	if err != nil {
		return 0, web.Form{}, err
	}
	f, err := web.Bind(r, formLimit)
	return cid, f, err
}

// again shows the progress page with what is wrong, or goes on to it.
func (o *Room) again(w http.ResponseWriter, r *http.Request, cid CallID, f web.Form, err error, done string) error {
	switch {
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		return o.renderProgress(w, r, fail.Status(err), f.WithError(err))
	case err != nil:
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), done))
	return web.Redirect(w, r, "/utlysningar/"+id.String(cid)+"/bedomning")
}

func (o *Room) postDistribute(w http.ResponseWriter, r *http.Request) error {
	cid, f, err := posted(r)
	if err != nil {
		return err
	}
	per, _ := f.Int("per")
	return o.again(w, r, cid, f, o.Distribute(r.Context(), cid, int(per), f.Once), "Svaren är fördelade.")
}

func (o *Room) postAssign(w http.ResponseWriter, r *http.Request) error {
	cid, f, err := posted(r)
	if err != nil {
		return err
	}
	person, _ := f.Int("person")
	var list []ApplicationID
	for _, v := range f.All("application") {
		if a, err := id.Parse[ApplicationID](v); err == nil {
			list = append(list, a)
		}
	}
	if len(list) == 0 {
		err = fail.Fields(fail.Field{Name: "application", Message: "Välj minst ett svar."})
	} else {
		err = o.Assign(r.Context(), cid, who.PersonID(person), list, f.Once)
	}
	return o.again(w, r, cid, f, err, "Svaren är tilldelade.")
}

func (o *Room) postLock(w http.ResponseWriter, r *http.Request) error {
	cid, f, err := posted(r)
	if err != nil {
		return err
	}
	return o.again(w, r, cid, f, o.Lock(r.Context(), cid, f.Get("motive"), f.Once), "Omgången är låst.")
}

// minePage is an assessor's own list.
type minePage struct {
	Calls []mineCall
}

type mineCall struct {
	Call     Call
	Declared bool
	Locked   bool
	Rows     []mineRow
}

type mineRow struct {
	Assessment
	Title string
}

func (o *Room) mine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	if err := policy.Check(actor, "account.own", policy.Resource{}); err != nil {
		return err
	}
	var p minePage
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		calls, err := db.Values[CallID](ctx, q, `SELECT DISTINCT call_id FROM assessment WHERE person_id = ? ORDER BY call_id DESC`, actor.Person)
		if err != nil {
			return err
		}
		for _, cid := range calls {
			x, err := o.mineCall(ctx, q, cid, actor.Person)
			if err != nil {
				return err
			}
			p.Calls = append(p.Calls, x)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Mina bedömningar"), NoIndex: true}, mineBody(p))
}

func (o *Room) mineCall(ctx context.Context, q db.Q, cid CallID, person who.PersonID) (x mineCall, err error) {
	if x.Call, err = o.deps.Call(ctx, q, cid); err != nil {
		return x, err
	}
	if x.Locked, err = isLocked(ctx, q, cid); err != nil {
		return x, err
	}
	said, err := declarations(ctx, q, cid)
	if err != nil {
		return x, err
	}
	_, x.Declared = said[person]
	apps, err := o.deps.Applications(ctx, q, cid)
	if err != nil {
		return x, err
	}
	list, err := assigned(ctx, q, cid, person)
	for _, a := range list {
		row := mineRow{Assessment: a}
		for _, app := range apps {
			if app.ID == a.Application {
				row.Title = app.Title
			}
		}
		x.Rows = append(x.Rows, row)
	}
	return x, err
}

// declaration is the page on which an assessor says which applicants she has
// ties to. It names the applicants, nothing of what they wrote.
func (o *Room) declarePage(w http.ResponseWriter, r *http.Request) error {
	return o.renderDeclare(w, r, http.StatusOK, web.NewForm(nil))
}

func (o *Room) renderDeclare(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	cid, err := id.Path[CallID](r, "id")
	if err != nil {
		return err
	}
	var c Call
	var options []web.Option
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if c, err = o.deps.Call(ctx, q, cid); err != nil {
			return err
		}
		own, err := assigned(ctx, q, cid, who.From(ctx).Person)
		if err != nil {
			return err
		}
		if err := o.checkDeclare(ctx, c, own); err != nil {
			return err
		}
		apps, err := o.eligible(ctx, q, cid)
		for _, a := range apps {
			for _, code := range a.Codes {
				k, _ := o.deps.Register(c.Edition).ByCode(code)
				options = append(options, web.Option{Value: code, Label: k.Name})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(options, func(a, b web.Option) int { return strings.Compare(a.Label, b.Label) })
	options = slices.CompactFunc(options, func(a, b web.Option) bool { return a.Value == b.Value })
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Anmäl jäv"), Lead: c.Title, NoIndex: true,
		Crumbs: []web.Crumb{{Text: web.T(ctx, "Mina bedömningar"), Href: "/bedomningar"}}}, declareBody(f, options))
}

func (o *Room) postDeclare(w http.ResponseWriter, r *http.Request) error {
	cid, f, err := posted(r)
	if err != nil {
		return err
	}
	err = o.Declare(r.Context(), cid, f.All("tie"), f.Get("motive"), f.Once)
	if fail.Is(err, fail.Invalid) {
		return o.renderDeclare(w, r, http.StatusUnprocessableEntity, f.WithError(err))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/bedomningar")
}

func (o *Room) seatOf(r *http.Request) (s seat, err error) {
	ctx := r.Context()
	aid, err := id.Path[ID](r, "id")
	if err != nil {
		return s, err
	}
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) { s, err = o.sit(ctx, q, aid); return err })
	return s, err
}

func (o *Room) form(w http.ResponseWriter, r *http.Request) error {
	s, err := o.seatOf(r)
	if err != nil {
		return err
	}
	if !s.Declared {
		return web.Redirect(w, r, s.Call.href()+"/jav")
	}
	v := url.Values{}
	for k, x := range s.Scores {
		if x.Given {
			v.Set("s-"+k, strconv.Itoa(x.Value))
		}
		v.Set("m-"+k, x.Motive)
		v.Set("w-"+k, x.Why)
	}
	f := web.NewForm(v)
	f.Version = s.Version
	return o.renderForm(w, r, http.StatusOK, s, f)
}

func (o *Room) renderForm(w http.ResponseWriter, r *http.Request, status int, s seat, f web.Form) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: s.Application.Title, Lead: s.Call.Title, NoIndex: true,
		Crumbs: []web.Crumb{{Text: web.T(ctx, "Mina bedömningar"), Href: "/bedomningar"}}}, formBody(s, f))
}

// typed reads the scores of a form; text that is no number is an error.
func typed(criteria []Criterion, f web.Form) (map[string]Score, error) {
	out := map[string]Score{}
	var bad []fail.Field
	for _, k := range criteria {
		s := Score{Motive: f.Get("m-" + k.ID), Why: f.Get("w-" + k.ID)}
		if text := f.Get("s-" + k.ID); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				bad = append(bad, fail.Field{Name: "s-" + k.ID, Message: fmt.Sprintf("%s: %q är ingen poäng.", k.Name, text)})
			}
			s.Given, s.Value = true, n
		}
		out[k.ID] = s
	}
	return out, fail.Fields(bad...)
}

func (o *Room) postForm(w http.ResponseWriter, r *http.Request) error {
	s, err := o.seatOf(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	scores, err := typed(s.Call.scored(), f)
	if err == nil {
		err = o.Save(r.Context(), s.Assessment.ID, scores, f.Get("lamna") != "", f.Version, f.Once)
	}
	switch {
	case fail.Is(err, fail.Invalid):
		return o.renderForm(w, r, http.StatusUnprocessableEntity, s, f.WithError(err))
	case fail.Is(err, fail.Conflict):
		f = f.WithError(err)
		f.Version = s.Version
		return o.renderForm(w, r, http.StatusConflict, s, f)
	case err != nil:
		return err
	}
	ctx := r.Context()
	if f.Get("lamna") != "" {
		web.Flash(ctx, web.T(ctx, "Bedömningen av %s är lämnad.", s.Application.Title))
	} else {
		web.Flash(ctx, web.T(ctx, "Sparat."))
	}
	return web.Redirect(w, r, "/bedomningar")
}
