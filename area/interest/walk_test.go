package interest

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// Three municipalities answer together, complete, are selected, decide each
// for itself, and take part: one atom all the way.
func TestSeed_001_09_and_004_05_ThreeMunicipalitiesAreOneAtomToTheEnd(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		contact, signer, officer := someone(who.Kommunkontakt, norsjo), someone(who.Foretradare, norsjo), someone(who.Handlaggare, agency)

		at := w.post(contact, callPage+"/intresse", merged(webtest.Filled(t, webtest.Get(t, w.h, callPage+"/intresse", webtest.As(contact)), ""), url.Values{"kinds": {"pilot"}, "joint": {"ja"}}))
		doc := webtest.Get(t, w.h, at, webtest.As(contact))
		webtest.HasText(t, doc, "h1", "Norsjö")
		if n := doc.Find(".steps li").Length(); n != 7 {
			t.Errorf("%d steps", n)
		}

		// The others are asked, and answer by their representatives.
		for _, code := range []string{"2418", "2482"} {
			w.post(contact, at+"/medsokande", url.Values{"kommun": {code}})
		}
		if got := webtest.Post(t, w.h, at+"/medsokande", url.Values{"kommun": {"2418"}}, webtest.As(contact)); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("asked twice: %d", got.Status)
		}
		if !w.told("foretradare.11@example.org", "tillsammans") {
			t.Error("Malå's representative got no letter")
		}
		if got := webtest.Post(t, w.h, at+"/medsokande/svar", url.Values{"org": {"11"}, "answer": {"ja"}}, webtest.As(someone(who.Kommunkontakt, mala))); got.Status != http.StatusForbidden {
			t.Errorf("a contact bound the municipality: %d", got.Status)
		}
		webtest.HasText(t, webtest.Get(t, w.h, "/mina-intressen", webtest.As(someone(who.Foretradare, mala))), "table", "Väntar på er")
		for _, org := range []who.OrgID{mala, skelleftea} {
			doc := webtest.Get(t, w.h, at, webtest.As(someone(who.Foretradare, org)))
			w.post(someone(who.Foretradare, org), at+"/medsokande/svar", merged(webtest.Filled(t, doc, at+"/medsokande/svar"), url.Values{"answer": {"ja"}}))
		}

		// Page by page, also by a co-applicant.
		w.fill(contact, at+"/kontakt", url.Values{"reference": {"KS 2026/12"}, "name-0": {"Utvecklingsstrateg"}, "email-0": {"strateg@example.org"}})
		w.fill(someone(who.Kommunkontakt, mala), at+"/svar", url.Values{"q-gora": {"Samordna varor och post."}, "q-antal": {"3,5"}, "q-bredband": {"ja"}})
		w.fill(contact, at+"/ataganden", url.Values{"c-bada": {"ja"}, "c-larande": {"ja"}, "c-langsiktig": {"ja"}, "how-langsiktig": {"I översiktsplanen."}})
		w.fill(contact, at+"/deltagare", url.Values{"name-pilot-0": {"Näringslivschef"}, "role-pilot-0": {Official}, "kommun-pilot-0": {"2417"}})
		w.fill(contact, at+"/budget", url.Values{"cost-0": {"Lön"}, "amount-0": {"1 000 000,01"}, "grant": {"600000"}, "own": {"400 000,01"}})
		if got := w.upload(contact, at+"/bilagor", "karta.pdf", pdf, url.Values{"about": {"Karta över byarna"}}); got.Status != http.StatusSeeOther {
			t.Fatalf("upload: %d %s", got.Status, got.Body)
		}

		// The contact cannot sign; the representative can.
		doc = webtest.Get(t, w.h, at+"/granska", webtest.As(contact))
		webtest.HasText(t, doc, "main", "Kommunens behöriga företrädare skriver under")
		if got := webtest.Post(t, w.h, at+"/granska", url.Values{}, webtest.As(contact)); got.Status != http.StatusForbidden {
			t.Errorf("a contact signed: %d", got.Status)
		}
		w.post(contact, at+"/meddela", url.Values{})
		if !w.told("foretradare.10@example.org", "underskrift") {
			t.Error("the representative was not told")
		}
		if to := w.fill(signer, at+"/granska", nil); to != at+"/kvitto" {
			t.Errorf("submitted, and led to %s", to)
		}
		doc = webtest.Get(t, w.h, at+"/kvitto", webtest.As(contact))
		webtest.Has(t, doc, "code.hash")
		webtest.HasText(t, doc, "main", "Undertecknad av Kommunens behöriga företrädare, Norsjö")

		// The owner asks for a completion of one page; the others stay closed.
		doc = webtest.Get(t, w.h, callPage+"/intresseanmalningar", webtest.As(officer))
		webtest.HasText(t, doc, "tbody", "Norsjö, Malå och Skellefteå")
		w.post(officer, at+"/komplettering", url.Values{"text": {"Beskriv samverkan."}, "sections": {"svar"}, "deadline": {"2026-03-20"}})
		if !w.told("kommunkontakt.12@example.org", "kompletteras senast 2026-03-20") {
			t.Error("a co-applicant was not told of the completion")
		}
		webtest.HasNo(t, webtest.Get(t, w.h, at+"/budget", webtest.As(contact)), "main form")
		w.fill(contact, at+"/svar", url.Values{"q-gora": {"Samordna varor och post med föreningarna."}})
		doc = webtest.Get(t, w.h, at+"/komplettering", webtest.As(signer))
		w.post(signer, at+"/komplettering/svar", merged(webtest.Filled(t, doc, at+"/komplettering/svar"), url.Values{"answer": {"Vi har beskrivit samverkan."}}))

		// Eligibility quotes its rules; then the selection decides.
		doc = webtest.Get(t, w.h, at+"/behorighet", webtest.As(officer))
		webtest.HasText(t, doc, "tbody", "004 rad 24")
		w.fill(officer, at+"/behorighet", url.Values{"eligible": {"ja"}})
		a := w.mine(norsjo)
		if w.state(a) != Eligible {
			t.Fatalf("state %s", w.state(a))
		}
		w.outcome(a, Selected)
		w.call.Decided = true

		// Each municipality decides; the last registration confirms.
		for i, org := range []who.OrgID{norsjo, mala, skelleftea} {
			w.decide(at, org, "KS 2026/"+string(rune('1'+i)))
			want := Selected
			if i == 2 {
				want = Confirmed
			}
			if got := w.state(a); got != want {
				t.Fatalf("after %d decisions: %s, want %s", i+1, got, want)
			}
		}
		doc = webtest.Get(t, w.h, at+"/beslut", webtest.As(who.Actor{})) // everybody may see it now
		webtest.HasText(t, doc, "main", "KS 2026/3")
		webtest.HasText(t, doc, "main", "TVV 2026-77")

		var taking []TakingPart
		w.must(w.d.Read(context.Background(), func(q db.Q) (err error) { taking, err = w.n.Participants(context.Background(), q, 7); return err }))
		if len(taking) != 1 || len(taking[0].Municipalities) != 3 || taking[0].Kind != "pilot" || taking[0].Title != "Norsjö, Malå och Skellefteå" {
			t.Errorf("one place and three municipalities, got %+v", taking)
		}
		doc = webtest.Get(t, w.h, at+"/utfall", webtest.As(contact))
		webtest.HasText(t, doc, "main", "Ny modell för varuförsörjning.")
		webtest.HasText(t, doc, "main", "Högst poäng inom kvoterna.")
		w.must(w.d.Read(context.Background(), func(q db.Q) error { _, err := audit.Verify(context.Background(), q); return err }))
	})
}

