package interest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

func TestMissingFieldsKeepTheFormAndSayWhere(t *testing.T) {
	each(t, func(w *world) {
		contact := someone(who.Kommunkontakt, norsjo)
		got := webtest.Post(w.t, w.h, callPage+"/intresse", url.Values{"org": {"10"}, "joint": {"ja"}}, webtest.As(contact))
		if got.Status != http.StatusUnprocessableEntity {
			w.t.Fatalf("status %d", got.Status)
		}
		webtest.HasFieldError(w.t, got.Doc, "kinds", "Välj minst en deltagandeform.")
		webtest.Has(w.t, got.Doc, `input[name=joint][value=ja][checked]`)
		got = webtest.Post(w.t, w.h, callPage+"/intresse", url.Values{"org": {"12"}, "kinds": {"pilot"}}, webtest.As(contact))
		webtest.HasFieldError(w.t, got.Doc, "org", "Välj vilken organisation som svarar.")

		a := w.ready(norsjo, "pilot")
		at := "/intresse/" + whole64(a)
		for _, row := range []struct {
			page, field, message string
			form                 url.Values
		}{
			{"/kontakt", "email-0", "Skriv e-postadressen som namn@kommun.se.", url.Values{"name-0": {"Strateg"}, "email-0": {"inte en adress"}}},
			{"/svar", "q-antal", "Skriv ett tal, till exempel 12 eller 3,5.", url.Values{"q-antal": {"många"}}},
			{"/svar", "q-gora", "Texten är för lång: högst 8 000 tecken.", url.Values{"q-gora": {strings.Repeat("å", maxText+1)}}},
			{"/deltagare", "role-pilot-0", "Välj om personen är tjänsteperson eller politiker.", url.Values{"name-pilot-0": {"Någon"}}},
			{"/budget", "amount-1", "Skriv beloppet i kronor med högst två decimaler, till exempel 250 000 eller 1 200,50.", url.Values{"cost-1": {"Resor"}, "amount-1": {"tusen"}}},
			{"/budget", "cost-0", "Skriv vad kostnaden gäller.", url.Values{"amount-0": {"100"}}},
		} {
			row.form.Set("_version", "2")
			if row.page == "/deltagare" {
				row.form.Set("_version", "1")
			}
			got := webtest.Post(w.t, w.h, at+row.page, row.form, webtest.As(contact))
			if got.Status != http.StatusUnprocessableEntity {
				w.t.Errorf("%s: %d", row.page, got.Status)
				continue
			}
			webtest.HasFieldError(w.t, got.Doc, row.field, row.message)
			for name, list := range row.form {
				if !strings.HasPrefix(name, "_") && webtest.Filled(w.t, got.Doc, "").Get(name) != list[0] {
					w.t.Errorf("%s: what was typed in %s is gone", row.page, name)
				}
			}
		}
	})
}

