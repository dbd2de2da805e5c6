package meeting

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// captionsView is what the page of an interview's captions shows.
type captionsView struct {
	it      journal.Item[Interview]
	href    string // of the interview
	form    web.Form
	rows    []cueRow
	focus   int    // the cue that was just made, or -1
	theirs  string // captions that another has saved meanwhile
	lossy   bool   // what is stored has more than cues
	unsaved bool
	locked  bool
}

func (o *Room) captionsView(pid who.ProjectID, it journal.Item[Interview]) captionsView {
	return captionsView{it: it, href: o.interviews.Href(pid, it.ID), focus: -1, locked: it.State == InterviewPublished}
}

// stored fills the view with what is stored. Captions that are wrong as a file
// are read as far as they go; the page says what is wrong.
func (v captionsView) stored() captionsView {
	cues, err := ParseCaptions(v.it.Is.Captions, 0)
	if v.it.Is.Captions == "" {
		err = nil
	}
	v.rows = cueRows(cues)
	v.form = web.NewForm(rowValues(v.rows)).WithError(err)
	v.form.Version = v.it.Version
	v.lossy = err == nil && v.it.Is.Captions != "" && strings.TrimSpace(FormatCaptions(cues)) != strings.TrimSpace(v.it.Is.Captions)
	return v
}

func (o *Room) showCaptions(w http.ResponseWriter, r *http.Request, status int, pid who.ProjectID, v captionsView) error {
	ctx := r.Context()
	page := web.Page{Title: web.T(ctx, "Textning"), Lead: v.it.Is.Title, NoIndex: true, Wide: true, Crumbs: []web.Crumb{
		{Text: web.T(ctx, "Intervjuer"), Href: o.interviews.ListHref(pid)}, {Text: v.it.Is.Title, Href: v.href}}}
	return web.Render(w, r, status, page, captionsPage(v))
}

func (o *Room) editCaptions(w http.ResponseWriter, r *http.Request) error {
	pid, item, err := paths(r)
	if err != nil {
		return err
	}
	it, err := o.mayFilm(r.Context(), pid, item)
	if err != nil {
		return err
	}
	return o.showCaptions(w, r, http.StatusOK, pid, o.captionsView(pid, it).stored())
}

// postCaptions saves the cues, or changes the form without saving: a cue more
// or less, one split or merged, or a file of WebVTT read into it.
func (o *Room) postCaptions(w http.ResponseWriter, r *http.Request) error {
	pid, item, err := paths(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	it, err := o.mayFilm(ctx, pid, item)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	v := o.captionsView(pid, it)
	v.form, v.rows = f, formRows(f)
	act := f.Get("act")
	switch {
	case act == "las-in":
		return o.readCaptions(w, r, pid, v)
	case act != "" && act != "spara":
		if v.rows, v.focus = changeRows(v.rows, act); v.focus < 0 {
			return fail.New(fail.Invalid, "Knappen finns inte.")
		}
		v.unsaved = true
		v.form.Values, v.form.Once = rowValues(v.rows), id.Token()
		return o.showCaptions(w, r, http.StatusOK, pid, v)
	}
	err = o.saveCaptions(ctx, it, f, v.rows)
	switch {
	case err == nil, errors.Is(err, db.ErrTwice):
		web.Flash(ctx, web.T(ctx, "Textningen är sparad."))
		return web.Redirect(w, r, v.href+"/textning")
	case !fail.Is(err, fail.Invalid) && !fail.Is(err, fail.Conflict):
		return err
	}
	v.form, v.unsaved = f.WithError(err), true
	if fail.Is(err, fail.Conflict) && f.Version != it.Version {
		v.theirs = it.Is.Captions
		v.form.Stored, v.form.Version = rowValues(v.stored().rows), it.Version
	}
	return o.showCaptions(w, r, fail.Status(err), pid, v)
}

func (o *Room) saveCaptions(ctx context.Context, it journal.Item[Interview], f web.Form, rows []cueRow) error {
	return o.interviews.Change(ctx, it.ID, f.Version, "Textning", f.Once, func(is *Interview) error {
		cues, wrong := checkRows(rows, time.Duration(is.Seconds)*time.Second)
		if err := fail.Fields(wrong...); err != nil {
			return err
		}
		is.Captions = ""
		if len(cues) > 0 {
			is.Captions = FormatCaptions(cues)
		}
		return nil
	})
}

// captionFileLimit is the largest file of captions, bytes.
const captionFileLimit = 200000

// readCaptions puts a file of WebVTT in the form, in place of what is there;
// it is saved with the form.
func (o *Room) readCaptions(w http.ResponseWriter, r *http.Request, pid who.ProjectID, v captionsView) error {
	cues, err := fileCues(r)
	if err != nil {
		v.form, v.unsaved = v.form.WithError(err), true
		return o.showCaptions(w, r, fail.Status(err), pid, v)
	}
	v.rows, v.unsaved = cueRows(cues), true
	v.form.Values, v.form.Once = rowValues(v.rows), id.Token()
	// What does not fit the film is told at its line at once.
	_, wrong := checkRows(v.rows, time.Duration(v.it.Is.Seconds)*time.Second)
	v.form.Fields = wrong
	return o.showCaptions(w, r, http.StatusOK, pid, v)
}

func fileCues(r *http.Request) ([]Cue, error) {
	wrong := func(what string) error { return fail.Fields(fail.Field{Name: "vtt", Message: what}) }
	file, _, err := r.FormFile("vtt")
	if err != nil {
		return nil, wrong("Välj en fil med textning först.")
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, captionFileLimit+1))
	if err != nil {
		return nil, err
	}
	if len(text) > captionFileLimit {
		return nil, wrong("Filen är för stor: högst 200 000 byte.")
	}
	cues, err := ParseCaptions(strings.ToValidUTF8(string(text), "\uFFFD"), 0)
	if err != nil {
		return nil, wrong(fail.As(err).Fields[0].Message)
	}
	if len(cues) > cueLimit {
		return nil, wrong("Filen har för många textblock: högst 3 000.")
	}
	return cues, nil
}

// postTranscript makes the transcript from the stored captions.
func (o *Room) postTranscript(w http.ResponseWriter, r *http.Request) error {
	pid, item, err := paths(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if _, err := o.mayFilm(ctx, pid, item); err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	err = o.interviews.Change(ctx, item, f.Version, "Utskrift av textningen", f.Once, func(is *Interview) error {
		cues, err := ParseCaptions(is.Captions, 0)
		if err != nil {
			return fail.New(fail.Conflict, "Det finns ingen textning att skriva ut.")
		}
		is.Transcript = Transcript(cues)
		return nil
	})
	return o.done(w, r, err, "Utskriften är gjord av textningen. Läs igenom och redigera den.", o.interviews.Href(pid, item)+"/redigera#transcript")
}
