package room

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/paper"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

func (o *Room) renewReport(w http.ResponseWriter, r *http.Request) error {
	pid, item, err := paths(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := o.RenewReport(ctx, item, f.Version, f.Once); err != nil && !errors.Is(err, db.ErrTwice) {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Utkastet är skrivet på nytt."))
	return web.Redirect(w, r, o.reports.Href(pid, item))
}

func paths(r *http.Request) (pid who.ProjectID, item journal.ID, err error) {
	if pid, err = id.Path[who.ProjectID](r, "id"); err != nil {
		return 0, 0, err
	}
	item, err = id.Path[journal.ID](r, "post")
	return pid, item, err
}

// reportPaper is the report as a document.
func (o *Room) reportPaper(r *http.Request) (d paper.Document, err error) {
	pid, item, err := paths(r)
	if err != nil {
		return d, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		p, err := o.Frame(ctx, q, pid)
		if err != nil {
			return err
		}
		if err := may(ctx, "log.read", p.Resource); err != nil {
			return err
		}
		it, err := o.reports.Noun.Get(ctx, q, item)
		if err != nil {
			return err
		}
		if it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		d = it.Is.paper(ctx, p.Name, it.State)
		return nil
	})
	return d, err
}

// paper is the report as a document to hand on.
func (x Report) paper(ctx context.Context, project, state string) paper.Document {
	d := paper.Document{Title: x.title(), Subtitle: project, Facts: []paper.Fact{
		{Term: "Period", Value: web.Day(ctx, x.From) + " – " + web.Day(ctx, x.To)}, {Term: "Läge", Value: state}, {Term: "Utkastet skrivet", Value: web.Day(ctx, x.Written)},
	}}
	if x.Summary != "" {
		d.Parts = append(d.Parts, paper.Part{Head: "Sammanfattning", Text: strings.Split(x.Summary, "\n\n")})
	}
	for _, s := range x.Draft {
		part := paper.Part{Head: s.Head, Text: s.Text}
		if len(s.Rows) > 0 {
			part.Table = &paper.Table{Heads: s.Heads, Rows: s.Rows}
		}
		d.Parts = append(d.Parts, part)
	}
	if x.Comments != "" {
		d.Parts = append(d.Parts, paper.Part{Head: "Kommentarer", Text: strings.Split(x.Comments, "\n\n")})
	}
	return d
}

func (o *Room) reportDOCX(w http.ResponseWriter, r *http.Request) error {
	d, err := o.reportPaper(r)
	if err != nil {
		return err
	}
	b, err := d.DOCX()
	if err != nil {
		return err
	}
	return web.Download(w, "lagesrapport.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b)
}

func (o *Room) reportPDF(w http.ResponseWriter, r *http.Request) error {
	d, err := o.reportPaper(r)
	if err != nil {
		return err
	}
	b, err := d.PDF(r.Context())
	if errors.Is(err, paper.ErrNoPrinter) {
		return fail.New(fail.Unavailable, "Den här installationen kan inte skriva PDF. Hämta rapporten som Word-fil, eller skriv ut sidan från webbläsaren.")
	}
	if err != nil {
		return err
	}
	return web.Download(w, "lagesrapport.pdf", "application/pdf", b)
}
