package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"kommunpilot/area/assessment"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/id"
	"kommunpilot/base/job"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// platform is every room on a fresh database with the examples, without the
// sessions: a test says who acts.
type platform struct {
	handler  http.Handler
	rooms    *rooms
	examples *examples
	db       *db.DB
	roads    string // the folder of road networks
}

func newPlatform(t *testing.T, d *db.DB) *platform {
	t.Helper()
	ctx := who.With(context.Background(), who.Us)
	cfg := &Config{Example: true, Address: "127.0.0.1:8080", MaxUpload: 20e6}
	cfg.Files, cfg.Roads = t.TempDir(), t.TempDir()
	if _, err := job.Migrate(ctx, d); err != nil {
		t.Fatal(err)
	}
	b, err := newBase(cfg, d, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p := &platform{rooms: newRooms(cfg, b), db: d, roads: cfg.Roads}
	p.examples = &examples{rooms: p.rooms, db: d}
	if !p.fromMould(t, cfg.Files) {
		if err := p.rooms.people.EnsureRegister(ctx); err != nil {
			t.Fatal(err)
		}
		if err := p.examples.ensure(ctx); err != nil {
			t.Fatal(err)
		}
		p.toMould(t, cfg.Files)
	}
	shell := newShell(cfg, b)
	mux := http.NewServeMux()
	web.Mount(mux, shell, web.OwnRoutes())
	for _, routes := range p.rooms.routes() {
		web.Mount(mux, shell, routes)
	}
	p.handler = shell.Middleware(mux)
	return p
}

// everySchema runs the test on each database with every room's tables.
func everySchema(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Each(t, append(roomSchemas(), mail.Schema(), journal.Schema()), test)
}

// personas are who acts in the rights test. Arjeplog answers call 1, Köping does not.
var personas = map[string]string{
	"owner": "agare@tillvaxtverket.example", "officer": "handlaggare@tillvaxtverket.example", "assessor": "bedomare1@tillvaxtverket.example",
	"registrar": "registrator@tillvaxtverket.example", "other owner": "agare@skr.example", "other officer": "handlaggare@skr.example",
	"representative": "foretradare@2506.example", "contact": "kontakt@2506.example", "municipal registrar": "registrator@2506.example",
	"other municipality": "foretradare@1983.example", "researcher": "forskare@larosate.example", "administrator": "admin@kommunpilot.example",
	"inquiry owner": "huvudsekreterare@utredning.example", "inquiry officer": "sekreterare@utredning.example", "public": "",
	// Those of project 1, the support function: the city that orders it, and who
	// sits in its groups.
	"city owner": "agare@stad.example", "city officer": "handlaggare@stad.example", "city registrar": "registrator@stad.example",
	"project owner": "projektagare@stad.example", "leader": "projektledare@stad.example", "follower": "foljeforskare@stad.example",
	"chair": "ordforande@stad.example", "secretary": "sekreterare@stad.example", "member": "higab@stad.example",
}

// mayDo is the permission matrix of the specification for the things that the
// test opens (programme 1, call 1, application 1 of Arjeplog, the invitation
// to Köping), typed apart from the policy: action -> those who may.
var mayDo = map[string][]string{
	"programme.create": {"owner", "other owner", "inquiry owner", "city owner"},
	"programme.edit":   {"owner"},
	"ruleset.edit":     {"owner", "officer"},
	"call.edit":        {"owner", "officer"},
	"call.publish":     {"owner"},
	"call.cancel":      {"owner"},
	// Call 1 is Tillväxtverket's; invitation 1 belongs to the inquiry's call.
	"GET /utlysningar/{id}/inbjudningar":  {"owner", "officer"},
	"POST /utlysningar/{id}/inbjudningar": {"owner", "officer"},
	"invitation.edit":                     {"inquiry owner", "inquiry officer", "other owner", "other officer"},
	// The owner may note that everything is in place, too.
	"POST /intresse/{id}/bekrafta":   {"representative", "municipal registrar", "owner", "officer"},
	"application.list":               {"owner", "officer", "registrar"},
	"application.export":             {"owner", "officer", "registrar"},
	"application.read":               {"owner", "officer", "registrar", "representative", "contact", "assessor"},
	"application.edit":               {"representative", "contact"},
	"application.sign":               {"representative"},
	"application.withdraw":           {"representative"},
	"application.assess_eligibility": {"officer"},
	"application.request_completion": {"officer"},
	"assessment.assign":              {"officer"},
	"selection.read":                 {"owner", "officer", "registrar"},
	"selection.run":                  {"owner", "officer"},
	"selection.decide":               {"owner"},
	"decision.read":                  {"owner", "officer", "representative", "contact", "municipal registrar", "researcher"},
	"decision.edit":                  {"representative", "contact", "municipal registrar"},
	"decision.confirm":               {"representative", "municipal registrar"},
}

// ways are the values put into a route's path. org is Arjeplog's.
func ways(org who.OrgID) *strings.Replacer {
	return strings.NewReplacer("{id}", "1", "{org}", id.String(org), "{bilaga}", "1", "{kod}", "1983", "{nr}", "1", "{del}", "grund", "{roll}", "1", "{token}", "x", "{$}", "")
}

func TestEveryRouteKeepsThePermissionMatrix(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		p.assessed(t)
		for _, routes := range p.rooms.routes() {
			for _, route := range routes {
				p.tryRoute(t, route)
			}
		}
	})
}

