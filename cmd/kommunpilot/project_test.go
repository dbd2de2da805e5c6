package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"

	"kommunpilot/base/db"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// walker goes through the pages of a project as its people.
type walker struct {
	t *testing.T
	p *platform
}

func (w walker) as(email string) webtest.Option {
	return webtest.As(who.From(w.p.examples.as[email]))
}

// now asks for the actor anew: roles in groups are not in the actor, but the
// roles that persons have been granted are.
func (w walker) get(email, path string) webtest.Answer {
	w.t.Helper()
	a := webtest.Fetch(w.t, w.p.handler, path, w.as(email))
	if a.Status != http.StatusOK {
		w.t.Fatalf("GET %s as %s: %d", path, email, a.Status)
	}
	return a
}

// post sends the form at from with more values, and gives the address that it
// leads to.
func (w walker) post(email, from, to string, values url.Values) string {
	w.t.Helper()
	a := w.try(email, from, to, values)
	if a.Status != http.StatusSeeOther {
		w.t.Fatalf("POST %s as %s: %d %s", to, email, a.Status, a.Doc.Find("main").Text())
	}
	return a.Header.Get("Location")
}

func (w walker) try(email, from, to string, values url.Values) webtest.Answer {
	w.t.Helper()
	page := w.get(email, from)
	form := page.Doc.Find(`form[method="post"][action="` + to + `"]`)
	if form.Length() == 0 {
		form = page.Doc.Find(`main form[method="post"]`)
	}
	all := url.Values{}
	for _, name := range []string{"_version", "_once"} {
		if v, ok := form.First().Find(`input[name="` + name + `"]`).Attr("value"); ok {
			all.Set(name, v)
		}
	}
	for name, v := range values {
		all[name] = v
	}
	return webtest.Post(w.t, w.p.handler, to, all, w.as(email))
}

