package room

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

const formLimit = 1 << 20

func (o *Room) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var list []Listed
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { list, err = o.Projects(ctx, q, 0); return err }); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Projekt"), Lead: web.T(ctx, "Projektrum som du kan läsa."), NoIndex: true}, listBody(list))
}

// frameForm is the form for a project: programme for a new one.
type frameForm struct {
	form   web.Form
	fields []web.Bound
	stored []web.Fact
	back   string
	bound  bool // budget and time are the steering group's
}

func (o *Room) newForm(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(nil)
	return o.newPage(w, r, http.StatusOK, f)
}

func (o *Room) newPage(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	x, err := o.programmeOf(r)
	if err != nil {
		return err
	}
	var p Project
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Öppna ett projektrum"), NoIndex: true, Crumbs: []web.Crumb{{Text: x.Name, Href: "/program/" + id.String(x.ID)}}},
		frameBody(frameForm{form: f, fields: append(p.frameFields(ctx), p.boundFields(ctx)...), back: "/program/" + id.String(x.ID)}))
}

// programmeOf is the programme of the address, for those who may open a room in it.
func (o *Room) programmeOf(r *http.Request) (x Programme, err error) {
	pid, err := id.Parse[who.ProgrammeID](r.URL.Query().Get("program"))
	if err != nil {
		return x, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if x, err = o.deps.Programme(ctx, q, pid); err != nil {
			return err
		}
		return may(ctx, "project.create", journal.Project{}.With(x.ID, x.Owners).Resource)
	})
	return x, err
}

func (o *Room) create(w http.ResponseWriter, r *http.Request) error {
	x, err := o.programmeOf(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	p := Project{Programme: x.ID}
	err = web.Fill(f, append(p.frameFields(ctx), p.boundFields(ctx)...))
	var made who.ProjectID
	if err == nil {
		made, err = o.Create(ctx, p, f.Once)
	}
	switch {
	case err == nil:
		return web.Redirect(w, r, "/projekt/"+id.String(made))
	case errors.Is(err, db.ErrTwice):
		return web.Redirect(w, r, "/projekt")
	case fail.Is(err, fail.Invalid):
		return o.newPage(w, r, fail.Status(err), f.WithError(err))
	}
	return err
}

// projectView is a project's own page.
type projectView struct {
	p         journal.Project
	it        journal.Item[Project]
	programme Programme
	at        time.Time
	inside    bool // more than what is public
	mayEdit   bool
	phases    []journal.Item[Phase]
	gates     []journal.Item[Gate]
	groups    []journal.Item[Group]
	log       []journal.Item[LogEntry]
	actions   []journal.Item[Action]
	risks     []journal.Item[Risk]
	decisions []journal.Item[Decision]
	figures   []Figure
	meetings  []Meeting
	room      *Room
}

func (o *Room) show(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	v := projectView{room: o}
	if v.at, err = sheet.AsOf(r); err != nil {
		return err
	}
	if err := o.deps.DB.Read(ctx, func(q db.Q) error { return o.fill(ctx, q, pid, &v) }); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: v.it.Is.Name, Lead: v.it.Is.Purpose, Wide: true, NoIndex: !v.it.Is.Public, Responsible: v.it.Is.Responsible, Contact: v.it.Is.Contact,
		Crumbs: []web.Crumb{{Text: v.programme.Name, Href: "/program/" + id.String(v.programme.ID)}}}, projectBody(v))
}

func (o *Room) fill(ctx context.Context, q db.Q, pid who.ProjectID, v *projectView) (err error) {
	if v.p, err = o.Frame(ctx, q, pid); err != nil {
		return err
	}
	if err := may(ctx, "project.public", v.p.Resource); err != nil {
		return err
	}
	v.inside = may(ctx, "project.read", v.p.Resource) == nil
	if !v.inside {
		v.at = time.Time{}
	}
	v.mayEdit = v.at.IsZero() && !v.p.Closed && may(ctx, "project.edit", v.p.Resource) == nil
	if v.it, err = o.project(ctx, q, pid, v.at); err != nil {
		return err
	}
	if v.programme, err = o.deps.Programme(ctx, q, v.it.Is.Programme); err != nil {
		return err
	}
	all := journal.Query{Project: pid, At: v.at}
	latest := journal.Query{Project: pid, At: v.at, Newest: true, Limit: 5}
	if v.phases, err = o.phases.Noun.List(ctx, q, all); err != nil {
		return err
	}
	if v.gates, err = o.gates.Noun.List(ctx, q, all); err != nil {
		return err
	}
	if v.groups, err = o.groups.Noun.List(ctx, q, all); err != nil || !v.inside {
		return err
	}
	if v.log, err = o.logs.Noun.List(ctx, q, latest); err != nil {
		return err
	}
	open := all
	open.State = ActionOpen
	if v.actions, err = o.actions.Noun.List(ctx, q, open); err != nil {
		return err
	}
	if v.risks, err = o.risks.Noun.List(ctx, q, all); err != nil {
		return err
	}
	if v.decisions, err = o.decisions.Noun.List(ctx, q, latest); err != nil {
		return err
	}
	if o.deps.Meetings != nil {
		if v.meetings, err = o.deps.Meetings(ctx, q, pid); err != nil {
			return err
		}
	}
	if o.deps.Figures != nil && may(ctx, "goal.read", v.p.Resource) == nil {
		v.figures, err = o.deps.Figures(ctx, q, v.p, v.at)
	}
	return err
}