// merged puts changes into a form.
func merged(v, changes url.Values) url.Values {
	for k, list := range changes {
		v[k] = list
	}
	return v
}

// mine is the organisation's application.
func (w *world) mine(org who.OrgID) (a ApplicationID) {
	w.t.Helper()
	w.must(w.d.Read(context.Background(), func(q db.Q) (err error) { a, err = w.n.Begun(context.Background(), q, 7, org); return err }))
	return a
}

// decide registers a municipality's decision through its pages: the contact
// writes it, the registrar registers it.
func (w *world) decide(at string, org who.OrgID, ref string) {
	w.t.Helper()
	page := at + "/beslut/" + whole64(org)
	contact := someone(who.Kommunkontakt, org)
	v := merged(webtest.Filled(w.t, webtest.Get(w.t, w.h, page, webtest.As(contact)), ""), url.Values{
		"own": {ref}, "their": {"TVV 2026-77"}, "organ": {"Kommunstyrelsen"}, "day": {"2026-02-24"}, "paragraph": {"§ 14"}, "joins": {"ja"}, "covers": {"bada", "larande"}, "proposers": {"Kommunchef\nKanslichef"},
		"approved": {"2026-02-26"}, "announced": {"2026-02-27"},
	})
	if got := w.upload(contact, page, "protokoll.pdf", pdf, v); got.Status != http.StatusSeeOther {
		w.t.Fatalf("decision: %d %s", got.Status, strings.Join(strings.Fields(got.Doc.Find("main").Text()), " "))
	}
	w.post(someone(who.Registrator, org), page+"/registrera", url.Values{})
}

