package meeting

import (
	"context"
	"encoding/json"
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
// bytes that are here already, sist=ja marks the last, om=ja begins anew. A
// line that breaks goes on from where it was: the answer, and a conflict too,
// says how many bytes are here (X-Kommunpilot-Har). A form with a file is one
// whole piece.
func (o *Room) postFilm(w http.ResponseWriter, r *http.Request) error {
	pid, item, err := paths(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if _, err := o.mayFilm(ctx, pid, item); err != nil { // before a byte is read
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, chunkLimit+1<<16) // a form has more than the film
	var body io.Reader = r.Body
	at, form := piece{last: r.URL.Query().Get("sist") == "ja", anew: r.URL.Query().Get("om") == "ja"}, false
	if file, _, err := r.FormFile("film"); err == nil {
		defer func() { _ = file.Close() }() // only read
		body, at, form = file, piece{last: true, anew: true}, true
	} else if !errors.Is(err, http.ErrNotMultipart) {
		return noFilm(err)
	} else {
		at.from, _ = strconv.ParseInt(r.URL.Query().Get("fran"), 10, 64)
	}
	ref, err := o.deps.Files.Put(ctx, body, chunkLimit)
	if err != nil {
		return err
	}
	at.Chunk = Chunk{ref.Hash, ref.Size}
	have, err := o.addChunk(ctx, item, at)
	w.Header().Set("X-Kommunpilot-Har", strconv.FormatInt(have, 10))
	if err != nil {
		return err
	}
	if at.last {
		web.Flash(ctx, web.T(ctx, "Filmen är uppladdad."))
	}
	if !form {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return web.Redirect(w, r, o.interviews.Href(pid, item))
}

// noFilm says what is wrong with a form whose film could not be read.
func noFilm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &fail.Error{Kind: fail.TooLarge, Message: "Filmen är större än 16 MB. Utan JavaScript i webbläsaren går det inte att ladda upp den; lägg den någon annanstans och skriv länken.", Err: err}
	}
	return &fail.Error{Kind: fail.Invalid, Message: "Välj en film först.", Err: err}
}

// filmState tells what is here of the film, and of one that is being sent, so
// that the sender can compare its file with it and go on.
func (o *Room) filmState(w http.ResponseWriter, r *http.Request) error {
	pid, item, err := paths(r)
	if err != nil {
		return err
	}
	it, err := o.mayFilm(r.Context(), pid, item)
	if err != nil {
		return err
	}
	x := it.Is.split()
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string][]Chunk{"film": append([]Chunk{}, x.Chunks...), "incoming": append([]Chunk{}, x.Incoming...)})
}

func paths(r *http.Request) (pid who.ProjectID, item journal.ID, err error) {
	if pid, err = id.Path[who.ProjectID](r, "id"); err != nil {
		return 0, 0, err
	}
	item, err = id.Path[journal.ID](r, "post")
	return pid, item, err
}

// mayFilm asks before a piece is stored, or a change of the captions read.
func (o *Room) mayFilm(ctx context.Context, pid who.ProjectID, item journal.ID) (it journal.Item[Interview], err error) {
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		p, err := o.deps.Project(ctx, q, pid)
		if err != nil {
			return err
		}
		if it, err = o.interviews.Noun.Get(ctx, q, item); err != nil {
			return err
		}
		if it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		return may(ctx, "interview.edit", p.Resource)
	})
	return it, err
}

// piece is a chunk on its way: where it begins, whether it is the film's last,
// and whether what has come before of another file is dropped.
type piece struct {
	Chunk
	from       int64
	last, anew bool
}

// split tells pieces that are here from a film that is whole: an unfinished
// film was once kept among the chunks.
func (x Interview) split() Interview {
	if !x.Whole && len(x.Chunks) > 0 {
		x.Incoming, x.Chunks = x.Chunks, nil
	}
	return x
}

// take adds a piece after those that are here; have is how many bytes are here
// then. The film that was here holds until the last piece has come.
func (x *Interview) take(c piece) (have int64, err error) {
	*x = x.split()
	if c.anew && c.from == 0 {
		x.Incoming = nil
	}
	for _, i := range x.Incoming {
		have += i.Size
	}
	switch {
	case c.from != have:
		return have, fail.Newf(fail.Conflict, "Uppladdningen fortsätter från byte %d.", have)
	case c.Size == 0:
		return have, fail.New(fail.Invalid, "Filmen är tom.")
	case have+c.Size > filmLimit:
		return have, fail.New(fail.TooLarge, "Filmen är större än 4 GB. Gör den mindre, eller lägg den någon annanstans och skriv länken.")
	}
	x.Incoming = append(x.Incoming, c.Chunk)
	if c.last {
		x.Chunks, x.Incoming, x.Whole = x.Incoming, nil, true
	}
	return have + c.Size, nil
}

func (o *Room) addChunk(ctx context.Context, item journal.ID, c piece) (have int64, err error) {
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
		if have, err = it.Is.take(c); err != nil {
			return err
		}
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