func TestTwoOfficersEditTheSamePage(t *testing.T) {
	each(t, func(w *world) {
		a := w.ready(norsjo, "pilot")
		at := "/intresse/" + whole64(a) + "/svar"
		contact, colleague := someone(who.Kommunkontakt, norsjo), someone(who.Foretradare, norsjo)
		mine := webtest.Filled(w.t, webtest.Get(w.t, w.h, at, webtest.As(contact)), "")
		w.fill(colleague, at, url.Values{"q-gora": {"Kollegans text"}})
		got := webtest.Post(w.t, w.h, at, merged(mine, url.Values{"q-gora": {"Min text"}}), webtest.As(contact))
		if got.Status != http.StatusConflict {
			w.t.Fatalf("status %d", got.Status)
		}
		webtest.HasText(w.t, got.Doc, ".conflict", "Min text")
		webtest.HasText(w.t, got.Doc, ".conflict", "Kollegans text")
		webtest.HasText(w.t, got.Doc, "textarea", "Min text")
		if x := w.read(a).Sections.Answers["gora"]; x != "Kollegans text" {
			w.t.Errorf("the colleague's text was lost: %q", x)
		}
		w.post(contact, at, webtest.Filled(w.t, got.Doc, "")) // a choice, now that both have been seen
		if x := w.read(a).Sections.Answers["gora"]; x != "Min text" {
			w.t.Errorf("%q", x)
		}
		// Another page of the same application is no conflict.
		if _, err := w.n.SaveContact(w.ctx(contact), a, 2, Contact{People: []ContactPerson{{Name: "Strateg", Email: "s@example.org"}}}); err != nil {
			w.t.Error(err)
		}
		// Nor is a decision that two write at once lost.
		w.must(w.n.Submit(w.ctx(colleague), a, Sending{}))
		page := "/intresse/" + whole64(a) + "/beslut/10"
		v := webtest.Filled(w.t, webtest.Get(w.t, w.h, page, webtest.As(contact)), "")
		w.must(w.n.SaveDecision(w.ctx(colleague), a, norsjo, 1, DecisionContent{Own: "Kollegans nummer"}, nil, ""))
		answer := w.upload(contact, page, "p.pdf", pdf, merged(v, url.Values{"own": {"Mitt nummer"}}))
		if answer.Status != http.StatusConflict {
			w.t.Fatalf("status %d", answer.Status)
		}
		webtest.HasText(w.t, answer.Doc, ".conflict", "Kollegans nummer")
		webtest.HasText(w.t, answer.Doc, ".conflict", "Mitt nummer")
	})
}

func TestDoubleSubmissionActsOnce(t *testing.T) {
	each(t, func(w *world) {
		contact, signer := someone(who.Kommunkontakt, norsjo), someone(who.Foretradare, norsjo)
		v := merged(webtest.Filled(w.t, webtest.Get(w.t, w.h, callPage+"/intresse", webtest.As(contact)), ""), url.Values{"kinds": {"pilot"}})
		if first, again := w.post(contact, callPage+"/intresse", v), w.post(contact, callPage+"/intresse", v); first != again {
			w.t.Errorf("begun twice: %s and %s", first, again)
		}
		a := w.mine(norsjo)
		w.fillIn(w.ctx(contact), a)
		at := "/intresse/" + whole64(a)
		v = webtest.Filled(w.t, webtest.Get(w.t, w.h, at+"/granska", webtest.As(signer)), "")
		for range 2 {
			if to := w.post(signer, at+"/granska", v); to != at+"/kvitto" {
				w.t.Errorf("led to %s", to)
			}
		}
		if n := webtest.Get(w.t, w.h, at+"/kvitto", webtest.As(signer)).Find("code.hash").Length(); n != 1 {
			w.t.Errorf("sent %d times", n)
		}
	})
}

func TestManyAtOnceActOnce(t *testing.T) {
	each(t, func(w *world) {
		a := w.ready(norsjo, "pilot")
		ctx := w.ctx(someone(who.Foretradare, norsjo))
		var group sync.WaitGroup
		done := make(chan error, 8)
		for range 8 {
			group.Go(func() { done <- w.n.Submit(ctx, a, Sending{}) })
		}
		group.Wait()
		close(done)
		sent := 0
		for err := range done {
			switch {
			case err == nil:
				sent++
			case !fail.Is(err, fail.Conflict):
				w.t.Errorf("%v", err)
			}
		}
		if sent != 1 {
			w.t.Errorf("sent %d times", sent)
		}
	})
}

