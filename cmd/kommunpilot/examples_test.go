package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kommunpilot/area/assessment"
	"kommunpilot/area/interest"
	"kommunpilot/area/programme"
	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// The example of seed 004 is walked to its end with the people's own acts: the
// thirteen pilots are those of reality, one of them three municipalities
// together and one a district board, and everybody is told why.
func TestSeed_004_05_thirteen_pilots_are_fifteen_municipalities_and_004_08_everybody_is_told_why(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		e, a := p.examples, p.rooms.assessment
		officer, owner := e.as["handlaggare@tillvaxtverket.example"], e.as["agare@tillvaxtverket.example"]
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []interest.ApplicationID{23, 24} { // those left for the newcomer
			must(p.rooms.interest.DecideEligibility(officer, id, interest.Judging{Eligible: true, Motive: "Uppfyller kraven."}))
		}
		must(a.Distribute(officer, 1, 3, ""))
		for _, email := range []string{"bedomare1@tillvaxtverket.example", "bedomare2@tillvaxtverket.example", "bedomare3@tillvaxtverket.example"} {
			p.score(t, e.as[email], 1)
		}
		for _, kind := range []string{"pilot", "ambassador"} {
			run, err := a.Start(officer, 1, kind, "best", nil, "")
			must(err)
			must(a.Review(officer, run, ""))
			must(a.Decide(owner, run, p.proposed(t, owner, run), ""))
			must(a.Communicate(owner, run, ""))
		}
		pilots, ambassadors := p.outcome(t, owner, "pilot"), p.outcome(t, owner, "ambassador")
		if len(pilots) != 13 || len(ambassadors) != 5 {
			t.Errorf("%d pilots %v, %d ambassadors", len(pilots), pilots, len(ambassadors))
		}
		codes := 0
		for i, x := range examplePilots[:13] {
			if !slices.Contains(pilots, interest.ApplicationID(i+1)) {
				t.Errorf("answer %d (%v), a pilot in reality, is not selected", i+1, x.codes)
			}
			codes += len(x.codes)
		}
		if codes != 15 {
			t.Errorf("%d municipalities, want 15", codes)
		}
		arjeplog := who.From(e.representative("2506"))
		own := webtest.Get(t, p.handler, "/intresse/1/utfall", webtest.As(arjeplog))
		webtest.HasText(t, own, "main", "Exempelmotiv")
		refused := webtest.Get(t, p.handler, "/intresse/20/utfall", webtest.As(who.From(e.representative("2326"))))
		webtest.HasText(t, refused, "main", "poäng")
		if x := webtest.Fetch(t, p.handler, "/intresse/20/utfall", webtest.As(arjeplog)); x.Status != 403 {
			t.Errorf("another municipality's outcome: %d", x.Status)
		}
		webtest.HasText(t, webtest.Get(t, p.handler, "/utlysningar/1/resultat"), "main", "Arjeplog")
		p.replaced(t)
		must(d.Read(owner, func(q db.Q) error { _, err := audit.Verify(owner, q); return err }))
	})
}

// replaced lets a selected pilot leave: the same rules give its place to
// another, the owner decides, the protocol and the tables can be fetched.
func (p *platform) replaced(t *testing.T) {
	t.Helper()
	e := p.examples
	owner, officer := webtest.As(who.From(e.as["agare@tillvaxtverket.example"])), webtest.As(who.From(e.as["handlaggare@tillvaxtverket.example"]))
	page := webtest.Get(t, p.handler, "/urval/1/ersattning", officer)
	if n := webtest.Has(t, page, "tbody tr").Length(); n != 13 {
		t.Errorf("%d reserves for 13 pilots", n)
	}
	if x := webtest.Post(t, p.handler, "/urval/1/ersattning", url.Values{"reason": {"x"}}, owner); x.Status != http.StatusConflict {
		t.Errorf("a place that is not empty is filled: %d", x.Status)
	}
	if err := p.rooms.interest.Withdraw(e.representative("2506"), 1, "Vi har inte resurser.", ""); err != nil {
		t.Fatal(err)
	}
	page = webtest.Get(t, p.handler, "/urval/1/ersattning", owner)
	webtest.HasText(t, page, "main", "Har lämnat: Arjeplog")
	if x := webtest.Post(t, p.handler, "/urval/1/ersattning", url.Values{}, owner); x.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", x.Status)
	}
	if x := webtest.Post(t, p.handler, "/urval/1/ersattning", url.Values{"reason": {"Platsen ska fyllas."}}, officer); x.Status != http.StatusForbidden {
		t.Errorf("the officer decides: %d", x.Status)
	}
	if x := webtest.Post(t, p.handler, "/urval/1/ersattning", url.Values{"reason": {"Platsen ska fyllas."}}, owner); x.Status != http.StatusSeeOther {
		t.Fatalf("the owner decides: %d", x.Status)
	}
	if pilots := p.outcome(t, e.as["agare@tillvaxtverket.example"], "pilot"); len(pilots) != 13 || slices.Contains(pilots, 1) {
		t.Errorf("after the replacement: %v", pilots)
	}
	protocol := webtest.Get(t, p.handler, "/urval/1/protokoll", officer)
	webtest.HasText(t, protocol, "main", "i Kronobergs län")
	webtest.HasNoText(t, protocol, "county")
	webtest.HasText(t, protocol, "main", "Arjeplogs kommun (har lämnat)")
	for path, kind := range map[string]string{"/urval/1/urval.xlsx": "spreadsheetml", "/urval/1/urval.csv": "text/csv", "/urval/1/svar.json": "application/json"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		w := httptest.NewRecorder()
		p.handler.ServeHTTP(w, r.WithContext(who.With(r.Context(), who.From(e.as["handlaggare@tillvaxtverket.example"]))))
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		if strings.HasSuffix(path, ".xlsx") {
			book, err := excelize.OpenReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if list := book.GetSheetList(); len(list) < 3 {
				t.Errorf("sheets %v", list)
			}
		}
	}
}

