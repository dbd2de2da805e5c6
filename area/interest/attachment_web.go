package interest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
)

// maxField is the longest text beside a file; maxDrain how much of a file that
// is too large is read on, so that the browser gets to the answer.
const (
	maxField = 64 << 10
	maxDrain = 64 << 20
)

// sent is a form with a file. The fields are there even where the file was too
// large, so that nothing typed is lost.
type sent struct {
	form web.Form
	file *Upload // nil where none was chosen
	temp *os.File
}

// close forgets the file on the way in.
func (s sent) close() {
	if s.temp != nil {
		_ = s.temp.Close()
		_ = os.Remove(s.temp.Name())
	}
}

// receive reads a form with at most one file, as it comes. The caller closes
// it, also after an error. An error of kind TooLarge comes with the fields
// that stood before the file.
func (n *Room) receive(r *http.Request) (s sent, err error) {
	s.form = web.Form{Values: url.Values{}}
	reader, err := r.MultipartReader()
	if err != nil {
		return s, &fail.Error{Kind: fail.Invalid, Message: "Formuläret kunde inte läsas. Ladda om sidan och skicka igen.", Err: err}
	}
	var large error
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = n.part(&s, part)
		}
		if fail.Is(err, fail.TooLarge) {
			large = err
			if errors.As(err, new(*http.MaxBytesError)) {
				break // the rest cannot be read
			}
			continue
		}
		if err != nil {
			if errors.As(err, new(*http.MaxBytesError)) {
				large = n.tooLarge(err)
				break
			}
			return s, &fail.Error{Kind: fail.Invalid, Message: "Formuläret kunde inte läsas. Ladda om sidan och skicka igen.", Err: err}
		}
	}
	s.form.Once = s.form.Get("_once")
	s.form.Version, _ = strconv.ParseInt(s.form.Get("_version"), 10, 64)
	return s, large
}

func (n *Room) tooLarge(cause error) error {
	message := "Filen är för stor: högst " + strconv.FormatInt(n.deps.MaxUpload>>20, 10) + " MB. Det andra du skrev finns kvar."
	return &fail.Error{Kind: fail.TooLarge, Message: message, Fields: []fail.Field{{Name: "file", Message: message}}, Err: cause}
}

// part reads one field, or the file into a temporary one.
func (n *Room) part(s *sent, p *multipart.Part) error {
	if p.FileName() == "" {
		b, err := io.ReadAll(io.LimitReader(p, maxField))
		if err != nil {
			return err
		}
		v := strings.ReplaceAll(strings.ToValidUTF8(strings.ReplaceAll(string(b), "\r\n", "\n"), "\uFFFD"), "\x00", "")
		s.form.Values.Add(p.FormName(), strings.TrimSpace(v))
		return nil
	}
	if s.temp != nil {
		return fail.New(fail.Invalid, "Skicka en fil i taget.")
	}
	temp, err := os.CreateTemp("", "kommunpilot-upload-*")
	if err != nil {
		return &fail.Error{Kind: fail.Unavailable, Message: "Filen kunde inte sparas just nu. Försök igen om en stund; inget har ändrats.", Err: err}
	}
	s.temp = temp
	size, err := io.Copy(temp, io.LimitReader(p, n.deps.MaxUpload+1))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return n.tooLarge(err)
	case err != nil:
		return err
	case size > n.deps.MaxUpload:
		_, err := io.Copy(io.Discard, io.LimitReader(p, maxDrain))
		return n.tooLarge(err)
	}
	s.file = &Upload{Name: p.FileName(), Body: temp}
	return nil
}

func (n *Room) attachments(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	return n.renderAttachments(w, r, http.StatusOK, v, web.NewForm(nil))
}

func (n *Room) renderAttachments(w http.ResponseWriter, r *http.Request, status int, v view, f web.Form) error {
	ctx := r.Context()
	locked := ""
	if !v.mayEdit {
		locked = web.T(ctx, "Du kan läsa men inte ändra.")
	} else if err := v.m.mayChange("bilagor", v.open); err != nil {
		locked = web.T(ctx, err.Error())
	}
	return web.Render(w, r, status, v.page(ctx, web.T(ctx, "Bilagor")), attachmentsPage(v, f, locked, n.deps.MaxUpload>>20))
}

func (n *Room) attach(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	if err := may(r.Context(), "application.edit", v.m.editable()); err != nil {
		return err
	}
	s, err := n.receive(r)
	defer s.close()
	if err == nil && s.file == nil {
		err = fail.Fields(fail.Field{Name: "file", Message: "Välj en fil."})
	}
	if err == nil {
		s.file.About = s.form.Get("about")
		_, err = n.Attach(r.Context(), v.m.ID, *s.file, s.form.Once)
	}
	switch {
	case err == nil, twice(err):
		return web.Redirect(w, r, v.href("/bilagor"))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.TooLarge), fail.Is(err, fail.Conflict):
		return n.renderAttachments(w, r, fail.Status(err), v, s.form.WithError(err))
	}
	return err
}

func (n *Room) detach(w http.ResponseWriter, r *http.Request) error {
	a, err := id.Path[ApplicationID](r, "id")
	if err != nil {
		return err
	}
	file, err := id.Path[AttachmentID](r, "bilaga")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := n.Detach(ctx, a, file, f.Once); err != nil && !twice(err) {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Bilagan är borttagen."))
	return web.Redirect(w, r, "/intresse/"+id.String(a)+"/bilagor")
}

func (n *Room) download(w http.ResponseWriter, r *http.Request) error {
	a, err := id.Path[ApplicationID](r, "id")
	if err != nil {
		return err
	}
	file, err := id.Path[AttachmentID](r, "bilaga")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var m matter
	if err := n.deps.DB.Read(ctx, func(q db.Q) (err error) { m, err = n.read(ctx, q, a); return err }); err != nil {
		return err
	}
	for _, f := range m.Attachments {
		if f.ID == file {
			return n.serve(w, r, f)
		}
	}
	return fail.New(fail.NotFound, "Bilagan finns inte.")
}

// serve sends a file to be saved, never shown: the browser runs nothing of it.
func (n *Room) serve(w http.ResponseWriter, r *http.Request, f Attachment) error {
	body, err := n.deps.Files.Open(r.Context(), f.Hash)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(w, body) // the reader may have left
	return nil
}

// decisionFile sends the file of a municipality's decision, to the parties.
func (n *Room) decisionFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, org, err := decisionPath(r)
	if err != nil {
		return err
	}
	var d Decision
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		m, err := n.matter(ctx, q, a)
		if err != nil {
			return err
		}
		x, ok := m.member(org)
		if !ok {
			return fail.New(fail.NotFound, "Kommunen är inte med i intresseanmälan.")
		}
		private := func(r policy.Resource) policy.Resource { r.Public = false; return r }
		if err := may(ctx, "decision.read", private(m.only(x))); err != nil {
			return err
		}
		list, err := n.Decisions(ctx, q, a)
		d = decisionOf(list, org)
		return err
	})
	if err != nil {
		return err
	}
	if d.File.Hash == "" {
		return fail.New(fail.NotFound, "Filen finns inte.")
	}
	return n.serve(w, r, d.File)
}
