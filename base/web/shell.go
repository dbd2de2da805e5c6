// Package web is the shell that every page stands in: routes, errors as pages,
// security headers, languages, forms and the components of the design system.
//
// No page needs JavaScript. Every text goes through T.
package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/who"
)

// Handler serves a page, or returns the error that the shell shows.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one address. Action is the policy action that the handler checks,
// "" where it is open to all; the permission test goes through every route.
type Route struct {
	Pattern string // "GET /utlysningar/{id}"
	Action  string
	Handler Handler
}

// NavItem is one entry of the main menu.
type NavItem struct{ Text, Href string }

// ShellConfig is what the shell needs from outside. Every func may be nil.
type ShellConfig struct {
	Log      *slog.Logger
	Version  string
	Example  bool                                              // shows that everything is made up
	Secure   bool                                              // served over https: HSTS
	Nav      func(ctx context.Context) []NavItem               // by person
	Flash    func(ctx context.Context, message string)         // stores a notice for the next page
	PopFlash func(ctx context.Context) string                  // takes it
	Observe  func(pattern string, status int, d time.Duration) // metrics
	MaxBody  int64                                             // bytes of a request's body; 0: 32 MB
}

// Shell carries the configuration to every page.
type Shell struct{ cfg ShellConfig }

// NewShell makes a shell.
func NewShell(cfg ShellConfig) *Shell {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = 32 << 20
	}
	return &Shell{cfg: cfg}
}

// CSP is the content security policy of every answer.
const CSP = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

type shellKey struct{}

// state is what the shell knows of one request.
type state struct {
	shell   *Shell
	request *http.Request
	pattern string
	id      string // of the request, in the log, in X-Request-Id and on the error page
	errorID string // id, where the error was ours
}

func stateOf(ctx context.Context) *state {
	if s, ok := ctx.Value(shellKey{}).(*state); ok {
		return s
	}
	return &state{shell: &Shell{}, request: &http.Request{}}
}

// Mount puts the routes on mux. An error becomes a page in the shell, or
// problem+json for those who ask for JSON; a panic becomes a 500.
func Mount(mux *http.ServeMux, s *Shell, routes []Route) {
	for _, route := range routes {
		mux.Handle(route.Pattern, s.Serve(route.Pattern, route.Handler))
	}
}

// Serve makes an http.Handler of a handler that returns its error.
func (s *Shell) Serve(pattern string, h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := stateOf(r.Context())
		st.pattern = pattern
		if err := s.guard(h, w, r); err != nil {
			s.Fail(w, r, err)
		}
	})
}

// guard turns a panic into an internal error.
func (s *Shell) guard(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares the panic's value in the same way
				panic(p)
			}
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return h(w, r)
}

// Fail answers with the error: logged with its cause where it is ours.
func (s *Shell) Fail(w http.ResponseWriter, r *http.Request, err error) {
	e, status := fail.As(err), fail.Status(err)
	if status >= 500 {
		st := stateOf(r.Context())
		st.errorID = st.id
		s.cfg.Log.ErrorContext(r.Context(), "request failed", "id", st.id, "route", st.pattern, "err", err)
	}
	if e.Kind == fail.Unauthenticated && !wantsJSON(r) && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		http.Redirect(w, r, "/logga-in?till="+queryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	if wantsJSON(r) {
		Problem(w, r, err)
		return
	}
	_ = Render(w, r, status, Page{Title: errorTitle(r.Context(), e.Kind), NoIndex: true}, errorPage(e, stateOf(r.Context()).errorID))
}

func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

// Problem answers with RFC 9457 problem details.
func Problem(w http.ResponseWriter, r *http.Request, err error) {
	e, status := fail.As(err), fail.Status(err)
	type field struct {
		Location string `json:"location"`
		Message  string `json:"message"`
	}
	body := struct {
		Type   string  `json:"type"`
		Title  string  `json:"title"`
		Status int     `json:"status"`
		Detail string  `json:"detail"`
		Errors []field `json:"errors,omitempty"`
	}{"about:blank", http.StatusText(status), status, T(r.Context(), e.Message), nil}
	for _, f := range e.Fields {
		body.Errors = append(body.Errors, field{"body." + f.Name, T(r.Context(), f.Message)})
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// Middleware wraps everything: request state, language, security headers,
// cross-origin protection, body limit, compression and a log line that holds
// no personal data.
func (s *Shell) Middleware(next http.Handler) http.Handler {
	protect := http.NewCrossOriginProtection()
	protect.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Fail(w, r, fail.New(fail.Forbidden, "Formuläret skickades från en annan webbplats och togs inte emot."))
	}))
	inner := protect.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		st := &state{shell: s, id: id.Token()[:10]}
		ctx := context.WithValue(WithLang(r.Context(), langOf(r)), shellKey{}, st)
		r = r.WithContext(ctx)
		st.request = r
		s.headers(w.Header())
		w.Header().Set("X-Request-Id", st.id)
		if r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, s.cfg.MaxBody)
		}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer rec.close()
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
			rec.mayCompress = true
		}
		inner.ServeHTTP(rec, r)
		d := time.Since(start)
		if s.cfg.Observe != nil {
			s.cfg.Observe(st.pattern, rec.status, d)
		}
		s.cfg.Log.InfoContext(ctx, "request", "id", st.id, "method", r.Method, "route", st.pattern, "status", rec.status, "ms", d.Milliseconds(), "bytes", rec.bytes)
	})
}

