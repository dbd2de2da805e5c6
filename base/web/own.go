package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"kommunpilot/base/fail"
)

func queryEscape(s string) string { return url.QueryEscape(s) }

// Local tells whether an address leads to a page of ours, so that a link
// cannot send a reader elsewhere.
func Local(to string) bool {
	u, err := url.Parse(to)
	return err == nil && u.Host == "" && u.Scheme == "" && strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !strings.Contains(to, "\\")
}

// OwnRoutes are the shell's own pages and files.
func OwnRoutes() []Route {
	return []Route{
		{Pattern: "GET /sprak", Handler: switchLanguage},
		{Pattern: "GET /utseende", Handler: switchTheme},
		{Pattern: "GET /tillganglighet", Handler: accessibility},
		{Pattern: "GET /robots.txt", Handler: robots},
		{Pattern: "GET /static/", Handler: static},
		{Pattern: "/", Handler: notFound},
	}
}

func switchLanguage(w http.ResponseWriter, r *http.Request) error {
	return remember(w, r, "sprak", r.URL.Query().Get("lang"), "sv", "en")
}

func switchTheme(w http.ResponseWriter, r *http.Request) error {
	return remember(w, r, "utseende", r.URL.Query().Get("val"), "auto", "light", "dark")
}

// remember keeps a choice of appearance in a cookie for a year.
func remember(w http.ResponseWriter, r *http.Request, name, value string, allowed ...string) error {
	ok := false
	for _, a := range allowed {
		ok = ok || a == value
	}
	if !ok {
		return fail.New(fail.Invalid, "Det valet finns inte.")
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
	to := r.URL.Query().Get("till")
	if !Local(to) {
		to = "/"
	}
	return Redirect(w, r, to)
}

// themeOf is the chosen appearance: auto, light or dark.
func themeOf(ctx context.Context) string {
	if c, err := stateOf(ctx).request.Cookie("utseende"); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return "auto"
}

func accessibility(w http.ResponseWriter, r *http.Request) error {
	return Render(w, r, http.StatusOK, Page{Title: T(r.Context(), "Tillgänglighet")}, accessibilityPage())
}

func robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("User-agent: *\nDisallow: /logga-in\nDisallow: /intresse/\n"))
	return err
}

func notFound(http.ResponseWriter, *http.Request) error {
	return fail.New(fail.NotFound, "Sidan finns inte.")
}

// errorTitle is the heading of an error's page.
func errorTitle(ctx context.Context, k fail.Kind) string {
	switch k {
	case fail.NotFound:
		return T(ctx, "Sidan hittades inte")
	case fail.Forbidden:
		return T(ctx, "Du har inte tillgång till sidan")
	case fail.Unauthenticated:
		return T(ctx, "Du behöver logga in")
	case fail.Invalid:
		return T(ctx, "Något behöver rättas")
	case fail.Conflict:
		return T(ctx, "Ändringen krockade med en annan")
	case fail.TooLarge:
		return T(ctx, "Filen är för stor")
	case fail.RateLimited:
		return T(ctx, "För många försök")
	case fail.Unavailable:
		return T(ctx, "Tjänsten är tillfälligt otillgänglig")
	}
	return T(ctx, "Något gick fel hos oss")
}
