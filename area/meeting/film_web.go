package meeting

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// chunkLimit is the largest piece of a film in one request, bytes; filmLimit
// the largest film.
const (
	chunkLimit = 16 << 20
	filmLimit  = 4 << 30
)

// postFilm takes a film in pieces: the body is the piece, fran the number of
// bytes that are here already, sist=ja marks the last. A line that breaks goes
// on from where it was: the answer, and a conflict too, says how many bytes
// are here (X-Kommunpilot-Har). A form with a file is one whole piece.
func (o *Room) postFilm(w http.ResponseWriter, r *http.Request) error {
	pid, item, err := paths(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := o.mayFilm(ctx, pid, item); err != nil { // before a byte is read
		return err
	}
	var body io.Reader = http.MaxBytesReader(w, r.Body, chunkLimit)
	from, last, form := int64(0), r.URL.Query().Get("sist") == "ja", false
	if file, _, err := r.FormFile("film"); err == nil {
		defer func() { _ = file.Close() }() // only read
		body, last, form = file, true, true
	} else {
		from, _ = strconv.ParseInt(r.URL.Query().Get("fran"), 10, 64)
	}
	ref, err := o.deps.Files.Put(ctx, body, chunkLimit)
	if err != nil {
		return err
	}
	have, err := o.addChunk(ctx, item, from, Chunk{ref.Hash, ref.Size}, last, form)
	w.Header().Set("X-Kommunpilot-Har", strconv.FormatInt(have, 10))
	if err != nil {
		return err
	}
	if !form {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	web.Flash(ctx, web.T(ctx, "Filmen är uppladdad."))
	return web.Redirect(w, r, o.interviews.Href(pid, item))
}

func paths(r *http.Request) (pid who.ProjectID, item journal.ID, err error) {
	if pid, err = id.Path[who.ProjectID](r, "id"); err != nil {
		return 0, 0, err
	}
	item, err = id.Path[journal.ID](r, "post")
	return pid, item, err
}

// mayFilm asks before a piece is stored.
func (o *Room) mayFilm(ctx context.Context, pid who.ProjectID, item journal.ID) error {
	return o.deps.DB.Read(ctx, func(q db.Q) error {
		p, err := o.deps.Project(ctx, q, pid)
		if err != nil {
			return err
		}
		it, err := o.interviews.Noun.Get(ctx, q, item)
		if err != nil {
			return err
		}
		if it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		return may(ctx, "interview.edit", p.Resource)
	})
}

// addChunk adds a piece after those that are here; whole starts anew.
func (o *Room) addChunk(ctx context.Context, item journal.ID, from int64, c Chunk, last, whole bool) (have int64, err error) {
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.interviews.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "interview.edit", p.Resource); err != nil {
			return err
		}
		if it.State == InterviewPublished {
			return fail.New(fail.Conflict, "Filmen är publicerad. Avpublicera den innan den byts.")
		}
		if whole || from == 0 && it.Is.Whole {
			it.Is.Chunks = nil
		}
		for _, x := range it.Is.Chunks {
			have += x.Size
		}
		if !whole && from != have {
			return fail.Newf(fail.Conflict, "Uppladdningen fortsätter från byte %d.", have)
		}
		if have+c.Size > filmLimit {
			return fail.New(fail.TooLarge, "Filmen är större än 4 GB. Gör den mindre, eller lägg den någon annanstans och skriv länken.")
		}
		it.Is.Chunks, it.Is.Whole = append(it.Is.Chunks, c), last
		have += c.Size
		return o.interviews.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: "interview.edit", Reason: "Film"})
	})
	return have, err
}

// pieces reads a film's pieces as one file.
type pieces struct {
	ctx  context.Context
	room *Room
	list []Chunk
	size int64
	at   int64
	open io.ReadCloser
	end  int64 // where the open piece ends
}

func (o *Room) pieces(ctx context.Context, list []Chunk) *pieces {
	p := &pieces{ctx: ctx, room: o, list: list}
	for _, c := range list {
		p.size += c.Size
	}
	return p
}

