package meeting

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

const formLimit = 1 << 20

// done goes on after an act, or says what stopped it on the page it came from.
func (o *Room) done(w http.ResponseWriter, r *http.Request, err error, said, to string) error {
	if err != nil && !errors.Is(err, db.ErrTwice) {
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), said))
	return web.Redirect(w, r, to)
}

func bound(r *http.Request) (pid who.ProjectID, item journal.ID, f web.Form, err error) {
	if pid, item, err = paths(r); err != nil {
		return pid, item, f, err
	}
	f, err = web.Bind(r, formLimit)
	return pid, item, f, err
}

func (o *Room) postAnswers(w http.ResponseWriter, r *http.Request) error {
	pid, item, f, err := bound(r)
	if err != nil {
		return err
	}
	answers := map[int64]string{}
	for name := range f.Values {
		if n, ok := strings.CutPrefix(name, "svar-"); ok {
			if option, err := strconv.ParseInt(n, 10, 64); err == nil {
				answers[option] = f.Get(name)
			}
		}
	}
	var occasion *string
	if _, said := f.Values["occasion"]; said {
		text := f.Get("occasion")
		occasion = &text
	}
	return o.done(w, r, o.Answer(r.Context(), item, answers, occasion, f.Once), "Dina svar är sparade.", o.polls.Href(pid, item))
}

func (o *Room) postBook(w http.ResponseWriter, r *http.Request) error {
	pid, item, f, err := bound(r)
	if err != nil {
		return err
	}
	option, _ := f.Int("option")
	made, err := o.Book(r.Context(), item, option, f.Version, f.Once)
	if err != nil && !errors.Is(err, db.ErrTwice) {
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), "Mötet är planerat. Gå igenom det och kalla."))
	if made == 0 {
		return web.Redirect(w, r, o.polls.Href(pid, item))
	}
	return web.Redirect(w, r, o.meetings.Href(pid, made))
}

func (o *Room) postCall(w http.ResponseWriter, r *http.Request) error {
	pid, item, f, err := bound(r)
	if err != nil {
		return err
	}
	return o.done(w, r, o.Call(r.Context(), item, f.Version, f.Once), "Kallelsen är skickad.", o.meetings.Href(pid, item))
}

func (o *Room) postReply(w http.ResponseWriter, r *http.Request) error {
	pid, item, f, err := bound(r)
	if err != nil {
		return err
	}
	state, err := o.Reply(r.Context(), item, f.Get("svar") == "ja", f.Once)
	said := "Ditt svar är sparat."
	if state == Waits {
		said = "Mötet är fullt. Du står på väntelistan och får besked om en plats blir ledig."
	}
	return o.done(w, r, err, said, o.meetings.Href(pid, item))
}

func (o *Room) postMatter(w http.ResponseWriter, r *http.Request) error {
	pid, item, f, err := bound(r)
	if err != nil {
		return err
	}
	return o.done(w, r, o.AddMatter(r.Context(), item, f.Get("key"), f.Once), "Ärendet står på dagordningen.", o.meetings.Href(pid, item))
}

// calendarFile gives the meeting to whoever reads it, for their own calendar.
func (o *Room) calendarFile(w http.ResponseWriter, r *http.Request) error {
	_, item, err := paths(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var file []byte
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		m, err := o.meetings.Noun.Get(ctx, q, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, q, m.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "meeting.read", p.Resource); err != nil {
			return err
		}
		method := request
		if m.State == Cancelled {
			method = cancel
		}
		file = o.calendarOf(m, p, method, q.Now(), "")
		return nil
	})
	if err != nil {
		return err
	}
	return web.Download(w, "mote.ics", "text/calendar; charset=utf-8", file)
}

// runView is the page from which a meeting is run.
type runView struct {
	meetingView
	forms   map[journal.ID]web.Form
	matters map[string]Matter
	stored  journal.ID // the item that somebody else wrote in meanwhile
}

func (o *Room) run(w http.ResponseWriter, r *http.Request) error {
	return o.renderRun(w, r, http.StatusOK, 0, nil)
}