func TestSeed_004_05_ADistrictBoardAppliesForItsMunicipality(t *testing.T) {
	each(t, func(w *world) {
		a := w.eligible(sodermore, "pilot")
		x := w.read(a)
		if got := x.Municipalities(); len(got) != 1 || got[0] != "0880" {
			w.t.Errorf("the board stands for %v, want Kalmar", got)
		}
		if x.Name() != "Södermöre kommundelsnämnd" || x.Applicants[0].County != "08" || x.Applicants[0].MainGroup != "B" {
			w.t.Errorf("%+v", x.Applicants[0])
		}
		// The municipality of which it is a part sees it and decides.
		webtest.Get(w.t, w.h, "/intresse/"+whole64(a), webtest.As(someone(who.Kommunkontakt, kalmar)))
		w.outcome(a, Selected)
		w.must(w.n.SaveDecision(w.ctx(someone(who.Kommunkontakt, kalmar)), a, sodermore, 1, DecisionContent{Organ: "Kommundelsnämnden", Own: "SKDN 2026/3", Day: "2026-02-24", Paragraph: "§ 3", Joins: "ja"}, nil, ""))
		confirmed, err := w.n.RegisterDecision(w.ctx(someone(who.Registrator, kalmar)), a, sodermore, "")
		w.must(err)
		if !confirmed {
			w.t.Error("not confirmed")
		}
	})
}

func TestSeed_001_16_ConfirmedOnlyWhenEveryMunicipalityHasDecided(t *testing.T) {
	each(t, func(w *world) {
		a := w.eligible(norsjo, "pilot")
		officer := w.ctx(someone(who.Handlaggare, agency))
		if err := w.n.Confirm(officer, a, ""); err == nil {
			w.t.Error("confirmed before it was selected")
		}
		w.outcome(a, Selected)
		if err := w.n.Confirm(officer, a, ""); err == nil {
			w.t.Error("confirmed without a decision")
		}
		c := DecisionContent{Organ: "KS", Own: "KS 2026/1", Day: "2026-02-24", Paragraph: "§ 3", Joins: "nej"}
		w.must(w.n.SaveDecision(w.ctx(someone(who.Kommunkontakt, norsjo)), a, norsjo, 1, c, nil, ""))
		if err := w.n.Confirm(officer, a, ""); err == nil {
			w.t.Error("confirmed by a decision that nobody has registered")
		}
		if _, err := w.n.RegisterDecision(w.ctx(someone(who.Foretradare, norsjo)), a, norsjo, ""); err != nil {
			w.t.Fatal(err)
		}
		if err := w.n.Confirm(officer, a, ""); err == nil {
			w.t.Error("confirmed by a no")
		}
	})
}

func TestFormalDecisionIsAParameterOfTheCall(t *testing.T) {
	each(t, func(w *world) {
		w.call.FormalDecision = false
		a := w.eligible(norsjo, "pilot")
		w.outcome(a, Selected)
		w.post(someone(who.Handlaggare, agency), "/intresse/"+whole64(a)+"/bekrafta", url.Values{})
		if w.state(a) != Confirmed {
			w.t.Error(w.state(a))
		}
	})
}

func TestSeed_001_01_and_001_18_EachPartyKeepsItsOwnNumber_001_10_TwoSignedTheProposal(t *testing.T) {
	each(t, func(w *world) {
		a := w.eligible(norsjo, "pilot")
		w.outcome(a, Selected)
		w.decide("/intresse/"+whole64(a), norsjo, "KS 2026/619")
		doc := webtest.Get(w.t, w.h, "/intresse/"+whole64(a)+"/beslut", webtest.As(someone(who.Handlaggare, agency)))
		for _, want := range []string{"Kommunchef, Kanslichef", "KS 2026/619", "TVV 2026-77", "§ 14", "Kommunstyrelsen", "24 februari 2026"} {
			webtest.HasText(w.t, doc, "dl.facts", want)
		}
		webtest.HasText(w.t, doc, "main", "Kan överklagas till och med20 mars 2026")
		webtest.HasText(w.t, doc, "main", "Laga kraft från och med21 mars 2026")
	})
}