func TestClosingTimePassesWhileTheFormIsOpen(t *testing.T) {
	each(t, func(w *world) {
		a := w.ready(norsjo, "pilot")
		at, signer := "/intresse/"+whole64(a), someone(who.Foretradare, norsjo)
		answers := webtest.Filled(w.t, webtest.Get(w.t, w.h, at+"/svar", webtest.As(signer)), "")
		v := webtest.Filled(w.t, webtest.Get(w.t, w.h, at+"/granska", webtest.As(signer)), "")
		w.now = w.call.Closes
		w.post(signer, at+"/svar", merged(answers, url.Values{"q-gora": {"Skrivet i sista sekunden"}})) // nothing typed is lost
		got := webtest.Post(w.t, w.h, at+"/granska", v, webtest.As(signer))
		if got.Status != http.StatusConflict {
			w.t.Fatalf("status %d", got.Status)
		}
		webtest.HasText(w.t, got.Doc, "main", "Utlysningen har stängt. Det du har skrivit finns kvar som utkast")
		if x := w.read(a); x.State != Draft || x.Sections.Answers["gora"] != "Skrivet i sista sekunden" {
			w.t.Errorf("%s %v", x.State, x.Sections.Answers)
		}
		webtest.HasText(w.t, webtest.Get(w.t, w.h, at, webtest.As(signer)), "main", "Det går inte att lämna in")
		if got := webtest.Fetch(w.t, w.h, callPage+"/intresse", webtest.As(someone(who.Kommunkontakt, mala))); got.Doc.Find("main form").Length() != 0 {
			w.t.Error("a closed call can be begun")
		}
	})
}

func TestAttachmentsAreJudgedByTheirContent(t *testing.T) {
	each(t, func(w *world) {
		a := w.ready(norsjo, "pilot")
		at, contact := "/intresse/"+whole64(a)+"/bilagor", someone(who.Kommunkontakt, norsjo)
		program := append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"), make([]byte, 512)...)
		for _, row := range []struct {
			name    string
			content []byte
			status  int
			message string
		}{
			{"viktigt.pdf", program, http.StatusUnprocessableEntity, "innehållet är av en typ som inte tas emot"},
			{"sida.pdf", []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), http.StatusUnprocessableEntity, "inte tas emot"},
			{"karta.docx", pdf, http.StatusUnprocessableEntity, "innehåller något annat än namnet säger"},
			{"tom.pdf", nil, http.StatusUnprocessableEntity, "är tom"},
			{"stor.pdf", append(append([]byte{}, pdf...), make([]byte, 1<<20)...), http.StatusRequestEntityTooLarge, "Filen är för stor: högst 1 MB"},
			{"enorm.pdf", append(append([]byte{}, pdf...), make([]byte, 40<<20)...), http.StatusRequestEntityTooLarge, "Filen är för stor: högst 1 MB"},
		} {
			got := w.upload(contact, at, row.name, row.content, url.Values{"about": {"Det jag skrev"}})
			if got.Status != row.status || got.Doc == nil {
				w.t.Errorf("%s: %d", row.name, got.Status)
				continue
			}
			webtest.HasText(w.t, got.Doc, "main", row.message)
			if v, _ := got.Doc.Find("input[name=about]").Attr("value"); v != "Det jag skrev" {
				w.t.Errorf("%s: the rest of the form is gone: %q", row.name, v)
			}
		}
		if left, _ := os.ReadDir(os.TempDir()); strings.Contains(names(left), "kommunpilot-upload-") {
			w.t.Error("an upload was left behind")
		}
		if got := w.upload(contact, at, `..\..\"översikt".pdf`, pdf, nil); got.Status != http.StatusSeeOther {
			w.t.Fatalf("%d", got.Status)
		}
		x := w.read(a)
		if len(x.Attachments) != 1 || x.Attachments[0].Name != "översikt.pdf" {
			w.t.Fatalf("%+v", x.Attachments)
		}
		got := webtest.Fetch(w.t, w.h, at+"/"+whole64(x.Attachments[0].ID), webtest.As(contact))
		if got.Body != string(pdf) || got.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment;") ||
			got.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
			w.t.Errorf("%v", got.Header)
		}
		w.post(contact, at+"/"+whole64(x.Attachments[0].ID)+"/ta-bort", url.Values{})
		if n := len(w.read(a).Attachments); n != 0 {
			w.t.Errorf("%d left", n)
		}
	})
}