func (s *Shell) headers(h http.Header) {
	h.Set("Content-Security-Policy", CSP)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if s.cfg.Secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// langOf is the language cookie's choice, Swedish where there is none.
func langOf(r *http.Request) string {
	if c, err := r.Cookie("sprak"); err == nil {
		return c.Value
	}
	return "sv"
}

// recorder notes status and size, and compresses text.
type recorder struct {
	http.ResponseWriter
	status      int
	bytes       int64
	wrote       bool
	mayCompress bool
	gz          *gzip.Writer
}

var gzips = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed); return w }}

func (r *recorder) WriteHeader(status int) {
	if r.wrote {
		return
	}
	r.wrote, r.status = true, status
	h := r.Header()
	kind := h.Get("Content-Type")
	text := strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") || strings.Contains(kind, "svg") || strings.Contains(kind, "javascript")
	if r.mayCompress && text && h.Get("Content-Encoding") == "" && status != http.StatusNoContent && status != http.StatusNotModified {
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		r.gz, _ = gzips.Get().(*gzip.Writer)
		r.gz.Reset(r.ResponseWriter)
	}
	if text && !strings.Contains(strings.Join(h.Values("Vary"), ","), "Accept-Encoding") {
		h.Add("Vary", "Accept-Encoding")
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if !r.wrote {
		if r.Header().Get("Content-Type") == "" {
			r.Header().Set("Content-Type", http.DetectContentType(p))
		}
		r.WriteHeader(http.StatusOK)
	}
	r.bytes += int64(len(p))
	if r.gz != nil {
		return r.gz.Write(p)
	}
	return r.ResponseWriter.Write(p)
}

func (r *recorder) close() {
	if r.gz != nil {
		_ = r.gz.Close()
		gzips.Put(r.gz)
		r.gz = nil
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Page is what stands around a page's body.
type Page struct {
	Title       string
	Crumbs      []Crumb
	Wide        bool
	NoIndex     bool
	Lead        string
	Responsible string    // role and organisation, in the foot
	Checked     time.Time // when the page was last checked
	Contact     string
	Canonical   string // the page's one address, for harvesters
	Meta        []Fact // what the head says besides, by name
}

// Crumb is a step of the path to a page. The page itself is not among them.
type Crumb struct{ Text, Href string }

// Render writes the page whole, or nothing and the error.
func Render(w http.ResponseWriter, r *http.Request, status int, p Page, body templ.Component) error {
	var b bytes.Buffer
	if err := layout(status, p, body).Render(r.Context(), &b); err != nil {
		return fmt.Errorf("render %q: %w", p.Title, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader may have left
	return nil
}

// Redirect sends the reader on with 303, after an act.
func Redirect(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Flash shows the message once, on the next page.
func Flash(ctx context.Context, message string) {
	if f := stateOf(ctx).shell.cfg.Flash; f != nil {
		f(ctx, message)
	}
}

func popFlash(ctx context.Context) string {
	if f := stateOf(ctx).shell.cfg.PopFlash; f != nil {
		return f(ctx)
	}
	return ""
}

func navOf(ctx context.Context) []NavItem {
	if f := stateOf(ctx).shell.cfg.Nav; f != nil {
		return f(ctx)
	}
	return nil
}

func actorOf(ctx context.Context) who.Actor { return who.From(ctx) }

func pathOf(ctx context.Context) string {
	if u := stateOf(ctx).request.URL; u != nil {
		return u.Path
	}
	return "/"
}

func uriOf(ctx context.Context) string {
	if u := stateOf(ctx).request.URL; u != nil && stateOf(ctx).request.Method == http.MethodGet {
		return u.RequestURI()
	}
	return pathOf(ctx)
}

func isExample(ctx context.Context) bool { return stateOf(ctx).shell.cfg.Example }

func versionOf(ctx context.Context) string { return stateOf(ctx).shell.cfg.Version }

// Download answers with a file to save under the name.
func Download(w http.ResponseWriter, name, kind string, content []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, err := w.Write(content)
	return err
}
