package webtest

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Sound claims what every page promises: language, title, one h1, a main,
// headings without gaps, unique ids, labelled fields, links of aria and of the
// error summary that lead somewhere, and nothing inline that the content
// security policy would stop.
func Sound(t testing.TB, page string, doc *goquery.Document) {
	t.Helper()
	for _, wrong := range faults(doc) {
		t.Errorf("%s: %s", page, wrong)
	}
}

func faults(doc *goquery.Document) []string {
	var all []string
	add := func(wrong ...string) { all = append(all, strings.Join(wrong, " ")) }
	if l := doc.Find("html").AttrOr("lang", ""); l != "sv" && l != "en" {
		add("html has lang", l)
	}
	if strings.TrimSpace(doc.Find("title").Text()) == "" {
		add("no title")
	}
	if n := doc.Find("h1").Length(); n != 1 {
		add("not one h1")
	}
	if doc.Find("main").Length() != 1 {
		add("not one main")
	}
	doc.Find(`[style], style, script:not([src]):not([type="application/ld+json"])`).Each(func(_ int, s *goquery.Selection) {
		add("inline style or script:", goquery.NodeName(s), s.AttrOr("style", ""))
	})
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				add("script in attribute", a.Key, "of", goquery.NodeName(s))
			}
		}
	})
	all = append(all, badReferences(doc)...)
	all = append(all, badHeadings(doc)...)
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if s.AttrOr("aria-label", "") == "" && s.AttrOr("aria-labelledby", "") == "" && doc.Find(`label[for="`+id+`"]`).Length() == 0 {
			add("no label for", s.AttrOr("name", "?"))
		}
	})
	return all
}

// badReferences lists ids that occur twice and references that lead nowhere.
func badReferences(doc *goquery.Document) []string {
	var all []string
	ids := map[string]int{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) { ids[s.AttrOr("id", "")]++ })
	for id, n := range ids {
		if n > 1 {
			all = append(all, "id twice: "+id)
		}
	}
	for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls"} {
		doc.Find("[" + name + "]").Each(func(_ int, s *goquery.Selection) {
			for _, id := range strings.Fields(s.AttrOr(name, "")) {
				if ids[id] == 0 {
					all = append(all, name+" leads nowhere: "+id)
				}
			}
		})
	}
	doc.Find(`a[href^="#"]`).Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("href", "")[1:]; id != "" && ids[id] == 0 {
			all = append(all, "link leads nowhere: #"+id)
		}
	})
	return all
}

// badHeadings lists headings that skip a level downwards.
func badHeadings(doc *goquery.Document) []string {
	var all []string
	last := 0
	doc.Find("h1, h2, h3, h4, h5, h6").Each(func(_ int, s *goquery.Selection) {
		level := int(goquery.NodeName(s)[1] - '0')
		if level > last+1 {
			all = append(all, "heading skips a level: "+squeeze(s.Text()))
		}
		last = level
	})
	return all
}
