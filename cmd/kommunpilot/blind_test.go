package main

import (
	"net/http"
	"strings"
	"testing"

	"kommunpilot/area/assessment"
	"kommunpilot/base/db"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// hides opens every page that is read, as everybody, and fails where the
// secret stands on one.
func (p *platform) hides(t *testing.T, secret, why string, but ...string) {
	t.Helper()
	for _, routes := range p.rooms.routes() {
		for _, route := range routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if method != http.MethodGet {
				continue
			}
			path = ways(p.examples.orgs["2506"]).Replace(path)
			for name, email := range personas {
				if len(but) > 0 && name == but[0] {
					continue
				}
				var actor who.Actor
				if email != "" {
					actor = who.From(p.examples.as[email])
				}
				if a := webtest.Fetch(t, p.handler, path, webtest.As(actor)); strings.Contains(a.Body, secret) {
					t.Errorf("%s as %s shows %s", route.Pattern, name, why)
				}
			}
		}
	}
}

func TestTheFirstRoundIsBlindForEverybody(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		e, a := p.examples, p.rooms.assessment
		officer := e.as["handlaggare@tillvaxtverket.example"]
		if err := a.Distribute(officer, 1, 3, ""); err != nil {
			t.Fatal(err)
		}
		first := e.as["bedomare1@tillvaxtverket.example"]
		if err := a.Declare(first, 1, nil, "", ""); err != nil {
			t.Fatal(err)
		}
		own := p.given(t, first, 1)[0]
		const secret = "Hemligt motiv 4711"
		scores := map[string]assessment.Score{"vilja": {Given: true, Value: 1, Motive: secret}, "ideell": {Given: true, Value: 5, Motive: secret}}
		if err := a.Save(first, own.ID, scores, false, own.Version, ""); err != nil {
			t.Fatal(err)
		}
		p.hides(t, secret, "an assessor's motive before the round is locked", "assessor")
		// The other assessors do not see it where its own assessor does.
		second := webtest.Fetch(t, p.handler, "/bedomningar/1", webtest.As(who.From(e.as["bedomare2@tillvaxtverket.example"])))
		if second.Status != http.StatusForbidden {
			t.Errorf("another assessor opens the form: %d", second.Status)
		}
	})
}

func TestALotterysSeedIsSecretUntilTheDraw(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		p.assessed(t)
		officer := p.examples.as["handlaggare@tillvaxtverket.example"]
		run, err := p.rooms.assessment.Start(officer, 1, "pilot", "lottery", nil, "")
		if err != nil {
			t.Fatal(err)
		}
		var seed, commitment string
		if err := d.Read(officer, func(q db.Q) error {
			x, _, err := p.rooms.assessment.RunAt(officer, q, run)
			seed, commitment = x.Seed, x.Commitment
			return err
		}); err != nil || seed == "" {
			t.Fatal(seed, err)
		}
		path := "/urval/2"
		for _, address := range []string{path, path + "/underlag.json", path + "/svar.json", path + "/urval.csv", "/utlysningar/1/urval", "/logg"} {
			for name, email := range personas {
				actor := who.Actor{}
				if email != "" {
					actor = who.From(p.examples.as[email])
				}
				if a := webtest.Fetch(t, p.handler, address, webtest.As(actor)); strings.Contains(a.Body, seed) {
					t.Errorf("%s as %s shows the seed before the draw", address, name)
				}
			}
		}
		webtest.HasText(t, webtest.Get(t, p.handler, path, webtest.As(who.From(officer))), "main", commitment)
		if err := p.rooms.assessment.Draw(officer, run, ""); err != nil {
			t.Fatal(err)
		}
		if err := p.rooms.assessment.Recheck(officer, run); err != nil {
			t.Error(err)
		}
		webtest.HasText(t, webtest.Get(t, p.handler, path, webtest.As(who.From(officer))), "main", seed)
	})
}
