package people

import (
	"context"
	"net/http"
	"testing"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

func TestGrantRules(t *testing.T) {
	const mine, other who.OrgID = 1, 2
	as := func(role who.Role, org who.OrgID) who.Actor {
		return who.Actor{Kind: who.Person, Person: 10, Grants: []who.Grant{{Role: role, Org: org}}}
	}
	admin, kf, owner := as(who.Administrator, 0), as(who.Foretradare, mine), as(who.Projektagare, mine)
	m := func(role who.Role, org who.OrgID) Membership {
		return Membership{Person: 11, Role: role, Org: org, From: "2026-01-01"}
	}
	self := m(who.Ekonom, mine)
	self.Person = 10
	for _, c := range []struct {
		name string
		a    who.Actor
		m    Membership
		has  []Membership
		kind fail.Kind // Internal: fine
	}{
		{"an administrator gives any role", admin, m(who.Programagare, mine), nil, fail.Internal},
		{"an administrator makes another", admin, m(who.Administrator, 0), nil, fail.Internal},
		{"an administrator of one organisation", admin, m(who.Administrator, mine), nil, fail.Invalid},
		{"a role in no organisation", admin, m(who.Ekonom, 0), nil, fail.Invalid},
		{"a role that there is none of", admin, m("kung", mine), nil, fail.Invalid},
		{"the public is not granted", admin, m(who.Allmanhet, mine), nil, fail.Invalid},
		{"a representative gives a contact", kf, m(who.Kommunkontakt, mine), nil, fail.Internal},
		{"a representative elsewhere", kf, m(who.Kommunkontakt, other), nil, fail.Forbidden},
		{"a representative makes an administrator", kf, m(who.Administrator, 0), nil, fail.Forbidden},
		{"a representative makes a programme owner", kf, m(who.Programagare, mine), nil, fail.Forbidden},
		{"a representative makes a researcher", kf, m(who.Foljeforskare, mine), nil, fail.Forbidden},
		{"a project owner gives a project leader", owner, m(who.Projektledare, mine), nil, fail.Internal},
		{"a project owner makes a representative", owner, m(who.Foretradare, mine), nil, fail.Forbidden},
		{"a contact gives nothing", as(who.Kommunkontakt, mine), m(who.Kommunkontakt, mine), nil, fail.Forbidden},
		{"to oneself", as(who.Foretradare, mine), self, nil, fail.Forbidden},
		{"the same role twice", kf, m(who.Ekonom, mine), []Membership{{Role: who.Ekonom, Org: mine, From: "2025-01-01"}}, fail.Invalid},
		{"the same role again, later", kf, m(who.Ekonom, mine), []Membership{{Role: who.Ekonom, Org: mine, From: "2025-01-01", To: "2026-01-01"}}, fail.Internal},
		{"without a first day", kf, Membership{Person: 11, Role: who.Ekonom, Org: mine}, nil, fail.Invalid},
		{"ends before it begins", kf, Membership{Person: 11, Role: who.Ekonom, Org: mine, From: "2026-01-02", To: "2026-01-02"}, nil, fail.Invalid},
	} {
		err := checkGrant(c.a, c.m, c.has)
		if c.kind == fail.Internal && err != nil || c.kind != fail.Internal && !fail.Is(err, c.kind) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestRule2_NeverBothResponsibleAndSUS: one person is never both
// deltagaransvarig and samverkansadministratör at the same time.
func TestRule2_NeverBothResponsibleAndSUS(t *testing.T) {
	da := Membership{Role: who.Deltagaransvarig, Org: 1, From: "2026-01-01", To: "2026-07-01"}
	for _, c := range []struct {
		name string
		m    Membership
		ok   bool
	}{
		{"at the same time", Membership{Role: Samverkansadministrator, Org: 1, From: "2026-06-30"}, false},
		{"in another organisation", Membership{Role: Samverkansadministrator, Org: 2, From: "2026-03-01", To: "2026-03-02"}, false},
		{"from the day after", Membership{Role: Samverkansadministrator, Org: 1, From: "2026-07-01"}, true},
		{"before", Membership{Role: Samverkansadministrator, Org: 1, From: "2025-01-01", To: "2026-01-01"}, true},
		{"another role", Membership{Role: who.Ekonom, Org: 1, From: "2026-01-01"}, true},
	} {
		if err := checkSeparation(c.m, []Membership{da}); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	sus := Membership{Role: Samverkansadministrator, Org: 1, From: "2026-01-01"}
	if checkSeparation(da, []Membership{sus}) == nil {
		t.Error("the other way round it is let through")
	}
}

func TestEndRules(t *testing.T) {
	admin := who.Actor{Kind: who.Person, Person: 10, Grants: []who.Grant{{Role: who.Administrator}}}
	m := Membership{ID: 1, Person: 11, Role: who.Ekonom, Org: 1, From: "2026-01-01", To: "2026-12-01"}
	own := m
	own.Person = 10
	for _, c := range []struct {
		name   string
		m      Membership
		last   calendar.Date
		reason string
		kind   fail.Kind
	}{
		{"today", m, "2026-06-15", "Slutar", fail.Internal},
		{"at once", m, "2026-06-14", "Slutar", fail.Internal},
		{"long ago", m, "2026-06-13", "Slutar", fail.Invalid},
		{"later than it ends", m, "2026-12-01", "Slutar", fail.Invalid},
		{"on its own last day", m, "2026-11-30", "Slutar", fail.Internal},
		{"without a motive", m, "2026-06-15", "", fail.Invalid},
		{"without a day", m, "", "Slutar", fail.Invalid},
		{"one's own", own, "2026-06-15", "Slutar", fail.Forbidden},
		{"one that has ended", Membership{Person: 11, Role: who.Ekonom, Org: 1, From: "2026-01-01", To: "2026-02-01"}, "2026-06-15", "Slutar", fail.Conflict},
	} {
		err := checkEnd(admin, c.m, c.last, "2026-06-15", c.reason)
		if c.kind == fail.Internal && err != nil || c.kind != fail.Internal && !fail.Is(err, c.kind) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestRule12_ARightEndsAtMidnight: nobody does anything, and the right is gone
// when the clocks of Sweden strike twelve.
func TestRule12_ARightEndsAtMidnight(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		person := w.resident("kf@exempel.se", "", 0)
		w.do(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.p.Grant(ctx, tx, Membership{Person: person, Role: who.Foretradare, Org: w.north, From: "2026-11-24", To: "2026-11-25"})
			return err
		})
		midnight := calendar.Date("2026-11-25").Start()
		for _, c := range []struct {
			at     time.Time
			status int
		}{
			{calendar.Date("2026-11-24").Start().Add(-time.Second), http.StatusForbidden},
			{calendar.Date("2026-11-24").Start(), http.StatusOK},
			{midnight.Add(-time.Second), http.StatusOK},
			{midnight, http.StatusForbidden},
			{midnight.Add(48 * time.Hour), http.StatusForbidden},
		} {
			w.now = c.at
			b := w.signedIn("kf@exempel.se")
			if a := b.get("/anvandare"); a.Status != c.status {
				t.Errorf("at %s: %d, want %d", c.at.In(calendar.Stockholm), a.Status, c.status)
			}
		}
		// The same session, across midnight.
		w.now = midnight.Add(-time.Hour)
		b := w.signedIn("kf@exempel.se")
		want(t, b.get("/anvandare"), http.StatusOK)
		w.now = midnight
		want(t, b.get("/anvandare"), http.StatusForbidden)
		if err := w.d.Read(context.Background(), func(q db.Q) error {
			some, err := w.p.PersonsWithRole(context.Background(), q, who.Foretradare, w.north)
			if len(some) != 0 {
				t.Errorf("still listed: %v", some)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		first := w.resident("a@exempel.se", who.Administrator, 0)
		w.resident("b@exempel.se", who.Administrator, 0)
		end := func(as string, person who.PersonID) error {
			ctx := context.Background()
			var m Membership
			var actor who.Actor
			if err := w.d.Read(ctx, func(q db.Q) error {
				all, err := memberships(ctx, q, person)
				if err != nil {
					return err
				}
				m = all[0]
				x, err := w.p.PersonByEmail(ctx, q, as)
				if err != nil {
					return err
				}
				actor, err = w.p.ActorOf(ctx, q, x.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			ctx = who.With(ctx, actor)
			return w.d.Write(ctx, func(tx *db.Tx) error { return w.p.EndGrant(ctx, tx, m.ID, calendar.Of(w.now).AddDays(-1), "Slutar") })
		}
		if err := end("a@exempel.se", first); !fail.Is(err, fail.Forbidden) {
			t.Errorf("one's own role: %v", err)
		}
		if err := end("b@exempel.se", first); err != nil {
			t.Fatal(err)
		}
		ctx := who.With(context.Background(), who.Us)
		err := w.d.Write(ctx, func(tx *db.Tx) error {
			x, err := w.p.PersonByEmail(ctx, tx, "b@exempel.se")
			if err != nil {
				return err
			}
			all, err := memberships(ctx, tx, x.ID)
			if err != nil {
				return err
			}
			return w.p.EndGrant(ctx, tx, all[0].ID, calendar.Of(w.now), "Slutar")
		})
		if !fail.Is(err, fail.Conflict) {
			t.Errorf("the last one: %v", err)
		}
	})
}

// TestUsersWalk: an administrator invites a municipality's representative, who
// invites a colleague, who leaves.
func TestUsersWalk(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("admin@exempel.se", who.Administrator, 0)
		admin := w.signedIn("admin@exempel.se")
		v := webtest.Filled(t, admin.must("/anvandare/ny").Doc, "")
		wrong := want(t, admin.post("/anvandare/ny", v), http.StatusUnprocessableEntity)
		for field, message := range map[string]string{"name": "Skriv namnet", "email": "Skriv e-postadressen", "role": "Välj en roll."} {
			webtest.HasFieldError(t, wrong.Doc, field, message)
		}
		v = webtest.Filled(t, wrong.Doc, "")
		v.Set("name", "Företrädare, Kiruna kommun")
		v.Set("email", "KF@Exempel.se")
		v.Set("org", idText(w.north))
		v.Set("role", string(who.Foretradare))
		made := want(t, admin.post("/anvandare/ny", v), http.StatusSeeOther)
		person := made.Header.Get("Location")
		webtest.HasText(t, admin.must(person).Doc, ".facts", "kf@exempel.se")

		kf := w.browser()
		link := w.lastLink()
		webtest.HasText(t, kf.must(link).Doc, "table", "Kommunens behöriga företrädare")
		f := webtest.Filled(t, kf.must(link).Doc, "")
		f.Set("password", "kort")
		webtest.HasFieldError(t, want(t, kf.post(link, f), http.StatusUnprocessableEntity).Doc, "password", "minst 12 tecken")
		f.Set("password", password)
		want(t, kf.post(link, f), http.StatusSeeOther)
		want(t, kf.post(link, f), http.StatusNotFound) // once

		list := kf.must("/anvandare").Doc
		webtest.HasText(t, list, "tbody", "Företrädare, Kiruna kommun")
		webtest.HasNoText(t, list, "admin@exempel.se")

		v = webtest.Filled(t, kf.must("/anvandare/ny").Doc, "")
		webtest.HasNo(t, kf.must("/anvandare/ny").Doc, `option[value="administrator"]`)
		v.Set("name", "Kontakt, Kiruna kommun")
		v.Set("email", "kk@exempel.se")
		v.Set("org", idText(w.south))
		v.Set("role", string(who.Kommunkontakt))
		want(t, kf.post("/anvandare/ny", v), http.StatusForbidden) // another municipality
		v = webtest.Filled(t, kf.must("/anvandare/ny").Doc, "")
		v.Set("name", "Kontakt, Kiruna kommun")
		v.Set("email", "kk@exempel.se")
		v.Set("org", idText(w.north))
		v.Set("role", string(who.Programagare))
		want(t, kf.post("/anvandare/ny", v), http.StatusForbidden)
		v.Set("role", string(who.Kommunkontakt))
		v.Set("to", "2027-06-30")
		colleague := want(t, kf.post("/anvandare/ny", v), http.StatusSeeOther).Header.Get("Location")
		page := kf.must(colleague).Doc
		webtest.HasText(t, page, "tbody", "30 juni 2027")
		end, _ := page.Find("tbody a").Attr("href")
		webtest.HasFieldError(t, want(t, kf.post(end, webtest.Filled(t, kf.must(end).Doc, "")), http.StatusUnprocessableEntity).Doc, "reason", "Skriv varför")
		v = webtest.Filled(t, kf.must(end).Doc, "")
		v.Set("last", "2026-11-22")
		v.Set("reason", "Slutar i kommunen")
		want(t, kf.post(end, v), http.StatusSeeOther)
		webtest.HasText(t, kf.must(colleague).Doc, "tbody", "avslutad")

		// The representative of another municipality sees none of this.
		w.resident("kf2@exempel.se", who.Foretradare, w.south)
		other := w.signedIn("kf2@exempel.se")
		want(t, other.get(colleague), http.StatusForbidden)
		want(t, other.get(end), http.StatusForbidden)
		webtest.HasNoText(t, other.must("/anvandare").Doc, "Kiruna")
		webtest.HasNoText(t, other.must("/organisationer/"+idText(w.north)).Doc, "Kontakt, Kiruna")
		// Nobody grants to oneself.
		own := kf.must("/konto")
		if own.Doc.Find("form[action*=roller]").Length() > 0 {
			t.Error("a person can give roles to himself or herself")
		}
		me := "/anvandare/" + person[len("/anvandare/"):]
		v.Set("org", idText(w.north))
		v.Set("role", string(who.Ekonom))
		v.Set("from", "2026-11-23")
		v.Set("to", "")
		v.Set("_once", "")
		want(t, kf.post(me+"/roller", v), http.StatusForbidden)
	})
}
