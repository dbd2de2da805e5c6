package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// looked are the pages that a person meets on the way from a call to letters,
// by persona. The people's and the applications' rooms look at theirs.
var looked = map[string][]string{
	"": {"/", "/utlysningar", "/utlysningar?q=finnsinte", "/utlysningar/1", "/utlysningar/2", "/program", "/program/1", "/utlysningar/1/resultat"},
	"agare@tillvaxtverket.example": {"/program/ny", "/program/1/redigera", "/utlysningar/ny?program=1", "/utlysningar/1/redigera", "/utlysningar/4/redigera", "/utlysningar/4/redigera/grund",
		"/utlysningar/4/redigera/former", "/utlysningar/4/redigera/organ", "/utlysningar/4/redigera/behorighet", "/utlysningar/4/redigera/kvoter", "/utlysningar/2", "/utlysningar/4/avbryt", "/urval/1/brev", "/urval/2", "/urval/1/ersattare", "/urval/2/ersattare", "/urval/1/protokoll", "/urval/2/protokoll"},
	"handlaggare@tillvaxtverket.example": {"/att-gora", "/utlysningar/1", "/utlysningar/1/bedomning", "/utlysningar/1/diskussion", "/utlysningar/1/urval", "/urval/1", "/urval/2"},
	"bedomare1@tillvaxtverket.example":   {"/bedomningar", "/bedomningar/1", "/utlysningar/1/jav"},
	"sekreterare@utredning.example":      {"/utlysningar/3/inbjudningar", "/inbjudningar/1"},
	"foretradare@1983.example":           {"/inbjudningar", "/inbjudningar/1", "/att-gora"},
	"projektledare@stad.example": {"/projekt", "/projekt/1", "/projekt/1/ram", "/projekt/1/mal", "/projekt/1/indikatorer/52", "/projekt/1/moten", "/projekt/1/beslut", "/projekt/1/risker", "/projekt/1/risker/ny", "/projekt/1/andringar",
		"/projekt/1/rapporter/138", "/projekt/1/moten/64", "/projekt/1/protokoll/80", "/projekt/1/andringar/126", "/projekt/1/tidsforfragan/137", "/projekt/1/diarium", "/projekt/1/kalender", "/projekt/1/kommunikation", "/projekt/1/grupper", "/projekt/1/tidsforfragan", "/projekt/1/handelser", "/projekt/1/handlingar", "/projekt/1/handlingar/61", "/projekt/1/beredning/ny", "/projekt/1/delrapporter", "/projekt/1/protokoll"},
	"foretradare@2506.example": {"/intresse/1", "/intresse/1/utfall", "/intresse/1/beslut"},
}

func TestPagesOnTheWayPassAxe(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	browser := webtest.Browser(t)
	p := newPlatform(t, dbtest.SQLite(t, append(roomSchemas(), mail.Schema(), journal.Schema())...))
	p.assessed(t)
	p.decidedPilots(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("persona"); err == nil {
			r = r.WithContext(who.With(r.Context(), who.From(p.examples.as[c.Value])))
		}
		p.handler.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	for email, paths := range looked {
		var cookies []*http.Cookie
		if email != "" {
			cookies = append(cookies, &http.Cookie{Name: "persona", Value: email})
		}
		for _, path := range paths {
			webtest.Axe(t, browser, s.URL+path, false, 1280, cookies...)
			webtest.Axe(t, browser, s.URL+path, true, 390, cookies...)
		}
	}
}

// decidedPilots decides the pilots' run and sends the letters, reviews one for
// the ambassadors, prepares a lottery and leaves a draft of a call.
func (p *platform) decidedPilots(t *testing.T) {
	t.Helper()
	a, officer, owner := p.rooms.assessment, p.examples.as["handlaggare@tillvaxtverket.example"], p.examples.as["agare@tillvaxtverket.example"]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(a.Review(officer, 1, ""))
	must(a.Decide(owner, 1, p.proposed(t, owner, 1), ""))
	must(a.Communicate(owner, 1, ""))
	ambassadors, err := a.Start(officer, 1, "ambassador", "lottery", nil, "")
	must(err)
	must(a.Draw(officer, ambassadors, ""))
	must(a.Review(officer, ambassadors, ""))
	must(a.Decide(owner, ambassadors, p.proposed(t, owner, ambassadors), ""))
	must(p.rooms.interest.Withdraw(p.examples.representative("2422"), 2, "Omorganisation.", ""))
	webtest.Post(t, p.handler, "/utlysningar/ny", map[string][]string{"program": {"1"}, "title": {"Nästa omgång"}, "mall": {"pilot"}}, webtest.As(who.From(owner)))
}