func (o *Room) editForm(w http.ResponseWriter, r *http.Request) error {
	return o.editPage(w, r, http.StatusOK, nil, nil)
}

// editPage shows the form for the frame; f nil is what is stored.
func (o *Room) editPage(w http.ResponseWriter, r *http.Request, status int, f *web.Form, conflict error) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var p journal.Project
	var it journal.Item[Project]
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.Frame(ctx, q, pid); err != nil {
			return err
		}
		if err := may(ctx, "project.edit", p.Resource); err != nil {
			return err
		}
		it, err = o.project(ctx, q, pid, Moment{})
		return err
	})
	if err != nil {
		return err
	}
	v := frameForm{fields: it.Is.frameFields(ctx), bound: it.Is.Started, back: "/projekt/" + id.String(pid)}
	if !it.Is.Started {
		v.fields = append(v.fields, it.Is.boundFields(ctx)...)
	}
	if f == nil {
		v.form = web.NewForm(web.Filled(v.fields))
		v.form.Version = it.Version
	} else {
		v.form = *f
		if fail.Is(conflict, fail.Conflict) {
			v.stored, v.form.Version = web.Said(ctx, v.fields), it.Version
		}
	}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Projektets ram"), NoIndex: true, Crumbs: []web.Crumb{{Text: p.Name, Href: "/projekt/" + id.String(pid)}}}, frameBody(v))
}

func (o *Room) edit(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = o.Edit(ctx, pid, f.Version, f.Once, func(p *Project) error {
		fields := p.frameFields(ctx)
		if !p.Started {
			fields = append(fields, p.boundFields(ctx)...)
		}
		return web.Fill(f, fields)
	})
	switch {
	case err == nil, errors.Is(err, db.ErrTwice):
		web.Flash(ctx, web.T(ctx, "Sparat."))
		return web.Redirect(w, r, "/projekt/"+id.String(pid))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		again := f.WithError(err)
		return o.editPage(w, r, fail.Status(err), &again, err)
	}
	return err
}

// eventsShown is how many events one page shows.
const eventsShown = 500

// events shows everything that happened in a project during a month.
func (o *Room) events(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var p journal.Project
	var list []sheet.Happened
	var month calendar.Date
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.Frame(ctx, q, pid); err != nil {
			return err
		}
		if err := may(ctx, "log.read", p.Resource); err != nil {
			return err
		}
		month = monthOf(r.URL.Query().Get("manad"), calendar.Of(q.Now()))
		events, err := journal.Between(ctx, q, pid, month.Start(), nextMonth(month).Start(), eventsShown)
		if err != nil {
			return err
		}
		list, err = o.named(ctx, q, events)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Händelser"), NoIndex: true, Wide: true, Lead: web.T(ctx, "Allt som har skapats, ändrats eller bytt läge i projektrummet."),
		Crumbs: []web.Crumb{{Text: p.Name, Href: "/projekt/" + id.String(pid)}}}, eventsBody(month, list))
}

// named words events for the page.
func (o *Room) named(ctx context.Context, q db.Q, events []journal.Event) ([]sheet.Happened, error) {
	names := map[who.PersonID]string{0: web.T(ctx, "Kommunpilot")}
	var out []sheet.Happened
	for _, e := range events {
		if _, ok := names[e.Person]; !ok {
			x, err := o.deps.Person(ctx, q, e.Person)
			if err != nil && !fail.Is(err, fail.NotFound) {
				return nil, err
			}
			names[e.Person] = x.Name
		}
		what := nounName(ctx, e.Noun) + " " + id.String(e.Item)
		if e.From != e.To && e.To != "" {
			what += ": " + web.T(ctx, e.To)
		}
		out = append(out, sheet.Happened{When: web.DateTime(ctx, e.At), Who: names[e.Person], What: what, Why: e.Reason})
	}
	return out, nil
}

// monthOf reads 2026-03; anything else is the month of today.
func monthOf(text string, today calendar.Date) calendar.Date {
	if d, err := calendar.Parse(text + "-01"); err == nil {
		return d
	}
	t := today.Start()
	return calendar.New(t.Year(), t.Month(), 1)
}

func nextMonth(d calendar.Date) calendar.Date {
	t := d.Start()
	return calendar.New(t.Year(), t.Month()+1, 1)
}

func monthKey(d calendar.Date) string { return string(d)[:7] }

// nounName is what people call a noun of the journal.
func nounName(ctx context.Context, noun string) string {
	names := map[string]string{
		"project": "Projektet", "phase": "Fas", "gate": "Beslutspunkt", "group": "Grupp", "seat": "Uppdrag", "log": "Anteckning", "projectdecision": "Beslut", "action": "Åtgärd",
		"risk": "Risk", "deviation": "Avvikelse", "change": "Ändring", "brief": "Ärende till styrgruppen", "report": "Lägesrapport", "question": "Utvärderingsfråga", "research": "Delrapport",
		"goal": "Mål", "indicator": "Indikator", "measurement": "Mätvärde", "lfa": "Målverkstad", "meeting": "Möte", "poll": "Tidsförfrågan", "minutes": "Protokoll", "attendance": "Anmälan",
		"interview": "Intervju", "approval": "Godkännande", "document": "Handling", "matter": "Ärende", "entry": "Diariepost", "plan": "Kommunikationsplan", "commitem": "Kommunikation", "newsletter": "Nyhetsbrev", "presentation": "Presentation",
	}
	if n, ok := names[noun]; ok {
		return web.T(ctx, n)
	}
	return noun
}

func itoa(n int) string { return strconv.Itoa(n) }