func names(list []os.DirEntry) string {
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

// hostile is text that would do harm if it were taken for anything but text.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>';DROP TABLE application;--{{.}}=HYPERLINK("http://x")` + "\u202E\x00javascript:"

func TestHostileTextIsInertEverywhere(t *testing.T) {
	each(t, func(w *world) {
		contact, signer, officer := someone(who.Kommunkontakt, norsjo), someone(who.Foretradare, norsjo), someone(who.Handlaggare, agency)
		w.call.Kinds[0].Bodies = []Body{{"Kommunstyrelsen", 0, 4, Aim}}
		a := w.ready(norsjo, "pilot", "ambassador")
		at := "/intresse/" + whole64(a)
		poison := func(v url.Values, keep ...string) url.Values {
			for k := range v {
				if !strings.HasPrefix(k, "_") && !strings.Contains(strings.Join(keep, " "), k) {
					v.Set(k, hostile)
				}
			}
			return v
		}
		page := func(path string) url.Values {
			return webtest.Filled(w.t, webtest.Get(w.t, w.h, path, webtest.As(contact)), "")
		}
		w.post(contact, at+"/kontakt", poison(page(at+"/kontakt"), "email-0 email-1 email-2"))
		w.post(contact, at+"/svar", merged(page(at+"/svar"), url.Values{"q-gora": {hostile}}))
		w.post(contact, at+"/ataganden", merged(page(at+"/ataganden"), url.Values{"how-bada": {hostile}, "how-larande": {hostile}}))
		w.post(contact, at+"/deltagare", merged(page(at+"/deltagare"), url.Values{"name-pilot-0": {hostile}, "title-pilot-0": {hostile}, "role-pilot-0": {Official}, "body-pilot-0": {hostile}}))
		w.post(contact, at+"/budget", merged(page(at+"/budget"), url.Values{"cost-0": {hostile}, "about": {hostile}}))
		if got := w.upload(contact, at+"/bilagor", "<b>.pdf", pdf, url.Values{"about": {hostile}}); got.Status != http.StatusSeeOther {
			w.t.Fatalf("%d", got.Status)
		}
		w.post(signer, at+"/granska", merged(webtest.Filled(w.t, webtest.Get(w.t, w.h, at+"/granska", webtest.As(signer)), ""), url.Values{"override": {hostile}}))
		w.post(officer, at+"/komplettering", url.Values{"text": {hostile}, "sections": {"svar"}, "deadline": {"2026-03-20"}})
		w.must(w.n.AnswerCompletion(w.ctx(signer), a, hostile, Sending{}))
		w.must(w.n.DecideEligibility(w.ctx(officer), a, Judging{Eligible: true, Motive: hostile}))
		w.must(w.d.Write(w.ctx(officer), func(tx *db.Tx) error { return w.n.SetOutcome(w.ctx(officer), tx, a, Selected, hostile) }))
		w.call.Decided = true
		w.must(w.n.SaveDecision(w.ctx(contact), a, norsjo, 1, DecisionContent{Organ: hostile, Own: hostile, Their: hostile, Text: hostile, Paragraph: hostile, Day: "2026-02-24", Approved: "2026-02-24", Announced: "2026-02-24", Joins: "ja", Others: []Announcement{{hostile, "2026-02-24"}}}, nil, ""))
		_, err := w.n.RegisterDecision(w.ctx(signer), a, norsjo, "")
		w.must(err)

		for _, path := range []string{at, at + "/kontakt", at + "/svar", at + "/ataganden", at + "/deltagare", at + "/budget", at + "/bilagor", at + "/granska", at + "/kvitto", at + "/utskrift", at + "/komplettering", at + "/beslut", at + "/beslut/10", at + "/utfall", "/mina-intressen", "/deltagande/1"} {
			doc := webtest.Get(w.t, w.h, path, webtest.As(signer)) // Sound finds scripts and handlers
			if n := doc.Find("main script, main img, main iframe").Length(); n != 0 {
				w.t.Errorf("%s: %d live elements", path, n)
			}
		}
		for _, path := range []string{at + "/behorighet", callPage + "/intresseanmalningar", callPage + "/intresseanmalningar?q=" + url.QueryEscape(hostile) + "&lage=%27&lan=%22%3E"} {
			if doc := webtest.Get(w.t, w.h, path, webtest.As(officer)); doc.Find("main script, main img").Length() != 0 {
				w.t.Errorf("%s has live elements", path)
			}
		}
		csv := webtest.Fetch(w.t, w.h, callPage+"/intresseanmalningar/export.csv", webtest.As(officer)).Body
		if strings.Contains(csv, `;"=`) || strings.Contains(csv, ";=") {
			w.t.Error("the CSV has a formula")
		}
	})
}

func TestAFullDiskLeavesNothingHalfDone(t *testing.T) {
	each(t, func(w *world) {
		a := w.ready(norsjo, "pilot")
		w.n.deps.Mail = nil // whatever fails late in the transaction
		func() {
			defer func() { _ = recover() }()
			_ = w.n.Submit(w.ctx(someone(who.Foretradare, norsjo)), a, Sending{})
		}()
		if x := w.read(a); x.State != Draft || x.SignedBy != 0 {
			w.t.Errorf("half sent: %s signed by %d", x.State, x.SignedBy)
		}
	})
}

func TestCompletionRunsOutByItself(t *testing.T) {
	each(t, func(w *world) {
		a := w.sent(norsjo, "pilot")
		officer := w.ctx(someone(who.Handlaggare, agency))
		w.must(w.n.RequestCompletion(officer, a, Completion{Text: "Karta", Sections: []string{"bilagor"}, Deadline: "2026-03-20"}, ""))
		if _, err := w.n.SaveAnswers(w.ctx(someone(who.Kommunkontakt, norsjo)), a, 2, Answers{}); !fail.Is(err, fail.Conflict) {
			w.t.Errorf("a page that was not asked for was changed: %v", err)
		}
		w.now = dateOf("2026-03-18").Start().Add(8 * time.Hour)
		for range 3 {
			w.must(w.n.Tick(context.Background()))
		}
		reminders := 0
		for _, m := range w.letters {
			if strings.HasPrefix(m.Subject, "Påminnelse") {
				reminders++
			}
		}
		if reminders != 1 {
			w.t.Errorf("%d reminders", reminders)
		}
		w.now = dateOf("2026-03-20").End()
		if err := w.n.AnswerCompletion(w.ctx(someone(who.Foretradare, norsjo)), a, "För sent", Sending{}); !fail.Is(err, fail.Conflict) {
			w.t.Errorf("answered too late: %v", err)
		}
		w.must(w.n.Tick(context.Background()))
		if w.state(a) != Submitted || !w.told("handlaggare.1@example.org", "Ingen komplettering") {
			w.t.Errorf("%s", w.state(a))
		}
	})
}

func TestOnlyOneWhoseRoleIsInForceSigns(t *testing.T) {
	each(t, func(w *world) {
		a := w.ready(norsjo, "pilot")
		signer := someone(who.Foretradare, norsjo)
		w.gone[signer.Person] = true // the assignment ended today
		if err := w.n.Submit(w.ctx(signer), a, Sending{}); !fail.Is(err, fail.Forbidden) {
			w.t.Errorf("signed: %v", err)
		}
		w.gone[signer.Person] = false
		if err := w.n.Submit(w.ctx(signer), a, Sending{Signatory: 999}); err != nil { // nobody signs for another
			w.t.Error(err)
		}
		if x := w.read(a); x.SignedBy != signer.Person {
			w.t.Errorf("signed by %d", x.SignedBy)
		}
		if err := w.n.Submit(who.With(context.Background(), who.Us), w.ready(mala, "pilot"), Sending{Signatory: 999}); !fail.Is(err, fail.Forbidden) {
			w.t.Errorf("our own job signed for a stranger: %v", err)
		}
	})
}

func TestWithdrawalBreaksOffWhatHadBegun(t *testing.T) {
	each(t, func(w *world) {
		w.call.FormalDecision = false
		a := w.eligible(norsjo, "pilot")
		w.outcome(a, Selected)
		w.must(w.n.Confirm(w.ctx(someone(who.Foretradare, norsjo)), a, ""))
		at, signer := "/intresse/"+whole64(a), someone(who.Foretradare, norsjo)
		if got := webtest.Post(w.t, w.h, at+"/atertag", url.Values{"motive": {" "}}, webtest.As(signer)); got.Status != http.StatusUnprocessableEntity {
			w.t.Errorf("without a motive: %d", got.Status)
		}
		w.fill(signer, at+"/atertag", url.Values{"motive": {"Ny politisk inriktning."}})
		if w.state(a) != Withdrawn {
			w.t.Error(w.state(a))
		}
		webtest.HasText(w.t, webtest.Get(w.t, w.h, "/deltagande/1", webtest.As(signer)), ".ds-tag", "Avbruten")
		if !w.told("handlaggare.1@example.org", "Återtagen") {
			w.t.Error("the owner was not told")
		}
		w.ready(norsjo, "pilot") // and the municipality may begin anew
	})
}

func TestSetOutcomeNeedsAnEligibleApplicationAndAReason(t *testing.T) {
	each(t, func(w *world) {
		owner := w.ctx(someone(who.Programagare, agency))
		set := func(a ApplicationID, o State, reason string) error {
			return w.d.Write(owner, func(tx *db.Tx) error { return w.n.SetOutcome(owner, tx, a, o, reason) })
		}
		a := w.sent(norsjo, "pilot")
		if err := set(a, Selected, "Bra"); !fail.Is(err, fail.Conflict) {
			w.t.Errorf("selected before eligibility: %v", err)
		}
		b := w.eligible(mala, "pilot", "ambassador")
		if err := set(b, Selected, " "); err == nil {
			w.t.Error("an outcome without a reason")
		}
		if err := set(b, Confirmed, "Bra"); err == nil {
			w.t.Error("confirmed by the selection")
		}
		w.must(w.d.Write(owner, func(tx *db.Tx) error {
			return w.n.SetKindOutcome(owner, tx, b, "ambassador", Selected, "Har kommit långt.")
		}))
		if w.state(b) != Assessed {
			w.t.Errorf("one kind of two: %s", w.state(b))
		}
		w.must(w.d.Write(owner, func(tx *db.Tx) error { return w.n.SetKindOutcome(owner, tx, b, "pilot", NotSelected, "Färre poäng.") }))
		if w.state(b) != Selected {
			w.t.Errorf("the best of them: %s", w.state(b))
		}
		c := w.eligible(stockholm, "pilot")
		w.must(set(c, Reserve, "Näst på tur."))
		w.must(set(c, Selected, "En vald har tackat nej."))
		if x := w.read(c); x.State != Selected || x.Kinds[0].Outcome != Selected {
			w.t.Errorf("%+v", x.Kinds)
		}
	})
}

func TestSecondApplicationOfTheSameOrganisation(t *testing.T) {
	each(t, func(w *world) {
		w.ready(norsjo, "pilot")
		_, err := w.n.Start(w.ctx(someone(who.Foretradare, norsjo)), Starting{Call: 7, Org: norsjo, Kinds: []string{"pilot"}})
		if !errors.Is(err, errBegun) {
			w.t.Errorf("%v", err)
		}
	})
}
