package record

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/web/webtest"
)

// TestTheSearchFindsByEveryPart: each part in other case, with å, ä and ö as
// letters of their own.
func TestTheSearchFindsByEveryPart(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		ctx := as(registrar)
		m, err := o.OpenMatter(ctx, pid, Matter{Code: "1.3.2", Title: "Översyn av ÅTERVINNING", Responsible: "Registrator"})
		if err != nil {
			t.Fatal(err)
		}
		it, err := o.entries.Add(ctx, pid, 0, Entry{Matter: m, Series: "KS", Day: "2026-03-02", Direction: "in", Party: "ÄLVKARLEBY & Söner <100 %>", Brief: "Förslag_ett", Theirs: "SLK/2026:77", Secrecy: "OSL 19:3",
			Documents: []Document{{Name: "Bilaga ÖST.pdf", Hash: strings.Repeat("a", 64), Version: 1}}}, "")
		if err != nil {
			t.Fatal(err)
		}
		find := func(sought string) string {
			t.Helper()
			doc := webtest.Get(t, h, "/projekt/1/arenden/sok?sok="+url.QueryEscape(sought), webtest.As(registrar))
			return doc.Find("main ul, main tbody").Text()
		}
		for _, sought := range []string{"ks 2026/1", "slk/2026:77", "älvkarleby", "ÄLVKARLEBY söner", "FÖRSLAG_ETT", "bilaga öst", "100 %>", "& söner", "<100", "a\u0308lvkarleby"} {
			if got := find(sought); !strings.Contains(got, it.Is.Number) {
				t.Errorf("%q finds %q", sought, got)
			}
		}
		for _, sought := range []string{"översyn återvinning", "1.3.2"} {
			if got := find(sought); !strings.Contains(got, "Översyn av ÅTERVINNING") {
				t.Errorf("%q finds %q", sought, got)
			}
		}
		for _, sought := range []string{"alvkarleby", "forslag", "matter", "direction", "aaaaaaaa", "förslag översyn", "f%", "Förslag?ett", "19:3", ""} {
			if got := find(sought); strings.Contains(got, "KS 2026") || strings.Contains(got, "Översyn") {
				t.Errorf("%q finds %q", sought, got)
			}
		}
		webtest.Has(t, webtest.Get(t, h, "/projekt/1/arenden", webtest.As(registrar)), `form[role=search] input[name=sok]`)
		for _, got := range []webtest.Answer{webtest.Fetch(t, h, "/projekt/1/arenden/sok?sok=ks"), webtest.Fetch(t, h, "/projekt/2/arenden/sok?sok=ks")} {
			if strings.Contains(got.Body, "2026/1") {
				t.Error("a stranger finds it")
			}
		}
	})
}

// TestThePublicSearchSaysNothingOfSecretEntries: two diaria that differ only in
// what is secret answer every question of the public alike, and the answer is
// that part of the public list that has the words.
func TestThePublicSearchSaysNothingOfSecretEntries(t *testing.T) {
	vocabulary := []string{"Åkeri", "ÄLV", "ökning", "avtal", "anbud", "100%", "KS", "2026/1", "19:3", "uppgiften", "hemligt"}
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		m := matter(t, o)
		var list []journal.Item[Entry]
		for i := range 6 {
			it, err := o.entries.Add(as(registrar), pid, 0, Entry{Matter: m, Series: "KS", Day: "2026-03-02", Direction: "in", Brief: fmt.Sprint(i)}, "")
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, it)
		}
		rapid.Check(t, func(rt *rapid.T) {
			texts := rapid.SliceOfN(rapid.SampledFrom(vocabulary), 3, 3)
			secret := rapid.SliceOfN(rapid.Bool(), len(list), len(list)).Draw(rt, "secret")
			open := rapid.SliceOfN(texts, len(list), len(list)).Draw(rt, "open")
			sought := strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 2).Draw(rt, "sought"), " ")
			path := "/projekt/1/offentligt-diarium?sok=" + url.QueryEscape(strings.ToUpper(sought))
			var answers []string
			for world := range 2 {
				hidden := rapid.SliceOfN(texts, len(list), len(list)).Draw(rt, fmt.Sprint("hidden ", world))
				if err := d.Write(as(registrar), func(tx *db.Tx) error {
					for i, it := range list {
						now, err := o.entries.Noun.Get(as(registrar), tx, it.ID)
						if err != nil {
							return err
						}
						x := open[i]
						now.Is.Secrecy = ""
						if secret[i] {
							x, now.Is.Secrecy = hidden[i], "OSL 19:3"
						}
						now.Is.Brief, now.Is.Party, now.Is.Theirs = x[0], x[1], x[2]
						now.Is.Documents = []Document{{Name: x[2], Version: 1}}
						p, err := o.deps.Project(context.Background(), tx, pid)
						if err != nil {
							return err
						}
						if err := o.entries.Noun.Save(as(registrar), tx, p, now, journal.Act{Name: "record.edit"}); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					rt.Fatal(err)
				}
				answers = append(answers, webtest.Get(t, h, path).Find("main tbody").Text())
			}
			if answers[0] != answers[1] {
				rt.Fatalf("%q is answered with %q or %q by what is secret", sought, answers[0], answers[1])
			}
			want := ""
			for _, tr := range webtest.Get(t, h, "/projekt/1/offentligt-diarium").Find("main tbody tr").EachIter() {
				shown := tr.Find("td").Eq(0).Text() + "\n" + tr.Find("td").Eq(3).Text() + "\n" + tr.Find("td").Eq(4).Text()
				all := true
				for _, w := range strings.Fields(sought) {
					all = all && strings.Contains(strings.ToLower(shown), strings.ToLower(w))
				}
				if all {
					want += tr.Text()
				}
			}
			if answers[0] != want {
				rt.Fatalf("%q is answered with %q, the list has %q", sought, answers[0], want)
			}
		})
	})
}