// renderRun shows the page; f is what was typed at an item and could not be
// saved.
func (o *Room) renderRun(w http.ResponseWriter, r *http.Request, status int, failed journal.ID, f *web.Form) error {
	pid, item, err := paths(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	v := runView{forms: map[journal.ID]web.Form{}, matters: map[string]Matter{}}
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		m, err := o.meetings.Noun.Get(ctx, q, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, q, m.Project)
		if err != nil {
			return err
		}
		if m.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		if err := may(ctx, "minutes.write", p.Resource); err != nil {
			return err
		}
		if v.meetingView, err = o.meetingView(ctx, q, p, m, time.Time{}); err != nil {
			return err
		}
		all, err := o.deps.Matters(ctx, q, p)
		for _, x := range all {
			v.matters[x.Key] = x
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, x := range v.items {
		form := web.NewForm(noteValues(x))
		if x.ID == failed && f != nil {
			form = *f
			if status == http.StatusConflict {
				v.stored = x.ID
			}
		}
		form.Version = x.Version
		v.forms[x.ID] = form
	}
	page := o.page(ctx, v.p, web.T(ctx, "Genomför: %s", v.it.Is.Title))
	page.Crumbs = append(page.Crumbs, web.Crumb{Text: v.it.Is.Title, Href: o.meetings.Href(pid, item)})
	return web.Render(w, r, status, page, runPage(v))
}

func (o *Room) page(ctx context.Context, p journal.Project, title string) web.Page {
	return web.Page{Title: title, NoIndex: true, Wide: true, Crumbs: []web.Crumb{{Text: p.Name, Href: "/projekt/" + id.String(p.ID)}}}
}

func (o *Room) postRun(w http.ResponseWriter, r *http.Request) error {
	pid, meeting, f, err := bound(r)
	if err != nil {
		return err
	}
	item, err := id.Parse[journal.ID](f.Get("punkt"))
	if err != nil {
		return err
	}
	n := id.String(item)
	at := func(name string) string { return f.Get(name + "-" + n) }
	due, ok := f.Day("due-" + n)
	note := Note{State: at("state"), Notes: at("notes"), Proposals: web.SplitLines(at("proposals")), Votes: at("votes"), Outcome: at("outcome"), Decision: at("decision"),
		Reservations: web.SplitLines(at("reservations")), ActionText: at("action"), ActionEmail: at("email"), ActionDue: due}
	switch {
	case !ok || note.ActionText != "" && due == "":
		err = fail.Fields(fail.Field{Name: "due-" + n, Message: "Skriv när åtgärden ska vara klar, som år-månad-dag."})
	case note.State != "" && !slices.Contains([]string{ItemPlanned, ItemDealt, ItemDeferred, ItemDropped}, note.State):
		err = fail.Fields(fail.Field{Name: "state-" + n, Message: "Välj ett av alternativen."})
	default:
		err = o.WriteItem(r.Context(), item, f.Version, note, f.Once)
	}
	switch {
	case err == nil, errors.Is(err, db.ErrTwice):
		web.Flash(r.Context(), web.T(r.Context(), "Sparat."))
		return web.Redirect(w, r, o.meetings.Href(pid, meeting)+"/genomfor#punkt-"+n)
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		again := f.WithError(err)
		return o.renderRun(w, r, fail.Status(err), item, &again)
	}
	return err
}

// postAttended notes who was there.
func (o *Room) postAttended(w http.ResponseWriter, r *http.Request) error {
	pid, meeting, f, err := bound(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	there := f.All("deltog")
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := o.meetings.Noun.Get(ctx, tx, meeting)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, m.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "minutes.write", p.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		list, err := o.invited(ctx, tx, meeting, time.Time{})
		if err != nil {
			return err
		}
		for _, a := range list {
			to := Absent
			if slices.Contains(there, id.String(a.ID)) {
				to = Attended
			}
			if a.State == to {
				continue
			}
			a.State = to
			if err := o.attendance.SaveIn(ctx, tx, p, a, "", journal.Act{Name: "minutes.write"}); err != nil {
				return err
			}
		}
		o.note(ctx, tx, p, "minutes.write", "meeting", meeting, there)
		return nil
	})
	return o.done(w, r, err, "Närvaron är sparad.", o.meetings.Href(pid, meeting)+"/genomfor")
}

func (o *Room) postApprove(w http.ResponseWriter, r *http.Request) error {
	pid, item, f, err := bound(r)
	if err != nil {
		return err
	}
	all, err := o.Approve(r.Context(), item, f.Version, f.Once)
	said := "Du har justerat protokollet. Det är klart när alla justerare har gjort det."
	if all {
		said = "Protokollet är justerat. Besluten gäller."
	}
	return o.done(w, r, err, said, o.minutes.Href(pid, item))
}

func (o *Room) minutesDOCX(w http.ResponseWriter, r *http.Request) error {
	_, item, err := paths(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var file []byte
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		it, err := o.minutes.Noun.Get(ctx, q, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, q, it.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "minutes.read", o.minutes.Resource(p, it)); err != nil {
			return err
		}
		d, err := o.document(ctx, q, it)
		if err != nil {
			return err
		}
		file, err = d.DOCX()
		return err
	})
	if err != nil {
		return err
	}
	return web.Download(w, "protokoll.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", file)
}

