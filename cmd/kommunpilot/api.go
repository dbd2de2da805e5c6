package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/text/language"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The API: the rooms' own acts as JSON, described by an OpenAPI document.

const (
	apiRoot  = "/api/"
	apiFirst = "/api/v1"
	apiDoc   = "/api/openapi"
	// apiBody is the largest body of a request, bytes: a call's content is some
	// ten kB.
	apiBody = 1 << 20
)

// api is what answers below /api/.
type api struct {
	mux        *http.ServeMux
	huma       huma.API
	shell      *web.Shell
	log        *slog.Logger
	operations []*huma.Operation
	json, yaml document
}

// document is a file whose bytes never change while the node runs.
type document struct {
	kind, tag string
	body      []byte
}

// newAPI makes the API of the rooms.
func newAPI(d *db.DB, r *rooms, shell *web.Shell, log *slog.Logger) (*api, error) {
	a := &api{mux: http.NewServeMux(), shell: shell, log: log}
	config := apiConfig()
	a.huma = documented{humago.New(a.mux, config), config, a}
	a.huma.UseMiddleware(keyed)
	r.programme.API(a.huma)
	r.assessment.API(a.huma)
	r.interest.API(a.huma)
	r.people.API(a.huma)
	(&registerAPI{db: d}).register(a.huma)
	return a, a.describe()
}

// describe writes the document, once.
func (a *api) describe() error {
	plain, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, plain, "", "  "); err != nil {
		return err
	}
	b.WriteByte('\n')
	text, err := a.huma.OpenAPI().YAML()
	if err != nil {
		return err
	}
	a.json = document{"application/json", tagOf(b.Bytes()), b.Bytes()}
	a.yaml = document{"application/yaml", tagOf(text), text}
	return nil
}

// tagOf is the strong ETag of bytes.
func tagOf(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

func (x document) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", x.tag)
	w.Header().Set("Cache-Control", "no-cache")
	if unchanged(r.Header.Get("If-None-Match"), x.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", x.kind)
	_, _ = w.Write(x.body) // the reader may have left
}

// unchanged tells whether the reader has what the tag names already.
func unchanged(ifNoneMatch, tag string) bool {
	for t := range strings.SplitSeq(ifNoneMatch, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

// mount puts the API beside the pages, on the same mux.
func (a *api) mount(mux *http.ServeMux) {
	mux.Handle(apiRoot, http.HandlerFunc(a.serve))
	for path, x := range map[string]*document{apiDoc + ".json": &a.json, apiDoc + ".yaml": &a.yaml} {
		mux.Handle("GET "+path, a.shell.Serve("GET "+path, func(w http.ResponseWriter, r *http.Request) error {
			x.serve(w, r)
			return nil
		}))
	}
}

// apart gives the API's requests, before anything else sees them, what sets
// them apart from the pages: the session is left out, so that only a key in the
// Authorization header gives rights and no other site can act in a signed-in
// person's name; every error is JSON, in the language that Accept-Language asks for.
func apart(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, apiRoot) {
			lang := apiLang(r.Header.Get("Accept-Language"))
			r = r.Clone(r.Context())
			r.Header.Set("Cookie", "sprak="+lang) // the shell's own way of telling
			r.Header.Set("Accept", "application/json")
			w.Header().Add("Vary", "Accept-Language")
		}
		next.ServeHTTP(w, r)
	})
}

// keyed turns those without a key away before anything that they sent is read,
// where the operation needs one. Rights are checked by the act.
func keyed(c huma.Context, next func(huma.Context)) {
	if public, _ := c.Operation().Metadata["public"].(bool); !public && !who.From(c.Context()).SignedIn() {
		err := fail.New(fail.Unauthenticated, "Ange en nyckel i huvudet Authorization.")
		p := problemOf(c, http.StatusInternalServerError, "", err)
		c.SetHeader("Content-Type", problemType)
		c.SetStatus(p.GetStatus())
		_ = json.NewEncoder(c.BodyWriter()).Encode(p)
		return
	}
	next(c)
}

type apiRequestKey struct{}

// apiRequest is what an answer needs of its request.
type apiRequest struct {
	log *slog.Logger
	id  string
}

// serve answers one request: the operation, or a problem.
func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(context.WithValue(r.Context(), apiRequestKey{}, apiRequest{a.log, w.Header().Get("X-Request-Id")}))
	_, pattern := a.mux.Handler(r)
	if pattern == "" {
		pattern = apiRoot
	}
	a.shell.Serve(pattern, func(w http.ResponseWriter, r *http.Request) error {
		if pattern == apiRoot {
			a.nowhere(w, r)
			return nil
		}
		a.mux.ServeHTTP(w, r)
		return nil
	}).ServeHTTP(w, r)
}

// nowhere answers where there is no operation: 405 with what there is, or 404.
func (a *api) nowhere(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := a.mux.Handler(other); pattern != "" {
			allow = append(allow, method)
		}
	}
	if len(allow) == 0 {
		web.Problem(w, r, fail.New(fail.NotFound, "Det finns inget på den adressen. Se /api/openapi.json."))
		return
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	p := newProblem(http.StatusMethodNotAllowed, web.T(r.Context(), "Adressen tar inte emot det anropet. Huvudet Allow säger vilka den tar emot."))
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(http.StatusMethodNotAllowed)
	_ = json.NewEncoder(w).Encode(p)
}

var apiLangs = language.NewMatcher([]language.Tag{language.Swedish, language.English})

// apiLang is the language of problems: Swedish unless English is asked for.
func apiLang(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return "sv"
	}
	if _, i, _ := apiLangs.Match(tags...); i == 1 {
		return "en"
	}
	return "sv"
}
