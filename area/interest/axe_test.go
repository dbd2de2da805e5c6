package interest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// TestPagesAreAccessible shows every page of a matter's course to axe, in
// light and dark and as narrow as a phone.
func TestPagesAreAccessible(t *testing.T) {
	browser := webtest.Browser(t)
	w := newWorld(t, dbtest.SQLite(t, Schema()))
	w.call.Kinds[0].Bodies, w.call.Kinds[0].Mixed = []Body{{"Kommunstyrelsen", 2, 4, Aim}}, true
	actors := map[string]who.Actor{"KF": someone(who.Foretradare, norsjo), "HL": someone(who.Handlaggare, agency), "none": someone(who.Foretradare, kalmar)}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("vem")
		if err == nil {
			r = r.WithContext(who.With(r.Context(), actors[c.Value]))
		}
		w.h.ServeHTTP(rw, r)
	}))
	defer server.Close()

	draft := w.ready(mala, "pilot")
	w.must(w.n.InviteApplicant(w.ctx(someone(who.Kommunkontakt, mala)), draft, "2417", ""))
	a := w.ready(norsjo, "pilot", "ambassador")
	contact := someone(who.Kommunkontakt, norsjo)
	_, err := w.n.SaveParticipants(w.ctx(contact), a, 1, Participants{{Kind: "pilot", Kommun: "2417", Title: "Näringslivschef", Role: Official, Body: "Kommunstyrelsen"}})
	w.must(err)
	if got := w.upload(contact, "/intresse/"+whole64(a)+"/bilagor", "karta.pdf", pdf, url.Values{"about": {"Karta"}}); got.Status != http.StatusSeeOther {
		t.Fatal(got.Status)
	}
	look := func(as string, dark bool, width int, paths ...string) {
		t.Helper()
		for _, p := range paths {
			webtest.Axe(t, browser, server.URL+p, dark, width, &http.Cookie{Name: "vem", Value: as})
		}
	}
	at := "/intresse/" + whole64(a)
	look("none", false, 1280, callPage+"/intresse", "/mina-intressen")
	look("KF", false, 1280, at, "/intresse/"+whole64(draft)+"/medsokande", at+"/kontakt", at+"/svar", at+"/ataganden", at+"/deltagare", at+"/budget", at+"/bilagor", at+"/granska", at+"/atertag")
	look("KF", true, 390, at, at+"/deltagare", at+"/bilagor", at+"/granska", "/mina-intressen")
	look("HL", false, 1280, listPath+"?lan=99")

	w.must(w.n.Submit(w.ctx(actors["KF"]), a, Sending{Override: "Fler utses senare."}))
	look("HL", false, 1280, at, at+"/behorighet", at+"/komplettering", listPath)
	look("HL", true, 390, at+"/behorighet", at+"/komplettering", listPath)
	w.must(w.n.RequestCompletion(w.ctx(actors["HL"]), a, Completion{Text: "Komplettera kartan.", Sections: []string{"bilagor", "svar"}, Deadline: "2026-03-20"}, ""))
	look("KF", false, 1280, at, at+"/komplettering", at+"/svar", at+"/budget")
	w.must(w.n.AnswerCompletion(w.ctx(actors["KF"]), a, "Kartan är ny.", Sending{}))
	w.must(w.n.DecideEligibility(w.ctx(actors["HL"]), a, Judging{Eligible: true, Motive: "Reglerna är uppfyllda."}))
	w.outcome(a, Selected)
	w.call.Decided = true
	look("KF", false, 1280, at+"/beslut", at+"/beslut/10")
	w.decide(at, norsjo, "KS 2026/1")
	look("KF", false, 1280, at, at+"/beslut", at+"/beslut/10", at+"/utfall", at+"/kvitto", at+"/utskrift", "/deltagande/1")
	look("KF", true, 390, at+"/beslut", at+"/beslut/10", at+"/utfall", "/deltagande/1")
	look("HL", true, 390, "/deltagande/1")
}