// Read gives the next bytes.
func (p *pieces) Read(b []byte) (int, error) {
	if p.at >= p.size {
		return 0, io.EOF
	}
	if p.open == nil || p.at >= p.end {
		if err := p.turn(); err != nil {
			return 0, err
		}
	}
	n, err := p.open.Read(b[:min(int64(len(b)), p.end-p.at)])
	p.at += int64(n)
	if errors.Is(err, io.EOF) && p.at < p.size {
		err = nil
	}
	return n, err
}

// turn opens the piece in which the next byte is.
func (p *pieces) turn() error {
	_ = p.Close()
	start := int64(0)
	for _, c := range p.list {
		if p.at < start+c.Size {
			f, err := p.room.deps.Files.Open(p.ctx, c.Hash)
			if err != nil {
				return err
			}
			if _, err := io.CopyN(io.Discard, f, p.at-start); err != nil {
				_ = f.Close()
				return err
			}
			p.open, p.end = f, start+c.Size
			return nil
		}
		start += c.Size
	}
	return io.EOF
}

// Seek moves to a byte.
func (p *pieces) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += p.at
	case io.SeekEnd:
		offset += p.size
	}
	if offset < 0 {
		return 0, errors.New("meeting: seek before the film")
	}
	if offset != p.at {
		_ = p.Close()
	}
	p.at = offset
	return offset, nil
}

// Close closes the open piece.
func (p *pieces) Close() error {
	if p.open == nil {
		return nil
	}
	err := p.open.Close()
	p.open = nil
	return err
}

// interviewFor reads an interview that the actor may see.
func (o *Room) interviewFor(r *http.Request, public bool) (it journal.Item[Interview], err error) {
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return it, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if it, err = o.interviews.Noun.Get(ctx, q, item); err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, q, it.Project)
		if err != nil {
			return err
		}
		if public {
			// Asked again at every showing: a withdrawn approval shows nothing.
			if it.State != InterviewPublished || it.Is.publishable() != nil {
				return fail.New(fail.NotFound, "Sidan finns inte.")
			}
			return nil
		}
		return may(ctx, "interview.read", o.interviews.Resource(p, it))
	})
	return it, err
}

func (o *Room) film(w http.ResponseWriter, r *http.Request) error { return o.serveFilm(w, r, false) }

func (o *Room) publicFile(w http.ResponseWriter, r *http.Request) error {
	return o.serveFilm(w, r, true)
}

func (o *Room) serveFilm(w http.ResponseWriter, r *http.Request, public bool) error {
	it, err := o.interviewFor(r, public)
	if err != nil {
		return err
	}
	if !it.Is.Whole {
		return fail.New(fail.NotFound, "Filmen finns inte här.")
	}
	f := o.pieces(r.Context(), it.Is.Chunks)
	defer func() { _ = f.Close() }() // only read
	w.Header().Set("Content-Type", "video/mp4")
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

func (o *Room) captions(w http.ResponseWriter, r *http.Request) error {
	return o.serveCaptions(w, r, false)
}

func (o *Room) publicCaptions(w http.ResponseWriter, r *http.Request) error {
	return o.serveCaptions(w, r, true)
}

func (o *Room) serveCaptions(w http.ResponseWriter, r *http.Request, public bool) error {
	it, err := o.interviewFor(r, public)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/vtt; charset=utf-8")
	_, err = io.WriteString(w, it.Is.Captions)
	return err
}

func (o *Room) publicList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var list []journal.Item[Interview]
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		all, err := o.interviews.Noun.List(ctx, q, journal.Query{State: InterviewPublished, Newest: true, Limit: 200})
		for _, it := range all {
			if it.Is.publishable() == nil {
				list = append(list, it)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Filmade intervjuer"), Lead: web.T(ctx, "Intervjuer som kommunerna har godkänt.")}, publicListPage(list))
}

func (o *Room) publicFilm(w http.ResponseWriter, r *http.Request) error {
	it, err := o.interviewFor(r, true)
	if err != nil {
		return err
	}
	ctx := r.Context()
	return web.Render(w, r, http.StatusOK, web.Page{Title: it.Is.Title, Lead: it.Is.Purpose, Crumbs: []web.Crumb{{Text: web.T(ctx, "Filmade intervjuer"), Href: "/filmer"}}},
		interviewPage(interviewView{it: it, href: "/filmer/" + id.String(it.ID), public: true, form: web.NewForm(nil)}))
}
