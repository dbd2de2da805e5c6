package programme

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
)

func TestEverySectionGivesBackWhatItShows(t *testing.T) {
	for _, tpl := range Templates {
		c := tpl.Content
		c.Dates, c.Responsible, c.Contact, c.Members = dates, "Handläggare", "post", []string{"1983", "1984"}
		for _, s := range sections {
			before, _ := json.Marshal(c)
			changed := c
			f := web.NewForm(s.values(c))
			if err := s.apply(&changed, f, readRows(f, s.columns)); err != nil {
				t.Errorf("%s, %s: %v", tpl.Key, s.key, err)
			}
			if after, _ := json.Marshal(changed); string(after) != string(before) {
				t.Errorf("%s, %s:\n%s\nbecame\n%s", tpl.Key, s.key, before, after)
			}
		}
	}
}

func TestEveryRequiredFieldHasASection(t *testing.T) {
	for _, f := range (Content{}).Ready(register) {
		if s, _ := sectionOf(sectionFor(f.Name)); s.key == sections[0].key && f.Name != "title" && f.Name != "summary" {
			t.Errorf("%s leads nowhere", f.Name)
		}
	}
}

func TestEditorKeepsWordsShowsErrorsAndConflicts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		cid := f.draft("pilot")
		path := "/utlysningar/" + id.String(cid) + "/redigera/"
		for _, s := range sections {
			webtest.Get(t, f.handler, path+s.key, webtest.As(officer))
		}
		page := webtest.Get(t, f.handler, path+"grund", webtest.As(officer))
		v := webtest.Filled(t, page, "")
		v.Set("title", "")
		v.Set("summary", `<script>alert("x")</script>`)
		v.Set("places", "många")
		a := webtest.Post(t, f.handler, path+"grund", v, webtest.As(officer))
		if a.Status != http.StatusUnprocessableEntity {
			t.Fatalf("status %d", a.Status)
		}
		webtest.HasFieldError(t, a.Doc, "title", "Ge utlysningen en rubrik.")
		if got := a.Doc.Find("textarea[name=summary]").Text(); got != `<script>alert("x")</script>` {
			t.Errorf("the words are not kept: %q", got)
		}
		v.Set("title", "Ny rubrik")
		v.Set("places", "12")
		if a := webtest.Post(t, f.handler, path+"grund", v, webtest.As(officer)); a.Status != http.StatusSeeOther {
			t.Fatalf("status %d", a.Status)
		}
		shown := webtest.Get(t, f.handler, "/utlysningar/"+id.String(cid), webtest.As(officer))
		webtest.HasText(t, shown, "h1", "Ny rubrik")
		v.Del("_once")
		v.Set("title", "En annans rubrik")
		second := webtest.Post(t, f.handler, path+"grund", v, webtest.As(owner))
		if second.Status != http.StatusConflict {
			t.Fatalf("the second of two: %d", second.Status)
		}
		if typed := second.Doc.Find("#title").AttrOr("value", ""); typed != "En annans rubrik" {
			t.Errorf("the second person's title became %q", typed)
		}
		webtest.HasText(t, second.Doc, ".stored", "Ny rubrik")
	})
}

func TestRowsAreAddedAndTakenAway(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		cid := f.draft("pilot")
		path := "/utlysningar/" + id.String(cid) + "/redigera/erbjudanden"
		v := webtest.Filled(t, webtest.Get(t, f.handler, path, webtest.As(officer)), "")
		v.Set("text-0", "")
		v.Set("text-4", "Ett nytt erbjudande")
		if a := webtest.Post(t, f.handler, path, v, webtest.As(officer)); a.Status != http.StatusSeeOther {
			t.Fatal(a.Status)
		}
		offers := f.get(cid).Offers
		if len(offers) != 4 || offers[3].Text != "Ett nytt erbjudande" || offers[0].ID != "bidrag" {
			t.Errorf("%+v", offers)
		}
	})
}

func TestProgrammeFormAndTemplates(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		v := url.Values{"owner": {"1"}, "name": {"Nytt program"}}
		a := webtest.Post(t, f.handler, "/program/ny", v, webtest.As(owner))
		if a.Status != http.StatusUnprocessableEntity {
			t.Fatal(a.Status)
		}
		webtest.HasFieldError(t, a.Doc, "purpose", "Beskriv vad programmet ska uppnå.")
		v.Set("purpose", "Bättre service")
		if a = webtest.Post(t, f.handler, "/program/ny", v, webtest.As(owner)); a.Status != http.StatusSeeOther {
			t.Fatal(a.Status)
		}
		if b := webtest.Post(t, f.handler, "/program/ny", v, webtest.As(otherOwner)); b.Status != http.StatusUnprocessableEntity {
			t.Errorf("somebody makes a programme for another's organisation: %d", b.Status)
		}
		for _, tpl := range append(Templates, Template{}) {
			x := webtest.Post(t, f.handler, "/utlysningar/ny", url.Values{"program": {"1"}, "title": {"Rubrik"}, "mall": {tpl.Key}}, webtest.As(officer))
			if x.Status != http.StatusSeeOther {
				t.Errorf("template %q: %d", tpl.Key, x.Status)
			}
		}
	})
}

func TestEndsByHand(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		cid := f.published("pilot")
		f.now = at("2026-03-11 12:00")
		path := "/utlysningar/" + id.String(cid)
		if a := webtest.Post(t, f.handler, path+"/stang", url.Values{}, webtest.As(owner)); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("closed early without a motive: %d", a.Status)
		}
		f.must(f.Tick(as(public)))
		if a := webtest.Post(t, f.handler, path+"/stang", url.Values{"motive": {"Alla har svarat."}}, webtest.As(owner)); a.Status != http.StatusSeeOther || f.get(cid).State != Closed {
			t.Errorf("%d %s", a.Status, f.get(cid).State)
		}
		if a := webtest.Post(t, f.handler, path+"/avbryt", url.Values{"motive": {"Pengarna tog slut."}}, webtest.As(owner)); a.Status != http.StatusSeeOther || f.get(cid).State != Cancelled {
			t.Errorf("%d %s", a.Status, f.get(cid).State)
		}
		if a := webtest.Post(t, f.handler, path+"/kopiera", url.Values{}, webtest.As(officer)); a.Status != http.StatusSeeOther {
			t.Errorf("copy: %d", a.Status)
		}
	})
}