// TestSeed_003_66_FromDatePollToQuarterlyReport walks: date poll, call,
// meeting, minutes, approval, decision, change request, steering group,
// changed budget and goal, quarterly report.
func TestSeed_003_66_FromDatePollToQuarterlyReport(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		w := walker{t, p}
		e := p.examples
		e.day(0)
		const (
			owner, agare, leader = "agare@stad.example", "projektagare@stad.example", "projektledare@stad.example"
			chair, secretary     = "ordforande@stad.example", "sekreterare@stad.example"
		)
		room := p.newProject(t)
		in := func(part string) string { return room + part }

		// Date poll: the group answers, the best time is booked.
		groups := w.get(leader, in("/tidsforfragan/ny")).Doc
		steering := valueOf(t, groups, "group", "Styrgrupp")
		poll := w.post(secretary, in("/tidsforfragan/ny"), in("/tidsforfragan/ny"), url.Values{"title": {"Styrgruppsmöte 1"}, "group": {steering}, "minutes": {"120"}, "deadline": {string(e.today.AddDays(10))},
			"times": {string(e.today.AddDays(20)) + " 09.00 Rådhuset\n" + string(e.today.AddDays(21)) + " 13.00 Rådhuset"}, "required": {"ordförande"}})
		w.post(secretary, poll, poll+"/flytta", url.Values{"to": {"öppen"}})
		w.post(chair, poll, poll+"/svar", url.Values{"svar-1": {"nej"}, "svar-2": {"ja"}})
		w.post(secretary, poll, poll+"/svar", url.Values{"svar-1": {"ja"}, "svar-2": {"om det behövs"}})
		webtest.HasText(t, w.get(leader, poll).Doc, "tbody tr:first-child", "13.00")
		// The poll is edited after the answers: they stay.
		w.post(secretary, poll+"/redigera", poll+"/redigera", url.Values{"title": {"Styrgruppsmöte 1"}, "group": {steering}, "minutes": {"120"}, "deadline": {string(e.today.AddDays(12))},
			"times": {string(e.today.AddDays(21)) + " 13.00 Stadshuset\n" + string(e.today.AddDays(22)) + " 10.00 Rådhuset"}, "required": {"ordförande"}})
		webtest.HasText(t, w.get(leader, poll).Doc, "tbody tr:first-child", "Stadshuset")
		meeting := w.post(secretary, poll, poll+"/boka", url.Values{"option": {"2"}})

		// The agenda gets what waits; the call goes out with a calendar file.
		page := w.get(secretary, meeting).Doc
		key, _ := page.Find(`form[action$="/arende"] input[name=key][value^="gate:"]`).Attr("value")
		w.post(secretary, meeting, meeting+"/arende", url.Values{"key": {key}})
		w.post(secretary, meeting, meeting+"/kalla", nil)
		file := w.file(secretary, meeting+"/mote.ics")
		cal, err := ics.ParseCalendar(bytes.NewReader(file))
		if err != nil || len(cal.Events()) != 1 {
			t.Fatalf("%v %s", err, file)
		}
		secondReader(t, file)
		w.post(secretary, meeting, meeting+"/svar", url.Values{"svar": {"ja"}})
		w.post(chair, meeting, meeting+"/svar", url.Values{"svar": {"ja"}})

		// The meeting is held; the item is dealt with; minutes are written and approved.
		w.hold(secretary, meeting, map[string]url.Values{key: {"state": {"behandlad"}, "outcome": {"gå"}, "decision": {"Projektet startar."}, "notes": {"Målen gicks igenom."}}})
		w.approved(secretary, chair, room, meeting)
		webtest.HasText(t, w.get(leader, in("/beslut")).Doc, "main", "Styrgrupp")
		webtest.HasText(t, w.get(leader, in("/faser")).Doc, "main", "pågår")

		// A change request runs its chain and is decided at the next meeting.
		if a := w.try(leader, in("/ram"), in("/ram"), url.Values{"name": {"x"}, "purpose": {"y"}, "orderer": {"z"}, "owner": {"w"}, "budget": {"1"}}); a.Status == http.StatusSeeOther {
			t.Log("the frame's open fields may be edited")
		}
		change := w.post(leader, in("/andringar/ny"), in("/andringar/ny"), url.Values{"what": {"Större budget"}, "why": {"Fler platser."}, "budget": {"100 000"}, "prepared": {"Tio platser till."}})
		w.post(leader, change, change+"/flytta", url.Values{"to": {"bereds"}})
		working := w.meeting(secretary, room, valueOf(t, w.get(leader, in("/moten/ny")).Doc, "group", "Arbetsgrupp Modell"), "arbetsgrupp", string(e.today.AddDays(25)))
		changeKey := "change:" + last(change)
		w.item(secretary, room, working, "Större budget", changeKey, d)
		w.hold(secretary, working, nil)
		w.shared(secretary, room, working)
		w.post(leader, change, change+"/flytta", url.Values{"to": {"hos ägaren"}})
		w.post(agare, change+"/redigera", change+"/redigera", url.Values{"what": {"Större budget"}, "why": {"Fler platser."}, "budget": {"100 000"}, "prepared": {"Tio platser till."}, "opinion": {"Tillstyrks."}})
		w.post(agare, change, change+"/flytta", url.Values{"to": {"till styrgruppen"}})
		second := w.meeting(secretary, room, steering, "styrgrupp", string(e.today.AddDays(30)))
		w.post(secretary, second, second+"/arende", url.Values{"key": {changeKey}})
		w.hold(secretary, second, map[string]url.Values{changeKey: {"state": {"behandlad"}, "outcome": {"godkänd"}, "decision": {"Budgeten höjs med 100 000 kronor."}}})
		w.approved(secretary, chair, room, second)
		webtest.HasText(t, w.get(leader, change).Doc, "main", "godkänd")
		webtest.HasText(t, w.get(leader, room).Doc, "main", "2 500 000 kr")

		// The report knows it all.
		report := w.post(leader, in("/rapporter/ny"), in("/rapporter/ny"), url.Values{"kind": {"möte"}, "from": {string(e.today.AddDays(-1))}, "to": {string(e.today.AddDays(40))}})
		webtest.HasText(t, w.get(owner, report).Doc, "main", "Budgeten höjs med 100 000 kronor.")
		webtest.HasText(t, w.get(owner, report).Doc, "main", "2 500 000 kr")
	})
}

// file fetches a file.
func (w walker) file(email, path string) []byte {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	out := httptest.NewRecorder()
	w.p.handler.ServeHTTP(out, r.WithContext(who.With(r.Context(), who.From(w.p.examples.as[email]))))
	if out.Code != http.StatusOK {
		w.t.Fatalf("%s: %d", path, out.Code)
	}
	return out.Body.Bytes()
}

// secondReader lets another program read the calendar file.
func secondReader(t *testing.T, file []byte) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	cmd := exec.Command(python, "-c", `import sys
text = sys.stdin.buffer.read().decode()
assert "\r\n" in text and "\n\n" not in text
lines = text.replace("\r\n ", "").split("\r\n")
have = dict(l.split(":", 1) for l in lines if ":" in l)
assert have["METHOD"] == "REQUEST" and have["SEQUENCE"] == "0" and have["UID"].startswith("mote-"), have
assert any(k.startswith("DTSTART") for k in have) and any(k.startswith("DTEND") for k in have), have
assert all(len(l.encode()) <= 75 for l in text.split("\r\n")), "a line is too long"
`)
	cmd.Stdin = bytes.NewReader(file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v %s\n%s", err, out, file)
	}
}

func last(path string) string { return path[strings.LastIndex(path, "/")+1:] }
