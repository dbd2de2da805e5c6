package webtest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"kommunpilot/base/fail"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Gallery serves a page with every component, with and without errors, and the
// page of each kind of error, to be looked at and held to axe.
func Gallery() http.Handler {
	shell := web.NewShell(web.ShellConfig{
		Log: slog.New(slog.DiscardHandler), Version: "stil", Example: true,
		Nav: func(context.Context) []web.NavItem {
			return []web.NavItem{{Text: "Stil", Href: "/stil"}, {Text: "Utlysningar", Href: "/utlysningar"}, {Text: "Program", Href: "/program"}, {Text: "Mina ansökningar", Href: "/mina"}, {Text: "Kommuner", Href: "/register"}}
		},
		PopFlash: func(context.Context) string { return "Utkastet är sparat." },
	})
	mux := http.NewServeMux()
	web.Mount(mux, shell, web.OwnRoutes())
	web.Mount(mux, shell, []web.Route{
		{Pattern: "GET /stil", Handler: gallery},
		{Pattern: "GET /stil/formular", Handler: galleryForm},
		{Pattern: "POST /stil/formular", Handler: galleryForm},
		{Pattern: "GET /stil/fel/{kind}", Handler: galleryError},
	})
	return shell.Middleware(mux)
}

func galleryPage(r *http.Request, title string) web.Page {
	return web.Page{
		Title: title, Wide: r.URL.Query().Has("bred"), NoIndex: true,
		Crumbs:      []web.Crumb{{Text: "Start", Href: "/"}, {Text: "Stil", Href: "/stil"}},
		Lead:        "Alla delar som sidorna byggs av, i ljust och mörkt, på bred och smal skärm.",
		Responsible: "Programansvarig, Tillväxtverket", Contact: "program@example.org",
		Checked: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	}
}

func gallery(w http.ResponseWriter, r *http.Request) error {
	r = r.WithContext(who.With(r.Context(), who.Actor{Kind: who.Person, Name: "Åsa Öberg"}))
	return web.Render(w, r, http.StatusOK, galleryPage(r, "Sex kommuner prövar nya sätt att ge service"), galleryParts())
}

// galleryForm sends what is typed back with every field marked as wrong.
func galleryForm(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodGet {
		return web.Render(w, r, http.StatusOK, galleryPage(r, "Ny ansökan"), galleryFields(web.NewForm(nil)))
	}
	f, err := web.Bind(r, 1<<20)
	if err != nil {
		return err
	}
	var wrong []fail.Field
	for _, name := range []string{"namn", "beskrivning", "belopp", "lan", "form", "mal", "intyg", "datum", "fil", "losenord"} {
		wrong = append(wrong, fail.Field{Name: name, Message: "Rätta fältet " + name + "."})
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, galleryPage(r, "Ny ansökan"), galleryFields(f.WithError(fail.Fields(wrong...))))
}

func galleryError(_ http.ResponseWriter, r *http.Request) error {
	kinds := map[string]fail.Kind{"404": fail.NotFound, "403": fail.Forbidden, "409": fail.Conflict, "413": fail.TooLarge, "422": fail.Invalid, "429": fail.RateLimited, "503": fail.Unavailable}
	switch k := r.PathValue("kind"); k {
	case "panik":
		panic("hemlig orsak")
	case "500":
		return errors.New("hemlig orsak")
	default:
		return fail.New(kinds[k], "Det här hände, sagt med en mening.")
	}
}