// Due is a meeting that the programme's calendar asks for (004-21 to -23).
type Due struct {
	What    string
	Wanted  int
	Held    int
	Missing []string // municipalities that have not been visited
	Force   string
}

// yearly compares a year's meetings with what the calendar asks: a visit to
// every municipality in August or September (must), two meetings of the
// leaders and one conference (aims).
func yearly(year int, municipalities []web.Option, list []journal.Item[Meeting]) []Due {
	visits := Due{What: "Besök i alla kommuner, augusti eller september", Wanted: len(municipalities), Force: "krav"}
	leaders := Due{What: "Träffar för projektledare", Wanted: 2, Force: "mål"}
	conference := Due{What: "Större konferens", Wanted: 1, Force: "mål"}
	visited := map[string]bool{}
	for _, m := range list {
		if m.State == Cancelled || m.Is.Day == "" || m.Is.Day.Year() != year {
			continue
		}
		switch m.Is.Kind {
		case "besök":
			if month := string(m.Is.Day)[5:7]; month == "08" || month == "09" {
				visited[m.Is.Visits] = true
			}
		case "projektledarträff":
			leaders.Held++
		case "konferens":
			conference.Held++
		}
	}
	for _, k := range municipalities {
		if visited[k.Value] {
			visits.Held++
		} else {
			visits.Missing = append(visits.Missing, k.Label)
		}
	}
	return []Due{visits, leaders, conference}
}

func (o *Room) year(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var p journal.Project
	var due []Due
	var list []journal.Item[Meeting]
	year, _ := strconv.Atoi(r.URL.Query().Get("ar"))
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.deps.Project(ctx, q, pid); err != nil {
			return err
		}
		if err := may(ctx, "meeting.read", p.Resource); err != nil {
			return err
		}
		if year < 1900 || year > 3000 {
			year = calendar.Of(q.Now()).Year()
		}
		if list, err = o.meetings.Noun.List(ctx, q, journal.Query{Project: pid}); err != nil {
			return err
		}
		var municipalities []web.Option
		if o.deps.Municipalities != nil {
			municipalities, err = o.deps.Municipalities(ctx, q, p)
		}
		due = yearly(year, municipalities, list)
		return err
	})
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(m journal.Item[Meeting]) bool { return m.Is.Day == "" || m.Is.Day.Year() != year })
	slices.SortStableFunc(list, func(a, b journal.Item[Meeting]) int { return strings.Compare(string(a.Is.Day), string(b.Is.Day)) })
	return web.Render(w, r, http.StatusOK, o.page(ctx, p, web.T(ctx, "Kalender %d", year)), yearPage(o, p, year, due, list))
}
