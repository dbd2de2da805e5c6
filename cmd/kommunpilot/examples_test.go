package main

import (
	"context"
	"slices"
	"strings"
	"testing"

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
		e := p.examples
		owner := e.as["agare@tillvaxtverket.example"]
		p.decided(t)
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
		worked(t, d.Read(owner, func(q db.Q) error { _, err := audit.Verify(owner, q); return err }))
	})
}

func worked(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// decided walks the example of seed 004 to its end: eligibility, scores, both
// selections with their decisions and letters. Run 1 is the pilots'.
func (p *platform) decided(t *testing.T) {
	t.Helper()
	e, a := p.examples, p.rooms.assessment
	officer, owner := e.as["handlaggare@tillvaxtverket.example"], e.as["agare@tillvaxtverket.example"]
	for _, id := range []interest.ApplicationID{23, 24} { // those left for the newcomer
		worked(t, p.rooms.interest.DecideEligibility(officer, id, interest.Judging{Eligible: true, Motive: "Uppfyller kraven."}))
	}
	worked(t, a.Distribute(officer, 1, 3, ""))
	for _, email := range []string{"bedomare1@tillvaxtverket.example", "bedomare2@tillvaxtverket.example", "bedomare3@tillvaxtverket.example"} {
		p.score(t, e.as[email], 1)
	}
	for _, kind := range []string{"pilot", "ambassador"} {
		run, err := a.Start(officer, 1, kind, "best", nil, "")
		worked(t, err)
		worked(t, a.Review(officer, run, ""))
		worked(t, a.Decide(owner, run, p.proposed(t, owner, run), ""))
		worked(t, a.Communicate(owner, run, ""))
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