func TestAppealStopsTheClockAndTheJobStartsIt(t *testing.T) {
	each(t, func(w *world) {
		a := w.eligible(norsjo, "pilot")
		w.outcome(a, Selected)
		w.decide("/intresse/"+whole64(a), norsjo, "KS 1")
		w.now = dateOf("2026-03-20").Start().Add(9e12)
		w.must(w.n.Tick(context.Background()))
		if s := w.decision(a, norsjo).State; s != Announced {
			w.t.Fatalf("the last day to appeal: %s", s)
		}
		c := w.decision(a, norsjo)
		appealed := c.DecisionContent
		appealed.Appealed = "2026-03-20"
		w.must(w.n.SaveDecision(w.ctx(someone(who.Registrator, norsjo)), a, norsjo, c.Version, appealed, nil, ""))
		w.now = dateOf("2026-05-01").Start()
		w.must(w.n.Tick(context.Background()))
		if s := w.decision(a, norsjo).State; s != Appealed {
			w.t.Fatalf("appealed, yet %s", s)
		}
		if !w.told("handlaggare.1@example.org", "Kommunbeslut: Norsjö") {
			w.t.Error("the owner was not told of the appeal")
		}
		c = w.decision(a, norsjo)
		appealed.AppealEnded, appealed.AppealSays = "2026-04-28", AppealFailed
		w.must(w.n.SaveDecision(w.ctx(someone(who.Registrator, norsjo)), a, norsjo, c.Version, appealed, nil, ""))
		if d := w.decision(a, norsjo); d.State != InForce || d.Final != "2026-04-28" {
			w.t.Errorf("%s %s", d.State, d.Final)
		}
	})
	each(t, func(w *world) { // nobody appeals: the job notes legal force, once
		a := w.eligible(norsjo, "pilot")
		w.outcome(a, Selected)
		w.decide("/intresse/"+whole64(a), norsjo, "KS 1")
		w.now = dateOf("2026-03-21").Start()
		for range 3 {
			w.must(w.n.Tick(context.Background()))
		}
		if s := w.decision(a, norsjo).State; s != InForce {
			w.t.Error(s)
		}
		doc := webtest.Get(w.t, w.h, "/intresse/"+whole64(a)+"/beslut/10", webtest.As(someone(who.Registrator, norsjo)))
		if n := doc.Find("tbody tr").Length(); n != 3 { // begärt, anslaget, laga kraft
			w.t.Errorf("%d events", n)
		}
	})
}