// proposed are the outcomes that the run gives, as the decision's form shows them.
func (p *platform) proposed(t *testing.T, ctx context.Context, run assessment.RunID) (out []assessment.Outcome) { //nolint:revive // t comes first in tests
	t.Helper()
	if err := p.db.Read(ctx, func(q db.Q) error {
		x, c, err := p.rooms.assessment.RunAt(ctx, q, run)
		if err != nil {
			return err
		}
		out, _, err = p.rooms.assessment.Propose(ctx, q, x, c)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// outcome lists the selected applications that sought the kind.
func (p *platform) outcome(t *testing.T, ctx context.Context, kind string) (out []interest.ApplicationID) { //nolint:revive // t comes first in tests
	t.Helper()
	if err := p.db.Read(ctx, func(q db.Q) error {
		list, err := p.rooms.interest.Applications(ctx, q, 1)
		for _, a := range list {
			if a.State == interest.Selected && a.Seeks(kind) {
				out = append(out, a.ID)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// The example of seed 001: three municipalities say yes, each decides in its
// board, and the participation is confirmed when the last decision is in.
func TestSeed_001_16_participation_is_confirmed_by_every_municipality_s_decision(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		e := p.examples
		e.day(0)
		three := []string{"1983", "1984", "1960"}
		for i, code := range three {
			if err := p.rooms.programme.Reply(e.representative(code), programme.InvitationID(i+1), programme.Accepted, programme.Answer{OwnRef: "KS " + code}, ""); err != nil {
				t.Fatal(err)
			}
		}
		id := interest.ApplicationID(len(examplePilots) + 1)
		for i, code := range three {
			content := interest.DecisionContent{Organ: "Kommunstyrelsen", Day: e.today.AddDays(-3), Paragraph: "§ 12", Own: "KS " + code, Their: "Fi 2017:02", Text: "Kommunen deltar.", Joins: "ja",
				Approved: e.today.AddDays(-2), Announced: e.today.AddDays(-1)}
			ctx := e.as["registrator@"+code+".example"]
			var asked []interest.Decision
			if err := d.Read(ctx, func(q db.Q) (err error) { asked, err = p.rooms.interest.Decisions(ctx, q, id); return err }); err != nil {
				t.Fatal(err)
			}
			n := slices.IndexFunc(asked, func(x interest.Decision) bool { return x.Org == e.orgs[code] })
			if n < 0 {
				t.Fatalf("no decision is asked of %s", code)
			}
			if err := p.rooms.interest.SaveDecision(ctx, id, e.orgs[code], asked[n].Version, content, nil, ""); err != nil {
				t.Fatal(code, err)
			}
			confirmed, err := p.rooms.interest.RegisterDecision(ctx, id, e.orgs[code], "")
			if err != nil || confirmed != (i == len(three)-1) {
				t.Fatalf("%s: confirmed %v, %v", code, confirmed, err)
			}
		}
		page := webtest.Get(t, p.handler, "/program/3")
		webtest.HasText(t, page, "#deltagare", "Köping")
		if n := page.Find("svg[role=img] circle.map-pilot").Length(); n != 3 {
			t.Errorf("%d municipalities on the map, want 3", n)
		}
	})
}

// The examples' call to the fund's members is answered by a member and refused
// to the others.
func TestSeed_000_03_only_members_answer(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		e := p.examples
		e.day(0)
		start := func(code string) error {
			_, err := p.rooms.interest.Start(e.contact(code), interest.Starting{Call: 2, Org: e.orgs[code], Kinds: []string{"intervju"}})
			return err
		}
		if err := start("1983"); err != nil {
			t.Errorf("a member: %v", err)
		}
		if err := start("2506"); err == nil || !strings.Contains(err.Error(), "medlem") && !strings.Contains(err.Error(), "listan") {
			t.Errorf("not a member: %v", err)
		}
	})
}
