package record

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// inProject reads the addresses' two numbers, and holds the matter to the project.
func (o *Room) inProject(r *http.Request) (pid who.ProjectID, item journal.ID, err error) {
	if pid, err = id.Path[who.ProjectID](r, "id"); err != nil {
		return pid, item, err
	}
	if item, err = id.Path[journal.ID](r, "arende"); err != nil {
		return pid, item, err
	}
	err = o.deps.DB.Read(r.Context(), func(q db.Q) error {
		it, err := o.matters.Noun.Get(r.Context(), q, item)
		if err == nil && it.Project != pid {
			err = fail.New(fail.NotFound, "Sidan finns inte.")
		}
		return err
	})
	return pid, item, err
}

// postPackage gives the archive package of a matter. It is written whole to a
// file before the first byte goes out, so that nobody gets half of one.
func (o *Room) postPackage(w http.ResponseWriter, r *http.Request) (err error) {
	pid, item, err := o.inProject(r)
	if err != nil {
		return err
	}
	if large, err := o.orderPackage(r.Context(), item); large || err != nil {
		if err != nil {
			return err
		}
		return web.Redirect(w, r, o.matters.Href(pid, item)+"/arkivpaket")
	}
	f, err := os.CreateTemp("", "kommunpilot-archive-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if err := o.ExportMatter(r.Context(), item, time.Time{}, f); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="arende-`+id.String(item)+`.zip"`)
	_, err = io.Copy(w, f)
	return err
}

// postDisposal disposes of a matter.
func (o *Room) postDisposal(w http.ResponseWriter, r *http.Request) error {
	pid, item, err := o.inProject(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, 1<<20)
	if err != nil {
		return err
	}
	ctx := r.Context()
	switch err := o.DisposeOf(ctx, item, f.Get("decision"), f.Once); {
	case fail.Is(err, fail.Invalid):
		href := o.matters.Href(pid, item)
		return web.Render(w, r, http.StatusUnprocessableEntity, web.Page{Title: web.T(ctx, "Gallra ärendet"), NoIndex: true, Crumbs: []web.Crumb{{Text: web.T(ctx, "Ärende"), Href: href}}},
			disposalForm(f.WithError(err), href+"/gallra"))
	case err != nil && !errors.Is(err, db.ErrTwice):
		return err
	}
	web.Flash(ctx, web.T(ctx, "Ärendet är gallrat."))
	return web.Redirect(w, r, o.matters.Href(pid, item))
}

// dueList shows which matters may be disposed of, today or on the day asked for.
func (o *Room) dueList(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var p journal.Project
	var list []Due
	var day calendar.Date
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.deps.Project(ctx, q, pid); err != nil {
			return err
		}
		if err := may(ctx, "record.read", p.Resource); err != nil {
			return err
		}
		day = calendar.Of(q.Now())
		if given := r.URL.Query().Get("den"); given != "" {
			if day, err = calendar.Parse(given); err != nil {
				return fail.New(fail.Invalid, "Skriv dagen som 2036-03-02.")
			}
		}
		list, err = o.DueAt(ctx, q, p, day)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Ärenden att gallra"), Lead: p.Name + ", " + web.Day(ctx, day), Wide: true, NoIndex: true}, duePage(o, p, list))
}
