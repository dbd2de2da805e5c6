package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kommunpilot/area/interest"
	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

const replacing = "/urval/1/ersattare"

// state is where an application is.
func (p *platform) state(t *testing.T, id interest.ApplicationID) (s interest.State) {
	t.Helper()
	ctx := p.examples.as["agare@tillvaxtverket.example"]
	worked(t, p.db.Read(ctx, func(q db.Q) error {
		x, err := p.rooms.interest.Application(ctx, q, id)
		s = x.State
		return err
	}))
	return s
}

// letters counts the letters with the words in their subject.
func (p *platform) letters(t *testing.T, subject string) (n int) {
	t.Helper()
	ctx := p.examples.as["agare@tillvaxtverket.example"]
	worked(t, p.db.Read(ctx, func(q db.Q) (err error) {
		n, err = db.Value[int](ctx, q, `SELECT COUNT(*) FROM mail_outbox WHERE subject LIKE ?`, "%"+subject+"%")
		return err
	}))
	return n
}

// A pilot withdraws after the decision: a reserve steps in by the same rules,
// the owner decides, everybody concerned is told, and a double click acts once.
func TestAReserveStepsInWhenASelectedWithdraws(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		p.decided(t)
		e := p.examples
		owner := webtest.As(who.From(e.as["agare@tillvaxtverket.example"]))
		page := webtest.Get(t, p.handler, replacing, owner)
		webtest.HasText(t, page, "main", "Alla valda är kvar")
		webtest.HasText(t, page, "main", "Vem går in om någon lämnar?")
		webtest.HasNoText(t, page, "county")
		worked(t, p.rooms.interest.Withdraw(e.representative("2506"), 1, "Omorganisation i kommunen.", ""))
		page = webtest.Get(t, p.handler, replacing, owner)
		webtest.HasText(t, page, "main", "Arjeplog")
		webtest.HasText(t, page, "main", "Omorganisation i kommunen.")
		form := webtest.Filled(t, page, "")
		var in string
		for name := range form {
			if strings.HasPrefix(name, "o-") && form.Get(name) == "vald" {
				in += strings.TrimPrefix(name, "o-")
			}
		}
		if in != "21" {
			t.Fatalf("%q is proposed, want answer 21, the best of those in reserve", in)
		}
		// On something else than was shown, or with a faulty form, nothing happens.
		stale := webtest.Post(t, p.handler, replacing, with(form, "shown", "annat"), owner)
		if stale.Status != http.StatusConflict {
			t.Errorf("a stale page: %d", stale.Status)
		}
		faulty := webtest.Post(t, p.handler, replacing, with(form, "o-21", "reserv"), owner)
		if faulty.Status != http.StatusUnprocessableEntity || !strings.Contains(faulty.Body, "Skriv varför") {
			t.Errorf("a place left empty without a word: %d", faulty.Status)
		}
		if p.state(t, 21) != interest.Reserve {
			t.Fatalf("answer 21 is %s", p.state(t, 21))
		}
		for range 2 {
			if got := webtest.Post(t, p.handler, replacing, form, owner); got.Status != http.StatusSeeOther && got.Status != http.StatusConflict {
				t.Fatalf("%d %s", got.Status, got.Body)
			}
		}
		if p.state(t, 21) != interest.Selected {
			t.Errorf("answer 21 is %s", p.state(t, 21))
		}
		before := p.letters(t, "Ersättare")
		webtest.HasText(t, webtest.Get(t, p.handler, replacing+"/brev", owner), "main", "går in i")
		if got := webtest.Post(t, p.handler, replacing+"/brev", url.Values{}, owner); got.Status != http.StatusSeeOther {
			t.Errorf("letters: %d", got.Status)
		}
		if n := p.letters(t, "Ersättare") - before; n < 3 { // the one that left, the one that steps in, the reserves
			t.Errorf("%d letters", n)
		}
		if got := webtest.Post(t, p.handler, replacing+"/brev", url.Values{}, owner); got.Status != http.StatusConflict {
			t.Errorf("the letters are sent twice: %d", got.Status)
		}
		after := webtest.Get(t, p.handler, replacing, owner)
		webtest.HasText(t, after, "main", "Alla valda är kvar")
		webtest.HasText(t, after, "main", "lämnade och")
		webtest.HasText(t, webtest.Get(t, p.handler, "/utlysningar/1/resultat"), "main", "Ändrat sedan beslutet")
		webtest.HasText(t, webtest.Get(t, p.handler, "/urval/1", owner), "#valda", "Arjeplog") // the run is never edited
		for _, file := range []string{"underlag", "svar"} {
			if got := webtest.Fetch(t, p.handler, replacing+"/1/"+file+".json", owner); got.Status != http.StatusOK || !strings.HasPrefix(got.Body, "{") {
				t.Errorf("%s: %d", file, got.Status)
			}
		}
		own := webtest.Get(t, p.handler, "/intresse/21/utfall", webtest.As(who.From(e.representative("2039"))))
		webtest.HasText(t, own, "main", "har lämnat sin plats")
		owner2 := e.as["agare@tillvaxtverket.example"]
		worked(t, d.Read(owner2, func(q db.Q) error { _, err := audit.Verify(owner2, q); return err }))
	})
}

// with is a copy of the form with another value.
func with(form url.Values, name, value string) url.Values {
	out := url.Values{}
	for k, v := range form {
		out[k] = v
	}
	out.Set(name, value)
	out.Del("_once")
	return out
}

// replacers are who may open the pages of a replacement after the decision.
var replacers = map[string]string{"selection.read": " owner officer registrar researcher ", "selection.decide": " owner "}

// The matrix of rights when there is something to replace, and something replaced.
func TestReplacementKeepsThePermissionMatrix(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		p.decided(t)
		worked(t, p.rooms.interest.Withdraw(p.examples.representative("2506"), 1, "Omorganisation.", ""))
		try := func(route web.Route) {
			method, path, _ := strings.Cut(route.Pattern, " ")
			path = ways(p.examples.orgs["2506"]).Replace(path)
			for name, email := range personas {
				actor := who.Actor{}
				if email != "" {
					actor = who.From(p.examples.as[email])
				}
				got := webtest.Fetch(t, p.handler, path, webtest.As(actor))
				if method == http.MethodPost {
					got = webtest.Post(t, p.handler, path, url.Values{}, webtest.As(actor))
				}
				refused := got.Status == http.StatusForbidden || got.Status == http.StatusUnauthorized || got.Status == http.StatusSeeOther && strings.HasPrefix(got.Header.Get("Location"), "/logga-in")
				if may := strings.Contains(replacers[route.Action], " "+name+" "); got.Status >= 500 || refused == may {
					t.Errorf("%s as %s: %d", route.Pattern, name, got.Status)
				}
			}
		}
		routes := func() (n int) {
			for _, route := range p.rooms.assessment.Routes() {
				if strings.Contains(route.Pattern, "/ersattare") {
					try(route)
					n++
				}
			}
			return n
		}
		if n := routes(); n != 6 {
			t.Errorf("%d routes", n)
		}
		owner := webtest.As(who.From(p.examples.as["agare@tillvaxtverket.example"]))
		if got := webtest.Post(t, p.handler, replacing, webtest.Filled(t, webtest.Get(t, p.handler, replacing, owner), ""), owner); got.Status != http.StatusSeeOther {
			t.Fatal(got.Status, got.Body)
		}
		routes()
	})
}