// tryRoute opens one route as everybody.
func (p *platform) tryRoute(t *testing.T, route web.Route) {
	method, path, _ := strings.Cut(route.Pattern, " ")
	path = p.ownThing(t, path)
	path = ways(p.examples.orgs["2506"]).Replace(path)
	allowed, listed := mayDo[route.Pattern]
	if !listed {
		allowed, listed = mayDo[route.Action]
	}
	if !listed {
		allowed, listed = roomMay(route)
	}
	for name, email := range personas {
		var actor who.Actor
		if email != "" {
			actor = who.From(p.examples.as[email])
		}
		r := httptest.NewRequest(method, path, strings.NewReader(""))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r = r.WithContext(who.With(r.Context(), actor))
		w := httptest.NewRecorder()
		p.handler.ServeHTTP(w, r)
		refused := w.Code == http.StatusForbidden || w.Code == http.StatusUnauthorized || w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/logga-in")
		switch {
		case w.Code >= 500:
			t.Errorf("%s as %s: %d\n%s", route.Pattern, name, w.Code, w.Body)
		case !listed || w.Code == http.StatusNotFound && !slices.Contains(allowed, name):
		case refused && slices.Contains(allowed, name):
			t.Errorf("%s (%s): %s is refused (%d) but may", route.Pattern, route.Action, name, w.Code)
		case !refused && !slices.Contains(allowed, name):
			t.Errorf("%s (%s): %s gets %d but may not", route.Pattern, route.Action, name, w.Code)
		}
	}
}

// ownThing puts a thing of the route's own kind, of project 1, into the path:
// the first that the list shows to somebody.
func (p *platform) ownThing(t *testing.T, path string) string {
	t.Helper()
	list, _, single := strings.Cut(path, "/{post}")
	if !single || !strings.HasPrefix(list, "/projekt/{id}/") {
		return path
	}
	list = strings.Replace(list, "{id}", "1", 1)
	for _, email := range []string{"projektledare@stad.example", "registrator@stad.example", "foljeforskare@stad.example", "agare@stad.example"} {
		a := webtest.Fetch(t, p.handler, list, webtest.As(who.From(p.examples.as[email])))
		if a.Doc == nil {
			continue
		}
		for _, s := range a.Doc.Find("main tbody a, main .ds-list a").EachIter() {
			if rest, ok := strings.CutPrefix(s.AttrOr("href", ""), list+"/"); ok && !strings.HasPrefix(rest, "ny") && !strings.Contains(rest, "/") {
				return strings.Replace(path, "{post}", rest, 1)
			}
		}
	}
	return path
}

// assessed gives application 1 an assessor who has declared no tie, scores from
// everybody, a locked round and a run, so that every page has something to show.
func (p *platform) assessed(t *testing.T) {
	t.Helper()
	e := p.examples
	e.day(0)
	officer := e.as["handlaggare@tillvaxtverket.example"]
	if err := p.rooms.assessment.Distribute(officer, 1, 3, ""); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"bedomare1@tillvaxtverket.example", "bedomare2@tillvaxtverket.example", "bedomare3@tillvaxtverket.example"} {
		p.score(t, e.as[email], 1)
	}
	if _, err := p.rooms.assessment.Start(officer, 1, "pilot", "best", nil, ""); err != nil {
		t.Fatal(err)
	}
}

// score declares no tie and hands in scores on everything that the assessor
// has been given, as the examples' table says.
func (p *platform) score(t *testing.T, ctx context.Context, cid assessment.CallID) { //nolint:revive // t comes first in tests
	t.Helper()
	a := p.rooms.assessment
	if err := a.Declare(ctx, cid, nil, "", ""); err != nil {
		t.Fatal(err)
	}
	for _, own := range p.given(t, ctx, cid) {
		scores := map[string]assessment.Score{"vilja": {Given: true, Value: 1, Motive: "Exempelmotiv"}}
		for i, key := range []string{"serviceglest", "naringsliv", "ideell", "samordning", "langsiktigt", "nytankande"} {
			scores[key] = assessment.Score{Given: true, Value: examplePilots[own.Application-1].scores[i], Motive: "Exempelmotiv"}
		}
		if err := a.Save(ctx, own.ID, scores, true, own.Version, ""); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *platform) given(t *testing.T, ctx context.Context, cid assessment.CallID) (list []assessment.Assessment) { //nolint:revive // t comes first in tests
	t.Helper()
	if err := p.db.Read(ctx, func(q db.Q) (err error) {
		list, err = p.rooms.assessment.Given(ctx, q, cid, who.From(ctx).Person)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list
}