func TestSeed_004_12_and_004_14_and_004_15_RequirementsAreCheckedThreeTimes(t *testing.T) {
	each(t, func(w *world) {
		// At application: a requirement that is not accepted stops it.
		a := w.ready(norsjo, "pilot")
		_, err := w.n.SaveCommitments(w.ctx(someone(who.Kommunkontakt, norsjo)), a, 2, Commitments{"bada": {Yes: true}})
		w.must(err)
		if err := w.n.Submit(w.ctx(someone(who.Foretradare, norsjo)), a, Sending{}); !fieldsOf(err)["ataganden"] {
			w.t.Fatalf("sent with two requirements not accepted: %v", err)
		}
		_, err = w.n.SaveCommitments(w.ctx(someone(who.Kommunkontakt, norsjo)), a, 3, Commitments{"bada": {Yes: true}, "larande": {Yes: true}, "langsiktig": {Yes: true}})
		w.must(err)
		w.must(w.n.Submit(w.ctx(someone(who.Foretradare, norsjo)), a, Sending{}))
		officer := someone(who.Handlaggare, agency)
		w.must(w.n.DecideEligibility(w.ctx(officer), a, Judging{Eligible: true, Motive: "Ja."}))
		// At decision: what the municipality's decision covers is noted.
		w.outcome(a, Selected)
		w.decide("/intresse/"+whole64(a), norsjo, "KS 1")
		// At follow-up.
		doc := webtest.Get(w.t, w.h, "/deltagande/1", webtest.As(officer))
		for _, want := range []string{"004-12", "004-14", "004-15", "Norsjö", "Prövas inte i beslutet"} {
			webtest.HasText(w.t, doc, "table", want)
		}
		v := webtest.Filled(w.t, doc, "/deltagande/1/uppfoljning")
		if got := webtest.Post(w.t, w.h, "/deltagande/1/uppfoljning", merged(url.Values{"_version": v["_version"]}, url.Values{"met-bada": {"nej"}}), webtest.As(officer)); got.Status != http.StatusUnprocessableEntity {
			w.t.Errorf("not met, and not said why: %d", got.Status)
		} else {
			webtest.HasFieldError(w.t, got.Doc, "note-bada", "Beskriv vad som brister.")
		}
		w.post(officer, "/deltagande/1/uppfoljning", merged(v, url.Values{"met-bada": {"ja"}, "met-larande": {"delvis"}, "note-larande": {"En träff av två."}}))
		doc = webtest.Get(w.t, w.h, "/deltagande/1", webtest.As(someone(who.Kommunkontakt, norsjo)))
		webtest.HasText(w.t, doc, "table", "En träff av två.")
		webtest.HasNo(w.t, doc, "main form")

		// The period is the call's; the job begins and ends it.
		w.now = dateOf("2026-09-01").Start()
		w.must(w.n.Tick(context.Background()))
		webtest.HasText(w.t, webtest.Get(w.t, w.h, "/deltagande/1", webtest.As(officer)), ".ds-tag", "Pågår")
		v = webtest.Filled(w.t, webtest.Get(w.t, w.h, "/deltagande/1", webtest.As(officer)), "/deltagande/1")
		if got := webtest.Post(w.t, w.h, "/deltagande/1", merged(v, url.Values{"state": {"avbruten"}}), webtest.As(officer)); got.Status != http.StatusUnprocessableEntity {
			w.t.Errorf("broken off without a motive: %d", got.Status)
		}
		v["_once"] = nil
		w.post(officer, "/deltagande/1", merged(v, url.Values{"state": {"avbruten"}, "motive": {"Kommunen prioriterar om."}}))
		webtest.HasText(w.t, webtest.Get(w.t, w.h, "/deltagande/1", webtest.As(officer)), "tbody", "Kommunen prioriterar om.")
	})
}

func TestSeed_001_03_AnAcceptedInvitationAwaitsEachDecision(t *testing.T) {
	each(t, func(w *world) {
		w.call.Targeted, w.call.Budget = true, BudgetRule{}
		if _, err := w.n.Start(w.ctx(someone(who.Foretradare, norsjo)), Starting{Call: 7, Org: norsjo, Kinds: []string{"pilot"}}); err == nil {
			w.t.Error("a targeted call was answered without an invitation")
		}
		accept := func(org who.OrgID, ref string, with ...who.OrgID) (a ApplicationID) {
			ctx := w.ctx(someone(who.Foretradare, org))
			w.must(w.d.Write(ctx, func(tx *db.Tx) (err error) {
				a, err = w.n.AcceptInvitation(ctx, tx, Accepted{Call: 7, Org: org, With: with, Kinds: []string{"pilot"}, Reference: ref})
				return err
			}))
			return a
		}
		first := accept(norsjo, "KS 2018/1", mala, skelleftea)
		if again := accept(mala, "KS 2018/2", norsjo, skelleftea); again != first {
			w.t.Fatalf("Malå began %d, not the same as %d", again, first)
		}
		if d := w.decision(first, mala); d.State != Prepared || d.Own != "KS 2018/2" {
			w.t.Errorf("%s %q", d.State, d.Own)
		}
		at := "/intresse/" + whole64(first)
		w.decide(at, norsjo, "KS 2018/1")
		w.decide(at, mala, "KS 2018/2")
		if w.state(first) != Selected {
			w.t.Fatalf("confirmed although Skellefteå has not answered: %s", w.state(first))
		}
		ctx := w.ctx(someone(who.Foretradare, skelleftea))
		w.must(w.d.Write(ctx, func(tx *db.Tx) error { return w.n.DeclineInvitation(ctx, tx, 7, skelleftea) }))
		w.must(w.n.Confirm(w.ctx(someone(who.Registrator, norsjo)), first, ""))
		if x := w.read(first); x.State != Confirmed || len(x.Municipalities()) != 2 {
			w.t.Errorf("%s %v", x.State, x.Municipalities())
		}
	})
}
