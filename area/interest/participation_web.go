package interest

import (
	"net/http"
	"net/url"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// partView is the page of a participation.
type partView struct {
	takingPart
	kind     Kind
	history  []Event
	mayEdit  bool
	period   web.Form
	followed web.Form
}

func (n *Room) partView(r *http.Request, action string) (v partView, err error) {
	p, err := id.Path[ParticipationID](r, "id")
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		if v.takingPart, err = n.takingPart(ctx, q, p, action); err != nil {
			return err
		}
		v.history, err = db.All(ctx, q, scanEvent, `SELECT at, person_id, from_state, to_state, reason FROM participation_event WHERE participation_id = ? ORDER BY id`, int64(p))
		return err
	})
	if err != nil {
		return v, err
	}
	for _, k := range v.m.soughtKinds() {
		if k.ID == v.Kind {
			v.kind = k
		}
	}
	v.mayEdit = can(who.From(ctx), "participation.edit", v.resource())
	v.period = web.NewForm(url.Values{"from": {string(v.From)}, "to": {string(v.To)}})
	values := url.Values{}
	for _, o := range v.Obligations {
		values.Set("met-"+o.Requirement.ID, o.Met)
		values.Set("note-"+o.Requirement.ID, o.Note)
	}
	v.followed = web.NewForm(values)
	v.period.Version, v.followed.Version = v.Version, v.Version
	return v, nil
}

func renderPart(w http.ResponseWriter, r *http.Request, status int, v partView) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Deltagande: %s", v.m.Name()), NoIndex: true, Responsible: v.m.of.Responsible, Contact: v.m.of.Contact,
		Crumbs: []web.Crumb{{Text: v.m.of.Title, Href: "/utlysningar/" + id.String(v.Call)}, {Text: web.T(ctx, "Intresseanmälan från %s", v.m.Name()), Href: "/intresse/" + id.String(v.Application)}}}, participationPage(v))
}

func (n *Room) participation(w http.ResponseWriter, r *http.Request) error {
	v, err := n.partView(r, "participation.read")
	if err != nil {
		return err
	}
	return renderPart(w, r, http.StatusOK, v)
}

func (n *Room) changeParticipation(w http.ResponseWriter, r *http.Request) error {
	v, err := n.partView(r, "participation.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	from, ok1 := f.Day("from")
	to, ok2 := f.Day("to")
	if !ok1 || !ok2 {
		name := "from"
		if ok1 {
			name = "to"
		}
		err = fail.Fields(fail.Field{Name: name, Message: "Skriv datumet som år-månad-dag, till exempel 2026-03-31."})
	} else {
		err = n.ChangeParticipation(r.Context(), v.ID, f.Version, from, to, ParticipationState(f.Get("state")), f.Get("motive"), f.Once)
	}
	return n.afterPart(w, r, v, err, func(v *partView) { f.Version = v.Version; v.period = f.WithError(err) })
}

func (n *Room) followUp(w http.ResponseWriter, r *http.Request) error {
	v, err := n.partView(r, "participation.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	met, notes := map[string]string{}, map[string]string{}
	for name := range f.Values {
		if x, ok := strings.CutPrefix(name, "met-"); ok {
			met[x] = f.Get(name)
		}
		if x, ok := strings.CutPrefix(name, "note-"); ok {
			notes[x] = f.Get(name)
		}
	}
	err = n.FollowUp(r.Context(), v.ID, f.Version, met, notes, f.Once)
	return n.afterPart(w, r, v, err, func(v *partView) { f.Version = v.Version; v.followed = f.WithError(err) })
}

// afterPart goes on, or shows the page anew with what was typed and, where
// somebody else saved meanwhile, what is now stored above it.
func (n *Room) afterPart(w http.ResponseWriter, r *http.Request, v partView, err error, back func(*partView)) error {
	switch {
	case err == nil, twice(err):
		web.Flash(r.Context(), web.T(r.Context(), "Sparat."))
		return web.Redirect(w, r, "/deltagande/"+id.String(v.ID))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		back(&v)
		return renderPart(w, r, fail.Status(err), v)
	}
	return err
}

// outcome shows an applicant its own result after the decision: rule 9.
func (n *Room) outcome(w http.ResponseWriter, r *http.Request) error {
	a, err := id.Path[ApplicationID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var v view
	var m Motive
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		x, err := n.matter(ctx, q, a)
		if err != nil {
			return err
		}
		own := x.editable()
		if err := may(ctx, "selection.read_own", own); err != nil {
			if may(ctx, "selection.read", own) != nil { // the owner may look as well
				return err
			}
		}
		if v, err = n.view(ctx, q, x); err != nil || n.deps.Motive == nil || !x.of.Decided {
			return err
		}
		m, err = n.deps.Motive(ctx, q, a)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, v.page(ctx, web.T(ctx, "Utfall och motiv")), outcomePage(v, m))
}
