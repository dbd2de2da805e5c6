package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
)

// newProject gives the address of Göteborg's example room, which has its
// leaders, its steering group and a working group, before its first gate.
func (p *platform) newProject(t *testing.T) string {
	t.Helper()
	made, err := p.examples.supportRoom()
	if err != nil {
		t.Fatal(err)
	}
	return "/projekt/" + id.String(made)
}

// valueOf is the value of a choice by its label.
func valueOf(t *testing.T, doc *goquery.Document, name, label string) string {
	t.Helper()
	out := ""
	doc.Find("select[name=" + name + "] option").Each(func(_ int, o *goquery.Selection) {
		if strings.HasPrefix(o.Text(), label) {
			out, _ = o.Attr("value")
		}
	})
	if out == "" {
		t.Fatalf("%s has no choice %q", name, label)
	}
	return out
}

// meeting plans a meeting, calls to it and lets the secretary come.
func (w walker) meeting(email, room, group, kind, day string) string {
	w.t.Helper()
	at := w.post(email, room+"/moten/ny", room+"/moten/ny", url.Values{"title": {"Möte " + day}, "kind": {kind}, "group": {group}, "day": {day}, "start": {"13.00"}, "minutes": {"120"}})
	w.post(email, at, at+"/kalla", nil)
	return at
}

// item puts a matter that is under preparation on a working group's agenda.
func (w walker) item(email, room, meeting, title, key string, d *db.DB) {
	w.t.Helper()
	made := w.post(email, room+"/dagordning/ny?meeting="+last(meeting), room+"/dagordning/ny", url.Values{"meeting": {last(meeting)}, "title": {title}, "order": {"1"}})
	item, err := id.Parse[journal.ID](last(made))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.p.rooms.meeting.TakeUp(w.p.examples.as[email], item, key); err != nil {
		w.t.Fatal(err)
	}
}

// hold opens the meeting, writes at its items by their keys, and ends it.
func (w walker) hold(email, meeting string, notes map[string]url.Values) {
	w.t.Helper()
	w.post(email, meeting, meeting+"/flytta", url.Values{"to": {"pågår"}})
	for key, values := range notes {
		page := w.get(email, meeting+"/genomfor").Doc
		form := page.Find(`section form[method="post"]`).FilterFunction(func(_ int, f *goquery.Selection) bool {
			return f.Find("input[type=radio][name^=outcome-]").Length() > 0
		})
		item, ok := form.First().Find("input[name=punkt]").Attr("value")
		if !ok {
			w.t.Fatalf("no item for %s", key)
		}
		all := url.Values{"punkt": {item}}
		for _, name := range []string{"_version", "_once"} {
			v, _ := form.First().Find(`input[name="` + name + `"]`).Attr("value")
			all.Set(name, v)
		}
		for name, v := range values {
			all[name+"-"+item] = v
		}
		w.post(email, meeting+"/genomfor", meeting+"/genomfor", all)
	}
	w.post(email, meeting, meeting+"/flytta", url.Values{"to": {"hållet"}})
}

// approved writes minutes of the meeting, sends them and lets the chair approve.
func (w walker) approved(email, chair, room, meeting string) {
	w.t.Helper()
	at := w.post(email, room+"/protokoll/ny", room+"/protokoll/ny", url.Values{"meeting": {last(meeting)}, "kind": {"protokoll"}, "number": {"1"}, "secretary": {"Sekreteraren"}, "adjusters": {chair}})
	w.post(email, at, at+"/flytta", url.Values{"to": {"utsänt för justering"}})
	if a := w.try(email, at, at+"/justera", nil); a.Status == 303 {
		w.t.Error("the secretary approves the minutes")
	}
	w.post(chair, at, at+"/justera", nil)
}

// shared writes notes of the meeting and shares them.
func (w walker) shared(email, room, meeting string) {
	w.t.Helper()
	at := w.post(email, room+"/protokoll/ny", room+"/protokoll/ny", url.Values{"meeting": {last(meeting)}, "kind": {"minnesanteckning"}, "number": {"2"}, "secretary": {"Sekreteraren"}})
	w.post(email, at, at+"/flytta", url.Values{"to": {"delat"}})
}
